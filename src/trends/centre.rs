//! The centre of a forecast: damped drift and dynamic optimised theta, joined.

use super::{damped::damped_drift, theta};

/// Share of the damped drift; the rest is theta's.
const DRIFT_SHARE: f64 = 0.6;

/// Damping a step: short histories say less about their trend.
fn damping(n: usize) -> f64 {
    if n < 10 { 0.85 } else { 0.9 }
}

/// Centre forecasts on the square-root scale, and the rms of theta's one-step errors.
pub(super) fn centre_with_rms(z: &[f64], horizon: usize) -> (Vec<f64>, f64) {
    let drift = damped_drift(z, horizon, damping(z.len()));
    let theta = theta::fit(z, horizon);
    let joined = drift
        .iter()
        .zip(&theta.forecast)
        .map(|(d, t)| (DRIFT_SHARE * d + (1.0 - DRIFT_SHARE) * t).max(0.0))
        .collect();
    (joined, theta.rms)
}

/// Centre forecasts of `horizon` steps from square roots `z`; never negative.
pub fn centre(z: &[f64], horizon: usize) -> Vec<f64> {
    centre_with_rms(z, horizon).0
}
