//! Generators of continuous-time Markov chains: transition probabilities P(t) = exp(Qt) and their
//! derivatives.
//!
//! With λ the largest rate out of a state, exp(Qt) = e^(−λt) exp((Q + λI)t), and Q + λI has no negative
//! entry (uniformisation, Jensen 1953). Its exponential is summed by Taylor for a step so short that
//! λt ≤ ½, then squared: no term is negative, so nothing cancels and rows add to 1 to rounding.
//! Derivatives in the directions dQ are carried along by the product rule.

use ndarray::Array2;

/// Terms of the series: ½¹⁵/15! is below the rounding of a double.
const TERMS: usize = 14;

/// P(t) for a generator `q` (rows add to 0, off-diagonal entries not negative), t ≥ 0.
pub fn probabilities(q: &Array2<f64>, t: f64) -> Array2<f64> {
    with_derivatives(q, &[], t).0
}

/// P(t), and dP(t) in each of the directions `dq`.
pub fn with_derivatives(q: &Array2<f64>, dq: &[Array2<f64>], t: f64) -> (Array2<f64>, Vec<Array2<f64>>) {
    let n = q.nrows();
    let rate = q.diag().iter().fold(0.0_f64, |m, v| m.max(-v));
    if rate * t <= 0.0 {
        return (Array2::eye(n), dq.iter().map(|d| d * t).collect());
    }
    let halvings = ((rate * t).log2().ceil() + 1.0).max(0.0) as i32;
    let step = t / 2.0_f64.powi(halvings);
    // Flat row-major buffers: the matrices are small, and an allocation would cost more than a product.
    let a = flat(&((q + &(Array2::<f64>::eye(n) * rate)) * step));
    let directions: Vec<Vec<f64>> = dq.iter().map(|d| flat(&(d * step))).collect();

    let mut p = flat(&Array2::eye(n));
    let mut term = p.clone();
    let mut dterm = vec![vec![0.0; n * n]; directions.len()];
    let mut dp = dterm.clone();
    let mut next = vec![0.0; n * n];
    for k in 1..=TERMS {
        let by = 1.0 / k as f64;
        for ((d, direction), sum) in dterm.iter_mut().zip(&directions).zip(&mut dp) {
            next.fill(0.0);
            add_product(&mut next, d, &a, n);
            add_product(&mut next, &term, direction, n);
            for ((d, v), s) in d.iter_mut().zip(&next).zip(sum) {
                *d = v * by;
                *s += *d;
            }
        }
        next.fill(0.0);
        add_product(&mut next, &term, &a, n);
        for ((t, v), s) in term.iter_mut().zip(&next).zip(&mut p) {
            *t = v * by;
            *s += *t;
        }
    }
    // λ is held fixed while Q moves: the factor e^(−λt) has no derivative.
    let decay = (-rate * step).exp();
    for v in p.iter_mut().chain(dp.iter_mut().flatten()) {
        *v *= decay;
    }
    for _ in 0..halvings {
        for d in &mut dp {
            next.fill(0.0);
            add_product(&mut next, d, &p, n);
            add_product(&mut next, &p, d, n);
            d.copy_from_slice(&next);
        }
        next.fill(0.0);
        add_product(&mut next, &p, &p, n);
        p.copy_from_slice(&next);
    }
    (square(&p, n), dp.iter().map(|d| square(d, n)).collect())
}

fn flat(m: &Array2<f64>) -> Vec<f64> {
    m.iter().copied().collect()
}

fn square(m: &[f64], n: usize) -> Array2<f64> {
    Array2::from_shape_fn((n, n), |(i, j)| m[i * n + j])
}

/// out += a·b for row-major n × n matrices.
fn add_product(out: &mut [f64], a: &[f64], b: &[f64], n: usize) {
    for (row, a) in out.chunks_exact_mut(n).zip(a.chunks_exact(n)) {
        for (x, b) in a.iter().zip(b.chunks_exact(n)) {
            for (o, y) in row.iter_mut().zip(b) {
                *o += x * y;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr2;

    #[test]
    fn two_states_as_the_closed_form() {
        let (a, b) = (0.3_f64, 1.1_f64);
        let q = arr2(&[[-a, a], [b, -b]]);
        for t in [0.0, 1e-9, 0.1, 1.0, 7.0, 500.0] {
            let stays = (b + a * (-(a + b) * t).exp()) / (a + b);
            let p = probabilities(&q, t);
            // Scaling and squaring doubles the rounding of a step with each squaring, as often as ‖Q‖t has
            // binary digits: the tolerance grows with ‖Q‖t, and is a few units in the last place for short times.
            let rounding = 4.0 * f64::EPSILON * (1.0 + (a + b) * t);
            let off = (p[[0, 0]] - stays).abs().max((p[[0, 0]] + p[[0, 1]] - 1.0).abs());
            assert!(off < rounding, "{t}: {off} {rounding}");
        }
    }

    #[test]
    fn derivatives_as_differences() {
        let q = arr2(&[[-0.5, 0.4, 0.1], [0.2, -0.9, 0.7], [0.0, 0.0, 0.0]]);
        let d = arr2(&[[-1.0, 1.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]);
        let h = 1e-5;
        for t in [0.2, 1.0, 9.0] {
            let (_, dp) = with_derivatives(&q, std::slice::from_ref(&d), t);
            let around = probabilities(&(&q + &(&d * h)), t) - probabilities(&(&q - &(&d * h)), t);
            let off = (&dp[0] - &(around / (2.0 * h))).iter().fold(0.0_f64, |m, v| m.max(v.abs()));
            assert!(off < 1e-9, "{t}: {off}");
        }
    }
}
