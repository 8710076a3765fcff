//! Tables: Arrow in and out; CSV (UTF-8, GB18030), Excel, Parquet.
//!
//! Every result that minsuan hands on is a [`Table`]: one Arrow record batch whose fields carry a
//! Chinese label and a unit as metadata, with a title and footnotes.

mod table;

pub use table::{Builder, Table};
