//! `form`: numbers of headings that are passed over: 一、二、四、 and （一）（二）（四） at the heads of lines.

use super::context::Context;
use super::{Finding, Verdict};

/// Kinds of heading, the highest first: 第一章, 第一节, 一、, （一）.
const CHAPTER: usize = 0;
const SECTION: usize = 1;
const POINT: usize = 2;
const BRACKET: usize = 3;

/// Gaps in the numbers of headings behind the table of contents, which ends at line `after`; all of it is information.
pub(super) fn gaps(context: &Context<'_>, after: usize) -> Vec<Finding> {
    let mut last: [Option<(u32, usize)>; 4] = [None; 4];
    let mut findings = Vec::new();
    for (i, line) in context.lines.iter().enumerate().skip(after) {
        let Some((kind, number)) = heading(line) else { continue };
        let before = last.get(kind).copied().flatten();
        if let Some((earlier, at)) = before
            && number > earlier + 1
            && number < earlier + 10
        {
            let between = context.lines.get(at..i).unwrap_or_default();
            // a heading may stand behind other words, where no line ends before it
            let absent: Vec<String> = (earlier + 1..number)
                .map(|n| printed(kind, n))
                .filter(|mark| !between.iter().any(|l| l.contains(mark.as_str())))
                .collect();
            if absent.len() == (number - earlier - 1) as usize {
                findings.push(told(kind, (earlier, at + 1), (number, i + 1), &absent));
            }
        }
        if let Some(mine) = last.get_mut(kind) {
            *mine = Some((number, i));
        }
        // what stands below it begins again
        last.iter_mut().skip(kind + 1).for_each(|l| *l = None);
    }
    findings
}

fn told(kind: usize, before: (u32, usize), after: (u32, usize), absent: &[String]) -> Finding {
    let (first, last) = (absent.first().map_or("", String::as_str), absent.last().map_or("", String::as_str));
    let absent = match absent.len() {
        1 => first.to_owned(),
        2 => format!("{first}和{last}"),
        _ => format!("{first}至{last}"),
    };
    let mark = |n: u32| printed(kind, n).trim_end_matches('、').to_owned();
    let sentence = format!(
        "第{}行标题编号为“{}”，其后第{}行为“{}”，中间缺{}，请核实是否漏编或漏列。",
        before.1,
        mark(before.0),
        after.1,
        mark(after.0),
        absent.replace('、', "")
    );
    Finding::new("form", Verdict::Info, &[], sentence).named(&format!("form:heading_number:{}", after.1))
}

/// The kind and number of a heading at the head of a line.
fn heading(line: &str) -> Option<(usize, u32)> {
    let line = line.trim_start_matches(['#', '*', '\u{3000}', ' ']);
    let digits = |s: &str| -> usize {
        s.char_indices().find(|(_, c)| !"一二三四五六七八九十".contains(*c)).map_or(s.len(), |(i, _)| i)
    };
    let (kind, rest) = match line.chars().next()? {
        '第' => (CHAPTER, line.get('第'.len_utf8()..)?),
        '（' => (BRACKET, line.get('（'.len_utf8()..)?),
        '(' => (BRACKET, line.get(1..)?),
        _ => (POINT, line),
    };
    let (number, behind) = rest.split_at_checked(digits(rest))?;
    let mut behind = behind.chars();
    let (end, next) = (behind.next()?, behind.next());
    let number = numeral(number)?;
    match (kind, end) {
        (CHAPTER, '章') => Some((CHAPTER, number)),
        (CHAPTER, '节') => Some((SECTION, number)),
        (BRACKET, '）' | ')') => {
            next.filter(|c| super::phrase::is_han(*c) || "“《".contains(*c)).map(|_| (BRACKET, number))
        }
        // 三、四级残疾人 is an enumeration
        (POINT, '、') => next
            .filter(|c| {
                (super::phrase::is_han(*c) && !"一二三四五六七八九十两".contains(*c)) || "“《".contains(*c)
            })
            .map(|_| (POINT, number)),
        _ => None,
    }
}

/// 1 to 99 in Chinese digits.
fn numeral(text: &str) -> Option<u32> {
    let digit = |s: &str| match s {
        "" => None,
        s if s.chars().count() == 1 => {
            "一二三四五六七八九".chars().position(|c| s.starts_with(c)).map(|i| i as u32 + 1)
        }
        _ => None,
    };
    match text.split_once('十') {
        None => digit(text),
        Some((tens, ones)) => {
            let tens = if tens.is_empty() { 1 } else { digit(tens)? };
            let ones = if ones.is_empty() { 0 } else { digit(ones)? };
            Some(tens * 10 + ones)
        }
    }
}

/// A number as its kind of heading prints it.
fn printed(kind: usize, number: u32) -> String {
    let digit = |n: u32| {
        "一二三四五六七八九".chars().nth(n.wrapping_sub(1) as usize).map(String::from).unwrap_or_default()
    };
    let tens = match number / 10 {
        0 => String::new(),
        1 => "十".to_owned(),
        n => format!("{}十", digit(n)),
    };
    let number = format!("{tens}{}", digit(number % 10));
    match kind {
        CHAPTER => format!("第{number}章"),
        SECTION => format!("第{number}节"),
        POINT => format!("{number}、"),
        _ => format!("（{number}）"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_and_what_looks_like_one() {
        assert_eq!(heading("一、总体要求"), Some((POINT, 1)));
        assert_eq!(heading("（十二）社会组织"), Some((BRACKET, 12)));
        assert_eq!(heading("(三)救助"), Some((BRACKET, 3)));
        assert_eq!(heading("第二十一章保障措施"), Some((CHAPTER, 21)));
        assert_eq!(heading("第三节殡葬"), Some((SECTION, 3)));
        for text in [
            "三、四级残疾人",
            "二〇二〇年",
            "十万元",
            "第三批",
            "（三）",
            "（三）、（四）项",
            "三、1个",
            "一",
            "",
        ] {
            assert_eq!(heading(text), None, "{text}");
        }
        assert_eq!(
            (printed(BRACKET, 10), printed(POINT, 21), printed(CHAPTER, 19)),
            ("（十）".into(), "二十一、".into(), "第十九章".into())
        );
    }
}
