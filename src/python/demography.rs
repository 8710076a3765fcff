//! Binding of draws of a projection, of one population or of many regions.

use arrow_array::Array as _;
use ndarray::{Array2, Ix3};
use numpy::{IntoPyArray, PyReadonlyArray4};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::arguments::{age_group, integer};
use super::demography_inputs::{base_of, known_events, levels};
use super::table::PyTable;
use super::worker;
use crate::demography::ensemble::{self, EnsembleSpec, Simulation};
use crate::demography::graduation;
use crate::demography::indicators::Indicator;
use crate::demography::local::{Shrink, calibrate_local};
use crate::demography::regions::{self, Region, RegionsSpec};
use crate::demography::{output, told};
use crate::error::{Error, Problem};
use crate::tables::Table;

/// Draws of a projection, kept in Rust; tables and arrays on request.
#[pyclass(frozen, name = "_Simulation", module = "minsuan._core")]
#[derive(Debug)]
pub struct PySimulation {
    simulation: Simulation,
    notes: Vec<String>,
    start: i32,
    threads: usize,
}

#[pymethods]
impl PySimulation {
    /// The table of indicators by year.
    fn table(&self, python: Python<'_>) -> PyResult<PyTable> {
        let table = worker::run(python, None, |p| {
            self.simulation
                .table_with("人口预测主要指标", &self.notes, self.threads, &|| p.step(0, 0))
        })?;
        Ok(PyTable(table))
    }
    /// Year, sex, age, mean and quantiles of the population, which Python holds: (draws, years + 1, 2, 101).
    fn by_age(&self, python: Python<'_>, population: PyReadonlyArray4<'_, f64>) -> PyResult<PyTable> {
        let population = population.as_array();
        let table = python
            .detach(|| output::by_age_table(population, self.start, "分年龄性别人口预测", &self.notes))?;
        Ok(PyTable(table))
    }
    /// An indicator by draw and year, (draws, years + 1).
    fn indicator<'py>(&self, python: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        let values = python.detach(|| self.simulation.array(name));
        let Some(mut values) = values else {
            let known = self.simulation.indicators.iter().take(self.simulation.shown);
            let known: Vec<&str> = known.map(|i| i.name.as_str()).collect();
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
}

/// Runs draws of a projection; the population of all draws where it is asked for in full.
#[pyfunction]
#[allow(clippy::too_many_arguments)]
fn _project_draws<'py>(
    python: Python<'py>,
    population: &Bound<'_, PyAny>,
    base_draws: Option<&Bound<'_, PyAny>>,
    special: Option<&Bound<'_, PyAny>>,
    years: usize,
    start: &Bound<'_, PyAny>,
    draws: usize,
    seed: u64,
    standard: &str,
    paths: Option<&Bound<'_, PyDict>>,
    spread: Option<&Bound<'_, PyDict>>,
    known: &Bound<'_, PyAny>,
    indicators: Vec<String>,
    region: &str,
    full: bool,
    threads: usize,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<(PySimulation, Option<Bound<'py, PyAny>>)> {
    let start = integer("start", start, 1, 9999)? as i32;
    let (mut base, mut base_draws) = base_of(population, base_draws)?;
    // Those held out of ageing are part of the base as it is given, and apart from here on.
    let special = special.map(|s| base_of(s, None)).transpose()?.map(|s| s.0);
    if let Some(s) = special.as_ref().filter(|s| s.shape() == base.shape()) {
        base = (&base - s).mapv(|v| v.max(0.0));
        base_draws = base_draws.map(|d| (&d - s).mapv(|v| v.max(0.0)));
    }
    let (mut paths, spread) = levels(standard, start, years, paths, spread)?;
    let mut indicators = Indicator::parse_all(&indicators)?;
    let shown = indicators.len();
    if full {
        // Births and deaths by draw come with the population.
        let flows = Indicator::parse_all(&["births", "deaths"])?;
        let more: Vec<Indicator> =
            flows.into_iter().filter(|f| indicators.iter().all(|i| i.name != f.name)).collect();
        indicators.extend(more);
    }
    let mut notes = vec![
        "出生、死亡和迁移按全国路径（联合国《世界人口展望2024》中方案）推算，另有说明的除外。".to_owned(),
        format!("随机种子：{seed}。"),
    ];
    let known = known_events(known)?;
    notes.extend(told::beyond_note(start, years)?);
    let mut simulation = worker::run(python, progress, |p| {
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
        let mut simulation = ensemble::simulate(&spec, indicators, &|done, total| p.step(done, total))?;
        simulation.shown = shown;
        notes.extend(told::migration_shortfall(&spec)?.map(told::migration_note));
        Ok(simulation)
    })?;
    let population = simulation.take_population().map(|p| p.into_pyarray(python).into_any());
    Ok((PySimulation { simulation, notes, start, threads }, population))
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
        let numbers: Vec<f64> = numbers;
        for (row, v) in numbers.iter().enumerate().filter(|(_, v)| !(v.is_finite() && **v >= 0.0)) {
            let p = Problem::new("not a count of persons").row(row + 1).column(name).value(v);
            problems.push(p.expected("persons, 0 or more"));
        }
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
    start: &Bound<'_, PyAny>,
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
    let start = integer("start", start, 1, 9999)? as i32;
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
        let mut notes =
            vec![format!("每个地区{draws}次随机模拟，随机种子{seed}；地区之间相互独立，按上级平差的除外。")];
        notes.extend(told::beyond_note(start, years)?);
        regions::table(&spec, &indicators, &summaries, "分地区人口预测主要指标", &notes)
    })?;
    Ok(PyTable(table))
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<PySimulation>()?;
    m.add_function(wrap_pyfunction!(_project_draws, m)?)?;
    m.add_function(wrap_pyfunction!(_project_regions, m)?)
}
