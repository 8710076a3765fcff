//! The report in the sentences of a statistical bulletin (统计公报).

use rust_decimal::Decimal;

use super::indicators::{Nature, Relation};
use super::number::fixed;
use super::report::{Line, Report};

impl Report {
    /// One sentence for each line that is no part of another, with its parts and subsets: 截至2021年底，全市共有社会组织
    /// 212个，比上年增长3.4%，其中……
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
        let amount = amount(line)?;
        let (year, place, name) = (self.year, &self.place, &line.indicator.name);
        let opening = match line.indicator.nature {
            Nature::End => format!("截至{year}年底，{place}共有{name}{amount}"),
            Nature::Cumulative => format!("{year}年，{place}{name}{amount}"),
            Nature::Rate => format!("{year}年，{place}{name}为{amount}"),
        };
        let parts: Vec<String> = self
            .children(line, &[Relation::Part, Relation::Listed, Relation::Subset])
            .into_iter()
            .filter(|l| l.value.is_some_and(|v| !v.value.is_zero()))
            .filter_map(|l| Some(format!("{}{}", l.indicator.name, self::amount(l)?)))
            .collect();
        let change = comparison(line).map_or_else(String::new, |c| format!("，{c}"));
        let parts = if parts.is_empty() { String::new() } else { format!("，其中{}", parts.join("、")) };
        Some(format!("{opening}{change}{parts}。"))
    }
}

fn amount(line: &Line) -> Option<String> {
    let i = &line.indicator;
    Some(format!("{}{}", fixed(line.value?.value, i.decimals), i.unit))
}

/// 比上年增长3.4%, 比上年下降0.4个百分点, 与上年持平; nothing where the last year is unknown.
fn comparison(line: &Line) -> Option<String> {
    let change = line.change()?;
    if change.is_zero() {
        return Some("与上年持平".to_owned());
    }
    let up = change > Decimal::ZERO;
    if line.indicator.nature == Nature::Rate {
        let points = if line.indicator.unit == "‰" { "千分点" } else { "百分点" };
        let verb = if up { "提高" } else { "下降" };
        return Some(format!("比上年{verb}{}个{points}", fixed(change.abs(), line.indicator.decimals)));
    }
    let verb = if up { "增长" } else { "下降" };
    match line.percent() {
        Some(percent) if !percent.is_zero() => Some(format!("比上年{verb}{}%", fixed(percent.abs(), 1))),
        // Too small a change for a percentage, or a last year of nothing: the number itself.
        _ => {
            let verb = if up { "增加" } else { "减少" };
            Some(format!(
                "比上年{verb}{}{}",
                fixed(change.abs(), line.indicator.decimals),
                line.indicator.unit
            ))
        }
    }
}
