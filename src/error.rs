//! Errors: what is wrong, where, and what was expected; all of them at once.

use std::fmt;

/// One thing that is wrong with an input.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Problem {
    /// File name as the user knows it, where the input came from a file.
    pub file: Option<String>,
    /// Line (text files) or row (tables), counted from 1.
    pub row: Option<usize>,
    /// Column, key or argument.
    pub column: Option<String>,
    /// The offending value as it was given.
    pub value: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What would have been accepted.
    pub expected: Option<String>,
}

impl Problem {
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }
    #[must_use]
    pub fn file(mut self, file: impl Into<String>) -> Self {
        self.file = Some(file.into());
        self
    }
    #[must_use]
    pub fn row(mut self, row: usize) -> Self {
        self.row = Some(row);
        self
    }
    #[must_use]
    pub fn column(mut self, column: impl Into<String>) -> Self {
        self.column = Some(column.into());
        self
    }
    #[must_use]
    pub fn value(mut self, value: impl fmt::Display) -> Self {
        self.value = Some(value.to_string());
        self
    }
    #[must_use]
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }
}

impl fmt::Display for Problem {
    /// `file:row: column: message (got "value"); expected …`, leaving out what is not known.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.file, self.row) {
            (Some(file), Some(row)) => write!(f, "{file}:{row}: ")?,
            (Some(file), None) => write!(f, "{file}: ")?,
            (None, Some(row)) => write!(f, "row {row}: ")?,
            (None, None) => {}
        }
        if let Some(column) = &self.column {
            write!(f, "{column}: ")?;
        }
        write!(f, "{}", self.message)?;
        if let Some(value) = &self.value {
            write!(f, " (got {value:?})")?;
        }
        if let Some(expected) = &self.expected {
            write!(f, "; expected {expected}")?;
        }
        Ok(())
    }
}

/// The three kinds of failure, by what the user has to mend.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// A case folder: case.toml, figures, scenarios, checks.
    #[error("{}", list(.0))]
    Case(Vec<Problem>),
    /// Data handed in: arrays, tables, registers, series.
    #[error("{}", list(.0))]
    Data(Vec<Problem>),
    /// A model that cannot be computed from what was asked.
    #[error("{}", list(.0))]
    Model(Vec<Problem>),
    /// The user pressed Ctrl-C, or a callback asked to stop.
    #[error("interrupted")]
    Interrupted,
}

impl Error {
    pub fn case(problem: Problem) -> Self {
        Self::Case(vec![problem])
    }
    pub fn data(problem: Problem) -> Self {
        Self::Data(vec![problem])
    }
    pub fn model(problem: Problem) -> Self {
        Self::Model(vec![problem])
    }
    /// Every problem found, in the order in which they were met.
    pub fn problems(&self) -> &[Problem] {
        match self {
            Self::Case(p) | Self::Data(p) | Self::Model(p) => p,
            Self::Interrupted => &[],
        }
    }
}

pub type Result<T> = std::result::Result<T, Error>;

fn list(problems: &[Problem]) -> String {
    match problems {
        [] => "unknown problem".to_owned(),
        [one] => one.to_string(),
        many => {
            let mut text = format!("{} problems:", many.len());
            for p in many {
                text.push_str("\n  ");
                text.push_str(&p.to_string());
            }
            text
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_says_where_what_and_what_was_expected() {
        let p = Problem::new("share above 100 %")
            .file("figures.csv")
            .row(112)
            .column("value")
            .value("1452 %")
            .expected("a share from 0 to 100 %");
        assert_eq!(
            p.to_string(),
            "figures.csv:112: value: share above 100 % (got \"1452 %\"); expected a share from 0 to 100 %"
        );
        let both = Error::Case(vec![p, Problem::new("second")]);
        assert!(both.to_string().starts_with("2 problems:\n"));
    }
}
