//! Some consecutive draws through the projection, eight side by side.

use super::drawn::{Processes, draw_paths};
use super::ensemble::{EnsembleSpec, NOISE_BELOW};
use super::indicators::{Flow, Indicator};
use super::lanes::{Block, L, Setting, Year, ZERO};
use super::life_table::Sex;
use super::migration::{Direction, Family};
use super::mortality::AGES;
use super::program::Program;
use super::sweeps::Profile;
use super::{fertility, migration, mortality, noise};
use crate::error::{Error, Problem, Result};

/// Schedules that all draws of a run share.
pub(super) struct Tables {
    surfaces: [&'static mortality::Surface; 2],
    pub(super) shares: Vec<[f64; AGES]>,
    profile_in: Profile,
    profile_out: Profile,
    /// By year, where the draws do not differ in life expectancy.
    survival: Option<Vec<Profile>>,
}

/// No more than this share of any age leaves in a year.
pub(super) const HIGHEST_OUT: f64 = 0.9;

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

    pub(super) fn setting(&self, indicators: &[Indicator]) -> Setting<'_> {
        Setting {
            surfaces: self.surfaces,
            profile_in: &self.profile_in,
            profile_out: &self.profile_out,
            highest_rate: HIGHEST_OUT
                / self.profile_out.as_flattened().iter().copied().fold(f64::MIN_POSITIVE, f64::max),
            program: Program::new(indicators),
        }
    }
}

/// Where consecutive draws keep what they find.
pub(super) struct Kept<'a> {
    /// [indicator][year 0…T][draw]
    pub values: &'a mut [f64],
    /// [draw][year 0…T][202]; empty where it is not asked for.
    pub population: &'a mut [f64],
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
    let processes = Processes::new(spec);
    let noisy = noise_on(spec);
    let mut block = Block::new(&setting, false);
    for at in (0..draws).step_by(L) {
        let used = L.min(draws - at);
        let drawn = draw_paths(spec, &processes, first + at);
        let mut streams: Vec<_> = (0..L).map(|i| processes.noise.stream((first + at + i) as u64)).collect();
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
        let mut told_before = ZERO;
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
            block.flows[Flow::Before as usize] = told_before;
            told_before = *block.everybody();
            for (k, v) in block.indicators(&setting).enumerate() {
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
