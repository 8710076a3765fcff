//! Prevalence schedules: a named definition of need, by ability level, sex and age.

use ndarray::Array2;
use serde::Deserialize;

use super::gradient::{FIRST_AGE, gradient, national_structure};
use crate::error::{Error, Problem, Result};

const FILE: &str = "standards/prevalence.csv";
const SOURCES: &str = "standards/prevalence_sources.csv";

/// One ability level of a definition.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    pub id: String,
    /// Chinese name, as handed on.
    pub label: String,
    /// (2, 101): share of the persons of a sex and age who are in this level; zero below 60.
    pub prevalence: Array2<f64>,
}

/// A definition of need with its levels. Schemes are never mapped onto each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    pub definition: String,
    pub label: String,
    /// The scale that the levels belong to: `census_4`, `gbt_42195`, …
    pub scheme: String,
    pub levels: Vec<Level>,
    /// Standard deviation of the log of the level between places. One value for all definitions:
    /// the root mean square of the two log ratios place to nation that are published (Shaanxi 2.1 to
    /// 2.34 % in 2020, Shanghai towns 3.65 to 2.95 % in 2010).
    pub log_sd: f64,
    pub source: String,
    /// What has to be told wherever the schedule is used; assumptions are named as such.
    pub note: String,
}

#[derive(Debug, Deserialize)]
struct Row {
    definition: String,
    label: String,
    scheme: String,
    level: String,
    level_label: String,
    from_age: usize,
    total: f64,
    share: f64,
    log_sd: f64,
    source: String,
    note: String,
}

#[derive(Debug, Deserialize)]
struct Source {
    id: String,
    source: String,
}

/// Every shipped schedule, in the order of `data/standards/prevalence.csv`.
///
/// # Errors
/// `Data` where a shipped table is broken.
pub fn schedules() -> Result<Vec<Schedule>> {
    let sources: Vec<Source> = read(SOURCES)?;
    let (gradient, structure) = (gradient()?, national_structure()?);
    let mut all: Vec<Schedule> = Vec::new();
    for row in read::<Row>(FILE)? {
        let from = row.from_age.max(FIRST_AGE);
        let total = gradient.levelled(&structure, from, row.total)?.prevalence();
        let level = Level { id: row.level, label: row.level_label, prevalence: total * row.share };
        match all.last_mut() {
            Some(last) if last.definition == row.definition => last.levels.push(level),
            _ => all.push(Schedule {
                source: sources.iter().find(|s| s.id == row.source).map(|s| s.source.clone()).ok_or_else(
                    || Error::data(Problem::new("source is not listed").file(SOURCES).value(&row.source)),
                )?,
                definition: row.definition,
                label: row.label,
                scheme: row.scheme,
                levels: vec![level],
                log_sd: row.log_sd,
                note: row.note,
            }),
        }
    }
    Ok(all)
}

/// The schedule of one definition.
///
/// # Errors
/// `Model` for an unknown definition; the message names those that exist.
pub fn schedule(definition: &str) -> Result<Schedule> {
    let all = schedules()?;
    let known: Vec<String> = all.iter().map(|s| s.definition.clone()).collect();
    all.into_iter().find(|s| s.definition == definition).ok_or_else(|| {
        Error::model(
            Problem::new("unknown definition of care need")
                .value(definition)
                .expected(format!("one of {}", known.join(", "))),
        )
    })
}

fn read<T: for<'a> Deserialize<'a>>(file: &str) -> Result<Vec<T>> {
    let text = crate::assets::text(file)
        .ok_or_else(|| Error::data(Problem::new("shipped file is missing").file(file)))?;
    csv::Reader::from_reader(text.as_bytes())
        .deserialize()
        .map(|row| row.map_err(|e| Error::data(Problem::new(e.to_string()).file(file))))
        .collect()
}
