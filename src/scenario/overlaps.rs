//! Declared overlaps, checked when a case is opened: programs that exist, count persons and may be
//! drawn at once. Every mistake is told with the line of its overlap.

use std::cell::RefCell;

use super::groups::{TOTAL, catalogue, counts_persons};
use super::model::*;
use super::tree::{locate, nearest};
use crate::error::Problem;
use crate::relief::{Catalogue, Relation};

/// Notes what is wrong with the overlaps and the parts of a scenario.
pub fn check(scenario: &Scenario, problems: &RefCell<Vec<Problem>>) {
    let note = |p: Problem| {
        let mut problems = problems.borrow_mut();
        if !problems.contains(&p) {
            problems.push(p);
        }
    };
    let catalogue = match catalogue(scenario) {
        Ok(c) => c,
        Err(e) => return e.problems().iter().cloned().for_each(note),
    };
    let known: Vec<&str> = scenario.relief.iter().map(|p| p.name.as_str()).collect();
    let missing = |name: &str| {
        let hint = nearest(name, &known).map_or_else(|| known.join(", "), |n| format!("{n}, perhaps?"));
        Problem::new("no such program").value(name).expected(hint)
    };
    for p in &scenario.relief {
        if let Some(whole) = &p.part_of {
            let column = format!("relief.{}.part_of", p.name);
            if !known.contains(&whole.as_str()) {
                note(locate(missing(whole), &p.place).column(column));
            } else if *whole == p.name || catalogue.wholes(whole).contains(&p.name.as_str()) {
                let problem = Problem::new("a program that is a part of itself").value(whole);
                note(locate(problem, &p.place).column(column).expected("a larger program"));
            }
        }
    }
    for (i, o) in scenario.overlaps.iter().enumerate() {
        let column = format!("overlap.{}", o.name);
        let told =
            |p: Problem, place: &Place, key: &str| note(locate(p, place).column(format!("{column}{key}")));
        if o.name == TOTAL {
            let p = Problem::new("a name that is taken: total is all programs together").value(&o.name);
            told(p.expected("another name"), &o.listed, "");
        }
        let mut programs: Vec<&Program> = Vec::new();
        for name in &o.programs {
            match scenario.relief.iter().find(|p| p.name == *name) {
                None => told(missing(name), &o.listed, ".programs"),
                Some(p) if programs.iter().any(|q| q.name == p.name) => {
                    let problem = Problem::new("listed twice").value(name);
                    told(problem.expected("each program once"), &o.listed, ".programs");
                }
                Some(p) => programs.push(p),
            }
        }
        if o.programs.len() < 2 {
            let p = Problem::new("an overlap of fewer than two programs").value(o.programs.join(", "));
            told(p.expected("two programs or more"), &o.listed, ".programs");
        }
        for p in &programs {
            if let Some((message, expected)) = not_persons(p, scenario, &catalogue) {
                told(Problem::new(message).value(&p.name).expected(expected), &o.listed, ".programs");
            }
        }
        if let Some(Both::Share { of: Some(of), .. }) = &o.number
            && !o.programs.contains(of)
        {
            let p = Problem::new("not one of the overlap's programs").value(of);
            told(p.expected(format!("{}, or smallest", o.programs.join(", "))), &o.place, ".of");
        }
        let same = |q: &Overlap| sorted(&q.programs) == sorted(&o.programs);
        if let Some(first) = scenario.overlaps[..i].iter().find(|q| same(q)) {
            let p = Problem::new("the same programs as another overlap").value(o.programs.join(", "));
            let where_ = format!(
                "one of the two: overlap.{} at {}:{}",
                first.name, first.listed.file, first.listed.line
            );
            told(p.expected(where_), &o.listed, ".programs");
        }
        for problem in impossible(o, &programs, scenario, &catalogue) {
            told(problem, &o.listed, ".programs");
        }
    }
}

/// Pairs of an overlap that nobody can draw, or that are a whole and its part.
fn impossible(o: &Overlap, programs: &[&Program], s: &Scenario, catalogue: &Catalogue) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut apart = 0;
    let pairs =
        || programs.iter().enumerate().flat_map(|(i, a)| programs[i + 1..].iter().map(move |b| (*a, *b)));
    let some = matches!(o.number, Some(Both::Share { .. } | Both::Persons(_)));
    for (a, b) in pairs() {
        let value = format!("{} and {}", a.name, b.name);
        let (message, expected) = match catalogue.relation(&a.name, &b.name) {
            Relation::Part => {
                let all = "one is a part of the other: all its persons are in both";
                (all.to_owned(), "the whole alone, or parts of different programs")
            }
            Relation::Never(basis) => {
                apart += 1;
                if !some {
                    continue;
                }
                (
                    format!("nobody may draw both by rule: {basis}"),
                    "programs that one person may draw at once",
                )
            }
            Relation::May | Relation::Unsaid => {
                let pair = sorted(&[a.name.clone(), b.name.clone()]);
                let nobody =
                    |q: &&Overlap| matches!(q.number, Some(Both::Nobody)) && sorted(&q.programs) == pair;
                let Some(q) = s.overlaps.iter().find(nobody).filter(|q| some && q.name != o.name) else {
                    continue;
                };
                let at = format!(
                    "overlap.{} at {}:{} says that nobody draws both",
                    q.name, q.place.file, q.place.line
                );
                (at, "one of the two")
            }
        };
        found.push(Problem::new(message).value(value).expected(expected));
    }
    if o.number.is_none() && apart > 0 && apart == pairs().count() {
        let p = Problem::new("nobody may draw two of these by rule, so nothing overlaps");
        found.push(p.value(o.programs.join(", ")).expected("programs that one person may draw at once"));
    }
    found
}

/// Why a program's numbers are no persons, and what would be.
fn not_persons(p: &Program, s: &Scenario, catalogue: &Catalogue) -> Option<(String, String)> {
    if counts_persons(p, catalogue) {
        return None;
    }
    let of_persons =
        |q: &&Program| counts_persons(q, catalogue) && catalogue.wholes(&q.name).contains(&p.name.as_str());
    let hint = s.relief.iter().find(of_persons).map_or_else(
        || "a program counted in 人".to_owned(),
        |q| format!("{}, which counts its persons", q.name),
    );
    let unit = if catalogue.by_case(&p.name) { "by case" } else { p.unit.as_str() };
    Some((format!("counted {unit}, and cases are not persons"), hint))
}

fn sorted(names: &[String]) -> Vec<String> {
    let mut names = names.to_vec();
    names.sort_unstable();
    names
}
