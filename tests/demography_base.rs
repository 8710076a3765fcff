//! Base population: Jishou's two numbers, contradictions, census tables.

#![allow(clippy::unwrap_used, reason = "helpers of tests stop at what cannot fail")]

use minsuan::demography::backtest::{BacktestSpec, From, backtest};
use minsuan::demography::base::ages::contiguous;
use minsuan::demography::base::covariance::GROUPS;
use minsuan::demography::base::donors::to_cells;
use minsuan::demography::base::graduate::to_single;
use minsuan::demography::base::survivors::Survivors;
use minsuan::demography::base::{
    AgeTable, Donors, Kind, Printed, Special, Standard, ThinBaseSpec, census_base, thin_base,
};
use minsuan::draws::summarize;
use minsuan::tables::{Input, Table};
use ndarray::{Array2, Axis, s};
use proptest::prelude::*;

fn jishou() -> ThinBaseSpec<'static> {
    ThinBaseSpec {
        count_60_plus: Some(Printed::parse("4.5万").unwrap()),
        share_60_plus: Some(Printed::parse("14.52%").unwrap()),
        standard: Standard::Named("hunan".into()),
        region: "433101",
        ..ThinBaseSpec::default()
    }
}

#[test]
fn two_printed_numbers_are_kept_and_their_precision_is_drawn() {
    let b = thin_base(&jishou()).unwrap();
    let sixty = b.population.slice(s![.., 60..]).sum();
    assert!((sixty - 45_000.0).abs() < 1e-6, "{sixty}");
    assert!((sixty / b.population.sum() - 0.1452).abs() < 1e-12);
    assert_eq!(b.draws.dim(), (200, 2, 101));
    let mut counts: Vec<f64> = b.draws.axis_iter(Axis(0)).map(|d| d.slice(s![.., 60..]).sum()).collect();
    for (d, n) in b.draws.axis_iter(Axis(0)).zip(&counts) {
        assert!((44_500.0 - 1e-6..=45_500.0 + 1e-6).contains(n), "4.5万 is 44,500 to 45,500, got {n}");
        let share = n / d.sum();
        assert!((0.145_15 - 1e-9..=0.145_25 + 1e-9).contains(&share), "{share}");
    }
    let q = summarize(&mut counts).unwrap().quantiles;
    assert!(q[3] - q[1] > 600.0, "uniform over 1,000 persons: the middle 80 % is about 800 wide, got {q:?}");
}

#[test]
fn same_seed_same_bytes_and_draws_do_not_depend_on_how_many() {
    let few = thin_base(&ThinBaseSpec { draws: 5, ..jishou() }).unwrap();
    let many = thin_base(&ThinBaseSpec { draws: 12, ..jishou() }).unwrap();
    assert_eq!(few.draws, many.draws.slice(s![..5, .., ..]));
    let other = thin_base(&ThinBaseSpec { draws: 5, seed: 1, ..jishou() }).unwrap();
    assert_ne!(few.draws, other.draws);
}

#[test]
fn further_totals_hold_and_contradictions_are_named_with_the_gap() {
    let spec = ThinBaseSpec {
        constraints: vec![("80+".into(), Printed::exact(4_100.0)), ("0-14".into(), Printed::exact(0.19))],
        draws: 3,
        ..jishou()
    };
    let b = thin_base(&spec).unwrap();
    assert!((b.population.slice(s![.., 80..]).sum() - 4_100.0).abs() < 1e-6);
    assert!((b.population.slice(s![.., ..15]).sum() / b.population.sum() - 0.19).abs() < 1e-9);
    // No step at a border, 60 and 15 among them: what the totals do to the standard goes smoothly over ages.
    // Measured against the standard, whose own steps (the famine's cohorts) are no doing of the totals.
    let standard = spec.standard.resolve().unwrap().single;
    for ((s, x), p) in b.population.indexed_iter().filter(|((_, x), _)| (1..100).contains(x)) {
        let before = (b.population[[s, x - 1]] / standard[[s, x - 1]]).ln();
        let step = (p / standard[[s, x]]).ln() - before;
        // Blocks raked to the two totals would step by 0.38 at 60.
        assert!(step.abs() < 0.06, "sex {s}, age {x}: {step}");
    }
    let bad = ThinBaseSpec { constraints: vec![("80+".into(), Printed::exact(46_000.0))], ..jishou() };
    let text = thin_base(&bad).unwrap_err().to_string();
    assert!(text.contains("60+") && text.contains("80+") && text.contains("by 500 persons"), "{text}");
    let bad = ThinBaseSpec { total: Some(Printed::exact(350_000.0)), ..jishou() };
    let text = thin_base(&bad).unwrap_err().to_string();
    assert!(text.contains("contradict"), "{text}");
}

#[test]
fn a_special_population_is_part_of_the_totals() {
    let mut counts = Array2::zeros((2, 101));
    counts.slice_mut(s![.., 18..22]).fill(2_500.0);
    let special = Some(Special { name: "在校大学生".into(), counts: counts.clone() });
    let b = thin_base(&ThinBaseSpec { special, draws: 2, ..jishou() }).unwrap();
    assert!((b.population.slice(s![.., 60..]).sum() / b.population.sum() - 0.1452).abs() < 1e-12);
    assert!(b.population[[0, 20]] > b.population[[0, 25]] + 1_500.0);
    assert_eq!(b.special.unwrap(), counts);
}

#[test]
fn what_is_not_enough_or_not_a_number_is_refused() {
    for spec in [
        ThinBaseSpec { share_60_plus: None, ..jishou() },
        ThinBaseSpec { count_60_plus: Some(Printed::exact(f64::NAN)), ..jishou() },
        ThinBaseSpec { share_60_plus: Some(Printed::exact(14.52)), ..jishou() },
        ThinBaseSpec { standard: Standard::Named("hunnan".into()), ..jishou() },
        ThinBaseSpec { standard: Standard::Single(Array2::from_elem((101, 2), 1.0)), ..jishou() },
        ThinBaseSpec { standard: Standard::Single(Array2::from_elem((2, 101), -1.0)), ..jishou() },
    ] {
        assert!(thin_base(&spec).unwrap_err().to_string().contains("expected"));
    }
}

#[test]
fn a_census_table_is_the_base_as_it_is() {
    for (file, total) in [("census_2010", 302_065.0), ("census_2020", 408_812.0)] {
        let text = minsuan::assets::text(&format!("jishou/{file}.csv")).unwrap();
        let table = AgeTable::from_csv(text).unwrap();
        let b = census_base(&Standard::Abridged(table.clone()), 4, Kind::Resident).unwrap();
        // The county totals that the censuses print.
        assert!((b.population.sum() - total).abs() < 1e-6, "{}", b.population.sum());
        let printed: f64 = table.female[13..].iter().chain(&table.male[13..]).sum();
        assert!((b.population.slice(s![.., 60..]).sum() - printed).abs() < 1e-6);
        assert!(b.draws.axis_iter(Axis(0)).all(|d| d == b.population));
    }
}

/// Counties as tables hold them: a code, then persons by sex and age group.
fn counties(rows: &[(&str, [f64; 38])]) -> Donors {
    let mut table = Table::builder("县").text("code", "代码", rows.iter().map(|r| r.0));
    for (c, sex) in [(0, "f"), (19, "m")] {
        for (g, label) in GROUPS.iter().enumerate() {
            table = table.float(&format!("{sex}_{label}"), label, "人", rows.iter().map(|r| r.1[c + g]));
        }
    }
    Donors::from_table(&Input::from_table(table.build().unwrap()).unwrap()).unwrap()
}

#[test]
fn a_backtest_of_counties_that_only_died_has_no_error() {
    let a = [2_000.0; 38];
    let lived = |cells: [f64; 38]| -> [f64; 38] {
        let table = Array2::from_shape_fn((2, 19), |(s, g)| cells[s * 19 + g]);
        let labels = GROUPS.map(str::to_owned);
        let single = to_single(&table, &contiguous(&labels).unwrap()).unwrap();
        // Hunan's people live 0.13 years less than the nation's (74.70 and 74.83, census of 2010).
        let old = Survivors::china(74.70 - 74.83, (2010, 2020)).unwrap().carry(&single, (2010, 2020));
        to_cells(&old).to_vec().try_into().unwrap()
    };
    let mut b = lived(a);
    (b[0], b[1], b[2], b[19], b[20], b[21]) = (1_000.0, 3_000.0, 3_000.0, 1_000.0, 3_000.0, 3_000.0);
    let mut halved = b;
    halved.iter_mut().for_each(|v| *v /= 2.0);
    let earlier = counties(&[("433101", a), ("433102", a), ("433199", a)]);
    let later = counties(&[("433102", halved), ("433101", b), ("500000", b)]);
    let spec = BacktestSpec { base: From::Census, size: (0.0, 1e9), draws: 50, ..BacktestSpec::default() };
    let t = backtest(&earlier, &later, &spec, &|_, _| true).unwrap();
    assert_eq!((t.counties.len(), t.unmatched), (2, (1, 1)));
    let totals: Vec<(f64, f64)> = t.counties.iter().map(|c| c.total).collect();
    assert!(!t.counties[0].other_boundary() && t.counties[1].other_boundary(), "{totals:?}");
    for (e, o) in t.counties[0].expected.iter().zip(&t.counties[0].observed) {
        // Both went through one graduation more or less: single years differ a little inside groups.
        assert!((e / o - 1.0).abs() < 2e-3, "{e} {o}");
    }
    let nation = BacktestSpec { by_province: false, ..spec };
    let at_the_nations = backtest(&earlier, &later, &nation, &|_, _| true).unwrap();
    assert!(at_the_nations.counties[0].expected[16] > t.counties[0].expected[16] * 1.0005);
    let stopped = backtest(&earlier, &later, &spec, &|done, _| done < 1).unwrap_err();
    assert!(matches!(stopped, minsuan::error::Error::Interrupted));
    let twice = counties(&[("433101", a), ("433101", a)]);
    assert!(backtest(&twice, &later, &spec, &|_, _| true).unwrap_err().to_string().contains("twice"));
}

#[test]
fn donors_with_an_unknown_cell_are_left_out_and_negatives_refused() {
    let mut hole = [100.0; 38];
    hole[5] = f64::NAN;
    let d = counties(&[("1", [100.0; 38]), ("2", hole)]);
    assert_eq!((d.counts.nrows(), d.incomplete), (1, 1));
    let mut negative = [100.0; 38];
    negative[7] = -3.0;
    let table = {
        let mut t = Table::builder("县");
        for (c, sex) in [(0, "f"), (19, "m")] {
            for (g, label) in GROUPS.iter().enumerate() {
                t = t.float(&format!("{sex}_{label}"), label, "人", [negative[c + g]]);
            }
        }
        Input::from_table(t.build().unwrap()).unwrap()
    };
    let text = Donors::from_table(&table).unwrap_err().to_string();
    assert!(text.contains("f_30-34") && text.contains("-3"), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]
    #[test]
    fn any_possible_totals_are_kept_exactly_and_nobody_is_negative(
        total in 50.0..3e7_f64,
        share in 0.02..0.9_f64,
        of_old in 0.02..0.6_f64,
        of_young in 0.05..0.7_f64,
        seed in 0..1000_u64,
    ) {
        let spec = ThinBaseSpec {
            total: Some(Printed::exact(total)),
            share_60_plus: Some(Printed::exact(share)),
            constraints: vec![
                ("0-14".into(), Printed::exact((1.0 - share) * of_young)),
                ("80+".into(), Printed::exact(share * of_old)),
            ],
            draws: 3,
            seed,
            ..jishou_standard()
        };
        let b = thin_base(&spec).unwrap();
        for p in b.draws.axis_iter(Axis(0)).chain([b.population.view()]) {
            prop_assert!(p.iter().all(|v| v.is_finite() && *v >= 0.0));
            prop_assert!((p.sum() / total - 1.0).abs() < 1e-8);
            prop_assert!((p.slice(s![.., 60..]).sum() / (total * share) - 1.0).abs() < 1e-8);
            prop_assert!((p.slice(s![.., 80..]).sum() / (total * share * of_old) - 1.0).abs() < 1e-8);
        }
    }
}

fn jishou_standard() -> ThinBaseSpec<'static> {
    ThinBaseSpec { standard: Standard::Named("hunan".into()), region: "433101", ..ThinBaseSpec::default() }
}
