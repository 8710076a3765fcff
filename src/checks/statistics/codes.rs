//! Codes that a spreadsheet has turned into numbers: 4.33101E+11.

use rust_decimal::Decimal;

use super::sheet::address;
use crate::checks::{Finding, Verdict};
use crate::error::Result;
use crate::tables::Input;

/// Whether a column holds codes, by its name.
pub(super) fn is_code(name: &str) -> bool {
    ["代码", "编码", "code", "证件", "身份证", "账号"].iter().any(|w| name.contains(w))
}

/// 4.33101E+11 in a column of codes.
pub(super) fn broken(input: &Input) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for (c, name) in input.table.column_names().iter().enumerate() {
        let coded = is_code(name);
        for (r, text) in input.table.column_texts(c)?.iter().enumerate() {
            let Some(text) = text.as_ref().map(|t| t.trim()) else { continue };
            let power = text.split_once(['E', 'e']).is_some_and(|(digits, power)| {
                digits.parse::<Decimal>().is_ok()
                    && power.strip_prefix('+').unwrap_or(power).parse::<u32>().is_ok()
            });
            // a code of twelve digits or more that was read as a number has lost its last ones
            let rounded = coded
                && text.len() >= 17
                && text.ends_with("000")
                && text.bytes().all(|b| b.is_ascii_digit());
            if power || rounded {
                let at = address(input, r, c);
                let sentence = format!(
                    "单元格{at}（“{name}”）为“{text}”，代码被电子表格转成数值，末位已失，须按文本重新录入；第{}行不可用于匹配。",
                    input.row(r)
                );
                findings.push(
                    Finding::new("code", Verdict::Contradiction, &[&at], sentence).formula(text.to_owned()),
                );
            }
        }
    }
    Ok(findings)
}
