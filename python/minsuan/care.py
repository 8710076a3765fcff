"""Care: definitions of need, ability levels, carers, a multistate model of assessments.

A definition of need is always named: published shares differ tenfold.

>>> import minsuan as ms
>>> t = ms.care.definitions().filter(definition="census_2020")
>>> round(t.to_list("share_60_plus")[0], 4)
0.0234
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from minsuan import _core
from minsuan._core import Multistate, Table
from minsuan._progress import Progress, shown

__all__ = [
    "Multistate",
    "check_matrices",
    "definitions",
    "gbt_level",
    "multistate",
    "mzt_adl_level",
    "need",
    "prevalence",
    "staff",
    "tekun_level",
]


def definitions() -> Table:
    """Every definition of need with its levels, shares of the nation's 60+ and sources.

    Columns `definition, label, scheme, level, level_label, share_60_plus, log_sd, source, note`.

    >>> import minsuan as ms
    >>> sorted(set(ms.care.definitions().to_list("scheme")))
    ['census_4', 'gbt_42195', 'meta_97', 'multi_source', 'survey_2015']
    """
    return _core.care_definitions()


def prevalence(definition: str) -> Table:
    """The schedule of a definition by level, sex and single age: `level, label, sex, age, share`.

    Raises `ModelError` for an unknown definition, naming those that exist.

    >>> import minsuan as ms
    >>> len(ms.care.prevalence("census_2020"))
    82
    """
    return _core.care_prevalence(definition)


def need(
    population: Any,
    definition: str,
    *,
    health: Literal["constant", "dynamic_equilibrium", "full_shift"] = "constant",
    gain: tuple[float, float] = (0.0, 0.0),
) -> Table:
    """Persons in need by level: `definition, level, label, persons`.

    `population` is (2, 101): women first, single years 0…100+. `gain` is the gain in life expectancy of
    women and men in years; `health` says how far prevalence by age moves with it (not at all, by half,
    by all of it).

    >>> import minsuan as ms
    >>> flat = [[100.0] * 101] * 2
    >>> base = ms.care.need(flat, "survey_2015").to_list("persons")[0]
    >>> ms.care.need(flat, "survey_2015", health="full_shift", gain=(2, 2)).to_list("persons")[0] < base
    True
    """
    return _core.care_need(population, definition, health, gain)


def gbt_level(
    points: int, *, coma: bool = False, dementia_or_psychiatric: bool = False, risk_events: int = 0
) -> str:
    """Level by GB/T 42195-2022: `intact`, `mild`, `moderate`, `severe`, `complete`.

    Of 90 points: 90, 66-89, 46-65, 30-45, 0-29. Coma is `complete`; a diagnosis (F00-F99) or two risk
    events in 30 days make it one level worse, once.

    >>> import minsuan as ms
    >>> ms.care.gbt_level(70), ms.care.gbt_level(70, risk_events=2)
    ('mild', 'moderate')
    """
    return _core.gbt_level(points, coma, dementia_or_psychiatric, risk_events)


def mzt_adl_level(barthel: int) -> str:
    """Daily-life class of MZ/T 039-2013 by the Barthel index; not the whole level.

    >>> import minsuan as ms
    >>> ms.care.mzt_adl_level(60)
    'moderate'
    """
    return _core.mzt_adl_level(barthel)


def tekun_level(unable: int) -> str:
    """Self-care ability of tekun persons by the items of six that can't be done: `able, partly_lost, lost`.

    >>> import minsuan as ms
    >>> ms.care.tekun_level(3)
    'partly_lost'
    """
    return _core.tekun_level(unable)


def staff(
    residents: Sequence[Mapping[str, int]],
    per_carer: Mapping[str, int],
    *,
    full_time_factor: int | float | str | Decimal | Fraction,
) -> Table:
    """Carers of each facility: `facility, on_duty, posts`.

    `residents` has one mapping a facility, from group to persons; `per_carer` the residents of a group for
    whom one carer is there. Rounded up in each group of each facility. `full_time_factor` is posts per
    carer on duty: 1 where the ratio is posts to residents, about 4.2 for day and night.

    >>> import minsuan as ms
    >>> ratios = {"disabled": 3, "independent": 15}
    >>> two = [{"disabled": 4}, {"disabled": 4, "independent": 20}]
    >>> ms.care.staff(two, ratios, full_time_factor="4.2").to_list("posts")
    [9, 17]
    """
    unknown = sorted({group for home in residents for group in home} - set(per_carer))
    if unknown:
        from minsuan._errors import DataError

        problem = {"column": "residents", "value": ", ".join(unknown), "message": "group without a ratio"}
        raise DataError(f"residents: group without a ratio (got {', '.join(unknown)!r})", [problem])
    rows = [[home.get(group, 0) for group in per_carer] for home in residents]
    return _core.staff_required(rows, list(per_carer.values()), full_time_factor)


def multistate(
    table: Any,
    moves: Sequence[tuple[Any, Any]],
    *,
    death: Any = None,
    states: Sequence[Any] | None = None,
    person: str = "person",
    time: str = "time",
    state: str = "state",
    progress: Progress | bool | None = None,
) -> Multistate:
    """Fits a continuous-time model to states seen at irregular times (Kalbfleisch & Lawless 1985).

    `table` has a row an assessment, the rows of a person together and by rising time (years). `moves` are
    the pairs (from, to) that can happen in an instant; `death` is a state whose time is exact. `states`
    are all states in the order wanted, else those found, sorted.

    Raises `DataError` for rows that make no history, `ModelError` where the data can't tell a move.

    >>> import minsuan as ms
    >>> seen = [("well", "well", 80), ("well", "frail", 20), ("frail", "well", 10), ("frail", "frail", 40)]
    >>> rows = [(a, b) for a, b, n in seen for _ in range(n)]
    >>> t = {
    ...     "person": [i for i in range(150) for _ in (0, 1)],
    ...     "time": [0.0, 1.0] * 150,
    ...     "state": [s for row in rows for s in row],
    ... }
    >>> model = ms.care.multistate(t, [("well", "frail"), ("frail", "well")], states=["well", "frail"])
    >>> model.probabilities(1).round(3).tolist()
    [[0.8, 0.2], [0.2, 0.8]]
    """
    pairs = [(str(a), str(b)) for a, b in moves]
    names = None if states is None else [str(s) for s in states]
    gone = None if death is None else str(death)
    with shown(progress) as told:
        return _core.fit_multistate(table, pairs, names, gone, person, time, state, told)


def check_matrices(one: Any, several: Any, years: int, *, unit: float = 0.001) -> dict[str, Any]:
    """Whether a one-year transition matrix agrees with one for several years, both death last.

    Gives `holds`, the largest gap of a row's sum to 1 and of the power to the other matrix, and what
    rounding to `unit` alone explains of each.

    >>> import minsuan as ms
    >>> ms.care.check_matrices([[0.9, 0.1], [0, 1]], [[0.81, 0.19], [0, 1]], 2, unit=0.01)["holds"]
    True
    """
    return _core.check_matrices(one, several, years, unit)
