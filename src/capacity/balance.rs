//! Demand against supply: gap, chance of a shortage, the year in which places run out.

use ndarray::Array2;

use crate::error::{Error, Problem, Result};

/// How demand takes places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A place is held and given back: beds, day care. Demand and supply of the same day are compared.
    Stock,
    /// A place is used for good: plots, niches. Demand adds up over the years against all places built.
    UsedUp,
    /// Cases in a year against what can be handled in a year: cremators.
    Throughput,
}

impl Mode {
    /// `stock`, `used_up` or `throughput`.
    ///
    /// # Errors
    /// `Model` for another name.
    pub fn parse(name: &str) -> Result<Self> {
        match name {
            "stock" => Ok(Self::Stock),
            "used_up" => Ok(Self::UsedUp),
            "throughput" => Ok(Self::Throughput),
            other => Err(Error::model(
                Problem::new("unknown mode of capacity")
                    .value(other)
                    .expected("stock, used_up or throughput"),
            )),
        }
    }
}

/// Demand against supply, [draw, year].
#[derive(Debug, Clone, PartialEq)]
pub struct Balance {
    /// Demand as compared: with [`Mode::UsedUp`] added up from the first year.
    pub demand: Array2<f64>,
    pub supply: Array2<f64>,
    /// demand − supply; positive: places are missing.
    pub gap: Array2<f64>,
    /// Share of draws with a positive gap, by year.
    pub p_shortage: Vec<f64>,
    /// First year from which at least half of the draws are short in every year to the last.
    pub used_up_year: Option<i32>,
}

/// Sets demand against supply. Either may have one draw for all.
///
/// # Errors
/// `Data` for shapes that don't fit, and values that aren't finite or are negative.
pub fn balance(mode: Mode, years: &[i32], demand: Array2<f64>, supply: Array2<f64>) -> Result<Balance> {
    let draws = demand.nrows().max(supply.nrows());
    let mut problems = Vec::new();
    if demand.nrows().min(supply.nrows()) == 0 {
        problems.push(Problem::new("no draws").expected("at least one draw of demand and of supply"));
    }
    for (name, path) in [("demand", &demand), ("supply", &supply)] {
        let fits = (path.nrows() == draws || path.nrows() == 1) && path.ncols() == years.len();
        if !fits {
            problems.push(
                Problem::new("path does not fit")
                    .column(name)
                    .value(format!("{:?}", path.shape()))
                    .expected(format!("[{draws} draws or 1, {} years]", years.len())),
            );
        }
        if let Some(v) = path.iter().find(|v| !v.is_finite() || **v < 0.0) {
            problems.push(Problem::new("not a number of places").column(name).value(v).expected("0 or more"));
        }
    }
    if !problems.is_empty() {
        return Err(Error::Data(problems));
    }

    let row = |path: &Array2<f64>, draw: usize| if path.nrows() == 1 { 0 } else { draw };
    let shape = (draws, years.len());
    let mut compared = Array2::from_shape_fn(shape, |(d, t)| demand[[row(&demand, d), t]]);
    if mode == Mode::UsedUp {
        for mut path in compared.rows_mut() {
            let mut used = 0.0;
            for v in &mut path {
                used += *v;
                *v = used;
            }
        }
    }
    let supply = Array2::from_shape_fn(shape, |(d, t)| supply[[row(&supply, d), t]]);
    let gap = &compared - &supply;
    let p_shortage: Vec<f64> = gap
        .columns()
        .into_iter()
        .map(|c| c.iter().filter(|g| **g > 0.0).count() as f64 / draws as f64)
        .collect();
    // A shortage that a building under way will end is not the end of the places.
    let lasting = p_shortage.iter().rev().take_while(|p| **p >= 0.5).count();
    let used_up_year = if lasting == 0 { None } else { years.get(years.len() - lasting).copied() };
    Ok(Balance { demand: compared, supply, gap, p_shortage, used_up_year })
}
