//! Reads the relief programs of a scenario: `[relief.x]`, its counts, its response to a standard.

use std::cell::RefCell;

use rust_decimal::Decimal;

use super::expr::{Expr, parse_formula};
use super::model::*;
use super::parse::{formula, label, needed, not_negative};
use super::tree::{Reader, Value, locate};
use crate::error::Problem;

pub(super) fn program(name: String, r: Reader<'_>, problems: &RefCell<Vec<Problem>>) -> Option<Program> {
    let drift_sd = not_negative(&r, "drift_sd", Decimal::ZERO);
    let basis = if r.get("observed").is_some() {
        let mut values = Vec::new();
        if let Some(t) = r.table("observed") {
            observed(&t, &mut values, problems);
        }
        let own = matches!(r.get("driver").map(|n| &n.value), Some(Value::Text(t)) if t.trim() == "trend");
        let driver = if own { None } else { needed(&r, "driver") };
        let since = r.year("since");
        if since.is_some() && !own {
            r.problem(
                "since",
                "only a caseload with its own trend has a break",
                "driver = \"trend\" beside it",
            );
        }
        if values.is_empty() {
            r.problem("observed", "holds no count", "[relief.x.observed] with lines such as 2020 = \"F120\"");
            None
        } else if own {
            if !drift_sd.is_zero() {
                r.problem(
                    "drift_sd",
                    "a trend has an interval of its own",
                    "no drift_sd beside driver = \"trend\"",
                );
            }
            Some(Basis::Trend { values, since })
        } else {
            driver.map(|driver| Basis::Observed { values, driver, drift_sd })
        }
    } else if r.get("national").is_some() {
        let series = r.text("national");
        let factor =
            if r.get("factor").is_some() { formula(&r, "factor") } else { Some(Expr::Number(Decimal::ONE)) };
        let place_log_sd = not_negative(&r, "place_log_sd", Decimal::ZERO);
        let driver = needed(&r, "driver");
        series.zip(driver).zip(factor).map(|((series, driver), factor)| Basis::National {
            series,
            driver,
            factor,
            place_log_sd,
        })
    } else {
        needed(&r, "formula").map(|formula| Basis::Formula { formula, drift_sd })
    };
    let response = r.table("response").and_then(response);
    let until = r.text("until").and_then(|text| {
        let date = month(&text);
        if date.is_none() {
            r.problem("until", "not a month", "the last month of the duty, such as 2019-11");
        }
        date
    });
    let p = Program {
        label: label(&r, &name),
        unit: r.text("unit").unwrap_or_else(|| "人".to_owned()),
        response,
        part_of: r.text("part_of"),
        until,
        note: r.text("note").unwrap_or_default(),
        place: r.place().clone(),
        basis: basis?,
        name,
    };
    r.finish();
    Some(p)
}

fn response(r: Reader<'_>) -> Option<Response> {
    let standard = r.text("standard");
    let standard = r.required("standard", standard);
    let response = Response {
        reference: r.text("reference"),
        place: r.place().clone(),
        elasticity: needed(&r, "elasticity")?,
        exit_rate: needed(&r, "exit_rate")?,
        standard: standard?,
    };
    r.finish();
    Some(response)
}

/// A year and month as text, `2020-11`; a day after it is passed over.
pub(super) fn month(text: &str) -> Option<(i32, u32)> {
    let mut parts = text.split('-');
    let (y, m): (i32, u32) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    ((1..=12).contains(&m) && (1900..=2200).contains(&y)).then_some((y, m))
}

/// Lines such as `2020 = "F120"`: the keys are years, so they are not known beforehand.
fn observed(r: &Reader<'_>, into: &mut Vec<(i32, Expr, Place)>, problems: &RefCell<Vec<Problem>>) {
    for (key, node) in r.entries() {
        let year: Option<i32> = key.parse().ok().filter(|y| (1900..=2200).contains(y));
        let text = match &node.value {
            Value::Text(s) => Some(s.clone()),
            Value::Number(n) => Some(n.to_string()),
            _ => None,
        };
        let read =
            text.ok_or_else(|| "neither a formula nor a number".to_owned()).and_then(|t| parse_formula(&t));
        match (year, read) {
            (Some(year), Ok(value)) => into.push((year, value, node.place.clone())),
            (None, _) => problems.borrow_mut().push(
                locate(Problem::new("not a year"), &node.place)
                    .column("observed")
                    .value(key)
                    .expected("a year"),
            ),
            (_, Err(message)) => problems
                .borrow_mut()
                .push(locate(Problem::new(message), &node.place).column(format!("observed.{key}"))),
        }
    }
    into.sort_by_key(|(year, ..)| *year);
}
