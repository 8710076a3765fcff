//! What a base population says, as tables.

use ndarray::Axis;

use super::ages::AGES;
use super::{AgeGroup, Base};
use crate::draws::{QUANTILE_NAMES, Summary, summarize};
use crate::error::Result;
use crate::tables::Table;

impl Base {
    /// Totals, shares and median age: indicator, label, unit, value (the central reconstruction), quantiles.
    ///
    /// # Errors
    /// None in practice: the columns are of one length.
    pub fn indicators(&self) -> Result<Table> {
        let group = |from: usize| AgeGroup { from, to: AGES };
        let people = |p: &[f64], g: AgeGroup| -> f64 {
            (0..2).map(|s| p[s * AGES + g.from..s * AGES + g.to].iter().sum::<f64>()).sum()
        };
        let mut rows: Vec<(&str, &str, &str, f64, Option<Summary>)> = Vec::new();
        let mut add = |name, label, unit, f: &dyn Fn(&[f64]) -> f64| {
            let mut values: Vec<f64> =
                self.draws.axis_iter(Axis(0)).map(|d| f(&d.iter().copied().collect::<Vec<_>>())).collect();
            let central: Vec<f64> = self.population.iter().copied().collect();
            rows.push((name, label, unit, f(&central), summarize(&mut values)));
        };
        add("total", "总人口", "人", &|p| p.iter().sum());
        for (name, share, label, share_label, from) in [
            ("60_plus", "share_60_plus", "60岁及以上人口", "60岁及以上人口比重", 60),
            ("65_plus", "share_65_plus", "65岁及以上人口", "65岁及以上人口比重", 65),
            ("80_plus", "share_80_plus", "80岁及以上人口", "80岁及以上人口比重", 80),
        ] {
            add(name, label, "人", &|p| people(p, group(from)));
            add(share, share_label, "", &|p| people(p, group(from)) / p.iter().sum::<f64>());
        }
        add("0_14", "0—14岁人口", "人", &|p| people(p, AgeGroup { from: 0, to: 15 }));
        add("15_59", "15—59岁人口", "人", &|p| people(p, AgeGroup { from: 15, to: 60 }));
        add("median_age", "年龄中位数", "岁", &median_age);
        let quantile = |k: usize| rows.iter().map(move |r| r.4.map(|s| s.quantiles[k]));
        let labels = ["2.5%分位", "10%分位", "中位数", "90%分位", "97.5%分位"];
        let mut table = Table::builder(format!("基期人口（{}）", self.kind.label()));
        for note in &self.notes {
            table = table.note(note);
        }
        table = table
            .text("indicator", "指标", rows.iter().map(|r| r.0))
            .text("label", "名称", rows.iter().map(|r| r.1))
            .text("unit", "单位", rows.iter().map(|r| r.2))
            .float("value", "中心值", "", rows.iter().map(|r| r.3))
            .opt_float("mean", "均值", "", rows.iter().map(|r| r.4.map(|s| s.mean)));
        for (k, name) in QUANTILE_NAMES.iter().enumerate() {
            table = table.opt_float(name, labels[k], "", quantile(k));
        }
        table.build()
    }

    /// Persons by sex and age group of `width` years (1, 5 or 10): sex, age, value, quantiles.
    ///
    /// # Errors
    /// None in practice: the columns are of one length.
    pub fn by_age(&self, width: usize) -> Result<Table> {
        let width = width.max(1);
        let mut groups: Vec<AgeGroup> = (0..AGES - 1)
            .step_by(width)
            .map(|from| AgeGroup { from, to: (from + width).min(AGES - 1) })
            .collect();
        groups.push(AgeGroup { from: AGES - 1, to: AGES });
        let mut rows = Vec::new();
        for (sex, name) in ["female", "male"].into_iter().enumerate() {
            for g in &groups {
                let sum =
                    |p: ndarray::ArrayView2<'_, f64>| -> f64 { (g.from..g.to).map(|x| p[[sex, x]]).sum() };
                let mut values: Vec<f64> = self.draws.axis_iter(Axis(0)).map(sum).collect();
                rows.push((name, g.label(), sum(self.population.view()), summarize(&mut values)));
            }
        }
        let labels = ["2.5%分位", "10%分位", "中位数", "90%分位", "97.5%分位"];
        let mut table = Table::builder(format!("基期分年龄性别人口（{}）", self.kind.label()));
        for note in &self.notes {
            table = table.note(note);
        }
        table = table
            .text("sex", "性别", rows.iter().map(|r| r.0))
            .text("age", "年龄", rows.iter().map(|r| r.1.as_str()))
            .float("value", "中心值", "人", rows.iter().map(|r| r.2))
            .opt_float("mean", "均值", "人", rows.iter().map(|r| r.3.map(|s| s.mean)));
        for (k, name) in QUANTILE_NAMES.iter().enumerate() {
            table = table.opt_float(name, labels[k], "人", rows.iter().map(|r| r.3.map(|s| s.quantiles[k])));
        }
        table.build()
    }
}

/// Age below which half of the (2, 101) cells lie; persons are spread evenly within a year.
fn median_age(cells: &[f64]) -> f64 {
    let half = cells.iter().sum::<f64>() / 2.0;
    let mut below = 0.0;
    for x in 0..AGES {
        let here = cells[x] + cells[AGES + x];
        if below + here >= half && here > 0.0 {
            return x as f64 + (half - below) / here;
        }
        below += here;
    }
    AGES as f64
}
