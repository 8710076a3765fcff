"""Plots of minsuan's tables: pyramid, fan, age profile, places against demand, caseload, budget.

Each function takes a table (or whatever is one) and gives a matplotlib figure; nothing global is
changed: no pyplot, no rcParams. Matplotlib rather than a JavaScript chart, because a figure has to
stand in a Word report, on paper and on a page without a network; the Chinese is set in Noto Sans SC,
which the package zhplot carries, so that it shows on a machine without Chinese fonts.

Install with `pip install "minsuan[plots]"`.
"""

from __future__ import annotations

import importlib.util
import io
import itertools
import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from minsuan._core import Forecast, Table
from minsuan._display import options
from minsuan._errors import DataError

try:
    import matplotlib
    from matplotlib import font_manager
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, MaxNLocator
except ImportError as error:
    raise ImportError('plots need matplotlib and zhplot: pip install "minsuan[plots]"') from error

__all__ = ["age_profile", "budget", "caseload", "fan", "places", "pyramid", "svg", "trend"]

FEMALE, MALE = "#b5495b", "#2f6690"
DEMAND, SUPPLY = "#2f6690", "#c8722c"
# Told apart by people who see colours differently, and in grey.
SERIES = ("#2f6690", "#c8722c", "#4a7c59", "#8e5572", "#d3a0ae", "#b89b3c", "#a3493f", "#3c8d93", "#77674e")
GREY = "#6b7680"
_FONT_FILE = "NotoSansSC-Regular.ttf"
# Where zhplot is missing, one of these may be on the machine.
_SYSTEM_FONTS = (
    "Noto Sans SC",
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "SimHei",
)

_TEXT = {
    "zh": {
        "female": "女",
        "male": "男",
        "age": "年龄（岁）",
        "persons": "人数（人）",
        "year": "年份",
        "median": "中位数",
        "band": "{}%区间",
        "pyramid": "人口年龄结构",
        "demand": "需求",
        "supply": "供给",
        "observed": "统计数",
        "assumed": "假定",
        "projected": "预测中位数",
        "budget": "预算",
        "yuan": "金额（万元）",
        "total_p80": "合计P80",
        "other": "其他",
        "at": "{}年",
        "unit": "{}（{}）",
    },
    "en": {
        "female": "female",
        "male": "male",
        "age": "age (years)",
        "persons": "persons",
        "year": "year",
        "median": "median",
        "band": "{}% interval",
        "pyramid": "Population by age",
        "demand": "demand",
        "supply": "supply",
        "observed": "observed",
        "assumed": "assumed",
        "projected": "projected median",
        "budget": "Budget",
        "yuan": "10,000 yuan",
        "total_p80": "P80 of the total",
        "other": "other",
        "at": "{}",
        "unit": "{} ({})",
    },
}


class _Shown(Figure):
    """A figure that Jupyter shows although nobody imported pyplot."""

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi=110)
        return buffer.getvalue()


@cache
def font() -> str:
    """The family in which Chinese is set: zhplot's Noto Sans SC, found without importing zhplot."""
    spec = importlib.util.find_spec("zhplot")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / "fonts" / _FONT_FILE
        if path.is_file():
            font_manager.fontManager.addfont(path)
            return str(font_manager.FontProperties(fname=path).get_name())
    known = {f.name for f in font_manager.fontManager.ttflist}
    for name in _SYSTEM_FONTS:
        if name in known:
            return name
    raise ImportError('no font with Chinese: pip install "minsuan[plots]" brings one (zhplot)')


def svg(figure: Figure, *, salt: str = "minsuan") -> str:
    """The figure as an `<svg>` element for a page: glyphs as outlines, no font and no network needed.

    `salt` keeps the inner names of several figures on one page apart. The same figure gives the same text.

    >>> import minsuan as ms
    >>> rows = [{"age": a, "rate": a / 100} for a in range(60, 90)]
    >>> ms.plots.svg(ms.plots.age_profile(rows, "rate"))[:4]
    '<svg'
    """
    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "path", "svg.hashsalt": salt}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.S)
    # The page decides how wide it is; the view box keeps the proportions.
    opening, rest = text.split(">", 1)
    return re.sub(r' (width|height)="[^"]+"', "", opening) + ' width="100%">' + rest


def _figure(width: float, height: float, panels: tuple[int, int] = (1, 1)) -> tuple[Figure, list[Axes]]:
    figure = _Shown(figsize=(width, height), layout="constrained", facecolor="white")
    axes = figure.subplots(*panels, squeeze=False)
    return figure, list(axes.flat)


def _finish(figure: Figure, table: Table, title: str) -> Figure:
    """Sets title, source and font; what is set here holds when the figure is drawn later."""
    figure.suptitle(title, fontsize=13, x=0.01, ha="left")
    if table.notes:
        figure.supxlabel(table.notes[0], fontsize=7.5, color=GREY, x=0.01, ha="left")
    family = font()
    for axes in figure.axes:
        axes.tick_params(labelfontfamily=family, labelsize=8.5, colors="#39434c", length=3)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        for side in ("left", "bottom"):
            axes.spines[side].set_color("#aab2b9")
        axes.grid(axis="y", color="#e4e8eb", linewidth=0.7)
        axes.set_axisbelow(True)
    for item in figure.findobj(matplotlib.text.Text):
        item.set_fontfamily(family)
    return figure


def _take(table: Any, *needed: str) -> Table:
    taken = table if isinstance(table, Table) else Table(table)
    lost = [name for name in needed if name not in taken]
    if lost:
        raise DataError(f"the table has no column {', '.join(lost)}; expected {', '.join(needed)}")
    return taken


def _pick(table: Table, column: str, wanted: Any) -> Table:
    picked = table.filter(**{column: wanted})
    if not len(picked):
        there = ", ".join(map(str, dict.fromkeys(table.to_list(column))))
        raise DataError(f"{column}: nothing for {wanted!r}; expected one of {there}")
    return picked


def _ages(table: Table) -> tuple[Any, float]:
    """Middles of the age groups and their width: single years as numbers, or labels such as 5-9 and 85+."""
    ages = table.to_list("age")
    if not any(isinstance(a, str) for a in ages):
        return table["age"], 1.0
    first = [int(str(a).rstrip("+").split("-")[0]) for a in ages]
    width = min((b - a for a, b in itertools.pairwise(first)), default=1)
    return [a + (width - 1) / 2 for a in first], float(width)


def _numbers(axes: Axes, which: str, scale: float = 1.0) -> None:
    def shown(value: float, _place: int | None = None) -> str:
        value = abs(value) / scale
        return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:,.2f}".rstrip("0")

    (axes.xaxis if which == "x" else axes.yaxis).set_major_formatter(FuncFormatter(shown))


def _years(axes: Axes) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=9))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _p=None: f"{v:.0f}"))


def _unit(label: str, unit: str, words: dict[str, str]) -> str:
    return words["unit"].format(label, unit) if unit else label


def _first(table: Table, column: str) -> str:
    return str(next((v for v in table.to_list(column) if v is not None), "")) if column in table else ""


def _band(axes: Axes, table: Table, low: str, high: str, color: str, alpha: float, label: str) -> None:
    if low in table and high in table:
        axes.fill_between(
            table["year"], table[low], table[high], color=color, alpha=alpha, linewidth=0, label=label
        )


def pyramid(
    table: Any,
    year: int | None = None,
    *,
    other_year: int | None = None,
    interval: bool = True,
    lang: str | None = None,
) -> Figure:
    """Population pyramid by single years: women to the right, men to the left.

    `table` has year, sex (`female`, `male`), age and p50, as `run.population.by_age()` has; the interval is
    P10 to P90. `other_year` is laid over it as an outline. Without `year`, a table of one: `base.by_age(1)`.

    >>> import minsuan as ms
    >>> cells = [("female", a) for a in range(90)] + [("male", a) for a in range(90)]
    >>> rows = [{"year": 2019, "sex": sex, "age": age, "p50": 90.0 - age} for sex, age in cells]
    >>> figure = ms.plots.pyramid(rows, 2019)
    >>> len(figure.axes)
    1
    """
    lang = lang or options.lang
    words = _TEXT[lang]
    dated = ("year",) if year is not None or other_year is not None else ()
    whole = _take(table, *dated, "sex", "age", "p50")
    if year is None and "year" in whole and len(set(whole.to_list("year"))) > 1:
        raise DataError("year: not said; expected one of the table's years")
    figure, (axes,) = _figure(7.2, 6.4)
    for sex, side, color in (("female", 1, FEMALE), ("male", -1, MALE)):
        part = _pick(whole if year is None else _pick(whole, "year", year), "sex", sex)
        ages, width = _ages(part)
        axes.barh(
            ages, side * part["p50"], height=width, color=color, alpha=0.82, linewidth=0, label=words[sex]
        )
        if interval and "p10" in part and "p90" in part:
            axes.hlines(
                ages, side * part["p10"], side * part["p90"], color="#1e252b", linewidth=0.7, alpha=0.75
            )
        if other_year is not None:
            other = _pick(_pick(whole, "year", other_year), "sex", sex)
            outline = words["at"].format(other_year) if side == 1 else None
            axes.step(
                side * other["p50"],
                _ages(other)[0],
                where="mid",
                color="#1e252b",
                linewidth=1.2,
                label=outline,
            )
    if interval and "p10" in whole:
        axes.plot([], [], color="#1e252b", linewidth=0.7, label=words["band"].format(80))
    reach = max(abs(v) for v in axes.get_xlim())
    axes.set_xlim(-reach, reach)
    axes.axvline(0, color="white", linewidth=0.8)
    axes.set_ylabel(words["age"])
    axes.set_xlabel(words["persons"])
    _numbers(axes, "x")
    axes.legend(frameon=False, fontsize=8.5, loc="upper right")
    years = " / ".join(words["at"].format(y) for y in (year, other_year) if y is not None)
    return _finish(figure, whole, f"{words['pyramid']} {years}".strip())


def fan(table: Any, indicator: str = "60_plus", *, lang: str | None = None) -> Figure:
    """Fan chart of an indicator: median, 80 % (P10 to P90) and 95 % (P2.5 to P97.5) interval by year.

    >>> import minsuan as ms
    >>> rows = [{"year": y, "indicator": "total", "p10": 9.0, "p50": 10.0, "p90": 12.0} for y in (2019, 2020)]
    >>> ms.plots.fan(rows, "total").axes[0].get_ylabel()
    'total'
    """
    lang = lang or options.lang
    words = _TEXT[lang]
    whole = _take(table, "year", "indicator", "p50")
    part = _pick(whole, "indicator", indicator)
    label = (_first(part, "label") if lang == "zh" else "") or indicator
    figure, (axes,) = _figure(7.2, 4.0)
    _band(axes, part, "p2_5", "p97_5", DEMAND, 0.18, words["band"].format(95))
    _band(axes, part, "p10", "p90", DEMAND, 0.32, words["band"].format(80))
    axes.plot(part["year"], part["p50"], color=DEMAND, linewidth=2, label=words["median"])
    _years(axes)
    _numbers(axes, "y")
    axes.set_ylabel(_unit(label, _first(part, "unit"), words))
    axes.legend(frameon=False, fontsize=8.5, loc="best")
    return _finish(figure, whole, label)


def age_profile(
    table: Any, value: str = "p50", *, by: str = "sex", title: str = "", lang: str | None = None
) -> Figure:
    """A value by age, one line for each value of `by` (sex, level, year, …), one line where it is no column.

    >>> import minsuan as ms
    >>> rows = [{"age": a, "sex": "female", "rate": a / 100} for a in range(60, 90)]
    >>> len(ms.plots.age_profile(rows, "rate").axes[0].lines)
    1
    """
    lang = lang or options.lang
    words = _TEXT[lang]
    whole = _take(table, "age", value)
    groups: Iterable[Any] = dict.fromkeys(whole.to_list(by)) if by in whole else [None]
    figure, (axes,) = _figure(7.2, 4.0)
    for i, group in enumerate(groups):
        part = whole if group is None else whole.filter(**{by: group})
        color = {"female": FEMALE, "male": MALE}.get(str(group), SERIES[i % len(SERIES)])
        if value == "p50" and "p10" in part and "p90" in part:
            axes.fill_between(part["age"], part["p10"], part["p90"], color=color, alpha=0.2, linewidth=0)
        axes.plot(
            part["age"], part[value], color=color, linewidth=1.6, label=words.get(str(group), str(group))
        )
    axes.set_xlabel(words["age"])
    label = whole.labels[value] if lang == "zh" else value
    axes.set_ylabel(_unit(label, whole.units[value], words))
    _numbers(axes, "y")
    if by in whole:
        axes.legend(frameon=False, fontsize=8.5)
    return _finish(figure, whole, title or whole.title or label)


def places(table: Any, kinds: str | Sequence[str] | None = None, *, lang: str | None = None) -> Figure:
    """Demand against supply by year, one panel a kind of place; intervals are P10 to P90.

    `table` is that of `run.capacity.table()`; `kinds` is one kind, several, or all (None).

    >>> import minsuan as ms
    >>> rows = [{"kind": "beds", "year": y, "demand_p50": 9.0, "supply_p50": 8.0} for y in (2019, 2020)]
    >>> ms.plots.places(rows, "beds").axes[0].get_title(loc="left")
    'beds'
    """
    lang = lang or options.lang
    words = _TEXT[lang]
    whole = _take(table, "kind", "year", "demand_p50", "supply_p50")
    every = list(dict.fromkeys(whole.to_list("kind")))
    chosen = every if kinds is None else [kinds] if isinstance(kinds, str) else list(kinds)
    columns = min(3, len(chosen))
    rows = -(-len(chosen) // columns)
    figure, panels = _figure(3.4 * columns + 0.8, 2.6 * rows + 0.7, (rows, columns))
    for axes in panels[len(chosen) :]:
        axes.set_visible(False)
    for axes, kind in zip(panels, chosen, strict=False):
        part = _pick(whole, "kind", kind)
        for side, color in (("demand", DEMAND), ("supply", SUPPLY)):
            _band(axes, part, f"{side}_p10", f"{side}_p90", color, 0.22, "_")
            style = "-" if side == "demand" else "--"
            axes.plot(part["year"], part[f"{side}_p50"], style, color=color, linewidth=1.8, label=words[side])
        label = (_first(part, "label") if lang == "zh" else "") or kind
        axes.set_title(_unit(label, _first(part, "unit"), words), fontsize=9.5, loc="left")
        axes.set_ylim(bottom=0)
        _years(axes)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
        _numbers(axes, "y")
    panels[0].legend(frameon=False, fontsize=8.5)
    return _finish(figure, whole, whole.title or f"{words['demand']} / {words['supply']}")


def caseload(table: Any, programs: str | Sequence[str] | None = None, *, lang: str | None = None) -> Figure:
    """Caseload by year, one panel a program: what was counted, what is assumed, the fan of the projection.

    `table` is that of `run.relief.caseload()`, with status `observed`, `assumed` or `projected`.

    >>> import minsuan as ms
    >>> years = {2019: "observed", 2020: "projected"}
    >>> rows = [{"program": "orphans", "year": y, "status": s, "p50": 40.0} for y, s in years.items()]
    >>> ms.plots.caseload(rows, "orphans", lang="en").axes[0].get_title(loc="left")
    'orphans'
    """
    lang = lang or options.lang
    words = _TEXT[lang]
    whole = _take(table, "program", "year", "status", "p50")
    every = list(dict.fromkeys(whole.to_list("program")))
    chosen = every if programs is None else [programs] if isinstance(programs, str) else list(programs)
    columns = min(3, len(chosen))
    rows = -(-len(chosen) // columns)
    figure, panels = _figure(3.4 * columns + 0.8, 2.6 * rows + 0.7, (rows, columns))
    for axes in panels[len(chosen) :]:
        axes.set_visible(False)
    years = [int(y) for y in whole.to_list("year")]
    for axes, program in zip(panels, chosen, strict=False):
        part = _pick(whole, "program", program)
        ahead = part.filter(status="projected")
        if len(ahead):
            _band(axes, ahead, "p2_5", "p97_5", DEMAND, 0.16, words["band"].format(95))
            _band(axes, ahead, "p10", "p90", DEMAND, 0.3, words["band"].format(80))
            # One year alone, as before a duty was handed over, is no line.
            mark = "o" if len(ahead) == 1 else ""
            axes.plot(
                ahead["year"], ahead["p50"], color=DEMAND, linewidth=1.8, marker=mark, markersize=4.5,
                label=words["projected"],
            )  # fmt: skip
        for status, mark, face in (("observed", "o", "#1e252b"), ("assumed", "o", "white")):
            known = part.filter(status=status)
            if len(known):
                axes.plot(
                    known["year"], known["p50"], mark, color="#1e252b", markerfacecolor=face, markersize=4.5,
                    label=words[status],
                )  # fmt: skip
        unit = _first(part, "unit")
        label = (_first(part, "label") if lang == "zh" else "") or program
        axes.set_title(_unit(label, unit, words), fontsize=9.5, loc="left")
        axes.set_ylim(bottom=0)
        axes.set_xlim(min(years) - 0.8, max(years) + 0.8)
        _years(axes)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
        _numbers(axes, "y")
    handles: dict[str, Any] = {}
    for axes in panels:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            handles.setdefault(label, handle)
    legend = figure.legend if len(chosen) > 1 else panels[0].legend
    place = {"loc": "outside upper right", "ncols": 5} if len(chosen) > 1 else {"loc": "best"}
    legend(handles.values(), handles.keys(), frameon=False, fontsize=8, **place)
    return _finish(figure, whole, whole.title)


def trend(
    history: Any,
    forecast: Forecast,
    *,
    breaks: Any = None,
    others: bool = True,
    lang: str | None = None,
) -> Figure:
    """History with its breaks marked and named, fan of 50, 80 and 95 %, other methods as thin lines.

    `history` has columns year and value, one row a year, as `ms.trends.series` gives it; `breaks` has
    year and reason, as `ms.trends.documented_breaks` gives it.

    >>> import minsuan as ms
    >>> past = ms.trends.series("urban_dibao_persons", "三明市")
    >>> f = ms.trends.forecast(past.to_list("value"))
    >>> len(ms.plots.trend(past, f).axes[0].collections)
    3
    """
    from minsuan import _trend_plot

    return _trend_plot.trend(history, forecast, breaks, others, lang)


def budget(table: Any, *, kind: str | None = None, top: int = 8, lang: str | None = None) -> Figure:
    """Stacked bars of the budget by year, the largest `top` lines by name, with the P80 of the total.

    `table` is that of `run.budget.table()`; `kind` is `recurrent`, `capital` or None for both. The P80 is
    shown with both kinds only, because quantiles of parts do not add.

    >>> import minsuan as ms
    >>> rows = [{"line": "child_directors", "year": y, "amount": 360_000.0} for y in (2020, 2021)]
    >>> [int(bar.get_height()) for bar in ms.plots.budget(rows).axes[0].patches]
    [360000, 360000]
    """
    lang = lang or options.lang
    words = _TEXT[lang]
    whole = _take(table, "line", "year", "amount")
    part = whole if kind is None else _pick(whole, "kind", kind)
    totals = whole.filter(line="total")
    lines: dict[str, dict[int, float]] = {}
    names: dict[str, str] = {}
    for row in part:
        if row["line"] != "total" and row["amount"] is not None:
            lines.setdefault(row["line"], {})[row["year"]] = float(row["amount"])
            names[row["line"]] = (row.get("label") if lang == "zh" else None) or row["line"]
    if not lines:
        raise DataError("the table has no budget line; expected rows other than `total`")
    ordered = sorted(lines, key=lambda line: -sum(lines[line].values()))
    years = sorted({year for values in lines.values() for year in values})
    figure, (axes,) = _figure(8.4, 4.6)
    base = [0.0] * len(years)
    groups: list[tuple[str, list[str]]] = [(names[line], [line]) for line in ordered[:top]]
    if ordered[top:]:
        groups.append((words["other"], ordered[top:]))
    for i, (name, members) in enumerate(groups):
        heights = [sum(lines[m].get(year, 0.0) for m in members) for year in years]
        color = GREY if len(members) > 1 else SERIES[i % len(SERIES)]
        axes.bar(years, heights, bottom=base, color=color, width=0.72, label=name)
        base = [b + h for b, h in zip(base, heights, strict=True)]
    if kind is None and len(totals) and "p80" in totals:
        p80 = [float("nan") if v is None else float(v) for v in totals.to_list("p80")]
        axes.plot(totals["year"], p80, "_", color="#1e252b", markersize=13, label=words["total_p80"])
    _years(axes)
    _numbers(axes, "y", 10_000.0)
    axes.set_ylabel(words["yuan"])
    figure.legend(*axes.get_legend_handles_labels(), frameon=False, fontsize=8, loc="outside right upper")
    return _finish(figure, whole, whole.title or words["budget"])
