//! What the lines of a plan are: paragraphs that a page break cuts, headings of items, rows of tables.

/// Whether the paragraph of line `first` runs on to line `second`.
pub(super) fn goes_on(lines: &[String], rows: &[bool], first: u32, second: u32) -> bool {
    // a row of a table ends where it ends
    if rows.get(first as usize - 1..second as usize).is_some_and(|r| r.iter().any(|row| *row)) {
        return false;
    }
    let between = lines.get(first as usize - 1..second as usize - 1).unwrap_or_default();
    let cut = |l: &String| {
        l.chars().count() >= 20 && !l.ends_with(['。', '；', '！', '？', '：', '>', '|']) && !l.contains('|')
    };
    !between.is_empty() && between.len() <= 6 && between.iter().filter(|l| !l.is_empty()).all(cut)
}

/// A row of a table that was copied out of a document: at least three cells.
pub(super) fn is_row(line: &str) -> bool {
    line.matches('\t').count() >= 2
}

pub(super) fn row_numbers(text: &str) -> Vec<(u32, u32)> {
    let rows = text.lines().enumerate().filter(|(_, l)| is_row(l));
    rows.filter_map(|(i, l)| Some((u32::try_from(i + 1).ok()?, l.split('\t').next()?.trim().parse().ok()?)))
        .collect()
}

/// Whether a line begins an item: 第一章, 一、, （一）, 1., 1、.
pub(super) fn is_head(line: &str) -> bool {
    let numeral = |c: char| "一二三四五六七八九十".contains(c);
    let rest = line.trim_start_matches(['（', '(', '第']);
    let marked = rest.len() < line.len();
    let chinese = rest.trim_start_matches(numeral);
    if chinese.len() < rest.len() {
        return chinese.starts_with(if marked { &['）', ')', '章', '节'][..] } else { &['、'][..] });
    }
    let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let number = rest.len() - digits.len();
    (1..=2).contains(&number)
        && digits.starts_with(if marked { &['）', ')'][..] } else { &['.', '．', '、'][..] })
        && !digits.get(1..).is_some_and(|d| d.starts_with(|c: char| c.is_ascii_digit()))
}

/// Blanks removed.
pub(super) fn squeeze(line: &str) -> String {
    line.chars().filter(|c| !c.is_whitespace()).collect()
}
