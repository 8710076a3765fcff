//! Exponential smoothing with additive errors: level, Holt's trend and the damped trend.
//!
//! Hyndman, Koehler, Ord & Snyder 2008, "Forecasting with Exponential Smoothing", ch. 2 and 5; models
//! ETS(A,N,N), (A,A,N) and (A,Ad,N): y(t) = l(t-1) + φ b(t-1) + e(t), l(t) = l(t-1) + φ b(t-1) + α e(t),
//! b(t) = φ b(t-1) + β e(t). The bounds are those of the forecasting libraries: 0.0001 to 0.9999 for α,
//! β at most α, φ from 0.80 to 0.98.
//!
//! For given α, β and φ the one-step errors are linear in the first state, which is therefore solved
//! exactly; at most three numbers are searched, and what is found is the maximum, not near it.

use super::forecast::MAX_HORIZON;
use super::series::shown;
use crate::error::{Error, Problem, Result};

const LOW: f64 = 1e-4;
const HIGH: f64 = 0.9999;
const PHI: (f64, f64) = (0.8, 0.98);

/// Which of the three models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EtsModel {
    /// Level alone: simple exponential smoothing.
    Ann,
    /// Holt's linear trend.
    Aan,
    /// Holt's trend, damped.
    Aadn,
}

impl EtsModel {
    pub const ALL: [Self; 3] = [Self::Ann, Self::Aan, Self::Aadn];

    pub fn name(self) -> &'static str {
        match self {
            Self::Ann => "ETS(A,N,N)",
            Self::Aan => "ETS(A,A,N)",
            Self::Aadn => "ETS(A,Ad,N)",
        }
    }

    /// Smoothing parameters and first states.
    fn free(self) -> usize {
        match self {
            Self::Ann => 2,
            Self::Aan => 4,
            Self::Aadn => 5,
        }
    }

    /// Fewest values that leave a degree of freedom.
    pub fn least(self) -> usize {
        self.free() + 3
    }

    fn searched(self) -> usize {
        match self {
            Self::Ann => 1,
            Self::Aan => 2,
            Self::Aadn => 3,
        }
    }

    /// α, β and φ from a point of the unit cube.
    fn parameters(self, point: &[f64; 3]) -> [f64; 3] {
        let [a, b, p] = point.map(|v| v.clamp(0.0, 1.0));
        let alpha = LOW + (HIGH - LOW) * a;
        let beta = LOW + (alpha - LOW) * b;
        match self {
            Self::Ann => [alpha, 0.0, 1.0],
            Self::Aan => [alpha, beta, 1.0],
            Self::Aadn => [alpha, beta, PHI.0 + (PHI.1 - PHI.0) * p],
        }
    }
}

/// A fitted model and its forecasts.
#[derive(Debug, Clone)]
pub struct Ets {
    pub model: EtsModel,
    pub alpha: f64,
    pub beta: f64,
    pub phi: f64,
    /// Level and trend before the first value.
    pub first: (f64, f64),
    /// Level and trend after the last value.
    pub last: (f64, f64),
    /// -n/2 · ln Σe², the likelihood without its constants, as the libraries print it.
    pub log_likelihood: f64,
    /// Akaike's criterion corrected for small samples.
    pub aicc: f64,
    /// Σe² ÷ (n − free parameters − 2), as statsforecast has it: wider than the usual divisor.
    pub sigma2: f64,
    /// Forecasts by step; may fall below zero.
    pub mean: Vec<f64>,
    /// Standard deviations of the forecasts by step.
    pub spread: Vec<f64>,
}

impl Ets {
    /// Normal interval of `level` (0..1) by step.
    pub fn interval(&self, level: f64) -> (Vec<f64>, Vec<f64>) {
        let z = -std::f64::consts::SQRT_2 * statrs::function::erf::erfc_inv(1.0 + level);
        let bound = |side: f64| self.mean.iter().zip(&self.spread).map(|(m, s)| m + side * z * s).collect();
        (bound(-1.0), bound(1.0))
    }
}

/// Fits one model to finite values: at least 5, 7 or 8, so that something is left to tell the spread.
pub fn fit_ets(y: &[f64], model: EtsModel, horizon: usize) -> Result<Ets> {
    let wrong: Vec<Problem> = y
        .iter()
        .enumerate()
        .filter(|(_, v)| !v.is_finite() || v.abs() > 1e150)
        .map(|(i, v)| Problem::new("not a number to smooth").row(i + 1).column("values").value(shown(*v)))
        .map(|p| p.expected("numbers up to 1e150 without a gap"))
        .collect();
    if !wrong.is_empty() {
        return Err(Error::Data(wrong));
    }
    if horizon == 0 || horizon > MAX_HORIZON {
        let problem = Problem::new("a horizon that cannot be forecast").column("horizon").value(horizon);
        return Err(Error::model(problem.expected(format!("1 to {MAX_HORIZON} steps"))));
    }
    if y.len() < model.least() {
        let problem = Problem::new(format!("too few values for {}", model.name()));
        let expected = format!("at least {} values", model.least());
        return Err(Error::data(problem.column("values").value(y.len()).expected(expected)));
    }
    // Put on one scale, so that squares neither overflow nor vanish.
    let unit = y.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
    let unit = if unit > 0.0 { unit } else { 1.0 };
    let scaled: Vec<f64> = y.iter().map(|v| v / unit).collect();
    let point = search(&scaled, model);
    let [alpha, beta, phi] = model.parameters(&point);
    let run = Run::new(&scaled, model, alpha, beta, phi);
    let n = y.len() as f64;
    let free = model.free() as f64;
    let spare = n - free - 2.0;
    let own = run.sse / spare;
    // The square of a tiny or a huge unit is no number any more; its logarithm and its root are.
    let sigma2 = own * unit * unit;
    let log_likelihood = -0.5 * n * (run.sse.ln() + 2.0 * unit.ln());
    let penalty = 2.0 * (free + 1.0);
    let aicc = -2.0 * log_likelihood + penalty + penalty * (free + 2.0) / spare;
    let (level, trend) = run.last;
    let (mut mean, mut spread) = (Vec::with_capacity(horizon), Vec::with_capacity(horizon));
    let (mut damp, mut carried, mut grown) = (1.0, 0.0, 1.0);
    for step in 0..horizon {
        if step > 0 {
            // What one error of today still moves `step` steps on.
            grown += f64::powi(alpha + beta * carried, 2);
        }
        damp *= phi;
        carried += damp;
        mean.push((level + trend * carried) * unit);
        spread.push((own * grown).sqrt() * unit);
    }
    let back = |(l, b): (f64, f64)| (l * unit, b * unit);
    let (first, last) = (back(run.first), back(run.last));
    Ok(Ets { model, alpha, beta, phi, first, last, log_likelihood, aicc, sigma2, mean, spread })
}

/// The model of the three with the smallest AICc, among those that have enough values for one.
pub fn auto_ets(y: &[f64], horizon: usize) -> Result<Ets> {
    let mut best = fit_ets(y, EtsModel::Ann, horizon)?;
    for model in [EtsModel::Aan, EtsModel::Aadn] {
        if let Ok(other) = fit_ets(y, model, horizon)
            && other.aicc < best.aicc
        {
            best = other;
        }
    }
    Ok(best)
}

/// One pass over the values, with the first state that suits them best.
struct Run {
    first: (f64, f64),
    last: (f64, f64),
    sse: f64,
}

impl Run {
    fn new(y: &[f64], model: EtsModel, alpha: f64, beta: f64, phi: f64) -> Self {
        // The error of each step is r - g·l0 - d·b0; its three parts move by the same recursion.
        let mut states = [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)];
        let (mut gg, mut gd, mut dd, mut gr, mut dr, mut rr) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
        for value in y {
            let [r, g, d] = states.map(|(l, b)| l + phi * b);
            let r = value - r;
            gg += g * g;
            gd += g * d;
            dd += d * d;
            gr += g * r;
            dr += d * r;
            rr += r * r;
            for ((l, b), e) in states.iter_mut().zip([r, -g, -d]) {
                let ahead = *l + phi * *b;
                *b = phi * *b + beta * e;
                *l = ahead + alpha * e;
            }
        }
        let determinant = gg * dd - gd * gd;
        let (level, trend) = if model == EtsModel::Ann || determinant <= 1e-14 * gg * dd {
            (gr / gg, 0.0)
        } else {
            ((gr * dd - dr * gd) / determinant, (dr * gg - gr * gd) / determinant)
        };
        let sse = rr + level * level * gg + trend * trend * dd - 2.0 * level * gr - 2.0 * trend * dr
            + 2.0 * level * trend * gd;
        let of = |pick: fn(&(f64, f64)) -> f64| {
            pick(&states[0]) + level * pick(&states[1]) + trend * pick(&states[2])
        };
        // A perfect fit leaves rounding, not zero: the logarithm has to stay finite.
        Self { first: (level, trend), last: (of(|s| s.0), of(|s| s.1)), sse: sse.max(1e-28) }
    }
}

/// The point of the unit cube with the smallest sum of squares: a grid, then the simplex method of
/// Nelder & Mead 1965 from its three best points.
fn search(y: &[f64], model: EtsModel) -> [f64; 3] {
    let value = |p: &[f64; 3]| {
        let [alpha, beta, phi] = model.parameters(p);
        Run::new(y, model, alpha, beta, phi).sse
    };
    let grid = |points: &[f64], used: bool| if used { points.to_vec() } else { vec![0.0] };
    let dimensions = model.searched();
    let mut starts: Vec<(f64, [f64; 3])> = Vec::new();
    for a in grid(&[0.0, 0.05, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9, 1.0], true) {
        for b in grid(&[0.0, 0.02, 0.1, 0.3, 0.6, 1.0], dimensions > 1) {
            for p in grid(&[0.0, 0.5, 1.0], dimensions > 2) {
                starts.push((value(&[a, b, p]), [a, b, p]));
            }
        }
    }
    starts.sort_unstable_by(|x, y| x.0.total_cmp(&y.0));
    let mut best = starts.first().copied().unwrap_or((f64::INFINITY, [0.5; 3]));
    for (_, start) in starts.iter().take(3) {
        let mut found = simplex(&value, *start, dimensions, 0.1);
        // Restarts lead it out of corners, where a simplex goes flat.
        for size in [0.05, 0.01, 0.001] {
            let again = simplex(&value, found.1, dimensions, size);
            if again.0 <= found.0 {
                found = again;
            }
        }
        if found.0 < best.0 {
            best = found;
        }
    }
    best.1.map(|v| v.clamp(0.0, 1.0))
}

fn simplex(
    value: &dyn Fn(&[f64; 3]) -> f64,
    start: [f64; 3],
    dimensions: usize,
    size: f64,
) -> (f64, [f64; 3]) {
    let inside = |p: [f64; 3]| p.map(|v| v.clamp(0.0, 1.0));
    let rated = |p: [f64; 3]| (value(&p), p);
    let mut points = vec![rated(start)];
    for i in 0..dimensions {
        let mut p = start;
        p[i] += if p[i] > 0.5 { -size } else { size };
        points.push(rated(inside(p)));
    }
    for _ in 0..400 {
        points.sort_unstable_by(|x, y| x.0.total_cmp(&y.0));
        let (low, high) = (points[0], points[dimensions]);
        let apart = (0..dimensions).map(|i| (high.1[i] - low.1[i]).abs()).fold(0.0, f64::max);
        if high.0 - low.0 <= 1e-15 * low.0.abs() && apart < 1e-9 {
            break;
        }
        let centre: [f64; 3] = std::array::from_fn(|i| {
            points[..dimensions].iter().map(|p| p.1[i]).sum::<f64>() / dimensions as f64
        });
        let along = |t: f64| rated(inside(std::array::from_fn(|i| centre[i] + t * (high.1[i] - centre[i]))));
        let reflected = along(-1.0);
        let replaced = if reflected.0 < low.0 {
            let further = along(-2.0);
            if further.0 < reflected.0 { further } else { reflected }
        } else if reflected.0 < points[dimensions - 1].0 {
            reflected
        } else {
            along(if reflected.0 < high.0 { -0.5 } else { 0.5 })
        };
        if replaced.0 < high.0 {
            points[dimensions] = replaced;
        } else {
            for p in &mut points[1..] {
                *p = rated(std::array::from_fn(|i| low.1[i] + 0.5 * (p.1[i] - low.1[i])));
            }
        }
    }
    points.sort_unstable_by(|x, y| x.0.total_cmp(&y.0));
    points[0]
}
