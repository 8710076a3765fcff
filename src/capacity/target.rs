//! Targets: a share of a base that must be covered, in exact rationals, and how far it is attained.

use ndarray::Array2;
use num_rational::Ratio;

use crate::error::{Error, Problem, Result};

/// Places needed to cover `share` of `base`: ceil(share × base), exact. 55 % of 100 are 55, though in
/// floating point ceil(0.55 × 100) is 56.
///
/// # Errors
/// `Data` for a share outside 0..=1 or a negative base.
pub fn coverage_required(share: Ratio<i64>, base: i64) -> Result<i64> {
    let (zero, one) = (Ratio::from_integer(0), Ratio::from_integer(1));
    if share < zero || share > one {
        return Err(Error::data(Problem::new("not a share").value(share).expected("a share from 0 to 1")));
    }
    if base < 0 {
        return Err(Error::data(Problem::new("negative base").value(base).expected("0 or more")));
    }
    let (numer, denom) = (i128::from(*share.numer()), i128::from(*share.denom()));
    let needed = (numer * i128::from(base) + denom - 1) / denom;
    // A share of at most 1 keeps the result at or under `base`.
    i64::try_from(needed).map_err(|e| Error::data(Problem::new(e.to_string()).value(base)))
}

/// How a target share is met, by year.
#[derive(Debug, Clone, PartialEq)]
pub struct Attained {
    /// part ÷ whole, [draw, year]; NaN never: 1 where the whole is zero (nothing is left to cover).
    pub share: Array2<f64>,
    /// Share of draws that reach the target.
    pub p_attained: Vec<f64>,
}

/// The share of `part` in `whole` (such as nursing beds in all beds, or stations in communities, whose
/// number grows) against a target share. Compared as part ≥ target × whole, with a slack of one part in
/// 10^12 so that rounding in floating point decides nothing.
///
/// # Errors
/// `Data` for shapes that differ, negative or non-finite numbers, or a target outside 0..=1.
pub fn target_attained(part: &Array2<f64>, whole: &Array2<f64>, target: Ratio<i64>) -> Result<Attained> {
    let mut problems = Vec::new();
    if part.dim() != whole.dim() {
        problems.push(
            Problem::new("part and whole differ in shape")
                .value(format!("{:?}", part.shape()))
                .expected(format!("{:?}", whole.shape())),
        );
    }
    for (name, path) in [("part", part), ("whole", whole)] {
        if let Some(v) = path.iter().find(|v| !v.is_finite() || **v < 0.0) {
            problems.push(Problem::new("not a count").column(name).value(v).expected("0 or more"));
        }
    }
    if target < Ratio::from_integer(0) || target > Ratio::from_integer(1) {
        problems
            .push(Problem::new("not a share").column("target").value(target).expected("a share from 0 to 1"));
    }
    if !problems.is_empty() {
        return Err(Error::Data(problems));
    }
    let (numer, denom) = (*target.numer() as f64, *target.denom() as f64);
    let share = ndarray::Zip::from(part).and(whole).map_collect(|p, w| if *w > 0.0 { p / w } else { 1.0 });
    let met = ndarray::Zip::from(part).and(whole).map_collect(|p, w| p * denom >= numer * w * (1.0 - 1e-12));
    let draws = met.nrows().max(1) as f64;
    let p_attained =
        met.columns().into_iter().map(|c| c.iter().filter(|m| **m).count() as f64 / draws).collect();
    Ok(Attained { share, p_attained })
}
