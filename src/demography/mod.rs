//! Demography: life tables, schedules, thin base, projection, indicators.

pub mod base; // thin base, census table as base, Hamilton-Perry
