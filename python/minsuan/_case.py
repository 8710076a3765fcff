"""Cases and runs: what ``ms.open`` gives."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from minsuan import _core
from minsuan._core import Table
from minsuan._errors import CaseError, DataError, ModelError
from minsuan._why import Why

if TYPE_CHECKING:
    from minsuan.inspection import Register

Progress = Callable[[int, int], None]


def open(name: str | os.PathLike[str], *, plan_only: bool = False) -> Case:
    """Opens a case: a folder of one's own, or a shipped one (``"jishou"``).

    Every mistake in any of its files is told at once, in one `CaseError`. A plan needs neither base
    population nor scenarios to be checked: a folder with ``figures.csv`` will do, so will a plan's text
    (``ms.open("plan.txt")``, which takes the ``figures.csv`` beside it, or drafts the figures in memory
    where there is none). What a run still lacks is in `Case.remarks`, and told by `Case.run`.
    With ``plan_only``, mistakes in base and scenarios do not stop the opening, as in ``minsuan check``.

    >>> import minsuan as ms
    >>> case = ms.open("jishou")
    >>> case.name, case.code, case.remarks
    ('吉首市', '433101', [])
    """
    return Case(os.fspath(name), plan_only=plan_only)


class Case:
    """A county's figures, rules, checks and scenarios.

    >>> import minsuan as ms
    >>> sorted(ms.open("jishou").scenarios)
    ['base', 'higher_dibao', 'higher_subsidy', 'resident', 'young_out']
    """

    def __init__(self, name: str, plan_only: bool = False) -> None:
        self._case = _core.Case(name, plan_only)

    def __reduce__(self) -> tuple[Any, ...]:
        # A case travels as the name it was opened by: another process, wherever it is, reads the same files.
        name, plan_only = self._case.opened
        return Case, (os.path.abspath(name) if os.path.exists(name) else name, plan_only)

    @property
    def name(self) -> str:
        """Name of the place; of the folder, where the case does not say."""
        return self._case.name

    @property
    def code(self) -> str:
        """GB/T 2260 code, text; empty where the case does not say."""
        return self._case.code

    @property
    def base_year(self) -> int | None:
        """Year at whose end the base population stands; None where the case does not say."""
        return self._case.base_year

    @property
    def horizon(self) -> int | None:
        """Last year of a run; None where the case does not say."""
        return self._case.horizon

    @property
    def scenarios(self) -> dict[str, str]:
        """Names and Chinese labels of the scenarios."""
        return self._case.scenarios()

    @property
    def figures(self) -> Table:
        """Every figure of the plan: value, unit, date, line, the plan's words."""
        return self._case.figures()

    @property
    def remarks(self) -> list[str]:
        """What whoever reads the findings should know, in Chinese; empty for a case that is whole.

        Where the figures were drafted here and now, which rules could not be looked up, what a run still
        lacks and where it goes. `check` has them in its notes.

        >>> import minsuan as ms
        >>> ms.open("jishou").remarks
        []
        """
        return self._case.remarks

    def check(self) -> Table:
        """What contradicts what, both sides cited; see ``docs/checks.md`` for the families.

        >>> import minsuan as ms
        >>> ms.open("jishou").check().columns[:3]
        ['check', 'family', 'verdict']
        """
        return self._case.check()

    def inspection(
        self,
        source: str | os.PathLike[str] | object,
        *,
        sheet: str | None = None,
        identity: Literal["code", "code_and_name"] = "code",
        conflicts: Literal["last", "first", "worst"] = "last",
    ) -> Register:
        """Reads a register of social organizations under this case's rules.

        They are those of ``inspection.toml`` in the folder; else of the place, where minsuan ships them;
        else the national ones. The other arguments are those of `minsuan.inspection.read`.

        >>> import minsuan as ms
        >>> rows = {"code": ["51433101MJK000006K"], "year": [2023], "conclusion": ["合格"]}
        >>> ms.open("jishou").inspection(rows)
        <Register: 1 organizations, 1 conclusions, 2023-2023>
        """
        from minsuan.inspection import Register

        return Register(_core.read_register(source, None, None, sheet, identity, conflicts, None, self._case))

    def run(
        self,
        draws: int = 1000,
        seed: int | None = None,
        scenario: str | None = None,
        *,
        threads: int = 0,
        progress: Progress | bool | None = None,
    ) -> Run:
        """One pass from the base population to the yuan.

        ``draws`` draws of chance; ``seed`` None takes the scenario's own; ``threads`` 0 takes all
        cores, and the result does not depend on it. ``progress`` is a function of (done, total),
        True or None for a bar where the run is long and somebody watches, False for none.

        >>> import minsuan as ms
        >>> run = ms.open("jishou").run(draws=50)
        >>> run.budget.table().columns[:5]
        ['line', 'label', 'year', 'kind', 'amount']
        """
        from minsuan._progress import shown

        arguments = (scenario, _count(draws), seed, threads)
        with shown(progress) as callback:
            return Run(self, self._case.run(*arguments, callback), arguments)

    def __repr__(self) -> str:
        code = f"（{self.code}）" if self.code else ""
        years = f"，{self.base_year}—{self.horizon}年" if self.base_year and self.horizon else ""
        names = "，".join(f"{k}（{v}）" for k, v in self.scenarios.items()) or "无"
        return f"{self.name}{code}{years}；情景：{names}"


class Run:
    """The results of one pass; everything in it answers `why`."""

    def __init__(self, case: Case, run: _core.Run, arguments: tuple[Any, ...]) -> None:
        self.case = case
        self._run = run
        self._arguments = arguments
        made_from = (case, arguments)
        self.population = Population(run, made_from)
        self.care = Care(run, made_from)
        self.capacity = Capacity(run, made_from)
        self.relief = Relief(run, made_from)
        self.budget = Budget(run, made_from)

    def __reduce__(self) -> tuple[Any, ...]:
        # The same seed gives the same bytes, so a run travels as what it was made from.
        return _again, (self.case, self._arguments, _digest(self._run))

    @property
    def scenario(self) -> str:
        """Name of the scenario."""
        return self._run.scenario

    @property
    def label(self) -> str:
        """Chinese label of the scenario."""
        return self._run.label

    @property
    def note(self) -> str:
        """The scenario's own remark."""
        return self._run.note

    @property
    def seed(self) -> int:
        """The seed that was used."""
        return self._run.seed

    @property
    def draws(self) -> int:
        """Number of draws."""
        return self._run.draws

    @property
    def years(self) -> list[int]:
        """The base year and every year after it."""
        return self._run.years

    @property
    def population_kind(self) -> str:
        """户籍 (registered) or 常住 (resident)."""
        return self._run.population_kind

    @property
    def paths(self) -> list[str]:
        """Every path that `why` answers."""
        return self._run.paths()

    def assumptions(self) -> Table:
        """What no figure of the plan says, with its spread, source and line."""
        return self._run.assumptions()

    def why(self, path: str, year: int) -> Why:
        """The formula of a number, with numbers, down to the plan's sentence.

        >>> import minsuan as ms
        >>> run = ms.open("jishou").run(draws=20)
        >>> run.why("budget.child_directors", year=2020).value
        '360,000.00'
        """
        return Why(self._run.why(path, int(year)))

    def report(self, folder: str | os.PathLike[str], *, lang: str = "zh") -> list[Path]:
        """Writes workbook, Word report and HTML page into a folder; gives their paths."""
        from minsuan._report import write

        if not os.fspath(folder):
            raise DataError("folder: is empty; expected the name of a folder to write the report into")
        return write(self, Path(folder), lang=lang)

    def __repr__(self) -> str:
        first, last = self.years[0], self.years[-1]
        return (
            f"{self.case.name}，{self.label}（{self.scenario}），{self.population_kind}人口，"
            f"{first}—{last}年，{self.draws}次抽样，种子{self.seed}"
        )


def _digest(run: _core.Run) -> str:
    tables = (run.indicators(), run.need(), run.capacity(), run.caseload(), run.budget())
    return hashlib.sha256(repr([t.to_dicts() for t in tables]).encode()).hexdigest()


def _again(case: Case, arguments: tuple[Any, ...], digest: str) -> Run:
    scenario, draws, seed, threads = arguments
    run = case._case.run(scenario, draws, seed, threads, None)
    if _digest(run) != digest:
        raise CaseError(
            f"{case.name}: the case's files, or minsuan, changed since this run was pickled, and it comes "
            "out otherwise now; expected the same files, or a run made again with case.run(…)"
        )
    return Run(case, run, arguments)


def _room_again(room: type[_Room], made_from: tuple[Any, ...], digest: str) -> _Room:
    case, arguments = made_from
    return room(_again(case, arguments, digest)._run, made_from)


class _Room:
    def __init__(self, run: _core.Run, made_from: tuple[Any, ...]) -> None:
        self._run = run
        # Not the Run that holds this room: a circle would keep its draws until the next garbage collection.
        self._made_from = made_from

    def __reduce__(self) -> tuple[Any, ...]:
        return _room_again, (type(self), self._made_from, _digest(self._run))


class Population(_Room):
    """The people of a run."""

    def indicators(self) -> Table:
        """Columns year, indicator, label, unit, mean and quantiles."""
        return self._run.indicators()

    def by_age(self) -> Table:
        """Columns year, sex, age, mean and quantiles."""
        return self._run.by_age()


class Care(_Room):
    """The need for care of a run."""

    def need(self) -> Table:
        """Columns year, definition, level, label, mean and quantiles."""
        return self._run.need()


class Capacity(_Room):
    """Places of every kind."""

    def table(self) -> Table:
        """Columns kind, label, year, quantiles of demand and supply, gap, p_shortage, used_up_year."""
        return self._run.capacity()


class Relief(_Room):
    """Relief and welfare programs."""

    def caseload(self) -> Table:
        """Columns program, label, year, status, unit, mean and quantiles."""
        return self._run.caseload()

    def heads(self) -> Table:
        """Payments (份) and heads (人) of overlapping programs by year, with quantiles.

        Columns group, label, year, count, unit, mean and quantiles; a group is an overlap of the scenario,
        or `total`: all programs that count persons. `count` is `payments`, where one person counts once
        for each program, and `heads`, where once. Where not every overlap is declared, heads are
        `heads_low` and `heads_high`, and the notes say what is not known. `why` answers for each
        (``heads.disability_subsidies``).

        >>> import minsuan as ms
        >>> t = ms.open("jishou").run(draws=50).relief.heads()
        >>> list(dict.fromkeys(zip(t.to_list("group"), t.to_list("count"))))[:2]
        [('disability_subsidies', 'payments'), ('disability_subsidies', 'heads')]
        """
        return self._run.heads()


class Budget(_Room):
    """What everything costs."""

    def table(self) -> Table:
        """Columns line, label, year, kind, amount, mean, p50, p80, p95, basis; a row `total` per year."""
        return self._run.budget()


def compare(a: Run, b: Run) -> Table:
    """Two runs line by line: path, label, year, a, b, difference and its 80 % interval.

    Both need the same seed and number of draws; what is not changed differs by exactly zero.

    >>> import minsuan as ms
    >>> case = ms.open("jishou")
    >>> t = ms.compare(case.run(draws=20), case.run(draws=20, scenario="higher_subsidy"))
    >>> t.columns[:6]
    ['path', 'label', 'year', 'a', 'b', 'difference']
    """
    return a._run.compare(b._run)


def new(folder: str | os.PathLike[str]) -> list[Path]:
    """Writes a commented case folder to fill in, which runs as it is; gives the files."""
    return [Path(p) for p in _core.new_case(os.fspath(folder))]


def _count(draws: int) -> int:
    if isinstance(draws, bool) or not isinstance(draws, int):
        raise TypeError(f"draws has to be a whole number, not {draws!r}")
    # The core takes no negative number; it tells what is wrong with 0, with the value as given here.
    if draws < 0:
        raise ModelError(
            f"draws: not a number of draws (got {draws}); expected a whole number from 1 to 100000"
        )
    return draws
