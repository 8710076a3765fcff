//! The files of a case: a folder on disk, or one that is shipped inside the library.

use std::path::{Path, PathBuf};

use crate::assets;
use crate::error::{Error, Problem, Result};

#[derive(Debug, Clone)]
pub enum Files {
    Shipped(String),
    Disk(PathBuf),
}

impl Files {
    /// A folder if there is one of this name, else a shipped case.
    pub fn find(name: &str) -> Result<Self> {
        let path = Path::new(name);
        if path.is_dir() {
            return Ok(Self::Disk(path.to_owned()));
        }
        if assets::text(&format!("{name}/case.toml")).is_some() {
            return Ok(Self::Shipped(name.to_owned()));
        }
        Err(Error::case(
            Problem::new(if path.exists() { "not a folder" } else { "no such case" })
                .value(name)
                .expected(format!("a case folder, or a shipped case ({})", shipped().join(", "))),
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

    /// The text of a file, which has to be UTF-8 (a byte-order mark is dropped).
    pub fn text(&self, file: &str) -> Result<String> {
        let wrong = |message: String, expected: &str| {
            Error::case(Problem::new(message).file(self.show(file)).expected(expected))
        };
        let text = match self {
            Self::Shipped(name) => assets::text(&format!("{name}/{file}"))
                .map(str::to_owned)
                .ok_or_else(|| wrong("no such file".to_owned(), "this file in the case"))?,
            Self::Disk(dir) => {
                let bytes = std::fs::read(dir.join(file)).map_err(|e| match e.kind() {
                    std::io::ErrorKind::NotFound => {
                        wrong("no such file".to_owned(), "this file in the case folder")
                    }
                    _ => wrong(format!("can't be read: {e}"), "a readable file"),
                })?;
                String::from_utf8(bytes).map_err(|e| {
                    let at = e.utf8_error().valid_up_to();
                    let row = 1 + e.as_bytes()[..at].iter().filter(|b| **b == b'\n').count();
                    let (message, expected) = match e.utf8_error().error_len() {
                        None => ("the file is cut in the middle of a character", "the whole file"),
                        Some(_) => (
                            "not UTF-8 text",
                            "UTF-8; a file saved as GB18030 or GBK has to be saved again as UTF-8",
                        ),
                    };
                    Error::case(Problem::new(message).file(self.show(file)).row(row).expected(expected))
                })?
            }
        };
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
