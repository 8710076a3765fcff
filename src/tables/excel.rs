//! Writes a table as an .xlsx workbook: the first sheet is the table alone, the second says what it is.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, Schema};
use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};

use super::table::{LABEL, NOTES, TITLE, UNIT};
use super::{Table, atomic};
use crate::error::{Error, Problem, Result};

/// The sheet with title, footnotes and the meaning of the columns.
pub const NOTES_SHEET: &str = "说明";
const COLUMN_HEADS: [&str; 4] = ["列", "名称", "单位", "字段名"];
const MAX_ROWS: usize = 1_048_575;
const HEAD_FILL: Color = Color::RGB(0x00E8_EEF4);

/// Writes the workbook. The header holds labels with units and stays in view; numbers are numbers,
/// with thousands separators; codes are text. Money goes in as the nearest double, which shows
/// every fen up to 10 trillion yuan.
pub fn write(table: &Table, path: &Path) -> Result<()> {
    let bytes = bytes(table).map_err(|e| match e {
        Failure::Xlsx(e) => Error::data(Problem::new(e.to_string()).file(path.display().to_string())),
        Failure::Table(e) => e,
    })?;
    atomic::write_bytes(path, &bytes)
}

enum Failure {
    Xlsx(XlsxError),
    Table(Error),
}
impl From<XlsxError> for Failure {
    fn from(e: XlsxError) -> Self {
        Self::Xlsx(e)
    }
}
impl From<Error> for Failure {
    fn from(e: Error) -> Self {
        Self::Table(e)
    }
}

fn bytes(table: &Table) -> std::result::Result<Vec<u8>, Failure> {
    if table.num_rows() > MAX_ROWS {
        let problem = Problem::new("too many rows for a sheet").value(table.num_rows());
        return Err(Error::data(problem.expected(format!("at most {MAX_ROWS}"))).into());
    }
    let mut book = Workbook::new();
    let title = table.title();
    let sheet = book.add_worksheet();
    sheet.set_name(sheet_name(&title))?;
    let head = Format::new()
        .set_bold()
        .set_background_color(HEAD_FILL)
        .set_border_bottom(FormatBorder::Thin)
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter)
        .set_text_wrap();
    for (i, heading) in (0_u16..).zip(table.headings()) {
        sheet.write_string_with_format(0, i, &heading, &head)?;
        column(sheet, table, i, &heading)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.set_repeat_rows(0, 0)?;
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    if let (Ok(rows), columns @ 1..) = (u32::try_from(table.num_rows()), table.batch().num_columns()) {
        sheet.autofilter(0, 0, rows, u16::try_from(columns - 1).unwrap_or(u16::MAX))?;
    }
    notes(book.add_worksheet(), table)?;
    Ok(book.save_to_buffer()?)
}

fn column(sheet: &mut Worksheet, table: &Table, i: u16, heading: &str) -> std::result::Result<(), Failure> {
    let batch = table.batch();
    let field = batch.schema_ref().field(usize::from(i));
    let texts = table.column_texts(usize::from(i))?;
    let formats = number_formats(table, field, &texts);
    for ((row, text), format) in (1_u32..).zip(&texts).zip(formats) {
        match text {
            None => {}
            Some(text) if format != TEXT_FORMAT => {
                // Every text of a numeric column is a number that was printed exactly.
                let value = text.parse::<f64>().unwrap_or_default();
                sheet.write_number_with_format(row, i, value, &Format::new().set_num_format(format))?;
            }
            Some(text) => {
                sheet.write_string(row, i, text)?;
            }
        }
    }
    let widest = texts.iter().flatten().take(1000).map(|t| width(t)).max().unwrap_or(0);
    sheet.set_column_width(i, widest.max(width(heading)).clamp(8, 60) as f64 + 2.0)?;
    Ok(())
}

/// The format of what is no number.
pub(super) const TEXT_FORMAT: &str = "General";

/// A number format for each cell: years without separators, counts with, shares and rates with their
/// places. Where the table has a column `unit`, each row goes by its own.
pub(super) fn number_formats(table: &Table, field: &Field, texts: &[Option<String>]) -> Vec<&'static str> {
    let own = field.metadata().get(UNIT).map_or("", String::as_str);
    let units = match (field.data_type(), own) {
        (DataType::Float64, "") => table.texts_by_name("unit").ok(),
        _ => None,
    };
    let numbers = || texts.iter().flatten().filter_map(|t| t.parse::<f64>().ok());
    let largest = numbers().map(f64::abs).fold(0.0, f64::max);
    let year_like = field.name() == "year" || field.name().ends_with("_year");
    let one = |i: usize| match field.data_type() {
        DataType::Int64 if year_like => "0",
        DataType::Int64 => "#,##0",
        DataType::Decimal128(..) => "#,##0.00",
        DataType::Float64 => {
            let unit = units.as_ref().and_then(|u| u.get(i)).and_then(Option::as_deref).unwrap_or(own);
            let size = match &units {
                Some(_) => texts[i].as_ref().and_then(|t| t.parse().ok()).map_or(0.0, f64::abs),
                None => largest,
            };
            float_format(unit, size)
        }
        _ => TEXT_FORMAT,
    };
    (0..texts.len()).map(one).collect()
}

fn float_format(unit: &str, size: f64) -> &'static str {
    match unit {
        "人" | "户" | "张" | "个" | "床" | "人次" | "具" | "处" if size >= 10.0 => "#,##0",
        "元" | "%" | "岁" => "#,##0.00",
        _ if size <= 1.0 => "0.0000",
        _ if size < 1000.0 => "#,##0.00",
        _ => "#,##0",
    }
}

fn notes(sheet: &mut Worksheet, table: &Table) -> std::result::Result<(), Failure> {
    sheet.set_name(NOTES_SHEET)?;
    let bold = Format::new().set_bold();
    sheet.write_string_with_format(0, 0, table.title(), &bold.clone().set_font_size(14))?;
    let mut row = 1;
    for note in table.notes() {
        sheet.write_string(row, 0, note)?;
        row += 1;
    }
    row += 1;
    for (i, text) in (0_u16..).zip(COLUMN_HEADS) {
        sheet.write_string_with_format(row, i, text, &bold)?;
    }
    let (labels, units) = (table.labels(), table.units());
    for (i, ((name, label), (_, unit))) in (1_u32..).zip(labels.iter().zip(&units)) {
        sheet.write_number(row + i, 0, f64::from(i))?;
        for (column, text) in [(1, label), (2, unit), (3, name)] {
            if !text.is_empty() {
                sheet.write_string(row + i, column, text)?;
            }
        }
    }
    for (i, width) in [(0, 8.0), (1, 36.0), (2, 12.0), (3, 24.0)] {
        sheet.set_column_width(i, width)?;
    }
    Ok(())
}

/// Width of a text in columns of a terminal or sheet: wide characters count two.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(|c| if c >= '\u{2e80}' { 2 } else { 1 }).sum()
}

/// A sheet name that Excel takes: at most 31 characters, without `[]:*?/\`.
pub(super) fn sheet_name(title: &str) -> String {
    let kept: String = title.chars().filter(|c| !"[]:*?/\\'".contains(*c)).take(31).collect();
    let kept = kept.trim();
    if kept.is_empty() || kept == NOTES_SHEET { "表".to_owned() } else { kept.to_owned() }
}

/// What the second sheet of a workbook written by `write` tells about the first.
#[derive(Debug)]
pub struct NotesSheet {
    title: String,
    notes: Vec<String>,
    /// (label, unit, field name) of each column.
    columns: Vec<(String, String, String)>,
}

impl NotesSheet {
    pub fn parse(rows: &[Vec<Option<String>>]) -> Option<Self> {
        let cell = |row: &Vec<Option<String>>, i: usize| row.get(i).cloned().flatten().unwrap_or_default();
        let at = rows.iter().position(|r| (0..4).all(|i| cell(r, i) == COLUMN_HEADS[i]))?;
        let columns: Vec<_> = rows[at + 1..].iter().map(|r| (cell(r, 1), cell(r, 2), cell(r, 3))).collect();
        let notes = rows[..at].iter().skip(1).map(|r| cell(r, 0)).filter(|n| !n.is_empty()).collect();
        Some(Self { title: cell(rows.first()?, 0), notes, columns })
    }

    /// Gives names, labels, units, title and notes back to the table that was read.
    pub fn apply(self, table: Table) -> Result<Table> {
        let batch = table.batch();
        if batch.num_columns() != self.columns.len() {
            return Ok(table);
        }
        let mut fields = Vec::new();
        for (field, (label, unit, name)) in batch.schema_ref().fields().iter().zip(self.columns) {
            let mut meta = HashMap::from([(LABEL.to_owned(), label)]);
            if !unit.is_empty() {
                meta.insert(UNIT.to_owned(), unit);
            }
            fields.push(Field::new(name, field.data_type().clone(), true).with_metadata(meta));
        }
        let meta = HashMap::from([(TITLE.to_owned(), self.title), (NOTES.to_owned(), self.notes.join("\n"))]);
        RecordBatch::try_new(Arc::new(Schema::new(fields).with_metadata(meta)), batch.columns().to_vec())
            .map(Table::from_batch)
            .map_err(|e| Error::data(Problem::new(e.to_string())))
    }
}
