//! Two-way budget tables whose rows and columns both add.

use std::sync::Arc;

use arrow_array::types::Decimal128Type;
use arrow_array::{ArrayRef, PrimitiveArray};
use arrow_schema::DataType;
use ndarray::Array2;
use num_bigint::BigInt;
use num_rational::Ratio;
use rust_decimal::Decimal;

use super::bridge::Bridge;
use super::line::{Funding, Line};
use crate::error::{Error, Problem, Result};
use crate::money::{Exact, RoundedTable, controlled_rounding_ratios, ratio};
use crate::tables::Table;

const TOTAL: &str = "total";

/// Lines with their amounts, and by funding level where shares are known: `line, amount, central,
/// province, prefecture, county`, with a row `total`. Cells are exact shares under controlled rounding
/// to the fen: every row is its line's amount, every column adds, and no cell or margin is a whole fen
/// away from its exact value. Without any shares the table ends with `amount`.
///
/// # Errors
/// `Data` where only some lines have shares, there is no line, or an amount is 10^16 yuan or more.
pub fn funding_table(lines: &[Line]) -> Result<Table> {
    let without: Vec<usize> = (0..lines.len()).filter(|i| lines[*i].shares().is_empty()).collect();
    if lines.is_empty() {
        return Err(Error::data(Problem::new("no lines").expected("at least one budget line")));
    }
    if !without.is_empty() && without.len() < lines.len() {
        let problem = |i: &usize| {
            Problem::new("line without shares")
                .row(i + 1)
                .value(&lines[*i].name)
                .expected("shares by funding level")
        };
        return Err(Error::Data(without.iter().map(problem).collect()));
    }
    let amounts = lines.iter().map(Line::amount).collect::<Result<Vec<_>>>()?;
    let names = lines.iter().map(|l| l.name.as_str()).chain([TOTAL]);
    let mut table = Table::builder("预算").text("line", "项目", names);
    if !without.is_empty() {
        let mut total = Decimal::ZERO;
        for amount in &amounts {
            total = total.checked_add(*amount).ok_or_else(too_large)?;
        }
        let column = decimals(amounts.into_iter().chain([total]), 2)?;
        return table.array("amount", "金额", "元", column).build();
    }
    let zero = || Ratio::from_integer(BigInt::ZERO);
    let exact = Array2::from_shape_fn((lines.len(), Funding::ALL.len()), |(i, j)| {
        let line = &lines[i];
        let sum: Exact = line.shares().iter().map(|(_, s)| s).sum();
        let share = line.shares().iter().find(|(f, _)| *f == Funding::ALL[j]).map(|(_, s)| s.clone());
        // Shares that add to 1 within rounding are taken in proportion, so that the row is the line.
        ratio(amounts[i]) * share.unwrap_or_else(zero) / sum
    });
    let rounded = controlled_rounding_ratios(&exact, 2)?;
    let column = decimals(rounded.rows.iter().copied().chain([rounded.total]), 2)?;
    table = table.array("amount", "金额", "元", column);
    for (j, level) in Funding::ALL.into_iter().enumerate() {
        let column = decimals(rounded.cells.column(j).iter().copied().chain([rounded.columns[j]]), 2)?;
        table = table.array(level.id(), level.label(), "元", column);
    }
    table.note("分项按受控舍入取整到分，行、列与合计均相加一致").build()
}

/// A rounded two-way table with its margins: `row`, the columns, `total`, and a row `total`. Cells are
/// decimal128(18, `places`), in yuan always with two decimals.
///
/// # Errors
/// `Data` for names that don't match the table's shape, stand twice or are taken, and for amounts
/// beyond 18 digits.
pub fn rounded_table(
    title: &str,
    rows: &[String],
    columns: &[String],
    unit: &str,
    places: u32,
    table: &RoundedTable,
) -> Result<Table> {
    let mut problems = Vec::new();
    for (axis, names, want) in
        [("rows", rows, table.cells.nrows()), ("columns", columns, table.cells.ncols())]
    {
        if names.len() != want {
            let expected = format!("{want} names");
            problems
                .push(Problem::new("names do not match").column(axis).value(names.len()).expected(expected));
        }
        for (i, name) in names.iter().enumerate() {
            if name == TOTAL || (axis == "columns" && name == "row") || names[..i].contains(name) {
                problems.push(Problem::new("name stands twice or is taken").column(axis).value(name));
            }
        }
    }
    if !problems.is_empty() {
        return Err(Error::Data(problems));
    }
    let scale = if unit == "元" { places.max(2) } else { places };
    let mut out = Table::builder(title).text("row", "项目", rows.iter().map(String::as_str).chain([TOTAL]));
    for (j, name) in columns.iter().enumerate() {
        let values = table.cells.column(j).to_vec().into_iter().chain([table.columns[j]]);
        out = out.array(name, name, unit, decimals(values, scale)?);
    }
    let totals = decimals(table.rows.iter().copied().chain([table.total]), scale)?;
    out.array(TOTAL, "合计", unit, totals).note("受控舍入：行、列与合计均相加一致").build()
}

/// A bridge between two budgets: `line, a, b, difference`, with a row `total` that adds to the fen.
///
/// # Errors
/// `Data` for amounts beyond 18 digits.
pub fn bridge_table(steps: &[Bridge]) -> Result<Table> {
    let names = steps.iter().map(|s| s.line.as_str()).chain([TOTAL]);
    let column = |values: Vec<Option<Decimal>>| {
        let sum = values
            .iter()
            .flatten()
            .try_fold(Decimal::ZERO, |s, v| s.checked_add(*v))
            .ok_or_else(too_large)?;
        optional_decimals(values.into_iter().chain([Some(sum)]), 2)
    };
    Table::builder("预算比较")
        .text("line", "项目", names)
        .array("a", "甲", "元", column(steps.iter().map(|s| s.a).collect())?)
        .array("b", "乙", "元", column(steps.iter().map(|s| s.b).collect())?)
        .array("difference", "差额", "元", column(steps.iter().map(|s| Some(s.difference)).collect())?)
        .build()
}

fn decimals(values: impl Iterator<Item = Decimal>, scale: u32) -> Result<ArrayRef> {
    optional_decimals(values.map(Some), scale)
}

/// A decimal128(18, scale) column; the values have at most `scale` decimals.
fn optional_decimals(values: impl Iterator<Item = Option<Decimal>>, scale: u32) -> Result<ArrayRef> {
    const DIGITS: u8 = 18;
    let units: Vec<Option<i128>> = values
        .map(|v| {
            v.map(|v| {
                let mut exact = v;
                exact.rescale(scale);
                let units = exact.mantissa();
                // `rescale` rounds silently where 28 digits don't reach.
                if exact == v && units.unsigned_abs() < 10_u128.pow(DIGITS.into()) {
                    Ok(units)
                } else {
                    Err(too_large())
                }
            })
            .transpose()
        })
        .collect::<Result<_>>()?;
    let array: PrimitiveArray<Decimal128Type> = units.into_iter().collect();
    Ok(Arc::new(array.with_data_type(DataType::Decimal128(DIGITS, scale as i8))))
}

fn too_large() -> Error {
    Error::data(Problem::new("amount too large for a table").expected("at most 18 digits"))
}
