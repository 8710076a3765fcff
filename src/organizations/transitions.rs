//! Transitions between the conclusions of one year and the next, with Dirichlet shrinkage to the type.
//!
//! A thin row (what followed 不合格, seen six times) is drawn towards what follows in the type as a whole: the prior of
//! each row is Dirichlet(α·m), m the type's own distribution of the later conclusion, α the strength that makes the
//! counts of the type's rows most likely (Dirichlet-multinomial; Minka 2000, "Estimating a Dirichlet distribution").

use statrs::function::gamma::ln_gamma;

use super::dates;
use super::kinds::{Conclusion, Kind};
use super::register::Register;
use super::statistics::{beta_quantile, check_level};
use super::streak::synthetic_mark;
use crate::error::{Error, Problem, Result};
use crate::tables::Table;

/// Counts [from][to] of conclusions in consecutive years.
pub type Matrix = [[u64; 5]; 5];

/// What is known of one type after shrinkage.
#[derive(Debug, Clone, PartialEq)]
pub struct Transitions {
    pub counts: Matrix,
    /// Whether a conclusion takes part: the four always, exempt where it occurs.
    pub states: [bool; 5],
    /// The type's own distribution of the later conclusion.
    pub margin: [f64; 5],
    /// Strength α of the prior, in years of observation.
    pub strength: f64,
}

impl Transitions {
    /// From counts; the strength is estimated where it is not given.
    pub fn new(counts: Matrix, strength: Option<f64>) -> Self {
        let exempt = Conclusion::Exempt as usize;
        let seen = (0..5).any(|i| counts[i][exempt] + counts[exempt][i] > 0);
        let states = [true, true, true, true, seen];
        let mut margin = [0.0; 5];
        for (to, m) in margin.iter_mut().enumerate() {
            if states[to] {
                // Half a case each, so that nothing is impossible for not having been seen.
                *m = counts.iter().map(|row| row[to]).sum::<u64>() as f64 + 0.5;
            }
        }
        let sum: f64 = margin.iter().sum();
        margin.iter_mut().for_each(|m| *m /= sum);
        let strength = strength.unwrap_or_else(|| estimate(&counts, &margin));
        Self { counts, states, margin, strength }
    }

    /// Parameters of the posterior Dirichlet of a row.
    pub fn posterior(&self, from: usize) -> [f64; 5] {
        std::array::from_fn(|to| self.counts[from][to] as f64 + self.strength * self.margin[to])
    }
}

/// The strength from 0.5 to 1000 under which the rows are most likely.
fn estimate(counts: &Matrix, margin: &[f64; 5]) -> f64 {
    let likelihood = |alpha: f64| -> f64 {
        let of_row = |row: &[u64; 5]| {
            let n: u64 = row.iter().sum();
            let cells = row.iter().zip(margin).filter(|(n, _)| **n > 0);
            ln_gamma(alpha) - ln_gamma(alpha + n as f64)
                + cells.map(|(n, m)| ln_gamma(alpha * m + *n as f64) - ln_gamma(alpha * m)).sum::<f64>()
        };
        counts.iter().map(of_row).sum()
    };
    let steps = 160;
    let alpha = |i: usize| 0.5 * 2000f64.powf(i as f64 / steps as f64);
    (0..=steps)
        .map(|i| (likelihood(alpha(i)), alpha(i)))
        .fold((f64::NEG_INFINITY, 0.5), |best, next| if next.0 > best.0 { next } else { best })
        .1
}

/// Counts by type, in the order of [`Kind::ALL`]; records before registration or after closing do not count.
pub fn transition_counts(register: &Register) -> [Matrix; 4] {
    let mut counts = [[[0; 5]; 5]; 4];
    for (i, o) in register.organizations().iter().enumerate() {
        let from = o.registered().map_or(i32::MIN, dates::year_of);
        let to = o.closed().map_or(i32::MAX, dates::year_of);
        let mut before: Option<(i32, Conclusion)> = None;
        for (year, conclusion) in register.history(i).filter(|(y, _)| (from..=to).contains(y)) {
            if let Some((y, earlier)) = before
                && y + 1 == year
            {
                counts[o.kind as usize][earlier as usize][conclusion as usize] += 1;
            }
            before = Some((year, conclusion));
        }
    }
    counts
}

/// Types that the register knows, each with its matrix, and all together.
pub(super) fn by_type(register: &Register) -> Vec<(&'static str, Matrix)> {
    let counts = transition_counts(register);
    let mut total = [[0; 5]; 5];
    let mut found = Vec::new();
    for kind in Kind::ALL {
        if register.organizations().iter().any(|o| o.kind == kind) {
            let matrix = counts[kind as usize];
            for (row, add) in total.iter_mut().zip(matrix) {
                row.iter_mut().zip(add).for_each(|(a, b)| *a += b);
            }
            found.push((kind.name(), matrix));
        }
    }
    found.push(("total", total));
    found
}

/// The table of transitions: type, from, to, count, probability, low, high.
///
/// # Errors
/// `Error::Data` for a level or a strength that is none.
pub fn transitions_table(register: &Register, strength: Option<f64>, level: f64) -> Result<Table> {
    check_level(level)?;
    if let Some(s) = strength
        && !(s > 0.0 && s.is_finite())
    {
        let problem = Problem::new("not a strength").column("strength").value(s);
        return Err(Error::data(problem.expected("a positive number of years, or None: estimated")));
    }
    let mut rows: Vec<(&str, usize, usize, u64, f64, f64, f64)> = Vec::new();
    let mut strengths = Vec::new();
    for (name, counts) in by_type(register) {
        let fitted = Transitions::new(counts, strength);
        let label = Kind::ALL.into_iter().find(|k| k.name() == name).map_or("合计", Kind::label);
        strengths.push(format!("{label}{:.1}", fitted.strength));
        let states: Vec<usize> = (0..5).filter(|s| fitted.states[*s]).collect();
        for &from in &states {
            let posterior = fitted.posterior(from);
            let sum: f64 = states.iter().map(|s| posterior[*s]).sum();
            for &to in &states {
                let (a, b) = (posterior[to], sum - posterior[to]);
                // Where next to nothing was seen the mean may lie above the upper quantile: the interval holds it.
                let mean = a / sum;
                let low = beta_quantile(a, b, 0.5 - level / 2.0)?.min(mean);
                let high = beta_quantile(a, b, 0.5 + level / 2.0)?.max(mean);
                rows.push((name, from, to, counts[from][to], mean, low, high));
            }
        }
    }
    let name = |c: usize| Conclusion::from_index(c as u8).map_or("", Conclusion::name);
    Table::builder(format!("年检结论的年际变动{}", synthetic_mark(register)))
        .note("相邻两年均有记录的组织，由前一年结论到后一年结论；概率向同类组织的总体分布收缩（狄利克雷先验）。")
        .note(format!("先验强度（折合观测数）：{}。", strengths.join("，")))
        .note(format!("区间为后验{}%等尾区间。", level * 100.0))
        .text("type", "类型", rows.iter().map(|r| r.0))
        .text("from", "上年结论", rows.iter().map(|r| name(r.1)))
        .text("to", "本年结论", rows.iter().map(|r| name(r.2)))
        .int("count", "组织数", "个", rows.iter().map(|r| r.3 as i64))
        .float("probability", "概率", "", rows.iter().map(|r| r.4))
        .float("low", "下限", "", rows.iter().map(|r| r.5))
        .float("high", "上限", "", rows.iter().map(|r| r.6))
        .build()
}
