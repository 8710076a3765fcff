"""The annual inspection of social organizations."""

from __future__ import annotations
