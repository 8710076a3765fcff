//! `coverage`: ceil(share × base) ≤ planned; `denominator`: the plan itself moves the base.

use std::collections::{HashMap, HashSet};

use num_traits::{CheckedAdd, CheckedDiv, CheckedMul, CheckedSub, Signed};

use super::context::Context;
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
    for figures in context.by_section.values() {
        for share in figures.iter().filter(|f| is_coverage(f)) {
            let Some((base, planned)) = base_and_plan(context, figures, share) else { continue };
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

fn base_and_plan<'a>(
    context: &Context<'_>,
    figures: &[&'a Figure],
    share: &Figure,
) -> Option<(&'a Figure, &'a Figure)> {
    // a section's figures stand in the order of lines
    let start = figures.partition_point(|f| f.line + 2 < share.line);
    let end = figures.partition_point(|f| f.line <= share.line + 2);
    let noun = covered(share);
    let pairs = figures.get(start..end).unwrap_or_default().windows(2).filter_map(|w| {
        let (base, planned) = (w[0], w[1]);
        let counts = base.base_unit().is_count() && planned.base_unit().is_count();
        let fits = counts
            && base.nature == Nature::Actual
            && planned.nature == Nature::Plan
            && base.line == planned.line;
        let near = share.line.abs_diff(base.line) <= 2 && fits && context.one_sentence(base, planned);
        if !near || planned.base()? > base.base()? * Exact::from_integer(3) {
            return None;
        }
        let shared = common(&noun, &format!("{}，{}", base.subject, base.phrase)).chars().count();
        (shared >= 2).then_some((shared, base, planned))
    });
    // The longest agreement wins; of equals the first.
    let mut best: Option<(usize, &Figure, &Figure)> = None;
    for (shared, base, planned) in pairs {
        if best.is_none_or(|b| shared > b.0) {
            best = Some((shared, base, planned));
        }
    }
    best.map(|b| (b.1, b.2))
}

/// The words that name what is covered: those right behind the per cent sign, else the subject.
fn covered(share: &Figure) -> String {
    let behind = share
        .phrase
        .split(['%', '％'])
        .nth(1)
        .unwrap_or_default()
        .trim_start_matches("以上")
        .trim_start_matches('的');
    let noun: String = behind.chars().take(8).take_while(|c| !"，。；、均都要实".contains(*c)).collect();
    if noun.chars().filter(|c| super::phrase::is_han(*c)).count() >= 2 {
        return noun;
    }
    let generic = ["覆盖率", "覆盖", "要求", "比例", "达到", "目标", "服务", "机构", "建成率", "建立率"];
    generic.iter().fold(subject(share).to_owned(), |s, g| s.replace(g, "，"))
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
