//! Line numbers by place in a text that is read as a stream. The reader of CSV counts a line when it has seen its
//! end, so that behind CRLF and behind blank lines its own numbers are one short.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::Read;
use std::rc::Rc;

/// The line ends that were read and not asked about yet: place, and whether a line ends there (\r of \r\n ends none).
#[derive(Debug, Default)]
struct Ends {
    read: u64,
    ahead: VecDeque<(u64, bool)>,
    last: Option<u8>,
    passed: usize,
}

/// Hands a stream on and notes where its lines end.
pub struct Counted<R> {
    inner: R,
    ends: Rc<RefCell<Ends>>,
}

/// Answers on which line a byte stands; asked in ascending order.
pub struct Lines(Rc<RefCell<Ends>>);

impl<R> Counted<R> {
    pub fn new(inner: R) -> (Self, Lines) {
        let ends = Rc::new(RefCell::new(Ends::default()));
        (Self { inner, ends: ends.clone() }, Lines(ends))
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.inner.read(buffer)?;
        let mut ends = self.ends.borrow_mut();
        let from = ends.read;
        for (i, b) in buffer.iter().take(n).enumerate() {
            if *b == b'\n' || *b == b'\r' {
                if *b == b'\n'
                    && ends.last == Some(b'\r')
                    && let Some(pair) = ends.ahead.back_mut()
                {
                    pair.1 = false;
                }
                ends.ahead.push_back((from + i as u64, true));
            }
            ends.last = Some(*b);
        }
        ends.read = from + n as u64;
        Ok(n)
    }
}

impl Lines {
    /// The line, from 1, of the first character at or behind a byte that ends no line.
    pub fn at(&mut self, byte: u64) -> u64 {
        let mut ends = self.0.borrow_mut();
        let mut byte = byte;
        while let Some((at, counts)) = ends.ahead.front().copied().filter(|(at, _)| *at <= byte) {
            byte = byte.max(at + 1);
            ends.passed += usize::from(counts);
            ends.ahead.pop_front();
        }
        ends.passed as u64 + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_at_each_kind_of_end() {
        for text in ["a\nb\n\nc", "a\r\nb\r\n\r\nc", "a\rb\r\rc"] {
            // as few bytes at a time as can be: an end may be cut in two
            let (mut counted, mut lines) = Counted::new(text.as_bytes());
            let mut one = [0];
            while counted.read(&mut one).unwrap() > 0 {}
            let at = |c: char| text.find(c).unwrap() as u64;
            assert_eq!(
                [lines.at(0), lines.at(at('b')), lines.at(at('b') + 1), lines.at(at('c'))],
                [1, 2, 4, 4],
                "{text:?}"
            );
        }
    }
}
