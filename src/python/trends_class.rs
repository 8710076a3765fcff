//! Binding of `trends`: reference classes.

use pyo3::prelude::*;

use super::trends::series;
use crate::trends;

/// A reference class: how far forecasts of real series missed.
#[pyclass(frozen, name = "ReferenceClass", module = "minsuan.trends")]
#[derive(Debug)]
pub struct PyReferenceClass(pub trends::ReferenceClass);

#[pymethods]
impl PyReferenceClass {
    #[getter]
    fn name(&self) -> &str {
        &self.0.name
    }
    /// Lengths of history that the class knows.
    #[getter]
    fn lengths(&self) -> Vec<usize> {
        self.0.lengths.iter().map(|l| l.length).collect()
    }
    /// The class as CSV text: statistics only, nothing of the series.
    fn to_csv(&self) -> String {
        self.0.to_csv()
    }
    /// Reads the text that `to_csv` gives.
    #[staticmethod]
    fn from_csv(text: &str) -> PyResult<Self> {
        Ok(Self(trends::ReferenceClass::parse(text, "reference class")?))
    }
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((slf.get_type().getattr("from_csv")?, (slf.get().0.to_csv(),)))
    }
    fn __repr__(&self) -> String {
        format!("ReferenceClass({:?}, lengths={:?})", self.0.name, self.lengths())
    }
}

/// A class from series of one's own.
#[pyfunction]
fn trends_fit_class(series_list: Vec<Bound<'_, PyAny>>, name: &str) -> PyResult<PyReferenceClass> {
    let all = series_list.iter().map(|s| series(s, "values")).collect::<PyResult<Vec<_>>>()?;
    Ok(PyReferenceClass(trends::fit_class_named(name, &all)?))
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<PyReferenceClass>()?;
    m.add_function(wrap_pyfunction!(trends_fit_class, m)?)
}
