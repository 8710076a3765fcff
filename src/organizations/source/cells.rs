//! One column of a chunk, whatever Arrow type it came in.

use std::borrow::Cow;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, Date32Array, Float64Array, Int64Array, StringArray, StringViewArray};
use arrow_schema::DataType;

use super::super::dates::{self, Reading};
use crate::error::{Error, Problem, Result};

/// A column as text, views of text, whole numbers, numbers or days.
#[derive(Debug, Clone)]
pub enum Cells {
    Text(StringArray),
    View(StringViewArray),
    Int(Int64Array),
    Float(Float64Array),
    Day(Date32Array),
}

impl Cells {
    /// Takes an Arrow array; dictionaries and large strings become views, times become days.
    ///
    /// # Errors
    /// `Error::Data` for types that hold no cell (lists, structs, binary).
    pub fn from_arrow(array: &ArrayRef, header: &str) -> Result<Self> {
        use DataType as T;
        let cast = |to: &T| {
            arrow_cast::cast(array, to).map_err(|_| {
                Error::data(
                    Problem::new("a column of a type that holds no register cell")
                        .column(header)
                        .value(array.data_type())
                        .expected("text, numbers or dates"),
                )
            })
        };
        Ok(match array.data_type() {
            T::Utf8 => Self::Text(array.as_string::<i32>().clone()),
            T::Utf8View => Self::View(array.as_string_view().clone()),
            T::LargeUtf8 | T::Null | T::Boolean => Self::View(cast(&T::Utf8View)?.as_string_view().clone()),
            T::Dictionary(_, value) if matches!(**value, T::Utf8 | T::LargeUtf8 | T::Utf8View) => {
                Self::View(cast(&T::Utf8View)?.as_string_view().clone())
            }
            T::Int8 | T::Int16 | T::Int32 | T::Int64 | T::UInt8 | T::UInt16 | T::UInt32 | T::UInt64 => {
                Self::Int(cast(&T::Int64)?.as_primitive::<Int64Type>().clone())
            }
            T::Float16 | T::Float32 | T::Float64 | T::Decimal128(..) => {
                Self::Float(cast(&T::Float64)?.as_primitive::<Float64Type>().clone())
            }
            T::Date32 | T::Date64 | T::Timestamp(..) => {
                Self::Day(cast(&T::Date32)?.as_primitive::<Date32Type>().clone())
            }
            _ => Self::View(cast(&T::Utf8View)?.as_string_view().clone()),
        })
    }

    /// The cell as it would be typed; `None` where it is null.
    pub fn text(&self, i: usize) -> Option<Cow<'_, str>> {
        Some(match self {
            Self::Text(a) => Cow::Borrowed(if a.is_valid(i) { a.value(i) } else { return None }),
            Self::View(a) => Cow::Borrowed(if a.is_valid(i) { a.value(i) } else { return None }),
            Self::Int(a) if a.is_valid(i) => Cow::Owned(a.value(i).to_string()),
            Self::Float(a) if a.is_valid(i) && !a.value(i).is_nan() => Cow::Owned(number(a.value(i))),
            Self::Day(a) if a.is_valid(i) => {
                Cow::Owned(dates::date(a.value(i)).map_or_else(|| a.value(i).to_string(), |d| d.to_string()))
            }
            _ => return None,
        })
    }

    /// The cell as a day.
    pub fn day(&self, i: usize) -> Reading {
        match self {
            Self::Day(a) if a.is_valid(i) => match dates::date(a.value(i)) {
                Some(_) if (-25_567..84_006).contains(&a.value(i)) => Reading::Day(a.value(i)),
                _ => Reading::Impossible,
            },
            _ => self.text(i).map_or(Reading::Nothing, |text| dates::parse(&text)),
        }
    }

    /// The cell as a year, or the text that is none.
    pub fn year(&self, i: usize) -> std::result::Result<i16, Cow<'_, str>> {
        if let Self::Int(a) = self
            && a.is_valid(i)
            && (1900..2200).contains(&a.value(i))
        {
            return Ok(a.value(i) as i16);
        }
        let text = self.text(i).unwrap_or_default();
        match dates::parse_year(&text) {
            Some(year) => Ok(year as i16),
            None => Err(text),
        }
    }
}

/// A number as a sheet would show it; from 10¹⁵ on in exponents, because its last digits are no longer right.
pub fn number(value: f64) -> String {
    if value.abs() >= 1e15 { format!("{value:E}") } else { format!("{value}") }
}
