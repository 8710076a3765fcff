//! Drafts a ledger from a plan's text: numbers with their words, unit, period and section guessed,
//! for a person to finish.

mod dates;
mod guess;
mod heads;
mod lists;
mod scan;
mod tables;
mod text;
mod time;
mod units;

pub use scan::Unread;

use rust_decimal::Decimal;

use super::{Bound, Nature};
use crate::error::{Error, Problem, Result};
use text::Text;

/// One drafted row; its fields are those of figures.csv.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub line: u32,
    pub section: String,
    pub subject: String,
    /// A number or a date, as figures.csv writes it.
    pub value: String,
    pub value_hi: Option<Decimal>,
    pub bound: Bound,
    pub unit: String,
    pub time_ref: String,
    pub time_type: &'static str,
    pub nature: Nature,
    pub phrase: String,
}

/// What was found, and the numbers that could not be read.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    pub rows: Vec<Row>,
    pub unread: Vec<Unread>,
}

/// Finds the figures of a plan's text. Broken lines are joined; page numbers of a table of contents,
/// numbers of headings and documents, and slogans (五进小区) are left out.
pub fn draft(source: &str) -> Draft {
    let text = Text::new(source);
    let (hits, mut unread) = scan::scan(&text);
    let context = guess::Context::new(&text, &hits);
    let all = hits.iter().enumerate().filter_map(|(i, hit)| context.row(i, hit));
    // a number that its line does not bear out (the line ends amid it) is told, not drafted
    let (rows, cut): (Vec<Row>, Vec<Row>) = all.partition(Row::is_borne_out);
    unread.extend(cut.into_iter().map(|row| Unread { line: row.line, words: row.phrase }));
    unread.sort_by_key(|u| u.line);
    Draft { rows, unread }
}

impl Draft {
    /// The text of a figures.csv: ids `F001`…, a metric of its own for each row (to be named by a
    /// person; the same metric twice would mean the same thing twice).
    pub fn to_csv(&self) -> Result<String> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let fail = |e: csv::Error| Error::data(Problem::new(e.to_string()));
        writer.write_record(super::ledger::COLUMNS).map_err(fail)?;
        for (i, row) in self.rows.iter().enumerate() {
            let (base, base_unit) = row.base();
            let fields = [
                format!("F{:03}", i + 1),
                row.line.to_string(),
                row.section.clone(),
                row.subject.clone(),
                format!("figure_{:03}", i + 1),
                row.value.clone(),
                row.value_hi.map_or_else(String::new, |d| d.to_string()),
                row.bound.word().to_owned(),
                row.unit.clone(),
                base,
                base_unit,
                row.time_ref.clone(),
                row.time_type.to_owned(),
                row.nature.word().to_owned(),
                row.phrase.clone(),
            ];
            writer.write_record(&fields).map_err(fail)?;
        }
        let bytes = writer.into_inner().map_err(|e| Error::data(Problem::new(e.to_string())))?;
        String::from_utf8(bytes).map_err(|e| Error::data(Problem::new(e.to_string())))
    }
}

impl Row {
    fn is_borne_out(&self) -> bool {
        let Ok(value) = self.value.parse::<Decimal>() else { return true };
        super::words::contradicts(&self.phrase, value, self.value_hi, &self.unit).is_none()
    }

    /// Value and unit in base units; months by the year.
    fn base(&self) -> (String, String) {
        use num_traits::CheckedMul;
        let Ok(value) = self.value.parse::<Decimal>() else { return Default::default() };
        let unit = super::Unit::parse(&self.unit);
        if self.unit.is_empty() || self.nature == Nature::Date {
            return Default::default();
        }
        let monthly = unit.of() == "元" && unit.per().iter().any(|p| p == "月");
        let factor = unit.factor() * super::Exact::from_integer(if monthly { 12 } else { 1 });
        // 200亩 is 133,333.333333 ㎡: a third is rounded, and the reader knows it
        let base = super::from_decimal(value).checked_mul(&factor);
        let exact = |b: &super::Exact| super::to_decimal(b, 9).filter(|d| super::from_decimal(*d) == *b);
        let base = base.and_then(|b| exact(&b).or_else(|| super::to_decimal(&b, 6)));
        let Some(base) = base else { return Default::default() };
        if super::row::number_of(&base.to_string(), 9).is_none() {
            return Default::default();
        }
        let name = unit.base().to_string();
        (base.to_string(), if monthly { name.replace("/月", "/年") } else { name })
    }
}
