//! Binding of `organizations`.

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::{RecordBatchIterator, RecordBatchReader};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use super::arguments::one_of;
use super::run::PyCase;
use super::table::{PyTable, table_like};
use super::worker;
use crate::error::{Error, Problem};
use crate::organizations::{
    self as org, Absent, Closed, Conflict, Effect, Ending, Identity, Interval, Options, Register, Rules,
    Treatment,
};

/// A register that has been read, with the rules that apply to it.
#[pyclass(frozen, name = "Register", module = "minsuan._core")]
pub struct PyRegister {
    pub register: Arc<Register>,
    pub rules: Arc<Rules>,
}

fn interval(word: &str) -> PyResult<Interval> {
    one_of(
        "interval",
        word,
        &[
            ("wilson", Interval::Wilson),
            ("jeffreys", Interval::Jeffreys),
            ("clopper-pearson", Interval::ClopperPearson),
        ],
    )
}

fn effect(argument: &str, word: &str) -> PyResult<Effect> {
    one_of(argument, word, &[("counts", Effect::Counts), ("pauses", Effect::Pauses), ("ends", Effect::Ends)])
}

/// Rules by the name of a shipped set, or from a file.
fn rules_of(rules: Option<&str>, set: Option<&str>) -> PyResult<Rules> {
    let name = rules.unwrap_or(org::DEFAULT_SET);
    if !std::path::Path::new(name).extension().is_some_and(|e| e.eq_ignore_ascii_case("toml")) {
        if let Some(set) = set.filter(|s| *s != name) {
            let problem = Problem::new("a set of a shipped name").column("rule_set").value(set);
            return Err(Error::data(
                problem.expected(format!("nothing beside rules={name:?}, or a .toml file")),
            )
            .into());
        }
        return Ok(Rules::shipped(name)?);
    }
    let text = std::fs::read_to_string(name)
        .map_err(|e| Error::case(Problem::new(format!("cannot be read: {e}")).file(name)))?;
    Ok(Rules::parse(&text, set, name)?)
}

#[pymethods]
impl PyRegister {
    /// Pickles as what it holds in memory: the source is neither kept nor read again.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        let this = slf.get();
        let bytes = slf.py().detach(|| org::to_bytes(&this.register, &this.rules))?;
        Ok((slf.get_type().getattr("_from_bytes")?, (PyBytes::new(slf.py(), &bytes),)))
    }
    #[staticmethod]
    fn _from_bytes(python: Python<'_>, data: &[u8]) -> PyResult<Self> {
        let (register, rules) = python.detach(|| org::from_bytes(data))?;
        Ok(Self { register: Arc::new(register), rules: Arc::new(rules) })
    }
    /// Number of organizations.
    fn __len__(&self) -> usize {
        self.register.len()
    }
    /// Number of conclusions.
    #[getter]
    fn records(&self) -> usize {
        self.register.records()
    }
    /// Rows of the source.
    #[getter]
    fn rows(&self) -> u64 {
        self.register.rows()
    }
    /// First and last year with a conclusion; None where there is none.
    #[getter]
    fn years(&self) -> Option<(i32, i32)> {
        self.register.span()
    }
    #[getter]
    fn synthetic(&self) -> bool {
        self.register.is_synthetic()
    }
    #[getter]
    fn file(&self) -> Option<String> {
        self.register.file().map(str::to_owned)
    }
    #[getter]
    fn rules(&self) -> String {
        self.rules.id.clone()
    }
    #[getter]
    fn ignored_columns(&self) -> Vec<String> {
        self.register.ignored_columns().to_vec()
    }
    #[getter]
    fn problems(&self) -> PyResult<PyTable> {
        Ok(PyTable(self.register.problems().table(self.register.file(), self.register.ignored_columns())?))
    }
    fn organizations(&self, python: Python<'_>) -> PyResult<PyTable> {
        Ok(PyTable(worker::run(python, None, |_| org::organizations_table(&self.register))?))
    }
    fn renames(&self) -> PyResult<PyTable> {
        Ok(PyTable(org::renames_table(&self.register)?))
    }
    #[pyo3(signature = (year, *, interval="wilson", level=0.95))]
    fn annual_table(&self, python: Python<'_>, year: i32, interval: &str, level: f64) -> PyResult<PyTable> {
        let interval = self::interval(interval)?;
        let months = self.rules.exempt_months;
        let work = |_: &worker::Progress| org::annual_table(&self.register, year, months, level, interval);
        Ok(PyTable(worker::run(python, None, work)?))
    }
    #[pyo3(signature = (year, *, rules=None, absent="counts", basically_qualified="ends", exempt="pauses",
                        missing="ends", late_registration="exempt", closed="excluded"))]
    #[allow(clippy::too_many_arguments, reason = "each treatment is an argument")]
    fn due(
        &self,
        python: Python<'_>,
        year: i32,
        rules: Option<&str>,
        absent: &str,
        basically_qualified: &str,
        exempt: &str,
        missing: &str,
        late_registration: &str,
        closed: &str,
    ) -> PyResult<PyTable> {
        let treatment = Treatment {
            absent: one_of(
                "absent",
                absent,
                &[
                    ("counts", Absent::Counts),
                    ("separate", Absent::Separate),
                    ("pauses", Absent::Pauses),
                    ("ends", Absent::Ends),
                ],
            )?,
            basically_qualified: effect("basically_qualified", basically_qualified)?,
            exempt: effect("exempt", exempt)?,
            missing: effect("missing", missing)?,
            late_exempt: one_of(
                "late_registration",
                late_registration,
                &[("exempt", true), ("obliged", false)],
            )?,
            closed: one_of(
                "closed",
                closed,
                &[("excluded", Closed::Excluded), ("by_year_end", Closed::ByYearEnd)],
            )?,
        };
        let other = rules.map(|r| rules_of(Some(r), None)).transpose()?;
        let rules = other.as_ref().unwrap_or(&self.rules);
        let work = |_: &worker::Progress| org::due_table(&self.register, year, rules, &treatment);
        Ok(PyTable(worker::run(python, None, work)?))
    }
    #[pyo3(signature = (*, strength=None, level=0.95))]
    fn transitions(&self, python: Python<'_>, strength: Option<f64>, level: f64) -> PyResult<PyTable> {
        let work = |_: &worker::Progress| org::transitions_table(&self.register, strength, level);
        Ok(PyTable(worker::run(python, None, work)?))
    }
    #[pyo3(signature = (*, event="closed", level=0.95))]
    fn survival(&self, python: Python<'_>, event: &str, level: f64) -> PyResult<PyTable> {
        let known = [
            ("closed", Ending::Closed),
            ("revoked", Ending::Revoked),
            ("deregistered", Ending::Deregistered),
        ];
        let ending = one_of("event", event, &known)?;
        let work = |_: &worker::Progress| org::survival_table(&self.register, ending, level);
        Ok(PyTable(worker::run(python, None, work)?))
    }
    #[pyo3(signature = (next_year, *, draws=2000, seed=0))]
    fn expected(&self, python: Python<'_>, next_year: i32, draws: usize, seed: u64) -> PyResult<PyTable> {
        let months = self.rules.exempt_months;
        let work = |p: &worker::Progress| {
            let step = |done, total| p.step(done, total);
            org::expected_table(&self.register, next_year, months, draws, seed, &step)
        };
        Ok(PyTable(worker::run(python, None, work)?))
    }
    #[pyo3(signature = (year, *, threshold=5))]
    fn publish(&self, python: Python<'_>, year: i32, threshold: u64) -> PyResult<PyTable> {
        let months = self.rules.exempt_months;
        let work = |_: &worker::Progress| org::publication_table(&self.register, year, months, threshold);
        Ok(PyTable(worker::run(python, None, work)?))
    }
    /// Conclusions by type and year.
    fn counts(&self, python: Python<'_>) -> PyResult<PyTable> {
        let work = |_: &worker::Progress| org::counts_table(&self.register);
        Ok(PyTable(worker::run(python, None, work)?))
    }
    /// One row a conclusion, as small integers: type, year, conclusion.
    fn coded(&self, python: Python<'_>) -> PyResult<PyTable> {
        Ok(PyTable(worker::run(python, None, |_| org::coded_table(&self.register))?))
    }
}

/// The product-limit curve.
#[pyfunction]
#[pyo3(signature = (durations, events, entries=None, level=0.95))]
fn survival_curve(
    durations: Vec<f64>,
    events: Vec<bool>,
    entries: Option<Vec<f64>>,
    level: f64,
) -> PyResult<PyTable> {
    let steps = org::survival_curve(&durations, &events, entries.as_deref(), level)?;
    Ok(PyTable(org::curve_table(&steps)?))
}

/// Small cells of a two-way table suppressed; the last row and column of what comes back are totals.
#[pyfunction]
#[pyo3(signature = (counts, threshold=5))]
fn suppress(counts: Vec<Vec<u64>>, threshold: u64) -> PyResult<Vec<Vec<Option<u64>>>> {
    let columns = counts.first().map_or(0, Vec::len);
    let table =
        org::suppress::Additive { cells: counts, margins: vec![(0..columns).collect()], unpublished: vec![] };
    let mask = table.suppress(threshold)?;
    let of_row = |(r, row): (usize, &Vec<bool>)| -> Vec<Option<u64>> {
        row.iter().enumerate().map(|(c, hidden)| (!hidden).then(|| table.value(r, c))).collect()
    };
    Ok(mask.iter().enumerate().map(of_row).collect())
}

/// The synthetic register of Jishou.
#[pyfunction]
#[pyo3(signature = (seed=0, first=2016, last=2023))]
fn synthetic_register(seed: u64, first: i32, last: i32) -> PyResult<PyTable> {
    Ok(PyTable(org::synthetic_table(seed, first, last)?))
}

/// Writes the synthetic register into a folder.
#[pyfunction]
#[pyo3(signature = (folder, seed=0, first=2016, last=2023))]
fn write_synthetic(folder: PathBuf, seed: u64, first: i32, last: i32) -> PyResult<PathBuf> {
    Ok(org::write_synthetic(&folder, seed, first, last)?)
}

/// Reads a register: a path, an object with `__arrow_c_stream__`, a pandas frame, a dict of columns.
#[pyfunction]
#[pyo3(signature = (source, rules=None, rule_set=None, sheet=None, identity="code", conflicts="last", progress=None, case=None))]
#[allow(clippy::too_many_arguments, reason = "keyword arguments of one Python function")]
fn read_register(
    python: Python<'_>,
    source: &Bound<'_, PyAny>,
    rules: Option<&str>,
    rule_set: Option<&str>,
    sheet: Option<String>,
    identity: &str,
    conflicts: &str,
    progress: Option<&Bound<'_, PyAny>>,
    case: Option<&PyCase>,
) -> PyResult<PyRegister> {
    let rules = Arc::new(match case {
        Some(case) => case.inspection_rules(),
        None => rules_of(rules, rule_set)?,
    });
    let options = Options {
        sheet,
        identity: one_of(
            "identity",
            identity,
            &[("code", Identity::Code), ("code_and_name", Identity::CodeAndName)],
        )?,
        conflict: one_of(
            "conflicts",
            conflicts,
            &[("last", Conflict::Last), ("first", Conflict::First), ("worst", Conflict::Worst)],
        )?,
    };
    let register = if source.is_instance_of::<PyString>() || source.hasattr("__fspath__")? {
        let path: PathBuf = source.extract()?;
        worker::run(python, progress, |p| {
            org::read_path(&path, &options, &|done, total| p.step(done, total))
        })?
    } else {
        let mut reader = reader_of(source)?;
        worker::run(python, progress, |p| {
            org::read_batches(reader.as_mut(), &options, &|done, total| p.step(done, total))
        })?
    };
    Ok(PyRegister { register: Arc::new(register), rules })
}

/// Streams are streamed; everything else that is a table is taken whole.
fn reader_of(source: &Bound<'_, PyAny>) -> PyResult<Box<dyn RecordBatchReader + Send>> {
    let module: String = source.get_type().module()?.extract()?;
    if !module.starts_with("pandas") && source.hasattr("__arrow_c_stream__")? {
        let reader: pyo3_arrow::PyRecordBatchReader = source.extract()?;
        return reader.into_reader();
    }
    let batch = table_like(source, None)?.table.batch().clone();
    let schema = batch.schema();
    Ok(Box::new(RecordBatchIterator::new([Ok(batch)], schema)))
}

/// A table of a register with Chinese words in the place of codes.
#[pyfunction]
fn inspection_words(table: &PyTable) -> PyResult<PyTable> {
    Ok(PyTable(org::in_words(&table.0)?))
}

/// What the kinds of findings are called in Chinese.
#[pyfunction]
fn problem_kinds() -> std::collections::BTreeMap<&'static str, &'static str> {
    org::Finding::ALL.into_iter().map(|f| (f.name(), f.label())).collect()
}

/// Interval of a share.
#[pyfunction]
#[pyo3(signature = (count, total, interval="wilson", level=0.95))]
fn share_interval(count: u64, total: u64, interval: &str, level: f64) -> PyResult<Option<(f64, f64)>> {
    Ok(org::share_interval(count, total, level, self::interval(interval)?)?)
}

/// What is wrong with a unified social credit code; None where nothing is.
#[pyfunction]
fn check_code(code: &str) -> Option<String> {
    org::codes::code_fault(&org::codes::repair(code)).map(|fault| fault.message())
}

/// Sex and age on a day, from an identity number that is looked at and not kept.
#[pyfunction]
fn person(number: &str, on: &str) -> PyResult<(&'static str, u32)> {
    let day = match org::dates::parse(on) {
        org::dates::Reading::Day(days) => org::dates::date(days),
        _ => None,
    };
    let day = day.ok_or_else(|| {
        Error::data(Problem::new("not a day").column("on").value(on).expected("a date as 2022-10-31"))
    })?;
    let person = org::codes::identity(number, day)
        .map_err(|fault| Error::data(Problem::new(fault.message()).column("number")))?;
    Ok((person.sex.name(), person.age))
}

/// Name and level of an area code, and from when to when; None where the shipped list does not know it.
#[pyfunction]
#[pyo3(signature = (code, on=None))]
fn area(
    code: &str,
    on: Option<&str>,
) -> PyResult<Option<std::collections::BTreeMap<&'static str, Option<String>>>> {
    let day = match on.map(org::dates::parse) {
        None => None,
        Some(org::dates::Reading::Day(days)) => org::dates::date(days),
        Some(_) => {
            let problem = Problem::new("not a day").column("on").value(on.unwrap_or(""));
            return Err(Error::data(problem.expected("a date as 2022-10-31")).into());
        }
    };
    let text = |d: Option<chrono::NaiveDate>| d.map(|d| d.to_string());
    Ok(org::areas::area(code, day)?.map(|a| {
        [
            ("code", Some(a.code)),
            ("name", Some(a.name)),
            ("level", Some(a.level)),
            ("valid_from", text(a.valid_from)),
            ("valid_to", text(a.valid_to)),
            ("seen_on", text(a.seen_on)),
        ]
        .into()
    }))
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<PyRegister>()?;
    m.add_function(wrap_pyfunction!(read_register, m)?)?;
    m.add_function(wrap_pyfunction!(inspection_words, m)?)?;
    m.add_function(wrap_pyfunction!(problem_kinds, m)?)?;
    m.add_function(wrap_pyfunction!(share_interval, m)?)?;
    m.add_function(wrap_pyfunction!(survival_curve, m)?)?;
    m.add_function(wrap_pyfunction!(suppress, m)?)?;
    m.add_function(wrap_pyfunction!(synthetic_register, m)?)?;
    m.add_function(wrap_pyfunction!(write_synthetic, m)?)?;
    m.add_function(wrap_pyfunction!(area, m)?)?;
    m.add_function(wrap_pyfunction!(person, m)?)?;
    m.add_function(wrap_pyfunction!(check_code, m)?)
}
