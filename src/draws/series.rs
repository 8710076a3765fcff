//! A quantity by year: the exact central value beside its draws.
//!
//! The central value is a decimal, because amounts are decided by it and have to add to the fen;
//! the draws are floats, because they only measure how sure it is.

use ndarray::Array2;
use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};

/// Unknown (`None`) is not zero: it stays unknown through every operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// One value a year.
    pub central: Vec<Option<Decimal>>,
    /// `[draw, year]`; `None` where every draw equals the central value. NaN marks unknown years,
    /// which are those where `central` is unknown.
    pub draws: Option<Array2<f64>>,
}

impl Series {
    /// The same exact value in every year.
    pub fn constant(value: Decimal, years: usize) -> Self {
        Self { central: vec![Some(value); years], draws: None }
    }

    /// Exact by year.
    pub fn exact(central: Vec<Option<Decimal>>) -> Self {
        Self { central, draws: None }
    }

    /// Central values and draws of a model; central values are kept to a millionth.
    pub fn modelled(central: &[f64], draws: Array2<f64>) -> Self {
        let central = central.iter().map(|v| decimal(*v)).collect();
        Self { central, draws: Some(draws) }
    }

    /// As [`Series::modelled`] for persons and cases, whose central values are kept to a hundredth: a
    /// formula that prints them is then exact as it stands.
    pub fn counted(central: &[f64], draws: Array2<f64>) -> Self {
        let central = central.iter().map(|v| decimal(*v).map(|d| d.round_dp(2))).collect();
        Self { central, draws: Some(draws) }
    }

    pub fn years(&self) -> usize {
        self.central.len()
    }

    /// The value of a draw in a year.
    pub fn at(&self, draw: usize, year: usize) -> f64 {
        match &self.draws {
            Some(d) => d[[draw, year]],
            None => float(self.central[year]),
        }
    }

    /// Draws of one year; a single value where there is no spread.
    pub fn of_year(&self, year: usize) -> Vec<f64> {
        match &self.draws {
            Some(d) => d.column(year).to_vec(),
            None => vec![float(self.central[year])],
        }
    }

    /// Applies an operation to one series.
    #[must_use]
    pub fn map(&self, exact: impl Fn(Decimal) -> Option<Decimal>, float: impl Fn(f64) -> f64) -> Self {
        let central: Vec<Option<Decimal>> = self.central.iter().map(|v| v.and_then(&exact)).collect();
        let draws = self.draws.as_ref().map(|d| d.mapv(float));
        Self { central, draws }.settled()
    }

    /// Applies an operation to two series, draw by draw and year by year.
    #[must_use]
    pub fn zip(
        &self,
        other: &Self,
        exact: impl Fn(Decimal, Decimal) -> Option<Decimal>,
        op: impl Fn(f64, f64) -> f64,
    ) -> Self {
        let central = self
            .central
            .iter()
            .zip(&other.central)
            .map(|(a, b)| a.zip(*b).and_then(|(a, b)| exact(a, b)))
            .collect();
        let count = self.draws.as_ref().or(other.draws.as_ref()).map(Array2::dim);
        let draws = count.map(|dim| Array2::from_shape_fn(dim, |(d, y)| op(self.at(d, y), other.at(d, y))));
        Self { central, draws }.settled()
    }

    /// Changes years as a whole: `f` gets the values of one draw (or the central ones) by year.
    #[must_use]
    pub fn by_path(
        &self,
        exact: impl Fn(&[Option<Decimal>]) -> Vec<Option<Decimal>>,
        path: impl Fn(&[f64]) -> Vec<f64>,
    ) -> Self {
        let central = exact(&self.central);
        let draws = self.draws.as_ref().map(|d| {
            let mut out = Array2::zeros((d.nrows(), central.len()));
            for (row, mut target) in d.rows().into_iter().zip(out.rows_mut()) {
                for (t, v) in target.iter_mut().zip(path(&row.to_vec())) {
                    *t = v;
                }
            }
            out
        });
        Self { central, draws }.settled()
    }

    /// The sum of the years after the first, which counts as zero; unknown from the first unknown year on.
    #[must_use]
    pub fn cumulative(&self) -> Self {
        self.by_path(
            |c| {
                let mut sum = Some(Decimal::ZERO);
                let add = |v: &Option<Decimal>| {
                    sum = sum.zip(*v).and_then(|(s, v)| s.checked_add(v));
                    sum
                };
                std::iter::once(Some(Decimal::ZERO)).chain(c.iter().skip(1).map(add)).collect()
            },
            |d| {
                let mut sum = 0.0;
                let add = |v: &f64| {
                    sum += v;
                    sum
                };
                std::iter::once(0.0).chain(d.iter().skip(1).map(add)).collect()
            },
        )
    }

    /// Marks draws unknown where the central value is, and the reverse: one truth about what is known.
    fn settled(mut self) -> Self {
        if let Some(d) = &mut self.draws {
            for (y, central) in self.central.iter_mut().enumerate() {
                let mut column = d.column_mut(y);
                if central.is_none() || column.iter().any(|v| !v.is_finite()) {
                    *central = None;
                    column.fill(f64::NAN);
                }
            }
        }
        self
    }
}

/// A float as a decimal, to a millionth; unknown where it is not finite or too large.
pub fn decimal(value: f64) -> Option<Decimal> {
    Decimal::from_f64(value).map(|d| d.round_dp(6))
}

fn float(value: Option<Decimal>) -> f64 {
    value.and_then(|v| v.to_f64()).unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_stays_unknown() {
        let a = Series::exact(vec![None, Some(Decimal::ONE)]);
        let b = Series::modelled(&[2.0, 3.0], Array2::from_elem((4, 2), 2.5));
        let sum = a.zip(&b, Decimal::checked_add, |x, y| x + y);
        assert_eq!(sum.central, [None, Some(Decimal::from(4))]);
        let draws = sum.draws.unwrap();
        assert!(draws[[0, 0]].is_nan());
        assert!((draws[[3, 1]] - 3.5).abs() < 1e-12);
    }

    #[test]
    fn division_by_zero_is_unknown_in_every_draw() {
        let a = Series::constant(Decimal::ONE, 1);
        let b = Series::modelled(&[1.0], Array2::from_shape_vec((2, 1), vec![0.0, 1.0]).unwrap());
        let q = a.zip(&b, Decimal::checked_div, |x, y| x / y);
        assert_eq!(q.central, [None]);
    }
}
