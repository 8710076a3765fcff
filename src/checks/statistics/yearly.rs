//! 年均增长: a column of average annual growth, recomputed from the two years of the sheet.

use num_traits::{CheckedDiv, CheckedMul, CheckedSub, Signed};

use super::sheet::{Cell, Row, Sheet};
use crate::checks::yearly_growth::{LONGEST, compounds, root, simple_span};
use crate::checks::{Finding, Verdict};
use crate::figures::{Exact, Span, to_decimal};

/// Each row of a column of yearly growth, where the sheet says of which years it is.
pub(super) fn column(sheet: &Sheet, rate: usize) -> Vec<Finding> {
    let Some(((first, a), (last, b))) = years(sheet, rate) else { return Vec::new() };
    let Some(n) = u32::try_from(last - first).ok().filter(|n| (2..=LONGEST).contains(n)) else {
        return Vec::new();
    };
    let judged = |row: &Row| {
        let cell = |i: usize| row.cells.get(i).and_then(Option::as_ref);
        row_of(row, (first, cell(a)?), (last, cell(b)?), cell(rate)?, n)
    };
    sheet.rows.iter().filter(|r| !r.is_share()).filter_map(judged).collect()
}

type Year = (i32, usize);

/// The years of the column's own name (2015—2020年年均增长), else the only two of the sheet.
fn years(sheet: &Sheet, rate: usize) -> Option<(Year, Year)> {
    let mut all: Vec<Year> = (0..sheet.columns.len())
        .filter(|i| sheet.columns[*i].growth.is_none())
        .filter_map(|i| Some((sheet.columns[i].year()?, i)))
        .collect();
    all.sort_unstable();
    if all.windows(2).any(|w| w[0].0 == w[1].0) {
        return None;
    }
    let name = &sheet.columns.get(rate)?.name;
    let said: Vec<i32> = name
        .split(|c: char| !c.is_ascii_digit())
        .filter(|d| d.len() == 4)
        .filter_map(|d| d.parse().ok())
        .collect();
    let find = |year: i32| all.iter().find(|(y, _)| *y == year).copied();
    match said[..] {
        [first, last] => find(first).zip(find(last)),
        [] if all.len() == 2 => all.first().copied().zip(all.last().copied()),
        _ => None,
    }
}

fn row_of(
    row: &Row,
    (first, before): (i32, &Cell),
    (last, now): (i32, &Cell),
    printed: &Cell,
    n: u32,
) -> Option<Finding> {
    let hundred = Exact::from_integer(100);
    let one = Exact::from_integer(1);
    let (a, b, stated) = (before.span()?, now.span()?, printed.span()?);
    if !a.lo.is_positive() {
        return None;
    }
    let share =
        |s: &Span| Some(Span { lo: s.lo.checked_div(&hundred)?, hi: Some(s.hi?.checked_div(&hundred)?) });
    let rate = share(&stated)?;
    let ratio = b.over(&a)?;
    let whole = Span { lo: ratio.lo.checked_sub(&one)?, hi: Some(ratio.hi?.checked_sub(&one)?) };
    let value = root(&before.value, &now.value, n)?.checked_mul(&hundred)?;
    let shown = to_decimal(&value, 2)?.normalize();
    let (verdict, end) = if compounds(&rate, n, &whole)? {
        (Verdict::Holds, "相符。".to_owned())
    } else if simple_span(&whole, n)?.meets(&rate) {
        (Verdict::Info, "为各年增幅的算术平均，“年均增长”一般按复合增长率计算，请注明算法。".to_owned())
    } else {
        (Verdict::Contradiction, "请核实。".to_owned())
    };
    let sentence = format!(
        "“{}”由{first}年的{}（{}）到{last}年的{}（{}），{n}年间年均增长{shown}%，{}{}处为{}，{end}",
        row.label,
        before.text,
        before.at,
        now.text,
        now.at,
        if verdict == Verdict::Holds { "与" } else { "而" },
        printed.at,
        printed.text
    );
    let figures = [printed.at.as_str(), now.at.as_str(), before.at.as_str()];
    let formula = format!("(({} ÷ {})^(1/{n}) − 1) × 100 = {shown}", now.text, before.text);
    Some(Finding::new("growth", verdict, &figures, sentence).numbers(formula, printed.value, value, "%"))
}
