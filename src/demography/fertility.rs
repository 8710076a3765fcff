//! Fertility by age from a total: China's shares by year, five-year shares by a calibrated spline, gamma curves.

use super::graduation::{hermite, monotone_slopes};
use super::mortality::AGES;
use super::standards::{Once, Sheet, once};
use crate::error::{Error, Problem, Result};

/// Years that China's shares are of; before and after them the first and the last are held.
pub const YEARS: (i32, i32) = (1950, 2100);

/// Refuses shares of five-year groups from 15-19 on that do not add to 1, 100 or 1000 within the precision to
/// which they are printed: they would be scaled without a word.
///
/// # Errors
/// `Data` for another sum, or groups beyond 55-59.
pub fn check_shares(shares: &[f64]) -> Result<()> {
    let mut problems = Vec::new();
    if shares.is_empty() || shares.len() > 9 {
        let p = Problem::new("no shares of fertility").column("shares").value(shares.len());
        problems.push(p.expected("up to 9 groups: 15-19, 20-24, …, 55-59"));
    }
    // Decimals that the shares are printed with.
    let decimals = (0..12)
        .find(|d| {
            let scale = 10f64.powi(*d);
            shares.iter().all(|s| (s * scale - (s * scale).round()).abs() < 1e-6)
        })
        .unwrap_or(12);
    let room = 0.5 * shares.len() as f64 * 10f64.powi(-decimals) + 1e-9;
    let sum: f64 = shares.iter().sum();
    // However few digits there are, a group that is missing is no rounding.
    let near = |whole: f64| (sum - whole).abs() <= room.min(0.03 * whole);
    if !(near(1.0) || near(100.0) || near(1000.0)) {
        problems.push(
            Problem::new("shares that do not add to a whole").column("shares").value(sum).expected(
                "a sum of 1, 100 (per cent) or 1000 (per thousand), within their printed precision",
            ),
        );
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Data(problems)) }
}

/// Shares of total fertility by single age of mother, 0…100 (sum 1), of the year `year`.
///
/// Five-year shares of China (WPP2024), straight between the middles of their periods, to single years
/// by a monotone cubic of the cumulative shares; the first period before 1953, the last after 2097.
///
/// # Errors
/// `Model` where the shipped table is damaged.
pub fn china_shares(year: i32) -> Result<Vec<f64>> {
    static CELL: Once<Vec<(f64, Vec<f64>)>> = Once::new();
    let tables = once(&CELL, || {
        let sheet = Sheet::open("china_pasfr")?;
        let mut tables = Vec::new();
        for (i, row) in sheet.rows.iter().enumerate() {
            let first: f64 = row[0]
                .split('-')
                .next()
                .and_then(|y| y.parse().ok())
                .ok_or_else(|| Error::model(Problem::new("no period").file(&sheet.path).row(i + 1)))?;
            tables.push((first + 2.5, shares_to_single(15, 5, &sheet.numbers(i, 1)?)?));
        }
        Ok(tables)
    })?;
    // A calendar year's middle lies half a year after its first day.
    let at = f64::from(year) + 0.5;
    let i = tables.partition_point(|t| t.0 <= at).clamp(1, tables.len() - 1) - 1;
    let ((a, low), (b, high)) = (&tables[i], &tables[i + 1]);
    let w = ((at - a) / (b - a)).clamp(0.0, 1.0);
    Ok(low.iter().zip(high).map(|(l, h)| l + w * (h - l)).collect())
}

/// Shares of total fertility by single age by a gamma curve with this mean age and standard deviation (years)
/// that starts at `start` (Hoem et al. 1981, "Experiments in modelling recent Danish fertility curves").
/// Ages 10…59 only; sum 1.
///
/// # Errors
/// `Data` where no gamma curve has these moments.
pub fn gamma_shares(mean: f64, sd: f64, start: f64) -> Result<Vec<f64>> {
    use statrs::distribution::{ContinuousCDF, Gamma};
    let no_curve = || {
        Error::data(
            Problem::new("no gamma curve of fertility")
                .value(format!("mean {mean}, sd {sd}, start {start}"))
                .expected("a mean age of 15 to 50 above the start (10 to 20), an sd of 1 to 15 years"),
        )
    };
    if !((15.0..=50.0).contains(&mean) && (1.0..=15.0).contains(&sd) && (10.0..=20.0).contains(&start))
        || mean <= start
    {
        return Err(no_curve());
    }
    let above = mean - start;
    let curve = Gamma::new(above * above / (sd * sd), above / (sd * sd)).map_err(|_| no_curve())?;
    let below = |x: usize| curve.cdf((x as f64 - start).max(0.0));
    let mut shares: Vec<f64> =
        (0..AGES).map(|x| if (10..60).contains(&x) { below(x + 1) - below(x) } else { 0.0 }).collect();
    let sum: f64 = shares.iter().sum();
    shares.iter_mut().for_each(|s| *s /= sum);
    Ok(shares)
}

/// Shares by groups of `width` years from `from` on to single ages 0…100, sum 1; zero outside.
///
/// # Errors
/// `Data` where a share is negative or all are zero.
pub fn shares_to_single(from: usize, width: usize, shares: &[f64]) -> Result<Vec<f64>> {
    let total: f64 = shares.iter().sum();
    if shares.iter().any(|s| !(*s >= 0.0 && s.is_finite())) || total <= 0.0 {
        return Err(Error::data(
            Problem::new("shares of fertility are negative, missing or all zero").column("pasfr"),
        ));
    }
    let mut x = vec![from as f64 - width as f64];
    let mut y = vec![0.0];
    for (i, s) in std::iter::once(&0.0).chain(shares).chain(std::iter::once(&0.0)).enumerate() {
        x.push((from + i * width) as f64);
        y.push(y[i] + s / total);
    }
    let d = monotone_slopes(&x, &y);
    let to = from + width * shares.len();
    let value = |a: usize| hermite(&x, &y, &d, a as f64);
    let mut single: Vec<f64> = (0..AGES)
        .map(|a| if a < from || a >= to { 0.0 } else { (value(a + 1) - value(a)).max(0.0) })
        .collect();
    let sum: f64 = single.iter().sum();
    single.iter_mut().for_each(|v| *v /= sum);
    Ok(single)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_to_one_and_keep_their_groups() {
        for year in [1950, 2019, 2035, 2150] {
            let s = china_shares(year).unwrap();
            assert!((s.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            assert!(s[..15].iter().chain(&s[50..]).all(|v| *v == 0.0));
        }
        let g = gamma_shares(28.5, 5.5, 13.0).unwrap();
        let mean: f64 = g.iter().enumerate().map(|(x, s)| (x as f64 + 0.5) * s).sum();
        let sd = g.iter().enumerate().map(|(x, s)| (x as f64 + 0.5 - mean).powi(2) * s).sum::<f64>().sqrt();
        assert!((mean - 28.5).abs() < 0.01 && (sd - 5.5).abs() < 0.05, "{mean} {sd}");
        assert!(gamma_shares(12.0, 5.0, 13.0).is_err());
        for fine in
            [&[0.1, 0.2, 0.4, 0.2, 0.1][..], &[10.0, 20.0, 40.0, 20.0, 10.0], &[3.3, 33.3, 33.3, 30.0]]
        {
            assert!(check_shares(fine).is_ok(), "{fine:?}");
        }
        for off in [&[0.1, 0.2, 0.4, 0.2, 0.2][..], &[10.0, 20.0, 40.0], &[0.05; 20], &[f64::NAN; 3], &[]] {
            assert!(check_shares(off).is_err(), "{off:?}");
        }
        let s = shares_to_single(15, 5, &[10.0, 20.0, 40.0, 20.0, 10.0]).unwrap();
        assert!((s[25..30].iter().sum::<f64>() - 0.4).abs() < 1e-12);
    }
}
