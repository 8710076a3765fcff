//! Exact numbers between Python and `money`.
//!
//! int, str, Decimal, Fraction, numpy scalar → exact ratio; a float is taken as the decimal that Python
//! prints for it. rust_decimal → decimal.Decimal by its text; a ratio → int or Fraction.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyFloat, PyString, PyType};
use rust_decimal::Decimal;

use crate::error::{Error, Problem};
use crate::money::{self, Exact};

/// An exact number of what Python has for numbers; `column` names the argument in an error.
pub fn exact_in(column: &str, value: &Bound<'_, PyAny>) -> PyResult<Exact> {
    let wrong = |text: &str| {
        let p = Problem::new("not a number").column(column).value(text);
        PyErr::from(Error::data(p.expected("an int, str, Decimal or Fraction such as 1350, '0.25' or '2/3'")))
    };
    if value.is_instance_of::<PyBool>() {
        return Err(wrong(&value.str()?.to_string_lossy()));
    }
    let parse = |text: &str| money::parse_exact(text).map_err(|_| wrong(text));
    if value.is_instance_of::<PyString>() {
        return parse(&value.str()?.to_string_lossy());
    }
    if value.is_instance_of::<PyFloat>() {
        // numpy.float64 is a float whose repr names its type; float's own repr is the shortest text.
        let text = value.py().get_type::<PyFloat>().call_method1("__repr__", (value,))?;
        return parse(&text.str()?.to_string_lossy());
    }
    // int, Fraction and numpy's integers; Decimal has no such attributes.
    if let (Ok(numer), Ok(denom)) = (value.getattr("numerator"), value.getattr("denominator")) {
        let text = format!("{}/{}", numer.str()?.to_string_lossy(), denom.str()?.to_string_lossy());
        return parse(&text);
    }
    let text = value.str()?;
    let text = text.to_string_lossy();
    let is_number = value.hasattr("__float__")? || value.hasattr("__index__")?;
    if is_number { parse(&text) } else { Err(wrong(&text)) }
}

/// A decimal amount; a ratio such as 1/3 that is none is refused.
pub fn decimal_in(column: &str, value: &Bound<'_, PyAny>) -> PyResult<Decimal> {
    let exact = exact_in(column, value)?;
    let rounded = money::round_ratio(&exact, 9)?.normalize();
    if money::ratio(rounded) != exact {
        let p = Problem::new("not a decimal amount").column(column).value(&exact);
        return Err(Error::data(p.expected("at most 9 decimals")).into());
    }
    Ok(rounded)
}

pub fn decimal_out(python: Python<'_>, value: Decimal) -> PyResult<Bound<'_, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    CLASS.import(python, "decimal", "Decimal")?.call1((value.to_string(),))
}

/// An int where the ratio is whole, else a Fraction.
pub fn exact_out<'py>(python: Python<'py>, value: &Exact) -> PyResult<Bound<'py, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let fraction = CLASS.import(python, "fractions", "Fraction")?.call1((value.to_string(),))?;
    if value.is_integer() { fraction.getattr("numerator") } else { Ok(fraction) }
}
