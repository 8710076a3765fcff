//! The files of a case: a folder on disk, or one that is shipped inside the library.

use std::path::{Path, PathBuf};

use crate::assets;
use crate::error::{Error, Problem, Result};
use crate::tables::encoding;

#[derive(Debug, Clone)]
pub enum Files {
    Shipped(String),
    Disk(PathBuf),
}

impl Files {
    /// A folder if there is one of this name, else a shipped case, else the folder of a plan's text (.txt), a ledger
    /// (.csv) or a case.toml that was named in its place; the second is the name of that text or ledger.
    pub fn find(name: &str) -> Result<(Self, Option<String>)> {
        let path = Path::new(name);
        if path.is_dir() {
            return Ok((Self::Disk(path.to_owned()), None));
        }
        if assets::text(&format!("{name}/case.toml")).is_some() {
            return Ok((Self::Shipped(name.to_owned()), None));
        }
        if let (true, Some(file)) = (path.is_file(), path.file_name().and_then(|f| f.to_str())) {
            let folder = Self::Disk(path.parent().unwrap_or(Path::new("")).to_owned());
            let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
            match ending.as_str() {
                "txt" | "csv" => return Ok((folder, Some(file.to_owned()))),
                "toml" if file == "case.toml" => return Ok((folder, None)),
                _ => {}
            }
        }
        Err(Error::case(
            Problem::new(if path.exists() { "not a folder" } else { "no such case" }).value(name).expected(
                format!(
                    "a case folder, a plan's text (.txt), a ledger (.csv), or a shipped case ({})",
                    shipped().join(", ")
                ),
            ),
        ))
    }

    /// Name of a file as messages show it.
    pub fn show(&self, file: &str) -> String {
        match self {
            Self::Shipped(name) => format!("{name}/{file}"),
            Self::Disk(dir) => dir.join(file).display().to_string(),
        }
    }

    pub fn exists(&self, file: &str) -> bool {
        match self {
            Self::Shipped(name) => assets::text(&format!("{name}/{file}")).is_some(),
            Self::Disk(dir) => dir.join(file).is_file(),
        }
    }

    /// What a case without a name is called: its folder.
    pub fn title(&self) -> String {
        match self {
            Self::Shipped(name) => name.clone(),
            Self::Disk(dir) => {
                let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir.as_path() };
                let whole = std::fs::canonicalize(dir).unwrap_or_else(|_| dir.to_owned());
                whole.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned())
            }
        }
    }

    fn bytes(&self, file: &str) -> Result<Vec<u8>> {
        let wrong = |message: String, expected: &str| {
            Error::case(Problem::new(message).file(self.show(file)).expected(expected))
        };
        match self {
            Self::Shipped(name) => assets::text(&format!("{name}/{file}"))
                .map(|t| t.as_bytes().to_vec())
                .ok_or_else(|| wrong("no such file".to_owned(), "this file in the case")),
            Self::Disk(dir) => std::fs::read(dir.join(file)).map_err(|e| match e.kind() {
                std::io::ErrorKind::NotFound if file.ends_with(".csv") => wrong(
                    "no such file".to_owned(),
                    "this file in the case folder; `minsuan figures plan.txt -o figures.csv` drafts one of a plan",
                ),
                std::io::ErrorKind::NotFound => {
                    wrong("no such file".to_owned(), "this file in the case folder")
                }
                _ => wrong(format!("can't be read: {e}"), "a readable file"),
            }),
        }
    }

    /// The text of a file that a spreadsheet or a text editor of the office wrote: UTF-8 or GB18030.
    pub fn office_text(&self, file: &str) -> Result<String> {
        encoding::decode(&self.show(file), &self.bytes(file)?, None)
    }

    /// The text of a file, which has to be UTF-8 (a byte-order mark is dropped).
    pub fn text(&self, file: &str) -> Result<String> {
        let text = String::from_utf8(self.bytes(file)?).map_err(|e| {
            let at = e.utf8_error().valid_up_to();
            let row = 1 + e.as_bytes()[..at].iter().filter(|b| **b == b'\n').count();
            let (message, expected) = match e.utf8_error().error_len() {
                None => ("the file is cut in the middle of a character", "the whole file"),
                Some(_) => {
                    ("not UTF-8 text", "UTF-8; a file saved as GB18030 or GBK has to be saved again as UTF-8")
                }
            };
            Error::case(Problem::new(message).file(self.show(file)).row(row).expected(expected))
        })?;
        Ok(text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned))
    }

    /// Names (without ending) of the scenarios, in alphabetical order.
    pub fn scenarios(&self) -> Vec<String> {
        let names: Vec<String> = match self {
            Self::Shipped(name) => {
                assets::list(&format!("{name}/scenarios")).into_iter().map(str::to_owned).collect()
            }
            Self::Disk(dir) => std::fs::read_dir(dir.join("scenarios"))
                .map(|entries| entries.flatten().map(|e| e.path().display().to_string()).collect())
                .unwrap_or_default(),
        };
        let mut stems: Vec<String> = names
            .iter()
            .filter(|n| n.ends_with(".toml"))
            .filter_map(|n| Path::new(n).file_stem()?.to_str().map(str::to_owned))
            .collect();
        stems.sort();
        stems
    }
}

/// Names of the shipped cases.
pub fn shipped() -> Vec<String> {
    let mut names: Vec<String> =
        assets::list("").iter().filter_map(|p| p.strip_suffix("/case.toml").map(str::to_owned)).collect();
    names.sort();
    names
}
