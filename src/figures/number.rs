//! Numbers as Chinese writes them: 1.7万余人, 15至20个, 80%以上, 十余, １２，３４５, 二十三, 一刻钟.
//!
//! [`read`] takes a whole text and says what it can't read; [`numeral`] reads one numeral at a place
//! and is what the scanner of a plan's text stands on. Nothing is guessed: 数百, 若干, 三五个 and
//! 几十 are no numbers.

use std::fmt;

use rust_decimal::Decimal;

use super::Bound;

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

/// One numeral at a place, before its unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numeral {
    pub value: Decimal,
    /// 万, 亿 and the like, that stay with the unit when the digits are Arabic; empty otherwise.
    pub scale: String,
    /// 余, 多 behind the digits or the scale word.
    pub more: bool,
    /// Whether it was written with Chinese digits.
    pub chinese: bool,
    /// Characters that it takes.
    pub len: usize,
}

const MOST_DIGITS: usize = 18;
/// As a ledger allows.
const MOST_PLACES: u32 = 6;
const LARGEST: i64 = 10_000_000_000_000;

/// A half-width digit of an ASCII or full-width one.
fn arabic(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some(c),
        '０'..='９' => char::from_u32(c as u32 - '０' as u32 + '0' as u32),
        _ => None,
    }
}

fn chinese_digit(c: char) -> Option<u64> {
    Some(match c {
        '零' | '〇' => 0,
        '一' | '壹' => 1,
        '二' | '两' | '贰' => 2,
        '三' | '叁' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        _ => return None,
    })
}

fn power(c: char) -> Option<u64> {
    Some(match c {
        '十' | '拾' => 10,
        '百' | '佰' => 100,
        '千' | '仟' => 1_000,
        '万' => 10_000,
        '亿' => 100_000_000,
        _ => return None,
    })
}

/// Whether a Chinese numeral may start or go on with this character.
pub fn is_chinese_numeral(c: char) -> bool {
    chinese_digit(c).is_some() || power(c).is_some()
}

/// Whether an Arabic digit, half or full width, is this character.
pub fn is_arabic_digit(c: char) -> bool {
    arabic(c).is_some()
}

/// Reads the numeral that starts at `chars[0]`; `None` where there is none, or none that is certain.
pub fn numeral(chars: &[char]) -> Option<Numeral> {
    let first = *chars.first()?;
    let mut n = if arabic(first).is_some() { arabic_numeral(chars)? } else { chinese_numeral(chars)? };
    if more(chars.get(n.len)) {
        n.more = true;
        n.len += 1;
    }
    // 300余万元, 10万余人次, 4.455亿; 千余人 has its scale in the value
    if !n.chinese || n.more {
        let scale: String = chars[n.len.min(chars.len())..]
            .iter()
            .take(2)
            .take_while(|c| matches!(c, '百' | '千' | '万' | '亿'))
            .collect();
        // 3百万, 2千万, 1万亿: 3百个 keeps its word as well
        let known = matches!(scale.as_str(), "百" | "千" | "万" | "亿" | "百万" | "千万" | "万亿");
        let scale = if known { scale } else { scale.chars().take(1).collect() };
        n.len += scale.chars().count();
        n.scale = scale;
        if !n.more && more(chars.get(n.len)) {
            n.more = true;
            n.len += 1;
        }
    }
    Some(n)
}

fn more(c: Option<&char>) -> bool {
    matches!(c, Some('余' | '多'))
}

fn arabic_numeral(chars: &[char]) -> Option<Numeral> {
    let mut text = String::new();
    let mut i = 0;
    let mut digits = 0;
    while let Some(c) = chars.get(i) {
        if let Some(d) = arabic(*c) {
            text.push(d);
            digits += 1;
            i += 1;
        } else if matches!(c, ',' | '，') && grouped(&text, chars.get(i + 1..).unwrap_or_default()) {
            i += 1;
        } else if matches!(c, '.' | '．')
            && !text.contains('.')
            && chars.get(i + 1).is_some_and(|c| arabic(*c).is_some())
        {
            text.push('.');
            i += 1;
        } else {
            break;
        }
    }
    // a second point: 1.2.3 is a number of a heading or a date
    let dotted = matches!(chars.get(i), Some('.' | '．'))
        && text.contains('.')
        && chars.get(i + 1).is_some_and(|c| arabic(*c).is_some());
    if digits > MOST_DIGITS || dotted {
        return None;
    }
    let value: Decimal = text.parse().ok()?;
    if value.scale() > MOST_PLACES || value >= Decimal::from(LARGEST) {
        return None;
    }
    Some(Numeral { value, scale: String::new(), more: false, chinese: false, len: i })
}

/// Whether a comma behind `before` is one of thousands: 12,345 and １２，３４５, not 1,23.
fn grouped(before: &str, after: &[char]) -> bool {
    let lead = before.len();
    let three = after.len() >= 3 && after.iter().take(3).all(|c| arabic(*c).is_some());
    let ends = after.get(3).is_none_or(|c| arabic(*c).is_none());
    // the groups so far must be whole: 1-3 digits before the first comma, then threes
    three
        && ends
        && !before.contains('.')
        && lead > 0
        && (lead <= 3 || lead.is_multiple_of(3) || (lead % 3) + 3 * (lead / 3) == lead)
        && !before.starts_with('0')
}

fn chinese_numeral(chars: &[char]) -> Option<Numeral> {
    let run: Vec<char> = chars.iter().copied().take_while(|c| is_chinese_numeral(*c)).take(24).collect();
    let (value, taken) = chinese_value(&run)?;
    let mut len = taken;
    let mut value = Decimal::from(value);
    // 三点五
    if taken == run.len() && chars.get(len) == Some(&'点') {
        let places: Vec<u64> = chars[len + 1..].iter().map_while(|c| chinese_digit(*c)).take(6).collect();
        if !places.is_empty() && !run.iter().any(|c| power(*c).is_some()) {
            let digits: String = places.iter().map(u64::to_string).collect();
            value = format!("{value}.{digits}").parse().ok()?;
            len += 1 + places.len();
        }
    }
    Some(Numeral { value, scale: String::new(), more: false, chinese: true, len })
}

/// The value of a run of Chinese numerals and how many characters it takes.
/// 二十三, 一百零五, 三千二百, 二〇二一; 三五 and 一二十 are nothing certain.
fn chinese_value(run: &[char]) -> Option<(u64, usize)> {
    if run.len() > 1 && run.iter().all(|c| chinese_digit(*c).is_some()) {
        // 二〇二一: a year digit by digit; anything shorter (三五, 七八) is a vague few
        let digits: u64 = run.iter().filter_map(|c| chinese_digit(*c)).fold(0, |n, d| n * 10 + d);
        return (run.len() == 4 && run.iter().all(|c| *c != '两')).then_some((digits, 4));
    }
    Some((hundred_millions(run)?, run.len()))
}

/// Splits at the one place where `mark` stands; the part above it and the part below.
fn split_at(run: &[char], mark: char) -> Option<Option<(&[char], &[char])>> {
    let mut places = run.iter().enumerate().filter(|(_, c)| **c == mark).map(|(i, _)| i);
    match (places.next(), places.next()) {
        (None, _) => Some(None),
        (Some(i), None) => Some(Some((&run[..i], &run[i + 1..]))),
        _ => None,
    }
}

fn hundred_millions(run: &[char]) -> Option<u64> {
    let Some((above, below)) = split_at(run, '亿')? else { return ten_thousands(run) };
    // 亿元: the scale word alone is one of it
    let above = if above.is_empty() && below.is_empty() { 1 } else { ten_thousands(above)? };
    let rest = if below.is_empty() { 0 } else { ten_thousands(below).filter(|_| certain(below))? };
    above.checked_mul(100_000_000)?.checked_add(rest).filter(|v| *v < LARGEST.unsigned_abs())
}

fn ten_thousands(run: &[char]) -> Option<u64> {
    let Some((above, below)) = split_at(run, '万')? else { return section(run) };
    let above = if above.is_empty() && below.is_empty() { 1 } else { section(above)? };
    let rest = if below.is_empty() { 0 } else { section(below).filter(|_| certain(below))? };
    Some(above * 10_000 + rest)
}

/// 一万二 leaves open whether 12,000 or 10,002 is meant; 一万零二 and 一万二千 do not.
fn certain(below: &[char]) -> bool {
    below.len() > 1
}

/// Below 10,000: 三千二百零五, 十二, 百. A digit right behind 百 or 千 (三百五) leaves it open.
fn section(run: &[char]) -> Option<u64> {
    let (mut sum, mut digit, mut last, mut zero) = (0_u64, None::<u64>, 10_000_u64, false);
    for c in run {
        match (chinese_digit(*c), power(*c)) {
            (Some(0), _) if digit.is_none() && !zero => zero = true,
            (Some(d), _) if d > 0 && digit.is_none() => digit = Some(d),
            (None, Some(p)) if p < last => {
                // 百 and 千 take a digit, except alone; 十 may stand for 一十
                if digit.is_none() && p > 10 && run.len() > 1 {
                    return None;
                }
                sum += digit.take().unwrap_or(1) * p;
                (last, zero) = (p, false);
            }
            _ => return None,
        }
    }
    if zero && digit.is_none() && run.len() > 1 {
        return None;
    }
    if digit.is_some() && (last == 100 || last == 1000) && !zero {
        return None;
    }
    (!run.is_empty()).then(|| sum + digit.unwrap_or(0))
}

const BEFORE: [(&str, Option<Bound>); 19] = [
    ("不低于", Some(Bound::AtLeast)),
    ("不少于", Some(Bound::AtLeast)),
    ("不超过", Some(Bound::AtMost)),
    ("不高于", Some(Bound::AtMost)),
    ("控制在", Some(Bound::AtMost)),
    ("超过", Some(Bound::AtLeast)),
    ("至少", Some(Bound::AtLeast)),
    ("最少", Some(Bound::AtLeast)),
    ("高于", Some(Bound::AtLeast)),
    ("低于", Some(Bound::AtMost)),
    ("不足", Some(Bound::AtMost)),
    ("逾", Some(Bound::AtLeast)),
    ("大约", None),
    ("大概", None),
    ("将近", None),
    ("接近", None),
    ("约", None),
    ("近", None),
    ("达到", Some(Bound::Exact)),
];

const AFTER: [(&str, Option<Bound>); 9] = [
    ("及以上", Some(Bound::AtLeast)),
    ("以上", Some(Bound::AtLeast)),
    ("及以下", Some(Bound::AtMost)),
    ("以下", Some(Bound::AtMost)),
    ("以内", Some(Bound::AtMost)),
    ("左右", None),
    ("上下", None),
    ("余", Some(Bound::AtLeast)),
    ("多", Some(Bound::AtLeast)),
];

/// What stands between the ends of a range.
pub const BETWEEN: [&str; 9] = ["至", "到", "—", "－", "-", "~", "～", "–", "──"];

/// The bound that words right before a number give, if any; `approximate` where they say 约.
pub fn bound_before(words: &str) -> Option<(Bound, bool)> {
    BEFORE.iter().find(|(w, _)| words.ends_with(w)).map(|(_, b)| (b.unwrap_or(Bound::Exact), b.is_none()))
}

/// The bound that words right behind a number and its unit give, if any.
pub fn bound_after(words: &str) -> Option<(Bound, bool)> {
    AFTER
        .iter()
        .take(7)
        .find(|(w, _)| words.starts_with(w))
        .map(|(_, b)| (b.unwrap_or(Bound::Exact), b.is_none()))
}

/// Words with a value of their own.
const WHOLE: [(&str, u32, &str); 6] = [
    ("一刻钟", 15, "分钟"),
    ("三刻钟", 45, "分钟"),
    ("半小时", 30, "分钟"),
    ("半个小时", 30, "分钟"),
    ("半年", 6, "月"),
    ("半个月", 15, "日"),
];

/// The value of a word such as 一刻钟 at the start of a text.
pub fn whole_word(text: &str) -> Option<(u32, &'static str, usize)> {
    WHOLE.iter().find(|(w, _, _)| text.starts_with(w)).map(|(w, n, u)| (*n, *u, w.chars().count()))
}

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
    let mut percent = false;
    for (word, _) in [("百分之", 0), ("％", 0)] {
        if let Some(r) = rest.strip_prefix(word) {
            (rest, percent) = (r, true);
        }
    }
    let chars: Vec<char> = rest.chars().collect();
    let first = numeral(&chars).ok_or_else(|| fail("no certain numeral stands at its start"))?;
    let tail: String = chars.get(first.len..).unwrap_or_default().iter().collect();
    if tail.starts_with("分之") {
        return Err(fail("a fraction; write it in per cent"));
    }
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
    let unit = if percent { "%".to_owned() } else { format!("{scale}{}", unit.replace('％', "%")) };
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
        assert!(read(&"九千九百万亿".repeat(3)).is_err());
    }
}
