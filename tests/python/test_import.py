"""What `import minsuan` brings in, and what the package says of itself."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest

import minsuan as ms

HEAVY = ("numpy", "pandas", "polars", "pyarrow", "matplotlib", "jinja2", "docx", "IPython")


def test_import_brings_in_nothing_heavy() -> None:
    code = "import sys, minsuan; print([m for m in sys.argv[1:] if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code, *HEAVY], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_there_and_has_words() -> None:
    for name in ms.__all__:
        thing = getattr(ms, name)
        assert thing is not None
        if name != "__version__":
            assert thing.__doc__, name
    assert set(ms.__all__) <= set(dir(ms))
    with pytest.raises(AttributeError, match="no_such"):
        ms.no_such  # noqa: B018


def test_errors_are_value_errors_and_travel() -> None:
    error = ms.DataError("a.csv:3: wrong", [{"file": "a.csv", "row": 3}])
    again = pickle.loads(pickle.dumps(error))
    assert isinstance(again, ValueError)
    assert (str(again), again.problems, type(again)) == (str(error), error.problems, ms.DataError)
    assert ms.DataError.__module__ == "minsuan"
