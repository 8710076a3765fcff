//! Parquet in and out, with labels, units, title and notes kept in the Arrow schema.

use std::fs::File;
use std::path::Path;

use arrow_select::concat::concat_batches;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use super::{Input, Table, atomic};
use crate::error::{Error, Problem, Result};

pub fn write(table: &Table, path: &Path) -> Result<()> {
    let fail = |e: parquet::errors::ParquetError| {
        Error::data(Problem::new(e.to_string()).file(path.display().to_string()))
    };
    atomic::write_file(path, |file| {
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let mut writer =
            ArrowWriter::try_new(file, table.batch().schema(), Some(properties)).map_err(fail)?;
        writer.write(table.batch()).map_err(fail)?;
        writer.close().map(|_| ()).map_err(fail)
    })
}

pub fn read(path: &Path) -> Result<Input> {
    let name = super::file_name(path);
    let broken = |e: &dyn std::fmt::Display| {
        Error::data(
            Problem::new(format!("not a whole Parquet file: {e}"))
                .file(name.clone())
                .expected("a .parquet file"),
        )
    };
    let file = File::open(path).map_err(|e| atomic::io(path, &e))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| broken(&e))?;
    let schema = builder.schema().clone();
    let reader = builder.build().map_err(|e| broken(&e))?;
    let batches = reader.collect::<std::result::Result<Vec<_>, _>>().map_err(|e| broken(&e))?;
    let batch = concat_batches(&schema, &batches).map_err(|e| broken(&e))?;
    Ok(Input { table: Table::from_batch(batch).normalized()?, file: Some(name), rows: None, places: None })
}
