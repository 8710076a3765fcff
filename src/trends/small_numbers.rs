//! Series of a few persons: what chance alone does to whole numbers.
//!
//! A class of large series knows nothing of two orphans becoming three. Arrivals and departures, the unit
//! changes up and down from year to year, are taken as events of Poisson rates with Jeffreys' prior, so that
//! the number of each ahead is negative binomial; the years that tell thin out with the horizon. A bound is as
//! many arrivals as that, less the departures to be expected meanwhile, and the other way round.

use super::reference_class::{K, PROBS};

/// Up to this many persons a series is one of small numbers.
const SMALL: f64 = 20.0;

/// Unit changes that were seen, up and down, and in how many years.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Events {
    up: f64,
    down: f64,
    years: f64,
}

/// The unit changes of a regime of whole numbers up to 20, three or more; `None` for any other.
pub(super) fn few(values: &[Option<f64>], start: usize) -> Option<Events> {
    let seen: Vec<(usize, f64)> =
        values.iter().enumerate().skip(start).filter_map(|(i, v)| v.map(|v| (i, v))).collect();
    let small = seen.iter().all(|(_, v)| v.fract() == 0.0 && *v <= SMALL);
    let (first, last) = (seen.first()?.0, seen.last()?.0);
    let sum = |sign: f64| seen.windows(2).map(|w| (sign * (w[1].1 - w[0].1)).max(0.0)).sum();
    (small && seen.len() > 2).then(|| Events { up: sum(1.0), down: sum(-1.0), years: (last - first) as f64 })
}

/// Roots of the quantiles after `observed` years without a case.
pub(super) fn none_so_far(observed: usize, past: usize, horizon: usize) -> Vec<[f64; K]> {
    (past..past + horizon).map(|h| PROBS.map(|p| ahead(0.0, observed as f64, h + 1, p).sqrt())).collect()
}

/// Puts each quantile at least as far from the median as so many events would; true where one moved.
pub(super) fn widen(roots: &mut [[f64; K]], events: &Events, past: usize) -> bool {
    let mut moved = false;
    for (h, row) in roots.iter_mut().enumerate() {
        let centre = super::forecast::squared(row[K / 2]);
        for (root, p) in row.iter_mut().zip(PROBS).filter(|(_, p)| *p != 0.5) {
            let upper = p > 0.5;
            let far = events.net(past + h + 1, upper, p.max(1.0 - p));
            let bound = if upper { (centre + far).sqrt() } else { (centre - far).max(0.0).sqrt() };
            if far > 0.0 && ((upper && bound > *root) || (!upper && bound < *root)) {
                *root = bound;
                moved = true;
            }
        }
    }
    moved
}

impl Events {
    /// How far up or down the series gets in `steps` years with probability `p`.
    fn net(&self, steps: usize, up: bool, p: f64) -> f64 {
        let (there, back) = if up { (self.up, self.down) } else { (self.down, self.up) };
        let expected = (back / self.years * steps as f64).floor();
        (ahead(there, self.years, steps, p) - expected).max(0.0)
    }
}

/// Quantile `p` of the number of events in the next `steps` years, after so many in `years`.
fn ahead(events: f64, years: f64, steps: usize, p: f64) -> f64 {
    let fail = 1.0 / (years / steps as f64 + 1.0);
    let shape = events + 0.5;
    let mut count = 0.0;
    let mut mass = (1.0 - fail).powf(shape);
    let mut sum = mass;
    while sum < p && count < 1e4 {
        mass *= fail * (count + shape) / (count + 1.0);
        count += 1.0;
        sum += mass;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f64]) -> Option<Events> {
        few(&values.iter().map(|v| Some(*v)).collect::<Vec<_>>(), 0)
    }

    #[test]
    fn only_small_whole_numbers() {
        assert_eq!(of(&[3.0; 8]), Some(Events { up: 0.0, down: 0.0, years: 7.0 }));
        assert_eq!(of(&[1.0, 0.0, 2.0]), Some(Events { up: 2.0, down: 1.0, years: 2.0 }));
        assert_eq!(of(&[3.0, 3.5, 3.0]), None);
        assert_eq!(of(&[3.0, 21.0, 3.0]), None);
        assert_eq!(of(&[3.0, 4.0]), None);
    }

    #[test]
    fn a_negative_binomial_by_hand() {
        // Shape 1/2 and 8 years: P(0) = (8/9)^(1/2) = 0.9428, P(0 or 1) = 0.9428·(1 + 1/18) = 0.9952.
        assert_eq!([0.94, 0.95, 0.99, 0.996].map(|p| ahead(0.0, 8.0, 1, p)), [0.0, 1.0, 1.0, 2.0]);
    }
}
