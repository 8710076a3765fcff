//! Several regions at once, each with its own draws, raked to a parent on request.
//!
//! A region's draws depend on (seed, region, draw) alone: not on the order of the regions, nor on which others
//! come with it. Raked, each draw of the regions adds to the same draw of the parent in every cell.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use ndarray::{Array2, Array3};

use super::chunk::{self, Kept, Rake, Tables};
use super::ensemble::{self, EnsembleSpec, Paths, Simulation, Spread};
use super::ensemble_checks::{check as check_ensemble, room};
use super::indicators::Indicator;
use super::lanes;
use super::mortality::AGES;
use super::output;
use super::quantiles::{self, Scratch, Told};
use super::simulation::{CHUNK, pieces};
use super::store::Store;
use super::told::{self, nobody_notes};
use crate::error::{Error, Problem, Result};
use crate::tables::Table;

/// One region and its base population on 31 December of the start.
#[derive(Debug, Clone)]
pub struct Region {
    /// A place code: it names the region's streams.
    pub code: String,
    /// (2, 101)
    pub base: Array2<f64>,
    /// (n, 2, 101)
    pub base_draws: Option<Array3<f64>>,
    /// The region's own paths; `None`: those of the run.
    pub paths: Option<Paths>,
}

/// A run of regions.
#[derive(Debug, Clone)]
pub struct RegionsSpec<'a> {
    pub regions: &'a [Region],
    /// Each draw of the regions is raked to the same draw of this one.
    pub parent: Option<&'a Region>,
    pub start: i32,
    pub paths: &'a Paths,
    pub spread: &'a Spread,
    pub seed: u64,
    pub draws: usize,
    /// 0: all.
    pub threads: usize,
}

/// As many notes of single regions stand under a table.
const NOTES: usize = 5;

impl<'a> RegionsSpec<'a> {
    fn spec(&self, region: &'a Region, full: bool) -> EnsembleSpec<'a> {
        EnsembleSpec {
            base: region.base.view(),
            base_draws: region.base_draws.as_ref().map(|d| d.view()),
            special: None,
            start: self.start,
            paths: region.paths.as_ref().unwrap_or(self.paths),
            spread: self.spread,
            seed: self.seed,
            region: &region.code,
            draws: self.draws,
            threads: 1,
            full,
        }
    }

    fn threads(&self, work: usize) -> usize {
        let available = std::thread::available_parallelism().map_or(1, usize::from);
        (if self.threads == 0 { available } else { self.threads }).clamp(1, work.max(1))
    }
}

/// Mean and quantiles [region][indicator][year 0…T] of every region, then of the parent where there is one.
///
/// # Errors
/// `Data` with the problems of all regions, two regions with one code, none at all; `Model` where raking would
/// take more memory than it may; `Interrupted`.
pub fn project_regions(
    spec: &RegionsSpec<'_>,
    indicators: &[Indicator],
    step: &(dyn Fn(usize, usize) -> bool + Sync),
) -> Result<Vec<Vec<Vec<Told>>>> {
    check(spec)?;
    match spec.parent {
        None => independent(spec, indicators, step),
        Some(parent) => raked(spec, parent, indicators, step),
    }
}

fn check(spec: &RegionsSpec<'_>) -> Result<()> {
    let mut problems = Vec::new();
    if spec.regions.is_empty() {
        problems.push(Problem::new("no regions").expected("at least one"));
    }
    let mut codes: Vec<&str> = spec.regions.iter().chain(spec.parent).map(|r| r.code.as_str()).collect();
    codes.sort_unstable();
    for pair in codes.windows(2).filter(|p| p[0] == p[1]) {
        problems.push(Problem::new("two regions with one code").column("region").value(pair[0]));
    }
    for (i, region) in spec.regions.iter().chain(spec.parent).enumerate() {
        if let Err(e) = check_ensemble(&spec.spec(region, false)) {
            problems.extend(e.problems().iter().cloned().map(|p| {
                let column = p.column.clone().unwrap_or_default();
                p.row(i + 1).column(format!("{} of region {}", column, region.code))
            }));
        }
        if region.paths.as_ref().is_some_and(|p| p.tfr.len() != spec.paths.tfr.len()) {
            problems.push(Problem::new("paths of another length").row(i + 1).column("paths"));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Data(problems)) }
}

fn independent(
    spec: &RegionsSpec<'_>,
    indicators: &[Indicator],
    step: &(dyn Fn(usize, usize) -> bool + Sync),
) -> Result<Vec<Vec<Vec<Told>>>> {
    let n = spec.regions.len();
    let years = spec.paths.tfr.len() + 1;
    let threads = spec.threads(n);
    room(threads.saturating_mul(indicators.len() * years * spec.draws), || {
        format!(
            "{threads} regions at a time, {} draws × {years} years × {} values",
            spec.draws,
            indicators.len()
        )
    })?;
    let (next, done, stopped) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    /// By region: summaries by indicator and year, once they are done.
    type Done = Vec<Option<Result<Vec<Vec<Told>>>>>;
    let results: Mutex<Done> = Mutex::new(vec![None; n]);
    let work = || {
        let (mut values, mut scratch) = (Vec::with_capacity(spec.draws), Scratch::default());
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            if i >= n || stopped.load(Ordering::Relaxed) {
                return;
            }
            // A large region alone must be stopped as soon as many small ones.
            let go_on = |_, _| {
                if !step(done.load(Ordering::Relaxed), n) {
                    stopped.store(true, Ordering::Relaxed);
                }
                !stopped.load(Ordering::Relaxed)
            };
            let run = ensemble::simulate(&spec.spec(&spec.regions[i], false), indicators.to_vec(), &go_on);
            let result = run.map(|s| {
                (0..indicators.len())
                    .map(|k| {
                        (0..=s.years)
                            .map(|t| {
                                s.fill(k, t, &mut values);
                                quantiles::told(&mut values, &mut scratch)
                            })
                            .collect()
                    })
                    .collect()
            });
            if let Ok(mut all) = results.lock() {
                all[i] = Some(result);
            }
            if !step(done.fetch_add(1, Ordering::Relaxed) + 1, n) {
                stopped.store(true, Ordering::Relaxed);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
    if stopped.load(Ordering::Relaxed) {
        return Err(Error::Interrupted);
    }
    let all = results.into_inner().unwrap_or_default();
    all.into_iter().map(|r| r.unwrap_or(Err(Error::Interrupted))).collect()
}

fn raked(
    spec: &RegionsSpec<'_>,
    parent: &Region,
    indicators: &[Indicator],
    step: &(dyn Fn(usize, usize) -> bool + Sync),
) -> Result<Vec<Vec<Vec<Told>>>> {
    let years = spec.paths.tfr.len();
    let n = spec.regions.len();
    room((n + 1).saturating_mul(indicators.len() * (years + 1) * spec.draws), || {
        format!(
            "{} regions × {} draws × {} years × {} values",
            n + 1,
            spec.draws,
            years + 1,
            indicators.len()
        )
    })?;
    let tables: Vec<Tables> = spec
        .regions
        .iter()
        .chain([parent])
        .map(|r| Tables::new(&spec.spec(r, true)))
        .collect::<Result<_>>()?;
    // Births and deaths are raked too, so they are kept beside what was asked for.
    let flows = Indicator::parse_all(&["births", "deaths"])?;
    let chunk_count = spec.draws.div_ceil(CHUNK);
    let each = indicators.len() * (years + 1);
    let mut stores: Vec<Store> = (0..=n).map(|_| Store::zeros(each * spec.draws)).collect();
    // The same chunk of all regions is one piece of work.
    let mut queue: Vec<Vec<&mut [f64]>> = (0..chunk_count).map(|_| Vec::with_capacity(n + 1)).collect();
    for store in &mut stores {
        let pieces = pieces(store, each, spec.draws);
        queue.iter_mut().zip(pieces).for_each(|(chunk, piece)| chunk.push(piece));
    }
    let queue = Mutex::new(queue.into_iter().enumerate());
    let (done, stopped) = (AtomicUsize::new(0), AtomicBool::new(false));
    let work = || {
        loop {
            let next = queue.lock().ok().and_then(|mut queue| queue.next());
            let Some((c, parts)) = next.filter(|_| !stopped.load(Ordering::Relaxed)) else {
                return;
            };
            let first = c * CHUNK;
            let draws = CHUNK.min(spec.draws - first);
            let full = |region, tables: &Tables| {
                let spec = spec.spec(region, true);
                let mut values = vec![0.0; flows.len() * (years + 1) * draws];
                let mut population = vec![0.0; draws * (years + 1) * 2 * AGES];
                let mut kept = Kept { values: &mut values, population: &mut population };
                chunk::run_chunk(&spec, tables, &flows, first..first + draws, None, &mut kept);
                (values, population)
            };
            let (whole_flows, whole) = full(parent, &tables[n]);
            let mut sums = vec![0.0; whole.len()];
            let mut flow_sums = vec![0.0; whole_flows.len()];
            for (region, tables) in spec.regions.iter().zip(&tables) {
                let (values, population) = full(region, tables);
                sums.iter_mut().zip(&population).for_each(|(s, p)| *s += p);
                flow_sums.iter_mut().zip(&values).for_each(|(s, p)| *s += p);
            }
            let ratio = |a: f64, b: f64| if b > 0.0 { a / b } else { 1.0 };
            let flow = |k: usize| -> Vec<f64> {
                let at = |d: usize, t: usize| (k * (years + 1) + t) * draws + d;
                let by_year = |d: usize| (1..=years).map(move |t| at(d, t));
                (0..draws).flat_map(by_year).map(|i| ratio(whole_flows[i], flow_sums[i])).collect()
            };
            let rake = Rake {
                cells: whole.iter().zip(&sums).map(|(a, b)| ratio(*a, *b)).collect(),
                births: flow(0),
                deaths: flow(1),
            };
            for (i, ((region, tables), values)) in
                spec.regions.iter().chain([parent]).zip(&tables).zip(parts).enumerate()
            {
                let spec = spec.spec(region, false);
                let mut kept = Kept { values, population: &mut [] };
                let rake = (i < n).then_some(&rake);
                chunk::run_chunk(&spec, tables, indicators, first..first + draws, rake, &mut kept);
            }
            if !step(done.fetch_add(draws, Ordering::Relaxed) + draws, spec.draws) {
                stopped.store(true, Ordering::Relaxed);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..spec.threads(chunk_count) {
            scope.spawn(work);
        }
        work();
    });
    drop(queue);
    if stopped.load(Ordering::Relaxed) {
        return Err(Error::Interrupted);
    }
    let summarise = |values: Store| {
        let simulation = Simulation {
            start: spec.start,
            draws: spec.draws,
            years,
            indicators: indicators.to_vec(),
            values: Arc::new(values),
            shown: indicators.len(),
            population: Vec::new(),
        };
        output::summaries(&simulation, spec.threads, &|| step(spec.draws, spec.draws))
    };
    stores.into_iter().map(summarise).collect()
}

/// The sum of regions as a parent: its base is theirs added up (draw by draw where they have draws).
///
/// # Errors
/// `Data` where a base has another shape.
pub fn sum_of(regions: &[Region], code: &str) -> Result<Region> {
    let mut base = Array2::zeros((2, AGES));
    for r in regions {
        if r.base.shape() != [2, AGES] {
            return Err(Error::data(Problem::new("wrong shape").column(&r.code).expected("(2, 101)")));
        }
        base += &r.base;
    }
    let n = regions.iter().filter_map(|r| r.base_draws.as_ref().map(|d| d.shape()[0])).max().unwrap_or(0);
    let base_draws = (n > 0).then(|| {
        let mut sum = Array3::zeros((n, 2, AGES));
        for (i, mut draw) in sum.axis_iter_mut(ndarray::Axis(0)).enumerate() {
            for r in regions {
                match &r.base_draws {
                    Some(d) => draw += &d.index_axis(ndarray::Axis(0), i % d.shape()[0]),
                    None => draw += &r.base,
                }
            }
        }
        sum
    });
    Ok(Region { code: code.to_owned(), base, base_draws, paths: None })
}

/// The table of regions, a parent after them: region, year, indicator, label, unit, mean and quantiles.
///
/// # Errors
/// `Data` where the table can't be built.
pub fn table(
    spec: &RegionsSpec<'_>,
    indicators: &[Indicator],
    summaries: &[Vec<Vec<Told>>],
    title: &str,
    notes: &[String],
) -> Result<Table> {
    let mut rows = Vec::new();
    let (mut region, mut year, mut which) = (Vec::new(), Vec::new(), Vec::new());
    let every = || spec.regions.iter().chain(spec.parent);
    for (r, by_indicator) in every().zip(summaries) {
        for (k, by_year) in by_indicator.iter().enumerate() {
            for (t, s) in by_year.iter().enumerate().skip(usize::from(indicators[k].is_flow())) {
                region.push(r.code.as_str());
                year.push(i64::from(spec.start) + t as i64);
                which.push(k);
                rows.push(s.summary);
            }
        }
    }
    let mut builder = Table::builder(title);
    for note in notes {
        builder = builder.note(note);
    }
    let mut own = Vec::new();
    for (r, by_indicator) in every().zip(summaries) {
        let mut of_region = nobody_notes(indicators, by_indicator, spec.start, spec.draws);
        of_region.extend(told::migration_shortfall(&spec.spec(r, false))?.map(told::migration_note));
        own.extend(of_region.into_iter().map(|note| format!("地区“{}”：{note}", r.code)));
    }
    // A thousand counties may have the same to say.
    for note in own.iter().take(NOTES) {
        builder = builder.note(note);
    }
    if own.len() > NOTES {
        builder = builder.note(format!("另有{}条各地区的同类说明，从略。", own.len() - NOTES));
    }
    if let Some(parent) = spec.parent {
        builder =
            builder.note(format!("各地区逐次模拟按“{}”的同一次模拟逐格平差，合计与之一致。", parent.code));
    }
    builder = builder
        .text("region", "地区", region)
        .int("year", "年份", "", year)
        .text("indicator", "指标代码", which.iter().map(|k| indicators[*k].name.as_str()))
        .text("label", "指标", which.iter().map(|k| indicators[*k].label.as_str()))
        .text("unit", "单位", which.iter().map(|k| indicators[*k].unit.as_str()));
    output::quantile_columns(builder, &rows, "").build()
}

const _: () = assert!(CHUNK.is_multiple_of(lanes::L), "a chunk is whole blocks of lanes");
