//! National caseloads per 1,000 persons, for programs without a local count.

use crate::assets;
use crate::draws::Key;
use crate::error::{Error, Problem, Result};
use crate::trends::{self, Breaks, Forecast};
use ndarray::Array2;

const SERIES: &str = "standards/national_series.csv";
const POPULATION: &str = "standards/national_population.csv";

/// A national series as a rate, and its continuation.
#[derive(Debug, Clone)]
pub struct National {
    pub label: String,
    /// 万人, 万人次, …
    pub unit: String,
    pub source: String,
    /// Year → cases per 1,000 persons.
    pub observed: Vec<(i32, f64)>,
    forecast: Forecast,
    last: i32,
}

/// The names of the national series that are shipped.
pub fn national_names() -> Vec<String> {
    let mut names: Vec<String> =
        rows(SERIES).unwrap_or_default().iter().filter_map(|r| r.first().cloned()).collect();
    names.sort();
    names.dedup();
    names
}

/// The national rate of a series to `horizon`; unknown years within are bridged by the forecast's own gaps.
pub fn national(series: &str, horizon: i32) -> Result<National> {
    let table = rows(SERIES)?;
    let mine: Vec<&Vec<String>> = table.iter().filter(|r| r[0] == series).collect();
    if mine.is_empty() {
        let names = national_names().join(", ");
        return Err(Error::case(Problem::new("no such national series").value(series).expected(names)));
    }
    let population = rows(POPULATION)?;
    let people = |year: i32| -> Option<f64> {
        let of = |r: &Vec<String>| Some((r[0].parse::<i32>().ok()?, r[1].parse::<f64>().ok()?));
        let known: Vec<(i32, f64)> = population.iter().filter_map(of).collect();
        // The nation's total moves by less than half a percent a year: the nearest known year serves.
        known.iter().min_by_key(|(y, _)| (y - year).abs()).map(|(_, n)| *n)
    };
    let mut observed: Vec<(i32, f64)> = Vec::new();
    for r in &mine {
        let (Ok(year), Ok(value)) = (r[2].parse::<i32>(), r[3].parse::<f64>()) else { continue };
        if let Some(n) = people(year) {
            // Both are in 万; a rate per 1,000 persons.
            observed.push((year, value / n * 1000.0));
        }
    }
    observed.sort_by_key(|(y, _)| *y);
    observed.dedup_by_key(|(y, _)| *y);
    let (Some((first, _)), Some((last, _))) = (observed.first().copied(), observed.last().copied()) else {
        return Err(Error::case(
            Problem::new("a national series without a value").file(SERIES).value(series),
        ));
    };
    let values: Vec<Option<f64>> =
        (first..=last).map(|y| observed.iter().find(|(o, _)| *o == y).map(|(_, v)| *v)).collect();
    let steps = usize::try_from(horizon - last).unwrap_or(0).max(1);
    // A break that is documented needs no search; without one the search decides.
    let known = trends::library::documented()?;
    let at: Vec<usize> = known
        .iter()
        .filter(|d| d.indicator == series)
        .filter_map(|d| usize::try_from(d.year - i64::from(first)).ok())
        .filter(|p| (1..values.len()).contains(p))
        .collect();
    let breaks = if at.is_empty() { Breaks::Auto } else { Breaks::At(at) };
    let forecast = trends::forecast(&values, steps, breaks)?;
    Ok(National {
        label: mine[0][1].clone(),
        unit: mine[0][4].clone(),
        source: mine[mine.len() - 1][5].clone(),
        observed,
        forecast,
        last,
    })
}

impl National {
    pub fn last(&self) -> i32 {
        self.last
    }

    /// Central rate of a year; `None` before the series begins.
    pub fn rate(&self, year: i32) -> Option<f64> {
        self.at(year, 0.5)
    }

    /// The rate of a year at probability `p` of the forecast; a published year has no spread.
    fn at(&self, year: i32, p: f64) -> Option<f64> {
        if year > self.last {
            return Some(self.forecast.quantile((year - self.last - 1) as usize, p));
        }
        let before = self.observed.iter().rev().find(|(y, _)| *y <= year)?;
        let after = self.observed.iter().find(|(y, _)| *y >= year)?;
        let share = f64::from(year - before.0) / f64::from((after.0 - before.0).max(1));
        Some(before.1 + share * (after.1 - before.1))
    }

    /// Whether the year was not published and lies on the line between its neighbours.
    pub fn bridged(&self, year: i32) -> bool {
        year < self.last && self.observed.iter().all(|(y, _)| *y != year)
    }

    /// `[draw, year]`: each draw keeps its rank in the forecast through all years.
    pub fn draws(&self, years: &[i32], draws: usize, key: Key) -> Array2<f64> {
        let ranks: Vec<f64> = (0..draws as u64).map(|d| key.stream(d).uniform()).collect();
        Array2::from_shape_fn((draws, years.len()), |(d, y)| self.at(years[y], ranks[d]).unwrap_or(f64::NAN))
    }

    pub fn method(&self) -> String {
        format!("{}；参照类：{}", self.forecast.method, self.forecast.reference_class)
    }
}

pub(super) fn rows(path: &str) -> Result<Vec<Vec<String>>> {
    let missing = || Error::case(Problem::new("a table of the library is missing").file(path));
    let text = assets::text(path).ok_or_else(missing)?;
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
    let read = reader.records().map(|r| r.map(|r| r.iter().map(str::to_owned).collect()));
    read.collect::<std::result::Result<_, _>>()
        .map_err(|e| Error::case(Problem::new(e.to_string()).file(path)))
}
