//! Survival of organizations by age: discrete-time hazards with late entry (Kaplan & Meier 1958; left truncation as in
//! Klein & Moeschberger 2003, section 4.6), intervals log(−log) of Greenwood's variance (Kalbfleisch & Prentice 1980).

use super::dates;
use super::kinds::Kind;
use super::register::{NO_DAY, Organization, Register};
use super::statistics::{check_level, normal_quantile};
use super::streak::synthetic_mark;
use crate::error::{Error, Problem, Result};
use crate::tables::Table;

/// What ends a life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ending {
    /// Revocation or deregistration.
    #[default]
    Closed,
    /// Revocation; a deregistration takes the organization out of observation.
    Revoked,
    /// Deregistration; a revocation takes the organization out of observation.
    Deregistered,
}

/// One step of a survival curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    pub time: f64,
    /// Entered at or before this time and not yet gone before it.
    pub at_risk: u64,
    pub events: u64,
    /// Chance of outliving this time.
    pub survival: f64,
    pub low: f64,
    pub high: f64,
}

/// The product-limit curve at every time at which somebody leaves, with late entry where `entries` are given.
///
/// Units of time are those of `durations`. Somebody who enters at a time is at risk at that time.
///
/// # Errors
/// `Error::Data` for lengths that differ, times that are not finite, or an entry after its end.
pub fn survival_curve(
    durations: &[f64],
    events: &[bool],
    entries: Option<&[f64]>,
    level: f64,
) -> Result<Vec<Step>> {
    check_level(level)?;
    let mut problems = Vec::new();
    if durations.len() != events.len() || entries.is_some_and(|e| e.len() != durations.len()) {
        problems.push(Problem::new("columns differ in length").value(format!(
            "{} durations, {} events, {} entries",
            durations.len(),
            events.len(),
            entries.map_or(0, <[f64]>::len)
        )));
        return Err(Error::Data(problems));
    }
    for (i, d) in durations.iter().enumerate() {
        let entry = entries.map_or(0.0, |e| e[i]);
        if !d.is_finite() || !entry.is_finite() || *d < 0.0 || entry < 0.0 || entry > *d {
            let problem = Problem::new("not a life").row(i + 1).value(format!("{entry} to {d}"));
            problems.push(problem.expected("an entry from 0 on, and an end at or after it"));
        }
    }
    if !problems.is_empty() {
        return Err(Error::Data(problems));
    }
    let mut order: Vec<usize> = (0..durations.len()).collect();
    order.sort_by(|a, b| durations[*a].total_cmp(&durations[*b]));
    let mut starts: Vec<f64> = entries.map_or_else(|| vec![0.0; durations.len()], <[f64]>::to_vec);
    starts.sort_by(f64::total_cmp);
    let z = normal_quantile(0.5 + level / 2.0)?;
    let mut curve = Curve::new(z);
    let (mut gone, mut entered, mut i) = (0, 0, 0);
    let mut steps = Vec::new();
    while i < order.len() {
        let time = durations[order[i]];
        while starts.get(entered).is_some_and(|s| *s <= time) {
            entered += 1;
        }
        let (at_risk, mut died, mut left) = (entered - gone, 0, 0);
        while let Some(j) = order.get(i).filter(|j| durations[**j] == time) {
            died += u64::from(events[*j]);
            left += 1;
            i += 1;
        }
        steps.push(curve.step(time, at_risk as u64, died));
        gone += left;
    }
    Ok(steps)
}

/// Survival and its variance, carried from step to step.
struct Curve {
    z: f64,
    survival: f64,
    greenwood: f64,
    last: (f64, f64),
}

impl Curve {
    fn new(z: f64) -> Self {
        Self { z, survival: 1.0, greenwood: 0.0, last: (1.0, 1.0) }
    }

    fn step(&mut self, time: f64, at_risk: u64, events: u64) -> Step {
        let (n, d) = (at_risk as f64, events as f64);
        if events > 0 {
            self.survival *= 1.0 - d / n;
            self.greenwood += d / (n * (n - d));
        }
        if events > 0 && self.survival > 0.0 {
            let log = self.survival.ln();
            let half = self.z * self.greenwood.sqrt() / log;
            let bound = |h: f64| (-((-log).ln() + h).exp()).exp();
            self.last = (bound(-half), bound(half));
        } else if self.survival <= 0.0 {
            // Nobody is left: the last upper bound stands.
            self.last.0 = 0.0;
        }
        Step { time, at_risk, events, survival: self.survival, low: self.last.0, high: self.last.1 }
    }
}

/// A life in years: entry, end, whether it ended in an event.
///
/// Ages are differences of calendar years. Who was registered before the register begins enters late, at the age it had
/// in the register's first year; who still stands at the end of its last year is censored there.
fn life(o: &Organization, span: (i32, i32), ending: Ending) -> Option<(i32, i32, bool)> {
    let (first, last) = span;
    let registered = dates::year_of(o.registered()?);
    let closed = o.closed().map(dates::year_of);
    // Closed on an unknown day: how long it lived cannot be told.
    if o.undated && closed.is_none() {
        return None;
    }
    if registered > last || closed.is_some_and(|c| c < first || c < registered) {
        return None;
    }
    let entry = (first.max(i32::from(o.since)) - registered).max(0);
    let last = last.min(i32::from(o.until));
    let counts = match ending {
        Ending::Closed => true,
        Ending::Revoked => o.revoked != NO_DAY && o.closed() == Some(o.revoked),
        Ending::Deregistered => o.deregistered != NO_DAY && o.closed() == Some(o.deregistered),
    };
    match closed {
        Some(year) if year <= last => Some((entry, year - registered, counts)),
        _ => Some((entry, last - registered, false)),
    }
}

/// The table of survival: type, age_years, at_risk, events, survival, low, high; one row an age with somebody at risk.
///
/// # Errors
/// `Error::Model` where no organization has a date of registration.
pub fn survival_table(register: &Register, ending: Ending, level: f64) -> Result<Table> {
    check_level(level)?;
    let nothing = || {
        Error::model(
            Problem::new("no lives to be followed")
                .expected("a register with dates of registration and conclusions"),
        )
    };
    let span = register.span().ok_or_else(nothing)?;
    let z = normal_quantile(0.5 + level / 2.0)?;
    let mut rows: Vec<(&str, i64, Step)> = Vec::new();
    let mut without_date = 0;
    let groups = Kind::ALL.into_iter().map(|k| (k.name(), Some(k))).chain([("total", None)]);
    for (name, kind) in groups {
        // Ages up to 250 years at the most: dates are from 1900 to 2199, and years of records likewise.
        let mut entered = [0u64; 512];
        let mut gone = [0u64; 512];
        let mut died = [0u64; 512];
        let mut any = false;
        for o in register.organizations().iter().filter(|o| kind.is_none_or(|k| o.kind == k)) {
            let undated = o.undated && o.closed().is_none();
            without_date += usize::from(kind.is_none() && (o.registered().is_none() || undated));
            let Some((entry, end, event)) = life(o, span, ending) else { continue };
            let (Ok(entry), Ok(end)) = (usize::try_from(entry), usize::try_from(end)) else { continue };
            if end >= 512 || entry > end {
                continue;
            }
            entered[entry] += 1;
            gone[end] += 1;
            died[end] += u64::from(event);
            any = true;
        }
        if !any {
            continue;
        }
        let mut curve = Curve::new(z);
        let mut at_risk = 0;
        for age in 0..512 {
            at_risk += entered[age];
            if at_risk > 0 {
                rows.push((name, age as i64, curve.step(age as f64, at_risk, died[age])));
            }
            at_risk -= gone[age];
        }
    }
    if rows.is_empty() {
        return Err(nothing());
    }
    let what = match ending {
        Ending::Closed => "注销或撤销",
        Ending::Revoked => "撤销（注销作删失）",
        Ending::Deregistered => "注销（撤销作删失）",
    };
    let mut builder = Table::builder(format!("社会组织存续情况{}", synthetic_mark(register)))
        .note(format!("终点为{what}；年龄为与登记年份之差；登记早于{}年的自该年起观察（延迟进入）。", span.0))
        .note(format!("存续率为离散时间乘积限估计，区间为{}%的对数负对数区间。", level * 100.0));
    if without_date > 0 {
        builder = builder.note(format!("{without_date}个组织无登记日期，或已终止而日期不明，未列入。"));
    }
    builder
        .text("type", "类型", rows.iter().map(|r| r.0))
        .int("age_years", "年龄", "年", rows.iter().map(|r| r.1))
        .int("at_risk", "在观察数", "个", rows.iter().map(|r| r.2.at_risk as i64))
        .int("events", "终止数", "个", rows.iter().map(|r| r.2.events as i64))
        .float("survival", "存续率", "", rows.iter().map(|r| r.2.survival))
        .float("low", "下限", "", rows.iter().map(|r| r.2.low))
        .float("high", "上限", "", rows.iter().map(|r| r.2.high))
        .build()
}
