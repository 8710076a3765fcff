//! The base population: from two numbers, from known totals, or from a census table.

pub mod ages;
pub mod census;
pub mod cohorts;
pub mod constraints;
pub mod covariance;
pub mod donors;
pub mod eigen;
pub mod feasible;
pub mod graduate;
pub mod hamilton_perry;
pub mod printed;
pub mod special;
pub mod standard;
pub mod summary;
pub mod survivors;
pub mod thin;
pub mod tilt;
pub mod totals;

use ndarray::{Array2, Array3};

pub use ages::{AGES, AgeGroup};
pub use census::{census_base, census_base_of};
pub use covariance::Residuals;
pub use donors::Donors;
pub use printed::Printed;
pub use special::Special;
pub use standard::{AgeTable, Standard, Structure, structures};
pub use thin::{ThinBaseSpec, thin_base, thin_base_with};

/// Whom a population counts: 户籍 or 常住.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// 户籍人口: where the household is registered.
    #[default]
    Registered,
    /// 常住人口: who has lived here for six months.
    Resident,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Resident => "resident",
        }
    }
    pub fn label(self) -> &'static str {
        match self {
            Self::Registered => "户籍人口",
            Self::Resident => "常住人口",
        }
    }
}

/// More draws of a base than these (1.6 GB) no machine of a bureau holds.
pub const MOST_DRAWS: usize = 1_000_000;

/// A base population with its uncertainty.
#[derive(Debug, Clone)]
pub struct Base {
    /// Central reconstruction (2, 101), women first, persons; special populations are in it.
    pub population: Array2<f64>,
    /// Draws (draws, 2, 101).
    pub draws: Array3<f64>,
    pub kind: Kind,
    /// The part that a projection holds as it is.
    pub special: Option<Array2<f64>>,
    /// What was assumed and what the interval covers, in Chinese.
    pub notes: Vec<String>,
}

impl Base {
    /// Those who age: the population and its draws without special populations.
    pub fn who_age(&self) -> (Array2<f64>, Array3<f64>) {
        let Some(s) = &self.special else { return (self.population.clone(), self.draws.clone()) };
        // What is left of a cell that the special population fills is zero, not a rounding error below it.
        let rest = |v: f64| v.max(0.0);
        ((&self.population - s).mapv(rest), (&self.draws - s).mapv(rest))
    }
}
