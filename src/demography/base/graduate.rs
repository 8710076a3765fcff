//! Tables of both sexes to single years 0…100+, by `demography::graduation`.

use ndarray::Array2;

use super::ages::{AGES, AgeGroup};
use crate::demography::graduation::{Group, counts_to_single};
use crate::error::Result;

/// Single years (2, 101) from group counts (2, groups): every group keeps its total, nothing is negative.
///
/// # Errors
/// `Error::Data` for groups that leave gaps and counts that are negative or not finite.
pub fn to_single(counts: &Array2<f64>, groups: &[AgeGroup]) -> Result<Array2<f64>> {
    let number = |x: usize| u32::try_from(x).unwrap_or(u32::MAX);
    let groups: Vec<Group> =
        groups.iter().map(|g| (number(g.from), (!g.is_open()).then(|| number(g.to - 1)))).collect();
    let mut single = Array2::zeros((2, AGES));
    for sex in 0..2 {
        let years = counts_to_single(&groups, &counts.row(sex).to_vec(), AGES - 1)?;
        single.row_mut(sex).iter_mut().zip(years).for_each(|(cell, v)| *cell = v);
    }
    Ok(single)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demography::base::ages::contiguous;

    #[test]
    fn totals_are_kept_and_nothing_is_negative() {
        let labels: Vec<String> =
            ["0", "1-4", "5-9", "10-14", "15-59", "60-84", "85+"].map(str::to_owned).to_vec();
        let groups = contiguous(&labels).unwrap();
        let counts = ndarray::arr2(&[
            [3.0, 0.0, 80.0, 100.0, 5000.0, 900.0, 30.0],
            [4.0, 20.0, 0.0, 0.0, 5200.0, 700.0, 0.0],
        ]);
        let single = to_single(&counts, &groups).unwrap();
        for sex in 0..2 {
            for (i, g) in groups.iter().enumerate() {
                let sum: f64 = (g.from..g.to).map(|x| single[[sex, x]]).sum();
                assert!((sum - counts[[sex, i]]).abs() < 1e-9, "{}", g.label());
            }
        }
        assert!(single.iter().all(|v| *v >= 0.0));
    }
}
