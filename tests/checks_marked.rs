//! Sentences with their numbers marked: what their own words claim is checked, what they don't claim is not.

#![allow(clippy::unwrap_used, clippy::panic)]

use minsuan::checks::{Finding, Plan, Verdict, check};
use minsuan::figures::Ledger;
use minsuan::rules::Rulebook;

/// The plan and ledger of a marked text. `{63 处}` is an actual number of 2020; `{18 个 plan}`, `{80 % target}`
/// say another nature; `{2020~2023 年 plan}` is a range, `{80+ % target}` a lower bound, and a last word
/// `=beds` names the metric.
fn run(marked: &str) -> Vec<Finding> {
    let (mut text, mut rows) = (String::new(), Vec::new());
    let mut rest = marked;
    while let Some((before, after)) = rest.split_once('{') {
        text += before;
        let (inside, after) = after.split_once('}').unwrap();
        let mut cells: Vec<&str> = inside.split(' ').collect();
        let name = cells.last().and_then(|c| c.strip_prefix('=')).map(str::to_owned);
        if name.is_some() {
            cells.pop();
        }
        let (value, unit) = (cells[0], cells[1]);
        let nature = cells.get(2).copied().unwrap_or("actual");
        let at = text.len();
        text += &value.replace('~', "至").replace('+', "");
        text += unit;
        text += if value.ends_with('+') { "以上" } else { "" };
        rows.push((at, text.len(), value.to_owned(), unit.to_owned(), nature.to_owned(), name));
        rest = after;
    }
    text += rest;
    let mut csv = String::from(
        "fig_id,line,section,subject_zh,metric,value,value_hi,bound,unit,value_base,base_unit,time_ref,time_type,nature,phrase\n",
    );
    for (i, (from, to, value, unit, nature, name)) in rows.iter().enumerate() {
        let line_start = text[..*from].rfind('\n').map_or(0, |n| n + 1);
        let start = text[line_start..*from]
            .char_indices()
            .rev()
            .take(5)
            .last()
            .map_or(*from, |(n, _)| line_start + n);
        let (bound, value) = match (value.strip_suffix('+'), value.split_once('~')) {
            (Some(v), _) => ("at_least", format!("{v},")),
            (_, Some((lo, hi))) => ("range", format!("{lo},{hi}")),
            _ => ("exact", format!("{value},")),
        };
        let (time, kind) = match nature.as_str() {
            "plan" => ("2021/2025", "plan"),
            "target" => ("2025", "target_by"),
            _ => ("2020", "year"),
        };
        let line = text[..*from].matches('\n').count() + 1;
        let section =
            text[..*from].lines().rfind(|l| l.starts_with(['一', '二', '三', '四', '五'])).unwrap_or("");
        let metric = name.clone().unwrap_or_else(|| format!("figure_{i:03}"));
        csv += &format!(
            "F{},{line},{section},,{metric},{value},{bound},{unit},,,{time},{kind},{nature},\"{}\"\n",
            i + 1,
            &text[start..*to],
        );
    }
    // the plan's years
    csv += &format!(
        "P,{},,规划期,plan_period,2021,2025,range,年,,,2021/2025,period,date,2021—2025年\n",
        text.matches('\n').count() + 2
    );
    text += "\n2021—2025年";
    let ledger = Ledger::parse(&csv, "figures.csv").unwrap();
    check(&ledger, &[], &Rulebook::shipped().unwrap(), Plan { text: Some(&text), place: "431200" }).unwrap()
}

fn alarms(marked: &str) -> Vec<(&'static str, Verdict)> {
    run(marked).into_iter().filter(|f| f.verdict < Verdict::Info).map(|f| (f.family, f.verdict)).collect()
}

fn holds(marked: &str, family: &str) -> bool {
    run(marked).iter().any(|f| f.family == family && f.verdict == Verdict::Holds)
}

/// A sentence that holds, what to put into it and for what, and what is found then.
type Case = (&'static str, &'static str, &'static str, &'static str, Verdict);

const CASES: [Case; 29] = [
    (
        "农村低保标准由2015年的{2400 元/年}提高到2020年的{4200 元/年}，增长{75 %}。",
        "{75 %}",
        "{65 %}",
        "growth",
        Verdict::Contradiction,
    ),
    (
        "支出从2019年的{820 万元}增加到2020年的{1066 万元}，增长{30 %}。",
        "{30 %}",
        "{40 %}",
        "growth",
        Verdict::Contradiction,
    ),
    (
        "支出从2019年的{820 万元}增加到2020年的{1066 万元}，增长{30 %}。",
        "{30 %}",
        "{30 个百分点}",
        "growth",
        Verdict::Probable,
    ),
    (
        "支出从2019年的{1066 万元}减少到2020年的{820 万元}，下降{23.1 %}。",
        "{23.1 %}",
        "{30 %}",
        "growth",
        Verdict::Contradiction,
    ),
    (
        "入住率由{35 %}提高到{55 %}，提高{20 个百分点}。",
        "{20 个百分点}",
        "{25 个百分点}",
        "growth",
        Verdict::Contradiction,
    ),
    (
        "入住率由{35 %}提高到{55 %}，提高{20 个百分点}。",
        "{20 个百分点}",
        "{20 %}",
        "growth",
        Verdict::Probable,
    ),
    (
        "登记社会组织{426 家}，比2015年的{310 家}增加{116 家}，增长{37.4 %}。",
        "{116 家}",
        "{126 家}",
        "growth",
        Verdict::Contradiction,
    ),
    (
        "登记社会组织{426 家}，比2015年的{310 家}增加{116 家}，增长{37.4 %}。",
        "{37.4 %}",
        "{27.2 %}",
        "growth",
        Verdict::Contradiction,
    ),
    (
        "到2025年床位达到{7000 张 target}，比2020年的{5120 张}新增{1880 张 target}。",
        "{1880 ",
        "{1980 ",
        "growth",
        Verdict::Contradiction,
    ),
    (
        "五年累计发放低保资金{8.2 亿元}，年均{1.64 亿元}。",
        "{1.64 ",
        "{1.46 ",
        "product",
        Verdict::Contradiction,
    ),
    (
        "每年培训{200 人次 plan}，五年累计培训{1000 人次 plan}。",
        "{1000 ",
        "{1500 ",
        "product",
        Verdict::Contradiction,
    ),
    (
        "2020年死亡{5210 人}，火化{2714 人}，火化率{52.1 %}。",
        "{52.1 ",
        "{58 ",
        "share",
        Verdict::Contradiction,
    ),
    (
        "临时救助{12480 人次}，支出资金{2246.4 万元}，人均救助{1800 元}。",
        "{1800 ",
        "{2800 ",
        "product",
        Verdict::Contradiction,
    ),
    (
        "购置火化机{6 台 plan}，每台{120 万元 plan}，共计{720 万元 plan}。",
        "{720 ",
        "{820 ",
        "product",
        Verdict::Contradiction,
    ),
    (
        "购置火化机{6 台 plan}，单价{120 万元 plan}，共{720 万元 plan}。",
        "{720 ",
        "{820 ",
        "product",
        Verdict::Contradiction,
    ),
    (
        "新建幸福院{94 个 plan}，单个投资{30 万元 plan}，总投资{2820 万元 plan}。",
        "{2820 ",
        "{3820 ",
        "product",
        Verdict::Contradiction,
    ),
    (
        "按照每处{30 万元 plan}的标准，新建幸福院{94 处 plan}，共需资金{2820 万元 plan}。",
        "{2820 ",
        "{3820 ",
        "product",
        Verdict::Contradiction,
    ),
    (
        "建筑面积{8600 平方米 plan}，每平方米造价{5000 元 plan}，总投资{4300 万元 plan}。",
        "{4300 ",
        "{5300 ",
        "product",
        Verdict::Contradiction,
    ),
    (
        "设置床位{600 张 plan}，总投资{1.85 亿元 plan}，平均每张床位投资{30.8 万元 plan}。",
        "{30.8 ",
        "{40 ",
        "product",
        Verdict::Contradiction,
    ),
    (
        "新建{6 个 plan}、改建{8 个 plan}，新建每个{100 万元 plan}，改建每个{50 万元 plan}，总投资{1000 万元 plan}。",
        "{1000 ",
        "{1200 ",
        "product",
        Verdict::Contradiction,
    ),
    (
        "每千名老年人拥有养老床位{32.4 张}，养老床位{5120 张}，老年人口{15.8 万人}。",
        "{32.4 ",
        "{38.5 ",
        "product",
        Verdict::Probable,
    ),
    (
        "土建{1000 万元 plan}、设备{500 万元 plan}、装修{300 万元 plan}，合计{1800 万元 plan}。",
        "{1800 ",
        "{2800 ",
        "sum",
        Verdict::Contradiction,
    ),
    (
        "城市低保对象{3215 人}，农村低保对象{18600 人}，城乡低保对象共计{21815 人}。",
        "{21815 ",
        "{23800 ",
        "sum",
        Verdict::Contradiction,
    ),
    (
        "累计发放{4.86 亿元}，其中2016年{0.82 亿元}、2017年{0.91 亿元}、2018年{0.98 亿元}、2019年{1.03 亿元}、2020年{1.12 亿元}。",
        "{1.12 ",
        "{1.52 ",
        "sum",
        Verdict::Contradiction,
    ),
    (
        "总投资{5.6 亿元 plan}，其中中央资金{2.24 亿元 plan}，占{40 %}；省级资金{1.12 亿元 plan}，占{20 %}；县级资金{2.24 亿元 plan}，占{40 %}。",
        "占{40 %}。",
        "占{45 %}。",
        "share",
        Verdict::Contradiction,
    ),
    (
        "四、重点工程\n（一）甲项目。总投资{1000 万元 plan =a}。\n（二）乙项目。总投资{2000 万元 plan =b}。\n（三）丙项目。总投资{3000 万元 plan =c}。\n以上项目总投资合计{6000 万元 plan =d}。",
        "{6000 ",
        "{7000 ",
        "sum",
        Verdict::Contradiction,
    ),
    (
        "四、重点工程\n三大工程总投资{6000 万元 plan =d}。\n（一）甲项目。总投资{1000 万元 plan =a}。\n（二）乙项目。总投资{2000 万元 plan =b}。\n（三）丙项目。总投资{3000 万元 plan =c}。",
        "{6000 ",
        "{7000 ",
        "sum",
        Verdict::Contradiction,
    ),
    ("养老机构{28 家}（公办{14 家}、民办{14 家}）。", "民办{14 ", "民办{17 ", "sum", Verdict::Contradiction),
    (
        "养老床位{4310 张}，其中护理型床位{2198 张}，占{51 %}。",
        "{51 ",
        "{61 ",
        "share",
        Verdict::Contradiction,
    ),
];

#[test]
fn what_a_sentence_claims_is_recomputed() {
    let mut wrong = Vec::new();
    for (text, old, new, family, verdict) in CASES {
        let clean = alarms(text);
        if !clean.is_empty() {
            wrong.push(format!("{text}: {clean:?}"));
        }
        if !holds(text, family) {
            wrong.push(format!("{text}: nothing holds"));
        }
        let planted = text.replacen(old, new, 1);
        assert_ne!(planted, text);
        let found = alarms(&planted);
        if !found.contains(&(family, verdict)) {
            wrong.push(format!("{planted}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_a_sentence_does_not_claim_is_left_alone() {
    let clean = [
        "床位{4310 张}，其中护理型床位{2198 张}；公办机构床位{1800 张}、民办机构床位{2510 张}。",
        "特困人员{2304 人}，占低保对象的{14.8 %}，其中失能{320 人}、半失能{410 人}。",
        "养老机构{28 家}，床位{4310 张}，入住老人{1950 人}，入住率{45.2 %}。",
        "登记结婚{19842 对}，其中涉外婚姻{12 对}，补领结婚证{3300 对}。",
        "总投资{1.85 亿元 plan}，其中申请中央预算内投资{8000 万元 plan}，其余由县财政配套。",
        "占地{45 亩 plan}，建筑面积{12000 平方米 plan}，其中地下{2000 平方米 plan}。",
        "改造敬老院{14 所 plan}，每所投资{50~80 万元 plan}，总投资{900 万元 plan}。",
        "建设服务站{14 个 plan}，每个约{60 万元 plan}，总投资{850 万元 plan}。",
        "在{14 个}乡镇各建设{1 处 plan}养老服务中心，共{14 处 plan}，每处投资{600 万元 plan}，总投资{8400 万元 plan}。",
        "持证社工{520 人 target}，年均增长{19.4 %}。",
        "年均增幅不低于{5+ % target}。由2020年的{214 人}增加到2025年的{520 人 target}，年均增长{19.4 %}。",
        "销售福利彩票{4.2 亿元}，按{30 %}的比例筹集公益金{1.26 亿元}。",
        "参选率{95.6 %}，比上届提高{2.1 个百分点}。",
        "每年培训护理员不少于{200+ 人次 plan}，五年累计培训{1000+ 人次 plan}。",
        "一、发展基础\n全县{14 个 =townships}乡镇。\n三、主要任务\n{14 个 plan =townships}乡镇全部设立工作站。",
        "一、发展基础\n{38 个 =communities}城市社区。\n三、主要任务\n新设{4 个 plan =communities}城市社区。",
        "一、发展基础\n社会组织{426 家 =orgs}，比2015年的{310 家 =orgs}增加{116 家}。",
    ];
    let wrong: Vec<_> = clean.iter().map(|t| (t, alarms(t))).filter(|(_, a)| !a.is_empty()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_share_is_held_against_what_it_names() {
    let short = [
        "全县有社区{31 个}。{23 个}乡镇中{80+ % target}的乡镇建成养老服务中心，计划建设{18 个 plan}。",
        "养老服务中心覆盖{80+ % target}的乡镇，{23 个 plan}乡镇计划建设{18 个 plan}养老服务中心。",
        "{80+ % target}的乡镇建立养老服务中心，全县{23 个}乡镇要建立{18 个 plan}养老服务中心。",
        "全县{23 个}乡镇，到2025年养老服务中心覆盖率达到{80 % target}，建设养老服务中心{18 个 plan}。",
        "{90+ % target}的社区均建立日间照料中心，{40 个}社区要建立{35 个 plan}日间照料中心。",
    ];
    for text in short {
        assert_eq!(alarms(text), [("coverage", Verdict::Contradiction)], "{text}");
        let enough = text.replace("{18 个 plan}", "{19 个 plan}").replace("{35 个 plan}", "{36 个 plan}");
        assert!(alarms(&enough).is_empty() && holds(&enough, "coverage"), "{enough}");
    }
    let done = "现有{31 个}社区中{28 个}社区建成日间照料中心，覆盖{90+ % target}的社区。";
    assert!(holds(done, "coverage"));
    // beds are no townships
    assert_eq!(alarms("全县{23 个}乡镇。护理型床位占比达到{55 % target}，建设养老机构{10 个 plan}。"), []);
}

#[test]
fn works_have_the_years_that_their_own_words_give() {
    let outside = "四、重点工程\n（一）殡仪馆。总投资{2.4 亿元 plan =hall}，建设年限2019—2026年。“十四五”计划投资{2.4 亿元 plan =hall_plan}。";
    assert_eq!(alarms(outside), [("period", Verdict::Probable)]);
    let spent = "四、重点工程\n（一）殡仪馆。总投资{2.1 亿元 plan =hall_total}，2020年开工，2023年竣工，2020年已完成投资{3000 万元}，“十四五”计划投资{1.8 亿元 plan =hall_plan}。";
    assert!(alarms(spent).is_empty() && holds(spent, "period"));
    let unsaid = "四、重点工程\n（一）殡仪馆。总投资{2.1 亿元 plan =hall_total}，“十四五”计划投资{1.8 亿元 plan =hall_plan}。";
    let all = run(unsaid);
    let found: Vec<_> =
        all.iter().filter(|f| f.family == "period").map(|f| (f.verdict, &f.sentence)).collect();
    assert!(
        found.len() == 1 && found[0].0 == Verdict::Info && found[0].1.contains("未见建设年限"),
        "{found:?}"
    );
    let inside = "四、重点工程\n（一）殡仪馆。总投资{2.1 亿元 plan =hall_total}，建设期为2022年至2024年，“十四五”计划投资{1.8 亿元 plan =hall_plan}。";
    assert_eq!(alarms(inside), [("period", Verdict::Contradiction)]);
}

#[test]
fn an_item_without_money_among_priced_ones_is_told() {
    let text = "四、重点工程\n（一）甲养护院。总投资{1.8 亿元 plan =a}，床位{600 张 plan =a_beds}。\n（二）乙幸福院。总投资{300 万元 plan =b}。\n（三）救助站。建筑面积{1800 平方米 plan =c}。";
    let all = run(text);
    let one: Vec<_> = all.iter().filter(|f| f.check.starts_with("completeness:unpriced")).collect();
    assert!(one.len() == 1 && one[0].sentence.contains("救助站"), "{all:#?}");
    // the totals of other items are no prices of the first
    assert!(!all.iter().any(|f| f.sentence.contains("已列价")), "{all:#?}");
}
