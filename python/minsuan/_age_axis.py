"""Ages as an axis of a plot: tables by age, middles of their groups, and what is refused there."""

from __future__ import annotations

import itertools
import math
import re
from typing import Any

from minsuan._core import Base, Table
from minsuan._display import options
from minsuan._drawing import TEXT
from minsuan._errors import DataError

# What a column of a plain table is, where it has no label of its own.
MEANINGS = {
    "zh": {
        "p50": "人数（人）",
        "value": "人数（人）",
        "mx": "死亡率 m(x)",
        "qx": "死亡概率 q(x)",
        "fx": "生育率",
    },
    "en": {
        "p50": "persons",
        "value": "persons",
        "mx": "death rate m(x)",
        "qx": "q(x)",
        "fx": "fertility rate",
    },
}


def words_of(lang: str | None) -> tuple[str, dict[str, str]]:
    """The language and its words."""
    chosen = lang or options.lang
    if chosen not in TEXT:
        raise DataError(f"lang: no such language (got {chosen!r}); expected {' or '.join(TEXT)}")
    return chosen, TEXT[chosen]


def people(table: Any) -> Any:
    """The table of a base or of draws by age; a table as it is."""
    if isinstance(table, Base):
        return table.by_age(1)
    return table.by_age() if hasattr(table, "by_age") else table


def first_age(label: Any, row: int) -> int:
    """The first age of 5-9, 85+, 0岁, 5岁及以上."""
    found = re.match(r"\s*(\d{1,3})", str(label))
    if found is None:
        raise DataError(f"row {row}: age: no age group (got {label!r}); expected 0, 5-9, 85+ or 5岁及以上")
    return int(found.group(1))


def middles(table: Table) -> tuple[Any, float]:
    """Middles of the age groups and their width: single years as numbers, or labels such as 5-9 and 85+."""
    ages = table.to_list("age")
    if not any(isinstance(a, str) for a in ages):
        return table["age"], 1.0
    first = [first_age(a, i + 1) for i, a in enumerate(ages)]
    width = min((b - a for a, b in itertools.pairwise(first)), default=1)
    return [a + (width - 1) / 2 for a in first], float(width)


def known(table: Table, *columns: str) -> None:
    """Refuses cells without a number: a bar of nobody would be drawn for what is not known."""
    for column in columns:
        lost = [i for i, v in enumerate(table.to_list(column), 1) if v is None or not math.isfinite(v)]
        if lost:
            rows = ", ".join(map(str, lost[:5])) + (" …" if len(lost) > 5 else "")
            raise DataError(
                f"{column}: unknown in {len(lost)} rows ({rows}); expected a number for every age"
            )
