//! Dates and periods in a plan's text.

use super::scan::{Hit, Kind};
use super::text::{BREAK, Text, word};
use crate::figures::Bound;
use crate::figures::number::{BETWEEN, is_arabic_digit};

fn digits(text: &Text, i: usize, most: usize) -> Option<(u32, usize)> {
    let run: String =
        (i..i + most + 1).map(|k| text.c(k)).take_while(|c| is_arabic_digit(*c)).map(half).collect();
    let value = run.parse().ok().filter(|_| run.len() <= most)?;
    Some((value, i + run.len()))
}

fn half(c: char) -> char {
    match c {
        '０'..='９' => char::from_u32(c as u32 - '０' as u32 + '0' as u32).unwrap_or(c),
        _ => c,
    }
}

pub(super) fn year(text: &Text, i: usize) -> Option<(i32, usize)> {
    let (y, end) = digits(text, i, 4)?;
    (end - i == 4 && (1949..2100).contains(&y)).then(|| i32::try_from(y).ok().map(|y| (y, end))).flatten()
}

/// The date or period that starts at a place; `context` is the year last named, for a day without one.
pub(super) fn date_at(text: &Text, i: usize, context: Option<i32>, quoted: bool) -> Option<Hit> {
    if !is_arabic_digit(text.c(i)) || is_arabic_digit(text.before(i)) || matches!(text.before(i), '.' | '第')
    {
        return None;
    }
    let hit = |kind, end, event| Some(Hit { kind, bound: Bound::Exact, start: i, end, event });
    if let Some((first, after)) = year(text, i) {
        let marked = word(text, after, &["年"]);
        let at = marked.unwrap_or(after);
        // 2016年至2019年, 2016至2020年, 2021—2025年, 2017年、2018
        // (2017年、2018年 are two years, each with a figure of its own)
        let listed = marked.and_then(|m| word(text, m, &["、"]));
        let listed = listed.filter(|j| year(text, *j).is_some_and(|(_, end)| text.c(end) != '年'));
        let joined = word(text, at, &BETWEEN).or(listed);
        if let Some((last, end)) = joined.and_then(|j| year(text, j)) {
            let closed = word(text, end, &["年"]);
            // 2022—2024 as all of a cell
            let cell = text.before(i) == BREAK && text.c(end) == BREAK;
            if (closed.is_some() || marked.is_some() || cell)
                && last > first
                && closed.is_none_or(|c| !text.c(c).is_ascii_digit())
            {
                let end = closed.unwrap_or(end);
                return Some(Hit { bound: Bound::Range, ..hit(Kind::Years(first, Some(last)), end, true)? });
            }
        }
        let Some(after) = marked else { return cell_year(text, i, after, first) };
        if let Some(end) = word(text, after, &["至今", "以来", "开始", "起"]) {
            return hit(Kind::Years(first, None), end, true);
        }
        if let Some(end) = word(text, after, &["上半年"]) {
            return hit(Kind::Date(format!("{first}-06")), end, true);
        }
        if let Some(end) = word(text, after, &["下半年"]) {
            return hit(Kind::Date(format!("{first}-12")), end, true);
        }
        if let Some(end) = word(text, after, &["底", "末"]) {
            let as_of = ["截至", "截止", "截止到", "截至到"]
                .iter()
                .any(|w| text.run(i.saturating_sub(3), i).ends_with(w));
            let value = if as_of { format!("{first}-12-31") } else { format!("{first}-12") };
            return hit(Kind::Date(value), end, false);
        }
        if let Some((month, day, end)) = month_day(text, after)
            && let Some(date) = stamp(first, month, day)
        {
            return hit(Kind::Date(date), end, false);
        }
        return hit(Kind::Years(first, None), after, false);
    }
    if let Some((month, day, end)) = month_day(text, i) {
        let before = text.run(i.saturating_sub(3), i);
        if day.is_none() {
            return before.ends_with("每年").then(|| hit(Kind::Month(month), end, true)).flatten();
        }
        return match context {
            Some(y) if !before.ends_with("每年") => {
                stamp(y, month, day).and_then(|date| hit(Kind::Date(date), end, true))
            }
            _ if stamp(2000, month, day).is_none() => None,
            _ => hit(Kind::Date(format!("{month:02}-{:02}", day.unwrap_or(1))), end, true),
        };
    }
    // “5.12”: a day that is named by its date
    if quoted && text.before(i) == '“' {
        let (month, after) = digits(text, i, 2)?;
        let after = word(text, after, &[".", "·"])?;
        let (day, end) = digits(text, after, 2)?;
        let real = stamp(2000, month, Some(day)).is_some();
        return (real && text.c(end) == '”')
            .then(|| hit(Kind::Date(format!("{month:02}-{day:02}")), end, true))
            .flatten();
    }
    None
}

/// A cell of a table that is a year by itself.
fn cell_year(text: &Text, start: usize, end: usize, year: i32) -> Option<Hit> {
    let alone = text.before(start) == BREAK && text.c(end) == BREAK;
    alone.then_some(Hit { kind: Kind::Years(year, None), bound: Bound::Exact, start, end, event: true })
}

fn month_day(text: &Text, i: usize) -> Option<(u32, Option<u32>, usize)> {
    let (month, after) = digits(text, i, 2)?;
    let after = word(text, after, &["月"]).filter(|_| (1..=12).contains(&month))?;
    if let Some((day, end)) = digits(text, after, 2)
        && let Some(end) = word(text, end, &["日", "号"]).filter(|_| (1..=31).contains(&day))
    {
        return Some((month, Some(day), end));
    }
    if let Some(end) = word(text, after, &["底", "末"]) {
        let last = match month {
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        return Some((month, Some(last), end));
    }
    Some((month, None, after))
}

/// `2021-11` or `2021-11-05`; `None` for a day that no calendar has (6月31日).
fn stamp(year: i32, month: u32, day: Option<u32>) -> Option<String> {
    let text = match day {
        Some(day) => format!("{year}-{month:02}-{day:02}"),
        None => format!("{year}-{month:02}"),
    };
    crate::figures::Moment::parse(&text).map(|_| text)
}
