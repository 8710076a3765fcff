//! The inspection of one year by type: counts, rates with intervals and both denominators.

use super::dates;
use super::kinds::{Conclusion, Kind};
use super::register::Register;
use super::statistics::{Interval, share_interval};
use super::streak::{check_year, late, synthetic_mark};
use super::suppress::Additive;
use crate::error::Result;
use crate::tables::Table;

/// Counts of one type in one year.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Standing in the register on 31 December.
    pub registered: u64,
    /// By conclusion, in the order of [`Conclusion::ALL`]; a late registration that is absent or without a record is
    /// exempt.
    pub conclusions: [u64; 5],
    /// Without a record, and obliged.
    pub missing: u64,
}

impl Counts {
    pub fn exempt(&self) -> u64 {
        self.conclusions[Conclusion::Exempt as usize]
    }
    /// registered − exempt
    pub fn obliged(&self) -> u64 {
        self.registered - self.exempt()
    }
    /// With a conclusion: qualified, basically qualified or unqualified.
    pub fn inspected(&self) -> u64 {
        self.conclusions[..3].iter().sum()
    }
    fn add(&mut self, other: &Self) {
        self.registered += other.registered;
        self.missing += other.missing;
        for (a, b) in self.conclusions.iter_mut().zip(other.conclusions) {
            *a += b;
        }
    }
}

/// Counts by type, in the order of [`Kind::ALL`].
///
/// Whoever stands in the register on 31 December is counted once, by its conclusion of the year.
pub fn count(register: &Register, year: i32, exempt_months: u32) -> [Counts; 4] {
    let mut counts = [Counts::default(); 4];
    for (i, o) in register.organizations().iter().enumerate() {
        if !register.stands(i, year) {
            continue;
        }
        let into = &mut counts[o.kind as usize];
        into.registered += 1;
        let conclusion = match register.conclusion(i, year) {
            Some(Conclusion::Absent) | None if late(register, i, year, exempt_months) => {
                Some(Conclusion::Exempt)
            }
            other => other,
        };
        match conclusion {
            Some(c) => into.conclusions[c as usize] += 1,
            None => into.missing += 1,
        }
    }
    counts
}

/// The table of a year: one row a type that the register knows, and a row `total`.
///
/// # Errors
/// `Error::Data` where the register has no record of the year, or the level is not between 0 and 1.
pub fn annual_table(
    register: &Register,
    year: i32,
    exempt_months: u32,
    level: f64,
    interval: Interval,
) -> Result<Table> {
    check_year(register, year)?;
    let counts = count(register, year, exempt_months);
    let present = |k: Kind| register.organizations().iter().any(|o| o.kind == k);
    let mut rows: Vec<(&str, &str, Counts)> = Kind::ALL
        .into_iter()
        .filter(|k| present(*k))
        .map(|k| (k.name(), k.label(), counts[k as usize]))
        .collect();
    let mut total = Counts::default();
    for (.., c) in &rows {
        total.add(c);
    }
    rows.push(("total", "合计", total));
    rates_table(register, year, &rows, level, interval)
}

fn rates_table(
    register: &Register,
    year: i32,
    rows: &[(&str, &str, Counts)],
    level: f64,
    interval: Interval,
) -> Result<Table> {
    let total = rows.last().map_or_else(Counts::default, |r| r.2);
    let closed_in_year = register
        .organizations()
        .iter()
        .filter(|o| o.closed().is_some_and(|d| dates::year_of(d) == year))
        .count();
    let mut builder = Table::builder(format!("{year}年度社会组织年检情况{}", synthetic_mark(register)))
        .note("登记数为12月31日在册数；应检＝登记－免检；参检＝合格＋基本合格＋不合格。")
        .note("参检率＝参检÷应检；合格率分别以参检数和应检数为分母，分子为合格，不含基本合格。")
        .note(format!("区间为{}%的{}区间。", level * 100.0, interval.name()));
    if total.missing > 0 {
        builder = builder
            .note(format!("有{}个应检组织当年无年检记录：计入应检，不计入参检和未参检。", total.missing));
    }
    if closed_in_year > 0 {
        builder = builder.note(format!("当年注销或撤销的{closed_in_year}个组织不在年末登记数内。"));
    }
    let undated = register.organizations().iter().filter(|o| o.undated && o.closed().is_none()).count();
    if undated > 0 {
        builder = builder.note(format!(
            "有{undated}个组织写明已注销或撤销而日期不明：计至最后一个有年检记录的年度，其后不在登记数内。"
        ));
    }
    if let Some(file) = register.file() {
        builder = builder.note(format!("来源：{file}"));
    }
    let int = |f: &dyn Fn(&Counts) -> u64| rows.iter().map(|r| f(&r.2) as i64).collect::<Vec<_>>();
    let conclusion = |c: Conclusion| int(&move |r: &Counts| r.conclusions[c as usize]);
    builder = builder
        .text("type", "类型", rows.iter().map(|r| r.0))
        .text("label", "名称", rows.iter().map(|r| r.1))
        .int("registered", "登记数", "个", int(&|r| r.registered))
        .int("obliged", "应检数", "个", int(&Counts::obliged))
        .int("inspected", "参检数", "个", int(&Counts::inspected))
        .int("qualified", "合格", "个", conclusion(Conclusion::Qualified))
        .int("basically_qualified", "基本合格", "个", conclusion(Conclusion::BasicallyQualified))
        .int("unqualified", "不合格", "个", conclusion(Conclusion::Unqualified))
        .int("absent", "未参检", "个", conclusion(Conclusion::Absent))
        .int("exempt", "免检", "个", conclusion(Conclusion::Exempt));
    type Share = (&'static str, &'static str, fn(&Counts) -> (u64, u64));
    let shares: [Share; 3] = [
        ("inspected_rate", "参检率", |c| (c.inspected(), c.obliged())),
        ("qualified_rate_inspected", "合格率（参检）", |c| (c.conclusions[0], c.inspected())),
        ("qualified_rate_obliged", "合格率（应检）", |c| (c.conclusions[0], c.obliged())),
    ];
    for (name, label, parts) in shares {
        let rates = rows.iter().map(|r| parts(&r.2)).map(|(k, n)| (n > 0).then(|| k as f64 / n as f64));
        builder = builder.opt_float(name, label, "", rates.collect::<Vec<_>>());
    }
    for (name, label, parts) in shares {
        let mut bounds = Vec::new();
        for row in rows {
            let (k, n) = parts(&row.2);
            bounds.push(share_interval(k, n, level, interval)?);
        }
        builder = builder
            .opt_float(
                &format!("{name}_low"),
                &format!("{label}下限"),
                "",
                bounds.iter().map(|b| b.map(|b| b.0)),
            )
            .opt_float(
                &format!("{name}_high"),
                &format!("{label}上限"),
                "",
                bounds.iter().map(|b| b.map(|b| b.1)),
            );
    }
    builder.build()
}

/// The table of a year for publication: counts from 1 to `threshold` − 1 are left out, with others so that nobody can
/// reckon them back from the margins, and the rates that would tell them.
///
/// # Errors
/// As [`annual_table`] and [`super::suppress::Additive::suppress`].
pub fn publication_table(
    register: &Register,
    year: i32,
    exempt_months: u32,
    threshold: u64,
) -> Result<Table> {
    check_year(register, year)?;
    let counts = count(register, year, exempt_months);
    let kinds: Vec<Kind> =
        Kind::ALL.into_iter().filter(|k| register.organizations().iter().any(|o| o.kind == *k)).collect();
    let inner = |c: &Counts| -> Vec<u64> { c.conclusions.iter().copied().chain([c.missing]).collect() };
    // Inner columns: the five conclusions and those without a record, who are published only within the margins.
    let additive = Additive {
        cells: kinds.iter().map(|k| inner(&counts[*k as usize])).collect(),
        margins: vec![vec![0, 1, 2, 3, 4, 5], vec![0, 1, 2, 3, 5], vec![0, 1, 2]],
        unpublished: vec![5],
    };
    let mask = additive.suppress(threshold)?;
    let rows = 0..=kinds.len();
    let column = |c: usize| -> Vec<Option<i64>> {
        rows.clone().map(|r| (!mask[r][c]).then(|| additive.value(r, c) as i64)).collect()
    };
    let shown = |c: usize| !additive.unpublished.contains(&c);
    let suppressed =
        mask.iter().flat_map(|row| row.iter().enumerate()).filter(|(c, m)| **m && shown(*c)).count();
    let missing: u64 = kinds.iter().map(|k| counts[*k as usize].missing).sum();
    let mut builder =
        Table::builder(format!("{year}年度社会组织年检情况（发布稿）{}", synthetic_mark(register)))
            .note(format!(
                "小于{threshold}（不含0）的数字，以及为防止倒推而一并隐去的数字，共{suppressed}格，未予列出。"
            ))
            .note("登记数为12月31日在册数；应检＝登记－免检；参检＝合格＋基本合格＋不合格。");
    if missing > 0 {
        builder = builder.note("有应检组织当年无年检记录：计入应检，不计入参检和未参检。");
    }
    builder = builder.text("type", "类型", kinds.iter().map(|k| k.name()).chain(["total"])).text(
        "label",
        "名称",
        kinds.iter().map(|k| k.label()).chain(["合计"]),
    );
    const COLUMNS: [(&str, &str, usize); 8] = [
        ("registered", "登记数", 6),
        ("obliged", "应检数", 7),
        ("inspected", "参检数", 8),
        ("qualified", "合格", 0),
        ("basically_qualified", "基本合格", 1),
        ("unqualified", "不合格", 2),
        ("absent", "未参检", 3),
        ("exempt", "免检", 4),
    ];
    for (name, label, c) in COLUMNS {
        builder = builder.opt_int(name, label, "个", column(c));
    }
    for (name, label, k, n) in [
        ("inspected_rate", "参检率", 8, 7),
        ("qualified_rate_inspected", "合格率（参检）", 0, 8),
        ("qualified_rate_obliged", "合格率（应检）", 0, 7),
    ] {
        let rates = column(k).into_iter().zip(column(n)).map(|pair| match pair {
            (Some(k), Some(n)) if n > 0 => Some(k as f64 / n as f64),
            _ => None,
        });
        builder = builder.opt_float(name, label, "", rates.collect::<Vec<_>>());
    }
    builder.build()
}
