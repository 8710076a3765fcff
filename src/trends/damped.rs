//! Damped drift: the last value moved on by the mean change, which fades by `phi` a step.
//!
//! Gardner & McKenzie 1985, "Forecasting trends in time series", Management Science 31, with the
//! trend taken as the mean change of the whole regime. The mean is shrunk toward no change as if
//! one more year without change had been seen, which is what short histories need.

/// Forecasts of `horizon` steps from `z` (at least one value; one value gives itself).
pub fn damped_drift(z: &[f64], horizon: usize, phi: f64) -> Vec<f64> {
    let last = z.last().copied().unwrap_or(0.0);
    // The sum of changes is last - first; n - 1 changes and one imagined change of zero.
    let drift = z.first().map_or(0.0, |first| (last - first) / z.len() as f64);
    let mut damp = 1.0;
    let mut sum = 0.0;
    (0..horizon)
        .map(|_| {
            damp *= phi;
            sum += damp;
            last + drift * sum
        })
        .collect()
}
