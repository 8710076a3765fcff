//! The yearly statistical report of the bureau as a table of indicators keyed by (form, version, code).

mod checks;
mod indicators;
mod number;
mod report;
mod sentences;
mod workbook;

pub use checks::{Finding, Verdict, check_growth, check_outline, check_sum, findings_table};
pub use indicators::{Indicator, Nature, Relation, forms_table, shipped};
pub use number::Printed;
pub use report::{Line, Report, Value, decumulate, from_register, printed};
pub use workbook::{Cell, Sheet, read_workbook, sheets_table};
