//! Binding of `trends`.

use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::table::{PyTable, table_like};
use super::worker;
use crate::error::{Error, Problem, Result};
use crate::tables::Table;
use crate::trends::{self, Breaks, Options};

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
}

type CallArguments =
    (Vec<Option<f64>>, usize, Vec<f64>, Vec<usize>, bool, Option<Py<PyReferenceClass>>, usize);

#[pymethods]
impl PyForecast {
    /// Expected value of each step, above the median where the interval is wide: what adds up.
    #[getter]
    fn expected<'py>(&self, python: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.inner.expected.clone().into_pyarray(python)
    }
    /// Point forecast of each step, the centre carried back from the square-root scale: the median.
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
        if !coverage.is_empty() {
            notes.push(coverage);
        }
        notes
    }
    /// What other methods say, by name: points of length `horizon`, for thin lines beside the fan.
    #[getter]
    fn others<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let d = PyDict::new(python);
        for (name, points) in trends::others(&self.call.values, self.inner.horizon(), self.inner.start)? {
            d.set_item(name, points.into_pyarray(python))?;
        }
        Ok(d)
    }
    /// Position (from 0) of the first value used: 0, or that of the last break.
    #[getter]
    fn start(&self) -> usize {
        self.inner.start
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
        Ok((make, (self.call.values.clone(), horizon, levels, places, auto, class, self.call.period)))
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
#[pyclass(frozen, name = "ReferenceClass", module = "minsuan.trends")]
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
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((slf.get_type().getattr("from_csv")?, (slf.get().0.to_csv(),)))
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
#[pyo3(signature = (values, horizon, levels, breaks, auto_breaks, reference_class=None, period=1))]
fn trends_forecast(
    values: &Bound<'_, PyAny>,
    horizon: usize,
    levels: Vec<f64>,
    breaks: Vec<usize>,
    auto_breaks: bool,
    reference_class: Option<Py<PyReferenceClass>>,
    period: usize,
) -> PyResult<PyForecast> {
    check_levels(&levels)?;
    let values = series(values, "values")?;
    let breaks = chosen(breaks, auto_breaks);
    let options = Options { breaks, period, class: reference_class.as_ref().map(|c| &c.get().0) };
    let inner = trends::forecast_with(&values, horizon, &options)?;
    let breaks = options.breaks;
    Ok(PyForecast { inner, levels, call: Call { values, breaks, class: reference_class, period } })
}

/// A class from series of one's own.
#[pyfunction]
fn trends_fit_class(series_list: Vec<Bound<'_, PyAny>>, name: &str) -> PyResult<PyReferenceClass> {
    let all = series_list.iter().map(|s| series(s, "values")).collect::<PyResult<Vec<_>>>()?;
    Ok(PyReferenceClass(trends::fit_class_named(name, &all)?))
}

/// Thousands of series at once; `progress(done, total)` is called while it runs.
#[pyfunction]
#[pyo3(signature = (table, id, time, value, horizon, reference_class=None, period=1, auto_breaks=false, progress=None))]
#[allow(clippy::too_many_arguments)] // The Python side names them.
fn trends_forecast_panel(
    python: Python<'_>,
    table: &Bound<'_, PyAny>,
    id: &str,
    time: &str,
    value: &str,
    horizon: usize,
    reference_class: Option<PyRef<'_, PyReferenceClass>>,
    period: usize,
    auto_breaks: bool,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<PyTable> {
    let input = table_like(table, None)?;
    let panel = trends::read_panel(&input, id, time, value)?;
    let class = reference_class.as_deref().map(|c| &c.0);
    let breaks = if auto_breaks { Breaks::Auto } else { Breaks::None };
    let options = Options { breaks, period, class };
    let done = worker::run(python, progress, |p| {
        trends::forecast_panel(&panel, horizon, &options, &|done, total| p.step(done, total))
    })?;
    Ok(PyTable(done))
}

#[pyfunction]
fn trends_backtest(
    values: &Bound<'_, PyAny>,
    horizon: usize,
    minimum: usize,
    breaks: Vec<usize>,
    auto_breaks: bool,
    reference_class: Option<PyRef<'_, PyReferenceClass>>,
    period: usize,
) -> PyResult<PyTable> {
    let values = series(values, "values")?;
    let options = Options {
        breaks: chosen(breaks, auto_breaks),
        period,
        class: reference_class.as_deref().map(|c| &c.0),
    };
    Ok(PyTable(trends::backtest(&values, horizon, minimum, &options)?))
}

/// Breaks as a table: position, time, kind, label, size, before, after, p_value.
#[pyfunction]
fn trends_breaks(
    values: &Bound<'_, PyAny>,
    times: Option<Vec<String>>,
    alpha: f64,
    seed: u64,
) -> PyResult<PyTable> {
    let values = series(values, "values")?;
    if let Some(times) = times.as_ref().filter(|t| t.len() != values.len()) {
        let problem =
            Problem::new("another number of times than of values").column("times").value(times.len());
        return Err(Error::data(problem.expected(values.len().to_string())).into());
    }
    trends::rising(times.as_deref().unwrap_or_default(), "times")?;
    let found = trends::breaks(&values, alpha, seed)?;
    let time = |b: &trends::Break| times.as_ref().map(|t| t[b.position].clone());
    let kind = |b: &trends::Break| match b.kind {
        trends::Kind::Level => ("level", "水平变化"),
        trends::Kind::Slope => ("slope", "趋势变化"),
    };
    let table = Table::builder("断点")
        .note("平方根尺度上对0—2个断点作穷举搜索；p值由置换无断点拟合的残差得到")
        .int("position", "位置", "", found.iter().map(|b| b.position as i64))
        .opt_text("time", "时点", found.iter().map(time))
        .text("kind", "类型", found.iter().map(|b| kind(b).0))
        .text("label", "名称", found.iter().map(|b| kind(b).1))
        .float("size", "变化量", "", found.iter().map(|b| b.size))
        .float("before", "按旧状态应为", "", found.iter().map(|b| b.before))
        .float("after", "断点处拟合值", "", found.iter().map(|b| b.after))
        .float("p_value", "p值", "", found.iter().map(|b| b.p_value))
        .build()?;
    Ok(PyTable(table))
}

fn chosen(breaks: Vec<usize>, auto: bool) -> Breaks {
    match (auto, breaks.is_empty()) {
        (true, _) => Breaks::Auto,
        (false, true) => Breaks::None,
        (false, false) => Breaks::At(breaks),
    }
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<PyForecast>()?;
    m.add_class::<PyReferenceClass>()?;
    m.add_function(wrap_pyfunction!(trends_forecast, m)?)?;
    m.add_function(wrap_pyfunction!(trends_fit_class, m)?)?;
    m.add_function(wrap_pyfunction!(trends_forecast_panel, m)?)?;
    m.add_function(wrap_pyfunction!(trends_backtest, m)?)?;
    m.add_function(wrap_pyfunction!(trends_breaks, m)?)
}
