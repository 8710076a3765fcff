//! Binding of `trends`: stocks and flows, cumulative reports, reconciliation.

use pyo3::prelude::*;

use super::arguments::{count, flat};
use super::table::{PyTable, table_like};
use super::trends::{check_levels, series};
use super::worker;
use crate::error::{Error, Problem};
use crate::tables::Table;
use crate::trends;

/// What a [`PyStockFlow`] is built from.
type StockFlowParts = (Vec<Option<f64>>, Vec<Option<f64>>, Vec<Option<f64>>, Vec<String>, f64);

/// A stock with its flows.
#[pyclass(frozen, name = "StockFlow", module = "minsuan.trends")]
#[derive(Debug)]
pub struct PyStockFlow {
    inner: trends::StockFlow,
    tolerance: f64,
}

#[pymethods]
impl PyStockFlow {
    #[new]
    fn new(
        stock: &Bound<'_, PyAny>,
        inflow: &Bound<'_, PyAny>,
        outflow: &Bound<'_, PyAny>,
        periods: Vec<String>,
        tolerance: f64,
    ) -> PyResult<Self> {
        let inner = trends::StockFlow::new(
            series(stock, "stock")?,
            series(inflow, "inflow")?,
            series(outflow, "outflow")?,
            periods,
        )?;
        Ok(Self { inner, tolerance })
    }
    /// Whether stock and flows agree in every period in which all are known.
    #[getter]
    fn closes(&self) -> bool {
        self.inner.discrepancies(self.tolerance).is_empty()
    }
    /// The periods that do not close: position, period, expected, stated, gap (stated − expected).
    #[getter]
    fn discrepancies(&self) -> PyResult<PyTable> {
        let all = self.inner.discrepancies(self.tolerance);
        let table = Table::builder("存量与流量不符的期次")
            .note("应为＝上期末＋新增−退出；差额＝所报−应为")
            .int("position", "位置", "", all.iter().map(|d| d.position as i64))
            .text("period", "期次", all.iter().map(|d| d.period.as_str()))
            .float("expected", "应为", "", all.iter().map(|d| d.expected))
            .float("stated", "所报", "", all.iter().map(|d| d.stated))
            .float("gap", "差额", "", all.iter().map(|d| d.stated - d.expected))
            .build()?;
        Ok(PyTable(table))
    }
    /// Share of the stock before that left, by period; None where unknown.
    #[getter]
    fn hazards(&self) -> Vec<Option<f64>> {
        self.inner.hazards()
    }
    /// Stock, inflow and outflow of the next periods.
    #[pyo3(signature = (horizon=None, inflow_factor=None, seed=None))]
    #[pyo3(text_signature = "($self, horizon=5, inflow_factor=None, seed=0)")]
    fn project(
        &self,
        python: Python<'_>,
        horizon: Option<&Bound<'_, PyAny>>,
        inflow_factor: Option<&Bound<'_, PyAny>>,
        seed: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyTable> {
        let horizon = horizon.map_or(Ok(5), |h| count("horizon", h))? as usize;
        let seed = seed.map_or(Ok(0), |s| count("seed", s))?;
        let inflow_factor = inflow_factor.map(|f| flat("inflow_factor", f)).transpose()?;
        let mut notes = Vec::new();
        let off = self.inner.discrepancies(self.tolerance).len();
        if off > 0 {
            notes.push(format!("有{off}个期次的存量与流量不符，预测从最后一个期末数起算"));
        }
        if inflow_factor.is_some() {
            notes.push("新增已按给定的标准弹性系数调整".to_owned());
        }
        let factors = inflow_factor.unwrap_or_default();
        let projection = worker::run(python, None, |_| self.inner.project(horizon, &factors, seed))?;
        Ok(PyTable(projection.table(&notes)?))
    }
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, StockFlowParts)> {
        let (sf, tolerance) = (&slf.get().inner, slf.get().tolerance);
        let parts = (sf.stock.clone(), sf.inflow.clone(), sf.outflow.clone(), sf.periods.clone(), tolerance);
        Ok((slf.get_type().into_any(), parts))
    }
    fn __repr__(&self) -> String {
        let off = self.inner.discrepancies(self.tolerance).len();
        format!("StockFlow({} periods, {off} that do not close)", self.inner.stock.len())
    }
}

/// Factors of the inflow under a path of standards.
#[pyfunction]
fn trends_inflow_factors(base: f64, standards: Vec<f64>, elasticity: f64) -> PyResult<Vec<f64>> {
    Ok(trends::inflow_factors(base, &standards, elasticity)?)
}

/// Cumulative reports taken apart: a table year, period, value in; year, period, covers, flow, correction out.
#[pyfunction]
fn trends_decumulate(table: &Bound<'_, PyAny>, year: &str, period: &str, value: &str) -> PyResult<PyTable> {
    let input = table_like(table, None)?;
    let reports: Vec<(i64, i64, f64)> = trends::read_reports(&input, year, period, value)?
        .iter()
        .map(|r| (r.year, r.period, r.value))
        .collect();
    let flows = trends::decumulate(&reports)?;
    let table = Table::builder("累计数分解")
        .note(
            "本期数＝本期累计−上期累计；累计数下降的记为更正，不算负的本期数；各期之和等于年内最后一个累计数",
        )
        .int("year", "年份", "", flows.iter().map(|f| f.year))
        .int("period", "期次", "", flows.iter().map(|f| f.period))
        .int("covers", "含期数", "", flows.iter().map(|f| f.covers))
        .opt_float("flow", "本期数", "", flows.iter().map(|f| f.flow))
        .opt_float("correction", "更正", "", flows.iter().map(|f| f.correction))
        .build()?;
    Ok(PyTable(table))
}

/// Reconciled parts: (total, parts, total count, part counts).
#[pyfunction]
#[allow(clippy::type_complexity)] // A tuple that Python unpacks at once.
fn trends_reconcile(
    total: f64,
    parts: Vec<f64>,
    errors: Vec<Vec<f64>>,
) -> PyResult<(f64, Vec<f64>, i64, Vec<i64>)> {
    let r = trends::reconcile(total, &parts, &errors)?;
    Ok((r.total, r.parts, r.total_count, r.part_counts))
}

/// The programs of a county as data.
#[pyfunction]
fn trends_programs() -> PyResult<PyTable> {
    Ok(PyTable(crate::relief::programs()?))
}

/// Exponential smoothing: (model, α, β, φ, log likelihood, AICc, σ², mean, (level, lower, upper) by level).
#[pyfunction]
#[allow(clippy::type_complexity)] // A tuple that Python unpacks at once.
fn trends_ets(
    values: &Bound<'_, PyAny>,
    horizon: usize,
    model: Option<&str>,
    levels: Vec<f64>,
) -> PyResult<(&'static str, [f64; 6], Vec<f64>, Vec<(f64, Vec<f64>, Vec<f64>)>)> {
    let values = series(values, "values")?;
    let gap = |(i, v): (usize, &Option<f64>)| {
        let problem = Problem::new("a gap").row(i + 1).column("values").value("None");
        v.is_none().then(|| problem.expected("numbers up to 1e150 without a gap"))
    };
    let gaps: Vec<Problem> = values.iter().enumerate().filter_map(gap).collect();
    if !gaps.is_empty() {
        return Err(Error::Data(gaps).into());
    }
    let values: Vec<f64> = values.into_iter().flatten().collect();
    check_levels(&levels)?;
    let fitted = match model {
        None => trends::auto_ets(&values, horizon)?,
        Some(name) => {
            let known = trends::EtsModel::ALL;
            let found = known.into_iter().find(|m| m.name() == format!("ETS({name})"));
            let Some(found) = found else {
                let problem = Problem::new("no such model").column("model").value(name);
                return Err(Error::model(problem.expected("A,N,N, A,A,N or A,Ad,N")).into());
            };
            trends::fit_ets(&values, found, horizon)?
        }
    };
    let numbers = [fitted.alpha, fitted.beta, fitted.phi, fitted.log_likelihood, fitted.aicc, fitted.sigma2];
    let bounds = levels
        .iter()
        .map(|level| {
            let (lower, upper) = fitted.interval(level / 100.0);
            (*level, lower, upper)
        })
        .collect();
    Ok((fitted.model.name(), numbers, fitted.mean, bounds))
}

/// What the library carries.
#[pyfunction]
fn trends_shipped() -> PyResult<PyTable> {
    Ok(PyTable(trends::library::contents()?))
}

/// One of its series.
#[pyfunction]
fn trends_series(indicator: &str, area: &str) -> PyResult<PyTable> {
    Ok(PyTable(trends::library::series_table(indicator, area)?))
}

/// Its documented breaks.
#[pyfunction]
fn trends_documented_breaks(indicator: &str, area: &str) -> PyResult<PyTable> {
    Ok(PyTable(trends::library::breaks_table(indicator, area)?))
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<PyStockFlow>()?;
    m.add_function(wrap_pyfunction!(trends_inflow_factors, m)?)?;
    m.add_function(wrap_pyfunction!(trends_decumulate, m)?)?;
    m.add_function(wrap_pyfunction!(trends_reconcile, m)?)?;
    m.add_function(wrap_pyfunction!(trends_programs, m)?)?;
    m.add_function(wrap_pyfunction!(trends_ets, m)?)?;
    m.add_function(wrap_pyfunction!(trends_shipped, m)?)?;
    m.add_function(wrap_pyfunction!(trends_series, m)?)?;
    m.add_function(wrap_pyfunction!(trends_documented_breaks, m)?)
}
