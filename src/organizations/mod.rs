//! Organizations: the register, its annual inspection, streaks and statistics.

mod annual_table;
pub mod areas;
pub mod codes;
pub mod dates;
mod expected;
mod header;
mod kinds;
mod listing;
mod problems;
mod read;
mod register;
mod rules;
mod simplex;
pub(crate) mod source;
mod statistics;
mod streak;
pub mod suppress;
mod survival;
mod synthetic;
pub mod text;
mod transitions;
mod validate;

pub use annual_table::{Counts, annual_table, count, publication_table};
pub use expected::expected_table;
pub use kinds::{Conclusion, Kind};
pub use listing::{coded_table, counts_table, curve_table, organizations_table, renames_table};
pub use problems::{Finding, Problems};
pub use read::{Conflict, Identity, Options, read_batches, read_path};
pub use register::{NO_DAY, Organization, Register, Rename, Representative};
pub use rules::{Action, DEFAULT_SET, Notice, Rule, Rules};
pub use statistics::{Interval, beta_quantile, check_level, normal_quantile, share_interval};
pub use streak::{Absent, Closed, Due, Effect, Treatment, due, due_table, streak};
pub use survival::{Ending, Step, survival_curve, survival_table};
pub use synthetic::{ASSOCIATIONS, SERVICE_ORGANIZATIONS, synthetic_table, write_synthetic};
pub use transitions::{Matrix, Transitions, transition_counts, transitions_table};
