//! Thousands of series at once: a long table in, a long table of forecasts out.

use std::collections::HashMap;

use super::cells;
use super::forecast::{Forecast, Options, forecast_with};
use super::go::Go;
use super::times::Clock;
use crate::error::{Error, Problem, Result};
use crate::tables::{Input, Table};

/// A gap longer than this between two times is a mistake in the times, not a gap.
const LONGEST_SPAN: i64 = 1000;

/// The series of a long table, in the order in which their ids are first met.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    pub ids: Vec<String>,
    /// By series: place of the first time, and its values from then on, `None` where a time is missing.
    pub series: Vec<(i64, Vec<Option<f64>>)>,
    /// How the places of times are written.
    pub clock: Clock,
}

/// Place in time, value and row of one point.
type Point = (i64, Option<f64>, usize);

/// Reads columns `id`, `time` (years, numbered periods, months or quarters that fit `period`) and `value`.
/// Blanks around an id are no part of it. Duplicate times, text among the numbers, negatives and NaN are
/// told with their rows, all of them at once.
pub fn read_panel(input: &Input, id: &str, time: &str, value: &str, period: usize) -> Result<Panel> {
    let mut problems = Vec::new();
    let ids = input.table.texts_by_name(input.find(&[id])?.as_str())?;
    let (clock, places) = cells::column_of_times(input, time, period, &mut problems)?;
    let values = cells::numbers(input, value, &mut problems)?;
    let mut order: HashMap<String, usize> = HashMap::new();
    let mut points: Vec<(String, Vec<Point>)> = Vec::new();
    for (i, name) in ids.into_iter().enumerate() {
        let name = name.map(|n| n.trim().to_owned()).filter(|n| !n.is_empty());
        let Some(name) = name else {
            problems.push(input.problem(i, id, "no id").expected("the name of the series"));
            continue;
        };
        if let Some(v) = values[i].filter(|v| !(v.is_finite() && *v >= 0.0)) {
            let what = if v < 0.0 { "a negative value" } else { "not a finite number" };
            problems.push(input.problem(i, value, what).value(v).expected("a number of 0 or more, or empty"));
            continue;
        }
        // A time that can't be read has been told.
        let Some(at) = places[i] else { continue };
        let next = points.len();
        let index = *order.entry(name.clone()).or_insert(next);
        if index == next {
            points.push((name, Vec::new()));
        }
        points[index].1.push((at, values[i], i));
    }
    let mut panel = Panel { ids: Vec::new(), series: Vec::new(), clock };
    let unread = problems.len();
    for (name, mut of_series) in points {
        of_series.sort_unstable_by_key(|p| (p.0, p.2));
        for pair in of_series.windows(2).filter(|w| w[0].0 == w[1].0) {
            let message =
                format!("series {name:?} has this time twice, first in row {}", input.row(pair[0].2));
            let problem = input.problem(pair[1].2, time, message).value(panel.clock.label(pair[1].0));
            problems.push(problem.expected("each time once"));
        }
        let first = of_series.first().map_or(0, |p| p.0);
        let span = of_series.last().map_or(0, |p| p.0) - first;
        if span > LONGEST_SPAN {
            let row = of_series.last().map_or(0, |p| p.2);
            let message = format!("series {name:?} spans {span} periods");
            problems.push(input.problem(row, time, message).expected(super::times::EXPECTED));
            continue;
        }
        let mut values = vec![None; span as usize + 1];
        for (at, v, _) in &of_series {
            values[(at - first) as usize] = *v;
        }
        // A value that can't be read has been told; the series is not empty beside.
        if unread == 0 && values.iter().all(Option::is_none) {
            let row = of_series.first().map_or(0, |p| p.2);
            let message = format!("series {name:?} has no value");
            problems.push(input.problem(row, value, message).expected("at least one value"));
        }
        panel.ids.push(name);
        panel.series.push((first, values));
    }
    if problems.is_empty() { Ok(panel) } else { Err(Error::Data(problems)) }
}

/// Columns of the output as they grow.
#[derive(Default)]
struct Columns<'a> {
    ids: Vec<&'a str>,
    steps: Vec<i64>,
    numbers: [Vec<f64>; 5],
    methods: Vec<String>,
    places: Vec<i64>,
    notes: Vec<String>,
}

impl<'a> Columns<'a> {
    fn take(&mut self, id: &'a str, f: &Forecast, last: i64) {
        let note = f.notes.join("；");
        for h in 0..f.horizon() {
            self.ids.push(id);
            self.steps.push(h as i64 + 1);
            self.methods.push(f.method.clone());
            self.places.push(last + 1 + h as i64);
            self.notes.push(note.clone());
            let row = [
                f.mean[h],
                f.quantile(h, 0.1),
                f.quantile(h, 0.9),
                f.quantile(h, 0.025),
                f.quantile(h, 0.975),
            ];
            self.numbers.iter_mut().zip(row).for_each(|(column, v)| column.push(v));
        }
    }
}

/// Forecasts every series; `step(done, total)` is called after each, and false stops the work.
/// Columns: id, step, mean, lower_80, upper_80, lower_95, upper_95, method, time (as the input writes
/// it), note (what a reader of this series has to know).
pub fn forecast_panel(
    panel: &Panel,
    horizon: usize,
    options: &Options<'_>,
    step: &(dyn Fn(usize, usize) -> bool + Sync),
) -> Result<Table> {
    let mut columns = Columns::default();
    let mut class = (String::new(), String::new());
    for (i, (id, (first, values))) in panel.ids.iter().zip(&panel.series).enumerate() {
        let asked = || step(i, panel.ids.len());
        let here = Options { go: Go::asking(&asked), ..options.clone() };
        let f = forecast_with(values, horizon, &here).map_err(|e| named(e, id))?;
        columns.take(id, &f, first + values.len() as i64 - 1);
        if i == 0 {
            class = (f.reference_class.clone(), f.coverage_note());
        }
        if !step(i + 1, panel.ids.len()) {
            return Err(Error::Interrupted);
        }
    }
    let Columns {
        ids,
        steps,
        numbers: [mean, lower_80, upper_80, lower_95, upper_95],
        methods,
        places,
        notes,
    } = columns;
    let table = Table::builder("序列预测").note(format!("参照类：{}", class.0));
    let table = if class.1.is_empty() { table } else { table.note(class.1) };
    let table = if options.period < 2 && panel.clock.months().is_some_and(|m| m < 12) {
        table.note("时间是月份或季度而未给period：季节变化没有扣除")
    } else {
        table
    };
    let label = |place: &i64| panel.clock.label(*place);
    let digits: Option<Vec<i64>> =
        places.iter().map(|p| panel.clock.is_digits().then(|| label(p).parse().ok())?).collect();
    let table = table
        .text("id", "序列", ids)
        .int("step", "向前期数", "", steps)
        .float("mean", "点预测（中位数）", "", mean)
        .float("lower_80", "80%下限", "", lower_80)
        .float("upper_80", "80%上限", "", upper_80)
        .float("lower_95", "95%下限", "", lower_95)
        .float("upper_95", "95%上限", "", upper_95)
        .text("method", "方法", methods);
    let table = match digits {
        Some(numbers) => table.int("time", "时间", "", numbers),
        None => table.text("time", "时间", places.iter().map(label)),
    };
    table.text("note", "说明", notes).build()
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
