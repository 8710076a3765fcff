//! Whether any population keeps given totals, and by how many persons they miss each other.
//!
//! A linear program: cells that the same totals count are one unknown, from 0 on, and each total bounds a sum of
//! them. The first phase of the simplex method with Bland's rule (Bland 1977), which never runs in circles.

use std::collections::BTreeMap;

/// A sum of cells that lies between two bounds.
#[derive(Debug, Clone)]
pub struct Bounded {
    /// Weight of each cell where the lower bound holds and where the upper one does: 1 inside and 0 outside,
    /// less the share where a share of all is given.
    pub weights: [Vec<f64>; 2],
    pub bounds: [f64; 2],
}

/// Cells that no total tells apart, as one: a column of weights, lower and upper of each total in turn.
fn unknowns(sums: &[&Bounded]) -> Vec<Vec<f64>> {
    let cells = sums.iter().flat_map(|s| &s.weights).map(Vec::len).min().unwrap_or(0);
    let mut seen = BTreeMap::new();
    for cell in 0..cells {
        let column: Vec<f64> = sums.iter().flat_map(|s| [s.weights[0][cell], s.weights[1][cell]]).collect();
        seen.entry(column.iter().map(|v| v.to_bits()).collect::<Vec<_>>()).or_insert(column);
    }
    seen.into_values().collect()
}

/// More exchanges than any system of some hundred totals takes.
const MOST_STEPS: usize = 20_000;

/// The least sum of persons by which the sums miss their bounds; 0 where a population keeps them all.
pub fn gap(sums: &[&Bounded]) -> f64 {
    let columns = unknowns(sums);
    let scale = sums.iter().flat_map(|s| s.bounds).fold(0.0, |m: f64, b| m.max(b.abs()));
    if columns.is_empty() || !(scale > 0.0 && scale.is_finite()) {
        return 0.0;
    }
    // Each bound as a·x ≤ b, so that lower ones change sign; where b < 0 a row starts broken, with a variable
    // of its own for how far.
    let (rows, n) = (2 * sums.len(), columns.len());
    let bound = |r: usize| {
        let b = sums[r / 2].bounds[r % 2] / scale;
        if r.is_multiple_of(2) { -b } else { b }
    };
    let broken: Vec<usize> = (0..rows).filter(|r| bound(*r) < 0.0).collect();
    let width = n + rows + broken.len() + 1;
    let mut table = vec![vec![0.0; width]; rows + 1];
    let mut basis: Vec<usize> = (0..rows).map(|r| n + r).collect();
    for r in 0..rows {
        let b = bound(r);
        let sign = if b < 0.0 { -1.0 } else { 1.0 };
        let side = if r.is_multiple_of(2) { -sign } else { sign };
        for (x, column) in columns.iter().enumerate() {
            table[r][x] = side * column[r];
        }
        table[r][n + r] = sign;
        table[r][width - 1] = sign * b;
    }
    for (k, r) in broken.iter().enumerate() {
        table[*r][n + rows + k] = 1.0;
        basis[*r] = n + rows + k;
        let row = table[*r].clone();
        for (goal, v) in table[rows].iter_mut().zip(&row) {
            *goal -= v;
        }
        table[rows][n + rows + k] = 0.0;
    }
    for _ in 0..MOST_STEPS {
        let Some(enter) = table[rows][..n + rows].iter().position(|v| *v < -1e-10) else { break };
        let mut leave: Option<(f64, usize)> = None;
        for r in (0..rows).filter(|r| table[*r][enter] > 1e-10) {
            let ratio = table[r][width - 1] / table[r][enter];
            let nearer = leave.is_none_or(|(best, at)| {
                ratio < best - 1e-13 || (ratio <= best + 1e-13 && basis[r] < basis[at])
            });
            if nearer {
                leave = Some((ratio, r));
            }
        }
        let Some((_, leave)) = leave else { break };
        let by = table[leave][enter];
        table[leave].iter_mut().for_each(|v| *v /= by);
        let row = table[leave].clone();
        for (r, other) in table.iter_mut().enumerate().filter(|(r, _)| *r != leave) {
            let by = other[enter];
            if by != 0.0 {
                other.iter_mut().zip(&row).for_each(|(v, p)| *v -= by * p);
                other[enter] = 0.0;
            }
            // A right side below zero by rounding would be a broken row that nobody mends.
            if r < rows && other[width - 1] < 0.0 && other[width - 1] > -1e-12 {
                other[width - 1] = 0.0;
            }
        }
        basis[leave] = enter;
    }
    let missed = (-table[rows][width - 1]).max(0.0) * scale;
    if missed > 1e-9 * scale { missed } else { 0.0 }
}

/// Groups of sums that no population keeps together, each without any that could be left out, and the gap.
/// `fixed` may stand in several groups; every other sum stands in one at most.
pub fn conflicts(sums: &[Bounded], fixed: usize) -> Vec<(Vec<usize>, f64)> {
    let of = |which: &[usize]| gap(&which.iter().map(|i| &sums[*i]).collect::<Vec<_>>());
    let mut left: Vec<usize> = (0..sums.len()).collect();
    let mut found = Vec::new();
    while of(&left) > 0.0 {
        let mut kept = left.clone();
        for i in &left {
            let fewer: Vec<usize> = kept.iter().copied().filter(|k| k != i).collect();
            if of(&fewer) > 0.0 {
                kept = fewer;
            }
        }
        let before = left.len();
        left.retain(|i| *i == fixed || !kept.contains(i));
        found.push((kept.clone(), of(&kept)));
        if left.len() == before {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sum(cells: &[usize], low: f64, high: f64) -> Bounded {
        let weights: Vec<f64> = (0..6).map(|x| f64::from(u8::from(cells.contains(&x)))).collect();
        Bounded { weights: [weights.clone(), weights], bounds: [low, high] }
    }

    #[test]
    fn parts_and_wholes() {
        let whole = sum(&[0, 1, 2, 3, 4, 5], 100.0, 100.0);
        let (women, men) = (sum(&[0, 1, 2], 45.0, 45.0), sum(&[3, 4, 5], 50.0, 50.0));
        assert!((gap(&[&whole, &women, &men]) - 5.0).abs() < 1e-9);
        let men = sum(&[3, 4, 5], 55.0, 55.0);
        assert_eq!(gap(&[&whole, &women, &men]), 0.0);
        // Two conflicts that have nothing to do with each other are two.
        let all =
            [whole, women, sum(&[3, 4, 5], 60.0, 60.0), sum(&[0], 46.0, 47.0), sum(&[0, 1], 20.0, 30.0)];
        let found = conflicts(&all, 0);
        let names: Vec<_> = found.iter().map(|f| f.0.clone()).collect();
        assert_eq!(names.len(), 2, "{found:?}");
        assert!(names.contains(&vec![3, 4]) || names.contains(&vec![1, 3]), "{found:?}");
    }

    proptest! {
        #[test]
        fn what_a_population_has_is_kept_by_one(
            people in prop::collection::vec(0.0..1e5f64, 6),
            groups in prop::collection::vec(prop::collection::vec(0usize..6, 1..6), 1..9),
        ) {
            let sums: Vec<Bounded> = groups
                .iter()
                .map(|g| {
                    let s = sum(g, 0.0, 0.0);
                    let n: f64 = s.weights[0].iter().zip(&people).map(|(w, p)| w * p).sum();
                    Bounded { bounds: [n * (1.0 - 1e-9), n * (1.0 + 1e-9)], ..s }
                })
                .collect();
            prop_assert_eq!(gap(&sums.iter().collect::<Vec<_>>()), 0.0);
        }
    }
}
