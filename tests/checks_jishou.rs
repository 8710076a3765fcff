//! The plan of Jishou: what a reader finds in it, minsuan finds; what holds is not flagged.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;

use minsuan::checks::{Finding, Plan, Verdict, check, findings_table, parse_declared};
use minsuan::figures::Ledger;
use minsuan::rules::Rulebook;

fn asset(name: &str) -> &'static str {
    minsuan::assets::text(&format!("jishou/{name}")).unwrap()
}

fn run(declared: bool, text: bool) -> Vec<Finding> {
    let ledger = Ledger::parse(asset("figures.csv"), "figures.csv").unwrap();
    let declared =
        if declared { parse_declared(asset("checks.toml"), "checks.toml").unwrap() } else { Vec::new() };
    let plan = Plan { text: text.then(|| asset("plan.txt")), place: "433101" };
    check(&ledger, &declared, &Rulebook::shipped().unwrap(), plan).unwrap()
}

fn find<'a>(all: &'a [Finding], id: &str) -> &'a Finding {
    all.iter().find(|f| f.check == id).unwrap_or_else(|| panic!("{id} was not found"))
}

/// Without declarations: check id, verdict, gap.
const FOUND: [(&str, Verdict, Option<i64>); 17] = [
    ("same:F185+F270", Verdict::Contradiction, Some(54_500_000)),
    ("period:F270+F271", Verdict::Contradiction, Some(-54_450_000)),
    ("same:F204+F261", Verdict::Contradiction, Some(1_300_000)),
    ("same:F200+F258", Verdict::Contradiction, Some(1_500_000)),
    ("same:F126+F163", Verdict::Contradiction, Some(7)),
    ("same:F146+F165", Verdict::Contradiction, None),
    ("coverage:F192+F195+F196", Verdict::Contradiction, Some(1)),
    ("completeness:F185", Verdict::Probable, Some(-314_800_000)),
    ("unit_cost:F204+F261", Verdict::Probable, Some(1_300_000)),
    ("rule:urban_dibao_floor:F057", Verdict::Probable, Some(120)),
    ("period:F147", Verdict::Probable, None),
    ("done_planned:F156+F225", Verdict::Probable, Some(0)),
    ("denominator:F194+F197+F176+F198", Verdict::Probable, Some(14)),
    ("completeness:F206", Verdict::Info, Some(-540_000_000)),
    ("completeness:F221", Verdict::Info, Some(-575_000_000)),
    ("completeness:F173", Verdict::Info, None),
    ("completeness:F178", Verdict::Info, None),
];

#[test]
fn the_engine_finds_them_by_itself() {
    for text in [true, false] {
        let all = run(false, text);
        for (id, verdict, gap) in FOUND {
            let finding = match (text, id) {
                // without the text nothing tells that 一是 and 二是 are all there is
                (false, "completeness:F185") => continue,
                _ => find(&all, id),
            };
            assert_eq!(finding.verdict, verdict, "{id}");
            assert_eq!(finding.gap().map(|g| i64::try_from(g.to_integer()).unwrap()), gap, "{id}");
        }
    }
}

#[test]
fn what_looks_odd_and_holds_is_not_flagged() {
    let all = run(true, true);
    let holding = [
        "product:F054+F053",       // 350 × 12 = 4200
        "product:F058+F059+F060",  // 1080 = 540 × 2
        "product:F061+F062+F063",  // 700 = 350 × 2
        "sum:F103+F104+F105",      // 212 = 71 + 141
        "sum:F119+F120+F121",      // 49 = 23 + 26
        "sum:F168+F169+F170",      // 33 = 7 + 26
        "sum:F084",                // four communities by name
        "sum:F148",                // three sites by name
        "coverage:F194+F197+F198", // 36 = 40 × 90 %
        "product:F201+F199+F200",  // 4500 = 9 × 500
        "product:F205+F203+F204",  // 720 = 36 × 20
        "product:F269+F265+F268",  // 1200 = 6 × 200
        "same:F151+F166",          // 30 June 2020 twice
        "period:F297+F298",        // 5.75 and 5.75
        "rule:orphan_inst_floor:F117",
        "rule:orphan_home_floor:F118",
        "rule:urban_tekun_multiple:F058",
    ];
    for id in holding {
        assert_eq!(find(&all, id).verdict, Verdict::Holds, "{id}");
    }
    // 280 beds are not the sum of 250 and 300, and nobody says so
    assert!(
        !all.iter()
            .any(|f| f.family == "sum" && f.figures.iter().any(|i| i == "F189") && f.verdict < Verdict::Info)
    );
    // 4.455 and 4.4555 agree within what is printed
    assert_eq!(find(&all, "elderly-total-and-plan").verdict, Verdict::Info);
}

#[test]
fn the_declared_relations_are_told() {
    let all = run(true, true);
    let parts = find(&all, "elderly-parts");
    assert_eq!((parts.verdict, parts.family), (Verdict::Contradiction, "sum"));
    assert_eq!(parts.gap().unwrap().to_integer(), -314_800_000);
    assert!(parts.sentence.contains("第213行") && parts.sentence.contains("3.148亿元"), "{}", parts.sentence);
    // six of the twelve are subdistricts by name: six cemeteries may be one for each township
    assert_eq!(find(&all, "rural-cemetery-coverage").verdict, Verdict::Ambiguous);
    assert_eq!(find(&all, "children-beds-for-whom").verdict, Verdict::Ambiguous);
    // what the plan says it keeps is no target to be reworded
    assert!(!all.iter().any(|f| f.check == "completeness:F184+F141"));
    // quotes are the plan's own print, and what differs is not written as equal
    let headings: Vec<_> = all.iter().filter(|f| f.check.starts_with("form:heading")).collect();
    assert!(headings.iter().all(|f| f.check != "form:heading:25"));
    assert!(headings.iter().any(|f| f.sentence.contains("“（一）养老服务体系”")), "{headings:#?}");
    assert!(all.iter().any(|f| f.check.starts_with("form:unit") && f.sentence.contains("“m^2”（第219行）")));
    assert_eq!(find(&all, "same:F204+F261").formula, "20万元/个 ≠ 150万元/个");
    let cost = find(&all, "platform-cost-per-area");
    assert!(
        cost.formula.contains("÷ (35个 × 600～1300㎡)") && cost.sentence.contains("第221行"),
        "{}",
        cost.sentence
    );
    assert_eq!(find(&all, "cremation-rate").verdict, Verdict::Contradiction);
    assert_eq!(find(&all, "children-beds").verdict, Verdict::Info);
}

#[test]
fn the_order_is_verdict_then_money_and_always_the_same() {
    let all = run(true, true);
    assert!(all.windows(2).all(|w| {
        w[0].verdict < w[1].verdict || (w[0].verdict == w[1].verdict && w[0].money >= w[1].money)
    }));
    assert_eq!(all, run(true, true));
    let ids: BTreeMap<&str, usize> = all.iter().fold(BTreeMap::new(), |mut m, f| {
        *m.entry(f.check.as_str()).or_default() += 1;
        m
    });
    assert!(ids.values().all(|n| *n == 1), "{:?}", ids.iter().filter(|(_, n)| **n > 1).collect::<Vec<_>>());
    let table = findings_table(&all).unwrap();
    let columns = "check family verdict figures formula stated computed gap unit gap_share money sentence";
    assert_eq!(table.column_names().join(" "), columns);
    assert_eq!(table.num_rows(), all.len());
}

#[test]
fn every_sentence_is_chinese_and_cites_its_lines() {
    for finding in run(true, true) {
        assert!(finding.sentence.ends_with('。'), "{}", finding.sentence);
        assert!(finding.sentence.contains("第"), "{}", finding.sentence);
        assert!(!finding.sentence.contains("<p>"), "{}", finding.sentence);
    }
}

#[test]
fn bad_relations_are_told_with_file_and_line() {
    let ledger = Ledger::parse(asset("figures.csv"), "figures.csv").unwrap();
    let text = "[[check]]\nid = \"a\"\nfamily = \"sum\"\ntotal = \"F999\"\nparts = [\"F188\"]\n\n\
                [[check]]\nid = \"b\"\nfamily = \"sum\"\ntotal = \"F185\"\nparts = [\"F188\", \"F119\"]\n\n\
                [[check]]\nid = \"c\"\nfamily = \"words\"\nverdict = \"info\"\nsentence = \"x。\"\nquotes = [{ line = 85, text = \"没有这句话\" }]\n\n\
                [[check]]\nid = \"d\"\nfamily = \"same\"\nfigures = [\"F146\", \"F185\"]\n";
    let declared = parse_declared(text, "checks.toml").unwrap();
    let plan = Plan { text: Some(asset("plan.txt")), place: "433101" };
    let error = check(&ledger, &declared, &Rulebook::shipped().unwrap(), plan).unwrap_err();
    let told: Vec<_> = error.problems().iter().map(|p| (p.row.unwrap(), p.column.clone().unwrap())).collect();
    let expected = [(1, "a.total"), (7, "b.parts"), (13, "quotes"), (20, "d.figures")];
    assert_eq!(told, expected.map(|(r, c)| (r, c.to_owned())));
    assert!(error.to_string().contains("F119 (人)"), "{error}");
}

#[test]
fn a_quote_that_is_not_in_the_plan_is_told() {
    let csv = asset("figures.csv").replace("投入300余万元", "投入三百余万元");
    let ledger = Ledger::parse(&csv, "figures.csv").unwrap();
    let plan = Plan { text: Some(asset("plan.txt")), place: "433101" };
    let error = check(&ledger, &[], &Rulebook::shipped().unwrap(), plan).unwrap_err();
    let problem = &error.problems()[0];
    assert_eq!((problem.row, problem.column.as_deref()), (Some(23), Some("phrase")));
    assert!(problem.expected.as_deref().unwrap().contains("line 85"));
}
