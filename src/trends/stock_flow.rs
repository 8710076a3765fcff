//! Flows first: stock(t) = stock(t-1) + inflow(t) - outflow(t), checked to the unit and projected.
//!
//! The hazard of leaving is outflow(t) / stock(t-1); where more leave in a period than were there at its
//! start (vagrants helped, shelters), it is outflow(t) / (stock(t-1) + inflow(t)). Inflow and hazard are each
//! forecast with their intervals and the stock follows from both, draw by draw, so that an interval on the
//! stock is the interval of its flows. A category (urban, rural, a tier) is a stock of its own. A stock that
//! is missing follows from the one before it where both flows are known.

use super::forecast::{Forecast, forecast};
use super::series::{Breaks, check, rising, shown};
use crate::draws::{Key, QUANTILE_PROBS, Summary, summarize};
use crate::error::{Error, Problem, Result};
use crate::tables::Table;

const DRAWS: usize = 2000;

/// A stock with its flows; all of one length, a gap is `None`.
#[derive(Debug, Clone, PartialEq)]
pub struct StockFlow {
    /// At the end of each period.
    pub stock: Vec<Option<f64>>,
    /// During each period; those of the first period stand before the first stock and are not used.
    pub inflow: Vec<Option<f64>>,
    pub outflow: Vec<Option<f64>>,
    /// Names of the periods as messages give them; the number from 1 where empty.
    pub periods: Vec<String>,
}

/// A period whose identity does not close.
#[derive(Debug, Clone, PartialEq)]
pub struct Discrepancy {
    /// Position from 0.
    pub position: usize,
    pub period: String,
    pub expected: f64,
    pub stated: f64,
}

impl StockFlow {
    /// Refuses lengths that differ, negatives and NaN, with the series and the period named.
    pub fn new(
        stock: Vec<Option<f64>>,
        inflow: Vec<Option<f64>>,
        outflow: Vec<Option<f64>>,
        periods: Vec<String>,
    ) -> Result<Self> {
        let mut problems = Vec::new();
        for (name, values) in [("stock", &stock), ("inflow", &inflow), ("outflow", &outflow)] {
            if values.len() != stock.len() {
                let message = format!("{name} has another length than stock");
                let problem = Problem::new(message).column(name).value(values.len());
                problems.push(
                    problem
                        .expected(format!("{} values, None for the first flow where unknown", stock.len())),
                );
            }
            if let Err(error) = check(values) {
                let told = error.problems().iter().cloned().map(|p| p.column(name));
                problems.extend(told);
            }
        }
        if !periods.is_empty() && periods.len() != stock.len() {
            let problem = Problem::new("another number of periods than of stocks").column("periods");
            problems.push(problem.value(periods.len()).expected(stock.len().to_string()));
        }
        for (i, name) in periods.iter().enumerate() {
            if let Some(first) = periods[..i].iter().position(|p| p == name) {
                let message = format!("this period comes twice, first in row {}", first + 1);
                let problem = Problem::new(message).row(i + 1).column("periods").value(name);
                problems.push(problem.expected("each period once"));
            }
        }
        // A period that comes twice has been told; it needs no second message for not rising.
        if problems.is_empty() {
            rising(&periods, "periods")?;
            Ok(Self { stock, inflow, outflow, periods })
        } else {
            Err(Error::Data(problems))
        }
    }

    fn period(&self, i: usize) -> String {
        self.periods.get(i).cloned().unwrap_or_else(|| (i + 1).to_string())
    }

    /// Stocks as stated, and where missing as the flows make them.
    fn stocks(&self) -> Vec<Option<f64>> {
        let mut before = None;
        let mut next = |i: usize| {
            let flows = self.inflow[i].zip(self.outflow[i]);
            before = self.stock[i].or_else(|| {
                let (stock, (inflow, outflow)) = Option::zip(before, flows)?;
                Some(stock + inflow - outflow)
            });
            before
        };
        (0..self.stock.len()).map(&mut next).collect()
    }

    /// Stock before a period, its flows and the stock stated at its end, where all are known.
    fn closed(&self, i: usize, stocks: &[Option<f64>]) -> Option<(f64, f64, f64, f64)> {
        let before = stocks[i.checked_sub(1)?]?;
        Some((before, self.inflow[i]?, self.outflow[i]?, self.stock[i]?))
    }

    /// Whether in some period more left than were there at its start.
    fn turns_over(&self, stocks: &[Option<f64>]) -> bool {
        (1..stocks.len()).any(|i| stocks[i - 1].zip(self.outflow[i]).is_some_and(|(s, out)| out > s))
    }

    /// The periods in which stock and flows differ by more than `tolerance` (half a unit for
    /// counts), each with what would close it.
    pub fn discrepancies(&self, tolerance: f64) -> Vec<Discrepancy> {
        let stocks = self.stocks();
        (0..stocks.len())
            .filter_map(|i| {
                let (before, inflow, outflow, stated) = self.closed(i, &stocks)?;
                let expected = before + inflow - outflow;
                // Amounts of 10^15 carry rounding of their own.
                let limit = tolerance.max(4.0 * f64::EPSILON * (before + inflow + outflow));
                ((stated - expected).abs() > limit).then(|| Discrepancy {
                    position: i,
                    period: self.period(i),
                    expected,
                    stated,
                })
            })
            .collect()
    }

    /// Share of those who could leave that did, by period: of the stock before, or where more leave than were
    /// there, of the stock before and the inflow. `None` where something is unknown or nobody could leave.
    pub fn hazards(&self) -> Vec<Option<f64>> {
        let stocks = self.stocks();
        let turns_over = self.turns_over(&stocks);
        (0..stocks.len())
            .map(|i| {
                let before = i.checked_sub(1).and_then(|j| stocks[j])?;
                let there = before + if turns_over { self.inflow[i]? } else { 0.0 };
                let out = self.outflow[i]?;
                (there > 0.0).then(|| (out / there).min(1.0))
            })
            .collect()
    }

    /// Stock, inflow and outflow of the next `horizon` periods from the last known stock. `inflow_factor`
    /// multiplies the inflow of each period ([`inflow_factors`]); empty leaves it as it is.
    pub fn project(&self, horizon: usize, inflow_factor: &[f64], seed: u64) -> Result<Projection> {
        let hazards = self.hazards();
        let stocks = self.stocks();
        let turns_over = self.turns_over(&stocks);
        let last = stocks.iter().rposition(Option::is_some).unwrap_or(0);
        let start = stocks.get(last).copied().flatten().unwrap_or(0.0).max(0.0);
        let stated = self.stock.iter().rposition(Option::is_some).unwrap_or(0);
        if hazards.iter().all(Option::is_none)
            || self.inflow[1.min(self.inflow.len())..].iter().all(Option::is_none)
        {
            let message =
                "no period has the stock before it and both flows, so there is no hazard to project";
            return Err(Error::data(
                Problem::new(message).column("stock").expected("two stocks in a row, with the flows between"),
            ));
        }
        let mut problems: Vec<Problem> = Vec::new();
        if !inflow_factor.is_empty() && inflow_factor.len() != horizon {
            let problem =
                Problem::new("not one factor a period").column("inflow_factor").value(inflow_factor.len());
            problems.push(problem.expected(format!("{horizon} factors")));
        }
        problems.extend(
            inflow_factor.iter().enumerate().filter(|(_, f)| !(f.is_finite() && **f >= 0.0)).map(|(i, f)| {
                Problem::new("not a factor").column("inflow_factor").row(i + 1).value(f).expected("0 or more")
            }),
        );
        if !problems.is_empty() {
            return Err(Error::Data(problems));
        }
        // Flows count from the period after the last known stock.
        let inflow = forecast(&self.inflow[1..=last], horizon, Breaks::None)?;
        // Nobody has left yet: how many may is a matter of counts, not of shares.
        let nobody = hazards.iter().flatten().all(|h| *h == 0.0);
        let leaving = if nobody { &self.outflow } else { &hazards };
        let hazard = forecast(&leaving[1..=last], horizon, Breaks::None)?;
        let at_risk = if nobody { start.max(1.0) } else { 1.0 };
        let key = Key::new(seed, "trends.stock_flow", "");
        let mut draws: [Vec<Vec<f64>>; 3] = std::array::from_fn(|_| vec![Vec::new(); horizon]);
        for d in 0..DRAWS {
            let mut stream = key.stream(d as u64);
            let (u, v) = (stream.uniform(), stream.uniform());
            let mut stock = start;
            for h in 0..horizon {
                let arriving = inflow.quantile(h, u) * inflow_factor.get(h).copied().unwrap_or(1.0);
                let there = stock + if turns_over { arriving } else { 0.0 };
                let leaving = there * (hazard.quantile(h, v) / at_risk).min(1.0);
                stock = stock - leaving + arriving;
                [stock, arriving, leaving].into_iter().zip(&mut draws).for_each(|(x, all)| all[h].push(x));
            }
        }
        let mut reduce =
            |k: usize| -> Vec<Summary> { draws[k].iter_mut().filter_map(|d| summarize(d)).collect() };
        Ok(Projection {
            stock: reduce(0),
            inflow: reduce(1),
            outflow: reduce(2),
            inflow_forecast: inflow,
            hazard_forecast: hazard,
            implied: last - stated,
            turns_over,
        })
    }
}

/// Quantiles (2.5, 10, 50, 90, 97.5 %) and means by period ahead.
#[derive(Debug, Clone)]
pub struct Projection {
    pub stock: Vec<Summary>,
    pub inflow: Vec<Summary>,
    pub outflow: Vec<Summary>,
    pub inflow_forecast: Forecast,
    /// Share of the stock that leaves in a period; the number that leaves where nobody has left yet.
    pub hazard_forecast: Forecast,
    /// Periods after the last stated stock whose stock follows from the flows.
    pub implied: usize,
    /// Whether hazards are shares of stock and inflow together.
    pub turns_over: bool,
}

impl Projection {
    /// Columns step, flow (`stock`, `inflow`, `outflow`), label, mean, p2_5 … p97_5.
    pub fn table(&self, notes: &[String]) -> Result<Table> {
        let parts = [
            ("stock", "期末数", &self.stock),
            ("inflow", "新增", &self.inflow),
            ("outflow", "退出", &self.outflow),
        ];
        let rows: Vec<(usize, &str, &str, &Summary)> = parts
            .iter()
            .flat_map(|(name, label, values)| {
                values.iter().enumerate().map(move |(h, s)| (h + 1, *name, *label, s))
            })
            .collect();
        let identity = if self.turns_over {
            "期末数＝上期末＋新增−退出；一期之内退出多于上期末，故退出＝（上期末＋新增）×退出率；新增与退出率各按自身历史预测"
        } else {
            "期末数＝上期末＋新增−退出；退出＝上期末×退出率；新增与退出率各按自身历史预测"
        };
        let mut table = Table::builder("存量—流量预测").note(identity).note(format!(
            "新增与退出率的区间取自参照类“{}”；由两者合成的期末数区间，未在真实序列上检验过覆盖率",
            self.inflow_forecast.reference_class
        ));
        if self.implied > 0 {
            table = table.note(format!("最后{}期没有期末数，按新增与退出推算", self.implied));
        }
        for note in notes {
            table = table.note(note);
        }
        let mut table = table
            .int("step", "向前期数", "", rows.iter().map(|r| r.0 as i64))
            .text("flow", "项目", rows.iter().map(|r| r.1))
            .text("label", "名称", rows.iter().map(|r| r.2))
            .float("mean", "均值", "", rows.iter().map(|r| r.3.mean));
        for (k, name) in crate::draws::QUANTILE_NAMES.iter().enumerate() {
            let label = format!("{}%分位", QUANTILE_PROBS[k] * 100.0);
            table = table.float(name, &label, "", rows.iter().map(|r| r.3.quantiles[k]));
        }
        table.build()
    }
}

/// By how much a path of standards moves the inflow: (standard / standard before)^elasticity, against
/// the standard at the end of the history. The elasticity is an assumption and is stated by whoever
/// gives it; 0.3 says that a rise of a tenth brings 2.9 % more applicants.
pub fn inflow_factors(base: f64, standards: &[f64], elasticity: f64) -> Result<Vec<f64>> {
    let mut problems = Vec::new();
    if !elasticity.is_finite() {
        problems.push(
            Problem::new("not a number").column("elasticity").value(elasticity).expected("such as 0.3"),
        );
    }
    for (i, s) in
        std::iter::once(&base).chain(standards).enumerate().filter(|(_, s)| !(s.is_finite() && **s > 0.0))
    {
        let problem = Problem::new("not a standard").value(shown(*s));
        let problem = if i == 0 { problem.column("base") } else { problem.column("standards").row(i) };
        problems.push(problem.expected("an amount above 0"));
    }
    if problems.is_empty() {
        Ok(standards.iter().map(|s| (s / base).powf(elasticity).min(f64::MAX)).collect())
    } else {
        Err(Error::Data(problems))
    }
}
