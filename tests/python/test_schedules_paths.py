"""Schedules along paths, and what project makes of them."""

from __future__ import annotations

import numpy as np
import pytest

import minsuan as ms

D = ms.demography
FLAT = {"e0_female": 80.0, "e0_male": 76.0, "tfr": 1.4}


def test_paths_are_met_year_by_year() -> None:
    s = D.schedules(
        10, 2020, e0_female={2021: 80, 2030: 89}, e0_male=[75.0] * 10, tfr={2025: 1.5, 2027: 1.1}, srb=1.08
    )
    for t, e0 in enumerate(range(80, 90)):
        table = D.life_table(D.mortality(float(e0), "female"), "female")
        np.testing.assert_allclose(s["survival"][t, 0], table.survival, rtol=1e-12)
    assert np.ptp(s["survival"][:, 1], axis=0).max() == 0
    np.testing.assert_allclose(s["fertility"].sum(1), [1.5] * 5 + [1.3] + [1.1] * 4)
    assert (s["srb"] == 1.08).all()


def test_a_flat_path_is_a_constant_and_what_project_takes() -> None:
    base = np.full((2, 101), 50.0)
    number = D.project(base, **D.schedules(5, **FLAT))
    targets = D.project(base, **D.schedules(5, **{k: {2000: v} for k, v in FLAT.items()}))
    np.testing.assert_array_equal(number.population, targets.population)


@pytest.mark.parametrize(
    "bad",
    [
        {"e0_female": [80.0] * 4},
        {"tfr": {}},
        {"tfr": {2019.5: 1.0}},
        {"e0_male": "75"},
        {"tfr": [1, 1, 1, 1, float("nan")]},
    ],
)
def test_what_is_no_path_is_named(bad: dict[str, object]) -> None:
    with pytest.raises(ms.DataError, match=next(iter(bad))):
        D.schedules(5, **{**FLAT, **bad})


def test_years_and_levels_out_of_reach_are_refused() -> None:
    with pytest.raises(ms.DataError, match="1 to 200"):
        D.schedules(0, **FLAT)
    with pytest.raises((ms.DataError, ms.ModelError), match="e0"):
        D.schedules(2, **{**FLAT, "e0_male": 5.0})
