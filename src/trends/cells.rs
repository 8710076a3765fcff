//! Columns of a table as people fill them: 1,234, １２３４, 1.2万, and — where nothing is known.

use std::collections::HashSet;

use rust_decimal::prelude::ToPrimitive;

use super::times::{self, Clock};
use crate::error::{Problem, Result};
use crate::figures::Bound;
use crate::figures::number::{self, is_arabic_digit, scale_value};
use crate::tables::Input;

const EXPECTED: &str = "a number such as 1234, 1,234 or 1.2万; blank or — where it is not known";

/// What stands for "not known".
const UNKNOWN: [&str; 12] = ["", "-", "--", "—", "——", "–", "－", "…", "……", "...", "/", "／"];

/// Whether a cell says that nothing is known.
pub(super) fn is_unknown(text: &str) -> bool {
    UNKNOWN.contains(&text.trim())
}

/// A number as a cell has it; `None` where it is none that could be computed with. Words and Chinese
/// numerals are left to a reader of prose.
pub(super) fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    if let Ok(v) = text.parse::<f64>() {
        return Some(v);
    }
    let (sign, body) = match text.strip_prefix(['-', '−', '－']) {
        Some(body) => (-1.0, body),
        None => (1.0, text),
    };
    if !body.starts_with(is_arabic_digit) {
        return None;
    }
    let read = number::read(body).ok()?;
    if read.approximate || read.bound != Bound::Exact || read.value_hi.is_some() {
        return None;
    }
    // 万 and 亿 alone: a unit behind the number might be another one in each row.
    let scale = scale_value(&read.unit)?;
    Some(sign * read.value.to_f64()? * scale as f64)
}

/// A column of numbers; each cell that is none is told, and only those.
pub(super) fn numbers(input: &Input, name: &str, problems: &mut Vec<Problem>) -> Result<Vec<Option<f64>>> {
    let column = input.find(&[name])?;
    if let Ok(values) = input.table.numbers_by_name(&column) {
        return Ok(values);
    }
    let texts = input.table.texts_by_name(&column)?;
    let read = texts.into_iter().enumerate().map(|(i, text)| {
        let text = text.filter(|t| !is_unknown(t))?;
        let value = number(&text);
        if value.is_none() {
            problems.push(input.problem(i, name, "not a number").value(&text).expected(EXPECTED));
        }
        value
    });
    Ok(read.collect())
}

/// A column of times on its grid; each cell that is none is told once, and its place is `None`.
pub(super) fn column_of_times(
    input: &Input,
    name: &str,
    period: usize,
    problems: &mut Vec<Problem>,
) -> Result<(Clock, Vec<Option<i64>>)> {
    let texts = input.table.texts_by_name(&input.find(&[name])?)?;
    let cells: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
    let wrong = match times::read_times(&cells, period) {
        Ok(times) => return Ok((times.clock, times.places.into_iter().map(Some).collect())),
        Err(wrong) => wrong,
    };
    // What else is wrong with the rows whose times can be read is told with it.
    let told: HashSet<usize> = wrong.iter().map(|w| w.row).collect();
    let kept: Vec<usize> = (0..cells.len()).filter(|i| !told.contains(i)).collect();
    let rest: Vec<Option<&str>> = kept.iter().map(|i| cells[*i]).collect();
    for w in wrong {
        let problem = input.problem(w.row, name, w.message).expected(w.expected);
        let text = cells.get(w.row).copied().flatten().filter(|t| !t.trim().is_empty());
        problems.push(text.map_or(problem.clone(), |t| problem.value(t)));
    }
    let mut places = vec![None; cells.len()];
    let Ok(times) = times::read_times(&rest, period) else { return Ok((Clock::numbers(), places)) };
    kept.iter().zip(times.places).for_each(|(i, place)| places[*i] = Some(place));
    Ok((times.clock, places))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_clerks_type_them() {
        for (text, value) in [
            ("1234", Some(1234.0)),
            (" 1,234 ", Some(1234.0)),
            ("1,234.5", Some(1234.5)),
            ("１２３４", Some(1234.0)),
            ("１，２３４", Some(1234.0)),
            ("1.2万", Some(12_000.0)),
            ("3亿", Some(3e8)),
            ("-5", Some(-5.0)),
            ("－1,025", Some(-1025.0)),
            ("1e3", Some(1000.0)),
            ("约1200", None),
            ("1200余", None),
            ("15至20", None),
            ("1.2万人", None),
            ("12%", None),
            ("十三", None),
            ("1,23", None),
            ("abc", None),
        ] {
            assert_eq!(number(text), value, "{text}");
        }
        for text in ["", "—", "-", "…", "……", " / "] {
            assert!(is_unknown(text), "{text}");
        }
        assert!(!is_unknown("0"));
    }
}
