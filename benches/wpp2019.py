"""Residual migration of WPP2019 against the published: `python -m benches wpp2019`.

Every country and five-year period with 21 age groups: the published population survived and bearing by the
published rates; what is left over, with "even" timing, against the published net migration.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

import minsuan as ms

REFERENCE = Path(__file__).resolve().parents[1] / "../shared/reference/wpp2019_5x5"
AGES = ["0", "1-4", *(f"{a}-{a + 4}" for a in range(5, 100, 5)), "100+"]
SEXES = ("female", "male")


def table(name: str, columns: list[str]) -> dict[tuple[int, str], np.ndarray]:
    """Columns by country and period: (columns, rows)."""
    d = pd.read_csv(REFERENCE / f"{name}.csv.gz", dtype={"t": str})
    return {k: g[columns].to_numpy(float).T for k, g in d.groupby(["country_code", "t"])}


def measure() -> pd.DataFrame:
    """One row a country and period: share of the population by which the migration is off."""
    rates, stocks = table("mx", ["mxF", "mxM"]), table("pop", ["popF", "popM"])
    shares = table("pasfr", ["pasfr"])
    rows = []
    for r in pd.read_csv(REFERENCE / "tfr_srb_mig.csv.gz").itertuples():
        first, last = r.t.split("-")
        before, after = stocks.get((r.country_code, first)), stocks.get((r.country_code, last))
        mx = rates[r.country_code, r.t]
        if any(
            a is None or a.shape[1] != n or np.isnan(a).any()
            for a, n in ((before, 21), (after, 21), (mx, 22))
        ):
            continue
        survival = np.array(
            [ms.demography.life_table(m, s, AGES).survival for m, s in zip(mx, SEXES, strict=True)]
        )
        fertility = np.zeros(21)
        fertility[3:10] = r.tfr * shares[r.country_code, r.t][0] / 100 / 5
        row = {"country": r.name, "code": r.country_code, "from": int(first)}
        for mothers in ("stocks", "engine"):
            net = ms.demography.residual_migration(
                before, after, survival, fertility, r.srb, "even", 5, mothers=mothers
            )
            row[mothers] = abs(net.sum() - r.netmig) / after.sum()
        rows.append(row)
    return pd.DataFrame(rows)


def main() -> None:
    """Prints medians, the largest, and where they are."""
    d = measure()
    for what, part in (("2020-2100", d[d["from"] >= 2020]), ("1950-2020", d[d["from"] < 2020])):
        for mothers in ("stocks", "engine"):
            if len(part):
                off, worst = part[mothers], part.loc[part[mothers].idxmax()]
                china = part.loc[part["code"] == 156, mothers]
                where = f"{worst['country']} {worst['from']}"
                print(
                    f"{what}, births of {mothers}: {len(part)} periods, median {off.median():.1e}, "
                    f"p90 {off.quantile(0.9):.1e}, most {off.max():.1e} ({where}), "
                    f"China median {china.median():.1e}, most {china.max():.1e}"
                )


if __name__ == "__main__":
    main()
