//! `same`: one thing stated twice.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{Datelike, NaiveDate};
use num_traits::{CheckedAdd, CheckedMul, CheckedSub, Zero};

use super::context::Context;
use super::phrase::{cite, difference, subject};
use super::term::{Evaluator, of_figure};
use super::{Declared, Finding, Term, Verdict};
use crate::error::Problem;
use crate::figures::{Bound, Exact, Figure, Moment, Nature, TimeRef, Unit};

const FAMILY: &str = "same";

/// Every figure against the first; within printed precision it holds.
pub(super) fn declared(
    context: &Context<'_>,
    one: &Declared,
    figures: &[Term],
) -> Result<Vec<Finding>, Vec<Problem>> {
    let mut evaluator = Evaluator::new(context, one);
    let found = evaluator.quantities("figures", figures).and_then(|all| {
        evaluator.addable("figures", &all)?;
        let first = all.first()?;
        let mut findings = Vec::new();
        for other in all.iter().skip(1) {
            let gap = other.value.checked_sub(&first.value)?;
            let compared = first.figures.first().zip(other.figures.first()).and_then(|(a, b)| agree(a, b));
            let single = first.figures.len() == 1 && other.figures.len() == 1;
            let verdict = match (compared.filter(|_| single), gap == Exact::from_integer(0)) {
                (Some(told), _) => told,
                (None, true) => Verdict::Holds,
                (None, false) if first.span.meets(&other.span) => Verdict::Info,
                (None, false) => Verdict::Contradiction,
            };
            let mut ids = first.ids();
            ids.extend(other.ids());
            let (a, b) = (first.figures.first(), other.figures.first());
            let places = (a.map_or_else(String::new, |f| cite(f)), b.map_or_else(String::new, |f| cite(f)));
            findings.push(
                Finding::new(
                    FAMILY,
                    verdict,
                    &ids,
                    tell(&places, &gap, &first.unit, verdict, first.about || other.about),
                )
                .numbers(
                    format!("{} = {}", first.formula, other.formula),
                    first.value,
                    other.value,
                    first.unit.to_string(),
                )
                .money((first.unit.is_money() && verdict != Verdict::Holds).then_some(gap)),
            );
        }
        Some(findings)
    });
    evaluator.done(found)
}

fn sign(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => "=",
        Verdict::Info => "≈",
        _ => "≠",
    }
}

fn tell(places: &(String, String), gap: &Exact, unit: &Unit, verdict: Verdict, about: bool) -> String {
    let (a, b) = places;
    let gap = difference(gap, unit);
    match verdict {
        Verdict::Info if about => format!("{a}，{b}，相差{gap}；其中有约数，不作矛盾，宜引用同一确数。"),
        Verdict::Probable if about => {
            format!("{a}，而{b}，虽有约数，相差{gap}，已超出一般所说的“约”，请核实后统一。")
        }
        Verdict::Holds => format!("{a}与{b}一致。"),
        Verdict::Info => format!("{a}，{b}，相差{gap}，在印刷精度之内，不作矛盾，建议统一写法。"),
        Verdict::Ambiguous => format!("{a}，{b}，相差{gap}；两处未必指同一时点，请说明。"),
        _ => format!("{a}，而{b}，同一事项前后不一，相差{gap}，请核实后统一。"),
    }
}

/// The same metric, time and nature with different values; two dates of one event.
pub(super) fn found(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for figures in context.by_metric.values().filter(|f| f.len() > 1) {
        let mut groups: BTreeMap<(Nature, &str), Vec<&Figure>> = BTreeMap::new();
        for figure in figures {
            if matches!(figure.nature, Nature::Id | Nature::Idiom | Nature::Ordinal)
                || figure.time_type == "recurring" && figure.nature == Nature::Date
            {
                continue;
            }
            groups.entry((figure.nature, time_key(figure))).or_default().push(figure);
        }
        for group in groups.values().filter(|g| g.len() > 1) {
            findings.extend(within(context, group));
        }
        findings.extend(undated(context, &groups));
        findings.extend(other_period(&groups));
    }
    findings
}

/// The time that a figure speaks of. A stock of 2020, of 2020-12 and of 2020-12-31 is that of the year's
/// end; money and persons served in December are not those of the year. The time of a date is the date.
fn time_key(figure: &Figure) -> &str {
    if figure.nature == Nature::Date {
        return "";
    }
    let unit = figure.base_unit();
    let stock =
        (unit.is_count() || unit.is_share() || unit.is_area()) && !matches!(unit.of(), "人次" | "对" | "次");
    let at_end = |m: &Moment| m.last.month() == 12 && m.last.day() == 31;
    let ends = ["", "-12", "-12-31"];
    match &figure.time {
        TimeRef::At(m)
            if stock && at_end(m) && figure.time_ref.get(4..).is_some_and(|r| ends.contains(&r)) =>
        {
            figure.time_ref.get(..4).unwrap_or_default()
        }
        _ => figure.time_ref.as_str(),
    }
}

/// The values of one group: each that differs from the first, or one row that all agree.
fn within(context: &Context<'_>, group: &[&Figure]) -> Vec<Finding> {
    let Some((first, rest)) = group.split_first() else { return Vec::new() };
    let mut findings: Vec<Finding> = Vec::new();
    let mut told = Told::default();
    told.agrees_or_add(first);
    for figure in rest {
        // 426家，比2015年的310家增加116家: whatever the ledger says of its time, it is another one
        if context.compared(figure) && context.one_sentence(first, figure) {
            continue;
        }
        if !told.agrees_or_add(figure) {
            findings.extend(pair(context, first, figure, None));
        }
    }
    if findings.is_empty() {
        let ids: Vec<&str> = group.iter().map(|f| f.id.as_str()).collect();
        let lines: Vec<String> = group.iter().map(|f| format!("第{}行", f.line)).collect();
        let sentence = format!("{}在{}均为{}，前后一致。", subject(first), lines.join("、"), first.printed());
        let formula = vec![first.printed(); group.len()].join(" = ");
        let mut finding = Finding::new(FAMILY, Verdict::Holds, &ids, sentence).formula(formula);
        if let Some(value) = first.base() {
            finding.stated = Some(value);
            finding.computed = Some(value);
            finding.unit = first.base_unit().to_string();
        }
        findings.push(finding);
    }
    findings
}

/// The values of a group that were told already, so that a long group needs no comparison of all pairs.
#[derive(Default)]
struct Told<'a> {
    numbers: HashSet<(&'a str, Exact, Option<Exact>)>,
    /// First and last days of dates; they don't overlap.
    days: BTreeMap<NaiveDate, NaiveDate>,
    dates: Vec<&'a Figure>,
    other_dates: Vec<&'a Figure>,
}

impl<'a> Told<'a> {
    /// Whether a figure agrees with one of those told; it is one of them from now on where it doesn't.
    fn agrees_or_add(&mut self, figure: &'a Figure) -> bool {
        if figure.nature != Nature::Date {
            // what has no value agrees with nothing
            return figure
                .base()
                .filter(|_| figure.span().is_some())
                .is_some_and(|base| !self.numbers.insert((figure.kind(), base, figure.base_hi())));
        }
        let holds = |t: &&Figure| agree(t, figure) == Some(Verdict::Holds);
        let Some(moment) = as_moment(figure) else {
            let known = self.other_dates.iter().any(holds) || self.dates.iter().any(holds);
            if !known {
                self.other_dates.push(figure);
            }
            return known;
        };
        let meets =
            self.days.range(..=moment.last).next_back().is_some_and(|(_, last)| *last >= moment.first);
        let known = meets || self.other_dates.iter().any(holds);
        if !known {
            self.days.insert(moment.first, moment.last);
            self.dates.push(figure);
        }
        known
    }
}

fn as_moment(figure: &Figure) -> Option<Moment> {
    match figure.value_hi {
        None => Moment::parse(&figure.value.to_string()),
        Some(_) => None,
    }
}

/// How two figures of one thing agree; `None` where they can't be compared.
fn agree(a: &Figure, b: &Figure) -> Option<Verdict> {
    if a.nature == Nature::Date {
        if let (Some(x), Some(y)) = (as_moment(a), as_moment(b)) {
            let meet = x.first <= y.last && y.first <= x.last;
            return Some(if meet { Verdict::Holds } else { Verdict::Contradiction });
        }
        if a.number().is_none() || b.number().is_none() {
            let same = a.value == b.value;
            return Some(if same { Verdict::Holds } else { Verdict::Contradiction });
        }
    }
    if !a.base_unit().adds_to(b.base_unit()) {
        return None;
    }
    if a.base() == b.base() && a.base_hi() == b.base_hi() {
        return Some(Verdict::Holds);
    }
    let (x, y) = (of_figure(a)?, of_figure(b)?);
    Some(if a.value_hi.is_some() && b.value_hi.is_some() {
        Verdict::Contradiction
    } else if x.about || y.about {
        if x.span.meets(&y.span) { Verdict::Info } else { Verdict::Probable }
    } else if rounded_alike(a, b) && x.span.meets(&y.span) {
        Verdict::Info
    } else {
        Verdict::Contradiction
    })
}

/// Whether one number can be printed both ways. Of two that are printed to the same place it can't: no
/// number is 4.5万 as well as 4.6万; and what lies on the edge is rounded up.
fn rounded_alike(a: &Figure, b: &Figure) -> bool {
    if a.bound != Bound::Exact || b.bound != Bound::Exact {
        return true;
    }
    let (Some(x), Some(y)) = (a.base(), b.base()) else { return false };
    let (fine, coarse) = (a.half_place().min(b.half_place()), a.half_place().max(b.half_place()));
    if fine == coarse {
        return false;
    }
    let (exact, round) = if a.half_place() == fine { (x, y) } else { (y, x) };
    // the finer print is itself a span: they share a number where these overlap by more than an edge
    exact
        .checked_add(&fine)
        .zip(round.checked_sub(&coarse))
        .is_some_and(|(top, low)| if fine.is_zero() { top >= low } else { top > low })
        && exact.checked_sub(&fine).zip(round.checked_add(&coarse)).is_some_and(|(low, top)| low < top)
}

fn pair(context: &Context<'_>, a: &Figure, b: &Figure, verdict: Option<Verdict>) -> Option<Finding> {
    let ids = [a.id.as_str(), b.id.as_str()];
    let Some(found) = agree(a, b) else {
        let sentence = format!(
            "{}与{}说的是同一指标，但单位不能相比（{}，{}），请核实。",
            cite(a),
            cite(b),
            a.unit,
            b.unit
        );
        return Some(Finding::new(FAMILY, Verdict::Ambiguous, &ids, sentence));
    };
    let verdict = if found == Verdict::Contradiction { verdict.unwrap_or(found) } else { found };
    if found == Verdict::Holds {
        return None;
    }
    let formula = format!("{} {} {}", a.printed(), sign(verdict), b.printed());
    let numbers = if a.nature == Nature::Date { None } else { a.base().zip(b.base()) };
    let Some((x, y)) = numbers else {
        let sentence = format!(
            "{}，而{}，同一事项（{}）的时间前后不一（{}，{}），请核实后统一。",
            cite(a),
            cite(b),
            subject(a),
            a.value,
            b.value
        );
        return Some(Finding::new(FAMILY, verdict, &ids, sentence).formula(formula));
    };
    let gap = y.checked_sub(&x)?;
    let unit = a.base_unit();
    // 2000余 is no rounding either
    let loose =
        |f: &Figure| f.approximate() || (f.bound == Bound::AtLeast && f.phrase.contains(['余', '多']));
    let about = loose(a) || loose(b);
    let sentence = tell(&(cite(a), cite(b)), &gap, unit, verdict, about);
    Some(
        Finding::new(FAMILY, verdict, &ids, sentence)
            .numbers(formula, x, y, unit.to_string())
            .money(money(context, a, &gap)),
    )
}

/// Yuan involved: the gap itself, or the gap of a unit cost times its number.
fn money(context: &Context<'_>, figure: &Figure, gap: &Exact) -> Option<Exact> {
    let unit = figure.base_unit();
    if unit.is_money() {
        return Some(*gap);
    }
    let of = ["_unit_cost", "_cost_each"].iter().find_map(|s| figure.metric.strip_suffix(s))?;
    let plural = format!("{of}s");
    let counts = [of, plural.as_str()];
    let count = counts.iter().find_map(|m| context.metric(m).iter().find(|f| f.base_unit().is_count()))?;
    unit.is_money_rate().then(|| gap.checked_mul(&count.base()?)).flatten()
}

/// One is dated and the other not: they may speak of different days.
fn undated(context: &Context<'_>, groups: &BTreeMap<(Nature, &str), Vec<&Figure>>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let all: Vec<&Figure> = groups.values().flatten().copied().filter(|f| f.nature != Nature::Date).collect();
    // How figures agree depends on nothing else, so each such value is compared once.
    let value = |f: &Figure| (f.nature, f.kind().to_owned(), f.base(), f.base_hi(), f.span());
    let mut seen = HashSet::new();
    let dated: Vec<&Figure> =
        all.iter().copied().filter(|f| matches!(f.time, TimeRef::At(_)) && seen.insert(value(f))).collect();
    let mut known = HashMap::new();
    for loose in all.iter().filter(|f| f.time == TimeRef::Undated && !context.compared(f)) {
        let dated = *known.entry(value(loose)).or_insert_with(|| {
            dated.iter().copied().find(|d| {
                d.nature == loose.nature
                    && agree(loose, d) == Some(Verdict::Contradiction)
                    && !context.compared(d)
            })
        });
        if let (Some(d), Some((x, y))) = (dated, dated.and_then(|d| loose.base().zip(d.base())))
            && let Some(gap) = y.checked_sub(&x)
        {
            let unit = loose.base_unit();
            let sentence = tell(&(cite(loose), cite(d)), &gap, unit, Verdict::Ambiguous, false);
            findings.push(
                Finding::new(FAMILY, Verdict::Ambiguous, &[&loose.id, &d.id], sentence)
                    .numbers(format!("{} ≠ {}", loose.printed(), d.printed()), x, y, unit.to_string())
                    .money(unit.is_money().then_some(gap)),
            );
        }
    }
    findings
}

/// One project with two periods: the same planned thing, other years.
fn other_period(groups: &BTreeMap<(Nature, &str), Vec<&Figure>>) -> Vec<Finding> {
    let plans: Vec<&Figure> = groups
        .iter()
        .filter(|((n, _), _)| *n == Nature::Plan)
        .filter_map(|(_, g)| g.first().copied())
        .collect();
    let Some((first, rest)) = plans.split_first() else { return Vec::new() };
    let mut findings = Vec::new();
    for other in rest
        .iter()
        .filter(|o| matches!(o.time, TimeRef::During(_)) && matches!(first.time, TimeRef::During(_)))
    {
        if agree(first, other) == Some(Verdict::Contradiction)
            && let Some((x, y)) = first.base().zip(other.base())
            && let Some(gap) = y.checked_sub(&x)
        {
            let unit = first.base_unit();
            let sentence = format!(
                "{}（{}），而{}（{}），同一事项数值与期间均不一，相差{}，请核实后统一。",
                cite(first),
                first.time_ref,
                cite(other),
                other.time_ref,
                difference(&gap, unit)
            );
            findings.push(
                Finding::new(FAMILY, Verdict::Probable, &[&first.id, &other.id], sentence)
                    .numbers(format!("{} ≠ {}", first.printed(), other.printed()), x, y, unit.to_string())
                    .money(unit.is_money().then_some(gap)),
            );
        }
    }
    findings
}
