//! Run: one pass over all rooms, and the graph behind `why`.
