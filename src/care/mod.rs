//! Care: ability levels and the need for care.
