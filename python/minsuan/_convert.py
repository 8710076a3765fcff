"""Tables between minsuan and pandas or polars; nothing here needs pyarrow."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas
    import polars

    from minsuan._core import Table


def whole(**counts: int) -> None:
    """Refuses what is no whole number from 0 on, by the name of its argument."""
    from minsuan._errors import DataError

    for name, value in counts.items():
        try:
            number = operator.index(value)
        except TypeError:
            raise DataError(f"{name}: not a whole number (got {value!r})") from None
        if isinstance(value, bool) or not 0 <= number < 2**64:
            raise DataError(f"{name}: out of range (got {value!r}); expected a whole number from 0 on")


def to_pandas(table: Table) -> pandas.DataFrame:
    """A pandas frame; labels, units, title and notes are in `attrs`."""
    import pandas

    columns: dict[str, Any] = {}
    for name in table.columns:
        values = table[name]
        if values.dtype == float and any(isinstance(v, int) for v in table.to_list(name)):
            # Integers with nulls: pandas has a type that keeps them whole.
            columns[name] = pandas.array(table.to_list(name), dtype="Int64")
        else:
            columns[name] = values
    frame = pandas.DataFrame(columns)
    frame.attrs.update(title=table.title, labels=table.labels, units=table.units, notes=table.notes)
    return frame


def to_polars(table: Table) -> polars.DataFrame:
    """A polars frame, without a copy."""
    import polars

    return polars.DataFrame(table)


def columns(data: Any) -> list[tuple[str, list[Any]]] | None:
    """The columns of a pandas frame, a dict of columns or a list of dicts; None where it is none."""
    if isinstance(data, dict):
        pairs = [(name, values) for name, values in data.items()]
    elif isinstance(data, list) and data and all(isinstance(row, dict) for row in data):
        names = list(dict.fromkeys(name for row in data for name in row))
        pairs = [(name, [row.get(name) for row in data]) for name in names]
    elif type(data).__module__.split(".")[0] == "pandas" and hasattr(data, "columns"):
        pairs = [(name, data[name]) for name in data.columns]
    else:
        return None
    return [(str(name), _values(values)) for name, values in pairs]


def _values(values: Any) -> list[Any]:
    items = values.tolist() if hasattr(values, "tolist") else list(values)
    plain = [_plain(item) for item in items]
    known = [v for v in plain if v is not None]
    # A column of numbers and words (as a sheet gives it) is a column of words; True among numbers is one.
    if len({v.__class__ if isinstance(v, (bool, str)) else float for v in known}) > 1:
        return [v if v is None or isinstance(v, str) else _word(v) for v in plain]
    return plain


def _plain(value: Any) -> Any:
    """None, bool, int, float or str; missing values of pandas and numpy are None."""
    if value is None or type(value).__name__ in ("NAType", "NaTType") or value != value:
        return None
    if isinstance(value, (bool, int, float, str)):
        return value
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "item"):
        return _plain(value.item())
    return str(value)


def _word(value: Any) -> str:
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value)) if whole else str(value)
