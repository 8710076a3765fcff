//! A series as given: checked, cut at its last break, gaps bridged, on the square-root scale.

use crate::error::{Error, Problem, Result};

/// Beyond this a forecast, which may be a thousand times as large, is no number any more.
const LARGEST: f64 = 1e300;

/// Where the series is cut into regimes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Breaks {
    /// One regime.
    #[default]
    None,
    /// Searched by `breaks`, those with p <= 0.05.
    Auto,
    /// Positions (from 0) of the first value of each new regime.
    At(Vec<usize>),
}

/// The last regime, ready for the methods.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// Square roots, divided by `unit`; gaps are bridged by straight lines; ends at an observed value.
    pub z: Vec<f64>,
    /// Changes between observed neighbours, per root of the years between them.
    pub changes: Vec<f64>,
    /// Observed values in the regime.
    pub observed: usize,
    /// Years without a value after the last observed one.
    pub trailing: usize,
    /// Bridged gaps within the regime.
    pub gaps: usize,
    /// Largest square root: puts the series on 0..=1.
    pub unit: f64,
}

/// Refuses negatives, NaN, infinities and what is beyond all figures, all of them at once, and a series without any value.
pub fn check(values: &[Option<f64>]) -> Result<()> {
    let mut problems: Vec<Problem> = values
        .iter()
        .enumerate()
        .filter_map(|(i, v)| v.map(|v| (i, v)))
        .filter(|(_, v)| !(0.0..=LARGEST).contains(v))
        .map(|(i, v)| {
            let what = if v.is_nan() {
                "not a number"
            } else if v < 0.0 {
                "a negative value"
            } else if v.is_infinite() {
                "an infinite value"
            } else {
                "a value too large to forecast from"
            };
            Problem::new(what)
                .row(i + 1)
                .column("values")
                .value(shown(v))
                .expected("a number from 0 to 1e300; a gap is None (null)")
        })
        .collect();
    if values.iter().all(Option::is_none) {
        problems.push(Problem::new("no value in the series").column("values").expected("at least one value"));
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Data(problems)) }
}

/// A number as a message shows it: not three hundred digits long.
pub(super) fn shown(v: f64) -> String {
    if v.is_finite() && v.abs() >= 1e16 { format!("{v:e}") } else { v.to_string() }
}

/// Refuses times that do not rise, numbers or texts such as 2019年 and 2020-10: a series told backward has
/// its breaks and its trend the wrong way round. Names that are no times are taken as they stand.
pub fn rising(times: &[String], column: &str) -> Result<()> {
    let Some(numbers) = super::times::order(times) else { return Ok(()) };
    let problems: Vec<Problem> = (1..numbers.len())
        .filter(|i| numbers[*i] <= numbers[i - 1])
        .map(|i| {
            let message = format!("{} comes after {}", times[i], times[i - 1]);
            Problem::new(message).row(i + 1).column(column).value(&times[i]).expected("times that rise")
        })
        .collect();
    if problems.is_empty() { Ok(()) } else { Err(Error::Data(problems)) }
}

/// The values from position `start` on. They were checked before; at least one is observed.
pub fn prepare(values: &[Option<f64>], start: usize) -> Prepared {
    let regime = &values[start.min(values.len())..];
    let seen: Vec<(usize, f64)> =
        regime.iter().enumerate().filter_map(|(i, v)| v.map(|v| (i, v.max(0.0).sqrt()))).collect();
    let largest = seen.iter().fold(0.0_f64, |m, (_, z)| m.max(*z));
    let unit = if largest > 0.0 { largest } else { 1.0 };
    let mut z = Vec::with_capacity(regime.len());
    let mut changes = Vec::with_capacity(seen.len());
    let mut gaps = 0;
    for pair in seen.windows(2) {
        let ((i, a), (j, b)) = ((pair[0].0, pair[0].1 / unit), (pair[1].0, pair[1].1 / unit));
        let span = (j - i) as f64;
        gaps += j - i - 1;
        changes.push((b - a) / span.sqrt());
        z.extend((i..j).map(|k| a + (b - a) * ((k - i) as f64 / span)));
    }
    let last = seen.last().map_or(0, |(i, _)| *i);
    z.extend(seen.last().map(|(_, v)| v / unit));
    Prepared { z, changes, observed: seen.len(), trailing: regime.len().saturating_sub(last + 1), gaps, unit }
}
