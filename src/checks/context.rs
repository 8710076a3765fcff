//! What every family looks at: the ledger in reading order, the plan's text, its period.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use super::lines::{goes_on, is_head, is_row, row_numbers, squeeze};
use super::passage::Passage;
use super::{Declared, Plan, Quote};
use crate::error::Problem;
use crate::figures::{Figure, Ledger, Moment, Nature, TimeRef};
use crate::rules::Rulebook;

pub(super) struct Context<'a> {
    pub ledger: &'a Ledger,
    pub rules: &'a Rulebook,
    pub place: &'a str,
    /// The plan's lines without blanks; empty where there is no text.
    pub lines: Vec<String>,
    /// The figures of each line in reading order.
    pub by_line: BTreeMap<u32, Vec<&'a Figure>>,
    /// Whether each line is a row of a table: cells apart by tabs.
    pub rows: Vec<bool>,
    /// The lines of tables, in order.
    row_lines: Vec<u32>,
    /// Lines of tables that begin with a number of their own, with that number.
    pub row_numbers: Vec<(u32, u32)>,
    /// Lines that begin an item: （一）, 1., 第二章.
    heads: Vec<u32>,
    /// The figures of each paragraph in reading order: a line, with those that a page break or a hard
    /// wrap has cut from it.
    pub by_paragraph: Vec<Vec<&'a Figure>>,
    /// The words of each paragraph, with the places of its numbers.
    pub passages: Vec<Passage<'a>>,
    /// Each figure's passage, and its place there.
    /// By the figure's row in its file, which is its own.
    place_of: Vec<Option<(u32, u32)>>,
    /// The figures of each section in reading order.
    pub by_section: BTreeMap<(u32, &'a str), Vec<&'a Figure>>,
    pub by_metric: BTreeMap<&'a str, Vec<&'a Figure>>,
    /// The last day that any figure of a metric speaks of.
    pub newest: HashMap<&'a str, NaiveDate>,
    /// Byte position of each figure's words in its line, by its row of the file; `usize::MAX` where unknown.
    at: Vec<usize>,
    /// Full stops of the plan before the start and before the end of each figure's words.
    stops: Vec<Option<(usize, usize)>>,
    /// The years that the plan is for.
    pub plan_period: Option<(NaiveDate, NaiveDate)>,
    /// When the plan was issued.
    pub issued: Option<Moment>,
}

impl<'a> Context<'a> {
    pub fn new(ledger: &'a Ledger, rules: &'a Rulebook, plan: Plan<'a>) -> Self {
        let lines: Vec<String> = plan
            .text
            .map(|t| t.trim_start_matches('\u{feff}').lines().map(squeeze).collect())
            .unwrap_or_default();
        let rows: Vec<bool> = plan.text.map(|t| t.lines().map(is_row).collect()).unwrap_or_default();
        let row_lines: Vec<u32> = (1..).zip(&rows).filter(|(_, row)| **row).map(|(line, _)| line).collect();
        let row_numbers = plan.text.map(row_numbers).unwrap_or_default();
        let heads: Vec<u32> = lines
            .iter()
            .enumerate()
            .filter(|(_, l)| is_head(l))
            .filter_map(|(i, _)| u32::try_from(i + 1).ok())
            .collect();
        let mut by_line: BTreeMap<u32, Vec<&Figure>> = BTreeMap::new();
        let mut by_metric: BTreeMap<&str, Vec<&Figure>> = BTreeMap::new();
        for figure in ledger {
            by_line.entry(figure.line).or_default().push(figure);
            by_metric.entry(&figure.metric).or_default().push(figure);
        }
        let rows_of_file = ledger.iter().map(|f| f.row).max().unwrap_or(0);
        let mut at = vec![usize::MAX; rows_of_file + 1];
        for (line, figures) in &mut by_line {
            let Some(text) = lines.get(*line as usize - 1) else { continue };
            // One phrase may stand several times on a line, and one may hold several figures.
            let mut next: HashMap<&str, (usize, usize)> = HashMap::new();
            for figure in figures.iter() {
                let seen = next.get(figure.phrase.as_str()).copied();
                let from = seen.map_or(0, |(_, end)| end);
                let found = text.get(from..).and_then(|t| t.find(&figure.phrase)).map(|i| i + from);
                let start = found.or(seen.map(|(start, _)| start)).unwrap_or(usize::MAX);
                if found.is_some() {
                    next.insert(&figure.phrase, (start, start + figure.phrase.len().max(1)));
                }
                if let Some(slot) = at.get_mut(figure.row) {
                    *slot = start;
                }
            }
            // Where two start together the order of the file decides.
            figures.sort_by_key(|f| at.get(f.row).copied().unwrap_or(usize::MAX));
        }
        let stops = stops(&lines, &by_line, &at);
        let mut newest: HashMap<&str, NaiveDate> = HashMap::new();
        for (figure, (_, day)) in ledger.iter().filter_map(|f| Some((f, f.time.days()?))) {
            newest.entry(&figure.metric).and_modify(|d| *d = day.max(*d)).or_insert(day);
        }
        let mut by_paragraph: Vec<Vec<&Figure>> = Vec::new();
        let mut last = 0;
        for (line, figures) in &by_line {
            let open = last > 0 && goes_on(&lines, &rows, last, *line);
            match by_paragraph.last_mut().filter(|_| open) {
                Some(paragraph) => paragraph.extend(figures),
                None => by_paragraph.push(figures.clone()),
            }
            last = *line;
        }
        // A section that returns later in the file is another one: keyed by its first line.
        let mut by_section: BTreeMap<(u32, &str), Vec<&Figure>> = BTreeMap::new();
        let mut open: Option<(u32, &str)> = None;
        for figure in by_line.values().flatten() {
            let key = match open {
                Some((first, name)) if name == figure.section => (first, name),
                _ => (figure.line, figure.section.as_str()),
            };
            open = Some(key);
            by_section.entry(key).or_default().push(figure);
        }
        let plan_period = period(ledger);
        let issued = issued(ledger, &lines);
        let passages: Vec<Passage<'_>> = by_paragraph.iter().map(|p| passage(&lines, p, &at)).collect();
        let mut place_of = vec![None; rows_of_file + 1];
        for (n, passage) in (0..).zip(&passages) {
            for (i, placed) in (0..).zip(&passage.placed) {
                if let Some(slot) = place_of.get_mut(placed.figure.row) {
                    *slot = Some((n, i));
                }
            }
        }
        Self {
            ledger,
            rules,
            place: plan.place,
            lines,
            by_line,
            by_paragraph,
            passages,
            place_of,
            row_lines,
            rows,
            row_numbers,
            heads,
            by_section,
            by_metric,
            newest,
            at,
            stops,
            plan_period,
            issued,
        }
    }

    /// Where a figure's words start in its line.
    pub fn position(&self, figure: &Figure) -> Option<usize> {
        self.at.get(figure.row).copied().filter(|p| *p != usize::MAX)
    }

    /// First and last line of the item that a line belongs to: from its heading to the next, or a table's row.
    pub fn item(&self, line: u32) -> (u32, u32) {
        if self.is_row(line) {
            return (line, line);
        }
        let at = self.heads.partition_point(|h| *h <= line);
        let first = at.checked_sub(1).and_then(|i| self.heads.get(i)).copied().unwrap_or(line);
        let end = u32::try_from(self.lines.len()).unwrap_or(line).max(line);
        let last = self.heads.get(at).map_or(end, |next| next - 1);
        // a table ends the item as a heading does
        let next = self.row_lines.get(self.row_lines.partition_point(|r| *r < line)).copied();
        let table = next.map_or(last, |row| last.min(row - 1));
        (first, table.max(line))
    }

    pub fn is_row(&self, line: u32) -> bool {
        (line as usize).checked_sub(1).and_then(|i| self.rows.get(i)).copied().unwrap_or(false)
    }

    /// The words of an item.
    pub fn item_text(&self, line: u32) -> String {
        let (first, last) = self.item(line);
        (first..=last.min(first + 40))
            .filter_map(|l| self.lines.get(l as usize - 1))
            .map(String::as_str)
            .collect()
    }

    /// The words around a figure's number, and its place there; `None` where its number is not in its words.
    pub fn words(&self, figure: &Figure) -> Option<(&Passage<'a>, usize)> {
        let (n, i) = (*self.place_of.get(figure.row)?)?;
        Some((self.passages.get(n as usize)?, i as usize))
    }

    /// Whether a figure is what another is compared with: 比2015年的310家增加116家.
    pub fn compared(&self, figure: &Figure) -> bool {
        self.words(figure).is_some_and(|(passage, i)| passage.compared(i))
    }

    /// Whether no full stop stands between two figures; where no text tells, whether they share a line.
    pub fn one_sentence(&self, first: &Figure, second: &Figure) -> bool {
        let near = first.line <= second.line && second.line - first.line <= 4;
        if !near || first.phrase.trim_end_matches('。').contains('。') {
            return false;
        }
        let of = |f: &Figure| self.stops.get(f.row).copied().flatten();
        match of(first).zip(of(second)) {
            Some(((_, before), (after, _))) => after <= before,
            None => first.line == second.line,
        }
    }

    /// Ledger phrases that are not on their line.
    pub fn misquoted(&self) -> Vec<Problem> {
        if self.lines.is_empty() {
            return Vec::new();
        }
        let wrong = self.ledger.iter().filter(|f| !f.phrase.is_empty());
        wrong
            .filter_map(|f| {
                let expected = self.misplaced(f.line, &f.phrase)?;
                Some(
                    Problem::new("the quote is not in the plan")
                        .file(self.ledger.file())
                        .row(f.row)
                        .column("phrase")
                        .value(&f.phrase)
                        .expected(expected),
                )
            })
            .collect()
    }

    /// A quote of a declared check that is not on its line.
    pub fn quote_problem(&self, quote: &Quote, declared: &Declared) -> Option<Problem> {
        if self.lines.is_empty() {
            return None;
        }
        let expected = self.misplaced(quote.line, &quote.text)?;
        Some(
            Problem::new("the quote is not in the plan")
                .file(&declared.file)
                .row(declared.line)
                .column("quotes")
                .value(&quote.text)
                .expected(expected),
        )
    }

    /// What would have been right, where words are not on a line (nor run over its end).
    fn misplaced(&self, line: u32, words: &str) -> Option<String> {
        let here = |i: usize| self.lines.get(i).is_some_and(|t| t.contains(words));
        let at = (line as usize).checked_sub(1)?;
        if here(at) || self.joined(at).contains(words) {
            return None;
        }
        Some(match (0..self.lines.len()).find(|i| here(*i)) {
            Some(other) => format!("line {}, where these words stand", other + 1),
            None => format!("an exact run of the words of line {line}, blanks removed"),
        })
    }

    /// A line with the next that is not blank: words may run over a page break.
    fn joined(&self, at: usize) -> String {
        let mut all = self.lines.get(at).cloned().unwrap_or_default();
        if let Some(next) = self.lines.iter().skip(at + 1).find(|l| !l.is_empty()) {
            all.push_str(next);
        }
        all
    }

    /// Figures of one metric, in the order of the file.
    pub fn metric(&self, name: &str) -> &[&'a Figure] {
        self.by_metric.get(name).map_or(&[], Vec::as_slice)
    }
}

/// The full stops before the start and before the end of each figure's words, counted from the plan's
/// first line: two figures are in one sentence where no stop was counted between them.
fn stops(
    lines: &[String],
    by_line: &BTreeMap<u32, Vec<&Figure>>,
    at: &[usize],
) -> Vec<Option<(usize, usize)>> {
    let mut counts = vec![None; at.len()];
    let mut before = 0;
    for (i, text) in lines.iter().enumerate() {
        let places: Vec<usize> = text.match_indices('。').map(|(at, _)| at).collect();
        let number = u32::try_from(i + 1).unwrap_or(u32::MAX);
        for figure in by_line.get(&number).into_iter().flatten() {
            let Some(start) = at.get(figure.row).copied().filter(|p| *p != usize::MAX) else {
                continue;
            };
            let to = |byte: usize| before + places.partition_point(|p| *p < byte);
            if let Some(slot) = counts.get_mut(figure.row) {
                *slot = Some((to(start), to(start + figure.phrase.len())));
            }
        }
        before += places.len();
    }
    counts
}

/// The period of the plan: a range of years that is said to be it, else the commonest of the plans.
fn period(ledger: &Ledger) -> Option<(NaiveDate, NaiveDate)> {
    let said = ledger.iter().find(|f| f.metric == "plan_period" || f.subject.contains("规划期"));
    if let Some(days) = said.and_then(|f| f.time.days()) {
        return Some(days);
    }
    let mut counts: BTreeMap<(NaiveDate, NaiveDate), usize> = BTreeMap::new();
    let plans = ledger.iter().filter(|f| f.nature == Nature::Plan && matches!(f.time, TimeRef::During(_)));
    for days in plans.filter_map(|f| f.time.days()) {
        *counts.entry(days).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(days, n)| (*n, std::cmp::Reverse(*days))).map(|(days, _)| days)
}

/// When the plan was issued: said by the ledger, else a date that has a line of its own at the head.
fn issued(ledger: &Ledger, lines: &[String]) -> Option<Moment> {
    let dates = || ledger.iter().filter(|f| f.nature == Nature::Date);
    let mut said = dates().filter(|f| {
        f.metric.starts_with("issue") || f.subject.contains("落款") || f.subject.contains("印发")
    });
    let alone = |f: &&Figure| {
        f.line <= 60
            && f.time_ref.len() >= "2021-10".len()
            && lines
                .get(f.line as usize - 1)
                .is_some_and(|l| l.trim_matches(['(', ')', '（', '）']) == f.phrase && !f.phrase.is_empty())
    };
    said.find_map(|f| Moment::parse(&f.time_ref))
        .or_else(|| dates().filter(alone).find_map(|f| Moment::parse(&f.time_ref)))
}

/// The words of a paragraph: its lines, or the phrases of its figures where there is no text.
fn passage<'a>(lines: &[String], figures: &[&'a Figure], at: &[usize]) -> Passage<'a> {
    let mut text = String::new();
    let mut phrases: Vec<(&Figure, usize)> = Vec::with_capacity(figures.len());
    if lines.is_empty() {
        for figure in figures {
            // windows overlap: what is there already is not said twice
            let known = text.rfind(&figure.phrase).filter(|_| !figure.phrase.is_empty());
            let start = known.unwrap_or_else(|| {
                let ends = figure.phrase.char_indices().map(|(i, c)| i + c.len_utf8()).rev();
                let shared = ends.filter(|n| *n < figure.phrase.len()).find(|n| {
                    figure.phrase.get(..*n).is_some_and(|s| s.chars().count() > 1 && text.ends_with(s))
                });
                match shared {
                    Some(n) => text.push_str(figure.phrase.get(n..).unwrap_or_default()),
                    None => {
                        text.push('，');
                        text.push_str(&figure.phrase);
                    }
                }
                text.len() - figure.phrase.len()
            });
            phrases.push((figure, start));
        }
        return Passage::new(text, &phrases, false);
    }
    let (first, last) = (figures.first().map_or(1, |f| f.line), figures.last().map_or(1, |f| f.line));
    let mut start_of = HashMap::new();
    for line in first..=last {
        start_of.insert(line, text.len());
        text.push_str(lines.get(line as usize - 1).map_or("", String::as_str));
    }
    for figure in figures {
        let start = at.get(figure.row).filter(|p| **p != usize::MAX);
        if let Some((line, within)) = start_of.get(&figure.line).zip(start) {
            phrases.push((figure, line + within));
        }
    }
    Passage::new(text, &phrases, true)
}
