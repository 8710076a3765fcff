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
                findings.extend(of_project(context, figures, planned, plan));
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

fn of_project(
    context: &Context<'_>,
    figures: &[&Figure],
    planned: &Figure,
    plan: (i32, i32),
) -> Option<Finding> {
    let stem = planned.metric.trim_end_matches("_plan");
    let total = figures
        .iter()
        .filter(|f| f.nature == Nature::Plan && f.is_money() && f.id != planned.id && !is_planned_money(f))
        .filter(|f| f.subject.contains("总投资") || f.metric.ends_with("_total") || f.metric == stem)
        .filter(|f| f.metric != planned.metric)
        .find(|f| f.metric.starts_with(stem) || common(&f.subject, &planned.subject).chars().count() >= 4)?;
    let (whole, part) = (of_figure(total)?, of_figure(planned)?);
    let gap = part.value.checked_sub(&whole.value)?;
    let ids = [total.id.as_str(), planned.id.as_str()];
    let made = |verdict: Verdict, sentence: String| {
        Finding::new(FAMILY, verdict, &ids, sentence)
            .numbers(
                format!(
                    "{} {} {}",
                    total.printed(),
                    if verdict == Verdict::Holds { "=" } else { "≠" },
                    planned.printed()
                ),
                whole.value,
                part.value,
                "元",
            )
            .money((verdict != Verdict::Holds).then_some(gap))
    };
    // What was spent before the plan began is not planned again.
    let rest = done_before(context, figures, total).and_then(|d| Some((d, of_figure(d)?)));
    if let Some((done, spent)) = rest
        && whole.span.minus(&spent.span)?.meets(&part.span)
    {
        let sentence = format!(
            "{}，{}，余下的{}与{}相符。",
            cite(total),
            cite(done),
            amount(&part.value, &part.unit),
            cite(planned)
        );
        let mut finding = made(Verdict::Holds, sentence);
        finding.formula = format!("{} − {} = {}", total.printed(), done.printed(), planned.printed());
        finding.figures.push(done.id.clone());
        return Some(finding);
    }
    let Some(years) = years_of(context, figures, total, plan) else {
        // nothing tells when the works are: equal sums claim nothing, unequal ones want a word
        if whole.span.meets(&part.span) || gap.is_positive() {
            return None;
        }
        let sentence = format!(
            "{}，规划期内{}，相差{}；未见建设年限，差额是否在规划期以外，请说明。",
            cite(total),
            cite(planned),
            amount(&gap.abs(), &whole.unit)
        );
        return Some(made(Verdict::Info, sentence));
    };
    if years.0 < plan.0 || years.1 > plan.1 {
        // Less than all of it was put into the plan's years: somebody has split it.
        if planned.base()? < total.base()? {
            return None;
        }
        return outside(planned, Some(total), years, plan);
    }
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
    Some(made(verdict, sentence))
}

/// Money of the same project that is spent already.
fn done_before<'a>(context: &Context<'_>, figures: &[&'a Figure], total: &Figure) -> Option<&'a Figure> {
    let said = |f: &&&Figure| {
        let label = context.words(f).map_or("", |(passage, i)| passage.label(i));
        let done = ["已完成", "已投入", "已投资", "累计完成"]
            .iter()
            .any(|w| label.contains(w) || f.phrase.contains(w));
        f.is_money() && f.id != total.id && done
    };
    figures.iter().find(said).copied()
}

/// The years of works: start and finish that stand on the line or in the words of the item, else the
/// total's own period where somebody has set one. The plan's own years, which a drafter puts to every
/// planned sum, say nothing of the works.
fn years_of(
    context: &Context<'_>,
    figures: &[&Figure],
    total: &Figure,
    plan: (i32, i32),
) -> Option<(i32, i32)> {
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
        TimeRef::During(_) => total.time.days().map(|(a, b)| (a.year(), b.year())).filter(|own| *own != plan),
        _ => None,
    };
    let worded = || works(&context.item_text(total.line), context.is_row(total.line));
    said.or_else(worded).or(own).filter(|(a, b)| a <= b)
}

/// The years of works in words: 建设年限2019—2026年, 2020年开工，2023年竣工; in a table's row the first
/// range of years.
fn works(text: &str, row: bool) -> Option<(i32, i32)> {
    const SPAN: [&str; 9] =
        ["建设年限", "建设期", "建设起止", "工期", "建设周期", "实施年限", "实施期", "建设时间", "起止年限"];
    let years = years_in(text);
    let range = years.windows(2).find_map(|w| {
        let ((a, from, to), (b, next, _)) = (w[0], w[1]);
        let between = text.get(to..next)?.trim_start_matches('年').trim_end_matches('年');
        let joined = ["—", "-", "－", "–", "~", "～", "至", "到", "——"].contains(&between);
        let before: String =
            text.get(..from)?.chars().rev().take(10).collect::<Vec<_>>().into_iter().rev().collect();
        (joined && (row || SPAN.iter().any(|s| before.contains(s)))).then_some((a, b))
    });
    let with = |words: &[&str]| {
        years.iter().find_map(|(year, _, to)| {
            let behind: String =
                text.get(*to..)?.chars().take(9).take_while(|c| !"，。；、".contains(*c)).collect();
            words.iter().any(|w| behind.contains(w)).then_some(*year)
        })
    };
    range.or_else(|| {
        with(&["开工", "动工", "开建", "启动建设"]).zip(with(&["竣工", "完工", "建成", "投入使用"]))
    })
}

/// Every year of a text with its bytes: 1900 to 2199, not part of a longer number unless two years run together.
fn years_in(text: &str) -> Vec<(i32, usize, usize)> {
    let mut found = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let run = bytes.get(at..).unwrap_or_default().iter().take_while(|b| b.is_ascii_digit()).count();
        let digits = text.get(at..at + run).unwrap_or_default();
        for start in [0, 4] {
            let year = digits.get(start..start + 4).and_then(|y| y.parse::<i32>().ok());
            // 2020—20232100018000: cells of a row run together once blanks are gone
            let fits = run == 4 || run == 8 || (start == 0 && run > 8);
            found.extend(
                year.filter(|y| fits && (1990..2100).contains(y)).map(|y| (y, at + start, at + start + 4)),
            );
        }
        at += run.max(1);
    }
    found
}

/// 到2020年底前完成: a date that is to be met.
fn is_deadline(context: &Context<'_>, figure: &Figure) -> bool {
    let Some((passage, i)) = context.words(figure) else { return false };
    let Some(p) = passage.placed.get(i) else { return false };
    let (before, behind) = passage.text.split_at(p.start);
    let behind: String = behind.chars().take(24).take_while(|c| !"，。；".contains(*c)).collect();
    let by = ["底前", "年前", "月前", "日前", "以前", "之前", "末前"].iter().any(|w| behind.contains(w));
    let to = before.ends_with(['到', '于']) || before.ends_with("力争") || before.ends_with("确保");
    let goal = ["完成", "实现", "建成", "达到", "达标", "全面"].iter().any(|w| behind.contains(w));
    // a report of what was done has 已, 了
    goal && by
        && (to || behind.contains("前完成") || behind.contains("前实现") || behind.contains("前建成"))
        && !behind.contains(['已', '了'])
        && !passage.clause(i).contains('已')
}

/// 预计…竣工 before the day on which the plan was issued.
fn overtaken(context: &Context<'_>, figure: &Figure) -> Option<Finding> {
    let issued = context.issued?;
    let expected =
        figure.time_type == "forecast" || (figure.time_type == "target_by" && figure.nature == Nature::Date);
    let last = figure.time.days()?.1;
    let worded = figure.nature == Nature::Date && is_deadline(context, figure);
    let expected = expected || worded;
    if !expected || last >= issued.first {
        return None;
    }
    let verdict = if figure.time_type == "forecast" || worded { Verdict::Probable } else { Verdict::Info };
    let sentence = format!(
        "{}，期限为{}，而规划印发于{}，此时该期限已过，应写明是否已经实现。",
        cite(figure),
        figure.time_ref,
        issued.first.format("%Y年%-m月")
    );
    Some(Finding::new(FAMILY, verdict, &[&figure.id], sentence).formula(format!("{last} < {}", issued.first)))
}
