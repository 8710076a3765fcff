//! A register in memory: organizations by code, each with its conclusions by year.

use std::collections::BTreeMap;

use super::dates;
use super::kinds::{Conclusion, Kind};
use super::problems::Problems;

/// No date written.
pub const NO_DAY: i32 = i32::MIN;

/// One organization. Days are counted from 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Organization {
    pub kind: Kind,
    /// Day of registration, or [`NO_DAY`].
    pub registered: i32,
    /// Day of voluntary deregistration (注销), or [`NO_DAY`].
    pub deregistered: i32,
    /// Day of revocation (撤销), or [`NO_DAY`].
    pub revoked: i32,
    /// Closed, on a day that is not written or can't be read.
    pub undated: bool,
    /// First and last year in which it stands by what else is known: a predecessor or successor under the same code, the
    /// last record of one that was closed on an unknown day.
    pub since: i16,
    pub until: i16,
    /// Where the name of the latest year stands among the names.
    pub(super) name: (u32, u32),
    /// First row that names it.
    pub row: u32,
    /// Its records are those from here to the next one's.
    pub(super) first: u32,
}

impl Organization {
    /// The earlier of revocation and deregistration.
    pub fn closed(&self) -> Option<i32> {
        match (self.revoked, self.deregistered) {
            (NO_DAY, NO_DAY) => None,
            (NO_DAY, d) | (d, NO_DAY) => Some(d),
            (r, d) => Some(r.min(d)),
        }
    }
    pub fn registered(&self) -> Option<i32> {
        (self.registered != NO_DAY).then_some(self.registered)
    }
    /// Whether it stands in the register at the end of a year. One without a date of registration stands from its first
    /// record on, which the caller knows.
    pub fn stands_at_end_of(&self, year: i32) -> bool {
        let end = dates::year_end(year);
        let known = (i32::from(self.since)..=i32::from(self.until)).contains(&year);
        known && self.registered().is_none_or(|d| d <= end) && self.closed().is_none_or(|d| d > end)
    }
    /// Registered less than six months before 31 December of the year, that is from 1 July on.
    pub fn late_in(&self, year: i32) -> bool {
        self.registered().is_some_and(|d| d > mid_year(year) && d <= dates::year_end(year))
    }
}

/// 30 June of a year.
pub fn mid_year(year: i32) -> i32 {
    chrono::NaiveDate::from_ymd_opt(year, 6, 30).map_or(i32::MAX, dates::days)
}

/// A change of name under one code.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Rename {
    pub code: String,
    /// Year of the record that first carries the new name; none in a register with a column a year.
    pub year: Option<i16>,
    pub from: String,
    pub to: String,
    pub row: u32,
}

/// Sex and age of a representative, derived from an identity number that is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Representative {
    pub sex: super::codes::Sex,
    /// Completed years on 31 December of the last year of the register.
    pub age: u32,
}

/// Organizations and their conclusions. Made by [`super::read`].
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct Register {
    pub(super) organizations: Vec<Organization>,
    /// The code of each, or its name after `名称:` where no usable code is written.
    pub(super) keys: Texts,
    pub(super) names: String,
    pub(super) years: Vec<i16>,
    pub(super) conclusions: Vec<u8>,
    pub(super) representatives: BTreeMap<u32, Representative>,
    pub(super) renames: Vec<Rename>,
    pub(super) problems: Problems,
    pub(super) file: Option<String>,
    /// Rows read.
    pub(super) rows: u64,
    /// First and last year with a record.
    pub(super) span: Option<(i32, i32)>,
    pub(super) ignored: Vec<String>,
    pub(super) synthetic: bool,
}

impl Register {
    pub fn organizations(&self) -> &[Organization] {
        &self.organizations
    }
    /// Number of organizations.
    pub fn len(&self) -> usize {
        self.organizations.len()
    }
    pub fn is_empty(&self) -> bool {
        self.organizations.is_empty()
    }
    /// Number of conclusions.
    pub fn records(&self) -> usize {
        self.years.len()
    }
    /// Rows of the source.
    pub fn rows(&self) -> u64 {
        self.rows
    }
    pub fn problems(&self) -> &Problems {
        &self.problems
    }
    pub fn renames(&self) -> &[Rename] {
        &self.renames
    }
    /// Headers of the source that say nothing that is used.
    pub fn ignored_columns(&self) -> &[String] {
        &self.ignored
    }
    /// First and last year with a record.
    pub fn span(&self) -> Option<(i32, i32)> {
        self.span
    }
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }
    /// Whether the register says of itself that it is synthetic.
    pub fn is_synthetic(&self) -> bool {
        self.synthetic
    }
    /// Whether the parts fit together: a register that was handed on may have been damaged.
    pub(super) fn is_whole(&self) -> bool {
        let firsts: Vec<u32> = self.organizations.iter().map(|o| o.first).collect();
        firsts.is_sorted()
            && firsts.last().is_none_or(|f| *f as usize <= self.years.len())
            && self.years.len() == self.conclusions.len()
            && self.keys.len() == self.organizations.len()
    }
    /// Code of an organization as it is known by; empty where it has none.
    pub fn code(&self, i: usize) -> &str {
        let key = self.keys.get(i);
        if key.starts_with(super::read::NAMED) { "" } else { super::identity::code_of(key) }
    }
    /// Name in its latest year.
    pub fn name(&self, i: usize) -> &str {
        let (start, end) = self.organizations.get(i).map_or((0, 0), |o| o.name);
        self.names.get(start as usize..end as usize).unwrap_or("")
    }
    /// Sex and age of the representative, where an identity number told them.
    pub fn representative(&self, i: usize) -> Option<Representative> {
        self.representatives.get(&(i as u32)).copied()
    }
    /// Where the records of an organization stand.
    pub fn range(&self, i: usize) -> std::ops::Range<usize> {
        let start = self.organizations.get(i).map_or(0, |o| o.first as usize);
        let end = self.organizations.get(i + 1).map_or(self.years.len(), |o| o.first as usize);
        start..end.max(start)
    }
    /// Years (ascending) and conclusions of an organization.
    pub fn history(&self, i: usize) -> impl DoubleEndedIterator<Item = (i32, Conclusion)> + '_ {
        self.range(i)
            .filter_map(|r| Some((i32::from(self.years[r]), Conclusion::from_index(self.conclusions[r])?)))
    }
    /// Conclusion of an organization in a year.
    pub fn conclusion(&self, i: usize, year: i32) -> Option<Conclusion> {
        let range = self.range(i);
        let at = self.years[range.clone()].binary_search(&i16::try_from(year).ok()?).ok()?;
        Conclusion::from_index(self.conclusions[range.start + at])
    }
    /// First and last year of an organization's records.
    pub fn first_last(&self, i: usize) -> Option<(i32, i32)> {
        let range = self.range(i);
        let years = self.years.get(range)?;
        Some((i32::from(*years.first()?), i32::from(*years.last()?)))
    }
    /// Whether an organization stands in the register at the end of a year: registered by then and not closed. Without a
    /// date of registration it stands from its first record on.
    pub fn stands(&self, i: usize, year: i32) -> bool {
        let Some(o) = self.organizations.get(i) else { return false };
        o.stands_at_end_of(year)
            && (o.registered != NO_DAY || self.first_last(i).is_some_and(|(first, _)| first <= year))
    }
}

/// Many texts in one string.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct Texts {
    text: String,
    ends: Vec<u32>,
}

impl Texts {
    pub fn len(&self) -> usize {
        self.ends.len()
    }
    pub fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
    }
    pub fn get(&self, i: usize) -> &str {
        let start = i.checked_sub(1).map_or(0, |i| self.ends.get(i).copied().unwrap_or(0));
        let end = self.ends.get(i).copied().unwrap_or(start);
        self.text.get(start as usize..end as usize).unwrap_or("")
    }
}
