//! Intervals for a share k of n: Wilson, Jeffreys, Clopper-Pearson (Brown, Cai & DasGupta 2001, Statistical Science 16).

use statrs::distribution::{Beta, ContinuousCDF, Normal};

use crate::error::{Error, Problem, Result};

/// How an interval is formed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Interval {
    /// Score interval (Wilson 1927): covers close to nominal on average; the default.
    #[default]
    Wilson,
    /// Equal-tailed posterior under Beta(1/2, 1/2); 0 and 1 at the ends.
    Jeffreys,
    /// Exact (Clopper & Pearson 1934): covers at least nominal, always.
    ClopperPearson,
}

impl Interval {
    pub fn name(self) -> &'static str {
        match self {
            Self::Wilson => "Wilson",
            Self::Jeffreys => "Jeffreys",
            Self::ClopperPearson => "Clopper-Pearson",
        }
    }
}

/// Interval of a share: `count` of `total`, at a level such as 0.95; `None` where `total` is 0.
///
/// # Errors
/// `Error::Data` where `count > total` or the level is not between 0 and 1.
pub fn share_interval(count: u64, total: u64, level: f64, interval: Interval) -> Result<Option<(f64, f64)>> {
    if count > total {
        return Err(Error::data(
            Problem::new("more cases than there are").value(count).expected(format!("0 to {total}")),
        ));
    }
    check_level(level)?;
    if total == 0 {
        return Ok(None);
    }
    let (k, n) = (count as f64, total as f64);
    let alpha = 1.0 - level;
    let (low, high) = match interval {
        Interval::Wilson => {
            let z = normal_quantile(1.0 - alpha / 2.0)?;
            let (p, zz) = (k / n, z * z);
            let centre = (p + zz / (2.0 * n)) / (1.0 + zz / n);
            let half = z / (1.0 + zz / n) * (p * (1.0 - p) / n + zz / (4.0 * n * n)).sqrt();
            // At the ends the bound is exactly 0 or 1, which rounding may miss.
            (if count == 0 { 0.0 } else { centre - half }, if count == total { 1.0 } else { centre + half })
        }
        Interval::Jeffreys => (
            if count == 0 { 0.0 } else { beta_quantile(k + 0.5, n - k + 0.5, alpha / 2.0)? },
            if count == total { 1.0 } else { beta_quantile(k + 0.5, n - k + 0.5, 1.0 - alpha / 2.0)? },
        ),
        Interval::ClopperPearson => (
            if count == 0 { 0.0 } else { beta_quantile(k, n - k + 1.0, alpha / 2.0)? },
            if count == total { 1.0 } else { beta_quantile(k + 1.0, n - k, 1.0 - alpha / 2.0)? },
        ),
    };
    Ok(Some((low.clamp(0.0, 1.0), high.clamp(0.0, 1.0))))
}

/// # Errors
/// `Error::Data` where the level is not strictly between 0 and 1.
pub fn check_level(level: f64) -> Result<()> {
    if level > 0.0 && level < 1.0 {
        return Ok(());
    }
    Err(Error::data(
        Problem::new("not a level")
            .column("level")
            .value(level)
            .expected("a number between 0 and 1, as 0.95"),
    ))
}

/// Quantile of the standard normal distribution.
///
/// # Errors
/// None for `p` strictly between 0 and 1.
pub fn normal_quantile(p: f64) -> Result<f64> {
    let normal = Normal::new(0.0, 1.0).map_err(|e| Error::model(Problem::new(e.to_string())))?;
    Ok(normal.inverse_cdf(p))
}

/// Quantile of a beta distribution, refined by Newton steps within a bracket.
///
/// # Errors
/// `Error::Model` where a parameter is not positive and finite.
pub fn beta_quantile(a: f64, b: f64, p: f64) -> Result<f64> {
    let beta = Beta::new(a, b).map_err(|e| {
        Error::model(Problem::new(e.to_string()).value(format!("{a}, {b}")).expected("positive parameters"))
    })?;
    // Bisection on the distribution function: sixty halvings leave less than 1e-18, whatever the shape.
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..64 {
        let middle = 0.5 * (low + high);
        if beta.cdf(middle) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(0.5 * (low + high))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(interval: Interval, k: u64, n: u64, low: f64, high: f64, tolerance: f64) {
        let (l, h) = share_interval(k, n, 0.95, interval).unwrap().unwrap();
        assert!((l - low).abs() < tolerance && (h - high).abs() < tolerance, "{interval:?} {k}/{n}: {l} {h}");
    }

    #[test]
    fn three_of_212() {
        near(Interval::Wilson, 3, 212, 0.005, 0.041, 5e-4);
        near(Interval::Jeffreys, 3, 212, 0.004, 0.037, 5e-4);
        near(Interval::ClopperPearson, 3, 212, 0.003, 0.041, 5e-4);
    }

    #[test]
    fn newcombe_1998_table_i() {
        // Newcombe 1998, Statistics in Medicine 17: 857-872, table I: score (3) and exact (5) intervals.
        for (k, n, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            near(Interval::Wilson, k, n, low, high, 5e-5);
        }
        for (k, n, low, high) in [
            (81, 263, 0.2527, 0.3676),
            (15, 148, 0.0578, 0.1617),
            (0, 20, 0.0, 0.1684),
            (1, 29, 0.0009, 0.1776),
        ] {
            near(Interval::ClopperPearson, k, n, low, high, 5e-5);
        }
    }

    #[test]
    fn ends_and_nonsense() {
        assert_eq!(share_interval(0, 0, 0.95, Interval::Wilson).unwrap(), None);
        assert!(share_interval(3, 2, 0.95, Interval::Wilson).is_err());
        assert!(share_interval(1, 2, 1.0, Interval::Wilson).is_err());
        assert!(share_interval(1, 2, f64::NAN, Interval::Wilson).is_err());
        for interval in [Interval::Wilson, Interval::Jeffreys, Interval::ClopperPearson] {
            assert_eq!(share_interval(0, 9, 0.95, interval).unwrap().unwrap().0, 0.0);
            assert_eq!(share_interval(9, 9, 0.95, interval).unwrap().unwrap().1, 1.0);
        }
    }
}
