//! Heads and payments of a scenario: who draws several programs is one head and as many payments.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

use minsuan::error::Error;
use minsuan::run::{Options, Run, run};
use minsuan::scenario::{Case, write_template};
use rust_decimal::Decimal;

fn folder(name: &str, more: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("minsuan-heads-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&dir);
    write_template(&dir).unwrap();
    let path = dir.join("scenarios/base.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text}\n{more}")).unwrap();
    dir
}

fn go(dir: &Path, draws: usize) -> Result<Run, Error> {
    run(&Case::open(dir.to_str().unwrap())?, &Options { draws, ..Options::default() }, &|_, _| true)
}

#[track_caller]
fn expect(name: &str, more: &str, parts: &[&str]) {
    let e = go(&folder(name, more), 20).err().unwrap_or_else(|| panic!("nothing was told"));
    let told: Vec<String> = e.problems().iter().map(ToString::to_string).collect();
    assert!(
        told.iter().any(|t| parts.iter().all(|p| t.contains(p))),
        "no problem with {parts:?} in {told:#?}"
    );
}

fn central(r: &Run, path: &str) -> f64 {
    use rust_decimal::prelude::ToPrimitive;
    let node = r.graph.get(path).unwrap_or_else(|| panic!("{path} not in {:?}", r.paths()));
    node.series.central[2].unwrap().to_f64().unwrap()
}

/// 1,000 on rural dibao, 400 and 300 on the two subsidies for the disabled.
const PROGRAMS: &str = r#"
[relief.rural_dibao]
formula = "1000"
[relief.disability_living_subsidy]
formula = "400"
[relief.disability_care_subsidy]
formula = "300"
[assume.both]
label = "两项都领的比例"
distribution = "uniform"
low = 0.4
high = 0.6
source = "试算"
"#;
const BOTH: &str = r#"
[overlap.disabled]
label = "残疾人两项补贴"
programs = ["disability_living_subsidy", "disability_care_subsidy"]
share = "assume.both"
of = "smallest"
"#;

/// By hand: 400 + 300 − 0.5 × 300 = 550 heads and 700 payments; draws from 520 to 580.
#[test]
fn two_programs_by_hand() {
    let r = go(&folder("two", &format!("{PROGRAMS}{BOTH}")), 200).unwrap();
    assert_eq!(central(&r, "overlap.disabled"), 150.0);
    assert_eq!(central(&r, "payments.disabled"), 700.0);
    assert_eq!(central(&r, "heads.disabled"), 550.0);
    let draws = r.graph.get("heads.disabled").unwrap().series.of_year(2);
    assert!(draws.len() == 200 && draws.iter().all(|v| (520.0..=580.0).contains(v)));
    assert!(draws.iter().any(|v| *v < 530.0) && draws.iter().any(|v| *v > 570.0));
    let why = r.why("heads.disabled", 2025).unwrap();
    let text = format!("{why:?}");
    for part in ["残疾人两项补贴：领取人数", "两项都领的比例", "假设，非数据", "依据：试算", "base.toml"]
    {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

/// Dibao may be drawn beside both, and so may the template's allowance for the old, but by how many nobody
/// says. At least the largest, at most the payments less the 150 that are known; the run says so.
#[test]
fn what_is_not_declared_is_a_range_and_said() {
    let r = go(&folder("range", &format!("{PROGRAMS}{BOTH}")), 50).unwrap();
    let old = central(&r, "relief.old_age_allowance");
    assert_eq!(central(&r, "heads_low.total"), old.max(1000.0));
    let payments = central(&r, "payments.total");
    assert!((payments - 1700.0 - old).abs() < 0.001);
    assert_eq!(central(&r, "heads_high.total"), payments - 150.0);
    let told = r.heads().unwrap().notes().join("\n");
    assert!(told.contains("农村低保") || told.contains("rural_dibao"), "{told}");
    assert!(told.contains("可由一人同时领取而未声明重叠人数，未知不作零"), "{told}");
    let why = format!("{:?}", r.why("heads_low.total", 2025).unwrap());
    assert!(why.contains("未声明重叠人数") && why.contains("Bonferroni"), "{why}");
    assert!(r.graph.get("heads.total").is_none());
}

/// 1,000 + 400 + 300 − 200 − 90 − 150 + t, t all three: between max(0, 200 + 150 − 400) = 0 and 90.
#[test]
fn three_pairs_and_then_all_three() {
    let pairs = r#"
[assume.living]
label = "a"
central = 200
source = "册"
[assume.care]
label = "b"
central = 90
source = "册"
[assume.three]
label = "c"
central = 60
source = "册"
[overlap.living]
programs = ["rural_dibao", "disability_living_subsidy"]
persons = "assume.living"
[overlap.care]
programs = ["disability_care_subsidy", "rural_dibao"]
persons = "assume.care"
[overlap.three]
programs = ["rural_dibao", "disability_living_subsidy", "disability_care_subsidy"]
"#;
    let r = go(&folder("pairs", &format!("{PROGRAMS}{BOTH}{pairs}")), 40).unwrap();
    assert_eq!((central(&r, "heads_low.three"), central(&r, "heads_high.three")), (1260.0, 1350.0));
    assert_eq!(central(&r, "payments.three"), 1700.0);
    let told = r.heads().unwrap().notes().join("\n");
    assert!(told.contains("同时领取三项及以上的人数未声明"), "{told}");
    let all = format!("{PROGRAMS}{BOTH}{pairs}persons = \"assume.three\"\n");
    let r = go(&folder("all", &all), 40).unwrap();
    assert_eq!(central(&r, "heads.three"), 1320.0);
    // The elderly allowance of the template is one more program of the total, of which nothing is known.
    assert!(central(&r, "heads_low.total") >= 1320.0);
    assert!(central(&r, "heads_high.total") <= central(&r, "payments.total") - 380.0 + 0.02);
    let formula = r.why("heads.three", 2025).unwrap().numbers.unwrap();
    assert!(formula.contains("+ 60"), "{formula}");
}

/// A share of 0.2 to 0.9 of 400 persons is up to 360, and the other program has 300: draws beyond are held to
/// that, and the note counts them. Three pairs that seldom cannot all hold keep their range in order.
#[test]
fn draws_beyond_what_is_possible_are_held_and_counted() {
    let wide = r#"
[assume.wide]
label = "w"
distribution = "uniform"
low = 0.2
high = 0.9
source = "册"
[overlap.a]
programs = ["disability_living_subsidy", "disability_care_subsidy"]
share = "assume.wide"
of = "disability_living_subsidy"
[overlap.b]
programs = ["rural_dibao", "disability_living_subsidy"]
share = "assume.both"
of = "disability_living_subsidy"
[overlap.c]
programs = ["rural_dibao", "disability_care_subsidy"]
share = "assume.both"
of = "disability_care_subsidy"
[overlap.all]
programs = ["rural_dibao", "disability_living_subsidy", "disability_care_subsidy"]
"#;
    let r = go(&folder("held", &format!("{PROGRAMS}{wide}")), 300).unwrap();
    let draws = r.graph.get("overlap.a").unwrap().series.of_year(2);
    assert!(draws.iter().all(|v| *v <= 300.0) && draws.contains(&300.0));
    assert!(draws.iter().any(|v| *v < 300.0));
    let why = format!("{:?}", r.why("overlap.a", 2025).unwrap());
    assert!(why.contains("次超出人数最少一项，按该项人数计"), "{why}");
    let of = |path: &str| r.graph.get(path).unwrap().series.of_year(2);
    for (low, high) in of("heads_low.all").into_iter().zip(of("heads_high.all")) {
        assert!((1000.0..=1700.0).contains(&low) && low <= high && high <= 1700.0);
    }
}

#[test]
fn nobody_draws_both_where_a_source_says_so() {
    let none = "\n[overlap.none]\nprograms = [\"rural_dibao\", \"disability_care_subsidy\"]\nshare = 0\nsource = \"名册比对\"\n";
    let r = go(&folder("none", &format!("{PROGRAMS}{none}")), 20).unwrap();
    assert_eq!(central(&r, "heads.none"), central(&r, "payments.none"));
    assert_eq!(central(&r, "heads.none"), 1300.0);
    assert!(format!("{:?}", r.why("overlap.none", 2025).unwrap()).contains("名册比对"));
}

#[test]
fn a_formula_may_use_heads_but_no_single_one_of_a_range() {
    let by_head = "\n[quantity.cards]\nlabel = \"卡\"\nformula = \"heads.disabled\"\n";
    let r = go(&folder("card", &format!("{PROGRAMS}{BOTH}{by_head}")), 20).unwrap();
    assert_eq!(central(&r, "quantity.cards"), 550.0);
    let range = "\n[quantity.cards]\nlabel = \"卡\"\nformula = \"heads.total\"\n";
    expect(
        "card-range",
        &format!("{PROGRAMS}{range}"),
        &["heads.total", "are a range", "heads_low.total or heads_high.total"],
    );
    let name = "\n[quantity.cards]\nlabel = \"卡\"\nformula = \"payments.disabld\"\n";
    expect(
        "card-name",
        &format!("{PROGRAMS}{BOTH}{name}"),
        &["no such name under payments", "disabled, total"],
    );
}

#[test]
fn cases_and_parts_are_not_added_to_persons() {
    let more = r#"
[relief.temporary_relief]
unit = "人次"
formula = "500"
[relief.households]
label = "低保户"
unit = "户"
formula = "300"
[relief.dibao_children]
label = "低保儿童"
formula = "0.2 * relief.rural_dibao"
part_of = "rural_dibao"
[relief.gone]
label = "已移交项目"
formula = "70"
until = "2023-06"
"#;
    let r = go(&folder("cases", &format!("{PROGRAMS}{more}")), 20).unwrap();
    let plain = go(&folder("plain", PROGRAMS), 20).unwrap();
    assert_eq!(central(&r, "payments.total"), central(&plain, "payments.total"));
    let told = r.heads().unwrap().notes().join("\n");
    for part in ["（人次）", "低保户（户）", "已移交项目（已移交）", "不计入"] {
        assert!(told.contains(part), "{part} is not in {told}");
    }
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let tekun = "[relief.rural_tekun]\nformula = \"50\"\n[relief.rural_tekun_home]\nformula = \"40\"\n[relief.temporary_relief]\nunit = \"人次\"\nformula = \"9\"\n[relief.temporary_relief_persons]\nformula = \"8\"\n";
    let wrong = |lines: &str| format!("{PROGRAMS}{tekun}[overlap.x]\n{lines}\n");
    let pair = |a: &str, b: &str| format!("programs = [\"{a}\", \"{b}\"]\n");
    let share = "share = \"assume.both\"\nof = \"smallest\"";
    let some = |a: &str, b: &str| wrong(&format!("{}{share}", pair(a, b)));
    for (name, text, parts) in [
        (
            "never",
            some("rural_dibao", "rural_tekun"),
            vec!["overlap.x.programs", "nobody may draw both by rule", "国发〔2016〕14号", "base.toml:"],
        ),
        ("part-never", some("rural_dibao", "rural_tekun_home"), vec!["nobody may draw both by rule"]),
        ("never-unsaid", wrong(&pair("rural_dibao", "rural_tekun")), vec!["nothing overlaps"]),
        ("part", some("rural_tekun", "rural_tekun_home"), vec!["one is a part of the other"]),
        (
            "cases",
            some("rural_dibao", "temporary_relief"),
            vec!["cases are not persons", "temporary_relief_persons"],
        ),
        (
            "missing",
            some("rural_dibao", "disability_care_subsid"),
            vec!["no such program", "disability_care_subsidy, perhaps?"],
        ),
        ("twice", some("rural_dibao", "rural_dibao"), vec!["listed twice"]),
        ("one", wrong("programs = [\"rural_dibao\"]"), vec!["fewer than two"]),
        ("none", wrong(share), vec!["overlap.x.programs", "is missing"]),
        (
            "literal",
            wrong(&format!(
                "{}share = 0.3\nof = \"smallest\"",
                pair("rural_dibao", "disability_care_subsidy")
            )),
            vec!["overlap.x.share", "a number without a source", "0.3"],
        ),
        (
            "derived",
            wrong(&format!(
                "{}persons = \"0.3 * relief.rural_dibao\"",
                pair("rural_dibao", "disability_care_subsidy")
            )),
            vec!["a number without a source"],
        ),
        (
            "zero",
            wrong(&format!("{}share = 0", pair("rural_dibao", "disability_care_subsidy"))),
            vec!["nothing says so"],
        ),
        (
            "base",
            wrong(&format!("{}share = \"assume.both\"", pair("rural_dibao", "disability_care_subsidy"))),
            vec!["overlap.x.of", "is missing"],
        ),
        (
            "other",
            wrong(&format!(
                "{}share = \"assume.both\"\nof = \"rural_tekun\"",
                pair("rural_dibao", "disability_care_subsidy")
            )),
            vec!["overlap.x.of", "not one of the overlap's programs"],
        ),
        (
            "both",
            wrong(&format!(
                "{}{share}\npersons = \"assume.both\"",
                pair("rural_dibao", "disability_care_subsidy")
            )),
            vec!["a share and a number of persons"],
        ),
        (
            "name",
            wrong(&format!(
                "{}share = \"assume.bth\"\nof = \"smallest\"",
                pair("rural_dibao", "disability_care_subsidy")
            )),
            vec!["overlap.x.share", "assume.both, perhaps?"],
        ),
        (
            "total",
            format!("{PROGRAMS}[overlap.total]\n{}", pair("rural_dibao", "disability_care_subsidy")),
            vec!["a name that is taken"],
        ),
        (
            "key",
            wrong(&format!("{}shares = 1", pair("rural_dibao", "disability_care_subsidy"))),
            vec!["overlap.x.shares", "unknown key"],
        ),
        (
            "same",
            format!(
                "{}[overlap.y]\n{}",
                some("rural_dibao", "disability_care_subsidy"),
                pair("disability_care_subsidy", "rural_dibao")
            ),
            vec!["the same programs as another overlap", "overlap.x at"],
        ),
        (
            "of-itself",
            format!("{PROGRAMS}[relief.c]\nformula = \"1\"\npart_of = \"c\"\n"),
            vec!["relief.c.part_of", "a part of itself"],
        ),
        (
            "of-nothing",
            format!("{PROGRAMS}[relief.c]\nformula = \"1\"\npart_of = \"rural_diba\"\n"),
            vec!["relief.c.part_of", "rural_dibao, perhaps?"],
        ),
    ] {
        expect(name, &text, &parts);
    }
}

#[test]
fn overlaps_that_no_population_can_have() {
    let assume = |name: &str, value: &str| {
        format!("[assume.{name}]\nlabel = \"{name}\"\ncentral = {value}\nsource = \"册\"\n")
    };
    let over = |name: &str, a: &str, b: &str| {
        format!("[overlap.{name}]\nprograms = [\"{a}\", \"{b}\"]\npersons = \"assume.{name}\"\n")
    };
    let (dibao, living, care) = ("rural_dibao", "disability_living_subsidy", "disability_care_subsidy");
    let text = format!("{PROGRAMS}{}{}", assume("a", "301"), over("a", dibao, care));
    expect("more", &text, &["overlap.a is 301 persons in", "0 to 300", "base.toml:"]);
    let text = format!(
        "{PROGRAMS}{}[overlap.a]\nprograms = [\"{dibao}\", \"{care}\"]\nshare = \"assume.a\"\nof = \"{care}\"\n",
        assume("a", "45")
    );
    expect("percent", &text, &["overlap.a.share is 45", "a share from 0 to 1"]);
    let text = format!(
        "{PROGRAMS}{}[overlap.a]\nprograms = [\"{dibao}\", \"{care}\"]\nshare = \"assume.a\"\nof = \"{dibao}\"\n",
        assume("a", "0.4")
    );
    expect("large", &text, &["overlap.a is 400 persons in", "0 to 300"]);
    // Of 400 on dibao all 400 draw one subsidy and 300 the other, so 300 at least draw both: never 10.
    let text = format!(
        "{}{}{}{}{}{}{}[overlap.three]\nprograms = [\"{dibao}\", \"{living}\", \"{care}\"]\n",
        PROGRAMS.replace("1000", "400"),
        assume("a", "400"),
        over("a", dibao, living),
        assume("b", "300"),
        over("b", dibao, care),
        assume("c", "10"),
        over("c", living, care),
    );
    expect(
        "clash",
        &text,
        &["overlaps that cannot all hold", "overlap.a at", "overlap.b at", "overlap.c at"],
    );
    let text = format!(
        "{PROGRAMS}{}{}[overlap.none]\nprograms = [\"{living}\", \"{care}\"]\nshare = 0\nsource = \"册\"\n[overlap.three]\nprograms = [\"{dibao}\", \"{living}\", \"{care}\"]\npersons = \"assume.a\"\n",
        assume("a", "5"),
        "",
    );
    expect("none-and-some", &text, &["overlap.three.programs", "says that nobody draws both"]);
}

/// The plan's two subsidies for the disabled: what the formula of the scenario gave before.
#[test]
fn jishou_counts_the_two_subsidies_by_heads() {
    let case = Case::open("jishou").unwrap();
    let r = run(&case, &Options { draws: 60, ..Options::default() }, &|_, _| true).unwrap();
    let of = |path: &str| &r.graph.get(path).unwrap().series;
    let (living, care) = (of("relief.disability_living_subsidy"), of("relief.disability_care_subsidy"));
    let (share, heads) = (of("assume.both_disability_subsidies"), of("heads.disability_subsidies"));
    for y in 0..r.years.len() {
        let (a, b, s) = (living.central[y].unwrap(), care.central[y].unwrap(), share.central[y].unwrap());
        let by_hand = (a + b - s * a.min(b)).round_dp(2);
        assert!((heads.central[y].unwrap() - by_hand).abs() <= Decimal::new(1, 2));
        for d in 0..60 {
            let (a, b) = (living.at(d, y), care.at(d, y));
            assert_eq!(heads.at(d, y), a + b - share.at(d, y) * a.min(b));
        }
    }
    let (low, high, payments) = (of("heads_low.total"), of("heads_high.total"), of("payments.total"));
    // orphans are not counted before 2020: unknown, and not a smaller total
    assert_eq!((low.central[0], payments.central[0]), (None, None));
    for y in 1..r.years.len() {
        for d in 0..60 {
            let exclusive = ["urban_dibao", "rural_dibao", "urban_tekun", "rural_tekun"];
            let apart: f64 = exclusive.iter().map(|p| of(&format!("relief.{p}")).at(d, y)).sum();
            assert!(apart * (1.0 - 1e-12) <= low.at(d, y) && low.at(d, y) <= high.at(d, y));
            assert!(high.at(d, y) <= payments.at(d, y));
        }
    }
}
