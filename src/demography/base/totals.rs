//! The figures that a thin base starts from: read, completed, checked against each other, drawn.

use super::ages::{AGES, AgeGroup};
use super::constraints::{Known, Sex, parse_key, persons};
use super::printed::Printed;
use super::thin::ThinBaseSpec;
use crate::error::{Error, Problem, Result};

/// Total, 60+ and further totals in persons; shares are kept beside so that draws keep them joined.
pub struct Totals {
    pub total: Printed,
    sixty: Option<Sixty>,
    others: Vec<Known>,
}

/// How 60+ is known beside the total.
#[derive(Clone, Copy)]
struct Sixty {
    count: Option<Printed>,
    share: Option<Printed>,
    total_given: bool,
}

/// Reads and completes the totals; every figure that is wrong is reported.
pub fn read(spec: &ThinBaseSpec<'_>) -> Result<Totals> {
    let mut problems = Vec::new();
    let mut count = |name: &str, p: Option<Printed>| {
        let p = p?;
        if p.value.is_finite()
            && p.value > 0.0
            && p.half_width >= 0.0
            && p.half_width < p.value
            && p.value < 1e11
        {
            return Some(p);
        }
        problems.push(
            Problem::new("not a number of persons")
                .column(name)
                .value(p.value)
                .expected("persons above 0 and below 100,000,000,000"),
        );
        None
    };
    let total = count("total", spec.total);
    let sixty = count("count_60_plus", spec.count_60_plus);
    let share = spec.share_60_plus.filter(|p| {
        let fine = p.value > 0.0 && p.value < 1.0 && p.half_width >= 0.0 && p.half_width < p.value;
        if !fine {
            problems.push(
                Problem::new("not a share")
                    .column("share_60_plus")
                    .value(p.value)
                    .expected("above 0 and below 1, or text such as \"14.52%\""),
            );
        }
        fine
    });
    let mut others = Vec::new();
    for (key, p) in &spec.constraints {
        let column = format!("constraints[{key:?}]");
        if !(p.value.is_finite() && p.value >= 0.0 && p.half_width >= 0.0 && p.value < 1e11) {
            problems.push(
                Problem::new("not a count or share")
                    .column(column)
                    .value(p.value)
                    .expected("0 or more, below 100,000,000,000"),
            );
            continue;
        }
        match parse_key(key) {
            Ok((sex, group)) => {
                let share = (p.value <= 1.0).then_some(*p);
                others.push(Known { name: key.clone(), sex, group, persons: *p, share });
            }
            Err(e) => problems.extend(e.problems().iter().cloned().map(|p| p.column(column.clone()))),
        }
    }
    if !problems.is_empty() {
        return Err(Error::Data(problems));
    }
    let total = match (total, sixty, share) {
        (Some(total), Some(c), Some(s)) => {
            // Two ways to the total; where their intervals part, the three contradict each other.
            let (low, high) = quotient(c, s);
            let (t_low, t_high) = total.bounds();
            let gap = (low - t_high).max(t_low - high);
            if gap > 1e-9 * total.value {
                let c_off = gap * s.value;
                return Err(Error::model(
                    Problem::new(format!(
                        "count_60_plus ÷ share_60_plus gives {} persons, total is {}: they contradict each other by {} persons in the total ({} of 60+)",
                        persons(Printed { value: (low + high) / 2.0, half_width: (high - low) / 2.0 }),
                        persons(total),
                        persons(Printed::exact(gap.ceil())),
                        persons(Printed::exact(c_off.ceil())),
                    ))
                    .column("total, count_60_plus, share_60_plus")
                    .expected("figures that agree within their printed precision"),
                ));
            }
            total
        }
        (Some(total), _, _) => total,
        (None, Some(c), Some(s)) => {
            let (low, high) = quotient(c, s);
            Printed { value: c.value / s.value, half_width: (high - low) / 2.0 }
        }
        _ => {
            return Err(Error::model(
                Problem::new("not enough to know the total")
                    .column("total, count_60_plus, share_60_plus")
                    .expected("two of total, count_60_plus and share_60_plus, or total and constraints"),
            ));
        }
    };
    if sixty.is_none() && share.is_none() && others.is_empty() {
        return Err(Error::model(
            Problem::new("the total alone says nothing about ages")
                .column("count_60_plus, share_60_plus, constraints")
                .expected("one of them beside the total"),
        ));
    }
    let sixty = (sixty.is_some() || share.is_some()).then_some(Sixty {
        count: sixty,
        share,
        total_given: spec.total.is_some(),
    });
    Ok(Totals { total, sixty, others })
}

/// Smallest and largest quotient of two rounded figures.
fn quotient(count: Printed, share: Printed) -> (f64, f64) {
    let ((c0, c1), (s0, s1)) = (count.bounds(), share.bounds());
    (c0 / s1, c1 / s0)
}

impl Totals {
    /// The totals in persons: as given, or with `uniform` drawn within their printed precision so that
    /// shares, counts and the total still belong together.
    pub fn known(&self, uniform: Option<&mut dyn FnMut() -> f64>) -> Vec<Known> {
        let drawn = uniform.is_some();
        let mut zero = || 0.5;
        let uniform = match uniform {
            Some(u) => u,
            None => &mut zero,
        };
        let mut within = |p: Printed| p.value + (2.0 * uniform() - 1.0) * p.half_width;
        let (mut total, mut sixty) = (self.total.value, None);
        if let Some(s) = self.sixty {
            (total, sixty) = match (s.count, s.share) {
                (Some(c), Some(p)) if s.total_given => {
                    // The narrower of the two is drawn beside the total and the other one checked.
                    let by_count = c.half_width / c.value < p.half_width / p.value;
                    let fits = |(t, n): (f64, f64)| {
                        let ((c0, c1), (p0, p1)) = (c.bounds(), p.bounds());
                        if by_count { (p0..=p1).contains(&(n / t)) } else { (c0..=c1).contains(&n) }
                    };
                    let middle =
                        (self.total.value, if by_count { c.value } else { self.total.value * p.value });
                    let (t, n) = (0..if drawn { 1000 } else { 1 })
                        .map(|_| {
                            let t = within(self.total);
                            (t, if by_count { within(c) } else { t * within(p) })
                        })
                        .find(|pair| fits(*pair))
                        .unwrap_or(middle);
                    (t, Some(n))
                }
                (Some(c), Some(p)) => {
                    let (c, p) = (within(c), within(p));
                    (c / p, Some(c))
                }
                (Some(c), None) => (within(self.total), Some(within(c))),
                (None, Some(p)) => {
                    let t = within(self.total);
                    (t, Some(t * within(p)))
                }
                (None, None) => (within(self.total), None),
            };
        } else {
            total = if drawn { within(self.total) } else { total };
        }
        let group = |from| AgeGroup { from, to: AGES };
        let mut known = vec![Known {
            name: "total".to_owned(),
            sex: Sex::Both,
            group: group(0),
            persons: Printed { value: total, half_width: if drawn { 0.0 } else { self.total.half_width } },
            share: None,
        }];
        if let (Some(value), Some(s)) = (sixty, self.sixty) {
            let half_width = match (drawn, s.count, s.share) {
                (true, ..) => 0.0,
                (false, Some(c), _) => c.half_width,
                (false, None, Some(p)) => p.half_width * total + p.value * self.total.half_width,
                (false, None, None) => 0.0,
            };
            known.push(Known {
                name: "60+".to_owned(),
                sex: Sex::Both,
                group: group(60),
                persons: Printed { value, half_width },
                // A count beside the share says more.
                share: if s.count.is_some() { None } else { s.share },
            });
        }
        for k in &self.others {
            let p = k.persons;
            let (value, half_width) = if k.share.is_some() {
                (within(p) * total, p.half_width * total + p.value * self.total.half_width)
            } else {
                (within(p), p.half_width)
            };
            known.push(Known {
                persons: Printed { value, half_width: if drawn { 0.0 } else { half_width } },
                ..k.clone()
            });
        }
        known
    }
}
