//! What a scenario says, in types. Every part keeps its place, so that `why` can end at it.

use rust_decimal::Decimal;

use super::base::BaseSpec;
use super::expr::Expr;
pub use super::tree::Place;

#[derive(Debug, Clone)]
pub struct Scenario {
    pub name: String,
    pub label: String,
    pub note: String,
    pub seed: u64,
    /// Another base population than the case's own.
    pub base: Option<BaseSpec>,
    pub assumptions: Vec<Assumption>,
    pub demography: Demography,
    pub care: Care,
    pub standards: Vec<Standard>,
    pub quantities: Vec<Quantity>,
    pub capacity: Vec<Facility>,
    pub relief: Vec<Program>,
    pub overlaps: Vec<Overlap>,
    pub budget: Vec<BudgetLine>,
}

/// A number that no figure of the plan gives, with its spread and where it comes from.
#[derive(Debug, Clone)]
pub struct Assumption {
    pub name: String,
    pub label: String,
    pub unit: String,
    pub distribution: Distribution,
    pub source: String,
    pub note: String,
    pub place: Place,
}

/// Bounds may be formulas of figures (`F176.low`), never of results.
#[derive(Debug, Clone)]
pub enum Distribution {
    Fixed(Expr),
    /// Whole numbers from low to high, each as likely.
    Integers {
        low: Expr,
        high: Expr,
    },
    Uniform {
        low: Expr,
        high: Expr,
    },
    Normal {
        central: Expr,
        sd: Expr,
    },
    /// `central` is the median; `log_sd` the standard deviation of the logarithm.
    Lognormal {
        central: Expr,
        log_sd: Expr,
    },
    Triangular {
        low: Expr,
        central: Expr,
        high: Expr,
    },
}

#[derive(Debug, Clone)]
pub struct Demography {
    /// Multiplies the standard's TFR path.
    pub tfr_multiplier: (Decimal, Place),
    /// Years added to the standard's life expectancy at birth, both sexes.
    pub e0_shift: (Decimal, Place),
    /// Net migrants per person and year.
    pub net_migration_rate: (Decimal, Place),
    /// Multiplies the default spreads of TFR, e0 and migration.
    pub spread_multiplier: (Decimal, Place),
    /// Whether the known births and deaths set the local level.
    pub calibrate: bool,
    /// Births and deaths that are known.
    pub known: Vec<KnownEvents>,
    pub source: String,
    pub place: Place,
}

#[derive(Debug, Clone)]
pub struct KnownEvents {
    pub year: i32,
    pub births: Option<Decimal>,
    pub deaths: Option<Decimal>,
    pub source: String,
    pub place: Place,
}

#[derive(Debug, Clone)]
pub struct Care {
    /// The definition that capacity and budget use.
    pub definition: String,
    /// Every definition that is shown beside it.
    pub shown: Vec<String>,
    /// `constant`, `dynamic_equilibrium`, `full_shift`.
    pub health: String,
    pub place: Place,
}

/// A standard per person (or place, or post) with the dates from which it holds.
#[derive(Debug, Clone)]
pub struct Standard {
    pub name: String,
    pub label: String,
    /// As it is stated: 元/人/月, 元/人/年.
    pub unit: String,
    /// 12 for a monthly standard, 1 for a yearly one.
    pub months: u32,
    pub steps: Vec<StandardStep>,
    pub place: Place,
}

#[derive(Debug, Clone)]
pub struct StandardStep {
    pub year: i32,
    pub month: u32,
    pub value: Expr,
    pub source: String,
    pub place: Place,
}

/// A named intermediate result.
#[derive(Debug, Clone)]
pub struct Quantity {
    pub name: String,
    pub label: String,
    pub unit: String,
    pub formula: Expr,
    pub note: String,
    pub place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    Stock,
    UsedUp,
    Throughput,
}

/// A kind of place: beds, centres, plots, cremators.
#[derive(Debug, Clone)]
pub struct Facility {
    pub name: String,
    pub label: String,
    pub unit: String,
    pub mode: Use,
    pub demand: Expr,
    pub stock: Expr,
    pub projects: Vec<Project>,
    pub note: String,
    pub place: Place,
}

#[derive(Debug, Clone)]
pub struct Project {
    pub name: String,
    pub label: String,
    pub size: Expr,
    pub start: i32,
    pub finish: i32,
    pub ramp_years: Decimal,
    /// Largest overrun of the building time, as a share of it (uniform from 0).
    pub overrun: Decimal,
    pub cancel: Decimal,
    pub source: String,
    pub place: Place,
}

/// A relief program and where its caseload comes from.
#[derive(Debug, Clone)]
pub struct Program {
    pub name: String,
    pub label: String,
    pub unit: String,
    pub basis: Basis,
    /// How a rise of the standard moves the caseload; `None`: it does not.
    pub response: Option<Response>,
    /// Another program that all its persons are in, so that they are not counted again.
    pub part_of: Option<String>,
    /// Last month of the duty, where it was handed over: later years are unknown, not zero.
    pub until: Option<(i32, u32)>,
    pub note: String,
    pub place: Place,
}

/// What a rise of a standard does to the number of persons: those who come are
/// (standard ÷ reference)^elasticity times as many, and they stay as the exit rate lets them.
#[derive(Debug, Clone)]
pub struct Response {
    /// The standard that decides who is eligible: the line, not the average top-up.
    pub standard: String,
    /// A standard whose rises the caseload already has in it; `None`: that of the first whole year.
    pub reference: Option<String>,
    pub elasticity: Expr,
    /// Share of the persons that leaves in a year.
    pub exit_rate: Expr,
    pub place: Place,
}

#[derive(Debug, Clone)]
pub enum Basis {
    /// Local counts; after the last one the caseload follows its driver, with a random walk of its
    /// logarithm (`drift_sd` a year).
    Observed { values: Vec<(i32, Expr, Place)>, driver: Expr, drift_sd: Decimal },
    /// Local counts that go on by their own trend, from the year on in which the last change of rules took
    /// effect.
    Trend { values: Vec<(i32, Expr, Place)>, since: Option<i32> },
    /// No local count: the national rate per 1,000 persons of the same year, times a factor of the
    /// place (lognormal, median `factor`, `place_log_sd`), times local persons.
    National { series: String, driver: Expr, factor: Expr, place_log_sd: Decimal },
    /// A formula, such as an allowance for everybody above an age.
    Formula { formula: Expr, drift_sd: Decimal },
}

/// Programs that one person may draw at once, and how many persons draw all of them.
#[derive(Debug, Clone)]
pub struct Overlap {
    pub name: String,
    pub label: String,
    pub programs: Vec<String>,
    /// `None`: nobody knows, so that heads are a range.
    pub number: Option<Both>,
    pub note: String,
    /// Where the programs are listed.
    pub listed: Place,
    /// Where the number stands; the table where there is none.
    pub place: Place,
}

/// How many persons draw all programs of an overlap.
#[derive(Debug, Clone)]
pub enum Both {
    /// A share of the persons of one program; `None`: of the smallest, in each year and draw.
    Share {
        share: Expr,
        of: Option<String>,
    },
    Persons(Expr),
    /// Nobody: stated, with its source.
    Nobody,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    Recurrent,
    Capital,
}

#[derive(Debug, Clone)]
pub struct BudgetLine {
    pub name: String,
    pub label: String,
    pub kind: LineKind,
    pub amount: Amount,
    pub first: Option<i32>,
    pub last: Option<i32>,
    /// Funding level → share; empty where it is not known.
    pub shares: Vec<(String, Decimal)>,
    pub note: String,
    pub place: Place,
}

#[derive(Debug, Clone)]
pub enum Amount {
    /// Quantity × standard × months.
    Standard { quantity: Expr, standard: String },
    /// Any formula in yuan a year.
    Formula(Expr),
    /// A total in yuan, in equal parts over the years of construction.
    Spread { total: Expr, start: i32, finish: i32 },
}
