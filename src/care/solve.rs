//! Small symmetric systems, as Fisher scoring needs them.

use ndarray::{Array1, Array2};

/// Solves a symmetric positive definite system by Cholesky's method; none where it isn't one.
pub fn solve(a: &Array2<f64>, b: &Array1<f64>) -> Option<Array1<f64>> {
    let n = b.len();
    let mut l = Array2::<f64>::zeros((n, n));
    for i in 0..n {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| l[[i, k]] * l[[j, k]]).sum();
            let rest = a[[i, j]] - sum;
            if i == j {
                // Relative to the entry itself: what is left must be more than rounding.
                if rest.is_nan() || rest <= a[[i, i]].abs() * 1e-12 {
                    return None;
                }
                l[[i, i]] = rest.sqrt();
            } else {
                l[[i, j]] = rest / l[[j, j]];
            }
        }
    }
    let mut x = b.clone();
    for i in 0..n {
        let sum: f64 = (0..i).map(|k| l[[i, k]] * x[k]).sum();
        x[i] = (x[i] - sum) / l[[i, i]];
    }
    for i in (0..n).rev() {
        let sum: f64 = (i + 1..n).map(|k| l[[k, i]] * x[k]).sum();
        x[i] = (x[i] - sum) / l[[i, i]];
    }
    Some(x)
}
