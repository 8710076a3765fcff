//! Special populations: students, barracks. They are in the totals and do not age with the rest.

use ndarray::Array2;

use super::ages::AGES;
use super::constraints::{Known, parse_key};
use super::printed::Printed;
use crate::error::{Error, Problem, Result};

/// Persons who stay as they are while the rest ages.
#[derive(Debug, Clone)]
pub struct Special {
    /// Chinese name, such as 在校大学生.
    pub name: String,
    /// Persons (2, 101), women first; part of the totals.
    pub counts: Array2<f64>,
}

impl Special {
    /// Persons spread evenly over age groups: `18-22`, `male 18-24`; without a sex, half and half.
    ///
    /// # Errors
    /// `Error::Data` for labels that are no age groups and counts that are none.
    pub fn from_groups(name: &str, groups: &[(String, f64)]) -> Result<Self> {
        let mut counts = Array2::zeros((2, AGES));
        each(groups, |cells, persons, _| {
            let share = persons / cells.iter().sum::<f64>();
            counts.iter_mut().zip(cells).for_each(|(v, c)| *v += share * c);
            None
        })?;
        Ok(Self { name: name.to_owned(), counts })
    }

    /// Persons taken out of a counted population, in each group by age and sex as the people there are.
    ///
    /// # Errors
    /// As `from_groups`, and for a group in which fewer are counted.
    pub fn of_people(name: &str, groups: &[(String, f64)], people: &Array2<f64>) -> Result<Self> {
        let mut rest = people.clone();
        each(groups, |cells, persons, key| {
            let there: f64 = rest.iter().zip(cells).map(|(v, c)| v * c).sum();
            if persons > there {
                let p = Problem::new(format!("more persons than the {there:.0} counted in {key}"));
                let column = format!("special[{key:?}]");
                return Some(p.column(column).value(persons).expected("at most those of that group"));
            }
            if there > 0.0 {
                rest.iter_mut().zip(cells).for_each(|(v, c)| *v *= 1.0 - c * persons / there);
            }
            None
        })?;
        Ok(Self { name: name.to_owned(), counts: people - &rest })
    }
}

/// Every group's cells and persons; all that is wrong is told.
fn each(groups: &[(String, f64)], mut put: impl FnMut(&[f64], f64, &str) -> Option<Problem>) -> Result<()> {
    let mut problems = Vec::new();
    for (key, persons) in groups {
        let column = format!("special[{key:?}]");
        match parse_key(key) {
            Ok((sex, group)) if persons.is_finite() && *persons >= 0.0 => {
                let known =
                    Known { name: String::new(), sex, group, persons: Printed::exact(*persons), share: None };
                problems.extend(put(&known.cells(), *persons, key));
            }
            Ok(_) => problems.push(
                Problem::new("not a count").column(column).value(persons).expected("persons, 0 or more"),
            ),
            Err(e) => problems.extend(e.problems().iter().cloned().map(|p| p.column(column.clone()))),
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Data(problems)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_people_takes_no_cell_below_zero_and_tells_what_is_not_there() {
        let people = Array2::from_shape_fn((2, AGES), |(s, x)| if x == 20 { 0.0 } else { 100.0 + s as f64 });
        let groups = [("18-22".to_owned(), 300.0), ("male 20-21".to_owned(), 50.0)];
        let s = Special::of_people("在校学生", &groups, &people).unwrap();
        assert!((s.counts.sum() - 350.0).abs() < 1e-9);
        assert!(s.counts.iter().zip(&people).all(|(a, b)| *a >= 0.0 && a <= b));
        assert_eq!(s.counts[[0, 20]], 0.0);
        let e = Special::of_people("x", &[("18-22".to_owned(), 9e3)], &people).unwrap_err();
        assert!(e.to_string().contains("more persons than the 804 counted in 18-22"), "{e}");
    }
}
