//! Names in formulas, checked when a case is opened: a figure, an assumption or a result that does
//! not exist is told with its line, for every scenario at once, before anything is computed.

use std::cell::RefCell;

use super::expr::Expr;
use super::groups::groups;
use super::model::*;
use super::tree::{locate, nearest};
use crate::care;
use crate::error::Problem;
use crate::figures::Ledger;
use crate::relief;
use crate::rules::Rulebook;

/// Indicators that a formula can name as `population.x`.
pub use crate::demography::indicators::DEFAULT as INDICATORS;

/// A group of ages by name: `age_0_17`, `age_90`, `women_15_49`, `men_60`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgeName {
    /// First and last sex: 0 female, 1 male.
    pub sexes: (usize, usize),
    pub low: usize,
    /// 100 is open.
    pub high: usize,
}

impl AgeName {
    pub fn parse(name: &str) -> Option<Self> {
        let mut parts = name.split('_');
        let sexes = match parts.next()? {
            "age" => (0, 1),
            "women" => (0, 0),
            "men" => (1, 1),
            _ => return None,
        };
        let low = parts.next()?.parse().ok().filter(|a| *a <= 100)?;
        let high = parts.next().map_or(Some(100), |p| p.parse().ok().filter(|a| (low..=100).contains(a)))?;
        parts.next().is_none().then_some(Self { sexes, low, high })
    }
}

/// Notes every name of a scenario's formulas that nothing answers to.
pub fn names(scenario: &Scenario, ledger: &Ledger, rules: &Rulebook, problems: &RefCell<Vec<Problem>>) {
    let check = |e: &Expr, place: &Place, column: &str| {
        for name in e.names() {
            if let Some((message, expected)) = wrong(name, scenario, ledger, rules) {
                let p = locate(Problem::new(message), place).column(column).value(name).expected(expected);
                let mut problems = problems.borrow_mut();
                if !problems.contains(&p) {
                    problems.push(p);
                }
            }
        }
    };
    for a in &scenario.assumptions {
        let parts: Vec<&Expr> = match &a.distribution {
            Distribution::Fixed(c) => vec![c],
            Distribution::Integers { low, high } | Distribution::Uniform { low, high } => vec![low, high],
            Distribution::Normal { central, sd } => vec![central, sd],
            Distribution::Lognormal { central, log_sd } => vec![central, log_sd],
            Distribution::Triangular { low, central, high } => vec![low, central, high],
        };
        parts.iter().for_each(|e| check(e, &a.place, &format!("assume.{}", a.name)));
    }
    for s in &scenario.standards {
        s.steps.iter().for_each(|t| check(&t.value, &t.place, &format!("standard.{}", s.name)));
    }
    for q in &scenario.quantities {
        check(&q.formula, &q.place, &format!("quantity.{}", q.name));
    }
    for f in &scenario.capacity {
        check(&f.demand, &f.place, &format!("capacity.{}.demand", f.name));
        check(&f.stock, &f.place, &format!("capacity.{}.stock", f.name));
        for p in &f.projects {
            check(&p.size, &p.place, &format!("capacity.{}.projects.{}.size", f.name, p.name));
        }
    }
    for p in &scenario.relief {
        let column = format!("relief.{}", p.name);
        if let Some(r) = &p.response {
            check(&r.elasticity, &r.place, &format!("{column}.response.elasticity"));
            check(&r.exit_rate, &r.place, &format!("{column}.response.exit_rate"));
        }
        match &p.basis {
            Basis::Observed { values, driver, .. } => {
                values.iter().for_each(|(_, v, place)| check(v, place, &column));
                check(driver, &p.place, &column);
            }
            Basis::Trend { values, .. } => values.iter().for_each(|(_, v, place)| check(v, place, &column)),
            Basis::National { series, driver, factor, .. } => {
                let known = relief::national_names();
                if !known.contains(series) {
                    let problem =
                        locate(Problem::new("no such national series"), &p.place).column(column.as_str());
                    problems.borrow_mut().push(problem.value(series).expected(known.join(", ")));
                }
                check(driver, &p.place, &column);
                check(factor, &p.place, &column);
            }
            Basis::Formula { formula, .. } => check(formula, &p.place, &column),
        }
    }
    for o in &scenario.overlaps {
        let column = format!("overlap.{}", o.name);
        match &o.number {
            Some(Both::Share { share, .. }) => check(share, &o.place, &format!("{column}.share")),
            Some(Both::Persons(persons)) => check(persons, &o.place, &format!("{column}.persons")),
            Some(Both::Nobody) | None => {}
        }
    }
    for l in &scenario.budget {
        let e = match &l.amount {
            Amount::Standard { quantity, .. } => quantity,
            Amount::Formula(e) | Amount::Spread { total: e, .. } => e,
        };
        check(e, &l.place, &format!("budget.{}", l.name));
    }
    for definition in &scenario.care.shown {
        if let Err(e) = care::schedule(definition) {
            let told = e.problems().iter().cloned();
            problems.borrow_mut().extend(told.map(|p| locate(p, &scenario.care.place).column("care")));
        }
    }
}

/// What is wrong with a name, and what would be right; `None` where it is.
fn wrong(name: &str, s: &Scenario, ledger: &Ledger, rules: &Rulebook) -> Option<(String, String)> {
    let (room, rest) = name.split_once('.').unwrap_or((name, ""));
    if ledger.get(room).is_some() {
        let fine = ["", "value", "low", "high"].contains(&rest);
        return (!fine)
            .then(|| (format!("a figure has no {rest}"), "nothing, .value, .low or .high".to_owned()));
    }
    let missing = |known: Vec<&str>| {
        if known.contains(&rest) {
            return None;
        }
        let hint = nearest(rest, &known).map_or_else(
            || format!("{room}.<one of {}>", known.join(", ")),
            |n| format!("{room}.{n}, perhaps?"),
        );
        Some((format!("no such name under {room}"), hint))
    };
    match room {
        "assume" => missing(s.assumptions.iter().map(|a| a.name.as_str()).collect()),
        "standard" => missing(s.standards.iter().map(|a| a.name.as_str()).collect()),
        "quantity" => missing(s.quantities.iter().map(|a| a.name.as_str()).collect()),
        "relief" => missing(s.relief.iter().map(|a| a.name.as_str()).collect()),
        "overlap" => missing(s.overlaps.iter().filter(|o| o.number.is_some()).map(|o| o.name.as_str()).collect()),
        "payments" | "heads" | "heads_low" | "heads_high" => uncounted(room, rest, s),
        "budget" => missing(s.budget.iter().map(|a| a.name.as_str()).collect()),
        "rule" => missing(rules.ids().collect()),
        "population" if AgeName::parse(rest).is_some() => None,
        "population" => missing(INDICATORS.to_vec()).map(|(m, e)| (m, format!("{e}; or a group such as age_0_17, age_90, women_15_49"))),
        "capacity" => {
            let known: Vec<String> = s
                .capacity
                .iter()
                .flat_map(|f| ["demand", "supply", "gap"].map(|w| format!("{}.{w}", f.name)))
                .collect();
            missing(known.iter().map(String::as_str).collect())
        }
        "care" => {
            let (definition, level) = rest.split_once('.').unwrap_or((&s.care.definition, rest));
            if !s.care.shown.iter().any(|d| d == definition) {
                return Some((format!("the scenario does not show {definition}"), s.care.shown.join(", ")));
            }
            let schedule = care::schedule(definition).ok()?;
            let levels: Vec<&str> = schedule.levels.iter().map(|l| l.id.as_str()).chain(["total"]).collect();
            (!levels.contains(&level)).then(|| (format!("{definition} has no level {level}"), levels.join(", ")))
        }
        _ if room.len() > 1 && room.starts_with('F') && room[1..].chars().all(|c| c.is_ascii_digit()) => {
            Some(("no such figure".to_owned(), format!("a fig_id of {}", ledger.file())))
        }
        _ => Some((
            "nothing that a formula can name".to_owned(),
            "F001, assume.x, standard.x, quantity.x, rule.x, population.x, care.x, relief.x, heads.x, capacity.x.demand or budget.x"
                .to_owned(),
        )),
    }
}

/// Heads and payments of a group: a range has two names and no single one.
fn uncounted(room: &str, name: &str, s: &Scenario) -> Option<(String, String)> {
    let groups = groups(s).ok()?;
    let Some(group) = groups.iter().find(|g| g.name == name) else {
        let known: Vec<&str> = groups.iter().map(|g| g.name.as_str()).collect();
        return Some((format!("no such name under {room}"), format!("{room}.<one of {}>", known.join(", "))));
    };
    match (room, group.heads.exact().is_some()) {
        ("heads", false) => Some((
            "these heads are a range, as not every overlap is declared".to_owned(),
            format!("heads_low.{name} or heads_high.{name}"),
        )),
        ("heads_low" | "heads_high", true) => {
            Some(("these heads are no range".to_owned(), format!("heads.{name}")))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn age_groups_by_name() {
        assert_eq!(AgeName::parse("age_0_17"), Some(AgeName { sexes: (0, 1), low: 0, high: 17 }));
        assert_eq!(AgeName::parse("women_15_49").unwrap().sexes, (0, 0));
        assert_eq!(AgeName::parse("age_90").unwrap().high, 100);
        for bad in ["age", "age_101", "age_20_10", "age_1_2_3", "child_1"] {
            assert_eq!(AgeName::parse(bad), None, "{bad}");
        }
    }
}
