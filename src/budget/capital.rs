//! Capital lines: a sum spread over the years of construction.

use rust_decimal::Decimal;

use crate::error::{Error, Problem, Result};
use crate::money::{round_half_away, split_largest_remainder};

/// How the money of a project falls over its years.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Profile {
    /// The same each year.
    Even,
    /// Weights by year, first to last.
    Weights(Vec<Decimal>),
}

/// Yuan by year, `start`..=`finish`, adding to `total` × (1 + `optimism_bias`) rounded to the fen.
/// `optimism_bias` is the share by which cost is expected to pass the plan; zero switches it off.
///
/// # Errors
/// `Data` for a negative total or bias, years out of order, more than 200 years, or weights that
/// don't match the years.
pub fn capital_by_year(
    total: Decimal,
    start: i32,
    finish: i32,
    profile: &Profile,
    optimism_bias: Decimal,
) -> Result<Vec<(i32, Decimal)>> {
    let mut problems = Vec::new();
    for (column, value) in [("total", total), ("optimism_bias", optimism_bias)] {
        if value < Decimal::ZERO {
            problems.push(Problem::new("negative").column(column).value(value).expected("0 or more"));
        }
    }
    let years = i64::from(finish) - i64::from(start) + 1;
    if !(1..=200).contains(&years) {
        problems.push(
            Problem::new("years of construction")
                .value(format!("{start} to {finish}"))
                .expected("a last year at or after the first, within 200 years"),
        );
    }
    if let Profile::Weights(weights) = profile
        && weights.len() as i64 != years
    {
        problems.push(
            Problem::new("weights do not match the years")
                .column("profile")
                .value(weights.len())
                .expected(format!("{years} weights")),
        );
    }
    if !problems.is_empty() {
        return Err(Error::Data(problems));
    }
    let cost = optimism_bias
        .checked_add(Decimal::ONE)
        .and_then(|f| total.checked_mul(f))
        .ok_or_else(|| Error::data(Problem::new("amount too large").value(total)))?;
    let weights = match profile {
        Profile::Even => vec![Decimal::ONE; years as usize],
        Profile::Weights(weights) => weights.clone(),
    };
    let parts = split_largest_remainder(round_half_away(cost, 2), &weights, 2)?;
    Ok((start..=finish).zip(parts).collect())
}
