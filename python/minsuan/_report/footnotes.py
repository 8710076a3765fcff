"""Footnotes of tables: what their rows rest on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from minsuan._report.words import WORDS

if TYPE_CHECKING:
    from minsuan._case import Run

#: Marks of footnotes; past them plain numbers in brackets.
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


class Footnotes:
    """Footnotes of one table: what each row rests on. Rows that rest on the same share a mark, and what
    all rows rest on is said once. Sources are quoted in the plan's language.
    """

    def __init__(self, run: Run, lang: str, year: int) -> None:
        self._run, self._words, self._year = run, WORDS[lang], year
        self._marks: dict[tuple[str, ...], str] = {}

    def mark(self, path: str) -> str:
        """The mark to set behind a row's label; empty where nothing is known of its sources."""
        method, cited, assumed = self._run._run.sources(path, self._year)
        sources = (*([method] if method else []), *cited, *(f"假设：{a}" for a in assumed))
        if not sources:
            return ""
        if sources not in self._marks:
            count = len(self._marks)
            self._marks[sources] = _CIRCLED[count] if count < len(_CIRCLED) else f"（{count + 1}）"
        return self._marks[sources]

    @property
    def notes(self) -> list[str]:
        """The footnotes in order."""
        if len(self._marks) < 3:
            return [f"{mark}{_joined(sources)}。" for sources, mark in self._marks.items()]
        every = [s for s in next(iter(self._marks)) if all(s in sources for sources in self._marks)]
        notes = [self._words["every_row"].format(_joined(every))] if every else []
        for sources, mark in self._marks.items():
            own = [s for s in sources if s not in every]
            notes.append(f"{mark}{_joined(own)}。" if own else self._words["no_more"].format(mark))
        return notes


def _joined(sources: Iterable[str]) -> str:
    """Sources in one sentence, the assumptions together at its end."""
    said = [s for s in sources if not s.startswith("假设：")]
    assumed = [s.removeprefix("假设：") for s in sources if s.startswith("假设：")]
    return "；".join([*said, *(["假设：" + "、".join(assumed)] if assumed else [])])
