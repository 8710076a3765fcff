//! Organizations: the register, annual inspection, streaks, statistics.
