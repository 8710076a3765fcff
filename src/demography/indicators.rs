//! Indicators of a population: named ones, and expressions over age groups such as `(60+) / (15-59)`, whose
//! grammar is in `formula`.

use super::formula::{self, cut};
use crate::error::{Error, Problem, Result};

/// Code, Chinese label, unit and formula of the named indicators, in the order of tables.
pub const NAMED: [(&str, &str, &str, &str); 30] = [
    ("total", "总人口", "人", "0+"),
    ("60_plus", "60岁及以上人口", "人", "60+"),
    ("65_plus", "65岁及以上人口", "人", "65+"),
    ("80_plus", "80岁及以上人口", "人", "80+"),
    ("share_60_plus", "60岁及以上人口占总人口比重", "比例", "60+ / 0+"),
    ("share_65_plus", "65岁及以上人口占总人口比重", "比例", "65+ / 0+"),
    ("share_80_plus", "80岁及以上人口占总人口比重", "比例", "80+ / 0+"),
    ("old_age_dependency_ratio", "老年人口抚养比（65岁及以上与15-64岁之比）", "比例", "65+ / 15-64"),
    ("median_age", "年龄中位数", "岁", "median_age"),
    ("births", "出生人口", "人", "births"),
    ("deaths", "死亡人口", "人", "deaths"),
    ("e0_female", "女性平均预期寿命", "岁", "e0_female"),
    ("e0_male", "男性平均预期寿命", "岁", "e0_male"),
    ("tfr", "总和生育率", "孩/妇女", "tfr"),
    ("net_migration", "净迁入人口", "人", "net_migration"),
    ("child_dependency_ratio", "少儿抚养比（0-14岁与15-64岁之比）", "比例", "0-14 / 15-64"),
    ("total_dependency_ratio", "总抚养比", "比例", "(0-14 + 65+) / 15-64"),
    ("support_ratio", "潜在赡养比（15-64岁与65岁及以上之比）", "比例", "15-64 / 65+"),
    ("ageing_index", "老少比（65岁及以上与0-14岁之比）", "比例", "65+ / 0-14"),
    ("mean_age", "平均年龄", "岁", "mean_age"),
    ("nrr", "净再生育率", "女孩/妇女", "nrr"),
    ("0_14", "0-14岁人口", "人", "0-14"),
    ("15_59", "15-59岁人口", "人", "15-59"),
    ("15_64", "15-64岁人口", "人", "15-64"),
    ("share_0_14", "0-14岁人口占总人口比重", "比例", "0-14 / 0+"),
    ("crude_birth_rate", "出生率", "‰", "1000 * births / (0.5 * (before + 0+))"),
    ("crude_death_rate", "死亡率", "‰", "1000 * deaths / (0.5 * (before + 0+))"),
    ("natural_growth_rate", "自然增长率", "‰", "1000 * (births - deaths) / (0.5 * (before + 0+))"),
    ("growth_rate", "人口增长率", "‰", "1000 * (0+ - before) / (0.5 * (before + 0+))"),
    ("sex_ratio", "性别比（女=100）", "", "100 * male(0+) / female(0+)"),
];

/// The indicators of `population.indicators()`.
pub const DEFAULT: [&str; 15] = [
    "total",
    "60_plus",
    "65_plus",
    "80_plus",
    "share_60_plus",
    "share_65_plus",
    "share_80_plus",
    "old_age_dependency_ratio",
    "median_age",
    "births",
    "deaths",
    "e0_female",
    "e0_male",
    "tfr",
    "net_migration",
];

/// What a year brings beside the stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    Births,
    Deaths,
    NetMigration,
    E0Female,
    E0Male,
    Tfr,
    Nrr,
    /// Everybody a year before: with the stock, the people of the middle of the year.
    Before,
}

impl Flow {
    pub(super) const COUNT: usize = 8;
}

pub(super) const FLOWS: [(&str, Flow); Flow::COUNT] = [
    ("births", Flow::Births),
    ("deaths", Flow::Deaths),
    ("net_migration", Flow::NetMigration),
    ("e0_female", Flow::E0Female),
    ("e0_male", Flow::E0Male),
    ("tfr", Flow::Tfr),
    ("nrr", Flow::Nrr),
    ("before", Flow::Before),
];

/// Which sexes a group counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    Both,
    One(usize),
}

/// One step of a formula in postfix order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Op {
    Number(f64),
    /// Ages from..to of one or both sexes.
    Group(Who, usize, usize),
    MedianAge,
    MeanAge,
    Flow(Flow),
    Add,
    Subtract,
    Multiply,
    Divide,
    Negate,
}

/// An indicator ready to be computed.
#[derive(Debug, Clone, PartialEq)]
pub struct Indicator {
    pub name: String,
    pub label: String,
    pub unit: String,
    ops: Vec<Op>,
}

impl Indicator {
    /// A named indicator or an expression.
    ///
    /// # Errors
    /// `Model` with the place where the expression stops making sense.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        let named = NAMED.iter().find(|n| n.0 == text);
        let (label, unit, formula) = named.map_or((text, "", text), |n| (n.1, n.2, n.3));
        let ops = formula::parse(formula)?;
        Ok(Self { name: text.to_owned(), label: label.to_owned(), unit: unit.to_owned(), ops })
    }

    /// Several at once; every problem is reported.
    ///
    /// # Errors
    /// As [`Indicator::parse`]; also where a name comes twice.
    pub fn parse_all<S: AsRef<str>>(texts: &[S]) -> Result<Vec<Self>> {
        let (mut all, mut problems): (Vec<Self>, Vec<Problem>) = (Vec::new(), Vec::new());
        for text in texts {
            match Self::parse(text.as_ref()) {
                Ok(i) if all.iter().any(|j: &Self| j.name == i.name) => {
                    problems.push(Problem::new("asked for twice").column("indicators").value(cut(&i.name)));
                }
                Ok(i) => all.push(i),
                Err(e) => problems.extend(e.problems().iter().cloned()),
            }
        }
        if problems.is_empty() { Ok(all) } else { Err(Error::Model(problems)) }
    }

    /// True where the formula needs what happens in a year, so that there is no value for the start.
    pub fn is_flow(&self) -> bool {
        self.ops.iter().any(|o| matches!(o, Op::Flow(_)))
    }

    pub(super) fn uses(&self, flow: Flow) -> bool {
        self.ops.contains(&Op::Flow(flow))
    }

    pub(super) fn by_sex(&self) -> bool {
        self.ops.iter().any(|o| matches!(o, Op::Group(Who::One(_), ..)))
    }

    pub(super) fn ops(&self) -> &[Op] {
        &self.ops
    }
}
