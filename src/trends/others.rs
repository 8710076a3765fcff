//! The methods that everybody knows, to be drawn as thin lines beside a forecast.

use super::damped::damped_drift;
use super::ets::auto_ets;
use super::series::{check, prepare};
use super::theta;
use crate::error::Result;

/// Name (Chinese) and points of each method, from the regime that begins at `start`: the last value,
/// the mean change carried on, the straight line, damped drift and theta on the square-root scale,
/// and exponential smoothing (the best of three by AICc, from five values on).
/// The straight line and the mean change may fall below zero, which is what speaks against them.
pub fn others(values: &[Option<f64>], horizon: usize, start: usize) -> Result<Vec<(&'static str, Vec<f64>)>> {
    check(values)?;
    let series = prepare(values, start);
    let steps = horizon + series.trailing;
    let real = |root: f64| (root.max(0.0) * series.unit).powi(2);
    let y: Vec<f64> = series.z.iter().map(|z| real(*z)).collect();
    let (first, last) = (y.first().copied().unwrap_or(0.0), y.last().copied().unwrap_or(0.0));
    let n = y.len() as f64;
    let drift = if y.len() > 1 { (last - first) / (n - 1.0) } else { 0.0 };
    let (mid, mean) = ((n - 1.0) / 2.0, y.iter().sum::<f64>() / n.max(1.0));
    let spread: f64 = (0..y.len()).map(|t| (t as f64 - mid).powi(2)).sum();
    let tilt: f64 = y.iter().enumerate().map(|(t, v)| (t as f64 - mid) * (v - mean)).sum();
    let slope = if spread > 0.0 { tilt / spread } else { 0.0 };
    let ahead = || (series.trailing + 1..=steps).map(|h| h as f64);
    let of_roots = |roots: Vec<f64>| roots[series.trailing..].iter().map(|r| real(*r)).collect();
    let mut all = vec![
        ("末值不变", ahead().map(|_| last).collect()),
        ("平均增量", ahead().map(|h| last + drift * h).collect()),
        ("直线外推", ahead().map(|h| mean + slope * (n - 1.0 + h - mid)).collect()),
        ("阻尼漂移", of_roots(damped_drift(&series.z, steps, 0.85))),
        ("动态Theta", of_roots(theta::fit(&series.z, steps).forecast)),
    ];
    // Five values are its least; shorter histories have one line fewer.
    if let Ok(ets) = auto_ets(&y, steps) {
        all.push(("指数平滑（ETS）", ets.mean[series.trailing..].iter().map(|v| v.max(0.0)).collect()));
    }
    Ok(all)
}
