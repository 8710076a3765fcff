//! Reads a register: cells to organizations and conclusions; what is wrong is listed and reading goes on.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::path::Path;

use arrow_array::RecordBatchReader;
use chrono::NaiveDate;
use hashbrown::HashTable;

use super::codes::{self, CodeFault};
use super::dates::{self, Reading};
use super::header::{Field, Layout};
use super::kinds::{Conclusion, Kind};
use super::problems::{Finding, Problems};
use super::register::{NO_DAY, Organization, Register, Rename, Representative, Texts};
use super::source::{self, Cells, Chunk, Sink};
use super::text;
use super::validate;
use crate::error::{Error, Problem, Result};

/// Before the name of an organization that is known by its name, for want of a usable code.
pub const NAMED: &str = "名称:";

/// Who is one and the same organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Identity {
    /// The code; a change of name changes nothing.
    #[default]
    Code,
    /// Code and name: a change of name begins a new organization.
    CodeAndName,
}

/// Which of two conclusions for one year is reckoned with; both are listed in the problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Conflict {
    /// The one further down, as a correction.
    #[default]
    Last,
    First,
    /// The one nearest to 不合格; 未参检 comes before it, 免检 last.
    Worst,
}

/// How a register is read.
#[derive(Debug, Clone, Default)]
pub struct Options {
    pub sheet: Option<String>,
    pub identity: Identity,
    pub conflict: Conflict,
}

type Step<'a> = &'a (dyn Fn(usize, usize) -> bool + Sync);

/// Reads a register from a file (CSV, xlsx, xls, Parquet).
///
/// # Errors
/// `Error::Data` where the file cannot be read as a register at all; what is wrong in single cells is in
/// [`Register::problems`]. `Error::Interrupted` where `step` says so.
pub fn read_path(path: &Path, options: &Options, step: Step<'_>) -> Result<Register> {
    let mut builder = Builder::new(options.clone(), step);
    source::read_path(path, options.sheet.as_deref(), &mut builder)?;
    builder.finish(Some(source::file_name(path)))
}

/// Reads a register from a stream of Arrow batches.
///
/// # Errors
/// As [`read_path`].
pub fn read_batches(
    reader: &mut dyn RecordBatchReader,
    options: &Options,
    step: Step<'_>,
) -> Result<Register> {
    let mut builder = Builder::new(options.clone(), step);
    source::read_batches(reader, &mut builder)?;
    builder.finish(None)
}

/// A conclusion as it was met: 12 bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record {
    pub organization: u32,
    pub row: u32,
    pub year: i16,
    pub conclusion: u8,
}

/// What is known of the columns, copied out of the layout once.
#[derive(Default)]
struct Columns {
    code: Option<usize>,
    name: Option<usize>,
    kind: Option<usize>,
    registered: Option<usize>,
    year: Option<usize>,
    conclusion: Option<usize>,
    deregistered: Option<usize>,
    revoked: Option<usize>,
    identities: Vec<usize>,
    wide: Vec<(i16, usize)>,
    headers: Vec<String>,
}

impl Columns {
    fn of(layout: &Layout) -> Self {
        let at = |field| layout.columns.iter().position(|c| c.field == field);
        let mut wide: Vec<(i16, usize)> = Vec::new();
        let mut identities = Vec::new();
        for (i, column) in layout.columns.iter().enumerate() {
            match column.field {
                Field::Of(year) => wide.push((year, i)),
                Field::Identity => identities.push(i),
                _ => {}
            }
        }
        wide.sort_unstable();
        Self {
            code: at(Field::Code),
            name: at(Field::Name),
            kind: at(Field::Kind),
            registered: at(Field::Registered),
            year: at(Field::Year),
            conclusion: at(Field::Conclusion),
            deregistered: at(Field::Deregistered),
            revoked: at(Field::Revoked),
            identities,
            wide,
            headers: layout.columns.iter().map(|c| c.header.clone()).collect(),
        }
    }
    fn header(&self, column: Option<usize>) -> &str {
        column.and_then(|c| self.headers.get(c)).map_or("", String::as_str)
    }
}

/// Words met in a column and what they mean; a register has a handful.
struct Memo<T> {
    known: Vec<(Box<str>, T)>,
    last: usize,
}

impl<T: Copy> Memo<T> {
    fn new() -> Self {
        Self { known: Vec::new(), last: 0 }
    }
    fn get(&mut self, word: &str, parse: impl FnOnce(&str) -> T) -> T {
        if let Some((w, t)) = self.known.get(self.last)
            && **w == *word
        {
            return *t;
        }
        if let Some(i) = self.known.iter().position(|(w, _)| **w == *word) {
            self.last = i;
            return self.known[i].1;
        }
        let parsed = parse(word);
        if self.known.len() < 64 && word.len() < 200 {
            self.known.push((word.into(), parsed));
        }
        parsed
    }
}

/// What a cell of the conclusion column means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Nothing,
    Known(Conclusion),
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KindWord {
    Nothing,
    Known(Kind),
    Unknown,
}

struct Builder<'a> {
    options: Options,
    step: Step<'a>,
    expected_rows: usize,
    columns: Columns,
    index: HashTable<u32>,
    hasher: BuildHasherDefault<DefaultHasher>,
    organizations: Vec<Organization>,
    keys: Texts,
    names: String,
    /// Year of the record whose name is kept, and whether the type was written.
    notes: Vec<(i16, bool)>,
    records: Vec<Record>,
    renames: Vec<Rename>,
    /// Sex and day of birth of representatives, until the last year of the register is known.
    births: Vec<(u32, codes::Sex, NaiveDate)>,
    kinds: Memo<KindWord>,
    words: Memo<Word>,
    problems: Problems,
    rows: u64,
    ignored: Vec<String>,
    synthetic: bool,
    /// Code cell of the row before and the organization it led to.
    last: (String, u32),
}

impl Sink for Builder<'_> {
    fn start(&mut self, layout: &Layout, rows: Option<usize>) -> Result<()> {
        self.columns = Columns::of(layout);
        self.ignored.clone_from(&layout.ignored);
        self.synthetic =
            layout.ignored.iter().any(|h| matches!(h.as_str(), "合成" | "合成数据" | "synthetic"));
        self.expected_rows = rows.unwrap_or(0);
        // A wrong count in a file's header must not reserve memory that is never used.
        self.records.reserve(self.expected_rows.min(32 << 20));
        Ok(())
    }

    fn chunk(&mut self, chunk: Chunk) -> Result<()> {
        if !(self.step)(self.rows as usize, self.expected_rows) {
            return Err(Error::Interrupted);
        }
        for i in 0..chunk.rows {
            self.row(&chunk, i);
        }
        self.rows += chunk.rows as u64;
        Ok(())
    }

    fn problems(&mut self) -> &mut Problems {
        &mut self.problems
    }
}

impl<'a> Builder<'a> {
    fn new(options: Options, step: Step<'a>) -> Self {
        Self {
            options,
            step,
            expected_rows: 0,
            columns: Columns::default(),
            index: HashTable::new(),
            hasher: BuildHasherDefault::default(),
            organizations: Vec::new(),
            keys: Texts::default(),
            names: String::new(),
            notes: Vec::new(),
            records: Vec::new(),
            renames: Vec::new(),
            births: Vec::new(),
            kinds: Memo::new(),
            words: Memo::new(),
            problems: Problems::default(),
            rows: 0,
            ignored: Vec::new(),
            synthetic: false,
            last: (String::new(), u32::MAX),
        }
    }

    fn row(&mut self, chunk: &Chunk, i: usize) {
        let row = chunk.row(i);
        let cell = |column: Option<usize>| column.and_then(|c| chunk.columns.get(c));
        let name_text = cell(self.columns.name).and_then(|c| c.text(i));
        // As it is written: full-width brackets belong to a name.
        let name = name_text.as_deref().map(text::trimmed).unwrap_or_default();
        let Some(organization) = self.organization(cell(self.columns.code), i, name, row) else { return };
        let year = cell(self.columns.year).map(|c| c.year(i));
        let name_year = year.as_ref().and_then(|y| y.as_ref().ok()).copied();
        self.name(organization, name, name_year, row);
        if let Some(cells) = cell(self.columns.kind) {
            self.kind(organization, cells.text(i).as_deref().unwrap_or(""), row);
        }
        if let Some(cells) = cell(self.columns.registered) {
            self.day(organization, cells, i, row, Field::Registered);
        }
        if let Some(cells) = cell(self.columns.deregistered) {
            self.day(organization, cells, i, row, Field::Deregistered);
        }
        if let Some(cells) = cell(self.columns.revoked) {
            self.day(organization, cells, i, row, Field::Revoked);
        }
        for k in 0..self.columns.identities.len() {
            let column = self.columns.identities[k];
            if let Some(text) = cell(Some(column)).and_then(|c| c.text(i)) {
                self.representative(organization, &text, column, row);
            }
        }
        for k in 0..self.columns.wide.len() {
            let (year, column) = self.columns.wide[k];
            let text = cell(Some(column)).and_then(|c| c.text(i));
            self.conclusion(organization, year, text.as_deref().unwrap_or(""), column, row, true);
        }
        if self.columns.year.is_none() && !self.columns.wide.is_empty() {
            return;
        }
        match year {
            Some(Ok(year)) => {
                if let Some(column) = self.columns.conclusion {
                    let text = cell(Some(column)).and_then(|c| c.text(i));
                    self.conclusion(organization, year, text.as_deref().unwrap_or(""), column, row, false);
                }
            }
            Some(Err(text)) => {
                let header = self.columns.header(self.columns.year).to_owned();
                self.problems.add(Finding::Year, || {
                    Problem::new(if text.trim().is_empty() { "未填年度" } else { "不是年度" })
                        .row(row as usize)
                        .column(header)
                        .value(text)
                        .expected("四位年份，如 2023、2023年")
                });
            }
            None => {}
        }
    }

    /// The organization of a row, new or known; `None` where the row names none.
    fn organization(&mut self, cells: Option<&Cells>, i: usize, name: &str, row: u32) -> Option<u32> {
        let raw = cells.and_then(|c| c.text(i)).unwrap_or_default();
        if self.last.1 != u32::MAX
            && self.last.0 == *raw
            && !raw.is_empty()
            && self.options.identity == Identity::Code
        {
            return Some(self.last.1);
        }
        let code = codes::repair(&raw);
        let scientific = codes::looks_scientific(&code);
        // An identity number in the column of codes is not taken for one.
        let personal = !codes::is_valid(&code) && codes::identity_birth(&code).is_ok();
        let usable = !text::is_nothing(&code) && !scientific && !personal;
        let mut key = if usable { code.to_string() } else { String::new() };
        if !usable {
            if text::is_nothing(name) {
                let header = self.columns.header(self.columns.code.or(self.columns.name)).to_owned();
                self.problems.add(Finding::CodeMissing, || {
                    Problem::new("既无可用的统一社会信用代码，也无名称，该行未采用")
                        .row(row as usize)
                        .column(header)
                        .value(&raw)
                        .expected("18位统一社会信用代码")
                });
                return None;
            }
            key = format!("{NAMED}{}", text::key(&codes::masked(name)));
        } else if self.options.identity == Identity::CodeAndName {
            key = format!("{key}\u{1}{}", text::key(name));
        }
        let hash = self.hasher.hash_one(key.as_str());
        let keys = &self.keys;
        if let Some(found) = self.index.find(hash, |o| keys.get(*o as usize) == key) {
            let found = *found;
            if usable {
                self.last = (raw.into_owned(), found);
            }
            return Some(found);
        }
        let organization = u32::try_from(self.organizations.len()).ok().filter(|o| *o < u32::MAX)?;
        self.keys.push(&key);
        let (keys, hasher) = (&self.keys, &self.hasher);
        self.index.insert_unique(hash, organization, |o| hasher.hash_one(keys.get(*o as usize)));
        self.organizations.push(Organization {
            kind: codes::kind_of(&code).unwrap_or(Kind::Unknown),
            registered: NO_DAY,
            deregistered: NO_DAY,
            revoked: NO_DAY,
            name: (0, 0),
            row,
            first: 0,
        });
        self.notes.push((i16::MIN, false));
        self.check_code(&raw, &code, usable, scientific, row);
        if usable {
            self.last = (raw.into_owned(), organization);
        }
        Some(organization)
    }

    fn check_code(&mut self, raw: &str, code: &str, usable: bool, scientific: bool, row: u32) {
        let header = || self.columns.header(self.columns.code).to_owned();
        let expected = "18位统一社会信用代码（文本）";
        if scientific {
            let header = header();
            self.problems.add(Finding::CodeBroken, || {
                Problem::new(format!("{}；该组织以名称为准", CodeFault::Scientific.message()))
                    .row(row as usize)
                    .column(header)
                    .value(raw)
                    .expected(expected)
            });
            return;
        }
        if !usable {
            if self.columns.code.is_some() {
                let header = header();
                self.problems.add(Finding::CodeMissing, || {
                    Problem::new("未填统一社会信用代码；该组织以名称为准")
                        .row(row as usize)
                        .column(header)
                        .value(raw)
                        .expected(expected)
                });
            }
            return;
        }
        let fault = codes::code_fault(code);
        if code != text::clean(raw) && fault.is_none() {
            let header = header();
            self.problems.add(Finding::CodeRepaired, || {
                Problem::new(format!("代码书写有误，已按 {code} 采用"))
                    .row(row as usize)
                    .column(header)
                    .value(raw)
                    .expected(expected)
            });
        }
        let Some(fault) = fault else { return };
        let header = header();
        let (finding, expected) = match fault {
            CodeFault::Scientific | CodeFault::Length => (Finding::CodeBroken, expected.to_owned()),
            CodeFault::Character => (Finding::CodeBroken, "数字和大写字母，不含 I、O、S、V、Z".to_owned()),
            CodeFault::CheckDigit { expected } => (Finding::CodeCheck, format!("第18位为 {expected}")),
            CodeFault::OrganizationCode => (Finding::CodeCheck, "第17位为第9至16位的校验码".to_owned()),
            CodeFault::Area => (Finding::CodeCheck, "六位行政区划代码，如 433101".to_owned()),
            CodeFault::Registrar => (Finding::CodeCheck, "社会团体51、民办非企业单位52、基金会53".to_owned()),
        };
        let message = fault.message();
        self.problems.add(finding, || {
            Problem::new(message).row(row as usize).column(header).value(code).expected(expected)
        });
    }

    /// Keeps the name of the latest year and notes changes.
    fn name(&mut self, organization: u32, name: &str, year: Option<i16>, row: u32) {
        if text::is_nothing(name) {
            return;
        }
        let at = organization as usize;
        let (start, end) = self.organizations[at].name;
        let before = &self.names[start as usize..end as usize];
        let (kept_year, _) = self.notes[at];
        // A personal number in the wrong column is not kept.
        let name = &*codes::masked(name);
        // Full width or half: the same name.
        if before == name || (!before.is_empty() && text::key(before) == text::key(name)) {
            self.notes[at].0 = kept_year.max(year.unwrap_or(kept_year));
            return;
        }
        let newer = before.is_empty() || year.is_none_or(|y| y >= kept_year);
        if !before.is_empty() && self.renames.len() < 1_000_000 {
            let (from, to) = if newer { (before, name) } else { (name, before) };
            self.renames.push(Rename {
                code: self.keys.get(at).to_owned(),
                year: if newer { year } else { Some(kept_year) },
                from: from.to_owned(),
                to: to.to_owned(),
                row,
            });
        }
        if newer {
            let start = self.names.len();
            self.names.push_str(name);
            // Names of more than 4 GB in all: the rest go unnamed rather than wrong.
            if let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(self.names.len())) {
                self.organizations[at].name = (start, end);
                self.notes[at].0 = year.unwrap_or(kept_year);
            }
        }
    }

    fn kind(&mut self, organization: u32, word: &str, row: u32) {
        let at = organization as usize;
        let parsed = self.kinds.get(word, |w| {
            if text::is_nothing(w) {
                KindWord::Nothing
            } else {
                Kind::parse(w).map_or(KindWord::Unknown, KindWord::Known)
            }
        });
        let header = || self.columns.header(self.columns.kind).to_owned();
        match parsed {
            KindWord::Nothing => {}
            KindWord::Known(kind) => {
                let written = &mut self.notes[at].1;
                let now = self.organizations[at].kind;
                if *written && now != kind {
                    let header = header();
                    self.problems.add(Finding::Contradiction, || {
                        Problem::new("同一代码前后登记类型不一，以先出现者为准")
                            .row(row as usize)
                            .column(header)
                            .value(word)
                            .expected(now.label())
                    });
                } else if !*written {
                    *written = true;
                    self.organizations[at].kind = kind;
                    if now != Kind::Unknown && now != kind {
                        let header = header();
                        let code = self.keys.get(at).get(..2).unwrap_or("").to_owned();
                        self.problems.add(Finding::TypeAgainstCode, || {
                            Problem::new(format!("所填类型与代码不符（代码以{code}开头），按所填类型统计"))
                                .row(row as usize)
                                .column(header)
                                .value(word)
                                .expected(now.label())
                        });
                    }
                }
            }
            KindWord::Unknown => {
                let header = header();
                self.problems.add(Finding::Type, || {
                    let expected = Kind::nearest(word).map_or_else(
                        || Kind::EXPECTED.to_owned(),
                        |n| format!("{}；最接近的是“{n}”", Kind::EXPECTED),
                    );
                    Problem::new("不认识的类型，按代码归类")
                        .row(row as usize)
                        .column(header)
                        .value(word)
                        .expected(expected)
                });
            }
        }
    }

    fn day(&mut self, organization: u32, cells: &Cells, i: usize, row: u32, field: Field) {
        let reading = cells.day(i);
        let at = organization as usize;
        let slot = match field {
            Field::Registered => &mut self.organizations[at].registered,
            Field::Deregistered => &mut self.organizations[at].deregistered,
            _ => &mut self.organizations[at].revoked,
        };
        // The usual case: the same day as in the row before, or no day at all.
        match reading {
            Reading::Nothing => return,
            Reading::Day(d) if *slot == d => return,
            Reading::Day(d) if *slot == NO_DAY => {
                *slot = d;
                return;
            }
            _ => {}
        }
        let before = *slot;
        if let Some(d) = reading.day()
            && before == NO_DAY
        {
            *slot = d;
        }
        let column = match field {
            Field::Registered => self.columns.registered,
            Field::Deregistered => self.columns.deregistered,
            _ => self.columns.revoked,
        };
        let header = self.columns.header(column).to_owned();
        let value = cells.text(i).unwrap_or_default();
        let (finding, message, expected) = match reading {
            Reading::Impossible => (Finding::Date, "不存在的日期".to_owned(), dates::EXPECTED.to_owned()),
            Reading::NotADate => (Finding::Date, "认不出的日期".to_owned(), dates::EXPECTED.to_owned()),
            Reading::Month(d) | Reading::Year(d) if before == NO_DAY => {
                let date = dates::date(d).map_or_else(String::new, |d| d.to_string());
                (Finding::DateVague, format!("日期不全，按 {date} 计算"), dates::EXPECTED.to_owned())
            }
            _ if reading.day() == Some(before) => return,
            _ => {
                let date = dates::date(before).map_or_else(String::new, |d| d.to_string());
                (Finding::Contradiction, "同一代码前后日期不一，以先出现者为准".to_owned(), date)
            }
        };
        self.problems.add(finding, || {
            Problem::new(message).row(row as usize).column(header).value(value).expected(expected)
        });
    }

    /// Sex and day of birth of a representative; the number itself goes no further.
    fn representative(&mut self, organization: u32, text: &str, column: usize, row: u32) {
        if text::is_nothing(text) {
            return;
        }
        match codes::identity_birth(text) {
            Ok((sex, born)) => self.births.push((organization, sex, born)),
            Err(fault) => {
                let header = self.columns.header(Some(column)).to_owned();
                self.problems.add(Finding::Identity, || {
                    Problem::new(fault.message())
                        .row(row as usize)
                        .column(header)
                        .expected("18位公民身份号码（GB 11643-1999）")
                });
            }
        }
    }

    fn conclusion(&mut self, organization: u32, year: i16, word: &str, column: usize, row: u32, wide: bool) {
        let parsed = self.words.get(word, |w| {
            if text::is_nothing(w) {
                Word::Nothing
            } else {
                Conclusion::parse(w).map_or(Word::Unknown, Word::Known)
            }
        });
        match parsed {
            Word::Known(conclusion) => {
                self.records.push(Record { organization, row, year, conclusion: conclusion as u8 });
            }
            // In a register with a column a year a blank is a year without a record, which the gaps tell.
            Word::Nothing if wide => {}
            Word::Nothing | Word::Unknown => {
                let header = self.columns.header(Some(column)).to_owned();
                self.problems.add(Finding::Word, || {
                    if parsed == Word::Nothing {
                        return Problem::new(format!("未填{year}年度结论，按无记录处理"))
                            .row(row as usize)
                            .column(header)
                            .value(word)
                            .expected(Conclusion::EXPECTED);
                    }
                    let expected = Conclusion::nearest(word).map_or_else(
                        || Conclusion::EXPECTED.to_owned(),
                        |n| format!("{}；最接近的是“{n}”", Conclusion::EXPECTED),
                    );
                    Problem::new("不认识的结论，按无记录处理")
                        .row(row as usize)
                        .column(header)
                        .value(word)
                        .expected(expected)
                });
            }
        }
    }

    fn finish(self, file: Option<String>) -> Result<Register> {
        let mut register = Register {
            organizations: self.organizations,
            keys: self.keys,
            names: self.names,
            renames: self.renames,
            problems: self.problems,
            rows: self.rows,
            ignored: self.ignored,
            synthetic: self.synthetic
                || file.as_deref().is_some_and(|f| f.contains("synthetic") || f.contains("合成")),
            file,
            ..Register::default()
        };
        // The hash table is not needed any more; memory for what follows.
        drop(self.index);
        if register.rows == 0 {
            let mut problem = Problem::new("the register has a header but no rows");
            problem.file.clone_from(&register.file);
            return Err(Error::data(problem));
        }
        let years: Vec<(i16, String)> =
            self.columns.wide.iter().map(|(y, c)| (*y, self.columns.header(Some(*c)).to_owned())).collect();
        let headers = validate::Headers {
            year: self.columns.header(self.columns.year).to_owned(),
            conclusion: self.columns.header(self.columns.conclusion).to_owned(),
            name: self.columns.header(self.columns.name).to_owned(),
            wide: years,
        };
        validate::settle(&mut register, self.records, self.options.conflict, &headers);
        if let Some(on) = register.span.and_then(|(_, last)| dates::date(dates::year_end(last))) {
            for (organization, sex, born) in self.births {
                if let Some(age) = on.years_since(born).filter(|age| *age <= 130) {
                    register.representatives.insert(organization, Representative { sex, age });
                }
            }
        }
        register.problems.sort();
        Ok(register)
    }
}
