//! `unit_cost`: costs per bed, per ㎡, per centre that lie 3× or more apart within a kind.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use num_traits::{CheckedDiv, CheckedMul, Signed};

use super::classes::{is_component, is_funding};
use super::context::Context;
use super::phrase::{amount, cite, subject};
use super::product::{count_before, is_each};
use super::term::{Evaluator, Quantity, of_figure, product, sum};
use super::{Declared, Finding, Term, Verdict};
use crate::error::Problem;
use crate::figures::{Exact, Figure, Nature, Unit};

const FAMILY: &str = "unit_cost";
/// How far apart two unit costs of a kind may lie.
const APART: i128 = 3;

/// What a thing costs per unit of its capacity.
struct Item<'a> {
    cost: Exact,
    each: Exact,
    formula: String,
    name: String,
    figures: Vec<&'a Figure>,
}

/// Cost ÷ size of each item, compared within the kind that the case names.
pub(super) fn declared(
    context: &Context<'_>,
    one: &Declared,
    kind: &str,
    items: &[(Term, Term)],
) -> Result<Vec<Finding>, Vec<Problem>> {
    let mut evaluator = Evaluator::new(context, one);
    let read: Vec<Option<(Quantity<'_>, Quantity<'_>)>> = items
        .iter()
        .map(|(cost, size)| evaluator.quantity("cost", cost).zip(evaluator.quantity("size", size)))
        .collect();
    let found = read.into_iter().collect::<Option<Vec<_>>>().and_then(|pairs| {
        let costs: Vec<_> = pairs.iter().map(|p| p.0.clone()).collect();
        let sizes: Vec<_> = pairs.iter().map(|p| p.1.clone()).collect();
        evaluator.addable("cost", &costs)?;
        evaluator.addable("size", &sizes)?;
        let unit = format!("元/{}", sizes.first()?.unit);
        let items: Vec<Item<'_>> = pairs.iter().map(|(c, s)| item(c, s)).collect::<Option<_>>()?;
        compare(kind, &unit, items, true).map(|f| vec![f])
    });
    evaluator.done(found)
}

fn item<'a>(cost: &Quantity<'a>, size: &Quantity<'a>) -> Option<Item<'a>> {
    let each = cost.value.checked_div(&size.value)?;
    let figures: Vec<&Figure> = cost.figures.iter().chain(&size.figures).copied().collect();
    let name = cost.figures.first().map_or("", |f| subject(f));
    let name = ["总投资", "投资", "投入", "造价"]
        .iter()
        .find_map(|s| name.strip_suffix(s))
        .unwrap_or(name)
        .trim_start_matches('每')
        .trim_start_matches('个');
    let formula = format!("{} ÷ {} = {}", cost.formula, bracketed(size), amount(&each, &Unit::parse("元")));
    each.is_positive().then(|| Item { cost: cost.value, each, formula, name: name.to_owned(), figures })
}

/// A sum or a product below the line stands in brackets.
fn bracketed(size: &Quantity<'_>) -> String {
    let open = size.formula.contains([' ']) && !size.formula.starts_with('(');
    if open { format!("({})", size.formula) } else { size.formula.clone() }
}

/// One finding for a kind: the cheapest against the dearest, all items told.
fn compare(kind: &str, unit: &str, mut items: Vec<Item<'_>>, always: bool) -> Option<Finding> {
    items.sort_by(|a, b| a.each.cmp(&b.each).then_with(|| a.formula.cmp(&b.formula)));
    let (low, high) = (items.first()?, items.last()?);
    let apart = high.each.checked_div(&low.each)?;
    let outlier = apart >= Exact::from_integer(APART);
    if items.len() < 2 || (!outlier && !always) {
        return None;
    }
    let mut known = HashSet::new();
    let all = items.iter().flat_map(|i| &i.figures).map(|f| f.id.as_str());
    let ids: Vec<&str> = all.filter(|id| known.insert(*id)).collect();
    let per = Unit::parse(unit);
    let list: Vec<String> = items.iter().map(|i| format!("{}{}", i.name, amount(&i.each, &per))).collect();
    let verdict = if outlier { Verdict::Ambiguous } else { Verdict::Holds };
    let times = crate::figures::to_decimal(&apart, 1).map_or_else(String::new, |d| d.to_string());
    let place = |i: &Item<'_>| i.figures.iter().map(|f| cite(f)).collect::<Vec<_>>().join("、");
    let sentence = if outlier {
        format!(
            "{kind}单位造价相差悬殊：{}，最高为最低的{times}倍（{}），请说明标准差异或核实金额。",
            list.join("，"),
            items.iter().map(place).collect::<Vec<_>>().join("；")
        )
    } else {
        format!("{kind}单位造价：{}，最高为最低的{times}倍，未见悬殊。", list.join("，"))
    };
    let formula = items.iter().map(|i| i.formula.clone()).collect::<Vec<_>>().join("；");
    Some(
        Finding::new(FAMILY, verdict, &ids, sentence)
            .numbers(formula, low.each, high.each, unit)
            .money(outlier.then_some(high.cost)),
    )
}

/// Costs that stand by their beds or floor area, or share their metric's name, and unit costs that
/// are stated twice.
pub(super) fn found(context: &Context<'_>) -> Vec<Finding> {
    let mut kinds = Kinds::new();
    let mut seen = BTreeSet::new();
    for figures in &context.by_paragraph {
        for (i, money) in figures.iter().enumerate() {
            if !matches!(money.nature, Nature::Plan | Nature::Actual) || buys_a_part(context, money) {
                continue;
            }
            for (kind, size) in beside(context, figures, i).into_iter().chain(by_name(context, money)) {
                push(&mut kinds, &mut seen, kind, money, &size);
            }
        }
    }
    let label = |kind: &str| if kind == "张" { "每张床位" } else { "每平方米" };
    let mut findings: Vec<Finding> = kinds
        .into_iter()
        .filter_map(|((kind, _), items)| compare(label(kind), &format!("元/{kind}"), items, false))
        .collect();
    findings.extend(centres(context));
    findings
}

/// 其中设备采购1500万元, 每台120万元: what buys a part of a thing is not its price.
fn buys_a_part(context: &Context<'_>, money: &Figure) -> bool {
    let Some((passage, i)) = context.words(money) else { return false };
    let label = passage.label(i);
    money.is_money()
        && (passage.in_subset(i)
            || is_component(label)
            || is_funding(label)
            || passage.each(i)
            || label.contains("已完成"))
}

/// 其中护理型床位350张: within the beds before it, so not to be added to them.
fn is_part(context: &Context<'_>, beds: &Figure) -> bool {
    if beds.phrase.starts_with("其中") {
        return true;
    }
    let Some((passage, i)) = context.words(beds) else { return false };
    let whole = (0..i)
        .rev()
        .filter_map(|j| Some((j, passage.placed.get(j)?)))
        .find(|(j, p)| p.figure.base_unit().is_beds() && !passage.in_subset(*j));
    passage.in_subset(i) && whole.is_some_and(|(_, p)| p.figure.base() >= beds.base())
}

type Kinds<'a> = BTreeMap<(&'a str, Nature), Vec<Item<'a>>>;

fn push<'a>(
    kinds: &mut Kinds<'a>,
    seen: &mut BTreeSet<(&'a str, String, Exact)>,
    kind: &'a str,
    money: &'a Figure,
    size: &Quantity<'a>,
) {
    let Some(found) = of_figure(money).and_then(|cost| item(&cost, size)) else { return };
    // 每个 stands before beds and money alike; the plan and its table state a thing twice
    if seen.insert((kind, stem(&money.metric), found.each)) {
        kinds.entry((kind, money.nature)).or_default().push(found);
    }
}

/// The thing that a metric measures: `mental_centers_area` → `mental_center`.
fn stem(metric: &str) -> String {
    const ENDS: [&str; 14] = [
        "_unit_cost",
        "_cost_each",
        "_invest",
        "_investment",
        "_total",
        "_cost",
        "_fund",
        "_amount",
        "_beds",
        "_area",
        "_bed",
        "_places",
        "_each",
        "_plan",
    ];
    let cut = ENDS.iter().find_map(|e| metric.strip_suffix(e)).unwrap_or(metric);
    cut.strip_suffix('s').unwrap_or(cut).to_owned()
}

/// Beds that stand by an amount: 项目投资7850万元 … 养老床位280张，其中…，儿童床位300张; 新增200张床位，
/// 总投资2000万元; 每个新增50张床位，每个投资200万.
fn beside<'a>(context: &Context<'_>, figures: &[&'a Figure], i: usize) -> Vec<(&'static str, Quantity<'a>)> {
    let money = figures[i];
    let is_beds = |f: &Figure| f.base_unit().is_beds();
    let beds_each = |f: &Figure| f.base_unit().of() == "张" && is_each(f.base_unit());
    if is_each(money.base_unit()) && money.base_unit().of() == "元" {
        let near = i.checked_sub(1).and_then(|b| figures.get(b)).into_iter().chain(figures.get(i + 1));
        let found = near.filter(|f| beds_each(f)).find_map(|f| of_figure(f));
        return found.map(|q| ("张", q)).into_iter().collect();
    }
    if !money.is_money() {
        return Vec::new();
    }
    // after the amount, perhaps behind a count of sites
    let mut after = figures.iter().skip(i + 1).peekable();
    if after.peek().is_some_and(|f| f.base_unit().is_count() && !is_beds(f) && context.one_sentence(money, f))
    {
        after.next();
    }
    let mut beds: Vec<Quantity<'_>> = Vec::new();
    for f in after.take_while(|f| is_beds(f)) {
        if !is_part(context, f) {
            beds.extend(of_figure(f));
        }
    }
    if beds.is_empty() {
        // before it, in one sentence, unless an amount stands before those already
        let mut before =
            figures[..i].iter().rev().take_while(|f| is_beds(f) && context.one_sentence(f, money));
        beds.extend(before.by_ref().filter(|f| !is_part(context, f)).filter_map(|f| of_figure(f)));
        let first = figures[..i].iter().rev().position(|f| !is_beds(f)).and_then(|n| figures.get(i - 1 - n));
        if first.is_some_and(|f| f.is_money() && context.one_sentence(f, money)) {
            beds.clear();
        }
    }
    sum(&beds).map(|q| ("张", q)).into_iter().collect()
}

/// Beds and floor area with the metric's own name, wherever they stand.
fn by_name<'a>(context: &Context<'a>, money: &'a Figure) -> Vec<(&'static str, Quantity<'a>)> {
    if !money.is_money() || money.metric.ends_with("_plan") {
        return Vec::new();
    }
    let of = stem(&money.metric);
    let mut found = Vec::new();
    for (kind, end) in [("张", "_beds"), ("㎡", "_area")] {
        let named = [format!("{of}{end}"), format!("{of}s{end}")];
        let size = named.iter().flat_map(|n| context.metric(n)).find(|f| f.nature == money.nature);
        let size =
            size.filter(|f| f.base_unit().is_beds() || f.base_unit().is_area()).and_then(|f| of_figure(f));
        found.extend(size.map(|q| (kind, q)));
    }
    found
}

/// One kind of centre with several unit costs.
fn centres(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for figures in context.by_metric.values() {
        let each: Vec<&Figure> = figures
            .iter()
            .copied()
            .filter(|f| is_each(f.base_unit()) && f.base_unit().of() == "元" && f.nature == Nature::Plan)
            .collect();
        let costs: BTreeSet<Exact> =
            each.iter().filter_map(|f| f.base()).filter(|c| c.is_positive()).collect();
        let (Some(low), Some(high)) = (costs.first(), costs.last()) else { continue };
        if low.checked_mul(&Exact::from_integer(APART)).is_none_or(|l| l > *high) {
            continue;
        }
        let find = |cost: &Exact| each.iter().find(|f| f.base().as_ref() == Some(cost)).copied();
        let (Some(a), Some(b)) = (find(low), find(high)) else { continue };
        let apart = crate::figures::to_decimal(&high.checked_div(low).unwrap_or_default(), 1)
            .map_or_else(String::new, |d| d.to_string());
        let counts = context.by_line.get(&b.line).and_then(|line| {
            let at = line.iter().position(|f| f.id == b.id)?;
            product(&[of_figure(count_before(context, line, at)?)?, of_figure(b)?])
        });
        let sentence = format!("{}与{}，同类设施单价相差{apart}倍，请核实建设标准与金额。", cite(a), cite(b));
        findings.push(
            Finding::new(FAMILY, Verdict::Probable, &[&a.id, &b.id], sentence)
                .numbers(
                    format!("{} ÷ {} = {apart}", b.printed(), a.printed()),
                    *low,
                    *high,
                    b.base_unit().to_string(),
                )
                .money(counts.map(|c| c.value)),
        );
    }
    findings
}
