//! Two plans of invented counties, written and put into ledgers by a reader who had not seen the checks:
//! the one without a contradiction raises no alarm, and what is planted in the other is found.

#![allow(clippy::unwrap_used, clippy::panic)]

use minsuan::checks::{Finding, Plan, Verdict, check};
use minsuan::figures::Ledger;
use minsuan::rules::Rulebook;

fn run(plan: &str, figures: &str, place: &str) -> Vec<Finding> {
    let ledger = Ledger::parse(figures, "figures.csv").unwrap();
    check(&ledger, &[], &Rulebook::shipped().unwrap(), Plan { text: Some(plan), place }).unwrap()
}

fn clean() -> Vec<Finding> {
    run(include_str!("data/yichuan/plan.txt"), include_str!("data/yichuan/figures.csv"), "371300")
}

fn planted() -> Vec<Finding> {
    run(include_str!("data/yuanpu/plan.txt"), include_str!("data/yuanpu/figures.csv"), "431200")
}

#[test]
fn the_clean_plan_raises_no_alarm() {
    let all = clean();
    let alarms: Vec<_> = all.iter().filter(|f| f.verdict < Verdict::Info).map(|f| &f.sentence).collect();
    assert!(alarms.is_empty(), "{alarms:#?}");
    assert!(all.iter().filter(|f| f.verdict == Verdict::Info).count() <= 8, "useless remarks");
}

#[test]
fn what_holds_in_the_clean_plan_is_recomputed() {
    let all = clean();
    for id in [
        "sum:F106+F107+F108",                // 63 = 14 + 49
        "sum:F118+F119+F120",                // 46 = 12 + 34
        "sum:F042+F043+F044+F045+F046+F047", // five years
    ] {
        assert!(all.iter().any(|f| f.check == id && f.verdict == Verdict::Holds), "{id}");
    }
}

/// What is planted: family, the figures that it must cite, the gravest verdict that is right for it.
const PLANTED: [(&str, &[&str], Verdict); 30] = [
    ("sum", &["F003", "F004", "F005"], Verdict::Probable),
    ("share", &["F010", "F011", "F008"], Verdict::Contradiction),
    ("growth", &["F014", "F012", "F013"], Verdict::Contradiction),
    ("rule", &["F015"], Verdict::Probable),
    ("sum", &["F018", "F016", "F017"], Verdict::Contradiction),
    ("sum", &["F019", "F020", "F021"], Verdict::Contradiction),
    ("product", &["F022", "F023"], Verdict::Contradiction),
    ("growth", &["F026", "F024", "F025"], Verdict::Probable),
    ("sum", &["F027", "F028", "F029"], Verdict::Probable),
    ("same", &["F032", "F064"], Verdict::Contradiction),
    ("product", &["F034", "F030"], Verdict::Probable),
    ("rule", &["F043"], Verdict::Ambiguous),
    ("same", &["F045", "F058"], Verdict::Contradiction),
    ("sum", &["F047", "F048", "F049", "F050"], Verdict::Probable),
    ("growth", &["F052", "F051", "F047"], Verdict::Contradiction),
    ("same", &["F055", "F061"], Verdict::Contradiction),
    ("same", &["F057", "F062"], Verdict::Contradiction),
    ("sum", &["F059", "F060"], Verdict::Contradiction),
    ("same", &["F068", "T02"], Verdict::Contradiction),
    ("completeness", &["F071", "F054"], Verdict::Ambiguous),
    ("period", &["F073"], Verdict::Probable),
    ("growth", &["F077", "F030", "F076"], Verdict::Contradiction),
    ("denominator", &["F081", "F079", "F078"], Verdict::Probable),
    ("coverage", &["F083", "F082", "F084"], Verdict::Contradiction),
    ("done_planned", &["F039", "F086"], Verdict::Probable),
    ("product", &["F089", "F087", "F088"], Verdict::Contradiction),
    ("sum", &["F090", "F091", "F092", "F093"], Verdict::Probable),
    ("same", &["F100", "F124"], Verdict::Contradiction),
    ("sum", &["F115", "F116", "F117", "F118"], Verdict::Probable),
    ("share", &["F121", "F118", "F115"], Verdict::Contradiction),
];

#[test]
fn what_is_planted_is_found() {
    let all = planted();
    let missed: Vec<_> = PLANTED
        .iter()
        .filter(|(family, ids, verdict)| {
            !all.iter().any(|f| {
                f.family == *family
                    && f.verdict == *verdict
                    && ids.iter().all(|id| f.figures.iter().any(|x| x == id))
            })
        })
        .collect();
    assert!(missed.is_empty(), "{missed:#?}");
    let told = |check: &str| all.iter().any(|f| f.check == check);
    assert!(told("completeness:unpriced:F114") && told("form:row:71"));
}

#[test]
fn each_finding_of_the_planted_plan_is_right() {
    let all = planted();
    // beyond what is planted on purpose: beds of two kinds that may overlap, prices of two homes apart, a
    // service built and planned in the same number
    let beyond = ["sum:F094", "unit_cost:F109", "done_planned:F080"];
    let others: Vec<_> = all
        .iter()
        .filter(|f| f.verdict < Verdict::Info && !beyond.iter().any(|b| f.check.starts_with(b)))
        .filter(|f| {
            !PLANTED.iter().any(|(family, ids, _)| {
                f.family == *family && ids.iter().all(|id| f.figures.iter().any(|x| x == id))
            })
        })
        .map(|f| (&f.check, &f.sentence))
        .collect();
    assert!(others.is_empty(), "{others:#?}");
    // equipment is no price of a bed, and special beds are among the five hundred
    let cost = all.iter().find(|f| f.check.starts_with("unit_cost:F109")).unwrap();
    assert!(!cost.figures.iter().any(|id| id == "F093" || id == "F096"), "{}", cost.sentence);
}

/// A ledger as it is drafted, before anybody has named a metric, must not raise what is not there.
#[test]
fn drafts_raise_nothing_false() {
    let shipped = minsuan::assets::text("jishou/plan.txt").unwrap();
    for (plan, place, known) in [
        (include_str!("data/yichuan/plan.txt"), "371300", &[][..]),
        (include_str!("data/qingyan/plan.txt"), "430000", &[]),
        // nine of twelve townships cannot be 80 %
        (shipped, "433101", &["coverage"]),
    ] {
        let csv = minsuan::figures::draft::draft(plan).to_csv().unwrap();
        let wrong: Vec<_> = run(plan, &csv, place)
            .into_iter()
            .filter(|f| f.verdict == Verdict::Contradiction && !known.contains(&f.family))
            .map(|f| f.sentence)
            .collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
