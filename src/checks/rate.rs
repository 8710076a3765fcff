//! `share`, by the words: 死亡5210人，火化2714具，火化率52.1%; 总投资5.6亿元，其中中央资金2.24亿元，占40%.

use num_traits::CheckedDiv;

use super::passage::Passage;
use super::phrase::{cite, percent};
use super::term::of_figure;
use super::{Finding, Verdict};
use crate::figures::{Exact, Figure, Nature};

const FAMILY: &str = "share";

/// What the rates and shares of a paragraph come to by the counts in their own sentence.
pub(super) fn found(passage: &Passage<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !passage.whole {
        return findings;
    }
    for r in 0..passage.placed.len() {
        findings.extend(of_its_name(passage, r));
        findings.extend(of_a_list(passage, r));
    }
    findings
}

fn is_rate(figure: &Figure) -> bool {
    figure.base_unit().is_share() && figure.number().is_some() && figure.nature != Nature::Rule
}

/// 火化率 is of what was cremated, 护理型床位占比 of the nursing beds.
fn stem(label: &str) -> Option<&str> {
    let bare = ["保持在", "保持", "达到了", "达到", "达", "为", "仅", "约"]
        .iter()
        .fold(label, |l, w| l.strip_suffix(w).unwrap_or(l))
        .trim_start_matches("其中");
    let cut = ["占比", "比例", "比重", "率"].iter().find_map(|w| bare.strip_suffix(w))?;
    let other = [
        "增长", "覆盖", "参选", "合格", "年检", "满意", "评估", "普及", "知晓", "下降", "提高", "建成",
        "完成",
    ];
    (cut.chars().count() >= 2 && !other.iter().any(|w| cut.ends_with(w))).then_some(cut)
}

fn of_its_name(passage: &Passage<'_>, r: usize) -> Option<Finding> {
    let rate = passage.placed.get(r)?;
    if !is_rate(rate.figure)
        || matches!(rate.figure.nature, Nature::Target | Nature::Plan)
        || passage.compared(r)
    {
        return None;
    }
    let stem = stem(passage.label(r))?;
    let tail: String = stem.chars().rev().take(4).collect::<Vec<_>>().into_iter().rev().collect();
    let short: String = stem.chars().rev().take(2).collect::<Vec<_>>().into_iter().rev().collect();
    let sentence = passage.sentence(r);
    let count = |j: usize| {
        let f = passage.placed.get(j)?.figure;
        let plain =
            f.base_unit().is_count() && f.number().is_some() && !passage.each(j) && !passage.compared(j);
        (plain && f.base_unit().of() != "年").then_some(f)
    };
    let named = |words: &str| {
        (sentence.start..r).rev().find(|j| count(*j).is_some() && passage.label(*j).contains(words))
    };
    let part = named(&tail).or_else(|| named(&short))?;
    let top = count(part)?;
    let wholes: Vec<&Figure> =
        (sentence.start..part).rev().filter_map(count).filter(|f| f.base() >= top.base()).collect();
    let same_kind: Vec<&Figure> = wholes.iter().copied().filter(|f| alike(f, top)).collect();
    let holds =
        wholes.iter().find_map(|w| judge(rate.figure, top, w).filter(|f| f.verdict == Verdict::Holds));
    if holds.is_some() {
        return holds;
    }
    let mut finding = judge(rate.figure, top, same_kind.first()?)?;
    if same_kind.len() > 1 && finding.verdict == Verdict::Contradiction {
        finding.verdict = Verdict::Probable;
    }
    Some(finding)
}

/// Persons are counted in more ways than one: 人, 具, 例.
fn alike(a: &Figure, b: &Figure) -> bool {
    let persons = |f: &Figure| matches!(f.base_unit().of(), "人" | "具" | "例");
    a.base_unit().adds_to(b.base_unit()) || (persons(a) && persons(b))
}

fn judge(stated: &Figure, part: &Figure, whole: &Figure) -> Option<Finding> {
    let (said, top, below) = (of_figure(stated)?, of_figure(part)?, of_figure(whole)?);
    if below.value <= Exact::from_integer(0) {
        return None;
    }
    let computed = top.value.checked_div(&below.value)?;
    let holds = top.span.over(&below.span)?.meets(&said.span);
    let about = said.about || top.about || below.about;
    let verdict = match (holds, about) {
        (true, _) => Verdict::Holds,
        (false, false) => Verdict::Contradiction,
        (false, true) => Verdict::Probable,
    };
    let formula = format!("{} ÷ {} = {}", top.formula, below.formula, percent(&computed));
    let mut places = vec![cite(part), cite(whole)];
    places.dedup();
    let sentence = if holds {
        format!("{}，{formula}，与{}相符。", places.join("、"), cite(stated))
    } else {
        format!("按{}计算，{formula}，而{}，请核实。", places.join("、"), cite(stated))
    };
    Some(
        Finding::new(FAMILY, verdict, &[&stated.id, &part.id, &whole.id], sentence)
            .numbers(formula, said.value, computed, "比例"),
    )
}

/// 占40% right behind an amount, or 分别占40%、20%、35% behind several: of the total that the sentence has.
fn of_a_list(passage: &Passage<'_>, r: usize) -> Option<Finding> {
    let rate = passage.placed.get(r)?;
    let (part, _) = beside(passage, r)?;
    let top = passage.placed.get(part)?.figure;
    let whole = total_of(passage, part)?;
    is_rate(rate.figure).then(|| judge(rate.figure, top, passage.placed.get(whole)?.figure)).flatten()
}

/// The count or amount that a bare 占…% is the share of.
pub(super) fn beside(passage: &Passage<'_>, r: usize) -> Option<(usize, bool)> {
    let rate = passage.placed.get(r)?;
    if !is_rate(rate.figure) {
        return None;
    }
    let bare = |l: &str| matches!(l, "占" | "约占" | "占比" | "各占");
    let label = passage.label(r);
    if bare(label) {
        let before = r.checked_sub(1)?;
        let near = passage.gap(before, r).chars().count() <= 6;
        let p = passage.placed.get(before)?;
        let counted = p.figure.is_money() || p.figure.base_unit().is_count();
        return (near && counted && !passage.compared(before)).then_some((before, false));
    }
    // 分别占40%、20%、35%: one share for each of as many amounts before
    let first =
        (0..=r).rev().take_while(|j| passage.placed.get(*j).is_some_and(|p| is_rate(p.figure))).last()?;
    if !passage.label(first).ends_with("分别占") {
        return None;
    }
    let shares = (first..passage.placed.len())
        .take_while(|j| {
            passage.placed.get(*j).is_some_and(|p| is_rate(p.figure))
                && (*j == first || matches!(passage.gap(*j - 1, *j), "、" | "和" | "及"))
        })
        .count();
    let kind = passage.placed.get(first.checked_sub(1)?)?.figure.kind();
    let amounts = (0..first)
        .rev()
        .take_while(|j| {
            passage.placed.get(*j).is_some_and(|p| p.figure.kind() == kind && p.sentence == rate.sentence)
        })
        .take_while(|j| !passage.gap(*j, *j + 1).contains("其中") || *j + 1 == first)
        .count();
    (amounts == shares && shares > 1).then(|| (first - amounts + (r - first), true))
}

/// The total that a part's sentence has: what stands before 其中, or is called 总, 共 or 合计, and is larger.
pub(super) fn total_of(passage: &Passage<'_>, part: usize) -> Option<usize> {
    let p = passage.placed.get(part)?;
    let sentence = passage.sentence(part);
    (sentence.start..part).rev().find(|j| {
        let Some(w) = passage.placed.get(*j) else { return false };
        let opens = passage.gap(*j, *j + 1).contains("其中");
        let label = passage.label(*j);
        let called = ["总", "共", "合计"].iter().any(|t| label.contains(t));
        (opens || called)
            && w.figure.base_unit().adds_to(p.figure.base_unit())
            && w.figure.base() > p.figure.base()
            && !passage.in_subset(*j)
            && !passage.each(*j)
    })
}
