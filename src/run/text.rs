//! Numbers as Chinese official documents print them.

use rust_decimal::Decimal;

use crate::money::round_half_away;

/// Thousands separators, at most six decimals, no trailing zeros.
pub fn plain(value: Decimal) -> String {
    grouped(&round_half_away(value, 6).normalize().to_string())
}

/// A value for a sentence: as many decimals as its size deserves.
pub fn number(value: Decimal, unit: &str) -> String {
    if unit == "元" {
        let mut fen = round_half_away(value, 2);
        fen.rescale(2);
        return grouped(&fen.to_string());
    }
    // the plan prints 14.52%, not 0.145
    if unit == "比例" {
        let percent = value.checked_mul(Decimal::ONE_HUNDRED).map(|p| round_half_away(p, 2).normalize());
        return percent.map_or_else(|| plain(value), |p| grouped(&p.to_string()) + "%");
    }
    let size = value.abs();
    let places = if size >= Decimal::from(1000) {
        0
    } else if size >= Decimal::TEN {
        1
    } else if size >= Decimal::new(1, 1) {
        3
    } else {
        6
    };
    grouped(&round_half_away(value, places).normalize().to_string())
}

fn grouped(digits: &str) -> String {
    let (sign, rest) = digits.strip_prefix('-').map_or(("", digits), |r| ("−", r));
    let (whole, fraction) = rest.split_once('.').map_or((rest, ""), |(w, f)| (w, f));
    let mut out = String::from(sign);
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(c);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grouping_and_rounding() {
        assert_eq!(number(Decimal::new(36_000_000, 2), "元"), "360,000.00");
        assert_eq!(number(Decimal::new(-12_345_678, 1), "人"), "−1,234,568");
        assert_eq!(number(Decimal::new(1452, 4), "比例"), "14.52%");
        assert_eq!(plain(Decimal::new(1750, 2)), "17.5");
        assert_eq!(plain(Decimal::from(999)), "999");
    }
}
