//! The base population of a run: reconstructed from totals, or a census table, carried on where it is older.

use ndarray::{Axis, s};

use super::eval::Evaluator;
use super::people;
use crate::demography::base::{
    AgeTable, Base, Kind, Printed, Special, Standard, ThinBaseSpec, census_base_of, thin_base,
};
use crate::demography::ensemble::{EnsembleSpec, run_ensemble};
use crate::error::{Error, Problem, Result};
use crate::scenario::{BaseSpec, BaseValue};

/// Enough base draws that they are not what limits an interval, few enough to stay quick.
const BASE_DRAWS: usize = 400;

/// The population at the end of the run's first year.
pub fn population(run: &Evaluator<'_>, spec: &BaseSpec) -> Result<Base> {
    match &spec.census {
        Some(file) => census(run, spec, file),
        None => reconstructed(run, spec),
    }
}

fn kind(spec: &BaseSpec) -> Kind {
    if spec.resident { Kind::Resident } else { Kind::Registered }
}

/// The census's table, its cohorts by the year it was counted, carried on to the base year.
fn census(run: &Evaluator<'_>, spec: &BaseSpec, file: &BaseValue) -> Result<Base> {
    let shown = run.case.files.show(&file.text);
    let in_file = |e: Error| Error::Case(e.problems().iter().cloned().map(|p| p.file(&shown)).collect());
    let table = AgeTable::from_csv(&run.case.files.text(&file.text)?).map_err(in_file)?;
    let (year, counted) = (run.years[0], spec.census_year.unwrap_or(run.years[0]));
    let special = special_persons(run, spec)?;
    let base = census_base_of(&Standard::Abridged(table), 1, kind(spec), Some(counted), &special)
        .map_err(|e| if of_special(&e) { located(spec, &e) } else { in_file(e) })?;
    let mut base = if counted < year { carried(run, base, counted, year)? } else { base };
    if spec.census_year.is_none() && spec.year.is_none() {
        base.notes.push(format!("普查表未注明年份，按{year}年底使用。"));
    }
    Ok(base)
}

/// Who is there years after a census, by the scenario's own assumptions; its chances are in the draws.
fn carried(run: &Evaluator<'_>, base: Base, from: i32, to: i32) -> Result<Base> {
    let (rest, draws) = base.who_age();
    let years = usize::try_from(to - from).unwrap_or(0);
    let (paths, spread, told) = people::levels(run, &rest, from, years)?;
    let spec = EnsembleSpec {
        base: rest.view(),
        base_draws: Some(draws.view()),
        special: base.special.as_ref().map(|s| s.view()),
        start: from,
        paths: &paths,
        spread: &spread,
        seed: run.seed,
        // Another stream than the run's own years: the same chances must not come twice.
        region: &format!("{} {from}", run.case.code),
        draws: BASE_DRAWS,
        threads: 1,
        full: true,
    };
    let run = run_ensemble(&spec, &|_, _| true)?;
    let population = run.central.population.index_axis(Axis(0), years).to_owned();
    let draws = run.population.ok_or_else(|| Error::model(Problem::new("no draws were kept")))?;
    let mut notes = base.notes;
    notes.push(format!(
        "普查为{from}年，基年为{to}年底：按本情景的生育、死亡和迁移假定推算{years}年作为基年人口，其不确定性计入区间。"
    ));
    notes.extend(told);
    Ok(Base {
        population,
        draws: draws.slice(s![.., years, .., ..]).to_owned(),
        kind: base.kind,
        special: base.special,
        notes,
    })
}

fn reconstructed(run: &Evaluator<'_>, spec: &BaseSpec) -> Result<Base> {
    let mut problems = Vec::new();
    let mut read = |value: &Option<BaseValue>| {
        let value = value.as_ref()?;
        printed(run, value).map_err(|e| problems.extend(e.problems().to_vec())).ok()
    };
    let (total, count, share) = (read(&spec.total), read(&spec.count_60_plus), read(&spec.share_60_plus));
    let constraints: Vec<(String, Printed)> =
        spec.constraints.iter().filter_map(|(age, v)| Some((age.clone(), read(&Some(v.clone()))?))).collect();
    let special = special_persons(run, spec).map_err(|e| problems.extend(e.problems().to_vec()));
    if !problems.is_empty() {
        return Err(Error::Case(problems));
    }
    let special = match special.unwrap_or_default() {
        groups if groups.is_empty() => None,
        groups => {
            let name: Vec<&str> = spec.special.iter().map(|s| s.label.as_str()).collect();
            Some(Special::from_groups(&name.join("、"), &groups).map_err(|e| located(spec, &e))?)
        }
    };
    let thin = ThinBaseSpec {
        total,
        count_60_plus: count,
        share_60_plus: share,
        constraints,
        standard: Standard::Named(spec.standard.clone()),
        population: kind(spec),
        year: Some(run.years[0]),
        special,
        draws: BASE_DRAWS,
        seed: run.seed,
        region: &run.case.code,
        ..ThinBaseSpec::default()
    };
    thin_base(&thin).map_err(|e| located(spec, &e))
}

/// Age groups and persons of every special population, as written or as the figures have them.
fn special_persons(run: &Evaluator<'_>, spec: &BaseSpec) -> Result<Vec<(String, f64)>> {
    let mut problems = Vec::new();
    let mut out = Vec::new();
    for (group, value) in spec.special.iter().flat_map(|s| &s.persons) {
        match printed(run, value) {
            // Below one it is a share that was meant, and no one would be held.
            Ok(p) if p.value == 0.0 || (1.0..1e11).contains(&p.value) => out.push((group.clone(), p.value)),
            Ok(p) => problems.push(
                Problem::new("not a count")
                    .file(&*value.place.file)
                    .row(value.place.line)
                    .value(p.value)
                    .expected("persons, not a share"),
            ),
            Err(e) => problems.extend(e.problems().to_vec()),
        }
    }
    if problems.is_empty() { Ok(out) } else { Err(Error::Case(problems)) }
}

fn of_special(e: &Error) -> bool {
    e.problems().iter().any(|p| p.column.as_deref().is_some_and(|c| c.starts_with("special")))
}

/// Whatever the base can't be made from stands in the case: tell where, and as it was written.
fn located(spec: &BaseSpec, e: &Error) -> Error {
    let written = |column: &str| match column {
        "total" => spec.total.as_ref(),
        "count_60_plus" => spec.count_60_plus.as_ref(),
        "share_60_plus" => spec.share_60_plus.as_ref(),
        c if c.starts_with("special") => {
            let mut persons = spec.special.iter().flat_map(|s| &s.persons);
            let first = persons.clone().next();
            persons.find(|(group, _)| c == format!("special[{group:?}]")).or(first).map(|(_, v)| v)
        }
        other => spec.constraints.iter().find(|(age, _)| other.contains(age.as_str())).map(|(_, v)| v),
    };
    let located = e.problems().iter().cloned().map(|mut p| {
        let value = p.column.as_deref().and_then(written);
        let place = value.map_or(&spec.place, |v| &v.place);
        p.file.get_or_insert_with(|| place.file.to_string());
        p.row.get_or_insert(place.line);
        if let Some(v) = value {
            p.value = Some(v.text.clone());
        }
        p
    });
    Error::Case(located.collect())
}

/// A figure's value with its printed precision, or text such as `4.5万`.
fn printed(run: &Evaluator<'_>, value: &BaseValue) -> Result<Printed> {
    let wrong = |message: String, expected: &str| {
        let p = Problem::new(message).file(&*value.place.file).row(value.place.line);
        Error::case(p.value(&value.text).expected(expected))
    };
    if let Some(figure) = run.case.ledger.get(&value.text) {
        let Some(number) = figure.number() else {
            return Err(wrong("the figure has no number".to_owned(), "a figure with a value"));
        };
        return Printed::parse(&format!("{number}{}", figure.unit)).map_err(|_| {
            wrong(format!("{} is no count or share of persons", figure.printed()), "persons or %")
        });
    }
    Printed::parse(&value.text).map_err(|e| match e.problems().first() {
        Some(p) => {
            wrong(p.message.clone(), p.expected.as_deref().unwrap_or("a number such as 4.5万 or 14.52%"))
        }
        None => wrong("can't be read".to_owned(), "a number such as 4.5万 or 14.52%"),
    })
}
