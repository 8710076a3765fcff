"""How tables show themselves."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from html.parser import HTMLParser

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minsuan as ms
from minsuan import _display


def field(name: str, kind: pa.DataType, label: str, unit: str = "") -> pa.Field:
    return pa.field(name, kind, metadata={"label": label, "unit": unit})


@pytest.fixture
def table() -> ms.Table:
    years = list(range(2019, 2049))
    schema = pa.schema(
        [
            field("year", pa.int64(), "年份"),
            field("label", pa.string(), "指标"),
            field("demand_p10", pa.float64(), "需求P10", "张"),
            field("demand_p50", pa.float64(), "需求中位数", "张"),
            field("demand_p90", pa.float64(), "需求P90", "张"),
            field("amount", pa.decimal128(18, 2), "金额", "元"),
        ],
        metadata={"title": "床位 <供需>", "notes": "来源：规划第121行"},
    )
    amounts = [Decimal("360000.00"), *[None] * 29]
    return ms.Table(
        pa.table([years, ["养老床位"] * 30, [1e4] * 30, [12345.6] * 30, [15e3] * 30, amounts], schema=schema)
    )


def display_width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def test_text_is_aligned_and_says_how_much_is_cut(table: ms.Table) -> None:
    lines = repr(table).splitlines()
    assert lines[0] == "床位 <供需>"
    assert lines[-1] == "来源：规划第121行"
    assert "共 30 行，只显示前 10 行和后 10 行" in lines
    heading, rule, first = lines[1], lines[2], lines[3]
    assert display_width(heading) == display_width(rule) == display_width(first)
    assert "需求 80%区间（张）" in heading
    assert "10,000～15,000" in first
    assert "12,346" in first
    assert "360,000.00" in first
    assert first.startswith("2019 ")
    assert lines[4].rstrip().endswith("—")


def test_a_narrow_terminal_gets_fewer_columns_and_is_told(table: ms.Table) -> None:
    text = _display.text(table, lang="en", width=40)
    assert "columns, " in text
    assert "left out to fit the screen" in text
    assert max(display_width(line) for line in text.splitlines() if line[:4].isdigit()) <= 40


def test_a_narrow_terminal_keeps_the_amount() -> None:
    names = ["line", "label", "year", "kind", "amount", "mean", "p50", "p80", "p95", "basis"]
    row = [
        "child_directors_of_all",
        "儿童主任工作补贴",
        2025,
        "recurrent",
        *[402_000.5] * 5,
        "167.5 × 200 × 12",
    ]
    table = ms.Table({name: [value] for name, value in zip(names, row, strict=True)})
    header = _display.text(table, width=70).splitlines()[0]
    assert [w for w in names if w in header.split()] == ["label", "year", "amount", "p50", "p80", "basis"]
    empty = ms.Table({"code": ["a" * 20], "name": ["b" * 20], "year": [2023], "revoked": [None]})
    assert "revoked" not in _display.text(empty, width=50).splitlines()[0]


class Cells(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)


def test_html_is_whole_and_escaped(table: ms.Table) -> None:
    html = table._repr_html_()
    assert "&lt;供需&gt;" in html
    assert "<供需>" not in html
    parser = Cells()
    parser.feed(html)
    assert parser.tags.count("th") == 5
    assert parser.tags.count("tr") == 1 + 20 + 1
    assert "来源：规划第121行" in html
    hostile = ms.Table({"<img src=x onerror=alert(1)>": ["<script>"]})
    assert "<script>" not in hostile._repr_html_()
    assert "<img" not in hostile._repr_html_()


def test_options_set_language_and_length(table: ms.Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ms.options, "max_rows", 40)
    monkeypatch.setattr(ms.options, "lang", "en")
    text = repr(table)
    assert "demand 80% interval (张)" in text
    assert len(text.splitlines()) == 1 + 2 + 30 + 1


def test_empty_and_tiny_tables_show_too() -> None:
    assert "（空表）" in repr(ms.Table({"a": [1]}).filter(a=2))
    assert "（空表）" in ms.Table({"a": [1]}).filter(a=2)._repr_html_()
    assert repr(ms.Table({"a": [True], "b": [None]})).splitlines()[2].split() == ["是", "—"]


@given(st.floats(allow_nan=False, allow_infinity=False, width=32), st.sampled_from(["", "人", "%", "元"]))
def test_a_shown_number_is_the_number(value: float, unit: str) -> None:
    shown = float(_display.number(value, unit).replace(",", ""))
    assert shown == pytest.approx(value, rel=6e-3, abs=0.5 if unit == "人" else 6e-3)
    assert not _display.number(value, unit).startswith("-0.0000")


@given(
    st.lists(
        st.fixed_dictionaries({"a": st.none() | st.text(max_size=50), "b": st.none() | st.floats()}),
        min_size=1,
    )
)
def test_nothing_that_a_table_holds_breaks_its_display(rows: list[dict[str, object]]) -> None:
    shown = ms.Table(rows)
    assert repr(shown)
    assert shown._repr_html_().endswith(">")
