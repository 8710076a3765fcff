//! The formulas of several indicators as one list of steps: what two formulas share is computed once, and
//! nothing is decided while draws run but which step comes next.

use multiversion::multiversion;

use super::indicators::{Flow, Indicator, Op, Who};
use super::lanes::{L, V, ZERO};
use super::sums::{self, Sums};
use super::sweeps::{Aligned, Cells};

/// Place of a value: flows first, in their order, then the result of each step.
type Slot = usize;

/// A step on values that stand before it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Step {
    Number(f64),
    /// Ages from..to of one or both sexes.
    Group(Who, usize, usize),
    /// The same between two of the sums that are kept.
    Kept(Who, usize, usize),
    MedianAge,
    MeanAge,
    Add(Slot, Slot),
    Subtract(Slot, Slot),
    Multiply(Slot, Slot),
    Divide(Slot, Slot),
    Negate(Slot),
}

/// What indicators are computed from: people and their sums, both sexes together and apart, and the flows of
/// the year; draws side by side.
pub(super) struct State<'a> {
    pub cells: &'a Cells,
    pub both: &'a Sums,
    /// Female and male; left as it was where no indicator asks for a sex.
    pub by_sex: &'a [Sums; 2],
    pub flows: &'a [V; Flow::COUNT],
}

impl State<'_> {
    #[inline(always)]
    fn sums(&self, who: Who) -> &Sums {
        match who {
            Who::Both => self.both,
            Who::One(sex) => &self.by_sex[sex],
        }
    }
}

/// Indicators ready to be computed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Program {
    steps: Vec<Step>,
    /// Where each indicator's value stands.
    results: Vec<Slot>,
    pub by_sex: bool,
    pub nrr: bool,
}

impl Program {
    pub fn new(indicators: &[Indicator]) -> Self {
        let mut program = Self {
            steps: Vec::new(),
            results: Vec::with_capacity(indicators.len()),
            by_sex: indicators.iter().any(Indicator::by_sex),
            nrr: indicators.iter().any(|i| i.uses(Flow::Nrr)),
        };
        for indicator in indicators {
            let result = program.append(indicator.ops());
            program.results.push(result);
        }
        program
    }

    /// The slot that holds the value of a formula in postfix order.
    fn append(&mut self, ops: &[Op]) -> Slot {
        let mut stack: Vec<Slot> = Vec::new();
        for op in ops {
            // A parsed formula never takes more than it has put there.
            let mut take = || stack.pop().unwrap_or_default();
            let step = match *op {
                Op::Flow(flow) => {
                    stack.push(flow as usize);
                    continue;
                }
                Op::Number(n) => Step::Number(n),
                Op::Group(who, from, to) => match (sums::kept(from), sums::kept(to)) {
                    (Some(from), Some(to)) => Step::Kept(who, from, to),
                    _ => Step::Group(who, from, to),
                },
                Op::MedianAge => Step::MedianAge,
                Op::MeanAge => Step::MeanAge,
                Op::Negate => Step::Negate(take()),
                Op::Add | Op::Subtract | Op::Multiply | Op::Divide => {
                    let (b, a) = (take(), take());
                    match op {
                        Op::Add => Step::Add(a, b),
                        Op::Subtract => Step::Subtract(a, b),
                        Op::Multiply => Step::Multiply(a, b),
                        _ => Step::Divide(a, b),
                    }
                }
            };
            let known = self.steps.iter().position(|s| *s == step);
            let at = known.unwrap_or_else(|| {
                self.steps.push(step);
                self.steps.len() - 1
            });
            stack.push(Flow::COUNT + at);
        }
        stack.pop().unwrap_or_default()
    }

    /// Room for the values of one block of draws.
    pub fn room(&self) -> Vec<Aligned<V>> {
        vec![Aligned(ZERO); Flow::COUNT + self.steps.len()]
    }

    /// The value of each indicator in each lane, in order; `room` is that of [`Program::room`].
    pub fn run<'r>(
        &'r self,
        at: &State<'_>,
        room: &'r mut [Aligned<V>],
    ) -> impl Iterator<Item = &'r V> + use<'r> {
        for (slot, flow) in room.iter_mut().zip(at.flows) {
            slot.0 = *flow;
        }
        run(&self.steps, at, room);
        self.results.iter().map(|slot| &room[*slot].0)
    }
}

#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx2", "x86_64+avx2"), dispatcher = "direct")]
fn run(steps: &[Step], at: &State<'_>, room: &mut [Aligned<V>]) {
    for (i, step) in steps.iter().enumerate() {
        let (known, rest) = room.split_at_mut(Flow::COUNT + i);
        let Some(value) = rest.first_mut() else { return };
        match *step {
            Step::Number(n) => value.0 = [n; L],
            Step::Group(who, from, to) => {
                let sums = at.sums(who);
                let (from, to) =
                    (sums::younger(at.cells, who, sums, from), sums::younger(at.cells, who, sums, to));
                each(value, &to, &from, |to, from| to - from);
            }
            Step::Kept(who, from, to) => {
                let sums = at.sums(who);
                each(value, &sums[to], &sums[from], |to, from| to - from);
            }
            Step::MedianAge => value.0 = sums::median_age(at.cells, at.both),
            Step::MeanAge => value.0 = sums::mean_age(at.cells, at.both),
            Step::Add(a, b) => each(value, &known[a], &known[b], |a, b| a + b),
            Step::Subtract(a, b) => each(value, &known[a], &known[b], |a, b| a - b),
            Step::Multiply(a, b) => each(value, &known[a], &known[b], |a, b| a * b),
            Step::Divide(a, b) => {
                each(value, &known[a], &known[b], |a, b| a / b);
                // Nobody in the denominator: not known, and left out of what is told (`quantiles::told`).
                let quotient = value.0;
                each(value, &quotient, &known[b], |q, b| if b == 0.0 { f64::NAN } else { q });
            }
            Step::Negate(a) => each(value, &known[a], &ZERO, |a, _| -a),
        }
    }
}

#[inline(always)]
fn each(value: &mut V, a: &V, b: &V, f: impl Fn(f64, f64) -> f64) {
    for i in 0..L {
        value[i] = f(a[i], b[i]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demography::indicators::DEFAULT;

    fn all(texts: &[&str]) -> (usize, Vec<f64>) {
        // 10 women and 20 men at each age.
        let cells: Cells = [[[10.0; L]; 101], [[20.0; L]; 101]];
        let (mut both, mut by_sex) = (sums::NO_SUMS, [sums::NO_SUMS; 2]);
        sums::sum_both(&cells, &mut both);
        (0..2).for_each(|sex| sums::sum_one(&cells[sex], &mut by_sex[sex]));
        let flows = std::array::from_fn(|i| [7.0 + i as f64; L]);
        let state = State { cells: &cells, both: &both, by_sex: &by_sex, flows: &flows };
        let program = Program::new(&Indicator::parse_all(texts).unwrap());
        let values = program.run(&state, &mut program.room()).map(|v| v[0]).collect();
        (program.steps.len(), values)
    }

    #[test]
    fn expressions() {
        for (text, value) in [
            ("total", 3030.0),
            ("(60+) / (15-59)", 41.0 / 45.0),
            ("60+ + 0-14", 30.0 * 56.0),
            ("female(60+) / male(60+)", 0.5),
            ("-2 * births + 0.5", -13.5),
            ("100 * 60_plus / total", 100.0 * 41.0 / 101.0),
            ("median_age", 50.5),
            ("deaths - births", 1.0),
        ] {
            assert_eq!(all(&[text]).1, [value], "{text}");
        }
        for text in ["1 / (0-0 - 0-0)", "2 + 60+ / (0-0 - 0-0)", "births * (1 / (7-7 - 7-7))"] {
            assert!(all(&[text]).1[0].is_nan(), "{text}");
        }
    }

    #[test]
    fn together_as_apart_and_what_is_shared_once() {
        let (steps, together) = all(&DEFAULT);
        let apart: Vec<f64> = DEFAULT.iter().map(|text| all(&[text]).1[0]).collect();
        assert_eq!(together, apart);
        // Five groups, three shares, a ratio and the median; flows need no step.
        assert_eq!(steps, 10);
    }
}
