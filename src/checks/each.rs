//! `product`, by the words: 6台，每台120万元，共720万元; 人均救助1800元; 年均1.64亿元; 每千名老年人拥有床位32张.

use num_traits::{CheckedDiv, CheckedMul, CheckedSub};

use super::classes::{is_component, is_funding};
use super::context::Context;
use super::passage::Passage;
use super::phrase::{amount, cite, common};
use super::product::judge;
use super::term::{Quantity, of_figure, product, sum};
use super::{Finding, Verdict};
use crate::figures::number::numeral;
use crate::figures::{Exact, Figure, Nature, Unit, plain};

/// Words of a total.
const TOTAL: [&str; 9] = ["总", "共", "合计", "计", "需", "投资", "资金", "支出", "投入"];
/// What a value may be per, the longest first; a place (每村) is not counted by a counter.
const THINGS: [&str; 20] = [
    "平方米",
    "㎡",
    "平米",
    "m²",
    "张",
    "名",
    "人",
    "户",
    "台",
    "个",
    "处",
    "所",
    "座",
    "间",
    "套",
    "站",
    "栋",
    "辆",
    "家",
    "对",
];

/// What the sentences of the plan's own text imply; `told` has the figures that are multiplied already.
pub(super) fn found(context: &Context<'_>, told: &std::collections::HashSet<String>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for passage in context.passages.iter().filter(|p| p.whole) {
        let mut several = std::collections::HashSet::new();
        for t in 0..passage.placed.len() {
            if let Some(finding) = kinds_of_one(passage, t) {
                several.extend(finding.figures.clone());
                findings.push(finding);
            }
        }
        for (e, p) in passage.placed.iter().enumerate() {
            findings.extend(yearly(passage, e));
            findings.extend(density(context, passage, e));
            let id = &p.figure.id;
            if !told.contains(id) && !several.contains(id) {
                findings.extend(single(passage, e));
            }
        }
    }
    findings
}

/// What a figure's words make it per: 台 of 每台120万元, 人 of 人均1800元.
fn thing<'t>(passage: &'t Passage<'_>, e: usize) -> Option<&'t str> {
    let figure = passage.placed.get(e)?.figure;
    let unit = figure.base_unit();
    let label = passage.label(e);
    if unit.of() != "元"
        || figure.number().is_none()
        || matches!(figure.nature, Nature::Rule | Nature::Standard)
    {
        return None;
    }
    if ["年", "月", "日"]
        .iter()
        .any(|w| label.contains(&format!("每{w}")) || label.contains(&format!("{w}均")))
    {
        return None;
    }
    if let [per] = unit.per() {
        let known = THINGS.iter().copied().find(|t| t == per);
        return known.or_else(|| unit.is_each().then_some("个"));
    }
    if !unit.per().is_empty() {
        return None;
    }
    if let Some(at) = label.rfind('每') {
        let rest = label.get(at + '每'.len_utf8()..)?;
        return THINGS.iter().copied().find(|t| rest.starts_with(t));
    }
    let by = [("人均", "人"), ("户均", "户"), ("单价", "个"), ("单个", "个"), ("单台", "台")];
    by.iter().find(|(w, _)| label.contains(w)).map(|(_, t)| *t)
}

/// Whether a figure counts such things.
fn counts(passage: &Passage<'_>, j: usize, thing: &str) -> bool {
    let Some(p) = passage.placed.get(j) else { return false };
    let unit = p.figure.base_unit();
    let fits = match thing {
        "张" => unit.is_beds(),
        "平方米" | "㎡" | "平米" | "m²" => unit.is_area(),
        "名" | "人" => matches!(unit.of(), "人" | "人次") && unit.per().is_empty(),
        "户" | "对" => unit.of() == thing && unit.per().is_empty(),
        _ => unit.is_counter(),
    };
    let one = p.figure.base() == Some(Exact::from_integer(1));
    fits && !one
        && p.figure.number().is_some()
        && !passage.each(j)
        && !passage.compared(j)
        && !matches!(p.figure.nature, Nature::Id | Nature::Idiom | Nature::Ordinal | Nature::Rule)
}

fn is_total(passage: &Passage<'_>, j: usize) -> bool {
    let Some(p) = passage.placed.get(j) else { return false };
    let label = passage.label(j);
    p.figure.is_money()
        && !passage.each(j)
        && !passage.compared(j)
        && !label.contains("已")
        && TOTAL.iter().any(|w| label.contains(w))
}

/// One value per thing, their number and the total: in one sentence, or with a total and a size that the
/// paragraph states before it (平均每张床位投资30.8万元).
fn single(passage: &Passage<'_>, e: usize) -> Option<Finding> {
    let thing = thing(passage, e)?;
    let each = passage.placed.get(e)?;
    let sentence = passage.sentence(e);
    let label = passage.label(e);
    let mean = label.contains('均') || label.contains("造价");
    let behind = (e + 1..sentence.end).find(|j| is_total(passage, *j));
    let ahead = || {
        (sentence.start..e).rev().find(|j| {
            let label = passage.label(*j);
            is_total(passage, *j)
                && !is_component(label)
                && !passage.in_subset(*j)
                && (label.contains('总') || mean)
                && !is_funding_part(passage, *j)
        })
    };
    let further = || {
        (0..sentence.start)
            .rev()
            .find(|j| is_total(passage, *j) && passage.label(*j).contains("总投资"))
            .filter(|_| mean)
    };
    // 人均 and 平均 divide what was said; 每台 multiplies to what follows
    let t = if mean { ahead().or_else(further).or(behind) } else { behind.or_else(ahead) }?;
    // another amount between the two belongs to something else
    let (low, high) = (e.min(t), e.max(t));
    if (low + 1..high)
        .any(|j| passage.placed.get(j).is_some_and(|p| p.figure.is_money() && !passage.in_subset(j)))
    {
        return None;
    }
    let total = passage.placed.get(t)?;
    let near = (sentence.start..sentence.end).filter(|j| *j != e && counts(passage, *j, thing));
    let mut candidates: Vec<usize> = near.collect();
    let within = !candidates.is_empty();
    if !within && mean {
        candidates.extend((0..sentence.start).filter(|j| counts(passage, *j, thing)));
    }
    // a part is no number of the whole
    if candidates.iter().any(|j| !passage.in_subset(*j)) {
        candidates.retain(|j| !passage.in_subset(*j));
    }
    candidates.sort_by_key(|j| (*j > e, j.abs_diff(e)));
    let whole = of_figure(total.figure)?;
    let value = Quantity { unit: Unit::parse("元"), ..of_figure(each.figure)? };
    let made = |j: usize| {
        let count = of_figure(passage.placed.get(j)?.figure)?;
        let unit = Unit::parse("元");
        Some(Quantity { unit, ..product(&[count, value.clone()])? })
    };
    let all: Vec<Quantity<'_>> = candidates.iter().filter_map(|j| made(*j)).collect();
    if let Some(holds) = all.iter().find(|m| m.span.meets(&whole.span)) {
        return judge(&whole, holds);
    }
    let made = all.first()?;
    // ten times too much or too little is another thing's price
    let ratio = made.value.checked_div(&whole.value)?;
    if ratio >= Exact::from_integer(10) || ratio <= Exact::new(1, 10) {
        return None;
    }
    let mut finding = judge(&whole, made)?;
    let sure = within && all.len() == 1 && sentence.contains(&t) && !passage.in_subset(t);
    if !sure && finding.verdict == Verdict::Contradiction {
        finding.verdict = Verdict::Probable;
    }
    Some(finding)
}

fn is_funding_part(passage: &Passage<'_>, j: usize) -> bool {
    let label = passage.label(j);
    is_funding(label) && !label.contains('总') && passage.in_subset(j)
}

/// 新建6个、改建8个，新建每个100万元，改建每个50万元，总投资1000万元: each value with the number of its name.
fn kinds_of_one(passage: &Passage<'_>, t: usize) -> Option<Finding> {
    let total = passage.placed.get(t)?;
    if !is_total(passage, t) {
        return None;
    }
    let sentence = passage.sentence(t);
    let values: Vec<usize> = (sentence.start..t).filter(|e| thing(passage, *e).is_some()).collect();
    if values.len() < 2 || (sentence.start..t).any(|j| is_total(passage, j)) {
        return None;
    }
    let mut parts = Vec::new();
    for e in values {
        let named = passage.label(e).trim_start_matches("其中");
        let count = (sentence.start..t).find(|j| {
            counts(passage, *j, thing(passage, e).unwrap_or_default())
                && common(named, passage.label(*j)).chars().count() >= 2
        })?;
        let made = product(&[
            of_figure(passage.placed.get(count)?.figure)?,
            of_figure(passage.placed.get(e)?.figure)?,
        ])?;
        parts.push(Quantity { unit: Unit::parse("元"), ..made });
    }
    judge(&of_figure(total.figure)?, &sum(&parts)?)
}

/// 五年累计8.2亿元，年均1.64亿元; 每年200人次，五年累计1000人次.
fn yearly(passage: &Passage<'_>, e: usize) -> Option<Finding> {
    let mean = passage.placed.get(e)?.figure;
    let label = passage.label(e);
    if !label.contains('年') {
        return None;
    }
    let said = ["年均", "每年", "平均每年"].iter().any(|w| label.contains(w));
    let other = ["增", "降", "提高", "率", "人均", "每人", "名"].iter().any(|w| label.contains(w));
    if !said || other || mean.base_unit().is_share() || mean.base_unit().is_points() {
        return None;
    }
    let t = passage.sentence(e).find(|j| {
        let label = passage.label(*j);
        *j != e
            && (label.contains("累计") || label.contains("共") || passage.clause(*j).contains("累计"))
            && passage.placed.get(*j).is_some_and(|p| p.figure.base_unit().of() == mean.base_unit().of())
            && common(label, passage.label(e)).chars().count()
                + usize::from(passage.label(e).ends_with("年均"))
                > 0
    })?;
    let total = passage.placed.get(t)?;
    let years = number_of_years(passage, t)?;
    let value = of_figure(mean)?;
    let n = Exact::from_integer(years);
    let made = Quantity {
        value: value.value.checked_mul(&n)?,
        span: value.span.times(&crate::figures::Span::point(n))?,
        unit: total.figure.base_unit().clone(),
        formula: format!("{} × {years}", value.formula),
        ..value
    };
    judge(&of_figure(total.figure)?, &made)
}

/// 五年, “十三五”, 2016年至2020年, of the clause in which the total stands.
fn number_of_years(passage: &Passage<'_>, t: usize) -> Option<i128> {
    let p = passage.placed.get(t)?;
    let before = passage.text.get(..p.start)?;
    let sentence = before.rsplit(['。', '；']).next().unwrap_or_default();
    let chars: Vec<char> = sentence.chars().collect();
    let mut last = None;
    for (i, _) in chars.iter().enumerate().filter(|(_, c)| **c == '年') {
        let at = i.checked_sub(1)?;
        if !"二两三四五六七八九十".contains(chars[at])
            || at.checked_sub(1).is_some_and(|b| "第十百〇二一".contains(chars[b]))
        {
            continue;
        }
        let read = numeral(&chars[at..i]).filter(|n| n.value.scale() == 0).map(|n| n.value.mantissa());
        last = read.or(last);
    }
    let plan = || ["十二五", "十三五", "十四五"].iter().any(|w| sentence.contains(w)).then_some(5);
    last.or_else(plan).filter(|n| (2..=15).contains(n))
}

/// 每千名老年人拥有养老床位38.5张: beds of the paragraph over the old people of the plan.
fn density(context: &Context<'_>, passage: &Passage<'_>, d: usize) -> Option<Finding> {
    let stated = passage.placed.get(d)?.figure;
    let clause = passage.clause(d);
    if !clause.contains('每') {
        return None;
    }
    let (at, per) = [("每千名", 1000), ("每千", 1000), ("每万名", 10_000), ("每万", 10_000), ("每百名", 100)]
        .iter()
        .find_map(|(w, n)| clause.find(w).map(|at| (at + w.len(), *n)))?;
    let rest = clause.get(at..)?;
    let (of, what) = ["拥有", "享有", "配有", "配备", "有"].iter().find_map(|w| rest.split_once(w))?;
    let of = of.trim_start_matches(['名', '人', '的']);
    if of.chars().count() < 2 || stated.nature == Nature::Target || stated.nature == Nature::Plan {
        return None;
    }
    let unit = stated.base_unit().of();
    let counted = (0..passage.placed.len()).filter(|j| {
        *j != d
            && passage.placed.get(*j).is_some_and(|p| {
                p.figure.base_unit().of() == unit
                    && p.figure.base_unit().per().is_empty()
                    && !matches!(p.figure.nature, Nature::Target | Nature::Plan)
            })
            && common(what, passage.label(*j)).chars().count() >= 2
            && !passage.each(*j)
    });
    let count = counted.max_by_key(|j| passage.placed.get(*j).and_then(|p| p.figure.base()))?;
    let count = passage.placed.get(count)?.figure;
    let n = Exact::from_integer(per);
    let rate = of_figure(stated)?;
    // 张/千人 carries its thousand in the unit
    let rate = if stated.base_unit().per().is_empty() {
        Quantity {
            span: rate.span.over(&crate::figures::Span::point(n))?,
            value: rate.value.checked_div(&n)?,
            ..rate
        }
    } else {
        rate
    };
    let of_people = |f: &&Figure| {
        let named = f.subject.contains(of) || f.phrase.contains(of);
        f.base_unit().of() == "人"
            && f.base_unit().per().is_empty()
            && named
            && matches!(f.nature, Nature::Actual | Nature::DerivedCount)
            && f.base() > count.base()
            // 失能老年人, 农村老年人, 80岁以上老年人 are some of them
            && !["失能", "留守", "特困", "农村", "80", "65", "高龄", "独居", "经济困难"].iter().any(|w| f.phrase.contains(w) || f.subject.contains(w))
    };
    let people: Vec<&Figure> = context.ledger.iter().filter(of_people).take(8).collect();
    let top = of_figure(count)?;
    let mut first = None;
    for base in people {
        let below = of_figure(base)?;
        let span = top.span.over(&below.span)?;
        let computed = top.value.checked_div(&below.value)?.checked_mul(&n)?;
        let holds = span.meets(&rate.span);
        let shown =
            crate::figures::to_decimal(&computed, 1).map_or_else(|| plain(&computed), |x| x.to_string());
        let formula = format!("{} ÷ {} × {per} = {shown}", top.formula, below.formula);
        let sentence = if holds {
            format!("{}与{}、{}相符（{formula}）。", cite(stated), cite(count), cite(base))
        } else {
            format!(
                "{}，而按{}、{}计算，{formula}，相差{}，请核实口径。",
                cite(stated),
                cite(count),
                cite(base),
                crate::figures::to_decimal(&computed.checked_sub(&rate.value.checked_mul(&n)?)?, 1)?
                    .abs()
                    .to_string()
                    + unit
            )
        };
        let verdict = if holds { Verdict::Holds } else { Verdict::Probable };
        let finding = Finding::new("product", verdict, &[&stated.id, &count.id, &base.id], sentence).numbers(
            formula,
            rate.value.checked_mul(&n)?,
            computed,
            format!(
                "{}/{per}人",
                amount(&Exact::from_integer(1), &Unit::parse(unit)).trim_start_matches('1')
            ),
        );
        if holds {
            return Some(finding);
        }
        first = first.or(Some(finding));
    }
    first
}
