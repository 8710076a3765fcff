"""Demography: life tables, projection, thin base, draws.

Axes are always ``[draw, year, sex, age]``; sex 0 is female, 1 male; ages are single years with an open last
group unless ``width=5``. Stocks stand at 31 December.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from minsuan import _core
from minsuan._base import (
    Backtest,
    Base,
    Residuals,
    age_structures,
    backtest,
    census_base,
    estimate_residuals,
    hamilton_perry,
    thin_base,
)
from minsuan._convert import whole
from minsuan._core import Table
from minsuan._schedules import (
    LifeTable,
    fertility,
    graduate_counts,
    graduate_mx,
    kannisto,
    life_table,
    migration_profile,
    mortality,
)

__all__ = [
    "Backtest",
    "Base",
    "Draws",
    "LifeTable",
    "Projection",
    "Residuals",
    "age_structures",
    "backtest",
    "census_base",
    "estimate_residuals",
    "fertility",
    "graduate_counts",
    "graduate_mx",
    "hamilton_perry",
    "kannisto",
    "life_table",
    "migration_profile",
    "mortality",
    "project",
    "project_draws",
    "project_regions",
    "residual_migration",
    "thin_base",
]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Projection:
    """A projection; every array has a leading draw axis where an input had one."""

    population: Floats
    """(T+1, 2, A) persons."""
    births: Floats
    """(T, 2) births by sex."""
    deaths: Floats
    """(T, 2, A) cohort deaths by the group at the end of the step."""
    births_by_age: Floats | None = None
    """(T, A) births by age group of the mother, with ``births_by_age=True``."""
    touched: list[tuple[int, int, int, int, float]] = field(default_factory=list)
    """With ``clamp="un"``: draw, step, sex, group and what would have stood there, for each cell changed."""


def project(
    population: ArrayLike,
    survival: ArrayLike,
    fertility: ArrayLike,
    srb: ArrayLike,
    migration: ArrayLike | None = None,
    migration_timing: Literal["end", "even"] = "end",
    width: int = 1,
    *,
    emigration: ArrayLike | None = None,
    births_by_age: bool = False,
    clamp: Literal["un"] | None = None,
) -> Projection:
    """Cohort-component projection, exactly as the UN's engine does it.

    A groups, the last open; `width` is both group width and step. A leading draw axis on any input gives it
    to the outputs.

    Parameters
    ----------
    population
        (2, A) persons.
    survival
        (T, 2, A): S[0] = L[0]/(w·l0), S[x] = L[x]/L[x-1], the last T[A-1]/T[A-2], for both who enter and who
        are in the open group; or (T, 2, A+1): [A-1] into the open group, [A] within it.
    fertility
        (T, A) births per woman and year; what stands in the first and the open group is ignored.
    srb
        (T,) males per female at birth.
    migration
        (T, 2, A) net persons in the step; ``"end"`` (WPP2022, WPP2024) or ``"even"`` (WPP2019).
    emigration
        (T, 2, A) share of the survivors who leave at the end of the step; with immigration as `migration`.
    births_by_age
        Asks for births by age group of the mother.
    clamp
        ``"un"``: where a population would turn negative, does as the UN's engine and lists each cell in
        `touched`. Otherwise such a projection is refused.

    Raises
    ------
    DataError
        Shapes, NaN, negatives, survival above 1, fertility under 10 or over 59; all problems at once.
    ModelError
        A population that would turn negative; draw, year, sex and age are named.

    Examples
    --------
    >>> import numpy as np
    >>> import minsuan as ms
    >>> women_and_men = np.full((2, 4), 100.0)
    >>> survival = np.full((1, 2, 4), 0.9)
    >>> fertility = np.array([[0.0, 0.05, 0.05, 0.0]])
    >>> p = ms.demography.project(women_and_men, survival, fertility, [1.0], width=20)
    >>> p.population[1].round(1).tolist()
    [[85.5, 90.0, 90.0, 180.0], [85.5, 90.0, 90.0, 180.0]]
    >>> p.births.round(1).tolist()
    [[95.0, 95.0]]
    """
    return Projection(
        *_core._project(
            population,
            survival,
            fertility,
            srb,
            migration,
            migration_timing,
            width,
            emigration,
            births_by_age,
            clamp,
        )
    )


def residual_migration(
    before: ArrayLike,
    after: ArrayLike,
    survival: ArrayLike,
    fertility: ArrayLike,
    srb: float,
    migration_timing: Literal["end", "even"] = "end",
    width: int = 1,
    *,
    mothers: Literal["stocks", "engine"] = "stocks",
) -> Floats:
    """Net migration of one step by sex and age, (2, A): what two populations `width` years apart imply.

    Parameters
    ----------
    before, after, survival
        (2, A) each; survival as in `project`.
    fertility
        (A,) births per woman and year.
    migration_timing
        As in `project`. "even" is solved from the youngest group on, without iteration.
    mothers
        Births are those of the mean of the two populations (``"stocks"``), or as `project` reckons them
        (``"engine"``): then `project` with the result gives `after`.

    Raises
    ------
    DataError
        Shapes that don't fit, values that are no persons or rates; all problems at once.

    Examples
    --------
    >>> import numpy as np
    >>> import minsuan as ms
    >>> before, after = np.full((2, 4), 100.0), np.array([[60.0, 95.0, 90.0, 160.0]] * 2)
    >>> rates = np.full((2, 4), 0.9), np.array([0.0, 0.05, 0.05, 0.0]), 1.0
    >>> ms.demography.residual_migration(before, after, *rates, width=20)[0].round(1).tolist()
    [-26.6, 5.0, 0.0, -20.0]
    """
    net: Floats = _core._residual_migration(
        before, after, survival, fertility, srb, migration_timing, width, mothers
    )
    return net


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """Draws of a projection: the table of quantiles, and arrays by draw on request."""

    quantiles: Table
    """Indicators by year: year, indicator, label, unit, mean and quantiles; exact, over all draws."""
    population: Floats | None
    """(draws, years + 1, 2, A) with ``full=True``, otherwise None."""
    start: int
    years: int
    draws: int
    seed: int
    _simulation: Any = field(repr=False)
    _call: dict[str, Any] = field(repr=False)

    def indicator(self, name: str) -> Floats:
        """An indicator by draw: (draws, years + 1) for stocks, (draws, years) for births, deaths and rates.

        >>> import numpy as np
        >>> import minsuan as ms
        >>> d = ms.demography.project_draws(np.full((2, 101), 900.0), years=3, draws=50)
        >>> d.indicator("total").shape
        (50, 4)
        """
        values: Floats = self._simulation.indicator(name)
        return values

    def peak(self, name: str = "60_plus") -> Table:
        """The probability of each year to be the one in which an indicator is highest.

        >>> import numpy as np
        >>> import minsuan as ms
        >>> d = ms.demography.project_draws(np.full((2, 101), 900.0), years=30, draws=50)
        >>> peak = d.peak("60_plus")
        >>> peak.columns, round(sum(peak.to_list("probability")), 6)
        (['year', 'probability', 'cumulative'], 1.0)
        """
        table: Table = self._simulation.peak(name)
        return table

    def __reduce__(self) -> tuple[Any, ...]:
        # The same call gives the same bytes, so the call is what travels.
        return (_again, (self._call,))


def _again(call: dict[str, Any]) -> Draws:
    return project_draws(**call)


def project_draws(
    base: Any,
    years: int = 100,
    start: int = 2019,
    draws: int = 10_000,
    seed: int = 0,
    standard: str = "china",
    spread: Mapping[str, Any] | Literal[0, False] | None = None,
    indicators: Sequence[str] = ("total", "60_plus"),
    full: bool = False,
    *,
    paths: Mapping[str, Any] | None = None,
    known: Sequence[Mapping[str, Any]] = (),
    region: str = "",
    threads: int = 0,
    progress: Callable[[int, int], object] | None = None,
) -> Draws:
    """Draws of total fertility, life expectancy, migration, base and small-number noise, projected.

    Parameters
    ----------
    base
        What `thin_base` returns, or persons as (2, 101), or draws of them as (n, 2, 101); draw i starts from
        base draw ``i % n``. The special populations of a `Base` are in every stock and stay as they are.
    start
        The base stands at 31 December of this year; rates of the years after carry it on.
    standard
        ``"china"``: the paths of WPP2024, medium variant, and the spread of its published bands.
    spread
        None for the standard's; 0 for none; or a dict of standard deviations, each one number or one a year:
        ``e0_female``, ``e0_male`` (years), ``tfr``, ``net_migration_rate``, and ``correlation_e0``,
        ``small_number_noise`` (None: on below 50,000 persons). What is not named is the standard's.
    indicators
        Names (``total``, ``60_plus``, ``share_60_plus``, ``median_age``, ``births``, ``nrr`` …) or
        expressions over age groups: ``"(60+) / (15-59)"``, ``"female(15-49)"``, ``"1000 * births / total"``.
    full
        Keeps the population by age of every draw.
    paths
        Central paths in place of the standard's, each one number or one a year: ``e0_female``, ``e0_male``,
        ``tfr``, ``srb``, ``net_migration_rate`` (net persons per person and year).
    known
        Local births and deaths, as ``{"year": 2023, "births": 2177, "deaths": 2002}``: e0 and TFR are set so
        that the central run reproduces them, shrunk to the standard.
    region
        A place code: another code, another stream of chance.
    threads
        0 for all; the result is the same bytes for any number.

    Examples
    --------
    >>> import numpy as np
    >>> import minsuan as ms
    >>> people = np.full((2, 101), 900.0)
    >>> d = ms.demography.project_draws(people, years=10, start=2019, draws=200, seed=1)
    >>> d.quantiles.columns[:5], len(d.quantiles)
    (['year', 'indicator', 'label', 'unit', 'mean'], 22)
    """
    call: dict[str, Any] = {
        "base": base,
        "years": years,
        "start": start,
        "draws": draws,
        "seed": seed,
        "standard": standard,
        "spread": spread,
        "indicators": tuple(indicators),
        "full": full,
        "paths": paths,
        "known": tuple(known),
        "region": region,
        "threads": threads,
    }
    whole(years=years, draws=draws, seed=seed, threads=threads)
    simulation = _core._project_draws(
        getattr(base, "population", base),
        getattr(base, "draws", None),
        getattr(base, "special", None),
        years,
        start,
        draws,
        seed,
        standard,
        None if paths is None else dict(paths),
        _spread(spread),
        [(k["year"], k.get("births"), k.get("deaths")) for k in known],
        [*indicators],
        region,
        full,
        threads,
        progress,
    )
    population = simulation.population() if full else None
    return Draws(simulation.table(), population, start, years, draws, seed, simulation, call)


def _spread(spread: Mapping[str, Any] | Literal[0, False] | None) -> dict[str, Any] | None:
    if spread is None or isinstance(spread, Mapping):
        return None if spread is None else dict(spread)
    none = ("e0_female", "e0_male", "tfr", "net_migration_rate")
    return {**dict.fromkeys(none, 0.0), "small_number_noise": False}


def project_regions(
    table: Any,
    years: int = 16,
    start: int = 2019,
    draws: int = 1000,
    seed: int = 0,
    standard: str = "china",
    spread: Mapping[str, Any] | Literal[0, False] | None = None,
    indicators: Sequence[str] = ("total", "60_plus", "share_60_plus"),
    *,
    region: str = "region",
    parent: Any = None,
    parent_code: str = "parent",
    paths: Mapping[str, Any] | None = None,
    threads: int = 0,
    progress: Callable[[int, int], object] | None = None,
) -> Table:
    """Draws of many counties or townships: a table in, a table of indicators by region and year out.

    Parameters
    ----------
    table
        One region a row: a column `region` of codes, persons by age in ``f_0, f_1-4, f_5-9, …, f_85+``,
        ``m_0, …`` (the last group open) or single years ``f_0, …, f_100+``. Groups are graduated.
    parent
        None: the regions are independent. ``"sum"``, or the persons of the parent as (2, 101): every draw of
        the regions is raked, cell by cell, to the same draw of the parent.
    years, start, draws, seed, standard, spread, indicators, paths, threads
        As in `project_draws`; a region's draws depend on its code, not on the order or on its neighbours.

    Examples
    --------
    >>> import minsuan as ms
    >>> ages = ["0-14", "15-59", "60+"]
    >>> two = {"region": ["A", "B"]} | {f"{s}_{a}": [3000.0, 5000.0] for s in "fm" for a in ages}
    >>> t = ms.demography.project_regions(two, years=5, draws=100, indicators=["60_plus"])
    >>> t.columns[:3], len(t)
    (['region', 'year', 'indicator'], 12)
    """
    whole(years=years, draws=draws, seed=seed, threads=threads)
    return _core._project_regions(
        table,
        region,
        years,
        start,
        draws,
        seed,
        standard,
        None if paths is None else dict(paths),
        _spread(spread),
        [*indicators],
        parent,
        parent_code,
        threads,
        progress,
    )
