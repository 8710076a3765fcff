//! Sums over the ages of eight draws, and the ages that they stand for: groups, median, mean.

use multiversion::multiversion;

use super::indicators::Who;
use super::lanes::{L, V, ZERO};
use super::mortality::AGES;
use super::sweeps::Cells;

/// Sums over the ages below 0, 5, …, 100, and over all.
pub(super) type Sums = [V; GROUPS + 2];
pub(super) const NO_SUMS: Sums = [ZERO; GROUPS + 2];
/// Whole groups of five years of age below the open one.
const GROUPS: usize = 20;

#[inline(always)]
pub(super) fn plus(a: &V, b: &V) -> V {
    let mut sum = *a;
    for i in 0..L {
        sum[i] += b[i];
    }
    sum
}

/// Sums of what each age has, in order of age.
#[inline(always)]
pub(super) fn sum_by(sums: &mut Sums, mut of: impl FnMut(usize) -> V) {
    let mut sum = ZERO;
    sums[0] = sum;
    for group in 0..=GROUPS {
        for x in 5 * group..(5 * group + 5).min(AGES) {
            let value = of(x);
            for i in 0..L {
                sum[i] += value[i];
            }
        }
        sums[group + 1] = sum;
    }
}

/// Sums over ages, both sexes together.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx2", "x86_64+avx2"), dispatcher = "direct")]
pub(super) fn sum_both(cells: &Cells, sums: &mut Sums) {
    sum_by(sums, |x| both(cells, x));
}

/// Sums over ages of one sex.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx2", "x86_64+avx2"), dispatcher = "direct")]
pub(super) fn sum_one(cells: &[V; AGES], sums: &mut Sums) {
    sum_by(sums, |x| cells[x]);
}

#[inline(always)]
fn both(cells: &Cells, x: usize) -> V {
    plus(&cells[0][x], &cells[1][x])
}

/// Everybody, or all of one sex.
#[inline(always)]
pub(super) fn all(sums: &Sums) -> &V {
    &sums[GROUPS + 1]
}

/// The place among the sums of those younger than x = 0…101, where it is kept.
pub(super) fn kept(x: usize) -> Option<usize> {
    if x >= AGES { Some(GROUPS + 1) } else { x.is_multiple_of(5).then_some(x / 5) }
}

/// Those younger than x = 0…101, of both sexes or of one; `sums` are theirs.
#[inline(always)]
pub(super) fn younger(cells: &Cells, who: Who, sums: &Sums, x: usize) -> V {
    if x >= AGES {
        return *all(sums);
    }
    let mut sum = sums[x / 5];
    for age in x - x % 5..x {
        let people = match who {
            Who::Both => both(cells, age),
            Who::One(sex) => cells[sex][age],
        };
        sum = plus(&sum, &people);
    }
    sum
}

/// The age below which half of the people are, straight within a year of age; NaN for nobody.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx2", "x86_64+avx2"), dispatcher = "direct")]
pub(super) fn median_age(cells: &Cells, sums: &Sums) -> V {
    let mut half = *all(sums);
    for h in &mut half {
        *h *= 0.5;
    }
    // Sums rise with age: first by groups, then by years of age from the youngest lane's group to the oldest's.
    let mut groups = ZERO;
    for sums in &sums[1..=GROUPS] {
        for i in 0..L {
            groups[i] += if sums[i] <= half[i] { 1.0 } else { 0.0 };
        }
    }
    let (mut first, mut last) = (groups[0], groups[0]);
    for group in groups {
        first = if group < first { group } else { first };
        last = if group > last { group } else { last };
    }
    let (first, last) = (first as usize, last as usize);
    let (mut sum, mut below, mut passed) = (sums[first], sums[first], ZERO);
    for x in 5 * first..(5 * last + 5).min(AGES - 1) {
        sum = plus(&sum, &both(cells, x));
        for i in 0..L {
            let whole = sum[i] <= half[i];
            passed[i] += if whole { 1.0 } else { 0.0 };
            below[i] = if whole { sum[i] } else { below[i] };
        }
    }
    let mut ages = ZERO;
    for i in 0..L {
        let x = (5 * first + passed[i] as usize).min(AGES - 1);
        let here = cells[0][x][i] + cells[1][x][i];
        ages[i] = if here > 0.0 { x as f64 + (half[i] - below[i]) / here } else { f64::NAN };
    }
    ages
}

/// Mean age, each year of age at its middle, 100+ at 102; NaN for nobody.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx2", "x86_64+avx2"), dispatcher = "direct")]
pub(super) fn mean_age(cells: &Cells, sums: &Sums) -> V {
    let mut years = ZERO;
    for x in 0..AGES {
        let age = if x + 1 == AGES { 102.0 } else { x as f64 + 0.5 };
        let people = both(cells, x);
        for i in 0..L {
            years[i] += age * people[i];
        }
    }
    let total = all(sums);
    for i in 0..L {
        years[i] = if total[i] > 0.0 { years[i] / total[i] } else { f64::NAN };
    }
    years
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sums_and_median_as_from_all_ages(
            people in prop::collection::vec(0.0..1e4f64, 2 * AGES), nobody in 0..AGES, from in 0..=AGES,
        ) {
            let mut cells: Cells = [[ZERO; AGES]; 2];
            for (cell, p) in cells.as_flattened_mut().iter_mut().zip(&people) {
                *cell = std::array::from_fn(|i| p * (i + 1) as f64);
            }
            cells.iter_mut().for_each(|sex| sex[nobody] = ZERO);
            let mut sums = NO_SUMS;
            sum_both(&cells, &mut sums);
            let mut below = vec![0.0];
            for x in 0..AGES {
                below.push(below[x] + both(&cells, x)[3]);
            }
            prop_assert_eq!(younger(&cells, Who::Both, &sums, from)[3], below[from]);
            let half = 0.5 * below[AGES];
            let x = (0..AGES).rev().find(|x| below[*x] <= half).unwrap();
            let median = x as f64 + (half - below[x]) / (below[x + 1] - below[x]);
            prop_assert!((median_age(&cells, &sums)[3] - median).abs() < 1e-9);
        }
    }
}
