//! The definitions and their schedules as tables.

use super::gradient::{FIRST_AGE, national_structure};
use super::schedule::{schedule, schedules};
use super::{AGES, need};
use crate::error::Result;
use crate::tables::Table;
use ndarray::Array2;

/// Every definition with its levels: `definition, label, scheme, level, level_label, share_60_plus` (of
/// the national population aged 60+ in 2020), `log_sd, source, note`.
///
/// # Errors
/// `Data` where a shipped table is broken.
pub fn definitions_table() -> Result<Table> {
    let structure = national_structure()?;
    let mut population = Array2::zeros((2, AGES));
    for (age, persons) in structure.persons.iter().enumerate().skip(FIRST_AGE) {
        population[[0, age]] = *persons;
    }
    let total: f64 = population.sum();
    let all = schedules()?;
    let rows: Vec<_> = all.iter().flat_map(|s| s.levels.iter().map(move |l| (s, l))).collect();
    let shares = rows
        .iter()
        .map(|(_, l)| Ok(need(&population.view(), &l.prevalence.view(), [0.0; 2])? / total))
        .collect::<Result<Vec<_>>>()?;
    Table::builder("照护需求口径")
        .note("各口径相差十倍，使用时须指明口径；60岁及以上占比按2020年全国年龄结构计算")
        .text("definition", "口径", rows.iter().map(|(s, _)| &s.definition))
        .text("label", "口径说明", rows.iter().map(|(s, _)| &s.label))
        .text("scheme", "量表", rows.iter().map(|(s, _)| &s.scheme))
        .text("level", "等级", rows.iter().map(|(_, l)| &l.id))
        .text("level_label", "等级名称", rows.iter().map(|(_, l)| &l.label))
        .float("share_60_plus", "占60岁及以上比重", "", shares)
        .float("log_sd", "地区间对数标准差", "", rows.iter().map(|(s, _)| s.log_sd))
        .text("source", "来源", rows.iter().map(|(s, _)| &s.source))
        .text("note", "说明", rows.iter().map(|(s, _)| &s.note))
        .build()
}

/// The schedule of a definition, ages 60 to 100+: `level, label, sex, age, share`.
///
/// # Errors
/// `Model` for an unknown definition.
pub fn prevalence_table(definition: &str) -> Result<Table> {
    let s = schedule(definition)?;
    let mut rows = Vec::new();
    for level in &s.levels {
        for (sex, name) in ["female", "male"].into_iter().enumerate() {
            rows.extend((FIRST_AGE..AGES).map(|age| (level, name, age, level.prevalence[[sex, age]])));
        }
    }
    Table::builder(&s.label)
        .note(format!("来源：{}", s.source))
        .note(&s.note)
        .text("level", "等级", rows.iter().map(|r| &r.0.id))
        .text("label", "等级名称", rows.iter().map(|r| &r.0.label))
        .text("sex", "性别", rows.iter().map(|r| r.1))
        .int("age", "年龄", "岁", rows.iter().map(|r| r.2 as i64))
        .float("share", "占比", "", rows.iter().map(|r| r.3))
        .build()
}

/// Persons by level under a definition: `definition, level, label, persons`. `shift` as in [`need`].
///
/// # Errors
/// As [`schedule`] and [`need`].
pub fn need_table(population: &Array2<f64>, definition: &str, shift: [f64; 2]) -> Result<Table> {
    let s = schedule(definition)?;
    let persons = s
        .levels
        .iter()
        .map(|l| need(&population.view(), &l.prevalence.view(), shift))
        .collect::<Result<Vec<_>>>()?;
    Table::builder(format!("照护需求：{}", s.label))
        .note(format!("来源：{}", s.source))
        .note(&s.note)
        .text("definition", "口径", s.levels.iter().map(|_| &s.definition))
        .text("level", "等级", s.levels.iter().map(|l| &l.id))
        .text("label", "等级名称", s.levels.iter().map(|l| &l.label))
        .float("persons", "人数", "人", persons)
        .build()
}
