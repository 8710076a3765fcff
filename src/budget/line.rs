//! A budget line: quantity × standard × months, exact, and its split by funding level.

use num_bigint::BigInt;
use num_rational::Ratio;
use rust_decimal::Decimal;

use super::standard::{Step, months_at_rates};
use crate::error::{Error, Problem, Result};
use crate::money::{Exact, ratio, round_ratio, split_ratios};

/// Who pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Funding {
    Central,
    Province,
    Prefecture,
    County,
}

impl Funding {
    pub const ALL: [Self; 4] = [Self::Central, Self::Province, Self::Prefecture, Self::County];

    pub fn id(self) -> &'static str {
        ["central", "province", "prefecture", "county"][self as usize]
    }
    /// As budget tables head the column.
    pub fn label(self) -> &'static str {
        ["中央", "省级", "市州级", "县级"][self as usize]
    }
    /// # Errors
    /// `Data` for an unknown level.
    pub fn parse(id: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|f| f.id() == id).ok_or_else(|| {
            Error::data(
                Problem::new("unknown funding level")
                    .column("shares")
                    .value(id)
                    .expected("central, province, prefecture or county"),
            )
        })
    }
}

/// A line of one year. All parts are exact; [`Line::new`] checks them.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub name: String,
    /// Yuan, before rounding to the fen.
    exact: Exact,
    shares: Vec<(Funding, Exact)>,
}

impl Line {
    /// `quantity` persons (or posts, places) at `standard` yuan a month for `months` months.
    /// `shares` name who pays how much of it and add to 1; none where the split isn't known.
    ///
    /// # Errors
    /// `Data` with everything that is negative, months beyond 12, and shares that do not add to 1.
    pub fn new(
        name: impl Into<String>,
        quantity: Exact,
        standard: Exact,
        months: Exact,
        shares: Vec<(Funding, Exact)>,
    ) -> Result<Self> {
        let mut problems = Vec::new();
        not_negative("quantity", &quantity, &mut problems);
        not_negative("standard", &standard, &mut problems);
        not_negative("months", &months, &mut problems);
        if months > Ratio::from_integer(BigInt::from(12)) {
            let p = Problem::new("more months than a year has").column("months").value(&months);
            problems.push(p.expected("0 to 12"));
        }
        check_shares(&shares, &mut problems);
        if !problems.is_empty() {
            return Err(Error::Data(problems));
        }
        Ok(Self { name: name.into(), exact: quantity * standard * months, shares })
    }

    /// `quantity` at a dated standard in `year`: each month at the rate in force.
    ///
    /// # Errors
    /// As [`Line::new`] and [`months_at_rates`].
    pub fn dated(
        name: impl Into<String>,
        quantity: Exact,
        steps: &[Step],
        year: i32,
        shares: Vec<(Funding, Exact)>,
    ) -> Result<Self> {
        let one = Ratio::from_integer(BigInt::from(1));
        let mut paid = Ratio::from_integer(BigInt::ZERO);
        for (months, rate) in months_at_rates(steps, year)? {
            paid += ratio(rate) * Ratio::from_integer(BigInt::from(months));
        }
        Self::new(name, quantity, paid, one, shares)
    }

    /// Yuan, rounded half away from zero to the fen.
    ///
    /// # Errors
    /// `Data` for amounts beyond 28 digits.
    pub fn amount(&self) -> Result<Decimal> {
        round_ratio(&self.exact, 2)
    }

    /// Yuan before rounding.
    pub fn exact(&self) -> &Exact {
        &self.exact
    }

    /// The amount by funding level, by largest remainder: the parts add to it exactly. Empty where no
    /// shares were given.
    ///
    /// # Errors
    /// As [`Line::amount`].
    pub fn split(&self) -> Result<Vec<(Funding, Decimal)>> {
        if self.shares.is_empty() {
            return Ok(Vec::new());
        }
        let weights: Vec<Exact> = self.shares.iter().map(|(_, s)| s.clone()).collect();
        let parts = split_ratios(self.amount()?, &weights, 2)?;
        Ok(self.shares.iter().map(|(f, _)| *f).zip(parts).collect())
    }

    pub fn shares(&self) -> &[(Funding, Exact)] {
        &self.shares
    }
}

fn not_negative(column: &str, value: &Exact, problems: &mut Vec<Problem>) {
    if *value < Ratio::from_integer(BigInt::ZERO) {
        problems.push(Problem::new("negative").column(column).value(value).expected("0 or more"));
    }
}

fn check_shares(shares: &[(Funding, Exact)], problems: &mut Vec<Problem>) {
    let before = problems.len();
    for (i, (level, share)) in shares.iter().enumerate() {
        not_negative(&format!("shares.{}", level.id()), share, problems);
        if shares[..i].iter().any(|(f, _)| f == level) {
            problems.push(Problem::new("funding level named twice").column("shares").value(level.id()));
        }
    }
    let one = Ratio::from_integer(BigInt::from(1));
    let sum: Exact = shares.iter().map(|(_, s)| s).sum();
    // Printed thirds (0.3333333333) pass; a forgotten level does not.
    let slack = Ratio::new(BigInt::from(1), BigInt::from(1_000_000_000));
    let off = if sum > one { &sum - &one } else { &one - &sum };
    if !shares.is_empty() && problems.len() == before && off > slack {
        problems
            .push(Problem::new("shares do not add to 1").column("shares").value(sum).expected("a sum of 1"));
    }
}
