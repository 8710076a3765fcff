//! What the headers of registers mean: by the words that they are made of, Chinese and English.

use super::header::Field;
use super::kinds::without_brackets;
use super::text::key;

/// The field that a header names.
pub fn field_of(header: &str) -> Option<Field> {
    let key = key(header);
    let key: String =
        key.chars().filter(|c| !matches!(c, '*' | ':' | '_' | '-' | '"' | '\'' | '=')).collect();
    if key.contains("身份证")
        || key.contains("身份号码")
        || matches!(key.as_str(), "idnumber" | "idcard" | "idno" | "identitynumber")
    {
        return Some(Field::Identity);
    }
    // 登记（成立）日期 is one word with its brackets, 代码（18位） one with a remark in them.
    let whole: String = key.chars().filter(|c| !matches!(c, '(' | ')')).collect();
    if let Some(field) = plain_field(&whole) {
        return Some(field);
    }
    if let Some(year) = year_column(&whole) {
        // 年检结论（2022年度） is a year's; 年度（2023） is the column of years.
        let names_it = ["结论", "结果", "年检", "检查", "情况", "conclusion", "result"];
        if whole.len() == key.len() || names_it.iter().any(|w| whole.contains(w)) {
            return Some(Field::Of(year));
        }
    }
    let bare = without_brackets(&key);
    if bare == whole || bare.is_empty() {
        return None;
    }
    plain_field(&bare).or_else(|| year_column(&bare).map(Field::Of))
}

fn plain_field(bare: &str) -> Option<Field> {
    let field = match bare {
        "code"
        | "uscc"
        | "creditcode"
        | "socialcreditcode"
        | "unifiedsocialcreditcode"
        | "代码"
        | "统一社会信用码"
        | "统一代码"
        | "机构代码"
        | "组织代码" => Field::Code,
        "name" | "organization" | "organisation" | "organizationname" | "orgname" => Field::Name,
        "类型" | "社会组织类型" | "组织类型" | "类别" | "社会组织类别" | "组织类别" | "单位类型"
        | "机构类型" | "登记类型" | "单位类别" | "机构类别" | "type" | "kind" | "orgtype"
        | "organizationtype" => Field::Kind,
        "registered" | "registrationdate" | "registereddate" | "registeredon" | "dateregistered"
        | "established" => Field::Registered,
        "年度" | "年份" | "年" | "year" | "inspectionyear" | "reportyear" => Field::Year,
        "结论"
        | "年检"
        | "结果"
        | "年度结论"
        | "最终结论"
        | "conclusion"
        | "result"
        | "inspectionresult"
        | "inspection"
        | "inspectionconclusion" => Field::Conclusion,
        "deregistered" | "deregistrationdate" | "deregistereddate" | "cancelled" => Field::Deregistered,
        "revoked" | "revocationdate" | "revokeddate" => Field::Revoked,
        "closed" | "closingdate" | "dateclosed" => Field::Closed,
        "status" | "state" | "状态" => Field::Status,
        _ => return composed(bare),
    };
    Some(field)
}

/// What of a header is left when these words are taken out, each wherever it stands.
fn rest(bare: &str, words: &[&str]) -> String {
    words.iter().fold(bare.to_owned(), |text, word| text.replace(word, ""))
}

const JOINTS: [&str; 10] = ["/", "、", ",", "\\", "或", "和", "与", "及", "的", "|"];

/// Headers by composition: all their words are known, and one of them says what the column holds.
fn composed(bare: &str) -> Option<Field> {
    let has = |words: &[&str]| words.iter().any(|w| bare.contains(w));
    let made_of = |words: &[&str]| rest(&rest(bare, words), &JOINTS).is_empty();
    const WHOSE: [&str; 12] = [
        "社会组织",
        "社会团体",
        "民办非企业单位",
        "社会服务机构",
        "基金会",
        "民非",
        "社团",
        "组织",
        "单位",
        "机构",
        "法人",
        "现",
    ];
    if has(&["信用代码", "登记证号", "登记证书号", "组织机构代码"])
        && made_of(&[
            "统一社会信用代码",
            "社会信用代码",
            "统一信用代码",
            "信用代码",
            "组织机构代码",
            "登记证书号",
            "登记证号",
            "证号",
            "码",
            "法人",
        ])
    {
        return Some(Field::Code);
    }
    if has(&["名称", "全称"]) && rest(&rest(&rest(bare, &["名称", "全称"]), &WHOSE), &JOINTS).is_empty()
    {
        return Some(Field::Name);
    }
    const TIME: [&str; 5] = ["日期", "时间", "年月日", "年月", "日"];
    const STEPS: [&str; 13] = [
        "登记", "办理", "批准", "准予", "核准", "完成", "证书", "是否", "已", "情况", "标志", "单位", "组织",
    ];
    if has(&["注销", "撤销", "吊销", "取缔", "终止"]) {
        let ends = ["注销", "撤销", "吊销", "取缔", "终止"];
        return rest(&rest(&rest(&rest(bare, &ends), &TIME), &STEPS), &JOINTS).is_empty().then(|| {
            match (bare.contains("注销"), has(&["撤销", "吊销", "取缔"])) {
                (true, false) => Field::Deregistered,
                (false, true) => Field::Revoked,
                _ => Field::Closed,
            }
        });
    }
    let begins = ["登记", "成立", "注册", "设立", "发证", "批准"];
    if has(&TIME) && has(&begins) {
        let steps = ["首次", "初次", "初始", "准予", "核准", "办理", "法人", "组织", "单位", "证书"];
        return rest(&rest(&rest(&rest(bare, &begins), &TIME), &steps), &JOINTS)
            .is_empty()
            .then_some(Field::Registered);
    }
    if bare.contains("状态") && !has(&["年检", "年审", "检查"]) {
        let of = ["状态", "登记", "注册", "存续", "当前", "目前", "运行", "管理"];
        return rest(&rest(bare, &of), &WHOSE).is_empty().then_some(Field::Status);
    }
    let inspected = [
        "年度检查",
        "年检",
        "年审",
        "检查",
        "审查",
        "参检",
        "年报",
        "填报",
        "报告",
        "所属",
        "统计",
        "最终",
        "评定",
        "年度",
    ];
    if has(&["年度", "年份"])
        && made_of(&["填报", "报告", "所属", "统计", "年检", "年审", "检查", "参检", "年度", "年份"])
    {
        return Some(Field::Year);
    }
    let results = ["结论", "结果", "等次", "情况", "意见", "状态", "等级"];
    if has(&results) && has(&["年检", "年审", "检查", "审查", "参检"]) {
        return rest(&rest(&rest(bare, &results), &inspected), &JOINTS)
            .is_empty()
            .then_some(Field::Conclusion);
    }
    None
}

/// The year of a header such as 2023, 2023年, 23年, FY2023, 2023年度年检结论, conclusion_2023.
fn year_column(bare: &str) -> Option<i16> {
    let start = bare.find(|c: char| c.is_ascii_digit())?;
    let length = bare[start..].bytes().take_while(u8::is_ascii_digit).count();
    let number: i16 = bare[start..start + length].parse().ok()?;
    let after = &bare[start + length..];
    let year = match length {
        4 => number,
        // Two digits are a year only where the word says so.
        2 if after.starts_with('年') => super::dates::century(i32::from(number)) as i16,
        _ => return None,
    };
    const WORDS: [&str; 22] = [
        "年度",
        "年检",
        "年审",
        "年报",
        "参检",
        "参加",
        "检查",
        "审查",
        "最终",
        "结论",
        "结果",
        "情况",
        "状况",
        "等次",
        "等级",
        "意见",
        "年",
        "conclusion",
        "result",
        "inspection",
        "year",
        "fy",
    ];
    let left = rest(&format!("{}\u{1}{after}", &bare[..start]), &WORDS);
    (matches!(left.as_str(), "\u{1}" | "y\u{1}") && (1980..2200).contains(&year)).then_some(year)
}

/// Whether a header that names no field still speaks of registration, closing or inspection: then it is told.
pub fn is_of_interest(header: &str) -> bool {
    let key = key(header);
    let has = |words: &[&str]| words.iter().any(|w| key.contains(w));
    has(&["注销", "撤销", "吊销", "取缔", "终止", "解散", "年检", "年审", "参检", "结论", "合格", "信用代码"])
        || (has(&["日期", "时间", "状态"]) && has(&["登记", "成立", "注册", "设立", "存续"]))
}
