//! Controlled rounding of a two-way table: rows, columns and the total still add, and every cell,
//! row total, column total and the grand total moves by less than one unit.
//!
//! Cox & Ernst (1982), "Controlled rounding", INFOR 20: the fractional parts, with a slack row and
//! a slack column that make every line an integer, form a transportation problem, whose integer
//! solutions are exactly the controlled roundings. A first one is found by moving along cycles of
//! fractional cells (Causey, Cox & Ernst 1985), then improved by cancelling negative cycles until
//! the sum of |rounded − exact| over cells and margins is least.

use ndarray::Array2;
use num_bigint::BigInt;
use num_rational::Ratio;
use num_traits::ToPrimitive;
use rust_decimal::Decimal;

use super::{Exact, decimal_of, ratio};
use crate::error::{Error, Problem, Result};

/// A table whose cells add to its margins exactly.
#[derive(Debug, Clone, PartialEq)]
pub struct RoundedTable {
    pub cells: Array2<Decimal>,
    /// Sum of each row.
    pub rows: Vec<Decimal>,
    /// Sum of each column.
    pub columns: Vec<Decimal>,
    pub total: Decimal,
}

/// Rounds a table of amounts to `places` decimals (negative places are not offered: change the unit).
///
/// # Errors
/// `Data` for an empty table or amounts beyond 28 digits.
pub fn controlled_rounding(table: &Array2<Decimal>, places: u32) -> Result<RoundedTable> {
    controlled_rounding_ratios(&table.map(|d| ratio(*d)), places)
}

/// [`controlled_rounding`] of exact ratios, such as amounts times shares of one third.
pub fn controlled_rounding_ratios(table: &Array2<Exact>, places: u32) -> Result<RoundedTable> {
    let (m, n) = table.dim();
    if m == 0 || n == 0 {
        return Err(Error::data(Problem::new("empty table").expected("at least one row and one column")));
    }
    let unit = Ratio::from_integer(BigInt::from(10).pow(places));
    let scaled = table.map(|v| v * &unit);
    let floors = scaled.map(|v| v.floor().to_integer());
    let fractions = Fractions::new(&scaled)?;
    let up = fractions.round();

    let units = Array2::from_shape_fn((m, n), |(i, j)| &floors[[i, j]] + BigInt::from(u8::from(up[[i, j]])));
    let cells: Vec<Decimal> = units.iter().map(|u| decimal_of(u, places)).collect::<Result<_>>()?;
    let sum = |items: &mut dyn Iterator<Item = &BigInt>| decimal_of(&items.sum::<BigInt>(), places);
    Ok(RoundedTable {
        rows: units.rows().into_iter().map(|r| sum(&mut r.iter())).collect::<Result<_>>()?,
        columns: units.columns().into_iter().map(|c| sum(&mut c.iter())).collect::<Result<_>>()?,
        total: sum(&mut units.iter())?,
        cells: Array2::from_shape_vec((m, n), cells).map_err(|e| Error::data(Problem::new(e.to_string())))?,
    })
}

/// Sums over a line stay far inside an i128.
const LARGEST_SCALE: i128 = 1 << 100;
/// Most steps that looking for a closer rounding takes: a fraction of a second.
const EFFORT: usize = 40_000_000;

/// Fractional parts of cells and slacks over one common denominator, as integers.
struct Fractions {
    /// (m + 1, n + 1): cells, slack column, slack row, corner; each in 0..scale.
    part: Array2<i128>,
    scale: i128,
}

impl Fractions {
    /// Decimals have a common denominator of at most 10^28; thirds, sevenths and the like fit beside them.
    fn new(scaled: &Array2<Exact>) -> Result<Self> {
        let mut scale = BigInt::from(1);
        for v in scaled {
            scale = lcm(&scale, v.denom());
            if scale > BigInt::from(LARGEST_SCALE) {
                return Err(Error::data(
                    Problem::new("cells have no common denominator below 2^100")
                        .value(v)
                        .expected("decimals or simple fractions"),
                ));
            }
        }
        let (m, n) = scaled.dim();
        let by = Ratio::from_integer(scale.clone());
        let scale = scale.to_i128().unwrap_or(LARGEST_SCALE);
        let mut part = Array2::<i128>::zeros((m + 1, n + 1));
        for ((i, j), v) in scaled.indexed_iter() {
            // A proper fraction times the common denominator: an integer below scale.
            part[[i, j]] = ((v - v.floor()) * &by).to_integer().to_i128().unwrap_or(0);
        }
        for i in 0..m {
            let sum: i128 = (0..n).map(|j| part[[i, j]]).sum();
            part[[i, n]] = (-sum).rem_euclid(scale);
        }
        for j in 0..=n {
            let sum: i128 = (0..m).map(|i| part[[i, j]]).sum();
            part[[m, j]] = (-sum).rem_euclid(scale);
        }
        Ok(Self { part, scale })
    }

    /// Which cells and slacks go up; the last row and column are the slacks.
    fn round(&self) -> Array2<bool> {
        let mut x = self.part.clone();
        let cells: Vec<_> = x.indexed_iter().map(|(cell, _)| cell).collect();
        for start in cells {
            // A whole cell never turns fractional again, so one sweep over the starts is enough.
            while self.is_free(&x, start) {
                let Some(cycle) = self.fractional_cycle(&x, start) else { break };
                self.push(&mut x, &cycle);
            }
        }
        let mut up = x.map(|v| *v == self.scale);
        // Each cancelled cycle lowers an integer objective, so this ends; huge tables stop before.
        for _ in 0..EFFORT / (x.len() * (x.nrows() + x.ncols())) {
            let Some(cycle) = self.negative_cycle(&up) else { break };
            for cell in cycle {
                up[cell] = !up[cell];
            }
        }
        up
    }

    fn is_free(&self, x: &Array2<i128>, cell: (usize, usize)) -> bool {
        x[cell] > 0 && x[cell] < self.scale
    }

    /// A cycle of fractional cells that alternates between moves along a row and along a column.
    /// Every line sums to an integer, so a line with one fractional cell has another.
    fn fractional_cycle(&self, x: &Array2<i128>, start: (usize, usize)) -> Option<Vec<(usize, usize)>> {
        let (rows, columns) = x.dim();
        let mut path = vec![start];
        let mut row_seen = vec![None; rows];
        row_seen[start.0] = Some(0);
        loop {
            let (i, j) = *path.last()?;
            let column = (0..columns).find(|&c| c != j && self.is_free(x, (i, c)))?;
            path.push((i, column));
            let row = (0..rows).find(|&r| r != i && self.is_free(x, (r, column)))?;
            if let Some(from) = row_seen[row] {
                // Back in a row where the walk was: it left there through path[from + 1].
                let left_by = path[from + 1];
                if left_by == (row, column) {
                    // It left and came back through one cell: the cells between close by themselves.
                    return Some(path[from + 2..].to_vec());
                }
                let mut cycle: Vec<_> = path[from + 1..].to_vec();
                cycle.push((row, column));
                return Some(cycle);
            }
            row_seen[row] = Some(path.len());
            path.push((row, column));
        }
    }

    /// Moves +d, −d … along the cycle, the way that lowers the objective, until a cell is whole.
    fn push(&self, x: &mut Array2<i128>, cycle: &[(usize, usize)]) {
        let slope: i128 = cycle
            .iter()
            .enumerate()
            .map(|(k, c)| if k % 2 == 0 { self.cost(*c) } else { -self.cost(*c) })
            .sum();
        let first = usize::from(slope > 0);
        let room =
            cycle.iter().enumerate().map(|(k, c)| if k % 2 == first { self.scale - x[*c] } else { x[*c] });
        let d = room.min().unwrap_or(0);
        for (k, c) in cycle.iter().enumerate() {
            x[*c] += if k % 2 == first { d } else { -d };
        }
    }

    /// What the objective gains when the cell goes from down to up: |1 − f| − |f|, times scale.
    fn cost(&self, cell: (usize, usize)) -> i128 {
        self.scale - 2 * self.part[cell]
    }

    /// A cycle of the residual network with negative cost (Bellman-Ford), as cells to flip.
    fn negative_cycle(&self, up: &Array2<bool>) -> Option<Vec<(usize, usize)>> {
        let (rows, columns) = up.dim();
        let mut distance = vec![0_i128; rows + columns];
        let mut from: Vec<Option<(usize, (usize, usize))>> = vec![None; rows + columns];
        let mut last = None;
        for _ in 0..rows + columns {
            last = None;
            for (cell, raised) in up.indexed_iter() {
                if self.part[cell] == 0 {
                    continue;
                }
                let (a, b) = (cell.0, rows + cell.1);
                let (tail, head, cost) =
                    if *raised { (b, a, -self.cost(cell)) } else { (a, b, self.cost(cell)) };
                if distance[tail] + cost < distance[head] {
                    distance[head] = distance[tail] + cost;
                    from[head] = Some((tail, cell));
                    last = Some(head);
                }
            }
            last?;
        }
        // Walk back far enough to stand on the cycle, then collect it.
        let mut node = last?;
        for _ in 0..rows + columns {
            node = from[node]?.0;
        }
        let start = node;
        let mut cells = Vec::new();
        loop {
            let (tail, cell) = from[node]?;
            cells.push(cell);
            node = tail;
            if node == start {
                return Some(cells);
            }
        }
    }
}

fn lcm(a: &BigInt, b: &BigInt) -> BigInt {
    // Reduced ratio a/b = p/q with q = b / gcd, so lcm = a·q.
    a * Ratio::new(a.clone(), b.clone()).denom()
}
