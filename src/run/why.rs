//! Why: the formula of a number with numbers put in, and the same for each input, until it ends at
//! a figure (file, line, words), a rule (article, date) or an assumption (scenario file, line).

use rust_decimal::Decimal;

use super::graph::{Graph, Node, Origin};
use super::text::{number, plain};
use crate::draws::quantile_sorted;
use crate::error::{Error, Problem, Result};
use crate::scenario::{Expr, Function};

/// One number and what stands behind it.
#[derive(Debug, Clone)]
pub struct Why {
    pub path: String,
    pub label: String,
    pub unit: String,
    pub year: i32,
    /// As printed; `未知` where it is not known.
    pub value: String,
    /// 80 % interval as printed, where the number has draws.
    pub interval: Option<String>,
    /// `figure`, `rule`, `assumption`, `formula`, `model`.
    pub kind: &'static str,
    /// The formula with labels, where there is one.
    pub formula: Option<String>,
    /// The same with numbers.
    pub numbers: Option<String>,
    /// Where it stands: the plan's words, the article, the scenario's line, the method.
    pub source: String,
    pub inputs: Vec<Why>,
}

/// Deep enough for every graph without a circle; a graph deeper than this is told as cut.
const MAX_DEPTH: usize = 24;

/// The tree behind a path in a year.
pub fn why(graph: &Graph, years: &[i32], path: &str, year: i32) -> Result<Why> {
    let y = years.iter().position(|v| *v == year).ok_or_else(|| {
        let range = years.first().zip(years.last()).map(|(a, b)| format!("a year from {a} to {b}"));
        Error::model(
            Problem::new("no such year in this run")
                .column("year")
                .value(year)
                .expected(range.unwrap_or_default()),
        )
    })?;
    // `capacity.nursing_beds` alone means its gap.
    let full = [path.to_owned(), format!("{path}.gap"), format!("{path}.total")];
    let node = full.iter().find_map(|p| graph.get(p)).ok_or_else(|| {
        let room = path.split('.').next().unwrap_or(path);
        let mut known: Vec<&str> = graph.under(room).map(|n| n.path.as_str()).take(40).collect();
        if known.is_empty() {
            known = graph.iter().map(|n| n.path.split('.').next().unwrap_or("")).collect();
            known.sort_unstable();
            known.dedup();
        }
        Error::model(Problem::new("no such path").column("path").value(path).expected(known.join(", ")))
    })?;
    Ok(explain(graph, node, years, y, 0))
}

fn explain(graph: &Graph, node: &Node, years: &[i32], y: usize, depth: usize) -> Why {
    let value = node.series.central[y].map_or_else(|| "未知".to_owned(), |v| number(v, &node.unit));
    let interval = node.series.draws.as_ref().and_then(|_| {
        let mut draws = node.series.of_year(y);
        if draws.iter().any(|v| !v.is_finite()) {
            return None;
        }
        draws.sort_unstable_by(f64::total_cmp);
        let at =
            |p| quantile_sorted(&draws, p).and_then(crate::draws::decimal).map(|d| number(d, &node.unit));
        Some(format!("{}至{}", at(0.1)?, at(0.9)?))
    });
    let below = |paths: &[String]| -> Vec<Why> {
        if depth >= MAX_DEPTH {
            return Vec::new();
        }
        paths.iter().filter_map(|p| graph.get(p)).map(|n| explain(graph, n, years, y, depth + 1)).collect()
    };
    let mut why = Why {
        path: node.path.clone(),
        label: node.label.clone(),
        unit: node.unit.clone(),
        year: years[y],
        value,
        interval,
        kind: "model",
        formula: None,
        numbers: None,
        source: String::new(),
        inputs: Vec::new(),
    };
    match &node.origin {
        Origin::Figure { id, file, row, line, words, printed } => {
            why.kind = "figure";
            why.source = format!("规划第{line}行“{words}”（{id}，{printed}；{file}第{row}行）");
        }
        Origin::Rule { texts } => {
            why.kind = "rule";
            why.source = texts[y].clone().unwrap_or_else(|| "当年无此规定".to_owned());
        }
        Origin::Assumption { place, spread, source, note } => {
            why.kind = "assumption";
            let note = if note.is_empty() { String::new() } else { format!("；{note}") };
            why.source =
                format!("假设，非数据：{spread}；依据：{source}{note}（{}第{}行）", place.file, place.line);
        }
        Origin::Formula { expr, place, note } => {
            why.kind = "formula";
            let label = |name: &str| graph.get(name).map_or_else(|| name.to_owned(), |n| n.label.clone());
            why.formula = Some(expr.render(&label, &plain, &|f, args| in_words(f, args, &label)));
            why.numbers = Some(in_figures(graph, expr, years, y));
            let note = if note.is_empty() { String::new() } else { format!("{note}；") };
            why.source = format!("{note}算式见{}第{}行", place.file, place.line);
            let names: Vec<String> = expr.names().iter().map(ToString::to_string).collect();
            why.inputs = below(&names);
        }
        Origin::Model { method, numbers, inputs, place } => {
            why.numbers = numbers[y].clone();
            let place = place.as_ref().map_or(String::new(), |p| format!("（{}第{}行）", p.file, p.line));
            why.source = format!("{method}{place}");
            why.inputs = below(inputs);
        }
    }
    why
}

/// A formula with the numbers of a year put in.
pub fn in_figures(graph: &Graph, expr: &Expr, years: &[i32], y: usize) -> String {
    let value = |name: &str| graph.get(name).map_or_else(|| name.to_owned(), |n| figure_of(n, y));
    expr.render(&value, &plain, &|f, args| in_numbers(graph, f, args, years, y))
}

/// A name's number inside a formula; a standard shows its months.
fn figure_of(node: &Node, y: usize) -> String {
    if node.path.starts_with("standard.")
        && let Origin::Model { numbers, .. } = &node.origin
        && let Some(text) = &numbers[y]
    {
        return if text.contains('+') { format!("({text})") } else { text.clone() };
    }
    node.series.central[y].map_or_else(|| "未知".to_owned(), plain)
}

fn years_of(args: &[Expr]) -> Option<(Decimal, Decimal)> {
    match args {
        [Expr::Number(a), Expr::Number(b)] => Some((*a, *b)),
        _ => None,
    }
}

fn in_words(f: Function, args: &[Expr], label: &dyn Fn(&str) -> String) -> Option<String> {
    let text = |e: &Expr| e.render(label, &plain, &|f, a| in_words(f, a, label));
    match (f, args) {
        (Function::Ramp, _) => years_of(args).map(|(a, b)| format!("{a}—{b}年累计进度（假设逐年均匀）")),
        (Function::During, _) => years_of(args).map(|(a, b)| format!("{a}—{b}年均分比例（假设按年均摊）")),
        (Function::From, [Expr::Number(a)]) => Some(format!("{a}年起")),
        (Function::At, [e, Expr::Number(a)]) => Some(format!("{a}年的{}", text(e))),
        (Function::Cumulative, [e]) => Some(format!("逐年累计（{}）", text(e))),
        (Function::Ceil, [e]) => Some(format!("进一取整（{}）", text(e))),
        (Function::Floor, [e]) => Some(format!("舍尾取整（{}）", text(e))),
        (Function::Round, [e]) => Some(format!("四舍五入（{}）", text(e))),
        (Function::Min, [a, b]) => Some(format!("{}与{}中较小者", text(a), text(b))),
        (Function::Max, [a, b]) => Some(format!("{}与{}中较大者", text(a), text(b))),
        _ => None,
    }
}

/// Calls whose value in a year can be written out.
fn in_numbers(graph: &Graph, f: Function, args: &[Expr], years: &[i32], y: usize) -> Option<String> {
    if let (Function::At, [Expr::Name(name), Expr::Number(year)]) = (f, args) {
        let node = graph.get(name)?;
        let at = years.iter().position(|v| Decimal::from(*v) == *year)?;
        return node.series.central[at].map(plain);
    }
    let (first, last) = years_of(args)?;
    let (first, last, year) = (first.round_dp(0), last.round_dp(0), Decimal::from(years[y]));
    let steps = last - first + Decimal::ONE;
    match f {
        Function::Ramp => {
            let done = (year - first + Decimal::ONE).clamp(Decimal::ZERO, steps);
            Some(format!("{done}/{steps}"))
        }
        Function::During => {
            Some(if year >= first && year <= last { format!("1/{steps}") } else { "0".to_owned() })
        }
        _ => None,
    }
}
