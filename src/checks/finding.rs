//! What a check finds, and the table of it.

use std::sync::Arc;

use arrow_array::{Decimal128Array, PrimitiveArray, types::Decimal128Type};
use arrow_schema::DataType;
use num_traits::{CheckedDiv, CheckedSub, Signed, ToPrimitive, Zero};
use rust_decimal::Decimal;

use crate::error::Result;
use crate::figures::{Exact, to_decimal};
use crate::tables::Table;

/// How a finding is told, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Two places cannot both be right.
    Contradiction,
    /// Most likely wrong; one reading would save it.
    Probable,
    /// Right under one reading, wrong under another.
    Ambiguous,
    /// To be known by who reads the figures; nothing is wrong.
    Info,
    /// Checked, and it holds.
    Holds,
}

impl Verdict {
    /// The words of checks.toml and of the table.
    pub const WORDS: [&'static str; 5] = ["contradiction", "probable", "ambiguous", "info", "holds"];
    const ALL: [Self; 5] = [Self::Contradiction, Self::Probable, Self::Ambiguous, Self::Info, Self::Holds];

    pub fn word(self) -> &'static str {
        match self {
            Self::Contradiction => "contradiction",
            Self::Probable => "probable",
            Self::Ambiguous => "ambiguous",
            Self::Info => "info",
            Self::Holds => "holds",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.word() == word)
    }
}

/// One row of `case.check()`.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Id of a declared check; of what is found, the family and the figures (`same:F126+F163`).
    pub check: String,
    pub family: &'static str,
    pub verdict: Verdict,
    pub figures: Vec<String>,
    /// The formula with numbers put in.
    pub formula: String,
    pub stated: Option<Exact>,
    pub computed: Option<Exact>,
    pub unit: String,
    /// Yuan involved.
    pub money: Option<Exact>,
    /// Chinese, fit for a 说明; cites both places.
    pub sentence: String,
}

impl Finding {
    /// A finding without numbers; `check` is filled in from family and figures.
    pub(super) fn new(
        family: &'static str,
        verdict: Verdict,
        figures: &[&str],
        sentence: impl Into<String>,
    ) -> Self {
        Self {
            check: format!("{family}:{}", figures.join("+")),
            family,
            verdict,
            figures: figures.iter().map(|f| (*f).to_owned()).collect(),
            formula: String::new(),
            stated: None,
            computed: None,
            unit: String::new(),
            money: None,
            sentence: sentence.into(),
        }
    }

    #[must_use]
    pub(super) fn numbers(
        mut self,
        formula: impl Into<String>,
        stated: Exact,
        computed: Exact,
        unit: impl Into<String>,
    ) -> Self {
        self.formula = formula.into();
        self.stated = Some(stated);
        self.computed = Some(computed);
        self.unit = unit.into();
        self
    }

    #[must_use]
    pub(super) fn formula(mut self, formula: impl Into<String>) -> Self {
        self.formula = formula.into();
        self
    }

    #[must_use]
    pub(super) fn money(mut self, money: Option<Exact>) -> Self {
        self.money = money.map(|m| m.abs());
        self
    }

    #[must_use]
    pub(super) fn named(mut self, check: &str) -> Self {
        self.check = check.to_owned();
        self
    }

    /// computed − stated.
    pub fn gap(&self) -> Option<Exact> {
        self.computed.as_ref()?.checked_sub(self.stated.as_ref()?)
    }

    /// The gap as a share of what is stated; none where zero is stated.
    pub fn gap_share(&self) -> Option<f64> {
        let stated = self.stated.filter(|s| !s.is_zero())?;
        self.gap()?.checked_div(&stated)?.to_f64_lossy()
    }
}

/// A rational as a float, for shares that are shown and never decided on.
trait Lossy {
    fn to_f64_lossy(&self) -> Option<f64>;
}

impl Lossy for Exact {
    fn to_f64_lossy(&self) -> Option<f64> {
        let f = self.numer().to_f64()? / self.denom().to_f64()?;
        f.is_finite().then_some(f)
    }
}

/// Verdict, then money (most first, none last), then line of the first figure, then check id.
pub(super) fn sort(findings: &mut Vec<Finding>, line_of: impl Fn(&str) -> u32) {
    // the line is looked up once for each, not at every comparison
    let line = |f: &Finding| f.figures.first().map_or(u32::MAX, |id| line_of(id));
    let mut all: Vec<(u32, Finding)> = std::mem::take(findings).into_iter().map(|f| (line(&f), f)).collect();
    all.sort_by(|(x, a), (y, b)| {
        a.verdict
            .cmp(&b.verdict)
            .then_with(|| b.money.cmp(&a.money))
            .then_with(|| x.cmp(y))
            .then_with(|| a.check.cmp(&b.check))
    });
    findings.extend(all.into_iter().map(|(_, f)| f));
}

const SCALE: u32 = 6;

fn decimals(values: impl Iterator<Item = Option<Exact>>) -> Arc<Decimal128Array> {
    let fixed = |x: Exact| {
        let mut d = to_decimal(&x, SCALE)?;
        d.rescale(SCALE);
        (d.scale() == SCALE).then_some(d.mantissa())
    };
    let array: PrimitiveArray<Decimal128Type> = values.map(|v| v.and_then(fixed)).collect();
    let scale = i8::try_from(SCALE).unwrap_or(0);
    Arc::new(array.with_data_type(DataType::Decimal128(38, scale)))
}

/// The table of `case.check()`: check, family, verdict, figures, formula, stated, computed, gap,
/// unit, gap_share, money, sentence.
pub fn findings_table(findings: &[Finding]) -> Result<Table> {
    noted_table(findings, &[])
}

/// The same with remarks below it, behind what every such table notes.
pub fn noted_table(findings: &[Finding], remarks: &[String]) -> Result<Table> {
    let f = findings;
    let largest = Exact::from_integer(1_000_000_000_000_000);
    let yuan = |x: &Finding| x.money.filter(|m| *m < largest).and_then(|m| to_decimal(&m, 2));
    let money: Vec<Option<Decimal>> = f.iter().map(yuan).collect();
    let noted = Table::builder("规划数字核对")
        .note("gap = 计算值 − 陈述值；印刷精度之内的出入不作矛盾")
        .note("verdict：contradiction 矛盾，probable 多半有误，ambiguous 两可，info 提示，holds 相符");
    remarks
        .iter()
        .fold(noted, |table, remark| table.note(remark))
        .text("check", "核对", f.iter().map(|x| &x.check))
        .text("family", "类别", f.iter().map(|x| x.family))
        .text("verdict", "结论", f.iter().map(|x| x.verdict.word()))
        .text_list("figures", "数字编号", &f.iter().map(|x| x.figures.clone()).collect::<Vec<_>>())
        .text("formula", "算式", f.iter().map(|x| &x.formula))
        .array("stated", "陈述值", "", decimals(f.iter().map(|x| x.stated)))
        .array("computed", "计算值", "", decimals(f.iter().map(|x| x.computed)))
        .array("gap", "差额", "", decimals(f.iter().map(Finding::gap)))
        .text("unit", "单位", f.iter().map(|x| &x.unit))
        .opt_float("gap_share", "差额占陈述值", "", f.iter().map(Finding::gap_share))
        .yuan("money", "涉及金额", money)
        .text("sentence", "说明", f.iter().map(|x| &x.sentence))
        .build()
}
