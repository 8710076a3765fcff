//! Series that accumulate since January.

use rust_decimal::Decimal;

use crate::checks::{Finding, Verdict};
use crate::figures::from_decimal;

/// A series that accumulates since January: the flow of each period. A fall is a correction, told
/// and never hidden; that of a thirteenth month is the new year, and only noted. `values` in order,
/// the first of a January; a gap stays a gap.
pub fn check_cumulative(label: &str, values: &[Option<Decimal>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut last: Option<(usize, Decimal)> = None;
    for (i, value) in values.iter().enumerate() {
        let Some(value) = value else { continue };
        if let Some((before, earlier)) = last
            && *value < earlier
        {
            let (a, b) = (before + 1, i + 1);
            let flow = *value - earlier;
            // another year than that of the value before
            let (verdict, sentence) = if i / 12 > before / 12 {
                (
                    Verdict::Info,
                    format!(
                        "“{label}”是累计数，第{b}期（{value}）小于第{a}期（{earlier}）；逐月数据满十二期后另起一年，按跨年重新累计处理，{value}为当年累计。"
                    ),
                )
            } else {
                (
                    Verdict::Probable,
                    format!(
                        "“{label}”是累计数，第{b}期（{value}）小于第{a}期（{earlier}），当期为{flow}；累计数不应下降，应说明是更正还是误填。"
                    ),
                )
            };
            findings.push(
                Finding::new("cumulative", verdict, &[&a.to_string(), &b.to_string()], sentence).numbers(
                    format!("{value} − {earlier} = {flow}"),
                    from_decimal(earlier),
                    from_decimal(*value),
                    "",
                ),
            );
        }
        last = Some((i, *value));
    }
    findings
}
