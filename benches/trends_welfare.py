"""Rolling origin on the real welfare series at hand, with and without documented breaks.

    python -m benches.trends_welfare

Every annual series of ../shared/reference/series/china_civil_affairs.csv with eight values or more; of
several vintages of a year the final and best sourced one. Origins from five known values on, five steps.
Too few for a promise: printed as they are.
"""

from __future__ import annotations

import csv
from typing import Any

import minsuan as ms
from benches.trends_class import SOURCE

FILE = SOURCE.parent / "china_civil_affairs.csv"
# First year of the new regime, as data/standards/series_breaks.csv has it under the library's names.
BREAKS = {
    "rural_dibao_persons": 2007,
    "rural_tekun_persons": 2016,
    "mca_spend": 2018,
    "elder_beds_total": 2014,
}
FUJIAN = {"elder_institutions": 2014}
FINAL = ("final", "press", "preliminary")


def load() -> dict[tuple[str, str, str], dict[int, float]]:
    """Values by (area, indicator, unit) and year."""
    best: dict[tuple[str, str, str], dict[int, tuple[tuple[int, int], float]]] = {}
    with open(FILE, encoding="utf-8") as f:
        for r in csv.DictReader(f):
            if r["period"] not in ("year_end", "year_flow") or r["vintage"] not in FINAL:
                continue
            rank = (FINAL.index(r["vintage"]), "PMT".index(r["grade"]))
            years = best.setdefault((r["area"], r["indicator"], r["unit"]), {})
            year = int(r["year"])
            if year not in years or rank < years[year][0]:
                years[year] = (rank, float(r["value"]))
    return {k: {y: v for y, (_, v) in sorted(years.items())} for k, years in best.items() if len(years) >= 8}


def row(table: ms.Table, method: str) -> dict[str, Any]:
    """The row of a method."""
    return next(r for r in table.to_dicts() if r["method"] == method)


def main() -> None:
    """Measures and prints."""
    if not FILE.exists():
        print(f"skipped: {FILE.name} is not there")
        return
    print(f"{'series':44} {'n':>3} {'forecasts':>9}  cov95 cov80 score95  mase | naive: score95  mase")
    pooled: list[tuple[float, float, int]] = []
    for (area, indicator, _), years in load().items():
        first, last = min(years), max(years)
        values = [years.get(y) for y in range(first, last + 1)]
        known = (
            BREAKS.get(indicator) if area == "全国" else FUJIAN.get(indicator) if area == "福建省" else None
        )
        runs: list[tuple[str, list[int] | None]] = [("", None)]
        if known is not None and first < known <= last:
            runs.append((" + break", [known - first]))
        for label, breaks in runs:
            t = ms.trends.backtest(values, horizon=5, minimum=5, breaks=breaks)
            ours, naive = row(t, "minsuan"), row(t, "naive")
            print(
                f"{area + ' ' + indicator + label:44} {len(years):3} {ours['forecasts']:9}"
                f"  {ours['coverage_95']:.2f}  {ours['coverage_80']:.2f} {ours['interval_score_95']:7.1f}"
                f" {ours['mase']:5.2f} | {naive['interval_score_95']:14.1f} {naive['mase']:5.2f}"
            )
            if not label:
                pooled.append((ours["coverage_95"], ours["coverage_80"], ours["forecasts"]))
    total = sum(n for *_, n in pooled)
    print(
        f"all, no break given: {total} forecasts of {len(pooled)} series,"
        f" 95 %: {sum(c * n for c, _, n in pooled) / total:.3f},"
        f" 80 %: {sum(c * n for _, c, n in pooled) / total:.3f}"
    )


if __name__ == "__main__":
    main()
