//! Area codes with dates: what a code is called, and whether it is known to be in force on a day.

use chrono::NaiveDate;

use super::text::clean;
use crate::error::{Error, Problem, Result};

const SHIPPED: &str = "inspection/areas.csv";

/// An area of the shipped list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    /// As text, without the zeros that pad it to twelve.
    pub code: String,
    pub name: String,
    pub level: String,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
    pub seen_on: Option<NaiveDate>,
}

/// An area by its code of 6, 9 or 12 digits, as it is on a day; `None` where the shipped list, which holds Jishou and its
/// neighbours, does not know it, or not for that day.
///
/// # Errors
/// `Error::Data` for what is no area code: no digits, a length of none of these, a float of a spreadsheet, an unknown
/// province.
pub fn area(code: &str, on: Option<NaiveDate>) -> Result<Option<Area>> {
    let text = clean(code);
    let digits = text.len() >= 6 && text.bytes().all(|b| b.is_ascii_digit());
    if !digits || !matches!(text.len(), 6 | 9 | 12) || !super::codes::is_area(&text[..6]) {
        let problem = Problem::new("not an area code").value(super::codes::masked(code));
        return Err(Error::data(problem.expected("6, 9 or 12 digits as text, as 433101 or 433101002")));
    }
    let bare = match text.len() {
        12 if text.ends_with("000000") => &text[..6],
        12 if text.ends_with("000") => &text[..9],
        9 if text.ends_with("000") => &text[..6],
        _ => &text[..],
    };
    let list = crate::assets::text(SHIPPED)
        .ok_or_else(|| Error::data(Problem::new("the shipped areas are missing").file(SHIPPED)))?;
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(list.as_bytes());
    for record in reader.records() {
        let record = record.map_err(|e| Error::data(Problem::new(e.to_string()).file(SHIPPED)))?;
        if record.get(0) != Some(bare) {
            continue;
        }
        let cell = |i: usize| record.get(i).unwrap_or("").to_owned();
        let day = |i: usize| NaiveDate::parse_from_str(&cell(i), "%Y-%m-%d").ok();
        let (valid_from, valid_to) = (day(3), day(4));
        let holds =
            on.is_none_or(|on| valid_from.is_none_or(|d| d <= on) && valid_to.is_none_or(|d| on <= d));
        if holds {
            return Ok(Some(Area {
                code: cell(0),
                name: cell(1),
                level: cell(2),
                valid_from,
                valid_to,
                seen_on: day(5),
            }));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_every_length_and_by_date() {
        let name = |code: &str| area(code, None).unwrap().map(|a| a.name);
        assert_eq!(name("433101").as_deref(), Some("吉首市"));
        assert_eq!(name("433101000000").as_deref(), Some("吉首市"));
        assert_eq!(name("４３３１０１００２").as_deref(), Some("峒河街道"));
        assert_eq!(name("433101002000").as_deref(), Some("峒河街道"));
        assert_eq!(name("110101"), None);
        let before = NaiveDate::from_ymd_opt(2015, 6, 30);
        assert_eq!(area("433101008", before).unwrap(), None);
        assert!(area("433101008", NaiveDate::from_ymd_opt(2022, 10, 31)).unwrap().is_some());
        for wrong in ["4.33101E+11", "43310", "993101", "吉首市", ""] {
            assert!(area(wrong, None).is_err(), "{wrong}");
        }
    }
}
