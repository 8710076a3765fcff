//! Thousands of series at once: a long table in, a long table of forecasts out.

use std::collections::HashMap;

use super::forecast::{Options, forecast_with};
use crate::error::{Error, Problem, Result};
use crate::tables::{Input, Table};

/// A gap longer than this between two times is a mistake in the times, not a gap.
const LONGEST_SPAN: i64 = 1000;

/// The series of a long table, in the order in which their ids are first met.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    pub ids: Vec<String>,
    /// By series: first time, and its values from then on, `None` where a time is missing.
    pub series: Vec<(i64, Vec<Option<f64>>)>,
}

/// Time, value and row of one point.
type Point = (i64, Option<f64>, usize);

/// Reads columns `id`, `time` (whole numbers, such as years) and `value`. Duplicate times, text among
/// the numbers, negatives and NaN are told with their rows, all of them at once.
pub fn read_panel(input: &Input, id: &str, time: &str, value: &str) -> Result<Panel> {
    let mut problems = Vec::new();
    let ids = input.table.texts_by_name(input.find(&[id])?.as_str())?;
    let times = numbers(input, time, &mut problems)?;
    let values = numbers(input, value, &mut problems)?;
    let mut order: HashMap<String, usize> = HashMap::new();
    let mut points: Vec<(String, Vec<Point>)> = Vec::new();
    for (i, name) in ids.into_iter().enumerate() {
        let Some(name) = name else {
            problems.push(input.problem(i, id, "no id").expected("the name of the series"));
            continue;
        };
        let at = match times[i] {
            Some(t) if t.fract() == 0.0 && t.abs() < 1e15 => t as i64,
            Some(t) => {
                problems.push(
                    input
                        .problem(i, time, "not a whole number")
                        .value(t)
                        .expected("a year or a number of period"),
                );
                continue;
            }
            None => {
                problems.push(input.problem(i, time, "no time").expected("a year or a number of period"));
                continue;
            }
        };
        if let Some(v) = values[i].filter(|v| !(v.is_finite() && *v >= 0.0)) {
            let what = if v < 0.0 { "a negative value" } else { "not a finite number" };
            problems.push(input.problem(i, value, what).value(v).expected("a number of 0 or more, or empty"));
            continue;
        }
        let next = points.len();
        let index = *order.entry(name.clone()).or_insert(next);
        if index == next {
            points.push((name, Vec::new()));
        }
        points[index].1.push((at, values[i], i));
    }
    let mut panel = Panel { ids: Vec::new(), series: Vec::new() };
    for (name, mut of_series) in points {
        of_series.sort_unstable_by_key(|p| (p.0, p.2));
        for pair in of_series.windows(2).filter(|w| w[0].0 == w[1].0) {
            let message =
                format!("series {name:?} has this time twice, first in row {}", input.row(pair[0].2));
            problems
                .push(input.problem(pair[1].2, time, message).value(pair[1].0).expected("each time once"));
        }
        let first = of_series.first().map_or(0, |p| p.0);
        let span = of_series.last().map_or(0, |p| p.0) - first;
        if span > LONGEST_SPAN {
            let row = of_series.last().map_or(0, |p| p.2);
            let message = format!("series {name:?} spans {span} periods");
            problems.push(input.problem(row, time, message).expected("whole years or numbered periods"));
            continue;
        }
        let mut values = vec![None; span as usize + 1];
        for (at, v, _) in &of_series {
            values[(at - first) as usize] = *v;
        }
        if values.iter().all(Option::is_none) {
            let row = of_series.first().map_or(0, |p| p.2);
            let message = format!("series {name:?} has no value");
            problems.push(input.problem(row, value, message).expected("at least one value"));
        }
        panel.ids.push(name);
        panel.series.push((first, values));
    }
    if problems.is_empty() { Ok(panel) } else { Err(Error::Data(problems)) }
}

/// A column of numbers; each cell that is none is told.
fn numbers(input: &Input, name: &str, problems: &mut Vec<Problem>) -> Result<Vec<Option<f64>>> {
    let column = input.find(&[name])?;
    if let Ok(values) = input.table.numbers_by_name(&column) {
        return Ok(values);
    }
    let texts = input.table.texts_by_name(&column)?;
    let parsed = texts.into_iter().enumerate().map(|(i, text)| {
        let text = text?;
        let value = text.trim().parse::<f64>().ok();
        if value.is_none() && !text.trim().is_empty() {
            problems.push(input.problem(i, name, "not a number").value(&text).expected("a number"));
        }
        value
    });
    Ok(parsed.collect())
}

/// Forecasts every series; `step(done, total)` is called after each, and false stops the work.
/// Columns: id, step, mean, lower_80, upper_80, lower_95, upper_95, method.
pub fn forecast_panel(
    panel: &Panel,
    horizon: usize,
    options: &Options<'_>,
    step: &(dyn Fn(usize, usize) -> bool + Sync),
) -> Result<Table> {
    let rows = panel.ids.len() * horizon;
    let mut ids = Vec::with_capacity(rows);
    let mut steps = Vec::with_capacity(rows);
    let mut methods = Vec::with_capacity(rows);
    let mut numbers: [Vec<f64>; 5] = Default::default();
    let mut class = (String::new(), String::new());
    for (i, (id, (_, values))) in panel.ids.iter().zip(&panel.series).enumerate() {
        let f = forecast_with(values, horizon, options).map_err(|e| named(e, id))?;
        for h in 0..horizon {
            ids.push(id.as_str());
            steps.push(h as i64 + 1);
            methods.push(f.method.clone());
            let row = [
                f.mean[h],
                f.quantile(h, 0.1),
                f.quantile(h, 0.9),
                f.quantile(h, 0.025),
                f.quantile(h, 0.975),
            ];
            numbers.iter_mut().zip(row).for_each(|(column, v)| column.push(v));
        }
        if i == 0 {
            class = (f.reference_class.clone(), f.coverage_note());
        }
        if !step(i + 1, panel.ids.len()) {
            return Err(Error::Interrupted);
        }
    }
    let [mean, lower_80, upper_80, lower_95, upper_95] = numbers;
    let table = Table::builder("序列预测").note(format!("参照类：{}", class.0));
    let table = if class.1.is_empty() { table } else { table.note(class.1) };
    table
        .text("id", "序列", ids)
        .int("step", "向前期数", "", steps)
        .float("mean", "点预测（中位数）", "", mean)
        .float("lower_80", "80%下限", "", lower_80)
        .float("upper_80", "80%上限", "", upper_80)
        .float("lower_95", "95%下限", "", lower_95)
        .float("upper_95", "95%上限", "", upper_95)
        .text("method", "方法", methods)
        .build()
}

fn named(error: Error, id: &str) -> Error {
    match error {
        Error::Data(problems) => {
            let name = |mut p: Problem| {
                p.message = format!("series {id:?}: {}", p.message);
                p
            };
            Error::Data(problems.into_iter().map(name).collect())
        }
        other => other,
    }
}
