//! `growth`: average annual growth between two years: 由2015年的310家增加到2020年的426家，年均增长6.6%.

use num_bigint::BigInt;
use num_traits::{CheckedDiv, CheckedMul, CheckedSub, Signed, Zero};

use super::context::Context;
use super::growth::{DOWN, UP, ends, no_base, relative, signed};
use super::passage::Passage;
use super::phrase::{cite, percent};
use super::term::of_figure;
use super::{Finding, Verdict};
use crate::figures::{Exact, Figure, Span};

/// Longer than any plan looks back.
pub(super) const LONGEST: u32 = 40;

/// Whether the words right before a number make it an average yearly change, and which way.
pub(super) fn direction(passage: &Passage<'_>, g: usize) -> Option<i128> {
    let label = passage.label(g).trim_end_matches(['了', '约', '近', '为', '达']);
    let figure = passage.placed.get(g)?.figure;
    let average = ["年均", "年平均", "平均每年", "每年平均"].iter().any(|w| label.contains(w));
    if !average || figure.number().is_none() || !figure.base_unit().is_share() {
        return None;
    }
    let says =
        |words: &[&str]| words.iter().any(|w| label.ends_with(w) || label.ends_with(&format!("{w}率")));
    match (says(&UP), says(&DOWN)) {
        (true, _) => Some(1),
        (_, true) => Some(-1),
        _ if label.ends_with("增速") || label.ends_with("增长速度") => Some(1),
        _ => None,
    }
}

/// The rate recomputed from both values, where the sentence has both and the years of both.
///
/// Compound growth is what the word means; the mean of simple growth is another reading that some reports use, and so is
/// counting both end years where the words count them (2016年 to 2020年, 五年来). Either is told as information.
pub(super) fn judge(context: &Context<'_>, passage: &Passage<'_>, g: usize, sign: i128) -> Option<Finding> {
    let stated = passage.placed.get(g)?.figure;
    let (from, to) = ends(context, passage, g)?;
    let place = |f: &Figure| passage.placed.iter().position(|p| p.figure.id == f.id);
    // both in this sentence, so that the words say of which years they are
    let (a_at, b_at) = place(from).zip(place(to))?;
    let sentence = passage.sentence(g);
    if !(sentence.contains(&a_at) && sentence.contains(&b_at)) {
        return None;
    }
    // shares grow by points; a yearly rate of a rate is nothing that a plan means
    if from.base_unit().is_share() || !from.base_unit().adds_to(to.base_unit()) {
        return None;
    }
    // 由2015年的310家: the year stands by the value; 2020年底，…达到426家，比…: it may open the sentence
    let first = last_year(passage.clause(a_at))?;
    let opening = || passage.text.get(..passage.placed.get(b_at)?.start)?.rsplit(['。', '；']).next();
    let last = last_year(passage.clause(b_at)).or_else(|| last_year(opening().filter(|_| b_at < a_at)?))?;
    let years = u32::try_from(last - first).ok().filter(|n| (2..=LONGEST).contains(n))?;
    let (a, b, said) = (of_figure(from)?, of_figure(to)?, of_figure(stated)?);
    if a.value.is_zero() {
        return no_base(from, to, stated, &a);
    }
    let (growth, growth_span) = relative(&a, &b)?;
    let rate = signed(&said.span, sign)?;
    let mut counts = vec![years];
    // 2016年…2020年, 五年来: the words count both end years
    if counted(passage, g).is_some_and(|n| n == years + 1) {
        counts.push(years + 1);
    }
    let compound = |n: u32| compounds(&rate, n, &growth_span);
    let simple = |n: u32| simple_span(&growth_span, n).is_some_and(|s| s.meets(&rate));
    let computed = root(&a.value, &b.value, years)?;
    let about = said.about || a.about || b.about;
    let other = counts.iter().skip(1).any(|n| compound(*n) == Some(true));
    let by_mean = counts.iter().any(|n| simple(*n));
    let (verdict, remark) = match (compound(years)?, other, by_mean) {
        (true, _, _) => (Verdict::Holds, "相符。".to_owned()),
        (_, true, _) => (Verdict::Info, format!("按首尾共{}年计才相符，请注明年数。", years + 1)),
        (_, _, true) => {
            let mean = percent(&growth.checked_div(&Exact::from_integer(i128::from(years)))?);
            (
                Verdict::Info,
                format!("所列为各年增幅的算术平均（{mean}），“年均增长”一般按复合增长率计算，请注明算法。"),
            )
        }
        _ if about => (Verdict::Probable, "请核实。".to_owned()),
        _ => (Verdict::Contradiction, "请核实。".to_owned()),
    };
    let formula = format!("({} ÷ {})^(1/{years}) − 1 = {}", b.formula, a.formula, percent(&computed));
    let link = if verdict == Verdict::Holds { "与" } else { "而" };
    let sentence = format!(
        "{}（{first}年），{}（{last}年），{years}年间{formula}，{link}{}{}{remark}",
        cite(from),
        cite(to),
        cite(stated),
        if verdict == Verdict::Holds { "" } else { "，" }
    );
    let value = said.value.checked_mul(&Exact::from_integer(sign))?;
    Some(
        Finding::new("growth", verdict, &[&stated.id, &from.id, &to.id], sentence)
            .numbers(formula, value, computed, "比例"),
    )
}

/// The last year that words name, where it is one of a state: 2016年以来 is none.
fn last_year(words: &str) -> Option<i32> {
    const BEGINS: [&str; 8] = ["以来", "起", "开始", "启动", "成立", "出台", "印发", "至今"];
    let (end, mark) = words.match_indices('年').next_back()?;
    let behind = words.get(end + mark.len()..)?;
    let digits = words.get(end.checked_sub(4)?..end)?;
    let year = digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok()).flatten()?;
    let state = !BEGINS.iter().any(|w| behind.starts_with(w));
    ((1949..2100).contains(&year) && state).then_some(year)
}

/// How many years the sentence says it speaks of: 五年来, 5年间; 时期 and “十三五”期间 are five.
fn counted(passage: &Passage<'_>, g: usize) -> Option<u32> {
    let p = passage.placed.get(g)?;
    let sentence = passage.text.get(..p.start)?.rsplit('。').next()?;
    if ["五”期间", "五”时期", "五期间", "五时期"].iter().any(|w| sentence.contains(w)) {
        return Some(5);
    }
    let at = ["年来", "年间"].iter().find_map(|w| sentence.find(w))?;
    let word = sentence.get(..at)?.chars().next_back()?;
    let chinese = "一二三四五六七八九十".chars().position(|c| c == word).map(|i| i as u32 + 1);
    chinese.or_else(|| word.to_digit(10))
}

/// Whether growth by a rate from `rate`, each year on the last, can make a whole growth from `whole`; in whole numbers,
/// since the powers are larger than a ratio of machine integers holds. `None` for a rate of −100 % and below.
pub(super) fn compounds(rate: &Span, years: u32, whole: &Span) -> Option<bool> {
    let one = Exact::from_integer(1);
    let (lo, hi) = (rate.lo.checked_sub(&-one)?, rate.hi?.checked_sub(&-one)?);
    let (from, to) = (whole.lo.checked_sub(&-one)?, whole.hi.map(|h| h.checked_sub(&-one)));
    if !lo.is_positive() {
        return None;
    }
    let below = |x: &Exact, y: &Exact, power_of_x: bool| {
        let (xp, yp) = if power_of_x { (years, 1) } else { (1, years) };
        let big = |v: &i128, p: u32| BigInt::from(*v).pow(p);
        big(x.numer(), xp) * big(y.denom(), yp) <= big(y.numer(), yp) * big(x.denom(), xp)
    };
    Some(to.flatten().is_none_or(|to| below(&lo, &to, true)) && below(&from, &hi, false))
}

pub(super) fn simple_span(whole: &Span, years: u32) -> Option<Span> {
    let n = Exact::from_integer(i128::from(years));
    let hi = match whole.hi {
        Some(hi) => Some(hi.checked_div(&n)?),
        None => None,
    };
    Some(Span { lo: whole.lo.checked_div(&n)?, hi })
}

/// The compound rate between two values, to a millionth; it is shown, and nothing is decided by it.
pub(super) fn root(a: &Exact, b: &Exact, years: u32) -> Option<Exact> {
    let ratio = b.checked_div(a)?;
    let scale = 1_000_000_i128;
    let (mut lo, mut hi) = (0_i128, scale * 1_000);
    let makes = |x: i128| {
        let power = |v: i128| BigInt::from(v).pow(years);
        power(x) * BigInt::from(*ratio.denom()) <= BigInt::from(*ratio.numer()) * power(scale)
    };
    while hi - lo > 1 {
        let middle = lo + (hi - lo) / 2;
        if makes(middle) { lo = middle } else { hi = middle }
    }
    Exact::new(lo, scale).checked_sub(&Exact::from_integer(1))
}
