//! The forecast of one series: centre, quantiles at any level, and what stands behind them.

use std::sync::OnceLock;

use super::centre::centre_with_rms;
use super::go::Go;
use super::own_errors::measures;
use super::reference_class::{K, PROBS, ReferenceClass};
use super::series::{Breaks, Prepared, check, prepare};
use super::small_numbers;
use crate::error::{Error, Problem, Result};

/// Steps ahead that a forecast may have: past a working life there is nothing to say.
pub const MAX_HORIZON: usize = 100;

/// A forecast: one entry a step, the first step first.
#[derive(Debug, Clone)]
pub struct Forecast {
    /// Point forecast of each step: the centre carried back from the square-root scale without bias
    /// adjustment, under the name that forecasting libraries give it. It is the median, or the level where
    /// the history never moved.
    pub mean: Vec<f64>,
    /// Median of each step: what errs least in absolute terms.
    pub median: Vec<f64>,
    /// Expected value of each step, above the median where the interval is wide: what adds up.
    pub expected: Vec<f64>,
    /// How the centre was found, in Chinese.
    pub method: String,
    /// The class behind the intervals, in Chinese.
    pub reference_class: String,
    /// Coverage of the class measured on series left out of it: (nominal, measured).
    pub coverage: Vec<(f64, f64)>,
    /// What a reader has to know, in Chinese.
    pub notes: Vec<String>,
    /// Position of the first value used: 0, or the last break.
    pub start: usize,
    /// Where the measured coverage does not apply, in Chinese: it was measured on five values and more, up to
    /// six years ahead.
    pub unmeasured: Vec<String>,
    /// Square roots of the quantiles at `PROBS`, by step; may be negative below a true zero.
    roots: Vec<[f64; K]>,
}

/// What [`forecast_with`] takes beside values and horizon.
#[derive(Debug, Clone, Default)]
pub struct Options<'a> {
    pub breaks: Breaks,
    /// Values a year: 4 for quarters, 12 for months; 0 or 1 for years.
    pub period: usize,
    /// A class of one's own; the shipped one otherwise.
    pub class: Option<&'a ReferenceClass>,
    /// What stops a search of breaks.
    pub go: Go<'a>,
}

/// Forecasts a non-negative annual series from its last regime; `None` is a gap. At least one
/// value must be there; negatives and NaN are a `DataError`. See [`Forecast`].
pub fn forecast(values: &[Option<f64>], horizon: usize, breaks: Breaks) -> Result<Forecast> {
    forecast_with(values, horizon, &Options { breaks, ..Options::default() })
}

/// [`forecast`] with a reference class of one's own.
pub fn forecast_with(values: &[Option<f64>], horizon: usize, options: &Options<'_>) -> Result<Forecast> {
    check(values)?;
    if horizon == 0 || horizon > MAX_HORIZON {
        let problem = Problem::new("a horizon that cannot be forecast").column("horizon").value(horizon);
        return Err(Error::model(problem.expected(format!("1 to {MAX_HORIZON} steps"))));
    }
    let class = match options.class {
        Some(class) => class,
        None => ReferenceClass::shipped()?,
    };
    if class.lengths.is_empty() {
        let problem = Problem::new("a reference class without lengths").column("class").value(&class.name);
        return Err(Error::model(problem.expected("one from fit_class or parse")));
    }
    let (start, mut notes) = regime_start(values, &options.breaks, options.go)?;
    let mut prepared = prepare(values, start);
    let flat = prepared.changes.iter().all(|c| *c == 0.0);
    let season = super::season::adjust(&mut prepared, options.period);
    let past = prepared.trailing;
    let all_zero = prepared.z.iter().all(|z| *z == 0.0);
    let steps = horizon + past;
    let few = small_numbers::few(values, start);
    let (mut roots, method) = if all_zero {
        (small_numbers::none_so_far(prepared.observed, past, horizon), "历史全为零：按泊松—伽马预测分布")
    } else {
        let mut roots = class_roots(&prepared, class, steps, past);
        if let Some(pattern) = &season {
            for (h, row) in roots.iter_mut().enumerate() {
                let add = pattern[(past + h) % pattern.len()] * prepared.unit;
                row.iter_mut().for_each(|r| *r += add);
            }
        }
        (roots, method_name(prepared.observed, season.is_some()))
    };
    let widened = !all_zero && few.is_some_and(|events| small_numbers::widen(&mut roots, &events, past));
    if options.period > 1 {
        notes.push(if season.is_some() || all_zero {
            "参照类由年度序列得来，月度、季度序列的区间覆盖率未经检验".to_owned()
        } else {
            format!("不足两个完整周期（{}个值），看不出季节变化，未作季节调整", 2 * options.period)
        });
    }
    remark(&mut notes, &prepared, class, steps, all_zero);
    if widened {
        notes.push("数值很小：区间按个数（人、件）的随机增减放宽，单位不是个数时不适用".to_owned());
    }
    let unmeasured = unmeasured(&prepared, options.period, steps, all_zero);
    let mut f = Forecast {
        mean: Vec::new(),
        median: Vec::new(),
        expected: Vec::new(),
        method: method.to_owned(),
        reference_class: class.name.clone(),
        coverage: class.coverage.clone(),
        notes,
        start,
        unmeasured,
        roots,
    };
    f.median = (0..horizon).map(|h| f.quantile(h, 0.5)).collect();
    f.mean = f.median.clone();
    if let (true, Some(level)) = (flat, values.iter().flatten().last()) {
        // The class's median drifts with its series; a level that never moved is its own point forecast.
        f.mean.fill(*level);
    }
    f.expected = f.roots.iter().map(mean_of).collect();
    Ok(f)
}

impl Forecast {
    /// Steps ahead.
    pub fn horizon(&self) -> usize {
        self.roots.len()
    }

    /// Quantile `p` (0..=1) of step `step` (from 0): grows with p, never negative, never NaN. With
    /// one uniform number a draw this makes a path that is high or low throughout. A step past
    /// the horizon is the last step.
    pub fn quantile(&self, step: usize, p: f64) -> f64 {
        let Some(row) = self.roots.get(step).or(self.roots.last()) else { return 0.0 };
        let p = if p.is_nan() { 0.5 } else { p.clamp(1e-9, 1.0 - 1e-9) };
        squared(root_at(row, normal_score(p)))
    }

    /// Central interval of `level` (0..1, such as 0.95): lower and upper bounds by step.
    pub fn interval(&self, level: f64) -> (Vec<f64>, Vec<f64>) {
        let tail = (1.0 - level) / 2.0;
        let bound = |p: f64| (0..self.horizon()).map(|h| self.quantile(h, p)).collect();
        (bound(tail), bound(1.0 - tail))
    }

    /// A sentence about the measured coverage of the class and where it does not apply; empty where none was
    /// measured.
    pub fn coverage_note(&self) -> String {
        if self.coverage.is_empty() {
            return String::new();
        }
        let parts: Vec<String> = self
            .coverage
            .iter()
            .map(|(level, got)| format!("名义{:.0}%区间实测覆盖{:.1}%", level * 100.0, got * 100.0))
            .collect();
        let measured = format!("参照类“{}”的留出检验：{}", self.reference_class, parts.join("，"));
        if self.unmeasured.is_empty() {
            format!("区间取自{measured}")
        } else {
            format!("{measured}；{}，不在检验之内", self.unmeasured.join("，"))
        }
    }
}

/// Years ahead for which the class's coverage was measured.
const MEASURED_STEPS: usize = 6;
/// Values from which on it was.
const MEASURED_VALUES: usize = 5;

fn unmeasured(series: &Prepared, period: usize, steps: usize, all_zero: bool) -> Vec<String> {
    let mut found = Vec::new();
    if all_zero {
        found.push("本序列历史全为零，按个数的概率分布另算".to_owned());
    } else if period > 1 {
        found.push("检验用的是年度序列，本序列为月度或季度".to_owned());
    } else if series.observed < MEASURED_VALUES {
        found.push(format!("本序列只有{}个值", series.observed));
    }
    if steps > MEASURED_STEPS && !all_zero {
        found.push(format!("第{}期以后", MEASURED_STEPS));
    }
    found
}

fn regime_start(values: &[Option<f64>], breaks: &Breaks, go: Go<'_>) -> Result<(usize, Vec<String>)> {
    let last_seen = values.iter().rposition(Option::is_some).unwrap_or(0);
    match breaks {
        Breaks::None => Ok((0, Vec::new())),
        Breaks::At(positions) => {
            let problems: Vec<Problem> = positions
                .iter()
                .filter(|p| **p == 0 || **p > last_seen)
                .map(|p| {
                    let message = "a break that leaves no value on one side";
                    let expected =
                        format!("positions from 1 to {last_seen}, the first value of a new regime");
                    Problem::new(message).column("breaks").value(p).expected(expected)
                })
                .collect();
            if !problems.is_empty() {
                return Err(Error::Data(problems));
            }
            let start = positions.iter().copied().max().unwrap_or(0);
            let note =
                (start > 0).then(|| format!("序列在第{}个值处断开，只用断点之后的数据预测", start + 1));
            Ok((start, note.into_iter().collect()))
        }
        Breaks::Auto => {
            let found = super::breaks::breaks_while(values, 0.05, 0, go)?;
            let Some(last) = found.last() else {
                return Ok((0, vec!["未发现显著的断点（置换检验，p≤0.05）".to_owned()]));
            };
            let kind = match last.kind {
                super::breaks::Kind::Level => "水平",
                super::breaks::Kind::Slope => "趋势",
            };
            let mut notes = vec![format!(
                "检出{}断点在第{}个值处（置换检验p={:.3}），只用断点之后的数据预测",
                kind,
                last.position + 1,
                last.p_value
            )];
            if super::breaks::drifts(values) {
                notes.push(super::breaks::DRIFTS.to_owned());
            }
            Ok((last.position, notes))
        }
    }
}

fn method_name(observed: usize, seasonal: bool) -> &'static str {
    match observed {
        _ if seasonal => "STL季节调整后，阻尼漂移与动态优化Theta合成（平方根尺度）",
        1 => "只有一个值：水平不变",
        2 => "只有两个值：向参照类收缩的阻尼漂移",
        _ => "阻尼漂移与动态优化Theta合成（平方根尺度）",
    }
}

fn class_roots(series: &Prepared, class: &ReferenceClass, steps: usize, past: usize) -> Vec<[f64; K]> {
    let (centre, rms) = centre_with_rms(&series.z, steps);
    let own = measures(series, rms);
    let (low, high, weight) = class.around(series.observed);
    let (scale_low, scale_high) = (low.scale(&own), high.scale(&own));
    (past..steps)
        .map(|h| {
            let (a, b) = (low.row(h + 1), high.row(h + 1));
            std::array::from_fn(|k| {
                let spread = (1.0 - weight) * scale_low * a[k] + weight * scale_high * b[k];
                (centre[h] + spread) * series.unit
            })
        })
        .collect()
}

fn remark(notes: &mut Vec<String>, series: &Prepared, class: &ReferenceClass, steps: usize, all_zero: bool) {
    let n = series.observed;
    if all_zero {
        notes.push("历史值全部为零：上限按个数（人、件）计，单位不是个数时不适用".to_owned());
    } else if n == 1 {
        notes.push(
            "只有一个值，看不出趋势：预测为水平不变，区间按参照类中同样处境的序列给出，很宽".to_owned(),
        );
    } else if n == 2 {
        notes.push("只有两个值，两点之间的变化不足以当作趋势：预测只取其一部分，区间很宽".to_owned());
    } else if n < 5 {
        notes.push(format!("只有{n}个值，区间主要由参照类决定"));
    }
    if !all_zero && n > 2 && series.changes.iter().all(|c| *c == 0.0) {
        notes.push("历史值没有变动：区间按参照类中最平稳的序列给出，制度变化不在其内".to_owned());
    }
    if series.gaps > 0 {
        notes.push(format!("历史中有{}个空缺，按前后两值连线补上，区间按实有的值放宽", series.gaps));
    }
    if series.trailing > 0 {
        notes.push(format!("最后{}期没有数据，预测从最后一个有值的时点算起", series.trailing));
    }
    let known = class.around(n).0.quantiles.len();
    if steps > known && !all_zero {
        notes.push(format!("第{}期以后超出参照类的期限，区间按其增长速度外推", known));
    }
}

pub(super) fn squared(root: f64) -> f64 {
    let root = root.max(0.0);
    (root * root).min(f64::MAX)
}

/// Standard normal quantile.
fn normal_score(p: f64) -> f64 {
    -std::f64::consts::SQRT_2 * statrs::function::erf::erfc_inv(2.0 * p)
}

fn scores() -> &'static [f64; K] {
    static SCORES: OnceLock<[f64; K]> = OnceLock::new();
    SCORES.get_or_init(|| PROBS.map(normal_score))
}

/// A row at a normal score: linear between the kept quantiles and beyond the last.
fn root_at(row: &[f64; K], score: f64) -> f64 {
    let scores = scores();
    let at = scores.partition_point(|s| *s < score).clamp(1, K - 1);
    let share = (score - scores[at - 1]) / (scores[at] - scores[at - 1]);
    row[at - 1] + share * (row[at] - row[at - 1])
}

/// Mean over 200 equally likely parts of the distribution.
fn mean_of(row: &[f64; K]) -> f64 {
    const PARTS: usize = 200;
    static NODES: OnceLock<Vec<f64>> = OnceLock::new();
    let nodes =
        NODES.get_or_init(|| (0..PARTS).map(|i| normal_score((i as f64 + 0.5) / PARTS as f64)).collect());
    nodes.iter().map(|s| squared(root_at(row, *s)) / PARTS as f64).sum()
}
