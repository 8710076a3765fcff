//! Capacity: any kind of place: demand, supply pipeline, gap, chance of shortage.
