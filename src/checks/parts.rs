//! `sum`, by the words: parts behind 其中 or in brackets, and totals behind their parts.

use num_traits::CheckedSub;

use super::classes::{divide, years};
use super::passage::Passage;
use super::phrase::{amount, cite};
use super::sum::{is_summed, judge};
use super::term::{Quantity, of_figure, sum};
use super::{Finding, Verdict};
use crate::figures::{Exact, Figure};

/// Every list of a paragraph.
pub(super) fn found(passage: &Passage<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, _) in passage.text.match_indices("其中") {
        findings.extend(behind(passage, at));
    }
    for i in 0..passage.placed.len() {
        findings.extend(bracketed(passage, i));
        findings.extend(totalled(passage, i));
    }
    findings
}

/// Whether two figures may be a total and its part: one unit, and one time unless years are listed.
fn alike(total: &Figure, part: &Figure) -> bool {
    is_summed(part) && total.base_unit().adds_to(part.base_unit())
}

fn same_time(total: &Figure, part: &Figure) -> bool {
    total.time_ref == part.time_ref || total.time.days().is_none() || part.time.days().is_none()
}

/// 其中A 14处、B 49处: the parts behind the word, against the nearest total of their unit before it.
fn behind(passage: &Passage<'_>, at: usize) -> Vec<Finding> {
    let first = passage.placed.partition_point(|p| p.start < at);
    let Some(head) = passage.placed.get(first) else { return Vec::new() };
    let between = passage.text.get(at..head.start).unwrap_or_default();
    if between.contains(['。', '；']) || between.chars().count() > 30 {
        return Vec::new();
    }
    let before = passage.text.get(..at).unwrap_or_default();
    let open = before.rfind(['。']).map_or(0, |i| i + 1);
    let mut findings = Vec::new();
    let mut kinds: Vec<&str> = Vec::new();
    // 9648户、15612人，其中…户、…人: a total of each unit
    for t in (0..first).rev().take_while(|t| passage.placed.get(*t).is_some_and(|p| p.start >= open)) {
        let Some(total) = passage.placed.get(t) else { continue };
        if !is_total(passage, t) || kinds.contains(&total.figure.kind()) {
            continue;
        }
        kinds.push(total.figure.kind());
        let parts = list(passage, t, first);
        findings.extend(judged(passage, t, &parts));
        // what stands further back in the sentence is another thing, but for a second unit of one total
        if !parts.is_empty() && passage.label(t).chars().count() > 1 {
            break;
        }
    }
    findings
}

/// What a list can be a part of: not what is compared with, added, or one of each.
fn is_total(passage: &Passage<'_>, t: usize) -> bool {
    let label = passage.label(t);
    let moved = ["增加", "新增", "减少", "增长", "下降", "比上", "多", "少"];
    let figure = passage.placed.get(t).map(|p| p.figure);
    figure.is_some_and(is_summed)
        && !passage.each(t)
        && !passage.compared(t)
        && !moved.iter().any(|w| label.ends_with(w))
        // 新增1790张 after 比…: an addition; 新增床位500张 is a total of its own
        && !passage.clause(t).contains('比')
}

/// The parts from `first` on: alike the total, at the depth of the first, to the end of the list.
fn list(passage: &Passage<'_>, t: usize, first: usize) -> Vec<usize> {
    let Some(total) = passage.placed.get(t) else { return Vec::new() };
    let Some(depth) = passage.placed.get(first).map(|p| p.depth) else { return Vec::new() };
    let mut parts: Vec<usize> = Vec::new();
    let mut last = first;
    for j in first..passage.placed.len() {
        let Some(p) = passage.placed.get(j) else { break };
        if p.depth > depth {
            continue;
        }
        let gap = if j > first { passage.gap(last, j) } else { "" };
        if p.depth < depth || gap.contains(['。', '；']) || gap.contains("其中") || gap.contains("其余")
        {
            break;
        }
        last = j;
        if !alike(total.figure, p.figure) || passage.each(j) || passage.compared(j) || is_share_of(passage, j)
        {
            continue;
        }
        let labels: Vec<&str> = parts.iter().chain([&j]).map(|k| passage.label(*k)).collect();
        if !(same_time(total.figure, p.figure) || labels.len() < 2 || years(&labels)) {
            break;
        }
        // Parts that one class names go on as long as the class does.
        if parts.len() >= 2 && divide(labels.get(..parts.len()).unwrap_or_default()) && !divide(&labels) {
            break;
        }
        // 养老床位280张，其中护理型250张，儿童床位300张: what is larger than the total is beside it
        let larger = || p.figure.base().zip(total.figure.base()).is_some_and(|(part, whole)| part > whole);
        if !parts.is_empty() && larger() && !divide(&labels) {
            break;
        }
        parts.push(j);
        let made = parts.iter().filter_map(|k| of_figure(passage.placed.get(*k)?.figure)).collect::<Vec<_>>();
        let whole = of_figure(total.figure);
        // Where the list so far makes the total, what follows is another thing.
        if parts.len() > 1 && sum(&made).zip(whole).is_some_and(|(made, whole)| made.value == whole.value) {
            break;
        }
    }
    parts
}

/// 占…的40%, 增长5%: what a part is in per cent.
fn is_share_of(passage: &Passage<'_>, j: usize) -> bool {
    let label = passage.label(j);
    label.contains('占') || label.contains("增长") || label.contains("增加")
}

fn judged(passage: &Passage<'_>, t: usize, parts: &[usize]) -> Option<Finding> {
    let total = passage.placed.get(t)?.figure;
    let labels: Vec<&str> = parts.iter().map(|j| passage.label(*j)).collect();
    let whole = of_figure(total)?;
    let figures: Vec<&Figure> = parts.iter().filter_map(|j| Some(passage.placed.get(*j)?.figure)).collect();
    let parts: Vec<Quantity<'_>> = figures.iter().copied().map(of_figure).collect::<Option<_>>()?;
    let larger = parts.iter().zip(&figures).find(|(p, _)| whole.span.hi.is_some_and(|hi| p.span.lo > hi));
    if let Some((part, first)) = larger {
        return part_over_whole(total, &whole, first, part);
    }
    if let ([part], [first]) = (&parts[..], &figures[..]) {
        return part_is_whole(total, &whole, first, part);
    }
    if parts.len() < 2 {
        return None;
    }
    let made = sum(&parts)?;
    let missing = whole.value.checked_sub(&made.value)?;
    let fifth = Exact::from_integer(5);
    if made.span.meets(&whole.span) {
        return judge(&whole, &parts, Verdict::Info);
    }
    let (divided, money) = (divide(&labels), whole.unit.is_money());
    let short = missing > Exact::from_integer(0);
    let verdict = match (divided, money, short) {
        (true, _, false) => Verdict::Contradiction,
        (true, _, true) if missing * fifth <= whole.value => Verdict::Probable,
        // a project's money is divided by what it buys
        (false, true, true) if missing * Exact::from_integer(10) <= whole.value => Verdict::Probable,
        (false, true, false) => Verdict::Contradiction,
        // women and graduates overlap; beds of two kinds may
        (false, false, false) if !is_persons(&whole) => Verdict::Ambiguous,
        _ => return None,
    };
    let mut finding = judge(&whole, &parts, Verdict::Probable)?;
    finding.verdict = if whole.about || made.about { verdict.max(Verdict::Probable) } else { verdict };
    if verdict == Verdict::Ambiguous {
        finding.sentence = finding
            .sentence
            .replace("总数与分项不符，请核实。", "各项是否互有重叠须说明，不重叠则总数与分项不符。");
    }
    Some(finding)
}

fn is_persons(whole: &Quantity<'_>) -> bool {
    matches!(whole.unit.of(), "人" | "人次" | "户")
}

/// 28家，其中公办28家: the one part that is named is the whole, which 其中 does not say.
fn part_is_whole(
    total: &Figure,
    whole: &Quantity<'_>,
    first: &Figure,
    part: &Quantity<'_>,
) -> Option<Finding> {
    let exact = whole.span.is_point() && part.span.is_point();
    if !exact || whole.value != part.value || whole.value <= Exact::from_integer(0) {
        return None;
    }
    let sentence = format!(
        "{}，“其中”所列的一项（{}）与总数相等，请核实是否确为全部，或总数、分项有一处误植。",
        cite(total),
        cite(first)
    );
    Some(Finding::new("sum", Verdict::Info, &[&total.id, &first.id], sentence).numbers(
        format!("{} = {}", part.formula, whole.formula),
        whole.value,
        part.value,
        whole.unit.to_string(),
    ))
}

fn part_over_whole(
    total: &Figure,
    whole: &Quantity<'_>,
    first: &Figure,
    part: &Quantity<'_>,
) -> Option<Finding> {
    let sentence = format!(
        "{}，其中的一部分却为{}（{}），部分大于整体，请核实。",
        cite(total),
        amount(&part.value, &whole.unit),
        cite(first)
    );
    let gap = part.value.checked_sub(&whole.value)?;
    Some(
        Finding::new("sum", Verdict::Contradiction, &[&total.id, &first.id], sentence)
            .numbers(
                format!("{} > {}", part.formula, whole.formula),
                whole.value,
                part.value,
                whole.unit.to_string(),
            )
            .money(whole.unit.is_money().then_some(gap)),
    )
}

/// 28家（公办14家、民办14家）: a list in brackets right behind its total.
fn bracketed(passage: &Passage<'_>, t: usize) -> Option<Finding> {
    let gap = passage.gap(t, t + 1);
    let inside = gap.strip_prefix(['（', '('])?;
    // 含 and 其中 name some of it
    if inside.contains(['）', ')'])
        || inside.contains("其中")
        || inside.contains('含')
        || !is_total(passage, t)
    {
        return None;
    }
    let parts = list(passage, t, t + 1);
    let labels: Vec<&str> = parts.iter().map(|j| passage.label(*j)).collect();
    let finding = judged(passage, t, &parts)?;
    (finding.verdict == Verdict::Holds || divide(&labels)).then_some(finding)
}

/// 土建1000万元、设备500万元、装修300万元，合计1800万元: a total behind its parts.
fn totalled(passage: &Passage<'_>, t: usize) -> Option<Finding> {
    const TOTAL: [&str; 5] = ["合计", "共计", "总计", "合共", "总共"];
    let total = passage.placed.get(t).filter(|p| is_summed(p.figure))?;
    let label = passage.label(t);
    let said = TOTAL.iter().find_map(|w| label.find(w));
    if said.is_none() || passage.each(t) {
        return None;
    }
    let mut parts: Vec<usize> = Vec::new();
    let sentence = passage.sentence(t);
    for j in (sentence.start..t).rev() {
        let p = passage.placed.get(j)?;
        let gap = passage.gap(j, *parts.last().unwrap_or(&t));
        // one list: joined by commas, nothing divided or multiplied in it
        if gap.contains(['；', '：', '（', '）'])
            || passage.each(j)
            || passage.compared(j)
            || gap.contains("其中")
            || passage.clause(j).contains("每")
            || passage.clause(j).contains("各")
            || !alike(total.figure, p.figure)
            || !same_time(total.figure, p.figure)
            || TOTAL.iter().any(|w| passage.label(j).contains(w))
        {
            break;
        }
        parts.push(j);
        // a part that 其中 opens is the first of its list
        if passage.label(j).contains("其中") {
            return None;
        }
    }
    parts.reverse();
    if parts.len() < 2 {
        return None;
    }
    let labels: Vec<&str> = parts.iter().map(|j| passage.label(*j)).collect();
    let whole = of_figure(total.figure)?;
    let quantities: Vec<Quantity<'_>> =
        parts.iter().map(|j| of_figure(passage.placed.get(*j)?.figure)).collect::<Option<_>>()?;
    let made = sum(&quantities)?;
    let missing = whole.value.checked_sub(&made.value)?;
    if made.span.meets(&whole.span) {
        return judge(&whole, &quantities, Verdict::Info);
    }
    // what lies far apart is a total of something else
    let near =
        missing * Exact::from_integer(2) <= whole.value && missing * Exact::from_integer(-2) <= whole.value;
    let listed = divide(&labels) || (whole.unit.is_money() && parts.len() > 2);
    if !near {
        return None;
    }
    let mut finding = judge(&whole, &quantities, Verdict::Contradiction)?;
    if !listed {
        finding.verdict = Verdict::Probable;
    }
    Some(finding)
}
