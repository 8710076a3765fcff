"""Budget lines: exact amounts by funding level."""

from __future__ import annotations
