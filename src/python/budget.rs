//! Binding of `budget` and `money`: exact numbers in, `decimal.Decimal` and tables out.
//!
//! How numbers travel is in `exact`.

use ndarray::Array2;
use num_bigint::BigInt;
use num_rational::Ratio;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};
use rust_decimal::Decimal;

use super::exact::{decimal_in, decimal_out, exact_in, exact_out};
use super::table::{PyTable, table_like};
use crate::budget::{self, Funding, Profile, Step};
use crate::error::{Error, Problem, Result};
use crate::money::{self, Exact};

/// Months such as "2020-11" with their values.
type Dated<'py> = Vec<(String, Bound<'py, PyAny>)>;

/// A standard in time: yuan a person and month, from each date on.
///
/// `steps` is a dict or a list of pairs, dates as `"2020-11"` or (2020, 11), in ascending order.
///
/// >>> import minsuan as ms
/// >>> dibao = ms.budget.Standard({"2019-01": 500, "2020-11": 550})
/// >>> dibao.months(2020)
/// [(10, Decimal('500')), (2, Decimal('550'))]
/// >>> dibao.yearly(2020)
/// Decimal('6100')
#[pyclass(frozen, eq, name = "Standard", module = "minsuan.budget")]
#[derive(Debug, Clone, PartialEq)]
pub struct PyStandard {
    steps: Vec<Step>,
}

#[pymethods]
impl PyStandard {
    #[new]
    fn new(steps: &Bound<'_, PyAny>) -> PyResult<Self> {
        let steps = match steps.cast::<PyDict>() {
            Ok(dict) => dict.items().into_any(),
            Err(_) => steps.clone(),
        };
        let mut out = Vec::new();
        for (i, pair) in steps.try_iter()?.enumerate() {
            let (date, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = pair?.extract().map_err(|_| {
                let p = Problem::new("not a dated value").row(i + 1).expected("pairs of a month and a value");
                PyErr::from(Error::data(p))
            })?;
            let value = decimal_in("standard", &value)?;
            out.push(Step { from: month_of(&date)?, value });
        }
        budget::check_steps(&out)?;
        Ok(Self { steps: out })
    }

    /// The months of a year at each rate, in order.
    fn months<'py>(&self, python: Python<'py>, year: i32) -> PyResult<Vec<(u32, Bound<'py, PyAny>)>> {
        let months = budget::months_at_rates(&self.steps, year)?;
        months.into_iter().map(|(n, rate)| Ok((n, decimal_out(python, rate)?))).collect()
    }

    /// Yuan that a person gets who is there all year.
    fn yearly<'py>(&self, python: Python<'py>, year: i32) -> PyResult<Bound<'py, PyAny>> {
        decimal_out(python, budget::yearly_rate(&self.steps, year)?)
    }

    /// The dated values, as given.
    #[getter]
    fn steps<'py>(&self, python: Python<'py>) -> PyResult<Dated<'py>> {
        self.steps
            .iter()
            .map(|s| Ok((format!("{:04}-{:02}", s.from.0, s.from.1), decimal_out(python, s.value)?)))
            .collect()
    }

    fn __repr__(&self) -> String {
        let steps: Vec<String> =
            self.steps.iter().map(|s| format!("'{:04}-{:02}': {}", s.from.0, s.from.1, s.value)).collect();
        format!("Standard({{{}}})", steps.join(", "))
    }

    fn __getnewargs__<'py>(&self, python: Python<'py>) -> PyResult<(Dated<'py>,)> {
        Ok((self.steps(python)?,))
    }
}

/// A budget line of one year: quantity × standard × months, exact to the fen.
///
/// `quantity` and `standard` (yuan a month) are int, str, Decimal or Fraction; a float is taken as it
/// prints. `standard` may be a `Standard`, with `year`: then each month is paid at the rate in force.
/// `shares` say who pays (`central, province, prefecture, county`) and add to 1.
///
/// Raises `DataError` for anything negative, NaN or infinite, months beyond 12, shares that don't add.
///
/// >>> import minsuan as ms
/// >>> line = ms.budget.Line("儿童主任", 110 + 40, 200, shares={"province": "0.6", "county": "0.4"})
/// >>> line.amount
/// Decimal('360000.00')
/// >>> line.split
/// {'province': Decimal('216000.00'), 'county': Decimal('144000.00')}
/// >>> dibao = ms.budget.Standard({"2019-01": 500, "2020-11": 550})
/// >>> ms.budget.Line("城市低保", 10, dibao, year=2020).amount
/// Decimal('61000.00')
#[pyclass(frozen, eq, name = "Line", module = "minsuan.budget")]
#[derive(Debug, PartialEq)]
pub struct PyLine {
    line: budget::Line,
    quantity: Exact,
    paid: Paid,
}

/// At what a line is paid.
#[derive(Debug, PartialEq)]
enum Paid {
    Flat { standard: Exact, months: Exact },
    Dated { steps: PyStandard, at: Vec<(u32, Decimal)>, year: i32 },
}

#[pymethods]
impl PyLine {
    #[new]
    #[pyo3(signature = (name, quantity, standard, months=None, shares=None, *, year=None))]
    fn new(
        name: String,
        quantity: &Bound<'_, PyAny>,
        standard: &Bound<'_, PyAny>,
        months: Option<&Bound<'_, PyAny>>,
        shares: Option<&Bound<'_, PyDict>>,
        year: Option<i32>,
    ) -> PyResult<Self> {
        let quantity = exact_in("quantity", quantity)?;
        let shares = shares.map(shares_in).transpose()?.unwrap_or_default();
        let given = |column: &str, expected: &str| {
            PyErr::from(Error::data(Problem::new("does not go together").column(column).expected(expected)))
        };
        if let Ok(dated) = standard.cast::<PyStandard>() {
            if months.is_some() {
                return Err(given("months", "no months: they follow from the dates of the standard"));
            }
            let year = year.ok_or_else(|| given("year", "the year in which a dated standard is paid"))?;
            let steps = &dated.get().steps;
            let line = budget::Line::dated(name, quantity.clone(), steps, year, shares)?;
            let at = budget::months_at_rates(steps, year)?;
            return Ok(Self { line, quantity, paid: Paid::Dated { steps: dated.get().clone(), at, year } });
        }
        if year.is_some() {
            return Err(given("year", "a dated ms.budget.Standard with it"));
        }
        let standard = exact_in("standard", standard)?;
        let months = match months {
            Some(months) => exact_in("months", months)?,
            None => Ratio::from_integer(BigInt::from(12)),
        };
        let line = budget::Line::new(name, quantity.clone(), standard.clone(), months.clone(), shares)?;
        Ok(Self { line, quantity, paid: Paid::Flat { standard, months } })
    }

    #[getter]
    fn name(&self) -> &str {
        &self.line.name
    }
    /// Persons, posts or places: an int, or a Fraction where it isn't whole.
    #[getter]
    fn quantity<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        exact_out(python, &self.quantity)
    }
    /// Yuan a month: an int, a Fraction, or the dated `Standard`.
    #[getter]
    fn standard<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match &self.paid {
            Paid::Flat { standard, .. } => exact_out(python, standard),
            Paid::Dated { steps, .. } => Ok(Bound::new(python, steps.clone())?.into_any()),
        }
    }
    /// Months paid.
    #[getter]
    fn months<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match &self.paid {
            Paid::Flat { months, .. } => exact_out(python, months),
            Paid::Dated { at, .. } => {
                let months: u32 = at.iter().map(|(n, _)| n).sum();
                Ok(months.into_pyobject(python)?.into_any())
            }
        }
    }
    /// The year of a dated standard, else None.
    #[getter]
    fn year(&self) -> Option<i32> {
        match self.paid {
            Paid::Flat { .. } => None,
            Paid::Dated { year, .. } => Some(year),
        }
    }
    /// Yuan, rounded half away from zero to the fen.
    #[getter]
    fn amount<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        decimal_out(python, self.line.amount()?)
    }
    /// Yuan by funding level, by largest remainder: the parts add to `amount`. Empty without shares.
    #[getter]
    fn split<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let out = PyDict::new(python);
        for (level, part) in self.line.split()? {
            out.set_item(level.id(), decimal_out(python, part)?)?;
        }
        Ok(out)
    }
    /// Who pays how much of it, exact.
    #[getter]
    fn shares<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let out = PyDict::new(python);
        for (level, share) in self.line.shares() {
            out.set_item(level.id(), exact_out(python, share)?)?;
        }
        Ok(out)
    }
    /// The line as it is computed, such as `150 × 200 × 12 = 360000.00`.
    #[getter]
    fn formula(&self) -> PyResult<String> {
        let quantity = &self.quantity;
        let amount = self.line.amount()?;
        Ok(match &self.paid {
            Paid::Flat { standard, months } => format!("{quantity} × {standard} × {months} = {amount}"),
            Paid::Dated { at, .. } => {
                let paid: Vec<String> = at.iter().map(|(n, rate)| format!("{rate} × {n}")).collect();
                format!("{quantity} × ({}) = {amount}", paid.join(" + "))
            }
        })
    }
    fn __repr__(&self) -> PyResult<String> {
        Ok(format!("Line({}: {})", self.line.name, self.formula()?))
    }
    fn __getnewargs_ex__<'py>(
        &self,
        python: Python<'py>,
    ) -> PyResult<(Bound<'py, PyTuple>, Bound<'py, PyDict>)> {
        let keywords = PyDict::new(python);
        let shares = self.shares(python)?;
        if !shares.is_empty() {
            keywords.set_item("shares", shares)?;
        }
        match &self.paid {
            Paid::Flat { .. } => keywords.set_item("months", self.months(python)?)?,
            Paid::Dated { year, .. } => keywords.set_item("year", year)?,
        }
        let positional =
            (self.name(), self.quantity(python)?, self.standard(python)?).into_pyobject(python)?;
        Ok((positional, keywords))
    }
}

/// Lines with their amounts and, where shares are known, who pays: rows and columns both add.
#[pyfunction]
fn budget_table(lines: Vec<PyRef<'_, PyLine>>) -> PyResult<PyTable> {
    let lines: Vec<budget::Line> = lines.iter().map(|l| l.line.clone()).collect();
    Ok(PyTable(budget::funding_table(&lines)?))
}

/// A two-way table rounded so that rows, columns and the total still add.
#[pyfunction]
#[pyo3(signature = (table, places, unit, rows, columns, title))]
fn controlled_rounding(
    python: Python<'_>,
    table: &Bound<'_, PyAny>,
    places: u32,
    unit: &str,
    rows: Option<Vec<String>>,
    columns: Option<Vec<String>>,
    title: &str,
) -> PyResult<PyTable> {
    if places > 12 {
        let p = Problem::new("too many decimals").column("places").value(places).expected("0 to 12");
        return Err(Error::data(p).into());
    }
    let named = match nested(table)? {
        Some(cells) => Named { cells, rows: None, columns: None },
        None => from_table(table)?,
    };
    let (m, n) = named.cells.dim();
    let default = |names: Option<Vec<String>>, count: usize| {
        names.unwrap_or_else(|| (1..=count).map(|i| i.to_string()).collect())
    };
    let rows = default(rows.or(named.rows), m);
    let columns = default(columns.or(named.columns), n);
    let rounded = python.detach(|| money::controlled_rounding_ratios(&named.cells, places))?;
    Ok(PyTable(budget::rounded_table(title, &rows, &columns, unit, places, &rounded)?))
}

/// Parts of `places` decimals in proportion to `shares` that add to `total`.
#[pyfunction]
fn split<'py>(
    python: Python<'py>,
    total: &Bound<'py, PyAny>,
    shares: Vec<Bound<'py, PyAny>>,
    places: u32,
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let shares = shares.iter().map(|s| exact_in("shares", s)).collect::<PyResult<Vec<_>>>()?;
    let parts = money::split_ratios(decimal_in("total", total)?, &shares, places.min(28))?;
    parts.into_iter().map(|p| decimal_out(python, p)).collect()
}

/// A sum over the years of construction.
#[pyfunction]
fn capital<'py>(
    python: Python<'py>,
    total: &Bound<'py, PyAny>,
    start: i32,
    finish: i32,
    weights: Option<Vec<Bound<'py, PyAny>>>,
    optimism_bias: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyDict>> {
    let profile = match weights {
        Some(w) => Profile::Weights(w.iter().map(|w| decimal_in("weights", w)).collect::<PyResult<_>>()?),
        None => Profile::Even,
    };
    let (total, bias) = (decimal_in("total", total)?, decimal_in("optimism_bias", optimism_bias)?);
    let out = PyDict::new(python);
    for (year, amount) in budget::capital_by_year(total, start, finish, &profile, bias)? {
        out.set_item(year, decimal_out(python, amount)?)?;
    }
    Ok(out)
}

/// (heads, payments) of two programs.
#[pyfunction]
fn heads(first: i64, second: i64, both: i64) -> PyResult<(i64, i64)> {
    let counted = budget::heads_and_payments(first, second, both)?;
    Ok((counted.heads, counted.payments))
}

/// Line by line from one budget to another.
#[pyfunction]
fn bridge(a: &Bound<'_, PyDict>, b: &Bound<'_, PyDict>) -> PyResult<PyTable> {
    let lines = |budget: &Bound<'_, PyDict>| -> PyResult<Vec<(String, Decimal)>> {
        budget.iter().map(|(k, v)| Ok((k.str()?.to_string(), decimal_in("amount", &v)?))).collect()
    };
    Ok(PyTable(budget::bridge_table(&budget::bridge(&lines(a)?, &lines(b)?)?)?))
}

/// Cells with the names that came with them.
struct Named {
    cells: Array2<Exact>,
    rows: Option<Vec<String>>,
    columns: Option<Vec<String>>,
}

/// Rows of numbers (lists, tuples, a numpy array of two axes); None for anything else.
fn nested(table: &Bound<'_, PyAny>) -> PyResult<Option<Array2<Exact>>> {
    let is_array = table.getattr("ndim").is_ok() && table.getattr("columns").is_err();
    let is_list = table.is_instance_of::<PyList>() || table.is_instance_of::<PyTuple>();
    let first_is_dict = is_list && table.len()? > 0 && table.get_item(0)?.is_instance_of::<PyDict>();
    if first_is_dict || !(is_array || is_list) {
        return Ok(None);
    }
    let mut cells = Vec::new();
    let mut width = None;
    for (i, row) in table.try_iter()?.enumerate() {
        let before = cells.len();
        let row = row?;
        let values = row.try_iter().map_err(|_| {
            PyErr::from(Error::data(
                Problem::new("not a row").row(i + 1).expected("a table of rows and columns"),
            ))
        })?;
        for value in values {
            cells.push(exact_in(&format!("row {}", i + 1), &value?)?);
        }
        let n = cells.len() - before;
        if *width.get_or_insert(n) != n {
            let p = Problem::new("rows differ in length").row(i + 1).value(n);
            return Err(Error::data(p.expected(format!("{} cells", width.unwrap_or(n)))).into());
        }
    }
    let n = width.unwrap_or(0);
    let m = cells.len().checked_div(n).unwrap_or(0);
    let cells =
        Array2::from_shape_vec((m, n), cells).map_err(|e| Error::data(Problem::new(e.to_string())))?;
    Ok(Some(cells))
}

/// Anything that is a table: a first column of words names the rows, the others are cells.
fn from_table(table: &Bound<'_, PyAny>) -> PyResult<Named> {
    let input = table_like(table, None)?;
    let mut names = input.table.column_names();
    let texts = (0..names.len()).map(|i| input.table.column_texts(i)).collect::<Result<Vec<_>>>()?;
    let words = |column: &[Option<String>]| {
        column.iter().all(|v| v.as_deref().is_some_and(|v| money::parse_exact(v).is_err()))
            && !column.is_empty()
    };
    let named = texts.first().is_some_and(|c| words(c));
    let from = usize::from(named);
    let rows = named.then(|| texts[0].iter().map(|v| v.clone().unwrap_or_default()).collect());
    names.drain(..from);
    let mut problems = Vec::new();
    let zero = || Ratio::from_integer(BigInt::ZERO);
    let cells = Array2::from_shape_fn((input.table.num_rows(), names.len()), |(i, j)| {
        let text = texts[from + j][i].as_deref().unwrap_or("");
        money::parse_exact(text).unwrap_or_else(|_| {
            problems.push(input.problem(i, &names[j], "not a number").value(text).expected("a number"));
            zero()
        })
    });
    if !problems.is_empty() {
        return Err(Error::Data(problems).into());
    }
    Ok(Named { cells, rows, columns: Some(names) })
}

fn shares_in(shares: &Bound<'_, PyDict>) -> PyResult<Vec<(Funding, Exact)>> {
    shares
        .iter()
        .map(|(level, share)| {
            let level = Funding::parse(&level.str()?.to_string_lossy())?;
            Ok((level, exact_in(&format!("shares.{}", level.id()), &share)?))
        })
        .collect()
}

/// A month as `"2020-11"`, (2020, 11) or a date.
fn month_of(date: &Bound<'_, PyAny>) -> PyResult<(i32, u32)> {
    if let Ok(pair) = date.extract::<(i32, u32)>() {
        return Ok(pair);
    }
    let text = date.str()?;
    let text = text.to_string_lossy();
    let mut parts = text.split('-').map(str::trim);
    let year = parts.next().and_then(|p| p.parse().ok());
    let month = parts.next().and_then(|p| p.parse().ok());
    year.zip(month).ok_or_else(|| {
        let p = Problem::new("not a month").column("standard").value(&text);
        Error::data(p.expected("a month such as '2020-11'")).into()
    })
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<PyStandard>()?;
    m.add_class::<PyLine>()?;
    m.add_function(wrap_pyfunction!(budget_table, m)?)?;
    m.add_function(wrap_pyfunction!(controlled_rounding, m)?)?;
    m.add_function(wrap_pyfunction!(split, m)?)?;
    m.add_function(wrap_pyfunction!(capital, m)?)?;
    m.add_function(wrap_pyfunction!(heads, m)?)?;
    m.add_function(wrap_pyfunction!(bridge, m)?)
}
