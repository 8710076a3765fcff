//! Figures of series and of runs for the indicators that name them as their source.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::indicators::Indicator;
use super::number::Printed;
use super::report::{Basis, Value, printed};
use crate::error::{Error, Problem, Result};
use crate::organizations::text::nearest;

/// One row of a series: name, year, figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    pub name: String,
    pub year: i32,
    pub value: Option<Printed>,
    /// Whether it was printed with %: 14.52% and not 14.52.
    pub percent: bool,
    pub basis: Basis,
}

/// The figures of the indicators whose source the points name, for a year and the one before. A source may be a sum,
/// `relief.orphans_home+relief.orphans_inst`: then every part is needed. `computed`: of a run, which knows more than the
/// forms ask; a series may name only what some form asks.
///
/// # Errors
/// `Error::Data` for names that no indicator has as its source, and for a share where a form asks for percent.
pub fn from_series(
    points: &[Point],
    year: i32,
    indicators: &[Indicator],
    computed: bool,
) -> Result<Vec<Value>> {
    let mut problems = Vec::new();
    let mut known: Vec<&str> = indicators.iter().flat_map(|i| i.source.split('+')).collect();
    known.extend(indicators.iter().map(|i| i.source.as_str()));
    known.retain(|s| !s.starts_with("register."));
    known.sort_unstable();
    known.dedup();
    let mut by_name: BTreeMap<(&str, i32), &Point> = BTreeMap::new();
    for point in points {
        if !computed && !known.contains(&point.name.as_str()) {
            let near = nearest(&point.name, known.iter().copied());
            let near = near.map_or_else(String::new, |n| format!("; {n:?} comes nearest"));
            problems.push(
                Problem::new(format!("no indicator has this series as its source{near}"))
                    .column("indicator")
                    .value(&point.name)
                    .expected("a `source` of ms.annual.forms()"),
            );
            continue;
        }
        let before = by_name.insert((&point.name, point.year), point);
        if before.is_some_and(|b| b.value.map(|v| v.value) != point.value.map(|v| v.value)) {
            problems.push(
                Problem::new("two figures for one series and year")
                    .column("indicator")
                    .value(format!("{} {}", point.name, point.year)),
            );
        }
    }
    let mut found = Vec::new();
    for indicator in indicators.iter().filter(|i| !i.source.starts_with("register.")) {
        for y in [year - 1, year] {
            let whole = by_name.get(&(indicator.source.as_str(), y)).map(|p| vec![*p]);
            let parts = || indicator.source.split('+').map(|s| by_name.get(&(s, y)).copied()).collect();
            let Some(parts) = whole.or_else(parts) else { continue };
            for part in &parts {
                problems.extend(check_percent(indicator, part.value, part.percent, &part.name, y));
            }
            let sum = parts.iter().map(|p| p.value.map(|v| v.value)).sum::<Option<Decimal>>();
            found.push(Value {
                form: indicator.form.clone(),
                version: indicator.version.clone(),
                code: indicator.code.clone(),
                year: y,
                value: sum.map(|v| printed(v, indicator.decimals)),
                basis: parts.iter().map(|p| p.basis).max().unwrap_or_default(),
                computed,
                ..Value::default()
            });
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(Error::Data(problems)) }
}

/// A figure of a line in percent is in percent, with the sign or without: 14.52 or 14.52%. What lies below 1 without the
/// sign may be a share, and is not guessed at.
pub fn check_percent(
    indicator: &Indicator,
    value: Option<Printed>,
    percent: bool,
    name: &str,
    year: i32,
) -> Option<Problem> {
    let value = value?.value;
    let doubtful = value > Decimal::ZERO && value <= Decimal::ONE && !percent;
    (indicator.unit == "%" && doubtful).then(|| {
        Problem::new(format!("{}: a share or percent?", indicator.name))
            .column(format!("{name} {year}"))
            .value(value)
            .expected("percent, as 14.52 or \"14.52%\"; below 1 with its sign, as \"0.80%\"")
    })
}
