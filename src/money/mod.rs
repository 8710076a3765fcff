//! Exact amounts in yuan: rounding half away from zero, splitting, controlled rounding.
//!
//! Nothing here passes through a float. Amounts are [`Decimal`]; shares may be any exact ratio.

mod parse;
mod round_table;
mod split;

pub use parse::parse_exact;
pub use round_table::{RoundedTable, controlled_rounding, controlled_rounding_ratios};
pub use split::{ratio, split_largest_remainder, split_ratios};

use num_bigint::BigInt;
use num_rational::Ratio;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::error::{Error, Problem, Result};

/// An exact ratio of any size, such as a funding share of one third.
pub type Exact = Ratio<BigInt>;

/// Rounds half away from zero (四舍五入), on decimals.
pub fn round_half_away(value: Decimal, places: u32) -> Decimal {
    value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
}

/// An exact ratio rounded half away from zero to `places` decimals.
///
/// # Errors
/// `Data` where the result does not fit in a `Decimal` (96 bits).
pub fn round_ratio(value: &Exact, places: u32) -> Result<Decimal> {
    let scaled = value * Ratio::from_integer(BigInt::from(10).pow(places));
    decimal_of(&scaled.round().to_integer(), places)
}

/// `units` × 10^-places as a `Decimal`.
fn decimal_of(units: &BigInt, places: u32) -> Result<Decimal> {
    i128::try_from(units).ok().and_then(|m| Decimal::try_from_i128_with_scale(m, places).ok()).ok_or_else(
        || Error::data(Problem::new("amount too large").value(units).expected("at most 28 digits in all")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_rounds_up_as_the_forms_do() {
        assert_eq!(round_half_away(Decimal::new(25, 2), 1), Decimal::new(3, 1));
        assert_eq!(round_half_away(Decimal::new(-25, 2), 1), Decimal::new(-3, 1));
    }

    #[test]
    fn ratios_round_half_away_too() {
        let half = |n: i64| Ratio::new(BigInt::from(n), BigInt::from(200));
        assert_eq!(round_ratio(&half(1), 2).unwrap(), Decimal::new(1, 2));
        assert_eq!(round_ratio(&half(-1), 2).unwrap(), Decimal::new(-1, 2));
        let huge = Ratio::from_integer(BigInt::from(10).pow(40));
        assert!(round_ratio(&huge, 2).is_err());
    }
}
