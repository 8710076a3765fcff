//! A county's folder: what `ms.open` reads. Every mistake in any of its files is told at once.

use std::cell::RefCell;

use super::base::{self, BaseSpec, base_spec};
use super::files::Files;
use super::missing::{NEEDED, Start};
use super::model::Scenario;
use super::tree::{self, Node, Place, Reader, Value, locate};
use super::{overlaps, parse, plan_files, units, validate};
use crate::checks::{self, Declared, Plan};
use crate::error::{Error, Problem, Result};
use crate::figures::Ledger;
use crate::organizations::Rules;
use crate::rules::Rulebook;
use crate::tables::Table;

pub(super) const CASE: &str = "case.toml";
const CHECKS: &str = "checks.toml";
const INSPECTION: &str = "inspection.toml";

#[derive(Debug, Clone)]
pub struct Case {
    pub files: Files,
    /// Name of the place; of the folder, where the case does not say.
    pub name: String,
    /// GB/T 2260, text; empty where the case does not say.
    pub code: String,
    /// What only a run needs may be missing: see [`Case::ready`].
    pub base_year: Option<i32>,
    pub horizon: Option<i32>,
    pub default_scenario: String,
    pub base: Option<BaseSpec>,
    pub ledger: Ledger,
    pub rules: Rulebook,
    pub checks: Vec<Declared>,
    /// Rules of the annual inspection: the folder's own, else those of its place.
    pub inspection: Rules,
    pub plan_text: Option<String>,
    pub register: Option<String>,
    pub(super) scenarios: Vec<Scenario>,
    figures_file: String,
    /// Keys that a run needs and case.toml does not have.
    pub(super) absent: Vec<&'static str>,
    /// Line of case.toml that names the default scenario.
    pub(super) default_line: Option<usize>,
    /// Mistakes in what only a run needs, where they were not to stop the opening.
    pub(super) unfit: Vec<Problem>,
    /// Scenarios that are there and can't be read; `unfit` says why.
    pub(super) unread: Vec<String>,
    /// Said where the figures were drafted from the plan's text.
    pub(super) drafted: Option<String>,
}

impl Case {
    /// Opens a folder or a shipped case; all problems of all its files at once. What is missing for a run alone is no
    /// problem here: a plan can be checked without base population and scenarios.
    pub fn open(name: &str) -> Result<Self> {
        Self::read(name, false)
    }

    /// Opens a case for its checks: mistakes in base and scenarios are kept, for [`Case::remarks`] and [`Case::ready`].
    pub fn open_plan(name: &str) -> Result<Self> {
        Self::read(name, true)
    }

    fn read(name: &str, plan_only: bool) -> Result<Self> {
        let (files, given) = Files::find(name)?;
        let (problems, unfit) = (RefCell::new(Vec::new()), RefCell::new(Vec::new()));
        let keep = |e: &Error| problems.borrow_mut().extend(e.problems().iter().cloned());
        let node = case_node(&files, given.as_deref(), &problems);
        let readers = node.as_ref().and_then(|n| {
            // The same keys, once for the plan and once for a run: mistakes of either go their own way.
            Some((Reader::new(n, "", &problems)?, Reader::new(n, "", &unfit)?))
        });
        let Some((r, run)) = readers else {
            return Err(Error::Case(problems.into_inner()));
        };
        let title = r.text("name");
        let code = r.text("code");
        if let Some(c) = &code
            && (c.len() < 6 || !c.chars().all(|c| c.is_ascii_digit()))
        {
            r.problem("code", "not a region code", "six digits of GB/T 2260 in quotes, such as \"433101\"");
        }
        let absent = NEEDED.iter().map(|(k, _)| *k).filter(|k| r.get(k).is_none()).collect();
        let (base_year, horizon) = (run.year("base_year"), run.year("horizon"));
        if let Some((b, h)) = base_year.zip(horizon) {
            if h <= b {
                run.problem(
                    "horizon",
                    format!("not after the base year {b}"),
                    format!("a year from {}", b + 1),
                );
            } else if h > b + 130 {
                run.problem("horizon", "too far", format!("a year up to {}", b + 130));
            }
        }
        let default_line = r.get("scenario").map(|n| n.place.line);
        let default_scenario = run.text("scenario").unwrap_or_else(|| "base".to_owned());
        let base = run.table("base").map(|t| {
            let spec = base_spec(&t);
            t.finish();
            spec
        });
        let register = r.text("register");
        let plan = plan_files::read(&files, given.as_deref(), &r, &keep);
        let declared = if files.exists(CHECKS) {
            files.text(CHECKS).and_then(|t| checks::parse_declared(&t, &files.show(CHECKS)))
        } else {
            Ok(Vec::new())
        };
        let declared = declared.map_err(|e| keep(&e)).ok();
        let mut rules = Rulebook::shipped().map_err(|e| keep(&e)).ok();
        if files.exists("rules.toml") {
            let own = files.text("rules.toml").and_then(|t| match rules.take() {
                Some(shipped) => {
                    Rulebook::parse(&t, &files.show("rules.toml")).and_then(|own| shipped.overridden(own))
                }
                None => Rulebook::shipped(),
            });
            rules = own.map_err(|e| keep(&e)).ok();
        }
        let inspection = if files.exists(INSPECTION) {
            files.text(INSPECTION).and_then(|t| Rules::parse(&t, None, &files.show(INSPECTION)))
        } else {
            Rules::for_place(code.as_deref().unwrap_or_default())
        };
        let inspection = inspection.map_err(|e| keep(&e)).ok();
        r.finish();
        let (mut scenarios, mut unread): (Vec<Scenario>, Vec<String>) = (Vec::new(), Vec::new());
        for name in files.scenarios() {
            let node = chain(&files, &name, &mut Vec::new(), &unfit);
            match node.and_then(|n| parse::scenario(&n, &name, &unfit)) {
                Some(scenario) => scenarios.push(scenario),
                None => unread.push(name),
            }
        }
        for spec in base.iter().chain(scenarios.iter().filter_map(|s| s.base.as_ref())) {
            unfit.borrow_mut().extend(plan.ledger.iter().flat_map(|l| base::missing(spec, l)));
            unfit.borrow_mut().extend(base_year.and_then(|y| base::census_day(spec, y)));
        }
        scenarios.iter().for_each(|s| overlaps::check(s, &unfit));
        if let (Some(ledger), Some(rules)) = (&plan.ledger, &rules) {
            scenarios.iter().for_each(|s| validate::names(s, ledger, rules, &unfit));
        }
        let unfit = unique(unfit.into_inner());
        let mut problems = problems.into_inner();
        if !plan_only {
            problems.extend(unfit.iter().cloned());
        }
        let problems = unique(problems);
        match (plan.ledger.zip(declared), rules.zip(inspection)) {
            (Some((ledger, checks)), Some((rules, inspection))) if problems.is_empty() => {
                let name = title.unwrap_or_else(|| files.title());
                Ok(Self {
                    name,
                    code: code.unwrap_or_default(),
                    files,
                    base_year,
                    horizon,
                    default_scenario,
                    base,
                    ledger,
                    checks,
                    inspection,
                    rules,
                    plan_text: plan.text,
                    register,
                    scenarios,
                    figures_file: plan.figures_file,
                    absent,
                    default_line,
                    unfit,
                    unread,
                    drafted: plan.drafted,
                })
            }
            _ => Err(Error::Case(problems)),
        }
    }

    /// Names of the scenarios, in alphabetical order.
    pub fn scenario_names(&self) -> Vec<&str> {
        self.scenarios.iter().map(|s| s.name.as_str()).collect()
    }

    /// Figures of another unit than their places in a scenario and its base need: no run can be made of them,
    /// though the plan itself can be checked.
    pub fn unit_problems(&self, scenario: &Scenario, start: &Start) -> Vec<Problem> {
        let mut found = base::units(&start.base, &self.ledger);
        let problems = RefCell::new(Vec::new());
        units::check(scenario, &self.ledger, &problems);
        found.append(&mut problems.into_inner());
        found
    }

    /// What contradicts what: declared relations and what the engine finds by itself.
    pub fn check(&self) -> Result<Table> {
        let plan = Plan { text: self.plan_text.as_deref(), place: &self.code };
        let findings = checks::check(&self.ledger, &self.checks, &self.rules, plan)?;
        checks::noted_table(&findings, &self.remarks())
    }

    pub fn ledger_file(&self) -> &str {
        &self.figures_file
    }
}

/// What case.toml says; an empty table where there is none and the folder has a plan all the same.
fn case_node(files: &Files, given: Option<&str>, problems: &RefCell<Vec<Problem>>) -> Option<Node> {
    if !files.exists(CASE) && (given.is_some() || plan_files::any(files)) {
        let place = Place { file: files.show(CASE).into(), line: 1 };
        return Some(Node { place, value: Value::Table(Vec::new()) });
    }
    read(files, CASE, problems)
}

/// The same broken file may be read through several scenarios that extend it.
fn unique(problems: Vec<Problem>) -> Vec<Problem> {
    let mut unique: Vec<Problem> = Vec::new();
    for p in problems {
        if !unique.contains(&p) {
            unique.push(p);
        }
    }
    unique
}

fn read(files: &Files, file: &str, problems: &RefCell<Vec<Problem>>) -> Option<Node> {
    match files.text(file) {
        Ok(text) => tree::parse(&text, &files.show(file)).map_err(|p| problems.borrow_mut().extend(p)).ok(),
        Err(e) => {
            problems.borrow_mut().extend(e.problems().iter().cloned());
            None
        }
    }
}

/// A scenario laid on the one it extends, and so on down.
fn chain(
    files: &Files,
    name: &str,
    above: &mut Vec<String>,
    problems: &RefCell<Vec<Problem>>,
) -> Option<Node> {
    let node = read(files, &format!("scenarios/{name}.toml"), problems)?;
    above.push(name.to_owned());
    let Value::Table(entries) = &node.value else { return Some(node) };
    let Some((_, extends)) = entries.iter().find(|(k, _)| k == "extends") else { return Some(node) };
    let Value::Text(under) = &extends.value else { return Some(node) };
    let known = files.scenarios();
    if above.contains(under) || !known.contains(under) {
        let message =
            if above.contains(under) { "a scenario that extends itself" } else { "no such scenario" };
        let p = locate(Problem::new(message), &extends.place).column("extends").value(under);
        problems.borrow_mut().push(p.expected(format!("one of {}", known.join(", "))));
        return Some(node);
    }
    let below = chain(files, under, above, problems)?;
    Some(tree::merge(below, node))
}
