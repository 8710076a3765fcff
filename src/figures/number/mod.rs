//! Numbers as Chinese writes them: 1.7万余人, 15至20个, 80%以上, 十余, １２，３４５, 二十三, 一刻钟.
//!
//! [`read`] takes a whole text and says what it can't read; [`numeral`] reads one numeral at a place
//! and is what the scanner of a plan's text stands on. Nothing is guessed: 数百, 若干, 三五个 and
//! 几十 are no numbers.

mod bounds;
mod numeral;

use std::fmt;

use rust_decimal::Decimal;

use super::Bound;
use bounds::{AFTER, BEFORE};
pub use bounds::{BETWEEN, bound_after, bound_before, whole_word};
use numeral::arabic;
pub use numeral::{Numeral, is_arabic_digit, is_chinese_numeral, numeral, run_len, scale_value};

/// A number with its bound and unit, as printed: 1.7, at least, 万人.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    pub value: Decimal,
    /// Upper end of a range.
    pub value_hi: Option<Decimal>,
    pub bound: Bound,
    /// 约, 近, 左右: about as much.
    pub approximate: bool,
    /// The printed unit with its scale word: 万人, 亿元, %; 名 and 位 stay what they are.
    pub unit: String,
}

/// Why a text is no number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    pub text: String,
    pub why: &'static str,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} can't be read as a number: {}", self.text, self.why)
    }
}

/// What a share may start with, and its unit.
pub const PARTS: [(&str, &str); 2] = [("百分之", "%"), ("千分之", "‰")];

/// Reads a whole text as one number: 1.7万余人, 15至20个, 80%以上, 约3.2 亿元, 百分之五十, 一刻钟.
///
/// Errors: what stands there, and why it is no number that could be computed with.
pub fn read(text: &str) -> Result<Reading, Unreadable> {
    let clean: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let fail = |why| Unreadable { text: text.to_owned(), why };
    if clean.is_empty() {
        return Err(fail("nothing stands there"));
    }
    if clean.chars().count() > 60 {
        return Err(fail("too long for one number"));
    }
    if let Some((value, unit, len)) = whole_word(&clean)
        && len == clean.chars().count()
    {
        return Ok(Reading {
            value: value.into(),
            value_hi: None,
            bound: Bound::Exact,
            approximate: false,
            unit: unit.to_owned(),
        });
    }
    let mut rest = clean.as_str();
    let (mut bound, mut approximate) = (Bound::Exact, false);
    if let Some((word, b)) = BEFORE.iter().find(|(w, _)| rest.starts_with(w)) {
        bound = b.unwrap_or(Bound::Exact);
        approximate = b.is_none();
        rest = rest.get(word.len()..).unwrap_or_default();
    }
    if rest.starts_with(['数', '几', '若']) || rest.starts_with("许多") || rest.starts_with("大量") {
        return Err(fail("it names no definite number"));
    }
    for half in ["一半", "半数"] {
        let Some(behind) = rest.strip_prefix(half) else { continue };
        let told = if behind.is_empty() { Some((bound, approximate)) } else { bound_after(behind) };
        let (bound, approximate) = told.ok_or_else(|| fail("it goes on behind the number"))?;
        let value = Decimal::from(50);
        return Ok(Reading { value, value_hi: None, bound, approximate, unit: "%".to_owned() });
    }
    let parts = PARTS.iter().find_map(|(word, unit)| Some((rest.strip_prefix(word)?, *unit)));
    if let Some((behind, _)) = parts {
        rest = behind;
    } else if rest.contains("分之") {
        return Err(fail("a fraction; write it in per cent"));
    }
    let chars: Vec<char> = rest.chars().collect();
    let first = numeral(&chars).ok_or_else(|| fail("no certain numeral stands at its start"))?;
    let tail: String = chars.get(first.len..).unwrap_or_default().iter().collect();
    let (unit_1, after) = split_range(&tail);
    let (mut value_hi, tail, mut second) =
        (None, if after.is_empty() { tail.clone() } else { after.clone() }, None);
    let tail = if after.is_empty() {
        tail
    } else {
        let chars: Vec<char> = after.chars().collect();
        let hi = numeral(&chars).ok_or_else(|| fail("no certain numeral stands at the end of the range"))?;
        value_hi = Some(hi.value);
        let tail: String = chars.get(hi.len..).unwrap_or_default().iter().collect();
        second = Some(hi);
        tail
    };
    let more = first.more || second.as_ref().is_some_and(|s| s.more);
    let mut unit = tail;
    if let Some((word, b)) = AFTER.iter().find(|(w, _)| {
        unit.len() >= w.len()
            && unit.ends_with(w)
            && (unit.len() == w.len() || !w.is_empty() && w.chars().count() > 1)
    }) {
        approximate |= b.is_none();
        bound = b.unwrap_or(bound);
        unit.truncate(unit.len() - word.len());
    }
    if more {
        bound = Bound::AtLeast;
    }
    let scale = second.as_ref().map_or(&first.scale, |s| &s.scale);
    if let Some(s) = &second {
        let alike =
            (first.scale.is_empty() || first.scale == s.scale) && (unit_1.is_empty() || unit_1 == unit);
        if !alike {
            return Err(fail("the ends of the range stand in different units"));
        }
        if s.value < first.value {
            return Err(fail("the range ends below its start"));
        }
        bound = Bound::Range;
    }
    if unit.chars().any(|c| arabic(c).is_some() && !unit.starts_with('m') && !unit.starts_with("km"))
        || unit.chars().count() > 12
    {
        return Err(fail("more than one number stands there"));
    }
    if unit.chars().any(|c| "，。；、！？".contains(c)) {
        return Err(fail("it goes on behind the number"));
    }
    let unit = match parts {
        Some((_, part)) if unit.is_empty() && scale.is_empty() => part.to_owned(),
        Some(_) => return Err(fail("it goes on behind the number")),
        None => format!("{scale}{}", unit.replace('％', "%")),
    };
    Ok(Reading { value: first.value, value_hi, bound, approximate, unit })
}

/// Splits `unit—rest` at the first word of a range that a numeral follows.
fn split_range(tail: &str) -> (String, String) {
    for (i, _) in tail.char_indices() {
        let at = tail.get(i..).unwrap_or_default();
        if let Some(word) = BETWEEN.iter().find(|w| at.starts_with(**w)) {
            let after = at.get(word.len()..).unwrap_or_default();
            let starts = after.chars().next().is_some_and(|c| arabic(c).is_some() || is_chinese_numeral(c));
            if starts {
                return (tail.get(..i).unwrap_or_default().to_owned(), after.to_owned());
            }
        }
    }
    (String::new(), String::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match read(text) {
            Ok(r) => {
                let hi = r.value_hi.map_or(String::new(), |h| format!("..{h}"));
                let about = if r.approximate { "~" } else { "" };
                format!("{about}{}{hi} {} {}", r.value, r.bound.word(), r.unit).trim_end().to_owned()
            }
            Err(e) => format!("ERR {}", e.why),
        }
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (text, read) in [
            ("1.7万余", "1.7 at_least 万"),
            ("1.7万余人", "1.7 at_least 万人"),
            ("15至20", "15..20 range"),
            ("15 至 20 个", "15..20 range 个"),
            ("80%以上", "80 at_least %"),
            ("80％以上", "80 at_least %"),
            ("约300人", "~300 exact 人"),
            ("近3万人", "~3 exact 万人"),
            ("十余", "10 at_least"),
            ("十余个", "10 at_least 个"),
            ("１２，３４５", "12345 exact"),
            ("1,234,567.89元", "1234567.89 exact 元"),
            ("4.455亿", "4.455 exact 亿"),
            ("3.2 亿元", "3.2 exact 亿元"),
            ("二十三", "23 exact"),
            ("二十三名", "23 exact 名"),
            ("一百零五", "105 exact"),
            ("三千二百", "3200 exact"),
            ("十二万三千", "123000 exact"),
            ("一亿二千万元", "120000000 exact 元"),
            ("两千", "2000 exact"),
            ("千余人", "1000 at_least 人"),
            ("二〇二一年", "2021 exact 年"),
            ("三点五", "3.5 exact"),
            ("一刻钟", "15 exact 分钟"),
            ("300余万元", "300 at_least 万元"),
            ("10万余人次", "10 at_least 万人次"),
            ("600m²—1300m²", "600..1300 range m²"),
            ("3～5万元", "3..5 range 万元"),
            ("超过4000元/年", "4000 at_least 元/年"),
            ("不低于55%", "55 at_least %"),
            ("50万元以内", "50 at_most 万元"),
            ("百分之五十", "50 exact %"),
            ("14.52%", "14.52 exact %"),
            ("5个百分点", "5 exact 个百分点"),
            ("0.55‰", "0.55 exact ‰"),
            ("300亩左右", "~300 exact 亩"),
            ("1亿2000万元", "1.2000 exact 亿元"),
            ("3万5千元", "3.5 exact 万元"),
            ("2万5000亩", "2.5000 exact 万亩"),
            ("1亿2000万5千元", "1.20005 exact 亿元"),
            ("一半以上", "50 at_least %"),
            ("千分之五", "5 exact ‰"),
        ] {
            assert_eq!(shown(text), read, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        for text in [
            "",
            "数百人",
            "几十个",
            "若干",
            "三五个",
            "七八个",
            "一万二",
            "三分之一",
            "三分之二以上",
            "十几",
            "二十几个",
            "二十来个",
            "3万5",
            "3万5亿元",
            "1.2亿3000万元",
            "一半的村",
            "百分之五十人",
            "翻一番",
            "五十十",
            "1.2.3",
            "20至15个",
            "3万至5亿元",
            "12人34户",
            "一二十",
        ] {
            assert!(shown(text).starts_with("ERR"), "{text}: {}", shown(text));
        }
    }

    #[test]
    fn digits_beyond_reason_are_refused() {
        assert!(read(&"9".repeat(40)).is_err());
        assert!(read(&"亿".repeat(20)).is_err());
        assert!(read(&"九".repeat(30)).is_err());
        assert!(read(&"九千九百万亿".repeat(3)).is_err());
    }
}
