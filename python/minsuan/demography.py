"""Demography: life tables, projection, thin base, draws.

Axes are always ``[draw, year, sex, age]``; sex 0 is female, 1 male; ages are single years with an open last
group unless ``width=5``. Stocks stand at 31 December.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

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
from minsuan._draws import Draws, project_draws, project_regions
from minsuan._paths import schedules
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
    "schedules",
    "thin_base",
]

Floats = NDArray[np.float64]


def __dir__() -> list[str]:
    return __all__


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
