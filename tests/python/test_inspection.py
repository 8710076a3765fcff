"""Registers in every form that offices hold; what is wrong is listed and reading goes on."""

from __future__ import annotations

import datetime
import struct
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet
import pytest

import minsuan as ms

SERVICE, ASSOCIATION = "52433101MJK000006G", "51433101MJK000006K"
LONG = [
    ("统一社会信用代码", "名称", "类型", "登记日期", "年度", "结论", "注销日期", "撤销日期"),
    (SERVICE, "甲服务中心", "民办非企业单位", "2015-03-01", "2022", "不合格", "", ""),
    (SERVICE, "甲服务中心", "民办非企业单位", "2015-03-01", "2023", "未参检", "", ""),
    (ASSOCIATION, "乙协会", "社会团体", "2012-11-03", "2022", "合格", "", ""),
    (ASSOCIATION, "乙协会", "社会团体", "2012-11-03", "2023", "基本合格", "", ""),
]
COUNTS = [
    "registered",
    "obliged",
    "inspected",
    "qualified",
    "basically_qualified",
    "unqualified",
    "absent",
    "exempt",
]


def csv(rows: Any = LONG, line: str = "\n", separator: str = ",") -> str:
    return line.join(separator.join(map(str, row)) for row in rows) + line


def frame() -> pd.DataFrame:
    return pd.DataFrame(LONG[1:], columns=list(LONG[0]))


def same(reg: ms.inspection.Register) -> None:
    """The register is the one of LONG, whatever it came in."""
    assert len(reg) == 2
    assert reg.years == (2022, 2023)
    assert [(r["kind"], r["message"]) for r in reg.problems] == []
    total = reg.annual_table(2023)[-1]
    assert [total[c] for c in COUNTS] == [2, 2, 1, 0, 1, 0, 1, 0]
    assert [(d["code"], d["action"], d["years"]) for d in reg.due(2023)] == [
        (SERVICE, "revoke", [2022, 2023])
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize(("line", "separator"), [("\n", ","), ("\r\n", "\t"), ("\n", ";")])
def test_text_in_every_encoding(tmp_path: Path, encoding: str, line: str, separator: str) -> None:
    path = tmp_path / "register.csv"
    path.write_bytes(csv(line=line, separator=separator).encode(encoding))
    same(ms.inspection.read(path))
    same(ms.inspection.read(str(path)))


def test_frames_and_streams(tmp_path: Path) -> None:
    same(ms.inspection.read(frame()))
    same(ms.inspection.read(pl.DataFrame(frame().to_dict("list"))))
    categories = pl.DataFrame(frame().to_dict("list")).with_columns(
        pl.col("结论", "类型", "统一社会信用代码").cast(pl.Categorical),
        pl.col("年度").cast(pl.Int16),
        pl.col("登记日期").str.to_date(),
    )
    same(ms.inspection.read(categories))
    table = pa.Table.from_pandas(frame())
    same(ms.inspection.read(table))
    same(ms.inspection.read(table.to_reader(max_chunksize=1)))
    same(ms.inspection.read(frame().to_dict("list")))
    mixed = frame()
    mixed["年度"] = pd.Series(["2022年", 2023, 2022.0, "２０２３"], dtype=object)
    mixed["登记日期"] = pd.Series([datetime.date(2015, 3, 1)] * 2 + [41216, "2012年11月3日"], dtype=object)
    same(ms.inspection.read(mixed))
    path = tmp_path / "register.parquet"
    categories.write_parquet(path)
    same(ms.inspection.read(path))
    pyarrow.parquet.write_table(table, path, row_group_size=1)
    same(ms.inspection.read(path))


def test_a_sheet_with_merged_two_line_headers(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    cover, sheet = book.active, book.create_sheet("登记册")
    assert cover is not None
    cover["A1"] = "填报说明"
    sheet["A1"] = "吉首市社会组织年检情况表"
    sheet.merge_cells("A1:G1")
    sheet["G2"] = "单位：个"
    sheet.append(["统一社会信用代码", "基本情况", None, None, "年检结论", None, "备注"])
    sheet.append([None, "名  称", "类型", "登记日期", "2022年", "2023年度", None])
    sheet.merge_cells("B3:D3")
    sheet.merge_cells("E3:F3")
    sheet.append(
        [SERVICE, "甲服务中心", "民办非企业单位", datetime.datetime(2015, 3, 1), "不合格", "未参检", None]
    )
    sheet.append([ASSOCIATION, "乙协会", "社会团体", "2012.11.3", "合格", " 基本合格 ", "按时"])
    path = tmp_path / "register.xlsx"
    book.save(path)
    same(ms.inspection.read(path))
    same(ms.inspection.read(path, sheet="登记册"))
    with pytest.raises(ms.DataError, match="no such sheet"):
        ms.inspection.read(path, sheet="第三张")


def test_full_width_digits_and_dates_in_every_form(tmp_path: Path) -> None:
    rows = [list(row) for row in LONG]
    rows[1][3], rows[2][3] = "2015年3月1日", "２０１５／３／１"
    rows[3][3], rows[4][3] = "20121103", "41216"
    rows[1][4], rows[4][4] = "２０２２年度", "2023.0"
    path = tmp_path / "register.csv"
    path.write_text(csv(rows), encoding="utf-8")
    same(ms.inspection.read(path))


def problems(
    rows: list[tuple[str, ...]], header: tuple[str, ...] = LONG[0], **options: Any
) -> list[dict[str, Any]]:
    columns = {name: [row[i] for row in rows] for i, name in enumerate(header)}
    found = ms.inspection.read(columns, **options).problems
    assert found.columns == ["row", "column", "value", "message", "expected", "kind"]
    return found.to_dicts()


def one(rows: list[tuple[str, ...]], kind: str) -> dict[str, Any]:
    found = [p for p in problems(rows) if p["kind"] == kind]
    assert len(found) == 1, problems(rows)
    assert found[0]["expected"]
    return found[0]


def row(**changes: str) -> tuple[str, ...]:
    base = dict(zip(LONG[0], LONG[1], strict=True))
    return tuple((base | changes).values())


def test_each_problem_says_row_column_value_and_expectation() -> None:
    fine = row()
    for changes, kind, column, value in [
        ({"年度": "2023", "结论": "优秀"}, "word", "结论", "优秀"),
        ({"年度": "去年"}, "year", "年度", "去年"),
        ({"年度": "2023", "类型": "俱乐部"}, "type", "类型", "俱乐部"),
        ({"年度": "2023", "登记日期": "2015-02-30"}, "date", "登记日期", "2015-02-30"),
        ({"年度": "2023", "登记日期": "2016-02-01"}, "contradiction", "登记日期", "2016-02-01"),
        ({}, "duplicate", "结论", "不合格"),
        ({"结论": "合格"}, "two_conclusions", "结论", "合格"),
        ({"年度": "2013"}, "before_registration", "结论", "不合格"),
        ({"年度": "2023", "撤销日期": "2022-11-30"}, "after_closing", "结论", "不合格"),
        ({"年度": "2024"}, "gap", "年度", "2023"),
    ]:
        problem = one([fine, row(**changes)], kind)
        assert (problem["column"], problem["value"]) == (column, value), kind
        assert problem["row"] == (1 if kind == "gap" else 2), kind
    assert "不合格" in one([fine, row(年度="2023", 结论="不合挌")], "word")["expected"]


def test_codes_that_a_spreadsheet_broke() -> None:
    broken = row(统一社会信用代码="5.24331E+17", 名称="甲")
    other = row(统一社会信用代码="5.24331E+17", 名称="乙")
    # Two organizations whose codes were broken into the same text stay two.
    reg = ms.inspection.read({n: [broken[i], other[i]] for i, n in enumerate(LONG[0])})
    assert len(reg) == 2
    assert [p["kind"] for p in reg.problems] == ["code_broken", "code_broken"]
    assert one([row(统一社会信用代码="５２４３３１０１ｍｊｋ００００06g")], "code_repaired")["row"] == 1
    assert one([row(统一社会信用代码=SERVICE[:-1] + "A")], "code_check")["expected"] == "第18位为 G"
    assert one([row(统一社会信用代码=SERVICE[:-2])], "code_broken")["row"] == 1
    assert one([row(类型="社会团体")], "type_against_code")["value"] == "社会团体"
    assert problems([row(统一社会信用代码="524331010000001070")]) == []


def test_one_name_under_two_codes_is_told() -> None:
    assert one([row(), row(统一社会信用代码="524331010000001070")], "same_name")["row"] == 2


def test_identity_numbers_are_used_and_dropped() -> None:
    number = "433101195202290008"
    header = (*LONG[0], "法定代表人身份证号")
    rows = [
        (*row(年度="2023"), number),
        (*row(统一社会信用代码="524331010000001070", 年度="2023", 名称=number), number[:-1] + "7"),
    ]
    reg = ms.inspection.read({n: [r[i] for r in rows] for i, n in enumerate(header)})
    people = reg.organizations().to_dicts()
    assert (people[0]["representative_sex"], people[0]["representative_age"]) == ("female", 71)
    assert people[1]["representative_age"] is None
    bad = [p for p in reg.problems if p["kind"] == "identity"]
    assert len(bad) == 1
    assert bad[0]["value"] is None
    for table in (reg.problems, reg.annual_table(2023), reg.due(2023), reg.organizations()):
        assert number[:-1] not in str(table.to_dicts())
    # Nor where it stands in a column that is shown.
    shown = ms.inspection.read({"code": ["x"], "year": [2023], "conclusion": [number]})
    assert number not in str(shown.problems.to_dicts())


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"PK\x03\x04rest", "another kind"),
        ("a.xlsx", csv().encode(), "another kind"),
        ("a.parquet", csv().encode(), "another kind"),
        ("a.xls", b"<html><table><tr><td>x</td></tr></table></html>", "another kind"),
        ("a.csv", b"\x00\x01\x02binary", "another kind"),
        ("a.csv", "统一社会信用代码,年度,结论\n".encode(), "no rows"),
        ("a.csv", "地区,人数\n吉首,3\n".encode(), "identifies"),
        ("a.xlsx", b"PK\x03\x04 and nothing more", "Excel"),
        ("a.parquet", b"PAR1 and nothing more", "Parquet"),
    ],
)
def test_files_that_are_no_register(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(ms.DataError, match=words) as caught:
        ms.inspection.read(path)
    assert caught.value.problems[0]["file"] == name


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ms.DataError, match="cannot be read"):
        ms.inspection.read(tmp_path / "missing.csv")
    with pytest.raises(ms.DataError, match="folder"):
        ms.inspection.read(tmp_path)


def test_a_workbook_with_a_password(tmp_path: Path) -> None:
    # The container of an encrypted workbook: an OLE file whose directory names the stream EncryptedPackage.
    path = tmp_path / "locked.xlsx"
    path.write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(1016)
        + "EncryptedPackage".encode("utf-16-le")
        + bytes(512)
    )
    with pytest.raises(ms.DataError, match="password"):
        ms.inspection.read(path)


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    path = tmp_path / "bomb.xlsx"
    book.save(path)
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("xl/worksheets/sheet9.xml", "w") as part,
    ):
        for _ in range(64):
            part.write(bytes(1 << 20))
    assert path.stat().st_size < 200_000
    with pytest.raises(ms.DataError, match="zip bomb"):
        ms.inspection.read(path)
    # One that lies about its size in the central directory.
    data = bytearray(path.read_bytes())
    size = struct.pack("<I", 64 << 20)
    lie = struct.pack("<I", 1000)
    data = bytearray(bytes(data).replace(size, lie))
    path.write_bytes(data)
    with pytest.raises(ms.DataError, match=r"zip bomb|Excel"):
        ms.inspection.read(path)


def test_rates_have_both_denominators_and_intervals() -> None:
    words = ["合格"] * 150 + ["基本合格"] * 20 + ["不合格"] * 10 + ["未参检"] * 20 + ["免检"] * 12
    reg = ms.inspection.read(
        {
            "code": [f"x{i}" for i in range(212)],
            "year": [2023] * 212,
            "conclusion": words,
            "type": ["社会团体"] * 212,
        }
    )
    table = reg.annual_table(2023)
    assert table.columns[:2] == ["type", "label"]
    assert table.columns[2:10] == COUNTS
    rates = ["inspected_rate", "qualified_rate_inspected", "qualified_rate_obliged"]
    assert table.columns[10:13] == rates
    assert set(table.columns[13:]) == {f"{r}_{b}" for r in rates for b in ("low", "high")}
    assert table.to_list("type") == ["association", "total"]
    total = table[-1]
    assert [total[c] for c in COUNTS] == [212, 200, 180, 150, 20, 10, 20, 12]
    for rate, (k, n) in zip(rates, [(180, 200), (150, 180), (150, 200)], strict=True):
        assert total[rate] == k / n
        assert (total[f"{rate}_low"], total[f"{rate}_high"]) == ms.inspection.share_interval(k, n)
    with pytest.raises(ms.DataError, match="no records of this year"):
        reg.annual_table(2031)


def test_rules_are_data(tmp_path: Path) -> None:
    reg = ms.inspection.read(frame())
    assert reg.due(2023)[0]["rule"] == "jishou-service-revoke"
    assert len(reg.due(2023, rules="national")) == 0  # one failure and one absence are two rows of one there
    own = tmp_path / "own.toml"
    own.write_text(
        '[[set]]\nid = "own"\nlabel = "某县"\n[[rule]]\nid = "a"\nset = "own"\n'
        'type = "service_organization"\naction = "revoke"\nconsecutive = 3\n'
        'counts = ["unqualified"]\narticle = "某办法第三条"\n',
        encoding="utf-8",
    )
    assert len(ms.inspection.read(frame(), rules=own).due(2023)) == 0
    own.write_text(own.read_text(encoding="utf-8").replace("= 3", '= "three"'), encoding="utf-8")
    with pytest.raises(ms.CaseError, match=r"own\.toml:9"):
        ms.inspection.read(frame(), rules=own)
    with pytest.raises(ms.DataError, match="jishou, national"):
        ms.inspection.read(frame(), rules="nowhere")
    with pytest.raises(ms.DataError, match="counts, pauses, ends"):
        reg.due(2023, exempt="maybe")  # type: ignore[arg-type]


def test_advice_says_that_it_is_advice() -> None:
    due = ms.inspection.read(frame()).due(2023)
    assert due.columns == ["code", "name", "type", "action", "years", "rule", "article", "reason"]
    assert any("不是行政决定" in note for note in due.notes)
    assert due[0]["reason"] == (
        "2022年不合格、2023年未参检（未参检计入连续年数），符合“连续2年”的撤销登记条件，建议核实后处理"
    )
    assert "47号" in due[0]["article"]


def test_progress_and_interruption(tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    path.write_text(csv(), encoding="utf-8")
    same(ms.inspection.read(path, progress=lambda done, total: None))
