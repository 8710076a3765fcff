//! Binding of `trends`.

use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::error::{Error, Problem, Result};
use crate::trends::{self, Breaks, Options};

/// A forecast: arrays of length `horizon`, the first step first.
#[pyclass(frozen, name = "Forecast", module = "minsuan._core")]
#[derive(Debug)]
pub struct PyForecast {
    inner: trends::Forecast,
    levels: Vec<f64>,
}

#[pymethods]
impl PyForecast {
    /// Mean of the distribution of each step.
    #[getter]
    fn mean<'py>(&self, python: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.inner.mean.clone().into_pyarray(python)
    }
    /// Median of each step.
    #[getter]
    fn median<'py>(&self, python: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.inner.median.clone().into_pyarray(python)
    }
    /// Lower bounds by level, such as `lower[80]`.
    #[getter]
    fn lower<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.bounds(python, |i| i.0)
    }
    /// Upper bounds by level, such as `upper[95]`.
    #[getter]
    fn upper<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.bounds(python, |i| i.1)
    }
    /// Quantile `p` (0 to 1) of each step.
    fn quantile<'py>(&self, python: Python<'py>, p: f64) -> PyResult<Bound<'py, PyArray1<f64>>> {
        if !(0.0..=1.0).contains(&p) {
            let problem =
                Problem::new("not a probability").column("p").value(p).expected("a number from 0 to 1");
            return Err(Error::data(problem).into());
        }
        let values: Vec<f64> = (0..self.inner.horizon()).map(|h| self.inner.quantile(h, p)).collect();
        Ok(values.into_pyarray(python))
    }
    /// The levels asked for, in percent.
    #[getter]
    fn levels(&self) -> Vec<f64> {
        self.levels.clone()
    }
    /// How the centre was found.
    #[getter]
    fn method(&self) -> &str {
        &self.inner.method
    }
    /// The class of real series behind the intervals.
    #[getter]
    fn reference_class(&self) -> &str {
        &self.inner.reference_class
    }
    /// Coverage measured on series left out of the class: nominal to measured, in percent.
    #[getter]
    fn coverage<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let d = PyDict::new(python);
        for (level, got) in &self.inner.coverage {
            d.set_item(level_key(python, level * 100.0)?, got * 100.0)?;
        }
        Ok(d)
    }
    /// What a reader has to know.
    #[getter]
    fn notes(&self) -> Vec<String> {
        let mut notes = self.inner.notes.clone();
        let coverage = self.inner.coverage_note();
        if !coverage.is_empty() {
            notes.push(coverage);
        }
        notes
    }
    /// Position (from 0) of the first value used: 0, or that of the last break.
    #[getter]
    fn start(&self) -> usize {
        self.inner.start
    }
    fn __len__(&self) -> usize {
        self.inner.horizon()
    }
    fn __repr__(&self) -> String {
        let median: Vec<String> = self.inner.median.iter().map(|v| format!("{v:.4}")).collect();
        format!("Forecast(median=[{}], method={:?})", median.join(", "), self.inner.method)
    }
}

impl PyForecast {
    fn bounds<'py>(
        &self,
        python: Python<'py>,
        side: impl Fn((Vec<f64>, Vec<f64>)) -> Vec<f64>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let d = PyDict::new(python);
        for level in &self.levels {
            let values = side(self.inner.interval(level / 100.0));
            d.set_item(level_key(python, *level)?, values.into_pyarray(python))?;
        }
        Ok(d)
    }
}

/// 80.0 as the integer 80, so that `lower[80]` finds it; 97.5 stays.
fn level_key(python: Python<'_>, level: f64) -> PyResult<Bound<'_, PyAny>> {
    let rounded = level.round();
    if (level - rounded).abs() < 1e-9 {
        Ok((rounded as i64).into_pyobject(python)?.into_any())
    } else {
        Ok(level.into_pyobject(python)?.into_any())
    }
}

/// A reference class: how far forecasts of real series missed.
#[pyclass(frozen, name = "ReferenceClass", module = "minsuan._core")]
#[derive(Debug)]
pub struct PyReferenceClass(trends::ReferenceClass);

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
    fn __repr__(&self) -> String {
        format!("ReferenceClass({:?}, lengths={:?})", self.0.name, self.lengths())
    }
}

/// Numbers and `None`; whatever else stands in the series is told, all of it at once.
pub fn series(values: &Bound<'_, PyAny>, name: &str) -> PyResult<Vec<Option<f64>>> {
    let mut out = Vec::new();
    let mut problems = Vec::new();
    for (i, item) in values.try_iter()?.enumerate() {
        let item = item?;
        if item.is_none() {
            out.push(None);
        } else if let Ok(v) = item.extract::<f64>() {
            out.push(Some(v));
        } else {
            let problem = Problem::new("not a number").row(i + 1).column(name).value(&item);
            problems.push(problem.expected("a number of 0 or more; a gap is None"));
            out.push(None);
        }
    }
    if problems.is_empty() { Ok(out) } else { Err(Error::Data(problems).into()) }
}

fn check_levels(levels: &[f64]) -> Result<()> {
    let problems: Vec<Problem> = levels
        .iter()
        .filter(|l| !(**l > 0.0 && **l < 100.0))
        .map(|l| {
            let problem = Problem::new("not a level").column("levels").value(l);
            problem.expected("percentages between 0 and 100, such as 80 and 95")
        })
        .collect();
    if problems.is_empty() { Ok(()) } else { Err(Error::Data(problems)) }
}

#[pyfunction]
#[pyo3(signature = (values, horizon, levels, breaks, auto_breaks, reference_class=None))]
fn trends_forecast(
    values: &Bound<'_, PyAny>,
    horizon: usize,
    levels: Vec<f64>,
    breaks: Vec<usize>,
    auto_breaks: bool,
    reference_class: Option<PyRef<'_, PyReferenceClass>>,
) -> PyResult<PyForecast> {
    check_levels(&levels)?;
    let values = series(values, "values")?;
    let breaks = match (auto_breaks, breaks.is_empty()) {
        (true, _) => Breaks::Auto,
        (false, true) => Breaks::None,
        (false, false) => Breaks::At(breaks),
    };
    let options = Options { breaks, class: reference_class.as_deref().map(|c| &c.0) };
    Ok(PyForecast { inner: trends::forecast_with(&values, horizon, &options)?, levels })
}

/// A class from series of one's own.
#[pyfunction]
fn trends_fit_class(series_list: Vec<Bound<'_, PyAny>>, name: &str) -> PyResult<PyReferenceClass> {
    let all = series_list.iter().map(|s| series(s, "values")).collect::<PyResult<Vec<_>>>()?;
    Ok(PyReferenceClass(trends::fit_class_named(name, &all)?))
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<PyForecast>()?;
    m.add_class::<PyReferenceClass>()?;
    m.add_function(wrap_pyfunction!(trends_forecast, m)?)?;
    m.add_function(wrap_pyfunction!(trends_fit_class, m)?)
}
