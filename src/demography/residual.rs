//! Net migration by age from two populations and the rates between them: what a projection without
//! migration leaves over, in the convention by which it would be put in again.
//!
//! "End": M = what is there less what survived. "Even" (half at the start, half at the end) couples a
//! group to the one below it; as survival is at most 1 an error made in one group does not grow in the
//! next, and the equations are solved from the youngest group on, without iteration. United Nations
//! 1970, Manual VI; Preston, Heuveline & Guillot 2001, section 6.4.

use ndarray::{Array2, ArrayView1, ArrayView2};

use super::project::Timing;
use crate::error::{Error, Problem, Result};

/// Which women bear the children of the step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mothers {
    /// The mean of the two populations that are given: WPP2019 and what is known of a real population.
    #[default]
    Stocks,
    /// As `project` has it: with "even" the half that came at the start bears from the start, with "end"
    /// those who came bear nothing in the step. `project` with the result then meets the later population.
    Engine,
}

/// Two populations w years apart and the rates of the step; A groups of w years, the last open.
#[derive(Debug, Clone, Copy)]
pub struct ResidualSpec<'a> {
    /// (2, A)
    pub before: ArrayView2<'a, f64>,
    pub after: ArrayView2<'a, f64>,
    /// (2, A) as in `project`.
    pub survival: ArrayView2<'a, f64>,
    /// (A) births per woman and year.
    pub fertility: ArrayView1<'a, f64>,
    /// Males per female at birth.
    pub srb: f64,
    pub timing: Timing,
    pub width: u32,
    pub mothers: Mothers,
}

/// Net persons (2, A) of the step.
///
/// # Errors
/// `Data` for shapes that don't fit, values that are no persons or rates.
pub fn residual_migration(spec: &ResidualSpec<'_>) -> Result<Array2<f64>> {
    check(spec)?;
    let births = match (spec.mothers, spec.timing) {
        (Mothers::Stocks, _) => births(spec, &spec.before.row(0).to_vec(), &spec.after.row(0).to_vec()),
        // Without what came: the survivors of those who were there.
        (Mothers::Engine, Timing::End) => {
            let survivors = survived(spec, 0);
            births(spec, &spec.before.row(0).to_vec(), &survivors)
        }
        // M follows from the births and the births from M, both by straight lines: two points are enough.
        (Mothers::Engine, Timing::Even) => {
            let implied = |b: f64| {
                let m = solve(spec, b);
                let start: Vec<f64> =
                    spec.before.row(0).iter().zip(m.row(0)).map(|(p, m)| p + 0.5 * m).collect();
                births(spec, &start, &spec.after.row(0).to_vec())
            };
            let (zero, one) = (implied(0.0), implied(1.0));
            zero / (1.0 - (one - zero))
        }
    };
    Ok(solve(spec, births))
}

/// Survivors by group of one sex, without newborns.
fn survived(spec: &ResidualSpec<'_>, sex: usize) -> Vec<f64> {
    let (p, s) = (spec.before.row(sex), spec.survival.row(sex));
    let last = p.len() - 1;
    (0..=last)
        .map(|x| match x {
            0 => 0.0,
            x if x == last => s[x] * (p[x - 1] + p[x]),
            x => s[x] * p[x - 1],
        })
        .collect()
}

/// w·Σ f·(start + end)/2; the first and the open group bear none.
fn births(spec: &ResidualSpec<'_>, start: &[f64], end: &[f64]) -> f64 {
    let last = spec.fertility.len() - 1;
    let sum: f64 = (1..last).map(|x| spec.fertility[x] * 0.5 * (start[x] + end[x])).sum();
    f64::from(spec.width) * sum
}

/// Migration where so many are born.
fn solve(spec: &ResidualSpec<'_>, births: f64) -> Array2<f64> {
    let girls = births / (1.0 + spec.srb);
    let even = spec.timing == Timing::Even;
    let mut out = Array2::zeros(spec.before.dim());
    for (sex, born) in [girls, births - girls].into_iter().enumerate() {
        let (s, lived) = (spec.survival.row(sex), survived(spec, sex));
        let last = lived.len() - 1;
        let mut m = out.row_mut(sex);
        for x in 0..=last {
            let stayed = if x == 0 { s[0] * born } else { lived[x] };
            let left = spec.after[[sex, x]] - stayed;
            m[x] = match x {
                _ if !even => left,
                // Only the half that comes at the end is in the first group then.
                0 => 2.0 * left,
                x if x == last => (2.0 * left - s[x] * m[x - 1]) / (1.0 + s[x]),
                x => 2.0 * left - s[x] * m[x - 1],
            };
        }
    }
    out
}

fn check(spec: &ResidualSpec<'_>) -> Result<()> {
    let mut problems = Vec::new();
    let groups = spec.before.ncols();
    if spec.before.nrows() != 2 || groups < 3 {
        problems.push(
            Problem::new("wrong shape")
                .column("before")
                .value(format!("{:?}", spec.before.shape()))
                .expected("(2, A): sex (female, male), then at least 3 age groups"),
        );
    }
    for (name, v) in [("after", &spec.after), ("survival", &spec.survival)] {
        if v.dim() != spec.before.dim() {
            problems.push(
                Problem::new("wrong shape")
                    .column(name)
                    .value(format!("{:?}", v.shape()))
                    .expected(format!("{:?} as before", spec.before.shape())),
            );
        }
    }
    if spec.fertility.len() != groups {
        problems.push(
            Problem::new("wrong shape")
                .column("fertility")
                .value(spec.fertility.len())
                .expected(format!("{groups} groups as before")),
        );
    }
    if spec.width == 0 {
        problems.push(Problem::new("width is 0").column("width").expected("years from 1 on"));
    }
    let mut bad = |name: &str, at: String, v: f64, fine: bool, expected: &str| {
        if !fine {
            problems.push(
                Problem::new("value out of range").column(format!("{name}{at}")).value(v).expected(expected),
            );
        }
    };
    let persons = |v: f64| v >= 0.0 && v.is_finite();
    for (name, values) in [("before", &spec.before), ("after", &spec.after)] {
        for ((s, x), v) in values.indexed_iter() {
            bad(name, format!("[{s}, {x}]"), *v, persons(*v), "persons from 0 on");
        }
    }
    for ((s, x), v) in spec.survival.indexed_iter() {
        bad("survival", format!("[{s}, {x}]"), *v, (0.0..=1.0).contains(v), "a survival ratio from 0 to 1");
    }
    for (x, v) in spec.fertility.indexed_iter() {
        bad("fertility", format!("[{x}]"), *v, persons(*v), "births per woman and year from 0 on");
    }
    bad(
        "srb",
        String::new(),
        spec.srb,
        (0.5..=2.0).contains(&spec.srb),
        "males per female, 0.5 to 2 (1.05, not 105)",
    );
    if problems.is_empty() { Ok(()) } else { Err(Error::Data(problems)) }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2, Array3, Axis};

    use super::*;
    use crate::demography::project::{Clamp, Inputs, project};

    /// What a projection put in comes out again, with either timing.
    #[test]
    fn a_projections_migration_comes_out_again() {
        for timing in [Timing::End, Timing::Even] {
            let before = Array2::from_shape_fn((2, 21), |(s, x)| 1000.0 + 10.0 * s as f64 - 40.0 * x as f64);
            let survival = Array3::from_shape_fn((1, 2, 21), |(_, s, x)| 0.99 - 0.02 * (x + s) as f64);
            let mut fertility = Array2::zeros((1, 21));
            fertility.slice_mut(ndarray::s![0, 3..10]).fill(0.06);
            let migration = Array3::from_shape_fn((1, 2, 21), |(_, s, x)| {
                40.0 * f64::from((x * 7 + s) as u32 % 5) - 60.0
            });
            let p = project(&Inputs {
                population: before.view().into_dyn(),
                survival: survival.view().into_dyn(),
                fertility: fertility.view().into_dyn(),
                srb: Array1::from_elem(1, 1.06).view().into_dyn(),
                migration: Some(migration.view().into_dyn()),
                emigration: None,
                timing,
                width: 5,
                clamp: Clamp::Refuse,
                births_by_age: false,
                deaths: false,
            })
            .unwrap();
            let after = p.population.index_axis(Axis(0), 1).into_dimensionality().unwrap();
            let found = residual_migration(&ResidualSpec {
                before: before.view(),
                after,
                survival: survival.index_axis(Axis(0), 0),
                fertility: fertility.row(0),
                srb: 1.06,
                timing,
                width: 5,
                mothers: Mothers::Engine,
            })
            .unwrap();
            for (a, b) in found.iter().zip(&migration) {
                assert!((a - b).abs() < 1e-9, "{timing:?}: {a} {b}");
            }
        }
    }
}
