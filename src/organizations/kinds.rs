//! The types of social organizations and the conclusions of their annual inspection, with the words that people use.

use super::text::{clean, key, nearest};

/// Type of a social organization (社会组织).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[repr(u8)]
pub enum Kind {
    /// 社会团体, codes 51….
    Association = 0,
    /// 民办非企业单位, since the Charity Law 社会服务机构, codes 52….
    ServiceOrganization = 1,
    /// 基金会, codes 53….
    Foundation = 2,
    /// Neither written nor to be had from the code.
    Unknown = 3,
}

impl Kind {
    pub const ALL: [Self; 4] =
        [Self::Association, Self::ServiceOrganization, Self::Foundation, Self::Unknown];

    pub fn name(self) -> &'static str {
        ["association", "service_organization", "foundation", "unknown"][self as usize]
    }
    pub fn label(self) -> &'static str {
        ["社会团体", "民办非企业单位（社会服务机构）", "基金会", "类型不明"][self as usize]
    }
    /// From its number in `ALL`; what is beyond is `Unknown`.
    pub fn from_index(i: u8) -> Self {
        Self::ALL.get(usize::from(i)).copied().unwrap_or(Self::Unknown)
    }
    /// From a word as registers write it.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match key(word).as_str() {
            "社会团体" | "社团" | "社会团体法人" | "协会" | "学会" | "association" | "associations"
            | "社会团体组织" | "51" => Self::Association,
            "民办非企业单位"
            | "民办非企业"
            | "民非"
            | "民非企业"
            | "民办非企业单位法人"
            | "社会服务机构"
            | "社会服务机构法人"
            | "民办非企业单位(社会服务机构)"
            | "社会服务机构(民办非企业单位)"
            | "民办非企业单位(法人)"
            | "民办非企业(法人)"
            | "serviceorganization"
            | "service_organization"
            | "service_organizations"
            | "serviceorganizations"
            | "52" => Self::ServiceOrganization,
            "基金会" | "基金会法人" | "foundation" | "foundations" | "53" => Self::Foundation,
            _ => return None,
        })
    }
    /// The known word nearest to an unknown one.
    pub fn nearest(word: &str) -> Option<&'static str> {
        nearest(word, ["社会团体", "民办非企业单位", "社会服务机构", "基金会"])
    }
    /// What a register may write.
    pub const EXPECTED: &str = "社会团体、民办非企业单位（社会服务机构）、基金会";
}

/// Conclusion of one year's inspection (年检结论), or what stands in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[repr(u8)]
pub enum Conclusion {
    Qualified = 0,
    BasicallyQualified = 1,
    Unqualified = 2,
    Absent = 3,
    Exempt = 4,
}

impl Conclusion {
    pub const ALL: [Self; 5] =
        [Self::Qualified, Self::BasicallyQualified, Self::Unqualified, Self::Absent, Self::Exempt];

    pub fn name(self) -> &'static str {
        ["qualified", "basically_qualified", "unqualified", "absent", "exempt"][self as usize]
    }
    pub fn label(self) -> &'static str {
        ["合格", "基本合格", "不合格", "未参检", "免检"][self as usize]
    }
    pub fn from_index(i: u8) -> Option<Self> {
        Self::ALL.get(usize::from(i)).copied()
    }
    /// From a word as registers write it; `年检` before it and `。` after it are ignored.
    pub fn parse(word: &str) -> Option<Self> {
        let key = key(word);
        // As spreadsheets keep a text that must not change: ="合格".
        let key = key.trim_matches(|c: char| matches!(c, '=' | '"' | '\'' | '“' | '”'));
        let mut bare = key.trim_end_matches(['。', '.', ';', '；']);
        for prefix in ["年度检查", "年检", "年审", "结论", ":", "："] {
            bare = bare.strip_prefix(prefix).unwrap_or(bare);
        }
        Some(match bare {
            "合格" | "通过" | "qualified" | "pass" | "passed" => Self::Qualified,
            "基本合格" | "基本通过" | "basicallyqualified" | "basically_qualified" | "basicallyqualify" => {
                Self::BasicallyQualified
            }
            "不合格" | "未通过" | "不通过" | "unqualified" | "fail" | "failed" | "notqualified" => {
                Self::Unqualified
            }
            "未参检"
            | "未参加"
            | "未参加年检"
            | "未年检"
            | "未检"
            | "缺检"
            | "未参加检查"
            | "未参加年度检查"
            | "不参检"
            | "不参加年检"
            | "未按时参检"
            | "未按规定参检"
            | "逾期未检"
            | "逾期未参检"
            | "逾期未年检"
            | "未报送"
            | "未参检单位"
            | "未参审"
            | "未参加年审"
            | "未报送年报"
            | "未参加年度检查的"
            | "absent" => Self::Absent,
            "免检" | "免于年检" | "免予年检" | "免年检" | "免于检查" | "不需年检" | "无需年检"
            | "不应参检" | "免参检" | "当年免检" | "新登记免检" | "exempt" | "exempted" => {
                Self::Exempt
            }
            _ => return None,
        })
    }
    pub fn nearest(word: &str) -> Option<&'static str> {
        let word = clean(word);
        let plain = without_brackets(&word);
        // Words with a remark: 合格（整改后）.
        Self::parse(&plain).map(Self::label).or_else(|| nearest(&plain, Self::ALL.map(Self::label)))
    }
    pub const EXPECTED: &str = "合格、基本合格、不合格、未参检、免检";
}

/// The text without what stands in brackets.
pub(super) fn without_brackets(text: &str) -> String {
    let mut depth = 0usize;
    text.chars()
        .filter(|c| {
            match c {
                '(' | '（' => depth += 1,
                ')' | '）' => {
                    depth = depth.saturating_sub(1);
                    return false;
                }
                _ => {}
            }
            depth == 0
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_use_are_known() {
        for (word, want) in [
            ("合格", Conclusion::Qualified),
            ("年检合格", Conclusion::Qualified),
            ("基本合格。", Conclusion::BasicallyQualified),
            ("年检不合格", Conclusion::Unqualified),
            ("逾期未参检", Conclusion::Absent),
            ("免于年检", Conclusion::Exempt),
            ("Basically qualified", Conclusion::BasicallyQualified),
        ] {
            assert_eq!(Conclusion::parse(word), Some(want), "{word}");
        }
        assert_eq!(Conclusion::parse("合格吗"), None);
        assert_eq!(Conclusion::nearest("基合格"), Some("基本合格"));
        assert_eq!(Conclusion::nearest("合格（整改后）"), Some("合格"));
        assert_eq!(Conclusion::nearest("未参检（失联）"), Some("未参检"));
        assert_eq!(Kind::parse("社会服务机构"), Kind::parse("民办非企业单位"));
        assert_eq!(Kind::parse("民办非企业单位（社会服务机构）"), Some(Kind::ServiceOrganization));
        assert_eq!(Kind::nearest("社会团休"), Some("社会团体"));
    }
}
