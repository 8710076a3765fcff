//! What an amount's uncertainty is made of: quantiles, a tornado, shares of variance.

use crate::draws::{mean, quantile_sorted};
use crate::error::{Error, Problem, Result};

/// Mean and the quantiles that a budget shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    pub mean: f64,
    pub p50: f64,
    pub p80: f64,
    pub p95: f64,
}

/// Quantiles of draws (type 7); `None` for no draws.
pub fn spread(draws: &[f64]) -> Option<Spread> {
    let mut sorted = draws.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let q = |p| quantile_sorted(&sorted, p);
    Some(Spread { mean: mean(draws), p50: q(0.5)?, p80: q(0.8)?, p95: q(0.95)? })
}

/// An uncertain input with its P10, central value and P90.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    pub name: String,
    pub p10: f64,
    pub central: f64,
    pub p90: f64,
}

/// The amount with one input at its P10 and at its P90, all others central.
#[derive(Debug, Clone, PartialEq)]
pub struct Swing {
    pub name: String,
    pub at_p10: f64,
    pub at_p90: f64,
}

/// One at a time: `amount` at P10 and P90 of each input, the widest swing first.
///
/// # Errors
/// Those of `amount`; `Model` where it gives a value that isn't finite.
pub fn tornado(inputs: &[Input], mut amount: impl FnMut(&[f64]) -> Result<f64>) -> Result<Vec<Swing>> {
    let mut values: Vec<f64> = inputs.iter().map(|i| i.central).collect();
    let mut swings = Vec::with_capacity(inputs.len());
    for (k, input) in inputs.iter().enumerate() {
        let mut at = |v: f64| {
            values[k] = v;
            let y = amount(&values)?;
            if y.is_finite() {
                return Ok(y);
            }
            Err(Error::model(Problem::new("amount is not finite").column(&*input.name).value(v)))
        };
        let (low, high) = (at(input.p10)?, at(input.p90)?);
        values[k] = input.central;
        swings.push(Swing { name: input.name.clone(), at_p10: low, at_p90: high });
    }
    // Stable: inputs that swing alike stay in the order given.
    swings.sort_by(|a, b| (b.at_p90 - b.at_p10).abs().total_cmp(&(a.at_p90 - a.at_p10).abs()));
    Ok(swings)
}

/// Share of the output's variance that each input explains by itself: the squared correlation over
/// draws, the first-order index of a linear model with independent inputs. What is missing to 1 is
/// interaction, curvature and noise of the draws. An input that doesn't vary explains 0.
///
/// # Errors
/// `Data` for inputs with another number of draws, fewer than three, or values that aren't finite.
pub fn variance_shares(inputs: &[(&str, &[f64])], output: &[f64]) -> Result<Vec<f64>> {
    let mut problems = Vec::new();
    if output.len() < 3 {
        problems.push(Problem::new("too few draws").value(output.len()).expected("three or more"));
    }
    for (name, draws) in inputs.iter().chain(&[("output", output)]) {
        if draws.len() != output.len() {
            let expected = format!("{} draws", output.len());
            problems
                .push(Problem::new("number of draws").column(*name).value(draws.len()).expected(expected));
        }
        if let Some(v) = draws.iter().find(|v| !v.is_finite()) {
            problems.push(Problem::new("not a finite number").column(*name).value(v));
        }
    }
    if !problems.is_empty() {
        return Err(Error::Data(problems));
    }
    Ok(inputs.iter().map(|(_, draws)| squared_correlation(draws, output)).collect())
}

fn squared_correlation(x: &[f64], y: &[f64]) -> f64 {
    let (mx, my) = (mean(x), mean(y));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (a, b) in x.iter().zip(y) {
        xx += (a - mx) * (a - mx);
        yy += (b - my) * (b - my);
        xy += (a - mx) * (b - my);
    }
    let scale = xx * yy;
    if scale > 0.0 && scale.is_finite() { (xy * xy / scale).min(1.0) } else { 0.0 }
}
