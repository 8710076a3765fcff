//! The periods of cumulative reports as people write them: 9, 9月, 1—9月累计, 前三季度, 上半年.

use super::cells;
use super::times;
use crate::error::{Error, Problem, Result};
use crate::figures::number::{BETWEEN, numeral};
use crate::tables::Input;

const EXPECTED: &str = "1 to 12 for months, 1 to 4 for quarters, 1—9月累计, 前三季度, 上半年 or 全年";

/// A report: year, period (from 1) and the figure cumulated since January, with the row it stands in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Report {
    pub year: i64,
    pub period: i64,
    pub value: f64,
    /// Row as the user counts.
    pub row: usize,
}

/// What a text says about a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    /// Digits alone: a month or a quarter, as the others say.
    Plain(i64),
    Month(i64),
    Quarter(i64),
    /// 上半年, 全年: so many months of a year.
    Until(i64),
}

/// Reads columns of a table; a period without a figure is a gap. What can't be read is told, all of it.
pub fn read_reports(input: &Input, year: &str, period: &str, value: &str) -> Result<Vec<Report>> {
    let mut problems = Vec::new();
    let years = years(input, year, &mut problems)?;
    let texts = input.table.texts_by_name(&input.find(&[period])?)?;
    let values = cells::numbers(input, value, &mut problems)?;
    let mut said = Vec::with_capacity(texts.len());
    for (i, text) in texts.iter().enumerate() {
        let read = text.as_deref().and_then(said_by);
        if read.is_none() {
            let problem = input.problem(i, period, if text.is_none() { "no period" } else { "not a period" });
            let problem = problem.expected(EXPECTED);
            problems.push(text.as_ref().map_or(problem.clone(), |t| problem.value(t)));
        }
        said.push(read);
    }
    let quarters = said.iter().flatten().any(|s| matches!(s, Said::Quarter(_)))
        && !said.iter().flatten().any(|s| matches!(s, Said::Month(_)) || matches!(s, Said::Plain(5..)));
    // 上半年 and 全年 alone are two halves, counted in quarters.
    let halves = said.iter().flatten().all(|s| matches!(s, Said::Until(_))) && !said.is_empty();
    let length = if quarters || halves { 3 } else { 1 };
    let most = 12 / length;
    let mut reports = Vec::new();
    for (i, of) in said.iter().enumerate() {
        let (Some(of), Some(year)) = (of, years[i]) else { continue };
        let at = match of {
            Said::Plain(n) | Said::Month(n) => *n,
            Said::Quarter(n) => n * 3 / length,
            Said::Until(months) => months / length,
        };
        if !(1..=most).contains(&at) {
            let shown = texts[i].as_deref().unwrap_or_default();
            problems.push(input.problem(i, period, "not a period").value(shown).expected(EXPECTED));
            continue;
        }
        if let Some(value) = values[i] {
            reports.push(Report { year, period: at, value, row: input.row(i) });
        }
    }
    let named = |p: Problem| match &input.file {
        Some(file) => p.file(file),
        None => p,
    };
    problems.extend(super::cumulative::check(&reports, period, value).into_iter().map(named));
    if problems.is_empty() { Ok(reports) } else { Err(Error::Data(problems)) }
}

/// Years, as numbers or as 2015年.
fn years(input: &Input, name: &str, problems: &mut Vec<Problem>) -> Result<Vec<Option<i64>>> {
    let texts = input.table.texts_by_name(&input.find(&[name])?)?;
    let years = texts.iter().enumerate().map(|(i, text)| {
        let year = text.as_deref().and_then(times::year);
        if year.is_none() {
            let blank = text.as_ref().is_none_or(|t| t.trim().is_empty());
            let problem = input.problem(i, name, if blank { "no year" } else { "not a year" });
            let problem = problem.expected("a whole number such as 2015, or 2015年");
            problems.push(text.as_ref().map_or(problem.clone(), |t| problem.value(t)));
        }
        year
    });
    Ok(years.collect())
}

/// `None` where the text is no period that begins with the year.
fn said_by(text: &str) -> Option<Said> {
    let narrow = |c: char| match c {
        '！'..='～' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        c => c,
    };
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).map(narrow).collect();
    if let Ok(n) = plain.parse::<f64>() {
        return (n.fract() == 0.0 && (1.0..=12.0).contains(&n)).then_some(Said::Plain(n as i64));
    }
    let body = plain.trim_end_matches(['计', '数']).trim_end_matches("累");
    match body {
        "上半年" => return Some(Said::Until(6)),
        "全年" | "年末" | "年底" => return Some(Said::Until(12)),
        _ => {}
    }
    let (body, months) = match ["季度", "季"].iter().find_map(|w| body.strip_suffix(w)) {
        Some(body) => (body, false),
        None => (["月份", "月末", "月底", "月"].iter().find_map(|w| body.strip_suffix(w))?, true),
    };
    let most = if months { 12 } else { 4 };
    let body = body.trim_end_matches('个');
    let last = match BETWEEN.iter().find_map(|w| body.split_once(w)) {
        // 3—9月 is not cumulated since January.
        Some((from, to)) => {
            let from = from.trim_end_matches(['月', '季']).trim_start_matches('第');
            (counted(from)? == 1).then(|| counted(to.trim_start_matches('第')))??
        }
        None => counted(body.trim_start_matches(['前', '第']))?,
    };
    let said = if months { Said::Month(last) } else { Said::Quarter(last) };
    (1..=most).contains(&last).then_some(said)
}

/// 9, 09, 九.
fn counted(text: &str) -> Option<i64> {
    let chars: Vec<char> = text.chars().collect();
    let read = numeral(&chars)?;
    let whole = read.len == chars.len() && read.scale.is_empty() && !read.more;
    whole.then(|| read.value.try_into().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_read_as_reports_name_them() {
        for (text, said) in [
            ("9", Some(Said::Plain(9))),
            ("9.0", Some(Said::Plain(9))),
            ("9月", Some(Said::Month(9))),
            ("1—9月累计", Some(Said::Month(9))),
            ("1-9月", Some(Said::Month(9))),
            ("１－１２月", Some(Said::Month(12))),
            ("1月至9月", Some(Said::Month(9))),
            ("一至九月", Some(Said::Month(9))),
            ("前9个月", Some(Said::Month(9))),
            ("一季度", Some(Said::Quarter(1))),
            ("第3季度", Some(Said::Quarter(3))),
            ("前三季度", Some(Said::Quarter(3))),
            ("1-3季度", Some(Said::Quarter(3))),
            ("上半年", Some(Said::Until(6))),
            ("全年", Some(Said::Until(12))),
            ("3-9月", None),
            ("13月", None),
            ("5季度", None),
            ("0", None),
            ("2.5", None),
            ("下半年", None),
            ("去年", None),
            ("", None),
        ] {
            assert_eq!(said_by(text), said, "{text}");
        }
    }
}
