//! Supply: what stands on 31 December, from a stock and projects that may be late or never come.

use ndarray::Array2;

use crate::error::{Error, Problem, Result};

/// A project that adds places. Vectors hold one value a draw, or one for all draws.
#[derive(Debug, Clone, PartialEq)]
pub struct Project {
    /// Places once in full use; negative for a closure.
    pub size: Vec<f64>,
    /// Year in which work starts.
    pub start: i32,
    /// Planned year of completion: without delay the places stand on 31 December of it.
    pub finish: i32,
    /// Years from opening to full use, in equal steps of time; 0 for at once.
    pub ramp_years: f64,
    /// Years by which completion slips.
    pub delay_years: Vec<f64>,
    pub cancelled: Vec<bool>,
}

impl Project {
    /// A project that is certain, in time and in full use at once.
    pub fn new(size: f64, start: i32, finish: i32) -> Self {
        let (size, delay_years, cancelled) = (vec![size], vec![0.0], vec![false]);
        Self { size, start, finish, ramp_years: 0.0, delay_years, cancelled }
    }

    /// `size` (one a draw, or one for all) in equal steps, one standing at the end of each of the years
    /// `first`..=`last`.
    pub fn in_steps(size: &[f64], first: i32, last: i32) -> Vec<Self> {
        let steps = f64::from(last.saturating_sub(first).saturating_add(1).max(1));
        let each: Vec<f64> = size.iter().map(|s| s / steps).collect();
        (first..=last.max(first))
            .map(|year| Self { size: each.clone(), ..Self::new(0.0, year, year) })
            .collect()
    }

    /// Share in use on 31 December of `year` in a draw.
    fn in_use(&self, year: i32, draw: usize) -> f64 {
        if at(&self.cancelled, draw) {
            return 0.0;
        }
        let since = f64::from(year) - f64::from(self.finish) - at(&self.delay_years, draw);
        if since < 0.0 {
            0.0
        } else if self.ramp_years > 0.0 {
            (since / self.ramp_years).min(1.0)
        } else {
            1.0
        }
    }

    fn check(&self, number: usize, draws: usize, problems: &mut Vec<Problem>) {
        let mut bad = |column: &str, value: String, expected: &str| {
            problems.push(
                Problem::new("project does not fit")
                    .row(number)
                    .column(column)
                    .value(value)
                    .expected(expected),
            );
        };
        let fits = |n: usize| n == draws || n == 1;
        let lengths = [
            ("size", self.size.len()),
            ("delay_years", self.delay_years.len()),
            ("cancelled", self.cancelled.len()),
        ];
        for (column, n) in lengths {
            if !fits(n) {
                bad(column, format!("{n} values"), &format!("{draws} values or one"));
            }
        }
        if let Some(v) = self.size.iter().find(|v| !v.is_finite()) {
            bad("size", v.to_string(), "a number of places");
        }
        if let Some(v) = self.delay_years.iter().find(|v| !v.is_finite()) {
            bad("delay_years", v.to_string(), "a number of years");
        }
        if !(self.ramp_years.is_finite() && self.ramp_years >= 0.0) {
            bad("ramp_years", self.ramp_years.to_string(), "0 or more years");
        }
        if self.finish < self.start {
            bad("finish", self.finish.to_string(), &format!("{} or later: the start", self.start));
        }
    }
}

/// Places standing on 31 December of each of `years`, [draw, year]: the stock (one value a draw, or one
/// for all) plus what of each project is in use. Never below zero.
///
/// # Errors
/// `Data` with every length that doesn't fit, every value that isn't a number, a negative stock, and
/// projects that finish before they start.
pub fn supply(years: &[i32], draws: usize, stock: &[f64], projects: &[Project]) -> Result<Array2<f64>> {
    let mut problems = Vec::new();
    if stock.len() != draws && stock.len() != 1 {
        let value = format!("{} values", stock.len());
        let expected = format!("{draws} values or one");
        problems.push(
            Problem::new("stock does not fit the draws").column("stock").value(value).expected(expected),
        );
    }
    if let Some(v) = stock.iter().find(|v| !v.is_finite() || **v < 0.0) {
        problems.push(Problem::new("not a stock of places").column("stock").value(v).expected("0 or more"));
    }
    for (i, project) in projects.iter().enumerate() {
        project.check(i + 1, draws, &mut problems);
    }
    if !problems.is_empty() {
        return Err(Error::Data(problems));
    }
    Ok(Array2::from_shape_fn((draws, years.len()), |(draw, t)| {
        let built: f64 = projects.iter().map(|p| at(&p.size, draw) * p.in_use(years[t], draw)).sum();
        (at(stock, draw) + built).max(0.0)
    }))
}

fn at<T: Copy>(values: &[T], draw: usize) -> T {
    values[if values.len() == 1 { 0 } else { draw }]
}
