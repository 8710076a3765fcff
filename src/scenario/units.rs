//! Units in formulas, checked when a case is opened: a standard that is taken from a number of
//! villages, beds from money, a yearly amount for a monthly one. A case that was begun from the
//! template and whose figures.csv was exchanged since is found here, and not in its budget.
//!
//! Only what is certain is told: a formula whose unit can't be followed (a product of figures, an
//! assumption, a result) is left alone.

use std::cell::RefCell;

use super::expr::{Expr, Function, Op};
use super::model::*;
use super::tree::locate;
use crate::error::Problem;
use crate::figures::{Figure, Ledger, Nature, Unit};

/// The unit of a formula, and the figure that it comes from.
struct Seen<'a> {
    unit: Unit,
    figure: &'a Figure,
    /// `.value`: as printed, so that the scale counts (万元).
    printed: bool,
}

impl Seen<'_> {
    fn named(&self) -> String {
        let unit = if self.printed { self.figure.unit.clone() } else { self.unit.to_string() };
        format!("{} is in {unit}: “{}”", self.figure.id, self.figure.phrase)
    }
}

struct Checker<'a> {
    ledger: &'a Ledger,
    problems: &'a RefCell<Vec<Problem>>,
}

/// Notes every place of a scenario where a figure of another unit stands than the place needs.
pub fn check(scenario: &Scenario, ledger: &Ledger, problems: &RefCell<Vec<Problem>>) {
    let c = Checker { ledger, problems };
    for s in &scenario.standards {
        let need = Unit::parse(&s.unit);
        for step in &s.steps {
            let column = format!("standard.{}", s.name);
            c.needs(&step.value, &step.place, &column, &s.unit, |seen| fits_standard(&need, seen));
        }
    }
    for f in &scenario.capacity {
        let need = Unit::parse(&f.unit);
        let same = |seen: &Seen<'_>| f.unit.is_empty() || adds(&need, seen);
        c.needs(&f.stock, &f.place, &format!("capacity.{}.stock", f.name), &f.unit, same);
        // persons may ask for beds; money and shares ask for nothing
        let demand = |seen: &Seen<'_>| same(seen) || seen.unit.is_count();
        c.needs(&f.demand, &f.place, &format!("capacity.{}.demand", f.name), &f.unit, demand);
        for p in &f.projects {
            let column = format!("capacity.{}.projects.{}.size", f.name, p.name);
            c.needs(&p.size, &p.place, &column, &f.unit, same);
        }
    }
    for p in &scenario.relief {
        let need = Unit::parse(&p.unit);
        let same = |seen: &Seen<'_>| p.unit.is_empty() || adds(&need, seen) || seen.unit.is_count();
        let column = format!("relief.{}", p.name);
        match &p.basis {
            Basis::Observed { values, .. } | Basis::Trend { values, .. } => {
                values.iter().for_each(|(_, v, place)| c.needs(v, place, &column, &p.unit, same));
            }
            Basis::Formula { formula, .. } => c.needs(formula, &p.place, &column, &p.unit, same),
            Basis::National { .. } => {}
        }
    }
    for o in &scenario.overlaps {
        let column = format!("overlap.{}", o.name);
        match &o.number {
            Some(Both::Share { share, .. }) => {
                let fits = |seen: &Seen<'_>| seen.unit.is_share() && !seen.printed;
                c.needs(share, &o.place, &format!("{column}.share"), "a share", fits);
            }
            Some(Both::Persons(e)) => {
                let persons = Unit::parse("人");
                let fits = |seen: &Seen<'_>| adds(&persons, seen);
                c.needs(e, &o.place, &format!("{column}.persons"), "人", fits);
            }
            Some(Both::Nobody) | None => {}
        }
    }
    for q in &scenario.quantities {
        let need = Unit::parse(&q.unit);
        let same = |seen: &Seen<'_>| q.unit.is_empty() || adds(&need, seen);
        c.needs(&q.formula, &q.place, &format!("quantity.{}", q.name), &q.unit, same);
    }
    for l in &scenario.budget {
        let column = format!("budget.{}", l.name);
        match &l.amount {
            Amount::Standard { quantity, .. } => {
                c.needs(quantity, &l.place, &column, "persons or things", |seen| seen.unit.of() != "元");
            }
            Amount::Formula(e) | Amount::Spread { total: e, .. } => {
                c.needs(e, &l.place, &column, "元", fits_money);
            }
        }
    }
}

impl Checker<'_> {
    fn needs(&self, e: &Expr, place: &Place, column: &str, need: &str, fits: impl Fn(&Seen<'_>) -> bool) {
        let problem = match self.unit_of(e) {
            Err((a, b)) => {
                let problem = Problem::new(format!("these can't be added: {a}; {b}"));
                problem.expected("figures of one unit")
            }
            Ok(Some(seen)) if !fits(&seen) => {
                Problem::new(format!("a figure of another unit: {}", seen.named())).expected(need)
            }
            Ok(_) => return,
        };
        let problem = locate(problem, place).column(column).value(e);
        let mut problems = self.problems.borrow_mut();
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }

    /// The unit of a formula where it is certain; an error where a sum mixes two.
    fn unit_of(&self, e: &Expr) -> std::result::Result<Option<Seen<'_>>, (String, String)> {
        Ok(match e {
            Expr::Number(_) => None,
            Expr::Name(name) => self.named(name),
            Expr::Negate(a) => self.unit_of(a)?,
            Expr::Binary(Op::Add | Op::Subtract, a, b) => self.one_of(a, b)?,
            Expr::Binary(Op::Multiply, a, b) if bare(b) => self.unit_of(a)?,
            Expr::Binary(Op::Multiply, a, b) if bare(a) => self.unit_of(b)?,
            Expr::Binary(Op::Multiply | Op::Divide, a, b) => {
                // sums within are checked all the same
                self.unit_of(a)?;
                self.unit_of(b)?;
                None
            }
            Expr::Call(Function::Min | Function::Max, args) => match args.as_slice() {
                [a, b] => self.one_of(a, b)?,
                _ => None,
            },
            Expr::Call(
                Function::Ceil | Function::Floor | Function::Round | Function::At | Function::Cumulative,
                args,
            ) => match args.first() {
                Some(a) => self.unit_of(a)?,
                None => None,
            },
            Expr::Call(..) => None,
        })
    }

    fn one_of(&self, a: &Expr, b: &Expr) -> std::result::Result<Option<Seen<'_>>, (String, String)> {
        match (self.unit_of(a)?, self.unit_of(b)?) {
            (Some(x), Some(y)) if !x.unit.adds_to(&y.unit) => Err((x.named(), y.named())),
            (x, y) => Ok(x.or(y)),
        }
    }

    fn named(&self, name: &str) -> Option<Seen<'_>> {
        let (id, rest) = name.split_once('.').unwrap_or((name, ""));
        let figure = self.ledger.get(id)?;
        let printed = rest == "value";
        let unit = if printed { Unit::parse(&figure.unit) } else { figure.base_unit().clone() };
        // a bare number says nothing of what it is
        (!unit.of().is_empty()).then_some(Seen { unit, figure, printed })
    }
}

/// A number, or a share of years that steps a value in.
fn bare(e: &Expr) -> bool {
    matches!(e, Expr::Number(_) | Expr::Call(Function::Ramp | Function::During | Function::From, _))
}

fn adds(need: &Unit, seen: &Seen<'_>) -> bool {
    need.adds_to(&seen.unit) && (!seen.printed || need.factor() == seen.unit.factor())
}

fn per(unit: &Unit, period: &str) -> bool {
    unit.per().iter().any(|p| p == period)
}

/// A standard of 元/人/月 takes 元/人/月 or 元/月; a bare 元 where its figure is a standard by nature.
fn fits_standard(need: &Unit, seen: &Seen<'_>) -> bool {
    let (other, scale) = (&seen.unit, !seen.printed || need.factor() == seen.unit.factor());
    if need.of() != other.of() {
        return false;
    }
    let clash = per(need, "月") && per(other, "年") || per(need, "年") && per(other, "月");
    let amount = other.is_money() && !need.is_money();
    let stated =
        matches!(seen.figure.nature, Nature::Standard | Nature::Rule | Nature::Target | Nature::Rate);
    scale && !clash && (!amount || stated)
}

/// Yuan, or yuan a year; what is printed in 万元 has to come in base units.
fn fits_money(seen: &Seen<'_>) -> bool {
    let unit = &seen.unit;
    let plain = unit.per().iter().all(|p| p == "年");
    unit.of() == "元" && plain && (!seen.printed || !unit.is_scaled())
}

/// What a figure of the base has to be: a count of persons, or a share between 0 and 1.
pub fn base_figure(figure: &Figure, share: bool) -> Option<(String, &'static str)> {
    let unit = figure.base_unit();
    if !share {
        let persons = unit.per().is_empty() && matches!(unit.of(), "人" | "" | "户籍人口");
        let problem = || (format!("a figure in {}: “{}”", figure.unit, figure.phrase), "a number of persons");
        return (!persons).then(problem);
    }
    let zero = crate::figures::Exact::from_integer(0);
    let one = crate::figures::Exact::from_integer(1);
    if !unit.is_share() {
        return Some((format!("a figure in {}: “{}”", figure.unit, figure.phrase), "a share, in % or ‰"));
    }
    let within = figure.base().is_some_and(|b| b > zero && b < one);
    (!within).then(|| {
        (format!("{} is no share of a population", figure.printed()), "more than 0, less than 100 %")
    })
}
