//! CSV in and out: UTF-8 with or without a mark, GB18030.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{Array, RecordBatch};
use arrow_schema::{Field, Schema};

use super::{Input, Lines, Table, atomic, encoding, infer};
use crate::error::{Error, Problem, Result};

/// The cells of a text table as they stand, with the line of each row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cells {
    pub header: Vec<String>,
    /// Trimmed; blank cells are `None`.
    pub rows: Vec<Vec<Option<String>>>,
    /// Line in the file at which each row begins, from 1.
    pub lines: Vec<usize>,
}

/// Reads a CSV file; every column is typed by `infer::column`. All ragged rows are reported at once.
pub fn read(path: &Path, enc: Option<&str>) -> Result<Input> {
    let bytes = std::fs::read(path).map_err(|e| atomic::io(path, &e))?;
    let name = super::file_name(path);
    cells(&name, &bytes, enc)?.into_input(&name)
}

/// Splits CSV bytes into cells; the separator (comma, tab or semicolon) is taken from the header.
pub fn cells(name: &str, bytes: &[u8], enc: Option<&str>) -> Result<Cells> {
    let text = encoding::decode(name, bytes, enc)?;
    if let Some(line) = open_quote(&text) {
        let problem =
            Problem::new("a quotation mark that is opened here is never closed").file(name).row(line);
        return Err(Error::data(problem.expected("a whole file")));
    }
    let mut reader = ::csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(&text))
        .trim(::csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut table = Cells { header: Vec::new(), rows: Vec::new(), lines: Vec::new() };
    let mut problems = Vec::new();
    let mut lines = Lines::new(&text);
    let told = |e: ::csv::Error| Error::data(Problem::new(e.to_string()).file(name));
    let mut records = reader.records();
    let head: Vec<_> = records.by_ref().take(1000).collect::<std::result::Result<_, _>>().map_err(told)?;
    let above = lines_above_header(&head, |r| r.iter().collect());
    for record in head.into_iter().map(Ok).chain(records).skip(above) {
        let record = record.map_err(told)?;
        let line = record.position().map_or(0, |p| lines.at(p.byte()));
        if table.header.is_empty() {
            table.header = record.iter().map(str::to_owned).collect();
            // A comma at the end of the header is a habit of some exports, not a column.
            while table.header.len() > 1 && table.header.last().is_some_and(String::is_empty) {
                table.header.pop();
            }
            problems.extend(header_problems(name, line, &table.header));
            continue;
        }
        let width = table.header.len();
        if record.iter().all(str::is_empty) {
            continue;
        }
        if record.len() < width || record.iter().skip(width).any(|cell| !cell.is_empty()) {
            let problem = Problem::new("wrong number of fields").file(name).row(line).value(record.len());
            problems.push(problem.expected(format!("{width}, as in the header")));
            continue;
        }
        table.rows.push(record.iter().take(width).map(|c| (!c.is_empty()).then(|| c.to_owned())).collect());
        table.lines.push(line);
    }
    if table.header.is_empty() {
        problems.push(Problem::new("the file is empty").file(name).expected("a header row"));
    }
    if problems.is_empty() { Ok(table) } else { Err(Error::Data(problems)) }
}

fn header_problems(name: &str, line: usize, header: &[String]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (i, column) in header.iter().enumerate() {
        let at = || Problem::default().file(name).row(line).column(format!("column {}", i + 1));
        if column.is_empty() {
            problems.push(Problem { message: "no name in the header".into(), ..at() });
        } else if header[..i].contains(column) {
            problems.push(
                Problem { message: "this name stands twice in the header".into(), ..at() }.value(column),
            );
        }
    }
    problems
}

impl Cells {
    /// Types every column.
    pub fn into_input(self, name: &str) -> Result<Input> {
        let mut places = Vec::new();
        let mut fields = Vec::new();
        let mut columns = Vec::new();
        for (i, title) in self.header.iter().enumerate() {
            let values: Vec<Option<String>> = self.rows.iter().map(|row| row[i].clone()).collect();
            places.push(values.iter().flatten().map(|v| printed_places(v)).max().unwrap_or(0));
            let array = infer::column(title, &values);
            fields.push(Field::new(title, array.data_type().clone(), true));
            columns.push(array);
        }
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
            .map_err(|e| Error::data(Problem::new(e.to_string()).file(name)))?;
        let table = Table::from_batch(batch);
        Ok(Input { table, file: Some(name.to_owned()), rows: Some(self.lines), places: Some(places) })
    }
}

/// Digits behind the point of a plain number; 0 for anything else.
fn printed_places(text: &str) -> u32 {
    let plain = text.trim_end_matches(['%', '％']);
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit() || matches!(b, b',' | b'-' | b'+'));
    match plain.split_once('.') {
        Some((whole, places)) if digits(whole) && places.bytes().all(|b| b.is_ascii_digit()) => {
            u32::try_from(places.len()).unwrap_or(0).min(9)
        }
        _ => 0,
    }
}

/// How many lines above the header are a title (全县低保情况表) or a remark (单位：人): fewer cells than
/// half of the widest row, or a remark's words, no numbers, and below them a header without numbers.
pub(super) fn lines_above_header<'a, R>(rows: &'a [R], cells: impl Fn(&'a R) -> Vec<&'a str>) -> usize {
    let of = |row: &'a R| cells(row).into_iter().filter(|c| !c.trim().is_empty()).collect::<Vec<_>>();
    let width = rows.iter().take(1000).map(|r| of(r).len()).max().unwrap_or(0);
    let number = |c: &&str| {
        c.bytes().any(|b| b.is_ascii_digit())
            && c.bytes().all(|b| b.is_ascii_digit() || b".,%+-".contains(&b))
            && c.parse::<u32>().map_or(true, |y| !(1949..2100).contains(&y))
    };
    let remark = ["单位：", "单位:", "填报", "填表", "制表", "编制", "报送", "统计时间", "截止", "截至"];
    let title = |row: &'a R| {
        let filled = of(row);
        let says = filled.iter().any(|c| remark.iter().any(|w| c.trim().starts_with(w)));
        let han = filled.first().is_some_and(|c| c.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)));
        filled.is_empty() || !filled.iter().any(number) && han && (filled.len() * 2 <= width || says)
    };
    let above = rows.iter().take_while(|r| title(r)).count();
    let fits = rows.get(above).is_some_and(|header| !of(header).iter().any(number));
    if fits { above } else { 0 }
}

fn delimiter(text: &str) -> u8 {
    // a title line above the header holds none
    let header = text.lines().find(|l| l.contains([',', '\t', ';'])).unwrap_or_default();
    if header.contains(',') {
        b','
    } else if header.contains('\t') {
        b'\t'
    } else if header.contains(';') {
        b';'
    } else {
        b','
    }
}

/// The line of a quotation mark that is never closed.
fn open_quote(text: &str) -> Option<usize> {
    let (mut inside, mut opened, mut line, mut at_start) = (false, 1, 1, true);
    for c in text.chars() {
        if c == '\n' {
            line += 1;
        }
        if inside {
            // `""` inside closes and opens again, which comes to the same.
            inside = c != '"';
        } else if c == '"' && (at_start || opened == line) {
            inside = true;
            opened = line;
        }
        at_start = !inside && matches!(c, ',' | '\t' | ';' | '\n' | '\r') || (at_start && c == ' ');
        if c == '\n' && !inside {
            opened = 0;
        }
    }
    inside.then_some(opened)
}

/// What stands in the header row: field names or Chinese labels with units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Header {
    Names,
    Labels,
}

/// Writes a table; `enc` is `"utf-8-sig"` (Excel and WPS show it rightly), `"utf-8"` or `"gb18030"`.
/// Nulls are blank cells, lists are joined with `;`, decimals keep their places.
pub fn write(table: &Table, path: &Path, enc: &str, header: Header) -> Result<()> {
    let fail = |e: ::csv::Error| Error::data(Problem::new(e.to_string()).file(path.display().to_string()));
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    let titles = match header {
        Header::Names => table.column_names(),
        Header::Labels => table.headings(),
    };
    writer.write_record(&titles).map_err(fail)?;
    let columns: Vec<Vec<Option<String>>> =
        (0..table.batch().num_columns()).map(|i| table.column_texts(i)).collect::<Result<_>>()?;
    for row in 0..table.num_rows() {
        writer.write_record(columns.iter().map(|c| c[row].as_deref().unwrap_or_default())).map_err(fail)?;
    }
    let text = writer.into_inner().map_err(|e| Error::data(Problem::new(e.to_string())))?;
    let bytes = match enc.to_ascii_lowercase().as_str() {
        "utf-8-sig" | "utf_8_sig" => [b"\xEF\xBB\xBF".to_vec(), text].concat(),
        "utf-8" | "utf8" => text,
        "gb18030" | "gbk" => encoding_rs::GB18030.encode(&String::from_utf8_lossy(&text)).0.into_owned(),
        other => {
            let problem = Problem::new("unknown encoding").column("encoding").value(other);
            return Err(Error::data(problem.expected("utf-8-sig, utf-8 or gb18030")));
        }
    };
    atomic::write_bytes(path, &bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ragged_row_is_reported() {
        let message = cells("a.csv", "甲,乙\n1,2\n3\n4,5,6\n".as_bytes(), None).unwrap_err().to_string();
        assert!(message.contains("a.csv:3: wrong number of fields (got \"1\"); expected 2"), "{message}");
        assert!(message.contains("a.csv:4:"), "{message}");
        assert!(cells("a.csv", b"", None).unwrap_err().to_string().contains("empty"));
        assert!(cells("a.csv", b"a,a\n1,2\n", None).unwrap_err().to_string().contains("twice"));
        assert!(
            cells("a.csv", b"a,,b\n1,2,3\n", None).unwrap_err().to_string().contains("column 2: no name")
        );
    }

    #[test]
    fn a_file_cut_inside_a_quoted_cell_is_told() {
        let message = cells("a.csv", b"a,b\n\"x\"\"y\",1\n2,\"cut\nhere", None).unwrap_err().to_string();
        assert!(message.starts_with("a.csv:3: a quotation mark"), "{message}");
        assert_eq!(
            cells("a.csv", b"a,b\n5\" pipe,\"x,\ny\"\n", None).unwrap().rows[0][1].as_deref(),
            Some("x,\ny")
        );
    }

    #[test]
    fn titles_above_the_header_are_passed_over() {
        for title in ["全县低保情况表,,\n单位：人,,\n", "全县低保情况表\n单位：人\n", "\n全县低保情况表\n"]
        {
            let text = format!("{title}指标,2019年,2020年\n合计,300,335\n");
            let read = cells("a.csv", text.as_bytes(), None).unwrap();
            assert_eq!(read.header, ["指标", "2019年", "2020年"]);
            assert_eq!(read.lines, [text.lines().count()]);
        }
        // a header that is too short is no title
        assert!(cells("a.csv", "编号\n1,2,3\n4,5,6\n".as_bytes(), None).is_err());
        assert_eq!(cells("a.csv", "名称\n甲\n".as_bytes(), None).unwrap().header, ["名称"]);
    }

    #[test]
    fn lines_are_those_of_the_file() {
        let cells = cells("a.csv", b"\na\tb\n\n\"x\ny\"\t1\nz\t2\t\n", None).unwrap();
        assert_eq!(cells.header, ["a", "b"]);
        assert_eq!(cells.lines, [4, 6]);
        // as Excel saves it: every line end is two characters
        let cells = super::cells("a.csv", b"\r\na,b\r\n\r\n\"x\r\ny\",1\r\nz,2\r\n", None).unwrap();
        assert_eq!(cells.lines, [4, 6]);
        let message = super::cells("a.csv", b"a,b\r\n1,2\r\n3\r\n", None).unwrap_err().to_string();
        assert!(message.starts_with("a.csv:3:"), "{message}");
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            if let Ok(c) = cells("a.csv", &bytes, None) {
                let _ = c.into_input("a.csv");
            }
        }
    }
}
