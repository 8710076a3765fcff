//! What one person may draw at once: the shipped programs and exclusions, asked pair by pair.

use std::collections::BTreeMap;

use super::national::rows;
use crate::error::{Error, Problem, Result};

const PROGRAMS: &str = "standards/programs.csv";
const EXCLUSIONS: &str = "standards/program_exclusions.csv";

/// How the persons of two programs stand to each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Relation {
    /// One is a part of the other: all its persons are in it, and it is not counted again.
    Part,
    /// Nobody draws both, and by which rule.
    Never(String),
    /// One person may draw both.
    May,
    /// Nothing is said, which is not the same as never.
    Unsaid,
}

#[derive(Debug, Clone, Default)]
struct Entry {
    by_case: bool,
    ages: Option<(u32, u32)>,
    part_of: Option<String>,
    also_in: Vec<String>,
}

/// `programs.csv` and `program_exclusions.csv`, with what a scenario adds of its own.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    entries: BTreeMap<String, Entry>,
    never: Vec<(String, String, String)>,
}

impl Catalogue {
    /// The tables that the library carries.
    ///
    /// ```
    /// use minsuan::relief::{Catalogue, Relation};
    /// let programs = Catalogue::shipped()?;
    /// assert_eq!(programs.relation("urban_dibao", "old_age_allowance"), Relation::May);
    /// assert!(matches!(programs.relation("rural_tekun_home", "rural_dibao"), Relation::Never(_)));
    /// assert_eq!(programs.relation("rural_tekun_home", "rural_tekun"), Relation::Part);
    /// # Ok::<(), minsuan::error::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Model` where a table that the library carries cannot be read.
    pub fn shipped() -> Result<Self> {
        let mut entries = BTreeMap::new();
        for (i, row) in rows(PROGRAMS)?.into_iter().enumerate() {
            let [program, _, _, counts, _, ages, _, part_of, also_in, _, _] =
                <[String; 11]>::try_from(row).map_err(|_| unreadable(PROGRAMS, i + 2))?;
            let entry = Entry {
                by_case: counts == "cases",
                ages: span(&ages),
                part_of: Some(part_of).filter(|p| !p.is_empty()),
                also_in: also_in.split_whitespace().map(str::to_owned).collect(),
            };
            entries.insert(program, entry);
        }
        let never = rows(EXCLUSIONS)?.into_iter().enumerate().map(|(i, row)| {
            let [a, b, basis] = <[String; 3]>::try_from(row).map_err(|_| unreadable(EXCLUSIONS, i + 2))?;
            Ok((a, b, basis))
        });
        let never = never.collect::<Result<_>>()?;
        Ok(Self { entries, never })
    }

    /// Makes a program a part of another, as a scenario says it of its own.
    pub fn part(&mut self, program: &str, whole: &str) {
        self.entries.entry(program.to_owned()).or_default().part_of = Some(whole.to_owned());
    }

    /// Names of every program and of every one that an exclusion is about.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let excluded = self.never.iter().flat_map(|(a, b, _)| [a.as_str(), b.as_str()]);
        self.entries.keys().map(String::as_str).chain(excluded)
    }

    /// What a program is a part of, the nearest first.
    pub fn wholes<'c>(&'c self, program: &'c str) -> Vec<&'c str> {
        let mut found = Vec::new();
        let mut at = program;
        while let Some(whole) = self.entries.get(at).and_then(|e| e.part_of.as_deref()) {
            // a circle in a scenario's own words ends here
            if whole == program || found.contains(&whole) {
                break;
            }
            found.push(whole);
            at = whole;
        }
        found
    }

    /// Whether a program's numbers are cases and not persons.
    pub fn by_case(&self, program: &str) -> bool {
        self.entries.get(program).is_some_and(|e| e.by_case)
    }

    /// How two programs stand to each other; a part stands as its whole does.
    pub fn relation(&self, a: &str, b: &str) -> Relation {
        let with_wholes = |p| -> Vec<&str> { std::iter::once(p).chain(self.wholes(p)).collect() };
        let (above_a, above_b) = (with_wholes(a), with_wholes(b));
        if above_a.contains(&b) || above_b.contains(&a) {
            return Relation::Part;
        }
        let pairs = || above_a.iter().flat_map(|x| above_b.iter().map(move |y| (*x, *y)));
        for (x, y) in pairs() {
            let same = |p: &str, q: &str| (p == x && q == y) || (p == y && q == x);
            if let Some((_, _, basis)) = self.never.iter().find(|(p, q, _)| same(p, q)) {
                return Relation::Never(basis.clone());
            }
            let ages = |p: &str| self.entries.get(p).and_then(|e| e.ages);
            if let (Some((low_x, high_x)), Some((low_y, high_y))) = (ages(x), ages(y))
                && (high_x < low_y || high_y < low_x)
            {
                return Relation::Never("年龄条件不相交".to_owned());
            }
        }
        let also = |p: &str, q: &str| self.entries.get(p).is_some_and(|e| e.also_in.iter().any(|n| n == q));
        if pairs().any(|(x, y)| also(x, y) || also(y, x)) { Relation::May } else { Relation::Unsaid }
    }
}

/// `0-17`, `60+`, `80+ (local: 90+)`: first and last age.
fn span(text: &str) -> Option<(u32, u32)> {
    let text = text.split_whitespace().next()?;
    if let Some(low) = text.strip_suffix('+') {
        return Some((low.parse().ok()?, u32::MAX));
    }
    let (low, high) = text.split_once('-')?;
    Some((low.parse().ok()?, high.parse().ok()?))
}

fn unreadable(file: &str, row: usize) -> Error {
    Error::model(Problem::new("a table of the library cannot be read").file(file).row(row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_in_the_tables_is_a_program_and_no_pair_is_said_both_ways() {
        let c = Catalogue::shipped().unwrap();
        for name in c.names() {
            assert!(c.entries.contains_key(name), "{name}");
        }
        for (name, e) in &c.entries {
            for other in e.also_in.iter().chain(&e.part_of) {
                assert!(c.entries.contains_key(other), "{name}: {other}");
            }
            for other in &e.also_in {
                assert_eq!(c.relation(name, other), Relation::May, "{name} {other}");
                assert_eq!(c.relation(other, name), Relation::May, "{name} {other}");
            }
        }
    }

    #[test]
    fn ages_and_wholes_decide_for_parts() {
        let c = Catalogue::shipped().unwrap();
        // children are no elders
        assert!(matches!(c.relation("orphans_home", "old_age_allowance_100"), Relation::Never(_)));
        assert!(matches!(c.relation("old_age_allowance_90_99", "old_age_allowance_100"), Relation::Never(_)));
        // the part of a program that is counted by case
        assert_eq!(c.relation("temporary_relief_persons", "rural_dibao"), Relation::May);
        assert_eq!(c.relation("old_age_allowance", "disability_care_subsidy"), Relation::Unsaid);
        assert_eq!(c.relation("nobody", "rural_dibao"), Relation::Unsaid);
    }

    #[test]
    fn a_scenario_may_name_parts_even_in_a_circle() {
        let mut c = Catalogue::shipped().unwrap();
        c.part("children", "rural_dibao");
        assert_eq!(c.relation("children", "rural_dibao"), Relation::Part);
        assert!(matches!(c.relation("children", "urban_tekun"), Relation::Never(_)));
        c.part("x", "y");
        c.part("y", "x");
        assert_eq!(c.wholes("x"), ["y"]);
    }
}
