//! Binding of `care`.
//!
//! Arrays are whatever numpy takes for one; states and persons of a table of assessments are taken by
//! their text.

use std::collections::HashMap;

use ndarray::Array2;
use num_rational::Ratio;
use num_traits::ToPrimitive;
use numpy::{IntoPyArray, PyArray2, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::exact::exact_in;
use super::table::{PyTable, table_like};
use super::worker;
use crate::care::{self, Chain, GbtOverrides, Health, Multistate, MztAdlLevel, Observation, TekunLevel};
use crate::error::{Error, Problem};
use crate::tables::Table;

#[pyfunction]
fn care_definitions() -> PyResult<PyTable> {
    Ok(PyTable(care::definitions_table()?))
}

#[pyfunction]
fn care_prevalence(definition: &str) -> PyResult<PyTable> {
    Ok(PyTable(care::prevalence_table(definition)?))
}

#[pyfunction]
fn care_need(
    population: &Bound<'_, PyAny>,
    definition: &str,
    health: &str,
    gain: (f64, f64),
) -> PyResult<PyTable> {
    let population = matrix("population", population)?;
    let health = Health::parse(health)?;
    let shift = [health.shift(gain.0), health.shift(gain.1)];
    Ok(PyTable(care::need_table(&population, definition, shift)?))
}

#[pyfunction]
fn gbt_level(
    points: u32,
    coma: bool,
    dementia_or_psychiatric: bool,
    risk_events: u32,
) -> PyResult<&'static str> {
    Ok(care::gbt_level(points, GbtOverrides { coma, dementia_or_psychiatric, risk_events })?.id())
}

#[pyfunction]
fn mzt_adl_level(barthel: u32) -> PyResult<&'static str> {
    Ok(match care::mzt_adl_level(barthel)? {
        MztAdlLevel::Intact => "intact",
        MztAdlLevel::Mild => "mild",
        MztAdlLevel::Moderate => "moderate",
        MztAdlLevel::Severe => "severe",
    })
}

#[pyfunction]
fn tekun_level(unable: u32) -> PyResult<&'static str> {
    Ok(match care::tekun_level(unable)? {
        TekunLevel::Able => "able",
        TekunLevel::PartlyLost => "partly_lost",
        TekunLevel::Lost => "lost",
    })
}

#[pyfunction]
fn staff_required(
    residents: Vec<Vec<u64>>,
    per_carer: Vec<u64>,
    full_time_factor: &Bound<'_, PyAny>,
) -> PyResult<PyTable> {
    let exact = exact_in("full_time_factor", full_time_factor)?;
    let factor = exact.numer().to_u64().zip(exact.denom().to_u64()).map(|(n, d)| Ratio::new(n, d));
    let factor = factor.ok_or_else(|| {
        let p = Problem::new("not a full-time factor").column("full_time_factor").value(&exact);
        Error::data(p.expected("1 or more posts per carer on duty"))
    })?;
    let staff = care::staff_required(&residents, &per_carer, factor)?;
    let table = Table::builder("护理人员需要量")
        .note("每个机构、每类对象分别向上取整；岗位数按全时系数折算")
        .int("facility", "机构", "", 1..=staff.len() as i64)
        .int("on_duty", "同时在岗", "人", staff.iter().map(|s| s.on_duty as i64))
        .int("posts", "岗位", "人", staff.iter().map(|s| s.posts as i64))
        .build()?;
    Ok(PyTable(table))
}

/// A fitted continuous-time chain between states of ability; see `minsuan.care.multistate`.
#[pyclass(frozen, name = "Multistate", module = "minsuan._core")]
#[derive(Debug)]
pub struct PyMultistate {
    inner: Multistate,
    states: Vec<String>,
}

#[pymethods]
impl PyMultistate {
    /// The states, in the order of the rows and columns of every matrix.
    #[getter]
    fn states(&self) -> Vec<String> {
        self.states.clone()
    }
    /// -2 log likelihood at the estimate.
    #[getter]
    fn minus_two_log_likelihood(&self) -> f64 {
        self.inner.minus_two_log_likelihood
    }
    /// Intervals between neighbouring assessments of a person.
    #[getter]
    fn intervals(&self) -> usize {
        self.inner.intervals
    }
    /// Moves a year with 95 % bounds: `from, to, intensity, low, high`.
    #[getter]
    fn intensities(&self) -> PyResult<PyTable> {
        let moves = &self.inner.chain.moves;
        let table = Table::builder("状态转移强度")
            .note("区间为95 %，由对数强度的标准误得出（Kalbfleisch & Lawless 1985）")
            .text("from", "由", moves.iter().map(|m| &self.states[m.0]))
            .text("to", "至", moves.iter().map(|m| &self.states[m.1]))
            .float("intensity", "强度", "次/人年", self.inner.intensity.iter().copied())
            .float("low", "下限", "次/人年", self.inner.lower.iter().copied())
            .float("high", "上限", "次/人年", self.inner.upper.iter().copied())
            .build()?;
        Ok(PyTable(table))
    }
    /// The generator: rows add to zero.
    #[getter]
    fn generator<'py>(&self, python: Python<'py>) -> Bound<'py, PyArray2<f64>> {
        self.inner.generator().into_pyarray(python)
    }
    /// Chances of each state (columns) after `years`, by state now (rows).
    fn probabilities<'py>(&self, python: Python<'py>, years: f64) -> PyResult<Bound<'py, PyArray2<f64>>> {
        Ok(self.inner.probabilities(years)?.into_pyarray(python))
    }
    /// Mean years in each state at a time; None where nothing leaves it.
    #[getter]
    fn mean_stay(&self) -> HashMap<String, Option<f64>> {
        self.states.iter().cloned().zip(self.inner.mean_stay()).collect()
    }
    fn __reduce__(&self) -> PyResult<()> {
        Err(pyo3::exceptions::PyTypeError::new_err(
            "a fitted Multistate can't be pickled; hand on its tables (.intensities, .generator, .probabilities(years)), \
             or the assessments, and fit again",
        ))
    }
    fn __repr__(&self) -> String {
        let (states, intervals) = (self.states.len(), self.inner.intervals);
        format!(
            "Multistate({states} states, {intervals} intervals, -2 log L {:.3})",
            self.inner.minus_two_log_likelihood
        )
    }
}

#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "the arguments of the public function")]
fn fit_multistate(
    python: Python<'_>,
    table: &Bound<'_, PyAny>,
    moves: Vec<(String, String)>,
    states: Option<Vec<String>>,
    death: Option<String>,
    person: &str,
    time: &str,
    state: &str,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<PyMultistate> {
    let input = table_like(table, None)?;
    let persons = input.table.texts_by_name(person)?;
    let times = input.table.numbers_by_name(time)?;
    let found = input.table.texts_by_name(state)?;
    let states = states.unwrap_or_else(|| {
        let mut names: Vec<String> = found.iter().flatten().cloned().collect();
        names.sort();
        names.dedup();
        names
    });
    let index = |name: &str| states.iter().position(|s| s == name);
    let mut problems = Vec::new();
    let mut known: HashMap<&str, u64> = HashMap::new();
    let mut observations = Vec::with_capacity(times.len());
    for (i, ((who, when), what)) in persons.iter().zip(&times).zip(&found).enumerate() {
        let (Some(who), Some(when), Some(what)) = (who, when, what) else {
            let p = input.problem(i, state, "person, time or state is missing");
            problems.push(p.expected("no empty cell"));
            continue;
        };
        let Some(at) = index(what) else {
            let p = input.problem(i, state, "unknown state").value(what);
            problems.push(p.expected(states.join(", ")));
            continue;
        };
        let next = known.len() as u64;
        let who = *known.entry(who).or_insert(next);
        observations.push(Observation { person: who, time: *when, state: at });
    }
    let mut named = |name: &str, argument: &str| {
        let at = index(name);
        if at.is_none() {
            let p = Problem::new("unknown state").column(argument).value(name);
            problems.push(p.expected(states.join(", ")));
        }
        at.unwrap_or(0)
    };
    let moves = moves.iter().map(|(from, to)| (named(from, "moves"), named(to, "moves"))).collect();
    let exact = death.map(|d| named(&d, "death"));
    if !problems.is_empty() {
        return Err(Error::Data(problems).into());
    }
    let chain = Chain { states: states.len(), moves, exact };
    let inner = worker::run(python, progress, |p| {
        care::fit_multistate(&observations, &chain, &|done, total| p.step(done, total))
    })?;
    Ok(PyMultistate { inner, states })
}

#[pyfunction]
fn check_matrices<'py>(
    python: Python<'py>,
    one: &Bound<'py, PyAny>,
    several: &Bound<'py, PyAny>,
    years: u32,
    unit: f64,
) -> PyResult<Bound<'py, PyDict>> {
    let (one, several) = (matrix("one", one)?, matrix("several", several)?);
    let found = care::check_matrices(&one.view(), &several.view(), years, unit)?;
    let out = PyDict::new(python);
    out.set_item("holds", found.holds())?;
    out.set_item("row_gap", found.row_gap)?;
    out.set_item("row_tolerance", found.row_tolerance)?;
    out.set_item("power_gap", found.power_gap)?;
    out.set_item("power_tolerance", found.power_tolerance)?;
    Ok(out)
}

/// Any array-like of two axes as floats.
pub(super) fn matrix(argument: &str, value: &Bound<'_, PyAny>) -> PyResult<Array2<f64>> {
    let fail = |value: String| {
        let p = Problem::new("not an array of numbers").column(argument).value(value);
        PyErr::from(Error::data(p.expected("rows of numbers, all of one length")))
    };
    let numpy = value.py().import("numpy")?;
    let floats = numpy.call_method1("asarray", (value, "float64"));
    let floats = floats.map_err(|_| fail(value.get_type().to_string()))?;
    match floats.extract::<PyReadonlyArray2<'_, f64>>() {
        Ok(a) => Ok(a.as_array().to_owned()),
        Err(_) => Err(fail(format!("shape {}", floats.getattr("shape")?))),
    }
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<PyMultistate>()?;
    m.add_function(wrap_pyfunction!(care_definitions, m)?)?;
    m.add_function(wrap_pyfunction!(care_prevalence, m)?)?;
    m.add_function(wrap_pyfunction!(care_need, m)?)?;
    m.add_function(wrap_pyfunction!(gbt_level, m)?)?;
    m.add_function(wrap_pyfunction!(mzt_adl_level, m)?)?;
    m.add_function(wrap_pyfunction!(tekun_level, m)?)?;
    m.add_function(wrap_pyfunction!(staff_required, m)?)?;
    m.add_function(wrap_pyfunction!(fit_multistate, m)?)?;
    m.add_function(wrap_pyfunction!(check_matrices, m)?)
}
