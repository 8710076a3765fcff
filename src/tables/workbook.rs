//! A workbook of several sheets with live formulas and their values beside them.

use std::path::Path;

use rust_xlsxwriter::{
    Color, DocProperties, Format, FormatAlign, FormatBorder, Formula, Note, Workbook, Worksheet, XlsxError,
};

use super::excel::{TEXT_FORMAT, number_formats, sheet_name, width};
use super::{Table, atomic};
use crate::error::{Error, Problem, Result};

/// The row of the header, counted from 0; the first row of data is the next one.
pub const HEADER_ROW: u32 = 2;
const ASSUMED_FILL: Color = Color::RGB(0x00FF_F4D6);
const HEAD_FILL: Color = Color::RGB(0x00E8_EEF4);

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    Blank,
    Text(String),
    Number(f64),
    /// A formula (`=SUM(B4:B9)`) and the value that it has, so that a viewer that does not
    /// calculate shows it too.
    Formula(String, f64),
}

/// How a cell looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    #[default]
    Plain,
    /// A sum: bold, with a line above.
    Total,
    /// An assumption, which a reader may change: on a ground of its own.
    Assumed,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    pub content: Content,
    /// Excel number format; the column's where empty.
    pub format: String,
    pub style: Style,
    /// What is shown when the pointer rests on the cell; empty for nothing.
    pub note: String,
}

/// A sheet: title in row 1, subtitle in row 2, header in row 3, data from row 4, notes below.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sheet {
    pub name: String,
    pub title: String,
    pub subtitle: String,
    pub headings: Vec<String>,
    pub rows: Vec<Vec<Cell>>,
    pub notes: Vec<String>,
    /// Columns at the left that stay in view.
    pub frozen: u16,
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            content: Content::Text(text.into()),
            format: String::new(),
            style: Style::Plain,
            note: String::new(),
        }
    }
    pub fn blank() -> Self {
        Self { content: Content::Blank, format: String::new(), style: Style::Plain, note: String::new() }
    }
    pub fn number(value: f64, format: &str) -> Self {
        Self {
            content: Content::Number(value),
            format: format.to_owned(),
            style: Style::Plain,
            note: String::new(),
        }
    }
    /// `formula` begins with `=`; `value` is what it gives.
    pub fn formula(formula: String, value: f64, format: &str) -> Self {
        Self {
            content: Content::Formula(formula, value),
            format: format.to_owned(),
            style: Style::Plain,
            note: String::new(),
        }
    }
    #[must_use]
    pub fn noted(mut self, note: String) -> Self {
        self.note = note;
        self
    }

    #[must_use]
    pub fn styled(mut self, style: Style) -> Self {
        self.style = style;
        self
    }
}

impl Sheet {
    /// A table as a sheet: labels with units as headings, its notes below.
    ///
    /// # Errors
    /// `Data` for a column that can't be shown as text or numbers.
    pub fn of_table(name: &str, table: &Table) -> Result<Self> {
        let batch = table.batch();
        let mut rows = vec![Vec::with_capacity(batch.num_columns()); table.num_rows()];
        for (i, field) in batch.schema_ref().fields().iter().enumerate() {
            let texts = table.column_texts(i)?;
            let formats = number_formats(table, field, &texts);
            for ((row, text), format) in rows.iter_mut().zip(texts).zip(formats) {
                row.push(match text {
                    None => Cell::blank(),
                    Some(text) => match text.parse() {
                        Ok(value) if format != TEXT_FORMAT => Cell::number(value, format),
                        _ => Cell::text(text),
                    },
                });
            }
        }
        Ok(Self {
            name: name.to_owned(),
            title: table.title(),
            headings: table.headings(),
            rows,
            notes: table.notes(),
            frozen: 1,
            ..Self::default()
        })
    }
}

/// `0` → `A`, `27` → `AB`.
pub fn column_letters(mut column: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.insert(0, char::from(b'A' + u8::try_from(column % 26).unwrap_or(0)));
        if column < 26 {
            return letters.into_iter().collect();
        }
        column = column / 26 - 1;
    }
}

/// Writes the sheets in order, whole or not at all.
///
/// # Errors
/// `Data` for a sheet that Excel would not take (two of one name, too many rows), and for a path that can't
/// be written.
pub fn write(path: &Path, title: &str, sheets: &[Sheet]) -> Result<()> {
    let bytes = bytes(title, sheets)
        .map_err(|e| Error::data(Problem::new(e.to_string()).file(path.display().to_string())))?;
    atomic::write_bytes(path, &bytes)
}

fn bytes(title: &str, sheets: &[Sheet]) -> std::result::Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // A fixed date: the same run gives the same bytes.
    let created = rust_xlsxwriter::ExcelDateTime::from_ymd(2021, 1, 1)?;
    book.set_properties(&DocProperties::new().set_title(title).set_creation_datetime(&created));
    for sheet in sheets {
        fill(book.add_worksheet(), sheet)?;
    }
    book.save_to_buffer()
}

fn fill(out: &mut Worksheet, sheet: &Sheet) -> std::result::Result<(), XlsxError> {
    out.set_name(sheet_name(&sheet.name))?;
    out.write_string_with_format(0, 0, &sheet.title, &Format::new().set_bold().set_font_size(14))?;
    out.write_string_with_format(1, 0, &sheet.subtitle, &Format::new().set_font_color(Color::Gray))?;
    let head = Format::new()
        .set_bold()
        .set_background_color(HEAD_FILL)
        .set_border_bottom(FormatBorder::Thin)
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter)
        .set_text_wrap();
    for (i, heading) in (0_u16..).zip(&sheet.headings) {
        // Years are numbers, because formulas ask for them.
        match heading.parse::<u16>() {
            Ok(year) => out.write_number_with_format(HEADER_ROW, i, year, &head)?,
            Err(_) => out.write_string_with_format(HEADER_ROW, i, heading, &head)?,
        };
    }
    for (row, cells) in (HEADER_ROW + 1..).zip(&sheet.rows) {
        for (column, cell) in (0_u16..).zip(cells) {
            put(out, row, column, cell)?;
        }
    }
    let below = HEADER_ROW + 2 + u32::try_from(sheet.rows.len()).unwrap_or(u32::MAX / 2);
    for (row, note) in (below..).zip(&sheet.notes) {
        out.write_string(row, 0, note)?;
    }
    for (i, heading) in (0_u16..).zip(&sheet.headings) {
        let cells = sheet.rows.iter().filter_map(|r| r.get(usize::from(i)));
        let widest = cells.map(shown_width).max().unwrap_or(0).max(width(heading).min(18));
        out.set_column_width(i, widest.clamp(7, 56) as f64 + 2.0)?;
    }
    out.set_freeze_panes(HEADER_ROW + 1, sheet.frozen)?;
    out.set_repeat_rows(HEADER_ROW, HEADER_ROW)?;
    // A4, and A3 where the years stand side by side.
    let paper = if sheet.headings.len() > 14 { 8 } else { 9 };
    out.set_landscape().set_paper_size(paper).set_print_fit_to_pages(1, 0);
    Ok(())
}

/// Room for a note: as wide as forty Chinese characters, as high as its lines.
const NOTE_WIDTH: u32 = 520;

fn put(out: &mut Worksheet, row: u32, column: u16, cell: &Cell) -> std::result::Result<(), XlsxError> {
    if !cell.note.is_empty() {
        let lines: usize = cell.note.lines().map(|l| width(l) / 80 + 1).sum();
        let height = u32::try_from(lines).unwrap_or(40).min(40) * 17 + 14;
        let note = Note::new(&cell.note).set_width(NOTE_WIDTH).set_height(height).add_author_prefix(false);
        out.insert_note(row, column, &note)?;
    }
    let mut format = Format::new();
    if !cell.format.is_empty() {
        format = format.set_num_format(&cell.format);
    }
    match cell.style {
        Style::Plain => {}
        Style::Total => format = format.set_bold().set_border_top(FormatBorder::Thin),
        Style::Assumed => format = format.set_background_color(ASSUMED_FILL),
    }
    match &cell.content {
        Content::Blank if cell.style == Style::Plain => {}
        Content::Blank => {
            out.write_blank(row, column, &format)?;
        }
        Content::Text(text) => {
            let format = format.set_align(FormatAlign::Top);
            let format = if width(text) > 56 { format.set_text_wrap() } else { format };
            out.write_string_with_format(row, column, text, &format)?;
        }
        // Not finite: nothing is said rather than something wrong.
        Content::Number(v) | Content::Formula(_, v) if !v.is_finite() => {}
        Content::Number(v) => {
            out.write_number_with_format(row, column, *v, &format)?;
        }
        Content::Formula(text, value) => {
            let formula = Formula::new(text).set_result(value.to_string());
            out.write_formula_with_format(row, column, formula, &format)?;
        }
    }
    Ok(())
}

fn shown_width(cell: &Cell) -> usize {
    match &cell.content {
        Content::Blank => 0,
        Content::Text(text) => width(text),
        Content::Number(v) | Content::Formula(_, v) => {
            let digits = format!("{:.0}", v.abs()).len();
            let places = cell.format.split('.').nth(1).map_or(0, |p| p.len() + 1);
            digits + digits / 3 + places + 1
        }
    }
}
