//! `period`: money against the years that it can fall in; dates that the plan has overtaken.

use std::collections::HashSet;

use chrono::Datelike;
use num_traits::{CheckedMul, CheckedSub, Signed};

use super::context::Context;
use super::phrase::{amount, cite, common, subject};
use super::term::{Evaluator, of_figure};
use super::{Claim, Declared, Finding, Term, Verdict};
use crate::error::Problem;
use crate::figures::{Exact, Figure, Nature, TimeRef};

const FAMILY: &str = "period";

/// Money said to fall into the plan's years, of works that run from `start` to `end`.
pub(super) fn declared(
    context: &Context<'_>,
    one: &Declared,
    money: &Term,
    start: &Term,
    end: &Term,
) -> Result<Vec<Finding>, Vec<Problem>> {
    let mut evaluator = Evaluator::new(context, one);
    let figure = evaluator.figure("money", money);
    let (start, end) = (evaluator.quantity("start", start), evaluator.quantity("end", end));
    if let Some(figure) = figure.filter(|f| !f.is_money()) {
        evaluator.tell("money", &figure.id, "not an amount of money", "a figure in 元, 万元 or 亿元");
    }
    let year = |q: &super::term::Quantity<'_>| {
        i32::try_from(q.value.to_integer()).ok().filter(|y| (1900..2200).contains(y))
    };
    let years = start.as_ref().and_then(year).zip(end.as_ref().and_then(year)).filter(|(a, b)| a <= b);
    if start.is_some() && end.is_some() && years.is_none() {
        evaluator.tell("start", "", "not the years of works", "start and end as years, the start first");
    }
    if context.plan_period.is_none() {
        evaluator.tell(
            "money",
            "",
            "the plan's own years are not known",
            "a figure with the metric plan_period",
        );
    }
    let found = (|| {
        let (a, b) = context.plan_period?;
        let mut finding = outside(figure?, None, years?, (a.year(), b.year()))?;
        let more = [start.as_ref()?.ids(), end.as_ref()?.ids()].concat();
        finding.figures.extend(more.into_iter().map(str::to_owned));
        Some(vec![finding])
    })();
    evaluator.done(found)
}

/// The part of `money` that falls outside the plan's years if it is spent evenly over the works' years.
fn outside(money: &Figure, whole: Option<&Figure>, works: (i32, i32), plan: (i32, i32)) -> Option<Finding> {
    let total = money.base()?;
    let years = works.1 - works.0 + 1;
    let inside = (works.1.min(plan.1) - works.0.max(plan.0) + 1).max(0);
    let even = total.checked_mul(&Exact::new(i128::from(inside), i128::from(years)))?;
    let gap = even.checked_sub(&total)?;
    let unit = money.base_unit();
    let verdict = if inside == years { Verdict::Holds } else { Verdict::Probable };
    let formula = format!("{} × {inside}/{years} = {}", money.printed(), amount(&even, unit));
    let whole_words = whole.map_or_else(String::new, |w| format!("，总投资为{}", w.printed()));
    let sentence = if inside == years {
        format!(
            "{}，工期{}至{}年，都在规划期{}至{}年之内，相符。",
            cite(money),
            works.0,
            works.1,
            plan.0,
            plan.1
        )
    } else {
        format!(
            "{}{whole_words}，全数列入规划期（{}至{}年），但工期为{}至{}年，{years}年中只有{inside}年在规划期内；按年均摊，规划期内约{}，其余{}不应计入，请核实。",
            cite(money),
            plan.0,
            plan.1,
            works.0,
            works.1,
            amount(&even, unit),
            amount(&gap.abs(), unit)
        )
    };
    let mut ids = vec![money.id.as_str()];
    ids.extend(whole.map(|w| w.id.as_str()));
    Some(
        Finding::new(FAMILY, verdict, &ids, sentence)
            .numbers(formula, total, even, unit.to_string())
            .money((inside != years).then_some(gap)),
    )
}

/// Total and planned investment of one project on one line, with its years; dates already past.
pub(super) fn found(context: &Context<'_>, claimed: &[&Declared]) -> Vec<Finding> {
    let declared: HashSet<&str> = claimed
        .iter()
        .filter_map(|d| match &d.claim {
            Claim::Period { money, .. } => Some(money.ids()),
            _ => None,
        })
        .flatten()
        .collect();
    let mut findings = Vec::new();
    if let Some((from, to)) = context.plan_period {
        let plan = (from.year(), to.year());
        for figures in context.by_line.values() {
            for planned in
                figures.iter().filter(|f| is_planned_money(f) && !declared.contains(&f.id.as_str()))
            {
                findings.extend(of_project(figures, planned, plan));
            }
        }
    }
    findings.extend(context.ledger.iter().filter_map(|f| overtaken(context, f)));
    findings
}

fn is_planned_money(f: &Figure) -> bool {
    let named = f.metric.ends_with("_plan") || f.subject.contains("计划投资");
    f.nature == Nature::Plan && f.is_money() && named
}

fn of_project(figures: &[&Figure], planned: &Figure, plan: (i32, i32)) -> Option<Finding> {
    let stem = planned.metric.trim_end_matches("_plan");
    let total = figures
        .iter()
        .filter(|f| f.nature == Nature::Plan && f.is_money() && f.id != planned.id && !is_planned_money(f))
        .filter(|f| f.subject.contains("总投资") || f.metric.ends_with("_total"))
        .find(|f| f.metric.starts_with(stem) || common(&f.subject, &planned.subject).chars().count() >= 4)?;
    let years = years_of(figures, total)?;
    if years.0 < plan.0 || years.1 > plan.1 {
        // Less than all of it was put into the plan's years: somebody has split it.
        if planned.base()? < total.base()? {
            return None;
        }
        return outside(planned, Some(total), years, plan);
    }
    let (whole, part) = (of_figure(total)?, of_figure(planned)?);
    let gap = part.value.checked_sub(&whole.value)?;
    let holds = whole.span.meets(&part.span);
    let verdict = if holds { Verdict::Holds } else { Verdict::Contradiction };
    let sentence = if holds {
        format!("{}与{}，工期{}至{}年全在规划期内，两数相符。", cite(total), cite(planned), years.0, years.1)
    } else {
        format!(
            "{}，工期{}至{}年全在规划期内，而规划期内{}为{}，相差{}，这部分没有可以落入的年份，请核实。",
            cite(total),
            years.0,
            years.1,
            if planned.subject.contains("计划投资") { "计划投资" } else { subject(planned) },
            cite(planned),
            amount(&gap.abs(), &whole.unit)
        )
    };
    Some(
        Finding::new(FAMILY, verdict, &[&total.id, &planned.id], sentence)
            .numbers(format!("{} = {}", total.printed(), planned.printed()), whole.value, part.value, "元")
            .money((!holds).then_some(gap)),
    )
}

/// The years of works: start and finish that stand on the line, else the total's own period.
fn years_of(figures: &[&Figure], total: &Figure) -> Option<(i32, i32)> {
    let year = |words: [&str; 3]| {
        let mut all = figures.iter().filter(|f| {
            f.unit == "年"
                && f.nature == Nature::Plan
                && (f.metric.ends_with(words[0]) || words[1..].iter().any(|w| f.subject.contains(w)))
        });
        all.find_map(|f| f.base().and_then(|y| i32::try_from(y.to_integer()).ok()))
    };
    let said = year(["_start", "开工", "开始"]).zip(year(["_end", "竣工", "完工"]));
    let own = match total.time {
        TimeRef::During(_) => total.time.days().map(|(a, b)| (a.year(), b.year())),
        _ => None,
    };
    said.or(own).filter(|(a, b)| a <= b)
}

/// 预计…竣工 before the day on which the plan was issued.
fn overtaken(context: &Context<'_>, figure: &Figure) -> Option<Finding> {
    let issued = context.issued?;
    let expected =
        figure.time_type == "forecast" || (figure.time_type == "target_by" && figure.nature == Nature::Date);
    let last = figure.time.days()?.1;
    if !expected || last >= issued.first {
        return None;
    }
    let verdict = if figure.time_type == "forecast" { Verdict::Probable } else { Verdict::Info };
    let sentence = format!(
        "{}，期限为{}，而规划印发于{}，此时该期限已过，应写明是否已经实现。",
        cite(figure),
        figure.time_ref,
        issued.first.format("%Y年%-m月")
    );
    Some(Finding::new(FAMILY, verdict, &[&figure.id], sentence).formula(format!("{last} < {}", issued.first)))
}
