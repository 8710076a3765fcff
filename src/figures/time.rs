//! Dates and periods as a ledger writes them: 2019, 2019-12-31, 2016/2020, 2018/, 2021H1.

use chrono::NaiveDate;

/// A day, a month or a year: the days that it covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    pub first: NaiveDate,
    pub last: NaiveDate,
}

impl Moment {
    /// Reads `2021`, `2021-11`, `2021-11-05`, `2021H1`, `2021Q3`.
    pub fn parse(text: &str) -> Option<Self> {
        let year: i32 = text.get(..4).filter(|y| y.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()?;
        let rest = text.get(4..)?;
        let months =
            |from: u32, to: u32| Some(Self { first: day(year, from, 1)?, last: month_end(year, to)? });
        match rest.as_bytes() {
            [] => months(1, 12),
            [b'H', h @ b'1'..=b'2'] => months(1 + 6 * u32::from(h - b'1'), 6 + 6 * u32::from(h - b'1')),
            [b'Q', q @ b'1'..=b'4'] => months(1 + 3 * u32::from(q - b'1'), 3 + 3 * u32::from(q - b'1')),
            [b'-', a, b] => {
                let month = two(*a, *b)?;
                months(month, month)
            }
            [b'-', a, b, b'-', c, d] => {
                let day = day(year, two(*a, *b)?, two(*c, *d)?)?;
                Some(Self { first: day, last: day })
            }
            _ => None,
        }
    }

    /// The year that it lies in.
    pub fn year(&self) -> i32 {
        use chrono::Datelike;
        self.first.year()
    }
}

fn two(a: u8, b: u8) -> Option<u32> {
    (a.is_ascii_digit() && b.is_ascii_digit()).then(|| u32::from(a - b'0') * 10 + u32::from(b - b'0'))
}

fn day(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, day)
}

fn month_end(year: i32, month: u32) -> Option<NaiveDate> {
    let next = if month == 12 { day(year + 1, 1, 1) } else { day(year, month + 1, 1) };
    next?.pred_opt()
}

/// From a day on, to a day or open-ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    pub first: NaiveDate,
    pub last: Option<NaiveDate>,
}

/// The `time_ref` of a figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimeRef {
    /// A day, a month, a half year, a quarter or a year.
    At(Moment),
    /// `2016/2020`, `2016/2021-11`, `2018/`.
    During(Period),
    /// Each year.
    Annual,
    /// `undated` or blank.
    Undated,
    /// Anything else, kept and shown, never compared.
    Other,
}

impl TimeRef {
    pub fn parse(text: &str) -> Self {
        match text {
            "" | "undated" => return Self::Undated,
            "annual" => return Self::Annual,
            _ => {}
        }
        if let Some(moment) = Moment::parse(text) {
            return Self::At(moment);
        }
        if let Some((from, to)) = text.split_once('/')
            && let Some(from) = Moment::parse(from)
        {
            if to.is_empty() {
                return Self::During(Period { first: from.first, last: None });
            }
            if let Some(to) = Moment::parse(to).filter(|to| to.last >= from.first) {
                return Self::During(Period { first: from.first, last: Some(to.last) });
            }
        }
        Self::Other
    }

    /// First and last day covered, where both are known.
    pub fn days(&self) -> Option<(NaiveDate, NaiveDate)> {
        match self {
            Self::At(m) => Some((m.first, m.last)),
            Self::During(Period { first, last: Some(last) }) => Some((*first, *last)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(text: &str) -> Option<String> {
        TimeRef::parse(text).days().map(|(a, b)| format!("{a} {b}"))
    }

    #[test]
    fn every_form_of_the_ledger_is_read() {
        assert_eq!(days("2020").as_deref(), Some("2020-01-01 2020-12-31"));
        assert_eq!(days("2020-02").as_deref(), Some("2020-02-01 2020-02-29"));
        assert_eq!(days("2019-12-31").as_deref(), Some("2019-12-31 2019-12-31"));
        assert_eq!(days("2021H1").as_deref(), Some("2021-01-01 2021-06-30"));
        assert_eq!(days("2016/2021-11").as_deref(), Some("2016-01-01 2021-11-30"));
        assert_eq!(TimeRef::parse("annual"), TimeRef::Annual);
        assert!(matches!(TimeRef::parse("2018/"), TimeRef::During(Period { last: None, .. })));
        for bad in ["2019-02-30", "2025/2021", "五年", "20", "2021H3", "２０２１"] {
            assert_eq!(TimeRef::parse(bad), TimeRef::Other, "{bad}");
        }
    }
}
