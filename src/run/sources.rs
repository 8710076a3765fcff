//! What a number rests on, in a line each: for the footnotes of reports and the notes of workbooks.

use std::collections::HashSet;

use super::graph::{Graph, Node, Origin};

/// The method of the number itself, then every figure of the plan and rule beneath it, then its
/// assumptions by name. Empty for a path that is not there or a year outside of the run.
pub fn sources(graph: &Graph, years: &[i32], path: &str, year: i32) -> Vec<String> {
    let (Some(node), Some(y)) = (graph.get(path), years.iter().position(|v| *v == year)) else {
        return Vec::new();
    };
    let mut found = Found { graph, y, seen: HashSet::new(), cited: Vec::new(), assumed: Vec::new() };
    found.visit(node);
    let mut lines = Vec::new();
    if let Origin::Model { method, .. } = &node.origin {
        lines.push(method.clone());
    }
    lines.append(&mut found.cited);
    if !found.assumed.is_empty() {
        lines.push(format!("假设：{}（见“假设一览”）", found.assumed.join("、")));
    }
    lines
}

struct Found<'g> {
    graph: &'g Graph,
    y: usize,
    seen: HashSet<&'g str>,
    cited: Vec<String>,
    assumed: Vec<String>,
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
                self.assumed.push(node.label.clone());
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
        if !self.cited.contains(&line) {
            self.cited.push(line);
        }
    }
}
