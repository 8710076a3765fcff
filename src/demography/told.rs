//! What the notes of a run say: paths that no table reaches, migration that was not to be had, draws without a value.

use super::chunk::HIGHEST_OUT;
use super::ensemble::{EnsembleSpec, central};
use super::indicators::Indicator;
use super::migration::{self, Direction, Family};
use super::quantiles::Told;
use super::standards;
use crate::error::Result;

/// The first year in which the central run falls short of a path of net migration below 0, what the path says and
/// what leaving at the highest rates gives; `None` where the path is met.
///
/// # Errors
/// As [`central`].
pub fn migration_shortfall(spec: &EnsembleSpec<'_>) -> Result<Option<(i32, f64, f64)>> {
    let path = &spec.paths.net_migration_rate;
    // Whoever the people are, as many can leave: the least likely to go at the highest rate, and two fifths
    // of any people live through a year. Almost every path ends here.
    let profile = migration::profile(Family::Family, Direction::Out)?;
    let most = profile.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let least = profile.iter().copied().fold(f64::INFINITY, f64::min);
    if path.iter().all(|r| *r >= -0.4 * HIGHEST_OUT * least / most) {
        return Ok(None);
    }
    let run = central(&EnsembleSpec { special: None, ..spec.clone() })?;
    for (t, want) in path.iter().enumerate() {
        let before: f64 = run.population.index_axis(ndarray::Axis(0), t).sum();
        let net: f64 = run.net_migration.index_axis(ndarray::Axis(0), t).sum();
        let got = if before > 0.0 { net / before } else { *want };
        if got > want + 1e-6 * want.abs() + 1e-12 {
            return Ok(Some((spec.start + 1 + t as i32, *want, got)));
        }
    }
    Ok(None)
}

/// The note of a shortfall.
pub fn migration_note((year, want, got): (i32, f64, f64)) -> String {
    format!(
        "净迁移率路径自{year}年起达不到：各年龄迁出率有上限（一年最多九成），{year}年给定{:.1}‰，中心路径实际{:.1}‰。",
        1000.0 * want,
        1000.0 * got
    )
}

/// The note of years after the last that the national paths have.
///
/// # Errors
/// `Model` where the shipped table is damaged.
pub fn beyond_note(start: i32, years: usize) -> Result<Option<String>> {
    let china = standards::china_paths()?;
    let last = i64::from(china.first_year) + china.tfr.len() as i64 - 1;
    let end = i64::from(start) + years as i64;
    Ok((end > last).then(|| format!("全国路径到{last}年为止，其后各年沿用{last}年的水平（假设）。")))
}

/// Notes of the indicators that some draws have no value for, by indicator and year from `start` on.
pub fn nobody_notes(indicators: &[Indicator], told: &[Vec<Told>], start: i32, draws: usize) -> Vec<String> {
    let note = |(indicator, by_year): (&Indicator, &Vec<Told>)| {
        let first = usize::from(indicator.is_flow());
        let some: Vec<(i32, usize)> = (by_year.iter().enumerate().skip(first))
            .filter(|(_, t)| t.missing > 0)
            .map(|(t, told)| (start + t as i32, told.missing))
            .collect();
        let ((from, _), (to, _)) = (some.first()?, some.last()?);
        let most = some.iter().map(|s| s.1).max()?;
        let years = if from == to { format!("{from}年") } else { format!("{from}—{to}年间") };
        Some(format!(
            "“{}”在{years}至多{most}次（共{draws}次）模拟中分母无人，这些模拟不计入均值和分位数；各次均无人的年份为空。",
            indicator.label
        ))
    };
    indicators.iter().zip(told).filter_map(note).collect()
}
