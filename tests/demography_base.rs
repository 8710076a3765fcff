//! Base population: Jishou's two numbers, contradictions, census tables.

#![allow(clippy::unwrap_used, reason = "helpers of tests stop at what cannot fail")]

use minsuan::demography::base::{
    AgeTable, Kind, Printed, Special, Standard, ThinBaseSpec, census_base, thin_base,
};
use minsuan::draws::summarize;
use ndarray::{Array2, Axis, s};

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
    // No step at a border: neighbours differ by less than a quarter.
    for x in 1..85 {
        let (a, b) = (b.population[[0, x - 1]], b.population[[0, x]]);
        assert!((a / b).ln().abs() < 0.25, "age {x}: {a} {b}");
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
