"""The thin base measured on counties whose ages are known: `python -m benches.thin_base`.

For each county of the 2010 and 2020 censuses at hand: only its total and its persons of 60+ are given;
standard and donors are its own province without it; how counties differ from their provinces is
estimated from the other provinces. Measured is who would be 60+ in ten years if those now 50+ survived
by the national table (WPP2024, 2020-2025): error of the central reconstruction, coverage of the draws.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd

import minsuan as ms

REFERENCE = Path(__file__).resolve().parents[1] / "../shared/reference"
AGES = ["0", "1-4", *(f"{a}-{a + 4}" for a in range(5, 85, 5)), "85+"]
COLUMNS = [f"{s}_{a}" for s in "fm" for a in AGES]
STARTS = np.array([0, 1, *range(5, 90, 5)])


def counties(year: int) -> pd.DataFrame:
    """Counties with every cell known, in provinces of at least five."""
    d = pd.read_csv(REFERENCE / f"census/county_age_sex_{year}.csv.gz", dtype={"code": str})
    d = d.dropna(subset=COLUMNS).reset_index(drop=True)
    d["province"] = d["code"].str[:2]
    return d[d.groupby("province")["code"].transform("size") >= 5].reset_index(drop=True)


def survival_ten_years() -> np.ndarray:
    """Chance to live ten more years by sex and age group, 0 under 50: who is 60+ then."""
    mx = pd.read_csv(REFERENCE / "standards/china_wpp2024_mx_5yr_periods.csv")
    mx = mx[mx["period"] == "2020-2025"]
    out = np.zeros((2, 19))
    for sex, column in enumerate(["mxF", "mxM"]):
        living, years = 1.0, []
        for m, width in zip(mx[column], [1, 4, *[5] * 19, np.inf], strict=True):
            died = living * -np.expm1(-width * m)
            years.append(died / m)
            living -= died
        years = np.array(years)
        out[sex, 11:18] = years[13:20] / years[11:18]
        out[sex, 18] = years[20:].sum() / years[18:].sum()
    return out


def groups(single: np.ndarray) -> np.ndarray:
    """(…, 2, 101) to (…, 2, 19)."""
    return np.add.reduceat(single, STARTS, axis=-1)


def measure(year: int, with_donors: bool, every: int, draws: int) -> pd.DataFrame:
    """One row a county: error, and the truth's place among the draws."""
    both = {y: counties(y) for y in (2010, 2020)}
    here, weights = both[year], survival_ten_years()
    rows = []
    for province, own in here.groupby("province"):
        residuals = ms.demography.estimate_residuals(*both.values(), exclude=[str(province)])
        cells = own[COLUMNS].to_numpy(float)
        whole = cells.sum(axis=0)
        for i in range(0, len(own), every):
            truth = cells[i].reshape(2, 19)
            rest = (whole - cells[i]).reshape(2, 19)
            base = ms.demography.thin_base(
                total=truth.sum(),
                count_60_plus=truth[:, 13:].sum(),
                standard={"age": AGES, "female": rest[0], "male": rest[1]},
                donors=own.drop(own.index[i])[COLUMNS] if with_donors else None,
                residuals=residuals,
                population="resident",
                draws=draws,
                region=own["code"].iloc[i],
            )
            true = (truth * weights).sum()
            drawn = (groups(base.draws) * weights).sum(axis=(1, 2))
            central = (groups(base.population) * weights).sum()
            low80, high80, low95, high95 = np.quantile(drawn, [0.1, 0.9, 0.025, 0.975])
            rows.append(
                {
                    "province": province,
                    "code": own["code"].iloc[i],
                    "persons": truth.sum(),
                    "error": abs(central / true - 1),
                    "in80": low80 <= true <= high80,
                    "in95": low95 <= true <= high95,
                    "width80": (high80 - low80) / true,
                }
            )
    return pd.DataFrame(rows)


def line(name: str, r: pd.DataFrame) -> str:
    """One row of the printed table."""
    return (
        f"{name:>10} {len(r):5} {r['error'].median():7.2%} {r['error'].quantile(0.9):7.2%} "
        f"{r['in80'].mean():7.1%} {r['in95'].mean():7.1%} {r['width80'].median():8.1%}"
    )


def backtests(draws: int) -> None:
    """2010 → 2020 over all counties matched by code, from the true ages and from two numbers."""
    a, b = (
        pd.read_csv(REFERENCE / f"census/county_age_sex_{y}.csv.gz", dtype={"code": str})
        for y in (2010, 2020)
    )
    for base in ("census", "thin", "thin_standard"):
        for drift in (False, True):
            began = time.perf_counter()
            t = ms.demography.backtest(a, b, base=base, draws=draws, drift=drift)
            seconds = time.perf_counter() - began
            print(f"\n2010 to 2020, base {base}, drift {drift}; {seconds:.0f} s; {t.summary.notes[0]}")
            print("           class   age counties  median     p90    bias unchanged cover80 cover95")
            for r in t.summary.to_dicts():
                if r["age"] in ("60+", "65+", "80+"):
                    print(
                        f"{r['class']:>16} {r['age']:>5} {r['counties']:8} {r['median_error']:7.2%} "
                        f"{r['p90_error']:7.2%} {r['bias']:7.2%} {r['unchanged_error']:9.1%} "
                        f"{r['coverage_80']:7.1%} {r['coverage_95']:7.1%}",
                        flush=True,
                    )


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="only every N-th county of a province")
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--backtest", action="store_true", help="only the backtest 2010 to 2020")
    arguments = parser.parse_args()
    backtests(min(arguments.draws, 100))
    if arguments.backtest:
        return
    for with_donors in (True, False):
        for year in (2020, 2010):
            began = time.perf_counter()
            r = measure(year, with_donors, arguments.every, arguments.draws)
            what = "donors of the province" if with_donors else "stored covariance, other provinces'"
            print(f"\n{year}, {what}; {time.perf_counter() - began:.0f} s")
            print("  province counties  median     p90  cover80 cover95  width80")
            for province, part in r.groupby("province"):
                print(line(str(province), part))
            print(line("all", r))
            print(line("> 50,000", r[r["persons"] > 50_000]), flush=True)


if __name__ == "__main__":
    main()
