//! Groups of relief programs whose heads and payments are counted: each declared overlap, and all
//! programs that count persons together.

use super::model::*;
use crate::error::Result;
use crate::relief::{Catalogue, Heads, Relation};

/// The name of the group of all programs.
pub const TOTAL: &str = "total";

/// Programs counted together. Positions of programs in a set are those in `programs`, which is in the
/// order of their names, so that the order of a file changes nothing.
#[derive(Debug, Clone)]
pub struct Group {
    pub name: String,
    pub label: String,
    /// Positions in the scenario's `relief`.
    pub programs: Vec<usize>,
    /// Positions in the scenario's `overlaps` of those that lie within the group and have a number.
    pub overlaps: Vec<usize>,
    pub heads: Heads,
    /// Pairs (positions in `relief`) of which no number is declared, though one person may draw both.
    pub undeclared: Vec<(usize, usize)>,
    /// The same where nothing is said on whether one person may draw both.
    pub unsaid: Vec<(usize, usize)>,
    /// Programs whose persons are those of the whole year, as their whole is counted by case.
    pub of_year: Vec<usize>,
    /// Programs that the group of all leaves out because their numbers are no persons or end.
    pub left_out: Vec<usize>,
    pub place: Option<Place>,
}

/// The shipped programs with the parts that a scenario names.
pub fn catalogue(s: &Scenario) -> Result<Catalogue> {
    let mut catalogue = Catalogue::shipped()?;
    for p in &s.relief {
        if let Some(whole) = &p.part_of {
            catalogue.part(&p.name, whole);
        }
    }
    Ok(catalogue)
}

/// Whether a program's numbers are persons: neither cases nor households.
pub fn counts_persons(p: &Program, catalogue: &Catalogue) -> bool {
    matches!(p.unit.as_str(), "人" | "名") && !catalogue.by_case(&p.name)
}

/// Every group of a scenario: its overlaps in order, then all programs, where there are two or more.
///
/// # Errors
/// As [`Catalogue::shipped`].
pub fn groups(s: &Scenario) -> Result<Vec<Group>> {
    let catalogue = catalogue(s)?;
    let position = |name: &String| s.relief.iter().position(|p| p.name == *name);
    let mut groups: Vec<Group> = Vec::new();
    for o in &s.overlaps {
        let programs: Vec<usize> = o.programs.iter().filter_map(position).collect();
        let labels: Vec<&str> = programs.iter().map(|p| s.relief[*p].label.as_str()).collect();
        let label = if o.label.is_empty() { labels.join("、") } else { o.label.clone() };
        groups.push(group(s, &catalogue, &o.name, label, programs, Some(o.listed.clone())));
    }
    let counted = |p: &Program| counts_persons(p, &catalogue) && p.until.is_none() && !counts_others(p);
    let in_another = |p: &Program| {
        let wholes = catalogue.wholes(&p.name);
        s.relief.iter().any(|q| counted(q) && wholes.contains(&q.name.as_str()))
    };
    let (mut programs, mut left_out) = (Vec::new(), Vec::new());
    for (i, p) in s.relief.iter().enumerate() {
        if counted(p) && !in_another(p) {
            programs.push(i);
        } else if !counts_persons(p, &catalogue) || p.until.is_some() {
            left_out.push(i);
        }
    }
    if programs.len() >= 2 {
        let label = "各项救助与福利合计".to_owned();
        groups.push(Group { left_out, ..group(s, &catalogue, TOTAL, label, programs, None) });
    }
    Ok(groups)
}

/// A formula over heads or payments counts other programs and is none of its own.
fn counts_others(p: &Program) -> bool {
    let Basis::Formula { formula, .. } = &p.basis else { return false };
    let rooms = ["heads.", "heads_low.", "heads_high.", "payments.", "overlap."];
    formula.names().iter().any(|n| rooms.iter().any(|room| n.starts_with(room)))
}

fn group(
    s: &Scenario,
    catalogue: &Catalogue,
    name: &str,
    label: String,
    mut programs: Vec<usize>,
    place: Option<Place>,
) -> Group {
    programs.sort_by(|a, b| s.relief[*a].name.cmp(&s.relief[*b].name));
    programs.dedup();
    let within = |o: &Overlap| -> Option<Vec<usize>> {
        o.programs.iter().map(|n| programs.iter().position(|p| s.relief[*p].name == *n)).collect()
    };
    let (mut overlaps, mut sets, mut never) = (Vec::new(), Vec::new(), Vec::new());
    for (i, o) in s.overlaps.iter().enumerate() {
        let Some(set) = within(o) else { continue };
        match (&o.number, set.as_slice()) {
            (None, _) => {}
            (Some(Both::Nobody), [a, b]) => never.push((*a, *b)),
            _ => {
                overlaps.push(i);
                sets.push(set);
            }
        }
    }
    let mut unsaid = Vec::new();
    for (i, a) in programs.iter().enumerate() {
        for (j, b) in programs.iter().enumerate().skip(i + 1) {
            match catalogue.relation(&s.relief[*a].name, &s.relief[*b].name) {
                Relation::Never(_) => never.push((i, j)),
                Relation::Unsaid => unsaid.push((i, j)),
                Relation::May | Relation::Part => {}
            }
        }
    }
    let heads = Heads::new(programs.len(), sets, &never);
    let open = heads.open_pairs();
    // told in the order of the file
    let named = |pairs: Vec<(usize, usize)>| {
        let ordered = |(i, j): (usize, usize)| {
            let (a, b) = (programs[i], programs[j]);
            (a.min(b), a.max(b))
        };
        let mut pairs: Vec<(usize, usize)> = pairs.into_iter().map(ordered).collect();
        pairs.sort_unstable();
        pairs
    };
    let (not_said, may): (Vec<_>, Vec<_>) = open.into_iter().partition(|pair| unsaid.contains(pair));
    let (undeclared, unsaid) = (named(may), named(not_said));
    let by_case = |p: &&usize| catalogue.wholes(&s.relief[**p].name).iter().any(|w| catalogue.by_case(w));
    let of_year = programs.iter().filter(by_case).copied().collect();
    Group {
        name: name.to_owned(),
        label,
        programs,
        overlaps,
        heads,
        undeclared,
        unsaid,
        of_year,
        left_out: Vec::new(),
        place,
    }
}
