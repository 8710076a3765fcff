//! Reading a table column by column, whatever the Arrow types that it came with.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch, UInt64Array};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType, Field, Schema};
use arrow_select::concat::concat_batches;
use arrow_select::filter::filter_record_batch;
use arrow_select::take::take_record_batch;

use super::Table;
use crate::error::{Error, Problem, Result};

fn arrow(error: &ArrowError) -> Error {
    Error::data(Problem::new(error.to_string()))
}

impl Table {
    /// One table of several batches of one schema.
    pub fn from_batches(schema: &Arc<Schema>, batches: &[RecordBatch]) -> Result<Self> {
        concat_batches(schema, batches).map(Self::from_batch).map_err(|e| arrow(&e))
    }

    /// The same table with every integer column as Int64, numbers as Float64, texts (views, large,
    /// dictionaries) and dates as Utf8; decimals, booleans and lists stay.
    pub fn normalized(&self) -> Result<Self> {
        let batch = self.batch();
        let mut fields = Vec::new();
        let mut columns = Vec::new();
        for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
            let target = normal_type(field.data_type());
            let array = cast(column, &target).map_err(|e| {
                Error::data(Problem::new(e.to_string()).column(field.name()).expected("numbers, text, dates"))
            })?;
            // A cast turns what does not fit into a null: an id beyond 2^63 is refused, not lost.
            if array.null_count() > column.logical_null_count() {
                let problem = Problem::new("a number is too large").column(field.name());
                return Err(Error::data(
                    problem.expected("at most 9,223,372,036,854,775,807; longer codes are text"),
                ));
            }
            fields.push(Field::new(field.name(), target, true).with_metadata(field.metadata().clone()));
            columns.push(array);
        }
        let schema = Schema::new(fields).with_metadata(batch.schema_ref().metadata().clone());
        RecordBatch::try_new(Arc::new(schema), columns).map(Self::from_batch).map_err(|e| arrow(&e))
    }

    /// Labels with units, as they stand in the header of a printed table: `中位数（人）`.
    pub fn headings(&self) -> Vec<String> {
        let units = self.units();
        let labels = self.labels().into_iter().zip(units);
        labels
            .map(|((_, label), (_, unit))| if unit.is_empty() { label } else { format!("{label}（{unit}）") })
            .collect()
    }

    fn position(&self, name: &str) -> Result<usize> {
        self.batch().schema_ref().index_of(name).map_err(|_| {
            let problem = Problem::new("no such column").column(name);
            Error::data(problem.expected(format!("one of {}", self.column_names().join(", "))))
        })
    }

    /// Column `i` as text: numbers printed exactly (shortest digits that read back the same), lists
    /// joined with `;`, nulls as `None`.
    pub fn column_texts(&self, i: usize) -> Result<Vec<Option<String>>> {
        let array = self.batch().column(i);
        if let DataType::List(_) = array.data_type() {
            let lists = array.as_list::<i32>();
            let join = |items: ArrayRef| -> Result<String> {
                Ok(texts_of(&items)?.into_iter().flatten().collect::<Vec<_>>().join(";"))
            };
            return (0..lists.len())
                .map(|r| (!lists.is_null(r)).then(|| join(lists.value(r))).transpose())
                .collect();
        }
        texts_of(array)
    }

    /// A column as text by name.
    pub fn texts_by_name(&self, name: &str) -> Result<Vec<Option<String>>> {
        self.column_texts(self.position(name)?)
    }

    /// A column as numbers by name: integers, floats, decimals, or text that is a number throughout.
    /// The first value that is none is told by its row (from 0).
    pub fn numbers_by_name(&self, name: &str) -> Result<Vec<Option<f64>>> {
        let array = self.batch().column(self.position(name)?);
        if let Some(floats) = array.as_primitive_opt::<Float64Type>() {
            return Ok(floats.iter().collect());
        }
        if let Some(ints) = array.as_primitive_opt::<Int64Type>() {
            // Counts and years are far below 2^53.
            return Ok(ints.iter().map(|v| v.map(|v| v as f64)).collect());
        }
        let parse = |(i, text): (usize, Option<String>)| match text {
            None => Ok(None),
            Some(text) => {
                text.trim().parse::<f64>().ok().filter(|v| v.is_finite()).map(Some).ok_or_else(|| {
                    Error::data(
                        Problem::new("not a number")
                            .row(i + 1)
                            .column(name)
                            .value(&text)
                            .expected("a number"),
                    )
                })
            }
        };
        texts_of(array)?.into_iter().enumerate().map(parse).collect()
    }

    /// The rows at which `keep` is true.
    pub fn filter(&self, keep: &[bool]) -> Result<Self> {
        if keep.len() != self.num_rows() {
            let problem = Problem::new("a mask of another length").value(keep.len());
            return Err(Error::data(problem.expected(format!("{} values", self.num_rows()))));
        }
        let mask = BooleanArray::from(keep.to_vec());
        filter_record_batch(self.batch(), &mask).map(Self::from_batch).map_err(|e| arrow(&e))
    }

    /// The rows at these places, in this order.
    pub fn take(&self, rows: &[usize]) -> Result<Self> {
        if let Some(beyond) = rows.iter().find(|r| **r >= self.num_rows()) {
            let problem = Problem::new("no such row").value(beyond);
            return Err(Error::data(problem.expected(format!("less than {}", self.num_rows()))));
        }
        let places: UInt64Array = rows.iter().map(|r| *r as u64).collect();
        take_record_batch(self.batch(), &places).map(Self::from_batch).map_err(|e| arrow(&e))
    }

    /// These columns, in this order.
    pub fn select(&self, names: &[String]) -> Result<Self> {
        let places: Vec<usize> = names.iter().map(|n| self.position(n)).collect::<Result<_>>()?;
        self.batch().project(&places).map(Self::from_batch).map_err(|e| arrow(&e))
    }
}

fn texts_of(array: &ArrayRef) -> Result<Vec<Option<String>>> {
    if let Some(floats) = array.as_primitive_opt::<Float64Type>() {
        // Rust prints the shortest digits that read back the same, without an exponent.
        return Ok(floats.iter().map(|v| v.map(|v| v.to_string())).collect());
    }
    let texts = cast(array, &DataType::Utf8).map_err(|e| arrow(&e))?;
    Ok(texts.as_string::<i32>().iter().map(|v| v.map(str::to_owned)).collect())
}

fn normal_type(from: &DataType) -> DataType {
    match from {
        t if t.is_integer() => DataType::Int64,
        t if t.is_floating() => DataType::Float64,
        DataType::Utf8View | DataType::LargeUtf8 | DataType::Null => DataType::Utf8,
        DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) => DataType::Utf8,
        DataType::Dictionary(_, values) => normal_type(values),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{Int32Array, LargeStringArray};

    #[test]
    fn whatever_came_in_reads_alike() {
        let t = Table::builder("x")
            .array("n", "数", "人", Arc::new(Int32Array::from(vec![Some(1), None])))
            .array("s", "名", "", Arc::new(LargeStringArray::from(vec!["1.50", "2"])))
            .text_list("l", "列", &[vec!["F1".into(), "F2".into()], vec![]])
            .build()
            .unwrap()
            .normalized()
            .unwrap();
        assert_eq!(t.numbers_by_name("n").unwrap(), [Some(1.0), None]);
        assert_eq!(t.numbers_by_name("s").unwrap(), [Some(1.5), Some(2.0)]);
        assert_eq!(t.texts_by_name("l").unwrap()[0].as_deref(), Some("F1;F2"));
        assert_eq!(t.headings(), ["数（人）", "名", "列"]);
        assert!(t.numbers_by_name("l").unwrap_err().to_string().contains("not a number"));
        assert!(t.texts_by_name("z").unwrap_err().to_string().contains("one of n, s, l"));
        assert_eq!(t.take(&[1, 0]).unwrap().texts_by_name("s").unwrap()[0].as_deref(), Some("2"));
        assert!(t.take(&[2]).is_err());
        assert_eq!(t.filter(&[false, true]).unwrap().num_rows(), 1);
        assert!(t.filter(&[true]).is_err());
        assert_eq!(t.select(&["l".into(), "n".into()]).unwrap().column_names(), ["l", "n"]);
    }
}
