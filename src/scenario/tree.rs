//! TOML as a tree whose every node knows its file and line, so that a scenario that extends
//! another still answers where each assumption stands, and every mistake is told with its place.

use std::cell::RefCell;
use std::str::FromStr;
use std::sync::Arc;

use rust_decimal::Decimal;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::Problem;

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub file: Arc<str>,
    pub line: usize,
}

#[derive(Debug, Clone)]
pub struct Node {
    pub place: Place,
    pub value: Value,
}

#[derive(Debug, Clone)]
pub enum Value {
    Text(String),
    /// Integers and floats, as the exact decimal that was written.
    Number(Decimal),
    Bool(bool),
    List(Vec<Node>),
    /// In the order of the file.
    Table(Vec<(String, Node)>),
}

impl Value {
    fn name(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Number(_) => "a number",
            Self::Bool(_) => "true or false",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
    /// As the user wrote it, for messages.
    fn show(&self) -> String {
        match self {
            Self::Text(s) => s.clone(),
            Self::Number(n) => n.to_string(),
            Self::Bool(b) => b.to_string(),
            Self::List(_) | Self::Table(_) => self.name().to_owned(),
        }
    }
}

/// Parses TOML; syntax errors become problems with their lines, all of them.
pub fn parse(text: &str, file: &str) -> Result<Node, Vec<Problem>> {
    let lines = Lines::new(text, file);
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut problems: Vec<Problem> = errors
        .iter()
        .map(|e| {
            let line = e.span().map_or(1, |s| lines.line(s.start));
            Problem::new(e.message().to_owned()).file(file).row(line).expected("valid TOML")
        })
        .collect();
    let node = lines.table(table.get_ref(), table.span().start, &mut problems);
    if problems.is_empty() { Ok(node) } else { Err(problems) }
}

/// Line numbers of byte offsets.
struct Lines {
    file: Arc<str>,
    starts: Vec<usize>,
}

impl Lines {
    fn new(text: &str, file: &str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(i, _)| i + 1)).collect();
        Self { file: file.into(), starts }
    }
    fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|s| *s <= offset).max(1)
    }
    fn node(&self, value: &Spanned<DeValue<'_>>, line: usize, problems: &mut Vec<Problem>) -> Node {
        let place = Place { file: self.file.clone(), line };
        let number = |text: String, problems: &mut Vec<Problem>| {
            let plain = text.replace('_', "");
            let parsed = Decimal::from_str(&plain).or_else(|_| Decimal::from_scientific(&plain));
            Value::Number(parsed.unwrap_or_else(|_| {
                let p = Problem::new("a number that can't be held exactly").file(&*self.file).row(line);
                problems.push(p.value(&text).expected("at most 28 digits, no infinity, no NaN"));
                Decimal::ZERO
            }))
        };
        let value = match value.get_ref() {
            DeValue::String(s) => Value::Text(s.to_string()),
            DeValue::Integer(i) if i.radix() == 10 => number(i.as_str().to_owned(), problems),
            DeValue::Integer(i) => number(i.to_string(), problems),
            DeValue::Float(f) => number(f.as_str().to_owned(), problems),
            DeValue::Boolean(b) => Value::Bool(*b),
            DeValue::Datetime(d) => Value::Text(d.to_string()),
            DeValue::Array(items) => {
                Value::List(items.iter().map(|v| self.node(v, self.line(v.span().start), problems)).collect())
            }
            DeValue::Table(t) => return self.table_at(t, line, problems),
        };
        Node { place, value }
    }
    fn table(&self, table: &DeTable<'_>, start: usize, problems: &mut Vec<Problem>) -> Node {
        self.table_at(table, self.line(start), problems)
    }
    fn table_at(&self, table: &DeTable<'_>, line: usize, problems: &mut Vec<Problem>) -> Node {
        // The parser keeps keys in alphabetical order; a budget is read in the order it was written.
        let mut entries: Vec<_> = table.iter().map(|(k, v)| (k.span().start, k, v)).collect();
        entries.sort_by_key(|(start, ..)| *start);
        let children = entries
            .into_iter()
            .map(|(start, k, v)| (k.get_ref().to_string(), self.node(v, self.line(start), problems)))
            .collect();
        Node { place: Place { file: self.file.clone(), line }, value: Value::Table(children) }
    }
}

/// Lays `over` on `under`: tables merge key by key, everything else is replaced.
pub fn merge(under: Node, over: Node) -> Node {
    match (under, over) {
        (Node { value: Value::Table(mut below), .. }, Node { place, value: Value::Table(above) }) => {
            for (key, node) in above {
                match below.iter().position(|(k, _)| *k == key) {
                    Some(i) => {
                        let old = std::mem::replace(&mut below[i].1, node.clone());
                        below[i].1 = merge(old, node);
                    }
                    None => below.push((key, node)),
                }
            }
            Node { place, value: Value::Table(below) }
        }
        (_, over) => over,
    }
}

/// Reads a table key by key, notes every mistake, and at the end every key that nobody knows.
pub struct Reader<'a> {
    entries: &'a [(String, Node)],
    place: &'a Place,
    path: String,
    seen: RefCell<Vec<&'static str>>,
    problems: &'a RefCell<Vec<Problem>>,
}

impl<'a> Reader<'a> {
    /// `None`, with the problem noted, where the node is no table.
    pub fn new(node: &'a Node, path: &str, problems: &'a RefCell<Vec<Problem>>) -> Option<Self> {
        match &node.value {
            Value::Table(entries) => Some(Self {
                entries,
                place: &node.place,
                path: path.to_owned(),
                seen: RefCell::default(),
                problems,
            }),
            other => {
                let p = Problem::new(format!("{} where a table is needed", other.name()));
                problems.borrow_mut().push(locate(p, &node.place).column(path).expected("a table"));
                None
            }
        }
    }

    pub fn place(&self) -> &Place {
        self.place
    }

    /// Notes a problem about one key (or the table itself, where the key is absent).
    pub fn problem(&self, key: &str, message: impl Into<String>, expected: impl Into<String>) {
        let node = self.entries.iter().find(|(k, _)| k == key).map(|(_, n)| n);
        let mut p = locate(Problem::new(message), node.map_or(self.place, |n| &n.place))
            .column(self.key(key))
            .expected(expected);
        if let Some(node) = node {
            p = p.value(node.value.show());
        }
        self.problems.borrow_mut().push(p);
    }

    fn key(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    pub fn get(&self, key: &'static str) -> Option<&'a Node> {
        self.seen.borrow_mut().push(key);
        self.entries.iter().find(|(k, _)| k == key).map(|(_, n)| n)
    }

    fn typed<T>(&self, key: &'static str, what: &str, read: impl Fn(&Value) -> Option<T>) -> Option<T> {
        let node = self.get(key)?;
        let value = read(&node.value);
        if value.is_none() {
            self.problem(key, format!("{} where {what} is needed", node.value.name()), what);
        }
        value
    }

    pub fn text(&self, key: &'static str) -> Option<String> {
        self.typed(key, "text", |v| if let Value::Text(s) = v { Some(s.clone()) } else { None })
    }

    pub fn number(&self, key: &'static str) -> Option<Decimal> {
        self.typed(key, "a number", |v| if let Value::Number(n) = v { Some(*n) } else { None })
    }

    pub fn boolean(&self, key: &'static str) -> Option<bool> {
        self.typed(key, "true or false", |v| if let Value::Bool(b) = v { Some(*b) } else { None })
    }

    pub fn year(&self, key: &'static str) -> Option<i32> {
        let year = self.number(key)?;
        let whole =
            i32::try_from(year).ok().filter(|y| Decimal::from(*y) == year && (1900..=2200).contains(y));
        if whole.is_none() {
            self.problem(key, "not a year", "a whole number from 1900 to 2200");
        }
        whole
    }

    /// Text, or a number as it was written: places where a formula may stand.
    pub fn formula(&self, key: &'static str) -> Option<String> {
        self.typed(key, "a formula in quotes, or a number", |v| match v {
            Value::Text(s) => Some(s.clone()),
            Value::Number(n) => Some(n.to_string()),
            _ => None,
        })
    }

    pub fn texts(&self, key: &'static str) -> Option<Vec<String>> {
        self.typed(key, "a list of text", |v| match v {
            Value::List(items) => items
                .iter()
                .map(|n| if let Value::Text(s) = &n.value { Some(s.clone()) } else { None })
                .collect(),
            _ => None,
        })
    }

    pub fn required<T>(&self, key: &'static str, value: Option<T>) -> Option<T> {
        if value.is_none() && !self.entries.iter().any(|(k, _)| k == key) {
            self.problem(key, "is missing", "this key");
        }
        value
    }

    /// The tables below a key (`[budget.child_directors]`), with their names.
    pub fn tables(&self, key: &'static str) -> Vec<(String, Reader<'a>)> {
        let Some(node) = self.get(key) else { return Vec::new() };
        let path = self.key(key);
        let Value::Table(entries) = &node.value else {
            self.problem(key, "not a table of tables", format!("[{path}.<name>]"));
            return Vec::new();
        };
        entries
            .iter()
            .filter_map(|(name, n)| {
                Some((name.clone(), Reader::new(n, &format!("{path}.{name}"), self.problems)?))
            })
            .collect()
    }

    /// Every key with its node, for tables whose keys are data; marks nothing as unknown.
    pub fn entries(&self) -> &'a [(String, Node)] {
        self.entries
    }

    /// One table below a key.
    pub fn table(&self, key: &'static str) -> Option<Reader<'a>> {
        let node = self.get(key)?;
        Reader::new(node, &self.key(key), self.problems)
    }

    /// The place of one key, or of the table where it is absent.
    pub fn place_of(&self, key: &str) -> Place {
        self.entries.iter().find(|(k, _)| k == key).map_or(self.place, |(_, n)| &n.place).clone()
    }

    /// Notes every key that was never asked for, with the nearest known one.
    pub fn finish(self) {
        let seen = self.seen.borrow();
        for (key, node) in self.entries {
            if seen.iter().any(|s| s == key) {
                continue;
            }
            let nearest = nearest(key, &seen).map_or_else(
                || format!("one of {}", seen.join(", ")),
                |n| format!("{n}, perhaps? Known here: {}", seen.join(", ")),
            );
            let p = locate(Problem::new("unknown key"), &node.place).column(self.key(key)).expected(nearest);
            self.problems.borrow_mut().push(p);
        }
    }
}

pub fn locate(p: Problem, place: &Place) -> Problem {
    p.file(&*place.file).row(place.line)
}

/// The known word closest to `word`, where one is near enough to be a slip of the fingers.
pub fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    known
        .iter()
        .map(|k| (distance(word, k), *k))
        .filter(|(d, k)| *d <= 1 + k.chars().count() / 4)
        .min_by_key(|(d, _)| *d)
        .map(|(_, k)| k)
}

/// Levenshtein distance over characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let substitute = corner + usize::from(ca != *cb);
            corner = row[j + 1];
            row[j + 1] = substitute.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_told_with_its_line() {
        let node = parse("a = 1\nbadget = \"x\"\n[b]\nc = true\n", "t.toml").unwrap();
        let problems = RefCell::default();
        let r = Reader::new(&node, "", &problems).unwrap();
        assert_eq!(r.text("a"), None);
        assert_eq!(r.text("budget"), None);
        assert_eq!(r.table("b").unwrap().boolean("c"), Some(true));
        r.finish();
        let told: Vec<String> = problems.borrow().iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].starts_with("t.toml:1: a: a number where text is needed (got \"1\")"), "{told:?}");
        assert!(told[1].contains("t.toml:2: badget: unknown key; expected budget, perhaps?"), "{told:?}");
    }

    #[test]
    fn syntax_errors_have_lines() {
        let problems = parse("a = 1\nb = = 2\n", "t.toml").unwrap_err();
        assert_eq!(problems[0].row, Some(2));
    }

    #[test]
    fn merging_keeps_the_place_of_what_was_not_touched() {
        let under = parse("[x]\na = 1\nb = 2\n", "base.toml").unwrap();
        let over = parse("\n\n[x]\nb = 3\n", "high.toml").unwrap();
        let both = merge(under, over);
        let problems = RefCell::default();
        let r = Reader::new(&both, "", &problems).unwrap();
        let x = r.table("x").unwrap();
        assert_eq!(x.number("b"), Some(Decimal::from(3)));
        assert_eq!(&*x.place_of("a").file, "base.toml");
        assert_eq!(x.place_of("b"), Place { file: "high.toml".into(), line: 4 });
    }
}
