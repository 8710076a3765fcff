//! Words that divide a whole without overlap: 公办 and 民办, 城市 and 农村. Parts that are named by words
//! of one class are meant to make the total; 女 and 大专以上 are not.

/// Each class with its words; a word of one character must be the label or its start before 级.
const CLASSES: [&[&str]; 21] = [
    &["公办", "民办", "公建民营", "公建公营"],
    &["城市", "城镇", "农村", "乡村", "城区"],
    &["男", "女"],
    &["镇", "乡", "街道", "办事处", "街道办事处"],
    &["县", "镇", "村", "乡", "市", "社区"],
    &["行政村", "建制村", "城市社区", "农村社区", "村", "社区", "居委会", "村委会"],
    &["集中", "分散", "散居", "机构"],
    &["行政编", "事业编", "参公", "工勤"],
    &[
        "中央",
        "省",
        "市",
        "县",
        "州",
        "区",
        "社会资本",
        "社会投资",
        "自筹",
        "财政",
        "债券",
        "福彩",
        "公益金",
        "银行",
        "贷款",
    ],
    &["社会团体", "民办非企业", "社会服务机构", "基金会"],
    &["结婚", "离婚"],
    &["新建", "改建", "扩建", "改扩建", "续建", "新增", "提质改造", "改造"],
    &["一期", "二期", "三期"],
    &["地上", "地下"],
    &["一级", "二级", "三级", "四级"],
    &["捐款", "物资", "捐物"],
    &["村民委员会", "居民委员会"],
    &["就读", "未就读"],
    &["完全失能", "部分失能", "完全自理", "自理", "半失能", "失能"],
    &["党员", "非党员", "群众"],
    &["合格", "基本合格", "不合格", "未参检"],
];

fn says(label: &str, word: &str) -> bool {
    if word.chars().count() > 1 {
        return label.contains(word);
    }
    label == word
        || label.strip_prefix(word).is_some_and(|rest| rest.starts_with('级') || rest.starts_with('本'))
}

/// What a label says besides 其中 and its like.
fn bare(label: &str) -> &str {
    label.trim_start_matches("其中").trim_start_matches(['：', ':', '有', '为', '含'])
}

/// Whether the labels divide one whole: all years, or words of one class, each another.
pub(super) fn divide(labels: &[&str]) -> bool {
    if labels.len() < 2 {
        return false;
    }
    let labels: Vec<&str> = labels.iter().map(|l| bare(l)).collect();
    years(&labels)
        || CLASSES.iter().any(|class| {
            let mut seen = Vec::new();
            labels.iter().all(|label| {
                // the longest word that the label says: 半失能 before 失能
                let word = class.iter().filter(|w| says(label, w)).max_by_key(|w| w.len());
                word.is_some_and(|w| {
                    let new = !seen.contains(w);
                    seen.push(*w);
                    new
                })
            })
        })
}

/// 2016年, 2017年 …: each year another.
pub(super) fn years(labels: &[&str]) -> bool {
    let year = |label: &&str| {
        let digits: String = bare(label).chars().take(4).collect();
        let all = digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit());
        (all && bare(label).get(4..).is_some_and(|r| r.starts_with('年')))
            .then(|| digits.parse::<u32>().ok())
            .flatten()
    };
    let read: Option<Vec<u32>> = labels.iter().map(year).collect();
    read.is_some_and(|y| y.len() > 1 && y.windows(2).all(|w| w[0] < w[1]))
}

/// Words for where money comes from.
pub(super) fn is_funding(label: &str) -> bool {
    const FROM: [&str; 14] = [
        "中央",
        "省级",
        "市级",
        "县级",
        "州级",
        "财政",
        "自筹",
        "社会资本",
        "社会投资",
        "债券",
        "福彩",
        "公益金",
        "配套",
        "资金",
    ];
    FROM.iter().any(|w| label.contains(w))
}

/// Words for one of several things that a project's money buys: no price of the whole.
pub(super) fn is_component(label: &str) -> bool {
    const OF: [&str; 14] = [
        "设备",
        "装修",
        "土建",
        "室外",
        "配套",
        "主体工程",
        "购置",
        "平台开发",
        "终端",
        "运行维护",
        "征地",
        "附属",
        "消防",
        "绿化",
    ];
    OF.iter().any(|w| label.contains(w))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_divides_a_whole() {
        for labels in [
            &["其中镇级", "村级"][..],
            &["镇", "乡"],
            &["其中行政编制", "事业编制"],
            &["其中集中供养", "分散供养"],
            &["其中2016年", "2017年", "2018年"],
            &["其中社会团体", "民办非企业单位", "基金会"],
            &["中央资金", "省级资金", "县级资金"],
        ] {
            assert!(divide(labels), "{labels:?}");
        }
        for labels in [
            &["其中护理型床位", "失智专区床位"][..],
            &["其中女党员", "大专以上学历", "35岁以下"],
            &["其中残疾人", "老年人"],
            &["其中城市", "城市"],
        ] {
            assert!(!divide(labels), "{labels:?}");
        }
    }
}
