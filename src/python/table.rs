//! `ms.Table`: an Arrow record batch that Python can show, take and write.

use std::sync::Arc;

use arrow_array::{ArrayRef, StructArray};
use arrow_schema::Field;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict};
use pyo3_arrow::ffi::{ArrayIterator, to_schema_pycapsule, to_stream_pycapsule};

use crate::tables::Table;

/// A table of results: an Arrow record batch with Chinese labels, units, a title and footnotes.
#[pyclass(frozen, name = "Table", module = "minsuan")]
#[derive(Debug, Clone)]
pub struct PyTable(pub Table);

#[pymethods]
impl PyTable {
    #[getter]
    fn columns(&self) -> Vec<String> {
        self.0.column_names()
    }
    #[getter]
    fn title(&self) -> String {
        self.0.title()
    }
    #[getter]
    fn notes(&self) -> Vec<String> {
        self.0.notes()
    }
    #[getter]
    fn labels<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        dict(python, self.0.labels())
    }
    #[getter]
    fn units<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        dict(python, self.0.units())
    }
    fn __len__(&self) -> usize {
        self.0.num_rows()
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
        let field = Field::new_struct("", schema.fields().clone(), false).with_metadata(schema.metadata().clone());
        let rows: ArrayRef = Arc::new(StructArray::from(batch));
        let reader = ArrayIterator::new(vec![Ok(rows)], field.into());
        Ok(to_stream_pycapsule(python, Box::new(reader), requested_schema)?)
    }
    fn __repr__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("minsuan._display")?.call_method1("text", (slf,))
    }
    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("minsuan._display")?.call_method1("html", (slf,))
    }
    fn __arrow_c_schema__<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        Ok(to_schema_pycapsule(python, self.0.batch().schema_ref().as_ref())?)
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
