//! Figures: a value with unit, date, precision and source; the ledger of a plan.
//!
//! [`Ledger`] reads `figures.csv`, the figures of a plan with their line and words. [`Unit`]
//! converts (元, 万元, 亿元, 亩, ‰ …) in exact rationals, [`number`] reads numbers as Chinese
//! writes them, [`Exact`] and [`Span`] carry values and what printed precision leaves open.

pub mod draft;
mod entries;
mod exact;
mod figure;
mod ledger;
pub mod number;
mod row;
mod time;
mod unit;
mod words;

pub use entries::{Entries, Entry};
pub use exact::{Exact, Span, from_decimal, plain, to_decimal};
pub use figure::{Bound, Figure, Nature, Value};
pub use ledger::Ledger;
pub use time::{Moment, Period, TimeRef};
pub use unit::Unit;
