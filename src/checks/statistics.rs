//! Checks of a statistical table: sums by the numbering of its rows, 其中, growth rates, cumulative
//! series, codes that a spreadsheet has turned into powers of ten. Findings give cell addresses.
//!
//! Tolerance: n parts and their total, each rounded to u, may differ by (n+1)·u/2; u is the last
//! place that any of them prints. A growth rate holds where some values within the printed places of
//! both years and of the rate itself make it.

use num_traits::{CheckedAdd, CheckedDiv, CheckedMul, CheckedSub, Signed, Zero};
use rust_decimal::Decimal;

use super::finding::sort;
use super::{Finding, Verdict};
use crate::error::{Error, Problem, Result};
use crate::figures::{Exact, Span, from_decimal, plain};
use crate::tables::Input;

/// A number of the table with its printed precision.
#[derive(Clone)]
struct Cell {
    value: Exact,
    half: Exact,
    text: String,
    at: String,
}

impl Cell {
    fn span(&self) -> Option<Span> {
        Some(Span { lo: self.value.checked_sub(&self.half)?, hi: Some(self.value.checked_add(&self.half)?) })
    }
}

struct Row {
    label: String,
    /// Level of its numbering: 0 for a total, 1 for 一、, 2 for （一） …; `None` where it has none.
    level: Option<usize>,
    subset: bool,
    cells: Vec<Option<Cell>>,
    unit: String,
}

struct Sheet {
    rows: Vec<Row>,
    columns: Vec<String>,
}

/// Checks one table; the first text column names the indicators.
///
/// Errors: `Error::Data` where no column names the rows or none holds numbers.
pub fn check_table(input: &Input) -> Result<Vec<Finding>> {
    let mut findings = broken_codes(input)?;
    let sheet = read(input)?;
    for column in 0..sheet.columns.len() {
        if growth_kind(&sheet.columns[column]).is_none() {
            findings.extend(sums(&sheet, column));
        }
    }
    findings.extend(growth(&sheet));
    sort(&mut findings, |_| 0);
    Ok(findings)
}

/// 1 → A, 27 → AA.
fn letters(mut column: usize) -> String {
    let mut text = String::new();
    loop {
        let letter = u8::try_from(column % 26).unwrap_or(0) + b'A';
        text.insert(0, char::from(letter));
        if column < 26 {
            return text;
        }
        column = column / 26 - 1;
    }
}

/// The address of a cell; rows of a table from memory count from 1 without a header.
fn address(input: &Input, row: usize, column: usize) -> String {
    format!("{}{}", letters(column), input.row(row))
}

/// A printed number: thousands, full width and a trailing % allowed.
fn number(text: &str) -> Option<(Decimal, bool)> {
    let clean: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, ',' | '，')).collect();
    let percent = clean.ends_with(['%', '％']);
    let digits = clean.trim_end_matches(['%', '％']);
    let plain = !digits.is_empty()
        && digits.trim_start_matches(['-', '−', '+']).bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let value: Decimal =
        plain.then(|| digits.replace('−', "-").trim_start_matches('+').parse().ok()).flatten()?;
    (value.abs() < Decimal::from(10_000_000_000_000_i64) && value.scale() <= 9).then_some((value, percent))
}

fn read(input: &Input) -> Result<Sheet> {
    let names = input.table.column_names();
    let texts: Vec<Vec<Option<String>>> =
        (0..names.len()).map(|i| input.table.column_texts(i)).collect::<Result<_>>()?;
    let filled = |t: &Vec<Option<String>>| t.iter().flatten().filter(|v| !v.trim().is_empty()).count();
    let numeric = |t: &Vec<Option<String>>| t.iter().flatten().filter(|v| number(v).is_some()).count();
    let is_code = |name: &str| ["代码", "code", "编码", "序号", "行次"].iter().any(|w| name.contains(w));
    let label =
        (0..names.len()).find(|i| filled(&texts[*i]) > 0 && numeric(&texts[*i]) == 0 && !is_code(&names[*i]));
    let unit = (0..names.len()).find(|i| names[*i].contains("单位") || names[*i] == "unit");
    let values: Vec<usize> = (0..names.len())
        .filter(|i| Some(*i) != label && Some(*i) != unit && !is_code(&names[*i]))
        .filter(|i| numeric(&texts[*i]) * 2 > filled(&texts[*i]) && !is_year(&names[*i]))
        .collect();
    let Some(label) = label.filter(|_| !values.is_empty()) else {
        let problem = Problem::new("not a statistical table").value(names.join(", "));
        return Err(Error::data(
            problem.expected("a column that names the indicators, and columns of numbers"),
        ));
    };
    let places = |c: usize| {
        texts[c].iter().flatten().filter_map(|t| number(t)).map(|n| n.0.scale()).max().unwrap_or(0)
    };
    let scales: Vec<u32> = values.iter().map(|c| places(*c)).collect();
    let rows = (0..input.table.num_rows())
        .map(|r| {
            let words = texts[label][r].clone().unwrap_or_default();
            let cell = |(c, scale): (&usize, &u32)| {
                let text = texts[*c][r].as_ref()?;
                let (value, _) = number(text)?;
                let exact = from_decimal(value);
                // a column with decimals rounds to them; whole numbers are counts
                let half = if *scale == 0 { Exact::zero() } else { Exact::new(1, 2 * 10_i128.pow(*scale)) };
                Some(Cell { value: exact, half, text: text.trim().to_owned(), at: address(input, r, *c) })
            };
            Row {
                level: level(&words),
                subset: words.contains("其中") || words.trim_start().starts_with('#'),
                cells: values.iter().zip(&scales).map(cell).collect(),
                unit: unit.and_then(|u| texts[u][r].clone()).unwrap_or_default(),
                label: bare(&words),
            }
        })
        .collect();
    Ok(Sheet { rows, columns: values.iter().map(|c| names[*c].clone()).collect() })
}

fn is_year(name: &str) -> bool {
    matches!(name, "年份" | "year" | "年度")
}

/// The level that a row's numbering gives: 合计, then 一、, （一）, 1., （1）, A.
fn level(label: &str) -> Option<usize> {
    let text = label.trim().trim_start_matches(['#', '*']);
    let first = text.chars().next()?;
    let chinese = |c: char| "一二三四五六七八九十".contains(c);
    let closes = |marks: &[char]| {
        text.chars().find(|c| !(chinese(*c) || c.is_ascii_digit())).is_some_and(|c| marks.contains(&c))
    };
    let inner = text.strip_prefix(['（', '(']).and_then(|t| t.chars().next());
    match (first, inner) {
        _ if ["合计", "总计", "总 计", "合 计"].iter().any(|w| text.starts_with(w)) => Some(0),
        (c, _) if chinese(c) && closes(&['、']) => Some(1),
        (_, Some(c)) if chinese(c) => Some(2),
        (c, _) if c.is_ascii_digit() && closes(&['.', '、', '．']) => Some(3),
        (_, Some(c)) if c.is_ascii_digit() => Some(4),
        (c, _) if c.is_ascii_uppercase() && text.chars().nth(1).is_some_and(|c| matches!(c, '.' | '、')) => {
            Some(5)
        }
        _ => None,
    }
}

fn bare(label: &str) -> String {
    label.trim().to_owned()
}

/// Each numbered row against the rows one level below it; 合计 against the top level; 其中 within.
fn sums(sheet: &Sheet, column: usize) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (i, row) in sheet.rows.iter().enumerate() {
        let Some(total) = row.cells[column].as_ref() else { continue };
        let mut parts: Vec<&Cell> = Vec::new();
        let mut below: Option<usize> = None;
        let is_total = row.level == Some(0) || ["合计", "总计"].iter().any(|w| row.label.starts_with(w));
        for next in sheet.rows.iter().skip(i + 1) {
            let deeper = match (row.level, next.level) {
                (Some(a), Some(b)) => b > a,
                (Some(_), None) => true,
                _ => break,
            };
            if !deeper {
                break;
            }
            if next.subset {
                continue;
            }
            let here = next.level.unwrap_or(usize::MAX);
            let first = *below.get_or_insert(here);
            if here == first && next.unit == row.unit {
                parts.extend(next.cells[column].as_ref());
            }
        }
        if row.level.is_some() && parts.len() > 1 {
            findings.extend(judge(sheet, column, row, total, &parts, is_total));
        }
        findings.extend(subsets(sheet, column, i, total));
    }
    // a total at the foot: all unnumbered rows above it
    if let Some((last, above)) = sheet.rows.split_last()
        && last.level == Some(0)
        && above.iter().all(|r| r.level.is_none())
        && let Some(total) = last.cells[column].as_ref()
    {
        let parts: Vec<&Cell> =
            above.iter().filter(|r| !r.subset).filter_map(|r| r.cells[column].as_ref()).collect();
        if parts.len() > 1 {
            findings.extend(judge(sheet, column, last, total, &parts, true));
        }
    }
    findings
}

fn judge(
    sheet: &Sheet,
    column: usize,
    row: &Row,
    total: &Cell,
    parts: &[&Cell],
    complete: bool,
) -> Option<Finding> {
    let made = parts.iter().try_fold(Exact::zero(), |sum, p| sum.checked_add(&p.value))?;
    let gap = made.checked_sub(&total.value)?;
    let count = i128::try_from(parts.len()).ok()?;
    let tolerance = total.half.checked_mul(&Exact::from_integer(count + 1))?;
    let verdict = if gap.abs() <= tolerance {
        Verdict::Holds
    } else if gap.is_negative() && !complete {
        Verdict::Info
    } else {
        Verdict::Contradiction
    };
    let name = &sheet.columns[column];
    let cells: Vec<&str> = parts.iter().map(|p| p.at.as_str()).collect();
    let formula = format!(
        "{} = {}",
        parts.iter().map(|p| p.text.as_str()).collect::<Vec<_>>().join(" + "),
        plain(&made)
    );
    let sentence = match verdict {
        Verdict::Holds if gap.is_zero() => {
            format!("“{}”{name}{}（{}）与分项合计相符。", row.label, total.text, total.at)
        }
        Verdict::Holds => format!(
            "“{}”{name}{}（{}）与分项合计{}相差{}，属四舍五入，未作机械调整。",
            row.label,
            total.text,
            total.at,
            plain(&made),
            plain(&gap.abs())
        ),
        Verdict::Info => format!(
            "“{}”{name}{}（{}），表列分项合计{}，其余{}未列出。",
            row.label,
            total.text,
            total.at,
            plain(&made),
            plain(&gap.abs())
        ),
        _ => format!(
            "“{}”{name}为{}（{}），分项（{}）合计{}，相差{}，超出四舍五入的范围，请核实。",
            row.label,
            total.text,
            total.at,
            cells.join("、"),
            plain(&made),
            plain(&gap.abs())
        ),
    };
    let mut figures = vec![total.at.as_str()];
    figures.extend(cells);
    Some(Finding::new("sum", verdict, &figures, sentence).numbers(
        formula,
        total.value,
        made,
        row.unit.clone(),
    ))
}

/// 其中 is part of the row above it and never more.
fn subsets(sheet: &Sheet, column: usize, i: usize, total: &Cell) -> Vec<Finding> {
    let row = &sheet.rows[i];
    if row.subset {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for part in sheet.rows.iter().skip(i + 1).take_while(|r| r.subset).filter(|r| r.unit == row.unit) {
        let Some(cell) = part.cells[column].as_ref() else { continue };
        let limit = total.value.checked_add(&total.half).and_then(|l| l.checked_add(&cell.half));
        if limit.is_some_and(|l| cell.value > l) {
            let sentence = format!(
                "“{}”{}（{}）大于其所属的“{}”{}（{}），请核实。",
                part.label, cell.text, cell.at, row.label, total.text, total.at
            );
            findings.push(
                Finding::new("sum", Verdict::Contradiction, &[&total.at, &cell.at], sentence).numbers(
                    format!("{} ≤ {}", cell.text, total.text),
                    total.value,
                    cell.value,
                    row.unit.clone(),
                ),
            );
        }
    }
    findings
}

/// What a column of growth compares with: the year before, or the period before.
fn growth_kind(name: &str) -> Option<&'static str> {
    if ["同比", "比上年", "增长率", "增长", "growth"].iter().any(|w| name.contains(w)) {
        Some("同比")
    } else {
        name.contains("环比").then_some("环比")
    }
}

/// (now ÷ before − 1) × 100 against the printed rate; points where the row is itself a share.
fn growth(sheet: &Sheet) -> Vec<Finding> {
    let find = |words: &[&str]| {
        sheet.columns.iter().position(|n| growth_kind(n).is_none() && words.iter().any(|w| n.contains(w)))
    };
    let before = find(&["上年", "上期", "上季", "去年", "previous"]);
    let now =
        sheet.columns.iter().enumerate().position(|(i, n)| growth_kind(n).is_none() && Some(i) != before);
    let (Some(before), Some(now)) = (before, now) else { return Vec::new() };
    let mut findings = Vec::new();
    for rate in (0..sheet.columns.len()).filter(|c| growth_kind(&sheet.columns[*c]).is_some()) {
        for row in &sheet.rows {
            let cells = (row.cells[now].as_ref(), row.cells[before].as_ref(), row.cells[rate].as_ref());
            if let (Some(a), Some(b), Some(g)) = cells {
                findings.extend(rate_of(row, a, b, g));
            }
        }
    }
    findings
}

fn rate_of(row: &Row, now: &Cell, before: &Cell, printed: &Cell) -> Option<Finding> {
    let hundred = Exact::from_integer(100);
    let is_share = row.unit.contains('%') || row.unit.contains('‰') || row.unit.contains('率');
    let relative =
        |a: &Exact, b: &Exact| a.checked_div(b)?.checked_sub(&Exact::from_integer(1))?.checked_mul(&hundred);
    if before.value <= before.half {
        return None;
    }
    let stated = printed.span()?;
    let (a, b) = (now.span()?, before.span()?);
    let (value, span) = if is_share {
        (now.value.checked_sub(&before.value)?, a.minus(&b)?)
    } else {
        let lo = relative(&a.lo, &b.hi?)?;
        (relative(&now.value, &before.value)?, Span { lo, hi: Some(relative(&a.hi?, &b.lo)?) })
    };
    let holds = span.meets(&stated);
    let mixed = is_share && relative(&now.value, &before.value).is_some_and(|r| stated.contains(&r));
    let unit = if is_share { "百分点" } else { "%" };
    let shown = crate::figures::to_decimal(&value, 2)?;
    let figures = [printed.at.as_str(), now.at.as_str(), before.at.as_str()];
    let sentence = if holds {
        format!(
            "“{}”由{}到{}，增减{shown}{unit}，与{}（{}）相符。",
            row.label, before.text, now.text, printed.text, printed.at
        )
    } else if mixed {
        format!(
            "“{}”是比率，由{}到{}应说变动{shown}个百分点，{}处的{}是把比率又算成百分比，请改用百分点。",
            row.label, before.text, now.text, printed.at, printed.text
        )
    } else {
        format!(
            "“{}”由{}（{}）到{}（{}），应增减{shown}{unit}，而{}处为{}，请核实。",
            row.label, before.text, before.at, now.text, now.at, printed.at, printed.text
        )
    };
    let formula = if is_share {
        format!("{} − {} = {shown}", now.text, before.text)
    } else {
        format!("({} ÷ {} − 1) × 100 = {shown}", now.text, before.text)
    };
    let verdict = if holds { Verdict::Holds } else { Verdict::Contradiction };
    Some(Finding::new("growth", verdict, &figures, sentence).numbers(formula, printed.value, value, unit))
}

/// 4.33101E+11 in a column of codes.
fn broken_codes(input: &Input) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for (c, name) in input.table.column_names().iter().enumerate() {
        let coded = ["代码", "编码", "code", "证件", "身份证", "账号"].iter().any(|w| name.contains(w));
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

/// A series that accumulates since January: the flow of each period. A fall is a correction, told
/// and never hidden. `values` in order; a gap stays a gap.
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
            let sentence = format!(
                "“{label}”是累计数，第{b}期（{value}）小于第{a}期（{earlier}），当期为{flow}；累计数不应下降，应说明是更正还是误填。"
            );
            findings.push(
                Finding::new("cumulative", Verdict::Probable, &[&a.to_string(), &b.to_string()], sentence)
                    .numbers(
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

/// The same indicators in two tables: joined by `on`, each shared column of numbers compared.
///
/// Errors: `Error::Data` where `on` is missing in either, or no column is shared.
pub fn check_equal(a: &Input, b: &Input, on: &str) -> Result<Vec<Finding>> {
    let keys = |t: &Input| t.table.texts_by_name(&t.find(&[on])?);
    let (left, right) = (keys(a)?, keys(b)?);
    let names = a.table.column_names();
    let others = b.table.column_names();
    let shared: Vec<(usize, usize)> = names
        .iter()
        .enumerate()
        .filter(|(_, n)| *n != on)
        .filter_map(|(i, n)| others.iter().position(|o| o == n).map(|j| (i, j)))
        .collect();
    if shared.is_empty() {
        let problem = Problem::new("the tables share no column").value(others.join(", "));
        return Err(Error::data(problem.expected(names.join(", "))));
    }
    let place: std::collections::HashMap<&String, usize> =
        right.iter().enumerate().filter_map(|(i, k)| k.as_ref().map(|k| (k, i))).collect();
    let mut findings = Vec::new();
    for (i, j) in shared {
        let (xs, ys) = (a.table.column_texts(i)?, b.table.column_texts(j)?);
        for (r, key) in left.iter().enumerate() {
            let Some((key, q)) = key.as_ref().and_then(|k| place.get(k).map(|q| (k, *q))) else { continue };
            let pair = xs[r].as_ref().and_then(|t| number(t)).zip(ys[q].as_ref().and_then(|t| number(t)));
            let Some(((x, _), (y, _))) = pair else { continue };
            let half = |d: &Decimal| {
                if d.scale() == 0 { Exact::zero() } else { Exact::new(1, 2 * 10_i128.pow(d.scale())) }
            };
            let (ex, ey) = (from_decimal(x), from_decimal(y));
            let allowed = half(&x).checked_add(&half(&y));
            let gap = ey.checked_sub(&ex);
            let apart = gap.zip(allowed).is_some_and(|(g, t)| g.abs() > t);
            let (at, bt) = (format!("表一{}", address(a, r, i)), format!("表二{}", address(b, q, j)));
            if apart {
                let sentence = format!("“{key}”的“{}”在{at}为{x}，在{bt}为{y}，两表不一，请核实。", names[i]);
                findings.push(Finding::new("equal", Verdict::Contradiction, &[&at, &bt], sentence).numbers(
                    format!("{x} = {y}"),
                    ex,
                    ey,
                    "",
                ));
            }
        }
    }
    sort(&mut findings, |_| 0);
    Ok(findings)
}
