//! `completeness`: how much of a project's money is priced; targets without a baseline.

use std::collections::{BTreeSet, HashMap, HashSet};

use num_traits::{CheckedDiv, CheckedSub, Signed};

use super::classes::{is_component, is_funding};
use super::context::Context;
use super::over_items;
use super::phrase::{amount, cite, percent, subject};
use super::product::{count_before, is_each};
use super::term::{Quantity, of_figure, product, sum};
use super::{Claim, Declared, Finding, Verdict};
use crate::figures::{Bound, Exact, Figure, Nature};

const FAMILY: &str = "completeness";

/// Which parts were held against which total already: a gap is told once.
pub(super) struct Sums(HashSet<(String, BTreeSet<String>)>);

impl Sums {
    pub fn of(findings: &[Finding]) -> Self {
        let sums = findings.iter().filter(|f| f.family == "sum");
        let split = |f: &Finding| {
            let (total, parts) = f.figures.split_first()?;
            Some((total.clone(), parts.iter().cloned().collect()))
        };
        Self(sums.filter_map(split).collect())
    }

    fn told(&self, total: &Figure, parts: &Quantity<'_>) -> bool {
        self.0.contains(&(total.id.clone(), parts.ids().into_iter().map(str::to_owned).collect()))
    }
}

/// Priced share of each project, projects without money, targets without a baseline.
pub(super) fn found(context: &Context<'_>, claimed: &[&Declared], sums: &Sums) -> Vec<Finding> {
    let mut findings = Vec::new();
    for figures in context.by_section.values() {
        // （一）, （二） …: one project an item, where several of them have a total
        let items: Vec<&[&Figure]> =
            figures.chunk_by(|a, b| context.item(a.line) == context.item(b.line)).collect();
        let priced = items.iter().filter(|i| i.iter().any(|f| is_called_total(f))).count();
        if priced > 1 && figures.iter().all(|f| !context.is_row(f.line)) {
            for item in items {
                findings.extend(project(context, item, claimed, sums));
                findings.extend(unpriced(context, item));
            }
            continue;
        }
        let with_total: BTreeSet<u32> = figures.iter().filter(|f| is_total(f)).map(|f| f.line).collect();
        if with_total.len() < 2 {
            findings.extend(project(context, figures, claimed, sums));
            continue;
        }
        // a table: one project a line
        for row in figures.chunk_by(|a, b| a.line == b.line).filter(|r| with_total.contains(&r[0].line)) {
            findings.extend(project(context, row, claimed, sums));
        }
    }
    findings.extend(over_items::found(context, claimed));
    let mut present = HashMap::new();
    let mut named: HashSet<(&str, &str)> = HashSet::new();
    // only a ledger that is half named can have one thing under two names
    let half = context.ledger.iter().any(|f| f.metric.starts_with("figure_"));
    for f in context.ledger.iter().filter(|f| half && is_state(f) && !subject(f).is_empty()) {
        named.insert((subject(f), f.kind()));
    }
    findings.extend(context.ledger.iter().filter_map(|f| baseline(context, &mut present, &named, f)));
    findings
}

pub(super) fn is_called_total(f: &Figure) -> bool {
    f.nature == Nature::Plan && f.is_money() && (f.phrase.contains("总投资") || is_total(f)) && !is_planned(f)
}

/// An item among others that have a total: what it builds has no money.
fn unpriced(context: &Context<'_>, figures: &[&Figure]) -> Option<Finding> {
    let money = figures.iter().any(|f| f.is_money() || f.base_unit().is_money_rate());
    let built = |f: &&&Figure| {
        f.nature == Nature::Plan
            && (f.base_unit().is_count() || f.base_unit().is_area())
            && f.number().is_some()
    };
    let first = figures.iter().find(built).filter(|_| !money)?;
    let (from, _) = context.item(first.line);
    let head = context.lines.get(from as usize - 1).map_or("", |l| l.split('。').next().unwrap_or_default());
    let head: String = head.chars().take(30).collect();
    let sentence = format!(
        "第{from}行“{head}”列有建设内容（{}），未列投资，而同章其他项目都列有投资，是否漏列请说明。",
        cite(first)
    );
    let mut finding = Finding::new(FAMILY, Verdict::Info, &[&first.id], sentence);
    finding.check = format!("{FAMILY}:unpriced:{}", first.id);
    Some(finding)
}

fn is_total(f: &Figure) -> bool {
    let named = f.metric.ends_with("_total") && f.metric.starts_with("proj")
        || f.phrase.contains("项目总投资")
        || f.subject.contains("项目总投资");
    f.nature == Nature::Plan && f.is_money() && named && !is_planned(f)
}

fn is_planned(f: &Figure) -> bool {
    f.metric.ends_with("_plan") || f.subject.contains("计划投资")
}

/// The total of a section: said to be the project's, else the largest amount called 总投资 that is
/// at least twice the next. Rows of a table are projects of their own: what one calls its total is not
/// that of its neighbours.
fn total_of<'a>(context: &Context<'_>, figures: &[&'a Figure]) -> Option<&'a Figure> {
    let said = figures.iter().copied().find(|f| is_total(f));
    said.or_else(|| {
        let called = |f: &&Figure| {
            f.nature == Nature::Plan
                && f.is_money()
                && f.phrase.contains("总投资")
                && !is_planned(f)
                && !context.is_row(f.line)
        };
        let mut all: Vec<&Figure> = figures.iter().copied().filter(called).collect();
        all.sort_by_key(|f| std::cmp::Reverse(f.base()));
        let (first, second) = (all.first()?, all.get(1)?);
        (first.base()? >= second.base()? * Exact::from_integer(2)).then_some(*first)
    })
}

/// What a section prices: amounts, and a number times its unit cost where no amount follows.
fn priced<'a>(context: &Context<'_>, figures: &[&'a Figure], total: &Figure) -> Vec<Quantity<'a>> {
    let mut parts: Vec<Quantity<'_>> = Vec::new();
    let mut metrics: HashSet<&str> = HashSet::from([total.metric.as_str()]);
    for (i, f) in figures.iter().enumerate() {
        if f.nature != Nature::Plan || is_planned(f) || metrics.contains(f.metric.as_str()) {
            continue;
        }
        // 每台120万元 is in what follows; 中央资金 is where money comes from; 已完成 is spent
        if f.is_money()
            && let Some((passage, at)) = context.words(f)
        {
            let label = passage.label(at);
            if passage.each(at) || label.contains('已') || (is_funding(label) && !is_component(label)) {
                continue;
            }
        }
        if f.is_money() {
            metrics.insert(&f.metric);
            parts.extend(of_figure(f));
        } else if is_each(f.base_unit()) && f.base_unit().of() == "元" {
            let follows = figures
                .get(i + 1)
                .is_some_and(|n| n.is_money() && !is_total(n) && context.one_sentence(f, n));
            let start = figures.partition_point(|x| x.line < f.line);
            let end = figures.partition_point(|x| x.line <= f.line);
            let count = figures.get(start..end).and_then(|line| count_before(context, line, i - start));
            if let Some(made) =
                count.filter(|_| !follows).and_then(|c| product(&[of_figure(c)?, of_figure(f)?]))
            {
                metrics.insert(&f.metric);
                parts.push(made);
            }
        }
    }
    parts
}

fn project(
    context: &Context<'_>,
    figures: &[&Figure],
    claimed: &[&Declared],
    sums: &Sums,
) -> Option<Finding> {
    let plans = figures.iter().filter(|f| f.nature == Nature::Plan && f.base_unit().is_count()).count();
    let Some(total) = total_of(context, figures) else {
        let money = figures
            .iter()
            .any(|f| f.nature == Nature::Plan && (f.is_money() || f.base_unit().is_money_rate()));
        // tasks and goals are no projects
        let section = figures.first().map_or("", |f| f.section.as_str());
        if money || plans < 2 || ["任务", "目标", "措施", "保障"].iter().any(|w| section.contains(w))
        {
            return None;
        }
        let first = figures.iter().find(|f| f.nature == Nature::Plan && f.base_unit().is_count())?;
        let sentence = format!(
            "“{}”列有建设内容（{}等{plans}项），未列投资，也未说明是否含在其他项目之内。",
            first.section,
            cite(first)
        );
        return Some(Finding::new(FAMILY, Verdict::Info, &[&first.id], sentence));
    };
    let whole = of_figure(total)?;
    let parts = priced(context, figures, total);
    let declared = claimed
        .iter()
        .any(|d| matches!(&d.claim, Claim::Sum { total: t, .. } if t.ids().contains(&total.id.as_str())));
    let Some(made) = sum(&parts) else {
        if plans == 0 {
            return None;
        }
        let sentence = format!("{}，所列{plans}项建设内容均未列价，总额无从核对。", cite(total));
        let mut finding = Finding::new(FAMILY, Verdict::Info, &[&total.id], sentence).numbers(
            format!("0 ÷ {}", whole.formula),
            whole.value,
            Exact::from_integer(0),
            "元",
        );
        finding.money = Some(whole.value);
        return Some(finding);
    };
    if sums.told(total, &made) {
        return None;
    }
    let gap = made.value.checked_sub(&whole.value)?;
    let share = percent(&made.value.checked_div(&whole.value)?);
    let mut ids = whole.ids();
    ids.extend(made.ids());
    let several = made.figures.len() > 1;
    let formula = if several {
        format!("{} = {}", made.formula, amount(&made.value, &whole.unit))
    } else {
        made.formula.clone()
    };
    let holds = made.span.meets(&whole.span);
    let all_priced = enumerated(context, figures, total);
    let little = gap.abs() * Exact::from_integer(5) <= whole.value;
    let (family, verdict) = match (holds, gap.is_positive()) {
        (true, _) => ("sum", Verdict::Holds),
        (false, true) => ("sum", Verdict::Contradiction),
        // told as a contradiction by the case itself
        (false, false) if declared => (FAMILY, Verdict::Info),
        (false, false) if all_priced || (little && parts.len() > 1) => ("sum", Verdict::Probable),
        (false, false) => (FAMILY, Verdict::Info),
    };
    let list: Vec<String> = made.figures.iter().map(|f| cite(f)).collect();
    let sentence = match verdict {
        Verdict::Holds => format!("{}，与所列各项{formula}相符。", cite(total)),
        Verdict::Contradiction => format!(
            "{}，而所列各项（{}）已达{formula}，超出{}，请核实。",
            cite(total),
            list.join("、"),
            amount(&gap.abs(), &whole.unit)
        ),
        Verdict::Probable => format!(
            "{}，所列各项（{}）合计{formula}，只占{share}，其余{}没有对应的建设内容，请核实或补列。",
            cite(total),
            list.join("、"),
            amount(&gap.abs(), &whole.unit)
        ),
        _ => format!(
            "{}，已列价的各项（{}）合计{formula}，只占{share}，其余{}未列价或未说明用途。",
            cite(total),
            list.join("、"),
            amount(&gap.abs(), &whole.unit)
        ),
    };
    let mut finding = Finding::new(family, verdict, &ids, sentence)
        .numbers(formula, whole.value, made.value, "元")
        .money((verdict != Verdict::Holds).then_some(gap));
    finding.check = format!("{FAMILY}:{}", total.id);
    Some(finding)
}

/// Whether each item that the text numbers (一是, 二是; 1., 2.) has an amount.
fn enumerated(context: &Context<'_>, figures: &[&Figure], total: &Figure) -> bool {
    let (Some(first), Some(last)) = (figures.first(), figures.last()) else { return false };
    let lines = first.line..=last.line;
    let text: String = lines.filter_map(|l| context.lines.get(l as usize - 1)).map(String::as_str).collect();
    let Some(from) = text.find(&total.phrase) else { return false };
    let text = text.get(from + total.phrase.len()..).unwrap_or_default();
    let mut items: Vec<&str> = Vec::new();
    let marks = ["一是", "二是", "三是", "四是", "五是", "六是"];
    let mut rest = text;
    for (i, mark) in marks.iter().enumerate() {
        let Some((before, after)) = rest.split_once(mark) else { break };
        if i > 0 {
            items.push(before);
        }
        rest = after;
        if !marks.get(i + 1).is_some_and(|next| rest.contains(next)) {
            items.push(rest);
        }
    }
    items.len() >= 2 && items.iter().all(|item| item.contains("万元") || item.contains("亿元"))
}

/// A target that nothing says the present state of, or that is reached already.
fn baseline<'a>(
    context: &Context<'a>,
    present: &mut HashMap<(&'a str, &'a str), Option<&'a Figure>>,
    named: &HashSet<(&'a str, &'a str)>,
    target: &'a Figure,
) -> Option<Finding> {
    if target.nature != Nature::Target || target.base().is_none() {
        return None;
    }
    let unit = target.base_unit();
    if !(unit.is_share() || unit.is_count()) || target.metric.starts_with("new_") {
        return None;
    }
    if !is_level(context, target) {
        return None;
    }
    let now = *present.entry((&target.metric, target.kind())).or_insert_with(|| {
        context.metric(&target.metric).iter().copied().find(|f| is_state(f) && f.kind() == target.kind())
    });
    let Some(now) = now else {
        // the ledger may not have named both alike yet
        if named.contains(&(subject(target), target.kind())) {
            return None;
        }
        let sentence =
            format!("{}是目标，规划中没有现状数（基期值），无法衡量增量，建议补列。", cite(target));
        return Some(Finding::new(FAMILY, Verdict::Info, &[&target.id], sentence).formula(target.printed()));
    };
    let (goal, base) = (target.base()?, now.base()?);
    if goal > base || target.bound == Bound::AtMost {
        return None;
    }
    let below = goal < base;
    let sentence = if below {
        format!("{}，而{}，目标低于现状，请核实。", cite(target), cite(now))
    } else {
        format!("{}，而{}，目标（{}）已经达到，宜写作“保持”。", cite(target), cite(now), subject(target))
    };
    let verdict = if below { Verdict::Ambiguous } else { Verdict::Info };
    Some(Finding::new(FAMILY, verdict, &[&target.id, &now.id], sentence).numbers(
        format!("{} ≤ {}", target.printed(), now.printed()),
        goal,
        base,
        unit.to_string(),
    ))
}

fn is_state(f: &Figure) -> bool {
    matches!(f.nature, Nature::Actual | Nature::Rate | Nature::DerivedCount | Nature::Standard)
}

/// Whether a target is a level to be reached from a present one: not a change, a flow, a share of funds, a
/// forecast or what is to be kept; nor one whose sentence says where it starts (由58%提高到65%).
fn is_level(context: &Context<'_>, target: &Figure) -> bool {
    let Some((passage, i)) = context.words(target) else { return true };
    let (label, clause) = (passage.label(i), passage.clause(i));
    let change = ["增长", "增幅", "增速", "年均", "新增", "增加", "减少", "下降", "累计", "每年"];
    let kept = ["保持", "预计", "预测", "稳定在"];
    let flow = matches!(target.base_unit().of(), "人次" | "对" | "次");
    let funds = label.starts_with('占') && !label.contains("达到") && !label.contains("提高");
    let from = passage.sentence(i).any(|j| {
        j < i
            && passage.compared(j)
            && passage.placed.get(j).is_some_and(|p| p.figure.kind() == target.kind())
            && !passage.gap(j, i).contains(['；', '，'])
    });
    let own_base = passage.compared(i) || from;
    let said = |words: &[&str]| words.iter().any(|w| label.contains(w) || clause.ends_with(w));
    !(said(&change)
        || kept.iter().any(|w| clause.contains(w))
        || target.time_type == "forecast"
        || flow
        || funds
        || super::rate::beside(passage, i).is_some()
        || own_base
        || context.is_row(target.line))
}
