//! Guesses what a person will check: section, subject, period, nature, and cuts the words.

use super::scan::{Hit, Kind};
use super::text::{BREAK, Text, ends_clause};
use super::{Nature, Row};

pub(super) struct Context<'a> {
    text: &'a Text,
    hits: &'a [Hit],
    /// The plan's own period, `2021/2025`.
    period: Option<(i32, i32)>,
    /// Where what is wanted begins (主要任务, 重点工程 …).
    future: usize,
}

impl<'a> Context<'a> {
    pub fn new(text: &'a Text, hits: &'a [Hit]) -> Self {
        let five = |h: &Hit| match h.kind {
            Kind::Years(a, Some(b)) if b - a >= 3 => Some((a, b)),
            _ => None,
        };
        // the first period is that of the title
        let period = hits.iter().find_map(five);
        let words =
            ["主要任务", "重点工程", "重点任务", "重点项目", "发展目标", "主要目标", "项目表", "总体要求"];
        let future = text
            .headings
            .iter()
            .find(|(_, h)| words.iter().any(|w| h.contains(w)))
            .map_or(usize::MAX, |(at, _)| *at);
        Self { text, hits, period, future }
    }

    pub fn row(&self, i: usize, hit: &Hit) -> Option<Row> {
        let line = self.text.glyphs.get(hit.start)?.line;
        let (value, value_hi, unit) = match &hit.kind {
            Kind::Number(value, hi, unit) => (value.normalize().to_string(), *hi, unit.clone()),
            Kind::Date(date) if hit.event => (date.clone(), None, String::new()),
            Kind::Years(first, last) if hit.event => {
                (first.to_string(), last.map(Into::into), "年".to_owned())
            }
            Kind::Month(month) => (month.to_string(), None, "月".to_owned()),
            _ => return None,
        };
        let nature = self.nature(hit, &unit);
        let (time_ref, time_type) = self.time(i, hit, nature);
        Some(Row {
            line,
            section: self.section(hit.start),
            subject: self.subject(hit),
            value,
            value_hi,
            bound: hit.bound,
            unit,
            time_ref,
            time_type,
            nature,
            phrase: self.phrase(hit, line),
        })
    }

    /// The heading that it stands under.
    fn section(&self, at: usize) -> String {
        let last = self.text.headings.iter().take_while(|(h, _)| *h <= at).last();
        last.map_or_else(String::new, |(_, words)| words.chars().take(30).collect())
    }

    fn nature(&self, hit: &Hit, unit: &str) -> Nature {
        if !matches!(hit.kind, Kind::Number(..)) {
            return Nature::Date;
        }
        let clause = self.text.run(self.text.clause_start(hit.start), self.text.clause_end(hit.end));
        let says = |words: &[&str]| words.iter().any(|w| clause.contains(w));
        let per_person = unit.contains("/人") || unit.contains("/月");
        if unit.contains('元') && (per_person || says(&["标准"])) {
            return Nature::Standard;
        }
        if unit == "岁" || (unit == "年" && says(&["连续"])) || unit == "倍" {
            return Nature::Rule;
        }
        let share = unit.ends_with('%') || unit == "‰";
        if hit.start >= self.future {
            let wanted = share || says(&["达到", "以上", "力争", "目标"]);
            let have =
                says(&["现有", "我市", "全市现", "全县现", "我县"]) && !says(&["新建", "建设", "投资"]);
            return if have {
                Nature::Actual
            } else if wanted {
                Nature::Target
            } else {
                Nature::Plan
            };
        }
        if share { Nature::Rate } else { Nature::Actual }
    }

    /// The time that the sentence gives last before it, else the plan's own where something is planned.
    fn time(&self, i: usize, hit: &Hit, nature: Nature) -> (String, &'static str) {
        let own = |kind: &Kind| match kind {
            Kind::Years(a, Some(b)) => Some((format!("{a}/{b}"), "period")),
            Kind::Years(a, None) => Some((a.to_string(), "year")),
            Kind::Date(d) if d.len() > 5 => Some((d.clone(), "instant")),
            Kind::Date(_) | Kind::Month(_) => Some(("annual".to_owned(), "recurring")),
            Kind::Number(..) => None,
        };
        if let Some(time) = own(&hit.kind) {
            return time;
        }
        let planned = matches!(nature, Nature::Plan | Nature::Target);
        if let Some((a, b)) = self.period.filter(|_| planned) {
            return if nature == Nature::Target {
                (b.to_string(), "target_by")
            } else {
                (format!("{a}/{b}"), "plan")
            };
        }
        let from = self.text.sentence_start(hit.start);
        let before = self.hits[..i].iter().rev().take_while(|h| h.start >= from);
        before.into_iter().find_map(|h| own(&h.kind)).unwrap_or_else(|| ("undated".to_owned(), "undated"))
    }

    /// The noun before the number, else the one behind it.
    fn subject(&self, hit: &Hit) -> String {
        let han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
        let start = self.text.clause_start(hit.start);
        let mut before: Vec<char> = Vec::new();
        for i in (start..hit.start).rev() {
            let c = self.text.c(i);
            if !han(c) || before.len() >= 10 {
                break;
            }
            before.insert(0, c);
        }
        let mut words: String = before.iter().collect();
        for tail in [
            "提高至",
            "提高到",
            "达到",
            "达到了",
            "保持在",
            "总计",
            "共计",
            "达",
            "为",
            "约",
            "近",
            "至",
            "到",
            "超过",
            "的",
            "共",
            "有",
            "新增",
            "建设",
            "新建",
            "投入",
        ] {
            if let Some(cut) = words.strip_suffix(tail) {
                words = cut.to_owned();
            }
        }
        let behind: String =
            (hit.end..hit.end + 10).map(|i| self.text.c(i)).take_while(|c| han(*c) && *c != '的').collect();
        if behind.chars().count() >= 2
            && matches!(&hit.kind, Kind::Number(_, _, u) if !u.contains('元') && !u.ends_with('%'))
        {
            return behind;
        }
        if words.chars().count() >= 2 { words } else { behind }
    }

    /// The words of the plan around the number: an exact run of its line.
    fn phrase(&self, hit: &Hit, line: u32) -> String {
        let here = |i: usize| self.text.glyphs.get(i).is_some_and(|g| g.line == line && g.c != BREAK);
        let clause = self.text.clause_start(hit.start);
        let mut from = hit.start;
        while from > clause && from > hit.start.saturating_sub(14) && here(from - 1) {
            from -= 1;
        }
        let mut to = hit.end;
        while here(to) && !ends_clause(self.text.c(to)) && to < hit.end + 10 {
            to += 1;
        }
        // a number that runs over the end of its line is cut there
        let to = (hit.start..to).find(|i| !here(*i)).unwrap_or(to);
        self.text.run(from, to)
    }
}
