//! Binding of life tables, schedules by age, and graduation.

use ndarray::Array2;
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::arguments::{age_group, cut, flat, integer, number, one_of, pair, sex_of, year};
use crate::demography::life_table::{self, A0Rule, Given};
use crate::demography::standards::ABRIDGED;
use crate::demography::{fertility, graduation, kannisto, migration, models, mortality};
use crate::error::{Error, Problem};

/// Ages of groups as they are given: a number is a first age, a label says where its group ends.
fn groups(ages: &Bound<'_, PyAny>) -> PyResult<Vec<graduation::Group>> {
    let items = match ages.try_iter() {
        Ok(items) if !ages.is_instance_of::<PyString>() => items.collect::<PyResult<Vec<_>>>()?,
        _ => {
            let got = cut(&ages.repr()?.to_string());
            let problem = Problem::new("no age groups").column("ages").value(got);
            return Err(Error::data(problem.expected("a list of first ages or labels")).into());
        }
    };
    let mut problems = Vec::new();
    let mut read: Vec<(u32, Option<u32>, bool)> = Vec::with_capacity(items.len());
    for (i, item) in items.iter().enumerate() {
        let first =
            item.extract::<f64>().ok().filter(|a| a.fract() == 0.0 && (0.0..=f64::from(OLDEST)).contains(a));
        let text = item.str()?.to_string();
        match (first, age_group(&text)) {
            (Some(age), _) => read.push((age as u32, None, true)),
            (None, Some((from, to))) if from <= OLDEST && to.is_none_or(|to| to >= from) => {
                read.push((from, to, false));
            }
            _ => problems.push(
                Problem::new("no age group")
                    .row(i + 1)
                    .column("ages")
                    .value(cut(&text))
                    .expected("0, 1-4, 85+, 5岁及以上"),
            ),
        }
    }
    if !problems.is_empty() {
        return Err(Error::Data(problems).into());
    }
    let close = |(i, g): (usize, &(u32, Option<u32>, bool))| match (g.2, read.get(i + 1)) {
        // A first age alone: up to the next group's, which an age that does not rise leaves to be refused.
        (true, Some(next)) => (g.0, Some(next.0.saturating_sub(1).max(g.0))),
        (true, None) => (g.0, None),
        (false, _) => (g.0, g.1),
    };
    Ok(read.iter().enumerate().map(close).collect())
}

/// No table of this world goes further.
const OLDEST: u32 = 130;

/// First ages of groups of a table whose last one is open.
fn first_ages(ages: &Bound<'_, PyAny>) -> PyResult<Vec<u32>> {
    let groups = groups(ages)?;
    let single = groups.iter().all(|g| g.1 == Some(g.0));
    let mut problems = Vec::new();
    for (i, (from, to)) in groups.iter().enumerate() {
        let here = || Problem::new("").row(i + 1).column("ages");
        let says = |problem: Problem, message: &str| Problem { message: message.to_owned(), ..problem };
        match (to, groups.get(i + 1)) {
            // A label says where its group ends: a gap would be read as a wider group.
            (Some(to), Some(next)) if next.0 != to + 1 && from != to => problems.push(
                says(here(), "age groups leave a gap or overlap")
                    .row(i + 2)
                    .value(next.0)
                    .expected(format!("a group that starts at {}", to + 1)),
            ),
            (None, Some(_)) => {
                problems.push(says(here(), "an open group that is not last").value(format!("{from}+")))
            }
            // Labels of single years are the first ages of their rows, the last of them open.
            (Some(to), None) if !single && from != to => problems.push(
                says(here(), "the last age group is closed")
                    .value(format!("{from}-{to}"))
                    .expected("an open group, such as 100+"),
            ),
            _ => {}
        }
    }
    if problems.is_empty() {
        Ok(groups.iter().map(|g| g.0).collect())
    } else {
        Err(Error::Data(problems).into())
    }
}

/// A life table as a dict of arrays.
#[pyfunction]
fn _life_table<'py>(
    python: Python<'py>,
    mx: Option<&Bound<'py, PyAny>>,
    qx: Option<&Bound<'py, PyAny>>,
    sex: &str,
    ages: Option<&Bound<'py, PyAny>>,
    radix: &Bound<'py, PyAny>,
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
    let t = life_table::from_rates(&ages, given, sex_of(sex)?, rule, number("radix", radix)?)?;
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
    e0: &Bound<'py, PyAny>,
    sex: &str,
    method: &str,
    base: Option<&Bound<'py, PyAny>>,
    beta: Option<&Bound<'py, PyAny>>,
    k: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let (e0, sex) = (number("e0", e0)?, sex_of(sex)?);
    let mut problems = Vec::new();
    let (low, high) = mortality::E0_RANGE;
    if !(e0 >= low && e0 <= high) {
        problems.push(
            Problem::new("life expectancy out of range")
                .column("e0")
                .value(e0)
                .expected(format!("{low} to {high}")),
        );
    }
    let takes: [(&str, &[&str]); 4] =
        [("china", &[]), ("lee_carter", &["base"]), ("brass", &["base", "beta"]), ("log_quadratic", &["k"])];
    let by = one_of("method", method, &takes.map(|t| (t.0, t)))?;
    for (name, given) in [("base", base.is_some()), ("beta", beta.is_some()), ("k", k.is_some())] {
        if given && !by.1.contains(&name) {
            let with: Vec<&str> = takes.iter().filter(|t| t.1.contains(&name)).map(|t| t.0).collect();
            problems.push(
                Problem::new(format!("the method {method} does not take {name}"))
                    .column(name)
                    .expected(format!("nothing, or method {}", with.join(", "))),
            );
        }
    }
    let beta = beta.map_or(Ok(1.0), |b| number("beta", b))?;
    if !(beta > 0.0 && beta <= 5.0) {
        problems
            .push(Problem::new("no slope of logits").column("beta").value(beta).expected("above 0, up to 5"));
    }
    let k = k.map_or(Ok(0.0), |k| number("k", k))?;
    if !(-10.0..=10.0).contains(&k) {
        problems.push(
            Problem::new("out of range")
                .column("k")
                .value(k)
                .expected("-10 to 10; published ones lie in -2 to 2"),
        );
    }
    let base = base.map(|b| flat("base", b)).transpose()?;
    if let Some(b) = base.as_ref().filter(|_| by.1.contains(&"base")) {
        let ages = if method == "brass" { mortality::AGES } else { ABRIDGED.len() };
        if b.len() != ages {
            let groups = if method == "brass" { "single years 0 to 100+" } else { "0, 1-4, 5-9, …, 100+" };
            problems.push(
                Problem::new("another number of rates")
                    .column("base")
                    .value(b.len())
                    .expected(format!("{ages}: {groups}")),
            );
        }
        if let Some((x, m)) = b.iter().enumerate().find(|(_, m)| !(**m > 0.0 && m.is_finite())) {
            problems.push(
                Problem::new("no death rate").row(x + 1).column("base").value(m).expected("rates above 0"),
            );
        }
    }
    if !problems.is_empty() {
        return Err(Error::Data(problems).into());
    }
    let mx = match (method, base) {
        ("lee_carter", base) => {
            // Lee-Carter moves abridged rates; the default is China's table of 2015-2020.
            let abridged = base.map_or_else(|| mortality::china_abridged(sex, "2015-2020"), Ok)?;
            models::lee_carter_single(&abridged, &models::lee_carter_bx("cd_west")?, sex, e0)?
        }
        ("brass", Some(standard)) => models::brass_to_e0(&standard, beta, sex, e0)?,
        ("brass", None) => models::brass_to_e0(&mortality::china(sex)?.mx(78.0), beta, sex, e0)?,
        ("log_quadratic", _) => models::log_quadratic_single(sex, k, e0)?,
        _ => mortality::china(sex)?.mx(e0),
    };
    Ok(PyArray1::from_vec(python, mx))
}

/// Births per woman by age 0…100.
#[pyfunction]
fn _fertility<'py>(
    python: Python<'py>,
    tfr: &Bound<'py, PyAny>,
    in_year: Option<&Bound<'py, PyAny>>,
    shares: Option<&Bound<'py, PyAny>>,
    mean_age: Option<&Bound<'py, PyAny>>,
    sd: &Bound<'py, PyAny>,
    first_age: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let tfr = number("tfr", tfr)?;
    if !(0.0..=12.0).contains(&tfr) {
        return Err(Error::data(
            Problem::new("no total fertility").column("tfr").value(tfr).expected("0 to 12"),
        )
        .into());
    }
    let (first, last) = fertility::YEARS;
    let shares = match (year("year", in_year, first, last)?, shares, mean_age) {
        (Some(y), None, None) => fertility::china_shares(y)?,
        (None, Some(s), None) => {
            let shares = flat("shares", s)?;
            fertility::check_shares(&shares)?;
            fertility::shares_to_single(15, 5, &shares)?
        }
        (None, None, Some(m)) => fertility::gamma_shares(
            number("mean_age", m)?,
            number("sd", sd)?,
            number("first_age", first_age)?,
        )?,
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
    fit: &Bound<'py, PyAny>,
    extend_to: Option<&Bound<'py, PyAny>>,
    open: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let age = |name: &str, value: &Bound<'py, PyAny>, low: i64| -> PyResult<usize> {
        integer(name, value, low, i64::from(OLDEST)).map(|a| a as usize)
    };
    let (from, to) = pair("fit", fit, "a pair of ages, such as (80, 98)")?;
    let fit = (age("fit[0]", &from, 0)?, age("fit[1]", &to, 0)?);
    let open = age("open_age", open, 1)?;
    let mx = flat("mx", mx)?;
    let out = match extend_to {
        Some(to) => kannisto::extend(&mx, fit, fit.1 + 1, age("extend_to", to, 0)?)?,
        None => kannisto::close(&mx, fit, open)?,
    };
    Ok(PyArray1::from_vec(python, out))
}

/// Counts by group to single years.
#[pyfunction]
fn _graduate_counts<'py>(
    python: Python<'py>,
    ages: &Bound<'py, PyAny>,
    counts: &Bound<'py, PyAny>,
    max_age: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let max_age = integer("max_age", max_age, 1, i64::from(OLDEST))? as usize;
    let single = graduation::counts_to_single(&groups(ages)?, &flat("counts", counts)?, max_age)?;
    Ok(PyArray1::from_vec(python, single))
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
