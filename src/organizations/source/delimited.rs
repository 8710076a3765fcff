//! Text with delimiters: CSV in UTF-8 (with or without byte order mark), UTF-16 or GB18030; comma, tab or semicolon.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use arrow_array::builder::StringBuilder;
use csv::{ReaderBuilder, StringRecord};
use encoding_rs::{CoderResult, Decoder, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use super::super::header::{Layout, find_header};
use super::super::problems::Finding;
use super::lines::Counted;
use super::{Cells, Chunk, Sink};
use crate::error::{Error, Problem, Result};

const BATCH: usize = 8192;
/// A record longer than this has a quote that is never closed.
const LONGEST: u64 = 4 << 20;
/// A cell of a register does not run over more lines.
const MANY_LINES: u64 = 12;

pub fn read(path: &Path, sink: &mut dyn Sink) -> Result<()> {
    let failed = |e: &dyn std::fmt::Display| Error::data(Problem::new(format!("cannot be read: {e}")));
    let encoding = encoding_of(File::open(path).map_err(|e| failed(&e))?).map_err(|e| failed(&e))?;
    let open = || -> Result<_> { Ok(Decoding::new(File::open(path).map_err(|e| failed(&e))?, encoding)) };
    let mut start = String::new();
    open()?.take(65_536).read_to_string(&mut start).or_else(|e| match e.kind() {
        // The cut may fall inside a character.
        std::io::ErrorKind::InvalidData => Ok(0),
        _ => Err(failed(&e)),
    })?;
    let (counted, mut place) = Counted::new(open()?);
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter_of(&start))
        .from_reader(counted);
    let mut record = StringRecord::new();
    let mut head: Vec<Vec<String>> = Vec::new();
    let mut lines: Vec<u64> = Vec::new();
    let mut longest: Option<(u64, u64)> = None;
    // The line of the record that was read; none at the end.
    let mut next = |record: &mut StringRecord| -> Result<Option<u64>> {
        let before = reader.position().byte();
        let more = reader.read_record(record).map_err(|e| failed(&e))?;
        let line = place.at(record.position().map_or(before, csv::Position::byte));
        if reader.position().byte() - before > LONGEST {
            return Err(Error::data(
                Problem::new("a record of more than 4 MB")
                    .row(line as usize)
                    .expected("every quote to be closed"),
            ));
        }
        if more {
            let start = record.position().map_or(0, csv::Position::line);
            let lines = reader.position().line().saturating_sub(start);
            if lines > MANY_LINES && longest.is_none_or(|(_, before)| lines > before) {
                longest = Some((line, lines));
            }
        }
        Ok(more.then_some(line))
    };
    while head.len() < 14
        && let Some(line) = next(&mut record)?
    {
        head.push(record.iter().map(str::to_owned).collect());
        lines.push(line);
    }
    let (labels, first) = find_header(&head, None)?;
    let layout = Layout::of(&labels)?;
    sink.start(&layout, None)?;
    let mut batch = Batch::new(&layout, labels.len());
    for (row, line) in head.iter().zip(&lines).skip(first) {
        batch.push(|i| row.get(i).map(String::as_str), row.len(), *line, sink)?;
    }
    while let Some(line) = next(&mut record)? {
        batch.push(|i| record.get(i), record.len(), line, sink)?;
    }
    batch.flush(sink)?;
    if let Some((row, lines)) = longest {
        sink.problems().add(Finding::Ragged, || {
            Problem::new(format!("引号可能未闭合：该行起共{lines}行被读作一行，其中的组织未读入"))
                .row(row as usize)
                .expected("成对的引号")
        });
    }
    Ok(())
}

/// Rows of text collected into a chunk.
pub struct Batch {
    positions: Vec<usize>,
    builders: Vec<StringBuilder>,
    rows: Vec<u32>,
    width: usize,
}

impl Batch {
    pub fn new(layout: &Layout, width: usize) -> Self {
        let positions: Vec<usize> = layout.columns.iter().map(|c| c.position).collect();
        let builders = positions.iter().map(|_| StringBuilder::new()).collect();
        Self { positions, builders, rows: Vec::new(), width }
    }

    /// Number of columns of the header.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Adds a row of `length` cells; a blank row is passed over, a row with more cells than the header is reported.
    pub fn push<'a>(
        &mut self,
        cell: impl Fn(usize) -> Option<&'a str>,
        length: usize,
        row: u64,
        sink: &mut dyn Sink,
    ) -> Result<()> {
        if (0..length).all(|i| cell(i).is_none_or(|c| c.trim().is_empty())) {
            return Ok(());
        }
        let beyond = (self.width..length).find(|i| cell(*i).is_some_and(|c| !c.trim().is_empty()));
        let short = self.positions.iter().any(|p| *p >= length) && length < self.width;
        if beyond.is_some() || short {
            let width = self.width;
            sink.problems().add(Finding::Ragged, || {
                Problem::new("该行的列数与表头不一致")
                    .row(row as usize)
                    .value(format!("{length}列"))
                    .expected(format!("{width}列"))
            });
        }
        for (builder, position) in self.builders.iter_mut().zip(&self.positions) {
            builder.append_option(cell(*position));
        }
        self.rows.push(u32::try_from(row).unwrap_or(u32::MAX));
        if self.rows.len() == BATCH { self.flush(sink) } else { Ok(()) }
    }

    pub fn flush(&mut self, sink: &mut dyn Sink) -> Result<()> {
        let rows = self.rows.len();
        if rows == 0 {
            return Ok(());
        }
        let columns = self.builders.iter_mut().map(|b| Cells::Text(b.finish())).collect();
        sink.chunk(Chunk { columns, rows, first_row: 1, row_numbers: Some(std::mem::take(&mut self.rows)) })
    }
}

/// UTF-8 where all of it is valid UTF-8, else GB18030; UTF-16 by its mark.
fn encoding_of(file: File) -> std::io::Result<&'static Encoding> {
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let mut buffer = vec![0; 1 << 16];
    let mut kept = 0;
    let mut first = true;
    loop {
        let n = reader.read(&mut buffer[kept..])?;
        let filled = kept + n;
        if first {
            if let Some((encoding, _)) = Encoding::for_bom(&buffer[..filled]) {
                return Ok(encoding);
            }
            first = false;
        }
        match std::str::from_utf8(&buffer[..filled]) {
            Ok(_) => kept = 0,
            // A character cut by the end of the buffer is looked at with what follows it.
            Err(e) if e.error_len().is_none() && n > 0 => {
                buffer.copy_within(e.valid_up_to()..filled, 0);
                kept = filled - e.valid_up_to();
            }
            Err(_) => return Ok(GB18030),
        }
        if n == 0 {
            return Ok(UTF_8);
        }
    }
}

/// The delimiter that the first lines hold most of, outside quotes.
fn delimiter_of(start: &str) -> u8 {
    let count = |delimiter: char| {
        let mut quoted = false;
        let mut found = 0;
        for c in start.lines().take(12).flat_map(str::chars) {
            match c {
                '"' => quoted = !quoted,
                c if c == delimiter && !quoted => found += 1,
                _ => {}
            }
        }
        found
    };
    [(count(','), 3, b','), (count('\t'), 2, b'\t'), (count(';'), 1, b';')]
        .into_iter()
        .max()
        .map_or(b',', |(.., d)| d)
}

/// Decodes to UTF-8 as it reads; malformed bytes become U+FFFD.
struct Decoding {
    file: BufReader<File>,
    decoder: Decoder,
    input: Vec<u8>,
    start: usize,
    end: usize,
    finished: bool,
    output: Vec<u8>,
    taken: usize,
}

impl Decoding {
    fn new(file: File, encoding: &'static Encoding) -> Self {
        debug_assert!([UTF_8, GB18030, UTF_16LE, UTF_16BE].contains(&encoding));
        Self {
            file: BufReader::with_capacity(1 << 16, file),
            decoder: encoding.new_decoder(),
            input: vec![0; 1 << 15],
            start: 0,
            end: 0,
            finished: false,
            output: Vec::new(),
            taken: 0,
        }
    }

    fn fill(&mut self) -> std::io::Result<()> {
        self.output.resize(1 << 17, 0);
        self.taken = 0;
        loop {
            if self.start == self.end && !self.finished {
                self.end = self.file.read(&mut self.input)?;
                self.start = 0;
                self.finished = self.end == 0;
            }
            let (result, read, written, _) = self.decoder.decode_to_utf8(
                &self.input[self.start..self.end],
                &mut self.output,
                self.finished,
            );
            self.start += read;
            if written > 0 || (self.finished && result == CoderResult::InputEmpty) {
                self.output.truncate(written);
                return Ok(());
            }
        }
    }
}

impl Read for Decoding {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.taken == self.output.len() {
            if self.finished && self.start == self.end {
                return Ok(0);
            }
            self.fill()?;
        }
        let n = buffer.len().min(self.output.len() - self.taken);
        buffer[..n].copy_from_slice(&self.output[self.taken..self.taken + n]);
        self.taken += n;
        Ok(n)
    }
}
