//! A series with its times: missing times become gaps, and positions keep counting what was given.

use super::series::rising;
use super::times::{self, Clock, read_times};
use crate::error::{Error, Problem, Result};

/// More steps than this between first and last time are a mistake in the times.
const LONGEST_SPAN: i64 = 1000;

/// Values on the grid of their times.
#[derive(Debug, Clone, PartialEq)]
pub struct Timed {
    /// One value a step; `None` where a time is missing.
    pub values: Vec<Option<f64>>,
    /// Place on the grid of each value given.
    index: Vec<usize>,
    clock: Clock,
    last: i64,
}

impl Timed {
    /// Puts values on the grid of their times, one a value; `period` has to fit them. Times that are none,
    /// that fall or come twice are told.
    pub fn new(values: &[Option<f64>], texts: &[String], period: usize) -> Result<Self> {
        one_a_value(values.len(), texts)?;
        let cells: Vec<Option<&str>> = texts.iter().map(|t| Some(t.as_str())).collect();
        let times = read_times(&cells, period).map_err(|wrong| {
            let tell = |w: times::Wrong| {
                let problem = Problem::new(w.message).row(w.row + 1).column("times").expected(w.expected);
                texts.get(w.row).map_or(problem.clone(), |t| problem.value(t))
            };
            Error::Data(wrong.into_iter().map(tell).collect())
        })?;
        rising(texts, "times")?;
        let step = |(i, w): (usize, &[i64])| {
            (w[1] <= w[0]).then(|| {
                let message = format!("{} and {} lie in one period", texts[i], texts[i + 1]);
                let problem = Problem::new(message).row(i + 2).column("times").value(&texts[i + 1]);
                problem.expected("one value a period")
            })
        };
        let mut problems: Vec<Problem> = times.places.windows(2).enumerate().filter_map(step).collect();
        let (first, last) =
            (times.places.first().copied().unwrap_or(0), times.places.last().copied().unwrap_or(0));
        if problems.is_empty() && last - first > LONGEST_SPAN {
            let message = format!("the times span {} periods", last - first);
            problems.push(Problem::new(message).column("times").expected(times::EXPECTED));
        }
        if !problems.is_empty() {
            return Err(Error::Data(problems));
        }
        let index: Vec<usize> = times.places.iter().map(|p| (p - first) as usize).collect();
        let mut spread = vec![None; index.last().map_or(0, |last| last + 1)];
        index.iter().zip(values).for_each(|(i, v)| spread[*i] = *v);
        Ok(Self { values: spread, index, clock: times.clock, last })
    }

    /// The grid of times that may also be mere names, which are taken in the order given; `None` for those.
    /// Times that fall or come twice are told.
    pub fn if_times(values: &[Option<f64>], texts: &[String]) -> Result<Option<Self>> {
        one_a_value(values.len(), texts)?;
        rising(texts, "times")?;
        Ok(Self::new(values, texts, 1).ok())
    }

    /// The place on the grid of a position among the values given; past the end where there is none.
    pub fn place(&self, position: usize) -> usize {
        self.index.get(position).copied().unwrap_or(self.values.len().saturating_add(position))
    }

    /// The first position among the values given that stands at a place of the grid or behind it.
    pub fn position(&self, place: usize) -> usize {
        self.index.partition_point(|p| *p < place)
    }

    /// The times of the steps ahead, written as those given.
    pub fn ahead(&self, horizon: usize) -> Vec<String> {
        (1..=horizon as i64).map(|h| self.clock.label(self.last + h)).collect()
    }

    /// The place in time of each value given: years are their own places.
    pub fn places(&self) -> Vec<i64> {
        let first = self.first();
        self.index.iter().map(|i| first + *i as i64).collect()
    }

    /// The labels from the first time to `ahead` steps past the last.
    pub fn labels(&self, ahead: usize) -> Vec<String> {
        (self.first()..=self.last + ahead as i64).map(|place| self.clock.label(place)).collect()
    }

    /// Months of a step; `None` for plain numbers.
    pub fn months(&self) -> Option<i64> {
        self.clock.months()
    }

    fn first(&self) -> i64 {
        self.last - self.index.last().copied().unwrap_or(0) as i64
    }

    /// Whether the times are digits alone.
    pub fn is_digits(&self) -> bool {
        self.clock.is_digits()
    }
}

fn one_a_value(values: usize, texts: &[String]) -> Result<()> {
    if texts.len() == values {
        return Ok(());
    }
    let problem = Problem::new("another number of times than of values").column("times").value(texts.len());
    Err(Error::data(problem.expected(values.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(times: &[&str]) -> Vec<String> {
        times.iter().map(|t| (*t).to_owned()).collect()
    }

    #[test]
    fn missing_times_are_gaps_and_positions_stay_those_given() {
        let t = Timed::new(&[Some(1.0), Some(2.0), Some(3.0)], &texts(&["2015", "2016", "2019"]), 1).unwrap();
        assert_eq!(t.values, [Some(1.0), Some(2.0), None, None, Some(3.0)]);
        assert_eq!((t.place(2), t.position(4), t.position(2), t.place(9)), (4, 2, 2, 14));
        assert_eq!(t.ahead(2), ["2020", "2021"]);
        assert!(t.is_digits());
        assert_eq!((t.places(), t.labels(0).len()), (vec![2015, 2016, 2019], 5));
    }

    #[test]
    fn falling_double_and_unread_times_are_told() {
        let values = [Some(1.0), Some(2.0)];
        for (times, told) in [
            (["2019年", "2018年"], "2018年 comes after 2019年"),
            (["2020-10", "2020-10"], "2020-10 comes after 2020-10"),
            (["2020", "去年"], "not a time (got \"去年\")"),
            (["2020-01-05", "2020-01-09"], "lie in one period"),
            (["1", "1500"], "1499 apart"),
        ] {
            let error = Timed::new(&values, &texts(&times), 1).unwrap_err().to_string();
            assert!(error.contains(told), "{times:?}: {error}");
        }
        assert!(Timed::new(&values, &texts(&["2020"]), 1).is_err());
        assert_eq!(Timed::if_times(&values, &texts(&["甲", "乙"])).unwrap(), None);
        assert!(Timed::if_times(&values, &texts(&["2019年", "2018年"])).is_err());
    }
}
