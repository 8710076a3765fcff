//! Rolling origin: what the forecasts of a series would have been worth, against naive, drift and, for
//! months and quarters, the same season of the year before.
//!
//! Tashman 2000, "Out-of-sample tests of forecasting accuracy", International Journal of
//! Forecasting 16. Scaled interval score: Gneiting & Raftery 2007, Journal of the American
//! Statistical Association 102; errors are scaled by the mean absolute change of the history that
//! each forecast had (Hyndman & Koehler 2006).

use super::forecast::{Options, forecast_with};
use super::go::Go;
use super::series::Breaks;
use crate::error::{Error, Result};
use crate::tables::Table;

const LEVELS: [f64; 2] = [0.80, 0.95];
const METHODS: [(&str, &str); 4] = [
    ("minsuan", "本方法"),
    ("naive", "末值不变"),
    ("drift", "平均增量外推"),
    ("seasonal_naive", "上年同期值"),
];
/// What is called with origins done and all origins; false stops the work.
type Step<'a> = &'a (dyn Fn(usize, usize) -> bool + Sync);

/// One forecast of a backtest at one step.
#[derive(Debug, Clone, PartialEq)]
pub struct Tested {
    /// This method, naive, drift; with a season the seasonal naive too.
    pub method: usize,
    /// Position (from 0) of the first value ahead.
    pub origin: usize,
    /// Steps ahead, from 1.
    pub step: usize,
    pub truth: f64,
    pub point: f64,
    /// Bounds at 80 % and 95 %.
    pub bounds: [(f64, f64); 2],
    /// Mean absolute change of the history; 0 where it did not move.
    pub scale: f64,
}

/// Every forecast from `minimum` known values on (a gap is none), at most `horizon` steps. Breaks given as
/// positions count only once they lie in the past; `Auto` is searched anew at each origin. None where no more
/// than `minimum` values are known.
pub fn rolling(
    values: &[Option<f64>],
    horizon: usize,
    minimum: usize,
    options: &Options<'_>,
) -> Result<Vec<Tested>> {
    rolling_steps(values, horizon, minimum, options, &|_, _| true)
}

fn rolling_steps(
    values: &[Option<f64>],
    horizon: usize,
    minimum: usize,
    options: &Options<'_>,
    step: Step<'_>,
) -> Result<Vec<Tested>> {
    // Values, breaks, horizon and class are told once, against the whole series.
    let minimum = minimum.max(1);
    let total = values.len().saturating_sub(minimum);
    let asked = || step(0, total);
    forecast_with(values, horizon, &Options { go: Go::asking(&asked), ..options.clone() })?;
    let mut all = Vec::new();
    for origin in minimum..values.len() {
        let asked = || step(origin - minimum, total);
        if !asked() {
            return Err(Error::Interrupted);
        }
        let past = &values[..origin];
        if past.iter().flatten().count() < minimum {
            continue;
        }
        let Some(last) = past.iter().rposition(Option::is_some) else { continue };
        let breaks = match &options.breaks {
            Breaks::At(p) => Breaks::At(p.iter().copied().filter(|p| (1..=last).contains(p)).collect()),
            other => other.clone(),
        };
        let steps = horizon.min(values.len() - origin);
        let here = Options { breaks, period: options.period, class: options.class, go: Go::asking(&asked) };
        let f = forecast_with(past, steps, &here)?;
        let simple = Simple::of(past, last);
        for h in 0..steps {
            let Some(truth) = values[origin + h] else { continue };
            let ahead = (h + origin - last) as f64;
            let ours = LEVELS.map(|l| (f.quantile(h, (1.0 - l) / 2.0), f.quantile(h, (1.0 + l) / 2.0)));
            let points = [(f.median[h], ours), simple.naive(ahead), simple.drift(ahead)];
            let seasonal = (options.period > 1)
                .then(|| seasonal(past, origin + h, options.period).unwrap_or(simple.naive(ahead)));
            for (method, (point, bounds)) in points.into_iter().chain(seasonal).enumerate() {
                let scale = simple.scale;
                all.push(Tested { method, origin, step: h + 1, truth, point, bounds, scale });
            }
        }
    }
    Ok(all)
}

/// [`rolling`] as a table of one row a method: forecasts, coverage at 80 and 95 %, scaled interval
/// scores, scaled absolute error. Scores are null where no history had moved. `step(done, total)` is called
/// again and again, also within a search of breaks, and false stops the work.
pub fn backtest(
    values: &[Option<f64>],
    horizon: usize,
    minimum: usize,
    options: &Options<'_>,
    step: Step<'_>,
) -> Result<Table> {
    let all = rolling_steps(values, horizon, minimum, options, step)?;
    let methods = &METHODS[..if options.period > 1 { 4 } else { 3 }];
    let of = |method: usize| all.iter().filter(move |t| t.method == method);
    let mean = |method: usize, value: &dyn Fn(&Tested) -> Option<f64>| {
        let known: Vec<f64> = of(method).filter_map(value).collect();
        (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
    };
    let covered = |level: usize| {
        move |t: &Tested| {
            let (lo, hi) = t.bounds[level];
            Some(f64::from(u8::from(lo <= t.truth && t.truth <= hi)))
        }
    };
    let score = |level: usize| move |t: &Tested| scaled(t, interval_score(t, level));
    let column = |value: &dyn Fn(&Tested) -> Option<f64>| {
        (0..methods.len()).map(|m| mean(m, value)).collect::<Vec<_>>()
    };
    let mut table = Table::builder("滚动起点回测");
    if all.is_empty() {
        table = table.note(format!(
            "序列共{}期，其中已知{}期，不多于minimum={}，没有可供回测的起点，故无结果；可减小minimum",
            values.len(),
            values.iter().flatten().count(),
            minimum.max(1)
        ));
    }
    table
        .note(format!(
            "从已知{}个值起，逐{}向前预测至多{horizon}期；覆盖率为真值落在区间内的比例",
            minimum.max(1),
            match options.period {
                0 | 1 => "年",
                4 => "季",
                12 => "月",
                _ => "期",
            }
        ))
        .note("区间得分和误差除以当时历史的平均变动幅度，越小越好；单个序列的次数少，只供参考")
        .text("method", "方法", methods.iter().map(|m| m.0))
        .text("label", "名称", methods.iter().map(|m| m.1))
        .int("forecasts", "预测次数", "次", (0..methods.len()).map(|m| of(m).count() as i64))
        .opt_float("coverage_80", "80%区间覆盖率", "", column(&covered(0)))
        .opt_float("coverage_95", "95%区间覆盖率", "", column(&covered(1)))
        .opt_float("interval_score_80", "80%区间得分", "", column(&score(0)))
        .opt_float("interval_score_95", "95%区间得分", "", column(&score(1)))
        .opt_float(
            "mase",
            "平均绝对标准化误差",
            "",
            column(&|t: &Tested| scaled(t, (t.point - t.truth).abs())),
        )
        .build()
}

fn scaled(t: &Tested, value: f64) -> Option<f64> {
    (t.scale > 0.0).then(|| value / t.scale)
}

fn interval_score(t: &Tested, level: usize) -> f64 {
    let (lo, hi) = t.bounds[level];
    let tail = (1.0 - LEVELS[level]) / 2.0;
    (hi - lo) + ((lo - t.truth).max(0.0) + (t.truth - hi).max(0.0)) / tail
}

/// The two methods everybody knows, with normal intervals.
struct Simple {
    last: f64,
    slope: f64,
    /// Standard deviation of changes around none, and around their mean.
    spread: (f64, f64),
    changes: f64,
    scale: f64,
}

impl Simple {
    fn of(past: &[Option<f64>], last: usize) -> Self {
        let seen: Vec<(usize, f64)> =
            past.iter().enumerate().filter_map(|(i, v)| v.map(|v| (i, v))).collect();
        let end = seen.last().map_or(0.0, |s| s.1);
        let years = last - seen.first().map_or(last, |s| s.0);
        let slope = if years > 0 { (end - seen[0].1) / years as f64 } else { 0.0 };
        let changes: Vec<(f64, f64)> =
            seen.windows(2).map(|w| (w[1].1 - w[0].1, (w[1].0 - w[0].0) as f64)).collect();
        let n = changes.len() as f64;
        let spread = |around: f64, lost: f64| {
            let sum: f64 = changes.iter().map(|(c, years)| (c - around * years).powi(2) / years).sum();
            if n > lost { (sum / (n - lost)).sqrt() } else { 0.0 }
        };
        let scale = if n > 0.0 { changes.iter().map(|(c, _)| c.abs()).sum::<f64>() / n } else { 0.0 };
        Self { last: end, slope, spread: (spread(0.0, 0.0), spread(slope, 1.0)), changes: n, scale }
    }

    fn naive(&self, ahead: f64) -> (f64, [(f64, f64); 2]) {
        normal(self.last, self.spread.0 * ahead.sqrt())
    }

    fn drift(&self, ahead: f64) -> (f64, [(f64, f64); 2]) {
        let known = self.changes.max(1.0);
        normal(self.last + self.slope * ahead, self.spread.1 * (ahead * (1.0 + ahead / known)).sqrt())
    }
}

/// The value of the same season in the last year that has one; its spread is that of changes over a year,
/// grown with the root of the years between (Hyndman & Athanasopoulos 2021, section 5.5). `None` where no
/// such value is known.
fn seasonal(past: &[Option<f64>], target: usize, period: usize) -> Option<(f64, [(f64, f64); 2])> {
    let mut at = target;
    let point = loop {
        at = at.checked_sub(period)?;
        if let Some(value) = past.get(at).copied().flatten() {
            break value;
        }
    };
    let changes: Vec<f64> =
        (period..past.len()).filter_map(|i| Some((past[i]? - past[i - period]?).powi(2))).collect();
    let spread =
        if changes.is_empty() { 0.0 } else { (changes.iter().sum::<f64>() / changes.len() as f64).sqrt() };
    Some(normal(point, spread * (((target - at) / period) as f64).sqrt()))
}

fn normal(point: f64, sd: f64) -> (f64, [(f64, f64); 2]) {
    const SCORES: [f64; 2] = [1.281_551_565_544_6, 1.959_963_984_540_054];
    (point, SCORES.map(|z| (point - z * sd, point + z * sd)))
}
