//! What is wrong in a register: every finding with row, column, value and what was expected; reading goes on.

use super::codes::masked;
use crate::error::{Problem, Result};
use crate::tables::Table;

/// Kinds of findings, in the order in which they are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[repr(u8)]
pub enum Finding {
    CodeMissing,
    CodeBroken,
    CodeCheck,
    CodeRepaired,
    Date,
    DateVague,
    Year,
    Word,
    Type,
    TypeAgainstCode,
    Contradiction,
    Duplicate,
    TwoConclusions,
    BeforeRegistration,
    AfterClosing,
    ExemptInspected,
    Gap,
    SameName,
    Identity,
    Ragged,
    /// Closed, on a day that is not written or can't be read.
    Undated,
    Status,
    /// A year that hardly any record carries and that no other adjoins, or that is still to come.
    YearDoubtful,
    /// A code that several organizations carry.
    SharedCode,
    /// Several names under one code in one year.
    SeveralNames,
    /// A total, a footnote, a heading.
    NoOrganization,
    /// A column that speaks of what is read and is not known.
    Column,
    /// A sheet that holds a register and is not read.
    Sheet,
}

impl Finding {
    pub const ALL: [Self; 28] = [
        Self::CodeMissing,
        Self::CodeBroken,
        Self::CodeCheck,
        Self::CodeRepaired,
        Self::Date,
        Self::DateVague,
        Self::Year,
        Self::Word,
        Self::Type,
        Self::TypeAgainstCode,
        Self::Contradiction,
        Self::Duplicate,
        Self::TwoConclusions,
        Self::BeforeRegistration,
        Self::AfterClosing,
        Self::ExemptInspected,
        Self::Gap,
        Self::SameName,
        Self::Identity,
        Self::Ragged,
        Self::Undated,
        Self::Status,
        Self::YearDoubtful,
        Self::SharedCode,
        Self::SeveralNames,
        Self::NoOrganization,
        Self::Column,
        Self::Sheet,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::CodeMissing => "code_missing",
            Self::CodeBroken => "code_broken",
            Self::CodeCheck => "code_check",
            Self::CodeRepaired => "code_repaired",
            Self::Date => "date",
            Self::DateVague => "date_vague",
            Self::Year => "year",
            Self::Word => "word",
            Self::Type => "type",
            Self::TypeAgainstCode => "type_against_code",
            Self::Contradiction => "contradiction",
            Self::Duplicate => "duplicate",
            Self::TwoConclusions => "two_conclusions",
            Self::BeforeRegistration => "before_registration",
            Self::AfterClosing => "after_closing",
            Self::ExemptInspected => "exempt_inspected",
            Self::Gap => "gap",
            Self::SameName => "same_name",
            Self::Identity => "identity",
            Self::Ragged => "ragged",
            Self::Undated => "closed_undated",
            Self::Status => "status",
            Self::YearDoubtful => "year_doubtful",
            Self::SharedCode => "shared_code",
            Self::SeveralNames => "several_names",
            Self::NoOrganization => "no_organization",
            Self::Column => "column",
            Self::Sheet => "sheet",
        }
    }
}

impl Finding {
    /// What a Chinese table calls it.
    pub fn label(self) -> &'static str {
        match self {
            Self::CodeMissing => "缺代码",
            Self::CodeBroken => "代码不完整",
            Self::CodeCheck => "代码校验不通过",
            Self::CodeRepaired => "代码已更正",
            Self::Date => "日期有误",
            Self::DateVague => "日期不全",
            Self::Year => "年度有误",
            Self::Word => "用语不识",
            Self::Type => "类型不识",
            Self::TypeAgainstCode => "类型与代码不一",
            Self::Contradiction => "前后不一",
            Self::Duplicate => "重复记录",
            Self::TwoConclusions => "一年两个结论",
            Self::BeforeRegistration => "早于登记",
            Self::AfterClosing => "晚于终止",
            Self::ExemptInspected => "免检却有结论",
            Self::Gap => "年度缺记录",
            Self::SameName => "同名",
            Self::Identity => "组织识别",
            Self::Ragged => "列数不齐",
            Self::Undated => "终止日期不明",
            Self::Status => "登记状态不识",
            Self::YearDoubtful => "年度存疑",
            Self::SharedCode => "多个组织共用代码",
            Self::SeveralNames => "一码多名",
            Self::NoOrganization => "非组织行",
            Self::Column => "列未采用",
            Self::Sheet => "工作表未读",
        }
    }
}

/// Findings of one kind are kept up to this many; beyond it they are counted.
pub const KEPT: usize = 20_000;

/// All findings of a reading.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct Problems {
    kept: Vec<(Finding, Problem)>,
    counts: [u64; Finding::ALL.len()],
}

impl Problems {
    /// Adds a finding; `make` is called only while findings of its kind are still kept. What looks like an identity
    /// number or a telephone number in the value is hidden.
    pub fn add(&mut self, finding: Finding, make: impl FnOnce() -> Problem) {
        let count = &mut self.counts[finding as usize];
        *count += 1;
        if *count <= KEPT as u64 {
            let mut problem = make();
            problem.value = problem.value.map(|v| {
                let short: String = v.chars().take(120).collect();
                masked(&short).into_owned()
            });
            self.kept.push((finding, problem));
        }
    }

    pub fn count(&self, finding: Finding) -> u64 {
        self.counts[finding as usize]
    }

    /// Number of findings, kept or only counted.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    pub fn iter(&self) -> impl Iterator<Item = &(Finding, Problem)> {
        self.kept.iter()
    }

    /// Sorts what is kept by row, so that findings of checks over whole histories stand beside those of single cells.
    pub fn sort(&mut self) {
        self.kept.sort_by_key(|(finding, p)| (p.row.unwrap_or(usize::MAX), *finding));
    }

    /// Columns row, column, value, message, expected, kind; one row a finding, by row of the file; the columns of the file
    /// that were ignored in a note.
    ///
    /// # Errors
    /// None in practice: the columns are of one length.
    pub fn table(&self, file: Option<&str>, ignored: &[String]) -> Result<Table> {
        let mut builder = Table::builder("登记册核查结果").note(format!(
            "共{}处；行号为来源文件中的行，自1起。代码校验不通过只作提示，不剔除。",
            self.total()
        ));
        if let Some(file) = file {
            builder = builder.note(format!("来源：{file}"));
        }
        if !ignored.is_empty() {
            builder = builder.note(format!("未采用的列：{}。", ignored.join("、")));
        }
        for finding in Finding::ALL {
            if self.count(finding) > KEPT as u64 {
                builder =
                    builder.note(format!("{}：共{}处，列出前{KEPT}处", finding.label(), self.count(finding)));
            }
        }
        builder
            .opt_int("row", "行", "", self.kept.iter().map(|(_, p)| p.row.map(|r| r as i64)))
            .opt_text("column", "列", self.kept.iter().map(|(_, p)| p.column.as_deref()))
            .opt_text("value", "值", self.kept.iter().map(|(_, p)| p.value.as_deref()))
            .text("message", "问题", self.kept.iter().map(|(_, p)| p.message.as_str()))
            .opt_text("expected", "应为", self.kept.iter().map(|(_, p)| p.expected.as_deref()))
            .text("kind", "类别", self.kept.iter().map(|(f, _)| f.name()))
            .build()
    }
}
