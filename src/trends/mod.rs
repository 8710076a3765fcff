//! Trends: short series with breaks, forecasts whose intervals cover.
//!
//! A county has five to fifteen points of a series, cut by reforms. The centre of a forecast is a
//! damped drift joined with the dynamic optimised theta method on the square-root scale, from the
//! last regime; its interval comes from a reference class of real series, scaled by the series'
//! own errors. From one value on there is an answer, and with little to go on it is a wide one.

mod backtest;
mod breaks;
mod cells;
mod centre;
mod class_fit;
mod cumulative;
mod damped;
mod ets;
mod forecast;
mod go;
mod least_squares;
pub mod library;
mod others;
mod own_errors;
mod panel;
mod reconcile;
mod reference_class;
mod reports;
mod season;
mod series;
mod small_numbers;
mod stock_flow;
mod theta;
mod time_words;
mod timed;
mod times;

pub use backtest::{Tested, backtest, rolling};
pub use breaks::{Break, DRIFTS, Kind, breaks, breaks_while, drifts};
pub use centre::centre;
pub use class_fit::{fit_class, fit_class_named};
pub use cumulative::{Flow, decumulate};
pub use ets::{Ets, EtsModel, auto_ets, fit_ets};
pub use forecast::{Forecast, MAX_HORIZON, Options, forecast, forecast_with};
pub use go::Go;
pub use others::others;
pub use panel::{Panel, forecast_panel, read_panel};
pub use reconcile::{Reconciled, reconcile};
pub use reference_class::{PROBS, ReferenceClass};
pub use reports::{Report, read_reports};
pub use series::{Breaks, rising};
pub use stock_flow::{Discrepancy, Projection, StockFlow, inflow_factors};
pub use timed::Timed;
pub use times::{Clock, Times, Wrong, read_times};
