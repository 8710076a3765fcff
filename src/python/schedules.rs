//! Binding of life tables, schedules by age, and graduation.

use ndarray::Array2;
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::arguments::{age_group, flat, one_of, sex_of};
use crate::demography::life_table::{self, A0Rule, Given};
use crate::demography::standards::ABRIDGED;
use crate::demography::{fertility, graduation, kannisto, migration, models, mortality};
use crate::error::{Error, Problem};

/// First ages of groups: numbers, or labels such as `0`, `1-4`, `85+` (an open one must be last).
fn first_ages(ages: &Bound<'_, PyAny>) -> PyResult<Vec<u32>> {
    let mut problems = Vec::new();
    let mut out = Vec::new();
    let items: Vec<Bound<'_, PyAny>> = ages.try_iter()?.collect::<PyResult<_>>()?;
    for (i, item) in items.iter().enumerate() {
        let text = item.str()?.to_string();
        let open = text.ends_with('+');
        let first = text.split(['-', '+']).next().unwrap_or_default().trim_end_matches(".0").to_owned();
        match first.parse::<u32>() {
            Ok(age) => out.push(age),
            Err(_) => problems
                .push(Problem::new("no age").row(i + 1).column("ages").value(&text).expected("0, 1-4, 85+")),
        }
        // A label says where its group ends: a gap would be read as a wider group.
        let end = text.split_once('-').map(|(_, end)| end.trim());
        let next = items.get(i + 1).map(|n| n.str()).transpose()?.map(|n| n.to_string());
        let next = next.as_deref().map(|n| n.split(['-', '+']).next().unwrap_or_default().trim());
        match (end.map(str::parse::<u32>), next.map(str::parse::<u32>)) {
            (Some(Ok(end)), Some(Ok(next))) if next != end + 1 => problems.push(
                Problem::new("age groups leave a gap or overlap")
                    .row(i + 2)
                    .column("ages")
                    .value(next)
                    .expected(format!("a group that starts at {}", end + 1)),
            ),
            (Some(_), None) => problems.push(
                Problem::new("the last age group is closed")
                    .row(i + 1)
                    .column("ages")
                    .value(&text)
                    .expected("an open group, such as 100+"),
            ),
            _ => {}
        }
        if open && i + 1 < items.len() {
            problems
                .push(Problem::new("an open group that is not last").row(i + 1).column("ages").value(&text));
        }
    }
    if problems.is_empty() { Ok(out) } else { Err(Error::Data(problems).into()) }
}

/// A life table as a dict of arrays.
#[pyfunction]
fn _life_table<'py>(
    python: Python<'py>,
    mx: Option<&Bound<'py, PyAny>>,
    qx: Option<&Bound<'py, PyAny>>,
    sex: &str,
    ages: Option<&Bound<'py, PyAny>>,
    radix: f64,
    a0: &str,
) -> PyResult<Bound<'py, PyDict>> {
    let (name, rates) = match (mx, qx) {
        (Some(m), None) => ("mx", m),
        (None, Some(q)) => ("qx", q),
        _ => {
            return Err(
                Error::data(Problem::new("one of mx and qx is needed, and only one").column("mx")).into()
            );
        }
    };
    let values: Vec<f64> = flat(name, rates)?;
    let ages = match ages {
        Some(a) => first_ages(a)?,
        None => (0..values.len() as u32).collect(),
    };
    let rule = one_of(
        "a0",
        a0,
        &[
            ("andreev_kingkade", A0Rule::AndreevKingkade),
            ("coale_demeny", A0Rule::CoaleDemeny),
            ("half", A0Rule::Half),
        ],
    )?;
    let given = if name == "mx" { Given::Mx(&values) } else { Given::Qx(&values) };
    let t = life_table::from_rates(&ages, given, sex_of(sex)?, rule, radix)?;
    let out = PyDict::new(python);
    out.set_item("e0", t.e0())?;
    out.set_item("survival", t.survival().map(|s| PyArray1::from_vec(python, s)))?;
    let ages: Vec<i64> = t.ages.iter().map(|a| i64::from(*a)).collect();
    out.set_item("ages", PyArray1::from_vec(python, ages))?;
    for (name, column) in [
        ("mx", t.mx),
        ("qx", t.qx),
        ("ax", t.ax),
        ("lx", t.lx),
        ("dx", t.dx),
        ("Lx", t.person_years),
        ("Tx", t.tx),
        ("ex", t.ex),
    ] {
        out.set_item(name, PyArray1::from_vec(python, column))?;
    }
    Ok(out)
}

/// m(x) in single years 0…100+ with a life expectancy, by a method.
#[pyfunction]
fn _mortality<'py>(
    python: Python<'py>,
    e0: f64,
    sex: &str,
    method: &str,
    base: Option<&Bound<'py, PyAny>>,
    beta: f64,
    k: f64,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let sex = sex_of(sex)?;
    let (low, high) = mortality::E0_RANGE;
    if !(e0 >= low && e0 <= high) {
        return Err(Error::data(
            Problem::new("life expectancy out of range")
                .column("e0")
                .value(e0)
                .expected(format!("{low} to {high}")),
        )
        .into());
    }
    let methods = [("china", 0), ("lee_carter", 1), ("brass", 2), ("log_quadratic", 3)];
    let base = base.map(|b| flat("base", b)).transpose()?;
    let standard = |e0: f64| -> crate::error::Result<Vec<f64>> {
        match &base {
            Some(b) => Ok(b.clone()),
            None => Ok(mortality::china(sex)?.mx(e0)),
        }
    };
    let mx = match one_of("method", method, &methods)? {
        0 => mortality::china(sex)?.mx(e0),
        1 => {
            // Lee-Carter moves abridged rates; the default is China's table of 2015-2020.
            let abridged = match &base {
                Some(b) => b.clone(),
                None => mortality::china_abridged(sex, "2015-2020")?,
            };
            models::lee_carter_single(&abridged, &models::lee_carter_bx("cd_west")?, sex, e0)?
        }
        2 => models::brass_to_e0(&standard(78.0)?, beta, sex, e0)?,
        _ => models::log_quadratic_single(sex, k, e0)?,
    };
    Ok(PyArray1::from_vec(python, mx))
}

/// Births per woman by age 0…100.
#[pyfunction]
fn _fertility<'py>(
    python: Python<'py>,
    tfr: f64,
    year: Option<i32>,
    shares: Option<&Bound<'py, PyAny>>,
    mean_age: Option<f64>,
    sd: f64,
    first_age: f64,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    if !(0.0..=12.0).contains(&tfr) {
        return Err(Error::data(
            Problem::new("no total fertility").column("tfr").value(tfr).expected("0 to 12"),
        )
        .into());
    }
    let shares = match (year, shares, mean_age) {
        (Some(y), None, None) => fertility::china_shares(y)?,
        (None, Some(s), None) => fertility::shares_to_single(15, 5, &flat("shares", s)?)?,
        (None, None, Some(m)) => fertility::gamma_shares(m, sd, first_age)?,
        _ => {
            return Err(Error::data(
                Problem::new("one of year, shares and mean_age is needed, and only one").column("fertility"),
            )
            .into());
        }
    };
    Ok(PyArray1::from_vec(python, shares.iter().map(|s| s * tfr).collect()))
}

/// Movers by sex and age, (2, 101), sum 1.
#[pyfunction]
fn _migration<'py>(
    python: Python<'py>,
    family: &str,
    direction: &str,
    table: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let family = migration::Family::parse(family)?;
    let direction = one_of(
        "direction",
        direction,
        &[("in", migration::Direction::In), ("out", migration::Direction::Out)],
    )?;
    let both = if table {
        migration::family_table(family, direction)?
    } else {
        migration::profile(family, direction)?
    };
    let shape = Array2::from_shape_vec((2, 101), both)
        .map_err(|e| Error::model(Problem::new(format!("inner shape: {e}"))))?;
    Ok(shape.into_pyarray(python).into_any())
}

/// Single-year rates closed at `open`+ by the Kannisto model.
#[pyfunction]
fn _kannisto<'py>(
    python: Python<'py>,
    mx: &Bound<'py, PyAny>,
    fit: (usize, usize),
    extend_to: Option<usize>,
    open: usize,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let mx = flat("mx", mx)?;
    let out = match extend_to {
        Some(to) => kannisto::extend(&mx, fit, fit.1 + 1, to)?,
        None => kannisto::close(&mx, fit, open)?,
    };
    Ok(PyArray1::from_vec(python, out))
}

/// Counts by group to single years.
#[pyfunction]
fn _graduate_counts<'py>(
    python: Python<'py>,
    ages: Vec<String>,
    counts: &Bound<'py, PyAny>,
    max_age: usize,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let mut problems = Vec::new();
    let groups: Vec<graduation::Group> = ages
        .iter()
        .enumerate()
        .filter_map(|(i, label)| {
            let group = age_group(label.trim());
            if group.is_none() {
                problems.push(
                    Problem::new("no age group")
                        .row(i + 1)
                        .column("ages")
                        .value(label)
                        .expected("0, 1-4, 85+"),
                );
            }
            group
        })
        .collect();
    if !problems.is_empty() {
        return Err(Error::Data(problems).into());
    }
    Ok(PyArray1::from_vec(python, graduation::counts_to_single(&groups, &flat("counts", counts)?, max_age)?))
}

/// Abridged m(x) to single years.
#[pyfunction]
fn _graduate_mx<'py>(
    python: Python<'py>,
    mx: &Bound<'py, PyAny>,
    sex: &str,
    ages: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let ages = ages.map_or_else(|| Ok(ABRIDGED.to_vec()), first_ages)?;
    Ok(PyArray1::from_vec(python, graduation::mx_to_single(&ages, &flat("mx", mx)?, sex_of(sex)?)?))
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(_life_table, m)?)?;
    m.add_function(wrap_pyfunction!(_mortality, m)?)?;
    m.add_function(wrap_pyfunction!(_fertility, m)?)?;
    m.add_function(wrap_pyfunction!(_migration, m)?)?;
    m.add_function(wrap_pyfunction!(_kannisto, m)?)?;
    m.add_function(wrap_pyfunction!(_graduate_counts, m)?)?;
    m.add_function(wrap_pyfunction!(_graduate_mx, m)?)
}
