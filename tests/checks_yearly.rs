//! Columns of average annual growth in statistical tables.

#![allow(clippy::unwrap_used, clippy::panic)]

use minsuan::checks::{Finding, Verdict, check_table};

/// Findings of a table that is written out as CSV.
fn table_of(text: &str) -> Vec<Finding> {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("minsuan-yearly-{}-{n}.csv", std::process::id()));
    std::fs::write(&path, text).unwrap();
    let input = minsuan::tables::read(&path, None).unwrap();
    std::fs::remove_file(&path).unwrap();
    check_table(&input).unwrap()
}

#[test]
fn a_column_of_yearly_growth_is_recomputed() {
    let table = |header: &str, rate: &str| {
        let text = format!("{header}\n社会组织,310,426,{rate}\n");
        let all = table_of(&text);
        all.into_iter().filter(|f| f.family == "growth").map(|f| (f.verdict, f.sentence)).collect::<Vec<_>>()
    };
    let header = "指标,2015年,2020年,年均增长（%）";
    for (rate, verdict, words) in [
        ("6.6", Verdict::Holds, "5年间年均增长6.56%"),
        ("8.3", Verdict::Contradiction, "请核实"),
        ("7.5", Verdict::Info, "算术平均"),
    ] {
        let all = table(header, rate);
        assert!(all.len() == 1 && all[0].0 == verdict && all[0].1.contains(words), "{rate}: {all:?}");
    }
    assert_eq!(table("指标,2015年,2020年,2015—2020年年均增长（%）", "6.6")[0].0, Verdict::Holds);
    // nothing says of which years: not the two of the name, more than two, an amount
    assert_eq!(table("指标,2015年,2020年,2016—2020年年均增长（%）", "9"), []);
    assert_eq!(table("指标,2015年,2020年,年均增长数", "9"), []);
    let more = table_of("指标,2015年,2018年,2020年,年均增长（%）\n社会组织,310,350,426,9\n");
    assert!(more.iter().all(|f| f.family != "growth"), "{more:?}");
    // a rate over nothing
    let zero = table_of("指标,2019年,2020年,增长（%）\n社会组织,0,5,100\n养老机构,10,12,20\n");
    let told: Vec<_> =
        zero.iter().filter(|f| f.family == "growth").map(|f| (f.verdict, f.sentence.as_str())).collect();
    assert!(told.iter().any(|(v, s)| *v == Verdict::Info && s.contains("基数为0")), "{told:?}");
    assert!(told.iter().any(|(v, _)| *v == Verdict::Holds), "{told:?}");
}
