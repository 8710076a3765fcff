//! `relief.heads()`: payments and heads of every group of programs by year.

use super::tables::Quantiles;
use super::{Run, heads};
use crate::error::Result;
use crate::tables::Table;

/// Rooms of the counts, in the order of the table.
pub const COUNTS: [&str; 4] = ["payments", "heads", "heads_low", "heads_high"];

impl Run {
    /// `relief.heads()`: group, label, year, count, unit and quantiles. A group whose overlaps are all
    /// known has `payments` (份) and `heads` (人); else `payments`, `heads_low` and `heads_high`.
    ///
    /// # Errors
    /// As every table.
    pub fn heads(&self) -> Result<Table> {
        let (mut names, mut labels, mut years, mut counts, mut units) =
            (vec![], vec![], vec![], vec![], vec![]);
        let mut q = Quantiles(Vec::new());
        let mut table = self.start("救助与福利发放份数与领取人数").note(format!("{}。", heads::PAYMENTS));
        for group in &self.groups {
            for count in COUNTS {
                let Some(node) = self.graph.get(&format!("{count}.{}", group.name)) else { continue };
                for (y, year) in self.years.iter().enumerate() {
                    // as in the caseloads: unknown is not a row of blanks
                    if node.series.central[y].is_none() {
                        continue;
                    }
                    names.push(group.name.clone());
                    labels.push(node.label.clone());
                    years.push(i64::from(*year));
                    counts.push(count);
                    units.push(node.unit.clone());
                    q.push(&node.series, y);
                }
            }
            let label = |i: usize| self.scenario.relief[i].label.clone();
            for text in heads::words(group, &label) {
                table = table.note(format!("{}：{text}。", group.label));
            }
            if !group.of_year.is_empty() {
                let listed: Vec<String> = group.of_year.iter().map(|i| label(*i)).collect();
                let text = format!("{}为全年领取人数，其余为年末在册人数", listed.join("、"));
                table = table.note(format!("{}：{text}。", group.label));
            }
            if !group.left_out.is_empty() {
                let listed = group.left_out.iter().map(|i| {
                    let p = &self.scenario.relief[*i];
                    format!("{}（{}）", p.label, if p.until.is_some() { "已移交" } else { p.unit.as_str() })
                });
                let listed: Vec<String> = listed.collect();
                let text = format!("{}：不按人计或已移交的项目不计入：{}。", group.label, listed.join("、"));
                table = table.note(text);
            }
        }
        let table = table
            .text("group", "项目组", names)
            .text("label", "名称", labels)
            .int("year", "年份", "", years)
            .text("count", "计数", counts)
            .text("unit", "单位", units);
        q.add_to(table, "").build()
    }
}
