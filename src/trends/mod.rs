//! Trends: short series with breaks, forecasts whose intervals cover.
