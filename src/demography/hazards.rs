//! Single years of a hazard from its means over groups: a parabola in each group that keeps the mean and
//! rises wherever the means do (the piecewise parabolic method of Colella & Woodward 1984, "The piecewise
//! parabolic method (PPM) for gas-dynamical simulations", Journal of Computational Physics 54).

/// Hazards by year of age, from the mean hazard a year of consecutive groups of `width` years. Nothing falls
/// where the means rise, nothing rises where they fall, and each group keeps its mean.
pub fn by_year(means: &[f64], width: usize) -> Vec<f64> {
    let n = means.len();
    let at = |i: isize| -> f64 {
        // Beyond the ends the last step goes on, halved: flat enough not to invent a trend.
        match i {
            i if i < 0 => (means[0] + 0.5 * i as f64 * (means[1.min(n - 1)] - means[0])).max(0.0),
            i if i as usize >= n => {
                let last = means[n - 1];
                (last + 0.5 * (i as usize + 1 - n) as f64 * (last - means[n.saturating_sub(2)])).max(0.0)
            }
            i => means[i as usize],
        }
    };
    // The value between group i - 1 and group i, from the four means around it, never beyond the two beside it.
    let edge = |i: isize| -> f64 {
        let (a, b) = (at(i - 1), at(i));
        let value = (7.0 * (a + b) - (at(i - 2) + at(i + 1))) / 12.0;
        value.clamp(a.min(b), a.max(b))
    };
    let mut years = Vec::with_capacity(n * width);
    for (i, mean) in means.iter().enumerate() {
        let (left, right) = within(edge(i as isize), edge(i as isize + 1), *mean);
        let (rise, bend) = (right - left, 6.0 * (mean - 0.5 * (left + right)));
        let below = |k: usize| {
            let x = k as f64 / width as f64;
            left * x + 0.5 * rise * x * x + bend * x * x * (0.5 - x / 3.0)
        };
        years.extend((0..width).map(|k| (width as f64 * (below(k + 1) - below(k))).max(0.0)));
    }
    years
}

/// Ends of a parabola with this mean that does not turn inside the group.
fn within(left: f64, right: f64, mean: f64) -> (f64, f64) {
    if (right - mean) * (mean - left) <= 0.0 {
        return (mean, mean);
    }
    let (rise, off) = (right - left, mean - 0.5 * (left + right));
    if rise * off > rise * rise / 6.0 {
        (3.0 * mean - 2.0 * right, right)
    } else if rise * off < -rise * rise / 6.0 {
        (left, 3.0 * mean - 2.0 * left)
    } else {
        (left, right)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn means_are_kept_and_what_rises_rises(
            steps in prop::collection::vec(0.0..0.3f64, 1..8), first in 0.001..0.2f64,
        ) {
            let mut means = vec![first];
            steps.iter().for_each(|s| means.push(means[means.len() - 1] + s));
            let years = by_year(&means, 5);
            for (mean, group) in means.iter().zip(years.chunks(5)) {
                prop_assert!((group.iter().sum::<f64>() / 5.0 - mean).abs() < 1e-12);
            }
            prop_assert!(years.windows(2).all(|w| w[1] >= w[0] - 1e-12), "{years:?}");
        }
    }

    #[test]
    fn an_exponential_comes_back() {
        let of = |x: f64| 0.1 * (0.1 * x).exp();
        let mean = |from: f64, to: f64| (of(to) - of(from)) / 0.1 / (to - from);
        let means: Vec<f64> = (0..6).map(|i| mean(5.0 * f64::from(i), 5.0 * f64::from(i) + 5.0)).collect();
        for (x, year) in by_year(&means, 5).iter().enumerate().take(20).skip(10) {
            let truth = mean(x as f64, x as f64 + 1.0);
            assert!((year / truth - 1.0).abs() < 3e-3, "{x}: {year} {truth}");
        }
    }
}
