//! The old binary workbooks (.xls), which WPS and the bureaus' older systems still write.

use std::io::{Cursor, Read};
use std::path::Path;

use calamine::{Data, Reader, Xls, XlsError};

use super::Sink;
use super::cells::number;
use super::workbook::{Rows, chosen, day_of, failed, locked};
use crate::error::{Error, Problem, Result};

/// What the format can hold.
const ROWS: u32 = 65_536;
const COLUMNS: u16 = 256;

pub fn read(path: &Path, sheet: Option<&str>, sink: &mut dyn Sink) -> Result<()> {
    let bytes = std::fs::read(path).map_err(|e| failed(&e))?;
    // An xlsx with a password is an OLE file with this stream.
    let encrypted: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    if bytes.windows(encrypted.len()).any(|w| w == encrypted) {
        return Err(locked());
    }
    check_dimensions(&bytes)?;
    let mut book = Xls::new(Cursor::new(bytes)).map_err(|e| match e {
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
                    rows.cell(top + i as u32, left as usize + j, text_of(cell), sink)?;
                }
            }
            rows.finish(sink)
        })();
        match outcome {
            Ok(()) => return Ok(()),
            Err(error) if !rows.has_header() => refused = refused.or(Some(error)),
            Err(error) => return Err(error),
        }
    }
    Err(refused.unwrap_or_else(|| Error::data(Problem::new("the workbook has no sheet"))))
}

/// calamine makes room for as many cells as a sheet's DIMENSIONS record announces; one that announces
/// more than the format has is damaged, and would take the memory of the machine.
fn check_dimensions(bytes: &[u8]) -> Result<()> {
    const DIMENSIONS: u16 = 0x0200;
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).map_err(|e| failed(&e))?;
    let Some(name) = ["/Workbook", "/Book"].into_iter().find(|n| file.is_stream(n)) else {
        return Err(failed(&"there is no workbook in it"));
    };
    let mut stream = Vec::new();
    file.open_stream(name).and_then(|mut s| s.read_to_end(&mut stream)).map_err(|e| failed(&e))?;
    let mut rest = stream.as_slice();
    while let [a, b, c, d, tail @ ..] = rest {
        let (kind, length) = (u16::from_le_bytes([*a, *b]), u16::from_le_bytes([*c, *d]));
        let data = tail.get(..usize::from(length)).unwrap_or(tail);
        if let (DIMENSIONS, [_, _, _, _, r0, r1, r2, r3, _, _, c0, c1, ..]) = (kind, data) {
            let (rows, columns) = (u32::from_le_bytes([*r0, *r1, *r2, *r3]), u16::from_le_bytes([*c0, *c1]));
            if rows > ROWS || columns > COLUMNS {
                return Err(Error::data(
                    Problem::new(
                        "the workbook is damaged: a sheet announces more cells than an .xls can hold",
                    )
                    .value(format!("{rows} × {columns}"))
                    .expected(format!("at most {ROWS} × {COLUMNS}")),
                ));
            }
        }
        rest = tail.get(usize::from(length)..).unwrap_or_default();
    }
    Ok(())
}

fn text_of(value: &Data) -> Option<String> {
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_sheet_of_four_billion_rows_is_refused_before_room_is_made_for_it() {
        let record = |rows: u32, columns: u16| {
            let mut bytes = vec![0x09, 0x08, 0x02, 0x00, 0x00, 0x06, 0x00, 0x02, 0x0e, 0x00, 0, 0, 0, 0];
            bytes.extend(rows.to_le_bytes());
            bytes.extend([0, 0]);
            bytes.extend(columns.to_le_bytes());
            bytes.extend([0, 0]);
            let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
            file.create_stream("/Workbook").unwrap().write_all(&bytes).unwrap();
            file.into_inner().into_inner()
        };
        assert!(check_dimensions(&record(65_536, 256)).is_ok());
        for damaged in [record(u32::MAX, 9), record(9, u16::MAX)] {
            assert!(check_dimensions(&damaged).unwrap_err().to_string().contains("announces more cells"));
        }
    }
}
