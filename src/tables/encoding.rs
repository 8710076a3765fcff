//! Which encoding a text is in: UTF-8 with or without a mark, or GB18030; never guessed silently.

use encoding_rs::GB18030;

use crate::error::{Error, Problem, Result};

const EXPECTED: &str = "text in UTF-8 or GB18030";

/// Decodes a text file. `name` is how the messages call it; `encoding` is `None` (found out),
/// `"utf-8"`, `"utf-8-sig"`, `"gb18030"`, `"gbk"` or `"gb2312"`.
pub fn decode(name: &str, bytes: &[u8], encoding: Option<&str>) -> Result<String> {
    if let Some(kind) = binary_kind(bytes) {
        return Err(Error::data(
            Problem::new(format!("is not text but {kind}")).file(name).expected(EXPECTED),
        ));
    }
    let text = match encoding.map(str::to_ascii_lowercase).as_deref() {
        None => detect(name, bytes)?,
        Some("utf-8" | "utf8" | "utf-8-sig" | "utf_8_sig") => utf8(name, without_mark(bytes))?,
        Some("gb18030" | "gbk" | "gb2312" | "cp936") => gb18030(name, bytes, true)?,
        Some(other) => {
            let problem = Problem::new("unknown encoding").column("encoding").value(other);
            return Err(Error::data(problem.expected("utf-8, utf-8-sig or gb18030")));
        }
    };
    // Text that was decoded wrongly once, and saved, can't be mended here.
    for mark in ["\u{fffd}", "锟斤拷"] {
        if let Some(at) = text.find(mark) {
            let row = 1 + text[..at].matches('\n').count();
            let problem = Problem::new("characters were lost in an earlier conversion").file(name).row(row);
            return Err(Error::data(problem.value(mark).expected("the original file")));
        }
    }
    Ok(text)
}

fn detect(name: &str, bytes: &[u8]) -> Result<String> {
    if bytes.starts_with(&[0xEF, 0xBB, 0xBF]) {
        return utf8(name, without_mark(bytes));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) if looks_like_gb_all_the_same(text, bytes) => gb18030(name, bytes, false),
        Ok(text) => Ok(text.to_owned()),
        Err(error) => {
            // Three ideographs in UTF-8 by chance are all but impossible in GB18030, so what begins
            // like this is UTF-8 that was damaged or cut.
            // Where nothing but the last character is broken, one is enough: the file is cut.
            let valid = std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default();
            let enough = if error.error_len().is_none() { 1 } else { 3 };
            if valid.chars().filter(|c| ('\u{3000}'..='\u{9fff}').contains(c) || *c >= '\u{ff00}').count()
                >= enough
            {
                utf8(name, bytes)
            } else {
                gb18030(name, bytes, false)
            }
        }
    }
}

fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes)
}

fn utf8(name: &str, bytes: &[u8]) -> Result<String> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|error| {
        let row = line_of(bytes, error.valid_up_to());
        let what = if error.error_len().is_none() {
            "the file is cut in the middle of a character"
        } else {
            "not UTF-8 from here on"
        };
        Error::data(
            Problem::new(what).file(name).row(row).value(hex(bytes, error.valid_up_to())).expected(EXPECTED),
        )
    })
}

/// `told`: the user said that it is GB18030, so rare characters are taken as they are.
fn gb18030(name: &str, bytes: &[u8], told: bool) -> Result<String> {
    if let Some(text) = GB18030.decode_without_bom_handling_and_without_replacement(bytes) {
        let (in_gb2312, pairs) = pairs(bytes);
        // In Chinese text nearly every pair is a GB 2312 character; in Big5, Shift-JIS or Latin
        // text read as GB18030 half of them are rare ones.
        if !told && pairs >= 4 && in_gb2312 * 10 < pairs * 8 {
            let row = bytes.iter().position(|b| *b >= 0x80).map_or(1, |at| line_of(bytes, at));
            let problem = Problem::new("the encoding is neither UTF-8 nor GB18030").file(name).row(row);
            return Err(Error::data(problem.expected(EXPECTED)));
        }
        return Ok(text.into_owned());
    }
    let at = first_bad_pair(bytes);
    let what = if at + 1 >= bytes.len() {
        "the file is cut in the middle of a character"
    } else {
        "neither UTF-8 nor GB18030"
    };
    let problem = Problem::new(what).file(name).row(line_of(bytes, at)).value(hex(bytes, at));
    Err(Error::data(problem.expected(EXPECTED)))
}

/// Short GB18030 texts can be valid UTF-8 by chance (联通 reads as two Greek-like letters): true where
/// the UTF-8 reading has no ideograph at all and every other byte pair is a GB 2312 ideograph.
fn looks_like_gb_all_the_same(text: &str, bytes: &[u8]) -> bool {
    if text.is_ascii() || text.chars().any(|c| c >= '\u{800}') {
        return false;
    }
    let mut at = 0;
    let mut run = 0;
    while at < bytes.len() {
        if bytes[at] < 0x80 {
            if run == 1 {
                return false; // one foreign letter between ASCII ones, as in café
            }
            run = 0;
            at += 1;
        } else {
            if !in_gb2312(bytes, at) {
                return false;
            }
            run += 1;
            at += 2;
        }
    }
    run != 1
}

fn in_gb2312(bytes: &[u8], at: usize) -> bool {
    (0xB0..=0xF7).contains(&bytes[at]) && bytes.get(at + 1).is_some_and(|b| *b >= 0xA1)
}

/// How many two-byte characters there are, and how many of them GB 2312 has.
fn pairs(bytes: &[u8]) -> (usize, usize) {
    let (mut known, mut all, mut at) = (0, 0, 0);
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (0..=0x7F, _) => at += 1,
            (_, Some(0x30..=0x39)) => at += 4,
            (lead, trail) => {
                all += 1;
                if (0xA1..=0xF7).contains(&lead) && trail.is_some_and(|b| *b >= 0xA1) {
                    known += 1;
                }
                at += 2;
            }
        }
    }
    (known, all)
}

fn first_bad_pair(bytes: &[u8]) -> usize {
    let mut at = 0;
    while at < bytes.len() {
        let width = match (bytes[at], bytes.get(at + 1)) {
            (0..=0x7F, _) => 1,
            (0x80 | 0xFF, _) | (_, None) => return at,
            (_, Some(0x30..=0x39)) => 4,
            (_, Some(0x40..=0x7E | 0x80..=0xFE)) => 2,
            (_, Some(_)) => return at,
        };
        let end = (at + width).min(bytes.len());
        if GB18030.decode_without_bom_handling_and_without_replacement(&bytes[at..end]).is_none() {
            return if end == bytes.len() { bytes.len() - 1 } else { at };
        }
        at += width;
    }
    bytes.len().saturating_sub(1)
}

fn line_of(bytes: &[u8], at: usize) -> usize {
    1 + bytes[..at.min(bytes.len())].iter().filter(|b| **b == b'\n').count()
}

fn hex(bytes: &[u8], at: usize) -> String {
    bytes.iter().skip(at).take(4).map(|b| format!("{b:02X}")).collect::<Vec<_>>().join(" ")
}

/// What a file really is, by its first bytes, where it is not text.
pub fn binary_kind(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x50, 0x4B, 0x03 | 0x05, ..] => Some("a zip file (such as .xlsx)"),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => Some("an old Office file (.xls), or one with a password"),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Some("UTF-16 (\"Unicode text\")"),
        [b'P', b'A', b'R', b'1', ..] => Some("a Parquet file"),
        [b'%', b'P', b'D', b'F', ..] => Some("a PDF file"),
        _ if bytes.contains(&0) => Some("binary data"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gb(text: &str) -> Vec<u8> {
        GB18030.encode(text).0.into_owned()
    }

    #[test]
    fn the_three_ways_a_bureau_saves_a_text_are_read_alike() {
        let text = "名称,年度\n吉首市老年协会,2023\n㮾木寨,２０２３\n";
        for bytes in [text.as_bytes().to_vec(), [b"\xEF\xBB\xBF", text.as_bytes()].concat(), gb(text)] {
            assert_eq!(decode("a.csv", &bytes, None).unwrap(), text);
        }
        // 联通 in GB18030 is valid UTF-8 by chance.
        assert_eq!(decode("a.csv", &gb("联通"), None).unwrap(), "联通");
        assert_eq!(decode("a.csv", "café,naïve".as_bytes(), None).unwrap(), "café,naïve");
    }

    #[test]
    fn a_cut_or_foreign_file_is_told_with_its_row() {
        let text = "名称,年度\n吉首市老年协会,2023\n矮寨镇";
        let cut = &text.as_bytes()[..text.len() - 1];
        let message = decode("a.csv", cut, None).unwrap_err().to_string();
        assert!(message.starts_with("a.csv:3: the file is cut"), "{message}");
        // however little stands before the cut
        let message = decode("a.csv", &"名,a\n甲".as_bytes()[..8], None).unwrap_err().to_string();
        assert!(message.starts_with("a.csv:2: the file is cut"), "{message}");
        let cut = gb(text);
        let message = decode("a.csv", &cut[..cut.len() - 1], None).unwrap_err().to_string();
        assert!(message.starts_with("a.csv:3: the file is cut"), "{message}");
        let big5 = encoding_rs::BIG5.encode("名稱,年度\n臺北市老人協會,縣政府社會處,民政局\n").0;
        assert!(decode("a.csv", &big5, None).unwrap_err().to_string().contains("neither UTF-8 nor GB18030"));
        assert!(
            decode("a.csv", "名称\n锟斤拷".as_bytes(), None).unwrap_err().to_string().starts_with("a.csv:2")
        );
        assert!(decode("a.csv", b"PK\x03\x04", None).unwrap_err().to_string().contains("zip"));
        assert!(decode("a.csv", b"a", Some("latin-1")).unwrap_err().to_string().contains("encoding"));
        assert!(decode("a.csv", &gb("年度"), Some("utf-8")).is_err());
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            let _ = decode("a.csv", &bytes, None);
            let _ = decode("a.csv", &bytes, Some("gb18030"));
        }
        #[test]
        fn chinese_text_survives_both_encodings(text in "[一-龥，。a-z0-9\n]{0,60}") {
            // A very short text may be valid in both encodings; it is then told by the argument.
            proptest::prop_assert_eq!(&decode("a", &gb(&text), Some("gb18030")).unwrap(), &text);
            proptest::prop_assert_eq!(&decode("a", text.as_bytes(), None).unwrap(), &text);
        }
    }
}
