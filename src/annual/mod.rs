//! The yearly statistical report as a table of indicators.
