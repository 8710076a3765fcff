//! `share`: count ÷ share gives the base as an interval; registered against resident.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use num_traits::{CheckedDiv, CheckedSub, Signed};

use super::context::Context;
use super::phrase::{amount, cite, common};
use super::rate;
use super::term::{Evaluator, Quantity, of_figure};
use super::{Claim, Declared, Finding, Term, Verdict};
use crate::error::Problem;
use crate::figures::{Exact, Figure, Nature, TimeRef, from_decimal};

const FAMILY: &str = "share";

/// The base that count and share imply; compared where a base is given.
pub(super) fn declared(
    context: &Context<'_>,
    one: &Declared,
    count: &Term,
    share: &Term,
    base: Option<&Term>,
) -> Result<Vec<Finding>, Vec<Problem>> {
    let mut evaluator = Evaluator::new(context, one);
    let (count, share) = (evaluator.quantity("count", count), evaluator.quantity("share", share));
    let base = base.map(|b| evaluator.quantity("base", b));
    if let Some(share) =
        share.as_ref().filter(|s| (!s.figures.is_empty() && !s.unit.is_share()) || !s.value.is_positive())
    {
        evaluator.tell(
            "share",
            &share.formula,
            "not a share",
            "a positive figure in % or ‰, or a number such as 0.1452",
        );
    }
    let found = (|| {
        let (count, share) = (count?, share?);
        if !evaluator.problems.is_empty() {
            return None;
        }
        match base {
            None => implied(&count, &share).map(|f| vec![f]),
            Some(base) => {
                let base = base?;
                evaluator.addable("base", &[count.clone(), base.clone()])?;
                against(&count, &share, &base).map(|f| vec![f])
            }
        }
    })();
    evaluator.done(found)
}

fn place(q: &Quantity<'_>) -> String {
    q.figures.first().map_or_else(|| q.formula.clone(), |f| cite(f))
}

fn both(lo: &Exact, hi: &Exact) -> (String, String) {
    // whole persons, rounded inwards
    (crate::figures::plain(&lo.ceil()), crate::figures::plain(&hi.floor()))
}

/// The base as an interval: information, since nothing is there to contradict it.
fn implied(count: &Quantity<'_>, share: &Quantity<'_>) -> Option<Finding> {
    let span = count.span.over(&share.span)?;
    let middle = count.value.checked_div(&share.value)?;
    let unit = &count.unit;
    let (lo, hi) = both(&span.lo, &span.hi?);
    let formula = format!("{} ÷ {} = {lo}～{hi}{unit}", count.formula, share.formula);
    let sentence = format!(
        "由{}、{}推算，基数约{}，按印刷精度在{lo}至{hi}{unit}之间；引用时应注明基数口径。",
        place(count),
        place(share),
        amount(&middle.round(), unit)
    );
    let mut ids = count.ids();
    ids.extend(share.ids());
    let mut finding = Finding::new(FAMILY, Verdict::Info, &ids, sentence).formula(formula);
    finding.computed = Some(middle);
    finding.unit = unit.to_string();
    Some(finding)
}

fn against(count: &Quantity<'_>, share: &Quantity<'_>, base: &Quantity<'_>) -> Option<Finding> {
    let span = count.span.over(&share.span)?;
    let holds = span.meets(&base.span);
    let middle = count.value.checked_div(&share.value)?;
    let gap = middle.checked_sub(&base.value)?;
    let unit = &count.unit;
    let (lo, hi) = both(&span.lo, &span.hi?);
    let formula = format!("{} ÷ {} = {lo}～{hi}{unit}", count.formula, share.formula);
    let sentence = if holds {
        format!("{}、{}与{}相符（推算基数{lo}至{hi}{unit}）。", place(count), place(share), place(base))
    } else {
        format!(
            "由{}、{}推算，基数应在{lo}至{hi}{unit}之间，而{}，相差{}，三数不能同时成立，请核实。",
            place(count),
            place(share),
            place(base),
            amount(&gap.abs().round(), unit)
        )
    };
    let mut ids = count.ids();
    ids.extend(share.ids());
    ids.extend(base.ids());
    let verdict = match (holds, count.about || share.about || base.about) {
        (true, _) => Verdict::Holds,
        (false, false) => Verdict::Contradiction,
        (false, true) => Verdict::Probable,
    };
    Some(
        Finding::new(FAMILY, verdict, &ids, sentence)
            .numbers(formula, base.value, middle, unit.to_string())
            .money((unit.is_money() && !holds).then_some(gap)),
    )
}

/// 60岁以上老年人4.5万人，占全市户籍人口的14.52%: the base by itself, against a base that the plan
/// states in the same words, and registered against resident population.
pub(super) fn found(context: &Context<'_>, claimed: &[&Declared]) -> Vec<Finding> {
    let declared: HashSet<&str> = claimed
        .iter()
        .filter_map(|d| match &d.claim {
            Claim::Share { share, .. } => Some(share.ids()),
            _ => None,
        })
        .flatten()
        .collect();
    let mut findings = Vec::new();
    let mut bases = Bases::new(context);
    for (figures, passage) in context.by_paragraph.iter().zip(&context.passages) {
        let by_words = rate::found(passage);
        let told: HashSet<String> = by_words.iter().filter_map(|f| f.figures.first().cloned()).collect();
        let free = |f: &Finding| f.figures.first().is_none_or(|id| !declared.contains(id.as_str()));
        findings.extend(by_words.into_iter().filter(free));
        for (i, share) in figures.iter().enumerate() {
            if told.contains(&share.id) {
                continue;
            }
            let says = share.phrase.contains('占')
                && share.base_unit().is_share()
                && share.base().is_some_and(|s| s.is_positive());
            if !says || declared.contains(&share.id.as_str()) || share.nature == Nature::Target {
                continue;
            }
            // an age limit (60岁) may stand between the count and its share
            let before = figures[..i]
                .iter()
                .rev()
                .take(3)
                .find(|f| f.base_unit().is_count() && context.one_sentence(f, share));
            let Some((count, rate)) = before.and_then(|c| of_figure(c)).zip(of_figure(share)) else {
                continue;
            };
            let named = bases.of(share, &count);
            match named.and_then(of_figure) {
                Some(base) => findings.extend(against(&count, &rate, &base)),
                None => findings.extend(implied(&count, &rate)),
            }
            findings.extend(resident(context, share, &count, &rate));
        }
    }
    findings
}

/// The words behind 占: 全市户籍人口.
fn base_words(share: &Figure) -> String {
    let behind = share.phrase.split_once('占').map_or("", |(_, b)| b);
    behind.chars().take_while(|c| super::phrase::is_han(*c) && *c != '的').collect()
}

/// What a base must share with a count: the words behind 占, the last day of the year, the kind of unit.
type BaseKey<'a> = (String, Option<NaiveDate>, &'a str);

/// The figures by runs of words in their subjects, to find the base of a share without reading all.
struct Bases<'a> {
    figures: Vec<&'a Figure>,
    /// By three characters that stand together, and by the first two.
    runs: HashMap<[char; 3], Vec<usize>>,
    starts: HashMap<[char; 2], Vec<usize>>,
    /// In the order of the ledger, those that are larger than all before them: the first that is
    /// larger than some count is one of these.
    rising: HashMap<BaseKey<'a>, Vec<(Exact, &'a Figure)>>,
    /// Read once for all years: what shares a run with the words and is of the kind.
    near: HashMap<(String, &'a str), Vec<Near<'a>>>,
}

/// A figure that may state a base: its value and, unless it is undated, its days (`None`: no days can be read).
struct Near<'a> {
    base: Exact,
    undated: bool,
    days: Option<(NaiveDate, NaiveDate)>,
    figure: &'a Figure,
}

impl<'a> Bases<'a> {
    fn new(context: &Context<'a>) -> Self {
        // a base is counted as its part is: money and rates are none
        let figures: Vec<&Figure> = context.ledger.iter().filter(|f| f.base_unit().is_count()).collect();
        let mut runs: HashMap<[char; 3], Vec<usize>> = HashMap::new();
        let mut starts: HashMap<[char; 2], Vec<usize>> = HashMap::new();
        for (i, figure) in figures.iter().enumerate() {
            let chars: Vec<char> = super::phrase::subject(figure).chars().collect();
            for run in chars.windows(3).filter_map(|w| <[char; 3]>::try_from(w).ok()) {
                let list = runs.entry(run).or_default();
                if list.last() != Some(&i) {
                    list.push(i);
                }
            }
            if let Some(start) = chars.get(..2).and_then(|s| <[char; 2]>::try_from(s).ok()) {
                starts.entry(start).or_default().push(i);
            }
        }
        Self { figures, runs, starts, rising: HashMap::new(), near: HashMap::new() }
    }

    /// The first figure of the plan that states the base, in the same year.
    fn of(&mut self, share: &Figure, count: &Quantity<'a>) -> Option<&'a Figure> {
        let words = base_words(share).replace("比重", "").replace("比例", "");
        let known = *count.figures.first()?;
        let year = share.time.days().map(|d| d.1);
        let key = (words, year, known.kind());
        if !self.rising.contains_key(&key) {
            let rising = self.rising(&key);
            self.rising.insert(key.clone(), rising);
        }
        let (rising, least) = (self.rising.get(&key)?, known.base()?);
        rising.get(rising.partition_point(|(base, _)| *base <= least)).map(|(_, figure)| *figure)
    }

    fn rising(&mut self, (words, year, kind): &BaseKey<'a>) -> Vec<(Exact, &'a Figure)> {
        let of_words = (words.clone(), *kind);
        if !self.near.contains_key(&of_words) {
            let near = self.near(words, kind);
            self.near.insert(of_words.clone(), near);
        }
        let mut rising: Vec<(Exact, &Figure)> = Vec::new();
        for near in self.near.get(&of_words).into_iter().flatten() {
            let same_time = match year {
                None => true,
                Some(last) => near.undated || near.days.is_some_and(|d| d.0 <= *last && *last <= d.1),
            };
            let larger = same_time && rising.last().is_none_or(|(most, _)| near.base > *most);
            if larger && names(words, near.figure) {
                rising.push((near.base, near.figure));
            }
        }
        rising
    }

    /// In the order of the ledger.
    fn near(&self, words: &str, kind: &str) -> Vec<Near<'a>> {
        let chars: Vec<char> = words.chars().collect();
        let mut at: Vec<usize> = Vec::new();
        for run in chars.windows(3).filter_map(|w| <[char; 3]>::try_from(w).ok()) {
            at.extend(self.runs.get(&run).into_iter().flatten());
        }
        let end = chars.len().checked_sub(2).and_then(|n| chars.get(n..));
        if let Some(end) = end.and_then(|e| <[char; 2]>::try_from(e).ok()) {
            at.extend(self.starts.get(&end).into_iter().flatten());
        }
        at.sort_unstable();
        at.dedup();
        at.into_iter()
            .filter_map(|i| {
                let figure = *self.figures.get(i)?;
                let base = figure.base().filter(|_| figure.kind() == kind)?;
                let undated = matches!(figure.time, TimeRef::Undated);
                Some(Near { base, undated, days: figure.time.days(), figure })
            })
            .collect()
    }
}

/// Whether a figure's subject names what stands behind 占.
fn names(words: &str, figure: &Figure) -> bool {
    let subject = super::phrase::subject(figure);
    let run = common(words, subject);
    match run.chars().count() {
        0 | 1 => false,
        2 => words.ends_with(&run) && subject.starts_with(&run),
        _ => true,
    }
}

/// The implied registered population beside the residents that the census counted.
fn resident(
    context: &Context<'_>,
    share: &Figure,
    count: &Quantity<'_>,
    rate: &Quantity<'_>,
) -> Option<Finding> {
    if !base_words(share).contains("户籍") {
        return None;
    }
    let day = context.issued.map(|m| m.first).or_else(|| share.time.days().map(|d| d.1))?;
    let rule = context.rules.lookup("resident_population", context.place, day)?;
    let middle = count.value.checked_div(&rate.value)?;
    let residents = from_decimal(rule.value);
    let gap = residents.checked_sub(&middle)?;
    let unit = &count.unit;
    let sentence = format!(
        "{}，推算户籍人口约{}；{}为{}，常住比户籍{}{}。两种口径不可混用：以户籍老年人口除以常住人口，或以常住人口配置床位，都会得出不同的数。",
        cite(share),
        amount(&middle.round(), unit),
        rule.cite(),
        amount(&residents, unit),
        if gap.is_negative() { "少" } else { "多" },
        amount(&gap.abs().round(), unit)
    );
    let mut ids = count.ids();
    ids.push(&share.id);
    let formula = format!("{} − {} ÷ {}", crate::figures::plain(&residents), count.formula, rate.formula);
    let mut finding = Finding::new(FAMILY, Verdict::Info, &ids, sentence).numbers(
        formula,
        middle,
        residents,
        unit.to_string(),
    );
    finding.check = format!("share:resident:{}", share.id);
    Some(finding)
}
