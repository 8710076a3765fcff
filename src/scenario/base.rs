//! `[base]`: whom a case or a scenario starts from. Two totals, a census table, special populations.

use super::model::Place;
use super::tree::{Reader, Value, locate};
use super::units;
use crate::demography::base::Special;
use crate::error::Problem;
use crate::figures::Ledger;

/// A figure id or a number as printed, with its place.
#[derive(Debug, Clone)]
pub struct BaseValue {
    pub text: String,
    pub place: Place,
}

/// What is known of the population in the base year.
#[derive(Debug, Clone)]
pub struct BaseSpec {
    /// Year at whose end the base stands; the case's base year where it is not said.
    pub year: Option<i32>,
    pub resident: bool,
    pub total: Option<BaseValue>,
    pub count_60_plus: Option<BaseValue>,
    pub share_60_plus: Option<BaseValue>,
    /// Age group → count or share.
    pub constraints: Vec<(String, BaseValue)>,
    pub standard: String,
    /// A census table by age and sex; with it nothing is reconstructed.
    pub census: Option<BaseValue>,
    /// The year of that census, where it is not that of the base: its people are carried on to it.
    pub census_year: Option<i32>,
    pub special: Vec<SpecialSpec>,
    pub place: Place,
}

/// Persons in the base who do not age with the rest: students, barracks.
#[derive(Debug, Clone)]
pub struct SpecialSpec {
    pub name: String,
    pub label: String,
    pub source: String,
    /// Age group, with a sex or without → count.
    pub persons: Vec<(String, BaseValue)>,
    pub place: Place,
}

/// A census is carried on by at most so many years: after that it says little of the base year.
const CARRIED: i32 = 30;

/// `[base]`, of a case or of a scenario that starts from other people.
pub fn base_spec(r: &Reader<'_>) -> BaseSpec {
    let kind = r.text("population");
    let kind = r.required("population", kind);
    if kind.as_deref().is_some_and(|k| k != "registered" && k != "resident") {
        r.problem("population", "not a kind of population", "registered (户籍) or resident (常住)");
    }
    let value = |key: &'static str| r.formula(key).map(|text| BaseValue { text, place: r.place_of(key) });
    let spec = BaseSpec {
        year: r.year("year"),
        resident: kind.as_deref() == Some("resident"),
        total: value("total"),
        count_60_plus: value("count_60_plus"),
        share_60_plus: value("share_60_plus"),
        constraints: r.table("constraints").map(|t| values(&t, "a count, a share")).unwrap_or_default(),
        standard: r.text("standard").unwrap_or_else(|| "china".to_owned()),
        census: r.text("census").map(|text| BaseValue { text, place: r.place_of("census") }),
        census_year: r.year("census_year"),
        special: r.tables("special").into_iter().map(|(name, t)| special(name, t)).collect(),
        place: r.place().clone(),
    };
    let given =
        [&spec.total, &spec.count_60_plus, &spec.share_60_plus].iter().filter(|v| v.is_some()).count();
    if spec.census.is_none() && given < 2 {
        r.problem(
            "count_60_plus",
            "too little is known",
            "two of total, count_60_plus and share_60_plus, or census",
        );
    }
    if spec.census.is_none() && spec.census_year.is_some() {
        r.problem("census_year", "the year of no census", "census, a file with columns age, female, male");
    }
    spec
}

/// Values by age group.
fn values(t: &Reader<'_>, what: &str) -> Vec<(String, BaseValue)> {
    let read = |(age, node): &(String, super::tree::Node)| {
        let text = match &node.value {
            Value::Text(s) => s.clone(),
            Value::Number(n) => n.to_string(),
            _ => {
                t.problem(age, "neither a number nor text", format!("{what} or a figure id"));
                return None;
            }
        };
        Some((age.clone(), BaseValue { text, place: node.place.clone() }))
    };
    t.entries().iter().filter_map(read).collect()
}

/// `[base.special.students]` with `label`, `source` and `persons = { "female 18-22" = 9_000 }`.
fn special(name: String, t: Reader<'_>) -> SpecialSpec {
    let source = t.text("source");
    let source = t.required("source", source).unwrap_or_default();
    let persons = t.table("persons").map(|p| {
        let list = values(&p, "a count");
        for (group, value) in &list {
            // What an age group is, is told here; how many there are is told where figures are known.
            if let Err(e) = Special::from_groups("", &[(group.clone(), 0.0)]) {
                let said = e.problems().first().and_then(|p| p.expected.clone()).unwrap_or_default();
                p.problem(group, "no age group", said);
            } else if value.text.trim().is_empty() {
                p.problem(group, "empty", "a count or a figure id");
            }
        }
        list
    });
    let persons = t.required("persons", persons);
    if persons.as_ref().is_some_and(Vec::is_empty) {
        t.problem("persons", "nobody", "persons by age group, such as { \"female 18-22\" = 9_000 }");
    }
    let spec = SpecialSpec {
        label: t.text("label").unwrap_or_else(|| name.clone()),
        name,
        source,
        persons: persons.unwrap_or_default(),
        place: t.place().clone(),
    };
    t.finish();
    spec
}

/// The figures that a base names, with whether each has to be a share (`None` for either). A value that is
/// printed (`4.5万`) has a digit first.
fn named(spec: &BaseSpec) -> impl Iterator<Item = (&BaseValue, Option<bool>)> {
    let counts = [&spec.total, &spec.count_60_plus].into_iter().flatten().map(|v| (v, Some(false)));
    let share = spec.share_60_plus.iter().map(|v| (v, Some(true)));
    let either = spec.constraints.iter().map(|c| (&c.1, None));
    let special = spec.special.iter().flat_map(|s| s.persons.iter().map(|p| (&p.1, Some(false))));
    let all = counts.chain(share).chain(either).chain(special);
    all.filter(|(v, _)| v.text.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// What the base names as figures and the ledger does not have.
pub fn missing(spec: &BaseSpec, ledger: &Ledger) -> Vec<Problem> {
    named(spec)
        .filter(|(v, _)| ledger.get(&v.text).is_none())
        .map(|(v, _)| {
            locate(Problem::new("no such figure"), &v.place)
                .value(&v.text)
                .expected(format!("a fig_id of {}, or a figure as printed, such as \"4.5万\"", ledger.file()))
        })
        .collect()
}

/// What the base names as figures and the ledger has in another unit.
pub fn units(spec: &BaseSpec, ledger: &Ledger) -> Vec<Problem> {
    named(spec)
        .filter_map(|(v, share)| {
            let figure = ledger.get(&v.text)?;
            let share = share.unwrap_or_else(|| figure.base_unit().is_share());
            let (message, expected) = units::base_figure(figure, share)?;
            Some(locate(Problem::new(message), &v.place).value(&v.text).expected(expected))
        })
        .collect()
}

/// A census that can't be the base of its year.
///
/// One without a year is taken as counted in the base year, unless its file's name has another one: people
/// of 2020 are not silently those of 2023.
pub fn census_day(spec: &BaseSpec, base_year: i32) -> Option<Problem> {
    let census = spec.census.as_ref()?;
    let base = spec.year.unwrap_or(base_year);
    let Some(counted) = spec.census_year else {
        let named = year_in(&census.text).filter(|y| *y != base)?;
        let p = locate(Problem::new(format!("a census of {named} as the base of {base}")), &census.place);
        return Some(p.column("base.census").value(&census.text).expected(format!(
            "census_year = {named} (it is carried on to the base year) or year = {named} (the run starts there)"
        )));
    };
    if counted > base || counted < base - CARRIED {
        let what = if counted > base { "after" } else { "too long before" };
        let p = locate(
            Problem::new(format!("a census of {counted}, {what} the base year {base}")),
            &census.place,
        );
        return Some(p.column("base.census_year").value(counted).expected(format!(
            "a census of {} to {base}, or year = {counted} so that the run starts there",
            base - CARRIED
        )));
    }
    None
}

/// The year in a file's name, where there is exactly one: `census_2020.csv`.
fn year_in(file: &str) -> Option<i32> {
    let numbers: Vec<i32> = file
        .split(|c: char| !c.is_ascii_digit())
        .filter(|n| n.len() == 4)
        .filter_map(|n| n.parse().ok())
        .filter(|y| (1949..=2100).contains(y))
        .collect();
    if let [year] = numbers[..] { Some(year) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_in_a_files_name() {
        assert_eq!(year_in("census_2020.csv"), Some(2020));
        assert_eq!(year_in("普查2010年.csv"), Some(2010));
        assert_eq!(year_in("433101.csv"), None);
        assert_eq!(year_in("2010_2020.csv"), None);
    }
}
