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

/// Reads the label of an age group as tables print it: `0`, `1-4`, `15–59`, `85+`, `60岁及以上`, `0岁`, `5~9`,
/// `65 and over`; first and last age in completed years, no last one where the group is open.
pub fn read(label: &str) -> Option<(usize, Option<usize>)> {
    let half = |c: char| match c {
        '０'..='９' | '＋' | '－' | '～' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        _ => c,
    };
    let text: String = label.chars().filter(|c| !c.is_whitespace()).map(half).collect();
    let text = text.replace("周岁", "").replace('岁', "");
    let number = |t: &str| -> Option<usize> {
        if t.is_empty() || t.len() > 3 || !t.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        t.parse().ok()
    };
    for open in ["+", "及以上", "以上", "andover"] {
        if let Some(from) = text.strip_suffix(open) {
            return Some((number(from)?, None));
        }
    }
    const DASHES: [char; 6] = ['-', '–', '—', '~', '至', '−'];
    if let Some(at) = text.find(DASHES) {
        let (a, b) = text.split_at(at);
        return Some((number(a)?, Some(number(b.trim_start_matches(DASHES))?)));
    }
    let age = number(&text)?;
    Some((age, Some(age)))
}

impl AgeGroup {
    /// A group by its label, as [`read`] knows them.
    ///
    /// # Errors
    /// `Error::Data` where it is no age group or does not lie within 0…100+.
    pub fn parse(label: &str) -> Result<Self> {
        let group = match read(label) {
            Some((from, None)) if from < AGES => Some(Self { from, to: AGES }),
            // A single last age is the open group of a table of single years.
            Some((from, Some(last))) if from == last && from < AGES => Some(Self { from, to: from + 1 }),
            Some((from, Some(last))) if from <= last && last < AGES - 1 => Some(Self { from, to: last + 1 }),
            _ => None,
        };
        group.ok_or_else(|| {
            Error::data(
                Problem::new("not an age group")
                    .value(label)
                    .expected("ages from 0 to 100 such as \"80+\", \"0-14\", \"15-59\" or \"0\""),
            )
        })
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
            ("0岁", 0, 1),
            ("５～９岁", 5, 10),
            ("85岁以上", 85, AGES),
            ("10至14周岁", 10, 15),
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
