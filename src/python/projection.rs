//! Arrays through the projection.

use numpy::{PyArray1, PyArrayMethods, PyUntypedArrayMethods};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyModule, PySlice, PyTuple};

use super::arguments::{array, integer, one_of};
use crate::demography::project::{self, Clamp, Inputs, Room, Timing};

/// Population, births, deaths, births by age of mother, and the cells that a clamp touched.
type Arrays<'py> = (
    Bound<'py, PyAny>,
    Bound<'py, PyAny>,
    Bound<'py, PyAny>,
    Option<Bound<'py, PyAny>>,
    Vec<(usize, usize, usize, usize, f64)>,
);

#[pyfunction]
#[pyo3(signature = (population, survival, fertility, srb, migration, migration_timing, width, emigration, births_by_age, clamp))]
#[allow(clippy::too_many_arguments)]
fn _project<'py>(
    python: Python<'py>,
    population: &Bound<'py, PyAny>,
    survival: &Bound<'py, PyAny>,
    fertility: &Bound<'py, PyAny>,
    srb: &Bound<'py, PyAny>,
    migration: Option<&Bound<'py, PyAny>>,
    migration_timing: &str,
    width: &Bound<'py, PyAny>,
    emigration: Option<&Bound<'py, PyAny>>,
    births_by_age: bool,
    clamp: Option<&str>,
) -> PyResult<Arrays<'py>> {
    let timing =
        one_of("migration_timing", migration_timing, &[("end", Timing::End), ("even", Timing::Even)])?;
    let width = integer("width", width, 0, 50)? as u32;
    let clamp = match clamp {
        None => Clamp::Refuse,
        Some(name) => one_of("clamp", name, &[("un", Clamp::Un)])?,
    };
    let (population_in, survival) = (array("population", population)?, array("survival", survival)?);
    let (fertility, srb) = (array("fertility", fertility)?, array("srb", srb)?);
    let migration = migration.map(|m| array("migration", m)).transpose()?;
    let emigration = emigration.map(|m| array("emigration", m)).transpose()?;
    let inputs = Inputs {
        population: population_in.as_array(),
        survival: survival.as_array(),
        fertility: fertility.as_array(),
        srb: srb.as_array(),
        migration: migration.as_ref().map(|m| m.as_array()),
        emigration: emigration.as_ref().map(|m| m.as_array()),
        timing,
        width,
        clamp,
        births_by_age,
        deaths: true,
    };
    // One stretch of memory for all results: the allocator gives three of some size back to the system each
    // time and fetches them anew, which takes longer than a projection.
    let shape = project::shape(&inputs)?;
    let none = || vec![0];
    let shapes = [
        shape.population(),
        shape.births(),
        shape.deaths(),
        if births_by_age { shape.births_by_age() } else { none() },
    ];
    let lengths = shapes.each_ref().map(|dims| dims.iter().product::<usize>());
    let all = python
        .import("numpy")?
        .getattr(intern!(python, "empty"))?
        .call1((lengths.iter().sum::<usize>(),))?
        .cast_into::<PyArray1<f64>>()?;
    let touched = {
        let mut writable = all.readwrite();
        let (population, rest) = writable.as_slice_mut()?.split_at_mut(lengths[0]);
        let (births, rest) = rest.split_at_mut(lengths[1]);
        let (deaths, by_age) = rest.split_at_mut(lengths[2]);
        let room = Room { population, births, deaths, births_by_age: by_age };
        // Short runs cost less than a thread; long ones run beside Python.
        let draws = [population_in.ndim() > 2, survival.ndim() > 3, fertility.ndim() > 2, srb.ndim() > 1];
        if draws.contains(&true) || migration.as_ref().is_some_and(|m| m.ndim() > 3) {
            python.detach(|| project::project_into(&inputs, &shape, room))?
        } else {
            project::project_into(&inputs, &shape, room)?
        }
    };
    let part = |i: usize| -> PyResult<Bound<'py, PyAny>> {
        let from: usize = lengths[..i].iter().sum();
        let flat = all.get_item(PySlice::new(python, from as isize, (from + lengths[i]) as isize, 1))?;
        flat.call_method1(intern!(python, "reshape"), (PyTuple::new(python, &shapes[i])?,))
    };
    Ok((
        part(0)?,
        part(1)?,
        part(2)?,
        births_by_age.then(|| part(3)).transpose()?,
        touched.iter().map(|t| (t.draw, t.step, t.sex, t.group, t.was)).collect(),
    ))
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(_project, m)?)
}
