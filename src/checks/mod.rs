//! Checks: relations between figures, tables and rules; one file a family.
//!
//! [`check`] takes the ledger of a plan, what its case declares and the rules at hand, and returns
//! one [`Finding`] for each relation that was looked at: what is declared in checks.toml, and what
//! the engine finds by itself. Everything is decided in exact rationals, with the printed
//! precision of each figure as its tolerance.

mod classes;
mod context;
mod declared;
mod finding;
mod lines;
mod passage;
mod phrase;
mod term;

mod by_date;
mod completeness;
mod coverage;
mod done_planned;
mod each;
mod form;
mod growth;
mod headings;
mod over_items;
mod parts;
mod period;
mod product;
mod rate;
mod same;
mod share;
mod statistics;
mod sum;
mod unit_cost;
mod words;
mod yearly_growth;

pub use declared::{Claim, Declared, Quote, Term, parse_declared};
pub use finding::{Finding, Verdict, findings_table, noted_table};
pub use statistics::{check_cumulative, check_equal, check_table};

use context::Context;

use crate::error::{Error, Problem, Result};
use crate::figures::Ledger;
use crate::rules::Rulebook;

/// What is known of the plan besides its ledger.
#[derive(Debug, Clone, Copy, Default)]
pub struct Plan<'a> {
    /// Its text, line by line; quotes are then held against it, and its form is checked.
    pub text: Option<&'a str>,
    /// GB/T 2260 code of the place, for rules by place.
    pub place: &'a str,
}

/// Every finding, in the order of verdict, then of the money involved, then of the plan's lines.
///
/// Errors: `Error::Case` with every relation that cites an unknown figure, adds what cannot be
/// added (元 and 人), or rests on a quote that is not in the plan.
pub fn check(
    ledger: &Ledger,
    declared: &[Declared],
    rules: &Rulebook,
    plan: Plan<'_>,
) -> Result<Vec<Finding>> {
    let context = Context::new(ledger, rules, plan);
    let mut problems = context.misquoted();
    let mut findings = Vec::new();
    for one in declared {
        match one_declared(&context, one) {
            Ok(found) => findings.extend(found),
            Err(told) => problems.extend(told),
        }
    }
    if !problems.is_empty() {
        return Err(Error::Case(problems));
    }
    let claimed: Vec<&Declared> = declared.iter().collect();
    findings.extend(same::found(&context));
    findings.extend(sum::found(&context, &claimed));
    findings.extend(product::found(&context, &claimed));
    let multiplied =
        findings.iter().filter(|f| f.family == "product").flat_map(|f| f.figures.iter().cloned());
    let multiplied = multiplied.collect();
    findings.extend(each::found(&context, &multiplied));
    findings.extend(growth::found(&context));
    findings.extend(coverage::found(&context, &claimed));
    findings.extend(period::found(&context, &claimed));
    findings.extend(share::found(&context, &claimed));
    findings.extend(done_planned::found(&context, &claimed));
    findings.extend(unit_cost::found(&context));
    let sums = completeness::Sums::of(&findings);
    findings.extend(completeness::found(&context, &claimed, &sums));
    findings.extend(by_date::found(&context));
    findings.extend(form::found(&context));
    finding::sort(&mut findings, |id| ledger.get(id).map_or(u32::MAX, |f| f.line));
    Ok(findings)
}

fn one_declared(context: &Context<'_>, one: &Declared) -> std::result::Result<Vec<Finding>, Vec<Problem>> {
    let mut problems = Vec::new();
    for quote in &one.quotes {
        problems.extend(context.quote_problem(quote, one));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let found = match &one.claim {
        Claim::Sum { total, parts, partial } => sum::declared(context, one, total, parts, *partial),
        Claim::Product { total, factors } => product::declared(context, one, total, factors),
        Claim::Same { figures } => same::declared(context, one, figures),
        Claim::Coverage { share, base, planned } => coverage::declared(context, one, share, base, planned),
        Claim::Denominator { share, base, added, planned } => {
            coverage::declared_denominator(context, one, share, base, added, planned)
        }
        Claim::Period { money, start, end } => period::declared(context, one, money, start, end),
        Claim::Share { count, share, base } => share::declared(context, one, count, share, base.as_ref()),
        Claim::DonePlanned { actual, plan } => done_planned::declared(context, one, actual, plan),
        Claim::UnitCost { kind, items } => unit_cost::declared(context, one, kind, items),
        Claim::Words { figures, verdict, sentence } => {
            words::declared(context, one, figures, *verdict, sentence)
        }
    }?;
    Ok(found
        .into_iter()
        .map(|mut f| {
            if !one.note.is_empty() {
                f.sentence.push_str(&one.note);
            }
            f.named(&one.id)
        })
        .collect())
}
