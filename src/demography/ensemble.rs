//! Draws of TFR, e0 of both sexes, migration, base and small-number noise through the projection.
//!
//! Each process has the spread of a published band year by year, with independent increments where the
//! band widens (a random walk whose steps are the growth of the variance). Draw i of a region depends on
//! (seed, purpose, region, i) alone, so it is the same in any batch, order or number of threads.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use ndarray::{Array2, Array3, Array4, ArrayView2, ArrayView3};

use super::chunk::{Kept, Tables, run_chunk};
use super::ensemble_checks::{check, room};
use super::indicators::{self, Indicator};
use super::lanes::{Block, L, Year};
use super::mortality::AGES;
pub use super::simulation::Simulation;
use super::simulation::{CHUNK, pieces};
use super::standards;
use super::store::Store;
use super::sweeps::Cells;
use crate::error::{Error, Problem, Result};

/// No run is longer: schedules say nothing of what comes then.
pub const MOST_YEARS: usize = 200;
/// Below this many persons small-number noise is on by default.
pub const NOISE_BELOW: f64 = 50_000.0;
/// Total fertility never falls below this in a draw (the floor of the UN's own probabilistic projections
/// is 0.5; a county may lie lower than a nation).
pub const TFR_FLOOR: f64 = 0.3;
/// Net migration per person and year stays within ± this.
pub const MIGRATION_LIMIT: f64 = 0.25;

/// Central paths, one value per projected year (length T).
#[derive(Debug, Clone, PartialEq)]
pub struct Paths {
    /// Years.
    pub e0_female: Vec<f64>,
    pub e0_male: Vec<f64>,
    /// Births per woman.
    pub tfr: Vec<f64>,
    /// Males per female at birth.
    pub srb: Vec<f64>,
    /// Net persons per person and year, by a Rogers-Castro profile; below 0 as rates of leaving.
    pub net_migration_rate: Vec<f64>,
}

/// Standard deviations by year (length T), and how they go together.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread {
    pub sd_e0_female: Vec<f64>,
    pub sd_e0_male: Vec<f64>,
    pub correlation_e0: f64,
    pub sd_tfr: Vec<f64>,
    pub sd_migration: Vec<f64>,
    /// `None`: on below 50,000 persons.
    pub small_number_noise: Option<bool>,
}

impl Spread {
    /// No spread at all.
    pub fn none(years: usize) -> Self {
        let zero = vec![0.0; years];
        Self {
            sd_e0_female: zero.clone(),
            sd_e0_male: zero.clone(),
            correlation_e0: 0.0,
            sd_tfr: zero.clone(),
            sd_migration: zero,
            small_number_noise: Some(false),
        }
    }
}

/// National median paths of the years after `start` (31 December) and the spread of the published bands.
///
/// China, WPP2024: estimates to 2023, medium variant to 2100, held after. The spread is that of the
/// published 80 % bands from 2024 on; years before have that of 2024. The correlation of the sexes'
/// life expectancies (0.9) and the spread of net migration (0.001 per person and year) are assumptions.
///
/// # Errors
/// `Model` for a start before 1950 or after 2100, more years than [`MOST_YEARS`], or a damaged table.
pub fn china_paths(start: i32, years: usize) -> Result<(Paths, Spread)> {
    let china = standards::china_paths()?;
    let last = china.tfr.len() - 1;
    let end = china.first_year + last as i32;
    let mut problems = Vec::new();
    if start < china.first_year - 1 || start > end {
        problems.push(
            Problem::new("no national path from that year on")
                .column("start")
                .value(start)
                .expected(format!("a year from {} to {end}", china.first_year - 1)),
        );
    }
    if years > MOST_YEARS {
        problems.push(
            Problem::new("too many years")
                .column("years")
                .value(years)
                .expected(format!("at most {MOST_YEARS}: national paths end in {end}")),
        );
    }
    if !problems.is_empty() {
        return Err(Error::Model(problems));
    }
    let at = |t: usize| ((start + 1 - china.first_year) as usize + t).min(last);
    let take = |v: &[f64]| (0..years).map(|t| v[at(t)]).collect::<Vec<f64>>();
    let first_sd = china.sd_tfr.iter().position(|s| *s > 0.0).unwrap_or(0);
    let sd = |v: &[f64]| (0..years).map(|t| v[at(t).max(first_sd)]).collect::<Vec<f64>>();
    let paths = Paths {
        e0_female: take(&china.e0_female),
        e0_male: take(&china.e0_male),
        tfr: take(&china.tfr),
        srb: take(&china.srb),
        net_migration_rate: take(&china.net_migration_rate),
    };
    let spread = Spread {
        sd_e0_female: sd(&china.sd_e0_female),
        sd_e0_male: sd(&china.sd_e0_male),
        correlation_e0: 0.9,
        sd_tfr: sd(&china.sd_tfr),
        sd_migration: vec![0.001; years],
        small_number_noise: None,
    };
    Ok((paths, spread))
}

/// What a run of draws starts from.
#[derive(Debug, Clone)]
pub struct EnsembleSpec<'a> {
    /// (2, 101) persons on 31 December of `start`.
    pub base: ArrayView2<'a, f64>,
    /// (n, 2, 101): draw i starts from `base_draws[i % n]`.
    pub base_draws: Option<ArrayView3<'a, f64>>,
    /// (2, 101) persons beside the base who stay as they are (students, barracks): part of every stock, never
    /// of births, deaths and moves.
    pub special: Option<ArrayView2<'a, f64>>,
    pub start: i32,
    pub paths: &'a Paths,
    pub spread: &'a Spread,
    pub seed: u64,
    pub region: &'a str,
    pub draws: usize,
    /// 0: all that the machine has.
    pub threads: usize,
    /// Keeps population[draw, year, sex, age].
    pub full: bool,
}

/// Expected numbers along the central paths.
#[derive(Debug, Clone, PartialEq)]
pub struct Trajectory {
    /// (T+1, 2, 101)
    pub population: Array3<f64>,
    /// (T, 2)
    pub births: Array2<f64>,
    /// (T, 2, 101) cohort deaths by age at the end of the year.
    pub deaths: Array3<f64>,
    /// (T, 2, 101)
    pub net_migration: Array3<f64>,
}

/// Draws and the central path.
#[derive(Debug, Clone)]
pub struct Ensemble {
    pub start: i32,
    /// No noise, central paths.
    pub central: Trajectory,
    /// [draw, T+1, 2, 101] when full.
    pub population: Option<Array4<f64>>,
    /// [draw, T] each.
    pub births: Array2<f64>,
    pub deaths: Array2<f64>,
    pub net_migration: Array2<f64>,
    pub e0_female: Array2<f64>,
    pub e0_male: Array2<f64>,
    pub tfr: Array2<f64>,
    /// Every indicator by draw and year, as simulated.
    pub simulation: Simulation,
}

impl Ensemble {
    /// An indicator as [draw, T+1]; flows have no value in the first year (0 there). `None` for one that
    /// was not asked for.
    pub fn indicator(&self, name: &str) -> Option<Array2<f64>> {
        self.simulation.array(name)
    }
}

/// Runs the draws with the indicators of `population.indicators()`.
///
/// `step(done, total)` counts draws; `false` stops the run.
///
/// # Errors
/// `Data` with every problem of the inputs; `Interrupted`.
pub fn run_ensemble(
    spec: &EnsembleSpec<'_>,
    step: &(dyn Fn(usize, usize) -> bool + Sync),
) -> Result<Ensemble> {
    let indicators = Indicator::parse_all(&indicators::DEFAULT)?;
    let mut simulation = simulate(spec, indicators, step)?;
    let population = simulation.take_population();
    let flow = |name: &str| -> Array2<f64> {
        let all = simulation.array(name).unwrap_or_default();
        all.slice(ndarray::s![.., 1..]).to_owned()
    };
    Ok(Ensemble {
        start: spec.start,
        central: central(spec)?,
        population,
        births: flow("births"),
        deaths: flow("deaths"),
        net_migration: flow("net_migration"),
        e0_female: flow("e0_female"),
        e0_male: flow("e0_male"),
        tfr: flow("tfr"),
        simulation,
    })
}

/// The central path alone.
///
/// # Errors
/// `Data` with every problem of the inputs.
pub fn central(spec: &EnsembleSpec<'_>) -> Result<Trajectory> {
    check(spec)?;
    let tables = Tables::new(spec)?;
    let setting = tables.setting(&[]);
    let t = spec.paths.tfr.len();
    let mut block = Block::new(&setting, true);
    for (cell, p) in block.population.as_flattened_mut().iter_mut().zip(spec.base.iter()) {
        *cell = [*p; L];
    }
    let mut out = Trajectory {
        population: Array3::zeros((t + 1, 2, AGES)),
        births: Array2::zeros((t, 2)),
        deaths: Array3::zeros((t, 2, AGES)),
        net_migration: Array3::zeros((t, 2, AGES)),
    };
    let keep = |row: &mut ndarray::ArrayViewMut2<'_, f64>, cells: &Cells| {
        row.iter_mut().zip(cells.as_flattened()).for_each(|(r, c)| *r = c[0]);
    };
    block.begin();
    keep(&mut out.population.index_axis_mut(ndarray::Axis(0), 0), &block.population);
    for year in 0..t {
        let p = spec.paths;
        let given = Year {
            e0: [[p.e0_female[year]; L], [p.e0_male[year]; L]],
            tfr: [p.tfr[year]; L],
            srb: p.srb[year],
            migration: [p.net_migration_rate[year]; L],
            survival: None,
            shares: &tables.shares[year],
        };
        block.step(&given, &setting);
        keep(&mut out.population.index_axis_mut(ndarray::Axis(0), year + 1), &block.population);
        if let Some(cells) = &block.cells {
            keep(&mut out.deaths.index_axis_mut(ndarray::Axis(0), year), &cells.deaths);
            keep(&mut out.net_migration.index_axis_mut(ndarray::Axis(0), year), &cells.moved);
        }
        for sex in 0..2 {
            out.births[[year, sex]] = block.births[sex][0];
        }
    }
    if let Some(special) = &spec.special {
        out.population.outer_iter_mut().for_each(|mut year| year += special);
    }
    Ok(out)
}

/// Runs the draws and keeps the given indicators of each year.
///
/// # Errors
/// As [`run_ensemble`].
pub fn simulate(
    spec: &EnsembleSpec<'_>,
    indicators: Vec<Indicator>,
    step: &(dyn Fn(usize, usize) -> bool + Sync),
) -> Result<Simulation> {
    check(spec)?;
    let years = spec.paths.tfr.len();
    let cells = spec.draws * (years + 1) * if spec.full { 2 * AGES } else { 0 };
    let kept = indicators.len() * (years + 1) * spec.draws;
    room(kept + cells, || {
        format!(
            "{} draws × {} years × {} values",
            spec.draws,
            years + 1,
            indicators.len() + if spec.full { 2 * AGES } else { 0 }
        )
    })?;
    let tables = Tables::new(spec)?;
    let chunk_count = spec.draws.div_ceil(CHUNK);
    let available = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = if spec.threads == 0 { available } else { spec.threads }.min(chunk_count);
    let each = indicators.len() * (years + 1);
    let mut values = Store::zeros(kept);
    let mut population = vec![0.0; cells];
    let queue = pieces(&mut values, each, spec.draws)
        .into_iter()
        .zip(pieces(&mut population, (years + 1) * 2 * AGES, spec.draws))
        .enumerate();
    let queue = Mutex::new(queue);
    let (done, stopped) = (AtomicUsize::new(0), AtomicBool::new(false));
    let work = || {
        loop {
            // A poisoned lock means that another thread failed: its panic is what the user is told.
            let next = queue.lock().ok().and_then(|mut queue| queue.next());
            let Some((c, (values, population))) = next.filter(|_| !stopped.load(Ordering::Relaxed)) else {
                return;
            };
            let first = c * CHUNK;
            let draws = CHUNK.min(spec.draws - first);
            run_chunk(
                spec,
                &tables,
                &indicators,
                first..first + draws,
                None,
                &mut Kept { values, population },
            );
            let total = done.fetch_add(draws, Ordering::Relaxed) + draws;
            if !step(total, spec.draws) {
                stopped.store(true, Ordering::Relaxed);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
    drop(queue);
    if stopped.load(Ordering::Relaxed) {
        return Err(Error::Interrupted);
    }
    let values = Arc::new(values);
    let shown = indicators.len();
    Ok(Simulation { start: spec.start, draws: spec.draws, years, indicators, shown, values, population })
}
