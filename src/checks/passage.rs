//! The words around numbers: where the number of each figure stands in its paragraph.
//!
//! A ledger's phrase is a window on the text, and several figures may share one. What a number is —
//! a part behind 其中, what 比 compares with, a share of what stands before it — is told by the words
//! next to the number itself.

use num_traits::CheckedMul;
use rust_decimal::Decimal;

use crate::figures::number::{BETWEEN, Numeral, is_arabic_digit, is_chinese_numeral, numeral};
use crate::figures::{Exact, Figure, Value, from_decimal};

/// A figure with the bytes of its number, and of its number with the unit.
#[derive(Debug)]
pub(super) struct Placed<'a> {
    pub figure: &'a Figure,
    pub start: usize,
    /// Behind the unit.
    pub behind: usize,
    /// Full stops before it.
    pub sentence: usize,
    /// Brackets that are open before it.
    pub depth: usize,
}

/// A paragraph with its figures in the order of their numbers.
#[derive(Debug)]
pub(super) struct Passage<'a> {
    pub text: String,
    pub placed: Vec<Placed<'a>>,
    /// Whether the text is the plan's own, or put together from the phrases of the ledger.
    pub whole: bool,
}

/// What ends a clause.
const CLAUSE: [char; 9] = ['，', '。', '；', '：', ',', ';', '!', '！', '\n'];
/// What ends a label besides: an enumeration, a bracket.
const LABEL: [char; 13] = ['，', '。', '；', '：', ',', ';', '!', '！', '\n', '、', '（', '(', '）'];

impl<'a> Passage<'a> {
    /// `phrases`: figures with the byte at which their words start in `text`.
    pub fn new(text: String, phrases: &[(&'a Figure, usize)], whole: bool) -> Self {
        let mut used = vec![false; text.len() + 1];
        let mut placed: Vec<Placed<'a>> = Vec::with_capacity(phrases.len());
        for (figure, at) in phrases {
            let window = text.get(*at..(*at + figure.phrase.len()).min(text.len())).unwrap_or_default();
            let Some((from, to)) = locate(figure, window, |s| used.get(at + s).copied().unwrap_or(false))
            else {
                continue;
            };
            if let Some(slot) = used.get_mut(at + from) {
                *slot = true;
            }
            let (start, end) = (at + from, at + to);
            let behind = end + unit_len(figure, text.get(end..).unwrap_or_default());
            placed.push(Placed { figure, start, behind, sentence: 0, depth: 0 });
        }
        placed.sort_by_key(|p| p.start);
        let (mut sentence, mut depth, mut from) = (0, 0_usize, 0);
        for p in &mut placed {
            for c in text.get(from..p.start).unwrap_or_default().chars() {
                match c {
                    '。' => sentence += 1,
                    '（' | '(' => depth += 1,
                    '）' | ')' => depth = depth.saturating_sub(1),
                    _ => {}
                }
            }
            from = from.max(p.start);
            (p.sentence, p.depth) = (sentence, depth);
        }
        Self { text, placed, whole }
    }

    /// The words from the end of one number to the start of a later one.
    pub fn gap(&self, i: usize, j: usize) -> &str {
        let ends = self.placed.get(i).zip(self.placed.get(j));
        ends.and_then(|(a, b)| self.text.get(a.behind..b.start)).unwrap_or_default()
    }

    /// The words of the clause before a number, other numbers with them.
    pub fn clause(&self, i: usize) -> &str {
        let Some(p) = self.placed.get(i) else { return "" };
        let before = self.text.get(..p.start).unwrap_or_default();
        let from = before.char_indices().rev().find(|(at, c)| is_stop(before, *at, *c, &CLAUSE));
        before.get(from.map_or(0, |(at, c)| at + c.len_utf8())..).unwrap_or_default()
    }

    /// The words right before a number, behind the number, the comma or the bracket before it.
    pub fn label(&self, i: usize) -> &str {
        let Some(p) = self.placed.get(i) else { return "" };
        let last = i.checked_sub(1).and_then(|b| self.placed.get(b)).map_or(0, |b| b.behind.min(p.start));
        let before = self.text.get(last..p.start).unwrap_or_default();
        let from = before.char_indices().rev().find(|(at, c)| is_stop(before, *at, *c, &LABEL));
        before.get(from.map_or(0, |(at, c)| at + c.len_utf8())..).unwrap_or_default()
    }

    /// The words right behind a number and its unit, to the end of the clause.
    pub fn tail(&self, i: usize) -> &str {
        let Some(p) = self.placed.get(i) else { return "" };
        let next = self.placed.get(i + 1).map_or(self.text.len(), |n| n.start.max(p.behind));
        let after = self.text.get(p.behind..next).unwrap_or_default();
        after.split(LABEL).next().unwrap_or_default()
    }

    /// The figures of a sentence, by their places in `placed`.
    pub fn sentence(&self, i: usize) -> std::ops::Range<usize> {
        let Some(of) = self.placed.get(i).map(|p| p.sentence) else { return 0..0 };
        let start = self.placed.partition_point(|p| p.sentence < of);
        let end = self.placed.partition_point(|p| p.sentence <= of);
        start..end
    }

    /// Whether the number is what another is compared with: 比2015年的310家增加…, 由58%提高到….
    pub fn compared(&self, i: usize) -> bool {
        let lead = self.clause(i);
        let cue = |w: &'static str| {
            lead.rmatch_indices(w).find(|(at, _)| {
                // 占比, 同比, 相比, 比较 are other words
                !lead.get(..*at).is_some_and(|b| b.ends_with(['占', '同', '环', '相', '对', '性', '之']))
            })
        };
        let last = ["比", "较", "由", "从"].into_iter().filter_map(cue).max();
        let Some(words) = last.and_then(|(at, w)| lead.get(at + w.len()..)) else { return false };
        // 比例, 比重 and 由…到 are other things, and so is what stands behind a change
        let other = ["例", "重", "率", "较", "到", "至", "提高", "增", "降", "下", "减", "为", "达"];
        !other.iter().any(|w| words.contains(w))
    }

    /// Whether 其中 stands before a number in its sentence.
    pub fn in_subset(&self, i: usize) -> bool {
        let before = self.placed.get(i).and_then(|p| self.text.get(..p.start)).unwrap_or_default();
        before.rsplit(['。', '；']).next().is_some_and(|s| s.contains("其中"))
    }

    /// Whether the words make the number one of each: 每台120万元, 人均1800元, 单价30万元.
    pub fn each(&self, i: usize) -> bool {
        let label = self.label(i);
        ["每", "均", "单价", "单个", "单位造价", "造价"].iter().any(|w| label.contains(w))
            || self.placed.get(i).is_some_and(|p| !p.figure.base_unit().per().is_empty())
    }
}

/// A comma between digits is one of thousands.
fn is_stop(text: &str, at: usize, c: char, stops: &[char]) -> bool {
    stops.contains(&c)
        && !(c == ','
            && text.get(at + 1..).is_some_and(|r| r.starts_with(|d: char| d.is_ascii_digit()))
            && text.get(..at).is_some_and(|b| b.ends_with(|d: char| d.is_ascii_digit())))
}

/// The bytes of a figure's number in its words; the first that is free.
fn locate(figure: &Figure, words: &str, used: impl Fn(usize) -> bool) -> Option<(usize, usize)> {
    let wanted = match &figure.value {
        Value::Number(n) => *n,
        Value::Date(d) => d.get(..4).and_then(|y| y.parse::<Decimal>().ok())?,
    };
    let chars: Vec<char> = words.chars().collect();
    let mut bytes: Vec<usize> = words.char_indices().map(|(at, _)| at).collect();
    bytes.push(words.len());
    let mut taken = None;
    let mut i = 0;
    while i < chars.len() {
        let c = chars[i];
        if !is_arabic_digit(c) && !is_chinese_numeral(c) {
            i += 1;
            continue;
        }
        let Some(read) = numeral(&chars[i..]) else {
            // nothing certain: its digits are passed over together, so that no number starts amid them
            i += chars[i..].iter().take_while(|c| is_arabic_digit(**c) || **c == '.').count().max(1);
            continue;
        };
        let len = read.len.max(1);
        if stands_for(figure, wanted, &read) {
            let end = range_end(figure, &chars, i + len).unwrap_or(i + len).min(chars.len());
            let found = (bytes[i], bytes[end]);
            if !used(bytes[i]) {
                return Some(found);
            }
            taken = taken.or(Some(found));
        }
        i += len;
    }
    taken
}

fn stands_for(figure: &Figure, wanted: Decimal, read: &Numeral) -> bool {
    if read.value == wanted {
        return true;
    }
    // 六百二十万元 is 620 万元 in some ledgers and 6,200,000 元 in others
    let scale = match read.scale.as_str() {
        "" => 1,
        "百" => 100,
        "千" => 1_000,
        "万" => 10_000,
        "亿" => 100_000_000,
        _ => return false,
    };
    (read.chinese || scale > 1)
        && from_decimal(read.value).checked_mul(&Exact::from_integer(scale)) == figure.base()
}

/// The end of 15至20, where the number that was found is its first.
fn range_end(figure: &Figure, chars: &[char], from: usize) -> Option<usize> {
    let hi = figure.value_hi?;
    for at in from..chars.len().min(from + 8) {
        let rest: String = chars[at..].iter().take(2).collect();
        let Some(mark) = BETWEEN.iter().find(|b| rest.starts_with(**b)) else { continue };
        let start = at + mark.chars().count();
        if let Some(read) = chars.get(start..).and_then(numeral).filter(|n| n.value == hi) {
            return Some(start + read.len);
        }
    }
    None
}

/// How much of the text behind the digits is the figure's unit.
fn unit_len(figure: &Figure, rest: &str) -> usize {
    let unit = figure.unit.split(['/', '(']).next().unwrap_or_default();
    let bare = unit.trim_start_matches(['百', '千', '万', '亿']);
    let mut len = 0;
    for name in [unit, bare] {
        if !name.is_empty() && rest.starts_with(name) {
            len = name.len();
            break;
        }
    }
    if len == 0 && rest.starts_with("个百分点") {
        len = "个百分点".len();
    }
    len
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::Ledger;

    fn ledger(rows: &[&str]) -> Ledger {
        let head = "fig_id,line,section,subject_zh,metric,value,value_hi,bound,unit,value_base,base_unit,time_ref,time_type,nature,phrase\n";
        Ledger::parse(&format!("{head}{}", rows.join("\n")), "figures.csv").unwrap()
    }

    #[test]
    fn figures_that_share_their_words_are_told_apart_by_their_numbers() {
        let text = "建成公墓63处，其中镇级14处、村级49处。";
        let l = ledger(&[
            "A,1,,,a,63,,exact,处,63,处,,undated,actual,建成公墓63处",
            "B,1,,,b,14,,exact,处,14,处,,undated,actual,其中镇级14处、村级49处",
            "C,1,,,c,49,,exact,处,49,处,,undated,actual,其中镇级14处、村级49处",
        ]);
        let at: Vec<(&Figure, usize)> = l.iter().map(|f| (f, text.find(&f.phrase).unwrap())).collect();
        let p = Passage::new(text.to_owned(), &at, true);
        assert_eq!((0..3).map(|i| p.label(i)).collect::<Vec<_>>(), ["建成公墓", "其中镇级", "村级"]);
        assert_eq!(p.gap(0, 1), "，其中镇级");
        assert_eq!(p.gap(1, 2), "、村级");
    }

    #[test]
    fn what_is_compared_with_is_known_by_its_words() {
        let text = "社会组织426家，比2015年的310家增加116家，占比达到60%，由58%提高到65%。";
        let l = ledger(&[
            "A,1,,,a,426,,exact,家,426,家,,undated,actual,社会组织426家",
            "B,1,,,b,310,,exact,家,310,家,,undated,actual,比2015年的310家增加116家",
            "C,1,,,c,116,,exact,家,116,家,,undated,actual,比2015年的310家增加116家",
            "D,1,,,d,60,,exact,%,0.6,比例,,undated,rate,占比达到60%",
            "E,1,,,e,58,,exact,%,0.58,比例,,undated,rate,由58%提高到65%",
            "F,1,,,f,65,,exact,%,0.65,比例,,undated,rate,由58%提高到65%",
        ]);
        let at: Vec<(&Figure, usize)> = l.iter().map(|f| (f, text.find(&f.phrase).unwrap())).collect();
        let p = Passage::new(text.to_owned(), &at, true);
        let compared: Vec<bool> = (0..6).map(|i| p.compared(i)).collect();
        assert_eq!(compared, [false, true, false, false, true, false]);
    }
}
