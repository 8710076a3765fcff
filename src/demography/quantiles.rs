//! Exact mean and quantiles of many series by selection: the same order statistics as sorting gives.

use crate::draws::{QUANTILE_PROBS, Summary};

/// Mean and the five quantiles of `QUANTILE_PROBS` (Hyndman & Fan 1996, type 7); reorders `values`.
/// All zero for no values.
pub fn summary(values: &mut [f64]) -> Summary {
    let n = values.len();
    if n == 0 {
        return Summary { mean: 0.0, quantiles: [0.0; 5] };
    }
    let mean = mean(values);
    let last = n - 1;
    let places = QUANTILE_PROBS.map(|p| last as f64 * p);
    // The two order statistics around each place, ascending, each once.
    let mut ranks = [0; 10];
    let mut count = 0;
    for h in places {
        for rank in [h.floor() as usize, (h.floor() as usize + 1).min(last)] {
            if count == 0 || ranks[count - 1] < rank {
                ranks[count] = rank;
                count += 1;
            }
        }
    }
    let mut found = [0.0; 10];
    select(values, 0, &ranks[..count], &mut found[..count]);
    let value_at = |rank: usize| found[ranks[..count].partition_point(|r| *r < rank)];
    let quantiles = places.map(|h| {
        let (low, weight) = (value_at(h.floor() as usize), h - h.floor());
        low + weight * (value_at((h.floor() as usize + 1).min(last)) - low)
    });
    Summary { mean, quantiles }
}

/// The values of ascending `ranks` among all; `part` holds those from rank `offset` on. The middle rank is
/// selected first, so that each further selection runs over a smaller part.
fn select(part: &mut [f64], offset: usize, ranks: &[usize], out: &mut [f64]) {
    if ranks.is_empty() {
        return;
    }
    let middle = ranks.len() / 2;
    let (low, value, high) = part.select_nth_unstable_by(ranks[middle] - offset, f64::total_cmp);
    out[middle] = *value;
    select(low, offset, &ranks[..middle], &mut out[..middle]);
    select(high, ranks[middle] + 1, &ranks[middle + 1..], &mut out[middle + 1..]);
}

/// Mean in eight partial sums, added in one fixed order: independent of vector units and threads.
pub fn mean(values: &[f64]) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    let mut sums = [0.0; 8];
    let (rows, rest) = values.as_chunks::<8>();
    for row in rows {
        for i in 0..8 {
            sums[i] += row[i];
        }
    }
    let pairs = [sums[0] + sums[4], sums[1] + sums[5], sums[2] + sums[6], sums[3] + sums[7]];
    let total = (pairs[0] + pairs[2]) + (pairs[1] + pairs[3]) + rest.iter().sum::<f64>();
    total / values.len() as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn as_sorting_gives_them(values in prop::collection::vec(-1e3..1e3f64, 1..300), ties in 0..4u32) {
            let mut values = values;
            if ties > 0 {
                values.iter_mut().for_each(|v| *v = (*v / f64::from(ties * 100)).round());
            }
            let mut a = values.clone();
            let mut b = values;
            let (x, y) = (super::summary(&mut a), crate::draws::summarize(&mut b).unwrap());
            for (p, q) in x.quantiles.iter().zip(y.quantiles) {
                prop_assert!((p - q).abs() <= 1e-12 * q.abs().max(1.0), "{:?} {:?}", x, y);
            }
            prop_assert!((x.mean - y.mean).abs() < 1e-9);
        }
    }
}
