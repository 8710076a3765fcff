//! Places against demand: one node each for demand, supply and gap of every kind.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::eval::Evaluator;
use super::graph::{Node, Origin};
use super::text::{number, plain};
use crate::capacity::{self, Mode};
use crate::draws::{Key, Series};
use crate::scenario::{Facility, Project, Use};

/// Planned completion is taken in the middle of its year: half a year late still stands at its end.
const MID_YEAR: f64 = 0.5;

/// Computes one kind and keeps its balance.
pub fn compute(run: &mut Evaluator<'_>, f: &Facility) {
    if run.balances.iter().any(|(name, _)| *name == f.name) {
        return;
    }
    let asked = run.formula(&f.demand, &f.place);
    let demand = match f.mode {
        Use::UsedUp => asked.cumulative(),
        Use::Stock | Use::Throughput => asked,
    };
    let stock = run.formula(&f.stock, &f.place);
    let (mut built, mut planned) = (Vec::new(), Vec::new());
    for p in &f.projects {
        let size = run.formula(&p.size, &p.place);
        built.push(project(run, f, p, &size));
        planned.push((p, size));
    }
    let draws = run.draws;
    let last = run.years.len() - 1;
    let stock_draws: Vec<f64> = (0..draws).map(|d| stock.at(d, last)).collect();
    let on_time: Vec<capacity::Project> = planned
        .iter()
        .map(|(p, size)| capacity::Project {
            ramp_years: p.ramp_years.to_f64().unwrap_or(0.0),
            ..capacity::Project::new(central_float(size, last), p.start, p.finish)
        })
        .collect();
    let computed = capacity::supply(&run.years, draws, &stock_draws, &built).and_then(|all| {
        let one = capacity::supply(&run.years, 1, &[central_float(&stock, last)], &on_time)?;
        let supply = Series::counted(&one.row(0).to_vec(), all);
        // A year without a demand (deaths of the base year) is no shortage; it stays unknown in the table.
        let wide = |s: &Series| {
            ndarray::Array2::from_shape_fn((draws, run.years.len()), |(d, y)| {
                Some(s.at(d, y)).filter(|v| v.is_finite()).unwrap_or(0.0)
            })
        };
        let balance = capacity::balance(Mode::Stock, &run.years, wide(&demand), wide(&supply))?;
        Ok((supply, balance))
    });
    let (supply, balance) = match computed {
        Ok(both) => both,
        Err(e) => {
            for p in e.problems() {
                let expected = p.expected.clone().unwrap_or_default();
                run.complain(format!("{}: {}", f.label, p.message), &f.place, expected);
            }
            return;
        }
    };
    explain(run, f, demand, supply, &stock, &planned);
    run.balances.push((f.name.clone(), balance));
}

fn central_float(s: &Series, year: usize) -> f64 {
    s.central[year].and_then(|v| v.to_f64()).unwrap_or(f64::NAN)
}

fn project(run: &Evaluator<'_>, f: &Facility, p: &Project, size: &Series) -> capacity::Project {
    let key = Key::new(run.seed, &format!("capacity.{}.{}", f.name, p.name), run.region());
    let span = f64::from(p.finish - p.start + 1);
    let (overrun, cancel) = (p.overrun.to_f64().unwrap_or(0.0), p.cancel.to_f64().unwrap_or(0.0));
    let (mut delay, mut cancelled) = (Vec::with_capacity(run.draws), Vec::with_capacity(run.draws));
    for d in 0..run.draws as u64 {
        let mut stream = key.stream(d);
        delay.push((stream.uniform() * overrun * span - MID_YEAR).max(0.0));
        cancelled.push(stream.uniform() < cancel);
    }
    capacity::Project {
        size: (0..run.draws).map(|d| size.at(d, size.years() - 1)).collect(),
        start: p.start,
        finish: p.finish,
        ramp_years: p.ramp_years.to_f64().unwrap_or(0.0),
        delay_years: delay,
        cancelled,
    }
}

fn explain(
    run: &mut Evaluator<'_>,
    f: &Facility,
    demand: Series,
    supply: Series,
    stock: &Series,
    planned: &[(&Project, Series)],
) {
    let path = |what: &str| format!("capacity.{}.{what}", f.name);
    let gap = demand.zip(&supply, Decimal::checked_sub, |x, y| x - y);
    let numbers = |part: &dyn Fn(usize) -> Option<String>| (0..run.years.len()).map(part).collect::<Vec<_>>();
    let gap_numbers = numbers(&|y| {
        Some(format!("{} − {}", number(demand.central[y]?, &f.unit), number(supply.central[y]?, &f.unit)))
    });
    let supply_numbers = numbers(&|y| {
        let mut parts = vec![format!("现有 {}", number(stock.central[y]?, &f.unit))];
        let built = supply.central[y]? - stock.central[y]?;
        if !built.is_zero() {
            let of: Vec<String> = planned
                .iter()
                .map(|(p, size)| Some(format!("{} {}", p.label, number(size.central[y]?, &f.unit))))
                .collect::<Option<_>>()?;
            parts.push(format!("已建成投用 {}（{}）", number(built, &f.unit), of.join("、")));
        }
        Some(parts.join(" + "))
    });
    let mut inputs: Vec<String> = f.stock.names().iter().map(ToString::to_string).collect();
    for (p, _) in planned {
        inputs.extend(p.size.names().iter().map(ToString::to_string));
    }
    inputs.dedup();
    let late: Vec<String> = planned
        .iter()
        .map(|(p, _)| {
            format!(
                "{}：{}—{}年，逾期至多为工期的{}%，取消可能{}%",
                p.label,
                p.start,
                p.finish,
                plain(p.overrun * Decimal::ONE_HUNDRED),
                plain(p.cancel * Decimal::ONE_HUNDRED)
            )
        })
        .collect();
    let demand_note =
        if f.mode == Use::UsedUp { format!("逐年累计；{}", f.note) } else { f.note.clone() };
    let node = |what: &str, label: &str, series: Series, origin: Origin| Node {
        path: path(what),
        label: format!("{}{label}", f.label),
        unit: f.unit.clone(),
        series,
        origin,
    };
    let place = || f.place.clone();
    let nodes = [
        node(
            "demand",
            "需求",
            demand,
            Origin::Formula { expr: f.demand.clone(), place: place(), note: demand_note },
        ),
        node(
            "supply",
            "供给",
            supply,
            Origin::Model {
                method: format!("现有存量加在建项目；{}", late.join("；")),
                numbers: supply_numbers,
                inputs,
                place: Some(place()),
            },
        ),
        node(
            "gap",
            "缺口",
            gap,
            Origin::Model {
                method: "需求减供给（正数为不足）".to_owned(),
                numbers: gap_numbers,
                inputs: vec![path("demand"), path("supply")],
                place: Some(place()),
            },
        ),
    ];
    for n in nodes {
        run.graph.add(n);
    }
}
