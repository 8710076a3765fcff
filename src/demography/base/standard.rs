//! Standards: a shipped age structure, an array, or a table of age groups.

use ndarray::Array2;

use super::ages::{AGES, AgeGroup, contiguous};
use super::cohorts::sharpen;
use super::covariance::{CELLS, GROUPS, SIXTY};
use super::graduate::to_single;
use crate::assets;
use crate::error::{Error, Problem, Result};
use crate::tables::{Input, Table};

/// An age structure to start from.
#[derive(Debug, Clone)]
pub enum Standard {
    /// A name from `data/standards/age_structures.csv`: `hunan` (census of 2020), `hunan_2010`, `china`.
    Named(String),
    /// Single years (2, ages), women first, the last age open.
    Single(Array2<f64>),
    /// A table of age groups.
    Abridged(AgeTable),
}

/// Counts by age group: labels such as `0`, `1-4`, `85+`, with women and men.
#[derive(Debug, Clone, Default)]
pub struct AgeTable {
    pub ages: Vec<String>,
    pub female: Vec<f64>,
    pub male: Vec<f64>,
}

/// A shipped age structure.
#[derive(Debug, Clone)]
pub struct Structure {
    pub name: String,
    pub name_zh: String,
    pub code: String,
    pub year: i32,
    /// Persons that the structure is of.
    pub persons: f64,
    /// Persons per million, (2, 19).
    pub groups: Array2<f64>,
}

/// A standard in single years.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// (2, 101), women first.
    pub single: Array2<f64>,
    /// Persons in it; what a table or array sums to where it was given.
    pub persons: f64,
    /// Year of the census that it is of, 1 November; unknown where it was given.
    pub year: Option<i32>,
    /// Chinese words that say what it is.
    pub words: String,
}

const FILE: &str = "standards/age_structures.csv";

/// All shipped age structures.
///
/// # Errors
/// `Error::Data` where the shipped table is damaged.
pub fn structures() -> Result<Vec<Structure>> {
    let damaged = || Error::data(Problem::new("damaged").file(FILE));
    let text = assets::text(FILE).ok_or_else(damaged)?;
    text.lines()
        .filter(|l| !l.starts_with('#'))
        .skip(1)
        .map(|line| {
            let parts: Vec<&str> = line.split(',').collect();
            if parts.len() != 6 + CELLS {
                return Err(damaged());
            }
            let values: Vec<f64> = parts[6..].iter().filter_map(|v| v.parse().ok()).collect();
            Ok(Structure {
                name: parts[0].to_owned(),
                name_zh: parts[1].to_owned(),
                code: parts[2].to_owned(),
                year: parts[3].parse().map_err(|_| damaged())?,
                persons: parts[5].parse().map_err(|_| damaged())?,
                groups: Array2::from_shape_vec((2, GROUPS.len()), values).map_err(|_| damaged())?,
            })
        })
        .collect()
}

/// The shipped age structures as a table: name, label, code, year, persons, share_60_plus.
///
/// # Errors
/// `Error::Data` where the shipped table is damaged.
pub fn table() -> Result<Table> {
    let all = structures()?;
    let share = |s: &Structure| -> f64 {
        s.groups.iter().enumerate().filter(|(i, _)| i % GROUPS.len() >= SIXTY).map(|(_, v)| v).sum::<f64>()
            / s.groups.sum()
    };
    Table::builder("可用的标准年龄结构")
        .note("来源：第六次、第七次全国人口普查分县分年龄性别数据汇总（常住人口）。")
        .text("name", "名称", all.iter().map(|s| s.name.as_str()))
        .text("label", "地区", all.iter().map(|s| s.name_zh.as_str()))
        .text("code", "行政区划代码", all.iter().map(|s| s.code.as_str()))
        .int("year", "年份", "", all.iter().map(|s| i64::from(s.year)))
        .float("persons", "人口", "人", all.iter().map(|s| s.persons))
        .float("share_60_plus", "60岁及以上人口比重", "", all.iter().map(share))
        .build()
}

impl Standard {
    /// The structure in single years, and what it is.
    ///
    /// # Errors
    /// `Error::Data` for an unknown name, wrong shape, NaN, negatives or ragged ages.
    pub fn resolve(&self) -> Result<Resolved> {
        match self {
            Self::Named(name) => {
                let all = structures()?;
                let Some(s) = all.iter().find(|s| s.name == *name) else {
                    let names: Vec<&str> = all.iter().map(|s| s.name.as_str()).collect();
                    return Err(Error::data(
                        Problem::new("no such standard")
                            .column("standard")
                            .value(name)
                            .expected(format!("one of {}", names.join(", "))),
                    ));
                };
                let labels: Vec<String> = GROUPS.map(str::to_owned).to_vec();
                let words = format!("{}{}年人口普查常住人口年龄结构", s.name_zh, s.year);
                let groups = contiguous(&labels)?;
                let single = sharpen(&to_single(&s.groups, &groups)?, &groups, s.year)?;
                Ok(Resolved { single, persons: s.persons, year: Some(s.year), words })
            }
            Self::Single(array) => {
                let single = single_years(array, "standard")?;
                Ok(Resolved {
                    persons: single.sum(),
                    single,
                    year: None,
                    words: "给定的单岁年龄结构".to_owned(),
                })
            }
            Self::Abridged(table) => {
                let single = table.single("standard")?;
                Ok(Resolved {
                    persons: single.sum(),
                    single,
                    year: None,
                    words: "给定的分组年龄结构".to_owned(),
                })
            }
        }
    }
}

impl AgeTable {
    /// Reads `age,female,male` lines, as the files under `data/` hold them; `#` starts a comment.
    ///
    /// # Errors
    /// `Error::Data` with each line that does not read.
    pub fn from_csv(text: &str) -> Result<Self> {
        let mut table = Self::default();
        let mut problems = Vec::new();
        let rows = text.lines().enumerate().filter(|(_, l)| !l.starts_with('#') && !l.trim().is_empty());
        for (i, line) in rows.skip(1) {
            let parts: Vec<&str> = line.split(',').map(str::trim).collect();
            let numbers: Vec<f64> = parts.iter().skip(1).filter_map(|v| v.parse().ok()).collect();
            match (parts.first(), numbers.as_slice()) {
                (Some(age), [female, male]) => {
                    table.ages.push((*age).to_owned());
                    table.female.push(*female);
                    table.male.push(*male);
                }
                _ => problems
                    .push(Problem::new("not a row").row(i + 1).value(line).expected("age,female,male")),
            }
        }
        if problems.is_empty() { Ok(table) } else { Err(Error::Data(problems)) }
    }

    /// A table with columns `age` (single years or labels), `female` and `male` (年龄, 女, 男).
    ///
    /// # Errors
    /// `Error::Data` for missing columns and unknown cells.
    pub fn from_table(input: &Input) -> Result<Self> {
        let age = input.find(&["age", "年龄", "ages"])?;
        let mut this = Self::default();
        let mut problems = Vec::new();
        for (i, label) in input.table.texts_by_name(&age)?.into_iter().enumerate() {
            match label {
                Some(l) => this.ages.push(l),
                None => problems.push(input.problem(i, &age, "no age").expected("an age or an age group")),
            }
        }
        for (names, into) in
            [(["female", "f", "女", "女性"], &mut this.female), (["male", "m", "男", "男性"], &mut this.male)]
        {
            let column = input.find(&names)?;
            for (i, v) in input.table.numbers_by_name(&column)?.into_iter().enumerate() {
                match v {
                    Some(v) => into.push(v),
                    None => {
                        problems.push(input.problem(i, &column, "unknown").expected("a number of persons"))
                    }
                }
            }
        }
        if problems.is_empty() { Ok(this) } else { Err(Error::Data(problems)) }
    }

    /// Single years (2, 101) with the groups' totals kept.
    ///
    /// # Errors
    /// `Error::Data` with every label, NaN or negative that is wrong.
    pub fn single(&self, argument: &str) -> Result<Array2<f64>> {
        let n = self.ages.len();
        if self.female.len() != n || self.male.len() != n {
            return Err(Error::data(
                Problem::new("columns differ in length")
                    .column(argument)
                    .value(format!("age {n}, female {}, male {}", self.female.len(), self.male.len()))
                    .expected("one row per age group with age, female and male"),
            ));
        }
        let groups = contiguous(&self.ages)?;
        let counts =
            Array2::from_shape_fn((2, n), |(s, i)| if s == 0 { self.female[i] } else { self.male[i] });
        counts_are_fine(&counts, argument, &groups)?;
        to_single(&counts, &groups)
    }
}

/// Checks single years (2, A) and brings them to 101 ages.
///
/// # Errors
/// `Error::Data` for a wrong shape, NaN, infinities, negatives, or nobody at all.
pub fn single_years(array: &Array2<f64>, argument: &str) -> Result<Array2<f64>> {
    let (sexes, ages) = array.dim();
    if sexes != 2 || ages < 2 {
        let hint = if ages == 2 && sexes > 2 { "; the axes seem swapped" } else { "" };
        return Err(Error::data(
            Problem::new(format!("wrong shape{hint}"))
                .column(argument)
                .value(format!("({sexes}, {ages})"))
                .expected("(2, ages): women first, single years from 0, the last age open"),
        ));
    }
    let groups: Vec<AgeGroup> = (0..ages)
        .map(|x| AgeGroup { from: x, to: if x == ages - 1 { AGES.max(ages) } else { x + 1 } })
        .collect();
    counts_are_fine(array, argument, &groups)?;
    if ages < AGES {
        return to_single(array, &groups);
    }
    Ok(Array2::from_shape_fn((2, AGES), |(s, x)| {
        if x < AGES - 1 { array[[s, x]] } else { (x..ages).map(|y| array[[s, y]]).sum() }
    }))
}

fn counts_are_fine(counts: &Array2<f64>, argument: &str, groups: &[AgeGroup]) -> Result<()> {
    let mut problems: Vec<Problem> = counts
        .indexed_iter()
        .filter(|(_, v)| !v.is_finite() || **v < 0.0)
        .map(|((s, i), v)| {
            let sex = if s == 0 { "female" } else { "male" };
            Problem::new(format!("{sex}, age {}: not a count", groups[i].label()))
                .column(argument)
                .row(i + 1)
                .value(v)
                .expected("persons, 0 or more")
        })
        .collect();
    if problems.is_empty() && counts.iter().all(|v| *v == 0.0) {
        problems.push(Problem::new("nobody in it").column(argument).expected("persons in some ages"));
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Data(problems)) }
}
