//! Checks of printed tables: sums, subsets, growth rates, with the tolerance of printed precision and cell addresses.

use rust_decimal::Decimal;

use super::number::{Printed, fixed, float, tolerance};
use super::workbook::Sheet;
use crate::error::{Error, Problem, Result};
use crate::tables::Table;

/// What a check comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Contradiction,
    /// A residual of a list that names only some parts.
    Info,
    Holds,
}

impl Verdict {
    pub fn name(self) -> &'static str {
        ["contradiction", "info", "holds"][self as usize]
    }
}

/// One check.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    pub check: String,
    pub verdict: Verdict,
    /// Addresses of the cells, the total first, where they come from a sheet.
    pub cells: Vec<String>,
    pub formula: String,
    pub stated: f64,
    pub computed: f64,
    pub tolerance: f64,
    pub sentence: String,
}

/// Whether a total is the sum of its parts, as far as printed precision tells. `partial`: the list names only some parts,
/// so that a rest is no fault; parts that exceed the total are.
pub fn check_sum(
    name: &str,
    total: Printed,
    parts: &[Printed],
    partial: bool,
    cells: Vec<String>,
) -> Finding {
    let sum: Decimal = parts.iter().map(|p| p.value).sum();
    let unit = parts.iter().map(|p| p.unit).chain([total.unit]).max().unwrap_or(total.unit);
    let allowed = tolerance(parts.len(), unit);
    let gap = sum - total.value;
    let verdict = if gap.abs() <= allowed {
        Verdict::Holds
    } else if partial && gap < Decimal::ZERO {
        Verdict::Info
    } else {
        Verdict::Contradiction
    };
    let formula =
        format!("{} = {}", parts.iter().map(|p| p.value.to_string()).collect::<Vec<_>>().join(" + "), sum);
    let sentence = match verdict {
        Verdict::Holds if gap.is_zero() => format!("{name}：分项之和与合计相符"),
        Verdict::Holds => format!("{name}：分项之和与合计相差{}，在四舍五入范围内", gap.abs()),
        Verdict::Info => format!("{name}：所列分项之和比合计少{}，为未列分项", gap.abs()),
        Verdict::Contradiction => {
            format!(
                "{name}：合计{}，分项之和{sum}，相差{}，超出四舍五入范围（{allowed}）",
                total.value,
                gap.abs()
            )
        }
    };
    Finding {
        check: "sum".to_owned(),
        verdict,
        cells,
        formula,
        stated: float(total.value),
        computed: float(sum),
        tolerance: float(allowed),
        sentence,
    }
}

/// Whether a printed average growth rate (percent a year) follows from its end points, each with its printed precision.
///
/// # Errors
/// `Error::Data` for end points that are not positive or a number of years below 1.
pub fn check_growth(
    name: &str,
    first: Printed,
    last: Printed,
    years: u32,
    printed: Printed,
) -> Result<Finding> {
    let (low_first, high_first) = (float(first.value - first.half()), float(first.value + first.half()));
    let (low_last, high_last) = (float(last.value - last.half()), float(last.value + last.half()));
    if low_first <= 0.0 || low_last <= 0.0 || years == 0 {
        let problem = Problem::new("no growth rate between these")
            .value(format!("{} to {} in {years}", first.value, last.value));
        return Err(Error::data(problem.expected("positive figures at least a year apart")));
    }
    let rate = |a: f64, b: f64| 100.0 * ((b / a).powf(1.0 / f64::from(years)) - 1.0);
    let (low, high) = (rate(high_first, low_last), rate(low_first, high_last));
    let computed = rate(float(first.value), float(last.value));
    let (stated, half) = (float(printed.value), float(printed.half()));
    let holds = stated + half >= low - 1e-9 && stated - half <= high + 1e-9;
    let places = printed.value.scale().max(2) as usize;
    let sentence = if holds {
        format!("{name}：年均增长{stated}%与起止数相符")
    } else {
        format!(
            "{name}：由{}到{}，{years}年年均增长应为{computed:.places$}%，所载为{stated}%",
            first.value, last.value
        )
    };
    Ok(Finding {
        check: "growth".to_owned(),
        verdict: if holds { Verdict::Holds } else { Verdict::Contradiction },
        cells: Vec::new(),
        formula: format!("({} ÷ {})^(1/{years}) − 1", last.value, first.value),
        stated,
        computed,
        tolerance: half + (high - low) / 2.0,
        sentence,
    })
}

/// Checks a form by the outline of its names: 一、 （一） 1. (1) A are levels, 其中 and # are subsets. A gap in the numbering
/// is no fault, nor is a rest: forms leave lines out.
pub fn check_outline(sheet: &Sheet) -> Vec<Finding> {
    let mut found = Vec::new();
    let lines: Vec<(Option<u32>, bool)> = sheet.cells.iter().map(|c| level(&c.name)).collect();
    for (i, cell) in sheet.cells.iter().enumerate() {
        let (Some(own), false) = lines[i] else { continue };
        let Some(total) = cell.value else { continue };
        let below: Vec<usize> = (i + 1..lines.len())
            .take_while(|j| lines[*j].1 || lines[*j].0.is_some_and(|l| l > own))
            .collect();
        let next = below.iter().filter_map(|j| lines[*j].0.filter(|_| !lines[*j].1)).min();
        let children: Vec<usize> = below
            .iter()
            .copied()
            .filter(|j| !lines[*j].1 && lines[*j].0 == next && sheet.cells[*j].unit == cell.unit)
            .collect();
        let parts: Vec<Printed> = children.iter().filter_map(|j| sheet.cells[*j].value).collect();
        if parts.len() > 1 {
            let cells = [cell].into_iter().chain(children.iter().map(|j| &sheet.cells[*j]));
            let cells = cells.map(|c| c.address.clone()).collect();
            found.push(check_sum(bare(&cell.name), total, &parts, true, cells));
        }
        // Subsets directly below: none may exceed the whole.
        for j in (i + 1..lines.len()).take_while(|j| lines[*j].1) {
            let part = &sheet.cells[j];
            if let Some(value) = part.value
                && part.unit == cell.unit
                && value.value - total.value > tolerance(1, value.unit.max(total.unit))
            {
                found.push(Finding {
                    check: "subset".to_owned(),
                    verdict: Verdict::Contradiction,
                    cells: vec![cell.address.clone(), part.address.clone()],
                    formula: format!("{} ≤ {}", value.value, total.value),
                    stated: float(value.value),
                    computed: float(total.value),
                    tolerance: float(tolerance(1, value.unit.max(total.unit))),
                    sentence: format!(
                        "{}（{}）大于{}（{}）",
                        bare(&part.name),
                        value.value,
                        bare(&cell.name),
                        total.value
                    ),
                });
            }
        }
    }
    found
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

/// Findings as a table, contradictions first: check, verdict, cells, formula, stated, computed, gap, tolerance, sentence.
///
/// # Errors
/// None in practice.
pub fn findings_table(mut findings: Vec<Finding>) -> Result<Table> {
    findings.sort_by_key(|f| f.verdict);
    let cells: Vec<Vec<String>> = findings.iter().map(|f| f.cells.clone()).collect();
    let each = || findings.iter();
    Table::builder("报表核对结果")
        .note("允许误差为（分项数＋1）×末位之半；所列分项不全时，余数不作差错。")
        .text("check", "核对", each().map(|f| f.check.as_str()))
        .text("verdict", "结论", each().map(|f| f.verdict.name()))
        .text_list("cells", "单元格", &cells)
        .text("formula", "算式", each().map(|f| f.formula.as_str()))
        .float("stated", "所载", "", each().map(|f| f.stated))
        .float("computed", "计算", "", each().map(|f| f.computed))
        .float("gap", "差", "", each().map(|f| rounded(f.computed - f.stated)))
        .float("tolerance", "允许误差", "", each().map(|f| f.tolerance))
        .text("sentence", "说明", each().map(|f| f.sentence.as_str()))
        .build()
}

/// A difference of two decimals kept as floats, without the dust of subtraction.
fn rounded(value: f64) -> f64 {
    Decimal::try_from(value).ok().and_then(|d| fixed(d, 8).parse().ok()).unwrap_or(value)
}
