//! The report of a year: this year, last year, change, percent or percentage points, checks between its own lines.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::checks::{Finding, check_subset, check_sum, out_of_range};
use super::indicators::{Indicator, Nature, Relation};
use super::number::{Printed, float};
use crate::error::{Error, Problem, Result};
use crate::money::round_half_away;
use crate::organizations::{Kind, Register, count};
use crate::tables::Table;

/// What a figure rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Basis {
    /// Reported, printed or counted.
    #[default]
    Reported,
    /// Reckoned by a model for a year that has been.
    Estimated,
    /// Foretold, or assumed by a scenario.
    Projected,
}

impl Basis {
    pub fn name(self) -> &'static str {
        ["reported", "estimated", "projected"][self as usize]
    }
    /// Put after a name in a form, and found there when it is read back.
    pub fn mark(self) -> &'static str {
        ["", "（推算）", "（预测）"][self as usize]
    }
}

/// A figure for an indicator in a year.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Value {
    pub form: String,
    pub version: String,
    pub code: String,
    pub year: i32,
    pub value: Option<Printed>,
    /// Where it was read, as `报表!D8`.
    pub cell: Option<String>,
    pub basis: Basis,
    /// From a register or a run, so that what was printed stands before it.
    pub computed: bool,
    /// From a register that is synthetic, or a workbook made of one.
    pub synthetic: bool,
}

/// One line: an indicator with its figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub indicator: Indicator,
    pub value: Option<Printed>,
    pub previous: Option<Printed>,
    pub cell: Option<String>,
    /// Of this year's figure.
    pub basis: Basis,
    pub previous_basis: Basis,
    pub synthetic: bool,
}

/// The report of a year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub year: i32,
    pub place: String,
    pub lines: Vec<Line>,
}

impl Report {
    /// Lines of the indicators for which there is a figure of this year or the last. A figure under the version and code
    /// before a renumbering is found by it.
    ///
    /// # Errors
    /// `Error::Data` naming every figure whose (form, version, code) is unknown or that is given twice.
    pub fn new(year: i32, place: &str, indicators: &[Indicator], values: &[Value]) -> Result<Self> {
        let mut problems = Vec::new();
        let mut by_key: BTreeMap<(&str, &str, &str, i32), &Value> = BTreeMap::new();
        for value in values {
            let known = indicators
                .iter()
                .any(|i| i.form == value.form && i.version == value.version && i.code == value.code);
            let key = format!("{} {} {}", value.form, value.version, value.code);
            if !known {
                let others: Vec<&str> =
                    indicators.iter().filter(|i| i.code == value.code).map(|i| i.version.as_str()).collect();
                let expected = if others.is_empty() {
                    "a code of ms.annual.forms()".to_owned()
                } else {
                    format!("version {}", others.join(", "))
                };
                problems.push(
                    Problem::new("unknown indicator")
                        .column("form, version, code")
                        .value(&key)
                        .expected(expected),
                );
            }
            let place = (value.form.as_str(), value.version.as_str(), value.code.as_str(), value.year);
            let before = by_key.get(&place).copied();
            let figure = |v: &Value| v.value.map(|p| p.value);
            match (before, before.and_then(figure), figure(value)) {
                (Some(_), Some(one), Some(other)) if one != other => problems.push(
                    Problem::new("two figures for one indicator and year")
                        .column(format!("{key} {}", value.year))
                        .value(format!("{one} and {other}"))
                        .expected("one figure, or the same from both sources"),
                ),
                // What is blank in one source is filled from the other.
                (Some(_), Some(_), None) => {}
                _ => {
                    by_key.insert(place, value);
                }
            }
        }
        if !problems.is_empty() {
            return Err(Error::Data(problems));
        }
        let find = |i: &Indicator, year: i32| {
            let own = by_key.get(&(i.form.as_str(), i.version.as_str(), i.code.as_str(), year)).copied();
            let before = || {
                let (version, code) = i.formerly.as_ref()?;
                by_key
                    .iter()
                    .find(|((_, v, c, y), _)| v == version && c == code && *y == year)
                    .map(|(_, v)| *v)
            };
            own.filter(|v| v.value.is_some()).or_else(before)
        };
        let figured = |i: &Indicator| find(i, year).is_some() || find(i, year - 1).is_some();
        // A part that nobody gave stands blank beside its whole: unknown, not zero.
        let part_of_figured = |i: &Indicator| {
            i.parent.as_ref().is_some_and(|(code, relation)| {
                let whole = |w: &&Indicator| w.form == i.form && w.version == i.version && w.code == *code;
                *relation == Relation::Part && indicators.iter().find(whole).is_some_and(figured)
            })
        };
        // What stands only under its old code is told under the new one.
        let renumbered = |i: &Indicator| {
            let new =
                |j: &Indicator| j.formerly.as_ref().is_some_and(|(v, c)| *v == i.version && *c == i.code);
            indicators.iter().any(new)
        };
        let lines = indicators
            .iter()
            .filter(|i| !renumbered(i) && (figured(i) || part_of_figured(i)))
            .map(|i| {
                let (now, before) = (find(i, year), find(i, year - 1));
                Line {
                    indicator: i.clone(),
                    value: now.and_then(|v| v.value),
                    previous: before.and_then(|v| v.value),
                    cell: now.and_then(|v| v.cell.clone()),
                    basis: now.map_or(Basis::Reported, |v| v.basis),
                    previous_basis: before.map_or(Basis::Reported, |v| v.basis),
                    synthetic: now.is_some_and(|v| v.synthetic) || before.is_some_and(|v| v.synthetic),
                }
            })
            .collect();
        Ok(Self { year, place: place.to_owned(), lines })
    }

    /// The year after, with this year's figures as the last year's and blanks to be filled in.
    pub fn carry_forward(&self) -> Self {
        let carried = |l: &Line| Line {
            indicator: l.indicator.clone(),
            value: None,
            previous: l.value,
            cell: None,
            basis: Basis::Reported,
            previous_basis: l.basis,
            synthetic: l.synthetic,
        };
        Self { year: self.year + 1, lines: self.lines.iter().map(carried).collect(), ..self.clone() }
    }

    /// Whether a figure of it comes from a synthetic register.
    pub fn is_synthetic(&self) -> bool {
        self.lines.iter().any(|l| l.synthetic)
    }

    /// Whether a figure of it is foretold or reckoned by a model.
    pub fn is_projected(&self) -> bool {
        self.lines.iter().any(|l| l.basis != Basis::Reported || l.previous_basis != Basis::Reported)
    }

    /// Lines whose parent is this one, by relation.
    pub(super) fn children(&self, line: &Line, relation: &[Relation]) -> Vec<&Line> {
        let own = &line.indicator;
        self.lines
            .iter()
            .filter(|l| l.indicator.form == own.form && l.indicator.version == own.version)
            .filter(|l| {
                l.indicator.parent.as_ref().is_some_and(|(p, r)| *p == own.code && relation.contains(r))
            })
            .collect()
    }

    /// The table: form, version, code, name, unit, nature, relation, value, previous, change, change_percent,
    /// change_points, cell, basis.
    ///
    /// # Errors
    /// None in practice.
    pub fn table(&self) -> Result<Table> {
        let each = || self.lines.iter();
        let number = |p: Option<Printed>| p.map(|p| float(p.value));
        let mark = if self.is_synthetic() { "（合成数据）" } else { "" };
        let mut builder = Table::builder(format!("{}年{}民政统计年报主要指标{mark}", self.year, self.place))
            .note("指标以（表号、制度版本、代码）识别；cumulative 为1月起累计数，end 为期末数，subset 为其中项，不相加。")
            .note("比率只比百分点，不比增幅；合计与分项因四舍五入不等的，未作机械调整。");
        if self.is_projected() {
            builder = builder.note("projected 为预测数（中位数），estimated 为推算数，不是统计上报数。");
        }
        builder
            .text("form", "表号", each().map(|l| l.indicator.form.as_str()))
            .text("version", "版本", each().map(|l| l.indicator.version.as_str()))
            .text("code", "代码", each().map(|l| l.indicator.code.as_str()))
            .text("name", "指标名称", each().map(|l| l.indicator.name.as_str()))
            .text("unit", "计量单位", each().map(|l| l.indicator.unit.as_str()))
            .text("nature", "性质", each().map(|l| l.indicator.nature.name()))
            .opt_text(
                "relation",
                "与上级关系",
                each().map(|l| l.indicator.parent.as_ref().map(|p| p.1.name())),
            )
            .opt_float("value", "本年", "", each().map(|l| number(l.value)))
            .opt_float("previous", "上年", "", each().map(|l| number(l.previous)))
            .opt_float("change", "增减", "", each().map(|l| l.change().map(float)))
            .opt_float("change_percent", "增减幅度", "%", each().map(|l| l.percent().map(float)))
            .opt_float("change_points", "增减百分点", "百分点", each().map(|l| l.points().map(float)))
            .opt_text("cell", "单元格", each().map(|l| l.cell.as_deref()))
            .text("basis", "数据性质", each().map(|l| l.basis.name()))
            .build()
    }

    /// Sums of complete parts, lists of some parts, subsets within their whole, figures that cannot be.
    pub fn check(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        let address = |l: &Line| l.cell.clone().unwrap_or_else(|| l.indicator.code.clone());
        for line in &self.lines {
            let Some(total) = line.value else { continue };
            let (name, unit) = (&line.indicator.name, line.indicator.unit.as_str());
            found.extend(out_of_range(name, total, line.indicator.nature, unit, address(line)));
            for relation in [Relation::Part, Relation::Listed] {
                let parts = self.children(line, &[relation]);
                let values: Vec<Printed> = parts.iter().filter_map(|l| l.value).collect();
                // A part without a figure is unknown, not zero: then the list is not complete.
                let partial = relation == Relation::Listed || values.len() < parts.len();
                if !values.is_empty() {
                    let cells = [line].into_iter().chain(parts).map(address).collect();
                    found.push(check_sum(name, total, &values, unit, partial, cells));
                }
            }
            for part in self.children(line, &[Relation::Subset]) {
                if let Some(value) = part.value {
                    let cells = vec![address(line), address(part)];
                    found.extend(check_subset(&part.indicator.name, value, name, total, unit, cells));
                }
            }
        }
        found
    }
}

impl Line {
    /// This year less last year.
    pub fn change(&self) -> Option<Decimal> {
        Some(self.value?.value - self.previous?.value)
    }
    /// Change in percent of last year, to one place; none for rates and where last year is zero or less.
    pub fn percent(&self) -> Option<Decimal> {
        let before = self.previous?.value;
        if self.indicator.nature == Nature::Rate || before <= Decimal::ZERO {
            return None;
        }
        Some(round_half_away(self.change()?.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(before)?, 1))
    }
    /// Change of a rate in its own points.
    pub fn points(&self) -> Option<Decimal> {
        if self.indicator.nature == Nature::Rate { self.change() } else { None }
    }
}

/// Figures of a register for the indicators whose source begins with `register.`, for a year and the one before.
///
/// # Errors
/// `Error::Data` where the register has no record of the year.
pub fn from_register(
    register: &Register,
    year: i32,
    exempt_months: u32,
    indicators: &[Indicator],
) -> Result<Vec<Value>> {
    let (first, last) = register.span().unwrap_or((0, -1));
    if !(first..=last).contains(&year) {
        let problem = Problem::new("no records of this year").column("year").value(year);
        return Err(Error::data(problem.expected(format!("a year from {first} to {last}"))));
    }
    let mut values = Vec::new();
    for year in [year - 1, year].into_iter().filter(|y| (first..=last).contains(y)) {
        let counts = count(register, year, exempt_months);
        for indicator in indicators {
            let Some((what, kind)) =
                indicator.source.strip_prefix("register.").and_then(|s| s.split_once('.'))
            else {
                continue;
            };
            let kinds: Vec<Kind> =
                Kind::ALL.into_iter().filter(|k| kind == "total" || k.name() == kind).collect();
            let sum = |f: &dyn Fn(&crate::organizations::Counts) -> u64| {
                kinds.iter().map(|k| f(&counts[*k as usize])).sum::<u64>()
            };
            let by_word = |word: &str| match word {
                "registered" => Some(sum(&|c| c.registered)),
                "obliged" => Some(sum(&crate::organizations::Counts::obliged)),
                "inspected" => Some(sum(&crate::organizations::Counts::inspected)),
                "qualified" => Some(sum(&|c| c.conclusions[0])),
                "basically_qualified" => Some(sum(&|c| c.conclusions[1])),
                "unqualified" => Some(sum(&|c| c.conclusions[2])),
                "absent" => Some(sum(&|c| c.conclusions[3])),
                "exempt" => Some(sum(&|c| c.conclusions[4])),
                _ => None,
            };
            let share = |k: &str, n: &str| {
                let (k, n) = (by_word(k)?, by_word(n)?);
                Decimal::from(k).checked_mul(Decimal::ONE_HUNDRED)?.checked_div(Decimal::from(n))
            };
            let value = match what {
                "inspected_rate" => share("inspected", "obliged"),
                "qualified_rate_inspected" => share("qualified", "inspected"),
                "qualified_rate_obliged" => share("qualified", "obliged"),
                word => by_word(word).map(Decimal::from),
            };
            values.push(Value {
                form: indicator.form.clone(),
                version: indicator.version.clone(),
                code: indicator.code.clone(),
                year,
                value: value.map(|v| printed(v, indicator.decimals)),
                cell: None,
                computed: true,
                synthetic: register.is_synthetic(),
                ..Value::default()
            });
        }
    }
    Ok(values)
}

/// A computed figure as its form prints it.
pub fn printed(value: Decimal, decimals: u32) -> Printed {
    let unit = Decimal::try_new(1, decimals).unwrap_or(Decimal::ONE);
    Printed { value: round_half_away(value, decimals), unit }
}

/// Cumulative figures since January made into those of each period; the places at which one is negative, which is a
/// correction to be explained and not hidden. A gap makes two unknown.
pub fn decumulate(cumulative: &[Option<Decimal>]) -> (Vec<Option<Decimal>>, Vec<usize>) {
    let mut before = Some(Decimal::ZERO);
    let mut periods = Vec::with_capacity(cumulative.len());
    for value in cumulative {
        periods.push(value.zip(before).and_then(|(v, b)| v.checked_sub(b)));
        before = *value;
    }
    let negative =
        periods.iter().enumerate().filter(|(_, p)| p.is_some_and(|p| p < Decimal::ZERO)).map(|(i, _)| i);
    let negative = negative.collect();
    (periods, negative)
}
