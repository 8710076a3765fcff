//! The ledger: every figure of a plan, read from `figures.csv`.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::Figure;
use super::row::Reader;
use crate::error::{Error, Problem, Result};
use crate::tables::Table;

/// Columns of `figures.csv`, in its order. Further columns are allowed and left alone.
pub const COLUMNS: [&str; 15] = [
    "fig_id",
    "line",
    "section",
    "subject_zh",
    "metric",
    "value",
    "value_hi",
    "bound",
    "unit",
    "value_base",
    "base_unit",
    "time_ref",
    "time_type",
    "nature",
    "phrase",
];

/// Every figure of a plan, in the order of the file.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    file: String,
    figures: Vec<Figure>,
    index: HashMap<String, usize>,
}

impl Ledger {
    /// Reads the text of a `figures.csv`; `file` is its name as the user knows it.
    ///
    /// Errors: `Error::Case` with every problem of every row: a missing column, an id that stands
    /// twice, a value that is neither number nor date, a base value that its unit doesn't give.
    pub fn parse(text: &str, file: &str) -> Result<Self> {
        let text = text.trim_start_matches('\u{feff}');
        if text.trim().is_empty() {
            let problem = Problem::new("the file is empty").file(file).row(1);
            return Err(Error::case(problem.expected(format!("a header: {}", COLUMNS.join(",")))));
        }
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let header = reader.headers().map_err(|e| unreadable(&e, file))?.clone();
        let mut at = [0usize; COLUMNS.len()];
        let mut problems = Vec::new();
        for (slot, name) in at.iter_mut().zip(COLUMNS) {
            match header.iter().position(|h| h.trim() == name) {
                Some(i) => *slot = i,
                None => problems.push(
                    Problem::new("missing column").file(file).row(1).column(name).expected(COLUMNS.join(",")),
                ),
            }
        }
        if !problems.is_empty() {
            return Err(Error::Case(problems));
        }
        let mut ledger = Self { file: file.to_owned(), ..Self::default() };
        let mut rows: HashMap<String, usize> = HashMap::new();
        let mut lines = crate::tables::Lines::new(text);
        for record in reader.records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    problems.push(unreadable_row(&error, file));
                    continue;
                }
            };
            let row = record.position().map_or(0, |p| lines.at(p.byte()));
            if record.iter().any(|c| c.contains('\0')) {
                let problem = Problem::new("NUL bytes, which no text has").file(file).row(row);
                problems.push(problem.expected("the file as it was saved; it may be damaged"));
                continue;
            }
            if record.len() != header.len() {
                problems.push(
                    Problem::new("wrong number of fields")
                        .file(file)
                        .row(row)
                        .value(record.len())
                        .expected(format!("{} fields, as in the header", header.len())),
                );
                continue;
            }
            let cell = |i: usize| record.get(at[i]).unwrap_or_default().trim();
            let Some(figure) = Reader { file, row, problems: &mut problems }.figure(&cell) else { continue };
            if let Some(first) = rows.insert(figure.id.clone(), row) {
                problems.push(
                    Problem::new("figure id stands twice")
                        .file(file)
                        .row(row)
                        .column("fig_id")
                        .value(&figure.id)
                        .expected(format!("an id of its own; it is that of row {first}")),
                );
                continue;
            }
            ledger.index.insert(figure.id.clone(), ledger.figures.len());
            ledger.figures.push(figure);
        }
        if problems.is_empty() { Ok(ledger) } else { Err(Error::Case(problems)) }
    }

    /// The name of the file that it was read from.
    pub fn file(&self) -> &str {
        &self.file
    }

    pub fn len(&self) -> usize {
        self.figures.len()
    }

    pub fn is_empty(&self) -> bool {
        self.figures.is_empty()
    }

    pub fn get(&self, id: &str) -> Option<&Figure> {
        self.index.get(id).and_then(|i| self.figures.get(*i))
    }

    /// The figures in the order of the file.
    pub fn iter(&self) -> std::slice::Iter<'_, Figure> {
        self.figures.iter()
    }

    /// `case.figures`: id, line, section, subject, metric, value, value_hi, bound, unit,
    /// value_base, base_unit, time_ref, time_type, nature, phrase. Values as printed are texts,
    /// since some are dates; base values are decimals in text, exact.
    pub fn table(&self) -> Result<Table> {
        let f = &self.figures;
        let decimal = |d: &Option<Decimal>| d.map(|d| d.normalize().to_string());
        Table::builder("规划中的数字")
            .note(format!("来源：{}，共{}个数字", self.file, f.len()))
            .text("id", "编号", f.iter().map(|x| &x.id))
            .int("line", "行号", "", f.iter().map(|x| i64::from(x.line)))
            .text("section", "章节", f.iter().map(|x| &x.section))
            .text("subject", "事项", f.iter().map(|x| &x.subject))
            .text("metric", "指标", f.iter().map(|x| &x.metric))
            .text("value", "数值", f.iter().map(|x| x.value.to_string()))
            .opt_text("value_hi", "数值上限", f.iter().map(|x| decimal(&x.value_hi)))
            .text("bound", "界", f.iter().map(|x| x.bound.word()))
            .text("unit", "单位", f.iter().map(|x| &x.unit))
            .opt_text("value_base", "基本单位数值", f.iter().map(|x| decimal(&x.value_base)))
            .text("base_unit", "基本单位", f.iter().map(|x| &x.base_unit))
            .text("time_ref", "时间", f.iter().map(|x| &x.time_ref))
            .text("time_type", "时间类型", f.iter().map(|x| &x.time_type))
            .text("nature", "性质", f.iter().map(|x| x.nature.word()))
            .text("phrase", "原文", f.iter().map(|x| &x.phrase))
            .build()
    }
}

impl<'a> IntoIterator for &'a Ledger {
    type Item = &'a Figure;
    type IntoIter = std::slice::Iter<'a, Figure>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

fn unreadable_row(error: &csv::Error, file: &str) -> Problem {
    let row = error.position().map_or(1, |p| usize::try_from(p.line()).unwrap_or(1));
    Problem::new(error.to_string()).file(file).row(row).expected("a row of CSV in UTF-8")
}

fn unreadable(error: &csv::Error, file: &str) -> Error {
    Error::case(unreadable_row(error, file))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::Exact;

    const HEADER: &str = "fig_id,line,section,subject_zh,metric,value,value_hi,bound,unit,value_base,base_unit,time_ref,time_type,nature,phrase\n";

    #[test]
    fn the_shipped_ledger_is_read_and_shown() {
        let text = crate::assets::text("jishou/figures.csv").unwrap();
        let ledger = Ledger::parse(text, "figures.csv").unwrap();
        let total = ledger.get("F185").unwrap();
        assert_eq!((total.line, total.row), (213, 143));
        let span = total.span().unwrap();
        assert_eq!(span.lo, Exact::from_integer(445_450_000));
        assert_eq!(span.hi, Some(Exact::from_integer(445_550_000)));
        let share = ledger.get("F161").unwrap().span().unwrap();
        assert_eq!((share.lo, share.hi), (Exact::new(14_515, 100_000), Some(Exact::new(14_525, 100_000))));
        assert!(ledger.get("F119").unwrap().span().unwrap().is_point());
        assert_eq!(ledger.get("F176").unwrap().base_hi(), Some(Exact::from_integer(20)));
        assert_eq!(ledger.table().unwrap().num_rows(), ledger.len());
    }

    #[test]
    fn all_problems_of_all_rows_are_told_at_once() {
        let rows = "F1,1,s,x,m,五个,,exact,个,,,2020,year,actual,p\n\
                    F2,0,s,x,m,1,,exact,个,,,2020,year,actual,p\n\
                    F3,1,s,x,m,4.5,,exact,万人,450000,人,2020,year,actual,p\n\
                    F4,1,s,x,m,15,9,range,个,,,2020,year,actual,p\n\
                    F5,1,s,x,m,1,,exact,个,,,2020,yearly,actuel,p\n\
                    F6,1,s,x,m,1,,exact,个,,,2020,year,actual,p\n\
                    F6,1,s,x,m,2,,exact,个,,,2020,year,actual,p\n\
                    F7,1,s,x\n";
        let error = Ledger::parse(&format!("{HEADER}{rows}"), "figures.csv").unwrap_err();
        let told: Vec<_> =
            error.problems().iter().map(|p| (p.row.unwrap(), p.column.clone().unwrap_or_default())).collect();
        let expected = [
            (2, "value"),
            (3, "line"),
            (4, "value_base"),
            (5, "value_hi"),
            (6, "nature"),
            (6, "time_type"),
            (8, "fig_id"),
            (9, ""),
        ];
        assert_eq!(told, expected.map(|(r, c)| (r, c.to_owned())));
        assert!(error.to_string().contains("figures.csv:8: fig_id: figure id stands twice (got \"F6\")"));
    }

    #[test]
    fn what_no_plan_can_say_is_refused() {
        let told = |row: &str| -> Vec<String> {
            let text = format!("{HEADER}{row}\n");
            match Ledger::parse(&text, "f.csv") {
                Ok(_) => Vec::new(),
                Err(e) => e.problems().iter().map(|p| p.column.clone().unwrap_or_default()).collect(),
            }
        };
        let row = |value: &str, unit: &str, time: &str, phrase: &str| {
            format!("F1,1,s,x,m,{value},,exact,{unit},,,{time},year,actual,{phrase}")
        };
        assert!(told(&row("7850", "万元", "2020", "项目投资7850万元")).is_empty());
        for (bad, column) in [
            (row("7850", "亿元", "2020", "项目投资7850万元"), "value"),
            (row("125", "万元", "2020", "每个投资20万元"), "value"),
            (row("-5", "万元", "2020", "投资5万元"), "value"),
            (row("145.2", "%", "2020", "占14.52%"), "value"),
            (row("145.2", "%", "2020", "占户籍人口的比重"), "value"),
            (row("-3", "%", "2020", "占比"), "value"),
            (row("5", "个", "2021-13", "5个"), "time_ref"),
            (row("5", "个", "2023-13-45", "5个"), "time_ref"),
            (row("5", "个", "2025/2021", "5个"), "time_ref"),
            (row("5", "个", "abc", "5个"), "time_ref"),
            (row("5", "个", "2020", "5\0个"), ""),
        ] {
            assert_eq!(told(&bad), [column], "{bad}");
        }
        // growth may be more than the whole, and may fall
        assert!(told(&row("145.2", "%", "2020", "增长145.2%")).is_empty());
        assert!(told(&row("-12.5", "%", "2020", "下降12.5%")).is_empty());
        // a plan that prints nonsense is read as it stands: the checks judge it
        assert!(told(&row("145.2", "%", "2020", "占145.2%")).is_empty());
        assert!(told(&row("-5", "万元", "2020", "结余-5万元")).is_empty());
    }

    #[test]
    fn lines_are_those_of_the_file_behind_crlf_too() {
        let rows =
            "F1,1,s,x,m,1,,exact,个,,,2020,year,actual,p1\nF2,0,s,x,m,1,,exact,个,,,2020,year,actual,p1\n";
        for text in [format!("{HEADER}{rows}"), format!("{HEADER}{rows}").replace('\n', "\r\n")] {
            let error = Ledger::parse(&text, "f.csv").unwrap_err();
            assert_eq!(error.problems()[0].row, Some(3));
        }
        let row =
            Ledger::parse(&format!("{HEADER}{rows}").replace(",0,s", ",2,s").replace('\n', "\r\n"), "f.csv");
        assert_eq!(row.unwrap().get("F2").unwrap().row, 3);
    }

    #[test]
    fn a_missing_column_is_named() {
        let error = Ledger::parse("fig_id,line\nF1,1\n", "f.csv").unwrap_err();
        assert_eq!(error.problems().len(), 13);
        for empty in ["", "\u{feff}", "\r\n \n"] {
            assert_eq!(Ledger::parse(empty, "f.csv").unwrap_err().problems().len(), 1, "{empty:?}");
        }
    }
}
