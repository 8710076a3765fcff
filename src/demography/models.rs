//! Other ways to mortality by age: Lee-Carter, Brass's relational logits, the log-quadratic model.
//!
//! Each gives abridged or single-year m(x) and can be solved for a life expectancy.

use super::graduation;
use super::life_table::{self, A0Rule, Sex};
use super::standards::{ABRIDGED, Sheet};
use crate::error::{Error, Problem, Result};

/// m(x) = exp(a(x) + b(x)·k) (Lee & Carter 1992).
pub fn lee_carter(log_mx: &[f64], bx: &[f64], k: f64) -> Vec<f64> {
    log_mx.iter().zip(bx).map(|(a, b)| (a + b * k).exp()).collect()
}

/// b(x) of a model family at the 22 abridged ages: `cd_west`, `cd_east`, `un_general` …
///
/// # Errors
/// `Model` for a family that is not shipped, with those that are.
pub fn lee_carter_bx(family: &str) -> Result<Vec<f64>> {
    let sheet = Sheet::open("lee_carter_bx")?;
    let Some(row) = sheet.rows.iter().position(|r| r[0] == family) else {
        let known: Vec<&str> = sheet.rows.iter().map(|r| r[0].as_str()).collect();
        return Err(Error::model(
            Problem::new("no such family").column("family").value(family).expected(known.join(", ")),
        ));
    };
    sheet.numbers(row, 1)
}

/// Abridged m(x) moved along b(x) to a life expectancy.
///
/// # Errors
/// `Data` where rates make no table, `Model` where the e0 is out of reach.
pub fn lee_carter_to_e0(mx: &[f64], bx: &[f64], sex: Sex, e0: f64) -> Result<Vec<f64>> {
    if mx.len() != ABRIDGED.len() || bx.len() != ABRIDGED.len() {
        return Err(Error::data(
            Problem::new("wrong number of ages")
                .column("mx, bx")
                .value(format!("{} and {}", mx.len(), bx.len()))
                .expected("22 rates each: 0, 1-4, 5-9, … 95-99, 100+"),
        ));
    }
    let base = abridged_e0(mx, sex)?;
    let log: Vec<f64> = mx.iter().map(|m| m.max(1e-12).ln()).collect();
    let k = solve(base, e0, (-200.0, 200.0), |k| abridged_e0(&lee_carter(&log, bx, k), sex))?;
    Ok(lee_carter(&log, bx, k))
}

/// Survivors l(x) with logit l = alpha + beta·logit ls; `standard` is l(x) with l(0) = 1 (Brass 1971).
pub fn brass(standard: &[f64], alpha: f64, beta: f64) -> Vec<f64> {
    let living = |l: f64| {
        if l >= 1.0 {
            return 1.0;
        }
        if l <= 0.0 {
            return 0.0;
        }
        // Brass's logit is half the log of the odds of dying.
        let logit = 0.5 * ((1.0 - l) / l).ln();
        1.0 / (1.0 + (2.0 * (alpha + beta * logit)).exp())
    };
    standard.iter().map(|l| living(*l)).collect()
}

/// Single-year m(x), last open, of a standard moved by Brass's logits with slope `beta` to a life expectancy.
/// The open group keeps the standard's rate scaled as the age below.
///
/// # Errors
/// As [`lee_carter_to_e0`].
pub fn brass_to_e0(standard_mx: &[f64], beta: f64, sex: Sex, e0: f64) -> Result<Vec<f64>> {
    let table = life_table::single(standard_mx, sex, A0Rule::default())?;
    let standard: Vec<f64> = table.lx.iter().map(|l| l / table.radix).collect();
    let moved = |alpha: f64| -> Vec<f64> {
        let l = brass(&standard, alpha, beta);
        let last = l.len() - 1;
        let mut mx: Vec<f64> = (0..last)
            .map(|x| {
                let q = if l[x] > 0.0 { ((l[x] - l[x + 1]) / l[x]).clamp(0.0, 0.999_999) } else { 0.999_999 };
                let a = if x == 0 { table.ax[0] } else { 0.5 };
                q / (1.0 - (1.0 - a) * q)
            })
            .collect();
        let scale = if standard_mx[last - 1] > 0.0 { mx[last - 1] / standard_mx[last - 1] } else { 1.0 };
        mx.push((standard_mx[last] * scale).max(1e-6));
        mx
    };
    let e0_of = |alpha: f64| Ok(life_table::single(&moved(alpha), sex, A0Rule::default())?.e0());
    let alpha = solve(table.e0(), e0, (-6.0, 6.0), |a| e0_of(-a))?;
    Ok(moved(-alpha))
}

/// Abridged m(x), ages 0, 1-4, 5-9, … 110+, from 5q0 and k (Wilmoth et al. 2012).
///
/// log m = a + b·h + c·h² + v·k, h = log 5q0; 1-4 from 5q0 and the first year.
///
/// # Errors
/// `Data` where 5q0 is not between 0 and 1 or k is not a number.
pub fn log_quadratic(sex: Sex, q5: f64, k: f64) -> Result<(Vec<u32>, Vec<f64>)> {
    if !(q5 > 0.0 && q5 < 1.0 && k.is_finite()) {
        return Err(Error::data(
            Problem::new("no log-quadratic table")
                .value(format!("5q0 = {q5}, k = {k}"))
                .expected("5q0 in (0, 1)"),
        ));
    }
    let sheet = Sheet::open("log_quadratic")?;
    let h = q5.ln();
    let (mut ages, mut mx) = (Vec::new(), Vec::new());
    for (i, row) in sheet.rows.iter().enumerate() {
        if row[0] != sex.name() {
            continue;
        }
        ages.push(row[1].split(['-', '+']).next().and_then(|a| a.parse().ok()).unwrap_or(0));
        let c = sheet.numbers(i, 2)?;
        // The row 1-4 is empty: it follows below.
        mx.push(if c[0].is_nan() { 0.0 } else { (c[0] + c[1] * h + c[2] * h * h + c[3] * k).exp() });
    }
    let a = life_table::a0(mx[0], sex, A0Rule::CoaleDemeny);
    let q0 = (mx[0] / (1.0 + (1.0 - a) * mx[0])).min(q5);
    let q1_4 = 1.0 - (1.0 - q5) / (1.0 - q0);
    let a = life_table::a1_4(mx[0], sex);
    mx[1] = q1_4 / (4.0 - (4.0 - a) * q1_4);
    Ok((ages, mx))
}

/// The log-quadratic table with a given k that has this life expectancy.
///
/// # Errors
/// `Model` where the e0 is out of reach.
pub fn log_quadratic_to_e0(sex: Sex, k: f64, e0: f64) -> Result<(Vec<u32>, Vec<f64>)> {
    let e0_of = |minus_log_q5: f64| {
        let (ages, mx) = log_quadratic(sex, (-minus_log_q5).exp(), k)?;
        Ok(life_table::abridged(&ages, &mx, sex, A0Rule::default())?.e0())
    };
    // The square term turns the rates upwards again below some 5q0: search only up to the longest life.
    let mut longest = 0.3;
    let mut best = e0_of(longest)?;
    while longest < 12.0 {
        let next = e0_of(longest + 0.1)?;
        if next <= best {
            break;
        }
        (longest, best) = (longest + 0.1, next);
    }
    let h = solve(e0_of(longest.min(4.0))?, e0, (0.3, longest), e0_of)?;
    log_quadratic(sex, (-h).exp(), k)
}

/// Abridged rates to single years 0…100+; ages over 100 are joined first.
///
/// # Errors
/// `Data` where rates make no table.
pub fn to_single(ages: &[u32], mx: &[f64], sex: Sex) -> Result<Vec<f64>> {
    let table = life_table::abridged(ages, mx, sex, A0Rule::default())?;
    let Some(open) = ages.iter().position(|a| *a >= 100) else {
        return Err(Error::data(
            Problem::new("ages end below 100").column("ages").expected("an open group of 100+"),
        ));
    };
    let mut cut = mx[..open].to_vec();
    cut.push(table.lx[open] / table.tx[open]);
    graduation::mx_to_single(&ages[..=open], &cut, sex)
}

/// Single-year m(x) of a model of abridged rates, moved until the single-year table itself has the e0: what
/// graduation shifts, some hundredths of a year, is made up for.
fn single_with_e0(sex: Sex, e0: f64, model: impl Fn(f64) -> Result<Vec<f64>>) -> Result<Vec<f64>> {
    let mut target = e0;
    let mut mx = model(target)?;
    for _ in 0..8 {
        let off = e0 - life_table::single(&mx, sex, A0Rule::default())?.e0();
        if off.abs() < 1e-9 {
            break;
        }
        target += off;
        mx = model(target)?;
    }
    Ok(mx)
}

/// [`lee_carter_to_e0`] in single years, with that life expectancy.
///
/// # Errors
/// As [`lee_carter_to_e0`].
pub fn lee_carter_single(mx: &[f64], bx: &[f64], sex: Sex, e0: f64) -> Result<Vec<f64>> {
    single_with_e0(sex, e0, |e0| {
        graduation::mx_to_single(&ABRIDGED, &lee_carter_to_e0(mx, bx, sex, e0)?, sex)
    })
}

/// [`log_quadratic_to_e0`] in single years, with that life expectancy.
///
/// # Errors
/// As [`log_quadratic_to_e0`].
pub fn log_quadratic_single(sex: Sex, k: f64, e0: f64) -> Result<Vec<f64>> {
    single_with_e0(sex, e0, |e0| {
        let (ages, mx) = log_quadratic_to_e0(sex, k, e0)?;
        to_single(&ages, &mx, sex)
    })
}

fn abridged_e0(mx: &[f64], sex: Sex) -> Result<f64> {
    Ok(life_table::abridged(&ABRIDGED, mx, sex, A0Rule::default())?.e0())
}

/// Where a rising function meets `target`, by bisection; `now` is only for the message.
fn solve(now: f64, target: f64, range: (f64, f64), f: impl Fn(f64) -> Result<f64>) -> Result<f64> {
    let (mut low, mut high) = range;
    let (at_low, at_high) = (f(low)?, f(high)?);
    // Lee-Carter's k falls as e0 rises.
    let rising = at_high > at_low;
    let (least, most) = (at_low.min(at_high), at_low.max(at_high));
    // Beyond 115 years only the floors of the models would speak.
    if !(target >= least && target <= most.min(115.0)) {
        return Err(Error::model(
            Problem::new("life expectancy out of reach")
                .column("e0")
                .value(target)
                .expected(format!("{least:.1} to {most:.1} years (the standard has {now:.1})")),
        ));
    }
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if (f(middle)? < target) == rising { low = middle } else { high = middle }
    }
    Ok(0.5 * (low + high))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demography::mortality;

    #[test]
    fn every_model_meets_the_e0() {
        for sex in Sex::BOTH {
            let (_, standard) = mortality::china_tables(sex).unwrap()[13].clone();
            for e0 in [60.0, 74.5, 88.0] {
                let mx = brass_to_e0(&standard, 1.0, sex, e0).unwrap();
                let got = life_table::single(&mx, sex, A0Rule::default()).unwrap().e0();
                assert!((got - e0).abs() < 1e-6, "Brass {sex:?} {e0} {got}");
                let single = log_quadratic_single(sex, 0.0, e0);
                // With k = 0 men's lives end at 86 years in this model, however low 5q0: the published
                // square term turns their rates upwards again. Above that it says so.
                if sex == Sex::Male && e0 > 86.0 {
                    assert!(single.unwrap_err().to_string().contains("out of reach"));
                } else {
                    let got = life_table::single(&single.unwrap(), sex, A0Rule::default()).unwrap().e0();
                    assert!((got - e0).abs() < 1e-6, "log-quadratic {sex:?} {e0} {got}");
                }
                let bx = lee_carter_bx("cd_west").unwrap();
                let abridged: Vec<f64> = ABRIDGED.iter().map(|a| standard[*a as usize]).collect();
                let mx = lee_carter_to_e0(&abridged, &bx, sex, e0).unwrap();
                assert!((abridged_e0(&mx, sex).unwrap() - e0).abs() < 1e-6, "Lee-Carter {sex:?} {e0}");
                let mx = lee_carter_single(&abridged, &bx, sex, e0).unwrap();
                let got = life_table::single(&mx, sex, A0Rule::default()).unwrap().e0();
                assert!((got - e0).abs() < 1e-6, "Lee-Carter in single years {sex:?} {e0} {got}");
            }
            assert!(log_quadratic(sex, 1.5, 0.0).is_err());
            assert!(brass_to_e0(&standard, 1.0, sex, 300.0).is_err());
        }
    }

    #[test]
    fn brass_with_alpha_0_and_beta_1_is_the_standard() {
        let l = [1.0, 0.97, 0.9, 0.5, 0.1, 0.0];
        for (a, b) in brass(&l, 0.0, 1.0).iter().zip(l) {
            assert!((a - b).abs() < 1e-12);
        }
    }
}
