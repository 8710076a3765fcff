//! What a projection with draws is given: base, paths and spread, local counts.

use ndarray::{Array2, ArrayD, Axis, Ix2};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMapping, PyString};

use super::arguments::{array, cut, flat, integer, number, one_of};
use crate::demography::ensemble::{self, Paths, Spread};
use crate::demography::local::KnownEvents;
use crate::error::{Error, Problem};

/// A path by year: one number for all years, or one a year; the default where it is None.
fn path(
    name: &str,
    value: Option<&Bound<'_, PyAny>>,
    years: usize,
    default: Vec<f64>,
    problems: &mut Vec<Problem>,
) -> PyResult<Vec<f64>> {
    let Some(value) = value else { return Ok(default) };
    if !value.is_instance_of::<PyString>() && value.extract::<f64>().is_ok() {
        return Ok(vec![number(name, value)?; years]);
    }
    let values = flat(name, value)?;
    if values.len() != years {
        problems.push(
            Problem::new("wrong number of years")
                .column(name)
                .value(values.len())
                .expected(format!("one number, or {years}, one a year")),
        );
    }
    Ok(values)
}

/// Item of a dict of settings.
fn item<'py>(settings: Option<&Bound<'py, PyDict>>, name: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
    Ok(settings.map(|s| s.get_item(name)).transpose()?.flatten().filter(|v| !v.is_none()))
}

fn known_keys(name: &str, settings: Option<&Bound<'_, PyDict>>, known: &[&str], problems: &mut Vec<Problem>) {
    for key in settings.iter().flat_map(|s| s.keys()) {
        let key = key.to_string();
        if !known.contains(&key.as_str()) {
            problems.push(
                Problem::new("no such setting")
                    .column(name)
                    .value(key)
                    .expected(format!("one of {}", known.join(", "))),
            );
        }
    }
}

/// Paths and spread of a run from what the user gave over the standard.
pub(super) fn levels(
    standard: &str,
    start: i32,
    years: usize,
    paths: Option<&Bound<'_, PyDict>>,
    spread: Option<&Bound<'_, PyDict>>,
) -> PyResult<(Paths, Spread)> {
    one_of("standard", standard, &[("china", ())])?;
    let (p, s) = ensemble::china_paths(start, years)?;
    let mut problems = Vec::new();
    known_keys("paths", paths, &["e0_female", "e0_male", "tfr", "srb", "net_migration_rate"], &mut problems);
    let names = ["e0_female", "e0_male", "correlation_e0", "tfr", "net_migration_rate", "small_number_noise"];
    known_keys("spread", spread, &names, &mut problems);
    let mut one =
        |settings: Option<&Bound<'_, PyDict>>, name: &str, default: Vec<f64>| -> PyResult<Vec<f64>> {
            path(name, item(settings, name)?.as_ref(), years, default, &mut problems)
        };
    let p = Paths {
        e0_female: one(paths, "e0_female", p.e0_female)?,
        e0_male: one(paths, "e0_male", p.e0_male)?,
        tfr: one(paths, "tfr", p.tfr)?,
        srb: one(paths, "srb", p.srb)?,
        net_migration_rate: one(paths, "net_migration_rate", p.net_migration_rate)?,
    };
    let s = Spread {
        sd_e0_female: one(spread, "e0_female", s.sd_e0_female)?,
        sd_e0_male: one(spread, "e0_male", s.sd_e0_male)?,
        sd_tfr: one(spread, "tfr", s.sd_tfr)?,
        sd_migration: one(spread, "net_migration_rate", s.sd_migration)?,
        correlation_e0: item(spread, "correlation_e0")?
            .map_or(Ok(s.correlation_e0), |v| number("correlation_e0", &v))?,
        small_number_noise: match item(spread, "small_number_noise")? {
            None => None,
            Some(v) => match v.extract() {
                Ok(on) => Some(on),
                Err(_) => {
                    let problem = Problem::new("neither on nor off").column("small_number_noise");
                    let problem = problem.value(cut(&v.repr()?.to_string()));
                    return Err(Error::data(problem.expected("True, False, or None")).into());
                }
            },
        },
    };
    if problems.is_empty() { Ok((p, s)) } else { Err(Error::Data(problems).into()) }
}

/// A base population: (2, A) or draws (n, 2, A); the mean of the draws is the central one.
pub(super) fn base_of(
    population: &Bound<'_, PyAny>,
    draws: Option<&Bound<'_, PyAny>>,
) -> PyResult<(Array2<f64>, Option<ArrayD<f64>>)> {
    let wrong = |got: &[usize]| {
        Error::data(
            Problem::new("wrong shape")
                .column("base")
                .value(format!("{got:?}"))
                .expected("(2, 101) or (draws, 2, 101): female and male, single ages 0 to 100+"),
        )
    };
    let p = array("base", population)?;
    let p = p.as_array();
    let mut owned = draws.map(|d| array("base.draws", d).map(|d| d.as_array().to_owned())).transpose()?;
    let plain = if p.ndim() == 3 && owned.is_none() {
        owned = Some(p.to_owned());
        p.mean_axis(Axis(0)).ok_or_else(|| wrong(p.shape()))?
    } else {
        p.to_owned()
    };
    let shape = plain.shape().to_vec();
    let plain = plain.into_dimensionality::<Ix2>().map_err(|_| wrong(&shape))?;
    if let Some(d) = &owned
        && d.ndim() != 3
    {
        return Err(wrong(d.shape()).into());
    }
    Ok((plain, owned))
}

/// Local births and deaths: a list of dicts with year, births and deaths; all that is wrong is told.
pub(super) fn known_events(known: &Bound<'_, PyAny>) -> PyResult<Vec<KnownEvents>> {
    const KEYS: [&str; 3] = ["year", "births", "deaths"];
    const EXPECTED: &str = "a list of records such as {\"year\": 2023, \"births\": 2177, \"deaths\": 2002}";
    let shape = |got: &Bound<'_, PyAny>| -> PyResult<Problem> {
        let got = cut(&got.repr()?.to_string());
        Ok(Problem::new("no records of local counts").column("known").value(got).expected(EXPECTED))
    };
    let one = known.cast::<PyMapping>().is_ok() || known.is_instance_of::<PyString>();
    let records = match known.try_iter() {
        Ok(records) if !one => records.collect::<PyResult<Vec<_>>>()?,
        _ => return Err(Error::data(shape(known)?).into()),
    };
    let (mut problems, mut events) = (Vec::new(), Vec::with_capacity(records.len()));
    for (i, record) in records.iter().enumerate() {
        let Ok(record) = record.cast::<PyMapping>() else {
            problems.push(shape(record)?.row(i + 1));
            continue;
        };
        for key in record.keys()? {
            let key = key.str()?.to_string();
            if !KEYS.contains(&key.as_str()) {
                problems.push(
                    Problem::new("no such key")
                        .row(i + 1)
                        .column("known")
                        .value(cut(&key))
                        .expected(format!("one of {}", KEYS.join(", "))),
                );
            }
        }
        let get = |key: &str| record.get_item(key).ok().filter(|v| !v.is_none());
        let Some(year) = get("year") else {
            problems.push(Problem::new("no year").row(i + 1).column("known").expected(EXPECTED));
            continue;
        };
        let count = |key: &str| get(key).map(|v| number(&format!("known.{key}"), &v)).transpose();
        let year = integer("known.year", &year, 1, 9999)? as i32;
        events.push(KnownEvents { year, births: count("births")?, deaths: count("deaths")? });
    }
    if problems.is_empty() { Ok(events) } else { Err(Error::Data(problems).into()) }
}
