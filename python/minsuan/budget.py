"""Budget lines: exact amounts by funding level.

Amounts are exact to the fen and come out as `decimal.Decimal` or in tables as decimal128.

>>> import minsuan as ms
>>> line = ms.budget.Line("儿童主任", 110 + 40, 200, shares={"province": "0.6", "county": "0.4"})
>>> line.formula
'150 × 200 × 12 = 360000.00'
>>> sum(line.split.values()) == line.amount
True
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

from minsuan import _core
from minsuan._core import Line, Standard, Table

__all__ = ["Line", "Standard", "bridge", "capital", "controlled_rounding", "heads", "split", "table"]

Number: TypeAlias = int | float | str | Decimal | Fraction


def table(lines: Sequence[Line]) -> Table:
    """Lines with their amounts and a row `total`; with shares, also who pays.

    Columns `line, amount`, and where the lines have shares `central, province, prefecture, county`
    (yuan, decimal128(18, 2)). Each row is the line's amount, each column adds, and no cell is a whole
    fen away from its exact share (controlled rounding, Cox & Ernst 1982).

    Raises `DataError` where only some lines have shares.

    >>> import minsuan as ms
    >>> thirds = {"central": "1/3", "province": "1/3", "county": "1/3"}
    >>> t = ms.budget.table([ms.budget.Line(n, 1, 100, 1, shares=thirds) for n in "abc"])
    >>> t.to_list("central")[-1], t.to_list("amount")[-1]
    (Decimal('100.00'), Decimal('300.00'))
    """
    return _core.budget_table(list(lines))


def controlled_rounding(
    data: Any,
    places: int = 0,
    *,
    unit: str = "",
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    title: str = "受控舍入表",
) -> Table:
    """Rounds a two-way table so that rows, columns and the total still add.

    `data` is rows of numbers (lists, a numpy array) or anything that is a table, whose first column
    may name the rows. Every cell and margin moves by less than one unit of the last place, cells and
    margins that are whole stay, and the table is the closest of those (Cox & Ernst 1982).

    Gives the columns `row`, those of `data`, and `total`, with a row `total`.

    >>> import minsuan as ms
    >>> t = ms.budget.controlled_rounding([["1/3", "1/3", "1/3"]] * 3)
    >>> [int(v) for v in t.to_list("total")]
    [1, 1, 1, 3]
    """
    names = [None if n is None else [str(x) for x in n] for n in (rows, columns)]
    return _core.controlled_rounding(data, places, unit, names[0], names[1], title)


def split(total: Number, shares: Sequence[Number], places: int = 2) -> list[Decimal]:
    """Parts in proportion to `shares` that add to `total` exactly, by largest remainder.

    >>> import minsuan as ms
    >>> ms.budget.split(100, [1, 1, 1])
    [Decimal('33.34'), Decimal('33.33'), Decimal('33.33')]
    """
    return _core.split(total, list(shares), places)


def capital(
    total: Number,
    start: int,
    finish: int,
    weights: Sequence[Number] | None = None,
    optimism_bias: Number = 0,
) -> dict[int, Decimal]:
    """Yuan by year of construction, adding to `total` × (1 + `optimism_bias`).

    `weights` by year, else the same each year. A reference class for the bias: up to 0.24 for standard
    buildings and 0.51 for others (UK Green Book supplementary guidance).

    >>> import minsuan as ms
    >>> ms.budget.capital(10_000_000, 2021, 2023)[2021]
    Decimal('3333333.34')
    """
    return _core.capital(total, start, finish, None if weights is None else list(weights), optimism_bias)


def heads(first: int, second: int, both: int) -> tuple[int, int]:
    """Persons and payments of two programs, of which `both` persons draw the two.

    >>> import minsuan as ms
    >>> ms.budget.heads(1_200, 900, both=400)
    (1700, 2100)
    """
    return _core.heads(first, second, both)


def bridge(a: Mapping[str, Number], b: Mapping[str, Number]) -> Table:
    """From one budget to another line by line: `line, a, b, difference`, adding to the fen.

    >>> import minsuan as ms
    >>> t = ms.budget.bridge({"x": "1.10", "y": 2}, {"y": 2, "z": "0.03"})
    >>> t.to_list("difference")[-1]
    Decimal('-1.07')
    """
    return _core.bridge(dict(a), dict(b))
