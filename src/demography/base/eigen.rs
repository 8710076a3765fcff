//! Principal components of a covariance: cyclic Jacobi rotations (Golub & Van Loan, section 8.5).

use ndarray::{Array1, Array2};

/// The `keep` largest principal components (n, keep) of a symmetric positive semidefinite matrix, each
/// scaled by its standard deviation, so that V·Vᵀ comes nearest to the matrix. Signs: positive sum.
pub fn principal(matrix: &Array2<f64>, keep: usize) -> Array2<f64> {
    let n = matrix.nrows();
    let mut a = matrix.clone();
    let mut v = Array2::<f64>::eye(n);
    let scale: f64 = a.diag().iter().map(|d| d.abs()).sum();
    for _ in 0..60 {
        let off: f64 = a.indexed_iter().filter(|((i, j), _)| i != j).map(|(_, x)| x * x).sum();
        if off.sqrt() <= 1e-14 * scale {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                rotate(&mut a, &mut v, p, q);
            }
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|i, j| a[[*j, *j]].total_cmp(&a[[*i, *i]]));
    let mut out = Array2::zeros((n, keep.min(n)));
    for (k, i) in order.into_iter().take(keep).enumerate() {
        let column: Array1<f64> = v.column(i).to_owned() * a[[i, i]].max(0.0).sqrt();
        let sign = if column.sum() < 0.0 { -1.0 } else { 1.0 };
        out.column_mut(k).assign(&(column * sign));
    }
    out
}

/// One rotation that makes `a[p, q]` zero.
fn rotate(a: &mut Array2<f64>, v: &mut Array2<f64>, p: usize, q: usize) {
    let apq = a[[p, q]];
    if apq == 0.0 {
        return;
    }
    let theta = (a[[q, q]] - a[[p, p]]) / (2.0 * apq);
    let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
    let t = if theta == 0.0 { 1.0 } else { t };
    let c = 1.0 / t.hypot(1.0);
    let s = t * c;
    for k in 0..a.nrows() {
        let (x, y) = (a[[k, p]], a[[k, q]]);
        a[[k, p]] = c * x - s * y;
        a[[k, q]] = s * x + c * y;
    }
    for k in 0..a.nrows() {
        let (x, y) = (a[[p, k]], a[[q, k]]);
        a[[p, k]] = c * x - s * y;
        a[[q, k]] = s * x + c * y;
    }
    for k in 0..v.nrows() {
        let (x, y) = (v[[k, p]], v[[k, q]]);
        v[[k, p]] = c * x - s * y;
        v[[k, q]] = s * x + c * y;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_components_give_the_matrix_back() {
        let b = Array2::from_shape_fn((6, 6), |(i, j)| ((i * 7 + j * 3) % 5) as f64 - 1.5);
        let m = b.dot(&b.t());
        let v = principal(&m, 6);
        let back = v.dot(&v.t());
        assert!((&back - &m).iter().all(|d| d.abs() < 1e-10));
        let lengths: Vec<f64> = v.columns().into_iter().map(|c| c.dot(&c)).collect();
        assert!(lengths.windows(2).all(|w| w[0] >= w[1] - 1e-12));
    }
}
