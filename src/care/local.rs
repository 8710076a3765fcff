//! A published schedule re-estimated from local assessments: ordered logit in age and sex, shrunk to
//! what is published.
//!
//! With S_k(x) the published share at age x in level k or a worse one, the local one is
//! logit S'_k = logit S_k + δ + ε_k + β (male − ½) + γ (x − 75)/10, ε of the first level being 0: an
//! ordered logit (McCullagh 1980) whose offset is the published schedule. δ, ε, β and γ have normal
//! priors around 0, so that without data the published schedule comes back and with many assessments the
//! local shares do. The mode is found by Fisher scoring.
//!
//! The assessed must stand for all persons of their age: a list of those who applied for a benefit
//! does not, and gives shares far too high.

use ndarray::{Array1, Array2};

use super::AGES;
use super::gradient::FIRST_AGE;
use super::schedule::{Level, Schedule};
use super::solve::solve;
use crate::error::{Error, Problem, Result};

/// Persons of one sex and age who were found in one level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Assessed {
    /// 0 female, 1 male.
    pub sex: usize,
    /// Single year, 60 to 100 (100 and over).
    pub age: usize,
    /// 0: in no level of need; k: in the k-th level of the schedule.
    pub level: usize,
    pub persons: f64,
}

/// Standard deviations of the priors on the log odds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prior {
    /// Of the common shift δ; the schedule's own `log_sd` is the spread between places.
    pub shift: f64,
    /// Of each worse level's own shift ε: wide, where the split into levels is an assumption.
    pub level: f64,
    /// Of men against women.
    pub sex: f64,
    /// Of the slope in ten years of age.
    pub age: f64,
}

impl Prior {
    /// The spread between places of the schedule; 0.5 for levels and sex, 0.3 for ten years of age. The
    /// last three are assumptions: a factor of 1.6 and 1.35 in the odds is thought no surprise.
    pub fn of(schedule: &Schedule) -> Self {
        Self { shift: schedule.log_sd, level: 0.5, sex: 0.5, age: 0.3 }
    }
}

/// A re-estimated schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct Local {
    /// With the local shares; `log_sd` is the posterior standard deviation of δ.
    pub schedule: Schedule,
    /// δ, ε of the second level and on, β, γ.
    pub estimate: Vec<f64>,
    pub standard_error: Vec<f64>,
    pub assessed: f64,
}

/// Re-estimates `schedule`, whose levels stand from mildest to worst.
///
/// # Errors
/// `Data` for counts that are negative or not finite, and ages, sexes or levels that aren't there;
/// `Model` for priors that aren't positive, or where the levels would change order at some age.
pub fn re_estimate(schedule: &Schedule, assessed: &[Assessed], prior: Prior) -> Result<Local> {
    check(schedule, assessed, prior)?;
    let model = Model::new(schedule, prior);
    let mut cells = vec![vec![0.0; model.levels + 1]; 2 * AGES];
    for a in assessed {
        cells[a.sex * AGES + a.age][a.level] += a.persons;
    }
    let mut theta = Array1::zeros(model.levels + 2);
    let mut now = model.evaluate(&cells, &theta).ok_or_else(out_of_order)?;
    for _ in 0..200 {
        let step = solve(&now.information, &now.score).ok_or_else(out_of_order)?;
        if step.dot(&now.score) < 1e-12 {
            break;
        }
        let mut length = 1.0;
        loop {
            let next = &theta + &(&step * length);
            match model.evaluate(&cells, &next) {
                Some(value) if value.objective > now.objective => {
                    (theta, now) = (next, value);
                    break;
                }
                _ if length < 1e-9 => break,
                _ => length *= 0.5,
            }
        }
        if length < 1e-9 {
            break;
        }
    }
    let n = theta.len();
    let error = |k: usize| {
        let unit = Array1::from_shape_fn(n, |i| if i == k { 1.0 } else { 0.0 });
        solve(&now.information, &unit).map(|column| column[k].sqrt()).ok_or_else(out_of_order)
    };
    let standard_error = (0..n).map(error).collect::<Result<Vec<_>>>()?;
    let mut local = schedule.clone();
    for sex in 0..2 {
        for age in FIRST_AGE..AGES {
            let shares = model.shares(sex, age, &theta).ok_or_else(out_of_order)?;
            for (level, share) in local.levels.iter_mut().zip(&shares[1..]) {
                level.prevalence[[sex, age]] = *share;
            }
        }
    }
    let persons: f64 = assessed.iter().map(|a| a.persons).sum();
    local.label = format!("{}（按本地评估结果修正）", schedule.label);
    local.note = format!("{}；按本地{persons:.0}人的评估结果修正，向公布水平收缩", schedule.note);
    local.log_sd = standard_error[0];
    Ok(Local { schedule: local, estimate: theta.to_vec(), standard_error, assessed: persons })
}

struct Model {
    levels: usize,
    /// logit S_k by level, sex and age.
    offset: Vec<Array2<f64>>,
    precision: Array1<f64>,
}

struct Value {
    objective: f64,
    score: Array1<f64>,
    information: Array2<f64>,
}

impl Model {
    fn new(schedule: &Schedule, prior: Prior) -> Self {
        let levels = schedule.levels.len();
        let mut worse = Array2::<f64>::zeros((2, AGES));
        let mut offset: Vec<Array2<f64>> = Vec::with_capacity(levels);
        for Level { prevalence, .. } in schedule.levels.iter().rev() {
            worse += prevalence;
            offset.push(worse.mapv(|s| (s / (1.0 - s)).ln()));
        }
        offset.reverse();
        let mut sd = vec![prior.level; levels + 2];
        (sd[0], sd[levels], sd[levels + 1]) = (prior.shift, prior.sex, prior.age);
        Self { levels, offset, precision: sd.iter().map(|s| 1.0 / (s * s)).collect() }
    }

    /// What multiplies each parameter in the log odds of level k or worse (k from 0).
    fn design(&self, k: usize, sex: usize, age: usize) -> Array1<f64> {
        let mut z = Array1::zeros(self.levels + 2);
        z[0] = 1.0;
        if k > 0 {
            z[k] = 1.0;
        }
        z[self.levels] = sex as f64 - 0.5;
        z[self.levels + 1] = (age as f64 - 75.0) / 10.0;
        z
    }

    /// S'_0 = 1, S'_1, …, S'_K, 0 with their derivatives.
    fn cumulative(&self, sex: usize, age: usize, theta: &Array1<f64>) -> Vec<(f64, Array1<f64>)> {
        let none = Array1::zeros(theta.len());
        let mut out = vec![(1.0, none.clone())];
        for k in 0..self.levels {
            let z = self.design(k, sex, age);
            let s = 1.0 / (1.0 + (-(self.offset[k][[sex, age]] + z.dot(theta))).exp());
            out.push((s, z * (s * (1.0 - s))));
        }
        out.push((0.0, none));
        out
    }

    /// Share in no need and in each level; none where they aren't all positive.
    fn shares(&self, sex: usize, age: usize, theta: &Array1<f64>) -> Option<Vec<f64>> {
        let s = self.cumulative(sex, age, theta);
        let shares: Vec<f64> = s.windows(2).map(|w| w[0].0 - w[1].0).collect();
        shares.iter().all(|p| *p > 0.0).then_some(shares)
    }

    /// Log posterior, its gradient and the expected information; none where a share isn't positive.
    fn evaluate(&self, cells: &[Vec<f64>], theta: &Array1<f64>) -> Option<Value> {
        let n = theta.len();
        let prior = theta * &self.precision;
        let mut out = Value {
            objective: -0.5 * theta.dot(&prior),
            score: -prior,
            information: Array2::from_diag(&self.precision),
        };
        for sex in 0..2 {
            for age in FIRST_AGE..AGES {
                self.shares(sex, age, theta)?;
                let counts = &cells[sex * AGES + age];
                let total: f64 = counts.iter().sum();
                if total == 0.0 {
                    continue;
                }
                let s = self.cumulative(sex, age, theta);
                for (w, count) in s.windows(2).zip(counts) {
                    let p = w[0].0 - w[1].0;
                    let dp = &w[0].1 - &w[1].1;
                    out.objective += count * p.ln();
                    out.score.scaled_add(count / p, &dp);
                    for i in 0..n {
                        for j in 0..n {
                            out.information[[i, j]] += total * dp[i] * dp[j] / p;
                        }
                    }
                }
            }
        }
        out.objective.is_finite().then_some(out)
    }
}

fn check(schedule: &Schedule, assessed: &[Assessed], prior: Prior) -> Result<()> {
    let mut problems = Vec::new();
    for (i, a) in assessed.iter().enumerate() {
        let mut bad = |column: &str, value: String, expected: String| {
            let p = Problem::new("not an assessment").row(i + 1).column(column).value(value);
            problems.push(p.expected(expected));
        };
        if a.sex > 1 {
            bad("sex", a.sex.to_string(), "0 female, 1 male".to_owned());
        }
        if !(FIRST_AGE..AGES).contains(&a.age) {
            bad("age", a.age.to_string(), format!("{FIRST_AGE} to {}", AGES - 1));
        }
        if a.level > schedule.levels.len() {
            bad("level", a.level.to_string(), format!("0 to {}", schedule.levels.len()));
        }
        if !(a.persons.is_finite() && a.persons >= 0.0) {
            bad("persons", a.persons.to_string(), "0 or more".to_owned());
        }
    }
    if !problems.is_empty() {
        return Err(Error::Data(problems));
    }
    let sds = [("shift", prior.shift), ("level", prior.level), ("sex", prior.sex), ("age", prior.age)];
    let wrong = sds.into_iter().filter(|(_, sd)| !(sd.is_finite() && *sd > 0.0));
    let problems: Vec<Problem> = wrong
        .map(|(name, sd)| Problem::new("not a spread").column(name).value(sd).expected("above 0"))
        .collect();
    if problems.is_empty() { Ok(()) } else { Err(Error::Model(problems)) }
}

fn out_of_order() -> Error {
    let p = Problem::new("levels of need change order or vanish at some age");
    Error::model(p.expected("levels from mildest to worst, each with a share above 0 at every age"))
}
