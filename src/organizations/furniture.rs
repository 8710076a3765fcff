//! Rows of a sheet that hold no organization: totals, headings, repeated headers, footnotes, who filled it in.

use super::text::key;

/// Whether the text where a code or a name should stand says that the row is no organization. `alone`: the row holds
/// nothing else that is read.
pub fn is_no_organization(cell: &str, header: &str, alone: bool) -> bool {
    let key = key(cell);
    if key.is_empty() {
        return false;
    }
    const BEGINS: [&str; 26] = [
        "合计",
        "小计",
        "总计",
        "共计",
        "累计",
        "填表",
        "填报",
        "制表",
        "审核人",
        "审核:",
        "复核人",
        "复核:",
        "负责人:",
        "单位负责人",
        "统计负责人",
        "经办人",
        "联系电话",
        "联系人",
        "注:",
        "备注:",
        "说明:",
        "报出日期",
        "报送日期",
        "打印日期",
        "数据来源",
        "资料来源",
    ];
    const ENDS: [&str; 3] = ["合计", "小计", "总计"];
    key == super::text::key(header)
        || is_count(&key)
        || BEGINS.iter().any(|w| key.starts_with(w))
        || ENDS.iter().any(|w| key.ends_with(w))
        || (alone && (is_section(&key) || is_sentence(&key)))
}

/// 共212个, 2家
fn is_count(key: &str) -> bool {
    let bare = key.trim_start_matches(['共', '计', '有', ':']);
    let rest = bare.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.len() < bare.len() && matches!(rest, "个" | "家" | "家单位" | "个单位" | "个组织")
}

/// 一、社会团体 or （二）民办非企业单位
fn is_section(key: &str) -> bool {
    let numeral = |c: char| "一二三四五六七八九十".contains(c);
    let bare = key.strip_prefix('(').unwrap_or(key);
    let rest = bare.trim_start_matches(numeral);
    rest.len() < bare.len() && rest.starts_with(['、', '.', ')'])
}

/// A remark below the table.
fn is_sentence(key: &str) -> bool {
    key.ends_with('。') || key.starts_with("注") && key.contains(['。', ',', ';'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_headings_and_footnotes_are_no_organizations() {
        for (cell, alone) in [
            ("合 计", false),
            ("社会团体小计", false),
            ("共212个", false),
            ("2家", false),
            ("填报日期", false),
            ("填表人：张三", true),
            ("注：以登记机关数据为准", true),
            ("一、社会团体", true),
            ("（二）民办非企业单位", true),
            ("统一社会信用代码", false),
            ("本表不含基金会。", true),
        ] {
            assert!(is_no_organization(cell, "统一社会信用代码", alone), "{cell}");
        }
        for cell in
            ["注册会计师协会", "一心社会工作服务中心", "审计学会", "联合会", "十字路口合唱团", "说唱协会"]
        {
            assert!(!is_no_organization(cell, "名称", true), "{cell}");
        }
    }
}
