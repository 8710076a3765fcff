"""Capacity: the slack of small facilities, targets in exact arithmetic, siting.

>>> import minsuan as ms
>>> ms.capacity.coverage_required("90%", 40)
36
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from minsuan import _core
from minsuan._core import Table

__all__ = ["beds_for", "coverage_required", "erlang_b", "erlang_c", "pooling", "reference_classes", "site"]


def erlang_b(beds: int, offered: float) -> float:
    """Chance of finding every bed taken and being turned away (Erlang 1917).

    `offered` is the load: arrivals a day × mean days of stay.

    >>> import minsuan as ms
    >>> round(ms.capacity.erlang_b(10, 5), 6)
    0.018385
    """
    return _core.erlang_b(beds, offered)


def erlang_c(beds: int, offered: float) -> float:
    """Chance of having to wait where everybody waits; 1 where the load is not below the beds.

    >>> import minsuan as ms
    >>> round(ms.capacity.erlang_c(2, 1), 4)
    0.3333
    """
    return _core.erlang_c(beds, offered)


def beds_for(offered: float, *, blocking: float | None = None, waiting: float | None = None) -> int:
    """Fewest beds with at most this chance of being turned away, or of waiting.

    >>> import minsuan as ms
    >>> ms.capacity.beds_for(25, blocking=0.05)
    31
    """
    if blocking is not None and waiting is None:
        return _core.beds_for_blocking(blocking, offered)
    if waiting is not None and blocking is None:
        return _core.beds_for_waiting(waiting, offered)
    raise TypeError("beds_for takes either blocking= or waiting=")


def pooling(sites: int, beds: int, offered: float, *, blocking: float = 0.05) -> dict[str, float]:
    """`sites` facilities of `beds` and a load of `offered` each, against one of them all.

    Gives `blocked_apart, blocked_pooled` (chance of being turned away) and `needed_apart, needed_pooled`
    (beds in all for a chance of at most `blocking`).

    >>> import minsuan as ms
    >>> p = ms.capacity.pooling(9, 30, 25)
    >>> p["blocked_apart"] > 0.05 > 0.001 > p["blocked_pooled"]
    True
    """
    return _core.pooling(sites, beds, offered, blocking)


def coverage_required(share: int | float | str | Decimal | Fraction, base: int) -> int:
    """Places that cover a share of a base, rounded up in exact arithmetic.

    >>> import minsuan as ms
    >>> ms.capacity.coverage_required("55%", 100)
    55
    """
    return _core.coverage_required(share, base)


def site(
    distance: Any,
    persons: Sequence[float],
    choose: int,
    *,
    objective: Literal["mean_distance", "largest_distance", "covered"] = "mean_distance",
    radius: float | None = None,
    keep: int = 5,
) -> Table:
    """The best choices of sites, by trying every one: `rank, sites, value`.

    `distance` is (places, candidates); `persons` by place. `covered` counts the persons within `radius`.
    Sites are the numbers of the candidates from 1.

    Raises `ModelError` for more than 20 million choices.

    >>> import minsuan as ms
    >>> best = ms.capacity.site([[0, 4, 9], [4, 0, 5], [9, 5, 0]], [10, 30, 20], 1, keep=1)
    >>> best.to_list("sites"), best.to_list("value")
    ([['2']], [2.3333333333333335])
    """
    return _core.site(distance, list(persons), choose, objective, radius, keep)


def reference_classes() -> Table:
    """By how much building projects overran their plan: bounds of the UK Green Book's guidance.

    >>> import minsuan as ms
    >>> t = ms.capacity.reference_classes()
    >>> t.filter(**{"class": "standard_building"}).to_list("cost_high")
    [0.24]
    """
    return _core.reference_classes()
