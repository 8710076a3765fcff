//! Demography: life tables, schedules, thin base, projection, indicators.
