"""Plots: what is drawn are the numbers of the table, and the Chinese shows without any font set up."""

from __future__ import annotations

import re
import subprocess
import sys
import warnings
from decimal import Decimal
from pathlib import Path

import matplotlib
import pytest
from matplotlib.figure import Figure

import minsuan as ms

QUANTILES = {"mean": 1.0, "p2_5": 0.8, "p10": 0.9, "p50": 1.0, "p90": 1.1, "p97_5": 1.2}


def spread(value: float) -> dict[str, float]:
    return {name: value * factor for name, factor in QUANTILES.items()}


@pytest.fixture
def by_age() -> ms.Table:
    rows = []
    for year in (2019, 2035):
        for sex, level in (("female", 2000.0), ("male", 2100.0)):
            for age in range(101):
                value = level * max(0.02, 1 - abs(age - (year - 1985)) / 90)
                rows.append({"year": year, "sex": sex, "age": age, **spread(value)})
    return ms.Table(rows)


@pytest.fixture
def indicators() -> ms.Table:
    rows = [
        {"year": y, "indicator": "60_plus", "label": "60岁及以上人口", "unit": "人", **spread(45e3 + 1e3 * i)}
        for i, y in enumerate(range(2019, 2036))
    ]
    return ms.Table(rows)


@pytest.fixture
def capacity() -> ms.Table:
    rows = []
    for kind, label, start in (("elderly_beds", "养老床位", 900.0), ("cemetery_plots", "公墓墓位", 5000.0)):
        for i, year in enumerate(range(2019, 2036)):
            row: dict[str, object] = {"kind": kind, "label": label, "year": year}
            for side, value in (("demand", start + 60 * i), ("supply", start + 400.0 * (i > 4))):
                row |= {f"{side}_p10": value * 0.9, f"{side}_p50": value, f"{side}_p90": value * 1.1}
            rows.append(row)
    return ms.Table(rows)


@pytest.fixture
def caseload() -> ms.Table:
    rows = []
    for program, label in (("urban_dibao", "城市低保"), ("orphans", "孤儿"), ("tekun", "特困供养")):
        for year in range(2015, 2031):
            status = "observed" if year < 2019 else "assumed" if year < 2021 else "projected"
            row = {"program": program, "label": label, "year": year, "status": status, "unit": "人"}
            rows.append(row | spread(3000.0 + 10 * year))
    return ms.Table(rows)


@pytest.fixture
def budget() -> ms.Table:
    rows = []
    for year in range(2021, 2026):
        parts = [
            (f"line{i}", f"项目{i}", Decimal(100_000 * (i + 1)).quantize(Decimal("0.01"))) for i in range(11)
        ]
        total = sum((p[2] for p in parts), Decimal(0))
        for line, label, amount in [*parts, ("total", "合计", total)]:
            rows.append({"line": line, "label": label, "year": year, "kind": "recurrent"} | {
                "amount": float(amount), "p80": float(amount) * 1.1})  # fmt: skip
    return ms.Table(rows)


def drawn(figure: Figure) -> str:
    """Draws without a warning: matplotlib warns of every character that the font lacks."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return ms.plots.svg(figure)


def test_pyramid_draws_both_sexes_and_overlays_a_year(by_age: ms.Table) -> None:
    figure = ms.plots.pyramid(by_age, 2019, other_year=2035)
    axes = figure.axes[0]
    widths = [bar.get_width() for bar in axes.patches]
    female = by_age.filter(year=2019, sex="female").to_list("p50")
    male = by_age.filter(year=2019, sex="male").to_list("p50")
    assert widths == female + [-v for v in male]
    assert {"女", "男", "2035年", "80%区间"} == {t.get_text() for t in axes.get_legend().get_texts()}
    assert drawn(figure).startswith("<svg")
    with pytest.raises(ms.DataError, match="expected one of 2019, 2035"):
        ms.plots.pyramid(by_age, 2050)


def test_fan_draws_the_median_and_both_bands(indicators: ms.Table) -> None:
    figure = ms.plots.fan(indicators, "60_plus")
    axes = figure.axes[0]
    assert axes.lines[0].get_ydata().tolist() == indicators.to_list("p50")
    assert len(axes.collections) == 2
    assert axes.get_ylabel() == "60岁及以上人口（人）"
    english = ms.plots.fan(indicators, "60_plus", lang="en").axes[0]
    assert [t.get_text() for t in english.get_legend().get_texts()] == [
        "95% interval",
        "80% interval",
        "median",
    ]
    with pytest.raises(ms.DataError, match="60_plus"):
        ms.plots.fan(indicators, "no_such")
    with pytest.raises(ms.DataError, match="no column indicator, p50"):
        ms.plots.fan({"year": [2019]})


def test_places_and_caseloads_have_a_panel_each(capacity: ms.Table, caseload: ms.Table) -> None:
    figure = ms.plots.places(capacity)
    assert [a.get_title(loc="left") for a in figure.axes if a.get_visible()] == ["养老床位", "公墓墓位"]
    assert len(ms.plots.places(capacity, "elderly_beds").axes) == 1
    drawn(figure)
    figure = ms.plots.caseload(caseload)
    panel = figure.axes[0]
    assert [len(line.get_xdata()) for line in panel.lines] == [10, 4, 2]
    drawn(figure)
    drawn(ms.plots.caseload(caseload, ["orphans"]))


def test_budget_stacks_to_the_total_and_marks_p80(budget: ms.Table) -> None:
    figure = ms.plots.budget(budget)
    axes = figure.axes[0]
    tops = {}
    for bar in axes.patches:
        middle = round(bar.get_x() + bar.get_width() / 2)
        tops[middle] = max(tops.get(middle, 0.0), bar.get_y() + bar.get_height())
    assert tops == dict.fromkeys(range(2021, 2026), 6600000.0)
    assert axes.lines[0].get_ydata().tolist() == pytest.approx([7_260_000.0] * 5)
    assert "其他" in {t.get_text() for t in figure.legends[0].get_texts()}
    drawn(figure)
    assert not ms.plots.budget(budget, kind="recurrent").axes[0].lines


def test_age_profile(by_age: ms.Table) -> None:
    figure = ms.plots.age_profile(by_age.filter(year=2019))
    assert [line.get_label() for line in figure.axes[0].lines] == ["女", "男"]
    drawn(figure)


def test_svg_needs_no_font_and_no_network_and_is_reproducible(indicators: ms.Table) -> None:
    first, second = (drawn(ms.plots.fan(indicators, "60_plus")) for _ in range(2))
    assert first == second
    assert "<text" not in first
    assert "font-family" not in first
    links = set(re.findall(r'(?:href|src)="([^"]+)"', first))
    assert all(link.startswith("#") for link in links)
    assert 'width="100%"' in first


def test_nothing_global_is_changed(indicators: ms.Table) -> None:
    before = dict(matplotlib.rcParams)
    drawn(ms.plots.fan(indicators, "60_plus"))
    assert dict(matplotlib.rcParams) == before


def test_jupyter_shows_a_figure_without_pyplot(indicators: ms.Table) -> None:
    assert ms.plots.fan(indicators, "60_plus")._repr_png_().startswith(b"\x89PNG")  # type: ignore[attr-defined]


def test_chinese_shows_on_a_machine_without_chinese_fonts(tmp_path: Path) -> None:
    code = (
        "import sys, warnings; warnings.simplefilter('error')\n"
        "from matplotlib import font_manager as fm\n"
        "fm.fontManager.ttflist = [f for f in fm.fontManager.ttflist if 'DejaVu' in f.name]\n"
        "import minsuan as ms\n"
        "rows = [{'year': y, 'indicator': 'x', 'label': '老年人口', 'p50': 1.0} for y in (2019, 2020)]\n"
        "ms.plots.svg(ms.plots.fan(rows, 'x'))\n"
        "print('zhplot' in sys.modules, 'matplotlib.pyplot' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"MPLCONFIGDIR": str(tmp_path)},
    )
    assert done.stdout.split() == ["False", "False"]


def test_a_trend_opens_at_the_last_value_and_names_its_breaks_above_the_axes() -> None:
    rural = ms.trends.series("rural_dibao_persons")
    known = ms.trends.documented_breaks("rural_dibao_persons")
    f = ms.trends.forecast(rural.to_list("value"), breaks=known.to_list("position"))
    figure = ms.plots.trend(rural, f, breaks=known, lang="en")
    drawn(figure)
    (axes,) = figure.axes
    median = next(line for line in axes.lines if line.get_label() == "projected median")
    assert (median.get_xdata()[0], median.get_ydata()[0]) == (2025, rural.to_list("value")[-1])
    (name,) = axes.texts
    assert name.get_text().startswith("2007 ")
    assert name.get_window_extent().y0 >= axes.get_window_extent().y1
    labels = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    assert {"smoothing (ETS)", "straight line", "95% interval"} <= set(labels)
    with pytest.raises(ms.DataError, match="2020 comes after 2015"):
        ms.plots.trend({"year": [2015, 2020], "value": [330, 540]}, f)


@pytest.mark.parametrize("width", [1, 5])
def test_a_base_has_a_pyramid_without_a_year(width: int) -> None:
    base = ms.demography.thin_base(count_60_plus="4.5万", share_60_plus="14.52%", draws=20)
    figure = ms.plots.pyramid(base.by_age(width))
    heights = {round(p.get_height()) for p in figure.axes[0].patches}
    assert heights == {width}
    with pytest.raises(ms.DataError, match="year"):
        ms.plots.pyramid([{"year": y, "sex": "male", "age": 1, "p50": 2.0} for y in (2019, 2020)])


def test_ages_are_read_as_they_are_printed_and_plain_columns_have_words() -> None:
    ages = ["0岁", "1~4岁", *(f"{a}-{a + 4}" for a in range(5, 100, 5)), "100岁及以上"]
    rows = [
        {"age": a, "sex": s, "mx": 0.001 * 1.3**i} for s in ("female", "male") for i, a in enumerate(ages)
    ]
    axes = ms.plots.age_profile(rows, "mx", scale="log").axes[0]
    assert axes.get_yscale() == "log"
    assert "死亡率" in axes.get_ylabel()
    assert len(axes.get_xticks()) <= 11
    with pytest.raises(ms.DataError, match="scale"):
        ms.plots.age_profile(rows, "mx", scale="square")


def test_what_no_plot_can_be_made_of_is_told() -> None:
    rows = [{"year": 2019, "sex": s, "age": a, "p50": 9.0} for s in ("female", "male") for a in range(5)]
    rows[2]["p50"] = float("nan")
    with pytest.raises(ms.DataError, match="p50: unknown in 1 rows"):
        ms.plots.pyramid(rows, 2019)
    fan = [{"year": y, "indicator": "total", "p50": 10.0} for y in (2019, 2020)]
    with pytest.raises(ms.DataError, match=r"lang.*zh or en"):
        ms.plots.fan(fan, "total", lang="fr")


def test_a_pyramid_of_draws() -> None:
    import numpy as np

    d = ms.demography.project_draws(np.full((2, 101), 900.0), years=3, draws=20, full=True)
    drawn(ms.plots.pyramid(d, 2021, other_year=2019))
