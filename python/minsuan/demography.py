"""Demography: life tables, projection, thin base, draws."""

from __future__ import annotations
