"""Pictures of the annual inspection: conclusions by year, transitions as a flow, survival with bands."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from minsuan._core import Table
from minsuan._display import options
from minsuan._drawing import SERIES, canvas, finish, number_axis, pick, year_axis

COLORS = {
    "qualified": "#4a7c59",
    "basically_qualified": "#b89b3c",
    "unqualified": "#a3493f",
    "absent": "#8e5572",
    "exempt": "#aab2b9",
}
_WORDS = {
    "zh": {
        "qualified": "合格",
        "basically_qualified": "基本合格",
        "unqualified": "不合格",
        "absent": "未参检",
        "exempt": "免检",
        "association": "社会团体",
        "service_organization": "民办非企业单位",
        "foundation": "基金会",
        "unknown": "类型不明",
        "total": "合计",
        "organizations": "组织数（个）",
        "year": "年度",
        "age": "登记后年数（年）",
        "survival": "存续率",
        "before": "上年结论",
        "after": "本年结论",
        "conclusions": "历年年检结论",
        "transitions": "年检结论的年际变动",
        "survivals": "社会组织存续情况",
        "synthetic": "（合成数据）",
    },
    "en": {
        "transitions": "Conclusions from one year to the next",
        "survivals": "Survival of organizations by type",
        "synthetic": " (synthetic data)",
        "organizations": "organizations",
        "year": "year",
        "age": "years since registration",
        "survival": "share surviving",
        "before": "one year",
        "after": "the next",
        "conclusions": "Conclusions by year",
    },
}


def _word(key: str, lang: str) -> str:
    return _WORDS[lang].get(key, key.replace("_", " "))


def _title(table: Table, what: str, lang: str, kind: str | None = None) -> str:
    colon = "：" if lang == "zh" else ": "
    of = "" if kind is None else colon + _word(kind, lang)
    return f"{_word(what, lang)}{of}{_word('synthetic', lang) if '合成' in table.title else ''}"


def _end(figure: Figure, table: Table, title: str, lang: str) -> Figure:
    """The footnote of a table is Chinese; in a picture for others it is left to the table."""
    shown: Any = table if lang == "zh" else SimpleNamespace(notes=[])
    return finish(figure, shown, title)


def conclusions(counts: Table, kind: str, lang: str | None) -> Figure:
    """Bars stacked by conclusion, one a year."""
    lang = lang or options.lang
    part = counts if kind == "total" else pick(counts, "type", kind)
    years = sorted(set(part.to_list("year")))
    figure, (axes,) = canvas(7.2, 3.8)
    bottom = np.zeros(len(years))
    for conclusion, color in COLORS.items():
        rows = part.filter(conclusion=conclusion).to_dicts()
        height = np.array([sum(r["count"] for r in rows if r["year"] == y) for y in years], dtype=float)
        if height.any():
            label = _word(conclusion, lang)
            axes.bar(years, height, bottom=bottom, color=color, width=0.72, label=label)
        bottom += height
    axes.set_ylabel(_word("organizations", lang), fontsize=9)
    year_axis(axes)
    number_axis(axes, "y")
    axes.legend(frameon=False, fontsize=8, ncols=5, loc="lower left", bbox_to_anchor=(0, 1))
    return _end(figure, part, _title(counts, "conclusions", lang, kind), lang)


def transitions(table: Table, kind: str, lang: str | None) -> Figure:
    """A flow from the conclusions of one year to those of the next, as wide as the organizations are many."""
    lang = lang or options.lang
    part = pick(table, "type", kind)
    flows = {(r["from"], r["to"]): r["count"] for r in part if r["count"]}
    states = [s for s in COLORS if any(s in pair for pair in flows)]
    total = sum(flows.values()) or 1
    gap = 0.03 * total
    figure, (axes,) = canvas(6.4, 4.2)

    def stack(side: int) -> dict[str, float]:
        place, at = {}, 0.0
        for state in reversed(states):
            place[state] = at
            at += sum(n for pair, n in flows.items() if pair[side] == state) + gap
        return place

    left, right = stack(0), stack(1)
    # A smooth step between the two sides.
    x = np.linspace(0.0, 1.0, 60)
    step = x * x * (3 - 2 * x)
    for side, (place, edge) in enumerate(((left, -0.04), (right, 1.0))):
        for state in states:
            height = sum(n for pair, n in flows.items() if pair[side] == state)
            axes.bar(edge, height, width=0.04, bottom=place[state], align="edge", color=COLORS[state])
            if height:
                shown = f"{_word(state, lang)} {height:,}"
                x_at, align = (-0.06, "right") if side == 0 else (1.06, "left")
                axes.text(x_at, place[state] + height / 2, shown, va="center", ha=align, fontsize=8.5)
    for source in reversed(states):
        for target in reversed(states):
            n = flows.get((source, target), 0)
            if n:
                low = left[source] + (right[target] - left[source]) * step
                axes.fill_between(x, low, low + n, color=COLORS[source], alpha=0.35, linewidth=0)
                left[source] += n
                right[target] += n
    axes.set_xlim(-0.42, 1.42)
    axes.set_xticks([-0.02, 1.02], [_word("before", lang), _word("after", lang)])
    axes.set_yticks([])
    figure = _end(figure, part, _title(table, "transitions", lang, kind), lang)
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return figure


def survival(table: Table, lang: str | None) -> Figure:
    """A step curve a type with its band."""
    lang = lang or options.lang
    figure, (axes,) = canvas(7.2, 3.8)
    kinds = [k for k in dict.fromkeys(table.to_list("type")) if k != "total"]
    for kind, color in zip(kinds, SERIES, strict=False):
        part = pick(table, "type", kind)
        band: Any = {"step": "post", "color": color, "alpha": 0.16, "linewidth": 0}
        axes.fill_between(part["age_years"], part["low"], part["high"], **band)
        label = _word(kind, lang)
        axes.step(part["age_years"], part["survival"], where="post", color=color, linewidth=1.6, label=label)
    axes.set_ylim(0, 1.02)
    axes.set_xlabel(_word("age", lang), fontsize=9)
    axes.set_ylabel(_word("survival", lang), fontsize=9)
    axes.legend(frameon=False, fontsize=8.5, loc="lower left")
    return _end(figure, table, _title(table, "survivals", lang), lang)
