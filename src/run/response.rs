//! The effect of a rise of a standard on a caseload, as a node of the graph between the two.

use ndarray::Array2;
use rust_decimal::Decimal;

use super::eval::Evaluator;
use super::graph::{Node, Origin};
use super::standards::months;
use super::text::{number, plain};
use crate::draws::{Series, decimal};
use crate::relief::{Change, response};
use crate::scenario::{Expr, Op, Program, Response};

/// The caseload as the scenario's standards leave it. The factor becomes the node `response.x`;
/// while the standard is the reference it is exactly 1 and changes nothing, to the last bit.
pub fn apply(run: &mut Evaluator<'_>, p: &Program, series: Series, origin: Origin) -> (Series, Origin) {
    let Some(r) = &p.response else { return (series, origin) };
    let Some(factor) = factor(run, p, r, &series) else { return (series, origin) };
    let path = format!("response.{}", p.name);
    let moved = series.zip(
        &factor.series,
        |a, f| if f == Decimal::ONE { Some(a) } else { a.checked_mul(f).map(|v| v.round_dp(2)) },
        |a, f| a * f,
    );
    let told: Vec<Option<Decimal>> = factor.series.central.clone();
    run.graph.add(factor);
    let origin = match origin {
        Origin::Formula { expr, place, note } => {
            let expr = Expr::Binary(Op::Multiply, Box::new(expr), Box::new(Expr::Name(path)));
            Origin::Formula { expr, place, note }
        }
        Origin::Model { method, numbers, mut inputs, place } => {
            let add = |(text, f): (Option<String>, Option<Decimal>)| {
                let text = text?;
                Some(match f.filter(|f| *f != Decimal::ONE) {
                    Some(f) => format!("{text} × 提标影响 {}", plain(f)),
                    None => text,
                })
            };
            let numbers = numbers.into_iter().zip(told).map(add).collect();
            inputs.push(path);
            Origin::Model { method, numbers, inputs, place }
        }
        other => other,
    };
    (moved, origin)
}

fn factor(run: &mut Evaluator<'_>, p: &Program, r: &Response, caseload: &Series) -> Option<Node> {
    let standard_name = format!("standard.{}", r.standard);
    let standard = run.name(&standard_name, &r.place);
    let years = run.years.clone();
    let of = |name: &str| run.scenario.standards.iter().find(|s| s.name == name);
    // A year in which the standard begins holds part of its amount and is no measure of a rise.
    let whole = |y: &i32| {
        [Some(&r.standard), r.reference.as_ref()]
            .into_iter()
            .flatten()
            .all(|name| of(name).is_some_and(|s| months(s, *y).iter().map(|(_, m)| m).sum::<u32>() == 12))
    };
    let Some(from) = years.iter().position(whole) else {
        let expected = "a standard, and a reference, that hold for twelve months of a year of the run";
        run.complain(format!("{standard_name} has no whole year to start from"), &r.place, expected);
        return None;
    };
    let reference = match &r.reference {
        Some(name) => run.name(&format!("standard.{name}"), &r.place),
        None => standard.by_path(|c| vec![c[from]; c.len()], |d| vec![d[from]; d.len()]),
    };
    let elasticity = run.formula(&r.elasticity, &r.place);
    let exit_rate = run.formula(&r.exit_rate, &r.place);
    // A draw beyond is held to the bounds; a central value beyond is a percentage written as a number.
    if let Some(h) = exit_rate.central[from].filter(|h| !(Decimal::ZERO..=Decimal::ONE).contains(h)) {
        let message = format!("relief.{}.response.exit_rate is {}", p.name, plain(h));
        run.complain(message, &r.place, "a share from 0 to 1 a year, such as 0.12");
        return None;
    }
    let path = |at: &dyn Fn(&Series, usize) -> f64| -> Vec<f64> {
        let all = |s: &Series| (0..years.len()).map(|y| at(s, y)).collect::<Vec<f64>>();
        let (standard, reference) = (all(&standard), all(&reference));
        let (elasticity, exit_rate) = (at(&elasticity, from), at(&exit_rate, from));
        let change = Change { standard: &standard, reference: &reference, elasticity, exit_rate, from };
        response(&all(caseload), &change)
    };
    let exact = |s: &Series| Series::exact(s.central.clone());
    let central: Vec<Option<Decimal>> = path(&|s, y| exact(s).at(0, y)).into_iter().map(decimal).collect();
    let random = [caseload, &standard, &reference, &elasticity, &exit_rate].iter().any(|s| s.draws.is_some());
    let draws = random.then(|| {
        let mut out = Array2::ones((run.draws, years.len()));
        for d in 0..run.draws {
            for (y, f) in path(&|s, y| s.at(d, y)).into_iter().enumerate() {
                out[[d, y]] = f;
            }
        }
        out
    });
    let unit = "元/人/年";
    let numbers = (0..years.len())
        .map(|y| {
            let (a, b) = (standard.central[y]?, reference.central[y]?);
            let (e, h) = (elasticity.central[y]?, exit_rate.central[y]?);
            if y <= from {
                return Some(format!("{}年为基准，不计影响", years[from]));
            }
            let inflow = format!("新增对象 ({} ÷ {})^{}", number(a, unit), number(b, unit), plain(e));
            Some(format!("{inflow}，每年退出 {}%，其余留存", plain(h * Decimal::ONE_HUNDRED)))
        })
        .collect();
    let mut inputs = vec![standard_name];
    inputs.extend(r.reference.iter().map(|name| format!("standard.{name}")));
    inputs.extend(r.elasticity.names().iter().chain(&r.exit_rate.names()).map(ToString::to_string));
    let method = "假设：保障标准提高使新增对象按弹性增加，存量随进出逐年变动；标准不变时恰为1";
    Some(Node {
        path: format!("response.{}", p.name),
        label: format!("提标对{}人数的影响", p.label),
        unit: "倍".to_owned(),
        series: Series { central, draws },
        origin: Origin::Model { method: method.to_owned(), numbers, inputs, place: Some(r.place.clone()) },
    })
}
