//! Figures: a value with unit, date, precision and source; the ledger of a plan.
