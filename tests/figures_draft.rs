//! The drafter against the ledgers that persons made of two plans, and sentences and tables that
//! strangers' plans hold.

#![allow(clippy::unwrap_used, clippy::panic)]

use minsuan::figures::draft::{Draft, Row, draft};
use minsuan::figures::{Bound, Ledger, Nature};

const HEAD: &str = "某县“十四五”民政事业发展规划\n（2021—2025年）\n";

fn drafted(body: &str) -> Draft {
    let whole = draft(&format!("{HEAD}{body}\n"));
    // whatever is drafted is a ledger
    Ledger::parse(&whole.to_csv().unwrap(), "figures.csv").unwrap_or_else(|e| panic!("{e}\n{body}"));
    Draft { rows: whole.rows.into_iter().filter(|r| r.line > 2).collect(), unread: whole.unread }
}

fn values(draft: &Draft) -> Vec<String> {
    draft.rows.iter().map(|r| format!("{} {}", r.value, r.unit)).collect()
}

fn row<'a>(draft: &'a Draft, value: &str) -> &'a Row {
    draft.rows.iter().find(|r| r.value == value).unwrap_or_else(|| panic!("{value}: {draft:#?}"))
}

/// Found of asked, and drafted rows that are in no row of the ledger.
fn score(plan: &str, ledger: &str) -> (usize, usize, usize, usize) {
    let unit = |u: &str| {
        let u = u.trim_end_matches("(sic)");
        match u {
            "m²" | "平方米" | "平米" => "㎡".to_owned(),
            "元/月/人" => "元/人/月".to_owned(),
            other => other.to_owned(),
        }
    };
    let plain =
        |v: &str| v.parse::<rust_decimal::Decimal>().map_or(v.to_owned(), |d| d.normalize().to_string());
    let mut left: Vec<_> = draft(plan)
        .rows
        .iter()
        .map(|r| (r.line, plain(&r.value), r.value_hi.map(|d| d.normalize().to_string()), unit(&r.unit)))
        .collect();
    let all = left.len();
    let scored = [
        Nature::Actual,
        Nature::Standard,
        Nature::Target,
        Nature::Plan,
        Nature::Rule,
        Nature::Rate,
        Nature::Date,
    ];
    let (mut found, mut asked) = (0, 0);
    for f in Ledger::parse(ledger, "figures.csv").unwrap().iter().filter(|f| scored.contains(&f.nature)) {
        asked += 1;
        let hi = f.value_hi.map(|d| d.normalize().to_string());
        let key = (f.line, plain(&f.value.to_string()), hi, unit(&f.unit));
        match left.iter().position(|k| *k == key) {
            Some(i) => {
                left.remove(i);
                found += 1;
            }
            None => println!("missed {key:?} {}", f.phrase),
        }
    }
    left.iter().for_each(|k| println!("no figure {k:?}"));
    (found, asked, left.len(), all)
}

#[test]
fn at_least_95_of_100_are_found_and_at_most_10_are_none() {
    let asset = |name| minsuan::assets::text(name).unwrap();
    let plans = [
        (asset("jishou/plan.txt"), asset("jishou/figures.csv")),
        (include_str!("data/qingyan/plan.txt"), include_str!("data/qingyan/figures.csv")),
    ];
    for (plan, ledger) in plans {
        let (found, asked, none, all) = score(plan, ledger);
        println!("found {found} of {asked}, no figure {none} of {all}");
        assert!(found * 100 >= asked * 95, "found {found} of {asked}");
        assert!(none * 100 <= all * 10, "no figure {none} of {all}");
    }
}

#[test]
fn a_compound_number_keeps_its_head() {
    let d = drafted("投入资金1亿2000万元，另有3万5千元。");
    assert_eq!(values(&d), ["1.2000 亿元", "3.5 万元"]);
    assert!(d.unread.is_empty());
    let d = drafted("投入资金3万5亿元。");
    assert!(d.rows.is_empty() && d.unread.len() == 1, "{d:#?}");
}

#[test]
fn numbers_in_tables_take_the_unit_of_their_column_or_are_told() {
    for gap in ["\t", "  ", " ", "|"] {
        let table = [
            ["序号", "指标", "单位", "2020年", "2025年", "年均增速"],
            ["1", "城市低保标准", "元/人/月", "658", "800", "4.0%"],
            ["2", "护理型床位占比", "%", "51", "≥60", "〔9〕"],
            ["3", "持证社会工作者", "人", "327", "600", "—"],
        ]
        .map(|row| row.join(gap))
        .join("\n");
        let d = drafted(&format!("专栏1 主要指标\n{table}"));
        let expected = ["658 元/人/月", "800 元/人/月", "4.0 %", "51 %", "60 %", "327 人", "600 人"];
        assert_eq!(values(&d), expected, "{gap:?} {d:#?}");
        assert_eq!(row(&d, "60").bound, Bound::AtLeast);
        assert_eq!((row(&d, "800").time_ref.as_str(), row(&d, "800").nature), ("2025", Nature::Target));
        assert_eq!((row(&d, "658").time_ref.as_str(), row(&d, "658").nature), ("2020", Nature::Actual));
        assert_eq!(row(&d, "4.0").nature, Nature::Rate);
        assert_eq!(row(&d, "327").subject, "持证社会工作者");
        let unread: Vec<_> = d.unread.iter().map(|u| u.words.as_str()).collect();
        assert_eq!(unread, ["护理型床位占比 〔9〕"], "{gap:?}");
    }
}

#[test]
fn a_header_of_two_rows_names_its_columns_together() {
    let rows = [
        ["指标", "单位", "2020年", "", "2025年", ""],
        ["", "", "城市", "农村", "城市", "农村"],
        ["低保对象", "人", "3215", "18600", "3000", "17500"],
        ["低保标准", "元/人/月", "658", "453", "800", "560"],
    ];
    for (gap, ruler) in [("\t", ""), ("|", "\n|---|---|---|---|---|---|")] {
        let line = |r: &[&str; 6]| if gap == "|" { format!("|{}|", r.join(gap)) } else { r.join(gap) };
        let table = format!(
            "{}{ruler}\n{}",
            line(&rows[0]),
            rows[1..].iter().map(line).collect::<Vec<_>>().join("\n")
        );
        let d = drafted(&format!("表1 社会救助\n{table}"));
        assert!(d.unread.is_empty(), "{gap:?} {d:#?}");
        let of = |value: &str| {
            let r = row(&d, value);
            (r.unit.clone(), r.time_ref.clone(), r.subject.clone())
        };
        let is =
            |unit: &str, time: &str, subject: &str| (unit.to_owned(), time.to_owned(), subject.to_owned());
        assert_eq!(of("3215"), is("人", "2020", "低保对象城市"));
        assert_eq!(of("18600"), is("人", "2020", "低保对象农村"));
        assert_eq!(of("3000"), is("人", "2025", "低保对象城市"));
        assert_eq!(of("560"), is("元/人/月", "2025", "低保标准农村"));
    }
    // its false twins: a row of names below a header is a row of the table
    let d = drafted("项目\t内容\t总投资（万元）\n养老院\t新建\t待定\n殡仪馆\t迁建\t1850");
    assert_eq!(
        (row(&d, "1850").unit.as_str(), row(&d, "1850").subject.as_str()),
        ("万元", "殡仪馆总投资（万元）")
    );
    // the unit stands with either name
    let d = drafted("项目\t总投资（万元）\t\n\t中央\t县级\n养老院\t1200\t650");
    assert_eq!(values(&d), ["1200 万元", "650 万元"], "{d:#?}");
}

#[test]
fn a_project_table_takes_the_unit_of_its_caption_and_its_years() {
    let d = drafted(
        "专栏2 重点工程投资计划表（单位：万元）\n\
         序号\t项目名称\t建设年限\t床位数\t总投资\t“十四五”投资\n\
         1\t县老年养护院\t2022—2024\t600\t18500\t18500\n\
         2\t县殡仪馆迁建\t2020—2023\t\t21000\t18000\n\
         合计\t\t\t\t39500\t36500",
    );
    let money: Vec<_> = d.rows.iter().filter(|r| r.unit == "万元").collect();
    let told: Vec<_> = money.iter().map(|r| (r.value.as_str(), r.time_ref.as_str(), r.nature)).collect();
    assert_eq!(
        told,
        [
            ("18500", "2022/2024", Nature::Plan),
            ("18500", "2021/2025", Nature::Plan),
            ("21000", "2020/2023", Nature::Plan),
            ("18000", "2021/2025", Nature::Plan),
            ("39500", "2021/2025", Nature::Plan),
            ("36500", "2021/2025", Nature::Plan),
        ]
    );
    // beds are no money, and nothing says what they are
    assert_eq!(d.unread.iter().map(|u| u.words.as_str()).collect::<Vec<_>>(), ["县老年养护院 600"]);
    assert_eq!(d.rows.iter().filter(|r| r.nature == Nature::Date).count(), 2);
    // the remark is no figure
    assert!(drafted("（单位：万元）").rows.is_empty());
}

#[test]
fn blanks_alone_do_not_make_one_number_of_two() {
    let d = drafted("城市低保 元/人/月 658 800\n2021 年 12 月 20 日印发");
    assert!(d.rows.iter().all(|r| !r.value.contains("658")), "{d:#?}");
    assert_eq!(d.unread.len(), 2);
    assert!(d.rows.iter().any(|r| r.value == "2021-12-20"));
}

#[test]
fn what_a_number_is_per_goes_on_to_the_next() {
    for (words, units) in [
        ("城市低保标准由2015年的每人每月440元提高到2020年的658元。", vec!["440 元/人/月", "658 元/人/月"]),
        (
            "农村低保标准由2015年的每人每年2900元提高到2020年的5520元（即每月460元）。",
            vec!["2900 元/人/年", "5520 元/人/年", "460 元/人/月"],
        ),
        ("基本生活标准分别达到每人每月856元和598元。", vec!["856 元/人/月", "598 元/人/月"]),
        ("每人每月分别发放高龄津贴50元、100元和300元。", vec!["50 元/人/月", "100 元/人/月", "300 元/人/月"]),
        ("购置火化机6台，每台120万元。", vec!["6 台", "120 万元/台"]),
        ("购置火化机6台，单价120万元，共720万元。", vec!["6 台", "120 万元/台", "720 万元"]),
        ("人均救助1800元。", vec!["1800 元/人"]),
        ("每千名老年人拥有养老床位38.5张。", vec!["38.5 张/千人"]),
        ("社区工作者每万城镇常住人口达到18人。", vec!["18 人/万人"]),
        ("农村低保标准每人每年7800元（每月650元）。", vec!["7800 元/人/年", "650 元/人/月"]),
        ("面积不低于每百户30平方米。", vec!["30 平方米/百户"]),
        ("每平方米造价5000元。", vec!["5000 元/㎡"]),
        ("接运遗体50具。", vec!["50 具"]),
        ("全县十几个社区、几十名志愿者。", vec![]),
    ] {
        let d = drafted(words);
        let units: Vec<String> = units.into_iter().map(str::to_owned).collect();
        let got: Vec<String> = d
            .rows
            .iter()
            .filter(|r| r.nature != Nature::Date)
            .map(|r| format!("{} {}", r.value, r.unit))
            .collect();
        assert_eq!(got, units, "{words}");
    }
}

#[test]
fn each_number_has_the_time_of_its_clause() {
    let time = |words: &str, of: &[(&str, &str)]| {
        let d = drafted(words);
        for (value, time) in of {
            assert_eq!(row(&d, value).time_ref, *time, "{value} in {words}");
        }
    };
    time(
        "一、发展基础\n2016年、2017年、2018年分别发放低保金0.82、0.91、0.98亿元。",
        &[("0.82", "2016"), ("0.91", "2017"), ("0.98", "2018")],
    );
    time(
        "一、发展基础\n截至2020年底，登记社会组织426家，比2015年的310家增加116家，增长37.4%，其中社会团体168家。",
        &[
            ("426", "2020-12-31"),
            ("310", "2015"),
            ("116", "2020-12-31"),
            ("37.4", "2020-12-31"),
            ("168", "2020-12-31"),
        ],
    );
    time(
        "四、重点工程\n分年度看，2021年计划投资0.9亿元，2022年1.4亿元。",
        &[("0.9", "2021"), ("1.4", "2022")],
    );
    time(
        "四、重点工程\n项目总投资2.1亿元，2020年开工，2023年竣工，2020年已完成投资3000万元，“十四五”期间计划投资1.8亿元。",
        &[("2.1", "2020/2023"), ("3000", "2020"), ("1.8", "2021/2025")],
    );
    time(
        "三、主要任务\n到2025年，养老床位达到6100张，比2020年新增1790张。",
        &[("6100", "2025"), ("1790", "2025")],
    );
    time("四、重点工程\n总投资1.85亿元。建设期为2022年至2024年。", &[("1.85", "2022/2024")]);
    time(
        "三、主要任务\n到2025年，城市低保标准达到每人每月800元；农村低保标准达到每人每年6000元。",
        &[("800", "2025"), ("6000", "2025")],
    );
    let d = drafted("三、主要任务\n到2025年，集中供养率由58%提高到65%；农村低保标准达到每人每年6000元。");
    assert_eq!(row(&d, "58").nature, Nature::Rate);
    assert_eq!(row(&d, "65").nature, Nature::Target);
    assert_eq!((row(&d, "6000").nature, row(&d, "6000").time_type), (Nature::Target, "target_by"));
}

#[test]
fn areas_that_do_not_divide_have_a_base_value_that_the_reader_takes() {
    let csv = drafted("占地200亩。").to_csv().unwrap();
    assert!(csv.contains("133333.333333"), "{csv}");
    for base in ["133333.33", "133333.3333", "133333"] {
        let ledger = Ledger::parse(&csv.replace("133333.333333", base), "figures.csv").unwrap();
        let figure = ledger.iter().find(|f| f.unit == "亩").unwrap();
        // the value is the exact one, however it is printed
        assert_eq!(figure.base(), Some(minsuan::figures::Exact::new(400_000, 3)));
    }
    assert!(Ledger::parse(&csv.replace("133333.333333", "133334"), "figures.csv").is_err());
}

#[test]
fn words_cut_no_number_and_names_are_names() {
    let d = drafted(
        "一、发展基础\n全县共有城乡低保对象9,648户、15,612人，城市低保标准由2015年的每人每月440元提高到2020年的658元。\
         60岁及以上户籍老年人口13.47万人。",
    );
    for r in &d.rows {
        let digit = |c: char| c.is_ascii_digit();
        assert!(r.phrase.contains(r.value.trim_end_matches('0')) || r.phrase.contains(','), "{r:?}");
        assert!(!r.phrase.ends_with(digit) || r.phrase.ends_with(&r.value), "{r:?}");
        for bad in ["元和", "岁及以上", "年的", "每人每月"] {
            assert!(!r.subject.contains(bad), "{r:?}");
        }
    }
    assert_eq!(row(&d, "9648").phrase, "全县共有城乡低保对象9,648户");
    assert_eq!(row(&d, "440").subject, "城市低保标准");
}

#[test]
fn references_and_fractions_are_no_figures() {
    let d = drafted(
        "见专栏1、附表2。沂政办发〔2021〕18号。三分之二的村、一半以上的社区建有幸福院，覆盖百分之八十的户。",
    );
    assert_eq!(values(&d), ["80 %"]);
    assert_eq!(d.unread.len(), 2, "{:?}", d.unread);
}
