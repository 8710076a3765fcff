//! What the words of a figure say of its number: the numbers that stand in a phrase, whether one of
//! them is only about as much (约, 近, 左右), and whether any of them is the value that a ledger gives.

use rust_decimal::Decimal;

use super::number::{self, is_arabic_digit, is_chinese_numeral};
use super::unit::scale_of;

/// One number in a phrase.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Said {
    value: Decimal,
    /// 万, 亿 behind Arabic digits; empty otherwise.
    scale: String,
    /// What stands behind it, up to the next number or mark.
    behind: String,
    /// 约, 近 before it; 左右, 上下 behind it.
    approximate: bool,
    /// Digits with nothing behind them, which may be several cells of a table: 1850018500.
    cells: bool,
}

/// Every number of a phrase that can be read, in order, and whether there are others (十几, 三分之二).
fn said(phrase: &str) -> (Vec<Said>, bool) {
    let chars: Vec<char> = phrase.chars().collect();
    let (mut all, mut others) = (Vec::new(), false);
    let mut i = 0;
    while let Some(c) = chars.get(i) {
        if let Some((value, unit, len)) = whole_word_at(&chars, i) {
            let behind = unit.to_owned();
            let (value, scale) = (value.into(), String::new());
            all.push(Said { value, scale, behind, approximate: false, cells: false });
            i += len;
            continue;
        }
        if !is_arabic_digit(*c) && !is_chinese_numeral(*c) {
            i += 1;
            continue;
        }
        let rest = &chars[i..];
        let Some(n) = number::numeral(rest) else {
            // 百分之八十: the number comes behind
            others |= !number::PARTS.iter().any(|(w, _)| w.chars().eq(rest.iter().take(3).copied()));
            i += number::run_len(rest).max(1);
            continue;
        };
        // the 万 of 单位：万元, the 千 of 每千名: a scale word by itself counts nothing
        if n.len == 1 && !n.more && matches!(c, '百' | '千' | '万' | '亿') {
            i += 1;
            continue;
        }
        let before: String = chars[i.saturating_sub(6)..i].iter().collect();
        let end = (i + n.len).min(chars.len());
        let behind: String = chars[end..].iter().take_while(|c| goes_on(**c)).take(8).collect();
        let approximate = is_about(&before, &behind);
        let cells = behind.is_empty() && n.len >= 4 && rest.iter().take(n.len).all(|c| c.is_ascii_digit());
        all.push(Said { value: n.value, scale: n.scale, behind, approximate, cells });
        i = end.max(i + 1);
    }
    (all, others)
}

fn whole_word_at(chars: &[char], i: usize) -> Option<(u32, &'static str, usize)> {
    matches!(chars[i], '一' | '三' | '半')
        .then(|| number::whole_word(&chars[i..].iter().take(4).collect::<String>()))
        .flatten()
}

fn goes_on(c: char) -> bool {
    !is_arabic_digit(c) && !"，。；、：！？,;:!?（）()".contains(c)
}

/// 近五年 and 最近 speak of time, 近2000人 of an amount.
fn is_about(before: &str, behind: &str) -> bool {
    if behind.contains("左右") || behind.contains("上下") {
        return true;
    }
    match number::bound_before(before) {
        Some((_, true)) if before.ends_with('近') => {
            let time = ["年", "个月", "月", "周", "天", "日", "期"].iter().any(|w| behind.starts_with(w));
            let other = ["最近", "附近", "邻近", "临近", "就近", "靠近"].iter().any(|w| before.ends_with(w));
            !(time || other)
        }
        told => told.is_some_and(|t| t.1),
    }
}

/// Whether a phrase says of this value that it is only about as much.
pub(super) fn approximate(phrase: &str, value: Decimal) -> bool {
    const WORDS: [&str; 7] = ["约", "近", "左右", "上下", "大概", "将", "接近"];
    WORDS.iter().any(|w| phrase.contains(w))
        && said(phrase).0.iter().any(|s| s.approximate && s.value == value)
}

impl Said {
    /// Whether this is what a ledger calls `value` in `unit`. 7850万元 is 7850 in 万元 and 0.785 in 亿元;
    /// 18500 in a table may be 万元, 18500元 may not.
    fn is(&self, value: Decimal, unit: &str, next_scale: &str) -> bool {
        let of = unit.split(['/', '(', '（']).next().unwrap_or_default();
        let same = |scale: &str| {
            let own = number::scale_value(scale).and_then(|s| self.value.checked_mul(s.into()));
            own.zip(value.checked_mul(scale_of(of).into())).is_some_and(|(a, b)| a == b)
        };
        if same(&self.scale) || (self.scale.is_empty() && !next_scale.is_empty() && same(next_scale)) {
            return true;
        }
        // 5千米: what reads as a scale word is part of the unit
        if self.value == value && !of.is_empty() && format!("{}{}", self.scale, self.behind).starts_with(of) {
            return true;
        }
        if self.behind.starts_with('成') && of == "%" {
            return self.value.checked_mul(10.into()) == Some(value);
        }
        self.value == value && self.scale.is_empty() && !self.behind.starts_with('元')
            || self.cells && self.holds_cell(value)
    }

    /// Cells of a table are one run of digits once blanks are removed: 18500 18500. What is left on
    /// either side must be numbers of their own, so that 125 is no part of 1250.
    fn holds_cell(&self, value: Decimal) -> bool {
        let (run, part) = (self.value.to_string(), value.normalize().to_string());
        run.match_indices(&part).any(|(at, _)| {
            let (before, behind) = (&run[..at], &run[at + part.len()..]);
            run.len() > part.len() && !behind.starts_with('0') && !before.starts_with('0')
        })
    }
}

/// What a phrase says instead of a value: its numbers, where all of them are others. `None` where one
/// is the value, or where nothing can be said: no number, one that can't be read, 翻一番.
pub(super) fn contradicts(phrase: &str, value: Decimal, hi: Option<Decimal>, unit: &str) -> Option<String> {
    let (all, others) = said(phrase);
    if all.is_empty() || others || phrase.contains('番') {
        return None;
    }
    let says = |value: Decimal| {
        all.iter().enumerate().any(|(i, s)| {
            let next = all.get(i + 1).filter(|_| s.behind.chars().count() <= 2);
            s.is(value.abs(), unit, next.map_or("", |n| n.scale.as_str()))
        })
    };
    if says(value) && hi.is_none_or(says) {
        return None;
    }
    Some(all.iter().map(|s| format!("{}{}", s.value, s.scale)).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_as_much_is_told_from_recent_years() {
        for (phrase, value) in [
            ("全县约2000人次受益", 2000),
            ("近3万人", 3),
            ("每个约60万元", 60),
            ("占地300亩左右", 300),
            ("将近1985名", 1985),
        ] {
            assert!(approximate(phrase, value.into()), "{phrase}");
        }
        for (phrase, value) in [
            ("近5年投入820万元", 5),
            ("近5年投入820万元", 820),
            ("最近3户", 3),
            ("约2000人次，其中儿童30人", 30),
            ("2000余人", 2000),
        ] {
            assert!(!approximate(phrase, value.into()), "{phrase}");
        }
    }

    #[test]
    fn a_value_is_one_that_its_words_say() {
        let told =
            |phrase: &str, value: &str, unit: &str| contradicts(phrase, value.parse().unwrap(), None, unit);
        for (phrase, value, unit) in [
            ("项目投资7850万元", "7850", "万元"),
            ("项目投资7850万元", "0.785", "亿元"),
            ("项目投资7850万元", "78500000", "元"),
            ("1亿2000万元", "1.2", "亿元"),
            ("县老年养护院18500", "18500", "万元"),
            ("0.82、0.91、0.98亿元", "0.82", "亿元"),
            ("3至5万元", "30000", "元"),
            ("二百万元", "200", "万元"),
            ("两千余人", "2000", "人"),
            ("百分之八十", "80", "%"),
            ("一刻钟生活圈", "15", "分钟"),
            ("三成以上", "30", "%"),
            ("道路5千米", "5", "千米"),
            ("减少12.5%", "-12.5", "%"),
            ("三分之二以上的村", "66.7", "%"),
            ("比2015年翻一番", "100", "%"),
            ("没有数字", "7", "个"),
            ("20212025", "2025", "年"),
            ("合计5630053300", "53300", "万元"),
            ("养老床位（张）51207000", "5120", "张"),
            ("总投资（单位：万元）", "18500", "万元"),
        ] {
            assert_eq!(told(phrase, value, unit), None, "{phrase} {value}{unit}");
        }
        for (phrase, value, unit, says) in [
            ("项目投资7850万元", "7850", "亿元", "7850万"),
            ("每个投资20万元", "125", "万元", "20万"),
            ("投资7850元", "7850", "万元", "7850"),
            ("占14.52%", "145.2", "%", "14.52"),
            ("床位1250", "125", "张", "1250"),
            ("床位7850张", "78", "张", "7850"),
        ] {
            assert_eq!(told(phrase, value, unit).as_deref(), Some(says), "{phrase} {value}{unit}");
        }
    }
}
