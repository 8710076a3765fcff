"""`make bench`: runs `main()` of every module here, each in a process of its own, so that peaks don't mix."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import benches


def main() -> int:
    """Runs all, or those named on the command line; 1 where one of them failed."""
    wanted = sys.argv[1:]
    names = sorted(m.name for m in pkgutil.iter_modules(benches.__path__) if not m.name.startswith("_"))
    unknown = set(wanted) - set(names)
    if unknown:
        print(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(names)}", file=sys.stderr)
        return 2
    failed = []
    for name in wanted or names:
        print(f"== {name}", flush=True)
        code = f"from benches import {name} as m; m.main() if hasattr(m, 'main') else print('nothing to run')"
        if subprocess.run([sys.executable, "-c", code]).returncode:
            failed.append(name)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
