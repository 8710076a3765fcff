"""How a table shows itself, as text and in Jupyter."""

from __future__ import annotations
