//! Overlapping programs: persons are counted once, payments each time.

use crate::error::{Error, Problem, Result};

/// Two programs and who draws both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heads {
    /// Persons in at least one program.
    pub heads: i64,
    /// Payments: persons of the first plus persons of the second.
    pub payments: i64,
}

/// Heads and payments of two programs of which `both` persons draw the two, such as the living and
/// the care subsidy for the disabled.
///
/// # Errors
/// `Data` for negative counts or more in both than in either.
pub fn heads_and_payments(first: i64, second: i64, both: i64) -> Result<Heads> {
    let mut problems = Vec::new();
    for (column, n) in [("first", first), ("second", second), ("both", both)] {
        if n < 0 {
            problems.push(Problem::new("negative count").column(column).value(n).expected("0 or more"));
        }
    }
    if both > first.min(second) {
        problems.push(
            Problem::new("more in both than in one")
                .column("both")
                .value(both)
                .expected(format!("at most {}", first.min(second))),
        );
    }
    let payments = first.checked_add(second);
    match payments {
        Some(payments) if problems.is_empty() => Ok(Heads { heads: payments - both, payments }),
        _ => {
            if payments.is_none() {
                problems.push(Problem::new("count too large").value(first));
            }
            Err(Error::Data(problems))
        }
    }
}
