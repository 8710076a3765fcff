//! `[[name]]` entries of a TOML file, each with the lines that it and its keys stand on.

use rust_decimal::Decimal;
use serde::Deserialize;
use toml::{Spanned, Table, Value};

use crate::error::{Error, Problem, Result};

/// The entries of one file; problems are collected until [`Entries::finish`].
#[derive(Debug)]
pub struct Entries<'a> {
    file: &'a str,
    text: &'a str,
    spans: Vec<(std::ops::Range<usize>, Table)>,
    problems: Vec<Problem>,
}

/// One entry.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    file: &'a str,
    text: &'a str,
    start: usize,
    end: usize,
    table: &'a Table,
}

impl<'a> Entries<'a> {
    /// Reads `[[name]]` entries; any other top-level key is a problem.
    pub fn parse(text: &'a str, file: &'a str, name: &str) -> Result<Self> {
        type Doc = std::collections::BTreeMap<Spanned<String>, Value>;
        #[derive(Deserialize)]
        #[serde(transparent)]
        struct Lists(std::collections::BTreeMap<String, Vec<Spanned<Table>>>);
        let broken = |error: toml::de::Error| {
            let row = error.span().map_or(1, |s| line_at(text, s.start));
            Error::case(Problem::new(error.message().to_owned()).file(file).row(row).expected("TOML 1.0"))
        };
        let doc: Doc = toml::from_str(text).map_err(broken)?;
        let mut problems = Vec::new();
        for key in doc.keys().filter(|k| k.get_ref() != name) {
            let row = line_at(text, key.span().start);
            problems.push(
                Problem::new("unknown entry")
                    .file(file)
                    .row(row)
                    .column(key.get_ref())
                    .expected(format!("[[{name}]]")),
            );
        }
        if !problems.is_empty() {
            return Err(Error::Case(problems));
        }
        let lists: Lists = toml::from_str(text).map_err(|e| {
            let row = e.span().map_or(1, |s| line_at(text, s.start));
            Error::case(
                Problem::new("not a list of entries").file(file).row(row).expected(format!("[[{name}]]")),
            )
        })?;
        let spans = lists
            .0
            .into_values()
            .flatten()
            .map(|s| {
                let span = s.span();
                (span, s.into_inner())
            })
            .collect();
        Ok(Self { file, text, spans, problems })
    }

    /// Reads each entry; what fails is collected. The first element is the list of what was read.
    pub fn read<T>(
        &mut self,
        keys: &[&str],
        mut read: impl FnMut(Entry<'_>, &mut Vec<Problem>) -> Option<T>,
    ) -> Vec<T> {
        let mut out = Vec::new();
        for (i, (span, table)) in self.spans.iter().enumerate() {
            let end = self.spans.get(i + 1).map_or(self.text.len(), |next| next.0.start);
            let entry = Entry { file: self.file, text: self.text, start: span.start, end, table };
            for key in table.keys().filter(|k| !keys.contains(&k.as_str())) {
                self.problems.push(entry.problem(key, "unknown key").expected(keys.join(", ")));
            }
            out.extend(read(entry, &mut self.problems));
        }
        out
    }

    pub fn finish(self) -> Result<()> {
        if self.problems.is_empty() { Ok(()) } else { Err(Error::Case(self.problems)) }
    }
}

impl<'a> Entry<'a> {
    /// The line of the entry's header.
    pub fn line(&self) -> usize {
        line_at(self.text, self.start)
    }

    /// The line of a key, or of the entry where it has none.
    pub fn line_of(&self, key: &str) -> usize {
        let block = self.text.get(self.start..self.end).unwrap_or_default();
        let below = block.lines().position(|l| {
            l.trim_start().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='))
        });
        self.line() + below.unwrap_or(0)
    }

    /// A problem with a key.
    pub fn problem(&self, key: &str, message: &str) -> Problem {
        let p = Problem::new(message).file(self.file).row(self.line_of(key)).column(key);
        match self.table.get(key) {
            Some(Value::String(s)) => p.value(s),
            Some(v) => p.value(v),
            None => p,
        }
    }

    pub fn get(&self, key: &str) -> Option<&'a Value> {
        self.table.get(key)
    }

    /// A text; blank where the key is missing. A wrong type is a problem.
    pub fn text(&self, key: &str, problems: &mut Vec<Problem>) -> String {
        match self.table.get(key) {
            None => String::new(),
            Some(Value::String(s)) => s.trim().to_owned(),
            Some(_) => {
                problems.push(self.problem(key, "not a text").expected("a text in quotes"));
                String::new()
            }
        }
    }

    /// A text that must be there.
    pub fn required(&self, key: &str, problems: &mut Vec<Problem>) -> Option<String> {
        let before = problems.len();
        let text = self.text(key, problems);
        if text.is_empty() && problems.len() == before {
            problems.push(self.problem(key, "missing").expected("a text"));
        }
        (!text.is_empty()).then_some(text)
    }

    /// A list of texts; empty where the key is missing.
    pub fn texts(&self, key: &str, problems: &mut Vec<Problem>) -> Vec<String> {
        let Some(value) = self.table.get(key) else { return Vec::new() };
        let list: Option<Vec<String>> =
            value.as_array().and_then(|a| a.iter().map(|v| v.as_str().map(str::to_owned)).collect());
        list.unwrap_or_else(|| {
            problems.push(self.problem(key, "not a list of texts").expected("[\"…\", \"…\"]"));
            Vec::new()
        })
    }

    /// A number, exactly as written: `0.55`, `550`, `"14.52"`.
    pub fn decimal(&self, key: &str, problems: &mut Vec<Problem>) -> Option<Decimal> {
        let read = match self.table.get(key) {
            Some(Value::String(s)) => s.trim().parse().ok(),
            Some(Value::Integer(i)) => Some(Decimal::from(*i)),
            // The shortest text that gives this float is what was written.
            Some(Value::Float(f)) => f.to_string().parse().ok(),
            _ => None,
        };
        if read.is_none() {
            let message = if self.table.contains_key(key) { "not a number" } else { "missing" };
            problems.push(self.problem(key, message).expected("a number such as 550 or \"0.55\""));
        }
        read
    }

    /// A day as a TOML date or as text `2020-11-01`; `None` where the key is missing.
    pub fn date(&self, key: &str, problems: &mut Vec<Problem>) -> Option<chrono::NaiveDate> {
        let text = match self.table.get(key)? {
            Value::String(s) => s.clone(),
            Value::Datetime(d) => d.to_string(),
            _ => String::new(),
        };
        let read = chrono::NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok();
        if read.is_none() {
            problems.push(self.problem(key, "not a date").expected("a day such as 2020-11-01"));
        }
        read
    }

    /// `true` or `false`; `false` where the key is missing.
    pub fn flag(&self, key: &str, problems: &mut Vec<Problem>) -> bool {
        match self.table.get(key) {
            None => false,
            Some(Value::Boolean(b)) => *b,
            Some(_) => {
                problems.push(self.problem(key, "not a truth value").expected("true or false"));
                false
            }
        }
    }
}

fn line_at(text: &str, byte: usize) -> usize {
    1 + text.as_bytes().iter().take(byte).filter(|b| **b == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "# head\n[[check]]\nid = \"a\"\nparts = [\"F1\"]\n\n[[check]]\nid = 3\nshare = 0.55\nodd = 1\n";

    #[test]
    fn all_problems_are_told_with_their_lines() {
        let mut entries = Entries::parse(TEXT, "checks.toml", "check").unwrap();
        let read = entries.read(&["id", "parts", "share"], |e, problems| {
            let id = e.required("id", problems);
            assert_eq!(e.line(), if id.is_some() { 2 } else { 6 });
            if e.get("share").is_some() {
                assert_eq!(e.decimal("share", problems).unwrap().to_string(), "0.55");
            }
            id
        });
        assert_eq!(read, ["a"]);
        let error = entries.finish().unwrap_err();
        let lines: Vec<_> = error.problems().iter().map(|p| (p.row, p.column.clone())).collect();
        assert_eq!(lines, [(Some(9), Some("odd".to_owned())), (Some(7), Some("id".to_owned()))]);
    }

    #[test]
    fn broken_files_are_told() {
        assert!(
            Entries::parse("[[check]\n", "c.toml", "check").unwrap_err().to_string().starts_with("c.toml:1")
        );
        assert!(Entries::parse("a = 1\n\nb = 2\n", "c.toml", "check").unwrap_err().problems().len() == 2);
        assert!(Entries::parse("check = 1\n", "c.toml", "check").is_err());
    }
}
