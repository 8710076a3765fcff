//! The demographic standards under data/standards, parsed once.

use std::sync::OnceLock;

use crate::error::{Error, Problem, Result};

/// First ages of the abridged tables: 0, 1, 5, …, 100 (open).
pub const ABRIDGED: [u32; 22] =
    [0, 1, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90, 95, 100];

/// A shipped table: header names and rows of text.
#[derive(Debug, Clone)]
pub struct Sheet {
    pub path: String,
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Sheet {
    /// Reads `data/standards/{name}.csv`.
    ///
    /// # Errors
    /// `Model` where there is no such standard (the known ones are listed) or it cannot be parsed.
    pub fn open(name: &str) -> Result<Self> {
        let path = format!("standards/{name}.csv");
        let Some(text) = crate::assets::text(&path) else {
            let known: Vec<&str> = crate::assets::list("standards")
                .into_iter()
                .filter_map(|p| p.strip_prefix("standards/")?.strip_suffix(".csv"))
                .collect();
            return Err(Error::model(
                Problem::new("no such standard").value(name).expected(format!("one of {}", known.join(", "))),
            ));
        };
        let bad = |e: csv::Error| Error::model(Problem::new(e.to_string()).file(path.clone()));
        let mut reader =
            csv::ReaderBuilder::new().comment(Some(b'#')).trim(csv::Trim::All).from_reader(text.as_bytes());
        let header = reader.headers().map_err(bad)?.iter().map(str::to_owned).collect();
        let mut rows = Vec::new();
        for record in reader.records() {
            rows.push(record.map_err(bad)?.iter().map(str::to_owned).collect());
        }
        Ok(Self { path, header, rows })
    }

    /// The source lines at the head of the file.
    pub fn source(&self) -> String {
        let lines = crate::assets::text(&self.path).unwrap_or_default().lines();
        let comment = lines.filter_map(|l| l.strip_prefix("# Source: "));
        comment.collect::<Vec<_>>().join(" ")
    }

    /// Numbers of a row from column `from` on; an empty cell is NaN.
    ///
    /// # Errors
    /// `Model` with row and column where a cell is no number.
    pub fn numbers(&self, row: usize, from: usize) -> Result<Vec<f64>> {
        let cells = self.rows[row].iter().enumerate().skip(from);
        cells
            .map(|(c, cell)| {
                if cell.is_empty() {
                    return Ok(f64::NAN);
                }
                cell.parse().map_err(|_| {
                    Error::model(
                        Problem::new("not a number")
                            .file(&self.path)
                            .row(row + 1)
                            .column(&self.header[c])
                            .value(cell),
                    )
                })
            })
            .collect()
    }
}

/// A value computed once from shipped data, or the error that computing it gave.
pub type Once<T> = OnceLock<std::result::Result<T, Error>>;

/// The value of a `Once`, computed at first use.
///
/// # Errors
/// Whatever computing it gave.
pub fn once<T>(cell: &'static Once<T>, make: impl FnOnce() -> Result<T>) -> Result<&'static T> {
    cell.get_or_init(make).as_ref().map_err(Clone::clone)
}

/// Yearly national paths of China with the spread of the published bands.
#[derive(Debug, Clone)]
pub struct ChinaPaths {
    pub first_year: i32,
    pub e0_female: Vec<f64>,
    pub e0_male: Vec<f64>,
    pub tfr: Vec<f64>,
    pub srb: Vec<f64>,
    pub net_migration_rate: Vec<f64>,
    /// Standard deviations; 0 in years of estimates.
    pub sd_e0_female: Vec<f64>,
    pub sd_e0_male: Vec<f64>,
    pub sd_tfr: Vec<f64>,
}

/// China's yearly paths, 1950-2100.
///
/// # Errors
/// `Model` where the shipped table is damaged.
pub fn china_paths() -> Result<&'static ChinaPaths> {
    static CELL: Once<ChinaPaths> = Once::new();
    once(&CELL, || {
        let sheet = Sheet::open("china_paths")?;
        let mut columns = vec![Vec::new(); 9];
        for row in 0..sheet.rows.len() {
            for (column, value) in columns.iter_mut().zip(sheet.numbers(row, 0)?) {
                column.push(if value.is_nan() { 0.0 } else { value });
            }
        }
        let mut it = columns.into_iter();
        let mut next = || it.next().unwrap_or_default();
        Ok(ChinaPaths {
            first_year: next().first().map_or(0, |y| *y as i32),
            e0_female: next(),
            e0_male: next(),
            tfr: next(),
            srb: next(),
            net_migration_rate: next(),
            sd_e0_female: next(),
            sd_e0_male: next(),
            sd_tfr: next(),
        })
    })
}
