//! Exact mean and quantiles of many series by selection: the same order statistics as sorting gives.

use multiversion::multiversion;

use crate::draws::{QUANTILE_PROBS, Summary};

/// Values are counted into this many bins before anything is selected.
const BINS: usize = 2048;
/// Fewer values than this are selected from at once.
const FEW: usize = 256;

/// What no draw says anything of.
pub const UNKNOWN: Summary = Summary { mean: f64::NAN, quantiles: [f64::NAN; 5] };

/// Mean and quantiles of the draws that have a value, and how many have none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Told {
    /// All NaN where no draw has a value.
    pub summary: Summary,
    pub missing: usize,
}

/// The summary of what is known: draws in which nobody stood in a denominator are left out. That there are
/// some is seen from the mean, so the others cost nothing.
pub fn told(values: &mut Vec<f64>, scratch: &mut Scratch) -> Told {
    let summary = summary(values, scratch);
    if summary.mean.is_finite() {
        return Told { summary, missing: 0 };
    }
    let all = values.len();
    values.retain(|v| v.is_finite());
    let missing = all - values.len();
    if values.is_empty() {
        return Told { summary: UNKNOWN, missing };
    }
    Told { summary: self::summary(values, scratch), missing }
}

/// Memory that is used again from series to series.
#[derive(Debug, Default)]
pub struct Scratch {
    bins: Vec<u16>,
    counts: Vec<u32>,
    picked: Vec<f64>,
}

/// Mean and the five quantiles of `QUANTILE_PROBS` (Hyndman & Fan 1996, type 7) of finite values, which are
/// reordered where they are few. All zero for no values, all NaN where one of them is not finite.
///
/// Many values are counted into bins that rise with them; only the bins that hold the order statistics
/// asked for are searched, so the result is that of sorting, to the bit.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx2", "x86_64+avx2"), dispatcher = "direct")]
pub fn summary(values: &mut [f64], scratch: &mut Scratch) -> Summary {
    let n = values.len();
    if n == 0 {
        return Summary { mean: 0.0, quantiles: [0.0; 5] };
    }
    let mean = mean(values);
    if !mean.is_finite() {
        return UNKNOWN;
    }
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
    if n < FEW || !binned(values, &ranks[..count], &mut found[..count], scratch) {
        select(values, 0, &ranks[..count], &mut found[..count]);
    }
    let value_at = |rank: usize| found[ranks[..count].partition_point(|r| *r < rank)];
    let quantiles = places.map(|h| {
        let (low, weight) = (value_at(h.floor() as usize), h - h.floor());
        low + weight * (value_at((h.floor() as usize + 1).min(last)) - low)
    });
    Summary { mean, quantiles }
}

/// Order statistics by bins; false where the values do not spread (or overflow), and nothing was done.
#[inline(always)]
fn binned(values: &[f64], ranks: &[usize], out: &mut [f64], scratch: &mut Scratch) -> bool {
    let (mut lows, mut highs) = ([f64::INFINITY; 8], [f64::NEG_INFINITY; 8]);
    let (rows, rest) = values.as_chunks::<8>();
    for row in rows {
        for i in 0..8 {
            lows[i] = if row[i] < lows[i] { row[i] } else { lows[i] };
            highs[i] = if row[i] > highs[i] { row[i] } else { highs[i] };
        }
    }
    let low = lows.iter().chain(rest).copied().fold(f64::INFINITY, f64::min);
    let high = highs.iter().chain(rest).copied().fold(f64::NEG_INFINITY, f64::max);
    let scale = (BINS - 1) as f64 / (high - low);
    if !(scale.is_finite() && scale > 0.0 && low.is_finite()) {
        return false;
    }
    scratch.bins.clear();
    // Rises with the value, as subtraction and multiplication by a positive number round monotonically.
    scratch.bins.extend(values.iter().map(|v| ((v - low) * scale) as i32 as u16));
    scratch.counts.clear();
    scratch.counts.resize(BINS, 0);
    for b in &scratch.bins {
        scratch.counts[usize::from(*b) % BINS] += 1;
    }
    let (mut bin, mut below) = (0, 0usize);
    let mut k = 0;
    while k < ranks.len() {
        while below + scratch.counts[bin] as usize <= ranks[k] {
            below += scratch.counts[bin] as usize;
            bin += 1;
        }
        let inside = scratch.counts[bin] as usize;
        let together = ranks[k..].iter().take_while(|r| **r < below + inside).count();
        scratch.picked.clear();
        let wanted = bin as u16;
        for (row, b) in values.chunks(32).zip(scratch.bins.chunks(32)) {
            // Most rows hold none of the bin: one vector comparison passes over them.
            if b.iter().fold(false, |any, b| any | (*b == wanted)) {
                scratch.picked.extend(row.iter().zip(b).filter(|(_, b)| **b == wanted).map(|(v, _)| *v));
            }
        }
        select(&mut scratch.picked, below, &ranks[k..k + together], &mut out[k..k + together]);
        k += together;
    }
    true
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
#[inline(always)]
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

    #[test]
    fn what_is_not_known_is_left_out() {
        let scratch = &mut super::Scratch::default();
        for n in [4, 4000] {
            let known: Vec<f64> = (0..n).map(f64::from).collect();
            let want = super::told(&mut known.clone(), scratch);
            let mut some: Vec<f64> = known.iter().flat_map(|v| [*v, f64::NAN]).collect();
            let got = super::told(&mut some, scratch);
            assert_eq!((got.missing, got.summary.quantiles), (n as usize, want.summary.quantiles));
            assert!((got.summary.mean - want.summary.mean).abs() < 1e-9);
        }
        let none = super::told(&mut vec![f64::NAN; 3], scratch);
        assert!(none.missing == 3 && none.summary.mean.is_nan());
    }

    proptest! {
        #[test]
        fn as_sorting_gives_them(values in prop::collection::vec(-1e3..1e3f64, 1..900), ties in 0..4u32) {
            let mut values = values;
            if ties > 0 {
                values.iter_mut().for_each(|v| *v = (*v / f64::from(ties * 100)).round());
            }
            let mut a = values.clone();
            let mut b = values;
            let (x, y) = (super::summary(&mut a, &mut super::Scratch::default()), crate::draws::summarize(&mut b).unwrap());
            for (p, q) in x.quantiles.iter().zip(y.quantiles) {
                prop_assert!((p - q).abs() <= 1e-12 * q.abs().max(1.0), "{:?} {:?}", x, y);
            }
            prop_assert!((x.mean - y.mean).abs() < 1e-9);
        }
    }
}
