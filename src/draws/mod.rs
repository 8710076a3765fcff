//! Draws: counter-based random streams and quantiles over draws.
//!
//! No state is passed from draw to draw: a stream is named by (seed, purpose, region, draw), so
//! the same draw is the same on one thread or many, in any batch, and across scenarios.

mod quantile;
mod series;
mod stream;

pub use quantile::{QUANTILE_NAMES, QUANTILE_PROBS, Summary, mean, quantile_sorted, summarize};
pub use series::{Series, decimal};
pub use stream::{Key, Stream};
