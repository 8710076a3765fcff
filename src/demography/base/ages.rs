//! Age groups and their labels: `0`, `1-4`, `85+`, `60岁及以上`.

use crate::error::{Error, Problem, Result};

/// Single years of age 0…100, the last open.
pub const AGES: usize = 101;

/// Ages from `from` up to, and without, `to`; `to` is `AGES` for an open group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgeGroup {
    pub from: usize,
    pub to: usize,
}

impl AgeGroup {
    /// Reads `0`, `1-4`, `15–59`, `85+`, `60岁及以上`, `65 and over`.
    ///
    /// # Errors
    /// `Error::Data` where it is no age group or does not lie within 0…100+.
    pub fn parse(label: &str) -> Result<Self> {
        let fail = || {
            Error::data(
                Problem::new("not an age group")
                    .value(label)
                    .expected("ages from 0 to 100 such as \"80+\", \"0-14\", \"15-59\" or \"0\""),
            )
        };
        let text: String = label.trim().replace("岁", "").chars().filter(|c| !c.is_whitespace()).collect();
        let number = |t: &str| -> Result<usize> {
            if t.is_empty() || t.len() > 3 || !t.bytes().all(|b| b.is_ascii_digit()) {
                return Err(fail());
            }
            t.parse().map_err(|_| fail())
        };
        for open in ["+", "及以上", "以上", "andover"] {
            if let Some(from) = text.strip_suffix(open) {
                let from = number(from)?;
                return if from < AGES { Ok(Self { from, to: AGES }) } else { Err(fail()) };
            }
        }
        if let Some(at) = text.find(['-', '–', '—', '~', '～', '至']) {
            let (a, b) = text.split_at(at);
            let b = b.trim_start_matches(['-', '–', '—', '~', '～', '至']);
            let (from, last) = (number(a)?, number(b)?);
            return if from <= last && last < AGES - 1 {
                Ok(Self { from, to: last + 1 })
            } else {
                Err(fail())
            };
        }
        let age = number(&text)?;
        if age < AGES { Ok(Self { from: age, to: age + 1 }) } else { Err(fail()) }
    }

    pub fn is_open(self) -> bool {
        self.to == AGES
    }

    /// The label in the project's style.
    pub fn label(self) -> String {
        match self {
            Self { from, to } if to == AGES => format!("{from}+"),
            Self { from, to } if to == from + 1 => from.to_string(),
            Self { from, to } => format!("{from}-{}", to - 1),
        }
    }
}

/// Reads the labels of a table and checks that they run from 0 without gaps to an open group.
///
/// # Errors
/// `Error::Data` with every label that is wrong.
pub fn contiguous(labels: &[String]) -> Result<Vec<AgeGroup>> {
    let mut problems = Vec::new();
    let mut groups = Vec::new();
    let last = labels.len().saturating_sub(1);
    for (i, label) in labels.iter().enumerate() {
        match AgeGroup::parse(label) {
            // A single last age such as 100 is the open group of a single-year table.
            Ok(g) if i == last && i > 0 => groups.push(AgeGroup { from: g.from, to: AGES }),
            Ok(g) => groups.push(g),
            Err(e) => problems.extend(e.problems().iter().cloned().map(|p| p.row(i + 1).column("age"))),
        }
    }
    if problems.is_empty() {
        let mut next = 0;
        for (i, g) in groups.iter().enumerate() {
            if g.from != next || (g.is_open() && i != last) {
                problems.push(
                    Problem::new(if g.is_open() && i != last {
                        "the open group is not the last"
                    } else {
                        "age groups leave a gap or overlap"
                    })
                    .row(i + 1)
                    .column("age")
                    .value(&labels[i])
                    .expected(format!("a group that starts at age {next}")),
                );
                break;
            }
            next = g.to;
        }
        if groups.len() < 2 {
            problems.push(
                Problem::new("too few age groups")
                    .value(groups.len())
                    .expected("ages from 0 to an open group"),
            );
        }
    }
    if problems.is_empty() { Ok(groups) } else { Err(Error::Data(problems)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_every_style() {
        for (label, from, to) in [
            ("0", 0, 1),
            ("1-4", 1, 5),
            ("85+", 85, AGES),
            ("60岁及以上", 60, AGES),
            ("15—59岁", 15, 60),
            ("100+", 100, AGES),
        ] {
            assert_eq!(AgeGroup::parse(label).unwrap(), AgeGroup { from, to }, "{label}");
        }
        for label in ["", "60-", "14-0", "101+", "0-120", "x"] {
            assert!(AgeGroup::parse(label).is_err(), "{label}");
        }
    }

    #[test]
    fn gaps_and_a_group_that_is_open_too_early_are_named() {
        let l = |v: &[&str]| v.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        assert!(contiguous(&l(&["0", "1-4", "5-9", "10+"])).is_ok());
        let gap = contiguous(&l(&["0", "5-9", "10+"])).unwrap_err();
        assert!(gap.to_string().contains("row 2"), "{gap}");
        let open = contiguous(&l(&["0-4", "5+", "10+"])).unwrap_err();
        assert!(open.to_string().contains("not the last"), "{open}");
    }
}
