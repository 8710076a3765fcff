//! The report in the sentences of a statistical bulletin (统计公报).

use rust_decimal::Decimal;

use super::indicators::{Nature, Relation};
use super::number::{Printed, fixed};
use super::report::{Basis, Line, Report};

impl Report {
    /// One sentence for each line that is no part of another, with its parts and subsets: 截至2021年底，全市共有社会组织
    /// 212个，比上年增长3.4%，其中…… What is foretold is said to be, and so is what comes from synthetic data.
    pub fn sentences(&self) -> Vec<String> {
        self.lines.iter().filter(|l| self.is_top(l)).filter_map(|l| self.sentence(l)).collect()
    }

    fn is_top(&self, line: &Line) -> bool {
        let own = &line.indicator;
        own.parent.as_ref().is_none_or(|(parent, _)| {
            !self.lines.iter().any(|l| {
                l.indicator.form == own.form
                    && l.indicator.version == own.version
                    && l.indicator.code == *parent
            })
        })
    }

    fn sentence(&self, line: &Line) -> Option<String> {
        let value = line.value?.value;
        let amount = amount(line)?;
        let (year, place, name) = (self.year, &self.place, &line.indicator.name);
        let by_model = match line.basis {
            Basis::Reported => "",
            Basis::Estimated => "据推算，",
            Basis::Projected => "据预测，",
        };
        let when = match (line.indicator.nature, line.basis) {
            (Nature::End, Basis::Projected) => format!("到{year}年底"),
            (Nature::End, _) => format!("截至{year}年底"),
            _ => format!("{year}年"),
        };
        let opening = match line.indicator.nature {
            Nature::End if value.is_zero() => format!("{place}没有{name}"),
            Nature::End if is_amount(name) || line.basis != Basis::Reported => {
                format!("{place}{name}为{amount}")
            }
            Nature::End => format!("{place}共有{name}{amount}"),
            Nature::Cumulative if value.is_zero() => format!("{place}{name}为零"),
            Nature::Cumulative if line.basis != Basis::Reported => format!("{place}{name}为{amount}"),
            Nature::Cumulative => format!("{place}{name}{amount}"),
            Nature::Rate => format!("{place}{name}为{amount}"),
        };
        let parts: Vec<String> = self
            .children(line, &[Relation::Part, Relation::Listed, Relation::Subset])
            .into_iter()
            .filter(|l| l.value.is_some_and(|v| !v.value.is_zero()))
            .filter_map(|l| {
                let mark = if l.basis == line.basis { "" } else { l.basis.mark() };
                Some(format!("{}{}{mark}", l.indicator.name, self::amount(l)?))
            })
            .collect();
        let change = comparison(line).map_or_else(String::new, |c| format!("，{c}"));
        let parts = if parts.is_empty() { String::new() } else { format!("，其中{}", parts.join("、")) };
        let synthetic = if line.synthetic { "（合成数据）" } else { "" };
        Some(format!("{by_model}{when}，{opening}{change}{parts}{synthetic}。"))
    }
}

/// Whether a name is itself that of a number or a body of people: 户籍总人口 is so many, there are not so many of it.
fn is_amount(name: &str) -> bool {
    ["人口", "总数", "人数", "总量", "数量", "面积"].iter().any(|w| name.ends_with(w))
}

fn amount(line: &Line) -> Option<String> {
    Some(figure(line, line.value?))
}

fn figure(line: &Line, value: Printed) -> String {
    format!("{}{}", fixed(value.value, line.indicator.decimals), line.indicator.unit)
}

/// 比上年增长3.4%, 比上年下降0.4个百分点, 与上年持平; nothing where the last year is unknown.
fn comparison(line: &Line) -> Option<String> {
    let (change, previous) = (line.change()?, line.previous?);
    // Against a figure of another kind the sentence says so.
    let last = if line.previous_basis == line.basis {
        "上年".to_owned()
    } else {
        match line.previous_basis {
            Basis::Reported => "上年实际数".to_owned(),
            Basis::Estimated => "上年推算数".to_owned(),
            Basis::Projected => "上年预测数".to_owned(),
        }
    };
    let value = line.value?.value;
    if value.is_zero() && line.indicator.nature != Nature::Rate {
        let before = if previous.value.is_zero() {
            "也没有".to_owned()
        } else {
            format!("为{}", figure(line, previous))
        };
        return Some(format!("{last}{before}"));
    }
    if change.is_zero() {
        return Some(format!("与{last}持平"));
    }
    let up = change > Decimal::ZERO;
    if line.indicator.nature == Nature::Rate {
        let points = if line.indicator.unit == "‰" { "千分点" } else { "百分点" };
        let verb = if up { "提高" } else { "下降" };
        return Some(format!("比{last}{verb}{}个{points}", fixed(change.abs(), line.indicator.decimals)));
    }
    let verb = if up { "增长" } else { "下降" };
    let places = line.indicator.decimals;
    match line.percent() {
        // 增长19倍 rather than 1900.0%; beyond a hundredfold, from next to nothing, only the number itself says something.
        Some(percent) if percent >= Decimal::from(10_000) => {
            Some(format!("比{last}增加{}{}", fixed(change.abs(), places), line.indicator.unit))
        }
        Some(percent) if percent >= Decimal::from(200) => {
            let times = percent.checked_div(Decimal::ONE_HUNDRED)?;
            let shown = fixed(times, 1);
            Some(format!("比{last}增长{}倍", shown.strip_suffix(".0").unwrap_or(&shown)))
        }
        Some(percent) if !percent.is_zero() => Some(format!("比{last}{verb}{}%", fixed(percent.abs(), 1))),
        // Too small a change for a percentage, or a last year of nothing: the number itself.
        _ => {
            let verb = if up { "增加" } else { "减少" };
            Some(format!("比{last}{verb}{}{}", fixed(change.abs(), places), line.indicator.unit))
        }
    }
}
