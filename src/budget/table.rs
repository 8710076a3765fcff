//! Two-way budget tables whose rows and columns both add.

use ndarray::Array2;
use num_bigint::BigInt;
use num_rational::Ratio;
use rust_decimal::Decimal;

use super::line::{Funding, Line};
use crate::error::{Error, Problem, Result};
use crate::money::{Exact, RoundedTable, controlled_rounding_ratios, ratio};
use crate::tables::Table;

const TOTAL: &str = "total";

/// Lines by funding level: `line, amount, central, province, prefecture, county`, with a row `total`.
/// Cells are exact shares under controlled rounding to the fen: every row is its line's amount, every
/// column adds, and no cell or margin is a whole fen away from its exact value.
///
/// # Errors
/// `Data` where a line has no shares (its split isn't known), or there is no line.
pub fn funding_table(lines: &[Line]) -> Result<Table> {
    let mut problems = Vec::new();
    for (i, line) in lines.iter().enumerate().filter(|(_, l)| l.shares().is_empty()) {
        problems.push(
            Problem::new("line without shares")
                .row(i + 1)
                .value(&line.name)
                .expected("shares by funding level"),
        );
    }
    if !problems.is_empty() {
        return Err(Error::Data(problems));
    }
    let amounts = lines.iter().map(Line::amount).collect::<Result<Vec<_>>>()?;
    let zero = || Ratio::from_integer(BigInt::ZERO);
    let exact = Array2::from_shape_fn((lines.len(), Funding::ALL.len()), |(i, j)| {
        let line = &lines[i];
        let sum: Exact = line.shares().iter().map(|(_, s)| s).sum();
        let share = line.shares().iter().find(|(f, _)| *f == Funding::ALL[j]).map(|(_, s)| s.clone());
        // Shares that add to 1 within rounding are taken in proportion, so that the row is the line.
        ratio(amounts[i]) * share.unwrap_or_else(zero) / sum
    });
    let rounded = controlled_rounding_ratios(&exact, 2)?;
    let names = lines.iter().map(|l| l.name.as_str()).chain([TOTAL]);
    let mut table = Table::builder("预算按资金来源").text("line", "项目", names);
    let column =
        |values: Vec<Decimal>, sum: Decimal| values.into_iter().chain([sum]).map(Some).collect::<Vec<_>>();
    table = table.yuan("amount", "金额", column(rounded.rows.clone(), rounded.total));
    for (j, level) in Funding::ALL.into_iter().enumerate() {
        let values = rounded.cells.column(j).to_vec();
        table = table.yuan(level.id(), level.label(), column(values, rounded.columns[j]));
    }
    table.note("分项按受控舍入取整到分，行、列与合计均相加一致").build()
}

/// A rounded two-way table with row and column totals, as a [`Table`]: `row`, the columns, `total`, and
/// a row `total`. `unit` is told in the header; cells are decimal128(18, 2).
///
/// # Errors
/// `Data` for names that don't match the table's shape or stand twice.
pub fn rounded_table(
    title: &str,
    rows: &[String],
    columns: &[String],
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
            let reserved = axis == "columns" && (name == "row" || name == TOTAL);
            if reserved || names[..i].contains(name) {
                problems.push(Problem::new("name stands twice or is taken").column(axis).value(name));
            }
        }
    }
    if !problems.is_empty() {
        return Err(Error::Data(problems));
    }
    let mut out = Table::builder(title).text("row", "项目", rows.iter().map(String::as_str).chain([TOTAL]));
    for (j, name) in columns.iter().enumerate() {
        let values = table.cells.column(j).to_vec().into_iter().chain([table.columns[j]]).map(Some);
        out = out.yuan(name, name, values);
    }
    out.yuan(TOTAL, "合计", table.rows.iter().copied().chain([table.total]).map(Some))
        .note("受控舍入：行、列与合计均相加一致")
        .build()
}
