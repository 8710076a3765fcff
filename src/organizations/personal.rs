//! Numbers of persons: identity numbers (GB 11643-1999) and mobile numbers. They are looked at only for sex and age, and
//! are neither kept nor shown.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::codes::{PROVINCES, is_valid};
use super::text::clean;

/// Sex of a person as an identity number tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Sex {
    Female,
    Male,
}

impl Sex {
    pub fn name(self) -> &'static str {
        match self {
            Self::Female => "female",
            Self::Male => "male",
        }
    }
}

/// What is kept of an identity number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    pub sex: Sex,
    /// Completed years on the day asked for.
    pub age: u32,
}

/// What is wrong with an identity number; never the number itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityFault {
    Length,
    Character,
    Area,
    Date,
    CheckDigit,
    /// Born after the day asked for, or more than 130 years before it.
    Age,
}

impl IdentityFault {
    /// In words, for the list of problems.
    pub fn message(self) -> &'static str {
        match self {
            Self::Length => "身份证号位数不对，未采用",
            Self::Character => "身份证号含有不该有的字符，未采用",
            Self::Area => "身份证号前两位不是省级区划代码，未采用",
            Self::Date => "身份证号中的出生日期不存在，未采用",
            Self::CheckDigit => "身份证号校验不通过，未采用",
            Self::Age => "身份证号中的出生日期不合情理，未采用",
        }
    }
}

/// Sex and age on a day from an identity number of 18 (GB 11643-1999) or 15 digits; lower-case x and full-width digits
/// are read. The date of birth has to exist: 29 February 1951 does not.
///
/// # Errors
/// An [`IdentityFault`] that never carries the number.
pub fn identity(cell: &str, on: NaiveDate) -> Result<Person, IdentityFault> {
    let (sex, born) = identity_birth(cell)?;
    match on.years_since(born) {
        Some(age) if age <= 130 => Ok(Person { sex, age }),
        _ => Err(IdentityFault::Age),
    }
}

/// Sex and day of birth from an identity number, for ages that are reckoned later.
///
/// # Errors
/// As [`identity`].
pub(super) fn identity_birth(cell: &str) -> Result<(Sex, NaiveDate), IdentityFault> {
    let text = clean(cell);
    let bytes: Vec<u8> =
        text.bytes().filter(|b| *b != b' ' && *b != b'\'').map(|b| b.to_ascii_uppercase()).collect();
    let long = match bytes.len() {
        18 => true,
        15 => false,
        _ => return Err(IdentityFault::Length),
    };
    let digits = if long { &bytes[..17] } else { &bytes[..] };
    if digits.iter().any(|b| !b.is_ascii_digit()) || (long && !matches!(bytes[17], b'0'..=b'9' | b'X')) {
        return Err(IdentityFault::Character);
    }
    let number =
        |range: std::ops::Range<usize>| digits[range].iter().fold(0, |n, d| n * 10 + u32::from(d - b'0'));
    if !PROVINCES.contains(&(number(0..2) as u8)) {
        return Err(IdentityFault::Area);
    }
    let (year, month, day, order) = if long {
        (number(6..10), number(10..12), number(12..14), number(16..17))
    } else {
        (1900 + number(6..8), number(8..10), number(10..12), number(14..15))
    };
    let born = NaiveDate::from_ymd_opt(year as i32, month, day).ok_or(IdentityFault::Date)?;
    if !(1850..2200).contains(&year) {
        return Err(IdentityFault::Age);
    }
    if long {
        let weights = [7u32, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        let sum: u32 = digits.iter().zip(weights).map(|(d, w)| u32::from(d - b'0') * w).sum();
        if b"10X98765432"[(sum % 11) as usize] != bytes[17] {
            return Err(IdentityFault::CheckDigit);
        }
    }
    Ok((if order % 2 == 1 { Sex::Male } else { Sex::Female }, born))
}

/// A text without identity numbers and mobile numbers: every run of digits that has the shape of one is hidden, also where
/// blanks or hyphens part it, and where a spreadsheet has made a float of it. A code that checks is none.
pub fn masked(text: &str) -> Cow<'_, str> {
    let narrow = clean(text);
    if narrow.bytes().filter(u8::is_ascii_digit).count() < 11 {
        return Cow::Borrowed(text);
    }
    let chars: Vec<char> = narrow.chars().collect();
    let mut out = String::with_capacity(narrow.len());
    let mut at = 0;
    let mut changed = false;
    while at < chars.len() {
        let word_before = at > 0 && chars[at - 1].is_ascii_alphanumeric();
        if chars[at].is_ascii_digit()
            && !word_before
            && let Some(end) = personal_end(&chars, at)
        {
            out.push_str(HIDDEN);
            changed = true;
            at = end;
            continue;
        }
        out.push(chars[at]);
        at += 1;
    }
    if changed { Cow::Owned(out) } else { Cow::Borrowed(text) }
}

const HIDDEN: &str = "（已隐去）";

/// Where a personal number that begins at a character ends.
fn personal_end(chars: &[char], start: usize) -> Option<usize> {
    let mut digits = String::new();
    let mut found = None;
    let mut at = start;
    while at < chars.len() && digits.len() < 19 {
        let c = chars[at];
        let next_is_digit = chars.get(at + 1).is_some_and(char::is_ascii_digit);
        match c {
            '0'..='9' => digits.push(c),
            'x' | 'X' if digits.len() == 17 => digits.push('X'),
            // Where a number is written in groups, the group goes on.
            ' ' | '-' | '–' | '—' | '_'
                if next_is_digit
                    || (digits.len() == 17 && chars.get(at + 1).is_some_and(|c| matches!(c, 'x' | 'X'))) =>
            {
                at += 1;
                continue;
            }
            // 4.33101195202290E17: the digits that a float keeps.
            '.' if digits.len() == 1 && next_is_digit => {
                if let Some(end) = float_end(chars, start) {
                    return Some(end);
                }
                break;
            }
            _ => break,
        }
        at += 1;
        // The whole run counts: twenty digits are no identity number with two to spare.
        let ends = chars.get(at).is_none_or(|c| !c.is_ascii_alphanumeric());
        if ends && is_personal(&digits) && !is_valid(&digits) {
            found = Some(at);
        }
    }
    found
}

/// The end of a float whose digits are those of an identity number.
fn float_end(chars: &[char], start: usize) -> Option<usize> {
    let mut digits = String::new();
    let mut at = start;
    while at < chars.len() && (chars[at].is_ascii_digit() || (chars[at] == '.' && at == start + 1)) {
        if chars[at] != '.' {
            digits.push(chars[at]);
        }
        at += 1;
    }
    if !matches!(chars.get(at), Some('e' | 'E')) {
        return None;
    }
    at += 1;
    at += usize::from(chars.get(at) == Some(&'+'));
    let exponent: String = chars[at..].iter().take_while(|c| c.is_ascii_digit()).take(3).collect();
    let places = exponent.parse::<usize>().ok().filter(|e| matches!(e, 14 | 17))? + 1;
    if digits.len() > places {
        return None;
    }
    let whole = format!("{digits:0<places$}");
    is_personal(&whole).then_some(at + exponent.len())
}

/// Whether digits have the shape of an identity number (a province and a date of birth at their places) or of a mobile
/// number.
fn is_personal(run: &str) -> bool {
    let date = |year: &str, month: &str, day: &str| {
        matches!(year, "18" | "19" | "20")
            && matches!(month.parse(), Ok(1..=12))
            && matches!(day.parse(), Ok(1..=31))
    };
    let province = || run[..2].parse::<u8>().is_ok_and(|p| PROVINCES.contains(&p));
    match run.len() {
        18 => province() && date(&run[6..8], &run[10..12], &run[12..14]),
        15 => province() && date("19", &run[8..10], &run[10..12]),
        11 => matches!(run.as_bytes(), [b'1', b'3'..=b'9', ..]),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_numbers_give_sex_and_age_alone() {
        let on = NaiveDate::from_ymd_opt(2023, 12, 31).unwrap();
        assert_eq!(identity("433101195202290008", on), Ok(Person { sex: Sex::Female, age: 71 }));
        // A right check digit and a day that did not exist.
        assert_eq!(identity("433101195102290000", on), Err(IdentityFault::Date));
        assert_eq!(identity("433101195202290007", on), Err(IdentityFault::CheckDigit));
        assert_eq!(
            identity("４３３１０１１９５２０２２９０００８", on),
            Ok(Person { sex: Sex::Female, age: 71 })
        );
        assert_eq!(identity("433101520229001", on), Ok(Person { sex: Sex::Male, age: 71 }));
        let day_before = NaiveDate::from_ymd_opt(2023, 2, 27).unwrap();
        assert_eq!(identity("433101195202290008", day_before).unwrap().age, 70);
        assert_eq!(
            identity("433101195202290008", NaiveDate::from_ymd_opt(1950, 1, 1).unwrap()),
            Err(IdentityFault::Age)
        );
    }

    #[test]
    fn personal_numbers_are_hidden() {
        assert_eq!(masked("张三433101195202290008"), "张三（已隐去）");
        assert_eq!(masked("433101 52433101MJK000006G"), "433101 52433101MJK000006G");
        assert_eq!(masked("联系电话13812345678"), "联系电话（已隐去）");
        for shown in [
            "433101-19520229-0008",
            "433101 19520229 0008",
            "身份证号433101195202290008。",
            "433101195102290000",
            "43310119520229000x",
            "4.3310119520229E17",
            "４３３１０１１９５２０２２９０００８",
        ] {
            assert!(masked(shown).contains("（已隐去）") && !masked(shown).contains("0229"), "{shown}");
        }
        for kept in ["524331010000001070", "2021-11-03 2023-12-31", "1234567890123456789012", "5.24331E+17"] {
            assert_eq!(masked(kept), kept);
        }
    }
}
