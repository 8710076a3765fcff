//! Persons in need: population × prevalence, under an assumption about future health.

use ndarray::{Array2, ArrayView1, ArrayView2, ArrayView3, ArrayView4, Axis};

use super::AGES;
use crate::error::{Error, Problem, Result};

/// How prevalence at an age moves as life expectancy rises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// Prevalence by age stays: added years bring need in proportion.
    Constant,
    /// Prevalence moves to older ages by half the gain in e0 (Manton 1982, dynamic equilibrium).
    DynamicEquilibrium,
    /// Prevalence moves by the whole gain: all added years are free of need.
    FullShift,
}

impl Health {
    /// Years by which the schedule moves to older ages for a gain in e0 of `gain` years.
    pub fn shift(self, gain: f64) -> f64 {
        match self {
            Self::Constant => 0.0,
            Self::DynamicEquilibrium => 0.5 * gain,
            Self::FullShift => gain,
        }
    }

    /// `constant`, `dynamic_equilibrium` or `full_shift`.
    ///
    /// # Errors
    /// `Model` for another name.
    pub fn parse(name: &str) -> Result<Self> {
        match name {
            "constant" => Ok(Self::Constant),
            "dynamic_equilibrium" => Ok(Self::DynamicEquilibrium),
            "full_shift" => Ok(Self::FullShift),
            other => Err(Error::model(
                Problem::new("unknown assumption about health")
                    .value(other)
                    .expected("constant, dynamic_equilibrium or full_shift"),
            )),
        }
    }
}

/// Persons in need: Σ population × prevalence, (2, 101) each. `shift` moves the schedule of a sex to
/// older ages by so many years (see [`Health::shift`]); negative where life expectancy falls.
///
/// Ages at which the schedule is zero stay without need, so that a definition over 60+ is one after
/// a shift as well; the ages just above take the schedule continued downwards geometrically.
///
/// # Errors
/// `Data` for another shape, a negative or non-finite value, or a prevalence above 1.
pub fn need(population: &ArrayView2<f64>, prevalence: &ArrayView2<f64>, shift: [f64; 2]) -> Result<f64> {
    let shape = population.shape().to_vec();
    check("population", &shape, &[2, AGES], population.iter())?;
    check_prevalence(prevalence)?;
    check_shift(shift.iter())?;
    let mut sum = 0.0;
    for (sex, years) in shift.iter().enumerate() {
        let shifted = shifted(prevalence.index_axis(Axis(0), sex), *years);
        sum += weigh(population.index_axis(Axis(0), sex), &shifted, 1.0);
    }
    Ok(sum)
}

/// [`need`] for every draw and year. `population` is [draw, year, 2, 101]; `shift` is
/// [draw, year, 2], where the draw and the year axis may have length 1; `factor` multiplies the
/// schedule of a draw (one a draw, or one for all; a share is cut at 1). Gives [draw, year].
///
/// # Errors
/// `Data` as [`need`], and for lengths that don't fit together.
pub fn need_draws(
    population: &ArrayView4<f64>,
    prevalence: &ArrayView2<f64>,
    shift: &ArrayView3<f64>,
    factor: &[f64],
) -> Result<Array2<f64>> {
    let (draws, years, sexes, ages) = population.dim();
    check("population", &[sexes, ages], &[2, AGES], population.iter())?;
    check_prevalence(prevalence)?;
    check_shift(shift.iter())?;
    let (shift_draws, shift_years, shift_sexes) = shift.dim();
    let fits = |have: usize, want: usize| have == want || have == 1;
    if !(fits(shift_draws, draws) && fits(shift_years, years) && shift_sexes == 2) {
        return Err(Error::data(
            Problem::new("shift does not fit the population")
                .column("shift")
                .value(format!("{:?}", shift.shape()))
                .expected(format!("[{draws} or 1, {years} or 1, 2]")),
        ));
    }
    if !fits(factor.len(), draws) || factor.iter().any(|f| !f.is_finite() || *f < 0.0) {
        return Err(Error::data(
            Problem::new("factor does not fit the draws")
                .column("factor")
                .value(format!("{} values", factor.len()))
                .expected(format!("{draws} values or one, finite and not negative")),
        ));
    }

    let mut out = Array2::zeros((draws, years));
    // A schedule that every draw and year shares is shifted once.
    let mut last: [Option<f64>; 2] = [None; 2];
    let mut schedules = [[0.0; AGES]; 2];
    for draw in 0..draws {
        let f = factor[if factor.len() == 1 { 0 } else { draw }];
        for year in 0..years {
            let mut sum = 0.0;
            for sex in 0..2 {
                let by = shift[[draw.min(shift_draws - 1), year.min(shift_years - 1), sex]];
                if last[sex] != Some(by) {
                    schedules[sex] = shifted(prevalence.index_axis(Axis(0), sex), by);
                    last[sex] = Some(by);
                }
                let cells = population.index_axis(Axis(0), draw);
                let cells = cells.index_axis(Axis(0), year);
                sum += weigh(cells.index_axis(Axis(0), sex), &schedules[sex], f);
            }
            out[[draw, year]] = sum;
        }
    }
    Ok(out)
}

fn weigh(population: ArrayView1<f64>, prevalence: &[f64; AGES], factor: f64) -> f64 {
    let mut sum = 0.0;
    for (n, p) in population.iter().zip(prevalence) {
        sum += n * (p * factor).min(1.0);
    }
    sum
}

/// The schedule moved to older ages by `years`, linear between single years.
fn shifted(p: ArrayView1<f64>, years: f64) -> [f64; AGES] {
    let mut out = [0.0; AGES];
    let Some(first) = p.iter().position(|v| *v > 0.0) else { return out };
    // Below its first age the schedule goes on at the ratio of its first two years, never rising.
    let ratio = if first + 1 < AGES && p[first + 1] > 0.0 { (p[first] / p[first + 1]).min(1.0) } else { 1.0 };
    for (age, v) in out.iter_mut().enumerate().skip(first) {
        let x = (age as f64 - years).min((AGES - 1) as f64);
        let below = first as f64 - x;
        *v = if below > 0.0 {
            p[first] * ratio.powf(below)
        } else {
            let low = x.floor() as usize;
            let high = (low + 1).min(AGES - 1);
            p[low] + (x - low as f64) * (p[high] - p[low])
        };
    }
    out
}

fn check<'a>(
    name: &str,
    have: &[usize],
    want: &[usize],
    values: impl Iterator<Item = &'a f64>,
) -> Result<()> {
    if have != want {
        return Err(Error::data(
            Problem::new("wrong shape")
                .column(name)
                .value(format!("{have:?}"))
                .expected(format!("sexes and ages {want:?}")),
        ));
    }
    let mut values = values;
    match values.find(|v| !v.is_finite() || **v < 0.0) {
        Some(v) => Err(Error::data(
            Problem::new("not a number of persons or a share").column(name).value(v).expected("0 or more"),
        )),
        None => Ok(()),
    }
}

fn check_prevalence(prevalence: &ArrayView2<f64>) -> Result<()> {
    let shape = prevalence.shape().to_vec();
    check("prevalence", &shape, &[2, AGES], prevalence.iter())?;
    match prevalence.iter().find(|p| **p > 1.0) {
        Some(p) => Err(Error::data(
            Problem::new("share above 100 %").column("prevalence").value(p).expected("a share from 0 to 1"),
        )),
        None => Ok(()),
    }
}

fn check_shift<'a>(mut shift: impl Iterator<Item = &'a f64>) -> Result<()> {
    match shift.find(|s| !s.is_finite()) {
        Some(s) => Err(Error::data(
            Problem::new("not a number of years").column("shift").value(s).expected("finite years"),
        )),
        None => Ok(()),
    }
}
