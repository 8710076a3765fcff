"""Checks: of a plan's figures, of statistical tables; Chinese numbers; a ledger drafted from a text.

A case is checked with ``case.check()``; the functions here work without a case folder. Every table of
findings has the columns ``check, family, verdict, figures, formula, stated, computed, gap, unit,
gap_share, money, sentence``; the gravest come first.

>>> import minsuan as ms
>>> sheet = {"指标": ["一、社会救助", "（一）低保", "（二）特困"], "数量": [100.0, 60.2, 30.5]}
>>> ms.checks.table(sheet).to_list("verdict")
['info']
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import Any

from minsuan import _core
from minsuan._core import Table
from minsuan._errors import DataError

__all__ = ["cumulative", "draft", "equal", "plan", "read_number", "rules", "table"]


def table(data: Any, *, encoding: str | None = None) -> Table:
    """Findings about one statistical table, with cell addresses.

    The first column of text names the indicators; their numbering (合计, 一、, （一）, 1.) and 小计 say what
    adds up to what, 其中 and ``#`` mark subsets that are not added; columns add (合计 = 男 + 女) where the
    rows say so. Sums hold within (n+1) half units of the last printed place; rates and averages are not
    summed. Growth columns (同比, 增长) are recomputed from this year's and last year's or from the last two
    years of the header, shares in percentage points; codes that a spreadsheet turned into
    ``4.33E+11`` are found.

    ``data``: anything that is a table, or a path; titles above the header are passed over. Raises
    ``DataError`` where nothing names the rows and no column holds codes.

    >>> import minsuan as ms
    >>> sheet = {"指标": ["合计", "一、城市", "二、农村"], "数量": [17.4, 5.3, 11.9]}
    >>> ms.checks.table(sheet).to_list("verdict")
    ['contradiction']
    """
    return _core.statistics_check(data, encoding)


def equal(a: Any, b: Any, on: str, *, encoding: str | None = None) -> Table:
    """Cells in which two tables differ: rows joined by the column ``on``, each shared column compared.

    Rows of one table alone are information, a blank against a value is probable, a name that stands more
    often in one table than in the other is ambiguous.

    >>> import minsuan as ms
    >>> a, b = {"指标": ["孤儿"], "数量": [49]}, {"指标": ["孤儿"], "数量": [48]}
    >>> ms.checks.equal(a, b, on="指标").to_list("figures")
    [['表一B1', '表二B1']]
    """
    return _core.statistics_equal(a, b, on, encoding)


def cumulative(values: Iterable[Any], label: str = "") -> Table:
    """Falls in a series that accumulates since January: a correction, or a mistake.

    ``values`` in order, the first of a January, a gap is ``None``; a new year is information.
    ``ms.trends.decumulate`` gives the flows.

    >>> import minsuan as ms
    >>> len(ms.checks.cumulative([10, 25, 24, 40], "救助资金"))
    1
    """
    return _core.statistics_cumulative(label, [None if v is None else str(v) for v in values])


def plan(
    figures: str | PathLike[str],
    checks: str | PathLike[str] | None = None,
    text: str | PathLike[str] | None = None,
    place: str = "",
) -> Table:
    """Findings about a plan from its files: ``figures.csv``, and if there are any ``checks.toml`` and text.

    ``place`` is a GB/T 2260 code, for rules by place. Raises ``CaseError`` with every problem of the files.
    """
    return _core.plan_check(figures, checks, text, place)


def draft(text: str | PathLike[str], out: str | PathLike[str] | None = None) -> dict[str, Any]:
    """Drafts a ledger from a plan's text, for a person to finish; written to ``out`` where given.

    Returns ``csv`` (the text of a figures.csv), ``rows`` (how many figures), ``unread`` (line and words
    of numbers without a known unit: told, not guessed). ``out`` appears whole or not at all. Raises
    ``CaseError`` or ``DataError`` where ``text`` is missing, empty, binary or in another encoding.
    """
    _must_be_text(Path(text))
    csv, rows, unread = _core.plan_draft(text)
    if out is not None:
        # A spreadsheet takes UTF-8 for what it is only with its mark.
        _write_whole(Path(out), csv.encode("utf-8-sig"))
    return {"csv": csv, "rows": rows, "unread": unread}


def _must_be_text(path: Path) -> None:
    expected = "expected a plan's text, .txt in UTF-8 or GB18030"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}; {expected}") from None
    if b"\0" in data:
        kind = "looks like UTF-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "is binary"
        raise DataError(f"{path}: {kind}; {expected}")
    if not data.removeprefix(b"\xef\xbb\xbf").strip():
        raise DataError(f"{path}: is empty; {expected}")
    for encoding in ("utf-8", "gb18030"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return
    raise DataError(f"{path}: is neither UTF-8 nor GB18030; {expected}")


def _write_whole(path: Path, data: bytes) -> None:
    """Writes beside the file and then puts it in its place."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            file.write(data)
            file.close()
            # A temporary file is its owner's alone; what is left here has the mode of any new file.
            mask = os.umask(0)
            os.umask(mask)
            os.chmod(file.name, 0o666 & ~mask)
            os.replace(file.name, path)
        except BaseException:
            file.close()
            Path(file.name).unlink(missing_ok=True)
            raise


def read_number(text: str) -> dict[str, Any]:
    """Reads one number as Chinese writes it: value, value_hi, bound, approximate, unit.

    Raises ``DataError`` for what is no certain number (数百, 三五个, 一万二).

    >>> import minsuan as ms
    >>> n = ms.checks.read_number("1.7万余人")
    >>> str(n["value"]), n["bound"], n["unit"]
    ('1.7', 'at_least', '万人')
    """
    return _core.plan_read_number(text)


def rules() -> Table:
    """The dated rules that are shipped: value, unit, place, from when to when, source, how sure.

    >>> import minsuan as ms
    >>> "urban_dibao_floor" in ms.checks.rules().to_list("id")
    True
    """
    return _core.plan_rules()
