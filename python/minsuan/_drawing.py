"""What all plots are drawn with: colours, words, the Chinese font, axes and checked columns."""

from __future__ import annotations

import importlib.util
import io
import re
from functools import cache
from pathlib import Path
from typing import Any

from minsuan._core import Table
from minsuan._errors import DataError

try:
    import matplotlib
    from matplotlib import font_manager
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, MaxNLocator
except ImportError as error:
    raise ImportError('plots need matplotlib and zhplot: pip install "minsuan[plots]"') from error

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

TEXT = {
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


class Shown(Figure):
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


def canvas(width: float, height: float, panels: tuple[int, int] = (1, 1)) -> tuple[Figure, list[Axes]]:
    figure = Shown(figsize=(width, height), layout="constrained", facecolor="white")
    axes = figure.subplots(*panels, squeeze=False)
    return figure, list(axes.flat)


def finish(figure: Figure, table: Table, title: str) -> Figure:
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


def take(table: Any, *needed: str) -> Table:
    taken = table if isinstance(table, Table) else Table(table)
    lost = [name for name in needed if name not in taken]
    if lost:
        raise DataError(f"the table has no column {', '.join(lost)}; expected {', '.join(needed)}")
    return taken


def pick(table: Table, column: str, wanted: Any) -> Table:
    picked = table.filter(**{column: wanted})
    if not len(picked):
        there = ", ".join(map(str, dict.fromkeys(table.to_list(column))))
        raise DataError(f"{column}: nothing for {wanted!r}; expected one of {there}")
    return picked


def number_axis(axes: Axes, which: str, scale: float = 1.0) -> None:
    def shown(value: float, _place: int | None = None) -> str:
        value = abs(value) / scale
        return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:,.2f}".rstrip("0")

    (axes.xaxis if which == "x" else axes.yaxis).set_major_formatter(FuncFormatter(shown))


def year_axis(axes: Axes, most: int = 9) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=most))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _p=None: f"{v:.0f}"))


def with_unit(label: str, unit: str, words: dict[str, str]) -> str:
    return words["unit"].format(label, unit) if unit else label


def first_value(table: Table, column: str) -> str:
    return str(next((v for v in table.to_list(column) if v is not None), "")) if column in table else ""


def band(axes: Axes, table: Table, low: str, high: str, color: str, alpha: float, label: str) -> None:
    if low in table and high in table:
        axes.fill_between(
            table["year"], table[low], table[high], color=color, alpha=alpha, linewidth=0, label=label
        )
