"""Plots of minsuan's tables: pyramid, fan, age profile, places against demand, caseload, budget.

Each function takes a table (or whatever is one) and gives a matplotlib figure; nothing global is
changed: no pyplot, no rcParams. Matplotlib rather than a JavaScript chart, because a figure has to
stand in a Word report, on paper and on a page without a network; the Chinese is set in Noto Sans SC,
which the package zhplot carries, so that it shows on a machine without Chinese fonts.

Install with `pip install "minsuan[plots]"`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from minsuan._age_axis import MEANINGS, known, middles, people, words_of
from minsuan._core import Forecast, Table
from minsuan._display import options
from minsuan._drawing import (
    DEMAND,
    FEMALE,
    GREY,
    MALE,
    SERIES,
    SUPPLY,
    TEXT,
    band,
    canvas,
    finish,
    first_value,
    number_axis,
    pick,
    svg,
    take,
    with_unit,
    year_axis,
)
from minsuan._errors import DataError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["age_profile", "budget", "caseload", "fan", "places", "pyramid", "svg", "trend"]


def pyramid(
    table: Any,
    year: int | None = None,
    *,
    other_year: int | None = None,
    interval: bool = True,
    lang: str | None = None,
) -> Figure:
    """Population pyramid by single years: women to the right, men to the left.

    `table` has year, sex (`female`, `male`), age and p50, as `run.population.by_age()` has, or is what
    `thin_base` or `project_draws(full=True)` gives; the interval is P10 to P90. `other_year` is laid over it
    as an outline. Without `year`, a table of one: `base.by_age(1)`.

    >>> import minsuan as ms
    >>> cells = [("female", a) for a in range(90)] + [("male", a) for a in range(90)]
    >>> rows = [{"year": 2019, "sex": sex, "age": age, "p50": 90.0 - age} for sex, age in cells]
    >>> figure = ms.plots.pyramid(rows, 2019)
    >>> len(figure.axes)
    1
    """
    lang, words = words_of(lang)
    dated = ("year",) if year is not None or other_year is not None else ()
    whole = take(people(table), *dated, "sex", "age", "p50")
    if year is None and "year" in whole and len(set(whole.to_list("year"))) > 1:
        raise DataError("year: not said; expected one of the table's years")
    figure, (axes,) = canvas(7.2, 6.4)
    for sex, side, color in (("female", 1, FEMALE), ("male", -1, MALE)):
        part = pick(whole if year is None else pick(whole, "year", year), "sex", sex)
        known(part, "p50")
        ages, width = middles(part)
        axes.barh(
            ages, side * part["p50"], height=width, color=color, alpha=0.82, linewidth=0, label=words[sex]
        )
        if interval and "p10" in part and "p90" in part:
            axes.hlines(
                ages, side * part["p10"], side * part["p90"], color="#1e252b", linewidth=0.7, alpha=0.75
            )
        if other_year is not None:
            other = pick(pick(whole, "year", other_year), "sex", sex)
            outline = words["at"].format(other_year) if side == 1 else None
            axes.step(
                side * other["p50"],
                middles(other)[0],
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
    number_axis(axes, "x")
    axes.legend(frameon=False, fontsize=8.5, loc="upper right")
    years = " / ".join(words["at"].format(y) for y in (year, other_year) if y is not None)
    return finish(figure, whole, f"{words['pyramid']} {years}".strip())


def fan(table: Any, indicator: str = "60_plus", *, lang: str | None = None) -> Figure:
    """Fan chart of an indicator: median, 80 % (P10 to P90) and 95 % (P2.5 to P97.5) interval by year.

    >>> import minsuan as ms
    >>> rows = [{"year": y, "indicator": "total", "p10": 9.0, "p50": 10.0, "p90": 12.0} for y in (2019, 2020)]
    >>> ms.plots.fan(rows, "total").axes[0].get_ylabel()
    'total'
    """
    lang, words = words_of(lang)
    whole = take(table, "year", "indicator", "p50")
    part = pick(whole, "indicator", indicator)
    label = (first_value(part, "label") if lang == "zh" else "") or indicator
    figure, (axes,) = canvas(7.2, 4.0)
    band(axes, part, "p2_5", "p97_5", DEMAND, 0.18, words["band"].format(95))
    band(axes, part, "p10", "p90", DEMAND, 0.32, words["band"].format(80))
    axes.plot(part["year"], part["p50"], color=DEMAND, linewidth=2, label=words["median"])
    year_axis(axes)
    number_axis(axes, "y")
    axes.set_ylabel(with_unit(label, first_value(part, "unit"), words))
    axes.legend(frameon=False, fontsize=8.5, loc="best")
    return finish(figure, whole, label)


def age_profile(
    table: Any,
    value: str = "p50",
    *,
    by: str = "sex",
    title: str = "",
    scale: Literal["linear", "log"] = "linear",
    lang: str | None = None,
) -> Figure:
    """A value by age, one line for each value of `by` (sex, level, year, …), one line where it is no column.

    Rates of death, which grow a thousandfold with age, are read on ``scale="log"``; what is 0 is not drawn
    there.

    >>> import minsuan as ms
    >>> rows = [{"age": a, "sex": "female", "rate": a / 100} for a in range(60, 90)]
    >>> len(ms.plots.age_profile(rows, "rate").axes[0].lines)
    1
    >>> ms.plots.age_profile(rows, "rate", scale="log").axes[0].get_yscale()
    'log'
    """
    lang, words = words_of(lang)
    if scale not in ("linear", "log"):
        raise DataError(f"scale: no such scale (got {scale!r}); expected linear or log")
    whole = take(people(table), "age", value)
    labels = list(dict.fromkeys(whole.to_list("age")))
    groups: Iterable[Any] = dict.fromkeys(whole.to_list(by)) if by in whole else [None]
    figure, (axes,) = canvas(7.2, 4.0)
    for i, group in enumerate(groups):
        part = whole if group is None else whole.filter(**{by: group})
        ages, _ = middles(part)
        color = {"female": FEMALE, "male": MALE}.get(str(group), SERIES[i % len(SERIES)])
        if value == "p50" and "p10" in part and "p90" in part:
            axes.fill_between(ages, part["p10"], part["p90"], color=color, alpha=0.2, linewidth=0)
        axes.plot(ages, part[value], color=color, linewidth=1.6, label=words.get(str(group), str(group)))
    if any(isinstance(label, str) for label in labels):
        # As many labels of groups as stand side by side.
        every = -(-len(labels) // _LABELS)
        named = Table({"age": [str(label) for label in labels]})
        axes.set_xticks(middles(named)[0][::every], [str(label) for label in labels[::every]])
    axes.set_xlabel(words["age"])
    label = whole.labels[value] if lang == "zh" else value
    if label == value and not whole.units[value]:
        axes.set_ylabel(MEANINGS[lang].get(value, value))
    else:
        axes.set_ylabel(with_unit(label, whole.units[value], words))
    if scale == "log":
        axes.set_yscale("log", nonpositive="mask")
    else:
        number_axis(axes, "y")
    if by in whole:
        axes.legend(frameon=False, fontsize=8.5)
    return finish(figure, whole, title or whole.title or axes.get_ylabel())


# Labels of age groups that do not touch.
_LABELS = 11


def places(table: Any, kinds: str | Sequence[str] | None = None, *, lang: str | None = None) -> Figure:
    """Demand against supply by year, one panel a kind of place; intervals are P10 to P90.

    `table` is that of `run.capacity.table()`; `kinds` is one kind, several, or all (None).

    >>> import minsuan as ms
    >>> rows = [{"kind": "beds", "year": y, "demand_p50": 9.0, "supply_p50": 8.0} for y in (2019, 2020)]
    >>> ms.plots.places(rows, "beds").axes[0].get_title(loc="left")
    'beds'
    """
    lang = lang or options.lang
    words = TEXT[lang]
    whole = take(table, "kind", "year", "demand_p50", "supply_p50")
    every = list(dict.fromkeys(whole.to_list("kind")))
    chosen = every if kinds is None else [kinds] if isinstance(kinds, str) else list(kinds)
    columns = min(3, len(chosen))
    rows = -(-len(chosen) // columns)
    figure, panels = canvas(3.4 * columns + 0.8, 2.6 * rows + 0.7, (rows, columns))
    for axes in panels[len(chosen) :]:
        axes.set_visible(False)
    for axes, kind in zip(panels, chosen, strict=False):
        part = pick(whole, "kind", kind)
        for side, color in (("demand", DEMAND), ("supply", SUPPLY)):
            band(axes, part, f"{side}_p10", f"{side}_p90", color, 0.22, "_")
            style = "-" if side == "demand" else "--"
            axes.plot(part["year"], part[f"{side}_p50"], style, color=color, linewidth=1.8, label=words[side])
        label = (first_value(part, "label") if lang == "zh" else "") or kind
        axes.set_title(with_unit(label, first_value(part, "unit"), words), fontsize=9.5, loc="left")
        axes.set_ylim(bottom=0)
        year_axis(axes, 5)
        number_axis(axes, "y")
    panels[0].legend(frameon=False, fontsize=8.5)
    return finish(figure, whole, whole.title or f"{words['demand']} / {words['supply']}")


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
    words = TEXT[lang]
    whole = take(table, "program", "year", "status", "p50")
    every = list(dict.fromkeys(whole.to_list("program")))
    chosen = every if programs is None else [programs] if isinstance(programs, str) else list(programs)
    columns = min(3, len(chosen))
    rows = -(-len(chosen) // columns)
    figure, panels = canvas(3.4 * columns + 0.8, 2.6 * rows + 0.7, (rows, columns))
    for axes in panels[len(chosen) :]:
        axes.set_visible(False)
    years = [int(y) for y in whole.to_list("year")]
    for axes, program in zip(panels, chosen, strict=False):
        part = pick(whole, "program", program)
        ahead = part.filter(status="projected")
        # What is assumed is no surer than what is projected from it.
        unsure = part.filter(status=["assumed", "projected"])
        if len(unsure):
            band(axes, unsure, "p2_5", "p97_5", DEMAND, 0.16, words["band"].format(95))
            band(axes, unsure, "p10", "p90", DEMAND, 0.3, words["band"].format(80))
        if len(ahead):
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
        unit = first_value(part, "unit")
        label = (first_value(part, "label") if lang == "zh" else "") or program
        axes.set_title(with_unit(label, unit, words), fontsize=9.5, loc="left")
        axes.set_ylim(bottom=0)
        axes.set_xlim(min(years) - 0.8, max(years) + 0.8)
        year_axis(axes, 5)
        number_axis(axes, "y")
    handles: dict[str, Any] = {}
    for axes in panels:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            handles.setdefault(label, handle)
    legend = figure.legend if len(chosen) > 1 else panels[0].legend
    place = {"loc": "outside upper right", "ncols": 5} if len(chosen) > 1 else {"loc": "best"}
    legend(handles.values(), handles.keys(), frameon=False, fontsize=8, **place)
    return finish(figure, whole, whole.title)


def trend(
    history: Any,
    forecast: Forecast,
    *,
    breaks: Any = None,
    others: bool = True,
    lang: str | None = None,
) -> Figure:
    """History with its breaks marked and named, fan of 50, 80 and 95 %, other methods as thin lines.

    `history` has columns year (or time; months and quarters too) and value, one row a period, as
    `ms.trends.series` gives it, or is a dict or a pandas series by year. `breaks` has year and reason, as
    `ms.trends.documented_breaks` gives it, or is what `ms.trends.breaks` found. A forecast of another history
    is refused. Where the 95 % fan is far taller than the history, the picture ends below it and says how far
    it goes.

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
    words = TEXT[lang]
    whole = take(table, "line", "year", "amount")
    part = whole if kind is None else pick(whole, "kind", kind)
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
    figure, (axes,) = canvas(8.4, 4.6)
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
    year_axis(axes)
    number_axis(axes, "y", 10_000.0)
    axes.set_ylabel(words["yuan"])
    figure.legend(*axes.get_legend_handles_labels(), frameon=False, fontsize=8, loc="outside right upper")
    return finish(figure, whole, whole.title or words["budget"])
