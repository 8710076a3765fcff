//! The Python binding.
//!
//! - One file a room; each has a `register` that adds its functions and classes to `minsuan._core`.
//! - Anything that may take more than a few milliseconds runs in [`worker::run`]: the GIL is
//!   released, Ctrl-C is seen within 100 ms, progress is called on the calling thread.
//! - Python type → Rust type: numpy array → `PyReadonlyArrayDyn<f64>`; table-like → `PyTable`
//!   through the Arrow C stream; decimal.Decimal ↔ text of `rust_decimal`; path → `PathBuf`.
//! - Errors: `crate::error::Error` becomes the Python classes of `minsuan._errors`, picklable.

mod annual;
mod arguments;
mod base;
mod budget;
mod capacity;
mod care;
mod demography;
mod demography_inputs;
mod errors;
mod exact;
mod inspection;
mod plan;
mod projection;
mod residual;
mod run;
mod schedules;
mod table;
mod trends;
mod trends_class;
mod trends_flow;
mod trends_tables;
mod worker;

use pyo3::prelude::*;

#[pymodule]
fn _core(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add("__version__", env!("CARGO_PKG_VERSION"))?;
    table::register(m)?;
    schedules::register(m)?;
    demography::register(m)?;
    projection::register(m)?;
    residual::register(m)?;
    base::register(m)?;
    plan::register(m)?;
    trends::register(m)?;
    trends_class::register(m)?;
    trends_flow::register(m)?;
    trends_tables::register(m)?;
    inspection::register(m)?;
    care::register(m)?;
    capacity::register(m)?;
    annual::register(m)?;
    budget::register(m)?;
    run::register(m)
}
