//! A reference class: how far forecasts of real series missed, by length of history and step.
//!
//! For each length of history a class holds the exponents by which the series' own measures make
//! up its scale, and for each step ahead the quantiles of (truth - centre) / scale, both on the
//! square-root scale. Reference-class forecasting: Flyvbjerg 2008, "Curbing optimism bias and
//! strategic misrepresentation in planning", European Planning Studies 16.

use std::fmt::Write as _;
use std::sync::OnceLock;

use super::own_errors::{MEASURE_NAMES, MEASURES};
use crate::error::{Error, Problem, Result};

/// Probabilities at which a class keeps quantiles.
pub const PROBS: [f64; 17] =
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.25, 0.3, 0.5, 0.7, 0.75, 0.8, 0.9, 0.95, 0.975, 0.99, 0.995];
pub(super) const K: usize = PROBS.len();

/// What a class knows about histories of one length.
#[derive(Debug, Clone, PartialEq)]
pub struct LengthClass {
    /// Points of history.
    pub length: usize,
    /// Series that stand behind it.
    pub series: usize,
    /// Exponents of the series' own measures; they add to one.
    pub exponents: [f64; MEASURES],
    /// Quantiles of standardised errors at `PROBS`, one row a step.
    pub quantiles: Vec<[f64; K]>,
}

impl LengthClass {
    /// The scale of a series from its own measures.
    pub fn scale(&self, measures: &[f64; MEASURES]) -> f64 {
        if measures[0] <= 0.0 {
            return 0.0;
        }
        let log: f64 =
            self.exponents.iter().zip(measures).map(|(e, m)| e * m.max(f64::MIN_POSITIVE).ln()).sum();
        log.exp()
    }

    /// Quantiles of step `step` (from 1); past the last step the spread goes on growing as it did.
    pub fn row(&self, step: usize) -> [f64; K] {
        let Some(last) = self.quantiles.last() else { return [0.0; K] };
        let known = self.quantiles.len();
        if step <= known {
            return self.quantiles[step.max(1) - 1];
        }
        let half = &self.quantiles[(known / 2).max(1) - 1];
        let spread = |q: &[f64; K]| q[K - 3] - q[2];
        let doubling = known as f64 / (known / 2).max(1) as f64;
        let growth = if known > 1 && spread(half) > 0.0 {
            ((spread(last) / spread(half)).ln() / doubling.ln()).clamp(0.5, 1.0)
        } else {
            0.75
        };
        last.map(|q| q * (step as f64 / known as f64).powf(growth))
    }
}

/// A reference class; see [`super::fit_class`] for one of one's own.
#[derive(Debug, Clone, PartialEq)]
pub struct ReferenceClass {
    /// Short name in Chinese, as every forecast gives it.
    pub name: String,
    /// Coverage measured on series that were left out: (nominal, measured).
    pub coverage: Vec<(f64, f64)>,
    /// By length of history, ascending; never empty.
    pub lengths: Vec<LengthClass>,
}

impl ReferenceClass {
    /// The class that the library carries: annual series of the M3 and tourism competitions.
    pub fn shipped() -> Result<&'static Self> {
        static CLASS: OnceLock<Option<ReferenceClass>> = OnceLock::new();
        CLASS
            .get_or_init(|| {
                let text = crate::assets::text("standards/trends_reference_class.csv")?;
                ReferenceClass::parse(text, "trends_reference_class.csv").ok()
            })
            .as_ref()
            .ok_or_else(|| {
                let problem = Problem::new("the reference class of the library cannot be read");
                Error::model(problem.file("standards/trends_reference_class.csv"))
            })
    }

    /// The class's two lengths that enclose `n`, and the weight of the second (linear in log n).
    pub(super) fn around(&self, n: usize) -> (&LengthClass, &LengthClass, f64) {
        let at = self.lengths.partition_point(|l| l.length < n.max(1));
        let high = &self.lengths[at.min(self.lengths.len() - 1)];
        let low = if high.length <= n || at == 0 { high } else { &self.lengths[at - 1] };
        if low.length >= high.length {
            return (high, high, 0.0);
        }
        let weight = (n as f64 / low.length as f64).ln() / (high.length as f64 / low.length as f64).ln();
        (low, high, weight)
    }

    /// Reads the text that [`Self::to_csv`] writes. Columns: kind, length, step, name, value.
    pub fn parse(text: &str, file: &str) -> Result<Self> {
        let mut class = Self { name: String::new(), coverage: Vec::new(), lengths: Vec::new() };
        let mut problems = Vec::new();
        let lines = text.lines().enumerate().filter(|(_, l)| !l.starts_with('#') && !l.trim().is_empty());
        for (i, line) in lines.skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let told = |message: &str| Problem::new(message).file(file).row(i + 1).value(line);
            let [kind, length, step, name, value] = cells[..] else {
                problems.push(told("a row of another width").expected("kind,length,step,name,value"));
                continue;
            };
            if kind == "class" {
                value.clone_into(&mut class.name);
                continue;
            }
            let (number, length) =
                (value.parse::<f64>().ok().filter(|v| v.is_finite()), length.parse::<usize>().ok());
            let taken = match (kind, number, length) {
                ("coverage", Some(v), _) => name.parse().is_ok_and(|level| {
                    class.coverage.push((level, v));
                    true
                }),
                ("series" | "scale" | "quantile", Some(v), Some(length)) => {
                    class.take(kind, length, step.parse().unwrap_or(0), name, v)
                }
                _ => false,
            };
            if !taken {
                let kinds = "class, coverage, series, scale or quantile, with its length, step and a number";
                problems.push(told("a row that is not understood").expected(kinds));
            }
        }
        if class.lengths.is_empty() || class.lengths.iter().any(|l| l.quantiles.is_empty()) {
            let problem = Problem::new("a class needs quantiles for each of its lengths").file(file);
            problems.push(problem.expected("rows `quantile,length,step,probability,value`"));
        }
        for l in &class.lengths {
            // NaN, where a probability is missing, fails the comparison too.
            let disordered = |row: &[f64; K]| !row.windows(2).all(|w| w[0] <= w[1]);
            if let Some(step) = l.quantiles.iter().position(disordered) {
                let message =
                    format!("length {}, step {}: quantiles that are missing or fall", l.length, step + 1);
                problems.push(Problem::new(message).file(file).expected("all 17 probabilities, ascending"));
            }
        }
        if problems.is_empty() { Ok(class) } else { Err(Error::Data(problems)) }
    }

    fn take(&mut self, kind: &str, length: usize, step: usize, name: &str, value: f64) -> bool {
        if self.lengths.last().is_none_or(|l| l.length < length) {
            let empty = LengthClass { length, series: 0, exponents: [0.0; MEASURES], quantiles: Vec::new() };
            self.lengths.push(empty);
        }
        let Some(entry) = self.lengths.last_mut().filter(|l| l.length == length) else { return false };
        match kind {
            "series" => entry.series = value as usize,
            "scale" => match MEASURE_NAMES.iter().position(|m| *m == name) {
                Some(i) => entry.exponents[i] = value,
                None => return false,
            },
            _ => {
                let at =
                    name.parse::<f64>().ok().and_then(|p| PROBS.iter().position(|q| (q - p).abs() < 1e-9));
                let Some(at) = at else { return false };
                if step == entry.quantiles.len() + 1 {
                    entry.quantiles.push([f64::NAN; K]);
                }
                let Some(row) = step.checked_sub(1).and_then(|s| entry.quantiles.get_mut(s)) else {
                    return false;
                };
                row[at] = value;
            }
        }
        true
    }

    /// The class as text: a small table of statistics, nothing of the series themselves.
    pub fn to_csv(&self) -> String {
        let mut out = String::from("kind,length,step,name,value\n");
        // Writing into a String can't fail.
        let _ = writeln!(out, "class,,,name,{}", self.name.replace([',', '\n'], " "));
        for (level, measured) in &self.coverage {
            let _ = writeln!(out, "coverage,,,{level},{measured:.4}");
        }
        for l in &self.lengths {
            let _ = writeln!(out, "series,{},,series,{}", l.length, l.series);
            for (name, e) in MEASURE_NAMES.iter().zip(l.exponents) {
                let _ = writeln!(out, "scale,{},,{name},{e:.4}", l.length);
            }
            for (step, row) in l.quantiles.iter().enumerate() {
                for (p, q) in PROBS.iter().zip(row) {
                    let _ = writeln!(out, "quantile,{},{},{p},{q:.4}", l.length, step + 1);
                }
            }
        }
        out
    }
}
