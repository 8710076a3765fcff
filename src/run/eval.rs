//! Computes formulas: names are resolved to figures, rules, assumptions, standards and results,
//! each becoming a node of the graph once, in the order of need.

use std::collections::BTreeMap;

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use super::assume;
use super::graph::{Graph, Node, Origin};
use super::population::People;
use crate::capacity::Balance;
use crate::draws::Series;
use crate::error::Problem;
use crate::figures::{Exact, Figure, to_decimal};
use crate::scenario::{BaseSpec, Case, Expr, Function, Group, Op, Place, Scenario, Start};

/// What a run knows while it is being computed.
pub struct Evaluator<'c> {
    pub case: &'c Case,
    pub scenario: &'c Scenario,
    pub base: BaseSpec,
    pub years: Vec<i32>,
    pub draws: usize,
    pub seed: u64,
    pub graph: Graph,
    pub problems: Vec<Problem>,
    /// Set once the projection is done; before that no formula may ask for people.
    pub people: Option<People>,
    pub balances: Vec<(String, Balance)>,
    /// Last published year of the national series behind a program.
    pub published: BTreeMap<String, i32>,
    /// Programs whose heads and payments are counted.
    pub groups: Vec<Group>,
    /// Paths that are being computed now: one that is met again depends on itself.
    open: Vec<String>,
}

impl<'c> Evaluator<'c> {
    pub fn new(case: &'c Case, scenario: &'c Scenario, start: Start, draws: usize, seed: u64) -> Self {
        Self {
            case,
            scenario,
            years: (start.first..=start.last).collect(),
            base: start.base,
            draws,
            seed,
            graph: Graph::default(),
            problems: Vec::new(),
            people: None,
            balances: Vec::new(),
            published: BTreeMap::new(),
            groups: Vec::new(),
            open: Vec::new(),
        }
    }

    pub fn region(&self) -> &str {
        &self.case.code
    }

    /// Position of a year.
    pub fn year(&self, year: i32) -> Option<usize> {
        usize::try_from(year - *self.years.first()?).ok().filter(|i| *i < self.years.len())
    }

    fn unknown(&self) -> Series {
        Series::exact(vec![None; self.years.len()])
    }

    pub fn complain(&mut self, message: impl Into<String>, place: &Place, expected: impl Into<String>) {
        let p = Problem::new(message).file(&*place.file).row(place.line).expected(expected);
        if !self.problems.contains(&p) {
            self.problems.push(p);
        }
    }

    /// The series of a formula that stands at `place`.
    pub fn formula(&mut self, e: &Expr, place: &Place) -> Series {
        match e {
            Expr::Number(n) => Series::constant(*n, self.years.len()),
            Expr::Name(name) => self.name(name, place),
            Expr::Negate(a) => self.formula(a, place).map(|x| Some(-x), |x| -x),
            Expr::Binary(op, a, b) => {
                let (a, b) = (self.formula(a, place), self.formula(b, place));
                match op {
                    Op::Add => a.zip(&b, Decimal::checked_add, |x, y| x + y),
                    Op::Subtract => a.zip(&b, Decimal::checked_sub, |x, y| x - y),
                    Op::Multiply => a.zip(&b, Decimal::checked_mul, |x, y| x * y),
                    Op::Divide => a.zip(&b, Decimal::checked_div, |x, y| x / y),
                }
            }
            Expr::Call(f, args) => self.call(*f, args, place),
        }
    }

    fn call(&mut self, f: Function, args: &[Expr], place: &Place) -> Series {
        let round = |s: RoundingStrategy| move |x: Decimal| Some(x.round_dp_with_strategy(0, s));
        match (f, args) {
            (Function::Min | Function::Max, [a, b]) => {
                let (a, b) = (self.formula(a, place), self.formula(b, place));
                if f == Function::Min {
                    a.zip(&b, |x, y| Some(x.min(y)), f64::min)
                } else {
                    a.zip(&b, |x, y| Some(x.max(y)), f64::max)
                }
            }
            // Draws are floats: a share times a count that should be whole must not be pushed over
            // the next whole number by the last bit (0.55 × 100), so a millionth is given first.
            (Function::Ceil, [a]) => {
                self.formula(a, place).map(round(RoundingStrategy::ToPositiveInfinity), |x| (x - 1e-6).ceil())
            }
            (Function::Floor, [a]) => self
                .formula(a, place)
                .map(round(RoundingStrategy::ToNegativeInfinity), |x| (x + 1e-6).floor()),
            (Function::Round, [a]) => {
                self.formula(a, place).map(round(RoundingStrategy::MidpointAwayFromZero), f64::round)
            }
            (Function::Ramp | Function::During, [a, b]) => {
                let Some((first, last)) = self.whole_year(a, place).zip(self.whole_year(b, place)) else {
                    return self.unknown();
                };
                if first > last {
                    self.complain(
                        format!("years {first} to {last} run backwards"),
                        place,
                        "the earlier year first",
                    );
                    return self.unknown();
                }
                let steps = Decimal::from(last - first + 1);
                let value = |y: i32| {
                    if f == Function::Ramp {
                        Decimal::from((y - first + 1).clamp(0, last - first + 1)) / steps
                    } else if (first..=last).contains(&y) {
                        Decimal::ONE / steps
                    } else {
                        Decimal::ZERO
                    }
                };
                Series::exact(self.years.iter().map(|y| Some(value(*y))).collect())
            }
            (Function::From, [a]) => {
                let Some(first) = self.whole_year(a, place) else { return self.unknown() };
                let value = |y: &i32| Some(if *y >= first { Decimal::ONE } else { Decimal::ZERO });
                Series::exact(self.years.iter().map(value).collect())
            }
            (Function::At, [a, b]) => {
                let series = self.formula(a, place);
                let Some(year) = self.whole_year(b, place) else { return self.unknown() };
                let Some(i) = self.year(year) else {
                    let (a, b) = (self.years.first().copied(), self.years.last().copied());
                    let range = format!("a year from {} to {}", a.unwrap_or_default(), b.unwrap_or_default());
                    self.complain(format!("{year} is outside the run"), place, range);
                    return self.unknown();
                };
                series.by_path(|c| vec![c[i]; c.len()], |d| vec![d[i]; d.len()])
            }
            (Function::Cumulative, [a]) => self.formula(a, place).cumulative(),
            // The parser has checked the number of arguments.
            _ => self.unknown(),
        }
    }

    /// A year written as a number in a formula.
    fn whole_year(&mut self, e: &Expr, place: &Place) -> Option<i32> {
        let year =
            if let Expr::Number(n) = e { n.to_i32().filter(|y| Decimal::from(*y) == *n) } else { None };
        if year.is_none() {
            self.complain(format!("{e} is no year"), place, "a year such as 2025");
        }
        year
    }

    /// The series behind a name; an unknown name is noted with where it was used.
    pub fn name(&mut self, name: &str, place: &Place) -> Series {
        if let Some(node) = self.graph.get(name) {
            return node.series.clone();
        }
        if self.open.iter().any(|p| p == name) {
            let round = self.open.join(" → ");
            self.complain(
                format!("{name} depends on itself ({round} → {name})"),
                place,
                "formulas without a circle",
            );
            return self.unknown();
        }
        self.open.push(name.to_owned());
        let node = self.resolve(name, place);
        self.open.pop();
        match node {
            Some(node) => {
                let series = node.series.clone();
                self.graph.add(node);
                series
            }
            None => self.unknown(),
        }
    }

    fn resolve(&mut self, name: &str, place: &Place) -> Option<Node> {
        let (room, rest) = name.split_once('.').unwrap_or((name, ""));
        let case = self.case;
        let scenario = self.scenario;
        if let Some(figure) = case.ledger.get(room) {
            return self.figure(figure, rest, name, place);
        }
        let known: Vec<&str> = match room {
            "assume" => {
                if let Some(a) = scenario.assumptions.iter().find(|a| a.name == rest) {
                    return Some(assume::node(self, a));
                }
                scenario.assumptions.iter().map(|a| a.name.as_str()).collect()
            }
            "standard" => {
                if let Some(s) = scenario.standards.iter().find(|s| s.name == rest) {
                    return Some(super::standards::node(self, s));
                }
                scenario.standards.iter().map(|s| s.name.as_str()).collect()
            }
            "quantity" => {
                if let Some(q) = scenario.quantities.iter().find(|q| q.name == rest) {
                    let series = self.formula(&q.formula, &q.place);
                    let (expr, place, note) = (q.formula.clone(), q.place.clone(), q.note.clone());
                    return Some(Node {
                        path: name.to_owned(),
                        label: q.label.clone(),
                        unit: q.unit.clone(),
                        series,
                        origin: Origin::Formula { expr, place, note },
                    });
                }
                scenario.quantities.iter().map(|q| q.name.as_str()).collect()
            }
            "rule" => {
                if let Some(node) = super::standards::rule_node(self, rest) {
                    return Some(node);
                }
                case.rules.ids().collect()
            }
            "relief" => {
                if let Some(p) = scenario.relief.iter().find(|p| p.name == rest) {
                    return super::relief::node(self, p);
                }
                scenario.relief.iter().map(|p| p.name.as_str()).collect()
            }
            // Names were checked when the case was opened; what is told here is why there is no number.
            "overlap" | "payments" | "heads" | "heads_low" | "heads_high" => {
                return super::heads::node(self, room, rest, place);
            }
            "population" => {
                if let Some(node) = super::population::age_group(self, rest) {
                    return Some(node);
                }
                vec![
                    "total",
                    "60_plus",
                    "65_plus",
                    "80_plus",
                    "births",
                    "deaths",
                    "age_0_17",
                    "age_90",
                    "women_15_49",
                ]
            }
            "care" => {
                if let Some(node) = super::care::node(self, rest) {
                    return Some(node);
                }
                Vec::new()
            }
            "capacity" => {
                let kind = rest.split('.').next().unwrap_or(rest);
                if let Some(f) = scenario.capacity.iter().find(|f| f.name == kind) {
                    super::capacity::compute(self, f);
                    return self.graph.get(name).cloned();
                }
                scenario.capacity.iter().map(|f| f.name.as_str()).collect()
            }
            "budget" => {
                if let Some(line) = scenario.budget.iter().find(|l| l.name == rest) {
                    return Some(super::budget::node(self, line));
                }
                scenario.budget.iter().map(|l| l.name.as_str()).collect()
            }
            _ if looks_like_figure(room) => {
                self.complain(
                    format!("no figure {room}"),
                    place,
                    format!("a fig_id of {}", case.ledger_file()),
                );
                return None;
            }
            _ => {
                let rooms = "F001, assume.x, standard.x, quantity.x, rule.x, population.x, care.x, relief.x, heads.x, capacity.x.demand or budget.x";
                self.complain(format!("{name} is nothing that a formula can name"), place, rooms);
                return None;
            }
        };
        self.complain(format!("no {name}"), place, format!("{room}.<one of {}>", known.join(", ")));
        None
    }

    fn figure(&mut self, figure: &Figure, part: &str, name: &str, place: &Place) -> Option<Node> {
        let base = |x: Option<Exact>| x.and_then(|x| to_decimal(&x, 9)).map(|d| d.normalize());
        let value = match part {
            "" | "low" => base(figure.base()),
            "value" => figure.number(),
            "high" => base(figure.base_hi().or(figure.base())),
            _ => {
                self.complain(
                    format!("{name}: a figure has no {part}"),
                    place,
                    "nothing, .value, .low or .high",
                );
                return None;
            }
        };
        let Some(value) = value else {
            self.complain(
                format!("figure {} has no number there", figure.id),
                place,
                "a figure that is a number",
            );
            return None;
        };
        let unit = if part == "value" { figure.unit.clone() } else { figure.base_unit.clone() };
        Some(Node {
            path: name.to_owned(),
            label: figure.subject.clone(),
            unit,
            series: Series::constant(value, self.years.len()),
            origin: Origin::Figure {
                id: figure.id.clone(),
                file: self.case.ledger_file().to_owned(),
                row: figure.row,
                line: figure.line,
                words: figure.phrase.clone(),
                printed: figure.printed(),
            },
        })
    }
}

fn looks_like_figure(name: &str) -> bool {
    name.len() >= 2 && name.starts_with('F') && name[1..].chars().all(|c| c.is_ascii_digit())
}
