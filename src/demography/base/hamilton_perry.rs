//! Hamilton-Perry: cohort-change ratios between two censuses, carried on.
//!
//! Hamilton & Perry 1962; Swanson, Schlottmann & Schmidt 2010. Ratios far from survival are the traces
//! of a new campus or a moved boundary and not of a trend: they are capped.

use ndarray::{Array2, Array3};

use super::survivors::survive;
use crate::error::{Error, Problem, Result};
use crate::tables::Table;

/// Five-year groups 0-4, …, 80-84, 85+.
pub const GROUPS: usize = 18;

/// What is projected, and how far.
#[derive(Debug, Clone, Copy)]
pub struct HamiltonPerry {
    /// Years of the two censuses; their distance is the step and a multiple of five.
    pub years: (i32, i32),
    /// Steps after the second census.
    pub steps: usize,
    /// A cohort may change by this factor beside survival in a step, up or down.
    pub cap: f64,
}

/// Populations (steps + 1, 2, 18) from the second census on, and the ratios that carried them (2, 18):
/// of cohorts, in the first groups children per woman of 15-49.
#[derive(Debug, Clone)]
pub struct Carried {
    pub population: Array3<f64>,
    pub ratios: Array2<f64>,
    /// Groups at which the cap was met: sex, group.
    pub capped: Vec<(usize, usize)>,
}

/// Single years (2, 101) to five-year groups (2, 18).
pub fn five_year(single: &Array2<f64>) -> Array2<f64> {
    let mut out = Array2::zeros((2, GROUPS));
    for ((s, x), v) in single.indexed_iter() {
        out[[s, (x / 5).min(GROUPS - 1)]] += v;
    }
    out
}

/// Carries the second census on by the changes between the two; both (2, 101) single years.
///
/// # Errors
/// `Error::Data` for years that are not 5, 10 or 15 apart, a cap under 1 or no step.
pub fn hamilton_perry(a: &Array2<f64>, b: &Array2<f64>, spec: &HamiltonPerry) -> Result<Carried> {
    let apart = spec.years.1 - spec.years.0;
    let mut problems = Vec::new();
    if ![5, 10, 15].contains(&apart) {
        problems.push(
            Problem::new("censuses at an odd distance")
                .column("years")
                .value(apart)
                .expected("5, 10 or 15 years apart"),
        );
    }
    if !(spec.cap >= 1.0 && spec.cap.is_finite()) {
        problems
            .push(Problem::new("not a cap").column("cap").value(spec.cap).expected("a factor of 1 or more"));
    }
    if spec.steps == 0 || spec.steps > 20 {
        problems.push(
            Problem::new("nothing to carry on").column("steps").value(spec.steps).expected("1 to 20 steps"),
        );
    }
    if !problems.is_empty() {
        return Err(Error::Data(problems));
    }
    let move_by = usize::try_from(apart / 5).unwrap_or(1);
    let survival = survival_of(a, spec.years, move_by)?;
    let (old, new) = (five_year(a), five_year(b));
    let (ratios, capped) = cohort_ratios(&old, &new, &survival, move_by, spec.cap);

    let mut population = Array3::zeros((spec.steps + 1, 2, GROUPS));
    population.index_axis_mut(ndarray::Axis(0), 0).assign(&new);
    for t in 0..spec.steps {
        let now = population.index_axis(ndarray::Axis(0), t).to_owned();
        let mut next = Array2::zeros((2, GROUPS));
        for s in 0..2 {
            for g in move_by..GROUPS {
                next[[s, g]] = from_cohort(&now, s, g, move_by) * ratios[[s, g]];
            }
        }
        let women = women(&next);
        for s in 0..2 {
            for g in 0..move_by {
                next[[s, g]] = women * ratios[[s, g]];
            }
        }
        population.index_axis_mut(ndarray::Axis(0), t + 1).assign(&next);
    }
    Ok(Carried { population, ratios, capped })
}

/// Ratios of cohorts, capped around survival, and of children to women.
fn cohort_ratios(
    old: &Array2<f64>,
    new: &Array2<f64>,
    survival: &Array2<f64>,
    move_by: usize,
    cap: f64,
) -> (Array2<f64>, Vec<(usize, usize)>) {
    let (mut ratios, mut capped) = (Array2::zeros((2, GROUPS)), Vec::new());
    for s in 0..2 {
        for g in 0..GROUPS {
            if g < move_by {
                let women = women(new);
                ratios[[s, g]] = if women > 0.0 { new[[s, g]] / women } else { 0.0 };
                continue;
            }
            let before = from_cohort(old, s, g, move_by);
            let lives = survival[[s, g]];
            let ratio = if before > 0.0 { new[[s, g]] / before } else { lives };
            ratios[[s, g]] = ratio.clamp(lives / cap, lives * cap);
            if ratios[[s, g]] != ratio {
                capped.push((s, g));
            }
        }
    }
    (ratios, capped)
}

/// Persons who will be in group `g` one step on; into the open group come all that are old enough.
fn from_cohort(p: &Array2<f64>, s: usize, g: usize, move_by: usize) -> f64 {
    let to = if g == GROUPS - 1 { GROUPS } else { g - move_by + 1 };
    (g - move_by..to).map(|i| p[[s, i]]).sum()
}

/// Women of 15-49.
fn women(p: &Array2<f64>) -> f64 {
    (3..10).map(|g| p[[0, g]]).sum()
}

/// Share of each cohort that the nation's mortality between the two years leaves, by the group it reaches.
fn survival_of(a: &Array2<f64>, years: (i32, i32), move_by: usize) -> Result<Array2<f64>> {
    let lived = five_year(&survive(a, years)?);
    let old = five_year(a);
    Ok(Array2::from_shape_fn((2, GROUPS), |(s, g)| {
        if g < move_by {
            return 1.0;
        }
        let before = from_cohort(&old, s, g, move_by);
        if before > 0.0 { lived[[s, g]] / before } else { 1.0 }
    }))
}

impl Carried {
    /// year, sex, age, value: the second census and every step.
    ///
    /// # Errors
    /// None in practice: the columns are of one length.
    pub fn table(&self, spec: &HamiltonPerry) -> Result<Table> {
        let apart = spec.years.1 - spec.years.0;
        let label =
            |g: usize| if g == GROUPS - 1 { "85+".to_owned() } else { format!("{}-{}", g * 5, g * 5 + 4) };
        let mut rows = Vec::new();
        for ((t, s, g), v) in self.population.indexed_iter() {
            let year = i64::from(spec.years.1) + t as i64 * i64::from(apart);
            rows.push((year, if s == 0 { "female" } else { "male" }, label(g), *v));
        }
        let capped: Vec<String> = self
            .capped
            .iter()
            .map(|(s, g)| format!("{}{}岁", if *s == 0 { "女" } else { "男" }, label(*g)))
            .collect();
        let mut table = Table::builder("队列变动率推算（Hamilton-Perry）")
            .note(format!(
                "以{}年、{}年两次普查的队列变动率外推；假定其间的死亡与迁移水平不变。",
                spec.years.0, spec.years.1
            ))
            .note(format!("队列变动率限制在全国存活率的1/{0}至{0}倍以内。", spec.cap));
        if !capped.is_empty() {
            table = table.note(format!("受限的年龄组：{}。", capped.join("、")));
        }
        table
            .int("year", "年份", "", rows.iter().map(|r| r.0))
            .text("sex", "性别", rows.iter().map(|r| r.1))
            .text("age", "年龄", rows.iter().map(|r| r.2.as_str()))
            .float("value", "人口", "人", rows.iter().map(|r| r.3))
            .build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_population_that_only_dies_goes_on_dying() {
        let a = Array2::from_shape_fn((2, 101), |(_, x)| 1000.0 * (1.0 - x as f64 / 120.0));
        let mut b = survive(&a, (2010, 2020)).unwrap();
        for s in 0..2 {
            for x in 0..10 {
                b[[s, x]] = 1000.0;
            }
        }
        let spec = HamiltonPerry { years: (2010, 2020), steps: 1, cap: 1.5 };
        let c = hamilton_perry(&a, &b, &spec).unwrap();
        assert!(c.capped.is_empty(), "{:?}", c.capped);
        let (old, new) = (five_year(&a), five_year(&b));
        for g in 2..GROUPS - 1 {
            let ratio = new[[0, g]] / old[[0, g - 2]];
            assert!((c.population[[1, 0, g]] - new[[0, g - 2]] * ratio).abs() < 1e-9);
        }
        // A campus that appeared is not carried on without end.
        b[[0, 22]] *= 20.0;
        let c = hamilton_perry(&a, &b, &spec).unwrap();
        assert_eq!(c.capped, [(0, 4)]);
    }
}
