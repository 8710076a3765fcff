//! One time as people write it: 2018, 201801, 2018-01, 2018年1月, 2018Q1, 2018年第1季度, 2018-12-31.

use chrono::NaiveDate;

use crate::figures::number::numeral;

/// Years that a time may lie in: what is outside is a number of something else.
const YEARS: std::ops::RangeInclusive<i64> = 1800..=2200;

/// What one text says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Word {
    /// Digits alone: a year, a code or a numbered period, which only the whole column tells.
    Number(i64),
    Stamp(Stamp),
}

/// A time with its unit.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stamp {
    /// Months that it covers: 12, 6, 3 or 1.
    pub unit: i64,
    /// Its first month, counted from January of the year 0.
    pub month: i64,
    /// Day of the month; 0 where none is written.
    pub day: u32,
    pub style: Style,
}

/// How a time is written: year, `mid`, number of the month or quarter, `after`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Style {
    pub mid: String,
    pub after: String,
    /// Two digits: 2018-01.
    pub pad: bool,
}

impl Style {
    fn of(mid: &str, after: &str, pad: bool) -> Self {
        Self { mid: mid.to_owned(), after: after.to_owned(), pad }
    }
}

/// Whether a number may be a year.
pub(super) fn is_year(number: i64) -> bool {
    YEARS.contains(&number)
}

/// A stamp from a code of digits; `None` where it is no time.
pub(super) fn code(number: i64, digits: u32) -> Option<Stamp> {
    let (year, rest) = (number / 10_i64.pow(digits), number % 10_i64.pow(digits));
    let style = |pad| Style::of("", "", pad);
    match digits {
        1 if is_year(year) && (1..=4).contains(&rest) => Some(stamp(3, year, rest, style(false))),
        2 if is_year(year) && (1..=12).contains(&rest) => Some(stamp(1, year, rest, style(true))),
        4 if is_year(year) => {
            let (month, day) = (rest / 100, rest % 100);
            dated(year, month, day, Style::of("-", "", true))
        }
        _ => None,
    }
}

/// Reads one text; `None` where it is no time.
pub(super) fn read(text: &str) -> Option<Word> {
    let plain = plain(text);
    if let Ok(number) = plain.parse::<f64>() {
        let whole = number.fract() == 0.0 && number.abs() < 1e15;
        // 2018.1 is January or October.
        return whole.then_some(Word::Number(number as i64));
    }
    let (year, rest) = year_of(&plain)?;
    if !is_year(year) {
        return None;
    }
    worded(year, rest).map(Word::Stamp)
}

/// Full-width characters made half-width, without blanks and without the hour that a date carries.
fn plain(text: &str) -> String {
    let text = text.trim();
    let text =
        text.split_once(['T', ' ']).filter(|(_, hour)| hour.contains(':')).map_or(text, |(day, _)| day);
    let narrow = |c: char| match c {
        '！'..='～' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        c => c,
    };
    text.chars().filter(|c| !c.is_whitespace()).map(narrow).collect()
}

/// The year and what stands behind it: four digits, or 二〇一八.
fn year_of(text: &str) -> Option<(i64, &str)> {
    let end = text.char_indices().nth(4).map_or(text.len(), |(i, _)| i);
    let (head, rest) = (text.get(..end)?, text.get(end..)?);
    // A fifth digit makes it another number.
    let ends = !rest.starts_with(|c: char| c.is_ascii_digit());
    if head.len() == 4 && head.bytes().all(|b| b.is_ascii_digit()) && ends {
        return Some((head.parse().ok()?, rest));
    }
    (rest.starts_with('年') && head.chars().count() == 4).then_some(())?;
    Some((chinese(head).filter(|n| *n > 999)?, rest))
}

fn chinese(text: &str) -> Option<i64> {
    let chars: Vec<char> = text.chars().map(|c| if matches!(c, '○' | 'Ｏ') { '〇' } else { c }).collect();
    let read = numeral(&chars)?;
    let whole = read.len == chars.len() && read.scale.is_empty() && !read.more;
    whole.then(|| read.value.try_into().ok())?
}

/// A number of a month, a quarter or a day: 1, 01, 一, 十二.
fn counted(text: &str) -> Option<i64> {
    if text.len() <= 2 && !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok();
    }
    let ascii = text.bytes().any(|b| b.is_ascii_digit());
    if ascii { None } else { chinese(text).filter(|n| (1..=31).contains(n)) }
}

fn worded(year: i64, rest: &str) -> Option<Stamp> {
    if matches!(rest, "年" | "年度" | "年末" | "年底" | "年终") {
        return Some(stamp(12, year, 1, Style::of(rest, "", false)));
    }
    if let Some((mark, n)) = rest.split_at_checked(rest.len() - rest.len().min(1))
        && let Ok(n) = n.parse::<i64>()
    {
        let mid = mark.to_ascii_uppercase();
        match mid.trim_start_matches(['-', '年']) {
            "Q" if (1..=4).contains(&n) => return Some(stamp(3, year, n, Style::of(mark, "", false))),
            "H" if (1..=2).contains(&n) => return Some(stamp(6, year, n, Style::of(mark, "", false))),
            _ => {}
        }
    }
    if let Some(n) = rest.strip_prefix(['M', 'm']) {
        let month = counted(n).filter(|m| (1..=12).contains(m))?;
        return Some(stamp(1, year, month, Style::of("M", "", n.len() == 2)));
    }
    let mark = rest.chars().next().filter(|c| matches!(c, '-' | '/' | '.' | '年'))?;
    let behind = rest.get(mark.len_utf8()..)?;
    for (n, word) in [(1, "上半年"), (2, "下半年")] {
        if behind == word {
            return Some(stamp(6, year, n, Style::of(&mark.to_string(), "半年", false)));
        }
    }
    for word in ["季度", "季"] {
        let Some(n) = behind.strip_suffix(word) else { continue };
        let ordinal = n.strip_prefix('第');
        let quarter = counted(ordinal.unwrap_or(n)).filter(|q| (1..=4).contains(q))?;
        let mid = if ordinal.is_some() { format!("{mark}第") } else { mark.to_string() };
        return Some(stamp(3, year, quarter, Style::of(&mid, word, false)));
    }
    for word in ["月份", "月末", "月底", "月"] {
        let Some(n) = behind.strip_suffix(word) else { continue };
        let month = counted(n).filter(|m| (1..=12).contains(m))?;
        return Some(stamp(1, year, month, Style::of(&mark.to_string(), word, n.starts_with('0'))));
    }
    if let Some((month, day)) = behind.split_once(['-', '/', '.', '月']) {
        let day = counted(day.trim_end_matches(['日', '号']))?;
        return dated(year, counted(month)?, day, Style::of("-", "", true));
    }
    // 2018-1 is a month, 2018年1 is left off.
    let two = behind.len() == 2;
    let month = counted(behind).filter(|m| (1..=12).contains(m) && behind.is_ascii())?;
    (mark != '年').then(|| stamp(1, year, month, Style::of(&mark.to_string(), "", two)))
}

fn stamp(unit: i64, year: i64, n: i64, style: Style) -> Stamp {
    Stamp { unit, month: year * 12 + (n - 1) * unit, day: 0, style }
}

fn dated(year: i64, month: i64, day: i64, style: Style) -> Option<Stamp> {
    let (m, d) = (u32::try_from(month).ok()?, u32::try_from(day).ok()?);
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, m, d)?;
    Some(Stamp { day: d, ..stamp(1, year, month, style) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match read(text) {
            None => "-".to_owned(),
            Some(Word::Number(n)) => n.to_string(),
            Some(Word::Stamp(s)) => format!("{}/{}+{}", s.month / 12, s.month % 12 + 1, s.unit),
        }
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        for (text, read) in [
            ("2018", "2018"),
            ("２０１８", "2018"),
            ("201801", "201801"),
            ("2018.0", "2018"),
            ("2018年", "2018/1+12"),
            ("2018年度", "2018/1+12"),
            ("二〇一八年", "2018/1+12"),
            ("2018/3", "2018/3+1"),
            ("2018年3月", "2018/3+1"),
            ("2018 年 12 月份", "2018/12+1"),
            ("二〇一八年十二月", "2018/12+1"),
            ("2018Q3", "2018/7+3"),
            ("2018-q3", "2018/7+3"),
            ("2018年第3季度", "2018/7+3"),
            ("2018年三季度", "2018/7+3"),
            ("2018H2", "2018/7+6"),
            ("2018年下半年", "2018/7+6"),
            ("2018-12-31", "2018/12+1"),
            ("2018-12-31 00:00:00", "2018/12+1"),
            ("2018-12-31T00:00:00", "2018/12+1"),
            ("2018年12月31日", "2018/12+1"),
        ] {
            assert_eq!(shown(text), read, "{text}");
        }
        for text in [
            "",
            "年",
            "2018.1",
            "2018-13",
            "2018Q5",
            "2018年5季度",
            "2018-02-30",
            "2018年1",
            "去年",
            "0018-01",
        ] {
            assert_eq!(shown(text), "-", "{text}");
        }
    }

    #[test]
    fn codes_are_times_only_where_they_can_be() {
        assert_eq!(code(201_812, 2).map(|s| (s.month, s.unit)), Some((2018 * 12 + 11, 1)));
        assert_eq!(code(20_184, 1).map(|s| (s.month, s.unit)), Some((2018 * 12 + 9, 3)));
        assert_eq!(code(20_181_231, 4).map(|s| s.day), Some(31));
        for (n, digits) in [(201_813, 2), (20_185, 1), (20_180_230, 4), (431_001, 2)] {
            assert_eq!(code(n, digits), None, "{n}");
        }
    }
}
