//! minsuan (民算): statistical analytics for China's county civil-affairs bureaus.
//!
//! A room imports only from rooms above it in this list.

pub mod annual; // the yearly statistical report as a table of indicators
pub mod assets; // the files under data/, carried inside the library
pub mod budget; // lines, standards in time, funding, comparison
pub mod capacity; // demand, supply pipeline, gap, P(shortage)
pub mod care; // ability levels, need
pub mod checks; // relations between figures, tables and rules
pub mod demography; // life tables, mortality, fertility, migration, projection
pub mod draws; // counter-based random streams, quantiles
pub mod error; // problems with file, row, column, value and expectation
pub mod figures; // a figure with unit, date, precision, source; the ledger
pub mod money; // exact amounts, splitting, controlled rounding
pub mod organizations; // register, inspection, streaks, statistics
pub mod relief; // programs, drivers, caseloads
pub mod rules; // dated standards: lookup by date and place
pub mod run;
pub mod scenario; // case.toml and scenarios: parse, validate, extend
pub mod tables; // Arrow in and out; CSV, Excel, Parquet
pub mod trends; // short series: breaks, forecast, stock-flow, backtest // one pass over all of it; the graph behind `why`

#[cfg(feature = "python")]
mod python; // the binding, and nothing but the binding
