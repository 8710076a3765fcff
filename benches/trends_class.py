"""Computes data/standards/trends_reference_class.csv: the class behind the intervals of ms.trends.

    python -m benches.trends_class            # writes the class, with the coverage measured now

Reads ../shared/reference/series/m_yearly.csv.gz, which is for measuring only: what is kept are
quantiles of standardised errors and exponents of scale, statistics of our own.

Split, fixed beforehand: the class that is shipped uses the training part of every series, never
the test part. Its coverage is measured on the test part, each group (Tourism; each type of M3)
forecast with a class from which its source, or its type, was left out.
"""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from minsuan import _core

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT.parent / "shared" / "reference" / "series" / "m_yearly.csv.gz"
TARGET = ROOT / "data" / "standards" / "trends_reference_class.csv"
LENGTHS = (5, 6, 8, 10, 14, 0)  # 0: the full history
NAME = "年度公开序列（M3竞赛645条、旅游竞赛518条）"
HEAD = f"""# Reference class of short annual series: quantiles of standardised forecast errors.
# Computed by benches/trends_class.py from the training parts of {NAME};
# Makridakis & Hibon 2000, International Journal of Forecasting 16; Athanasopoulos et al. 2011, the same 27.
# kind: series = series behind a length of history; scale = exponents of the series' own measures;
# quantile = (truth - centre) / scale on the square-root scale, by step and probability;
# coverage = nominal and measured on the test parts, the source left out of the class.
"""


@dataclass
class Series:
    """One series: its source, its type within the source, training and test part."""

    source: str
    type: str
    train: list[float] = field(default_factory=list)
    test: list[float] = field(default_factory=list)


def load() -> dict[str, Series]:
    """The series by id, in the order of the file."""
    out: dict[str, Series] = {}
    with gzip.open(SOURCE, "rt", encoding="utf-8") as f:
        for row in csv.DictReader(f):
            kind = row["source"] if row["source"] == "Tourism" else f"M3-{row['type']}"
            s = out.setdefault(row["id"], Series(row["source"], kind))
            (s.train if row["split"] == "train" else s.test).append(float(row["value"]))
    return out


def left_out(series: dict[str, Series]) -> dict[str, _core.ReferenceClass]:
    """For each source and each type of M3, the class without it."""
    groups = ["Tourism", "M3", *sorted({s.type for s in series.values()} - {"Tourism"})]
    keep = {g: [s.train for s in series.values() if g not in (s.source, s.type)] for g in groups}
    return {g: _core.trends_fit_class(kept, f"without {g}") for g, kept in keep.items()}


def interval_score(lo: np.ndarray, hi: np.ndarray, truth: np.ndarray, level: float, scale: float) -> float:
    """Mean scaled interval score (Gneiting & Raftery 2007), scaled by the mean absolute change."""
    a = 1 - level / 100
    score = (hi - lo) + 2 / a * np.maximum(lo - truth, 0) + 2 / a * np.maximum(truth - hi, 0)
    return float(score.mean() / scale)


@dataclass
class Scores:
    """What is measured for one group and one length of history."""

    covered: dict[int, list[bool]] = field(default_factory=lambda: {80: [], 95: []})
    msis: dict[int, list[float]] = field(default_factory=lambda: {80: [], 95: []})
    mase: list[float] = field(default_factory=list)
    mase_of_expected: list[float] = field(default_factory=list)
    failures: int = 0

    def add(
        self,
        truth: np.ndarray,
        point: np.ndarray,
        bounds: dict[int, tuple[np.ndarray, np.ndarray]],
        scale: float,
    ) -> None:
        """One forecast against what came."""
        self.mase.append(float(np.abs(point - truth).mean() / scale))
        for level, (lo, hi) in bounds.items():
            self.covered[level] += list((truth >= lo) & (truth <= hi))
            self.msis[level].append(interval_score(lo, hi, truth, level, scale))


def history(s: Series, n: int) -> list[float] | None:
    """The last n training values (0: all); None where there are not more than n."""
    if n and len(s.train) <= n:
        return None
    return s.train[-n:] if n else s.train


def scale_of(s: Series) -> float:
    """Mean absolute change of the whole training part: one yardstick for all lengths and methods."""
    return float(np.abs(np.diff(s.train)).mean())


def evaluate(series: dict[str, Series]) -> dict[tuple[str, int], Scores]:
    """Scores by (group left out, length of history), on the test parts."""
    out: dict[tuple[str, int], Scores] = {}
    for group, klass in left_out(series).items():
        for n in LENGTHS:
            scores = out.setdefault((group, n), Scores())
            for s in series.values():
                values = history(s, n)
                if group not in (s.source, s.type) or values is None or scale_of(s) <= 0:
                    continue
                f = _core.trends_forecast(values, len(s.test), [80.0, 95.0], [], False, klass)
                bounds = {level: (f.lower[level], f.upper[level]) for level in (80, 95)}
                if any(not np.isfinite(b).all() or (b < 0).any() for pair in bounds.values() for b in pair):
                    scores.failures += 1
                truth = np.array(s.test)
                scores.add(truth, f.mean, bounds, scale_of(s))
                scores.mase_of_expected.append(float(np.abs(f.expected - truth).mean() / scale_of(s)))
    return out


def main() -> None:
    """Fits, measures, writes."""
    series = load()
    klass = _core.trends_fit_class([s.train for s in series.values()], NAME)
    scores = evaluate(series)
    head, first, rest = klass.to_csv().split("\n", 2)
    lines = [head, first]
    for level in (80, 95):
        by_source = [
            np.mean([np.mean(scores[g, n].covered[level]) for n in LENGTHS]) for g in ("M3", "Tourism")
        ]
        lines.append(f"coverage,,,{level / 100},{np.mean(by_source):.4f}")
    TARGET.write_text(HEAD + "\n".join(lines) + "\n" + rest, encoding="utf-8")
    for (group, n), s in scores.items():
        if s.mase:
            print(
                f"{group:15} n={n or 'full':4} series {len(s.mase):4}"
                f"  95 %: {np.mean(s.covered[95]):.3f}  80 %: {np.mean(s.covered[80]):.3f}"
                f"  MSIS95 {np.mean(s.msis[95]):6.2f}  MASE {np.mean(s.mase):.3f}"
                f" (expected value {np.mean(s.mase_of_expected):.3f})  failures {s.failures}"
            )
    print(f"{TARGET.relative_to(ROOT)}: {lines[2:]}")


if __name__ == "__main__":
    main()
