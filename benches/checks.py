"""The drafter against ledgers made by hand, and the checks of 100,000 figures: shares and seconds."""

from __future__ import annotations

import csv
import io
import random
import statistics
import tempfile
import time
from pathlib import Path

import minsuan as ms

FIGURES = 100_000
ROOT = Path(__file__).parents[1]
HEADER = [
    "fig_id",
    "line",
    "section",
    "subject_zh",
    "metric",
    "value",
    "value_hi",
    "bound",
    "unit",
    "value_base",
    "base_unit",
    "time_ref",
    "time_type",
    "nature",
    "phrase",
]
SCORED = {"actual", "standard", "target", "plan", "rule", "rate", "date"}
SPELLINGS = {"m²": "㎡", "平方米": "㎡", "平米": "㎡", "元/月/人": "元/人/月"}
LEDGERS = {
    "Jishou": (
        ROOT.parent / "shared/plan/jishou-fourteenth-five-year-plan.txt",
        ROOT.parent / "shared/plan/figures.csv",
    ),
    "the invented plan": (ROOT / "tests/data/qingyan/plan.txt", ROOT / "tests/data/qingyan/figures.csv"),
}


def _key(row: dict[str, str]) -> tuple[str, ...]:
    unit = row["unit"].removesuffix("(sic)")
    ends = [
        row[name].rstrip("0").rstrip(".") if "." in row[name] else row[name] for name in ("value", "value_hi")
    ]
    return (row["line"], *ends, SPELLINGS.get(unit, unit))


def _score(plan: Path, ledger: Path) -> str:
    """Rows found on their line with value and unit right; drafted rows that are in no row of the ledger."""
    drafted = [_key(row) for row in csv.DictReader(io.StringIO(ms.checks.draft(plan)["csv"]))]
    rows = list(csv.DictReader(ledger.open(encoding="utf-8-sig", newline="")))
    left = list(drafted)
    found = asked = 0
    for row in rows:
        if row["nature"] not in SCORED:
            continue
        asked += 1
        if _key(row) in left:
            left.remove(_key(row))
            found += 1
    # what the ledger lists as another nature (an id, an idiom counted by a person) is no figure
    false = len(left)
    return (
        f"found {found} of {asked} ({found / asked:.1%}, at least 95 %); "
        f"no figure {false} of {len(drafted)} ({false / len(drafted):.1%}, at most 10 %)"
    )


def ledger(
    n: int, per_line: int = 5, per_section: int = 40, metrics: int | None = None, seed: int = 1
) -> str:
    """A figures.csv of `n` varied figures: counts, money, unit costs, shares, targets, dates, beds."""
    r = random.Random(seed)
    things = [
        "养老床位",
        "低保对象",
        "社区",
        "敬老院",
        "孤儿",
        "社会组织",
        "户籍人口",
        "乡镇",
        "志愿者",
        "救助站",
    ]
    places = ["全市", "城区", "农村", "东乡", "西乡", "南山", "北河", "河口", "新城", "老街"]
    kinds = [
        ("actual", "个", "{place}{thing}{value}个"),
        ("plan", "个", "新建{place}{thing}{value}个"),
        ("plan", "万元/个", "每个{value}万元"),
        ("plan", "万元", "总投资{value}万元"),
        ("actual", "张", "床位{value}张"),
        ("target", "%", "{value}%以上的{thing}"),
        ("rate", "%", "占{place}{thing}的{value}%"),
        ("standard", "元/人/月", "{thing}标准{value}元/人·月"),
        ("actual", "万人", "其中{thing}{value}万人"),
        ("date", "年", "{value}年"),
    ]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADER)
    for i in range(n):
        nature, unit, words = kinds[r.randrange(len(kinds))]
        thing, place = r.choice(things), r.choice(places)
        value = str(
            r.randint(2015, 2025)
            if unit == "年"
            else r.randint(1, 9999) / 10
            if "万" in unit
            else r.randint(1, 99)
        )
        year = str(r.randint(2015, 2025))
        time_ref, time_type = ("2021/2025", "period") if nature == "plan" else (year, "year")
        metric = f"m{r.randrange(metrics or n // 3)}" + r.choice(
            ["", "", "_total", "_plan", "_beds", "_unit_cost"]
        )
        line = i // per_line + 1
        bound = "at_least" if nature == "target" else "exact"
        phrase = words.format(place=place, thing=thing, value=value)
        section = f"第{i // per_section}节"
        subject = f"{place}{thing}{r.randrange(1000)}号"
        row = [
            f"G{i}",
            line,
            section,
            subject,
            metric,
            value,
            "",
            bound,
            unit,
            "",
            "",
            time_ref,
            time_type,
            nature,
            phrase,
        ]
        writer.writerow(row)
    return out.getvalue()


def _seconds(path: Path, text: Path | None) -> tuple[float, int]:
    taken = []
    for _ in range(3):
        start = time.perf_counter()
        found = len(ms.checks.plan(path, text=text, place="433101"))
        taken.append(time.perf_counter() - start)
    return statistics.median(taken), found


def main() -> None:
    """Prints each figure with what it has to reach."""
    for name, (plan, figures) in LEDGERS.items():
        missing = [path for path in (plan, figures) if not path.exists()]
        if missing:
            print(f"draft, {name}: skipped, there is no {missing[0].name}")
        else:
            print(f"draft, {name}: {_score(plan, figures)}")
    shapes = {
        "varied": {},
        "one section": {"per_section": FIGURES},
        "long lines of 100": {"per_line": 100},
        "50 metrics": {"metrics": 50},
    }
    with tempfile.TemporaryDirectory() as folder:
        path, text = Path(folder) / "figures.csv", Path(folder) / "plan.txt"
        for name, shape in shapes.items():
            made = ledger(FIGURES, **shape)
            path.write_text(made, encoding="utf-8")
            seconds, found = _seconds(path, None)
            print(f"{FIGURES:,} figures, {name}: {seconds:5.2f} s (at most 2), {found:,} findings")
        lines: dict[str, list[str]] = {}
        made = ledger(FIGURES)
        for row in csv.DictReader(io.StringIO(made)):
            lines.setdefault(row["line"], []).append(row["phrase"])
        path.write_text(made, encoding="utf-8")
        text.write_text("\n".join("，".join(line) + "。" for line in lines.values()), encoding="utf-8")
        seconds, found = _seconds(path, text)
        print(f"{FIGURES:,} figures, varied, with the text: {seconds:5.2f} s (at most 2), {found:,} findings")
