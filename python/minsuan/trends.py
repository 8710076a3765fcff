"""Trends of short series: forecast, backtest, breaks, stock and flow.

A county has five to fifteen points of a series, cut by reforms. Forecasts use the last regime; their
intervals come from a reference class of real series, named in every forecast with its measured coverage.
Values are non-negative; a gap is ``None``, or what pandas has for missing; a negative, or a NaN in a list
or an array, is a ``DataError`` that names each of them. A series is a list, an array, a pandas or polars
series, a table with year and value, or a dict of years with their values. The years of a dict, of an
index or of a table are its times: they have to rise, and a missing year is a gap.

>>> import minsuan as ms
>>> f = ms.trends.forecast([412, 398, 371, 365, 340, 352, 331], horizon=3)
>>> bool(f.lower[95][0] < f.median[0] < f.upper[95][0])
True
>>> f.reference_class
'年度公开序列（M3竞赛645条、旅游竞赛518条）'
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from minsuan import _core, _series
from minsuan._core import Forecast, ReferenceClass, StockFlow, Table

__all__ = [
    "Ets",
    "Forecast",
    "Reconciled",
    "ReferenceClass",
    "StockFlow",
    "backtest",
    "breaks",
    "decumulate",
    "documented_breaks",
    "ets",
    "forecast",
    "forecast_panel",
    "inflow_factors",
    "programs",
    "reconcile",
    "reference_class",
    "series",
    "shipped",
    "stock_flow",
]

Values = Iterable[float | None] | Mapping[Any, float | None]
Times = Iterable[Any] | None
Breaks = Sequence[int] | Literal["auto"] | None


def forecast(
    values: Values,
    horizon: int = 5,
    levels: Sequence[float] | float = (80, 95),
    breaks: Breaks = None,
    *,
    period: int = 1,
    reference_class: ReferenceClass | None = None,
    times: Times = None,
) -> Forecast:
    """Forecast of one series, with intervals that hold the truth as often as they say.

    ``breaks``: ``None`` for one regime, ``"auto"`` to search, or positions (from 0) of the first value of
    each new regime; only the last regime is used. ``period``: 12 for months, 4 for quarters (STL takes
    the season out). ``reference_class``: one of your own, from :func:`reference_class`. ``times``, one a
    value: years, numbered periods, or months and quarters (``"2018-01"``, ``201801``, ``"2018年1月"``,
    ``"2018Q1"``) that fit ``period``; a missing one is a gap, one that falls or comes twice is told.

    Gives ``f.mean``, ``f.lower[80]``, ``f.upper[95]`` (arrays of length ``horizon``, in units of the
    values), ``f.quantile(p)``, ``f.method``, ``f.reference_class``, ``f.coverage`` (nominal to measured,
    in percent) and ``f.notes``; with times ``f.times``, those of the steps. ``f.mean`` is the point
    forecast: as in other libraries that forecast on another scale, the centre carried back, which is
    ``f.median`` (or the level, where the history never moved). ``f.expected`` is the expected value of
    the distribution, above it where the interval is wide.

    Centre: damped drift (Gardner & McKenzie 1985) joined with the dynamic optimised theta method
    (Fiorucci et al. 2016) on the square-root scale. From one value on there is an answer:

    >>> import minsuan as ms
    >>> f = ms.trends.forecast([330, 540], horizon=2)
    >>> f.notes[0]
    '只有两个值，两点之间的变化不足以当作趋势：预测只取其一部分，区间很宽'
    >>> ms.trends.forecast({2019: 412, 2020: 398, 2022: 365}, horizon=2).times
    [2023, 2024]
    """
    items, told = _series.given(values, times)
    auto, places = _series.breaks(breaks)
    own = _series.of_class("reference_class", reference_class)
    return _core.trends_forecast(
        items,
        _series.horizon(horizon),
        _series.levels(levels),
        places,
        auto,
        own,
        _series.period(period),
        told,
    )


def forecast_panel(
    table: Any,
    id: str = "id",
    time: str = "t",
    value: str = "value",
    horizon: int = 5,
    *,
    breaks: Literal["auto"] | None = None,
    period: int = 1,
    reference_class: ReferenceClass | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Table:
    """Forecasts of every series of a long table: pandas, polars, a path, a dict of columns.

    ``id``, ``time`` and ``value`` name its columns. Times are years, numbered periods, or months and
    quarters (``201801``, ``"2018-01"``, ``"2018年1月"``, ``"2018Q1"``, days) that fit ``period``; a
    missing one is a gap. Values are read as typed: ``1,234``, ``1.2万``, blank or ``—`` where nothing is
    known. Gives id, step, mean, lower_80, upper_80, lower_95, upper_95, method, time (of the step,
    written as the input writes it) and note (what a reader of this series has to know). What can't be
    read, comes twice or is negative is told with its row, all at once. ``progress(done, total)`` is
    called while it runs, and at the end.

    >>> import minsuan as ms
    >>> series = {"id": ["a"] * 3, "t": [2019, 2020, 2022], "value": [5, 6, 8]}
    >>> t = ms.trends.forecast_panel(series, horizon=2)
    >>> t.columns[:8]
    ['id', 'step', 'mean', 'lower_80', 'upper_80', 'lower_95', 'upper_95', 'method']
    >>> t.to_list("time")
    [2023, 2024]
    """
    names = [_series.column(n, v) for n, v in (("id", id), ("time", time), ("value", value))]
    own = _series.of_class("reference_class", reference_class)
    return _core.trends_forecast_panel(
        table,
        names[0],
        names[1],
        names[2],
        _series.horizon(horizon),
        own,
        _series.period(period),
        _series.auto(breaks),
        progress,
    )


def backtest(
    values: Values,
    horizon: int = 5,
    *,
    minimum: int = 5,
    breaks: Breaks = None,
    period: int = 1,
    reference_class: ReferenceClass | None = None,
    times: Times = None,
    progress: Callable[[int, int], None] | None = None,
) -> Table:
    """Rolling origin (Tashman 2000): what forecasts of this series would have been worth.

    From ``minimum`` known values on (a gap is none), each origin forecasts at most ``horizon`` steps; one row
    for this method, one for naive, one for drift and, with ``period`` above 1, one for the value of the same
    season a year before: method, label, forecasts, coverage_80, coverage_95,
    interval_score_80, interval_score_95 (Gneiting & Raftery 2007) and mase, both divided by the mean
    absolute change of the history at hand. Breaks given count only once they lie in the past.

    >>> import minsuan as ms
    >>> t = ms.trends.backtest([412, 398, 371, 365, 340, 352, 331, 320], horizon=2)
    >>> t.to_list("method")
    ['minsuan', 'naive', 'drift']
    """
    items, told = _series.given(values, times)
    auto, places = _series.breaks(breaks)
    own = _series.of_class("reference_class", reference_class)
    least = _series.whole("minimum", minimum, 0, 10**6)
    return _core.trends_backtest(
        items, _series.horizon(horizon), least, places, auto, own, _series.period(period), told, progress
    )


def breaks(values: Values, times: Times = None, *, alpha: float = 0.05, seed: int = 0) -> Table:
    """Breaks in level or slope, at most two, with permutation p-values of at most ``alpha``.

    Columns position (from 0, the first value of the new regime), time (from ``times``, one a value: they have
    to rise, and a missing one is a gap; names that are no times are taken in their order), kind
    (``level``, ``slope``), label, size (in units of the values; for a slope, of the yearly change),
    before (what the old regime would have given there), after, p_value. Fewer than seven values have none
    that could be told. Residuals are permuted, not values (Freedman & Lane 1983): a trend is not
    exchangeable.

    >>> import minsuan as ms
    >>> t = ms.trends.breaks([50, 52, 49, 51, 50, 20, 21, 19, 20, 22], times=range(2010, 2020))
    >>> t.to_list("time"), t.to_list("kind")
    (['2015'], ['level'])
    """
    items, told = _series.given(values, times)
    level = _series.number("alpha", alpha, "a number between 0 and 1, such as 0.05")
    return _core.trends_breaks(items, told, level, _series.whole("seed", seed))


class Ets(NamedTuple):
    """Exponential smoothing: the model, its parameters, and its forecasts."""

    model: str
    alpha: float
    beta: float
    phi: float
    log_likelihood: float
    aicc: float
    sigma2: float
    mean: list[float]
    lower: dict[float, list[float]]
    upper: dict[float, list[float]]


def ets(
    values: Values,
    horizon: int = 5,
    model: Literal["A,N,N", "A,A,N", "A,Ad,N"] | None = None,
    levels: Sequence[float] | float = (80, 95),
) -> Ets:
    """Exponential smoothing with additive errors (Hyndman et al. 2008), beside :func:`forecast`, not in it.

    Without ``model``, that of the three with the smallest AICc. From 5, 7 or 8 values on, none of them a
    gap. Its intervals are normal, take the model for true, may fall below zero, and on short series hold
    the truth far less often than they say; :func:`forecast` is for handing on.

    >>> import minsuan as ms
    >>> e = ms.trends.ets([412, 398, 371, 365, 340, 352, 331, 320], horizon=2)
    >>> e.model, [round(x) for x in e.mean]
    ('ETS(A,N,N)', [320, 320])
    """
    chosen = None if model is None else _series.text("model", model, "A,N,N, A,A,N or A,Ad,N")
    name, (alpha, beta, phi, fit, aicc, sigma2), mean, bounds = _core.trends_ets(
        _series.on_grid(values), _series.horizon(horizon), chosen, _series.levels(levels)
    )
    lower = {level: low for level, low, _ in bounds}
    upper = {level: high for level, _, high in bounds}
    return Ets(name, alpha, beta, phi, fit, aicc, sigma2, mean, lower, upper)


def stock_flow(
    stock: Values,
    inflow: Values,
    outflow: Values,
    *,
    periods: Iterable[Any] | None = None,
    tolerance: float = 0.5,
) -> StockFlow:
    """A stock with its flows: stock = stock before + inflow − outflow, checked to ``tolerance``.

    All three have one length; ``periods`` names the periods (else the index of the stock does, where it
    has one); the flows of the first period stand before its stock and may be ``None``. Gives ``closes``,
    ``discrepancies`` (which period, by how much), ``hazards`` (outflow ÷ stock before) and
    ``project(horizon, inflow_factor, seed)``, whose interval on the stock is that of its flows.

    Urban dibao, Fujian, July 2017:

    >>> import minsuan as ms
    >>> sf = ms.trends.stock_flow([75_916, 75_616], [None, 553], [None, 853], periods=["2017-06", "2017-07"])
    >>> sf.closes, round(sf.hazards[1], 4)
    (True, 0.0112)
    >>> ms.trends.stock_flow([75_916, 75_606], [None, 553], [None, 853]).discrepancies.to_list("gap")
    [-10.0]
    """
    # An empty `periods` names none.
    named = None if periods is None else _series.listed(periods, "periods", "one name a period") or None
    items, own = _series.given(stock, named, "stock")
    flows = []
    for name, flow in (("inflow", inflow), ("outflow", outflow)):
        of, theirs = _series.given(flow, name=name)
        if named is None and None not in (own, theirs) and own != theirs:
            raise _series.told("other periods than the stock", column=name, expected="those of the stock")
        flows.append(of)
    allowed = _series.number("tolerance", tolerance, "a number of 0 or more", least=0)
    return StockFlow(items, flows[0], flows[1], own or [], allowed)


def inflow_factors(base: float, standards: Sequence[float], elasticity: float) -> list[float]:
    """Factors by which a path of standards moves the inflow: (standard ÷ base) ** elasticity.

    The elasticity is an assumption and has to be given: with 0.3, a rise of a tenth brings 2.9 % more.

    >>> import minsuan as ms
    >>> [round(x, 3) for x in ms.trends.inflow_factors(500, [500, 550], elasticity=0.3)]
    [1.0, 1.029]
    """
    path = _series.numbers("standards", standards, "the standard of each period, such as [550, 600]")
    return _core.trends_inflow_factors(
        _series.number("base", base), path, _series.number("elasticity", elasticity)
    )


def decumulate(table: Any, year: str = "year", period: str = "period", value: str = "value") -> Table:
    """Cumulative reports (1—9月累计) taken apart: year, period, covers, flow, correction.

    A cumulative figure that falls is a correction of what was reported before and is shown as one; where
    reports are missing, a flow ``covers`` several periods. Flows and corrections of a year add to its
    last report. Periods are numbers or as reports name them (``1—9月累计``, ``1-9月``, ``前三季度``,
    ``上半年``), years numbers or ``2015年``, figures as typed (``1,025``, ``1.2万``, ``—`` for none).

    >>> import minsuan as ms
    >>> t = ms.trends.decumulate({"year": [2020] * 3, "period": [1, 2, 4], "value": [10.0, 25.0, 24.0]})
    >>> t.to_list("flow"), t.to_list("correction"), t.to_list("covers")
    ([10.0, 15.0, None], [None, None, -1.0], [1, 1, 2])
    """
    names = [_series.column(n, v) for n, v in (("year", year), ("period", period), ("value", value))]
    return _core.trends_decumulate(table, names[0], names[1], names[2])


class Reconciled(NamedTuple):
    """Figures that add: floats, and whole numbers."""

    total: float
    parts: list[float]
    total_count: int
    part_counts: list[int]


def reconcile(total: float, parts: Sequence[float], errors: Sequence[Sequence[float]] = ()) -> Reconciled:
    """The forecast of a total and those of its parts (townships, categories), brought to agree.

    MinT with a shrunken covariance (Wickramasuriya, Athanasopoulos & Hyndman 2019), not negative, and
    whole numbers that add. ``errors`` holds past one-step errors, a row a period, the total's first; with
    fewer than three rows each variance is taken in proportion to the figure.

    >>> import minsuan as ms
    >>> r = ms.trends.reconcile(100, [60, 30, 0])
    >>> r.total_count, sum(r.part_counts), min(r.part_counts) >= 0
    (95, 95, True)
    """
    figure = "a number from 0 to 9e15"
    rows = _series.rows_of_numbers("errors", errors, "rows of numbers: the total's error and each part's")
    own = _series.numbers("parts", parts, figure)
    return Reconciled(*_core.trends_reconcile(_series.number("total", total, figure), own, rows))


def reference_class(
    series: Iterable[Values] | Mapping[str, Values], name: str = "自有参照类"
) -> ReferenceClass:
    """A reference class of your own, from at least 30 series that move, of at least 6 values each.

    Hand it to :func:`forecast`, :func:`forecast_panel` or :func:`backtest`. ``to_csv()`` and
    ``ReferenceClass.from_csv(text)`` keep it: it holds statistics only, nothing of the series.

    >>> import minsuan as ms
    >>> own = ms.trends.reference_class([[100 + i + (i * k) % 7 for i in range(12)] for k in range(40)])
    >>> ms.trends.forecast([5, 6, 7, 6], reference_class=own).reference_class
    '自有参照类'
    """
    many = series.values() if isinstance(series, Mapping) else series
    each = _series.listed(many, "series", "series, or a dict of series by name")
    called = _series.text("name", name, "the name that every forecast gives")
    return _core.trends_fit_class([_series.on_grid(s, "series") for s in each], called)


def programs() -> Table:
    """The relief and welfare programs of a county as data, a row each.

    Columns program, label, unit, counts (persons or cases), driver, ages, standard, part_of (counted within
    another), also_in (who may be drawn by the same person at once), breaks, basis.

    >>> import minsuan as ms
    >>> ms.trends.programs().filter(counts="cases").to_list("label")
    ['临时救助', '流浪乞讨救助', '医疗救助']
    """
    return _core.trends_programs()


def shipped() -> Table:
    """The published series that the library carries: indicator, label, area, unit, first_year, last_year,
    values."""
    return _core.trends_shipped()


def series(indicator: str, area: str = "全国") -> Table:
    """A published series, year by year, with its sources: year, value, source, grade.

    >>> import minsuan as ms
    >>> ms.trends.series("urban_dibao_persons").to_list("value")[:3]
    [2234.2, 2240.1, 2272.1]
    """
    return _core.trends_series(*_named(indicator, area))


def documented_breaks(indicator: str, area: str = "全国") -> Table:
    """Breaks of a published series that are documented: position, year, reason, source; empty for a series
    without one. A name that :func:`shipped` does not list is told.

    >>> import minsuan as ms
    >>> ms.trends.documented_breaks("rural_dibao_persons").to_list("year")
    [2007]
    """
    return _core.trends_documented_breaks(*_named(indicator, area))


def _named(indicator: str, area: str) -> tuple[str, str]:
    such = "a name that shipped() lists"
    return _series.text("indicator", indicator, such), _series.text("area", area, such)
