//! How county age structures differ from their province's: mean and covariance, stored or estimated.

use ndarray::{Array1, Array2};

use super::ages::AGES;
use super::eigen::principal;
use crate::demography::standards::{Once, Sheet, once};
use crate::error::{Error, Problem, Result};

/// Age groups of the county tables and of the stored covariance.
pub const GROUPS: [&str; 19] = [
    "0", "1-4", "5-9", "10-14", "15-19", "20-24", "25-29", "30-34", "35-39", "40-44", "45-49", "50-54",
    "55-59", "60-64", "65-69", "70-74", "75-79", "80-84", "85+",
];
/// Cells of a (sex, age group) table.
pub const CELLS: usize = 38;
/// First of the `GROUPS` at 60 and over.
pub const SIXTY: usize = 13;
/// ln(persons) at which the size slope is zero: about 330,000.
pub const LN_PERSONS: f64 = 12.7;
/// Principal components that are kept: 97 % of the variance.
pub const COMPONENTS: usize = 16;

/// What is known of a place before its ages: its size, and how its 60+ share differs from the standard's.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// ln(persons) - `LN_PERSONS`.
    pub size: f64,
    /// Difference of the logits of the 60+ shares of place and standard.
    pub share: f64,
}

impl Place {
    pub fn new(persons: f64, share: f64, standard_share: f64) -> Self {
        let logit = |p: f64| {
            let p = p.clamp(1e-4, 1.0 - 1e-4);
            (p / (1.0 - p)).ln()
        };
        Self { size: persons.max(1.0).ln() - LN_PERSONS, share: logit(share) - logit(standard_share) }
    }
    /// Regressors of the mean, kept to the range that counties span.
    fn regressors(self) -> [f64; 3] {
        [1.0, self.size.clamp(-4.0, 2.5), self.share.powi(2).min(1.0)]
    }
}

/// Log ratio of a county's structure to its province's (without the county), by sex and age group.
#[derive(Debug, Clone)]
pub struct Residuals {
    /// Constant, slope on `Place::size`, curve on the square of `Place::share`; (3, cells).
    pub mean: Array2<f64>,
    /// Principal components scaled by their standard deviation (cells, components).
    pub factor: Array2<f64>,
}

impl Residuals {
    /// The table shipped with minsuan, estimated on the counties of two censuses.
    ///
    /// # Errors
    /// `Error::Model` where the shipped table is damaged.
    pub fn stored() -> Result<&'static Self> {
        static STORED: Once<Residuals> = Once::new();
        once(&STORED, || {
            let sheet = Sheet::open("county_residuals")?;
            let damaged = || Error::model(Problem::new("damaged").file(&sheet.path));
            let row = |name: &str| {
                let at = sheet
                    .rows
                    .iter()
                    .position(|r| r.first().is_some_and(|n| n == name))
                    .ok_or_else(damaged)?;
                let values = sheet.numbers(at, 1)?;
                if values.len() == CELLS { Ok(values) } else { Err(damaged()) }
            };
            let mut mean = Array2::zeros((3, CELLS));
            for (i, name) in ["mean", "slope_ln_persons", "curve_share"].iter().enumerate() {
                mean.row_mut(i).assign(&Array1::from(row(name)?));
            }
            let mut factor = Array2::zeros((CELLS, COMPONENTS));
            for k in 0..COMPONENTS {
                factor.column_mut(k).assign(&Array1::from(row(&format!("pc{}", k + 1))?));
            }
            Ok(Self { mean, factor })
        })
    }

    /// Estimates the table from counties: `ratios` (counties, cells) are log ratios to the standards.
    ///
    /// # Errors
    /// `Error::Model` for fewer than 50 counties, which cannot carry 38 cells.
    pub fn estimate(places: &[Place], ratios: &Array2<f64>) -> Result<Self> {
        let n = places.len();
        if n < 50 || ratios.dim() != (n, CELLS) {
            return Err(Error::model(
                Problem::new("too few counties to estimate how counties differ")
                    .value(n)
                    .expected("at least 50 counties with 38 cells each"),
            ));
        }
        // Least squares on three regressors, by the normal equations.
        let mut gram = vec![vec![0.0; 3]; 3];
        let mut right = vec![[0.0; CELLS]; 3];
        for (p, row) in places.iter().zip(ratios.rows()) {
            let f = p.regressors();
            for i in 0..3 {
                for j in 0..3 {
                    gram[i][j] += f[i] * f[j];
                }
                for (r, u) in right[i].iter_mut().zip(row) {
                    *r += f[i] * u;
                }
            }
        }
        let mut mean = Array2::zeros((3, CELLS));
        for c in 0..CELLS {
            let column: Vec<f64> = right.iter().map(|r| r[c]).collect();
            let solved = super::tilt::solve_symmetric(&mut gram.clone(), &column)
                .ok_or_else(|| Error::model(Problem::new("counties are all of one size and share")))?;
            mean.column_mut(c).assign(&Array1::from(solved));
        }
        let mut this = Self { mean, factor: Array2::zeros((CELLS, 0)) };
        let mut covariance = Array2::zeros((CELLS, CELLS));
        for (p, row) in places.iter().zip(ratios.rows()) {
            let e = &row - &this.mean_at(*p);
            add_outer(&mut covariance, &e, 1.0 / n as f64);
        }
        this.factor = principal(&covariance, COMPONENTS);
        Ok(this)
    }

    /// Mean log ratio of a place, by cell.
    pub fn mean_at(&self, place: Place) -> Array1<f64> {
        let f = place.regressors();
        Array1::from_shape_fn(CELLS, |c| (0..3).map(|i| f[i] * self.mean[[i, c]]).sum())
    }

    /// V·Vᵀ of the factor (cells, cells).
    pub fn covariance(&self) -> Array2<f64> {
        self.factor.dot(&self.factor.t())
    }
}

/// Adds `weight`·e·eᵀ.
pub fn add_outer(into: &mut Array2<f64>, e: &Array1<f64>, weight: f64) {
    for (i, mut row) in into.rows_mut().into_iter().enumerate() {
        let by = weight * e[i];
        row.iter_mut().zip(e).for_each(|(c, v)| *c += by * v);
    }
}

/// How wide a county lies around its reconstruction, and how much donors count.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    pub constant: f64,
    pub small_place: f64,
    pub far_share: f64,
    /// Weight of the stored mean and covariance, in donors; not a number without donors.
    pub prior_mean: f64,
    pub prior_covariance: f64,
    pub bandwidth_share: f64,
    pub bandwidth_size: f64,
}

impl Scale {
    /// The row `stored` or `donors` of the shipped table.
    ///
    /// # Errors
    /// `Error::Model` where the shipped table is damaged.
    pub fn of(model: &str) -> Result<Self> {
        let sheet = Sheet::open("county_residual_scale")?;
        let damaged = || Error::model(Problem::new("damaged").file(&sheet.path));
        let at = sheet.rows.iter().position(|r| r.first().is_some_and(|n| n == model)).ok_or_else(damaged)?;
        match sheet.numbers(at, 1)?.as_slice() {
            &[
                constant,
                small_place,
                far_share,
                prior_mean,
                prior_covariance,
                bandwidth_share,
                bandwidth_size,
            ] => Ok(Self {
                constant,
                small_place,
                far_share,
                prior_mean,
                prior_covariance,
                bandwidth_share,
                bandwidth_size,
            }),
            _ => Err(damaged()),
        }
    }

    /// Factor on the standard deviations for a place: small places and unusual shares are less regular.
    pub fn at(self, place: Place) -> f64 {
        let small = (12.3 - place.size - LN_PERSONS).clamp(0.0, 4.0);
        let far = (place.share.abs() - 0.15).clamp(0.0, 1.5);
        (self.constant + self.small_place * small + self.far_share * far).exp()
    }
}

/// What is added to the components so that any set of totals can be met: a level, a slope over age for
/// both sexes, and small smooth waves for each sex; (202, columns).
///
/// The waves are cosines that fall off with their frequency: a smoothness penalty in Fourier form.
pub fn waves() -> Array2<f64> {
    let each = 24;
    let mut factor = Array2::zeros((2 * AGES, 2 + 2 * each));
    for sex in 0..2 {
        for x in 0..AGES {
            factor[[sex * AGES + x, 0]] = 0.1;
            factor[[sex * AGES + x, 1]] = 0.02 * (x as f64 - 40.0) / 10.0;
            for w in 0..each {
                let size = 0.03 / (1.0 + (w as f64 / 3.0).powi(2));
                let phase = std::f64::consts::PI * w as f64 * (x as f64 + 0.5) / AGES as f64;
                factor[[sex * AGES + x, 2 + sex * each + w]] = size * phase.cos();
            }
        }
    }
    factor
}

/// Values at the 19 groups of each sex put on single years (202) by a smooth curve through the
/// mid-ages, flat beyond 88 because what is known of 85+ is one number.
pub fn to_single(groups: &Array1<f64>) -> Array1<f64> {
    let mid: Vec<f64> =
        [0.5, 3.0].into_iter().chain((1..17).map(|g| f64::from(g) * 5.0 + 2.5)).chain([88.5]).collect();
    let n = mid.len();
    let mut single = Array1::zeros(2 * AGES);
    for sex in 0..2 {
        let y: Vec<f64> = groups.iter().skip(sex * n).take(n).copied().collect();
        let slope = |i: usize| {
            let (a, b) = (i.saturating_sub(1), i + 1);
            if b == n { 0.0 } else { (y[b] - y[a]) / (mid[b] - mid[a]) }
        };
        let slopes: Vec<f64> = (0..n).map(slope).collect();
        for x in 0..AGES {
            let at = (x as f64 + 0.5).min(mid[n - 1]);
            single[sex * AGES + x] = crate::demography::graduation::hermite(&mid, &y, &slopes, at);
        }
    }
    single
}

/// `to_single` of each column.
pub fn columns_to_single(groups: &Array2<f64>) -> Array2<f64> {
    let mut single = Array2::zeros((2 * AGES, groups.ncols()));
    for (k, column) in groups.columns().into_iter().enumerate() {
        single.column_mut(k).assign(&to_single(&column.to_owned()));
    }
    single
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draws::Stream;

    #[test]
    fn an_estimate_finds_the_covariance_that_the_counties_were_drawn_from() {
        let truth = Residuals::stored().unwrap();
        let n = 4000;
        let mut ratios = Array2::zeros((n, CELLS));
        let mut places = Vec::new();
        for i in 0..n {
            let mut s = Stream::new(3, "test", "", i as u64);
            let place = Place { size: s.normal(), share: 0.3 * s.normal() };
            let z = Array1::from_iter((0..COMPONENTS).map(|_| s.normal()));
            ratios.row_mut(i).assign(&(truth.mean_at(place) + truth.factor.dot(&z)));
            places.push(place);
        }
        let found = Residuals::estimate(&places, &ratios).unwrap();
        let (a, b) = (truth.covariance(), found.covariance());
        for i in 0..CELLS {
            // Sampling error of a variance from 4,000: 2.2 %; five of them.
            assert!((b[[i, i]] / a[[i, i]] - 1.0).abs() < 0.11, "{i}: {} {}", a[[i, i]], b[[i, i]]);
        }
    }
}
