//! A table as it was handed in: from a file or from memory, with where its rows stand.

use std::path::Path;

use super::{Table, archive, csv, excel_read, parquet};
use crate::error::{Error, Problem, Result};

/// A table that came from outside. Integers are Int64, numbers Float64, texts Utf8.
#[derive(Debug, Clone)]
pub struct Input {
    pub table: Table,
    /// The file's name, where it came from a file.
    pub file: Option<String>,
    /// Line or sheet row of each row, where it came from a text file or a sheet.
    pub rows: Option<Vec<usize>>,
    /// Most decimal places that a text file prints in each column: 100.0 has one, as a number none.
    pub places: Option<Vec<u32>>,
}

impl Input {
    /// A table from memory.
    pub fn from_table(table: Table) -> Result<Self> {
        Ok(Self { table: table.normalized()?, file: None, rows: None, places: None })
    }

    /// Where row `i` (from 0) stands, as the user counts: the line of the file, else the row from 1.
    pub fn row(&self, i: usize) -> usize {
        self.rows.as_ref().and_then(|rows| rows.get(i).copied()).unwrap_or(i + 1)
    }

    /// A problem in row `i` (from 0) of a column.
    pub fn problem(&self, i: usize, column: &str, message: impl Into<String>) -> Problem {
        let problem = Problem::new(message).row(self.row(i)).column(column);
        match &self.file {
            Some(file) => problem.file(file),
            None => problem,
        }
    }

    /// A column by any of its names (English, Chinese); an error that lists the columns there are.
    pub fn find(&self, names: &[&str]) -> Result<String> {
        let there = self.table.column_names();
        let hit = names.iter().find_map(|n| there.iter().find(|c| c.as_str() == *n));
        hit.cloned().ok_or_else(|| {
            let problem = Problem::new("the column is missing").column(names.join(" / "));
            let problem = problem.expected(format!("one of the columns {}", there.join(", ")));
            Error::data(match &self.file {
                Some(file) => problem.file(file),
                None => problem,
            })
        })
    }
}

/// Reads a path by its ending: .csv (or .txt), .xlsx, .parquet. A file that is not what its ending
/// says is refused with what it is.
pub fn read(path: &Path, encoding: Option<&str>) -> Result<Input> {
    let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    archive::guarded(|| match ending.as_str() {
        "csv" | "txt" | "tsv" => csv::read(path, encoding),
        "xlsx" => excel_read::read(path, None),
        "parquet" | "pq" => parquet::read(path),
        other => {
            let problem = Problem::new("unknown kind of file").file(path.display().to_string()).value(other);
            Err(Error::data(problem.expected(".csv, .xlsx or .parquet")))
        }
    })
    .map_err(|error| match error {
        Error::Data(problems) => {
            let name = super::file_name(path);
            let named = |p: Problem| if p.file.is_none() { p.file(&name) } else { p };
            Error::Data(problems.into_iter().map(named).collect())
        }
        other => other,
    })
}
