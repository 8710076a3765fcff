//! Least squares with a few columns: what of a series lies along others, and what is left.

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// What of `y` is at right angles to an orthonormal basis.
pub(super) fn without(y: &[f64], basis: &[Vec<f64>]) -> Vec<f64> {
    let mut rest = y.to_vec();
    for unit in basis {
        let along = dot(&rest, unit);
        rest.iter_mut().zip(unit).for_each(|(r, u)| *r -= along * u);
    }
    rest
}

/// The direction of a column beyond a basis; `None` where it has none of its own.
pub(super) fn normalized(column: &[f64], basis: &[Vec<f64>]) -> Option<Vec<f64>> {
    // Twice, so that rounding leaves nothing of the basis.
    let rest = without(&without(column, basis), basis);
    let (length, whole) = (dot(&rest, &rest).sqrt(), dot(column, column).sqrt());
    (length > 1e-9 * whole.max(f64::MIN_POSITIVE)).then(|| rest.iter().map(|r| r / length).collect())
}

/// Least-squares coefficients of a few columns, by modified Gram-Schmidt.
pub(super) fn solve(columns: &[&[f64]], y: &[f64]) -> Vec<f64> {
    let k = columns.len();
    let mut units: Vec<Vec<f64>> = Vec::new();
    let mut r = vec![vec![0.0; k]; k];
    for (j, column) in columns.iter().enumerate() {
        let mut rest = column.to_vec();
        for (i, unit) in units.iter().enumerate() {
            r[i][j] = dot(&rest, unit);
            let along = r[i][j];
            rest.iter_mut().zip(unit).for_each(|(x, u)| *x -= along * u);
        }
        r[j][j] = dot(&rest, &rest).sqrt();
        let length = r[j][j];
        units.push(rest.iter().map(|x| if length > 0.0 { x / length } else { 0.0 }).collect());
    }
    let mut b: Vec<f64> = units.iter().map(|u| dot(u, y)).collect();
    for j in (0..k).rev() {
        let known: f64 = ((j + 1)..k).map(|i| r[j][i] * b[i]).sum();
        b[j] = if r[j][j] > 0.0 { (b[j] - known) / r[j][j] } else { 0.0 };
    }
    b
}
