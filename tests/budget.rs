//! Budget: exact amounts, dated standards, splits and tables that add.
#![allow(clippy::unwrap_used)] // helpers outside #[test] functions

use minsuan::budget::*;
use minsuan::money::*;
use ndarray::Array2;
use num_bigint::BigInt;
use num_rational::Ratio;
use proptest::prelude::*;
use rust_decimal::Decimal;

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}
fn n(value: i64) -> Exact {
    Ratio::from_integer(BigInt::from(value))
}
fn third() -> Exact {
    Ratio::new(BigInt::from(1), BigInt::from(3))
}

#[test]
fn child_directors_of_2020_and_2025() {
    // The plan: 110 villages and 40 communities, 200 yuan a month; 15 to 20 communities more by 2025.
    let of = |posts: i64| Line::new("儿童主任", n(posts), n(200), n(12), vec![]).unwrap().amount().unwrap();
    assert_eq!(of(110 + 40).to_string(), "360000.00");
    assert_eq!(of(110 + 40 + 15), d("396000.00"));
    assert_eq!(of(110 + 40 + 20), d("408000.00"));
    // The plan: 350 yuan a month are 4,200 a year.
    assert_eq!(Line::new("标准", n(1), n(350), n(12), vec![]).unwrap().amount().unwrap(), d("4200"));
}

#[test]
fn a_rise_in_november_pays_two_months() {
    // Hunan's urban dibao floor: 500 until October 2020, 550 from November.
    let steps = [Step::new(2019, 1, d("500")), Step::new(2020, 11, d("550"))];
    assert_eq!(months_at_rates(&steps, 2020).unwrap(), [(10, d("500")), (2, d("550"))]);
    assert_eq!(yearly_rate(&steps, 2020).unwrap(), d("6100"));
    assert_eq!(months_at_rates(&steps, 2021).unwrap(), [(12, d("550"))]);
    // A program that starts in July pays six months in its first year and none before it.
    let july = [Step::new(2021, 7, d("100"))];
    assert_eq!(months_at_rates(&july, 2021).unwrap(), [(6, d("100"))]);
    assert!(months_at_rates(&july, 2020).is_err());
    let line = Line::dated("城市低保", n(10), &steps, 2020, vec![]).unwrap();
    assert_eq!(line.amount().unwrap(), d("61000.00"));
}

#[test]
fn dates_that_are_not_are_refused() {
    assert!(check_steps(&[]).is_err());
    let bad = [Step::new(2020, 13, d("1")), Step::new(2020, 5, d("-1"))];
    assert_eq!(check_steps(&bad).unwrap_err().problems().len(), 3);
    assert!(check_steps(&[Step::new(2020, 5, d("1")), Step::new(2020, 5, d("2"))]).is_err());
}

#[test]
fn a_line_splits_to_the_fen() {
    use Funding::*;
    let shares = vec![(Central, third()), (Province, third()), (County, third())];
    let split = Line::new("x", n(1), n(100), n(1), shares).unwrap().split().unwrap();
    assert_eq!(split, [(Central, d("33.34")), (Province, d("33.33")), (County, d("33.33"))]);
}

#[test]
fn a_wrong_line_is_told_whole() {
    use Funding::*;
    let e = Line::new("x", n(-1), n(-2), n(13), vec![(Central, n(-1)), (Central, n(2))]).unwrap_err();
    assert_eq!(e.problems().len(), 5);
    assert!(Line::new("x", n(1), n(1), n(1), vec![(Central, third())]).is_err());
    assert!(Funding::parse("township").unwrap_err().to_string().contains("prefecture"));
}

#[test]
fn a_table_of_thirds_adds_both_ways() {
    use Funding::*;
    let line = |name: &str| {
        let shares = vec![(Central, third()), (Province, third()), (County, third())];
        Line::new(name, n(1), n(100), n(1), shares).unwrap()
    };
    let t = funding_table(&[line("a"), line("b"), line("c")]).unwrap();
    assert_eq!(t.column_names(), ["line", "amount", "central", "province", "prefecture", "county"]);
    let column = |k: usize| -> Vec<i128> {
        use arrow_array::{Array, Decimal128Array};
        let c = t.batch().column(k).as_any().downcast_ref::<Decimal128Array>().unwrap();
        (0..c.len()).map(|i| c.value(i)).collect()
    };
    assert_eq!(column(1), [10_000, 10_000, 10_000, 30_000]);
    for k in [2, 3, 5] {
        // Each level's exact total is 100.00: the odd fen goes to another level in each line.
        assert_eq!(column(k)[3], 10_000);
        assert_eq!(column(k)[..3].iter().sum::<i128>(), 10_000);
    }
    let bare = || Line::new("x", n(1), n(1), n(1), vec![]).unwrap();
    assert_eq!(funding_table(&[bare()]).unwrap().column_names(), ["line", "amount"]);
    assert!(funding_table(&[bare(), line("a")]).is_err());
    assert!(funding_table(&[Line::new("x", n(i64::MAX), n(1), n(1), vec![]).unwrap()]).is_err());
    assert!(funding_table(&[]).is_err());
}

#[test]
fn capital_is_spread_and_bias_is_a_switch() {
    let even = capital_by_year(d("10000000"), 2021, 2023, &Profile::Even, d("0")).unwrap();
    let amounts: Vec<Decimal> = even.iter().map(|(_, a)| *a).collect();
    assert_eq!(amounts, [d("3333333.34"), d("3333333.33"), d("3333333.33")]);
    let weights = Profile::Weights(vec![d("1"), d("3")]);
    let biased = capital_by_year(d("100"), 2021, 2022, &weights, d("0.24")).unwrap();
    assert_eq!(biased, [(2021, d("31")), (2022, d("93"))]);
    let wrong = capital_by_year(d("-1"), 2022, 2021, &Profile::Even, d("-1")).unwrap_err();
    assert_eq!(wrong.problems().len(), 3);
    assert!(capital_by_year(d("1"), 2021, 2022, &Profile::Weights(vec![d("1")]), d("0")).is_err());
    assert!(capital_by_year(d("1"), i32::MIN, i32::MAX, &Profile::Even, d("0")).is_err());
}

#[test]
fn heads_are_not_payments() {
    let both = heads_and_payments(1_200, 900, 400).unwrap();
    assert_eq!((both.heads, both.payments), (1_700, 2_100));
    assert!(heads_and_payments(1, 2, 2).is_err());
    assert!(heads_and_payments(-1, 2, 0).is_err());
    assert!(heads_and_payments(i64::MAX, 1, 0).is_err());
}

#[test]
fn a_bridge_adds_to_the_fen() {
    let of = |lines: &[(&str, &str)]| lines.iter().map(|(k, v)| ((*k).to_owned(), d(v))).collect::<Vec<_>>();
    let (a, b) = (of(&[("x", "1.10"), ("y", "2")]), of(&[("y", "2"), ("z", "0.03")]));
    let steps = bridge(&a, &b).unwrap();
    let sum: Decimal = steps.iter().map(|s| s.difference).sum();
    assert_eq!(sum, d("2.03") - d("3.10"));
    assert_eq!(steps[1].difference, d("0"));
    assert_eq!((steps[0].b, steps[2].a), (None, None));
    assert!(bridge(&of(&[("x", "1"), ("x", "2")]), &b).is_err());
}

#[test]
fn a_tornado_puts_the_widest_first() {
    let input = |name: &str, p10, central, p90| Input { name: name.into(), p10, central, p90 };
    let inputs = [input("persons", 90.0, 100.0, 110.0), input("standard", 150.0, 200.0, 300.0)];
    let swings = tornado(&inputs, |x| Ok(x[0] * x[1])).unwrap();
    assert_eq!(swings[0].name, "standard");
    assert_eq!((swings[0].at_p10, swings[0].at_p90), (15_000.0, 30_000.0));
    assert_eq!((swings[1].at_p10, swings[1].at_p90), (18_000.0, 22_000.0));
    assert!(tornado(&inputs, |_| Ok(f64::NAN)).is_err());
}

#[test]
fn variance_is_shared_by_what_varies() {
    // y = 2a + b over a full 2 × 2 factorial: variances 4 to 1.
    let a = [-1.0, -1.0, 1.0, 1.0];
    let b = [-1.0, 1.0, -1.0, 1.0];
    let c = [5.0; 4];
    let y: Vec<f64> = a.iter().zip(&b).map(|(a, b)| 2.0 * a + b).collect();
    let shares = variance_shares(&[("a", &a), ("b", &b), ("c", &c)], &y).unwrap();
    for (got, want) in shares.iter().zip([0.8, 0.2, 0.0]) {
        assert!((got - want).abs() < 1e-12);
    }
    assert!(variance_shares(&[("a", &a[1..])], &y).is_err());
}

#[test]
fn quantiles_of_a_budget_are_type_7() {
    // quantile(c(1, 2, 3, 4, 10), c(.5, .8, .95)) in R: 3.0, 5.2, 8.8
    let s = spread(&[10.0, 2.0, 3.0, 4.0, 1.0]).unwrap();
    for (got, want) in [(s.mean, 4.0), (s.p50, 3.0), (s.p80, 5.2), (s.p95, 8.8)] {
        assert!((got - want).abs() < 1e-12);
    }
    assert_eq!(spread(&[]), None);
}

#[test]
fn controlled_rounding_of_a_table_that_no_plain_rounding_adds() {
    // Every cell is one third of a unit: rows and columns of 1 must stay 1.
    let rounded = controlled_rounding_ratios(&Array2::from_elem((3, 3), third()), 0).unwrap();
    assert_eq!(rounded.rows, [d("1"), d("1"), d("1")]);
    assert_eq!(rounded.columns, [d("1"), d("1"), d("1")]);
    assert!(controlled_rounding(&Array2::from_elem((0, 3), d("1")), 0).is_err());
}

/// Sum of |rounded − exact| over cells and margins; none where a margin moves by a unit or more.
fn distance(table: &Array2<Decimal>, cells: &Array2<Decimal>) -> Option<Decimal> {
    let moved = cells - table;
    let margins = moved.rows().into_iter().chain(moved.columns()).map(|l| l.iter().sum::<Decimal>());
    let total: Decimal = moved.iter().sum();
    let mut sum: Decimal = moved.iter().map(Decimal::abs).sum();
    for m in margins.chain([total]) {
        if m.abs() >= Decimal::ONE {
            return None;
        }
        sum += m.abs();
    }
    Some(sum)
}

proptest! {
    #[test]
    fn controlled_rounding_takes_the_closest_table(tenths in prop::collection::vec(-20..20_i64, 6)) {
        // All roundings of six cells, tried one by one: none that adds is closer.
        let table = Array2::from_shape_fn((2, 3), |(i, j)| Decimal::new(tenths[3 * i + j], 1));
        let best = (0..64_i64)
            .filter_map(|bits| {
                let up = |k: usize| Decimal::from((bits >> k) & 1);
                let cells = Array2::from_shape_fn((2, 3), |(i, j)| {
                    let v = table[[i, j]];
                    if v.fract().is_zero() { v } else { v.floor() + up(3 * i + j) }
                });
                distance(&table, &cells)
            })
            .min();
        let got = controlled_rounding(&table, 0).unwrap();
        prop_assert_eq!(distance(&table, &got.cells), best);
    }

    #[test]
    fn parts_add_to_the_total(
        fen in -1_000_000_000_000_i64..1_000_000_000_000,
        shares in prop::collection::vec(0..10_000_i64, 1..8),
    ) {
        prop_assume!(shares.iter().any(|s| *s > 0));
        let total = Decimal::new(fen, 2);
        let shares: Vec<Decimal> = shares.iter().map(|s| Decimal::new(*s, 4)).collect();
        let parts = split_largest_remainder(total, &shares, 2).unwrap();
        prop_assert_eq!(parts.iter().sum::<Decimal>(), total);
        let sum: Decimal = shares.iter().sum();
        for (part, share) in parts.iter().zip(&shares) {
            prop_assert!((part - total * share / sum).abs() < d("0.0100000001"));
        }
    }

    #[test]
    fn controlled_rounding_keeps_every_margin(
        cells in prop::collection::vec(-100_000..100_000_i64, 30),
        columns in 1..=6_usize,
        scale in 1..=3_u32,
    ) {
        let rows = cells.len() / columns;
        let table = Array2::from_shape_fn((rows, columns), |(i, j)| Decimal::new(cells[i * columns + j], scale));
        let r = controlled_rounding(&table, 0).unwrap();
        let near = |a: Decimal, b: Decimal| (a - b).abs() < Decimal::ONE;
        for (a, b) in r.cells.iter().zip(table.iter()) {
            prop_assert!(near(*a, *b) && a.fract().is_zero());
        }
        for i in 0..rows {
            prop_assert!(near(r.rows[i], table.row(i).iter().sum()));
            prop_assert_eq!(r.cells.row(i).iter().sum::<Decimal>(), r.rows[i]);
        }
        for j in 0..columns {
            prop_assert!(near(r.columns[j], table.column(j).iter().sum()));
            prop_assert_eq!(r.cells.column(j).iter().sum::<Decimal>(), r.columns[j]);
        }
        prop_assert!(near(r.total, table.iter().sum()));
        prop_assert_eq!(r.rows.iter().sum::<Decimal>(), r.total);
        prop_assert_eq!(r.columns.iter().sum::<Decimal>(), r.total);
    }

    #[test]
    fn a_year_has_twelve_months(months in prop::collection::btree_set((2015..2030_i32, 1..=12_u32), 1..8)) {
        let steps: Vec<Step> = months.iter().map(|(y, m)| Step::new(*y, *m, d("10"))).collect();
        for year in steps[0].from.0 + 1..2032 {
            let paid: u32 = months_at_rates(&steps, year).unwrap().iter().map(|(m, _)| m).sum();
            prop_assert_eq!(paid, 12);
        }
    }
}
