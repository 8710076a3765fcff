//! What a backtest says, as tables: error and coverage by class, and every county.

use super::{Backtest, COMPARED, County};
use crate::demography::base::AgeGroup;
use crate::draws::quantile_sorted;
use crate::error::Result;
use crate::tables::Table;

/// Label of a compared group.
pub fn label(group: (usize, usize)) -> String {
    AgeGroup { from: group.0, to: group.1 }.label()
}

impl Backtest {
    /// Error and coverage by age group and class of counties.
    ///
    /// # Errors
    /// None in practice: the columns are of one length.
    pub fn summary(&self) -> Result<Table> {
        let in_size = |c: &County| (self.spec.size.0..=self.spec.size.1).contains(&c.total.0);
        type Class = (&'static str, &'static str, Box<dyn Fn(&County) -> bool>);
        let (low, high) = self.spec.size;
        let classes: [Class; 3] = [
            (
                "in_size",
                "规模组",
                Box::new(move |c| !c.other_boundary() && (low..=high).contains(&c.total.0)),
            ),
            ("comparable", "可比县", Box::new(|c| !c.other_boundary())),
            ("boundary_changed", "区划变动（总人口变动20%以上）", Box::new(County::other_boundary)),
        ];
        let mut rows = Vec::new();
        for (name, zh, of_class) in &classes {
            let class: Vec<&County> = self.counties.iter().filter(|c| of_class(c)).collect();
            for (g, group) in COMPARED.iter().enumerate() {
                if !class.is_empty() {
                    rows.push((*name, *zh, label(*group), class.len(), Row::of(&class, g)));
                }
            }
        }
        let sized = self.counties.iter().filter(|c| in_size(c) && c.other_boundary()).count();
        let float = |f: fn(&Row) -> f64| rows.iter().map(move |r| f(&r.4));
        Table::builder(format!("回测：由{}年推算{}年", self.spec.years.0, self.spec.years.1))
            .note(format!(
                "按行政区划代码匹配{}个县；仅见于前次{}个，仅见于后次{}个。规模组：{:.0}—{:.0}人，另有{}个因总人口变动20%以上单列。",
                self.counties.len(), self.unmatched.0, self.unmatched.1, low, high, sized
            ))
            .note(if self.spec.by_province {
                "封闭推算：按全国分年龄死亡率、所在省2010年普查预期寿命与全国之差存活，不计迁移。区间含基期重建误差和其他省份同期队列变动的离散程度。"
            } else {
                "封闭推算：按全国死亡水平存活，不计迁移。区间含基期重建误差和其他省份同期队列变动的离散程度。"
            })
            .text("class", "范围", rows.iter().map(|r| r.0))
            .text("label", "范围名称", rows.iter().map(|r| r.1))
            .text("age", "年龄", rows.iter().map(|r| r.2.as_str()))
            .int("counties", "县数", "个", rows.iter().map(|r| i64::try_from(r.3).unwrap_or(i64::MAX)))
            .float("median_error", "误差中位数", "", float(|r| r.median))
            .float("p90_error", "误差90%分位", "", float(|r| r.p90))
            .float("bias", "偏差中位数", "", float(|r| r.bias))
            .float("unchanged_error", "按原人数不变的误差中位数", "", float(|r| r.unchanged))
            .float("coverage_80", "80%区间覆盖率", "", float(|r| r.coverage_80))
            .float("coverage_95", "95%区间覆盖率", "", float(|r| r.coverage_95))
            .build()
    }

    /// One row per county and age group: code, county, age, observed, expected, quantiles, error, boundary_changed.
    ///
    /// # Errors
    /// None in practice: the columns are of one length.
    pub fn counties_table(&self) -> Result<Table> {
        let cells: Vec<(&County, usize)> =
            self.counties.iter().flat_map(|c| (0..COMPARED.len()).map(move |g| (c, g))).collect();
        let each = || cells.iter().copied();
        let labels = ["2.5%分位", "10%分位", "中位数", "90%分位", "97.5%分位"];
        let mut table = Table::builder("回测：分县分年龄组")
            .text("code", "行政区划代码", each().map(|(c, _)| c.code.as_str()))
            .text("county", "县", each().map(|(c, _)| c.name.as_str()))
            .text("age", "年龄", each().map(|(_, g)| label(COMPARED[g])))
            .float("total_a", "前次总人口", "人", each().map(|(c, _)| c.total.0))
            .float("total_b", "后次总人口", "人", each().map(|(c, _)| c.total.1))
            .float("observed", "实际", "人", each().map(|(c, g)| c.observed[g]))
            .float("expected", "推算", "人", each().map(|(c, g)| c.expected[g]));
        for (k, name) in crate::draws::QUANTILE_NAMES.iter().enumerate() {
            table = table.float(name, labels[k], "人", each().map(|(c, g)| c.quantiles[g][k]));
        }
        table
            .opt_float(
                "error",
                "相对误差",
                "",
                each().map(|(c, g)| (c.observed[g] > 0.0).then(|| c.expected[g] / c.observed[g] - 1.0)),
            )
            .boolean("boundary_changed", "区划变动", each().map(|(c, _)| c.other_boundary()))
            .build()
    }
}

/// Error and coverage of one group in one class.
struct Row {
    median: f64,
    p90: f64,
    bias: f64,
    unchanged: f64,
    coverage_80: f64,
    coverage_95: f64,
}

impl Row {
    fn of(class: &[&County], g: usize) -> Self {
        let errors = |value: &dyn Fn(&County) -> f64| -> Vec<f64> {
            class.iter().filter(|c| c.observed[g] > 0.0).map(|c| value(c) / c.observed[g] - 1.0).collect()
        };
        let quantile = |mut v: Vec<f64>, p: f64| {
            v.sort_unstable_by(f64::total_cmp);
            quantile_sorted(&v, p).unwrap_or(0.0)
        };
        let absolute = |v: Vec<f64>| v.into_iter().map(f64::abs).collect::<Vec<_>>();
        let own = errors(&|c| c.expected[g]);
        let share = |low: usize, high: usize| {
            let inside = class
                .iter()
                .filter(|c| (c.quantiles[g][low]..=c.quantiles[g][high]).contains(&c.observed[g]))
                .count();
            inside as f64 / class.len().max(1) as f64
        };
        Self {
            median: quantile(absolute(own.clone()), 0.5),
            p90: quantile(absolute(own.clone()), 0.9),
            bias: quantile(own, 0.5),
            unchanged: quantile(absolute(errors(&|c| c.unchanged[g])), 0.5),
            coverage_80: share(1, 3),
            coverage_95: share(0, 4),
        }
    }
}
