"""The report as one HTML page: styles and pictures inside, no scripts, no network."""

from __future__ import annotations

import jinja2
from markupsafe import Markup

from minsuan import plots
from minsuan._report.blocks import Bullets, Grid, Picture, Report, Text, Trace
from minsuan._report.words import WORDS


def render(report: Report) -> str:
    """The page as text; the same report gives the same text."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("minsuan._report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    pictures = iter(range(1, 1000))

    def picture(block: Picture) -> Markup:
        # Our own drawing: every text in it is an outline.
        return Markup(plots.svg(block.figure, salt=f"figure-{next(pictures)}"))

    def lines(text: str) -> Markup:
        first, *rest = text.split("\n")
        below = "".join(Markup('<br><span class="range">{}</span>').format(line) for line in rest)
        return Markup("{}{}").format(first, Markup(below))

    kinds = {Text: "text", Bullets: "bullets", Grid: "grid", Picture: "picture", Trace: "trace"}
    environment.filters.update(
        kind=lambda b: kinds[type(b)], picture=picture, lines=lines, trusted=Markup, entries=lambda b: b.items
    )
    template = environment.get_template("page.html.j2")
    return template.render(report=report, words=WORDS[report.lang])
