"""Life tables, schedules by age, and graduation; users find them in `minsuan.demography`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from minsuan import _core

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LifeTable:
    """A life table; every column is an array by age group, the last one open."""

    e0: float
    """Life expectancy at birth, years."""
    survival: Floats | None
    """Survival ratios into each group for `project`; of five-year groups where the table is abridged (0 and
    1-4 joined); None for other mixed widths."""
    ages: NDArray[np.int64]
    mx: Floats
    qx: Floats
    ax: Floats
    lx: Floats
    dx: Floats
    Lx: Floats
    Tx: Floats
    ex: Floats


def life_table(
    mx: ArrayLike | None = None,
    sex: Literal["female", "male"] = "female",
    ages: Sequence[int | str] | NDArray[Any] | None = None,
    radix: float = 100_000,
    *,
    qx: ArrayLike | None = None,
    a0: Literal["andreev_kingkade", "coale_demeny", "half"] = "andreev_kingkade",
) -> LifeTable:
    """A life table from death rates `mx` or probabilities `qx`.

    `ages` are the first ages of the groups (numbers, or labels such as ``"1-4"``, ``"85+"``); None means
    single years from 0. The last group is open. 1a0 by Andreev & Kingkade (2015) unless said otherwise, 4a1
    by Coale & Demeny, 2.5 years at 5-14, then Greville's formula; 1/2 in single years.

    Raises
    ------
    DataError
        Ages that do not rise from 0, an open group that is not last, rates out of range; all at once.

    Examples
    --------
    >>> import minsuan as ms
    >>> lt = ms.demography.life_table([0.01, 0.002, 0.001, 0.5], ages=["0", "1-4", "5-9", "10+"])
    >>> round(lt.e0, 2), lt.lx.round().tolist()
    (11.79, [100000.0, 99009.0, 98221.0, 97731.0])
    """
    return LifeTable(**_core._life_table(mx, qx, sex, ages, radix, a0))


def mortality(
    e0: float,
    sex: Literal["female", "male"] = "female",
    method: Literal["china", "lee_carter", "brass", "log_quadratic"] = "china",
    *,
    base: ArrayLike | None = None,
    beta: float = 1.0,
    k: float = 0.0,
) -> Floats:
    """Death rates m(x) in single years 0-100+, whose life table has this life expectancy.

    Methods: ``china`` (own tables of WPP2024 along time, Coale-Demeny West beyond them), ``lee_carter``
    (`base` abridged, 22 ages, China 2015-2020 by default, moved along b(x) of West), ``brass`` (`base` in
    single years, slope `beta`), ``log_quadratic`` (Wilmoth et al. 2012, with `k`).

    >>> import minsuan as ms
    >>> mx = ms.demography.mortality(80.0, "female")
    >>> mx.shape, round(ms.demography.life_table(mx, "female").e0, 6)
    ((101,), 80.0)
    """
    mx: Floats = _core._mortality(e0, sex, method, base, beta, k)
    return mx


def fertility(
    tfr: float,
    year: int | None = None,
    *,
    shares: ArrayLike | None = None,
    mean_age: float | None = None,
    sd: float = 5.5,
    first_age: float = 13.0,
) -> Floats:
    """Births per woman and year at ages 0-100 that add to `tfr`.

    Shares by age from one of: China's in `year` (WPP2024); `shares` of the groups 15-19, 20-24, … by a
    calibrated spline that keeps each group; a gamma curve with `mean_age`, `sd` and `first_age`.

    >>> import minsuan as ms
    >>> fx = ms.demography.fertility(1.2, 2023)
    >>> fx.shape, round(float(fx.sum()), 9), int(fx.argmax())
    ((101,), 1.2, 27)
    """
    fx: Floats = _core._fertility(tfr, year, shares, mean_age, sd, first_age)
    return fx


def migration_profile(
    family: Literal["family", "female_labor", "male_labor"] = "family",
    direction: Literal["in", "out"] = "in",
    *,
    table: bool = False,
) -> Floats:
    """Movers by sex and age, (2, 101), adding to 1: a Rogers-Castro curve, or the UN's family table.

    >>> import minsuan as ms
    >>> profile = ms.demography.migration_profile("male_labor", "out")
    >>> profile.shape, round(float(profile.sum()), 12), bool(profile[1].sum() > profile[0].sum())
    ((2, 101), 1.0, True)
    """
    profile: Floats = _core._migration(family, direction, table)
    return profile


def kannisto(
    mx: ArrayLike, fit: tuple[int, int] = (80, 98), *, extend_to: int | None = None, open_age: int = 100
) -> Floats:
    """Single-year rates with old ages by the Kannisto model fitted at ages `fit`.

    Closed with an open group at `open_age`, or carried on to `extend_to` from the age after `fit`.

    >>> import numpy as np
    >>> import minsuan as ms
    >>> mx = 1 / (1 + np.exp(11 - 0.11 * np.arange(100)))
    >>> ms.demography.kannisto(mx).shape, ms.demography.kannisto(mx, extend_to=120).shape
    ((101,), (121,))
    """
    out: Floats = _core._kannisto(mx, fit, extend_to, open_age)
    return out


def graduate_counts(ages: Sequence[str], counts: ArrayLike, max_age: int = 100) -> Floats:
    """Persons by age group to single years 0 to `max_age` and over; never negative, totals kept.

    >>> import minsuan as ms
    >>> single = ms.demography.graduate_counts(["0-4", "5-9", "10+"], [500.0, 450.0, 2000.0])
    >>> single.shape, round(float(single[:5].sum()), 9), round(float(single.sum()), 9)
    ((101,), 500.0, 2950.0)
    """
    single: Floats = _core._graduate_counts([str(a) for a in ages], counts, max_age)
    return single


def graduate_mx(
    mx: ArrayLike, sex: Literal["female", "male"] = "female", ages: Sequence[int | str] | None = None
) -> Floats:
    """Abridged death rates (0, 1-4, 5-9, …, 100+) to single years with the same survivors.

    >>> import numpy as np
    >>> import minsuan as ms
    >>> ages = [0, 1, *range(5, 105, 5)]
    >>> mx = 0.0003 * np.exp(0.08 * np.array(ages))
    >>> single = ms.demography.graduate_mx(mx, "male", ages)
    >>> abridged = ms.demography.life_table(mx, "male", ages).e0
    >>> single.shape, bool(abs(ms.demography.life_table(single, "male").e0 - abridged) < 0.01)
    ((101,), True)
    """
    single: Floats = _core._graduate_mx(mx, sex, ages)
    return single
