//! Columns that add up in each row: 合计 = 男 + 女.
//!
//! Which columns are the parts of which is not written anywhere, so it is taken from the rows: where
//! most of them add up, the others should. Pairs that divide everything (男、女) need no majority.

use super::sheet::{Cell, Sheet};
use super::sums::{adds, judge_columns};
use crate::checks::Finding;

const TOTALS: [&str; 6] = ["合计", "总计", "小计", "总数", "共计", "计"];

const PAIRS: [(&str, &str); 8] = [
    ("男", "女"),
    ("城市", "农村"),
    ("城镇", "农村"),
    ("城镇", "乡村"),
    ("集中", "分散"),
    ("公办", "民办"),
    ("机构", "散居"),
    ("户籍", "非户籍"),
];

fn is_total(name: &str) -> bool {
    let core = name.split(['（', '(']).next().unwrap_or(name).trim();
    TOTALS.contains(&core) || ["合计", "总计", "小计"].iter().any(|w| core.ends_with(w))
}

pub(super) fn found(sheet: &Sheet) -> Vec<Finding> {
    let mut findings = Vec::new();
    let adding: Vec<usize> = (0..sheet.columns.len()).filter(|c| sheet.columns[*c].adds()).collect();
    for (k, total) in adding.iter().enumerate().filter(|(_, c)| is_total(&sheet.columns[**c].name)) {
        let stops = |c: &&usize| !is_total(&sheet.columns[**c].name);
        let mut behind: Vec<usize> = adding[k + 1..].iter().take_while(stops).copied().collect();
        let mut before: Vec<usize> = adding[..k].iter().rev().take_while(stops).copied().collect();
        before.reverse();
        // 合计、男、女、城市、农村: one partition behind the other
        while let Some(parts) = partition(sheet, *total, &behind, true) {
            findings.extend(rows(sheet, *total, &parts));
            behind.drain(..parts.len());
        }
        if let Some(parts) = partition(sheet, *total, &before, false) {
            findings.extend(rows(sheet, *total, &parts));
        }
    }
    findings
}

/// The nearest columns that make the total in most rows, or a pair that divides everything.
fn partition(sheet: &Sheet, total: usize, others: &[usize], first: bool) -> Option<Vec<usize>> {
    let take = |n: usize| {
        if first { others[..n].to_vec() } else { others[others.len() - n..].to_vec() }
    };
    let most = (2..=others.len()).map(take).find(|parts| {
        let judged: Vec<bool> =
            cells(sheet, total, parts).iter().map(|(total, parts)| adds(total, parts)).collect();
        let held = judged.iter().filter(|h| **h).count();
        judged.len() > 1 && held * 2 > judged.len()
    });
    most.or_else(|| {
        let pair = (others.len() >= 2).then(|| take(2))?;
        let (a, b) = (&sheet.columns[pair[0]].name, &sheet.columns[pair[1]].name);
        let divides = |x: &str, y: &str| {
            PAIRS.iter().any(|(p, q)| {
                x.strip_prefix(p).zip(y.strip_prefix(q)).is_some_and(|(rest, other)| rest == other)
            })
        };
        (divides(a, b) || divides(b, a)).then_some(pair)
    })
}

/// Total and parts of every row in which none is blank.
fn cells<'a>(sheet: &'a Sheet, total: usize, parts: &[usize]) -> Vec<(&'a Cell, Vec<&'a Cell>)> {
    let row = |row: &'a super::sheet::Row| {
        let parts: Option<Vec<&Cell>> = parts.iter().map(|c| row.cells[*c].as_ref()).collect();
        Some((row.cells[total].as_ref()?, parts?))
    };
    sheet.rows.iter().filter(|r| !r.is_rate()).filter_map(row).collect()
}

fn rows(sheet: &Sheet, total: usize, parts: &[usize]) -> Vec<Finding> {
    let labels = sheet.rows.iter().filter(|r| !r.is_rate());
    let named: Vec<&str> = parts.iter().map(|c| sheet.columns[*c].name.as_str()).collect();
    labels
        .filter_map(|row| {
            let cells: Option<Vec<&Cell>> = parts.iter().map(|c| row.cells[*c].as_ref()).collect();
            judge_columns(row, &sheet.columns[total].name, row.cells[total].as_ref()?, &named, &cells?)
        })
        .collect()
}
