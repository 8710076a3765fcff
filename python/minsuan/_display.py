"""How a table shows itself, as text and in Jupyter."""

from __future__ import annotations

from typing import Any


def text(table: Any) -> str:
    return f"<minsuan.Table {table.shape[0]} × {table.shape[1]}>"


def html(table: Any) -> str:
    return text(table)
