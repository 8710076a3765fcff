//! Scenario: case.toml and scenarios: parse, validate, extend.
//!
//! `tree` reads TOML into nodes that know their file and line; `files` is a folder on disk or one
//! that is shipped; `case` is a county's folder, `plan_files` its plan and figures, `missing` what it lacks
//! for a run, `base` whom it starts from; `model` is what a scenario
//! says, in types; `parse` checks a tree into a model and collects every mistake, `validate` the names in
//! its formulas, `units` what their figures are counted in; `expr` is the small formula language.

mod base;
mod case;
mod expr;
mod files;
mod missing;
mod model;
mod parse;
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
pub use missing::Start;
pub use model::*;
pub use template::write_template;
pub use validate::{AgeName, INDICATORS};
