//! An invented county: its clean plan raises no alarm, and each contradiction that is planted in it,
//! one of every family and alone, is found.

#![allow(clippy::unwrap_used, clippy::panic)]

use minsuan::checks::{Finding, Plan, Verdict, check, parse_declared};
use minsuan::figures::Ledger;
use minsuan::rules::Rulebook;

const PLAN: &str = include_str!("data/qingyan/plan.txt");
const FIGURES: &str = include_str!("data/qingyan/figures.csv");
const CHECKS: &str = include_str!("data/qingyan/checks.toml");
/// The county lies in Hunan, so that the province's rules apply.
const PLACE: &str = "430000";

fn run(plan: &str, figures: &str, declared: bool, text: bool) -> Vec<Finding> {
    let ledger = Ledger::parse(figures, "figures.csv").unwrap();
    let declared = if declared { parse_declared(CHECKS, "checks.toml").unwrap() } else { Vec::new() };
    let plan = Plan { text: text.then_some(plan), place: PLACE };
    check(&ledger, &declared, &Rulebook::shipped().unwrap(), plan).unwrap()
}

/// What is said to be wrong.
fn alarms(findings: &[Finding]) -> Vec<&Finding> {
    findings.iter().filter(|f| f.verdict < Verdict::Info).collect()
}

#[test]
fn the_clean_plan_raises_no_alarm() {
    for (declared, text) in [(true, true), (true, false), (false, true), (false, false)] {
        let all = run(PLAN, FIGURES, declared, text);
        assert_eq!(alarms(&all).iter().map(|f| &f.sentence).collect::<Vec<_>>(), Vec::<&String>::new());
    }
}

/// A planted contradiction: family, a figure that it must cite, edits of a row of figures.csv (each:
/// id, old, new; the words of the plan follow), whether it shows without declarations.
struct Plant {
    family: &'static str,
    cites: &'static str,
    edits: &'static [(&'static str, &'static str, &'static str)],
    found: bool,
}

const fn plant(
    family: &'static str,
    cites: &'static str,
    edits: &'static [(&'static str, &'static str, &'static str)],
    found: bool,
) -> Plant {
    Plant { family, cites, edits, found }
}

const PLANTS: [Plant; 24] = [
    plant("sum", "Q22", &[("Q24", "64", "61")], true),
    plant("sum", "Q22", &[("Q24", "64", "67")], true),
    plant(
        "sum",
        "Q10",
        &[("Q12", "5120,人", "5820,人"), ("Q12", "5120,", "5820,"), ("Q12", "5,120", "5,820")],
        true,
    ),
    plant("sum", "Q19", &[("Q20", "441", "1041")], true),
    plant("sum", "Q44", &[("Q45", "5400", "4300"), ("Q45", "54000000", "43000000")], true),
    plant("sum", "Q62", &[("Q66", "1500", "2500"), ("Q66", "15000000", "25000000")], true),
    plant("product", "Q50", &[("Q50", "5400", "5200"), ("Q50", "54000000", "52000000")], true),
    plant("product", "Q53", &[("Q53", "1800", "1600"), ("Q53", "18000000", "16000000")], true),
    plant(
        "product",
        "Q05",
        &[("Q06", "400元", "420元"), ("Q06", ",400,", ",420,"), ("Q06", "4800", "5040")],
        true,
    ),
    plant("product", "Q07", &[("Q09", "1.3", "1.5"), ("Q08", "1.3", "1.5")], true),
    plant("same", "Q38", &[("Q38", "14", "13")], true),
    plant("same", "Q77", &[("Q77", "450", "480"), ("Q77", "4500000", "4800000")], true),
    plant("same", "Q78", &[("Q78", "2018", "2019")], true),
    plant("same", "Q70", &[("Q70", "1.26", "1.32"), ("Q70", "126000000", "132000000")], true),
    plant("coverage", "Q39", &[("Q39", "12", "11"), ("Q48", "12", "11")], true),
    plant(
        "denominator",
        "Q40",
        &[("Q40", "2,3", "5,8"), ("Q40", "个,2,个", "个,5,个"), ("Q40", "2至3", "5至8")],
        true,
    ),
    plant("period", "Q75", &[("Q72", "2022", "2019")], true),
    plant("period", "Q71", &[("Q71", "1.26", "1.16"), ("Q71", "126000000", "116000000")], true),
    plant("period", "Q76", &[("Q76", "2024", "2020")], true),
    plant(
        "share",
        "Q17",
        &[("Q17", ",25,", ",29,"), ("Q17", "250000", "290000"), ("Q17", "25万", "29万")],
        true,
    ),
    plant("unit_cost", "Q46", &[("Q46", "300", "90")], true),
    plant(
        "done_planned",
        "Q31",
        &[
            ("Q58", "火化设备,cremators,3,", "社区服务站,service_stations,20,"),
            ("Q58", "台,3,", "台,20,"),
            ("Q58", "火化设备3台", "火化设备20台"),
        ],
        true,
    ),
    plant(
        "rule",
        "Q04",
        &[
            ("Q04", "620", "520"),
            ("Q04", "7440", "6240"),
            ("Q08", "620", "520"),
            ("Q08", "7440", "6240"),
            ("Q09", "620", "520"),
        ],
        true,
    ),
    plant("completeness", "Q35", &[("Q35", "95", "90"), ("Q35", "0.95", "0.9")], true),
];

/// Applies the edits to the rows, and to the plan the change of each row's words.
fn planted(plant: &Plant) -> (String, String) {
    let (mut plan, mut csv) = (PLAN.to_owned(), FIGURES.to_owned());
    for (id, old, new) in plant.edits {
        let row = csv.lines().find(|l| l.starts_with(&format!("{id},"))).unwrap().to_owned();
        let words = |row: &str| {
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(row.as_bytes());
            let record = reader.records().next().unwrap().unwrap();
            (record[1].parse::<usize>().unwrap(), record[14].to_owned())
        };
        // the id itself stays
        let changed = format!("{id}{}", row[id.len()..].replace(old, new));
        let (line, before) = words(&row);
        let (_, after) = words(&changed);
        let mut lines: Vec<String> = plan.lines().map(str::to_owned).collect();
        lines[line - 1] = lines[line - 1].replacen(&before, &after, 1);
        plan = lines.join("\n");
        csv = csv.replace(&row, &changed);
    }
    (plan, csv)
}

#[test]
fn every_planted_contradiction_is_found() {
    let mut missed = Vec::new();
    for (i, plant) in PLANTS.iter().enumerate() {
        let (plan, csv) = planted(plant);
        assert_ne!(csv, FIGURES, "plant {i} changes nothing");
        for declared in [true, false] {
            if !declared && !plant.found {
                continue;
            }
            let all = run(&plan, &csv, declared, true);
            let told = alarms(&all);
            let hit =
                told.iter().any(|f| f.family == plant.family && f.figures.iter().any(|id| id == plant.cites));
            if !hit {
                let told: Vec<_> = told.iter().map(|f| (f.family, &f.check, &f.sentence)).collect();
                missed.push(format!("{i} {} {} declared={declared}: {told:?}", plant.family, plant.cites));
            }
        }
    }
    assert!(missed.is_empty(), "{} missed:\n{}", missed.len(), missed.join("\n"));
}

#[test]
fn form_is_told() {
    let plan = PLAN
        .replace("（二）殡葬设施工程", "（二）殡藏设施工程")
        .replace("第二章 发展目标 ........ 5", "第二章 发展目标 ........ 9");
    let all = run(&plan, FIGURES, false, true);
    assert!(all.iter().any(|f| f.check.starts_with("form:pages")));
    assert!(!run(PLAN, FIGURES, false, true).iter().any(|f| f.check.starts_with("form:pages")));
}
