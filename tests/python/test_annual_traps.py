"""The annual report where it used to be wrong: percent, runs, whole numbers, outlines, old workbooks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

import minsuan as ms


def of(
    code: str, *values: Any, form: str = "MS01", version: str = "2023", year: int = 2023
) -> dict[str, Any]:
    """A figure of a line in years up to `year`."""
    years = [year - len(values) + 1 + i for i in range(len(values))]
    n = len(values)
    return {
        "form": [form] * n,
        "version": [version] * n,
        "code": [code] * n,
        "year": years,
        "value": list(values),
    }


def sentence(*values: Any, code: str = "YZH012311000", form: str = "JZH01", version: str = "2022") -> str:
    report = ms.annual.report(2023, values=of(code, *values, form=form, version=version))
    return report.sentences()[0]


@pytest.mark.parametrize("value", ["14.52%", "14.52", 14.52])
def test_percent_stays_percent(value: Any) -> None:
    series = {"indicator": ["population.share_60_plus"], "year": [2023], "value": [value]}
    assert ms.annual.report(2023, series=series).sentences() == [
        "2023年，全市60岁及以上户籍人口占比为14.52%。"
    ]


def test_a_share_where_percent_is_asked_is_not_guessed() -> None:
    series = {"indicator": ["population.share_60_plus"], "year": [2023], "value": [0.1452]}
    with pytest.raises(ms.DataError, match="percent"):
        ms.annual.report(2023, series=series)
    with pytest.raises(ms.DataError, match="percent"):
        ms.annual.report(2023, values=of("SO06", 0.89))
    assert "0.8%" in ms.annual.report(2023, values=of("SO06", "0.8%")).sentences()[0]
    assert ms.annual.report(2023, values=of("SO06", "104.5")).check()[0]["check"] == "range"


def test_a_run_fills_its_lines_and_is_told_as_a_projection(tmp_path: Path) -> None:
    run = ms.open("jishou").run(draws=50, progress=False)
    report = ms.annual.report(2025, run=run, place="吉首市")
    rows = {r["code"]: r for r in report.table()}
    by_year = {(r["indicator"], r["year"]): r["p50"] for r in run.population.indicators()}
    assert rows["PO01"]["value"] == round(by_year["total", 2025])
    assert rows["PO012"]["value"] == pytest.approx(by_year["share_60_plus", 2025], abs=0.005)
    assert 0 < rows["PO012"]["change_points"] < 2
    caseload = {(r["program"], r["year"]): r["p50"] for r in run.relief.caseload()}
    orphans = caseload["orphans_home", 2025] + caseload["orphans_inst", 2025]
    assert rows["YZH012311000"]["value"] == round(orphans)
    assert {r["basis"] for r in rows.values()} == {"projected"}
    total = next(s for s in report.sentences() if "户籍总人口" in s)
    assert total.startswith(f"据预测，到2025年底，吉首市户籍总人口为{rows['PO01']['value']:.0f}人，")
    assert all(s.startswith("据预测，") for s in report.sentences())
    observed = {r["code"]: r for r in ms.annual.report(2020, run=run).table()}
    assert observed["YZH012311000"]["basis"] == "reported"
    assert observed["PO01"]["basis"] == "projected"
    assert {r["code"]: r for r in ms.annual.report(2019, run=run).table()}["PO01"]["basis"] == "estimated"
    # A printed figure stands before the run's.
    own = ms.annual.report(
        2025, run=run, series={"indicator": ["population.total"], "year": [2025], "value": [310000]}
    )
    assert {r["code"]: (r["value"], r["basis"]) for r in own.table()}["PO01"] == (310000, "reported")
    # The mark outlives the workbook.
    path = tmp_path / "2025.xlsx"
    report.to_excel(path)
    again = ms.annual.report(2025, workbook=path, place="吉首市")
    assert [r["basis"] for r in again.table()] == [r["basis"] for r in report.table()]
    assert next(s for s in again.sentences() if "户籍总人口" in s).startswith("据预测，到2025年底")
    resident = ms.open("jishou").run(scenario="resident", draws=20, progress=False)
    with pytest.raises(ms.DataError, match="常住"):
        ms.annual.report(2025, run=resident)
    with pytest.raises(ms.DataError, match="no year 2050"):
        ms.annual.report(2050, run=run)


def test_computed_figures_of_many_places_are_taken() -> None:
    series = {"indicator": ["population.total"], "year": [2023], "value": [1000 / 3]}
    assert ms.annual.report(2023, series=series).table()[0]["value"] == 333


def test_whole_numbers_of_organizations_add_exactly() -> None:
    values = {
        "form": ["MS01"] * 6,
        "version": ["2023"] * 6,
        "code": ["SO01", "SO011", "SO012", "SO013", "SO02", "SO021"],
        "value": ["10", "4", "4", "0", "100", "101"],
    }
    found = ms.annual.report(2023, values=values).check().to_dicts()
    assert [(f["check"], f["verdict"]) for f in found] == [
        ("sum", "contradiction"),
        ("subset", "contradiction"),
    ]
    assert found[1]["formula"] == "101 ≤ 100"
    assert ms.annual.check_sum("10", ["4", "4", "1"], unit="个")[0]["verdict"] == "contradiction"
    # In units of ten thousand the same gap is rounding.
    assert ms.annual.check_sum("10", ["4", "4", "1"], unit="万人")[0]["verdict"] == "holds"
    negative = ms.annual.report(2023, values=of("YZH012311000", -5, form="JZH01", version="2022")).check()
    assert negative.to_list("check") == ["range"]


def form(path: Path, lines: list[tuple[str, Any]]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["某省民政事业统计月报"])
    sheet.append(["指标名称", "单位", "数量"])
    for name, value in lines:
        sheet.append([name, "万元" if isinstance(value, float) else "个", value])
    book.save(path)
    return path


def verdicts(path: Path) -> list[str]:
    return ms.annual.check_workbook(path).to_list("verdict")


def test_a_list_below_a_subset_belongs_to_it(tmp_path: Path) -> None:
    lines: list[tuple[str, Any]] = [
        ("一、社会救助", 100001.8),
        ("其中：低保", 87167.3),
        ("（1）城市", 19477.6),
        ("（2）农村", 67689.7),
    ]
    assert verdicts(form(tmp_path / "a.xlsx", lines)) == ["holds"]
    lines[3] = ("（2）农村", 77689.7)
    assert verdicts(form(tmp_path / "b.xlsx", lines)) == ["contradiction"]
    # A list one level below the line above is that line's own.
    own: list[tuple[str, Any]] = [
        ("一、社会救助", 100.0),
        ("其中：城市", 30.0),
        ("（一）低保", 60.0),
        ("（二）特困", 40.0),
    ]
    assert verdicts(form(tmp_path / "c.xlsx", own)) == ["holds"]


def test_blanks_are_an_outline(tmp_path: Path) -> None:
    lines: list[tuple[str, Any]] = [("机构", 10), ("  养老", 6), ("  儿童", 5), ("    其中：乡镇", 7)]
    found = ms.annual.check_workbook(form(tmp_path / "a.xlsx", lines)).to_dicts()
    assert [(f["check"], f["verdict"]) for f in found] == [
        ("sum", "contradiction"),
        ("subset", "contradiction"),
    ]


def test_our_own_workbook_is_checked_as_its_report(tmp_path: Path) -> None:
    values = {
        "form": ["MS01"] * 4,
        "version": ["2023"] * 4,
        "code": ["SO01", "SO011", "SO012", "SO013"],
        "value": ["215", "71", "141", "0"],
    }
    report = ms.annual.report(2023, values=values)
    path = tmp_path / "a.xlsx"
    report.to_excel(path)
    found = ms.annual.check_workbook(path).to_dicts()
    assert [f["verdict"] for f in found] == report.check().to_list("verdict") == ["contradiction"]
    assert found[0]["cells"][0] == "MS01_2023!D6"


def test_what_a_workbook_lacks_is_told(tmp_path: Path) -> None:
    path = form(tmp_path / "a.xlsx", [("一、机构", 10), ("（一）养老", "=1+1"), ("（二）儿童", 5)])
    with pytest.raises(ms.DataError, match="formula without a stored value"):
        ms.annual.check_workbook(path)
    book = openpyxl.load_workbook(path)
    cell = book.worksheets[0]["C4"]
    cell.value, cell.data_type = "#REF!", "e"
    book.save(path)
    with pytest.raises(ms.DataError, match="#REF!") as caught:
        ms.annual.check_workbook(path)
    assert caught.value.problems[0]["column"] == "Sheet!C4"
    locked = tmp_path / "locked.xlsx"
    locked.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    with pytest.raises(ms.DataError, match="password"):
        ms.annual.read_workbook(locked)
    with pytest.raises(ms.DataError, match=r"\.xlsx"):
        ms.annual.report(2023, values=of("SO01", 3)).to_excel(tmp_path / "x.csv")


def test_a_filled_workbook_brings_its_own_last_year(tmp_path: Path) -> None:
    path = tmp_path / "2024.xlsx"
    ms.annual.report(2023, values=of("SO01", 200)).carry_forward().to_excel(path)
    book = openpyxl.load_workbook(path)
    book.worksheets[0]["D6"] = 210
    book.save(path)
    row = ms.annual.report(2024, workbook=path).table()[0]
    assert (row["value"], row["previous"], row["change_percent"]) == (210, 200, 5.0)
    before = tmp_path / "2023.xlsx"
    ms.annual.report(2023, values=of("SO01", 201)).to_excel(before)
    with pytest.raises(ms.DataError, match="two figures"):
        ms.annual.report(2024, workbook=path, previous=before)
    with pytest.raises(ms.DataError, match="two figures"):
        ms.annual.report(2024, values=of("SO01", 199, 210, year=2024), previous=before)


def test_a_misspelt_series_is_an_error() -> None:
    series = {"indicator": ["population.totl"], "year": [2023], "value": [1]}
    with pytest.raises(ms.DataError, match=r'"population.total" comes nearest'):
        ms.annual.report(2023, series=series)


def test_synthetic_data_are_marked_wherever_they_go(tmp_path: Path) -> None:
    reg = ms.inspection.read(ms.inspection.synthetic())
    values = of("YZH012311000", 190, form="JZH01", version="2022", year=2023)
    report = ms.annual.report(2023, register=reg, values=values)
    marked = [s.endswith("（合成数据）。") for s in report.sentences()]
    assert marked.count(False) == 1
    path = tmp_path / "2023.xlsx"
    report.to_excel(path)
    assert "合成数据" in ms.annual.read_workbook(path).title
    # The footnotes are no lines.
    assert len(ms.annual.read_workbook(path)) == len(report)
    for again in (ms.annual.report(2023, workbook=path), ms.annual.report(2024, previous=path)):
        assert "（合成数据）" in again.table().title
        out = tmp_path / f"{again.year}-again.xlsx"
        again.to_excel(out)
        assert "合成数据" in str(openpyxl.load_workbook(out).worksheets[0]["A1"].value)


def test_the_workbook_prints_and_keeps_what_is_unknown_blank(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    values = of("SO013", 0, 1)
    spending = {
        "form": ["JZH01"] * 3,
        "version": ["2022"] * 3,
        "code": ["JZH011310000", "JZH011212000", "JZH011212100"],
        "year": [2023] * 3,
        "value": [100.0, 50.0, 40.0],
    }
    ms.annual.report(2023, values={k: values[k] + spending[k] for k in values}).to_excel(path)
    book = openpyxl.load_workbook(path, data_only=True)
    assert book["MS01_2023"]["G6"].value in (None, "")
    sheet = book["JZH01_2022"]
    assert [len(str(sheet[f"A{r}"].value)) - len(str(sheet[f"A{r}"].value).lstrip()) for r in (6, 7, 8)] == [
        0,
        4,
        8,
    ]
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((10, 200), "增长19倍"),
        ((100, 250), "增长150.0%"),
        ((1, 12_345_678), "增加12345677人"),
        ((200, 0), "全市没有孤儿，上年为200人"),
        ((0, 0), "全市没有孤儿，上年也没有"),
        ((0, 5), "增加5人"),
    ],
)
def test_sentences_of_a_bulletin(values: tuple[int, int], words: str) -> None:
    assert words in sentence(*values)


def test_findings_without_a_name_begin_with_words() -> None:
    for table in (ms.annual.check_sum("10", ["4"]), ms.annual.check_growth("1", "2", 5, "15.3")):
        assert not table[0]["sentence"].startswith("：")
