"""A progress bar for runs that take long, where somebody watches."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

Progress = Callable[[int, int], None]

#: Seconds before a bar appears: most runs are over by then.
_PATIENCE = 0.8


@contextlib.contextmanager
def shown(progress: Progress | bool | None) -> Iterator[Progress | None]:
    """Gives the callback for the core, or None."""
    if callable(progress):
        yield progress
        return
    watched = sys.stderr.isatty() or "ipykernel" in sys.modules
    if progress is False or not (watched or progress):
        yield None
        return
    bar = _Bar()
    try:
        yield bar
    finally:
        bar.close()


class _Bar:
    """Writes one line that rewrites itself; cleared at the end."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._shown = False

    def __call__(self, done: int, total: int) -> None:
        if total and (self._shown or time.monotonic() - self._start > _PATIENCE):
            self._shown = True
            filled = 30 * done // total
            sys.stderr.write(f"\r测算 [{'█' * filled}{'·' * (30 - filled)}] {done}/{total}")
            sys.stderr.flush()

    def close(self) -> None:
        if self._shown:
            sys.stderr.write("\r" + " " * 60 + "\r")
            sys.stderr.flush()
