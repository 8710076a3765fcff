"""Tables in and out: every way in gives the same table, every way out can be read by its own reader."""

from __future__ import annotations

import decimal
import pickle
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minsuan as ms

DATA = {
    "code": ["433101002", "433101004"],
    "名称": ["峒河街道", "乾州街道"],
    "n": [12345, None],
    "x": [0.25, 1.5],
}


@pytest.fixture
def table() -> ms.Table:
    return ms.Table(DATA)


def same(table: ms.Table) -> bool:
    return table.to_dicts() == [dict(zip(DATA, row, strict=True)) for row in zip(*DATA.values(), strict=True)]


def test_every_way_in_gives_the_same_table(table: ms.Table, tmp_path: Path) -> None:
    frame = pd.DataFrame(DATA).astype({"n": "Int64"})
    frame.to_parquet(tmp_path / "a.parquet")
    frame.to_excel(tmp_path / "a.xlsx", index=False)
    ways: list[object] = [table, pl.DataFrame(DATA), pa.table(DATA), frame, frame.set_index([[7, 9]])]
    ways += [tmp_path / "a.parquet", str(tmp_path / "a.xlsx"), pl.DataFrame(DATA).to_dicts()]
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        path = tmp_path / f"{encoding}.csv"
        frame.to_csv(path, index=False, encoding=encoding)
        ways.append(path)
    for way in ways:
        assert same(ms.Table(way)), way


def test_pandas_is_taken_without_pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: pd.DataFrame, requested_schema: object = None) -> None:
        raise ImportError("no pyarrow")

    monkeypatch.setattr(pd.DataFrame, "__arrow_c_stream__", refuse)
    frame = pd.DataFrame(DATA).astype({"n": "Int64"})
    frame["when"] = pd.to_datetime(["2021-11-05", None])
    frame["mixed"] = ["350余", 4200]
    got = ms.Table(frame)
    assert got.to_list("n") == [12345, None]
    assert got.to_list("when") == ["2021-11-05T00:00:00", None]
    assert got.to_list("mixed") == ["350余", "4200"]


def test_receivers_take_it_and_money_stays_exact() -> None:
    amounts = [decimal.Decimal("360000.00"), None, decimal.Decimal("9999999999999999.99")]
    raw = pa.table({"line": ["a", "b", "c"], "amount": pa.array(amounts, pa.decimal128(18, 2))})
    table = ms.Table(raw)
    assert table.to_list("amount") == amounts
    assert pa.table(table).schema.field("amount").type == pa.decimal128(18, 2)
    assert pl.DataFrame(table)["amount"].to_list() == amounts
    assert table.to_pandas()["amount"].tolist() == amounts
    assert table.to_polars().equals(pl.DataFrame(table))


def test_arrow_receivers_share_the_memory(table: ms.Table) -> None:
    a, b = pa.table(table), pa.table(table)
    assert a["x"].chunk(0).buffers()[1].address == b["x"].chunk(0).buffers()[1].address


def test_labels_travel_as_field_metadata(tmp_path: Path) -> None:
    field = pa.field("p50", pa.float64(), metadata={"label": "中位数", "unit": "人"})
    metadata = {"title": "老年人口", "notes": "来源：规划第121行\n区间含义：80%"}
    table = ms.Table(pa.table([[1.0, 45_000.5]], schema=pa.schema([field], metadata=metadata)))
    assert (table.title, table.notes) == ("老年人口", ["来源：规划第121行", "区间含义：80%"])
    table.to_parquet(tmp_path / "t.parquet")
    table.to_excel(tmp_path / "t.xlsx")
    for again in (tmp_path / "t.parquet", tmp_path / "t.xlsx", pickle.dumps(table)):
        got = pickle.loads(again) if isinstance(again, bytes) else ms.Table(again)
        assert got.labels == {"p50": "中位数"}
        assert got.units == {"p50": "人"}
        assert got.title == "老年人口"
        assert got.notes == table.notes
        assert got.to_list("p50") == [1.0, 45_000.5]
    stored = pyarrow.parquet.read_schema(tmp_path / "t.parquet").field("p50")
    assert stored.metadata[b"unit"] == "人".encode()
    assert table.to_pandas().attrs["units"] == {"p50": "人"}


def test_columns_rows_slices_and_masks(table: ms.Table) -> None:
    assert table["x"].dtype == np.float64
    assert np.isnan(table["n"][1])
    assert table["名称"].tolist() == DATA["名称"]
    assert table[-1]["code"] == "433101004"
    assert [row["x"] for row in table] == DATA["x"]
    assert table[::-1]["x"].tolist() == [1.5, 0.25]
    assert len(table[table["x"] > 1]) == 1
    assert table[["x", "code"]].columns == ["x", "code"]
    assert len(table.head(1)) == len(table.tail(1)) == 1
    assert table.shape == (2, 4)
    assert "x" in table
    assert "y" not in table
    assert len(table.filter(code="433101002", x=0.25)) == 1
    assert len(table.filter(code=["433101002", "433101004"])) == 2
    assert len(table.filter(n=range(1, 20_000))) == 1
    with pytest.raises(KeyError, match="expected one of code"):
        table["nope"]
    with pytest.raises(KeyError, match="nope"):
        table.filter(nope=1)
    with pytest.raises(IndexError):
        table[2]
    with pytest.raises(ms.DataError, match="mask of another length"):
        table[[True]]
    with pytest.raises(ms.DataError, match="column name"):
        table[1.5]


def test_excel_as_others_read_it(table: ms.Table, tmp_path: Path) -> None:
    table.to_excel(tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    sheet = book.worksheets[0]
    assert sheet.freeze_panes == "A2"
    assert sheet["A2"].value == "433101002"
    assert (sheet["C2"].value, sheet["C2"].number_format, sheet["C3"].value) == (12345, "#,##0", None)
    assert book.sheetnames[1] == "说明"
    frame = pd.read_excel(tmp_path / "t.xlsx", dtype={"code": str})
    assert frame["名称"].tolist() == DATA["名称"]


def test_csv_as_others_read_it(table: ms.Table, tmp_path: Path) -> None:
    table.to_csv(tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbfcode,")
    table.to_csv(tmp_path / "b.csv", encoding="gb18030", header="labels")
    text = (tmp_path / "b.csv").read_bytes().decode("gb18030")
    assert text.splitlines()[1] == "433101002,峒河街道,12345,0.25"
    with pytest.raises(ms.DataError, match="utf-8-sig"):
        table.to_csv(tmp_path / "c.csv", encoding="latin-1")
    with pytest.raises(ms.DataError, match="labels"):
        table.to_csv(tmp_path / "c.csv", header="x")
    with pytest.raises(ms.DataError, match="folder does not exist"):
        table.to_csv(tmp_path / "no" / "c.csv")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.csv", "b.csv"]


finite = st.floats(allow_nan=False, allow_infinity=False)
letters = st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\ufffd")
words = st.text(letters, max_size=12).map(lambda w: "名" + w.strip())


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(st.none() | finite, st.none() | words), min_size=1))
def test_what_is_written_is_read_back(
    rows: list[tuple[float | None, str | None]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("t")
    # Numbered, because a row without any value is no row of a text file.
    table = ms.Table({"no": list(range(len(rows))), "x": [r[0] for r in rows], "s": [r[1] for r in rows]})
    for encoding in ("utf-8-sig", "gb18030"):
        table.to_csv(folder / "t.csv", encoding=encoding)
        got = ms.Table(folder / "t.csv", encoding=encoding)
        assert [None if v is None else float(v) for v in got.to_list("x")] == table.to_list("x")
        assert got.to_list("s") == table.to_list("s")
    table.to_parquet(folder / "t.parquet")
    assert ms.Table(folder / "t.parquet").equals(table)
    assert pickle.loads(pickle.dumps(table)).equals(table)


BAD: dict[str, tuple[bytes, str]] = {
    "cut.csv": ("名称,年度\n峒河街道,2023\n乾州".encode()[:-1], r"cut.csv:3: the file is cut"),
    "short.csv": (
        "名称,年度\n峒河街道,2023\n乾州".encode(),
        r"short.csv:3: wrong number of fields .*expected 2",
    ),
    "big5.csv": ("名稱,年度\n臺北市老人協會,縣政府社會處\n".encode("big5"), "neither UTF-8 nor GB18030"),
    "utf16.csv": ("名称\n1\n".encode("utf-16"), "UTF-16"),
    "lost.csv": ("名称\n锟斤拷\n".encode(), "lost.csv:2: characters were lost"),
    "quote.csv": (b'a,b\n"x,1\n2,3\n', "quote.csv:2: a quotation mark"),
    "empty.csv": (b"", "empty"),
    "twice.csv": (b"a,a\n1,2\n", "twice"),
    "really.csv": (b"PK\x03\x04rest", "zip file"),
    "text.xlsx": (b"a,b\n1,2\n", "is not an Excel file"),
    "old.xlsx": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old .xls file"),
    "locked.xlsx": (b"\xd0\xcf\x11\xe0" + bytes(99) + "EncryptedPackage".encode("utf-16-le"), "password"),
    "cut.xlsx": (b"PK\x03\x04" + bytes(50), "not a whole Excel file"),
    "cut.parquet": (b"PAR1" + bytes(50), "not a whole Parquet file"),
    "letter.doc": (b"x", "unknown kind of file.*expected .csv, .xlsx or .parquet"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_told_in_one_message(name: str, tmp_path: Path) -> None:
    content, message = BAD[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ms.DataError, match=message) as caught:
        ms.Table(tmp_path / name)
    assert name in str(caught.value)
    assert caught.value.problems


def test_a_missing_file_and_things_that_are_no_tables(tmp_path: Path) -> None:
    with pytest.raises(ms.DataError, match=r"gone\.csv: the file does not exist"):
        ms.Table(tmp_path / "gone.csv")
    for thing in (3, [1, 2], object()):
        with pytest.raises(ms.DataError, match="not a table"):
            ms.Table(thing)
    with pytest.raises(ms.DataError, match="one length"):
        ms.Table({"a": [1], "b": [1, 2]})
    with pytest.raises(ms.DataError, match="too large"):
        ms.Table(pl.DataFrame({"id": [2**64 - 1]}, schema={"id": pl.UInt64}))


def test_a_zip_bomb_and_a_sheet_of_a_million_rows_are_no_danger(tmp_path: Path) -> None:
    with (
        zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as bomb,
        bomb.open("xl/workbook.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(1040):
            part.write(bytes(1 << 20))
    with pytest.raises(ms.DataError, match="unpacks to more than"):
        ms.Table(tmp_path / "bomb.xlsx")
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["B1"], sheet["A1048576"] = "a", "b", 1
    book.save(tmp_path / "sparse.xlsx")
    assert ms.Table(tmp_path / "sparse.xlsx").to_dicts() == [{"a": 1, "b": None}]


def test_a_sheet_as_a_bureau_keeps_it(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["吉首市城乡低保统计表"], ["单位：人、万元"], ["乡镇", "区划代码", "人数", "资金"]):
        sheet.append(row)
    sheet.append(["峒河街道", 433101002000, "1,234", 56.7])
    sheet.append(["乾州街道", "433101004000", "987", None])
    book.save(tmp_path / "a.xlsx")
    table = ms.Table(tmp_path / "a.xlsx")
    assert table.to_list("区划代码") == ["433101002000", "433101004000"]
    assert table.to_list("人数") == [1234, 987]
    assert table.to_list("资金") == [56.7, None]
    sheet["D5"] = "#DIV/0!"
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(ms.DataError, match=r"a.xlsx:5: D: the cell holds an error"):
        ms.Table(tmp_path / "a.xlsx")
