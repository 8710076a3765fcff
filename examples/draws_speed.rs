//! Times draws of 100 years with the 15 indicators of a population: seconds of the fastest projection and of
//! the fastest table of quantiles, with mortality that all draws share and by draw.
//!
//!     cargo run --release --example draws_speed [draws]

use std::time::Instant;

use minsuan::demography::ensemble::{EnsembleSpec, china_paths, simulate};
use minsuan::demography::indicators::{DEFAULT, Indicator};
use ndarray::Array2;

const YEARS: usize = 100;

fn main() -> minsuan::error::Result<()> {
    let draws = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(10_000);
    let base = Array2::from_shape_fn((2, 101), |(_, x)| 2_000.0 * (-(x as f64 / 70.0).powi(4)).exp());
    for shared in [true, false] {
        let (paths, mut spread) = china_paths(2019, YEARS)?;
        if shared {
            spread.sd_e0_female.fill(0.0);
            spread.sd_e0_male.fill(0.0);
        }
        spread.small_number_noise = Some(false);
        let spec = EnsembleSpec {
            base: base.view(),
            base_draws: None,
            special: None,
            start: 2019,
            paths: &paths,
            spread: &spread,
            seed: 1,
            region: "china",
            draws,
            threads: 0,
            full: false,
        };
        let mut fastest = [f64::INFINITY; 2];
        for _ in 0..10 {
            let start = Instant::now();
            let run = simulate(&spec, Indicator::parse_all(&DEFAULT)?, &|_, _| true)?;
            let projected = start.elapsed().as_secs_f64();
            let table = run.table_with("", &[], 0, &|| true)?;
            let both = start.elapsed().as_secs_f64();
            std::hint::black_box(&table);
            fastest = [fastest[0].min(projected), fastest[1].min(both - projected)];
        }
        println!("{:e} {:e}", fastest[0], fastest[1]);
    }
    Ok(())
}
