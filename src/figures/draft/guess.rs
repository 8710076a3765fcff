//! Guesses what a person will check: section, subject, period, nature, and cuts the words.

use super::scan::{Hit, Kind};
use super::tables::Cell;
use super::text::{BREAK, Text, ends_clause};
use super::{Nature, Row};
use crate::figures::number::{is_arabic_digit, is_chinese_numeral};

pub(super) struct Context<'a> {
    pub(super) text: &'a Text,
    pub(super) hits: &'a [Hit],
    /// The plan's own period, `2021/2025`.
    pub(super) period: Option<(i32, i32)>,
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
            // the printed places stay: 4.50 is not 4.5
            Kind::Number(value, hi, unit) => (value.to_string(), *hi, unit.clone()),
            Kind::Date(date) if hit.event => (date.clone(), None, String::new()),
            Kind::Years(first, last) if hit.event => {
                (first.to_string(), last.map(Into::into), "年".to_owned())
            }
            Kind::Month(month) => (month.to_string(), None, "月".to_owned()),
            _ => return None,
        };
        let short = self.text.cell(hit.start).filter(|(from, to, _)| to - from <= 20);
        let (nature, (time_ref, time_type), subject) = match short {
            Some((_, _, cell)) if matches!(hit.kind, Kind::Number(..)) => self.in_cell(cell, &unit),
            _ => {
                let nature = self.nature(i, hit, &unit);
                (nature, self.time(i, hit, nature), self.subject(i))
            }
        };
        Some(Row {
            line,
            section: self.section(hit.start),
            subject,
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

    /// What row and header say of a number in a table.
    fn in_cell(&self, cell: &Cell, unit: &str) -> (Nature, (String, &'static str), String) {
        let header = &cell.header;
        let says = |words: &[&str]| words.iter().any(|w| header.contains(w));
        let year = (0..header.len())
            .filter_map(|i| header.get(i..i + 4))
            .find_map(|y| y.parse::<i32>().ok().filter(|y| (1949..2100).contains(y)));
        let ahead = |y: i32| self.period.is_some_and(|(first, _)| y >= first);
        let money = unit.ends_with('元');
        let share = unit.ends_with('%') || unit == "‰";
        let subject = match (cell.label.as_str(), header.as_str()) {
            ("", header) => header.to_owned(),
            (label, header) if year.is_some() || header.is_empty() => format!("{label}{}", cell.under),
            (label, header) => format!("{label}{header}"),
        };
        let subject = subject.chars().filter(|c| !matches!(c, '“' | '”' | '"')).take(30).collect();
        let (nature, time) = match (year, self.period) {
            _ if says(&["增速", "增长", "增幅"]) => {
                let time = self.period.map_or("undated".to_owned(), |(a, b)| format!("{a}/{b}"));
                (Nature::Rate, (time, if self.period.is_some() { "period" } else { "undated" }))
            }
            (Some(y), _) if ahead(y) && money => (Nature::Plan, (y.to_string(), "plan")),
            (Some(y), _) if ahead(y) => (Nature::Target, (y.to_string(), "target_by")),
            (Some(y), _) => (if share { Nature::Rate } else { Nature::Actual }, (y.to_string(), "year")),
            (None, Some((a, b))) if says(&["十四五", "十五五", "规划期"]) && (money || says(&["投资"])) => {
                (Nature::Plan, (format!("{a}/{b}"), "plan"))
            }
            (None, Some((_, b))) if says(&["目标", "规划"]) && !money => {
                (Nature::Target, (b.to_string(), "target_by"))
            }
            (None, period) if money => {
                let years = cell.works.or(period);
                let time = years.map_or("undated".to_owned(), |(a, b)| format!("{a}/{b}"));
                (Nature::Plan, (time, if years.is_some() { "plan" } else { "undated" }))
            }
            _ => (if share { Nature::Rate } else { Nature::Actual }, ("undated".to_owned(), "undated")),
        };
        (nature, time, subject)
    }

    /// 由58%提高到65%: where it comes from, which is no target.
    fn is_start(&self, hit: &Hit) -> bool {
        let before =
            self.text.run(hit.start.saturating_sub(14).max(self.text.clause_start(hit.start)), hit.start);
        let behind = self.text.run(hit.end, (hit.end + 12).min(self.text.clause_end(hit.end)));
        let said = before.rfind(['由', '从']).is_some_and(|at| {
            // a year and what it is per may stand between
            let rest = before.get(at..).unwrap_or_default();
            rest.chars().skip(1).all(|c| is_arabic_digit(c) || "年底末月的每人约近".contains(c))
        });
        let moves =
            ["提高", "提升", "增加", "增至", "增长", "上升", "下降", "降低", "降至", "减少", "调整", "扩大"];
        said && moves.iter().any(|w| behind.contains(w))
    }

    fn nature(&self, i: usize, hit: &Hit, unit: &str) -> Nature {
        if !matches!(hit.kind, Kind::Number(..)) {
            return Nature::Date;
        }
        let clause = self.text.run(self.text.clause_start(hit.start), self.text.clause_end(hit.end));
        let says = |words: &[&str]| words.iter().any(|w| clause.contains(w));
        let per_person = unit.contains("/人") || unit.contains("/月");
        if unit.contains('元') && (per_person || says(&["标准"])) {
            let wanted = hit.start >= self.future && self.is_due(i, hit) && !self.is_start(hit);
            return if wanted { Nature::Target } else { Nature::Standard };
        }
        if unit == "岁" || (unit == "年" && says(&["连续"])) || unit == "倍" {
            return Nature::Rule;
        }
        let share = unit.ends_with('%') || unit == "‰";
        if hit.start >= self.future {
            let wanted = share || says(&["达到", "以上", "力争", "目标"]);
            let have =
                says(&["现有", "我市", "全市现", "全县现", "我县"]) && !says(&["新建", "建设", "投资"]);
            let done = ["已完成", "已投入", "已建成", "已投资", "已到位", "已发放", "已拨付"];
            return if self.is_start(hit) {
                if share { Nature::Rate } else { Nature::Actual }
            } else if have || says(&done) {
                Nature::Actual
            } else if wanted {
                Nature::Target
            } else {
                Nature::Plan
            };
        }
        if share { Nature::Rate } else { Nature::Actual }
    }

    /// The noun before the number, else the one behind it; in a list, that of its first number.
    fn subject(&self, i: usize) -> String {
        let mut at = i;
        loop {
            let Some(hit) = self.hits.get(at) else { return String::new() };
            let words = self.words_of(at, hit);
            if words.chars().count() >= 2 {
                return words;
            }
            let clause = self.text.clause_start(hit.start);
            match at.checked_sub(1).filter(|b| self.hits[*b].start >= clause) {
                Some(before) => at = before,
                None => return words,
            }
        }
    }

    fn words_of(&self, i: usize, hit: &Hit) -> String {
        let han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
        // the unit of the number before is no part of this one's name
        let before_it = i.checked_sub(1).map_or(0, |b| self.hits[b].end);
        let start = self.text.clause_start(hit.start).max(before_it);
        let mut before: Vec<char> = Vec::new();
        for i in (start..hit.start).rev() {
            let c = self.text.c(i);
            if !han(c) || before.len() >= 12 {
                break;
            }
            before.insert(0, c);
        }
        let words = trimmed(&before.iter().collect::<String>());
        let behind: String =
            (hit.end..hit.end + 10).map(|i| self.text.c(i)).take_while(|c| han(*c) && *c != '的').collect();
        let behind = BEHIND.iter().find_map(|w| behind.strip_prefix(w)).unwrap_or(&behind).to_owned();
        let counts = matches!(&hit.kind, Kind::Number(_, _, u) if !u.contains('元') && !u.ends_with('%'));
        let named = behind.chars().count() >= 2 && !BREAKS.iter().any(|w| behind.starts_with(w));
        if named && (counts || words.is_empty() && before.is_empty()) { behind } else { words }
    }

    /// The words of the plan around the number: an exact run of its line that cuts no other number.
    fn phrase(&self, hit: &Hit, line: u32) -> String {
        if let Some((start, end, cell)) = self.text.cell(hit.start)
            && cell.bare
        {
            return self.phrase_of_cell(start, end);
        }
        let here = |i: usize| self.text.glyphs.get(i).is_some_and(|g| g.line == line && g.c != BREAK);
        let clause = self.text.clause_start(hit.start);
        let mut from = hit.start;
        while from > clause && from > hit.start.saturating_sub(14) && here(from - 1) {
            from -= 1;
        }
        let part = |i: usize| {
            let c = self.text.c(i);
            is_arabic_digit(c) || is_chinese_numeral(c) || matches!(c, '.' | '．' | ',' | '，')
        };
        while from > clause && from < hit.start && part(from) && part(from - 1) {
            from += 1;
        }
        let mut to = hit.end;
        while here(to) && !ends_clause(self.text.c(to)) && to < hit.end + 10 {
            to += 1;
        }
        while to > hit.end && part(to) && part(to - 1) {
            to -= 1;
        }
        // a number that runs over the end of its line is cut there
        let to = (hit.start..to).find(|i| !here(*i)).unwrap_or(to);
        self.text.run(from, to).trim_end_matches('、').to_owned()
    }

    /// A cell with the names before it, as far as they read as one run of the line.
    fn phrase_of_cell(&self, start: usize, end: usize) -> String {
        let mut words = self.text.run(start, end);
        let mut first = start;
        while let Some((from, to, cell)) = first.checked_sub(2).and_then(|i| self.text.cell(i)) {
            let whole = self.text.run(from, to);
            let last = whole.chars().last().unwrap_or(BREAK);
            let other_line = self.text.glyphs[from].line != self.text.glyphs[start].line;
            let marked = cell.bars || cell.raw.contains(['<', '*']) || to + 1 != first;
            if other_line || marked || cell.bare || is_arabic_digit(last) || whole.chars().count() > 24 {
                break;
            }
            words.insert_str(0, &whole);
            first = from;
        }
        words.chars().filter(|c| *c != BREAK).collect()
    }
}

/// What may stand between a number and the noun behind it.
const BEHIND: [&str; 6] = ["及以上", "以上", "以下", "左右", "以内", "余"];

/// What is no noun behind a number.
const BREAKS: [&str; 14] =
    ["提高", "增加", "增长", "上升", "下降", "减少", "达到", "分别", "和", "及", "与", "以", "的", "占"];

/// A name without the verbs and particles around it: 的每人每月…提高到 is none.
fn trimmed(words: &str) -> String {
    let mut words = words.to_owned();
    for inner in ["每人每月", "每人每年", "每月", "每年"] {
        words = words.replace(inner, "");
    }
    let tails = [
        "提高至",
        "提高到",
        "增加到",
        "增长到",
        "上升到",
        "达到了",
        "达到",
        "保持在",
        "总计",
        "共计",
        "合计",
        "累计",
        "分别为",
        "分别",
        "不低于",
        "不少于",
        "不超过",
        "超过",
        "以上",
        "提高",
        "增加",
        "增长",
        "新增",
        "建设",
        "新建",
        "投入",
        "发放",
        "支出",
        "只有",
        "达",
        "为",
        "约",
        "近",
        "至",
        "到",
        "的",
        "共",
        "有",
        "仅",
        "由",
        "从",
        "按",
        "每",
        "逾",
        "截至",
        "截止",
    ];
    let heads = [
        "年的",
        "年底",
        "年末",
        "年",
        "的",
        "其中",
        "和",
        "及",
        "与",
        "以上",
        "及以上",
        "共有",
        "现有",
        "全部",
    ];
    // what is left must stay a name of two characters
    let long = |w: &str| w.chars().count() >= 2;
    loop {
        let cut = tails.iter().find_map(|t| words.strip_suffix(t)).filter(|w| w.is_empty() || long(w));
        let cut = cut
            .or_else(|| heads.iter().find_map(|h| words.strip_prefix(h)).filter(|w| w.is_empty() || long(w)));
        match cut.map(str::to_owned) {
            Some(shorter) => words = shorter,
            None => return words,
        }
    }
}
