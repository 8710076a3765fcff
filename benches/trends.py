"""Trends against statsforecast, in the same run: coverage, interval score, error, speed.

    python -m benches.trends           # makes .venv-bench with statsforecast where it is missing

Histories of 5, 6, 8, 10, 14 points and in full, from the training parts of 1,163 real annual series;
truth is their test parts. Ours forecasts each source with a class from which that source was left out;
the peers need no class. AutoARIMA takes every eighth series, for its time. A peer that fails on a series
is counted and left out of its own means there.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import venv
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
ENV = ROOT / ".venv-bench"
STATSFORECAST = "statsforecast==2.1.1"
PEERS = ("Naive", "RandomWalkWithDrift", "AutoETS", "Theta", "DynamicTheta", "AutoARIMA")
EVERY = {"AutoARIMA": 8}


def peers(jobs: list[dict[str, Any]]) -> dict[str, Any]:
    """Runs in the environment of statsforecast: for each peer its forecasts by job, failures and seconds."""
    from statsforecast import models

    out: dict[str, Any] = {}
    for name in PEERS:
        make = getattr(models, name)
        seasonal = name in ("AutoETS", "Theta", "DynamicTheta", "AutoARIMA")
        start, done, found = time.perf_counter(), 0, {}
        for job in jobs:
            if job["index"] % EVERY.get(name, 1):
                continue
            done += 1
            try:
                model = make(season_length=1) if seasonal else make()
                f = model.forecast(y=np.array(job["y"], dtype=float), h=job["h"], level=[80, 95])
                rows = [f[k].tolist() for k in ("mean", "lo-80", "hi-80", "lo-95", "hi-95")]
                found[job["key"]] = rows if np.isfinite(rows).all() else None
            except Exception:
                found[job["key"]] = None
        out[name] = {"found": found, "seconds": time.perf_counter() - start, "jobs": done}
        print(f"  {name}: {done} forecasts in {out[name]['seconds']:.1f} s", file=sys.stderr, flush=True)
    return out


def environment() -> Path:
    """The interpreter of an environment with statsforecast, made where it is missing."""
    python = ENV / "bin" / "python"
    if not python.exists():
        venv.create(ENV, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", STATSFORECAST], check=True)
    return python


def run_peers(jobs: list[dict[str, Any]]) -> dict[str, Any]:
    """The peers' forecasts, from a process in an environment of their own."""
    command = [environment(), __file__, "--peers"]
    answer = subprocess.run(command, input=json.dumps(jobs), capture_output=True, text=True, check=False)
    sys.stderr.write(answer.stderr if answer.returncode else "")
    answer.check_returncode()
    found: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return found


def panel_seconds(series: dict[str, Any]) -> float:
    """Seconds for 1,000 series of full history, horizon 6, on the one thread that the panel uses."""
    import minsuan as ms

    ids, times, values = [], [], []
    for name, s in list(series.items())[:1000]:
        ids += [name] * len(s.train)
        times += list(range(len(s.train)))
        values += s.train
    table = ms.Table({"id": ids, "t": times, "value": values})
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        ms.trends.forecast_panel(table, horizon=6)
        best = min(best, time.perf_counter() - start)
    return best


def main() -> None:
    """Measures and prints."""
    from benches import trends_class as tc

    if not tc.SOURCE.exists():
        print(f"skipped: {tc.SOURCE.name} is not there")
        return
    series = tc.load()
    jobs = []
    for i, (name, s) in enumerate(series.items()):
        for n in tc.LENGTHS:
            values = tc.history(s, n)
            if values is not None and tc.scale_of(s) > 0:
                jobs.append({"key": f"{name}/{n}", "index": i, "y": values, "h": len(s.test)})
    found = run_peers(jobs)
    ours = tc.evaluate(series)
    print("mean of the sources M3 and Tourism, each left out of the class")
    print(f"{'history':>8} {'method':20} {'cov95':>6} {'cov80':>6} {'MSIS95':>7} {'MASE':>6} {'failed':>7}")
    best: dict[int, float] = {}
    mine: dict[int, float] = {}
    for n in tc.LENGTHS:
        for peer in PEERS:
            by: dict[str, tc.Scores] = {"M3": tc.Scores(), "Tourism": tc.Scores()}
            for name, s in series.items():
                key = f"{name}/{n}"
                if key not in found[peer]["found"]:
                    continue
                rows = found[peer]["found"][key]
                if rows is None:
                    by[s.source].failures += 1
                    continue
                point, lo80, hi80, lo95, hi95 = np.array(rows)
                by[s.source].add(
                    np.array(s.test), point, {80: (lo80, hi80), 95: (lo95, hi95)}, tc.scale_of(s)
                )
            score = show(n, peer, by)
            if np.isfinite(score):
                best[n] = min(best.get(n, float("inf")), score)
        mine[n] = show(n, "minsuan", {g: ours[g, n] for g in ("M3", "Tourism")})
    short = [n for n in tc.LENGTHS if n]
    ratios = {n or "full": round(mine[n] / best[n], 2) for n in tc.LENGTHS}
    mean = np.mean([mine[n] for n in short]) / np.mean([best[n] for n in short])
    print(f"MSIS95 against the best peer at each length: {ratios}; n = 5 to 14 together {mean:.3f}")
    print(f"1,000 series on one core: minsuan {panel_seconds(series):.3f} s;", end=" ")
    each = {p: f"{found[p]['seconds'] / found[p]['jobs'] * 1000:.1f} s" for p in PEERS}
    print(", ".join(f"{p} {s}" for p, s in each.items()), "(AutoARIMA on every eighth series)")


def show(n: int, method: str, by: dict[str, Any]) -> float:
    """Prints the means of the sources; gives back the interval score at 95 %."""
    failed = sum(s.failures for s in by.values())
    done = [s for s in by.values() if s.mase]
    label = str(n or "full")
    if len(done) < len(by):
        print(f"{label:>8} {method:20} {'fails on every series of a source':>36} {failed:>7}")
        return float("nan")
    covered = [np.mean([np.mean(s.covered[level]) for s in done]) for level in (95, 80)]
    score = float(np.mean([np.mean(s.msis[95]) for s in done]))
    mase = np.mean([np.mean(s.mase) for s in done])
    extra = ""
    if done[0].mase_of_expected:
        extra = f"  (of the expected value: {np.mean([np.mean(s.mase_of_expected) for s in done]):.3f})"
    print(
        f"{label:>8} {method:20} {covered[0]:6.3f} {covered[1]:6.3f} {score:7.2f} {mase:6.3f}"
        f" {failed:7}{extra}"
    )
    return score


if __name__ == "__main__":
    if "--peers" in sys.argv:
        print(json.dumps(peers(json.load(sys.stdin))))
    else:
        main()
