//! Binding of `demography::base`: thin base, census table as base.

use numpy::{IntoPyArray, PyArray2, PyArray3, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};

use super::arguments::{number, pair, plain_numbers, two_years, year as year_of};
use super::table::{PyTable, table_like};
use super::worker;
use crate::demography::backtest::{BacktestSpec, From};
use crate::demography::base::cohorts::YEARS as COHORT_YEARS;
use crate::demography::base::hamilton_perry::HamiltonPerry;
use crate::demography::base::{
    self, AGES, AgeTable, Base, Donors, Kind, Printed, Residuals, Special, Standard, ThinBaseSpec,
};
use crate::error::{Error, Problem};

/// A base population by sex and single age with its uncertainty.
#[pyclass(frozen, name = "Base", module = "minsuan.demography")]
#[derive(Debug, Clone)]
pub struct PyBase(pub Base);

#[pymethods]
impl PyBase {
    /// Central reconstruction (2, 101), women first, persons.
    #[getter]
    fn population<'py>(&self, python: Python<'py>) -> Bound<'py, PyArray2<f64>> {
        self.0.population.clone().into_pyarray(python)
    }
    /// Draws (draws, 2, 101).
    #[getter]
    fn draws<'py>(&self, python: Python<'py>) -> Bound<'py, PyArray3<f64>> {
        self.0.draws.clone().into_pyarray(python)
    }
    /// Persons (2, 101) that a projection holds as they are; None where there are none.
    #[getter]
    fn special<'py>(&self, python: Python<'py>) -> Option<Bound<'py, PyArray2<f64>>> {
        self.0.special.clone().map(|s| s.into_pyarray(python))
    }
    /// "registered" or "resident".
    #[getter]
    fn kind(&self) -> &'static str {
        self.0.kind.name()
    }
    /// What was assumed and what the interval covers.
    #[getter]
    fn notes(&self) -> Vec<String> {
        self.0.notes.clone()
    }
    /// Totals, shares and median age with quantiles over the draws.
    fn indicators(&self) -> PyResult<PyTable> {
        Ok(PyTable(self.0.indicators()?))
    }
    /// Persons by sex and age group of `width` years with quantiles over the draws.
    #[pyo3(signature = (width=5))]
    fn by_age(&self, width: usize) -> PyResult<PyTable> {
        Ok(PyTable(self.0.by_age(width)?))
    }
    fn __repr__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("minsuan._base")?.call_method1("_text", (slf,))
    }
    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("minsuan._base")?.call_method1("_html", (slf,))
    }
    /// Pickles as the arrays' bytes.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyDict>,))> {
        let (python, b) = (slf.py(), &slf.get().0);
        let bytes = |v: &mut dyn Iterator<Item = &f64>| {
            PyBytes::new(python, &v.flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>())
        };
        let state = PyDict::new(python);
        state.set_item("population", bytes(&mut b.population.iter()))?;
        state.set_item("draws", bytes(&mut b.draws.iter()))?;
        state.set_item("special", b.special.as_ref().map(|s| bytes(&mut s.iter())))?;
        state.set_item("kind", b.kind.name())?;
        state.set_item("notes", b.notes.clone())?;
        Ok((slf.get_type().getattr("_from_state")?, (state,)))
    }
    #[staticmethod]
    fn _from_state(state: &Bound<'_, PyDict>) -> PyResult<Self> {
        let get = |key: &str| -> PyResult<Bound<'_, PyAny>> {
            state
                .get_item(key)?
                .ok_or_else(|| Error::data(Problem::new(format!("pickle without {key}"))).into())
        };
        let floats = |value: &Bound<'_, PyAny>| -> PyResult<Vec<f64>> {
            let bytes: Vec<u8> = value.extract()?;
            Ok(bytes.as_chunks::<8>().0.iter().map(|c| f64::from_le_bytes(*c)).collect())
        };
        let table = |value: Vec<f64>| {
            ndarray::Array2::from_shape_vec((2, AGES), value)
                .map_err(|e| PyErr::from(Error::data(Problem::new(e.to_string()))))
        };
        let draws = floats(&get("draws")?)?;
        let count = draws.len() / (2 * AGES);
        let special = get("special")?;
        Ok(Self(Base {
            population: table(floats(&get("population")?)?)?,
            draws: ndarray::Array3::from_shape_vec((count, 2, AGES), draws)
                .map_err(|e| PyErr::from(Error::data(Problem::new(e.to_string()))))?,
            special: if special.is_none() { None } else { Some(table(floats(&special)?)?) },
            kind: kind(&get("kind")?.extract::<String>()?)?,
            notes: get("notes")?.extract()?,
        }))
    }
}

/// How counties differ from their provinces, estimated by `estimate_residuals`.
#[pyclass(frozen, name = "Residuals", module = "minsuan.demography")]
#[derive(Debug, Clone)]
pub struct PyResiduals(pub Residuals);

/// A figure: text as printed, or an exact number.
fn figure(name: &str, value: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Printed>> {
    let Some(value) = value else { return Ok(None) };
    if let Ok(text) = value.cast::<PyString>() {
        let parsed = Printed::parse(text.to_str()?);
        return Ok(Some(parsed.map_err(|e| match e {
            Error::Data(p) => Error::Data(p.into_iter().map(|p| p.column(name)).collect()),
            other => other,
        })?));
    }
    let number = value.extract::<f64>();
    let number = number.or_else(|_| value.call_method0("__float__").and_then(|v| v.extract::<f64>()));
    number.map(Printed::exact).map(Some).map_err(|_| {
        Error::data(
            Problem::new("not a figure")
                .column(name)
                .value(value.repr().map_or_else(|_| "?".to_owned(), |r| r.to_string()))
                .expected("a number, or text as printed such as \"4.5万\" or \"14.52%\""),
        )
        .into()
    })
}

fn kind(name: &str) -> PyResult<Kind> {
    match name {
        "registered" => Ok(Kind::Registered),
        "resident" => Ok(Kind::Resident),
        other => Err(Error::data(
            Problem::new("unknown population")
                .column("population")
                .value(other)
                .expected("\"registered\" or \"resident\""),
        )
        .into()),
    }
}

/// A name, an array (2, A) of single years, or a table with age, female, male.
fn standard(value: &Bound<'_, PyAny>, argument: &str) -> PyResult<Standard> {
    if let Ok(text) = value.cast::<PyString>() {
        let text = text.to_str()?;
        let file = [".csv", ".txt", ".xlsx", ".parquet", ".pq"]
            .iter()
            .any(|e| text.to_ascii_lowercase().ends_with(e));
        if !file {
            return Ok(Standard::Named(text.to_owned()));
        }
    }
    let module: String = value.get_type().module()?.extract().unwrap_or_default();
    let table = value.is_instance_of::<PyString>()
        || value.is_instance_of::<PyDict>()
        || value.hasattr("__fspath__")?
        || value.hasattr("__arrow_c_stream__")?
        || module.starts_with("pandas");
    if table || value.get_item(0).is_ok_and(|first| first.is_instance_of::<PyDict>()) {
        return Ok(Standard::Abridged(AgeTable::from_table(&table_like(value, None)?)?));
    }
    Ok(Standard::Single(array(value, argument)?))
}

/// Any array-like as (2, A) floats.
pub fn array(value: &Bound<'_, PyAny>, argument: &str) -> PyResult<ndarray::Array2<f64>> {
    let fail = |value: String| {
        PyErr::from(Error::data(
            Problem::new("not an array of numbers")
                .column(argument)
                .value(value)
                .expected("numbers of shape (2, ages), women first, single years from 0"),
        ))
    };
    plain_numbers(argument, value)?;
    let numpy = value.py().import("numpy")?;
    let floats = numpy.call_method1("asarray", (value, "float64"));
    let floats = floats.map_err(|_| fail(value.get_type().to_string()))?;
    match floats.extract::<PyReadonlyArray2<'_, f64>>() {
        Ok(a) => Ok(a.as_array().to_owned()),
        Err(_) => Err(fail(format!("shape {}", floats.getattr("shape")?))),
    }
}

fn special(value: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Special>> {
    let Some(value) = value else { return Ok(None) };
    let Ok(groups) = value.cast::<PyDict>() else {
        return Ok(Some(Special { name: "特殊人群".to_owned(), counts: array(value, "special")? }));
    };
    Ok(Some(Special::from_groups("特殊人群", &special_groups(groups)?)?))
}

/// Age groups and persons of a special population.
fn special_groups(groups: &Bound<'_, PyDict>) -> PyResult<Vec<(String, f64)>> {
    let mut pairs = Vec::new();
    for (key, count) in groups {
        let key: String = key.str()?.extract()?;
        if let Some(p) = figure(&format!("special[{key:?}]"), Some(&count))? {
            pairs.push((key, p.value));
        }
    }
    Ok(pairs)
}

/// A population by sex and single age from two printed numbers; see `minsuan.demography.thin_base`.
#[pyfunction]
#[pyo3(signature = (total, count_60_plus, share_60_plus, constraints, standard_, donors, population, draws, seed, region, special_, residuals, year))]
#[expect(clippy::too_many_arguments, reason = "the arguments of the public function")]
fn thin_base(
    python: Python<'_>,
    total: Option<&Bound<'_, PyAny>>,
    count_60_plus: Option<&Bound<'_, PyAny>>,
    share_60_plus: Option<&Bound<'_, PyAny>>,
    constraints: Option<&Bound<'_, PyDict>>,
    standard_: &Bound<'_, PyAny>,
    donors: Option<&Bound<'_, PyAny>>,
    population: &str,
    draws: usize,
    seed: u64,
    region: &str,
    special_: Option<&Bound<'_, PyAny>>,
    residuals: Option<&PyResiduals>,
    year: Option<&Bound<'_, PyAny>>,
) -> PyResult<PyBase> {
    let year = year_of("year", year, COHORT_YEARS.0, COHORT_YEARS.1)?;
    let mut known = Vec::new();
    for (key, value) in constraints.into_iter().flatten() {
        let key: String = key.str()?.extract()?;
        if let Some(p) = figure(&format!("constraints[{key:?}]"), Some(&value))? {
            known.push((key, p));
        }
    }
    let spec = ThinBaseSpec {
        total: figure("total", total)?,
        count_60_plus: figure("count_60_plus", count_60_plus)?,
        share_60_plus: figure("share_60_plus", share_60_plus)?,
        constraints: known,
        standard: standard(standard_, "standard")?,
        donors: donors.map(|d| Ok::<_, PyErr>(Donors::from_table(&table_like(d, None)?)?)).transpose()?,
        residuals: residuals.map(|r| r.0.clone()),
        population: kind(population)?,
        year,
        special: special(special_)?,
        draws,
        seed,
        region,
    };
    if draws <= 500 {
        return Ok(PyBase(python.detach(|| base::thin_base(&spec))?));
    }
    let made = worker::run(python, None, |p| base::thin_base_with(&spec, &|done, all| p.step(done, all)))?;
    Ok(PyBase(made))
}

/// A census table as the base; see `minsuan.demography.census_base`.
#[pyfunction]
fn census_base(
    python: Python<'_>,
    table: &Bound<'_, PyAny>,
    population: &str,
    draws: usize,
    year: Option<&Bound<'_, PyAny>>,
    special: Option<&Bound<'_, PyDict>>,
) -> PyResult<PyBase> {
    let year = year_of("year", year, COHORT_YEARS.0, COHORT_YEARS.1)?;
    let special = special.map(special_groups).transpose()?.unwrap_or_default();
    let (table, kind) = (standard(table, "table")?, kind(population)?);
    Ok(PyBase(python.detach(|| base::census_base_of(&table, draws, kind, year, &special))?))
}

/// The names of the shipped age structures; see `minsuan.demography.standards`.
#[pyfunction]
fn age_structures() -> PyResult<PyTable> {
    Ok(PyTable(base::standard::table()?))
}

/// How counties differ from their provinces; see `minsuan.demography.estimate_residuals`.
#[pyfunction]
fn estimate_residuals(
    python: Python<'_>,
    tables: Vec<Bound<'_, PyAny>>,
    exclude: Vec<String>,
) -> PyResult<PyResiduals> {
    let read = |t: &Bound<'_, PyAny>| Ok::<_, PyErr>(Donors::from_table(&table_like(t, None)?)?);
    let tables = tables.iter().map(read).collect::<PyResult<Vec<_>>>()?;
    Ok(PyResiduals(python.detach(|| Donors::estimate(&tables, &exclude))?))
}

/// Cohort-change ratios carried on; see `minsuan.demography.hamilton_perry`.
#[pyfunction]
fn hamilton_perry(
    census_a: &Bound<'_, PyAny>,
    census_b: &Bound<'_, PyAny>,
    years: &Bound<'_, PyAny>,
    steps: usize,
    cap: &Bound<'_, PyAny>,
) -> PyResult<PyTable> {
    let (years, cap) = (two_years(years)?, number("cap", cap)?);
    let spec = HamiltonPerry { years, steps, cap };
    let (a, b) = (counted(census_a, "census_a")?, counted(census_b, "census_b")?);
    Ok(PyTable(base::hamilton_perry::hamilton_perry(&a, &b, &spec)?.table(&spec)?))
}

/// A census in single years (2, 101).
fn counted(value: &Bound<'_, PyAny>, argument: &str) -> PyResult<ndarray::Array2<f64>> {
    if value.is_instance_of::<PyBase>() {
        return Ok(value.extract::<PyRef<'_, PyBase>>()?.0.population.clone());
    }
    match standard(value, argument)? {
        Standard::Named(name) => Err(Error::data(
            Problem::new("a named standard is a structure, not a count")
                .column(argument)
                .value(name)
                .expected("a table with age, female, male, or an array (2, ages)"),
        )
        .into()),
        table => Ok(table.resolve()?.single),
    }
}

/// What a projection from the earlier census would have said; see `minsuan.demography.backtest`.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "the arguments of the public function")]
fn backtest(
    python: Python<'_>,
    census_a: &Bound<'_, PyAny>,
    census_b: &Bound<'_, PyAny>,
    years: &Bound<'_, PyAny>,
    base: &str,
    size: &Bound<'_, PyAny>,
    survival: &str,
    drift: bool,
    draws: usize,
    seed: u64,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<(PyTable, PyTable)> {
    let years = two_years(years)?;
    let (low, high) = pair("size", size, "two numbers of persons, such as (200_000, 450_000)")?;
    let size = (number("size[0]", &low)?, number("size[1]", &high)?);
    let base = match base {
        "census" => From::Census,
        "thin" => From::Thin,
        "thin_standard" => From::ThinWithoutDonors,
        other => {
            return Err(Error::data(
                Problem::new("unknown base")
                    .column("base")
                    .value(other)
                    .expected("\"census\", \"thin\" or \"thin_standard\""),
            )
            .into());
        }
    };
    let by_province = match survival {
        "province" => true,
        "nation" => false,
        other => {
            return Err(Error::data(
                Problem::new("unknown survival")
                    .column("survival")
                    .value(other)
                    .expected("\"province\" or \"nation\""),
            )
            .into());
        }
    };
    let a = Donors::from_table(&table_like(census_a, None)?)?;
    let b = Donors::from_table(&table_like(census_b, None)?)?;
    let spec = BacktestSpec { years, base, size, by_province, drift, draws, seed };
    let made = worker::run(python, progress, |p| {
        crate::demography::backtest::backtest(&a, &b, &spec, &|done, all| p.step(done, all))
    })?;
    Ok((PyTable(made.summary()?), PyTable(made.counties_table()?)))
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<PyBase>()?;
    m.add_class::<PyResiduals>()?;
    m.add_function(wrap_pyfunction!(thin_base, m)?)?;
    m.add_function(wrap_pyfunction!(census_base, m)?)?;
    m.add_function(wrap_pyfunction!(estimate_residuals, m)?)?;
    m.add_function(wrap_pyfunction!(hamilton_perry, m)?)?;
    m.add_function(wrap_pyfunction!(backtest, m)?)?;
    m.add_function(wrap_pyfunction!(age_structures, m)?)
}
