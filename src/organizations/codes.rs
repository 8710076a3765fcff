//! Codes: unified social credit codes (GB 32100-2015), organization codes (GB 11714), area codes (GB/T 2260), identity
//! numbers (GB 11643-1999).
//!
//! A failing code is a warning, never a rejection: some real codes fail. Identity numbers are looked at only for sex and
//! age and are neither kept nor shown.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::kinds::Kind;
use super::text::clean;

/// GB 32100-2015, table 1: the 31 characters (no I, O, S, V, Z).
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Value of each byte in the alphabet of GB 32100, 255 outside it.
const VALUES: [u8; 256] = {
    let mut table = [255; 256];
    let mut i = 0;
    while i < ALPHABET.len() {
        table[ALPHABET[i] as usize] = i as u8;
        i += 1;
    }
    table
};

/// GB 32100-2015, formula 1: weights 3^i mod 31.
const WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

/// First two digits of GB/T 2260: provinces, regions, municipalities, special regions.
const PROVINCES: [u8; 34] = [
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54,
    61, 62, 63, 64, 65, 71, 81, 82,
];

/// What is wrong with a unified social credit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeFault {
    /// A spreadsheet turned it into a float (`5.24331E+17`); the last digits are lost.
    Scientific,
    /// Not 18 characters.
    Length,
    /// A character outside the alphabet.
    Character,
    /// The first 17 characters call for another 18th.
    CheckDigit { expected: char },
    /// Characters 9-17 fail the check of GB 11714.
    OrganizationCode,
    /// Characters 3-8 are no area of GB/T 2260.
    Area,
    /// Not a code of the civil-affairs registrar (first character 5).
    Registrar,
}

impl CodeFault {
    /// In words.
    pub fn message(self) -> String {
        match self {
            Self::Scientific => "代码被电子表格改成了科学记数，末位已丢失，无法还原".to_owned(),
            Self::Length => "代码不是18位".to_owned(),
            Self::Character => "代码含有不该有的字符".to_owned(),
            Self::CheckDigit { expected } => {
                format!("代码校验不通过（GB 32100-2015）：若前17位无误，第18位应为 {expected}")
            }
            Self::OrganizationCode => "代码第9至17位（组织机构代码）校验不通过（GB 11714-1997）".to_owned(),
            Self::Area => "代码第3至8位不是行政区划代码（GB/T 2260）".to_owned(),
            Self::Registrar => "不是民政部门登记的代码（第1位应为5）".to_owned(),
        }
    }
}

/// Check character of GB 32100 for the first 17 characters; `None` where one is outside the alphabet.
///
/// (31 − Σ mod 31) mod 31: where Σ ≡ 0 the character is 0, not the 32nd.
pub fn check_character(first_17: &[u8]) -> Option<char> {
    if first_17.len() != 17 {
        return None;
    }
    let mut sum = 0;
    for (c, w) in first_17.iter().zip(WEIGHTS) {
        let value = VALUES[usize::from(*c)];
        if value == 255 {
            return None;
        }
        sum += u32::from(value) * w;
    }
    Some(char::from(ALPHABET[((31 - sum % 31) % 31) as usize]))
}

/// Check character of an organization code (GB 11714-1997) for its first eight characters.
pub fn organization_check(first_8: &[u8]) -> Option<char> {
    if first_8.len() != 8 {
        return None;
    }
    let mut sum = 0;
    for (c, w) in first_8.iter().zip([3u32, 7, 9, 10, 5, 8, 4, 2]) {
        let value = match c {
            b'0'..=b'9' => c - b'0',
            b'A'..=b'Z' => c - b'A' + 10,
            _ => return None,
        };
        sum += u32::from(value) * w;
    }
    Some(match (11 - sum % 11) % 11 {
        10 => 'X',
        n => char::from(b'0' + n as u8),
    })
}

/// The first fault of a code that has been cleaned, or nothing.
pub fn code_fault(code: &str) -> Option<CodeFault> {
    let bytes = code.as_bytes();
    if looks_scientific(code) {
        return Some(CodeFault::Scientific);
    }
    if code.chars().count() != 18 {
        return Some(CodeFault::Length);
    }
    if bytes.len() != 18 || bytes.iter().any(|b| VALUES[usize::from(*b)] == 255) {
        return Some(CodeFault::Character);
    }
    match check_character(&bytes[..17]) {
        Some(expected) if expected as u32 != u32::from(bytes[17]) => {
            return Some(CodeFault::CheckDigit { expected });
        }
        None => return Some(CodeFault::Character),
        Some(_) => {}
    }
    if bytes[0] != b'5' {
        return Some(CodeFault::Registrar);
    }
    if !is_area(&code[2..8]) {
        return Some(CodeFault::Area);
    }
    if organization_check(&bytes[8..16]).is_none_or(|c| c as u32 != u32::from(bytes[16])) {
        return Some(CodeFault::OrganizationCode);
    }
    None
}

/// Whether a code has 18 characters of the alphabet and the right check character.
pub fn is_valid(code: &str) -> bool {
    let bytes = code.as_bytes();
    bytes.len() == 18 && check_character(&bytes[..17]).is_some_and(|c| c as u32 == u32::from(bytes[17]))
}

/// The type that the first two characters of a code name.
pub fn kind_of(code: &str) -> Option<Kind> {
    Some(match code.as_bytes().get(..2)? {
        b"51" => Kind::Association,
        b"52" => Kind::ServiceOrganization,
        b"53" => Kind::Foundation,
        _ => return None,
    })
}

/// A code made plain: blanks, quotes, `="…"` and full-width letters undone, lower case raised; and letters that the
/// alphabet leaves out because they are mistaken for digits (O, I, Z, S) read as those digits, where the code then checks.
pub fn repair(cell: &str) -> Cow<'_, str> {
    let text = clean(cell);
    if text.len() == 18 && text.bytes().all(|b| VALUES[usize::from(b)] != 255) {
        return text;
    }
    let bare: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '\'' | '"' | '=' | '‘' | '’' | '“' | '”' | '`'))
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let bare = match bare.strip_suffix(".0") {
        Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => digits.to_owned(),
        _ => bare,
    };
    let dashless: String = bare.chars().filter(|c| *c != '-').collect();
    let bare = if dashless.len() == 18 { dashless } else { bare };
    if bare.len() == 18 && !is_valid(&bare) {
        let digits: String = bare
            .chars()
            .map(|c| match c {
                'O' => '0',
                'I' => '1',
                'Z' => '2',
                'S' => '5',
                c => c,
            })
            .collect();
        if is_valid(&digits) {
            return Cow::Owned(digits);
        }
    }
    Cow::Owned(bare)
}

/// Whether a text has the shape of a code, whether or not it checks: 18 of its characters or of those mistaken for them.
/// One that ends in 000 and fails is what a spreadsheet leaves of a number of 18 digits: its last three are lost.
pub fn is_code_like(code: &str) -> bool {
    let shape = code.len() == 18 && code.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
    let varied = code.bytes().any(|b| Some(&b) != code.as_bytes().first());
    let cut = code.ends_with("000") && code.bytes().all(|b| b.is_ascii_digit());
    shape && varied && (!cut || is_valid(code))
}

/// Whether a spreadsheet has turned the cell into a float: `4.33101E+11`, `5.24331e17`.
pub fn looks_scientific(cell: &str) -> bool {
    let Some((mantissa, exponent)) = cell.split_once(['E', 'e']) else { return false };
    let number = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    mantissa.split_once('.').map_or_else(
        || number(mantissa) && mantissa.len() < 4 && exponent.len() <= 2,
        |(whole, part)| whole.len() == 1 && number(whole) && number(part),
    ) && number(exponent)
}

/// Whether six digits begin with a province of GB/T 2260.
pub fn is_area(code: &str) -> bool {
    code.len() == 6
        && code.bytes().all(|b| b.is_ascii_digit())
        && code[..2].parse::<u8>().is_ok_and(|p| PROVINCES.contains(&p))
}

/// Sex of a person as an identity number tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    fn the_sum_that_is_zero_gives_the_character_0() {
        assert!(is_valid("524331010000001070"));
        assert_eq!(check_character(b"52433101000000107"), Some('0'));
    }

    #[test]
    fn valid_and_broken_codes() {
        for code in ["51433101MJK000006K", "52433101MJK000006G", "53433101MJK000006D", "52433101000000019H"] {
            assert!(is_valid(code), "{code}");
            for place in 0..17 {
                let mut wrong = code.as_bytes().to_vec();
                wrong[place] = if wrong[place] == b'7' { b'8' } else { b'7' };
                assert!(!is_valid(std::str::from_utf8(&wrong).unwrap()), "{code} at {place}");
            }
        }
        assert_eq!(code_fault("5.24331E+17"), Some(CodeFault::Scientific));
        assert_eq!(code_fault("5243310100000010"), Some(CodeFault::Length));
        assert_eq!(code_fault("52433101000000107I"), Some(CodeFault::Character));
        assert_eq!(code_fault("52433101000000107A"), Some(CodeFault::CheckDigit { expected: '0' }));
        assert_eq!(kind_of("51433101MJK000006K"), Some(Kind::Association));
    }

    #[test]
    fn what_a_spreadsheet_did_is_undone_where_it_can_be() {
        assert_eq!(repair("'52433101ｍｊk000006Ｇ"), "52433101MJK000006G");
        assert_eq!(repair("=\"52433101MJK000006G\""), "52433101MJK000006G");
        assert_eq!(repair("52433101MJKOOOOO6G"), "52433101MJK000006G");
        assert_eq!(repair("52 433101 MJK000006 G"), "52433101MJK000006G");
        assert_eq!(repair("5.24331E+17"), "5.24331E+17");
        // Nothing is guessed where the code would still fail.
        assert_eq!(repair("52433101MJKOOOOO7G"), "52433101MJKOOOOO7G");
    }

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
