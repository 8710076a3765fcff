//! `growth`: from, to, by how much: 由2400元提高到4200元，增长75%; 比310家增加116家; 提高20个百分点.

use std::collections::HashMap;

use num_traits::{CheckedDiv, CheckedSub, Signed, Zero};

use super::context::Context;
use super::passage::Passage;
use super::phrase::{amount, cite, difference, percent};
use super::term::{Quantity, of_figure};
use super::{Finding, Verdict, yearly_growth};
use crate::figures::{Exact, Figure, Nature, Span};

const FAMILY: &str = "growth";
pub(super) const UP: [&str; 8] = ["增长", "增加", "提高", "上升", "提升", "增幅", "上涨", "新增"];
pub(super) const DOWN: [&str; 6] = ["下降", "减少", "降低", "回落", "下滑", "降幅"];
/// What leads from a first value to a second.
const TO: [&str; 15] = [
    "提高到",
    "提高至",
    "增加到",
    "增加至",
    "增长到",
    "增长至",
    "上升到",
    "上升至",
    "提升到",
    "提升至",
    "增至",
    "升至",
    "降至",
    "到",
    "至",
];

/// What the changes of the plan's own text come to.
pub(super) fn found(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut present = HashMap::new();
    for passage in context.passages.iter().filter(|p| p.whole) {
        for g in 0..passage.placed.len() {
            let Some(sign) = direction(passage, g) else {
                let yearly = yearly_growth::direction(passage, g);
                findings.extend(yearly.and_then(|sign| yearly_growth::judge(context, passage, g, sign)));
                continue;
            };
            let unit = match passage.placed.get(g) {
                Some(p) => p.figure.base_unit(),
                None => continue,
            };
            if unit.is_share() || unit.is_points() {
                findings.extend(rate(context, passage, g, sign));
            } else {
                findings.extend(added(context, &mut present, passage, g, sign));
            }
        }
    }
    findings
}

/// Whether the words right before a number make it a change, and which way; an average yearly one is not
/// that of the whole time.
fn direction(passage: &Passage<'_>, g: usize) -> Option<i128> {
    let label = passage.label(g).trim_end_matches(['了', '约', '近', '为', '达']);
    let figure = passage.placed.get(g)?.figure;
    if figure.number().is_none() || label.contains("年均") || label.contains("平均") || label.contains("每年")
    {
        return None;
    }
    let ends = |words: &[&str]| words.iter().any(|w| label.ends_with(w));
    if ends(&UP) {
        return Some(1);
    }
    // 新增护理型床位1462张: what is added stands between
    let starts = ["新增", "增加"].iter().any(|w| label.starts_with(w)) && label.chars().count() <= 10;
    match (ends(&DOWN), starts && figure.base_unit().is_count()) {
        (true, _) => Some(-1),
        (false, true) => Some(1),
        (false, false) => None,
    }
}

/// The two values that a change lies between: 由A提高到B, or B，比A.
pub(super) fn ends<'a>(
    context: &Context<'a>,
    passage: &Passage<'a>,
    g: usize,
) -> Option<(&'a Figure, &'a Figure)> {
    let sentence = passage.sentence(g);
    let a = (sentence.start..g).rev().find(|j| passage.compared(*j))?;
    let from = passage.placed.get(a)?;
    let kin = |j: usize| {
        let p = passage.placed.get(j)?;
        (p.figure.base_unit().adds_to(from.figure.base_unit()) && p.figure.number().is_some())
            .then_some(p.figure)
    };
    let behind = (a + 1..g).find_map(|j| Some((j, kin(j)?)));
    if let Some((j, to)) = behind
        && TO.iter().any(|w| passage.gap(a, j).contains(w))
    {
        return Some((from.figure, to));
    }
    // 由A提高到B without a second value of the kind: its unit was lost
    let lead = passage.clause(a);
    if lead.contains('由') || lead.contains('从') {
        return None;
    }
    let before = (sentence.start..a).rev().find_map(|j| Some((j, kin(j)?)));
    if let Some((j, to)) = before {
        return (!passage.in_subset(j) && !passage.each(j)).then_some((from.figure, to));
    }
    // 社会组织数比2015年的268个增长34%: the value now stands in another sentence under the same name
    let named = context.metric(&from.figure.metric).iter().copied();
    let mut now = named.filter(|f| {
        f.id != from.figure.id
            && f.nature == from.figure.nature
            && !context.compared(f)
            && !f.metric.starts_with("figure_")
    });
    let to = now.next()?;
    let same = now.all(|f| f.base() == to.base());
    (same && to.base_unit().adds_to(from.figure.base_unit())).then_some((from.figure, to))
}

/// The change from one value to the other as a share of the first.
pub(super) fn relative(a: &Quantity<'_>, b: &Quantity<'_>) -> Option<(Exact, Span)> {
    let one = Exact::from_integer(1);
    if !a.span.lo.is_positive() {
        return None;
    }
    let ratio = b.span.over(&a.span)?;
    let value = b.value.checked_div(&a.value)?.checked_sub(&one)?;
    let hi = ratio.hi.and_then(|hi| hi.checked_sub(&one));
    Some((value, Span { lo: ratio.lo.checked_sub(&one)?, hi }))
}

pub(super) fn signed(span: &Span, sign: i128) -> Option<Span> {
    let sign = Exact::from_integer(sign);
    if sign.is_positive() {
        return Some(span.clone());
    }
    Some(Span { lo: span.hi? * sign, hi: Some(span.lo * sign) })
}

fn scaled(span: &Span, by: Exact) -> Span {
    Span { lo: span.lo * by, hi: span.hi.map(|hi| hi * by) }
}

/// 由0张增加到50张，增长100%: there is no such rate, whatever it says.
pub(super) fn no_base(from: &Figure, to: &Figure, stated: &Figure, a: &Quantity<'_>) -> Option<Finding> {
    // 0.0亿元 may be 400万元, which printing does not say
    let (verdict, end) = if a.span.is_point() {
        (Verdict::Probable, "基数为0，增长率无从计算，请改为增加的数量。")
    } else {
        (Verdict::Info, "基数印作0，增长率无从核对，宜列出更精确的基数。")
    };
    let sentence = format!("{}，{}，而{}，{end}", cite(from), cite(to), cite(stated));
    let found = Finding::new(FAMILY, verdict, &[&stated.id, &from.id, &to.id], sentence);
    Some(found.formula(format!("{} ÷ {} − 1", of_figure(to)?.formula, a.formula)))
}

/// 增长75%, 提高20个百分点, against the two values.
fn rate(context: &Context<'_>, passage: &Passage<'_>, g: usize, sign: i128) -> Option<Finding> {
    let stated = passage.placed.get(g)?.figure;
    let (from, to) = ends(context, passage, g)?;
    let (a, b, said) = (of_figure(from)?, of_figure(to)?, of_figure(stated)?);
    let points = stated.base_unit().is_points();
    let shares = from.base_unit().is_share();
    let hundredth = Exact::new(1, 100);
    let said_span = signed(&said.span, sign)?;
    // points of two shares need no base; a rate does
    let grown = relative(&a, &b);
    if grown.is_none() && a.value.is_zero() && !(points && shares) {
        return no_base(from, to, stated, &a);
    }
    let (growth, growth_span) = match grown {
        Some(both) => both,
        None if points && shares => (Exact::from_integer(0), Span::point(Exact::from_integer(0))),
        None => return None,
    };
    let minus = b.value.checked_sub(&a.value)?;
    let minus_span = b.span.minus(&a.span)?;
    let places = format!("{}，{}", cite(from), cite(to));
    let by = format!("{} ÷ {} − 1 = {}", b.formula, a.formula, percent(&growth));
    let apart = format!("{} − {} = {}", b.formula, a.formula, difference(&minus, from.base_unit()));
    let value = if points { said.value * hundredth } else { said.value } * Exact::from_integer(sign);
    let as_points = scaled(&said_span, hundredth);
    let (holds, formula, computed, remark) = match (points, shares) {
        // points of two shares
        (true, true) => (as_points.meets(&minus_span), apart.clone(), minus, String::new()),
        // points of two amounts: no such thing
        (true, false) => {
            let right = as_points.meets(&growth_span);
            let end = if right { "数值相合而单位不对" } else { "数值也不相合" };
            (false, by.clone(), growth, format!("绝对数的增幅应以“%”表示，不用百分点，{end}，"))
        }
        (false, false) => (said_span.meets(&growth_span), by.clone(), growth, String::new()),
        // per cent of two shares: meant as points, most likely
        (false, true) if said_span.meets(&growth_span) => (true, by.clone(), growth, String::new()),
        (false, true) => {
            let right = said_span.meets(&minus_span);
            let remark = if right { "两个比率之差应写作“个百分点”，" } else { "" };
            (false, apart.clone(), minus, remark.to_owned())
        }
    };
    let verdict = match (holds, remark.is_empty(), said.about || a.about || b.about) {
        (true, _, _) => Verdict::Holds,
        (false, true, false) => Verdict::Contradiction,
        _ => Verdict::Probable,
    };
    let end = if holds { "相符。" } else { "请核实。" };
    let sentence = if holds {
        format!("{places}，{formula}，与{}{end}", cite(stated))
    } else {
        format!("{places}，{formula}，而{}，{remark}{end}", cite(stated))
    };
    Some(
        Finding::new(FAMILY, verdict, &[&stated.id, &from.id, &to.id], sentence)
            .numbers(formula, value, computed, "比例"),
    )
}

/// 比5120张新增1880张; 到2025年达到6100张，…新增1790张, against the state of the same metric.
fn added<'a>(
    context: &Context<'a>,
    present: &mut HashMap<&'a str, Option<&'a Figure>>,
    passage: &Passage<'a>,
    d: usize,
    sign: i128,
) -> Option<Finding> {
    let stated = passage.placed.get(d)?.figure;
    let unit = stated.base_unit();
    if !(unit.is_count() || unit.is_money()) || stated.nature == Nature::Rule {
        return None;
    }
    let (from, to) = match ends(context, passage, d).filter(|(a, _)| a.base_unit().adds_to(unit)) {
        Some(both) => both,
        None => reached(context, present, passage, d)?,
    };
    let (a, b, said) = (of_figure(from)?, of_figure(to)?, of_figure(stated)?);
    let made = b.value.checked_sub(&a.value)?;
    let span = b.span.minus(&a.span)?;
    let holds = signed(&said.span, sign)?.meets(&span);
    let value = said.value * Exact::from_integer(sign);
    let formula = format!("{} − {} = {}", b.formula, a.formula, amount(&made, unit));
    let about = said.about || a.about || b.about;
    let verdict = match (holds, about) {
        (true, _) => Verdict::Holds,
        (false, false) => Verdict::Contradiction,
        (false, true) => Verdict::Probable,
    };
    let sentence = if holds {
        format!("{}，{}，{formula}，与{}相符。", cite(from), cite(to), cite(stated))
    } else {
        format!(
            "{}，{}，{formula}，而{}，相差{}，请核实。",
            cite(from),
            cite(to),
            cite(stated),
            difference(&made.checked_sub(&value)?, unit)
        )
    };
    Some(
        Finding::new(FAMILY, verdict, &[&stated.id, &from.id, &to.id], sentence)
            .numbers(formula, value, made, unit.to_string())
            .money((unit.is_money() && !holds).then(|| made - value)),
    )
}

/// What is to be reached in the same sentence, and where its metric stands now.
fn reached<'a>(
    context: &Context<'a>,
    present: &mut HashMap<&'a str, Option<&'a Figure>>,
    passage: &Passage<'a>,
    d: usize,
) -> Option<(&'a Figure, &'a Figure)> {
    let stated = passage.placed.get(d)?.figure;
    let label = passage.label(d);
    let before = (passage.sentence(d).start..d)
        .rev()
        .find(|j| passage.placed.get(*j).is_some_and(|p| p.figure.base_unit().adds_to(stated.base_unit())))?;
    let to = passage.placed.get(before)?.figure;
    let goal = matches!(to.nature, Nature::Target | Nature::Plan)
        && ["达到", "达", "增至", "增加到"].iter().any(|w| passage.label(before).ends_with(w));
    // 新增护理型床位 names another thing than what was reached, unless that was nursing beds too
    let named: String =
        label.trim_start_matches("五年").trim_start_matches(['新', '增', '加']).chars().collect();
    if !goal || !(named.is_empty() || passage.label(before).contains(&named)) {
        return None;
    }
    let now = *present.entry(to.metric.as_str()).or_insert_with(|| {
        let mut all = context.metric(&to.metric).iter().copied().filter(|f| {
            matches!(f.nature, Nature::Actual | Nature::DerivedCount)
                && f.base().is_some_and(|b| !b.is_zero())
        });
        let first = all.next()?;
        all.all(|f| f.base() == first.base()).then_some(first)
    });
    let now = now.filter(|n| n.base_unit().adds_to(to.base_unit()) && n.base() != to.base())?;
    Some((now, to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::plain;

    #[test]
    fn growth_keeps_what_printing_leaves_open() {
        let q = |v: i128| Quantity {
            value: Exact::from_integer(v),
            span: Span::point(Exact::from_integer(v)),
            unit: crate::figures::Unit::parse("家"),
            formula: plain(&Exact::from_integer(v)),
            figures: Vec::new(),
            about: false,
        };
        let (value, span) = relative(&q(310), &q(426)).unwrap();
        assert_eq!(percent(&value), "37.42%");
        assert!(span.is_point() && relative(&q(0), &q(5)).is_none());
    }
}
