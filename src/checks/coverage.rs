//! `coverage`: ceil(share × base) ≤ planned; `denominator`: the plan itself moves the base.

use std::collections::{HashMap, HashSet};

use num_traits::{CheckedAdd, CheckedDiv, CheckedMul, CheckedSub, Signed, Zero};

use super::context::Context;
use super::passage::Passage;
use super::phrase::{cite, common, percent, subject};
use super::term::{Evaluator, Quantity, of_figure, sum};
use super::{Claim, Declared, Finding, Term, Verdict};
use crate::error::Problem;
use crate::figures::{Bound, Exact, Figure, Nature, Span, plain};

/// How many of a base a share asks for, rounded up.
fn needed(share: &Exact, base: &Exact) -> Option<Exact> {
    Some(share.checked_mul(base)?.ceil())
}

/// share × base, rounded up in exact arithmetic, must not exceed what is planned.
pub(super) fn declared(
    context: &Context<'_>,
    one: &Declared,
    share: &Term,
    base: &Term,
    planned: &Term,
) -> Result<Vec<Finding>, Vec<Problem>> {
    let mut evaluator = Evaluator::new(context, one);
    let terms = three(&mut evaluator, share, base, planned);
    let found = terms.and_then(|(share, base, planned)| judge(&share, &base, &planned).map(|f| vec![f]));
    evaluator.done(found)
}

fn three<'a>(
    e: &mut Evaluator<'_, 'a>,
    share: &Term,
    base: &Term,
    planned: &Term,
) -> Option<(Quantity<'a>, Quantity<'a>, Quantity<'a>)> {
    let (share, base, planned) =
        (e.quantity("share", share), e.quantity("base", base), e.quantity("planned", planned));
    let (share, base, planned) = (share?, base?, planned?);
    if !share.figures.is_empty() && !share.unit.is_share() {
        e.tell("share", &share.formula, "not a share", "a figure in % or ‰, or a number such as 0.8");
        return None;
    }
    e.addable("planned", &[base.clone(), planned.clone()])?;
    Some((share, base, planned))
}

fn place(q: &Quantity<'_>) -> String {
    q.figures.first().map_or_else(|| q.formula.clone(), |f| cite(f))
}

fn asked(share: &Quantity<'_>) -> String {
    share.figures.first().map_or_else(|| format!("要求覆盖{}", percent(&share.value)), |f| cite(f))
}

fn judge(share: &Quantity<'_>, base: &Quantity<'_>, planned: &Quantity<'_>) -> Option<Finding> {
    if base.value.is_zero() {
        return Some(no_base(share, base, planned));
    }
    let exact = share.value.checked_mul(&base.value)?;
    let needed = exact.ceil();
    let gap = needed.checked_sub(&planned.value)?;
    let verdict = if gap.is_positive() { Verdict::Contradiction } else { Verdict::Holds };
    let formula = format!(
        "⌈{} × {}⌉ = ⌈{}⌉ = {} {} {}",
        percent(&share.value),
        plain(&base.value),
        plain(&exact),
        plain(&needed),
        if gap.is_positive() { ">" } else { "≤" },
        plain(&planned.value)
    );
    let unit = base.unit.to_string();
    let sentence = if gap.is_positive() {
        let attained = planned.value.checked_div(&base.value.max(Exact::from_integer(1)))?;
        format!(
            "{}，基数为{}（{}），至少需{}{unit}，而{}，只达{}，差{}{unit}。",
            asked(share),
            plain(&base.value),
            place(base),
            plain(&needed),
            place(planned),
            percent(&attained),
            plain(&gap)
        )
    } else {
        format!(
            "{}，{}，需{}{unit}，{}，可以满足。",
            asked(share),
            place(base),
            plain(&needed),
            place(planned)
        )
    };
    let mut ids = share.ids();
    ids.extend(base.ids());
    ids.extend(planned.ids());
    Some(Finding::new("coverage", verdict, &ids, sentence).numbers(formula, planned.value, needed, unit))
}

/// A share of nothing is covered by anything, which says nothing of the plan.
fn no_base(share: &Quantity<'_>, base: &Quantity<'_>, planned: &Quantity<'_>) -> Finding {
    let sentence = format!(
        "{}，基数为0（{}），覆盖率无从计算，{}能否达标不能核对，请核实基数。",
        asked(share),
        place(base),
        place(planned)
    );
    let ids: Vec<&str> = share.ids().into_iter().chain(base.ids()).chain(planned.ids()).collect();
    Finding::new("coverage", Verdict::Info, &ids, sentence).formula(format!("{} ÷ 0", plain(&planned.value)))
}

/// As coverage, with the base that the plan's own additions make.
pub(super) fn declared_denominator(
    context: &Context<'_>,
    one: &Declared,
    share: &Term,
    base: &Term,
    added: &[Term],
    planned: &Term,
) -> Result<Vec<Finding>, Vec<Problem>> {
    let mut evaluator = Evaluator::new(context, one);
    let terms = three(&mut evaluator, share, base, planned);
    let added = evaluator.quantities("added", added);
    let found = terms.zip(added).and_then(|((share, base, planned), added)| {
        let mut all = vec![base.clone()];
        all.extend(added.iter().cloned());
        evaluator.addable("added", &all)?;
        let added = sum(&added)?;
        moved(&share, &base, &added, &planned).map(|f| vec![f])
    });
    evaluator.done(found)
}

fn moved(
    share: &Quantity<'_>,
    base: &Quantity<'_>,
    added: &Quantity<'_>,
    planned: &Quantity<'_>,
) -> Option<Finding> {
    let low = base.value.checked_add(&added.value)?;
    let high = base.value.checked_add(&added.span.hi.unwrap_or(added.value))?;
    let (need_low, need_high) = (needed(&share.value, &low)?, needed(&share.value, &high)?);
    let gap = need_low.checked_sub(&planned.value)?;
    let verdict = if gap.is_positive() {
        Verdict::Probable
    } else if need_high > planned.value {
        Verdict::Ambiguous
    } else {
        Verdict::Holds
    };
    let both = |a: &Exact, b: &Exact| if a == b { plain(a) } else { format!("{}～{}", plain(a), plain(b)) };
    let formula = format!(
        "⌈{} × ({} + {})⌉ = {} {} {}",
        percent(&share.value),
        plain(&base.value),
        both(&added.value, &added.span.hi.unwrap_or(added.value)),
        both(&need_low, &need_high),
        if verdict == Verdict::Holds { "≤" } else { ">" },
        plain(&planned.value)
    );
    let unit = base.unit.to_string();
    let attained = |b: Exact| planned.value.checked_div(&b.max(Exact::from_integer(1))).map(|a| percent(&a));
    let (least, most) = (attained(high)?, attained(low)?);
    let attained = if least == most { least } else { format!("{least}～{most}") };
    let places = format!(
        "{}，按现有{}{unit}计算；而{}，基数将为{}{unit}",
        asked(share),
        plain(&base.value),
        place(added),
        both(&low, &high)
    );
    let sentence = if verdict == Verdict::Holds {
        format!("{places}，需{}{unit}，{}，可以满足。", both(&need_low, &need_high), place(planned))
    } else {
        format!(
            "{places}，届时需{}{unit}，{}，覆盖只有{}，目标的分母被规划自身改变，请说明按何基数考核。",
            both(&need_low, &need_high),
            place(planned),
            attained
        )
    };
    let mut ids = share.ids();
    ids.extend(base.ids());
    ids.extend(added.ids());
    ids.extend(planned.ids());
    Some(Finding::new("denominator", verdict, &ids, sentence).numbers(formula, planned.value, need_low, unit))
}

/// A coverage target with the base and the planned number that stand by it: 80%以上的乡镇 … 12个乡镇
/// 要建立9个; and what the plan adds to that base: 新设15至20个社区.
pub(super) fn found(context: &Context<'_>, claimed: &[&Declared]) -> Vec<Finding> {
    let declared_shares: HashSet<(&str, &str)> = claimed
        .iter()
        .flat_map(|d| match &d.claim {
            Claim::Coverage { share, .. } => {
                share.ids().into_iter().map(|id| ("coverage", id)).collect::<Vec<_>>()
            }
            Claim::Denominator { share, .. } => {
                share.ids().into_iter().map(|id| ("denominator", id)).collect()
            }
            _ => Vec::new(),
        })
        .collect();
    let mut findings = Vec::new();
    let additions = Additions::new(context);
    for passage in &context.passages {
        for (i, share) in passage.placed.iter().map(|p| p.figure).enumerate().filter(|(_, f)| is_coverage(f))
        {
            let Some((base, planned)) = base_and_plan(passage, i) else { continue };
            let quantities = (|| Some((of_share(share)?, of_figure(base)?, of_figure(planned)?)))();
            let Some((s, b, p)) = quantities else { continue };
            if !declared_shares.contains(&("coverage", share.id.as_str())) {
                findings.extend(judge(&s, &b, &p));
            }
            if !declared_shares.contains(&("denominator", share.id.as_str())) {
                let added = additions.to(base);
                findings.extend(added.and_then(of_figure).and_then(|a| moved(&s, &b, &a, &p)));
            }
        }
    }
    findings
}

/// The share as a requirement is exact: 80%以上 asks for 80 %, not 79.5.
fn of_share(share: &Figure) -> Option<Quantity<'_>> {
    let value = share.base()?;
    Some(Quantity { span: Span::point(value), ..of_figure(share)? })
}

fn is_coverage(f: &Figure) -> bool {
    let share = f.base_unit().is_share() && f.bound != Bound::AtMost;
    share && matches!(f.nature, Nature::Target | Nature::Plan) && f.base().is_some_and(|s| s.is_positive())
}

/// Where the words that name a thing end.
const ENDS: [char; 29] = [
    '，', '。', '；', '、', '：', '（', '(', '中', '均', '都', '要', '实', '建', '设', '开', '有', '完',
    '达', '全', '配', '成', '提', '共', '计', '规', '拟', '将', '新', '应',
];
/// What a share of communities or townships is counted in.
const PLACES: [&str; 9] = ["乡镇", "街道", "社区", "建制村", "行政村", "村", "县", "区", "镇"];

/// The words of a text up to the first that goes on to something else.
fn thing(text: &str) -> &str {
    text.split(ENDS).next().unwrap_or_default()
}

/// 80%以上的乡镇建成养老服务中心，23个乡镇要建立18个: the base is counted in what the share names, the
/// planned number in what is built there.
fn base_and_plan<'a>(passage: &Passage<'a>, i: usize) -> Option<(&'a Figure, &'a Figure)> {
    let share = passage.placed.get(i)?;
    let behind: String =
        passage.text.get(share.behind..)?.chars().take(40).take_while(|c| *c != '。').collect();
    let behind = behind.trim_start_matches(['以', '上', '左', '右', '的']);
    let noun = thing(behind);
    let (noun, built) = if noun.chars().count() >= 2 && noun.chars().all(super::phrase::is_han) {
        // 覆盖80%以上的乡镇: what covers them stands before
        let rest = behind.get(noun.len()..).unwrap_or_default();
        let rest = match rest.split_once(['）', ')']) {
            Some((inside, after)) if inside.starts_with(['（', '(']) => after,
            _ => rest,
        };
        let mut clauses = rest.split(['，', '；']);
        let first = clauses.next().unwrap_or_default();
        let next = clauses
            .next()
            .filter(|c| c.starts_with(['均', '都', '要', '建', '设', '全']))
            .unwrap_or_default();
        let built = match (first.chars().count() < 3, next.is_empty()) {
            (false, _) => first,
            (true, false) => next,
            (true, true) => passage.clause(i),
        };
        (noun, built.to_owned())
    } else {
        ("", passage.clause(i).to_owned())
    };
    // 覆盖率达到80% is of places, 护理型床位占比达到55% is not
    if noun.is_empty() && !passage.clause(i).contains("覆盖") {
        return None;
    }
    let same_place = |j: usize| {
        let named = thing(passage.tail(j));
        match noun {
            "" => PLACES.iter().any(|p| named.ends_with(p)) && named.chars().count() <= 6,
            noun => named.chars().count() >= 2 && (named.contains(noun) || noun.ends_with(named)),
        }
    };
    let count = |j: usize| {
        let p = passage.placed.get(j)?;
        let fits = p.figure.base_unit().is_count()
            && p.figure.base_unit().per().is_empty()
            && p.figure.number().is_some()
            && !matches!(p.figure.nature, Nature::Id | Nature::Idiom | Nature::Ordinal | Nature::Rule)
            && !passage.each(j)
            && !passage.compared(j);
        fits.then_some(p)
    };
    let bases = (0..passage.placed.len()).filter(|j| same_place(*j) && count(*j).is_some());
    // in the share's own sentence before another; of a whole and a part of it the whole; else the nearest
    let base_at = bases.min_by_key(|j| {
        let p = passage.placed.get(*j);
        let far = p.map_or(usize::MAX, |p| p.sentence.abs_diff(share.sentence));
        let value = p.and_then(|p| p.figure.base()).unwrap_or_default();
        (far, std::cmp::Reverse(value), j.abs_diff(i))
    })?;
    let base = count(base_at)?;
    if base.sentence.abs_diff(share.sentence) > 1 {
        return None;
    }
    let mut best: Option<(usize, usize)> = None;
    for j in passage.sentence(base_at).chain(passage.sentence(i)).filter(|j| *j > base_at) {
        let Some(p) = count(j) else { continue };
        if !p.figure.base_unit().adds_to(base.figure.base_unit())
            || base.figure.base()?.is_positive()
                && p.figure.base()? > base.figure.base()? * Exact::from_integer(3)
        {
            continue;
        }
        let (label, tail) = (passage.label(j), passage.tail(j));
        // 31个社区中28个社区建成: the part of the base that has it
        let attained = same_place(j) && passage.gap(base_at, j).ends_with('中');
        let builds = ["建", "设", "配备", "达到", "覆盖"].iter().any(|w| label.contains(w));
        let shared = common(&built, &format!("{label}，{tail}")).chars().count();
        let bare = thing(tail).is_empty() && builds && label.chars().count() <= 6;
        if same_place(j) && !attained || !(attained || shared >= 4 || (builds && (bare || shared >= 2))) {
            continue;
        }
        // The longest agreement wins; of equals the first.
        let weight = if attained { 99 } else { shared };
        if best.is_none_or(|(most, _)| weight > most) {
            best = Some((weight, j));
        }
    }
    Some((base.figure, count(best?.1)?.figure))
}

/// What the plan adds to a base: `new_communities` to `communities`, 新设15至20个社区 to 社区; the first
/// of the ledger by metric, and by the last one or two characters of its words.
struct Additions<'a> {
    by_metric: HashMap<(&'a str, &'a str), (usize, &'a Figure)>,
    by_words: HashMap<(&'a str, &'a str), (usize, &'a Figure)>,
}

/// The last characters of a text, at most `n`.
fn ending(text: &str, n: usize) -> &str {
    let start = text.char_indices().rev().take(n).last().map_or(text.len(), |(i, _)| i);
    text.get(start..).unwrap_or_default()
}

impl<'a> Additions<'a> {
    fn new(context: &Context<'a>) -> Self {
        let mut this = Self { by_metric: HashMap::new(), by_words: HashMap::new() };
        let planned = |f: &&Figure| matches!(f.nature, Nature::Target | Nature::Plan);
        for (i, figure) in context.ledger.iter().filter(planned).enumerate() {
            if let Some(of) = figure.metric.strip_prefix("new_") {
                this.by_metric.entry((of, figure.kind())).or_insert((i, figure));
            }
            if ["新设", "增设", "新成立", "新增设"].iter().any(|w| figure.phrase.contains(w)) {
                for n in [1, 2] {
                    let end = ending(&figure.phrase, n);
                    this.by_words.entry((end, figure.kind())).or_insert((i, figure));
                }
            }
        }
        this
    }

    fn to(&self, base: &Figure) -> Option<&'a Figure> {
        let noun = ending(subject(base).trim_end_matches('数'), 2);
        let named = self.by_metric.get(&(base.metric.as_str(), base.kind()));
        let worded = self.by_words.get(&(noun, base.kind()));
        [named, worded].into_iter().flatten().min_by_key(|(i, _)| *i).map(|(_, figure)| *figure)
    }
}
