//! A statistical table as the checks see it: rows with level, unit and cells, columns with their kind.

use num_traits::{CheckedAdd, CheckedSub, Zero};
use rust_decimal::Decimal;

use crate::error::Result;
use crate::figures::{Exact, Span, from_decimal};
use crate::tables::Input;

/// A number of the table with its printed precision.
#[derive(Clone)]
pub(super) struct Cell {
    pub value: Exact,
    pub half: Exact,
    pub text: String,
    pub at: String,
}

impl Cell {
    pub fn span(&self) -> Option<Span> {
        Some(Span { lo: self.value.checked_sub(&self.half)?, hi: Some(self.value.checked_add(&self.half)?) })
    }
}

pub(super) struct Row {
    pub label: String,
    /// Level of its numbering: 0 for a total, 1 for 一、, 2 for （一） …; `None` where it has none.
    pub level: Option<usize>,
    pub subset: bool,
    /// 小计, 低保小计: a total of some rows beside it.
    pub subtotal: bool,
    pub cells: Vec<Option<Cell>>,
    /// Of the unit column, else of the brackets behind its name.
    pub unit: String,
}

impl Row {
    /// A rate, an average or a standard, which adds to nothing.
    pub fn is_rate(&self) -> bool {
        is_rate(&self.label) || ["%", "％", "‰", "率"].iter().any(|w| self.unit.contains(w))
    }

    /// A part of a hundred, whose change is told in points.
    pub fn is_share(&self) -> bool {
        let signs = ["%", "％", "‰"];
        let label = self.label.trim_end_matches(['）', ')']);
        signs.iter().any(|w| self.unit.contains(w) || label.ends_with(w))
            || self.unit.contains('率')
            || ["率", "占比", "比重", "比例"]
                .iter()
                .any(|w| label.split(['（', '(']).next().unwrap_or(label).ends_with(w))
    }
}

pub(super) struct Column {
    pub name: String,
    /// What it compares with, where it tells growth.
    pub growth: Option<Growth>,
}

/// How a column tells growth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Growth {
    Percent,
    Points,
    /// 增减数: a plain difference.
    Amount,
    /// 增减: nothing says whether per cent or a difference.
    Open,
    /// 年均增长: per cent a year between the two years of the sheet.
    Yearly,
    /// 累计, and what else is not of two periods.
    Other,
}

impl Column {
    /// Whether its cells add up to a total: counts and amounts, not rates, averages and standards.
    pub fn adds(&self) -> bool {
        self.growth.is_none() && !is_rate(&self.name)
    }

    /// 占比（%）: parts that make 100.
    pub fn is_composition(&self) -> bool {
        ["占比", "比重", "构成"].iter().any(|w| self.name.contains(w))
    }

    /// The year in its name.
    pub fn year(&self) -> Option<i32> {
        let digits: String = self.name.chars().filter(char::is_ascii_digit).collect();
        digits.parse().ok().filter(|y| digits.len() == 4 && (1949..2100).contains(y))
    }
}

fn is_rate(name: &str) -> bool {
    let name = name.trim();
    let core = name.split(['（', '(']).next().unwrap_or(name).trim();
    let composed = ["占比", "比重", "构成"].iter().any(|w| name.contains(w));
    !composed
        && (core.ends_with('率')
            || ["人均", "户均", "平均", "均价", "单价", "标准", "指数", "增速", "每千", "每万", "每百"]
                .iter()
                .any(|w| core.contains(w)))
}

/// What the name of a column says of growth.
fn growth_of(name: &str) -> Option<Growth> {
    let says = |words: &[&str]| words.iter().any(|w| name.contains(w));
    let percent = says(&["%", "％", "率", "幅", "速", "百分比"]);
    if !says(&[
        "同比",
        "环比",
        "比上年",
        "较上年",
        "比上期",
        "较上期",
        "比去年",
        "增长",
        "增减",
        "增幅",
        "增速",
        "变动",
        "变化",
        "净增",
        "growth",
        "±",
    ]) {
        return None;
    }
    Some(if says(&["累计增", "五年"]) {
        Growth::Other
    } else if says(&["年均", "年平均"]) {
        let amount = says(&["数", "额", "量", "百分点"]);
        if amount { Growth::Other } else { Growth::Yearly }
    } else if says(&["百分点", "千分点"]) {
        Growth::Points
    } else if percent {
        Growth::Percent
    } else if says(&["增减数", "增减额", "增减量", "增加数", "增加额", "增长数", "增长额", "增长量", "净增"])
    {
        Growth::Amount
    } else if says(&["增减", "变动", "变化", "±"]) && !says(&["同比", "环比"]) {
        Growth::Open
    } else {
        Growth::Percent
    })
}

pub(super) struct Sheet {
    pub rows: Vec<Row>,
    pub columns: Vec<Column>,
}

/// 1 → A, 27 → AA.
fn letters(mut column: usize) -> String {
    let mut text = String::new();
    loop {
        let letter = u8::try_from(column % 26).unwrap_or(0) + b'A';
        text.insert(0, char::from(letter));
        if column < 26 {
            return text;
        }
        column = column / 26 - 1;
    }
}

/// The address of a cell; rows of a table from memory count from 1 without a header.
pub(super) fn address(input: &Input, row: usize, column: usize) -> String {
    format!("{}{}", letters(column), input.row(row))
}

/// A printed number: thousands, full width and a trailing % allowed.
pub(super) fn number(text: &str) -> Option<(Decimal, bool)> {
    let clean: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, ',' | '，')).collect();
    let percent = clean.ends_with(['%', '％']);
    let digits = clean.trim_end_matches(['%', '％']);
    let plain = !digits.is_empty()
        && digits.trim_start_matches(['-', '−', '+']).bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let value: Decimal =
        plain.then(|| digits.replace('−', "-").trim_start_matches('+').parse().ok()).flatten()?;
    (value.abs() < Decimal::from(10_000_000_000_000_i64) && value.scale() <= 9).then_some((value, percent))
}

/// The last printed place of a column: of the file it came from, where numbers have lost their zeros.
pub(super) fn places(input: &Input, column: usize, texts: &[Option<String>]) -> u32 {
    let seen = texts.iter().flatten().filter_map(|t| number(t)).map(|n| n.0.scale()).max().unwrap_or(0);
    seen.max(input.places.as_ref().and_then(|p| p.get(column).copied()).unwrap_or(0))
}

/// Half of the last printed place; zero for whole numbers, which are counts.
pub(super) fn half(places: u32) -> Exact {
    if places == 0 { Exact::zero() } else { Exact::new(1, 2 * 10_i128.pow(places.min(9))) }
}

/// `None` where no column names the rows or none holds numbers.
pub(super) fn read(input: &Input) -> Result<Option<Sheet>> {
    let names = input.table.column_names();
    let texts: Vec<Vec<Option<String>>> =
        (0..names.len()).map(|i| input.table.column_texts(i)).collect::<Result<_>>()?;
    let filled = |t: &Vec<Option<String>>| t.iter().flatten().filter(|v| !v.trim().is_empty()).count();
    let numeric = |t: &Vec<Option<String>>| t.iter().flatten().filter(|v| number(v).is_some()).count();
    let is_code = |name: &str| ["代码", "code", "编码", "序号", "行次"].iter().any(|w| name.contains(w));
    let label =
        (0..names.len()).find(|i| filled(&texts[*i]) > 0 && numeric(&texts[*i]) == 0 && !is_code(&names[*i]));
    let unit = (0..names.len()).find(|i| names[*i].contains("单位") || names[*i] == "unit");
    let values: Vec<usize> = (0..names.len())
        .filter(|i| Some(*i) != label && Some(*i) != unit && !is_code(&names[*i]))
        .filter(|i| numeric(&texts[*i]) * 2 > filled(&texts[*i]) && !is_year(&names[*i]))
        .collect();
    let Some(label) = label.filter(|_| !values.is_empty()) else { return Ok(None) };
    let halves: Vec<Exact> = values.iter().map(|c| half(places(input, *c, &texts[*c]))).collect();
    let rows = (0..input.table.num_rows())
        .map(|r| {
            let words = texts[label][r].clone().unwrap_or_default();
            let cell = |(c, half): (&usize, &Exact)| {
                let text = texts[*c][r].as_ref()?;
                let (value, _) = number(text)?;
                Some(Cell {
                    value: from_decimal(value),
                    half: *half,
                    text: text.trim().to_owned(),
                    at: address(input, r, *c),
                })
            };
            let own = unit.and_then(|u| texts[u][r].clone());
            Row {
                level: level(&words),
                subset: words.contains("其中") || words.trim_start().starts_with('#'),
                subtotal: words.trim().trim_end_matches(['：', ':']).replace(' ', "").ends_with("小计"),
                cells: values.iter().zip(&halves).map(cell).collect(),
                unit: own.unwrap_or_else(|| bracketed(&words)),
                label: words.trim().to_owned(),
            }
        })
        .collect();
    let column = |c: &usize| Column { growth: growth_of(&names[*c]), name: names[*c].clone() };
    Ok(Some(Sheet { rows, columns: values.iter().map(column).collect() }))
}

/// 集中供养率（%）: the unit in the brackets at the end of a name; other brackets hold no unit.
fn bracketed(label: &str) -> String {
    let label = label.trim().trim_end_matches(['）', ')']);
    let inner = label.rsplit_once(['（', '(']).map_or("", |(_, inner)| inner);
    let unit = crate::figures::Unit::parse(inner);
    let known = unit.is_money()
        || unit.is_money_rate()
        || unit.is_share()
        || unit.is_area()
        || unit.is_counter()
        || matches!(inner, "人" | "户" | "人次" | "张" | "万人" | "万户" | "万人次");
    if known { inner.to_owned() } else { String::new() }
}

fn is_year(name: &str) -> bool {
    matches!(name, "年份" | "year" | "年度")
}

/// The level that a row's numbering gives: 合计, then 一、, （一）, 1., （1）, A.
fn level(label: &str) -> Option<usize> {
    let text = label.trim().trim_start_matches(['#', '*']);
    let first = text.chars().next()?;
    let chinese = |c: char| "一二三四五六七八九十".contains(c);
    let closes = |marks: &[char]| {
        text.chars().find(|c| !(chinese(*c) || c.is_ascii_digit())).is_some_and(|c| marks.contains(&c))
    };
    let inner = text.strip_prefix(['（', '(']).and_then(|t| t.chars().next());
    match (first, inner) {
        _ if ["合计", "总计", "总 计", "合 计"].iter().any(|w| text.starts_with(w)) => Some(0),
        (c, _) if chinese(c) && closes(&['、']) => Some(1),
        (_, Some(c)) if chinese(c) => Some(2),
        (c, _) if c.is_ascii_digit() && closes(&['.', '、', '．']) => Some(3),
        (_, Some(c)) if c.is_ascii_digit() => Some(4),
        (c, _) if c.is_ascii_uppercase() && text.chars().nth(1).is_some_and(|c| matches!(c, '.' | '、')) => {
            Some(5)
        }
        _ => None,
    }
}
