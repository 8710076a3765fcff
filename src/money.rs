//! Exact amounts in yuan: rounding half away from zero, splitting by largest remainder.

use rust_decimal::{Decimal, RoundingStrategy};

/// Rounds half away from zero (四舍五入), on decimals.
pub fn round_half_away(value: Decimal, places: u32) -> Decimal {
    value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_rounds_up_as_the_forms_do() {
        assert_eq!(round_half_away(Decimal::new(25, 2), 1), Decimal::new(3, 1));
        assert_eq!(round_half_away(Decimal::new(-25, 2), 1), Decimal::new(-3, 1));
    }
}
