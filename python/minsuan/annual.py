"""The yearly statistical report of the bureau (民政统计年报): indicators keyed by (form, version, code).

>>> import minsuan as ms
>>> reg = ms.inspection.read(ms.inspection.synthetic())
>>> report = ms.annual.report(2020, register=reg, place="吉首市")
>>> report.table().filter(code="SO01")["value"].tolist()
[212.0]
>>> report.sentences()[0][:22]
'截至2020年底，吉首市共有社会组织212个'
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from minsuan import _core
from minsuan._core import Table
from minsuan._errors import DataError

if TYPE_CHECKING:
    from minsuan.inspection import Register

__all__ = [
    "Report",
    "check_growth",
    "check_sum",
    "check_workbook",
    "decumulate",
    "forms",
    "read_workbook",
    "report",
]

Number = int | float | str | Decimal


class Report:
    """The report of a year. Made by `report`."""

    def __init__(self, core: _core.AnnualReport) -> None:
        self._core = core

    def __reduce__(self) -> str:
        raise TypeError(
            "an annual report can't be pickled; hand on its tables (.table(), .check()), or the values, and "
            "make it again with ms.annual.report"
        )

    def __len__(self) -> int:
        """Number of lines."""
        return len(self._core)

    def __repr__(self) -> str:
        return f"<annual report of {self.year}: {len(self)} indicators>"

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()

    @property
    def year(self) -> int:
        """The year reported on."""
        return self._core.year

    def table(self) -> Table:
        """One row an indicator: form, version, code, name, unit, nature, relation, value, previous, change,
        change_percent, change_points, cell, basis.

        nature: `end` of the period, `cumulative` since January, or a `rate`, which is compared by points and
        never by percent. relation to the parent: `part` of it, one of those `listed`, or a `subset` (其中)
        that is never added. basis: `reported`, `estimated` by a model for a year that has been, or
        `projected`.
        """
        return self._core.table()

    def check(self) -> Table:
        """Sums of parts, lists of some parts, subsets within their whole, figures that cannot be.

        Printed precision is respected; things counted one by one (个, 人, 户) have to add exactly.
        """
        return self._core.check()

    def sentences(self) -> list[str]:
        """The report in the sentences of a bulletin; projections and synthetic data are said to be so."""
        return self._core.sentences()

    def carry_forward(self) -> Report:
        """The year after: this year's figures are the last year's, this year's are to be filled in."""
        return Report(self._core.carry_forward())

    def to_excel(self, path: str | os.PathLike[str]) -> None:
        """A workbook with a sheet for each form: formulas for sums and changes, with their values."""
        if os.path.splitext(os.fspath(path))[1].lower() not in (".xlsx", ".xlsm"):
            raise DataError(f"{os.fspath(path)}: not the name of a workbook; expected one that ends in .xlsx")
        self._core.to_excel(path)


def report(
    year: int,
    *,
    values: Any = None,
    register: Register | None = None,
    series: Any = None,
    run: Any = None,
    workbook: str | os.PathLike[str] | None = None,
    previous: str | os.PathLike[str] | None = None,
    place: str = "全市",
) -> Report:
    """The report of a year, from whatever is at hand.

    values: a table with form, version, code, value and, unless all are of `year`, year. register: read by
    `ms.inspection.read`. series: a table with indicator, year, value, where indicator is the `source` of a
    line of `forms()`. run: of a case, for population and relief; its medians, told as 预测 (推算 in the base
    year). workbook: filled in this year, with its own column 上年; previous: last year's, as printed then,
    carried forward. What is printed stands before what a register or a run says; two printed figures that
    differ are an error.

    A figure in percent is 14.52 or "14.52%"; one below 1 needs the sign.

    Raises DataError for a code that is unknown in its form and version, a series that no line asks for, two
    figures for one line, a figure that is no number, a workbook of another year.

    >>> report(2022, values={"form": ["JZH01"] * 2, "version": ["2022"] * 2, "code": ["YZH012311000"] * 2,
    ...                      "year": [2021, 2022], "value": [200, 190]}).sentences()
    ['截至2022年底，全市共有孤儿190人，比上年下降5.0%。']
    """
    if isinstance(year, bool) or not isinstance(year, int) or not 1900 <= year <= 2199:
        raise DataError(f"year: not a year (got {year!r}); expected 1900 to 2199")
    core = getattr(register, "_core", None)
    if register is not None and not isinstance(core, _core.Register):
        kind = type(register).__name__
        raise DataError(f"register: not a register (got {kind}); expected what ms.inspection.read returns")
    of_run = None if run is None else _of_run(run, year)
    return Report(_core.annual_report(year, place, values, core, series, workbook, previous, of_run))


def _of_run(run: Any, year: int) -> dict[str, list[Any]]:
    """The medians of a run as series named population.… and relief.…, each with its status."""
    if not (hasattr(run, "population") and hasattr(run, "relief")):
        raise DataError(f"run: not a run (got {type(run).__name__}); expected what case.run() returns")
    if run.population_kind != "户籍":
        raise DataError(
            f"run: counts the {run.population_kind} population; expected one of the 户籍 (registered)"
            " population, which the forms ask for"
        )
    base, last = run.years[0], run.years[-1]
    if not base <= year <= last:
        raise DataError(f"run: holds no year {year}; expected {base} to {last}")
    rows = [
        (
            f"population.{r['indicator']}",
            r["year"],
            r["p50"],
            "estimated" if r["year"] == base else "projected",
        )
        for r in run.population.indicators()
    ]
    rows += [(f"relief.{r['program']}", r["year"], r["p50"], r["status"]) for r in run.relief.caseload()]
    names = ("indicator", "year", "value", "status")
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}


def forms() -> Table:
    """The indicators that are known: form, version, code, name, unit, nature, parent, relation, source.

    A code is unique only with its form and version: codes are renumbered.
    """
    return _core.annual_forms()


def read_workbook(path: str | os.PathLike[str]) -> Table:
    """The forms of a workbook: form, version, year, code, name, unit, value, cell (such as `报表!D8`)."""
    return _core.annual_workbook(path)


def check_workbook(path: str | os.PathLike[str]) -> Table:
    """Checks the forms of a workbook by the outline of their lines: 一、 （一） 1. (1) A, or blanks.

    A form whose lines `forms()` knows is checked by their relations, as `Report.check` does.

    Parts that exceed their total beyond printed precision are a `contradiction`, with the addresses of the
    cells; a rest is `info`, because forms leave lines out; 其中 and # are never added.
    """
    return _core.check_workbook(path)


def check_sum(
    total: Number, parts: Sequence[Number], *, partial: bool = False, name: str = "", unit: str = ""
) -> Table:
    """Whether a printed total is the sum of its printed parts, within (n + 1) halves of the last place.

    With a `unit` of things counted one by one (个, 人, 户) whole numbers have to add exactly.

    `partial`: the list names only some parts; a rest is then information and no contradiction.

    >>> check_sum("17.3", ["5.3", "11.9"])[0]["verdict"]
    'holds'
    >>> check_sum("100001.8", ["97793.1"], partial=True)[0]["verdict"]
    'info'
    """
    return _core.check_sum(str(total), [str(p) for p in parts], partial, name, unit)


def check_growth(first: Number, last: Number, years: int, rate: Number, *, name: str = "") -> Table:
    """Whether a printed average growth rate, in percent a year, follows from its end points.

    >>> check_growth("154.3", "320.8", 5, "15.3", name="养老机构床位")[0]["sentence"]
    '养老机构床位：由154.3到320.8，5年年均增长应为15.76%，所载为15.3%'
    """
    if isinstance(years, bool) or not isinstance(years, int) or not 1 <= years <= 1000:
        raise DataError(f"years: not a number of years (got {years!r}); expected 1 to 1000")
    return _core.check_growth(str(first), str(last), years, str(rate), name)


def decumulate(cumulative: Sequence[Number | None]) -> tuple[list[Decimal | None], list[int]]:
    """Figures since January made into those of each period, and the places at which one is negative.

    A negative period is a correction of an earlier one: it is told and not hidden.

    >>> decumulate(["10.5", "21.0", "20.0"])
    ([Decimal('10.5'), Decimal('10.5'), Decimal('-1.0')], [2])
    """
    periods, negative = _core.decumulate([None if c is None else str(c) for c in cumulative])
    return [None if p is None else Decimal(p) for p in periods], negative
