//! Binding of `annual`.

use std::path::PathBuf;

use pyo3::prelude::*;
use rust_decimal::Decimal;

use super::inspection::PyRegister;
use super::table::{PyTable, table_like};
use crate::annual::{
    self, Indicator, Printed, Report, Sheet, Value, check_outline, findings_table, from_register, printed,
    read_workbook,
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

fn numbers(input: &Input, name: &str) -> PyResult<Vec<Option<Printed>>> {
    let mut problems = Vec::new();
    let mut found = Vec::new();
    for (i, text) in texts(input, name)?.into_iter().enumerate() {
        match Printed::parse(text.as_deref().unwrap_or("")) {
            Ok(number) => found.push(number),
            Err(_) => {
                let problem = input.problem(i, name, "not a number").value(text.unwrap_or_default());
                problems.push(problem.expected("a number as 12345.6, or nothing"));
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
            values.push(Value {
                form: sheet.form.clone(),
                version: sheet.version.clone(),
                code: cell.code,
                year,
                value: cell.value,
                cell: Some(cell.address),
            });
        }
    }
    Ok(values)
}

/// Figures of series or of a run, by the source that an indicator names.
fn of_series(series: &Input, year: i32, indicators: &[Indicator]) -> PyResult<Vec<Value>> {
    let names = texts(series, "indicator")?;
    let (years, values) = (years(series, None)?, numbers(series, "value")?);
    let mut found = Vec::new();
    for indicator in indicators {
        let rows = names.iter().zip(&years).zip(&values);
        for ((_, y), value) in rows
            .filter(|((n, y), _)| n.as_deref() == Some(&indicator.source) && (year - 1..=year).contains(*y))
        {
            // A share of a run is a number up to 1; the form asks for percent.
            let scale = if indicator.source.starts_with("population.share_") && indicator.unit == "%" {
                Decimal::ONE_HUNDRED
            } else {
                Decimal::ONE
            };
            let value =
                value.and_then(|v| v.value.checked_mul(scale)).map(|v| printed(v, indicator.decimals));
            let (form, version, code) =
                (indicator.form.clone(), indicator.version.clone(), indicator.code.clone());
            found.push(Value { form, version, code, year: *y, value, cell: None });
        }
    }
    Ok(found)
}

/// The report of a year from whatever is at hand.
#[pyfunction]
#[pyo3(signature = (year, place, values=None, register=None, series=None, workbook=None, previous=None))]
#[allow(clippy::too_many_arguments, reason = "keyword arguments of one Python function")]
fn annual_report(
    year: i32,
    place: &str,
    values: Option<&Bound<'_, PyAny>>,
    register: Option<&Bound<'_, PyRegister>>,
    series: Option<&Bound<'_, PyAny>>,
    workbook: Option<PathBuf>,
    previous: Option<PathBuf>,
) -> PyResult<PyReport> {
    let indicators = annual::shipped()?;
    let mut all = Vec::new();
    let mut synthetic = false;
    if let Some(register) = register {
        let register = register.get();
        synthetic = register.register.is_synthetic();
        all.extend(from_register(&register.register, year, register.rules.exempt_months, &indicators)?);
    }
    if let Some(series) = series {
        all.extend(of_series(&table_like(series, None)?, year, &indicators)?);
    }
    if let Some(path) = workbook {
        all.extend(of_sheets(read_workbook(&path)?, year)?);
    }
    if let Some(values) = values {
        let input = table_like(values, None)?;
        let (forms, versions, codes) =
            (texts(&input, "form")?, texts(&input, "version")?, texts(&input, "code")?);
        let (years, numbers) = (years(&input, Some(year))?, numbers(&input, "value")?);
        for i in 0..input.table.num_rows() {
            let text = |column: &[Option<String>]| column[i].clone().unwrap_or_default();
            all.push(Value {
                form: text(&forms),
                version: text(&versions),
                code: text(&codes),
                year: years[i],
                value: numbers[i],
                cell: None,
            });
        }
    }
    if let Some(path) = previous {
        // What was printed last year stands, whatever a register would say of it today.
        let before = of_sheets(read_workbook(&path)?, year - 1)?;
        all.retain(|v| {
            v.year != year - 1
                || !before.iter().any(|b| (&b.form, &b.version, &b.code) == (&v.form, &v.version, &v.code))
        });
        all.extend(before);
    }
    Ok(PyReport(Report::new(year, place, &indicators, &all, synthetic)?))
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
    Ok(PyTable(findings_table(sheets.iter().flat_map(check_outline).collect())?))
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
#[pyo3(signature = (total, parts, partial=false, name=""))]
fn check_sum(total: &str, parts: Vec<String>, partial: bool, name: &str) -> PyResult<PyTable> {
    let total = printed_text(total, "total")?;
    let parts = parts.iter().map(|p| printed_text(p, "parts")).collect::<PyResult<Vec<_>>>()?;
    Ok(PyTable(findings_table(vec![annual::check_sum(name, total, &parts, partial, Vec::new())])?))
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
