//! Months and quarters: the seasonal pattern on the square-root scale, by the STL that stlrs keeps.
//!
//! Cleveland, Cleveland, McRae & Terpenning 1990, "STL: a seasonal-trend decomposition procedure
//! based on loess", Journal of Official Statistics 6. The adjusted series is forecast as an annual
//! one would be, and the last cycle of the pattern is added back.

use super::series::Prepared;

/// Takes the pattern out of `series.z` and of its changes. Returns the last cycle of the pattern,
/// the first entry belonging to the first step ahead; `None` where two full cycles are not there.
pub fn adjust(series: &mut Prepared, period: usize) -> Option<Vec<f64>> {
    if period < 2 || series.z.len() < 2 * period {
        return None;
    }
    let fit = stlrs::Stl::fit(&series.z, period).ok()?;
    let seasonal = fit.seasonal();
    let n = series.z.len();
    if seasonal.len() != n || seasonal.iter().any(|s| !s.is_finite()) {
        return None;
    }
    series.z.iter_mut().zip(seasonal).for_each(|(z, s)| *z -= s);
    series.changes = series.z.windows(2).map(|w| w[1] - w[0]).collect();
    Some(seasonal[n - period..].to_vec())
}
