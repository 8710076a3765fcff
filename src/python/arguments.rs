//! Arguments of functions: arrays, age groups, and choices by name.

use numpy::{AllowTypeChange, PyArrayLikeDyn, PyUntypedArrayMethods};
use pyo3::prelude::*;

use crate::demography::life_table::Sex;
use crate::error::{Error, Problem};

/// Anything that numpy takes as an array of numbers; an array of float64 is not copied.
pub(super) type Array<'py> = PyArrayLikeDyn<'py, f64, AllowTypeChange>;

/// The array of an argument, or a DataError that says which argument has no numbers.
pub(super) fn array<'py>(name: &str, value: &Bound<'py, PyAny>) -> PyResult<Array<'py>> {
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

/// `0`, `1-4`, `85+` as (from, to); single ages end where they start.
pub(super) fn age_group(label: &str) -> Option<(u32, Option<u32>)> {
    if let Some(from) = label.strip_suffix('+') {
        return Some((from.parse().ok()?, None));
    }
    let (from, to) = label.split_once('-').unwrap_or((label, label));
    Some((from.parse().ok()?, Some(to.parse().ok()?)))
}
