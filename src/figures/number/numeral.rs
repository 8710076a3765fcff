//! One numeral at a place: Arabic digits with thousands and scale words, Chinese numerals, compounds.

use rust_decimal::Decimal;

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
pub(super) fn arabic(c: char) -> Option<char> {
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

/// How many characters of a start are digits, points, commas amid digits or scale words: what is
/// left out as a whole where no certain numeral stands there.
pub fn run_len(chars: &[char]) -> usize {
    let mut len = 0;
    while let Some(c) = chars.get(len) {
        let amid = matches!(c, '.' | '．' | ',' | '，')
            && len > 0
            && arabic(chars[len - 1]).is_some()
            && chars.get(len + 1).is_some_and(|c| arabic(*c).is_some());
        if !amid && arabic(*c).is_none() && !is_chinese_numeral(*c) {
            break;
        }
        len += 1;
    }
    len
}

/// What a scale word behind Arabic digits stands for; 1 where there is none.
pub fn scale_value(scale: &str) -> Option<u64> {
    scale.chars().try_fold(1_u64, |product, c| product.checked_mul(power(c)?))
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
        // 5百分点: the word is part of the unit
        let points = chars.get(n.len + scale.chars().count()) == Some(&'分')
            && chars.get(n.len + scale.chars().count() + 1) == Some(&'点');
        let scale = if points { String::new() } else { scale };
        n.len += scale.chars().count();
        n.scale = scale;
        if !n.more && more(chars.get(n.len)) {
            n.more = true;
            n.len += 1;
        }
        return compound(n, chars);
    }
    // 十几, 二十来个, 一半, 三分之二: nothing definite, or nothing decimal
    let behind: String = chars.iter().skip(n.len).take(2).collect();
    let vague = behind.starts_with(['几', '来', '数', '半']) || behind == "分之";
    (!vague).then_some(n)
}

/// 1亿2000万, 3万5千, 1亿2000万5千: the part behind the scale word belongs to the number. 3万5 leaves
/// open whether 35,000 or 30,005 is meant, 3万5亿 is nothing.
fn compound(mut n: Numeral, chars: &[char]) -> Option<Numeral> {
    let rest = chars.get(n.len..).unwrap_or_default();
    let digits = rest.iter().take_while(|c| arabic(**c).is_some()).count();
    let year = digits == 4 && rest.get(4) == Some(&'年');
    if n.chinese || n.more || n.scale.is_empty() || digits == 0 || year {
        return Some(n);
    }
    let below = numeral(rest)?;
    let (upper, lower) = (scale_value(&n.scale)?, scale_value(&below.scale)?);
    let single = below.scale.is_empty() && digits < 2;
    if n.value.scale() > 0 || upper <= lower || single {
        return None;
    }
    let ratio = upper / lower;
    if below.value >= Decimal::from(ratio) {
        return None;
    }
    n.len += below.len;
    n.more = below.more;
    let places = ratio.ilog10() + below.value.scale();
    if places <= MOST_PLACES {
        let part = Decimal::try_from_i128_with_scale(below.value.mantissa(), places).ok()?;
        n.value = n.value.checked_add(part)?;
    } else {
        n.value = n.value.checked_mul(ratio.into())?.checked_add(below.value)?;
        n.scale = below.scale;
    }
    (n.value < Decimal::from(LARGEST)).then_some(n)
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
        if run.len() != 4 || run.contains(&'两') {
            return None;
        }
        let digits: u64 = run.iter().filter_map(|c| chinese_digit(*c)).fold(0, |n, d| n * 10 + d);
        return Some((digits, 4));
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
