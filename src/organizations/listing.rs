//! The register itself as tables: organizations, changes of name.

use super::dates;
use super::register::Register;
use super::streak::synthetic_mark;
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
