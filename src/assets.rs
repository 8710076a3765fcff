//! The files under `data/` (cases, rules, standards, schemas), carried inside the library
//! so that a wheel, a test and a bare `cargo test` all see the same bytes without a path.

use include_dir::{Dir, include_dir};

static DATA: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/data");

/// The text of a shipped file, by its path under `data/` (`"standards/prevalence.csv"`).
pub fn text(path: &str) -> Option<&'static str> {
    DATA.get_file(path)?.contents_utf8()
}

/// The paths of all shipped files under a folder of `data/` ("" for all), in alphabetical order.
pub fn list(folder: &str) -> Vec<&'static str> {
    fn walk(dir: &'static Dir<'static>, into: &mut Vec<&'static str>) {
        for file in dir.files() {
            into.extend(file.path().to_str());
        }
        for sub in dir.dirs() {
            walk(sub, into);
        }
    }
    let mut paths = Vec::new();
    let dir = if folder.is_empty() { Some(&DATA) } else { DATA.get_dir(folder) };
    if let Some(dir) = dir {
        walk(dir, &mut paths);
    }
    paths.sort_unstable();
    paths
}
