//! One row of `figures.csv`: every cell read, and what no plan can say refused.

use num_traits::CheckedMul;
use rust_decimal::Decimal;

use super::figure::{Derived, Printed, is_rounding};
use super::number::{is_arabic_digit, is_chinese_numeral};
use super::{Bound, Exact, Figure, Nature, TimeRef, Unit, Value, from_decimal, words};
use crate::error::Problem;

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

/// Reads one row; what is wrong goes to `problems`.
pub(super) struct Reader<'a> {
    pub file: &'a str,
    /// Line in the file.
    pub row: usize,
    pub problems: &'a mut Vec<Problem>,
}

impl Reader<'_> {
    pub fn figure<'c>(mut self, cell: &impl Fn(usize) -> &'c str) -> Option<Figure> {
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
        let said = phrase.chars().any(|c| is_arabic_digit(c) || is_chinese_numeral(c));
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
