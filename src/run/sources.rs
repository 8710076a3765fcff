//! What a number rests on, in a line each: for the footnotes of reports and the notes of workbooks.

use std::collections::HashSet;

use super::graph::{Graph, Node, Origin};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    /// How a model makes the number.
    pub method: Option<String>,
    /// Figures with the plan's words, and rules.
    pub cited: Vec<String>,
    /// Assumptions by their labels.
    pub assumed: Vec<String>,
}

impl Sources {
    /// A line each, the assumptions on one.
    pub fn lines(&self) -> Vec<String> {
        let assumed =
            (!self.assumed.is_empty()).then(|| format!("假设：{}（见“假设一览”）", self.assumed.join("、")));
        self.method.iter().chain(&self.cited).chain(&assumed).cloned().collect()
    }
}

/// Everything beneath a number; nothing for a path that is not there or a year outside of the run.
pub fn sources(graph: &Graph, years: &[i32], path: &str, year: i32) -> Sources {
    let (Some(node), Some(y)) = (graph.get(path), years.iter().position(|v| *v == year)) else {
        return Sources::default();
    };
    let mut found = Found { graph, y, seen: HashSet::new(), sources: Sources::default() };
    found.visit(node);
    if let Origin::Model { method, .. } = &node.origin
        && !path.ends_with(".gap")
    {
        found.sources.method = Some(method.clone());
    }
    found.sources
}

struct Found<'g> {
    graph: &'g Graph,
    y: usize,
    seen: HashSet<&'g str>,
    sources: Sources,
}

impl<'g> Found<'g> {
    fn visit(&mut self, node: &'g Node) {
        if !self.seen.insert(&node.path) {
            return;
        }
        let below: Vec<&str> = match &node.origin {
            Origin::Figure { id, line, words, .. } => {
                self.cite(format!("规划第{line}行“{words}”（{id}）"));
                return;
            }
            Origin::Rule { texts } => {
                if let Some(text) = &texts[self.y] {
                    self.cite(text.clone());
                }
                return;
            }
            Origin::Assumption { .. } => {
                self.sources.assumed.push(node.label.clone());
                return;
            }
            Origin::Formula { expr, .. } => expr.names().into_iter().collect(),
            Origin::Model { inputs, .. } => inputs.iter().map(String::as_str).collect(),
        };
        for name in below {
            if let Some(next) = self.graph.get(name) {
                self.visit(next);
            }
        }
    }

    fn cite(&mut self, line: String) {
        if !self.sources.cited.contains(&line) {
            self.sources.cited.push(line);
        }
    }
}
