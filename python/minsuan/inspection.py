"""The annual inspection of social organizations (社会组织年检): registers in, tables out.

>>> import minsuan as ms
>>> reg = ms.inspection.read({
...     "统一社会信用代码": ["52433101MJK000006G"] * 2,
...     "名称": ["示例服务中心"] * 2,
...     "类型": ["民办非企业单位"] * 2,
...     "登记日期": ["2015-03-01"] * 2,
...     "年度": [2022, 2023],
...     "结论": ["不合格", "未参检"],
... })
>>> reg.due(2023).to_dicts()[0]["action"]
'revoke'
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from minsuan import _core
from minsuan._core import Table
from minsuan._errors import DataError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "Register",
    "area",
    "check_code",
    "person",
    "read",
    "share_interval",
    "suppress",
    "survival_curve",
    "synthetic",
    "write_synthetic",
]

Interval = Literal["wilson", "jeffreys", "clopper-pearson"]
Effect = Literal["counts", "pauses", "ends"]


def _whole(name: str, value: Any, low: int, high: int) -> int:
    """A whole number within bounds, or a DataError that names the argument."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or not low <= value.__index__() <= high:
        raise DataError(
            f"{name}: not a number in range (got {value!r}); expected a whole number, {low} to {high}"
        )
    return int(value.__index__())


def _year(name: str, value: Any) -> int:
    return _whole(name, value, 1900, 2199)


def _language(lang: str | None) -> str | None:
    if lang not in (None, "zh", "en"):
        raise DataError(f"lang: unknown choice (got {lang!r}); expected zh, en")
    return lang


class Register:
    """A register of social organizations with their conclusions by year. Made by `read`.

    It can be pickled (for another process, or a cache) as what it holds: codes, names, types, days,
    conclusions, problems and rules. The source, and what was left out of it, does not travel; another
    version of minsuan refuses it.

    >>> import pickle
    >>> reg = read({"code": ["51433101MJK000006K"], "year": [2023], "conclusion": ["合格"]})
    >>> pickle.loads(pickle.dumps(reg))
    <Register: 1 organizations, 1 conclusions, 2023-2023>
    """

    def __init__(self, core: _core.Register) -> None:
        self._core = core

    def __len__(self) -> int:
        """Number of organizations."""
        return len(self._core)

    def __repr__(self) -> str:
        span = "no years" if self.years is None else f"{self.years[0]}-{self.years[1]}"
        mark = ", synthetic" if self.synthetic else ""
        return f"<Register: {len(self):,} organizations, {self.records:,} conclusions, {span}{mark}>"

    @property
    def records(self) -> int:
        """Number of conclusions."""
        return self._core.records

    @property
    def rows(self) -> int:
        """Rows read from the source."""
        return self._core.rows

    @property
    def years(self) -> tuple[int, int] | None:
        """First and last year with a conclusion."""
        return self._core.years

    @property
    def synthetic(self) -> bool:
        """Whether the register says of itself that it is synthetic."""
        return self._core.synthetic

    @property
    def problems(self) -> Table:
        """What is wrong in the register: row, column, value, message, expected, kind; one row a finding.

        Rows are those of the file, from 1. A failing code is a warning: the organization stays in.
        """
        return self._core.problems

    @property
    def ignored_columns(self) -> list[str]:
        """Headers of the source that say nothing that is used; those that might are in `problems` too."""
        return self._core.ignored_columns

    def organizations(self) -> Table:
        """One row an organization: code, name, type, dates, first and last year, number of records."""
        return self._core.organizations()

    def renames(self) -> Table:
        """Changes of name under one code."""
        return self._core.renames()

    def annual_table(self, year: int, *, interval: Interval = "wilson", level: float = 0.95) -> Table:
        """The inspection of a year by type, with a row `total`.

        registered (standing on 31 December), obliged (registered less exempt), inspected, each
        conclusion, and three rates as shares from 0 to 1: inspected_rate, qualified_rate_inspected,
        qualified_rate_obliged, each with `_low` and `_high`.
        """
        return self._core.annual_table(_year("year", year), interval=interval, level=level)

    def due(
        self,
        year: int,
        *,
        rules: str | os.PathLike[str] | None = None,
        absent: Literal["counts", "separate", "pauses", "ends"] = "counts",
        basically_qualified: Effect = "ends",
        exempt: Effect = "pauses",
        missing: Effect = "ends",
        late_registration: Literal["exempt", "obliged"] = "exempt",
        closed: Literal["excluded", "by_year_end"] = "excluded",
    ) -> Table:
        """Who meets the rule for rectification (`rectify`) or revocation (`revoke`), by which years and why.

        Columns code, name, type, action, years, rule, article, reason. It is advice with its reasons, never a
        decision.

        absent: 未参检 counts as an unqualified year, counts in a row of absences alone ("separate"), neither
        counts nor ends the streak ("pauses"), or ends it. basically_qualified, exempt, missing (no
        record): the same for 基本合格, 免检 and a year without a record. late_registration: a year at the end
        of which the organization was registered for less than six months is exempt, or obliged as any
        other. closed: whoever has a day of deregistration or revocation is left out, or only who had it
        by the end of `year`. rules: another set or file. Who is closed on a day that can't be read, is of no
        known type, or of a type without a rule, is left out and told in the notes.
        """
        return self._core.due(
            _year("year", year),
            rules=None if rules is None else os.fspath(rules),
            absent=absent,
            basically_qualified=basically_qualified,
            exempt=exempt,
            missing=missing,
            late_registration=late_registration,
            closed=closed,
        )

    def transitions(self, *, strength: float | None = None, level: float = 0.95) -> Table:
        """From the conclusion of one year to that of the next: type, from, to, count, probability, low, high.

        Years in a row with a record in both. Each row of probabilities is shrunk to the type's own
        distribution (Dirichlet), with `strength` observations or, by default, as many as make the counts
        likeliest.
        """
        return self._core.transitions(strength=strength, level=level)

    def survival(
        self, *, event: Literal["closed", "revoked", "deregistered"] = "closed", level: float = 0.95
    ) -> Table:
        """Share that outlives each age, by type: type, age_years, at_risk, events, survival, low, high.

        Who was registered before the register begins enters late, at its age then; who still stands at
        its end is censored. `event`: any closing, revocation alone, or deregistration alone.
        """
        return self._core.survival(event=event, level=level)

    def expected(self, next_year: int, *, draws: int = 2000, seed: int = 0) -> Table:
        """Next year's numbers by type and indicator, with quantiles; the same seed gives the same bytes."""
        return self._core.expected(
            _year("next_year", next_year),
            draws=_whole("draws", draws, 1, 1_000_000),
            seed=_whole("seed", seed, 0, 2**64 - 1),
        )

    def publish(self, year: int, *, threshold: int = 5) -> Table:
        """The table of a year for publication: counts below `threshold` (not 0) are left out.

        With them go as many others as it takes that nobody can tell from the margins whether such a count
        is 0 or `threshold` or anything between.
        """
        return self._core.publish(_year("year", year), threshold=_whole("threshold", threshold, 2, 10**9))

    def counts(self) -> Table:
        """Conclusions by type and year, as the rows carry them: type, year, conclusion, count."""
        return self._core.counts()

    def plot_conclusions(self, type: str = "total", *, lang: Literal["zh", "en"] | None = None) -> Figure:
        """Conclusions by year, as stacked bars; a matplotlib figure (`pip install "minsuan[plots]"`)."""
        from minsuan import _inspection_plots

        return _inspection_plots.conclusions(self.counts(), type, _language(lang))

    def plot_transitions(self, type: str = "total", *, lang: Literal["zh", "en"] | None = None) -> Figure:
        """From the conclusions of one year to those of the next, as a flow."""
        from minsuan import _inspection_plots

        return _inspection_plots.transitions(self.transitions(), type, _language(lang))

    def plot_survival(self, *, lang: Literal["zh", "en"] | None = None) -> Figure:
        """Survival by type, with bands."""
        from minsuan import _inspection_plots

        return _inspection_plots.survival(self.survival(), _language(lang))


def read(
    source: Any,
    rules: str | os.PathLike[str] | None = None,
    *,
    rule_set: str | None = None,
    sheet: str | None = None,
    identity: Literal["code", "code_and_name"] = "code",
    conflicts: Literal["last", "first", "worst"] = "last",
    progress: Callable[[int, int], object] | None = None,
) -> Register:
    """Reads a register: one row an organization and year, or one an organization with a column a year.

    source: a path (.csv in UTF-8, UTF-16 or GB18030; .xlsx, .xls; .parquet), an object with
    `__arrow_c_stream__`, a pandas frame, a dict of columns. rules: a shipped set ("jishou", the default,
    or "national") or a .toml file; rule_set: which set of that file. sheet: of a workbook, by default the
    first with a header. identity: the code alone, or a change of name begins a new organization.
    conflicts: which of two conclusions for one year counts. progress: called with rows done and rows in
    all. A workbook with a sheet a year, called by it, is read whole.

    What is wrong in single cells is in `problems` and reading goes on.

    Raises DataError for what is no register at all: not there, empty, of another kind than its ending
    says, damaged, protected by a password, without the columns needed. CaseError for a wrong rules file.

    >>> reg = read({"code": ["51433101MJK000006K"], "year": [2023], "conclusion": ["合格"]})
    >>> reg
    <Register: 1 organizations, 1 conclusions, 2023-2023>
    >>> reg.annual_table(2023)[-1]["qualified"]
    1
    """
    text = None if rules is None else os.fspath(rules)
    columns = getattr(source, "columns", None)
    if type(source).__module__.startswith("pandas") and columns is not None:
        if len(columns) == 0:
            raise DataError("the frame has no columns; expected 统一社会信用代码 or 名称, 年度, 结论")
        twice = sorted({str(c) for c in columns[columns.duplicated()]})
        if twice:
            raise DataError(f"{', '.join(twice)}: two columns of one name; expected each column once")
    return Register(_core.read_register(source, text, rule_set, sheet, identity, conflicts, progress))


def share_interval(
    count: int, total: int, interval: Interval = "wilson", level: float = 0.95
) -> tuple[float, float] | None:
    """Interval of a share `count` of `total` (Brown, Cai & DasGupta 2001); None where `total` is 0.

    >>> [round(x, 3) for x in share_interval(3, 212)]
    [0.005, 0.041]
    >>> [round(x, 3) for x in share_interval(3, 212, "clopper-pearson")]
    [0.003, 0.041]
    """
    most = 2**63 - 1
    return _core.share_interval(
        _whole("count", count, 0, most), _whole("total", total, 0, most), interval, level
    )


def check_code(code: str) -> str | None:
    """What is wrong with a unified social credit code (GB 32100-2015), in Chinese; None where nothing is.

    >>> check_code("524331010000001070"), check_code("52433101MJK000006G")
    (None, None)
    >>> check_code("52433101MJK000006A")
    '代码校验不通过（GB 32100-2015）：若前17位无误，第18位应为 G'
    """
    return _core.check_code(code)


def person(number: str, on: str) -> tuple[str, int]:
    """Sex and age on a day, from an identity number (GB 11643); the number is neither kept nor shown.

    Raises DataError for what is none: another length, a province or a date of birth that does not exist, a
    wrong check digit.

    >>> person("433101195202290008", on="2023-12-31")
    ('female', 71)
    """
    return _core.person(number, on)


def area(code: str, on: str | None = None) -> dict[str, str | None] | None:
    """What an area code (GB/T 2260, or 9 or 12 digits) is called on a day; None where the list lacks it.

    The shipped list holds Xiangxi's counties and Jishou's townships: code, name, level, valid_from, valid_to,
    seen_on. Raises DataError for what is no area code.

    >>> area("433101002000")["name"], area("433101008", on="2015-06-30")
    ('峒河街道', None)
    """
    return _core.area(code, on)


def survival_curve(
    durations: Sequence[float],
    events: Sequence[bool],
    entries: Sequence[float] | None = None,
    level: float = 0.95,
) -> Table:
    """The product-limit curve (Kaplan & Meier 1958), with late entry where `entries` are given.

    Columns time, at_risk, events, survival, low, high; one row each time at which somebody leaves.
    Intervals are log(-log) of Greenwood's variance.

    >>> survival_curve([1, 2, 2, 3], [True, True, False, True]).to_list("survival")
    [0.75, 0.5, 0.0]
    """
    return _core.survival_curve(list(durations), [bool(e) for e in events], entries and list(entries), level)


def suppress(counts: Sequence[Sequence[int]], threshold: int = 5) -> list[list[int | None]]:
    """A two-way table for publication, with totals as its last row and column and None for what is left out.

    Counts from 1 to `threshold` - 1 go, and as many others as it takes that the margins do not give them
    back.

    >>> for row in suppress([[2, 9, 20], [8, 12, 30], [30, 15, 7]]):
    ...     print(row)
    [None, None, 20, 31]
    [None, None, 30, 50]
    [30, 15, 7, 52]
    [40, 36, 57, 133]
    """
    whole = [[_whole("counts", value, 0, 2**53) for value in row] for row in counts]
    return _core.suppress(whole, _whole("threshold", threshold, 2, 2**53))


def synthetic(seed: int = 0, first: int = 2016, last: int = 2023) -> Table:
    """A synthetic register of Jishou: 212 organizations at the end of 2020 (71 + 141), none of them real.

    >>> reg = read(synthetic())
    >>> reg.synthetic, reg.annual_table(2020).to_list("registered")
    (True, [71, 141, 212])
    """
    return _core.synthetic_register(
        _whole("seed", seed, 0, 2**64 - 1), _year("first", first), _year("last", last)
    )


def write_synthetic(
    folder: str | os.PathLike[str], seed: int = 0, first: int = 2016, last: int = 2023
) -> Path:
    """Writes the synthetic register as `jishou_register_synthetic_seed….csv`, and says where."""
    return _core.write_synthetic(
        folder, _whole("seed", seed, 0, 2**64 - 1), _year("first", first), _year("last", last)
    )
