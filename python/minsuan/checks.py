"""Checks of statistical tables."""

from __future__ import annotations
