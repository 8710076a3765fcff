//! The dynamic optimised theta method.
//!
//! Fiorucci, Pellegrini, Louzada, Petropoulos & Koehler 2016, "Models for optimising the theta
//! method and their relationship to state space models", International Journal of Forecasting 32:
//! mu(t) = l(t-1) + w D(t), l(t) = a y(t) + (1-a) l(t-1), where D(t) is the line through the values
//! before t carried to t, and w = 1 - 1/theta.
//!
//! For a given `a` the one-step forecasts are linear in l(0) and in w, so both are solved exactly
//! and only `a` is searched. w is held to 0..=1 and drawn toward `PRIOR_W` with the weight of
//! `PRIOR_WEIGHT` observations: five points cannot tell theta on their own.

const PRIOR_W: f64 = 0.6;
const PRIOR_WEIGHT: f64 = 5.0;
const GRID: [f64; 11] = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];

/// A fitted model.
#[derive(Debug, Clone)]
pub struct Theta {
    /// Forecasts, one a step.
    pub forecast: Vec<f64>,
    /// Root mean square of the one-step errors within the history.
    pub rms: f64,
}

/// The line through the first t values: its value at "time zero" and its slope.
#[derive(Clone, Copy, Default)]
struct Line {
    t: f64,
    mean: f64,
    slope: f64,
}

impl Line {
    fn push(&mut self, y: f64) {
        self.t += 1.0;
        let t = self.t;
        if t < 1.5 {
            *self = Self { t, mean: y, slope: 0.0 };
            return;
        }
        self.slope = ((t - 2.0) * self.slope + 6.0 / t * (y - self.mean)) / (t + 1.0);
        self.mean = ((t - 1.0) * self.mean + y) / t;
    }
    fn origin(&self) -> f64 {
        self.mean - (self.t + 1.0) / 2.0 * self.slope
    }
    /// D(t + 1): what the theta line adds to the level, for smoothing `a`; `q_t` is (1-a)^t.
    fn carry(&self, a: f64, q_t: f64) -> f64 {
        q_t * self.origin() + (1.0 - q_t * (1.0 - a)) / a * self.slope
    }
}

/// Fits to `z` (at least one value) and forecasts `horizon` steps.
pub fn fit(z: &[f64], horizon: usize) -> Theta {
    let n = z.len();
    let mut lines = Vec::with_capacity(n + 1);
    let mut line = Line::default();
    lines.push(line);
    for y in z {
        line.push(*y);
        lines.push(line);
    }
    let mut best: Option<(f64, Solved)> = None;
    for a in GRID {
        let solved = solve(z, &lines, a);
        if best.as_ref().is_none_or(|(sse, _)| solved.sse < *sse) {
            best = Some((solved.sse, solved));
        }
    }
    let Some((_, s)) = best else {
        return Theta { forecast: vec![0.0; horizon], rms: 0.0 };
    };
    let (a, q) = (s.alpha, 1.0 - s.alpha);
    let mut level = s.level;
    let mut q_t = q.powi(n as i32);
    let forecast = (0..horizon)
        .map(|_| {
            let mu = level + s.weight * line.carry(a, q_t);
            level = a * mu + q * level;
            line.push(mu);
            q_t *= q;
            mu
        })
        .collect();
    Theta { forecast, rms: (s.sse / n.max(1) as f64).sqrt() }
}

struct Solved {
    alpha: f64,
    weight: f64,
    level: f64,
    sse: f64,
}

/// Least squares of l(0) and w for one `a`, with w drawn to its prior.
fn solve(z: &[f64], lines: &[Line], a: f64) -> Solved {
    let q = 1.0 - a;
    let (mut gg, mut gd, mut dd, mut gr, mut dr, mut rr) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    let (mut known, mut g) = (0.0, 1.0);
    for (t, y) in z.iter().enumerate() {
        let d = if t == 0 { 0.0 } else { lines[t].carry(a, g) };
        let r = y - known;
        gg += g * g;
        gd += g * d;
        dd += d * d;
        gr += g * r;
        dr += d * r;
        rr += r * r;
        known = a * y + q * known;
        g *= q;
    }
    let prior = PRIOR_WEIGHT * dd / (z.len().max(2) - 1) as f64;
    // l(0) eliminated; gg >= 1 because its first term is 1.
    let curvature = dd - gd * gd / gg + prior;
    let pull = dr - gd * gr / gg + prior * PRIOR_W;
    let weight = if curvature > 0.0 { (pull / curvature).clamp(0.0, 1.0) } else { 0.0 };
    let first = (gr - weight * gd) / gg;
    let errors = rr + first * first * gg + weight * weight * dd - 2.0 * first * gr - 2.0 * weight * dr
        + 2.0 * first * weight * gd;
    let sse = errors.max(0.0) + prior * (weight - PRIOR_W).powi(2);
    Solved { alpha: a, weight, level: known + g * first, sse }
}
