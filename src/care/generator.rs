//! Generators of continuous-time Markov chains: transition probabilities P(t) = exp(Qt) and their
//! derivatives.
//!
//! With λ the largest rate out of a state, exp(Qt) = e^(−λt) exp((Q + λI)t), and Q + λI has no negative
//! entry (uniformisation, Jensen 1953). Its exponential is summed by Taylor for a step so short that
//! λt ≤ 1, then squared: no term is negative, so nothing cancels and rows add to 1 to rounding.
//! Derivatives in the directions dQ are carried along by the product rule.

use ndarray::Array2;

/// Terms of the series: 1/20! is below the rounding of a double.
const TERMS: usize = 20;

/// P(t) for a generator `q` (rows add to 0, off-diagonal entries not negative), t ≥ 0.
pub fn probabilities(q: &Array2<f64>, t: f64) -> Array2<f64> {
    with_derivatives(q, &[], t).0
}

/// P(t), and dP(t) in each of the directions `dq`.
pub fn with_derivatives(q: &Array2<f64>, dq: &[Array2<f64>], t: f64) -> (Array2<f64>, Vec<Array2<f64>>) {
    let n = q.nrows();
    let eye = Array2::<f64>::eye(n);
    let rate = q.diag().iter().fold(0.0_f64, |m, v| m.max(-v));
    if rate * t <= 0.0 {
        return (eye, dq.iter().map(|d| d * t).collect());
    }
    let halvings = (rate * t).log2().ceil().max(0.0) as i32;
    let step = t / 2.0_f64.powi(halvings);
    let a = (q + &(&eye * rate)) * step;
    let da: Vec<Array2<f64>> = dq.iter().map(|d| d * step).collect();

    let mut term = eye.clone();
    let mut dterm = vec![Array2::<f64>::zeros((n, n)); da.len()];
    let mut p = eye;
    let mut dp = dterm.clone();
    for k in 1..=TERMS {
        let by = 1.0 / k as f64;
        for (d, direction) in dterm.iter_mut().zip(&da) {
            *d = (d.dot(&a) + term.dot(direction)) * by;
        }
        term = term.dot(&a) * by;
        p += &term;
        for (sum, d) in dp.iter_mut().zip(&dterm) {
            *sum += d;
        }
    }
    // λ is held fixed while Q moves: the factor e^(−λt) has no derivative.
    let decay = (-rate * step).exp();
    p *= decay;
    for d in &mut dp {
        *d *= decay;
    }
    for _ in 0..halvings {
        for d in &mut dp {
            *d = d.dot(&p) + p.dot(d);
        }
        p = p.dot(&p);
    }
    (p, dp)
}
