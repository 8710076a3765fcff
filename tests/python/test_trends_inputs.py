"""How series, times and tables are handed to the trends: what is read, and what is told."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import minsuan as ms

T = ms.trends
Y = [412, 398, 371, 365, 340, 352, 331, 320]
MONTHS = [100 + 30 * (i % 12 == 0) + i for i in range(36)]


def coded(times: list[Any], values: list[Any] | None = None, **more: Any) -> ms.Table:
    values = MONTHS[: len(times)] if values is None else values
    return T.forecast_panel({"id": ["a"] * len(times), "t": times, "value": values}, horizon=3, **more)


YM = [(2018 + i // 12, 1 + i % 12) for i in range(36)]


@pytest.mark.parametrize(
    ("written", "ahead"),
    [
        ([y * 100 + m for y, m in YM], [202101, 202102, 202103]),
        ([f"{y}{m:02}" for y, m in YM], [202101, 202102, 202103]),
        ([f"{y}-{m:02}" for y, m in YM], ["2021-01", "2021-02", "2021-03"]),
        ([f"{y}年{m}月" for y, m in YM], ["2021年1月", "2021年2月", "2021年3月"]),
        ([pd.Timestamp(y, m, 1) for y, m in YM], ["2021-01", "2021-02", "2021-03"]),
        (list(range(1, 37)), [37, 38, 39]),
    ],
)
def test_months_are_one_apart_however_they_are_written(written: list[Any], ahead: list[Any]) -> None:
    t = coded(written, period=12)
    f = T.forecast(MONTHS, 3, period=12)
    assert t.to_list("time") == ahead
    np.testing.assert_array_equal(t["mean"], f.mean)
    np.testing.assert_array_equal(t["upper_95"], f.upper[95])
    g = T.forecast(MONTHS, 3, period=12, times=written)
    np.testing.assert_array_equal(g.upper[95], f.upper[95])
    assert g.times == ahead


@pytest.mark.parametrize(
    ("written", "ahead"),
    [
        ([20181, 20182, 20183, 20184, 20191], 20192),
        (["2018Q1", "2018Q2", "2018Q3", "2018Q4", "2019Q1"], "2019Q2"),
        (
            [f"{y}年第{q}季度" for y, q in ((2018, 1), (2018, 2), (2018, 3), (2018, 4), (2019, 1))],
            "2019年第2季度",
        ),
    ],
)
def test_quarters_too(written: list[Any], ahead: Any) -> None:
    t = coded(written, period=4)
    assert t.to_list("time")[0] == ahead
    np.testing.assert_array_equal(t["mean"], T.forecast(MONTHS[:5], 3, period=4).mean)


@pytest.mark.parametrize(
    ("written", "period", "told"),
    [
        ([201811, 201812, 201813], 12, "01 to 12"),
        ([20181, 20182, 20189, 201810], 12, "two digits"),
        (["2018年", "2019年"], 12, "months with period=12"),
        (["2018Q1", "2018Q2"], 12, "quarters given"),
        ([201801, 201802], 4, "period=12"),
        ([43465, 43830, 44196], 1, "365 apart"),
        (["2018", "二零一X"], 1, "not a time"),
    ],
)
def test_times_that_do_not_fit_are_told(written: list[Any], period: int, told: str) -> None:
    with pytest.raises(ms.DataError, match=told):
        coded(written, period=period)


def test_falling_and_double_times_are_told_as_texts_too() -> None:
    for times in (["2020年", "2019年", "2018年"], ["2020-10", "2020-09", "2020-08"], ["2018Q2"] * 3):
        for call in (lambda t: T.breaks([1, 2, 3], times=t), lambda t: T.forecast([1, 2, 3], times=t)):
            with pytest.raises(ms.DataError, match="comes after") as told:
                call(times)
            assert len(told.value.problems) == 2
    with pytest.raises(ms.DataError, match="comes after"):
        T.stock_flow([5, 6, 7], [None, 1, 1], [None, 0, 0], periods=["2020年", "2019年", "2018年"])


def test_a_panel_has_times_and_the_notes_of_each_series() -> None:
    table = {"id": ["b", "b", "a", "a "], "t": [2019, 2020, 2017, 2018], "value": [3.0, 4.0, 0.0, 0.0]}
    t = T.forecast_panel(table, horizon=2)
    assert t.columns[8:] == ["time", "note"]
    assert t.to_list("id") == ["b", "b", "a", "a"]
    assert t.to_list("time") == [2021, 2022, 2019, 2020]
    assert "两个值" in t.to_list("note")[0]
    assert "全部为零" in t.to_list("note")[2]
    for wrong in ("atuo", [3], True, 3):
        with pytest.raises(ms.DataError, match="breaks"):
            T.forecast_panel(table, breaks=wrong)  # type: ignore[arg-type]


def test_a_panel_reads_what_clerks_type_and_tells_only_what_it_cannot_read() -> None:
    typed = ["1,234", "１２３４", "0.1234万", "—", "1234"]
    table = {"id": ["a"] * 5, "t": [f"{y}年" for y in range(2015, 2020)], "value": typed}
    t = T.forecast_panel(table, horizon=1)
    np.testing.assert_array_equal(t["upper_95"], T.forecast([1234, 1234, 1234, None, 1234], 1).upper[95])
    table["value"][2] = "约1200"
    table["t"][1] = "20x9"
    with pytest.raises(ms.DataError) as told:
        T.forecast_panel(table)
    assert [(p["row"], p["value"]) for p in told.value.problems] == [(2, "20x9"), (3, "约1200")]
    with pytest.raises(ms.DataError, match="different lengths"):
        T.forecast_panel({"id": ["a"], "t": [1, 2], "value": [1.0]})


def test_years_of_a_dict_and_of_an_index_are_times() -> None:
    plain = T.forecast([100, 110, None, 105], 2)
    index = [2015, 2016, 2018]
    for given in (
        dict(zip(index, [100, 110, 105], strict=True)),
        pd.Series([100, 110, 105], index=index),
        pd.Series([100, 110, 105], index=pd.to_datetime([f"{y}-12-31" for y in index])),
        pd.Series([100, 110, 105], index=[f"{y}年" for y in index]),
        ms.Table({"year": index, "value": [100.0, 110.0, 105.0]}),
    ):
        f = T.forecast(given, 2)
        np.testing.assert_array_equal(f.upper[95], plain.upper[95])
        assert f.times is not None
        assert str(f.times[0]).startswith("2019")
        assert f.history == [100, 110, None, 105]
    # Numbers of rows and names are no times.
    for rows in ([0, 1, 2], [7, 8, 12], ["甲", "乙", "丙"]):
        assert T.forecast(pd.Series([100, 110, 105], index=rows)).times is None
    with pytest.raises(ms.DataError, match="2016 comes after 2018"):
        T.forecast(pd.Series([105, 110, 100], index=[2018, 2016, 2015]))
    shifted = T.forecast(dict(zip(range(2010, 2018), Y, strict=True)), breaks=[3])
    assert (shifted.start, shifted.times) == (3, list(range(2018, 2023)))
    gap = T.forecast(Y, times=[*range(2008, 2012), *range(2013, 2017)], breaks=[4])
    assert gap.start == 4
    np.testing.assert_array_equal(gap.mean, T.forecast(Y[4:]).mean)


def test_missing_values_are_gaps_in_both() -> None:
    plain = T.forecast([5, None, 7], 2)
    for given in (
        pd.Series([5, None, 7], dtype="Int64"),
        pd.Series([5, np.nan, 7]),
        [5, pd.NA, 7],
        np.ma.masked_array([5.0, 6.0, 7.0], mask=[False, True, False]),
    ):
        np.testing.assert_array_equal(T.forecast(given, 2).mean, plain.mean)
    for nan in ([5, float("nan"), 7], np.array([5, np.nan, 7])):
        with pytest.raises(ms.DataError, match="not a number"):
            T.forecast(nan)


CALLS: list[tuple[Callable[[], Any], str]] = [
    (lambda: T.forecast({3, 1, 2}), "a set has no order"),
    (lambda: T.forecast([True, False, True]), "not a number"),
    (lambda: T.forecast(np.array([True, False])), "not a number"),
    (lambda: T.forecast(None), "values"),  # type: ignore[arg-type]
    (lambda: T.forecast("123"), "values"),  # type: ignore[arg-type]
    (lambda: T.forecast(5), "values"),  # type: ignore[arg-type]
    (lambda: T.forecast(pd.DataFrame({"a": [1], "b": [2]})), "many columns"),
    (lambda: T.forecast(Y, levels="95"), "levels"),  # type: ignore[arg-type]
    (lambda: T.forecast(Y, levels=(80, "x")), "levels"),  # type: ignore[arg-type]
    (lambda: T.forecast(Y, -1), "horizon"),
    (lambda: T.forecast(Y, "3"), "horizon"),  # type: ignore[arg-type]
    (lambda: T.forecast(Y, 2.5), "horizon"),  # type: ignore[arg-type]
    (lambda: T.forecast(Y, True), "horizon"),
    (lambda: T.forecast(Y, 10**30), "horizon"),
    (lambda: T.forecast(Y, breaks=2007), "breaks"),  # type: ignore[arg-type]
    (lambda: T.forecast(Y, breaks=[-1]), "breaks"),
    (lambda: T.forecast(Y, breaks=["x"]), "breaks"),  # type: ignore[list-item]
    (lambda: T.forecast(Y, breaks="none"), "auto"),  # type: ignore[arg-type]
    (lambda: T.forecast(Y, period=-12), "period"),
    (lambda: T.forecast(Y, period=2**63), "period"),
    (lambda: T.forecast(Y, reference_class="x"), "reference_class"),  # type: ignore[arg-type]
    (lambda: T.forecast(Y, times=[2015]), "times"),
    (lambda: T.forecast(Y, times="2015"), "times"),
    (lambda: T.forecast({"甲": 1, "乙": 2}), "not a time"),
    (lambda: T.backtest(Y, minimum=-1), "minimum"),
    (lambda: T.breaks(Y, seed=-1), "seed"),
    (lambda: T.breaks(Y, alpha="x"), "alpha"),  # type: ignore[arg-type]
    (lambda: T.ets(Y, model=3), "model"),  # type: ignore[arg-type]
    (lambda: T.reconcile("100", [60, 30]), "total"),  # type: ignore[arg-type]
    (lambda: T.reconcile(100, 60), "parts"),  # type: ignore[arg-type]
    (lambda: T.reconcile(100, [60], [1]), "errors"),  # type: ignore[list-item]
    (lambda: T.reconcile(9e15, [9e15, 9e15]), "9e15 together"),
    (lambda: T.inflow_factors(500, 1.1, elasticity=0.3), "standards"),  # type: ignore[arg-type]
    (lambda: T.inflow_factors("500", [1.1], elasticity=0.3), "base"),  # type: ignore[arg-type]
    (lambda: T.stock_flow([1, 2], [None, 1], [None, 0], tolerance=-1), "tolerance"),
    (lambda: T.stock_flow([1, 2], [None, 1], [None, 0], tolerance=float("nan")), "tolerance"),
    (lambda: T.series(3), "indicator"),  # type: ignore[arg-type]
    (lambda: T.reference_class({2015: 1, 2016: 2}), "series"),  # type: ignore[dict-item]
]


@pytest.mark.parametrize("at", range(len(CALLS)))
def test_what_cannot_be_an_argument_is_a_data_error(at: int) -> None:
    call, named = CALLS[at]
    with pytest.raises(ms.DataError, match=named) as told:
        call()
    assert "expected" in str(told.value)
    assert told.value.problems


def test_one_level_is_one() -> None:
    f = T.forecast(Y, levels=80)
    assert list(f.lower) == [80]
    assert list(T.ets(Y, levels=80).lower) == [80]


def test_a_class_counts_the_series_that_move() -> None:
    moving = [[100 + i + (i * k) % 7 for i in range(12)] for k in range(29)]
    for others, why in (
        ([[7] * 12] * 11, "have not changed"),
        ([[0] * 12] * 11, "zero"),
        ([[1, 2]] * 11, "fewer than 6"),
    ):
        with pytest.raises(ms.DataError, match=f"40 given, 29 usable \\(11 .*{why}"):
            T.reference_class(moving + others)
    with pytest.raises(ms.DataError, match="series 2 has a value that is negative"):
        T.reference_class([moving[0], [-1, *moving[1]], *moving[2:], moving[3]])
    own = T.reference_class([*moving, moving[5]], "本市")
    assert any("本市" in note for note in T.forecast(Y, reference_class=own).notes)


def test_a_name_that_is_not_carried_is_told_with_those_that_are() -> None:
    for call in (T.series, T.documented_breaks):
        with pytest.raises(ms.DataError, match="rural_dibao_persons"):
            call("foo")
        with pytest.raises(ms.DataError, match="三明市"):
            call("rural_dibao_persons", "三明")
    lengths = [len(T.documented_breaks(row["indicator"], row["area"])) for row in T.shipped()]
    assert 0 in lengths
    assert max(lengths) > 0


def test_a_backtest_counts_known_values_and_knows_its_period() -> None:
    # Four values are known before position 6, five from position 7 on: origins 7 to 10.
    t = T.backtest([5, None, 6, 7, 8, None, 9, 10, 11, 13, 9], horizon=1, minimum=5)
    assert t.to_list("forecasts") == [4, 4, 4]
    assert "逐年" in t.notes[0]
    # Months that repeat exactly: the seasonal naive never misses, the last value does.
    year = [100, 120, 90, 80, 70, 60, 95, 105, 130, 140, 85, 75]
    t = T.backtest(year * 4, horizon=1, minimum=24, period=12)
    assert t.to_list("method")[3] == "seasonal_naive"
    assert t.to_list("mase")[3] == 0
    assert t.to_list("mase")[1] > 0.5
    assert "逐月" in t.notes[0]


@pytest.mark.parametrize(
    "work", [lambda v: T.backtest(v, breaks="auto"), lambda v: T.forecast(v, breaks="auto"), T.breaks]
)
def test_ctrl_c_stops_a_long_search(work: Callable[[list[float]], Any]) -> None:
    values = [1000.0 + 50 * (i % 7) + 3 * i + 400 * (i > 90) for i in range(198)]
    sent = []

    def interrupt() -> None:
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    def run() -> None:
        for _ in range(50):  # a fast machine may finish one before the signal
            work(values)

    threading.Timer(0.3, interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        run()
    # A second of its own, and time for a busy machine.
    assert time.monotonic() - sent[0] < 8


def test_cumulative_reports_are_read_as_they_are_named() -> None:
    plain = T.decumulate({"year": [2020] * 3, "period": [1, 2, 4], "value": [10.0, 1025.0, 24.0]})
    named = {
        "year": ["2020年", "２０２０", "2020", "2020"],
        "period": ["1月", "1-2月", "1—4月累计", "1—5月累计"],
        "value": ["10", "1,025", "24", "—"],
    }
    assert T.decumulate(named).to_list("flow") == plain.to_list("flow")
    quarters = {"year": [2020] * 3, "period": ["一季度", "上半年", "前三季度"], "value": [1.0, 3.0, 6.0]}
    t = T.decumulate(quarters)
    assert (t.to_list("period"), t.to_list("flow")) == ([1, 2, 3], [1.0, 2.0, 3.0])
    wrong = {"year": ["甲", "2020", None], "period": ["1月", "3-9月", "2月"], "value": ["约10", "x", "3"]}
    with pytest.raises(ms.DataError) as told:
        T.decumulate(wrong)
    seen = sorted((p["row"], p["column"], p["value"]) for p in told.value.problems)
    assert [s[:2] for s in seen] == [(1, "value"), (1, "year"), (2, "period"), (2, "value"), (3, "year")]
    assert "Some(" not in str(told.value)
    # Rows are those of the table, also behind a gap.
    with pytest.raises(ms.DataError) as told:
        T.decumulate({"year": [2020] * 3, "period": [1, 2, 2], "value": [None, 5.0, 6.0]})
    assert [p["row"] for p in told.value.problems] == [3]


def test_smoothing_tells_short_numbers_and_gaps() -> None:
    with pytest.raises(ms.DataError) as told:
        T.ets([1, 2, 3, 4, 1e300])
    assert len(str(told.value)) < 200
    with pytest.raises(ms.DataError, match=r'got "None"'):
        T.ets([1, 2, None, 3, 4, 5])
    small, plain = T.ets([y * 1e-298 for y in Y]), T.ets(Y)
    # -n/2 · ln of a square that is smaller by 1e-596.
    assert small.log_likelihood == pytest.approx(plain.log_likelihood + 8 * 298 * np.log(10), rel=1e-9)
    assert small.upper[95][0] > small.mean[0] * (1 + 1e-6)


def test_progress_of_a_small_panel_ends_at_its_end() -> None:
    seen = []
    table = {"id": ["a", "b"], "t": [1, 1], "value": [1.0, 2.0]}
    T.forecast_panel(table, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (2, 2)


@pytest.mark.parametrize("values", [[5], [7] * 12, [7, 7], [0] * 6, [None, 7, None, 7, None]])
def test_a_history_that_never_moved_has_its_level_as_point_forecast(values: list[int | None]) -> None:
    f = T.forecast(values, horizon=10)
    assert set(f.mean) == {next(v for v in values if v is not None)}
    assert (f.lower[80] <= f.mean).all()
    assert (f.mean <= f.upper[80]).all()
