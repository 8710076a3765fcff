//! The series that the library carries: national caseloads and standards, one prefecture, and the
//! breaks that are documented, each with its source.

use crate::error::{Error, Problem, Result};
use crate::tables::Table;

/// A published figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    pub area: String,
    pub indicator: String,
    pub label: String,
    pub year: i64,
    pub value: f64,
    pub unit: String,
    pub source: String,
    /// P primary, M press or mirror, T transcription.
    pub grade: String,
}

/// A break that is known: the first year of the new regime, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Documented {
    pub indicator: String,
    pub year: i64,
    pub reason: String,
    pub source: String,
}

/// Every published figure of `data/standards`, by area, indicator and year as they stand there.
pub fn published() -> Result<Vec<Published>> {
    let mut all = Vec::new();
    for (file, own_area) in [("national_series.csv", Some("全国")), ("prefecture_series.csv", None)] {
        for (i, row) in rows(file)?.into_iter().enumerate() {
            let skip = if own_area.is_some() { 0 } else { 2 };
            let bad = || unreadable(file, i + 2);
            let cell = |k: usize| row.get(skip + k).cloned().ok_or_else(bad);
            all.push(Published {
                area: own_area.map_or_else(|| row.first().cloned().ok_or_else(bad), |a| Ok(a.to_owned()))?,
                indicator: cell(0)?,
                label: cell(1)?,
                year: cell(2)?.parse().map_err(|_| bad())?,
                value: cell(3)?.parse().map_err(|_| bad())?,
                unit: cell(4)?,
                source: cell(5)?,
                grade: cell(6)?,
            });
        }
    }
    Ok(all)
}

/// The documented breaks of `data/standards/series_breaks.csv`.
pub fn documented() -> Result<Vec<Documented>> {
    let file = "series_breaks.csv";
    rows(file)?
        .into_iter()
        .enumerate()
        .map(|(i, row)| match <[String; 4]>::try_from(row) {
            Ok([indicator, year, reason, source]) => {
                let year = year.parse().map_err(|_| unreadable(file, i + 2))?;
                Ok(Documented { indicator, year, reason, source })
            }
            Err(_) => Err(unreadable(file, i + 2)),
        })
        .collect()
}

/// What there is: indicator, label, area, unit, first and last year, values.
pub fn contents() -> Result<Table> {
    let all = published()?;
    let mut groups: Vec<Vec<&Published>> = Vec::new();
    for p in &all {
        match groups.iter_mut().find(|g| g[0].indicator == p.indicator && g[0].area == p.area) {
            Some(group) => group.push(p),
            None => groups.push(vec![p]),
        }
    }
    let years = |g: &Vec<&Published>| {
        g.iter().map(|p| p.year).fold((i64::MAX, i64::MIN), |(a, b), y| (a.min(y), b.max(y)))
    };
    Table::builder("随库序列")
        .text("indicator", "指标", groups.iter().map(|g| g[0].indicator.as_str()))
        .text("label", "名称", groups.iter().map(|g| g[0].label.as_str()))
        .text("area", "地区", groups.iter().map(|g| g[0].area.as_str()))
        .text("unit", "单位", groups.iter().map(|g| g[0].unit.as_str()))
        .int("first_year", "首年", "", groups.iter().map(|g| years(g).0))
        .int("last_year", "末年", "", groups.iter().map(|g| years(g).1))
        .int("values", "年数", "", groups.iter().map(|g| g.len() as i64))
        .build()
}

/// A series year by year: year, value (null in a year without a figure), source, grade.
pub fn series_table(indicator: &str, area: &str) -> Result<Table> {
    let mut of: Vec<Published> =
        published()?.into_iter().filter(|p| p.indicator == indicator && p.area == area).collect();
    of.sort_by_key(|p| p.year);
    let (Some(first), Some(last)) = (of.first(), of.last()) else {
        return Err(no_such(&published()?, indicator, area));
    };
    let at = |year: i64| of.iter().find(|p| p.year == year);
    let years = || first.year..=last.year;
    Table::builder(format!("{}（{}）", first.label, first.area))
        .note("grade：P为原始公报，M为转载，T为转录")
        .int("year", "年份", "", years())
        .opt_float("value", &first.label, &first.unit, years().map(|y| at(y).map(|p| p.value)))
        .opt_text("source", "来源", years().map(|y| at(y).map(|p| p.source.as_str())))
        .opt_text("grade", "来源级别", years().map(|y| at(y).map(|p| p.grade.as_str())))
        .build()
}

/// The names that there are: areas of a known indicator, else the indicators of the area, else all of both.
fn no_such(all: &[Published], indicator: &str, area: &str) -> Error {
    let listed = |names: Vec<&str>| {
        let mut names = names;
        names.sort_unstable();
        names.dedup();
        format!("one of {}", names.join(", "))
    };
    let areas: Vec<&str> = all.iter().filter(|p| p.indicator == indicator).map(|p| p.area.as_str()).collect();
    if !areas.is_empty() {
        let problem = Problem::new(format!("the library carries no {indicator:?} of this area"));
        return Error::data(problem.column("area").value(area).expected(listed(areas)));
    }
    let known = all.iter().any(|p| p.area == area);
    let there = all.iter().filter(|p| !known || p.area == area).map(|p| p.indicator.as_str()).collect();
    let problem = Problem::new("the library carries no such series").column("indicator").value(indicator);
    Error::data(problem.expected(listed(there)))
}

/// Documented breaks of a series: position in [`series_table`], year, reason, source. None for a series
/// without one; a series that the library does not carry is told.
pub fn breaks_table(indicator: &str, area: &str) -> Result<Table> {
    let all = published()?;
    let years = || all.iter().filter(|p| p.indicator == indicator && p.area == area).map(|p| p.year);
    let (first, last) = (years().min(), years().max());
    if first.is_none() {
        return Err(no_such(&all, indicator, area));
    }
    let mut of: Vec<Documented> = documented()?
        .into_iter()
        .filter(|d| {
            d.indicator == indicator && first.is_some_and(|f| d.year > f) && last.is_some_and(|l| d.year <= l)
        })
        .collect();
    of.sort_by_key(|d| d.year);
    Table::builder("已知断点")
        .int("position", "位置", "", of.iter().map(|d| d.year - first.unwrap_or(0)))
        .int("year", "年份", "", of.iter().map(|d| d.year))
        .text("reason", "原因", of.iter().map(|d| d.reason.as_str()))
        .text("source", "依据", of.iter().map(|d| d.source.as_str()))
        .build()
}

fn rows(file: &str) -> Result<Vec<Vec<String>>> {
    let text = crate::assets::text(&format!("standards/{file}")).ok_or_else(|| unreadable(file, 1))?;
    csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_reader(text.as_bytes())
        .records()
        .enumerate()
        .map(|(i, r)| r.map(|r| r.iter().map(str::to_owned).collect()).map_err(|_| unreadable(file, i + 2)))
        .collect()
}

fn unreadable(file: &str, row: usize) -> Error {
    Error::model(Problem::new("a table of the library cannot be read").file(file).row(row))
}
