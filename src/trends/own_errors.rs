//! How far the series itself has moved and missed: the measures that scale a class.
//!
//! All are in units of the square-root scale and change with it, so a forecast of twice the
//! values is twice the forecast.

use super::damped::damped_drift;
use super::series::Prepared;

/// Number of measures; their order is that of the class's coefficients.
pub const MEASURES: usize = 6;
pub const MEASURE_NAMES: [&str; MEASURES] =
    ["change", "recent_change", "theta_error", "rolling_error", "directed_change", "level"];
/// Place of the series' own rolling-origin error among the measures.
pub const ROLLING: usize = 3;

/// Only the last points tell how the series moves now.
const WINDOW: usize = 20;
/// Changes below this share of the level are taken for rounding, not for certainty.
const FLOOR: f64 = 0.002;
/// Growth of an error with its horizon, to put errors of one to four steps on one footing.
const GROWTH: [f64; 4] = [1.0, 1.9, 2.7, 3.4];

/// Mean change, mean of the last three changes, rms one-step error of theta, the mean
/// rolling-origin error of the damped drift over one to four steps, the mean change times e to the
/// share of it that went one way, and the mean level; each is at least a small share of the level. All are zero only for a series of zeros.
pub fn measures(series: &Prepared, theta_rms: f64) -> [f64; MEASURES] {
    let z = &series.z;
    let level = z.iter().sum::<f64>() / z.len().max(1) as f64;
    let floor = FLOOR * level;
    let tail = |v: &[f64], k: usize| {
        let v = &v[v.len().saturating_sub(k)..];
        if v.is_empty() { 0.0 } else { v.iter().sum::<f64>() / v.len() as f64 }
    };
    let sizes: Vec<f64> = series.changes.iter().map(|c| c.abs()).collect();
    let change = tail(&sizes, WINDOW);
    let recent = tail(&sizes, 3);
    let one_way = if change > 0.0 { tail(&series.changes, WINDOW).abs() / change } else { 0.0 };
    // Straight lines drawn through gaps look calmer than the series was.
    let drawn: Vec<f64> = z.windows(2).map(|w| (w[1] - w[0]).abs()).collect();
    let drawn_change = tail(&drawn, WINDOW);
    let calm = if drawn_change > 0.0 { (change / drawn_change).max(1.0) } else { 1.0 };
    let rolling = if z.len() > 2 { rolling_error(&z[z.len().saturating_sub(WINDOW)..]) } else { change };
    [change, recent, theta_rms * calm, rolling * calm, change * one_way.exp(), level].map(|m| m.max(floor))
}

fn rolling_error(z: &[f64]) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for origin in 2..z.len() {
        let steps = GROWTH.len().min(z.len() - origin);
        for (h, f) in damped_drift(&z[..origin], steps, 0.85).iter().enumerate() {
            sum += (z[origin + h] - f).abs() / GROWTH[h];
            count += 1.0;
        }
    }
    if count > 0.0 { sum / count } else { 0.0 }
}
