//! A synthetic register of Jishou: 212 organizations at the end of 2020, 71 associations and 141 service organizations, as
//! the plan counts them. Nothing in it is real, and every table and file name says so.

use std::path::{Path, PathBuf};

use chrono::{Datelike, Days, NaiveDate};

use super::codes::{check_character, organization_check};
use super::kinds::{Conclusion, Kind};
use crate::draws::{Key, Stream};
use crate::error::{Error, Problem, Result};
use crate::tables::Table;

/// Associations and service organizations at the end of 2020 (吉民发〔2021〕47号, line 97).
pub const ASSOCIATIONS: usize = 71;
pub const SERVICE_ORGANIZATIONS: usize = 141;
const BASE_YEAR: i32 = 2020;

/// Chances of the next conclusion by the one before, in the order of [`Conclusion::ALL`] without exempt. Invented.
const NEXT: [[f64; 4]; 4] = [
    [0.90, 0.06, 0.015, 0.025],
    [0.62, 0.26, 0.07, 0.05],
    [0.30, 0.28, 0.30, 0.12],
    [0.25, 0.10, 0.15, 0.50],
];

struct Row {
    code: String,
    name: String,
    kind: Kind,
    registered: NaiveDate,
    year: i32,
    conclusion: Conclusion,
    deregistered: Option<NaiveDate>,
    revoked: Option<NaiveDate>,
}

/// A code with right check characters whose organization code begins with MJK9 and a number.
fn code(kind: Kind, number: usize) -> Option<String> {
    let body = format!("MJK9{number:04}");
    let prefix = if kind == Kind::Association { "51" } else { "52" };
    let most = format!("{prefix}433101{body}{}", organization_check(body.as_bytes())?);
    let check = check_character(most.as_bytes())?;
    Some(format!("{most}{check}"))
}

fn between(stream: &mut Stream, from: NaiveDate, to: NaiveDate) -> NaiveDate {
    let days = (to - from).num_days().max(0) as f64 + 1.0;
    from.checked_add_days(Days::new((stream.uniform() * days) as u64)).unwrap_or(from)
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

fn pick(stream: &mut Stream, chances: &[f64; 4]) -> Conclusion {
    let mut u = stream.uniform();
    for (chance, conclusion) in chances.iter().zip(Conclusion::ALL) {
        if u < *chance {
            return conclusion;
        }
        u -= chance;
    }
    Conclusion::Qualified
}

/// When an organization of the register came, and how long it is bound to stay.
enum Role {
    /// Stood at the end of 2020.
    Base,
    /// Closed before the end of 2020.
    Former,
    /// Registered in a year after 2020.
    New(i32),
}

fn organization(
    seed: u64,
    number: usize,
    kind: Kind,
    role: &Role,
    span: (i32, i32),
    rows: &mut Vec<Row>,
) -> Option<()> {
    let mut stream = Key::new(seed, "inspection.synthetic", kind.name()).stream(number as u64);
    let s = &mut stream;
    let (first, last) = span;
    let registered = match role {
        Role::Base => between(s, day(1996, 1, 1), day(BASE_YEAR, 11, 30)),
        Role::Former => between(s, day(1996, 1, 1), day(first.min(BASE_YEAR - 1) - 1, 12, 31)),
        Role::New(year) => between(s, day(*year, 1, 1), day(*year, 12, 31)),
    };
    let code = code(kind, number)?;
    let word = ["示例", "演示", "试验", "样本"][number % 4];
    let ending = if kind == Kind::Association { "协会" } else { "服务中心" };
    let mut name = format!("（合成）吉首市{word}{ending}{number:03}号");
    let renamed = (s.uniform() < 0.03).then(|| first + (s.uniform() * f64::from(last - first + 1)) as i32);
    let needed = if kind == Kind::Association { 3 } else { 2 };
    let leaves = match role {
        Role::Former => Some(first + (s.uniform() * f64::from((BASE_YEAR - first).max(1))) as i32),
        _ => None,
    };
    let (mut deregistered, mut revoked) = (None, None);
    let mut before: Option<Conclusion> = None;
    let mut streak = 0;
    let start = rows.len();
    for year in registered.year().max(first)..=last {
        if renamed == Some(year) {
            name = name.replace(word, "新名");
        }
        // A closing during the year: no conclusion for it.
        let may_close = matches!(role, Role::Former) || year > BASE_YEAR;
        if may_close && streak >= needed && s.uniform() < 0.7 {
            revoked = Some(between(s, day(year, 7, 1), day(year, 12, 20)));
            break;
        }
        if leaves == Some(year)
            || (may_close && leaves.is_none() && year > registered.year() && s.uniform() < 0.02)
        {
            deregistered = Some(between(s, day(year, 3, 1), day(year, 12, 20)));
            break;
        }
        let late = year == registered.year() && registered.month() >= 7;
        let conclusion = match before {
            _ if late => Conclusion::Exempt,
            None | Some(Conclusion::Exempt) => pick(s, &NEXT[0]),
            Some(c) => pick(s, &NEXT[c as usize]),
        };
        match conclusion {
            Conclusion::Unqualified | Conclusion::Absent => streak += 1,
            Conclusion::Exempt => {}
            Conclusion::Qualified | Conclusion::BasicallyQualified => streak = 0,
        }
        before = Some(conclusion);
        rows.push(Row {
            code: code.clone(),
            name: name.clone(),
            kind,
            registered,
            year,
            conclusion,
            deregistered: None,
            revoked: None,
        });
    }
    for row in &mut rows[start..] {
        (row.deregistered, row.revoked) = (deregistered, revoked);
    }
    Some(())
}

/// The synthetic register, one row an organization and year, with a column 合成 that says so in every row.
///
/// # Errors
/// `Error::Data` for a span that does not hold 2020 or is longer than 60 years.
pub fn synthetic_table(seed: u64, first: i32, last: i32) -> Result<Table> {
    if !(2000..=BASE_YEAR).contains(&first) || !(BASE_YEAR..=first + 60).contains(&last) {
        let problem =
            Problem::new("not a span of the synthetic register").value(format!("{first} to {last}"));
        return Err(Error::data(problem.expected("from 2000 to 2020, to 2020 or later")));
    }
    let mut rows = Vec::new();
    let mut number = 0;
    for (kind, base) in
        [(Kind::Association, ASSOCIATIONS), (Kind::ServiceOrganization, SERVICE_ORGANIZATIONS)]
    {
        let former = if first < BASE_YEAR { base / 18 } else { 0 };
        let new = |year: i32| (Role::New(year), base / 30);
        let roles =
            [(Role::Base, base), (Role::Former, former)].into_iter().chain((BASE_YEAR + 1..=last).map(new));
        for (role, count) in roles {
            for _ in 0..count {
                number += 1;
                organization(seed, number, kind, &role, (first, last), &mut rows)
                    .ok_or_else(|| Error::model(Problem::new("no code could be made").value(number)))?;
            }
        }
    }
    let date = |d: &Option<NaiveDate>| d.map(|d| d.to_string());
    Table::builder("吉首市社会组织年检登记册（合成数据，非真实记录）")
        .note("合成数据：由程序按种子生成，名称、代码、日期、结论均为虚构，不得用于任何实际工作。")
        .note(format!(
            "种子{seed}；2020年末212个组织，其中社会团体71个、民办非企业单位141个，与规划第97行一致。"
        ))
        .text("统一社会信用代码", "统一社会信用代码", rows.iter().map(|r| r.code.as_str()))
        .text("名称", "名称", rows.iter().map(|r| r.name.as_str()))
        .text(
            "类型",
            "类型",
            rows.iter()
                .map(|r| if r.kind == Kind::Association { "社会团体" } else { "民办非企业单位" }),
        )
        .text("登记日期", "登记日期", rows.iter().map(|r| r.registered.to_string()))
        .int("年度", "年度", "", rows.iter().map(|r| i64::from(r.year)))
        .text("结论", "结论", rows.iter().map(|r| r.conclusion.label()))
        .opt_text("注销日期", "注销日期", rows.iter().map(|r| date(&r.deregistered)))
        .opt_text("撤销日期", "撤销日期", rows.iter().map(|r| date(&r.revoked)))
        .text("合成", "合成", rows.iter().map(|_| "是"))
        .build()
}

/// Writes the synthetic register into a folder, as `jishou_register_synthetic_seed0.csv`, and says where.
///
/// # Errors
/// As [`synthetic_table`], and where the file cannot be written.
pub fn write_synthetic(folder: &Path, seed: u64, first: i32, last: i32) -> Result<PathBuf> {
    let path = folder.join(format!("jishou_register_synthetic_seed{seed}.csv"));
    let table = synthetic_table(seed, first, last)?;
    crate::tables::csv::write(&table, &path, "utf-8-sig", crate::tables::csv::Header::Names)?;
    Ok(path)
}
