//! `sum`: a total against its parts, with residual; partial lists; lists that are counted.

use std::collections::HashSet;

use num_traits::{CheckedDiv, CheckedSub, Signed};

use super::context::Context;
use super::phrase::{amount, cite, percent, subject};
use super::term::{Evaluator, Quantity, of_figure, sum};
use super::{Claim, Declared, Finding, Term, Verdict};
use crate::error::Problem;
use crate::figures::{Exact, Figure, Nature};

const FAMILY: &str = "sum";

/// total = Σ parts within printed precision; a partial list leaves a residual, told as information.
pub(super) fn declared(
    context: &Context<'_>,
    one: &Declared,
    total: &Term,
    parts: &[Term],
    partial: bool,
) -> Result<Vec<Finding>, Vec<Problem>> {
    let mut evaluator = Evaluator::new(context, one);
    let total = evaluator.quantity("total", total);
    let parts = evaluator.quantities("parts", parts);
    let found = total.zip(parts).and_then(|(total, parts)| {
        let mut all = vec![total.clone()];
        all.extend(parts.iter().cloned());
        evaluator.addable("parts", &all)?;
        judge(&total, &parts, if partial { Verdict::Info } else { Verdict::Contradiction }).map(|f| vec![f])
    });
    evaluator.done(found)
}

/// Compares; `short` is the verdict where the parts make less than the total.
fn judge(total: &Quantity<'_>, parts: &[Quantity<'_>], short: Verdict) -> Option<Finding> {
    let made = sum(parts)?;
    let gap = made.value.checked_sub(&total.value)?;
    let holds = made.span.meets(&total.span);
    let verdict = match (holds, gap.is_negative()) {
        (true, _) => Verdict::Holds,
        (false, true) => short,
        (false, false) => Verdict::Contradiction,
    };
    let mut ids = total.ids();
    ids.extend(made.ids());
    let unit = &total.unit;
    let places: Vec<String> = made.figures.iter().map(|f| cite(f)).collect();
    let whole = total.figures.first().map_or_else(|| total.formula.clone(), |f| cite(f));
    let share = if total.value > Exact::from_integer(0) {
        format!("（占总数的{}）", percent(&gap.abs().checked_div(&total.value)?))
    } else {
        String::new()
    };
    let sentence = match verdict {
        Verdict::Holds if gap == Exact::from_integer(0) => {
            format!("{whole}，与各分项合计{} = {}相符。", made.formula, amount(&made.value, unit))
        }
        Verdict::Holds => format!(
            "{whole}，各分项合计{} = {}，相差{}，在印刷精度之内，视为相符。",
            made.formula,
            amount(&made.value, unit),
            amount(&gap.abs(), unit)
        ),
        Verdict::Info => format!(
            "{whole}，所列部分分项合计{} = {}，其余{}{share}未列出。",
            made.formula,
            amount(&made.value, unit),
            amount(&gap.abs(), unit)
        ),
        _ => format!(
            "{whole}，而所列分项（{}）合计{} = {}，比总数{}{}{share}，总数与分项不符，请核实。",
            places.join("、"),
            made.formula,
            amount(&made.value, unit),
            if gap.is_negative() { "少" } else { "多" },
            amount(&gap.abs(), unit)
        ),
    };
    let formula = format!("{} = {}", made.formula, amount(&made.value, unit));
    Some(
        Finding::new(FAMILY, verdict, &ids, sentence)
            .numbers(formula, total.value, made.value, unit.to_string())
            .money(unit.is_money().then_some(gap)),
    )
}

/// Totals whose parts carry the total's metric (`orphans`: `orphans_inst`, `orphans_home`) or stand
/// behind 其中 on its line, and lists of names that are counted.
pub(super) fn found(context: &Context<'_>, claimed: &[&Declared]) -> Vec<Finding> {
    let declared: HashSet<&str> = claimed
        .iter()
        .filter_map(|d| match &d.claim {
            Claim::Sum { total, .. } => Some(total.ids()),
            _ => None,
        })
        .flatten()
        .collect();
    let mut findings = Vec::new();
    for figures in &context.by_paragraph {
        let mut named: Vec<(&str, usize)> =
            figures.iter().enumerate().map(|(i, f)| (f.metric.as_str(), i)).collect();
        named.sort_unstable();
        for (i, total) in figures.iter().enumerate() {
            if declared.contains(&total.id.as_str()) || !is_summed(total) {
                continue;
            }
            findings.extend(by_name(figures, &named, i).or_else(|| by_words(context, figures, i)));
        }
    }
    findings.extend(context.ledger.iter().filter_map(counted_list));
    findings
}

fn is_summed(figure: &Figure) -> bool {
    let nature =
        !matches!(figure.nature, Nature::Id | Nature::Idiom | Nature::Ordinal | Nature::Date | Nature::Rule);
    nature && (figure.base_unit().is_count() || figure.is_money() || figure.base_unit().is_area())
}

fn stem(metric: &str) -> &str {
    ["_total", "_quota", "_count", "_sum", "_all"]
        .iter()
        .find_map(|s| metric.strip_suffix(s))
        .unwrap_or(metric)
}

fn alike(a: &Figure, b: &Figure) -> bool {
    a.time_ref == b.time_ref && a.nature == b.nature && a.base_unit().adds_to(b.base_unit())
}

/// `named`: the metrics of the paragraph in alphabetical order, with their places.
fn by_name(figures: &[&Figure], named: &[(&str, usize)], i: usize) -> Option<Finding> {
    let total = figures[i];
    let prefix = format!("{}_", stem(&total.metric));
    let from = named.partition_point(|(metric, _)| *metric < prefix.as_str());
    let mine = named.get(from..).unwrap_or_default().iter().take_while(|(m, _)| m.starts_with(&prefix));
    let mut parts: Vec<(usize, &Figure)> = Vec::new();
    for (place, part) in mine.filter(|(_, p)| *p > i).filter_map(|(_, p)| Some((*p, *figures.get(*p)?))) {
        let first = parts.last().is_none_or(|(_, last)| last.metric != part.metric);
        if first && alike(total, part) && stem(&part.metric) != stem(&total.metric) {
            parts.push((place, part));
        }
    }
    parts.sort_unstable_by_key(|(place, _)| *place);
    let parts: Vec<&Figure> = parts.into_iter().map(|(_, part)| part).collect();
    if parts.len() < 2 {
        return None;
    }
    let subset = parts.iter().any(|p| p.phrase.contains("其中"));
    let whole = of_figure(total)?;
    let parts: Vec<Quantity<'_>> = parts.into_iter().map(of_figure).collect::<Option<_>>()?;
    let short = short_verdict(&whole, &parts, subset)?;
    judge(&whole, &parts, short)
}

/// 其中 names a subset, so what is missing may just not be listed; where little is missing it is
/// more likely that the total or a part is wrong.
fn short_verdict(total: &Quantity<'_>, parts: &[Quantity<'_>], subset: bool) -> Option<Verdict> {
    let made = sum(parts)?;
    let missing = total.value.checked_sub(&made.value)?;
    let little = missing * Exact::from_integer(5) <= total.value;
    Some(match (subset, little) {
        (false, true) => Verdict::Contradiction,
        (true, true) | (false, false) => Verdict::Probable,
        (true, false) => Verdict::Info,
    })
}

fn by_words(context: &Context<'_>, figures: &[&Figure], i: usize) -> Option<Finding> {
    let total = figures[i];
    let first = *figures.get(i + 1).filter(|f| f.phrase.starts_with("其中") && alike(total, f))?;
    let whole = of_figure(total)?;
    let mut parts = vec![of_figure(first)?];
    if parts[0].span.lo > whole.span.hi.unwrap_or(parts[0].span.lo) {
        let sentence = format!(
            "{}，其中的一部分却为{}（{}），部分大于整体，请核实。",
            cite(total),
            amount(&parts[0].value, &whole.unit),
            cite(first)
        );
        let gap = parts[0].value.checked_sub(&whole.value)?;
        return Some(
            Finding::new(FAMILY, Verdict::Contradiction, &[&total.id, &first.id], sentence)
                .numbers(
                    format!("{} ≤ {}", parts[0].formula, whole.formula),
                    whole.value,
                    parts[0].value,
                    whole.unit.to_string(),
                )
                .money(whole.unit.is_money().then_some(gap)),
        );
    }
    for (before, part) in figures.iter().skip(i + 1).zip(figures.iter().skip(i + 2)) {
        if !alike(total, part) || !context.one_sentence(before, part) {
            break;
        }
        parts.push(of_figure(part)?);
        // Where the list so far makes the total, what follows is another thing.
        let made = sum(&parts)?;
        if made.span.meets(&whole.span) {
            return judge(&whole, &parts, Verdict::Info);
        }
    }
    let made = sum(&parts)?;
    let gap = made.value.checked_sub(&whole.value)?.abs();
    // Parts that make something quite different are no partition of this total.
    if parts.len() < 2 || gap * Exact::from_integer(10) > whole.value {
        return None;
    }
    let mut finding = judge(&whole, &parts, Verdict::Probable)?;
    finding.verdict = Verdict::Probable;
    Some(finding)
}

/// A count that was taken from a list of names: the names are counted again.
fn counted_list(figure: &Figure) -> Option<Finding> {
    if figure.nature != Nature::DerivedCount {
        return None;
    }
    let listed = figure.phrase.split(['（', '(']).next()?.matches('、').count();
    let stated = figure.base()?;
    if listed == 0 {
        return None;
    }
    let counted = Exact::from_integer(listed as i128 + 1);
    let verdict = if counted == stated { Verdict::Holds } else { Verdict::Probable };
    let unit = figure.base_unit().to_string();
    let end =
        if verdict == Verdict::Holds { "与所计数相符。" } else { "与所计数不符，请核实。" };
    let sentence = format!(
        "{}列名{}，{}为{}，{end}",
        cite(figure),
        amount(&counted, figure.base_unit()),
        subject(figure),
        figure.printed()
    );
    Some(Finding::new(FAMILY, verdict, &[&figure.id], sentence).numbers(
        format!("列名{}", crate::figures::plain(&counted)),
        stated,
        counted,
        unit,
    ))
}
