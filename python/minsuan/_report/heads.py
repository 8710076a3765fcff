"""Payments and heads of overlapping programs, as a table of the report."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from minsuan._report.blocks import Grid

if TYPE_CHECKING:
    from minsuan._report.content import _Numbers

#: Notes that every table of a run begins with.
_OF_EVERY_TABLE = 2


def grids(n: _Numbers, cell: Callable[[_Numbers, dict[str, Any], str], str]) -> list[Grid]:
    """A row for each count of each group; no table where no programs are counted together."""
    table, words = n.run.relief.heads(), n.words
    rows = []
    for group, count in dict.fromkeys(zip(table.to_list("group"), table.to_list("count"), strict=True)):
        part = table.filter(group=group, count=count)
        cells = []
        for year in n.years:
            row = part.filter(year=year)
            cells.append(cell(n, row[0], row[0]["unit"]) if len(row) else "—")
        unit = part[0]["unit"]
        label = f"{group}: {count}" if n.lang == "en" else part[0]["label"]
        rows.append([label, words["units"].get(unit, unit), *cells])
    if not rows:
        return []
    headings = [words["program"], words["unit"], *map(str, n.years)]
    numeric = [False, False] + [True] * len(n.years)
    notes = [words["cells"], *table.notes[_OF_EVERY_TABLE:]]
    return [Grid(words["table_heads"], headings, rows, numeric, notes)]
