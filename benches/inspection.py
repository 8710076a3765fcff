"""A register of ten million rows: read, checked, tabulated; its group-by beside polars and DuckDB.

`python -m benches inspection`. Rows are organizations × years, written once as Parquet into a temporary
folder; reading runs in a process of its own, whose peak memory is told. The peers are timed on the very
columns that the register holds (small integers), best of five. DuckDB is asked where it is installed, here
or in .venv-bench; `--peers-python` names another.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

ORGANIZATIONS, FIRST, LAST = 1_000_000, 2014, 2023
ALPHABET = np.frombuffer(b"0123456789ABCDEFGHJKLMNPQRTUWXY", dtype=np.uint8)
WEIGHTS = np.array([3**i % 31 for i in range(17)])
WORDS = ["合格", "基本合格", "不合格", "未参检", "免检"]


def codes(kind: np.ndarray) -> np.ndarray:
    """Valid codes of 18 characters, as bytes (n, 18); organization codes with their own check."""
    n = len(kind)
    number = np.arange(n)
    body = np.zeros((n, 18), dtype=np.int64)
    body[:, 0] = 5
    body[:, 1] = kind + 1
    body[:, 2:8] = [4, 3, 3, 1, 0, 1]
    for i in range(8):
        body[:, 15 - i] = number // 10**i % 10
    check = (11 - (body[:, 8:16] * [3, 7, 9, 10, 5, 8, 4, 2]).sum(1) % 11) % 11
    # X is the 29th of the alphabet (no I, O, S, V, Z).
    body[:, 16] = np.where(check == 10, ALPHABET.tobytes().index(b"X"), check)
    body[:, 17] = (31 - (body[:, :17] * WEIGHTS).sum(1) % 31) % 31
    return ALPHABET[body]


def write(path: Path, organizations: int) -> None:
    """One row an organization and year, in the order of the register; conclusions hang together over time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    chance = np.random.default_rng(0)
    kind = chance.choice(3, organizations, p=[0.41, 0.58, 0.01])
    text = codes(kind).view("S18").ravel().astype(str)
    earliest, latest = (np.datetime64(day).astype(int) for day in ("1995-01-01", "2013-12-31"))
    registered = chance.integers(earliest, latest, organizations)
    names = np.char.add("合成社会组织", np.arange(organizations).astype(str))
    stay = chance.random((organizations, LAST - FIRST + 1)) < 0.6
    fresh = chance.choice(5, stay.shape, p=[0.82, 0.08, 0.03, 0.06, 0.01]).astype(np.int8)
    for year in range(1, stay.shape[1]):
        fresh[:, year] = np.where(stay[:, year], fresh[:, year - 1], fresh[:, year])
    kinds = pa.array(["社会团体", "民办非企业单位", "基金会"])
    text_columns = ("统一社会信用代码", "名称", "类型")
    types = [(name, pa.string()) for name in text_columns]
    schema = pa.schema([*types, ("登记日期", pa.date32()), ("年度", pa.int32()), ("结论", pa.string())])
    step = 50_000
    with pq.ParquetWriter(path, schema) as writer:
        for at in range(0, organizations, step):
            part = slice(at, at + step)
            n = len(kind[part])
            rows = np.repeat(np.arange(n), LAST - FIRST + 1)
            writer.write_table(
                pa.table(
                    [
                        pa.array(text[part]).take(rows),
                        pa.array(names[part]).take(rows),
                        kinds.take(kind[part][rows]),
                        pa.array(registered[part].astype(np.int32)[rows]).cast(pa.date32()),
                        pa.array(np.tile(np.arange(FIRST, LAST + 1, dtype=np.int32), n)),
                        pa.array(WORDS).take(fresh[part].ravel()),
                    ],
                    schema=schema,
                )
            )


def plain_due(frame: Any, year: int) -> tuple[int, int]:
    """Rectified and revoked, counted with numpy from the columns alone."""
    kind, conclusion = frame["type"].to_numpy(), frame["conclusion"].to_numpy()
    years = LAST - FIRST + 1
    by_year = conclusion.reshape(-1, years)[:, : year - FIRST + 1]
    of = kind[::years]
    streak = np.zeros(len(of), dtype=np.int64)
    going = np.ones(len(of), dtype=bool)
    for column in by_year.T[::-1]:
        bad = (column == 2) | (column == 3)
        streak += going & bad
        going &= bad | (column == 4)
    needed = np.where(of == 0, 3, 2)
    asked = of < 2
    revoke = asked & (streak >= needed)
    return int((asked & (streak >= 1) & ~revoke).sum()), int(revoke.sum())


def child(path: Path) -> None:
    """Reads, checks and tabulates; prints seconds, peak and the group-by of ours and polars."""
    import minsuan as ms

    start, busy = time.perf_counter(), time.process_time()
    reg = ms.inspection.read(path)
    found = len(reg.problems)
    table = reg.annual_table(LAST)
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    status = Path("/proc/self/status").read_text().splitlines()
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    start = time.perf_counter()
    due = reg.due(LAST)
    due_seconds = time.perf_counter() - start
    actions = due.to_list("action")
    frame = reg._core.coded().to_polars()
    plain = plain_due(frame, LAST)
    ours, theirs = [], []
    for _ in range(5):
        start = time.perf_counter()
        counts = reg.counts()
        ours.append(time.perf_counter() - start)
        start = time.perf_counter()
        peer = frame.group_by("type", "year", "conclusion").len()
        theirs.append(time.perf_counter() - start)
    same = sum(counts.to_list("count")) == peer["len"].sum() and len(counts) == len(peer)
    frame.write_parquet(path.with_name("coded.parquet"))
    measured = {
        "rows": reg.rows,
        "problems": found,
        "read": seconds,
        "busy": busy,
        "peak": peak / 1024,
        "due": due_seconds,
        "due_rows": len(due),
        "due_equal": (actions.count("rectify"), actions.count("revoke")) == plain,
        "ours": min(ours),
        "polars": min(theirs),
        "same": same and table[-1]["registered"] == len(reg),
    }
    print(json.dumps(measured))


DUCKDB = """
import duckdb, sys, time
c = duckdb.connect()
c.execute("set threads=2")
c.execute(f"create table t as select * from read_parquet('{sys.argv[1]}')")
best = 9e9
for _ in range(5):
    start = time.perf_counter()
    c.execute("select type, year, conclusion, count(*) from t group by all").fetchall()
    best = min(best, time.perf_counter() - start)
print(best)
"""


def main(organizations: int = ORGANIZATIONS, peers: str | None = None) -> None:
    """Prints each figure with what it has to reach."""
    beside = Path(__file__).resolve().parents[1] / ".venv-bench/bin/python"
    peers = peers or (str(beside) if beside.exists() else sys.executable)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "register_synthetic.parquet"
        write(path, organizations)
        code = f"from pathlib import Path; from benches.inspection import child; child(Path({str(path)!r}))"
        done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
        r = json.loads(done.stdout)
        coded = str(path.with_name("coded.parquet"))
        duck = subprocess.run([peers, "-c", DUCKDB, coded], capture_output=True, text=True)
        duckdb = f"{1000 * float(duck.stdout):6.1f} ms" if duck.returncode == 0 else "not installed"
        size = path.stat().st_size / 2**20
    print(f"rows {r['rows']:,} ({size:.0f} MB of Parquet), {r['problems']} problems")
    print(f"read, check, tabulate: {r['read']:6.2f} s   (at most 10; {r['busy']:.2f} s of processor time)")
    print(f"peak memory:           {r['peak']:6.0f} MB  (at most 2048)")
    print(f"due:                   {r['due']:6.2f} s   {r['due_rows']:,} rows")
    print(f"due equals a plain count: {r['due_equal']}")
    print(f"group-by: minsuan {1000 * r['ours']:.1f} ms, polars {1000 * r['polars']:.1f} ms, DuckDB {duckdb}")
    print(f"group-by of minsuan and polars equal: {r['same']}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--organizations", type=int, default=ORGANIZATIONS)
    parser.add_argument("--peers-python")
    asked = parser.parse_args()
    main(asked.organizations, asked.peers_python)
