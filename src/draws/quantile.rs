//! Quantiles over draws: exact order statistics with linear interpolation (Hyndman & Fan 1996,
//! type 7, the default of R, numpy, pandas and polars).

/// Column names of the quantiles that every table carries beside `mean`.
pub const QUANTILE_NAMES: [&str; 5] = ["p2_5", "p10", "p50", "p90", "p97_5"];
pub const QUANTILE_PROBS: [f64; 5] = [0.025, 0.1, 0.5, 0.9, 0.975];

/// Mean and the five quantiles of `QUANTILE_PROBS`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    pub mean: f64,
    pub quantiles: [f64; 5],
}

/// Arithmetic mean, summed in index order so that it does not depend on threads; 0 for no values.
pub fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

/// Quantile `p` in 0..=1 of values in ascending order; `None` for no values.
pub fn quantile_sorted(sorted: &[f64], p: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let h = last as f64 * p.clamp(0.0, 1.0);
    let low = h.floor() as usize;
    let high = (low + 1).min(last);
    Some(sorted[low] + (h - low as f64) * (sorted[high] - sorted[low]))
}

/// Mean and quantiles of unsorted values; sorts `values` in place. `None` for no values.
pub fn summarize(values: &mut [f64]) -> Option<Summary> {
    let mean = mean(values);
    values.sort_unstable_by(f64::total_cmp);
    let mut quantiles = [0.0; 5];
    for (q, p) in quantiles.iter_mut().zip(QUANTILE_PROBS) {
        *q = quantile_sorted(values, p)?;
    }
    Some(Summary { mean, quantiles })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_7_as_r_gives_it() {
        // quantile(c(1, 2, 3, 4, 10), c(.1, .5, .9)) in R 4: 1.4, 3.0, 7.6
        let v = [1.0, 2.0, 3.0, 4.0, 10.0];
        for (p, want) in [(0.1, 1.4), (0.5, 3.0), (0.9, 7.6)] {
            assert!((quantile_sorted(&v, p).unwrap() - want).abs() < 1e-12);
        }
        assert_eq!(quantile_sorted(&[], 0.5), None);
    }
}
