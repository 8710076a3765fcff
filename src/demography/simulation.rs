//! The draws of indicators by year, kept in chunks of draws.

use std::sync::Arc;

use ndarray::{Array2, Array4};

use super::indicators::Indicator;
use super::mortality::AGES;
use super::store::Store;

/// The draws of indicators by year.
#[derive(Clone)]
pub struct Simulation {
    pub start: i32,
    pub draws: usize,
    /// Projected years.
    pub years: usize,
    pub indicators: Vec<Indicator>,
    /// So many of the indicators stand in tables; those after them are only kept.
    pub shown: usize,
    /// Chunk after chunk of draws, each [indicator][year 0…T][draw].
    pub(super) values: Arc<Store>,
    /// [draw][year][202] where asked for.
    pub(super) population: Vec<f64>,
}

impl std::fmt::Debug for Simulation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Simulation({} draws, {} years from {})", self.draws, self.years, self.start)
    }
}

/// Draws in one chunk: enough to keep threads busy, few enough to share the work evenly.
pub(super) const CHUNK: usize = 64;

impl Simulation {
    /// Position of an indicator by name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.indicators.iter().position(|i| i.name == name)
    }

    /// Copies the draws of indicator `k` in year `t` (0 = start) into `into`, in order of draws.
    pub fn fill(&self, k: usize, t: usize, into: &mut Vec<f64>) {
        into.clear();
        for first in (0..self.draws).step_by(CHUNK) {
            into.extend_from_slice(self.row(k, t, first));
        }
    }

    /// The draws of one chunk, of indicator `k` in year `t`.
    fn row(&self, k: usize, t: usize, first: usize) -> &[f64] {
        let draws = CHUNK.min(self.draws - first);
        let each = self.indicators.len() * (self.years + 1);
        let at = first * each + (k * (self.years + 1) + t) * draws;
        &self.values[at..at + draws]
    }

    /// An indicator as [draw, T+1].
    pub fn array(&self, name: &str) -> Option<Array2<f64>> {
        let k = self.position(name)?;
        let mut out = Array2::zeros((self.draws, self.years + 1));
        for first in (0..self.draws).step_by(CHUNK) {
            for t in 0..=self.years {
                for (i, value) in self.row(k, t, first).iter().enumerate() {
                    out[[first + i, t]] = *value;
                }
            }
        }
        Some(out)
    }

    /// Population [draw, T+1, 2, 101], where it was kept: handed over, as two of it would not fit.
    pub fn take_population(&mut self) -> Option<Array4<f64>> {
        let population = std::mem::take(&mut self.population);
        if population.is_empty() {
            return None;
        }
        Array4::from_shape_vec((self.draws, self.years + 1, 2, AGES), population).ok()
    }
}

/// The part of each chunk of draws in a store with `each` values for a draw.
pub(super) fn pieces(mut store: &mut [f64], each: usize, draws: usize) -> Vec<&mut [f64]> {
    let mut pieces = Vec::with_capacity(draws.div_ceil(CHUNK));
    for first in (0..draws).step_by(CHUNK) {
        let (piece, rest) = store.split_at_mut((each * CHUNK.min(draws - first)).min(store.len()));
        pieces.push(piece);
        store = rest;
    }
    pieces
}
