"""Speed of the projection, beside numpy and numba loops in the same run.

    python -m benches projection

Peers run in `.venv-bench` (`python -m venv .venv-bench && .venv-bench/bin/pip install numba`); without it
they are skipped. Each figure is the best of several runs, as other work on the machine only adds to it; the
load of the machine is printed first.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import minsuan as ms
from minsuan import _core

ROOT = Path(__file__).resolve().parent.parent
PEER = ROOT / ".venv-bench" / "bin" / "python"
AGES = 101
INDICATORS = (
    *("total", "60_plus", "65_plus", "80_plus", "share_60_plus", "share_65_plus", "share_80_plus"),
    *(
        "old_age_dependency_ratio",
        "median_age",
        "births",
        "deaths",
        "e0_female",
        "e0_male",
        "tfr",
        "net_migration",
    ),
)

PEERS = r"""
import json, time
import numpy as np
T, A = 100, 101
x = np.arange(A)
P = np.exp(-((x / 70) ** 4)) * np.ones((2, 1)) * 3000
S = np.full((T, 2, A), 0.99)
F = np.where((x > 14) & (x < 50), 0.04, 0.0) * np.ones((T, 1))
R = np.full(T, 1.06)

def best(f, n):
    f()
    times = []
    for _ in range(n):
        t = time.perf_counter(); f(); times.append(time.perf_counter() - t)
    return min(times)

def with_numpy():
    out = np.empty((T + 1, 2, A)); out[0] = P
    births = np.empty((T, 2))
    for t in range(T):
        p, n, s = out[t], out[t + 1], S[t]
        n[:, 1:-1] = p[:, :-2] * s[:, 1:-1]
        n[:, -1] = (p[:, -2] + p[:, -1]) * s[:, -1]
        b = 0.5 * (F[t, 1:-1] * (p[0, 1:-1] + n[0, 1:-1])).sum()
        births[t] = b / (1 + R[t]), b - b / (1 + R[t])
        n[:, 0] = births[t] * s[:, 0]
    return out, births

def draws_numpy(D=10_000):
    p = np.repeat(P[None], D, 0); scale = np.linspace(0.8, 1.2, D)
    for t in range(T):
        n, s = np.empty_like(p), S[t]
        n[:, :, 1:-1] = p[:, :, :-2] * s[:, 1:-1]
        n[:, :, -1] = (p[:, :, -2] + p[:, :, -1]) * s[:, -1]
        b = scale * 0.5 * ((p[:, 0, 1:-1] + n[:, 0, 1:-1]) @ F[t, 1:-1])
        n[:, 0, 0] = b / (1 + R[t]) * s[0, 0]; n[:, 1, 0] = (b - b / (1 + R[t])) * s[1, 0]
        p = n
    return p

result = {"numpy": best(with_numpy, 20), "numpy_draws": best(draws_numpy, 2)}
import numba

@numba.njit(fastmath=False)
def one(p0, s, f, r, out, births):
    out[0] = p0
    for t in range(s.shape[0]):
        b = 0.0
        for sex in range(2):
            for a in range(1, A - 1):
                out[t + 1, sex, a] = out[t, sex, a - 1] * s[t, sex, a]
            out[t + 1, sex, A - 1] = (out[t, sex, A - 2] + out[t, sex, A - 1]) * s[t, sex, A - 1]
        for a in range(1, A - 1):
            b += f[t, a] * (out[t, 0, a] + out[t + 1, 0, a])
        b *= 0.5
        births[t, 0] = b / (1 + r[t]); births[t, 1] = b - births[t, 0]
        for sex in range(2):
            out[t + 1, sex, 0] = births[t, sex] * s[t, sex, 0]

@numba.njit(parallel=True)
def many(p0, s, f, r, scale, out, births):
    for d in numba.prange(scale.shape[0]):
        one(p0, s, f * scale[d], r, out[d], births[d])

out, births = np.empty((T + 1, 2, A)), np.empty((T, 2))
result["numba"] = best(lambda: one(P, S, F, R, out, births), 200)
D = 10_000
outs, allb, scale = np.empty((D, T + 1, 2, A)), np.empty((D, T, 2)), np.linspace(0.8, 1.2, D)
numba.set_num_threads(min(2, numba.config.NUMBA_NUM_THREADS))
result["numba_draws"] = best(lambda: many(P, S, F, R, scale, outs, allb), 3)
print(json.dumps(result))
"""


def best(run: Callable[[], object], times: int) -> float:
    """Seconds of the fastest of several runs, after one to warm up."""
    run()
    found = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        found.append(time.perf_counter() - start)
    return min(found)


def show(what: str, seconds: float, target: str) -> None:
    text = (
        f"{seconds * 1e6:.1f} µs"
        if seconds < 1e-3
        else f"{seconds * 1e3:.1f} ms"
        if seconds < 2
        else f"{seconds:.1f} s"
    )
    print(f"{what:<78}{text:>12}   {target}", flush=True)


def people(persons: float = 300_000.0) -> np.ndarray:
    p = np.exp(-((np.arange(AGES) / 70) ** 4)) * np.ones((2, 1))
    return np.asarray(p * persons / p.sum())


def run(draws: int, years: int, spread: object) -> tuple[float, float]:
    """Seconds of the projection and of its quantiles."""
    settings = dict.fromkeys(("e0_female", "e0_male"), 0.0) if spread == "shared" else None
    base = people()

    def project() -> object:
        return _core._project_draws(
            base,
            None,
            None,
            years,
            2019,
            draws,
            1,
            "china",
            None,
            settings,
            [],
            list(INDICATORS),
            "",
            False,
            0,
            None,
        )

    simulation, _ = project()
    return best(project, 5), best(simulation.table, 5)


def main() -> None:
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    peers: dict[str, float] = {}
    if PEER.exists():
        done = subprocess.run([PEER, "-c", PEERS], capture_output=True, text=True, check=False)
        if done.returncode:
            print("peers failed:", done.stderr.strip().splitlines()[-1])
        else:
            peers = json.loads(done.stdout)
    else:
        print(f"peers skipped: {PEER} is not there")

    x = np.arange(AGES)
    one = {
        "population": people(),
        "survival": np.full((100, 2, AGES), 0.99),
        "fertility": np.where((x > 14) & (x < 50), 0.04, 0.0) * np.ones((100, 1)),
        "srb": np.full(100, 1.06),
    }
    command = ["cargo", "run", "--release", "--quiet", "--example", "projection_speed"]
    if shutil.which("cargo"):
        kernel = float(subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout)
        show("100 years × 202 cells, kernel into standing output (population, births)", kernel, "≤ 10 µs")
    else:
        print("kernel skipped: cargo is not there")
    show(
        "  the same through Python: checks, allocation, deaths",
        best(lambda: ms.demography.project(**one), 2000),
        "≤ 40 µs",
    )
    for name in ("numpy", "numba"):
        if name in peers:
            show(f"  {name}: population, births", peers[name], "")
    project, quantiles = run(10_000, 100, "shared")
    show("10,000 draws × 100 years, shared mortality, 15 indicators", project, "≤ 60 ms")
    show("  their exact quantiles", quantiles, "≤ 60 ms")
    for name in ("numpy_draws", "numba_draws"):
        if name in peers:
            show(f"  {name}: no indicators, no quantiles", peers[name], "")
    project, quantiles = run(10_000, 100, "by draw")
    show("10,000 draws × 100 years, mortality by draw, 15 indicators", project, "")
    show("  their exact quantiles", quantiles, "")
    project, quantiles = run(1_000, 81, "by draw")
    show("1,000 draws × 81 years, e0 → m(x) → survival → projection by draw", project, "≤ 100 ms")
    counties(2_800, False, "≤ 30 s, ≤ 1 GB")
    counties(100, True, "reported")


def counties(n: int, noise: bool, target: str) -> None:
    """Counties × 1,000 draws × 16 years with the quantiles of 15 indicators."""
    sizes = np.random.default_rng(1).lognormal(12.7, 0.8, n)
    columns: dict[str, object] = {"region": [f"{i:06d}" for i in range(n)]}
    for s, sex in enumerate("fm"):
        for a in range(AGES):
            columns[f"{sex}_{a}" if a < 100 else f"{sex}_100+"] = people(1.0)[s, a] * sizes
    table = ms.Table(columns)
    start = time.perf_counter()
    ms.demography.project_regions(
        table, years=16, draws=1_000, indicators=INDICATORS, spread={"small_number_noise": noise}
    )
    words = "with small-number noise" if noise else "mortality by draw"
    show(
        f"{n:,} counties × 1,000 draws × 16 years, 15 indicators, {words}",
        time.perf_counter() - start,
        target,
    )
    print(f"  peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
