//! Excel workbooks, streamed cell by cell.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use calamine::{DataRef, Reader, Xlsx, XlsxError, open_workbook};

use super::super::header::{Layout, field_of, find_header};
use super::super::problems::Finding;
use super::super::text;
use super::Sink;
use super::cells::number;
use super::delimited::Batch;
use crate::error::{Error, Problem, Result};
use crate::tables::archive;

/// Cells right of this column are no part of a register.
const WIDEST: u32 = 1024;
/// Stands for the value of a formula that was written without one.
const UNCALCULATED: &str = "#公式未计算";

pub(super) fn failed(e: &dyn std::fmt::Display) -> Error {
    Error::data(Problem::new(format!("cannot be read as an Excel workbook: {e}")))
}

pub(super) fn locked() -> Error {
    Error::data(
        Problem::new("the workbook is protected by a password")
            .expected("a workbook saved without a password"),
    )
}

pub fn read(path: &Path, sheet: Option<&str>, sink: &mut dyn Sink) -> Result<()> {
    archive::check(BufReader::new(File::open(path).map_err(|e| failed(&e))?))?;
    let mut book: Xlsx<_> = open_workbook(path).map_err(|e: XlsxError| match e {
        XlsxError::Password => locked(),
        e => failed(&e),
    })?;
    let names = chosen(book.sheet_names(), sheet)?;
    let mut sheets = Sheets::default();
    for name in &names {
        let mut cells = book.worksheet_cells_reader(name).map_err(|e| failed(&e))?;
        let mut rows = sheets.next(name);
        let outcome = (|| {
            while let Some(cell) = cells.next_cell_with_formula_metadata().map_err(|e| failed(&e))? {
                let (row, column) = cell.pos;
                if column < WIDEST {
                    // A formula that nobody has calculated is no blank.
                    let uncalculated = cell.formula.is_some() && cell.value == DataRef::Empty;
                    let text =
                        if uncalculated { Some(UNCALCULATED.to_owned()) } else { text_of(&cell.value) };
                    rows.cell(row, column as usize, text, sink)?;
                }
                if rows.is_enough() {
                    break;
                }
            }
            rows.finish(sink)
        })();
        sheets.done(name, rows, outcome, sink)?;
    }
    sheets.finish()
}

/// The sheets of a workbook: the first with a header is the register; where it holds one year, as its name or title says,
/// so do those that are built like it. Other sheets that hold a register are told and not read.
#[derive(Default)]
pub(super) struct Sheets {
    read: bool,
    by_year: bool,
    refused: Option<Error>,
}

impl Sheets {
    pub(super) fn next(&self, name: &str) -> Rows {
        let peek = self.read && !self.by_year;
        Rows { peek, sheet: name.to_owned(), by_year: self.by_year, ..Rows::default() }
    }

    pub(super) fn done(
        &mut self,
        name: &str,
        rows: Rows,
        outcome: Result<()>,
        sink: &mut dyn Sink,
    ) -> Result<()> {
        match outcome {
            Ok(()) if rows.peek => {
                sink.problems().add(Finding::Sheet, || {
                    Problem::new("另一张工作表也像登记册，未读取")
                        .value(name)
                        .expected("一张工作表；用 sheet= 指定，或合并为一张")
                });
                Ok(())
            }
            Ok(()) => {
                self.by_year |= rows.year.is_some();
                self.read = true;
                Ok(())
            }
            // A sheet without a header is passed over; one that has begun is not left.
            Err(error) if !rows.has_header() => {
                self.refused.get_or_insert(error);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    pub(super) fn finish(self) -> Result<()> {
        match self.refused {
            _ if self.read => Ok(()),
            Some(error) => Err(error),
            None => Err(Error::data(Problem::new("the workbook has no sheet"))),
        }
    }
}

/// The year that a sheet's name or a title says: 2023, 2023年, 2023年度年检情况表.
fn year_in(text: &str) -> Option<i16> {
    let clean = text::clean(text);
    let mut found = None;
    for (at, _) in clean.char_indices().filter(|(_, c)| c.is_ascii_digit()) {
        let before = clean[..at].ends_with(|c: char| c.is_ascii_digit());
        let digits = clean[at..].bytes().take_while(u8::is_ascii_digit).count();
        let year = clean[at..at + digits].parse::<i16>().ok().filter(|y| (1980..2200).contains(y));
        if let (false, 4, Some(year)) = (before, digits, year) {
            // 2022—2023 is no year.
            if found.is_some_and(|f| f != year) {
                return None;
            }
            found = Some(year);
        }
    }
    found
}

pub(super) fn chosen(names: Vec<String>, sheet: Option<&str>) -> Result<Vec<String>> {
    match sheet {
        None => Ok(names),
        Some(wanted) if names.iter().any(|n| n == wanted) => Ok(vec![wanted.to_owned()]),
        Some(wanted) => Err(Error::data(
            Problem::new("no such sheet").value(wanted).expected(format!("one of {}", names.join(", "))),
        )),
    }
}

/// Cells gathered into rows; the first rows are kept until the header is found.
#[derive(Default)]
pub(super) struct Rows {
    sheet: String,
    /// Only looks whether there is a header.
    peek: bool,
    /// Sheets before this one held one year each.
    by_year: bool,
    /// The year of all rows.
    year: Option<i16>,
    found: bool,
    head: Vec<(u32, Vec<String>)>,
    row: Vec<String>,
    number: Option<u32>,
    layout: Option<Batch>,
}

/// Non-blank rows that are looked at for the header.
const HEAD: usize = 14;

impl Rows {
    pub(super) fn cell(
        &mut self,
        row: u32,
        column: usize,
        text: Option<String>,
        sink: &mut dyn Sink,
    ) -> Result<()> {
        if self.number != Some(row) {
            self.end_of_row(sink)?;
            self.number = Some(row);
        }
        if let Some(text) = text {
            if self.row.len() <= column {
                self.row.resize(column + 1, String::new());
            }
            self.row[column] = text;
        }
        Ok(())
    }

    fn end_of_row(&mut self, sink: &mut dyn Sink) -> Result<()> {
        let Some(number) = self.number else { return Ok(()) };
        let row = std::mem::take(&mut self.row);
        if row.iter().all(|c| c.trim().is_empty()) {
            return Ok(());
        }
        match &mut self.layout {
            Some(batch) => push(batch, &row, number, sink),
            None => {
                if self.found {
                    return Ok(());
                }
                self.head.push((number, row));
                if self.head.len() == HEAD { self.begin(sink) } else { Ok(()) }
            }
        }
    }

    /// Whether the header was found, so that the sheet is the register.
    pub(super) fn has_header(&self) -> bool {
        self.layout.is_some()
    }

    /// Whether nothing more of the sheet is wanted.
    pub(super) fn is_enough(&self) -> bool {
        self.found
    }

    fn begin(&mut self, sink: &mut dyn Sink) -> Result<()> {
        let rows: Vec<Vec<String>> = self.head.iter().map(|(_, r)| r.clone()).collect();
        let title = || {
            let above = rows.iter().take(3).flatten().filter(|c| field_of(c).is_none());
            above.filter_map(|c| year_in(c)).next()
        };
        let year = year_in(&self.sheet).or_else(title);
        let (labels, first) = find_header(&rows, year)?;
        let mut layout = Layout::with_year(&labels, year)?;
        if self.peek {
            self.found = true;
            return Ok(());
        }
        if self.by_year && layout.year.is_none() {
            // Unlike the sheets before it: told and not read.
            (self.peek, self.found) = (true, true);
            return Ok(());
        }
        self.year = layout.year;
        if layout.year.is_some() {
            for column in &mut layout.columns {
                column.header = format!("{}!{}", self.sheet, column.header);
            }
        }
        sink.start(&layout, None)?;
        let mut batch = Batch::new(&layout, labels.len());
        for (number, row) in self.head.drain(..).skip(first) {
            push(&mut batch, &row, number, sink)?;
        }
        self.layout = Some(batch);
        Ok(())
    }

    pub(super) fn finish(&mut self, sink: &mut dyn Sink) -> Result<()> {
        if self.found {
            return Ok(());
        }
        self.end_of_row(sink)?;
        self.number = None;
        if self.found {
            return Ok(());
        }
        if self.layout.is_none() {
            if self.head.is_empty() {
                return Err(Error::data(Problem::new("the sheet is empty")));
            }
            self.begin(sink)?;
        }
        self.layout.as_mut().map_or(Ok(()), |batch| batch.flush(sink))
    }
}

/// A sheet leaves out blank cells at the end of a row: a short row is no fault here.
fn push(batch: &mut Batch, row: &[String], number: u32, sink: &mut dyn Sink) -> Result<()> {
    let width = row.len().max(batch.width());
    batch.push(|i| row.get(i).map(String::as_str), width, u64::from(number) + 1, sink)
}

fn text_of(value: &DataRef<'_>) -> Option<String> {
    Some(match value {
        DataRef::Empty => return None,
        // #REF! is no blank; it is told where a date or a word should stand.
        DataRef::Error(e) => e.to_string(),
        DataRef::String(s) => s.clone(),
        DataRef::SharedString(s) => (*s).to_owned(),
        DataRef::Int(i) => i.to_string(),
        DataRef::Float(f) => number(*f),
        DataRef::Bool(b) => b.to_string(),
        DataRef::DateTime(d) => day_of(d),
        DataRef::DateTimeIso(s) | DataRef::DurationIso(s) => s.clone(),
    })
}

pub(super) fn day_of(date: &calamine::ExcelDateTime) -> String {
    if !date.is_datetime() || !(1.0..2_958_466.0).contains(&date.as_f64()) {
        return number(date.as_f64());
    }
    let (year, month, day, ..) = date.to_ymd_hms_milli();
    format!("{year:04}-{month:02}-{day:02}")
}
