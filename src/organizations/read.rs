//! Reads a register: cells to organizations and conclusions; what is wrong is listed and reading goes on.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::path::Path;

use arrow_array::RecordBatchReader;
use chrono::NaiveDate;
use hashbrown::HashTable;

use super::codes;
use super::dates;
use super::furniture::is_no_organization;
use super::header::{Field, Layout};
use super::identity::{self, JOINT};
use super::kinds::Kind;
use super::problems::{Finding, Problems};
use super::read_cells::{KindWord, Memo, Standing, Word};
use super::read_columns::Columns;
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

pub(super) struct Builder<'a> {
    options: Options,
    step: Step<'a>,
    expected_rows: usize,
    pub(super) columns: Columns,
    index: HashTable<u32>,
    hasher: BuildHasherDefault<DefaultHasher>,
    pub(super) organizations: Vec<Organization>,
    pub(super) keys: Texts,
    pub(super) names: String,
    /// Year of the record whose name is kept, and whether the type was written.
    pub(super) notes: Vec<(i16, bool)>,
    pub(super) records: Vec<Record>,
    pub(super) renames: Vec<Rename>,
    /// Sex and day of birth of representatives, until the last year of the register is known.
    pub(super) births: Vec<(u32, codes::Sex, NaiveDate)>,
    pub(super) kinds: Memo<KindWord>,
    pub(super) words: Memo<Word>,
    pub(super) states: Memo<Standing>,
    /// Headers of sheets that hold one year each.
    sheets: Vec<(i16, String)>,
    pub(super) problems: Problems,
    rows: u64,
    ignored: Vec<String>,
    synthetic: bool,
    /// Code cell of the row before and the organization it led to.
    last: (String, u32),
}

impl Sink for Builder<'_> {
    fn start(&mut self, layout: &Layout, rows: Option<usize>) -> Result<()> {
        self.columns = Columns::of(layout);
        if let Some(year) = layout.year {
            self.sheets.push((year, self.columns.header(self.columns.conclusion).to_owned()));
        }
        for header in &layout.ignored {
            if !self.ignored.contains(header) {
                self.ignored.push(header.clone());
            }
        }
        for header in &layout.doubtful {
            self.problems.add(Finding::Column, || {
                Problem::new("不认识的列，未采用；如为登记、注销、撤销日期或年检结论，请改列名")
                    .column(header.clone())
                    .expected("登记日期、注销日期、撤销日期、登记状态、年度、结论，或2023年度结论")
            });
        }
        // The row before was of another sheet.
        self.last.1 = u32::MAX;
        self.synthetic |=
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
            states: Memo::new(),
            sheets: Vec::new(),
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
        let Some(organization) = self.organization(chunk, i, name, row) else { return };
        let year = match self.columns.fixed {
            Some(year) => Some(Ok(year)),
            None => cell(self.columns.year).map(|c| c.year(i)),
        };
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
        if let Some(cells) = cell(self.columns.closed) {
            self.day(organization, cells, i, row, Field::Closed);
        }
        if let (Some(cells), Some(column)) = (cell(self.columns.status), self.columns.status) {
            self.status(organization, cells.text(i).as_deref().unwrap_or(""), column, row);
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
        if self.columns.year.is_none() && self.columns.fixed.is_none() && !self.columns.wide.is_empty() {
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
    fn organization(&mut self, chunk: &Chunk, i: usize, name: &str, row: u32) -> Option<u32> {
        let cells = self.columns.code.and_then(|c| chunk.columns.get(c));
        let raw = cells.and_then(|c| c.text(i)).unwrap_or_default();
        if self.last.1 != u32::MAX
            && self.last.0 == *raw
            && !raw.is_empty()
            && self.options.identity == Identity::Code
        {
            return Some(self.last.1);
        }
        let code = codes::repair(&raw);
        // Eighteen zeros check, and are nobody's code.
        let valid = codes::is_valid(&code) && codes::is_code_like(&code);
        let scientific = codes::looks_scientific(&code);
        // What looks like an identity number in the column of codes is not taken for one, nor kept.
        let personal = !valid && matches!(codes::masked(&code), std::borrow::Cow::Owned(_));
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
        } else if !text::is_nothing(name) && (!valid || self.options.identity == Identity::CodeAndName) {
            // A code that does not check may stand for several: settled by name once all rows are read.
            key = format!("{key}{JOINT}{}", text::key(&codes::masked(name)));
        }
        let hash = self.hasher.hash_one(key.as_str());
        let keys = &self.keys;
        if let Some(found) = self.index.find(hash, |o| keys.get(*o as usize) == key) {
            let found = *found;
            if valid {
                self.last = (raw.into_owned(), found);
            }
            return Some(found);
        }
        // Asked of new ones alone: what was taken for an organization once stays one.
        if !valid && self.is_furniture(chunk, i, &raw, name) {
            let header = self.columns.header(self.columns.code.or(self.columns.name)).to_owned();
            self.problems.add(Finding::NoOrganization, || {
                Problem::new("合计、标题、重复表头或表尾说明，不是组织，该行未采用")
                    .row(row as usize)
                    .column(header)
                    .value(if text::is_nothing(&raw) { name } else { &raw })
                    .expected("一个组织一行")
            });
            return None;
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
            undated: false,
            since: i16::MIN,
            until: i16::MAX,
            name: (0, 0),
            row,
            first: 0,
        });
        self.notes.push((i16::MIN, false));
        self.check_code(&raw, &code, usable, scientific, row);
        if valid {
            self.last = (raw.into_owned(), organization);
        }
        Some(organization)
    }

    /// Whether a row without a code that checks is a total, a heading, a repeated header or a footnote.
    fn is_furniture(&self, chunk: &Chunk, i: usize, raw: &str, name: &str) -> bool {
        let coded = !text::is_nothing(raw);
        let (cell, column) = if coded { (raw, self.columns.code) } else { (name, self.columns.name) };
        let blank = |c: &Cells| c.text(i).is_none_or(|t| text::is_nothing(&t));
        let others = || {
            let own = [self.columns.code, self.columns.name];
            chunk.columns.iter().enumerate().all(|(c, cells)| own.contains(&Some(c)) || blank(cells))
        };
        let nameless = text::is_nothing(name);
        // A text where the code should stand, and nothing else in the row.
        (coded
            && nameless
            && !codes::is_code_like(&codes::repair(raw))
            && !raw.bytes().any(|b| b.is_ascii_digit())
            && others())
            || is_no_organization(cell, self.columns.header(column), (!coded || nameless) && others())
    }

    fn finish(mut self, file: Option<String>) -> Result<Register> {
        // A file may be called by somebody's number.
        let file = file.map(|f| codes::masked(&f).into_owned());
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
        let mut years: Vec<(i16, String)> =
            self.columns.wide.iter().map(|(y, c)| (*y, self.columns.header(Some(*c)).to_owned())).collect();
        years.extend(self.sheets);
        let code = self.columns.header(self.columns.code).to_owned();
        if let Some(moved) = identity::settle(&mut register, &mut self.records, self.options.identity, &code)
        {
            for (organization, ..) in &mut self.births {
                *organization = moved[*organization as usize];
            }
        }
        let headers = validate::Headers {
            year: self.columns.header(self.columns.year).to_owned(),
            conclusion: self.columns.header(self.columns.conclusion).to_owned(),
            name: self.columns.header(self.columns.name).to_owned(),
            registered: self.columns.header(self.columns.registered).to_owned(),
            closed: self
                .columns
                .header(self.columns.deregistered.or(self.columns.revoked).or(self.columns.closed))
                .to_owned(),
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
