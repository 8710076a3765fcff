//! What a case lacks for a run. A plan can be checked without any of it, so it does not keep a folder from being
//! opened: it is told beside the findings, and a run that needs it says where it goes.

use super::base::BaseSpec;
use super::case::Case;
use super::model::Scenario;
use super::tree::nearest;
use crate::error::{Error, Problem, Result};

/// Keys of case.toml that a run needs, with what they are.
pub(super) const NEEDED: [(&str, &str); 5] = [
    ("name", "the name of the place"),
    ("code", "six digits of GB/T 2260 in quotes, such as \"433101\""),
    ("base_year", "the year at whose end the base population stands"),
    ("horizon", "the last year of the run"),
    ("base", "a table [base] with population and two of total, count_60_plus and share_60_plus, or census"),
];

/// What a run starts from: whose people, from when to when.
#[derive(Debug, Clone)]
pub struct Start {
    pub base: BaseSpec,
    pub first: i32,
    pub last: i32,
}

/// One thing that is not there: as a problem for whoever runs, in Chinese for whoever reads the findings.
struct Lack {
    problem: Problem,
    said: String,
}

impl Case {
    /// A scenario (the case's own default for `None`) and what its run starts from.
    ///
    /// # Errors
    /// `Error::Case` with everything that is missing or wrong, where it goes and what is expected there.
    pub fn ready(&self, name: Option<&str>) -> Result<(&Scenario, Start)> {
        let mut problems = self.unfit.clone();
        let scenario = match name {
            // one that is there and can't be read is told by what is wrong in it
            Some(n) if self.unread.iter().any(|u| u == n) => None,
            Some(_) if !self.scenarios.is_empty() => {
                self.scenario(name).map_err(|e| problems.extend(e.problems().iter().cloned())).ok()
            }
            _ => self.scenario(None).ok(),
        };
        let lacks = self.lacks(scenario, name.is_none());
        problems.extend(lacks.into_iter().map(|l| l.problem));
        let base = scenario.and_then(|s| s.base.as_ref()).or(self.base.as_ref());
        let first = base.and_then(|b| b.year).or(self.base_year);
        match (scenario, base, first.zip(self.horizon)) {
            (Some(scenario), Some(base), Some((first, last))) if problems.is_empty() => {
                Ok((scenario, Start { base: base.clone(), first, last: last.max(first + 1) }))
            }
            _ => Err(Error::Case(problems)),
        }
    }

    /// A scenario by name; the case's own default for `None`.
    ///
    /// # Errors
    /// `Error::Case` where there is none of that name.
    pub fn scenario(&self, name: Option<&str>) -> Result<&Scenario> {
        let name = name.unwrap_or(&self.default_scenario);
        self.scenarios.iter().find(|s| s.name == name).ok_or_else(|| {
            let known = self.scenario_names();
            if known.is_empty() {
                return Error::case(self.no_scenarios().problem);
            }
            let hint = nearest(name, &known).map_or_else(|| known.join(", "), |n| format!("{n}, perhaps?"));
            let p = Problem::new("no such scenario").file(self.files.show("scenarios/"));
            Error::case(p.value(name).expected(hint))
        })
    }

    /// What whoever reads the findings has to know: where the figures come from, which rules they were held against,
    /// and what a run still lacks. Chinese; empty for a case that is whole.
    pub fn remarks(&self) -> Vec<String> {
        let mut told = Vec::new();
        told.extend(self.drafted.clone());
        if self.absent.contains(&"code") {
            told.push(
                "未注明行政区划代码（case.toml的code），只与全国性规定核对，未与省、州、县规定核对。"
                    .to_owned(),
            );
        }
        let default = self.scenario(None).ok();
        let lacks: Vec<String> = self.lacks(default, true).into_iter().map(|l| l.said).collect();
        if !lacks.is_empty() {
            told.push(format!("不影响核对，但尚不能测算：{}。", lacks.join("；")));
        }
        let units = self.ready(None).map(|(s, start)| self.unit_problems(s, &start)).unwrap_or_default();
        told.extend(self.unfit.iter().chain(&units).map(|p| format!("不影响核对，但测算前须改正：{p}")));
        told
    }

    fn lacks(&self, scenario: Option<&Scenario>, default: bool) -> Vec<Lack> {
        let file = self.files.show(super::case::CASE);
        let mut lacks = Vec::new();
        let own = scenario.and_then(|s| s.base.as_ref());
        let needed = |key: &str| match key {
            "base" => own.is_none(),
            "base_year" => own.and_then(|b| b.year).is_none(),
            _ => true,
        };
        if self.files.exists(super::case::CASE) {
            for (key, what) in NEEDED.iter().filter(|(k, _)| self.absent.contains(k) && needed(k)) {
                let column = if *key == "base" { "[base]" } else { key };
                lacks.push(Lack {
                    problem: Problem::new("is missing, and a run needs it")
                        .file(&file)
                        .column(column)
                        .expected(*what),
                    said: format!("{file}没有{column}"),
                });
            }
        } else {
            let problem = Problem::new("no such file, and a run needs it").file(&file);
            lacks.push(Lack {
                problem: problem.expected(
                    "name, code, base_year, horizon and [base]; `minsuan new <another folder>` writes one to copy",
                ),
                said: format!("没有{file}（可用“minsuan new 新文件夹”生成样本后抄改）"),
            });
        }
        if self.scenarios.is_empty() && self.unread.is_empty() {
            lacks.push(self.no_scenarios());
        } else if default && scenario.is_none() && !self.unread.contains(&self.default_scenario) {
            lacks.push(self.no_default(&file));
        }
        lacks
    }

    fn no_scenarios(&self) -> Lack {
        let file = self.files.show(&format!("scenarios/{}.toml", self.default_scenario));
        let problem = Problem::new("the case has no scenarios, and a run needs one").file(&file);
        Lack {
            problem: problem.expected("this file; `minsuan new <another folder>` writes one to copy"),
            said: format!("没有情景（{file}）"),
        }
    }

    fn no_default(&self, file: &str) -> Lack {
        let (name, known) = (&self.default_scenario, self.scenario_names().join(", "));
        let mut problem =
            Problem::new("the case's scenario is not there").file(file).column("scenario").value(name);
        problem.row = self.default_line;
        let line = self.default_line.map(|l| format!("第{l}行")).unwrap_or_default();
        Lack {
            problem: problem.expected(format!("scenarios/{name}.toml; there are: {known}")),
            said: format!("{file}{line}所定情景“{name}”不存在（现有：{known}）"),
        }
    }
}
