//! The text of a plan as one run of characters, each with its line: broken lines joined, blanks and
//! tags removed, the table of contents left out, headings known.

use super::tables::{self, Cell};

/// One character and the line that it stands on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Glyph {
    pub c: char,
    pub line: u32,
}

/// Stands for a tag, a tab or the end of a paragraph: nothing runs across it.
pub(super) const BREAK: char = '\n';

pub(super) struct Text {
    pub glyphs: Vec<Glyph>,
    /// Where each heading starts, with its words.
    pub headings: Vec<(usize, String)>,
    /// The cells of tables: start, end, and what row and header say.
    cells: Vec<(usize, usize, Cell)>,
}

impl Text {
    pub fn new(source: &str) -> Self {
        let lines: Vec<&str> = source.trim_start_matches('\u{feff}').lines().collect();
        let contents = contents(&lines);
        let tables = tables::layout(&lines, &contents);
        let mut this = Self { glyphs: Vec::new(), headings: Vec::new(), cells: Vec::new() };
        for (i, raw) in lines.iter().enumerate() {
            let clean = raw.trim();
            if clean.is_empty() || contents.contains(&i) {
                continue;
            }
            let line = u32::try_from(i + 1).unwrap_or(u32::MAX);
            if let Some(cells) = tables.get(&i) {
                this.push_cells(cells, line);
                continue;
            }
            if is_heading(clean) {
                let words: String = clean.chars().filter(|c| !c.is_whitespace()).collect();
                this.headings.push((this.glyphs.len(), words));
            }
            this.push_line(raw, line);
            let next = lines
                .iter()
                .enumerate()
                .skip(i + 1)
                .find(|(j, l)| !l.trim().is_empty() && !contents.contains(j));
            if !next.is_some_and(|(j, next)| !tables.contains_key(&j) && joins(clean, next.trim())) {
                this.glyphs.push(Glyph { c: BREAK, line });
            }
        }
        this
    }

    /// A few words without lines or tables.
    pub fn bare(words: &str) -> Self {
        let glyphs = words.chars().filter(|c| !c.is_whitespace()).map(|c| Glyph { c, line: 1 }).collect();
        Self { glyphs, headings: Vec::new(), cells: Vec::new() }
    }

    fn push_cells(&mut self, cells: &[Cell], line: u32) {
        for cell in cells {
            let start = self.glyphs.len();
            self.push_line(&cell.raw, line);
            self.cells.push((start, self.glyphs.len(), cell.clone()));
            self.glyphs.push(Glyph { c: BREAK, line });
        }
    }

    /// The cell of a table that holds a place, with its start and end.
    pub fn cell(&self, at: usize) -> Option<(usize, usize, &Cell)> {
        let next = self.cells.partition_point(|(start, _, _)| *start <= at);
        let (start, end, cell) = self.cells.get(next.checked_sub(1)?)?;
        (at < *end).then_some((*start, *end, cell))
    }

    /// A line without blanks; tags, tabs and emphasis marks become breaks.
    fn push_line(&mut self, raw: &str, line: u32) {
        let mut chars = raw.chars().peekable();
        while let Some(c) = chars.next() {
            let c = match c {
                '\t' | '|' => BREAK,
                '*' if chars.peek() == Some(&'*') => {
                    chars.next();
                    BREAK
                }
                '<' if is_tag(&chars.clone().take(12).collect::<String>()) => {
                    chars.by_ref().find(|c| *c == '>');
                    BREAK
                }
                c if c.is_whitespace() => continue,
                c => c,
            };
            self.glyphs.push(Glyph { c, line });
        }
    }

    pub fn c(&self, i: usize) -> char {
        self.glyphs.get(i).map_or(BREAK, |g| g.c)
    }

    pub fn before(&self, i: usize) -> char {
        i.checked_sub(1).map_or(BREAK, |b| self.c(b))
    }

    /// Characters from `from` to `to`.
    pub fn run(&self, from: usize, to: usize) -> String {
        self.glyphs.get(from..to.min(self.glyphs.len())).unwrap_or_default().iter().map(|g| g.c).collect()
    }

    /// Where the clause around `i` starts.
    pub fn clause_start(&self, i: usize) -> usize {
        (0..i).rev().find(|j| ends_clause(self.c(*j)) && !self.groups_digits(*j)).map_or(0, |j| j + 1)
    }

    /// Where the clause around `i` ends (its mark excluded).
    pub fn clause_end(&self, i: usize) -> usize {
        (i..self.glyphs.len())
            .find(|j| ends_clause(self.c(*j)) && !self.groups_digits(*j))
            .unwrap_or(self.glyphs.len())
    }

    /// A comma amid digits is one of thousands.
    fn groups_digits(&self, i: usize) -> bool {
        use crate::figures::number::is_arabic_digit;
        matches!(self.c(i), ',' | '，')
            && is_arabic_digit(self.before(i))
            && (1..4).all(|k| is_arabic_digit(self.c(i + k)))
            && !is_arabic_digit(self.c(i + 4))
    }

    /// Where the sentence around `i` starts.
    pub fn sentence_start(&self, i: usize) -> usize {
        (0..i).rev().find(|j| matches!(self.c(*j), '。' | '；' | '！' | '？' | BREAK)).map_or(0, |j| j + 1)
    }

    /// Where the sentence around `i` starts, parts between semicolons taken together.
    pub fn full_stop(&self, i: usize) -> usize {
        (0..i).rev().find(|j| matches!(self.c(*j), '。' | '！' | '？' | BREAK)).map_or(0, |j| j + 1)
    }

    /// Start and end of the paragraph around `i`.
    pub fn paragraph(&self, i: usize) -> (usize, usize) {
        let from = (0..i).rev().find(|j| self.c(*j) == BREAK).map_or(0, |j| j + 1);
        let to = (i..self.glyphs.len()).find(|j| self.c(*j) == BREAK).unwrap_or(self.glyphs.len());
        (from, to)
    }
}

/// Where the first of these words that stands at a place ends.
pub(super) fn word(text: &Text, i: usize, words: &[&str]) -> Option<usize> {
    words
        .iter()
        .find(|w| w.chars().enumerate().all(|(k, c)| text.c(i + k) == c))
        .map(|w| i + w.chars().count())
}

pub(super) fn ends_clause(c: char) -> bool {
    matches!(c, '，' | ',' | '。' | '；' | ';' | '：' | ':' | '！' | '？' | '（' | '）' | '(' | ')' | BREAK)
}

fn is_tag(rest: &str) -> bool {
    let name = rest.trim_start_matches('/');
    ["p>", "p ", "br", "td", "tr", "th", "b>", "div", "span", "table", "sup", "sub", "li", "ul"]
        .iter()
        .any(|t| name.starts_with(t))
}

/// The lines of a table of contents: a heading, then a page number behind a gap, dots or a tab.
fn contents(lines: &[&str]) -> std::collections::HashSet<usize> {
    let squeezed = |l: &str| l.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let is_title = |l: &str| matches!(squeezed(l).as_str(), "目录" | "目次");
    let mut all = std::collections::HashSet::new();
    let start = lines.iter().position(|l| is_title(l));
    if let Some(start) = start {
        all.insert(start);
        for (i, line) in lines.iter().enumerate().skip(start + 1) {
            if line.trim().is_empty() {
                continue;
            }
            if page_of(line).is_none() {
                break;
            }
            all.insert(i);
        }
    }
    // without a title: leaders tell
    for (i, line) in lines.iter().enumerate() {
        let leaders = line.contains("……") || line.contains("....") || line.contains("····");
        if leaders && page_of(line).is_some() && !line.contains('。') {
            all.insert(i);
        }
    }
    all
}

/// The page number at the end of a line of contents.
fn page_of(line: &str) -> Option<&str> {
    let line = line.trim_end();
    let digits = line.len() - line.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (head, page) = line.split_at(line.len() - digits);
    ((1..=3).contains(&digits) && !head.trim().is_empty() && !head.ends_with('.') | head.contains(".."))
        .then_some(page)
}

/// A short line that is numbered, or that bears no punctuation and ends a title.
fn is_heading(line: &str) -> bool {
    let count = line.chars().count();
    if count > 60 || line.contains('。') || line.contains('\t') {
        return false;
    }
    let numbered = line.starts_with(['（', '(', '第'])
        || line.chars().take(4).any(|c| c == '、' || c == '.' || c == '．');
    let titled = ["规划", "项目表", "前言", "前 言", "附件", "附表"].iter().any(|w| line.ends_with(w));
    numbered || titled
}

/// Whether a paragraph goes on in the next line: a page break or a hard wrap split it.
fn joins(line: &str, next: &str) -> bool {
    let last = line.chars().last().unwrap_or(BREAK);
    let open = !matches!(last, '。' | '！' | '？' | '；' | '：' | '>' | '|' | ';' | ':')
        && !line.contains(['\t', '|'])
        && !next.contains(['\t', '|']);
    let long = line.chars().count() >= 20;
    let starts = next.starts_with(['一', '二', '三', '四', '五', '六', '七', '八', '九', '十'])
        && next.chars().nth(1) == Some('、')
        || next.starts_with(['（', '(', '#', '—']) && next.chars().count() < 60;
    open && long && !is_heading(line) && !starts
}
