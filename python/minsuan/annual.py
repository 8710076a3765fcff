"""The yearly statistical report of the bureau."""

from __future__ import annotations
