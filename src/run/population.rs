//! The population of a run: thin base → projection with draws → indicators.

use ndarray::{Array2, Array4, ArrayView2, s};

use super::eval::Evaluator;
use super::graph::{Node, Origin};
use super::text::number;
use crate::demography::ensemble::{Ensemble, Paths};
use crate::draws::{Series, decimal};
use crate::scenario::AgeName;

/// The projected people; ages 0…100+, sex 0 female, 1 male.
pub struct People {
    pub ensemble: Ensemble,
    /// The central paths that the ensemble spreads around.
    pub paths: Paths,
    /// `[draw, year, sex, age]`.
    pub draws: Array4<f64>,
    /// (2, 101) persons who do not age with the rest; they are in every stock.
    pub special: Option<Array2<f64>>,
    pub resident: bool,
}

/// An indicator that is a sum over ages: (name, label, first age, last age).
const GROUPS: [(&str, &str, usize, usize); 4] = [
    ("total", "总人口", 0, 100),
    ("60_plus", "60岁及以上人口", 60, 100),
    ("65_plus", "65岁及以上人口", 65, 100),
    ("80_plus", "80岁及以上人口", 80, 100),
];

/// Adds the nodes of every indicator.
pub fn compute(run: &mut Evaluator<'_>, people: &People) {
    for (name, label, low, high) in GROUPS {
        let node = group(run, people, name, label, 0..2, low, high);
        run.graph.add(node);
    }
    for (name, label, of) in [
        ("share_60_plus", "60岁及以上人口占比", "60_plus"),
        ("share_65_plus", "65岁及以上人口占比", "65_plus"),
        ("share_80_plus", "80岁及以上人口占比", "80_plus"),
    ] {
        ratio(run, name, label, of, "total", 100, "%");
    }
    let working = group(run, people, "age_15_64", "15—64岁人口", 0..2, 15, 64);
    run.graph.add(working);
    ratio(
        run,
        "old_age_dependency_ratio",
        "老年抚养比（65岁及以上与15—64岁之比）",
        "65_plus",
        "age_15_64",
        100,
        "%",
    );
    median_age(run, people);
    flows(run, people);
}

fn ages(people: &People, sexes: std::ops::Range<usize>, low: usize, high: usize) -> (Vec<f64>, Array2<f64>) {
    let pick = s![.., .., sexes.clone(), low..=high];
    let draws = people.draws.slice(pick).map_axis(ndarray::Axis(3), |a| a.sum()).sum_axis(ndarray::Axis(2));
    let middle = people.ensemble.central.population.slice(s![.., sexes, low..=high]);
    let middle = middle.map_axis(ndarray::Axis(2), |a| a.sum()).sum_axis(ndarray::Axis(1));
    (middle.to_vec(), draws)
}

/// A sum over ages, explained from the year before: who came of age, who died, who moved.
fn group(
    run: &Evaluator<'_>,
    people: &People,
    name: &str,
    label: &str,
    sexes: std::ops::Range<usize>,
    low: usize,
    high: usize,
) -> Node {
    let (middle, draws) = ages(people, sexes.clone(), low, high);
    let c = &people.ensemble.central;
    // Of those who age: who is held out neither enters a group nor leaves it.
    let aged = |t: usize, age: usize| {
        let held = people.special.as_ref().map_or(0.0, |h| h.slice(s![sexes.clone(), age]).sum());
        c.population.slice(s![t, sexes.clone(), age]).sum() - held
    };
    let persons = |v: f64| decimal(v).map_or_else(|| "未知".to_owned(), |d| number(d, "人"));
    let numbers = (0..run.years.len())
        .map(|y| {
            let Some(t) = y.checked_sub(1) else {
                return Some(format!("基年人口结构中{label}合计 {}", persons(middle[0])));
            };
            let deaths = c.deaths.slice(s![t, sexes.clone(), low..=high]).sum();
            let moved = c.net_migration.slice(s![t, sexes.clone(), low..=high]).sum();
            let entering = if low == 0 {
                format!("当年出生 {}", persons(c.births.slice(s![t, sexes.clone()]).sum()))
            } else {
                format!("上年末{}岁、当年进入 {}", low - 1, persons(aged(t, low - 1)))
            };
            let leaving = if high >= 100 {
                String::new()
            } else {
                format!(" − 上年末{high}岁、当年离开 {}", persons(aged(t, high)))
            };
            Some(format!(
                "上年末 {} + {entering}{leaving} − 死亡 {} + 净迁入 {}（各数取整显示，合计可差一二人）",
                persons(middle[t]),
                persons(deaths),
                persons(moved)
            ))
        })
        .collect();
    Node {
        path: format!("population.{name}"),
        label: label.to_owned(),
        unit: "人".to_owned(),
        series: Series::counted(&middle, draws),
        origin: Origin::Model {
            method: "队列要素法逐岁推算（与联合国人口司口径一致）".to_owned(),
            numbers,
            inputs: vec![
                "population.base".to_owned(),
                "population.mortality".to_owned(),
                "population.fertility".to_owned(),
                "population.migration".to_owned(),
            ],
            place: None,
        },
    }
}

/// `age_0_17`, `age_90`, `women_15_49`, `men_60`: any group by name.
pub fn age_group(run: &Evaluator<'_>, name: &str) -> Option<Node> {
    let people = run.people.as_ref()?;
    let AgeName { sexes, low, high } = AgeName::parse(name)?;
    let who = match sexes {
        (0, 0) => "女性",
        (1, 1) => "男性",
        _ => "人口",
    };
    let label =
        if high == 100 { format!("{low}岁及以上{who}") } else { format!("{low}—{high}岁{who}") };
    Some(group(run, people, name, &label, sexes.0..sexes.1 + 1, low, high))
}

fn ratio(run: &mut Evaluator<'_>, name: &str, label: &str, of: &str, to: &str, times: i64, unit: &str) {
    let (of, to) = (format!("population.{of}"), format!("population.{to}"));
    let (Some(a), Some(b)) = (run.graph.get(&of), run.graph.get(&to)) else { return };
    let hundred = rust_decimal::Decimal::from(times);
    let series = a.series.zip(
        &b.series,
        |x, y| x.checked_div(y).and_then(|q| q.checked_mul(hundred)).map(|q| q.round_dp(6)),
        |x, y| x / y * times as f64,
    );
    let numbers = a
        .series
        .central
        .iter()
        .zip(&b.series.central)
        .map(|(x, y)| x.zip(*y).map(|(x, y)| format!("{} ÷ {} × {times}", number(x, "人"), number(y, "人"))))
        .collect();
    let node = Node {
        path: format!("population.{name}"),
        label: label.to_owned(),
        unit: unit.to_owned(),
        series,
        origin: Origin::Model {
            method: "两数之比".to_owned(), numbers, inputs: vec![of, to], place: None
        },
    };
    run.graph.add(node);
}

/// Age that halves a population, interpolated within a single year of age.
fn median(ages: ArrayView2<'_, f64>) -> f64 {
    let by_age = ages.sum_axis(ndarray::Axis(0));
    let half = by_age.sum() / 2.0;
    let mut below = 0.0;
    for (age, n) in by_age.iter().enumerate() {
        if below + n >= half && *n > 0.0 {
            return age as f64 + (half - below) / n;
        }
        below += n;
    }
    f64::NAN
}

fn median_age(run: &mut Evaluator<'_>, people: &People) {
    let central: Vec<f64> =
        people.ensemble.central.population.outer_iter().map(|year| median(year.view())).collect();
    let (n, t) = (people.draws.len_of(ndarray::Axis(0)), people.draws.len_of(ndarray::Axis(1)));
    let draws = Array2::from_shape_fn((n, t), |(d, y)| median(people.draws.slice(s![d, y, .., ..])));
    let years = run.years.len();
    run.graph.add(Node {
        path: "population.median_age".to_owned(),
        label: "年龄中位数".to_owned(),
        unit: "岁".to_owned(),
        series: Series::modelled(&central, draws),
        origin: Origin::Model {
            method: "全体人口按年龄排列，居中者的年龄（岁内线性内插）".to_owned(),
            numbers: vec![None; years],
            inputs: vec!["population.total".to_owned()],
            place: None,
        },
    });
}

/// Births, deaths and rates belong to a year, not to its end: the base year has none.
fn flows(run: &mut Evaluator<'_>, people: &People) {
    let e = &people.ensemble;
    let c = &e.central;
    let by_year = |f: &dyn Fn(usize) -> f64| -> Vec<f64> { (0..run.years.len() - 1).map(f).collect() };
    /// Name, label, unit, central values, draws, method.
    type Row<'a> = (&'a str, &'a str, &'a str, Vec<f64>, &'a Array2<f64>, &'a str);
    let rows: [Row<'_>; 6] = [
        (
            "births",
            "出生人口",
            "人",
            by_year(&|t| c.births.slice(s![t, ..]).sum()),
            &e.births,
            "育龄妇女分年龄生育率×年中育龄妇女",
        ),
        (
            "deaths",
            "死亡人口",
            "人",
            by_year(&|t| c.deaths.slice(s![t, .., ..]).sum()),
            &e.deaths,
            "分年龄分性别死亡概率×上年末人口",
        ),
        (
            "net_migration",
            "净迁入人口",
            "人",
            by_year(&|t| c.net_migration.slice(s![t, .., ..]).sum()),
            &e.net_migration,
            "迁入人数减迁出人数",
        ),
        (
            "e0_female",
            "女性出生预期寿命",
            "岁",
            by_year(&|t| run_path(&people.paths.e0_female, t)),
            &e.e0_female,
            "全国标准路径按本地死亡水平调整",
        ),
        (
            "e0_male",
            "男性出生预期寿命",
            "岁",
            by_year(&|t| run_path(&people.paths.e0_male, t)),
            &e.e0_male,
            "全国标准路径按本地死亡水平调整",
        ),
        (
            "tfr",
            "总和生育率",
            "个/妇女",
            by_year(&|t| run_path(&people.paths.tfr, t)),
            &e.tfr,
            "全国标准路径按本地出生水平调整",
        ),
    ];
    let years = run.years.len();
    let nodes: Vec<Node> = rows
        .into_iter()
        .map(|(name, label, unit, central, draws, method)| {
            let mut all = vec![f64::NAN];
            all.extend(&central);
            let mut wide = Array2::from_elem((draws.nrows(), years), f64::NAN);
            wide.slice_mut(s![.., 1..]).assign(draws);
            let input = match name {
                "births" | "tfr" => "population.fertility",
                "net_migration" => "population.migration",
                _ => "population.mortality",
            };
            Node {
                path: format!("population.{name}"),
                label: label.to_owned(),
                unit: unit.to_owned(),
                series: if unit == "人" {
                    Series::counted(&all, wide)
                } else {
                    Series::modelled(&all, wide)
                },
                origin: Origin::Model {
                    method: method.to_owned(),
                    numbers: vec![None; years],
                    inputs: vec!["population.base".to_owned(), input.to_owned()],
                    place: None,
                },
            }
        })
        .collect();
    for n in nodes {
        run.graph.add(n);
    }
}

fn run_path(path: &[f64], t: usize) -> f64 {
    path.get(t).copied().unwrap_or(f64::NAN)
}
