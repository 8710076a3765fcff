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

/// Largest change of a log ratio in one step; keeps the first steps of a far target sane.
const STEP: f64 = 2.0;

/// Cells of `standard`·exp(start + V·a) with the shortest `a` that gives every row its target.
///
/// `factor` is (cells, components). Rows whose targets no a can reach are an error.
///
/// # Errors
/// `Error::Model` with the row that is missed most and by how much.
pub fn solve(
    standard: &[f64],
    start: ArrayView1<'_, f64>,
    factor: &Array2<f64>,
    rows: &[Row<'_>],
) -> Result<Vec<f64>> {
    let components = factor.ncols();
    let mut a = vec![0.0; components];
    let mut cells = vec![0.0; standard.len()];
    let mut misses = vec![0.0; rows.len()];
    let mut jacobian = vec![vec![0.0; components]; rows.len()];
    for round in 0..100 {
        for (x, cell) in cells.iter_mut().enumerate() {
            let shift: f64 = factor.row(x).iter().zip(&a).map(|(v, a)| v * a).sum();
            // Beyond e^±60 a cell is empty or everything: no totals need more.
            *cell = standard[x] * (start[x] + shift).clamp(-60.0, 60.0).exp();
        }
        let mut worst: f64 = 0.0;
        for (i, row) in rows.iter().enumerate() {
            let sum: f64 = cells.iter().zip(row.cells).map(|(c, w)| c * w).sum();
            misses[i] = (row.target / sum).ln();
            worst = worst.max(misses[i].abs());
            jacobian[i].iter_mut().for_each(|j| *j = 0.0);
            for (x, (c, w)) in cells.iter().zip(row.cells).enumerate().filter(|(_, (_, w))| **w != 0.0) {
                let part = c * w / sum;
                for (j, v) in jacobian[i].iter_mut().zip(factor.row(x)) {
                    *j += part * v;
                }
            }
        }
        if worst < 1e-13 || (round > 60 && worst < 1e-11) {
            return Ok(cells);
        }
        if !worst.is_finite() {
            break;
        }
        let scale = (STEP / worst).min(1.0);
        let dot = |p: &[f64], q: &[f64]| p.iter().zip(q).map(|(p, q)| p * q).sum::<f64>();
        let mut gram: Vec<Vec<f64>> =
            jacobian.iter().map(|p| jacobian.iter().map(|q| dot(p, q)).collect()).collect();
        let right: Vec<f64> = jacobian.iter().zip(&misses).map(|(j, m)| dot(j, &a) + scale * m).collect();
        let Some(weights) = solve_symmetric(&mut gram, &right) else { break };
        for (k, value) in a.iter_mut().enumerate() {
            *value = jacobian.iter().zip(&weights).map(|(j, w)| j[k] * w).sum();
        }
    }
    let worst = rows.iter().zip(&misses).max_by(|p, q| p.1.abs().total_cmp(&q.1.abs()));
    let (name, target, off) = worst.map_or(("", 0.0, 0.0), |(r, m)| (r.name, r.target, m.abs()));
    Err(Error::model(
        Problem::new(format!(
            "no smooth age structure keeps all totals at once: {name} stays {:.1} % off",
            (off.exp() - 1.0).min(10.0) * 100.0
        ))
        .column(name)
        .value(format!("{target:.0}"))
        .expected("totals that leave every age group some persons"),
    ))
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
