"""Registers in every form that offices hold; what is wrong is listed and reading goes on."""

from __future__ import annotations

import datetime
import re
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


def test_names_stay_as_they_are_written() -> None:
    names = ["某某（吉首）服务中心", "某某(吉首)服务中心", "某某吉首服务中心"]
    columns = {"code": [SERVICE] * 3, "name": names, "year": [2021, 2022, 2023], "conclusion": ["合格"] * 3}
    reg = ms.inspection.read(columns)
    # Brackets of full width or half are one name; without them it is another.
    assert [(r["from"], r["to"], r["year"]) for r in reg.renames()] == [(names[0], names[2], 2023)]
    assert reg.organizations()[0]["name"] == names[2]
    assert len(reg) == 1


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


def test_a_workbook_that_announces_billions_of_texts_is_refused(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.xlsx", tmp_path / "bad.xlsx"
    ms.inspection.synthetic(seed=1).to_excel(good)
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(bad, "w") as target:
        for name in source.namelist():
            text = source.read(name)
            if "sharedStrings" in name:
                text = re.sub(rb'uniqueCount="\d+"', b'uniqueCount="2222222222"', text)
            target.writestr(name, text)
    for read in (ms.inspection.read, ms.Table):
        with pytest.raises(ms.DataError, match="announces more texts") as error:
            read(bad)
        assert "bad.xlsx" in str(error.value)


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


# lifelines 0.30.3, load_waltons(): time, leaving, events; and KaplanMeierFitter().fit(T, E) with bounds.
WALTONS = [
    (6, 1, 1), (7, 2, 1), (9, 3, 3), (13, 3, 3), (15, 2, 2), (17, 1, 1), (19, 3, 3), (22, 4, 4),
    (26, 5, 5), (29, 5, 5), (32, 1, 1), (33, 3, 3), (36, 2, 2), (38, 2, 2), (41, 7, 7), (43, 1, 1),
    (45, 10, 9), (47, 1, 1), (48, 8, 8), (51, 3, 3), (53, 7, 7), (54, 2, 2), (56, 18, 18), (58, 4, 4),
    (60, 16, 15), (61, 11, 9), (62, 2, 2), (63, 9, 9), (66, 3, 3), (68, 10, 9), (69, 13, 12), (75, 1, 1),
]  # fmt: skip
WALTONS_FIT = [
    (6.0, 0.9938650306748462, 0.9572536591090658, 0.9991335232818397),
    (9.0, 0.9692101226993866, 0.9276127862113859, 0.9870680842317412),
    (29.0, 0.8272239263803682, 0.7596693986837444, 0.8773128137072396),
    (45.0, 0.6728911042944786, 0.5948249410378891, 0.7392432085214612),
    (47.0, 0.6666606311065664, 0.5883709528834424, 0.733466285970835),
    (56.0, 0.4299026499659169, 0.35268900481936244, 0.5046796092328875),
    (61.0, 0.2543050280780342, 0.18974727081981202, 0.32368786056366533),
    (68.0, 0.10038356371501352, 0.05924079881407292, 0.15415682218854146),
    (69.0, 0.014340509102144797, 0.0028540777041644733, 0.046183697525073696),
]
# load_multicenter_aids_cohort_study(): entry, end, event; fit(T, D, entry=W).
MACS = [
    (4.575, 7.575, 0), (3.75, 6.75, 0), (2.986, 5.986, 0), (2.97, 5.97, 0), (2.928, 5.928, 0),
    (2.78, 4.688, 1), (2.626, 5.626, 0), (2.611, 5.611, 0), (2.55, 5.55, 0), (2.347, 5.347, 0),
    (2.175, 3.842, 0), (2.094, 3.655, 1), (2.089, 3.062, 1), (2.042, 5.042, 0), (1.736, 4.653, 0),
    (1.616, 2.729, 1), (1.564, 4.564, 0), (1.561, 2.897, 1), (1.556, 4.556, 0), (1.497, 2.024, 1),
    (1.467, 2.4, 1), (1.363, 3.043, 1), (1.3, 4.3, 0), (0.919, 1.169, 1), (0.863, 3.863, 0),
    (0.811, 3.811, 0), (0.788, 3.788, 0), (0.772, 3.772, 0), (0.747, 1.894, 1), (0.642, 1.951, 1),
    (0.462, 3.462, 0), (0.336, 3.336, 0), (0.292, 1.125, 0), (0.266, 1.258, 1), (0.258, 3.258, 0),
    (0.202, 3.202, 0), (0.186, 3.186, 0), (0.164, 0.973, 1), (0.128, 3.128, 0), (0.097, 1.794, 1),
    (0.067, 0.962, 1), (0.05, 1.255, 1), (0.0, 2.941, 0), (0.0, 1.619, 1), (0.0, 2.897, 0),
    (0.0, 1.619, 1), (0.0, 2.456, 1), (0.0, 1.752, 1), (0.0, 2.798, 0), (0.0, 2.769, 0), (0.0, 0.791, 1),
    (0.0, 2.753, 0), (0.0, 2.72, 0), (0.0, 1.881, 0), (0.0, 2.714, 0), (0.0, 1.322, 1), (0.0, 2.658, 0),
    (0.0, 1.216, 1), (0.0, 0.269, 1), (0.0, 2.5, 1), (0.0, 2.336, 0), (0.0, 2.131, 0), (0.0, 2.103, 0),
    (0.0, 0.086, 0), (0.0, 2.064, 0), (0.0, 2.059, 0), (0.0, 1.107, 1), (0.0, 0.067, 0), (0.0, 1.616, 0),
    (0.0, 1.431, 0), (0.0, 1.47, 0), (0.0, 0.82, 1), (0.0, 0.989, 0), (0.0, 0.578, 0), (0.0, 0.489, 0),
    (0.0, 0.403, 0), (0.0, 0.35, 0), (0.0, 0.153, 0),
]  # fmt: skip
MACS_FIT = [
    (0.269, 0.9761904761904763, 0.8427555396046058, 0.9966114497949284),
    (0.82, 0.9323224124360491, 0.8046528039428811, 0.9776591127070965),
    (1.258, 0.7827068633927403, 0.6338229600477409, 0.8766611503776333),
    (1.619, 0.7234749926495059, 0.5722688996140042, 0.8288474359664235),
    (2.5, 0.5719780924793103, 0.4235885937593651, 0.6953592185252399),
    (3.062, 0.4929943778342477, 0.3490738709921066, 0.6217142447436319),
    (3.655, 0.4670473053166557, 0.32313274987112944, 0.5986526348243592),
]


def test_survival_is_that_of_lifelines() -> None:
    durations = [t for t, n, _ in WALTONS for _ in range(n)]
    events = [i < d for _, n, d in WALTONS for i in range(n)]
    late = [list(column) for column in zip(*MACS, strict=True)]
    for curve, fit in [
        (ms.inspection.survival_curve(durations, events), WALTONS_FIT),
        (ms.inspection.survival_curve(late[1], [bool(d) for d in late[2]], late[0]), MACS_FIT),
    ]:
        steps = {r["time"]: r for r in curve}
        for time, *want in fit:
            got = [steps[time][name] for name in ("survival", "low", "high")]
            assert got == pytest.approx(want, abs=1e-9)


def test_statistics_of_the_synthetic_register() -> None:
    table = ms.inspection.synthetic(seed=1)
    reg = ms.inspection.read(table)
    assert reg.synthetic
    assert "synthetic" in repr(reg)
    assert len(reg.problems) == 0
    transitions = reg.transitions()
    assert transitions.columns == ["type", "from", "to", "count", "probability", "low", "high"]
    survival = reg.survival()
    assert survival.columns == ["type", "age_years", "at_risk", "events", "survival", "low", "high"]
    assert survival.to_list("survival")[0] == 1.0
    expected = reg.expected(2024, draws=200, seed=3)
    assert expected.columns[:4] == ["type", "label", "indicator", "unit"]
    assert expected.equals(reg.expected(2024, draws=200, seed=3))
    with pytest.raises(ms.ModelError, match="year after its last"):
        reg.expected(2030)
    published = reg.publish(2023)
    known = [v for name in COUNTS for v in published.to_list(name) if v is not None]
    assert all(v == 0 or v >= 5 for v in known)
    for made in (
        transitions,
        survival,
        expected,
        published,
        reg.due(2023),
        reg.annual_table(2023),
        reg.counts(),
    ):
        assert "合成" in made.title


def test_pictures() -> None:
    reg = ms.inspection.read(ms.inspection.synthetic())
    for figure in (
        reg.plot_conclusions(),
        reg.plot_conclusions("association", lang="en"),
        reg.plot_transitions(),
        reg.plot_survival(),
    ):
        assert figure.axes
        assert ms.plots.svg(figure).startswith("<svg")


def test_the_synthetic_file_says_so_in_its_name(tmp_path: Path) -> None:
    path = ms.inspection.write_synthetic(tmp_path, seed=2)
    assert "synthetic" in path.name
    assert ms.inspection.read(path).synthetic
