"""The report: formulas that give the run's values, a page that needs nothing else, a Word file that opens."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest

import minsuan as ms
from minsuan import _report


class Sheet:
    """Computes the formulas of a workbook anew, knowing nothing of the values stored beside them."""

    _CELL = re.compile(r"(?:(\w+)!)?(\$?[A-Z]{1,2}\$?\d+)(?::(\$?[A-Z]{1,2}\$?\d+))?")

    def __init__(self, path: Path) -> None:
        self.book = openpyxl.load_workbook(path)
        self.stored = openpyxl.load_workbook(path, data_only=True)
        self.known: dict[tuple[str, str], float] = {}

    def value(self, sheet: str, cell: str) -> float:
        cell = cell.replace("$", "")
        if (sheet, cell) not in self.known:
            content = self.book[sheet][cell].value
            if isinstance(content, str) and content.startswith("="):
                self.known[sheet, cell] = self.compute(sheet, content[1:])
            else:
                self.known[sheet, cell] = 0.0 if content is None else float(content)
        return self.known[sheet, cell]

    def compute(self, sheet: str, formula: str) -> float:
        def put(match: re.Match[str]) -> str:
            other, first, last = match.groups()
            if last is None:
                return repr(self.value(other or sheet, first))
            cells = self.book[other or sheet][f"{first}:{last}".replace("$", "")]
            return (
                "["
                + ",".join(repr(self.value(other or sheet, c.coordinate)) for row in cells for c in row)
                + "]"
            )

        def rounded(value: float, places: int) -> float:
            # Half away from zero, as Excel does.
            step = Decimal(1).scaleb(-places)
            return float(Decimal(repr(value)).quantize(step, rounding="ROUND_HALF_UP"))

        text = self._CELL.sub(put, formula)
        assert re.fullmatch(r"[-+*/(),.<>=\[\]\w\s]*", text), formula
        names = {
            "ROUND": rounded,
            "SUM": math.fsum,
            "MAX": max,
            "MIN": min,
            "INT": math.floor,
            "AND": lambda *a: all(a),
            "IF": lambda c, a, b: a if c else b,
        }
        return float(eval(text, {"__builtins__": {}}, names))

    def formulas(self, sheet: str) -> list[str]:
        rows = self.book[sheet].iter_rows()
        return [
            c.coordinate for row in rows for c in row if isinstance(c.value, str) and c.value.startswith("=")
        ]


@pytest.fixture(scope="module")
def workbook(report: Path) -> Sheet:
    return Sheet(report / _report.WORKBOOK)


def test_three_files_and_nothing_else(report: Path) -> None:
    assert sorted(p.name for p in report.iterdir()) == ["report.docx", "report.html", "workbook.xlsx"]


def test_formulas_recalculate_to_the_values_of_the_run(workbook: Sheet) -> None:
    count = 0
    for sheet in ("测算", "经费预算"):
        for cell in workbook.formulas(sheet):
            stored = workbook.stored[sheet][cell].value
            assert workbook.value(sheet, cell) == pytest.approx(stored, rel=1e-9, abs=0.005), (sheet, cell)
            count += 1
    assert count > 300


def test_the_budget_sheet_is_the_budget(workbook: Sheet, base_run: ms.Run) -> None:
    sheet = workbook.book["经费预算"]
    years = {c.value: c.column_letter for c in sheet[3][2:]}
    rows = {row[0].value: row[0].row for row in sheet.iter_rows(min_row=4) if row[0].value}
    table = base_run.budget.table()
    for entry in table:
        if entry["amount"] is None:
            continue
        shown = workbook.value("经费预算", f"{years[entry['year']]}{rows[entry['label']]}")
        assert shown == pytest.approx(float(entry["amount"]), abs=0.005), entry["line"]
    # (110 + 40) posts × 200 yuan × 12 months.
    assert workbook.value("经费预算", f"{years[2020]}{rows['儿童主任工作补贴']}") == 360_000.0
    assert "SUM(" in sheet[f"{years[2020]}{rows['合计']}"].value


def test_a_changed_assumption_changes_the_budget(report: Path) -> None:
    sheet = Sheet(report / _report.WORKBOOK)
    model = sheet.book["测算"]
    row = next(r for r in model.iter_rows(min_row=4) if str(r[0].value).endswith("新设社区"))
    assert row[2].value == "假设"
    assert row[3].fill.fgColor.rgb == "FFFFF4D6"
    row[3].value = 20
    budget = sheet.book["经费预算"]
    line = next(r for r in budget.iter_rows(min_row=4) if r[0].value == "儿童主任工作补贴")
    year = next(c.column_letter for c in budget[3] if c.value == 2025)
    assert sheet.value("经费预算", f"{year}{line[0].row}") == (110 + 40 + 20) * 200 * 12


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: dict[str, int] = {}
        self.headings: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] = self.tags.get(tag, 0) + 1
        self.links += [v or "" for k, v in attrs if k in ("href", "src", "xlink:href", "data", "action")]
        self._inside = tag == "h2"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.headings.append(data)
            self._inside = False


def test_the_page_needs_no_network_and_says_everything(report: Path, base_run: ms.Run) -> None:
    page = (report / _report.PAGE).read_text(encoding="utf-8")
    parser = Links()
    parser.feed(page)
    assert all(link.startswith("#") for link in parser.links)
    assert "script" not in parser.tags
    assert not re.search(r"@import|url\((?!#)", page)
    assert parser.tags["svg"] == len(re.findall("<figcaption>", page)) >= 5
    assert parser.headings[0] == "主要结论"
    assert len(parser.headings) == 9
    for words in (
        str(base_run.seed),
        f"minsuan {ms.__version__}",
        "基准情景",
        "假设不是数据",
        "儿童主任工作补贴",
    ):
        assert words in page
    for assumption in base_run.assumptions():
        assert assumption["label"] in page
    contradiction = base_run.case.check().filter(verdict="contradiction")[0]
    assert contradiction["sentence"].split("“")[0] in page


def test_the_word_file_has_the_same_chapters_and_pictures(report: Path) -> None:
    document = docx.Document(str(report / _report.WORD))
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    page = (report / _report.PAGE).read_text(encoding="utf-8")
    assert headings == re.findall(r"<h2>(.*?)</h2>", page)
    assert len(document.inline_shapes) == page.count("<figcaption>")
    assert document.styles["Normal"].element.rPr.rFonts.get(docx.oxml.ns.qn("w:eastAsia")) == "仿宋"
    assert len(document.tables) >= 7


def test_in_english_too(base_run: ms.Run, tmp_path: Path) -> None:
    paths = base_run.report(tmp_path / "en", lang="en")
    page = paths[1].read_text(encoding="utf-8")
    assert "<h2>Findings</h2>" in page
    assert "80% interval" in page
    assert "主要结论" not in page
    with pytest.raises(ms.DataError, match="expected 'zh' or 'en'"):
        base_run.report(tmp_path / "fr", lang="fr")
    assert not (tmp_path / "fr").exists()


def test_a_report_that_fails_leaves_nothing(
    base_run: ms.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from minsuan._report import word

    def fail(*_: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(word, "save", fail)
    with pytest.raises(OSError, match="disk full"):
        base_run.report(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("x")
    with pytest.raises(ms.DataError, match="is a file"):
        base_run.report(tmp_path / "file")
    with pytest.raises(ms.DataError, match="expected a folder"):
        base_run.report(tmp_path / "file" / "below")


def test_the_same_run_gives_the_same_page(report: Path, jishou: ms.Case, tmp_path: Path) -> None:
    from minsuan._report import content, page

    again = page.render(content.build(jishou.run(draws=60), "zh"))
    assert again == (report / _report.PAGE).read_text(encoding="utf-8")
