"""How a table shows itself: aligned text in a terminal, HTML in Jupyter."""

from __future__ import annotations

import html as _html
import shutil
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from minsuan import _core

if TYPE_CHECKING:
    from minsuan._core import Table


@dataclass
class Options:
    """How tables show themselves; set the fields of `ms.options`.

    `lang`: "zh" (labels) or "en" (field names); `max_rows`: longer tables are cut in the middle;
    `max_cell`: longer texts are cut in a terminal.

    >>> import minsuan as ms
    >>> ms.options.lang
    'zh'
    """

    lang: str = "zh"
    max_rows: int = 20
    max_cell: int = 36


options = Options()

_WORDS = {
    "zh": {
        "interval": "{}%区间",
        "cut": "共 {rows:,} 行，只显示前 {head} 行和后 {tail} 行",
        "columns": "共 {all} 列，为适应屏幕省略 {cut} 列：{names}",
        "empty": "（空表）",
        "unit": "{}（{}）",
        "unit_of_all": "　单位：{}",
        "yes": "是",
        "no": "否",
        "comma": "、",
        "to": "～",
    },
    "en": {
        "interval": "{}% interval",
        "cut": "{rows:,} rows, the first {head} and the last {tail} are shown",
        "columns": "{all} columns, {cut} left out to fit the screen: {names}",
        "empty": "(empty)",
        "unit": "{} ({})",
        "unit_of_all": " (unit: {})",
        "yes": "yes",
        "no": "no",
        "comma": ", ",
        "to": "–",
    },
}
# Counted in whole pieces once there are enough of them.
# What codes say in a Chinese table; the data keep the codes.
_MEANING = {
    "association": "社会团体",
    "service_organization": "民办非企业单位",
    "foundation": "基金会",
    "unknown": "类型不明",
    "total": "合计",
    "rectify": "限期整改",
    "revoke": "撤销登记",
    "qualified": "合格",
    "basically_qualified": "基本合格",
    "unqualified": "不合格",
    "absent": "未参检",
    "exempt": "免检",
    "end": "期末数",
    "cumulative": "累计数",
    "rate": "比率",
    "part": "分项",
    "listed": "所列分项",
    "subset": "其中项",
    "reported": "上报",
    "estimated": "推算",
    "projected": "预测",
}
_CODED = {"type", "action", "conclusion", "from", "to", "nature", "relation", "basis"}
_COUNTED = {"人", "户", "张", "个", "床", "人次", "具", "处", "所", "床位", "套", "穴", "座"}
_RIGHT = (int, float, Decimal)


@dataclass
class Column:
    """A column as it is shown: heading, cells as text, to which side they are set."""

    name: str
    heading: str
    cells: list[str]
    right: bool
    interval: bool = False


def number(value: float, unit: str = "") -> str:
    """A number with thousands separators and as many places as it bears.

    >>> number(45000.4, "人"), number(14.516, "%"), number(0.14516), number(1234567.891, "元")
    ('45,000', '14.52', '0.1452', '1,234,567.89')
    """
    size = abs(value)
    if unit.partition("/")[0] in _COUNTED:
        return _signless_zero(f"{value:,.0f}" if size >= 10 or value == int(value) else f"{value:,.1f}")
    if unit in ("%", "元", "岁"):
        return _signless_zero(f"{value:,.2f}")
    places = 0 if size >= 10_000 or value == 0 else 1 if size >= 100 else 2 if size >= 1 else 4
    return _signless_zero(f"{value:,.{places}f}")


def _signless_zero(text: str) -> str:
    return text[1:] if text.startswith("-") and not any(c in "123456789" for c in text) else text


def cell(value: Any, name: str = "", unit: str = "", lang: str = "zh") -> str:
    """One value as text; unknown is a dash, not zero."""
    words = _WORDS[lang]
    if value is None or (isinstance(value, float) and value != value):
        return "—"
    if isinstance(value, bool):
        return words["yes"] if value else words["no"]
    if isinstance(value, int):
        return str(value) if name in ("year", "年度", "年份") or name.endswith("_year") else f"{value:,}"
    if isinstance(value, Decimal):
        return f"{value:,}"
    if isinstance(value, float):
        return number(value, unit)
    if isinstance(value, list):
        return words["comma"].join(map(str, value))
    return str(value)


def _coded(names: list[str]) -> dict[str, dict[str, str]]:
    """The columns whose codes are told in words, each with its words."""
    found = {name: _MEANING for name in names if name in _CODED}
    if {"kind", "message", "expected"} <= set(names):
        # What is wrong in a register; kinds of places and lines have labels of their own.
        found["kind"] = _core.problem_kinds()
    return found


def layout(table: Table, lang: str, rows: list[int]) -> list[Column]:
    """The columns to show of some rows; the bounds of an interval stand in one column."""
    words = _WORDS[lang]
    part = table[rows[0] : rows[-1] + 1] if rows and len(rows) == rows[-1] - rows[0] + 1 else None
    records = part.to_dicts() if part is not None else [table[i] for i in rows]
    labels, units, names = table.labels, table.units, table.columns
    coded = _coded(names)
    columns = []
    for name in names:
        if _bound(name, names, upper=True):
            continue
        pair = _bound(name, names, upper=False)
        heading = labels[name] if lang == "zh" else name
        cells = []
        for record in records:
            unit = units[name] or (record.get("unit") or "" if "unit" in names else "")
            text = cell(record[name], name, unit, lang)
            if lang == "zh" and name in coded:
                text = coded[name].get(text, text)
            if pair is not None:
                low, high = record[name], record[pair[0]]
                text = (
                    "—"
                    if low is None or high is None
                    else f"{text}{words['to']}{cell(high, name, unit, lang)}"
                )
            cells.append(text)
        if pair is not None:
            stem = name[: -len(pair[2])].rstrip("_")
            if lang == "zh":
                whole = labels.get(f"{stem}_p50", "") if stem else ""
                for word in ("中位数", "P50", "（", "）"):
                    whole = whole.replace(word, "")
            else:
                whole = stem
            heading = f"{whole} {words['interval'].format(pair[1])}".strip()
            if not pair[1]:
                heading = labels[name].replace("下限", "区间") if lang == "zh" else f"{stem} interval".strip()
        if units[name]:
            heading = words["unit"].format(heading, units[name])
        if pair is None:
            cells = _as_precise(cells, [record[name] for record in records])
        right = pair is not None or any(isinstance(r[name], _RIGHT) for r in records)
        columns.append(Column(name, heading, cells, right, pair is not None))
    return columns


def _as_precise(cells: list[str], values: list[Any]) -> list[str]:
    """A column of floats without places that no value of it has: 94.0 and 4.2 under each other, not 94.00."""
    floats = [v for v in values if isinstance(v, float) and v == v]
    shown = max((len(c.partition(".")[2]) for c in cells), default=0)
    if not floats or not shown:
        return cells
    most = max(_places(v) for v in floats)
    return [c[: len(c) - cut] if (cut := len(c.partition(".")[2]) - max(most, 1)) > 0 else c for c in cells]


def _places(value: float) -> int:
    text = repr(value)
    return 17 if "e" in text else len(text.partition(".")[2].rstrip("0"))


_BOUNDS = (
    ("p2_5", "p97_5", 95),
    ("p10", "p90", 80),
    ("lower_80", "upper_80", 80),
    ("lower_95", "upper_95", 95),
    # Of a level that the notes give.
    ("low", "high", 0),
)


def _bound(name: str, names: list[str], *, upper: bool) -> tuple[str, int, str] | None:
    """The other bound, the level and the suffix where `name` is a bound and the other is there too."""
    for low, high, level in _BOUNDS:
        own, other = (high, low) if upper else (low, high)
        if name == own or name.endswith("_" + own):
            partner = name[: -len(own)] + other
            if partner in names:
                return partner, level, own
    return None


def _rows(table: Table, limit: int) -> tuple[list[int], int]:
    """The rows to show and how many of them stand before the cut (all where nothing is cut)."""
    count = len(table)
    if count <= limit:
        return list(range(count)), count
    head = limit - limit // 2
    return [*range(head), *range(count - limit // 2, count)], head


def _shown(table: Table, lang: str, limit: int) -> tuple[list[Column], int, str]:
    rows, head = _rows(table, limit)
    tail = len(rows) - head
    columns = layout(table, lang, rows[:head])
    if tail:
        for column, rest in zip(columns, layout(table, lang, rows[head:]), strict=True):
            column.cells += rest.cells
            column.right |= rest.right
    cut = _WORDS[lang]["cut"].format(rows=len(table), head=head, tail=tail) if tail else ""
    return columns, head, cut


def _width(text: str) -> int:
    wide = sum(1 for c in text if unicodedata.east_asian_width(c) in "WF")
    return len(text) + wide - sum(1 for c in text if unicodedata.combining(c))


def _fit(text: str, width: int) -> str:
    text = " ".join(text.split())
    if _width(text) <= width:
        return text
    kept, used = "", 0
    for c in text:
        used += _width(c)
        if used > width - 1:
            break
        kept += c
    return kept + "…"


def _pad(text: str, width: int, *, right: bool) -> str:
    blank = " " * (width - _width(text))
    return blank + text if right else text + blank


# What a reader misses least: other measures of the same number, the outer interval, marks.
_SPARE = (
    *("mean", "p95", "p2_5", "lower_95", "demand_p2_5", "supply_p2_5", "unit", "kind", "definition"),
    # Of the annual inspection: the rule's id beside its article, what is seldom or follows from the rest.
    *("rule", "article", "exempt", "qualified_rate_obliged", "relation", "nature", "cell"),
    # A change beside both figures and its percentage, what a code includes.
    *("change", "version", "form"),
)
_CODES = ("line", "program", "indicator", "kind", "path", "level")


def _least(columns: list[Column], lang: str) -> int | None:
    """Which column to leave out of a narrow terminal; None where none is missed less than the others.

    One that is empty in all rows shown; a code beside its Chinese label; what others nearly say.
    """
    names = [c.name for c in columns]
    for i, column in enumerate(columns):
        if all(c == "—" for c in column.cells):
            return i
    if lang == "zh" and "label" in names and names[0] in _CODES:
        return 0
    if lang == "zh" and "label" in names and names[0] == "type":
        # What the label says in Chinese: the type, or an indicator of it.
        return names.index("indicator") if "indicator" in names else 0
    # The interval of a rate before the rate.
    for i in reversed(range(len(columns))):
        if columns[i].interval and columns[i].name.removesuffix("_low") in names:
            return i
    for name in _SPARE:
        if name in names:
            return names.index(name)
    # The code of an organization begins with its type.
    if {"code", "type", "action"} <= set(names):
        return names.index("type")
    return None


# Texts are not cut below this, which a credit code needs.
_SHORTEST = 18


def _one_unit(columns: list[Column], lang: str) -> str:
    """Takes the unit that most headings carry out of them; what is put behind the title, or nothing."""
    pattern = _WORDS[lang]["unit"].format("", "\0").split("\0")
    found = [
        c.heading[c.heading.rindex(pattern[0]) + len(pattern[0]) : -len(pattern[1])]
        for c in columns
        if c.heading.endswith(pattern[1]) and pattern[0] in c.heading and c.right
    ]
    units = [u for u in found if found.count(u) >= 3]
    if not units:
        return ""
    unit = units[0]
    for column in columns:
        if column.right:
            column.heading = column.heading.removesuffix(f"{pattern[0]}{unit}{pattern[1]}")
    return _WORDS[lang]["unit_of_all"].format(unit)


def text(table: Table, *, lang: str | None = None, width: int | None = None) -> str:
    """The table as aligned text; `width` is that of the terminal where it is None."""
    lang = lang or options.lang
    words = _WORDS[lang]
    columns, head, cut = _shown(table, lang, options.max_rows)
    for column in columns:
        column.heading = _fit(column.heading, options.max_cell)
        column.cells = [_fit(c, options.max_cell) for c in column.cells]
    widths = [max(_width(t) for t in [c.heading, *c.cells]) for c in columns]
    limit = width or shutil.get_terminal_size((120, 24)).columns
    every = len(columns)
    order = {id(c): i for i, c in enumerate(columns)}
    left_out: list[Column] = []
    shared = ""

    def excess() -> int:
        return sum(widths) + 2 * (len(widths) - 1) - limit

    while excess() > 0 and len(columns) > 3:
        least = _least(columns, lang)
        if least is None and not shared and (shared := _one_unit(columns, lang)):
            # One unit for nearly all columns stands above the table, as in printed ones.
            for i, column in enumerate(columns):
                widths[i] = max(_width(t) for t in [column.heading, *column.cells])
            continue
        # Then long texts are cut before a column goes.
        longest = max((i for i, c in enumerate(columns) if not c.right), key=lambda i: widths[i], default=0)
        if least is None and not columns[longest].right and widths[longest] > _SHORTEST:
            width_now = max(_SHORTEST, widths[longest] - excess())
            column = columns[longest]
            column.heading = _fit(column.heading, width_now)
            column.cells = [_fit(c, width_now) for c in column.cells]
            widths[longest] = max(_width(t) for t in [column.heading, *column.cells])
            continue
        # What a row is about stands at its left and what it says at its right.
        least = len(columns) // 2 if least is None else least
        left_out.append(columns.pop(least))
        widths.pop(least)
    lines = [table.title + shared] if table.title + shared else []
    if columns:
        lines.append(
            "  ".join(_pad(c.heading, w, right=c.right) for c, w in zip(columns, widths, strict=True))
        )
        lines.append("  ".join("─" * w for w in widths))
    for i in range(len(columns[0].cells) if columns else 0):
        if cut and i == head:
            lines.append("…")
        cells = (_pad(c.cells[i], w, right=c.right) for c, w in zip(columns, widths, strict=True))
        lines.append("  ".join(cells).rstrip())
    if not len(table):
        lines.append(words["empty"])
    if cut:
        lines.append(cut)
    if left_out:
        named = sorted(left_out, key=lambda c: order[id(c)])
        names = words["comma"].join(c.heading for c in named)
        lines.append(words["columns"].format(all=every, cut=len(left_out), names=names))
    return "\n".join([*lines, *table.notes])


_STYLE = (
    "border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:13px;"
    "font-family:'Noto Sans SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',sans-serif"
)


def html(
    table: Table,
    *,
    lang: str | None = None,
    max_rows: int | None = None,
    title: bool = True,
    style: bool = True,
) -> str:
    """The table as HTML without scripts or links; every text is escaped."""
    lang = lang or options.lang
    columns, head, cut = _shown(table, lang, max_rows or options.max_rows)
    escape = _html.escape
    cell_style = (
        ' style="text-align:{};padding:3px 10px;border-bottom:1px solid #d9dee3"' if style else ' class="{}"'
    )

    def line(tag: str, cells: list[str]) -> str:
        parts = []
        for column, content in zip(columns, cells, strict=True):
            side = "right" if column.right else "left"
            shown = escape(content).replace("\n", "<br>")
            parts.append(f"<{tag}{cell_style.format(side)}>{shown}</{tag}>")
        return f"<tr>{''.join(parts)}</tr>"

    body = []
    for i in range(len(columns[0].cells) if columns else 0):
        if cut and i == head:
            body.append(f'<tr><td colspan="{len(columns)}" style="text-align:center">…</td></tr>')
        body.append(line("td", [c.cells[i] for c in columns]))
    if not len(table):
        body.append(f'<tr><td colspan="{max(len(columns), 1)}">{escape(_WORDS[lang]["empty"])}</td></tr>')
    parts = [f'<table class="minsuan"{f""" style="{_STYLE}" """.rstrip() if style else ""}>']
    if title and table.title:
        caption = ' style="text-align:left;font-weight:600;padding:4px 10px;color:inherit"' if style else ""
        parts.append(f"<caption{caption}>{escape(table.title)}</caption>")
    parts += [
        f"<thead>{line('th', [c.heading for c in columns])}</thead>",
        f"<tbody>{''.join(body)}</tbody></table>",
    ]
    for note in [cut, *table.notes] if cut else table.notes:
        parts.append(f'<p class="note" style="font-size:12px;opacity:.75;margin:2px 10px">{escape(note)}</p>')
    return "".join(parts)
