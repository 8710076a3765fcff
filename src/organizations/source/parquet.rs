//! Parquet registers, decoded on a thread of their own while the chunk before is taken in.

use std::fs::File;
use std::path::Path;
use std::sync::mpsc::sync_channel;

use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};

use super::super::header::Layout;
use super::{Chunk, Sink, chunk_of};
use crate::error::{Error, Problem, Result};

/// Rows a batch: large enough to keep decoding fast, small enough that a handful of batches weigh little.
const BATCH: usize = 32_768;

pub fn read(path: &Path, sink: &mut dyn Sink) -> Result<()> {
    let failed = |e: &dyn std::fmt::Display| {
        let text = e.to_string();
        if text.contains("Disabled feature") {
            return Error::data(
                Problem::new("the Parquet file is compressed in a way that is not read here")
                    .value(text.rsplit(": ").next().unwrap_or(""))
                    .expected("a file written with compression snappy, zstd, gzip or none"),
            );
        }
        Error::data(Problem::new(format!("cannot be read as Parquet: {text}")))
    };
    let file = File::open(path).map_err(|e| failed(&e))?;
    let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(|e| failed(&e))?;
    let headers: Vec<String> = metadata.schema().fields().iter().map(|f| f.name().clone()).collect();
    let full = Layout::of(&headers)?;
    let rows = metadata.metadata().file_metadata().num_rows();
    if rows > i64::from(u32::MAX) {
        return Err(Error::data(Problem::new("too many rows").value(rows).expected("at most 2³² − 1")));
    }
    // Only the columns that are used; their positions are then those among the chosen.
    let mut chosen: Vec<usize> = full.columns.iter().map(|c| c.position).collect();
    chosen.sort_unstable();
    let mut layout = full;
    for column in &mut layout.columns {
        column.position = chosen.iter().position(|c| *c == column.position).unwrap_or(0);
    }
    let mask = ProjectionMask::roots(metadata.metadata().file_metadata().schema_descr(), chosen);
    let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata)
        .with_projection(mask)
        .with_batch_size(BATCH)
        .build()
        .map_err(|e| failed(&e))?;
    sink.start(&layout, usize::try_from(rows).ok())?;
    let layout = &layout;
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel::<Result<Chunk>>(4);
        let decoder = scope.spawn(move || {
            let mut first_row = 1;
            for batch in reader {
                let chunk = batch.map_err(|e| failed(&e)).and_then(|b| chunk_of(&b, layout, first_row));
                let failed = chunk.is_err();
                first_row += chunk.as_ref().map_or(0, |c| c.rows as u64);
                if sender.send(chunk).is_err() || failed {
                    break;
                }
            }
        });
        for chunk in receiver {
            sink.chunk(chunk?)?;
        }
        decoder.join().map_err(|_| failed(&"the file is damaged"))
    })
}
