//! What a draw is given: its paths of TFR, life expectancy and migration.

use super::ensemble::{EnsembleSpec, MIGRATION_LIMIT, TFR_FLOOR};
use super::lanes::{L, V, ZERO};
use super::mortality::E0_RANGE;
use crate::draws::Key;

/// The drawn paths of eight draws: e0 of both sexes, TFR, migration, by year.
pub(super) struct Drawn {
    pub e0: [Vec<V>; 2],
    pub tfr: Vec<V>,
    pub migration: Vec<V>,
}

/// Purposes of streams, and the processes that they drive.
pub(super) struct Processes {
    tfr: Key,
    e0: Key,
    migration: Key,
    pub noise: Key,
    /// `None` where a process does not spread.
    walk_tfr: Option<Walk>,
    walks_e0: Option<[Walk; 2]>,
    any_migration: bool,
}

impl Processes {
    pub fn new(spec: &EnsembleSpec<'_>) -> Self {
        let key = |purpose| Key::new(spec.seed, purpose, spec.region);
        let s = spec.spread;
        let spreads = |sd: &[f64]| sd.iter().any(|v| *v > 0.0);
        let any_e0 = spreads(&s.sd_e0_female) || spreads(&s.sd_e0_male);
        Self {
            tfr: key("tfr"),
            e0: key("e0"),
            migration: key("migration"),
            noise: key("noise"),
            walk_tfr: spreads(&s.sd_tfr).then(|| Walk::new(&s.sd_tfr)),
            walks_e0: any_e0.then(|| [Walk::new(&s.sd_e0_female), Walk::new(&s.sd_e0_male)]),
            any_migration: spreads(&s.sd_migration),
        }
    }
}

/// Net migration of one year has this correlation with that of the year before.
const MIGRATION_MEMORY: f64 = 0.8;

pub(super) fn draw_paths(spec: &EnsembleSpec<'_>, processes: &Processes, first: usize) -> Drawn {
    let t = spec.paths.tfr.len();
    let (p, s) = (spec.paths, spec.spread);
    let mut out = Drawn { e0: [vec![ZERO; t], vec![ZERO; t]], tfr: vec![ZERO; t], migration: vec![ZERO; t] };
    let across = (1.0 - s.correlation_e0 * s.correlation_e0).max(0.0).sqrt();
    let fresh = (1.0 - MIGRATION_MEMORY * MIGRATION_MEMORY).sqrt();
    for i in 0..L {
        let draw = (first + i) as u64;
        let (mut tfr, mut e0, mut moves) =
            (processes.tfr.stream(draw), processes.e0.stream(draw), processes.migration.stream(draw));
        let (mut x_tfr, mut x_f, mut x_m, mut z_move) = (0.0, 0.0, 0.0, 0.0);
        for year in 0..t {
            if let Some(walk) = &processes.walk_tfr {
                x_tfr = walk.next(x_tfr, year, tfr.normal());
            }
            out.tfr[year][i] = (p.tfr[year] + x_tfr).max(TFR_FLOOR.min(p.tfr[year]));
            if let Some([women, men]) = &processes.walks_e0 {
                let (a, b) = (e0.normal(), e0.normal());
                x_f = women.next(x_f, year, a);
                x_m = men.next(x_m, year, s.correlation_e0 * a + across * b);
            }
            out.e0[0][year][i] = (p.e0_female[year] + x_f).clamp(E0_RANGE.0, E0_RANGE.1);
            out.e0[1][year][i] = (p.e0_male[year] + x_m).clamp(E0_RANGE.0, E0_RANGE.1);
            if processes.any_migration {
                let z = moves.normal();
                z_move = if year == 0 { z } else { MIGRATION_MEMORY * z_move + fresh * z };
            }
            let rate = p.net_migration_rate[year] + s.sd_migration[year] * z_move;
            out.migration[year][i] = rate.clamp(-MIGRATION_LIMIT, MIGRATION_LIMIT);
        }
    }
    out
}

/// A process whose standard deviation in each year is given: an independent step where it grows, shrunk
/// in proportion where it falls.
struct Walk {
    /// By year: what is kept of the deviation, and the step.
    years: Vec<(f64, f64)>,
}

impl Walk {
    fn new(sd: &[f64]) -> Self {
        let mut before = 0.0;
        let years = sd.iter().map(|now| {
            let year = if *now >= before {
                (1.0, (now * now - before * before).sqrt())
            } else {
                (now / before, 0.0)
            };
            before = *now;
            year
        });
        Self { years: years.collect() }
    }

    fn next(&self, x: f64, year: usize, z: f64) -> f64 {
        let (keep, step) = self.years[year];
        keep * x + step * z
    }
}
