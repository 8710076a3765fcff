//! The cohort-component projection, exactly as the UN's engine does it, for any group width.
//!
//! Conventions: `survival[0]` is that of newborns, `survival[x]` into group x, the last into the open
//! group from the two groups below and in it (or two rows, apart). Births are w·Σ f·(F_start + F_end)/2.
//! United Nations, World Population Prospects 2022/2024, Methodology; Preston et al. 2001, chapter 6.

use multiversion::multiversion;
use ndarray::{ArrayD, ArrayViewD, Dimension, IxDyn};

use super::kernel::{self, Schedule};
use crate::error::{Error, Problem, Result};

/// When the migrants of a step come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Timing {
    /// All at the end of the step (WPP2022, WPP2024).
    #[default]
    End,
    /// Half at the start, half at the end (WPP2019).
    Even,
}

/// What happens where a population would turn negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Clamp {
    /// Refuse, and name the cells.
    #[default]
    Refuse,
    /// As the UN's engine: before the step M := 1e-5 - P where P + M ≤ 0, after it 0.0005 for negatives.
    Un,
}

/// What a projection starts from. Shapes: A groups, T steps; a leading draw axis D on any of them.
#[derive(Debug, Clone)]
pub struct Inputs<'a> {
    /// (2, A)
    pub population: ArrayViewD<'a, f64>,
    /// (T, 2, A), or (T, 2, A+1) with the open group's two survivals apart.
    pub survival: ArrayViewD<'a, f64>,
    /// (T, A) births per woman and year.
    pub fertility: ArrayViewD<'a, f64>,
    /// (T,) males per female at birth.
    pub srb: ArrayViewD<'a, f64>,
    /// (T, 2, A) net persons in the step.
    pub migration: Option<ArrayViewD<'a, f64>>,
    /// (T, 2, A) persons who leave per survivor at the end of the step, 0 to 1.
    pub emigration: Option<ArrayViewD<'a, f64>>,
    pub timing: Timing,
    /// Width of a group and of a step in years.
    pub width: u32,
    pub clamp: Clamp,
    /// Asks for births by age of mother.
    pub births_by_age: bool,
    pub deaths: bool,
}

/// A cell that `Clamp::Un` changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Touched {
    pub draw: usize,
    pub step: usize,
    pub sex: usize,
    pub group: usize,
    /// What would have stood there.
    pub was: f64,
}

/// A projection; every array has a leading draw axis where an input had one.
#[derive(Debug, Clone)]
pub struct Projection {
    /// (T+1, 2, A)
    pub population: ArrayD<f64>,
    /// (T, 2)
    pub births: ArrayD<f64>,
    /// (T, 2, A) cohort deaths by the group at the end of the step; empty where not asked for.
    pub deaths: ArrayD<f64>,
    /// (T, A) births by age group of the mother, where asked for.
    pub births_by_age: Option<ArrayD<f64>>,
    pub touched: Vec<Touched>,
}

/// The shapes that the inputs agree on.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    draws: Option<usize>,
    steps: usize,
    groups: usize,
    /// The open group's two survivals stand apart.
    apart: bool,
}

impl Shape {
    /// (T+1, 2, A), with a leading draw axis where an input has one; as are the others.
    pub fn population(&self) -> Vec<usize> {
        self.with_draws(&[self.steps + 1, 2, self.groups])
    }

    /// (T, 2)
    pub fn births(&self) -> Vec<usize> {
        self.with_draws(&[self.steps, 2])
    }

    /// (T, 2, A)
    pub fn deaths(&self) -> Vec<usize> {
        self.with_draws(&[self.steps, 2, self.groups])
    }

    /// (T, A)
    pub fn births_by_age(&self) -> Vec<usize> {
        self.with_draws(&[self.steps, self.groups])
    }

    fn with_draws(&self, dims: &[usize]) -> Vec<usize> {
        self.draws.iter().chain(dims).copied().collect()
    }
}

/// Where a projection is written, each as long as its shape; what is not asked for is empty.
pub struct Room<'a> {
    pub population: &'a mut [f64],
    pub births: &'a mut [f64],
    pub deaths: &'a mut [f64],
    pub births_by_age: &'a mut [f64],
}

/// Runs the projection.
///
/// # Errors
/// `Data` with every problem found: shapes (with the one that was expected), NaN, negative populations
/// and rates, survival above 1, fertility under 10 or over 59, a ratio of the sexes that is not positive;
/// `Model` where a population would turn negative, with draw, step, sex and group.
pub fn project(inputs: &Inputs<'_>) -> Result<Projection> {
    let shape = shape(inputs)?;
    let zeros = |wanted: bool, dims: Vec<usize>| ArrayD::zeros(IxDyn(if wanted { &dims } else { &[0] }));
    let mut population = zeros(true, shape.population());
    let mut births = zeros(true, shape.births());
    let mut deaths = zeros(inputs.deaths, shape.deaths());
    let mut by_age = zeros(inputs.births_by_age, shape.births_by_age());
    let room = Room {
        population: population.as_slice_mut().unwrap_or_default(),
        births: births.as_slice_mut().unwrap_or_default(),
        deaths: deaths.as_slice_mut().unwrap_or_default(),
        births_by_age: by_age.as_slice_mut().unwrap_or_default(),
    };
    let touched = project_into(inputs, &shape, room)?;
    let births_by_age = inputs.births_by_age.then_some(by_age);
    Ok(Projection { population, births, deaths, births_by_age, touched })
}

/// Runs the projection into room that stands already. What is in the room after an error means nothing.
///
/// # Errors
/// As [`project`].
pub fn project_into(inputs: &Inputs<'_>, shape: &Shape, room: Room<'_>) -> Result<Vec<Touched>> {
    let fits = |room: &[f64], dims: Vec<usize>, wanted: bool| {
        room.len() == if wanted { dims.iter().product() } else { 0 }
    };
    if !fits(room.population, shape.population(), true)
        || !fits(room.births, shape.births(), true)
        || !fits(room.deaths, shape.deaths(), inputs.deaths)
        || !fits(room.births_by_age, shape.births_by_age(), inputs.births_by_age)
    {
        return Err(Error::model(Problem::new("the room for a projection has another size than its shape")));
    }
    run(inputs, shape, room)
}

/// The same operations on the widest vectors that this machine has.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx2", "x86_64+avx2"), dispatcher = "direct")]
fn run<'a>(inputs: &Inputs<'a>, shape: &Shape, room: Room<'_>) -> Result<Vec<Touched>> {
    let Room { population, births, deaths, births_by_age: by_age } = room;
    values(inputs, shape)?;
    let (a, t) = (shape.groups, shape.steps);
    let n = shape.draws.unwrap_or(1);
    let mut touched = Vec::new();
    let mut negative = Negative::default();
    let base = Source::new(&inputs.population, 2);
    let survival = Source::new(&inputs.survival, 3);
    let fertility = Source::new(&inputs.fertility, 2);
    let srb = Source::new(&inputs.srb, 1);
    let migration = inputs.migration.as_ref().map(|m| Source::new(m, 3));
    let emigration = inputs.emigration.as_ref().map(|m| Source::new(m, 3));
    let mut changed = vec![0.0; 2 * a];
    for d in 0..n {
        let stocks = &mut population[d * (t + 1) * 2 * a..(d + 1) * (t + 1) * 2 * a];
        stocks[..2 * a].copy_from_slice(base.draw(d));
        let rows = 2 * (a + usize::from(shape.apart));
        for step in 0..t {
            let (before, after) = stocks[step * 2 * a..(step + 2) * 2 * a].split_at_mut(2 * a);
            let mut moved = migration.as_ref().map(|m| &m.draw(d)[step * 2 * a..(step + 1) * 2 * a]);
            if inputs.clamp == Clamp::Un
                && let Some(m) = moved
            {
                changed.copy_from_slice(m);
                for (i, (m, p)) in changed.iter_mut().zip(before.iter()).enumerate() {
                    if *m != 0.0 && p + *m <= 0.0 {
                        touched.push(Touched { draw: d, step, sex: i / a, group: i % a, was: p + *m });
                        *m = 1e-5 - p;
                    }
                }
                moved = Some(&changed);
            }
            let schedule = Schedule {
                survival: &survival.draw(d)[step * rows..(step + 1) * rows],
                fertility: &fertility.draw(d)[step * a..(step + 1) * a],
                srb: srb.draw(d)[step],
                migration: moved,
                emigration: emigration.as_ref().map(|m| &m.draw(d)[step * 2 * a..(step + 1) * 2 * a]),
                even: inputs.timing == Timing::Even,
                width: f64::from(inputs.width),
            };
            let at = (d * t + step) * 2;
            let mut none = [];
            let dead: &mut [f64] = if inputs.deaths { &mut deaths[at * a..(at + 2) * a] } else { &mut none };
            let mut none = [];
            let mothers: &mut [f64] = if inputs.births_by_age {
                &mut by_age[(d * t + step) * a..(d * t + step + 1) * a]
            } else {
                &mut none
            };
            let born = kernel::step(before, &schedule, after, dead, mothers);
            births[at..at + 2].copy_from_slice(&born);
            if all_within(after, 0.0, f64::MAX) {
                continue;
            }
            for (i, p) in after.iter_mut().enumerate() {
                if *p < 0.0 {
                    if inputs.clamp == Clamp::Un {
                        touched.push(Touched { draw: d, step, sex: i / a, group: i % a, was: *p });
                        *p = 0.0005;
                    } else if *p > -ROUNDING {
                        *p = 0.0;
                    } else {
                        negative.add(shape.draws.map(|_| d), step, i / a, (i % a) as u32 * inputs.width, *p);
                        *p = 0.0;
                    }
                }
            }
            if negative.count > 0 {
                // What follows a refused step says nothing new about this draw.
                break;
            }
        }
    }
    negative.refuse()?;
    Ok(touched)
}

/// A contiguous input with or without a draw axis.
struct Source<'a> {
    values: std::borrow::Cow<'a, [f64]>,
    /// Length of one draw; 0 where the input is shared by all draws.
    stride: usize,
    each: usize,
}

impl<'a> Source<'a> {
    fn new(view: &'a ArrayViewD<'a, f64>, plain_dims: usize) -> Self {
        let values = match view.as_slice() {
            Some(slice) => std::borrow::Cow::Borrowed(slice),
            None => std::borrow::Cow::Owned(view.iter().copied().collect()),
        };
        let each: usize = view.shape()[view.ndim() - plain_dims..].iter().product();
        Self { values, stride: if view.ndim() > plain_dims { each } else { 0 }, each }
    }

    fn draw(&self, d: usize) -> &[f64] {
        &self.values[d * self.stride..d * self.stride + self.each]
    }
}

/// The shapes that the inputs agree on.
///
/// # Errors
/// `Data` with every input whose shape does not fit.
pub fn shape(inputs: &Inputs<'_>) -> Result<Shape> {
    let mut problems = Vec::new();
    let pop = inputs.population.shape();
    let sur = inputs.survival.shape();
    let bad = |what: &str, got: &[usize], expected: String| {
        Problem::new("wrong shape").column(what).value(format!("{got:?}")).expected(expected)
    };
    if inputs.width == 0 {
        problems.push(Problem::new("width is 0").column("width").expected("years from 1 on"));
    }
    if !(2..=3).contains(&pop.len()) || pop[pop.len() - 2] != 2 || pop[pop.len() - 1] < 3 {
        problems.push(bad(
            "population",
            pop,
            "(2, A) or (draws, 2, A): sex (female, male), then at least 3 age groups".to_owned(),
        ));
    }
    if !(3..=4).contains(&sur.len()) || sur[sur.len() - 2] != 2 {
        problems.push(bad(
            "survival",
            sur,
            "(T, 2, A) or (T, 2, A+1), with or without a leading draw axis: year, sex, age".to_owned(),
        ));
    }
    if !problems.is_empty() {
        return Err(Error::Data(problems));
    }
    let a = pop[pop.len() - 1];
    let t = sur[sur.len() - 3];
    let rows = sur[sur.len() - 1];
    if rows != a && rows != a + 1 {
        problems.push(bad("survival", sur, format!("({t}, 2, {a}) or ({t}, 2, {})", a + 1)));
    }
    let mut draws: Option<(usize, &str)> = None;
    let mut one = |name: &'static str, got: &[usize], plain: &[usize]| {
        if got == plain {
            return;
        }
        if got.len() == plain.len() + 1 && &got[1..] == plain {
            match draws {
                None => draws = Some((got[0], name)),
                Some((n, first)) if n != got[0] => problems.push(
                    Problem::new("another number of draws")
                        .column(name)
                        .value(got[0])
                        .expected(format!("{n} draws as in {first}")),
                ),
                Some(_) => {}
            }
            return;
        }
        problems.push(bad(name, got, format!("{plain:?}, with or without a leading draw axis")));
    };
    one("population", pop, &[2, a]);
    if rows == a || rows == a + 1 {
        one("survival", sur, &[t, 2, rows]);
    }
    one("fertility", inputs.fertility.shape(), &[t, a]);
    one("srb", inputs.srb.shape(), &[t]);
    if let Some(m) = &inputs.migration {
        one("migration", m.shape(), &[t, 2, a]);
    }
    if let Some(m) = &inputs.emigration {
        one("emigration", m.shape(), &[t, 2, a]);
    }
    if let Some((0, name)) = draws {
        problems.push(Problem::new("no draws").column(name).value(0).expected("at least one draw"));
    }
    if problems.is_empty() {
        Ok(Shape { draws: draws.map(|d| d.0), steps: t, groups: a, apart: rows == a + 1 })
    } else {
        Err(Error::Data(problems))
    }
}

/// True where every value lies from `low` to `high`; NaN does not.
#[inline(always)]
fn all_within(values: &[f64], low: f64, high: f64) -> bool {
    let (rows, rest) = values.as_chunks::<8>();
    let mut outside = [0u64; 8];
    for row in rows {
        for i in 0..8 {
            outside[i] |= u64::from(!((row[i] >= low) & (row[i] <= high)));
        }
    }
    outside == [0; 8] && rest.iter().all(|v| *v >= low && *v <= high)
}

/// What is less than nobody by rounding alone: all who are there leave, and 3e-20 too many.
const ROUNDING: f64 = 1e-9;

/// At most this many cells of one input are named one by one.
const NAMED: usize = 10;

#[inline(always)]
fn values(inputs: &Inputs<'_>, shape: &Shape) -> Result<()> {
    let mut problems = Vec::new();
    // A sum tells in one pass that all is finite; only where it isn't, or a bound is crossed, cells are named.
    let mut one = |name: &str, view: &ArrayViewD<'_, f64>, low: f64, high: f64, expected: &str| {
        let outside = |v: f64| !(v >= low && v <= high && v.is_finite());
        let fine = match view.as_slice() {
            Some(v) => all_within(v, low, high),
            None => view.iter().all(|v| !outside(*v)),
        };
        if fine {
            return;
        }
        let bad: Vec<_> = view.indexed_iter().filter(|(_, v)| outside(**v)).collect();
        for (at, v) in bad.iter().take(NAMED) {
            problems.push(
                Problem::new("value out of range")
                    .column(format!("{name}{:?}", at.slice()))
                    .value(v)
                    .expected(expected),
            );
        }
        if bad.len() > NAMED {
            problems
                .push(Problem::new(format!("{} more such cells", bad.len() - NAMED)).column(name.to_owned()));
        }
    };
    let top = f64::MAX;
    one("population", &inputs.population, 0.0, top, "persons from 0 on");
    one("survival", &inputs.survival, 0.0, 1.0, "a survival ratio from 0 to 1");
    // No age bears a child a year and woman: what is higher is printed per thousand.
    one(
        "fertility",
        &inputs.fertility,
        0.0,
        1.0,
        "births per woman and year, 0 to 1 (0.085, not 85 per 1,000)",
    );
    one("srb", &inputs.srb, 0.5, 2.0, "males per female, 0.5 to 2 (1.05, not 105 per 100)");
    if let Some(m) = &inputs.migration {
        one("migration", m, -top, top, "a number of persons");
    }
    if let Some(m) = &inputs.emigration {
        one("emigration", m, 0.0, 1.0, "a share of the survivors from 0 to 1");
    }
    barren_ages(inputs, shape, &mut problems);
    if problems.is_empty() { Ok(()) } else { Err(Error::Data(problems)) }
}

/// Fertility is refused where positive in a group that ends by 10 or starts from 60 on, except in the first
/// and the open group, where it is ignored.
fn barren_ages(inputs: &Inputs<'_>, shape: &Shape, problems: &mut Vec<Problem>) {
    let w = inputs.width as usize;
    let last = shape.groups - 1;
    let mut cells = 0;
    let barren: Vec<usize> = (1..last).filter(|x| (x + 1) * w <= 10 || x * w >= 60).collect();
    // Almost always there is none: ranges of whole rows tell so, without an index for each cell.
    let none_in = |row: &[f64]| {
        let young = (10 / w).clamp(1, last);
        let old = 60usize.div_ceil(w).clamp(1, last);
        all_within(&row[1..young], f64::NEG_INFINITY, 0.0)
            && all_within(&row[old..last], f64::NEG_INFINITY, 0.0)
    };
    if w > 0
        && let Some(all) = inputs.fertility.as_slice()
        && all.chunks_exact(shape.groups).all(none_in)
    {
        return;
    }
    let axis = ndarray::Axis(inputs.fertility.ndim() - 1);
    for x in barren {
        let column = inputs.fertility.index_axis(axis, x);
        for (at, v) in column.indexed_iter() {
            if *v > 0.0 {
                cells += 1;
                if cells <= NAMED {
                    problems.push(
                        Problem::new(format!("fertility at age {}", x * w))
                            .column(format!("fertility{:?}[{x}]", at.slice()))
                            .value(v)
                            .expected("0 under age 10 and from 60 on"),
                    );
                }
            }
        }
    }
    if cells > NAMED {
        problems.push(Problem::new(format!("{} more such cells", cells - NAMED)).column("fertility"));
    }
}

#[derive(Default)]
struct Negative {
    count: usize,
    problems: Vec<Problem>,
}

impl Negative {
    fn add(&mut self, draw: Option<usize>, step: usize, sex: usize, age: u32, value: f64) {
        self.count += 1;
        if self.count <= NAMED {
            let draw = draw.map_or_else(String::new, |d| format!("draw {d}, "));
            let sex = if sex == 0 { "female" } else { "male" };
            self.problems.push(
                Problem::new(format!(
                    "the population would turn negative: {draw}year {step}, {sex}, age {age}"
                ))
                .column("migration")
                .value(value)
                .expected(
                    "fewer to leave than there are; out-migration as rates (emigration=), or clamp=\"un\"",
                ),
            );
        }
    }

    fn refuse(mut self) -> Result<()> {
        if self.count > NAMED {
            self.problems.push(Problem::new(format!("{} more such cells", self.count - NAMED)));
        }
        if self.problems.is_empty() { Ok(()) } else { Err(Error::Model(self.problems)) }
    }
}
