//! Excel workbooks, streamed cell by cell.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use calamine::{DataRef, Reader, Xlsx, XlsxError, open_workbook};

use super::super::header::{Layout, find_header};
use super::Sink;
use super::cells::number;
use super::delimited::Batch;
use crate::error::{Error, Problem, Result};
use crate::tables::archive;

/// Cells right of this column are no part of a register.
const WIDEST: u32 = 1024;

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
    let mut refused = None;
    for name in &names {
        let mut cells = book.worksheet_cells_reader(name).map_err(|e| failed(&e))?;
        let mut rows = Rows::default();
        let outcome = (|| {
            while let Some(cell) = cells.next_cell().map_err(|e| failed(&e))? {
                let (row, column) = cell.get_position();
                if column < WIDEST {
                    rows.cell(row, column as usize, text_of(cell.get_value()), sink)?;
                }
            }
            rows.finish(sink)
        })();
        match outcome {
            Ok(()) => return Ok(()),
            // A sheet without a header is passed over; one that has begun is not left.
            Err(error) if !rows.has_header() => refused = refused.or(Some(error)),
            Err(error) => return Err(error),
        }
    }
    Err(refused.unwrap_or_else(|| Error::data(Problem::new("the workbook has no sheet"))))
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
                self.head.push((number, row));
                if self.head.len() == HEAD { self.begin(sink) } else { Ok(()) }
            }
        }
    }

    /// Whether the header was found, so that the sheet is the register.
    pub(super) fn has_header(&self) -> bool {
        self.layout.is_some()
    }

    fn begin(&mut self, sink: &mut dyn Sink) -> Result<()> {
        let rows: Vec<Vec<String>> = self.head.iter().map(|(_, r)| r.clone()).collect();
        let (labels, first) = find_header(&rows)?;
        let layout = Layout::of(&labels)?;
        sink.start(&layout, None)?;
        let mut batch = Batch::new(&layout, labels.len());
        for (number, row) in self.head.drain(..).skip(first) {
            push(&mut batch, &row, number, sink)?;
        }
        self.layout = Some(batch);
        Ok(())
    }

    pub(super) fn finish(&mut self, sink: &mut dyn Sink) -> Result<()> {
        self.end_of_row(sink)?;
        self.number = None;
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
        DataRef::Empty | DataRef::Error(_) => return None,
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
