"""Writes tests/data/ets_statsforecast.csv: what statsforecast says of ETS on shipped series.

    python -m benches.ets_oracle       # in the environment that benches/trends.py makes

For each series and model two rows of numbers. `fit`: statsforecast's own AutoETS with the model fixed; its
search stops at a tolerance of 1e-4. `best`: the same likelihood, statsforecast's `pegelsresid_C`, carried on
from there by scipy's Nelder-Mead until nothing moves in the twelfth digit, within the same bounds; forecasts
and bounds by statsforecast from those parameters. Our own fit takes no part in it.
"""

from __future__ import annotations

import csv
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "tests" / "data" / "ets_statsforecast.csv"
SOURCES = ("national_series.csv", "prefecture_series.csv")
MODELS = {"ANN": ("ANN", False), "AAN": ("AAN", False), "AAdN": ("AAN", True)}
LEAST, STEPS = 8, 5
EXACT = {"xatol": 1e-13, "fatol": 1e-13, "maxiter": 20_000, "maxfev": 20_000}
# Relief series jump; these have maxima inside the bounds. The Nile's flow at Aswan, 1871-1900 (Cobb 1978,
# Biometrika 65), and two that are made up.
OTHERS = {
    "nile": [
        1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020,
        960, 1180, 799, 958, 1140, 1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840,
    ],
    "made_rising": [31, 36, 34, 41, 49, 47, 56, 61, 58, 69, 74, 70, 82, 85],
    "made_flattening": [100, 143, 168, 204, 213, 241, 238, 259, 255, 270, 262, 279],
}  # fmt: skip
HEAD = """\
# ETS of statsforecast 2.1.1 on shipped series; written by benches/ets_oracle.py.
# kind: value = the series; fit = its own search (tolerance 1e-4); best = its likelihood searched to the end.
# name: alpha, beta, phi, level, trend (first state), loglik, mean_h, upper95_h by step.
series,model,kind,name,value
"""


def series() -> dict[str, list[float]]:
    """The longest run of years without a gap of each shipped series."""
    by: dict[str, dict[int, float]] = defaultdict(dict)
    for source in SOURCES:
        with (ROOT / "data" / "standards" / source).open(encoding="utf-8") as f:
            for row in csv.DictReader(line for line in f if not line.startswith("#")):
                name = row["indicator"] + row.get("area", "")
                by[name].setdefault(int(row["year"]), float(row["value"]))
    out = {}
    for name, values in by.items():
        runs: list[list[float]] = []
        last = None
        for year in sorted(values):
            if last is None or year != last + 1:
                runs.append([])
            runs[-1].append(values[year])
            last = year
        longest = max(runs, key=len)
        if len(longest) >= LEAST:
            out[name] = longest
    return out | {name: [float(v) for v in values] for name, values in OTHERS.items()}


def oracle(y: Any, model: str) -> list[tuple[str, str, float]]:
    """Rows of one series and model, computed in the environment of statsforecast."""
    import numpy as np
    from scipy.optimize import minimize
    from statsforecast import ets
    from statsforecast.models import AutoETS

    name, damped = MODELS[model]
    fitted = AutoETS(season_length=1, model=name, damped=damped)
    fitted.fit(y)
    own = dict(fitted.model_)
    trend = name == "AAN"

    def first(found: dict[str, Any]) -> list[float]:
        alpha, beta, _, phi = found["par"][:4]
        states = list(found["states"][0])
        return [alpha, beta if trend else 0.0, phi if damped else 1.0, states[0], states[1] if trend else 0.0]

    low, high = [1e-4, 1e-4, 0.8], [0.9999, 0.9999, 0.98]

    def held(p: Any) -> list[float]:
        alpha = min(max(p[0], low[0]), high[0])
        beta = min(max(p[1], low[1]), alpha) if trend else 0.0
        phi = min(max(p[2], low[2]), high[2]) if damped else 1.0
        return [alpha, beta, phi, p[3] * y[0], p[4] * y[0] if trend else 0.0]

    def likelihood(p: Any) -> float:
        alpha, beta, phi, level, slope = held(p)
        state = np.array([level, slope] if trend else [level])
        kind = ("A", "A" if trend else "N", "N")
        lik = ets.pegelsresid_C(y, 1, state, *kind, damped, alpha, beta, 0.0, phi, 3)[3]
        return float(lik)

    def searched(point: Any, restarts: int) -> Any:
        for _ in range(restarts):
            found = minimize(likelihood, point, method="Nelder-Mead", options=EXACT)
            point = found.x
        return found

    # The likelihood has more than one maximum: from its own fit, and from corners and middle of the bounds.
    level, slope = first(own)[3] / y[0], first(own)[4] / y[0]
    starts = [[*first(own)[:3], level, slope]]
    for alpha in (0.1, 0.5, 0.95):
        for share in (0.02, 0.4, 0.98) if trend else (0.0,):
            starts += [
                [alpha, share * alpha, phi, level, slope] for phi in ((0.85, 0.95) if damped else (1.0,))
            ]
    best = min((searched(np.array(s), 2) for s in starts), key=lambda f: f.fun)
    best = searched(best.x, 6)
    alpha, beta, phi, level, slope = held(best.x)
    state = np.array([level, slope] if trend else [level])
    kind = ("A", "A" if trend else "N", "N")
    _, residuals, states, lik = ets.pegelsresid_C(y, 1, state, *kind, damped, alpha, beta, 0.0, phi, 3)
    done = dict(own)
    done["par"] = np.array([alpha, beta, np.nan, phi if damped else np.nan, *state])
    done["states"], done["residuals"], done["loglik"] = states, residuals, -0.5 * lik
    done["sigma2"] = own["sigma2"] * np.sum(residuals**2) / np.sum(np.asarray(own["residuals"]) ** 2)
    rows = []
    for label, model_of in (("fit", own), ("best", done)):
        names = ("alpha", "beta", "phi", "level", "trend", "loglik")
        rows += [(label, n, v) for n, v in zip(names, [*first(model_of), model_of["loglik"]], strict=True)]
        p = ets.forecast_ets(model_of, STEPS, level=[95])
        rows += [(label, f"mean_{h + 1}", float(v)) for h, v in enumerate(p["mean"])]
        rows += [(label, f"upper95_{h + 1}", float(v)) for h, v in enumerate(p["hi-95"])]
    return rows


def main() -> None:
    """Writes the table."""
    import numpy as np

    lines = []
    for name, values in series().items():
        lines += [f"{name},,value,{i + 1},{v!r}" for i, v in enumerate(values)]
        for model in MODELS:
            try:
                found = oracle(np.array(values), model)
            except NotImplementedError:  # statsforecast has too few values for this model
                continue
            lines += [f"{name},{model},{kind},{key},{float(v)!r}" for kind, key, v in found]
    TARGET.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if "--inside" in sys.argv:
        main()
    else:
        from benches.trends import environment

        subprocess.run([environment(), __file__, "--inside"], check=True)
