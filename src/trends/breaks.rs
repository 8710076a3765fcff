//! Breaks in level or slope: exhaustive search over none to two places, permutation p-values.
//!
//! The series is a line, plus a step or a kink at each break; the best places are those of least squares
//! (Bai & Perron 1998, Econometrica 66, for the global search). A p-value asks how often series without that
//! break, made by permuting the residuals of the fit without it, gain as much from the best break that can
//! be found in them (Freedman & Lane 1983, Journal of Business & Economic Statistics 1): the residuals are
//! permuted, not the values, for a trend is not exchangeable; and the search is repeated, so looking
//! everywhere is paid for. Looking for one break and for two is paid for as well (Bonferroni): there is none
//! unless the better of both tests against no break has half of alpha. What a parabola (for two breaks a
//! cubic) tells as well as the breaks do is a bend, and no break. Nor is what only one scale shows: a break
//! is found on the square-root scale and again on that of the values and, without zeros, of their logarithms,
//! so that neither a straight line nor steady growth by a share has any.

use super::go::Go;
use super::least_squares::{dot, normalized, solve, without};
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
    if times.len() < MIN_VALUES {
        return Ok(Vec::new());
    }
    let search = Search::new(&times, go);
    let on = |scale: fn(f64) -> f64| -> Vec<f64> {
        values.iter().flatten().map(|v| scale(v / (unit * unit))).collect()
    };
    let y = on(f64::sqrt);
    let mut found = search.significant(&y, alpha, seed)?;
    let mut others = vec![on(|v| v)];
    if values.iter().flatten().all(|v| *v > 0.0) {
        others.push(on(f64::ln));
    }
    for other in &others {
        if found.is_empty() {
            break;
        }
        let again = search.significant(other, alpha, seed)?;
        found.retain_mut(|(c, p)| {
            let near = again.iter().filter(|(d, _)| search.places_apart(*c, *d) <= 1).map(|(_, p)| *p);
            let seen = near.reduce(f64::min);
            *p = p.max(seen.unwrap_or(1.0));
            seen.is_some()
        });
    }
    let all: Vec<usize> = found.iter().map(|(c, _)| *c).collect();
    let mut breaks: Vec<Break> = found.iter().map(|(c, p)| search.told(&y, *c, &all, unit, *p)).collect();
    breaks.sort_by_key(|b| b.position);
    Ok(breaks)
}

/// What to say of a series that [`drifts`].
pub const DRIFTS: &str = "序列前后各期相互牵连（自相关明显），这类序列容易误检出断点，宜以制度变动的记载为准";

/// Whether neighbours lie together around the straight line through the square roots (first
/// autocorrelation above 2/√n): a series that drifts, in which the search finds more breaks than there were.
pub fn drifts(values: &[Option<f64>]) -> bool {
    let times: Vec<usize> = (0..values.len()).filter(|i| values[*i].is_some_and(|v| v >= 0.0)).collect();
    if times.len() < MIN_VALUES {
        return false;
    }
    let y: Vec<f64> = times.iter().filter_map(|i| values[*i]).map(f64::sqrt).collect();
    let r = Search::new(&times, Go::default()).fit(&y, &[]).residuals;
    let together: f64 = r.windows(2).map(|w| w[0] * w[1]).sum();
    together > 2.0 / (r.len() as f64).sqrt() * dot(&r, &r)
}

struct Candidate {
    position: usize,
    kind: Kind,
    column: Vec<f64>,
}

struct Search<'a> {
    go: Go<'a>,
    candidates: Vec<Candidate>,
    line: Vec<Vec<f64>>,
}

struct Fit {
    coefficients: Vec<f64>,
    residuals: Vec<f64>,
    sse: f64,
}

impl<'a> Search<'a> {
    fn new(times: &[usize], go: Go<'a>) -> Self {
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
        Self { go, candidates, line: vec![vec![1.0; t.len()], t.iter().map(|t| t / last).collect()] }
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
        let sse = dot(&residuals, &residuals);
        Fit { coefficients: solve(&self.columns(with), y), residuals, sse }
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

    /// Candidates of the breaks with a p-value of at most `alpha` on one scale.
    fn significant(&self, y: &[f64], alpha: f64, seed: u64) -> Result<Vec<(usize, f64)>> {
        let none = self.fit(y, &[]);
        // Rounding noise of an exact line is no break.
        if self.candidates.is_empty() || none.sse <= 1e-18 * dot(y, y) {
            return Ok(Vec::new());
        }
        let Some((one, _)) = self.best_one(&none.residuals, &[]) else { return Ok(Vec::new()) };
        let pairs = Pairs::new(self);
        let p_one = self.p_value(y, &[], seed, "one")?;
        let p_two = self.permuted(y, &[], seed, "two", &|residuals| {
            pairs.best(residuals).map_or(0.0, |(_, taken)| gain(taken, residuals))
        })?;
        let p_any = 2.0 * p_one.min(p_two);
        if p_any > alpha {
            return Ok(Vec::new());
        }
        if let Some(((a, b), _)) = pairs.best(&none.residuals).filter(|_| p_two <= alpha) {
            let p_a = self.p_value(y, &[b], seed, "two.first")?.max(p_any).max(p_two);
            let p_b = self.p_value(y, &[a], seed, "two.second")?.max(p_any).max(p_two);
            if p_a <= alpha && p_b <= alpha && self.fit(y, &[a, b]).sse < self.curve_sse(y, 3) {
                return Ok(vec![(a, p_a), (b, p_b)]);
            }
        }
        let sharper = self.fit(y, &[one]).sse < self.curve_sse(y, 2);
        Ok(if p_one <= alpha && sharper { vec![(one, p_one.max(p_any))] } else { Vec::new() })
    }

    /// Observed values between two candidates' places.
    fn places_apart(&self, a: usize, b: usize) -> usize {
        (a / 2).abs_diff(b / 2)
    }

    /// Share of permutations of the residuals around the fit with `with` in which one more break
    /// gains at least what it gains in the series.
    fn p_value(&self, y: &[f64], with: &[usize], seed: u64, purpose: &str) -> Result<f64> {
        let directions = self.directions(with);
        self.permuted(y, with, seed, purpose, &|residuals| {
            best_of(&directions, residuals).map_or(0.0, |(_, taken)| gain(taken, residuals))
        })
    }

    /// Share of permutations of the residuals around the fit with `with` in which `gain`, asked for what is
    /// left around that fit, is at least what it is in the series.
    fn permuted(
        &self,
        y: &[f64],
        with: &[usize],
        seed: u64,
        purpose: &str,
        gain: &dyn Fn(&[f64]) -> f64,
    ) -> Result<f64> {
        let null = self.fit(y, with);
        let basis = self.basis(with);
        let seen = gain(&null.residuals);
        let key = Key::new(seed, "trends.breaks", purpose);
        let mut order: Vec<usize> = (0..y.len()).collect();
        let as_much = (0..PERMUTATIONS)
            .take_while(|_| self.go.on())
            .filter(|draw| {
                let mut stream = key.stream(*draw as u64);
                for i in (1..order.len()).rev() {
                    order.swap(i, (stream.uniform() * (i + 1) as f64) as usize);
                }
                let permuted: Vec<f64> = order.iter().map(|o| null.residuals[*o]).collect();
                gain(&without(&permuted, &basis)) >= seen
            })
            .count();
        if !self.go.on() {
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

/// Two breaks at once, by the angles between the candidates' directions beyond the line.
struct Pairs {
    directions: Vec<Option<Vec<f64>>>,
    /// Pairs with room between them and the cosine of their angle.
    pairs: Vec<(usize, usize, f64)>,
}

impl Pairs {
    fn new(search: &Search<'_>) -> Self {
        let directions = search.directions(&[]);
        let mut pairs = Vec::new();
        for (a, one) in directions.iter().enumerate() {
            for (b, other) in directions.iter().enumerate().skip(a + 1).filter(|(b, _)| search.apart(a, *b)) {
                let cosine = one.as_ref().zip(other.as_ref()).map_or(1.0, |(a, b)| dot(a, b));
                if cosine * cosine < 1.0 - 1e-9 {
                    pairs.push((a, b, cosine));
                }
            }
        }
        Self { directions, pairs }
    }

    /// The pair that takes most from the sum of squares, and what it takes.
    fn best(&self, residuals: &[f64]) -> Option<((usize, usize), f64)> {
        let along: Vec<f64> =
            self.directions.iter().map(|d| d.as_ref().map_or(0.0, |d| dot(d, residuals))).collect();
        let mut best: Option<((usize, usize), f64)> = None;
        for (a, b, cosine) in &self.pairs {
            let (x, y) = (along[*a], along[*b]);
            let taken = x * x + (y - cosine * x).powi(2) / (1.0 - cosine * cosine);
            if best.is_none_or(|(_, most)| taken > most) {
                best = Some(((*a, *b), taken));
            }
        }
        best
    }
}

/// What a break takes from the sum of squares, beside what it leaves.
fn gain(taken: f64, residuals: &[f64]) -> f64 {
    let sse = dot(residuals, residuals);
    taken / (sse - taken).max(1e-12 * sse)
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
