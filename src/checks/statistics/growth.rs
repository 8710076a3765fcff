//! Growth columns, recomputed: per cent for amounts, percentage points for shares, differences.

use num_traits::{CheckedDiv, CheckedMul, CheckedSub, Zero};

use super::sheet::{Cell, Growth, Row, Sheet};
use super::yearly;
use crate::checks::{Finding, Verdict};
use crate::figures::{Exact, Span, to_decimal};

/// Every growth column against the two columns that it compares.
pub(super) fn found(sheet: &Sheet) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (rate, column) in sheet.columns.iter().enumerate() {
        let Some(kind) = column.growth.filter(|g| *g != Growth::Other) else { continue };
        if kind == Growth::Yearly {
            findings.extend(yearly::column(sheet, rate));
            continue;
        }
        let Some((before, now)) = compared(sheet, rate) else { continue };
        for row in &sheet.rows {
            let cells = (row.cells[now].as_ref(), row.cells[before].as_ref(), row.cells[rate].as_ref());
            if let (Some(a), Some(b), Some(g)) = cells {
                findings.extend(rate_of(row, kind, a, b, g));
            }
        }
    }
    findings
}

/// The columns of the period before and of this one: by words (上年), else the two last years.
fn compared(sheet: &Sheet, rate: usize) -> Option<(usize, usize)> {
    let plain = |i: usize| sheet.columns[i].growth.is_none();
    let find = |words: &[&str]| {
        (0..sheet.columns.len())
            .find(|i| plain(*i) && words.iter().any(|w| sheet.columns[*i].name.contains(w)))
    };
    let mut years: Vec<(i32, usize)> = (0..sheet.columns.len())
        .filter(|i| plain(*i))
        .filter_map(|i| Some((sheet.columns[i].year()?, i)))
        .collect();
    years.sort_unstable();
    if years.windows(2).any(|w| w[0].0 == w[1].0) {
        // 2020年计划, 2020年实际: nothing says which is meant
        years.clear();
    }
    if let Some(before) = find(&["上年", "上期", "上季", "上月", "去年", "previous"]) {
        let now = find(&["本年", "本期", "本季", "本月", "今年", "current"])
            .or_else(|| years.last().map(|y| y.1))
            .or_else(|| (0..sheet.columns.len()).find(|i| plain(*i) && *i != before))?;
        return (now != before).then_some((before, now));
    }
    let (last, earlier) = years.split_last()?;
    // 比2015年增长: the year in the name of the growth column itself
    if let Some(base) = sheet.columns[rate].year() {
        return earlier.iter().find(|(y, _)| *y == base).map(|(_, i)| (*i, last.1));
    }
    let before = earlier.last()?;
    // growth over more than a year is not told from its name
    (last.0 - before.0 == 1 || years.len() == 2).then_some((before.1, last.1))
}

fn rate_of(row: &Row, kind: Growth, now: &Cell, before: &Cell, printed: &Cell) -> Option<Finding> {
    let hundred = Exact::from_integer(100);
    let relative =
        |a: &Exact, b: &Exact| a.checked_div(b)?.checked_sub(&Exact::from_integer(1))?.checked_mul(&hundred);
    let stated = printed.span()?;
    let (a, b) = (now.span()?, before.span()?);
    let share = row.is_share();
    let difference = || Some((now.value.checked_sub(&before.value)?, a.minus(&b)?));
    let per_cent = || {
        if before.value <= before.half {
            return None;
        }
        let lo = relative(&a.lo, &b.hi?)?;
        Some((relative(&now.value, &before.value)?, Span { lo, hi: Some(relative(&a.hi?, &b.lo)?) }))
    };
    // 增减 of an amount may be either; what fits is meant
    let fits = || difference().is_some_and(|(_, span)| span.meets(&stated));
    let hundreds = |c: &Cell| c.value > hundred;
    if kind == Growth::Points && !share && (hundreds(now) || hundreds(before)) {
        // an amount below a header of points: nothing says what is meant
        return None;
    }
    let points = share || kind == Growth::Points;
    let plainly = points || kind == Growth::Amount || kind == Growth::Open && fits();
    if !plainly && before.value.is_zero() && !now.value.is_zero() {
        let sentence = format!(
            "“{}”的基数为0（{}），增长率无从计算，而{}处为{}，宜改列增减数。",
            row.label, before.at, printed.at, printed.text
        );
        let figures = [printed.at.as_str(), now.at.as_str(), before.at.as_str()];
        let formula = format!("({} ÷ {} − 1) × 100", now.text, before.text);
        return Some(Finding::new("growth", Verdict::Info, &figures, sentence).formula(formula));
    }
    let (value, span) = if plainly { difference()? } else { per_cent()? };
    let holds = span.meets(&stated);
    let mixed = points
        && kind != Growth::Open
        && per_cent().is_some_and(|(value, span)| stated.contains(&value) || span.meets(&stated));
    let unit = match (points, plainly) {
        (true, _) => "个百分点",
        (false, true) => row.unit.as_str(),
        _ => "%",
    };
    let shown = to_decimal(&value, 2)?.normalize();
    let figures = [printed.at.as_str(), now.at.as_str(), before.at.as_str()];
    let sentence = if holds {
        format!(
            "“{}”由{}到{}，增减{shown}{unit}，与{}（{}）相符。",
            row.label, before.text, now.text, printed.text, printed.at
        )
    } else if mixed {
        format!(
            "“{}”是比率，由{}（{}）到{}（{}）应说变动{shown}个百分点，{}处的{}是把比率又算成百分比，请改用百分点。",
            row.label, before.text, before.at, now.text, now.at, printed.at, printed.text
        )
    } else {
        format!(
            "“{}”由{}（{}）到{}（{}），应增减{shown}{unit}，而{}处为{}，请核实。",
            row.label, before.text, before.at, now.text, now.at, printed.at, printed.text
        )
    };
    let formula = if plainly {
        format!("{} − {} = {shown}", now.text, before.text)
    } else {
        format!("({} ÷ {} − 1) × 100 = {shown}", now.text, before.text)
    };
    let verdict = if holds { Verdict::Holds } else { Verdict::Contradiction };
    let unit = if points { "百分点" } else { unit };
    Some(Finding::new("growth", verdict, &figures, sentence).numbers(formula, printed.value, value, unit))
}
