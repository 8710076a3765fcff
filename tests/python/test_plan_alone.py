"""A plan without a case: checked from a shell and from Python, and what is missing for a run."""

from __future__ import annotations

import pickle
import shutil
import tomllib
from pathlib import Path

import jsonschema
import pytest

import minsuan as ms
from minsuan.__main__ import main

PLAN = (
    "某县民政规划\n2020年底，全县有养老机构28家，其中公办14家、民办15家。\n"
    "规划新建日间照料中心10个，每个投资20万元，总投资300万元。\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "plan.txt").write_text(PLAN, "utf-8")
    return tmp_path


def test_drafted_figures_are_checked_at_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["figures", str(folder / "plan.txt"), "-o", str(folder / "figures.csv")]) == 0
    assert f"minsuan check {folder / 'plan.txt'}" in capsys.readouterr().out
    for what in (folder, folder / "plan.txt", folder / "figures.csv"):
        assert main(["check", str(what), "--out", str(folder / "out.csv")]) == 0
        shown = capsys.readouterr()
        assert shown.out.count("[矛盾]") == 2
        assert "注：不影响核对，但尚不能测算" in shown.out
        assert "自动摘录" not in shown.out
        assert shown.err == ""
    assert main(["run", str(folder)]) == 2
    told = capsys.readouterr().err
    assert "case.toml: no such file" in told
    assert "the case has no scenarios" in told
    assert "minsuan new" in told


def test_a_text_alone_is_checked_and_says_that_nobody_saw_its_figures(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(folder / "plan.txt")]) == 0
    out = capsys.readouterr().out
    assert out.count("[矛盾]") == 2
    assert "自动摘录" in out
    case = ms.open(folder / "plan.txt")
    assert (case.code, case.base_year, case.horizon, case.scenarios) == ("", None, None, {})
    assert "情景：无" in repr(case)
    assert case.check().notes[-len(case.remarks) :] == case.remarks
    with pytest.raises(ms.CaseError, match="no scenarios"):
        case.run(draws=5)


def test_mistakes_of_a_scenario_stop_a_run_and_not_a_check(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ms.new(folder / "c")
    path = folder / "c" / "scenarios" / "base.toml"
    path.write_text(path.read_text("utf-8").replace("low = 0.15", "low = 0.95"), "utf-8")
    assert main(["check", str(folder / "c")]) == 0
    assert "测算前须改正" in capsys.readouterr().out
    with pytest.raises(ms.CaseError, match="low: above high"):
        ms.open(folder / "c")
    case = pickle.loads(pickle.dumps(ms.open(folder / "c", plan_only=True)))
    with pytest.raises(ms.CaseError, match="low: above high"):
        case.run(draws=5)


@pytest.mark.parametrize("left_out", ["name", "code", "base_year", "horizon", "base"])
def test_schema_and_reader_let_the_same_be_missing(tmp_path: Path, left_out: str) -> None:
    import json

    ms.new(tmp_path / "c")
    path = tmp_path / "c" / "case.toml"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(f"{left_out} = ")]
    text = "".join(kept)
    if left_out == "base":
        text = text.partition("[base]")[0]
    path.write_text(text, "utf-8")
    schema = Path(ms.__file__).parents[2] / "data" / "schemas" / "case.json"
    jsonschema.Draft202012Validator(json.loads(schema.read_text("utf-8"))).validate(tomllib.loads(text))
    case = ms.open(tmp_path / "c")
    assert any(left_out in remark for remark in case.remarks)
    with pytest.raises(ms.CaseError, match=rf"{left_out}\]?: is missing, and a run needs it"):
        case.run(draws=5)


def test_a_run_travels_as_what_it_was_made_from_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ms.new(tmp_path / "c")
    monkeypatch.chdir(tmp_path)
    run = ms.open("c").run(draws=20)
    packed, room = pickle.dumps(run), pickle.dumps(run.budget)
    monkeypatch.chdir("/")
    assert pickle.loads(packed).budget.table().to_dicts() == run.budget.table().to_dicts()
    assert pickle.loads(room).table().to_dicts() == run.budget.table().to_dicts()
    path = tmp_path / "c" / "scenarios" / "base.toml"
    path.write_text(path.read_text("utf-8").replace("low = 0.15", "low = 0.10"), "utf-8")
    with pytest.raises(ms.CaseError, match="changed since this run was pickled"):
        pickle.loads(packed)
    with pytest.raises(ms.CaseError, match="changed since this run was pickled"):
        pickle.loads(room)
    shutil.rmtree(tmp_path / "c")
    with pytest.raises(ms.CaseError, match="no such case"):
        pickle.loads(packed)


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "jishou", "--draws", "5", "--out", ""],
        ["check", "jishou", "--out", " "],
        ["inspect", "register.csv", "--year", "2023", "--out", ""],
        ["figures", "plan.txt", "-o", ""],
        ["new", ""],
    ],
)
def test_an_empty_name_is_an_error_and_not_this_folder(
    arguments: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "expected the name of a file or folder" in capsys.readouterr().err
    assert [p.name for p in folder.iterdir()] == ["plan.txt"]


def test_a_report_needs_the_name_of_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ms.DataError, match="folder: is empty; expected"):
        ms.open("jishou").run(draws=5).report("")
    assert list(tmp_path.iterdir()) == []
