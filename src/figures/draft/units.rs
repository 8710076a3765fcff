//! The unit behind a number, and what the clause says it is per.

use super::text::{Text, ends_clause, word};
use crate::figures::number::{Numeral, is_arabic_digit};

/// Unit names, the longest first where one starts another.
const UNITS: [&str; 82] = [
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
    "具",
    "笔",
    "枚",
];

/// Nouns that a number counts without a counter: 8县市.
const NOUNS: [&str; 8] = ["县市", "县", "乡镇", "街道", "社区", "村", "部门", "省"];

/// The unit behind a numeral, its scale word before it; `None` where none is known.
pub(super) fn unit_at(text: &Text, at: usize, numeral: &Numeral) -> (Option<String>, usize) {
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

/// A unit that is all of a text: 万元, 元/人/月, ％; `None` where it is not known.
pub(super) fn unit_of_words(words: &str) -> Option<String> {
    let text = Text::bare(words.trim());
    let len = text.glyphs.len();
    let scaled = ["万亿", "千万", "百万", "亿", "万", "千", "百"];
    // 千米 and 万元 start with the same kind of word
    let whole = |at: usize, scale: &str| {
        let numeral = Numeral {
            value: rust_decimal::Decimal::ONE,
            scale: scale.to_owned(),
            more: false,
            chinese: false,
            len: 0,
        };
        let (unit, end) = unit_at(&text, at, &numeral);
        unit.filter(|_| end == len && len > 0)
    };
    whole(0, "").or_else(|| {
        let scale = scaled.iter().find(|s| words.trim().starts_with(**s))?;
        whole(scale.chars().count(), scale)
    })
}

/// Counters that 每 may stand before, and what a figure is then per.
const EACH: [(&str, &str); 43] = [
    ("千名", "千人"),
    ("千人", "千人"),
    ("千位", "千人"),
    ("万名", "万人"),
    ("万人", "万人"),
    ("百名", "百人"),
    ("百人", "百人"),
    ("百户", "百户"),
    ("千户", "千户"),
    ("万户", "万户"),
    ("万元", "万元"),
    ("万亩", "万亩"),
    // 每万城镇常住人口
    ("万", "万人"),
    ("千", "千人"),
    ("人", "人"),
    ("名", "人"),
    ("位", "人"),
    ("户", "户"),
    ("个", "个"),
    ("处", "处"),
    ("所", "所"),
    ("家", "家"),
    ("座", "座"),
    ("栋", "栋"),
    ("幢", "幢"),
    ("张", "张"),
    ("间", "间"),
    ("套", "套"),
    ("台", "台"),
    ("辆", "辆"),
    ("支", "支"),
    ("项", "项"),
    ("站", "站"),
    ("村", "村"),
    ("社区", "社区"),
    ("亩", "亩"),
    ("平方米", "㎡"),
    ("平米", "㎡"),
    ("㎡", "㎡"),
    ("例", "例"),
    ("具", "具"),
    ("穴", "穴"),
    ("床", "床"),
];

/// 每个投资500万元 is 万元/个, 每人每月发放200元 is 元/人/月, 人均800元 is 元/人: what the clause says
/// before the number.
pub(super) fn each(text: &Text, start: usize, unit: &str) -> String {
    let clause: Vec<char> = text.run(text.clause_start(start), start).chars().collect();
    // a number between 每 and this one takes 每 for itself, unless it is a year (每人每月由2015年的440元)
    let mut from = clause.len();
    while from > 0 && !is_arabic_digit(clause[from - 1]) {
        from -= 1;
        if clause[from] == '年' && from >= 4 && clause[from - 4..from].iter().all(|c| is_arabic_digit(*c)) {
            from -= 4;
        }
    }
    each_of_words(&clause[from..].iter().collect::<String>(), unit)
}

/// The same for words that stand before a number or name a row.
pub(super) fn each_of_words(words: &str, unit: &str) -> String {
    if unit.contains('/')
        || unit.ends_with('%')
        || matches!(unit, "‰" | "年" | "岁" | "月")
        || unit.contains("百分点")
    {
        return unit.to_owned();
    }
    let money = unit.ends_with('元');
    let mut result = unit.to_owned();
    // the nearest one: of 每站…每名 the latter
    let of = EACH
        .iter()
        .filter_map(|(said, of)| Some((words.rfind(&format!("每{said}"))?, said.len(), *of)))
        .max();
    if let Some((_, _, of)) = of {
        result.push('/');
        result.push_str(of);
    } else if money && (words.ends_with("人均") || words.contains("人均") && !words.contains("收入")) {
        result.push_str("/人");
    } else if money && words.contains("户均") {
        result.push_str("/户");
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
