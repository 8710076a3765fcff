//! Checks of printed tables: sums, subsets, growth rates, with the tolerance of printed precision and cell addresses.

use rust_decimal::Decimal;

use super::indicators::Nature;
use super::number::{Printed, allowed, fixed, float};
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

/// `name：`, or nothing where there is no name.
fn called(name: &str) -> String {
    if name.is_empty() { String::new() } else { format!("{name}：") }
}

/// Whether a total is the sum of its parts, as far as printed precision tells; things counted one by one and printed whole
/// (unit 个, 人) add exactly. `partial`: the list names only some parts, so that a rest is no fault; parts that exceed the
/// total are.
pub fn check_sum(
    name: &str,
    total: Printed,
    parts: &[Printed],
    unit: &str,
    partial: bool,
    cells: Vec<String>,
) -> Finding {
    let sum: Decimal = parts.iter().map(|p| p.value).sum();
    let allowed = allowed(total, parts, unit);
    let gap = sum - total.value;
    let verdict = if gap.abs() <= allowed {
        Verdict::Holds
    } else if partial && gap < Decimal::ZERO {
        Verdict::Info
    } else {
        Verdict::Contradiction
    };
    let terms = parts.iter().map(|p| p.value.to_string()).collect::<Vec<_>>().join(" + ");
    let formula = match (parts.len(), partial) {
        (0 | 1, true) => format!("{terms} ≤ {}", total.value),
        (0 | 1, false) => format!("{terms} = {}", total.value),
        _ => format!("{terms} = {sum}"),
    };
    let called = called(name);
    let sentence = match verdict {
        Verdict::Holds if gap.is_zero() => format!("{called}分项之和与合计相符"),
        Verdict::Holds => format!("{called}分项之和与合计相差{}，在四舍五入范围内", gap.abs()),
        Verdict::Info => format!("{called}所列分项之和比合计少{}，为未列分项", gap.abs()),
        Verdict::Contradiction if allowed.is_zero() => {
            format!("{called}合计{}，分项之和{sum}，相差{}，逐个计数的整数应当相等", total.value, gap.abs())
        }
        Verdict::Contradiction => {
            format!(
                "{called}合计{}，分项之和{sum}，相差{}，超出四舍五入范围（{allowed}）",
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

/// A subset that exceeds its whole; nothing where it does not.
pub(super) fn check_subset(
    part: &str,
    value: Printed,
    whole: &str,
    total: Printed,
    unit: &str,
    cells: Vec<String>,
) -> Option<Finding> {
    let allowed = allowed(total, &[value], unit);
    (value.value - total.value > allowed).then(|| Finding {
        check: "subset".to_owned(),
        verdict: Verdict::Contradiction,
        cells,
        formula: format!("{} ≤ {}", value.value, total.value),
        stated: float(total.value),
        computed: float(value.value),
        tolerance: float(allowed),
        sentence: format!("{part}（{}）大于{whole}（{}）", value.value, total.value),
    })
}

/// A figure that cannot be: a negative number of things or persons, a share outside 0 to 100 %.
pub(super) fn out_of_range(
    name: &str,
    value: Printed,
    nature: Nature,
    unit: &str,
    cell: String,
) -> Option<Finding> {
    let most = match (nature, unit) {
        (Nature::Rate, "%") => Some(Decimal::ONE_HUNDRED),
        (Nature::Rate, "‰") => Some(Decimal::ONE_THOUSAND),
        _ => None,
    };
    let negative = value.value < Decimal::ZERO && nature != Nature::Cumulative;
    let above = most.filter(|m| value.value > *m);
    (negative || above.is_some()).then(|| Finding {
        check: "range".to_owned(),
        verdict: Verdict::Contradiction,
        cells: vec![cell],
        formula: match most {
            Some(most) => format!("0 ≤ {} ≤ {most}", value.value),
            None => format!("{} ≥ 0", value.value),
        },
        stated: float(value.value),
        computed: if negative { 0.0 } else { float(above.unwrap_or_default()) },
        tolerance: 0.0,
        sentence: if negative {
            format!("{name}为{}{unit}，不应为负数", value.value)
        } else {
            format!("{name}为{}{unit}，超出{}{unit}", value.value, above.unwrap_or_default())
        },
    })
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
        format!("{}年均增长{stated}%与起止数相符", called(name))
    } else {
        format!(
            "{}由{}到{}，{years}年年均增长应为{computed:.places$}%，所载为{stated}%",
            called(name),
            first.value,
            last.value
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

/// Findings as a table, contradictions first: check, verdict, cells, formula, stated, computed, gap, tolerance, sentence.
///
/// # Errors
/// None in practice.
pub fn findings_table(mut findings: Vec<Finding>) -> Result<Table> {
    findings.sort_by_key(|f| f.verdict);
    let cells: Vec<Vec<String>> = findings.iter().map(|f| f.cells.clone()).collect();
    let each = || findings.iter();
    Table::builder("报表核对结果")
        .note("允许误差为（分项数＋1）×末位之半；逐个计数的整数须相等；所列分项不全时，余数不作差错。")
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
