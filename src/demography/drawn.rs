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

/// Purposes of streams.
pub(super) struct Keys {
    tfr: Key,
    e0: Key,
    migration: Key,
    pub noise: Key,
}

impl Keys {
    pub fn new(seed: u64, region: &str) -> Self {
        let key = |purpose| Key::new(seed, purpose, region);
        Self { tfr: key("tfr"), e0: key("e0"), migration: key("migration"), noise: key("noise") }
    }
}

/// Net migration of one year has this correlation with that of the year before.
const MIGRATION_MEMORY: f64 = 0.8;

pub(super) fn draw_paths(spec: &EnsembleSpec<'_>, keys: &Keys, first: usize) -> Drawn {
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
