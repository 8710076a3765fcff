//! Whether long work goes on: asked inside a search, so that Ctrl-C stops it within a second.

use std::fmt;

/// A question that long work asks between its steps; without one it goes on to its end.
#[derive(Clone, Copy, Default)]
pub struct Go<'a>(Option<&'a (dyn Fn() -> bool + Sync)>);

impl<'a> Go<'a> {
    /// Asks `question`; false stops the work with `Error::Interrupted`.
    pub fn asking(question: &'a (dyn Fn() -> bool + Sync)) -> Self {
        Self(Some(question))
    }

    /// Whether to go on.
    pub fn on(self) -> bool {
        self.0.is_none_or(|question| question())
    }
}

impl fmt::Debug for Go<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Go(asked)" } else { "Go" })
    }
}
