//! Counts in age groups to single years: totals kept, never negative.

use ndarray::Array2;

use super::ages::{AGES, AgeGroup};

/// Death rates of China at 80 and over, women and men, 5-year groups from 80 to 100+
/// (UN DESA, World Population Prospects 2024, period 2020-2025; CC BY 3.0 IGO).
const OLD_AGE_M: [[f64; 5]; 2] = [
    [0.067_160, 0.121_990, 0.218_672, 0.370_472, 0.553_871],
    [0.102_203, 0.174_615, 0.299_085, 0.518_460, 0.822_483],
];

/// Single years from group counts (2, groups): a monotone cubic through the cumulative counts
/// (Fritsch & Carlson 1980), so every group keeps its total and no year is negative. An open group
/// under 100 is spread by the survival of the period 2020-2025 and a growth rate that joins it to
/// the group before.
pub fn to_single(counts: &Array2<f64>, groups: &[AgeGroup]) -> Array2<f64> {
    let mut single = Array2::zeros((2, AGES));
    for sex in 0..2 {
        let row: Vec<f64> = counts.row(sex).to_vec();
        for (x, value) in one_sex(&row, groups, sex).into_iter().enumerate() {
            single[[sex, x]] = value;
        }
    }
    single
}

fn one_sex(counts: &[f64], groups: &[AgeGroup], sex: usize) -> Vec<f64> {
    let closed = groups.iter().take_while(|g| !g.is_open()).count();
    let mut single = vec![0.0; AGES];
    let knots: Vec<f64> = std::iter::once(0.0).chain(groups[..closed].iter().map(|g| g.to as f64)).collect();
    let mut cumulative = vec![0.0];
    for c in &counts[..closed] {
        cumulative.push(cumulative[cumulative.len() - 1] + c);
    }
    let slopes = monotone_slopes(&knots, &cumulative);
    for (i, g) in groups[..closed].iter().enumerate() {
        if g.to == g.from + 1 {
            single[g.from] = counts[i];
            continue;
        }
        let (x0, width) = (knots[i], knots[i + 1] - knots[i]);
        let at = |x: f64| {
            let t = (x - x0) / width;
            let rise = cumulative[i + 1] - cumulative[i];
            // Hermite form of the part above the lower knot.
            rise * t * t * (3.0 - 2.0 * t)
                + width * t * (1.0 - t) * (slopes[i] * (1.0 - t) - slopes[i + 1] * t)
        };
        let mut parts: Vec<f64> =
            (g.from..g.to).map(|x| (at(x as f64 + 1.0) - at(x as f64)).max(0.0)).collect();
        let sum: f64 = parts.iter().sum();
        if sum > 0.0 {
            parts.iter_mut().for_each(|p| *p *= counts[i] / sum);
        }
        single[g.from..g.to].copy_from_slice(&parts);
    }
    if let (Some(g), Some(total)) = (groups.get(closed), counts.get(closed)) {
        let before = closed.checked_sub(1).map(|i| {
            let width = (groups[i].to - groups[i].from) as f64;
            (counts[i] / width, f64::from(u32::try_from(groups[i].from).unwrap_or(0)) + width / 2.0)
        });
        let weights = open_weights(g.from, *total, before, sex);
        for (x, w) in (g.from..AGES).zip(weights) {
            single[x] = total * w;
        }
    }
    single
}

/// Shares of the single years `from`…100+ of an open group; `before` is persons per year of age and
/// mid-age of the group that precedes it.
fn open_weights(from: usize, total: f64, before: Option<(f64, f64)>, sex: usize) -> Vec<f64> {
    let hazard = |x: f64| {
        let i = (((x - 80.0) / 5.0).floor().max(0.0) as usize).min(4);
        if x < 80.0 { OLD_AGE_M[sex][0] * (0.1 * (x - 82.5)).exp() } else { OLD_AGE_M[sex][i] }
    };
    let shape = |growth: f64| -> Vec<f64> {
        let mut weights = Vec::with_capacity(AGES - from);
        let mut alive = 1.0;
        for x in from..AGES {
            let m = hazard(x as f64 + 0.5);
            let step = m + growth;
            // Person-years of the year; the last year stands for all above it.
            let years = match () {
                () if x == AGES - 1 => 1.0 / step.max(0.05),
                () if step.abs() < 1e-9 => 1.0,
                () => (1.0 - (-step).exp()) / step,
            };
            weights.push(alive * years.max(0.0));
            alive *= (-step).exp();
        }
        let sum: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|w| *w /= sum);
        weights
    };
    let Some((density, mid)) = before.filter(|b| b.0 > 0.0 && total > 0.0) else { return shape(0.02) };
    // Persons at the first open year that follow from the group before; the growth rate that gives it.
    let years = from as f64 + 0.5 - mid;
    let (mut low, mut high) = (-0.04, 0.12);
    for _ in 0..50 {
        let growth = 0.5 * (low + high);
        let passed: f64 = (0..years.max(0.0) as usize).map(|k| hazard(mid + k as f64 + 0.5)).sum();
        let first = density * (-passed - growth * years).exp();
        if total * shape(growth)[0] < first { low = growth } else { high = growth }
    }
    shape(0.5 * (low + high))
}

/// Slopes of Fritsch & Carlson (1980), three-point at the ends, never negative for rising data.
fn monotone_slopes(x: &[f64], y: &[f64]) -> Vec<f64> {
    let n = x.len();
    if n < 2 {
        return vec![0.0; n];
    }
    let width: Vec<f64> = x.windows(2).map(|w| w[1] - w[0]).collect();
    let secant: Vec<f64> = y.windows(2).zip(&width).map(|(w, h)| (w[1] - w[0]) / h).collect();
    let end = |h0: f64, h1: f64, d0: f64, d1: f64| {
        let s = ((2.0 * h0 + h1) * d0 - h0 * d1) / (h0 + h1);
        s.clamp(0.0, 3.0 * d0)
    };
    let mut slopes = vec![secant[0]; n];
    if n > 2 {
        for i in 1..n - 1 {
            let (a, b) = (secant[i - 1], secant[i]);
            slopes[i] = if a * b <= 0.0 {
                0.0
            } else {
                let (w1, w2) = (2.0 * width[i] + width[i - 1], width[i] + 2.0 * width[i - 1]);
                (w1 + w2) / (w1 / a + w2 / b)
            };
        }
        slopes[0] = end(width[0], width[1], secant[0], secant[1]);
        slopes[n - 1] = end(width[n - 2], width[n - 3], secant[n - 2], secant[n - 3]);
    }
    slopes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demography::base::ages::contiguous;

    #[test]
    fn totals_are_kept_and_nothing_is_negative() {
        let labels: Vec<String> =
            ["0", "1-4", "5-9", "10-14", "15-59", "60-84", "85+"].map(str::to_owned).to_vec();
        let groups = contiguous(&labels).unwrap();
        let counts = ndarray::arr2(&[
            [3.0, 0.0, 80.0, 100.0, 5000.0, 900.0, 30.0],
            [4.0, 20.0, 0.0, 0.0, 5200.0, 700.0, 0.0],
        ]);
        let single = to_single(&counts, &groups);
        for sex in 0..2 {
            for (i, g) in groups.iter().enumerate() {
                let sum: f64 = (g.from..g.to).map(|x| single[[sex, x]]).sum();
                assert!((sum - counts[[sex, i]]).abs() < 1e-9, "{}", g.label());
            }
        }
        assert!(single.iter().all(|v| *v >= 0.0));
    }
}
