//! Binding of draws of a projection, of one population or of many regions.

use arrow_array::Array as _;
use ndarray::{Array2, ArrayD, Axis, Ix2, Ix3};
use numpy::IntoPyArray;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::arguments::{age_group, array, flat, one_of};
use super::table::PyTable;
use super::worker;
use crate::demography::ensemble::{self, EnsembleSpec, Paths, Simulation, Spread};
use crate::demography::graduation;
use crate::demography::indicators::Indicator;
use crate::demography::local::{KnownEvents, Shrink, calibrate_local};
use crate::demography::regions::{self, Region, RegionsSpec};
use crate::error::{Error, Problem};
use crate::tables::Table;

/// A path by year: one number for all years, or one a year; the default where it is None.
fn path(
    name: &str,
    value: Option<&Bound<'_, PyAny>>,
    years: usize,
    default: Vec<f64>,
    problems: &mut Vec<Problem>,
) -> PyResult<Vec<f64>> {
    let Some(value) = value else { return Ok(default) };
    if let Ok(number) = value.extract::<f64>() {
        return Ok(vec![number; years]);
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
        correlation_e0: item(spread, "correlation_e0")?.map_or(Ok(s.correlation_e0), |v| v.extract())?,
        small_number_noise: item(spread, "small_number_noise")?.map(|v| v.extract()).transpose()?,
    };
    if problems.is_empty() { Ok((p, s)) } else { Err(Error::Data(problems).into()) }
}

/// A base population: (2, A) or draws (n, 2, A); the mean of the draws is the central one.
fn base_of(
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

/// Draws of a projection, kept in Rust; tables and arrays on request.
#[pyclass(frozen, name = "_Simulation", module = "minsuan._core")]
#[derive(Debug)]
pub struct PySimulation {
    simulation: Simulation,
    notes: Vec<String>,
}

#[pymethods]
impl PySimulation {
    /// The table of indicators by year.
    fn table(&self, python: Python<'_>) -> PyResult<PyTable> {
        let table = python.detach(|| self.simulation.table("人口预测主要指标", &self.notes))?;
        Ok(PyTable(table))
    }
    /// An indicator by draw and year, (draws, years + 1).
    fn indicator<'py>(&self, python: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        let values = python.detach(|| self.simulation.array(name));
        let Some(mut values) = values else {
            let known: Vec<&str> = self.simulation.indicators.iter().map(|i| i.name.as_str()).collect();
            return Err(Error::model(
                Problem::new("indicator was not asked for").value(name).expected(known.join(", ")),
            )
            .into());
        };
        if self.simulation.position(name).is_some_and(|k| self.simulation.indicators[k].is_flow()) {
            values = values.slice(ndarray::s![.., 1..]).to_owned();
        }
        Ok(values.into_pyarray(python).into_any())
    }
    /// The probability of each year to be the one in which an indicator is highest.
    fn peak(&self, name: &str) -> PyResult<PyTable> {
        Ok(PyTable(self.simulation.peak_table(name)?))
    }
    /// (draws, years + 1, 2, A) where it was kept.
    fn population<'py>(&self, python: Python<'py>) -> Option<Bound<'py, PyAny>> {
        let population = python.detach(|| self.simulation.population())?;
        Some(population.into_pyarray(python).into_any())
    }
}

/// Runs draws of a projection.
#[pyfunction]
#[allow(clippy::too_many_arguments)]
fn _project_draws(
    python: Python<'_>,
    population: &Bound<'_, PyAny>,
    base_draws: Option<&Bound<'_, PyAny>>,
    special: Option<&Bound<'_, PyAny>>,
    years: usize,
    start: i32,
    draws: usize,
    seed: u64,
    standard: &str,
    paths: Option<&Bound<'_, PyDict>>,
    spread: Option<&Bound<'_, PyDict>>,
    known: Vec<(i32, Option<f64>, Option<f64>)>,
    indicators: Vec<String>,
    region: &str,
    full: bool,
    threads: usize,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<PySimulation> {
    let (mut base, mut base_draws) = base_of(population, base_draws)?;
    // Those held out of ageing are part of the base as it is given, and apart from here on.
    let special = special.map(|s| base_of(s, None)).transpose()?.map(|s| s.0);
    if let Some(s) = special.as_ref().filter(|s| s.shape() == base.shape()) {
        base = (&base - s).mapv(|v| v.max(0.0));
        base_draws = base_draws.map(|d| (&d - s).mapv(|v| v.max(0.0)));
    }
    let (mut paths, spread) = levels(standard, start, years, paths, spread)?;
    let indicators = Indicator::parse_all(&indicators)?;
    let mut notes = vec![
        "出生、死亡和迁移按全国路径（联合国《世界人口展望2024》中方案）推算，另有说明的除外。".to_owned(),
        format!("随机种子：{seed}。"),
    ];
    let known: Vec<KnownEvents> =
        known.into_iter().map(|(year, births, deaths)| KnownEvents { year, births, deaths }).collect();
    let simulation = worker::run(python, progress, |p| {
        if !known.is_empty() {
            let (local, told) = calibrate_local(&base.view(), start, &paths, &known, Shrink::default())?;
            paths = local;
            notes.extend(told);
        }
        let three = base_draws.as_ref().map(|d| d.view().into_dimensionality::<Ix3>());
        let three =
            three.transpose().map_err(|e| Error::data(Problem::new(e.to_string()).column("base.draws")))?;
        let spec = EnsembleSpec {
            base: base.view(),
            base_draws: three,
            special: special.as_ref().map(|s| s.view()),
            start,
            paths: &paths,
            spread: &spread,
            seed,
            region,
            draws,
            threads,
            full,
        };
        ensemble::simulate(&spec, indicators, &|done, total| p.step(done, total))
    })?;
    Ok(PySimulation { simulation, notes })
}

/// Regions of a table: their codes and bases, graduated to single years.
fn regions_of(table: &Table, column: &str) -> crate::error::Result<Vec<Region>> {
    let names = table.column_names();
    let mut problems = Vec::new();
    if !names.iter().any(|n| n == column) {
        problems.push(
            Problem::new("no column of region codes")
                .column(column)
                .expected(format!("one of {}", names.join(", "))),
        );
    }
    // f_0, f_1-4, …, f_85+ and the same for m, in any order of columns.
    /// First age, last age (none: open), persons by region.
    type Group = (u32, Option<u32>, Vec<f64>);
    let mut groups: [Vec<Group>; 2] = [Vec::new(), Vec::new()];
    for name in &names {
        let Some((sex, label)) =
            [(0, "f_"), (1, "m_")].into_iter().find_map(|(s, p)| Some((s, name.strip_prefix(p)?)))
        else {
            continue;
        };
        let Some((from, to)) = age_group(label) else { continue };
        let batch = table.batch().column_by_name(name);
        let cast = batch.map(|c| arrow_cast::cast(c, &arrow_schema::DataType::Float64));
        let Some(Ok(cast)) = cast else {
            problems.push(Problem::new("not a column of numbers").column(name).expected("persons"));
            continue;
        };
        let numbers: Option<&arrow_array::Float64Array> = cast.as_any().downcast_ref();
        let numbers = numbers.map(|c| c.iter().map(|v| v.unwrap_or(f64::NAN)).collect()).unwrap_or_default();
        groups[sex].push((from, to, numbers));
    }
    for (sex, list) in ["f_", "m_"].iter().zip(&mut groups) {
        list.sort_by_key(|g| g.0);
        if list.is_empty() {
            problems.push(
                Problem::new(format!("no columns {sex}… of persons by age"))
                    .expected("f_0, f_1-4, f_5-9, …, f_85+, m_0, … or single years f_0, f_1, …, f_100+"),
            );
        }
    }
    if !problems.is_empty() {
        return Err(Error::Data(problems));
    }
    let codes = table.batch().column_by_name(column);
    let text = codes.map(|c| arrow_cast::cast(c, &arrow_schema::DataType::Utf8));
    let Some(Ok(text)) = text else {
        return Err(Error::data(Problem::new("region codes are no text").column(column)));
    };
    let text: Option<&arrow_array::StringArray> = text.as_any().downcast_ref();
    let mut regions = Vec::with_capacity(table.num_rows());
    for row in 0..table.num_rows() {
        let mut base = Array2::zeros((2, 101));
        for (sex, list) in groups.iter().enumerate() {
            let counts: Vec<f64> = list.iter().map(|g| g.2[row]).collect();
            // The last group is open whether its label says so or not: `f_100`.
            let last = list.len() - 1;
            let ages: Vec<graduation::Group> =
                list.iter().enumerate().map(|(i, g)| (g.0, if i == last { None } else { g.1 })).collect();
            match graduation::counts_to_single(&ages, &counts, 100) {
                Ok(single) => base.row_mut(sex).assign(&ndarray::Array1::from(single)),
                Err(e) => problems.extend(e.problems().iter().cloned().map(|p| p.row(row + 1))),
            }
        }
        let code = text.map_or("", |t| t.value(row)).to_owned();
        regions.push(Region { code, base, base_draws: None, paths: None });
    }
    if problems.is_empty() { Ok(regions) } else { Err(Error::Data(problems)) }
}

/// Draws of many regions; a table of quantiles.
#[pyfunction]
#[allow(clippy::too_many_arguments)]
fn _project_regions(
    python: Python<'_>,
    table: &Bound<'_, PyAny>,
    region: &str,
    years: usize,
    start: i32,
    draws: usize,
    seed: u64,
    standard: &str,
    paths: Option<&Bound<'_, PyDict>>,
    spread: Option<&Bound<'_, PyDict>>,
    indicators: Vec<String>,
    parent: Option<&Bound<'_, PyAny>>,
    parent_code: &str,
    threads: usize,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<PyTable> {
    let table = super::table::table_like(table, None)?.table;
    let regions = regions_of(&table, region)?;
    let (paths, spread) = levels(standard, start, years, paths, spread)?;
    let indicators = Indicator::parse_all(&indicators)?;
    let parent = match parent {
        None => None,
        Some(p) if p.extract::<String>().is_ok_and(|s| s == "sum") => {
            Some(regions::sum_of(&regions, parent_code)?)
        }
        Some(p) => {
            let (base, draws) = base_of(p, None)?;
            let base_draws = draws
                .map(|d| d.into_dimensionality::<Ix3>())
                .transpose()
                .map_err(|e| Error::data(Problem::new(e.to_string()).column("parent")))?;
            Some(Region { code: parent_code.to_owned(), base, base_draws, paths: None })
        }
    };
    let table = worker::run(python, progress, |p| {
        let spec = RegionsSpec {
            regions: &regions,
            parent: parent.as_ref(),
            start,
            paths: &paths,
            spread: &spread,
            seed,
            draws,
            threads,
        };
        let summaries = regions::project_regions(&spec, &indicators, &|done, total| p.step(done, total))?;
        let notes =
            [format!("每个地区{draws}次随机模拟，随机种子{seed}；地区之间相互独立，按上级平差的除外。")];
        regions::table(&spec, &indicators, &summaries, "分地区人口预测主要指标", &notes)
    })?;
    Ok(PyTable(table))
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<PySimulation>()?;
    m.add_function(wrap_pyfunction!(_project_draws, m)?)?;
    m.add_function(wrap_pyfunction!(_project_regions, m)?)
}
