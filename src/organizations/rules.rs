//! Rules of the annual inspection as data: type, days in force, predicate over the history, consequence, article.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;

use super::kinds::{Conclusion, Kind};
use crate::error::{Error, Problem, Result};

/// The file that is shipped, under `data/`.
pub const SHIPPED: &str = "inspection/rules.toml";
/// The set that is used unless another is asked for: the plan's own rule.
pub const DEFAULT_SET: &str = "jishou";

/// What the rule calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// 限期整改
    Rectify,
    /// 撤销登记
    Revoke,
}

impl Action {
    pub fn name(self) -> &'static str {
        match self {
            Self::Rectify => "rectify",
            Self::Revoke => "revoke",
        }
    }
    pub fn label(self) -> &'static str {
        match self {
            Self::Rectify => "限期整改",
            Self::Revoke => "撤销登记",
        }
    }
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub id: String,
    pub kind: Kind,
    pub action: Action,
    /// Years that have to count.
    pub years: u32,
    /// Among the last so many; `None`: in a row.
    pub within: Option<u32>,
    /// Conclusions that count, absence apart.
    pub counts: Vec<Conclusion>,
    /// Absences make a row of their own.
    pub absent_separate: bool,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
    pub article: String,
    pub quote: String,
    pub confidence: String,
}

/// Something to be told about a type from a day on, where no rule is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub kind: Kind,
    pub valid_from: Option<NaiveDate>,
    pub text: String,
}

/// Rules that go together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rules {
    pub id: String,
    pub label: String,
    pub place: String,
    pub source: String,
    /// Registered less than so many months before 31 December: not inspected that year.
    pub exempt_months: u32,
    pub rules: Vec<Rule>,
    pub notices: Vec<Notice>,
}

impl Rules {
    /// A set of the shipped file.
    ///
    /// # Errors
    /// `Error::Data` naming the sets that there are.
    pub fn shipped(set: &str) -> Result<Self> {
        let text = crate::assets::text(SHIPPED)
            .ok_or_else(|| Error::data(Problem::new("the shipped rules are missing").file(SHIPPED)))?;
        Self::parse(text, Some(set), "inspection.toml")
    }

    /// The set for a place: its own, else the national one.
    ///
    /// # Errors
    /// As of `shipped`.
    pub fn for_place(code: &str) -> Result<Self> {
        let own = Self::shipped(DEFAULT_SET)?;
        if code.get(..6) == Some(own.place.as_str()) { Ok(own) } else { Self::shipped("national") }
    }

    /// A set of a rules file; without a name, the only set of the file.
    ///
    /// # Errors
    /// `Error::Case` with every mistake of the file; `Error::Data` where the set is not in it.
    pub fn parse(text: &str, set: Option<&str>, file: &str) -> Result<Self> {
        let raw: File = toml::from_str(text).map_err(|e| Error::Case(mistakes(text, &e, file)))?;
        let mut problems = Vec::new();
        let known: Vec<&str> = raw.set.iter().map(|s| s.id.as_str()).collect();
        let chosen = match set {
            Some(id) => raw.set.iter().find(|s| s.id == id),
            None if raw.set.len() == 1 => raw.set.first(),
            None => raw.set.iter().find(|s| s.id == DEFAULT_SET),
        };
        let Some(chosen) = chosen else {
            return Err(Error::data(
                Problem::new("no such set of rules")
                    .file(file)
                    .value(set.unwrap_or(""))
                    .expected(known.join(", ")),
            ));
        };
        let mut rules = Vec::new();
        let mut seen = BTreeMap::new();
        for rule in &raw.rule {
            let id = rule.id.get_ref();
            let line = text[..rule.id.span().start.min(text.len())].matches('\n').count() + 1;
            if !known.contains(&rule.set.as_str()) {
                problems.push(
                    Problem::new("rule of an unknown set")
                        .file(file)
                        .row(line)
                        .column("set")
                        .value(&rule.set)
                        .expected(known.join(", ")),
                );
            }
            if let Some(first) = seen.insert(id.clone(), line) {
                problems.push(
                    Problem::new("two rules with one id")
                        .file(file)
                        .row(line)
                        .column("id")
                        .value(id)
                        .expected(format!("an id of its own; it is that of line {first}")),
                );
            }
            match rule.check(file) {
                Ok(checked) if rule.set == chosen.id => rules.push(checked),
                Ok(_) => {}
                Err(found) => problems.extend(found.into_iter().map(|p| p.row(line))),
            }
        }
        let mut notices = Vec::new();
        for notice in &raw.notice {
            let valid_from = day(notice.valid_from.as_deref(), "valid_from", "notice", file, &mut problems);
            if let Some(kind) = kind(&notice.kind, "notice", file, &mut problems) {
                notices.push(Notice { kind, valid_from, text: notice.text.clone() });
            }
        }
        if !(0..=12).contains(&chosen.exempt_months) {
            problems.push(
                Problem::new("months out of range")
                    .file(file)
                    .column("exempt_months")
                    .value(chosen.exempt_months)
                    .expected("0 to 12"),
            );
        }
        if !problems.is_empty() {
            return Err(Error::Case(problems));
        }
        Ok(Self {
            id: chosen.id.clone(),
            label: chosen.label.clone(),
            place: chosen.place.clone(),
            source: chosen.source.clone(),
            exempt_months: chosen.exempt_months,
            rules,
            notices,
        })
    }

    /// Rules for a type that are in force on a day, the gravest first, the more years before the fewer.
    pub fn in_force(&self, kind: Kind, on: NaiveDate) -> Vec<&Rule> {
        let mut rules: Vec<&Rule> = self
            .rules
            .iter()
            .filter(|r| {
                r.kind == kind && r.valid_from.is_none_or(|d| d <= on) && r.valid_to.is_none_or(|d| on <= d)
            })
            .collect();
        rules.sort_by(|a, b| b.action.cmp(&a.action).then(b.years.cmp(&a.years)));
        rules
    }

    /// What has to be told about a type on a day.
    pub fn notices(&self, kind: Kind, on: NaiveDate) -> impl Iterator<Item = &str> {
        self.notices
            .iter()
            .filter(move |n| n.kind == kind && n.valid_from.is_none_or(|d| d <= on))
            .map(|n| n.text.as_str())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    set: Vec<RawSet>,
    #[serde(default)]
    rule: Vec<RawRule>,
    #[serde(default)]
    notice: Vec<RawNotice>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSet {
    id: String,
    #[serde(default)]
    label: String,
    #[serde(default)]
    place: String,
    #[serde(default)]
    source: String,
    #[serde(default = "six")]
    exempt_months: u32,
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
fn mistakes(text: &str, first: &toml::de::Error, file: &str) -> Vec<Problem> {
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
    problems
}

fn six() -> u32 {
    6
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    id: toml::Spanned<String>,
    set: String,
    #[serde(rename = "type")]
    kind: String,
    action: String,
    consecutive: Option<u32>,
    years: Option<u32>,
    within: Option<u32>,
    #[serde(default)]
    counts: Vec<String>,
    #[serde(default)]
    absent: String,
    valid_from: Option<String>,
    valid_to: Option<String>,
    article: String,
    #[serde(default)]
    quote: String,
    #[serde(default)]
    confidence: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawNotice {
    #[serde(rename = "type")]
    kind: String,
    valid_from: Option<String>,
    text: String,
    #[serde(default)]
    #[allow(dead_code, reason = "for the reader of the file")]
    confidence: String,
}

fn kind(word: &str, id: &str, file: &str, problems: &mut Vec<Problem>) -> Option<Kind> {
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

fn day(
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
    fn check(&self, file: &str) -> std::result::Result<Rule, Vec<Problem>> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plans_own_terms() {
        let rules = Rules::shipped("jishou").unwrap();
        let on = NaiveDate::from_ymd_opt(2023, 12, 31).unwrap();
        let first = |kind| rules.in_force(kind, on)[0].clone();
        assert_eq!((first(Kind::ServiceOrganization).years, first(Kind::Association).years), (2, 3));
        assert!(rules.in_force(Kind::Foundation, on).is_empty());
        assert_eq!(rules.notices(Kind::Association, on).count(), 0);
        assert_eq!(
            rules.notices(Kind::Association, NaiveDate::from_ymd_opt(2026, 12, 31).unwrap()).count(),
            1
        );
    }

    #[test]
    fn a_county_without_rules_of_its_own_has_the_nations() {
        assert_eq!(Rules::for_place("433101").unwrap().id, "jishou");
        assert_eq!(Rules::for_place("433101001").unwrap().id, "jishou");
        assert_eq!(Rules::for_place("430121").unwrap().id, "national");
        assert_eq!(Rules::for_place("").unwrap().id, "national");
    }

    #[test]
    fn national_rules_by_date() {
        let rules = Rules::shipped("national").unwrap();
        let on = |y| NaiveDate::from_ymd_opt(y, 12, 31).unwrap();
        assert!(rules.in_force(Kind::ServiceOrganization, on(2004)).is_empty());
        assert_eq!(rules.in_force(Kind::ServiceOrganization, on(2005)).len(), 1);
        assert!(rules.in_force(Kind::Association, on(2023)).is_empty());
    }

    #[test]
    fn every_mistake_of_a_file_is_told() {
        let text = r#"
            [[set]]
            id = "mine"
            [[rule]]
            id = "a"
            set = "mine"
            type = "club"
            action = "close"
            counts = ["qualified"]
            valid_from = "2023-02-30"
            article = "x"
        "#;
        let error = Rules::parse(text, None, "mine.toml").unwrap_err();
        assert_eq!(error.problems().len(), 6, "{error}");
        assert!(error.problems().iter().all(|p| p.row == Some(5)), "{error}");
        let text =
            "[[set]]\nid = \"a\"\nexempt_months = \"six\"\n[[rule]]\nid = \"r\"\nset = \"a\"\nkind = \"x\"\n";
        let error = Rules::parse(text, None, "mine.toml").unwrap_err();
        assert_eq!(error.problems().iter().map(|p| p.row).collect::<Vec<_>>(), [Some(3), Some(4)], "{error}");
        assert!(Rules::shipped("nowhere").unwrap_err().to_string().contains("jishou, national"));
        assert!(Rules::parse("[[set]]\nid = 1", None, "x").is_err());
    }
}
