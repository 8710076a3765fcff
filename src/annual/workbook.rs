//! Workbooks in the shape of the ministry's forms: written with formulas and their values, read back with cell addresses.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::io::Write;
use std::path::Path;

use calamine::{Data, DataRef, Reader, Xlsx, XlsxError, open_workbook};
use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Formula, Workbook, XlsxError as WriteError};

use super::indicators::{Nature, Relation};
use super::number::{Printed, float};
use super::report::{Line, Report};
use crate::error::{Error, Problem, Result};
use crate::organizations::text;
use crate::tables::Table;
use crate::tables::archive;

/// A line of a form as it stands in a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    pub name: String,
    pub code: String,
    pub unit: String,
    pub value: Option<Printed>,
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
    pub cells: Vec<Cell>,
}

const HEADER: [&str; 7] = ["指标名称", "代码", "计量单位", "本年", "上年", "增减", "增减幅度(%)或百分点"];

impl Report {
    /// Writes one sheet a form: title, 表号, version, the lines with formulas for sums and changes, and their values.
    ///
    /// # Errors
    /// `Error::Data` where the file cannot be written, or there is nothing to write.
    pub fn write(&self, path: &Path) -> Result<()> {
        let failed = |e: WriteError| Error::data(Problem::new(e.to_string()));
        let mut book = Workbook::new();
        let mut forms: Vec<(String, String)> =
            self.lines.iter().map(|l| (l.indicator.form.clone(), l.indicator.version.clone())).collect();
        forms.dedup();
        if forms.is_empty() {
            return Err(Error::data(
                Problem::new("a report without a line").expected("figures of some indicator"),
            ));
        }
        for (form, version) in forms {
            let sheet = book.add_worksheet();
            sheet.set_name(format!("{form}_{version}")).map_err(failed)?;
            self.fill(sheet, &form, &version).map_err(failed)?;
        }
        let bytes = book.save_to_buffer().map_err(failed)?;
        crate::tables::atomic::write_file(path, |w| {
            w.write_all(&bytes).map_err(|e| crate::tables::atomic::io(path, &e))
        })
    }

    fn fill(
        &self,
        sheet: &mut rust_xlsxwriter::Worksheet,
        form: &str,
        version: &str,
    ) -> std::result::Result<(), WriteError> {
        let title = Format::new().set_bold().set_font_size(16).set_align(FormatAlign::Center);
        let head = Format::new().set_bold().set_border(FormatBorder::Thin).set_align(FormatAlign::Center);
        let text = Format::new().set_border(FormatBorder::Thin);
        let mark = if self.synthetic { "（合成数据）" } else { "" };
        sheet.merge_range(0, 0, 0, 6, &format!("{}年{}民政统计年报{mark}", self.year, self.place), &title)?;
        sheet.write_string(1, 5, format!("表号：{form}"))?;
        sheet.write_string(2, 5, format!("制度版本：{version}"))?;
        sheet.write_string(2, 0, format!("编制单位：{}民政局", self.place))?;
        sheet.write_string(3, 0, format!("{}年", self.year))?;
        sheet.write_string(3, 5, "单位：见表内")?;
        for (j, label) in HEADER.iter().enumerate() {
            sheet.write_string_with_format(4, j as u16, *label, &head)?;
        }
        for (j, width) in [36.0, 16.0, 10.0, 14.0, 14.0, 14.0, 20.0].into_iter().enumerate() {
            sheet.set_column_width(j as u16, width)?;
        }
        sheet.set_freeze_panes(5, 1)?;
        let lines: Vec<&Line> = self
            .lines
            .iter()
            .filter(|l| l.indicator.form == form && l.indicator.version == version)
            .collect();
        let rows: BTreeMap<&str, u32> =
            lines.iter().zip(5u32..).map(|(l, row)| (l.indicator.code.as_str(), row)).collect();
        for (line, row) in lines.iter().zip(5u32..) {
            let places = line.indicator.decimals as usize;
            let format = |places: usize| {
                let zeros = if places == 0 { String::new() } else { format!(".{}", "0".repeat(places)) };
                Format::new().set_border(FormatBorder::Thin).set_num_format(format!("#,##0{zeros}"))
            };
            let number = format(places);
            sheet.write_string_with_format(row, 0, display_name(line), &text)?;
            sheet.write_string_with_format(row, 1, &line.indicator.code, &text)?;
            sheet.write_string_with_format(row, 2, &line.indicator.unit, &text)?;
            let parts = self.children(line, &[Relation::Part]);
            for (column, letter, of) in
                [(3u16, 'D', (|l: &Line| l.value) as fn(&Line) -> Option<Printed>), (4, 'E', |l| l.previous)]
            {
                let Some(value) = of(line) else {
                    sheet.write_blank(row, column, &number)?;
                    continue;
                };
                let known: Vec<Printed> = parts.iter().filter_map(|l| of(l)).collect();
                let adds = known.iter().map(|p| p.value).sum::<rust_decimal::Decimal>() == value.value;
                let places = parts
                    .iter()
                    .map(|l| rows.get(l.indicator.code.as_str()).map(|r| format!("{letter}{}", r + 1)));
                match places.collect::<Option<Vec<String>>>() {
                    // A formula only where it comes to the figure: a total that its parts miss by rounding stays as it is.
                    Some(cells) if known.len() > 1 && known.len() == parts.len() && adds => {
                        let formula = Formula::new(cells.join("+")).set_result(value.value.to_string());
                        sheet.write_formula_with_format(row, column, formula, &number)?;
                    }
                    _ => {
                        sheet.write_number_with_format(row, column, float(value.value), &number)?;
                    }
                }
            }
            let (d, e) = (format!("D{}", row + 1), format!("E{}", row + 1));
            let result =
                |v: Option<rust_decimal::Decimal>| v.map_or_else(String::new, |v| v.normalize().to_string());
            let change = Formula::new(format!("IF(OR({d}=\"\",{e}=\"\"),\"\",ROUND({d}-{e},{places}))"));
            sheet.write_formula_with_format(row, 5, change.set_result(result(line.change())), &number)?;
            let (formula, value) = if line.indicator.nature == Nature::Rate {
                (format!("IF(OR({d}=\"\",{e}=\"\"),\"\",ROUND({d}-{e},{places}))"), line.points())
            } else {
                (
                    format!("IF(OR({d}=\"\",{e}=\"\",N({e})<=0),\"\",ROUND(({d}-{e})*100/{e},1))"),
                    line.percent(),
                )
            };
            sheet.write_formula_with_format(
                row,
                6,
                Formula::new(formula).set_result(result(value)),
                &format(if line.indicator.nature == Nature::Rate { places } else { 1 }),
            )?;
        }
        let note = 6 + lines.len() as u32;
        sheet.write_string(note, 0, "注：带*的为1月起累计数，其余为期末数；“其中”项不相加；分项与合计因四舍五入不等的，未作机械调整。")?;
        if self.synthetic {
            sheet.write_string(note + 1, 0, "本表由合成数据生成，不得用于实际工作。")?;
        }
        Ok(())
    }
}

/// The name as forms print it: * for cumulative figures, 其中 for subsets, parts set in.
fn display_name(line: &Line) -> String {
    let i = &line.indicator;
    let star = if i.nature == Nature::Cumulative { "*" } else { "" };
    match &i.parent {
        Some((_, Relation::Subset)) => format!("    其中：{}{star}", i.name),
        Some(_) => format!("    {}{star}", i.name),
        None => format!("{}{star}", i.name),
    }
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
    let file = File::open(path).map_err(|e| failed(e.into()))?;
    archive::check(BufReader::new(file))?;
    let mut book: Xlsx<_> = open_workbook(path).map_err(failed)?;
    let mut sheets = Vec::new();
    let mut problems = Vec::new();
    for name in book.sheet_names() {
        let mut rows: BTreeMap<u32, BTreeMap<u32, String>> = BTreeMap::new();
        let mut cells = book.worksheet_cells_reader(&name).map_err(failed)?;
        while let Some(cell) = cells.next_cell().map_err(failed)? {
            let (row, column) = cell.get_position();
            let value = shown(cell.get_value());
            if column < 256 && row < 100_000 && !value.trim().is_empty() {
                rows.entry(row).or_default().insert(column, value);
            }
        }
        if let Some(sheet) = form_of(&name, &rows, &mut problems) {
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
        Data::Empty | Data::Error(_) => String::new(),
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

fn form_of(
    name: &str,
    rows: &BTreeMap<u32, BTreeMap<u32, String>>,
    problems: &mut Vec<Problem>,
) -> Option<Sheet> {
    let is = |cell: &str, words: &[&str]| words.contains(&text::key(cell).as_str());
    let header = rows.iter().take(20).find(|(_, cells)| {
        cells.values().any(|c| is(c, &["指标名称", "指标", "项目"]))
            && cells.values().any(|c| is(c, &["本年", "数量", "本期", "合计", "本年数"]))
    })?;
    let at = |words: &[&str]| header.1.iter().find(|(_, c)| is(c, words)).map(|(j, _)| *j);
    let label = at(&["指标名称", "指标", "项目"])?;
    let figure = at(&["本年", "数量", "本期", "合计", "本年数"])?;
    let (code, unit) = (at(&["代码", "指标代码"]), at(&["计量单位", "单位"]));
    let mut sheet = Sheet { sheet: name.to_owned(), ..Sheet::default() };
    for cell in rows.range(..header.0).flat_map(|(_, cells)| cells.values()) {
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
        if sheet.year.is_none() {
            sheet.year = crate::organizations::dates::parse_year(clean.get(..7).unwrap_or(&clean));
        }
    }
    for (row, cells) in rows.range(header.0 + 1..) {
        let get = |j: Option<u32>| j.and_then(|j| cells.get(&j)).map_or("", |c| c.trim());
        let line = cells.get(&label).map_or("", String::as_str);
        if line.trim().is_empty() || line.trim().starts_with('注') {
            continue;
        }
        let address = format!("{name}!{}", address(*row, figure));
        let value = match Printed::parse(get(Some(figure))) {
            Ok(value) => value,
            Err(error) => {
                let found = error.problems().iter().cloned();
                problems.extend(found.map(|p| p.row(*row as usize + 1).column(address.clone())));
                continue;
            }
        };
        sheet.cells.push(Cell {
            name: line.trim_end().to_owned(),
            code: get(code).to_owned(),
            unit: get(unit).to_owned(),
            value,
            address,
        });
    }
    (!sheet.cells.is_empty()).then_some(sheet)
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
    Table::builder("报表数据")
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
