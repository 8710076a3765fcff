//! Figures as they are printed: the value and how far the rounding may have moved it.

use crate::error::{Error, Problem, Result};

/// A figure with the half width of its printed precision: 4.5万 is 45,000 ± 500.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Printed {
    /// The figure in persons, or a share from 0 to 1.
    pub value: f64,
    /// Half of one unit of the last printed digit; 0 for an exact figure.
    pub half_width: f64,
}

impl Printed {
    /// A figure without rounding.
    pub fn exact(value: f64) -> Self {
        Self { value, half_width: 0.0 }
    }

    /// Smallest and largest value that print so.
    pub fn bounds(self) -> (f64, f64) {
        (self.value - self.half_width, self.value + self.half_width)
    }

    /// Reads a figure as a plan prints it: `4.5万`, `14.52%`, `309,917人`, `3.1亿`, `12‰`, `约4.5万`, `4.5万余`.
    ///
    /// Half a unit of the last digit is the half width; a whole number without 万 or 亿 is a count of
    /// persons and exact. 余, 多 and 以上 mean up to one unit more, 近 up to one unit less.
    ///
    /// # Errors
    /// `Error::Data` where the text is not one figure.
    pub fn parse(text: &str) -> Result<Self> {
        let fail = |message: &str| {
            Error::data(
                Problem::new(message)
                    .value(text)
                    .expected("a figure as printed, such as \"4.5万\", \"14.52%\" or \"309917\""),
            )
        };
        let plain: String =
            text.chars().map(half_width_char).filter(|c| !c.is_whitespace() && *c != ',').collect();
        let mut rest = plain.as_str();
        let mut shift = 0.0; // in units of the last digit: +0.5 for 余, -0.5 for 近
        for (prefix, by) in [("约", 0.0), ("大约", 0.0), ("近", -0.5), ("逾", 0.5), ("超过", 0.5)] {
            if let Some(r) = rest.strip_prefix(prefix) {
                (rest, shift) = (r, by);
                break;
            }
        }
        let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
        let (digits, mut tail) = rest.split_at(end);
        if digits.is_empty() {
            return Err(fail("not a figure"));
        }
        let number: f64 = digits.parse().map_err(|_| fail("not a figure"))?;
        let decimals = digits.split_once('.').map_or(0, |(_, d)| d.len());
        let mut scale: f64 = 1.0;
        let mut rounded = decimals > 0;
        loop {
            let before = tail;
            for more in ["余", "多", "以上"] {
                if let Some(r) = tail.strip_prefix(more) {
                    (tail, shift) = (r, 0.5);
                }
            }
            for (unit, by) in [
                ("万", 1e4),
                ("亿", 1e8),
                ("千", 1e3),
                ("百", 1e2),
                ("%", 1e-2),
                ("‰", 1e-3),
                ("人", 1.0),
                ("名", 1.0),
                ("口", 1.0),
            ] {
                if let Some(r) = tail.strip_prefix(unit) {
                    tail = r;
                    scale *= by;
                    rounded |= by != 1.0;
                }
            }
            if tail == before {
                break;
            }
        }
        if !tail.is_empty() {
            return Err(fail("not a figure: the words after the number are not known"));
        }
        let decimals = i32::try_from(decimals).map_err(|_| fail("too many digits"))?;
        // Dividing keeps 14.52 % at .1452 to the last bit; 0.0001 * 14.52 would not.
        let value = if scale < 1.0 { number / (1.0 / scale).round() } else { number * scale };
        let step = scale * 10f64.powi(-decimals);
        rounded |= shift != 0.0;
        let half_width = if rounded { step / 2.0 } else { 0.0 };
        if !value.is_finite() {
            return Err(fail("too large"));
        }
        Ok(Self { value: value + shift * step, half_width })
    }
}

/// Full-width digits and signs as their half-width forms.
fn half_width_char(c: char) -> char {
    match c {
        '０'..='９' | '．' | '％' | '，' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precision_is_half_the_last_printed_digit() {
        for (text, value, half) in [
            ("4.5万", 45_000.0, 500.0),
            ("14.52%", 0.1452, 0.000_05),
            ("14.52％", 0.1452, 0.000_05),
            ("31万人", 310_000.0, 5_000.0),
            ("309,917人", 309_917.0, 0.0),
            ("约４.５万人", 45_000.0, 500.0),
            ("0.1452", 0.1452, 0.000_05),
            ("4.5万余人", 45_500.0, 500.0),
            ("10余万人", 105_000.0, 5_000.0),
        ] {
            let p = Printed::parse(text).unwrap();
            assert!((p.value - value).abs() <= 1e-12 * value, "{text}: {p:?}");
            assert!((p.half_width - half).abs() <= 1e-12 * half.max(1e-9), "{text}: {p:?}");
        }
    }

    #[test]
    fn what_is_no_figure_is_refused_with_what_was_expected() {
        for text in ["", "万", "4.5.1万", "-3", "about 4", "4.5万元", "NaN", "inf"] {
            let e = Printed::parse(text).unwrap_err();
            assert!(e.to_string().contains("expected"), "{text}");
        }
    }
}
