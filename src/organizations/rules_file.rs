//! The file of rules as it is written, and what may be wrong in it.

use chrono::NaiveDate;
use serde::Deserialize;

use super::kinds::{Conclusion, Kind};
use super::rules::{Action, Rule};
use crate::error::Problem;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(default)]
    pub(super) set: Vec<RawSet>,
    #[serde(default)]
    pub(super) rule: Vec<RawRule>,
    #[serde(default)]
    pub(super) notice: Vec<RawNotice>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSet {
    pub(super) id: String,
    #[serde(default)]
    pub(super) label: String,
    #[serde(default)]
    pub(super) place: String,
    #[serde(default)]
    pub(super) source: String,
    #[serde(default = "six")]
    pub(super) exempt_months: u32,
}

/// The same file with its tables unread, so that each can be read by itself.
#[derive(Deserialize)]
struct Loose {
    #[serde(default)]
    set: Vec<toml::Spanned<toml::Table>>,
    #[serde(default)]
    rule: Vec<toml::Spanned<toml::Table>>,
    #[serde(default)]
    notice: Vec<toml::Spanned<toml::Table>>,
}

/// Every table of a file that is not as it should be: the first mistake with its line, the others with that of their
/// table.
pub(super) fn mistakes(text: &str, first: &toml::de::Error, file: &str) -> Vec<Problem> {
    let line = |at: usize| text.get(..at.min(text.len())).map_or(1, |t| t.matches('\n').count() + 1);
    let told = |message: &str, row: Option<usize>| {
        let mut problem = Problem::new(message.to_owned()).file(file);
        problem.row = row;
        problem.expected("the keys of data/inspection/rules.toml")
    };
    let mut problems = vec![told(first.message(), first.span().map(|s| line(s.start)))];
    let Ok(loose) = toml::from_str::<Loose>(text) else { return problems };
    let mut add = |table: &toml::Spanned<toml::Table>, found: Option<String>| {
        let message = found.filter(|m| m != first.message());
        if let Some(message) = message {
            problems.push(told(&message, Some(line(table.span().start))));
        }
    };
    fn read<T: serde::de::DeserializeOwned>(table: &toml::Table) -> Option<String> {
        let own = toml::to_string(table).ok()?;
        toml::from_str::<T>(&own).err().map(|e| e.message().to_owned())
    }
    loose.set.iter().for_each(|t| add(t, read::<RawSet>(t.get_ref())));
    loose.rule.iter().for_each(|t| add(t, read::<RawRule>(t.get_ref())));
    loose.notice.iter().for_each(|t| add(t, read::<RawNotice>(t.get_ref())));
    problems.sort_by_key(|p| p.row);
    problems
}

fn six() -> u32 {
    6
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRule {
    pub(super) id: toml::Spanned<String>,
    pub(super) set: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) action: String,
    pub(super) consecutive: Option<u32>,
    pub(super) years: Option<u32>,
    pub(super) within: Option<u32>,
    #[serde(default)]
    pub(super) counts: Vec<String>,
    #[serde(default)]
    pub(super) absent: String,
    pub(super) valid_from: Option<String>,
    pub(super) valid_to: Option<String>,
    pub(super) article: String,
    #[serde(default)]
    pub(super) quote: String,
    #[serde(default)]
    pub(super) confidence: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawNotice {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) valid_from: Option<String>,
    pub(super) text: String,
    #[serde(default)]
    #[allow(dead_code, reason = "for the reader of the file")]
    pub(super) confidence: String,
}

pub(super) fn kind(word: &str, id: &str, file: &str, problems: &mut Vec<Problem>) -> Option<Kind> {
    let found = Kind::ALL.into_iter().find(|k| k.name() == word && *k != Kind::Unknown);
    if found.is_none() {
        problems.push(
            Problem::new(format!("unknown type in {id}"))
                .file(file)
                .column("type")
                .value(word)
                .expected("association, service_organization or foundation"),
        );
    }
    found
}

pub(super) fn day(
    text: Option<&str>,
    key: &str,
    id: &str,
    file: &str,
    problems: &mut Vec<Problem>,
) -> Option<NaiveDate> {
    let text = text?;
    let found = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    if found.is_none() {
        problems.push(
            Problem::new(format!("no such day in {id}"))
                .file(file)
                .column(key)
                .value(text)
                .expected("a date as 2026-01-01"),
        );
    }
    found
}

impl RawRule {
    pub(super) fn check(&self, file: &str) -> std::result::Result<Rule, Vec<Problem>> {
        let mut problems = Vec::new();
        let id = self.id.get_ref();
        let at = |message: &str, column: &str| {
            Problem::new(format!("{message} in {id}")).file(file).column(column)
        };
        let kind = kind(&self.kind, id, file, &mut problems);
        let action = match self.action.as_str() {
            "rectify" => Some(Action::Rectify),
            "revoke" => Some(Action::Revoke),
            other => {
                problems.push(at("unknown action", "action").value(other).expected("rectify or revoke"));
                None
            }
        };
        let years = match (self.consecutive, self.years, self.within) {
            (Some(n @ 1..=50), None, None) => Some((n, None)),
            (None, Some(n @ 1..=50), Some(w)) if n <= w && w <= 50 => Some((n, Some(w))),
            _ => {
                problems.push(
                    at("no term", "consecutive")
                        .expected("consecutive = 1 to 50, or years = n with within = n or more"),
                );
                None
            }
        };
        let mut counts = Vec::new();
        for word in &self.counts {
            match Conclusion::ALL.into_iter().find(|c| c.name() == word) {
                Some(c @ (Conclusion::Unqualified | Conclusion::BasicallyQualified)) => counts.push(c),
                // Whether absence counts is asked of the question, not of the rule.
                Some(Conclusion::Absent) => {}
                _ => problems.push(
                    at("a conclusion that can't count", "counts")
                        .value(word)
                        .expected("unqualified, basically_qualified"),
                ),
            }
        }
        if counts.is_empty() {
            problems.push(at("no conclusion counts", "counts").expected("unqualified"));
        }
        if !matches!(self.absent.as_str(), "" | "separate") {
            problems.push(
                at("unknown treatment of absence", "absent")
                    .value(&self.absent)
                    .expected("separate, or nothing"),
            );
        }
        let from = day(self.valid_from.as_deref(), "valid_from", id, file, &mut problems);
        let to = day(self.valid_to.as_deref(), "valid_to", id, file, &mut problems);
        if let (Some(from), Some(to)) = (from, to)
            && from > to
        {
            problems.push(at("ends before it begins", "valid_to").value(to));
        }
        match (kind, action, years) {
            (Some(kind), Some(action), Some((years, within))) if problems.is_empty() => Ok(Rule {
                id: id.clone(),
                kind,
                action,
                years,
                within,
                counts,
                absent_separate: self.absent == "separate",
                valid_from: from,
                valid_to: to,
                article: self.article.clone(),
                quote: self.quote.clone(),
                confidence: self.confidence.clone(),
            }),
            _ => Err(problems),
        }
    }
}
