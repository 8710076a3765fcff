//! The formula language of a case: `(F094 + F124) * standard.child_director`.
//!
//! Our own hundred lines because a formula here is also the answer to "why?": it has to be shown
//! with its names, with its numbers, and walked down to the sentence it came from.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;

/// A formula over figures (`F094`), assumptions, standards and results of other rooms.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    Number(Decimal),
    Name(String),
    Negate(Box<Expr>),
    Binary(Op, Box<Expr>, Box<Expr>),
    Call(Function, Vec<Expr>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// What a formula can call; years are whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    Min,
    Max,
    Ceil,
    Floor,
    Round,
    /// `ramp(2021, 2025)`: 0 before, equal steps up to 1 in the last year, 1 after.
    Ramp,
    /// `during(2021, 2025)`: an equal part of 1 in each of these years, 0 elsewhere.
    During,
    /// `from(2020)`: 0 before the year, 1 from it on.
    From,
    /// `at(x, 2020)`: x in that year, in every year.
    At,
    /// `cumulative(x)`: x summed from the first year after the base year.
    Cumulative,
}

impl Function {
    pub const ALL: [(&'static str, Self, usize); 10] = [
        ("min", Self::Min, 2),
        ("max", Self::Max, 2),
        ("ceil", Self::Ceil, 1),
        ("floor", Self::Floor, 1),
        ("round", Self::Round, 1),
        ("ramp", Self::Ramp, 2),
        ("during", Self::During, 2),
        ("from", Self::From, 1),
        ("at", Self::At, 2),
        ("cumulative", Self::Cumulative, 1),
    ];

    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, f, _)| *f == self).map_or("", |(n, ..)| n)
    }
}

impl Op {
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "−",
            Self::Multiply => "×",
            Self::Divide => "÷",
        }
    }
    pub fn precedence(self) -> u8 {
        match self {
            Self::Add | Self::Subtract => 1,
            Self::Multiply | Self::Divide => 2,
        }
    }
}

impl Expr {
    /// Every name in the formula, in order, each once.
    pub fn names(&self) -> Vec<&str> {
        fn walk<'e>(e: &'e Expr, into: &mut Vec<&'e str>) {
            match e {
                Expr::Number(_) => {}
                Expr::Name(n) => {
                    if !into.contains(&n.as_str()) {
                        into.push(n);
                    }
                }
                Expr::Negate(a) => walk(a, into),
                Expr::Binary(_, a, b) => {
                    walk(a, into);
                    walk(b, into);
                }
                Expr::Call(_, args) => args.iter().for_each(|a| walk(a, into)),
            }
        }
        let mut names = Vec::new();
        walk(self, &mut names);
        names
    }

    /// The formula as text, each name replaced by what `name` says and calls by what `call` says.
    pub fn render(
        &self,
        name: &dyn Fn(&str) -> String,
        number: &dyn Fn(Decimal) -> String,
        call: &dyn Fn(Function, &[Expr]) -> Option<String>,
    ) -> String {
        let below = |e: &Expr, least: u8| {
            let text = e.render(name, number, call);
            match e {
                Self::Binary(op, ..) if op.precedence() < least => format!("({text})"),
                Self::Negate(_) if least > 1 => format!("({text})"),
                _ => text,
            }
        };
        match self {
            Self::Number(n) => number(*n),
            Self::Name(n) => name(n),
            Self::Negate(a) => format!("−{}", below(a, 2)),
            Self::Binary(op, a, b) => {
                let p = op.precedence();
                let right = if matches!(op, Op::Subtract | Op::Divide) { p + 1 } else { p };
                format!("{} {} {}", below(a, p), op.symbol(), below(b, right))
            }
            Self::Call(f, args) => call(*f, args).unwrap_or_else(|| {
                let args: Vec<String> = args.iter().map(|a| a.render(name, number, call)).collect();
                format!("{}({})", f.name(), args.join(", "))
            }),
        }
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(&str::to_owned, &|n| n.to_string(), &|_, _| None))
    }
}

/// Parses a formula; the error says at which character (from 1) and what was expected.
pub fn parse_formula(text: &str) -> Result<Expr, String> {
    let mut p = Parser { chars: text.chars().collect(), at: 0, depth: 0 };
    let e = p.sum()?;
    p.blanks();
    if p.at < p.chars.len() {
        return Err(p.expected("an operator or the end of the formula"));
    }
    Ok(e)
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    depth: usize,
}

/// Deep enough for any formula a person writes, shallow enough for any stack.
const MAX_DEPTH: usize = 64;

impl Parser {
    fn blanks(&mut self) {
        while self.chars.get(self.at).is_some_and(|c| c.is_whitespace()) {
            self.at += 1;
        }
    }

    fn peek(&mut self) -> Option<char> {
        self.blanks();
        self.chars.get(self.at).copied()
    }

    fn expected(&self, what: &str) -> String {
        match self.chars.get(self.at) {
            Some(c) => format!("character {}: found {c:?}, expected {what}", self.at + 1),
            None => format!("the formula ends where {what} is expected"),
        }
    }

    fn sum(&mut self) -> Result<Expr, String> {
        let mut left = self.product()?;
        while let Some(op) = match self.peek() {
            Some('+') => Some(Op::Add),
            Some('-' | '−') => Some(Op::Subtract),
            _ => None,
        } {
            self.at += 1;
            left = Expr::Binary(op, Box::new(left), Box::new(self.product()?));
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Expr, String> {
        let mut left = self.factor()?;
        while let Some(op) = match self.peek() {
            Some('*' | '×') => Some(Op::Multiply),
            Some('/' | '÷') => Some(Op::Divide),
            _ => None,
        } {
            self.at += 1;
            left = Expr::Binary(op, Box::new(left), Box::new(self.factor()?));
        }
        Ok(left)
    }

    fn factor(&mut self) -> Result<Expr, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("nested deeper than {MAX_DEPTH} levels"));
        }
        let e = match self.peek() {
            Some('-' | '−') => {
                self.at += 1;
                Expr::Negate(Box::new(self.factor()?))
            }
            Some('(') => {
                self.at += 1;
                let e = self.sum()?;
                self.close()?;
                e
            }
            Some(c) if c.is_ascii_digit() || c == '.' => self.number()?,
            Some(c) if c.is_ascii_alphabetic() || c == '_' => self.name()?,
            _ => return Err(self.expected("a number, a name or an opening bracket")),
        };
        self.depth -= 1;
        Ok(e)
    }

    fn close(&mut self) -> Result<(), String> {
        if self.peek() == Some(')') {
            self.at += 1;
            Ok(())
        } else {
            Err(self.expected("a closing bracket"))
        }
    }

    fn word(&mut self, keep: impl Fn(char) -> bool) -> String {
        let start = self.at;
        while self.chars.get(self.at).is_some_and(|c| keep(*c)) {
            self.at += 1;
        }
        self.chars[start..self.at].iter().collect()
    }

    fn number(&mut self) -> Result<Expr, String> {
        let start = self.at;
        let digits = self.word(|c| c.is_ascii_digit() || c == '.' || c == '_').replace('_', "");
        let Ok(mut value) = Decimal::from_str(&digits) else {
            self.at = start;
            return Err(self.expected("a number"));
        };
        if self.chars.get(self.at) == Some(&'%') {
            self.at += 1;
            value /= Decimal::ONE_HUNDRED;
        }
        Ok(Expr::Number(value))
    }

    fn name(&mut self) -> Result<Expr, String> {
        let start = self.at;
        let name = self.word(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
        if self.peek() != Some('(') {
            return Ok(Expr::Name(name));
        }
        let Some((_, function, arity)) = Function::ALL.into_iter().find(|(n, ..)| *n == name) else {
            self.at = start;
            let known: Vec<&str> = Function::ALL.iter().map(|(n, ..)| *n).collect();
            return Err(self.expected(&format!("a function ({})", known.join(", "))));
        };
        self.at += 1;
        let mut args = vec![self.sum()?];
        while matches!(self.peek(), Some(',' | '，')) {
            self.at += 1;
            args.push(self.sum()?);
        }
        self.close()?;
        if args.len() != arity {
            return Err(format!("{name} takes {arity} argument(s), not {}", args.len()));
        }
        Ok(Expr::Call(function, args))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn precedence_and_brackets_survive_the_round_trip() {
        for text in
            ["(F094 + F124) × 200 × 12", "a − (b − c)", "a ÷ (b × c)", "(−(a + b)) × 2", "min(a, ceil(b))"]
        {
            assert_eq!(parse_formula(text).unwrap().to_string(), text);
        }
        assert_eq!(parse_formula("90%").unwrap(), Expr::Number(Decimal::new(9, 1)));
    }

    #[test]
    fn errors_say_where() {
        assert!(parse_formula("a + ").unwrap_err().contains("ends where"));
        assert!(parse_formula("a + * b").unwrap_err().contains("character 5"));
        assert!(parse_formula("sqrt(a)").unwrap_err().contains("a function (min"));
        assert!(parse_formula("min(a)").unwrap_err().contains("takes 2"));
        assert!(parse_formula(&"(".repeat(5000)).unwrap_err().contains("nested"));
    }

    proptest! {
        #[test]
        fn no_text_makes_a_panic(text in "\\PC{0,40}") {
            let _ = parse_formula(&text);
        }

        #[test]
        fn what_is_shown_reads_back_the_same(text in "[abF0-9()+*/ .-]{1,20}") {
            if let Ok(e) = parse_formula(&text) {
                prop_assert_eq!(parse_formula(&e.to_string()).unwrap(), e);
            }
        }
    }
}
