//! Mortality from a life expectancy: China's own m(x) along time, Coale-Demeny West beyond it.
//!
//! A surface is a family of single-year m(x) ordered by e0; between two members log m is mixed so that
//! the e0 asked for is met. Methods: WPP2024 tables of China graduated by `graduation::mx_to_single`;
//! beyond their range the outermost table is moved by the ratio of two West tables.

use super::graduation;
use super::life_table::{self, A0Rule, Sex};
use super::standards::{ABRIDGED, Once, Sheet, once};
use crate::error::{Error, Problem, Result};

/// Ages 0…100+.
pub const AGES: usize = 101;
/// Step of the grid of life expectancies on which survival ratios are kept, in years.
const STEP: f64 = 0.1;
/// Life expectancies that a surface reaches.
pub const E0_RANGE: (f64, f64) = (25.0, 112.0);

/// A five-year period as `2015-2020` and its m(x), ages 0…100+.
pub type PeriodTable = (String, Vec<f64>);
/// A life expectancy and m(x), ages 0…100+.
pub type LevelTable = (f64, Vec<f64>);

/// A family of m(x) by e0 for one sex.
#[derive(Debug, Clone)]
pub struct Surface {
    sex: Sex,
    /// e0 of each member, rising, and its log m(x), ages 0…100+.
    e0: Vec<f64>,
    log_mx: Vec<Vec<f64>>,
    /// Survival ratios S[0..=100] at E0_RANGE.0 + i·STEP, one row each.
    grid: Vec<[f64; AGES]>,
}

impl Surface {
    /// A surface through members in rising order of e0 (others than the highest so far are left out).
    ///
    /// # Errors
    /// `Model` with fewer than two members, `Data` where a member is no life table.
    pub fn new(sex: Sex, members: Vec<Vec<f64>>) -> Result<Self> {
        let mut tables: Vec<LevelTable> = Vec::with_capacity(members.len());
        for mx in members {
            let e0 = life_table::single(&mx, sex, A0Rule::default())?.e0();
            tables.push((e0, mx.iter().map(|m| m.max(1e-9).ln()).collect()));
        }
        tables.sort_by(|a, b| a.0.total_cmp(&b.0));
        // Members less than a year apart would make log m jump between them.
        tables.dedup_by(|b, a| b.0 - a.0 < 1.0);
        if tables.len() < 2 {
            return Err(Error::model(Problem::new("a mortality surface needs two tables")));
        }
        let (e0, log_mx) = tables.into_iter().unzip();
        let mut surface = Self { sex, e0, log_mx, grid: Vec::new() };
        let rows = ((E0_RANGE.1 - E0_RANGE.0) / STEP).round() as usize + 1;
        let mut start = 0.0;
        for i in 0..rows {
            let (mx, at) = surface.solve(E0_RANGE.0 + i as f64 * STEP, start);
            start = at;
            let mut row = [0.0; AGES];
            row.copy_from_slice(&Scratch::new(sex).ratios(&mx));
            surface.grid.push(row);
        }
        Ok(surface)
    }

    /// log m(x) at position `at` along the members (0 = first, 1 = second …), straight beyond the ends.
    fn mixed(&self, at: f64) -> Vec<f64> {
        let last = self.e0.len() - 1;
        let i = (at.floor().max(0.0) as usize).min(last - 1);
        let w = at - i as f64;
        self.log_mx[i].iter().zip(&self.log_mx[i + 1]).map(|(a, b)| (a + w * (b - a)).exp()).collect()
    }

    /// m(x) with the given e0 and where along the members it lies; safeguarded secant steps.
    fn solve(&self, e0: f64, start: f64) -> (Vec<f64>, f64) {
        let mut scratch = Scratch::new(self.sex);
        let last = self.e0.len() - 1;
        let i = self.e0.partition_point(|e| *e <= e0).clamp(1, last) - 1;
        let guess = i as f64 + (e0 - self.e0[i]) / (self.e0[i + 1] - self.e0[i]);
        let mut a = if (start - guess).abs() < 1.0 && start > 0.0 { start } else { guess - 0.01 };
        let mut fa = scratch.e0(&self.mixed(a)) - e0;
        let mut b = guess;
        let mut mx = self.mixed(b);
        for _ in 0..40 {
            let fb = scratch.e0(&mx) - e0;
            if fb.abs() < 1e-10 || a == b {
                break;
            }
            let slope = (fb - fa) / (b - a);
            let step = if slope > 1e-6 { (-fb / slope).clamp(-3.0, 3.0) } else { -fb.signum() * 0.1 };
            (a, fa) = (b, fb);
            b += step;
            mx = self.mixed(b);
        }
        (mx, b)
    }

    /// m(x), ages 0…100+, of a single-year life table with this e0 (to 1e-9 year).
    pub fn mx(&self, e0: f64) -> Vec<f64> {
        self.solve(e0.clamp(E0_RANGE.0, E0_RANGE.1), 0.0).0
    }

    /// Survival ratios S[0..=100] at `e0`, linear between the tables kept for each tenth of a year
    /// (within 2e-4 of those of the life table itself above 50 years, on most of the range far closer).
    pub fn survival(&self, e0: f64) -> [f64; AGES] {
        let (row, w) = self.position(e0);
        let (low, high) = self.rows(row);
        std::array::from_fn(|x| low[x] + w * (high[x] - low[x]))
    }

    /// Grid row below `e0` and the weight of the row above it.
    pub fn position(&self, e0: f64) -> (usize, f64) {
        let at = (e0.clamp(E0_RANGE.0, E0_RANGE.1) - E0_RANGE.0) / STEP;
        let row = (at as usize).min(self.grid.len() - 2);
        (row, at - row as f64)
    }

    /// The ratios of a grid row and of the next one.
    pub fn rows(&self, row: usize) -> (&[f64; AGES], &[f64; AGES]) {
        (&self.grid[row], &self.grid[row + 1])
    }
}

/// e0 and survival ratios of single-year m(x) without building a table.
struct Scratch {
    sex: Sex,
    person_years: Vec<f64>,
}

impl Scratch {
    fn new(sex: Sex) -> Self {
        Self { sex, person_years: vec![0.0; AGES] }
    }

    fn fill(&mut self, mx: &[f64]) {
        let last = mx.len() - 1;
        let mut l = 1.0;
        for (x, m) in mx[..last].iter().enumerate() {
            let a = if x == 0 { life_table::a0(*m, self.sex, A0Rule::default()) } else { 0.5 };
            let q = (m / (1.0 + (1.0 - a) * m)).clamp(0.0, 1.0);
            self.person_years[x] = l * (1.0 - q) + a * l * q;
            l *= 1.0 - q;
        }
        self.person_years[last] = l / mx[last];
    }

    fn e0(&mut self, mx: &[f64]) -> f64 {
        self.fill(mx);
        self.person_years.iter().sum()
    }

    fn ratios(&mut self, mx: &[f64]) -> Vec<f64> {
        self.fill(mx);
        life_table::survival_ratios(&self.person_years, 1.0)
    }
}

/// China's m(x) by e0: the tables of 1950-2100 in the range they span (without those of the famine,
/// 1955-1965, whose ages are its own), along Coale-Demeny West beyond.
///
/// # Errors
/// `Model` where the shipped tables are damaged.
pub fn china(sex: Sex) -> Result<&'static Surface> {
    static CELLS: [Once<Surface>; 2] = [Once::new(), Once::new()];
    once(&CELLS[sex.index()], || {
        let own = china_tables(sex)?;
        let west = west(sex)?;
        let e0_of = |mx: &[f64]| Scratch::new(sex).e0(mx);
        let (first, last) = (&own[0].1, &own[own.len() - 1].1);
        let (low, high) = (e0_of(first), own.iter().map(|(_, m)| e0_of(m)).fold(0.0, f64::max));
        let west_surface = PlainSurface::new(sex, west.clone());
        let moved = |from: &[f64], e_from: f64, e_to: f64| -> Vec<f64> {
            let (a, b) = (west_surface.at(e_from), west_surface.at(e_to));
            from.iter().zip(&a).zip(&b).map(|((m, a), b)| m * b / a).collect()
        };
        let famine = |period: &str| period == "1955-1960" || period == "1960-1965";
        let mut members: Vec<Vec<f64>> =
            own.iter().filter(|(p, _)| !famine(p)).map(|(_, m)| m.clone()).collect();
        for (e0, _) in west {
            if *e0 < low - 1.0 && *e0 >= E0_RANGE.0 - 3.0 {
                members.push(moved(first, low, *e0));
            } else if *e0 > high + 1.0 {
                members.push(moved(last, high, *e0));
            }
        }
        Surface::new(sex, members)
    })
}

/// China's abridged m(x) of a period as `2015-2020`, 22 ages to 100+.
///
/// # Errors
/// `Model` for a period that is not there.
pub fn china_abridged(sex: Sex, period: &str) -> Result<Vec<f64>> {
    let sheet = Sheet::open("china_mortality")?;
    match sheet.rows.iter().position(|r| r[0] == sex.name() && r[1] == period) {
        Some(row) => sheet.numbers(row, 2),
        None => {
            Err(Error::model(Problem::new("no such period").value(period).expected("1950-1955 … 2095-2100")))
        }
    }
}

/// China's tables in single years, as (period, m(x)), in the order of periods.
///
/// # Errors
/// `Model` where the shipped table is damaged.
pub fn china_tables(sex: Sex) -> Result<&'static Vec<PeriodTable>> {
    static CELLS: [Once<Vec<PeriodTable>>; 2] = [Once::new(), Once::new()];
    once(&CELLS[sex.index()], || {
        let sheet = Sheet::open("china_mortality")?;
        let mut tables = Vec::new();
        for (i, row) in sheet.rows.iter().enumerate() {
            if row[0] == sex.name() {
                let mx = graduation::mx_to_single(&ABRIDGED, &sheet.numbers(i, 2)?, sex)?;
                tables.push((row[1].clone(), mx));
            }
        }
        Ok(tables)
    })
}

/// Coale-Demeny West, extended: (e0, m(x) in single years 0…100+), rising e0.
///
/// # Errors
/// `Model` where the shipped table is damaged.
pub fn west(sex: Sex) -> Result<&'static Vec<LevelTable>> {
    static CELLS: [Once<Vec<LevelTable>>; 2] = [Once::new(), Once::new()];
    once(&CELLS[sex.index()], || {
        let sheet = Sheet::open("coale_demeny_west")?;
        let mut tables = Vec::new();
        for (i, row) in sheet.rows.iter().enumerate() {
            if row[0] == sex.name() {
                let numbers = sheet.numbers(i, 1)?;
                tables.push((numbers[0], numbers[1..].to_vec()));
            }
        }
        Ok(tables)
    })
}

/// Log-linear between model tables by their own e0; used for ratios only, so e0 need not be exact.
struct PlainSurface {
    tables: Vec<LevelTable>,
}

impl PlainSurface {
    fn new(sex: Sex, mut tables: Vec<LevelTable>) -> Self {
        for (e0, mx) in &mut tables {
            *e0 = Scratch::new(sex).e0(mx);
        }
        Self { tables }
    }

    fn at(&self, e0: f64) -> Vec<f64> {
        let last = self.tables.len() - 1;
        let i = self.tables.partition_point(|t| t.0 <= e0).clamp(1, last) - 1;
        let ((a, low), (b, high)) = (&self.tables[i], &self.tables[i + 1]);
        let w = (e0 - a) / (b - a);
        low.iter().zip(high).map(|(l, h)| (l.ln() + w * (h.ln() - l.ln())).exp()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_with_the_e0_that_was_asked_for() {
        for sex in Sex::BOTH {
            let surface = china(sex).unwrap();
            let mut e0 = 30.0;
            while e0 < 105.0 {
                let mx = surface.mx(e0);
                let table = life_table::single(&mx, sex, A0Rule::default()).unwrap();
                assert!((table.e0() - e0).abs() < 1e-8, "{sex:?} {e0}: {}", table.e0());
                let s = surface.survival(e0);
                let bound = if e0 > 50.0 { 2e-4 } else { 1e-3 };
                for (x, (a, b)) in s.iter().zip(table.survival().unwrap()).enumerate() {
                    let bound = if x > 94 { 1e-3 } else { bound };
                    assert!((a - b).abs() < bound, "{sex:?} {e0} {x}: {a} {b}");
                }
                e0 += 0.37;
            }
        }
    }

    #[test]
    fn survival_rises_with_e0_in_the_range_of_projections() {
        for sex in Sex::BOTH {
            let surface = china(sex).unwrap();
            let (low, high) = (surface.survival(70.0), surface.survival(90.0));
            assert!(low.iter().zip(&high).all(|(a, b)| a < b));
        }
    }
}
