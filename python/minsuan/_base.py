"""The base population: from two printed numbers, from known totals, from a census table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from minsuan import _core
from minsuan._convert import whole
from minsuan._core import Base, Residuals, Table

__all__ = [
    "Backtest",
    "Base",
    "Residuals",
    "age_structures",
    "backtest",
    "census_base",
    "estimate_residuals",
    "hamilton_perry",
    "thin_base",
]


def thin_base(
    total: float | str | None = None,
    count_60_plus: float | str | None = None,
    share_60_plus: float | str | None = None,
    constraints: Mapping[str, float | str] | None = None,
    standard: Any = "hunan",
    donors: Any = None,
    population: str = "registered",
    draws: int = 200,
    seed: int = 0,
    *,
    region: str = "",
    special: Any = None,
    residuals: Residuals | None = None,
    year: int | None = None,
) -> Base:
    """A population by sex and single age from known totals, with draws.

    The standard is tilted by the smoothest log ratio that keeps the totals, smooth in the sense of how
    counties differ from their provinces (minimum discrimination information; with two totals nearly the
    exponential tilt of quasi-stable theory, Coale & Demeny 1966). Draws add what such a tilt misses, as
    donor counties or the stored covariance show, and the printed precision of the figures.

    Parameters
    ----------
    total, count_60_plus, share_60_plus
        Two of them suffice; three are checked against each other. Text carries its printed precision
        (``"4.5万"`` is 44,500 to 45,500), a number is exact.
    constraints
        Further groups: ``{"80+": 4_100, "0-14": 0.19, "female 60+": "2.4万"}``; counts above 1, shares of
        the total up to 1. A number up to 1 is always a share: ``{"100+": 1}`` says that everybody is 100 or
        older; one person can't be stated, nobody is 0. Groups may overlap or add to others; what no
        population can have together is told with its gap, whatever the order.
    standard
        A name (see `age_structures`), an array (2, ages) of single years, or a table with columns age,
        female, male.
    donors
        A table with one county a row, columns ``f_0, f_1-4, …, f_85+, m_0, …``; best those of the
        province without the county itself.
    population
        "registered" (户籍) or "resident" (常住).
    draws, seed, region
        Same seed and region, same bytes; the draw i does not depend on how many there are. At least one draw.
    special
        Persons in the totals who do not age with the rest (students, barracks): ``{"18-22": 12_000}`` or
        an array (2, 101).
    residuals
        How counties differ from their provinces, where not the shipped table is wanted.
    year
        The population is of 31 December of this year (1954 to 2079): the cohorts of a shipped standard (the
        famine's, those of 1962-63) are moved to it.

    Raises
    ------
    DataError
        A figure, label, array or table that is wrong.
    ModelError
        Totals that are not enough or contradict each other: which, and by how many persons.

    >>> import minsuan as ms
    >>> b = ms.demography.thin_base(count_60_plus="4.5万", share_60_plus="14.52%", standard="hunan")
    >>> b.population.shape, b.draws.shape, b.kind
    ((2, 101), (200, 2, 101), 'registered')
    >>> round(float(b.population[:, 60:].sum()))
    45000
    """
    whole(draws=draws, seed=seed)
    figures = (total, count_60_plus, share_60_plus)
    known = None if constraints is None else dict(constraints)
    return _core.thin_base(
        *figures, known, standard, donors, population, draws, seed, region, special, residuals, year
    )


def census_base(
    table: Any,
    population: str = "resident",
    draws: int = 200,
    *,
    year: int | None = None,
    special: Mapping[str, float | str] | None = None,
) -> Base:
    """A census table by age and sex as the base: nothing is reconstructed but single years in its groups.

    `table` has columns age (single years or labels such as 0, 1-4, 85+), female, male, or is an array
    (2, ages) of single years. All draws are the table itself. With the census's `year` (1 November; 1954 to
    2079) the famine's cohorts and those after it show inside the groups, by yearly birth rates. `special` are
    those of the counted who do not age with the rest, such as ``{"female 18-22": 9_000}``: in each group by
    age as the people there are.

    >>> import minsuan as ms
    >>> b = ms.demography.census_base({"age": ["0-14", "15-59", "60+"], "female": [90, 310, 100],
    ...                                "male": [100, 320, 80]})
    >>> round(float(b.population[:, 60:].sum())), b.kind
    (180, 'resident')
    """
    whole(draws=draws)
    return _core.census_base(table, population, draws, year, None if special is None else dict(special))


def estimate_residuals(*tables: Any, exclude: Sequence[str] = ()) -> Residuals:
    """How counties differ from their provinces, estimated from county tables (one per census).

    Each table has a column ``code`` (GB/T 2260; the first two digits are the province) and the columns
    of `donors`; each county is compared with its province without it. `exclude` leaves provinces out,
    so that a method can be measured on counties it has not seen. For `thin_base(residuals=…)`.

    >>> import minsuan as ms, numpy as np
    >>> ages = ["0", "1-4", *(f"{a}-{a + 4}" for a in range(5, 85, 5)), "85+"]
    >>> random = np.random.default_rng(0)
    >>> counties = {f"{s}_{a}": random.integers(900, 1100, 60) for s in "fm" for a in ages}
    >>> codes = [f"4301{i:02}" for i in range(60)]
    >>> residuals = ms.demography.estimate_residuals({"code": codes, **counties})
    >>> b = ms.demography.thin_base(total=40_000, share_60_plus=0.3, residuals=residuals, draws=10)
    >>> b.draws.shape
    (10, 2, 101)
    """
    return _core.estimate_residuals(list(tables), list(exclude))


def hamilton_perry(
    census_a: Any, census_b: Any, years: tuple[int, int] = (2010, 2020), steps: int = 2, cap: float = 1.5
) -> Table:
    """Cohort-change ratios between two censuses carried on (Hamilton & Perry 1962), five-year groups.

    Parameters
    ----------
    census_a, census_b
        Each a table with columns age, female, male, an array (2, ages) of single years, or a `Base`; persons.
    years
        Of the two; 5, 10 or 15 apart. That distance is the step.
    steps
        1 to 20 after the second census.
    cap
        A cohort's change beside the nation's survival stays within this factor, up and down (1 or more), so
        that a campus that was opened once is not opened again. The notes name the groups that met it.

    Returns
    -------
    Table
        year, sex, age (``0-4``, …, ``85+``), value (persons): the second census and every step.

    Raises
    ------
    DataError
        Censuses that are no counts, years at another distance, a cap under 1.

    Notes
    -----
    Children are those per woman of 15-49 at the second census. Swanson, Schlottmann & Schmidt (2010),
    "Forecasting the population of census tracts by age and sex".

    >>> import minsuan as ms
    >>> ages = ["0-4", *(f"{a}-{a + 4}" for a in range(5, 85, 5)), "85+"]
    >>> a = {"age": ages, "female": [100] * 18, "male": [100] * 18}
    >>> t = ms.demography.hamilton_perry(a, a, steps=1)
    >>> sorted(set(t["year"].tolist())), len(t)
    ([2020, 2030], 72)
    """
    whole(steps=steps)
    return _core.hamilton_perry(census_a, census_b, years, steps, cap)


@dataclass(frozen=True, slots=True)
class Backtest:
    """What a projection from the earlier census would have said."""

    summary: Table
    """class, label, age, counties, median_error, p90_error, bias, unchanged_error, coverage_80 and _95."""
    counties: Table
    """code, county, age, total_a, total_b, observed, expected, quantiles, error, boundary_changed."""

    def __repr__(self) -> str:
        return repr(self.summary)

    def _repr_html_(self) -> str:
        return self.summary._repr_html_()


def backtest(
    census_a: Any,
    census_b: Any,
    years: tuple[int, int] = (2010, 2020),
    base: Literal["census", "thin", "thin_standard"] = "thin",
    size: tuple[float, float] = (200_000, 450_000),
    drift: bool = False,
    draws: int = 200,
    seed: int = 0,
    progress: Callable[[int, int], object] | None = None,
    *,
    survival: Literal["province", "nation"] = "province",
) -> Backtest:
    """Projects each county from the earlier census and compares with the later one.

    Both tables have a column ``code`` and the age columns of `thin_base`'s donors; counties are matched
    by code, and those whose total changed by a fifth or more (other boundaries) are reported apart. The
    projection is closed: survived by China's mortality at the level of the province, nobody moves.

    Parameters
    ----------
    base
        "census": the true ages of the earlier year; "thin": its total and 60+ alone, with the province
        without the county as standard and donors; "thin_standard": without donors.
    size
        Persons in the earlier year of the class that is reported by itself.
    drift
        Move the centre by how cohorts changed in other provinces, which was not known at the time; without
        it that only widens the interval.
    survival
        "province": at the life expectancy of the province, as far as it was from the nation's in the census
        of 2010; "nation".
    draws
        1 to 100,000 for each county; an interval is one of draws.
    progress
        Called with (counties done, all).

    Returns
    -------
    Backtest
        `summary`: error and coverage by class of counties and age group, as shares; `counties`: every county
        and group in persons.

    Raises
    ------
    DataError
        Codes that are missing, doubled or in one table alone; years out of order or more than 30 apart.

    >>> import minsuan as ms
    >>> ages = ["0", "1-4", *(f"{a}-{a + 4}" for a in range(5, 85, 5)), "85+"]
    >>> a = {"code": ["433101"], **{f"{s}_{g}": [9000] for s in "fm" for g in ages}}
    >>> b = ms.demography.backtest(a, a, base="census", draws=50)
    >>> b.summary.filter(age="60+")["counties"].tolist()
    [1, 1]
    """
    whole(draws=draws, seed=seed)
    summary, counties = _core.backtest(
        census_a, census_b, years, base, size, survival, drift, draws, seed, progress
    )
    return Backtest(summary, counties)


def age_structures() -> Table:
    """The age structures that `standard=` takes by name: name, label, code, year, persons, share_60_plus.

    >>> import minsuan as ms
    >>> ms.demography.age_structures().filter(name="hunan")["year"].tolist()
    [2020]
    """
    return _core.age_structures()


def _text(base: Base) -> str:
    """What a base shows in a terminal."""
    return repr(base.indicators())


def _html(base: Base) -> str:
    """What a base shows in Jupyter: its indicators; the notes are their footnotes."""
    return base.indicators()._repr_html_()
