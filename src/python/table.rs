//! `ms.Table`: an Arrow record batch that Python can show, take and write; and whatever is taken as one.

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray, StructArray,
};
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{DataType, Field, Schema};
use numpy::PyArray1;
use pyo3::exceptions::{PyIndexError, PyKeyError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyCapsule, PyDict, PyList, PyString, PyType};
use pyo3_arrow::ffi::{ArrayIterator, to_schema_pycapsule, to_stream_pycapsule};

use crate::error::{Error, Problem};
use crate::tables::{self, Input, Table};

/// A table of results: an Arrow record batch with Chinese labels, units, a title and footnotes.
///
/// Made by every function that hands on a table, or from anything that is one: an object with
/// `__arrow_c_stream__` (polars, pyarrow, DuckDB), a pandas frame, a dict of columns, or a path
/// (.csv in UTF-8 or GB18030, .xlsx, .parquet).
///
/// >>> import minsuan as ms
/// >>> t = ms.Table({"year": [2019, 2020], "persons": [45_000.0, None]})
/// >>> t.columns, len(t), t[0]
/// (['year', 'persons'], 2, {'year': 2019, 'persons': 45000.0})
/// >>> t.filter(year=2020)["persons"].tolist()
/// [nan]
#[pyclass(frozen, name = "Table", module = "minsuan", from_py_object)]
#[derive(Debug, Clone)]
pub struct PyTable(pub Table);

#[pymethods]
impl PyTable {
    /// A table of anything that is one; `encoding` is that of a CSV file, found out where it is None.
    #[new]
    #[pyo3(signature = (data, *, encoding=None))]
    fn new(data: &Bound<'_, PyAny>, encoding: Option<&str>) -> PyResult<Self> {
        Ok(Self(table_like(data, encoding)?.table))
    }
    /// Field names, in order.
    #[getter]
    fn columns(&self) -> Vec<String> {
        self.0.column_names()
    }
    /// Chinese title.
    #[getter]
    fn title(&self) -> String {
        self.0.title()
    }
    /// Footnotes: sources, what an interval covers, assumptions.
    #[getter]
    fn notes(&self) -> Vec<String> {
        self.0.notes()
    }
    /// Chinese label by column; the field name where there is none.
    #[getter]
    fn labels<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        dict(python, self.0.labels())
    }
    /// Unit by column; empty where there is none.
    #[getter]
    fn units<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        dict(python, self.0.units())
    }
    /// (rows, columns).
    #[getter]
    fn shape(&self) -> (usize, usize) {
        (self.0.num_rows(), self.0.batch().num_columns())
    }
    fn __len__(&self) -> usize {
        self.0.num_rows()
    }
    fn __contains__(&self, column: &str) -> bool {
        self.0.batch().schema_ref().index_of(column).is_ok()
    }
    /// `t["p50"]`: a column as a numpy array; `t[["year", "p50"]]`: these columns; `t[0]`: a row as a
    /// dict; `t[:5]`: these rows; `t[mask]`: the rows at which a sequence of booleans is true.
    fn __getitem__<'py>(slf: &Bound<'py, Self>, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let (python, table) = (slf.py(), &slf.get().0);
        let rows = table.num_rows();
        if let Ok(name) = key.cast::<PyString>() {
            return slf.get().array(python, name.to_str()?);
        }
        if let Ok(at) = key.extract::<isize>() {
            let place = if at < 0 { at + rows.cast_signed() } else { at };
            let place = usize::try_from(place).ok().filter(|p| *p < rows);
            let place =
                place.ok_or_else(|| PyIndexError::new_err(format!("row {at} of a table of {rows} rows")))?;
            let row = PyDict::new(python);
            for (name, array) in table.column_names().iter().zip(table.batch().columns()) {
                row.set_item(name, list(python, &array.slice(place, 1))?.get_item(0)?)?;
            }
            return Ok(row.into_any());
        }
        let picked = if let Ok(slice) = key.cast::<pyo3::types::PySlice>() {
            let places = slice.indices(rows.cast_signed())?;
            let mut at = places.start;
            let mut take = Vec::with_capacity(places.slicelength);
            for _ in 0..places.slicelength {
                take.push(at.cast_unsigned());
                at += places.step;
            }
            table.take(&take)?
        } else if let Ok(names) = key.extract::<Vec<String>>() {
            if let Some(lost) = names.iter().find(|n| !slf.get().__contains__(n)) {
                return Err(no_column(table, lost));
            }
            table.select(&names)?
        } else {
            let mask = key.call_method0("tolist").unwrap_or_else(|_| key.clone()).extract::<Vec<bool>>();
            table.filter(&mask.map_err(|_| wrong_key(key))?)?
        };
        Ok(Bound::new(python, Self(picked))?.into_any())
    }
    /// The rows, one after the other, as dicts.
    fn __iter__<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.to_dicts(python)?.call_method0("__iter__")
    }
    /// The first `n` rows.
    #[pyo3(signature = (n=5))]
    fn head(&self, n: usize) -> Self {
        Self(Table::from_batch(self.0.batch().slice(0, n.min(self.0.num_rows()))))
    }
    /// The last `n` rows.
    #[pyo3(signature = (n=5))]
    fn tail(&self, n: usize) -> Self {
        let n = n.min(self.0.num_rows());
        Self(Table::from_batch(self.0.batch().slice(self.0.num_rows() - n, n)))
    }
    /// The rows at which every named column has the given value, or one of the given values
    /// (a list, set, tuple or range): `t.filter(year=range(2021, 2026), line="child_directors")`.
    #[pyo3(signature = (**equal))]
    fn filter(&self, python: Python<'_>, equal: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let mut keep = vec![true; self.0.num_rows()];
        for (name, wanted) in equal.into_iter().flatten() {
            let name: String = name.extract()?;
            let values = self.to_list(python, &name)?;
            let many = !wanted.is_instance_of::<PyString>() && wanted.hasattr("__contains__")?;
            for (keep, value) in keep.iter_mut().zip(values) {
                *keep &= if many { wanted.contains(&value)? } else { value.eq(&wanted)? };
            }
        }
        Ok(Self(self.0.filter(&keep)?))
    }
    /// A column as a list: int, float, str, bool, `decimal.Decimal`, list of str; None for null.
    fn to_list<'py>(&self, python: Python<'py>, column: &str) -> PyResult<Bound<'py, PyList>> {
        let array = self.0.batch().column_by_name(column).ok_or_else(|| no_column(&self.0, column))?;
        list(python, array)
    }
    /// The rows as a list of dicts.
    fn to_dicts<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let names: Vec<_> = self.0.column_names().iter().map(|n| PyString::new(python, n)).collect();
        let columns =
            self.0.batch().columns().iter().map(|c| list(python, c)).collect::<PyResult<Vec<_>>>()?;
        let rows = PyList::empty(python);
        for i in 0..self.0.num_rows() {
            let row = PyDict::new(python);
            for (name, column) in names.iter().zip(&columns) {
                row.set_item(name, column.get_item(i)?)?;
            }
            rows.append(row)?;
        }
        Ok(rows)
    }
    /// A pandas frame (pyarrow is not needed); labels, units, title and notes are in its `attrs`.
    fn to_pandas<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("minsuan._convert")?.call_method1("to_pandas", (slf,))
    }
    /// A polars frame, without a copy.
    fn to_polars<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("minsuan._convert")?.call_method1("to_polars", (slf,))
    }
    /// Writes a CSV file, whole or not at all. `encoding`: "utf-8-sig" (Excel and WPS show the
    /// Chinese), "utf-8" or "gb18030"; `header`: "names" (field names) or "labels" (Chinese, with units).
    #[pyo3(signature = (path, encoding="utf-8-sig", *, header="names"))]
    fn to_csv(&self, python: Python<'_>, path: PathBuf, encoding: &str, header: &str) -> PyResult<()> {
        let header = match header {
            "names" => tables::csv::Header::Names,
            "labels" => tables::csv::Header::Labels,
            other => {
                let problem = Problem::new("unknown header").column("header").value(other);
                return Err(Error::data(problem.expected("\"names\" or \"labels\"")).into());
            }
        };
        Ok(python.detach(|| tables::csv::write(&self.0, &path, encoding, header))?)
    }
    /// Writes an .xlsx workbook, whole or not at all: the table on the first sheet under a frozen
    /// header of labels with units, title, footnotes and field names on the second (说明).
    fn to_excel(&self, python: Python<'_>, path: PathBuf) -> PyResult<()> {
        Ok(python.detach(|| tables::excel::write(&self.0, &path))?)
    }
    /// Writes a Parquet file, whole or not at all; labels, units, title and notes stay in it.
    fn to_parquet(&self, python: Python<'_>, path: PathBuf) -> PyResult<()> {
        Ok(python.detach(|| tables::parquet::write(&self.0, &path))?)
    }
    /// Whether both tables hold the same columns, labels, units and values, to the bit.
    fn equals(&self, other: &Self) -> bool {
        self.0.batch() == other.0.batch()
    }
    /// The table as an Arrow C stream of one batch; nothing is copied.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        python: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let batch = self.0.batch().clone();
        let schema = batch.schema();
        let field =
            Field::new_struct("", schema.fields().clone(), false).with_metadata(schema.metadata().clone());
        let rows: ArrayRef = Arc::new(StructArray::from(batch));
        let reader = ArrayIterator::new(vec![Ok(rows)], field.into());
        Ok(to_stream_pycapsule(python, Box::new(reader), requested_schema)?)
    }
    fn __arrow_c_schema__<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        Ok(to_schema_pycapsule(python, self.0.batch().schema_ref().as_ref())?)
    }
    fn __repr__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("minsuan._display")?.call_method1("text", (slf,))
    }
    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("minsuan._display")?.call_method1("html", (slf,))
    }
    /// Pickles as an Arrow IPC stream.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        let batch = slf.get().0.batch();
        let fail = |e: arrow_schema::ArrowError| PyErr::from(Error::data(Problem::new(e.to_string())));
        let mut bytes = Vec::new();
        let mut writer = StreamWriter::try_new(&mut bytes, batch.schema_ref()).map_err(fail)?;
        writer.write(batch).map_err(fail)?;
        writer.finish().map_err(fail)?;
        drop(writer);
        let rebuild = slf.get_type().getattr("_from_ipc")?;
        Ok((rebuild, (PyBytes::new(slf.py(), &bytes),)))
    }
    #[classmethod]
    fn _from_ipc(_class: &Bound<'_, PyType>, data: &[u8]) -> PyResult<Self> {
        let fail = |e: arrow_schema::ArrowError| PyErr::from(Error::data(Problem::new(e.to_string())));
        let reader = StreamReader::try_new(data, None).map_err(fail)?;
        let schema = reader.schema();
        let batches = reader.collect::<Result<Vec<_>, _>>().map_err(fail)?;
        Ok(Self(Table::from_batches(&schema, &batches)?))
    }
}

impl PyTable {
    /// A column as a numpy array: int64, float64 (null is NaN), bool, else objects.
    fn array<'py>(&self, python: Python<'py>, column: &str) -> PyResult<Bound<'py, PyAny>> {
        let array = self.0.batch().column_by_name(column).ok_or_else(|| no_column(&self.0, column))?;
        if let Some(floats) = array.as_primitive_opt::<Float64Type>() {
            let values = floats.iter().map(|v| v.unwrap_or(f64::NAN));
            return Ok(PyArray1::from_iter(python, values).into_any());
        }
        if let Some(ints) = array.as_primitive_opt::<Int64Type>() {
            if ints.null_count() == 0 {
                return Ok(PyArray1::from_slice(python, ints.values()).into_any());
            }
            let values = ints.iter().map(|v| v.map_or(f64::NAN, |v| v as f64));
            return Ok(PyArray1::from_iter(python, values).into_any());
        }
        let values = list(python, array)?;
        if array.data_type() == &DataType::Boolean && array.null_count() == 0 {
            return python.import("numpy")?.call_method1("array", (values, "bool"));
        }
        // Filled item by item: numpy would make a matrix of lists of one length.
        let objects = python.import("numpy")?.call_method1("empty", (values.len(), "object"))?;
        for (i, value) in values.iter().enumerate() {
            objects.set_item(i, value)?;
        }
        Ok(objects)
    }
}

fn no_column(table: &Table, column: &str) -> PyErr {
    PyKeyError::new_err(format!("no column {column:?}; expected one of {}", table.column_names().join(", ")))
}

fn wrong_key(key: &Bound<'_, PyAny>) -> PyErr {
    let value = key.repr().map_or_else(|_| "?".to_owned(), |r| r.to_string());
    let problem = Problem::new("can't pick from a table by this").value(value);
    Error::data(problem.expected("a column name, a list of names, a row number, a slice or booleans")).into()
}

/// The values of an array as Python objects.
fn list<'py>(python: Python<'py>, array: &ArrayRef) -> PyResult<Bound<'py, PyList>> {
    static DECIMAL: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    match array.data_type() {
        DataType::Float64 => PyList::new(python, array.as_primitive::<Float64Type>().iter()),
        DataType::Int64 => PyList::new(python, array.as_primitive::<Int64Type>().iter()),
        DataType::Boolean => PyList::new(python, array.as_boolean().iter()),
        DataType::List(_) => {
            let lists = array.as_list::<i32>();
            let rows = PyList::empty(python);
            for row in lists.iter() {
                match row {
                    None => rows.append(python.None())?,
                    Some(items) => rows.append(list(python, &items)?)?,
                }
            }
            Ok(rows)
        }
        other => {
            let texts = texts(array)?;
            if !matches!(other, DataType::Decimal128(..)) {
                return PyList::new(python, texts);
            }
            let decimal = DECIMAL.import(python, "decimal", "Decimal")?;
            let values = texts.into_iter().map(|t| t.map(|t| decimal.call1((t,))).transpose());
            PyList::new(python, values.collect::<PyResult<Vec<_>>>()?)
        }
    }
}

fn texts(array: &ArrayRef) -> PyResult<Vec<Option<String>>> {
    let schema = Schema::new(vec![Field::new("x", array.data_type().clone(), true)]);
    let batch = RecordBatch::try_new(Arc::new(schema), vec![array.clone()])
        .map_err(|e| PyErr::from(Error::data(Problem::new(e.to_string()))))?;
    Ok(Table::from_batch(batch).column_texts(0)?)
}

/// Takes whatever is a table: `ms.Table`, an object with `__arrow_c_stream__`, a pandas frame, a dict
/// of columns, a list of dicts, or a path (.csv, .xlsx, .parquet). Integers come as Int64, numbers as
/// Float64, texts and dates as Utf8.
pub fn table_like(data: &Bound<'_, PyAny>, encoding: Option<&str>) -> PyResult<Input> {
    let python = data.py();
    if let Ok(table) = data.cast::<PyTable>() {
        return Ok(Input::from_table(table.get().0.clone())?);
    }
    if data.is_instance_of::<PyString>() || data.hasattr("__fspath__")? {
        let path: PathBuf = data.extract()?;
        return Ok(python.detach(|| tables::read(&path, encoding))?);
    }
    let module: String = data.get_type().module()?.extract()?;
    let pandas = module.starts_with("pandas");
    if data.hasattr("__arrow_c_stream__")? || data.hasattr("__arrow_c_array__")? {
        match arrow(data) {
            Ok(table) => return Ok(Input::from_table(table)?),
            // Without pyarrow, or with a column of mixed objects, pandas can't export itself.
            Err(_) if pandas => {}
            Err(error) => return Err(error),
        }
    }
    let columns = python.import("minsuan._convert")?.call_method1("columns", (data,))?;
    if columns.is_none() {
        let problem = Problem::new("not a table").value(data.get_type().fully_qualified_name()?);
        let expected = "an object with __arrow_c_stream__, a pandas frame, a dict of columns or a path";
        return Err(Error::data(problem.expected(expected)).into());
    }
    Ok(Input::from_table(from_lists(&columns)?)?)
}

/// What pandas adds for its index is no column of the user's.
const PANDAS_INDEX: &str = "__index_level_";

fn arrow(data: &Bound<'_, PyAny>) -> PyResult<Table> {
    let batches: pyo3_arrow::input::AnyRecordBatch = data.extract()?;
    let (batches, schema) = batches.into_table().map_err(PyErr::from)?.into_inner();
    let table = Table::from_batches(&schema, &batches)?;
    let names = table.column_names();
    let kept: Vec<String> = names.iter().filter(|n| !n.starts_with(PANDAS_INDEX)).cloned().collect();
    if kept.len() == names.len() { Ok(table) } else { Ok(table.select(&kept)?) }
}

/// `[(name, values)]` with values None, bool, int, float or str.
fn from_lists(columns: &Bound<'_, PyAny>) -> PyResult<Table> {
    let mut fields = Vec::new();
    let mut arrays: Vec<ArrayRef> = Vec::new();
    for column in columns.try_iter()? {
        let (name, values): (String, Bound<'_, PyAny>) = column?.extract()?;
        let array: ArrayRef = if let Ok(v) = values.extract::<Vec<Option<BoolOnly>>>() {
            Arc::new(v.into_iter().map(|b| b.map(|b| b.0)).collect::<BooleanArray>())
        } else if let Ok(v) = values.extract::<Vec<Option<i64>>>() {
            Arc::new(Int64Array::from(v))
        } else if let Ok(v) = values.extract::<Vec<Option<f64>>>() {
            Arc::new(Float64Array::from(v))
        } else if let Ok(v) = values.extract::<Vec<Option<String>>>() {
            Arc::new(StringArray::from(v))
        } else {
            let problem = Problem::new("a column of mixed kinds").column(name);
            return Err(
                Error::data(problem.expected("numbers, texts or booleans, None where unknown")).into()
            );
        };
        fields.push(Field::new(name, array.data_type().clone(), true));
        arrays.push(array);
    }
    if arrays.windows(2).any(|w| w[0].len() != w[1].len()) {
        let lengths: Vec<String> =
            fields.iter().zip(&arrays).map(|(f, a)| format!("{} {}", f.name(), a.len())).collect();
        let problem = Problem::new("columns of different lengths").value(lengths.join(", "));
        return Err(Error::data(problem.expected("columns of one length")).into());
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
        .map(Table::from_batch)
        .map_err(|e| Error::data(Problem::new(e.to_string()).expected("columns of one length")).into())
}

/// True or False, and not 0 or 1.
struct BoolOnly(bool);
impl<'py> FromPyObject<'_, 'py> for BoolOnly {
    type Error = PyErr;
    fn extract(object: pyo3::Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        Ok(Self(object.cast::<pyo3::types::PyBool>()?.is_true()))
    }
}

fn dict(python: Python<'_>, pairs: Vec<(String, String)>) -> PyResult<Bound<'_, PyDict>> {
    let d = PyDict::new(python);
    for (k, v) in pairs {
        d.set_item(k, v)?;
    }
    Ok(d)
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<PyTable>()
}
