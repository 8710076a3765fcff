//! Binding of `trends`: panels, backtests and breaks, which come as tables.

use pyo3::prelude::*;

use super::table::{PyTable, table_like};
use super::trends::{chosen, on_grid, series};
use super::trends_class::PyReferenceClass;
use super::worker;
use crate::tables::Table;
use crate::trends::{self, Breaks, Go, Options};

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
    let panel = trends::read_panel(&input, id, time, value, period)?;
    let class = reference_class.as_deref().map(|c| &c.0);
    let breaks = if auto_breaks { Breaks::Auto } else { Breaks::None };
    let options = Options { breaks, period, class, ..Options::default() };
    let done = worker::run(python, progress, |p| {
        trends::forecast_panel(&panel, horizon, &options, &|done, total| p.step(done, total))
    })?;
    // Small work is over before it is first asked how far it is.
    if let Some(progress) = progress {
        progress.call1((panel.ids.len(), panel.ids.len()))?;
    }
    Ok(PyTable(done))
}

#[pyfunction]
#[pyo3(signature = (values, horizon, minimum, breaks, auto_breaks, reference_class=None, period=1, times=None, progress=None))]
#[allow(clippy::too_many_arguments)] // The Python side names them.
fn trends_backtest(
    python: Python<'_>,
    values: &Bound<'_, PyAny>,
    horizon: usize,
    minimum: usize,
    breaks: Vec<usize>,
    auto_breaks: bool,
    reference_class: Option<PyRef<'_, PyReferenceClass>>,
    period: usize,
    times: Option<Vec<String>>,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<PyTable> {
    let values = series(values, "values")?;
    let timed = times.as_ref().map(|t| trends::Timed::new(&values, t, period)).transpose()?;
    let breaks = on_grid(&chosen(breaks, auto_breaks), timed.as_ref());
    let values = timed.map_or(values, |t| t.values);
    let class = reference_class.as_deref().map(|c| &c.0);
    let options = Options { breaks, period, class, ..Options::default() };
    let done = worker::run(python, progress, |p| {
        trends::backtest(&values, horizon, minimum, &options, &|done, total| p.step(done, total))
    })?;
    Ok(PyTable(done))
}

/// Breaks as a table: position, time, kind, label, size, before, after, p_value.
#[pyfunction]
fn trends_breaks(
    python: Python<'_>,
    values: &Bound<'_, PyAny>,
    times: Option<Vec<String>>,
    alpha: f64,
    seed: u64,
) -> PyResult<PyTable> {
    let values = series(values, "values")?;
    let timed = match &times {
        Some(times) => trends::Timed::if_times(&values, times)?,
        None => None,
    };
    let on_grid = timed.as_ref().map_or(&values, |t| &t.values);
    let mut found = worker::run(python, None, |p| {
        trends::breaks_while(on_grid, alpha, seed, Go::asking(&|| p.step(0, 1)))
    })?;
    if let Some(timed) = &timed {
        found.iter_mut().for_each(|b| b.position = timed.position(b.position));
    }
    let time = |b: &trends::Break| times.as_ref().and_then(|t| t.get(b.position).cloned());
    let kind = |b: &trends::Break| match b.kind {
        trends::Kind::Level => ("level", "水平变化"),
        trends::Kind::Slope => ("slope", "趋势变化"),
    };
    let mut table = Table::builder("断点")
        .note("对0—2个断点作穷举搜索，须在平方根、原值和对数尺度上都显著；p值由置换无断点拟合的残差得到");
    if !found.is_empty() && trends::drifts(on_grid) {
        table = table.note(trends::DRIFTS);
    }
    let table = table
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

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(trends_forecast_panel, m)?)?;
    m.add_function(wrap_pyfunction!(trends_backtest, m)?)?;
    m.add_function(wrap_pyfunction!(trends_breaks, m)?)
}
