"""What a sceptic tried with `ms.demography`: contradictions, bounds, people who are not there."""

from __future__ import annotations

import itertools
import os
import signal
import threading
import time

import numpy as np
import pytest

import minsuan as ms

D = ms.demography
AGES = ["0", "1-4", *(f"{a}-{a + 4}" for a in range(5, 85, 5)), "85+"]


def people(n=300_000):
    x = np.arange(101)
    p = np.exp(-((x / 70) ** 4)) * np.ones((2, 1))
    return p * n / p.sum()


@pytest.mark.parametrize(
    ("total", "constraints", "gap", "names"),
    [
        (309_900, {"female": 150_000, "male": 150_000}, "9,900", ["total", "female", "male"]),
        (309_900, {"female 60+": 30_000, "male 60+": 20_000}, "5,000", ["60+", "female 60+", "male 60+"]),
        (309_900, {"0-14": 50_000, "female 0-14": 20_000, "male 0-14": 25_000}, "5,000", ["0-14"]),
        (309_900, {"60-79": 40_000, "80+": 4_000}, "1,000", ["60+", "60-79", "80+"]),
    ],
)
def test_women_and_men_are_both_whatever_the_order(total, constraints, gap, names):
    for order in itertools.permutations(constraints):
        with pytest.raises(ms.ModelError, match=f"contradict each other by {gap} persons") as told:
            D.thin_base(total, 45_000, constraints={k: constraints[k] for k in order}, draws=2)
        assert all(f"{n} = " in str(told.value) for n in names)


def test_printed_precision_is_no_contradiction():
    b = D.thin_base("31万", 45_000, constraints={"female": 150_000, "male": 157_000}, draws=2)
    assert b.population[0].sum() == pytest.approx(150_000)
    assert b.population[1].sum() == pytest.approx(157_000)
    b = D.thin_base(310_000, 45_000, constraints={"female 60+": "2.4万", "male 60+": "2.1万"}, draws=2)
    assert b.population[:, 60:].sum() == pytest.approx(45_000)
    # Shares of one total contradict each other however roughly it is printed.
    with pytest.raises(ms.ModelError, match=r"0-14.*15-59"):
        D.thin_base("31万", share_60_plus=0.31, constraints={"0-14": 0.2, "15-59": 0.5}, draws=2)


def test_who_is_held_out_is_named_where_they_leave_no_room():
    with pytest.raises(ms.ModelError, match=r"special = 300,000.*35,000 persons"):
        D.thin_base(310_000, 45_000, special={"18-22": 300_000}, draws=2)


@pytest.mark.parametrize("spread", [1, True, "full", "x", 0.5, [0]])
def test_a_spread_is_none_nothing_or_a_dict(spread):
    with pytest.raises(ms.DataError, match=r"spread.*expected None.*dict"):
        D.project_draws(people(), years=2, draws=2, spread=spread)
    with pytest.raises(ms.DataError, match="spread"):
        D.project_regions({"region": ["a"]}, years=2, draws=2, spread=spread)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: D.project_draws(people(), draws=10**9), "at most 1000000"),
        (lambda: D.project_draws(people(), draws=10**6, years=100, full=True), "GB"),
        (
            lambda: D.project_draws(people(), draws=10**6, years=200, indicators=["total", "60+", "0-14"]),
            "GB",
        ),
        (lambda: D.project_draws(people(), years=10**6, draws=50), "at most 200"),
        (lambda: D.project_regions(counties(), draws=10**9), "at most 1000000"),
        (lambda: D.backtest(counties(), counties(), draws=10**9), "1 to 100000"),
        (lambda: D.backtest(counties(), counties(), draws=0), "1 to 100000"),
        (lambda: D.graduate_counts(["0-4", "5+"], [1, 2], max_age=10**9), "max_age"),
        (lambda: D.kannisto(np.full(100, 0.1), open_age=200), "open_age.*130"),
        (lambda: D.kannisto(np.full(100, 0.1), fit=(-5, 90)), r"fit\[0\]"),
        (lambda: D.kannisto(np.full(100, 0.1), fit=(80.0, 90.0)), r"fit\[0\]"),
        (lambda: D.kannisto(np.full(100, 0.1), fit=80), "pair of ages"),
    ],
)
def test_what_is_too_large_is_told_before_memory_is_taken(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def counties(n=2):
    return {"region": [f"43{i:04d}" for i in range(n)], "code": [f"43{i:04d}" for i in range(n)]} | {
        f"{s}_{a}": [9000.0] * n for s in "fm" for a in AGES
    }


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_long_run_stops_when_asked():
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            D.project_draws(people(3_000), years=200, draws=500_000, indicators=["total"])
        late = time.monotonic()
        with pytest.raises(ZeroDivisionError):
            D.project_regions(counties(1), years=200, draws=500_000, progress=lambda *_: 1 / 0)
        # Far less than the minutes that the run would take, on a busy machine too.
        assert time.monotonic() - late < 10
    finally:
        timer.cancel()


def test_nobody_in_a_denominator_is_not_known():
    few = np.zeros((2, 101))
    few[0, 40], few[1, 41] = 3, 3
    d = D.project_draws(
        few, years=60, draws=200, indicators=["share_60_plus", "1/60+", "median_age", "ageing_index"]
    )
    values, table = d.indicator("share_60_plus"), d.quantiles.filter(indicator="share_60_plus")
    none = np.isnan(values).sum(0)
    assert none[0] == 0
    assert 0 < none[40] < 200
    assert table["mean"][40] == pytest.approx(np.nanmean(values[:, 40]))
    assert table["p90"][40] == pytest.approx(np.nanquantile(values[:, 40], 0.9))
    assert all("分母无人" in n for n in d.quantiles.notes if "median" in n)
    assert any("年龄中位数" in n and "分母无人" in n for n in d.quantiles.notes)
    # Where no draw has a value, there is none: null, and no NaN.
    assert d.quantiles.filter(indicator="1/60+").to_list("mean")[0] is None
    assert not any(v != v for c in ("mean", "p50") for v in d.quantiles.to_list(c) if v is not None)
    assert sum(d.peak("1/60+").to_list("probability")) == pytest.approx(1)
    one = {"region": ["a"]} | {
        f"{s}_{a}": [float(few[i, int(a)])] for i, s in enumerate("fm") for a in range(101)
    }
    t = D.project_regions(one, years=2, draws=5, indicators=["1/60+"])
    assert t.to_list("mean") == [None] * 3
    assert any("分母无人" in n for n in t.notes)


@pytest.mark.parametrize(
    ("indicator", "words"),
    [
        ("1/0*total", "divided by zero"),
        ("(15 - 59)", "-44"),
        ("60+1", "number 61"),
        ("7", "without people"),
        ("1+" * 5000 + "total", "too long"),
    ],
)
def test_an_expression_has_people(indicator, words):
    with pytest.raises(ms.ModelError, match=words) as told:
        D.project_draws(people(), years=1, draws=2, indicators=[indicator])
    assert len(str(told.value)) < 400


def test_rates_of_the_year_add_up():
    names = [
        "crude_birth_rate",
        "crude_death_rate",
        "natural_growth_rate",
        "growth_rate",
        "sex_ratio",
        "total",
    ]
    d = D.project_draws(people(), years=6, draws=20, indicators=names, full=True)
    births, deaths, natural, growth, ratio, total = (d.indicator(n) for n in names)
    middle = (total[:, 1:] + total[:, :-1]) / 2
    np.testing.assert_allclose(births, 1000 * d.births / middle)
    np.testing.assert_allclose(deaths, 1000 * d.deaths / middle)
    np.testing.assert_allclose(natural, births - deaths)
    np.testing.assert_allclose(growth, 1000 * np.diff(total) / middle)
    sexes = d.population.sum(3)
    np.testing.assert_allclose(ratio, 100 * sexes[..., 1] / sexes[..., 0])
    assert set(d.quantiles.to_list("indicator")) == set(names)
    assert d.births.shape == d.deaths.shape == (20, 6)
    table = d.by_age()
    row = table.filter(year=2022, sex="male", age=30)
    assert row["p50"][0] == pytest.approx(np.median(d.population[:, 3, 1, 30]))
    with pytest.raises(ms.ModelError, match="full=True"):
        D.project_draws(people(), years=1, draws=2).by_age()


def small(**change):
    a = {
        "population": np.full((2, 21), 100.0),
        "survival": np.full((5, 2, 21), 0.95),
        "fertility": np.where(np.isin(np.arange(21), range(12, 18)), 0.1, 0.0) * np.ones((5, 1)),
        "srb": np.full(5, 1.05),
    }
    return {**a, **change}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"srb": np.full(5, 105.0)}, "1.05, not 105"),
        ({"fertility": small()["fertility"] * 800}, "not 85 per 1,000"),
        ({"width": -1}, "width"),
        ({"width": 1.5}, "width"),
        ({"population": np.ma.masked_equal(np.full((2, 21), 100.0), 3)}, "masked"),
        ({"population": np.full((2, 21), 100 + 1j)}, "real numbers"),
        ({"population": np.full((2, 21), np.datetime64("2020-01-01"))}, "real numbers"),
    ],
)
def test_arrays_in_other_units_or_of_other_things(change, words):
    with pytest.raises(ms.DataError, match=words):
        D.project(**small(**change))


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ([{"year": 2023, "birth": 100}], "no such key.*births"),
        ([{"births": 100}], "no year"),
        ({"year": 2023, "births": 2000}, "a list of records"),
        ([{"year": 2023, "births": 300_000}], "more events"),
        ([{"year": 2023, "births": 2000}, {"year": 2023, "deaths": 2000}], "second record of one year"),
        ([{"year": 2023, "births": "many"}], "known.births: not a number"),
        ("2023", "a list of records"),
        (5, "a list of records"),
    ],
)
def test_local_counts_are_records(known, words):
    with pytest.raises(ms.DataError, match=words):
        D.project_draws(people(), years=6, draws=2, known=known)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: D.mortality(70, "female", "china", base=[0.1], beta=3, k=9), "does not take base"),
        (lambda: D.mortality(70, "female", "log_quadratic", beta=1.0), "does not take beta"),
        (lambda: D.mortality(70, method="brass", base=[0.1, 0.2]), "101"),
        (lambda: D.mortality(70, method="lee_carter", base=[0.1, 0.2]), "22"),
        (lambda: D.mortality(70, method="brass", beta=-1), "beta.*above 0"),
        (lambda: D.mortality([70, 71]), "e0: not a number"),
        (lambda: D.fertility("1.2", 2020), "tfr: not a number"),
        (lambda: D.fertility(1.2, 1900), "year.*1950 to 2100"),
        (lambda: D.fertility(1.2, 3000), "year.*1950 to 2100"),
        (lambda: D.fertility(1.2, shares=[0.1, 0.3, 0.3, 0.1]), "do not add to a whole"),
        (lambda: D.project_draws(people(), start=3000, years=2, draws=2), "start.*2100"),
        (lambda: D.project_draws(people(), start="2019", years=2, draws=2), "start: not a whole number"),
        (lambda: D.project_draws(people(), start=2019.5, years=2, draws=2), "start: not a whole number"),
        (lambda: D.project_draws(people(), start=10**12, years=2, draws=2), "start: not a whole number"),
        (lambda: D.project_draws(people(), years=2, draws=2, paths=3), "paths: no settings"),
        (lambda: D.project_draws(people(), years=2, draws=2, indicators=3), "indicators: no names"),
        (lambda: D.thin_base(310_000, 45_000, year=1900), "year"),
        (lambda: D.thin_base(310_000, 45_000, year=3000), "year"),
        (lambda: D.thin_base(1e12, 45_000), "below 100,000,000,000"),
        (
            lambda: D.census_base({"age": ["0-14", "15+"], "female": [1, 2], "male": [1, 2]}, year=1800),
            "year",
        ),
        (lambda: D.hamilton_perry(people(), people(), years=2010), "a pair"),
        (lambda: D.backtest(counties(), counties(), size=3), "size: not a pair"),
        (
            lambda: D.project_regions({**counties(), "f_0": [float("nan"), 1.0]}, years=2, draws=2),
            "row 1.*f_0",
        ),
    ],
)
def test_arguments_are_told_by_name(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_one_mistake_of_all_years_is_told_once():
    with pytest.raises(ms.DataError) as told:
        D.project_draws(people(), years=50, draws=2, paths={"tfr": -1.0})
    assert len(told.value.problems) == 1
    assert "50 years from 2020 to 2069" in str(told.value)


def test_a_region_may_be_a_number():
    a, b = (D.project_draws(people(), years=2, draws=5, region=r) for r in (433101, "433101"))
    assert a.quantiles.equals(b.quantiles)


def test_what_no_table_reaches_and_what_is_not_met_is_noted():
    d = D.project_draws(people(), years=100, draws=5, paths={"net_migration_rate": -0.03})
    assert any("净迁移率路径自" in n and "-30.0‰" in n for n in d.quantiles.notes)
    assert any("2100年" in n for n in d.quantiles.notes)
    plain = D.project_draws(people(), years=20, draws=5)
    assert not any("净迁移率路径自" in n or "2100年" in n for n in plain.quantiles.notes)


def test_a_parent_stands_with_its_regions():
    t = D.project_regions(
        counties(3), years=2, draws=20, indicators=["total"], parent="sum", parent_code="all"
    )
    sums = np.reshape(t["mean"], (4, 3))
    np.testing.assert_allclose(sums[:3].sum(0), sums[3], rtol=1e-9)
    assert t.to_list("region")[-1] == "all"
    with pytest.raises(ms.DataError, match="two regions with one code"):
        D.project_regions(counties(3), years=2, draws=20, parent="sum", parent_code="430001")


def test_ages_in_every_form():
    chinese = ["0岁", "1~4岁", "5岁及以上"]
    want = D.graduate_counts(["0", "1-4", "5+"], [10.0, 40.0, 500.0])
    for ages in (chinese, [0, 1, 5], np.array([0, 1, 5]), ["0", "1－4", "5周岁以上"]):
        assert np.array_equal(D.graduate_counts(ages, [10.0, 40.0, 500.0]), want)
        assert D.life_table([0.01, 0.002, 0.01], ages=ages).e0 > 50
    names = dict(
        zip(AGES, ["0岁", "1~4岁", *(f"{a}－{a + 4}岁" for a in range(5, 85, 5)), "85岁及以上"], strict=False)
    )
    table = counties()
    other = {(f"{k[:2]}{names[k[2:]]}" if k[2:] in names else k): v for k, v in table.items()}
    a, b = (D.project_regions(t, years=2, draws=5) for t in (table, other))
    assert a.equals(b)
    with pytest.raises(ms.DataError, match=r"row 2.*ages.*x"):
        D.graduate_counts(["0", "x", "5+"], [1, 2, 3])
    with pytest.raises(ms.DataError, match="ages"):
        D.graduate_counts("0-4", [1])


def test_the_module_shows_what_it_has():
    assert dir(D) == sorted(D.__all__)
