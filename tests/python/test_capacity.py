"""Capacity from Python: Erlang's formulas, exact targets, siting."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import minsuan as ms


def test_erlang_as_published():
    # Erlang B tables: 10 lines, 5 erlang; 1 % loss: 10 lines carry 4.461 erlang.
    assert ms.capacity.erlang_b(10, 5) == pytest.approx(0.018385, abs=5e-7)
    assert ms.capacity.beds_for(4.461, blocking=0.01) == 10
    assert ms.capacity.erlang_c(1, 0.7) == pytest.approx(0.7)
    assert ms.capacity.beds_for(1, waiting=0.34) == 2
    for bad in ({}, {"blocking": 0.1, "waiting": 0.1}):
        with pytest.raises(TypeError):
            ms.capacity.beds_for(1, **bad)
    with pytest.raises(ms.DataError):
        ms.capacity.erlang_b(3, float("nan"))
    with pytest.raises(ms.DataError):
        ms.capacity.beds_for(3, blocking=0)


def test_nine_centres_are_not_one():
    p = ms.capacity.pooling(9, 30, 25, blocking=0.05)
    assert p["blocked_apart"] > 0.05 > p["blocked_pooled"]
    assert p["needed_apart"] > p["needed_pooled"]


def test_coverage_is_exact():
    assert [ms.capacity.coverage_required(s, 100) for s in ("55%", 0.55, Fraction(11, 20))] == [55] * 3
    assert ms.capacity.coverage_required("0.9", 40) == 36
    with pytest.raises(ms.DataError):
        ms.capacity.coverage_required("1452%", 40)


def test_sites():
    places = np.arange(12.0)
    distance = abs(places[:, None] - places[None, :])
    t = ms.capacity.site(distance, list(range(1, 13)), 9, keep=1000)
    assert len(t) == 220
    assert t.to_list("value")[0] == pytest.approx(8 / 78)
    covered = ms.capacity.site(distance, list(range(1, 13)), 1, objective="covered", radius=1, keep=1)
    assert (covered.to_list("sites"), covered.to_list("value")) == ([["11"]], [33])
    for bad in ({"objective": "covered"}, {"radius": 1}, {"objective": "nearest"}):
        with pytest.raises(ms.ModelError, match="objective"):
            ms.capacity.site(distance, [1] * 12, 1, **bad)
    with pytest.raises(ms.DataError):
        ms.capacity.site(distance, [1] * 11, 1)


def test_reference_classes_are_the_printed_bounds():
    t = ms.capacity.reference_classes()
    row = t.filter(**{"class": "non_standard_building"})[0]
    # UK Green Book supplementary guidance on optimism bias.
    assert (row["duration_high"], row["cost_high"]) == (0.39, 0.51)
