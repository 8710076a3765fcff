//! Registers that used to be read wrongly without a word: placeholders for codes, unknown columns, mistyped years, totals
//! among the rows, closings without a day.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use minsuan::organizations::{
    Finding, Identity, Kind, Options, Register, Rules, Treatment, count, due, due_table, publication_table,
    read_path, survival_table,
};

const SERVICE: &str = "52433101MJK000006G";
const ASSOCIATION: &str = "51433101MJK000006K";

fn read_as(text: &str, identity: Identity) -> Register {
    let hash = text.bytes().fold(7u64, |h, b| h.wrapping_mul(31).wrapping_add(u64::from(b)));
    let path =
        std::env::temp_dir().join(format!("minsuan-traps-{}-{hash:x}-{identity:?}.csv", std::process::id()));
    std::fs::write(&path, text).unwrap();
    let register = read_path(&path, &Options { identity, ..Options::default() }, &|_, _| true).unwrap();
    std::fs::remove_file(path).unwrap();
    register
}

fn read(text: &str) -> Register {
    read_as(text, Identity::Code)
}

fn kinds(register: &Register) -> Vec<&'static str> {
    register.problems().iter().map(|(f, _)| f.name()).collect()
}

fn actions(register: &Register, year: i32) -> Vec<(String, &'static str)> {
    let rules = Rules::shipped("jishou").unwrap();
    let found = due(register, year, &rules, &Treatment::default()).unwrap();
    found.iter().map(|d| (register.code(d.organization).to_owned(), d.rule.action.name())).collect()
}

fn notes(register: &Register, year: i32, set: &str) -> String {
    let rules = Rules::shipped(set).unwrap();
    due_table(register, year, &rules, &Treatment::default()).unwrap().notes().join("\n")
}

#[test]
fn a_placeholder_for_a_code_joins_nobody() {
    for code in [
        "办理中",
        "0",
        "待赋码",
        "51433101",
        "000000000000000000",
        "524331010000001000",
        "52433101MJK00000AA",
    ] {
        let register = read(&format!(
            "代码,名称,类型,年度,结论\n{code},甲,社团,2023,合格\n{code},乙,社团,2023,不合格\n{code},丙,社团,2023,未参检\n"
        ));
        assert_eq!(register.len(), 3, "{code}");
        assert_eq!(register.problems().count(Finding::SharedCode), 3, "{code}");
        assert!(register.renames().is_empty(), "{code}");
        let counts = count(&register, 2023, 6)[Kind::Association as usize];
        assert_eq!(counts.conclusions, [1, 0, 1, 1, 0], "{code}");
    }
}

#[test]
fn a_mistyped_code_still_carries_a_change_of_name() {
    let register = read(
        "代码,名称,登记日期,年度,结论\n52433101MJK000006A,甲,2010-01-01,2022,不合格\n52433101MJK000006A,乙,2010-01-01,2023,不合格\n",
    );
    assert_eq!((register.len(), register.renames().len()), (1, 1));
    assert_eq!((register.name(0), register.code(0)), ("乙", "52433101MJK000006A"));
    assert_eq!(actions(&register, 2023), [("52433101MJK000006A".to_owned(), "revoke")]);
    // Placeholders of different years are nobody's change of name.
    assert_eq!(read("代码,名称,年度,结论\n办理中,甲,2022,合格\n办理中,乙,2023,合格\n").len(), 2);
}

#[test]
fn two_names_under_a_good_code_in_one_year_are_told() {
    let register = read(&format!("代码,名称,年度,结论\n{SERVICE},甲,2023,合格\n{SERVICE},乙,2023,不合格\n"));
    assert_eq!(register.len(), 1);
    assert_eq!(kinds(&register), ["two_conclusions", "several_names"]);
    assert!(register.renames().is_empty());
}

#[test]
fn closings_are_found_whatever_their_column_is_called() {
    for header in
        ["注销（撤销）日期", "注销/撤销日期", "注销撤销时间", "吊销日期", "注销登记时间", "撤销日期"]
    {
        let register = read(&format!(
            "代码,登记日期,年度,结论,{header}\n{SERVICE},2010-01-01,2022,不合格,2024-05-01\n{SERVICE},2010-01-01,2023,不合格,2024-05-01\n"
        ));
        assert!(kinds(&register).is_empty(), "{header} {:?}", kinds(&register));
        assert_eq!(actions(&register, 2023), [], "{header}");
    }
    let status = |word: &str| {
        read(&format!(
            "代码,名称,登记日期,年度,结论,登记状态\n{SERVICE},甲,2010-01-01,2022,不合格,{word}\n{SERVICE},甲,2010-01-01,2023,不合格,{word}\n"
        ))
    };
    for word in ["注销", "已撤销", "吊销"] {
        let register = status(word);
        assert_eq!((actions(&register, 2023), kinds(&register)), (vec![], vec!["closed_undated"]), "{word}");
        assert!(notes(&register, 2023, "jishou").contains("日期不明，未列入，请先核实：甲"), "{word}");
    }
    assert_eq!(actions(&status("正常"), 2023).len(), 1);
    assert_eq!(kinds(&status("异常")), ["status", "status"]);
    // A column that speaks of closing and is not understood is told.
    let register = read(&format!("代码,年度,结论,注销文号\n{SERVICE},2023,合格,x\n"));
    assert_eq!(kinds(&register), ["column"]);
}

#[test]
fn a_closing_that_cannot_be_read_holds_back() {
    for (word, closed) in [
        ("已注销", true),
        ("√", true),
        ("是", true),
        ("2022-13-01", true),
        ("#REF!", true),
        ("否", false),
        ("未注销", false),
        ("9999-12-31", false),
        ("2099-12-31", false),
        ("/", false),
    ] {
        let register = read(&format!(
            "代码,名称,登记日期,注销日期,年度,结论\n{SERVICE},甲,2010-01-01,{word},2021,不合格\n{SERVICE},甲,2010-01-01,{word},2022,不合格\n{ASSOCIATION},乙,2010-01-01,,2023,合格\n{ASSOCIATION},乙,2010-01-01,,2022,合格\n"
        ));
        assert_eq!(actions(&register, 2022).is_empty(), closed, "{word}");
        assert_eq!(notes(&register, 2022, "jishou").contains("日期不明"), closed, "{word}");
        // It stands to its last record, not for ever.
        let counts = count(&register, 2023, 6);
        assert_eq!(counts[Kind::ServiceOrganization as usize].registered, u64::from(!closed), "{word}");
        let gaps = register.problems().count(Finding::Gap);
        // 乙 lacks 2021, 甲 lacks 2023 only while it stands.
        assert_eq!(gaps, 1 + u64::from(!closed), "{word}");
    }
    let backwards =
        read(&format!("代码,登记日期,注销日期,年度,结论\n{SERVICE},2015-01-01,2014-05-01,2023,不合格\n"));
    assert_eq!(kinds(&backwards), ["closed_undated"]);
    assert!(actions(&backwards, 2023).is_empty());
}

#[test]
fn one_mistyped_year_is_told_in_its_row_and_bends_nothing() {
    let mut text = "名称,登记日期,年度,结论\n".to_owned();
    for i in 0..40 {
        for year in 2019..=2023 {
            let typed = if (i, year) == (7, 2023) { 2032 } else { year };
            text += &format!("org{i},2010-01-01,{typed},合格\n");
        }
    }
    let register = read(&text);
    assert_eq!(register.span(), Some((2019, 2023)));
    assert_eq!(kinds(&register), ["gap", "year_doubtful"]);
    let (_, problem) = register.problems().iter().find(|(f, _)| *f == Finding::YearDoubtful).unwrap();
    assert_eq!((problem.row, problem.value.as_deref()), (Some(41), Some("2032")));
    // An early year typed wrong, and a year that has only begun.
    let early = read(&text.replace("2032", "2003"));
    assert_eq!((early.span(), kinds(&early)), (Some((2019, 2023)), vec!["gap", "year_doubtful"]));
    let begun = read(&text.replace("2032", "2024"));
    assert_eq!(begun.span(), Some((2019, 2024)));
    let future = read(&format!("代码,登记日期,年度,结论\n{SERVICE},2035-01-01,2023,合格\n"));
    assert!(kinds(&future).contains(&"date"));
}

#[test]
fn totals_and_footnotes_are_no_organizations() {
    let text = format!(
        "统一社会信用代码,名称,类型,2022年,2023年\n一、社会团体,,,,\n{ASSOCIATION},乙,社会团体,合格,合格\n统一社会信用代码,名称,类型,2022年,2023年\n二、民办非企业单位,,,,\n{SERVICE},甲,民非,合格,不合格\n小计,,,1,1\n,合计,,2,2\n填表人：张三,,,,\n填报日期,,2023-12-31,,\n注：以上为全部,,,,\n"
    );
    let register = read(&text);
    assert_eq!(register.len(), 2);
    assert_eq!(register.problems().count(Finding::NoOrganization), 8);
    assert_eq!(register.problems().total(), 8);
    assert_eq!(count(&register, 2023, 6)[Kind::Unknown as usize].registered, 0);
}

#[test]
fn a_name_follows_another_where_both_identify() {
    let text = format!(
        "代码,名称,登记日期,年度,结论\n{SERVICE},旧,2010-01-01,2021,合格\n{SERVICE},旧,2010-01-01,2022,合格\n{SERVICE},新,2010-01-01,2023,合格\n"
    );
    let register = read_as(&text, Identity::CodeAndName);
    assert_eq!(register.len(), 2);
    assert!(kinds(&register).is_empty(), "{:?}", kinds(&register));
    for year in 2021..=2023 {
        let counts = count(&register, year, 6)[Kind::ServiceOrganization as usize];
        assert_eq!((counts.registered, counts.missing), (1, 0), "{year}");
    }
    assert_eq!(register.code(1), SERVICE);
    survival_table(&register, minsuan::organizations::Ending::Closed, 0.95).unwrap();
}

#[test]
fn who_has_no_rule_is_told() {
    let register = read(&format!(
        "代码,名称,年度,结论\n{ASSOCIATION},甲,2023,不合格\n{SERVICE},丙,2023,合格\n12345,乙,2023,不合格\n"
    ));
    let notes = notes(&register, 2023, "national");
    assert!(notes.contains("没有适用于社会团体（1个）的规则"), "{notes}");
    assert!(notes.contains("1个组织类型不明"), "{notes}");
    let gap = read(&format!("代码,年度,结论\n{SERVICE},2021,合格\n{SERVICE},2023,合格\n"));
    let (_, problem) = gap.problems().iter().next().unwrap();
    assert_eq!(problem.message, format!("2022年度无年检记录（{SERVICE}）"));
}

#[test]
fn numbers_of_persons_are_neither_kept_nor_shown() {
    for shown in
        ["身份证号433101195202290008", "433101195202290008。", "433101195102290000", "433101-19520229-0008"]
    {
        let register = read(&format!("代码,名称,年度,结论\n{shown},甲,2023,合格\n"));
        assert_eq!(register.code(0), "", "{shown}");
        let table = format!("{:?}", register.problems().iter().collect::<Vec<_>>());
        assert!(!table.contains("0229"), "{table}");
    }
}

#[test]
fn an_unclosed_quote_is_called_by_its_name() {
    let mut text = "代码,名称,年度,结论\n".to_owned();
    for i in 0..40 {
        let quote = if i == 5 { "\"" } else { "" };
        text += &format!("org{i},{quote}名{i},2023,合格\n");
    }
    let register = read(&text);
    assert!(
        register.problems().iter().any(|(_, p)| p.message.contains("引号可能未闭合") && p.row == Some(7))
    );
}

#[test]
fn organizations_without_a_record_are_not_given_away() {
    // 31 obliged, 20 qualified, 8 absent: the 3 without a record must not follow from the rest.
    let mut text = "代码,类型,登记日期,年度,结论\n".to_owned();
    let mut add = |kind: &str, name: &str, n: usize, word: &str| {
        for i in 0..n {
            text += &format!("{kind}{name}{i},{kind},2010-01-01,2022,合格\n");
            if !word.is_empty() {
                text += &format!("{kind}{name}{i},{kind},2010-01-01,2023,{word}\n");
            }
        }
    };
    for (kind, missing) in [("社团", 3), ("民非", 12)] {
        add(kind, "q", 20, "合格");
        add(kind, "a", 8, "未参检");
        add(kind, "m", missing, "");
    }
    let register = read(&text);
    let table = publication_table(&register, 2023, 6, 5).unwrap();
    let column = |name: &str| table.ints(name).unwrap().iter().collect::<Vec<_>>();
    let (obliged, inspected, absent) = (column("obliged"), column("inspected"), column("absent"));
    let told = obliged[0].is_some() && inspected[0].is_some() && absent[0].is_some();
    assert!(!told, "{obliged:?} {inspected:?} {absent:?}");
    assert!(table.notes().iter().any(|n| n.contains("无年检记录")));
}
