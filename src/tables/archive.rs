//! Workbooks are other people's archives, read by other people's parsers: what would swell is refused
//! before it does, and a parser that gives up on a damaged file ends in a message.

use std::io::{Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::{Error, Problem, Result};

/// Bytes that the parts of a workbook may take when unpacked.
const UNPACKED: u64 = 1 << 30;
/// Above this size a part may not be packed more than 400 to 1 (a sheet of a million equal rows is packed 150 to 1).
const SMALL: u64 = 32 << 20;
const RATIO: u64 = 400;
/// Shared strings are held in memory.
const STRINGS: u64 = 300 << 20;
/// The shortest shared string is `<si/>`.
const SHORTEST: u64 = 5;
/// calamine makes room for as many strings as this attribute says there are.
const COUNT: &[u8] = b"uniqueCount";

/// Runs a reader that rests on other people's parsers: a panic of theirs on a damaged file becomes an error.
pub(crate) fn guarded<T>(read: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(Error::data(Problem::new("the file is damaged and cannot be read"))))
}

/// Refuses an .xlsx whose parts would unpack to more than is reasonable, whatever their headers say,
/// or that announces more shared strings than it can hold.
pub(crate) fn check(source: impl Read + Seek) -> Result<()> {
    let failed =
        |e: &dyn std::fmt::Display| Error::data(Problem::new(format!("not a whole Excel file: {e}")));
    let bomb = |name: &str, size: u64| {
        Error::data(
            Problem::new("a part of the workbook unpacks to more than a register can hold (a zip bomb?)")
                .column(name)
                .value(format!("{} MB", size >> 20))
                .expected("at most 1 GB unpacked, packed at most 400 to 1"),
        )
    };
    let mut archive = zip::ZipArchive::new(source).map_err(|e| failed(&e))?;
    let mut total = 0u64;
    let mut sink = vec![0u8; 1 << 16];
    let mut workbook = false;
    for i in 0..archive.len() {
        let mut part = archive.by_index(i).map_err(|e| failed(&e))?;
        let name = part.name().map_err(|e| failed(&e))?.replace('\\', "/");
        workbook |= name.ends_with("workbook.xml");
        if name.starts_with("xl/media/") {
            continue;
        }
        let packed = part.compressed_size().max(1);
        let strings = name.to_ascii_lowercase().contains("sharedstrings");
        let limit = if strings { STRINGS } else { UNPACKED };
        let limit = limit.min(SMALL.max(packed.saturating_mul(RATIO)));
        if part.size() > limit || total.saturating_add(part.size()) > UNPACKED {
            return Err(bomb(&name, part.size()));
        }
        // The header may lie: count what really comes out.
        let mut size = 0u64;
        let mut counts = Counts::default();
        loop {
            let n = part.read(&mut sink).map_err(|e| failed(&e))?;
            if n == 0 {
                break;
            }
            size += n as u64;
            if size > limit || total + size > UNPACKED {
                return Err(bomb(&name, size));
            }
            if strings {
                counts.look(&sink[..n]);
            }
        }
        if counts.largest > size / SHORTEST {
            return Err(Error::data(
                Problem::new("the workbook is damaged: it announces more texts than it can hold")
                    .column(name)
                    .value(counts.largest)
                    .expected(format!("at most {}", size / SHORTEST)),
            ));
        }
        total += size;
    }
    if workbook {
        return Ok(());
    }
    Err(Error::data(Problem::new("is a zip file without a workbook in it").expected("an .xlsx workbook")))
}

/// The largest `uniqueCount` in a stream that comes in pieces.
#[derive(Default)]
struct Counts {
    tail: Vec<u8>,
    largest: u64,
}

impl Counts {
    /// Room for the attribute's name, blanks, a quote and the digits of any number that matters.
    const KEPT: usize = 64;

    fn look(&mut self, piece: &[u8]) {
        self.tail.extend_from_slice(piece);
        for (at, _) in self.tail.windows(COUNT.len()).enumerate().filter(|(_, w)| *w == COUNT) {
            let digits = self.tail[at + COUNT.len()..]
                .iter()
                .skip_while(|b| b.is_ascii_whitespace() || matches!(b, b'=' | b'"' | b'\'' | b'+'))
                .take_while(|b| b.is_ascii_digit());
            let count = digits.fold(0u64, |n, b| n.saturating_mul(10).saturating_add(u64::from(b - b'0')));
            self.largest = self.largest.max(count);
        }
        let drop = self.tail.len().saturating_sub(Self::KEPT);
        self.tail.drain(..drop);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_found_across_pieces() {
        let text = format!("{}<sst count=\"3\" uniqueCount = '123456'>", " ".repeat(100));
        for cut in 0..text.len() {
            let mut counts = Counts::default();
            counts.look(&text.as_bytes()[..cut]);
            counts.look(&text.as_bytes()[cut..]);
            assert_eq!(counts.largest, 123_456, "{cut}");
        }
    }
}
