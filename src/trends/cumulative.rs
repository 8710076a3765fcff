//! Cumulative reports (1-9月累计) taken apart into periods, with corrections shown as corrections.

use std::collections::HashMap;

use super::reports::Report;
use super::series::shown;
use crate::error::{Error, Problem, Result};

/// What one report adds to the one before it in the same year.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    pub year: i64,
    /// Month or quarter of the report, from 1.
    pub period: i64,
    /// Periods that the flow covers: more than one where reports are missing in between.
    pub covers: i64,
    /// The flow; `None` where the report is below the one before it.
    pub flow: Option<f64>,
    /// What the report takes back, negative; `None` where it takes nothing back.
    pub correction: Option<f64>,
}

/// Takes reports (year, period, cumulative since January or the first quarter) apart. Flows and
/// corrections of a year add to its last report. A cumulative figure that falls is a correction of
/// what was reported before, not a negative flow, and it is not spread over months that nobody
/// corrected. Reports may come in any order; a period that comes twice is told.
pub fn decumulate(reports: &[(i64, i64, f64)]) -> Result<Vec<Flow>> {
    let numbered: Vec<Report> = reports
        .iter()
        .enumerate()
        .map(|(i, (year, period, value))| Report { year: *year, period: *period, value: *value, row: i + 1 })
        .collect();
    let problems = check(&numbered, "period", "value");
    if problems.is_empty() { Ok(flows(reports)) } else { Err(Error::Data(problems)) }
}

/// What is wrong with reports, in the row of each; `period` and `value` name the columns.
pub(super) fn check(reports: &[Report], period: &str, value: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut first: HashMap<(i64, i64), usize> = HashMap::new();
    for r in reports {
        if !(1..=12).contains(&r.period) {
            let problem = Problem::new("not a period").row(r.row).column(period).value(r.period);
            problems.push(problem.expected("1 to 12 for months, 1 to 4 for quarters"));
        }
        if !(r.value.is_finite() && r.value >= 0.0) {
            let problem =
                Problem::new("not a cumulative figure").row(r.row).column(value).value(shown(r.value));
            problems.push(problem.expected("a number of 0 or more"));
        }
        if let Some(before) = first.get(&(r.year, r.period)) {
            let message = format!("{}-{:02} comes twice, first in row {before}", r.year, r.period);
            let problem = Problem::new(message).row(r.row).column(period).value(shown(r.value));
            problems.push(problem.expected("one report a period; of several vintages the one to keep"));
        } else {
            first.insert((r.year, r.period), r.row);
        }
    }
    problems
}

fn flows(reports: &[(i64, i64, f64)]) -> Vec<Flow> {
    let mut sorted = reports.to_vec();
    sorted.sort_unstable_by_key(|r| (r.0, r.1));
    let mut before: Option<(i64, i64, f64)> = None;
    sorted
        .iter()
        .map(|&(year, period, value)| {
            let (known, total) = before.filter(|b| b.0 == year).map_or((0, 0.0), |b| (b.1, b.2));
            before = Some((year, period, value));
            let change = value - total;
            let (flow, correction) = if change < 0.0 { (None, Some(change)) } else { (Some(change), None) };
            Flow { year, period, covers: period - known, flow, correction }
        })
        .collect()
}
