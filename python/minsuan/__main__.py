"""The command line: minsuan check, run, why, new, inspect, figures."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import minsuan as ms
from minsuan import _core


def _named(text: str) -> Path:
    """A path that was given a name: an empty one is this folder to Python, and a slip of the shell here."""
    if not text.strip():
        raise argparse.ArgumentTypeError(f"empty (got {text!r}); expected the name of a file or folder")
    return Path(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="minsuan",
        description="民算：县（市）民政测算。Forecasts of a county's civil affairs from its own figures.",
        epilog="minsuan run jishou --out out/  writes workbook, Word report and page of the shipped case.",
    )
    parser.add_argument("--version", action="version", version=f"minsuan {ms.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")

    check = commands.add_parser("check", help="核对案例：what contradicts what in a case")
    check.add_argument(
        "case", help="a shipped case (jishou), a folder with figures.csv, or a plan's text (.txt)"
    )
    check.add_argument("--all", action="store_true", help="also what holds and what is only information")
    check.add_argument(
        "--out", type=_named, metavar="FILE", help="write the whole table (.csv, .xlsx, .parquet)"
    )

    run = commands.add_parser("run", help="测算并出报告：run a case and write its report")
    run.add_argument("case")
    run.add_argument("--scenario", help="name of a scenario; the case's own where it is left out")
    run.add_argument("--draws", type=int, default=1000, metavar="N", help="draws of chance (1000)")
    run.add_argument("--seed", type=int, metavar="N", help="the scenario's own where it is left out")
    run.add_argument(
        "--out", type=_named, metavar="FOLDER", help="write the report here; else show the tables"
    )
    run.add_argument("--lang", choices=["zh", "en"], default="zh", help="language of the report")

    why = commands.add_parser("why", help="追溯一个数：how a number came about, down to the plan's sentence")
    why.add_argument("case")
    why.add_argument("path", help="such as budget.child_directors")
    why.add_argument("--year", type=int, required=True)
    why.add_argument("--scenario")
    why.add_argument("--draws", type=int, default=1000, metavar="N")
    why.add_argument("--seed", type=int, metavar="N")

    new = commands.add_parser("new", help="新建案例：a commented case folder to fill in")
    new.add_argument("folder", type=_named)

    inspect = commands.add_parser("inspect", help="年检：the annual inspection of a register")
    inspect.add_argument("register", type=_named, help=".csv (UTF-8 or GB18030), .xlsx or .parquet")
    inspect.add_argument("--year", type=int, required=True)
    inspect.add_argument("--out", type=_named, metavar="FOLDER", help="also write the tables as .xlsx")

    figures = commands.add_parser(
        "figures", help="摘录数字：draft a ledger from a plan's text, to be finished"
    )
    figures.add_argument("plan", type=_named, help="the plan as text (.txt in UTF-8 or GB18030)")
    figures.add_argument("-o", "--out", type=_named, required=True, metavar="FILE", help="the figures.csv")
    figures.add_argument("--force", action="store_true", help="overwrite a file that is there already")
    return parser


def _check(args: argparse.Namespace) -> None:
    # A plan is checked whatever its scenarios are like; what is wrong with them is told below.
    case = ms.open(args.case, plan_only=True)
    table = case.check()
    if args.out:
        _write(table, args.out)
    shown = table if args.all else table.filter(verdict=["contradiction", "probable", "ambiguous"])
    verdicts = {
        "contradiction": "矛盾",
        "probable": "疑似矛盾",
        "ambiguous": "表述不清",
        "info": "参考",
        "holds": "成立",
    }
    for row in shown:
        print(f"[{verdicts[row['verdict']]}] {row['sentence']}（{'、'.join(row['figures'] or [])}）")
    counts = "，".join(f"{name}{len(table.filter(verdict=verdict))}项" for verdict, name in verdicts.items())
    print(f"共{len(table)}项：{counts}")
    for remark in case.remarks:
        print(f"注：{remark}")


def _write(table: ms.Table, path: Path) -> None:
    kinds = {".csv": table.to_csv, ".xlsx": table.to_excel, ".parquet": table.to_parquet}
    write = kinds.get(path.suffix.lower())
    if write is None:
        raise ms.DataError(f"{path}: unknown kind of file; expected .csv, .xlsx or .parquet")
    write(path)


def _run_of(case: ms.Case, args: argparse.Namespace) -> ms.Run:
    # A bar for who watches a terminal; a file or a pipe gets messages alone.
    watched = None if sys.stderr.isatty() else False
    return case.run(draws=args.draws, seed=args.seed, scenario=args.scenario, progress=watched)


def _run(args: argparse.Namespace) -> None:
    case = ms.open(args.case)
    run = _run_of(case, args)
    if args.out:
        for path in run.report(args.out, lang=args.lang):
            print(path)
        return
    print(run)
    for table in (
        run.population.indicators(),
        run.capacity.table(),
        run.relief.caseload(),
        run.relief.heads(),
        run.budget.table(),
    ):
        print()
        print(table)


def _why(args: argparse.Namespace) -> None:
    run = _run_of(ms.open(args.case), args)
    print(run.why(args.path, year=args.year))


def _new(args: argparse.Namespace) -> None:
    for path in ms.new(args.folder):
        print(path)
    print(f"填好后运行：minsuan run {args.folder} --out out/")


def _inspect(args: argparse.Namespace) -> None:
    register = ms.inspection.read(args.register)
    tables = {
        "年检统计": register.annual_table(args.year),
        "拟处理名单": register.due(args.year),
        "登记数据问题": register.problems,
    }
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
    # A file that leaves the office says in its name what it is.
    mark = "（合成数据）" if register.synthetic else ""
    for name, table in tables.items():
        print(table)
        print()
        if args.out:
            _core.inspection_words(table).to_excel(args.out / f"{name}{mark}.xlsx")


def _figures(args: argparse.Namespace) -> None:
    if args.out.exists() and not args.force:
        raise ms.DataError(f"{args.out}: is there already; expected a new file, or --force to overwrite it")
    drafted = ms.checks.draft(args.plan, args.out)
    left_out = len(drafted["unread"])
    end = "：" if left_out else "。"
    print(f"{args.out}：摘录{drafted['rows']}个数字；另有{left_out}个数字单位不明，未摘录{end}")
    for line, words in drafted["unread"]:
        print(f"  第{line}行“{words}”")
    print("请逐条核对，并为metric一栏取名（同一指标同名）。")
    if args.out.resolve() == args.plan.resolve().with_name("figures.csv"):
        print(f"查找矛盾：minsuan check {args.plan}")


_COMMANDS = {"check": _check, "run": _run, "why": _why, "new": _new, "inspect": _inspect, "figures": _figures}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; 0 where it worked, 2 where the input was wrong, 130 after Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        # A console in another encoding shows what it can, rather than stop.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    args = _parser().parse_args(arguments)
    try:
        _COMMANDS[args.command](args)
        sys.stdout.flush()
    except (ms.CaseError, ms.DataError, ms.ModelError, ImportError) as error:
        print(f"minsuan: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # Whoever read has seen enough (| head); nothing more is written, also not when Python closes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"minsuan: {where}{error.strerror or error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("minsuan: interrupted; nothing was written", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
