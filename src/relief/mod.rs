//! Relief: programs, their drivers and caseloads.
//!
//! A caseload comes from local counts that follow a driver, from the national rate where no local
//! count is known, or from a formula. `catalogue` says which programs one person may draw at once, and
//! `heads` counts persons where they do. This room holds the computations; which program takes which
//! is data of the scenario.

mod catalogue;
mod heads;
mod national;
mod programs;
mod response;

pub use catalogue::{Catalogue, Relation};
pub use heads::{Bounds, Heads, Terms};
pub use national::{National, national, national_names};
pub use programs::programs;
pub use response::{Change, response};

use ndarray::{Array2, ArrayView2};

use crate::draws::Key;

/// Caseload after the last local count: `observed × driver(t) ÷ driver(t0) × exp(σ·W(t − t0))`,
/// W a random walk with unit normal steps. `[draw, year]`; years before `from` are unknown (NaN).
pub fn follow_driver(
    observed: f64,
    from: usize,
    driver: ArrayView2<'_, f64>,
    drift_sd: f64,
    key: Key,
) -> Array2<f64> {
    let mut out = Array2::from_elem(driver.dim(), f64::NAN);
    for (d, (mut row, path)) in out.rows_mut().into_iter().zip(driver.rows()).enumerate() {
        let mut stream = key.stream(d as u64);
        let mut walk = 0.0;
        for y in from..row.len() {
            if y > from {
                walk += drift_sd * stream.normal();
            }
            row[y] = observed * path[y] / path[from] * walk.exp();
        }
    }
    out
}

/// Random walk of a logarithm, as a factor by draw and year; 1 up to `from`.
pub fn drift(draws: usize, years: usize, from: usize, drift_sd: f64, key: Key) -> Array2<f64> {
    let flat = Array2::ones((draws, years));
    follow_driver(1.0, from, flat.view(), drift_sd, key).mapv(|v| if v.is_nan() { 1.0 } else { v })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_drift_the_caseload_is_proportional_to_its_driver() {
        let driver = Array2::from_shape_vec((1, 3), vec![10.0, 20.0, 30.0]).unwrap();
        let out = follow_driver(5.0, 1, driver.view(), 0.0, Key::new(1, "t", ""));
        assert!(out[[0, 0]].is_nan());
        assert_eq!(out[[0, 1]], 5.0);
        assert_eq!(out[[0, 2]], 7.5);
    }
}
