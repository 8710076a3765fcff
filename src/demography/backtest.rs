//! What a projection from an earlier census would have said of a later one, for one county or all.
//!
//! Closed: who was there is survived by the nation's mortality, nobody moves. Beside the base's own
//! draws an interval carries how far other counties' cohorts came from that: quantiles of log(observed
//! / survived) over counties of other provinces, or the stored ones.

use ndarray::{Array1, Array2, Axis};

use super::base::ages::{AGES, AgeGroup, contiguous};
use super::base::covariance::GROUPS;
use super::base::donors::Donors;
use super::base::graduate::to_single;
use super::base::hamilton_perry::survive;
use super::base::{Kind, Printed, Residuals, Standard, ThinBaseSpec, thin_base};
use super::standards::Sheet;
use crate::draws::{Key, quantile_sorted, summarize};
use crate::error::{Error, Problem, Result};
use crate::tables::Table;

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
    // What survival alone says of the true ages, and how far from it cohorts came.
    let survived: Vec<Array1<f64>> = pairs
        .iter()
        .map(|(i, _)| Ok(compared(&survive(&ages(a, *i)?, spec.years)?)))
        .collect::<Result<_>>()?;
    let observed: Vec<Array1<f64>> =
        pairs.iter().map(|(_, j)| Ok(compared(&ages(b, *j)?))).collect::<Result<_>>()?;
    let province = |k: usize| a.codes[pairs[k].0].chars().take(2).collect::<String>();
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
        let (changes, residuals) = per_province
            .get(&name)
            .ok_or_else(|| Error::model(Problem::new("a province without counties")))?;
        let neighbours: Vec<usize> =
            provinces.get(&name).map(|p| p.iter().copied().filter(|r| *r != i).collect()).unwrap_or_default();
        let (population, draws) = base_of(a, i, &neighbours, residuals.as_ref(), spec)?;
        let expected = compared(&survive(&population, spec.years)?);
        let mut samples: Vec<Vec<f64>> = vec![Vec::new(); COMPARED.len()];
        let key = Key::new(spec.seed, "backtest.change", &a.codes[i]);
        for (d, base) in draws.iter().enumerate() {
            let lived = compared(&survive(base, spec.years)?);
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
    let base = thin_base(&ThinBaseSpec {
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
    })?;
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

/// Label of a compared group.
pub fn label(group: (usize, usize)) -> String {
    AgeGroup { from: group.0, to: group.1 }.label()
}

impl Backtest {
    /// Error and coverage by age group and class of counties.
    ///
    /// # Errors
    /// None in practice: the columns are of one length.
    pub fn summary(&self) -> Result<Table> {
        let in_size = |c: &County| (self.spec.size.0..=self.spec.size.1).contains(&c.total.0);
        type Class = (&'static str, &'static str, Box<dyn Fn(&County) -> bool>);
        let (low, high) = self.spec.size;
        let classes: [Class; 3] = [
            (
                "in_size",
                "规模组",
                Box::new(move |c| !c.other_boundary() && (low..=high).contains(&c.total.0)),
            ),
            ("comparable", "可比县", Box::new(|c| !c.other_boundary())),
            ("boundary_changed", "区划变动（总人口变动20%以上）", Box::new(County::other_boundary)),
        ];
        let mut rows = Vec::new();
        for (name, zh, of_class) in &classes {
            let class: Vec<&County> = self.counties.iter().filter(|c| of_class(c)).collect();
            for (g, group) in COMPARED.iter().enumerate() {
                if !class.is_empty() {
                    rows.push((*name, *zh, label(*group), class.len(), Row::of(&class, g)));
                }
            }
        }
        let sized = self.counties.iter().filter(|c| in_size(c) && c.other_boundary()).count();
        let float = |f: fn(&Row) -> f64| rows.iter().map(move |r| f(&r.4));
        Table::builder(format!("回测：由{}年推算{}年", self.spec.years.0, self.spec.years.1))
            .note(format!(
                "按行政区划代码匹配{}个县；仅见于前次{}个，仅见于后次{}个。规模组：{:.0}—{:.0}人，另有{}个因总人口变动20%以上单列。",
                self.counties.len(), self.unmatched.0, self.unmatched.1, low, high, sized
            ))
            .note("封闭推算：按全国死亡水平存活，不计迁移。区间含基期重建误差和其他省份同期队列变动的离散程度。")
            .text("class", "范围", rows.iter().map(|r| r.0))
            .text("label", "范围名称", rows.iter().map(|r| r.1))
            .text("age", "年龄", rows.iter().map(|r| r.2.as_str()))
            .int("counties", "县数", "个", rows.iter().map(|r| i64::try_from(r.3).unwrap_or(i64::MAX)))
            .float("median_error", "误差中位数", "", float(|r| r.median))
            .float("p90_error", "误差90%分位", "", float(|r| r.p90))
            .float("bias", "偏差中位数", "", float(|r| r.bias))
            .float("unchanged_error", "按原人数不变的误差中位数", "", float(|r| r.unchanged))
            .float("coverage_80", "80%区间覆盖率", "", float(|r| r.coverage_80))
            .float("coverage_95", "95%区间覆盖率", "", float(|r| r.coverage_95))
            .build()
    }

    /// One row per county and age group: code, county, age, observed, expected, quantiles, error, boundary_changed.
    ///
    /// # Errors
    /// None in practice: the columns are of one length.
    pub fn counties_table(&self) -> Result<Table> {
        let cells: Vec<(&County, usize)> =
            self.counties.iter().flat_map(|c| (0..COMPARED.len()).map(move |g| (c, g))).collect();
        let each = || cells.iter().copied();
        let labels = ["2.5%分位", "10%分位", "中位数", "90%分位", "97.5%分位"];
        let mut table = Table::builder("回测：分县分年龄组")
            .text("code", "行政区划代码", each().map(|(c, _)| c.code.as_str()))
            .text("county", "县", each().map(|(c, _)| c.name.as_str()))
            .text("age", "年龄", each().map(|(_, g)| label(COMPARED[g])))
            .float("total_a", "前次总人口", "人", each().map(|(c, _)| c.total.0))
            .float("total_b", "后次总人口", "人", each().map(|(c, _)| c.total.1))
            .float("observed", "实际", "人", each().map(|(c, g)| c.observed[g]))
            .float("expected", "推算", "人", each().map(|(c, g)| c.expected[g]));
        for (k, name) in crate::draws::QUANTILE_NAMES.iter().enumerate() {
            table = table.float(name, labels[k], "人", each().map(|(c, g)| c.quantiles[g][k]));
        }
        table
            .opt_float(
                "error",
                "相对误差",
                "",
                each().map(|(c, g)| (c.observed[g] > 0.0).then(|| c.expected[g] / c.observed[g] - 1.0)),
            )
            .boolean("boundary_changed", "区划变动", each().map(|(c, _)| c.other_boundary()))
            .build()
    }
}

/// Error and coverage of one group in one class.
struct Row {
    median: f64,
    p90: f64,
    bias: f64,
    unchanged: f64,
    coverage_80: f64,
    coverage_95: f64,
}

impl Row {
    fn of(class: &[&County], g: usize) -> Self {
        let errors = |value: &dyn Fn(&County) -> f64| -> Vec<f64> {
            class.iter().filter(|c| c.observed[g] > 0.0).map(|c| value(c) / c.observed[g] - 1.0).collect()
        };
        let quantile = |mut v: Vec<f64>, p: f64| {
            v.sort_unstable_by(f64::total_cmp);
            quantile_sorted(&v, p).unwrap_or(0.0)
        };
        let absolute = |v: Vec<f64>| v.into_iter().map(f64::abs).collect::<Vec<_>>();
        let own = errors(&|c| c.expected[g]);
        let share = |low: usize, high: usize| {
            let inside = class
                .iter()
                .filter(|c| (c.quantiles[g][low]..=c.quantiles[g][high]).contains(&c.observed[g]))
                .count();
            inside as f64 / class.len().max(1) as f64
        };
        Self {
            median: quantile(absolute(own.clone()), 0.5),
            p90: quantile(absolute(own.clone()), 0.9),
            bias: quantile(own, 0.5),
            unchanged: quantile(absolute(errors(&|c| c.unchanged[g])), 0.5),
            coverage_80: share(1, 3),
            coverage_95: share(0, 4),
        }
    }
}
