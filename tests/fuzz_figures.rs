//! The readers under random input: numbers, plan texts, ledgers, relations. No input may panic, and
//! what is drafted from a text must be a valid ledger whose words stand in that text.
//!
//! A short run is part of the tests. For a long one:
//! `MINSUAN_FUZZ_SECONDS=3600 cargo test --test fuzz_figures -- --ignored --nocapture`

#![allow(clippy::unwrap_used, clippy::panic)]

use std::time::{Duration, Instant};

use minsuan::checks::{Plan, check, findings_table, parse_declared};
use minsuan::draws::Key;
use minsuan::figures::draft::draft;
use minsuan::figures::{Ledger, number};
use minsuan::rules::Rulebook;
use rand::{Rng, RngExt};

fn asset(name: &str) -> &'static str {
    minsuan::assets::text(&format!("jishou/{name}")).unwrap()
}

const PIECES: &[&str] = &[
    "0",
    "1",
    "9",
    "12",
    "2016",
    "2021",
    "４",
    "．",
    ".",
    ",",
    "，",
    "。",
    "；",
    "、",
    "万",
    "亿",
    "千",
    "百",
    "十",
    "余",
    "多",
    "元",
    "人",
    "张",
    "个",
    "㎡",
    "m²",
    "m^2",
    "亩",
    "%",
    "％",
    "‰",
    "百分点",
    "年",
    "月",
    "日",
    "底",
    "至",
    "—",
    "-",
    "～",
    "到",
    "约",
    "近",
    "不低于",
    "以上",
    "以下",
    "左右",
    "每个",
    "每人每月",
    "每年",
    "总投资",
    "其中",
    "占",
    "的",
    "第",
    "（",
    "）",
    "〔",
    "〕",
    "“",
    "”",
    "《",
    "》",
    "\t",
    "\n",
    "\n\n",
    " ",
    "<p>",
    "</p>",
    "**",
    "|",
    "一",
    "二",
    "两",
    "三",
    "零",
    "〇",
    "半",
    "一刻钟",
    "十四五",
    "一是",
    "二是",
    "目录",
    "新设",
    "社区",
    "乡镇",
    "连续两年",
    "0.000001",
    "99999999999999",
    "/人/月",
    "/",
    "\u{feff}",
    "\u{3000}",
    "é",
    "😀",
    "\"",
    "占全市户籍人口的14.52%",
];

/// One input: a stretch of the plan with pieces put in, taken out and doubled, or pieces alone.
fn input(rng: &mut impl Rng, source: &[char]) -> String {
    let mut chars: Vec<char> = if rng.random_range(0..3) == 0 {
        Vec::new()
    } else {
        let from = rng.random_range(0..source.len());
        source[from..(from + rng.random_range(0..400)).min(source.len())].to_vec()
    };
    for _ in 0..rng.random_range(0..40) {
        let at = rng.random_range(0..=chars.len());
        match rng.random_range(0..5) {
            0 if at < chars.len() => {
                chars.remove(at);
            }
            1 if at < chars.len() => {
                let c = source[rng.random_range(0..source.len())];
                chars[at] = c;
            }
            2 => {
                let end = (at + rng.random_range(0..30)).min(chars.len());
                let copy: Vec<char> = chars[at..end].to_vec();
                chars.splice(at..at, copy);
            }
            _ => {
                let piece: Vec<char> = PIECES[rng.random_range(0..PIECES.len())].chars().collect();
                chars.splice(at..at, piece);
            }
        }
    }
    chars.into_iter().collect()
}

fn once(seed: u64, plan: &[char], csv: &[char], toml: &[char], rules: &Rulebook) {
    let mut rng = Key::new(seed, "fuzz", "").stream(0);
    let text = input(&mut rng, plan);
    for part in text.split(['，', '。', '\n']).take(6) {
        if let Ok(read) = number::read(part) {
            assert!(read.value_hi.is_none_or(|hi| hi >= read.value), "seed {seed}: {part}");
        }
    }
    // what is drafted is a ledger, quotes its own text, and can be checked
    let drafted = draft(&text).to_csv().unwrap_or_else(|e| panic!("seed {seed}: {e}"));
    let ledger = Ledger::parse(&drafted, "figures.csv")
        .unwrap_or_else(|e| panic!("seed {seed}: {e}\n{text}\n{drafted}"));
    let plan = Plan { text: Some(&text), place: "433101" };
    let found = check(&ledger, &[], rules, plan).unwrap_or_else(|e| panic!("seed {seed}: {e}\n{text}"));
    findings_table(&found).unwrap();
    // a damaged ledger is read or refused, and what is read can be checked
    let header = asset("figures.csv").lines().next().unwrap_or_default();
    let rows = format!("{header}\n{}", input(&mut rng, csv));
    if let Ok(ledger) = Ledger::parse(&rows, "figures.csv") {
        ledger.table().unwrap();
        let _ = check(&ledger, &[], rules, Plan::default()).map(|f| findings_table(&f).unwrap());
    }
    let _ = parse_declared(&input(&mut rng, toml), "checks.toml");
    let _ = Rulebook::parse(&input(&mut rng, toml).replace("check", "rule"), "rules.toml");
}

fn run(time: Duration, first: u64) -> u64 {
    let chars = |name| asset(name).chars().collect::<Vec<char>>();
    let (plan, csv, toml) = (chars("plan.txt"), chars("figures.csv"), chars("checks.toml"));
    let rules = Rulebook::shipped().unwrap();
    let start = Instant::now();
    let mut seed = first;
    while start.elapsed() < time {
        once(seed, &plan, &csv, &toml, &rules);
        seed += 1;
    }
    seed - first
}

#[test]
fn two_seconds_of_random_input() {
    assert!(run(Duration::from_secs(2), 0) > 0);
}

#[test]
#[ignore = "runs as long as MINSUAN_FUZZ_SECONDS says"]
fn as_long_as_asked() {
    let seconds = std::env::var("MINSUAN_FUZZ_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(60);
    let first = std::env::var("MINSUAN_FUZZ_FIRST").ok().and_then(|s| s.parse().ok()).unwrap_or(1_000_000);
    let inputs = run(Duration::from_secs(seconds), first);
    println!("{inputs} inputs in {seconds} s, the first seed {first}: no panic");
}
