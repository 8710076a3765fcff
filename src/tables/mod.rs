//! Tables: Arrow in and out; CSV (UTF-8, GB18030), Excel, Parquet.
//!
//! Every result that minsuan hands on is a [`Table`]: one Arrow record batch whose fields carry a
//! Chinese label and a unit as metadata, with a title and footnotes.

mod access;
pub(crate) mod archive;
pub mod atomic;
pub mod csv;
pub mod encoding;
pub mod excel;
pub mod excel_read;
mod infer;
mod input;
mod lines;
pub mod parquet;
mod table;
pub mod workbook;

pub use input::{Input, read};
pub use lines::Lines;
pub use table::{Builder, Table};

/// The file's own name, as messages call it.
pub(crate) fn file_name(path: &std::path::Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned())
}
