//! Codes: unified social credit codes (GB 32100-2015), organization codes (GB 11714), area codes (GB/T 2260).
//!
//! A failing code is a warning, never a rejection: some real codes fail.

use std::borrow::Cow;

use super::kinds::Kind;
#[doc(inline)]
pub use super::personal::{IdentityFault, Person, Sex, identity, masked};
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
pub(super) const PROVINCES: [u8; 34] = [
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
}
