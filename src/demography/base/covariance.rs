//! How county age structures differ from their province's: mean, covariance, and their stored table.

use ndarray::{Array1, Array2};

use super::ages::AGES;
use crate::assets;
use crate::error::{Error, Problem, Result};

/// Age groups of the county tables and of the stored covariance.
pub const GROUPS: [&str; 19] = [
    "0", "1-4", "5-9", "10-14", "15-19", "20-24", "25-29", "30-34", "35-39", "40-44", "45-49", "50-54",
    "55-59", "60-64", "65-69", "70-74", "75-79", "80-84", "85+",
];
/// Cells of a (sex, age group) table.
pub const CELLS: usize = 38;
/// ln(persons) at which the size slope is zero: about 330,000.
pub const LN_PERSONS: f64 = 12.7;

/// Log ratio of a county's structure to its province's (without the county), by sex and age group.
#[derive(Debug, Clone)]
pub struct Covariance {
    /// Mean of a county of 330,000.
    pub mean: Array1<f64>,
    /// Change per unit of ln(persons).
    pub slope: Array1<f64>,
    /// Principal components scaled by their standard deviation (cells, components).
    pub factor: Array2<f64>,
}

impl Covariance {
    /// The table shipped with minsuan, estimated on the counties of two censuses.
    ///
    /// # Errors
    /// `Error::Data` where the shipped table is damaged.
    pub fn stored() -> Result<Self> {
        let damaged =
            |what: &str| Error::data(Problem::new(what.to_owned()).file("standards/county_residuals.csv"));
        let text = assets::text("standards/county_residuals.csv").ok_or_else(|| damaged("missing"))?;
        let mut rows: Vec<(String, Vec<f64>)> = Vec::new();
        for line in text.lines().filter(|l| !l.starts_with('#')).skip(1) {
            let mut parts = line.split(',');
            let name = parts.next().unwrap_or_default().to_owned();
            let values: Vec<f64> = parts
                .map(str::parse)
                .collect::<std::result::Result<_, _>>()
                .map_err(|_| damaged("not a number"))?;
            if values.len() != CELLS {
                return Err(damaged("a row is not 38 wide"));
            }
            rows.push((name, values));
        }
        let pick = |name: &str| {
            let row = rows.iter().find(|r| r.0 == name).ok_or_else(|| damaged("a row is missing"))?;
            Ok::<_, Error>(Array1::from(row.1.clone()))
        };
        let components: Vec<&Vec<f64>> =
            rows.iter().filter(|r| r.0.starts_with("pc")).map(|r| &r.1).collect();
        let factor = Array2::from_shape_fn((CELLS, components.len()), |(x, k)| components[k][x]);
        Ok(Self { mean: pick("mean")?, slope: pick("slope_ln_persons")?, factor })
    }

    /// Mean log ratio by single years (202 cells, women first) of a place of `persons`.
    pub fn mean_at(&self, persons: f64) -> Array1<f64> {
        let n = (persons.max(1.0).ln() - LN_PERSONS).clamp(-4.0, 2.5);
        to_single(&(&self.mean + &(&self.slope * n)))
    }

    /// The components by single years (202, components + smooth rest).
    ///
    /// To the components a level, a slope and a set of smooth waves over age are added, small ones,
    /// so that any set of totals can be met, by the components first.
    pub fn factor_single(&self) -> Array2<f64> {
        let waves = 24;
        let components = self.factor.ncols();
        let mut factor = Array2::zeros((2 * AGES, components + 2 * waves));
        for k in 0..components {
            factor.column_mut(k).assign(&to_single(&self.factor.column(k).to_owned()));
        }
        for sex in 0..2 {
            for x in 0..AGES {
                for w in 0..waves {
                    // Cosines fall off in size with their frequency: a smoothness penalty in Fourier form.
                    let f = w as f64;
                    let size = 0.03 / (1.0 + (f / 3.0).powi(2));
                    let phase = std::f64::consts::PI * f * (x as f64 + 0.5) / AGES as f64;
                    factor[[sex * AGES + x, components + sex * waves + w]] = size * phase.cos();
                }
            }
        }
        factor
    }
}

/// Values at the 19 groups of each sex, put on single years by a smooth curve through the mid-ages.
pub fn to_single(groups: &Array1<f64>) -> Array1<f64> {
    let mid: Vec<f64> =
        [0.5, 3.0].into_iter().chain((1..17).map(|g| f64::from(g) * 5.0 + 2.5)).chain([88.5]).collect();
    let mut single = Array1::zeros(2 * AGES);
    for sex in 0..2 {
        let y: Vec<f64> = groups.iter().skip(sex * mid.len()).take(mid.len()).copied().collect();
        let slopes = hermite_slopes(&mid, &y);
        for x in 0..AGES {
            let at = x as f64 + 0.5;
            single[sex * AGES + x] = hermite(&mid, &y, &slopes, at);
        }
    }
    single
}

fn hermite_slopes(x: &[f64], y: &[f64]) -> Vec<f64> {
    let n = x.len();
    (0..n)
        .map(|i| {
            let (a, b) = (i.saturating_sub(1), (i + 1).min(n - 1));
            // Flat beyond the last mid-age: what is known of 85+ is one number.
            if i == n - 1 { 0.0 } else { (y[b] - y[a]) / (x[b] - x[a]) }
        })
        .collect()
}

fn hermite(x: &[f64], y: &[f64], slopes: &[f64], at: f64) -> f64 {
    let last = x.len() - 1;
    if at <= x[0] {
        return y[0];
    }
    if at >= x[last] {
        return y[last];
    }
    let i = x.partition_point(|v| *v <= at) - 1;
    let h = x[i + 1] - x[i];
    let t = (at - x[i]) / h;
    let (u, v) = (t * t * (3.0 - 2.0 * t), t * (1.0 - t));
    y[i] * (1.0 - u) + y[i + 1] * u + h * v * (slopes[i] * (1.0 - t) - slopes[i + 1] * t)
}
