//! The tables of a plan's text: rows of cells parted by tabs, bars or blanks below a header. A bare
//! number takes its unit from its header, from the row's unit column, from the row's name or from the
//! caption (单位：万元); where none of them says one, it is told and not drafted.

use std::collections::HashMap;
use std::rc::Rc;

use super::heads;
use super::units::unit_of_words;
use crate::figures::number::is_arabic_digit;

/// A cell as it stands, with what its row and its header say of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Cell {
    /// The cell's words, blanks kept.
    pub raw: String,
    /// Whether a number is all that stands in it.
    pub bare: bool,
    /// A row number, or a cell of the header: nothing to draft.
    pub idle: bool,
    pub unit: Option<String>,
    /// The header above it.
    pub header: String,
    /// What the lower row of a header of two rows adds to it (城市 under 2020年).
    pub under: String,
    /// The name of its row.
    pub label: String,
    /// The years of works that another cell of its row gives.
    pub works: Option<(i32, i32)>,
    /// Whether bars part the cells, so that two of them are no run of the line.
    pub bars: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Parted {
    Tabs,
    Bars,
    Blanks,
}

struct Column {
    name: String,
    under: String,
    unit: Option<String>,
    /// Whether the caption's unit may be meant.
    takes_caption: bool,
    numbering: bool,
    units: bool,
}

struct Table {
    parted: Parted,
    columns: Rc<Vec<Column>>,
    caption: Option<String>,
}

/// The cells of every line that is part of a table, by the index of the line.
pub(super) fn layout(lines: &[&str], leave: &std::collections::HashSet<usize>) -> HashMap<usize, Vec<Cell>> {
    let mut all = HashMap::new();
    let mut table: Option<Table> = None;
    // what stands above a header: its caption, and often the unit
    let mut above: Vec<&str> = Vec::new();
    for (i, line) in lines.iter().enumerate() {
        // the second row of a header was read with the first
        if line.trim().is_empty() || leave.contains(&i) || all.contains_key(&i) {
            continue;
        }
        let Some((parted, cells)) = split(line) else {
            table = None;
            above.push(line);
            continue;
        };
        if let Some(known) = table.as_ref().filter(|t| t.parted == parted && !is_header(&cells)) {
            let aligned = known.columns.len() == cells.len();
            if aligned {
                all.insert(i, row(cells, known));
                continue;
            }
            if parted != Parted::Blanks {
                all.insert(i, cells.into_iter().enumerate().map(|(k, c)| loose(c, k == 0, parted)).collect());
                continue;
            }
        }
        if is_header(&cells) && (parted != Parted::Blanks || heads_rows(&cells, lines, i)) {
            let captions = above.iter().rev().take(3).copied().chain([*line]);
            let caption = captions.into_iter().find_map(caption_unit);
            let idle = |raw: String| Cell { raw, idle: true, ..Cell::default() };
            let columns: Vec<Column> = match lower_row(&cells, parted, lines, i) {
                Some((below, lower, names)) => {
                    all.insert(below, lower.into_iter().map(idle).collect());
                    names.iter().map(|(above, below)| column_of_two(above, below)).collect()
                }
                None => cells.iter().map(|c| column(c)).collect(),
            };
            table = Some(Table { parted, columns: Rc::new(columns), caption });
            all.insert(i, cells.into_iter().map(idle).collect());
        } else if parted != Parted::Blanks || runs_together(&cells) {
            all.insert(i, cells.into_iter().enumerate().map(|(k, c)| loose(c, k == 0, parted)).collect());
        } else {
            table = None;
            above.push(line);
        }
    }
    all
}

/// A cell of a row that fits no header. The first one is its number in the list where it is whole.
fn loose(raw: String, first: bool, parted: Parted) -> Cell {
    // a year by itself is read as one
    let (bare, idle) = (is_bare(&raw) && !is_year(&raw), first && is_row_number(&raw));
    Cell { bare, idle, bars: parted == Parted::Bars, raw, ..Cell::default() }
}

fn split(line: &str) -> Option<(Parted, Vec<String>)> {
    let trimmed = |parts: std::str::Split<'_, char>| parts.map(|c| c.trim().to_owned()).collect::<Vec<_>>();
    if line.contains('\t') {
        return Some((Parted::Tabs, trimmed(line.trim_end_matches(['\r', '\n', ' ']).split('\t'))));
    }
    let inner = line.trim();
    if inner.matches('|').count() >= 2 {
        let inner = inner.strip_prefix('|').unwrap_or(inner);
        return Some((Parted::Bars, trimmed(inner.strip_suffix('|').unwrap_or(inner).split('|'))));
    }
    let cells: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    let plain = cells.len() >= 3 && !line.contains(['。', '；', '，', '<']);
    plain.then_some((Parted::Blanks, cells))
}

/// Names alone, at least two of them: no cell is a number other than a year.
fn is_header(cells: &[String]) -> bool {
    let named = cells.iter().filter(|c| has_han(c) && c.chars().count() <= 24).count();
    named >= 2
        && !cells.iter().any(|c| is_bare(c) && !is_year(c) || c.contains('。'))
        && cells.iter().any(|c| HEADS.iter().any(|h| c.contains(h)))
        && !cells.iter().any(|c| years(c).is_some())
}

const HEADS: [&str; 16] = [
    "序号", "指标", "单位", "项目", "名称", "投资", "年", "规模", "数量", "合计", "类别", "内容", "资金",
    "现状", "目标", "地区",
];

/// Whether rows of as many cells, some of them numbers, follow: blanks alone make no table.
fn heads_rows(cells: &[String], lines: &[&str], at: usize) -> bool {
    let words = cells.iter().filter(|c| HEADS.iter().any(|h| c.contains(h))).count();
    words >= 2
        && lines
            .iter()
            .skip(at + 1)
            .filter(|l| !l.trim().is_empty())
            .take(3)
            .filter_map(|l| split(l))
            .any(|(_, row)| row.len() == cells.len() && row.iter().any(|c| is_bare(c)))
}

/// Two bare numbers side by side, parted by blanks alone: read together they would be a third.
fn runs_together(cells: &[String]) -> bool {
    cells.windows(2).any(|pair| is_bare(&pair[0]) && is_bare(&pair[1]))
}

/// The second row of a header, where the next line is one; blanks alone don't keep its cells in their columns.
fn lower_row(
    upper: &[String],
    parted: Parted,
    lines: &[&str],
    at: usize,
) -> Option<(usize, Vec<String>, heads::Names)> {
    let ruled = |l: &str| !l.chars().any(|c| !matches!(c, '|' | '-' | ':' | '+' | ' '));
    let below = lines.iter().enumerate().skip(at + 1);
    let (i, next) = below.into_iter().find(|(_, l)| !l.trim().is_empty() && !ruled(l))?;
    let (_, lower) = split(next).filter(|(p, _)| *p == parted && parted != Parted::Blanks)?;
    let words = lower.iter().filter(|c| has_han(c)).count() >= 2;
    let values = lower.iter().any(|c| is_bare(c) && !is_year(c) || years(c).is_some() || c.contains('。'));
    let names = heads::two_rows(upper, &lower).filter(|_| words && !values)?;
    Some((i, lower, names))
}

/// A column below two names: its unit stands with either, the lower one first.
fn column_of_two(above: &str, below: &str) -> Column {
    let both = column(&format!("{above}{below}"));
    let under =
        below.split(['（', '(']).next().unwrap_or_default().chars().filter(|c| !c.is_whitespace()).collect();
    Column { unit: column(below).unit.or_else(|| column(above).unit), under, ..both }
}

fn column(raw: &str) -> Column {
    let name: String = raw.chars().filter(|c| !c.is_whitespace()).collect();
    let money =
        ["投资", "资金", "经费", "金额", "预算", "支出", "补助", "自筹"].iter().any(|w| name.contains(w));
    let counts = ["数", "床位", "面积", "人", "户", "规模", "率", "比", "备注", "年限", "增速", "增长"];
    Column {
        unit: bracketed_unit(&name),
        takes_caption: money || !counts.iter().any(|w| name.contains(w)),
        numbering: matches!(name.as_str(), "序号" | "编号" | "行次" | "序" | "号" | "#" | "No." | "No"),
        units: matches!(name.as_str(), "单位" | "计量单位"),
        under: String::new(),
        name,
    }
}

fn row(cells: Vec<String>, table: &Table) -> Vec<Cell> {
    let columns = &table.columns;
    let of_row = cells
        .iter()
        .zip(columns.iter())
        .find(|(_, c)| c.units)
        .map(|(cell, _)| cell.chars().filter(|c| !c.is_whitespace()).collect::<String>());
    let own_units = of_row.is_some();
    let of_row = of_row.and_then(|u| unit_of_row(&u));
    let label = cells
        .iter()
        .zip(columns.iter())
        .find(|(cell, c)| !c.units && !c.numbering && has_han(cell) && years(cell).is_none())
        .map_or_else(String::new, |(cell, _)| cell.chars().filter(|c| !c.is_whitespace()).take(30).collect());
    let of_label = bracketed_unit(&label);
    let works = cells.iter().find_map(|c| years(c)).or_else(|| {
        let year = |word: &str| {
            let (cell, _) = cells.iter().zip(columns.iter()).find(|(_, c)| c.name.contains(word))?;
            cell.trim_end_matches('年').parse::<i32>().ok().filter(|_| is_year(cell.trim_end_matches('年')))
        };
        year("开工").zip(year("竣工").or_else(|| year("完工"))).filter(|(a, b)| a <= b)
    });
    cells
        .into_iter()
        .zip(columns.iter())
        .map(|(raw, column)| {
            let unit = column
                .unit
                .clone()
                .or_else(|| of_row.clone())
                .or_else(|| of_label.clone())
                .or_else(|| table.caption.clone().filter(|_| column.takes_caption && !own_units));
            let dated = ["年份", "年度", "开工", "竣工", "完工", "时间", "年限"]
                .iter()
                .any(|w| column.name.contains(w));
            let bare = is_bare(&raw) && !(is_year(&raw) && (dated || unit.is_none()));
            let idle = column.numbering && is_row_number(&raw) || column.units;
            let bars = table.parted == Parted::Bars;
            let (header, under) = (column.name.clone(), column.under.clone());
            Cell { bare, idle, unit, header, under, label: label.clone(), works, bars, raw }
        })
        .collect()
}

/// The unit of a unit column: as it is known, or any short word of its own (批次).
fn unit_of_row(text: &str) -> Option<String> {
    unit_of_words(text).or_else(|| {
        let plain = text.chars().all(has_han_char) && (1..=4).contains(&text.chars().count());
        plain.then(|| text.to_owned())
    })
}

/// 总投资（万元）, 占比(%), 投资/万元: the unit at the end of a name.
fn bracketed_unit(name: &str) -> Option<String> {
    let open = name.rfind(['（', '(', '〔', '['])?;
    let inner = name.get(open..)?.trim_matches(['（', '）', '(', ')', '〔', '〕', '[', ']']);
    unit_of_words(inner.trim_start_matches("单位：").trim_start_matches("单位:"))
}

/// The unit of a caption: 单位：万元. Where it names several, none is meant for all.
fn caption_unit(line: &str) -> Option<String> {
    let clean: String = line.chars().filter(|c| !c.is_whitespace()).collect();
    let (_, behind) = clean.split_once("单位：").or_else(|| clean.split_once("单位:"))?;
    let word: String = behind.chars().take_while(|c| !"）)，。；|".contains(*c)).collect();
    unit_of_words(&word)
}

/// The bounds that a cell may print: ≥60, 95以上.
pub(super) const SIGNS: [char; 4] = ['≥', '≤', '>', '<'];

fn is_bare(cell: &str) -> bool {
    let clean: String = cell.chars().filter(|c| !c.is_whitespace()).collect();
    let inner = clean.trim_start_matches(SIGNS);
    let inner = ["以上", "以下", "左右"].iter().find_map(|w| inner.strip_suffix(w)).unwrap_or(inner);
    let inner = inner.trim_matches(['〔', '〕', '[', ']', '-', '−']);
    inner.chars().any(is_arabic_digit)
        && inner.chars().all(|c| is_arabic_digit(c) || matches!(c, '.' | '．' | ',' | '，'))
}

fn is_row_number(cell: &str) -> bool {
    let clean = cell.trim().trim_end_matches(['.', '、', '．']);
    clean.chars().count() <= 3 && !clean.is_empty() && clean.chars().all(is_arabic_digit)
}

fn is_year(cell: &str) -> bool {
    cell.trim().parse::<i32>().is_ok_and(|y| (1949..2100).contains(&y))
}

/// 2022—2024, 2022-2024年.
fn years(cell: &str) -> Option<(i32, i32)> {
    let clean: String = cell.chars().filter(|c| !c.is_whitespace() && *c != '年').collect();
    let (from, to) = clean.split_once(['—', '-', '－', '–', '至', '~', '～'])?;
    let to = to.trim_start_matches(['—', '-', '－', '–']);
    let (from, to) = (from.parse().ok()?, to.parse().ok()?);
    ((1949..2100).contains(&from) && (from..2100).contains(&to)).then_some((from, to))
}

fn has_han(text: &str) -> bool {
    text.chars().any(has_han_char)
}

fn has_han_char(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}
