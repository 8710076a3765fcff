"""The words of the report in both languages."""

from __future__ import annotations

from typing import Any

WORDS: dict[str, dict[str, Any]] = {
    "zh": {
        "title": "{}民政事业发展测算报告",
        "subtitle": "{}—{}年人口老龄化、照护需求、设施供需、救助对象与经费测算",
        "scenario": "情景",
        "kind": "人口口径",
        "registered": "户籍人口",
        "resident": "常住人口",
        "years": "年份",
        "draws": "抽样次数",
        "seed": "种子",
        "version": "软件版本",
        "unknown": "未知",
        "units": {},
        "interval": "（80%区间{}～{}）",
        "to": "～",
        "money_unit": "{}万元",
        "money_places": 4,
        "comma": "、",
        "semicolon": "；",
        "in_unit": "（{}）",
        "indicator": "指标",
        "unit": "单位",
        "year": "年份",
        "cells": "每格上行为中位数，下行为80%区间（10%—90%分位）。",
        "every_row": "表中各行均依据：{}。各行另据：",
        "no_more": "{}无另外依据。",
        "summary": "主要结论",
        "people": "一、人口老龄化",
        "care": "二、照护需求",
        "capacity": "三、设施供需",
        "relief": "四、救助与福利对象",
        "budget": "五、经费需求",
        "checks": "六、规划数据核查",
        "assumptions": "七、假设清单",
        "about": "八、方法与说明",
        "say_people": (
            "{first}年底，{kind}总数{total}，其中60岁及以上{old}，占{old_share}；"
            "预计{last}年60岁及以上人口为{later}，占{later_share}，80岁及以上人口为{oldest}。"
        ),
        "say_care": "{year}年需要照护的老年人数因口径而异：{parts}。引用时须写明口径。",
        "say_definition": "按“{}”口径{}",
        "say_place": "{}（短缺概率{}）",
        "say_short": "到{year}年，{count}类设施以一半以上的概率供不应求：{parts}。",
        "say_enough": "到{year}年，没有一类设施以一半以上的概率供不应求。",
        "say_budget": "{year}年经费需求合计{amount}（按假设中间值计），八成把握不超过{p80}。",
        "say_directors": "{year}年儿童主任补贴{amount}，算式为{why}。",
        "say_checks": (
            "对规划所列数字逐项核对，发现矛盾{contradiction}处、多半有误{probable}处、"
            "两可{ambiguous}处，详见第六部分。"
        ),
        "say_assumed": "规划未载明而由本测算假设的共{count}项，均列于第七部分；假设不是数据。",
        "say_base": (
            "基年（{first}年）{kind}由规划所载总数按标准年龄结构还原，并计入原数的印刷精度；"
            "以后各年按分年龄的生育、死亡与迁移逐年推算，阴影为抽样区间。"
        ),
        "figure_fan": "60岁及以上{}",
        "figure_pyramid": "{}年龄结构：{}年（填色）与{}年（轮廓）",
        "table_people": "人口主要指标",
        "definition": "口径",
        "level": "能力等级",
        "table_care": "需要照护的老年人（人）",
        "say_definitions": (
            "照护需求等于人口乘以分年龄、性别的患病率。各项调查的定义不同，结果可相差十倍，"
            "下表并列各口径，不作取舍。"
        ),
        "place": "设施",
        "demand": "需求",
        "supply": "供给",
        "gap": "缺口",
        "chance": "短缺概率",
        "used_up": "不足年份",
        "table_capacity": "设施需求、供给与短缺概率",
        "figure_places": "各类设施需求与供给（阴影为80%区间）",
        "say_capacity": (
            "供给为现有存量加规划项目，计入工期延误与取消的可能；短缺概率为需求大于供给的抽样比例，"
            "“不足年份”为该比例首次达到一半的年份。"
        ),
        "program": "项目",
        "table_relief": "救助与福利对象",
        "table_heads": "发放份数与领取人数（去重）",
        "figure_relief": "救助与福利对象：统计数、假设与推算",
        "say_relief": "有本地数字的以本地数字为起点；没有的按全国同年水平假设，并计入地区差异。",
        "marks": "带*者为假设（本地无数，按全国同年水平），不是统计数。",
        "line": "科目",
        "budget_kind": "性质",
        "kinds": {"recurrent": "经常性", "capital": "项目建设"},
        "total_p80": "合计（80%分位）",
        "table_budget": "经费需求（万元）",
        "figure_budget": "分年经费需求",
        "say_budget_method": (
            "经常性支出等于人数（或岗位数）×标准×月数，项目建设支出按工期分摊；金额按假设中间值计算，精确到分。"
            "公式见随附工作簿“经费预算”与“测算”两表，改动假设后自动重算。"
        ),
        "trace": "示例：{}",
        "number": "序号",
        "verdict": "判断",
        "finding": "说明",
        "cited": "所引数字",
        "money": "涉及金额",
        "verdicts": {"contradiction": "矛盾", "probable": "多半有误", "ambiguous": "两可"},
        "table_checks": "规划数字核对结果",
        "say_check_method": (
            "核对遵从印刷精度：在四舍五入范围内的差异不作矛盾论。另有{}项核对成立或仅供参考，见随附工作簿“数据核查”。"
        ),
        "assumption": "假设",
        "value": "中间值",
        "spread": "不确定性",
        "source": "依据",
        "where": "位置",
        "table_assumptions": "假设一览（均非数据）",
        "say_assumptions": "以下各项规划未载明，由情景文件假设；取得本地数据后应予替换。",
        "method": (
            "本报告由民算（minsuan {version}）生成：同一次抽样贯穿人口、照护、设施、救助与经费，"
            "故经费的区间即其下各项不确定性之和。共抽样{draws}次，种子{seed}；种子相同则结果逐位相同。"
        ),
        "again": "重算本报告的命令：minsuan run {case} --scenario {scenario} --draws {draws} --seed {seed} --out out/",
        "contents": "目录",
        "assumed_mark": "假设",
    },
    "en": {
        "title": "{}: civil affairs, a forecast",
        "subtitle": "Ageing, need for care, places, caseloads and budget, {}—{}",
        "scenario": "Scenario",
        "kind": "Population",
        "registered": "registered population",
        "resident": "resident population",
        "years": "Years",
        "draws": "Draws",
        "seed": "Seed",
        "version": "Version",
        "unknown": "unknown",
        "units": {
            "人": "persons",
            "张": "beds",
            "个": "units",
            "户": "households",
            "岁": "years",
            "元": "yuan",
            "具": "cremations",
            "人次": "person-times",
            "份": "payments",
        },
        "interval": " (80% interval {} to {})",
        "to": "–",
        "money_unit": "{} million yuan",
        "money_places": 6,
        "comma": ", ",
        "semicolon": "; ",
        "in_unit": " ({})",
        "indicator": "Indicator",
        "unit": "Unit",
        "year": "Year",
        "cells": "Each cell: the median, and below it the 80% interval (P10 to P90).",
        "every_row": "Every row rests on: {}. Beyond that:",
        "no_more": "{} nothing else.",
        "summary": "Findings",
        "people": "1 Ageing",
        "care": "2 Need for care",
        "capacity": "3 Places",
        "relief": "4 Relief and welfare programs",
        "budget": "5 Budget",
        "checks": "6 Checks of the plan",
        "assumptions": "7 Assumptions",
        "about": "8 Method",
        "say_people": (
            "At the end of {first} the {kind} was {total}, of whom {old}, or {old_share}, were 60 or older; "
            "by {last} it will be {later}, or {later_share}, with {oldest} aged 80 or older."
        ),
        "say_care": "Persons in need of care in {year} depend on the definition: {parts}. Always state which.",
        "say_definition": "{} {}",
        "say_place": "{} (probability of shortage {})",
        "say_short": "By {year}, {count} kinds of place are more likely short than not: {parts}.",
        "say_enough": "By {year} no kind of place is more likely short than not.",
        "say_budget": "The budget of {year} is {amount} at the central assumptions, and {p80} at P80.",
        "say_directors": "Child directors cost {amount} in {year}: {why}.",
        "say_checks": (
            "The plan's figures were checked against each other: {contradiction} contradictions, {probable} probable "
            "ones, {ambiguous} ambiguous places (section 6)."
        ),
        "say_assumed": "{count} things that the plan does not say are assumed (section 7); they are not data.",
        "say_base": (
            "The {kind} of the base year ({first}) is rebuilt from the plan's totals on a standard age structure, "
            "with the printed precision of the totals; later years follow from births, deaths and migration by age. "
            "The shaded bands are intervals over the draws."
        ),
        "figure_fan": "Persons aged 60 or older, {}",
        "figure_pyramid": "{} by age: {} (filled) and {} (outline)",
        "table_people": "Indicators of the population",
        "definition": "Definition",
        "level": "Level",
        "table_care": "Older persons in need of care",
        "say_definitions": (
            "Need is the population times prevalence by age and sex. Definitions differ tenfold, so all are shown."
        ),
        "place": "Kind",
        "demand": "Demand",
        "supply": "Supply",
        "gap": "Gap",
        "chance": "P(shortage)",
        "used_up": "Short from",
        "table_capacity": "Demand, supply and probability of shortage",
        "figure_places": "Demand and supply by kind (shaded: 80% interval)",
        "say_capacity": (
            "Supply is the stock and the plan's projects with their delays and cancellations; the probability of "
            "shortage is the share of draws in which demand exceeds supply."
        ),
        "program": "Program",
        "table_relief": "Relief and welfare programs",
        "table_heads": "Payments and heads",
        "figure_relief": "Caseloads: counted, assumed and projected",
        "say_relief": "Local counts are the start where there are any; elsewhere the national rate is assumed.",
        "marks": "* assumed from the national rate of the same year; not a count.",
        "line": "Line",
        "budget_kind": "Kind",
        "kinds": {"recurrent": "recurrent", "capital": "capital"},
        "total_p80": "Total (P80)",
        "table_budget": "Budget (10,000 yuan)",
        "figure_budget": "Budget by year",
        "say_budget_method": (
            "A recurrent line is persons (or posts) × standard × months; projects are spread over their years. Amounts "
            "are computed at the central assumptions, exact to the fen; the workbook holds the formulas."
        ),
        "trace": "Example: {}",
        "number": "No.",
        "verdict": "Verdict",
        "finding": "Finding",
        "cited": "Figures",
        "money": "Money",
        "verdicts": {"contradiction": "contradiction", "probable": "probable", "ambiguous": "ambiguous"},
        "table_checks": "Checks of the plan's figures",
        "say_check_method": (
            "Printed precision is respected: nothing within rounding is called a contradiction. Another {} checks hold "
            "or are for information; see the workbook."
        ),
        "assumption": "Assumption",
        "value": "Central",
        "spread": "Spread",
        "source": "Source",
        "where": "Place",
        "table_assumptions": "Assumptions (not data)",
        "say_assumptions": "What follows is not in the plan and is assumed by the scenario; replace it by local data.",
        "method": (
            "Made by minsuan {version}: one draw of chance runs from the births through the beds to the yuan. "
            "{draws} draws, seed {seed}; the same seed gives the same bytes."
        ),
        "again": "To make it again: minsuan run {case} --scenario {scenario} --draws {draws} --seed {seed} --out out/",
        "contents": "Contents",
        "assumed_mark": "assumed",
    },
}
