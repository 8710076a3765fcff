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

/// Findings that are neither information nor hold.
fn alarms(all: &[Finding]) -> Vec<&Finding> {
    all.iter().filter(|f| f.verdict < Verdict::Info).collect()
}

fn file(name: &str, text: &str) -> Input {
    let path = std::env::temp_dir().join(format!("minsuan-{}-{name}", std::process::id()));
    std::fs::write(&path, text).unwrap();
    let read = minsuan::tables::read(&path, None);
    std::fs::remove_file(&path).unwrap();
    read.unwrap()
}

#[test]
fn subtotals_are_totals_of_their_own_rows() {
    let top = ["总计", "低保小计", "城市", "农村", "特困小计", "集中", "分散"];
    let bottom = ["城市", "农村", "小计", "集中", "分散", "小计", "合计"];
    let beside = ["总计", "低保小计", "城市", "农村", "临时救助"];
    for (labels, values, wrong) in [
        (&top[..], &["500", "300", "100", "200", "200", "100", "100"][..], None),
        (&top[..], &["500", "300", "100", "200", "200", "100", "115"][..], Some("B5")),
        (&top[..], &["510", "300", "100", "200", "200", "100", "100"][..], Some("B1")),
        (&bottom[..], &["100", "200", "300", "100", "100", "200", "500"][..], None),
        (&bottom[..], &["100", "200", "310", "100", "100", "200", "510"][..], Some("B3")),
        (&beside[..], &["350", "300", "100", "200", "50"][..], None),
    ] {
        let all = check_table(&input(&[("指标", labels), ("本年", values)])).unwrap();
        let told: Vec<&str> = alarms(&all).iter().map(|f| f.figures[0].as_str()).collect();
        assert_eq!(told, wrong.into_iter().collect::<Vec<_>>(), "{labels:?} {values:?} {all:?}");
        assert!(all.len() > 1 || wrong.is_some());
    }
}

#[test]
fn shares_change_by_points_whatever_the_header_says() {
    for (header, printed, verdict) in [
        ("同比增减（百分点）", "10.0", Verdict::Holds),
        ("同比增减（百分点）", "25.0", Verdict::Contradiction),
        ("同比增减（百分点）", "11.5", Verdict::Contradiction),
        ("同比", "10.0", Verdict::Holds),
        ("同比增长（%）", "25.0", Verdict::Contradiction),
    ] {
        for columns in [["上年", "本年"], ["2019年", "2020年"]] {
            let table = input(&[
                ("指标", &["集中供养率（%）"]),
                (columns[0], &["40.0"]),
                (columns[1], &["50.0"]),
                (header, &[printed]),
            ]);
            let all = check_table(&table).unwrap();
            assert_eq!(of(&all, "D1").verdict, verdict, "{header} {printed}");
        }
    }
}

#[test]
fn growth_between_years_is_recomputed() {
    for (columns, header, printed, verdict) in [
        (["2019年", "2020年"], "增长（%）", "30.0", Verdict::Holds),
        (["2019年", "2020年"], "增长（%）", "35.0", Verdict::Contradiction),
        (["2020年", "2019年"], "增长（%）", "-23.1", Verdict::Holds),
        (["2019", "2020"], "增减%", "33.0", Verdict::Contradiction),
        (["上年同期", "本年累计"], "同比±%", "30.0", Verdict::Holds),
        (["上年", "本年"], "增减", "246", Verdict::Holds),
        (["上年", "本年"], "增减", "30.0", Verdict::Holds),
        (["上年", "本年"], "增减数", "240", Verdict::Contradiction),
    ] {
        let all = check_table(&input(&[
            ("指标", &["低保支出"]),
            (columns[0], &["820"]),
            (columns[1], &["1066"]),
            (header, &[printed]),
        ]))
        .unwrap();
        assert_eq!(of(&all, "D1").verdict, verdict, "{columns:?} {header} {printed}");
    }
    // an average over years is not the growth of the last one, 100 %
    let columns: [(&str, &[&str]); 4] =
        [("指标", &["甲"]), ("2015年", &["100"]), ("2020年", &["200"]), ("年均增长（%）", &["14.9"])];
    assert_eq!(of(&check_table(&input(&columns)).unwrap(), "D1").verdict, Verdict::Holds);
}

#[test]
fn rates_and_averages_do_not_add_and_compositions_do() {
    let table = |share: &[&str; 3]| {
        check_table(&input(&[
            ("地区", &["合计", "甲镇", "乙镇"]),
            ("人数", &["500", "300", "200"]),
            ("火化率（%）", &["52", "60", "40"]),
            ("人均（元）", &["620", "700", "500"]),
            ("标准（元/月）", &["620", "700", "500"]),
            ("占比（%）", share),
        ]))
        .unwrap()
    };
    assert!(alarms(&table(&["100", "60", "40"])).is_empty());
    let wrong = table(&["100", "60", "45"]);
    assert_eq!(alarms(&wrong).len(), 1);
    assert_eq!(alarms(&wrong)[0].figures[0], "F1");
    // a rate among the rows of a total is none of its parts
    let rows = check_table(&input(&[
        ("指标", &["合计", "城市", "农村", "保障率（%）"]),
        ("数量", &["300", "100", "200", "5"]),
    ]))
    .unwrap();
    assert!(alarms(&rows).is_empty(), "{rows:?}");
}

#[test]
fn columns_add_where_the_rows_say_so() {
    let table = |women: [&str; 3], total: [&str; 3]| {
        check_table(&input(&[
            ("县", &["甲", "乙", "丙"]),
            ("合计", &total),
            ("男", &["140", "90", "50"]),
            ("女", &women),
            ("城市", &["200", "100", "60"]),
            ("农村", &["100", "100", "40"]),
        ]))
        .unwrap()
    };
    assert!(table(["160", "110", "50"], ["300", "200", "100"]).is_empty());
    let wrong = table(["165", "110", "50"], ["300", "200", "100"]);
    assert_eq!(wrong.len(), 1);
    assert_eq!(wrong[0].figures, ["B1", "C1", "D1"]);
    assert!(wrong[0].sentence.contains("相加为305，相差5"), "{}", wrong[0].sentence);
    // columns that are no partition are left alone
    let apart = check_table(&input(&[
        ("县", &["甲", "乙"]),
        ("合计", &["300", "200"]),
        ("残疾人", &["40", "20"]),
        ("老年人", &["90", "70"]),
    ]));
    assert!(apart.unwrap().is_empty());
}

#[test]
fn a_register_without_numbers_is_checked_for_its_codes() {
    let table =
        input(&[("统一社会信用代码", &["51431200MJJ1234567", "5.14312E+17"]), ("名称", &["甲", "乙"])]);
    let all = check_table(&table).unwrap();
    assert_eq!((all.len(), all[0].figures[0].as_str()), (1, "A2"));
    assert!(check_table(&input(&[("名称", &["甲"])])).is_err());
}

#[test]
fn cells_of_a_file_are_where_its_editor_shows_them() {
    let text = "全县低保情况表,,\r\n单位：人,,\r\n指标,2019年,2020年\r\n合计,300,335\r\n城市,100,110\r\n农村,200,220\r\n";
    for (name, text) in [("crlf.csv", text.to_owned()), ("lf.csv", text.replace("\r\n", "\n"))] {
        let all = check_table(&file(name, &text)).unwrap();
        let wrong = alarms(&all);
        assert_eq!(wrong.len(), 1);
        assert_eq!(wrong[0].figures, ["C4", "C5", "C6"]);
    }
}

#[test]
fn two_tables_tell_what_only_one_has() {
    let a = file("a.csv", "指标,2019\n孤儿,49.0\n低保,100.0\n特困,30.0\n其中：女,1.0\n其中：女,2.0\n");
    let b = file("b.csv", "指标,2019\n低保,100.04\n孤儿,\n临时,1.0\n其中：女,1.0\n其中：女,3.0\n");
    let all = check_equal(&a, &b, "指标").unwrap();
    let told: Vec<(Verdict, &str)> = all.iter().map(|f| (f.verdict, f.figures[0].as_str())).collect();
    // 100.0 and 100.04 may be one number; the second 其中 is compared with the second
    assert_eq!(
        told,
        [
            (Verdict::Contradiction, "表一B6"),
            (Verdict::Probable, "表一B2"),
            (Verdict::Info, "表一第4行"),
            (Verdict::Info, "表二第4行"),
        ],
        "{all:#?}"
    );
    let twice = input(&[("指标", &["孤儿", "孤儿"]), ("数量", &["1", "2"])]);
    let once = input(&[("指标", &["孤儿"]), ("数量", &["1"])]);
    assert_eq!(check_equal(&twice, &once, "指标").unwrap()[0].verdict, Verdict::Ambiguous);
}

#[test]
fn a_january_starts_a_cumulative_series_anew() {
    let months = |values: &[i64]| values.iter().map(|v| Some((*v).into())).collect::<Vec<_>>();
    let mut two_years: Vec<i64> = (1..=12).map(|m| m * 10).collect();
    two_years.extend([9, 20]);
    let all = check_cumulative("救助资金", &months(&two_years));
    assert_eq!(all.iter().map(|f| f.verdict).collect::<Vec<_>>(), [Verdict::Info]);
    let all = check_cumulative("救助资金", &months(&[10, 25, 24]));
    assert_eq!(all[0].verdict, Verdict::Probable);
}

#[test]
fn what_completes_a_subset_belongs_to_the_row_above_it() {
    let labels = ["合计", "城市", "其中：女", "男", "农村"];
    let all =
        check_table(&input(&[("指标", &labels), ("本年", &["500", "300", "160", "140", "200"])])).unwrap();
    assert!(alarms(&all).is_empty() && !all.is_empty(), "{all:?}");
    let all =
        check_table(&input(&[("指标", &labels), ("本年", &["510", "300", "160", "140", "200"])])).unwrap();
    assert_eq!(alarms(&all).len(), 1);
}

#[test]
fn an_amount_below_a_header_of_points_is_left_alone() {
    let columns: [(&str, &[&str]); 4] =
        [("指标", &["支出"]), ("上年", &["820"]), ("本年", &["1066"]), ("增减百分点", &["30.0"])];
    assert!(check_table(&input(&columns)).unwrap().is_empty());
}
