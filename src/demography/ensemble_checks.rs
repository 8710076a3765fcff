//! What an ensemble may be asked for.

use super::base::MOST_DRAWS;
use super::ensemble::{EnsembleSpec, MIGRATION_LIMIT, MOST_YEARS};
use super::mortality::{AGES, E0_RANGE};
use crate::error::{Error, Problem, Result};

/// Bytes that the values of all draws may take.
pub(super) const MOST_MEMORY: usize = 4 << 30;

/// Refuses so many values before memory is asked for; `what` says what they are.
pub(super) fn room(values: usize, what: impl Fn() -> String) -> Result<()> {
    let too_much = |message: String| {
        let problem = Problem::new(message).column("draws").value(what());
        let limit = MOST_MEMORY >> 30;
        Err(Error::model(problem.expected(format!(
            "at most {limit} GB at 8 bytes a value: fewer draws, years or indicators, or no population in full"
        ))))
    };
    let bytes = values.saturating_mul(size_of::<f64>());
    if bytes > MOST_MEMORY {
        return too_much(format!("these draws would take {:.1} GB", bytes as f64 / f64::from(1 << 30)));
    }
    // Asked for and given back: what the system does not have is told, where taking it at once would abort.
    if Vec::<f64>::new().try_reserve_exact(values).is_err() {
        return too_much(format!("the system has no {:.1} GB of memory", bytes as f64 / f64::from(1 << 30)));
    }
    Ok(())
}

pub(super) fn check(spec: &EnsembleSpec<'_>) -> Result<()> {
    let mut problems = Vec::new();
    let shape = spec.base.shape();
    if shape != [2, AGES] {
        problems.push(
            Problem::new("wrong shape")
                .column("base")
                .value(format!("{shape:?}"))
                .expected("(2, 101): female and male, single ages 0 to 100+"),
        );
    }
    if let Some(b) = &spec.base_draws
        && (b.shape()[0] == 0 || b.shape()[1..] != [2, AGES])
    {
        problems.push(
            Problem::new("wrong shape")
                .column("base_draws")
                .value(format!("{:?}", b.shape()))
                .expected("(n, 2, 101)"),
        );
    }
    if let Some(s) = &spec.special
        && s.shape() != [2, AGES]
    {
        let p = Problem::new("wrong shape").column("special").value(format!("{:?}", s.shape()));
        problems.push(p.expected("(2, 101)"));
    }
    let mut cells = |name: &str, bad: usize| {
        if bad > 0 {
            problems.push(
                Problem::new(format!("{bad} cells are negative or not numbers"))
                    .column(name)
                    .expected("persons from 0 on"),
            );
        }
    };
    let not_persons = |v: &&f64| !(**v >= 0.0 && v.is_finite());
    cells("base", spec.base.iter().filter(not_persons).count());
    if let Some(b) = &spec.base_draws {
        cells("base_draws", b.iter().filter(not_persons).count());
    }
    if let Some(s) = &spec.special {
        cells("special", s.iter().filter(not_persons).count());
    }
    if spec.draws == 0 {
        problems.push(Problem::new("no draws").column("draws").value(0).expected("at least 1"));
    }
    if spec.draws > MOST_DRAWS {
        let p = Problem::new("too many draws").column("draws").value(spec.draws);
        problems.push(p.expected(format!("at most {MOST_DRAWS}")));
    }
    if spec.paths.tfr.len() > MOST_YEARS {
        let p = Problem::new("too many years").column("years").value(spec.paths.tfr.len());
        problems.push(p.expected(format!("at most {MOST_YEARS}")));
    }
    check_paths(spec, &mut problems);
    if problems.is_empty() { Ok(()) } else { Err(Error::Data(problems)) }
}

fn check_paths(spec: &EnsembleSpec<'_>, problems: &mut Vec<Problem>) {
    let (p, s) = (spec.paths, spec.spread);
    let t = p.tfr.len();
    let mut one = |name: &str, v: &[f64], low: f64, high: f64| {
        if v.len() != t {
            problems.push(
                Problem::new("another length than tfr").column(name).value(v.len()).expected(format!("{t}")),
            );
        }
        // One mistake of all years is told once.
        let year = |i: usize| spec.start + 1 + i as i32;
        let bad: Vec<usize> = (0..v.len()).filter(|i| !(v[*i] >= low && v[*i] <= high)).collect();
        if let (Some(first), Some(last)) = (bad.first(), bad.last()) {
            let where_ = match bad.len() {
                1 => format!("in year {}", year(*first)),
                n => format!("in {n} years from {} to {}", year(*first), year(*last)),
            };
            problems.push(
                Problem::new(format!("out of range {where_}"))
                    .column(name)
                    .value(v[*first])
                    .expected(format!("{low} to {high}")),
            );
        }
    };
    one("e0_female", &p.e0_female, E0_RANGE.0, E0_RANGE.1);
    one("e0_male", &p.e0_male, E0_RANGE.0, E0_RANGE.1);
    one("tfr", &p.tfr, 0.0, 12.0);
    one("srb", &p.srb, 0.5, 2.0);
    one("net_migration_rate", &p.net_migration_rate, -MIGRATION_LIMIT, MIGRATION_LIMIT);
    one("sd_e0_female", &s.sd_e0_female, 0.0, 20.0);
    one("sd_e0_male", &s.sd_e0_male, 0.0, 20.0);
    one("sd_tfr", &s.sd_tfr, 0.0, 5.0);
    one("sd_migration", &s.sd_migration, 0.0, 0.2);
    if !(-1.0..=1.0).contains(&s.correlation_e0) {
        problems.push(
            Problem::new("no correlation")
                .column("correlation_e0")
                .value(s.correlation_e0)
                .expected("-1 to 1"),
        );
    }
}
