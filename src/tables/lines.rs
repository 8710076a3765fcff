//! Line numbers by place in a text. The reader of CSV counts a line when it has seen its end, so
//! that behind CRLF, and behind blank lines, its own numbers are one short.

/// Lines of a text, asked for in ascending order of places.
#[derive(Debug, Clone)]
pub struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { bytes: text.as_bytes(), at: 0, line: 1 }
    }

    /// The line, from 1, of the first character at or behind a byte that ends no line; \n, \r\n and \r
    /// each end one.
    pub fn at(&mut self, byte: u64) -> usize {
        let byte = usize::try_from(byte).unwrap_or(usize::MAX).min(self.bytes.len());
        if byte < self.at {
            (self.at, self.line) = (0, 1);
        }
        while let Some(b) = self.bytes.get(self.at) {
            let ends = matches!(b, b'\n' | b'\r');
            if self.at >= byte && !ends {
                break;
            }
            let pair = *b == b'\r' && self.bytes.get(self.at + 1) == Some(&b'\n');
            if ends && !pair {
                self.line += 1;
            }
            self.at += 1;
        }
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn every_line_end_counts_once() {
        for text in ["a\nb\n\nc", "a\r\nb\r\n\r\nc", "a\rb\r\rc"] {
            let mut lines = Lines::new(text);
            let places = ['a', 'b', 'c'].map(|c| text.find(c).unwrap() as u64);
            assert_eq!(places.map(|p| lines.at(p)), [1, 2, 4], "{text:?}");
            // a place amid a line end is that of what follows it
            assert_eq!(Lines::new(text).at(places[0] + 1), 2, "{text:?}");
        }
    }
}
