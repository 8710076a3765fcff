//! Trends: short series with breaks, forecasts whose intervals cover.
//!
//! A county has five to fifteen points of a series, cut by reforms. The centre of a forecast is a
//! damped drift joined with the dynamic optimised theta method on the square-root scale, from the
//! last regime; its interval comes from a reference class of real series, scaled by the series'
//! own errors. From one value on there is an answer, and with little to go on it is a wide one.

mod centre;
mod class_fit;
mod damped;
mod forecast;
mod own_errors;
mod reference_class;
mod series;
mod theta;

pub use centre::centre;
pub use class_fit::{fit_class, fit_class_named};
pub use forecast::{Forecast, Options, forecast, forecast_with};
pub use reference_class::{PROBS, ReferenceClass};
pub use series::Breaks;
