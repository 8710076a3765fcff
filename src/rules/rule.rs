//! One dated rule.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::error::Problem;
use crate::figures::{Entry, Unit};

/// How sure a rule is, by what was seen of its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// The primary text or an official table was seen.
    Primary,
    /// Press or a mirror of the primary was seen.
    Mirror,
    /// A third-party transcription was seen.
    Transcription,
    /// Derived from figures that were seen.
    Derived,
    /// Common practice; no text was found.
    Practice,
}

impl Confidence {
    const WORDS: [(&str, Self); 5] = [
        ("primary", Self::Primary),
        ("mirror", Self::Mirror),
        ("transcription", Self::Transcription),
        ("derived", Self::Derived),
        ("practice", Self::Practice),
    ];
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|w| w.1 == self).map_or("practice", |w| w.0)
    }
    /// For Chinese sentences.
    pub fn label(self) -> &'static str {
        match self {
            Self::Primary => "见原文",
            Self::Mirror => "见转载",
            Self::Transcription => "见转录",
            Self::Derived => "推算",
            Self::Practice => "通行做法，未见文件",
        }
    }
}

/// How a plan's figure has to stand to the rule's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    AtLeast,
    AtMost,
    Equal,
    /// Only a fact to be compared with; nothing is required.
    Fact,
}

impl Relation {
    const WORDS: [(&str, Self); 4] = [
        ("at_least", Self::AtLeast),
        ("at_most", Self::AtMost),
        ("equal", Self::Equal),
        ("fact", Self::Fact),
    ];
}

/// A value that holds in a place between two days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub id: String,
    /// Chinese, as sentences name it.
    pub label: String,
    pub value: Decimal,
    pub unit: String,
    /// GB/T 2260 code of six digits, or `national`.
    pub place: String,
    pub valid_from: NaiveDate,
    /// The last day; `None` while nothing has ended it.
    pub valid_to: Option<NaiveDate>,
    pub source: String,
    pub article: String,
    pub confidence: Confidence,
    /// Who must confirm it before it is used in a budget.
    pub confirm: String,
    pub relation: Relation,
    /// Metrics of figures that it speaks of.
    pub metrics: Vec<String>,
    /// Words that the subject of a figure must contain, all of one entry (`城市 低保`), none of `not`.
    pub subjects: Vec<String>,
    pub not: Vec<String>,
    /// The value is a multiple or share of the figure with this metric.
    pub of: Option<String>,
    /// Why a case puts this in the place of a shipped rule.
    pub reason: String,
    /// The shipped rule that a case puts it in the place of, as sentences name it.
    pub replaces: String,
    pub file: String,
    pub line: usize,
}

pub(super) const KEYS: [&str; 17] = [
    "id",
    "label",
    "value",
    "unit",
    "place",
    "valid_from",
    "valid_to",
    "source",
    "article",
    "confidence",
    "confirm",
    "relation",
    "metrics",
    "subjects",
    "not",
    "of",
    "reason",
];

impl Rule {
    /// Whether it holds on a day.
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|to| day <= to)
    }

    /// Whether some day is covered by both.
    pub fn overlaps(&self, other: &Rule) -> bool {
        self.valid_to.is_none_or(|to| other.valid_from <= to)
            && other.valid_to.is_none_or(|to| self.valid_from <= to)
    }

    /// For sentences: 湖南省城市低保指导标准550元/人/月（2020-11-01起，来源…）.
    pub fn cite(&self) -> String {
        let to = self.valid_to.map_or_else(|| "起".to_owned(), |to| format!("至{to}"));
        let article = if self.article.is_empty() { String::new() } else { format!("，{}", self.article) };
        let instead = if self.replaces.is_empty() {
            String::new()
        } else {
            format!("；本案例以此代替{}，理由：{}", self.replaces, self.reason)
        };
        format!("{}（{}{to}；{}{article}{instead}）", self.label, self.valid_from, self.source)
    }

    pub(super) fn read(entry: Entry<'_>, file: &str, problems: &mut Vec<Problem>) -> Option<Self> {
        let before = problems.len();
        let id = entry.required("id", problems);
        let label = entry.required("label", problems);
        let value = entry.decimal("value", problems);
        let unit = entry.required("unit", problems);
        let place = entry.required("place", problems);
        let valid_from = entry.date("valid_from", problems);
        let valid_to = entry.date("valid_to", problems);
        let source = entry.required("source", problems);
        let confirm = entry.required("confirm", problems);
        if valid_from.is_none() && entry.get("valid_from").is_none() {
            problems.push(entry.problem("valid_from", "missing").expected("a day such as 2020-11-01"));
        }
        if valid_to.is_some_and(|to| valid_from.is_some_and(|from| to < from)) {
            problems.push(
                entry.problem("valid_to", "before valid_from").expected("the last day on which it holds"),
            );
        }
        if place.as_deref().is_some_and(|p| p != "national" && !is_code(p)) {
            problems.push(
                entry.problem("place", "not a place").expected("a GB/T 2260 code of six digits, or national"),
            );
        }
        let confidence = word(&entry, "confidence", &Confidence::WORDS, None, problems);
        let relation = word(&entry, "relation", &Relation::WORDS, Some(Relation::Fact), problems);
        let rule = Self {
            article: entry.text("article", problems),
            metrics: entry.texts("metrics", problems),
            subjects: entry.texts("subjects", problems),
            not: entry.texts("not", problems),
            of: Some(entry.text("of", problems)).filter(|o| !o.is_empty()),
            reason: entry.text("reason", problems),
            replaces: String::new(),
            file: file.to_owned(),
            line: entry.line(),
            id: id?,
            label: label?,
            value: value?,
            unit: unit?,
            place: place?,
            valid_from: valid_from?,
            valid_to,
            source: source?,
            confidence: confidence?,
            confirm: confirm?,
            relation: relation?,
        };
        (problems.len() == before).then_some(rule)
    }

    /// The unit of the value.
    pub fn unit(&self) -> Unit {
        Unit::parse(&self.unit)
    }
}

/// Whether values in two units can stand for each other: 元/人/月 and 元/人/年, % and ‰, not 元 and 个.
pub(super) fn comparable(a: &Unit, b: &Unit) -> bool {
    let others = |u: &Unit| u.per().iter().filter(|p| *p != "月" && *p != "年").cloned().collect::<Vec<_>>();
    a.adds_to(b) || a.of() == b.of() && others(a) == others(b)
}

/// A GB/T 2260 code.
pub(super) fn is_code(text: &str) -> bool {
    text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit())
}

fn word<T: Copy>(
    entry: &Entry<'_>,
    key: &str,
    words: &[(&str, T)],
    default: Option<T>,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    let text = entry.text(key, problems);
    let found = words.iter().find(|w| w.0 == text).map(|w| w.1);
    let found = if entry.get(key).is_none() { default } else { found };
    if found.is_none() {
        let all: Vec<&str> = words.iter().map(|w| w.0).collect();
        problems.push(entry.problem(key, "unknown word").expected(all.join(", ")));
    }
    found
}
