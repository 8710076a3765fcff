"""Picture of a trend: history, its breaks by name, the fan of the forecast, other methods beside it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from matplotlib.figure import Figure

from minsuan._core import Forecast
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
from minsuan._errors import DataError

_METHODS = {
    "末值不变": "last value",
    "平均增量": "mean change",
    "直线外推": "straight line",
    "阻尼漂移": "damped drift",
    "动态Theta": "dynamic theta",
    "指数平滑（ETS）": "smoothing (ETS)",
}


def trend(history: Any, forecast: Forecast, breaks: Any, others: bool, lang: str | None) -> Figure:
    """See :func:`minsuan.plots.trend`."""
    lang = lang or options.lang
    words = TEXT[lang]
    whole = take(history, "year", "value")
    figure, (axes,) = canvas(8.4, 4.4)
    past = [int(y) for y in whole.to_list("year")]
    for before, year in pairwise(past):
        if year != before + 1:
            raise DataError(
                f"year: {year} comes after {before}; expected one row a year, also where there is no value"
            )
    values = [float("nan") if v is None else float(v) for v in whole.to_list("value")]
    # The fan opens at the last value, which is known; after years without one it stands by itself.
    known = [(past[-1], values[-1])] if values[-1] == values[-1] else []
    ahead = [y for y, _ in known] + [past[-1] + 1 + h for h in range(len(forecast))]

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
            label = name if lang == "zh" else _METHODS.get(name, name)
            axes.plot(
                ahead, path(points), color=SERIES[1 + i % 8], linewidth=0.8, linestyle="--", label=label
            )
    axes.plot(ahead, path(forecast.median), color=DEMAND, linewidth=2, label=words["projected"])
    axes.plot(past, values, color="#1e252b", linewidth=1.1, marker="o", markersize=4, label=words["observed"])
    if breaks is not None:
        named = list(take(breaks, "year", "reason"))
        for i, row in enumerate(named):
            at = int(row["year"]) - 0.5
            axes.axvline(at, color=GREY, linewidth=1, linestyle=":")
            # Above the axes, one line each, where no value can stand in the way.
            axes.annotate(
                f"{row['year']} {row['reason']}", (at, 1), xycoords=("data", "axes fraction"),
                xytext=(0, 3 + 10 * (len(named) - 1 - i)), textcoords="offset points", fontsize=7.5,
                color=GREY, ha="left" if 2 * at < past[0] + ahead[-1] else "right",
            )  # fmt: skip
    axes.set_ylim(bottom=0)
    year_axis(axes)
    number_axis(axes, "y")
    axes.set_ylabel(with_unit(whole.labels["value"], whole.units["value"], words))
    figure.legend(*axes.get_legend_handles_labels(), frameon=False, fontsize=8, loc="outside right upper")
    finished = finish(figure, whole, whole.title)
    if lang == "zh" and forecast.coverage:
        finished.supxlabel(forecast.notes[-1], fontsize=7, color=GREY, x=0.01, ha="left", fontfamily=font())
    return finished
