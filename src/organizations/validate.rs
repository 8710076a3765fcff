//! Checks over whole histories, once all rows are read: duplicates, impossible years, gaps, one name under two codes.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use super::dates;
use super::kinds::Conclusion;
use super::problems::Finding;
use super::read::{Conflict, Record};
use super::register::{NO_DAY, Register};
use crate::error::Problem;

/// How the columns are called in the source.
pub struct Headers {
    pub year: String,
    pub conclusion: String,
    pub name: String,
    pub registered: String,
    pub closed: String,
    pub wide: Vec<(i16, String)>,
}

impl Headers {
    fn of(&self, year: i16) -> String {
        match self.wide.iter().find(|(y, _)| *y == year) {
            Some((_, header)) => header.clone(),
            None if self.conclusion.is_empty() => self.year.clone(),
            None => self.conclusion.clone(),
        }
    }
    fn gap(&self, year: i16) -> String {
        match self.wide.iter().find(|(y, _)| *y == year) {
            Some((_, header)) => header.clone(),
            None => self.year.clone(),
        }
    }
}

/// Sorts the records into the register, one an organization and year, and lists what does not fit.
pub fn settle(register: &mut Register, mut records: Vec<Record>, conflict: Conflict, headers: &Headers) {
    let place = |r: &Record| (r.organization, r.year, r.row);
    if !records.is_sorted_by_key(place) {
        records.sort_unstable_by_key(place);
    }
    doubtful_years(register, &mut records, headers);
    register.span = records.iter().fold(None, |span: Option<(i32, i32)>, record| {
        let year = i32::from(record.year);
        Some(span.map_or((year, year), |(low, high)| (low.min(year), high.max(year))))
    });
    impossible_dates(register, headers);
    register.years.reserve_exact(records.len());
    register.conclusions.reserve_exact(records.len());
    let mut at = 0;
    for organization in 0..register.organizations.len() {
        register.organizations[organization].first = register.years.len() as u32;
        while let Some(record) = records.get(at).filter(|r| r.organization as usize == organization) {
            let year = record.year;
            let mut chosen = *record;
            at += 1;
            while let Some(other) =
                records.get(at).filter(|r| r.organization as usize == organization && r.year == year)
            {
                collision(register, &mut chosen, other, conflict, headers);
                at += 1;
            }
            register.years.push(year);
            register.conclusions.push(chosen.conclusion);
            impossible(register, organization, &chosen, headers);
        }
    }
    drop(records);
    // Who was closed on an unknown day stands to its last record and no longer.
    for i in 0..register.organizations.len() {
        if register.organizations[i].undated && register.organizations[i].closed().is_none() {
            let last = register.first_last(i).and_then(|(_, last)| i16::try_from(last).ok());
            let o = &mut register.organizations[i];
            o.until = o.until.min(last.unwrap_or(i16::MIN));
        }
    }
    gaps(register, headers);
    same_names(register, headers);
}

/// This year, by the clock: what lies beyond it has not been inspected.
fn this_year() -> i32 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_secs());
    dates::year_of(i32::try_from(now / 86_400).unwrap_or(0))
}

/// Leaves out the records of years that stand apart from all others and that hardly any organization has, or that are
/// still to come: one mistyped year must not stretch the register over years that nobody reported.
fn doubtful_years(register: &mut Register, records: &mut Vec<Record>, headers: &Headers) {
    let mut by_year = vec![0usize; 1 << 16];
    for record in records.iter() {
        by_year[usize::from(record.year.cast_unsigned())] += 1;
    }
    let counts: std::collections::BTreeMap<i32, usize> = by_year
        .into_iter()
        .zip(0u16..=u16::MAX)
        .filter(|(n, _)| *n > 0)
        .map(|(n, year)| (i32::from(year.cast_signed()), n))
        .collect();
    let now = this_year();
    let mut doubtful = Vec::new();
    for from_the_end in [true, false] {
        loop {
            let mut left: Vec<(i32, usize)> =
                counts.iter().map(|(y, n)| (*y, *n)).filter(|(y, _)| !doubtful.contains(y)).collect();
            if from_the_end {
                left.reverse();
            }
            let &[(year, n), (next, _), ..] = left.as_slice() else { break };
            let mut others: Vec<usize> = left[1..].iter().map(|(_, n)| *n).collect();
            others.sort_unstable();
            let typical = others[others.len() / 2];
            let apart = (year - next).abs() > 1;
            let thin = 20 * n <= typical;
            let to_come = year > now && (apart || 2 * n < typical);
            if to_come || (apart && thin) {
                doubtful.push(year);
            } else {
                break;
            }
        }
    }
    if doubtful.is_empty() {
        return;
    }
    records.retain(|record| {
        let year = i32::from(record.year);
        if !doubtful.contains(&year) {
            return true;
        }
        register.problems.add(Finding::YearDoubtful, || {
            let message = if year > now {
                format!("{year}年度尚未到来，疑为误填，该条结论未采用")
            } else {
                format!("{year}年度与其余年度不相连且仅有{}条记录，疑为误填，该条结论未采用", counts[&year])
            };
            let first = counts.keys().find(|y| !doubtful.contains(y)).copied().unwrap_or(year);
            let last = counts.keys().rev().find(|y| !doubtful.contains(y)).copied().unwrap_or(year);
            Problem::new(message)
                .row(record.row as usize)
                .column(headers.gap(record.year))
                .value(year)
                .expected(format!("{first}至{last}年度"))
        });
        false
    });
}

/// A registration that is still to come, a closing before it.
fn impossible_dates(register: &mut Register, headers: &Headers) {
    let end = dates::year_end(this_year().max(register.span.map_or(0, |s| s.1)));
    let date = |days: i32| dates::date(days).map_or_else(String::new, |d| d.to_string());
    for i in 0..register.organizations.len() {
        let o = register.organizations[i];
        if let Some(closed) = o.closed().filter(|day| *day > end) {
            register.problems.add(Finding::Date, || {
                Problem::new("注销或撤销日期尚未到来，按未终止处理")
                    .row(o.row as usize)
                    .column(headers.closed.clone())
                    .value(date(closed))
                    .expected("已过去的日期，未终止的留空")
            });
            let o = &mut register.organizations[i];
            (o.deregistered, o.revoked) = (NO_DAY, NO_DAY);
        }
        let o = register.organizations[i];
        let Some(registered) = o.registered() else { continue };
        if registered > end {
            register.problems.add(Finding::Date, || {
                Problem::new("登记日期尚未到来")
                    .row(o.row as usize)
                    .column(headers.registered.clone())
                    .value(date(registered))
                    .expected("已过去的日期")
            });
        }
        if let Some(closed) = o.closed().filter(|day| *day < registered) {
            register.problems.add(Finding::Undated, || {
                Problem::new(format!(
                    "注销或撤销日期早于登记日期（{}），视为已终止而日期不明",
                    date(registered)
                ))
                .row(o.row as usize)
                .column(headers.closed.clone())
                .value(date(closed))
                .expected("登记日期及以后的日期")
            });
            let o = &mut register.organizations[i];
            (o.deregistered, o.revoked, o.undated) = (NO_DAY, NO_DAY, true);
        }
    }
}

fn label(conclusion: u8) -> &'static str {
    Conclusion::from_index(conclusion).map_or("", Conclusion::label)
}

fn collision(
    register: &mut Register,
    chosen: &mut Record,
    other: &Record,
    conflict: Conflict,
    headers: &Headers,
) {
    let year = other.year;
    if chosen.conclusion == other.conclusion {
        let (first, row) = (chosen.row, other.row);
        register.problems.add(Finding::Duplicate, || {
            Problem::new(format!("{year}年度重复登记（与第{first}行相同），只计一次"))
                .row(row as usize)
                .column(headers.of(year))
                .value(label(other.conclusion))
                .expected("每个组织每年一条")
        });
        return;
    }
    let severity = |c: u8| [1, 2, 4, 3, 0].get(usize::from(c)).copied().unwrap_or(0);
    let kept = match conflict {
        Conflict::First => *chosen,
        Conflict::Last => *other,
        Conflict::Worst if severity(other.conclusion) > severity(chosen.conclusion) => *other,
        Conflict::Worst => *chosen,
    };
    let (first, row, before) = (chosen.row, other.row, label(chosen.conclusion));
    register.problems.add(Finding::TwoConclusions, || {
        Problem::new(format!(
            "{year}年度有两个结论（第{first}行为“{before}”），按“{}”计",
            label(kept.conclusion)
        ))
        .row(row as usize)
        .column(headers.of(year))
        .value(label(other.conclusion))
        .expected("每个组织每年一个结论")
    });
    *chosen = kept;
}

/// A conclusion before registration, after closing, or in a year in which the organization is exempt.
fn impossible(register: &mut Register, organization: usize, record: &Record, headers: &Headers) {
    let o = register.organizations[organization];
    let year = i32::from(record.year);
    let word = label(record.conclusion);
    let date = |days: i32| dates::date(days).map_or_else(String::new, |d| d.to_string());
    if let Some(day) = o.registered()
        && day > dates::year_end(year)
    {
        register.problems.add(Finding::BeforeRegistration, || {
            Problem::new(format!("{year}年度结论早于登记日期（{}），不采用", date(day)))
                .row(record.row as usize)
                .column(headers.of(record.year))
                .value(word)
                .expected(format!("{}年度及以后", dates::year_of(day)))
        });
    }
    if let Some(day) = o.closed()
        && dates::year_of(day) < year
    {
        register.problems.add(Finding::AfterClosing, || {
            Problem::new(format!("{year}年度结论晚于注销或撤销日期（{}），不采用", date(day)))
                .row(record.row as usize)
                .column(headers.of(record.year))
                .value(word)
                .expected(format!("{}年度及以前", dates::year_of(day)))
        });
    }
    let inspected = record.conclusion < Conclusion::Absent as u8;
    if inspected && o.late_in(year) {
        register.problems.add(Finding::ExemptInspected, || {
            Problem::new(format!("{year}年登记不足六个月，不在应检之列，却有结论；统计照计，不计入连续年数"))
                .row(record.row as usize)
                .column(headers.of(record.year))
                .value(word)
                .expected("免检或空白")
        });
    }
}

/// Years in which an organization should have a record and has none.
fn gaps(register: &mut Register, headers: &Headers) {
    let Some((first, last)) = register.span else { return };
    for i in 0..register.organizations.len() {
        let o = register.organizations[i];
        let own = register.first_last(i);
        let from = match o.registered() {
            Some(day) => dates::year_of(day) + i32::from(o.late_in(dates::year_of(day))),
            None => own.map_or(first, |(f, _)| f),
        };
        let to = o.closed().map_or(last, |day| last.min(dates::year_of(day) - 1));
        let from = from.max(first).max(i32::from(o.since));
        let to = to.min(i32::from(o.until));
        // The usual case, without a look at each year: as many records as years, from the first to the last.
        if own == Some((from, to)) && register.range(i).len() as i32 == to - from + 1 {
            continue;
        }
        for year in from..=to {
            if register.conclusion(i, year).is_none() {
                let name = match register.name(i) {
                    "" => register.code(i).to_owned(),
                    name => name.to_owned(),
                };
                register.problems.add(Finding::Gap, || {
                    Problem::new(format!("{year}年度无年检记录（{name}）"))
                        .row(o.row as usize)
                        .column(headers.gap(year as i16))
                        .value(year)
                        .expected(format!("{from}至{to}年度每年一条"))
                });
            }
        }
    }
}

/// One name under two codes: a mistyped code or a second registration, either of which splits a history.
fn same_names(register: &mut Register, headers: &Headers) {
    let hasher = BuildHasherDefault::<DefaultHasher>::default();
    let mut names: Vec<(u64, u32)> = (0..register.organizations.len())
        .filter(|i| !register.name(*i).is_empty())
        .map(|i| (hasher.hash_one(register.name(i)), i as u32))
        .collect();
    names.sort_unstable();
    for pair in names.windows(2) {
        let &[(h1, a), (h2, b)] = pair else { continue };
        let (a, b) = (a as usize, b as usize);
        if h1 != h2 || register.name(a) != register.name(b) {
            continue;
        }
        let (row, other) = (register.organizations[b].row, register.organizations[a].row);
        let (name, code) = (register.name(b).to_owned(), register.code(a).to_owned());
        register.problems.add(Finding::SameName, || {
            Problem::new(format!("同一名称有两个代码（第{other}行为 {code}），年检记录可能因此分散"))
                .row(row as usize)
                .column(headers.name.clone())
                .value(name)
                .expected("一个组织一个代码")
        });
    }
}
