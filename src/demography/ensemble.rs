//! Draws of TFR, e0 of both sexes, migration, base and small-number noise through the projection.
//!
//! Each process has the spread of a published band year by year, with independent increments where the
//! band widens (a random walk whose steps are the growth of the variance). Draw i of a region depends on
//! (seed, purpose, region, i) alone, so it is the same in any batch, order or number of threads.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use ndarray::{Array2, Array3, Array4, ArrayView2, ArrayView3};

use super::indicators::{self, Flow, Indicator};
use super::lanes::{Block, L, Setting, V, Year, ZERO};
use super::life_table::Sex;
use super::migration::{Direction, Family};
use super::mortality::{AGES, E0_RANGE};
use super::store::Store;
use super::sweeps::{Cells, Profile};
use super::{fertility, migration, mortality, noise, standards};
use crate::draws::Key;
use crate::error::{Error, Problem, Result};

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
/// `Model` for years before 1951 or a damaged table.
pub fn china_paths(start: i32, years: usize) -> Result<(Paths, Spread)> {
    let china = standards::china_paths()?;
    if start + 1 < china.first_year {
        return Err(Error::model(
            Problem::new("no national path before that year")
                .column("start")
                .value(start)
                .expected(format!("a year from {} on", china.first_year - 1)),
        ));
    }
    let last = china.tfr.len() - 1;
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

/// The draws of indicators by year.
#[derive(Clone)]
pub struct Simulation {
    pub start: i32,
    pub draws: usize,
    /// Projected years.
    pub years: usize,
    pub indicators: Vec<Indicator>,
    /// Chunk after chunk of draws, each [indicator][year 0…T][draw].
    pub(super) values: Arc<Store>,
    /// [draw][year][202] where asked for.
    pub(super) population: Vec<f64>,
}

impl std::fmt::Debug for Simulation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Simulation({} draws, {} years from {})", self.draws, self.years, self.start)
    }
}

/// Draws in one chunk: enough to keep threads busy, few enough to share the work evenly.
pub(super) const CHUNK: usize = 256;

impl Simulation {
    /// Position of an indicator by name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.indicators.iter().position(|i| i.name == name)
    }

    /// Copies the draws of indicator `k` in year `t` (0 = start) into `into`, in order of draws.
    pub fn fill(&self, k: usize, t: usize, into: &mut Vec<f64>) {
        into.clear();
        for first in (0..self.draws).step_by(CHUNK) {
            into.extend_from_slice(self.row(k, t, first));
        }
    }

    /// The draws of one chunk, of indicator `k` in year `t`.
    fn row(&self, k: usize, t: usize, first: usize) -> &[f64] {
        let draws = CHUNK.min(self.draws - first);
        let each = self.indicators.len() * (self.years + 1);
        let at = first * each + (k * (self.years + 1) + t) * draws;
        &self.values[at..at + draws]
    }

    /// An indicator as [draw, T+1].
    pub fn array(&self, name: &str) -> Option<Array2<f64>> {
        let k = self.position(name)?;
        let mut out = Array2::zeros((self.draws, self.years + 1));
        for first in (0..self.draws).step_by(CHUNK) {
            for t in 0..=self.years {
                for (i, value) in self.row(k, t, first).iter().enumerate() {
                    out[[first + i, t]] = *value;
                }
            }
        }
        Some(out)
    }

    /// Population [draw, T+1, 2, 101], where it was kept.
    pub fn population(&self) -> Option<Array4<f64>> {
        if self.population.is_empty() {
            return None;
        }
        Array4::from_shape_vec((self.draws, self.years + 1, 2, AGES), self.population.clone()).ok()
    }
}

/// The part of each chunk of draws in a store with `each` values for a draw.
pub(super) fn pieces(mut store: &mut [f64], each: usize, draws: usize) -> Vec<&mut [f64]> {
    let mut pieces = Vec::with_capacity(draws.div_ceil(CHUNK));
    for first in (0..draws).step_by(CHUNK) {
        let (piece, rest) = store.split_at_mut((each * CHUNK.min(draws - first)).min(store.len()));
        pieces.push(piece);
        store = rest;
    }
    pieces
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
    let simulation = simulate(spec, indicators, step)?;
    let flow = |name: &str| -> Array2<f64> {
        let all = simulation.array(name).unwrap_or_default();
        all.slice(ndarray::s![.., 1..]).to_owned()
    };
    Ok(Ensemble {
        start: spec.start,
        central: central(spec)?,
        population: simulation.population(),
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
    let mut block = Block::new(true);
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

/// Schedules that all draws of a run share.
pub(super) struct Tables {
    surfaces: [&'static mortality::Surface; 2],
    shares: Vec<[f64; AGES]>,
    profile_in: Profile,
    profile_out: Profile,
    /// By year, where the draws do not differ in life expectancy.
    survival: Option<Vec<Profile>>,
}

/// No more than this share of any age leaves in a year.
const HIGHEST_OUT: f64 = 0.9;

/// A schedule of as many ages as are expected.
fn fixed<const N: usize>(schedule: Vec<f64>) -> Result<[f64; N]> {
    schedule.try_into().map_err(|s: Vec<f64>| {
        let problem = Problem::new("a shipped schedule has another number of ages").value(s.len());
        Error::model(problem.expected(N.to_string()))
    })
}

impl Tables {
    pub(super) fn new(spec: &EnsembleSpec<'_>) -> Result<Self> {
        let years = 0..spec.paths.tfr.len() as i32;
        let profile = |direction| -> Result<Profile> {
            let both: [f64; 2 * AGES] = fixed(migration::profile(Family::Family, direction)?)?;
            Ok(std::array::from_fn(|sex| std::array::from_fn(|x| both[sex * AGES + x])))
        };
        let surfaces = [mortality::china(Sex::Female)?, mortality::china(Sex::Male)?];
        let spreads = |sd: &[f64]| sd.iter().any(|v| *v > 0.0);
        let apart = spreads(&spec.spread.sd_e0_female) || spreads(&spec.spread.sd_e0_male);
        let e0 = [&spec.paths.e0_female, &spec.paths.e0_male];
        let survival = (!apart).then(|| {
            let of = |sex: usize, year: usize| surfaces[sex].survival(e0[sex][year]);
            years.clone().map(|t| [of(0, t as usize), of(1, t as usize)]).collect()
        });
        Ok(Self {
            surfaces,
            survival,
            shares: years
                .map(|t| fixed(fertility::china_shares(spec.start + 1 + t)?))
                .collect::<Result<_>>()?,
            profile_in: profile(Direction::In)?,
            profile_out: profile(Direction::Out)?,
        })
    }

    fn setting<'a>(&'a self, indicators: &'a [Indicator]) -> Setting<'a> {
        Setting {
            surfaces: self.surfaces,
            profile_in: &self.profile_in,
            profile_out: &self.profile_out,
            highest_rate: HIGHEST_OUT
                / self.profile_out.as_flattened().iter().copied().fold(f64::MIN_POSITIVE, f64::max),
            indicators,
            any_by_sex: indicators.iter().any(Indicator::by_sex),
            any_nrr: indicators.iter().any(|i| i.uses(Flow::Nrr)),
        }
    }
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
    let tables = Tables::new(spec)?;
    let chunk_count = spec.draws.div_ceil(CHUNK);
    let available = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = if spec.threads == 0 { available } else { spec.threads }.min(chunk_count);
    let years = spec.paths.tfr.len();
    let each = indicators.len() * (years + 1);
    let mut values = Store::zeros(each * spec.draws);
    let mut population = vec![0.0; if spec.full { spec.draws * (years + 1) * 2 * AGES } else { 0 }];
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
    Ok(Simulation { start: spec.start, draws: spec.draws, years, indicators, values, population })
}

/// Where consecutive draws keep what they find.
pub(super) struct Kept<'a> {
    /// [indicator][year 0…T][draw]
    pub values: &'a mut [f64],
    /// [draw][year 0…T][202]; empty where it is not asked for.
    pub population: &'a mut [f64],
}

/// The drawn paths of eight draws: e0 of both sexes, TFR, migration, by year.
struct Drawn {
    e0: [Vec<V>; 2],
    tfr: Vec<V>,
    migration: Vec<V>,
}

/// Purposes of streams.
struct Keys {
    tfr: Key,
    e0: Key,
    migration: Key,
    noise: Key,
}

impl Keys {
    fn new(seed: u64, region: &str) -> Self {
        let key = |purpose| Key::new(seed, purpose, region);
        Self { tfr: key("tfr"), e0: key("e0"), migration: key("migration"), noise: key("noise") }
    }
}

/// Net migration of one year has this correlation with that of the year before.
const MIGRATION_MEMORY: f64 = 0.8;

fn draw_paths(spec: &EnsembleSpec<'_>, keys: &Keys, first: usize) -> Drawn {
    let t = spec.paths.tfr.len();
    let (p, s) = (spec.paths, spec.spread);
    let mut out = Drawn { e0: [vec![ZERO; t], vec![ZERO; t]], tfr: vec![ZERO; t], migration: vec![ZERO; t] };
    let spreads = |sd: &[f64]| sd.iter().any(|v| *v > 0.0);
    let across = (1.0 - s.correlation_e0 * s.correlation_e0).max(0.0).sqrt();
    let any_e0 = spreads(&s.sd_e0_female) || spreads(&s.sd_e0_male);
    let (any_tfr, any_migration) = (spreads(&s.sd_tfr), spreads(&s.sd_migration));
    for i in 0..L {
        let draw = (first + i) as u64;
        let (mut tfr, mut e0, mut moves) =
            (keys.tfr.stream(draw), keys.e0.stream(draw), keys.migration.stream(draw));
        let (mut x_tfr, mut x_f, mut x_m, mut z_move) = (0.0, 0.0, 0.0, 0.0);
        for year in 0..t {
            if any_tfr {
                x_tfr = walk(x_tfr, &s.sd_tfr, year, tfr.normal());
            }
            out.tfr[year][i] = (p.tfr[year] + x_tfr).max(TFR_FLOOR.min(p.tfr[year]));
            if any_e0 {
                let (a, b) = (e0.normal(), e0.normal());
                x_f = walk(x_f, &s.sd_e0_female, year, a);
                x_m = walk(x_m, &s.sd_e0_male, year, s.correlation_e0 * a + across * b);
            }
            out.e0[0][year][i] = (p.e0_female[year] + x_f).clamp(E0_RANGE.0, E0_RANGE.1);
            out.e0[1][year][i] = (p.e0_male[year] + x_m).clamp(E0_RANGE.0, E0_RANGE.1);
            if any_migration {
                let z = moves.normal();
                z_move = if year == 0 {
                    z
                } else {
                    MIGRATION_MEMORY * z_move + (1.0 - MIGRATION_MEMORY * MIGRATION_MEMORY).sqrt() * z
                };
            }
            let rate = p.net_migration_rate[year] + s.sd_migration[year] * z_move;
            out.migration[year][i] = rate.clamp(-MIGRATION_LIMIT, MIGRATION_LIMIT);
        }
    }
    out
}

/// The next deviation of a process whose standard deviation in each year is given: an independent step
/// where it grows, shrunk in proportion where it falls.
fn walk(x: f64, sd: &[f64], year: usize, z: f64) -> f64 {
    let (now, before) = (sd[year], if year == 0 { 0.0 } else { sd[year - 1] });
    if now >= before { x + (now * now - before * before).sqrt() * z } else { x * now / before }
}

fn noise_on(spec: &EnsembleSpec<'_>) -> bool {
    spec.spread.small_number_noise.unwrap_or_else(|| spec.base.sum() < NOISE_BELOW)
}

/// Factors that make regions add to their parent, by draw of a chunk, year and cell.
pub(super) struct Rake {
    /// [draw][year 0…T][202]
    pub cells: Vec<f64>,
    /// [draw][year 1…T], for births and for deaths.
    pub births: Vec<f64>,
    pub deaths: Vec<f64>,
}

/// Runs consecutive draws; with factors, what is kept is raked, and the run itself is not.
pub(super) fn run_chunk(
    spec: &EnsembleSpec<'_>,
    tables: &Tables,
    indicators: &[Indicator],
    draws: std::ops::Range<usize>,
    rake: Option<&Rake>,
    kept: &mut Kept<'_>,
) {
    let (first, draws) = (draws.start, draws.len());
    let setting = tables.setting(indicators);
    let years = spec.paths.tfr.len();
    let keys = Keys::new(spec.seed, spec.region);
    let noisy = noise_on(spec);
    let mut block = Block::new(false);
    for at in (0..draws).step_by(L) {
        let used = L.min(draws - at);
        let drawn = draw_paths(spec, &keys, first + at);
        let mut streams: Vec<_> = (0..L).map(|i| keys.noise.stream((first + at + i) as u64)).collect();
        for i in 0..L {
            let draw = first + at + i;
            let from = match &spec.base_draws {
                Some(b) => b.index_axis(ndarray::Axis(0), draw % b.shape()[0]),
                None => spec.base,
            };
            for (cell, p) in block.population.as_flattened_mut().iter_mut().zip(from.iter()) {
                cell[i] = if noisy { noise::whole(&mut streams[i], *p) } else { *p };
            }
        }
        block.begin();
        let (first_raked, mut raked_before) = (at, ZERO);
        for t in 0..=years {
            if t > 0 {
                let year = Year {
                    e0: [drawn.e0[0][t - 1], drawn.e0[1][t - 1]],
                    tfr: drawn.tfr[t - 1],
                    srb: spec.paths.srb[t - 1],
                    migration: drawn.migration[t - 1],
                    survival: tables.survival.as_ref().map(|by_year| &by_year[t - 1]),
                    shares: &tables.shares[t - 1],
                };
                if noisy {
                    block.step_noisy(&year, &setting, &mut streams);
                } else {
                    block.step(&year, &setting);
                }
            }
            let held = rake.map(|r| {
                let held = (block.population.clone(), block.flows);
                let (births, deaths) = (Flow::Births as usize, Flow::Deaths as usize);
                let (mut stock, mut net) = (ZERO, ZERO);
                for i in 0..used {
                    let at = (at + i) * (years + 1) + t;
                    let factors = &r.cells[at * 2 * AGES..(at + 1) * 2 * AGES];
                    for (cell, f) in block.population.as_flattened_mut().iter_mut().zip(factors) {
                        cell[i] *= f;
                        stock[i] += cell[i];
                    }
                    if t > 0 {
                        let at = (first_raked + i) * years + t - 1;
                        block.flows[births][i] *= r.births[at];
                        block.flows[deaths][i] *= r.deaths[at];
                        // What is left over: so that stocks and flows of raked draws still add.
                        net[i] = stock[i] - raked_before[i] - block.flows[births][i] + block.flows[deaths][i];
                    }
                }
                raked_before = stock;
                block.flows[Flow::NetMigration as usize] = net;
                block.sum();
                held
            });
            // Who is held out of the projection is part of what is told, and of nothing that follows.
            let aging = spec.special.as_ref().map(|special| {
                let aging = block.population.clone();
                for (cell, s) in block.population.as_flattened_mut().iter_mut().zip(special) {
                    cell.iter_mut().for_each(|v| *v += s);
                }
                block.sum();
                aging
            });
            for (k, v) in block.indicators(&setting).iter().enumerate() {
                let from = (k * (years + 1) + t) * draws + at;
                let row = &mut kept.values[from..from + used];
                match row.first_chunk_mut::<L>() {
                    Some(whole) => *whole = *v,
                    None => row.copy_from_slice(&v[..used]),
                }
            }
            if !kept.population.is_empty() {
                for i in 0..used {
                    let from = ((at + i) * (years + 1) + t) * 2 * AGES;
                    for (out, cell) in
                        kept.population[from..from + 2 * AGES].iter_mut().zip(block.population.as_flattened())
                    {
                        *out = cell[i];
                    }
                }
            }
            if let Some(aging) = aging {
                block.population = aging;
            }
            if let Some((population, flows)) = held {
                block.population = population;
                block.flows = flows;
            }
        }
    }
}

pub(super) fn check(spec: &EnsembleSpec<'_>) -> Result<()> {
    let mut problems = Vec::new();
    let shape = spec.base.shape();
    if shape != [2, AGES] {
        problems.push(
            Problem::new("wrong shape")
                .column("base")
                .value(format!("{shape:?}"))
                .expected("(2, 101): female and male, single ages 0 to 100+"),
        );
    }
    if let Some(b) = &spec.base_draws
        && (b.shape()[0] == 0 || b.shape()[1..] != [2, AGES])
    {
        problems.push(
            Problem::new("wrong shape")
                .column("base_draws")
                .value(format!("{:?}", b.shape()))
                .expected("(n, 2, 101)"),
        );
    }
    if let Some(s) = &spec.special
        && s.shape() != [2, AGES]
    {
        let p = Problem::new("wrong shape").column("special").value(format!("{:?}", s.shape()));
        problems.push(p.expected("(2, 101)"));
    }
    let mut cells = |name: &str, bad: usize| {
        if bad > 0 {
            problems.push(
                Problem::new(format!("{bad} cells are negative or not numbers"))
                    .column(name)
                    .expected("persons from 0 on"),
            );
        }
    };
    let not_persons = |v: &&f64| !(**v >= 0.0 && v.is_finite());
    cells("base", spec.base.iter().filter(not_persons).count());
    if let Some(b) = &spec.base_draws {
        cells("base_draws", b.iter().filter(not_persons).count());
    }
    if let Some(s) = &spec.special {
        cells("special", s.iter().filter(not_persons).count());
    }
    if spec.draws == 0 {
        problems.push(Problem::new("no draws").column("draws").value(0).expected("at least 1"));
    }
    check_paths(spec, &mut problems);
    if problems.is_empty() { Ok(()) } else { Err(Error::Data(problems)) }
}

fn check_paths(spec: &EnsembleSpec<'_>, problems: &mut Vec<Problem>) {
    let (p, s) = (spec.paths, spec.spread);
    let t = p.tfr.len();
    let mut one = |name: &str, v: &[f64], low: f64, high: f64| {
        if v.len() != t {
            problems.push(
                Problem::new("another length than tfr").column(name).value(v.len()).expected(format!("{t}")),
            );
        }
        for (i, x) in v.iter().enumerate() {
            if !(*x >= low && *x <= high) {
                problems.push(
                    Problem::new(format!("out of range in year {}", spec.start + 1 + i as i32))
                        .column(name)
                        .value(x)
                        .expected(format!("{low} to {high}")),
                );
            }
        }
    };
    one("e0_female", &p.e0_female, E0_RANGE.0, E0_RANGE.1);
    one("e0_male", &p.e0_male, E0_RANGE.0, E0_RANGE.1);
    one("tfr", &p.tfr, 0.0, 12.0);
    one("srb", &p.srb, 0.5, 2.0);
    one("net_migration_rate", &p.net_migration_rate, -MIGRATION_LIMIT, MIGRATION_LIMIT);
    one("sd_e0_female", &s.sd_e0_female, 0.0, 20.0);
    one("sd_e0_male", &s.sd_e0_male, 0.0, 20.0);
    one("sd_tfr", &s.sd_tfr, 0.0, 5.0);
    one("sd_migration", &s.sd_migration, 0.0, 0.2);
    if !(-1.0..=1.0).contains(&s.correlation_e0) {
        problems.push(
            Problem::new("no correlation")
                .column("correlation_e0")
                .value(s.correlation_e0)
                .expected("-1 to 1"),
        );
    }
}
