"""Import and one whole run of the shipped case: time and memory."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time

DRAWS = 1000


def _seconds(code: str, times: int = 15) -> float:
    """Median wall time of a fresh Python that runs `code`."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def main() -> None:
    """Prints each figure with what it has to reach."""
    # Warm caches of bytecode and disk first.
    _seconds("import minsuan", 2)
    bare, loaded = _seconds("pass"), _seconds("import minsuan")
    print(f"import minsuan above bare Python: {1000 * (loaded - bare):6.1f} ms   (at most 60)")

    import minsuan as ms

    case = ms.open("jishou")
    case.run(draws=10)
    taken = []
    for _ in range(5):
        start = time.perf_counter()
        run = case.run(draws=DRAWS, progress=False)
        taken.append(time.perf_counter() - start)
    start = time.perf_counter()
    tables = [run.population.indicators(), run.population.by_age(), run.care.need(), run.capacity.table()]
    tables += [run.relief.caseload(), run.budget.table()]
    asked = time.perf_counter() - start
    years = f"{run.years[0]}-{run.years[-1]}"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"case.run(draws={DRAWS}), {years}:  {statistics.median(taken):6.2f} s    (at most 2)")
    print(f"all six tables of it:             {asked:6.2f} s    ({sum(map(len, tables)):,} rows)")
    print(f"peak memory of the process:       {peak:6.0f} MB   (at most 500)")
