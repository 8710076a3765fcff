//! How findings speak: amounts in the unit that people use, places that are cited.

use num_traits::Signed;

use crate::figures::{Exact, Figure, Unit, from_decimal, plain, to_decimal};

/// An amount for a sentence: yuan in 亿元, 万元 or 元, a share in %, anything else with its unit.
pub(super) fn amount(x: &Exact, unit: &Unit) -> String {
    let scaled = |by: i128| plain(&(x / Exact::from_integer(by)));
    if unit.of() == "元" {
        let per: String = unit.per().iter().map(|p| format!("/{p}")).collect();
        let size = x.abs();
        // a standard of 12,960 元/人/年 is said in 元, a bed of 40,000 元 in 万元
        let ten_thousands =
            if unit.per().iter().any(|p| p == "年" || p == "人") { 100_000 } else { 10_000 };
        return if size >= Exact::from_integer(100_000_000) {
            format!("{}亿元{per}", scaled(100_000_000))
        } else if size >= Exact::from_integer(ten_thousands) {
            format!("{}万元{per}", scaled(10_000))
        } else {
            format!("{}元{per}", to_decimal(x, 2).map_or_else(|| plain(x), |d| d.to_string()))
        };
    }
    if unit.is_share() {
        return percent(x);
    }
    format!("{}{unit}", plain(x))
}

/// A value that stands against a figure, said in the figure's own terms: a monthly standard by the month.
pub(super) fn beside(x: &Exact, figure: Option<&Figure>, unit: &Unit) -> String {
    match figure {
        Some(f) if f.unit.contains('月') && unit.per().iter().any(|p| p == "年") => {
            format!("{}{}", plain(&(x / Exact::from_integer(12))), f.unit)
        }
        _ => amount(x, unit),
    }
}

/// A share as percent with at most two places.
pub(super) fn percent(x: &Exact) -> String {
    let hundred = x * Exact::from_integer(100);
    to_decimal(&hundred, 2).map_or_else(|| plain(&hundred), |d| d.to_string()) + "%"
}

/// How far two values lie apart: shares in points, not in per cent.
pub(super) fn difference(gap: &Exact, unit: &Unit) -> String {
    let gap = gap.abs();
    if unit.is_share() {
        let points = gap * Exact::from_integer(100);
        return to_decimal(&points, 2).map_or_else(|| plain(&points), |d| d.to_string()) + "个百分点";
    }
    amount(&gap, unit)
}

/// 第213行“项目总投资4.455亿元”.
pub(super) fn cite(figure: &Figure) -> String {
    format!("第{}行“{}”", figure.line, words(figure))
}

/// The plan's words without the tags that a scan left in them.
pub(super) fn words(figure: &Figure) -> String {
    figure.phrase.replace("<p>", "").replace("</p>", "").replace("**", "")
}

/// The subject for a sentence, without the remarks in brackets that a ledger adds.
pub(super) fn subject(figure: &Figure) -> &str {
    figure.subject.split(['(', '（']).next().unwrap_or(&figure.subject)
}

/// A number for a formula, in the printed unit: 4.455亿元.
pub(super) fn printed(figure: &Figure) -> String {
    figure.printed()
}

/// The longest run of Chinese characters that stands in both.
pub(super) fn common(a: &str, b: &str) -> String {
    let chars: Vec<char> = a.chars().collect();
    let mut best = String::new();
    for start in 0..chars.len() {
        let mut run = String::new();
        for c in chars.iter().skip(start).take_while(|c| is_han(**c)) {
            run.push(*c);
            if !b.contains(&run) {
                run.pop();
                break;
            }
        }
        if run.chars().count() > best.chars().count() {
            best = run;
        }
    }
    best
}

pub(super) fn is_han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

/// A decimal as it is printed.
pub(super) fn decimal(d: rust_decimal::Decimal) -> String {
    plain(&from_decimal(d))
}
