//! How the share of persons in need rises with age, fitted from published counts and levelled to a total.
//!
//! Published: 2010 census, Shanghai towns, persons unable to live independently by age: 81 of 11,210
//! at 60-64, 79 of 7,614 at 65-69, 136 of 5,348 at 70-74, and by difference 950 of 9,983 at 75+.
//! Model: the odds rise exponentially with age, logit p(x) = a + b (x + ½ − 75) for single years x,
//! so that a share never passes 1 however high the level. (a, b) maximise the binomial likelihood of
//! the four groups; within a group, single years are weighed by the age structure of Shanghai in 2010.
//! Result: b = 0.137 a year (the odds double in five years), fitted shares 0.63, 1.25, 2.45 and 9.50 %
//! against 0.72, 1.04, 2.54 and 9.52 % published.
//! A definition's level is then set by its published total: `a` is moved until the national
//! structure of 2020 (ages from the definition's first age up) gives that total. Sexes share one
//! schedule, since no counts by sex are at hand.

use ndarray::Array2;

use super::AGES;
use crate::error::{Error, Problem, Result};

/// First age of the gradient and of every shipped schedule.
pub const FIRST_AGE: usize = 60;
const CENTRE: f64 = 75.0;

/// Persons by single year of age, both sexes; zero below 60.
#[derive(Debug, Clone, PartialEq)]
pub struct Structure {
    pub persons: [f64; AGES],
}

/// The fitted rise with age: logit p(x) = intercept + slope (x + ½ − 75).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gradient {
    pub intercept: f64,
    /// Rise of the log odds in a year of age.
    pub slope: f64,
}

impl Gradient {
    /// Share in need at single year of age `x`.
    pub fn share(&self, age: usize) -> f64 {
        let z = self.intercept + self.slope * (age as f64 + 0.5 - CENTRE);
        1.0 / (1.0 + (-z).exp())
    }

    /// Share in need among persons aged `from`..=`to`.
    pub fn mean(&self, structure: &Structure, from: usize, to: usize) -> f64 {
        let (mut need, mut persons) = (0.0, 0.0);
        for age in from..=to.min(AGES - 1) {
            need += structure.persons[age] * self.share(age);
            persons += structure.persons[age];
        }
        if persons > 0.0 { need / persons } else { 0.0 }
    }

    /// The same slope at the level that gives `total` among those aged `from` and over.
    ///
    /// # Errors
    /// `Model` where the total isn't a share between 0 and 1, or nobody is in these ages.
    pub fn levelled(&self, structure: &Structure, from: usize, total: f64) -> Result<Self> {
        let known = total > 0.0 && total < 1.0;
        let peopled = (from..AGES).any(|a| structure.persons[a] > 0.0);
        if !(known && peopled) {
            return Err(Error::model(
                Problem::new("a schedule can't be levelled")
                    .value(total)
                    .expected("a total share above 0 and below 1, and persons in these ages"),
            ));
        }
        let at = |intercept| Self { intercept, slope: self.slope };
        let (mut low, mut high) = (-60.0, 60.0);
        for _ in 0..200 {
            let middle = 0.5 * (low + high);
            if at(middle).mean(structure, from, AGES - 1) < total {
                low = middle;
            } else {
                high = middle;
            }
        }
        Ok(at(0.5 * (low + high)))
    }

    /// Shares by sex and age, (2, 101); zero below 60.
    pub fn prevalence(&self) -> Array2<f64> {
        Array2::from_shape_fn((2, AGES), |(_, age)| if age < FIRST_AGE { 0.0 } else { self.share(age) })
    }
}

/// Persons aged 60+ of China, census of 2020.
///
/// # Errors
/// `Data` where the shipped table is broken.
pub fn national_structure() -> Result<Structure> {
    structure("china_female", "china_male")
}

/// The gradient fitted to the published counts (see the head of this file).
///
/// # Errors
/// `Data` where a shipped table is broken.
pub fn gradient() -> Result<Gradient> {
    let structure = structure("shanghai_female", "shanghai_male")?;
    let mut counts = Vec::new();
    for (row, fields) in read("standards/prevalence_gradient.csv")? {
        let get = |k: usize| number("standards/prevalence_gradient.csv", row, &fields, k);
        let to = if fields.get(1).is_some_and(|f| f.is_empty()) { (AGES - 1) as f64 } else { get(1)? };
        counts.push((get(0)? as usize, to as usize, get(2)?, get(3)?));
    }
    Ok(fit(&counts, &structure))
}

/// Maximises the binomial log likelihood by Newton's method with the expected information.
fn fit(counts: &[(usize, usize, f64, f64)], structure: &Structure) -> Gradient {
    let mut g = Gradient { intercept: -3.0, slope: 0.1 };
    for _ in 0..100 {
        let (mut score, mut info) = ([0.0; 2], [[0.0; 2]; 2]);
        for &(from, to, need, persons) in counts {
            let p = g.mean(structure, from, to);
            let weight: f64 = (from..=to).map(|a| structure.persons[a]).sum();
            // Derivative of the group's share with respect to (intercept, slope).
            let mut dp = [0.0; 2];
            for age in from..=to {
                let s = g.share(age);
                let d = structure.persons[age] / weight * s * (1.0 - s);
                dp[0] += d;
                dp[1] += d * (age as f64 + 0.5 - CENTRE);
            }
            let residual = (need - persons * p) / (p * (1.0 - p));
            for i in 0..2 {
                score[i] += residual * dp[i];
                for j in 0..2 {
                    info[i][j] += persons * dp[i] * dp[j] / (p * (1.0 - p));
                }
            }
        }
        let det = info[0][0] * info[1][1] - info[0][1] * info[1][0];
        let step = [
            (info[1][1] * score[0] - info[0][1] * score[1]) / det,
            (info[0][0] * score[1] - info[1][0] * score[0]) / det,
        ];
        g.intercept += step[0];
        g.slope += step[1];
        if step[0].abs() + step[1].abs() < 1e-12 {
            break;
        }
    }
    g
}

/// Five-year groups of both sexes, spread evenly over their single years.
fn structure(female: &str, male: &str) -> Result<Structure> {
    const FILE: &str = "standards/structure_60_plus.csv";
    let header = header(FILE)?;
    let at = |name: &str| {
        header
            .iter()
            .position(|h| h == name)
            .ok_or_else(|| Error::data(Problem::new("column is missing").file(FILE).column(name)))
    };
    let (female, male) = (at(female)?, at(male)?);
    let mut persons = [0.0; AGES];
    for (row, fields) in read(FILE)? {
        let age = number(FILE, row, &fields, 0)? as usize;
        let group = number(FILE, row, &fields, female)? + number(FILE, row, &fields, male)?;
        let last = if age + 5 < AGES { age + 4 } else { AGES - 1 };
        for p in persons.iter_mut().take(last + 1).skip(age) {
            *p = group / (last - age + 1) as f64;
        }
    }
    Ok(Structure { persons })
}

fn lines(file: &str) -> Result<impl Iterator<Item = (usize, &'static str)>> {
    let text = crate::assets::text(file)
        .ok_or_else(|| Error::data(Problem::new("shipped file is missing").file(file)))?;
    Ok(text
        .lines()
        .enumerate()
        .map(|(i, l)| (i + 1, l))
        .filter(|(_, l)| !l.starts_with('#') && !l.is_empty()))
}

fn header(file: &str) -> Result<Vec<String>> {
    Ok(lines(file)?.next().map(|(_, l)| l.split(',').map(str::to_owned).collect()).unwrap_or_default())
}

fn read(file: &str) -> Result<Vec<(usize, Vec<String>)>> {
    Ok(lines(file)?.skip(1).map(|(row, l)| (row, l.split(',').map(str::to_owned).collect())).collect())
}

fn number(file: &str, row: usize, fields: &[String], column: usize) -> Result<f64> {
    let text = fields.get(column).map(String::as_str).unwrap_or_default();
    text.parse().ok().filter(|v: &f64| v.is_finite() && *v >= 0.0).ok_or_else(|| {
        Error::data(
            Problem::new("not a number").file(file).row(row).value(text).expected("a number of 0 or more"),
        )
    })
}
