//! Forecasts: bounds that hold for any input, and what is said about little of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use minsuan::error::Error;
use minsuan::trends::{Breaks, forecast};
use proptest::prelude::*;

fn seen(values: &[f64]) -> Vec<Option<f64>> {
    values.iter().copied().map(Some).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn quantiles_are_ordered_finite_and_never_negative(
        values in prop::collection::vec(prop::option::weighted(0.85, prop_oneof![Just(0.0), 0.0..10.0, 1e3..1e15]), 1..30),
        horizon in 1_usize..15,
        p in 0.0..1.0_f64,
        q in 0.0..1.0_f64,
    ) {
        prop_assume!(values.iter().any(Option::is_some));
        let f = forecast(&values, horizon, Breaks::None).unwrap();
        let known: Vec<f64> = values.iter().flatten().copied().collect();
        // A level that never moved is its own point forecast; otherwise that is the median.
        let level = known.iter().all(|v| *v == known[0]).then(|| known[0]);
        prop_assert_eq!(f.mean.len(), horizon);
        for h in 0..horizon {
            let (a, b) = (f.quantile(h, p.min(q)), f.quantile(h, p.max(q)));
            prop_assert!(a.is_finite() && b.is_finite() && a >= 0.0 && a <= b, "{a} {b}");
            prop_assert!(f.expected[h].is_finite() && f.expected[h] >= 0.0);
            prop_assert_eq!(f.mean[h], level.unwrap_or(f.median[h]));
            prop_assert!(f.quantile(h, 0.025) <= f.median[h] && f.median[h] <= f.quantile(h, 0.975));
        }
    }

    #[test]
    fn a_forecast_of_other_units_is_the_forecast_in_other_units(
        values in prop::collection::vec(1.0..1e4_f64, 1..20), factor in 1e-3..1e6_f64,
    ) {
        let a = forecast(&seen(&values), 3, Breaks::None).unwrap();
        let scaled: Vec<f64> = values.iter().map(|v| v * factor).collect();
        let b = forecast(&seen(&scaled), 3, Breaks::None).unwrap();
        for h in 0..3 {
            for p in [0.025, 0.5, 0.975] {
                let (x, y) = (a.quantile(h, p) * factor, b.quantile(h, p));
                prop_assert!((x - y).abs() <= 1e-6 * y.abs().max(x.abs()) + 1e-9, "{x} {y}");
            }
        }
    }
}

#[test]
fn two_points_are_not_a_line() {
    // 330 yuan in 2015, 540 in 2020: the line through both would say 750 five years on.
    let f = forecast(&seen(&[330.0, 540.0]), 5, Breaks::None).unwrap();
    assert!(f.notes.iter().any(|n| n.contains("只有两个值")), "{:?}", f.notes);
    let line = [750.0, 960.0, 1170.0, 1380.0, 1590.0];
    for (h, line) in line.iter().enumerate() {
        assert!(f.median[h] < *line);
        assert!(f.quantile(h, 0.025) < 540.0 && f.quantile(h, 0.975) > 750.0, "step {h}");
    }
}

#[test]
fn one_value_no_value_and_zeros() {
    let one = forecast(&[Some(312.0)], 3, Breaks::None).unwrap();
    assert!(one.quantile(0, 0.025) < 300.0 && one.quantile(0, 0.975) > 320.0);
    assert!(one.notes[0].contains("只有一个值"));
    assert!(matches!(forecast(&[None, None], 3, Breaks::None), Err(Error::Data(_))));
    assert!(matches!(forecast(&[], 3, Breaks::None), Err(Error::Data(_))));
    let none = forecast(&seen(&[0.0; 6]), 3, Breaks::None).unwrap();
    assert_eq!(none.median, [0.0; 3]);
    assert!(none.quantile(2, 0.99) >= 1.0 && none.expected[0] > 0.0 && none.expected[0] < 0.5);
}

#[test]
fn a_falling_series_stays_above_zero_where_a_line_would_not() {
    // Urban dibao, Sanming 2006-2015 (2023 yearbook of the prefecture, table 14-5): the line through it
    // reaches zero in 2021; 4,717 persons were counted.
    let past = [24243., 21282., 18397., 17265., 16774., 16333., 14530., 13808., 11539., 8772.];
    let f = forecast(&seen(&past), 7, Breaks::None).unwrap();
    for (h, truth) in [5806., 4866., 4577., 4610., 4674., 4717., 4718.].iter().enumerate() {
        assert!(f.quantile(h, 0.025) > 0.0 || h > 2);
        assert!(f.quantile(h, 0.025) <= *truth && *truth <= f.quantile(h, 0.975), "step {h}");
    }
}

#[test]
fn every_bad_value_is_told_at_once() {
    let error = forecast(&[Some(1.0), Some(-2.0), Some(f64::NAN), None], 3, Breaks::None).unwrap_err();
    let rows: Vec<_> = error.problems().iter().map(|p| p.row).collect();
    assert_eq!(rows, [Some(2), Some(3)]);
    assert!(forecast(&seen(&[1.0, 2.0]), 0, Breaks::None).is_err());
    assert!(forecast(&seen(&[1.0, 2.0]), 3, Breaks::At(vec![2])).is_err());
}

#[test]
fn only_the_last_regime_is_used() {
    let old = [900.0, 950.0, 20.0, 21.0, 22.0, 23.0, 24.0];
    let f = forecast(&seen(&old), 2, Breaks::At(vec![2])).unwrap();
    let g = forecast(&seen(&old[2..]), 2, Breaks::None).unwrap();
    assert_eq!(f.mean, g.mean);
    assert_eq!((f.start, f.quantile(1, 0.9)), (2, g.quantile(1, 0.9)));
}

#[test]
fn years_without_data_widen_the_forecast() {
    let full = [10.0, 12.0, 11.0, 14.0, 13.0, 15.0];
    let late = forecast(&[seen(&full), vec![None, None]].concat(), 1, Breaks::None).unwrap();
    let now = forecast(&seen(&full), 3, Breaks::None).unwrap();
    assert_eq!(late.quantile(0, 0.9), now.quantile(2, 0.9));
}
