//! Exact rationals, and the span of values that a printed number leaves open.

use num_rational::Ratio;
use num_traits::{CheckedAdd, CheckedDiv, CheckedMul, CheckedSub, Signed};
use rust_decimal::Decimal;

/// What decisions are made in: a ratio of two `i128`. Operations that could overflow are the
/// checked ones of `num-traits`; `None` then means "too large to be compared".
pub type Exact = Ratio<i128>;

/// A decimal as a rational, without loss.
pub fn from_decimal(d: Decimal) -> Exact {
    // scale() is at most 28, and 10^28 fits an i128
    Exact::new(d.mantissa(), 10_i128.pow(d.scale()))
}

/// A rational as a decimal with at most `places` places, rounded half away from zero.
/// `None` where it does not fit a decimal.
pub fn to_decimal(x: &Exact, places: u32) -> Option<Decimal> {
    let scaled = x.checked_mul(&Exact::from_integer(10_i128.checked_pow(places)?))?;
    let twice = scaled.abs().checked_mul(&Exact::from_integer(2))?.checked_add(&Exact::from_integer(1))?;
    let digits = twice.checked_div(&Exact::from_integer(2))?.floor().to_integer();
    let signed = if scaled.is_negative() { -digits } else { digits };
    Decimal::try_from_i128_with_scale(signed, places).ok().map(|d| d.normalize())
}

/// A rational as people print it: no trailing zeros, at most four places.
pub fn plain(x: &Exact) -> String {
    match to_decimal(x, 4) {
        Some(d) => d.to_string(),
        None => format!("{}/{}", x.numer(), x.denom()),
    }
}

/// The values that a printed number stands for: closed below, closed or open-ended above.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Span {
    pub lo: Exact,
    /// `None`: nothing bounds it above (余, 以上).
    pub hi: Option<Exact>,
}

impl Span {
    pub fn point(x: Exact) -> Self {
        Self { lo: x, hi: Some(x) }
    }

    pub fn is_point(&self) -> bool {
        self.hi == Some(self.lo)
    }

    pub fn contains(&self, x: &Exact) -> bool {
        *x >= self.lo && self.hi.is_none_or(|hi| *x <= hi)
    }

    /// Whether one value could be meant by both.
    pub fn meets(&self, other: &Span) -> bool {
        self.hi.is_none_or(|hi| hi >= other.lo) && other.hi.is_none_or(|hi| hi >= self.lo)
    }

    /// Sum of two spans; `None` on overflow.
    pub fn plus(&self, other: &Span) -> Option<Span> {
        let hi = match (self.hi, other.hi) {
            (Some(a), Some(b)) => Some(a.checked_add(&b)?),
            _ => None,
        };
        Some(Span { lo: self.lo.checked_add(&other.lo)?, hi })
    }

    /// Difference of two spans; unbounded ends give `None` as well as overflow does.
    pub fn minus(&self, other: &Span) -> Option<Span> {
        Some(Span { lo: self.lo.checked_sub(&other.hi?)?, hi: Some(self.hi?.checked_sub(&other.lo)?) })
    }

    /// Product of two spans of non-negative values; `None` on overflow.
    pub fn times(&self, other: &Span) -> Option<Span> {
        let hi = match (self.hi, other.hi) {
            (Some(a), Some(b)) => Some(a.checked_mul(&b)?),
            _ => None,
        };
        Some(Span { lo: self.lo.checked_mul(&other.lo)?, hi })
    }

    /// Quotient of two spans of positive values; `None` on overflow or division by zero.
    pub fn over(&self, other: &Span) -> Option<Span> {
        let lo = match other.hi {
            Some(hi) => self.lo.checked_div(&hi)?,
            None => Exact::from_integer(0),
        };
        let hi = match self.hi {
            Some(hi) => Some(hi.checked_div(&other.lo)?),
            None => None,
        };
        Some(Span { lo, hi })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> Exact {
        from_decimal(text.parse().unwrap())
    }

    #[test]
    fn decimals_go_there_and_back() {
        for text in ["4.4555", "0.1452", "-12", "17000.0", "0"] {
            let d: Decimal = text.parse().unwrap();
            assert_eq!(to_decimal(&from_decimal(d), 10), Some(d.normalize()));
        }
        assert_eq!(to_decimal(&Exact::new(2, 3), 2), "0.67".parse().ok());
        assert_eq!(to_decimal(&Exact::new(-1, 8), 2), "-0.13".parse().ok());
    }

    #[test]
    fn a_ceiling_in_rationals_is_right_where_floats_err() {
        let needed = exact("0.55") * Exact::from_integer(100);
        assert_eq!(needed.ceil().to_integer(), 55);
        assert_eq!((0.55_f64 * 100.0).ceil(), 56.0);
    }

    #[test]
    fn too_large_is_none_and_no_panic() {
        let big = Exact::from_integer(i128::MAX);
        assert_eq!(to_decimal(&big, 2), None);
        assert!(plain(&big).contains('/'));
        assert_eq!(Span::point(big).plus(&Span::point(big)), None);
    }
}
