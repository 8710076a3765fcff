//! Comparison of two budgets as a bridge that adds to the fen.

use rust_decimal::Decimal;

use crate::error::{Error, Problem, Result};

/// One step from the first budget to the second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bridge {
    pub line: String,
    /// Amount in the first budget; none where the line isn't in it.
    pub a: Option<Decimal>,
    pub b: Option<Decimal>,
    /// b − a, a line that isn't there counting as zero.
    pub difference: Decimal,
}

/// Line by line, in the order of `a`, then what only `b` has. The differences add to the difference of
/// the totals exactly.
///
/// # Errors
/// `Data` for a line that stands twice in one budget, or amounts beyond 28 digits.
pub fn bridge(a: &[(String, Decimal)], b: &[(String, Decimal)]) -> Result<Vec<Bridge>> {
    let mut problems = Vec::new();
    for (budget, lines) in [("a", a), ("b", b)] {
        for (i, (name, _)) in lines.iter().enumerate() {
            if lines[..i].iter().any(|(other, _)| other == name) {
                problems.push(Problem::new("line stands twice").column(budget).row(i + 1).value(name));
            }
        }
    }
    if !problems.is_empty() {
        return Err(Error::Data(problems));
    }
    let find =
        |lines: &[(String, Decimal)], name: &str| lines.iter().find(|(n, _)| n == name).map(|(_, v)| *v);
    let only_b = b.iter().filter(|(name, _)| find(a, name).is_none());
    a.iter()
        .chain(only_b)
        .map(|(name, _)| {
            let (from, to) = (find(a, name), find(b, name));
            let difference = to
                .unwrap_or_default()
                .checked_sub(from.unwrap_or_default())
                .ok_or_else(|| Error::data(Problem::new("amount too large").value(name)))?;
            Ok(Bridge { line: name.clone(), a: from, b: to, difference })
        })
        .collect()
}
