"""The report of a run: workbook with live formulas, self-contained HTML page, Word report."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from minsuan._errors import DataError

if TYPE_CHECKING:
    from minsuan._case import Run

WORKBOOK, PAGE, WORD = "workbook.xlsx", "report.html", "report.docx"


def write(run: Run, folder: Path, *, lang: str = "zh") -> list[Path]:
    """Writes the three files into `folder` (made where it is missing) and gives their paths.

    All three are made beside their place first: where one of them fails, none appears. The workbook is in
    Chinese in both languages, because it is what is handed to a Chinese office.
    """
    if lang not in ("zh", "en"):
        raise DataError(f"lang: unknown language (got {lang!r}); expected 'zh' or 'en'")
    try:
        from minsuan._report import content, page, word
    except ImportError as error:
        raise ImportError('the report needs more packages: pip install "minsuan[report]"') from error

    if folder.exists() and not folder.is_dir():
        raise DataError(f"{folder}: is a file; expected a folder")
    made = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=".minsuan-", dir=folder))
    except OSError as error:
        raise DataError(f"{folder}: {error.strerror}; expected a folder that can be written to") from error
    done = False
    try:
        report = content.build(run, lang)
        run._run.write_workbook(os.fspath(beside / WORKBOOK), report.findings)
        (beside / PAGE).write_text(page.render(report), encoding="utf-8")
        word.save(report, beside / WORD)
        paths = []
        for name in (WORKBOOK, PAGE, WORD):
            os.replace(beside / name, folder / name)
            paths.append(folder / name)
        done = True
        return paths
    finally:
        shutil.rmtree(beside, ignore_errors=True)
        if made and not done:
            shutil.rmtree(folder, ignore_errors=True)
