"""Trends from Python: shapes, names and messages as the page of the analyst has them."""

from __future__ import annotations

import csv
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minsuan as ms

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "series"
# Sanming, urban dibao at the year's end, 2006-2022: yearbook of the prefecture 2023, table 14-5.
SANMING = [24243, 21282, 18397, 17265, 16774, 16333, 14530, 13808, 11539]
SANMING += [8772, 5806, 4866, 4577, 4610, 4674, 4717, 4718]


def test_a_forecast_has_the_shapes_of_the_contract():
    f = ms.trends.forecast(SANMING, horizon=5, levels=(80, 95), breaks=None)
    for a in (f.mean, f.median, f.lower[80], f.upper[80], f.lower[95], f.upper[95]):
        assert a.shape == (5,)
        assert a.dtype == np.float64
        assert np.isfinite(a).all()
    assert (f.lower[95] <= f.lower[80]).all()
    assert (f.upper[80] <= f.upper[95]).all()
    assert f.reference_class
    assert 92 <= f.coverage[95] <= 97
    assert 77 <= f.coverage[80] <= 84
    assert any("实测覆盖" in note for note in f.notes)
    np.testing.assert_array_equal(f.quantile(0.5), f.median)


def test_the_shipped_series_is_that_of_the_yearbook():
    if not (REFERENCE / "sanming_dibao.csv").exists():
        pytest.skip("sanming_dibao.csv is not there")
    with open(REFERENCE / "sanming_dibao.csv", encoding="utf-8") as f:
        rows = [float(r["persons"]) for r in csv.DictReader(f) if r["series"].startswith("城镇")]
    assert ms.trends.series("urban_dibao_persons", "三明市").to_list("value") == rows == SANMING


def test_stock_and_flow_of_the_reference_close():
    path = REFERENCE / "fujian_stockflow_2017_07.csv"
    if not path.exists():
        pytest.skip(f"{path.name} is not there")
    with open(path, encoding="utf-8") as f:
        for r in csv.DictReader(f):
            stock = [float(r["prev_stock"]), float(r["stock"])]
            sf = ms.trends.stock_flow(stock, [None, float(r["inflow"])], [None, float(r["outflow"])])
            assert sf.closes
            t = sf.project(3)
            assert set(t.to_list("flow")) == {"stock", "inflow", "outflow"}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.one_of(st.none(), st.floats(0, 1e15), st.integers(0, 5)), min_size=1, max_size=25).filter(
        lambda v: any(x is not None for x in v)
    ),
    st.integers(1, 12),
)
def test_any_series_has_a_forecast(values, horizon):
    f = ms.trends.forecast(values, horizon, breaks="auto")
    for level in (80, 95):
        assert np.isfinite(f.upper[level]).all()
        assert (f.lower[level] >= 0).all()
        assert (f.lower[level] <= f.upper[level]).all()
    assert (f.expected >= 0).all()
    assert np.isfinite(f.expected).all()


def test_what_cannot_be_read_is_told_all_at_once():
    with pytest.raises(ms.DataError) as told:
        ms.trends.forecast([1, "二十", 3, object()])
    assert [p["row"] for p in told.value.problems] == [2, 4]
    with pytest.raises(ms.DataError, match="not a number"):
        ms.trends.forecast([1.0, float("nan")])
    with pytest.raises(ms.DataError, match="at least one value"):
        ms.trends.forecast([])
    with pytest.raises(ms.ModelError, match="1 to 100"):
        ms.trends.forecast([1, 2], horizon=0)
    with pytest.raises(ms.DataError, match="levels"):
        ms.trends.forecast([1, 2], levels=(0.8,))
    with pytest.raises(ms.DataError, match="breaks"):
        ms.trends.forecast([1, 2], breaks=[5])
    with pytest.raises(ms.DataError, match="breaks"):
        ms.trends.backtest([1, 2, 3, 4, 5, 6], breaks=[9])
    with pytest.raises(ValueError, match="auto"):
        ms.trends.forecast([1, 2], breaks="none")


def test_a_panel_is_the_forecasts_of_its_series():
    frame = pd.DataFrame(
        {
            "id": ["b"] * 4 + ["a"] * 5,
            "t": [2020, 2018, 2017, 2021, 2015, 2016, 2017, 2018, 2019],
            "value": [7.0, 5.0, 4.0, 9.0, 1.0, 2.0, 3.0, 5.0, 8.0],
        }
    )
    t = ms.trends.forecast_panel(frame, id="id", time="t", value="value", horizon=3)
    assert t.columns[:8] == ["id", "step", "mean", "lower_80", "upper_80", "lower_95", "upper_95", "method"]
    assert t.to_list("id") == ["b"] * 3 + ["a"] * 3
    one = ms.trends.forecast([4.0, 5.0, None, 7.0, 9.0], horizon=3)
    np.testing.assert_array_equal(np.array(t.to_list("upper_95"))[:3], one.upper[95])
    again = ms.trends.forecast_panel(pl.from_pandas(frame), horizon=3)
    assert again.equals(t)


def test_a_panel_tells_every_bad_row():
    table = {"id": ["a", "a", "a", "b"], "t": [1, 1, 2, 1.5], "value": [1.0, 2.0, -3.0, 4.0]}
    with pytest.raises(ms.DataError) as told:
        ms.trends.forecast_panel(table)
    assert len(told.value.problems) == 3
    with pytest.raises(ms.DataError, match="not a number"):
        ms.trends.forecast_panel({"id": ["a", "a"], "t": [1, 2], "value": ["12", "十三"]})
    with pytest.raises(ms.DataError, match="missing"):
        ms.trends.forecast_panel({"id": ["a"], "year": [1], "value": [1.0]}, time="t")


def test_progress_is_told_and_stops_the_work():
    ids = [str(i) for i in range(20_000)]
    table = ms.Table({"id": ids, "t": [1] * len(ids), "value": [1.0] * len(ids)})

    def stop(done, total):
        raise RuntimeError("enough")

    def run():
        for _ in range(50):  # a fast machine may finish one within the first tenth of a second
            ms.trends.forecast_panel(table, horizon=20, progress=stop)

    with pytest.raises(RuntimeError, match="enough"):
        run()


def test_backtest_and_breaks():
    t = ms.trends.backtest(SANMING, horizon=5, minimum=5)
    assert t.columns[:3] == ["method", "label", "forecasts"]
    assert t.to_list("forecasts")[0] == 12 * 5 - 10
    found = ms.trends.breaks(
        [1173, 1362, 1235, 494, 440, 432, 440], times=["2011", "2012", "2013", "2014", "2015", "2016", "2017"]
    )
    assert found.to_list("time") == ["2014"]
    with pytest.raises(ms.DataError, match="times"):
        ms.trends.breaks([1, 2, 3], times=[1])


def test_a_short_backtest_is_empty_and_says_so():
    for values in ([1], [3, None, 4], [1, 2, 3, 4, 5]):
        t = ms.trends.backtest(values)
        assert t.to_list("forecasts") == [0, 0, 0]
        assert t.to_list("mase") == [None] * 3
        assert "无结果" in str(t)


@pytest.mark.parametrize("values", [[1e300, 1e308], [float("inf")], [1e15, 1.7e308]])
def test_a_value_beyond_all_figures_is_told(values: list[float]):
    with pytest.raises(ms.DataError, match=r"too large|infinite"):
        ms.trends.forecast(values)


@pytest.mark.parametrize("values", [[1e15] * 3, [1e15, 2e15, 1e14], [1e-300, 1e300], [1e300, 2e299] * 6])
def test_the_largest_figures_have_an_interval(values: list[float]):
    f = ms.trends.forecast(values, horizon=20)
    assert np.isfinite(f.upper[95]).all()
    assert (f.lower[95] < f.upper[95]).all()
    assert np.isfinite(f.expected).all()


def test_decreasing_years_are_told_or_sorted():
    with pytest.raises(ms.DataError, match="2019 comes after 2020") as told:
        ms.trends.breaks(SANMING, times=range(2022, 2005, -1))
    assert len(told.value.problems) == 16
    with pytest.raises(ms.DataError, match="periods"):
        ms.trends.stock_flow([5, 6, 7], [None, 1, 1], [None, 0, 0], periods=[2020, 2019, 2018])
    rows = {"id": ["a"] * 4, "value": [4.0, 3.0, 2.0, 1.0]}
    down = ms.trends.forecast_panel({**rows, "t": [2020, 2019, 2018, 2017]})
    up = ms.trends.forecast_panel({**rows, "value": [1.0, 2.0, 3.0, 4.0], "t": [2017, 2018, 2019, 2020]})
    assert down.equals(up)


def test_exponential_smoothing_says_which_model_and_what_it_cannot_do():
    e = ms.trends.ets(SANMING, horizon=3)
    assert e.model in {"ETS(A,N,N)", "ETS(A,A,N)", "ETS(A,Ad,N)"}
    assert len(e.mean) == len(e.lower[95]) == 3
    assert e.lower[95][0] < e.mean[0] < e.upper[95][0]
    fixed = ms.trends.ets(SANMING, model="A,Ad,N")
    assert 0.8 <= fixed.phi <= 0.98
    for bad in ({"model": "M,N,N"}, {"horizon": 0}):
        with pytest.raises(ms.ModelError):
            ms.trends.ets(SANMING, **bad)  # type: ignore[arg-type]
    with pytest.raises(ms.DataError, match="at least 5"):
        ms.trends.ets([1, 2, 3])
    with pytest.raises(ms.DataError, match="without a gap"):
        ms.trends.ets([1, 2, None, 3, 4, 5])
    assert "指数平滑（ETS）" in ms.trends.forecast(SANMING).others


def test_every_program_of_a_county_is_there():
    t = ms.trends.programs()
    rows = {r["program"]: r for r in t}
    known = set(rows)
    assert {"urban_dibao", "rural_dibao", "vagrants", "elderly_care_subsidy", "medical_aid"} <= known
    assert {r for r in known if r.startswith(("urban_tekun_", "rural_tekun_"))} == {
        f"{place}_tekun_{how}" for place in ("urban", "rural") for how in ("home", "inst")
    }
    assert (rows["temporary_relief"]["counts"], rows["temporary_relief_persons"]["counts"]) == (
        "cases",
        "persons",
    )
    for row in rows.values():
        for column in ("part_of", "also_in"):
            assert set((row[column] or "").split()) <= known, row
    # The shipped case runs each of them.
    assert known <= set(ms.open("jishou").run(draws=2).relief.caseload().to_list("program"))


def test_months_and_corrections():
    y = [1000 + 300 * (t % 12 == 0) + t for t in range(48)]
    f = ms.trends.forecast(y, horizon=12, period=12)
    assert f.median[0] > f.median[1] + 200
    table = pl.DataFrame({"year": [2020] * 3, "period": [3, 1, 2], "value": [24.0, 10.0, 25.0]})
    t = ms.trends.decumulate(table)
    parts = [v for column in ("flow", "correction") for v in t.to_list(column) if v is not None]
    assert sum(parts) == 24.0


def test_results_travel_to_other_processes():
    own = ms.trends.reference_class({k: [100 + (t * k) % 7 for t in range(12)] for k in range(40)}, "本市")
    f = ms.trends.forecast(SANMING, 4, breaks=[9], reference_class=own)
    g = pickle.loads(pickle.dumps(f))
    np.testing.assert_array_equal(f.upper[95], g.upper[95])
    assert (g.reference_class, g.notes) == ("本市", f.notes)
    sf = ms.trends.stock_flow([10, 12], [None, 3], [None, 1])
    assert pickle.loads(pickle.dumps(sf)).closes


def test_township_figures_add():
    r = ms.trends.reconcile(1000, [300.4, 400.2, 310.9], [[5, 1, 2, 2], [-4, -1, -2, -1], [3, 2, 1, 0]])
    assert sum(r.part_counts) == r.total_count
    assert r.total == pytest.approx(sum(r.parts))
