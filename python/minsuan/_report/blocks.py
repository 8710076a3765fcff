"""What a report is made of: blocks that the page and the Word file set each in their own way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from minsuan._core import Table


@dataclass
class Text:
    """A paragraph."""

    text: str


@dataclass
class Bullets:
    """A list of sentences."""

    items: list[str]


@dataclass
class Grid:
    """A table of texts; `right` says which columns are set to the right."""

    caption: str
    headings: list[str]
    rows: list[list[str]]
    right: list[bool]
    notes: list[str] = field(default_factory=list)
    #: What stands in it are assumptions, not data.
    assumed: bool = False


@dataclass
class Picture:
    """A figure with its caption."""

    figure: Figure
    caption: str

    def __post_init__(self) -> None:
        # The page and the Word file draw the same figure: its layout is found once.
        self.figure.draw_without_rendering()
        self.figure.set_layout_engine("none")


@dataclass
class Trace:
    """How a number came about, down to the plan's sentence."""

    heading: str
    html: str
    text: str


Block = Text | Bullets | Grid | Picture | Trace


@dataclass
class Section:
    """A chapter."""

    title: str
    blocks: list[Block]


@dataclass
class Report:
    """Everything that is said, in order."""

    lang: str
    title: str
    subtitle: str
    meta: list[tuple[str, str]]
    sections: list[Section]
    findings: Table
