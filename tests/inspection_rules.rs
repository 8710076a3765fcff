//! Streaks and the annual table: every treatment, its default, and a plain re-computation.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use minsuan::organizations::{
    Absent, Closed, Conclusion, Effect, Kind, Options, Register, Rules, Treatment, count, due, read_path,
};
use proptest::prelude::*;

fn temporary(name: &str, bytes: &[u8]) -> PathBuf {
    let path = std::env::temp_dir().join(format!("minsuan-rules-{}-{name}", std::process::id()));
    fs::write(&path, bytes).unwrap();
    path
}

fn read(name: &str, text: &str) -> Register {
    let path = temporary(name, text.as_bytes());
    let register = read_path(&path, &Options::default(), &|_, _| true).unwrap();
    fs::remove_file(path).unwrap();
    register
}

const SERVICE: &str = "52433101MJK000006G";
const ASSOCIATION: &str = "51433101MJK000006K";

/// Actions and years in 2023 of one organization with this history and these dates.
fn asked(
    code: &str,
    registered: &str,
    closed: &str,
    history: &[(i32, &str)],
    treatment: Treatment,
) -> Option<(String, Vec<i32>)> {
    let mut text = "代码,登记日期,撤销日期,年度,结论\n".to_owned();
    for (year, word) in history {
        text += &format!("{code},{registered},{closed},{year},{word}\n");
    }
    // Another one, so that the register spans 2018 to 2023 whatever the history.
    for year in 2018..=2023 {
        text += &format!("53433101MJK000006D,2010-01-01,,{year},合格\n");
    }
    let name =
        format!("{:x}.csv", text.bytes().fold(7u64, |h, b| h.wrapping_mul(31).wrapping_add(u64::from(b))));
    let register = read(
        &format!("{name}{treatment:?}")
            .replace([' ', '{', '}', ':', ','], "-")
            .replace(".csv", "")
            .as_str()
            .chars()
            .take(150)
            .chain(".csv".chars())
            .collect::<String>(),
        &text,
    );
    let rules = Rules::shipped("jishou").unwrap();
    let found = due(&register, 2023, &rules, &treatment).unwrap();
    assert!(found.len() <= 1);
    found.first().map(|d| (d.rule.action.name().to_owned(), d.years.clone()))
}

fn plain(history: &[(i32, &str)], code: &str) -> Option<(String, Vec<i32>)> {
    asked(code, "2010-01-01", "", history, Treatment::default())
}

fn is(action: &str, years: &[i32]) -> Option<(String, Vec<i32>)> {
    Some((action.to_owned(), years.to_vec()))
}

#[test]
fn two_years_for_service_organizations_three_for_associations() {
    let two = [(2022, "不合格"), (2023, "不合格")];
    assert_eq!(plain(&two, SERVICE), is("revoke", &[2022, 2023]));
    assert_eq!(plain(&two, ASSOCIATION), is("rectify", &[2022, 2023]));
    let three = [(2021, "不合格"), (2022, "不合格"), (2023, "不合格")];
    assert_eq!(plain(&three, ASSOCIATION), is("revoke", &[2021, 2022, 2023]));
    assert_eq!(plain(&[(2023, "不合格")], SERVICE), is("rectify", &[2023]));
    assert_eq!(plain(&[(2022, "不合格"), (2023, "合格")], SERVICE), None);
}

#[test]
fn absence() {
    let history = [(2022, "未参检"), (2023, "不合格")];
    assert_eq!(plain(&history, SERVICE), is("revoke", &[2022, 2023]));
    let with =
        |absent| asked(SERVICE, "2010-01-01", "", &history, Treatment { absent, ..Treatment::default() });
    assert_eq!(with(Absent::Separate), is("rectify", &[2023]));
    assert_eq!(with(Absent::Ends), is("rectify", &[2023]));
    assert_eq!(with(Absent::Pauses), is("rectify", &[2023]));
    let absences = [(2022, "未参检"), (2023, "未参检")];
    let separate = Treatment { absent: Absent::Separate, ..Treatment::default() };
    assert_eq!(asked(SERVICE, "2010-01-01", "", &absences, separate), is("revoke", &[2022, 2023]));
    let across = [(2021, "不合格"), (2022, "未参检"), (2023, "不合格")];
    let pauses = Treatment { absent: Absent::Pauses, ..Treatment::default() };
    assert_eq!(asked(SERVICE, "2010-01-01", "", &across, pauses), is("revoke", &[2021, 2023]));
}

#[test]
fn basically_qualified_ends_a_streak() {
    let history = [(2021, "不合格"), (2022, "基本合格"), (2023, "不合格")];
    assert_eq!(plain(&history, SERVICE), is("rectify", &[2023]));
    let with = |basically_qualified| {
        asked(SERVICE, "2010-01-01", "", &history, Treatment { basically_qualified, ..Treatment::default() })
    };
    assert_eq!(with(Effect::Pauses), is("revoke", &[2021, 2023]));
    assert_eq!(with(Effect::Counts), is("revoke", &[2021, 2022, 2023]));
}

#[test]
fn an_exempt_year_neither_counts_nor_ends() {
    let history = [(2021, "不合格"), (2022, "免检"), (2023, "不合格")];
    assert_eq!(plain(&history, SERVICE), is("revoke", &[2021, 2023]));
    let ends = Treatment { exempt: Effect::Ends, ..Treatment::default() };
    assert_eq!(asked(SERVICE, "2010-01-01", "", &history, ends), is("rectify", &[2023]));
}

#[test]
fn a_missing_year_ends() {
    let history = [(2021, "不合格"), (2023, "不合格")];
    assert_eq!(plain(&history, SERVICE), is("rectify", &[2023]));
    let pauses = Treatment { missing: Effect::Pauses, ..Treatment::default() };
    assert_eq!(asked(SERVICE, "2010-01-01", "", &history, pauses), is("revoke", &[2021, 2023]));
    let counts = Treatment { missing: Effect::Counts, ..Treatment::default() };
    assert_eq!(asked(SERVICE, "2022-01-01", "", &[(2023, "不合格")], counts), is("revoke", &[2022, 2023]));
}

#[test]
fn a_late_registration_is_exempt_that_year() {
    let history = [(2022, "不合格"), (2023, "不合格")];
    let registered = |day: &str, treatment| asked(SERVICE, day, "", &history, treatment);
    assert_eq!(registered("2022-06-30", Treatment::default()), is("revoke", &[2022, 2023]));
    assert_eq!(registered("2022-07-01", Treatment::default()), is("rectify", &[2023]));
    let obliged = Treatment { late_exempt: false, ..Treatment::default() };
    assert_eq!(registered("2022-07-01", obliged), is("revoke", &[2022, 2023]));
    // Years before registration do not exist, whatever stands there.
    assert_eq!(registered("2023-01-05", Treatment::default()), is("rectify", &[2023]));
}

#[test]
fn who_is_closed_is_not_due() {
    let history = [(2022, "不合格"), (2023, "不合格")];
    for day in ["2023-06-01", "2024-03-01"] {
        assert_eq!(asked(SERVICE, "2010-01-01", day, &history, Treatment::default()), None);
    }
    let back = Treatment { closed: Closed::ByYearEnd, ..Treatment::default() };
    assert_eq!(asked(SERVICE, "2010-01-01", "2024-03-01", &history, back), is("revoke", &[2022, 2023]));
    assert_eq!(asked(SERVICE, "2010-01-01", "2023-06-01", &history, back), None);
}

#[test]
fn a_change_of_name_changes_nothing_unless_asked() {
    let text = format!("代码,名称,年度,结论\n{SERVICE},甲,2022,不合格\n{SERVICE},乙,2023,不合格\n");
    let path = temporary("rename.csv", text.as_bytes());
    let rules = Rules::shipped("jishou").unwrap();
    let by = |identity| {
        let options = Options { identity, ..Options::default() };
        let register = read_path(&path, &options, &|_, _| true).unwrap();
        let found = due(&register, 2023, &rules, &Treatment::default()).unwrap();
        (register.len(), register.renames().len(), found[0].rule.action.name())
    };
    assert_eq!(by(minsuan::organizations::Identity::Code), (1, 1, "revoke"));
    assert_eq!(by(minsuan::organizations::Identity::CodeAndName), (2, 0, "rectify"));
    fs::remove_file(path).unwrap();
}

#[test]
fn guangxi_2014_adds_up() {
    // 869 inspected = 765 qualified + 97 basically qualified + 7 unqualified (Guangxi, inspection of 2014).
    let mut text = "代码,登记日期,年度,结论\n".to_owned();
    for i in 0..869 {
        let word = if i < 765 {
            "合格"
        } else if i < 862 {
            "基本合格"
        } else {
            "不合格"
        };
        text += &format!("org{i},2001-01-01,2014,{word}\n");
    }
    let register = read("guangxi.csv", &text);
    let counts = count(&register, 2014, 6)[Kind::Unknown as usize];
    assert_eq!((counts.registered, counts.obliged(), counts.inspected()), (869, 869, 869));
    assert_eq!(counts.conclusions, [765, 97, 7, 0, 0]);
}

/// What is asked for, written down without the library: the history as a map, the walk back year by year.
fn plainly(
    kind: &str,
    registered: (i32, u32),
    closed: bool,
    history: &BTreeMap<i32, u8>,
    year: i32,
) -> (u8, Vec<i32>) {
    let mut years = Vec::new();
    let mut y = year;
    while y >= registered.0.max(2016) && !closed {
        let late = y == registered.0 && registered.1 >= 7;
        match history.get(&y) {
            _ if late => {}
            Some(2 | 3) => years.push(y),
            Some(4) => {}
            _ => break,
        }
        y -= 1;
    }
    years.reverse();
    let needed = if kind == "51" { 3 } else { 2 };
    let action = if years.len() >= needed { 2 } else { u8::from(!years.is_empty()) };
    (action, if action == 0 { Vec::new() } else { years })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn due_equals_a_plain_computation(
        organizations in prop::collection::vec(
            (
                prop::bool::ANY,
                2014..2023i32,
                1..13u32,
                prop::bool::weighted(0.1),
                prop::collection::vec(prop::option::weighted(0.9, 0..5u8), 8),
            ),
            1..12,
        ),
        year in 2017..2024i32,
    ) {
        // One that makes the register begin in 2016 and end in 2023.
        let mut text = "代码,登记日期,注销日期,年度,结论\n53433101MJK000006D,2000-01-01,,2016,合格\n53433101MJK000006D,2000-01-01,,2023,合格\n".to_owned();
        let mut expected = Vec::new();
        for (i, (association, y0, m0, closed, words)) in organizations.iter().enumerate() {
            let kind = if *association { "51" } else { "52" };
            let code = format!("{kind}433101ORG{i:07}");
            let mut history = BTreeMap::new();
            for (k, word) in words.iter().enumerate() {
                if let Some(word) = word {
                    let label = Conclusion::from_index(*word).unwrap().label();
                    let end = if *closed { "2023-12-30" } else { "" };
                    text += &format!("{code},{y0}-{m0:02}-15,{end},{},{label}\n", 2016 + k as i32);
                    history.insert(2016 + k as i32, *word);
                }
            }
            let (action, years) = plainly(kind, (*y0, *m0), *closed, &history, year);
            // An organization without any record is not in the file at all.
            if action > 0 && !history.is_empty() {
                expected.push((code, action, years));
            }
        }
        let register = read(&format!("prop-{year}-{}.csv", text.len()), &text);
        let rules = Rules::shipped("jishou").unwrap();
        let found: Vec<(String, u8, Vec<i32>)> = due(&register, year, &rules, &Treatment::default()).unwrap().into_iter()
            .map(|d| (register.code(d.organization).to_owned(), if d.rule.action.name() == "revoke" { 2 } else { 1 }, d.years))
            .collect();
        prop_assert_eq!(found, expected);
    }
}
