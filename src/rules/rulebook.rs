//! All rules at hand; lookup by id, place and day.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::rule::{KEYS, Rule, comparable, is_code};
use crate::error::{Error, Problem, Result};
use crate::figures::Entries;
use crate::tables::Table;

/// Rules by id, those of a case before those that are shipped.
#[derive(Debug, Clone, Default)]
pub struct Rulebook {
    rules: BTreeMap<String, Vec<Rule>>,
}

impl Rulebook {
    /// The rules under `data/rules/`.
    pub fn shipped() -> Result<Self> {
        let mut book = Self::default();
        let mut problems = Vec::new();
        for path in crate::assets::list("rules").into_iter().filter(|p| p.ends_with(".toml")) {
            let name = path.rsplit('/').next().unwrap_or(path);
            match Self::parse(crate::assets::text(path).unwrap_or_default(), name) {
                Ok(part) => part.rules.into_values().flatten().for_each(|rule| book.add(rule)),
                Err(error) => problems.extend_from_slice(error.problems()),
            }
        }
        problems.extend(book.overlaps());
        if problems.is_empty() { Ok(book) } else { Err(Error::Case(problems)) }
    }

    /// Reads `[[rule]]` entries; `file` is the name as the user knows it.
    ///
    /// Errors: every unknown key, missing value, bad date, and every two rules of one id and place
    /// whose days overlap, each with its line.
    pub fn parse(text: &str, file: &str) -> Result<Self> {
        let mut entries = Entries::parse(text, file, "rule")?;
        let mut book = Self::default();
        for rule in entries.read(&KEYS, |entry, problems| Rule::read(entry, file, problems)) {
            book.add(rule);
        }
        let mut problems = match entries.finish() {
            Ok(()) => Vec::new(),
            Err(error) => error.problems().to_vec(),
        };
        problems.extend(book.overlaps());
        for list in book.rules.values() {
            problems
                .extend(list.iter().enumerate().filter_map(|(i, rule)| unlike(rule, list.iter().take(i))));
        }
        if problems.is_empty() { Ok(book) } else { Err(Error::Case(problems)) }
    }

    /// Puts a case's rules before these: where a case states a rule for an id that a shipped one
    /// states for the same place or for one around it, it stands in that one's place on the days that
    /// it covers. It must say why, and be counted in the same unit.
    pub fn overridden(mut self, case: Rulebook) -> Result<Self> {
        let mut problems = Vec::new();
        for mut rule in case.rules.into_values().flatten() {
            let list = self.rules.entry(rule.id.clone()).or_default();
            let around = places(&rule.place);
            // the nearest one is what would hold without it
            let replaced =
                around.iter().find_map(|place| list.iter().find(|r| r.place == *place && r.overlaps(&rule)));
            if let Some(shipped) = replaced {
                rule.replaces = format!("{}{}{}", shipped.label, shipped.value.normalize(), shipped.unit);
                if rule.reason.is_empty() {
                    problems.push(
                        Problem::new("this stands in the place of a shipped rule without a reason")
                            .file(&rule.file)
                            .row(rule.line)
                            .column("reason")
                            .value(&rule.id)
                            .expected(format!("reason = \"…\": why not {}", rule.replaces)),
                    );
                }
            }
            problems.extend(unlike(&rule, list.iter()));
            list.insert(0, rule);
        }
        if problems.is_empty() { Ok(self) } else { Err(Error::Case(problems)) }
    }

    /// The rule of an id that holds on a day at a place; the nearest place wins: county,
    /// prefecture, province, nation. `place` is a GB/T 2260 code.
    pub fn lookup(&self, id: &str, place: &str, day: NaiveDate) -> Option<&Rule> {
        let list = self.rules.get(id)?;
        places(place).iter().find_map(|place| list.iter().find(|r| r.place == *place && r.holds_on(day)))
    }

    /// Every rule of an id that holds at a place on some day of a period: the nearest place that
    /// has any, in the order of days.
    pub fn during(&self, id: &str, place: &str, from: NaiveDate, to: NaiveDate) -> Vec<&Rule> {
        let Some(list) = self.rules.get(id) else { return Vec::new() };
        for place in places(place) {
            let mut found: Vec<&Rule> = list
                .iter()
                .filter(|r| {
                    r.place == place && r.valid_from <= to && r.valid_to.is_none_or(|end| end >= from)
                })
                .collect();
            if !found.is_empty() {
                found.sort_by_key(|r| r.valid_from);
                return found;
            }
        }
        Vec::new()
    }

    /// All rules in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.rules.values().flatten()
    }

    /// The ids, in alphabetical order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.rules.keys().map(String::as_str)
    }

    /// id, label, value, unit, place, valid_from, valid_to, source, article, confidence, confirm, reason.
    pub fn table(&self) -> Result<Table> {
        let all: Vec<&Rule> = self.iter().collect();
        Table::builder("规则")
            .note("confidence：primary 见原文，mirror 见转载，transcription 见转录，derived 推算，practice 通行做法")
            .text("id", "编号", all.iter().map(|r| &r.id))
            .text("label", "名称", all.iter().map(|r| &r.label))
            .text("value", "数值", all.iter().map(|r| r.value.normalize().to_string()))
            .text("unit", "单位", all.iter().map(|r| &r.unit))
            .text("place", "地区", all.iter().map(|r| &r.place))
            .text("valid_from", "施行日期", all.iter().map(|r| r.valid_from.to_string()))
            .opt_text("valid_to", "失效日期", all.iter().map(|r| r.valid_to.map(|d| d.to_string())))
            .text("source", "来源", all.iter().map(|r| &r.source))
            .text("article", "条款", all.iter().map(|r| &r.article))
            .text("confidence", "可信程度", all.iter().map(|r| r.confidence.word()))
            .text("confirm", "须由谁确认", all.iter().map(|r| &r.confirm))
            .text("reason", "替换理由", all.iter().map(|r| &r.reason))
            .build()
    }

    fn add(&mut self, rule: Rule) {
        self.rules.entry(rule.id.clone()).or_default().push(rule);
    }

    fn overlaps(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for list in self.rules.values() {
            for (i, rule) in list.iter().enumerate() {
                for earlier in list.iter().take(i).filter(|e| e.place == rule.place && e.overlaps(rule)) {
                    problems.push(
                        Problem::new(format!(
                            "its days overlap those of the rule in {}:{}",
                            earlier.file, earlier.line
                        ))
                        .file(&rule.file)
                        .row(rule.line)
                        .column("valid_from")
                        .value(format!("{} {}", rule.id, rule.valid_from))
                        .expected("one rule of an id, place and day; end the earlier one with valid_to"),
                    );
                }
            }
        }
        problems
    }
}

/// A rule of one id in a unit that the others can't be compared with: it would switch them off and
/// compare nothing.
fn unlike<'a>(rule: &Rule, mut others: impl Iterator<Item = &'a Rule>) -> Option<Problem> {
    let unit = rule.unit();
    let other = others.find(|o| !comparable(&o.unit(), &unit))?;
    let problem = Problem::new(format!("a unit unlike that of the rule in {}:{}", other.file, other.line));
    Some(problem.file(&rule.file).row(rule.line).column("unit").value(&rule.unit).expected(&other.unit))
}

/// County, prefecture, province, nation; the nearest first.
fn places(code: &str) -> Vec<String> {
    let mut all = Vec::new();
    if is_code(code) {
        let [prefecture, province] = [4, 2].map(|n| format!("{:0<6}", code.get(..n).unwrap_or_default()));
        all.extend([code.to_owned(), prefecture, province]);
    }
    all.push("national".to_owned());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn rule(id: &str, place: &str, value: &str, from: &str, to: &str) -> String {
        let to = if to.is_empty() { String::new() } else { format!("valid_to = {to}\n") };
        format!(
            "[[rule]]\nid = \"{id}\"\nlabel = \"x\"\nvalue = \"{value}\"\nunit = \"元/人/月\"\nplace = \"{place}\"\n\
             valid_from = {from}\n{to}source = \"s\"\nconfidence = \"mirror\"\nconfirm = \"c\"\n"
        )
    }

    #[test]
    fn the_floor_of_urban_dibao_rises_in_november_2020() {
        let book = Rulebook::shipped().unwrap();
        let value =
            |date: &str| book.lookup("urban_dibao_floor", "433101", day(date)).map(|r| r.value.to_string());
        assert_eq!(value("2020-10-31").as_deref(), Some("500"));
        assert_eq!(value("2020-11-01").as_deref(), Some("550"));
        assert_eq!(book.during("urban_dibao_floor", "433101", day("2020-01-01"), day("2020-12-31")).len(), 2);
        assert!(book.lookup("urban_dibao_floor", "520000", day("2020-11-01")).is_none());
        assert!(book.lookup("no such rule", "433101", day("2020-11-01")).is_none());
    }

    #[test]
    fn the_nearest_place_wins() {
        let text = ["national", "430000", "433100", "433101"]
            .iter()
            .enumerate()
            .map(|(i, p)| rule("r", p, &i.to_string(), "2020-01-01", ""))
            .collect::<String>();
        let book = Rulebook::parse(&text, "r.toml").unwrap();
        for (place, value) in
            [("433101", 3), ("433122", 2), ("430100", 1), ("110101", 0), ("", 0), ("４３", 0)]
        {
            assert_eq!(book.lookup("r", place, day("2021-01-01")).unwrap().value, value.into(), "{place}");
        }
    }

    #[test]
    fn overlapping_days_are_refused_with_both_lines() {
        let text = rule("r", "national", "1", "2020-01-01", "2020-12-31")
            + &rule("r", "national", "2", "2020-12-31", "");
        let error = Rulebook::parse(&text, "r.toml").unwrap_err();
        assert_eq!(error.problems()[0].row, Some(12));
        assert!(error.to_string().contains("r.toml:1"), "{error}");
        let apart = rule("r", "national", "1", "2020-01-01", "2020-12-31")
            + &rule("r", "national", "2", "2021-01-01", "");
        assert!(Rulebook::parse(&apart, "r.toml").is_ok());
    }

    #[test]
    fn a_case_overrides_and_says_why() {
        let shipped = Rulebook::parse(&rule("r", "433101", "1", "2020-01-01", ""), "a.toml").unwrap();
        let bare = rule("r", "433101", "2", "2021-01-01", "");
        assert!(shipped.clone().overridden(Rulebook::parse(&bare, "case.toml").unwrap()).is_err());
        let told = bare + "reason = \"县民政局2021年文件\"\n";
        let book = shipped.overridden(Rulebook::parse(&told, "case.toml").unwrap()).unwrap();
        assert_eq!(book.lookup("r", "433101", day("2021-06-01")).unwrap().reason, "县民政局2021年文件");
        assert_eq!(book.lookup("r", "433101", day("2020-06-01")).unwrap().value, 1.into());
    }

    #[test]
    fn a_county_in_the_place_of_its_province_says_why_and_is_told() {
        let shipped = Rulebook::parse(&rule("r", "430000", "550", "2020-01-01", ""), "a.toml").unwrap();
        let bare = rule("r", "433101", "530", "2021-01-01", "");
        let error = shipped.clone().overridden(Rulebook::parse(&bare, "case.toml").unwrap()).unwrap_err();
        assert!(error.to_string().contains("550"), "{error}");
        let told = bare.clone() + "reason = \"省厅批复\"\n";
        let book = shipped.clone().overridden(Rulebook::parse(&told, "case.toml").unwrap()).unwrap();
        let cited = book.lookup("r", "433101", day("2021-06-01")).unwrap().cite();
        assert!(cited.contains("代替x550元/人/月，理由：省厅批复"), "{cited}");
        // another province, or days that none covers, replaces nothing
        let elsewhere = rule("r", "520000", "530", "2021-01-01", "");
        let book = shipped.clone().overridden(Rulebook::parse(&elsewhere, "case.toml").unwrap()).unwrap();
        assert!(book.lookup("r", "520000", day("2021-06-01")).unwrap().replaces.is_empty());
        // a unit that nothing can be compared with would switch the rule off
        let odd = told.replace("元/人/月", "个");
        let error = shipped.overridden(Rulebook::parse(&odd, "case.toml").unwrap()).unwrap_err();
        assert_eq!(error.problems()[0].column.as_deref(), Some("unit"));
        assert_eq!(error.problems()[0].expected.as_deref(), Some("元/人/月"));
    }

    #[test]
    fn bad_entries_are_told_with_line_and_expectation() {
        let text = "[[rule]]\nid = \"r\"\nlabel = \"x\"\nvalue = \"many\"\nunit = \"元\"\nplace = \"43\"\nvalid_from = 2020-01-01\nvalid_to = 2019-01-01\nsource = \"s\"\nconfidence = \"sure\"\nconfirm = \"c\"\ncolour = 1\n";
        let error = Rulebook::parse(text, "r.toml").unwrap_err();
        let told: Vec<_> =
            error.problems().iter().map(|p| (p.row.unwrap(), p.column.clone().unwrap())).collect();
        let expected = [(12, "colour"), (4, "value"), (8, "valid_to"), (6, "place"), (10, "confidence")];
        assert_eq!(told, expected.map(|(r, c)| (r, c.to_owned())));
    }
}
