//! Caseloads of relief programs as nodes of the graph.

use std::collections::BTreeMap;

use ndarray::Array2;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::assume::standard_normal;
use super::eval::Evaluator;
use super::graph::{Node, Origin};
use super::text::{number, plain};
use crate::draws::{Key, Series, decimal};
use crate::relief;
use crate::scenario::{Basis, Expr, Place, Program};

pub fn node(run: &mut Evaluator<'_>, p: &Program) -> Option<Node> {
    let (series, origin) = match &p.basis {
        Basis::Observed { values, driver, drift_sd } => observed(run, p, values, driver, *drift_sd)?,
        Basis::Trend { values, since } => super::relief_trend::series(run, p, values, *since)?,
        Basis::National { series, driver, factor, place_log_sd } => {
            national(run, p, series, driver, factor, *place_log_sd)?
        }
        Basis::Formula { formula, drift_sd } => {
            let series = run.formula(formula, &p.place);
            let key = Key::new(run.seed, &format!("relief.{}", p.name), run.region());
            let drift = relief::drift(run.draws, run.years.len(), 1, float(*drift_sd), key);
            let ones = Series { central: vec![Some(Decimal::ONE); run.years.len()], draws: Some(drift) };
            let drifted = if drift_sd.is_zero() {
                series
            } else {
                series.zip(&ones, Decimal::checked_mul, |x, y| x * y)
            };
            let series = drifted.map(|x| Some(x.round_dp(2)), |x| x);
            (series, Origin::Formula { expr: formula.clone(), place: p.place.clone(), note: p.note.clone() })
        }
    };
    if let Some(y) =
        series.central.iter().position(|c| c.is_some_and(|c| c.is_sign_negative() && !c.is_zero()))
    {
        let message = format!("relief.{} comes out negative in {}", p.name, run.years[y]);
        run.complain(message, &p.place, "a number of persons or cases, 0 or more");
    }
    if matches!(p.basis, Basis::Formula { .. }) && series.central.iter().all(Option::is_none) {
        let message = format!("the formula of relief.{} gives no number in any year", p.name);
        run.complain(message, &p.place, "a formula whose figures are known and which divides by no zero");
    }
    let (mut series, origin) = super::response::apply(run, p, series, origin);
    if let Some((last, _)) = p.until {
        // Handed over: the duty goes on elsewhere, so later years are unknown here and not zero.
        for (y, _) in run.years.iter().enumerate().filter(|(_, year)| **year > last) {
            series.central[y] = None;
            if let Some(d) = &mut series.draws {
                d.column_mut(y).fill(f64::NAN);
            }
        }
    }
    Some(Node {
        path: format!("relief.{}", p.name),
        label: p.label.clone(),
        unit: p.unit.clone(),
        series,
        origin,
    })
}

/// `observed`, `assumed` or `projected`, by program and year. A formula over other programs, such as a
/// part of one, stands no firmer than they do.
pub fn status(all: &[Program], p: &Program, year: i32, published: &BTreeMap<String, i32>) -> &'static str {
    match &p.basis {
        Basis::Observed { values, .. } | Basis::Trend { values, .. }
            if values.iter().any(|(y, ..)| *y == year) =>
        {
            "observed"
        }
        Basis::National { .. } if published.get(&p.name).is_none_or(|last| year <= *last) => "assumed",
        Basis::Formula { formula, .. } => {
            let of = |name: &&str| {
                let name = name.strip_prefix("relief.")?;
                all.iter().find(|q| q.name == name && q.name != p.name)
            };
            let under: Vec<&str> =
                formula.names().iter().filter_map(of).map(|q| status(all, q, year, published)).collect();
            if !under.is_empty() && under.iter().all(|s| *s != "projected") { "assumed" } else { "projected" }
        }
        _ => "projected",
    }
}

fn float(d: Decimal) -> f64 {
    d.to_f64().unwrap_or(0.0)
}

fn observed(
    run: &mut Evaluator<'_>,
    p: &Program,
    values: &[(i32, Expr, Place)],
    driver: &Expr,
    drift_sd: Decimal,
) -> Option<(Series, Origin)> {
    let years = run.years.clone();
    let (last, ..) = values.last()?;
    let Some(from) = run.year(*last) else {
        let range = format!("a year from {} to {}", years.first()?, years.last()?);
        run.complain(format!("{last} is outside the run"), &p.place, range);
        return None;
    };
    let path = run.formula(driver, &p.place);
    let mut central: Vec<Option<Decimal>> = vec![None; years.len()];
    let mut numbers: Vec<Option<String>> = vec![None; years.len()];
    let mut inputs: Vec<String> = Vec::new();
    for (year, value, place) in values {
        let count = run.formula(value, place).central[from];
        if let Some(y) = run.year(*year) {
            central[y] = count;
            numbers[y] = count.map(|c| format!("{year}年实际 {}", plain(c)));
        }
        inputs.extend(value.names().iter().map(ToString::to_string));
    }
    inputs.extend(driver.names().iter().map(ToString::to_string));
    let count = central[from]?;
    for y in from + 1..years.len() {
        central[y] = path.central[y]
            .zip(path.central[from])
            .and_then(|(a, b)| (count * a).checked_div(b))
            .map(|v| v.round_dp(2));
        let ratio = path.central[y].zip(path.central[from]);
        numbers[y] = ratio.map(|(a, b)| {
            let driver = |v| number(v, "人");
            format!("{} × {} ÷ {}", plain(count), driver(a), driver(b))
        });
    }
    let key = Key::new(run.seed, &format!("relief.{}", p.name), run.region());
    let wide = Array2::from_shape_fn((run.draws, years.len()), |(d, y)| path.at(d, y));
    let mut draws = relief::follow_driver(float(count), from, wide.view(), float(drift_sd), key);
    for (y, c) in central.iter().enumerate().take(from + 1) {
        draws.column_mut(y).fill(c.map_or(f64::NAN, float));
    }
    let drift = if drift_sd.is_zero() {
        "未计随机波动（drift_sd），区间只含驱动因素的不确定性".to_owned()
    } else {
        format!("另计每年{}%的随机波动", plain(drift_sd * Decimal::ONE_HUNDRED))
    };
    // Counts of earlier years say how the caseload moved by itself, and a driver does not look at them.
    let more = if values.len() > 2 {
        "；其他年份的实际数不入预测，要按自身历史预测，driver 写 \"trend\""
    } else {
        ""
    };
    let method = format!(
        "以最近一年实际数为基数，随驱动因素变动，{drift}{more}{}{}",
        if p.note.is_empty() { "" } else { "；" },
        p.note
    );
    let origin = Origin::Model { method, numbers, inputs, place: Some(p.place.clone()) };
    Some((Series { central, draws: Some(draws) }, origin))
}

fn national(
    run: &mut Evaluator<'_>,
    p: &Program,
    series: &str,
    driver: &Expr,
    factor: &Expr,
    place_log_sd: Decimal,
) -> Option<(Series, Origin)> {
    let horizon = *run.years.last()?;
    let rates = match relief::national(series, horizon) {
        Ok(r) => r,
        Err(e) => {
            for problem in e.problems() {
                run.complain(problem.message.clone(), &p.place, problem.expected.clone().unwrap_or_default());
            }
            return None;
        }
    };
    if rates.unit != format!("万{}", p.unit) {
        let message = format!("the national series {series} counts {}, the program {}", rates.unit, p.unit);
        run.complain(message, &p.place, "a series of persons or cases in the unit of the program");
        return None;
    }
    run.published.insert(p.name.clone(), rates.last());
    let people = run.formula(driver, &p.place);
    let scale = run.formula(factor, &p.place);
    let key = |what: &str| Key::new(run.seed, &format!("relief.{}.{what}", p.name), run.region());
    let sd = float(place_log_sd);
    let places = key("place");
    let local: Vec<f64> =
        (0..run.draws as u64).map(|d| (sd * standard_normal(places.stream(d).uniform())).exp()).collect();
    let rate = rates.draws(&run.years, run.draws, key("national"));
    let draws = Array2::from_shape_fn((run.draws, run.years.len()), |(d, y)| {
        rate[[d, y]] * people.at(d, y) / 1000.0 * scale.at(d, y) * local[d]
    });
    let mut numbers = Vec::new();
    let mut central = Vec::new();
    for (y, year) in run.years.iter().enumerate() {
        let parts = rates.rate(*year).and_then(decimal).zip(people.central[y]).zip(scale.central[y]);
        let value = parts
            .and_then(|((r, n), f)| (r * n / Decimal::ONE_THOUSAND).checked_mul(f))
            .map(|v| v.round_dp(2));
        central.push(value);
        numbers.push(parts.map(|((r, n), f)| {
            format!(
                "全国每千人 {}{} × 本地 {} 人 ÷ 1,000 × 本地系数 {}",
                // as many places as the product needs to come out
                plain(r.round_dp(4)),
                if rates.bridged(*year) { "（当年未公布，取前后两年连线）" } else { "" },
                number(n, "人"),
                plain(f)
            )
        }));
    }
    let mut inputs: Vec<String> =
        driver.names().iter().chain(&factor.names()).map(ToString::to_string).collect();
    inputs.dedup();
    let method = format!(
        "假设：本地无数，按同年全国每千人水平推算（{}，{}），地区间差异取对数标准差{}；{}之后按趋势：{}。{}",
        rates.label,
        rates.source,
        plain(place_log_sd),
        rates.last(),
        rates.method(),
        p.note
    );
    Some((
        Series { central, draws: Some(draws) },
        Origin::Model { method, numbers, inputs, place: Some(p.place.clone()) },
    ))
}
