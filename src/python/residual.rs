//! Binding of `demography::residual`.

use ndarray::{ArrayViewD, Ix1, Ix2};
use numpy::{IntoPyArray, PyArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;

use super::arguments::{Array, array, integer, number, one_of};
use crate::demography::project::Timing;
use crate::demography::residual::{Mothers, ResidualSpec, residual_migration};
use crate::error::{Error, Problem};

/// An array of so many dimensions, or a DataError that names the argument.
fn shaped<'py>(name: &str, value: &Bound<'py, PyAny>, dims: usize) -> PyResult<Array<'py>> {
    let a = array(name, value)?;
    if a.ndim() == dims {
        return Ok(a);
    }
    let expected = if dims == 2 { "(2, A): sex (female, male), then age groups" } else { "(A,): age groups" };
    let problem = Problem::new("wrong shape").column(name).value(format!("{:?}", a.shape()));
    Err(Error::data(problem.expected(expected)).into())
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
    srb: &Bound<'py, PyAny>,
    migration_timing: &str,
    width: &Bound<'py, PyAny>,
    mothers: &str,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let timing =
        one_of("migration_timing", migration_timing, &[("end", Timing::End), ("even", Timing::Even)])?;
    let width = integer("width", width, 0, 50)? as u32;
    let mothers = one_of("mothers", mothers, &[("stocks", Mothers::Stocks), ("engine", Mothers::Engine)])?;
    let (before, after) = (shaped("before", before, 2)?, shaped("after", after, 2)?);
    let (survival, fertility) = (shaped("survival", survival, 2)?, shaped("fertility", fertility, 1)?);
    let found = residual_migration(&ResidualSpec {
        before: two(before.as_array())?,
        after: two(after.as_array())?,
        survival: two(survival.as_array())?,
        fertility: fertility
            .as_array()
            .into_dimensionality::<Ix1>()
            .map_err(|e| Error::data(Problem::new(e.to_string())))?,
        srb: number("srb", srb)?,
        timing,
        width,
        mothers,
    })?;
    Ok(found.into_pyarray(python))
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(_residual_migration, m)?)
}
