"""The picture of a trend: what it takes, what it refuses, and what can be read off it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import minsuan as ms

YEARS = list(range(2012, 2020))
Y = [412.0, 398.0, 371.0, 365.0, 340.0, 352.0, 331.0, 320.0]
PAST = {"year": YEARS, "value": Y}
F = ms.trends.forecast(Y)


def labels(figure: Any) -> list[str]:
    figure.canvas.draw()
    (axes,) = figure.axes
    return [t.get_text() for t in axes.get_xticklabels()]


@pytest.mark.parametrize(
    "history",
    [
        PAST,
        dict(zip(YEARS, Y, strict=True)),
        pd.Series(Y, index=YEARS),
        {"year": [f"{y}年" for y in YEARS], "value": Y},
        pd.DataFrame({"t": YEARS, "value": Y}),
    ],
)
def test_a_history_may_come_as_it_is(history: Any) -> None:
    figure = ms.plots.trend(history, F)
    (axes,) = figure.axes
    median = next(line for line in axes.lines if line.get_label() == "预测中位数")
    assert list(median.get_xdata())[:2] == [2019, 2020]
    assert axes.get_ylabel() == ""
    assert {"2014", "2020"} <= set(labels(figure))


def test_months_and_quarters_have_their_labels() -> None:
    y = [100.0 + 30 * (i % 12 == 0) + i for i in range(36)]
    codes = [(2018 + i // 12) * 100 + 1 + i % 12 for i in range(36)]
    f = ms.trends.forecast(y, 6, period=12, times=codes)
    assert "202001" in labels(ms.plots.trend({"t": codes, "value": y}, f))
    quarters = [f"{2018 + i // 4}Q{1 + i % 4}" for i in range(12)]
    g = ms.trends.forecast(y[:12], 4, period=4)
    assert "2019Q1" in labels(ms.plots.trend({"time": quarters, "value": y[:12]}, g))


def test_a_forecast_of_another_history_is_refused() -> None:
    other = ms.trends.forecast([*Y[:-1], 999.0])
    with pytest.raises(ms.DataError, match="another history: 999 where the table has 320"):
        ms.plots.trend(PAST, other)
    later = ms.trends.forecast(Y, times=range(2013, 2021))
    with pytest.raises(ms.DataError, match="begins 2020"):
        ms.plots.trend(PAST, later)
    # The last years alone are the same history.
    ms.plots.trend(PAST, ms.trends.forecast(Y[3:]))
    # With times a missing year is a gap in both; without, nobody knows.
    holes = {"year": [2012, 2013, 2015], "value": Y[:3]}
    ms.plots.trend(holes, ms.trends.forecast(Y[:3], times=holes["year"]))
    with pytest.raises(ms.DataError, match="2015 comes after 2013"):
        ms.plots.trend(holes, ms.trends.forecast(Y[:3]))


def test_breaks_that_were_found_are_drawn_where_they_are() -> None:
    y = [50.0, 52, 49, 51, 50, 20, 21, 19, 20, 22]
    years = list(range(2010, 2020))
    f = ms.trends.forecast(y, breaks="auto")
    for found in (ms.trends.breaks(y), ms.trends.breaks(y, times=years)):
        figure = ms.plots.trend({"year": years, "value": y}, f, breaks=found)
        (name,) = [t for t in figure.axes[0].texts if "p=" in t.get_text()]
        assert name.get_text().startswith("2015 水平变化")
    told = {"year": ["2015年"], "reason": ["改革"]}
    (name, *_) = ms.plots.trend({"year": years, "value": y}, f, breaks=told).axes[0].texts
    assert name.get_text() == "2015年 改革"
    assert name.xy[0] == 2014.5


def test_a_tall_fan_leaves_the_history_readable_and_says_so() -> None:
    y = [3.0, 1.0, 2.0, 4.0]
    f = ms.trends.forecast(y, 10)
    figure = ms.plots.trend(dict(zip(range(2016, 2020), y, strict=True)), f)
    (axes,) = figure.axes
    assert max(f.upper[95]) > axes.get_ylim()[1] >= 4
    assert any("超出图外" in t.get_text() for t in axes.texts)
    (axes,) = ms.plots.trend(PAST, F, lang="en").axes
    assert not axes.texts
    assert axes.get_ylim()[1] >= max(F.upper[95])


def test_thin_lines_differ_in_more_than_colour() -> None:
    (axes,) = ms.plots.trend(PAST, F).axes
    thin = [line for line in axes.lines if line.get_label() in F.others]
    assert len({line.get_marker() for line in thin}) == len(thin) == 6


@pytest.mark.parametrize(
    ("history", "more", "told"),
    [
        ({"year": [], "value": []}, {}, "empty"),
        ({"year": YEARS, "value": ["x"] * 8}, {}, "row 1: value: not a number"),
        ({"year": YEARS, "value": [*Y[:7], True]}, {}, "row 8: value: not a number"),
        ({"year": ["甲"] * 8, "value": Y}, {}, "not a time"),
        ({"年": YEARS, "value": Y}, {}, "year"),
        (Y, {}, "not a table|year"),
        (PAST, {"lang": "fr"}, "lang"),
        (PAST, {"breaks": {"year": ["那年"], "reason": ["?"]}}, "not a time of this history"),
        (PAST, {"breaks": {"year": [1950], "reason": ["?"]}}, "from 2012 to 2024"),
        (PAST, {"breaks": [2014]}, "no table of breaks"),
        (PAST, {"breaks": 2014}, "no table of breaks"),
        (PAST, {"breaks": "auto"}, "no table of breaks"),
    ],
)
def test_what_cannot_be_drawn_is_told(history: Any, more: dict[str, Any], told: str) -> None:
    with pytest.raises(ms.DataError, match=told):
        ms.plots.trend(history, F, **more)
    with pytest.raises(ms.DataError, match="forecast"):
        ms.plots.trend(PAST, "x")  # type: ignore[arg-type]
