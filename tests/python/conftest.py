"""What several test files share."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

import minsuan as ms

# A slow machine is no failure.
hypothesis.settings.register_profile("steady", deadline=None)
hypothesis.settings.load_profile("steady")


@pytest.fixture(scope="session", autouse=True)
def ctrl_c() -> Iterator[None]:
    """Ctrl-C as in a terminal: what a shell starts in the background finds it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def jishou() -> ms.Case:
    return ms.open("jishou")


@pytest.fixture(scope="session")
def base_run(jishou: ms.Case) -> ms.Run:
    """A run of the shipped case, made once."""
    return jishou.run(draws=60)


@pytest.fixture(scope="session")
def report(base_run: ms.Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a whole report, made once."""
    folder = tmp_path_factory.mktemp("report") / "out"
    base_run.report(folder)
    return folder
