"""The command line: what it prints, what it writes, and one clear message where the input is wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import minsuan as ms
from minsuan.__main__ import main


def test_check_lists_the_contradictions_with_their_figures(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["check", "jishou", "--out", str(tmp_path / "findings.csv")]) == 0
    out = capsys.readouterr().out.splitlines()
    table = ms.open("jishou").check()
    assert sum(line.startswith("[矛盾]") for line in out) == len(table.filter(verdict="contradiction"))
    assert out[-1].startswith(f"共{len(table)}项")
    assert len(ms.Table(tmp_path / "findings.csv")) == len(table)


def test_why_goes_down_to_the_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["why", "jishou", "budget.child_directors", "--year", "2020", "--draws", "20"]) == 0
    out = capsys.readouterr().out
    assert "360,000.00" in out
    assert "F123" in out
    assert "规划第123行" in out


def test_run_shows_tables_or_writes_the_report(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["run", "jishou", "--draws", "20", "--seed", "5"]) == 0
    out = capsys.readouterr().out
    assert "种子5" in out
    assert "合计" in out
    arguments = [
        "run",
        "jishou",
        "--scenario",
        "higher_subsidy",
        "--draws",
        "20",
        "--out",
        str(tmp_path / "out"),
    ]
    assert main(arguments) == 0
    assert [Path(line).name for line in capsys.readouterr().out.split()] == [
        "workbook.xlsx", "report.html", "report.docx",
    ]  # fmt: skip


def test_new_makes_a_case_that_checks_and_runs(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = str(tmp_path / "mycounty")
    assert main(["new", folder]) == 0
    assert main(["check", folder]) == 0
    assert main(["run", folder, "--draws", "10"]) == 0
    capsys.readouterr()
    assert main(["new", folder]) == 2
    assert "mycounty" in capsys.readouterr().err


WRONG = {
    "no such case": (["run", "nowhere"], "nowhere"),
    "no such scenario": (["run", "jishou", "--scenario", "hihger_subsidy"], "higher_subsidy"),
    "no draws": (["run", "jishou", "--draws", "0"], "draws"),
    "no such path": (["why", "jishou", "budget.child_director", "--year", "2025"], "budget.child_directors"),
    "a year outside": (["why", "jishou", "budget.total", "--year", "1999"], "2019 to 2035"),
    "unknown kind of file": (["check", "jishou", "--out", "x.doc"], ".csv, .xlsx or .parquet"),
    "a register that is not there": (["inspect", "gone.csv", "--year", "2023"], "gone.csv"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_input_is_one_message_and_exit_code_2(
    name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments, expected = WRONG[name]
    if arguments[0] == "run":
        arguments = [*arguments, "--out", "out"]
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert expected in shown.err
    assert shown.err.startswith("minsuan: ")
    assert "Traceback" not in shown.err
    assert list(tmp_path.iterdir()) == []


def test_every_mistake_of_a_case_is_told_at_once(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = tmp_path / "county"
    assert main(["new", str(folder)]) == 0
    case = folder / "case.toml"
    text = case.read_text(encoding="utf-8")
    case.write_text(text.replace("horizon = ", "horizont = "), encoding="utf-8")
    figures = folder / "figures.csv"
    figures.write_bytes(figures.read_bytes()[:-9] + b"\xff\xfe\xff")
    capsys.readouterr()
    assert main(["run", str(folder), "--out", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert "horizont" in error
    assert "figures.csv" in error
    assert not (tmp_path / "out").exists()


def test_as_a_program(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "minsuan", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == f"minsuan {ms.__version__}"
    bad = subprocess.run([sys.executable, "-m", "minsuan", "run", "nowhere"], capture_output=True, text=True)
    assert (bad.returncode, bad.stdout) == (2, "")
    assert len(bad.stderr.splitlines()) == 1


def test_inspect_reads_a_register_as_a_bureau_saves_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    rows = ["统一社会信用代码,名称,类型,登记日期,2021,2022,2023"]
    rows.append("52433101MJK000006G,吉首市某民办学校,民办非企业单位,2015-03-01,合格,不合格,未参检")
    rows.append("51433101MJK000006K,吉首市某协会,社会团体,2014-06-01,合格,合格,合格")
    register = tmp_path / "register.csv"
    register.write_bytes("\n".join(rows).encode("gb18030"))
    out = tmp_path / "out"
    assert main(["inspect", str(register), "--year", "2023", "--out", str(out)]) == 0
    assert "52433101MJK000006G" in capsys.readouterr().out
    # a file for the office: its words are those of the office
    due = ms.Table(out / "拟处理名单.xlsx")
    assert due.to_list("code") == ["52433101MJK000006G"]
    assert (due.to_list("action"), due.to_list("type")) == (["撤销登记"], ["民办非企业单位（社会服务机构）"])
