//! A continuous-time multistate model of ability, from assessments at irregular times.
//!
//! Kalbfleisch & Lawless (1985), "The analysis of panel data under a Markov assumption", JASA 80: the
//! state is seen only at the visits, so an interval of length t from r to s contributes p_rs(t) of
//! P(t) = exp(Qt). Death is known to the day: an interval that ends with it contributes
//! Σ_k p_rk(t) q_k,death over the states alive. The log intensities are set by Fisher scoring with the
//! outer products of the intervals' scores (Berndt, Hall, Hall & Hausman 1974) and step halving;
//! standard errors come from the observed information at the maximum.

use ndarray::{Array1, Array2};

use super::generator::{probabilities, with_derivatives};
use super::solve::solve;
use crate::error::{Error, Problem, Result};

/// One assessment (or the death) of a person.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observation {
    /// Any number that is the same for a person's observations, which stand together.
    pub person: u64,
    /// Years, on any scale of the person's own.
    pub time: f64,
    /// 0-based.
    pub state: usize,
}

/// Which moves there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    pub states: usize,
    /// (from, to), 0-based: the moves that can happen in an instant.
    pub moves: Vec<(usize, usize)>,
    /// The state whose time is known exactly, such as death; nothing leaves it.
    pub exact: Option<usize>,
}

/// A fitted chain.
#[derive(Debug, Clone, PartialEq)]
pub struct Multistate {
    pub chain: Chain,
    /// Moves a year by person in the state they leave, in the order of `chain.moves`.
    pub intensity: Vec<f64>,
    /// 95 % bounds, from the standard error of the log.
    pub lower: Vec<f64>,
    pub upper: Vec<f64>,
    pub minus_two_log_likelihood: f64,
    pub intervals: usize,
    pub iterations: usize,
}

impl Multistate {
    /// The generator Q: rows add to zero.
    pub fn generator(&self) -> Array2<f64> {
        generator(&self.chain, &self.intensity)
    }

    /// Probabilities of each state after `years`, by state now: (states, states), rows add to 1.
    ///
    /// # Errors
    /// `Data` for a time that is negative or not finite.
    pub fn probabilities(&self, years: f64) -> Result<Array2<f64>> {
        if years.is_finite() && (0.0..=1e6).contains(&years) {
            return Ok(probabilities(&self.generator(), years));
        }
        Err(Error::data(Problem::new("not a time").column("years").value(years).expected("0 or more years")))
    }

    /// Mean years spent in each state at a time; none for a state that nothing leaves.
    pub fn mean_stay(&self) -> Vec<Option<f64>> {
        let q = self.generator();
        q.diag().iter().map(|d| (*d < 0.0).then(|| -1.0 / d)).collect()
    }
}

const MOST_ITERATIONS: usize = 500;
/// Largest gain still to be had in log likelihood, by the quadratic approximation.
const TOLERANCE: f64 = 1e-9;
/// Bounds a factor of e^12 apart from the estimate: the data say nothing about the move, as when it is
/// never seen and its intensity runs to zero.
const MOST_HALF_WIDTH: f64 = 12.0;
/// Two-sided 95 % point of the normal distribution.
const Z95: f64 = 1.959_963_984_540_054;

/// Fits the intensities. `step(iteration, at most)` returning false stops with `Error::Interrupted`.
///
/// # Errors
/// `Model` for a chain that makes no sense, or that the data can't tell (a move without which the
/// likelihood is as good, a likelihood that doesn't settle); `Data` for times that don't rise, states
/// that aren't there, and intervals that the chain makes impossible.
pub fn fit(
    observations: &[Observation],
    chain: &Chain,
    step: &(dyn Fn(usize, usize) -> bool + Sync),
) -> Result<Multistate> {
    check_chain(chain)?;
    let groups = intervals(observations, chain)?;
    let count: f64 = groups.iter().flat_map(|g| &g.ends).map(|e| e.count).sum();
    let mut theta = Array1::from(start(&groups, chain));
    let mut now = evaluate(&groups, chain, &theta)?;
    for iteration in 1..=MOST_ITERATIONS {
        if !step(iteration, MOST_ITERATIONS) {
            return Err(Error::Interrupted);
        }
        let direction = solve(&now.outer, &now.score).ok_or_else(|| cannot_tell(chain, &now.outer))?;
        let gain = direction.dot(&now.score);
        if gain < TOLERANCE {
            return finish(&groups, chain, &theta, &now, count as usize, iteration);
        }
        // A step of more than e^3 in an intensity leaves the region where the approximation holds.
        let mut length = (3.0 / direction.iter().fold(0.0_f64, |m, d| m.max(d.abs()))).min(1.0);
        loop {
            let next = &theta + &(&direction * length);
            if let Ok(value) = evaluate(&groups, chain, &next)
                && value.log_likelihood > now.log_likelihood
            {
                (theta, now) = (next, value);
                break;
            }
            length *= 0.5;
            if length < 1e-10 {
                return finish(&groups, chain, &theta, &now, count as usize, iteration);
            }
        }
    }
    Err(Error::model(
        Problem::new("the likelihood does not settle")
            .value(format!("{MOST_ITERATIONS} iterations"))
            .expected("fewer moves, or more assessments"),
    ))
}

fn finish(
    groups: &[Group],
    chain: &Chain,
    theta: &Array1<f64>,
    now: &Value,
    intervals: usize,
    iterations: usize,
) -> Result<Multistate> {
    // Observed information: the exact score, differenced.
    let n = theta.len();
    let mut information = Array2::zeros((n, n));
    for k in 0..n {
        let h = 1e-4;
        let at = |by: f64| {
            let mut moved = theta.clone();
            moved[k] += by;
            evaluate(groups, chain, &moved)
        };
        let row = (at(-h)?.score - at(h)?.score) / (2.0 * h);
        information.row_mut(k).assign(&row);
    }
    let information = (&information + &information.t()) * 0.5;
    let mut half_width = Vec::with_capacity(n);
    for k in 0..n {
        let mut unit = Array1::zeros(n);
        unit[k] = 1.0;
        let column = solve(&information, &unit).ok_or_else(|| cannot_tell(chain, &information))?;
        let width = Z95 * column[k].max(0.0).sqrt();
        if width > MOST_HALF_WIDTH {
            return Err(cannot_tell(chain, &information));
        }
        half_width.push(width);
    }
    let with =
        |sign: f64| theta.iter().zip(&half_width).map(|(t, w)| (t + sign * w).exp()).collect::<Vec<_>>();
    Ok(Multistate {
        chain: chain.clone(),
        intensity: with(0.0),
        lower: with(-1.0),
        upper: with(1.0),
        minus_two_log_likelihood: -2.0 * now.log_likelihood,
        intervals,
        iterations,
    })
}

/// Intervals of one length.
struct Group {
    years: f64,
    ends: Vec<End>,
}

/// So many intervals from one state to another.
#[derive(Clone, Copy)]
struct End {
    from: usize,
    to: usize,
    count: f64,
}

struct Value {
    log_likelihood: f64,
    score: Array1<f64>,
    /// Sum of the outer products of the intervals' scores.
    outer: Array2<f64>,
}

/// Log likelihood at log intensities `theta`; an error where it is zero or not a number.
fn evaluate(groups: &[Group], chain: &Chain, theta: &Array1<f64>) -> Result<Value> {
    let intensity: Vec<f64> = theta.iter().map(|t| t.exp()).collect();
    let q = generator(chain, &intensity);
    let n = theta.len();
    let dq: Vec<Array2<f64>> = (0..n)
        .map(|k| {
            let mut only = vec![0.0; n];
            only[k] = intensity[k];
            generator(chain, &only)
        })
        .collect();
    let mut out = Value { log_likelihood: 0.0, score: Array1::zeros(n), outer: Array2::zeros((n, n)) };
    for group in groups {
        let (p, dp) = with_derivatives(&q, &dq, group.years);
        for end in &group.ends {
            let (chance, slope) = contribution(chain, &q, &dq, &p, &dp, end);
            if !(chance > 0.0 && chance.is_finite()) {
                return Err(Error::data(
                    Problem::new("an interval that the chain makes impossible")
                        .value(format!("{} to {} in {} years", end.from + 1, end.to + 1, group.years))
                        .expected("moves by which it can happen"),
                ));
            }
            let score = slope / chance;
            out.log_likelihood += end.count * chance.ln();
            for i in 0..n {
                out.score[i] += end.count * score[i];
                for j in 0..n {
                    out.outer[[i, j]] += end.count * score[i] * score[j];
                }
            }
        }
    }
    if out.log_likelihood.is_finite() && out.score.iter().all(|s| s.is_finite()) {
        return Ok(out);
    }
    Err(Error::model(
        Problem::new("the likelihood is not a number").expected("intensities nearer to the data"),
    ))
}

/// Likelihood of one interval and its derivatives.
fn contribution(
    chain: &Chain,
    q: &Array2<f64>,
    dq: &[Array2<f64>],
    p: &Array2<f64>,
    dp: &[Array2<f64>],
    end: &End,
) -> (f64, Array1<f64>) {
    if chain.exact != Some(end.to) {
        return (p[[end.from, end.to]], dp.iter().map(|d| d[[end.from, end.to]]).collect());
    }
    let alive = || (0..chain.states).filter(|k| *k != end.to);
    let chance = alive().map(|k| p[[end.from, k]] * q[[k, end.to]]).sum();
    let slope = dq.iter().zip(dp).map(|(dq, dp)| {
        alive().map(|k| dp[[end.from, k]] * q[[k, end.to]] + p[[end.from, k]] * dq[[k, end.to]]).sum()
    });
    (chance, slope.collect())
}

fn generator(chain: &Chain, intensity: &[f64]) -> Array2<f64> {
    let mut q = Array2::zeros((chain.states, chain.states));
    for (&(from, to), rate) in chain.moves.iter().zip(intensity) {
        q[[from, to]] += rate;
        q[[from, from]] -= rate;
    }
    q
}

/// Where to begin: moves seen between neighbouring visits per year spent in the state left, as if every
/// move fell on a visit; never nothing.
fn start(groups: &[Group], chain: &Chain) -> Vec<f64> {
    let mut years = vec![0.0; chain.states];
    let mut seen = Array2::<f64>::zeros((chain.states, chain.states));
    for group in groups {
        for end in &group.ends {
            years[end.from] += end.count * group.years;
            seen[[end.from, end.to]] += end.count;
        }
    }
    let crude = |&(from, to): &(usize, usize)| (seen[[from, to]] + 0.5) / (years[from] + 1.0);
    chain.moves.iter().map(|m| crude(m).ln()).collect()
}

/// The intervals between neighbouring observations, those alike together, by rising length.
fn intervals(observations: &[Observation], chain: &Chain) -> Result<Vec<Group>> {
    let mut problems = Vec::new();
    let mut gone = std::collections::BTreeSet::new();
    let mut all: Vec<(f64, usize, usize)> = Vec::new();
    for (i, o) in observations.iter().enumerate() {
        let bad = |message: &str, value: String, expected: &str| {
            Problem::new(message).row(i + 1).value(value).expected(expected)
        };
        if o.state >= chain.states {
            let expected = format!("1 to {}", chain.states);
            problems.push(bad("no such state", (o.state + 1).to_string(), &expected).column("state"));
            continue;
        }
        if !o.time.is_finite() {
            problems.push(bad("not a time", o.time.to_string(), "years").column("time"));
            continue;
        }
        let Some(before) = i.checked_sub(1).map(|b| observations[b]) else { continue };
        if before.person != o.person {
            gone.insert(before.person);
            if gone.contains(&o.person) {
                let expected = "the observations of a person one after another";
                problems.push(bad("person stands apart", o.person.to_string(), expected).column("person"));
            }
        } else if o.time <= before.time {
            let expected = format!("a time after {}", before.time);
            problems.push(bad("times do not rise", o.time.to_string(), &expected).column("time"));
        } else if chain.exact == Some(before.state) {
            problems.push(
                bad("seen after death", o.time.to_string(), "death as the last observation").column("state"),
            );
        } else if before.state < chain.states {
            all.push((o.time - before.time, before.state, o.state));
        }
    }
    if !problems.is_empty() {
        return Err(Error::Data(problems));
    }
    if all.is_empty() {
        return Err(Error::data(
            Problem::new("no interval").expected("two observations of at least one person"),
        ));
    }
    all.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut groups: Vec<Group> = Vec::new();
    for (years, from, to) in all {
        match groups.last_mut() {
            Some(group) if group.years == years => match group.ends.last_mut() {
                Some(end) if (end.from, end.to) == (from, to) => end.count += 1.0,
                _ => group.ends.push(End { from, to, count: 1.0 }),
            },
            _ => groups.push(Group { years, ends: vec![End { from, to, count: 1.0 }] }),
        }
    }
    Ok(groups)
}

fn check_chain(chain: &Chain) -> Result<()> {
    let mut problems = Vec::new();
    if !(2..=50).contains(&chain.states) {
        problems.push(Problem::new("number of states").value(chain.states).expected("2 to 50"));
    }
    if chain.moves.is_empty() {
        problems.push(Problem::new("a chain without moves").expected("at least one (from, to)"));
    }
    for (i, &(from, to)) in chain.moves.iter().enumerate() {
        let text = format!("{} to {}", from + 1, to + 1);
        let real = from < chain.states && to < chain.states && from != to;
        if !real || chain.moves[..i].contains(&(from, to)) {
            problems.push(Problem::new("no such move, or named twice").row(i + 1).value(&text));
        }
        if chain.exact == Some(from) {
            problems.push(Problem::new("a move out of death").row(i + 1).value(text));
        }
    }
    if chain.exact.is_some_and(|e| e >= chain.states) {
        problems.push(Problem::new("the exact state isn't there").expected("one of the states"));
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Model(problems)) }
}

/// Names the moves about which the data say least.
fn cannot_tell(chain: &Chain, information: &Array2<f64>) -> Error {
    let diagonal: Vec<f64> = information.diag().to_vec();
    let least = (0..diagonal.len()).min_by(|a, b| diagonal[*a].total_cmp(&diagonal[*b]));
    let name = least.map(|k| format!("{} to {}", chain.moves[k].0 + 1, chain.moves[k].1 + 1));
    Error::model(
        Problem::new("the data can't tell all moves apart")
            .value(name.unwrap_or_default())
            .expected("fewer moves, or more assessments"),
    )
}
