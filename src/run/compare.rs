//! Two runs side by side, line by line; the draws are the same, so what a scenario leaves alone
//! differs by exactly zero.

use super::Run;
use super::graph::{Node, Origin};
use crate::draws::quantile_sorted;
use crate::error::{Error, Problem, Result};
use crate::tables::Table;

/// Rooms whose quantities are compared, in this order.
const ROOMS: [&str; 10] = [
    "population.",
    "care.",
    "capacity.",
    "relief.",
    "overlap.",
    "payments.",
    "heads.",
    "heads_low.",
    "heads_high.",
    "budget.",
];

/// Table `path, label, year, a, b, difference, difference_p10, difference_p90`: central values and
/// the spread of b − a over draws.
pub fn compare(a: &Run, b: &Run) -> Result<Table> {
    let mut problems = Vec::new();
    if a.code != b.code {
        problems.push(
            Problem::new("the runs are of different places").value(format!("{} and {}", a.code, b.code)),
        );
    }
    if a.seed != b.seed || a.draws != b.draws {
        let p = Problem::new("the runs have different draws, so differences would be chance")
            .value(format!("seed {} with {} draws and seed {} with {}", a.seed, a.draws, b.seed, b.draws));
        problems.push(p.expected("the same seed and number of draws"));
    }
    if !problems.is_empty() {
        return Err(Error::Model(problems));
    }
    let (mut paths, mut labels, mut years, mut units) = (vec![], vec![], vec![], vec![]);
    let mut columns: [Vec<Option<f64>>; 5] = Default::default();
    for room in ROOMS {
        let mut of_room: Vec<&Node> = a.graph.under(room).collect();
        of_room.extend(b.graph.under(room).filter(|n| a.graph.get(&n.path).is_none()));
        for node in of_room {
            let alias = matches!(&node.origin, Origin::Model { inputs, .. } if room == "care." && inputs.len() == 1 && inputs[0].starts_with("care."));
            if alias {
                continue;
            }
            let (left, right) = (a.graph.get(&node.path), b.graph.get(&node.path));
            for year in &a.years {
                let at = |run: &Run, n: Option<&Node>| -> Option<(f64, Vec<f64>)> {
                    let y = run.years.iter().position(|v| v == year)?;
                    let n = n?;
                    let draws = n.series.of_year(y);
                    let central = rust_decimal::prelude::ToPrimitive::to_f64(&n.series.central[y]?)?;
                    Some((central, draws))
                };
                let (x, y) = (at(a, left), at(b, right));
                if x.is_none() && y.is_none() {
                    continue;
                }
                paths.push(node.path.clone());
                labels.push(node.label.clone());
                years.push(i64::from(*year));
                units.push(node.unit.clone());
                columns[0].push(x.as_ref().map(|v| v.0));
                columns[1].push(y.as_ref().map(|v| v.0));
                let both = x.zip(y);
                columns[2].push(both.as_ref().map(|(x, y)| y.0 - x.0));
                let mut d = both.map(|(x, y)| differences(&x.1, &y.1)).unwrap_or_default();
                d.sort_unstable_by(f64::total_cmp);
                columns[3].push(quantile_sorted(&d, 0.1));
                columns[4].push(quantile_sorted(&d, 0.9));
            }
        }
    }
    let [va, vb, diff, low, high] = columns;
    Table::builder(format!("{}：{}与{}比较", a.case_name, a.scenario.label, b.scenario.label))
        .note(format!(
            "a：{}；b：{}；同一种子{}、{}次抽样，逐次相减，未变动的项目差额恒为零。",
            a.scenario.label, b.scenario.label, a.seed, a.draws
        ))
        .note("a、b为按假设中间值计算的数；difference_p10与difference_p90为差额的80%区间。")
        .text("path", "名称", paths)
        .text("label", "项目", labels)
        .int("year", "年份", "", years)
        .opt_float("a", &a.scenario.label, "", va)
        .opt_float("b", &b.scenario.label, "", vb)
        .opt_float("difference", "差额", "", diff)
        .opt_float("difference_p10", "差额10%分位", "", low)
        .opt_float("difference_p90", "差额90%分位", "", high)
        .text("unit", "单位", units)
        .build()
}

/// Draw by draw; a side without spread has one value for all.
fn differences(x: &[f64], y: &[f64]) -> Vec<f64> {
    let n = x.len().max(y.len());
    let at = |v: &[f64], d: usize| v.get(d).or(v.first()).copied().unwrap_or(f64::NAN);
    (0..n).map(|d| at(y, d) - at(x, d)).collect()
}
