//! Arguments of functions: arrays, age groups, and choices by name.

use numpy::{AllowTypeChange, PyArrayDyn, PyArrayLikeDyn, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::PyTypeInfo;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyBool;

use crate::demography::base::ages;
use crate::demography::life_table::Sex;
use crate::error::{Error, Problem};

/// Anything that numpy takes as an array of numbers; an array of float64 is not copied.
pub(super) type Array<'py> = PyArrayLikeDyn<'py, f64, AllowTypeChange>;

/// The array of an argument, or a DataError that says which argument has no numbers.
pub(super) fn array<'py>(name: &str, value: &Bound<'py, PyAny>) -> PyResult<Array<'py>> {
    plain_numbers(name, value)?;
    value.extract::<Array<'py>>().map_err(|_| {
        let kind = value.get_type().name().map_or_else(|_| String::new(), |n| n.to_string());
        Error::data(
            Problem::new("not an array of numbers")
                .column(name)
                .value(kind)
                .expected("a numpy array or nested lists of equal length"),
        )
        .into()
    })
}

/// Refuses what numpy would turn into numbers that were not meant: dates, complex numbers, masked cells.
pub(super) fn plain_numbers(name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let wrong = |message: &str, got: String, expected: &str| {
        Err(Error::data(Problem::new(message).column(name).value(got).expected(expected)).into())
    };
    // Almost always it is an array of floats, which is plain; asking it would cost more than reading it.
    let plain = value.get_type().is(PyUntypedArray::type_object(value.py()));
    if plain && value.cast::<PyArrayDyn<f64>>().is_ok() {
        return Ok(());
    }
    // Lists and numbers have no type of their cells; they are read one by one.
    let Ok(cells) = value.getattr(intern!(value.py(), "dtype")) else { return Ok(()) };
    let kind =
        cells.getattr(intern!(value.py(), "kind")).and_then(|k| k.extract::<String>()).unwrap_or_default();
    if matches!(kind.as_str(), "c" | "m" | "M") {
        return wrong("not an array of numbers", cells.to_string(), "real numbers");
    }
    if value.hasattr(intern!(value.py(), "filled"))? && value.hasattr(intern!(value.py(), "mask"))? {
        let got = value.get_type().name()?.to_string();
        return wrong("a masked array", got, "a plain array: what is masked filled, or left out");
    }
    Ok(())
}

/// One real number.
pub(super) fn number(name: &str, value: &Bound<'_, PyAny>) -> PyResult<f64> {
    let found = if value.is_instance_of::<PyBool>() { None } else { value.extract::<f64>().ok() };
    found.ok_or_else(|| {
        let got = value.repr().map_or_else(|_| "?".to_owned(), |r| cut(&r.to_string()));
        Error::data(Problem::new("not a number").column(name).value(got).expected("one number")).into()
    })
}

/// One whole number within bounds.
pub(super) fn integer(name: &str, value: &Bound<'_, PyAny>, low: i64, high: i64) -> PyResult<i64> {
    let found = if value.is_instance_of::<PyBool>() { None } else { value.extract::<i64>().ok() };
    found.filter(|n| (low..=high).contains(n)).ok_or_else(|| {
        let got = value.repr().map_or_else(|_| "?".to_owned(), |r| cut(&r.to_string()));
        Error::data(
            Problem::new("not a whole number in range")
                .column(name)
                .value(got)
                .expected(format!("a whole number from {low} to {high}")),
        )
        .into()
    })
}

/// A calendar year, or nothing.
pub(super) fn year(
    name: &str,
    value: Option<&Bound<'_, PyAny>>,
    low: i32,
    high: i32,
) -> PyResult<Option<i32>> {
    let found = value.map(|v| integer(name, v, i64::from(low), i64::from(high))).transpose()?;
    Ok(found.and_then(|y| i32::try_from(y).ok()))
}

/// Two things in one argument.
pub(super) fn pair<'py>(
    name: &str,
    value: &Bound<'py, PyAny>,
    expected: &str,
) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    value.extract().map_err(|_| {
        let got = value.repr().map_or_else(|_| "?".to_owned(), |r| cut(&r.to_string()));
        Error::data(Problem::new("not a pair").column(name).value(got).expected(expected)).into()
    })
}

/// The years of two censuses.
pub(super) fn two_years(value: &Bound<'_, PyAny>) -> PyResult<(i32, i32)> {
    let (a, b) = pair("years", value, "two years, such as (2010, 2020)")?;
    Ok((integer("years[0]", &a, 1, 9999)? as i32, integer("years[1]", &b, 1, 9999)? as i32))
}

/// The beginning of what was given, for messages.
pub(super) fn cut(text: &str) -> String {
    let short: String = text.chars().take(60).collect();
    if short.len() < text.len() { short + "…" } else { short }
}

/// What stands for a word, or an error that lists the words.
pub(super) fn one_of<T: Copy>(name: &str, value: &str, known: &[(&str, T)]) -> PyResult<T> {
    known.iter().find(|k| k.0 == value).map(|k| k.1).ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(|k| k.0).collect();
        Error::data(
            Problem::new("no such choice")
                .column(name)
                .value(value)
                .expected(format!("one of {}", names.join(", "))),
        )
        .into()
    })
}

/// Sex by name.
pub(super) fn sex_of(name: &str) -> PyResult<Sex> {
    one_of("sex", name, &[("female", Sex::Female), ("male", Sex::Male)])
}

/// A whole number from 0 on, or a DataError that names the argument.
pub(super) fn count(name: &str, value: &Bound<'_, PyAny>) -> PyResult<u64> {
    let truth = value.is_instance_of::<pyo3::types::PyBool>();
    value.extract::<u64>().ok().filter(|_| !truth).ok_or_else(|| {
        let shown = value.repr().map_or_else(|_| String::new(), |r| r.to_string());
        let problem = Problem::new("not a whole number from 0 on").column(name).value(shown);
        Error::data(problem.expected("a whole number from 0 on")).into()
    })
}

/// One-dimensional numbers of an argument.
pub(super) fn flat(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Vec<f64>> {
    let a = array(name, value)?;
    if a.ndim() != 1 {
        return Err(Error::data(
            Problem::new("wrong shape")
                .column(name)
                .value(format!("{:?}", a.shape()))
                .expected("one dimension"),
        )
        .into());
    }
    Ok(a.as_array().iter().copied().collect())
}

/// A label such as `0`, `1-4`, `85+`, `5岁及以上` as (from, to); single ages end where they start.
pub(super) fn age_group(label: &str) -> Option<(u32, Option<u32>)> {
    let (from, to) = ages::read(label)?;
    Some((u32::try_from(from).ok()?, to.map(u32::try_from).transpose().ok()?))
}
