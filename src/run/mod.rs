//! Run: one pass over all rooms, and the graph behind `why`.
//!
//! `base` makes the base population and `people` projects it; `care`, `relief`, `heads`, `capacity`, `budget` turn
//! rooms' computations into nodes; `eval` computes the formulas of the scenario between them;
//! `tables` hands results on; `why` explains them; `compare` sets two runs against each other.

mod assume;
mod base;
mod budget;
mod capacity;
mod care;
mod compare;
mod eval;
mod graph;
mod heads;
mod heads_table;
mod people;
mod population;
mod relief;
mod relief_trend;
mod response;
mod sources;
mod standards;
mod tables;
mod text;
mod why;
mod workbook;

use std::collections::BTreeMap;

pub use compare::compare;
pub use graph::{Graph, Node, Origin};
pub use sources::Sources;
pub use why::Why;
pub use workbook::sheets as workbook;

use crate::capacity::Balance;
use crate::error::{Error, Problem, Result};
use crate::scenario::{Case, Group, Scenario, groups};
use eval::Evaluator;
pub use population::People;

/// How a run is to be made.
#[derive(Debug, Clone)]
pub struct Options {
    pub scenario: Option<String>,
    pub draws: usize,
    /// `None`: the scenario's own.
    pub seed: Option<u64>,
    /// 0: all cores. The result does not depend on it.
    pub threads: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { scenario: None, draws: 1000, seed: None, threads: 0 }
    }
}

/// More draws than any quantile needs; beyond it memory, not sense, is the limit.
const MAX_DRAWS: usize = 100_000;

/// One pass: everything that was computed, by path.
pub struct Run {
    pub case_name: String,
    pub code: String,
    pub scenario: Scenario,
    pub seed: u64,
    pub draws: usize,
    pub years: Vec<i32>,
    pub graph: Graph,
    people: People,
    balances: Vec<(String, Balance)>,
    published: BTreeMap<String, i32>,
    groups: Vec<Group>,
}

/// Runs a case. `step(done, total)` is called as draws are done; `false` stops the run.
pub fn run(case: &Case, options: &Options, step: &(dyn Fn(usize, usize) -> bool + Sync)) -> Result<Run> {
    if options.draws == 0 || options.draws > MAX_DRAWS {
        let p = Problem::new("not a number of draws").column("draws").value(options.draws);
        return Err(Error::model(p.expected(format!("a whole number from 1 to {MAX_DRAWS}"))));
    }
    let (scenario, start) = case.ready(options.scenario.as_deref())?;
    let units = case.unit_problems(scenario, &start);
    if !units.is_empty() {
        return Err(Error::Case(units));
    }
    let seed = options.seed.unwrap_or(scenario.seed);
    let mut e = Evaluator::new(case, scenario, start, options.draws, seed);
    e.groups = groups(scenario)?;
    let people = people::build(&mut e, options.threads, step)?;
    population::compute(&mut e, &people);
    e.people = Some(people);
    care::compute(&mut e)?;
    for a in &scenario.assumptions {
        e.name(&format!("assume.{}", a.name), &a.place);
    }
    for q in &scenario.quantities {
        e.name(&format!("quantity.{}", q.name), &q.place);
    }
    for p in &scenario.relief {
        e.name(&format!("relief.{}", p.name), &p.place);
    }
    heads::compute(&mut e);
    for f in &scenario.capacity {
        capacity::compute(&mut e, f);
    }
    for line in &scenario.budget {
        e.name(&format!("budget.{}", line.name), &line.place);
    }
    budget::total(&mut e);
    if !e.problems.is_empty() {
        return Err(Error::Case(e.problems));
    }
    let Some(people) = e.people.take() else {
        return Err(Error::model(Problem::new("the projection is missing")));
    };
    Ok(Run {
        case_name: case.name.clone(),
        code: case.code.clone(),
        scenario: scenario.clone(),
        seed,
        draws: options.draws,
        years: e.years,
        graph: e.graph,
        people,
        balances: e.balances,
        published: e.published,
        groups: e.groups,
    })
}

impl Run {
    /// What a number rests on: method, figures with the plan's words, rules, assumptions.
    pub fn sources(&self, path: &str, year: i32) -> Sources {
        sources::sources(&self.graph, &self.years, path, year)
    }

    /// What stands behind a number; see [`Why`].
    pub fn why(&self, path: &str, year: i32) -> Result<Why> {
        why::why(&self.graph, &self.years, path, year)
    }

    /// The projected people.
    pub fn people(&self) -> &People {
        &self.people
    }

    /// Registered (户籍) or resident (常住).
    pub fn population_kind(&self) -> &'static str {
        if self.people.resident { "常住" } else { "户籍" }
    }
}
