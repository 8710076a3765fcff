//! Heads and payments of relief programs as nodes: `overlap.x`, `payments.x`, `heads.x`, or where not
//! every overlap is declared `heads_low.x` and `heads_high.x`.

use ndarray::Array2;
use rust_decimal::Decimal;

use super::eval::Evaluator;
use super::graph::{Node, Origin};
use super::text::{number, plain};
use crate::draws::Series;
use crate::error::Problem;
use crate::relief::{Bounds, Terms};
use crate::scenario::{Both, Expr, Function, Group, Op, Overlap, Place};

/// Caseloads and overlaps are kept to a hundredth of a person; sums of them may differ by as much each.
const HUNDREDTH: f64 = 0.01;

pub const PAYMENTS: &str = "份数为各项目领取人数之和，一人领取几项计几份；人数为领取任一项的人，一人只计一次";
const CLASH: &str = "overlaps that cannot all hold";
const LOW: &str = "人数下限：取重叠均已声明或不得同享的各组项目中，人数之和减去组内两两重叠后最大的一组（Bonferroni不等式）";
const HIGH: &str =
    "人数上限：份数减去已声明的重叠，各项目以最大的一组重叠相连、不成圈（Hunter—Worsley不等式）";

pub fn node(run: &mut Evaluator<'_>, room: &str, name: &str, place: &Place) -> Option<Node> {
    if room == "overlap" {
        let o = run.scenario.overlaps.iter().find(|o| o.name == name)?;
        return overlap(run, o);
    }
    let group = run.groups.iter().find(|g| g.name == name)?.clone();
    let place = group.place.clone().unwrap_or_else(|| place.clone());
    match (room, group.heads.exact().cloned()) {
        ("payments", _) => {
            let programs = (0..group.programs.len()).collect();
            let terms = Terms { programs, overlaps: Vec::new(), exact: false };
            let sum = expr(run, &group, &terms)?;
            let series = counted(&run.formula(&sum, &place));
            Some(Node {
                path: format!("payments.{name}"),
                label: format!("{}：发放份数", group.label),
                unit: "份".to_owned(),
                series,
                origin: origin(run, &group, &terms, sum, PAYMENTS.to_owned()),
            })
        }
        ("heads", Some(terms)) => {
            let sum = expr(run, &group, &terms)?;
            let plain = counted(&run.formula(&sum, &place));
            let bounds = bounds(run, &group);
            let series = held(&plain, &bounds);
            let mut note = "按人计：同时领取多项的只计一人；经费仍按发放份数计".to_owned();
            note.push_str(&cut(bounds.cut, run.draws));
            Some(Node {
                path: format!("heads.{name}"),
                label: format!("{}：领取人数", group.label),
                unit: "人".to_owned(),
                series,
                origin: origin(run, &group, &terms, sum, note),
            })
        }
        ("heads_low" | "heads_high", None) => {
            let [low, high] = range(run, &group);
            let (wanted, other) = if room == "heads_low" { (low, high) } else { (high, low) };
            run.graph.add(other);
            Some(wanted)
        }
        _ => None,
    }
}

/// Every overlap that has a number, and the counts of every group.
pub fn compute(run: &mut Evaluator<'_>) {
    let scenario = run.scenario;
    for o in scenario.overlaps.iter().filter(|o| o.number.is_some()) {
        run.name(&format!("overlap.{}", o.name), &o.place);
    }
    for group in run.groups.clone() {
        let Some(first) = group.programs.first() else { continue };
        let place = group.place.unwrap_or_else(|| scenario.relief[*first].place.clone());
        let counts: &[&str] =
            if group.heads.exact().is_some() { &["heads"] } else { &["heads_low", "heads_high"] };
        for count in ["payments"].iter().chain(counts) {
            run.name(&format!("{count}.{}", group.name), &place);
        }
    }
}

/// What is not known of a group's overlaps, in words; nothing where the heads are determined.
pub fn words(group: &Group, label: &dyn Fn(usize) -> String) -> Vec<String> {
    if group.heads.exact().is_some() {
        return Vec::new();
    }
    let listed = |pairs: &[(usize, usize)]| {
        let mut firsts: Vec<usize> = pairs.iter().map(|(a, _)| *a).collect();
        firsts.dedup();
        let of = |a: &usize| {
            let others = pairs.iter().filter(|(x, _)| x == a).map(|(_, b)| label(*b));
            format!("{}与{}", label(*a), others.collect::<Vec<_>>().join("、"))
        };
        firsts.iter().map(of).collect::<Vec<_>>().join("；")
    };
    let mut told = Vec::new();
    let count = |pairs: &[(usize, usize)]| format!("下列{}对项目", pairs.len());
    if !group.undeclared.is_empty() {
        let (pairs, names) = (count(&group.undeclared), listed(&group.undeclared));
        told.push(format!("{pairs}可由一人同时领取而未声明重叠人数，未知不作零：{names}"));
    }
    if !group.unsaid.is_empty() {
        let (pairs, names) = (count(&group.unsaid), listed(&group.unsaid));
        told.push(format!("{pairs}未见能否同时领取的规定，按可能重叠计：{names}"));
    }
    if told.is_empty() {
        told.push("同时领取三项及以上的人数未声明".to_owned());
    }
    told.push("故人数只列下限和上限，不取中间值，也不假定各项目相互独立".to_owned());
    told
}

/// Persons who draw all programs of an overlap; a draw beyond the smallest program is held to that.
fn overlap(run: &mut Evaluator<'_>, o: &Overlap) -> Option<Node> {
    let smallest = fold_min(o.programs.iter().map(|p| Expr::Name(format!("relief.{p}"))))?;
    let least = run.formula(&smallest, &o.listed);
    let (expr, raw) = match o.number.as_ref()? {
        Both::Nobody => (Expr::Number(Decimal::ZERO), Series::constant(Decimal::ZERO, run.years.len())),
        Both::Persons(e) => (e.clone(), run.formula(e, &o.place)),
        Both::Share { share, of } => {
            let base = of.as_ref().map_or(smallest, |p| Expr::Name(format!("relief.{p}")));
            let s = run.formula(share, &o.place);
            let outside = |v: &&Decimal| !(Decimal::ZERO..=Decimal::ONE).contains(*v);
            if let Some(v) = s.central.iter().flatten().find(outside) {
                let message = format!("overlap.{}.share is {}", o.name, plain(*v));
                run.complain(message, &o.place, "a share from 0 to 1, such as 0.45");
                return None;
            }
            let held = s.map(Some, |v| v.clamp(0.0, 1.0));
            let persons = held.zip(&run.formula(&base, &o.listed), Decimal::checked_mul, |s, b| s * b);
            (Expr::Binary(Op::Multiply, Box::new(share.clone()), Box::new(base)), persons)
        }
    };
    let raw = raw.map(|v| Some(v.round_dp(2)), |v| v);
    for (y, year) in run.years.clone().into_iter().enumerate() {
        let Some((both, most)) = raw.central[y].zip(least.central[y]) else { continue };
        if both < Decimal::ZERO || both > most.round_dp(2) {
            let message = format!("overlap.{} is {} persons in {year}", o.name, number(both, "人"));
            let most = number(most, "人");
            run.complain(
                message,
                &o.place,
                format!("0 to {most}, the persons of the smallest of its programs"),
            );
            return None;
        }
    }
    let series = raw.zip(&least, |a, b| Some(a.min(b)), |a, b| a.max(0.0).min(b));
    let beyond = |d: usize| {
        (0..run.years.len()).any(|y| raw.at(d, y) > least.at(d, y) + HUNDREDTH || raw.at(d, y) < -HUNDREDTH)
    };
    let many = (0..run.draws).filter(|d| beyond(*d)).count();
    let mut note = o.note.clone();
    if many > 0 {
        let and = if note.is_empty() { "" } else { "；" };
        note.push_str(&format!("{and}{}次抽样中有{many}次超出人数最少一项，按该项人数计", run.draws));
    }
    let labels: Vec<String> = o.programs.iter().map(|p| label(run, p)).collect();
    Some(Node {
        path: format!("overlap.{}", o.name),
        label: format!("同时领取{}的人数", labels.join("、")),
        unit: "人".to_owned(),
        series,
        origin: Origin::Formula { expr, place: o.place.clone(), note },
    })
}

/// Both ends of the range, as nodes with the terms that decide them in each year.
fn range(run: &mut Evaluator<'_>, group: &Group) -> [Node; 2] {
    let found = bounds(run, group);
    let told = words(group, &|i| run.scenario.relief[i].label.clone()).join("。");
    let inputs: Vec<String> = group
        .programs
        .iter()
        .map(|p| format!("relief.{}", run.scenario.relief[*p].name))
        .chain(group.overlaps.iter().map(|o| format!("overlap.{}", run.scenario.overlaps[*o].name)))
        .collect();
    let cut = cut(found.cut, run.draws);
    let sides = [
        ("low", "下限", LOW, &found.low, &found.low_by),
        ("high", "上限", HIGH, &found.high, &found.high_by),
    ];
    sides.map(|(side, end, method, series, by)| {
        let numbers = by.iter().enumerate().map(|(y, t)| Some(in_numbers(run, group, t.as_ref()?, y)));
        Node {
            path: format!("heads_{side}.{}", group.name),
            label: format!("{}：领取人数{end}", group.label),
            unit: "人".to_owned(),
            series: series.clone(),
            origin: Origin::Model {
                method: format!("{method}。{told}{cut}。"),
                numbers: numbers.collect(),
                inputs: inputs.clone(),
                place: group.place.clone(),
            },
        }
    })
}

/// A declared overlap answers with the line that lists its programs; all programs together stand nowhere.
fn origin(run: &Evaluator<'_>, group: &Group, terms: &Terms, expr: Expr, note: String) -> Origin {
    if let Some(place) = &group.place {
        return Origin::Formula { expr, place: place.clone(), note };
    }
    let inputs = expr.names().into_iter().map(str::to_owned).collect();
    let numbers = (0..run.years.len()).map(|y| Some(in_numbers(run, group, terms, y))).collect();
    Origin::Model { method: note, numbers, inputs, place: None }
}

struct Found {
    low: Series,
    high: Series,
    low_by: Vec<Option<Terms>>,
    high_by: Vec<Option<Terms>>,
    /// Draws in which the overlaps could not all hold.
    cut: usize,
}

/// Bounds of a group by draw and year; central overlaps that contradict each other are told.
fn bounds(run: &mut Evaluator<'_>, group: &Group) -> Found {
    let scenario = run.scenario;
    let programs: Vec<Series> = group
        .programs
        .iter()
        .map(|p| run.name(&format!("relief.{}", scenario.relief[*p].name), &scenario.relief[*p].place))
        .collect();
    let overlaps: Vec<Series> = group
        .overlaps
        .iter()
        .map(|o| run.name(&format!("overlap.{}", scenario.overlaps[*o].name), &scenario.overlaps[*o].place))
        .collect();
    let (years, draws) = (run.years.len(), run.draws);
    let all = || programs.iter().chain(&overlaps);
    let known: Vec<bool> = (0..years).map(|y| all().all(|s| s.central[y].is_some())).collect();
    let of = |at: &dyn Fn(&Series) -> f64| -> (Vec<f64>, Vec<f64>) {
        (programs.iter().map(at).collect(), overlaps.iter().map(at).collect())
    };
    let slack = HUNDREDTH * (programs.len() + overlaps.len()) as f64;
    let (mut low_by, mut high_by) = (vec![None; years], vec![None; years]);
    let (mut low_central, mut high_central) = (vec![f64::NAN; years], vec![f64::NAN; years]);
    for y in (0..years).filter(|y| known[*y]) {
        let (n, o) = of(&|s| Series::exact(vec![s.central[y]]).at(0, 0));
        let b = group.heads.bounds(&n, &o);
        if b.low > b.high + slack {
            contradiction(run, group, y, &b);
        }
        (low_central[y], high_central[y]) = (b.low.min(b.high), b.high);
        (low_by[y], high_by[y]) = (Some(b.low_by), Some(b.high_by));
    }
    let mut cut = vec![false; draws];
    let mut low = Array2::from_elem((draws, years), f64::NAN);
    let mut high = low.clone();
    for y in (0..years).filter(|y| known[*y]) {
        for d in 0..draws {
            let (n, o) = of(&|s| s.at(d, y));
            let (least, most) = group.heads.limits(&n, &o);
            cut[d] |= least > most + slack;
            (low[[d, y]], high[[d, y]]) = (least.min(most), most);
        }
    }
    let random = all().any(|s| s.draws.is_some());
    let series = |central: &[f64], draws: Array2<f64>| {
        let s = Series::counted(central, draws);
        if random { s } else { Series::exact(s.central) }
    };
    Found {
        low: series(&low_central, low),
        high: series(&high_central, high),
        low_by,
        high_by,
        cut: cut.into_iter().filter(|c| *c).count(),
    }
}

fn contradiction(run: &mut Evaluator<'_>, group: &Group, y: usize, b: &Bounds) {
    let scenario = run.scenario;
    let parts: Vec<String> = group
        .overlaps
        .iter()
        .map(|o| &scenario.overlaps[*o])
        .map(|o| format!("overlap.{} at {}:{}", o.name, o.place.file, o.place.line))
        .collect();
    let Some(place) = group.overlaps.last().map(|o| scenario.overlaps[*o].place.clone()) else { return };
    // The same overlaps meet in every group that holds them, and one message tells it.
    let told = |p: &Problem| p.message.starts_with(CLASH) && p.row == Some(place.line);
    if run.problems.iter().any(told) {
        return;
    }
    let message = format!(
        "{CLASH}: in {} the heads would be at least {:.0} and at most {:.0}",
        run.years[y], b.low, b.high
    );
    let expected = format!("numbers that one population can have: {}", parts.join(", "));
    run.complain(message, &place, expected);
}

/// The heads within their bounds: draws whose overlaps contradict each other are held to them.
fn held(heads: &Series, found: &Found) -> Series {
    let above = heads.zip(&found.low, |a, _| Some(a), |a, b| if b > a { b } else { a });
    above.zip(&found.high, |a, _| Some(a), |a, b| if b < a { b } else { a })
}

fn cut(draws: usize, of: usize) -> String {
    if draws == 0 {
        return String::new();
    }
    format!("；{of}次抽样中有{draws}次各项重叠不能并存，人数按上下限收住")
}

fn counted(s: &Series) -> Series {
    s.map(|v| Some(v.round_dp(2)), |v| v)
}

/// Caseloads plus and minus overlaps, as a formula over their names.
fn expr(run: &Evaluator<'_>, group: &Group, t: &Terms) -> Option<Expr> {
    let scenario = run.scenario;
    let programs = t.programs.iter().map(|p| format!("relief.{}", scenario.relief[group.programs[*p]].name));
    let sum = programs.map(Expr::Name).reduce(|a, b| Expr::Binary(Op::Add, Box::new(a), Box::new(b)))?;
    Some(t.overlaps.iter().fold(sum, |sum, (plus, o)| {
        let name = Expr::Name(format!("overlap.{}", scenario.overlaps[group.overlaps[*o]].name));
        Expr::Binary(if *plus { Op::Add } else { Op::Subtract }, Box::new(sum), Box::new(name))
    }))
}

/// The same with labels and numbers: `城市低保 3,000 + 农村低保 5,000`.
fn in_numbers(run: &Evaluator<'_>, group: &Group, t: &Terms, y: usize) -> String {
    let value = |path: &str| {
        let node = run.graph.get(path);
        let v = node.and_then(|n| n.series.central[y]).map_or_else(|| "未知".to_owned(), |v| number(v, "人"));
        format!("{} {v}", node.map_or(path, |n| n.label.as_str()))
    };
    let scenario = run.scenario;
    let programs =
        t.programs.iter().map(|p| value(&format!("relief.{}", scenario.relief[group.programs[*p]].name)));
    let mut text = programs.collect::<Vec<_>>().join(" + ");
    for (plus, o) in &t.overlaps {
        let part = value(&format!("overlap.{}", scenario.overlaps[group.overlaps[*o]].name));
        text.push_str(&format!(" {} {part}", if *plus { "+" } else { "−" }));
    }
    text
}

fn fold_min(names: impl Iterator<Item = Expr>) -> Option<Expr> {
    names.reduce(|a, b| Expr::Call(Function::Min, vec![a, b]))
}

fn label(run: &Evaluator<'_>, program: &str) -> String {
    let found = run.scenario.relief.iter().find(|p| p.name == program);
    found.map_or_else(|| program.to_owned(), |p| p.label.clone())
}
