//! Noise of small numbers: whole persons drawn from expected ones.

use rand_distr::{Binomial, Distribution, Poisson};

use crate::draws::Stream;

/// Rounds up or down at random so that the mean is kept.
pub(super) fn whole(stream: &mut Stream, value: f64) -> f64 {
    let low = value.floor();
    if value > low && stream.uniform() < value - low { low + 1.0 } else { low }
}

/// How many of `n` whole persons meet an event of probability `p`.
pub(super) fn binomial(stream: &mut Stream, n: f64, p: f64) -> f64 {
    if n <= 0.0 || p <= 0.0 {
        return 0.0;
    }
    if p >= 1.0 {
        return n;
    }
    // Few expected: walk up the distribution; one uniform and a handful of multiplications.
    if n * p < 12.0 && p < 0.5 {
        let odds = p / (1.0 - p);
        let mut probability = (n * (-p).ln_1p()).exp();
        let mut left = stream.uniform();
        let mut k = 0.0;
        while left > probability && k < n {
            left -= probability;
            probability *= odds * (n - k) / (k + 1.0);
            k += 1.0;
        }
        return k;
    }
    Binomial::new(n as u64, p).map_or(0.0, |b| b.sample(stream) as f64)
}

/// A Poisson count.
pub(super) fn poisson(stream: &mut Stream, mean: f64) -> f64 {
    if mean <= 0.0 {
        return 0.0;
    }
    if mean < 12.0 {
        let mut probability = (-mean).exp();
        let mut left = stream.uniform();
        let mut k = 0.0;
        while left > probability && k < 200.0 {
            left -= probability;
            k += 1.0;
            probability *= mean / k;
        }
        return k;
    }
    Poisson::new(mean).map_or(mean.round(), |d| d.sample(stream))
}
