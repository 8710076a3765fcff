//! The ledger: every figure of a plan, read from `figures.csv`.

use std::collections::HashMap;

use num_traits::CheckedMul;
use rust_decimal::Decimal;

use super::figure::{Derived, Printed, is_rounding};
use super::{Bound, Exact, Figure, Nature, TimeRef, Unit, Value, from_decimal, words};
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

const TIME_TYPES: [&str; 12] = [
    "instant",
    "year",
    "period",
    "since",
    "before",
    "after",
    "forecast",
    "target_by",
    "year_end",
    "undated",
    "recurring",
    "plan",
];

/// Larger values than this are refused: a plan of a county has no 10¹³ of anything. With it and at
/// most six places, what checks multiply and divide stays within an `i128`.
const LARGEST: i64 = 10_000_000_000_000;

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

/// Reads one row; what is wrong goes to `problems`.
struct Reader<'a> {
    file: &'a str,
    row: usize,
    problems: &'a mut Vec<Problem>,
}

impl Reader<'_> {
    fn figure<'c>(mut self, cell: &impl Fn(usize) -> &'c str) -> Option<Figure> {
        let before = self.problems.len();
        let id = cell(0);
        if id.is_empty() || id.chars().any(char::is_whitespace) {
            self.tell("fig_id", id, "no id", "an id without blanks, such as F185");
        }
        let line = cell(1).parse().unwrap_or(0);
        if line == 0 {
            self.tell("line", cell(1), "not a line number", "a positive integer");
        }
        if cell(4).is_empty() {
            self.tell("metric", "", "missing", "an English name such as orphans");
        }
        let bound = self.word("bound", cell(7), Bound::parse, Bound::WORDS);
        let nature = self.word("nature", cell(13), Nature::parse, Nature::WORDS);
        if !cell(12).is_empty() && !TIME_TYPES.contains(&cell(12)) {
            self.tell("time_type", cell(12), "unknown word", &TIME_TYPES.join(", "));
        }
        let value = self.value(cell(5), nature);
        if let Some(Value::Number(d)) = &value
            && d.is_sign_negative()
            && !d.is_zero()
            && let money = Unit::parse(cell(8)).of() == "元"
            && let deficit = ["-", "−", "－", "负", "亏", "赤字"].iter().any(|w| cell(14).contains(w))
            && (Unit::parse(cell(8)).is_count() && !money || money && !deficit)
        {
            self.tell(
                "value",
                cell(5),
                if money { "negative money" } else { "a negative count" },
                "0 or more",
            );
        }
        if let Some(Value::Number(d)) = &value {
            self.share(*d, cell(5), cell(8), cell(14));
        }
        let value_hi = self.decimal("value_hi", cell(6));
        let value_base = self.decimal("value_base", cell(9));
        if (bound == Some(Bound::Range)) != value_hi.is_some() {
            self.tell(
                "value_hi",
                cell(6),
                "a range has two ends",
                "value_hi where and only where bound is range",
            );
        }
        if let (Some(Value::Number(lo)), Some(hi)) = (&value, value_hi)
            && hi < *lo
        {
            self.tell("value_hi", cell(6), "below value", &format!("at least {lo}"));
        }
        if let (Some(Value::Number(value)), Some(base)) = (&value, value_base) {
            self.base(*value, base, cell(8), cell(10), cell(9));
        }
        if let (Some(Value::Number(value)), false) = (&value, nature == Some(Nature::DerivedCount)) {
            self.words(*value, value_hi, cell(5), cell(8), cell(14));
        }
        let time = TimeRef::parse(cell(11));
        if time == TimeRef::Other {
            self.tell(
                "time_ref",
                cell(11),
                "no date or period",
                "2020, 2020-12, 2020-12-31, 2021H1, 2021Q3, 2016/2020, 2018/, annual, undated or blank; days of the calendar, the first not after the last",
            );
        }
        if self.problems.len() > before {
            return None;
        }
        let (value, bound) = (value?, bound?);
        let derived = Derived::new(&Printed {
            value: &value,
            value_hi,
            bound,
            unit: cell(8),
            value_base,
            base_unit: cell(10),
            phrase: cell(14),
        });
        Some(Figure {
            id: id.to_owned(),
            row: self.row,
            line,
            section: cell(2).to_owned(),
            subject: cell(3).to_owned(),
            metric: cell(4).to_owned(),
            value,
            value_hi,
            bound,
            unit: cell(8).to_owned(),
            value_base,
            base_unit: cell(10).to_owned(),
            time_ref: cell(11).to_owned(),
            time_type: cell(12).to_owned(),
            time,
            nature: nature?,
            phrase: cell(14).chars().filter(|c| !c.is_whitespace()).collect(),
            derived,
        })
    }

    fn tell(&mut self, column: &str, value: &str, message: &str, expected: &str) {
        self.problems.push(
            Problem::new(message)
                .file(self.file)
                .row(self.row)
                .column(column)
                .value(value)
                .expected(expected),
        );
    }

    fn word<T>(
        &mut self,
        column: &str,
        text: &str,
        parse: impl Fn(&str) -> Option<T>,
        words: &[&str],
    ) -> Option<T> {
        let read = parse(text);
        if read.is_none() {
            self.tell(column, text, "unknown word", &words.join(", "));
        }
        read
    }

    fn decimal(&mut self, column: &str, text: &str) -> Option<Decimal> {
        if text.is_empty() {
            return None;
        }
        let read = number_of(text, if column == "value_base" { 9 } else { 6 });
        if read.is_none() {
            self.tell(
                column,
                text,
                "not a number",
                "a decimal below 10^13 with at most 6 places, such as 4.455",
            );
        }
        read
    }

    /// A number, or, where it is about a date, `2021-11`, `05-12`, `2019-10-31`.
    fn value(&mut self, text: &str, nature: Option<Nature>) -> Option<Value> {
        if let Some(d) = number(text) {
            return Some(Value::Number(d));
        }
        if is_date(text) {
            return Some(Value::Date(text.to_owned()));
        }
        let expected = match nature {
            Some(Nature::Date) => "a date such as 2021-11 or a number",
            _ => "a decimal below 10^13 with at most 6 places, such as 4.455, or a date such as 2021-11",
        };
        self.tell("value", text, "not a number", expected);
        None
    }

    /// A part of a whole is between 0 and 100 %; growth and attainment may be anything.
    fn share(&mut self, value: Decimal, printed: &str, unit: &str, phrase: &str) {
        let whole = match unit {
            "%" | "％" => Decimal::ONE_HUNDRED,
            "‰" => Decimal::ONE_THOUSAND,
            "比例" => Decimal::ONE,
            _ => return,
        };
        let outside = value.is_sign_negative() && !value.is_zero() || value > whole;
        // what the plan itself prints is compared with its words, and for the checks to judge
        let said = phrase.chars().any(|c| c.is_ascii_digit());
        if outside && !said && ["占", "比重", "覆盖率"].iter().any(|w| phrase.contains(w)) {
            self.tell("value", printed, "a share outside its whole", &format!("0 to {whole} {unit}"));
        }
    }

    /// The value must be one of the numbers that its words say.
    fn words(&mut self, value: Decimal, hi: Option<Decimal>, printed: &str, unit: &str, phrase: &str) {
        let phrase: String = phrase.chars().filter(|c| !c.is_whitespace()).collect();
        if let Some(says) = words::contradicts(&phrase, value, hi, unit) {
            self.tell(
                "value",
                printed,
                &format!("not what its words say in {unit}"),
                &format!("one of {says}: “{phrase}”"),
            );
        }
    }

    /// The base value must be what the unit gives, where the two units measure the same.
    fn base(&mut self, value: Decimal, base: Decimal, unit: &str, base_unit: &str, printed: &str) {
        let (from, to) = (Unit::parse(unit), Unit::parse(base_unit));
        let per = |unit: &Unit, period: &str| unit.per().iter().any(|p| p == period);
        let months = per(&from, "月") && per(&to, "年") && !per(&to, "月");
        let same = from.of() == to.of() && (from.adds_to(&to) || months || from.per().is_empty());
        // 元 for a standard carried by the year is 540 → 6480: months are understood
        if !same || (from.is_money() && to.is_money_rate() && to.per().iter().any(|p| p == "年")) {
            return;
        }
        let twelve = Exact::from_integer(if months { 12 } else { 1 });
        let given = from_decimal(base).checked_mul(&to.factor());
        let computed = from_decimal(value).checked_mul(&(from.factor() * twelve));
        let rounded =
            to.factor() == Exact::from_integer(1) && computed.as_ref().is_some_and(|c| is_rounding(base, c));
        if given != computed && !rounded {
            let expected = computed.map_or_else(|| "a smaller value".to_owned(), |c| super::plain(&c));
            self.tell(
                "value_base",
                printed,
                &format!("not what {value} {unit} gives in {base_unit}"),
                &expected,
            );
        }
    }
}

fn number(text: &str) -> Option<Decimal> {
    number_of(text, 6)
}

/// A base value: a printed one in ‰ or % has more places.
pub(super) fn number_of(text: &str, places: u32) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let d: Decimal = plain.then(|| Decimal::from_str_exact(text).ok()).flatten()?;
    (d.scale() <= places && d.abs() < Decimal::from(LARGEST)).then_some(d)
}

/// `2021-11`, `2019-10-31`, `05-12`.
fn is_date(text: &str) -> bool {
    super::Moment::parse(text).is_some()
        || (text.len() == 5 && super::Moment::parse(&format!("2000-{text}")).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

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
