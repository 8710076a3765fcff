//! The sweeps over the ages of eight draws that a year takes: survival, migration with sums, medians.
//!
//! Each is compiled for the vectors of several processors and chosen when the program runs: the same
//! operations in the same order. They are functions of their own, and small, because the compiler keeps
//! eight lanes in one register only where a loop holds little else.

use multiversion::multiversion;

use super::lanes::{FERTILE, L, V, ZERO};
use super::mortality::AGES;

/// Cells of eight draws, [sex][age].
pub(super) type Cells = [[V; AGES]; 2];
/// Survival ratios of each lane, [sex][lane][age].
pub(super) type Survival = [[[f64; AGES]; L]; 2];
/// A profile over both sexes.
pub(super) type Profile = [[f64; AGES]; 2];
/// Sums over the ages below x = 0…101.
pub(super) type Sums = [V; AGES + 1];

/// Straight between two rows of ratios.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx2", "x86_64+avx2"), dispatcher = "direct")]
pub(super) fn between(into: &mut [f64; AGES], low: &[f64; AGES], high: &[f64; AGES], w: f64) {
    for x in 0..AGES {
        into[x] = low[x] + w * (high[x] - low[x]);
    }
}

/// What survivors add up to.
pub(super) struct Swept {
    /// Σ f(x)·(women at the start + women at the end) by age of mother.
    pub mothers: V,
    /// Σ of the profile of leaving over all who survived, newborns aside.
    pub leavers: V,
}

/// Everybody a year older, where all draws survive alike; age 0 is left as it was.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx2", "x86_64+avx2"), dispatcher = "direct")]
pub(super) fn survive_alike(
    cells: &mut Cells,
    survival: &Profile,
    shares: &[f64; AGES],
    out: &Profile,
) -> Swept {
    survive(cells, |sex, x| [survival[sex][x]; L], shares, out)
}

/// Everybody a year older, each draw by its own survival; age 0 is left as it was.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx2", "x86_64+avx2"), dispatcher = "direct")]
pub(super) fn survive_apart(
    cells: &mut Cells,
    survival: &Survival,
    shares: &[f64; AGES],
    out: &Profile,
) -> Swept {
    survive(cells, |sex, x| std::array::from_fn(|i| survival[sex][i][x]), shares, out)
}

#[inline(always)]
fn add(sum: &mut V, by: f64, value: &V) {
    for i in 0..L {
        sum[i] += by * value[i];
    }
}

#[inline(always)]
fn survive(
    cells: &mut Cells,
    ratio: impl Fn(usize, usize) -> V + Copy,
    shares: &[f64; AGES],
    out: &Profile,
) -> Swept {
    const OPEN: usize = AGES - 1;
    let mut leavers = ZERO;
    for (sex, p) in cells.iter_mut().enumerate() {
        let s = ratio(sex, OPEN);
        for i in 0..L {
            p[OPEN][i] = s[i] * (p[OPEN - 1][i] + p[OPEN][i]);
        }
        add(&mut leavers, out[sex][OPEN], &p[OPEN]);
    }
    let mut sums = Swept { mothers: ZERO, leavers };
    // From the top down, so that each age still finds the year before below it.
    stretch::<false>(FERTILE.1..OPEN, cells, ratio, shares, out, &mut sums);
    stretch::<true>(FERTILE.0..FERTILE.1, cells, ratio, shares, out, &mut sums);
    stretch::<false>(1..FERTILE.0, cells, ratio, shares, out, &mut sums);
    sums
}

/// Some ages of both sexes a year older, the oldest first.
#[inline(always)]
fn stretch<const BEARING: bool>(
    ages: std::ops::Range<usize>,
    [women, men]: &mut Cells,
    ratio: impl Fn(usize, usize) -> V,
    shares: &[f64; AGES],
    out: &Profile,
    sums: &mut Swept,
) {
    let (mut mothers, mut leaving_women, mut leaving_men) = (sums.mothers, sums.leavers, ZERO);
    for x in ages.rev() {
        let (s, t) = (ratio(0, x), ratio(1, x));
        let (mut w, mut m) = (women[x - 1], men[x - 1]);
        for i in 0..L {
            w[i] *= s[i];
        }
        for i in 0..L {
            m[i] *= t[i];
        }
        if BEARING {
            for i in 0..L {
                mothers[i] += shares[x] * (women[x][i] + w[i]);
            }
        }
        add(&mut leaving_women, out[0][x], &w);
        add(&mut leaving_men, out[1][x], &m);
        women[x] = w;
        men[x] = m;
    }
    sums.mothers = mothers;
    for i in 0..L {
        sums.leavers[i] = leaving_women[i] + leaving_men[i];
    }
}

/// Those who come (persons, by a profile) and those who leave (rates, by a profile), and the sums over ages
/// of what is there then.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx2", "x86_64+avx2"), dispatcher = "direct")]
pub(super) fn migrate(
    cells: &mut Cells,
    come: &V,
    leave: &V,
    profile_in: &Profile,
    profile_out: &Profile,
    sums: &mut Sums,
) {
    let mut sum = ZERO;
    let [women, men] = cells;
    for x in 0..AGES {
        let (mut w, mut m) = (women[x], men[x]);
        for i in 0..L {
            w[i] = w[i] * (1.0 - leave[i] * profile_out[0][x]) + come[i] * profile_in[0][x];
        }
        for i in 0..L {
            m[i] = m[i] * (1.0 - leave[i] * profile_out[1][x]) + come[i] * profile_in[1][x];
        }
        for i in 0..L {
            sum[i] += w[i] + m[i];
        }
        women[x] = w;
        men[x] = m;
        sums[x + 1] = sum;
    }
}

/// Sums over ages, both sexes together.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx2", "x86_64+avx2"), dispatcher = "direct")]
pub(super) fn sum_both(cells: &Cells, sums: &mut Sums) {
    let mut sum = ZERO;
    for x in 0..AGES {
        for i in 0..L {
            sum[i] += cells[0][x][i] + cells[1][x][i];
        }
        sums[x + 1] = sum;
    }
}

/// Sums over ages of one sex.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx2", "x86_64+avx2"), dispatcher = "direct")]
pub(super) fn sum_one(cells: &[V; AGES], sums: &mut Sums) {
    let mut sum = ZERO;
    for x in 0..AGES {
        for i in 0..L {
            sum[i] += cells[x][i];
        }
        sums[x + 1] = sum;
    }
}

/// The age below which half of the people are, straight within a year of age.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx2", "x86_64+avx2"), dispatcher = "direct")]
pub(super) fn median_age(sums: &Sums) -> V {
    let half: V = sums[AGES].map(|t| 0.5 * t);
    let mut below = ZERO;
    for sums in &sums[1..AGES] {
        for i in 0..L {
            below[i] += if sums[i] <= half[i] { 1.0 } else { 0.0 };
        }
    }
    std::array::from_fn(|i| {
        let x = (below[i] as usize).min(AGES - 1);
        let (a, b) = (sums[x][i], sums[x + 1][i]);
        if b > a { x as f64 + (half[i] - a) / (b - a) } else { 0.0 }
    })
}

/// Mean age, each year of age at its middle, 100+ at 102.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx2", "x86_64+avx2"), dispatcher = "direct")]
pub(super) fn mean_age(sums: &Sums) -> V {
    let mut years = ZERO;
    for x in 0..AGES {
        let age = if x + 1 == AGES { 102.0 } else { x as f64 + 0.5 };
        for i in 0..L {
            years[i] += age * (sums[x + 1][i] - sums[x][i]);
        }
    }
    std::array::from_fn(|i| if sums[AGES][i] > 0.0 { years[i] / sums[AGES][i] } else { 0.0 })
}
