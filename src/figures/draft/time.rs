//! Which time a sentence gives a number: its own clause first, then the sentence; a year that is only
//! compared with (比2015年的310家) is that of the number behind it alone; 分别 deals them out in turn.

use super::guess::Context;
use super::scan::{Hit, Kind};
use super::text::ends_clause;
use super::{Nature, Text};

type Time = (String, &'static str);

fn own(kind: &Kind) -> Option<Time> {
    match kind {
        Kind::Years(a, Some(b)) => Some((format!("{a}/{b}"), "period")),
        Kind::Years(a, None) => Some((a.to_string(), "year")),
        Kind::Date(d) if d.len() > 5 => Some((d.clone(), "instant")),
        Kind::Date(_) | Kind::Month(_) => Some(("annual".to_owned(), "recurring")),
        Kind::Number(..) => None,
    }
}

fn is_number(hit: &Hit) -> bool {
    matches!(hit.kind, Kind::Number(..))
}

/// Whether a date is one that something is compared with: 比2015年, 由2015年的….
pub(super) fn is_reference(text: &Text, date: &Hit) -> bool {
    let before = text.run(date.start.saturating_sub(2), date.start);
    before.ends_with(['比', '较', '由', '从', '同', '与']) || before.ends_with("相比")
}

/// Whether a date is one by which something is to be: 到2025年, 力争2025年底前.
fn is_by(text: &Text, date: &Hit) -> bool {
    let before = text.run(date.start.saturating_sub(2), date.start);
    let as_of = ["截至", "截止"].iter().any(|w| before.ends_with(w));
    !as_of && (before.ends_with(['到', '至']) || ["力争", "争取", "预计"].iter().any(|w| before.ends_with(w)))
}

impl Context<'_> {
    pub(super) fn time(&self, i: usize, hit: &Hit, nature: Nature) -> Time {
        if let Some(time) = own(&hit.kind) {
            return time;
        }
        if let Some(time) = self.dealt_out(i) {
            return time;
        }
        let planned = matches!(nature, Nature::Plan | Nature::Target);
        let date = self.date_of(i, hit);
        let kind = match nature {
            Nature::Target => Some("target_by"),
            Nature::Plan => Some("plan"),
            _ => None,
        };
        if planned
            && let Some((date, near)) = date
            && let Some((time, _)) = own(&date.kind)
            && (near || is_by(self.text, date))
        {
            return (time, kind.unwrap_or("plan"));
        }
        if let Some((a, b)) = self.works(hit).filter(|_| nature == Nature::Plan) {
            return (format!("{a}/{b}"), "plan");
        }
        if let Some((a, b)) = self.period.filter(|_| planned) {
            return match nature {
                Nature::Target => (b.to_string(), "target_by"),
                _ => (format!("{a}/{b}"), "plan"),
            };
        }
        date.and_then(|(d, _)| own(&d.kind)).unwrap_or_else(|| ("undated".to_owned(), "undated"))
    }

    /// The last date of the sentence before a number that speaks of it, and whether it stands in the
    /// same clause or is the whole clause before it.
    pub(super) fn date_of(&self, i: usize, hit: &Hit) -> Option<(&Hit, bool)> {
        let from = self.text.full_stop(hit.start);
        let clause = self.text.clause_start(hit.start);
        let mut numbers = 0;
        for before in self.hits[..i].iter().rev().take_while(|h| h.start >= from) {
            if is_number(before) {
                numbers += 1;
                continue;
            }
            if is_reference(self.text, before)
                && (numbers > 0 || before.start < clause || !self.is_of(before, hit))
            {
                continue;
            }
            // 2021年，计划投资…
            let alone = before.end + 1 >= clause && ends_clause(self.text.c(before.end));
            return Some((before, before.start >= clause || alone));
        }
        None
    }

    /// Whether a year that is compared with is that of the number behind it: 比2015年的310家 and
    /// 由2015年的440元 are, 比2020年提高2.9个百分点 is not.
    fn is_of(&self, date: &Hit, hit: &Hit) -> bool {
        let before = self.text.before(date.start);
        let between = self.text.run(date.end, hit.start);
        matches!(before, '由' | '从') || between.is_empty() || between.starts_with('的')
    }

    /// Whether the sentence says by when, and that is within the plan's years.
    pub(super) fn is_due(&self, i: usize, hit: &Hit) -> bool {
        let Some((date, _)) = self.date_of(i, hit) else { return false };
        let year = match &date.kind {
            Kind::Years(_, Some(b)) => Some(*b),
            Kind::Years(a, None) => Some(*a),
            Kind::Date(d) => d.get(..4).and_then(|y| y.parse().ok()),
            _ => None,
        };
        is_by(self.text, date) && self.period.zip(year).is_some_and(|((first, _), year)| year >= first)
    }

    /// 2016年、2017年、2018年分别发放0.82、0.91、0.98亿元: the k-th year is that of the k-th number.
    fn dealt_out(&self, i: usize) -> Option<Time> {
        let joined = |a: &Hit, b: &Hit| {
            let between = self.text.run(a.end, b.start);
            matches!(between.as_str(), "、" | "和" | "及" | "与" | "，")
        };
        let (mut first, mut last) = (i, i);
        let alike = |a: &Hit, b: &Hit| is_number(a) == is_number(b) && joined(a, b);
        while first > 0 && alike(&self.hits[first - 1], &self.hits[first]) {
            first -= 1;
        }
        while last + 1 < self.hits.len() && alike(&self.hits[last], &self.hits[last + 1]) {
            last += 1;
        }
        let end = first.checked_sub(1)?;
        let mut start = end;
        while start > 0 && alike(&self.hits[start - 1], &self.hits[start]) {
            start -= 1;
        }
        let (dates, numbers) = (end - start + 1, last - first + 1);
        let between = self.text.run(self.hits[end].end, self.hits[first].start);
        let said = between.contains("分别") && !between.contains(['。', '；', '\n']);
        let dates_all = self.hits[start..=end].iter().all(|h| !is_number(h));
        (said && dates > 1 && dates == numbers && dates_all)
            .then(|| own(&self.hits[start + i - first].kind))
            .flatten()
    }

    /// The years of works that the paragraph gives: 建设期为2022年至2024年; 2020年开工，2023年竣工.
    fn works(&self, hit: &Hit) -> Option<(i32, i32)> {
        let text = self.text;
        let clause = text.run(text.clause_start(hit.start), text.clause_end(hit.end));
        let whole = ["总投资", "投资", "概算", "估算"].iter().any(|w| clause.contains(w));
        if !whole || clause.contains("十四五") {
            return None;
        }
        let (from, to) = text.paragraph(hit.start);
        let hits = self.hits.iter().filter(|h| h.start >= from && h.end <= to);
        let (mut start, mut finish) = (None, None);
        for h in hits {
            let before = text.run(h.start.saturating_sub(7).max(from), h.start);
            let behind = text.run(h.end, h.end + 4);
            let says = |words: &[&str], text: &str| words.iter().any(|w| text.contains(w));
            let year = match &h.kind {
                Kind::Years(a, Some(b))
                    if says(&["建设期", "建设年限", "建设周期", "工期", "实施期"], &before) =>
                {
                    return Some((*a, *b));
                }
                Kind::Years(a, None) => Some(*a),
                Kind::Date(d) => d.get(..4).and_then(|y| y.parse().ok()),
                _ => None,
            };
            if says(&["开工", "动工", "开建", "启动"], &behind) {
                start = start.or(year);
            } else if says(&["竣工", "完工", "建成", "投用"], &behind) {
                finish = finish.or(year);
            }
        }
        start.zip(finish).filter(|(a, b)| a <= b)
    }
}
