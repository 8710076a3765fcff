//! The files of a plan as an office keeps them: its text and its figures, in UTF-8 or GB18030. A plan's text alone is
//! drafted in memory, so that it can be checked before anybody has made a figures.csv of it.

use super::case::CASE;
use super::files::Files;
use super::tree::Reader;
use crate::error::{Error, Problem, Result};
use crate::figures::{Ledger, draft::draft};

const FIGURES: &str = "figures.csv";
const PLAN: &str = "plan.txt";

/// A plan's text and figures.
pub(super) struct PlanFiles {
    pub text: Option<String>,
    pub ledger: Option<Ledger>,
    /// How messages name the figures.
    pub figures_file: String,
    /// Where the figures were drafted here and now: what whoever reads the findings has to know. Chinese.
    pub drafted: Option<String>,
}

/// Whether a folder has a plan, whatever else it lacks.
pub(super) fn any(files: &Files) -> bool {
    files.exists(FIGURES) || files.exists(PLAN)
}

/// Reads what case.toml names, else `figures.csv` and (where it is there) `plan.txt`; a file that was named in place of
/// the folder goes before both. Problems are handed to `keep`.
pub(super) fn read(files: &Files, given: Option<&str>, r: &Reader<'_>, keep: &dyn Fn(&Error)) -> PlanFiles {
    let table = |f: &str| f.to_ascii_lowercase().ends_with(".csv");
    let (named_figures, named_plan) = (r.text("figures"), r.text("plan"));
    let figures = given.filter(|f| table(f)).map(str::to_owned).or(named_figures);
    let plan = given.filter(|f| !table(f)).map(str::to_owned).or(named_plan);
    let plan = plan.or_else(|| files.exists(PLAN).then(|| PLAN.to_owned()));
    let text = plan.as_ref().and_then(|f| files.office_text(f).map_err(|e| keep(&e)).ok());
    let alone = figures.is_none() && !files.exists(FIGURES) && !files.exists(CASE);
    if let (true, Some(plan), Some(text)) = (alone, &plan, &text) {
        let figures_file = format!("{}（自动摘录）", files.show(plan));
        let drafted = drafted(text, &files.show(plan), &figures_file).map_err(|e| keep(&e)).ok();
        let (ledger, said) = drafted.unzip();
        return PlanFiles { text: Some(text.clone()), ledger, figures_file, drafted: said };
    }
    let file = figures.unwrap_or_else(|| FIGURES.to_owned());
    let figures_file = files.show(&file);
    let ledger = if alone && plan.is_some() {
        None // the plan can't be read, which is told; that it has no figures besides is no second mistake
    } else {
        files.office_text(&file).and_then(|t| Ledger::parse(&t, &figures_file)).map_err(|e| keep(&e)).ok()
    };
    PlanFiles { text, ledger, figures_file, drafted: None }
}

fn drafted(text: &str, plan: &str, figures_file: &str) -> Result<(Ledger, String)> {
    let draft = draft(text);
    if draft.rows.is_empty() {
        return Err(Error::case(
            Problem::new("no figures were found in this text")
                .file(plan)
                .expected("a plan's text with its numbers"),
        ));
    }
    let ledger = Ledger::parse(&draft.to_csv()?, figures_file)?;
    let left_out = match draft.unread.len() {
        0 => String::new(),
        n => format!("，另有{n}个数字单位不明、未摘录"),
    };
    let said = format!(
        "没有{FIGURES}：核对的是从{plan}自动摘录的{}个数字{left_out}，均未经人工核对。用“minsuan figures {plan} -o {FIGURES}”摘录成表、\
         逐条核对并取名后，核对更全。",
        draft.rows.len()
    );
    Ok((ledger, said))
}
