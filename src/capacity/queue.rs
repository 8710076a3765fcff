//! Slack that small facilities need: Erlang's formulas (Erlang 1917), and what pooling saves.
//!
//! Offered load is arrivals a day × mean stay in days: the mean number of places in use if nobody
//! were turned away.

use crate::error::{Error, Problem, Result};

/// Most places that are searched for.
const MOST: u64 = 10_000_000;

/// Erlang B: chance that all `servers` places are taken when somebody comes and is then turned away.
/// By the recursion B(0) = 1, B(n) = a B(n−1) / (n + a B(n−1)).
///
/// # Errors
/// `Data` for a load that is negative or not a number, or more than ten million places.
pub fn erlang_b(servers: u64, offered: f64) -> Result<f64> {
    check(servers, offered)?;
    Ok(blocking().take(servers as usize).fold(1.0, |b, n| step(b, n, offered)))
}

/// Erlang C: chance of having to wait for a place, where everybody waits. 1 where the load is not below
/// the number of places, since the queue then grows without end.
///
/// # Errors
/// As [`erlang_b`].
pub fn erlang_c(servers: u64, offered: f64) -> Result<f64> {
    let b = erlang_b(servers, offered)?;
    Ok(waiting(b, servers, offered))
}

/// Fewest places with a chance of being turned away of at most `target`.
///
/// # Errors
/// `Data` for a target that isn't above 0 and at most 1; `Model` beyond ten million places.
pub fn beds_for_blocking(target: f64, offered: f64) -> Result<u64> {
    fewest(target, offered, |b, _| b)
}

/// Fewest places with a chance of having to wait of at most `target`.
///
/// # Errors
/// As [`beds_for_blocking`].
pub fn beds_for_waiting(target: f64, offered: f64) -> Result<u64> {
    fewest(target, offered, |b, n| waiting(b, n, offered))
}

/// The same places and load, apart and as one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pooling {
    /// Chance of being turned away at one of the separate facilities.
    pub blocked_apart: f64,
    /// Chance if all their places were one facility.
    pub blocked_pooled: f64,
    /// Places that the separate facilities need in all for `target`.
    pub needed_apart: u64,
    /// Places that one facility needs for `target`.
    pub needed_pooled: u64,
}

/// Compares `sites` facilities of `servers` places and a load of `offered` each with one of them all.
///
/// # Errors
/// As [`beds_for_blocking`], and for no site.
pub fn pooling(sites: u64, servers: u64, offered: f64, target: f64) -> Result<Pooling> {
    let too_large =
        || Error::data(Problem::new("number of sites").value(sites).expected("1 to ten million places"));
    if sites == 0 {
        return Err(too_large());
    }
    let load = offered * sites as f64;
    let apart = beds_for_blocking(target, offered)?;
    Ok(Pooling {
        blocked_apart: erlang_b(servers, offered)?,
        blocked_pooled: erlang_b(servers.checked_mul(sites).ok_or_else(too_large)?, load)?,
        needed_apart: apart.checked_mul(sites).ok_or_else(too_large)?,
        needed_pooled: beds_for_blocking(target, load)?,
    })
}

fn blocking() -> impl Iterator<Item = f64> {
    (1..=MOST).map(|n| n as f64)
}

fn step(b: f64, n: f64, offered: f64) -> f64 {
    let x = offered * b;
    x / (n + x)
}

fn waiting(b: f64, servers: u64, offered: f64) -> f64 {
    let n = servers as f64;
    if offered >= n && offered > 0.0 {
        1.0
    } else if offered == 0.0 {
        0.0
    } else {
        n * b / (n - offered * (1.0 - b))
    }
}

fn fewest(target: f64, offered: f64, chance: impl Fn(f64, u64) -> f64) -> Result<u64> {
    check(0, offered)?;
    if !(target > 0.0 && target <= 1.0) {
        return Err(Error::data(
            Problem::new("not a chance").column("target").value(target).expected("above 0, at most 1"),
        ));
    }
    let mut b = 1.0;
    if chance(b, 0) <= target {
        return Ok(0);
    }
    for (n, servers) in blocking().zip(1..) {
        b = step(b, n, offered);
        if chance(b, servers) <= target {
            return Ok(servers);
        }
    }
    Err(Error::model(Problem::new("more than ten million places").column("offered").value(offered)))
}

fn check(servers: u64, offered: f64) -> Result<()> {
    let mut problems = Vec::new();
    if !(offered.is_finite() && offered >= 0.0) {
        problems.push(
            Problem::new("not a load")
                .column("offered")
                .value(offered)
                .expected("mean places in use, 0 or more"),
        );
    }
    if servers > MOST {
        problems.push(
            Problem::new("too many places").column("servers").value(servers).expected("at most ten million"),
        );
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Data(problems)) }
}
