"""Plots: pyramid, fan chart, places against demand."""

from __future__ import annotations
