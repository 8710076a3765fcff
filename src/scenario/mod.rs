//! Scenario: case.toml and scenarios: parse, validate, extend.
//!
//! `tree` reads TOML into nodes that know their file and line; `files` is a folder on disk or one
//! that is shipped; `case` is a county's folder, `plan_files` its plan and figures, `missing` what it lacks
//! for a run, `base` whom it starts from; `model` is what a scenario
//! says, in types; `parse` checks a tree into a model and collects every mistake, `validate` the names in
//! its formulas, `overlaps` who can draw what at once, `units` what their figures are counted in;
//! `groups` are programs whose heads and payments are counted; `expr` is the small formula language.

mod base;
mod case;
mod expr;
mod files;
mod groups;
mod missing;
mod model;
mod overlaps;
mod parse;
mod parse_overlap;
mod parse_relief;
mod plan_files;
mod template;
mod tree;
mod units;
mod validate;

pub use base::{BaseSpec, BaseValue, SpecialSpec};
pub use case::Case;
pub use expr::{Expr, Function, Op, parse_formula};
pub use files::{Files, shipped};
pub use groups::{Group, TOTAL, groups};
pub use missing::Start;
pub use model::*;
pub use template::write_template;
pub use validate::{AgeName, INDICATORS};
