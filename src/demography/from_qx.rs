//! m(x) and a(x) where q(x) is given: each group solved for the rate that gives its q, and an open group that
//! goes on as the rates before it do.

use super::kannisto::Kannisto;
use super::life_table::{A0Rule, Sex, a0, a1_4};

/// Greville's factor, as in `life_table::from_rates`.
const GREVILLE: f64 = 25.0 / 12.0;

/// m(x) and a(x) of all groups, the open one last; `widths` are those of the closed ones, and the last of
/// `qx` is not used.
pub(super) fn rates(
    ages: &[u32],
    widths: &[f64],
    qx: &[f64],
    sex: Sex,
    rule: A0Rule,
) -> (Vec<f64>, Vec<f64>) {
    let n = widths.len();
    let m_of = |i: usize, a: f64| qx[i] / (widths[i] - (widths[i] - a) * qx[i]).max(f64::MIN_POSITIVE);
    let mut ax: Vec<f64> = widths.iter().map(|w| w / 2.0).collect();
    let mut mx: Vec<f64> = (0..n).map(|i| m_of(i, ax[i])).collect();
    mx.push(open_rate(ages, widths, &mx));
    // Groups hold on to their neighbours loosely, so a few sweeps do; two hundred never were needed.
    for _ in 0..200 {
        let mut moved: f64 = 0.0;
        for i in 0..n {
            let a = if i == 0 && widths[0] == 1.0 {
                a0(mx[0], sex, rule)
            } else if i == 1 && widths[1] == 4.0 {
                a1_4(mx[0], sex)
            } else if widths[i] == 5.0 && ages[i] >= 15 && i > 0 {
                greville(qx[i], mx[i - 1], mx[i + 1], i >= 9)
            } else {
                widths[i] / 2.0
            };
            let m = m_of(i, a);
            moved = moved.max((m - mx[i]).abs());
            (ax[i], mx[i]) = (a, m);
        }
        mx[n] = open_rate(ages, widths, &mx[..n]);
        if moved < 1e-15 {
            break;
        }
    }
    ax.push(1.0 / mx[n]);
    (mx, ax)
}

/// a of a five-year group with this q: that with which Greville's formula, a = 2.5 - c(m - k), and
/// q = 5m/(1 + (5 - a)m) agree. From m = 0.69 on the two have no solution but at the lower bound of a.
fn greville(q: f64, before: f64, after: f64, old: bool) -> f64 {
    let k = if before > 0.0 && after > 0.0 { 0.1 * (after / before).ln() } else { 0.0 };
    let (low, high) = if old { (0.97, f64::INFINITY) } else { (0.0, 5.0) };
    let b = 5.0 - 2.5 * q + q * GREVILLE * k;
    let root = b * b - 4.0 * q * q * GREVILLE;
    if q <= 0.0 {
        return (2.5 + GREVILLE * k).clamp(low, high);
    }
    if root < 0.0 {
        return low;
    }
    let m = (b - root.sqrt()) / (2.0 * q * GREVILLE);
    (2.5 - GREVILLE * (m - k)).clamp(low, high)
}

/// The open group's rate: one over the years left under the logistic hazard (Kannisto) of the last twenty
/// years before it. Where there is none (an open group below 50, no two rates between 0 and 1), the last
/// rate carried on by its own rise.
fn open_rate(ages: &[u32], widths: &[f64], mx: &[f64]) -> f64 {
    let open = ages[ages.len() - 1];
    let first = f64::from(open.saturating_sub(20).max(30));
    let points: Vec<(f64, f64)> = (0..mx.len())
        .map(|i| (f64::from(ages[i]), widths[i], mx[i]))
        .filter(|(age, width, m)| *age >= first && *width <= 5.0 && *m > 0.0 && *m < 1.0)
        .map(|(age, width, m)| (age + 0.5 * width, m))
        .collect();
    if open >= 50
        && let Some(curve) = Kannisto::through(&points)
    {
        return 1.0 / curve.years_left(f64::from(open));
    }
    match mx {
        [.., before, last] if *before > 0.0 && *last > 0.0 => last * (last / before).clamp(1.0, 1.6),
        [.., last] if *last > 0.0 => *last,
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use crate::demography::life_table::{A0Rule, Given, Sex, from_rates};

    /// Rates of a population with e0 near 78: deaths of infancy, then a logistic hazard.
    fn hazard(x: f64) -> f64 {
        let odds = 0.13 * (0.105 * (x - 85.0)).exp();
        0.02 * (-2.0 * x).exp() + odds / (1.0 + odds)
    }

    #[test]
    fn an_open_group_keeps_the_years_that_it_had() {
        let rule = A0Rule::default();
        let long: Vec<f64> = (0..=120).map(|x| hazard(f64::from(x) + 0.5)).collect();
        let ages: Vec<u32> = (0..=120).collect();
        let whole = from_rates(&ages, Given::Mx(&long), Sex::Female, rule, 1.0).unwrap();
        for open in [70, 85, 90, 100] {
            let cut =
                from_rates(&ages[..=open], Given::Qx(&whole.qx[..=open]), Sex::Female, rule, 1.0).unwrap();
            assert!((cut.ex[open] / whole.ex[open] - 1.0).abs() < 0.02, "{open} {}", cut.ex[open]);
            assert!((cut.e0() - whole.e0()).abs() < 0.02);
        }
    }

    #[test]
    fn abridged_rates_come_back_from_their_q_where_they_are_high_too() {
        let ages: Vec<u32> = [0, 1].into_iter().chain((1..=20).map(|i| 5 * i)).collect();
        for level in [0.5, 1.0, 2.0, 3.0] {
            let mut mx: Vec<f64> = ages.iter().map(|x| level * hazard(f64::from(*x) + 2.5)).collect();
            mx[0] = 0.03 * level;
            let table = from_rates(&ages, Given::Mx(&mx), Sex::Male, A0Rule::default(), 1.0).unwrap();
            let back = from_rates(&ages, Given::Qx(&table.qx), Sex::Male, A0Rule::default(), 1.0).unwrap();
            for (i, (a, b)) in mx.iter().zip(&back.mx).enumerate().take(ages.len() - 1) {
                // The open group's own rate is not known, and a(x) of its neighbours looks at it.
                let most = [1e-8, 3e-3, 0.03][usize::from(ages[i] >= 80) + usize::from(ages[i] >= 90)];
                assert!((a - b).abs() < most * (1.0 + a), "{level} {} {a} {b}", ages[i]);
            }
        }
    }
}
