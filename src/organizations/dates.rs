//! Dates in every form that registers hold, as days since 1970-01-01.

use chrono::{Datelike, NaiveDate};

use super::text::{clean, is_nothing};

/// What a cell says about a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    Nothing,
    Day(i32),
    /// Only year and month were written: the first of the month.
    Month(i32),
    /// Only the year was written: 1 January.
    Year(i32),
    /// Written as a date that does not exist (2021-02-30) or lies outside 1900-2199.
    Impossible,
    /// Not a date.
    NotADate,
}

impl Reading {
    /// The day that is reckoned with, where there is one.
    pub fn day(self) -> Option<i32> {
        match self {
            Self::Day(d) | Self::Month(d) | Self::Year(d) => Some(d),
            Self::Nothing | Self::Impossible | Self::NotADate => None,
        }
    }
}

const EPOCH_CE: i32 = 719_163;
pub const EXPECTED: &str = "日期，如 2021-11-03、2021年11月3日、2021.11.3、20211103";

/// Days since 1970-01-01.
pub fn days(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - EPOCH_CE
}

/// The date of a day number; `None` outside what the calendar can hold.
pub fn date(days: i32) -> Option<NaiveDate> {
    NaiveDate::from_num_days_from_ce_opt(days.checked_add(EPOCH_CE)?)
}

/// The year of a day number.
pub fn year_of(days: i32) -> i32 {
    date(days).map_or(0, |d| d.year())
}

/// 31 December of a year.
pub fn year_end(year: i32) -> i32 {
    NaiveDate::from_ymd_opt(year, 12, 31).map_or(i32::MAX, days)
}

fn ymd(year: i32, month: u32, day: u32) -> Reading {
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(d) if (1900..2200).contains(&year) => Reading::Day(days(d)),
        _ => Reading::Impossible,
    }
}

/// A serial day of Excel's 1900 system (44505 is 2021-11-05), for 1950 to 2099.
pub fn from_serial(serial: f64) -> Reading {
    if (18_264.0..73_051.0).contains(&serial) {
        Reading::Day(serial as i32 - 25_569)
    } else {
        Reading::NotADate
    }
}

/// Reads a cell.
pub fn parse(cell: &str) -> Reading {
    // The common form first: 2021-11-03, also with a time after it.
    if let &[y1, y2, y3, y4, s1, m1, m2, s2, d1, d2, ref rest @ ..] = cell.as_bytes()
        && [y1, y2, y3, y4, m1, m2, d1, d2].iter().all(u8::is_ascii_digit)
        && s1 == s2
        && matches!(s1, b'-' | b'/' | b'.')
        && matches!(rest.first(), None | Some(b' ' | b'T'))
    {
        let n = |digits: &[u8]| digits.iter().fold(0u32, |n, d| n * 10 + u32::from(d - b'0'));
        return ymd(n(&[y1, y2, y3, y4]) as i32, n(&[m1, m2]), n(&[d1, d2]));
    }
    if is_nothing(cell) {
        return Reading::Nothing;
    }
    general(&clean(cell))
}

fn general(text: &str) -> Reading {
    let text =
        text.trim_matches(|c: char| matches!(c, '\'' | '"' | '（' | '）' | '(' | ')') || c.is_whitespace());
    // A time of day after the date says nothing more.
    let is_time = |rest: &str| rest.split(' ').next().is_some_and(|word| word.contains(':'));
    let text = text
        .match_indices(['T', ' '])
        .find(|(at, _)| is_time(&text[at + 1..]) || at + 1 == text.len())
        .map_or(text, |(at, _)| &text[..at]);
    let text = plain(&chinese_digits(text));
    let compact = between_digits(&text);
    if compact.is_empty() {
        return Reading::NotADate;
    }
    if compact.bytes().all(|b| b.is_ascii_digit()) {
        let Ok(number) = compact.parse::<u64>() else { return Reading::NotADate };
        return match compact.len() {
            8 => ymd((number / 10_000) as i32, (number / 100 % 100) as u32, (number % 100) as u32),
            6 if (190_000..220_000).contains(&number) => month((number / 100) as i32, (number % 100) as u32),
            // 20153 is as likely 2015.3 as a serial day of 1955: not guessed.
            5 if number >= 21_000 => from_serial(number as f64),
            4 if (1900..2200).contains(&number) => year(number as i32),
            _ => Reading::NotADate,
        };
    }
    // A number that a sheet has made of it: 44503.0, 20211103.0, 2021.0. Digits before the point, so this ends.
    if let Some((whole, part)) = compact.split_once('.')
        && whole.bytes().all(|b| b.is_ascii_digit())
        && part.bytes().all(|b| b.is_ascii_digit())
    {
        let zero = part.bytes().all(|b| b == b'0');
        match whole.len() {
            5 if !whole.starts_with("19") && !whole.starts_with("20") => {
                return compact.parse().map_or(Reading::NotADate, from_serial);
            }
            8 if zero => return general(whole),
            4 if zero && part.len() == 1 => return general(whole),
            _ => {}
        }
    }
    let mut numbers = [0u32; 3];
    let mut lengths = [0usize; 3];
    let mut count = 0;
    let mut inside = false;
    for c in compact.chars() {
        match c.to_digit(10) {
            Some(digit) => {
                if !inside {
                    if count == 3 {
                        return Reading::NotADate;
                    }
                    count += 1;
                    inside = true;
                }
                if lengths[count - 1] == 4 {
                    return Reading::NotADate;
                }
                numbers[count - 1] = numbers[count - 1] * 10 + digit;
                lengths[count - 1] += 1;
            }
            None if matches!(
                c,
                '年' | '月'
                    | '日'
                    | '号'
                    | '-'
                    | '/'
                    | '.'
                    | ','
                    | '、'
                    | '—'
                    | '－'
                    | '–'
                    | '·'
                    | '・'
                    | '\\'
            ) =>
            {
                if !inside {
                    return Reading::NotADate;
                }
                inside = false;
            }
            None => return Reading::NotADate,
        }
    }
    match (count, lengths) {
        (3, [4, 1..=2, 1..=2]) => ymd(numbers[0] as i32, numbers[1], numbers[2]),
        // 3/11/2021: day and month cannot be told apart unless one exceeds 12.
        (3, [1..=2, 1..=2, 4]) if numbers[0] > 12 => ymd(numbers[2] as i32, numbers[1], numbers[0]),
        (3, [1..=2, 1..=2, 4]) if numbers[1] > 12 => ymd(numbers[2] as i32, numbers[0], numbers[1]),
        (2, [4, 1..=2, 0]) => month(numbers[0] as i32, numbers[1]),
        (1, [4, 0, 0]) => year(numbers[0] as i32),
        _ => Reading::NotADate,
    }
}

fn month(y: i32, m: u32) -> Reading {
    match ymd(y, m, 1) {
        Reading::Day(d) => Reading::Month(d),
        other => other,
    }
}

fn year(y: i32) -> Reading {
    match ymd(y, 1, 1) {
        Reading::Day(d) => Reading::Year(d),
        other => other,
    }
}

/// 二〇二一年十一月三日 as 2021年11月3日; text without such digits is handed back.
fn chinese_digits(text: &str) -> String {
    const DIGITS: &str = "〇一二三四五六七八九";
    let value = |c: char| match c {
        '零' | '○' | '◯' | 'О' => Some(0),
        // A letter among such digits, as in 二O一五年.
        'O' | 'o' => Some(0),
        c => DIGITS.chars().position(|d| d == c),
    };
    let mut out = String::with_capacity(text.len());
    let chars: Vec<char> = text.chars().collect();
    for (i, c) in chars.iter().enumerate() {
        if *c == '十' {
            let tens = i > 0 && value(chars[i - 1]).is_some();
            let ones = chars.get(i + 1).is_some_and(|c| value(*c).is_some());
            out.push_str(match (tens, ones) {
                (false, true) => "1",
                (false, false) => "10",
                (true, true) => "",
                (true, false) => "0",
            });
        } else if let Some(v) = value(*c) {
            out.push(char::from(b'0' + v as u8));
        } else {
            out.push(*c);
        }
    }
    out
}

/// A year as registers write it: 2023, ２０２３年, 2023年度, 2023.0.
pub fn parse_year(cell: &str) -> Option<i32> {
    let text = clean(cell);
    let text = plain(&chinese_digits(&text));
    let marks = |c: char| c.is_whitespace() || matches!(c, '年' | '度' | '\'' | '"' | '=' | '(' | ')');
    let bare = text.trim_matches(marks);
    let bare = bare.strip_prefix(['F', 'f']).and_then(|b| b.strip_prefix(['Y', 'y'])).unwrap_or(bare).trim();
    let bare = bare.strip_suffix(".0").unwrap_or(bare);
    let bare = bare.trim_end_matches(['年', '度']);
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let year: i32 = match bare.len() {
        4 if digits(bare) => bare.parse().ok()?,
        // 23年: two digits are a year only where that word says so.
        2 if digits(bare) && text.contains('年') => century(bare.parse().ok()?),
        // A day of the year, as reports to 31 December carry it; a number of eight digits is none.
        5.. if bare.chars().any(|c| !c.is_ascii_digit() && c != '.') => match general(bare) {
            Reading::Day(day) => year_of(day),
            _ => return None,
        },
        _ => return None,
    };
    (1900..2200).contains(&year).then_some(year)
}

/// The year that two digits stand for in a register of social organizations.
pub fn century(two: i32) -> i32 {
    if two < 80 { 2000 + two } else { 1900 + two }
}

/// Without what a spreadsheet or a careful hand adds: `="…"`, 份 after 月, the day of the week, blanks around words.
fn plain(text: &str) -> String {
    let text = text.trim_matches(|c: char| matches!(c, '=' | '"' | '\'') || c.is_whitespace());
    let text = text.replace("月份", "月");
    let cut = ["星期", "周", "礼拜"].iter().filter_map(|w| text.find(w)).min().unwrap_or(text.len());
    text[..cut].trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '(' | ',')).to_owned()
}

/// Without blanks; one that stands between two numbers parts them, as in 2015 1 1.
fn between_digits(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = false;
    for c in text.chars() {
        if c.is_whitespace() {
            blank = true;
            continue;
        }
        if blank && c.is_ascii_digit() && out.ends_with(|c: char| c.is_ascii_digit()) {
            out.push('-');
        }
        blank = false;
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(y: i32, m: u32, d: u32) -> Reading {
        Reading::Day(days(NaiveDate::from_ymd_opt(y, m, d).unwrap()))
    }

    #[test]
    fn every_form_in_use() {
        let want = day(2021, 11, 3);
        for text in [
            "2021-11-03",
            "2021-11-03 00:00:00",
            "2021-11-03T08:00:00",
            "2021/11/3",
            "2021.11.3",
            "2021.11.03",
            "20211103",
            "2021年11月3日",
            "2021 年 11 月 3 日",
            "２０２１年１１月３日",
            "二〇二一年十一月三日",
            "44503",
            "44503.0",
            "2021-11-3",
            "'2021-11-03",
            "2021、11、3",
            "20211103.0",
            "2021 11 3",
            "2021 11 3 08:00:00",
            "2021/11/3 8:00:00 AM",
            "2021·11·3",
            "=\"2021-11-03\"",
            "二O二一年十一月三日",
            "2021年11月3日 星期三",
            "2021年11月3日（星期三）",
        ] {
            assert_eq!(parse(text), want, "{text}");
        }
        assert_eq!(parse("2021年二月二十三日"), day(2021, 2, 23));
        assert_eq!(parse("2021年11月"), Reading::Month(day(2021, 11, 1).day().unwrap()));
        assert_eq!(parse("202111"), Reading::Month(day(2021, 11, 1).day().unwrap()));
        assert_eq!(parse("2021年11月份"), Reading::Month(day(2021, 11, 1).day().unwrap()));
        assert_eq!(parse("2021年"), Reading::Year(day(2021, 1, 1).day().unwrap()));
        assert_eq!(parse("44505"), day(2021, 11, 5));
        assert_eq!(parse("23/11/2021"), day(2021, 11, 23));
    }

    #[test]
    fn what_is_no_date_is_said_to_be_none() {
        assert_eq!(parse("2021-02-30"), Reading::Impossible);
        assert_eq!(parse("2021年13月1日"), Reading::Impossible);
        assert_eq!(parse("1021-01-01"), Reading::Impossible);
        // Day or month first? Not guessed.
        assert_eq!(parse("3/11/2021"), Reading::NotADate);
        assert_eq!(parse("不详"), Reading::NotADate);
        assert_eq!(parse("　"), Reading::Nothing);
        assert_eq!(parse("21.11.3"), Reading::NotADate);
        // 2015.3 without its point, or a day of 1955?
        assert_eq!(parse("20153"), Reading::NotADate);
        assert_eq!(parse("20153.0"), Reading::NotADate);
        assert_eq!(parse("#REF!"), Reading::NotADate);
        assert_eq!(parse("99999999999999999999"), Reading::NotADate);
        // Numbers of eight characters that are no digits.
        for text in ["+1234567", "-2015031", "201503e1", "1e400", "2015-e-1", "infinity"] {
            assert_eq!(parse(text), Reading::NotADate, "{text}");
        }
    }

    #[test]
    fn years() {
        for text in [
            "2023",
            "2023年",
            "２０２３年度",
            "2023.0",
            "二〇二三年",
            "'2023",
            "23年",
            "FY2023",
            "2023-12-31",
            "=\"2023\"",
        ] {
            assert_eq!(parse_year(text), Some(2023), "{text}");
        }
        for text in ["23", "20230", "年", "", "3023"] {
            assert_eq!(parse_year(text), None, "{text}");
        }
    }
}
