//! Checks of a form by the outline of its lines: numbering 一、 （一） 1. (1) A, or indentation, and 其中 or # for subsets.

use super::checks::{Finding, check_subset, check_sum};
use super::indicators::Indicator;
use super::number::{Printed, allowed};
use super::report::{Report, Value};
use super::workbook_read::Sheet;
use crate::error::Result;

/// Every check of the forms of a workbook. A form whose lines are all known by (form, version, code) is checked by the
/// relations of its indicators, any other by its outline.
///
/// # Errors
/// `Error::Data` for a known form with two figures for one line.
pub fn check_sheets(sheets: &[Sheet], indicators: &[Indicator]) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    for sheet in sheets {
        let known = |code: &str| {
            indicators.iter().any(|i| i.form == sheet.form && i.version == sheet.version && i.code == code)
        };
        if sheet.cells.is_empty() || !sheet.cells.iter().all(|c| known(&c.code)) {
            found.extend(check_outline(sheet));
            continue;
        }
        let year = sheet.year.unwrap_or(2000);
        let values: Vec<Value> = sheet
            .cells
            .iter()
            .map(|cell| Value {
                form: sheet.form.clone(),
                version: sheet.version.clone(),
                code: cell.code.clone(),
                year,
                value: cell.value,
                cell: Some(cell.address.clone()),
                ..Value::default()
            })
            .collect();
        found.extend(Report::new(year, "", indicators, &values)?.check());
    }
    Ok(found)
}

/// A line in the outline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    /// 1 is the highest; none for a subset or a line without numbering.
    level: Option<u32>,
    subset: bool,
    /// The subset line to which a list below it belongs.
    owner: Option<usize>,
}

/// Checks a form by its outline. A gap in the numbering is no fault, nor is a rest: forms leave lines out.
pub fn check_outline(sheet: &Sheet) -> Vec<Finding> {
    let places = outline(sheet);
    let mut found = Vec::new();
    for (i, cell) in sheet.cells.iter().enumerate() {
        let Some(total) = cell.value else { continue };
        let children = children(sheet, &places, i);
        let parts: Vec<Printed> = children.iter().filter_map(|j| sheet.cells[*j].value).collect();
        if parts.len() > 1 {
            let cells = [cell].into_iter().chain(children.iter().map(|j| &sheet.cells[*j]));
            let cells = cells.map(|c| c.address.clone()).collect();
            found.push(check_sum(bare(&cell.name), total, &parts, &cell.unit, true, cells));
        }
        for j in subsets(&places, i) {
            let part = &sheet.cells[j];
            if let Some(value) = part.value.filter(|_| part.unit == cell.unit) {
                let cells = vec![cell.address.clone(), part.address.clone()];
                found.extend(check_subset(
                    bare(&part.name),
                    value,
                    bare(&cell.name),
                    total,
                    &cell.unit,
                    cells,
                ));
            }
        }
    }
    found
}

/// The lines of a list directly below a line, in its unit.
fn children(sheet: &Sheet, places: &[Place], i: usize) -> Vec<usize> {
    let own = places[i];
    let below: Vec<usize> = if own.subset && own.level.is_none() {
        (i + 1..places.len()).take_while(|j| places[*j].owner == Some(i)).collect()
    } else {
        let Some(level) = own.level else { return Vec::new() };
        let deeper = |j: &usize| match (places[*j].level, places[*j].subset) {
            (Some(l), _) => l > level,
            (None, subset) => subset,
        };
        let all = (i + 1..places.len()).take_while(deeper);
        all.filter(|j| places[*j].owner == own.owner).collect()
    };
    let lines = || below.iter().copied().filter(|j| !places[*j].subset);
    let next = lines().filter_map(|j| places[j].level).min();
    let unit = &sheet.cells[i].unit;
    lines().filter(|j| places[*j].level == next && sheet.cells[*j].unit == *unit).collect()
}

/// The subsets directly below a line.
fn subsets(places: &[Place], i: usize) -> Vec<usize> {
    let own = places[i];
    let Some(level) = own.level else { return Vec::new() };
    let indented = places.iter().any(|p| p.subset && p.level.is_some());
    if indented {
        let below: Vec<usize> =
            (i + 1..places.len()).take_while(|j| places[*j].level.is_some_and(|l| l > level)).collect();
        let next = below.iter().filter_map(|j| places[*j].level).min();
        return below.into_iter().filter(|j| places[*j].subset && places[*j].level == next).collect();
    }
    if own.subset {
        return Vec::new();
    }
    (i + 1..places.len())
        .take_while(|j| places[*j].subset || places[*j].owner.is_some_and(|o| o > i))
        .filter(|j| places[*j].subset)
        .collect()
}

fn outline(sheet: &Sheet) -> Vec<Place> {
    let mut places: Vec<Place> = sheet
        .cells
        .iter()
        .map(|c| {
            let (level, subset) = level(&c.name);
            Place { level, subset, owner: None }
        })
        .collect();
    if places.iter().all(|p| p.level.is_none()) {
        // Without numbering, the blanks before the names are the outline.
        let indents: Vec<u32> = sheet.cells.iter().map(|c| indent(&c.name)).collect();
        if indents.iter().any(|n| *n > 0) {
            for (place, indent) in places.iter_mut().zip(indents) {
                place.level = Some(indent + 1);
            }
        }
        return places;
    }
    lists_of_subsets(sheet, &mut places);
    places
}

/// A list that begins below a 其中 line belongs to it where the numbering leaves out a level below the line above, or
/// where it adds up to it: 一、社会救助 / 其中：低保 / （1）城市 / （2）农村.
fn lists_of_subsets(sheet: &Sheet, places: &mut [Place]) {
    for s in 0..places.len().saturating_sub(1) {
        let (Some(first), true) = (places[s + 1].level, places[s].subset) else { continue };
        let Some(parent) = (0..s).rev().find(|j| !places[*j].subset && places[*j].owner.is_none()) else {
            continue;
        };
        let Some(above) = places[parent].level.filter(|l| *l < first) else { continue };
        let list: Vec<usize> =
            (s + 1..places.len()).take_while(|j| places[*j].level.is_some_and(|l| l >= first)).collect();
        let parts: Vec<Printed> = list
            .iter()
            .filter(|j| places[**j].level == Some(first) && sheet.cells[**j].unit == sheet.cells[s].unit)
            .filter_map(|j| sheet.cells[*j].value)
            .collect();
        let adds = sheet.cells[s].value.is_some_and(|total| {
            let sum: rust_decimal::Decimal = parts.iter().map(|p| p.value).sum();
            (sum - total.value).abs() <= allowed(total, &parts, &sheet.cells[s].unit)
        });
        if first - above > 1 || adds {
            for j in list {
                places[j].owner = Some(s);
            }
        }
    }
}

/// Blanks before a name, a full-width one as two.
fn indent(name: &str) -> u32 {
    name.chars().take_while(|c| c.is_whitespace()).map(|c| if c == '\u{3000}' { 2 } else { 1 }).sum()
}

/// Level of a name by its numbering, and whether it is a subset (其中, #).
fn level(name: &str) -> (Option<u32>, bool) {
    let name = crate::organizations::text::clean(name);
    let name = name.trim_start_matches(['*', ' ']);
    if name.starts_with('#') || name.starts_with("其中") {
        return (None, true);
    }
    let chinese = |c: char| "一二三四五六七八九十".contains(c);
    let (inside, brackets) = match name.strip_prefix(['(', '（']) {
        Some(rest) => (rest, true),
        None => (name, false),
    };
    let numeral: String = inside.chars().take_while(|c| chinese(*c)).collect();
    let digits: String = inside.chars().take_while(char::is_ascii_digit).collect();
    let after = |n: &str| inside[n.len()..].chars().next();
    if !numeral.is_empty() {
        return match (brackets, after(&numeral)) {
            (true, Some(')' | '）')) => (Some(2), false),
            (false, Some('、' | '.' | '．')) => (Some(1), false),
            _ => (None, false),
        };
    }
    if !digits.is_empty() {
        return match (brackets, after(&digits)) {
            (true, Some(')' | '）')) => (Some(4), false),
            (false, Some('、' | '.' | '．')) => (Some(3), false),
            _ => (None, false),
        };
    }
    let mut chars = name.chars();
    match (chars.next(), chars.next()) {
        (Some(c), Some('.' | '、' | '．')) if c.is_ascii_uppercase() => (Some(5), false),
        _ => (None, false),
    }
}

fn bare(name: &str) -> &str {
    name.trim().trim_start_matches(['#', '*', ' '])
}
