//! Finds the numbers and dates of a plan's text, with unit, bound and place.

use rust_decimal::Decimal;

use super::dates::{date_at, year};
use super::lists::{share_units, unit_of_list};
use super::tables::{Cell, SIGNS};
use super::text::{BREAK, Text, ends_clause, word};
use super::units::{each, each_of_words, unit_at};
use crate::figures::Bound;
use crate::figures::number::{
    self, BETWEEN, Numeral, PARTS, bound_after, bound_before, is_arabic_digit, is_chinese_numeral,
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
        if let Some((start, end, cell)) = text.cell(i)
            && start == i
            && (cell.idle || cell.bare)
        {
            match cell_number(text, start, end, cell) {
                Some(hit) => hits.push(hit),
                None if !cell.idle => unread.push(Unread {
                    line: text.glyphs[i].line,
                    words: format!("{} {}", cell.label, cell.raw.trim()).trim().to_owned(),
                }),
                None => {}
            }
            i = end.max(i + 1);
            continue;
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
    share_units(text, &mut hits);
    (hits, unread)
}

/// A number that is all of a cell, with the unit that its table gives.
fn cell_number(text: &Text, start: usize, end: usize, cell: &Cell) -> Option<Hit> {
    let unit = cell.unit.as_ref().filter(|_| !cell.idle)?;
    let sign = text.c(start);
    let from = if SIGNS.contains(&sign) { start + 1 } else { start };
    let ahead: Vec<char> = (from..end).map(|k| text.c(k)).collect();
    let numeral = number::numeral(&ahead)?;
    let behind = text.run(from + numeral.len, end);
    let bound = match (sign, bound_after(&behind)) {
        ('≥' | '>', None) if behind.is_empty() => Bound::AtLeast,
        ('≤' | '<', None) if behind.is_empty() => Bound::AtMost,
        (_, Some((bound, _))) => bound,
        (_, None) if behind.is_empty() => Bound::Exact,
        _ => return None,
    };
    let unit = each_of_words(&cell.label, &format!("{}{unit}", numeral.scale));
    let kind = Kind::Number(numeral.value, None, unit);
    Some(Hit { kind, bound, start: from, end, event: false })
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
    if is_reference(text, i) {
        return None;
    }
    let ahead: Vec<char> = (i..i + 40).map(|k| text.c(k)).take_while(|c| *c != BREAK).collect();
    if let Some(found) = part_at(text, i, &ahead) {
        return Some(found);
    }
    if !arabic {
        if let Some((value, unit, len)) = number::whole_word(&ahead.iter().collect::<String>()) {
            let kind = Kind::Number(value.into(), None, unit.to_owned());
            return Some(Ok(Hit { kind, bound: Bound::Exact, start: i, end: i + len, event: false }));
        }
        return if is_chinese_numeral(before) || quoted { None } else { chinese_at(text, i, &ahead).map(Ok) };
    }
    let Some(numeral) = number::numeral(&ahead) else {
        // 3万5千亿, 1.2.3: left out as a whole, so that no part of it is taken for a number
        let end = i + number::run_len(&ahead).max(1);
        let dated = text.run(i, end).matches('.').count() > 1;
        return if dated { None } else { Some(Err(end)) };
    };
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
    // 0.82、0.91、0.98亿元: the unit of the last one is that of all
    let Some(unit) = unit.or_else(|| unit_of_list(text, end, &numeral)) else { return Some(Err(end)) };
    Some(Ok(finish(text, i, after, &numeral, unit)))
}

/// 专栏1, 附表2, 〔2021〕18号: what is referred to, no figure.
fn is_reference(text: &Text, i: usize) -> bool {
    let before = text.run(i.saturating_sub(2), i);
    matches!(text.before(i), '〕' | ']' | '］')
        || ["专栏", "附表", "附件", "附图", "表格"].iter().any(|w| before.ends_with(w))
        || (before.ends_with('表') || before.ends_with('图')) && ends_clause(text.before(i.saturating_sub(1)))
}

/// 百分之八十, 千分之五; a fraction (三分之二) and 一半 are told, since no decimal is exact for them or
/// nothing says of what they are.
fn part_at(text: &Text, i: usize, ahead: &[char]) -> Option<Result<Hit, usize>> {
    let words: String = ahead.iter().collect();
    if let Some((word, unit)) = PARTS.iter().find(|(w, _)| words.starts_with(w)) {
        let len = word.chars().count();
        let numeral = number::numeral(ahead.get(len..)?)?;
        let hit = finish(text, i, i + len + numeral.len, &numeral, (*unit).to_owned());
        return Some(Ok(hit));
    }
    let run = ahead.iter().take_while(|c| is_chinese_numeral(**c) || is_arabic_digit(**c)).count();
    let rest: String = ahead.iter().skip(run).take(2).collect();
    if rest == "分之" {
        let below = ahead.iter().skip(run + 2);
        let more = below.take_while(|c| is_chinese_numeral(**c) || is_arabic_digit(**c)).count();
        return Some(Err(i + run + 2 + more));
    }
    let half = ["一半以上", "半数以上"].iter().any(|w| words.starts_with(w));
    half.then_some(Err(i + 4))
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

/// A number in Chinese characters, where its setting says that it counts something: 千余人, 连续两年,
/// 一所以上, 至少…一次, 五年内, 百岁, 火化线两条, 二十三个. 一是, 一批 and 三个100% are none.
fn chinese_at(text: &Text, i: usize, ahead: &[char]) -> Option<Hit> {
    let numeral = number::numeral(ahead)?;
    let end = i + numeral.len;
    // 每千名, 数十, 几百, 单位：万元: a scale word by itself counts nothing
    let alone = numeral.len == 1 && !numeral.more;
    if matches!(text.before(i), '每' | '数' | '几' | '上' | '近' | '成' | '若')
        && ahead.first().is_some_and(|c| "十百千万亿".contains(*c))
        || alone && ahead.first().is_some_and(|c| "万亿".contains(*c))
    {
        return None;
    }
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
