//! Reads the first sheet of an .xlsx file, refusing what is broken, locked or out of all proportion.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;

use calamine::{DataRef, ExcelDateTime, Reader, Xlsx, XlsxError};

use super::csv::{Cells, lines_above_header};
use super::excel::{NOTES_SHEET, NotesSheet};
use super::workbook::column_letters;
use super::{Input, archive, atomic, encoding};
use crate::error::{Error, Problem, Result};

/// What a sheet can have.
const MAX_ROWS: usize = 1_048_576;
const MAX_COLUMNS: usize = 16_384;
/// Cells of one sheet, the blank ones left of a used one included.
const MAX_CELLS: usize = 20_000_000;

/// Reads a sheet (the first one, where none is named): title lines above the header are passed
/// over, dates come as ISO text, numbers kept as text become numbers, codes stay text.
pub fn read(path: &Path, sheet: Option<&str>) -> Result<Input> {
    let name = &super::file_name(path);
    let bytes = std::fs::read(path).map_err(|e| atomic::io(path, &e))?;
    check_container(name, &bytes)?;
    let broken = |e: XlsxError| match e {
        XlsxError::Password => locked(name),
        other => refuse(name, format!("not a whole Excel file: {other}")),
    };
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let sheets = book.sheet_names();
    let wanted = match sheet {
        Some(s) if sheets.iter().any(|n| n == s) => s.to_owned(),
        Some(s) => {
            let problem = Problem::new("no such sheet").file(name).value(s);
            return Err(Error::data(problem.expected(sheets.join(", "))));
        }
        None => {
            sheets.first().cloned().ok_or_else(|| refuse(name, "the workbook has no sheet".to_owned()))?
        }
    };
    let mut input = to_cells(name, grid(name, &mut book, &wanted)?)?.into_input(name)?;
    // A workbook that minsuan wrote says on its second sheet what the columns are.
    if sheet.is_none() && sheets.get(1).is_some_and(|s| s == NOTES_SHEET) {
        let rows: Vec<_> = grid(name, &mut book, NOTES_SHEET)?.into_values().collect();
        if let Some(notes) = NotesSheet::parse(&rows) {
            input.table = notes.apply(input.table)?;
        }
    }
    Ok(input)
}

/// Rows with something in them, by their place (0 is the first).
type Grid = BTreeMap<usize, Vec<Option<String>>>;

fn refuse(name: &str, message: String) -> Error {
    Error::data(Problem::new(message).file(name).expected("an .xlsx workbook"))
}

fn locked(name: &str) -> Error {
    refuse(name, "the workbook has a password; save it without one".to_owned())
}

/// A real .xlsx file is a zip of moderate size that holds a workbook.
fn check_container(name: &str, bytes: &[u8]) -> Result<()> {
    if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        // A locked .xlsx is wrapped into the old container, with this stream in it (UTF-16).
        let stream: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        return Err(if bytes.windows(stream.len()).any(|w| w == stream) {
            locked(name)
        } else {
            refuse(name, "is an old .xls file; save it as .xlsx".to_owned())
        });
    }
    if !bytes.starts_with(b"PK") {
        let kind = encoding::binary_kind(bytes).unwrap_or("text (perhaps .csv)");
        return Err(refuse(name, format!("is not an Excel file but {kind}")));
    }
    archive::check(Cursor::new(bytes)).map_err(|error| match error {
        Error::Data(p) => Error::Data(p.into_iter().map(|p| p.file(name)).collect()),
        other => other,
    })
}

/// The used cells of a sheet as text, ragged at the right.
fn grid(name: &str, book: &mut Xlsx<Cursor<Vec<u8>>>, sheet: &str) -> Result<Grid> {
    let broken = |e: XlsxError| refuse(name, format!("sheet {sheet}: {e}"));
    let mut reader = book.worksheet_cells_reader(sheet).map_err(broken)?;
    let mut grid = Grid::new();
    let mut problems = Vec::new();
    let mut used = 0;
    while let Some(cell) = reader.next_cell().map_err(broken)? {
        let (row, column) = cell.get_position();
        let (row, column) = (row as usize, column as usize);
        if row >= MAX_ROWS || column >= MAX_COLUMNS {
            return Err(refuse(name, format!("sheet {sheet} has a cell outside of what a sheet can hold")));
        }
        let text = match cell.get_value() {
            DataRef::Empty => continue,
            DataRef::Int(v) => v.to_string(),
            DataRef::Float(v) => v.to_string(),
            DataRef::Bool(v) => v.to_string(),
            DataRef::String(v) => v.trim().to_owned(),
            DataRef::SharedString(v) => v.trim().to_owned(),
            DataRef::DateTimeIso(v) | DataRef::DurationIso(v) => v.clone(),
            DataRef::DateTime(v) => date(v),
            DataRef::Error(e) => {
                let problem = Problem::new("the cell holds an error").file(name).row(row + 1).value(e);
                problems.push(problem.column(column_letters(column)));
                continue;
            }
        };
        if text.is_empty() {
            continue;
        }
        let cells = grid.entry(row).or_default();
        if column >= cells.len() {
            used += column + 1 - cells.len();
            if used > MAX_CELLS {
                return Err(refuse(name, format!("sheet {sheet} spans more than {MAX_CELLS} cells")));
            }
            cells.resize(column + 1, None);
        }
        cells[column] = Some(text);
    }
    if problems.is_empty() { Ok(grid) } else { Err(Error::Data(problems)) }
}

/// Days since 1899-12-30, as ISO text; the time of day where there is one.
fn date(value: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = value.to_ymd_hms_milli();
    if (hour, minute, second) == (0, 0, 0) {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
    }
}

fn to_cells(name: &str, grid: Grid) -> Result<Cells> {
    let filled = |row: &Vec<Option<String>>| row.iter().flatten().count();
    let rows: Vec<(usize, Vec<Option<String>>)> = grid.into_iter().collect();
    let width = rows.iter().map(|(_, row)| filled(row)).max().unwrap_or(0);
    // A title, or a line such as 单位：万元, stands above a wider table.
    let above = lines_above_header(&rows, |(_, row)| row.iter().flatten().map(String::as_str).collect());
    let (at, titles) = rows
        .iter()
        .skip(above)
        .find(|(_, row)| filled(row) > usize::from(width > 1))
        .map(|(at, row)| (*at, row.clone()))
        .ok_or_else(|| Error::data(Problem::new("the sheet is empty").file(name).expected("a header row")))?;
    let mut header: Vec<String> = titles.into_iter().map(Option::unwrap_or_default).collect();
    while header.last().is_some_and(String::is_empty) {
        header.pop();
    }
    let mut problems = Vec::new();
    for (i, title) in header.iter().enumerate() {
        if title.is_empty() || header[..i].contains(title) {
            let what = if title.is_empty() {
                "no name in the header"
            } else {
                "this name stands twice in the header"
            };
            problems.push(Problem::new(what).file(name).row(at + 1).column(column_letters(i)).value(title));
        }
    }
    let mut cells = Cells { header, rows: Vec::new(), lines: Vec::new() };
    let width = cells.header.len();
    for (i, mut row) in rows.into_iter().filter(|(i, _)| *i > at) {
        if let Some(column) = row.iter().skip(width).position(Option::is_some) {
            let problem = Problem::new("a cell beyond the last column of the header").file(name).row(i + 1);
            problems.push(problem.column(column_letters(width + column)));
        }
        row.resize(width, None);
        if row.iter().any(Option::is_some) {
            cells.rows.push(row);
            cells.lines.push(i + 1);
        }
    }
    if problems.is_empty() { Ok(cells) } else { Err(Error::Data(problems)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_those_of_the_sheet() {
        assert_eq!([0, 25, 26, 701, 702].map(column_letters), ["A", "Z", "AA", "ZZ", "AAA"]);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            let _ = check_container("a.xlsx", &bytes);
            let _ = check_container("a.xlsx", &[b"PK\x03\x04".to_vec(), bytes].concat());
        }
    }
}
