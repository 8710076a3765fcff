//! `minsuan new`: a commented case folder that runs as it is.

use std::fs;
use std::path::Path;

use crate::assets;
use crate::error::{Error, Problem, Result};

/// Files of the template under `data/`, by the names that they get in the new folder.
const FOLDER: &str = "template";

/// Writes the template into a folder that does not exist yet or is empty; gives the paths. The
/// folder appears whole or not at all.
pub fn write_template(folder: &Path) -> Result<Vec<String>> {
    let wrong = |message: String, expected: &str| {
        Error::case(Problem::new(message).file(folder.display().to_string()).expected(expected))
    };
    if folder.exists() {
        let empty = fs::read_dir(folder).is_ok_and(|mut d| d.next().is_none());
        if !empty {
            return Err(wrong("there is something already".to_owned(), "a new folder, or an empty one"));
        }
    }
    let parent = folder.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = folder.file_name().map_or_else(|| "case".into(), std::ffi::OsStr::to_os_string);
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(&name);
    hidden.push(".new");
    let beside = parent.join(hidden);
    let done = (|| -> std::io::Result<Vec<String>> {
        fs::create_dir_all(parent)?;
        let _ = fs::remove_dir_all(&beside);
        let mut written = Vec::new();
        for path in assets::list(FOLDER) {
            let inside = path.strip_prefix(FOLDER).unwrap_or(path).trim_start_matches('/');
            let target = beside.join(inside);
            if let Some(dir) = target.parent() {
                fs::create_dir_all(dir)?;
            }
            fs::write(&target, assets::text(path).unwrap_or_default())?;
            written.push(folder.join(inside).display().to_string());
        }
        if folder.exists() {
            fs::remove_dir(folder)?;
        }
        fs::rename(&beside, folder)?;
        Ok(written)
    })();
    done.map_err(|e| {
        let _ = fs::remove_dir_all(&beside);
        wrong(format!("can't be written: {e}"), "a folder that may be written to")
    })
}
