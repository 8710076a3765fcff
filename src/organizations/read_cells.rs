//! Reads the cells of a row: name, type, dates, status, representative, conclusion; what is wrong with them is listed.

use super::codes::{self, CodeFault};
use super::dates::{self, Reading};
use super::header::Field;
use super::identity::code_of;
use super::kinds::{Conclusion, Kind};
use super::problems::Finding;
use super::read::{Builder, Record};
use super::register::{NO_DAY, Rename};
use super::source::Cells;
use super::text;
use crate::error::Problem;

/// Words met in a column and what they mean; a register has a handful.
pub(super) struct Memo<T> {
    known: Vec<(Box<str>, T)>,
    last: usize,
}

impl<T: Copy> Memo<T> {
    pub(super) fn new() -> Self {
        Self { known: Vec::new(), last: 0 }
    }
    pub(super) fn get(&mut self, word: &str, parse: impl FnOnce(&str) -> T) -> T {
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
pub(super) enum Word {
    Nothing,
    Known(Conclusion),
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KindWord {
    Nothing,
    Known(Kind),
    Unknown,
}

/// What a cell says of whether an organization is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Open,
    Deregistered,
    Revoked,
    /// Closed in one way or another.
    Closed,
    Unknown,
}

impl Standing {
    /// From a word in a column of status, or in one where a day of closing should stand.
    pub(super) fn parse(word: &str) -> Self {
        let key = text::key(word);
        let key = key.trim_end_matches(['。', '.', '!']);
        match key {
            "正常" | "存续" | "在册" | "在业" | "有效" | "正常运行" | "正常运营" | "运行" | "登记"
            | "已登记" | "成立" | "开业" | "否" | "未" | "不是" | "没有" | "×" | "x" | "✗" | "no" | "n"
            | "false" | "0" | "active" | "长期"
            // What systems write for no day.
            | "9999-12-31" | "0000-00-00" | "1900-01-00" | "0001-01-01" | "未注销" | "未撤销" | "未吊销" | "open" | "normal" => {
                Self::Open
            }
            "是" | "有" | "√" | "✓" | "✔" | "yes" | "y" | "true" | "1" | "终止" | "已终止" | "解散"
            | "取缔" | "closed" => Self::Closed,
            key if key.contains("拟")
                || key.contains('未')
                || key.contains("申请")
                || key.contains("公告中") =>
            {
                Self::Unknown
            }
            key => match (
                key.contains("注销") || key.contains("deregistered"),
                ["撤销", "吊销", "revoked"].iter().any(|w| key.contains(w)),
            ) {
                (true, false) => Self::Deregistered,
                (false, true) => Self::Revoked,
                (true, true) => Self::Closed,
                (false, false) => Self::Unknown,
            },
        }
    }
}

impl Builder<'_> {
    pub(super) fn check_code(&mut self, raw: &str, code: &str, usable: bool, scientific: bool, row: u32) {
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
    pub(super) fn name(&mut self, organization: u32, name: &str, year: Option<i16>, row: u32) {
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
        // Two names in one year are no change of name: a code on the wrong row, more likely.
        let same_year = !before.is_empty()
            && (year.is_some_and(|y| y == kept_year) || (year.is_none() && self.columns.year.is_none()));
        if same_year {
            let (before, header) = (before.to_owned(), self.columns.header(self.columns.name).to_owned());
            self.problems.add(Finding::SeveralNames, || {
                Problem::new("同一代码在同一年度有多个名称，按一个组织统计；如为不同组织，请更正代码")
                    .row(row as usize)
                    .column(header)
                    .value(name)
                    .expected(before)
            });
            return;
        }
        if !before.is_empty() && self.renames.len() < 1_000_000 {
            let (from, to) = if newer { (before, name) } else { (name, before) };
            self.renames.push(Rename {
                code: code_of(self.keys.get(at)).to_owned(),
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

    pub(super) fn kind(&mut self, organization: u32, word: &str, row: u32) {
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

    pub(super) fn day(&mut self, organization: u32, cells: &Cells, i: usize, row: u32, field: Field) {
        let reading = cells.day(i);
        let at = organization as usize;
        let slot = match field {
            Field::Registered => &mut self.organizations[at].registered,
            Field::Revoked => &mut self.organizations[at].revoked,
            // A column that does not say which is taken for 注销; a status may say otherwise.
            _ => &mut self.organizations[at].deregistered,
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
            Field::Revoked => self.columns.revoked,
            _ => self.columns.closed,
        };
        let value = cells.text(i).unwrap_or_default();
        let closing = field != Field::Registered && reading.day().is_none();
        if closing {
            if Standing::parse(&value) == Standing::Open {
                return;
            }
            self.organizations[at].undated = true;
        }
        let header = self.columns.header(column).to_owned();
        let (finding, message, expected) = match reading {
            Reading::Impossible | Reading::NotADate if closing => (
                Finding::Undated,
                "认不出的注销或撤销日期，视为已终止而日期不明".to_owned(),
                dates::EXPECTED.to_owned(),
            ),
            Reading::Impossible => (Finding::Date, "不存在的日期".to_owned(), dates::EXPECTED.to_owned()),
            Reading::NotADate => (Finding::Date, "认不出的日期".to_owned(), dates::EXPECTED.to_owned()),
            Reading::Month(d) | Reading::Year(d) if before == NO_DAY => {
                let date = dates::date(d).map_or_else(String::new, |d| d.to_string());
                // A sheet shows 2015.10 as 2015.1.
                let other =
                    if value.trim().ends_with(".1") { "；也可能是10月，请核对" } else { "" };
                (Finding::DateVague, format!("日期不全，按 {date} 计算{other}"), dates::EXPECTED.to_owned())
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

    /// 登记状态: who is closed without a day is closed on an unknown one.
    pub(super) fn status(&mut self, organization: u32, word: &str, column: usize, row: u32) {
        if text::is_nothing(word) {
            return;
        }
        let standing = self.states.get(word, Standing::parse);
        let o = &mut self.organizations[organization as usize];
        if standing == Standing::Revoked && o.revoked == NO_DAY && self.columns.closed.is_some() {
            // The column of closings does not say which kind; the status does.
            std::mem::swap(&mut o.revoked, &mut o.deregistered);
        }
        let closed = o.closed().is_some();
        let (finding, message, expected) = match standing {
            Standing::Open if closed => (
                Finding::Contradiction,
                "登记状态与注销或撤销日期不符，按日期计",
                "注销或撤销的状态，或不填日期",
            ),
            Standing::Open => return,
            Standing::Unknown => (Finding::Status, "不认识的登记状态，未采用", "正常、注销、撤销"),
            _ if closed || o.undated => return,
            _ => {
                o.undated = true;
                (Finding::Undated, "登记状态为已注销或已撤销，未写日期", dates::EXPECTED)
            }
        };
        let header = self.columns.header(Some(column)).to_owned();
        self.problems.add(finding, || {
            Problem::new(message).row(row as usize).column(header).value(word).expected(expected)
        });
    }

    /// Sex and day of birth of a representative; the number itself goes no further.
    pub(super) fn representative(&mut self, organization: u32, text: &str, column: usize, row: u32) {
        if text::is_nothing(text) {
            return;
        }
        match super::personal::identity_birth(text) {
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

    pub(super) fn conclusion(
        &mut self,
        organization: u32,
        year: i16,
        word: &str,
        column: usize,
        row: u32,
        wide: bool,
    ) {
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
}
