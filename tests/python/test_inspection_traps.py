"""Registers that used to be read wrongly without a word, and errors that were not those of minsuan."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest

import minsuan as ms

SERVICE, ASSOCIATION = "52433101MJK000006G", "51433101MJK000006K"


def register(**columns: Any) -> ms.inspection.Register:
    base: dict[str, Any] = {"code": [SERVICE], "name": ["甲"], "year": [2023], "conclusion": ["合格"]}
    return ms.inspection.read(base | columns)


def test_ignored_columns_are_shown() -> None:
    reg = register(备注=["x"], 注销文号=["y"])
    assert reg.ignored_columns == ["备注", "注销文号"]
    assert any("未采用的列：备注、注销文号" in note for note in reg.problems.notes)
    assert [(p["kind"], p["column"]) for p in reg.problems] == [("column", "注销文号")]


def test_a_sheet_a_year_is_read_whole(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for year, word in ((2022, "不合格"), (2023, "未参检")):
        sheet = book.create_sheet(f"{year}年")
        sheet.append([f"{year}年度年检情况表"])
        sheet.append(["统一社会信用代码", "名称", "登记日期", "结论"])
        sheet.append([SERVICE, "甲", "2010-01-01", word])
        sheet.append([ASSOCIATION, "乙", "2010-02-30", "合格"])
    book.remove(book.worksheets[0])
    path = tmp_path / "years.xlsx"
    book.save(path)
    reg = ms.inspection.read(path)
    assert reg.years == (2022, 2023)
    assert [(d["code"], d["years"]) for d in reg.due(2023)] == [(SERVICE, [2022, 2023])]
    assert [p["column"] for p in reg.problems] == ["2022年!登记日期", "2023年!登记日期"]


def test_another_sheet_with_a_register_is_told(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    header = ["统一社会信用代码", "年度", "结论"]
    for name in ("名册", "补充"):
        sheet = book.create_sheet(name)
        sheet.append(header)
        sheet.append([SERVICE, 2023, "合格"])
    sheet = book.create_sheet("说明")
    sheet.append(["请如实填写"])
    book.remove(book.worksheets[0])
    path = tmp_path / "two.xlsx"
    book.save(path)
    reg = ms.inspection.read(path)
    assert [(p["kind"], p["value"]) for p in reg.problems] == [("sheet", "补充")]
    assert len(ms.inspection.read(path, sheet="补充").problems) == 0


def test_errors_in_a_cell_are_no_blanks(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["统一社会信用代码", "登记日期", "注销日期", "年度", "结论"])
    sheet.append([SERVICE, "#REF!", "#REF!", 2022, "不合格"])
    sheet.append([SERVICE, "#REF!", None, 2023, "不合格"])
    sheet.cell(2, 2).data_type = "e"
    sheet.cell(2, 3).data_type = "e"
    # A formula that was written and never calculated.
    sheet["B3"] = "=DATE(2015,3,1)"
    path = tmp_path / "errors.xlsx"
    book.save(path)
    reg = ms.inspection.read(path)
    assert [p["kind"] for p in reg.problems] == ["date", "closed_undated", "date"]
    due = reg.due(2023)
    assert len(due) == 0
    assert any("日期不明" in note for note in due.notes)


@pytest.mark.parametrize("codec", ["gzip", "snappy", "zstd", "none"])
def test_parquet_in_the_usual_compressions(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "register.parquet"
    table = pa.table({"code": [SERVICE], "year": [2023], "conclusion": ["合格"]})
    pyarrow.parquet.write_table(table, path, compression=codec)
    assert len(ms.inspection.read(path)) == 1


def test_parquet_in_another_compression_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "register.parquet"
    table = pa.table({"code": [SERVICE], "year": [2023], "conclusion": ["合格"]})
    pyarrow.parquet.write_table(table, path, compression="brotli")
    with pytest.raises(ms.DataError, match="snappy, zstd, gzip") as caught:
        ms.inspection.read(path)
    assert "brotli" in str(caught.value)


def test_identity_numbers_do_not_come_out(tmp_path: Path) -> None:
    path = tmp_path / "433101195202290008.csv"
    path.write_text("张三,433101195202290008,x\n", encoding="utf-8")
    with pytest.raises(ms.DataError) as caught:
        ms.inspection.read(path)
    assert "0229" not in str(caught.value)
    with pytest.raises(ms.DataError) as caught:
        ms.inspection.area("433101-19520229-0008")
    assert "0229" not in str(caught.value)
    for shown in ("4.3310119520229E17", "433101-19520229-0008", "身份证号433101195202290008"):
        reg = register(code=[shown], name=[shown])
        assert "0229" not in str(reg.problems.to_dicts()) + str(reg.organizations().to_dicts())
    assert ms.inspection.person("433101195202290008", "2023-12-31") == ("female", 71)
    with pytest.raises(ms.DataError, match="校验"):
        ms.inspection.person("433101195202290007", "2023-12-31")


@pytest.mark.parametrize(
    "call",
    [
        lambda reg: reg.annual_table(2**70),
        lambda reg: reg.due(2**70),
        lambda reg: reg.publish(2023, threshold=-1),
        lambda reg: reg.expected(2024, seed=-1),
        lambda reg: ms.inspection.share_interval(-1, 3),
        lambda reg: ms.inspection.suppress([[-1]]),
        lambda reg: ms.inspection.synthetic(seed=-1),
        lambda reg: reg.plot_conclusions(lang="fr"),
        lambda reg: ms.annual.check_growth(1, 2, -1, 3),
        lambda reg: ms.annual.report(10**12),
        lambda reg: ms.annual.report(2023, register=reg.problems),
        lambda reg: ms.annual.report(2023, run=5),
        lambda reg: ms.inspection.read(pd.DataFrame()),
        lambda reg: ms.inspection.read(pd.DataFrame([[1, 2]], columns=["a", "a"])),
        lambda reg: ms.inspection.read(ms.inspection.synthetic(), "jishou", rule_set="x"),
    ],
)
def test_wrong_arguments_are_errors_of_minsuan(call: Any) -> None:
    with pytest.raises(ms.DataError):
        call(ms.inspection.read(ms.inspection.synthetic()))


def test_pictures_in_english_hold_no_chinese() -> None:
    reg = ms.inspection.read(ms.inspection.synthetic())
    for figure in (
        reg.plot_conclusions(lang="en"),
        reg.plot_transitions(lang="en"),
        reg.plot_survival(lang="en"),
    ):
        words = [t.get_text() for t in figure.findobj(lambda a: hasattr(a, "get_text"))]
        assert not [w for w in words if any("\u4e00" <= c <= "\u9fff" for c in w)]
        assert any("synthetic" in w for w in words)


def test_tables_fit_a_terminal_with_their_rates() -> None:
    from minsuan import _display

    reg = ms.inspection.read(ms.inspection.synthetic())
    shown = _display.text(reg.annual_table(2023), width=160)
    assert "参检率区间" in shown
    assert "association" not in shown
    narrow = _display.text(reg.annual_table(2023), width=110)
    assert "参检率" in narrow.split("\n")[1]
    due = _display.text(reg.due(2023), width=140).split("\n")
    assert "建议" in due[1]
    assert "计入年度" in due[1]
    assert "revoke" not in "\n".join(due)


def test_the_command_line_marks_files_and_stops_quietly(tmp_path: Path) -> None:
    path = ms.inspection.write_synthetic(tmp_path)
    command = [sys.executable, "-m", "minsuan", "inspect", str(path), "--year", "2023"]
    out = tmp_path / "out"
    subprocess.run([*command, "--out", str(out)], check=True, capture_output=True)
    assert all("合成数据" in p.name for p in out.iterdir())
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
