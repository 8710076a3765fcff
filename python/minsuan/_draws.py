"""Draws of a projection, of one population or of many regions; users find them in `minsuan.demography`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from minsuan import _core
from minsuan._convert import whole
from minsuan._core import Table
from minsuan._errors import DataError, ModelError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """Draws of a projection: the table of quantiles, and arrays by draw on request."""

    quantiles: Table
    """Indicators by year: year, indicator, label, unit, mean and quantiles; exact, over all draws."""
    population: Floats | None
    """(draws, years + 1, 2, A) with ``full=True``, otherwise None."""
    births: Floats | None
    """(draws, years) with ``full=True``, otherwise None; both sexes, of the years after `start`."""
    deaths: Floats | None
    """(draws, years) with ``full=True``, otherwise None."""
    start: int
    years: int
    draws: int
    seed: int
    _simulation: Any = field(repr=False)
    _call: dict[str, Any] = field(repr=False)

    def indicator(self, name: str) -> Floats:
        """An indicator by draw: (draws, years + 1) for stocks, (draws, years) for births, deaths and rates.

        NaN where nobody stands in a denominator: such a draw has no value, and is in no mean and quantile.

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

    def by_age(self) -> Table:
        """Persons by year, sex and single age with mean and quantiles: what `plots.pyramid` takes.

        Needs ``full=True``.

        >>> import numpy as np
        >>> import minsuan as ms
        >>> d = ms.demography.project_draws(np.full((2, 101), 900.0), years=2, draws=20, full=True)
        >>> d.by_age().columns[:4], len(d.by_age())
        (['year', 'sex', 'age', 'mean'], 606)
        """
        if self.population is None:
            raise ModelError("the population by age was not kept; expected project_draws(…, full=True)")
        table: Table = self._simulation.by_age(self.population)
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
    region: str | int = "",
    threads: int = 0,
    progress: Callable[[int, int], object] | None = None,
) -> Draws:
    """Draws of total fertility, life expectancy, migration, base and small-number noise, projected.

    Parameters
    ----------
    base
        What `thin_base` returns, or persons as (2, 101), or draws of them as (n, 2, 101); draw i starts from
        base draw ``i % n``. The special populations of a `Base` are in every stock and stay as they are.
    years, draws
        At most 200 and 1,000,000, and what they take together 4 GB (8 bytes for each draw, year and
        indicator; with `full` for each draw, year, sex and age): more is refused before memory is taken.
    start
        The base stands at 31 December of this year (1950 to 2100); rates of the years after carry it on.
    standard
        ``"china"``: the paths of WPP2024, medium variant, and the spread of its published bands.
    spread
        None for the standard's; 0 or False for none; or a dict of standard deviations, each one number or one
        a year:
        ``e0_female``, ``e0_male`` (years), ``tfr``, ``net_migration_rate``, and ``correlation_e0``,
        ``small_number_noise`` (None: on below 50,000 persons). What is not named is the standard's.
    indicators
        Names (``total``, ``60_plus``, ``share_60_plus``, ``median_age``, ``births``, ``nrr`` …) or
        expressions over age groups: ``"(60+) / (15-59)"``, ``"female(15-49)"``, ``"1000 * births / total"``.
        ``crude_birth_rate``, ``crude_death_rate``, ``natural_growth_rate`` and ``growth_rate`` are per
        thousand of the mean of the stocks at both ends of the year; ``before`` is the total a year ago. A
        draw in which nobody stands in a denominator has no value: the notes say how many.
    full
        Keeps the population by age of every draw, and births and deaths.
    paths
        Central paths in place of the standard's, each one number or one a year: ``e0_female``, ``e0_male``,
        ``tfr``, ``srb``, ``net_migration_rate`` (net persons per person and year).
    known
        Local births and deaths, as ``[{"year": 2023, "births": 2177, "deaths": 2002}]``, one record a year:
        e0 and TFR are set so that the central run reproduces them, shrunk to the standard.
    region
        A place code: another code, another stream of chance.
    threads
        0 for all; the result is the same bytes for any number.
    progress
        Called with (draws done, all) ten times a second; an exception stops the run.

    Raises
    ------
    DataError
        A base, path, spread or record that is none; all problems at once.
    ModelError
        An indicator that makes no sense, years that no table reaches, more memory than there may be.

    Examples
    --------
    >>> import numpy as np
    >>> import minsuan as ms
    >>> people = np.full((2, 101), 900.0)
    >>> d = ms.demography.project_draws(people, years=10, start=2019, draws=200, seed=1)
    >>> d.quantiles.columns[:5], len(d.quantiles)
    (['year', 'indicator', 'label', 'unit', 'mean'], 22)
    """
    indicators = _names(indicators)
    known = [*known] if isinstance(known, Iterator) else known
    call: dict[str, Any] = {
        "base": base,
        "years": years,
        "start": start,
        "draws": draws,
        "seed": seed,
        "standard": standard,
        "spread": spread,
        "indicators": indicators,
        "full": full,
        "paths": paths,
        "known": known,
        "region": region,
        "threads": threads,
    }
    whole(years=years, draws=draws, seed=seed, threads=threads)
    simulation, population = _core._project_draws(
        getattr(base, "population", base),
        getattr(base, "draws", None),
        getattr(base, "special", None),
        years,
        start,
        draws,
        seed,
        standard,
        _settings("paths", paths),
        _spread(spread),
        known,
        indicators,
        str(region),
        full,
        threads,
        progress,
    )
    births, deaths = (simulation.indicator(flow) if full else None for flow in ("births", "deaths"))
    return Draws(simulation.table(), population, births, deaths, start, years, draws, seed, simulation, call)


def _settings(name: str, settings: Any) -> dict[str, Any] | None:
    if settings is None or isinstance(settings, Mapping):
        return None if settings is None else dict(settings)
    raise DataError(
        f"{name}: no settings (got {settings!r:.60}); expected a dict, or None for the standard's"
    )


def _names(indicators: Any) -> list[str]:
    if isinstance(indicators, str):
        return [indicators]
    try:
        names = [*indicators]
    except TypeError:
        names = [None]
    if all(isinstance(name, str) for name in names):
        return names
    raise DataError(f"indicators: no names (got {indicators!r:.60}); expected a list of names or expressions")


def _spread(spread: Mapping[str, Any] | Literal[0, False] | None) -> dict[str, Any] | None:
    if spread is None or isinstance(spread, Mapping):
        return _settings("spread", spread)
    # True is a number too, and equals 1; only what is nothing means none.
    if not isinstance(spread, (bool, int, float)) or spread != 0:
        raise DataError(
            f"spread: neither none nor standard deviations (got {spread!r:.60}); expected None (the "
            'standard\'s), 0 or False (no uncertainty), or a dict such as {"tfr": 0.2, "e0_female": 1.5}'
        )
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
        the regions is raked, cell by cell, to the same draw of the parent, whose own rows stand last.
    parent_code
        The code of those rows; as any code, it names the draws.
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
        _settings("paths", paths),
        _spread(spread),
        _names(indicators),
        parent,
        parent_code,
        threads,
        progress,
    )
