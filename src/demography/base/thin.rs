//! A population by sex and single age from two numbers, with draws.

use ndarray::{Array1, Array2, Array3};

use super::ages::AGES;
use super::constraints::{Dependencies, Known, Sex, check, parse_key, persons};
use super::covariance::Covariance;
use super::printed::Printed;
use super::standard::Standard;
use super::tilt::{Row, solve};
use super::{AgeGroup, Base, Kind, Special};
use crate::draws::Key;
use crate::error::{Error, Problem, Result};

/// What is known of a place.
#[derive(Debug, Clone)]
pub struct ThinBaseSpec<'a> {
    pub total: Option<Printed>,
    pub count_60_plus: Option<Printed>,
    pub share_60_plus: Option<Printed>,
    /// Further groups (`80+`, `0-14`, `female 60+`): counts above 1, shares of the total up to 1.
    pub constraints: Vec<(String, Printed)>,
    pub standard: Standard,
    pub population: Kind,
    pub special: Option<Special>,
    pub draws: usize,
    pub seed: u64,
    pub region: &'a str,
}

impl Default for ThinBaseSpec<'_> {
    fn default() -> Self {
        Self {
            total: None,
            count_60_plus: None,
            share_60_plus: None,
            constraints: Vec::new(),
            standard: Standard::Named("china".to_owned()),
            population: Kind::default(),
            special: None,
            draws: 200,
            seed: 0,
            region: "",
        }
    }
}

/// Total, 60+ and further totals in persons; shares are kept beside so that draws keep them joined.
struct Totals {
    total: Printed,
    sixty: Option<Sixty>,
    others: Vec<(Known, bool)>, // true: given as a share of the total
}

/// How 60+ is known beside the total.
#[derive(Clone, Copy)]
struct Sixty {
    count: Option<Printed>,
    share: Option<Printed>,
    total_given: bool,
}

/// Reconstructs a population by sex and single age from known totals.
///
/// The standard is tilted by the smoothest log ratio that keeps the totals, smooth in the sense of
/// how counties differ from their provinces; draws add what such a tilt misses and the printed
/// precision of the figures.
///
/// # Errors
/// `Error::Data` for figures, labels or arrays that are wrong, `Error::Model` for totals that are not
/// enough or contradict each other (which, and by how many persons).
pub fn thin_base(spec: &ThinBaseSpec<'_>) -> Result<Base> {
    let totals = read(spec)?;
    let (standard, standard_words) = spec.standard.single()?;
    let special = spec.special.as_ref().map(|s| s.counts.clone());
    if let Some(s) = &special {
        super::standard::single_years(s, "special")?;
        if s.dim() != (2, AGES) {
            return Err(Error::data(
                Problem::new("wrong shape")
                    .column("special")
                    .value(format!("{:?}", s.dim()))
                    .expected("(2, 101)"),
            ));
        }
    }
    let known = totals.known(None);
    check(&known)?;
    let held = |cells: &[f64]| -> f64 {
        special.as_ref().map_or(0.0, |s| s.iter().zip(cells).map(|(v, c)| v * c).sum())
    };
    let problems: Vec<Problem> = known
        .iter()
        .filter(|k| k.persons.bounds().1 < held(&k.cells()))
        .map(|k| {
            Problem::new(format!("the special population has {:.0} persons in {}", held(&k.cells()), k.name))
                .column("special")
                .expected(format!("at most the {} of that group", persons(k.persons)))
        })
        .collect();
    if !problems.is_empty() {
        return Err(Error::Model(problems));
    }

    let model = Covariance::stored()?;
    let size = totals.total.value;
    let mean = model.mean_at(size);
    let factor = model.factor_single();
    let flat: Vec<f64> = standard.iter().map(|v| v * size / standard.sum()).collect();

    let cells: Vec<Vec<f64>> = known.iter().map(Known::cells).collect();
    let dependencies = Dependencies::of(&cells);
    let half_widths: Vec<f64> = known.iter().map(|k| k.persons.half_width).collect();
    let fit = |known: &[Known], start: &Array1<f64>| -> Result<Array2<f64>> {
        let mut targets: Vec<f64> = known.iter().map(|k| k.persons.value).collect();
        dependencies.reconcile(&mut targets, &half_widths);
        let mut base = flat.clone();
        let mut rows = Vec::new();
        for i in &dependencies.independent {
            let target = targets[*i] - held(&cells[*i]);
            if target <= 0.0 {
                // Nobody (or nobody but the special population) in this group.
                base.iter_mut().zip(&cells[*i]).filter(|(_, c)| **c > 0.0).for_each(|(b, _)| *b = 0.0);
            } else {
                rows.push(Row { name: known[*i].name.clone(), cells: cells[*i].clone(), target });
            }
        }
        let solved = solve(&base, start.view(), &factor, &rows)?;
        let mut population = Array2::from_shape_fn((2, AGES), |(s, x)| solved[s * AGES + x]);
        if let Some(s) = &special {
            population += s;
        }
        Ok(population)
    };
    let population = fit(&known, &mean)?;

    let figures = Key::new(spec.seed, "base.figures", spec.region);
    let shape = Key::new(spec.seed, "base.shape", spec.region);
    let mut draws = Array3::zeros((spec.draws, 2, AGES));
    for d in 0..spec.draws {
        let mut uniform = figures.stream(d as u64);
        let mut normal = shape.stream(d as u64);
        let known = totals.known(Some(&mut || uniform.uniform()));
        let shocks = Array1::from_iter((0..factor.ncols()).map(|_| normal.normal()));
        let start = &mean + &factor.dot(&shocks);
        let drawn = fit(&known, &start)?;
        draws.index_axis_mut(ndarray::Axis(0), d).assign(&drawn);
    }
    let notes = notes(spec, &totals, &standard_words);
    Ok(Base { population, draws, kind: spec.population, special, notes })
}

fn notes(spec: &ThinBaseSpec<'_>, totals: &Totals, standard: &str) -> Vec<String> {
    let mut notes = vec![format!(
        "口径：{}；总人口{}人。由少量合计数重建，不是普查数据。",
        spec.population.label(),
        persons(Printed { half_width: totals.total.half_width.round(), ..totals.total })
    )];
    notes.push(format!("标准年龄结构：{standard}；在保持各已知合计不变的前提下作最小偏离的平滑调整。"));
    if spec.population == Kind::Registered {
        notes.push(
            "标准结构来自常住人口普查，户籍人口与常住人口的差别（外出、就学）未单独计入区间。".to_owned(),
        );
    }
    notes.push(
        "区间包含：县与省年龄结构差异的经验协方差，以及已知数字的印刷精度；不包含已知数字本身的登记误差。"
            .to_owned(),
    );
    if let Some(s) = &spec.special {
        notes.push(format!("特殊人群（{}，{:.0}人）计入总数，推算时不随年龄推移。", s.name, s.counts.sum()));
    }
    notes
}

/// Reads and completes the totals; every figure that is wrong is reported.
fn read(spec: &ThinBaseSpec<'_>) -> Result<Totals> {
    let mut problems = Vec::new();
    let mut count = |name: &str, p: Option<Printed>| {
        let p = p?;
        if p.value.is_finite()
            && p.value > 0.0
            && p.half_width >= 0.0
            && p.half_width < p.value
            && p.value < 1e11
        {
            return Some(p);
        }
        problems.push(
            Problem::new("not a number of persons").column(name).value(p.value).expected("a number above 0"),
        );
        None
    };
    let total = count("total", spec.total);
    let sixty = count("count_60_plus", spec.count_60_plus);
    let share = spec.share_60_plus.filter(|p| {
        let fine = p.value > 0.0 && p.value < 1.0 && p.half_width >= 0.0 && p.half_width < p.value;
        if !fine {
            problems.push(
                Problem::new("not a share")
                    .column("share_60_plus")
                    .value(p.value)
                    .expected("above 0 and below 1, or text such as \"14.52%\""),
            );
        }
        fine
    });
    let mut others = Vec::new();
    for (key, p) in &spec.constraints {
        let column = format!("constraints[{key:?}]");
        if !(p.value.is_finite() && p.value >= 0.0 && p.half_width >= 0.0 && p.value < 1e11) {
            problems.push(
                Problem::new("not a count or share").column(column).value(p.value).expected("0 or more"),
            );
            continue;
        }
        match parse_key(key) {
            Ok((sex, group)) => {
                others.push((Known { name: key.clone(), sex, group, persons: *p }, p.value <= 1.0))
            }
            Err(e) => problems.extend(e.problems().iter().cloned().map(|p| p.column(column.clone()))),
        }
    }
    if !problems.is_empty() {
        return Err(Error::Data(problems));
    }
    let total = match (total, sixty, share) {
        (Some(total), Some(c), Some(s)) => {
            // Two ways to the total; where their intervals part, the three contradict each other.
            let (low, high) = quotient(c, s);
            let (t_low, t_high) = total.bounds();
            let gap = (low - t_high).max(t_low - high);
            if gap > 1e-9 * total.value {
                let c_off = gap * s.value;
                return Err(Error::model(
                    Problem::new(format!(
                        "count_60_plus ÷ share_60_plus gives {} persons, total is {}: they contradict each other by {} persons in the total ({} of 60+)",
                        persons(Printed { value: (low + high) / 2.0, half_width: (high - low) / 2.0 }),
                        persons(total),
                        persons(Printed::exact(gap.ceil())),
                        persons(Printed::exact(c_off.ceil())),
                    ))
                    .column("total, count_60_plus, share_60_plus")
                    .expected("figures that agree within their printed precision"),
                ));
            }
            total
        }
        (Some(total), _, _) => total,
        (None, Some(c), Some(s)) => {
            let (low, high) = quotient(c, s);
            Printed { value: c.value / s.value, half_width: (high - low) / 2.0 }
        }
        _ => {
            return Err(Error::model(
                Problem::new("not enough to know the total")
                    .column("total, count_60_plus, share_60_plus")
                    .expected("two of total, count_60_plus and share_60_plus, or total and constraints"),
            ));
        }
    };
    if sixty.is_none() && share.is_none() && others.is_empty() {
        return Err(Error::model(
            Problem::new("the total alone says nothing about ages")
                .column("count_60_plus, share_60_plus, constraints")
                .expected("one of them beside the total"),
        ));
    }
    let sixty = (sixty.is_some() || share.is_some()).then_some(Sixty {
        count: sixty,
        share,
        total_given: spec.total.is_some(),
    });
    Ok(Totals { total, sixty, others })
}

/// Smallest and largest quotient of two rounded figures.
fn quotient(count: Printed, share: Printed) -> (f64, f64) {
    let ((c0, c1), (s0, s1)) = (count.bounds(), share.bounds());
    (c0 / s1, c1 / s0)
}

impl Totals {
    /// The totals in persons: as given, or with `uniform` drawn within their printed precision so that
    /// shares, counts and the total still belong together.
    fn known(&self, uniform: Option<&mut dyn FnMut() -> f64>) -> Vec<Known> {
        let drawn = uniform.is_some();
        let mut zero = || 0.5;
        let uniform = match uniform {
            Some(u) => u,
            None => &mut zero,
        };
        let mut within = |p: Printed| p.value + (2.0 * uniform() - 1.0) * p.half_width;
        let (mut total, mut sixty) = (self.total.value, None);
        if let Some(s) = self.sixty {
            (total, sixty) = match (s.count, s.share) {
                (Some(c), Some(p)) if s.total_given => {
                    // The narrower of the two is drawn beside the total and the other one checked.
                    let by_count = c.half_width / c.value < p.half_width / p.value;
                    let fits = |(t, n): (f64, f64)| {
                        let ((c0, c1), (p0, p1)) = (c.bounds(), p.bounds());
                        if by_count { (p0..=p1).contains(&(n / t)) } else { (c0..=c1).contains(&n) }
                    };
                    let middle =
                        (self.total.value, if by_count { c.value } else { self.total.value * p.value });
                    let (t, n) = (0..if drawn { 1000 } else { 1 })
                        .map(|_| {
                            let t = within(self.total);
                            (t, if by_count { within(c) } else { t * within(p) })
                        })
                        .find(|pair| fits(*pair))
                        .unwrap_or(middle);
                    (t, Some(n))
                }
                (Some(c), Some(p)) => {
                    let (c, p) = (within(c), within(p));
                    (c / p, Some(c))
                }
                (Some(c), None) => (within(self.total), Some(within(c))),
                (None, Some(p)) => {
                    let t = within(self.total);
                    (t, Some(t * within(p)))
                }
                (None, None) => (within(self.total), None),
            };
        } else {
            total = if drawn { within(self.total) } else { total };
        }
        let group = |from| AgeGroup { from, to: AGES };
        let mut known = vec![Known {
            name: "total".to_owned(),
            sex: Sex::Both,
            group: group(0),
            persons: Printed { value: total, half_width: if drawn { 0.0 } else { self.total.half_width } },
        }];
        if let (Some(value), Some(s)) = (sixty, self.sixty) {
            let half_width = match (drawn, s.count, s.share) {
                (true, ..) => 0.0,
                (false, Some(c), _) => c.half_width,
                (false, None, Some(p)) => p.half_width * total + p.value * self.total.half_width,
                (false, None, None) => 0.0,
            };
            known.push(Known {
                name: "60+".to_owned(),
                sex: Sex::Both,
                group: group(60),
                persons: Printed { value, half_width },
            });
        }
        for (k, share) in &self.others {
            let p = k.persons;
            let (value, half_width) = if *share {
                (within(p) * total, p.half_width * total + p.value * self.total.half_width)
            } else {
                (within(p), p.half_width)
            };
            known.push(Known {
                persons: Printed { value, half_width: if drawn { 0.0 } else { half_width } },
                ..k.clone()
            });
        }
        known
    }
}
