//! Statistical tables against published ones: Yunnan's monthly report of January 2020 and the national
//! bulletin of 2021, whose parts differ from their totals by rounding only.

#![allow(clippy::unwrap_used, clippy::panic)]

use minsuan::checks::{Finding, Verdict, check_cumulative, check_equal, check_table};
use minsuan::tables::{Input, Table};

fn input(columns: &[(&str, &[&str])]) -> Input {
    let mut builder = Table::builder("表");
    for (name, values) in columns {
        builder = builder.text(name, name, values.iter());
    }
    Input::from_table(builder.build().unwrap()).unwrap()
}

fn of<'a>(all: &'a [Finding], at: &str) -> &'a Finding {
    all.iter().find(|f| f.figures.first().is_some_and(|a| a == at)).unwrap_or_else(|| panic!("{at}: {all:?}"))
}

#[test]
fn yunnan_2020_01_adds_up_and_what_is_not_listed_is_information() {
    let labels = [
        "一、乡镇级区划",
        "1.镇",
        "2.乡",
        "3.民族乡",
        "6.街道",
        "二、民政事业费累计支出",
        "（一）社会福利",
        "（二）社会救助",
        "1.低保",
        "2.特困",
        "（三）民政管理",
        "（四）行政事业单位",
        "（五）其他",
    ];
    let values = [
        "1405",
        "679",
        "400",
        "140",
        "186",
        "123,894.7",
        "11571.7",
        "100001.8",
        "87167.3",
        "10625.8",
        "8685.5",
        "600.3",
        "3035.4",
    ];
    let all = check_table(&input(&[("指标名称", &labels), ("数量", &values)])).unwrap();
    // a numbering that jumps from 3 to 6 is no fault
    assert_eq!(of(&all, "B1").verdict, Verdict::Holds);
    assert_eq!(of(&all, "B6").verdict, Verdict::Holds);
    let listed = of(&all, "B8");
    assert_eq!(
        (listed.verdict, listed.gap().unwrap()),
        (Verdict::Info, minsuan::figures::Exact::new(-22_087, 10))
    );
    assert!(all.iter().all(|f| f.verdict >= Verdict::Info));
}

#[test]
fn the_bulletin_of_2021_differs_by_rounding_alone() {
    // orphans, community stations, social workers, self-government organizations
    for (total, parts) in [
        ("17.3", ["5.3", "11.9"]),
        ("48.6", ["10.9", "37.6"]),
        ("73.7", ["55.9", "17.7"]),
        ("60.6", ["49.0", "11.7"]),
    ] {
        let all = check_table(&input(&[
            ("指标", &["合计", "一、甲", "二、乙"]),
            ("数量", &[total, parts[0], parts[1]]),
        ]))
        .unwrap();
        assert_eq!(all[0].verdict, Verdict::Holds, "{total}");
    }
    let wrong =
        check_table(&input(&[("指标", &["合计", "一、甲", "二、乙"]), ("数量", &["17.6", "5.3", "11.9"])]))
            .unwrap();
    assert_eq!(wrong[0].verdict, Verdict::Contradiction);
    assert!(
        wrong[0].sentence.contains("B1") && wrong[0].sentence.contains("B2、B3"),
        "{}",
        wrong[0].sentence
    );
}

#[test]
fn growth_is_recomputed_and_points_are_not_per_cent() {
    // the average of 154.3 → 320.8 over five years prints 15.3 %, is 15.76 %; here as one year's growth
    let all = check_table(&input(&[
        ("指标", &["床位", "孤儿", "护理型占比"]),
        ("单位", &["万张", "人", "%"]),
        ("本年", &["320.8", "49", "55.0"]),
        ("上年", &["277.1", "56", "50.0"]),
        ("同比", &["15.3", "-12.5", "10.0"]),
    ]))
    .unwrap();
    assert_eq!(of(&all, "E1").verdict, Verdict::Contradiction);
    assert_eq!(of(&all, "E2").verdict, Verdict::Holds);
    let points = of(&all, "E3");
    assert_eq!(points.verdict, Verdict::Contradiction);
    assert!(points.sentence.contains("百分点"), "{}", points.sentence);
}

#[test]
fn a_subset_is_not_added_and_never_more() {
    let table = |subset: &str| {
        check_table(&input(&[
            ("指标", &["一、低保对象", "其中：残疾人", "二、特困"]),
            ("数量", &["100", subset, "20"]),
        ]))
        .unwrap()
    };
    assert!(table("30").is_empty());
    assert_eq!(table("130")[0].verdict, Verdict::Contradiction);
}

#[test]
fn codes_that_a_spreadsheet_has_broken_are_found() {
    let all = check_table(&input(&[
        ("地区代码", &["4.33101E+11", "433101002000"]),
        ("指标", &["甲", "乙"]),
        ("数量", &["1", "2"]),
    ]))
    .unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].family, all[0].figures[0].as_str()), ("code", "A1"));
}

#[test]
fn a_cumulative_series_that_falls_is_told() {
    let values: Vec<Option<rust_decimal::Decimal>> =
        [10, 25, 24, 40].iter().map(|v| Some((*v).into())).collect();
    let all = check_cumulative("救助资金", &values);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].gap().unwrap().to_integer(), -1);
    assert!(check_cumulative("x", &[None, None]).is_empty());
}

#[test]
fn two_tables_are_compared_cell_by_cell() {
    let a = input(&[("指标", &["孤儿", "低保"]), ("数量", &["49", "620.4"])]);
    let b = input(&[("指标", &["低保", "孤儿"]), ("数量", &["620", "48"])]);
    let all = check_equal(&a, &b, "指标").unwrap();
    assert_eq!(all.len(), 2);
    assert!(check_equal(&a, &a, "指标").unwrap().is_empty());
    assert!(check_equal(&a, &b, "名称").is_err());
}

#[test]
fn what_is_no_statistical_table_is_refused() {
    assert!(check_table(&input(&[("指标", &["甲"])])).is_err());
    assert!(check_table(&input(&[("数量", &["1"])])).is_err());
}
