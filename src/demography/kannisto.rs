//! Old ages: the Kannisto model fitted to the rates below, extended and closed.
//!
//! logit m(x) = log(alpha) + beta·x, a logistic hazard with asymptote 1 (Thatcher, Kannisto & Vaupel 1998,
//! "The force of mortality at ages 80 to 120"); ordinary least squares on the logits.

use crate::error::{Error, Problem, Result};

/// A fitted curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kannisto {
    /// logit m at age 0 of the fitted line.
    pub log_alpha: f64,
    /// Rise of logit m a year.
    pub beta: f64,
}

impl Kannisto {
    /// Fits single-year rates at ages `from..=to` (`mx[x]` is that of age x).
    ///
    /// # Errors
    /// `Data` where ages are not in `mx`, or rates there are not between 0 and 1.
    pub fn fit(mx: &[f64], from: usize, to: usize) -> Result<Self> {
        if from + 2 > to || to >= mx.len() {
            return Err(Error::data(
                Problem::new("too few ages to fit")
                    .column("ages")
                    .value(format!("{from}-{to}"))
                    .expected(format!("three ages or more within 0-{}", mx.len().saturating_sub(1))),
            ));
        }
        let mut problems = Vec::new();
        let mut points = Vec::with_capacity(to - from + 1);
        for (x, m) in mx.iter().enumerate().take(to + 1).skip(from) {
            if *m > 0.0 && *m < 1.0 {
                points.push((x as f64 + 0.5, *m));
            } else {
                problems.push(
                    Problem::new("no logit of this rate")
                        .column(format!("mx at age {x}"))
                        .value(m)
                        .expected("a rate above 0 and below 1"),
                );
            }
        }
        if !problems.is_empty() {
            return Err(Error::Data(problems));
        }
        Self::through(&points).ok_or_else(|| Error::data(Problem::new("no line through these rates")))
    }

    /// The line through (age, m) by least squares on the logits of rates between 0 and 1; `None` where fewer
    /// than two ages differ.
    pub(super) fn through(points: &[(f64, f64)]) -> Option<Self> {
        let n = points.len() as f64;
        let logits = || points.iter().map(|(x, m)| (*x, (m / (1.0 - m)).ln()));
        let (mx, my) = (logits().map(|p| p.0).sum::<f64>() / n, logits().map(|p| p.1).sum::<f64>() / n);
        let sxy: f64 = logits().map(|p| (p.0 - mx) * (p.1 - my)).sum();
        let sxx: f64 = logits().map(|p| (p.0 - mx).powi(2)).sum();
        if points.len() < 2 || sxx <= 0.0 {
            return None;
        }
        // A hazard that falls at old ages would let a few live for ever: kept from falling.
        let beta = (sxy / sxx).max(0.0);
        Some(Self { log_alpha: my - beta * mx, beta })
    }

    /// Years that those alive at age x have left, followed to 130.
    pub(super) fn years_left(&self, from: f64) -> f64 {
        let mut age = from;
        let (mut l, mut years) = (1.0, 0.0);
        while age < 130.0 {
            let m = self.m(age + 0.5);
            let q = (m / (1.0 + 0.5 * m)).min(1.0);
            years += l * (1.0 - 0.5 * q);
            l *= 1.0 - q;
            age += 1.0;
        }
        years + l / self.m(130.5)
    }

    fn m(&self, age: f64) -> f64 {
        1.0 / (1.0 + (-(self.log_alpha + self.beta * age)).exp())
    }

    /// m at age x (completed years).
    pub fn at(&self, x: usize) -> f64 {
        self.m(x as f64 + 0.5)
    }
}

/// Nobody has lived longer than 122 years; no curve is followed further than this.
const LAST: usize = 150;

/// Single-year rates to age `to`, those from `start` on by the curve fitted at `fit` (from, to).
///
/// # Errors
/// As [`Kannisto::fit`]; `Data` where `start` lies beyond what is known.
pub fn extend(mx: &[f64], fit: (usize, usize), start: usize, to: usize) -> Result<Vec<f64>> {
    if to < fit.1 || to > LAST {
        return Err(Error::data(
            Problem::new("no age to extend to")
                .column("extend_to")
                .value(to)
                .expected(format!("an age from {} (the last one fitted) to {LAST}", fit.1)),
        ));
    }
    if start > mx.len() {
        return Err(Error::data(
            Problem::new("the extension starts beyond the last rate")
                .column("start")
                .value(start)
                .expected(format!("an age up to {}", mx.len())),
        ));
    }
    let curve = Kannisto::fit(mx, fit.0, fit.1)?;
    let mut out = mx[..start.min(to + 1)].to_vec();
    out.extend((start..=to).map(|x| curve.at(x)));
    Ok(out)
}

/// Single-year rates with the last group open at `open`: rates below stay, the open rate is deaths over
/// person-years from `open` on under the fitted curve (followed to age 130).
///
/// # Errors
/// As [`extend`].
pub fn close(mx: &[f64], fit: (usize, usize), open: usize) -> Result<Vec<f64>> {
    if open > LAST_OPEN {
        let problem = Problem::new("no age to close at").column("open_age").value(open);
        return Err(Error::data(problem.expected(format!("an age of at most {LAST_OPEN}"))));
    }
    let known = mx.len().min(open);
    let mut out = extend(&mx[..known], fit, known, open.max(fit.1))?;
    out.truncate(open);
    out.push(1.0 / Kannisto::fit(&mx[..known], fit.0, fit.1)?.years_left(open as f64));
    Ok(out)
}

/// The last age at which a table may be closed: years left are followed to 130.
const LAST_OPEN: usize = 125;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extension_that_would_cut_or_never_ends_is_refused() {
        let mx: Vec<f64> = (0..100).map(|x| 1.0 / (1.0 + (11.0 - 0.11 * x as f64).exp())).collect();
        for to in [50, 97, 5_000_000] {
            let e = extend(&mx, (80, 98), 99, to).unwrap_err().to_string();
            assert!(e.contains("extend_to") && e.contains("98"), "{e}");
        }
        assert_eq!(extend(&mx, (80, 98), 99, 98).unwrap().len(), 99);
    }

    #[test]
    fn a_logistic_hazard_comes_back() {
        let curve = Kannisto { log_alpha: -11.0, beta: 0.11 };
        let mx: Vec<f64> = (0..110).map(|x| curve.at(x)).collect();
        let fitted = Kannisto::fit(&mx, 80, 98).unwrap();
        assert!((fitted.beta - 0.11).abs() < 1e-12 && (fitted.log_alpha + 11.0).abs() < 1e-9);
        let long = extend(&mx[..100], (80, 98), 100, 120).unwrap();
        assert!((long[109] - mx[109]).abs() < 1e-12);
        let closed = close(&mx, (80, 98), 100).unwrap();
        assert_eq!(closed.len(), 101);
        assert!(closed[100] > mx[100] && closed[100] < 1.0);
        assert!(Kannisto::fit(&mx, 80, 81).is_err() && Kannisto::fit(&[0.0; 99], 80, 90).is_err());
    }
}
