//! Indicators of a population: named ones, and expressions over age groups such as `(60+) / (15-59)`.
//!
//! Grammar: numbers; age groups `60+`, `15-59`, `7` written as `7-7` (no blanks inside); `total`;
//! `female(…)` and `male(…)` around groups; `births`, `deaths`, `net_migration`, `e0_female`, `e0_male`,
//! `tfr`, `nrr`, `median_age`, `mean_age`; any named indicator; `+ - * /` and parentheses.

use super::mortality::AGES;
use crate::error::{Error, Problem, Result};

/// Code, Chinese label, unit and formula of the named indicators, in the order of tables.
pub const NAMED: [(&str, &str, &str, &str); 25] = [
    ("total", "总人口", "人", "0+"),
    ("60_plus", "60岁及以上人口", "人", "60+"),
    ("65_plus", "65岁及以上人口", "人", "65+"),
    ("80_plus", "80岁及以上人口", "人", "80+"),
    ("share_60_plus", "60岁及以上人口占总人口比重", "比例", "60+ / 0+"),
    ("share_65_plus", "65岁及以上人口占总人口比重", "比例", "65+ / 0+"),
    ("share_80_plus", "80岁及以上人口占总人口比重", "比例", "80+ / 0+"),
    ("old_age_dependency_ratio", "老年人口抚养比（65岁及以上与15-64岁之比）", "比例", "65+ / 15-64"),
    ("median_age", "年龄中位数", "岁", "median_age"),
    ("births", "出生人数", "人", "births"),
    ("deaths", "死亡人数", "人", "deaths"),
    ("e0_female", "女性平均预期寿命", "岁", "e0_female"),
    ("e0_male", "男性平均预期寿命", "岁", "e0_male"),
    ("tfr", "总和生育率", "孩/妇女", "tfr"),
    ("net_migration", "净迁入人数", "人", "net_migration"),
    ("child_dependency_ratio", "少儿抚养比（0-14岁与15-64岁之比）", "比例", "0-14 / 15-64"),
    ("total_dependency_ratio", "总抚养比", "比例", "(0-14 + 65+) / 15-64"),
    ("support_ratio", "潜在赡养比（15-64岁与65岁及以上之比）", "比例", "15-64 / 65+"),
    ("ageing_index", "老少比（65岁及以上与0-14岁之比）", "比例", "65+ / 0-14"),
    ("mean_age", "平均年龄", "岁", "mean_age"),
    ("nrr", "净再生育率", "女孩/妇女", "nrr"),
    ("0_14", "0-14岁人口", "人", "0-14"),
    ("15_59", "15-59岁人口", "人", "15-59"),
    ("15_64", "15-64岁人口", "人", "15-64"),
    ("share_0_14", "0-14岁人口占总人口比重", "比例", "0-14 / 0+"),
];

/// The indicators of `population.indicators()`.
pub const DEFAULT: [&str; 15] = [
    "total",
    "60_plus",
    "65_plus",
    "80_plus",
    "share_60_plus",
    "share_65_plus",
    "share_80_plus",
    "old_age_dependency_ratio",
    "median_age",
    "births",
    "deaths",
    "e0_female",
    "e0_male",
    "tfr",
    "net_migration",
];

/// What a year brings beside the stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    Births,
    Deaths,
    NetMigration,
    E0Female,
    E0Male,
    Tfr,
    Nrr,
}

impl Flow {
    pub(super) const COUNT: usize = 7;
}

const FLOWS: [(&str, Flow); Flow::COUNT] = [
    ("births", Flow::Births),
    ("deaths", Flow::Deaths),
    ("net_migration", Flow::NetMigration),
    ("e0_female", Flow::E0Female),
    ("e0_male", Flow::E0Male),
    ("tfr", Flow::Tfr),
    ("nrr", Flow::Nrr),
];

/// Which sexes a group counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    Both,
    One(usize),
}

/// One step of a formula in postfix order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Op {
    Number(f64),
    /// Ages from..to of one or both sexes.
    Group(Who, usize, usize),
    MedianAge,
    MeanAge,
    Flow(Flow),
    Add,
    Subtract,
    Multiply,
    Divide,
    Negate,
}

/// An indicator ready to be computed.
#[derive(Debug, Clone, PartialEq)]
pub struct Indicator {
    pub name: String,
    pub label: String,
    pub unit: String,
    ops: Vec<Op>,
}

impl Indicator {
    /// A named indicator or an expression.
    ///
    /// # Errors
    /// `Model` with the place where the expression stops making sense.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        let named = NAMED.iter().find(|n| n.0 == text);
        let (label, unit, formula) = named.map_or((text, "", text), |n| (n.1, n.2, n.3));
        let mut parser = Parser { text: formula, at: 0, ops: Vec::new(), who: Who::Both, depth: 0 };
        parser.sum()?;
        parser.blanks();
        if parser.at < formula.len() {
            return Err(parser.wrong("an operator or the end of the expression"));
        }
        let ops = parser.ops;
        Ok(Self { name: text.to_owned(), label: label.to_owned(), unit: unit.to_owned(), ops })
    }

    /// Several at once; every problem is reported.
    ///
    /// # Errors
    /// As [`Indicator::parse`]; also where a name comes twice.
    pub fn parse_all<S: AsRef<str>>(texts: &[S]) -> Result<Vec<Self>> {
        let (mut all, mut problems): (Vec<Self>, Vec<Problem>) = (Vec::new(), Vec::new());
        for text in texts {
            match Self::parse(text.as_ref()) {
                Ok(i) if all.iter().any(|j: &Self| j.name == i.name) => {
                    problems.push(Problem::new("asked for twice").column("indicators").value(i.name));
                }
                Ok(i) => all.push(i),
                Err(e) => problems.extend(e.problems().iter().cloned()),
            }
        }
        if problems.is_empty() { Ok(all) } else { Err(Error::Model(problems)) }
    }

    /// True where the formula needs what happens in a year, so that there is no value for the start.
    pub fn is_flow(&self) -> bool {
        self.ops.iter().any(|o| matches!(o, Op::Flow(_)))
    }

    pub(super) fn uses(&self, flow: Flow) -> bool {
        self.ops.contains(&Op::Flow(flow))
    }

    pub(super) fn by_sex(&self) -> bool {
        self.ops.iter().any(|o| matches!(o, Op::Group(Who::One(_), ..)))
    }

    pub(super) fn ops(&self) -> &[Op] {
        &self.ops
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    ops: Vec<Op>,
    who: Who,
    depth: usize,
}

impl Parser<'_> {
    fn wrong(&self, expected: &str) -> Error {
        let place = format!("position {} of an indicator", self.at + 1);
        Error::model(Problem::new(place).column("indicators").value(self.text).expected(expected))
    }

    fn blanks(&mut self) {
        while self.rest().starts_with(char::is_whitespace) {
            self.at += self.rest().chars().next().map_or(1, char::len_utf8);
        }
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn take(&mut self, c: char) -> bool {
        self.blanks();
        let found = self.rest().starts_with(c);
        if found {
            self.at += c.len_utf8();
        }
        found
    }

    fn sum(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth > 6 {
            return Err(self.wrong("an expression with fewer parentheses"));
        }
        self.product()?;
        loop {
            let op = if self.take('+') {
                Op::Add
            } else if self.take('-') {
                Op::Subtract
            } else {
                self.depth -= 1;
                return Ok(());
            };
            self.product()?;
            self.ops.push(op);
        }
    }

    fn product(&mut self) -> Result<()> {
        self.factor()?;
        loop {
            let op = if self.take('*') {
                Op::Multiply
            } else if self.take('/') {
                Op::Divide
            } else {
                return Ok(());
            };
            self.factor()?;
            self.ops.push(op);
        }
    }

    fn factor(&mut self) -> Result<()> {
        let mut negative = false;
        while self.take('-') {
            negative = !negative;
        }
        self.atom()?;
        if negative {
            self.ops.push(Op::Negate);
        }
        Ok(())
    }

    fn inside(&mut self) -> Result<()> {
        self.sum()?;
        if self.take(')') { Ok(()) } else { Err(self.wrong("a closing parenthesis")) }
    }

    fn atom(&mut self) -> Result<()> {
        if self.take('(') {
            return self.inside();
        }
        self.blanks();
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
        let word: String = self.rest().chars().take_while(|c| is_word(*c)).collect();
        if word.is_empty() {
            return Err(
                self.wrong("an age group such as 60+ or 15-59, a number, or the name of an indicator")
            );
        }
        let start = self.at;
        self.at += word.len();
        if let Some(sex) = ["female", "male"].iter().position(|s| *s == word) {
            if !self.take('(') {
                return Err(self.wrong("an age group in parentheses after female or male"));
            }
            let outer = std::mem::replace(&mut self.who, Who::One(sex));
            self.inside()?;
            self.who = outer;
            return Ok(());
        }
        if word.chars().all(|c| c.is_ascii_digit()) {
            return self.group_or_number(&word, start);
        }
        if let Ok(number) = word.parse::<f64>()
            && number.is_finite()
        {
            self.ops.push(Op::Number(number));
            return Ok(());
        }
        if let Some((_, flow)) = FLOWS.iter().find(|f| f.0 == word) {
            self.ops.push(Op::Flow(*flow));
        } else if word == "median_age" {
            self.ops.push(Op::MedianAge);
        } else if word == "mean_age" {
            self.ops.push(Op::MeanAge);
        } else if let Some(named) = NAMED.iter().find(|n| n.0 == word) {
            let mut inner = Parser {
                text: named.3,
                at: 0,
                ops: std::mem::take(&mut self.ops),
                who: self.who,
                depth: self.depth,
            };
            let parsed = inner.sum();
            self.ops = inner.ops;
            parsed?;
        } else {
            self.at = start;
            let names: Vec<&str> = NAMED.iter().map(|n| n.0).collect();
            return Err(self.wrong(&format!("an age group, a number, or one of {}", names.join(", "))));
        }
        Ok(())
    }

    /// `60+`, `15-59`, or a plain number.
    fn group_or_number(&mut self, digits: &str, start: usize) -> Result<()> {
        let from: usize = digits.parse().map_err(|_| self.wrong("an age"))?;
        let rest = self.rest();
        let after = rest.chars().nth(1);
        let to = if rest.starts_with('+') && !after.is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
            Some(AGES)
        } else if rest.starts_with('-') && after.is_some_and(|c| c.is_ascii_digit()) {
            let upper: String = rest[1..].chars().take_while(char::is_ascii_digit).collect();
            self.at += 1 + upper.len();
            Some(upper.parse::<usize>().map_err(|_| self.wrong("an age"))?.saturating_add(1))
        } else {
            None
        };
        match to {
            Some(to) if from < to && to <= AGES && from < AGES => {
                self.ops.push(Op::Group(self.who, from, to));
                Ok(())
            }
            Some(_) => {
                self.at = start;
                Err(self.wrong("an age group within 0 to 99, or one that is open, such as 60+"))
            }
            None => {
                self.ops.push(Op::Number(from as f64));
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonsense_is_placed() {
        for text in
            ["", "60+ /", "(60+", "15-200", "70-60", "foo", "female 60+", "1 2", "((((((((((1))))))))))"]
        {
            assert!(Indicator::parse(text).is_err(), "{text}");
        }
    }
}
