//! The same indicators in two tables.

use std::collections::HashMap;

use num_traits::{CheckedAdd, CheckedSub, Signed};

use super::sheet::{address, half, number, places};
use crate::checks::finding::sort;
use crate::checks::{Finding, Verdict};
use crate::error::{Error, Problem, Result};
use crate::figures::from_decimal;
use crate::tables::Input;

/// The same indicators in two tables: joined by `on`, each shared column of numbers compared. Rows of
/// one table alone, cells that only one fills, and names that stand more often in one are told.
///
/// Errors: `Error::Data` where `on` is missing in either, or no column is shared.
pub fn check_equal(a: &Input, b: &Input, on: &str) -> Result<Vec<Finding>> {
    let keys = |t: &Input| t.table.texts_by_name(&t.find(&[on])?);
    let (left, right) = (keys(a)?, keys(b)?);
    let names = a.table.column_names();
    let others = b.table.column_names();
    let shared: Vec<(usize, usize)> = names
        .iter()
        .enumerate()
        .filter(|(_, n)| *n != on)
        .filter_map(|(i, n)| others.iter().position(|o| o == n).map(|j| (i, j)))
        .collect();
    if shared.is_empty() {
        let problem = Problem::new("the tables share no column").value(others.join(", "));
        return Err(Error::data(problem.expected(names.join(", "))));
    }
    let mut findings = Vec::new();
    let pairs = paired(a, b, &left, &right, &mut findings);
    for (i, j) in shared {
        let (xs, ys) = (a.table.column_texts(i)?, b.table.column_texts(j)?);
        let allowed = half(places(a, i, &xs)).checked_add(&half(places(b, j, &ys)));
        for (key, r, q) in &pairs {
            let (at, bt) = (format!("表一{}", address(a, *r, i)), format!("表二{}", address(b, *q, j)));
            let (x, y) = (filled(&xs[*r]), filled(&ys[*q]));
            match (x.and_then(number), y.and_then(number)) {
                (Some((x, _)), Some((y, _))) => {
                    let (ex, ey) = (from_decimal(x), from_decimal(y));
                    let gap = ey.checked_sub(&ex);
                    if gap.zip(allowed).is_some_and(|(g, t)| g.abs() > t) {
                        let sentence =
                            format!("“{key}”的“{}”在{at}为{x}，在{bt}为{y}，两表不一，请核实。", names[i]);
                        let finding = Finding::new("equal", Verdict::Contradiction, &[&at, &bt], sentence);
                        findings.push(finding.numbers(format!("{x} = {y}"), ex, ey, ""));
                    }
                }
                (Some((there, _)), None) | (None, Some((there, _))) if x.is_none() || y.is_none() => {
                    let (full, blank) = if x.is_some() { (&at, &bt) } else { (&bt, &at) };
                    let sentence =
                        format!("“{key}”的“{}”在{full}为{there}，在{blank}为空，请补填或说明。", names[i]);
                    findings.push(Finding::new("equal", Verdict::Probable, &[&at, &bt], sentence));
                }
                _ => {}
            }
        }
    }
    sort(&mut findings, |_| 0);
    Ok(findings)
}

fn filled(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim).filter(|t| !t.is_empty() && !matches!(*t, "—" | "-" | "－" | "…"))
}

/// Rows of the same name: the k-th of one table and the k-th of the other, where both have as many.
fn paired(
    a: &Input,
    b: &Input,
    left: &[Option<String>],
    right: &[Option<String>],
    findings: &mut Vec<Finding>,
) -> Vec<(String, usize, usize)> {
    let places = |keys: &[Option<String>]| {
        let mut map: HashMap<String, Vec<usize>> = HashMap::new();
        for (i, key) in keys.iter().enumerate() {
            if let Some(key) = key.as_deref().map(str::trim).filter(|k| !k.is_empty()) {
                map.entry(key.to_owned()).or_default().push(i);
            }
        }
        map
    };
    let (lefts, rights) = (places(left), places(right));
    let mut pairs = Vec::new();
    let mut tell = |key: &str, l: &[usize], r: &[usize]| {
        let rows = |input: &Input, name: &str, at: &[usize]| {
            at.iter().map(|i| format!("{name}第{}行", input.row(*i))).collect::<Vec<_>>()
        };
        let (l_rows, r_rows) = (rows(a, "表一", l), rows(b, "表二", r));
        let all: Vec<&str> = l_rows.iter().chain(&r_rows).map(String::as_str).collect();
        let (verdict, sentence) = match (l.len(), r.len()) {
            (_, 0) => (Verdict::Info, format!("“{key}”只见于{}，表二没有，未作比较。", l_rows.join("、"))),
            (0, _) => (Verdict::Info, format!("“{key}”只见于{}，表一没有，未作比较。", r_rows.join("、"))),
            (n, m) => (
                Verdict::Ambiguous,
                format!(
                    "“{key}”在表一有{n}行（{}），在表二有{m}行（{}），无法逐行对应，未作比较。",
                    l_rows.join("、"),
                    r_rows.join("、")
                ),
            ),
        };
        findings.push(Finding::new("equal", verdict, &all, sentence));
    };
    let mut keys: Vec<&String> =
        lefts.keys().chain(rights.keys().filter(|k| !lefts.contains_key(*k))).collect();
    let first =
        |map: &HashMap<String, Vec<usize>>, key: &String| map.get(key).and_then(|r| r.first().copied());
    keys.sort_by_key(|k| (first(&lefts, k).is_none(), first(&lefts, k).or(first(&rights, k))));
    for key in keys {
        let none = Vec::new();
        let (l, r) = (lefts.get(key).unwrap_or(&none), rights.get(key).unwrap_or(&none));
        if l.len() == r.len() {
            pairs.extend(l.iter().zip(r).map(|(i, j)| (key.clone(), *i, *j)));
        } else {
            tell(key, l, r);
        }
    }
    pairs.sort_by_key(|p| p.1);
    pairs
}
