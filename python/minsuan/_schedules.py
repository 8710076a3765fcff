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
    beta: float | None = None,
    k: float | None = None,
) -> Floats:
    """Death rates m(x) in single years 0-100+, whose life table has this life expectancy.

    Parameters
    ----------
    e0
        Life expectancy at birth in years, 25 to 112.
    method
        ``china``: its own tables of WPP2024 along time, beyond them moved as Coale-Demeny West;
        ``lee_carter``: `base` moved along b(x) of West (Lee & Carter 1992); ``brass``: logits of `base` with
        the slope `beta` (Brass 1971); ``log_quadratic``: Wilmoth et al. (2012), with `k`.
    base
        For ``lee_carter`` 22 abridged rates (0, 1-4, …, 100+; China 2015-2020 unless given), for ``brass``
        101 of single years (China's at 78 years unless given); a year, per person.
    beta
        For ``brass``, above 0; 1 unless given.
    k
        For ``log_quadratic``, the shape of adult mortality; 0 unless given.

    Returns
    -------
    ndarray
        (101,) deaths per person and year.

    Raises
    ------
    DataError
        What is out of range, and arguments that the method does not take.
    ModelError
        A life expectancy out of the method's reach.

    Examples
    --------

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

    Parameters
    ----------
    tfr
        Births per woman, 0 to 12.
    year
        China's shares by age in this year, 1950 to 2100 (WPP2024).
    shares
        Of the groups 15-19, 20-24, …, up to nine, by a monotone spline that keeps each group. They add to 1,
        to 100 or to 1000 within the precision that they are printed with; anything else is refused.
    mean_age, sd, first_age
        Of a gamma curve (Hoem et al. 1981), years: 15 to 50, 1 to 15, 10 to 20.

    Returns
    -------
    ndarray
        (101,) births per woman and year of age; one of `year`, `shares` and `mean_age` says how they are
        spread.

    Raises
    ------
    DataError
        None or several of the three, or values out of range.

    Examples
    --------

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

    Parameters
    ----------
    family
        ``"family"``, ``"female_labor"`` or ``"male_labor"``: who moves.
    direction
        Those who come or those who leave; the families of those who leave are older.
    table
        The UN's table of the family itself (five-year shares in single years) in place of the curve fitted to
        it.

    Raises
    ------
    DataError
        Another family or direction.

    Notes
    -----
    Rogers & Castro (1981), "Model migration schedules", IIASA RR-81-30; United Nations, model families.

    Examples
    --------

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

    Parameters
    ----------
    mx
        Deaths per person and year at ages 0, 1, 2, …
    fit
        First and last age of the fit: three ages or more, with rates above 0 and below 1.
    extend_to
        The last age to carry the rates on to, from the age after `fit`; up to 130.
    open_age
        Otherwise the rates are closed with an open group at this age, 1 to 130.

    Returns
    -------
    ndarray
        (open_age + 1,), the last of the open group, or (extend_to + 1,).

    Raises
    ------
    DataError
        Ages out of range or not in `mx`, rates without a logit.

    Notes
    -----
    logit m(x) = log(a) + b·x by least squares, b not below 0: Thatcher, Kannisto & Vaupel (1998), "The force
    of mortality at ages 80 to 120".

    Examples
    --------

    >>> import numpy as np
    >>> import minsuan as ms
    >>> mx = 1 / (1 + np.exp(11 - 0.11 * np.arange(100)))
    >>> ms.demography.kannisto(mx).shape, ms.demography.kannisto(mx, extend_to=120).shape
    ((101,), (121,))
    """
    out: Floats = _core._kannisto(mx, fit, extend_to, open_age)
    return out


def graduate_counts(
    ages: Sequence[int | str] | NDArray[Any], counts: ArrayLike, max_age: int = 100
) -> Floats:
    """Persons by age group to single years 0 to `max_age` and over; never negative, totals kept.

    Parameters
    ----------
    ages
        First ages as numbers, or labels such as ``"0"``, ``"1-4"``, ``"85+"``, ``"5岁及以上"``; from 0
        without gaps, the last group open.
    counts
        Persons of each group.
    max_age
        First age of the open group of the result, up to 130.

    Returns
    -------
    ndarray
        (max_age + 1,) persons.

    Raises
    ------
    DataError
        Labels that are none, gaps, counts below 0; all at once.

    Notes
    -----
    A monotone cubic through the cumulative counts (Hyman 1983).

    Examples
    --------

    >>> import minsuan as ms
    >>> single = ms.demography.graduate_counts(["0-4", "5-9", "10+"], [500.0, 450.0, 2000.0])
    >>> single.shape, round(float(single[:5].sum()), 9), round(float(single.sum()), 9)
    ((101,), 500.0, 2950.0)
    """
    single: Floats = _core._graduate_counts(ages, counts, max_age)
    return single


def graduate_mx(
    mx: ArrayLike, sex: Literal["female", "male"] = "female", ages: Sequence[int | str] | None = None
) -> Floats:
    """Abridged death rates (0, 1-4, 5-9, …, 100+) to single years with the same survivors.

    Parameters
    ----------
    mx
        Deaths per person and year of each group.
    ages
        Their first ages or labels; 0, 1-4, 5-9, …, 100+ unless given.

    Returns
    -------
    ndarray
        (101,) rates of single years 0 to 100+.

    Raises
    ------
    DataError
        Ages that do not rise from 0, rates out of range.

    Notes
    -----
    A monotone cubic of log m(x), rescaled to the hazard of each group.

    Examples
    --------

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
