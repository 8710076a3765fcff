//! `product`: count × unit = amount; 350 元/月 × 12 = 4200 元/年; 540 元的 2 倍.

use std::collections::HashSet;

use num_traits::{CheckedSub, Signed};

use super::context::Context;
use super::phrase::{beside, cite, printed, subject};
use super::term::{Evaluator, Quantity, of_figure, product};
use super::{Claim, Declared, Finding, Term, Verdict};
use crate::error::Problem;
use crate::figures::{Exact, Figure, Nature, Unit};

const FAMILY: &str = "product";

/// total = Π factors within printed precision.
pub(super) fn declared(
    context: &Context<'_>,
    one: &Declared,
    total: &Term,
    factors: &[Term],
) -> Result<Vec<Finding>, Vec<Problem>> {
    let mut evaluator = Evaluator::new(context, one);
    let total = evaluator.quantity("total", total);
    let factors = evaluator.quantities("factors", factors);
    let found = total.zip(factors).and_then(|(total, factors)| {
        let made = product(&factors)?;
        evaluator.addable("factors", &[total.clone(), made.clone()])?;
        judge(&total, &made).map(|f| vec![f])
    });
    evaluator.done(found)
}

pub(super) fn judge(total: &Quantity<'_>, made: &Quantity<'_>) -> Option<Finding> {
    let gap = made.value.checked_sub(&total.value)?;
    let holds = made.span.meets(&total.span);
    let unit = &total.unit;
    let whole = total.figures.first().map_or_else(|| total.formula.clone(), |f| cite(f));
    let amount = |x: &Exact, unit: &Unit| beside(x, total.figures.first().copied(), unit);
    let mut places: Vec<String> = made.figures.iter().map(|f| cite(f)).collect();
    places.dedup();
    let sentence = if holds {
        format!("{}，{} = {}，与{whole}相符。", places.join("、"), made.formula, amount(&made.value, unit))
    } else {
        format!(
            "按{}计算，{} = {}，而{whole}，{}{}，请核实。",
            places.join("、"),
            made.formula,
            amount(&made.value, unit),
            if gap.is_negative() { "所述数偏大" } else { "所述数偏小" },
            amount(&gap.abs(), unit)
        )
    };
    let mut ids = total.ids();
    ids.extend(made.ids());
    let formula = format!("{} = {}", made.formula, amount(&made.value, unit));
    let verdict = match (holds, total.about || made.about) {
        (true, _) => Verdict::Holds,
        (false, false) => Verdict::Contradiction,
        (false, true) => Verdict::Probable,
    };
    Some(
        Finding::new(FAMILY, verdict, &ids, sentence)
            .numbers(formula, total.value, made.value, unit.to_string())
            .money((unit.is_money() && !holds).then_some(gap)),
    )
}

/// What a line's own words imply: 9 个 … 每个 500 万元 … 总投资 4500 万元; a yearly figure beside
/// the monthly one; a multiple of a named standard.
pub(super) fn found(context: &Context<'_>, claimed: &[&Declared]) -> Vec<Finding> {
    let declared: HashSet<&str> = claimed
        .iter()
        .filter_map(|d| match &d.claim {
            Claim::Product { total, .. } => Some(total.ids()),
            _ => None,
        })
        .flatten()
        .collect();
    let mut findings = Vec::new();
    for figures in &context.by_paragraph {
        for i in 0..figures.len() {
            let all =
                [unit_times_count(context, figures, i), twelve_months(figures, i), multiple(figures, i)];
            let new = all.into_iter().flatten();
            findings
                .extend(new.filter(|f| !f.figures.first().is_some_and(|t| declared.contains(&t.as_str()))));
        }
    }
    findings
}

/// Whether a unit is an amount per thing built or bought: 元/个, 张/个, not 元/人/月.
pub(super) fn is_each(unit: &Unit) -> bool {
    unit.is_each()
}

/// The count that an "each" multiplies: the nearest before it in its sentence.
pub(super) fn count_before<'a>(
    context: &Context<'_>,
    figures: &[&'a Figure],
    i: usize,
) -> Option<&'a Figure> {
    let each = figures[i];
    let fits = |f: &&&Figure| {
        f.base_unit().is_counter()
            && f.number().is_some()
            && !matches!(f.nature, Nature::Id | Nature::Idiom | Nature::Ordinal | Nature::Rule)
    };
    // 分别在六个街道建设1个，每个…: one each is no number of them
    let shared = |f: &&&Figure| {
        let apart = || {
            context
                .words(f)
                .is_some_and(|(passage, at)| ["分别", "各"].iter().any(|w| passage.clause(at).contains(w)))
        };
        f.base() == Some(Exact::from_integer(1)) && (f.metric.contains("_per_") || apart())
    };
    let same_thing = each.metric.split('_').next().unwrap_or_default();
    let before = || figures[..i].iter().rev().filter(fits).filter(|f| context.one_sentence(f, each));
    let named = before().filter(|f| !shared(f)).find(|f| f.metric.starts_with(same_thing));
    named.or_else(|| before().find(|f| !shared(f))).copied()
}

fn unit_times_count(context: &Context<'_>, figures: &[&Figure], i: usize) -> Option<Finding> {
    let each = figures[i];
    if !is_each(each.base_unit()) {
        return None;
    }
    let total = *figures.get(i + 1)?;
    let says_total = ["总", "共", "合计", "计"].iter().any(|w| total.phrase.contains(w));
    if total.base_unit().of() != each.base_unit().of()
        || !total.base_unit().per().is_empty()
        || !says_total
        || !context.one_sentence(each, total)
    {
        return None;
    }
    // 新建每个100万元，改建每个50万元: each has a number of its own
    let of_total = |f: &&&Figure| {
        f.base_unit().of() == "元"
            && context.words(f).is_some_and(|(passage, at)| passage.each(at))
            && context.one_sentence(f, each)
    };
    if each.base_unit().of() == "元" && figures[..i].iter().rev().take(8).filter(of_total).count() > 0 {
        return None;
    }
    let count = count_before(context, figures, i)?;
    let made = product(&[of_figure(count)?, of_figure(each)?])?;
    let whole = of_figure(total)?;
    whole.unit.adds_to(&made.unit).then(|| judge(&whole, &made)).flatten()
}

/// A yearly standard beside the monthly one of the same thing and time.
fn twelve_months(figures: &[&Figure], i: usize) -> Option<Finding> {
    let yearly = figures[i];
    if yearly.nature != Nature::Standard || !yearly.unit.contains("年") || yearly.unit.contains("月") {
        return None;
    }
    let near = figures[..i].iter().rev().take(3).chain(figures.iter().skip(i + 1).take(2));
    let monthly = near.into_iter().find(|m| {
        m.nature == Nature::Standard
            && m.unit.contains("月")
            && m.time_ref == yearly.time_ref
            && m.base_unit().adds_to(yearly.base_unit())
            // 省定4000元/年 behind the county's own standard is another thing
            && (yearly.metric.starts_with(&m.metric) || (subject(yearly) == subject(m) && !subject(m).is_empty()))
    })?;
    let made = Quantity { formula: format!("{} × 12", printed(monthly)), ..of_figure(monthly)? };
    judge(&of_figure(yearly)?, &made)
}

/// 城市特困1080元（城市低保标准即540元的2倍）: result, base and multiple on one line.
fn multiple(figures: &[&Figure], i: usize) -> Option<Finding> {
    let times = figures[i];
    if times.unit != "倍" {
        return None;
    }
    let base = figures
        .iter()
        .find(|f| f.phrase == times.phrase && f.id != times.id && f.base_unit().of() == "元")?;
    let at = figures.iter().position(|f| f.id == base.id)?.min(i);
    // what stands right before the bracket, or nothing: further back is another standard
    let result = figures[..at].last().filter(|f| f.base_unit().adds_to(base.base_unit()))?;
    let made = product(&[of_figure(base)?, of_figure(times)?])?;
    let whole = of_figure(result)?;
    whole.unit.adds_to(&made.unit).then(|| judge(&whole, &made)).flatten()
}
