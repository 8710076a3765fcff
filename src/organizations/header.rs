//! Which column of a register is which: Chinese and English headers with their usual variants, one or two header lines.

use super::codes::masked;
pub use super::header_words::field_of;
use super::header_words::is_of_interest;
use super::text::nearest;
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
    /// The end of an organization, where the header does not tell 注销 from 撤销.
    Closed,
    /// 登记状态: in being, deregistered or revoked.
    Status,
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
    /// Those of them that still speak of registration, closing or inspection.
    pub doubtful: Vec<String>,
    /// One row an organization with a column a year.
    pub wide: bool,
    /// The year of all rows, in a workbook with a sheet a year.
    pub year: Option<i16>,
}

impl Layout {
    /// Maps headers to fields.
    ///
    /// # Errors
    /// `Error::Data` naming every column that is missing and the headers that were found.
    pub fn of(headers: &[String]) -> Result<Self> {
        Self::with_year(headers, None)
    }

    /// As [`Layout::of`], of a sheet that is known to hold one year.
    ///
    /// # Errors
    /// As [`Layout::of`].
    pub fn with_year(headers: &[String], year: Option<i16>) -> Result<Self> {
        let mut columns: Vec<Mapped> = Vec::new();
        let mut ignored = Vec::new();
        let mut problems = Vec::new();
        // A line of data taken for the header may hold anybody's number.
        let headers: Vec<String> = headers.iter().map(|h| masked(h.trim()).into_owned()).collect();
        for (position, header) in headers.iter().enumerate() {
            match field_of(header) {
                Some(field) => {
                    match columns.iter_mut().find(|c| c.field == field && field != Field::Identity) {
                        // 发证日期 beside 登记日期, 登记证号 beside the credit code: the one that says it better.
                        Some(first) if is_weak(field, &first.header) != is_weak(field, header) => {
                            if is_weak(field, header) {
                                ignored.push(header.clone());
                            } else {
                                ignored.push(first.header.clone());
                                *first = Mapped { position, field, header: header.clone() };
                            }
                        }
                        Some(first) => problems.push(
                            Problem::new(format!("two columns hold the same thing as {:?}", first.header))
                                .column(header.clone())
                                .value(format!("column {}", position + 1))
                                .expected("each column once"),
                        ),
                        None => columns.push(Mapped { position, field, header: header.clone() }),
                    }
                }
                None if !header.is_empty() => ignored.push(header.clone()),
                None => {}
            }
        }
        let wide = columns.iter().any(|c| matches!(c.field, Field::Of(_)));
        let has = |field| columns.iter().any(|c| c.field == field);
        let mut missing = |what: &str, words: &[&str]| {
            let near = ignored.iter().find(|h| words.iter().any(|w| nearest(h, [*w]).is_some()));
            let mut problem = Problem::new(format!("no column {what}"))
                .value(
                    headers
                        .iter()
                        .map(String::as_str)
                        .filter(|h| !h.is_empty())
                        .collect::<Vec<_>>()
                        .join(", "),
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
        if !wide && !has(Field::Year) && year.is_none() {
            missing("for the year", &["年度", "year", "2023年度结论 (a column a year)"]);
        }
        if !wide && !has(Field::Conclusion) {
            missing("for the conclusion", &["结论", "年检结论", "conclusion"]);
        }
        if !problems.is_empty() {
            return Err(Error::Data(problems));
        }
        let doubtful = ignored.iter().filter(|h| is_of_interest(h)).cloned().collect();
        let year = year.filter(|_| !wide && !has(Field::Year));
        Ok(Self { columns, ignored, doubtful, wide, year })
    }
}

/// Whether a header says less surely than others of its field what it holds.
fn is_weak(field: Field, header: &str) -> bool {
    match field {
        Field::Registered => header.contains("发证"),
        Field::Code => !header.contains("信用") && !header.eq_ignore_ascii_case("code"),
        _ => false,
    }
}

/// The header found in the first rows of a sheet: its labels and the number of the first row of data (from 0).
///
/// A row alone or two rows together (a merged line over another, the upper filled to the right) are tried; the one that
/// names most fields is taken. Title and unit lines above are passed over.
///
/// # Errors
/// `Error::Data` where no row of the first twelve names an organization and a year.
pub fn find_header(rows: &[Vec<String>], year: Option<i16>) -> Result<(Vec<String>, usize)> {
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
            Layout::with_year(&seen, year).map(|_| (seen, 1))
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
        for header in ["FY2023", "23年", "2023年度参检情况", "年检结论（2023年度）", "2023年年检等次"]
        {
            assert_eq!(field_of(header), Some(Field::Of(2023)), "{header}");
        }
        for header in ["登记（成立）日期", "批准登记时间", "登记注册时间", "首次登记日期", "登记成立时间"]
        {
            assert_eq!(field_of(header), Some(Field::Registered), "{header}");
        }
        for header in ["注销/撤销日期", "注销撤销时间", "注销（撤销）日期"] {
            assert_eq!(field_of(header), Some(Field::Closed), "{header}");
        }
        assert_eq!(field_of("吊销日期"), Some(Field::Revoked));
        assert_eq!(field_of("是否注销"), Some(Field::Deregistered));
        assert_eq!(field_of("登记状态"), Some(Field::Status));
        assert_eq!(field_of("民办非企业单位名称"), Some(Field::Name));
        assert_eq!(field_of("统一社会信用代码/组织机构代码"), Some(Field::Code));
        assert_eq!(field_of("年检等次"), Some(Field::Conclusion));
        assert_eq!(field_of("填报年度"), Some(Field::Year));
        for header in ["注销原因", "变更日期", "有效期截止日期", "业务主管单位", "年度（2023）收入"]
        {
            assert_eq!(field_of(header), None, "{header}");
        }
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
        let (labels, first) = find_header(&rows, None).unwrap();
        assert_eq!(first, 4);
        let layout = Layout::of(&labels).unwrap();
        assert!(layout.wide);
        assert_eq!(layout.columns.iter().find(|c| c.field == Field::Of(2023)).unwrap().position, 4);
    }

    #[test]
    fn the_better_of_two_columns_is_read_and_what_speaks_of_closing_is_told() {
        let headers =
            row(&["登记证号", "统一社会信用代码", "年度", "结论", "发证日期", "成立日期", "注销原因"]);
        let layout = Layout::of(&headers).unwrap();
        let at = |field| layout.columns.iter().find(|c| c.field == field).unwrap().position;
        assert_eq!((at(Field::Code), at(Field::Registered)), (1, 5));
        assert_eq!(layout.doubtful, ["注销原因"]);
        let error = Layout::of(&row(&["张三", "433101195202290008", "x"])).unwrap_err();
        assert!(!error.to_string().contains("0229"), "{error}");
    }

    #[test]
    fn all_that_is_missing_is_said_at_once() {
        let error = Layout::of(&row(&["统一社会信用代吗", "备注"])).unwrap_err();
        assert_eq!(error.problems().len(), 3);
        assert!(error.problems()[0].message.contains("统一社会信用代吗"));
        assert!(Layout::of(&row(&["code", "year", "conclusion", "年度"])).is_err());
    }
}
