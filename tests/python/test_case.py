"""Cases and runs from Python: the analyst's five-minute path."""

from __future__ import annotations

import csv
import json
import pickle
import shutil
import tomllib
from decimal import Decimal
from pathlib import Path

import jsonschema
import polars as pl
import pytest

import minsuan as ms

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="module")
def case() -> ms.Case:
    return ms.open("jishou")


@pytest.fixture(scope="module")
def run(case: ms.Case) -> ms.Run:
    return case.run(draws=200)


QUANTILES = ["mean", "p2_5", "p10", "p50", "p90", "p97_5"]


@pytest.mark.parametrize(
    ("room", "table", "columns"),
    [
        ("population", "indicators", ["year", "indicator", "label", "unit", *QUANTILES]),
        ("population", "by_age", ["year", "sex", "age", *QUANTILES]),
        ("care", "need", ["year", "definition", "level", "label", *QUANTILES]),
        (
            "capacity",
            "table",
            ["kind", "label", "year"]
            + [f"{side}_{q}" for side in ("demand", "supply") for q in ("p10", "p50", "p90")]
            + ["gap_p50", "p_shortage", "used_up_year"],
        ),
        ("relief", "caseload", ["program", "label", "year", "status", "unit", *QUANTILES]),
        (
            "budget",
            "table",
            ["line", "label", "year", "kind", "amount", "mean", "p50", "p80", "p95", "basis"],
        ),
    ],
)
def test_tables_have_the_promised_columns_first(
    run: ms.Run, room: str, table: str, columns: list[str]
) -> None:
    t = getattr(getattr(run, room), table)()
    assert t.columns[: len(columns)] == columns
    assert len(t) > 0
    assert all(label for label in t.labels.values())


def test_indicators_cover_2019_to_2035_and_hold_no_nan(run: ms.Run) -> None:
    t = pl.DataFrame(run.population.indicators())
    assert t["year"].unique().sort().to_list() == list(range(2019, 2036))
    assert t["indicator"].n_unique() == 15
    assert not t.select(pl.col(QUANTILES).is_nan().any()).row(0).count(True)
    later = t.filter(pl.col("year") > 2019)
    assert later.select(pl.col(QUANTILES).null_count()).sum_horizontal().item() == 0
    ordered = (pl.col("p2_5") <= pl.col("p10")) & (pl.col("p10") <= pl.col("p50"))
    assert later.select(ordered.all() & (pl.col("p50") <= pl.col("p97_5")).all()).item()


def test_child_directors_to_the_fen(run: ms.Run) -> None:
    t = pl.DataFrame(run.budget.table())
    assert t.schema["amount"] == pl.Decimal(18, 2)
    row = t.filter((pl.col("line") == "child_directors") & (pl.col("year") == 2020))
    assert row["amount"].item() == Decimal("360000.00")
    row = t.filter((pl.col("line") == "child_directors") & (pl.col("year") == 2025))
    assert Decimal(396_000) <= row["amount"].item() <= Decimal(408_000)
    assert "200 × 12" in row["basis"].item()


def test_totals_are_the_sums_of_their_lines(run: ms.Run) -> None:
    t = pl.DataFrame(run.budget.table())
    lines = t.filter(pl.col("line") != "total").group_by("year").agg(pl.col("amount").sum())
    totals = t.filter(pl.col("line") == "total").select("year", total="amount")
    joined = lines.join(totals, on="year")
    assert (joined["amount"] == joined["total"]).all()
    assert len(joined) == 16


def test_orphans_are_observed_and_dibao_is_assumed(run: ms.Run) -> None:
    t = pl.DataFrame(run.relief.caseload())

    def of(program: str, year: int) -> dict[str, object]:
        return t.filter((pl.col("program") == program) & (pl.col("year") == year)).row(0, named=True)

    assert of("orphans_inst", 2020)["status"] == "observed"
    assert of("orphans_inst", 2020)["p50"] == 23
    assert of("orphans_inst", 2025)["status"] == "projected"
    assert of("urban_dibao", 2020)["status"] == "assumed"
    # Nobody knows the orphans of 2019: there is no row, not a zero.
    assert t.filter((pl.col("program") == "orphans_inst") & (pl.col("year") == 2019)).is_empty()


def test_a_rise_of_the_standard_moves_dibao_and_nothing_else(case: ms.Case, run: ms.Run) -> None:
    higher = case.run(scenario="higher_dibao", draws=200)
    t = pl.DataFrame(ms.compare(run, higher))
    moved = t.filter((pl.col("difference") != 0) | (pl.col("difference_p90") != 0))
    kinds = {f"{room}.{place}_dibao" for room in ("relief", "budget") for place in ("urban", "rural")}
    counts = {f"{count}.total" for count in ("payments", "heads_low", "heads_high")}
    assert set(moved["path"]) == kinds | counts | {"budget.total"}
    # July 2023: nothing before that year, more in each year after.
    persons = t.filter(pl.col("path") == "relief.rural_dibao").sort("year")
    assert (persons.filter(pl.col("year") < 2023)["difference"] == 0).all()
    assert (persons.filter(pl.col("year") >= 2023)["difference"] > 0).all()
    # No factor of a stock is above that of its inflow, 1.1^0.6 at most.
    ratio = persons["b"] / persons["a"]
    assert ratio.max() < 1.1**0.6  # type: ignore[operator]
    told = str(higher.why("relief.rural_dibao", year=2025))
    for words in ("提标影响", "4,620 ÷ 4,200", "低保新增对象对保障标准的弹性", "每年退出"):
        assert words in told
    assert "× 提标影响" not in str(run.why("relief.rural_dibao", year=2025))


def test_a_standard_left_alone_changes_nothing(tmp_path: Path, case: ms.Case, run: ms.Run) -> None:
    folder = tmp_path / "jishou"
    shutil.copytree(DATA / "jishou", folder)
    text = 'extends = "base"\nlabel = "弹性而不提标"\n[assume.dibao_elasticity]\ncentral = 0.5\n'
    (folder / "scenarios" / "null.toml").write_text(text, "utf-8")
    null = ms.open(folder).run(scenario="null", draws=200)
    t = pl.DataFrame(ms.compare(run, null))
    assert t.select(pl.sum_horizontal(pl.col("^difference.*$").abs().sum())).item() == 0


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ('standard = "rural_dibao_lin"', "rural_dibao_line, perhaps"),
        ('standard = "rural_dibao_line"\nreference = "x"', "no such standard"),
        ('standard = "rural_dibao_line"\nelastic = 1', "elastic"),
        ("", "standard"),
    ],
)
def test_a_response_that_is_wrong_is_told_with_its_line(tmp_path: Path, wrong: str, told: str) -> None:
    folder = tmp_path / "jishou"
    shutil.copytree(DATA / "jishou", folder)
    path = folder / "scenarios" / "base.toml"
    text = path.read_text("utf-8")
    path.write_text(text.replace('standard = "rural_dibao_line"', wrong, 1), "utf-8")
    with pytest.raises(ms.CaseError, match=told) as error:
        ms.open(folder)
    assert "base.toml" in str(error.value)


def test_what_was_handed_over_ends_and_is_said(run: ms.Run) -> None:
    t = run.relief.caseload()
    aid = t.filter(program="medical_aid")
    assert aid.to_list("year") == [2019]
    assert "2019年11月后职责移交" in str(t)
    # Parts of a program that is assumed are assumed, and add to it.
    rows = {(r["program"], r["year"]): r for r in t}
    for place in ("urban", "rural"):
        whole, home, inst = (rows[f"{place}_tekun{part}", 2020] for part in ("", "_home", "_inst"))
        assert whole["mean"] == pytest.approx(home["mean"] + inst["mean"])
        assert home["status"] == inst["status"] == whole["status"] == "assumed"
    tiers = rows["old_age_allowance_90_99", 2030]["mean"] + rows["old_age_allowance_100", 2030]["mean"]
    assert tiers == pytest.approx(rows["old_age_allowance", 2030]["mean"])
    assert rows["temporary_relief_persons", 2025]["p50"] < rows["temporary_relief", 2025]["p50"]


def test_plots_are_used_up_and_centres_fall_short(run: ms.Run) -> None:
    t = pl.DataFrame(run.capacity.table())
    centres = t.filter((pl.col("kind") == "township_centres") & (pl.col("year") == 2025)).row(0, named=True)
    # 80 % of twelve townships are ten; the plan builds nine.
    assert centres["demand_p50"] == 10
    assert centres["supply_p90"] == 9
    assert centres["used_up_year"] == 2025
    assert {"elderly_beds", "cemetery_plots", "columbarium_niches", "cremators"} <= set(t["kind"])


def test_care_shows_the_range_of_definitions(run: ms.Run) -> None:
    t = pl.DataFrame(run.care.need()).filter(pl.col("year") == 2019)
    by = dict(t.group_by("definition").agg(pl.col("p50").max()).iter_rows())
    # Definitions differ tenfold; so do the counts.
    assert by["meta_97"] > 8 * by["census_2020"]


def test_same_seed_same_bytes(case: ms.Case) -> None:
    a, b = (case.run(draws=40, threads=n).population.by_age() for n in (1, 2))
    assert pl.DataFrame(a).equals(pl.DataFrame(b))


def test_a_run_travels_to_another_process(run: ms.Run) -> None:
    again = pickle.loads(pickle.dumps(run))
    assert pl.DataFrame(again.budget.table()).equals(pl.DataFrame(run.budget.table()))


def test_compare_is_zero_where_nothing_changed(case: ms.Case) -> None:
    a, b = case.run(draws=60), case.run(draws=60, scenario="higher_subsidy")
    t = pl.DataFrame(ms.compare(a, b))
    assert t.columns[:8] == [
        "path",
        "label",
        "year",
        "a",
        "b",
        "difference",
        "difference_p10",
        "difference_p90",
    ]
    untouched = t.filter(pl.col("path") == "budget.urban_dibao")
    assert untouched.select((pl.col("^difference.*$") == 0).all()).row(0) == (True, True, True)
    raised = t.filter((pl.col("path") == "budget.child_directors") & (pl.col("year") == 2025))
    assert raised["difference"].item() == 170 * 300 * 12 - 402_000


def test_more_children_and_more_leaving(case: ms.Case) -> None:
    a, b = case.run(draws=60), case.run(draws=60, scenario="young_out")
    t = pl.DataFrame(ms.compare(a, b)).filter(pl.col("year") == 2035)
    change = dict(t.select("path", "difference").iter_rows())
    assert change["population.tfr"] > 0
    assert change["population.net_migration"] < 0


def test_why_ends_at_the_sentence_of_the_plan(run: ms.Run) -> None:
    why = run.why("budget.child_directors", year=2025)
    text = repr(why)
    assert "402,000.00 元" in text
    assert "规划第123行" in text
    assert "200" in text
    assert "假设，非数据" in text
    page = why._repr_html_()
    assert page.count("<details") == len(list(why))
    assert "第123行" in page


def test_every_path_answers_why(run: ms.Run) -> None:
    for path in run.paths:
        assert run.why(path, year=2030).label


def test_an_unknown_path_names_the_known_ones(run: ms.Run) -> None:
    with pytest.raises(ms.ModelError, match=r"budget\.child_directors"):
        run.why("budget.child_director", year=2025)


def test_errors_carry_their_problems(case: ms.Case) -> None:
    with pytest.raises(ms.CaseError) as told:
        case.run(scenario="bse")
    (problem,) = told.value.problems
    assert problem["value"] == "bse"
    assert "base" in problem["expected"]
    again = pickle.loads(pickle.dumps(told.value))
    assert again.problems == told.value.problems


def test_draws_have_to_be_a_count(case: ms.Case) -> None:
    with pytest.raises(ms.ModelError, match="draws"):
        case.run(draws=0)
    with pytest.raises(TypeError, match="whole number"):
        case.run(draws=1.5)  # type: ignore[arg-type]


def test_progress_is_called_and_may_stop_a_run(case: ms.Case) -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        case.run(draws=20_000, progress=stop)


def test_a_new_case_runs(tmp_path: Path) -> None:
    written = ms.new(tmp_path / "mycounty")
    assert tmp_path / "mycounty" / "case.toml" in written
    run = ms.open(tmp_path / "mycounty").run(draws=20)
    assert run.years[0] == 2023
    with pytest.raises(ms.CaseError, match="already"):
        ms.new(tmp_path / "mycounty")


def schema(name: str) -> jsonschema.Draft202012Validator:
    read = json.loads((DATA / "schemas" / f"{name}.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(read)
    return jsonschema.Draft202012Validator(read)


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))


@pytest.mark.parametrize("folder", ["jishou", "template"])
def test_shipped_files_follow_their_schemas(folder: str) -> None:
    schema("case").validate(tomllib.loads((DATA / folder / "case.toml").read_text("utf-8")))
    schema("figures").validate(rows_of(DATA / folder / "figures.csv"))
    for path in sorted((DATA / folder / "scenarios").glob("*.toml")):
        schema("scenario").validate(tomllib.loads(path.read_text("utf-8")))


def test_checks_and_rules_follow_their_schemas() -> None:
    invented = Path(__file__).parents[1] / "data" / "qingyan"
    schema("figures").validate(rows_of(invented / "figures.csv"))
    for path in (DATA / "jishou" / "checks.toml", invented / "checks.toml"):
        schema("checks").validate(tomllib.loads(path.read_text("utf-8")))
    schema("inspection").validate(tomllib.loads((DATA / "inspection" / "rules.toml").read_text("utf-8")))
    for path in sorted((DATA / "rules").glob("*.toml")):
        schema("rules").validate(tomllib.loads(path.read_text("utf-8")))


RULE = """[[rule]]
id = "floor"
label = "城市低保指导标准"
value = "550"
unit = "元/人/月"
place = "433101"
valid_from = 2020-11-01
source = "文件"
confidence = "primary"
confirm = "社会救助股"
"""
INSPECTION = """[[set]]
id = "own"
[[rule]]
id = "a"
set = "own"
type = "service_organization"
action = "revoke"
consecutive = 3
counts = ["unqualified"]
article = "某办法第三条"
"""
CHECK = '[[check]]\nid = "a"\nfamily = "sum"\ntotal = "F1"\nparts = ["F2"]\n'


@pytest.mark.parametrize(
    ("name", "good", "wrong", "right"),
    [
        ("rules", RULE, 'place = "吉首"', 'place = "433101"'),
        ("rules", RULE, 'confidence = "sure"', 'confidence = "primary"'),
        ("rules", RULE, "", 'confirm = "社会救助股"\n'),
        ("inspection", INSPECTION, 'action = "close"', 'action = "revoke"'),
        ("inspection", INSPECTION, "consecutive = 0", "consecutive = 3"),
        ("inspection", INSPECTION, 'counts = ["qualified"]', 'counts = ["unqualified"]'),
        ("checks", CHECK, 'family = "total"', 'family = "sum"'),
        ("checks", CHECK, "parts = []", 'parts = ["F2"]'),
        ("checks", CHECK, 'parts = [{ sums = ["F2"] }]', 'parts = ["F2"]'),
    ],
)
def test_schema_and_reader_refuse_the_same(
    tmp_path: Path, name: str, good: str, wrong: str, right: str
) -> None:
    schema(name).validate(tomllib.loads(good))
    ms.new(tmp_path / "c")
    bad = good.replace(right, wrong)
    assert bad != good
    assert not schema(name).is_valid(tomllib.loads(bad))
    (tmp_path / "c" / f"{name}.toml").write_text(bad, "utf-8")
    with pytest.raises(ms.CaseError, match=f"{name}.toml"):
        ms.open(tmp_path / "c")


def test_a_register_is_read_under_the_rules_of_its_case(case: ms.Case, tmp_path: Path) -> None:
    register = {
        "code": ["52433101MJK000006G"] * 2,
        "type": ["民办非企业单位"] * 2,
        "registered": ["2015-03-01"] * 2,
        "year": [2022, 2023],
        "conclusion": ["不合格", "不合格"],
    }
    assert case.inspection(register).due(2023)[0]["rule"] == "jishou-service-revoke"
    ms.new(tmp_path / "c")
    # Another county: not what Jishou's plan says, but the nation's rule.
    assert ms.open(tmp_path / "c").inspection(register).due(2023)[0]["rule"] == "national-service-revoke"
    (tmp_path / "c" / "inspection.toml").write_text(INSPECTION, "utf-8")
    own = ms.open(tmp_path / "c")
    assert len(own.inspection(register).due(2023)) == 0
    own = pickle.loads(pickle.dumps(own))
    more = {k: v + v[:1] for k, v in register.items()} | {"year": [2021, 2022, 2023]}
    assert own.inspection(more).due(2023)[0]["rule"] == "a"


@pytest.mark.parametrize(
    ("column", "value"),
    [("bound", "about"), ("line", "0"), ("value_hi", "3"), ("nature", "wish"), ("time_ref", "2021-13")],
)
def test_the_schema_of_figures_refuses_what_the_ledger_refuses(column: str, value: str) -> None:
    row = rows_of(DATA / "jishou" / "figures.csv")[0]
    assert schema("figures").is_valid([row])
    assert not schema("figures").is_valid([row | {column: value}])


def test_the_resident_scenario_starts_from_the_census(case: ms.Case) -> None:
    run = case.run(draws=30, scenario="resident")
    assert run.population_kind == "常住"
    t = pl.DataFrame(run.population.indicators())
    total = t.filter((pl.col("indicator") == "total") & (pl.col("year") == 2020))["p50"].item()
    assert total == pytest.approx(408_812, abs=0.5)


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("case.toml", '"F002"', '"F099"', r'case\.toml:\d+: no such figure \(got "F099"\)'),
        ("scenarios/base.toml", "low = 0.15", "low = 0.95", "low: above high"),
        ("scenarios/base.toml", "central = 0.30", "central = 0.55", "central: not between low and high"),
    ],
)
def test_opening_tells_what_a_run_could_not_use(
    tmp_path: Path, file: str, old: str, new: str, told: str
) -> None:
    ms.new(tmp_path / "c")
    path = tmp_path / "c" / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(ms.CaseError, match=told):
        ms.open(tmp_path / "c")


def test_a_negative_count_is_refused_where_it_stands(tmp_path: Path) -> None:
    ms.new(tmp_path / "c")
    path = tmp_path / "c" / "figures.csv"
    rows = rows_of(path)
    row = next(r for r in rows if r["unit"] == "个")
    line = ",".join(row.values())
    wrong = ",".join((row | {"value": "-" + row["value"], "value_base": "-" + row["value_base"]}).values())
    text = path.read_text("utf-8-sig")
    assert line in text
    path.write_text(text.replace(line, wrong), "utf-8")
    with pytest.raises(ms.CaseError, match=r"figures\.csv:\d+: value: a negative count"):
        ms.open(tmp_path / "c")


def test_a_negative_number_of_draws_is_told_as_it_was_given(case: ms.Case) -> None:
    with pytest.raises(ms.ModelError, match=r"got -5"):
        case.run(draws=-5)


@pytest.mark.parametrize(
    "wrong",
    [
        "share = 0.3",
        'persons = "assume.both_disability_subsidies"\nshare = "assume.both_disability_subsidies"',
        "programs = 3",
        "shares = 0",
        "of = 1",
    ],
)
def test_schema_and_reader_refuse_the_same_overlap(tmp_path: Path, wrong: str) -> None:
    folder = tmp_path / "jishou"
    shutil.copytree(DATA / "jishou", folder)
    path = folder / "scenarios" / "base.toml"
    text = path.read_text("utf-8")
    key = wrong.split(" ", 1)[0]
    table = text[text.index("[overlap.disability_subsidies]") :]
    table = table[: table.index("\n\n")]
    kept = [line for line in table.splitlines() if not line.startswith(f"{key} =")]
    if key == "persons":  # brings a share of its own
        kept = [line for line in kept if not line.startswith("share =")]
    bad = text.replace(table, "\n".join([*kept, wrong]))
    assert not schema("scenario").is_valid(tomllib.loads(bad))
    path.write_text(bad, "utf-8")
    with pytest.raises(ms.CaseError, match=r"overlap\.disability_subsidies"):
        ms.open(folder)
