//! Binding of `scenario` and `run`: cases, runs, why, compare.

use std::path::PathBuf;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use super::table::PyTable;
use super::worker;
use crate::organizations::Rules;
use crate::run::{self, Options, Run, Why};
use crate::scenario::{Case, write_template};
use crate::tables::workbook;

/// A county's folder, opened and checked.
#[pyclass(frozen, name = "Case", module = "minsuan._core")]
pub struct PyCase {
    case: Arc<Case>,
    /// What it was opened by, for pickling.
    opened: (String, bool),
}

impl PyCase {
    pub fn inspection_rules(&self) -> Rules {
        self.case.inspection.clone()
    }
}

#[pymethods]
impl PyCase {
    #[new]
    #[pyo3(signature = (name, plan_only=false))]
    fn new(python: Python<'_>, name: String, plan_only: bool) -> PyResult<Self> {
        let open = if plan_only { Case::open_plan } else { Case::open };
        let case = python.detach(|| open(&name))?;
        Ok(Self { case: Arc::new(case), opened: (name, plan_only) })
    }
    #[getter]
    fn opened(&self) -> (&str, bool) {
        (&self.opened.0, self.opened.1)
    }
    /// What whoever reads the findings has to know, and what a run lacks.
    #[getter]
    fn remarks(&self) -> Vec<String> {
        self.case.remarks()
    }
    #[getter]
    fn name(&self) -> &str {
        &self.case.name
    }
    #[getter]
    fn code(&self) -> &str {
        &self.case.code
    }
    #[getter]
    fn base_year(&self) -> Option<i32> {
        self.case.base_year
    }
    #[getter]
    fn horizon(&self) -> Option<i32> {
        self.case.horizon
    }
    /// Name → Chinese label.
    fn scenarios<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let d = PyDict::new(python);
        for name in self.case.scenario_names() {
            d.set_item(name, &self.case.scenario(Some(name))?.label)?;
        }
        Ok(d)
    }
    #[getter]
    fn default_scenario(&self) -> &str {
        &self.case.default_scenario
    }
    fn figures(&self) -> PyResult<PyTable> {
        Ok(PyTable(self.case.ledger.table()?))
    }
    /// What contradicts what, both sides cited.
    fn check(&self, python: Python<'_>) -> PyResult<PyTable> {
        let case = &self.case;
        Ok(PyTable(python.detach(|| case.check())?))
    }
    /// `progress(done, total)` is called each 100 ms where given.
    #[pyo3(signature = (scenario, draws, seed, threads, progress))]
    fn run(
        &self,
        python: Python<'_>,
        scenario: Option<String>,
        draws: usize,
        seed: Option<u64>,
        threads: usize,
        progress: Option<Bound<'_, PyAny>>,
    ) -> PyResult<PyRun> {
        let options = Options { scenario, draws, seed, threads };
        let case = self.case.clone();
        let run = worker::run(python, progress.as_ref(), |p| {
            run::run(&case, &options, &|done, total| p.step(done, total))
        })?;
        Ok(PyRun { run: Arc::new(run) })
    }
}

/// One pass over all rooms.
#[pyclass(frozen, name = "Run", module = "minsuan._core")]
pub struct PyRun {
    run: Arc<Run>,
}

#[pymethods]
impl PyRun {
    #[getter]
    fn case_name(&self) -> &str {
        &self.run.case_name
    }
    #[getter]
    fn scenario(&self) -> &str {
        &self.run.scenario.name
    }
    #[getter]
    fn label(&self) -> &str {
        &self.run.scenario.label
    }
    #[getter]
    fn note(&self) -> &str {
        &self.run.scenario.note
    }
    #[getter]
    fn seed(&self) -> u64 {
        self.run.seed
    }
    #[getter]
    fn draws(&self) -> usize {
        self.run.draws
    }
    #[getter]
    fn years(&self) -> Vec<i32> {
        self.run.years.clone()
    }
    /// 户籍 or 常住.
    #[getter]
    fn population_kind(&self) -> &'static str {
        self.run.population_kind()
    }
    fn paths(&self) -> Vec<String> {
        self.run.paths()
    }
    fn indicators(&self) -> PyResult<PyTable> {
        Ok(PyTable(self.run.indicators()?))
    }
    fn by_age(&self, python: Python<'_>) -> PyResult<PyTable> {
        Ok(PyTable(python.detach(|| self.run.by_age())?))
    }
    fn need(&self) -> PyResult<PyTable> {
        Ok(PyTable(self.run.need()?))
    }
    fn capacity(&self) -> PyResult<PyTable> {
        Ok(PyTable(self.run.capacity()?))
    }
    fn caseload(&self) -> PyResult<PyTable> {
        Ok(PyTable(self.run.caseload()?))
    }
    fn heads(&self) -> PyResult<PyTable> {
        Ok(PyTable(self.run.heads()?))
    }
    fn budget(&self) -> PyResult<PyTable> {
        Ok(PyTable(self.run.budget()?))
    }
    fn assumptions(&self) -> PyResult<PyTable> {
        Ok(PyTable(self.run.assumptions()?))
    }
    fn why<'py>(&self, python: Python<'py>, path: &str, year: i32) -> PyResult<Bound<'py, PyDict>> {
        tree(python, &self.run.why(path, year)?)
    }
    fn sources(&self, path: &str, year: i32) -> (Option<String>, Vec<String>, Vec<String>) {
        let found = self.run.sources(path, year);
        (found.method, found.cited, found.assumed)
    }
    /// Definition of care need → its Chinese label, in the order in which they are shown.
    fn definitions<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let d = PyDict::new(python);
        for name in &self.run.scenario.care.shown {
            d.set_item(name, crate::care::schedule(name)?.label)?;
        }
        Ok(d)
    }
    /// Budget and what it rests on as live formulas, then every table; `findings` is the table of `Case.check`.
    #[pyo3(signature = (path, findings=None))]
    fn write_workbook(&self, python: Python<'_>, path: PathBuf, findings: Option<&PyTable>) -> PyResult<()> {
        Ok(python.detach(|| {
            let sheets = run::workbook(&self.run, findings.map(|f| &f.0))?;
            workbook::write(&path, &format!("{}民政事业发展测算", self.run.case_name), &sheets)
        })?)
    }
    fn compare(&self, other: &Self) -> PyResult<PyTable> {
        Ok(PyTable(run::compare(&self.run, &other.run)?))
    }
}

fn tree<'py>(python: Python<'py>, why: &Why) -> PyResult<Bound<'py, PyDict>> {
    let d = PyDict::new(python);
    d.set_item("path", &why.path)?;
    d.set_item("label", &why.label)?;
    d.set_item("unit", &why.unit)?;
    d.set_item("year", why.year)?;
    d.set_item("value", &why.value)?;
    d.set_item("interval", &why.interval)?;
    d.set_item("kind", why.kind)?;
    d.set_item("formula", &why.formula)?;
    d.set_item("numbers", &why.numbers)?;
    d.set_item("source", &why.source)?;
    let inputs: Vec<Bound<'py, PyDict>> =
        why.inputs.iter().map(|w| tree(python, w)).collect::<PyResult<_>>()?;
    d.set_item("inputs", PyList::new(python, inputs)?)?;
    Ok(d)
}

/// Writes a commented case folder that runs; refuses a folder that is not empty.
#[pyfunction]
fn new_case(folder: std::path::PathBuf) -> PyResult<Vec<String>> {
    Ok(write_template(&folder)?)
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<PyCase>()?;
    m.add_class::<PyRun>()?;
    m.add_function(wrap_pyfunction!(new_case, m)?)
}
