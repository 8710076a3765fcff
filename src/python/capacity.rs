//! Binding of `capacity`: the parts that are useful without a case.

use num_rational::Ratio;
use num_traits::ToPrimitive;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::care::matrix;
use super::exact::exact_in;
use super::table::PyTable;
use super::worker;
use crate::capacity::{self, Objective};
use crate::error::{Error, Problem};
use crate::tables::Table;

#[pyfunction]
fn erlang_b(servers: u64, offered: f64) -> PyResult<f64> {
    Ok(capacity::erlang_b(servers, offered)?)
}

#[pyfunction]
fn erlang_c(servers: u64, offered: f64) -> PyResult<f64> {
    Ok(capacity::erlang_c(servers, offered)?)
}

#[pyfunction]
fn beds_for_blocking(target: f64, offered: f64) -> PyResult<u64> {
    Ok(capacity::beds_for_blocking(target, offered)?)
}

#[pyfunction]
fn beds_for_waiting(target: f64, offered: f64) -> PyResult<u64> {
    Ok(capacity::beds_for_waiting(target, offered)?)
}

#[pyfunction]
fn pooling<'py>(
    python: Python<'py>,
    sites: u64,
    servers: u64,
    offered: f64,
    target: f64,
) -> PyResult<Bound<'py, PyDict>> {
    let p = capacity::pooling(sites, servers, offered, target)?;
    let out = PyDict::new(python);
    out.set_item("blocked_apart", p.blocked_apart)?;
    out.set_item("blocked_pooled", p.blocked_pooled)?;
    out.set_item("needed_apart", p.needed_apart)?;
    out.set_item("needed_pooled", p.needed_pooled)?;
    Ok(out)
}

#[pyfunction]
fn coverage_required(share: &Bound<'_, PyAny>, base: i64) -> PyResult<i64> {
    let exact = exact_in("share", share)?;
    let share = exact.numer().to_i64().zip(exact.denom().to_i64()).map(|(n, d)| Ratio::new(n, d));
    let share = share.ok_or_else(|| {
        Error::data(
            Problem::new("not a share").column("share").value(&exact).expected("a share such as '90%'"),
        )
    })?;
    Ok(capacity::coverage_required(share, base)?)
}

#[pyfunction]
fn site(
    python: Python<'_>,
    distance: &Bound<'_, PyAny>,
    weight: Vec<f64>,
    choose: usize,
    objective: &str,
    radius: Option<f64>,
    keep: usize,
) -> PyResult<PyTable> {
    let distance = matrix("distance", distance)?;
    let objective = match (objective, radius) {
        ("mean_distance", None) => Objective::MeanDistance,
        ("largest_distance", None) => Objective::LargestDistance,
        ("covered", Some(radius)) if radius >= 0.0 => Objective::Covered(radius),
        _ => {
            let p = Problem::new("unknown objective, or a radius that does not go with it").value(objective);
            let expected = "mean_distance, largest_distance, or covered with a radius of 0 or more";
            return Err(Error::model(p.expected(expected)).into());
        }
    };
    let plans = worker::run(python, None, |p| {
        capacity::site_with(&distance.view(), &weight, choose, objective, keep, &|done, total| {
            p.step(done, total)
        })
    })?;
    let sites: Vec<Vec<String>> =
        plans.iter().map(|p| p.sites.iter().map(|s| (s + 1).to_string()).collect()).collect();
    let table = Table::builder("选址方案")
        .note("逐一比较全部方案；选址为候选点序号，自1起")
        .int("rank", "名次", "", 1..=plans.len() as i64)
        .text_list("sites", "选址", &sites)
        .float("value", "目标值", "", plans.iter().map(|p| p.value))
        .build()?;
    Ok(PyTable(table))
}

#[pyfunction]
fn reference_classes() -> PyResult<PyTable> {
    let all = capacity::reference_classes()?;
    let share = |name: &'static str, label: &'static str, pick: fn(&capacity::ReferenceClass) -> f64| {
        (name, label, all.iter().map(pick).collect::<Vec<_>>())
    };
    let mut table = Table::builder("工期与造价超出计划的参照类")
        .note(
            "来源：英国财政部绿皮书乐观偏差补充指南（Mott MacDonald 2002，表2）；占计划工期、计划投资的比重",
        )
        .text("class", "类别", all.iter().map(|c| &c.id))
        .text("label", "名称", all.iter().map(|c| &c.label));
    for (name, label, values) in [
        share("duration_low", "工期超出下限", |c| c.duration_low),
        share("duration_high", "工期超出上限", |c| c.duration_high),
        share("cost_low", "造价超出下限", |c| c.cost_low),
        share("cost_high", "造价超出上限", |c| c.cost_high),
    ] {
        table = table.float(name, label, "", values);
    }
    Ok(PyTable(table.build()?))
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(erlang_b, m)?)?;
    m.add_function(wrap_pyfunction!(erlang_c, m)?)?;
    m.add_function(wrap_pyfunction!(beds_for_blocking, m)?)?;
    m.add_function(wrap_pyfunction!(beds_for_waiting, m)?)?;
    m.add_function(wrap_pyfunction!(pooling, m)?)?;
    m.add_function(wrap_pyfunction!(coverage_required, m)?)?;
    m.add_function(wrap_pyfunction!(site, m)?)?;
    m.add_function(wrap_pyfunction!(reference_classes, m)?)
}
