//! Rules of the annual inspection as data: type, days in force, predicate over the history, consequence, article.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::kinds::{Conclusion, Kind};
use super::rules_file::{File, day, kind, mistakes};
use crate::error::{Error, Problem, Result};

/// The file that is shipped, under `data/`.
pub const SHIPPED: &str = "inspection/rules.toml";
/// The set that is used unless another is asked for: the plan's own rule.
pub const DEFAULT_SET: &str = "jishou";

/// What the rule calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
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
    #[serde(with = "super::handed_on::day")]
    pub valid_from: Option<NaiveDate>,
    #[serde(with = "super::handed_on::day")]
    pub valid_to: Option<NaiveDate>,
    pub article: String,
    pub quote: String,
    pub confidence: String,
}

/// Something to be told about a type from a day on, where no rule is known.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Notice {
    pub kind: Kind,
    #[serde(with = "super::handed_on::day")]
    pub valid_from: Option<NaiveDate>,
    pub text: String,
}

/// Rules that go together.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
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
        assert_eq!(error.problems().iter().map(|p| p.row).collect::<Vec<_>>(), [Some(1), Some(7)], "{error}");
        assert!(Rules::shipped("nowhere").unwrap_err().to_string().contains("jishou, national"));
        assert!(Rules::parse("[[set]]\nid = 1", None, "x").is_err());
    }
}
