//! What a sentence claims by its own words: sums, growth, averages, rates; and what it does not claim.

#![allow(clippy::unwrap_used, clippy::panic)]

use minsuan::checks::{Finding, Plan, Verdict, check};
use minsuan::figures::Ledger;
use minsuan::rules::Rulebook;

/// A plan of these lines and its ledger: a row is `metric|value|unit|time|nature|words`, with `subject@`
/// before the metric where it matters; a time of `2025!` is to be reached by then.
fn run(text: &str, rows: &[&str]) -> Vec<Finding> {
    let mut csv = String::from(
        "fig_id,line,section,subject_zh,metric,value,value_hi,bound,unit,value_base,base_unit,time_ref,time_type,nature,phrase\n",
    );
    for (i, row) in rows.iter().enumerate() {
        let cells: Vec<&str> = row.split('|').collect();
        let [name, value, unit, time, nature, words] = cells[..] else { panic!("{row}") };
        let line = text
            .lines()
            .position(|l| l.replace([' ', '\t'], "").contains(words))
            .unwrap_or_else(|| panic!("{words}"))
            + 1;
        let section =
            text.lines().take(line).filter(|l| l.starts_with(['一', '二', '三', '四', '五'])).last();
        let (subject, metric) = name.split_once('@').unwrap_or(("", name));
        let (bound, value) = match (value.strip_suffix('+'), value.split_once('~')) {
            (Some(v), _) => ("at_least", v.to_owned() + ","),
            (_, Some((lo, hi))) => ("range", format!("{lo},{hi}")),
            _ => ("exact", value.to_owned() + ","),
        };
        let kind = if time.ends_with('!') { "target_by" } else { "year" };
        csv += &format!(
            "F{},{line},{},{subject},{metric},{value},{bound},{unit},,,{},{kind},{nature},{words}\n",
            i + 1,
            section.unwrap_or_default(),
            time.trim_end_matches('!'),
        );
    }
    let ledger = Ledger::parse(&csv, "figures.csv").unwrap();
    let plan = Plan { text: Some(text), place: "431200" };
    check(&ledger, &[], &Rulebook::shipped().unwrap(), plan).unwrap()
}

/// Family and verdict of what is not mere information, then of what holds.
fn told(all: &[Finding]) -> Vec<(&'static str, Verdict)> {
    all.iter().filter(|f| f.verdict != Verdict::Info).map(|f| (f.family, f.verdict)).collect()
}

fn alarms(text: &str, rows: &[&str]) -> Vec<(&'static str, Verdict)> {
    told(&run(text, rows)).into_iter().filter(|(_, v)| *v < Verdict::Info).collect()
}

#[test]
fn parts_behind_one_word_are_parts_of_the_total_before_it() {
    let clean: [(&str, &[&str]); 3] = [
        (
            "建成公益性公墓63处，其中镇级14处、村级49处。",
            &[
                "a|63|处|2020|actual|建成公益性公墓63处",
                "b|14|处|2020|actual|其中镇级14处、村级49处",
                "c|49|处|2020|actual|其中镇级14处、村级49处",
            ],
        ),
        (
            "核定编制46名，其中行政编制12名、事业编制34名，实有41人。",
            &[
                "a|46|名|2020|actual|核定编制46名",
                "b|12|名|2020|actual|其中行政编制12名、事业编制34名",
                "c|34|名|2020|actual|其中行政编制12名、事业编制34名",
                "d|41|人|2020|actual|实有41人",
            ],
        ),
        (
            "2020年发放低保金1.12亿元，其中城市0.18亿元、农村0.94亿元。",
            &[
                "a|1.12|亿元|2020|actual|发放低保金1.12亿元",
                "b|0.18|亿元|2020|actual|其中城市0.18亿元、农村0.94亿元",
                "c|0.94|亿元|2020|actual|其中城市0.18亿元、农村0.94亿元",
            ],
        ),
    ];
    for (text, rows) in clean {
        assert_eq!(told(&run(text, rows)), [("sum", Verdict::Holds)], "{text}");
    }
    let wrong = "建成公益性公墓63处，其中镇级14处、村级46处。";
    let rows = [
        "a|63|处|2020|actual|建成公益性公墓63处",
        "b|14|处|2020|actual|其中镇级14处、村级46处",
        "c|46|处|2020|actual|其中镇级14处、村级46处",
    ];
    assert_eq!(alarms(wrong, &rows), [("sum", Verdict::Probable)]);
    let more = "建成公益性公墓63处，其中镇级14处、村级52处。";
    let rows = [
        "a|63|处|2020|actual|建成公益性公墓63处",
        "b|14|处|2020|actual|其中镇级14处、村级52处",
        "c|52|处|2020|actual|其中镇级14处、村级52处",
    ];
    assert_eq!(alarms(more, &rows), [("sum", Verdict::Contradiction)]);
    let part = "持证社工214人，其中乡镇社工站持证社工231人。";
    let rows = ["a|214|人|2020|actual|持证社工214人", "b|231|人|2020|actual|其中乡镇社工站持证社工231人"];
    assert_eq!(alarms(part, &rows), [("sum", Verdict::Contradiction)]);
}

#[test]
fn what_overlaps_or_is_nested_is_no_partition() {
    let clean: [(&str, &[&str]); 5] = [
        (
            "困难群众12000人，其中残疾人3000人、老年人5000人。",
            &[
                "a|12000|人|2020|actual|困难群众12000人",
                "b|3000|人|2020|actual|其中残疾人3000人",
                "c|5000|人|2020|actual|老年人5000人",
            ],
        ),
        (
            "床位600张，其中护理型床位480张、失智专区床位60张。",
            &[
                "a|600|张|2020|actual|床位600张",
                "b|480|张|2020|actual|其中护理型床位480张",
                "c|60|张|2020|actual|失智专区床位60张",
            ],
        ),
        (
            "党员156人，其中女党员48人，大专以上学历102人，35岁以下60人。",
            &[
                "a|156|人|2020|actual|党员156人",
                "b|48|人|2020|actual|其中女党员48人",
                "c|102|人|2020|actual|大专以上学历102人",
                "d|60|人|2020|actual|35岁以下60人",
            ],
        ),
        (
            "社会组织426家，其中社会团体168家（含行业协会30家）、民办非企业单位255家、基金会3家。",
            &[
                "orgs|426|家|2020|actual|社会组织426家",
                "orgs_assoc|168|家|2020|actual|其中社会团体168家",
                "orgs_trade|30|家|2020|actual|含行业协会30家",
                "orgs_service|255|家|2020|actual|民办非企业单位255家",
                "orgs_fund|3|家|2020|actual|基金会3家",
            ],
        ),
        (
            "养老床位5120张，护理型床位1843张，每千名老年人床位38.5张。",
            &[
                "beds|5120|张|2020|actual|养老床位5120张",
                "beds_nursing|1843|张|2020|actual|护理型床位1843张",
                "beds_per_1000|38.5|张|2020|actual|每千名老年人床位38.5张",
            ],
        ),
    ];
    for (text, rows) in clean {
        assert_eq!(alarms(text, rows), [], "{text}");
    }
}

#[test]
fn two_values_printed_alike_contradict_each_other() {
    let pairs = [
        ("总投资1.2亿元。", "总投资1.3亿元。", "1.2|亿元", "1.3|亿元"),
        ("老年人口4.5万人。", "老年人口4.6万人。", "4.5|万人", "4.6|万人"),
        ("老年人口4.5万人。", "老年人口45500人。", "4.5|万人", "45500|人"),
        ("覆盖率40%。", "覆盖率41%。", "40|%", "41|%"),
    ];
    for (a, b, x, y) in pairs {
        let words = |s: &str| s.trim_end_matches('。').to_owned();
        let rows = [format!("x|{x}|2020|actual|{}", words(a)), format!("x|{y}|2020|actual|{}", words(b))];
        let all = run(&format!("{a}\n{b}"), &[&rows[0], &rows[1]]);
        assert_eq!(told(&all), [("same", Verdict::Contradiction)], "{a}{b}");
        if x.ends_with('%') {
            assert!(all[0].sentence.contains("相差1个百分点"), "{}", all[0].sentence);
        }
    }
    for (b, y) in [
        ("老年人口45499人。", "45499|人"),
        ("老年人口4.53万人。", "4.53|万人"),
        ("老年人口44500人。", "44500|人"),
    ] {
        let row = format!("x|{y}|2020|actual|{}", b.trim_end_matches('。'));
        assert_eq!(
            alarms(&format!("老年人口4.5万人。\n{b}"), &["x|4.5|万人|2020|actual|老年人口4.5万人", &row]),
            [],
            "{b}"
        );
    }
}

#[test]
fn about_is_not_exact() {
    for (a, b, x, y) in [
        ("救助约2000人次", "救助2030人次", "2000", "2030"),
        ("救助近2000人次", "救助1985人次", "2000", "1985"),
        ("救助2000人次左右", "救助2030人次", "2000", "2030"),
        ("救助2000余人次", "救助2600人次", "2000+", "2600"),
    ] {
        let rows = [format!("x|{x}|人次|2020|actual|{a}"), format!("x|{y}|人次|2020|actual|{b}")];
        let all = run(&format!("{a}。\n{b}。"), &[&rows[0], &rows[1]]);
        assert_eq!(told(&all), [], "{a}");
        assert!(
            all[0].sentence.contains("约数") && !all[0].sentence.contains("印刷精度"),
            "{}",
            all[0].sentence
        );
    }
    let far = ["x|2000|人次|2020|actual|救助约2000人次", "x|3000|人次|2020|actual|救助3000人次"];
    assert_eq!(alarms("救助约2000人次。\n救助3000人次。", &far), [("same", Verdict::Probable)]);
}

#[test]
fn a_stock_of_december_is_that_of_the_year() {
    let text = "截至2020年底，养老床位4310张。\n2020年养老床位4130张。";
    for (a, b) in [("2020-12-31", "2020"), ("2020-12", "2020"), ("2020-12", "2020-12-31")] {
        let rows =
            [format!("x|4310|张|{a}|actual|养老床位4310张"), format!("x|4130|张|{b}|actual|养老床位4130张")];
        assert_eq!(alarms(text, &[&rows[0], &rows[1]]), [("same", Verdict::Contradiction)]);
    }
    // what was paid in December is not what was paid in the year
    let text = "2020年12月救助430人次。\n2020年救助4130人次。";
    let rows = ["x|430|人次|2020-12|actual|救助430人次", "x|4130|人次|2020|actual|救助4130人次"];
    assert_eq!(alarms(text, &rows), []);
}

/// A head with the plan's years and day, as county plans have it.
const HEAD: &str = "某县“十四五”民政事业发展规划\n（2021—2025年）\n2021年10月\n";
const DATED: [&str; 2] =
    ["规划期@plan_period|2021~2025|年|2021/2025|date|2021—2025年", "day|2021-10||2021-10|date|2021年10月"];

fn with_head(text: &str, rows: &[&str]) -> Vec<Finding> {
    let rows: Vec<&str> = DATED.iter().chain(rows).copied().collect();
    run(&format!("{HEAD}{text}"), &rows)
}

#[test]
fn a_rule_binds_what_it_was_made_for() {
    // 国发〔2021〕35号 is of 2022-02: a plan of 2021-10 can't know its 55 %
    let later = with_head(
        "护理型床位占比达到50%。",
        &["护理型床位占比@nursing_bed_share|50|%|2025!|target|护理型床位占比达到50%"],
    );
    let rule: Vec<_> = later.iter().filter(|f| f.family == "rule").map(|f| f.verdict).collect();
    assert_eq!(rule, [Verdict::Info]);
    // what a goal starts from is no goal, and what is there already is no target of 2025
    let from = with_head(
        "护理型床位占比由35%提高到60%。",
        &[
            "护理型床位占比@nursing_bed_share|35|%|2025!|target|占比由35%提高到60%",
            "护理型床位占比@nursing_bed_share|60|%|2025!|target|占比由35%提高到60%",
        ],
    );
    assert!(from.iter().all(|f| f.family != "rule" || f.verdict >= Verdict::Info), "{from:#?}");
    let present = run(
        "（2021—2025年）\n护理型床位占比仅51%。",
        &[DATED[0], "护理型床位占比@nursing_bed_share|51|%|undated|rate|护理型床位占比仅51%"],
    );
    assert!(present.iter().all(|f| f.family != "rule" || f.verdict >= Verdict::Info), "{present:#?}");
}

#[test]
fn a_deadline_before_the_plan_is_told() {
    let rows = ["day2|2020-12||2020-12|date|到2020年底前完成"];
    let all = with_head("到2020年底前完成敬老院消防改造。", &rows);
    assert_eq!(told(&all), [("period", Verdict::Probable)]);
    let done =
        with_head("2020年底前已完成敬老院消防改造。", &["day2|2020-12||2020-12|date|2020年底前已完成"]);
    assert_eq!(told(&done), []);
}

#[test]
fn rows_of_a_table_that_miss_a_number_are_told() {
    let table = "序号\t项目\t总投资\n1\t甲\t100\n2\t乙\t200\n4\t丁\t300\n";
    let all = run(table, &["a|100|万元|2021/2025|plan|1甲100"]);
    assert!(all.iter().any(|f| f.check == "form:row:4" && f.sentence.contains("缺3")), "{all:#?}");
}
