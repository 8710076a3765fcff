"""Relief of a case from Python: heads and payments, caseloads by their own trend."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path

import jsonschema
import pytest

import minsuan as ms

DATA = Path(__file__).parents[2] / "data"
QUANTILES = ["mean", "p2_5", "p10", "p50", "p90", "p97_5"]


@pytest.fixture(scope="module")
def run(jishou: ms.Case) -> ms.Run:
    return jishou.run(draws=200)


def test_heads_and_payments_of_the_two_subsidies(run: ms.Run) -> None:
    t = run.relief.heads()
    assert t.columns == ["group", "label", "year", "count", "unit", *QUANTILES]
    rows = {(r["group"], r["count"], r["year"]): r for r in t}
    caseload = {(r["program"], r["year"]): r["mean"] for r in run.relief.caseload()}
    for year in (2020, 2035):
        pair = [caseload[f"disability_{kind}_subsidy", year] for kind in ("living", "care")]
        payments = rows["disability_subsidies", "payments", year]
        heads = rows["disability_subsidies", "heads", year]
        assert (payments["unit"], heads["unit"]) == ("份", "人")
        assert payments["mean"] == pytest.approx(sum(pair))
        assert max(pair) < heads["mean"] < payments["mean"]
        low, high = rows["total", "heads_low", year], rows["total", "heads_high", year]
        assert low["mean"] < high["mean"] < rows["total", "payments", year]["mean"]
    # Nobody knows the orphans of 2019, so nobody knows all programs together.
    assert ("total", "payments", 2019) not in rows
    assert ("disability_subsidies", "heads", 2019) in rows


def test_what_is_not_declared_is_said(run: ms.Run) -> None:
    notes = "\n".join(run.relief.heads().notes)
    assert "未声明重叠人数，未知不作零" in notes
    assert "临时救助（人次）" in notes
    why = str(run.why("heads_low.total", year=2025))
    assert "未声明重叠人数" in why
    text = str(run.why("heads.disability_subsidies", year=2025))
    assert "残疾人两项补贴：领取人数" in text
    assert "两项补贴中人数较少一项的领取人同时领取另一项的比例" in text
    assert "假设，非数据" in text


def test_programs_that_exclude_each_other_are_no_overlap(tmp_path: Path) -> None:
    folder = tmp_path / "jishou"
    shutil.copytree(DATA / "jishou", folder)
    path = folder / "scenarios" / "base.toml"
    text = path.read_text("utf-8")
    more = (
        '[overlap.x]\nprograms = ["rural_dibao", "rural_tekun"]\n'
        'share = "assume.both_disability_subsidies"\nof = "smallest"\n'
    )
    path.write_text(text + more, "utf-8")
    with pytest.raises(ms.CaseError, match=r"base\.toml:\d+: overlap\.x.*不再适用低保"):
        ms.open(folder)


RELIEF = """
[relief.dibao]
label = "城市低保"
driver = "trend"
since = 2014
[relief.dibao.observed]
2012 = 2900
2013 = 2950
2014 = 1380
2015 = 1300
2016 = 1240
2017 = 1190
2018 = 1130
2019 = 1070

[relief.tekun]
label = "特困"
driver = "trend"
[relief.tekun.observed]
2015 = 330
2019 = 540
"""


def written(folder: Path, relief: str) -> Path:
    """A new county with these programs before its budget."""
    ms.new(folder)
    base = folder / "scenarios" / "base.toml"
    base.write_text(base.read_text("utf-8").replace("[budget.", relief + "\n[budget.", 1), "utf-8")
    return folder


def test_a_caseload_goes_on_by_its_own_trend(tmp_path: Path) -> None:
    folder = written(tmp_path / "county", RELIEF)
    schema = json.loads((DATA / "schemas" / "scenario.json").read_text("utf-8"))
    jsonschema.validate(tomllib.loads((folder / "scenarios" / "base.toml").read_text("utf-8")), schema)
    run = ms.open(folder).run(draws=2000)
    table = {(r["program"], r["year"]): r for r in run.relief.caseload().to_dicts()}
    alone = ms.trends.forecast([1380, 1300, 1240, 1190, 1130, 1070], horizon=16)
    row = table["dibao", 2025]
    assert row["status"] == "projected"
    assert row["p50"] == pytest.approx(alone.median[5], rel=0.01)
    assert row["p2_5"] == pytest.approx(alone.lower[95][5], rel=0.06)
    assert row["p97_5"] == pytest.approx(alone.upper[95][5], rel=0.06)
    # Two counts: a wide interval and the sentence.
    two = table["tekun", 2024]
    assert two["p97_5"] / two["p2_5"] > 3
    assert "只有两个值" in str(run.why("relief.tekun", 2024))
    assert "第3个值处断开" in str(run.why("relief.dibao", 2024))


def test_caseloads_that_cannot_be_are_told_together(tmp_path: Path) -> None:
    wrong = """
[relief.negative]
label = "负"
driver = "trend"
[relief.negative.observed]
2018 = -5

[relief.nothing]
label = "无"
formula = "5 / 0"

[relief.below]
label = "低于零"
formula = "0 - 1000"

[relief.money]
label = "标准"
national = "urban_dibao_standard"
driver = "population.total"
"""
    with pytest.raises(ms.CaseError) as e:
        ms.open(written(tmp_path / "county", wrong)).run(draws=10)
    for part in (
        "negative count in 2018",
        "relief.nothing gives no number",
        "relief.below comes out negative",
    ):
        assert part in str(e.value)
    assert "counts 元/人·月, the program 人" in str(e.value)
    beside = RELIEF.replace('driver = "trend"\nsince', 'driver = "population.total"\nsince')
    with pytest.raises(ms.CaseError, match="only a caseload with its own trend"):
        ms.open(written(tmp_path / "other", beside))
