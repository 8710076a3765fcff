//! The smoothest population that keeps given totals: an exponential tilt of a standard whose
//! direction is weighed by a covariance.
//!
//! The log ratio g of the population to its standard is written g = start + V·a. Among all a that
//! reproduce the totals the shortest is taken, which is the minimum discrimination solution (Ireland
//! & Kullback 1968; Little & Wu 1991) with the smoothness that V = chol(covariance) carries. With V =
//! (1, age) and two totals it is the exponential tilt of quasi-stable theory (Coale & Demeny 1966).

use ndarray::{Array2, ArrayView1};

use crate::error::{Error, Problem, Result};

/// A total that has to hold: which cells, and how many persons in them.
#[derive(Debug, Clone)]
pub struct Row<'a> {
    /// Words for messages, such as `80+`.
    pub name: &'a str,
    /// Weight of each cell (sex by age, women first): 1 inside, 0 outside.
    pub cells: &'a [f64],
    /// Persons, above zero.
    pub target: f64,
}

/// Largest relative change of a total that one step aims at, in logs; far targets are met by stages.
const STEP: f64 = 1.0;
const ROUNDS: usize = 200;

/// Where the search stands: the cells, and how far each row is off (log of target over sum).
struct State {
    cells: Vec<f64>,
    misses: Vec<f64>,
    worst: f64,
}

impl State {
    fn at(
        standard: &[f64],
        start: ArrayView1<'_, f64>,
        factor: &Array2<f64>,
        a: &[f64],
        rows: &[Row<'_>],
    ) -> Self {
        let cells: Vec<f64> = standard
            .iter()
            .zip(start)
            .zip(factor.rows())
            .map(|((s, g), v)| {
                let shift: f64 = v.iter().zip(a).map(|(v, a)| v * a).sum();
                // Beyond e^±60 a cell is empty or everything: no totals need more.
                s * (g + shift).clamp(-60.0, 60.0).exp()
            })
            .collect();
        let misses: Vec<f64> = rows
            .iter()
            .map(|r| (r.target / cells.iter().zip(r.cells).map(|(c, w)| c * w).sum::<f64>()).ln())
            .collect();
        let worst =
            misses.iter().fold(0.0_f64, |m, v| if v.is_nan() { f64::INFINITY } else { m.max(v.abs()) });
        Self { cells, misses, worst }
    }
}

/// Scales the cells of each row to its target in turn (Deming & Stephan 1940) until all hold.
fn rake(state: &mut State, rows: &[Row<'_>]) {
    for _ in 0..5000 {
        state.worst = 0.0;
        for row in rows {
            let sum: f64 = state.cells.iter().zip(row.cells).map(|(c, w)| c * w).sum();
            let by = row.target / sum;
            state.worst = state.worst.max(by.ln().abs());
            state.cells.iter_mut().zip(row.cells).filter(|(_, w)| **w != 0.0).for_each(|(c, _)| *c *= by);
        }
        if state.worst < 1e-12 || !state.worst.is_finite() {
            break;
        }
    }
}

/// Cells of `standard`·exp(start + V·a) with the shortest `a` that gives every row its target.
///
/// `factor` is (cells, components). Gauss-Newton on the logs of the sums, each step to the shortest `a`
/// of the linearised rows, halved while it does not come nearer.
///
/// # Errors
/// `Error::Model` with the row that is missed most and by how much, where no `a` reaches the targets.
pub fn solve(
    standard: &[f64],
    start: ArrayView1<'_, f64>,
    factor: &Array2<f64>,
    rows: &[Row<'_>],
) -> Result<Vec<f64>> {
    let components = factor.ncols();
    let mut a = vec![0.0; components];
    let mut state = State::at(standard, start, factor, &a, rows);
    let mut jacobian = vec![vec![0.0; components]; rows.len()];
    let dot = |p: &[f64], q: &[f64]| p.iter().zip(q).map(|(p, q)| p * q).sum::<f64>();
    for round in 0..ROUNDS {
        if state.worst < 1e-13 {
            return Ok(state.cells);
        }
        if !state.worst.is_finite() {
            break;
        }
        for (row, jacobian) in rows.iter().zip(&mut jacobian) {
            jacobian.fill(0.0);
            let sum: f64 = state.cells.iter().zip(row.cells).map(|(c, w)| c * w).sum();
            let parts = state.cells.iter().zip(row.cells).zip(factor.rows());
            for ((c, w), v) in parts.filter(|((_, w), _)| **w != 0.0) {
                let part = c * w / sum;
                jacobian.iter_mut().zip(v).for_each(|(j, v)| *j += part * v);
            }
        }
        let scale = (STEP / state.worst).min(1.0);
        let Some((lower, basis)) = orthonormal(&jacobian) else { break };
        // What brings the totals nearer, and what shortens `a` without moving them.
        let mut weights: Vec<f64> = state.misses.iter().map(|m| scale * m).collect();
        for i in 0..weights.len() {
            let known: f64 = lower[i][..i].iter().zip(&weights[..i]).map(|(l, w)| l * w).sum();
            weights[i] = (weights[i] - known) / lower[i][i];
        }
        let nearer = combine(&basis, &weights, components);
        let along: Vec<f64> = basis.iter().map(|q| dot(q, &a)).collect();
        let kept = combine(&basis, &along, components);
        let shorter: Vec<f64> = kept.iter().zip(&a).map(|(k, a)| k - a).collect();
        let try_steps = [
            (1.0, true),
            (0.5, true),
            (0.25, true),
            (0.05, true),
            (1.0, false),
            (0.3, false),
            (0.03, false),
            (1e-3, false),
        ];
        let next = try_steps.into_iter().find_map(|(by, with_shorter)| {
            let more = if with_shorter { by } else { 0.0 };
            let try_a: Vec<f64> =
                a.iter().zip(&nearer).zip(&shorter).map(|((a, n), s)| a + by * n + more * s).collect();
            let next = State::at(standard, start, factor, &try_a, rows);
            (next.worst < state.worst).then_some((try_a, next))
        });
        match next {
            Some((next_a, next)) => (a, state) = (next_a, next),
            // No nearer within rounding: done where rounding is all that is left.
            None if state.worst < 1e-8 => return Ok(state.cells),
            None => break,
        }
        if round > 60 && state.worst < 1e-10 {
            return Ok(state.cells);
        }
    }
    // Far from any county that was ever seen the search may stall near its goal: raking does the rest.
    if state.worst < 0.5 {
        rake(&mut state, rows);
        if state.worst < 1e-9 {
            return Ok(state.cells);
        }
    }
    let worst = rows.iter().zip(&state.misses).max_by(|p, q| p.1.abs().total_cmp(&q.1.abs()));
    let (name, target, off) = worst.map_or(("", 0.0, 0.0), |(r, m)| (r.name, r.target, m.abs()));
    Err(Error::model(
        Problem::new(format!("{name} stays {:.1} % off", (off.exp() - 1.0).min(10.0) * 100.0))
            .column(name)
            .value(format!("{target:.0}"))
            .expected("totals that leave every age group some persons"),
    ))
}

type Rows = Vec<Vec<f64>>;

/// Σ wᵢ·qᵢ.
fn combine(basis: &[Vec<f64>], weights: &[f64], n: usize) -> Vec<f64> {
    (0..n).map(|k| basis.iter().zip(weights).map(|(q, w)| q[k] * w).sum()).collect()
}

/// Rows as L·Q with Q orthonormal (Gram-Schmidt, done twice); `None` where they depend on each other.
fn orthonormal(rows: &[Vec<f64>]) -> Option<(Rows, Rows)> {
    let dot = |p: &[f64], q: &[f64]| p.iter().zip(q).map(|(p, q)| p * q).sum::<f64>();
    let (mut lower, mut basis): (Rows, Rows) = (Vec::new(), Vec::new());
    for row in rows {
        let mut rest = row.clone();
        let mut part = vec![0.0; basis.len() + 1];
        for _ in 0..2 {
            for (q, l) in basis.iter().zip(&mut part) {
                let by = dot(&rest, q);
                *l += by;
                rest.iter_mut().zip(q).for_each(|(r, q)| *r -= by * q);
            }
        }
        let length = dot(&rest, &rest).sqrt();
        if !length.is_finite() || length <= 1e-13 * dot(row, row).sqrt() {
            return None;
        }
        rest.iter_mut().for_each(|r| *r /= length);
        part[basis.len()] = length;
        lower.push(part);
        basis.push(rest);
    }
    Some((lower, basis))
}

/// Solves a symmetric positive definite system by Cholesky; nearly dependent rows get a pivot of
/// their own size's 1e-13 so that totals stated twice do no harm.
pub fn solve_symmetric(m: &mut [Vec<f64>], right: &[f64]) -> Option<Vec<f64>> {
    let n = m.len();
    let floor = 1e-14 * (0..n).map(|i| m[i][i]).fold(0.0, f64::max);
    if !floor.is_finite() || floor <= 0.0 {
        return None;
    }
    for i in 0..n {
        for j in 0..=i {
            let sum = m[i][j] - m[i][..j].iter().zip(&m[j][..j]).map(|(p, q)| p * q).sum::<f64>();
            m[i][j] = if i == j { sum.max(floor).sqrt() } else { sum / m[j][j] };
        }
    }
    let mut x = right.to_vec();
    for i in 0..n {
        for k in 0..i {
            x[i] -= m[i][k] * x[k];
        }
        x[i] /= m[i][i];
    }
    for i in (0..n).rev() {
        for k in i + 1..n {
            x[i] -= m[k][i] * x[k];
        }
        x[i] /= m[i][i];
    }
    x.iter().all(|v| v.is_finite()).then_some(x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array1;

    #[test]
    fn two_totals_and_a_linear_factor_give_the_exponential_tilt() {
        let standard: Vec<f64> = (0..10).map(|x| 100.0 - 5.0 * f64::from(x)).collect();
        let factor = Array2::from_shape_fn((10, 2), |(x, k)| if k == 0 { 10.0 } else { x as f64 });
        let over_6: Vec<f64> = (0..10).map(|x| f64::from(u8::from(x >= 6))).collect();
        let rows = [
            Row { name: "all", cells: &[1.0; 10], target: 1000.0 },
            Row { name: "6+", cells: &over_6, target: 350.0 },
        ];
        let p = solve(&standard, Array1::zeros(10).view(), &factor, &rows).unwrap();
        assert!((p.iter().sum::<f64>() - 1000.0).abs() < 1e-9);
        assert!((p[6..].iter().sum::<f64>() - 350.0).abs() < 1e-9);
        let log: Vec<f64> = p.iter().zip(&standard).map(|(p, s)| (p / s).ln()).collect();
        for w in log.windows(3) {
            assert!((w[0] - 2.0 * w[1] + w[2]).abs() < 1e-9, "log ratio is linear in age");
        }
    }
}
