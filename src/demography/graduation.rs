//! Graduation: groups to single years, never negative, every group's total kept.
//!
//! Counts: a monotone cubic through the cumulative counts (natural spline slopes with the filter of
//! Hyman 1983, "Accurate monotonicity preserving cubic interpolation"), whose differences are the
//! single years. Rates: a monotone cubic of log m(x), rescaled to the hazard of each abridged interval.

use super::hazards;
use super::life_table::{self, A0Rule, Sex};
use crate::error::{Error, Problem, Result};

/// An age group `(from, to)` in completed years, `to` included; `None` is the open end.
pub type Group = (u32, Option<u32>);

/// Slopes of a monotone cubic through ascending knots `x`, `y`: those of the natural spline, filtered
/// so that the curve never turns between knots where `y` does not.
pub fn monotone_slopes(x: &[f64], y: &[f64]) -> Vec<f64> {
    let n = x.len();
    if n < 2 {
        return vec![0.0; n];
    }
    let h: Vec<f64> = x.windows(2).map(|w| w[1] - w[0]).collect();
    let s: Vec<f64> = y.windows(2).zip(&h).map(|(w, h)| (w[1] - w[0]) / h).collect();
    if n == 2 {
        return vec![s[0]; 2];
    }
    // Tridiagonal system of the natural spline in its slopes (second derivative 0 at both ends).
    let (mut diagonal, mut right) = (vec![0.0; n], vec![0.0; n]);
    let (mut lower, mut upper) = (vec![0.0; n], vec![0.0; n]);
    (diagonal[0], upper[0], right[0]) = (2.0, 1.0, 3.0 * s[0]);
    for i in 1..n - 1 {
        lower[i] = h[i];
        diagonal[i] = 2.0 * (h[i - 1] + h[i]);
        upper[i] = h[i - 1];
        right[i] = 3.0 * (h[i] * s[i - 1] + h[i - 1] * s[i]);
    }
    (lower[n - 1], diagonal[n - 1], right[n - 1]) = (1.0, 2.0, 3.0 * s[n - 2]);
    for i in 1..n {
        let w = lower[i] / diagonal[i - 1];
        diagonal[i] -= w * upper[i - 1];
        right[i] -= w * right[i - 1];
    }
    let mut d = vec![0.0; n];
    d[n - 1] = right[n - 1] / diagonal[n - 1];
    for i in (0..n - 1).rev() {
        d[i] = (right[i] - upper[i] * d[i + 1]) / diagonal[i];
    }
    // Hyman's filter: the sign of the chords, at most three times the flatter one.
    for i in 0..n {
        let (left, after) = (s[i.saturating_sub(1)], s[i.min(n - 2)]);
        let limit = 3.0 * left.abs().min(after.abs());
        d[i] = if left * after <= 0.0 { 0.0 } else { d[i].clamp(-limit, limit) };
        if d[i] * left < 0.0 {
            d[i] = 0.0;
        }
    }
    d
}

/// Value at `at` of the cubic Hermite curve through `x`, `y` with slopes `d`; straight beyond the ends.
pub fn hermite(x: &[f64], y: &[f64], d: &[f64], at: f64) -> f64 {
    let last = x.len() - 1;
    if at <= x[0] {
        return y[0] + d[0] * (at - x[0]);
    }
    if at >= x[last] {
        return y[last] + d[last] * (at - x[last]);
    }
    let i = x.partition_point(|k| *k <= at) - 1;
    let h = x[i + 1] - x[i];
    let t = (at - x[i]) / h;
    let (t2, t3) = (t * t, t * t * t);
    y[i] * (2.0 * t3 - 3.0 * t2 + 1.0)
        + h * d[i] * (t3 - 2.0 * t2 + t)
        + y[i + 1] * (3.0 * t2 - 2.0 * t3)
        + h * d[i + 1] * (t3 - t2)
}

/// Shares of an open group `from`+ by single years up to `max_age`+: numbers living by a logistic hazard
/// (odds 0.13 at 85, rising 10.5 % a year: both sexes of a population with e0 near 80), thinned by a yearly
/// `decline` towards older cohorts.
fn open_shares(from: usize, max_age: usize, decline: f64) -> Vec<f64> {
    if from >= max_age {
        return vec![1.0];
    }
    let mut w: Vec<f64> = (from..max_age).map(|a| living(a, from, decline)).collect();
    w.push((max_age..from.max(max_age) + 40).map(|a| living(a, from, decline)).sum());
    let total: f64 = w.iter().sum();
    w.iter().map(|v| v / total).collect()
}

/// Persons at an age beside one at `from`.
fn living(age: usize, from: usize, decline: f64) -> f64 {
    const ODDS: f64 = 0.13;
    const RISE: f64 = 0.105;
    let cumulated = |x: f64| (ODDS * (RISE * (x - 85.0)).exp()).ln_1p() / RISE;
    let (x, start) = (age as f64 + 0.5, from as f64);
    (cumulated(start) - cumulated(x) - decline * (x - start)).exp()
}

/// The decline with which the group before the open one and the open group itself lie on one curve, so that
/// there is no step between them: it takes up what differs from that hazard as well as the growth of
/// the cohorts. 3 % a year where a group is empty.
fn decline(from: usize, before: usize, closed: f64, open: f64) -> f64 {
    if !(closed > 0.0 && open > 0.0) {
        return 0.03;
    }
    let ratio = |decline: f64| {
        let sum = |ages: std::ops::Range<usize>| ages.map(|a| living(a, from, decline)).sum::<f64>();
        sum(from..from + 60) / sum(before..from)
    };
    let (mut low, mut high) = (-0.3, 0.5);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if ratio(middle) > open / closed { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// Counts by age group to single years 0…`max_age`, the last cell `max_age` and over.
///
/// `groups` must follow one another without gaps from age 0, the last one open. Results are never
/// negative and add to each group's count (to rounding).
///
/// # Errors
/// `Data` with every problem: groups that overlap or leave a gap, an open group that is not last,
/// counts that are negative or not finite, lengths that differ.
pub fn counts_to_single(groups: &[Group], counts: &[f64], max_age: usize) -> Result<Vec<f64>> {
    check_groups(groups, counts, "count")?;
    let last = groups.len() - 1;
    let open = groups[last].0 as usize;
    let decline = match last.checked_sub(1) {
        Some(i) => decline(open, groups[i].0 as usize, counts[i], counts[last]),
        None => 0.03,
    };
    let mut x: Vec<f64> = groups.iter().map(|g| f64::from(g.0)).collect();
    let mut y = vec![0.0];
    for c in &counts[..counts.len() - 1] {
        y.push(y[y.len() - 1] + c);
    }
    // The open group by fives lets the curve end with the slope that the tail begins with.
    for five in open_shares(open, open + 15, decline)[..15].chunks(5) {
        x.push(x[x.len() - 1] + 5.0);
        y.push(y[y.len() - 1] + five.iter().sum::<f64>() * counts[last]);
    }
    let d = monotone_slopes(&x, &y);
    let mut single = vec![0.0; max_age + 1];
    for (g, count) in groups.iter().zip(counts) {
        let from = g.0 as usize;
        match g.1 {
            Some(to) => {
                let to = to as usize + 1;
                let mut parts: Vec<f64> = (from..to)
                    .map(|a| (hermite(&x, &y, &d, a as f64 + 1.0) - hermite(&x, &y, &d, a as f64)).max(0.0))
                    .collect();
                keep_total(&mut parts, *count);
                for (a, p) in (from..to).zip(parts) {
                    single[a.min(max_age)] += p;
                }
            }
            None => {
                for (i, share) in open_shares(from, max_age, decline).iter().enumerate() {
                    single[(from + i).min(max_age)] += count * share;
                }
            }
        }
    }
    Ok(single)
}

/// Scales parts to their total; equal parts where they vanish.
fn keep_total(parts: &mut [f64], total: f64) {
    let sum: f64 = parts.iter().sum();
    if sum > 0.0 {
        parts.iter_mut().for_each(|p| *p *= total / sum);
    } else {
        let equal = total / parts.len() as f64;
        parts.fill(equal);
    }
}

/// Refuses groups that are not consecutive from 0 with the open one last, and values below 0.
fn check_groups(groups: &[Group], values: &[f64], what: &str) -> Result<()> {
    let mut problems = Vec::new();
    if groups.is_empty() || groups.len() != values.len() {
        problems.push(
            Problem::new(format!("{} age groups and {} values", groups.len(), values.len()))
                .column("groups")
                .expected("as many values as age groups, at least one"),
        );
        return Err(Error::Data(problems));
    }
    let mut next = 0;
    for (i, g) in groups.iter().enumerate() {
        let last = i + 1 == groups.len();
        let label = g.1.map_or_else(|| format!("{}+", g.0), |to| format!("{}-{to}", g.0));
        if g.0 != next {
            problems.push(
                Problem::new("age groups leave a gap or overlap")
                    .row(i + 1)
                    .column("groups")
                    .value(&label)
                    .expected(format!("a group that starts at {next}")),
            );
        }
        match g.1 {
            Some(to) if to < g.0 => problems.push(
                Problem::new("age group ends before it starts").row(i + 1).column("groups").value(&label),
            ),
            None if !last => problems.push(
                Problem::new("an open group that is not last").row(i + 1).column("groups").value(&label),
            ),
            Some(_) if last => problems.push(
                Problem::new("the last age group is closed")
                    .row(i + 1)
                    .column("groups")
                    .value(&label)
                    .expected(format!("an open group, such as {}+", g.0)),
            ),
            _ => {}
        }
        next = g.1.map_or(g.0, |to| to.saturating_add(1));
        if !(values[i] >= 0.0 && values[i].is_finite()) {
            problems.push(
                Problem::new(format!("{what} is not a number from 0 on"))
                    .row(i + 1)
                    .column(&label)
                    .value(values[i]),
            );
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Data(problems)) }
}

/// Abridged m(x) (ages 0, 1, 5, 10, … with the last open at `max_age`) to single years 0…`max_age`,
/// the last one open.
///
/// Monotone cubic of log m at the middle of each interval, then one factor per interval so that the
/// single years survive to its end exactly as the abridged table does; deaths from 1 to 4 are placed so that
/// person-years agree too. From 80 on the hazard is a parabola in each interval, so that it survives as the
/// abridged table does and rises wherever the intervals rise ([`hazards`]).
///
/// # Errors
/// `Data` where ages or rates do not make an abridged table.
pub fn mx_to_single(ages: &[u32], mx: &[f64], sex: Sex) -> Result<Vec<f64>> {
    let table = life_table::abridged(ages, mx, sex, A0Rule::AndreevKingkade)?;
    let n = ages.len();
    let floor = 1e-9;
    let mid = |i: usize| {
        if i + 1 < n { (f64::from(ages[i]) + f64::from(ages[i + 1])) / 2.0 } else { f64::from(ages[i]) + 2.5 }
    };
    let x: Vec<f64> = (0..n).map(mid).collect();
    let y: Vec<f64> = mx.iter().map(|m| m.max(floor).ln()).collect();
    let d = monotone_slopes(&x, &y);
    let mut single = Vec::with_capacity(ages[n - 1] as usize + 1);
    let mut infants = None;
    // Person-years at 5-14 that single years have more than the abridged table, whose a = 2.5 there.
    let mut surplus = 0.0;
    for i in 0..n - 1 {
        let (from, to) = (ages[i], ages[i + 1]);
        if to == from + 1 {
            single.push(mx[i]);
            continue;
        }
        if from == OLD
            && let Some(old) = old_ages(&table, i)
        {
            single.extend(old);
            break;
        }
        let shape: Vec<f64> = (from..to).map(|a| hermite(&x, &y, &d, f64::from(a) + 0.5).exp()).collect();
        let alive = table.lx[i + 1] / table.lx[i].max(f64::MIN_POSITIVE);
        let scale = hazard_scale(&shape, mx[i], alive);
        let rates = shape.iter().map(|m| m * scale);
        if i == 1 && from == 1 && to == 5 {
            infants = Some((shape.clone(), alive));
        } else if from < 15 {
            surplus += person_years(rates.clone()) * table.lx[i] - table.person_years[i];
        }
        single.extend(rates);
    }
    if let Some((shape, alive)) = infants {
        let lived = (table.person_years[1] - surplus) / table.lx[1].max(f64::MIN_POSITIVE);
        single[1..5].copy_from_slice(&with_person_years(&shape, mx[1], alive, lived));
    }
    single.push(mx[n - 1]);
    Ok(single)
}

/// From this age on hazards rise, and a curve through log m at the middles bends too much.
const OLD: u32 = 80;

/// Single-year rates of the five-year intervals from `first` to the open one; `None` for other intervals, or
/// where nobody survives one of them.
fn old_ages(table: &life_table::LifeTable, first: usize) -> Option<Vec<f64>> {
    let last = table.ages.len() - 1;
    // Two intervals before, so that the first edge is as well known as the others.
    let from = first.saturating_sub(2);
    if table.widths[from..].iter().any(|w| *w != 5.0) {
        return None;
    }
    let mut means: Vec<f64> =
        (from..last).map(|i| -(table.lx[i + 1] / table.lx[i]).ln() / table.widths[i]).collect();
    // The open rate tells where the hazard goes, if it goes on rising.
    means.push(table.mx[last].max(means[means.len() - 1]));
    if means.iter().any(|m| !m.is_finite()) {
        return None;
    }
    let hazards = hazards::by_year(&means, 5);
    // q = m/(1 + m/2) with q = 1 - exp(-hazard).
    Some(hazards[5 * (first - from)..5 * (last - from)].iter().map(|h| 2.0 * (0.5 * h).tanh()).collect())
}

/// Years lived by one person under single-year rates, a(x) = 1/2.
fn person_years(rates: impl Iterator<Item = f64>) -> f64 {
    let (mut l, mut sum) = (1.0, 0.0);
    for m in rates {
        let q = m / (1.0 + 0.5 * m);
        sum += l * (1.0 - 0.5 * q);
        l *= 1.0 - q;
    }
    sum
}

/// The shape, tilted by exp(t·x) and scaled, that leaves `alive` of one at the end and has them live
/// `lived` years meanwhile: from 1 to 4 the curve through the middles falls too slowly or too fast.
fn with_person_years(shape: &[f64], mx: f64, alive: f64, lived: f64) -> Vec<f64> {
    let rates = |tilt: f64| -> Vec<f64> {
        let tilted: Vec<f64> = shape.iter().enumerate().map(|(i, m)| m * (tilt * i as f64).exp()).collect();
        let scale = hazard_scale(&tilted, mx, alive);
        tilted.iter().map(|m| m * scale).collect()
    };
    // Person-years rise with the tilt: later deaths.
    let (mut low, mut high) = (-2.0, 2.0);
    for _ in 0..50 {
        let middle = 0.5 * (low + high);
        if person_years(rates(middle).into_iter()) < lived { low = middle } else { high = middle }
    }
    rates(0.5 * (low + high))
}

/// The factor `c` with `prod (1 - q(c·m)) = alive`, q = m/(1 + m/2); by Newton steps on the log.
fn hazard_scale(shape: &[f64], mx: f64, alive: f64) -> f64 {
    let mean = shape.iter().sum::<f64>() / shape.len() as f64;
    if mean <= 0.0 || mx <= 0.0 {
        return if mx <= 0.0 { 0.0 } else { 1.0 };
    }
    let mut c = mx / mean;
    if alive <= 0.0 {
        return c;
    }
    let target = -alive.ln();
    let top = shape.iter().copied().fold(0.0, f64::max);
    for _ in 0..30 {
        c = c.min(1.999 / top);
        let (mut hazard, mut slope) = (0.0, 0.0);
        for m in shape {
            let half = 0.5 * c * m;
            hazard += ((1.0 + half) / (1.0 - half)).ln();
            slope += m / (1.0 - half * half);
        }
        let step = (hazard - target) / slope;
        c -= step;
        if step.abs() <= 1e-14 * c.abs() {
            break;
        }
    }
    c.max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn census_groups() -> Vec<Group> {
        let mut g = vec![(0, Some(0)), (1, Some(4))];
        g.extend((1..17).map(|i| (i * 5, Some(i * 5 + 4))));
        g.push((85, None));
        g
    }

    proptest! {
        #[test]
        fn totals_are_kept_and_nothing_is_negative(counts in prop::collection::vec(0.0..1e5, 19)) {
            let groups = census_groups();
            let s = counts_to_single(&groups, &counts, 100).unwrap();
            prop_assert_eq!(s.len(), 101);
            prop_assert!(s.iter().all(|v| *v >= 0.0));
            for (g, c) in groups.iter().zip(&counts) {
                let to = g.1.map_or(101, |t| t as usize + 1);
                let sum: f64 = s[g.0 as usize..to].iter().sum();
                prop_assert!((sum - c).abs() <= 1e-9 * c.max(1.0));
            }
        }
    }

    #[test]
    fn a_linear_age_structure_comes_back() {
        let groups = census_groups();
        let line = |a: usize| 2000.0 - 20.0 * a as f64;
        let counts: Vec<f64> = groups
            .iter()
            .map(|g| (g.0 as usize..g.1.map_or(100, |t| t as usize + 1)).map(line).sum())
            .collect();
        let s = counts_to_single(&groups, &counts, 100).unwrap();
        for (a, v) in s.iter().enumerate().take(75).skip(10) {
            assert!((v - line(a)).abs() < 6.0, "{a}: {v} {}", line(a));
        }
    }

    #[test]
    fn the_open_group_goes_on_where_the_last_closed_one_ends() {
        let groups = census_groups();
        for decline in [-0.04, 0.0, 0.06] {
            let truth = |a: usize| 1e6 * living(a, 0, decline);
            let counts: Vec<f64> = groups
                .iter()
                .map(|g| (g.0 as usize..g.1.map_or(160, |t| t as usize + 1)).map(truth).sum())
                .collect();
            let single = counts_to_single(&groups, &counts, 100).unwrap();
            for (a, value) in single.iter().enumerate().take(100).skip(85) {
                assert!((value / truth(a) - 1.0).abs() < 1e-3, "{a} {value} {}", truth(a));
            }
            assert!((single[85] / single[84] - truth(85) / truth(84)).abs() < 0.02);
        }
    }

    #[test]
    fn gaps_and_open_groups_in_the_middle_are_named_together() {
        let e = counts_to_single(&[(0, Some(4)), (6, None), (10, Some(14))], &[1.0, -1.0, f64::NAN], 100);
        assert!(e.unwrap_err().problems().len() >= 5);
    }
}
