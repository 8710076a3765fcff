//! Dated standards: what is paid for one person and month, and since when.

use rust_decimal::Decimal;

use crate::error::{Error, Problem, Result};

/// A standard from a month on, until the next step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// (year, month 1-12): the first month paid at this value.
    pub from: (i32, u32),
    /// Yuan a person and month.
    pub value: Decimal,
}

impl Step {
    pub fn new(year: i32, month: u32, value: Decimal) -> Self {
        Self { from: (year, month), value }
    }
}

/// The months of `year` at each rate, in order: a rise in November gives ten months at the old rate
/// and two at the new one. Months before the first step are not paid and not listed.
///
/// # Errors
/// `Data` for the problems of [`check_steps`], and for a year that ends before the first step.
pub fn months_at_rates(steps: &[Step], year: i32) -> Result<Vec<(u32, Decimal)>> {
    check_steps(steps)?;
    let mut out: Vec<(u32, Decimal)> = Vec::new();
    for (i, step) in steps.iter().enumerate() {
        let first = first_month(step.from, year);
        let end = steps.get(i + 1).map_or(13, |next| first_month(next.from, year));
        if end > first {
            out.push((end - first, step.value));
        }
    }
    if out.is_empty() {
        let first = steps.first().map(|s| format!("{:04}-{:02}", s.from.0, s.from.1)).unwrap_or_default();
        return Err(Error::data(
            Problem::new("no standard in force in this year")
                .value(year)
                .expected(format!("a year from {first} on")),
        ));
    }
    Ok(out)
}

/// What a person who is there all year gets in `year`: Σ months × rate.
///
/// # Errors
/// As [`months_at_rates`]; `Data` for amounts beyond 28 digits.
pub fn yearly_rate(steps: &[Step], year: i32) -> Result<Decimal> {
    let mut sum = Decimal::ZERO;
    for (months, rate) in months_at_rates(steps, year)? {
        sum = rate
            .checked_mul(Decimal::from(months))
            .and_then(|paid| sum.checked_add(paid))
            .ok_or_else(|| Error::data(Problem::new("amount too large").value(rate)))?;
    }
    Ok(sum)
}

/// Checks that steps are there, dated in ascending order, with real months and no negative value.
///
/// # Errors
/// `Data` with everything that is wrong.
pub fn check_steps(steps: &[Step]) -> Result<()> {
    let mut problems = Vec::new();
    if steps.is_empty() {
        problems.push(Problem::new("a standard without a value").expected("at least one dated value"));
    }
    for (i, step) in steps.iter().enumerate() {
        let (year, month) = step.from;
        if !(1..=12).contains(&month) {
            problems.push(Problem::new("no such month").row(i + 1).value(month).expected("1 to 12"));
        }
        if step.value.is_sign_negative() && !step.value.is_zero() {
            problems
                .push(Problem::new("negative standard").row(i + 1).value(step.value).expected("0 or more"));
        }
        if i > 0 && steps[i - 1].from >= step.from {
            let before = steps[i - 1].from;
            problems.push(
                Problem::new("dates out of order")
                    .row(i + 1)
                    .value(format!("{year:04}-{month:02}"))
                    .expected(format!("a month after {:04}-{:02}", before.0, before.1)),
            );
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Data(problems)) }
}

/// First month of `year` at or after a date: 1 where it lies before, 13 where it lies after the year.
fn first_month(from: (i32, u32), year: i32) -> u32 {
    match from.0.cmp(&year) {
        std::cmp::Ordering::Less => 1,
        std::cmp::Ordering::Equal => from.1,
        std::cmp::Ordering::Greater => 13,
    }
}
