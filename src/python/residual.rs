//! Binding of `demography::residual`.

use ndarray::{ArrayViewD, Ix1, Ix2};
use numpy::{AllowTypeChange, IntoPyArray, PyArray2, PyArrayLikeDyn};
use pyo3::prelude::*;

use crate::demography::project::Timing;
use crate::demography::residual::{Mothers, ResidualSpec, residual_migration};
use crate::error::{Error, Problem};

type Array<'py> = PyArrayLikeDyn<'py, f64, AllowTypeChange>;

/// An array of so many dimensions, or a DataError that names the argument.
fn array<'py>(name: &str, value: &Bound<'py, PyAny>, dims: usize) -> PyResult<Array<'py>> {
    let wrong = |value: String, expected: &str| -> PyErr {
        Error::data(Problem::new("not an array of that shape").column(name).value(value).expected(expected))
            .into()
    };
    let expected = if dims == 2 { "(2, A): sex (female, male), then age groups" } else { "(A,): age groups" };
    let a = value.extract::<Array<'py>>().map_err(|_| {
        wrong(value.get_type().name().map_or_else(|_| String::new(), |n| n.to_string()), expected)
    })?;
    let shape = a.as_array().shape().to_vec();
    if shape.len() == dims { Ok(a) } else { Err(wrong(format!("{shape:?}"), expected)) }
}

fn choice<T: Copy>(name: &str, value: &str, known: [(&str, T); 2]) -> PyResult<T> {
    known.iter().find(|k| k.0 == value).map(|k| k.1).ok_or_else(|| {
        Error::data(
            Problem::new("no such choice")
                .column(name)
                .value(value)
                .expected(format!("{} or {}", known[0].0, known[1].0)),
        )
        .into()
    })
}

/// Two dimensions that `array` has checked.
fn two<'a>(view: ArrayViewD<'a, f64>) -> PyResult<ndarray::ArrayView2<'a, f64>> {
    view.into_dimensionality::<Ix2>().map_err(|e| Error::data(Problem::new(e.to_string())).into())
}

#[pyfunction]
#[allow(clippy::too_many_arguments)]
fn _residual_migration<'py>(
    python: Python<'py>,
    before: &Bound<'py, PyAny>,
    after: &Bound<'py, PyAny>,
    survival: &Bound<'py, PyAny>,
    fertility: &Bound<'py, PyAny>,
    srb: f64,
    migration_timing: &str,
    width: u32,
    mothers: &str,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let timing =
        choice("migration_timing", migration_timing, [("end", Timing::End), ("even", Timing::Even)])?;
    let mothers = choice("mothers", mothers, [("stocks", Mothers::Stocks), ("engine", Mothers::Engine)])?;
    let (before, after) = (array("before", before, 2)?, array("after", after, 2)?);
    let (survival, fertility) = (array("survival", survival, 2)?, array("fertility", fertility, 1)?);
    let found = residual_migration(&ResidualSpec {
        before: two(before.as_array())?,
        after: two(after.as_array())?,
        survival: two(survival.as_array())?,
        fertility: fertility
            .as_array()
            .into_dimensionality::<Ix1>()
            .map_err(|e| Error::data(Problem::new(e.to_string())))?,
        srb,
        timing,
        width,
        mothers,
    })?;
    Ok(found.into_pyarray(python))
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(_residual_migration, m)?)
}
