//! Binding of `trends`: the forecast of one series, and how series are handed in.

use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use super::trends_class::PyReferenceClass;
use super::worker;
use crate::error::{Error, Problem, Result};
use crate::trends::{self, Breaks, Go, Options};

/// A forecast: arrays of length `horizon`, the first step first.
#[pyclass(frozen, name = "Forecast", module = "minsuan.trends")]
#[derive(Debug)]
pub struct PyForecast {
    inner: trends::Forecast,
    levels: Vec<f64>,
    /// What it was made from: a pickled forecast is made again, to the same bits.
    call: Call,
}

#[derive(Debug)]
struct Call {
    values: Vec<Option<f64>>,
    breaks: Breaks,
    class: Option<Py<PyReferenceClass>>,
    period: usize,
    times: Option<Vec<String>>,
    /// The values on the grid of their times.
    timed: Option<trends::Timed>,
}

impl Call {
    /// What was forecast from: missing times are gaps.
    fn history(&self) -> &[Option<f64>] {
        self.timed.as_ref().map_or(&self.values, |t| &t.values)
    }
}

type CallArguments = (
    Vec<Option<f64>>,
    usize,
    Vec<f64>,
    Vec<usize>,
    bool,
    Option<Py<PyReferenceClass>>,
    usize,
    Option<Vec<String>>,
);

#[pymethods]
impl PyForecast {
    /// Expected value of each step, above the median where the interval is wide: what adds up.
    #[getter]
    fn expected<'py>(&self, python: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.inner.expected.clone().into_pyarray(python)
    }
    /// Point forecast of each step, the centre carried back from the square-root scale: the median, or the
    /// level where the history never moved.
    #[getter]
    fn mean<'py>(&self, python: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.inner.mean.clone().into_pyarray(python)
    }
    /// Median of each step: what errs least in absolute terms.
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
        notes.push(if coverage.is_empty() {
            format!("区间取自参照类“{}”，其覆盖率未经检验", self.inner.reference_class)
        } else {
            coverage
        });
        notes
    }
    /// The times of the steps, written as those given: whole numbers or texts; None without times.
    #[getter]
    fn times<'py>(&self, python: Python<'py>) -> PyResult<Option<Bound<'py, PyList>>> {
        let Some(timed) = &self.call.timed else { return Ok(None) };
        let texts = timed.ahead(self.inner.horizon());
        let numbers: Option<Vec<i64>> =
            texts.iter().map(|t| timed.is_digits().then(|| t.parse().ok())?).collect();
        Ok(Some(match numbers {
            Some(numbers) => PyList::new(python, numbers)?,
            None => PyList::new(python, texts)?,
        }))
    }
    /// What it was made from: one value a period, None where a value or a time is missing.
    #[getter]
    fn history(&self) -> Vec<Option<f64>> {
        self.call.history().to_vec()
    }
    /// What other methods say, by name: points of length `horizon`, for thin lines beside the fan.
    #[getter]
    fn others<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let d = PyDict::new(python);
        for (name, points) in trends::others(self.call.history(), self.inner.horizon(), self.inner.start)? {
            d.set_item(name, points.into_pyarray(python))?;
        }
        Ok(d)
    }
    /// Position (from 0) of the first value used: 0, or that of the last break.
    #[getter]
    fn start(&self) -> usize {
        self.call.timed.as_ref().map_or(self.inner.start, |t| t.position(self.inner.start))
    }
    fn __len__(&self) -> usize {
        self.inner.horizon()
    }
    fn __reduce__<'py>(&self, python: Python<'py>) -> PyResult<(Bound<'py, PyAny>, CallArguments)> {
        let (places, auto) = match &self.call.breaks {
            Breaks::None => (Vec::new(), false),
            Breaks::Auto => (Vec::new(), true),
            Breaks::At(places) => (places.clone(), false),
        };
        let class = self.call.class.as_ref().map(|c| c.clone_ref(python));
        let (horizon, levels) = (self.inner.horizon(), self.levels.clone());
        let make = python.import("minsuan._core")?.getattr("trends_forecast")?;
        let call = &self.call;
        let (values, times) = (call.values.clone(), call.times.clone());
        Ok((make, (values, horizon, levels, places, auto, class, call.period, times)))
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

/// Numbers and `None`; whatever else stands in the series is told, all of it at once. Missing values of
/// pandas and numpy (`<NA>`, `NaT`, masked) are gaps; True and False are no counts.
pub fn series(values: &Bound<'_, PyAny>, name: &str) -> PyResult<Vec<Option<f64>>> {
    let mut out = Vec::new();
    let mut problems = Vec::new();
    for (i, item) in values.try_iter()?.enumerate() {
        let item = item?;
        let kind = item.get_type().name()?;
        let kind = kind.to_str()?;
        if item.is_none() || matches!(kind, "NAType" | "NaTType" | "MaskedConstant") {
            out.push(None);
        } else if let (false, Ok(v)) = (matches!(kind, "bool" | "bool_"), item.extract::<f64>()) {
            out.push(Some(v));
        } else {
            let problem = Problem::new("not a number").row(i + 1).column(name).value(&item);
            problems.push(problem.expected("a number of 0 or more; a gap is None"));
            out.push(None);
        }
    }
    if problems.is_empty() { Ok(out) } else { Err(Error::Data(problems).into()) }
}

pub fn check_levels(levels: &[f64]) -> Result<()> {
    let problems: Vec<Problem> = levels
        .iter()
        .filter(|l| !(**l >= 1.0 && **l < 100.0))
        .map(|l| {
            let problem = Problem::new("not a level").column("levels").value(l);
            problem.expected("percentages from 1 to below 100, such as 80 and 95")
        })
        .collect();
    if problems.is_empty() { Ok(()) } else { Err(Error::Data(problems)) }
}

#[pyfunction]
#[pyo3(signature = (values, horizon, levels, breaks, auto_breaks, reference_class=None, period=1, times=None))]
#[allow(clippy::too_many_arguments)] // The Python side names them.
fn trends_forecast(
    python: Python<'_>,
    values: &Bound<'_, PyAny>,
    horizon: usize,
    levels: Vec<f64>,
    breaks: Vec<usize>,
    auto_breaks: bool,
    reference_class: Option<Py<PyReferenceClass>>,
    period: usize,
    times: Option<Vec<String>>,
) -> PyResult<PyForecast> {
    check_levels(&levels)?;
    let values = series(values, "values")?;
    let timed = times.as_ref().map(|t| trends::Timed::new(&values, t, period)).transpose()?;
    let breaks = chosen(breaks, auto_breaks);
    let call = Call { values, breaks, class: reference_class, period, times, timed };
    let breaks = on_grid(&call.breaks, call.timed.as_ref());
    let class = call.class.as_ref().map(|c| &c.get().0);
    let history = call.history();
    let inner = if breaks == Breaks::Auto {
        // The search of a long series takes seconds.
        worker::run(python, None, |p| {
            let asked = || p.step(0, 1);
            let options = Options { breaks, period, class, go: Go::asking(&asked) };
            trends::forecast_with(history, horizon, &options)
        })?
    } else {
        let options = Options { breaks, period, class, ..Options::default() };
        trends::forecast_with(history, horizon, &options)?
    };
    Ok(PyForecast { inner, levels, call })
}

/// Positions among the values given as places on the grid of their times.
pub fn on_grid(breaks: &Breaks, timed: Option<&trends::Timed>) -> Breaks {
    match (breaks, timed) {
        (Breaks::At(positions), Some(timed)) => {
            Breaks::At(positions.iter().map(|p| timed.place(*p)).collect())
        }
        (other, _) => other.clone(),
    }
}

/// Whether the labels of an index are times: dates, years, months, not numbers of rows and not names.
#[pyfunction]
fn trends_are_times(texts: Vec<String>) -> bool {
    let cells: Vec<Option<&str>> = texts.iter().map(|t| Some(t.as_str())).collect();
    trends::read_times(&cells, 1).is_ok_and(|t| t.is_dated())
}

/// Values on the grid of their times: a missing time is a gap.
#[pyfunction]
fn trends_on_grid(values: &Bound<'_, PyAny>, times: Vec<String>) -> PyResult<Vec<Option<f64>>> {
    Ok(trends::Timed::new(&series(values, "values")?, &times, 1)?.values)
}

/// Times on their grid, for an axis: the place of each, the labels from the first place to `ahead` steps past
/// the last, and the months of a step where they are no plain numbers.
#[pyfunction]
fn trends_axis(texts: Vec<String>, ahead: usize) -> PyResult<(Vec<i64>, Vec<String>, Option<i64>)> {
    let values = vec![None; texts.len()];
    let timed = trends::Timed::new(&values, &texts, 1)?;
    Ok((timed.places(), timed.labels(ahead), timed.months()))
}

/// Where a time stands on the grid of others; None where it is none, or of another kind.
#[pyfunction]
fn trends_place(mut texts: Vec<String>, time: String) -> Option<i64> {
    let read = |texts: &[String]| {
        let cells: Vec<Option<&str>> = texts.iter().map(|t| Some(t.as_str())).collect();
        trends::read_times(&cells, 1).ok()
    };
    let alone = read(&texts)?;
    texts.push(time);
    let with = read(&texts)?;
    (with.clock == alone.clock).then(|| with.places.last().copied())?
}

pub fn chosen(breaks: Vec<usize>, auto: bool) -> Breaks {
    match (auto, breaks.is_empty()) {
        (true, _) => Breaks::Auto,
        (false, true) => Breaks::None,
        (false, false) => Breaks::At(breaks),
    }
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<PyForecast>()?;
    m.add_function(wrap_pyfunction!(trends_forecast, m)?)?;
    m.add_function(wrap_pyfunction!(trends_are_times, m)?)?;
    m.add_function(wrap_pyfunction!(trends_axis, m)?)?;
    m.add_function(wrap_pyfunction!(trends_place, m)?)?;
    m.add_function(wrap_pyfunction!(trends_on_grid, m)?)
}
