//! Known totals of age groups: reading, contradictions between them, reconciling their rounding.

use ndarray::Array2;

use super::ages::{AGES, AgeGroup};
use super::feasible::{Bounded, conflicts};
use super::printed::Printed;
use crate::error::{Error, Problem, Result};

/// Whom a total counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    Female,
    Male,
    Both,
}

/// A total in persons that has to hold within its printed precision.
#[derive(Debug, Clone)]
pub struct Known {
    pub name: String,
    pub sex: Sex,
    pub group: AgeGroup,
    pub persons: Printed,
    /// The share of all that was given, where it was one.
    pub share: Option<Printed>,
}

impl Known {
    /// The total with its name, as messages have it.
    pub fn told(&self) -> String {
        format!("{} = {}", self.name, persons(self.persons))
    }

    /// 1 in the cells that the total counts (202, women first).
    pub fn cells(&self) -> Vec<f64> {
        let mut cells = vec![0.0; 2 * AGES];
        for (sex, other) in [(0, Sex::Male), (1, Sex::Female)] {
            if self.sex != other {
                cells[sex * AGES + self.group.from..sex * AGES + self.group.to].fill(1.0);
            }
        }
        cells
    }
}

/// Reads the key of a constraint: an age group, with `female`/`male` (`f_`, `m_`, 女, 男) before it
/// where it counts one sex; `female` alone is all women.
///
/// # Errors
/// `Error::Data` where it is no age group.
pub fn parse_key(key: &str) -> Result<(Sex, AgeGroup)> {
    let text = key.trim();
    for (prefix, sex) in [
        ("female", Sex::Female),
        ("male", Sex::Male),
        ("f_", Sex::Female),
        ("m_", Sex::Male),
        ("女性", Sex::Female),
        ("男性", Sex::Male),
        ("女", Sex::Female),
        ("男", Sex::Male),
    ] {
        if let Some(rest) = text.strip_prefix(prefix) {
            let rest = rest.trim_matches([' ', '_']);
            let group = if rest.is_empty() { AgeGroup { from: 0, to: AGES } } else { AgeGroup::parse(rest)? };
            return Ok((sex, group));
        }
    }
    Ok((Sex::Both, AgeGroup::parse(text)?))
}

/// The sum that a total bounds, beside persons who are there in any case (`held`, 202).
fn bounded(known: &Known, held: Option<&[f64]>) -> Bounded {
    let cells = known.cells();
    let (low, high) = known.persons.bounds();
    // Double rounding of shares and totals must not look like a contradiction.
    let slack = 1e-9 * high.abs();
    let mut sum = match known.share {
        None => Bounded { weights: [cells.clone(), cells], bounds: [low - slack, high + slack] },
        Some(share) => {
            let less = |by: f64| cells.iter().map(|c| c - by).collect::<Vec<f64>>();
            let (low, high) = share.bounds();
            Bounded { weights: [less(low), less(high)], bounds: [-slack, slack] }
        }
    };
    if let Some(held) = held {
        for (bound, weights) in sum.bounds.iter_mut().zip(&sum.weights) {
            *bound -= weights.iter().zip(held).map(|(w, h)| w * h).sum::<f64>();
        }
    }
    sum
}

/// Finds totals that no population can have together: parts that exceed or fall short of their whole, women and
/// men who are not both, a group above one that holds it. Nothing is inferred from the order in which they stand.
///
/// `special` are persons (2, 101) who are there in any case.
///
/// # Errors
/// `Error::Model` that names the totals of each contradiction and says by how many persons they miss each other.
pub fn check(known: &[Known], special: Option<&Array2<f64>>) -> Result<()> {
    let held: Option<Vec<f64>> = special.map(|s| s.iter().copied().collect());
    let found = |held: Option<&[f64]>| {
        let sums: Vec<Bounded> = known.iter().map(|k| bounded(k, held)).collect();
        conflicts(&sums, 0)
    };
    let (mut all, mut first) = (found(None), None);
    if all.is_empty()
        && let Some(held) = &held
    {
        all = found(Some(held));
        first = Some(format!("special = {}", persons(Printed::exact(held.iter().sum()))));
    }
    let problem = |(which, gap): &(Vec<usize>, f64)| {
        let names = first.clone().into_iter().chain(which.iter().map(|i| known[*i].told()));
        let columns = first.iter().map(|_| "special").chain(which.iter().map(|i| known[*i].name.as_str()));
        Problem::new(format!(
            "{} contradict each other by {} persons",
            names.collect::<Vec<_>>().join(" and "),
            persons(Printed::exact((gap * (1.0 - 1e-6)).ceil()))
        ))
        .column(columns.collect::<Vec<_>>().join(", "))
        .expected("totals that one population can have together")
    };
    if all.is_empty() { Ok(()) } else { Err(Error::Model(all.iter().map(problem).collect())) }
}

/// Persons with thousands separators, and ± where rounded.
pub fn persons(p: Printed) -> String {
    let whole = |v: f64| {
        let digits = format!("{:.0}", v.abs());
        let mut out = String::new();
        for (i, c) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i) % 3 == 0 {
                out.push(',');
            }
            out.push(c);
        }
        if v < 0.0 { format!("-{out}") } else { out }
    };
    if p.half_width >= 0.5 {
        format!("{} ± {}", whole(p.value), whole(p.half_width))
    } else {
        whole(p.value)
    }
}

/// Linear dependencies between totals (0-14, 15-59 and 60+ make the whole), found by elimination.
#[derive(Debug)]
pub struct Dependencies {
    /// Rows that follow from others, each with the combination of rows that is zero.
    combinations: Vec<Vec<f64>>,
    /// Rows that are enough.
    pub independent: Vec<usize>,
}

impl Dependencies {
    pub fn of(rows: &[Vec<f64>]) -> Self {
        let n = rows.len();
        let mut reduced: Vec<(Vec<f64>, Vec<f64>, usize)> = Vec::new(); // row, combination, pivot
        let (mut combinations, mut independent) = (Vec::new(), Vec::new());
        for (i, row) in rows.iter().enumerate() {
            let mut row = row.clone();
            let mut combination = vec![0.0; n];
            combination[i] = 1.0;
            for (r, c, pivot) in &reduced {
                let by = row[*pivot] / r[*pivot];
                if by != 0.0 {
                    row.iter_mut().zip(r).for_each(|(a, b)| *a -= by * b);
                    combination.iter_mut().zip(c).for_each(|(a, b)| *a -= by * b);
                }
            }
            match row.iter().position(|v| v.abs() > 1e-9) {
                Some(pivot) => {
                    reduced.push((row, combination, pivot));
                    independent.push(i);
                }
                None => combinations.push(combination),
            }
        }
        Self { combinations, independent }
    }

    /// Moves targets, each by the square of its half width, so that they agree: the sum of three
    /// rounded parts differs from the rounded whole, and each takes its share of the difference.
    pub fn reconcile(&self, targets: &mut [f64], half_widths: &[f64]) {
        // One dependency at a time, repeated: projections onto their intersection (Kaczmarz).
        for _ in 0..200 {
            let mut worst: f64 = 0.0;
            for c in &self.combinations {
                let gap: f64 = c.iter().zip(targets.iter()).map(|(c, t)| c * t).sum();
                let room: f64 = c.iter().zip(half_widths).map(|(c, h)| (c * h).powi(2)).sum();
                let size: f64 = c.iter().zip(targets.iter()).map(|(c, t)| (c * t).abs()).sum();
                if room > 0.0 {
                    for ((t, c), h) in targets.iter_mut().zip(c).zip(half_widths) {
                        *t -= gap * c * h * h / room;
                    }
                    worst = worst.max(gap.abs() / size.max(1.0));
                }
            }
            if worst < 1e-14 {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(list: &[(&str, f64, f64)]) -> Vec<Known> {
        list.iter()
            .map(|(name, value, half_width)| {
                let (sex, group) = parse_key(name).unwrap();
                Known {
                    name: (*name).to_owned(),
                    sex,
                    group,
                    persons: Printed { value: *value, half_width: *half_width },
                    share: None,
                }
            })
            .collect()
    }

    #[test]
    fn two_totals_that_contradict_are_named_with_the_gap() {
        let e =
            check(&known(&[("0+", 310_000.0, 0.0), ("60+", 45_000.0, 500.0), ("80+", 46_000.0, 0.0)]), None)
                .unwrap_err();
        let text = e.to_string();
        assert!(text.contains("60+") && text.contains("80+") && text.contains("500 persons"), "{text}");
        assert!(!text.contains("0+ = 310"), "{text}");
    }

    #[test]
    fn parts_that_exceed_the_whole_are_found_and_rounding_is_not() {
        let whole = ("0+", 100_000.0, 0.0);
        assert!(
            check(
                &known(&[
                    whole,
                    ("0-14", 19_000.0, 500.0),
                    ("15-59", 66_000.0, 500.0),
                    ("60+", 15_900.0, 50.0)
                ]),
                None
            )
            .is_ok()
        );
        let e = check(
            &known(&[whole, ("0-14", 19_000.0, 50.0), ("15-59", 68_000.0, 50.0), ("60+", 14_000.0, 50.0)]),
            None,
        );
        assert!(e.unwrap_err().to_string().contains("850 persons"));
        let e = check(&known(&[("60+", 100.0, 0.0), ("female 60+", 120.0, 0.0)]), None).unwrap_err();
        assert!(e.to_string().contains("20 persons"), "{e}");
    }

    #[test]
    fn women_and_men_are_both_in_any_order() {
        let three = [("0+", 309_900.0, 0.0), ("female", 150_000.0, 0.0), ("male", 150_000.0, 0.0)];
        for turn in 0..3 {
            let mut turned = three;
            turned.rotate_left(turn);
            let e = check(&known(&turned), None).unwrap_err().to_string();
            assert!(e.contains("9,900 persons") && three.iter().all(|t| e.contains(t.0)), "{e}");
        }
        let near = [("0+", 310_000.0, 5_000.0), ("female", 150_000.0, 0.0), ("male", 157_000.0, 0.0)];
        assert!(check(&known(&near), None).is_ok());
        // What several groups partition, one of them by sex, and another contradiction beside it.
        let parts = [
            ("0+", 1_000.0, 0.0),
            ("60+", 300.0, 0.0),
            ("60-79", 250.0, 0.0),
            ("female 80+", 30.0, 0.0),
            ("male 80+", 30.0, 0.0),
            ("0-14", 100.0, 0.0),
            ("0-4", 120.0, 0.0),
        ];
        let e = check(&known(&parts), None).unwrap_err();
        let told: Vec<&str> = e.problems().iter().map(|p| p.message.as_str()).collect();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told.iter().any(|t| t.contains("by 10 persons") && t.contains("60-79 = 250")), "{told:?}");
        assert!(told.iter().any(|t| t.contains("by 20 persons") && t.contains("0-4 = 120")), "{told:?}");
    }

    #[test]
    fn rounded_parts_are_reconciled_with_the_whole() {
        let k = known(&[("0+", 100.0, 0.0), ("0-14", 19.3, 0.5), ("15-59", 66.3, 0.5), ("60+", 14.0, 0.0)]);
        let d = Dependencies::of(&k.iter().map(Known::cells).collect::<Vec<_>>());
        assert_eq!(d.independent, [0, 1, 2]);
        let mut t: Vec<f64> = k.iter().map(|k| k.persons.value).collect();
        let h: Vec<f64> = k.iter().map(|k| k.persons.half_width).collect();
        d.reconcile(&mut t, &h);
        assert!((t[1] - 19.5).abs() < 1e-9 && (t[2] - 66.5).abs() < 1e-9 && t[0] == 100.0 && t[3] == 14.0);
    }
}
