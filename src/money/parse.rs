//! Exact numbers from text: decimals, exponents, fractions and per cent, never through a float.

use num_bigint::BigInt;
use num_rational::Ratio;

use super::Exact;
use crate::error::{Error, Problem, Result};

/// Largest exponent that is taken; a float has at most 324.
const MOST: i32 = 400;

/// `1350`, `-0.25`, `1,350.50`, `1e-7`, `2/3`, `12.5%` as an exact ratio.
///
/// # Errors
/// `Data` for anything else: words, NaN, infinity, a zero denominator, an exponent beyond ±400.
pub fn parse_exact(text: &str) -> Result<Exact> {
    let clean: String = text.trim().chars().filter(|c| *c != ',' && *c != '_').collect();
    let value = match clean.split_once('/') {
        Some((numer, denom)) => decimal(numer.trim())
            .zip(decimal(denom.trim()).filter(|d| *d.numer() != BigInt::ZERO))
            .map(|(n, d)| n / d),
        None => match clean.strip_suffix(['%', '％']) {
            Some(percent) => decimal(percent.trim()).map(|p| p / Ratio::from_integer(BigInt::from(100))),
            None => decimal(&clean),
        },
    };
    value.ok_or_else(|| {
        Error::data(
            Problem::new("not a number").value(text).expected("a number such as 1350, 0.25, 2/3 or 60%"),
        )
    })
}

fn decimal(text: &str) -> Option<Exact> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((m, e)) => (m, e.parse::<i32>().ok().filter(|e| e.abs() <= MOST)?),
        None => (text, 0),
    };
    let (negative, digits) = match mantissa.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{whole}{part}");
    if all.is_empty() || !all.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let units: BigInt = all.parse().ok()?;
    let scale = exponent - i32::try_from(part.len()).ok()?;
    let ten = BigInt::from(10).pow(scale.unsigned_abs());
    let units = if negative { -units } else { units };
    Some(if scale < 0 { Ratio::new(units, ten) } else { Ratio::from_integer(units * ten) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_and_programs_write_them() {
        for (text, numer, denom) in [
            ("1350", 1350, 1),
            ("-0.25", -1, 4),
            ("1,350.50", 2701, 2),
            ("1e-07", 1, 10_000_000),
            ("2.5E3", 2500, 1),
            (" 2/3 ", 2, 3),
            ("12.5%", 1, 8),
            ("+.5", 1, 2),
            ("5.", 5, 1),
        ] {
            assert_eq!(
                parse_exact(text).unwrap(),
                Ratio::new(BigInt::from(numer), BigInt::from(denom)),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in
            ["", " ", "nan", "inf", "-", ".", "1/0", "1e999", "1e", "四千", "1.2.3", "--1", "1/2/3", "0x10"]
        {
            assert!(parse_exact(text).is_err(), "{text}");
        }
    }
}
