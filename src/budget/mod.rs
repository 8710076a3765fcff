//! Budget: lines, standards in time, funding, comparison.
//!
//! line = quantity × standard × months, split by funding level. What is handed on is exact to the
//! fen ([`rust_decimal::Decimal`]); draws of a line are floats and end as quantiles.

mod bridge;
mod capital;
mod heads;
mod line;
mod sensitivity;
mod standard;
mod table;

pub use bridge::{Bridge, bridge};
pub use capital::{Profile, capital_by_year};
pub use heads::{Heads, heads_and_payments};
pub use line::{Funding, Line};
pub use sensitivity::{Input, Spread, Swing, spread, tornado, variance_shares};
pub use standard::{Step, check_steps, months_at_rates, yearly_rate};
pub use table::{bridge_table, funding_table, rounded_table};
