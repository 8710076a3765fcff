"""Demography from Python: the UN's cases, draws, and what is refused."""

import csv
import gzip
import pickle
from pathlib import Path

import numpy as np
import pytest

import minsuan as ms

REFERENCE = Path(__file__).parents[2].parent / "shared" / "reference"


def rows(name):
    path = REFERENCE / name
    if not path.exists():
        pytest.skip(f"{path} is not there")
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def cube(table, column):
    first = min(int(r["year"]) for r in table)
    shape = [max(int(r["year"]) for r in table) - first + 1, 2, max(int(r["age"]) for r in table) + 1]
    out = np.full(shape, np.nan)
    for r in table:
        out[int(r["year"]) - first, int(r["sex"] == "male"), int(r["age"])] = float(r[column])
    return out


def un_case(folder, srb):
    rates = rows(f"population/{folder}/rates.csv.gz")
    return {
        "population": cube(rows(f"population/{folder}/base_pop.csv.gz"), "pop")[0],
        "survival": cube(rates, "sx"),
        "fertility": cube(rates, "asfr")[:, 0],
        "srb": [float(r["srb"]) for r in rows(f"population/{folder}/{srb}")],
        "migration": cube(rates, "netmig"),
    }


def test_canada_as_the_un_stored_it():
    p = ms.demography.project(**un_case("canada", "srb.csv.gz"), births_by_age=True)
    folder = "population/canada/"
    population = cube(rows(folder + "expected_pop.csv.gz"), "pop")
    np.testing.assert_allclose(p.population, population, rtol=1e-12, atol=1e-12)
    deaths = cube(rows(folder + "expected_deaths.csv.gz"), "deaths_cohort")
    np.testing.assert_allclose(p.deaths, deaths, rtol=1e-12, atol=1e-12)
    births = [[float(r["female"]), float(r["male"])] for r in rows(folder + "expected_births.csv.gz")]
    np.testing.assert_allclose(p.births, births, rtol=1e-12)
    np.testing.assert_allclose(p.births_by_age.sum(1), p.births.sum(1), rtol=1e-12)


@pytest.mark.parametrize(
    ("folder", "srb", "timing"),
    [
        ("canada_both_timings", "srb.csv", "end"),
        ("canada_both_timings", "srb.csv", "even"),
        ("france_hmd", "srb.csv.gz", "end"),
    ],
)
def test_the_uns_engine(folder, srb, timing):
    p = ms.demography.project(**un_case(folder, srb), migration_timing=timing)
    file = f"population/{folder}/ccmppWPP_{timing}_"
    np.testing.assert_allclose(p.population, cube(rows(file + "pop.csv.gz"), "pop"), rtol=1e-12, atol=1e-9)
    deaths = cube(rows(file + "deaths_mig.csv.gz"), "deaths_cohort")
    np.testing.assert_allclose(p.deaths, deaths, rtol=1e-12, atol=1e-9)


def small(years=5, ages=21):
    return {
        "population": np.full((2, ages), 100.0),
        "survival": np.full((years, 2, ages), 0.95),
        "fertility": np.where(np.isin(np.arange(ages), range(12, 18)), 0.1, 0.0) * np.ones((years, 1)),
        "srb": np.full(years, 1.05),
    }


def test_n_plus_m_years_are_n_then_m():
    a = small(6)
    whole = ms.demography.project(**a)
    first = {k: v if k == "population" else v[:2] for k, v in a.items()}
    then = {k: v if k == "population" else v[2:] for k, v in a.items()}
    then["population"] = ms.demography.project(**first).population[-1]
    assert np.array_equal(ms.demography.project(**then).population, whole.population[2:])


def test_people_are_conserved():
    rng = np.random.default_rng(1)
    a = small()
    a["migration"] = rng.normal(0, 5, (5, 2, 21))
    p = ms.demography.project(**a)
    change = p.births.sum(1) - p.deaths.sum((1, 2)) + a["migration"].sum((1, 2))
    np.testing.assert_allclose(np.diff(p.population.sum((1, 2))), change)


@pytest.mark.parametrize("name", ["population", "survival", "fertility", "srb", "migration", "emigration"])
def test_a_leading_draw_axis_on_any_input(name):
    a = small()
    a["migration"] = np.ones((5, 2, 21))
    a["emigration"] = np.full((5, 2, 21), 0.01)
    plain = ms.demography.project(**a)
    factor = np.array([1.0, 0.9, 0.8]).reshape((3,) + (1,) * np.ndim(a[name]))
    p = ms.demography.project(**{**a, name: a[name] * factor})
    assert p.population.shape == (3, 6, 2, 21)
    assert p.births.shape == (3, 5, 2)
    assert np.array_equal(p.population[0], plain.population)
    one = ms.demography.project(**{**a, name: a[name] * 0.8})
    assert np.array_equal(p.population[2], one.population)
    assert np.array_equal(p.deaths[2], one.deaths)


def test_lists_and_integers_are_arrays():
    a = small()
    lists = {k: v.tolist() for k, v in a.items()}
    assert np.array_equal(ms.demography.project(**lists).population, ms.demography.project(**a).population)


def test_negative_populations_are_refused_and_named():
    a = small()
    a["migration"] = np.zeros((5, 2, 21))
    a["migration"][2, 1, 7] = -500.0
    with pytest.raises(ms.ModelError, match=r"year 2, male, age 7"):
        ms.demography.project(**a)
    p = ms.demography.project(**a, clamp="un")
    assert (p.population >= 0).all()
    assert (0, 2, 1, 7) in [t[:4] for t in p.touched]
    draws = {**a, "srb": np.ones((4, 5))}
    with pytest.raises(ms.ModelError, match=r"draw 0, year 2, male, age 7"):
        ms.demography.project(**draws)


def change(name, at, value):
    a = small()
    a[name][at] = value
    return a


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        (change("population", (0, 3), np.nan), "population"),
        (change("population", (1, 3), -1.0), "population"),
        (change("survival", (1, 0, 3), 1.01), "survival ratio from 0 to 1"),
        (change("survival", (1, 0, 3), np.nan), "survival"),
        (change("fertility", (0, 13), -0.1), "fertility"),
        (change("fertility", (0, 5), 0.1), "fertility at age 5"),
        (change("srb", 0, 0.0), "srb"),
        ({**small(), "survival": np.full((5, 21, 2), 0.9)}, "year, sex, age"),
        ({**small(), "fertility": np.zeros((21, 5))}, r"\[5, 21\]"),
        ({**small(), "srb": [[1.0, 2.0], [1.0]]}, "nested lists of equal length"),
        ({**small(), "width": 0}, "width"),
        ({**small(), "migration_timing": "middle"}, "end, even"),
        ({**small(), "clamp": "WPP"}, "un"),
        ({**small(), "population": np.ones((2, 2, 21)), "srb": np.ones((3, 5))}, "draws"),
    ],
)
def test_bad_inputs(inputs, words):
    with pytest.raises(ms.DataError, match=words):
        ms.demography.project(**inputs)


def test_every_problem_at_once():
    a = small()
    a["population"][0, 3] = np.nan
    a["survival"][0, 0, 3] = 2
    a["srb"][1] = -1
    with pytest.raises(ms.DataError) as caught:
        ms.demography.project(**a)
    assert len(caught.value.problems) == 3


def test_life_table_of_single_years_and_of_groups():
    mx = 0.0002 * np.exp(0.085 * np.arange(101)) + 0.0001
    lt = ms.demography.life_table(mx, "male")
    assert lt.e0 == pytest.approx(lt.Lx.sum() / lt.lx[0])
    assert lt.survival.shape == (101,)
    assert lt.survival[-1] == pytest.approx(lt.Tx[-1] / lt.Tx[-2])
    back = ms.demography.life_table(qx=lt.qx, sex="male")
    np.testing.assert_allclose(back.mx[:-1], lt.mx[:-1], rtol=1e-10)
    ages = [0, 1, *range(5, 105, 5)]
    abridged = ms.demography.life_table(np.geomspace(0.001, 0.5, len(ages)), ages=ages)
    assert abridged.survival.shape == (len(ages) - 1,)
    assert ms.demography.life_table([0.1, 0.1, 0.1], ages=[0, 7, 20]).survival is None
    assert pickle.loads(pickle.dumps(lt)).e0 == lt.e0


@pytest.mark.parametrize(
    "arguments",
    [
        {"mx": [0.1, -0.1, 0.5]},
        {"mx": [0.1, np.nan, 0.5]},
        {"mx": [0.1, 0.1, 0.0]},
        {"qx": [0.1, 1.1, 1.0]},
        {"mx": [0.1, 0.1], "ages": [0, 1, 2]},
        {"mx": [0.1, 0.1, 0.1], "ages": [0, 5, 5]},
        {"mx": [0.1, 0.1, 0.1], "ages": [1, 2, 3]},
        {"mx": [0.1, 0.1, 0.1], "ages": ["0", "5+", "10-14"]},
        {"mx": [0.1], "sex": "female"},
        {"mx": [0.1, 0.2], "sex": "both"},
        {},
        {"mx": [0.1, 0.2], "qx": [0.1, 0.2]},
    ],
)
def test_no_life_table(arguments):
    with pytest.raises(ms.DataError):
        ms.demography.life_table(**arguments)


def people(n=300_000):
    x = np.arange(101)
    p = np.exp(-((x / 70) ** 4)) * np.ones((2, 1))
    return p * n / p.sum()


def test_draws_are_the_same_for_any_threads_and_travel():
    d = ms.demography.project_draws(people(), years=12, draws=300, seed=5, full=True, threads=1)
    e = ms.demography.project_draws(people(), years=12, draws=300, seed=5, full=True, threads=2)
    assert d.quantiles.equals(e.quantiles)
    assert np.array_equal(d.population, e.population)
    assert d.population.shape == (300, 13, 2, 101)
    assert pickle.loads(pickle.dumps(d)).quantiles.equals(d.quantiles)
    other = ms.demography.project_draws(people(), years=12, draws=300, seed=6)
    assert not d.quantiles.equals(other.quantiles)


def test_quantiles_are_those_of_all_draws():
    names = ("total", "share_60_plus", "(60+) / (15-59)", "births", "median_age", "nrr", "female(15-49)")
    d = ms.demography.project_draws(people(), years=10, draws=333, indicators=names, full=True)
    table = d.quantiles
    assert table.columns == [
        "year",
        "indicator",
        "label",
        "unit",
        "mean",
        "p2_5",
        "p10",
        "p50",
        "p90",
        "p97_5",
    ]
    p = d.population
    want = {
        "total": p.sum((2, 3)),
        "share_60_plus": p[..., 60:].sum((2, 3)) / p.sum((2, 3)),
        "(60+) / (15-59)": p[..., 60:].sum((2, 3)) / p[..., 15:60].sum((2, 3)),
        "female(15-49)": p[:, :, 0, 15:50].sum(2),
    }
    for name, values in want.items():
        rows = table.filter(indicator=name)
        np.testing.assert_allclose(d.indicator(name), values, rtol=1e-10)
        assert rows["year"].tolist() == list(range(2019, 2030))
        np.testing.assert_allclose(rows["mean"], values.mean(0), rtol=1e-10)
        for column, q in (("p2_5", 2.5), ("p10", 10), ("p50", 50), ("p90", 90), ("p97_5", 97.5)):
            np.testing.assert_allclose(rows[column], np.percentile(values, q, axis=0), rtol=1e-10)
    assert table.filter(indicator="births")["year"].tolist() == list(range(2020, 2030))
    assert ((d.indicator("median_age") > 30) & (d.indicator("median_age") < 60)).all()
    assert ((d.indicator("nrr") > 0.1) & (d.indicator("nrr") < 0.9)).all()


def test_no_spread_is_one_path_and_the_same_as_project():
    d = ms.demography.project_draws(people(), years=5, draws=3, spread=0, full=True)
    assert (d.population[0] == d.population[2]).all()
    births = d.population[0, 1:, :, 0].sum()
    assert births > 0


def test_base_draws_of_an_object_and_of_an_array():
    class Base:
        population = people()
        draws = np.stack([people() * f for f in (0.9, 1.0, 1.1)])

    d = ms.demography.project_draws(Base(), years=2, draws=6, spread=0, full=True)
    e = ms.demography.project_draws(Base.draws, years=2, draws=6, spread=0, full=True)
    assert np.array_equal(d.population, e.population)
    np.testing.assert_allclose(d.population[:, 0], np.concatenate([Base.draws, Base.draws]))


def test_paths_known_events_and_small_numbers():
    d = ms.demography.project_draws(
        people(),
        years=6,
        draws=2,
        spread=0,
        paths={"tfr": 2.1, "e0_male": np.linspace(70, 75, 6)},
        indicators=["tfr", "e0_male"],
    )
    assert (d.indicator("tfr") == 2.1).all()
    np.testing.assert_allclose(d.indicator("e0_male")[0], np.linspace(70, 75, 6))
    k = ms.demography.project_draws(
        people(),
        years=6,
        draws=2,
        spread=0,
        known=[{"year": 2023, "births": 2177, "deaths": 2002}],
        indicators=["births"],
    )
    assert abs(k.indicator("births")[0, 3] / 2177 - 1) < 0.1
    noisy = ms.demography.project_draws(people(3000), years=6, draws=50, full=True)
    assert (noisy.population == noisy.population.round()).all()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"base": np.ones((2, 100))}, "2, 101"),
        ({"base": np.full((2, 101), np.nan)}, "negative or not numbers"),
        ({"base": "4.5万"}, "base"),
        ({"draws": 0}, "at least 1"),
        ({"standard": "utopia"}, "china"),
        ({"paths": {"tfr": [1, 2]}}, "one a year"),
        ({"paths": {"tfr": -1.0}}, "tfr"),
        ({"paths": {"fertility": 1.0}}, "no such setting"),
        ({"spread": {"sd_tfr": 1.0}}, "no such setting"),
        ({"spread": {"correlation_e0": 2.0}}, "correlation_e0"),
        ({"known": [{"year": 1999, "births": 3}]}, "outside the run"),
        ({"indicators": ["60+ /"]}, "indicators"),
        ({"indicators": ["total", "total"]}, "twice"),
    ],
)
def test_no_draws_of_that(arguments, words):
    with pytest.raises(ValueError, match=words):
        ms.demography.project_draws(**{"base": people(), "years": 5, "draws": 2, **arguments})


def counties(n=3):
    labels = ["0", "1-4", *(f"{a}-{a + 4}" for a in range(5, 85, 5)), "85+"]
    groups = [(0, 1), (1, 5), *((a, a + 5) for a in range(5, 85, 5)), (85, 101)]
    table = {"region": [f"43{i:04d}" for i in range(n)]}
    for s, sex in enumerate("fm"):
        for label, (a, b) in zip(labels, groups, strict=True):
            table[f"{sex}_{label}"] = [people(2e5 * (i + 1))[s, a:b].sum() for i in range(n)]
    return table


def test_regions_of_a_table_do_not_depend_on_each_other():
    table = counties()
    every = ms.demography.project_regions(table, years=4, draws=60, seed=2)
    alone = ms.demography.project_regions({k: v[1:2] for k, v in table.items()}, years=4, draws=60, seed=2)
    assert every.filter(region="430001").to_dicts() == alone.to_dicts()
    assert every.columns[:5] == ["region", "year", "indicator", "label", "unit"]
    total = every.filter(region="430002", indicator="total", year=2019)
    assert total["mean"][0] == pytest.approx(6e5)


def test_regions_raked_to_their_sum():
    # Single years: groups would be graduated region by region, and that sum is not the parent's.
    three = [people(2e5 * (i + 1)) for i in range(3)]
    table = {"region": ["a", "b", "c"]} | {
        f"{sex}_{age}{'+' * (age == 100)}": [p[s, age] for p in three]
        for s, sex in enumerate("fm")
        for age in range(101)
    }
    raked = ms.demography.project_regions(table, years=4, draws=60, indicators=["60_plus"], parent="sum")
    by_year = np.reshape(raked["mean"], (4, 5))[:3].sum(0)
    assert raked.filter(region="parent").to_list("year") == list(range(2019, 2024))
    parent = np.sum(three, axis=0)
    rows = ms.demography.project_draws(
        parent, years=4, draws=60, indicators=["60_plus"], region="parent"
    ).quantiles
    # Draw by draw the same parent, so the means add but for rounding.
    np.testing.assert_allclose(by_year, rows["mean"], rtol=1e-9)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"region": ["a", "a", "b"]}, "two regions with one code"),
        ({"f_5-9": [1.0, -2.0, 3.0]}, "row 2"),
        ({"m_85+": ["x", "y", "z"]}, r"85\+"),
        ({"f_7-9": [1.0, 2.0, 3.0]}, "gap or overlap"),
    ],
)
def test_no_regions(change, words):
    with pytest.raises(ms.DataError, match=words):
        ms.demography.project_regions({**counties(), **change}, years=2, draws=4)


@pytest.mark.parametrize("method", ["china", "lee_carter", "brass", "log_quadratic"])
@pytest.mark.parametrize("sex", ["female", "male"])
@pytest.mark.parametrize("e0", [62.0, 78.0, 84.0, 90.0])
def test_mortality_has_the_life_expectancy(method, sex, e0):
    if (method, sex, e0) == ("log_quadratic", "male", 90.0):
        # With k = 0 the published square term turns men's rates upwards again: 86 years is the longest life.
        with pytest.raises(ms.ModelError, match=r"out of reach.*86\.\d years"):
            ms.demography.mortality(e0, sex, method)
        return
    mx = ms.demography.mortality(e0, sex, method)
    assert mx.shape == (101,)
    assert ms.demography.life_table(mx, sex).e0 == pytest.approx(e0, abs=1e-6)


def test_schedules_that_cannot_be():
    for bad in ({"e0": np.nan}, {"e0": 200.0}, {"e0": 70.0, "method": "guess"}, {"e0": 70.0, "sex": "x"}):
        with pytest.raises(ValueError, match=r"e0|method|sex"):
            ms.demography.mortality(**bad)
    for bad in ({"tfr": -1.0, "year": 2020}, {"tfr": 1.0}, {"tfr": 1.0, "year": 2020, "mean_age": 28}):
        with pytest.raises(ms.DataError):
            ms.demography.fertility(**bad)
    with pytest.raises(ms.DataError, match="open group that is not last"):
        ms.demography.graduate_counts(["0-4", "5+", "10-14"], [1, 2, 3])


def test_residual_migration_put_in_again_meets_the_later_population():
    before = people(1e5)
    survival = np.stack(
        [ms.demography.life_table(ms.demography.mortality(77.0, s), s).survival for s in ("female", "male")]
    )
    fertility = ms.demography.fertility(1.4, 2020)
    after = before * np.linspace(1.02, 0.9, 101)
    for timing in ("end", "even"):
        net = ms.demography.residual_migration(
            before, after, survival, fertility, 1.1, timing, mothers="engine"
        )
        p = ms.demography.project(
            before, survival[None], fertility[None], [1.1], net[None], migration_timing=timing
        )
        np.testing.assert_allclose(p.population[1], after, rtol=1e-10)
    with pytest.raises(ms.DataError, match="survival"):
        ms.demography.residual_migration(before, after, survival * 2, fertility, 1.1)


def test_everybody_may_leave_but_not_one_more():
    people_, survival = np.full((2, 4), 3.0), np.full((1, 2, 4), 0.1)
    fertility = np.zeros((1, 4))
    # 3 * 0.1 is not 0.3 in floating point: what is left is a rounding, and no negative person.
    out = np.array([[[0.0, -0.30000000000000004, -0.30000000000000004, -0.6000000000000001]] * 2])
    p = ms.demography.project(people_, survival, fertility, [1.0], out, width=20)
    assert p.population.min() == 0.0
    with pytest.raises(ms.ModelError, match="negative"):
        ms.demography.project(people_, survival, fertility, [1.0], out - 0.001, width=20)


def test_labels_of_a_life_table_join():
    mx = [0.01, 0.002, 0.001, 0.5]
    with pytest.raises(ms.DataError, match=r"row 3.*gap or overlap.*starts at 4"):
        ms.demography.life_table(mx, ages=["0", "1-3", "5-9", "10+"])
    with pytest.raises(ms.DataError, match="last age group is closed"):
        ms.demography.life_table(mx, ages=["0", "1-4", "5-9", "10-14"])


@pytest.mark.parametrize("name", ["years", "draws", "seed", "threads"])
def test_negative_numbers_are_told_by_their_name(name):
    with pytest.raises(ms.DataError, match=f"{name}: out of range"):
        ms.demography.project_draws(people(), **{"years": 2, "draws": 2, name: -1})


def test_kannisto_does_not_cut_what_is_known():
    mx = 1 / (1 + np.exp(11 - 0.11 * np.arange(100)))
    with pytest.raises(ms.DataError, match="extend_to"):
        ms.demography.kannisto(mx, extend_to=50)
