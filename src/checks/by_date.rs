//! `rule`: figures against dated rules of the place.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use num_traits::{CheckedMul, CheckedSub, Signed};

use super::context::Context;
use super::phrase::{cite, difference};
use super::{Finding, Verdict};
use crate::figures::{Exact, Figure, Nature, TimeRef, from_decimal};
use crate::rules::{Relation, Rule};

const FAMILY: &str = "rule";

/// Every figure that a rule of the place speaks of.
pub(super) fn found(context: &Context<'_>) -> Vec<Finding> {
    let mut ids: Vec<&str> =
        context.rules.iter().filter(|r| r.relation != Relation::Fact).map(|r| r.id.as_str()).collect();
    ids.dedup();
    let kinds: Vec<(&str, Vec<&Rule>)> =
        ids.into_iter().map(|id| (id, context.rules.iter().filter(|r| r.id == id).collect())).collect();
    let mut findings = Vec::new();
    // One answer for each metric and subject: ledgers repeat them.
    let mut known: HashMap<(&str, &str), Vec<&str>> = HashMap::new();
    let mut told = HashSet::new();
    for figure in context.ledger {
        if matches!(
            figure.nature,
            Nature::Id | Nature::Idiom | Nature::Ordinal | Nature::Date | Nature::DerivedCount
        ) {
            continue;
        }
        let concerned = known.entry((&figure.metric, &figure.subject)).or_insert_with(|| {
            kinds
                .iter()
                .filter(|(_, rules)| rules.iter().any(|r| speaks_of(r, figure)))
                .map(|(id, _)| *id)
                .collect()
        });
        for id in concerned.iter().copied() {
            let Some(finding) = judge(context, id, figure) else { continue };
            // 540 元 printed twice is one finding
            if told.insert((id, figure.time_ref.as_str(), finding.verdict, figure.base())) {
                findings.push(finding);
            }
        }
    }
    findings
}

fn speaks_of(rule: &Rule, figure: &Figure) -> bool {
    if rule.metrics.contains(&figure.metric) {
        return true;
    }
    let words = |entry: &String| entry.split_whitespace().all(|w| figure.subject.contains(w));
    rule.subjects.iter().any(words) && !rule.not.iter().any(|n| figure.subject.contains(n.as_str()))
}

/// The rule's value in the figure's base units: months by the year, multiples of another figure.
fn value(context: &Context<'_>, rule: &Rule, figure: &Figure) -> Option<(Exact, String)> {
    let number = from_decimal(rule.value);
    let shown = format!("{}{}", rule.value.normalize(), rule.unit);
    if let Some(of) = &rule.of {
        let base = context.metric(of).iter().find(|f| f.time_ref == figure.time_ref)?;
        return Some((
            number.checked_mul(&base.base()?)?,
            format!("{}×{}", rule.value.normalize(), base.printed()),
        ));
    }
    let (from, to) = (rule.unit(), figure.base_unit());
    let value = number.checked_mul(&from.factor())?;
    if from.adds_to(to) {
        return Some((value, shown));
    }
    let (month, year) = (String::from("月"), String::from("年"));
    let monthly = from.of() == to.of() && from.per().contains(&month) && to.per().contains(&year);
    let others =
        |per: &[String]| per.iter().filter(|p| **p != month && **p != year).cloned().collect::<Vec<_>>();
    if monthly && others(from.per()) == others(to.per()) {
        return Some((value.checked_mul(&Exact::from_integer(12))?, shown));
    }
    // 岁, 年 and bare multiples carry no base unit in some ledgers
    (figure.base_unit.is_empty() && from.of() == to.of()).then_some((value, shown))
}

fn fails(rule: &Rule, stated: &Exact, asked: &Exact) -> bool {
    match rule.relation {
        Relation::AtLeast => stated < asked,
        Relation::AtMost => stated > asked,
        Relation::Equal => stated != asked,
        Relation::Fact => false,
    }
}

fn judge(context: &Context<'_>, id: &str, figure: &Figure) -> Option<Finding> {
    let stated = figure.base()?;
    let dated = !matches!(figure.time, TimeRef::Undated | TimeRef::Other | TimeRef::Annual);
    let compared = context.compared(figure);
    // 由35%提高到55%: what a goal starts from is no goal
    if compared && matches!(figure.nature, Nature::Target | Nature::Plan) {
        return None;
    }
    let goal = matches!(figure.nature, Nature::Target | Nature::Plan);
    // What is, at no stated time, is at the eve of the plan; a goal is for the plan's years.
    let eve = || context.plan_period.and_then(|(first, _)| first.pred_opt()).map(|day| (day, day));
    let (from, to) = figure
        .time
        .days()
        .or_else(|| context.issued.map(|m| (m.first, m.last)))
        .or_else(|| if goal { context.plan_period } else { eve() })?;
    // A target is to be reached at the end of its time.
    let from = if figure.nature == Nature::Target { to } else { from };
    let rules = context.rules.during(id, context.place, from, to);
    let rules: Vec<&Rule> =
        rules.into_iter().filter(|r| r.relation != Relation::Fact && speaks_of(r, figure)).collect();
    let failed: Vec<&Rule> = rules
        .iter()
        .copied()
        .filter(|r| value(context, r, figure).is_some_and(|(v, _)| fails(r, &stated, &v)))
        .collect();
    let Some(last) = failed.last() else {
        let rule = rules.last()?;
        return later(context, id, figure, to)
            .or_else(|| Some(holds(context, rule, figure, &stated)?.checked(id, figure)));
    };
    let whole = failed.len() == rules.len() && rules.first().is_some_and(|r| r.valid_from <= from);
    let verdict = match (dated, whole) {
        (false, _) => Verdict::Ambiguous,
        (true, true) => Verdict::Contradiction,
        (true, false) => Verdict::Probable,
    };
    // A rule that was made when the plan was out already binds what comes, not the plan.
    let unknown_then = context.issued.filter(|issued| last.valid_from > issued.last);
    if let Some(issued) = unknown_then {
        let known = failed.iter().rev().find(|r| r.valid_from <= issued.last);
        if known.is_none() {
            return Some(afterwards(context, last, figure, &stated)?.checked(id, figure));
        }
    }
    let last =
        failed.iter().rev().find(|r| unknown_then.is_none_or(|i| r.valid_from <= i.last)).unwrap_or(last);
    let start = if whole { String::new() } else { format!("自{}起", last.valid_from.max(from)) };
    Some(violation(context, last, figure, &stated, verdict, &start)?.checked(id, figure))
}

impl Finding {
    fn checked(mut self, id: &str, figure: &Figure) -> Self {
        self.check = format!("{FAMILY}:{id}:{}", figure.id);
        self
    }
}

fn sign(relation: Relation, fails: bool) -> &'static str {
    match (relation, fails) {
        (Relation::AtLeast, true) | (Relation::AtMost, false) => "≤",
        (Relation::AtLeast, false) | (Relation::AtMost, true) => "≥",
        (Relation::Equal, true) => "≠",
        _ => "=",
    }
}

fn holds(context: &Context<'_>, rule: &Rule, figure: &Figure, stated: &Exact) -> Option<Finding> {
    let (asked, shown) = value(context, rule, figure)?;
    let sentence = format!("{}，符合{}{shown}。", cite(figure), rule.cite());
    let formula = format!("{} {} {shown}", figure.printed(), sign(rule.relation, false));
    let unit = figure.base_unit().to_string();
    Some(Finding::new(FAMILY, Verdict::Holds, &[&figure.id], sentence).numbers(formula, *stated, asked, unit))
}

fn violation(
    context: &Context<'_>,
    rule: &Rule,
    figure: &Figure,
    stated: &Exact,
    verdict: Verdict,
    start: &str,
) -> Option<Finding> {
    let (asked, shown) = value(context, rule, figure)?;
    let gap = asked.checked_sub(stated)?;
    let unit = figure.base_unit();
    let months = rule.unit.contains('月') && unit.per().iter().any(|p| p == "年");
    let printed_gap = if months && rule.of.is_none() { gap / Exact::from_integer(12) } else { gap };
    let gap_words = if months && rule.of.is_none() {
        format!("{}元/月", crate::figures::plain(&printed_gap.abs()))
    } else {
        difference(&gap, unit)
    };
    let than = match rule.relation {
        Relation::AtLeast => "低于",
        Relation::AtMost => "高于",
        _ => "不同于",
    };
    let sentence = format!(
        "{}，{start}{than}{}{shown}，相差{gap_words}（依据{}），请核实执行时间或补提标准。",
        cite(figure),
        rule.cite(),
        rule.confidence.label()
    );
    let formula = format!(
        "{} {} {shown}",
        figure.printed(),
        if rule.relation == Relation::Equal {
            "≠"
        } else if gap.is_positive() {
            "<"
        } else {
            ">"
        }
    );
    Some(Finding::new(FAMILY, verdict, &[&figure.id], sentence).numbers(
        formula,
        *stated,
        asked,
        unit.to_string(),
    ))
}

/// A figure that a rule made later has overtaken.
fn afterwards(context: &Context<'_>, rule: &Rule, figure: &Figure, stated: &Exact) -> Option<Finding> {
    let mut finding = violation(context, rule, figure, stated, Verdict::Info, "")?;
    finding.sentence = format!(
        "{}；规划印发以后，{}起{}为{}{}，执行中应按新规定调整。",
        cite(figure),
        rule.valid_from,
        rule.label,
        rule.value.normalize(),
        rule.unit
    );
    Some(finding)
}

/// A standard that held in its year, and that a later rule had overtaken when the plan was issued.
fn later(context: &Context<'_>, id: &str, figure: &Figure, to: NaiveDate) -> Option<Finding> {
    let issued = context.issued?.last;
    if figure.nature != Nature::Standard || issued <= to {
        return None;
    }
    let newest = *context.newest.get(figure.metric.as_str())?;
    let rule =
        context.rules.during(id, context.place, issued, issued).into_iter().find(|r| r.valid_from > to)?;
    let (asked, _) = value(context, rule, figure)?;
    let stated = figure.base()?;
    if newest > to || rule.relation == Relation::Fact || !fails(rule, &stated, &asked) {
        return None;
    }
    let mut finding = violation(context, rule, figure, &stated, Verdict::Info, "")?;
    finding.sentence = format!(
        "{}，当年符合规定；但{}起{}已为{}{}，规划印发时该数已经过时，测算应按新标准。",
        cite(figure),
        rule.valid_from,
        rule.label,
        rule.value.normalize(),
        rule.unit
    );
    finding.check = format!("{FAMILY}:{id}:{}:later", figure.id);
    Some(finding)
}
