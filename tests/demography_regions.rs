//! Many regions: independent of order and batch; raked, they add to their parent.
#![allow(clippy::unwrap_used)] // helpers outside of test functions

use minsuan::demography::ensemble::{Paths, Spread, china_paths};
use minsuan::demography::indicators::Indicator;
use minsuan::demography::regions::{Region, RegionsSpec, project_regions, sum_of, table};
use ndarray::Array2;

fn region(code: &str, size: f64) -> Region {
    let base = Array2::from_shape_fn((2, 101), |(_, x)| size * (-(x as f64 / 65.0).powi(4)).exp());
    Region { code: code.to_owned(), base, base_draws: None, paths: None }
}

fn spec<'a>(regions: &'a [Region], paths: &'a Paths, spread: &'a Spread) -> RegionsSpec<'a> {
    RegionsSpec { regions, parent: None, start: 2019, paths, spread, seed: 3, draws: 300, threads: 2 }
}

fn levels() -> (Paths, Spread) {
    let (paths, mut spread) = china_paths(2019, 6).unwrap();
    spread.small_number_noise = Some(false);
    (paths, spread)
}

#[test]
fn order_and_batch_do_not_matter() {
    let (paths, spread) = levels();
    let indicators = Indicator::parse_all(&["total", "60_plus", "births"]).unwrap();
    let three = [region("a", 900.0), region("b", 400.0), region("c", 2000.0)];
    let turned = [three[2].clone(), three[0].clone()];
    let all = project_regions(&spec(&three, &paths, &spread), &indicators, &|_, _| true).unwrap();
    let some = project_regions(&spec(&turned, &paths, &spread), &indicators, &|_, _| true).unwrap();
    assert_eq!(all[2], some[0]);
    assert_eq!(all[0], some[1]);
    let t = table(&spec(&three, &paths, &spread), &indicators, &all, "示例", &[]).unwrap();
    // Two stocks in seven years and one flow in six, for three regions.
    assert_eq!(t.num_rows(), 3 * (7 + 7 + 6));
}

#[test]
fn raked_draws_add_to_the_parent() {
    let (paths, spread) = levels();
    let indicators =
        Indicator::parse_all(&["total", "60_plus", "births", "deaths", "net_migration"]).unwrap();
    let three = [region("a", 900.0), region("b", 400.0), region("c", 2000.0)];
    let parent = sum_of(&three, "p").unwrap();
    let mut raked = spec(&three, &paths, &spread);
    raked.parent = Some(&parent);
    let parts = project_regions(&raked, &indicators, &|_, _| true).unwrap();
    let whole =
        project_regions(&spec(std::slice::from_ref(&parent), &paths, &spread), &indicators, &|_, _| true)
            .unwrap();
    // The parent's own rows are those of a run of it alone.
    assert_eq!(parts[3], whole[0]);
    for (k, indicator) in indicators.iter().enumerate() {
        for t in usize::from(indicator.is_flow())..=6 {
            // Means add where every draw adds.
            let sum: f64 = parts[..3].iter().map(|r| r[k][t].summary.mean).sum();
            let want = whole[0][k][t].summary.mean;
            assert!((sum - want).abs() < 1e-6 * want.abs().max(1.0), "{} {t}: {sum} {want}", indicator.name);
        }
    }
}

#[test]
fn two_regions_with_one_code_are_refused() {
    let (paths, spread) = levels();
    let indicators = Indicator::parse_all(&["total"]).unwrap();
    let mut two = [region("a", 900.0), region("a", 400.0)];
    two[1].base[[0, 5]] = f64::NAN;
    let e = project_regions(&spec(&two, &paths, &spread), &indicators, &|_, _| true).unwrap_err();
    assert_eq!(e.problems().len(), 2);
    assert!(project_regions(&spec(&[], &paths, &spread), &indicators, &|_, _| true).is_err());
}
