//! Where a register comes from: a file (CSV, xlsx, xls, Parquet) or a stream of Arrow batches, handed on in chunks.

mod cells;
mod delimited;
mod lines;
mod parquet;
mod workbook;
mod xls;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use arrow_array::{RecordBatch, RecordBatchReader};

pub use cells::Cells;

use super::header::Layout;
use super::problems::Problems;
use crate::error::{Error, Problem, Result};
use crate::tables::archive;

/// Some rows of a register, by the columns of its layout.
#[derive(Debug)]
pub struct Chunk {
    /// One for each column of the layout, in its order.
    pub columns: Vec<Cells>,
    pub rows: usize,
    /// Number of the first row in the source, from 1.
    pub first_row: u64,
    /// Row numbers, where they are not consecutive.
    pub row_numbers: Option<Vec<u32>>,
}

impl Chunk {
    /// Row number in the source of a row of the chunk.
    pub fn row(&self, i: usize) -> u32 {
        match &self.row_numbers {
            Some(numbers) => numbers.get(i).copied().unwrap_or(u32::MAX),
            None => u32::try_from(self.first_row + i as u64).unwrap_or(u32::MAX),
        }
    }
}

/// What takes the chunks. Row numbers above 2³² − 1 are not told apart.
pub trait Sink {
    /// Called once, before the first chunk; `rows` where it is known.
    fn start(&mut self, layout: &Layout, rows: Option<usize>) -> Result<()>;
    fn chunk(&mut self, chunk: Chunk) -> Result<()>;
    /// For what the reader itself finds (ragged lines).
    fn problems(&mut self) -> &mut Problems;
}

/// Kinds of file, by their first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Zip,
    Compound,
    Parquet,
    Html,
    Other(&'static str),
}

/// Reads a file by what it is; its ending must say the same.
///
/// # Errors
/// `Error::Data`: not there, empty, of another kind than its ending says, damaged, password-protected, a zip bomb, or
/// without the columns of a register.
pub fn read_path(path: &Path, sheet: Option<&str>, sink: &mut dyn Sink) -> Result<()> {
    let name = super::codes::masked(&file_name(path)).into_owned();
    let fail = |message: String| Error::data(Problem::new(message).file(name.clone()));
    let data = std::fs::metadata(path).map_err(|e| fail(format!("cannot be read: {e}")))?;
    if data.is_dir() {
        return Err(fail("is a folder, not a register".to_owned()));
    }
    let mut head = Vec::new();
    let file = File::open(path).map_err(|e| fail(format!("cannot be read: {e}")))?;
    file.take(8192).read_to_end(&mut head).map_err(|e| fail(format!("cannot be read: {e}")))?;
    if head.is_empty() {
        return Err(fail("the file is empty".to_owned()));
    }
    let kind = kind_of(&head);
    let ending = path.extension().and_then(|e| e.to_str()).unwrap_or("").to_ascii_lowercase();
    let right = match ending.as_str() {
        "csv" | "txt" | "tsv" => kind == Kind::Text,
        "xlsx" | "xlsm" => matches!(kind, Kind::Zip | Kind::Compound),
        "xls" => kind == Kind::Compound,
        "parquet" | "pq" => kind == Kind::Parquet,
        _ => true,
    };
    if !right || matches!(kind, Kind::Html | Kind::Other(_)) {
        return Err(Error::data(
            Problem::new("the file is of another kind than its ending says")
                .file(name)
                .value(format!(".{ending}, but {}", describe(kind)))
                .expected("CSV (.csv), Excel (.xlsx, .xls) or Parquet (.parquet)"),
        ));
    }
    let result = archive::guarded(|| match kind {
        Kind::Text => delimited::read(path, sink),
        Kind::Parquet => parquet::read(path, sink),
        Kind::Compound => xls::read(path, sheet, sink),
        Kind::Zip | Kind::Html | Kind::Other(_) => workbook::read(path, sheet, sink),
    });
    result.map_err(|error: Error| with_file(error, &name))
}

/// Reads a stream of Arrow batches; rows are counted from 1.
///
/// # Errors
/// `Error::Data` where the stream fails or lacks the columns of a register.
pub fn read_batches(reader: &mut dyn RecordBatchReader, sink: &mut dyn Sink) -> Result<()> {
    let headers: Vec<String> = reader.schema().fields().iter().map(|f| f.name().clone()).collect();
    let layout = Layout::of(&headers)?;
    sink.start(&layout, None)?;
    let mut first_row = 1;
    for batch in reader {
        let batch = batch
            .map_err(|e| Error::data(Problem::new(e.to_string()).expected("a readable Arrow stream")))?;
        let chunk = chunk_of(&batch, &layout, first_row)?;
        first_row += chunk.rows as u64;
        sink.chunk(chunk)?;
    }
    Ok(())
}

/// A chunk of the mapped columns of a batch whose columns stand as in the layout's source.
fn chunk_of(batch: &RecordBatch, layout: &Layout, first_row: u64) -> Result<Chunk> {
    let columns = layout
        .columns
        .iter()
        .map(|c| Cells::from_arrow(batch.column(c.position), &c.header))
        .collect::<Result<_>>()?;
    Ok(Chunk { columns, rows: batch.num_rows(), first_row, row_numbers: None })
}

fn kind_of(head: &[u8]) -> Kind {
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Kind::Zip;
    }
    if head.starts_with(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]) {
        return Kind::Compound;
    }
    if head.starts_with(b"PAR1") {
        return Kind::Parquet;
    }
    if head.starts_with(b"PARE") {
        return Kind::Other("an encrypted Parquet file");
    }
    if head.starts_with(b"%PDF") {
        return Kind::Other("a PDF");
    }
    if head.starts_with(&[0x1F, 0x8B]) {
        return Kind::Other("a gzip archive");
    }
    if head.starts_with(b"\x89PNG") || head.starts_with(&[0xFF, 0xD8, 0xFF]) {
        return Kind::Other("a picture");
    }
    let utf16 = head.starts_with(&[0xFF, 0xFE]) || head.starts_with(&[0xFE, 0xFF]);
    if !utf16 && head.contains(&0) {
        return Kind::Other("not text");
    }
    let start: String = String::from_utf8_lossy(&head[..head.len().min(512)]).to_ascii_lowercase();
    let start = start.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']);
    if ["<html", "<!doctype html", "<table", "<?xml", "<head"].iter().any(|tag| start.starts_with(tag)) {
        return Kind::Html;
    }
    Kind::Text
}

fn describe(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Zip => "an Excel workbook (.xlsx) or another zip archive",
        Kind::Compound => "an old Excel workbook (.xls) or an encrypted one",
        Kind::Parquet => "Parquet",
        Kind::Html => "a web page (HTML or XML)",
        Kind::Other(what) => what,
    }
}

/// The name of a file without its folders.
pub fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned())
}

fn with_file(error: Error, file: &str) -> Error {
    let named = |problems: Vec<Problem>| {
        problems.into_iter().map(|p| if p.file.is_none() { p.file(file) } else { p }).collect::<Vec<_>>()
    };
    match error {
        Error::Data(p) => Error::Data(named(p)),
        Error::Case(p) => Error::Case(named(p)),
        Error::Model(p) => Error::Model(named(p)),
        Error::Interrupted => Error::Interrupted,
    }
}
