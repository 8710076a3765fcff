//! Files appear whole or not at all: written beside their place, then renamed.

use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::{Error, Problem, Result};

static COUNTER: AtomicUsize = AtomicUsize::new(0);

/// Writes a file through `fill`. Where anything fails, what stood at `path` before still stands.
pub fn write_file(path: &Path, fill: impl FnOnce(&mut BufWriter<File>) -> Result<()>) -> Result<()> {
    let beside = beside(path)?;
    let written = (|| {
        let file = OpenOptions::new().write(true).create_new(true).open(&beside).map_err(|e| io(path, &e))?;
        let mut writer = BufWriter::new(file);
        fill(&mut writer)?;
        let file = writer.into_inner().map_err(|e| io(path, e.error()))?;
        file.sync_all().map_err(|e| io(path, &e))?;
        fs::rename(&beside, path).map_err(|e| io(path, &e))
    })();
    if written.is_err() {
        // The failure itself is what the user has to hear about.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// Writes bytes that stand ready.
pub fn write_bytes(path: &Path, bytes: &[u8]) -> Result<()> {
    write_file(path, |w| w.write_all(bytes).map_err(|e| io(path, &e)))
}

/// A name in the same folder that nobody else uses.
fn beside(path: &Path) -> Result<PathBuf> {
    let name = path.file_name().and_then(|n| n.to_str()).ok_or_else(|| {
        Error::data(
            Problem::new("not a file name").value(path.display()).expected("a path that ends in a file name"),
        )
    })?;
    if path.is_dir() {
        let problem = Problem::new("is a folder").file(path.display().to_string()).expected("a file name");
        return Err(Error::data(problem));
    }
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    Ok(path.with_file_name(format!(".{name}.{}-{count}.part", std::process::id())))
}

/// An input or output failure as a problem that names the file.
pub fn io(path: &Path, error: &std::io::Error) -> Error {
    use std::io::ErrorKind;
    let file = path.display().to_string();
    let problem = match error.kind() {
        ErrorKind::NotFound if path.parent().is_some_and(|p| !p.as_os_str().is_empty() && !p.is_dir()) => {
            Problem::new("the folder does not exist").file(file).expected("an existing folder")
        }
        ErrorKind::NotFound => {
            Problem::new("the file does not exist").file(file).expected("an existing file")
        }
        ErrorKind::PermissionDenied => Problem::new("no permission").file(file),
        _ => Problem::new(error.to_string()).file(file),
    };
    Error::data(problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = std::env::temp_dir().join(format!("minsuan-atomic-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("a.csv");
        write_bytes(&path, b"old").unwrap();
        let failed = write_file(&path, |w| {
            w.write_all(b"half").unwrap();
            Err(Error::data(Problem::new("stop")))
        });
        assert!(failed.is_err());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        write_bytes(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        let lost = write_bytes(&folder.join("missing").join("b.csv"), b"x").unwrap_err();
        assert!(lost.to_string().contains("folder does not exist"));
        fs::remove_dir_all(&folder).unwrap();
    }
}
