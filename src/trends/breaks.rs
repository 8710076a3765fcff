//! Breaks in level or slope: exhaustive search over none to two places, permutation p-values.
//!
//! The series is a line on the square-root scale, plus a step or a kink at each break; the best
//! places are those of least squares (Bai & Perron 1998, Econometrica 66, for the global search).
//! A p-value asks how often series without that break, made by permuting the residuals of the fit
//! without it, gain as much from the best break that can be found in them (Freedman & Lane 1983,
//! Journal of Business & Economic Statistics 1): the residuals are permuted, not the values, for a
//! trend is not exchangeable; and the search is repeated, so looking everywhere is paid for. What a
//! parabola (for two breaks a cubic) tells as well as the breaks do is a bend, and no break.

use super::go::Go;
use super::series::{check, prepare};
use crate::draws::Key;
use crate::error::{Error, Problem, Result};

/// Fewer values than this cannot show a break.
pub const MIN_VALUES: usize = 7;
/// More than this are not a short series: the search grows with the square.
pub const MAX_VALUES: usize = 200;
const PERMUTATIONS: usize = 999;
/// Values on either side of a break.
const MARGIN: usize = 2;

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Level,
    Slope,
}

/// A break that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Break {
    /// Position (from 0) of the first value of the new regime.
    pub position: usize,
    pub kind: Kind,
    /// Level: by how much the fitted value at `position` is above that of the old regime. Slope: by
    /// how much the fitted yearly change there is above the old one. In units of the series.
    pub size: f64,
    /// The fitted value at `position` if the old regime had gone on.
    pub before: f64,
    /// The fitted value at `position`.
    pub after: f64,
    pub p_value: f64,
}

/// Breaks with a p-value of at most `alpha`, at most two, in order of position. Gaps are allowed;
/// a series of fewer than seven observed values has none that could be told.
pub fn breaks(values: &[Option<f64>], alpha: f64, seed: u64) -> Result<Vec<Break>> {
    breaks_while(values, alpha, seed, Go::default())
}

/// [`breaks`] that can be stopped.
pub fn breaks_while(values: &[Option<f64>], alpha: f64, seed: u64, go: Go<'_>) -> Result<Vec<Break>> {
    check(values)?;
    if !(alpha > 0.0 && alpha < 1.0) {
        let problem = Problem::new("not a significance level").column("alpha").value(alpha);
        return Err(Error::data(problem.expected("a number between 0 and 1, such as 0.05")));
    }
    if values.len() > MAX_VALUES {
        let problem = Problem::new("too long for a search of breaks").column("values").value(values.len());
        return Err(Error::data(problem.expected(format!("at most {MAX_VALUES} values"))));
    }
    let unit = prepare(values, 0).unit;
    let times: Vec<usize> = (0..values.len()).filter(|i| values[*i].is_some()).collect();
    let y: Vec<f64> = values.iter().flatten().map(|v| v.sqrt() / unit).collect();
    let search = Search::new(&times);
    if y.len() < MIN_VALUES || search.candidates.is_empty() {
        return Ok(Vec::new());
    }
    let none = search.fit(&y, &[]);
    // Rounding noise of an exact line is no break.
    if none.sse <= 1e-18 * y.len() as f64 {
        return Ok(Vec::new());
    }
    let (two, one) = (search.best_two(&y), search.best_one(&none.residuals, &[]));
    if let Some((a, b)) = two {
        let p_a = search.p_value(&y, &[b], seed, "two.first", go)?;
        let p_b = search.p_value(&y, &[a], seed, "two.second", go)?;
        if p_a <= alpha && p_b <= alpha && search.fit(&y, &[a, b]).sse < search.curve_sse(&y, 3) {
            let mut found =
                vec![search.told(&y, a, &[a, b], unit, p_a), search.told(&y, b, &[a, b], unit, p_b)];
            found.sort_by_key(|f| f.position);
            return Ok(found);
        }
    }
    let Some((c, _)) = one else { return Ok(Vec::new()) };
    let p = search.p_value(&y, &[], seed, "one", go)?;
    let sharper = search.fit(&y, &[c]).sse < search.curve_sse(&y, 2);
    Ok(if p <= alpha && sharper { vec![search.told(&y, c, &[c], unit, p)] } else { Vec::new() })
}

struct Candidate {
    position: usize,
    kind: Kind,
    column: Vec<f64>,
}

struct Search {
    candidates: Vec<Candidate>,
    line: Vec<Vec<f64>>,
}

struct Fit {
    coefficients: Vec<f64>,
    fitted: Vec<f64>,
    residuals: Vec<f64>,
    sse: f64,
}

impl Search {
    fn new(times: &[usize]) -> Self {
        let t: Vec<f64> = times.iter().map(|t| *t as f64).collect();
        let mut candidates = Vec::new();
        for at in MARGIN..(t.len() + 1).saturating_sub(MARGIN) {
            let place = t[at];
            let level = t.iter().map(|t| f64::from(u8::from(*t >= place))).collect();
            candidates.push(Candidate { position: times[at], kind: Kind::Level, column: level });
            // The kink stands at the last value of the old regime, so the new slope begins there.
            let kink = t[at - 1];
            let slope = t.iter().map(|t| (t - kink).max(0.0)).collect();
            candidates.push(Candidate { position: times[at], kind: Kind::Slope, column: slope });
        }
        let last = t.last().copied().unwrap_or(1.0).max(1.0);
        Self { candidates, line: vec![vec![1.0; t.len()], t.iter().map(|t| t / last).collect()] }
    }

    fn columns(&self, with: &[usize]) -> Vec<&[f64]> {
        let breaks = with.iter().map(|c| self.candidates[*c].column.as_slice());
        self.line.iter().map(Vec::as_slice).chain(breaks).collect()
    }

    /// An orthonormal basis of the line and the given breaks.
    fn basis(&self, with: &[usize]) -> Vec<Vec<f64>> {
        let mut basis: Vec<Vec<f64>> = Vec::new();
        for column in self.columns(with) {
            if let Some(unit) = normalized(column, &basis) {
                basis.push(unit);
            }
        }
        basis
    }

    fn fit(&self, y: &[f64], with: &[usize]) -> Fit {
        let residuals = without(y, &self.basis(with));
        let fitted: Vec<f64> = y.iter().zip(&residuals).map(|(y, r)| y - r).collect();
        let sse = dot(&residuals, &residuals);
        Fit { coefficients: solve(&self.columns(with), y), fitted, residuals, sse }
    }

    /// Sum of squares around a polynomial of that degree, which has as many parameters as breaks of
    /// that number less one have.
    fn curve_sse(&self, y: &[f64], degree: i32) -> f64 {
        let mut basis = self.basis(&[]);
        for power in 2..=degree {
            let column: Vec<f64> = self.line[1].iter().map(|t| t.powi(power)).collect();
            basis.extend(normalized(&column, &basis));
        }
        let residuals = without(y, &basis);
        dot(&residuals, &residuals)
    }

    /// The break that takes most from the sum of squares, beside those in `with`, and what it takes.
    fn best_one(&self, residuals: &[f64], with: &[usize]) -> Option<(usize, f64)> {
        let directions = self.directions(with);
        best_of(&directions, residuals)
    }

    /// For each candidate its direction beyond the line and `with`.
    fn directions(&self, with: &[usize]) -> Vec<Option<Vec<f64>>> {
        let basis = self.basis(with);
        self.candidates
            .iter()
            .enumerate()
            .map(|(i, c)| {
                let apart = with.iter().all(|w| self.apart(*w, i));
                if apart { normalized(&c.column, &basis) } else { None }
            })
            .collect()
    }

    /// Two breaks need room between them.
    fn apart(&self, a: usize, b: usize) -> bool {
        self.candidates[a].position.abs_diff(self.candidates[b].position) >= MARGIN
    }

    fn best_two(&self, y: &[f64]) -> Option<(usize, usize)> {
        let mut best: Option<(f64, usize, usize)> = None;
        for a in 0..self.candidates.len() {
            let fit = self.fit(y, &[a]);
            for (b, direction) in self.directions(&[a]).iter().enumerate().skip(a + 1) {
                let Some(direction) = direction else { continue };
                let sse = fit.sse - dot(direction, &fit.residuals).powi(2);
                if best.is_none_or(|(s, _, _)| sse < s) {
                    best = Some((sse, a, b));
                }
            }
        }
        best.map(|(_, a, b)| (a, b))
    }

    /// Share of permutations of the residuals around the fit with `with` in which one more break
    /// gains at least what it gains in the series.
    fn p_value(&self, y: &[f64], with: &[usize], seed: u64, purpose: &str, go: Go<'_>) -> Result<f64> {
        let null = self.fit(y, with);
        let basis = self.basis(with);
        let directions = self.directions(with);
        let gain = |series: &[f64]| {
            let residuals = without(series, &basis);
            let sse = dot(&residuals, &residuals);
            best_of(&directions, &residuals).map_or(0.0, |(_, taken)| taken / (sse - taken).max(1e-12 * sse))
        };
        let seen = gain(y);
        let key = Key::new(seed, "trends.breaks", purpose);
        let mut order: Vec<usize> = (0..y.len()).collect();
        let as_much = (0..PERMUTATIONS)
            .take_while(|_| go.on())
            .filter(|draw| {
                let mut stream = key.stream(*draw as u64);
                for i in (1..order.len()).rev() {
                    order.swap(i, (stream.uniform() * (i + 1) as f64) as usize);
                }
                let permuted: Vec<f64> =
                    null.fitted.iter().zip(&order).map(|(f, o)| f + null.residuals[*o]).collect();
                gain(&permuted) >= seen
            })
            .count();
        if !go.on() {
            return Err(Error::Interrupted);
        }
        Ok((as_much + 1) as f64 / (PERMUTATIONS + 1) as f64)
    }

    fn told(&self, y: &[f64], which: usize, all: &[usize], unit: f64, p_value: f64) -> Break {
        let candidate = &self.candidates[which];
        let fit = self.fit(y, all);
        let columns = self.columns(all);
        let index = candidate.column.iter().position(|c| *c > 0.0).unwrap_or(0);
        let with: f64 = columns.iter().zip(&fit.coefficients).map(|(c, b)| c[index] * b).sum();
        let own = all.iter().position(|a| *a == which).map_or(0.0, |i| fit.coefficients[self.line.len() + i]);
        let old = with - own * candidate.column[index];
        let value = |root: f64| (root.max(0.0) * unit).powi(2);
        let (before, after) = (value(old), value(with));
        Break {
            position: candidate.position,
            kind: candidate.kind,
            size: after - before,
            before,
            after,
            p_value,
        }
    }
}

fn best_of(directions: &[Option<Vec<f64>>], residuals: &[f64]) -> Option<(usize, f64)> {
    let mut best: Option<(usize, f64)> = None;
    for (i, direction) in directions.iter().enumerate() {
        let Some(direction) = direction else { continue };
        let taken = dot(direction, residuals).powi(2);
        if best.is_none_or(|(_, t)| taken > t) {
            best = Some((i, taken));
        }
    }
    best
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// What of `y` is at right angles to an orthonormal basis.
fn without(y: &[f64], basis: &[Vec<f64>]) -> Vec<f64> {
    let mut rest = y.to_vec();
    for unit in basis {
        let along = dot(&rest, unit);
        rest.iter_mut().zip(unit).for_each(|(r, u)| *r -= along * u);
    }
    rest
}

/// The direction of a column beyond a basis; `None` where it has none of its own.
fn normalized(column: &[f64], basis: &[Vec<f64>]) -> Option<Vec<f64>> {
    // Twice, so that rounding leaves nothing of the basis.
    let rest = without(&without(column, basis), basis);
    let (length, whole) = (dot(&rest, &rest).sqrt(), dot(column, column).sqrt());
    (length > 1e-9 * whole.max(f64::MIN_POSITIVE)).then(|| rest.iter().map(|r| r / length).collect())
}

/// Least-squares coefficients of a few columns, by modified Gram-Schmidt.
fn solve(columns: &[&[f64]], y: &[f64]) -> Vec<f64> {
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
