//! Tables of draws: quantiles of indicators by year, of the population by age, peak years.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use arrow_array::{Int64Array, StringArray};

use ndarray::ArrayView4;

use super::ensemble::Simulation;
use super::mortality::AGES;
use super::quantiles::{self, Told, UNKNOWN};
use super::told::nobody_notes;
use crate::draws::{QUANTILE_NAMES, Summary};
use crate::error::{Error, Problem, Result};
use crate::tables::{Builder, Table};

/// Chinese labels of the quantile columns, `mean` first.
const LABELS: [&str; 6] = ["均值", "2.5%分位数", "10%分位数", "中位数", "90%分位数", "97.5%分位数"];

/// Adds `mean, p2_5, p10, p50, p90, p97_5`; null where no draw has a value.
pub fn quantile_columns(mut builder: Builder, rows: &[Summary], unit: &str) -> Builder {
    let known = |v: f64| v.is_finite().then_some(v);
    builder = builder.opt_float("mean", LABELS[0], unit, rows.iter().map(|s| known(s.mean)));
    for (k, name) in QUANTILE_NAMES.iter().enumerate() {
        builder = builder.opt_float(name, LABELS[k + 1], unit, rows.iter().map(|s| known(s.quantiles[k])));
    }
    builder
}

/// Mean and quantiles of every indicator that is shown and every year: `out[k][t]`, t = 0 the start. By
/// `threads` threads (0: all); the same for any number.
///
/// # Errors
/// `Interrupted` where `go_on` says no.
pub fn summaries(
    simulation: &Simulation,
    threads: usize,
    go_on: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<Vec<Told>>> {
    let (n, years) = (simulation.shown, simulation.years + 1);
    let available = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = if threads == 0 { available } else { threads };
    let (next, stopped) = (AtomicUsize::new(0), AtomicBool::new(false));
    let done = Mutex::new(vec![vec![Told { summary: UNKNOWN, missing: 0 }; years]; n]);
    let work = || {
        let mut values = Vec::with_capacity(simulation.draws);
        let mut scratch = quantiles::Scratch::default();
        loop {
            let k = next.fetch_add(1, Ordering::Relaxed);
            if k >= n * years || stopped.load(Ordering::Relaxed) {
                return;
            }
            let (k, t) = (k / years, k % years);
            simulation.fill(k, t, &mut values);
            let told = quantiles::told(&mut values, &mut scratch);
            if let Ok(mut out) = done.lock() {
                out[k][t] = told;
            }
            if !go_on() {
                stopped.store(true, Ordering::Relaxed);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.min(n * years).max(1) {
            scope.spawn(work);
        }
        work();
    });
    if stopped.load(Ordering::Relaxed) {
        return Err(Error::Interrupted);
    }
    Ok(done.into_inner().unwrap_or_default())
}

impl Simulation {
    /// The table of indicators by year: year, indicator, label, unit, mean and quantiles. Flows have no row
    /// in the first year.
    ///
    /// # Errors
    /// `Data` where the table can't be built.
    pub fn table(&self, title: &str, notes: &[String]) -> Result<Table> {
        self.table_with(title, notes, 0, &|| true)
    }

    /// As [`Simulation::table`], on so many threads (0: all), until `go_on` says no.
    ///
    /// # Errors
    /// As [`Simulation::table`]; `Interrupted`.
    pub fn table_with(
        &self,
        title: &str,
        notes: &[String],
        threads: usize,
        go_on: &(dyn Fn() -> bool + Sync),
    ) -> Result<Table> {
        let all = summaries(self, threads, go_on)?;
        let mut rows = Vec::new();
        let (mut year, mut which) = (Vec::new(), Vec::new());
        for (k, by_year) in all.iter().enumerate() {
            let first = usize::from(self.indicators[k].is_flow());
            for (t, told) in by_year.iter().enumerate().skip(first) {
                year.push(i64::from(self.start) + t as i64);
                which.push(k);
                rows.push(told.summary);
            }
        }
        let text = |f: &dyn Fn(usize) -> String| which.iter().map(|k| f(*k)).collect::<Vec<_>>();
        let mut builder = Table::builder(title);
        for note in notes.iter().chain(&nobody_notes(&self.indicators, &all, self.start, self.draws)) {
            builder = builder.note(note);
        }
        builder = builder
            .int("year", "年份", "", year)
            .text("indicator", "指标代码", text(&|k| self.indicators[k].name.clone()))
            .text("label", "指标", text(&|k| self.indicators[k].label.clone()))
            .text("unit", "单位", text(&|k| self.indicators[k].unit.clone()));
        quantile_columns(builder, &rows, "").note(interval_note(self.draws)).build()
    }

    /// The year in which an indicator is highest, by draw: year and the share of draws, ascending years.
    /// A highest value in the first or the last year may lie beyond the projection.
    pub fn peak_years(&self, name: &str) -> Option<Vec<(i32, f64)>> {
        let k = self.position(name)?;
        let first = usize::from(self.indicators[k].is_flow());
        let mut best = vec![(f64::NEG_INFINITY, first); self.draws];
        let mut values = Vec::new();
        for t in first..=self.years {
            self.fill(k, t, &mut values);
            for (b, v) in best.iter_mut().zip(&values) {
                if *v > b.0 {
                    *b = (*v, t);
                }
            }
        }
        let mut counts = vec![0usize; self.years + 1];
        // A draw without a value in any year has no peak.
        best.retain(|b| b.0 > f64::NEG_INFINITY);
        best.iter().for_each(|b| counts[b.1] += 1);
        let share = |n: usize| n as f64 / best.len() as f64;
        let found = counts.iter().enumerate().filter(|c| *c.1 > 0);
        Some(found.map(|(t, n)| (self.start + t as i32, share(*n))).collect())
    }

    /// The probability that each year is the one in which an indicator is highest.
    ///
    /// # Errors
    /// `Model` for an indicator that was not simulated.
    pub fn peak_table(&self, name: &str) -> Result<Table> {
        let Some(peaks) = self.peak_years(name) else {
            let known: Vec<&str> = self.indicators.iter().map(|i| i.name.as_str()).collect();
            return Err(Error::model(
                Problem::new("indicator was not simulated").value(name).expected(known.join(", ")),
            ));
        };
        let mut sum = 0.0;
        let cumulative: Vec<f64> = peaks
            .iter()
            .map(|p| {
                sum += p.1;
                sum
            })
            .collect();
        Table::builder("峰值年份的概率")
            .note("峰值落在首年或末年的，真正的峰值可能在预测期以外。")
            .int("year", "年份", "", peaks.iter().map(|p| i64::from(p.0)))
            .float("probability", "为峰值年份的概率", "", peaks.iter().map(|p| p.1))
            .float("cumulative", "峰值不晚于该年的概率", "", cumulative)
            .build()
    }
}

fn interval_note(draws: usize) -> String {
    format!(
        "区间由{draws}次随机模拟得到，反映生育、死亡、迁移和基年年龄结构的不确定性；人口较少时还包括偶然波动。"
    )
}

/// Year, sex, age and quantiles of a population kept in full: [draw, year from `start` on, sex, age].
///
/// # Errors
/// `Model` for another number of sexes or ages.
pub fn by_age_table(
    population: ArrayView4<'_, f64>,
    start: i32,
    title: &str,
    notes: &[String],
) -> Result<Table> {
    if population.shape()[2..] != [2, AGES] {
        let got = format!("{:?}", population.shape());
        return Err(Error::model(Problem::new("wrong shape").value(got).expected("(draws, years, 2, 101)")));
    }
    let (draws, years) = (population.shape()[0], population.shape()[1]);
    let cells = years * 2 * AGES;
    let next = AtomicUsize::new(0);
    let done = Mutex::new(vec![UNKNOWN; cells]);
    let work = || {
        // A row of cells at a time: reading draw by draw would miss the cache at every step.
        let mut values = vec![Vec::new(); AGES];
        let mut scratch = quantiles::Scratch::default();
        loop {
            let row = next.fetch_add(1, Ordering::Relaxed);
            if row >= years * 2 {
                return;
            }
            values.iter_mut().for_each(Vec::clear);
            for d in 0..draws {
                let cells = population.slice(ndarray::s![d, row / 2, row % 2, ..]);
                values.iter_mut().zip(cells.iter()).for_each(|(v, c)| v.push(*c));
            }
            let rows: Vec<Summary> = values.iter_mut().map(|v| quantiles::summary(v, &mut scratch)).collect();
            if let Ok(mut out) = done.lock() {
                out[row * AGES..(row + 1) * AGES].copy_from_slice(&rows);
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
    let rows = done.into_inner().unwrap_or_default();
    let each = || 0..cells;
    let year = each().map(|i| i64::from(start) + (i / (2 * AGES)) as i64);
    let sex = each().map(|i| if (i / AGES).is_multiple_of(2) { "female" } else { "male" });
    let age = each().map(|i| (i % AGES) as i64);
    let mut builder = Table::builder(title);
    for note in notes {
        builder = builder.note(note);
    }
    builder = builder
        .array("year", "年份", "", Arc::new(Int64Array::from_iter_values(year)))
        .array("sex", "性别", "", Arc::new(StringArray::from_iter_values(sex)))
        .array("age", "年龄", "岁", Arc::new(Int64Array::from_iter_values(age)));
    quantile_columns(builder, &rows, "人").note("年龄100表示100岁及以上。").note(interval_note(draws)).build()
}
