"""Every notebook runs from top to bottom, and is stored without outputs."""

from __future__ import annotations

import os
import re
from pathlib import Path

import nbclient
import nbformat
import pytest

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def test_there_is_one() -> None:
    assert [n.name for n in NOTEBOOKS if n.stem == "five_minutes"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_runs_and_shows_something(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code), "stored with outputs"
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setenv("PYTHONWARNINGS", os.environ.get("PYTHONWARNINGS", "ignore"))
    client = nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    for cell in code:
        for output in cell.outputs:
            assert output.output_type != "error"
            # On a slow machine the bar of a run is seen.
            told = output.get("text", "") if output.get("name") == "stderr" else ""
            assert not re.sub(r"\r(测算 \[.*?\] \d+/\d+)?", "", told).strip()
    # Tables and figures show as such, not as their type's name.
    shown = [o.data for cell in code for o in cell.outputs if "data" in o]
    assert any("text/html" in data and "<table" in data["text/html"] for data in shown)
