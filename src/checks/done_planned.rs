//! `done_planned`: the same thing counted as built and as planned.

use std::collections::{HashMap, HashSet};

use super::context::Context;
use super::phrase::{amount, cite, subject};
use super::term::Evaluator;
use super::{Claim, Declared, Finding, Term, Verdict};
use crate::error::Problem;
use crate::figures::{Figure, Nature};

const FAMILY: &str = "done_planned";

/// What is done and what is planned are one thing.
pub(super) fn declared(
    context: &Context<'_>,
    one: &Declared,
    actual: &Term,
    plan: &Term,
) -> Result<Vec<Finding>, Vec<Problem>> {
    let mut evaluator = Evaluator::new(context, one);
    let pair = evaluator.figure("actual", actual).zip(evaluator.figure("plan", plan));
    let found = pair.map(|(a, p)| {
        let equal = a.base().is_some() && a.base() == p.base();
        vec![judge(a, p, if equal { Verdict::Probable } else { Verdict::Ambiguous })]
    });
    evaluator.done(found)
}

fn judge(actual: &Figure, plan: &Figure, verdict: Verdict) -> Finding {
    let sentence = match verdict {
        Verdict::Probable => format!(
            "{}已作为成绩列出，{}又列为建设任务，同一{}既算已建又算拟建，请说明是新建还是重复计列。",
            cite(actual),
            cite(plan),
            subject(plan)
        ),
        _ => format!("{}列为已有，{}又列为拟建，是否包含已有部分，请说明。", cite(actual), cite(plan)),
    };
    let finding = Finding::new(FAMILY, verdict, &[&actual.id, &plan.id], sentence);
    match actual.base().zip(plan.base()) {
        Some((a, p)) if actual.base_unit().adds_to(plan.base_unit()) => {
            let unit = plan.base_unit();
            let formula = format!("已建{}，拟建{}", amount(&a, unit), amount(&p, unit));
            finding.numbers(formula, p, a, unit.to_string())
        }
        _ => finding,
    }
}

/// The same metric, or the same subject and unit, as `actual` and as `plan`.
pub(super) fn found(context: &Context<'_>, claimed: &[&Declared]) -> Vec<Finding> {
    let declared: HashSet<&str> = claimed
        .iter()
        .filter_map(|d| match &d.claim {
            Claim::DonePlanned { actual, plan } => Some([actual.ids(), plan.ids()].concat()),
            _ => None,
        })
        .flatten()
        .collect();
    let done =
        |f: &&Figure| matches!(f.nature, Nature::Actual | Nature::DerivedCount) && f.base_unit().is_count();
    // The first that is done, of each metric, and of each subject and kind of unit.
    let mut by_metric: HashMap<&str, &Figure> = HashMap::new();
    let mut by_subject: HashMap<(&str, &str), &Figure> = HashMap::new();
    for figure in context.ledger.iter().filter(done) {
        by_metric.entry(&figure.metric).or_insert(figure);
        by_subject.entry((subject(figure), figure.kind())).or_insert(figure);
    }
    let mut findings: Vec<Finding> = Vec::new();
    let mut told = HashSet::new();
    for plan in context.ledger.iter().filter(|f| f.nature == Nature::Plan && f.base_unit().is_count()) {
        let same_metric = by_metric.get(plan.metric.as_str());
        // a ledger that names no subject says nothing of what its figures are
        let named = || by_subject.get(&(subject(plan), plan.kind())).filter(|_| !subject(plan).is_empty());
        let same_thing = same_metric.or_else(named);
        let Some(actual) = same_thing.copied() else { continue };
        if !told.insert((plan.metric.as_str(), plan.base())) || declared.contains(plan.id.as_str()) {
            continue;
        }
        if !builds(context, plan) || context.compared(actual) {
            continue;
        }
        let verdict = if actual.base() == plan.base() { Verdict::Probable } else { Verdict::Ambiguous };
        // 新设4个 is beside the 38 that are there; 建设 may have them in it
        if verdict == Verdict::Probable || !adds(context, plan) {
            findings.push(judge(actual, plan, verdict));
        }
    }
    findings
}

/// The words of a plan's clause up to its number, and what it counts.
fn said<'c>(context: &'c Context<'_>, plan: &'c Figure) -> (&'c str, &'c str) {
    context
        .words(plan)
        .map_or((plan.phrase.as_str(), ""), |(passage, i)| (passage.clause(i), passage.tail(i)))
}

/// Whether the words build, buy or set up what they count; 14个乡镇（街道）全部设立 counts townships,
/// which nobody builds.
fn builds(context: &Context<'_>, plan: &Figure) -> bool {
    const PLACES: [&str; 8] = ["乡镇", "街道", "镇", "乡", "村", "社区", "县", "区"];
    let (clause, tail) = said(context, plan);
    let thing = tail.split(['（', '均', '都', '全', '要', '建', '设', '实']).next().unwrap_or_default();
    let place = PLACES.iter().any(|p| thing.ends_with(p)) || clause.ends_with(['在', '对']);
    !place && ["建", "新", "设", "购", "添置", "改造"].iter().any(|w| clause.contains(w))
}

fn adds(context: &Context<'_>, plan: &Figure) -> bool {
    let (clause, _) = said(context, plan);
    ["新", "增", "再", "扩"].iter().any(|w| clause.contains(w) || plan.phrase.contains(w))
}
