//! Capacity: one model for every kind of place: beds, day care, plots, cremators, stations.
//!
//! Demand is a path with draws, supply a stock plus projects; out come the gap, the chance of a
//! shortage in each year and the year in which a place is used up. Paths are [draw, year]; a stock
//! stands on 31 December.

mod balance;
mod delay;
mod queue;
mod siting;
mod supply;
mod target;

pub use balance::{Balance, Mode, balance};
pub use delay::{ReferenceClass, reference_class, reference_classes};
pub use queue::{Pooling, beds_for_blocking, beds_for_waiting, erlang_b, erlang_c, pooling};
pub use siting::{Objective, Plan, site, site_with};
pub use supply::{Project, supply};
pub use target::{Attained, coverage_required, target_attained};
