//! Which of the places get a facility: every choice is tried while that is few enough.

use ndarray::ArrayView2;

use crate::error::{Error, Problem, Result};

/// Most choices that are tried one by one; C(12, 9) is 220, C(30, 9) 14 million.
const MOST: u64 = 20_000_000;

/// What makes a choice of sites good.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Objective {
    /// Least mean distance of a person to the nearest site (p-median).
    MeanDistance,
    /// Least distance of the farthest place (p-centre).
    LargestDistance,
    /// Most persons within this distance of a site.
    Covered(f64),
}

/// A choice of sites.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Columns of the distance table, ascending.
    pub sites: Vec<usize>,
    /// Mean or largest distance, or persons covered.
    pub value: f64,
}

/// The `keep` best choices of `choose` sites, best first; of equal ones the first in lexical order.
/// `distance` is [place, site], `weight` persons by place.
///
/// # Errors
/// `Data` for lengths that don't fit, distances or weights that are negative or not numbers, and more
/// sites than there are; `Model` where there are more than 20 million choices.
pub fn site(
    distance: &ArrayView2<f64>,
    weight: &[f64],
    choose: usize,
    objective: Objective,
    keep: usize,
) -> Result<Vec<Plan>> {
    site_with(distance, weight, choose, objective, keep, &|_, _| true)
}

/// [`site`] that calls `step(choices tried, all)` now and then; false stops it.
///
/// # Errors
/// As [`site`], and `Interrupted`.
pub fn site_with(
    distance: &ArrayView2<f64>,
    weight: &[f64],
    choose: usize,
    objective: Objective,
    keep: usize,
    step: &(dyn Fn(usize, usize) -> bool + Sync),
) -> Result<Vec<Plan>> {
    let (places, sites) = distance.dim();
    let mut problems = Vec::new();
    if weight.len() != places {
        problems.push(
            Problem::new("weights do not fit the places")
                .value(weight.len())
                .expected(format!("{places} weights")),
        );
    }
    let bad = |v: &&f64| !v.is_finite() || **v < 0.0;
    if let Some(v) = distance.iter().find(bad) {
        problems.push(Problem::new("not a distance").column("distance").value(v).expected("0 or more"));
    }
    if let Some(v) = weight.iter().find(bad) {
        problems.push(Problem::new("not a weight").column("weight").value(v).expected("0 or more persons"));
    }
    if choose == 0 || choose > sites {
        problems.push(
            Problem::new("number of sites").column("choose").value(choose).expected(format!("1 to {sites}")),
        );
    }
    if !problems.is_empty() {
        return Err(Error::Data(problems));
    }
    let all = match choices(sites as u64, choose as u64) {
        Some(n) if n <= MOST => n as usize,
        _ => {
            return Err(Error::model(
                Problem::new("too many choices of sites to try each")
                    .value(format!("{choose} of {sites}"))
                    .expected("at most 20 million choices: name fewer candidates"),
            ));
        }
    };

    let total: f64 = weight.iter().sum();
    let value = |chosen: &[usize]| {
        let nearest =
            distance.rows().into_iter().map(|row| chosen.iter().fold(f64::MAX, |d, &s| d.min(row[s])));
        let weighed = nearest.zip(weight);
        match objective {
            Objective::MeanDistance => {
                weighed.map(|(d, w)| d * w).sum::<f64>() / total.max(f64::MIN_POSITIVE)
            }
            Objective::LargestDistance => {
                weighed.filter(|(_, w)| **w > 0.0).fold(0.0, |m: f64, (d, _)| m.max(d))
            }
            Objective::Covered(radius) => weighed.filter(|(d, _)| *d <= radius).map(|(_, w)| w).sum(),
        }
    };
    let sign = if matches!(objective, Objective::Covered(_)) { -1.0 } else { 1.0 };
    let mut best: Vec<Plan> = Vec::new();
    let mut chosen: Vec<usize> = (0..choose).collect();
    for tried in 0.. {
        if tried % 4096 == 0 && !step(tried, all) {
            return Err(Error::Interrupted);
        }
        let plan = Plan { value: value(&chosen), sites: chosen.clone() };
        let rank = best.partition_point(|b| sign * b.value <= sign * plan.value);
        if rank < keep {
            best.insert(rank, plan);
            best.truncate(keep);
        }
        // Next choice in lexical order: raise the last site that still can be.
        let Some(i) = (0..choose).rev().find(|&i| chosen[i] < sites - choose + i) else { break };
        chosen[i] += 1;
        for k in i + 1..choose {
            chosen[k] = chosen[k - 1] + 1;
        }
    }
    Ok(best)
}

fn choices(n: u64, k: u64) -> Option<u64> {
    let k = k.min(n - k);
    // Each partial product is a binomial coefficient, so the division leaves no rest.
    (0..k).try_fold(1_u64, |c, i| c.checked_mul(n - i).map(|c| c / (i + 1)))
}
