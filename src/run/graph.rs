//! The graph of a run: every quantity with its values, and what it was computed from.

use std::collections::HashMap;

use crate::draws::Series;
use crate::scenario::{Expr, Place};

/// Where a quantity comes from; `why` walks it.
#[derive(Debug, Clone)]
pub enum Origin {
    /// A figure of the plan.
    Figure { id: String, file: String, row: usize, line: u32, words: String, printed: String },
    /// A dated rule; one text a year, `None` where none holds.
    Rule { texts: Vec<Option<String>> },
    /// An assumption of the scenario.
    Assumption { place: Place, spread: String, source: String, note: String },
    /// A formula of the scenario.
    Formula { expr: Expr, place: Place, note: String },
    /// A model of minsuan: its name and method, the computation in numbers by year, its inputs.
    Model { method: String, numbers: Vec<Option<String>>, inputs: Vec<String>, place: Option<Place> },
}

#[derive(Debug, Clone)]
pub struct Node {
    pub path: String,
    pub label: String,
    pub unit: String,
    pub series: Series,
    pub origin: Origin,
}

/// Nodes by path, in the order in which they were computed.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    nodes: Vec<Node>,
    index: HashMap<String, usize>,
}

impl Graph {
    pub fn get(&self, path: &str) -> Option<&Node> {
        self.index.get(path).map(|i| &self.nodes[*i])
    }

    /// Adds a node; one of the same path is replaced.
    pub fn add(&mut self, node: Node) {
        match self.index.get(&node.path) {
            Some(i) => self.nodes[*i] = node,
            None => {
                self.index.insert(node.path.clone(), self.nodes.len());
                self.nodes.push(node);
            }
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter()
    }

    /// Paths that begin with a room's name (`budget.`), in order.
    pub fn under<'g>(&'g self, prefix: &'g str) -> impl Iterator<Item = &'g Node> {
        self.nodes.iter().filter(move |n| n.path.starts_with(prefix))
    }
}
