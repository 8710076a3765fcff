"""The base population: the contract, inputs of every kind, printed precision, counties that are known."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minsuan as ms

REFERENCE = Path(__file__).resolve().parents[2] / "../shared/reference/census"
AGES = ["0", "1-4", *(f"{a}-{a + 4}" for a in range(5, 85, 5)), "85+"]
COLUMNS = [f"{s}_{a}" for s in "fm" for a in AGES]
JISHOU = {"count_60_plus": "4.5万", "share_60_plus": "14.52%"}


def thin(**arguments):
    return ms.demography.thin_base(**{**JISHOU, "draws": 20, **arguments})


def test_the_contract():
    b = ms.demography.thin_base(
        total=None,
        count_60_plus="4.5万",
        share_60_plus="14.52%",
        constraints=None,
        standard="hunan",
        donors=None,
        population="registered",
        draws=200,
        seed=0,
    )
    assert b.population.shape == (2, 101)
    assert b.draws.shape == (200, 2, 101)
    assert b.population.dtype == b.draws.dtype == np.float64
    assert b.population.sum() == pytest.approx(45_000 / 0.1452)
    assert b.population[:, 60:].sum() == pytest.approx(45_000)
    counts = b.draws[:, :, 60:].sum(axis=(1, 2))
    shares = counts / b.draws.sum(axis=(1, 2))
    assert 44_500 <= counts.min() < 44_600
    assert 45_400 < counts.max() <= 45_500
    assert shares.min() >= 0.14515 - 1e-9
    assert shares.max() <= 0.14525 + 1e-9
    assert "户籍人口" in repr(b)
    assert "湖南" in repr(b)
    assert "户籍人口" in b._repr_html_()
    assert np.array_equal(pickle.loads(pickle.dumps(b)).draws, b.draws)


def test_numbers_are_exact_and_texts_are_not():
    exact = thin(count_60_plus=45_000, share_60_plus=0.1452)
    assert np.ptp(exact.draws.sum(axis=(1, 2))) == pytest.approx(0, abs=1e-6)
    assert np.ptp(thin().draws.sum(axis=(1, 2))) > 2_000
    assert np.ptp(exact.draws[:, :, 70:].sum(axis=(1, 2))) > 500


def test_a_draw_depends_on_seed_and_region_alone():
    assert np.array_equal(thin(draws=5).draws, thin(draws=600).draws[:5])
    assert not np.array_equal(thin().draws, thin(seed=1).draws)
    assert not np.array_equal(thin().draws, thin(region="433122").draws)
    assert np.array_equal(thin().population, thin(seed=1, region="433122").population)


def test_standards_of_every_kind_agree(tmp_path):
    pandas = pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    frame = pandas.DataFrame(
        {"age": AGES, "female": rng.integers(800, 999, 19), "male": rng.integers(800, 999, 19)}
    )
    frame.to_csv(tmp_path / "s.csv", index=False)
    chinese = frame.rename(columns={"age": "年龄", "female": "女", "male": "男"})
    chinese.to_csv(tmp_path / "g.csv", index=False, encoding="gb18030")
    want = thin(standard=frame).population
    for standard in (frame.to_dict("list"), ms.Table(frame), tmp_path / "s.csv", str(tmp_path / "g.csv")):
        assert np.array_equal(thin(standard=standard).population, want)
    single = ms.demography.census_base(frame).population
    assert thin(standard=single).population == pytest.approx(want, rel=1e-9)
    assert thin(standard=single.tolist()).population == pytest.approx(want, rel=1e-9)


def test_further_totals_and_one_sex():
    b = thin(constraints={"80+": 4_100, "0-14": 0.19, "female 60+": 23_000})
    assert b.population[:, 80:].sum() == pytest.approx(4_100)
    assert b.population[:, :15].sum() / b.population.sum() == pytest.approx(0.19)
    assert b.population[0, 60:].sum() == pytest.approx(23_000)


def test_a_special_population_is_held_out():
    b = thin(special={"18-22": "1.2万"})
    assert b.special.sum() == pytest.approx(12_000)
    assert b.population[:, 60:].sum() == pytest.approx(45_000)
    assert (b.population[:, 18:23] > b.special[:, 18:23]).all()


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"constraints": {"80+": 46_000}}, ms.ModelError, ["60+", "80+", "500 persons"]),
        ({"total": 350_000}, ms.ModelError, ["contradict"]),
        ({"count_60_plus": None}, ms.ModelError, ["two of total"]),
        ({"count_60_plus": "四万五"}, ms.DataError, ["count_60_plus", "as printed"]),
        ({"share_60_plus": 14.52}, ms.DataError, ["share_60_plus", "below 1"]),
        ({"count_60_plus": float("nan")}, ms.DataError, ["count_60_plus"]),
        ({"standard": "hunnan"}, ms.DataError, ["hunnan", "hunan_2010"]),
        ({"standard": np.ones((101, 2))}, ms.DataError, ["(2, ages)"]),
        ({"standard": np.full((2, 101), np.nan)}, ms.DataError, ["female, age 0"]),
        ({"standard": {"age": ["0-4", "10+"], "female": [1, 1], "male": [1, 1]}}, ms.DataError, ["row 2"]),
        ({"standard": {"age": ["0-4", "5+"], "female": [1, -1], "male": [1, 1]}}, ms.DataError, ["-1"]),
        ({"population": "hukou"}, ms.DataError, ["registered"]),
        ({"donors": {"f_0": [1]}}, ms.DataError, ["m_0"]),
        ({"constraints": {"80-": 3}}, ms.DataError, ["80-"]),
        ({"special": {"18-22": 1e6}}, ms.ModelError, ["special"]),
    ],
)
def test_bad_input_is_told(arguments, error, words):
    with pytest.raises(error) as told:
        thin(**arguments)
    assert all(w in str(told.value) for w in words), str(told.value)


@settings(max_examples=30, deadline=None)
@given(total=st.floats(100, 1e8), share=st.floats(0.01, 0.9), seed=st.integers(0, 2**63))
def test_any_share_gives_a_population(total, share, seed):
    b = ms.demography.thin_base(total=total, share_60_plus=share, draws=2, seed=seed)
    assert np.isfinite(b.draws).all()
    assert (b.draws >= 0).all()
    assert b.draws[1, :, 60:].sum() == pytest.approx(total * share, rel=1e-8)
    assert b.population.sum() == pytest.approx(total, rel=1e-8)


def test_a_census_is_taken_as_it_is():
    table = {"age": AGES, "female": list(range(1, 20)), "male": list(range(19, 0, -1))}
    b = ms.demography.census_base(table, draws=3)
    assert b.kind == "resident"
    assert b.population.sum() == pytest.approx(380)
    assert b.population[0, 85:].sum() == pytest.approx(19)
    assert (b.draws == b.population).all()


def counties(year):
    pandas = pytest.importorskip("pandas")
    path = REFERENCE / f"county_age_sex_{year}.csv.gz"
    if not path.exists():
        pytest.skip(f"no {path.name}")
    return pandas.read_csv(path, dtype={"code": str}).dropna(subset=COLUMNS)


def test_hunans_counties_are_met_within_what_is_promised():
    both = [counties(y) for y in (2010, 2020)]
    residuals = ms.demography.estimate_residuals(*both, exclude=["43"])
    own = both[1][both[1]["code"].str[:2] == "43"]
    cells = own[COLUMNS].to_numpy(float)
    # Ten years' survival of those 50+ by sex, rough: half of the error would remain without it.
    weights = np.zeros((2, 101))
    weights[:, 50:] = np.exp(-np.cumsum(np.exp(0.1 * (np.arange(50, 101) - 85))) * 0.6)
    errors, inside = [], []
    for i in range(len(own)):
        rest = (cells.sum(axis=0) - cells[i]).reshape(2, 19)
        truth = ms.demography.census_base(
            {"age": AGES, "female": cells[i][:19], "male": cells[i][19:]}, draws=0
        ).population
        b = ms.demography.thin_base(
            total=cells[i].sum(),
            count_60_plus=truth[:, 60:].sum(),
            standard={"age": AGES, "female": rest[0], "male": rest[1]},
            donors=own.drop(own.index[i]),
            residuals=residuals,
            population="resident",
            draws=100,
            region=own["code"].iloc[i],
        )
        true, drawn = (truth * weights).sum(), (b.draws * weights).sum(axis=(1, 2))
        errors.append(abs((b.population * weights).sum() / true - 1))
        inside.append(np.quantile(drawn, 0.1) <= true <= np.quantile(drawn, 0.9))
    assert np.median(errors) < 0.04
    assert np.quantile(errors, 0.9) < 0.10
    assert 0.7 < np.mean(inside) < 0.9


def test_hamilton_perry_carries_a_census_on():
    a, b = (ms.demography.age_structures().filter(name=n) for n in ("hunan_2010", "hunan"))
    assert len(a) == len(b) == 1
    first = {"age": AGES, "female": [1000.0] * 19, "male": [1000.0] * 19}
    t = ms.demography.hamilton_perry(first, first, steps=3)
    assert t.columns == ["year", "sex", "age", "value"]
    assert sorted(set(t["year"].tolist())) == [2020, 2030, 2040, 2050]
    assert (t["value"] > 0).all()
    with pytest.raises(ms.DataError, match="apart"):
        ms.demography.hamilton_perry(first, first, years=(2010, 2017))


def test_backtest_over_a_province():
    a, b = (counties(y) for y in (2010, 2020))
    province = [t[t["code"].str[:2].isin(["43", "42"])] for t in (a, b)]
    t = ms.demography.backtest(*province, draws=40)
    row = t.summary.filter(age="60+", **{"class": "comparable"})
    assert row["counties"][0] > 100
    assert row["median_error"][0] < 0.08
    assert row["median_error"][0] < row["unchanged_error"][0] / 3
    assert 0.6 < row["coverage_80"][0] <= 1
    assert {"code", "age", "observed", "expected", "p50", "error", "boundary_changed"} <= set(
        t.counties.columns
    )


def test_the_famines_cohorts_show_inside_the_groups():
    b = thin(total=310_000, count_60_plus=None, share_60_plus=0.1452, year=2019, draws=2)
    # Born 1960 and 1961 against 1962 and 1963: 59, 58 and 57, 56 at the end of 2019.
    small, large = b.population[:, 58:60].sum(), b.population[:, 56:58].sum()
    assert large > 1.3 * small
    later = thin(total=310_000, count_60_plus=None, share_60_plus=0.16, year=2021, draws=2)
    assert later.population[:, 58:60].sum() > 1.3 * later.population[:, 60:62].sum()
    assert b.population[:, 60:].sum() == pytest.approx(310_000 * 0.1452)
    census = {"age": AGES, "female": [1000.0] * 19, "male": [1000.0] * 19}
    sharp = ms.demography.census_base(census, year=2020).population
    assert sharp[:, 55:60].sum() == pytest.approx(2_000)
    assert sharp[0, 57] > 1.5 * sharp[0, 59]


def test_who_is_held_out_of_ageing_stays_as_old_as_they_are():
    groups = {"female 18-22": 6_000, "male 18-22": "0.4万"}
    b = thin(special=groups)
    years = {"years": 12, "start": 2019, "draws": 50, "full": True, "spread": 0}
    held = ms.demography.project_draws(b, **years).population
    free = ms.demography.project_draws(b.population, **years).population
    # The same people at the start. Twelve years on the students are there, and are not 30-34.
    np.testing.assert_allclose(held[:, 0].mean(0), b.draws[np.arange(50) % len(b.draws)].mean(0), rtol=1e-12)
    assert (held[:, 12, :, 18:23].sum((1, 2)) > 10_000).all()
    assert free[0, 12, :, 30:35].sum() - held[:, 12, :, 30:35].sum((1, 2)).mean() > 8_000
    # Indicators see them as well.
    d = ms.demography.project_draws(b, **years, indicators=["18-22"])
    np.testing.assert_allclose(d.indicator("18-22"), held[..., 18:23].sum((2, 3)), rtol=1e-12)
    assert pickle.loads(pickle.dumps(d)).quantiles.to_dicts() == d.quantiles.to_dicts()


def test_special_persons_of_a_census():
    table = {"age": ["0-14", "15-59", "60+"], "female": [90, 310, 100], "male": [100, 320, 80]}
    b = ms.demography.census_base(table, special={"18-22": 50})
    assert b.special.sum() == pytest.approx(50)
    assert b.population.sum() == pytest.approx(1000)
    assert (b.special <= b.population).all()
    with pytest.raises(ms.DataError, match=r"special.*more persons than the \d+ counted in 18-22"):
        ms.demography.census_base(table, special={"18-22": 500})


@pytest.mark.parametrize(
    "bad", [{"draws": 0}, {"draws": 10**15}, {"draws": -1}, {"seed": -1}, {"draws": 2.5}, {"draws": True}]
)
def test_numbers_of_draws_that_are_none(bad):
    with pytest.raises(ms.DataError, match=next(iter(bad))):
        thin(**bad)


def test_backtest_survives_at_the_level_of_the_province():
    # Guizhou (52) lived 3.7 years shorter than the nation in the census of 2010, Hunan 0.1.
    table = {"code": ["430102", "520102"], **{f"{s}_{g}": [9000, 9000] for s in "fm" for g in AGES}}
    old = {
        survival: ms.demography.backtest(table, table, base="census", draws=20, survival=survival)
        .counties.filter(age="60+")
        .to_list("expected")
        for survival in ("province", "nation")
    }
    assert old["nation"][0] == pytest.approx(old["nation"][1])
    hunan, guizhou = (a / b - 1 for a, b in zip(old["province"], old["nation"], strict=True))
    assert -0.005 < hunan < 0
    assert -0.08 < guizhou < -0.02
    with pytest.raises(ms.DataError, match="survival"):
        ms.demography.backtest(table, table, survival="county")
