//! Splitting a total into parts that add to it exactly, by largest remainder (Hamilton's method).

use num_bigint::BigInt;
use num_rational::Ratio;
use rust_decimal::Decimal;

use super::{Exact, decimal_of};
use crate::error::{Error, Problem, Result};

/// A decimal as an exact ratio.
pub fn ratio(value: Decimal) -> Exact {
    Ratio::new(BigInt::from(value.mantissa()), BigInt::from(10).pow(value.scale()))
}

/// Splits `total` in proportion to `shares` into parts of `places` decimals that add to it exactly.
/// Each part is its exact share rounded down or up; the last units go to the largest remainders,
/// the earlier share first where remainders are equal. Shares are weights: they need not add to 1.
///
/// # Errors
/// `Data` for no shares, a negative share, shares that are all zero, or a total with more decimals
/// than `places`.
pub fn split_largest_remainder(total: Decimal, shares: &[Decimal], places: u32) -> Result<Vec<Decimal>> {
    let shares: Vec<Exact> = shares.iter().map(|s| ratio(*s)).collect();
    split_ratios(total, &shares, places)
}

/// [`split_largest_remainder`] with shares that are exact ratios, such as thirds.
pub fn split_ratios(total: Decimal, shares: &[Exact], places: u32) -> Result<Vec<Decimal>> {
    let zero = Ratio::from_integer(BigInt::ZERO);
    let mut problems = Vec::new();
    for (i, share) in shares.iter().enumerate() {
        if *share < zero {
            problems.push(
                Problem::new("negative share").row(i + 1).value(share).expected("a share of 0 or more"),
            );
        }
    }
    let sum: Exact = shares.iter().sum();
    if problems.is_empty() && sum == zero {
        problems.push(Problem::new("shares add to zero").expected("at least one positive share"));
    }
    let scaled = ratio(total) * Ratio::from_integer(BigInt::from(10).pow(places));
    if !scaled.is_integer() {
        problems.push(
            Problem::new(format!("total has more than {places} decimals"))
                .value(total)
                .expected("an amount rounded before it is split"),
        );
    }
    if !problems.is_empty() {
        return Err(Error::Data(problems));
    }

    let negative = total.is_sign_negative();
    let units = if negative { -scaled.to_integer() } else { scaled.to_integer() };
    let exact: Vec<Exact> = shares.iter().map(|s| Ratio::from_integer(units.clone()) * s / &sum).collect();
    let mut parts: Vec<BigInt> = exact.iter().map(|e| e.floor().to_integer()).collect();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by(|&a, &b| exact[b].fract().cmp(&exact[a].fract()));
    // Fewer units are left than there are parts, since each floor takes less than one unit.
    let mut left = units - parts.iter().sum::<BigInt>();
    for i in order {
        if left <= BigInt::ZERO {
            break;
        }
        parts[i] += 1;
        left -= 1;
    }
    parts.into_iter().map(|p| decimal_of(&if negative { -p } else { p }, places)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn thirds_of_a_yuan() {
        let third = Ratio::new(BigInt::from(1), BigInt::from(3));
        let parts = split_ratios(d("1.00"), &[third.clone(), third.clone(), third], 2).unwrap();
        assert_eq!(parts, [d("0.34"), d("0.33"), d("0.33")]);
    }

    #[test]
    fn a_repayment_splits_like_a_payment() {
        let shares = [d("0.6"), d("0.3"), d("0.1")];
        let pay = split_largest_remainder(d("100.01"), &shares, 2).unwrap();
        let back = split_largest_remainder(d("-100.01"), &shares, 2).unwrap();
        assert_eq!(pay, back.iter().map(|b| -b).collect::<Vec<_>>());
    }

    #[test]
    fn what_can_t_be_split_is_told_all_at_once() {
        let e = split_largest_remainder(d("1.005"), &[d("-1"), d("2"), d("-3")], 2).unwrap_err();
        assert_eq!(e.problems().len(), 3);
        assert!(split_largest_remainder(d("1"), &[], 2).is_err());
        assert!(split_largest_remainder(d("1"), &[d("0")], 2).is_err());
    }
}
