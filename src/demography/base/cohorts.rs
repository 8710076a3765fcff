//! Cohorts inside age groups: the famine's small years and the large ones after it.
//!
//! Group counts say nothing of single years, and a smooth graduation spreads the births of 1960-61 and
//! 1962-63 evenly: who turns 60 in 2021 and who in 2023 would come out alike. Yearly birth rates put
//! the cohorts back: their ratio to their own smooth graduation is laid over the counts' one.

use ndarray::Array2;

use super::ages::{AGES, AgeGroup};
use super::graduate::to_single;
use crate::demography::standards::Sheet;
use crate::error::{Error, Problem, Result};

/// The note of whatever has cohorts laid over its groups.
pub const COHORTS: &str =
    "单岁：按1953—1980年历年出生率（Banister 1984）恢复困难时期与补偿生育队列的大小，各年龄组合计不变。";
/// Years in which somebody of the cohorts of 1953-1980 stands in a single year of age: no table reaches others.
pub const YEARS: (i32, i32) = (1954, 2079);
/// Part of a calendar year that has passed on census day, 1 November.
const CENSUS_DAY: f64 = 10.0 / 12.0;
/// Birth rates of two neighbouring years are pulled together this much: migrants and misstated ages.
const BLUR: f64 = 0.15;

/// Lays yearly birth rates over single years (2, 101) of a census on 1 November of `year`; groups that
/// the rates do not cover wholly stay as they are, all keep their totals.
///
/// # Errors
/// `Error::Model` where the shipped rates are damaged.
pub fn sharpen(single: &Array2<f64>, groups: &[AgeGroup], year: i32) -> Result<Array2<f64>> {
    let sheet = Sheet::open("birth_rates")?;
    let rates: Vec<f64> = (0..sheet.rows.len())
        .map(|r| Ok(sheet.numbers(r, 1)?.first().copied().unwrap_or(f64::NAN)))
        .collect::<Result<_>>()?;
    let first: i32 = sheet
        .rows
        .first()
        .and_then(|r| r.first()?.parse().ok())
        .ok_or_else(|| Error::model(Problem::new("damaged").file(&sheet.path)))?;
    let rate =
        |y: i32| usize::try_from(y - first).ok().and_then(|i| rates.get(i)).copied().filter(|v| *v > 0.0);
    // Persons aged x on census day were born in the ten months before it or the two before those.
    let births = |x: usize| -> Option<f64> {
        let born = year - i32::try_from(x).ok()?;
        let here = CENSUS_DAY * rate(born)? + (1.0 - CENSUS_DAY) * rate(born - 1)?;
        let around = 0.5 * (rate(born - 1)? + rate(born + 1)?);
        Some((1.0 - BLUR) * here + BLUR * around)
    };
    let covered: Vec<&AgeGroup> =
        groups.iter().filter(|g| !g.is_open() && (g.from..g.to).all(|x| births(x).is_some())).collect();
    let (Some(low), Some(high)) = (covered.first(), covered.last()) else { return Ok(single.clone()) };
    // The rates themselves in the same groups, graduated the same way; constant outside what they cover.
    let whole = |x: usize| births(x.clamp(low.from, high.to - 1)).unwrap_or(0.0);
    let grouped =
        Array2::from_shape_fn((2, groups.len()), |(_, i)| (groups[i].from..groups[i].to).map(whole).sum());
    let smooth = to_single(&grouped, groups)?;
    let mut out = single.clone();
    for s in 0..2 {
        for g in &covered {
            let before: f64 = (g.from..g.to).map(|x| single[[s, x]]).sum();
            for x in g.from..g.to {
                out[[s, x]] *= whole(x) / smooth[[s, x]].max(1e-9);
            }
            let after: f64 = (g.from..g.to).map(|x| out[[s, x]]).sum();
            if after > 0.0 {
                (g.from..g.to).for_each(|x| out[[s, x]] *= before / after);
            }
        }
    }
    Ok(out)
}

/// A structure of 1 November of `from` as of 31 December of `to`: its cohorts older or younger by the
/// time between, at most ten years; who is born meanwhile is as many as the youngest age there is.
pub fn shift(single: &Array2<f64>, from: i32, to: i32) -> Array2<f64> {
    let by = (f64::from(to - from) + 1.0 - CENSUS_DAY).clamp(-10.0, 10.0);
    let (whole, part) = (by.floor(), by - by.floor());
    let last = AGES as f64 - 2.0;
    Array2::from_shape_fn((2, AGES), |(s, x)| {
        // The open group is no single year: it stays.
        if x == AGES - 1 {
            return single[[s, x]];
        }
        let at = |shift: f64| single[[s, (x as f64 - shift).clamp(0.0, last) as usize]];
        (1.0 - part) * at(whole) + part * at(whole + 1.0)
    })
}

#[cfg(test)]
mod tests {
    use super::super::ages::contiguous;
    use super::super::covariance::GROUPS;
    use super::*;

    #[test]
    fn the_famine_and_what_followed_show_and_groups_keep_their_totals() {
        let groups = contiguous(&GROUPS.map(str::to_owned)).unwrap();
        let counts = Array2::from_elem((2, 19), 5_000.0);
        let smooth = to_single(&counts, &groups).unwrap();
        let sharp = sharpen(&smooth, &groups, 2020).unwrap();
        // Born 1963 (57) against born 1961 (59): the rates say 49.8 and 22.4.
        let ratio = sharp[[0, 57]] / sharp[[0, 59]];
        assert!((1.6..2.3).contains(&ratio), "{ratio}");
        for g in &groups {
            let sum = |a: &Array2<f64>| (g.from..g.to).map(|x| a[[1, x]]).sum::<f64>();
            assert!((sum(&sharp) / sum(&smooth) - 1.0).abs() < 1e-12, "{}", g.label());
        }
        // A year later the same cohorts are a year older.
        let later = shift(&sharp, 2020, 2021);
        assert!(later[[0, 58]] > later[[0, 60]] * 1.3, "{} {}", later[[0, 58]], later[[0, 60]]);
        let same = shift(&sharp, 2020, 2020);
        assert!((same[[0, 57]] - (sharp[[0, 57]] * 5.0 / 6.0 + sharp[[0, 56]] / 6.0)).abs() < 1e-9);
    }
}
