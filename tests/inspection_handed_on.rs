//! Line numbers of a register as its editor shows them, and a register that is handed on to another process.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::atomic::{AtomicUsize, Ordering};

use minsuan::organizations::{
    Options, Register, Rules, Treatment, due_table, from_bytes, read_path, to_bytes,
};

fn read(bytes: &[u8]) -> Register {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("minsuan-handed-{}-{n}.csv", std::process::id()));
    std::fs::write(&path, bytes).unwrap();
    let register = read_path(&path, &Options::default(), &|_, _| true).unwrap();
    std::fs::remove_file(&path).unwrap();
    register
}

/// Rows of the findings of one kind.
fn rows(register: &Register, kind: &str) -> Vec<usize> {
    register.problems().iter().filter(|(f, _)| f.name() == kind).filter_map(|(_, p)| p.row).collect()
}

#[test]
fn lines_are_those_that_an_editor_shows() {
    // a conclusion that is none, on lines 3, 6 (below a blank line) and 9 (below a cell of two lines)
    let text = "统一社会信用代码,名称,类型,登记日期,年度,结论,备注\n\
                51433101MJK000006K,甲协会,社会团体,2012-11-03,2021,合格,\n\
                51433101MJK000006K,甲协会,社会团体,2012-11-03,2022,尚可,\n\
                52433101MJK000006G,乙中心,民办非企业单位,2015-03-01,2021,合格,\n\
                \n\
                52433101MJK000006G,乙中心,民办非企业单位,2015-03-01,2022,尚可,\n\
                51433101MJK000006K,甲协会,社会团体,2012-11-03,2023,合格,\"两行\n备注\"\n\
                52433101MJK000006G,乙中心,民办非企业单位,2015-03-01,2023,尚可,\n";
    for end in ["\n", "\r\n", "\r"] {
        let text = text.replace('\n', end);
        for bytes in [
            text.clone().into_bytes(),
            format!("\u{feff}{text}").into_bytes(),
            encoding_rs::GB18030.encode(&text).0.into_owned(),
        ] {
            assert_eq!(rows(&read(&bytes), "word"), [3, 6, 9], "{end:?}");
        }
    }
    // beyond the reader's first piece, and beyond the lines that the header is looked for in
    let mut long = String::from("统一社会信用代码,名称,类型,登记日期,年度,结论\r\n");
    for i in 0..4000 {
        long += &format!(
            "51433101MJK000006K,甲协会,社会团体,2012-11-03,2021,{}\r\n",
            if i == 3998 { "尚可" } else { "合格" }
        );
    }
    assert_eq!(rows(&read(long.as_bytes()), "word"), [4000]);
}

#[test]
fn a_register_is_handed_on_whole() {
    let text = "统一社会信用代码,名称,类型,登记日期,注销日期,年度,结论,法定代表人身份证号\n\
                52433101MJK000006G,乙中心,民办非企业单位,2015-03-01,,2022,不合格,433101195202290008\n\
                52433101MJK000006G,乙服务中心,民办非企业单位,2015-03-01,,2023,未参检,433101195202290008\n\
                51433101MJK000006K,甲协会,社会团体,2012-11-03,2023-13-01,2023,尚可,\n";
    let register = read(text.as_bytes());
    for set in ["jishou", "national"] {
        let rules = Rules::shipped(set).unwrap();
        let bytes = to_bytes(&register, &rules).unwrap();
        let (again, same_rules) = from_bytes(&bytes).unwrap();
        assert_eq!(same_rules, rules);
        assert_eq!((again.organizations(), again.renames()), (register.organizations(), register.renames()));
        let due = |r: &Register| due_table(r, 2023, &rules, &Treatment::default()).unwrap();
        let (left, right) = (due(&again), due(&register));
        assert_eq!((left.batch().columns(), left.notes()), (right.batch().columns(), right.notes()));
        let problems = |r: &Register| r.problems().iter().map(|(_, p)| p.to_string()).collect::<Vec<_>>();
        assert_eq!(problems(&again), problems(&register));
        assert!(
            (0..again.len()).all(|i| again.name(i) == register.name(i) && again.code(i) == register.code(i))
        );
        // the number of a person is not in the register, and does not travel
        assert!(!String::from_utf8_lossy(&bytes).contains("433101195202290008"));
    }
}

#[test]
fn what_was_damaged_or_is_of_another_version_is_refused() {
    let rules = Rules::shipped("national").unwrap();
    let bytes =
        to_bytes(&read("统一社会信用代码,年度,结论\n51433101MJK000006K,2023,合格\n".as_bytes()), &rules)
            .unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    let told = |text: &str| from_bytes(text.as_bytes()).err().map(|e| e.to_string()).unwrap_or_default();
    let other = text.replacen(env!("CARGO_PKG_VERSION"), "0.0.9", 1);
    assert!(
        told(&other).contains("minsuan 0.0.9 handed on") && told(&other).contains("read again"),
        "{}",
        told(&other)
    );
    for cut in [0, 1, bytes.len() / 2, bytes.len() - 1] {
        assert!(told(text.get(..cut).unwrap_or_default()).contains("damaged"), "{cut}");
    }
    let wrong = text.replacen("\"years\":[2023]", "\"years\":[2023,2024]", 1);
    assert!(wrong != text && told(&wrong).contains("damaged"), "{}", told(&wrong));
    let wrong = text.replacen("\"first\":0", "\"first\":9", 1);
    assert!(wrong != text && told(&wrong).contains("damaged"), "{}", told(&wrong));
}
