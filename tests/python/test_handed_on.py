"""What goes to another process or into a cache: it comes back as it was, or says how to hand it on."""

from __future__ import annotations

import multiprocessing
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minsuan as ms

ROWS = {
    "统一社会信用代码": ["52433101MJK000006G", "52433101MJK000006G", "51433101MJK000006K"],
    "名称": ["甲中心", "甲服务中心", "乙协会"],
    "类型": ["民办非企业单位", "民办非企业单位", "社会团体"],
    "登记日期": ["2015-03-01", "2015-03-01", "2012-13-03"],
    "年度": [2022, 2023, 2023],
    "结论": ["不合格", "未参检", "尚可"],
    "法定代表人身份证号": ["433101195202290008", "433101195202290008", ""],
}


def due(register: ms.inspection.Register) -> list[str]:
    return register.due(2023).to_list("code")


def test_a_register_goes_to_another_process() -> None:
    register = ms.inspection.read(ROWS)
    packed = pickle.dumps(register)
    assert b"433101195202290008" not in packed
    again = pickle.loads(packed)
    assert repr(again) == repr(register)
    for name in ("organizations", "renames", "transitions", "survival", "counts"):
        assert getattr(again, name)().equals(getattr(register, name)()), name
    assert again.problems.equals(register.problems)
    assert again.problems.notes == register.problems.notes
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(due, [register]) == [["52433101MJK000006G"]]


def test_a_register_keeps_the_rules_it_was_read_under() -> None:
    for rules in ("jishou", "national"):
        register = ms.inspection.read(ROWS, rules)
        again = pickle.loads(pickle.dumps(register))
        assert again.due(2023).equals(register.due(2023)), rules
        assert again.due(2023).notes == register.due(2023).notes


def test_a_register_that_was_damaged_is_refused() -> None:
    packed = pickle.dumps(ms.inspection.read(ROWS))
    with pytest.raises(ms.DataError, match="damaged on its way"):
        pickle.loads(packed.replace(b'"undated":false', b'"undated":fal\'e'))


POPULATION = np.full((2, 101), 900.0)
FERTILITY = np.where((np.arange(101) >= 20) & (np.arange(101) < 40), 0.1, 0.0)[None, :]
MADE = {
    "projection": lambda: ms.demography.project(POPULATION, np.full((1, 2, 101), 0.99), FERTILITY, [1.05]),
    "draws": lambda: ms.demography.project_draws(POPULATION, years=5, draws=20),
    "base": lambda: ms.demography.thin_base(count_60_plus="4.5万", share_60_plus="14.52%", draws=20),
    "life table": lambda: ms.demography.life_table(np.full(101, 0.02)),
    "forecast": lambda: ms.trends.forecast([412, 398, 371, 365, 340, 352, 331]),
    "stock and flow": lambda: ms.trends.stock_flow([10, 12, 13], [5, 4, 3], [3, 2, 2]),
    "case": lambda: ms.open("jishou"),
    "standard": lambda: ms.budget.Standard({"2020-01": 200}),
}


@pytest.mark.parametrize("name", MADE)
def test_results_come_back(name: str) -> None:
    made: Any = MADE[name]()
    assert repr(pickle.loads(pickle.dumps(made))) == repr(made)


def test_what_can_not_be_pickled_says_how_to_hand_it_on() -> None:
    report = ms.annual.report(
        2022, values={"form": ["JZH01"], "version": ["2022"], "code": ["YZH012311000"], "value": [190]}
    )
    with pytest.raises(TypeError, match=r"can't be pickled; hand on its tables \(\.table\(\)"):
        pickle.dumps(report)
    rows = [("a", "a")] * 8 + [("a", "b")] * 2 + [("b", "a"), ("b", "b"), ("b", "b")]
    visits = {
        "person": [i for i in range(len(rows)) for _ in (0, 1)],
        "time": [0.0, 1.0] * len(rows),
        "state": [s for row in rows for s in row],
    }
    model = ms.care.multistate(visits, [("a", "b"), ("b", "a")])
    with pytest.raises(TypeError, match=r"can't be pickled; hand on its tables \(\.intensities"):
        pickle.dumps(model)


def test_what_people_read_of_a_register_is_chinese(tmp_path: Path) -> None:
    problems = ms.inspection.read(ROWS).problems
    assert "date" in problems.to_list("kind")
    shown = problems._repr_html_()
    assert "日期有误" in shown
    assert ">date<" not in shown
