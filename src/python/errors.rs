//! `crate::error::Error` → the exception classes of `minsuan._errors`.

use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::error::{Error, Problem};

mod py {
    pyo3::import_exception!(minsuan._errors, CaseError);
    pyo3::import_exception!(minsuan._errors, DataError);
    pyo3::import_exception!(minsuan._errors, ModelError);
    pyo3::import_exception!(minsuan._errors, InternalError);
}

/// What an exception is built from: its text and the problems as a list of dicts.
struct Arguments(String, Vec<Problem>);

impl pyo3::PyErrArguments for Arguments {
    fn arguments(self, python: Python<'_>) -> Py<PyAny> {
        match problem_list(python, self.1)
            .and_then(|l| Ok((self.0, l).into_pyobject(python)?.into_any().unbind()))
        {
            Ok(arguments) => arguments,
            Err(error) => error.into_value(python).into_any(),
        }
    }
}

fn problem_list(python: Python<'_>, problems: Vec<Problem>) -> PyResult<Vec<Bound<'_, PyDict>>> {
    let to_dict = |p: Problem| {
        let d = PyDict::new(python);
        d.set_item("file", p.file)?;
        d.set_item("row", p.row)?;
        d.set_item("column", p.column)?;
        d.set_item("value", p.value)?;
        d.set_item("message", p.message)?;
        d.set_item("expected", p.expected)?;
        Ok(d)
    };
    problems.into_iter().map(to_dict).collect()
}

impl From<Error> for PyErr {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::Case(p) => py::CaseError::new_err(Arguments(text, p)),
            Error::Data(p) => py::DataError::new_err(Arguments(text, p)),
            Error::Model(p) => py::ModelError::new_err(Arguments(text, p)),
            Error::Interrupted => PyKeyboardInterrupt::new_err("interrupted"),
        }
    }
}

/// A panic that reached the border: a fault of minsuan, told as such and catchable.
pub fn internal(text: String) -> PyErr {
    py::InternalError::new_err(text)
}
