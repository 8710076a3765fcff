//! The table that everything is handed on in, and its builder.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::types::Decimal128Type;
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int64Array, ListArray, PrimitiveArray, RecordBatch,
    StringArray,
    builder::{ListBuilder, StringBuilder},
};
use arrow_schema::{DataType, Field, Schema};
use rust_decimal::Decimal;

use crate::error::{Error, Problem, Result};

/// Metadata keys of a field and of the schema.
pub const LABEL: &str = "label";
pub const UNIT: &str = "unit";
pub const TITLE: &str = "title";
pub const NOTES: &str = "notes";

/// A titled Arrow record batch with labels, units and footnotes.
#[derive(Debug, Clone)]
pub struct Table {
    batch: RecordBatch,
}

impl Table {
    /// Starts a table with its Chinese title.
    pub fn builder(title: impl Into<String>) -> Builder {
        Builder { title: title.into(), notes: Vec::new(), fields: Vec::new(), columns: Vec::new() }
    }

    /// Takes a batch as it is; labels and units are read from its field metadata.
    pub fn from_batch(batch: RecordBatch) -> Self {
        Self { batch }
    }

    pub fn batch(&self) -> &RecordBatch {
        &self.batch
    }

    pub fn num_rows(&self) -> usize {
        self.batch.num_rows()
    }

    pub fn title(&self) -> String {
        self.batch.schema_ref().metadata().get(TITLE).cloned().unwrap_or_default()
    }

    /// Footnotes: sources, what an interval covers, assumptions. One a line.
    pub fn notes(&self) -> Vec<String> {
        let text = self.batch.schema_ref().metadata().get(NOTES).cloned().unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    pub fn column_names(&self) -> Vec<String> {
        self.batch.schema_ref().fields().iter().map(|f| f.name().clone()).collect()
    }

    /// Chinese label of each column, in order; the field name where there is none.
    pub fn labels(&self) -> Vec<(String, String)> {
        self.meta(LABEL, |f| f.name().clone())
    }

    /// Unit of each column, in order; empty where there is none.
    pub fn units(&self) -> Vec<(String, String)> {
        self.meta(UNIT, |_| String::new())
    }

    fn meta(&self, key: &str, default: impl Fn(&Field) -> String) -> Vec<(String, String)> {
        self.batch
            .schema_ref()
            .fields()
            .iter()
            .map(|f| (f.name().clone(), f.metadata().get(key).cloned().unwrap_or_else(|| default(f))))
            .collect()
    }

    /// A text column by name.
    pub fn texts(&self, name: &str) -> Option<&StringArray> {
        self.batch.column_by_name(name)?.as_any().downcast_ref()
    }

    /// A float column by name.
    pub fn floats(&self, name: &str) -> Option<&Float64Array> {
        self.batch.column_by_name(name)?.as_any().downcast_ref()
    }

    /// An integer column by name.
    pub fn ints(&self, name: &str) -> Option<&Int64Array> {
        self.batch.column_by_name(name)?.as_any().downcast_ref()
    }
}

/// Collects columns of one length; `build` checks them.
#[derive(Debug)]
pub struct Builder {
    title: String,
    notes: Vec<String>,
    fields: Vec<Field>,
    columns: Vec<ArrayRef>,
}

impl Builder {
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Any Arrow array as a column.
    #[must_use]
    pub fn array(mut self, name: &str, label: &str, unit: &str, array: ArrayRef) -> Self {
        let mut meta = HashMap::from([(LABEL.to_owned(), label.to_owned())]);
        if !unit.is_empty() {
            meta.insert(UNIT.to_owned(), unit.to_owned());
        }
        self.fields.push(Field::new(name, array.data_type().clone(), true).with_metadata(meta));
        self.columns.push(array);
        self
    }

    #[must_use]
    pub fn text<S: AsRef<str>>(self, name: &str, label: &str, values: impl IntoIterator<Item = S>) -> Self {
        let array = StringArray::from_iter_values(values);
        self.array(name, label, "", Arc::new(array))
    }

    #[must_use]
    pub fn opt_text<S: AsRef<str>>(
        self,
        name: &str,
        label: &str,
        values: impl IntoIterator<Item = Option<S>>,
    ) -> Self {
        let array: StringArray = values.into_iter().collect();
        self.array(name, label, "", Arc::new(array))
    }

    /// A column of lists of text (such as the ids of the figures that a finding cites).
    #[must_use]
    pub fn text_list(self, name: &str, label: &str, rows: &[Vec<String>]) -> Self {
        let mut list = ListBuilder::new(StringBuilder::new());
        for row in rows {
            for item in row {
                list.values().append_value(item);
            }
            list.append(true);
        }
        let array: ListArray = list.finish();
        self.array(name, label, "", Arc::new(array))
    }

    #[must_use]
    pub fn int(self, name: &str, label: &str, unit: &str, values: impl IntoIterator<Item = i64>) -> Self {
        let array = Int64Array::from_iter_values(values);
        self.array(name, label, unit, Arc::new(array))
    }

    #[must_use]
    pub fn opt_int(
        self,
        name: &str,
        label: &str,
        unit: &str,
        values: impl IntoIterator<Item = Option<i64>>,
    ) -> Self {
        let array: Int64Array = values.into_iter().collect();
        self.array(name, label, unit, Arc::new(array))
    }

    #[must_use]
    pub fn float(self, name: &str, label: &str, unit: &str, values: impl IntoIterator<Item = f64>) -> Self {
        let array = Float64Array::from_iter_values(values);
        self.array(name, label, unit, Arc::new(array))
    }

    #[must_use]
    pub fn opt_float(
        self,
        name: &str,
        label: &str,
        unit: &str,
        values: impl IntoIterator<Item = Option<f64>>,
    ) -> Self {
        let array: Float64Array = values.into_iter().collect();
        self.array(name, label, unit, Arc::new(array))
    }

    #[must_use]
    pub fn boolean(self, name: &str, label: &str, values: impl IntoIterator<Item = bool>) -> Self {
        let array: BooleanArray = values.into_iter().map(Some).collect();
        self.array(name, label, "", Arc::new(array))
    }

    /// Amounts in yuan as decimal128(18, 2), rounded half away from zero; too large becomes null in
    /// no case: it is an error of `build`.
    #[must_use]
    pub fn yuan(self, name: &str, label: &str, values: impl IntoIterator<Item = Option<Decimal>>) -> Self {
        let fen: PrimitiveArray<Decimal128Type> = values
            .into_iter()
            .map(|v| v.map(|d| crate::money::round_half_away(d, 2)).map(|d| fen_of(&d)))
            .collect();
        let array = fen.with_data_type(DataType::Decimal128(18, 2));
        self.array(name, label, "元", Arc::new(array))
    }

    /// The table; an error where columns differ in length.
    pub fn build(self) -> Result<Table> {
        let meta = HashMap::from([(TITLE.to_owned(), self.title), (NOTES.to_owned(), self.notes.join("\n"))]);
        let schema = Arc::new(Schema::new(self.fields).with_metadata(meta));
        RecordBatch::try_new(schema, self.columns)
            .map(Table::from_batch)
            .map_err(|e| Error::data(Problem::new(e.to_string()).expected("columns of one length")))
    }
}

fn fen_of(d: &Decimal) -> i128 {
    let mut d = *d;
    d.rescale(2);
    d.mantissa()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_units_and_notes_travel() {
        let t = Table::builder("示例")
            .note("来源：规划第121行")
            .int("year", "年份", "", [2019, 2020])
            .float("p50", "中位数", "人", [1.0, 2.0])
            .yuan("amount", "金额", [Some(Decimal::new(360_000, 0)), None])
            .build()
            .unwrap();
        assert_eq!(t.labels()[1].1, "中位数");
        assert_eq!(t.units()[2].1, "元");
        assert_eq!(t.notes(), ["来源：规划第121行"]);
        assert_eq!(t.batch().column(2).data_type(), &DataType::Decimal128(18, 2));
    }

    #[test]
    fn ragged_columns_are_refused() {
        assert!(Table::builder("x").int("a", "a", "", [1]).int("b", "b", "", [1, 2]).build().is_err());
    }
}
