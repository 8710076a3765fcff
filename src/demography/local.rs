//! Local levels: e0 and TFR set so that a run meets the births and deaths that are known.
//!
//! Penalised least squares in two unknowns, the log of a factor on TFR and a shift of e0 in years: known
//! counts weigh by their own noise, the national level by how far counties lie from it.

use ndarray::ArrayView2;

use super::ensemble::{EnsembleSpec, Paths, Spread, Trajectory, central};
use super::mortality::E0_RANGE;
use crate::error::{Error, Problem, Result};

/// Births and deaths of one year that a local source states.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KnownEvents {
    pub year: i32,
    pub births: Option<f64>,
    pub deaths: Option<f64>,
}

/// How strongly local levels are drawn to the national ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shrink {
    /// Standard deviation over counties of the log of TFR relative to the nation.
    pub sd_log_tfr: f64,
    /// Standard deviation over counties of e0 relative to the nation, years.
    pub sd_e0: f64,
    /// Error of registration beyond chance (late entries, deaths not reported), as a share.
    pub sd_births: f64,
    pub sd_deaths: f64,
}

impl Default for Shrink {
    /// Counties differ by some 30 % in TFR and 2.5 years in e0; registered events err by some 5 %.
    fn default() -> Self {
        Self { sd_log_tfr: 0.3, sd_e0: 2.5, sd_births: 0.05, sd_deaths: 0.05 }
    }
}

impl Shrink {
    /// No shrinkage to speak of: known events are met.
    pub fn none() -> Self {
        Self { sd_log_tfr: 10.0, sd_e0: 100.0, sd_births: 1e-4, sd_deaths: 1e-4 }
    }
}

/// Levels of e0 and TFR so that the run from `base` (2, 101), 31 December of `start`, reproduces the known
/// local births and deaths, shrunk to the given national paths. The factor and the shift hold in every year.
///
/// Returns the local paths and notes in Chinese that say what was done.
///
/// # Errors
/// `Data` where a known year lies outside the paths or a count is no positive number.
pub fn calibrate_local(
    base: &ArrayView2<'_, f64>,
    start: i32,
    paths: &Paths,
    known: &[KnownEvents],
    shrink: Shrink,
) -> Result<(Paths, Vec<String>)> {
    check(base, start, paths, known)?;
    let mut notes = Vec::new();
    if known.iter().all(|k| k.births.is_none()) {
        notes.push("当地出生人口未知：总和生育率采用全国水平（假设）。".to_owned());
    }
    if known.iter().all(|k| k.deaths.is_none()) {
        notes.push("当地死亡人口未知：平均预期寿命采用全国水平（假设）。".to_owned());
    }
    if known.iter().all(|k| k.births.is_none() && k.deaths.is_none()) {
        return Ok((paths.clone(), notes));
    }
    let last = known.iter().map(|k| (k.year - start) as usize).max().unwrap_or(1);
    let mut level = [0.0, 0.0];
    let mut at = residuals(base, start, paths, known, shrink, level, last)?;
    for _ in 0..25 {
        // Gauss-Newton with one-sided differences: the run is smooth in both levels.
        let steps = [1e-4, 1e-3];
        let mut columns = Vec::with_capacity(2);
        for (i, h) in steps.iter().enumerate() {
            let mut moved = level;
            moved[i] += h;
            let other = residuals(base, start, paths, known, shrink, moved, last)?;
            columns.push(other.iter().zip(&at).map(|(a, b)| (a - b) / h).collect::<Vec<f64>>());
        }
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
        let (a, b, c) =
            (dot(&columns[0], &columns[0]), dot(&columns[0], &columns[1]), dot(&columns[1], &columns[1]));
        let (g, h) = (dot(&columns[0], &at), dot(&columns[1], &at));
        let determinant = a * c - b * b;
        if determinant <= 0.0 {
            break;
        }
        let change = [-(c * g - b * h) / determinant, -(a * h - b * g) / determinant];
        level[0] = (level[0] + change[0].clamp(-0.5, 0.5)).clamp(-2.0, 2.0);
        level[1] = (level[1] + change[1].clamp(-4.0, 4.0)).clamp(-25.0, 20.0);
        at = residuals(base, start, paths, known, shrink, level, last)?;
        if change[0].abs() < 1e-9 && change[1].abs() < 1e-7 {
            break;
        }
    }
    let local = shifted(paths, level);
    let run = run(base, start, &local, last)?;
    for k in known {
        let t = (k.year - start) as usize - 1;
        let (births, deaths) = events(&run, t);
        let mut parts = Vec::new();
        if let Some(b) = k.births {
            parts.push(format!("出生{b:.0}人（模型{births:.0}人）"));
        }
        if let Some(d) = k.deaths {
            parts.push(format!("死亡{d:.0}人（模型{deaths:.0}人）"));
        }
        notes.push(format!("已知{}年{}。", k.year, parts.join("、")));
    }
    notes.push(format!(
        "据此将总和生育率定为全国的{:.3}倍，平均预期寿命较全国{}{:.2}岁（已向全国水平收缩）。",
        level[0].exp(),
        if level[1] >= 0.0 { "高" } else { "低" },
        level[1].abs()
    ));
    Ok((local, notes))
}

/// Paths with TFR multiplied by exp(level[0]) and e0 shifted by level[1] years.
fn shifted(paths: &Paths, level: [f64; 2]) -> Paths {
    let e0 = |v: &[f64]| v.iter().map(|e| (e + level[1]).clamp(E0_RANGE.0, E0_RANGE.1)).collect();
    Paths {
        e0_female: e0(&paths.e0_female),
        e0_male: e0(&paths.e0_male),
        tfr: paths.tfr.iter().map(|f| (f * level[0].exp()).min(12.0)).collect(),
        srb: paths.srb.clone(),
        net_migration_rate: paths.net_migration_rate.clone(),
    }
}

fn run(base: &ArrayView2<'_, f64>, start: i32, paths: &Paths, years: usize) -> Result<Trajectory> {
    let cut = |v: &[f64]| v[..years].to_vec();
    let short = Paths {
        e0_female: cut(&paths.e0_female),
        e0_male: cut(&paths.e0_male),
        tfr: cut(&paths.tfr),
        srb: cut(&paths.srb),
        net_migration_rate: cut(&paths.net_migration_rate),
    };
    central(&EnsembleSpec {
        base: base.view(),
        base_draws: None,
        special: None,
        start,
        paths: &short,
        spread: &Spread::none(years),
        seed: 0,
        region: "",
        draws: 1,
        threads: 1,
        full: false,
    })
}

fn events(run: &Trajectory, t: usize) -> (f64, f64) {
    (run.births.row(t).sum(), run.deaths.index_axis(ndarray::Axis(0), t).sum())
}

fn residuals(
    base: &ArrayView2<'_, f64>,
    start: i32,
    paths: &Paths,
    known: &[KnownEvents],
    shrink: Shrink,
    level: [f64; 2],
    last: usize,
) -> Result<Vec<f64>> {
    let run = run(base, start, &shifted(paths, level), last)?;
    let mut out = vec![level[0] / shrink.sd_log_tfr, level[1] / shrink.sd_e0];
    for k in known {
        let (births, deaths) = events(&run, (k.year - start) as usize - 1);
        let mut one = |observed: Option<f64>, model: f64, sd: f64| {
            if let Some(n) = observed {
                let error = (sd * sd + if sd > 1e-3 { 1.0 / n } else { 0.0 }).sqrt();
                out.push((model.max(1e-9) / n).ln() / error);
            }
        };
        one(k.births, births, shrink.sd_births);
        one(k.deaths, deaths, shrink.sd_deaths);
    }
    Ok(out)
}

/// Births or deaths of one year that are more of the people than this were never registered anywhere.
const MOST_EVENTS: f64 = 0.15;

fn check(base: &ArrayView2<'_, f64>, start: i32, paths: &Paths, known: &[KnownEvents]) -> Result<()> {
    let mut problems = Vec::new();
    let most = (MOST_EVENTS * base.sum()).max(10.0);
    let end = start + paths.tfr.len() as i32;
    for (i, k) in known.iter().enumerate() {
        if k.year <= start || k.year > end {
            problems.push(
                Problem::new("a year outside the run")
                    .row(i + 1)
                    .column("known.year")
                    .value(k.year)
                    .expected(format!("{} to {end}", start + 1)),
            );
        }
        if known[..i].iter().any(|other| other.year == k.year) {
            problems.push(
                Problem::new("a second record of one year")
                    .row(i + 1)
                    .column("known.year")
                    .value(k.year)
                    .expected("one record a year, with births, deaths or both"),
            );
        }
        for (name, n) in [("births", k.births), ("deaths", k.deaths)] {
            if let Some(n) = n.filter(|n| n.is_finite() && *n > most) {
                problems.push(
                    Problem::new("more events than such a population has in a year")
                        .row(i + 1)
                        .column(format!("known.{name}"))
                        .value(n)
                        .expected(format!(
                            "at most {:.0} %, {most:.0} of {:.0} persons",
                            100.0 * MOST_EVENTS,
                            base.sum()
                        )),
                );
            }
            if n.is_some_and(|n| !(n > 0.0 && n.is_finite())) {
                problems.push(
                    Problem::new("no count of events")
                        .row(i + 1)
                        .column(format!("known.{name}"))
                        .value(n.unwrap_or_default())
                        .expected("a number above 0, or nothing where it is not known"),
                );
            }
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Data(problems)) }
}
