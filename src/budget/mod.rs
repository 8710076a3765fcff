//! Budget: lines, standards in time, funding, comparison.
