//! The tables of a run, as the analyst's page lists them.

use ndarray::s;
use rust_decimal::Decimal;

use super::budget::spread;
use super::graph::{Graph, Node, Origin};
use super::{Run, relief, text, why};
use crate::draws::{QUANTILE_NAMES, Series, Summary, summarize};
use crate::error::Result;
use crate::scenario::{INDICATORS, LineKind};
use crate::tables::{Builder, Table};

/// Columns `mean, p2_5 … p97_5` of rows that may be unknown.
pub(super) struct Quantiles(pub(super) Vec<Option<Summary>>);

impl Quantiles {
    pub(super) fn push(&mut self, series: &Series, year: usize) {
        let mut values = series.of_year(year);
        let known = values.iter().all(|v| v.is_finite());
        self.0.push(if known { summarize(&mut values) } else { None });
    }

    pub(super) fn add_to(self, mut table: Builder, unit: &str) -> Builder {
        table = table.opt_float("mean", "均值", unit, self.0.iter().map(|s| s.map(|s| s.mean)));
        let labels = ["2.5%分位", "10%分位", "中位数", "90%分位", "97.5%分位"];
        for (i, (name, label)) in QUANTILE_NAMES.iter().zip(labels).enumerate() {
            table = table.opt_float(name, label, unit, self.0.iter().map(|s| s.map(|s| s.quantiles[i])));
        }
        table
    }
}

impl Run {
    /// Every table says which run it comes from and what its intervals cover.
    pub(super) fn start(&self, title: &str) -> Builder {
        Table::builder(format!("{}{title}", self.case_name))
            .note(format!(
                "{}人口口径；情景：{}；{}次抽样，种子{}；minsuan {}。",
                self.population_kind(),
                self.scenario.label,
                self.draws,
                self.seed,
                env!("CARGO_PKG_VERSION")
            ))
            .note("区间只覆盖已声明的不确定性（基年人口、生育、死亡、迁移与各项假设的抽样），不含政策与口径变动；10%—90%分位构成80%区间。")
    }

    /// `population.indicators()`.
    pub fn indicators(&self) -> Result<Table> {
        let (mut years, mut names, mut labels, mut units) = (vec![], vec![], vec![], vec![]);
        let mut q = Quantiles(Vec::new());
        for (y, year) in self.years.iter().enumerate() {
            for name in INDICATORS {
                let Some(node) = self.graph.get(&format!("population.{name}")) else { continue };
                years.push(i64::from(*year));
                names.push(name);
                labels.push(node.label.clone());
                units.push(node.unit.clone());
                q.push(&node.series, y);
            }
        }
        let table = self
            .start("人口指标")
            .int("year", "年份", "", years)
            .text("indicator", "指标", names)
            .text("label", "指标名称", labels)
            .text("unit", "单位", units);
        q.add_to(table, "").build()
    }

    /// `population.by_age()`.
    pub fn by_age(&self) -> Result<Table> {
        let (mut years, mut sexes, mut ages) = (vec![], vec![], vec![]);
        let mut q = Quantiles(Vec::new());
        let mut values = Vec::with_capacity(self.draws);
        for (y, year) in self.years.iter().enumerate() {
            for (sex, name) in ["female", "male"].into_iter().enumerate() {
                for age in 0..=100 {
                    years.push(i64::from(*year));
                    sexes.push(name);
                    ages.push(age as i64);
                    values.clear();
                    values.extend(self.people.draws.slice(s![.., y, sex, age]));
                    q.0.push(summarize(&mut values));
                }
            }
        }
        let table = self
            .start("分年龄性别人口")
            .int("year", "年份", "", years)
            .text("sex", "性别", sexes)
            .int("age", "年龄", "岁", ages)
            .note("100岁为100岁及以上。");
        q.add_to(table, "人").build()
    }

    /// `care.need()`: every definition that the scenario shows, the chosen one first.
    pub fn need(&self) -> Result<Table> {
        let (mut years, mut definitions, mut levels, mut labels) = (vec![], vec![], vec![], vec![]);
        let mut q = Quantiles(Vec::new());
        let mut told: Vec<String> = Vec::new();
        for definition in &self.scenario.care.shown {
            let prefix = format!("care.{definition}.");
            // One level alone is its own total.
            let levels_of = self.graph.under(&prefix).count().saturating_sub(1);
            for (y, year) in self.years.iter().enumerate() {
                for node in self.graph.under(&prefix).take(if levels_of == 1 { 1 } else { usize::MAX }) {
                    years.push(i64::from(*year));
                    definitions.push(definition.clone());
                    levels.push(node.path[prefix.len()..].to_owned());
                    labels.push(node.label.clone());
                    q.push(&node.series, y);
                }
            }
            for node in self.graph.under(&prefix) {
                if let (Origin::Model { method, .. }, false) = (&node.origin, node.path.ends_with(".total"))
                    && !told.contains(method)
                {
                    told.push(method.clone());
                }
            }
        }
        let mut table = self.start("照护需求（按能力等级）").note(format!(
            "各口径相差可达十倍，引用时须写明口径；本情景采用“{}”（{}）。",
            crate::care::schedule(&self.scenario.care.definition)?.label,
            self.scenario.care.definition
        ));
        for t in told {
            table = table.note(t);
        }
        let table = table
            .int("year", "年份", "", years)
            .text("definition", "口径", definitions)
            .text("level", "等级", levels)
            .text("label", "等级名称", labels);
        q.add_to(table, "人").build()
    }

    /// `capacity.table()`.
    pub fn capacity(&self) -> Result<Table> {
        let (mut kinds, mut labels, mut units, mut years) = (vec![], vec![], vec![], vec![]);
        let mut columns: [Vec<Option<f64>>; 7] = Default::default();
        let (mut shortage, mut used_up) = (vec![], vec![]);
        let mut table = self.start("各类设施供需");
        for (name, balance) in &self.balances {
            let node = |what: &str| self.graph.get(&format!("capacity.{name}.{what}"));
            let (Some(demand), Some(supply), Some(gap)) = (node("demand"), node("supply"), node("gap"))
            else {
                continue;
            };
            if let Some(f) = self.scenario.capacity.iter().find(|f| f.name == *name) {
                if !f.note.is_empty() {
                    table = table.note(format!("{}：{}", f.label, f.note));
                }
                for (y, year) in self.years.iter().enumerate() {
                    kinds.push(name.clone());
                    labels.push(f.label.clone());
                    units.push(f.unit.clone());
                    years.push(i64::from(*year));
                    for (i, (series, q)) in
                        [(&demand.series, [1, 2, 3]), (&supply.series, [1, 2, 3])].into_iter().enumerate()
                    {
                        let mut values = series.of_year(y);
                        let known = values.iter().all(|v| v.is_finite());
                        let s = if known { summarize(&mut values) } else { None };
                        for (j, k) in q.into_iter().enumerate() {
                            columns[3 * i + j].push(s.map(|s| s.quantiles[k]));
                        }
                    }
                    let mut values = gap.series.of_year(y);
                    let known = values.iter().all(|v| v.is_finite());
                    columns[6].push(if known {
                        summarize(&mut values).map(|s| s.quantiles[2])
                    } else {
                        None
                    });
                    shortage.push(known.then_some(balance.p_shortage[y]));
                    used_up.push(balance.used_up_year.map(i64::from));
                }
            }
        }
        let [d1, d5, d9, s1, s5, s9, g] = columns;
        table
            .note("p_shortage：需求大于供给的抽样比例；used_up_year：自该年起至期末每年的短缺概率均不低于一半，空白为期内不会。单位见unit列。")
            .text("kind", "设施", kinds)
            .text("label", "设施名称", labels)
            .int("year", "年份", "", years)
            .opt_float("demand_p10", "需求10%分位", "", d1)
            .opt_float("demand_p50", "需求中位数", "", d5)
            .opt_float("demand_p90", "需求90%分位", "", d9)
            .opt_float("supply_p10", "供给10%分位", "", s1)
            .opt_float("supply_p50", "供给中位数", "", s5)
            .opt_float("supply_p90", "供给90%分位", "", s9)
            .opt_float("gap_p50", "缺口中位数", "", g)
            .opt_float("p_shortage", "短缺概率", "", shortage)
            .opt_int("used_up_year", "用尽（不足）年份", "", used_up)
            .text("unit", "单位", units)
            .build()
    }

    /// `relief.caseload()`.
    pub fn caseload(&self) -> Result<Table> {
        let (mut programs, mut labels, mut years) = (vec![], vec![], vec![]);
        let (mut statuses, mut units) = (vec![], vec![]);
        let mut q = Quantiles(Vec::new());
        for p in &self.scenario.relief {
            let Some(node) = self.graph.get(&format!("relief.{}", p.name)) else { continue };
            for (y, year) in self.years.iter().enumerate() {
                // Years before the first count are not shown: unknown is not a row of blanks.
                if node.series.central[y].is_none() {
                    continue;
                }
                programs.push(p.name.clone());
                labels.push(p.label.clone());
                years.push(i64::from(*year));
                statuses.push(relief::status(&self.scenario.relief, p, *year, &self.published));
                units.push(p.unit.clone());
                q.push(&node.series, y);
            }
        }
        let mut table = self
            .start("救助与福利对象")
            .note("observed：规划所列实际数；assumed：本地无数、按全国同年水平假设（当年未公布的取前后两年连线）；projected：推算。");
        for p in &self.scenario.relief {
            if let Some((year, month)) = p.until {
                table = table.note(format!("{}：{year}年{month}月后职责移交，此后不列。", p.label));
            }
        }
        let table = table
            .text("program", "项目", programs)
            .text("label", "项目名称", labels)
            .int("year", "年份", "", years)
            .text("status", "性质", statuses)
            .text("unit", "单位", units);
        q.add_to(table, "").build()
    }

    /// `budget.table()`; amounts are exact, and each year's lines add to its total.
    pub fn budget(&self) -> Result<Table> {
        let (mut lines, mut labels, mut years, mut kinds, mut basis) =
            (vec![], vec![], vec![], vec![], vec![]);
        let mut amounts: [Vec<Option<Decimal>>; 5] = Default::default();
        let mut put =
            |run: &Self, name: &str, label: &str, kind: &str, basis_text: String, y: usize, node: &Node| {
                lines.push(name.to_owned());
                labels.push(label.to_owned());
                years.push(i64::from(run.years[y]));
                kinds.push(kind.to_owned());
                basis.push(basis_text);
                amounts[0].push(node.series.central[y]);
                let s = spread(&node.series, y);
                for (i, column) in amounts.iter_mut().skip(1).enumerate() {
                    column.push(s.map(|s| s[i]));
                }
            };
        for (y, year) in self.years.iter().enumerate().skip(1) {
            for line in &self.scenario.budget {
                let inside = line.first.is_none_or(|f| *year >= f) && line.last.is_none_or(|l| *year <= l);
                let Some(node) = self.graph.get(&format!("budget.{}", line.name)).filter(|_| inside) else {
                    continue;
                };
                let (recurrent, kind) = (
                    line.kind == LineKind::Recurrent,
                    if line.kind == LineKind::Recurrent { "recurrent" } else { "capital" },
                );
                if !recurrent
                    && node.series.central[y].is_some_and(|v| v.is_zero())
                    && node.series.of_year(y).iter().all(|v| *v == 0.0)
                {
                    continue;
                }
                put(
                    self,
                    &line.name,
                    &line.label,
                    kind,
                    basis_text(&self.graph, node, y, &self.years),
                    y,
                    node,
                );
            }
            if let Some(node) = self.graph.get("budget.total") {
                put(self, "total", &node.label, "total", "各项相加".to_owned(), y, node);
            }
        }
        let [amount, mean, p50, p80, p95] = amounts;
        self.start("经费需求")
            .note("amount为按各项假设中间值计算的金额，精确到分；p80为有八成把握够用的金额。空白为未知，不等于零。")
            .text("line", "科目", lines)
            .text("label", "科目名称", labels)
            .int("year", "年份", "", years)
            .text("kind", "性质", kinds)
            .yuan("amount", "金额", amount)
            .yuan("mean", "均值", mean)
            .yuan("p50", "中位数", p50)
            .yuan("p80", "80%分位", p80)
            .yuan("p95", "95%分位", p95)
            .text("basis", "依据", basis)
            .build()
    }

    /// Every assumption that the run used: what no figure of the plan says.
    pub fn assumptions(&self) -> Result<Table> {
        let (mut paths, mut labels, mut values, mut units) = (vec![], vec![], vec![], vec![]);
        let (mut spreads, mut sources, mut places) = (vec![], vec![], vec![]);
        for node in self.graph.iter() {
            if let Origin::Assumption { place, spread, source, note } = &node.origin {
                paths.push(node.path.clone());
                labels.push(node.label.clone());
                values
                    .push(node.series.central.last().copied().flatten().map(|v| text::number(v, &node.unit)));
                units.push(node.unit.clone());
                spreads.push(spread.clone());
                sources.push(if note.is_empty() { source.clone() } else { format!("{source}；{note}") });
                places.push(format!("{}第{}行", place.file, place.line));
            }
        }
        self.start("假设一览（均非数据）")
            .text("path", "名称", paths)
            .text("label", "含义", labels)
            .opt_text("value", "中间值", values)
            .text("unit", "单位", units)
            .text("spread", "不确定性", spreads)
            .text("source", "依据", sources)
            .text("place", "位置", places)
            .build()
    }

    /// The nodes of one room, for those who compare runs.
    pub fn paths(&self) -> Vec<String> {
        self.graph.iter().map(|n| n.path.clone()).collect()
    }
}

/// A line's formula in numbers, short enough for a cell.
fn basis_text(graph: &Graph, node: &Node, y: usize, years: &[i32]) -> String {
    match &node.origin {
        Origin::Formula { expr, .. } => why::in_figures(graph, expr, years, y),
        _ => String::new(),
    }
}
