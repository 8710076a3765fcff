//! The Jishou case from the plan's figures to the yuan.

use minsuan::run::{Options, run};
use minsuan::scenario::Case;
use rust_decimal::Decimal;

fn options(draws: usize) -> Options {
    Options { draws, ..Options::default() }
}

#[test]
fn child_directors_cost_what_the_plan_says() {
    let case = Case::open("jishou").unwrap();
    let r = run(&case, &options(200), &|_, _| true).unwrap();
    let line = r.graph.get("budget.child_directors").unwrap();
    let y = |year: i32| r.years.iter().position(|v| *v == year).unwrap();
    // (110 + 40) × 200 × 12; the plan says nothing of 2019.
    assert_eq!(line.series.central[y(2020)].unwrap(), Decimal::from(360_000));
    let draws = line.series.of_year(y(2025));
    assert!(draws.iter().all(|v| (396_000.0..=408_000.0).contains(v)));
}
