//! Computes a reference class from series: one's own, or those behind the class that is shipped.
//!
//! From each series come the forecasts of its last nine values, for each length of history and each
//! step, weighted so that a series counts once: a bureau forecasts from the end of what it has. The scale of a history is a product of powers of its own measures,
//! fitted to the size of the errors by a gamma quasi-likelihood with log link (McCullagh & Nelder
//! 1989, ch. 8), from ten values on drawn toward the series' own rolling-origin error; the quantiles are those of the errors divided by it, drawn 70 % of the way to
//! symmetry: which way one class's series turned out says little about another's.

use super::centre::centre_with_rms;
use super::own_errors::{MEASURES, ROLLING, measures};
use super::reference_class::{K, LengthClass, PROBS, ReferenceClass};
use super::series::{prepare, shown};
use crate::error::{Error, Problem, Result};

const LENGTHS: [usize; 13] = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 17, 20];
const STEPS: usize = 10;
const TARGETS: usize = 9;
/// Fewer series than this say nothing about the tails.
const MIN_SERIES: usize = 30;
/// Fewest values of a series of a class.
const LEAST: usize = 6;
const SYMMETRY: f64 = 0.7;
/// Forecast from the end of their training parts, series left out of the class were covered a
/// little too often (96.1 % and 81.7 %); with this factor 95.4 % and 79.8 %.
const CALIBRATION: f64 = 0.95;
/// From this length on a history has enough rolling-origin errors to speak for itself.
const OWN_FROM: usize = 10;
/// The level alone scales only histories that are too short to have moved.
const LEVEL_UP_TO: usize = 3;

/// One history with what came after it.
struct Window {
    series: usize,
    /// Logs of the measures.
    logs: [f64; MEASURES],
    /// Truth minus centre on the square-root scale, with its weight, by step; none where the truth
    /// is not among the last values of the series.
    errors: Vec<Option<(f64, f64)>>,
}

impl Window {
    fn error(&self, step: usize) -> Option<(f64, f64)> {
        self.errors.get(step).copied().flatten()
    }
}

/// [`fit_class_named`] without a name.
pub fn fit_class(series: &[Vec<Option<f64>>]) -> Result<ReferenceClass> {
    fit_class_named("自有参照类", series)
}

/// A class from at least 30 series that move, of at least 6 values each (a gap leaves out the windows that
/// hold it). Series whose last ten values are one are left out. Its coverage is unknown until others are left out of it
/// and forecast.
pub fn fit_class_named(name: &str, series: &[Vec<Option<f64>>]) -> Result<ReferenceClass> {
    enough(series)?;
    // A series that stands still has no error: beside it the scales of all others run away.
    let moving: Vec<Vec<Option<f64>>> =
        series.iter().filter(|v| Use::of(v) != Use::Constant).cloned().collect();
    let (mut lengths, mut still) = (Vec::new(), None);
    for length in LENGTHS {
        let windows = windows(&moving, length);
        if counted(windows.iter().filter(|w| w.error(3).is_some())) < MIN_SERIES {
            break;
        }
        let fitted = fit_length(length, &windows);
        // Histories of this length stand still so often that an interval of theirs would be a point.
        if fitted.quantiles.first().is_none_or(|q| q[2] >= q[K - 3]) {
            still = Some(length);
            break;
        }
        lengths.push(fitted);
    }
    let usable = series.iter().filter(|v| Use::of(v) == Use::Good).count();
    if lengths.is_empty() {
        let given = format!("too few series for a reference class: {} given, {usable} usable", series.len());
        return Err(few(match still {
            Some(length) => format!("{given}, and histories of {length} values stand still too often"),
            None => given,
        }));
    }
    Ok(ReferenceClass { name: name.to_owned(), coverage: Vec::new(), lengths })
}

/// What a series gives to a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Good,
    Short,
    Gaps,
    Zero,
    Constant,
}

impl Use {
    fn of(values: &[Option<f64>]) -> Self {
        let known: Vec<f64> = values.iter().flatten().copied().collect();
        // One value of history and four ahead are the least that a class asks for.
        let whole = |w: &[Option<f64>]| w.iter().all(Option::is_some);
        if known.len() < LEAST {
            Self::Short
        } else if known.iter().all(|v| *v == 0.0) {
            Self::Zero
        } else if known.iter().rev().take(TARGETS + 1).all(|v| Some(v) == known.last()) {
            Self::Constant
        } else if !values.windows(5).any(whole) {
            Self::Gaps
        } else {
            Self::Good
        }
    }
}

/// Refuses values that no series can have, and too few series that can be used, with what is wrong with
/// the others.
fn enough(series: &[Vec<Option<f64>>]) -> Result<()> {
    let mut problems = Vec::new();
    for (i, values) in series.iter().enumerate() {
        let bad = values.iter().flatten().position(|v| !(v.is_finite() && *v >= 0.0));
        if let Some(at) = bad {
            let message = format!("series {} has a value that is negative or not finite", i + 1);
            let problem = Problem::new(message).column("series");
            let value = values.iter().flatten().nth(at).map_or(String::new(), |v| shown(*v));
            problems.push(problem.value(value).expected("numbers of 0 or more; a gap is None"));
        }
    }
    if !problems.is_empty() {
        return Err(Error::Data(problems));
    }
    let uses: Vec<Use> = series.iter().map(|v| Use::of(v)).collect();
    let count = |which: Use| uses.iter().filter(|u| **u == which).count();
    if count(Use::Good) >= MIN_SERIES {
        return Ok(());
    }
    let why = [
        (Use::Short, "have fewer than 6 values"),
        (Use::Zero, "are zero throughout"),
        (Use::Constant, "have not changed for ten values"),
        (Use::Gaps, "have no five values without a gap"),
    ];
    let told: Vec<String> = why
        .iter()
        .filter(|(which, _)| count(*which) > 0)
        .map(|(which, words)| format!("{} {words}", count(*which)))
        .collect();
    let mut message =
        format!("too few series for a reference class: {} given, {} usable", series.len(), count(Use::Good));
    if !told.is_empty() {
        message = format!("{message} ({})", told.join(", "));
    }
    Err(few(message))
}

fn few(message: String) -> Error {
    let expected = format!("at least {MIN_SERIES} series that move, of at least {LEAST} values each");
    Error::data(Problem::new(message).column("series").expected(expected))
}

fn windows(series: &[Vec<Option<f64>>], length: usize) -> Vec<Window> {
    let mut all = Vec::new();
    for (index, values) in series.iter().enumerate() {
        let first = values.len().saturating_sub(TARGETS + STEPS).max(length);
        let mut of_series: Vec<Window> =
            (first..values.len()).filter_map(|origin| window(values, length, origin, index)).collect();
        for step in 0..STEPS {
            let count = of_series.iter().filter(|w| w.error(step).is_some()).count();
            for (_, weight) in of_series.iter_mut().filter_map(|w| w.errors.get_mut(step)?.as_mut()) {
                *weight = 1.0 / count as f64;
            }
        }
        all.append(&mut of_series);
    }
    all
}

fn window(values: &[Option<f64>], length: usize, origin: usize, series: usize) -> Option<Window> {
    let usable = |v: &Option<f64>| v.is_some_and(|v| v.is_finite() && v >= 0.0);
    let history = &values[origin - length..origin];
    let future: Vec<f64> = values[origin..]
        .iter()
        .take(STEPS)
        .take_while(|v| usable(v))
        .filter_map(|v| v.map(f64::sqrt))
        .collect();
    if future.is_empty() || !history.iter().all(usable) {
        return None;
    }
    let prepared = prepare(history, 0);
    let (centre, rms) = centre_with_rms(&prepared.z, future.len());
    let measures = measures(&prepared, rms);
    if measures[0] <= 0.0 {
        return None;
    }
    let target = |step: usize| origin + step + TARGETS >= values.len();
    let error = |(step, (f, c)): (usize, (&f64, &f64))| target(step).then(|| (f / prepared.unit - c, 1.0));
    let errors = future.iter().zip(&centre).enumerate().map(error).collect();
    Some(Window { series, logs: measures.map(f64::ln), errors })
}

fn counted<'a>(windows: impl Iterator<Item = &'a Window>) -> usize {
    let mut ids: Vec<usize> = windows.map(|w| w.series).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.len()
}

fn fit_length(length: usize, windows: &[Window]) -> LengthClass {
    let slopes = fit_slopes(length, windows);
    let mut exponents = [0.0; MEASURES];
    exponents[1..].copy_from_slice(&slopes);
    let own = own_weight(length);
    for (i, e) in exponents.iter_mut().enumerate().skip(1) {
        *e = kept((1.0 - own) * *e + if i == ROLLING { own } else { 0.0 });
    }
    exponents[0] = kept(1.0 - exponents[1..].iter().sum::<f64>());
    let scale = |w: &Window| w.logs.iter().zip(exponents).map(|(l, e)| l * e).sum::<f64>().exp();
    let mut quantiles: Vec<[f64; K]> = Vec::new();
    for step in 0..STEPS {
        if counted(windows.iter().filter(|w| w.error(step).is_some())) < MIN_SERIES {
            break;
        }
        let plain: Vec<(f64, f64)> =
            windows.iter().filter_map(|w| w.error(step).map(|(e, weight)| (e / scale(w), weight))).collect();
        let both: Vec<(f64, f64)> = plain.iter().flat_map(|(e, w)| [(*e, *w), (-e, *w)]).collect();
        let (plain, both) = (weighted_quantiles(plain), weighted_quantiles(both));
        let mut row = [0.0; K];
        for k in 0..K {
            row[k] = CALIBRATION * ((1.0 - SYMMETRY) * plain[k] + SYMMETRY * both[k]);
            // Later steps are never surer than earlier ones, whichever series happen to reach them.
            if let Some(before) = quantiles.last() {
                row[k] = if PROBS[k] < 0.5 { row[k].min(before[k]) } else { row[k].max(before[k]) };
            }
        }
        quantiles.push(row.map(kept));
    }
    LengthClass { length, series: counted(windows.iter()), exponents, quantiles }
}

/// Weight of the series' own rolling-origin error beside the fitted exponents. The fit knows how
/// measures work within the class; a series of another kind is better told by its own errors, the
/// more of them there are: 1/4 at ten values, 1/3 at twenty.
fn own_weight(length: usize) -> f64 {
    if length < OWN_FROM { 0.0 } else { 0.5 * length as f64 / (length + 10) as f64 }
}

/// A class is kept with four decimals, so that the text of it is the whole of it.
fn kept(v: f64) -> f64 {
    (v * 1e4).round() / 1e4
}

/// Quantiles at `PROBS` of weighted values, each standing at the middle of its weight.
fn weighted_quantiles(mut values: Vec<(f64, f64)>) -> [f64; K] {
    values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let total: f64 = values.iter().map(|v| v.1).sum();
    let mut sum = 0.0;
    let places: Vec<f64> = values
        .iter()
        .map(|v| {
            let middle = (sum + v.1 / 2.0) / total;
            sum += v.1;
            middle
        })
        .collect();
    PROBS.map(|p| {
        let at = places.partition_point(|x| *x < p);
        if at == 0 {
            return values.first().map_or(0.0, |v| v.0);
        }
        if at == values.len() {
            return values[at - 1].0;
        }
        let share = (p - places[at - 1]) / (places[at] - places[at - 1]);
        values[at - 1].0 + share * (values[at].0 - values[at - 1].0)
    })
}

/// Exponents of the measures after the first, by iteratively reweighted least squares with the
/// gamma family (constant weights), a level for each step, and a light ridge.
fn fit_slopes(length: usize, windows: &[Window]) -> [f64; MEASURES - 1] {
    const D: usize = STEPS + MEASURES - 1;
    let free = if length <= LEVEL_UP_TO { MEASURES - 1 } else { MEASURES - 2 };
    let mut b = [0.0; D];
    for round in 0..25 {
        let mut m = vec![vec![0.0; D + 1]; D];
        let mut total = 0.0;
        for w in windows {
            let mut x = [0.0; D];
            for j in 0..free {
                x[STEPS + j] = w.logs[j + 1] - w.logs[0];
            }
            for (step, (e, weight)) in w.errors.iter().enumerate().filter_map(|(s, e)| Some((s, (*e)?))) {
                let size = e.abs() / w.logs[0].exp();
                x[..STEPS].fill(0.0);
                x[step] = 1.0;
                let eta: f64 = b.iter().zip(x).map(|(b, x)| b * x).sum();
                // The first round regresses the logs; the others are Fisher scoring.
                let target =
                    if round == 0 { size.max(1e-4).ln() } else { eta + (size / eta.exp() - 1.0).min(50.0) };
                total += weight;
                for i in (0..D).filter(|i| x[*i] != 0.0) {
                    for j in (0..D).filter(|j| x[*j] != 0.0) {
                        m[i][j] += weight * x[i] * x[j];
                    }
                    m[i][D] += weight * x[i] * target;
                }
            }
        }
        for (i, row) in m.iter_mut().enumerate() {
            row[i] += 1e-4 * total + f64::MIN_POSITIVE;
        }
        b = solve(m);
    }
    let mut slopes = [0.0; MEASURES - 1];
    slopes[..free].copy_from_slice(&b[STEPS..STEPS + free]);
    slopes
}

/// Gauss-Jordan elimination of a positive definite system.
fn solve<const D: usize>(mut m: Vec<Vec<f64>>) -> [f64; D] {
    for i in 0..D {
        let pivot = m[i].clone();
        for (j, row) in m.iter_mut().enumerate() {
            if j != i {
                let f = row[i] / pivot[i];
                row.iter_mut().zip(&pivot).for_each(|(x, p)| *x -= f * p);
            }
        }
    }
    std::array::from_fn(|i| m[i][D] / m[i][i])
}
