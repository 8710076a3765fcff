//! Life tables from m(x) or q(x): single years, abridged, or any widths with the last group open.
//!
//! q = n·m/(1 + (n - a)·m); L = n·l(x+n) + a·d, L(open) = l/m; survival ratios of the cohort-component
//! method as the UN defines them. Preston, Heuveline & Guillot 2001, chapter 3.

use super::from_qx;
use crate::error::{Error, Problem, Result};

/// Sex as in every axis: 0 female, 1 male.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sex {
    Female,
    Male,
}

impl Sex {
    pub const BOTH: [Self; 2] = [Self::Female, Self::Male];
    /// 0 female, 1 male.
    pub fn index(self) -> usize {
        usize::from(self == Self::Male)
    }
    pub fn name(self) -> &'static str {
        if self == Self::Female { "female" } else { "male" }
    }
}

/// How the average years lived by those who die in the first year are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum A0Rule {
    /// Andreev & Kingkade 2015, "Average age at death in infancy and infant mortality level",
    /// Demographic Research 33(13): the rule of WPP and of the Human Mortality Database.
    #[default]
    AndreevKingkade,
    /// Coale & Demeny West, as in Preston et al. 2001, table 3.3.
    CoaleDemeny,
    /// Half of the year.
    Half,
}

/// 1a0 from 1m0.
pub fn a0(m0: f64, sex: Sex, rule: A0Rule) -> f64 {
    match (rule, sex) {
        (A0Rule::AndreevKingkade, Sex::Female) => match m0 {
            m if m < 0.01724 => 0.14903 - 2.05527 * m,
            m if m < 0.06891 => 0.04667 + 3.88089 * m,
            _ => 0.31411,
        },
        (A0Rule::AndreevKingkade, Sex::Male) => match m0 {
            m if m < 0.0230 => 0.14929 - 1.99545 * m,
            m if m < 0.08307 => 0.02832 + 3.26021 * m,
            _ => 0.29915,
        },
        (A0Rule::CoaleDemeny, Sex::Female) => {
            if m0 >= 0.107 {
                0.350
            } else {
                0.053 + 2.8 * m0
            }
        }
        (A0Rule::CoaleDemeny, Sex::Male) => {
            if m0 >= 0.107 {
                0.330
            } else {
                0.045 + 2.684 * m0
            }
        }
        (A0Rule::Half, _) => 0.5,
    }
}

/// 4a1 from 1m0, Coale & Demeny West (Preston et al. 2001, table 3.3).
pub fn a1_4(m0: f64, sex: Sex) -> f64 {
    match (sex, m0 >= 0.107) {
        (Sex::Female, true) => 1.361,
        (Sex::Female, false) => 1.522 - 1.518 * m0,
        (Sex::Male, true) => 1.352,
        (Sex::Male, false) => 1.651 - 2.816 * m0,
    }
}

/// A life table; every column by age group, the last group open.
#[derive(Debug, Clone, PartialEq)]
pub struct LifeTable {
    /// First age of each group.
    pub ages: Vec<u32>,
    /// Width of each closed group (one fewer than `ages`).
    pub widths: Vec<f64>,
    pub radix: f64,
    pub mx: Vec<f64>,
    pub qx: Vec<f64>,
    pub ax: Vec<f64>,
    pub lx: Vec<f64>,
    pub dx: Vec<f64>,
    pub person_years: Vec<f64>,
    pub tx: Vec<f64>,
    pub ex: Vec<f64>,
}

impl LifeTable {
    /// Life expectancy at birth.
    pub fn e0(&self) -> f64 {
        self.ex[0]
    }

    /// Survival ratios into each group, S[0] = L[0]/(w·l0), S[x] = L[x]/L[x-1], S[open] = T[open]/T[open-1];
    /// groups of one width, or the abridged 0, 1-4, 5-9 … joined to five years. `None` for other widths.
    pub fn survival(&self) -> Option<Vec<f64>> {
        let joined;
        let (w, person_years) = if self.widths.windows(2).all(|p| p[0] == p[1]) && !self.widths.is_empty() {
            (self.widths[0], &self.person_years)
        } else if self.widths.len() > 2
            && self.widths[0] == 1.0
            && self.widths[1] == 4.0
            && self.widths[2..].iter().all(|w| *w == 5.0)
        {
            let mut joint = vec![self.person_years[0] + self.person_years[1]];
            joint.extend_from_slice(&self.person_years[2..]);
            joined = joint;
            (5.0, &joined)
        } else {
            return None;
        };
        Some(survival_ratios(person_years, w * self.radix))
    }
}

/// Survival ratios from person-years by groups of one width; `born` = w·l0.
pub fn survival_ratios(person_years: &[f64], born: f64) -> Vec<f64> {
    let n = person_years.len();
    let ratio = |a: f64, b: f64| if b > 0.0 { a / b } else { 0.0 };
    let mut s = Vec::with_capacity(n);
    s.push(ratio(person_years[0], born));
    for x in 1..n - 1 {
        s.push(ratio(person_years[x], person_years[x - 1]));
    }
    let open = person_years[n - 1];
    s.push(ratio(open, open + person_years[n - 2]));
    s
}

/// What a life table starts from.
#[derive(Debug, Clone, Copy)]
pub enum Given<'a> {
    Mx(&'a [f64]),
    Qx(&'a [f64]),
}

/// A table from m(x) in single years 0, 1, …, the last one open; a(x) = 1/2 but in the first year.
///
/// # Errors
/// As [`from_rates`].
pub fn single(mx: &[f64], sex: Sex, rule: A0Rule) -> Result<LifeTable> {
    let ages: Vec<u32> = (0..mx.len() as u32).collect();
    from_rates(&ages, Given::Mx(mx), sex, rule, 100_000.0)
}

/// An abridged table (0, 1-4, 5-9, …, open).
///
/// # Errors
/// As [`from_rates`].
pub fn abridged(ages: &[u32], mx: &[f64], sex: Sex, rule: A0Rule) -> Result<LifeTable> {
    from_rates(ages, Given::Mx(mx), sex, rule, 100_000.0)
}

/// A table from m(x) or q(x) by groups that start at `ages`, the last one open.
///
/// a(x): one-year groups 1/2 (first by `rule`); 1-4 Coale-Demeny; five-year groups 2.5 at 5-14, then
/// Greville's formula as in Mortpak, 2.5 - (25/12)(m - k), k = ln(m[x+5]/m[x-5])/10, at least 0.97 from
/// the tenth interval on; other widths half. From q(x) the rates are those that give it back, and the open
/// group has the rate of the logistic hazard of the twenty years before it.
///
/// # Errors
/// `Data` with every problem: ages that do not rise from 0, rates that are negative, missing or over
/// their bound, an open group in which nobody dies.
pub fn from_rates(ages: &[u32], given: Given<'_>, sex: Sex, rule: A0Rule, radix: f64) -> Result<LifeTable> {
    check(ages, given, radix)?;
    let n = ages.len();
    let widths: Vec<f64> = ages.windows(2).map(|w| f64::from(w[1] - w[0])).collect();
    let (mx, ax, qx) = match given {
        Given::Mx(mx) => {
            let ax = ax_from_mx(&widths, mx, sex, rule);
            let mut qx: Vec<f64> = (0..n - 1).map(|i| q_from_m(widths[i], mx[i], ax[i])).collect();
            qx.push(1.0);
            (mx.to_vec(), ax, qx)
        }
        Given::Qx(qx) => {
            let (mx, ax) = from_qx::rates(ages, &widths, qx, sex, rule);
            let mut qx = qx.to_vec();
            qx[n - 1] = 1.0;
            (mx, ax, qx)
        }
    };
    Ok(columns(ages, widths, radix, mx, ax, qx))
}

/// q over a group of width n; everybody dies where the rate is beyond what a leaves room for.
fn q_from_m(n: f64, m: f64, a: f64) -> f64 {
    (n * m / (1.0 + (n - a) * m)).clamp(0.0, 1.0)
}

fn ax_from_mx(widths: &[f64], mx: &[f64], sex: Sex, rule: A0Rule) -> Vec<f64> {
    let n = mx.len();
    let mut ax = Vec::with_capacity(n);
    let mut age = 0.0;
    for i in 0..n - 1 {
        let w = widths[i];
        let a = if i == 0 && w == 1.0 {
            a0(mx[0], sex, rule)
        } else if i == 1 && w == 4.0 {
            a1_4(mx[0], sex)
        } else if w == 5.0 && age >= 15.0 && i > 0 {
            let (before, after) = (mx[i - 1], mx[i + 1]);
            let k = if before > 0.0 && after > 0.0 { 0.1 * (after / before).ln() } else { 0.0 };
            let a = 2.5 - (25.0 / 12.0) * (mx[i] - k);
            // Interval numbers count 0 and 1-4 apart, so the tenth closed interval starts at 40.
            if i >= 9 { a.max(0.97) } else { a.clamp(0.0, 5.0) }
        } else {
            w / 2.0
        };
        ax.push(a);
        age += w;
    }
    ax.push(if mx[n - 1] > 0.0 { 1.0 / mx[n - 1] } else { 0.0 });
    ax
}

fn columns(
    ages: &[u32],
    widths: Vec<f64>,
    radix: f64,
    mx: Vec<f64>,
    ax: Vec<f64>,
    qx: Vec<f64>,
) -> LifeTable {
    let n = ages.len();
    let mut lx = vec![radix; n];
    let (mut dx, mut person_years) = (vec![0.0; n], vec![0.0; n]);
    for i in 0..n - 1 {
        dx[i] = lx[i] * qx[i];
        lx[i + 1] = lx[i] - dx[i];
        person_years[i] = widths[i] * lx[i + 1] + ax[i] * dx[i];
    }
    dx[n - 1] = lx[n - 1];
    person_years[n - 1] = lx[n - 1] / mx[n - 1];
    let mut tx = person_years.clone();
    for i in (0..n - 1).rev() {
        tx[i] += tx[i + 1];
    }
    let ex = (0..n).map(|i| if lx[i] > 0.0 { tx[i] / lx[i] } else { ax[i] }).collect();
    LifeTable { ages: ages.to_vec(), widths, radix, mx, qx, ax, lx, dx, person_years, tx, ex }
}

fn check(ages: &[u32], given: Given<'_>, radix: f64) -> Result<()> {
    let mut problems = Vec::new();
    let (name, values) = match given {
        Given::Mx(v) => ("mx", v),
        Given::Qx(v) => ("qx", v),
    };
    if values.len() < 2 || ages.len() != values.len() {
        problems.push(
            Problem::new(format!("{} ages and {} rates", ages.len(), values.len()))
                .column(name)
                .expected("one rate for each age group, at least two groups, the last one open"),
        );
        return Err(Error::Data(problems));
    }
    if ages[0] != 0 {
        problems.push(
            Problem::new("ages do not start at 0").column("ages").value(ages[0]).expected("a first age of 0"),
        );
    }
    for (i, w) in ages.windows(2).enumerate() {
        if w[1] <= w[0] {
            problems.push(
                Problem::new("ages do not rise")
                    .row(i + 2)
                    .column("ages")
                    .value(w[1])
                    .expected(format!("an age above {}", w[0])),
            );
        }
    }
    if !(radix > 0.0 && radix.is_finite()) {
        problems.push(Problem::new("radix is not a positive number").column("radix").value(radix));
    }
    let last = values.len() - 1;
    for (i, v) in values.iter().enumerate() {
        let (ok, expected) = match given {
            Given::Mx(_) if i == last => (*v > 0.0, "a rate above 0 in the open group"),
            Given::Mx(_) => (*v >= 0.0, "a rate from 0 on"),
            Given::Qx(_) => ((0.0..=1.0).contains(v), "a probability from 0 to 1"),
        };
        if !(ok && v.is_finite()) {
            problems.push(
                Problem::new("no rate of a life table")
                    .row(i + 1)
                    .column(format!("{name} at age {}", ages[i]))
                    .value(v)
                    .expected(expected),
            );
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Data(problems)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invariants_of_every_table() {
        let mx: Vec<f64> = (0..101).map(|x| 0.0002 * (0.085 * f64::from(x)).exp() + 0.0001).collect();
        let t = single(&mx, Sex::Male, A0Rule::default()).unwrap();
        assert!(t.lx.windows(2).all(|w| w[1] <= w[0] && w[1] >= 0.0));
        assert!((t.dx.iter().sum::<f64>() - t.radix).abs() < 1e-6);
        assert!((t.tx[0] - t.person_years.iter().sum::<f64>()).abs() < 1e-6);
        let s = t.survival().unwrap();
        assert!(s.iter().all(|v| (0.0..=1.0).contains(v)));
        let back = from_rates(&t.ages, Given::Qx(&t.qx), Sex::Male, A0Rule::default(), t.radix).unwrap();
        for i in 0..100 {
            assert!((back.mx[i] - t.mx[i]).abs() < 1e-12, "{i}");
        }
    }

    #[test]
    fn bad_rates_are_named_all_at_once() {
        let e = single(&[0.01, -1.0, f64::NAN, 0.0], Sex::Female, A0Rule::default()).unwrap_err();
        assert_eq!(e.problems().len(), 3);
    }
}
