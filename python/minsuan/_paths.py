"""Schedules along paths of life expectancy and fertility; users find `schedules` in `minsuan.demography`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from minsuan._errors import DataError
from minsuan._schedules import Floats, fertility, life_table, mortality

Path = float | Sequence[float] | Mapping[int, float]


def schedules(
    years: int,
    start: int = 2019,
    *,
    e0_female: Path,
    e0_male: Path,
    tfr: Path,
    srb: Path = 1.06,
    method: Literal["china", "lee_carter", "brass", "log_quadratic"] = "china",
    **pattern: Any,
) -> dict[str, Floats]:
    """What `project` takes, from paths of life expectancy, fertility and the ratio of the sexes at birth.

    Parameters
    ----------
    years
        Projected years T: those of `start` + 1 to `start` + T; 1 to 200.
    e0_female, e0_male, tfr, srb
        Life expectancy in years, births per woman, males per female at birth. A number for all years, T
        numbers, or targets ``{2019: 78.0, 2035: 81.5}``: straight lines between them, level outside.
    method
        Of :func:`mortality`.
    **pattern
        How births spread over ages, as :func:`fertility` takes it (``shares``, ``mean_age``, ``sd``,
        ``first_age``); China's shares of each year unless given.

    Returns
    -------
    dict
        ``survival`` (T, 2, 101), ``fertility`` (T, 101), ``srb`` (T,).

    Raises
    ------
    DataError
        A path of another length, targets that are no years, and what :func:`mortality` and :func:`fertility`
        refuse.

    Examples
    --------
    >>> import numpy as np, minsuan as ms
    >>> s = ms.demography.schedules(
    ...     16, e0_female={2019: 80.5, 2035: 84.0}, e0_male={2019: 75.1, 2035: 79.0}, tfr=1.3)
    >>> {name: array.shape for name, array in s.items()}
    {'survival': (16, 2, 101), 'fertility': (16, 101), 'srb': (16,)}
    >>> ms.demography.project(np.full((2, 101), 100.0), **s).population.shape
    (17, 2, 101)
    """
    if isinstance(years, bool) or not isinstance(years, int) or not 1 <= years <= 200:
        raise DataError(
            f"years: not a number of years (got {years!r:.40}); expected a whole number from 1 to 200"
        )
    named = {"e0_female": e0_female, "e0_male": e0_male, "tfr": tfr, "srb": srb}
    women, men, births, ratio = (_by_year(name, path, years, start) for name, path in named.items())
    survival = np.empty((years, 2, 101))
    for t in range(years):
        for sex, e0 in (("female", women[t]), ("male", men[t])):
            rates = mortality(float(e0), sex, method)  # type: ignore[arg-type]
            survival[t, int(sex == "male")] = life_table(rates, sex).survival  # type: ignore[arg-type]
    spread = pattern.keys() & {"shares", "mean_age"}
    fx = [
        fertility(float(births[t]), None if spread else min(max(start + 1 + t, 1950), 2100), **pattern)
        for t in range(years)
    ]
    return {"survival": survival, "fertility": np.array(fx), "srb": ratio}


def _by_year(name: str, path: Any, years: int, start: int) -> Floats:
    """The path as one finite number a year."""
    try:
        if isinstance(path, Mapping):
            known = sorted((int(year), float(value)) for year, value in path.items())
            if not known or any(int(year) != year for year in path):
                raise ValueError
            at = np.arange(start + 1, start + 1 + years)
            values = np.interp(at, [year for year, _ in known], [value for _, value in known])
        elif isinstance(path, str):
            raise ValueError
        else:
            values = np.asarray(path, dtype=float)
            values = np.full(years, values) if values.ndim == 0 else values
    except (TypeError, ValueError):
        values = np.empty(0)
    if values.shape != (years,) or not np.isfinite(values).all():
        raise DataError(
            f"{name}: not a path over {years} years (got {path!r:.60}); expected a number, {years} numbers, "
            "or targets by year such as {2019: 78.0, 2035: 81.5}"
        )
    return np.asarray(values)
