//! One figure of a plan.

use std::fmt;

use num_traits::{CheckedAdd, CheckedMul, CheckedSub};
use rust_decimal::Decimal;

use super::{Exact, Span, TimeRef, Unit, from_decimal, words};

/// What is printed: a number, or a date such as `2021-11`, `05-12`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Number(Decimal),
    Date(String),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(d) => d.fmt(f),
            Self::Date(d) => d.fmt(f),
        }
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($variant),+ }
        impl $name {
            /// Every word that a file may use, in order.
            pub const WORDS: &'static [&'static str] = &[$($word),+];
            /// The word of a file; `None` where there is no such word.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

words! {
    /// How a printed value binds.
    Bound { Exact = "exact", AtLeast = "at_least", AtMost = "at_most", Range = "range" }
}

words! {
    /// What kind of statement a figure is.
    Nature {
        Actual = "actual", Standard = "standard", Target = "target", Plan = "plan", Rule = "rule",
        Rate = "rate", Ordinal = "ordinal", Date = "date", DerivedCount = "derived_count",
        Idiom = "idiom", Id = "id",
    }
}

/// A figure with its unit, time, precision and words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    pub id: String,
    /// Line in figures.csv, counted from 1 (the header).
    pub row: usize,
    /// Line in the plan.
    pub line: u32,
    pub section: String,
    pub subject: String,
    pub metric: String,
    /// As printed, in `unit`.
    pub value: Value,
    /// Upper end of a range, in `unit`.
    pub value_hi: Option<Decimal>,
    pub bound: Bound,
    pub unit: String,
    /// The value in base units; a monthly standard is carried by the year.
    pub value_base: Option<Decimal>,
    pub base_unit: String,
    pub time_ref: String,
    pub time_type: String,
    pub time: TimeRef,
    pub nature: Nature,
    /// The words of the plan, blanks removed.
    pub phrase: String,
    /// What follows from the fields above: units are parsed once, not at every comparison.
    pub(super) derived: Derived,
}

/// Units, base value and span of a figure, computed when its row is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Derived {
    base_unit: Unit,
    kind: String,
    factor: Exact,
    base: Option<Exact>,
    half_place: Exact,
    span: Option<Span>,
    approximate: bool,
}

/// The fields of a figure that its derived values come from.
pub(super) struct Printed<'a> {
    pub value: &'a Value,
    pub value_hi: Option<Decimal>,
    pub bound: Bound,
    pub unit: &'a str,
    pub value_base: Option<Decimal>,
    pub base_unit: &'a str,
    pub phrase: &'a str,
}

impl Derived {
    pub fn new(printed: &Printed<'_>) -> Self {
        let unit = Unit::parse(printed.unit);
        let base_unit =
            if printed.base_unit.is_empty() { unit.base() } else { Unit::parse(printed.base_unit) };
        let number = match printed.value {
            Value::Number(d) => Some(*d),
            Value::Date(_) => None,
        };
        // 200亩 printed as 133,333.33 ㎡ is 200 × 2000/3, not what the rounding leaves of it
        let rounded = printed.value_base.zip(number).is_some_and(|(base, value)| {
            let exact = from_decimal(value).checked_mul(&unit.factor());
            unit.of() == base_unit.of()
                && base_unit.factor() == Exact::from_integer(1)
                && exact.is_some_and(|e| e != from_decimal(base) && is_rounding(base, &e))
        });
        let value_base = printed.value_base.filter(|_| !rounded);
        let factor = match (value_base, number) {
            (Some(base), Some(value)) if !value.is_zero() => from_decimal(base) / from_decimal(value),
            _ => unit.factor(),
        };
        let base = match value_base {
            Some(base) => Some(from_decimal(base)),
            None => number.and_then(|n| from_decimal(n).checked_mul(&unit.factor())),
        }
        .and_then(within);
        let zero = Exact::from_integer(0);
        let half_place = match number {
            Some(n) if n.scale() > 0 || unit.is_scaled() => {
                Exact::new(1, 2 * 10_i128.pow(n.scale())).checked_mul(&factor).unwrap_or(zero)
            }
            _ => zero,
        };
        let hi = printed.value_hi.and_then(|hi| from_decimal(hi).checked_mul(&factor)).and_then(within);
        let span = base.and_then(|base| {
            Some(match printed.bound {
                Bound::Exact => {
                    Span { lo: base.checked_sub(&half_place)?, hi: Some(base.checked_add(&half_place)?) }
                }
                Bound::AtLeast => Span { lo: base, hi: None },
                Bound::AtMost => Span { lo: zero, hi: Some(base) },
                Bound::Range => Span { lo: base, hi: Some(hi.unwrap_or(base)) },
            })
        });
        let kind = base_unit.kind();
        let approximate = number.is_some_and(|n| words::approximate(printed.phrase, n));
        Self { base_unit, kind, factor, base, half_place, span, approximate }
    }
}

impl Figure {
    /// The printed number; `None` for a date.
    pub fn number(&self) -> Option<Decimal> {
        match &self.value {
            Value::Number(d) => Some(*d),
            Value::Date(_) => None,
        }
    }

    /// The value in base units: `value_base`, or the value carried over by its unit.
    /// `None` for a date, and for what is too large to be computed with (10¹⁵).
    pub fn base(&self) -> Option<Exact> {
        self.derived.base
    }

    /// Base units per printed unit: 10,000 for 万元, 12 for a monthly standard carried by the year.
    pub fn factor(&self) -> Exact {
        self.derived.factor
    }

    /// The unit of [`Figure::base`].
    pub fn base_unit(&self) -> &Unit {
        &self.derived.base_unit
    }

    /// A key that two figures share where and only where their base units may be added.
    pub fn kind(&self) -> &str {
        &self.derived.kind
    }

    /// Half of the last printed place, in base units; zero where a plain count or an amount in
    /// single yuan is printed, which nobody rounds (49 名 is 49, 4.5万 is 44,500 to 45,500).
    pub fn half_place(&self) -> Exact {
        self.derived.half_place
    }

    /// Whether its words say that it is only about as much: 约, 近, 左右. Its precision is then not
    /// that of the printed places, and [`Figure::span`] says nothing of it.
    pub fn approximate(&self) -> bool {
        self.derived.approximate
    }

    /// The values that the printed words leave open, in base units. `at_least` has no upper end.
    pub fn span(&self) -> Option<Span> {
        self.derived.span.clone()
    }

    /// The upper end of a range in base units.
    pub fn base_hi(&self) -> Option<Exact> {
        within(from_decimal(self.value_hi?).checked_mul(&self.factor())?)
    }

    /// Whether the figure is an amount of money (元, not 元 per anything).
    pub fn is_money(&self) -> bool {
        self.base_unit().is_money()
    }

    /// As it is printed, for sentences: 4.455亿元, 15～20个, 80%以上.
    pub fn printed(&self) -> String {
        let unit = match self.unit.as_str() {
            "年" if self.number().is_some_and(|n| n.scale() == 0) => "年",
            unit => unit.trim_end_matches("(sic)"),
        };
        let value = match &self.value {
            Value::Number(n) => n.normalize().to_string(),
            Value::Date(d) => d.clone(),
        };
        match (self.bound, self.value_hi) {
            (Bound::Range, Some(hi)) => format!("{value}～{}{unit}", hi.normalize()),
            (Bound::AtLeast, _) if unit == "%" => format!("{value}%以上"),
            (Bound::AtLeast, _) => format!("{value}{unit}以上"),
            (Bound::AtMost, _) => format!("{value}{unit}以下"),
            _ => format!("{value}{unit}"),
        }
    }
}

/// Whether a decimal is a value without end (133,333.33…), rounded at its last place.
pub(super) fn is_rounding(printed: Decimal, exact: &Exact) -> bool {
    let endless = super::to_decimal(exact, 12).is_none_or(|d| from_decimal(d) != *exact);
    endless && super::to_decimal(exact, printed.scale()).is_some_and(|d| d == printed)
}

fn within(x: Exact) -> Option<Exact> {
    let largest = Exact::from_integer(1_000_000_000_000_000);
    (x < largest && x > -largest).then_some(x)
}
