//! From a tree to a scenario; every mistake is collected with its file and line.

use std::cell::RefCell;

use rust_decimal::Decimal;

use super::expr::{Expr, parse_formula};
use super::model::*;
use super::parse_overlap::overlap;
use super::parse_relief::{month, program};
use super::tree::{Node, Reader, Value, locate, nearest};
use crate::error::Problem;

/// The formula under a key; a missing or broken one is noted.
pub(super) fn formula(r: &Reader<'_>, key: &'static str) -> Option<Expr> {
    let text = r.formula(key)?;
    match parse_formula(&text) {
        Ok(e) => Some(e),
        Err(message) => {
            r.problem(
                key,
                format!("a formula that can't be read: {message}"),
                "names, numbers and + - * / ( )",
            );
            None
        }
    }
}

pub(super) fn needed(r: &Reader<'_>, key: &'static str) -> Option<Expr> {
    let e = formula(r, key);
    r.required(key, e)
}

fn choice<T: Copy>(r: &Reader<'_>, key: &'static str, known: &[(&str, T)]) -> Option<T> {
    let text = r.text(key)?;
    let found = known.iter().find(|(n, _)| *n == text).map(|(_, v)| *v);
    if found.is_none() {
        let names: Vec<&str> = known.iter().map(|(n, _)| *n).collect();
        r.problem(key, "not one of the known words", names.join(", "));
    }
    found
}

pub(super) fn label(r: &Reader<'_>, name: &str) -> String {
    r.text("label").unwrap_or_else(|| name.to_owned())
}

/// A share from 0 to 1, with a default.
fn share(r: &Reader<'_>, key: &'static str, default: Decimal) -> Decimal {
    match r.number(key) {
        Some(v) if v < Decimal::ZERO || v > Decimal::ONE => {
            r.problem(key, "not a share", "a number from 0 to 1");
            default
        }
        Some(v) => v,
        None => default,
    }
}

pub(super) fn not_negative(r: &Reader<'_>, key: &'static str, default: Decimal) -> Decimal {
    match r.number(key) {
        Some(v) if v < Decimal::ZERO => {
            r.problem(key, "below zero", "a number from 0");
            default
        }
        Some(v) => v,
        None => default,
    }
}

/// Reads a scenario; `None` only where nothing can be made of it. Problems are added to `problems`.
pub fn scenario(node: &Node, name: &str, problems: &RefCell<Vec<Problem>>) -> Option<Scenario> {
    let r = Reader::new(node, "", problems)?;
    r.text("extends"); // followed before, known here
    let seed = r.number("seed").map_or(0, |n| {
        u64::try_from(n).unwrap_or_else(|_| {
            r.problem("seed", "not a seed", "a whole number from 0");
            0
        })
    });
    let scenario = Scenario {
        name: name.to_owned(),
        label: label(&r, name),
        note: r.text("note").unwrap_or_default(),
        seed,
        base: r.table("base").map(|t| {
            let spec = super::base::base_spec(&t);
            t.finish();
            spec
        }),
        assumptions: r.tables("assume").into_iter().filter_map(|(n, t)| assumption(n, t)).collect(),
        demography: demography(&r),
        care: care(&r),
        standards: r.tables("standard").into_iter().filter_map(|(n, t)| standard(n, t, problems)).collect(),
        quantities: r.tables("quantity").into_iter().filter_map(|(n, t)| quantity(n, t)).collect(),
        capacity: r.tables("capacity").into_iter().filter_map(|(n, t)| facility(n, t)).collect(),
        relief: r.tables("relief").into_iter().filter_map(|(n, t)| program(n, t, problems)).collect(),
        overlaps: r.tables("overlap").into_iter().filter_map(|(n, t)| overlap(n, t)).collect(),
        budget: r.tables("budget").into_iter().filter_map(|(n, t)| budget_line(n, t)).flatten().collect(),
    };
    r.finish();
    let known: Vec<&str> = scenario.standards.iter().map(|s| s.name.as_str()).collect();
    let named = |standard: &str, column: String, place: &Place| {
        if !known.contains(&standard) {
            let hint =
                nearest(standard, &known).map_or_else(|| known.join(", "), |n| format!("{n}, perhaps?"));
            let p = Problem::new("no such standard").column(column);
            problems.borrow_mut().push(locate(p, place).value(standard).expected(hint));
        }
    };
    for line in &scenario.budget {
        if let Amount::Standard { standard, .. } = &line.amount {
            named(standard, format!("budget.{}.standard", line.name), &line.place);
        }
    }
    for p in &scenario.relief {
        let Some(response) = &p.response else { continue };
        named(&response.standard, format!("relief.{}.response.standard", p.name), &response.place);
        if let Some(reference) = &response.reference {
            named(reference, format!("relief.{}.response.reference", p.name), &response.place);
        }
    }
    Some(scenario)
}

fn assumption(name: String, r: Reader<'_>) -> Option<Assumption> {
    // A scenario that extends another may change the distribution and leave the old bounds behind.
    for key in ["low", "high", "central", "sd", "log_sd"] {
        r.get(key);
    }
    let kinds = ["fixed", "integers", "uniform", "normal", "lognormal", "triangular"].map(|k| (k, k));
    let kind =
        if r.get("distribution").is_some() { choice(&r, "distribution", &kinds) } else { Some("fixed") };
    let distribution = match kind {
        Some("fixed") => needed(&r, "central").map(Distribution::Fixed),
        Some("integers") => bounds(&r).map(|(low, high)| Distribution::Integers { low, high }),
        Some("uniform") => bounds(&r).map(|(low, high)| Distribution::Uniform { low, high }),
        Some("normal") => needed(&r, "central")
            .zip(needed(&r, "sd"))
            .map(|(central, sd)| Distribution::Normal { central, sd }),
        Some("lognormal") => needed(&r, "central")
            .zip(needed(&r, "log_sd"))
            .map(|(central, log_sd)| Distribution::Lognormal { central, log_sd }),
        Some("triangular") => within(&r)
            .zip(needed(&r, "central"))
            .map(|((low, high), central)| Distribution::Triangular { low, central, high }),
        _ => None,
    };
    let source = r.text("source");
    let source = r.required("source", source);
    let a = Assumption {
        label: label(&r, &name),
        unit: r.text("unit").unwrap_or_default(),
        note: r.text("note").unwrap_or_default(),
        place: r.place().clone(),
        source: source?,
        distribution: distribution?,
        name,
    };
    r.finish();
    Some(a)
}

/// Bounds with the most likely value between them, as far as they are plain numbers.
fn within(r: &Reader<'_>) -> Option<(Expr, Expr)> {
    if let (Some(low), Some(central), Some(high)) = (plain(r, "low"), plain(r, "central"), plain(r, "high"))
        && !(low..=high).contains(&central)
    {
        r.problem("central", "not between low and high", format!("a number from {low} to {high}"));
    }
    bounds(r)
}

/// A number that is written as one; what a formula comes to is known only in a run.
fn plain(r: &Reader<'_>, key: &'static str) -> Option<Decimal> {
    match r.get(key).map(|n| &n.value) {
        Some(Value::Number(n)) => Some(*n),
        _ => None,
    }
}

fn bounds(r: &Reader<'_>) -> Option<(Expr, Expr)> {
    if plain(r, "low").zip(plain(r, "high")).is_some_and(|(low, high)| low > high) {
        r.problem("low", "above high", "low at most high");
    }
    needed(r, "low").zip(needed(r, "high"))
}

fn demography(r: &Reader<'_>) -> Demography {
    let place = r.place_of("demography");
    let Some(t) = r.table("demography") else {
        let at = |v: Decimal| (v, place.clone());
        return Demography {
            tfr_multiplier: at(Decimal::ONE),
            e0_shift: at(Decimal::ZERO),
            net_migration_rate: at(Decimal::ZERO),
            spread_multiplier: at(Decimal::ONE),
            calibrate: true,
            known: Vec::new(),
            source: String::new(),
            place,
        };
    };
    let number = |key: &'static str, default: Decimal, low: Decimal, high: Decimal| {
        let v = t.number(key).unwrap_or(default);
        if v < low || v > high {
            t.problem(key, "out of range", format!("a number from {low} to {high}"));
        }
        (v, t.place_of(key))
    };
    let d = Demography {
        tfr_multiplier: number("tfr_multiplier", Decimal::ONE, Decimal::new(1, 1), Decimal::TEN),
        e0_shift: number("e0_shift", Decimal::ZERO, Decimal::from(-20), Decimal::from(20)),
        net_migration_rate: number(
            "net_migration_rate",
            Decimal::ZERO,
            Decimal::new(-2, 1),
            Decimal::new(2, 1),
        ),
        spread_multiplier: number("spread_multiplier", Decimal::ONE, Decimal::ZERO, Decimal::TEN),
        calibrate: t.boolean("calibrate").unwrap_or(true),
        known: t
            .tables("known")
            .into_iter()
            .filter_map(|(year, k)| {
                let parsed = year.parse().ok();
                if parsed.is_none() {
                    k.problem("births", "the table's name is no year", "[demography.known.2023]");
                }
                let known = KnownEvents {
                    year: parsed?,
                    births: Some(not_negative(&k, "births", Decimal::ZERO)).filter(|v| !v.is_zero()),
                    deaths: Some(not_negative(&k, "deaths", Decimal::ZERO)).filter(|v| !v.is_zero()),
                    source: k.text("source").unwrap_or_default(),
                    place: k.place().clone(),
                };
                k.finish();
                Some(known)
            })
            .collect(),
        source: t.text("source").unwrap_or_default(),
        place: t.place().clone(),
    };
    t.finish();
    d
}

fn care(r: &Reader<'_>) -> Care {
    let place = r.place_of("care");
    let Some(t) = r.table("care") else {
        r.problem("care", "is missing", "[care] with the definition of need that is to be used");
        return Care { definition: String::new(), shown: Vec::new(), health: "constant".to_owned(), place };
    };
    let definition = t.text("definition");
    let definition = t.required("definition", definition).unwrap_or_default();
    let kinds = ["constant", "dynamic_equilibrium", "full_shift"].map(|k| (k, k));
    let health = if t.get("health").is_some() { choice(&t, "health", &kinds) } else { None };
    let mut shown = t.texts("shown").unwrap_or_default();
    shown.retain(|d| *d != definition);
    shown.insert(0, definition.clone());
    let care =
        Care { definition, shown, health: health.unwrap_or("constant").to_owned(), place: t.place().clone() };
    t.finish();
    care
}

fn standard(name: String, r: Reader<'_>, problems: &RefCell<Vec<Problem>>) -> Option<Standard> {
    let months = match choice(&r, "period", &[("month", 12), ("year", 1)]) {
        Some(m) => m,
        None => {
            r.required::<()>("period", None);
            12
        }
    };
    let mut steps = Vec::new();
    match r.get("steps").map(|n| &n.value) {
        Some(Value::List(items)) => {
            for (i, item) in items.iter().enumerate() {
                let Some(s) = Reader::new(item, &format!("standard.{name}.steps[{}]", i + 1), problems)
                else {
                    continue;
                };
                let from = s.text("from");
                let from = s.required("from", from);
                let date = from.as_deref().and_then(month);
                if date.is_none() && s.get("from").is_some() {
                    s.problem("from", "not a month", "a year and month such as 2020-11");
                }
                let value = needed(&s, "value");
                let source = s.text("source").unwrap_or_default();
                if let Some(((year, month), value)) = date.zip(value) {
                    steps.push(StandardStep { year, month, value, source, place: s.place().clone() });
                }
                s.finish();
            }
        }
        _ => r.problem(
            "steps",
            "is missing or no list",
            "steps = [{ from = \"2020-01\", value = \"F164.value\" }]",
        ),
    }
    for pair in steps.windows(2) {
        if (pair[0].year, pair[0].month) >= (pair[1].year, pair[1].month) {
            r.problem("steps", "dates do not rise", "each step later than the one before");
        }
    }
    let s = Standard {
        label: label(&r, &name),
        unit: r.text("unit").unwrap_or_else(|| "元".to_owned()),
        months,
        steps,
        place: r.place().clone(),
        name,
    };
    r.finish();
    (!s.steps.is_empty()).then_some(s)
}

fn quantity(name: String, r: Reader<'_>) -> Option<Quantity> {
    let formula = needed(&r, "formula");
    let q = Quantity {
        label: label(&r, &name),
        unit: r.text("unit").unwrap_or_default(),
        note: r.text("note").unwrap_or_default(),
        place: r.place().clone(),
        formula: formula?,
        name,
    };
    r.finish();
    Some(q)
}

fn facility(name: String, r: Reader<'_>) -> Option<Facility> {
    let modes = [("stock", Use::Stock), ("used_up", Use::UsedUp), ("throughput", Use::Throughput)];
    let mode = if r.get("mode").is_some() { choice(&r, "mode", &modes) } else { Some(Use::Stock) };
    let demand = needed(&r, "demand");
    let stock = needed(&r, "stock");
    let projects = r.tables("projects").into_iter().filter_map(|(n, t)| project(n, t)).collect();
    let f = Facility {
        label: label(&r, &name),
        unit: r.text("unit").unwrap_or_default(),
        note: r.text("note").unwrap_or_default(),
        projects,
        place: r.place().clone(),
        mode: mode?,
        demand: demand?,
        stock: stock?,
        name,
    };
    r.finish();
    Some(f)
}

fn project(name: String, r: Reader<'_>) -> Option<Project> {
    let size = needed(&r, "size");
    let (start, finish) = (r.year("start"), r.year("finish"));
    let (start, finish) = (r.required("start", start), r.required("finish", finish));
    if let Some((s, f)) = start.zip(finish).filter(|(s, f)| s > f) {
        r.problem(
            "finish",
            format!("finishes in {f}, before its start in {s}"),
            "a year not before the start",
        );
    }
    let p = Project {
        label: label(&r, &name),
        ramp_years: not_negative(&r, "ramp_years", Decimal::ZERO),
        overrun: not_negative(&r, "overrun", Decimal::ZERO),
        cancel: share(&r, "cancel", Decimal::ZERO),
        source: r.text("source").unwrap_or_default(),
        place: r.place().clone(),
        size: size?,
        start: start?,
        finish: finish?,
        name,
    };
    r.finish();
    Some(p)
}

/// `None` where the line is broken, `Some(None)` where it is switched off.
fn budget_line(name: String, r: Reader<'_>) -> Option<Option<BudgetLine>> {
    let kind = choice(&r, "kind", &[("recurrent", LineKind::Recurrent), ("capital", LineKind::Capital)]);
    let kind = r.required("kind", kind);
    let (first, last) = (r.year("first"), r.year("last"));
    let amount = if r.get("standard").is_some() {
        let standard = r.text("standard");
        needed(&r, "quantity")
            .zip(standard)
            .map(|(quantity, standard)| Amount::Standard { quantity, standard })
    } else if r.get("total").is_some() {
        let (start, finish) = (r.year("start"), r.year("finish"));
        let (start, finish) = (r.required("start", start), r.required("finish", finish));
        if let Some((s, f)) = start.zip(finish).filter(|(s, f)| s > f) {
            r.problem(
                "finish",
                format!("finishes in {f}, before its start in {s}"),
                "a year not before the start",
            );
        }
        needed(&r, "total").zip(start.zip(finish)).map(|(total, (start, finish))| Amount::Spread {
            total,
            start,
            finish,
        })
    } else {
        needed(&r, "amount").map(Amount::Formula)
    };
    let mut shares = Vec::new();
    if let Some(t) = r.table("shares") {
        for level in ["central", "province", "prefecture", "county"] {
            if t.get(level).is_some() {
                shares.push((level.to_owned(), share(&t, level, Decimal::ZERO)));
            }
        }
        if shares.iter().map(|(_, s)| *s).sum::<Decimal>() != Decimal::ONE {
            r.problem(
                "shares",
                "do not add to 1",
                "shares of central, province, prefecture and county that add to 1",
            );
        }
        t.finish();
    }
    let enabled = r.boolean("enabled").unwrap_or(true);
    let line = BudgetLine {
        label: label(&r, &name),
        first,
        last,
        shares,
        note: r.text("note").unwrap_or_default(),
        place: r.place().clone(),
        kind: kind?,
        amount: amount?,
        name,
    };
    r.finish();
    Some(enabled.then_some(line))
}
