//! What the words of a figure say of its number: the numbers that stand in a phrase, and whether
//! one of them is only about as much (约, 近, 左右).

use rust_decimal::Decimal;

use super::number::{self, is_arabic_digit, is_chinese_numeral};

/// One number in a phrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub value: Decimal,
    /// 万, 亿 behind Arabic digits; empty otherwise.
    pub scale: String,
    /// What stands behind it, up to the next number or mark.
    pub behind: String,
    /// 约, 近 before it; 左右, 上下 behind it.
    pub approximate: bool,
}

/// Every number of a phrase that can be read, in order.
pub(super) fn said(phrase: &str) -> Vec<Said> {
    let chars: Vec<char> = phrase.chars().collect();
    let mut all = Vec::new();
    let mut i = 0;
    while let Some(c) = chars.get(i) {
        if !is_arabic_digit(*c) && !is_chinese_numeral(*c) {
            i += 1;
            continue;
        }
        let Some(n) = number::numeral(chars.get(i..).unwrap_or_default()) else {
            let same = |c: &&char| is_arabic_digit(**c) || is_chinese_numeral(**c);
            i += chars[i..].iter().take_while(same).count().max(1);
            continue;
        };
        let before: String = chars[..i].iter().collect();
        let end = (i + n.len).min(chars.len());
        let behind: String = chars[end..].iter().take_while(|c| goes_on(**c)).take(8).collect();
        let approximate = is_about(&before, &behind);
        all.push(Said { value: n.value, scale: n.scale, behind, approximate });
        i = end.max(i + 1);
    }
    all
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
    said(phrase).iter().any(|s| s.approximate && s.value == value)
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
}
