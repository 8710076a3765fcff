"""The exceptions of minsuan; each carries every problem that was found."""

from __future__ import annotations

from typing import Any


class _Problems(ValueError):
    """A failure with its problems: dicts with file, row, column, value, message, expected."""

    def __init__(self, message: str, problems: list[dict[str, Any]] | None = None) -> None:
        super().__init__(message)
        self.problems: list[dict[str, Any]] = problems or []

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.problems)


class CaseError(_Problems):
    """A case folder is wrong: case.toml, figures, scenarios, checks."""


class DataError(_Problems):
    """Data handed in is wrong: arrays, tables, registers, series."""


class ModelError(_Problems):
    """What was asked can't be computed from what was given."""


class InternalError(RuntimeError):
    """A fault of minsuan itself."""


for _class in (CaseError, DataError, ModelError, InternalError):
    _class.__module__ = "minsuan"
