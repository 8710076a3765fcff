//! Binding of `figures`, `rules` and `checks`.

use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use rust_decimal::Decimal;

use super::table::{PyTable, table_like};
use crate::checks::{self, Plan, findings_table};
use crate::error::{Error, Problem, Result};
use crate::figures::{Ledger, draft::draft, number};
use crate::rules::Rulebook;

/// A text file in UTF-8 or GB18030.
fn text_of(path: &PathBuf) -> Result<(String, String)> {
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or("?").to_owned();
    let bytes = std::fs::read(path).map_err(|e| {
        Error::case(Problem::new(e.to_string()).file(&name).expected("a file that can be read"))
    })?;
    Ok((crate::tables::encoding::decode(&name, &bytes, None)?, name))
}

/// Checks of a ledger and a text without a case folder.
#[pyfunction]
#[pyo3(signature = (figures, declared, plan, place))]
fn plan_check(
    python: Python<'_>,
    figures: PathBuf,
    declared: Option<PathBuf>,
    plan: Option<PathBuf>,
    place: String,
) -> PyResult<PyTable> {
    let work = || -> Result<crate::tables::Table> {
        let (text, name) = text_of(&figures)?;
        let ledger = Ledger::parse(&text, &name)?;
        let relations = match declared {
            Some(path) => {
                let (text, name) = text_of(&path)?;
                checks::parse_declared(&text, &name)?
            }
            None => Vec::new(),
        };
        let text = plan.map(|p| text_of(&p)).transpose()?;
        let plan = Plan { text: text.as_ref().map(|t| t.0.as_str()), place: &place };
        findings_table(&checks::check(&ledger, &relations, &Rulebook::shipped()?, plan)?)
    };
    Ok(PyTable(python.detach(work)?))
}

/// The text of a drafted figures.csv, its number of rows, and what could not be read: (line, words).
type Drafted = (String, usize, Vec<(u32, String)>);

#[pyfunction]
fn plan_draft(python: Python<'_>, path: PathBuf) -> PyResult<Drafted> {
    let work = || -> Result<Drafted> {
        let drafted = draft(&text_of(&path)?.0);
        let unread = drafted.unread.iter().map(|u| (u.line, u.words.clone())).collect();
        Ok((drafted.to_csv()?, drafted.rows.len(), unread))
    };
    Ok(python.detach(work)?)
}

#[pyfunction]
fn plan_read_number<'py>(python: Python<'py>, text: &str) -> PyResult<Bound<'py, PyDict>> {
    let read = number::read(text).map_err(|e| {
        Error::data(Problem::new(e.why).value(&e.text).expected("one number, such as 1.7万余人"))
    })?;
    let decimal = python.import("decimal")?.getattr("Decimal")?;
    let d = PyDict::new(python);
    d.set_item("value", decimal.call1((read.value.to_string(),))?)?;
    d.set_item("value_hi", read.value_hi.map(|v| decimal.call1((v.to_string(),))).transpose()?)?;
    d.set_item("bound", read.bound.word())?;
    d.set_item("approximate", read.approximate)?;
    d.set_item("unit", read.unit)?;
    Ok(d)
}

#[pyfunction]
fn plan_rules(python: Python<'_>) -> PyResult<PyTable> {
    Ok(PyTable(python.detach(|| Rulebook::shipped()?.table())?))
}

#[pyfunction]
#[pyo3(signature = (data, encoding=None))]
fn statistics_check(data: &Bound<'_, PyAny>, encoding: Option<&str>) -> PyResult<PyTable> {
    let input = table_like(data, encoding)?;
    Ok(PyTable(findings_table(&checks::check_table(&input)?)?))
}

#[pyfunction]
#[pyo3(signature = (a, b, on, encoding=None))]
fn statistics_equal(
    a: &Bound<'_, PyAny>,
    b: &Bound<'_, PyAny>,
    on: &str,
    encoding: Option<&str>,
) -> PyResult<PyTable> {
    let (a, b) = (table_like(a, encoding)?, table_like(b, encoding)?);
    Ok(PyTable(findings_table(&checks::check_equal(&a, &b, on)?)?))
}

/// Values as text, as Python prints them; a gap is None.
#[pyfunction]
fn statistics_cumulative(label: &str, values: Vec<Option<String>>) -> PyResult<PyTable> {
    let mut problems = Vec::new();
    let mut read = Vec::new();
    for (i, text) in values.iter().enumerate() {
        let value = text.as_ref().map(|t| t.parse::<Decimal>());
        match value {
            Some(Err(_)) => problems.push(
                Problem::new("not a number")
                    .row(i + 1)
                    .value(text.as_deref().unwrap_or_default())
                    .expected("a number or None"),
            ),
            Some(Ok(d)) if d.abs() >= Decimal::from(10_000_000_000_000_i64) || d.scale() > 9 => problems
                .push(
                    Problem::new("too large or too fine")
                        .row(i + 1)
                        .value(d)
                        .expected("below 10^13 with at most 9 places"),
                ),
            Some(Ok(d)) => read.push(Some(d)),
            None => read.push(None),
        }
    }
    if !problems.is_empty() {
        return Err(Error::Data(problems).into());
    }
    Ok(PyTable(findings_table(&checks::check_cumulative(label, &read))?))
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(plan_check, m)?)?;
    m.add_function(wrap_pyfunction!(plan_draft, m)?)?;
    m.add_function(wrap_pyfunction!(plan_read_number, m)?)?;
    m.add_function(wrap_pyfunction!(plan_rules, m)?)?;
    m.add_function(wrap_pyfunction!(statistics_check, m)?)?;
    m.add_function(wrap_pyfunction!(statistics_equal, m)?)?;
    m.add_function(wrap_pyfunction!(statistics_cumulative, m)?)
}
