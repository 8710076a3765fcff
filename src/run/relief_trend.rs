//! A caseload that goes on by the trend of its own counts.

use ndarray::Array2;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::eval::Evaluator;
use super::graph::Origin;
use super::text::plain;
use crate::draws::{Key, Series, decimal};
use crate::scenario::{Expr, Place, Program};
use crate::trends::{self, Breaks};

/// Counts as they are, years after the last one by [`trends::forecast`]: the median as central value, and each
/// draw keeps its rank in the forecast through all years. Counts before the run's first year are history.
pub(super) fn series(
    run: &mut Evaluator<'_>,
    p: &Program,
    values: &[(i32, Expr, Place)],
    since: Option<i32>,
) -> Option<(Series, Origin)> {
    let years = run.years.clone();
    let (first, last) = (values.first()?.0, values.last()?.0);
    let horizon = *years.last()?;
    if last > horizon {
        let expected = format!("counts up to {horizon}, the last year of the run");
        run.complain(format!("{last} is after the run"), &values.last()?.2, expected);
        return None;
    }
    let mut counts: Vec<(i32, Decimal)> = Vec::new();
    let mut inputs: Vec<String> = Vec::new();
    for (year, value, place) in values {
        let at = run.year(*year).unwrap_or(0);
        match run.formula(value, place).central[at] {
            Some(count) if count.is_sign_negative() && !count.is_zero() => {
                run.complain(format!("a negative count in {year}"), place, "a number of 0 or more");
            }
            Some(count) => counts.push((*year, count)),
            None => {}
        }
        inputs.extend(value.names().iter().map(ToString::to_string));
    }
    // A negative one has been told.
    if counts.is_empty() {
        return None;
    }
    let of = |year: i32| counts.iter().find(|(y, _)| *y == year).map(|(_, count)| *count);
    let history: Vec<Option<f64>> = (first..=last).map(|y| of(y).and_then(|c| c.to_f64())).collect();
    let breaks = match since.and_then(|y| usize::try_from(y - first).ok()).filter(|at| *at > 0) {
        Some(at) => Breaks::At(vec![at]),
        None => Breaks::None,
    };
    let steps = usize::try_from(horizon - last).unwrap_or(0).max(1);
    let forecast = match trends::forecast(&history, steps, breaks) {
        Ok(forecast) => forecast,
        Err(e) => {
            for problem in e.problems() {
                let expected = problem.expected.clone().unwrap_or_default();
                run.complain(problem.message.clone(), &p.place, expected);
            }
            return None;
        }
    };
    let key = Key::new(run.seed, &format!("relief.{}.trend", p.name), run.region());
    let mut draws = Array2::from_elem((run.draws, years.len()), f64::NAN);
    let (mut central, mut numbers) = (Vec::new(), Vec::new());
    for (y, year) in years.iter().enumerate() {
        if *year <= last {
            central.push(of(*year));
            numbers.push(of(*year).map(|c| format!("{year}年实际 {}", plain(c))));
            draws.column_mut(y).fill(of(*year).and_then(|c| c.to_f64()).unwrap_or(f64::NAN));
            continue;
        }
        let step = (year - last - 1) as usize;
        central.push(decimal(forecast.median[step]).map(|v| v.round_dp(2)));
        numbers.push(Some(format!("{last}年之后第{}年的中位数", step + 1)));
        for d in 0..run.draws {
            draws[[d, y]] = forecast.quantile(step, key.stream(d as u64).uniform());
        }
    }
    let mut method = format!("按自身历年实际数（{}个）预测：{}", counts.len(), forecast.method);
    let notes = forecast.notes.iter().cloned().chain([forecast.coverage_note(), p.note.clone()]);
    for note in notes.filter(|n| !n.is_empty()) {
        method.push('；');
        method.push_str(&note);
    }
    let origin = Origin::Model { method, numbers, inputs, place: Some(p.place.clone()) };
    Some((Series { central, draws: Some(draws) }, origin))
}
