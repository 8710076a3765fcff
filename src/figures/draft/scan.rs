//! Finds the numbers and dates of a plan's text, with unit, bound and place.

use rust_decimal::Decimal;

use super::text::{BREAK, Text, ends_clause};
use crate::figures::Bound;
use crate::figures::number::{
    self, BETWEEN, Numeral, bound_after, bound_before, is_arabic_digit, is_chinese_numeral,
};

/// What a hit is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// value, value_hi, unit
    Number(Decimal, Option<Decimal>, String),
    /// A day, month or half year: `2019-11`; the years that it lies in.
    Date(String),
    /// A year, or first and last year.
    Years(i32, Option<i32>),
    /// 每年10月
    Month(u32),
}

#[derive(Debug, Clone)]
pub(super) struct Hit {
    pub kind: Kind,
    pub bound: Bound,
    pub start: usize,
    pub end: usize,
    /// A date that stands by itself: 开始, 至今, a period, no figure in its clause.
    pub event: bool,
}

/// A number that has no known unit: told, not drafted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    pub line: u32,
    pub words: String,
}

/// Unit names, the longest first where one starts another.
const UNITS: [&str; 79] = [
    "平方公里",
    "平方千米",
    "个百分点",
    "个千分点",
    "平方米",
    "立方米",
    "百分点",
    "千分点",
    "个月",
    "个小时",
    "人次",
    "户次",
    "平米",
    "公里",
    "千米",
    "公顷",
    "公斤",
    "千克",
    "分钟",
    "小时",
    "万元",
    "m^2",
    "m²",
    "m2",
    "km²",
    "km",
    "㎡",
    "‰",
    "%",
    "周岁",
    "元",
    "个",
    "名",
    "位",
    "人",
    "户",
    "张",
    "套",
    "栋",
    "幢",
    "座",
    "处",
    "所",
    "家",
    "间",
    "条",
    "层",
    "亩",
    "米",
    "岁",
    "倍",
    "次",
    "项",
    "件",
    "台",
    "辆",
    "份",
    "本",
    "册",
    "场",
    "期",
    "例",
    "对",
    "支",
    "只",
    "头",
    "株",
    "棵",
    "吨",
    "天",
    "日",
    "孔",
    "块",
    "组",
    "批",
    "片",
    "穴",
    "床",
    "公分",
];

/// Nouns that a number counts without a counter: 8县市.
const NOUNS: [&str; 8] = ["县市", "县", "乡镇", "街道", "社区", "村", "部门", "省"];

/// Counters that a single Chinese numeral may carry at the end of a clause: 火化线两条.
const SMALL: [&str; 16] =
    ["个", "条", "处", "所", "座", "栋", "套", "家", "间", "项", "名", "人", "台", "辆", "层", "幢"];

/// Every number and date, in reading order.
pub(super) fn scan(text: &Text) -> (Vec<Hit>, Vec<Unread>) {
    let (mut hits, mut unread) = (Vec::new(), Vec::new());
    let (mut i, mut quotes, mut titles) = (0, 0_i32, 0_i32);
    let mut year: Option<i32> = None;
    while i < text.glyphs.len() {
        match text.c(i) {
            '“' => quotes += 1,
            '”' => quotes -= 1,
            '《' | '〔' => titles += 1,
            '》' | '〕' => titles -= 1,
            BREAK => (quotes, titles) = (0, 0),
            _ => {}
        }
        if titles > 0 {
            i += 1;
            continue;
        }
        if let Some(mut hit) = date_at(text, i, year, quotes > 0) {
            if let Kind::Years(first, last) = hit.kind {
                year = Some(last.unwrap_or(first));
            } else if let Kind::Date(d) = &hit.kind {
                year = d.get(..4).and_then(|y| y.parse().ok()).or(year);
            }
            i = hit.end;
            // whether it stands alone is known once the numbers of its clause are
            hit.event |= !number_follows(text, hit.end);
            hits.push(hit);
        } else if let Some(found) = number_at(text, i, quotes > 0) {
            match found {
                Ok(hit) => {
                    i = hit.end;
                    hits.push(hit);
                }
                Err(end) => {
                    let from = i.saturating_sub(6).max(text.clause_start(i));
                    let words = text.run(from, (end + 6).min(text.clause_end(i).max(end)));
                    unread.push(Unread { line: text.glyphs[i].line, words: words.replace(BREAK, "") });
                    i = end;
                }
            }
        } else {
            i += 1;
        }
    }
    (hits, unread)
}

/// Whether a number with a unit stands later in the same clause, so that the date is its time.
fn number_follows(text: &Text, from: usize) -> bool {
    let end = text.clause_end(from);
    let mut i = from;
    while i < end {
        match number_at(text, i, false) {
            Some(Ok(_)) => return true,
            Some(Err(next)) => i = next,
            None => i += 1,
        }
    }
    false
}

fn digits(text: &Text, i: usize, most: usize) -> Option<(u32, usize)> {
    let run: String =
        (i..i + most + 1).map(|k| text.c(k)).take_while(|c| is_arabic_digit(*c)).map(half).collect();
    let value = run.parse().ok().filter(|_| run.len() <= most)?;
    Some((value, i + run.len()))
}

fn half(c: char) -> char {
    match c {
        '０'..='９' => char::from_u32(c as u32 - '０' as u32 + '0' as u32).unwrap_or(c),
        _ => c,
    }
}

fn year(text: &Text, i: usize) -> Option<(i32, usize)> {
    let (y, end) = digits(text, i, 4)?;
    (end - i == 4 && (1949..2100).contains(&y)).then(|| i32::try_from(y).ok().map(|y| (y, end))).flatten()
}

fn word(text: &Text, i: usize, words: &[&str]) -> Option<usize> {
    words
        .iter()
        .find(|w| w.chars().enumerate().all(|(k, c)| text.c(i + k) == c))
        .map(|w| i + w.chars().count())
}

fn date_at(text: &Text, i: usize, context: Option<i32>, quoted: bool) -> Option<Hit> {
    if !is_arabic_digit(text.c(i)) || is_arabic_digit(text.before(i)) || matches!(text.before(i), '.' | '第')
    {
        return None;
    }
    let hit = |kind, end, event| Some(Hit { kind, bound: Bound::Exact, start: i, end, event });
    if let Some((first, after)) = year(text, i) {
        let marked = word(text, after, &["年"]);
        let at = marked.unwrap_or(after);
        // 2016年至2019年, 2016至2020年, 2021—2025年, 2017年、2018
        let joined = word(text, at, &BETWEEN).or_else(|| marked.and_then(|m| word(text, m, &["、"])));
        if let Some((last, end)) = joined.and_then(|j| year(text, j)) {
            let closed = word(text, end, &["年"]);
            if (closed.is_some() || marked.is_some())
                && last > first
                && closed.is_none_or(|c| !text.c(c).is_ascii_digit())
            {
                let end = closed.unwrap_or(end);
                return Some(Hit { bound: Bound::Range, ..hit(Kind::Years(first, Some(last)), end, true)? });
            }
        }
        let Some(after) = marked else { return cell_year(text, i, after, first) };
        if let Some(end) = word(text, after, &["至今", "以来", "开始", "起"]) {
            return hit(Kind::Years(first, None), end, true);
        }
        if let Some(end) = word(text, after, &["上半年"]) {
            return hit(Kind::Date(format!("{first}-06")), end, true);
        }
        if let Some(end) = word(text, after, &["下半年"]) {
            return hit(Kind::Date(format!("{first}-12")), end, true);
        }
        if let Some(end) = word(text, after, &["底", "末"]) {
            let as_of = ["截至", "截止", "截止到", "截至到"]
                .iter()
                .any(|w| text.run(i.saturating_sub(3), i).ends_with(w));
            let value = if as_of { format!("{first}-12-31") } else { format!("{first}-12") };
            return hit(Kind::Date(value), end, false);
        }
        if let Some((month, day, end)) = month_day(text, after)
            && let Some(date) = stamp(first, month, day)
        {
            return hit(Kind::Date(date), end, false);
        }
        return hit(Kind::Years(first, None), after, false);
    }
    if let Some((month, day, end)) = month_day(text, i) {
        let before = text.run(i.saturating_sub(3), i);
        if day.is_none() {
            return before.ends_with("每年").then(|| hit(Kind::Month(month), end, true)).flatten();
        }
        return match context {
            Some(y) if !before.ends_with("每年") => {
                stamp(y, month, day).and_then(|date| hit(Kind::Date(date), end, true))
            }
            _ if stamp(2000, month, day).is_none() => None,
            _ => hit(Kind::Date(format!("{month:02}-{:02}", day.unwrap_or(1))), end, true),
        };
    }
    // “5.12”: a day that is named by its date
    if quoted && text.before(i) == '“' {
        let (month, after) = digits(text, i, 2)?;
        let after = word(text, after, &[".", "·"])?;
        let (day, end) = digits(text, after, 2)?;
        let real = stamp(2000, month, Some(day)).is_some();
        return (real && text.c(end) == '”')
            .then(|| hit(Kind::Date(format!("{month:02}-{day:02}")), end, true))
            .flatten();
    }
    None
}

/// A cell of a table that is a year by itself.
fn cell_year(text: &Text, start: usize, end: usize, year: i32) -> Option<Hit> {
    let alone = text.before(start) == BREAK && text.c(end) == BREAK;
    alone.then_some(Hit { kind: Kind::Years(year, None), bound: Bound::Exact, start, end, event: true })
}

fn month_day(text: &Text, i: usize) -> Option<(u32, Option<u32>, usize)> {
    let (month, after) = digits(text, i, 2)?;
    let after = word(text, after, &["月"]).filter(|_| (1..=12).contains(&month))?;
    if let Some((day, end)) = digits(text, after, 2)
        && let Some(end) = word(text, end, &["日", "号"]).filter(|_| (1..=31).contains(&day))
    {
        return Some((month, Some(day), end));
    }
    if let Some(end) = word(text, after, &["底", "末"]) {
        let last = match month {
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        return Some((month, Some(last), end));
    }
    Some((month, None, after))
}

/// `2021-11` or `2021-11-05`; `None` for a day that no calendar has (6月31日).
fn stamp(year: i32, month: u32, day: Option<u32>) -> Option<String> {
    let text = match day {
        Some(day) => format!("{year}-{month:02}-{day:02}"),
        None => format!("{year}-{month:02}"),
    };
    crate::figures::Moment::parse(&text).map(|_| text)
}

/// A number at a place: `Ok` a hit, `Err` the end of a number without a known unit.
fn number_at(text: &Text, i: usize, quoted: bool) -> Option<Result<Hit, usize>> {
    let c = text.c(i);
    let before = text.before(i);
    let arabic = is_arabic_digit(c);
    if !arabic && !is_chinese_numeral(c) || before == '第' {
        return None;
    }
    if arabic
        && (is_arabic_digit(before)
            || before.is_ascii_alphabetic()
            || before == '^'
            || (before == '.' && is_arabic_digit(text.before(i.saturating_sub(1)))))
    {
        return None;
    }
    let ahead: Vec<char> = (i..i + 40).map(|k| text.c(k)).take_while(|c| *c != BREAK).collect();
    if !arabic {
        if let Some((value, unit, len)) = number::whole_word(&ahead.iter().collect::<String>()) {
            let kind = Kind::Number(value.into(), None, unit.to_owned());
            return Some(Ok(Hit { kind, bound: Bound::Exact, start: i, end: i + len, event: false }));
        }
        return if is_chinese_numeral(before) || quoted { None } else { chinese_at(text, i, &ahead).map(Ok) };
    }
    let numeral = number::numeral(&ahead)?;
    let end = i + numeral.len;
    if is_numbering(text, i, end) || is_year_of_text(text, i, end) {
        return None;
    }
    let (unit, after) = unit_at(text, end, &numeral);
    // 15至20个, 600m²—1300m²
    if let Some(second_at) = word(text, after, &BETWEEN) {
        let ahead: Vec<char> =
            (second_at..second_at + 24).map(|k| text.c(k)).take_while(|c| *c != BREAK).collect();
        if ahead.first().is_some_and(|c| is_arabic_digit(*c))
            && let Some(second) = number::numeral(&ahead)
        {
            let (unit_2, end) = unit_at(text, second_at + second.len, &second);
            if let Some(u2) = unit_2
                .filter(|u| unit.as_ref().is_none_or(|first| first == u) && second.value >= numeral.value)
            {
                let u2 = each(text, i, &u2);
                let kind = Kind::Number(numeral.value, Some(second.value), u2);
                return Some(Ok(Hit { kind, bound: Bound::Range, start: i, end, event: false }));
            }
        }
    }
    let Some(unit) = unit else { return Some(Err(end)) };
    Some(Ok(finish(text, i, after, &numeral, unit)))
}

fn finish(text: &Text, start: usize, after: usize, numeral: &Numeral, unit: String) -> Hit {
    let behind: String = (after..after + 3).map(|k| text.c(k)).collect();
    let before = text.run(start.saturating_sub(3), start);
    let mut bound = if numeral.more { Bound::AtLeast } else { Bound::Exact };
    let mut end = after;
    if let Some((b, _)) = bound_after(&behind) {
        bound = b;
        end += if behind.starts_with('及') { 3 } else { 2 };
    } else if let Some((b, _)) = bound_before(&before)
        && bound == Bound::Exact
    {
        bound = b;
    }
    let kind = Kind::Number(numeral.value, None, each(text, start, &unit));
    Hit { kind, bound, start, end, event: false }
}

/// `1.`, `（2）`, `22、`: the number of an item; the row number of a table.
fn is_numbering(text: &Text, start: usize, end: usize) -> bool {
    let (before, next, second) = (text.before(start), text.c(end), text.c(end + 1));
    let opens = ends_clause(before) || matches!(before, '”' | '—' | '．');
    let marked = matches!(next, '.' | '．' | '、') && !is_arabic_digit(second)
        || matches!(next, '.' | '．') && second == BREAK;
    let bracketed = matches!(before, '（' | '(') && matches!(next, '）' | ')');
    let row = before == BREAK && next == BREAK;
    (opens && marked) || bracketed || row
}

/// A bare year such as 2018 in 、2018投入: part of a date, no figure.
fn is_year_of_text(text: &Text, start: usize, end: usize) -> bool {
    year(text, start).is_some_and(|(_, e)| e == end) && matches!(text.c(end), '年' | '版' | '届')
}

/// The unit behind a numeral, its scale word before it; `None` where none is known.
fn unit_at(text: &Text, at: usize, numeral: &Numeral) -> (Option<String>, usize) {
    let scale = if numeral.chinese { "" } else { numeral.scale.as_str() };
    if matches!(text.c(at), '％') {
        return (Some(format!("{scale}%")), at + 1);
    }
    if text.c(at) == 'A' && !text.c(at + 1).is_ascii_alphanumeric() {
        let end = word(text, at + 1, &["级"]).unwrap_or(at + 1);
        return (Some("A".to_owned()), end);
    }
    if let Some(end) = word(text, at, &["年"]) {
        // a span of years, unless it is one of the calendar
        return (Some("年".to_owned()), end);
    }
    let found = UNITS.iter().find_map(|u| word(text, at, &[u]).map(|end| (*u, end)));
    if let Some((name, end)) = found {
        let name = match name {
            "名" | "位" => "人",
            "周岁" => "岁",
            "m^2" | "m2" | "m²" => "㎡",
            "个月" => "月",
            other => other,
        };
        let (per, end) = slashes(text, end);
        return (Some(format!("{scale}{name}{per}")), end);
    }
    let noun = word(text, at, &NOUNS).is_some();
    if noun && numeral.value.scale() == 0 && !numeral.chinese {
        return (Some(format!("{scale}个")), at);
    }
    let clause = text.run(text.clause_start(at), at);
    let money = ["投资", "资金", "投入", "补助", "经费", "金额"].iter().any(|w| clause.contains(w));
    if money && !scale.is_empty() && (ends_clause(text.c(at)) || text.c(at) == '、') {
        return (Some(format!("{scale}元")), at);
    }
    (None, at)
}

/// `/人/月`, `/㎡` behind a unit.
fn slashes(text: &Text, mut at: usize) -> (String, usize) {
    let mut per = String::new();
    while matches!(text.c(at), '/' | '／' | '·') {
        let names = [
            "平方米",
            "人次",
            "床日",
            "人",
            "月",
            "年",
            "日",
            "天",
            "户",
            "张",
            "床",
            "个",
            "亩",
            "㎡",
            "m²",
            "所",
            "处",
            "村",
            "次",
            "季",
            "座",
            "栋",
            "套",
            "家",
            "间",
            "千人",
            "万人",
        ];
        let Some(end) = word(text, at + 1, &names) else { break };
        per.push('/');
        per.push_str(&text.run(at + 1, end));
        at = end;
    }
    (per, at)
}

/// 每个投资500万元 is 万元/个, 每人每月发放200元 is 元/人/月: what the clause says before the number.
fn each(text: &Text, start: usize, unit: &str) -> String {
    if unit.contains('/') || unit.ends_with('%') || unit == "年" || unit == "岁" || unit == "月" {
        return unit.to_owned();
    }
    let clause: Vec<char> = text.run(text.clause_start(start), start).chars().collect();
    // a number between 每 and this one takes 每 for itself
    let from = clause.iter().rposition(|c| is_arabic_digit(*c)).map_or(0, |p| p + 1);
    let words: String = clause[from..].iter().collect();
    let money = unit.ends_with('元');
    let mut result = unit.to_owned();
    for of in ["人", "名", "户", "个", "处", "所", "家", "座", "栋", "张", "间", "套", "村", "社区", "亩"]
    {
        if words.contains(&format!("每{of}")) {
            result.push('/');
            result.push_str(if of == "名" { "人" } else { of });
            break;
        }
    }
    // one period alone: of 每年检查、每月发放 the one nearest to the number
    let period = [("每月", "月"), ("每年", "年"), ("每天", "日"), ("每日", "日")]
        .into_iter()
        .filter_map(|(said, of)| Some((words.rfind(said)?, of)))
        .max();
    if let Some((_, of)) = period.filter(|_| money || unit == "次") {
        result.push('/');
        result.push_str(of);
    }
    result
}

/// A number in Chinese characters, where its setting says that it counts something: 千余人, 连续两年,
/// 一所以上, 至少…一次, 五年内, 百岁, 火化线两条, 二十三个. 一是, 一批 and 三个100% are none.
fn chinese_at(text: &Text, i: usize, ahead: &[char]) -> Option<Hit> {
    let numeral = number::numeral(ahead)?;
    let end = i + numeral.len;
    let (unit, after) = unit_at(text, end, &numeral);
    let unit = unit?;
    let before = text.run(i.saturating_sub(2), i);
    let behind: String = (after..after + 3).map(|k| text.c(k)).collect();
    let ten = Decimal::from(10);
    let plain = !matches!(
        unit.as_str(),
        "批" | "片" | "期" | "次" | "场" | "年" | "日" | "天" | "层" | "块" | "对" | "组"
    );
    let small_at_end =
        SMALL.contains(&unit.as_str()) && ends_clause(text.c(after)) | matches!(text.c(after), '、');
    let clause = text.run(text.clause_start(i), i);
    let noun_before = before
        .chars()
        .last()
        .is_some_and(|c| ('\u{4e00}'..='\u{9fff}').contains(&c) && !"的了这那每同某任哪另之第".contains(c));
    let wanted = (before.ends_with("连续") && unit == "年")
        || bound_after(&behind).is_some()
        || (["至少", "不少于", "不低于"].iter().any(|w| clause.contains(w)))
        || (unit == "年" && behind.starts_with('内'))
        || unit == "岁"
        || (numeral.more && plain)
        || (numeral.value >= ten && plain)
        || (small_at_end && noun_before);
    wanted.then(|| finish(text, i, after, &numeral, unit))
}
