//! Units that a list of numbers shares: 0.82、0.91、0.98亿元, 每人每月856元和598元,
//! 由每人每月440元提高到658元.

use super::scan::{Hit, Kind};
use super::text::{BREAK, Text, word};
use super::units::unit_at;
use crate::figures::number::{self, Numeral, is_arabic_digit};

const JOINS: [&str; 5] = ["、", "和", "及", "与", "以及"];

/// The unit of the last number of a list that a number without one starts or goes on.
pub(super) fn unit_of_list(text: &Text, mut at: usize, first: &Numeral) -> Option<String> {
    // 万 at the first one is its own
    if !first.scale.is_empty() {
        return None;
    }
    for _ in 0..12 {
        let next = word(text, at, &JOINS)?;
        let ahead: Vec<char> = (next..next + 24).map(|k| text.c(k)).take_while(|c| *c != BREAK).collect();
        ahead.first().filter(|c| is_arabic_digit(**c))?;
        let numeral = number::numeral(&ahead)?;
        let (unit, after) = unit_at(text, next + numeral.len, &numeral);
        if let Some(unit) = unit {
            // 3、5年 and 1、2级 number things
            return (unit != "年" && unit != "月" && unit != "日").then_some(unit);
        }
        at = after.max(next + numeral.len);
    }
    None
}

/// Words that carry a number over to another of the same kind.
const CHANGES: [&str; 15] = [
    "提高到",
    "提高至",
    "提升到",
    "提升至",
    "增加到",
    "增加至",
    "增至",
    "增长到",
    "上升到",
    "调整到",
    "调整为",
    "提标到",
    "提标至",
    "达到",
    "下降到",
];

/// What the number before says it is per, for one that says nothing: 440元 → 658元, 856元和598元; a
/// single price is per what was counted before it.
pub(super) fn share_units(text: &Text, hits: &mut [Hit]) {
    for i in 1..hits.len() {
        let Kind::Number(_, _, unit) = &hits[i].kind else { continue };
        let start = hits[i].start;
        let sentence = text.sentence_start(start);
        if unit.ends_with('元') && text.run(start.saturating_sub(4), start).contains("单价") {
            let thing = hits[..i].iter().rev().take_while(|h| h.start >= sentence).find_map(counted);
            if let Some(thing) = thing {
                let unit = format!("{unit}/{thing}");
                set_unit(&mut hits[i], unit);
            }
            continue;
        }
        let numbers = |h: &&Hit| matches!(h.kind, Kind::Number(..));
        let Some(before) = hits[..i].iter().rev().find(numbers) else { continue };
        let Kind::Number(_, _, other) = &before.kind else { continue };
        let Some((of, per)) = other.split_once('/') else { continue };
        // the same counter, or money in another scale
        let alike = unit == of || unit.ends_with('元') && of.ends_with('元') && !unit.contains('/');
        let half = unit.strip_suffix("/月").is_some_and(|u| u == of) && per.starts_with('人');
        let between = between(text, hits, before.end, start);
        let joined = JOINS.contains(&between.as_str())
            || between.chars().count() <= 14
                && !between.contains(['。', '；', BREAK])
                && CHANGES.iter().any(|w| between.ends_with(w));
        // 7800元（每月650元）, 5520元（即每月460元）
        let said = text.c(before.end) == '（'
            || ["即", "折合", "约合", "相当于"].iter().any(|w| between.starts_with(w));
        if alike && joined {
            let unit = format!("{unit}/{per}");
            set_unit(&mut hits[i], unit);
        } else if half && said {
            let unit = format!("{of}/人/月");
            set_unit(&mut hits[i], unit);
        }
    }
}

fn set_unit(hit: &mut Hit, new: String) {
    if let Kind::Number(_, _, unit) = &mut hit.kind {
        *unit = new;
    }
}

/// What a hit counts, where it is a plain counter: 6台.
fn counted(hit: &Hit) -> Option<&str> {
    match &hit.kind {
        Kind::Number(_, _, unit)
            if matches!(unit.as_str(), "台" | "套" | "辆" | "个" | "处" | "所" | "张" | "件") =>
        {
            Some(unit)
        }
        _ => None,
    }
}

/// The words between two numbers, dates and marks left out, within one clause or its bracket.
fn between(text: &Text, hits: &[Hit], from: usize, to: usize) -> String {
    let dated =
        |i: usize| hits.iter().any(|h| !matches!(h.kind, Kind::Number(..)) && (h.start..h.end).contains(&i));
    let words: String = (from..to.min(from + 24)).filter(|i| !dated(*i)).map(|i| text.c(i)).collect();
    words
        .trim_start_matches(['（', '('])
        .trim_end_matches('的')
        .replace("每人每月", "")
        .replace("每人每年", "")
}
