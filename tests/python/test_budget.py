"""Budget lines: exact to the fen, splits that add, numbers as Python has them."""

from __future__ import annotations

import copy
import pickle
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minsuan as ms

FUNDING = ("central", "province", "prefecture", "county")


def test_child_directors_of_2020():
    # The plan: 110 villages and 40 communities at 200 yuan a month.
    line = ms.budget.Line("儿童主任", 110 + 40, 200)
    assert line.amount == Decimal("360000.00")
    assert str(line.amount) == "360000.00"
    assert line.split == {}
    assert line.formula == "150 × 200 × 12 = 360000.00"
    assert ms.budget.Line("标准", 1, 350).amount == 4200


@pytest.mark.parametrize(
    "quantity", [150, "150", " 150 ", Decimal(150), Fraction(300, 2), 150.0, np.int64(150), np.float64(150)]
)
def test_numbers_as_python_has_them(quantity):
    assert ms.budget.Line("x", quantity, 200).amount == 360_000


def test_a_float_is_the_decimal_that_it_prints():
    # 0.1 + 0.2 as binary floats would pay a fen too much on a large line.
    assert ms.budget.Line("x", 10**9, 0.1, 1).amount == Decimal("100000000.00")
    assert ms.budget.Line("x", 1, 1e-7, 1).amount == 0
    assert ms.budget.Line("x", 1, np.float32(0.5), 1).amount == Decimal("0.50")


def test_half_a_fen_goes_up():
    assert ms.budget.Line("x", 1, "0.005", 1).amount == Decimal("0.01")
    assert ms.budget.Line("x", Fraction(1, 3), 1, 1).amount == Decimal("0.33")


@pytest.mark.parametrize(
    "bad",
    [
        float("nan"),
        float("inf"),
        Decimal("NaN"),
        Decimal("Infinity"),
        -1,
        "-0.01",
        "四千",
        "",
        True,
        None,
        [1],
    ],
)
@pytest.mark.parametrize("place", ["quantity", "standard", "months"])
def test_what_is_no_amount_is_refused(bad, place):
    arguments = {"quantity": 1, "standard": 1, "months": 1, place: bad}
    if place == "months" and bad is None:
        assert ms.budget.Line("x", **arguments).months == 12
        return
    with pytest.raises(ms.DataError, match=place) as caught:
        ms.budget.Line("x", **arguments)
    assert caught.value.problems[0]["column"] == place


def test_months_and_shares_are_checked_together():
    with pytest.raises(ms.DataError) as caught:
        ms.budget.Line("x", -1, 1, 13, shares={"central": "-0.5", "county": 1})
    assert len(caught.value.problems) == 3
    with pytest.raises(ms.DataError, match="add to 1"):
        ms.budget.Line("x", 1, 1, shares={"central": 0.5, "county": 0.4})
    with pytest.raises(ms.DataError, match="prefecture"):
        ms.budget.Line("x", 1, 1, shares={"township": 1})


def test_shares_of_every_kind_add():
    for shares in (
        {"central": 0.1, "province": 0.2, "county": 0.7},
        {"central": "60%", "county": "40%"},
        {"central": Fraction(1, 3), "province": Fraction(1, 3), "county": Fraction(1, 3)},
        {"central": Decimal(1) / 3, "province": Decimal(1) / 3, "county": Decimal(1) / 3},
    ):
        line = ms.budget.Line("x", 1, "100.01", 1, shares=shares)
        assert sum(line.split.values()) == line.amount
        assert list(line.split) == list(shares)


def test_a_rise_in_november_pays_two_months():
    dibao = ms.budget.Standard({"2019-01": 500, "2020-11": 550})
    assert dibao.months(2020) == [(10, 500), (2, 550)]
    assert dibao.yearly(2020) == 6100
    assert dibao == ms.budget.Standard([((2019, 1), 500), ("2020-11", "550.00")])
    line = ms.budget.Line("城市低保", 10, dibao, year=2020)
    assert line.amount == 61_000
    assert line.formula == "10 × (500 × 10 + 550 × 2) = 61000.00"
    assert (line.months, line.year, line.standard) == (12, 2020, dibao)
    with pytest.raises(ms.DataError, match="2019-01"):
        dibao.yearly(2018)


@pytest.mark.parametrize(
    "steps", [{}, {"2020": 1}, {"2020-13": 1}, {"2020-05": -1}, [("2020-05", 1), ("2020-04", 1)]]
)
def test_standards_that_are_not_are_refused(steps):
    with pytest.raises(ms.DataError):
        ms.budget.Standard(steps)


def test_a_dated_standard_needs_a_year_and_no_months():
    dated = ms.budget.Standard({"2020-01": 1})
    with pytest.raises(ms.DataError, match="year"):
        ms.budget.Line("x", 1, dated)
    with pytest.raises(ms.DataError, match="months"):
        ms.budget.Line("x", 1, dated, 12, year=2020)
    with pytest.raises(ms.DataError, match="Standard"):
        ms.budget.Line("x", 1, 1, year=2020)


def test_lines_travel():
    dated = ms.budget.Standard({"2019-01": 500, "2020-11": "550.5"})
    shares = {"central": Fraction(1, 3), "county": Fraction(2, 3)}
    for line in (
        ms.budget.Line("a", Fraction(1, 3), "0.1", "2.5", shares=shares),
        ms.budget.Line("b", 10, dated, year=2020),
    ):
        for twin in (pickle.loads(pickle.dumps(line)), copy.deepcopy(line)):
            assert twin == line
            assert (twin.amount, twin.split, repr(twin)) == (line.amount, line.split, repr(line))
        assert line != ms.budget.Line("c", 1, 1)


def test_a_table_of_lines_adds_both_ways():
    thirds = dict.fromkeys(("central", "province", "county"), "1/3")
    lines = [ms.budget.Line(n, 1, 100, 1, shares=thirds) for n in "abc"]
    lines.append(ms.budget.Line("d", 7, "0.01", 1, shares={"prefecture": 1}))
    t = ms.budget.table(lines)
    assert t.columns == ["line", "amount", *FUNDING]
    assert t.units["amount"] == "元"
    for row in t:
        assert sum(row[k] for k in FUNDING) == row["amount"]
    for column in ("amount", *FUNDING):
        *parts, total = t.to_list(column)
        assert sum(parts) == total
    assert t.to_list("central")[-1] == Decimal("100.00")
    assert t.to_list("amount")[:-1] == [line.amount for line in lines]
    bare = ms.budget.table([ms.budget.Line("x", 1, 2)])
    assert bare.to_list("amount") == [24, 24]
    with pytest.raises(ms.DataError, match="shares"):
        ms.budget.table([lines[0], ms.budget.Line("x", 1, 2)])
    with pytest.raises(ms.DataError):
        ms.budget.table([])


def test_a_table_reaches_arrow_as_decimal128():
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame(ms.budget.table([ms.budget.Line("x", 150, 200)]))
    assert frame.schema["amount"] == polars.Decimal(18, 2)
    assert frame["amount"][0] == Decimal("360000.00")


def test_controlled_rounding_takes_any_table():
    pandas = pytest.importorskip("pandas")
    data = {"镇": ["甲", "乙"], "男": [1.4, 2.4], "女": [1.3, 0.9]}
    tables = [
        ms.budget.controlled_rounding(data),
        ms.budget.controlled_rounding(pandas.DataFrame(data)),
        ms.budget.controlled_rounding(ms.Table(data)),
        ms.budget.controlled_rounding(
            np.array([[1.4, 1.3], [2.4, 0.9]]), rows=["甲", "乙"], columns=["男", "女"]
        ),
    ]
    for t in tables:
        assert t.columns == ["row", "男", "女", "total"]
        assert t.to_list("row") == ["甲", "乙", "total"]
        assert t.to_list("total")[-1] == 6
        assert t.equals(tables[0])


@pytest.mark.parametrize(
    "bad", [[], [[]], [[1, 2], [3]], [1, 2], [[1, float("nan")]], [["甲", 1]], {"a": [1], "b": ["x"]}]
)
def test_tables_that_are_none_are_refused(bad):
    with pytest.raises(ms.DataError):
        ms.budget.controlled_rounding(bad)


def test_names_that_do_not_fit_are_refused():
    with pytest.raises(ms.DataError, match="names"):
        ms.budget.controlled_rounding([[1]], rows=["a", "b"])
    with pytest.raises(ms.DataError, match="places"):
        ms.budget.controlled_rounding([[1]], 13)


def test_capital_heads_bridge():
    years = ms.budget.capital(10_000_000, 2021, 2023, optimism_bias="0.24")
    assert sum(years.values()) == 12_400_000
    assert ms.budget.capital(100, 2021, 2022, [1, 3]) == {2021: 25, 2022: 75}
    assert ms.budget.heads(1_200, 900, both=400) == (1_700, 2_100)
    t = ms.budget.bridge({"x": "1.10", "y": 2}, {"y": 2, "z": "0.03"})
    assert t.to_list("difference") == [Decimal("-1.10"), 0, Decimal("0.03"), Decimal("-1.07")]
    assert t.to_list("a") == [Decimal("1.10"), 2, None, Decimal("3.10")]
    for call in (
        lambda: ms.budget.capital(1, 2022, 2021),
        lambda: ms.budget.heads(1, 2, 2),
        lambda: ms.budget.bridge({"x": "1/3"}, {}),
        lambda: ms.budget.split(1, []),
    ):
        with pytest.raises(ms.DataError):
            call()


weights = st.lists(st.integers(0, 10**6), min_size=1, max_size=8).filter(any)


@given(st.decimals(-(10**12), 10**12, places=2), weights)
def test_parts_add(total, shares):
    parts = ms.budget.split(total, shares)
    assert sum(parts) == total
    for part, share in zip(parts, shares, strict=True):
        assert abs(Fraction(part) - Fraction(total) * share / sum(shares)) < Fraction(1, 100)


@given(st.integers(0, 10**6), st.decimals(0, 10**6, places=2), st.integers(0, 12))
def test_a_line_is_exact(quantity, standard, months):
    amount = ms.budget.Line("x", quantity, standard, months).amount
    assert Fraction(amount) == quantity * Fraction(standard) * months
    assert amount.as_tuple().exponent == -2


cells = st.lists(st.lists(st.decimals(-1000, 1000, places=3), min_size=3, max_size=3), min_size=1, max_size=6)


@given(cells)
def test_controlled_rounding_adds(table):
    t = ms.budget.controlled_rounding(table)
    for row, exact in zip(t, [*table, [sum(c) for c in zip(*table, strict=True)]], strict=True):
        values = [row["1"], row["2"], row["3"]]
        assert sum(values) == row["total"]
        assert all(abs(v - e) < 1 and v == int(v) for v, e in zip(values, exact, strict=True))
        assert abs(row["total"] - sum(exact)) < 1
