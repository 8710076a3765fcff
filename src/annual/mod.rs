//! The yearly statistical report of the bureau as a table of indicators keyed by (form, version, code).

mod checks;
mod indicators;
mod number;
mod outline;
mod report;
mod sentences;
mod series;
mod workbook;
mod workbook_read;

pub use checks::{Finding, Verdict, check_growth, check_sum, findings_table};
pub use indicators::{Indicator, Nature, Relation, forms_table, shipped};
pub use number::Printed;
pub use outline::{check_outline, check_sheets};
pub use report::{Basis, Line, Report, Value, decumulate, from_register, printed};
pub use series::{Point, check_percent, from_series};
pub use workbook_read::{Cell, Sheet, read_workbook, sheets_table};
