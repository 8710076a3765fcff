//! A county's folder: what `ms.open` reads. Every mistake in any of its files is told at once.

use std::cell::RefCell;

use super::base::{self, BaseSpec, base_spec};
use super::files::Files;
use super::model::Scenario;
use super::tree::{self, Node, Reader, Value, locate};
use super::{overlaps, parse, tree::nearest, units, validate};
use crate::checks::{self, Declared, Plan};
use crate::error::{Error, Problem, Result};
use crate::figures::Ledger;
use crate::organizations::Rules;
use crate::rules::Rulebook;
use crate::tables::Table;

const CASE: &str = "case.toml";
const CHECKS: &str = "checks.toml";
const INSPECTION: &str = "inspection.toml";

#[derive(Debug, Clone)]
pub struct Case {
    pub files: Files,
    pub name: String,
    /// GB/T 2260, text.
    pub code: String,
    pub base_year: i32,
    pub horizon: i32,
    pub default_scenario: String,
    pub base: BaseSpec,
    pub ledger: Ledger,
    pub rules: Rulebook,
    pub checks: Vec<Declared>,
    /// Rules of the annual inspection: the folder's own, else those of its place.
    pub inspection: Rules,
    pub plan_text: Option<String>,
    pub register: Option<String>,
    scenarios: Vec<Scenario>,
    figures_file: String,
}

impl Case {
    /// Opens a folder or a shipped case; all problems of all its files at once.
    pub fn open(name: &str) -> Result<Self> {
        let files = Files::find(name)?;
        let problems = RefCell::new(Vec::new());
        let keep = |e: &Error| problems.borrow_mut().extend(e.problems().iter().cloned());
        let node = read(&files, CASE, &problems);
        let Some(r) = node.as_ref().and_then(|n| Reader::new(n, "", &problems)) else {
            return Err(Error::Case(problems.into_inner()));
        };
        let title = r.text("name");
        let title = r.required("name", title);
        let code = r.text("code");
        let code = r.required("code", code);
        if let Some(c) = &code
            && (c.len() < 6 || !c.chars().all(|c| c.is_ascii_digit()))
        {
            r.problem("code", "not a region code", "six digits of GB/T 2260 in quotes, such as \"433101\"");
        }
        let (base_year, horizon) = (r.year("base_year"), r.year("horizon"));
        let (base_year, horizon) = (r.required("base_year", base_year), r.required("horizon", horizon));
        if let Some((b, h)) = base_year.zip(horizon) {
            if h <= b {
                r.problem(
                    "horizon",
                    format!("not after the base year {b}"),
                    format!("a year from {}", b + 1),
                );
            } else if h > b + 130 {
                r.problem("horizon", "too far", format!("a year up to {}", b + 130));
            }
        }
        let figures_file = r.text("figures").unwrap_or_else(|| "figures.csv".to_owned());
        let default_scenario = r.text("scenario").unwrap_or_else(|| "base".to_owned());
        let base = r.table("base").map(|t| {
            let spec = base_spec(&t);
            t.finish();
            spec
        });
        let base = r.required("base", base);
        let plan_text = r.text("plan").and_then(|f| files.text(&f).map_err(|e| keep(&e)).ok());
        let register = r.text("register");
        let ledger = files
            .text(&figures_file)
            .and_then(|t| Ledger::parse(&t, &files.show(&figures_file)))
            .map_err(|e| keep(&e))
            .ok();
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
        let scenarios: Vec<Scenario> = files
            .scenarios()
            .iter()
            .filter_map(|name| {
                let node = chain(&files, name, &mut Vec::new(), &problems)?;
                parse::scenario(&node, name, &problems)
            })
            .collect();
        let bases = base.iter().chain(scenarios.iter().filter_map(|s| s.base.as_ref()));
        for spec in bases {
            problems.borrow_mut().extend(ledger.iter().flat_map(|l| base::missing(spec, l)));
            problems.borrow_mut().extend(base_year.and_then(|y| base::census_day(spec, y)));
        }
        scenarios.iter().for_each(|s| overlaps::check(s, &problems));
        if let (Some(ledger), Some(rules)) = (&ledger, &rules) {
            scenarios.iter().for_each(|s| validate::names(s, ledger, rules, &problems));
        }
        let all = files.scenarios();
        if !all.contains(&default_scenario) {
            r_missing(&files, &default_scenario, &all, &problems);
        }
        let mut problems = problems.into_inner();
        // The same broken file may be read through several scenarios that extend it.
        let mut unique: Vec<Problem> = Vec::new();
        for p in problems.drain(..) {
            if !unique.contains(&p) {
                unique.push(p);
            }
        }
        match (title, code, base_year.zip(horizon), base, ledger.zip(declared), rules.zip(inspection)) {
            (
                Some(name),
                Some(code),
                Some((base_year, horizon)),
                Some(base),
                Some((ledger, checks)),
                Some((rules, inspection)),
            ) if unique.is_empty() => {
                let case = Self {
                    files,
                    name,
                    code,
                    base_year,
                    horizon,
                    default_scenario,
                    base,
                    ledger,
                    checks,
                    inspection,
                    rules,
                    plan_text,
                    register,
                    scenarios,
                    figures_file,
                };
                Ok(case)
            }
            _ => Err(Error::Case(unique)),
        }
    }

    /// Names of the scenarios, in alphabetical order.
    pub fn scenario_names(&self) -> Vec<&str> {
        self.scenarios.iter().map(|s| s.name.as_str()).collect()
    }

    /// Figures of another unit than their places in a scenario and its base need: no run can be made of them,
    /// though the plan itself can be checked.
    pub fn unit_problems(&self, scenario: &Scenario) -> Vec<Problem> {
        let mut found = base::units(scenario.base.as_ref().unwrap_or(&self.base), &self.ledger);
        let problems = RefCell::new(Vec::new());
        units::check(scenario, &self.ledger, &problems);
        found.append(&mut problems.into_inner());
        found
    }

    /// A scenario by name; the case's own default for `None`.
    pub fn scenario(&self, name: Option<&str>) -> Result<&Scenario> {
        let name = name.unwrap_or(&self.default_scenario);
        self.scenarios.iter().find(|s| s.name == name).ok_or_else(|| {
            let known = self.scenario_names();
            let hint = nearest(name, &known).map_or_else(|| known.join(", "), |n| format!("{n}, perhaps?"));
            Error::case(
                Problem::new("no such scenario")
                    .file(self.files.show("scenarios/"))
                    .value(name)
                    .expected(hint),
            )
        })
    }

    /// What contradicts what: declared relations and what the engine finds by itself.
    pub fn check(&self) -> Result<Table> {
        let plan = Plan { text: self.plan_text.as_deref(), place: &self.code };
        let findings = checks::check(&self.ledger, &self.checks, &self.rules, plan)?;
        checks::findings_table(&findings)
    }

    pub fn ledger_file(&self) -> String {
        self.files.show(&self.figures_file)
    }
}

fn r_missing(files: &Files, name: &str, all: &[String], problems: &RefCell<Vec<Problem>>) {
    let p = Problem::new("the case's scenario is not there")
        .file(files.show(CASE))
        .column("scenario")
        .value(name);
    problems.borrow_mut().push(p.expected(format!("scenarios/{name}.toml; there are: {}", all.join(", "))));
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
