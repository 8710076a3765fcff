//! Words around a number that say how it binds, and words with a value of their own.

use crate::figures::Bound;

pub(super) const BEFORE: [(&str, Option<Bound>); 19] = [
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

pub(super) const AFTER: [(&str, Option<Bound>); 9] = [
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
