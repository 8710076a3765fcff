//! Excel workbooks: xlsx streamed cell by cell, xls by sheet; archives that would swell are refused before they do.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use calamine::{Data, DataRef, Reader, Xls, XlsError, Xlsx, XlsxError, open_workbook};

use super::super::header::{Layout, find_header};
use super::Sink;
use super::cells::number;
use super::delimited::Batch;
use crate::error::{Error, Problem, Result};

/// Bytes that the parts of a workbook may take when unpacked.
const UNPACKED: u64 = 1 << 30;
/// Above this size a part may not be packed more than 400 to 1 (a sheet of a million equal rows is packed 150 to 1).
const SMALL: u64 = 32 << 20;
const RATIO: u64 = 400;
/// Shared strings are held in memory.
const STRINGS: u64 = 300 << 20;
/// Cells right of this column are no part of a register.
const WIDEST: u32 = 1024;

pub fn read(path: &Path, compound: bool, sheet: Option<&str>, sink: &mut dyn Sink) -> Result<()> {
    if compound { read_xls(path, sheet, sink) } else { read_xlsx(path, sheet, sink) }
}

fn failed(e: &dyn std::fmt::Display) -> Error {
    Error::data(Problem::new(format!("cannot be read as an Excel workbook: {e}")))
}

fn locked() -> Error {
    Error::data(
        Problem::new("the workbook is protected by a password")
            .expected("a workbook saved without a password"),
    )
}

/// Refuses an archive whose parts would unpack to more than is reasonable, whatever their headers say.
pub(crate) fn check_archive(path: &Path) -> Result<()> {
    let bomb = |name: &str, size: u64| {
        Error::data(
            Problem::new("a part of the workbook unpacks to more than a register can hold (a zip bomb?)")
                .column(name)
                .value(format!("{} MB", size >> 20))
                .expected("at most 1 GB unpacked, packed at most 400 to 1"),
        )
    };
    let file = BufReader::new(File::open(path).map_err(|e| failed(&e))?);
    let mut archive = zip::ZipArchive::new(file).map_err(|e| failed(&e))?;
    let mut total = 0u64;
    let mut sink = vec![0u8; 1 << 16];
    for i in 0..archive.len() {
        let mut part = archive.by_index(i).map_err(|e| failed(&e))?;
        let name = part.name().map_err(|e| failed(&e))?.into_owned();
        if name.starts_with("xl/media/") {
            continue;
        }
        let packed = part.compressed_size().max(1);
        let limit = if name.contains("sharedStrings") { STRINGS } else { UNPACKED };
        let limit = limit.min(SMALL.max(packed.saturating_mul(RATIO)));
        if part.size() > limit || total.saturating_add(part.size()) > UNPACKED {
            return Err(bomb(&name, part.size()));
        }
        // The header may lie: count what really comes out.
        let mut size = 0u64;
        loop {
            let n = part.read(&mut sink).map_err(|e| failed(&e))?;
            if n == 0 {
                break;
            }
            size += n as u64;
            if size > limit || total + size > UNPACKED {
                return Err(bomb(&name, size));
            }
        }
        total += size;
    }
    Ok(())
}

fn read_xlsx(path: &Path, sheet: Option<&str>, sink: &mut dyn Sink) -> Result<()> {
    check_archive(path)?;
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
            Err(error) if rows.layout.is_none() => refused = refused.or(Some(error)),
            Err(error) => return Err(error),
        }
    }
    Err(refused.unwrap_or_else(|| Error::data(Problem::new("the workbook has no sheet"))))
}

fn read_xls(path: &Path, sheet: Option<&str>, sink: &mut dyn Sink) -> Result<()> {
    let bytes = std::fs::read(path).map_err(|e| failed(&e))?;
    // An xlsx with a password is an OLE file with this stream.
    let encrypted: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    if bytes.windows(encrypted.len()).any(|w| w == encrypted) {
        return Err(locked());
    }
    let mut book = Xls::new(std::io::Cursor::new(bytes)).map_err(|e| match e {
        XlsError::Password => locked(),
        e => failed(&e),
    })?;
    let mut refused = None;
    for name in chosen(book.sheet_names(), sheet)? {
        let range = book.worksheet_range(&name).map_err(|e| failed(&e))?;
        let (top, left) = range.start().unwrap_or((0, 0));
        let mut rows = Rows::default();
        let outcome = (|| {
            for (i, row) in range.rows().enumerate() {
                for (j, cell) in row.iter().enumerate() {
                    rows.cell(top + i as u32, left as usize + j, text_of_data(cell), sink)?;
                }
            }
            rows.finish(sink)
        })();
        match outcome {
            Ok(()) => return Ok(()),
            Err(error) if rows.layout.is_none() => refused = refused.or(Some(error)),
            Err(error) => return Err(error),
        }
    }
    Err(refused.unwrap_or_else(|| Error::data(Problem::new("the workbook has no sheet"))))
}

fn chosen(names: Vec<String>, sheet: Option<&str>) -> Result<Vec<String>> {
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
struct Rows {
    head: Vec<(u32, Vec<String>)>,
    row: Vec<String>,
    number: Option<u32>,
    layout: Option<Batch>,
}

/// Non-blank rows that are looked at for the header.
const HEAD: usize = 14;

impl Rows {
    fn cell(&mut self, row: u32, column: usize, text: Option<String>, sink: &mut dyn Sink) -> Result<()> {
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

    fn finish(&mut self, sink: &mut dyn Sink) -> Result<()> {
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

fn text_of_data(value: &Data) -> Option<String> {
    Some(match value {
        Data::Empty | Data::Error(_) => return None,
        Data::String(s) => s.clone(),
        Data::Int(i) => i.to_string(),
        Data::Float(f) => number(*f),
        Data::Bool(b) => b.to_string(),
        Data::DateTime(d) => day_of(d),
        Data::DateTimeIso(s) | Data::DurationIso(s) => s.clone(),
    })
}

fn day_of(date: &calamine::ExcelDateTime) -> String {
    if !date.is_datetime() || !(1.0..2_958_466.0).contains(&date.as_f64()) {
        return number(date.as_f64());
    }
    let (year, month, day, ..) = date.to_ymd_hms_milli();
    format!("{year:04}-{month:02}-{day:02}")
}
