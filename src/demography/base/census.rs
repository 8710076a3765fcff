//! A census table as the base: nothing is reconstructed but single years within its groups.

use ndarray::{Array2, Array3};

use super::ages::contiguous;
use super::cohorts::{COHORTS, sharpen};
use super::standard::Standard;
use super::{AGES, Base, Kind, MOST_DRAWS, Special};
use crate::error::{Error, Problem, Result};

/// The base from a full table by age and sex: group counts to single years, totals kept.
///
/// A census is a count, so all `draws` are the table itself.
///
/// # Errors
/// `Error::Data` for ragged ages, NaN or negatives.
pub fn census_base(table: &Standard, draws: usize, kind: Kind) -> Result<Base> {
    census_base_of(table, draws, kind, None, &[])
}

/// `census_base` of a census of 1 November of `year`: known cohorts show inside the groups. `special`, by
/// age group, is taken out of those counted and held.
///
/// # Errors
/// As `census_base`, and for special persons who are not there.
pub fn census_base_of(
    table: &Standard,
    draws: usize,
    kind: Kind,
    year: Option<i32>,
    special: &[(String, f64)],
) -> Result<Base> {
    if matches!(table, Standard::Named(_)) {
        return Err(Error::data(
            Problem::new("a named standard is a structure, not a count")
                .column("table")
                .expected("a table with age, female, male"),
        ));
    }
    if draws > MOST_DRAWS {
        let p = Problem::new("not a number of draws").column("draws").value(draws);
        return Err(Error::data(p.expected(format!("up to {MOST_DRAWS}"))));
    }
    let mut population = table.resolve()?.single;
    if let (Some(year), Standard::Abridged(groups)) = (year, table) {
        population = sharpen(&population, &contiguous(&groups.ages)?, year)?;
    }
    let mut notes = vec![
        format!(
            "{}：普查分年龄性别数据直接作为基期人口，共{:.0}人，不作重建。",
            kind.label(),
            population.sum()
        ),
        "分组数据按累计人数的单调三次插值分解到单岁，各组合计不变；抽样之间没有差异（普查漏登未计入）。"
            .to_owned(),
    ];
    if year.is_some() {
        notes.push(COHORTS.to_owned());
    }
    let special = match special {
        [] => None,
        groups => Some(Special::of_people("特殊人群", groups, &population)?.counts),
    };
    if let Some(s) = &special {
        notes.push(format!("特殊人群{:.0}人计入总数，推算时不随年龄推移。", s.sum()));
    }
    let draws = repeat(&population, draws);
    Ok(Base { population, draws, kind, special, notes })
}

/// The same population `draws` times.
fn repeat(population: &Array2<f64>, draws: usize) -> Array3<f64> {
    Array3::from_shape_fn((draws, 2, AGES), |(_, s, x)| population[[s, x]])
}
