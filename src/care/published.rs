//! Published transition matrices, checked for consistency before use.

use ndarray::{Array2, ArrayView2};

use crate::error::{Error, Problem, Result};

/// What was found in a matrix for one year and one for several.
#[derive(Debug, Clone, PartialEq)]
pub struct Consistency {
    /// Largest distance of a row's sum from 1, over both matrices.
    pub row_gap: f64,
    /// Largest distance between the one-year matrix to the power of the years and the other one.
    pub power_gap: f64,
    /// What rounding of the printed entries alone can explain, of rows and of the power.
    pub row_tolerance: f64,
    pub power_tolerance: f64,
}

impl Consistency {
    /// Whether both gaps are within what rounding explains.
    pub fn holds(&self) -> bool {
        self.row_gap <= self.row_tolerance && self.power_gap <= self.power_tolerance
    }
}

/// Checks a one-year transition matrix against one for `years` years, both with the absorbing state
/// last, printed to the multiple `unit` (0.001 for three decimals).
///
/// Entries are off by at most unit/2. A row's sum is then off by at most n·unit/2; an entry of the
/// power by at most years·n·unit/2, since each factor's error is spread over a row whose weights add to
/// 1, and the printed entry itself by unit/2.
///
/// # Errors
/// `Data` for matrices that aren't square and alike, entries outside 0..=1 or an absorbing row that
/// isn't (0, …, 0, 1).
pub fn check_matrices(
    one: &ArrayView2<f64>,
    several: &ArrayView2<f64>,
    years: u32,
    unit: f64,
) -> Result<Consistency> {
    let n = one.nrows();
    let mut problems = Vec::new();
    if n < 2 || one.dim() != (n, n) || several.dim() != (n, n) {
        problems.push(
            Problem::new("matrices are not square and alike")
                .value(format!("{:?}, {:?}", one.shape(), several.shape()))
                .expected("two matrices of one number of states, two or more"),
        );
    }
    if !(1..=100).contains(&years) {
        problems.push(Problem::new("number of years").column("years").value(years).expected("1 to 100"));
    }
    if !(unit.is_finite() && unit >= 0.0) {
        problems.push(Problem::new("printed precision").column("unit").value(unit).expected("such as 0.001"));
    }
    for (name, matrix) in [("one", one), ("several", several)] {
        for ((i, j), p) in matrix.indexed_iter() {
            let absorbing = i + 1 == n;
            let known = (0.0..=1.0).contains(p);
            if !known || (absorbing && *p != if j + 1 == n { 1.0 } else { 0.0 }) {
                problems.push(
                    Problem::new("not a chance, or the last state can be left")
                        .column(format!("{name}[{}, {}]", i + 1, j + 1))
                        .value(p)
                        .expected("0 to 1; in the last row 0, …, 0, 1"),
                );
            }
        }
    }
    if !problems.is_empty() {
        return Err(Error::Data(problems));
    }
    let mut power = Array2::eye(n);
    for _ in 0..years {
        power = power.dot(one);
    }
    let gap = |it: &mut dyn Iterator<Item = f64>| it.fold(0.0, |m: f64, v| m.max(v.abs()));
    let rows = one.rows().into_iter().chain(several.rows());
    let half = unit / 2.0 * n as f64;
    // A hair for the rounding of the sums themselves.
    let hair = 1e-12;
    Ok(Consistency {
        row_gap: gap(&mut rows.map(|r| r.sum() - 1.0)),
        power_gap: gap(&mut (&power - several).into_iter()),
        row_tolerance: half + hair,
        power_tolerance: f64::from(years) * half + unit / 2.0 + hair,
    })
}
