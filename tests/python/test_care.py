"""Care from Python: definitions, scales, carers, the multistate model."""

from __future__ import annotations

import pathlib

import numpy as np
import pytest

import minsuan as ms

CAV = pathlib.Path("../shared/reference/care/cav.csv")
DEFINITIONS = ["census_2020", "survey_2015", "multi_source_2025", "meta_97", "survey_2015_gbt"]


def test_every_definition_names_its_share_and_source():
    t = ms.care.definitions()
    assert list(dict.fromkeys(t.to_list("definition"))) == DEFINITIONS
    assert all(t.to_list("source"))
    share = dict(zip(t.to_list("definition"), t.to_list("share_60_plus"), strict=True))
    # Published: 2.34 % (2020 census), 18.3 % (survey of 2015), 26.2 % (meta-analysis).
    assert share["census_2020"] == pytest.approx(0.0234)
    assert share["survey_2015"] == pytest.approx(0.183)
    assert share["meta_97"] == pytest.approx(0.262)
    split = t.filter(definition="survey_2015_gbt")
    assert sum(split.to_list("share_60_plus")) == pytest.approx(0.183)
    assert "假定" in split.to_list("label")[0]


def test_need_is_population_times_the_schedule():
    population = np.zeros((2, 101))
    population[1, 80] = 1000
    p = ms.care.prevalence("survey_2015").filter(sex="male", age=80).to_list("share")[0]
    assert ms.care.need(population, "survey_2015").to_list("persons") == [pytest.approx(1000 * p)]
    split = ms.care.need(population, "survey_2015_gbt")
    assert split.to_list("level") == ["mild", "moderate", "severe", "complete"]
    assert sum(split.to_list("persons")) == pytest.approx(1000 * p)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ms.ModelError, match="meta_97"):
        ms.care.need(np.zeros((2, 101)), "2015")
    with pytest.raises(ms.DataError, match="population"):
        ms.care.need(np.zeros((2, 100)), "census_2020")
    with pytest.raises(ms.DataError, match="population"):
        ms.care.need("many", "census_2020")
    with pytest.raises(ms.ModelError, match="dynamic_equilibrium"):
        ms.care.need(np.zeros((2, 101)), "census_2020", health="better")  # type: ignore[arg-type]
    with pytest.raises(ms.DataError):
        ms.care.gbt_level(91)
    with pytest.raises(ms.DataError):
        ms.care.tekun_level(7)
    with pytest.raises(ms.DataError, match="walking"):
        ms.care.staff([{"walking": 3}], {"disabled": 3}, full_time_factor=1)
    with pytest.raises(ms.DataError, match="full_time_factor"):
        ms.care.staff([{"disabled": 3}], {"disabled": 3}, full_time_factor=-1)


def test_scales():
    assert [ms.care.gbt_level(p) for p in (90, 89, 65, 45, 29)] == [
        "intact",
        "mild",
        "moderate",
        "severe",
        "complete",
    ]
    assert ms.care.gbt_level(90, coma=True) == "complete"
    assert ms.care.gbt_level(90, dementia_or_psychiatric=True) == "mild"
    assert ms.care.mzt_adl_level(100) == "intact"
    assert ms.care.tekun_level(4) == "lost"


def test_carers_are_rounded_up_in_each_facility():
    two = ms.care.staff([{"disabled": 4}] * 2, {"disabled": 3}, full_time_factor=1)
    one = ms.care.staff([{"disabled": 8}], {"disabled": 3}, full_time_factor=1)
    assert (sum(two.to_list("on_duty")), sum(one.to_list("on_duty"))) == (4, 3)


MOVES = [(1, 2), (1, 4), (2, 1), (2, 3), (2, 4), (3, 2), (3, 4)]


@pytest.mark.skipif(not CAV.exists(), reason=f"{CAV} is not there")
def test_the_published_likelihood():
    # Jackson (2011), J. Stat. Softw. 38(8): -2 log likelihood 3968.798.
    model = ms.care.multistate(str(CAV), MOVES, death=4, person="PTNUM", time="years")
    assert model.minus_two_log_likelihood == pytest.approx(3968.798, abs=6e-4)
    p = model.probabilities(10)
    assert p.sum(axis=1) == pytest.approx(1)
    assert model.generator.sum(axis=1) == pytest.approx(0, abs=1e-12)
    assert model.mean_stay["4"] is None
    t = model.intensities
    assert all(lo < x < hi for lo, x, hi in zip(t["low"], t["intensity"], t["high"], strict=True))


def test_histories_that_are_none_are_told_by_row():
    good = {"person": ["a", "a", "b"], "time": [0.0, 1.0, 0.0], "state": ["1", "2", "1"]}
    for change, match in (
        ({"time": [0.0, 0.0, 0.0]}, "rise"),
        ({"state": ["1", None, "1"]}, "missing"),
        ({"person": ["a", "b", "a"]}, "apart"),
    ):
        with pytest.raises(ms.DataError, match=match):
            ms.care.multistate({**good, **change}, [(1, 2)])
    with pytest.raises(ms.DataError, match="moves"):
        ms.care.multistate(good, [(1, 5)])
    with pytest.raises(ms.DataError, match="death"):
        ms.care.multistate(good, [(1, 2)], death="x")
    with pytest.raises(ms.DataError, match="unknown state"):
        ms.care.multistate(good, [(1, 2)], states=["1"])


def test_matrices():
    one = np.array([[0.9, 0.08, 0.02], [0.1, 0.7, 0.2], [0, 0, 1]])
    assert ms.care.check_matrices(one, one @ one @ one, 3)["holds"]
    wrong = ms.care.check_matrices(one, one @ one, 3)
    assert not wrong["holds"]
    assert wrong["power_gap"] > wrong["power_tolerance"]
    with pytest.raises(ms.DataError):
        ms.care.check_matrices(one, one[:2, :2], 3)
