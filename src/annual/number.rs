//! Numbers as forms print them: decimals with the precision they were printed in, never floats.

use rust_decimal::Decimal;

use crate::error::{Error, Problem, Result};
use crate::money::round_half_away;
use crate::organizations::text;

/// Places after the point beyond which no figure is kept.
const PLACES: u32 = 12;

/// A printed number: its value and the places it was printed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Printed {
    pub value: Decimal,
    /// Unit of the last place: 0.1 for 12.3, 1 for 12.
    pub unit: Decimal,
}

impl Printed {
    /// Reads `12,345.6`, `１２３`, `15.3%`; `None` for blanks, dashes and dots, which say nothing.
    ///
    /// # Errors
    /// `Error::Data` where the text is no number.
    pub fn parse(text: &str) -> Result<Option<Self>> {
        let clean = text::clean(text);
        if text::is_nothing(&clean) || matches!(&*clean, "一" | "……") {
            return Ok(None);
        }
        let bare: String = clean.chars().filter(|c| !matches!(c, ',' | '，' | ' ' | '*')).collect();
        let bare = bare.trim_end_matches(['%', '‰', '％']);
        let value = bare.parse::<Decimal>().or_else(|_| Decimal::from_scientific(bare)).map_err(|_| {
            Error::data(
                Problem::new("not a number")
                    .value(text)
                    .expected("a number as 12,345.6, or blank where unknown"),
            )
        })?;
        // A computed figure has more places than any form prints.
        let value = if value.scale() > PLACES { round_half_away(value, PLACES) } else { value };
        let unit = Decimal::try_new(1, value.scale())
            .map_err(|e| Error::data(Problem::new(e.to_string()).value(text)))?;
        if value.abs() > Decimal::from(1_000_000_000_000_000_i64) {
            let problem = Problem::new("a number beyond any form").value(text);
            return Err(Error::data(problem.expected("at most 15 digits before the point")));
        }
        Ok(Some(Self { value, unit }))
    }

    /// Half of the last place: how far the true value may lie from the printed one.
    pub fn half(&self) -> Decimal {
        self.unit / Decimal::TWO
    }
}

/// How far a total of `n` printed parts may lie from their sum: (n + 1) halves of the coarsest last place.
pub fn tolerance(parts: usize, unit: Decimal) -> Decimal {
    Decimal::from(parts as u64 + 1) * unit / Decimal::TWO
}

/// How far a total may lie from its parts where all are figures in a unit: nothing for things that are counted one by one
/// and printed whole, else as [`tolerance`].
pub fn allowed(total: Printed, parts: &[Printed], unit: &str) -> Decimal {
    let whole = |p: &Printed| p.unit == Decimal::ONE;
    if is_counted(unit) && whole(&total) && parts.iter().all(whole) {
        return Decimal::ZERO;
    }
    let coarsest = parts.iter().map(|p| p.unit).chain([total.unit]).max().unwrap_or(total.unit);
    tolerance(parts.len(), coarsest)
}

/// Whether a unit counts things one by one (个, 人, 户), neither in thousands nor in measures.
pub fn is_counted(unit: &str) -> bool {
    const COUNTED: [&str; 27] = [
        "个", "人", "户", "张", "床", "所", "处", "座", "件", "对", "名", "家", "项", "起", "辆", "例", "具",
        "穴", "套", "次", "位", "台", "人次", "户次", "人数", "户数", "张床",
    ];
    COUNTED.contains(&unit.trim())
}

/// A decimal as a float, for tables.
pub fn float(value: Decimal) -> f64 {
    value.to_string().parse().unwrap_or(f64::NAN)
}

/// Rounded half away from zero, with exactly so many places.
pub fn fixed(value: Decimal, places: u32) -> String {
    let rounded = round_half_away(value, places);
    format!("{rounded:.*}", places as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_numbers_keep_their_precision() {
        let p = |t| Printed::parse(t).unwrap();
        assert_eq!(p("１２，３４５.6").unwrap().value.to_string(), "12345.6");
        assert_eq!(p("15.30%").unwrap().unit.to_string(), "0.01");
        assert_eq!(p("320").unwrap().half().normalize().to_string(), "0.5");
        for nothing in ["", "—", "…", "一"] {
            assert_eq!(p(nothing), None);
        }
        assert_eq!(p("14.520057524782619").unwrap().value.to_string(), "14.520057524783");
        assert_eq!(p("0.3333333333333333").unwrap().unit, Decimal::new(1, 12));
        assert!(Printed::parse("约三百").is_err());
        assert!(Printed::parse("1e999").is_err());
        assert_eq!(fixed(Decimal::new(25, 2), 1), "0.3");
    }
}
