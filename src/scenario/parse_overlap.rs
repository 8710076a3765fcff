//! Reads which relief programs overlap: `[overlap.x]`.

use super::expr::Expr;
use super::model::*;
use super::parse::formula;
use super::tree::Reader;

const NAMED: &str = "a figure (F001) or an assumption (assume.x), which has a source";

pub(super) fn overlap(name: String, r: Reader<'_>) -> Option<Overlap> {
    let programs = r.texts("programs");
    let programs = r.required("programs", programs);
    let (share, persons, of) = (r.get("share").is_some(), r.get("persons").is_some(), r.text("of"));
    let source = r.text("source").unwrap_or_default();
    if share && persons {
        r.problem("persons", "a share and a number of persons", "one of share and persons");
    }
    if of.is_some() && !share {
        r.problem("of", "a base without a share", "share, or no such key");
    }
    let key = if share { "share" } else { "persons" };
    let read = formula(&r, key);
    if let Some(e) = &read {
        sourced(&r, key, e, &source);
    }
    let number = match read {
        Some(Expr::Number(n)) if n.is_zero() => Some(Both::Nobody),
        Some(e) if share => match of.as_deref() {
            Some("smallest") => Some(Both::Share { share: e, of: None }),
            Some(program) => Some(Both::Share { share: e, of: Some(program.to_owned()) }),
            None => {
                r.problem("of", "is missing", "whose share: one of the programs, or \"smallest\"");
                None
            }
        },
        Some(e) => Some(Both::Persons(e)),
        None => None,
    };
    let place = if share || persons { r.place_of(key) } else { r.place().clone() };
    let overlap = Overlap {
        label: r.text("label").unwrap_or_default(),
        listed: r.place_of("programs"),
        place,
        number,
        note: [r.text("note").unwrap_or_default(), source]
            .into_iter()
            .filter(|t| !t.is_empty())
            .collect::<Vec<_>>()
            .join("；"),
        programs: programs?,
        name,
    };
    r.finish();
    Some(overlap)
}

/// A number that nobody can look up is no number: it has to be named, so that it is printed with its source.
fn sourced(r: &Reader<'_>, key: &'static str, e: &Expr, source: &str) {
    let names = e.names();
    if let Expr::Number(n) = e {
        if !n.is_zero() {
            r.problem(key, "a number without a source", NAMED);
        } else if source.is_empty() {
            r.problem(
                key,
                "nobody draws both, but nothing says so",
                "source, the rule or register that says so",
            );
        }
    } else if names.iter().all(|n| n.starts_with("relief.") || n.starts_with("population.")) {
        r.problem(key, "a number without a source", NAMED);
    }
}
