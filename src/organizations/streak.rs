//! Streaks: who meets a rule for rectification or revocation, by which years. Advice with its reasons, never a decision.

use super::dates;
use super::kinds::{Conclusion, Kind};
use super::register::{Organization, Register};
use super::rules::{Rule, Rules};
use crate::error::{Error, Problem, Result};
use crate::tables::Table;

/// What an absent year (未参检) does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Absent {
    /// It counts as an unqualified one, unless the rule itself counts absences apart.
    #[default]
    Counts,
    /// It counts in a row of absences alone.
    Separate,
    /// It neither counts nor ends the streak.
    Pauses,
    /// It ends the streak.
    Ends,
}

/// What a year with another record, or without one, does to a streak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    Counts,
    Pauses,
    Ends,
}

/// Who is left out because it is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Closed {
    /// Whoever has a day of revocation or deregistration in the register.
    #[default]
    Excluded,
    /// Only who was closed by the end of the year asked for: a look back.
    ByYearEnd,
}

/// Every treatment of a streak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Treatment {
    pub absent: Absent,
    /// 基本合格
    pub basically_qualified: Effect,
    /// 免检, and the year of a late registration where `late` says so.
    pub exempt: Effect,
    /// A year without a record.
    pub missing: Effect,
    /// Registered less than six months before the year's end: exempt, whatever the register says of that year.
    pub late_exempt: bool,
    pub closed: Closed,
}

impl Default for Treatment {
    fn default() -> Self {
        Self {
            absent: Absent::Counts,
            basically_qualified: Effect::Ends,
            exempt: Effect::Pauses,
            missing: Effect::Ends,
            late_exempt: true,
            closed: Closed::Excluded,
        }
    }
}

/// One organization that meets a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due<'a> {
    pub organization: usize,
    pub rule: &'a Rule,
    /// The years that count, ascending.
    pub years: Vec<i32>,
}

/// Whether an organization was registered less than `months` months before 31 December of a year.
pub(super) fn late(register: &Register, i: usize, year: i32, months: u32) -> bool {
    let Some(day) = register.organizations().get(i).and_then(|o| o.registered()) else { return false };
    if months == 0 || day > dates::year_end(year) {
        return false;
    }
    // Less than six months before 31 December: after 30 June.
    let limit = chrono::NaiveDate::from_ymd_opt(year, 12, 31)
        .and_then(|d| d.checked_sub_months(chrono::Months::new(months)))
        .map_or(i32::MAX, dates::days);
    day > limit
}

/// The years that count for a rule, ascending, up to `year`.
///
/// A walk back from `year`: what counts is taken, what pauses is passed, what ends stops it. Years before registration do
/// not exist; nor do years before the first of the register.
pub fn streak(
    register: &Register,
    i: usize,
    year: i32,
    rule: &Rule,
    months: u32,
    treatment: &Treatment,
) -> Vec<i32> {
    let Some(o) = register.organizations().get(i) else { return Vec::new() };
    let Some((first, _)) = register.span() else { return Vec::new() };
    let start = o.registered().map_or(first, |d| dates::year_of(d).max(first)).max(i32::from(o.since));
    let last_open = o.closed().map_or(i32::MAX, dates::year_of);
    let absent = if rule.absent_separate && treatment.absent == Absent::Counts {
        Absent::Separate
    } else {
        treatment.absent
    };
    let mut years = Vec::new();
    // With absences counted apart, the first year met says which row it is.
    let mut row_of_absences = None;
    let mut y = year;
    let mut looked_at = 0;
    while y >= start && rule.within.is_none_or(|w| looked_at < w) {
        let exempt = treatment.late_exempt && late(register, i, y, months);
        let recorded = if y > last_open { None } else { register.conclusion(i, y) };
        let effect = match recorded {
            _ if exempt => treatment.exempt,
            None => treatment.missing,
            Some(Conclusion::Exempt) => treatment.exempt,
            Some(Conclusion::Absent) => match absent {
                Absent::Counts => Effect::Counts,
                Absent::Pauses => Effect::Pauses,
                Absent::Ends => Effect::Ends,
                Absent::Separate if row_of_absences == Some(false) => Effect::Ends,
                Absent::Separate => {
                    row_of_absences = Some(true);
                    Effect::Counts
                }
            },
            Some(c) if rule.counts.contains(&c) => {
                if absent == Absent::Separate && row_of_absences == Some(true) {
                    Effect::Ends
                } else {
                    row_of_absences = Some(false);
                    Effect::Counts
                }
            }
            Some(Conclusion::BasicallyQualified) => treatment.basically_qualified,
            Some(Conclusion::Qualified | Conclusion::Unqualified) => Effect::Ends,
        };
        match effect {
            Effect::Counts => years.push(y),
            Effect::Pauses => {}
            // Where years are counted within a span, no year ends it.
            Effect::Ends if rule.within.is_none() => break,
            Effect::Ends => {}
        }
        looked_at += u32::from(effect != Effect::Pauses);
        y -= 1;
    }
    years.reverse();
    years
}

/// Everyone who meets a rule in a year, each with the gravest rule it meets, in the order of the register.
///
/// # Errors
/// `Error::Data` where the register has no record in or before the year.
pub fn due<'a>(
    register: &Register,
    year: i32,
    rules: &'a Rules,
    treatment: &Treatment,
) -> Result<Vec<Due<'a>>> {
    let on = check_year(register, year)?;
    let by_kind: Vec<Vec<&Rule>> = Kind::ALL.into_iter().map(|k| rules.in_force(k, on)).collect();
    let mut found = Vec::new();
    for (i, o) in register.organizations().iter().enumerate() {
        let gone = match treatment.closed {
            Closed::Excluded => o.closed().is_some(),
            Closed::ByYearEnd => o.closed().is_some_and(|d| d <= dates::year_end(year)),
        };
        // Closed on an unknown day, or succeeded by another name: not due, and told in the notes.
        let gone = gone || is_undated(o) || year > i32::from(o.until);
        let of_kind = &by_kind[o.kind as usize];
        if gone || of_kind.is_empty() {
            continue;
        }
        for rule in of_kind {
            let years = streak(register, i, year, rule, rules.exempt_months, treatment);
            if years.len() >= rule.years as usize {
                found.push(Due { organization: i, rule, years });
                break;
            }
        }
    }
    Ok(found)
}

/// Closed, on a day that nobody can tell.
fn is_undated(o: &Organization) -> bool {
    o.undated && o.closed().is_none()
}

/// 31 December of a year that the register can be asked about.
pub(super) fn check_year(register: &Register, year: i32) -> Result<chrono::NaiveDate> {
    let span = register.span();
    let day = chrono::NaiveDate::from_ymd_opt(year, 12, 31);
    match (span, day) {
        (Some((first, last)), Some(day)) if (first..=last).contains(&year) => Ok(day),
        _ => {
            let mut problem = Problem::new("no records of this year").column("year").value(year).expected(
                span.map_or_else(
                    || "a register with conclusions".to_owned(),
                    |(f, l)| format!("a year from {f} to {l}"),
                ),
            );
            problem.file = register.file().map(str::to_owned);
            Err(Error::data(problem))
        }
    }
}

/// The table of `due`: code, name, type, action, years, rule, article, reason.
///
/// # Errors
/// As [`due`].
pub fn due_table(register: &Register, year: i32, rules: &Rules, treatment: &Treatment) -> Result<Table> {
    let on = check_year(register, year)?;
    let found = due(register, year, rules, treatment)?;
    let mut builder = Table::builder(format!(
        "{year}年度拟予限期整改、撤销登记名单{}",
        synthetic_mark(register)
    ))
    .note("本表为依据登记册和规则得出的建议，不是行政决定；作出决定前应逐一核实并依法履行告知、听证等程序。")
    .note(format!("规则：{}（{}）", rules.label, rules.source))
    .note(treatment.sentence());
    for kind in [Kind::Association, Kind::Foundation, Kind::ServiceOrganization] {
        if register.organizations().iter().any(|o| o.kind == kind) {
            for notice in rules.notices(kind, on) {
                builder = builder.note(notice);
            }
        }
    }
    for note in left_out(register, rules, on) {
        builder = builder.note(note);
    }
    let mut years = arrow_array::builder::ListBuilder::new(arrow_array::builder::Int64Builder::new());
    for d in &found {
        for y in &d.years {
            years.values().append_value(i64::from(*y));
        }
        years.append(true);
    }
    let each = || found.iter();
    builder
        .text("code", "统一社会信用代码", each().map(|d| register.code(d.organization)))
        .text("name", "名称", each().map(|d| register.name(d.organization)))
        .text("type", "类型", each().map(|d| register.organizations()[d.organization].kind.name()))
        .text("action", "建议", each().map(|d| d.rule.action.name()))
        .array("years", "计入年度", "", std::sync::Arc::new(years.finish()))
        .text("rule", "规则", each().map(|d| d.rule.id.as_str()))
        .text("article", "依据", each().map(|d| d.rule.article.as_str()))
        .text("reason", "理由", each().map(|d| reason(register, d)))
        .build()
}

/// Who is not asked about, and why: closed on an unknown day, of no known type, of a type without a rule.
fn left_out(register: &Register, rules: &Rules, on: chrono::NaiveDate) -> Vec<String> {
    let mut notes = Vec::new();
    let called = |i: usize| match register.name(i) {
        "" => register.code(i).to_owned(),
        name => name.to_owned(),
    };
    let undated: Vec<usize> =
        (0..register.len()).filter(|i| is_undated(&register.organizations()[*i])).collect();
    if !undated.is_empty() {
        let names: Vec<String> = undated.iter().take(10).map(|i| called(*i)).collect();
        let more = if undated.len() > names.len() { "等" } else { "" };
        notes.push(format!(
            "有{}个组织写明已注销或撤销而日期不明，未列入，请先核实：{}{more}。",
            undated.len(),
            names.join("、")
        ));
    }
    for kind in Kind::ALL {
        let count = register.organizations().iter().filter(|o| o.kind == kind).count();
        if count == 0 || !rules.in_force(kind, on).is_empty() {
            continue;
        }
        notes.push(if kind == Kind::Unknown {
            format!("有{count}个组织类型不明，无从适用规则，未列入；请补填类型或更正代码。")
        } else {
            format!("“{}”没有适用于{}（{count}个）的规则，未列入。", rules.label, kind.label())
        });
    }
    notes
}

/// Added to the title of every table that comes from a synthetic register.
pub(super) fn synthetic_mark(register: &Register) -> &'static str {
    if register.is_synthetic() { "（合成数据）" } else { "" }
}

fn reason(register: &Register, due: &Due<'_>) -> String {
    let words: Vec<String> = due
        .years
        .iter()
        .map(|y| {
            format!("{y}年{}", register.conclusion(due.organization, *y).map_or("无记录", Conclusion::label))
        })
        .collect();
    let term = match (due.rule.within, due.rule.years) {
        (Some(within), n) => format!("“{within}年内有{n}年”的"),
        (None, 1) => String::new(),
        (None, n) => format!("“连续{n}年”的"),
    };
    let absent = |y: &i32| register.conclusion(due.organization, *y) == Some(Conclusion::Absent);
    let stands_for = if due.years.iter().any(absent) && !due.rule.absent_separate {
        "（未参检计入连续年数）"
    } else {
        ""
    };
    format!("{}{stands_for}，符合{term}{}条件，建议核实后处理", words.join("、"), due.rule.action.label())
}

impl Treatment {
    /// The treatments in words, for the footnote.
    pub fn sentence(&self) -> String {
        let effect = |e: Effect| match e {
            Effect::Counts => "计入",
            Effect::Pauses => "不计入也不中断",
            Effect::Ends => "中断",
        };
        let absent = match self.absent {
            Absent::Counts => "视同不合格",
            Absent::Separate => "单独连续计算",
            Absent::Pauses => "不计入也不中断",
            Absent::Ends => "中断",
        };
        let late = if self.late_exempt { "按免检处理" } else { "按所填结论处理" };
        let closed = match self.closed {
            Closed::Excluded => "登记册中已注销、已撤销的不列入",
            Closed::ByYearEnd => "当年年底前已注销、已撤销的不列入",
        };
        format!(
            "连续年数的计算：未参检{absent}，基本合格{}，免检{}，无记录年度{}，登记不足六个月的年度{late}，登记前的年度不存在，以统一社会信用代码识别组织（更名不影响）；{closed}。",
            effect(self.basically_qualified),
            effect(self.exempt),
            effect(self.missing),
        )
    }
}
