//! Indicators of forms, keyed by (form, version, code): unit, nature, parent, where its figure comes from.

use crate::error::{Error, Problem, Result};
use crate::tables::Table;

const SHIPPED: &str = "annual/indicators.csv";

/// What kind of figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// A stock at the end of the period.
    End,
    /// A flow since January (`*` in the forms).
    Cumulative,
    /// A rate: compared by points, never by percent.
    Rate,
}

impl Nature {
    pub fn name(self) -> &'static str {
        ["end", "cumulative", "rate"][self as usize]
    }
}

/// How an indicator stands to its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// The parts make the whole.
    Part,
    /// Some parts are not listed: a residual is no fault.
    Listed,
    /// 其中: within the parent, never added to others.
    Subset,
}

impl Relation {
    pub fn name(self) -> &'static str {
        ["part", "listed", "subset"][self as usize]
    }
}

/// One line of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indicator {
    pub form: String,
    pub version: String,
    pub code: String,
    pub name: String,
    pub unit: String,
    pub decimals: u32,
    pub nature: Nature,
    pub parent: Option<(String, Relation)>,
    /// Version and code before a renumbering.
    pub formerly: Option<(String, String)>,
    /// Register, run or series that the figure is taken from.
    pub source: String,
    pub confidence: String,
}

/// The shipped indicators.
///
/// # Errors
/// `Error::Case` with every mistake of the file.
pub fn shipped() -> Result<Vec<Indicator>> {
    let text = crate::assets::text(SHIPPED)
        .ok_or_else(|| Error::case(Problem::new("the shipped indicators are missing").file(SHIPPED)))?;
    parse(text)
}

fn parse(text: &str) -> Result<Vec<Indicator>> {
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
    let mut found: Vec<Indicator> = Vec::new();
    let mut problems = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| Error::case(Problem::new(e.to_string()).file(SHIPPED)))?;
        let row = record.position().map_or(0, |p| p.line() as usize);
        let cell = |i: usize| record.get(i).unwrap_or("").trim().to_owned();
        let mut wrong = |column: &str, value: String, expected: &str| {
            let problem = Problem::new("unknown word").file(SHIPPED).row(row).column(column).value(value);
            problems.push(problem.expected(expected));
        };
        let nature = match cell(6).as_str() {
            "end" => Nature::End,
            "cumulative" => Nature::Cumulative,
            "rate" => Nature::Rate,
            other => {
                wrong("nature", other.to_owned(), "end, cumulative, rate");
                continue;
            }
        };
        let parent = match (cell(7).as_str(), cell(8).as_str()) {
            ("", _) => None,
            (parent, "part") => Some((parent.to_owned(), Relation::Part)),
            (parent, "listed") => Some((parent.to_owned(), Relation::Listed)),
            (parent, "subset") => Some((parent.to_owned(), Relation::Subset)),
            (_, other) => {
                wrong("relation", other.to_owned(), "part, listed, subset");
                continue;
            }
        };
        let Ok(decimals) = cell(5).parse() else {
            wrong("decimals", cell(5), "0 to 4");
            continue;
        };
        found.push(Indicator {
            form: cell(0),
            version: cell(1),
            code: cell(2),
            name: cell(3),
            unit: cell(4),
            decimals,
            nature,
            parent,
            formerly: cell(9).split_once(':').map(|(v, c)| (v.to_owned(), c.to_owned())),
            source: cell(10),
            confidence: cell(11),
        });
    }
    if problems.is_empty() { Ok(found) } else { Err(Error::Case(problems)) }
}

/// The shipped indicators as a table.
///
/// # Errors
/// As [`shipped`].
pub fn forms_table() -> Result<Table> {
    let all = shipped()?;
    let each = || all.iter();
    Table::builder("统计报表指标")
        .note("指标以（表号、制度版本、代码）识别：代码在不同版本中会重新编号。")
        .note("confidence：M 为见于报刊或转载的报表，own 为本库自编表，无部颁代码。")
        .text("form", "表号", each().map(|i| i.form.as_str()))
        .text("version", "版本", each().map(|i| i.version.as_str()))
        .text("code", "代码", each().map(|i| i.code.as_str()))
        .text("name", "指标名称", each().map(|i| i.name.as_str()))
        .text("unit", "单位", each().map(|i| i.unit.as_str()))
        .text("nature", "性质", each().map(|i| i.nature.name()))
        .opt_text("parent", "上级代码", each().map(|i| i.parent.as_ref().map(|p| p.0.as_str())))
        .opt_text("relation", "与上级关系", each().map(|i| i.parent.as_ref().map(|p| p.1.name())))
        .text("source", "取数来源", each().map(|i| i.source.as_str()))
        .text("confidence", "依据", each().map(|i| i.confidence.as_str()))
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_unique_and_parents_are_there() {
        let all = shipped().unwrap();
        for (i, a) in all.iter().enumerate() {
            assert!(
                !all[..i].iter().any(|b| (&a.form, &a.version, &a.code) == (&b.form, &b.version, &b.code))
            );
            if let Some((parent, _)) = &a.parent {
                assert!(
                    all.iter().any(|b| b.form == a.form && b.version == a.version && b.code == *parent),
                    "{parent}"
                );
            }
        }
    }
}
