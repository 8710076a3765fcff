//! What a projection from an earlier census would have said of a later one, for one county or all.
//!
//! Closed: who was there is survived by China's mortality at the level of the province, nobody moves. Beside the base's own
//! draws an interval carries how far other counties' cohorts came from that: quantiles of log(observed
//! / survived) over counties of other provinces, or the stored ones.

mod tables;

use ndarray::{Array1, Array2, Axis};

pub use tables::label;

use super::base::ages::{AGES, AgeGroup, contiguous};
use super::base::covariance::GROUPS;
use super::base::donors::Donors;
use super::base::graduate::to_single;
use super::base::survivors::Survivors;
use super::base::{Kind, Printed, Residuals, Standard, ThinBaseSpec, thin_base_with};
use super::standards::Sheet;
use crate::draws::{Key, quantile_sorted, summarize};
use crate::error::{Error, Problem, Result};

/// Age groups that are compared: cohorts that were born at the first census ten years on.
pub const COMPARED: [(usize, usize); 19] = [
    (10, 15),
    (15, 20),
    (20, 25),
    (25, 30),
    (30, 35),
    (35, 40),
    (40, 45),
    (45, 50),
    (50, 55),
    (55, 60),
    (60, 65),
    (65, 70),
    (70, 75),
    (75, 80),
    (80, 85),
    (85, AGES),
    (60, AGES),
    (65, AGES),
    (80, AGES),
];
const SIXTY_PLUS: usize = 16;
const PROBS: [f64; 5] = [0.025, 0.1, 0.5, 0.9, 0.975];
/// A total that changed by more is taken for a changed boundary.
const BOUNDARY: f64 = 0.2;
/// Fewer counties than these don't make quantiles or a covariance of their own.
const ENOUGH: usize = 60;
/// More draws than these tell nothing new of an interval; a county's are held at once.
const MOST_DRAWS: usize = 100_000;

/// How the base of the earlier year is had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// The census's ages.
    Census,
    /// Its total and persons of 60+ alone, the province without the county as standard, its other
    /// counties as donors.
    Thin,
    /// The same without donors: the covariance of other provinces' counties alone.
    ThinWithoutDonors,
}

/// What is compared.
#[derive(Debug, Clone, Copy)]
pub struct BacktestSpec {
    pub years: (i32, i32),
    pub base: From,
    /// Persons in the earlier year that a county must have for the class that is reported apart.
    pub size: (f64, f64),
    /// Survives at the province's life expectancy, as far as it was from the nation's; else at the nation's.
    pub by_province: bool,
    /// Moves the centre by the median of the changes as well; by default they only widen the interval.
    pub drift: bool,
    pub draws: usize,
    pub seed: u64,
}

impl Default for BacktestSpec {
    fn default() -> Self {
        Self {
            years: (2010, 2020),
            base: From::Thin,
            size: (200_000.0, 450_000.0),
            by_province: true,
            drift: false,
            draws: 200,
            seed: 0,
        }
    }
}

/// The outcome for one county.
#[derive(Debug, Clone)]
pub struct County {
    pub code: String,
    pub name: String,
    pub total: (f64, f64),
    /// Expected, quantiles and observed by `COMPARED`.
    pub expected: Vec<f64>,
    pub quantiles: Vec<[f64; 5]>,
    pub observed: Vec<f64>,
    /// The same group's persons at the first census: what "no change" would have said.
    pub unchanged: Vec<f64>,
}

impl County {
    /// Whether the total changed by a fifth or more: other boundaries rather than other ages.
    pub fn other_boundary(&self) -> bool {
        (self.total.1 / self.total.0 - 1.0).abs() >= BOUNDARY
    }
}

/// All counties compared.
#[derive(Debug, Clone)]
pub struct Backtest {
    pub spec: BacktestSpec,
    pub counties: Vec<County>,
    /// Counties of either census without a match in the other.
    pub unmatched: (usize, usize),
    /// Whether the spread of cohort changes was estimated from other provinces (else the stored one).
    pub own_changes: bool,
}

/// Quantiles of log(observed / survived) by `COMPARED`.
type Changes = Vec<[f64; 5]>;

/// Compares two county tables (columns as `Donors::from_table`, with codes).
///
/// Counties are matched by code. Everything that is estimated for a county (how counties differ from
/// their provinces, how cohorts changed) comes from other provinces where there are enough of them.
///
/// # Errors
/// `Error::Data` where nothing matches or codes are missing or doubled; `Error::Interrupted`.
pub fn backtest(
    a: &Donors,
    b: &Donors,
    spec: &BacktestSpec,
    step: &(dyn Fn(usize, usize) -> bool + Sync),
) -> Result<Backtest> {
    if spec.draws == 0 || spec.draws > MOST_DRAWS {
        let p = Problem::new("not a number of draws").column("draws").value(spec.draws);
        return Err(Error::data(p.expected(format!("1 to {MOST_DRAWS}: an interval is one of draws"))));
    }
    let pairs = matched(a, b)?;
    if spec.years.1 <= spec.years.0 || spec.years.1 - spec.years.0 > 30 {
        return Err(Error::data(
            Problem::new("years out of order")
                .column("years")
                .value(format!("{:?}", spec.years))
                .expected("the earlier census first, up to 30 years apart"),
        ));
    }
    let provinces = a.by_province()?;
    let mut tables = std::collections::BTreeMap::new();
    for name in provinces.keys() {
        let gap = if spec.by_province { province_gap(name)? } else { None };
        tables.insert(name.clone(), Survivors::china(gap.unwrap_or(0.0), spec.years)?);
    }
    let province = |k: usize| a.codes[pairs[k].0].chars().take(2).collect::<String>();
    let survive = |k: usize, people: &Array2<f64>| {
        let table = tables.get(&province(k)).ok_or_else(without_province)?;
        Ok::<_, Error>(table.carry(people, spec.years))
    };
    // What survival alone says of the true ages, and how far from it cohorts came.
    let survived: Vec<Array1<f64>> = pairs
        .iter()
        .enumerate()
        .map(|(k, (i, _))| Ok(compared(&survive(k, &ages(a, *i)?)?)))
        .collect::<Result<_>>()?;
    let observed: Vec<Array1<f64>> =
        pairs.iter().map(|(_, j)| Ok(compared(&ages(b, *j)?))).collect::<Result<_>>()?;
    let near = |k: usize| {
        let (i, j) = pairs[k];
        (b.counts.row(j).sum() / a.counts.row(i).sum() - 1.0).abs() < BOUNDARY
    };
    let stored = stored_changes()?;
    let mut own_changes = true;
    let mut per_province = std::collections::BTreeMap::new();
    for name in provinces.keys() {
        let others: Vec<usize> = (0..pairs.len()).filter(|k| near(*k) && province(*k) != *name).collect();
        let changes = if others.len() >= ENOUGH {
            changes_of(&others, &survived, &observed)
        } else {
            own_changes = false;
            stored.clone()
        };
        let residuals = match Donors::estimate(std::slice::from_ref(a), std::slice::from_ref(name)) {
            Ok(r) if spec.base != From::Census => Some(r),
            _ => None,
        };
        per_province.insert(name.clone(), (changes, residuals));
    }
    let one = |k: usize| -> Result<County> {
        let (i, j) = pairs[k];
        let name = province(k);
        let (changes, residuals) = per_province.get(&name).ok_or_else(without_province)?;
        let neighbours: Vec<usize> =
            provinces.get(&name).map(|p| p.iter().copied().filter(|r| *r != i).collect()).unwrap_or_default();
        let (population, draws) =
            base_of(a, i, &neighbours, residuals.as_ref(), spec, &|_, _| step(k, pairs.len()))?;
        let expected = compared(&survive(k, &population)?);
        let mut samples: Vec<Vec<f64>> = vec![Vec::new(); COMPARED.len()];
        let key = Key::new(spec.seed, "backtest.change", &a.codes[i]);
        for (d, base) in draws.iter().enumerate() {
            let lived = compared(&survive(k, base)?);
            let z = key.stream(d as u64).normal();
            for (g, sample) in samples.iter_mut().enumerate() {
                let middle = if spec.drift { 0.0 } else { changes[g][2] };
                sample.push(lived[g] * (between(&changes[g], z) - middle).exp());
            }
        }
        let drift = |g: usize| if spec.drift { changes[g][2].exp() } else { 1.0 };
        let quantiles = samples
            .iter_mut()
            .enumerate()
            .map(|(g, s)| summarize(s).map_or([expected[g] * drift(g); 5], |s| s.quantiles))
            .collect();
        Ok(County {
            code: a.codes[i].clone(),
            name: a.names.get(i).cloned().unwrap_or_default(),
            total: (a.counts.row(i).sum(), b.counts.row(j).sum()),
            expected: expected.iter().enumerate().map(|(g, v)| v * drift(g)).collect(),
            quantiles,
            observed: observed[k].to_vec(),
            unchanged: compared(&ages(a, i)?).to_vec(),
        })
    };
    let mut counties = Vec::with_capacity(pairs.len());
    for k in 0..pairs.len() {
        if !step(k, pairs.len()) {
            return Err(Error::Interrupted);
        }
        counties.push(one(k)?);
    }
    let unmatched = (a.counts.nrows() - pairs.len(), b.counts.nrows() - pairs.len());
    Ok(Backtest { spec: *spec, counties, unmatched, own_changes })
}

fn without_province() -> Error {
    Error::model(Problem::new("a province without counties"))
}

/// Years by which a province's life expectancy is above the nation's, both of one source; `None` where none
/// is published.
fn province_gap(code: &str) -> Result<Option<f64>> {
    let sheet = Sheet::open("province_life_expectancy")?;
    let value = |code: &str| -> Result<Option<f64>> {
        let row = sheet.rows.iter().position(|r| r.first().is_some_and(|c| c == code));
        row.map(|r| Ok(sheet.numbers(r, 2)?.first().copied().unwrap_or(f64::NAN))).transpose()
    };
    Ok(value(code)?.zip(value("00")?).map(|(p, n)| p - n).filter(|g| g.is_finite()))
}

/// Rows of both tables with one code.
fn matched(a: &Donors, b: &Donors) -> Result<Vec<(usize, usize)>> {
    let mut problems = Vec::new();
    for (t, name) in [(a, "census_a"), (b, "census_b")] {
        if t.codes.len() != t.counts.nrows() {
            problems
                .push(Problem::new("no division codes").column(name).expected("a column code of GB/T 2260"));
        }
        let mut seen = std::collections::BTreeSet::new();
        for code in &t.codes {
            if !seen.insert(code) {
                problems.push(
                    Problem::new("a code stands twice").column(name).value(code).expected("one row a county"),
                );
            }
        }
    }
    if !problems.is_empty() {
        return Err(Error::Data(problems));
    }
    let places: std::collections::BTreeMap<&str, usize> =
        b.codes.iter().enumerate().map(|(j, c)| (c.as_str(), j)).collect();
    let pairs: Vec<(usize, usize)> =
        a.codes.iter().enumerate().filter_map(|(i, c)| places.get(c.as_str()).map(|j| (i, *j))).collect();
    if pairs.is_empty() {
        return Err(Error::data(
            Problem::new("no county is in both tables")
                .column("code")
                .expected("the same division codes in both"),
        ));
    }
    Ok(pairs)
}

/// A county's ages (2, 101).
fn ages(table: &Donors, row: usize) -> Result<Array2<f64>> {
    let counts = Array2::from_shape_vec((2, GROUPS.len()), table.counts.row(row).to_vec())
        .map_err(|e| Error::data(Problem::new(e.to_string())))?;
    to_single(&counts, &labels()?)
}

fn labels() -> Result<Vec<AgeGroup>> {
    contiguous(&GROUPS.map(str::to_owned))
}

/// Sums over `COMPARED`, both sexes.
fn compared(single: &Array2<f64>) -> Array1<f64> {
    COMPARED.iter().map(|(from, to)| (*from..*to).map(|x| single[[0, x]] + single[[1, x]]).sum()).collect()
}

/// The base of a county in the earlier year, and its draws.
fn base_of(
    a: &Donors,
    row: usize,
    neighbours: &[usize],
    residuals: Option<&Residuals>,
    spec: &BacktestSpec,
    go_on: &(dyn Fn(usize, usize) -> bool + Sync),
) -> Result<(Array2<f64>, Vec<Array2<f64>>)> {
    let truth = ages(a, row)?;
    // A county that is its whole province has no standard of its own.
    if spec.base == From::Census || neighbours.is_empty() {
        let draws = vec![truth.clone(); spec.draws];
        return Ok((truth, draws));
    }
    let others = a.pick(neighbours);
    let sum = others.counts.sum_axis(Axis(0));
    let table = Array2::from_shape_vec((2, GROUPS.len()), sum.to_vec())
        .map_err(|e| Error::data(Problem::new(e.to_string())))?;
    let base = thin_base_with(
        &ThinBaseSpec {
            total: Some(Printed::exact(truth.sum())),
            count_60_plus: Some(Printed::exact(compared(&truth)[SIXTY_PLUS])),
            standard: Standard::Single(to_single(&table, &labels()?)?),
            donors: (spec.base == From::Thin).then_some(others),
            residuals: residuals.cloned(),
            population: Kind::Resident,
            draws: spec.draws,
            seed: spec.seed,
            region: &a.codes[row],
            ..ThinBaseSpec::default()
        },
        go_on,
    )?;
    let draws = base.draws.axis_iter(Axis(0)).map(|d| d.to_owned()).collect();
    Ok((base.population, draws))
}

/// Quantiles over the given counties.
fn changes_of(counties: &[usize], survived: &[Array1<f64>], observed: &[Array1<f64>]) -> Changes {
    (0..COMPARED.len())
        .map(|g| {
            let mut logs: Vec<f64> =
                counties.iter().map(|k| (observed[*k][g].max(0.5) / survived[*k][g].max(0.5)).ln()).collect();
            logs.sort_unstable_by(f64::total_cmp);
            PROBS.map(|p| quantile_sorted(&logs, p).unwrap_or(0.0))
        })
        .collect()
}

/// The value at normal score `z`, straight between the quantiles, with the last slopes beyond them.
fn between(quantiles: &[f64; 5], z: f64) -> f64 {
    const SCORES: [f64; 5] = [-1.959_964, -1.281_552, 0.0, 1.281_552, 1.959_964];
    let i = SCORES[1..4].partition_point(|s| *s <= z);
    let t = (z - SCORES[i]) / (SCORES[i + 1] - SCORES[i]);
    quantiles[i] + t * (quantiles[i + 1] - quantiles[i])
}

/// The shipped quantiles of cohort changes over ten years.
fn stored_changes() -> Result<Changes> {
    let sheet = Sheet::open("county_cohort_changes")?;
    let damaged = || Error::model(Problem::new("damaged").file(&sheet.path));
    let rows: Changes = (0..sheet.rows.len())
        .map(|r| <[f64; 5]>::try_from(sheet.numbers(r, 1)?).map_err(|_| damaged()))
        .collect::<Result<_>>()?;
    if rows.len() == COMPARED.len() { Ok(rows) } else { Err(damaged()) }
}
