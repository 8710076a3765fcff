//! Capacity: Erlang's published tables, exact coverage, supply and shortage.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use minsuan::capacity::*;
use minsuan::draws::Key;
use ndarray::{Array2, arr2};
use num_rational::Ratio;
use proptest::prelude::*;

#[test]
fn erlang_b_as_the_published_tables_give_it() {
    // Servers, offered load, chance of blocking.
    for (n, a, b) in [(10, 5.0, 0.018385), (1, 1.0, 0.5), (2, 1.0, 0.2), (5, 3.0, 0.110054)] {
        let got = erlang_b(n, a).unwrap();
        assert!((got - b).abs() < 5e-7, "B({n}, {a}) = {got}");
    }
    // Traffic tables read the other way: at 1 % loss, 10 lines carry 4.461 erlang and 20 carry 12.03.
    assert_eq!(beds_for_blocking(0.01, 4.461).unwrap(), 10);
    assert_eq!(beds_for_blocking(0.01, 4.47).unwrap(), 11);
    assert_eq!(beds_for_blocking(0.01, 12.03).unwrap(), 20);
}

#[test]
fn erlang_b_is_its_definition() {
    // a^n/n! ÷ Σ a^k/k!, summed directly.
    for (n, a) in [(3_u64, 2.5_f64), (7, 4.0), (12, 15.0)] {
        let mut term = 1.0;
        let mut sum = 1.0;
        for k in 1..=n {
            term *= a / k as f64;
            sum += term;
        }
        assert!((erlang_b(n, a).unwrap() - term / sum).abs() < 1e-12);
    }
}

#[test]
fn erlang_c_as_the_textbook() {
    // M/M/1: the chance of waiting is the load. M/M/2 at a load of 1: 1/3.
    assert!((erlang_c(1, 0.7).unwrap() - 0.7).abs() < 1e-12);
    assert!((erlang_c(2, 1.0).unwrap() - 1.0 / 3.0).abs() < 1e-12);
    assert_eq!(erlang_c(3, 3.0).unwrap(), 1.0);
    assert_eq!(erlang_c(3, 0.0).unwrap(), 0.0);
    assert_eq!(erlang_c(0, 0.0).unwrap(), 0.0);
    assert_eq!(beds_for_waiting(0.34, 1.0).unwrap(), 2);
    assert_eq!(beds_for_waiting(1.0 / 3.0 - 1e-9, 1.0).unwrap(), 3);
}

#[test]
fn nine_centres_of_thirty_are_not_one_of_270() {
    let p = pooling(9, 30, 25.0, 0.05).unwrap();
    assert!(p.blocked_apart > 0.05 && p.blocked_pooled < 1e-3, "{p:?}");
    assert!(p.needed_apart > p.needed_pooled + 30, "{p:?}");
    assert_eq!(p.needed_apart % 9, 0);
    assert!(pooling(0, 30, 25.0, 0.05).is_err());
}

#[test]
fn odd_loads_are_refused() {
    for bad in [f64::NAN, f64::INFINITY, -1.0] {
        assert!(
            erlang_b(3, bad).is_err() && erlang_c(3, bad).is_err() && beds_for_blocking(0.1, bad).is_err()
        );
    }
    for target in [0.0, -0.1, 1.1, f64::NAN] {
        assert!(beds_for_blocking(target, 3.0).is_err() && beds_for_waiting(target, 3.0).is_err());
    }
    assert!(erlang_b(u64::MAX, 1.0).is_err());
    assert!(beds_for_blocking(0.01, 1e9).is_err());
}

#[test]
fn coverage_is_exact() {
    // 90 % of 40 communities are 36; 55 % of 100 beds 55, though 56 in floating point.
    assert_eq!(coverage_required(Ratio::new(90, 100), 40).unwrap(), 36);
    assert_eq!(coverage_required(Ratio::new(55, 100), 100).unwrap(), 55);
    assert_eq!((0.55 * 100.0_f64).ceil(), 56.0);
    assert_eq!(coverage_required(Ratio::new(80, 100), 12).unwrap(), 10);
    assert_eq!(coverage_required(Ratio::from_integer(1), i64::MAX).unwrap(), i64::MAX);
    assert!(coverage_required(Ratio::new(1452, 100), 40).is_err());
    assert!(coverage_required(Ratio::new(-1, 100), 40).is_err());
    assert!(coverage_required(Ratio::new(1, 2), -1).is_err());
}

#[test]
fn a_project_stands_at_the_end_of_its_year_or_later() {
    let years: Vec<i32> = (2020..=2026).collect();
    let plain = supply(&years, 1, &[100.0], &[Project::new(50.0, 2021, 2023)]).unwrap();
    assert_eq!(plain.row(0).to_vec(), [100.0, 100.0, 100.0, 150.0, 150.0, 150.0, 150.0]);
    let late = Project { ramp_years: 2.0, delay_years: vec![0.5, 0.0], ..Project::new(50.0, 2021, 2023) };
    let late = supply(&years, 2, &[100.0], &[late]).unwrap();
    assert_eq!(late.row(0).to_vec(), [100.0, 100.0, 100.0, 100.0, 112.5, 137.5, 150.0]);
    assert_eq!(late.row(1).to_vec(), [100.0, 100.0, 100.0, 100.0, 125.0, 150.0, 150.0]);
    let never = Project { cancelled: vec![true, false], ..Project::new(50.0, 2021, 2023) };
    let never = supply(&years, 2, &[100.0], &[never]).unwrap();
    assert_eq!(never.column(6).to_vec(), [100.0, 150.0]);
}

#[test]
fn equal_steps_add_up() {
    let years: Vec<i32> = (2020..=2026).collect();
    let steps = Project::in_steps(&[15.0, 20.0], 2021, 2025);
    let stations = supply(&years, 2, &[40.0], &steps).unwrap();
    assert_eq!(stations.row(0).to_vec(), [40.0, 43.0, 46.0, 49.0, 52.0, 55.0, 55.0]);
    assert_eq!(stations[[1, 5]], 60.0);
}

#[test]
fn every_fault_of_a_project_is_told() {
    let bad = Project {
        size: vec![f64::NAN, 1.0],
        start: 2023,
        finish: 2021,
        ramp_years: -1.0,
        delay_years: vec![],
        cancelled: vec![true; 4],
    };
    // Stock: length and sign; project: three lengths, size, ramp, finish.
    assert_eq!(supply(&[2020], 3, &[-1.0, 2.0], &[bad]).unwrap_err().problems().len(), 8);
}

#[test]
fn plots_are_used_up_and_beds_are_not() {
    let years = [2020, 2021, 2022];
    let demand = arr2(&[[40.0, 40.0, 40.0], [30.0, 30.0, 30.0]]);
    let places = arr2(&[[70.0, 70.0, 70.0]]);
    let beds = balance(Mode::Stock, &years, demand.clone(), places.clone()).unwrap();
    assert_eq!(beds.p_shortage, [0.0, 0.0, 0.0]);
    assert_eq!(beds.used_up_year, None);
    let plots = balance(Mode::UsedUp, &years, demand, places).unwrap();
    assert_eq!(plots.demand.row(0).to_vec(), [40.0, 80.0, 120.0]);
    assert_eq!(plots.p_shortage, [0.0, 0.5, 1.0]);
    assert_eq!(plots.used_up_year, Some(2021));
    assert_eq!(plots.gap[[1, 2]], 20.0);
}

#[test]
fn paths_that_do_not_fit_are_refused() {
    let two = Array2::zeros((2, 2));
    assert!(balance(Mode::Stock, &[2020], two.clone(), two.clone()).is_err());
    assert!(balance(Mode::Stock, &[2020, 2021], two.clone(), Array2::zeros((3, 2))).is_err());
    assert!(balance(Mode::Stock, &[2020, 2021], two.clone(), Array2::from_elem((2, 2), f64::NAN)).is_err());
    // No draw at all: no chance can be told.
    assert!(balance(Mode::Stock, &[2020], Array2::zeros((0, 1)), Array2::zeros((0, 1))).is_err());
    assert!(Mode::parse("beds").is_err());
}

#[test]
fn a_target_that_is_met_exactly_is_met() {
    // 11 of 20 are 55 %, but 0.55 × 20 is 11.000000000000002 in floating point.
    let attained = target_attained(&arr2(&[[11.0], [10.0]]), &arr2(&[[20.0], [20.0]]), Ratio::new(55, 100));
    assert_eq!(attained.unwrap().p_attained, [0.5]);
    assert!(target_attained(&arr2(&[[1.0]]), &arr2(&[[1.0, 2.0]]), Ratio::new(3, 2)).is_err());
}

#[test]
fn delays_follow_the_reference_class() {
    // Bounds as the UK Green Book guidance prints them.
    let class = reference_class("non_standard_building").unwrap();
    assert_eq!((class.duration_high, class.cost_high), (0.39, 0.51));
    let standard = reference_class("standard_building").unwrap();
    assert_eq!((standard.duration_high, standard.cost_high), (0.04, 0.24));
    let delays = class.delay_years(Key::new(1, "delay", "433101"), 2_000, 4.0);
    assert!(delays.iter().all(|d| (0.08..=1.56).contains(d)));
    // Even between 0.08 and 1.56: mean 0.82, standard error of 2,000 draws 0.0096.
    let mean = delays.iter().sum::<f64>() / 2_000.0;
    assert!((mean - 0.82).abs() < 0.04, "{mean}");
    assert!(reference_class("bridge").unwrap_err().to_string().contains("standard_civil"));
}

#[test]
fn sites_are_the_best_of_all_choices() {
    // Twelve places on a line at 0…11 with 1…12 persons: nine sites, C(12, 9) = 220 choices.
    let distance = Array2::from_shape_fn((12, 12), |(i, j)| (i as f64 - j as f64).abs());
    let persons: Vec<f64> = (1..=12).map(f64::from).collect();
    let best = site(&distance.view(), &persons, 9, Objective::MeanDistance, 1_000).unwrap();
    assert_eq!(best.len(), 220);
    // By hand: leaving out 0, 2 and 3 costs 1 + 3 + 4 = 8 steps for 78 persons; so does leaving out
    // 0, 1 and 3, which comes later in lexical order of the sites.
    assert!((best[0].value - 8.0 / 78.0).abs() < 1e-12, "{:?}", best[0]);
    assert_eq!(best[0].sites, [1, 4, 5, 6, 7, 8, 9, 10, 11]);
    assert!(best.windows(2).all(|w| w[0].value <= w[1].value));
    let centre = site(&distance.view(), &persons, 1, Objective::LargestDistance, 1).unwrap();
    assert_eq!((centre[0].sites[0], centre[0].value), (5, 6.0));
    let covered = site(&distance.view(), &persons, 1, Objective::Covered(1.0), 1).unwrap();
    assert_eq!((covered[0].sites[0], covered[0].value), (10, 33.0));
    assert!(site(&distance.view(), &persons, 13, Objective::MeanDistance, 1).is_err());
    assert!(site(&distance.view(), &persons[1..], 0, Objective::MeanDistance, 1).is_err());
    let wide = Array2::zeros((1, 60));
    assert!(site(&wide.view(), &[1.0], 30, Objective::MeanDistance, 1).is_err());
}

proptest! {
    #[test]
    fn more_supply_never_means_more_shortage(
        demand in prop::collection::vec(0.0..200.0_f64, 12),
        stock in 0.0..200.0_f64,
        more in 0.0..100.0_f64,
        used_up in any::<bool>(),
    ) {
        let years = [2020, 2021, 2022];
        let mode = if used_up { Mode::UsedUp } else { Mode::Stock };
        let demand = Array2::from_shape_vec((4, 3), demand).unwrap();
        let less = balance(mode, &years, demand.clone(), Array2::from_elem((1, 3), stock)).unwrap();
        let more = balance(mode, &years, demand, Array2::from_elem((1, 3), stock + more)).unwrap();
        for (l, m) in less.p_shortage.iter().zip(&more.p_shortage) {
            prop_assert!(m <= l);
        }
        let when = |b: &Balance| b.used_up_year.unwrap_or(i32::MAX);
        prop_assert!(when(&more) >= when(&less));
    }

    #[test]
    fn coverage_is_the_least_that_covers(numer in 0..=1000_i64, base in 0..1_000_000_i64) {
        let n = coverage_required(Ratio::new(numer, 1000), base).unwrap();
        prop_assert!(n * 1000 >= numer * base);
        prop_assert!(n == 0 || (n - 1) * 1000 < numer * base);
    }

    #[test]
    fn one_place_more_never_blocks_more(n in 0..200_u64, load in 0.0..200.0_f64) {
        prop_assert!(erlang_b(n + 1, load).unwrap() <= erlang_b(n, load).unwrap());
        prop_assert!(erlang_b(n, load).unwrap() <= erlang_c(n, load).unwrap() + 1e-12);
    }
}
