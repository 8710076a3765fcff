//! A plan without what a run needs: it is checked all the same, what is missing is told, and a run says where it goes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

use minsuan::run::{Options, run};
use minsuan::scenario::{Case, write_template};

const PLAN: &str = "某县民政规划\n2020年底，全县有养老机构28家，其中公办14家、民办15家。\n\
                    规划新建日间照料中心10个，每个投资20万元，总投资300万元。\n";

fn folder(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("minsuan-plan-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&dir);
    dir
}

/// A folder with the plan's text and nothing else.
fn bare(name: &str) -> PathBuf {
    let dir = folder(name);
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join("plan.txt"), PLAN).unwrap();
    dir
}

fn folder_of_template(name: &str) -> PathBuf {
    let dir = folder(name);
    write_template(&dir).unwrap();
    dir
}

/// The ledger of a text, drafted as `minsuan figures` drafts it.
fn drafted(text: &str) -> String {
    minsuan::figures::draft::draft(text).to_csv().unwrap()
}

fn open(path: &Path) -> Case {
    Case::open(path.to_str().unwrap()).unwrap()
}

fn ran(case: &Case, scenario: Option<&str>) -> Result<(), String> {
    let options = Options { draws: 5, scenario: scenario.map(str::to_owned), ..Options::default() };
    run(case, &options, &|_, _| true).map(|_| ()).map_err(|e| e.to_string())
}

/// Verdicts of a check, and the notes below its table.
fn checked(case: &Case) -> (Vec<String>, String) {
    let table = case.check().unwrap();
    let verdicts = table.texts("verdict").unwrap().iter().flatten().map(str::to_owned).collect();
    (verdicts, table.notes().join("\n"))
}

#[test]
fn figures_beside_a_plan_are_checked_without_a_case() {
    let dir = bare("beside");
    fs::write(dir.join("figures.csv"), drafted(PLAN)).unwrap();
    for way in [dir.clone(), dir.join("plan.txt"), dir.join("figures.csv")] {
        let case = open(&way);
        let (verdicts, notes) = checked(&case);
        assert_eq!(verdicts.iter().filter(|v| *v == "contradiction").count(), 2, "{verdicts:?}");
        assert!(notes.contains("尚不能测算") && notes.contains("case.toml"), "{notes}");
        assert!(notes.contains("只与全国性规定核对") && !notes.contains("自动摘录"), "{notes}");
        let told = ran(&case, None).unwrap_err();
        assert!(told.contains("case.toml: no such file") && told.contains("base_year, horizon"), "{told}");
        assert!(told.contains("base.toml: the case has no scenarios"), "{told}");
        assert!(told.contains("minsuan new"), "{told}");
    }
}

#[test]
fn a_text_alone_is_drafted_and_says_so() {
    let dir = bare("alone");
    let (verdicts, notes) = checked(&open(&dir));
    assert!(verdicts.contains(&"contradiction".to_owned()), "{verdicts:?}");
    assert!(notes.contains("自动摘录") && notes.contains("未经人工核对"), "{notes}");
    // an office's own encoding and its own name of the file
    let text = dir.join("十四五规划.txt");
    fs::write(&text, encoding(PLAN)).unwrap();
    fs::remove_file(dir.join("plan.txt")).unwrap();
    assert_eq!(checked(&open(&text)).0, verdicts);
    // nothing at all
    let empty = folder("nothing");
    fs::create_dir_all(&empty).unwrap();
    let told = Case::open(empty.to_str().unwrap()).err().map(|e| e.to_string()).unwrap_or_default();
    assert!(told.contains("case.toml: no such file"), "{told}");
    fs::write(empty.join("plan.txt"), "没有数字的规划。\n").unwrap();
    let told = Case::open(empty.to_str().unwrap()).err().map(|e| e.to_string()).unwrap_or_default();
    assert!(told.contains("plan.txt: no figures were found"), "{told}");
    // what is neither a folder nor a plan
    fs::write(empty.join("plan.docx"), "PK").unwrap();
    let told = Case::open(empty.join("plan.docx").to_str().unwrap())
        .err()
        .map(|e| e.to_string())
        .unwrap_or_default();
    assert!(told.contains("not a folder") && told.contains("a plan's text (.txt)"), "{told}");
}

fn encoding(text: &str) -> Vec<u8> {
    encoding_rs::GB18030.encode(text).0.into_owned()
}

#[test]
fn a_case_without_base_and_scenarios_is_checked_and_says_what_a_run_lacks() {
    let dir = folder("no-base");
    write_template(&dir).unwrap();
    fs::remove_dir_all(dir.join("scenarios")).unwrap();
    fs::write(dir.join("case.toml"), "name = \"某县\"\ncode = \"431200\"\nhorizon = 2035\n").unwrap();
    let case = open(&dir);
    let (_, notes) = checked(&case);
    for part in ["case.toml没有base_year", "case.toml没有[base]", "没有情景"] {
        assert!(notes.contains(part), "{part}: {notes}");
    }
    assert!(!notes.contains("行政区划"), "{notes}");
    let told = ran(&case, None).unwrap_err();
    for part in [
        "3 problems",
        "case.toml: base_year: is missing",
        "case.toml: [base]: is missing",
        "base.toml: the case has no scenarios",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    // asked by name it is no mistyped name: there are none
    assert!(ran(&case, Some("high")).unwrap_err().contains("the case has no scenarios"));
}

#[test]
fn a_mistyped_scenario_is_told_at_the_check_and_an_error_at_the_run() {
    let dir = folder("mistyped");
    write_template(&dir).unwrap();
    let text = fs::read_to_string(dir.join("case.toml")).unwrap();
    fs::write(dir.join("case.toml"), text.replace("scenario = \"base\"", "scenario = \"bsae\"")).unwrap();
    let case = open(&dir);
    let (_, notes) = checked(&case);
    assert!(notes.contains("case.toml第9行所定情景“bsae”不存在（现有：base）"), "{notes}");
    let told = ran(&case, None).unwrap_err();
    assert!(
        told.contains("case.toml:9: scenario: the case's scenario is not there (got \"bsae\")"),
        "{told}"
    );
    assert!(told.contains("there are: base"), "{told}");
    // its twin: one that is named and there runs, one that is named and not there does not
    ran(&case, Some("base")).unwrap();
    let told = ran(&case, Some("bas")).unwrap_err();
    assert!(told.contains("no such scenario") && told.contains("base, perhaps?"), "{told}");
    // a whole case has nothing to say
    let whole = folder("whole");
    write_template(&whole).unwrap();
    assert_eq!(open(&whole).remarks(), Vec::<String>::new());
}

#[test]
fn mistakes_of_scenarios_stop_a_run_and_not_a_check() {
    // figures of a fresh plan in a folder that was begun from the template: its scenario names rows that are not there
    let dir = folder("others");
    write_template(&dir).unwrap();
    let short = "2020年底，全县有养老机构28家，其中公办14家、民办15家。\n";
    fs::write(dir.join("figures.csv"), drafted(short)).unwrap();
    let told = Case::open(dir.to_str().unwrap()).err().map(|e| e.to_string()).unwrap_or_default();
    assert!(told.contains("no such figure"), "{told}");
    let case = Case::open_plan(dir.to_str().unwrap()).unwrap();
    let (verdicts, notes) = checked(&case);
    assert!(verdicts.contains(&"contradiction".to_owned()));
    assert!(notes.contains("测算前须改正") && notes.contains("no such figure"), "{notes}");
    let told = ran(&case, None).unwrap_err();
    assert!(told.contains("base.toml:") && told.contains("no such figure"), "{told}");
    // figures that are there and counted otherwise are told at the check as well
    fs::write(dir.join("figures.csv"), drafted(PLAN)).unwrap();
    let case = open(&dir);
    assert!(
        case.remarks().iter().any(|r| r.contains("测算前须改正") && r.contains("F005")),
        "{:?}",
        case.remarks()
    );
    assert!(ran(&case, None).unwrap_err().contains("F005"));
    // a broken file is told as one, not as a scenario that is missing
    fs::write(dir.join("scenarios/base.toml"), "seed = = 1\n").unwrap();
    let case = Case::open_plan(dir.to_str().unwrap()).unwrap();
    let told = ran(&case, None).unwrap_err();
    assert!(told.contains("valid TOML") && !told.contains("no scenarios"), "{told}");
    fs::copy(folder_of_template("whole-2").join("scenarios/base.toml"), dir.join("scenarios/high.toml"))
        .unwrap();
    let case = Case::open_plan(dir.to_str().unwrap()).unwrap();
    let told = ran(&case, Some("base")).unwrap_err();
    assert!(told.contains("valid TOML") && !told.contains("no such scenario"), "{told}");
    // its false twin: mistakes of the plan itself stop both
    fs::write(dir.join("figures.csv"), "fig_id,line\n1,2\n").unwrap();
    let told = Case::open_plan(dir.to_str().unwrap()).err().map(|e| e.to_string()).unwrap_or_default();
    assert!(told.contains("figures.csv:1") && !told.contains("valid TOML"), "{told}");
}
