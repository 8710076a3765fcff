//! Checks: relations between figures, tables and rules; one file a family.
