"""The annual report: published tables that hold, a rate that was printed wrong, workbooks there and back."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

import minsuan as ms

# Yunnan: the monthly report of January 2020 and the quarterly report of March 2020, as published.
COMPLETE = [
    ("乡级区划", "1405", ["679", "400", "140", "186"]),
    ("民政事业费", "123894.7", ["11571.7", "100001.8", "8685.5", "600.3", "3035.4"]),
    ("低保支出", "87167.3", ["19477.6", "67689.7"]),
    ("特困支出", "10625.8", ["1051.7", "9574.1"]),
    ("机构", "942", ["837", "5", "27", "73"]),
    ("床位", "90106", ["81895", "2250", "3292", "2669"]),
    ("困境儿童", "487828", ["476907", "1227", "9694"]),
    ("孤儿", "10227", ["10099", "128"]),
    # The ministry's bulletin of 2021.
    ("提供住宿机构", "42696", ["39961", "140", "815", "1780"]),
    ("养老机构", "39961", ["1521", "17292", "21148"]),
    ("社会组织", "901870", ["371110", "8877", "521883"]),
    # Printed in units of ten thousand: parts that miss their total by rounding alone.
    ("孤儿（万）", "17.3", ["5.3", "11.9"]),
    ("社区服务站（万）", "48.6", ["10.9", "37.6"]),
    ("持证社工（万）", "73.7", ["55.9", "17.7"]),
    ("自治组织（万）", "60.6", ["49.0", "11.7"]),
    # The plan, line 97.
    ("吉首社会组织", "212", ["71", "141"]),
]


@pytest.mark.parametrize(("name", "total", "parts"), COMPLETE)
def test_published_sums_hold_and_a_digit_more_does_not(name: str, total: str, parts: list[str]) -> None:
    assert ms.annual.check_sum(total, parts, name=name)[0]["verdict"] == "holds"
    places = len(total.partition(".")[2])
    wrong = f"{float(total) + 10**-places * (len(parts) + 3):.{places}f}"
    finding = ms.annual.check_sum(wrong, parts, name=name)[0]
    assert finding["verdict"] == "contradiction"
    assert "超出四舍五入范围" in finding["sentence"]


def test_a_partial_list_is_no_error_unless_it_exceeds() -> None:
    assert ms.annual.check_sum("100001.8", ["87167.3", "10625.8"], partial=True)[0]["verdict"] == "info"
    assert ms.annual.check_sum("100001.8", ["97793.1"], partial=True)[0]["gap"] == pytest.approx(
        -2208.7, abs=1e-9
    )
    assert ms.annual.check_sum("97793.1", ["100001.8"], partial=True)[0]["verdict"] == "contradiction"


def test_the_growth_rate_that_was_printed_wrong() -> None:
    finding = ms.annual.check_growth("154.3", "320.8", 5, "15.3")[0]
    assert finding["verdict"] == "contradiction"
    assert round(finding["computed"], 2) == 15.76
    assert ms.annual.check_growth("154.3", "320.8", 5, "15.76")[0]["verdict"] == "holds"
    assert ms.annual.check_growth("154.3", "320.8", 5, "15.8")[0]["verdict"] == "holds"
    with pytest.raises(ms.DataError, match="positive"):
        ms.annual.check_growth("0", "320.8", 5, "15.3")
    with pytest.raises(ms.DataError, match="not a number"):
        ms.annual.check_growth("about", "320.8", 5, "15.3")


def form(path: Path, lines: list[tuple[str, object]]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "月报"
    sheet.append(["云南省民政事业统计月报"])
    sheet.append(["表号：JBZH0001"])
    sheet.append(["2020年1月"])
    sheet.append(["指标名称", "单位", "数量"])
    for name, value in lines:
        unit = "万元" if isinstance(value, float) else "个"
        sheet.append([name, unit, value])
    book.save(path)
    return path


def test_a_form_is_checked_by_its_outline(tmp_path: Path) -> None:
    # The numbering jumps where lines were left out, which is no fault.
    lines: list[tuple[str, object]] = [
        ("一、乡级区划", 1405),
        ("（一）镇", 679),
        ("（二）乡", 400),
        ("#民族乡", 140),
        ("（三）民族乡", 140),
        ("（六）街道", "186"),
        ("二、民政事业费累计支出*", 123894.7),
        ("（一）社会福利*", 11571.7),
        ("（二）社会救助*", 100001.8),
        ("1.低保*", 87167.3),
        ("2.特困*", 10625.8),
        ("其中：农村特困*", 9574.1),
        ("（三）社会事务*", 8685.5),
        ("（四）行政区划*", 600.3),
        ("（五）其他*", 3035.4),
    ]
    found = ms.annual.check_workbook(form(tmp_path / "a.xlsx", lines)).to_dicts()
    verdicts = [(f["verdict"], f["cells"][0]) for f in found]
    assert verdicts == [("info", "月报!C13"), ("holds", "月报!C5"), ("holds", "月报!C11")]
    assert found[0]["gap"] == pytest.approx(-2208.7)
    wrong = [("一、乡级区划", 1400) if name == "一、乡级区划" else (name, value) for name, value in lines]
    wrong = [
        ("其中：农村特困*", 19574.1) if name.startswith("其中") else (name, value) for name, value in wrong
    ]
    found = ms.annual.check_workbook(form(tmp_path / "b.xlsx", wrong)).to_dicts()
    bad = [f for f in found if f["verdict"] == "contradiction"]
    assert {f["check"] for f in bad} == {"sum", "subset"}
    assert bad[0]["cells"] == [f"月报!C{r}" for r in (5, 6, 7, 9, 10)]


VALUES = {
    "form": ["JZH01"] * 5,
    "version": ["2022"] * 5,
    "code": ["JZH011310000", "JZH011212000", "JZH011212000", "YZH012311000", "YZH012311000"],
    "year": [2022, 2021, 2022, 2021, 2022],
    "value": ["5000.0", "1000.0", "1015.0", "200", "190"],
}


def test_changes_in_percent_and_points() -> None:
    reg = ms.inspection.read(ms.inspection.synthetic())
    report = ms.annual.report(2022, values=VALUES, register=reg, place="吉首市")
    rows = {r["code"]: r for r in report.table()}
    assert rows["JZH011212000"]["change"] == 15.0
    assert rows["JZH011212000"]["change_percent"] == 1.5
    assert rows["YZH012311000"]["change_percent"] == -5.0
    assert rows["JZH011310000"]["previous"] is None
    assert rows["JZH011310000"]["change_percent"] is None
    rate = rows["SO06"]
    assert rate["unit"] == "%"
    assert rate["change_percent"] is None
    assert rate["change_points"] == pytest.approx(rate["value"] - rate["previous"])
    now = reg.annual_table(2022)
    assert rows["SO01"]["value"] == now[-1]["registered"]
    assert rate["value"] == pytest.approx(100 * now[-1]["inspected_rate"], abs=0.05)
    assert "（合成数据）" in report.table().title
    sentences = report.sentences()
    assert "截至2022年底，吉首市共有孤儿190人，比上年下降5.0%。" in sentences
    assert any("个百分点" in s or "持平" in s for s in sentences if "率" in s)
    assert not any("率" in s and "增长" in s for s in sentences)
    assert any(
        s.startswith("2022年，吉首市民政事业费支出5000.0万元，其中社会救助支出1015.0万元") for s in sentences
    )


def test_a_renumbered_code_is_found_under_its_old_one() -> None:
    values = {
        "form": ["JBZH0001", "JZH01"],
        "version": ["2019", "2022"],
        "code": ["JZH011314000", "JZH011212000"],
        "year": [2021, 2022],
        "value": [800.0, 900.0],
    }
    table = ms.annual.report(2022, values=values).table()
    assert table.to_list("code") == ["JZH011212000"]
    assert table[0]["change_percent"] == 12.5
    with pytest.raises(ms.DataError, match="version 2022") as caught:
        ms.annual.report(2022, values=values | {"version": ["2019", "2019"]})
    assert len(caught.value.problems) == 1


def test_checks_of_a_report() -> None:
    values = {
        "form": ["MS01"] * 5,
        "version": ["2023"] * 5,
        "code": ["SO01", "SO011", "SO012", "SO013", "SO02"],
        "value": [212, 71, 141, 0, 200],
    }
    assert ms.annual.report(2020, values=values).check().to_list("verdict") == ["holds"]
    wrong = ms.annual.report(2020, values=values | {"value": [215, 71, 141, 0, 200]}).check()[0]
    assert (wrong["verdict"], wrong["stated"], wrong["computed"], wrong["gap"]) == (
        "contradiction",
        215,
        212,
        -3,
    )
    # A part that is unknown makes the list partial, not wrong.
    unknown = values | {"value": [215, 71, 141, None, 200]}
    assert ms.annual.report(2020, values=unknown).check()[0]["verdict"] == "info"


def test_the_workbook_recalculates_to_its_values_and_is_carried_forward(tmp_path: Path) -> None:
    reg = ms.inspection.read(ms.inspection.synthetic())
    report = ms.annual.report(2022, register=reg, values=VALUES, place="吉首市")
    path = tmp_path / "2022.xlsx"
    report.to_excel(path)
    shown = openpyxl.load_workbook(path, data_only=True)
    formulas = openpyxl.load_workbook(path)
    assert shown.sheetnames == ["JZH01_2022", "MS01_2023"]
    sheet, written = shown["MS01_2023"], formulas["MS01_2023"]
    assert sheet["A1"].value == "2022年吉首市民政统计年报（合成数据）"
    assert [c.value for c in sheet[5]][:5] == ["指标名称", "代码", "计量单位", "本年", "上年"]
    assert str(written["D6"].value).startswith("=D7+D8")
    assert sheet["D6"].value == sum(
        sheet[f"D{r}"].value for r in (7, 8, 9) if sheet[f"B{r}"].value.startswith("SO01")
    )
    for row in range(6, 6 + sum(r["form"] == "MS01" for r in report.table())):
        now, before, change = (sheet[f"{c}{row}"].value for c in "DEF")
        assert float(change) == pytest.approx(now - before, abs=1e-9)
        assert str(written[f"F{row}"].value).startswith("=IF(OR(D")
    assert sheet["A12"].value is not None
    read = ms.annual.read_workbook(path)
    assert {(r["form"], r["version"], r["year"]) for r in read} == {
        ("MS01", "2023", 2022),
        ("JZH01", "2022", 2022),
    }
    assert read[0]["cell"].startswith("JZH01_2022!D")
    after = ms.annual.report(2023, register=reg, previous=path, place="吉首市")
    rows = {r["code"]: r for r in after.table()}
    assert rows["SO01"]["previous"] == {r["code"]: r for r in report.table()}["SO01"]["value"]
    assert rows["JZH011212000"]["value"] is None
    assert rows["JZH011212000"]["previous"] == 1015.0
    assert report.carry_forward().table().to_list("previous") == report.table().to_list("value")
    with pytest.raises(ms.DataError, match="another year"):
        ms.annual.report(2025, previous=path, values=VALUES)


def test_bad_input(tmp_path: Path) -> None:
    with pytest.raises(ms.DataError, match="not a number") as caught:
        ms.annual.report(2022, values=VALUES | {"value": ["约五千", "x", "1", "2", "3"]})
    assert len(caught.value.problems) == 2
    twice = {k: [v[0], v[0]] for k, v in VALUES.items()} | {"value": ["1", "2"]}
    with pytest.raises(ms.DataError, match="two figures"):
        ms.annual.report(2022, values=twice)
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(ms.DataError, match=r"a\.xlsx"):
        ms.annual.check_workbook(path)
    with pytest.raises(ms.DataError, match="without a line"):
        ms.annual.report(2022).to_excel(tmp_path / "b.xlsx")
    assert not (tmp_path / "b.xlsx").exists()
