"""Checks without a case folder, the drafted ledger, and what is told where input is wrong."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

import minsuan as ms
from minsuan.__main__ import main

DATA = Path(__file__).parents[1] / "data" / "qingyan"
COLUMNS = [
    "check",
    "family",
    "verdict",
    "figures",
    "formula",
    "stated",
    "computed",
    "gap",
    "unit",
    "gap_share",
    "money",
    "sentence",
]
HEADER = (
    "fig_id,line,section,subject_zh,metric,value,value_hi,bound,unit,value_base,base_unit,"
    "time_ref,time_type,nature,phrase\n"
)
BEDS = "A1,1,一,床位,beds,10,,exact,张,,,2020,year,actual,床位10张\n"
MONEY = "A2,1,一,投资,invest,20,,exact,万元,,,2020,year,actual,投资20万元\n"


def check(folder: Path, rows: str, checks: str = "", text: str = "") -> ms.Table:
    paths = [folder / "figures.csv", folder / "checks.toml", folder / "plan.txt"]
    for path, content in zip(paths, (HEADER + rows, checks, text), strict=True):
        path.write_text(content, encoding="utf-8")
    return ms.checks.plan(paths[0], paths[1] if checks else None, paths[2] if text else None)


def test_columns_and_order_are_those_of_the_contract() -> None:
    paths = (DATA / "figures.csv", DATA / "checks.toml", DATA / "plan.txt")
    table = ms.checks.plan(*paths, place="430000")
    assert list(table.labels) == COLUMNS
    ranks = ["contradiction", "probable", "ambiguous", "info", "holds"]
    found = [ranks.index(v) for v in table.to_list("verdict")]
    assert found == sorted(found)
    again = ms.checks.plan(*paths, place="430000")
    assert all(table.to_list(name) == again.to_list(name) for name in COLUMNS)


def test_of_one_verdict_the_most_money_comes_first(jishou: ms.Case) -> None:
    table = jishou.check()
    for verdict in set(table.to_list("verdict")):
        money = table.filter(verdict=verdict).to_list("money")
        known = [m for m in money if m is not None]
        assert known == sorted(known, reverse=True)
        assert money[: len(known)] == known


RELATION = '[[check]]\nid = "a"\nfamily = "sum"\ntotal = "A1"\nparts = ["{part}"]\n'
WRONG = {
    "an id twice": (BEDS + BEDS, "", "", ["figures.csv:3", "fig_id", "A1", "that of row 2"]),
    "unknown figure": (BEDS, RELATION.format(part="A9"), "", ["checks.toml", "A9", "an id of figures.csv"]),
    "units that cannot be added": (
        BEDS + MONEY, RELATION.format(part="A2"), "", ["checks.toml", "元", "张", "can be added"],
    ),
    "a quote that is not there": (BEDS, "", "床位9张。\n", ["figures.csv:2", "phrase", "床位10张", "line 1"]),
    "a quote on another line": (BEDS, "", "一\n二\n床位10张。\n", ["figures.csv:2", "line 3"]),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_wrong_input_is_told_with_place_value_and_expectation(name: str, tmp_path: Path) -> None:
    rows, checks, text, expected = WRONG[name]
    with pytest.raises(ms.CaseError) as error:
        check(tmp_path, rows, checks, text)
    for words in expected:
        assert words in str(error.value)
    assert error.value.problems[0]["expected"]


def test_rules_that_overlap_are_refused_with_both_lines(tmp_path: Path) -> None:
    folder = tmp_path / "county"
    ms.new(folder)
    rule = (
        '[[rule]]\nid = "r"\nlabel = "x"\nvalue = "1"\nunit = "元/人/月"\nplace = "national"\n'
        'valid_from = 2020-01-01\nsource = "s"\nconfidence = "mirror"\nconfirm = "c"\n'
    )
    (folder / "rules.toml").write_text(rule + rule, encoding="utf-8")
    with pytest.raises(ms.CaseError, match="overlap"):
        ms.open(folder)


def test_a_draft_is_a_ledger_of_its_own_text(tmp_path: Path) -> None:
    out = tmp_path / "figures.csv"
    drafted = ms.checks.draft(DATA / "plan.txt", out)
    rows = list(csv.DictReader(io.StringIO(drafted["csv"])))
    assert len(rows) == drafted["rows"] > 70
    assert out.read_text(encoding="utf-8-sig") == drafted["csv"]
    assert len({row["metric"] for row in rows}) == len(rows)
    ms.checks.plan(out, text=DATA / "plan.txt")
    assert ms.checks.draft(DATA / "plan.txt")["csv"] == drafted["csv"]


def test_figures_drafts_and_tells_how_many(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    plan, out = tmp_path / "plan.txt", tmp_path / "figures.csv"
    plan.write_bytes((DATA / "plan.txt").read_text(encoding="utf-8").encode("gb18030"))
    assert main(["figures", str(plan), "-o", str(out)]) == 0
    drafted = ms.checks.draft(plan)
    shown = capsys.readouterr().out
    assert f"摘录{drafted['rows']}个数字" in shown
    assert f"另有{len(drafted['unread'])}个" in shown
    before = out.read_bytes()
    out.write_text("mine", encoding="utf-8")
    assert main(["figures", str(plan), "-o", str(out)]) == 2
    assert "--force" in capsys.readouterr().err
    assert out.read_text(encoding="utf-8") == "mine"
    assert main(["figures", str(plan), "-o", str(out), "--force"]) == 0
    assert out.read_bytes() == before


BAD = {
    "missing": None,
    "empty": b"",
    "blank": b"\xef\xbb\xbf \n",
    "binary": b"%PDF-1.7\0\1\2",
    "UTF-16": "床位10张".encode("utf-16"),
    "neither": b"\xff\xff\xff\xff",
}


@pytest.mark.parametrize("name", BAD)
def test_a_plan_that_is_no_text_is_one_message(
    name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    plan, out = tmp_path / "plan.txt", tmp_path / "figures.csv"
    data = BAD[name]
    if data is not None:
        plan.write_bytes(data)
    assert main(["figures", str(plan), "-o", str(out)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("minsuan: ")
    assert len(error.splitlines()) == 1
    assert "plan.txt" in error
    assert "UTF-8 or GB18030" in error
    assert not out.exists()
    assert [path.name for path in tmp_path.iterdir()] == (["plan.txt"] if data is not None else [])


def test_nothing_is_left_where_the_output_cannot_be_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "nowhere" / "figures.csv"
    assert main(["figures", str(DATA / "plan.txt"), "-o", str(out)]) == 2
    assert "nowhere" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
