//! Townships and categories: forecasts that add up, are not negative, and are whole numbers.
//!
//! MinT with a shrunken covariance of the base forecasts' errors (Wickramasuriya, Athanasopoulos &
//! Hyndman 2019, Journal of the American Statistical Association 114; shrinkage by Schäfer &
//! Strimmer 2005, Statistical Applications in Genetics and Molecular Biology 4), written as a
//! projection onto the sums; parts that would be negative are held at zero and the rest projected
//! again (Wickramasuriya, Turlach & Hyndman 2020, Statistics and Computing 30). Whole numbers by
//! largest remainder, so that the parts add to the total.

use super::series::shown;
use crate::error::{Error, Problem, Result};

/// Reconciled figures of one period.
#[derive(Debug, Clone, PartialEq)]
pub struct Reconciled {
    pub total: f64,
    pub parts: Vec<f64>,
    /// Whole numbers that add.
    pub total_count: i64,
    pub part_counts: Vec<i64>,
}

/// Largest figure that is still a whole number in a float.
const LARGEST: f64 = 9e15;

/// Reconciles the forecast of a total with those of its parts. `errors` holds past one-step errors,
/// a row a period, the total's first; with fewer than three rows each variance is taken in
/// proportion to the figure itself. Figures are persons or cases, 0 or more.
pub fn reconcile(total: f64, parts: &[f64], errors: &[Vec<f64>]) -> Result<Reconciled> {
    let figures: Vec<f64> = std::iter::once(total).chain(parts.iter().copied()).collect();
    let mut problems: Vec<Problem> = Vec::new();
    if parts.is_empty() {
        problems.push(Problem::new("no parts").column("parts").expected("at least one part"));
    }
    for (i, v) in figures.iter().enumerate().filter(|(_, v)| !(v.is_finite() && **v >= 0.0 && **v <= LARGEST))
    {
        let column = if i == 0 { "total" } else { "parts" };
        let problem = Problem::new("not a figure").column(column).value(shown(*v));
        // The total stands alone; parts are counted from 1.
        let problem = if i == 0 { problem } else { problem.row(i) };
        problems.push(problem.expected("a number from 0 to 9e15"));
    }
    let together: f64 = parts.iter().sum();
    if problems.is_empty() && together > LARGEST {
        let problem = Problem::new("the parts add to more than can be counted").column("parts");
        problems.push(problem.value(shown(together)).expected("at most 9e15 together"));
    }
    for (i, row) in errors.iter().enumerate() {
        if row.len() != figures.len() || row.iter().any(|e| !e.is_finite()) {
            let problem = Problem::new("a row of errors that does not fit")
                .column("errors")
                .row(i + 1)
                .value(row.len());
            problems.push(
                problem.expected(format!("{} numbers: the total's error and each part's", figures.len())),
            );
        }
    }
    if !problems.is_empty() {
        return Err(Error::Data(problems));
    }
    let covariance = covariance(&figures, errors);
    let parts = project(&figures, &covariance);
    let total: f64 = parts.iter().sum();
    if total > LARGEST {
        let problem = Problem::new("the reconciled total is larger than can be counted").column("total");
        return Err(Error::data(problem.value(shown(total)).expected("figures and errors well below 9e15")));
    }
    let total_count = total.round() as i64;
    let part_counts = largest_remainder(&parts, total_count);
    Ok(Reconciled { total, parts, total_count, part_counts })
}

/// The parts nearest to the forecasts, in the metric of the errors, that are not negative.
fn project(figures: &[f64], w: &[Vec<f64>]) -> Vec<f64> {
    let m = figures.len() - 1;
    let mut held = vec![false; m];
    // Each round holds at least one more part at zero, so there are at most m + 1.
    loop {
        // The constraints: total - sum of parts = 0, and x = 0 for each part held.
        let mut rows: Vec<Vec<f64>> =
            vec![std::iter::once(1.0).chain(std::iter::repeat_n(-1.0, m)).collect()];
        for (i, _) in held.iter().enumerate().filter(|(_, h)| **h) {
            let mut row = vec![0.0; m + 1];
            row[i + 1] = 1.0;
            rows.push(row);
        }
        let wc: Vec<Vec<f64>> = rows
            .iter()
            .map(|c| w.iter().map(|r| r.iter().zip(c).map(|(a, b)| a * b).sum()).collect())
            .collect();
        let gap: Vec<f64> = rows.iter().map(|c| c.iter().zip(figures).map(|(a, b)| a * b).sum()).collect();
        let gram: Vec<Vec<f64>> = rows
            .iter()
            .map(|c| wc.iter().map(|x| c.iter().zip(x).map(|(a, b)| a * b).sum()).collect())
            .collect();
        let multipliers = solve(gram, gap);
        let mut x = figures.to_vec();
        for (k, column) in multipliers.iter().zip(&wc) {
            x.iter_mut().zip(column).for_each(|(x, c)| *x -= k * c);
        }
        let limit = -1e-9 * figures[0].max(1.0);
        let negative: Vec<usize> = (0..m).filter(|i| !held[*i] && x[i + 1] < limit).collect();
        if negative.is_empty() {
            return x[1..].iter().map(|v| v.max(0.0)).collect();
        }
        negative.into_iter().for_each(|i| held[i] = true);
    }
}

/// Shrunken covariance of the errors; variances in proportion to the figures where too few are known.
fn covariance(figures: &[f64], errors: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let m = figures.len();
    // A part of nothing still has some error: one case.
    let own = |i: usize| figures[i].max(1.0);
    let mut w = vec![vec![0.0; m]; m];
    if errors.len() < 3 {
        for (i, row) in w.iter_mut().enumerate() {
            row[i] = own(i);
        }
        return w;
    }
    let n = errors.len() as f64;
    // Errors of forecasts are taken about zero: a bias is an error too.
    let cross = |i: usize, j: usize| errors.iter().map(|e| e[i] * e[j]).sum::<f64>() / n;
    let sd: Vec<f64> = (0..m).map(|i| cross(i, i).max(1e-6 * own(i)).sqrt()).collect();
    let (mut noise, mut signal) = (0.0, 0.0);
    for i in 0..m {
        for j in 0..i {
            let r = cross(i, j) / (sd[i] * sd[j]);
            let spread: f64 = errors.iter().map(|e| (e[i] * e[j] / (sd[i] * sd[j]) - r).powi(2)).sum();
            noise += spread / (n * (n - 1.0));
            signal += r * r;
        }
    }
    let shrink = if signal > 0.0 { (noise / signal).clamp(0.01, 1.0) } else { 1.0 };
    for (i, row) in w.iter_mut().enumerate() {
        for (j, cell) in row.iter_mut().enumerate() {
            *cell = if i == j { sd[i] * sd[i] } else { (1.0 - shrink) * cross(i, j) };
        }
    }
    w
}

/// Whole numbers that add to `total`, nearest to the parts.
fn largest_remainder(parts: &[f64], total: i64) -> Vec<i64> {
    let mut counts: Vec<i64> = parts.iter().map(|p| p.floor() as i64).collect();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by(|a, b| (parts[*b] - parts[*b].floor()).total_cmp(&(parts[*a] - parts[*a].floor())));
    let mut missing = total - counts.iter().sum::<i64>();
    for i in order.into_iter().cycle().take(2 * parts.len().max(1)) {
        if missing > 0 {
            counts[i] += 1;
            missing -= 1;
        }
    }
    counts
}

/// Gaussian elimination with row exchange; a direction without weight gets no multiplier.
fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
    let k = b.len();
    let largest = a.iter().flatten().fold(0.0_f64, |m, v| m.max(v.abs()));
    for i in 0..k {
        let pivot = (i..k).max_by(|x, y| a[*x][i].abs().total_cmp(&a[*y][i].abs())).unwrap_or(i);
        a.swap(i, pivot);
        b.swap(i, pivot);
        if a[i][i].abs() <= 1e-14 * largest {
            a[i].fill(0.0);
            (a[i][i], b[i]) = (1.0, 0.0);
            continue;
        }
        let row = a[i].clone();
        for j in i + 1..k {
            let f = a[j][i] / row[i];
            a[j].iter_mut().zip(&row).skip(i).for_each(|(x, r)| *x -= f * r);
            b[j] -= f * b[i];
        }
    }
    for i in (0..k).rev() {
        let known: f64 = (i + 1..k).map(|j| a[i][j] * b[j]).sum();
        b[i] = (b[i] - known) / a[i][i];
    }
    b
}
