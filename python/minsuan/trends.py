"""Trends of short series: forecast, backtest, breaks, stock and flow."""

from __future__ import annotations
