//! The register itself as tables: organizations, changes of name, counts of conclusions.

use std::sync::Arc;

use arrow_array::{Int8Array, Int16Array};

use super::dates;
use super::kinds::{Conclusion, Kind};
use super::register::Register;
use super::streak::synthetic_mark;
use super::survival::Step;
use crate::error::Result;
use crate::tables::Table;

/// One row an organization: code, name, type, registered, deregistered, revoked, first_year, last_year, records,
/// representative_sex, representative_age. Identity numbers are not in it, nor anywhere.
///
/// # Errors
/// None in practice: the columns are of one length.
pub fn organizations_table(register: &Register) -> Result<Table> {
    let each = || register.organizations().iter().enumerate();
    let date = |d: Option<i32>| d.and_then(dates::date).map(|d| d.to_string());
    let day = |d: i32| (d != super::register::NO_DAY).then_some(d);
    let mut builder = Table::builder(format!("社会组织名册{}", synthetic_mark(register)))
        .text("code", "统一社会信用代码", each().map(|(i, _)| register.code(i)))
        .text("name", "名称", each().map(|(i, _)| register.name(i)))
        .text("type", "类型", each().map(|(_, o)| o.kind.name()))
        .opt_text("registered", "登记日期", each().map(|(_, o)| date(day(o.registered))))
        .opt_text("deregistered", "注销日期", each().map(|(_, o)| date(day(o.deregistered))))
        .opt_text("revoked", "撤销日期", each().map(|(_, o)| date(day(o.revoked))))
        .opt_int(
            "first_year",
            "首个年度",
            "",
            each().map(|(i, _)| register.first_last(i).map(|y| i64::from(y.0))),
        )
        .opt_int(
            "last_year",
            "末个年度",
            "",
            each().map(|(i, _)| register.first_last(i).map(|y| i64::from(y.1))),
        )
        .int("records", "年检记录", "条", each().map(|(i, _)| register.range(i).len() as i64));
    if each().any(|(i, _)| register.representative(i).is_some()) {
        let sex = |i| register.representative(i).map(|r| r.sex.name());
        let age = |i| register.representative(i).map(|r| i64::from(r.age));
        builder = builder
            .note("负责人性别、年龄（末个年度12月31日周岁）由身份证号推出，身份证号未保留。")
            .opt_text("representative_sex", "负责人性别", each().map(|(i, _)| sex(i)))
            .opt_int("representative_age", "负责人年龄", "岁", each().map(|(i, _)| age(i)));
    }
    builder.build()
}

/// Changes of name under one code: code, year, from, to, row.
///
/// # Errors
/// None in practice.
pub fn renames_table(register: &Register) -> Result<Table> {
    let each = || register.renames().iter();
    Table::builder(format!("更名情况{}", synthetic_mark(register)))
        .note("以统一社会信用代码识别组织，更名不中断年检记录。")
        .text("code", "统一社会信用代码", each().map(|r| r.code.as_str()))
        .opt_int("year", "年度", "", each().map(|r| r.year.map(i64::from)))
        .text("from", "原名称", each().map(|r| r.from.as_str()))
        .text("to", "现名称", each().map(|r| r.to.as_str()))
        .int("row", "行", "", each().map(|r| i64::from(r.row)))
        .build()
}

/// Conclusions as the rows carry them, by type and year: type, year, conclusion, count; only what occurs.
///
/// # Errors
/// None in practice.
pub fn counts_table(register: &Register) -> Result<Table> {
    let Some((first, last)) = register.span() else {
        return rows_of_counts(register, Vec::new());
    };
    let years = (last - first + 1) as usize;
    let mut counts = vec![0u64; 4 * years * 8];
    for (i, o) in register.organizations().iter().enumerate() {
        let of_kind = &mut counts[o.kind as usize * years * 8..][..years * 8];
        let range = register.range(i);
        for (year, conclusion) in register.years[range.clone()].iter().zip(&register.conclusions[range]) {
            of_kind[(i32::from(*year) - first) as usize * 8 + usize::from(*conclusion & 7)] += 1;
        }
    }
    let mut rows = Vec::new();
    for kind in Kind::ALL {
        for y in 0..years {
            for c in Conclusion::ALL {
                let n = counts[(kind as usize * years + y) * 8 + c as usize];
                if n > 0 {
                    rows.push((kind, first + y as i32, c, n));
                }
            }
        }
    }
    rows_of_counts(register, rows)
}

fn rows_of_counts(register: &Register, rows: Vec<(Kind, i32, Conclusion, u64)>) -> Result<Table> {
    Table::builder(format!("历年年检结论{}", synthetic_mark(register)))
        .note("登记册中的记录数，未按登记和注销日期核减。")
        .text("type", "类型", rows.iter().map(|r| r.0.name()))
        .int("year", "年度", "", rows.iter().map(|r| i64::from(r.1)))
        .text("conclusion", "结论", rows.iter().map(|r| r.2.name()))
        .int("count", "组织数", "个", rows.iter().map(|r| r.3 as i64))
        .build()
}

/// One row a conclusion, as small integers: type (place among association, service_organization, foundation, unknown),
/// year, conclusion (place among qualified, basically_qualified, unqualified, absent, exempt).
///
/// # Errors
/// None in practice.
pub fn coded_table(register: &Register) -> Result<Table> {
    let kinds = (0..register.len()).flat_map(|i| {
        let kind = register.organizations[i].kind as i8;
        register.range(i).map(move |_| kind)
    });
    let conclusions = register.conclusions.iter().map(|c| *c as i8);
    Table::builder(format!("年检记录（编码）{}", synthetic_mark(register)))
        .array("type", "类型", "", Arc::new(Int8Array::from_iter_values(kinds)))
        .array("year", "年度", "", Arc::new(Int16Array::from(register.years.clone())))
        .array("conclusion", "结论", "", Arc::new(Int8Array::from_iter_values(conclusions)))
        .build()
}

/// A survival curve as a table: time, at_risk, events, survival, low, high.
///
/// # Errors
/// None in practice.
pub fn curve_table(steps: &[Step]) -> Result<Table> {
    Table::builder("存续率（乘积限估计）")
        .float("time", "时间", "", steps.iter().map(|s| s.time))
        .int("at_risk", "在观察数", "个", steps.iter().map(|s| s.at_risk as i64))
        .int("events", "终止数", "个", steps.iter().map(|s| s.events as i64))
        .float("survival", "存续率", "", steps.iter().map(|s| s.survival))
        .float("low", "下限", "", steps.iter().map(|s| s.low))
        .float("high", "上限", "", steps.iter().map(|s| s.high))
        .build()
}
