//! A small linear program, for protecting tables of a few dozen cells: two phases, Bland's rule (Bland 1977), dense.

/// What a program comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Solution {
    Optimal { value: f64, x: Vec<f64> },
    Infeasible,
    Unbounded,
}

const EPSILON: f64 = 1e-9;

/// Minimises `cost`·x where each of `rows` (coefficients, right-hand side) holds with equality and x ≥ 0.
pub fn minimise(cost: &[f64], rows: &[(Vec<f64>, f64)]) -> Solution {
    let (n, m) = (cost.len(), rows.len());
    // Columns: variables, one artificial a row, right-hand side.
    let width = n + m + 1;
    let mut tableau: Vec<Vec<f64>> = rows
        .iter()
        .enumerate()
        .map(|(i, (a, b))| {
            let sign = if *b < 0.0 { -1.0 } else { 1.0 };
            let mut row = vec![0.0; width];
            for (cell, a) in row.iter_mut().zip(a) {
                *cell = sign * a;
            }
            row[n + i] = 1.0;
            row[width - 1] = sign * b;
            row
        })
        .collect();
    let mut basis: Vec<usize> = (n..n + m).collect();
    let mut first = vec![0.0; width];
    first[n..n + m].fill(1.0);
    reduce(&mut first, &tableau, &basis);
    if !iterate(&mut tableau, &mut basis, &mut first, n + m) || -first[width - 1] > 1e-7 {
        return Solution::Infeasible;
    }
    // Artificial variables that are still basic stand at zero: pivot them out, or leave a row that says nothing.
    for i in 0..m {
        if basis[i] >= n
            && let Some(j) = (0..n).find(|j| tableau[i][*j].abs() > EPSILON)
        {
            pivot(&mut tableau, &mut first, i, j);
            basis[i] = j;
        }
    }
    let mut second = vec![0.0; width];
    second[..n].copy_from_slice(cost);
    reduce(&mut second, &tableau, &basis);
    if !iterate(&mut tableau, &mut basis, &mut second, n) {
        return Solution::Unbounded;
    }
    let mut x = vec![0.0; n];
    for (row, b) in tableau.iter().zip(&basis) {
        if *b < n {
            x[*b] = row[width - 1];
        }
    }
    Solution::Optimal { value: -second[width - 1], x }
}

/// Makes the costs of basic variables zero.
fn reduce(cost: &mut [f64], tableau: &[Vec<f64>], basis: &[usize]) {
    for (row, b) in tableau.iter().zip(basis) {
        let factor = cost[*b];
        if factor != 0.0 {
            cost.iter_mut().zip(row).for_each(|(c, r)| *c -= factor * r);
        }
    }
}

/// Pivots until no cost is negative; false where the program has no bound. Only the first `allowed` columns may enter.
fn iterate(tableau: &mut [Vec<f64>], basis: &mut [usize], cost: &mut [f64], allowed: usize) -> bool {
    let last = cost.len() - 1;
    // Bland's rule does not cycle; the limit is a guard against rounding alone.
    for _ in 0..100_000 {
        let Some(j) = (0..allowed).find(|j| cost[*j] < -EPSILON) else { return true };
        let mut leaving: Option<(usize, f64)> = None;
        for (i, row) in tableau.iter().enumerate() {
            if row[j] > EPSILON {
                let ratio = row[last] / row[j];
                let better = leaving.is_none_or(|(k, best)| {
                    ratio < best - EPSILON || (ratio < best + EPSILON && basis[i] < basis[k])
                });
                if better {
                    leaving = Some((i, ratio));
                }
            }
        }
        let Some((i, _)) = leaving else { return false };
        pivot(tableau, cost, i, j);
        basis[i] = j;
    }
    true
}

fn pivot(tableau: &mut [Vec<f64>], cost: &mut [f64], i: usize, j: usize) {
    let by = tableau[i][j];
    let row: Vec<f64> = tableau[i].iter().map(|v| v / by).collect();
    for (k, other) in tableau.iter_mut().enumerate() {
        let factor = other[j];
        if k != i && factor != 0.0 {
            other.iter_mut().zip(&row).for_each(|(o, r)| *o -= factor * r);
        }
    }
    let factor = cost[j];
    cost.iter_mut().zip(&row).for_each(|(c, r)| *c -= factor * r);
    tableau[i] = row;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_textbook_program() {
        // max 3x + 5y, x ≤ 4, 2y ≤ 12, 3x + 2y ≤ 18 (Hillier & Lieberman, Wyndor Glass): 36 at (2, 6).
        let rows = [
            (vec![1.0, 0.0, 1.0, 0.0, 0.0], 4.0),
            (vec![0.0, 2.0, 0.0, 1.0, 0.0], 12.0),
            (vec![3.0, 2.0, 0.0, 0.0, 1.0], 18.0),
        ];
        match minimise(&[-3.0, -5.0, 0.0, 0.0, 0.0], &rows) {
            Solution::Optimal { value, x } => {
                assert!((value + 36.0).abs() < 1e-9);
                assert!((x[0] - 2.0).abs() < 1e-9 && (x[1] - 6.0).abs() < 1e-9);
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn without_a_solution_and_without_a_bound() {
        assert_eq!(minimise(&[1.0], &[(vec![1.0], 2.0), (vec![1.0], 3.0)]), Solution::Infeasible);
        assert_eq!(minimise(&[-1.0, 0.0], &[(vec![1.0, -1.0], 1.0)]), Solution::Unbounded);
        // A row twice over does no harm.
        let rows = [(vec![1.0, 1.0], 2.0), (vec![1.0, 1.0], 2.0)];
        assert!(
            matches!(minimise(&[1.0, 0.0], &rows), Solution::Optimal { value, .. } if value.abs() < 1e-9)
        );
    }
}
