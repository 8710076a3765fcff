//! Units with conversion to base units: 元, 人, ㎡, m, a share; counters stay what they are.

use super::Exact;

/// What a unit measures, with the factor that carries a value to base units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Base name of what is counted: `元`, `㎡`, `m`, `比例`, `个`, `人` …; empty for a bare number.
    of: String,
    /// Base names of what it is per, in alphabetical order, so that 元/人/月 = 元/月/人.
    per: Vec<String>,
    factor: Exact,
    scaled: bool,
}

/// Scale words that stand before a unit name, the longest first.
const SCALES: [(&str, i128); 8] = [
    ("万亿", 1_000_000_000_000),
    ("千万", 10_000_000),
    ("百万", 1_000_000),
    ("十万", 100_000),
    ("亿", 100_000_000),
    ("万", 10_000),
    ("千", 1_000),
    ("百", 100),
];

/// name, base name, factor (numerator, denominator)
const NAMES: [(&str, &str, i128, i128); 38] = [
    ("元", "元", 1, 1),
    ("人民币", "元", 1, 1),
    ("角", "元", 1, 10),
    ("分", "元", 1, 100),
    ("㎡", "㎡", 1, 1),
    ("m²", "㎡", 1, 1),
    ("m^2", "㎡", 1, 1),
    ("m2", "㎡", 1, 1),
    ("平方米", "㎡", 1, 1),
    ("平米", "㎡", 1, 1),
    ("亩", "㎡", 2000, 3),
    ("公顷", "㎡", 10_000, 1),
    ("平方公里", "㎡", 1_000_000, 1),
    ("平方千米", "㎡", 1_000_000, 1),
    ("km²", "㎡", 1_000_000, 1),
    ("m", "m", 1, 1),
    ("米", "m", 1, 1),
    ("公里", "m", 1000, 1),
    ("千米", "m", 1000, 1),
    ("km", "m", 1000, 1),
    ("里", "m", 500, 1),
    ("%", "比例", 1, 100),
    ("‰", "比例", 1, 1000),
    ("比例", "比例", 1, 1),
    ("成", "比例", 1, 10),
    ("百分点", "百分点", 1, 1),
    ("个百分点", "百分点", 1, 1),
    ("千分点", "百分点", 1, 10),
    ("个千分点", "百分点", 1, 10),
    ("名", "人", 1, 1),
    ("位", "人", 1, 1),
    ("人", "人", 1, 1),
    ("口", "人", 1, 1),
    ("人次", "人次", 1, 1),
    ("岁", "岁", 1, 1),
    ("分钟", "分钟", 1, 1),
    ("小时", "分钟", 60, 1),
    ("元整", "元", 1, 1),
];

/// Counters of things; they count alike, so 9 处 at 500 万元/个 is an amount.
const COUNTERS: [&str; 22] = [
    "个", "所", "处", "家", "座", "栋", "套", "间", "项", "件", "站", "幢", "台", "支", "条", "块", "孔",
    "组", "批", "辆", "层", "份",
];

impl Unit {
    /// Reads any unit; what is not known is a counter of its own name. Never fails.
    pub fn parse(text: &str) -> Self {
        let clean: String = text.chars().filter(|c| !c.is_whitespace()).map(half_width).collect();
        let clean = clean.split(['(', '（']).next().unwrap_or_default();
        let mut parts = clean.split('/');
        let (of, mut factor, mut scaled) = name(parts.next().unwrap_or_default());
        let mut per: Vec<String> = Vec::new();
        for part in parts {
            let (below, below_factor, below_scaled) = name(part);
            // a scale below the line (每万人) divides
            factor /= below_factor;
            scaled |= below_scaled;
            if !below.is_empty() {
                per.push(below);
            }
        }
        per.sort_unstable();
        Self { of, per, factor, scaled }
    }

    /// Base units in one of these: 10,000 for 万元, 2000/3 for 亩, 1/100 for %.
    pub fn factor(&self) -> Exact {
        self.factor
    }

    /// Whether a scale word or a conversion stands between the print and the base, so that an
    /// integer is a rounded one.
    pub fn is_scaled(&self) -> bool {
        self.scaled
    }

    /// The same without scale.
    #[must_use]
    pub fn base(&self) -> Self {
        Self { of: self.of.clone(), per: self.per.clone(), factor: Exact::from_integer(1), scaled: false }
    }

    /// An amount of money, not a rate of it.
    pub fn is_money(&self) -> bool {
        self.of == "元" && self.per.is_empty()
    }

    /// Money per something: 元/个, 元/人/年.
    pub fn is_money_rate(&self) -> bool {
        self.of == "元" && !self.per.is_empty()
    }

    pub fn is_share(&self) -> bool {
        self.of == "比例"
    }

    pub fn is_points(&self) -> bool {
        self.of == "百分点"
    }

    pub fn is_area(&self) -> bool {
        self.of == "㎡" && self.per.is_empty()
    }

    /// Beds, by the counter that Chinese keeps for them.
    pub fn is_beds(&self) -> bool {
        self.of == "张" && self.per.is_empty()
    }

    /// A plain count of things or persons.
    pub fn is_count(&self) -> bool {
        self.per.is_empty()
            && !matches!(
                self.of.as_str(),
                "" | "元"
                    | "㎡"
                    | "m"
                    | "比例"
                    | "百分点"
                    | "岁"
                    | "分钟"
                    | "年"
                    | "月"
                    | "日"
                    | "号"
                    | "A"
            )
    }

    pub fn of(&self) -> &str {
        &self.of
    }

    pub fn per(&self) -> &[String] {
        &self.per
    }

    /// Whether values in the two may be added and compared: 万元 and 亿元, 个 and 处, 名 and 人.
    pub fn adds_to(&self, other: &Unit) -> bool {
        same(&self.of, &other.of)
            && self.per.len() == other.per.len()
            && self.per.iter().zip(&other.per).all(|(a, b)| same(a, b))
    }

    /// A key that two units share where and only where they add: counters are one.
    pub fn kind(&self) -> String {
        let one = |n: &String| if is_counter(n) { "个".to_owned() } else { n.clone() };
        let per = self.per.iter().map(|n| format!("/{}", one(n))).collect::<String>();
        one(&self.of) + &per
    }

    /// A counter of things by itself: 个, 所, 处.
    pub fn is_counter(&self) -> bool {
        self.per.is_empty() && is_counter(&self.of)
    }

    /// An amount per one thing built or bought: 元/个, 张/个, not 元/人/月.
    pub fn is_each(&self) -> bool {
        matches!(self.per.as_slice(), [one] if is_counter(one))
    }

    /// Product of units, cancelling counters: 个 × 元/个 = 元, 张/个 × 个 = 张, 人 × 元/人/年 = 元/年.
    #[must_use]
    pub fn times(&self, other: &Unit) -> Unit {
        let mut of: Vec<String> =
            [&self.of, &other.of].into_iter().filter(|n| !n.is_empty()).cloned().collect();
        let mut per = Vec::new();
        for below in self.per.iter().chain(&other.per) {
            match of.iter().position(|above| same(above, below)) {
                Some(i) => {
                    of.remove(i);
                }
                None => per.push(below.clone()),
            }
        }
        // a share is a bare factor; so is a counter that multiplies something already counted
        if of.len() > 1 {
            of.retain(|n| n != "比例" && n != "倍");
        }
        if of.len() > 1 {
            of.retain(|n| !is_counter(n));
        }
        per.sort_unstable();
        Unit { of: of.join("·"), per, factor: Exact::from_integer(1), scaled: false }
    }
}

impl std::fmt::Display for Unit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.of)?;
        self.per.iter().try_for_each(|below| write!(f, "/{below}"))
    }
}

fn is_counter(name: &str) -> bool {
    COUNTERS.contains(&name)
}

fn same(a: &str, b: &str) -> bool {
    a == b || (is_counter(a) && is_counter(b))
}

fn half_width(c: char) -> char {
    match c {
        '％' => '%',
        '／' => '/',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

/// The scale word of a printed unit: 10,000 for 万元; 1 where it has none (千米 is a unit by itself).
pub(super) fn scale_of(of: &str) -> i64 {
    if known(of).is_some() {
        return 1;
    }
    let scale = SCALES.iter().find(|(word, _)| of.starts_with(word));
    scale.and_then(|(_, s)| i64::try_from(*s).ok()).unwrap_or(1)
}

fn known(text: &str) -> Option<(String, Exact)> {
    NAMES.iter().find(|n| n.0 == text).map(|n| (n.1.to_owned(), Exact::new(n.2, n.3)))
}

/// Base name, factor and whether the print is scaled, of one component.
fn name(text: &str) -> (String, Exact, bool) {
    if let Some((base, factor)) = known(text) {
        let scaled = factor != Exact::from_integer(1);
        return (base, factor, scaled);
    }
    for (word, scale) in SCALES {
        if let Some(rest) = text.strip_prefix(word) {
            let (base, factor) = known(rest).unwrap_or_else(|| (rest.to_owned(), Exact::from_integer(1)));
            return (base, factor * Exact::from_integer(scale), true);
        }
    }
    (text.to_owned(), Exact::from_integer(1), false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_unit_are_one() {
        for other in ["m²", "平方米", "平米", "m^2", "ｍ²"] {
            assert!(Unit::parse("㎡").adds_to(&Unit::parse(other)), "{other}");
        }
        assert!(Unit::parse("元/人/月").adds_to(&Unit::parse("元/月/人")));
        assert_eq!(Unit::parse("亩").factor() * Exact::from_integer(300), Exact::from_integer(200_000));
        assert_eq!(Unit::parse("万人次").factor(), Exact::from_integer(10_000));
        assert_eq!(Unit::parse("人/万人").factor(), Exact::new(1, 10_000));
    }

    #[test]
    fn what_cannot_be_added() {
        for (a, b) in [("元", "人"), ("%", "百分点"), ("人", "人次"), ("元", "元/个"), ("张", "个")]
        {
            assert!(!Unit::parse(a).adds_to(&Unit::parse(b)), "{a} {b}");
        }
        assert!(Unit::parse("万元").adds_to(&Unit::parse("亿元")));
        assert!(Unit::parse("所").adds_to(&Unit::parse("处")));
    }

    #[test]
    fn products_cancel() {
        let times = |a: &str, b: &str| Unit::parse(a).times(&Unit::parse(b)).to_string();
        assert_eq!(times("个", "元/个"), "元");
        assert_eq!(times("处", "元/个"), "元");
        assert_eq!(times("张/个", "个"), "张");
        assert_eq!(times("人", "元/人/年"), "元/年");
        assert_eq!(times("倍", "元/人/年"), "元/人/年");
        assert_eq!(times("比例", "个"), "个");
    }
}
