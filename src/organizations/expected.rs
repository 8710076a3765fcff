//! Next year's inspection in numbers: exits, transitions and new registrations drawn from what the register has seen.
//!
//! Each draw takes the chances themselves from their posteriors (Beta for exits, Dirichlet for transitions, Gamma for the
//! number of new registrations) and then the numbers, so an interval covers both the thin record and chance.

use rand_distr::{Beta, Binomial, Distribution, Gamma, Poisson};

use super::dates;
use super::kinds::{Conclusion, Kind};
use super::register::Register;
use super::streak::{late, synthetic_mark};
use super::transitions::{Transitions, transition_counts};
use crate::draws::{Key, QUANTILE_NAMES, Stream, summarize};
use crate::error::{Error, Problem, Result};
use crate::tables::Table;

/// What is reported, in the order of the annual table.
const INDICATORS: [(&str, &str); 8] = [
    ("registered", "登记数"),
    ("obliged", "应检数"),
    ("inspected", "参检数"),
    ("qualified", "合格"),
    ("basically_qualified", "基本合格"),
    ("unqualified", "不合格"),
    ("absent", "未参检"),
    ("exempt", "免检"),
];

/// What the register says of one type.
struct Past {
    /// Standing at the end of the last year by its conclusion, without one last.
    standing: [u64; 6],
    /// Organization-years begun, and closings in them.
    begun: u64,
    closed: u64,
    /// Registrations after the first year, over how many years, and how many of them from July on.
    new: u64,
    years: u64,
    late: u64,
    transitions: Transitions,
}

fn past(register: &Register, kind: Kind, span: (i32, i32), months: u32) -> Past {
    let (first, last) = span;
    let counts = transition_counts(register)[kind as usize];
    let mut past = Past {
        standing: [0; 6],
        begun: 0,
        closed: 0,
        new: 0,
        years: (last - first).max(0) as u64,
        late: 0,
        transitions: Transitions::new(counts, None),
    };
    for (i, o) in register.organizations().iter().enumerate().filter(|(_, o)| o.kind == kind) {
        if register.stands(i, last) {
            past.standing[register.conclusion(i, last).map_or(5, |c| c as usize)] += 1;
        }
        let start = o.registered().map(dates::year_of).or_else(|| register.first_last(i).map(|y| y.0));
        let Some(start) = start else { continue };
        let end = o.closed().map_or(last, |d| dates::year_of(d).min(last));
        // Years that began with the organization in the register.
        past.begun += (end - (start + 1).max(first) + 1).max(0) as u64;
        let closing = o.closed().map(dates::year_of);
        past.closed += u64::from(closing.is_some_and(|y| y >= first && y <= last && y > start));
        if o.registered().is_some() && start > first && start <= last {
            past.new += 1;
            past.late += u64::from(late(register, i, start, months));
        }
    }
    past
}

fn failed(e: &dyn std::fmt::Display) -> Error {
    Error::model(Problem::new(e.to_string()))
}

fn binomial(n: u64, p: f64, stream: &mut Stream) -> Result<u64> {
    Ok(Binomial::new(n, p.clamp(0.0, 1.0)).map_err(|e| failed(&e))?.sample(stream))
}

fn beta(a: f64, b: f64, stream: &mut Stream) -> Result<f64> {
    Ok(Beta::new(a, b).map_err(|e| failed(&e))?.sample(stream))
}

fn gamma(shape: f64, scale: f64, stream: &mut Stream) -> Result<f64> {
    Ok(Gamma::new(shape, scale).map_err(|e| failed(&e))?.sample(stream))
}

/// Splits `n` by chances drawn from a Dirichlet distribution; parameters of 0 get nothing.
fn dirichlet_split(n: u64, parameters: &[f64; 5], stream: &mut Stream) -> Result<[u64; 5]> {
    let mut weights = [0.0; 5];
    for (w, a) in weights.iter_mut().zip(parameters) {
        if *a > 0.0 {
            *w = gamma(*a, 1.0, stream)?;
        }
    }
    let mut rest: f64 = weights.iter().sum();
    let mut left = n;
    let mut parts = [0; 5];
    for (part, w) in parts.iter_mut().zip(weights) {
        if left > 0 && rest > 0.0 && w > 0.0 {
            *part = binomial(left, w / rest, stream)?;
            left -= *part;
            rest -= w;
        }
    }
    // What rounding leaves goes to the likeliest.
    if left > 0
        && let Some(largest) = (0..5).max_by(|a, b| parameters[*a].total_cmp(&parameters[*b]))
    {
        parts[largest] += left;
    }
    Ok(parts)
}

/// One draw of next year: counts by conclusion of those who stand at its end.
fn draw(past: &Past, stream: &mut Stream) -> Result<[u64; 5]> {
    let exit = beta(past.closed as f64 + 0.5, past.begun.saturating_sub(past.closed) as f64 + 0.5, stream)?;
    let mut next = [0u64; 5];
    let margin = past.transitions.margin.map(|m| m * past.transitions.strength.max(1.0));
    for (state, n) in past.standing.iter().enumerate() {
        let stay = n - binomial(*n, exit, stream)?;
        let parameters = if state < 5 { past.transitions.posterior(state) } else { margin };
        let parts = dirichlet_split(stay, &parameters, stream)?;
        next.iter_mut().zip(parts).for_each(|(a, b)| *a += b);
    }
    if past.years > 0 {
        let rate = gamma(past.new as f64 + 0.5, 1.0 / past.years as f64, stream)?;
        let new: f64 = Poisson::new(rate.max(1e-12)).map_err(|e| failed(&e))?.sample(stream);
        let new = new as u64;
        let share = beta(past.late as f64 + 0.5, past.new.saturating_sub(past.late) as f64 + 0.5, stream)?;
        let exempt = binomial(new, share, stream)?;
        next[Conclusion::Exempt as usize] += exempt;
        let parts = dirichlet_split(new - exempt, &margin, stream)?;
        next.iter_mut().zip(parts).for_each(|(a, b)| *a += b);
    }
    Ok(next)
}

/// The table of next year's numbers: type, label, indicator, unit, mean, p2_5, p10, p50, p90, p97_5.
///
/// # Errors
/// `Error::Model` where `year` is not the one after the register's last, or nothing was seen from which to tell;
/// `Error::Interrupted`.
pub fn expected_table(
    register: &Register,
    year: i32,
    exempt_months: u32,
    draws: usize,
    seed: u64,
    step: &(dyn Fn(usize, usize) -> bool + Sync),
) -> Result<Table> {
    let span = register.span().ok_or_else(|| failed(&"the register has no conclusions"))?;
    if year != span.1 + 1 || span.0 == span.1 {
        let problem = Problem::new("can't tell from this register").column("next_year").value(year);
        let expected = format!("the year after its last ({}), from at least two years", span.1);
        return Err(Error::model(problem.expected(expected)));
    }
    if !(1..=1_000_000).contains(&draws) {
        return Err(Error::data(
            Problem::new("not a number of draws").column("draws").value(draws).expected("1 to 1000000"),
        ));
    }
    let kinds: Vec<Kind> =
        Kind::ALL.into_iter().filter(|k| register.organizations().iter().any(|o| o.kind == *k)).collect();
    let pasts: Vec<Past> = kinds.iter().map(|k| past(register, *k, span, exempt_months)).collect();
    // [type, then total][indicator][draw]
    let mut values = vec![vec![Vec::new(); INDICATORS.len()]; kinds.len() + 1];
    for d in 0..draws {
        if d % 256 == 0 && !step(d, draws) {
            return Err(Error::Interrupted);
        }
        let mut total = [0.0; INDICATORS.len()];
        for ((kind, past), of_type) in kinds.iter().zip(&pasts).zip(&mut values) {
            let mut stream = Key::new(seed, "inspection.expected", kind.name()).stream(d as u64);
            let next = draw(past, &mut stream)?;
            let registered: u64 = next.iter().sum();
            let exempt = next[Conclusion::Exempt as usize];
            let inspected = next[..3].iter().sum();
            let row =
                [registered, registered - exempt, inspected, next[0], next[1], next[2], next[3], exempt];
            for ((n, into), sum) in row.into_iter().zip(of_type).zip(&mut total) {
                into.push(n as f64);
                *sum += n as f64;
            }
        }
        if let Some(of_all) = values.last_mut() {
            of_all.iter_mut().zip(total).for_each(|(into, n)| into.push(n));
        }
    }
    let mut rows: Vec<(&str, &str, &str)> = Vec::new();
    let mut summaries = Vec::new();
    let names = kinds.iter().map(|k| k.name()).chain(["total"]);
    for (name, of_type) in names.zip(&mut values) {
        for ((indicator, label), draws) in INDICATORS.iter().zip(of_type) {
            rows.push((name, label, indicator));
            summaries.push(summarize(draws).ok_or_else(|| failed(&"no draws"))?);
        }
    }
    let mut builder = Table::builder(format!("{year}年度年检情况预计{}", synthetic_mark(register)))
        .note(format!(
            "依{}—{}年登记册推算：存续、结论变动、新登记各按其后验分布抽取；{draws}次，种子{seed}。",
            span.0, span.1
        ))
        .note("区间包含历史记录不多带来的不确定和偶然波动，不含规则或工作方式的改变。")
        .text("type", "类型", rows.iter().map(|r| r.0))
        .text("label", "指标名称", rows.iter().map(|r| r.1))
        .text("indicator", "指标", rows.iter().map(|r| r.2))
        .text("unit", "单位", rows.iter().map(|_| "个"))
        .float("mean", "均值", "个", summaries.iter().map(|s| s.mean));
    for (q, name) in QUANTILE_NAMES.iter().enumerate() {
        let label = ["2.5%分位", "10%分位", "中位数", "90%分位", "97.5%分位"][q];
        builder = builder.float(name, label, "个", summaries.iter().map(|s| s.quantiles[q]));
    }
    builder.build()
}
