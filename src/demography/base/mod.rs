//! The base population: from two numbers, from known totals, or from a census table.

pub mod ages;
pub mod census;
pub mod cohorts;
pub mod constraints;
pub mod covariance;
pub mod donors;
pub mod eigen;
pub mod graduate;
pub mod hamilton_perry;
pub mod printed;
pub mod standard;
pub mod summary;
pub mod thin;
pub mod tilt;
pub mod totals;

use ndarray::{Array2, Array3};

use crate::error::{Error, Problem, Result};

pub use ages::{AGES, AgeGroup};
pub use census::{census_base, census_base_of};
pub use covariance::Residuals;
pub use donors::Donors;
pub use printed::Printed;
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

/// Persons who stay as they are while the rest ages: students, barracks.
#[derive(Debug, Clone)]
pub struct Special {
    /// Chinese name, such as 在校大学生.
    pub name: String,
    /// Persons (2, 101), women first; part of the totals.
    pub counts: Array2<f64>,
}

impl Special {
    /// Persons spread evenly over age groups: `18-22`, `male 18-24`; without a sex, half and half.
    ///
    /// # Errors
    /// `Error::Data` for labels that are no age groups and counts that are none.
    pub fn from_groups(name: &str, groups: &[(String, f64)]) -> Result<Self> {
        let mut counts = Array2::zeros((2, AGES));
        let mut problems = Vec::new();
        for (key, persons) in groups {
            match constraints::parse_key(key) {
                Ok((sex, group)) if persons.is_finite() && *persons >= 0.0 => {
                    let known = constraints::Known {
                        name: String::new(),
                        sex,
                        group,
                        persons: Printed::exact(*persons),
                    };
                    let cells = known.cells();
                    let each = persons / cells.iter().sum::<f64>();
                    counts.iter_mut().zip(cells).for_each(|(v, c)| *v += each * c);
                }
                Ok(_) => problems.push(
                    Problem::new("not a count")
                        .column(format!("special[{key:?}]"))
                        .value(persons)
                        .expected("persons, 0 or more"),
                ),
                Err(e) => problems.extend(e.problems().iter().cloned().map(|p| p.column("special"))),
            }
        }
        if problems.is_empty() {
            Ok(Self { name: name.to_owned(), counts })
        } else {
            Err(Error::Data(problems))
        }
    }
}

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
