"""The wheel alone in an empty environment: no checkout, no development packages, no network."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import numpy as np
import pytest

import minsuan as ms

ROOT = Path(__file__).resolve().parents[2]
PATH = """
import os, sys
import minsuan as ms
assert os.path.realpath(ms.__file__).startswith(os.path.realpath(sys.prefix)), ms.__file__
run = ms.open("jishou").run(draws=20)
assert run.why("budget.child_directors", year=2020).value == "360,000.00"
table = run.budget.table()
assert table.filter(line="child_directors", year=2020)["amount"][0] == 360000
table.to_excel("budget.xlsx")
table.to_csv("budget.csv", encoding="gb18030")
table.to_parquet("budget.parquet")
print(len(ms.open("jishou").figures), len(ms.open("jishou").check()), repr(run))
try:
    run.report("out")
except ImportError as error:
    assert "minsuan[report]" in str(error)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from the same release objects as the installed module, so it takes seconds."""
    folder = tmp_path_factory.mktemp("wheel")
    maturin = Path(sys.executable).with_name("maturin")
    if not maturin.exists():
        pytest.skip("maturin is not in this environment")
    build = [
        str(maturin),
        "build",
        "--release",
        "--quiet",
        "--interpreter",
        sys.executable,
        "--out",
        str(folder),
    ]
    subprocess.run(build, cwd=ROOT, check=True, env={**os.environ, "VIRTUAL_ENV": sys.prefix})
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_carries_what_the_package_needs_and_no_more(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "cp311-abi3" in wheel.name
    for name in ("__init__.py", "__main__.py", "py.typed", "_core.pyi", "_report/templates/page.html.j2"):
        assert f"minsuan/{name}" in names
    assert any(n.endswith("entry_points.txt") for n in names)
    assert any("LICENSE" in n for n in names)
    assert not [
        n for n in names if n.startswith(("tests", "notebooks", "benches", "src/")) or "__pycache__" in n
    ]
    assert wheel.stat().st_size < 30_000_000


def test_the_path_runs_from_the_wheel_alone(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "venv"
    venv.create(home, with_pip=True, symlinks=True)
    python = str(home / ("Scripts" if os.name == "nt" else "bin") / "python")
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}

    def call(*arguments: str, cwd: Path = tmp_path) -> str:
        done = subprocess.run([python, *arguments], cwd=cwd, capture_output=True, text=True, env=clean)
        assert done.returncode == 0, done.stderr
        return done.stdout

    call(
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-index",
        "--no-deps",
        "--disable-pip-version-check",
        str(wheel),
    )
    # Its one requirement is lent from this environment, because a test has no network.
    site = Path(call("-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    numpy = Path(np.__file__).parent
    for part in (numpy, numpy.with_name("numpy.libs")):
        if part.exists():
            (site / part.name).symlink_to(part)
    work = tmp_path / "work"
    work.mkdir()
    shown = call("-c", PATH, cwd=work)
    assert shown.startswith(str(len(ms.open("jishou").figures)))
    assert sorted(p.name for p in work.iterdir()) == ["budget.csv", "budget.parquet", "budget.xlsx"]
    shown = call("-m", "minsuan", "why", "jishou", "budget.child_directors", "--year=2020", "--draws=5")
    assert "360,000.00" in shown
