//! Rows that add up: by their numbering, by 小计, to 合计; 其中 within.

use num_traits::{CheckedAdd, CheckedMul, CheckedSub, Signed, Zero};

use super::sheet::{Cell, Row, Sheet};
use crate::checks::{Finding, Verdict};
use crate::figures::{Exact, plain};

/// Sums of one column.
pub(super) fn found(sheet: &Sheet, column: usize) -> Vec<Finding> {
    let numbered = sheet.rows.iter().any(|r| r.level.is_some_and(|l| l > 0));
    let mut findings = if !numbered && sheet.rows.iter().any(|r| r.subtotal) {
        by_subtotals(sheet, column)
    } else {
        by_numbering(sheet, column)
    };
    for (i, row) in sheet.rows.iter().enumerate() {
        if let Some(total) = row.cells[column].as_ref() {
            findings.extend(subsets(sheet, column, i, total));
        }
    }
    findings
}

fn is_part(row: &Row) -> bool {
    !row.subset && !row.is_rate()
}

/// 总计, then 低保小计 above its rows, or 小计 below them: each subtotal against its rows, the total
/// against the subtotals and what stands beside them.
fn by_subtotals(sheet: &Sheet, column: usize) -> Vec<Finding> {
    let rows: Vec<&Row> = sheet.rows.iter().filter(|r| is_part(r)).collect();
    let leaf = |r: &&&Row| !r.subtotal && r.level != Some(0);
    let first = rows.iter().position(|r| r.subtotal).unwrap_or(0);
    // rows before the first subtotal belong to it
    let below = rows[..first].iter().any(|r| leaf(&r));
    let mut findings = Vec::new();
    let mut tops: Vec<&Cell> = Vec::new();
    let mut open: Vec<&Cell> = Vec::new();
    let judged = |subtotal: &Row, run: &[&Cell], findings: &mut Vec<Finding>| -> usize {
        let Some(total) = subtotal.cells[column].as_ref() else { return run.len() };
        // rows that stand beside it may come before or behind its own
        let takes = |k: usize| if below { &run[run.len() - k..] } else { &run[..k] };
        let fits = (1..=run.len()).rev().find(|k| adds(total, takes(*k)));
        let k = fits.unwrap_or(run.len());
        if k > 1 || fits.is_none() && k > 0 {
            findings.extend(judge(sheet, column, subtotal, total, takes(k), true));
        }
        k
    };
    let mut current: Option<&Row> = None;
    for row in &rows {
        if row.subtotal {
            if below {
                let k = judged(row, &open, &mut findings);
                tops.extend(open.drain(..).rev().skip(k));
            } else {
                if let Some(subtotal) = current.replace(row) {
                    let k = judged(subtotal, &open, &mut findings);
                    tops.extend(open.drain(..).skip(k));
                }
                tops.append(&mut open);
            }
            tops.extend(row.cells[column].as_ref());
        } else if row.level != Some(0) {
            open.extend(row.cells[column].as_ref());
        }
    }
    if let Some(subtotal) = current {
        let k = judged(subtotal, &open, &mut findings);
        tops.extend(open.drain(..).skip(k));
    }
    tops.append(&mut open);
    let totals = sheet.rows.iter().filter(|r| r.level == Some(0) && !r.subtotal && is_part(r));
    for row in totals {
        if let Some(total) = row.cells[column].as_ref().filter(|_| tops.len() > 1) {
            findings.extend(judge(sheet, column, row, total, &tops, true));
        }
    }
    findings
}

/// Each numbered row against the rows one level below it; 合计 against the top level; 其中 within.
fn by_numbering(sheet: &Sheet, column: usize) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (i, row) in sheet.rows.iter().enumerate() {
        let Some(total) = row.cells[column].as_ref() else { continue };
        let mut parts: Vec<&Cell> = Vec::new();
        let mut below: Option<usize> = None;
        let is_total = row.level == Some(0) || ["合计", "总计"].iter().any(|w| row.label.starts_with(w));
        for next in sheet.rows.iter().skip(i + 1) {
            let deeper = match (row.level, next.level) {
                (Some(a), Some(b)) => b > a,
                (Some(_), None) => true,
                _ => break,
            };
            if !deeper {
                break;
            }
            if next.subset || next.subtotal || next.is_rate() != row.is_rate() {
                continue;
            }
            let here = next.level.unwrap_or(usize::MAX);
            let first = *below.get_or_insert(here);
            if here == first && next.unit == row.unit {
                parts.extend(next.cells[column].as_ref());
            }
        }
        if row.level.is_some() && parts.len() > 1 {
            let fewer = without_complements(sheet, column, &parts);
            let parts = if !adds(total, &parts) && adds(total, &fewer) { fewer } else { parts };
            findings.extend(judge(sheet, column, row, total, &parts, is_total));
        }
    }
    // a total at the foot: all unnumbered rows above it
    if let Some((last, above)) = sheet.rows.split_last()
        && last.level == Some(0)
        && above.iter().all(|r| r.level.is_none())
        && let Some(total) = last.cells[column].as_ref()
    {
        let parts: Vec<&Cell> = above
            .iter()
            .filter(|r| is_part(r) && r.unit == last.unit)
            .filter_map(|r| r.cells[column].as_ref())
            .collect();
        if parts.len() > 1 {
            findings.extend(judge(sheet, column, last, total, &parts, true));
        }
    }
    findings
}

/// 城市, 其中：女, 男, 农村: what completes a 其中 to the row above it is a part of that row alone.
fn without_complements<'a>(sheet: &'a Sheet, column: usize, parts: &[&'a Cell]) -> Vec<&'a Cell> {
    let cell = |i: usize| sheet.rows.get(i).and_then(|r| r.cells[column].as_ref());
    let mut dropped: Vec<&str> = Vec::new();
    for i in 1..sheet.rows.len().saturating_sub(1) {
        let within = sheet.rows[i].subset && !sheet.rows[i - 1].subset && !sheet.rows[i + 1].subset;
        if let (true, Some(owner), Some(subset), Some(rest)) = (within, cell(i - 1), cell(i), cell(i + 1))
            && adds(owner, &[subset, rest])
        {
            dropped.push(&rest.at);
        }
    }
    parts.iter().filter(|p| !dropped.contains(&p.at.as_str())).copied().collect()
}

fn tolerance(total: &Cell, parts: usize) -> Option<Exact> {
    total.half.checked_mul(&Exact::from_integer(i128::try_from(parts).ok()? + 1))
}

fn sum(parts: &[&Cell]) -> Option<Exact> {
    parts.iter().try_fold(Exact::zero(), |sum, p| sum.checked_add(&p.value))
}

/// Whether the parts make the total within what is printed.
pub(super) fn adds(total: &Cell, parts: &[&Cell]) -> bool {
    let gap = sum(parts).and_then(|made| made.checked_sub(&total.value));
    gap.zip(tolerance(total, parts.len())).is_some_and(|(gap, most)| gap.abs() <= most)
}

fn judge(
    sheet: &Sheet,
    column: usize,
    row: &Row,
    total: &Cell,
    parts: &[&Cell],
    complete: bool,
) -> Option<Finding> {
    let made = sum(parts)?;
    let gap = made.checked_sub(&total.value)?;
    let tolerance = tolerance(total, parts.len())?;
    if sheet.columns[column].is_composition() && total.value != Exact::from_integer(100) {
        return None;
    }
    let verdict = if gap.abs() <= tolerance {
        Verdict::Holds
    } else if gap.is_negative() && !complete {
        Verdict::Info
    } else {
        Verdict::Contradiction
    };
    let name = &sheet.columns[column].name;
    let cells: Vec<&str> = parts.iter().map(|p| p.at.as_str()).collect();
    let formula = format!(
        "{} = {}",
        parts.iter().map(|p| p.text.as_str()).collect::<Vec<_>>().join(" + "),
        plain(&made)
    );
    let sentence = match verdict {
        Verdict::Holds if gap.is_zero() => {
            format!("“{}”{name}{}（{}）与分项合计相符。", row.label, total.text, total.at)
        }
        Verdict::Holds => format!(
            "“{}”{name}{}（{}）与分项合计{}相差{}，属四舍五入，未作机械调整。",
            row.label,
            total.text,
            total.at,
            plain(&made),
            plain(&gap.abs())
        ),
        Verdict::Info => format!(
            "“{}”{name}{}（{}），表列分项合计{}，其余{}未列出。",
            row.label,
            total.text,
            total.at,
            plain(&made),
            plain(&gap.abs())
        ),
        _ => format!(
            "“{}”{name}为{}（{}），分项（{}）合计{}，相差{}，超出四舍五入的范围，请核实。",
            row.label,
            total.text,
            total.at,
            cells.join("、"),
            plain(&made),
            plain(&gap.abs())
        ),
    };
    let mut figures = vec![total.at.as_str()];
    figures.extend(cells);
    Some(Finding::new("sum", verdict, &figures, sentence).numbers(
        formula,
        total.value,
        made,
        row.unit.clone(),
    ))
}

/// 其中 is part of the row above it and never more.
fn subsets(sheet: &Sheet, column: usize, i: usize, total: &Cell) -> Vec<Finding> {
    let row = &sheet.rows[i];
    if row.subset {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for part in sheet.rows.iter().skip(i + 1).take_while(|r| r.subset).filter(|r| r.unit == row.unit) {
        let Some(cell) = part.cells[column].as_ref() else { continue };
        let limit = total.value.checked_add(&total.half).and_then(|l| l.checked_add(&cell.half));
        if limit.is_some_and(|l| cell.value > l) {
            let sentence = format!(
                "“{}”{}（{}）大于其所属的“{}”{}（{}），请核实。",
                part.label, cell.text, cell.at, row.label, total.text, total.at
            );
            findings.push(
                Finding::new("sum", Verdict::Contradiction, &[&total.at, &cell.at], sentence).numbers(
                    format!("{} ≤ {}", cell.text, total.text),
                    total.value,
                    cell.value,
                    row.unit.clone(),
                ),
            );
        }
    }
    findings
}

/// The cell of a total column against those of its parts in one row; silent where it holds exactly.
pub(super) fn judge_columns(
    row: &Row,
    column: &str,
    total: &Cell,
    names: &[&str],
    parts: &[&Cell],
) -> Option<Finding> {
    if adds(total, parts) {
        return None;
    }
    let made = sum(parts)?;
    let gap = made.checked_sub(&total.value)?;
    let cells: Vec<&str> = parts.iter().map(|p| p.at.as_str()).collect();
    let texts: Vec<&str> = parts.iter().map(|p| p.text.as_str()).collect();
    let sentence = format!(
        "“{}”的“{column}”为{}（{}），“{}”（{}）相加为{}，相差{}，请核实。",
        row.label,
        total.text,
        total.at,
        names.join("”“"),
        cells.join("、"),
        plain(&made),
        plain(&gap.abs())
    );
    let formula = format!("{} = {}", texts.join(" + "), plain(&made));
    let mut figures = vec![total.at.as_str()];
    figures.extend(cells);
    let finding = Finding::new("sum", Verdict::Contradiction, &figures, sentence);
    Some(finding.numbers(formula, total.value, made, row.unit.clone()))
}
