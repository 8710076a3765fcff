//! Assumptions: their central values and draws.
//!
//! Each draw turns one uniform number into a value by the quantile function, so that two scenarios
//! with different bounds stay comparable draw by draw, and an assumption that both share is the
//! same to the last bit.

use ndarray::Array2;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use statrs::distribution::{ContinuousCDF, Normal};

use super::eval::Evaluator;
use super::graph::{Node, Origin};
use super::text::plain;
use crate::draws::{Key, Series};
use crate::scenario::{Assumption, Distribution, Expr};

/// Quantile function of an assumption: a uniform number to a value.
type Quantile = Box<dyn Fn(f64) -> f64>;

pub fn node(run: &mut Evaluator<'_>, a: &Assumption) -> Node {
    let mut value = |e: &Expr| {
        let named = e.names().into_iter().find(|n| !(n.starts_with('F') || n.starts_with("rule.")));
        if let Some(n) = named.map(str::to_owned) {
            run.complain(format!("an assumption can't rest on {n}"), &a.place, "numbers, figures and rules");
            return None;
        }
        run.formula(e, &a.place).central.last().copied().flatten()
    };
    // (central, quantile function of a uniform number, how the spread is told)
    let (central, quantile, spread): (Option<Decimal>, Option<Quantile>, String) = match &a.distribution {
        Distribution::Fixed(e) => (value(e), None, "取定值".to_owned()),
        Distribution::Integers { low, high } => match value(low).zip(value(high)) {
            Some((l, h)) => {
                let (fl, fh) = (float(l).round(), float(h).round());
                let q = move |u: f64| (fl + (u * (fh - fl + 1.0)).floor()).min(fh);
                (
                    Some((l + h) / Decimal::TWO),
                    Some(Box::new(q)),
                    format!("{}至{}的整数，等可能", plain(l), plain(h)),
                )
            }
            None => (None, None, String::new()),
        },
        Distribution::Uniform { low, high } => match value(low).zip(value(high)) {
            Some((l, h)) => {
                let (fl, fh) = (float(l), float(h));
                let q = move |u: f64| fl + u * (fh - fl);
                (
                    Some((l + h) / Decimal::TWO),
                    Some(Box::new(q)),
                    format!("{}至{}均匀分布", plain(l), plain(h)),
                )
            }
            None => (None, None, String::new()),
        },
        Distribution::Triangular { low, central, high } => {
            match value(low).zip(value(central)).zip(value(high)) {
                Some(((l, c), h)) => {
                    let (fl, fc, fh) = (float(l), float(c), float(h));
                    let q = move |u: f64| triangular(fl, fc, fh, u);
                    let spread = format!("{}至{}三角分布，最可能为{}", plain(l), plain(h), plain(c));
                    (Some(c), Some(Box::new(q)), spread)
                }
                None => (None, None, String::new()),
            }
        }
        Distribution::Normal { central, sd } => match value(central).zip(value(sd)) {
            Some((c, s)) => {
                let (fc, fs) = (float(c), float(s));
                let q = move |u: f64| fc + fs * standard_normal(u);
                (Some(c), Some(Box::new(q)), format!("正态分布，标准差{}", plain(s)))
            }
            None => (None, None, String::new()),
        },
        Distribution::Lognormal { central, log_sd } => match value(central).zip(value(log_sd)) {
            Some((c, s)) => {
                let (fc, fs) = (float(c), float(s));
                let q = move |u: f64| fc * (fs * standard_normal(u)).exp();
                (
                    Some(c),
                    Some(Box::new(q)),
                    format!("对数正态分布，中位数{}，对数标准差{}", plain(c), plain(s)),
                )
            }
            None => (None, None, String::new()),
        },
    };
    let years = run.years.len();
    let series = match (central, quantile) {
        (Some(c), Some(q)) => {
            let key = Key::new(run.seed, &format!("assume.{}", a.name), run.region());
            let values: Vec<f64> = (0..run.draws as u64).map(|d| q(key.stream(d).uniform())).collect();
            let draws = Array2::from_shape_fn((run.draws, years), |(d, _)| values[d]);
            Series { central: vec![Some(c); years], draws: Some(draws) }
        }
        (Some(c), None) => Series::constant(c, years),
        (None, _) => Series::exact(vec![None; years]),
    };
    Node {
        path: format!("assume.{}", a.name),
        label: a.label.clone(),
        unit: a.unit.clone(),
        series,
        origin: Origin::Assumption {
            place: a.place.clone(),
            spread,
            source: a.source.clone(),
            note: a.note.clone(),
        },
    }
}

fn float(d: Decimal) -> f64 {
    d.to_f64().unwrap_or(f64::NAN)
}

/// Quantile of the standard normal.
pub fn standard_normal(u: f64) -> f64 {
    Normal::standard().inverse_cdf(u)
}

fn triangular(low: f64, mode: f64, high: f64, u: f64) -> f64 {
    let width = high - low;
    if width <= 0.0 {
        return mode;
    }
    let split = (mode - low) / width;
    if u < split {
        low + (u * width * (mode - low)).sqrt()
    } else {
        high - ((1.0 - u) * width * (high - mode)).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn triangular_quantiles() {
        // For low 0, mode 1, high 2 the distribution function is x²/2 up to 1.
        assert!((triangular(0.0, 1.0, 2.0, 0.125) - 0.5).abs() < 1e-12);
        assert!((triangular(0.0, 1.0, 2.0, 0.5) - 1.0).abs() < 1e-12);
        assert_eq!(triangular(3.0, 3.0, 3.0, 0.7), 3.0);
    }
}
