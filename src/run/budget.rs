//! Budget lines: quantity × standard × months, capital by year, totals that add to the fen.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::eval::Evaluator;
use super::graph::{Node, Origin};
use crate::draws::Series;
use crate::money::round_half_away;
use crate::scenario::{Amount, BudgetLine, Expr, Function, Op};

/// One line; years outside its life cost nothing, years before the first standard are unknown.
pub fn node(run: &mut Evaluator<'_>, line: &BudgetLine) -> Node {
    let expr = formula(line);
    let series = run.formula(&expr, &line.place);
    let (first, last) = (line.first.unwrap_or(i32::MIN), line.last.unwrap_or(i32::MAX));
    let years = run.years.clone();
    let inside = |y: usize| years.get(y).is_some_and(|year| (first..=last).contains(year));
    let series = series.by_path(
        |c| {
            let fen = |(y, v): (usize, &Option<Decimal>)| {
                if inside(y) { v.map(|v| round_half_away(v, 2)) } else { Some(Decimal::ZERO) }
            };
            c.iter().enumerate().map(fen).collect()
        },
        |d| d.iter().enumerate().map(|(y, v)| if inside(y) { *v } else { 0.0 }).collect(),
    );
    Node {
        path: format!("budget.{}", line.name),
        label: line.label.clone(),
        unit: "元".to_owned(),
        series,
        origin: Origin::Formula { expr, place: line.place.clone(), note: line.note.clone() },
    }
}

/// The line as one formula, which is also how `why` shows it.
pub fn formula(line: &BudgetLine) -> Expr {
    match &line.amount {
        Amount::Formula(e) => e.clone(),
        Amount::Standard { quantity, standard } => {
            let standard = Expr::Name(format!("standard.{standard}"));
            Expr::Binary(Op::Multiply, Box::new(quantity.clone()), Box::new(standard))
        }
        Amount::Spread { total, start, finish } => {
            let year = |y: i32| Expr::Number(Decimal::from(y));
            let part = Expr::Call(Function::During, vec![year(*start), year(*finish)]);
            Expr::Binary(Op::Multiply, Box::new(total.clone()), Box::new(part))
        }
    }
}

/// The sum of all lines: of amounts in fen for the central value, draw by draw for the rest.
pub fn total(run: &mut Evaluator<'_>) {
    let paths: Vec<String> = run.scenario.budget.iter().map(|l| format!("budget.{}", l.name)).collect();
    let mut total = Series::constant(Decimal::ZERO, run.years.len());
    for path in &paths {
        if let Some(n) = run.graph.get(path) {
            // A line that is unknown in a year leaves the sum of the known ones.
            let known = n.series.by_path(
                |c| c.iter().map(|v| Some(v.unwrap_or_default())).collect(),
                |d| d.iter().map(|v| if v.is_nan() { 0.0 } else { *v }).collect(),
            );
            total = total.zip(&known, Decimal::checked_add, |x, y| x + y);
        }
    }
    let numbers = (0..run.years.len())
        .map(|y| {
            let parts = paths.iter().filter_map(|p| {
                let n = run.graph.get(p)?;
                let v = n.series.central[y].filter(|v| !v.is_zero())?;
                Some(format!("{} {}", n.label, super::text::number(v, "元")))
            });
            Some(parts.collect::<Vec<_>>().join(" + "))
        })
        .collect();
    run.graph.add(Node {
        path: "budget.total".to_owned(),
        label: "合计".to_owned(),
        unit: "元".to_owned(),
        series: total,
        origin: Origin::Model { method: "各项相加".to_owned(), numbers, inputs: paths, place: None },
    });
}

/// Mean and the quantiles of a budget table, in yuan to the fen.
pub fn spread(series: &Series, year: usize) -> Option<[Decimal; 4]> {
    let mut values = series.of_year(year);
    if values.iter().any(|v| !v.is_finite()) || values.is_empty() {
        return None;
    }
    let mean = crate::draws::mean(&values);
    values.sort_unstable_by(f64::total_cmp);
    let q = |p| crate::draws::quantile_sorted(&values, p);
    let fen = |v: f64| Decimal::from_f64_retain(v).map(|d| round_half_away(d, 2));
    let exact = series.draws.is_none().then_some(series.central[year]).flatten();
    if let Some(v) = exact {
        return v.to_f64().map(|_| [v; 4]);
    }
    Some([fen(mean)?, fen(q(0.5)?)?, fen(q(0.8)?)?, fen(q(0.95)?)?])
}
