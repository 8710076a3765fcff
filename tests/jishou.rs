//! The Jishou case from the plan's figures to the yuan.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use minsuan::run::{Options, Run, compare, run};
use minsuan::scenario::Case;
use ndarray::{Axis, s};
use rust_decimal::Decimal;

fn go(scenario: &str, draws: usize, threads: usize) -> Run {
    let case = Case::open("jishou").unwrap();
    let options = Options { scenario: Some(scenario.to_owned()), draws, threads, ..Options::default() };
    run(&case, &options, &|_, _| true).unwrap()
}

fn at(r: &Run, path: &str, year: i32) -> (Decimal, Vec<f64>) {
    let y = r.years.iter().position(|v| *v == year).unwrap();
    let series = &r.graph.get(path).unwrap_or_else(|| panic!("{path}")).series;
    (series.central[y].unwrap(), series.of_year(y))
}

#[test]
fn child_directors_cost_what_the_plan_says() {
    let r = go("base", 300, 0);
    // (110 + 40) × 200 × 12.
    let (amount, draws) = at(&r, "budget.child_directors", 2020);
    assert_eq!(amount, Decimal::from(360_000));
    assert!(draws.iter().all(|v| *v == 360_000.0));
    // 15 to 20 new communities by 2025: 165 to 170 posts.
    let (_, draws) = at(&r, "budget.child_directors", 2025);
    assert!(draws.iter().all(|v| (396_000.0..=408_000.0).contains(v)));
    assert!(draws.contains(&396_000.0) && draws.contains(&408_000.0));
}

#[test]
fn other_standards_of_the_plan() {
    let r = go("base", 50, 0);
    // 23 × 1,350 × 12 and 26 × 950 × 12, the counts of May 2020.
    assert_eq!(at(&r, "budget.orphans_inst", 2020).0, Decimal::from(372_600));
    assert_eq!(at(&r, "budget.orphans_home", 2020).0, Decimal::from(296_400));
    // The lines of the elderly project add to the 4.455 亿 that the plan prints.
    let lines = [
        "welfare_home",
        "township_centres",
        "day_care_centres",
        "disability_centre",
        "rehabilitation_centres",
        "elderly_unallocated",
    ];
    let total: Decimal = (2021..=2025)
        .flat_map(|y| lines.iter().map(move |l| (y, l)))
        .map(|(y, l)| at(&r, &format!("budget.{l}"), y).0)
        .sum();
    assert_eq!(total, Decimal::from(445_500_000));
}

#[test]
fn lines_add_to_the_total_to_the_fen() {
    let r = go("base", 20, 0);
    for year in 2020..=2035 {
        let sum: Decimal =
            r.scenario.budget.iter().map(|l| at(&r, &format!("budget.{}", l.name), year).0).sum();
        assert_eq!(sum, at(&r, "budget.total", year).0, "{year}");
    }
}

#[test]
fn the_base_year_is_what_the_plan_prints() {
    let r = go("base", 200, 0);
    let (count, draws) = at(&r, "population.60_plus", 2019);
    assert!((count - Decimal::from(45_000)).abs() < Decimal::ONE, "{count}");
    // 4.5万 is 44,500 to 45,500.
    assert!(draws.iter().all(|v| (44_499.0..=45_501.0).contains(v)));
    let share = at(&r, "population.share_60_plus", 2019).1;
    assert!(share.iter().all(|v| (14.514..=14.526).contains(v)));
}

#[test]
fn the_known_births_and_deaths_of_2023_are_met() {
    let r = go("base", 50, 0);
    let close = |path: &str, known: f64| {
        let (v, _) = at(&r, path, 2023);
        let v: f64 = v.try_into().unwrap();
        assert!((v / known - 1.0).abs() < 0.05, "{path}: {v} against {known}");
    };
    close("population.births", 2177.0);
    close("population.deaths", 2002.0);
}

#[test]
fn people_are_conserved_in_every_draw() {
    for scenario in ["base", "young_out", "resident"] {
        let r = go(scenario, 40, 0);
        let people = r.people();
        let e = &people.ensemble;
        for d in 0..r.draws {
            for t in 1..r.years.len() {
                let stock = |y: usize| people.draws.slice(s![d, y, .., ..]).sum();
                let expected =
                    stock(t - 1) + e.births[[d, t - 1]] - e.deaths[[d, t - 1]] + e.net_migration[[d, t - 1]];
                assert!((stock(t) - expected).abs() < 1e-6 * expected, "{scenario} draw {d} year {t}");
            }
        }
        assert!(people.draws.iter().all(|v| *v >= 0.0));
        assert_eq!(people.draws.len_of(Axis(0)), r.draws);
    }
}

#[test]
fn one_thread_gives_the_bytes_of_many() {
    let (one, many) = (go("base", 33, 1), go("base", 33, 4));
    for node in one.graph.iter() {
        let other = many.graph.get(&node.path).unwrap();
        assert_eq!(node.series.central, other.series.central, "{}", node.path);
        let bits = |d: &Option<ndarray::Array2<f64>>| -> Vec<u64> {
            d.iter().flat_map(|a| a.iter().map(|v| v.to_bits())).collect()
        };
        assert_eq!(bits(&node.series.draws), bits(&other.series.draws), "{}", node.path);
    }
}

#[test]
fn the_first_draws_do_not_depend_on_how_many_follow() {
    let (few, more) = (go("base", 20, 0), go("base", 50, 0));
    let (a, b) = (at(&few, "budget.total", 2030).1, at(&more, "budget.total", 2030).1);
    assert_eq!(a[..], b[..20]);
}

#[test]
fn what_a_scenario_leaves_alone_differs_by_exactly_zero() {
    let (a, b) = (go("base", 60, 0), go("higher_subsidy", 60, 0));
    let t = compare(&a, &b).unwrap();
    let (paths, difference) = (t.texts("path").unwrap(), t.floats("difference").unwrap());
    let (low, high) = (t.floats("difference_p10").unwrap(), t.floats("difference_p90").unwrap());
    let touched = |p: &str| {
        p.contains("child_director")
            || p == "budget.total"
            || p.contains("day_care")
            || p.contains("child_homes")
            || p.contains("platforms")
            || p.contains("social_work_rooms")
    };
    let mut moved = 0;
    for i in 0..t.num_rows() {
        let p = paths.value(i);
        if touched(p) {
            moved += usize::from(difference.value(i) != 0.0);
        } else {
            assert_eq!((difference.value(i), low.value(i), high.value(i)), (0.0, 0.0, 0.0), "{p}");
        }
    }
    assert!(moved > 20);
    // 170 posts at 300 yuan from November 2023 against 167.5 at 200.
    let gain = at(&b, "budget.child_directors", 2025).0 - at(&a, "budget.child_directors", 2025).0;
    assert_eq!(gain, Decimal::from(170 * 300 * 12 - 402_000));
    // Ten months at 200 and two at 300 for 150 + 20 × 3/5 posts.
    assert_eq!(at(&b, "budget.child_directors", 2023).0, Decimal::from(162 * (2000 + 600)));
}

#[test]
fn a_run_against_itself_is_all_zero() {
    let (a, b) = (go("base", 25, 1), go("base", 25, 2));
    let t = compare(&a, &b).unwrap();
    assert!(t.floats("difference").unwrap().iter().flatten().all(|v| v == 0.0));
}

#[test]
fn different_seeds_are_not_compared() {
    let case = Case::open("jishou").unwrap();
    let of = |seed| {
        run(&case, &Options { seed: Some(seed), draws: 10, ..Options::default() }, &|_, _| true).unwrap()
    };
    assert!(compare(&of(1), &of(2)).unwrap_err().to_string().contains("same seed"));
}

#[test]
fn stopping_stops() {
    let case = Case::open("jishou").unwrap();
    let stopped = run(&case, &Options { draws: 2000, ..Options::default() }, &|_, _| false);
    assert!(matches!(stopped, Err(minsuan::error::Error::Interrupted)));
}

#[test]
fn why_answers_for_every_number_and_ends_at_a_source() {
    let r = go("base", 20, 0);
    for node in r.graph.iter() {
        for year in [*r.years.first().unwrap(), 2025, *r.years.last().unwrap()] {
            let why = r.why(&node.path, year).unwrap();
            leaves(&why);
        }
    }
    let why = r.why("budget.child_directors", 2025).unwrap();
    assert_eq!(why.value, "402,000.00");
    assert_eq!(why.numbers.as_deref(), Some("167.5 × 200 × 12"));
    assert_eq!(why.inputs[0].numbers.as_deref(), Some("110 + 40 + 17.5 × 5/5"));
    let all = flat(&why);
    assert!(
        all.iter().any(|w| w.kind == "figure" && w.source.contains("第123行")),
        "the 200 yuan of line 123"
    );
    assert!(all.iter().any(|w| w.kind == "assumption" && w.source.contains("base.toml")));
}

fn flat(why: &minsuan::run::Why) -> Vec<&minsuan::run::Why> {
    std::iter::once(why).chain(why.inputs.iter().flat_map(flat)).collect()
}

/// What has no inputs has to be a source, or a formula of numbers alone.
fn leaves(why: &minsuan::run::Why) {
    if why.inputs.is_empty() {
        assert!(!why.source.is_empty(), "{} says nothing of where it comes from", why.path);
    }
    why.inputs.iter().for_each(leaves);
}
