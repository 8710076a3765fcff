//! A column of times: years, months, quarters, numbered periods, put on a grid of whole steps.
//!
//! 201812 is followed by 201901 and not by 89 missing periods. What digits mean is told by the whole
//! column: six digits that are all years with months are months, and 2018, 2019 are numbers as they stand.

use super::time_words::{self, Stamp, Style, Word};

/// Numbers of which neighbours are further apart are dates as a sheet counts them, or codes.
const WIDEST_STEP: i64 = 20;
/// What a column of times may hold, for messages.
pub const EXPECTED: &str =
    "years, numbered periods, or months and quarters such as 2018-01, 201801, 2018年1月, 2018Q1";

/// What is wrong with one time: which row (from 0), what, and what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    pub row: usize,
    pub message: String,
    pub expected: String,
}

/// How places of the grid are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// Months of a step; 0 for plain numbers.
    stride: i64,
    phase: i64,
    unit: i64,
    style: Option<Style>,
}

impl Clock {
    /// Plain numbers, each its own place.
    pub fn numbers() -> Self {
        Self { stride: 0, phase: 0, unit: 0, style: None }
    }

    /// The time at a place, written as the column was.
    pub fn label(&self, place: i64) -> String {
        let Some(style) = &self.style else { return place.to_string() };
        let month = place * self.stride + self.phase;
        let (year, n) = (month.div_euclid(12), month.rem_euclid(12) / self.unit + 1);
        let number = match (self.unit, style.after.as_str()) {
            (12, _) => String::new(),
            (6, "半年") => (if n == 1 { "上" } else { "下" }).to_owned(),
            _ if style.pad => format!("{n:02}"),
            _ => n.to_string(),
        };
        format!("{year}{}{number}{}", style.mid, style.after)
    }

    /// Whether labels are digits alone, as in a column of whole numbers.
    pub fn is_digits(&self) -> bool {
        self.style.as_ref().is_none_or(|s| s.mid.is_empty() && s.after.is_empty())
    }

    /// Months of a step; `None` where the column holds plain numbers.
    pub fn months(&self) -> Option<i64> {
        (self.stride > 0).then_some(self.stride)
    }
}

/// A column of times on its grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Times {
    pub clock: Clock,
    /// Place of each row; neighbours in time are one apart.
    pub places: Vec<i64>,
}

impl Times {
    /// Whether they stand for dates: years, months, quarters, and not just numbers.
    pub fn is_dated(&self) -> bool {
        self.clock.months().is_some() || self.places.iter().all(|p| time_words::is_year(*p))
    }
}

/// Reads a column of times. `period` is the number of values a year (0 or 1: years, or not said) and has
/// to fit what is written. Everything that is wrong is told.
pub fn read_times(texts: &[Option<&str>], period: usize) -> Result<Times, Vec<Wrong>> {
    let mut wrong = Vec::new();
    let mut words = Vec::with_capacity(texts.len());
    for (row, text) in texts.iter().enumerate() {
        let blank = text.is_none_or(|t| t.trim().is_empty());
        match text.and_then(time_words::read) {
            Some(word) => words.push(word),
            None => {
                let message = if blank { "no time" } else { "not a time" };
                wrong.push(Wrong { row, message: message.to_owned(), expected: EXPECTED.to_owned() });
            }
        }
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let numbers: Vec<i64> = words.iter().filter_map(number).collect();
    let stamps: Vec<Stamp> = if numbers.len() == words.len() {
        match codes(&numbers, period)? {
            Some(stamps) => stamps,
            None => return plain(numbers),
        }
    } else {
        one_kind(&words)?
    };
    grid(&stamps, period)
}

/// The order of texts that are all times, or all numbers; `None` where one of them is neither.
pub fn order(texts: &[String]) -> Option<Vec<f64>> {
    let words: Option<Vec<Word>> = texts.iter().map(|t| time_words::read(t)).collect();
    let as_numbers = || texts.iter().map(|t| t.trim().parse::<f64>().ok()).collect();
    let Some(words) = words else { return as_numbers() };
    if words.iter().all(|w| number(w).is_some()) {
        return as_numbers();
    }
    let stamps = one_kind(&words).ok()?;
    Some(stamps.iter().map(|s| s.month as f64 + f64::from(s.day) / 32.0).collect())
}

/// A year, as a whole number or as 2015年.
pub(super) fn year(text: &str) -> Option<i64> {
    match time_words::read(text)? {
        Word::Number(n) => Some(n),
        Word::Stamp(s) => (s.unit == 12).then_some(s.month / 12),
    }
}

fn number(word: &Word) -> Option<i64> {
    match word {
        Word::Number(n) => Some(*n),
        Word::Stamp(_) => None,
    }
}

/// Digits alone as months, quarters or days; `None` where they are plain numbers.
fn codes(numbers: &[i64], period: usize) -> Result<Option<Vec<Stamp>>, Vec<Wrong>> {
    let within =
        |digits: u32| numbers.iter().all(|n| *n >= 0 && time_words::is_year(*n / 10_i64.pow(digits)));
    let read = |digits: u32| numbers.iter().map(|n| time_words::code(*n, digits)).collect::<Vec<_>>();
    let or_told = |stamps: Vec<Option<Stamp>>, expected: &str| {
        let tell = |(row, _): (usize, &Option<Stamp>)| Wrong {
            row,
            message: "not a time".to_owned(),
            expected: expected.to_owned(),
        };
        let wrong: Vec<Wrong> = stamps.iter().enumerate().filter(|(_, s)| s.is_none()).map(tell).collect();
        if wrong.is_empty() { Ok(Some(stamps.into_iter().flatten().collect())) } else { Err(wrong) }
    };
    if numbers.is_empty() {
        return Ok(None);
    }
    if within(2) {
        return or_told(read(2), "a year and a month from 01 to 12, such as 201801");
    }
    if within(4) {
        return or_told(read(4), "a day such as 20181231");
    }
    if within(1) {
        let quarters = read(1);
        let all = quarters.iter().all(Option::is_some);
        return if all || period > 1 {
            or_told(quarters, "a year and a quarter from 1 to 4, such as 20181; months as 201801")
        } else {
            Ok(None)
        };
    }
    // 20181 beside 201810: a year with its month, without the zero.
    let mixed =
        numbers.iter().all(|n| *n > 0 && (time_words::is_year(n / 10) || time_words::is_year(n / 100)));
    if mixed {
        let short = |(row, n): (usize, &i64)| {
            time_words::is_year(n / 10).then(|| Wrong {
                row,
                message: "not a time".to_owned(),
                expected: "months of two digits, such as 201801".to_owned(),
            })
        };
        return Err(numbers.iter().enumerate().filter_map(short).collect());
    }
    Ok(None)
}

/// Plain numbers: years or numbered periods.
fn plain(numbers: Vec<i64>) -> Result<Times, Vec<Wrong>> {
    let mut sorted: Vec<(i64, usize)> = numbers.iter().enumerate().map(|(i, n)| (*n, i)).collect();
    sorted.sort_unstable();
    sorted.dedup_by_key(|n| n.0);
    let nearest = sorted.windows(2).map(|w| w[1].0 - w[0].0).min().unwrap_or(1);
    if nearest > WIDEST_STEP && !numbers.iter().all(|n| time_words::is_year(*n)) {
        let row = sorted.get(1).map_or(0, |n| n.1);
        let message = format!("no two times are less than {nearest} apart");
        return Err(vec![Wrong { row, message, expected: EXPECTED.to_owned() }]);
    }
    Ok(Times { clock: Clock::numbers(), places: numbers })
}

/// Stamps of one unit; years may be digits alone.
fn one_kind(words: &[Word]) -> Result<Vec<Stamp>, Vec<Wrong>> {
    let Some(first) = words.iter().find_map(|w| if let Word::Stamp(s) = w { Some(s) } else { None }) else {
        return Ok(Vec::new());
    };
    let mut wrong = Vec::new();
    let mut stamps = Vec::with_capacity(words.len());
    for (row, word) in words.iter().enumerate() {
        let stamp = match word {
            Word::Stamp(s) => Some(s.clone()),
            Word::Number(n) if first.unit == 12 && time_words::is_year(*n) => {
                Some(Stamp { month: n * 12, ..first.clone() })
            }
            Word::Number(n) if first.unit == 1 => time_words::code(*n, 2),
            Word::Number(n) => time_words::code(*n, 1),
        };
        match stamp.filter(|s| s.unit == first.unit) {
            Some(stamp) => stamps.push(stamp),
            None => wrong.push(Wrong {
                row,
                message: "another kind of time than the others".to_owned(),
                expected: format!("{} throughout", unit_name(first.unit)),
            }),
        }
    }
    if wrong.is_empty() { Ok(stamps) } else { Err(wrong) }
}

fn unit_name(months: i64) -> &'static str {
    match months {
        12 => "years",
        6 => "half years",
        3 => "quarters",
        _ => "months",
    }
}

/// Puts stamps on a grid: months of which each is a December are years.
fn grid(stamps: &[Stamp], period: usize) -> Result<Times, Vec<Wrong>> {
    let Some(first) = stamps.first() else { return plain(Vec::new()) };
    let apart = stamps.iter().fold(0, |g, s| gcd(g, (s.month - first.month).abs()));
    let unit = first.unit;
    let stride = match period {
        2 | 4 | 12 => {
            let wanted = 12 / period as i64;
            // The days of a quarter may be any; a column of months has one month a quarter.
            if unit > wanted || (unit < wanted && apart % wanted != 0) {
                let finest = [12, 6, 3, 1].into_iter().find(|s| apart % s == 0 && *s >= unit).unwrap_or(unit);
                let expected =
                    format!("{} with period={period}, or period={}", unit_name(wanted), 12 / finest);
                return Err(vec![Wrong {
                    row: 0,
                    message: format!("{} given", unit_name(finest)),
                    expected,
                }]);
            }
            wanted
        }
        _ if apart == 0 => unit,
        _ => [12, 6, 3, 1].into_iter().find(|s| *s >= unit && apart % s == 0).unwrap_or(unit),
    };
    let phase = first.month.rem_euclid(stride);
    let clock = Clock { stride, phase, unit, style: Some(first.style.clone()) };
    let places = stamps.iter().map(|s| (s.month - phase).div_euclid(stride)).collect();
    Ok(Times { clock, places })
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(texts: &[&str], period: usize) -> Result<(Vec<i64>, String), String> {
        let cells: Vec<Option<&str>> = texts.iter().map(|t| Some(*t)).collect();
        let told = |w: &Wrong| format!("{}: {}; {}", w.row, w.message, w.expected);
        let times =
            read_times(&cells, period).map_err(|w| w.iter().map(told).collect::<Vec<_>>().join(" | "))?;
        let last = *times.places.last().unwrap();
        let first = times.places[0];
        Ok((times.places.iter().map(|p| p - first).collect(), times.clock.label(last + 1)))
    }

    #[test]
    fn neighbours_in_time_are_one_apart_and_are_written_as_they_came() {
        for (texts, period, places, next) in [
            (&["2018", "2019", "2021"][..], 1, &[0, 1, 3][..], "2022"),
            (&["1", "2", "3"], 12, &[0, 1, 2], "4"),
            (&["201811", "201812", "201901"], 12, &[0, 1, 2], "201902"),
            (&["201811", "201812", "201902"], 1, &[0, 1, 3], "201903"),
            (&["201812", "201912", "202112"], 1, &[0, 1, 3], "202212"),
            (&["201803", "201806", "201812"], 4, &[0, 1, 3], "201903"),
            (&["20183", "20184", "20191"], 4, &[0, 1, 2], "20192"),
            (&["2018-11", "2018-12", "2019-01"], 12, &[0, 1, 2], "2019-02"),
            (&["2018年11月", "2018年12月"], 12, &[0, 1], "2019年1月"),
            (&["2018年", "2019", "2020年"], 1, &[0, 1, 2], "2021年"),
            (&["2018Q4", "2019Q1"], 4, &[0, 1], "2019Q2"),
            (&["2018年第4季度", "2019年第1季度"], 4, &[0, 1], "2019年第2季度"),
            (&["2018年上半年", "2018年下半年"], 2, &[0, 1], "2019年上半年"),
            (&["2018-10-31", "2018-11-30", "2018-12-31"], 12, &[0, 1, 2], "2019-01"),
            (&["20181031", "20181130", "20181231"], 12, &[0, 1, 2], "2019-01"),
        ] {
            assert_eq!(read(texts, period), Ok((places.to_vec(), next.to_owned())), "{texts:?}");
        }
    }

    #[test]
    fn what_is_no_time_is_told_with_what_is_expected() {
        for (texts, period, told) in [
            (&["201812", "201813"][..], 12, "1: not a time; a year and a month"),
            (&["20181", "20189", "201810"], 12, "0: not a time; months of two digits"),
            (&["20181", "20185"], 4, "1: not a time; a year and a quarter"),
            (&["2018年", "2018年3月"], 1, "1: another kind of time"),
            (&["2018年", "2019年"], 12, "0: years given; months with period=12, or period=1"),
            (&["2018Q1", "2018Q2"], 12, "0: quarters given; months with period=12, or period=4"),
            (&["201801", "201802"], 4, "0: months given; quarters with period=4, or period=12"),
            (&["43465", "43830", "44196"], 1, "1: no two times are less than 365 apart"),
            (&["2018", "去年"], 1, "1: not a time; years"),
            (&["2018", " "], 1, "1: no time"),
        ] {
            let error = read(texts, period).unwrap_err();
            assert!(error.starts_with(told), "{texts:?}: {error}");
        }
    }

    #[test]
    fn falling_times_are_seen_however_they_are_written() {
        let order = |texts: &[&str]| order(&texts.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>());
        let falls = |texts: &[&str]| order(texts).map(|o| o.windows(2).any(|w| w[1] <= w[0]));
        assert_eq!(falls(&["2020年", "2019年"]), Some(true));
        assert_eq!(falls(&["2020-9", "2020-10"]), Some(false));
        assert_eq!(falls(&["2020-10", "2020-10"]), Some(true));
        assert_eq!(falls(&["2020-10-01", "2020-10-02"]), Some(false));
        assert_eq!(falls(&["0.5", "0.25"]), Some(true));
        assert_eq!(falls(&["甲", "乙"]), None);
    }
}
