//! `form`: numbering, table of contents, spellings of units and names, words that a scan has lost.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::context::Context;
use super::phrase::{cite, is_han};
use super::{Finding, Verdict};
use crate::figures::{Figure, Unit};

const FAMILY: &str = "form";

/// Everything about the form; all of it is information.
pub(super) fn found(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = unit_spellings(context);
    findings.extend(lost_units(context));
    let contents = contents(context);
    findings.extend(contents_pages(&contents));
    findings.extend(contents_headings(context, &contents));
    findings.extend(numbering(context, &contents));
    findings.extend(super::headings::gaps(context, contents.last().map_or(0, |e| e.line)));
    findings.extend(rows_numbered(context));
    findings.extend(near_twins(context, &contents));
    findings.extend(lost_words(context));
    findings
}

fn info(key: &str, figures: &[&str], sentence: String) -> Finding {
    Finding::new(FAMILY, Verdict::Info, figures, sentence).named(&format!("{FAMILY}:{key}"))
}

/// The unit as the plan spells it: a ledger may write ㎡ for a printed m^2.
fn as_printed(figure: &Figure) -> &str {
    const AREAS: [&str; 6] = ["㎡", "m²", "m^2", "m2", "平方米", "平米"];
    if !figure.base_unit().is_area() || figure.phrase.contains(&figure.unit) {
        return &figure.unit;
    }
    AREAS.into_iter().find(|u| figure.phrase.contains(u)).unwrap_or(&figure.unit)
}

/// ㎡, m², 平方米 and 平米 in one plan; 元/人/月 beside 元/月/人.
fn unit_spellings(context: &Context<'_>) -> Vec<Finding> {
    let mut spellings: BTreeMap<String, BTreeMap<&str, (&str, u32)>> = BTreeMap::new();
    for figure in context.ledger.iter().filter(|f| !f.unit.is_empty()) {
        let unit = Unit::parse(&figure.unit);
        if unit.is_area() || !unit.per().is_empty() {
            let key = format!("{}×{}", unit, unit.factor());
            spellings.entry(key).or_default().entry(as_printed(figure)).or_insert((&figure.id, figure.line));
        }
    }
    let mixed = spellings.into_iter().filter(|(_, all)| all.len() > 1);
    mixed
        .map(|(key, all)| {
            let mut list: Vec<_> = all.into_iter().collect();
            list.sort_by_key(|(_, (_, line))| *line);
            let words: Vec<String> =
                list.iter().map(|(unit, (_, line))| format!("“{unit}”（第{line}行）")).collect();
            let ids: Vec<&str> = list.iter().map(|(_, (id, _))| *id).collect();
            info(&format!("unit:{key}"), &ids, format!("同一单位写法不一：{}，建议统一。", words.join("、")))
        })
        .collect()
}

/// 每个投资200万: the unit is understood, not printed.
fn lost_units(context: &Context<'_>) -> Vec<Finding> {
    let money = context.ledger.iter().filter(|f| f.unit.contains("万元") || f.unit.contains("亿元"));
    money
        .filter(|f| (f.phrase.contains('万') || f.phrase.contains('亿')) && !f.phrase.contains('元'))
        .filter(|f| {
            // the words that follow may carry the unit that the quote leaves out
            let after = context.lines.get(f.line as usize - 1).zip(context.position(f));
            after.and_then(|(l, p)| l.get(p + f.phrase.len()..)).is_none_or(|rest| !rest.starts_with('元'))
        })
        .map(|f| {
            info(
                &format!("lost_unit:{}", f.id),
                &[&f.id],
                format!("{}漏印“元”字，按{}理解。", cite(f), f.unit),
            )
        })
        .collect()
}

/// One line of the table of contents.
struct Entry {
    line: usize,
    heading: String,
    page: u32,
}

fn contents(context: &Context<'_>) -> Vec<Entry> {
    let Some(start) = context.lines.iter().position(|l| matches!(l.as_str(), "目录" | "目次")) else {
        return Vec::new();
    };
    let mut entries = Vec::new();
    for (i, line) in context.lines.iter().enumerate().skip(start + 1).filter(|(_, l)| !l.is_empty()) {
        let digits = line.bytes().rev().take_while(u8::is_ascii_digit).count();
        let (heading, page) = line.split_at(line.len() - digits);
        let Some(page) = page.parse().ok().filter(|p| *p < 10_000) else { break };
        let heading = heading.trim_end_matches(['.', '…', '·', '．']);
        if heading.is_empty() {
            break;
        }
        entries.push(Entry { line: i + 1, heading: heading.to_owned(), page });
    }
    entries
}

fn contents_pages(contents: &[Entry]) -> Vec<Finding> {
    let back = contents.windows(2).filter(|w| w[1].page < w[0].page);
    back.map(|w| {
        let [a, b] = [&w[0], &w[1]];
        info(
            &format!("pages:{}", b.line),
            &[],
            format!(
                "目录第{}行“{}”在第{}页，其后第{}行“{}”却在第{}页，页码倒置。",
                a.line, a.heading, a.page, b.line, b.heading, b.page
            ),
        )
    })
    .collect()
}

fn bare(text: &str) -> String {
    text.chars().filter(|c| is_han(*c)).collect()
}

/// The start of a line as it is printed, up to so many Chinese characters, with what closes it.
fn printed_start(line: &str, characters: usize) -> &str {
    let last = line.char_indices().filter(|(_, c)| is_han(*c)).nth(characters.saturating_sub(1));
    let end = last.map_or(line.len(), |(at, c)| at + c.len_utf8());
    let rest = line.get(end..).unwrap_or_default();
    let closing = rest.chars().take_while(|c| "”）)》’".contains(*c)).map(char::len_utf8).sum::<usize>();
    line.get(..end + closing).unwrap_or(line)
}

/// A heading of the contents that the text words otherwise.
fn contents_headings(context: &Context<'_>, contents: &[Entry]) -> Vec<Finding> {
    let Some(last) = contents.last() else { return Vec::new() };
    let body: Vec<(usize, String)> = context
        .lines
        .iter()
        .enumerate()
        .skip(last.line)
        .filter(|(_, l)| !l.is_empty())
        .map(|(i, l)| (i + 1, bare(&l.chars().take(80).collect::<String>())))
        .collect();
    let mut findings = Vec::new();
    for entry in contents {
        let heading = bare(&entry.heading);
        // a title may go on in the next line: its years stand by themselves
        let two = |w: &[(usize, String)]| format!("{}{}", w[0].1, w[1].1).starts_with(&heading);
        if heading.chars().count() < 6
            || body.iter().any(|(_, l)| l.starts_with(&heading))
            || body.windows(2).any(|w| heading.starts_with(&w[0].1) && two(w))
        {
            continue;
        }
        let close = body.iter().find_map(|(i, l)| {
            let start: String = l.chars().take(heading.chars().count()).collect();
            let same = heading.chars().zip(start.chars()).filter(|(a, b)| a == b).count();
            (same * 10 >= heading.chars().count() * 6).then_some((*i, start.chars().count()))
        });
        if let Some((line, length)) = close {
            let start = context.lines.get(line - 1).map_or("", |l| printed_start(l, length));
            findings.push(info(
                &format!("heading:{}", entry.line),
                &[],
                format!("目录第{}行作“{}”，正文第{line}行作“{start}”，标题不一。", entry.line, entry.heading),
            ));
        }
    }
    findings
}

/// 22、… 24、…: a number is missing from a sequence.
fn numbering(context: &Context<'_>, contents: &[Entry]) -> Vec<Finding> {
    let after = contents.last().map_or(0, |e| e.line);
    let mut last: Option<(u32, usize)> = None;
    let mut findings = Vec::new();
    for (i, line) in context.lines.iter().enumerate().skip(after) {
        for (number, line_no) in row_numbers(line).into_iter().map(|n| (n, i + 1)) {
            if let Some((before, before_line)) = last
                && number != before + 1
                && number > before
                && number < before + 10
            {
                findings.push(info(
                    &format!("number:{line_no}"),
                    &[],
                    format!(
                        "第{before_line}行编号为{before}，其后第{line_no}行编号为{number}，中间缺{}。",
                        before + 1
                    ),
                ));
            }
            last = Some((number, line_no));
        }
    }
    findings
}

/// 1, 2, 3, 5 at the heads of a table's rows.
fn rows_numbered(context: &Context<'_>) -> Vec<Finding> {
    let gaps = context.row_numbers.windows(2).filter(|w| {
        let ((a, before), (b, number)) = (w[0], w[1]);
        b - a <= 2 && number > before + 1 && number < before + 10
    });
    gaps.map(|w| {
        let ((a, before), (b, number)) = (w[0], w[1]);
        info(
            &format!("row:{b}"),
            &[],
            format!(
                "表中第{a}行序号为{before}，第{b}行序号为{number}，中间缺{}，请核实是否漏列。",
                before + 1
            ),
        )
    })
    .collect()
}

/// The numbers of `22、` in a line: digits, not part of a longer number or date, before 、 and a word.
fn row_numbers(line: &str) -> Vec<u32> {
    let chars: Vec<char> = line.chars().collect();
    let mut found = Vec::new();
    for (i, _) in chars.iter().enumerate().filter(|(_, c)| **c == '、') {
        let digits: String = chars[..i]
            .iter()
            .rev()
            .take_while(|c| c.is_ascii_digit())
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect();
        let starts = i
            .checked_sub(digits.len() + 1)
            .and_then(|p| chars.get(p))
            .is_none_or(|c| !is_han(*c) && !"-—./".contains(*c));
        let follows = chars.get(i + 1).is_some_and(|c| is_han(*c));
        // a table's own row number (1) may run into the item's number (22) once blanks are gone
        let number = if digits.len() == 3 && digits.starts_with('1') {
            digits.get(1..).unwrap_or_default()
        } else {
            &digits
        };
        if starts && follows && !digits.is_empty() && digits.len() <= 3 {
            found.extend(number.parse::<u32>().ok().filter(|n| *n > 0));
        }
    }
    found
}

/// Clauses that differ in one character: one name spelt two ways (笔架山, 笔夹山).
fn near_twins(context: &Context<'_>, contents: &[Entry]) -> Vec<Finding> {
    const ORDINARY: &str = "一二三四五六七八九十百千万两零〇东西南北中上下男女老幼大小省市县州乡镇村区城农新旧前后左右内外年月日国公民每各本全其此该与和及并或的地得了";
    let after = contents.last().map_or(0, |e| e.line);
    let mut first: HashMap<&str, usize> = HashMap::new();
    let mut order: Vec<&str> = Vec::new();
    for (i, line) in context.lines.iter().enumerate().skip(after) {
        for clause in line.split(|c: char| !is_han(c)).filter(|c| c.chars().nth(5).is_some()) {
            first.entry(clause).or_insert_with(|| {
                order.push(clause);
                i + 1
            });
        }
    }
    let mut holes: HashMap<(usize, String), &str> = HashMap::new();
    let mut told = BTreeSet::new();
    let mut findings = Vec::new();
    for clause in order.iter().copied().filter(|c| c.chars().count() <= 40) {
        let chars: Vec<char> = clause.chars().collect();
        // At the edge stands 由 or 元, a word of the sentence rather than of the name.
        for hole in 1..chars.len().saturating_sub(1) {
            let rest: String =
                chars.iter().enumerate().filter(|(i, _)| *i != hole).map(|(_, c)| *c).collect();
            let Some(other) = holes.insert((hole, rest), clause) else { continue };
            let twin = other.chars().nth(hole).unwrap_or('一');
            if ORDINARY.contains(twin) || ORDINARY.contains(chars[hole]) || !told.insert((other, clause)) {
                continue;
            }
            let (a, b) = (first.get(other).copied().unwrap_or(0), first.get(clause).copied().unwrap_or(0));
            findings.push(info(
                &format!("twins:{a}:{b}:{hole}"),
                &[],
                format!("第{a}行作“{other}”，第{b}行作“{clause}”，只差一字，疑为同一名称的两种写法。"),
            ));
        }
    }
    findings
}

/// Latin words amid Chinese, and years without 年: what a scan or a slip has left.
fn lost_words(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (i, line) in context.lines.iter().enumerate() {
        let chars: Vec<char> = line.chars().collect();
        let mut at = 0;
        while at < chars.len() {
            let run: String = chars[at..].iter().take_while(|c| c.is_ascii_lowercase()).collect();
            let before = at.checked_sub(1).and_then(|b| chars.get(b)).copied().unwrap_or(' ');
            let after = chars.get(at + run.len()).copied().unwrap_or(' ');
            if run.len() >= 3 && is_han(before) && is_han(after) {
                findings.push(info(
                    &format!("latin:{}:{at}", i + 1),
                    &[],
                    format!("第{}行夹有外文“{run}”，疑为文字缺损。", i + 1),
                ));
            }
            let year: String = chars[at..].iter().take(4).collect();
            let is_year = (year.starts_with("19") || year.starts_with("20"))
                && year.len() == 4
                && year.bytes().all(|b| b.is_ascii_digit());
            let next = chars.get(at + 4).copied().unwrap_or(' ');
            if is_year
                && matches!(before, '、' | '至' | '和')
                && is_han(next)
                && !"年至届余个人名万亿元多张处套级米平公亩所家户座栋".contains(next)
            {
                findings.push(info(
                    &format!("year:{}:{at}", i + 1),
                    &[],
                    format!("第{}行“{before}{year}{next}”的年份后疑漏“年”字。", i + 1),
                ));
            }
            at += run.len().max(1);
        }
    }
    findings
}
