"""Arguments of trends as people hand them in: lists, arrays, pandas series, years with their values.

What is no number, no series or no time is told as a DataError with the argument, the value and what was
expected; the core never sees it.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from minsuan._errors import DataError

_SERIES = "a list of numbers, an array, a pandas or polars series, or a dict such as {2019: 412, 2020: 398}"
_NO_ORDER = (set, frozenset)


def told(message: str, *, column: str, value: Any = None, expected: str, row: int | None = None) -> DataError:
    """A DataError in the words of the core: `row 3: column: message (got "value"); expected …`."""
    shown = None if value is None else str(value)[:120]
    where = "" if row is None else f"row {row}: "
    got = "" if shown is None else f' (got "{shown}")'
    problem = {
        "file": None, "row": row, "column": column, "value": shown, "message": message, "expected": expected,
    }  # fmt: skip
    return DataError(f"{where}{column}: {message}{got}; expected {expected}", [problem])


class Given(NamedTuple):
    """A series as it was handed in."""

    values: list[Any]
    times: list[str] | None


def given(values: Any, times: Any = None, name: str = "values") -> Given:
    """The values, and their times where there are any: `times`, the keys of a dict, the index of a pandas
    series (but not its row numbers), the column year of a table."""
    own: list[Any] | None = None
    if isinstance(values, Mapping):
        own, items = list(values.keys()), list(values.values())
    elif _is_table(values):
        own, items = _columns(values, name)
    elif _of(values, "pandas") and hasattr(values, "index") and hasattr(values, "to_list"):
        # NaN is how pandas writes a gap.
        items = [None if isinstance(v, float) and v != v else v for v in values.to_list()]
        own = _index(values.index)
    else:
        items = listed(values, name, _SERIES)
    if times is not None:
        told_times = listed(times, "times", "one time a value, such as range(2015, 2024)")
        return Given(items, [as_time(t) for t in told_times])
    return Given(items, None if own is None else [as_time(t) for t in own])


def on_grid(values: Any, name: str = "values") -> list[Any]:
    """The values alone; missing times are gaps."""
    from minsuan import _core

    items, times = given(values, name=name)
    return items if times is None else _core.trends_on_grid(items, times)


def listed(values: Any, name: str, expected: str) -> list[Any]:
    """What can be gone through in an order, as a list."""
    if values is None or isinstance(values, (str, bytes, Mapping, *_NO_ORDER)):
        what = "a set has no order" if isinstance(values, _NO_ORDER) else "not a series"
        raise told(what, column=name, value=repr(values), expected=expected)
    try:
        # Arrow arrays give their items as scalars.
        return list(values.to_pylist() if hasattr(values, "to_pylist") else values)
    except TypeError:
        raise told("not a series", column=name, value=repr(values), expected=expected) from None


def _of(value: Any, package: str) -> bool:
    return type(value).__module__.split(".")[0] == package


def _is_table(values: Any) -> bool:
    return hasattr(values, "columns") and (
        hasattr(values, "__arrow_c_stream__") or _of(values, "pandas") or _of(values, "polars")
    )


def _columns(table: Any, name: str) -> tuple[list[Any], list[Any]]:
    from minsuan._core import Table

    taken = table if isinstance(table, Table) else Table(table)
    if "year" in taken and "value" in taken:
        return taken.to_list("year"), taken.to_list("value")
    expected = "columns year and value, or one column: table['persons']"
    raise told("a table of many columns", column=name, value=", ".join(taken.columns), expected=expected)


def _index(index: Any) -> list[Any] | None:
    """The index as times; None where it only numbers the rows or names them."""
    if type(index).__name__ == "RangeIndex" and index.start == 0 and index.step == 1:
        return None
    from minsuan import _core

    labels = list(index)
    return labels if labels and _core.trends_are_times([as_time(t) for t in labels]) else None


def as_time(value: Any) -> str:
    """A time as the core reads it."""
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def whole(name: str, value: Any, least: int = 0, most: int = 2**63 - 1, such: str = "") -> int:
    """A whole number of an argument."""
    expected = such or (f"a whole number from {least} on" if most > 2**60 else f"{least} to {most}")
    try:
        number = operator.index(value)
    except TypeError:
        raise told("not a whole number", column=name, value=repr(value), expected=expected) from None
    if isinstance(value, bool) or not least <= number <= most:
        what = "not a whole number" if isinstance(value, bool) else "out of range"
        raise told(what, column=name, value=repr(value), expected=expected)
    return number


def number(name: str, value: Any, expected: str = "a number", least: float | None = None) -> float:
    """A finite number of an argument."""
    wrong = isinstance(value, (bool, str, bytes)) or value is None
    try:
        read = float("nan") if wrong else float(value)
    except (TypeError, ValueError):
        read = float("nan")
    if read != read or abs(read) == float("inf") or (least is not None and read < least):
        what = "not a number" if wrong or read != read else "out of range"
        raise told(what, column=name, value=repr(value), expected=expected)
    return read


def numbers(name: str, values: Any, expected: str) -> list[float]:
    """Numbers of an argument, each of them one."""
    return [number(name, v, expected) for v in listed(values, name, expected)]


def levels(value: Any) -> list[float]:
    """Levels in percent: several, or one."""
    expected = "percentages from 1 to below 100, such as (80, 95)"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return [number("levels", value, expected)]
    if isinstance(value, _NO_ORDER):
        value = sorted(value, key=str)
    return numbers("levels", value, expected)


def breaks(value: Any) -> tuple[bool, list[int]]:
    """Whether breaks are searched, and the positions that are given."""
    expected = 'None, "auto" or positions such as [3], the first value (from 0) of each new regime'
    if value is None:
        return False, []
    if isinstance(value, str) and value == "auto":
        return True, []
    if isinstance(value, (str, bytes, bool)) or not isinstance(value, Iterable):
        raise told("no breaks", column="breaks", value=repr(value), expected=expected)
    if isinstance(value, Mapping) or _is_table(value):
        such = expected + "; of a table its column position"
        raise told("no positions", column="breaks", value=type(value).__name__, expected=such)
    return False, [whole("breaks", v, 0, such=expected) for v in value]


def auto(value: Any) -> bool:
    """Breaks of a panel, whose series have no positions in common."""
    if value is None or (isinstance(value, str) and value == "auto"):
        return value is not None
    raise told("no breaks of a panel", column="breaks", value=repr(value), expected='None or "auto"')


def text(name: str, value: Any, expected: str) -> str:
    """A text of an argument."""
    if not isinstance(value, str):
        raise told("not a text", column=name, value=repr(value), expected=expected)
    return value


def of_class(name: str, value: Any) -> Any:
    """A reference class, or None."""
    from minsuan._core import ReferenceClass

    if value is None or isinstance(value, ReferenceClass):
        return value
    raise told("not a reference class", column=name, value=repr(value), expected="one from reference_class()")


def rows_of_numbers(name: str, rows: Any, expected: str) -> Sequence[Sequence[float]]:
    """Rows of numbers."""
    return [numbers(name, row, expected) for row in listed(rows, name, expected)]


def horizon(value: Any) -> int:
    """Steps ahead; 0 and more than 100 are told by the core, as what can't be forecast."""
    return whole("horizon", value, 0, 2**32, "1 to 100 steps")


def period(value: Any) -> int:
    """Values a year."""
    such = "values a year: 1 for years, 4 for quarters, 12 for months, at most 1000"
    return whole("period", value, 0, 1000, such)


def column(name: str, value: Any) -> str:
    """The name of a column."""
    return text(name, value, "the name of a column")
