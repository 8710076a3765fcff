//! Binding of `annual`.

use std::path::PathBuf;

use pyo3::prelude::*;

use super::inspection::PyRegister;
use super::table::{PyTable, table_like};
use crate::annual::{
    self, Basis, Point, Printed, Report, Sheet, Value, check_percent, check_sheets, findings_table,
    from_register, from_series, read_workbook,
};
use crate::error::{Error, Problem};
use crate::tables::Input;

/// The report of a year.
#[pyclass(frozen, name = "AnnualReport", module = "minsuan._core")]
pub struct PyReport(Report);

#[pymethods]
impl PyReport {
    #[getter]
    fn year(&self) -> i32 {
        self.0.year
    }
    fn __len__(&self) -> usize {
        self.0.lines.len()
    }
    fn table(&self) -> PyResult<PyTable> {
        Ok(PyTable(self.0.table()?))
    }
    fn check(&self) -> PyResult<PyTable> {
        Ok(PyTable(findings_table(self.0.check())?))
    }
    fn sentences(&self) -> Vec<String> {
        self.0.sentences()
    }
    fn carry_forward(&self) -> Self {
        Self(self.0.carry_forward())
    }
    /// Whether a figure of it comes from synthetic data.
    #[getter]
    fn synthetic(&self) -> bool {
        self.0.is_synthetic()
    }
    fn to_excel(&self, python: Python<'_>, path: PathBuf) -> PyResult<()> {
        Ok(python.detach(|| self.0.write(&path))?)
    }
}

/// The texts of a column by name; an error that names it where it is missing.
fn texts(input: &Input, name: &str) -> PyResult<Vec<Option<String>>> {
    let at = input.table.column_names().iter().position(|c| c == name);
    let at = at.ok_or_else(|| {
        let problem = Problem::new("the column is missing").column(name);
        Error::data(problem.expected(format!("one of the columns {}", input.table.column_names().join(", "))))
    })?;
    Ok(input.table.column_texts(at)?)
}

fn years(input: &Input, default: Option<i32>) -> PyResult<Vec<i32>> {
    match (input.table.column_names().iter().any(|c| c == "year"), default) {
        (false, Some(year)) => Ok(vec![year; input.table.num_rows()]),
        _ => {
            let parse = |(i, t): (usize, Option<String>)| {
                crate::organizations::dates::parse_year(t.as_deref().unwrap_or("")).ok_or_else(|| {
                    let problem = input.problem(i, "year", "not a year").value(t.unwrap_or_default());
                    Error::data(problem.expected("a year as 2023"))
                })
            };
            Ok(texts(input, "year")?.into_iter().enumerate().map(parse).collect::<Result<Vec<_>, _>>()?)
        }
    }
}

fn numbers(input: &Input, name: &str) -> PyResult<Vec<(Option<Printed>, bool)>> {
    let mut problems = Vec::new();
    let mut found = Vec::new();
    for (i, text) in texts(input, name)?.into_iter().enumerate() {
        let text = text.unwrap_or_default();
        match Printed::parse(&text) {
            Ok(number) => found.push((number, text.contains(['%', '％']))),
            Err(error) => {
                for problem in error.problems() {
                    let own = input.problem(i, name, &problem.message).value(&text);
                    problems.push(own.expected(problem.expected.clone().unwrap_or_default()));
                }
            }
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(Error::Data(problems).into()) }
}

fn of_sheets(sheets: Vec<Sheet>, year: i32) -> PyResult<Vec<Value>> {
    let mut values = Vec::new();
    for sheet in sheets {
        if sheet.year.is_some_and(|y| y != year) {
            let problem = Problem::new("a workbook of another year").value(sheet.year.unwrap_or(0));
            return Err(Error::data(problem.expected(format!("the year {year}"))).into());
        }
        for cell in sheet.cells.into_iter().filter(|c| !c.code.is_empty()) {
            let value = Value {
                form: sheet.form.clone(),
                version: sheet.version.clone(),
                code: cell.code,
                year,
                value: cell.value,
                cell: Some(cell.address),
                basis: cell.basis,
                computed: false,
                synthetic: sheet.synthetic,
            };
            if cell.previous.is_some() {
                let before = Value {
                    year: year - 1,
                    value: cell.previous,
                    cell: None,
                    basis: Basis::Reported,
                    ..value.clone()
                };
                values.push(before);
            }
            values.push(value);
        }
    }
    Ok(values)
}

/// The rows of a table with indicator, year, value and, of a run, status.
fn points(series: &Input) -> PyResult<Vec<Point>> {
    let names = texts(series, "indicator")?;
    let (years, values) = (years(series, None)?, numbers(series, "value")?);
    let has_status = series.table.column_names().iter().any(|c| c == "status");
    let status = if has_status { texts(series, "status")? } else { vec![None; names.len()] };
    let mut found = Vec::with_capacity(names.len());
    for (((name, year), (value, percent)), status) in names.into_iter().zip(years).zip(values).zip(status) {
        let basis = match status.as_deref() {
            Some("projected" | "assumed") => Basis::Projected,
            Some("estimated") => Basis::Estimated,
            _ => Basis::Reported,
        };
        found.push(Point { name: name.unwrap_or_default(), year, value, percent, basis });
    }
    Ok(found)
}

/// Leaves out what a register or a run would say of a line and year that somebody has printed.
fn printed_stands(all: &mut Vec<Value>, printed: &[Value]) {
    let place = |v: &Value| (v.form.clone(), v.version.clone(), v.code.clone(), v.year);
    let known: std::collections::BTreeSet<_> =
        printed.iter().filter(|v| v.value.is_some()).map(place).collect();
    all.retain(|v| !v.computed || !known.contains(&place(v)));
}

/// The report of a year from whatever is at hand.
#[pyfunction]
#[pyo3(signature = (year, place, values=None, register=None, series=None, workbook=None, previous=None, run=None))]
#[allow(clippy::too_many_arguments, reason = "keyword arguments of one Python function")]
fn annual_report(
    year: i32,
    place: &str,
    values: Option<&Bound<'_, PyAny>>,
    register: Option<&Bound<'_, PyRegister>>,
    series: Option<&Bound<'_, PyAny>>,
    workbook: Option<PathBuf>,
    previous: Option<PathBuf>,
    run: Option<&Bound<'_, PyAny>>,
) -> PyResult<PyReport> {
    let indicators = annual::shipped()?;
    let mut all = Vec::new();
    if let Some(register) = register {
        let register = register.get();
        all.extend(from_register(&register.register, year, register.rules.exempt_months, &indicators)?);
    }
    if let Some(series) = series {
        all.extend(from_series(&points(&table_like(series, None)?)?, year, &indicators, false)?);
    }
    if let Some(run) = run {
        // What somebody gives as a series stands before what the run makes of it.
        let mut of_run = from_series(&points(&table_like(run, None)?)?, year, &indicators, true)?;
        printed_stands(&mut of_run, &all);
        all.extend(of_run);
    }
    if let Some(path) = workbook {
        let filled = of_sheets(read_workbook(&path)?, year)?;
        let before: Vec<Value> = filled.iter().filter(|v| v.year == year - 1).cloned().collect();
        printed_stands(&mut all, &before);
        all.extend(filled);
    }
    if let Some(values) = values {
        let input = table_like(values, None)?;
        let (forms, versions, codes) =
            (texts(&input, "form")?, texts(&input, "version")?, texts(&input, "code")?);
        let (years, numbers) = (years(&input, Some(year))?, numbers(&input, "value")?);
        let mut problems = Vec::new();
        for i in 0..input.table.num_rows() {
            let text = |column: &[Option<String>]| column[i].clone().unwrap_or_default();
            let (value, percent) = numbers[i];
            let (form, version, code) = (text(&forms), text(&versions), text(&codes));
            let known = indicators.iter().find(|k| k.form == form && k.version == version && k.code == code);
            problems.extend(known.and_then(|k| check_percent(k, value, percent, &code, years[i])));
            all.push(Value { form, version, code, year: years[i], value, ..Value::default() });
        }
        if !problems.is_empty() {
            return Err(Error::Data(problems).into());
        }
    }
    if let Some(path) = previous {
        // What was printed last year stands, whatever a register would say of it today; a figure that was handed over
        // as well has to be the same.
        let before = of_sheets(read_workbook(&path)?, year - 1)?;
        let before: Vec<Value> = before.into_iter().filter(|v| v.year == year - 1).collect();
        printed_stands(&mut all, &before);
        all.extend(before);
    }
    Ok(PyReport(Report::new(year, place, &indicators, &all)?))
}

/// The shipped indicators.
#[pyfunction]
fn annual_forms() -> PyResult<PyTable> {
    Ok(PyTable(annual::forms_table()?))
}

/// Checks the forms of a workbook by the outline of their lines.
#[pyfunction]
fn check_workbook(python: Python<'_>, path: PathBuf) -> PyResult<PyTable> {
    let sheets = python.detach(|| read_workbook(&path))?;
    Ok(PyTable(findings_table(check_sheets(&sheets, &annual::shipped()?)?)?))
}

/// The forms of a workbook: form, version, year, code, name, unit, value, cell.
#[pyfunction]
fn annual_workbook(python: Python<'_>, path: PathBuf) -> PyResult<PyTable> {
    let sheets = python.detach(|| read_workbook(&path))?;
    Ok(PyTable(annual::sheets_table(&sheets)?))
}

fn printed_text(text: &str, column: &str) -> PyResult<Printed> {
    Printed::parse(text)?.ok_or_else(|| {
        Error::data(Problem::new("no number").column(column).value(text).expected("a number as printed"))
            .into()
    })
}

/// Whether a printed total is the sum of its printed parts.
#[pyfunction]
#[pyo3(signature = (total, parts, partial=false, name="", unit=""))]
fn check_sum(total: &str, parts: Vec<String>, partial: bool, name: &str, unit: &str) -> PyResult<PyTable> {
    let total = printed_text(total, "total")?;
    let parts = parts.iter().map(|p| printed_text(p, "parts")).collect::<PyResult<Vec<_>>>()?;
    Ok(PyTable(findings_table(vec![annual::check_sum(name, total, &parts, unit, partial, Vec::new())])?))
}

/// Whether a printed growth rate follows from its end points.
#[pyfunction]
#[pyo3(signature = (first, last, years, rate, name=""))]
fn check_growth(first: &str, last: &str, years: u32, rate: &str, name: &str) -> PyResult<PyTable> {
    let (first, last) = (printed_text(first, "first")?, printed_text(last, "last")?);
    let finding = annual::check_growth(name, first, last, years, printed_text(rate, "rate")?)?;
    Ok(PyTable(findings_table(vec![finding])?))
}

/// Cumulative figures by period, and the places at which one is negative.
#[pyfunction]
fn decumulate(cumulative: Vec<Option<String>>) -> PyResult<(Vec<Option<String>>, Vec<usize>)> {
    let mut values = Vec::new();
    for text in &cumulative {
        values.push(Printed::parse(text.as_deref().unwrap_or(""))?.map(|p| p.value));
    }
    let (periods, negative) = annual::decumulate(&values);
    Ok((periods.into_iter().map(|p| p.map(|p| p.to_string())).collect(), negative))
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<PyReport>()?;
    m.add_function(wrap_pyfunction!(annual_report, m)?)?;
    m.add_function(wrap_pyfunction!(annual_forms, m)?)?;
    m.add_function(wrap_pyfunction!(annual_workbook, m)?)?;
    m.add_function(wrap_pyfunction!(check_workbook, m)?)?;
    m.add_function(wrap_pyfunction!(check_sum, m)?)?;
    m.add_function(wrap_pyfunction!(check_growth, m)?)?;
    m.add_function(wrap_pyfunction!(decumulate, m)?)
}
