//! `sum`: a total against its parts, with residual; partial lists; lists that are counted.

use std::collections::HashSet;

use num_traits::{CheckedDiv, CheckedSub, Signed};

use super::classes;
use super::context::Context;
use super::parts;
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
    // a total that is one of its own parts holds, or doesn't, whatever the plan says
    for id in total.ids().into_iter().filter(|id| parts.iter().any(|p| p.ids().contains(id))) {
        evaluator.tell("parts", id, "the total is among its own parts", "the figures that make up the total");
    }
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

/// Compares with a total; `short` is the verdict where the parts make less than the total.
pub(super) fn judge(total: &Quantity<'_>, parts: &[Quantity<'_>], short: Verdict) -> Option<Finding> {
    let made = sum(parts)?;
    let gap = made.value.checked_sub(&total.value)?;
    let holds = made.span.meets(&total.span);
    let about = made.about || total.about;
    let verdict = match (holds, gap.is_negative()) {
        (true, _) => Verdict::Holds,
        (false, true) => short,
        (false, false) => Verdict::Contradiction,
    };
    let verdict = if about && verdict == Verdict::Contradiction { Verdict::Probable } else { verdict };
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
            "{whole}，各分项合计{} = {}，相差{}，{}，视为相符。",
            made.formula,
            amount(&made.value, unit),
            amount(&gap.abs(), unit),
            if about { "其中有约数" } else { "在印刷精度之内" }
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
/// behind 其中 or in brackets, totals behind their parts, and lists of names that are counted.
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
    for (figures, passage) in context.by_paragraph.iter().zip(&context.passages) {
        let mut named: Vec<(&str, usize)> =
            figures.iter().enumerate().map(|(i, f)| (f.metric.as_str(), i)).collect();
        named.sort_unstable();
        let by_words = parts::found(passage);
        // a list that the words make is told by the words
        let told: HashSet<&str> =
            by_words.iter().filter_map(|f| f.figures.first().map(String::as_str)).collect();
        for (i, total) in figures.iter().enumerate() {
            let known = declared.contains(&total.id.as_str()) || told.contains(total.id.as_str());
            if !known && is_summed(total) {
                findings.extend(by_name(context, figures, &named, i));
            }
        }
        let free = |f: &Finding| f.figures.first().is_none_or(|id| !declared.contains(id.as_str()));
        findings.extend(by_words.into_iter().filter(free));
    }
    findings.extend(context.ledger.iter().filter_map(counted_list));
    findings
}

pub(super) fn is_summed(figure: &Figure) -> bool {
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

/// What a metric's end says that it is no part: beds_per_1000, dibao_rate, beds_new.
fn is_no_part(metric: &str) -> bool {
    const ENDS: [&str; 12] = [
        "_rate",
        "_share",
        "_ratio",
        "_growth",
        "_mean",
        "_average",
        "_each",
        "_unit_cost",
        "_standard",
        "_new",
        "_added",
        "_target",
    ];
    metric.contains("_per_") || ENDS.iter().any(|e| metric.ends_with(e))
}

/// `named`: the metrics of the paragraph in alphabetical order, with their places.
fn by_name(context: &Context<'_>, figures: &[&Figure], named: &[(&str, usize)], i: usize) -> Option<Finding> {
    let total = figures[i];
    let prefix = format!("{}_", stem(&total.metric));
    let from = named.partition_point(|(metric, _)| *metric < prefix.as_str());
    let mine = named.get(from..).unwrap_or_default().iter().take_while(|(m, _)| m.starts_with(&prefix));
    let mut parts: Vec<(usize, &Figure)> = Vec::new();
    for (place, part) in mine.filter(|(_, p)| *p > i).filter_map(|(_, p)| Some((*p, *figures.get(*p)?))) {
        let known = parts.last().is_some_and(|(_, last)| last.metric == part.metric);
        // 行业协会 among the associations is no part beside them
        let within = parts.iter().any(|(_, p)| part.metric.starts_with(&format!("{}_", p.metric)));
        let each = context.words(part).is_some_and(|(passage, at)| passage.each(at));
        if !known
            && !within
            && !each
            && !is_no_part(&part.metric)
            && alike(total, part)
            && stem(&part.metric) != stem(&total.metric)
        {
            parts.push((place, part));
        }
    }
    parts.sort_unstable_by_key(|(place, _)| *place);
    let parts: Vec<&Figure> = parts.into_iter().map(|(_, part)| part).collect();
    if parts.len() < 2 {
        return None;
    }
    let subset = parts.iter().any(|p| p.phrase.contains("其中"));
    let divided = {
        let labels: Vec<&str> =
            parts.iter().filter_map(|p| context.words(p).map(|(passage, at)| passage.label(at))).collect();
        labels.len() == parts.len() && classes::divide(&labels)
    };
    let whole = of_figure(total)?;
    let parts: Vec<Quantity<'_>> = parts.into_iter().map(of_figure).collect::<Option<_>>()?;
    let short = short_verdict(&whole, &parts, subset, divided)?;
    judge(&whole, &parts, short)
}

/// 其中 names a subset, so what is missing may just not be listed; where little is missing of what the
/// words divide it is more likely that the total or a part is wrong.
fn short_verdict(
    total: &Quantity<'_>,
    parts: &[Quantity<'_>],
    subset: bool,
    divided: bool,
) -> Option<Verdict> {
    let made = sum(parts)?;
    let missing = total.value.checked_sub(&made.value)?;
    let little = missing * Exact::from_integer(5) <= total.value;
    Some(match (subset, little) {
        (false, true) => Verdict::Contradiction,
        (true, true) if divided || total.unit.is_money() => Verdict::Probable,
        (false, false) if divided => Verdict::Probable,
        // a metric that begins with another's name is no claim that the parts are all there is
        _ => Verdict::Info,
    })
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
