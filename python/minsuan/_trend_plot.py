"""Picture of a trend: history, its breaks by name, the fan of the forecast, other methods beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter

from minsuan import _core, _series
from minsuan._core import Forecast, Table
from minsuan._display import options
from minsuan._drawing import (
    DEMAND,
    GREY,
    SERIES,
    TEXT,
    canvas,
    finish,
    font,
    number_axis,
    take,
    with_unit,
    year_axis,
)

_METHODS = {
    "末值不变": "last value",
    "平均增量": "mean change",
    "直线外推": "straight line",
    "阻尼漂移": "damped drift",
    "动态Theta": "dynamic theta",
    "指数平滑（ETS）": "smoothing (ETS)",
}
# Thin lines often lie upon each other: dashes, marks and colours all differ.
_LINES = ((0, (6, 2)), (0, (1, 1.4)), (0, (6, 2, 1, 2)), (0, (3, 1.5)), (0, (9, 3)), (0, (3, 1, 1, 1, 1, 1)))
_MARKS = "osv^Dx"
_BEYOND = {
    "zh": "95%区间的上限至{}，超出图外",
    "en": "the 95% interval reaches {}, beyond the picture",
}
#: The fan may take so many times the height of the history; what is above is said and not drawn.
_TALLEST = 2.0
_TIMES = ("year", "time", "t")


class _Past:
    """A history on its axis: places from the first to the last time, a value each (NaN where unknown)."""

    def __init__(self, history: Any, forecast: Forecast) -> None:
        table, times, values = _read(history)
        self.table = table
        self.times = times
        if not times:
            raise _series.told("the history is empty", column="history", expected="one row a year")
        self.places, self.labels, self.months = _core.trends_axis(times, len(forecast))
        self.first = self.places[0]
        self.x = list(range(self.first, self.places[-1] + 1))
        self.y = [math.nan] * len(self.x)
        for i, (place, value) in enumerate(zip(self.places, values, strict=True)):
            if value is not None:
                self.y[place - self.first] = _value(value, i + 1)
        self._belongs(forecast)

    def _belongs(self, forecast: Forecast) -> None:
        """Refuses a forecast of another history, as far as its values and its times tell."""
        past = [math.nan if v is None else v for v in forecast.history]
        gap = next((i for i in range(1, len(self.places)) if self.places[i] != self.places[i - 1] + 1), None)
        if gap is not None and len(past) != len(self.x):
            # A forecast of the bare values knows nothing of the missing years.
            message = f"{self.times[gap]} comes after {self.times[gap - 1]}"
            expected = "one row a year, also where there is no value; or a forecast made with these times"
            raise _series.told(message, column="year", expected=expected)
        shared = min(len(past), len(self.y))
        ours, theirs = self.y[-shared:], past[-shared:]
        for place, (a, b) in enumerate(zip(reversed(ours), reversed(theirs), strict=True)):
            if not (math.isnan(a) and math.isnan(b)) and not math.isclose(a, b, rel_tol=1e-9):
                when = self.labels[len(self.y) - 1 - place]
                message = f"made from another history: {b:g} where the table has {a:g} ({when})"
                raise _series.told(message, column="forecast", expected="the forecast of this history")
        ahead = self.labels[len(self.x) :]
        if forecast.times is not None and [str(t) for t in forecast.times] != ahead:
            first = f"of {forecast.times[0]} and later, the history ends {self.times[-1]}"
            raise _series.told(first, column="forecast", expected=f"one that begins {ahead[0]}")

    def place(self, time: Any) -> int:
        """Where a time stands on the axis; a year among months is its January."""
        text = str(time)
        begin = {1: "01", 3: "1"}.get(self.months or 0, "")
        for told in (text, text.rstrip("年") + begin):
            place = _core.trends_place(self.times, told)
            if place is not None and self.first <= place < self.first + len(self.labels):
                return place
        expected = f"a time from {self.times[0]} to {self.labels[-1]}"
        raise _series.told("not a time of this history", column="breaks", value=time, expected=expected)

    def axis(self, axes: Axes) -> None:
        """Ticks: years as numbers; months and quarters at the turn of a year, as they are written."""
        if all(label.isdigit() and len(label) < 5 for label in self.labels) or self.months == 12:
            year_axis(axes)
            return
        a_year = 12 // (self.months or 12)
        steps = [s * a_year for s in (1, 2, 3, 5, 10, 20, 50)]
        span = len(self.labels)
        if span <= 9:
            steps = [1]
        step = next((s for s in steps if span / s <= 9), steps[-1])
        ticks = [p for p in range(self.first, self.first + span) if p % step == 0]
        axes.xaxis.set_major_locator(FixedLocator(ticks))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _p=None: self.labels[round(v) - self.first]))


def _value(value: Any, row: int) -> float:
    # A column with one word in it is a column of words.
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            pass
    such = "a number, None where unknown"
    if isinstance(value, (str, bool)):
        raise _series.told("not a number", column="value", value=value, expected=such, row=row)
    return float(value)


def _read(history: Any) -> tuple[Table | None, list[str], list[Any]]:
    """The table where it is one, times as texts, values."""
    columns = isinstance(history, Mapping) and any(name in history for name in _TIMES)
    own = isinstance(history, Mapping) and not columns
    series = type(history).__module__.startswith("pandas") and not hasattr(history, "columns")
    if own or series:
        values, times = _series.given(history, name="history")
        if times is None and values:
            expected = "years as its index, or columns year and value"
            raise _series.told("no times", column="history", expected=expected)
        return None, times or [], values
    table = take(history, "value")
    named = next((name for name in _TIMES if name in table), None)
    if named is None:
        table = take(table, "year", "value")
    return table, [_series.as_time(t) for t in table.to_list(named or "year")], table.to_list("value")


def trend(history: Any, forecast: Forecast, breaks: Any, others: bool, lang: str | None) -> Figure:
    """See :func:`minsuan.plots.trend`."""
    lang = lang or options.lang
    if lang not in TEXT:
        expected = " or ".join(repr(known) for known in TEXT)
        raise _series.told("no such language", column="lang", value=lang, expected=expected)
    if not isinstance(forecast, Forecast):
        kind = type(forecast).__name__
        raise _series.told("no forecast", column="forecast", value=kind, expected="what forecast() gives")
    words = TEXT[lang]
    past = _Past(history, forecast)
    named = [] if breaks is None else _breaks(breaks, past)
    figure, (axes,) = canvas(8.4, 4.4)
    # The fan opens at the last value, which is known; after years without one it stands by itself.
    known = [(past.x[-1], past.y[-1])] if past.y[-1] == past.y[-1] else []
    ahead = [x for x, _ in known] + [past.x[-1] + 1 + h for h in range(len(forecast))]

    def path(points: Any) -> list[float]:
        return [v for _, v in known] + [float(p) for p in points]

    for level, alpha in ((95, 0.16), (80, 0.26), (50, 0.36)):
        tail = (100 - level) / 200
        axes.fill_between(
            ahead, path(forecast.quantile(tail)), path(forecast.quantile(1 - tail)), color=DEMAND,
            alpha=alpha, linewidth=0, label=words["band"].format(level),
        )  # fmt: skip
    if others:
        for i, (name, points) in enumerate(forecast.others.items()):
            axes.plot(
                ahead, path(points), color=SERIES[1 + i % 8], linewidth=1.1, linestyle=_LINES[i % 6],
                marker=_MARKS[i % 6], markersize=3, markevery=slice(len(known), None),
                label=name if lang == "zh" else _METHODS.get(name, name),
            )  # fmt: skip
    axes.plot(ahead, path(forecast.median), color=DEMAND, linewidth=2.2, label=words["projected"])
    axes.plot(
        past.x, past.y, color="#1e252b", linewidth=1.1, marker="o",
        markersize=4 if len(past.x) < 40 else 2, label=words["observed"],
    )  # fmt: skip
    for i, (place, text) in enumerate(named):
        at = place - 0.5
        axes.axvline(at, color=GREY, linewidth=1, linestyle=":")
        # Above the axes, one line each, where no value can stand in the way.
        axes.annotate(
            text, (at, 1), xycoords=("data", "axes fraction"),
            xytext=(0, 3 + 10 * (len(named) - 1 - i)), textcoords="offset points", fontsize=7.5,
            color=GREY, ha="left" if 2 * at < past.x[0] + ahead[-1] else "right",
        )  # fmt: skip
    _height(axes, past, forecast, lang)
    past.axis(axes)
    number_axis(axes, "y")
    label, unit = _label(past.table)
    axes.set_ylabel(with_unit(label, unit, words) if label else unit, fontsize=9.5)
    figure.legend(*axes.get_legend_handles_labels(), frameon=False, fontsize=8, loc="outside right upper")
    table = past.table if past.table is not None else Table({"value": [1.0]})
    finished = finish(figure, table, table.title)
    if lang == "zh":
        finished.supxlabel(forecast.notes[-1], fontsize=7, color=GREY, x=0.01, ha="left", fontfamily=font())
    return finished


def _label(table: Table | None) -> tuple[str, str]:
    """Label and unit of the values; a bare field name is no label."""
    if table is None:
        return "", ""
    label = table.labels["value"]
    return ("" if label == "value" else label), table.units["value"]


def _height(axes: Axes, past: _Past, forecast: Forecast, lang: str) -> None:
    """Keeps the history readable below a tall fan, and says how far the fan goes."""
    seen = max((v for v in past.y if v == v), default=0.0)
    reach = float(max(forecast.quantile(0.975)))
    most = max(_TALLEST * seen, 1.25 * float(max(forecast.median)))
    if not reach > most > 0:
        axes.set_ylim(bottom=0)
        return
    axes.set_ylim(0, most)
    shown = f"{reach:,.0f}" if reach >= 10 else f"{reach:,.2g}"
    axes.text(
        # The history is low here: nothing of it stands in this corner.
        0.01, 0.985, _BEYOND[lang].format(shown), transform=axes.transAxes, ha="left", va="top",
        fontsize=8, color="#39434c",
    )  # fmt: skip


def _breaks(breaks: Any, past: _Past) -> list[tuple[int, str]]:
    """Where breaks stand and what is written above them: documented ones, or those that were found."""
    if isinstance(breaks, (str, bytes, int)) or (isinstance(breaks, list) and not _rows(breaks)):
        expected = "a table with year and reason, or what ms.trends.breaks gives"
        raise _series.told("no table of breaks", column="breaks", value=breaks, expected=expected)
    if isinstance(breaks, list) and not breaks:
        return []
    table = breaks if isinstance(breaks, Table) else Table(breaks)
    if "year" in table:
        return [
            (past.place(row["year"]), f"{row['year']} {row.get('reason') or ''}".rstrip()) for row in table
        ]
    named = []
    for row in take(table, "position", "label", "p_value"):
        at = _series.whole("breaks", row["position"], 0, len(past.places) - 1)
        place = past.places[at]
        # p-values of a thousand permutations have three digits.
        time = past.labels[place - past.first]
        named.append((place, f"{time} {row['label']}（p={row['p_value']:.3f}）"))
    return named


def _rows(items: list[Any]) -> bool:
    return all(isinstance(item, Mapping) for item in items)
