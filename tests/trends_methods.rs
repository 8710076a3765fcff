//! Breaks, backtest, stock and flow, cumulative reports, reconciliation, months.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use minsuan::error::Error;
use minsuan::trends::{
    Breaks, Kind, Options, ReferenceClass, StockFlow, backtest, breaks, decumulate, fit_class, forecast,
    forecast_with, inflow_factors, reconcile, rolling,
};
use proptest::prelude::*;

fn seen(values: &[f64]) -> Vec<Option<f64>> {
    values.iter().copied().map(Some).collect()
}

/// Residential beds of Fujian's institutions, 2011-2017: in 2014 only registered ones were counted on.
const INSTITUTIONS: [f64; 7] = [1173.0, 1362.0, 1235.0, 494.0, 440.0, 432.0, 440.0];

#[test]
fn a_break_of_definition_is_found_where_it_was_made() {
    let found = breaks(&seen(&INSTITUTIONS), 0.05, 0).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].position, found[0].kind), (3, Kind::Level));
    assert!(found[0].size < -600.0 && found[0].p_value <= 0.05, "{found:?}");
    // The same seed gives the same p-value.
    assert_eq!(found, breaks(&seen(&INSTITUTIONS), 0.05, 0).unwrap());
}

#[test]
fn a_trend_is_no_break_and_false_alarms_are_as_rare_as_they_should_be() {
    assert!(breaks(&seen(&[10., 12., 14., 16., 18., 20., 22., 24., 26., 28.]), 0.05, 0).unwrap().is_empty());
    let key = minsuan::draws::Key::new(3, "test.breaks", "");
    let alarms = (0..200)
        .filter(|d| {
            let mut s = key.stream(*d);
            let y: Vec<f64> = (0..12).map(|t| (30.0 + 0.5 * f64::from(t) + s.normal()).powi(2)).collect();
            !breaks(&seen(&y), 0.05, 0).unwrap().is_empty()
        })
        .count();
    // 5 % for one break, and about as much again for pairs; three standard errors more.
    assert!(alarms <= 32, "{alarms} of 200");
}

#[test]
fn two_opposite_breaks_are_found_together() {
    let y = [50., 51., 49., 50., 50., 90., 91., 89., 90., 90., 50., 49., 51., 50.];
    let found = breaks(&seen(&y), 0.05, 0).unwrap();
    let places: Vec<_> = found.iter().map(|b| b.position).collect();
    assert_eq!(places, [5, 10]);
}

#[test]
fn short_long_and_bad_series_of_breaks() {
    assert!(breaks(&seen(&[1., 2., 50.]), 0.05, 0).unwrap().is_empty());
    assert!(breaks(&seen(&[0.0; 12]), 0.05, 0).unwrap().is_empty());
    assert!(matches!(breaks(&seen(&[1.0; 201]), 0.05, 0), Err(Error::Data(_))));
    assert!(matches!(breaks(&seen(&[1., -1.]), 0.05, 0), Err(Error::Data(_))));
    assert!(breaks(&seen(&INSTITUTIONS), 1.5, 0).is_err());
}

#[test]
fn automatic_breaks_forecast_from_the_last_regime() {
    let auto = forecast(&seen(&INSTITUTIONS), 2, Breaks::Auto).unwrap();
    let given = forecast(&seen(&INSTITUTIONS), 2, Breaks::At(vec![3])).unwrap();
    assert_eq!((auto.start, &auto.mean), (3, &given.mean));
    assert!(auto.notes[0].contains("断点"));
}

#[test]
fn months_keep_their_season() {
    let y: Vec<f64> =
        (0..48).map(|t| 1000.0 + 300.0 * f64::from(u8::from(t % 12 == 0)) + f64::from(t)).collect();
    let options = Options { period: 12, ..Options::default() };
    let f = forecast_with(&seen(&y), 12, &options).unwrap();
    assert!(f.median[0] > f.median[1] + 200.0, "{:?}", f.median);
    assert!((f.median[6] - 1054.0).abs() < 40.0, "{:?}", f.median);
    let short = forecast_with(&seen(&y[..10]), 3, &options).unwrap();
    assert!(short.notes.iter().any(|n| n.contains("不足两个完整周期")));
}

#[test]
fn fujian_closes_and_a_slip_is_named() {
    // Fujian, July 2017: 75,916 + 553 - 853 = 75,616; 418,085 + 2,007 - 3,410 = 416,682.
    let flow = |stock: [f64; 2], i: f64, o: f64| {
        let names = vec!["2017-06".to_owned(), "2017-07".to_owned()];
        StockFlow::new(seen(&stock), vec![None, Some(i)], vec![None, Some(o)], names).unwrap()
    };
    assert!(flow([75916., 75616.], 553., 853.).discrepancies(0.5).is_empty());
    let rural = flow([418_085., 416_682.], 2007., 3410.);
    assert!(rural.discrepancies(0.5).is_empty());
    assert!((rural.hazards()[1].unwrap() - 3410.0 / 418_085.0).abs() < 1e-15);
    let off = flow([75916., 75661.], 553., 853.).discrepancies(0.5);
    assert_eq!((off[0].period.as_str(), off[0].expected, off[0].stated), ("2017-07", 75616.0, 75661.0));
}

#[test]
fn a_projected_stock_follows_from_its_flows() {
    let (mut stock, mut inflow, mut outflow) = (vec![1000.0], vec![0.0], vec![0.0]);
    for t in 1..8 {
        let (i, o) = (50.0 + f64::from(t), stock[stock.len() - 1] * 0.08);
        stock.push(stock[stock.len() - 1] + i - o);
        inflow.push(i);
        outflow.push(o);
    }
    let sf = StockFlow::new(seen(&stock), seen(&inflow), seen(&outflow), Vec::new()).unwrap();
    assert!(sf.discrepancies(0.5).is_empty());
    let p = sf.project(3, &[], 1).unwrap();
    let last = stock[7];
    // Means obey the identity, draw by draw and so on average.
    assert!((p.stock[0].mean - (last + p.inflow[0].mean - p.outflow[0].mean)).abs() < 1e-6 * last);
    assert!((p.outflow[0].quantiles[2] / last - 0.08).abs() < 0.005);
    assert!(
        p.stock[2].quantiles[0] < p.stock[2].quantiles[2]
            && p.stock[2].quantiles[2] < p.stock[2].quantiles[4]
    );
    // A rise of the standard by a tenth with elasticity 0.3 brings 2.9 % more.
    let factors = inflow_factors(500.0, &[550.0; 3], 0.3).unwrap();
    let more = sf.project(3, &factors, 1).unwrap();
    assert!((more.inflow[0].mean / p.inflow[0].mean - 1.1_f64.powf(0.3)).abs() < 1e-12);
    assert_eq!(sf.project(3, &[], 1).unwrap().stock, p.stock);
    assert!(sf.project(3, &[1.0], 1).is_err());
}

#[test]
fn stocks_that_turn_over_and_stocks_that_are_missing() {
    // Fifty at the end of each month, three times as many in and out: a hazard of 150 / (50 + 150).
    let flow = vec![Some(150.0); 8];
    let fast = StockFlow::new(vec![Some(50.0); 8], flow.clone(), flow, Vec::new()).unwrap();
    assert_eq!(fast.hazards()[1], Some(0.75));
    let ahead = fast.project(3, &[], 0).unwrap();
    assert!(ahead.turns_over && (ahead.stock[2].mean - 50.0).abs() < 2.0, "{:?}", ahead.stock);

    // The last stock is not there, its flows are: 120 + 500 - 10.
    let stock = vec![Some(100.0), Some(110.0), Some(120.0), None];
    let inflow = vec![None, Some(20.0), Some(20.0), Some(500.0)];
    let outflow = vec![None, Some(10.0), Some(10.0), Some(10.0)];
    let sf = StockFlow::new(stock, inflow, outflow, Vec::new()).unwrap();
    let ahead = sf.project(1, &[], 0).unwrap();
    assert_eq!(ahead.implied, 1);
    let of = |s: &[minsuan::draws::Summary]| s[0].mean;
    let identity = 610.0 + of(&ahead.inflow) - of(&ahead.outflow);
    assert!((of(&ahead.stock) - identity).abs() < 1e-6);

    // A gap in the middle hides nothing: 100 + 20 - 10 + 30 - 10 = 130, not 999.
    let gap = vec![Some(100.0), None, Some(999.0)];
    let sf = StockFlow::new(
        gap,
        vec![None, Some(20.0), Some(30.0)],
        vec![None, Some(10.0), Some(10.0)],
        Vec::new(),
    );
    let off = sf.unwrap().discrepancies(0.5);
    assert_eq!(
        off.iter().map(|d| (d.position, d.expected, d.stated)).collect::<Vec<_>>(),
        [(2, 130.0, 999.0)]
    );
}

#[test]
fn flows_that_cannot_be_are_told_together() {
    let error =
        StockFlow::new(seen(&[10., -1.]), seen(&[1.]), vec![None, Some(f64::NAN)], Vec::new()).unwrap_err();
    let columns: Vec<_> = error.problems().iter().filter_map(|p| p.column.clone()).collect();
    assert_eq!(columns, ["stock", "inflow", "outflow"]);
    let twice = vec!["2020".to_owned(), "2020".to_owned()];
    let two = || seen(&[1.0, 1.0]);
    assert!(StockFlow::new(two(), two(), two(), twice).unwrap_err().to_string().contains("comes twice"));
    // Nobody has left yet: the stock can't vanish in a year.
    let new =
        StockFlow::new(seen(&[100., 110., 120.]), seen(&[0., 10., 10.]), seen(&[0., 0., 0.]), Vec::new())
            .unwrap();
    assert!(new.project(2, &[], 0).unwrap().stock[0].quantiles[0] > 100.0);
}

#[test]
fn cumulative_reports_and_a_correction() {
    let flows =
        decumulate(&[(2020, 1, 10.0), (2020, 2, 25.0), (2020, 3, 24.0), (2020, 6, 60.0), (2021, 1, 8.0)])
            .unwrap();
    let told: Vec<_> = flows.iter().map(|f| (f.covers, f.flow, f.correction)).collect();
    assert_eq!(
        told,
        [
            (1, Some(10.0), None),
            (1, Some(15.0), None),
            (1, None, Some(-1.0)),
            (3, Some(36.0), None),
            (1, Some(8.0), None)
        ]
    );
    let error = decumulate(&[(2020, 1, 1.0), (2020, 1, 2.0), (2020, 13, -1.0)]).unwrap_err();
    assert_eq!(error.problems().len(), 3);
}

#[test]
fn a_backtest_counts_each_forecast_and_breaks_only_when_past() {
    let y = [50., 52., 49., 51., 50., 20., 21., 19., 20., 22.];
    let given = Options { breaks: Breaks::At(vec![5]), ..Options::default() };
    let all = rolling(&seen(&y), 2, 5, &given).unwrap();
    // Origins 5..=9, two steps each but the last: nine forecasts for each of three methods.
    assert_eq!(all.len(), 27);
    let at = |origin: usize| all.iter().find(|t| t.method == 0 && t.origin == origin).unwrap();
    assert!(at(5).point > 40.0 && at(7).point < 30.0);
    let table = backtest(&seen(&y), 2, 5, &given, &|_, _| true).unwrap();
    assert_eq!(table.ints("forecasts").unwrap().values(), &[9, 9, 9]);
    // Too short for any origin: no forecasts and a note, no error.
    let short = backtest(&seen(&[1.0]), 5, 5, &Options::default(), &|_, _| true).unwrap();
    assert_eq!(short.ints("forecasts").unwrap().values(), &[0, 0, 0]);
    assert!(short.notes().iter().any(|n| n.contains("无结果")), "{:?}", short.notes());
    assert_eq!(short.floats("coverage_95").unwrap().iter().flatten().count(), 0);
    let beyond = Options { breaks: Breaks::At(vec![40]), ..Options::default() };
    assert!(rolling(&seen(&y), 2, 5, &beyond).is_err());
    let flat = backtest(&seen(&[3.0; 8]), 2, 5, &Options::default(), &|_, _| true).unwrap();
    assert_eq!(flat.floats("mase").unwrap().iter().next().unwrap(), None);
}

proptest! {
    #[test]
    fn reconciled_parts_add_and_are_not_negative(
        parts in prop::collection::vec(0.0..1e5_f64, 1..20), total in 0.0..1e6_f64,
        noise in prop::collection::vec(prop::collection::vec(-50.0..50.0_f64, 20), 0..8),
    ) {
        let errors: Vec<Vec<f64>> = noise.iter().map(|e| e.iter().copied().cycle().take(parts.len() + 1).collect()).collect();
        let r = reconcile(total, &parts, &errors).unwrap();
        prop_assert!(r.parts.iter().all(|p| *p >= 0.0 && p.is_finite()));
        prop_assert!((r.parts.iter().sum::<f64>() - r.total).abs() <= 1e-9 * r.total.max(1.0));
        prop_assert_eq!(r.part_counts.iter().sum::<i64>(), r.total_count);
        for (c, p) in r.part_counts.iter().zip(&r.parts) {
            prop_assert!(*c >= 0 && (*c as f64 - p).abs() < 1.0);
        }
    }
}

#[test]
fn forecasts_that_agree_are_left_alone_and_bad_ones_told() {
    let r = reconcile(90.0, &[60.0, 30.0], &[]).unwrap();
    assert!((r.parts[0] - 60.0).abs() < 1e-9 && r.part_counts == [60, 30]);
    // One part far above the total: the others stop at zero instead of going below.
    let r =
        reconcile(10.0, &[500.0, 1.0], &[vec![0.1, 9.0, 9.0], vec![-0.1, 9.0, 8.0], vec![0.1, -9.0, -9.0]])
            .unwrap();
    assert!(r.parts.iter().all(|p| *p >= 0.0), "{r:?}");
    assert!(reconcile(-1.0, &[], &[vec![1.0, 2.0]]).unwrap_err().problems().len() == 3);
}

#[test]
fn a_class_is_the_whole_of_its_text() {
    let shipped = ReferenceClass::shipped().unwrap();
    assert!(shipped.coverage.iter().any(|(level, got)| *level == 0.95 && (0.92..0.97).contains(got)));
    let again = ReferenceClass::parse(&shipped.to_csv(), "x").unwrap();
    assert_eq!(&again, shipped);
    let own: Vec<Vec<Option<f64>>> =
        (0..40).map(|k| (0..12).map(|t| Some(100.0 + f64::from((t * k) % 7))).collect()).collect();
    let class = fit_class(&own).unwrap();
    assert_eq!(ReferenceClass::parse(&class.to_csv(), "x").unwrap(), class);
    let f = forecast_with(&own[3], 3, &Options { class: Some(&class), ..Options::default() }).unwrap();
    assert!(f.coverage.is_empty() && f.reference_class == "自有参照类");
    assert!(fit_class(&own[..10]).is_err());
    let torn = shipped.to_csv().replace("quantile,5,2,0.1,", "quantile,5,2,0.1,9");
    assert!(ReferenceClass::parse(&torn, "x").unwrap_err().to_string().contains("length 5, step 2"));
    assert!(ReferenceClass::parse("kind,length,step,name,value\nquantile,5,1,0.3,x\n", "x").is_err());
}

#[test]
fn other_methods_are_given_as_they_are_even_below_zero() {
    let falling = seen(&[90., 70., 50., 30., 10.]);
    let all = minsuan::trends::others(&falling, 3, 0).unwrap();
    let of = |name: &str| all.iter().find(|o| o.0 == name).unwrap().1.clone();
    assert!(of("末值不变").iter().all(|v| (v - 10.0).abs() < 1e-9));
    assert!(of("直线外推").iter().zip([-10.0, -30.0, -50.0]).all(|(a, b)| (a - b).abs() < 1e-9));
    assert!(of("平均增量").iter().zip([-10.0, -30.0, -50.0]).all(|(a, b)| (a - b).abs() < 1e-9));
    assert!(of("动态Theta").iter().all(|v| *v >= 0.0));
}

#[test]
fn published_series_are_ordered_and_their_breaks_lie_within() {
    let all = minsuan::trends::library::published().unwrap();
    assert!(all.len() > 150 && all.iter().all(|p| p.value > 0.0 && !p.source.is_empty()));
    assert!(minsuan::trends::library::documented().unwrap().len() >= 10);
    // Bulletin of 2017: 12.61 million urban recipients.
    let urban =
        |p: &&minsuan::trends::library::Published| p.indicator == "urban_dibao_persons" && p.year == 2017;
    assert_eq!(all.iter().filter(urban).find(|p| p.area == "全国").unwrap().value, 1261.0);
    let table = minsuan::trends::library::series_table("urban_dibao_persons", "全国").unwrap();
    assert_eq!(table.ints("year").unwrap().value(4), 2009);
    assert!(minsuan::trends::library::series_table("x", "全国").is_err());
    let breaks = minsuan::trends::library::breaks_table("rural_dibao_persons", "全国").unwrap();
    assert_eq!(breaks.ints("position").unwrap().values(), &[2]);
}

#[test]
fn constant_series_neither_make_nor_spoil_a_class() {
    let moving: Vec<Vec<Option<f64>>> =
        (1..=30).map(|k| (0..12).map(|t| Some(100.0 + f64::from((t * t * k) % 11 + t))).collect()).collect();
    let class = fit_class(&moving).unwrap();
    let mut mixed = moving.clone();
    mixed.extend(vec![vec![Some(7.0); 12]; 40]);
    assert_eq!(fit_class(&mixed).unwrap(), class);
    let told = fit_class(&mixed[1..]).unwrap_err().to_string();
    assert!(told.contains("69 given, 29 usable (40 have not changed for ten values)"), "{told}");
    let f =
        forecast_with(&seen(&[7.0; 8]), 3, &Options { class: Some(&class), ..Options::default() }).unwrap();
    assert!(f.interval(0.95).0[0] < 7.0 && f.interval(0.95).1[0] > 7.0 && f.mean == [7.0; 3]);
}

#[test]
fn a_stopped_search_is_interrupted() {
    let y: Vec<f64> = (0..20).map(|t| if t < 9 { 50.0 } else { 20.0 } + f64::from(t % 3)).collect();
    let no = || false;
    let stopped = minsuan::trends::breaks_while(&seen(&y), 0.05, 0, minsuan::trends::Go::asking(&no));
    assert!(matches!(stopped, Err(minsuan::error::Error::Interrupted)));
    let auto = Options { breaks: Breaks::Auto, ..Options::default() };
    assert!(backtest(&seen(&y), 2, 5, &auto, &|_, _| false).is_err());
}
