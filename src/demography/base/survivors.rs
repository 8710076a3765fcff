//! Who is left of a population some years later by China's own mortality, nobody moving.
//!
//! The period tables of WPP2024 themselves, and not the surface by life expectancy, which at 75 and over
//! leaves 1 % more alive. A province lives longer or shorter than the nation: its m(x) are the period's,
//! moved along the surface by that many years.

use ndarray::Array2;

use super::ages::AGES;
use crate::demography::life_table::{self, A0Rule, Sex};
use crate::demography::mortality;
use crate::error::{Error, Problem, Result};

/// First year and survival ratios (101) of a period.
type Period = (i32, Vec<f64>);

/// Survival ratios by period at a distance from the nation's life expectancy.
#[derive(Debug, Clone)]
pub struct Survivors([Vec<Period>; 2]);

impl Survivors {
    /// For the steps from the first year to the second; `gap`: years of life expectancy above the nation's,
    /// both sexes alike.
    ///
    /// # Errors
    /// `Error::Model` where the shipped mortality is damaged.
    pub fn china(gap: f64, years: (i32, i32)) -> Result<Self> {
        Ok(Self([periods(Sex::Female, gap, years)?, periods(Sex::Male, gap, years)?]))
    }

    /// Who is left of (2, 101) single years at the second year, without migration and births.
    pub fn carry(&self, a: &Array2<f64>, years: (i32, i32)) -> Array2<f64> {
        let mut now = a.clone();
        let last = now.ncols() - 1;
        for year in years.0 + 1..=years.1 {
            let mut next = Array2::zeros(now.dim());
            for (s, tables) in self.0.iter().enumerate() {
                let at = tables.partition_point(|t| t.0 <= year).saturating_sub(1);
                let ratios = &tables[at].1;
                for x in 1..last {
                    next[[s, x]] = now[[s, x - 1]] * ratios[x];
                }
                next[[s, last]] = (now[[s, last - 1]] + now[[s, last]]) * ratios[last];
            }
            now = next;
        }
        now
    }
}

/// `Survivors::carry` at the nation's level.
///
/// # Errors
/// `Error::Model` where the shipped mortality is damaged.
pub fn survive(a: &Array2<f64>, years: (i32, i32)) -> Result<Array2<f64>> {
    Ok(Survivors::china(0.0, years)?.carry(a, years))
}

/// China's periods in order, those that hold a step from the first year to the second.
fn periods(sex: Sex, gap: f64, years: (i32, i32)) -> Result<Vec<Period>> {
    let damaged = || Error::model(Problem::new("damaged").file("standards/china_mortality.csv"));
    let mut tables: Vec<(i32, &Vec<f64>)> = Vec::new();
    for (period, mx) in mortality::china_tables(sex)? {
        tables.push((period.split('-').next().and_then(|y| y.parse().ok()).ok_or_else(damaged)?, mx));
    }
    tables.sort_by_key(|t| t.0);
    let at = |year: i32| tables.partition_point(|t| t.0 <= year).saturating_sub(1);
    let (from, to) = (at(years.0 + 1), at(years.1.max(years.0 + 1)));
    let mut all: Vec<Period> = Vec::new();
    for (first, mx) in tables.iter().take(to + 1).skip(from) {
        let mut table = life_table::single(mx, sex, A0Rule::default())?;
        if gap != 0.0 {
            let surface = mortality::china(sex)?;
            let (here, there) = (surface.mx(table.e0()), surface.mx(table.e0() + gap));
            let moved: Vec<f64> = mx.iter().zip(&here).zip(&there).map(|((m, a), b)| m * b / a).collect();
            table = life_table::single(&moved, sex, A0Rule::default())?;
        }
        let ratios = table.survival().filter(|r| r.len() == AGES).ok_or_else(damaged)?;
        all.push((*first, ratios));
    }
    if all.is_empty() { Err(damaged()) } else { Ok(all) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_are_left_where_lives_are_shorter() {
        let a = Array2::from_elem((2, AGES), 1000.0);
        let old = |gap: f64| -> f64 {
            let left = Survivors::china(gap, (2010, 2020)).unwrap().carry(&a, (2010, 2020));
            left.slice(ndarray::s![.., 60..]).sum()
        };
        let (low, nation, high) = (old(-4.0), old(0.0), old(4.0));
        assert!(low < nation && nation < high, "{low} {nation} {high}");
        // A year of life expectancy is about one in a hundred of those 60 and over.
        assert!((0.005..0.03).contains(&((high / low).ln() / 8.0)), "{low} {high}");
        assert_eq!(
            survive(&a, (2010, 2020)).unwrap(),
            Survivors::china(0.0, (2010, 2020)).unwrap().carry(&a, (2010, 2020))
        );
    }
}
