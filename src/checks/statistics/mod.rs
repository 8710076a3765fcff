//! Checks of a statistical table: sums by the numbering of its rows and by 小计, 其中, columns that add,
//! growth rates, cumulative series, codes that a spreadsheet has turned into powers of ten; two
//! tables cell by cell. Findings give cell addresses.
//!
//! Tolerance: n parts and their total, each rounded to u, may differ by (n+1)·u/2; u is the last
//! place that any of them prints. A growth rate holds where some values within the printed places of
//! both years and of the rate itself make it.

mod codes;
mod columns;
mod cumulative;
mod equal;
mod growth;
mod sheet;
mod sums;
mod yearly;

pub use cumulative::check_cumulative;
pub use equal::check_equal;

use super::Finding;
use super::finding::sort;
use crate::error::{Error, Problem, Result};
use crate::tables::Input;

/// Checks one table; the first text column names the indicators.
///
/// Errors: `Error::Data` where no column names the rows or none holds numbers, and none holds codes
/// either: a register of codes and names is checked for its codes.
pub fn check_table(input: &Input) -> Result<Vec<Finding>> {
    let mut findings = codes::broken(input)?;
    match sheet::read(input)? {
        Some(sheet) => {
            for column in (0..sheet.columns.len()).filter(|c| sheet.columns[*c].adds()) {
                findings.extend(sums::found(&sheet, column));
            }
            findings.extend(columns::found(&sheet));
            findings.extend(growth::found(&sheet));
        }
        None if input.table.column_names().iter().any(|n| codes::is_code(n)) => {}
        None => {
            let problem =
                Problem::new("not a statistical table").value(input.table.column_names().join(", "));
            return Err(Error::data(
                problem.expected("a column that names the indicators, and columns of numbers"),
            ));
        }
    }
    sort(&mut findings, |_| 0);
    Ok(findings)
}
