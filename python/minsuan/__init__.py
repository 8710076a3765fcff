"""minsuan (民算): statistical analytics for China's county civil-affairs bureaus.

>>> import minsuan as ms
>>> ms.__version__
'0.1.0'
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from minsuan._case import Case, Run, compare, new, open
from minsuan._core import Table, __version__
from minsuan._errors import CaseError, DataError, InternalError, ModelError
from minsuan._why import Why

if TYPE_CHECKING:
    from minsuan import annual, budget, capacity, care, checks, demography, inspection, plots, trends
    from minsuan._display import options

# Loaded when first used: `import minsuan` brings in neither numpy nor matplotlib.
_ROOMS = ("annual", "budget", "capacity", "care", "checks", "demography", "inspection", "plots", "trends")

__all__ = [
    "Case",
    "CaseError",
    "DataError",
    "InternalError",
    "ModelError",
    "Run",
    "Table",
    "Why",
    "__version__",
    "annual",
    "budget",
    "capacity",
    "care",
    "checks",
    "compare",
    "demography",
    "inspection",
    "new",
    "open",
    "options",
    "plots",
    "trends",
]


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return importlib.import_module(f"minsuan.{name}")
    if name == "options":
        return importlib.import_module("minsuan._display").options
    raise AttributeError(f"module 'minsuan' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
