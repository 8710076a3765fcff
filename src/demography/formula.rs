//! The grammar of indicators.
//!
//! Numbers; age groups `60+`, `15-59`, `7` written as `7-7` (no blanks inside); `total`;
//! `female(…)` and `male(…)` around groups; `births`, `deaths`, `net_migration`, `e0_female`, `e0_male`,
//! `tfr`, `nrr`, `median_age`, `mean_age`, `before` (the total a year ago); any named indicator; `+ - * /` and
//! parentheses. Numbers that are added without people (`15 - 59`) and a zero that divides are refused; where
//! nobody stands in a denominator, a draw has no value.

use super::indicators::{FLOWS, NAMED, Op, Who};
use super::mortality::AGES;
use crate::error::{Error, Problem, Result};

/// Longer than this no formula is that a person reads.
const LONGEST: usize = 2_000;

/// The beginning of a long text, for messages.
pub(super) fn cut(text: &str) -> String {
    const SHOWN: usize = 60;
    let mut short: String = text.chars().take(SHOWN).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// The steps of a formula in postfix order.
///
/// # Errors
/// `Model` with the place where it stops making sense, and for numbers that stand for nobody.
pub(super) fn parse(text: &str) -> Result<Vec<Op>> {
    if text.len() > LONGEST {
        let problem = Problem::new("too long for an indicator").column("indicators").value(cut(text));
        return Err(Error::model(problem.expected(format!("at most {LONGEST} characters"))));
    }
    let mut parser = Parser { text, at: 0, ops: Vec::new(), who: Who::Both, depth: 0 };
    parser.sum()?;
    parser.blanks();
    if parser.at < text.len() {
        return Err(parser.wrong("an operator or the end of the expression"));
    }
    constants(&parser.ops, text)?;
    Ok(parser.ops)
}

/// Refuses numbers that are added without people, a zero that divides, and a formula that is a number.
fn constants(ops: &[Op], text: &str) -> Result<()> {
    let wrong = |message: &str, expected: &str| {
        Err(Error::model(Problem::new(message).column("indicators").value(cut(text)).expected(expected)))
    };
    let group = "an age group without blanks, such as 15-59 or 60+, where its people are meant";
    let mut stack: Vec<Option<f64>> = Vec::new();
    for op in ops {
        let mut take = || stack.pop().flatten();
        let value = match op {
            Op::Number(n) => Some(*n),
            Op::Group(..) | Op::MedianAge | Op::MeanAge | Op::Flow(_) => None,
            Op::Negate => take().map(|n| -n),
            Op::Add | Op::Subtract => {
                let (b, a) = (take(), take());
                if let (Some(a), Some(b)) = (a, b) {
                    let (sign, sum) = if *op == Op::Add { ('+', a + b) } else { ('-', a - b) };
                    let message = format!("an expression without people: {a} {sign} {b} is the number {sum}");
                    return wrong(&message, group);
                }
                None
            }
            Op::Multiply => match (take(), take()) {
                (Some(a), Some(b)) => Some(a * b),
                (Some(0.0), _) | (_, Some(0.0)) => Some(0.0),
                _ => None,
            },
            Op::Divide => {
                let (b, a) = (take(), take());
                if b == Some(0.0) {
                    return wrong("divided by zero", "people or a number other than 0 after /");
                }
                a.zip(b).map(|(a, b)| a / b)
            }
        };
        stack.push(value);
    }
    match stack.pop().flatten() {
        Some(n) => wrong(&format!("an expression without people: the number {n}"), group),
        None => Ok(()),
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
        Error::model(Problem::new(place).column("indicators").value(cut(self.text)).expected(expected))
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
        let flow = FLOWS.iter().find(|f| f.0 == word);
        if self.who != Who::Both && (flow.is_some() || word == "median_age" || word == "mean_age") {
            self.at = start;
            return Err(self.wrong("an age group inside female(…) and male(…): this is not known by sex"));
        }
        if let Some((_, flow)) = flow {
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
    use super::super::indicators::Indicator;
    use super::*;

    #[test]
    fn nonsense_is_placed() {
        for text in
            ["", "60+ /", "(60+", "15-200", "70-60", "foo", "female 60+", "1 2", "((((((((((1))))))))))"]
        {
            assert!(Indicator::parse(text).is_err(), "{text}");
        }
        for (text, words) in [
            ("1/0*total", "divided by zero"),
            ("60+ / (0 * births)", "divided by zero"),
            ("(15 - 59)", "15 - 59 is the number -44"),
            ("total / (15 - 59)", "15 - 59 is the number -44"),
            ("60+1", "60 + 1 is the number 61"),
            ("2 * 3", "the number 6"),
            ("female(births)", "not known by sex"),
        ] {
            let e = Indicator::parse(text).unwrap_err().to_string();
            assert!(e.contains(words), "{text}: {e}");
        }
        let long = format!("total{}", " + total".repeat(1000));
        assert!(Indicator::parse(&long).unwrap_err().to_string().len() < 300);
        for n in NAMED {
            assert!(Indicator::parse(n.0).is_ok(), "{}", n.0);
        }
    }
}
