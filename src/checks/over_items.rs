//! `sum`: a total over the items of a chapter: 以上项目总投资合计, 六大工程总投资.

use std::collections::HashSet;

use super::completeness::is_called_total;
use super::context::Context;
use super::sum::judge;
use super::term::{Quantity, of_figure};
use super::{Claim, Declared, Finding, Verdict};
use crate::figures::Figure;

/// 以上项目总投资合计7000万元, 三大工程总投资7000万元: against the totals of the items.
pub(super) fn found(context: &Context<'_>, claimed: &[&Declared]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let said = |f: &&Figure| {
        is_called_total(f)
            && !claimed
                .iter()
                .any(|d| matches!(&d.claim, Claim::Sum { total, .. } if total.ids().contains(&f.id.as_str())))
    };
    let mut totals: Vec<&Figure> = context.ledger.iter().filter(said).collect();
    totals.sort_by_key(|f| f.line);
    for whole in &totals {
        let Some((passage, i)) = context.words(whole) else { continue };
        let before = passage.placed.get(i).and_then(|p| passage.text.get(..p.start)).unwrap_or_default();
        let sentence = before.rsplit('。').next().unwrap_or_default();
        let number = items_named(sentence);
        let above =
            ["以上项目", "以上工程", "以上各", "以上几", "以上三", "以上四", "以上五", "以上六", "上述"]
                .iter()
                .any(|w| sentence.contains(w));
        if context.is_row(whole.line) || !(above || number.is_some()) {
            continue;
        }
        // one total an item: the first that each has, of the run of items before or behind
        let mut parts: Vec<&Figure> = Vec::new();
        let mut seen = HashSet::new();
        let own = context.item(whole.line);
        let near = totals.partition_point(|f| f.line + 60 < whole.line);
        let near = totals.get(near..).unwrap_or_default().iter().take_while(|f| f.line < whole.line + 60);
        for f in near.filter(|f| f.id != whole.id && !context.is_row(f.line)) {
            let item = context.item(f.line);
            let side = if above { f.line < whole.line } else { f.line > whole.line };
            let other = context.words(f).is_none_or(|(p, at)| items_named(p.clause(at)).is_none());
            if side && other && (item != own || above) && seen.insert(item) {
                parts.push(f);
            }
        }
        let right = number.is_none_or(|n| usize::try_from(n).is_ok_and(|n| n == parts.len()));
        if parts.len() < 2 || !right {
            continue;
        }
        let quantities: Option<Vec<Quantity<'_>>> = parts.iter().map(|f| of_figure(f)).collect();
        let finding =
            of_figure(whole).zip(quantities).and_then(|(w, p)| judge(&w, &p, Verdict::Contradiction));
        findings.extend(finding);
    }
    findings
}

/// How many 六大重点工程 are.
fn items_named(words: &str) -> Option<i128> {
    let at = words.rfind('大')?;
    let behind = words.get(at..)?;
    if !["工程", "项目"].iter().any(|w| behind.contains(w)) {
        return None;
    }
    let c = words.get(..at)?.chars().next_back()?;
    "一二三四五六七八九十".chars().position(|d| d == c).and_then(|i| i128::try_from(i + 1).ok())
}
