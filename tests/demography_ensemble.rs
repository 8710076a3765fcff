//! Draws: people are conserved, spreads are those asked for, and threads or batches change nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use minsuan::demography::ensemble::{EnsembleSpec, Paths, Spread, china_paths, run_ensemble};
use minsuan::demography::local::{KnownEvents, Shrink, calibrate_local};
use ndarray::{Array2, Array3};

fn base() -> Array2<f64> {
    Array2::from_shape_fn((2, 101), |(s, x)| {
        (2000.0 - 60.0 * s as f64) * (-(x as f64 / 70.0).powi(4)).exp() * (1.0 + 0.2 * (x as f64 / 7.0).sin())
    })
}

fn spec<'a>(base: &'a Array2<f64>, paths: &'a Paths, spread: &'a Spread, draws: usize) -> EnsembleSpec<'a> {
    EnsembleSpec {
        base: base.view(),
        base_draws: None,
        special: None,
        start: 2019,
        paths,
        spread,
        seed: 7,
        region: "433101",
        draws,
        threads: 1,
        full: true,
    }
}

#[test]
fn people_are_conserved_in_every_draw_with_and_without_noise() {
    let base = base();
    let (mut paths, mut spread) = china_paths(2019, 16).unwrap();
    paths.net_migration_rate = (0..16).map(|t| if t % 2 == 0 { -0.01 } else { 0.02 }).collect();
    for noise in [false, true] {
        spread.small_number_noise = Some(noise);
        let e = run_ensemble(&spec(&base, &paths, &spread, 20), &|_, _| true).unwrap();
        let p = e.population.unwrap();
        for d in 0..20 {
            for t in 0..16 {
                let total = |t: usize| p.slice(ndarray::s![d, t, .., ..]).sum();
                let flows = e.births[[d, t]] - e.deaths[[d, t]] + e.net_migration[[d, t]];
                assert!((total(t + 1) - total(t) - flows).abs() < 1e-6, "{noise} {d} {t}");
            }
        }
        assert!(p.iter().all(|v| *v >= 0.0));
        if noise {
            assert!(p.iter().all(|v| v.fract() == 0.0));
        }
    }
    let e = run_ensemble(&spec(&base, &paths, &spread, 1), &|_, _| true).unwrap();
    let c = &e.central;
    for t in 0..16 {
        let total = |t: usize| c.population.index_axis(ndarray::Axis(0), t).sum();
        let flows = c.births.row(t).sum() - c.deaths.index_axis(ndarray::Axis(0), t).sum()
            + c.net_migration.index_axis(ndarray::Axis(0), t).sum();
        assert!((total(t + 1) - total(t) - flows).abs() < 1e-6);
    }
}

#[test]
fn the_same_bytes_on_one_thread_and_three_and_for_fewer_draws() {
    let base = base();
    let (paths, mut spread) = china_paths(2019, 12).unwrap();
    let draws: Array3<f64> =
        Array3::from_shape_fn((5, 2, 101), |(i, s, x)| base[[s, x]] * (1.0 + 0.01 * i as f64));
    for noise in [false, true] {
        spread.small_number_noise = Some(noise);
        let mut one = spec(&base, &paths, &spread, 700);
        one.base_draws = Some(draws.view());
        let a = run_ensemble(&one, &|_, _| true).unwrap().population.unwrap();
        let b = run_ensemble(&EnsembleSpec { threads: 3, ..one.clone() }, &|_, _| true).unwrap();
        assert_eq!(a, b.population.unwrap());
        let c = run_ensemble(&EnsembleSpec { draws: 13, ..one.clone() }, &|_, _| true).unwrap();
        assert_eq!(a.slice(ndarray::s![..13, .., .., ..]), c.population.unwrap());
        let other = EnsembleSpec { region: "433122", draws: 13, ..one };
        assert_ne!(
            a.slice(ndarray::s![..13, .., .., ..]),
            run_ensemble(&other, &|_, _| true).unwrap().population.unwrap()
        );
    }
}

#[test]
fn spreads_are_those_of_the_band() {
    let base = base();
    let (paths, mut spread) = china_paths(2023, 27).unwrap();
    spread.small_number_noise = Some(false);
    let mut s = spec(&base, &paths, &spread, 6000);
    s.start = 2023;
    s.full = false;
    let e = run_ensemble(&s, &|_, _| true).unwrap();
    let sd = |a: &Array2<f64>, t: usize| a.column(t).std(1.0);
    // methods.md: sd of TFR .13/.18/.24/.28, of e0 men .92/1.53/2.25/2.61, women .83/1.30/1.87/2.24 at 2025/30/40/50.
    for (year, tfr, men, women) in [
        (2025, 0.13, 0.92, 0.83),
        (2030, 0.18, 1.53, 1.30),
        (2040, 0.24, 2.25, 1.87),
        (2050, 0.28, 2.61, 2.24),
    ] {
        let t = year - 2024;
        assert!((sd(&e.tfr, t) / tfr - 1.0).abs() < 0.06, "{year} {}", sd(&e.tfr, t));
        assert!((sd(&e.e0_male, t) / men - 1.0).abs() < 0.04, "{year} {}", sd(&e.e0_male, t));
        assert!((sd(&e.e0_female, t) / women - 1.0).abs() < 0.04, "{year} {}", sd(&e.e0_female, t));
    }
}

#[test]
fn known_births_and_deaths_are_reproduced() {
    let mut base = base();
    base *= 310_000.0 / base.sum();
    let (paths, _) = china_paths(2019, 16).unwrap();
    let known = [KnownEvents { year: 2023, births: Some(2177.0), deaths: Some(2002.0) }];
    let (local, notes) = calibrate_local(&base.view(), 2019, &paths, &known, Shrink::none()).unwrap();
    let spread = Spread::none(16);
    let run = run_ensemble(&spec(&base, &local, &spread, 1), &|_, _| true).unwrap().central;
    assert!((run.births.row(3).sum() - 2177.0).abs() < 1.0, "{notes:?}");
    assert!((run.deaths.index_axis(ndarray::Axis(0), 3).sum() - 2002.0).abs() < 1.0);
    let (part, _) = calibrate_local(&base.view(), 2019, &paths, &known, Shrink::default()).unwrap();
    let between = |a: f64, b: f64, c: f64| (a.min(c)..=a.max(c)).contains(&b);
    assert!(between(paths.tfr[3], part.tfr[3], local.tfr[3]));
    assert!(between(paths.e0_male[3], part.e0_male[3], local.e0_male[3]));
}
