//! Rules: dated standards, looked up by date and place.
//!
//! A rule is data (`data/rules/*.toml`): value, unit, place, the days between which it holds, its
//! source and article, how sure it is and who must confirm it. A case adds its own, with a reason.

mod rule;
mod rulebook;

pub use rule::{Confidence, Relation, Rule};
pub use rulebook::Rulebook;
