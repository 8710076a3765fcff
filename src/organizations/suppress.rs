//! Small cells of a table for publication: suppressed, with others so that no margin gives them back.
//!
//! Which others is found by linear programs (Kelly, Golden & Assad 1992; Fischetti & Salazar 1999): for each small cell the
//! cheapest change of the table that moves it up to the threshold, and the cheapest that moves it to nothing; whatever
//! published cell such a change touches is suppressed. The attacker's own programs over what is left then prove it.

use super::simplex::{Solution, minimise};
use crate::error::{Error, Problem, Result};

/// A table of counts whose rows and columns add up: rows to a last row of totals, inner columns to margins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Additive {
    /// Inner cells [row][column], without totals.
    pub cells: Vec<Vec<u64>>,
    /// Each margin is the sum of these inner columns.
    pub margins: Vec<Vec<usize>>,
    /// Inner columns that are not published at all.
    pub unpublished: Vec<usize>,
}

/// Which published cells are suppressed: [row, the last the totals][inner columns, then margins].
pub type Mask = Vec<Vec<bool>>;

/// What an attacker can tell of a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    pub low: f64,
    /// Infinite where nothing bounds it.
    pub high: f64,
}

impl Additive {
    fn inner(&self) -> usize {
        self.cells.first().map_or(0, Vec::len)
    }
    fn rows(&self) -> usize {
        self.cells.len()
    }
    fn columns(&self) -> usize {
        self.inner() + self.margins.len()
    }
    /// The inner cells (row-major) of which a published cell is the sum.
    fn parts(&self, row: usize, column: usize) -> Vec<usize> {
        let inner = self.inner();
        let columns: Vec<usize> =
            if column < inner { vec![column] } else { self.margins[column - inner].clone() };
        let rows = if row < self.rows() { row..row + 1 } else { 0..self.rows() };
        rows.flat_map(|r| columns.iter().map(move |c| r * inner + c)).collect()
    }
    /// Value of a published cell.
    pub fn value(&self, row: usize, column: usize) -> u64 {
        let inner = self.inner();
        self.parts(row, column).iter().map(|p| self.cells[p / inner][p % inner]).sum()
    }
    fn check(&self) -> Result<()> {
        let inner = self.inner();
        let ragged = self.cells.iter().any(|r| r.len() != inner);
        let beyond = self.margins.iter().flatten().chain(&self.unpublished).any(|c| *c >= inner);
        if inner == 0 || ragged || beyond || inner * self.rows() > 400 {
            let problem = Problem::new("not a table that adds up").value(format!("{} rows", self.rows()));
            return Err(Error::data(
                problem.expected("rows of one length, at most 400 cells, margins of its columns"),
            ));
        }
        Ok(())
    }
    fn published(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        (0..=self.rows())
            .flat_map(|r| (0..self.columns()).map(move |c| (r, c)))
            .filter(|(_, c)| !self.unpublished.contains(c))
    }
    fn flat(&self) -> Vec<f64> {
        self.cells.iter().flatten().map(|v| *v as f64).collect()
    }

    /// The attack: what the published cells that are left, and that counts are not negative, tell of a cell.
    ///
    /// # Errors
    /// `Error::Data` for a table that does not add up in shape.
    pub fn attack(&self, mask: &Mask, row: usize, column: usize) -> Result<Bounds> {
        self.check()?;
        let n = self.inner() * self.rows();
        let known: Vec<(Vec<f64>, f64)> = self
            .published()
            .filter(|(r, c)| !mask[*r][*c])
            .map(|(r, c)| {
                let mut coefficients = vec![0.0; n];
                for p in self.parts(r, c) {
                    coefficients[p] = 1.0;
                }
                (coefficients, self.value(r, c) as f64)
            })
            .collect();
        let mut cost = vec![0.0; n];
        for p in self.parts(row, column) {
            cost[p] = 1.0;
        }
        let low = match minimise(&cost, &known) {
            Solution::Optimal { value, .. } => value,
            _ => 0.0,
        };
        cost.iter_mut().for_each(|c| *c = -*c);
        let high = match minimise(&cost, &known) {
            Solution::Optimal { value, .. } => -value,
            _ => f64::INFINITY,
        };
        Ok(Bounds { low, high })
    }

    /// Suppresses cells from 1 to `threshold` − 1, and others, so that of each small cell an attacker can't rule out
    /// either 0 or `threshold`.
    ///
    /// # Errors
    /// `Error::Data` for a table that does not add up in shape or a threshold below 2; `Error::Model` where the programs
    /// fail, which they do not.
    pub fn suppress(&self, threshold: u64) -> Result<Mask> {
        self.check()?;
        if threshold < 2 {
            let problem = Problem::new("not a threshold").column("threshold").value(threshold);
            return Err(Error::data(problem.expected("2 or more; counts below it are suppressed")));
        }
        let mut mask: Mask = vec![vec![false; self.columns()]; self.rows() + 1];
        // What is not published may still be reckoned from what is, and is protected as well.
        let small: Vec<(usize, usize)> = (0..=self.rows())
            .flat_map(|r| (0..self.columns()).map(move |c| (r, c)))
            .filter(|(r, c)| (1..threshold).contains(&self.value(*r, *c)))
            .collect();
        for &(r, c) in &small {
            mask[r][c] = true;
        }
        for &(r, c) in &small {
            let value = self.value(r, c) as f64;
            for target in [threshold as f64 - value, -value] {
                let change = self.cheapest(&mask, r, c, target).ok_or_else(|| {
                    Error::model(
                        Problem::new("a small cell could not be protected")
                            .value(format!("row {r}, column {c}")),
                    )
                })?;
                for (r, c) in self.published() {
                    let moved: f64 = self.parts(r, c).iter().map(|p| change[*p]).sum();
                    mask[r][c] |= moved.abs() > 1e-6;
                }
            }
        }
        Ok(mask)
    }

    /// The change of the inner cells that moves one published cell by `target` and touches as little else as may be.
    fn cheapest(&self, mask: &Mask, row: usize, column: usize, target: f64) -> Option<Vec<f64>> {
        let n = self.inner() * self.rows();
        let published: Vec<(usize, usize)> = self.published().collect();
        let q = published.len();
        // Variables: up and down of each inner cell, slack of each down, up and down of each published cell.
        let width = 3 * n + 2 * q;
        let mut cost = vec![0.0; width];
        let mut rows = Vec::new();
        for (p, value) in self.flat().into_iter().enumerate() {
            // A touch of cost keeps the change from wandering through cells that nobody sees.
            cost[p] = 1e-3;
            cost[n + p] = 1e-3;
            let mut down = vec![0.0; width];
            down[n + p] = 1.0;
            down[2 * n + p] = 1.0;
            rows.push((down, value));
        }
        for (k, (r, c)) in published.iter().enumerate() {
            let (up, down) = (3 * n + 2 * k, 3 * n + 2 * k + 1);
            // What is suppressed already is free; small counts before large ones, inner cells before totals.
            let total = if *r == self.rows() || *c >= self.inner() { 8.0 } else { 1.0 };
            let price =
                if mask[*r][*c] { 0.0 } else { total * (1.0 + (1.0 + self.value(*r, *c) as f64).ln()) };
            cost[up] = price;
            cost[down] = price;
            let mut balance = vec![0.0; width];
            for p in self.parts(*r, *c) {
                balance[p] = 1.0;
                balance[n + p] = -1.0;
            }
            balance[up] = -1.0;
            balance[down] = 1.0;
            rows.push((balance, 0.0));
        }
        let mut wanted = vec![0.0; width];
        for p in self.parts(row, column) {
            wanted[p] = 1.0;
            wanted[n + p] = -1.0;
        }
        rows.push((wanted, target));
        match minimise(&cost, &rows) {
            Solution::Optimal { x, .. } => Some((0..n).map(|p| x[p] - x[n + p]).collect()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(cells: &[&[u64]]) -> Additive {
        let inner = cells[0].len();
        Additive {
            cells: cells.iter().map(|r| r.to_vec()).collect(),
            margins: vec![(0..inner).collect()],
            unpublished: Vec::new(),
        }
    }

    /// Every table of counts up to `most` that agrees with what is left, without any linear programming.
    fn all_consistent(t: &Additive, mask: &Mask, most: u64) -> Vec<Vec<u64>> {
        let inner = t.inner();
        let n = inner * t.rows();
        let mut found = Vec::new();
        let mut cells = vec![0u64; n];
        fn fill(
            t: &Additive,
            mask: &Mask,
            most: u64,
            at: usize,
            cells: &mut Vec<u64>,
            found: &mut Vec<Vec<u64>>,
        ) {
            if at == cells.len() {
                let fits = t
                    .published()
                    .filter(|(r, c)| !mask[*r][*c])
                    .all(|(r, c)| t.parts(r, c).iter().map(|p| cells[*p]).sum::<u64>() == t.value(r, c));
                if fits {
                    found.push(cells.clone());
                }
                return;
            }
            let (r, c) = (at / t.inner(), at % t.inner());
            let range = if mask[r][c] { 0..=most } else { t.value(r, c)..=t.value(r, c) };
            for v in range {
                cells[at] = v;
                fill(t, mask, most, at + 1, cells, found);
            }
        }
        fill(t, mask, most, 0, &mut cells, &mut found);
        found
    }

    #[test]
    fn one_small_cell_takes_three_others_with_it() {
        let t = table(&[&[2, 9, 20], &[8, 12, 30], &[30, 15, 7]]);
        let mask = t.suppress(5).unwrap();
        assert!(mask[0][0]);
        let suppressed = mask.iter().flatten().filter(|m| **m).count();
        assert_eq!(suppressed, 4, "{mask:?}");
        // Suppressing the small cell alone gives it away; the rectangle does not.
        let mut alone = vec![vec![false; 4]; 4];
        alone[0][0] = true;
        assert_eq!(t.attack(&alone, 0, 0).unwrap(), Bounds { low: 2.0, high: 2.0 });
        let bounds = t.attack(&mask, 0, 0).unwrap();
        assert!(bounds.low <= 1e-6 && bounds.high >= 5.0 - 1e-6, "{bounds:?}");
    }

    #[test]
    fn every_small_cell_survives_the_attack_and_a_count_of_all_tables() {
        for cells in [
            [[3, 0, 1], [6, 7, 5]],
            [[1, 1, 1], [2, 9, 8]],
            [[0, 0, 2], [0, 8, 0]],
            [[1, 0, 0], [0, 0, 0]],
            [[4, 4, 4], [4, 4, 4]],
        ] {
            let t = table(&[&cells[0], &cells[1]]);
            let mask = t.suppress(5).unwrap();
            let tables = all_consistent(&t, &mask, 10);
            assert!(!tables.is_empty());
            for (r, c) in t.published().filter(|(r, c)| (1..5).contains(&t.value(*r, *c))) {
                assert!(mask[r][c]);
                let bounds = t.attack(&mask, r, c).unwrap();
                assert!(bounds.low <= 1e-6 && bounds.high >= 5.0 - 1e-6, "{cells:?} {r} {c} {bounds:?}");
                let values: Vec<u64> =
                    tables.iter().map(|x| t.parts(r, c).iter().map(|p| x[*p]).sum()).collect();
                assert!(values.contains(&0), "{cells:?} {r} {c} {values:?}");
                assert!(values.iter().any(|v| *v >= 5), "{cells:?} {r} {c} {values:?}");
            }
        }
    }

    #[test]
    fn a_column_that_is_not_published_is_not_given_away() {
        // 31 obliged, 20 + 8 with a conclusion or absent: 3 without a record.
        let t = Additive {
            cells: vec![vec![20, 8, 3], vec![30, 9, 12]],
            margins: vec![vec![0, 1, 2]],
            unpublished: vec![2],
        };
        let bounds = t.attack(&t.suppress(5).unwrap(), 0, 2).unwrap();
        assert!(bounds.low <= 1e-6 && bounds.high >= 5.0 - 1e-6, "{bounds:?}");
    }

    #[test]
    fn a_table_without_small_cells_is_left_alone() {
        let mask = table(&[&[0, 9], &[12, 30]]).suppress(5).unwrap();
        assert!(mask.iter().flatten().all(|m| !m));
        assert!(table(&[&[1, 2]]).suppress(1).is_err());
    }
}
