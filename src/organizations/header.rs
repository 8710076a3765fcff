//! Which column of a register is which: Chinese and English headers with their usual variants, one or two header lines.

use super::text::{key, nearest};
use crate::error::{Error, Problem, Result};

/// What a column of a register holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    Code,
    Name,
    Kind,
    Registered,
    Year,
    Conclusion,
    Deregistered,
    Revoked,
    /// Identity number of the representative: sex and age are derived, the number is dropped.
    Identity,
    /// The conclusion of one year, in a register with a column a year.
    Of(i16),
}

/// A column that is read: where it stands, what it holds, how it is called in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped {
    pub position: usize,
    pub field: Field,
    pub header: String,
}

/// The columns of a register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    pub columns: Vec<Mapped>,
    /// Headers that say nothing that is used here.
    pub ignored: Vec<String>,
    /// One row an organization with a column a year.
    pub wide: bool,
}

impl Layout {
    /// Maps headers to fields.
    ///
    /// # Errors
    /// `Error::Data` naming every column that is missing and the headers that were found.
    pub fn of(headers: &[String]) -> Result<Self> {
        let mut columns: Vec<Mapped> = Vec::new();
        let mut ignored = Vec::new();
        let mut problems = Vec::new();
        for (position, header) in headers.iter().enumerate() {
            match field_of(header) {
                Some(field) => match columns.iter().find(|c| c.field == field && field != Field::Identity) {
                    Some(first) => problems.push(
                        Problem::new(format!("two columns hold the same thing as {:?}", first.header))
                            .column(header.clone())
                            .value(format!("column {}", position + 1))
                            .expected("each column once"),
                    ),
                    None => columns.push(Mapped { position, field, header: header.trim().to_owned() }),
                },
                None if !header.trim().is_empty() => ignored.push(header.trim().to_owned()),
                None => {}
            }
        }
        let wide = columns.iter().any(|c| matches!(c.field, Field::Of(_)));
        let has = |field| columns.iter().any(|c| c.field == field);
        let mut missing = |what: &str, words: &[&str]| {
            let near = ignored.iter().find(|h| words.iter().any(|w| nearest(h, [*w]).is_some()));
            let mut problem = Problem::new(format!("no column {what}"))
                .value(
                    headers.iter().map(|h| h.trim()).filter(|h| !h.is_empty()).collect::<Vec<_>>().join(", "),
                )
                .expected(words.join(", "));
            if let Some(near) = near {
                problem.message.push_str(&format!("; {near:?} comes nearest"));
            }
            problems.push(problem);
        };
        if !has(Field::Code) && !has(Field::Name) {
            missing("that identifies the organization", &["统一社会信用代码", "code", "名称", "name"]);
        }
        if !wide && !has(Field::Year) {
            missing("for the year", &["年度", "year", "2023年度结论 (a column a year)"]);
        }
        if !wide && !has(Field::Conclusion) {
            missing("for the conclusion", &["结论", "年检结论", "conclusion"]);
        }
        if problems.is_empty() { Ok(Self { columns, ignored, wide }) } else { Err(Error::Data(problems)) }
    }
}

/// The field that a header names.
pub fn field_of(header: &str) -> Option<Field> {
    let key = key(header);
    let mut bare: String =
        key.chars().filter(|c| !matches!(c, '*' | ':' | '：' | '_' | '-' | '"' | '\'')).collect();
    if let Some((before, _)) = bare.split_once('(')
        && !before.is_empty()
    {
        bare = before.to_owned();
    }
    if bare.contains("身份证")
        || bare.contains("身份号码")
        || matches!(bare.as_str(), "idnumber" | "idcard" | "idno" | "identitynumber")
    {
        return Some(Field::Identity);
    }
    let field = match bare.as_str() {
        "统一社会信用代码"
        | "统一社会信用码"
        | "社会信用代码"
        | "统一信用代码"
        | "信用代码"
        | "统一代码"
        | "代码"
        | "机构代码"
        | "组织代码"
        | "统一社会信用代码证号"
        | "登记证号"
        | "登记证号/统一社会信用代码"
        | "统一社会信用代码/登记证号"
        | "code"
        | "uscc"
        | "creditcode"
        | "socialcreditcode"
        | "unifiedsocialcreditcode" => Field::Code,
        "名称" | "社会组织名称" | "组织名称" | "单位名称" | "机构名称" | "社会团体名称" | "社团名称"
        | "全称" | "单位全称" | "name" | "organization" | "organisation" | "organizationname" | "orgname" => {
            Field::Name
        }
        "类型" | "社会组织类型" | "组织类型" | "类别" | "社会组织类别" | "组织类别" | "单位类型"
        | "机构类型" | "登记类型" | "type" | "kind" | "orgtype" | "organizationtype" => Field::Kind,
        "登记日期" | "成立登记日期" | "成立日期" | "登记时间" | "成立登记时间" | "成立时间" | "注册日期"
        | "注册时间" | "注册登记日期" | "注册登记时间" | "批准登记日期" | "批准成立日期" | "发证日期"
        | "registered" | "registrationdate" | "registereddate" | "registeredon" | "dateregistered"
        | "established" => Field::Registered,
        "年度" | "年份" | "年检年度" | "年检年份" | "检查年度" | "年度检查年度" | "报告年度" | "所属年度"
        | "年" | "year" | "inspectionyear" | "reportyear" => Field::Year,
        "结论"
        | "年检结论"
        | "年检结果"
        | "年度检查结论"
        | "年度检查结果"
        | "检查结论"
        | "检查结果"
        | "年检情况"
        | "年检"
        | "结果"
        | "年度结论"
        | "conclusion"
        | "result"
        | "inspectionresult"
        | "inspection"
        | "inspectionconclusion" => Field::Conclusion,
        "注销日期" | "注销时间" | "注销登记日期" | "注销登记时间" | "deregistered" | "deregistrationdate"
        | "deregistereddate" | "cancelled" => Field::Deregistered,
        "撤销日期" | "撤销时间" | "撤销登记日期" | "撤销登记时间" | "revoked" | "revocationdate"
        | "revokeddate" => Field::Revoked,
        _ => return year_column(&bare).map(Field::Of),
    };
    Some(field)
}

/// The year of a header such as 2023, 2023年, 2023年度年检结论, conclusion_2023.
fn year_column(bare: &str) -> Option<i16> {
    let start = bare.find(|c: char| c.is_ascii_digit())?;
    let digits = bare.get(start..start + 4)?;
    let year: i16 = digits.parse().ok()?;
    let mut rest = format!("{}\u{1}{}", &bare[..start], &bare[start + 4..]);
    for word in [
        "年度",
        "年检",
        "检查",
        "结论",
        "结果",
        "情况",
        "年",
        "conclusion",
        "result",
        "inspection",
        "year",
        "y",
    ] {
        rest = rest.replace(word, "");
    }
    (rest == "\u{1}" && (1980..2200).contains(&year)).then_some(year)
}

/// The header found in the first rows of a sheet: its labels and the number of the first row of data (from 0).
///
/// A row alone or two rows together (a merged line over another, the upper filled to the right) are tried; the one that
/// names most fields is taken. Title and unit lines above are passed over.
///
/// # Errors
/// `Error::Data` where no row of the first twelve names an organization and a year.
pub fn find_header(rows: &[Vec<String>]) -> Result<(Vec<String>, usize)> {
    let mut best: Option<(usize, Vec<String>, usize)> = None;
    for (i, row) in rows.iter().take(12).enumerate() {
        let mut candidates = vec![(row.clone(), i + 1)];
        if let Some(below) = rows.get(i + 1) {
            candidates.push((two_lines(row, below), i + 2));
        }
        for (labels, first) in candidates {
            let fields: Vec<Field> = labels.iter().filter_map(|l| field_of(l)).collect();
            let named = fields.contains(&Field::Code) || fields.contains(&Field::Name);
            let score = fields.len();
            if named && score >= 2 && best.as_ref().is_none_or(|(s, ..)| score > *s) {
                best = Some((score, labels, first));
            }
        }
    }
    match best {
        Some((_, labels, first)) => Ok((labels, first)),
        None => {
            let seen =
                rows.iter().find(|r| r.iter().any(|c| !c.trim().is_empty())).cloned().unwrap_or_default();
            // The layout of what stands there names what is missing.
            Layout::of(&seen).map(|_| (seen, 1))
        }
    }
}

fn two_lines(upper: &[String], lower: &[String]) -> Vec<String> {
    let mut over = "";
    (0..upper.len().max(lower.len()))
        .map(|i| {
            let top = upper.get(i).map_or("", |s| s.trim());
            let bottom = lower.get(i).map_or("", |s| s.trim());
            if !top.is_empty() {
                over = top;
            }
            if bottom.is_empty() {
                return top.to_owned();
            }
            let both = if over == bottom { bottom.to_owned() } else { format!("{over}{bottom}") };
            if field_of(bottom).is_none() && field_of(&both).is_some() { both } else { bottom.to_owned() }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|c| (*c).to_owned()).collect()
    }

    #[test]
    fn headers_in_use() {
        assert_eq!(field_of("统一社会信用代码（18位）"), Some(Field::Code));
        assert_eq!(field_of(" 单 位 名 称 "), Some(Field::Name));
        assert_eq!(field_of("Credit Code"), Some(Field::Code));
        assert_eq!(field_of("２０２３年度年检结论"), Some(Field::Of(2023)));
        assert_eq!(field_of("conclusion_2023"), Some(Field::Of(2023)));
        assert_eq!(field_of("法定代表人身份证号码"), Some(Field::Identity));
        assert_eq!(field_of("2021年收入"), None);
        assert_eq!(field_of("12"), None);
    }

    #[test]
    fn a_merged_line_over_years() {
        let rows = vec![
            row(&["吉首市社会组织年检情况表", "", "", "", ""]),
            row(&["单位：个", "", "", "", ""]),
            row(&["统一社会信用代码", "名称", "类型", "年检结论", ""]),
            row(&["", "", "", "2022年", "2023年"]),
            row(&["51433101MJK000006K", "甲", "社会团体", "合格", "合格"]),
        ];
        let (labels, first) = find_header(&rows).unwrap();
        assert_eq!(first, 4);
        let layout = Layout::of(&labels).unwrap();
        assert!(layout.wide);
        assert_eq!(layout.columns.iter().find(|c| c.field == Field::Of(2023)).unwrap().position, 4);
    }

    #[test]
    fn all_that_is_missing_is_said_at_once() {
        let error = Layout::of(&row(&["统一社会信用代吗", "备注"])).unwrap_err();
        assert_eq!(error.problems().len(), 3);
        assert!(error.problems()[0].message.contains("统一社会信用代吗"));
        assert!(Layout::of(&row(&["code", "year", "conclusion", "年度"])).is_err());
    }
}
