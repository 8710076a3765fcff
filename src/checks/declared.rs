//! Relations that a case declares: `checks.toml`.

use rust_decimal::Decimal;
use toml::Value;

use super::finding::Verdict;
use crate::error::{Problem, Result};
use crate::figures::{Entries, Entry};

/// A figure, a number, a product or a sum of such.
#[derive(Debug, Clone, PartialEq)]
pub enum Term {
    Figure(String),
    Number(Decimal),
    Product(Vec<Term>),
    Sum(Vec<Term>),
}

impl Term {
    /// Every figure id in it, in order.
    pub fn ids(&self) -> Vec<&str> {
        match self {
            Self::Figure(id) => vec![id],
            Self::Number(_) => Vec::new(),
            Self::Product(terms) | Self::Sum(terms) => terms.iter().flat_map(Term::ids).collect(),
        }
    }
}

/// Words of the plan that a check rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    pub line: u32,
    pub text: String,
}

/// What is claimed.
#[derive(Debug, Clone, PartialEq)]
pub enum Claim {
    /// total = Σ parts; `partial`: the parts are only some.
    Sum { total: Term, parts: Vec<Term>, partial: bool },
    /// total = Π factors.
    Product { total: Term, factors: Vec<Term> },
    /// All state the same thing.
    Same { figures: Vec<Term> },
    /// ceil(share × base) ≤ planned.
    Coverage { share: Term, base: Term, planned: Term },
    /// The plan adds to the base of a target: ceil(share × (base + added)) ≤ planned.
    Denominator { share: Term, base: Term, added: Vec<Term>, planned: Term },
    /// Money that is said to fall between two years, spent between `start` and `end`.
    Period { money: Term, start: Term, end: Term },
    /// count ÷ share is the base, as an interval; compared where `base` is given.
    Share { count: Term, share: Term, base: Option<Term> },
    /// The same thing counted as done and as planned.
    DonePlanned { actual: Term, plan: Term },
    /// Cost per unit of capacity of each item, compared within the kind.
    UnitCost { kind: String, items: Vec<(Term, Term)> },
    /// Words of the plan that cannot both be right, or that have to be read with care.
    Words { figures: Vec<Term>, verdict: Verdict, sentence: String },
}

/// One entry of checks.toml.
#[derive(Debug, Clone, PartialEq)]
pub struct Declared {
    pub id: String,
    pub claim: Claim,
    pub quotes: Vec<Quote>,
    /// A remark that is added to the sentence.
    pub note: String,
    pub file: String,
    pub line: usize,
}

const FAMILIES: [&str; 10] = [
    "sum",
    "product",
    "same",
    "coverage",
    "denominator",
    "period",
    "share",
    "done_planned",
    "unit_cost",
    "words",
];

/// Reads the `[[check]]` entries of a checks.toml; `file` is its name as the user knows it.
///
/// Errors: `Error::Case` with every unknown family or key, missing term and id that stands twice.
pub fn parse_declared(text: &str, file: &str) -> Result<Vec<Declared>> {
    const KEYS: [&str; 24] = [
        "id", "family", "note", "quotes", "total", "parts", "partial", "factors", "figures", "share", "base",
        "planned", "added", "money", "start", "end", "count", "actual", "plan", "kind", "items", "verdict",
        "sentence", "label",
    ];
    let mut entries = Entries::parse(text, file, "check")?;
    let mut seen: std::collections::HashMap<String, usize> = std::collections::HashMap::new();
    let read = entries.read(&KEYS, |entry, problems| {
        let declared = one(&entry, file, problems)?;
        if let Some(first) = seen.insert(declared.id.clone(), declared.line) {
            problems.push(
                entry
                    .problem("id", "check id stands twice")
                    .expected(format!("an id of its own; it is that of line {first}")),
            );
        }
        Some(declared)
    });
    entries.finish()?;
    Ok(read)
}

fn one(entry: &Entry<'_>, file: &str, problems: &mut Vec<Problem>) -> Option<Declared> {
    let before = problems.len();
    let id = entry.required("id", problems);
    let family = entry.required("family", problems);
    let quotes = quotes(entry, problems);
    let note = entry.text("note", problems);
    let mut term = |key: &str| one_term(entry, key, problems);
    let claim = match family.as_deref()? {
        "sum" => {
            let total = term("total");
            let parts = terms(entry, &["parts"], problems);
            let partial = entry.flag("partial", problems);
            Claim::Sum { total: total?, parts: parts?, partial }
        }
        "product" => {
            let total = term("total");
            Claim::Product { total: total?, factors: terms(entry, &["factors", "parts"], problems)? }
        }
        "same" => Claim::Same { figures: terms(entry, &["figures", "parts"], problems)? },
        "coverage" => {
            let (share, base, planned) = (term("share"), term("base"), term("planned"));
            Claim::Coverage { share: share?, base: base?, planned: planned? }
        }
        "denominator" => {
            let (share, base, planned) = (term("share"), term("base"), term("planned"));
            let added = match entry.get("added") {
                Some(Value::Array(_)) => terms(entry, &["added"], problems),
                _ => one_term(entry, "added", problems).map(|t| vec![t]),
            };
            Claim::Denominator { share: share?, base: base?, added: added?, planned: planned? }
        }
        "period" => {
            let (money, start, end) = (term("money"), term("start"), term("end"));
            Claim::Period { money: money?, start: start?, end: end? }
        }
        "share" => {
            let (count, share) = (term("count"), term("share"));
            let base = entry.get("base").and_then(|_| term("base"));
            Claim::Share { count: count?, share: share?, base }
        }
        "done_planned" => {
            let (actual, plan) = (term("actual"), term("plan"));
            Claim::DonePlanned { actual: actual?, plan: plan? }
        }
        "unit_cost" => unit_cost(entry, problems)?,
        "words" => {
            let verdict = Verdict::parse(&entry.text("verdict", problems));
            if verdict.is_none() {
                problems
                    .push(entry.problem("verdict", "unknown verdict").expected(Verdict::WORDS.join(", ")));
            }
            let sentence = entry.required("sentence", problems);
            let figures = match entry.get("figures") {
                Some(_) => terms(entry, &["figures"], problems),
                None => Some(Vec::new()),
            };
            Claim::Words { figures: figures?, verdict: verdict?, sentence: sentence? }
        }
        _ => {
            problems.push(entry.problem("family", "unknown family").expected(FAMILIES.join(", ")));
            return None;
        }
    };
    (problems.len() == before).then_some(Declared {
        id: id?,
        claim,
        quotes,
        note,
        file: file.to_owned(),
        line: entry.line(),
    })
}

fn one_term(entry: &Entry<'_>, key: &str, problems: &mut Vec<Problem>) -> Option<Term> {
    let read = entry.get(key).and_then(|v| to_term(v, 0));
    if read.is_none() {
        let message = if entry.get(key).is_none() { "missing" } else { "not a term" };
        problems.push(
            entry.problem(key, message).expected("a figure id, a number, { product = […] } or { sum = […] }"),
        );
    }
    read
}

/// The list under the first of `keys` that is there.
fn terms(entry: &Entry<'_>, keys: &[&str], problems: &mut Vec<Problem>) -> Option<Vec<Term>> {
    let key = keys.iter().find(|k| entry.get(k).is_some()).or(keys.first())?;
    let list = entry.get(key).and_then(Value::as_array);
    let read: Option<Vec<Term>> = list.and_then(|l| l.iter().map(|v| to_term(v, 0)).collect());
    let read = read.filter(|l| !l.is_empty());
    if read.is_none() {
        problems.push(
            entry
                .problem(key, "not a list of terms")
                .expected("[\"F1\", { product = [\"F2\", \"F3\"] }, …], at least one"),
        );
    }
    read
}

fn to_term(value: &Value, depth: usize) -> Option<Term> {
    match value {
        Value::String(id) if !id.trim().is_empty() => Some(Term::Figure(id.trim().to_owned())),
        Value::Integer(i) => Some(Term::Number(Decimal::from(*i))),
        Value::Float(f) => f.to_string().parse().ok().map(Term::Number),
        Value::Table(table) if table.len() == 1 && depth < 4 => {
            let (key, list) = table.iter().next()?;
            let list: Vec<Term> =
                list.as_array()?.iter().map(|v| to_term(v, depth + 1)).collect::<Option<_>>()?;
            match key.as_str() {
                "product" if !list.is_empty() => Some(Term::Product(list)),
                "sum" if !list.is_empty() => Some(Term::Sum(list)),
                _ => None,
            }
        }
        _ => None,
    }
}

fn unit_cost(entry: &Entry<'_>, problems: &mut Vec<Problem>) -> Option<Claim> {
    let kind = entry.required("kind", problems);
    let item = |v: &Value| {
        let t = v.as_table()?;
        Some((to_term(t.get("cost")?, 0)?, to_term(t.get("size")?, 0)?))
    };
    let list = entry.get("items").and_then(Value::as_array);
    let items: Option<Vec<_>> = list.and_then(|l| l.iter().map(item).collect());
    let items = items.filter(|i: &Vec<_>| i.len() > 1);
    if items.is_none() {
        problems.push(
            entry
                .problem("items", "not a list of items")
                .expected("[{ cost = \"F1\", size = \"F2\" }, …], at least two"),
        );
    }
    Some(Claim::UnitCost { kind: kind?, items: items? })
}

fn quotes(entry: &Entry<'_>, problems: &mut Vec<Problem>) -> Vec<Quote> {
    let Some(value) = entry.get("quotes") else { return Vec::new() };
    let quote = |v: &Value| {
        let t = v.as_table()?;
        let line = u32::try_from(t.get("line")?.as_integer()?).ok()?;
        let text: String = t.get("text")?.as_str()?.chars().filter(|c| !c.is_whitespace()).collect();
        (!text.is_empty() && t.len() == 2).then_some(Quote { line, text })
    };
    let read: Option<Vec<Quote>> = value.as_array().and_then(|a| a.iter().map(quote).collect());
    read.unwrap_or_else(|| {
        problems.push(
            entry.problem("quotes", "not a list of quotes").expected("[{ line = 111, text = \"…\" }, …]"),
        );
        Vec::new()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contracts_example_is_read() {
        let text = "[[check]]\nid = \"elderly-parts\"\nfamily = \"sum\"\ntotal = \"F185\"\nparts = [\"F188\", { product = [\"F199\", \"F200\"] }]\npartial = false\n";
        let read = parse_declared(text, "checks.toml").unwrap();
        let Claim::Sum { total, parts, partial } = &read[0].claim else { panic!() };
        assert_eq!((total.ids(), parts[1].ids(), *partial), (vec!["F185"], vec!["F199", "F200"], false));
    }

    #[test]
    fn every_mistake_is_told_at_once() {
        let text = "[[check]]\nid = \"a\"\nfamily = \"sum\"\nparts = []\n\n[[check]]\nid = \"b\"\nfamily = \"total\"\n\n\
                    [[check]]\nid = \"c\"\nfamily = \"same\"\nfigures = [\"F1\", \"F2\"]\n\n\
                    [[check]]\nid = \"c\"\nfamily = \"same\"\nfigures = [\"F1\", {sums = [\"F2\"]}]\n\n\
                    [[check]]\nid = \"c\"\nfamily = \"same\"\nfigures = [\"F1\", \"F2\"]\n";
        let error = parse_declared(text, "checks.toml").unwrap_err();
        let told: Vec<_> =
            error.problems().iter().map(|p| (p.row.unwrap(), p.column.clone().unwrap())).collect();
        let expected = [(1, "total"), (4, "parts"), (8, "family"), (18, "figures"), (21, "id")];
        assert_eq!(told, expected.map(|(r, c)| (r, c.to_owned())));
    }
}
