"""What the report says, read from the tables of a run."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import minsuan
from minsuan import _display, plots
from minsuan._report.blocks import Block, Bullets, Grid, Picture, Report, Section, Text, Trace
from minsuan._report.footnotes import Footnotes
from minsuan._report.heads import grids as heads
from minsuan._report.words import WORDS

if TYPE_CHECKING:
    from minsuan._case import Run
    from minsuan._core import Table

#: Panels of one picture: three rows of three fit a page of the Word file.
_PANELS = 9


def build(run: Run, lang: str) -> Report:
    """Reads the tables of a run and says what they say."""
    words = WORDS[lang]
    place = run.case.name
    findings = run.case.check()
    numbers = _Numbers(run, lang)
    sections = [
        Section(words["summary"], [Bullets(_summary(numbers, findings))]),
        _population(numbers),
        _care(numbers),
        _capacity(numbers),
        _relief(numbers),
        _budget(numbers),
        _checks(numbers, findings),
        _assumptions(numbers),
        _method(numbers),
    ]
    first, last = run.years[0], run.years[-1]
    meta = [
        (
            words["scenario"],
            f"{run.label} ({run.scenario})" if lang == "en" else f"{run.label}（{run.scenario}）",
        ),
        (words["kind"], numbers.kind),
        (words["years"], f"{first}—{last}"),
        (words["draws"], f"{run.draws:,}"),
        (words["seed"], str(run.seed)),
        (words["version"], f"minsuan {minsuan.__version__}"),
    ]
    return Report(
        lang, words["title"].format(place), words["subtitle"].format(first, last), meta, sections, findings
    )


class _Numbers:
    """The tables of a run, and single numbers out of them as printed text."""

    def __init__(self, run: Run, lang: str) -> None:
        self.run = run
        self.lang = lang
        self.words = WORDS[lang]
        self.kind = {"户籍": self.words["registered"], "常住": self.words["resident"]}[run.population_kind]
        self.indicators = run.population.indicators()
        self.by_age = run.population.by_age()
        self.need = run.care.need()
        self.capacity = run.capacity.table()
        self.caseload = run.relief.caseload()
        self.budget = run.budget.table()
        self.assumptions = run.assumptions()
        self.definitions: dict[str, str] = run._run.definitions()
        self.first, self.last = run.years[0], run.years[-1]
        # Every fifth year, and the two ends; of money every year of the plan.
        self.years = [y for y in run.years if y % 5 == 0 or y in (self.first, self.last)]
        self.budget_years = [y for y in run.years if y in self.years or y <= self.first + 6]

    def label(self, row: dict[str, Any], name: str) -> str:
        """Chinese label of a row, or its name in English."""
        return str(row[name]) if self.lang == "en" else str(row.get("label") or row[name])

    def definition(self, name: str) -> str:
        """Chinese label of a definition of care need, or its name in English."""
        return name if self.lang == "en" else self.definitions.get(name, name)

    def value(self, value: float | None, unit: str) -> str:
        """A number with its unit."""
        if value is None:
            return str(self.words["unknown"])
        if unit == "比例":
            return f"{value:.2%}"
        gap = " " if self.lang == "en" and unit != "%" else ""
        return f"{_display.number(value, unit)}{gap}{self.words['units'].get(unit, unit)}"

    def interval(self, row: dict[str, Any], unit: str) -> str:
        """`（80%区间1～2人）`, or nothing where the number has no spread."""
        low, high = row.get("p10"), row.get("p90")
        if low is None or high is None or self.value(low, unit) == self.value(high, unit):
            return ""
        return str(self.words["interval"]).format(
            _bare(self.value(low, unit), self.words), self.value(high, unit)
        )

    def indicator(self, name: str, year: int) -> str:
        """Median and interval of an indicator."""
        row = self.indicators.filter(indicator=name, year=year)[0]
        return self.value(row["p50"], row["unit"]) + self.interval(row, row["unit"])

    def money(self, value: Decimal | None) -> str:
        """Yuan as a budget is spoken of: in 万元 (ten thousands), in English in millions."""
        if value is None:
            return str(self.words["unknown"])
        return str(self.words["money_unit"]).format(f"{value.scaleb(-self.words['money_places']):,.2f}")


def _bare(text: str, words: dict[str, Any]) -> str:
    """The number alone, where the unit follows once for both bounds."""
    return text.rstrip("%" + "".join(words["units"].values()) + "人张个户具处元").rstrip()


def _summary(n: _Numbers, findings: Table) -> list[str]:
    words, run = n.words, n.run
    said = [
        words["say_people"].format(
            first=n.first,
            last=n.last,
            kind=n.kind,
            old=n.indicator("60_plus", n.first),
            old_share=n.indicator("share_60_plus", n.first),
            total=n.indicator("total", n.first),
            later=n.indicator("60_plus", n.last),
            later_share=n.indicator("share_60_plus", n.last),
            oldest=n.indicator("80_plus", n.last),
        )
    ]
    parts = []
    for definition in n.definitions:
        levels = n.need.filter(year=n.last, definition=definition)
        whole = levels.filter(level="total") if "total" in levels.to_list("level") else levels
        for r in whole:
            parts.append(words["say_definition"].format(n.definition(definition), n.value(r["p50"], "人")))
    if parts:
        said.append(words["say_care"].format(year=n.last, parts=words["semicolon"].join(parts)))
    year = min(max(2025, n.first), n.last)
    short = [r for r in n.capacity.filter(year=year) if (r["p_shortage"] or 0) >= 0.5]
    short.sort(key=lambda r: -r["p_shortage"])
    if short:
        parts = [words["say_place"].format(n.label(r, "kind"), f"{r['p_shortage']:.0%}") for r in short]
        said.append(words["say_short"].format(year=year, count=len(short), parts=words["comma"].join(parts)))
    else:
        said.append(words["say_enough"].format(year=year))
    total = n.budget.filter(line="total", year=year)
    if len(total):
        said.append(
            words["say_budget"].format(
                year=year, amount=n.money(total[0]["amount"]), p80=n.money(total[0]["p80"])
            )
        )
    directors = n.budget.filter(line="child_directors", year=year)
    if len(directors):
        why = run.why("budget.child_directors", year)
        said.append(
            words["say_directors"].format(year=year, amount=n.money(directors[0]["amount"]), why=why.numbers)
        )
    counts = {v: len(findings.filter(verdict=v)) for v in ("contradiction", "probable", "ambiguous")}
    said.append(words["say_checks"].format(**counts))
    said.append(words["say_assumed"].format(count=len(n.assumptions)))
    return said


def _population(n: _Numbers) -> Section:
    words = n.words
    shown = (
        "total",
        "60_plus",
        "65_plus",
        "80_plus",
        "share_60_plus",
        "old_age_dependency_ratio",
        "births",
        "deaths",
    )
    rows = []
    foot = Footnotes(n.run, n.lang, n.last)
    for name in shown:
        part = n.indicators.filter(indicator=name, year=n.years)
        unit = part[0]["unit"]
        title = n.label(part[0], "indicator") + words["in_unit"].format(words["units"].get(unit, unit) or "—")
        rows.append([title + foot.mark(f"population.{name}"), *(_cell(n, r, unit) for r in part)])
    grid = Grid(
        words["table_people"],
        [words["indicator"], *map(str, n.years)],
        rows,
        [False] + [True] * len(n.years),
        [words["cells"], *n.indicators.notes[:1], *foot.notes],
    )
    return Section(
        words["people"],
        [
            Text(words["say_base"].format(kind=n.kind, first=n.first)),
            Picture(plots.fan(n.indicators, "60_plus", lang=n.lang), words["figure_fan"].format(n.kind)),
            Picture(
                plots.pyramid(n.by_age, n.first, other_year=n.last, lang=n.lang),
                words["figure_pyramid"].format(n.kind, n.first, n.last),
            ),
            grid,
        ],
    )


def _cell(n: _Numbers, row: dict[str, Any], unit: str) -> str:
    """`45,000\n44,000～46,000`: median, and the interval below it."""
    if row["p50"] is None:
        return "—"
    middle = f"{row['p50']:.2%}" if unit == "比例" else _display.number(row["p50"], unit)
    low, high = row["p10"], row["p90"]
    if low is None or high is None:
        return middle
    bounds = [f"{v:.2%}" if unit == "比例" else _display.number(v, unit) for v in (low, high)]
    return middle if bounds[0] == bounds[1] else f"{middle}\n{bounds[0]}{n.words['to']}{bounds[1]}"


def _care(n: _Numbers) -> Section:
    words = n.words
    rows = []
    foot = Footnotes(n.run, n.lang, n.last)
    for definition in dict.fromkeys(n.need.to_list("definition")):
        part = n.need.filter(definition=definition)
        for level in dict.fromkeys(part.to_list("level")):
            cells = part.filter(level=level, year=n.years)
            name = n.label(cells[0], "level") + foot.mark(f"care.{definition}.{level}")
            rows.append([n.definition(definition), name, *(_cell(n, r, "人") for r in cells)])
    grid = Grid(
        words["table_care"],
        [words["definition"], words["level"], *map(str, n.years)],
        rows,
        [False, False] + [True] * len(n.years),
        [words["cells"], n.need.notes[2], *foot.notes],
    )
    return Section(words["care"], [Text(words["say_definitions"]), grid])


def _capacity(n: _Numbers) -> Section:
    words = n.words
    year = min(max(2025, n.first), n.last)
    rows = []
    foot = Footnotes(n.run, n.lang, n.last)
    for r in n.capacity.filter(year=[year, n.last]):
        unit = r.get("unit") or ""
        side = [
            _cell(n, {"p10": r[f"{s}_p10"], "p50": r[f"{s}_p50"], "p90": r[f"{s}_p90"]}, unit)
            for s in ("demand", "supply")
        ]
        chance = "—" if r["p_shortage"] is None else f"{r['p_shortage']:.0%}"
        gap = "—" if r["gap_p50"] is None else _display.number(r["gap_p50"], unit)
        used = "—" if r["used_up_year"] is None else str(r["used_up_year"])
        rows.append(
            [
                n.label(r, "kind") + foot.mark(f"capacity.{r['kind']}.gap"),
                words["units"].get(unit, unit),
                str(r["year"]),
                *side,
                gap,
                chance,
                used,
            ]
        )
    headings = [words[w] for w in ("place", "unit", "year", "demand", "supply", "gap", "chance", "used_up")]
    grid = Grid(
        words["table_capacity"],
        headings,
        rows,
        [False, False, False, True, True, True, True, True],
        [words["cells"], *_told(n.capacity.notes[2:], n.capacity), *foot.notes],
    )
    kinds = list(dict.fromkeys(n.capacity.to_list("kind")))
    pictures: list[Block] = []
    for page in _pages(kinds):
        figure = plots.places(n.capacity, page, lang=n.lang)
        pictures.append(Picture(figure, words["figure_places"]))
    return Section(words["capacity"], [Text(words["say_capacity"]), *pictures, grid])


def _pages(names: list[str]) -> list[list[str]]:
    """Names in as few pictures as hold them, of about one size."""
    count = -(-len(names) // _PANELS)
    return [names[len(names) * i // count : len(names) * (i + 1) // count] for i in range(count)]


def _told(notes: list[str], table: Table) -> list[str]:
    """Notes for people: those that explain columns by their field names are for who reads the table."""
    fields = {c for c in table.columns if "_" in c or c in ("amount", "mean", "p80", "gap", "verdict")} | {
        "observed"
    }
    return [note for note in notes if not any(f in note for f in fields)]


def _relief(n: _Numbers) -> Section:
    words = n.words
    rows = []
    foot = Footnotes(n.run, n.lang, n.last)
    for program in dict.fromkeys(n.caseload.to_list("program")):
        part = n.caseload.filter(program=program)
        cells = []
        for year in n.years:
            row = part.filter(year=year)
            cells.append(_cell(n, row[0], row[0]["unit"]) + _mark(row[0]["status"]) if len(row) else "—")
        unit = part[0]["unit"]
        label = n.label(part[0], "program") + foot.mark(f"relief.{program}")
        rows.append([label, words["units"].get(unit, unit), *cells])
    grid = Grid(
        words["table_relief"],
        [words["program"], words["unit"], *map(str, n.years)],
        rows,
        [False, False] + [True] * len(n.years),
        [words["cells"], words["marks"], *foot.notes],
    )
    programs = list(dict.fromkeys(n.caseload.to_list("program")))
    pages = [plots.caseload(n.caseload, page, lang=n.lang) for page in _pages(programs)]
    pictures = [Picture(figure, words["figure_relief"]) for figure in pages]
    return Section(words["relief"], [Text(words["say_relief"]), *pictures, grid, *heads(n, _cell)])


def _mark(status: str) -> str:
    return {"observed": "", "assumed": "*", "projected": ""}[status]


def _budget(n: _Numbers) -> Section:
    words = n.words
    years = [y for y in n.budget_years if len(n.budget.filter(year=y))]
    rows = []
    foot = Footnotes(n.run, n.lang, min(max(2025, n.first), n.last))
    lines = [line for line in dict.fromkeys(n.budget.to_list("line")) if line != "total"]
    for line in [*lines, "total"]:
        part = n.budget.filter(line=line)
        kind = words["kinds"].get(part[0]["kind"], "") if line != "total" else ""
        cells = []
        for year in years:
            row = part.filter(year=year)
            amount = row[0]["amount"] if len(row) else None
            cells.append("—" if amount is None else f"{amount.scaleb(-4):,.2f}")
        mark = foot.mark(f"budget.{line}") if line != "total" else ""
        rows.append([n.label(part[0], "line") + mark, kind, *cells])
    p80 = [n.budget.filter(line="total", year=y)[0]["p80"] for y in years]
    rows.append([words["total_p80"], "", *("—" if v is None else f"{v.scaleb(-4):,.2f}" for v in p80)])
    grid = Grid(
        words["table_budget"],
        [words["line"], words["budget_kind"], *map(str, years)],
        rows,
        [False, False] + [True] * len(years),
        foot.notes,
    )
    blocks: list[Block] = [
        Text(words["say_budget_method"]),
        Picture(plots.budget(n.budget, lang=n.lang), words["figure_budget"]),
        grid,
    ]
    year = min(max(2025, n.first), n.last)
    if len(n.budget.filter(line="child_directors", year=year)):
        why = n.run.why("budget.child_directors", year)
        blocks.append(Trace(words["trace"].format(why.headline), why._repr_html_(), repr(why)))
    return Section(words["budget"], blocks)


def _checks(n: _Numbers, findings: Table) -> Section:
    words = n.words
    shown = findings.filter(verdict=["contradiction", "probable", "ambiguous"])
    rows = []
    for i, r in enumerate(shown, 1):
        money = "—" if r["money"] is None else n.money(Decimal(str(r["money"])))
        cited = words["comma"].join(r["figures"] or [])
        rows.append([str(i), words["verdicts"][r["verdict"]], r["sentence"], cited, money])
    headings = [words[w] for w in ("number", "verdict", "finding", "cited", "money")]
    left = len(findings) - len(shown)
    grid = Grid(words["table_checks"], headings, rows, [False, False, False, False, True])
    return Section(words["checks"], [Text(words["say_check_method"].format(left)), grid])


def _assumptions(n: _Numbers) -> Section:
    words = n.words
    rows = []
    for r in n.assumptions:
        unit = "" if r["unit"] == "比例" else r["unit"]
        value = words["unknown"] if r["value"] is None else f"{r['value']}{words['units'].get(unit, unit)}"
        rows.append([n.label(r, "path"), value, r["spread"], r["source"], r["place"]])
    headings = [words[w] for w in ("assumption", "value", "spread", "source", "where")]
    grid = Grid(words["table_assumptions"], headings, rows, [False] * 5, assumed=True)
    return Section(words["assumptions"], [Text(words["say_assumptions"]), grid])


def _method(n: _Numbers) -> Section:
    words, run = n.words, n.run
    said = words["method"].format(draws=f"{run.draws:,}", seed=run.seed, version=minsuan.__version__)
    again = words["again"].format(
        case=run.case._case.opened, scenario=run.scenario, draws=run.draws, seed=run.seed
    )
    return Section(
        words["about"], [Text(said), Bullets(_told(n.indicators.notes, n.indicators)), Text(again)]
    )
