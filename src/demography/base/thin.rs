//! A population by sex and single age from two numbers, with draws.

use ndarray::{Array1, Array2, Array3, Axis, concatenate};

use super::ages::{AGES, AgeGroup};
use super::cohorts::{COHORTS, shift};
use super::constraints::{Dependencies, Known, Sex, check, persons};
use super::covariance::{Place, Residuals, Scale, columns_to_single, to_single, waves};
use super::donors::{Donors, share_60, to_cells};
use super::printed::Printed;
use super::standard::{Resolved, Standard};
use super::tilt::{Row, solve};
use super::totals::{Totals, read};
use super::{Base, Kind, MOST_DRAWS, Special};
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
    /// Counties to learn from; `None`: the stored covariance alone.
    pub donors: Option<Donors>,
    /// How counties differ from their provinces, where one's own estimate is to replace the stored one.
    pub residuals: Option<Residuals>,
    pub population: Kind,
    /// The population is of 31 December of this year: cohorts of a shipped standard are moved to it.
    pub year: Option<i32>,
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
            donors: None,
            residuals: None,
            population: Kind::default(),
            year: None,
            special: None,
            draws: 200,
            seed: 0,
            region: "",
        }
    }
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
    thin_base_with(spec, &|_, _| true)
}

/// `thin_base` that tells how many draws are done; `step` returns false to stop.
///
/// # Errors
/// As `thin_base`, and `Error::Interrupted`.
pub fn thin_base_with(spec: &ThinBaseSpec<'_>, step: &(dyn Fn(usize, usize) -> bool + Sync)) -> Result<Base> {
    if spec.draws == 0 || spec.draws > MOST_DRAWS {
        let p = Problem::new("not a number of draws").column("draws").value(spec.draws);
        let central = "the central population is in .population in any case";
        return Err(Error::data(p.expected(format!("1 to {MOST_DRAWS}; {central}"))));
    }
    let totals = read(spec)?;
    let counted = spec.standard.resolve()?;
    let mut standard = counted.clone();
    if let (Some(to), Some(from)) = (spec.year, counted.year) {
        standard.single = shift(&counted.single, from, to);
    }
    let special = match &spec.special {
        Some(s) => Some(super::standard::single_years(&s.counts, "special")?),
        None => None,
    };
    let known = totals.known(None);
    check(&known, None)?;
    let fit = Fit::new(&known, special.as_ref())?;
    check(&known, special.as_ref())?;

    let (place, shape) = shape(spec, &totals, &known, (&counted, &standard), &fit)?;
    let flat = &standard.single * (totals.total.value / standard.single.sum());
    let population = fit.solve(&flat, &known, &shape.mean, &shape.factor)?;

    let spread = shape.scale.at(place);
    let (figures, shocks) =
        (Key::new(spec.seed, "base.figures", spec.region), Key::new(spec.seed, "base.shape", spec.region));
    let mut draws = Array3::zeros((spec.draws, 2, AGES));
    for (d, mut draw) in draws.axis_iter_mut(Axis(0)).enumerate() {
        if !step(d, spec.draws) {
            return Err(Error::Interrupted);
        }
        let mut uniform = figures.stream(d as u64);
        let mut normal = shocks.stream(d as u64);
        let known = totals.known(Some(&mut || uniform.uniform()));
        let shock = Array1::from_iter((0..shape.factor.ncols()).map(|_| spread * normal.normal()));
        let shock = shape.factor.dot(&shock);
        // A draw so unlikely that no totals can be kept from there is brought nearer to the centre.
        let nearer = [1.0, 0.5, 0.25]
            .into_iter()
            .find_map(|by| fit.attempt(&flat, &known, &(&shape.mean + &(&shock * by)), &shape.factor).ok());
        let drawn = match nearer {
            Some(drawn) => drawn,
            None => fit.solve(&flat, &known, &shape.mean, &shape.factor)?,
        };
        draw.assign(&drawn);
    }
    let mut notes = notes(spec, &totals, &standard.words, shape.donors);
    if standard.year.is_some() {
        notes.push(COHORTS.to_owned());
    }
    Ok(Base { population, draws, kind: spec.population, special, notes })
}

/// How the log ratio to the standard is distributed: (202) and (202, components).
struct Shape {
    mean: Array1<f64>,
    factor: Array2<f64>,
    scale: Scale,
    /// Donors used and left out.
    donors: Option<(usize, usize)>,
}

/// Mean and factor by single years, from the stored table or the donors; and the place they are for.
fn shape(
    spec: &ThinBaseSpec<'_>,
    totals: &Totals,
    known: &[Known],
    standards: (&Resolved, &Resolved),
    fit: &Fit,
) -> Result<(Place, Shape)> {
    let residuals = match &spec.residuals {
        Some(r) => r,
        None => Residuals::stored()?,
    };
    // Donors are of the census's day, as the standard was counted; the place is of its own year.
    let (counted, standard) = standards;
    let cells = to_cells(&counted.single);
    let size = totals.total.value - fit.held_in_all();
    let own = share_60(&to_cells(&standard.single));
    // Where 60+ is not among the figures, the other totals tell it through a first reconstruction.
    let share = match known.iter().find(|k| k.group == SIXTY_PLUS && k.sex == Sex::Both) {
        Some(k) => (k.persons.value - fit.held(&k.cells())) / size,
        None => {
            let first = columns_to_single(&residuals.factor);
            let factor = concatenate(Axis(1), &[first.view(), waves().view()]).map_err(shapes)?;
            let flat = &standard.single * (totals.total.value / standard.single.sum());
            share_60(&to_cells(&fit.solve(&flat, known, &Array1::zeros(2 * AGES), &factor)?))
        }
    };
    let place = Place::new(size, share, own);
    let enough = spec.donors.as_ref().filter(|d| d.counts.nrows() > 0);
    let (scale, mean, factor) = match enough {
        Some(donors) => {
            let scale = Scale::of("donors")?;
            let (mean, factor) = donors.update(residuals, scale, place, &cells, standard.persons);
            (scale, mean, factor)
        }
        None => (Scale::of("stored")?, residuals.mean_at(place), residuals.factor.clone()),
    };
    let factor =
        concatenate(Axis(1), &[columns_to_single(&factor).view(), waves().view()]).map_err(shapes)?;
    let donors = spec.donors.as_ref().map(|d| (d.counts.nrows(), d.incomplete));
    Ok((place, Shape { mean: to_single(&mean), factor, scale, donors }))
}

const SIXTY_PLUS: AgeGroup = AgeGroup { from: 60, to: AGES };

fn shapes(e: ndarray::ShapeError) -> Error {
    Error::model(Problem::new(e.to_string()))
}

/// The known totals as rows of the solver, beside persons who are held out.
struct Fit {
    cells: Vec<Vec<f64>>,
    half_widths: Vec<f64>,
    dependencies: Dependencies,
    special: Option<Array2<f64>>,
}

impl Fit {
    /// # Errors
    /// `Error::Model` where the special population exceeds a total that counts it.
    fn new(known: &[Known], special: Option<&Array2<f64>>) -> Result<Self> {
        let cells: Vec<Vec<f64>> = known.iter().map(Known::cells).collect();
        let this = Self {
            dependencies: Dependencies::of(&cells),
            half_widths: known.iter().map(|k| k.persons.half_width).collect(),
            cells,
            special: special.cloned(),
        };
        let problems: Vec<Problem> = known
            .iter()
            .zip(&this.cells)
            .filter(|(k, c)| k.persons.bounds().1 < this.held(c))
            .map(|(k, c)| {
                Problem::new(format!("the special population has {:.0} persons in {}", this.held(c), k.name))
                    .column("special")
                    .expected(format!("at most the {} of that group", persons(k.persons)))
            })
            .collect();
        if problems.is_empty() { Ok(this) } else { Err(Error::Model(problems)) }
    }

    /// Special persons in a group.
    fn held(&self, cells: &[f64]) -> f64 {
        self.special.as_ref().map_or(0.0, |s| s.iter().zip(cells).map(|(v, c)| v * c).sum())
    }

    fn held_in_all(&self) -> f64 {
        self.special.as_ref().map_or(0.0, |s| s.sum())
    }

    /// The population (2, 101) nearest to `start` that keeps the totals; special persons are in it.
    ///
    /// # Errors
    /// `Error::Model` with the totals that no smooth age structure keeps together.
    fn solve(
        &self,
        flat: &Array2<f64>,
        known: &[Known],
        start: &Array1<f64>,
        factor: &Array2<f64>,
    ) -> Result<Array2<f64>> {
        self.attempt(flat, known, start, factor).map_err(|e| self.narrowed(e, (flat, known, start, factor)))
    }

    /// `solve` with an error that names one total alone: that which is missed most.
    fn attempt(
        &self,
        flat: &Array2<f64>,
        known: &[Known],
        start: &Array1<f64>,
        factor: &Array2<f64>,
    ) -> Result<Array2<f64>> {
        self.keeping(&self.dependencies.independent, true, (flat, known, start, factor))
    }

    /// `attempt` of some of the totals, with or without those held out.
    fn keeping(
        &self,
        which: &[usize],
        held: bool,
        (flat, known, start, factor): Given<'_>,
    ) -> Result<Array2<f64>> {
        let mut targets: Vec<f64> = known.iter().map(|k| k.persons.value).collect();
        self.dependencies.reconcile(&mut targets, &self.half_widths);
        let mut base: Vec<f64> = flat.iter().copied().collect();
        let mut rows = Vec::new();
        for i in which {
            let cells = &self.cells[*i];
            let target = targets[*i] - if held { self.held(cells) } else { 0.0 };
            if target <= 0.0 {
                // Nobody, or nobody but the special population, in this group.
                base.iter_mut().zip(cells).filter(|(_, c)| **c > 0.0).for_each(|(b, _)| *b = 0.0);
            } else {
                rows.push(Row { name: &known[*i].name, cells, target });
            }
        }
        let solved = solve(&base, start.view(), factor, &rows)?;
        let mut population = Array2::from_shape_fn((2, AGES), |(s, x)| solved[s * AGES + x]);
        if let Some(s) = self.special.as_ref().filter(|_| held) {
            population += s;
        }
        Ok(population)
    }

    /// An error that names all the totals, and no more, that can't be kept together.
    fn narrowed(&self, missed: Error, given: Given<'_>) -> Error {
        let mut kept = self.dependencies.independent.clone();
        for i in self.dependencies.independent.iter().rev() {
            let fewer: Vec<usize> = kept.iter().copied().filter(|k| k != i).collect();
            if self.keeping(&fewer, true, given).is_err() {
                kept = fewer;
            }
        }
        // Whether it is those held out who leave the others no room.
        let special = self.special.as_ref().filter(|_| self.keeping(&kept, false, given).is_ok());
        let held = special.map(|s| persons(Printed::exact(s.sum())));
        let names: Vec<String> = held
            .iter()
            .map(|n| format!("special = {n}"))
            .chain(kept.iter().map(|i| given.1[*i].told()))
            .collect();
        let columns: Vec<&str> =
            held.iter().map(|_| "special").chain(kept.iter().map(|i| given.1[*i].name.as_str())).collect();
        if kept.is_empty() {
            return missed;
        }
        let why = missed.problems().first().map_or_else(String::new, |p| format!(" ({})", p.message));
        Error::model(
            Problem::new(format!(
                "no age structure like a county's keeps {} together{why}",
                names.join(" and ")
            ))
            .column(columns.join(", "))
            .expected("totals that leave every age group some persons"),
        )
    }
}

/// A standard, the totals, where the search starts, and the factor of the covariance.
type Given<'a> = (&'a Array2<f64>, &'a [Known], &'a Array1<f64>, &'a Array2<f64>);

fn notes(
    spec: &ThinBaseSpec<'_>,
    totals: &Totals,
    standard: &str,
    donors: Option<(usize, usize)>,
) -> Vec<String> {
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
    notes.push(match donors {
        Some((used, left)) if used > 0 => format!(
            "参照县：{used}个，按60岁及以上比重和人口规模的接近程度加权{}；区间来自参照县与自身重建之差，并以全国县级数据收缩。",
            if left > 0 { format!("（另有{left}个县数据不全，未用）") } else { String::new() }
        ),
        _ => "区间来自2010、2020年普查各县与所在省年龄结构之差（预先估计的协方差）。".to_owned(),
    });
    notes.push("区间另含已知数字的印刷精度；不含已知数字本身的登记误差。".to_owned());
    if let Some(s) = &spec.special {
        notes.push(format!("特殊人群（{}，{:.0}人）计入总数，推算时不随年龄推移。", s.name, s.counts.sum()));
    }
    notes
}
