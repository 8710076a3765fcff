//! Standards and rules as quantities by year.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::eval::Evaluator;
use super::graph::{Node, Origin};
use super::text::plain;
use crate::draws::Series;
use crate::scenario::{Standard, StandardStep};

/// What a standard pays for one person (or post) in each year: months at each rate. Years before
/// the first date are unknown; a step in November pays two months of the new rate.
pub fn node(run: &mut Evaluator<'_>, s: &Standard) -> Node {
    let years = run.years.clone();
    let mut central: Vec<Option<Decimal>> = vec![None; years.len()];
    let mut numbers: Vec<Option<String>> = vec![None; years.len()];
    let mut inputs = Vec::new();
    let mut series: Option<Series> = None;
    for (i, step) in s.steps.iter().enumerate() {
        for name in step.value.names() {
            if !inputs.iter().any(|n| n == name) {
                inputs.push(name.to_owned());
            }
        }
        let value = run.formula(&step.value, &step.place);
        let next = s.steps.get(i + 1).map(|n| (n.year, n.month));
        let months: Vec<u32> = years
            .iter()
            .map(|y| (1..=12).filter(|m| within(*y, *m, (step.year, step.month), next)).count() as u32)
            .collect();
        let paid: Vec<Option<Decimal>> = months
            .iter()
            .map(|m| {
                if *m == 0 {
                    None
                } else {
                    Some(Decimal::from(*m) * Decimal::from(s.months) / Decimal::from(12))
                }
            })
            .collect();
        for (y, (m, factor)) in months.iter().zip(&paid).enumerate() {
            if let Some((v, f)) = value.central[y].zip(*factor) {
                central[y] = Some(central[y].unwrap_or_default() + v * f);
                let part = match (s.months, m) {
                    (12, _) => format!("{} × {m}", plain(v)),
                    (_, 12) => plain(v),
                    _ => format!("{} × {m} ÷ 12", plain(v)),
                };
                let before = numbers[y].take().map_or(String::new(), |b| format!("{b} + "));
                numbers[y] = Some(before + &part);
            }
        }
        // Unknown outside the step's months, so that a sum over steps would lose the years: fill with zero there.
        let zero = Series::exact(paid.iter().map(|f| Some(f.unwrap_or_default())).collect());
        let known = value.by_path(
            |c| {
                c.iter().zip(&paid).map(|(v, f)| if f.is_some() { *v } else { Some(Decimal::ZERO) }).collect()
            },
            |d| d.iter().zip(&paid).map(|(v, f)| if f.is_some() { *v } else { 0.0 }).collect(),
        );
        let part = known.zip(&zero, Decimal::checked_mul, |x, y| x * y);
        series = Some(match series {
            None => part,
            Some(sum) => sum.zip(&part, Decimal::checked_add, |x, y| x + y),
        });
    }
    let mask = Series::exact(central.iter().map(|c| c.map(|_| Decimal::ZERO)).collect());
    let series = series.map_or(mask.clone(), |s| s.zip(&mask, Decimal::checked_add, |x, y| x + y));
    let sources: Vec<String> = s
        .steps
        .iter()
        .map(|t| {
            format!(
                "{}-{:02}起{}",
                t.year,
                t.month,
                if t.source.is_empty() { String::new() } else { format!("（{}）", t.source) }
            )
        })
        .collect();
    Node {
        path: format!("standard.{}", s.name),
        label: format!("{}（全年）", s.label),
        unit: yearly_unit(&s.unit),
        series,
        origin: Origin::Model {
            method: format!("标准{}，按执行月数计发：{}", s.unit, sources.join("；")),
            numbers,
            inputs,
            place: Some(s.place.clone()),
        },
    }
}

/// Each step of a standard with the months of a year that it pays for.
pub fn months(s: &Standard, year: i32) -> Vec<(&StandardStep, u32)> {
    let mut paid = Vec::new();
    for (i, step) in s.steps.iter().enumerate() {
        let next = s.steps.get(i + 1).map(|n| (n.year, n.month));
        paid.push((step, (1..=12).map(|m| u32::from(within(year, m, (step.year, step.month), next))).sum()));
    }
    paid
}

fn within(year: i32, month: u32, from: (i32, u32), next: Option<(i32, u32)>) -> bool {
    (year, month) >= from && next.is_none_or(|n| (year, month) < n)
}

fn yearly_unit(unit: &str) -> String {
    unit.replace("/月", "").replace("/年", "") + "/年"
}

/// A dated rule as a quantity: the value that holds on 31 December of each year.
pub fn rule_node(run: &Evaluator<'_>, id: &str) -> Option<Node> {
    let rules: Vec<_> = run
        .years
        .iter()
        .map(|y| NaiveDate::from_ymd_opt(*y, 12, 31).and_then(|d| run.case.rules.lookup(id, run.region(), d)))
        .collect();
    let first = rules.iter().flatten().next()?;
    Some(Node {
        path: format!("rule.{id}"),
        label: first.label.clone(),
        unit: first.unit.clone(),
        series: Series::exact(rules.iter().map(|r| r.map(|r| r.value)).collect()),
        origin: Origin::Rule { texts: rules.iter().map(|r| r.map(|r| r.cite())).collect() },
    })
}
