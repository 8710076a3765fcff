//! Sentences as a person writes them, drafted and checked in one go: what is told of them, and their false twins, which look
//! alike and must be left alone.

#![allow(clippy::unwrap_used, clippy::panic)]

use minsuan::checks::{Finding, Plan, Verdict, check, parse_declared};
use minsuan::figures::{Ledger, draft::draft};
use minsuan::rules::Rulebook;

fn run(text: &str) -> Vec<Finding> {
    let ledger = Ledger::parse(&draft(text).to_csv().unwrap(), "figures.csv").unwrap();
    check(&ledger, &[], &Rulebook::shipped().unwrap(), Plan { text: Some(text), place: "431200" }).unwrap()
}

/// Family, verdict and sentence of what a text is told.
fn told(text: &str, family: &str) -> Vec<(Verdict, String)> {
    let mine = run(text).into_iter().filter(|f| f.family == family);
    mine.map(|f| (f.verdict, f.sentence)).collect()
}

#[track_caller]
fn one(text: &str, family: &str, verdict: Verdict, words: &str) {
    let all = told(text, family);
    assert!(all.len() == 1 && all[0].0 == verdict && all[0].1.contains(words), "{text}: {all:#?}");
}

#[track_caller]
fn none(text: &str, family: &str) {
    assert_eq!(told(text, family), [], "{text}");
}

#[test]
fn clean_plans_raise_no_alarm_when_nobody_has_seen_their_figures() {
    for (name, text) in [
        ("yichuan", include_str!("data/yichuan/plan.txt")),
        ("qingyan", include_str!("data/qingyan/plan.txt")),
    ] {
        let all = run(text);
        let alarms: Vec<_> = all.iter().filter(|f| f.verdict < Verdict::Info).map(|f| &f.sentence).collect();
        assert!(alarms.is_empty(), "{name}: {alarms:#?}");
        assert!(all.iter().filter(|f| f.verdict == Verdict::Holds).count() > 10, "{name}");
    }
}

/// Each with a number in it, so that there is a ledger.
fn outline(marks: &[&str]) -> String {
    marks.iter().map(|m| format!("{m}主要任务\n新建养老机构12个。\n")).collect()
}

#[test]
fn a_number_that_headings_pass_over_is_told() {
    let gaps = |text: &str| -> Vec<String> {
        told(text, "form").into_iter().filter(|(_, s)| s.contains("标题编号")).map(|(_, s)| s).collect()
    };
    for (marks, absent) in [
        (vec!["（一）", "（二）", "（四）"], "中间缺（三），"),
        (vec!["一、", "二、", "四、"], "中间缺三，"),
        (vec!["第一章", "第二章", "第五章"], "中间缺第三章和第四章，"),
        (vec!["一、", "（一）", "（二）", "二、", "（一）", "（五）"], "中间缺（二）至（四），"),
    ] {
        let found = gaps(&outline(&marks));
        assert!(found.len() == 1 && found[0].contains(absent), "{marks:?}: {found:?}");
    }
    for twin in [
        outline(&["（一）", "（二）", "（三）"]),
        outline(&["一、", "（一）", "（二）", "二、", "（一）", "三、"]),
        // a list that begins elsewhere, and one that begins again
        outline(&["（三）", "（四）", "一、", "（一）"]),
        outline(&["一、", "二、", "一、", "二、", "三、"]),
        // behind other words on their line
        "（一）养老服务\n新建养老机构12个。（二）儿童福利。新建中心1个。\n（三）社会救助\n救助12人次。\n"
            .to_owned(),
        // enumerations and words that begin like headings
        "一、二级残疾人120人。\n三、四级残疾人300人。\n".to_owned(),
        "一、养老服务\n机构12个。\n四级网络覆盖12个乡镇。\n".to_owned(),
        // the parts of a chapter have sections of their own
        outline(&["第一章", "第一节", "第二节", "第二章", "第一节"]),
    ] {
        assert_eq!(gaps(&twin), Vec::<String>::new(), "{twin}");
    }
}

#[test]
fn a_part_that_is_the_whole_is_told() {
    one("全县有养老机构28家，其中公办28家。", "sum", Verdict::Info, "与总数相等");
    none("全县有养老机构28家，其中公办27家。", "sum");
    none("全县有养老机构28家，全部为公办机构，公办床位28张。", "sum");
    // about as many are not as many
    none("全县有低保对象约2800人，其中农村2800人。", "sum");
    one("全县有养老机构28家，其中公办28家、民办14家。", "sum", Verdict::Contradiction, "不符");
}

#[test]
fn a_total_that_is_declared_as_its_own_part_is_refused() {
    let text = "全县有养老机构28家，其中公办14家、民办14家。";
    let ledger = Ledger::parse(&draft(text).to_csv().unwrap(), "figures.csv").unwrap();
    let ids: Vec<&str> = ledger.iter().map(|f| f.id.as_str()).collect();
    let declared = |parts: &str| {
        let toml =
            format!("[[check]]\nid = \"a\"\nfamily = \"sum\"\ntotal = \"{}\"\nparts = [{parts}]\n", ids[0]);
        check(
            &ledger,
            &parse_declared(&toml, "checks.toml").unwrap(),
            &Rulebook::shipped().unwrap(),
            Plan::default(),
        )
    };
    for parts in [format!("\"{}\"", ids[0]), format!("\"{}\", {{ sum = [\"{}\"] }}", ids[1], ids[0])] {
        let message = declared(&parts).unwrap_err().to_string();
        assert!(message.contains("checks.toml:1: a.parts: the total is among its own parts"), "{message}");
    }
    assert!(declared(&format!("\"{}\", \"{}\"", ids[1], ids[2])).is_ok());
}

#[test]
fn a_base_of_zero_is_told() {
    one("护理型床位由2015年的0张增加到2020年的50张，增长100%。", "growth", Verdict::Probable, "基数为0");
    one("支出由2019年的0.0亿元增加到2020年的0.4亿元，增长300%。", "growth", Verdict::Info, "基数印作0");
    one("入住率由0%提高到20%，提高20个百分点。", "growth", Verdict::Holds, "相符");
    one("入住率由0%提高到20%，提高30个百分点。", "growth", Verdict::Contradiction, "请核实");
    one("护理型床位由2015年的0张增加到2020年的50张，增加50张。", "growth", Verdict::Holds, "相符");
    one("护理型床位由2015年的0张增加到2020年的50张，年均增长20%。", "growth", Verdict::Probable, "基数为0");
    none("护理型床位由2015年的0张增加到2020年的50张。", "growth");
    let all = run("护理型床位由2015年的0张增加到2020年的50张，增长100%。");
    assert!(all.iter().all(|f| f.gap_share().is_none_or(f64::is_finite)), "{all:#?}");
}

#[test]
fn average_yearly_growth_between_two_years_is_recomputed() {
    // (426 ÷ 310)^(1/5) − 1 = 6.56 %; (426 ÷ 310 − 1) ÷ 5 = 7.48 %
    let text = "社会组织由2015年的310家增加到2020年的426家，年均增长6.6%。";
    one(text, "growth", Verdict::Holds, "5年间");
    one(&text.replace("6.6", "6.56"), "growth", Verdict::Holds, "相符");
    one(&text.replace("6.6", "6.55"), "growth", Verdict::Contradiction, "6.56%");
    one(&text.replace("6.6", "8.3"), "growth", Verdict::Contradiction, "请核实");
    one(&text.replace("6.6", "7.5"), "growth", Verdict::Info, "算术平均");
    one("2020年底，社会组织达到426家，比2015年的310家年均增长6.6%。", "growth", Verdict::Holds, "相符");
    one("孤儿由2015年的120人减少到2020年的49人，年均下降16.4%。", "growth", Verdict::Holds, "相符");
    one("孤儿由2015年的120人减少到2020年的49人，年均增长16.4%。", "growth", Verdict::Contradiction, "请核实");
    // what is printed of the values leaves the rate open: 4.5万 to 6.0万 is 5.7 to 6.2 %
    one("老年人由2015年的4.5万人增加到2020年的6.0万人，年均增长5.7%。", "growth", Verdict::Holds, "相符");
    one(
        "老年人由2015年的4.5万人增加到2020年的6.0万人，年均增长4.9%。",
        "growth",
        Verdict::Contradiction,
        "请核实",
    );
    one(
        "老年人由2015年的约4.5万人增加到2020年的6.0万人，年均增长12%。",
        "growth",
        Verdict::Probable,
        "请核实",
    );
    // five years that are counted from the first to the last
    let counted = "“十三五”时期，社会组织由2016年的310家增加到2020年的426家，年均增长6.6%。";
    one(counted, "growth", Verdict::Info, "按首尾共5年计");
    one(&counted.replace("6.6", "8.3"), "growth", Verdict::Holds, "4年间");
    one(&counted.replace("“十三五”时期，", ""), "growth", Verdict::Contradiction, "请核实");
}

#[test]
fn yearly_growth_that_lacks_a_year_or_a_value_is_left_alone() {
    for text in [
        "社会组织达到426家，年均增长6.6%。",
        "社会组织由310家增加到2020年的426家，年均增长26.6%。",
        "社会组织由2015年的310家增加到426家，年均增长26.6%。",
        "2016年以来，社会组织由310家增加到426家，年均增长26.6%。",
        "社会组织由2015年的310家增加到2020年的426家。养老床位年均增长26.6%。",
        "到2025年，养老床位年均增长不低于5%。",
        "五年累计发放资金8.2亿元，年均1.64亿元。",
        "入住率由2015年的35%提高到2020年的55%，年均提高4个百分点。",
    ] {
        none(text, "growth");
    }
}
