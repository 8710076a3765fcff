//! Delay and overrun of building projects by reference class (UK Green Book, optimism bias).

use serde::Deserialize;

use crate::draws::Key;
use crate::error::{Error, Problem, Result};

const FILE: &str = "standards/optimism_bias.csv";

/// Bounds of what projects of a class took beyond the plan, as shares of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ReferenceClass {
    #[serde(rename = "class")]
    pub id: String,
    pub label: String,
    pub duration_low: f64,
    pub duration_high: f64,
    pub cost_low: f64,
    pub cost_high: f64,
}

impl ReferenceClass {
    /// Delay in years, one a draw: planned duration × a share drawn evenly between the class's bounds.
    /// The source gives bounds, not a distribution; even is what follows from knowing no more.
    pub fn delay_years(&self, key: Key, draws: usize, planned_years: f64) -> Vec<f64> {
        let planned = planned_years.max(0.0);
        self.shares(key, draws, self.duration_low, self.duration_high).map(|s| s * planned).collect()
    }

    /// Cost over plan as a factor (1.13 for 13 % more), one a draw; drawn as [`Self::delay_years`].
    pub fn cost_factors(&self, key: Key, draws: usize) -> Vec<f64> {
        self.shares(key, draws, self.cost_low, self.cost_high).map(|s| 1.0 + s).collect()
    }

    fn shares(&self, key: Key, draws: usize, low: f64, high: f64) -> impl Iterator<Item = f64> {
        (0..draws as u64).map(move |d| low + (high - low) * key.stream(d).uniform())
    }
}

/// # Errors
/// `Data` where the shipped table is broken.
pub fn reference_classes() -> Result<Vec<ReferenceClass>> {
    let text = crate::assets::text(FILE)
        .ok_or_else(|| Error::data(Problem::new("shipped file is missing").file(FILE)))?;
    csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_reader(text.as_bytes())
        .deserialize()
        .map(|row| row.map_err(|e| Error::data(Problem::new(e.to_string()).file(FILE))))
        .collect()
}

/// # Errors
/// `Model` for an unknown class; the message names those that exist.
pub fn reference_class(id: &str) -> Result<ReferenceClass> {
    let all = reference_classes()?;
    let known: Vec<String> = all.iter().map(|c| c.id.clone()).collect();
    all.into_iter().find(|c| c.id == id).ok_or_else(|| {
        Error::model(
            Problem::new("unknown reference class")
                .value(id)
                .expected(format!("one of {}", known.join(", "))),
        )
    })
}
