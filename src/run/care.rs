//! Need for care: people × prevalence, by definition and level.

use ndarray::{Array3, ArrayView3, s};

use super::assume::standard_normal;
use super::eval::Evaluator;
use super::graph::{Node, Origin};
use super::population::People;
use super::text::number;
use crate::care::{self, Level, Schedule};
use crate::draws::{Key, Series, decimal};
use crate::error::{Error, Result};

/// Adds every level of every definition that the scenario shows.
pub fn compute(run: &mut Evaluator<'_>) -> Result<()> {
    let wanted = run.scenario.care.clone();
    let mut problems = Vec::new();
    for definition in &wanted.shown {
        match care::schedule(definition) {
            Ok(schedule) => add(run, &schedule)?,
            Err(e) => problems.extend(e.problems().iter().cloned().map(|p| {
                p.file(&*wanted.place.file).row(wanted.place.line).column("care").value(definition)
            })),
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Case(problems)) }
}

/// `care.severe` (of the scenario's definition) or `care.survey_2015.disabled`; `total` adds the levels.
pub fn node(run: &mut Evaluator<'_>, name: &str) -> Option<Node> {
    let path =
        if name.contains('.') { name.to_owned() } else { format!("{}.{name}", run.scenario.care.definition) };
    let mut node = run.graph.get(&format!("care.{path}"))?.clone();
    if !name.contains('.') {
        // The short name is the same quantity under the scenario's definition.
        let method = format!("按情景选定的口径“{}”", run.scenario.care.definition);
        let inputs = vec![node.path.clone()];
        let numbers = vec![None; run.years.len()];
        node.origin = Origin::Model { method, numbers, inputs, place: Some(run.scenario.care.place.clone()) };
    }
    node.path = format!("care.{name}");
    Some(node)
}

fn add(run: &mut Evaluator<'_>, schedule: &Schedule) -> Result<()> {
    let Some(people) = run.people.take() else { return Ok(()) };
    let definition = &schedule.definition;
    let key = Key::new(run.seed, &format!("care.{definition}"), run.region());
    let factor: Vec<f64> = (0..run.draws as u64)
        .map(|d| (schedule.log_sd * standard_normal(key.stream(d).uniform())).exp())
        .collect();
    let (shift, central_shift) = shifts(run, &people);
    let mut total: Option<Series> = None;
    let mut parts = Vec::new();
    for level in &schedule.levels {
        let draws = care::need_draws(&people.draws.view(), &level.prevalence.view(), &shift.view(), &factor)?;
        let population = &people.ensemble.central.population;
        let central: Vec<f64> = (0..run.years.len())
            .map(|y| care::need(&population.slice(s![y, .., ..]), &level.prevalence.view(), central_shift[y]))
            .collect::<Result<_>>()?;
        let series = Series::counted(&central, draws);
        total = Some(match total {
            None => series.clone(),
            Some(sum) => sum.zip(&series, rust_decimal::Decimal::checked_add, |x, y| x + y),
        });
        let numbers = central_numbers(&central, population.view(), level);
        let path = format!("care.{definition}.{}", level.id);
        parts.push(path.clone());
        run.graph.add(Node {
            path,
            label: level.label.clone(),
            unit: "人".to_owned(),
            series,
            origin: Origin::Model {
                method: format!(
                    "分年龄分性别人口 × 患病率；口径：{}；来源：{}；{}",
                    schedule.label, schedule.source, schedule.note
                ),
                numbers,
                inputs: vec!["population.60_plus".to_owned()],
                place: Some(run.scenario.care.place.clone()),
            },
        });
    }
    if let Some(series) = total {
        let numbers = vec![None; run.years.len()];
        run.graph.add(Node {
            path: format!("care.{definition}.total"),
            label: "合计".to_owned(),
            unit: "人".to_owned(),
            series,
            origin: Origin::Model {
                method: "各等级相加".to_owned(), numbers, inputs: parts, place: None
            },
        });
    }
    run.people = Some(people);
    Ok(())
}

/// Years by which prevalence shifts to higher ages, by draw, year and sex, and for the central run.
fn shifts(run: &Evaluator<'_>, people: &People) -> (Array3<f64>, Vec<[f64; 2]>) {
    let part = match run.scenario.care.health.as_str() {
        "full_shift" => 1.0,
        "dynamic_equilibrium" => 0.5,
        _ => return (Array3::zeros((1, 1, 2)), vec![[0.0; 2]; run.years.len()]),
    };
    let e = &people.ensemble;
    let gain = |path: &dyn Fn(usize) -> f64, year: usize| match year {
        0 => 0.0,
        _ => part * (path(year - 1) - path(0)),
    };
    let draws = Array3::from_shape_fn((run.draws, run.years.len(), 2), |(d, y, sex)| {
        let of = if sex == 0 { &e.e0_female } else { &e.e0_male };
        gain(&|t| of[[d, t]], y)
    });
    let paths = [&people.paths.e0_female, &people.paths.e0_male];
    let central =
        (0..run.years.len()).map(|y| [gain(&|t| paths[0][t], y), gain(&|t| paths[1][t], y)]).collect();
    (draws, central)
}

fn central_numbers(need: &[f64], population: ArrayView3<'_, f64>, level: &Level) -> Vec<Option<String>> {
    let lowest =
        (0..101).find(|a| level.prevalence[[0, *a]] > 0.0 || level.prevalence[[1, *a]] > 0.0).unwrap_or(60);
    need.iter()
        .enumerate()
        .map(|(y, n)| {
            let exposed = population.slice(s![y, .., lowest..]).sum();
            let rate = if exposed > 0.0 { n / exposed * 100.0 } else { 0.0 };
            let (n, exposed, rate) = (decimal(*n)?, decimal(exposed)?, decimal(rate)?);
            Some(format!(
                "Σ 人口 × 患病率 = {lowest}岁及以上 {} × 平均 {}% = {}",
                number(exposed, "人"),
                number(rate, "%"),
                number(n, "人")
            ))
        })
        .collect()
}
