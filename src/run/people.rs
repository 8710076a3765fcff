//! From a case to its people: the base population and the projection with draws.

use ndarray::Array2;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::eval::Evaluator;
use super::graph::{Node, Origin};
use super::population::People;
use super::text::plain;
use crate::demography::base::{Base, Kind};
use crate::demography::ensemble::{EnsembleSpec, Paths, Spread, china_paths, run_ensemble};
use crate::demography::local::{KnownEvents, Shrink, calibrate_local};
use crate::draws::Series;
use crate::error::{Error, Problem, Result};
use crate::scenario::{BaseSpec, BaseValue, Place};

pub fn build(
    run: &mut Evaluator<'_>,
    threads: usize,
    step: &(dyn Fn(usize, usize) -> bool + Sync),
) -> Result<People> {
    let spec = run.base.clone();
    let base = super::base::population(run, &spec)?;
    let (rest, rest_draws) = base.who_age();
    let years = run.years.len() - 1;
    let start = run.years[0];
    let mut notes = base.notes.clone();
    let (paths, spread, told) = levels(run, &rest, start, years)?;
    notes.extend(told);
    let ensemble = run_ensemble(
        &EnsembleSpec {
            base: rest.view(),
            base_draws: Some(rest_draws.view()),
            special: base.special.as_ref().map(|s| s.view()),
            start,
            paths: &paths,
            spread: &spread,
            seed: run.seed,
            region: &run.case.code,
            draws: run.draws,
            threads,
            full: true,
        },
        step,
    )?;
    let draws =
        ensemble.population.clone().ok_or_else(|| Error::model(Problem::new("no draws were kept")))?;
    explain(run, &spec, &base, &notes);
    Ok(People { ensemble, paths, draws, special: base.special, resident: base.kind == Kind::Resident })
}

/// Paths and spreads of the `years` after `start`, as the scenario sets them, and what was said of the local level.
pub fn levels(
    run: &Evaluator<'_>,
    population: &Array2<f64>,
    start: i32,
    years: usize,
) -> Result<(Paths, Spread, Vec<String>)> {
    let (mut paths, mut spread) = china_paths(start, years)?;
    let mut notes = Vec::new();
    let d = &run.scenario.demography;
    let float = |v: Decimal| v.to_f64().unwrap_or(0.0);
    let known: Vec<KnownEvents> = d
        .known
        .iter()
        .map(|k| KnownEvents { year: k.year, births: k.births.map(float), deaths: k.deaths.map(float) })
        .collect();
    if d.calibrate && !known.is_empty() {
        (paths, notes) = calibrate_local(&population.view(), start, &paths, &known, Shrink::default())?;
    }
    for t in 0..years {
        paths.tfr[t] *= float(d.tfr_multiplier.0);
        paths.e0_female[t] += float(d.e0_shift.0);
        paths.e0_male[t] += float(d.e0_shift.0);
        // A register's own balance, not the nation's international one.
        paths.net_migration_rate[t] = float(d.net_migration_rate.0);
    }
    let wider = float(d.spread_multiplier.0);
    for path in
        [&mut spread.sd_tfr, &mut spread.sd_e0_female, &mut spread.sd_e0_male, &mut spread.sd_migration]
    {
        path.iter_mut().for_each(|s| *s *= wider);
    }
    Ok((paths, spread, notes))
}

/// Adds what the population rests on to the graph: base, mortality, fertility, migration.
fn explain(run: &mut Evaluator<'_>, spec: &BaseSpec, base: &Base, notes: &[String]) {
    let years = run.years.len();
    let d = run.scenario.demography.clone();
    let total = base.population.sum();
    let mut inputs = Vec::new();
    let mut add_input = |run: &mut Evaluator<'_>, label: &str, value: &BaseValue, source: &str| {
        if run.case.ledger.get(&value.text).is_some() {
            run.name(&value.text, &value.place);
            inputs.push(value.text.clone());
        } else {
            let path = format!("assume.base.{label}");
            run.graph.add(Node {
                path: path.clone(),
                label: label.to_owned(),
                unit: String::new(),
                series: Series::exact(vec![None; years]),
                origin: Origin::Assumption {
                    place: value.place.clone(),
                    spread: format!("原文 {}", value.text),
                    source: if source.is_empty() { "案例文件" } else { source }.to_owned(),
                    note: String::new(),
                },
            });
            inputs.push(path);
        }
    };
    for (label, value) in [
        ("总人口", &spec.total),
        ("60岁及以上人数", &spec.count_60_plus),
        ("60岁及以上占比", &spec.share_60_plus),
    ] {
        if let Some(v) = value {
            add_input(run, label, v, "");
        }
    }
    for (age, v) in &spec.constraints {
        add_input(run, age, v, "");
    }
    for s in &spec.special {
        for (group, v) in &s.persons {
            add_input(run, &format!("{}（{group}）", s.label), v, &s.source);
        }
    }
    let kind = if base.kind == Kind::Resident { "常住" } else { "户籍" };
    let method = match &spec.census {
        Some(file) => format!("{kind}人口，普查分年龄性别表（{}）", run.case.files.show(&file.text)),
        None => format!("由合计数还原的{kind}人口"),
    };
    let remarks: String = notes.iter().map(|n| format!("；{}", n.trim_end_matches('。'))).collect();
    let mut numbers = vec![None; years];
    numbers[0] = Some(format!(
        "还原所得总人口 {} 人",
        super::text::number(crate::draws::decimal(total).unwrap_or_default(), "人")
    ));
    model(
        run,
        "population.base",
        "基年分年龄性别人口",
        &format!("{method}{remarks}"),
        numbers,
        inputs,
        Some(spec.place.clone()),
    );

    let source = if d.source.is_empty() {
        "联合国《世界人口展望2024》中国中位方案"
    } else {
        &d.source
    };
    let known: Vec<String> = d
        .known
        .iter()
        .filter(|_| d.calibrate)
        .map(|k| {
            let count = |v: Option<Decimal>, what: &str| {
                v.map(|v| format!("{what}{}人", plain(v))).unwrap_or_default()
            };
            format!(
                "{}年{}{}（{}，第{}行）",
                k.year,
                count(k.births, "出生"),
                count(k.deaths, "死亡"),
                k.source,
                k.place.line
            )
        })
        .collect();
    let local = if known.is_empty() {
        "，本地无已知出生死亡数，未作调整".to_owned()
    } else {
        format!("，按本地已知数调整：{}", known.join("；"))
    };
    let assumed = |run: &mut Evaluator<'_>,
                   name: &str,
                   label: &str,
                   unit: &str,
                   note: &str,
                   (value, place): &(Decimal, Place)| {
        let path = format!("assume.demography.{name}");
        run.graph.add(Node {
            path: path.clone(),
            label: label.to_owned(),
            unit: unit.to_owned(),
            series: Series::constant(*value, years),
            origin: Origin::Assumption {
                place: place.clone(),
                spread: "情景设定值".to_owned(),
                source: note.to_owned(),
                note: String::new(),
            },
        });
        path
    };
    let tfr = assumed(run, "tfr_multiplier", "总和生育率乘数", "倍", "1为不改变标准路径", &d.tfr_multiplier);
    let e0 = assumed(run, "e0_shift", "预期寿命增减", "岁", "0为不改变标准路径", &d.e0_shift);
    let moved = "规划未载迁移数；0为不计净迁移，抽样仍在其上下波动";
    let moved = assumed(run, "net_migration_rate", "年净迁移率", "人/人", moved, &d.net_migration_rate);
    let wide = "1为联合国《世界人口展望2024》所列区间的宽度";
    let wide = assumed(run, "spread_multiplier", "不确定性乘数", "倍", wide, &d.spread_multiplier);
    let blank = || vec![None; years];
    model(
        run,
        "population.mortality",
        "死亡水平",
        &format!("{source}分年龄死亡率，沿寇尔—德曼西区模式随预期寿命移动{local}"),
        blank(),
        vec![e0, wide.clone()],
        Some(d.place.clone()),
    );
    model(
        run,
        "population.fertility",
        "生育水平",
        &format!("{source}总和生育率与分年龄生育模式{local}"),
        blank(),
        vec![tfr, wide.clone()],
        Some(d.place.clone()),
    );
    model(
        run,
        "population.migration",
        "迁移水平",
        "净迁移率按罗杰斯—卡斯特罗年龄模式分配，迁出按率计算",
        blank(),
        vec![moved, wide],
        Some(d.place.clone()),
    );
}

fn model(
    run: &mut Evaluator<'_>,
    path: &str,
    label: &str,
    method: &str,
    numbers: Vec<Option<String>>,
    inputs: Vec<String>,
    place: Option<Place>,
) {
    let series = Series::exact(vec![None; run.years.len()]);
    run.graph.add(Node {
        path: path.to_owned(),
        label: label.to_owned(),
        unit: String::new(),
        series,
        origin: Origin::Model { method: method.to_owned(), numbers, inputs, place },
    });
}
