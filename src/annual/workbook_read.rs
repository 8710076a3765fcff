//! Reads workbooks in the shape of the ministry's forms, with the address of each cell.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use calamine::{Data, DataRef, Reader, Xlsx, XlsxError, open_workbook};

use super::number::{Printed, float};
use super::report::Basis;
use crate::error::{Error, Problem, Result};
use crate::organizations::{dates, text};
use crate::tables::{Table, archive};

/// A line of a form as it stands in a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    pub name: String,
    pub code: String,
    pub unit: String,
    pub value: Option<Printed>,
    /// The figure of the year before, where the form has a column of it.
    pub previous: Option<Printed>,
    pub basis: Basis,
    /// Sheet and cell, as `报表!D8`.
    pub address: String,
}

/// A form read from a sheet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sheet {
    pub sheet: String,
    /// 表号, 制度版本 and year, where the sheet says them.
    pub form: String,
    pub version: String,
    pub year: Option<i32>,
    /// Whether it says of itself that it is made of synthetic data.
    pub synthetic: bool,
    pub cells: Vec<Cell>,
}

/// Reads every sheet of a workbook that has a header with 指标名称 and a column of figures.
///
/// # Errors
/// `Error::Data` where the file is no workbook, is a zip bomb, or no sheet is a form; every cell that is no number.
pub fn read_workbook(path: &Path) -> Result<Vec<Sheet>> {
    let file = crate::tables::file_name(path);
    archive::guarded(|| read_sheets(path)).map_err(|error| match error {
        Error::Data(p) => Error::Data(p.into_iter().map(|p| p.file(file.clone())).collect()),
        other => other,
    })
}

fn read_sheets(path: &Path) -> Result<Vec<Sheet>> {
    let failed =
        |e: XlsxError| Error::data(Problem::new(format!("cannot be read as an Excel workbook: {e}")));
    let mut file = File::open(path).map_err(|e| failed(e.into()))?;
    let mut start = Vec::new();
    Read::by_ref(&mut file).take(8).read_to_end(&mut start).map_err(|e| failed(e.into()))?;
    if start == [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1] {
        let problem = Problem::new("the workbook is protected by a password, or an old .xls");
        return Err(Error::data(problem.expected("an .xlsx saved without a password")));
    }
    let file = File::open(path).map_err(|e| failed(e.into()))?;
    archive::check(BufReader::new(file))?;
    let mut book: Xlsx<_> = open_workbook(path).map_err(failed)?;
    let mut sheets = Vec::new();
    let mut problems = Vec::new();
    for name in book.sheet_names() {
        let mut rows: BTreeMap<u32, BTreeMap<u32, String>> = BTreeMap::new();
        let mut cells = book.worksheet_cells_reader(&name).map_err(failed)?;
        let mut formulas = BTreeSet::new();
        while let Some(cell) = cells.next_cell_with_formula_metadata().map_err(failed)? {
            let (row, column) = cell.pos;
            if column >= 256 || row >= 100_000 {
                continue;
            }
            if cell.formula.is_some() && cell.value == DataRef::Empty {
                formulas.insert((row, column));
            }
            let value = shown(&cell.value);
            if !value.trim().is_empty() {
                rows.entry(row).or_default().insert(column, value);
            }
        }
        if let Some(sheet) = form_of(&name, &rows, &formulas, &mut problems) {
            sheets.push(sheet);
        }
    }
    if !problems.is_empty() {
        return Err(Error::Data(problems));
    }
    if sheets.is_empty() {
        let problem =
            Problem::new("no sheet is a form").expected("a header with 指标名称, 代码 and 本年 or 数量");
        return Err(Error::data(problem));
    }
    Ok(sheets)
}

fn shown(value: &DataRef<'_>) -> String {
    match Data::from(value.clone()) {
        Data::Empty => String::new(),
        // #REF! is no blank: it is told.
        Data::Error(e) => e.to_string(),
        Data::Float(f) => float_text(f),
        other => other.to_string(),
    }
}

/// A float as the decimal that was typed: 0.1 + 0.2 is 0.3.
fn float_text(value: f64) -> String {
    let plain = format!("{value}");
    if plain.len() <= 16 {
        return plain;
    }
    let places = 12usize.saturating_sub(value.abs().log10().max(0.0) as usize);
    format!("{value:.places$}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

const NAMES: [&str; 4] = ["指标名称", "指标", "项目", "项目名称"];
const FIGURES: [&str; 14] = [
    "本年",
    "本年数",
    "本年实际",
    "本年实际数",
    "本年累计",
    "本年累计数",
    "数量",
    "数值",
    "本期",
    "本期数",
    "期末数",
    "本月数",
    "累计数",
    "合计",
];
const BEFORE: [&str; 7] = ["上年", "上年数", "上年实际", "上年实际数", "上年同期", "上年同期数", "去年"];

/// Where the columns of a form stand.
struct Columns {
    label: u32,
    figure: u32,
    previous: Option<u32>,
    code: Option<u32>,
    unit: Option<u32>,
}

/// The columns that a row names as a header.
fn columns_of(cells: &BTreeMap<u32, String>) -> Option<Columns> {
    let at =
        |words: &[&str]| cells.iter().find(|(_, c)| words.contains(&text::key(c).as_str())).map(|(j, _)| *j);
    let label = at(&NAMES)?;
    // 2022年 and 2021年 as headers: the later is this year's.
    let mut years: Vec<(i32, u32)> = cells
        .iter()
        .filter(|(_, c)| c.chars().count() <= 6)
        .filter_map(|(j, c)| Some((dates::parse_year(c)?, *j)))
        .collect();
    years.sort_unstable();
    let of_years = years.pop();
    let before = of_years.and_then(|(year, _)| years.iter().find(|(y, _)| *y == year - 1)).map(|(_, j)| *j);
    Some(Columns {
        label,
        figure: at(&FIGURES).or(of_years.map(|(_, j)| j))?,
        previous: at(&BEFORE).or(before),
        code: at(&["代码", "指标代码"]),
        unit: at(&["计量单位", "单位"]),
    })
}

fn form_of(
    name: &str,
    rows: &BTreeMap<u32, BTreeMap<u32, String>>,
    formulas: &BTreeSet<(u32, u32)>,
    problems: &mut Vec<Problem>,
) -> Option<Sheet> {
    let (header, columns) = rows.iter().take(20).find_map(|(row, cells)| Some((*row, columns_of(cells)?)))?;
    let mut sheet = Sheet { sheet: name.to_owned(), ..Sheet::default() };
    for cell in rows.range(..header).flat_map(|(_, cells)| cells.values()) {
        let clean = text::clean(cell);
        let after = |mark: &str| {
            clean
                .split_once(mark)
                .map(|(_, rest)| rest.trim_start_matches(['：', ':', ' ']).trim().to_owned())
        };
        if let Some(form) = after("表号") {
            sheet.form = form;
        } else if let Some(version) = after("制度版本") {
            sheet.version = version;
        }
        sheet.synthetic |= clean.contains("合成数据");
        if sheet.year.is_none() {
            let end = clean.char_indices().nth(5).map_or(clean.len(), |(at, _)| at);
            sheet.year = dates::parse_year(&clean[..end]);
        }
    }
    for (row, cells) in rows.range(header + 1..) {
        let get = |j: Option<u32>| j.and_then(|j| cells.get(&j)).map_or("", |c| c.trim());
        let line = cells.get(&columns.label).map_or("", String::as_str);
        sheet.synthetic |= line.contains("合成数据");
        let mut number = |j: Option<u32>| -> Option<Printed> {
            let shown = get(j);
            let cell = format!("{name}!{}", address(*row, j?));
            let mut wrong = |p: Problem| problems.push(p.row(*row as usize + 1).column(cell.clone()));
            if formulas.contains(&(*row, j?)) {
                let problem = Problem::new("a formula without a stored value");
                wrong(problem.expected("a workbook calculated and saved by Excel or WPS"));
                return None;
            }
            match Printed::parse(shown) {
                Ok(value) => value,
                Err(error) => {
                    error.problems().iter().cloned().for_each(wrong);
                    None
                }
            }
        };
        if line.trim().is_empty()
            || is_footnote(line, get(columns.code), get(columns.unit), get(Some(columns.figure)))
        {
            continue;
        }
        let (value, previous) = (number(Some(columns.figure)), number(columns.previous));
        let basis =
            [Basis::Projected, Basis::Estimated].into_iter().find(|b| line.trim_end().ends_with(b.mark()));
        sheet.cells.push(Cell {
            name: line.trim_end().to_owned(),
            code: get(columns.code).to_owned(),
            unit: get(columns.unit).to_owned(),
            value,
            previous,
            basis: basis.unwrap_or_default(),
            address: format!("{name}!{}", address(*row, columns.figure)),
        });
    }
    (!sheet.cells.is_empty()).then_some(sheet)
}

/// Whether a line below the header is a remark or says who filled the form in.
fn is_footnote(line: &str, code: &str, unit: &str, figure: &str) -> bool {
    let line = line.trim();
    let bare = code.is_empty() && unit.is_empty() && figure.is_empty();
    let begins =
        ["注：", "注:", "注1", "说明", "备注", "填表", "填报", "制表", "单位负责人", "审核人", "统计负责人"];
    (bare && line.ends_with(['。', '；'])) || begins.iter().any(|w| line.starts_with(w))
}

/// A cell's address, as D8.
fn address(row: u32, column: u32) -> String {
    let mut letters = String::new();
    let mut n = column + 1;
    while n > 0 {
        letters.insert(0, char::from(b'A' + ((n - 1) % 26) as u8));
        n = (n - 1) / 26;
    }
    format!("{letters}{}", row + 1)
}

/// What was read, as a table: form, version, year, code, name, unit, value, cell.
///
/// # Errors
/// None in practice.
pub fn sheets_table(sheets: &[Sheet]) -> Result<Table> {
    let rows: Vec<(&Sheet, &Cell)> =
        sheets.iter().flat_map(|s| s.cells.iter().map(move |c| (s, c))).collect();
    let mark = if sheets.iter().any(|s| s.synthetic) { "（合成数据）" } else { "" };
    Table::builder(format!("报表数据{mark}"))
        .text("form", "表号", rows.iter().map(|r| r.0.form.as_str()))
        .text("version", "版本", rows.iter().map(|r| r.0.version.as_str()))
        .opt_int("year", "年份", "", rows.iter().map(|r| r.0.year.map(i64::from)))
        .text("code", "代码", rows.iter().map(|r| r.1.code.as_str()))
        .text("name", "指标名称", rows.iter().map(|r| r.1.name.trim()))
        .text("unit", "计量单位", rows.iter().map(|r| r.1.unit.as_str()))
        .opt_float("value", "数值", "", rows.iter().map(|r| r.1.value.map(|v| float(v.value))))
        .text("cell", "单元格", rows.iter().map(|r| r.1.address.as_str()))
        .build()
}
