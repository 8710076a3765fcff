"""The answer to "why?": a number, the formula behind it, and the same for each input."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any

_KINDS = {"figure": "规划数", "rule": "规定", "assumption": "假设", "formula": "算式", "model": "推算"}


class Why:
    """A number and what stands behind it; shows itself as a tree, in Jupyter as one that folds.

    Attributes: ``path``, ``label``, ``unit``, ``year``, ``value`` (as printed), ``interval`` (80 %,
    as printed, or None), ``kind`` (figure, rule, assumption, formula, model), ``formula`` (with
    labels), ``numbers`` (with numbers put in), ``source`` (words, article, line or method) and
    ``inputs``, a list of the same.
    """

    __slots__ = (
        "formula",
        "inputs",
        "interval",
        "kind",
        "label",
        "numbers",
        "path",
        "source",
        "unit",
        "value",
        "year",
    )

    def __init__(self, tree: dict[str, Any]) -> None:
        self.path: str = tree["path"]
        self.label: str = tree["label"]
        self.unit: str = tree["unit"]
        self.year: int = tree["year"]
        self.value: str = tree["value"]
        self.interval: str | None = tree["interval"]
        self.kind: str = tree["kind"]
        self.formula: str | None = tree["formula"]
        self.numbers: str | None = tree["numbers"]
        self.source: str = tree["source"]
        self.inputs: list[Why] = [Why(t) for t in tree["inputs"]]

    def __iter__(self) -> Iterator[Why]:
        """This number and everything below it, from the top down."""
        yield self
        for below in self.inputs:
            yield from below

    @property
    def headline(self) -> str:
        """Label, year, value with unit, and the interval where there is one."""
        # What has no value of its own (the pattern of mortality, say) is shown by its method alone.
        if self.value == "未知" and self.kind == "model" and not self.unit:
            return self.label
        interval = f"（80%区间 {self.interval}）" if self.interval else ""
        # A figure or an assumption has a date of its own, which its source tells.
        when = "" if self.kind in ("figure", "assumption") else f"，{self.year}年"
        return f"{self.label}{when}：{self.value}{_unit(self.unit)}{interval}"

    def __repr__(self) -> str:
        return "\n".join(self._lines("", set()))

    def _lines(self, indent: str, shown: set[str]) -> Iterator[str]:
        yield f"{indent}{self.headline}  [{_KINDS[self.kind]} {self.path}]"
        pad = indent + "    "
        if self.path in shown and self.inputs:
            yield f"{pad}（见上）"
            return
        shown.add(self.path)
        if self.formula:
            yield f"{pad}= {self.formula}"
        if self.numbers:
            yield f"{pad}= {self.numbers}"
        if self.source:
            yield f"{pad}{self.source}"
        for below in self.inputs:
            yield from below._lines(pad, shown)

    def _repr_html_(self) -> str:
        return f'<div class="minsuan-why" style="font-size:13px;line-height:1.6">{self._html(True)}</div>'

    def _html(self, open_: bool) -> str:
        head = html.escape(self.headline)
        kind = html.escape(_KINDS[self.kind])
        tag = f'<span style="color:#888"> {kind} <code>{html.escape(self.path)}</code></span>'
        lines = []
        if self.formula:
            lines.append(f"<div>= {html.escape(self.formula)}</div>")
        if self.numbers:
            lines.append(f"<div>= {html.escape(self.numbers)}</div>")
        if self.source:
            colour = "#b45309" if self.kind == "assumption" else "#555"
            lines.append(f'<div style="color:{colour}">{html.escape(self.source)}</div>')
        lines.extend(below._html(False) for below in self.inputs)
        state = " open" if open_ else ""
        body = "".join(lines)
        return (
            f'<details{state} style="margin-left:1.2em"><summary><b>{head}</b>{tag}</summary>{body}</details>'
        )


def _unit(unit: str) -> str:
    return "" if unit in ("", "比例") else f" {unit}"
