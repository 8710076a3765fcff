//! The workbook of a run: budget and everything under it as live formulas, then the tables.
//!
//! Sheet 测算 holds one row for each quantity that the budget needs: figures, rules and assumptions as
//! numbers, standards and quantities as formulas over them, results of models as numbers. Sheet 经费预算
//! computes each line from it and adds up. Whoever changes an assumption sees the budget change; the
//! values stored beside the formulas are those of the run.

use std::collections::{BTreeSet, HashMap};

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::graph::{Node, Origin};
use super::{Run, standards};
use crate::error::Result;
use crate::scenario::{BudgetLine, Expr, Function, LineKind, Op, Standard};
use crate::tables::Table;
use crate::tables::workbook::{Cell, HEADER_ROW, Sheet, Style, column_letters};

const MODEL: &str = "测算";
const BUDGET: &str = "经费预算";
/// Columns of 测算 before the years: name, unit, kind, constant value.
const BEFORE: usize = 4;
/// Columns of 经费预算 before the years: line, kind.
const BUDGET_BEFORE: usize = 2;
const CONSTANT: usize = 3;
/// Rooms whose numbers are kept to a hundredth of a person.
const PERSONS: [&str; 4] = ["relief.", "overlap.", "payments.", "heads."];
const MONEY: &str = "#,##0.00";

/// All sheets of a run, in the order of the workbook; `findings` is the table of the case's checks.
///
/// # Errors
/// As the tables of the run.
pub fn sheets(run: &Run, findings: Option<&Table>) -> Result<Vec<Sheet>> {
    let model = Model::new(run);
    let mut sheets = vec![about(run), budget(run, &model), model.sheet()];
    for (name, table, keys, path) in [
        ("人口指标", run.indicators()?, &["indicator"][..], "population.{}"),
        ("照护需求", run.need()?, &["definition", "level"], "care.{}.{}"),
        ("设施供需", run.capacity()?, &["kind"], "capacity.{}.gap"),
        ("救助对象", run.caseload()?, &["program"], "relief.{}"),
        ("份数与人数", run.heads()?, &["count", "group"], "{}.{}"),
        ("经费明细", run.budget()?, &["line"], "budget.{}"),
        ("假设一览", run.assumptions()?, &[], ""),
    ] {
        let mut sheet = Sheet::of_table(name, &table)?;
        note_sources(run, &mut sheet, &table, keys, path)?;
        sheets.push(sheet);
    }
    if let Some(table) = findings {
        sheets.push(Sheet::of_table("数据核查", table)?);
    }
    Ok(sheets)
}

/// A note with its sources on the label of each series, where it first stands.
fn note_sources(run: &Run, sheet: &mut Sheet, table: &Table, keys: &[&str], path: &str) -> Result<()> {
    let names = table.column_names();
    let place = |name: &str| names.iter().position(|n| n == name);
    let (Some(label), Some(years)) = (place("label"), place("year")) else { return Ok(()) };
    let years = table.column_texts(years)?;
    let keys: Vec<Vec<Option<String>>> =
        keys.iter().filter_map(|k| place(k)).map(|i| table.column_texts(i)).collect::<Result<_>>()?;
    let mut seen = BTreeSet::new();
    for (r, cells) in sheet.rows.iter_mut().enumerate() {
        let path = keys.iter().fold(path.to_owned(), |path, texts| {
            path.replacen("{}", texts[r].as_deref().unwrap_or_default(), 1)
        });
        let year = years[r].as_deref().and_then(|y| y.parse().ok()).unwrap_or(0);
        if seen.insert(path.clone())
            && let Some(cell) = cells.get_mut(label)
        {
            cell.note = note_of(&run.sources(&path, year).lines());
        }
    }
    Ok(())
}

/// Sources as a note's text; nothing where there are none.
fn note_of(sources: &[String]) -> String {
    let lines: Vec<String> = sources.iter().enumerate().map(|(i, s)| format!("{}．{s}", i + 1)).collect();
    if lines.is_empty() { String::new() } else { format!("依据\n{}", lines.join("\n")) }
}

fn about(run: &Run) -> Sheet {
    let (first, last) = (run.years.first().copied().unwrap_or(0), run.years.last().copied().unwrap_or(0));
    let line = |k: &str, v: String| vec![Cell::text(k), Cell::text(v)];
    let mut rows = vec![
        line("地区", format!("{}（{}）", run.case_name, run.code)),
        line("情景", format!("{}（{}）", run.scenario.label, run.scenario.name)),
        line("说明", run.scenario.note.clone()),
        line("人口口径", format!("{}人口", run.population_kind())),
        line("年份", format!("{first}—{last}年")),
        line("抽样", format!("{}次，种子{}", run.draws, run.seed)),
        line("软件", format!("民算minsuan {}", env!("CARGO_PKG_VERSION"))),
    ];
    for (sheet, what) in [
        (BUDGET, "各科目分年金额，单元格为公式，合计为求和公式"),
        (MODEL, "预算所依据的规划数、标准、假设与中间量；底色单元格为假设中间值，可改，改后预算自动重算"),
        ("人口指标", "人口总量、老年人口、抚养比等，含区间"),
        ("照护需求", "按能力等级与口径"),
        ("设施供需", "各类设施需求、供给与短缺概率"),
        ("救助对象", "各项目历年与推算人数"),
        ("份数与人数", "一人领取几项计几份、只计一人；重叠未声明的只有人数上下限"),
        ("经费明细", "各科目中间值、均值与分位数、算式"),
        ("假设一览", "规划未载明而由情景假设的各项，均非数据"),
        ("数据核查", "规划数字之间的矛盾与疑点"),
    ] {
        rows.push(line(&format!("工作表“{sheet}”"), what.to_owned()));
    }
    Sheet {
        name: "封面".to_owned(),
        title: format!("{}民政事业发展测算", run.case_name),
        subtitle: "本工作簿由测算模型生成；假设不是数据，区间只覆盖已声明的不确定性。".to_owned(),
        headings: vec!["项目".to_owned(), "内容".to_owned()],
        rows,
        ..Sheet::default()
    }
}

/// The quantities that the budget needs, each with its row on 测算.
struct Model<'r> {
    run: &'r Run,
    nodes: Vec<&'r Node>,
    row: HashMap<&'r str, usize>,
}

impl<'r> Model<'r> {
    fn new(run: &'r Run) -> Self {
        let mut wanted = BTreeSet::new();
        let mut open: Vec<String> =
            run.scenario.budget.iter().map(|l| format!("budget.{}", l.name)).collect();
        while let Some(path) = open.pop() {
            let Some(node) = run.graph.get(&path) else { continue };
            let below: Vec<String> = match &node.origin {
                Origin::Formula { expr, .. } => expr.names().into_iter().map(str::to_owned).collect(),
                Origin::Model { inputs, .. } if path.starts_with("standard.") => inputs.clone(),
                _ => Vec::new(),
            };
            for name in below {
                if wanted.insert(name.clone()) {
                    open.push(name);
                }
            }
        }
        let mut nodes: Vec<&Node> =
            run.graph.iter().filter(|n| wanted.contains(&n.path) && !n.path.starts_with("budget.")).collect();
        nodes.sort_by_key(|n| rank(n));
        let row = nodes.iter().enumerate().map(|(i, n)| (n.path.as_str(), i)).collect();
        Self { run, nodes, row }
    }

    fn sheet(&self) -> Sheet {
        let mut headings: Vec<String> = ["名称", "单位", "性质", "定值"].map(str::to_owned).to_vec();
        headings.extend(self.run.years.iter().map(ToString::to_string));
        headings.push("来源".to_owned());
        let rows = self.nodes.iter().map(|n| self.row_of(n)).collect();
        Sheet {
            name: MODEL.to_owned(),
            title: "测算依据".to_owned(),
            subtitle: "“定值”列各年相同；分年列为公式或模型结果（中间值）。空白为未知，不等于零。".to_owned(),
            headings,
            rows,
            notes: vec![
                "“模型”各行为人口、照护、救助等模型结果的中间值，不随本表假设改动而变；须重新运行模型。"
                    .to_owned(),
            ],
            frozen: 1,
        }
    }

    fn row_of(&self, node: &Node) -> Vec<Cell> {
        let format = match node.unit.as_str() {
            "元" | "元/人/年" | "元/人次/年" => MONEY,
            _ => "#,##0.####",
        };
        let mut cells = vec![Cell::text(&node.label), Cell::text(&node.unit), Cell::text(kind(node))];
        let style =
            if matches!(node.origin, Origin::Assumption { .. }) { Style::Assumed } else { Style::Plain };
        if let Some(value) = constant(node) {
            cells.push(Cell::number(value, format).styled(style));
            cells.extend(self.run.years.iter().map(|_| Cell::blank()));
        } else {
            cells.push(Cell::blank());
            for y in 0..self.run.years.len() {
                cells.push(match (value_of(node, y), self.formula_of(node, y)) {
                    (None, _) => Cell::blank(),
                    (Some(v), Some(f)) => Cell::formula(format!("={f}"), v, format),
                    (Some(v), None) => Cell::number(v, format).styled(style),
                });
            }
        }
        cells.push(Cell::text(source(node)));
        cells
    }

    fn formula_of(&self, node: &Node, y: usize) -> Option<String> {
        match &node.origin {
            Origin::Formula { expr, .. } if PERSONS.iter().any(|room| node.path.starts_with(room)) => {
                Some(format!("ROUND({},2)", self.render(expr, y, "")?))
            }
            Origin::Formula { expr, .. } => self.render(expr, y, ""),
            Origin::Model { .. } => {
                let name = node.path.strip_prefix("standard.")?;
                self.standard(self.run.scenario.standards.iter().find(|s| s.name == name)?, y)
            }
            _ => None,
        }
    }

    /// Months at each rate: `$D$7*12`, or two terms in a year with a rise.
    fn standard(&self, s: &Standard, y: usize) -> Option<String> {
        let year = *self.run.years.get(y)?;
        let terms = standards::months(s, year).into_iter().filter(|(_, m)| *m > 0).map(|(step, m)| {
            let value = self.render_in(&step.value, y, "", 2)?;
            Some(if s.months == 12 { format!("{value}*{m}") } else { format!("{value}*{m}/12") })
        });
        let terms: Vec<String> = terms.collect::<Option<_>>()?;
        (!terms.is_empty()).then(|| terms.join("+"))
    }

    /// A formula as Excel writes it, for the column of a year; `sheet` is `测算!` on other sheets.
    fn render(&self, expr: &Expr, y: usize, sheet: &str) -> Option<String> {
        self.render_in(expr, y, sheet, 0)
    }

    /// `least` is the precedence below which brackets are needed.
    fn render_in(&self, expr: &Expr, y: usize, sheet: &str, least: u8) -> Option<String> {
        let text = match expr {
            Expr::Number(n) => n.normalize().to_string(),
            Expr::Name(name) => self.reference(name, y, sheet)?,
            Expr::Negate(a) => format!("-{}", self.render_in(a, y, sheet, 3)?),
            Expr::Binary(op, a, b) => {
                let p = op.precedence();
                let right = if matches!(op, Op::Subtract | Op::Divide) { p + 1 } else { p };
                let symbol = match op {
                    Op::Add => "+",
                    Op::Subtract => "-",
                    Op::Multiply => "*",
                    Op::Divide => "/",
                };
                format!("{}{symbol}{}", self.render_in(a, y, sheet, p)?, self.render_in(b, y, sheet, right)?)
            }
            Expr::Call(f, args) => return self.call(*f, args, y, sheet),
        };
        let bare = match expr {
            Expr::Binary(op, ..) => op.precedence() >= least,
            Expr::Negate(_) => least < 2,
            _ => true,
        };
        Some(if bare { text } else { format!("({text})") })
    }

    fn call(&self, f: Function, args: &[Expr], y: usize, sheet: &str) -> Option<String> {
        let text = |e: &Expr| self.render(e, y, sheet);
        let before = if sheet.is_empty() { BEFORE } else { BUDGET_BEFORE };
        let year = format!("{}${}", column_letters(before + y), HEADER_ROW + 1);
        let years = || match args {
            [Expr::Number(a), Expr::Number(b)] => Some((a.to_i32()?, b.to_i32()?)),
            _ => None,
        };
        Some(match (f, args) {
            (Function::Min, [a, b]) => format!("MIN({},{})", text(a)?, text(b)?),
            (Function::Max, [a, b]) => format!("MAX({},{})", text(a)?, text(b)?),
            // Doubles: 0.55 × 100 must not be pushed over the next whole number by its last bit.
            (Function::Ceil, [a]) => format!("-INT(-ROUND({},6))", text(a)?),
            (Function::Floor, [a]) => format!("INT(ROUND({},6))", text(a)?),
            (Function::Round, [a]) => format!("ROUND({},0)", text(a)?),
            (Function::Ramp, _) => {
                let (first, last) = years()?;
                format!("MAX(0,MIN(1,({year}-{})/{}))", first - 1, last - first + 1)
            }
            (Function::During, _) => {
                let (first, last) = years()?;
                format!("IF(AND({year}>={first},{year}<={last}),1/{},0)", last - first + 1)
            }
            (Function::From, [Expr::Number(a)]) => format!("IF({year}>={a},1,0)"),
            (Function::At, [e, Expr::Number(at)]) => {
                let at = self.run.years.iter().position(|v| Decimal::from(*v) == *at)?;
                self.render_in(e, at, sheet, 3)?
            }
            (Function::Cumulative, [e]) => {
                let parts: Vec<String> =
                    (1..=y).map(|i| self.render_in(e, i, sheet, 1)).collect::<Option<_>>()?;
                if parts.is_empty() { "0".to_owned() } else { format!("({})", parts.join("+")) }
            }
            _ => return None,
        })
    }

    fn reference(&self, name: &str, y: usize, sheet: &str) -> Option<String> {
        let at = *self.row.get(name)?;
        let row = HEADER_ROW as usize + 2 + at;
        Some(if constant(self.nodes[at]).is_some() {
            format!("{sheet}${}${row}", column_letters(CONSTANT))
        } else {
            format!("{sheet}{}{row}", column_letters(BEFORE + y))
        })
    }
}

fn budget(run: &Run, model: &Model<'_>) -> Sheet {
    let other = format!("{MODEL}!");
    let mut headings = vec!["科目".to_owned(), "性质".to_owned()];
    headings.extend(run.years.iter().map(ToString::to_string));
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for line in &run.scenario.budget {
        let Some(node) = run.graph.get(&format!("budget.{}", line.name)) else { continue };
        let kind = if line.kind == LineKind::Recurrent { "经常性" } else { "项目建设" };
        let note = run.years.first().map_or_else(Vec::new, |y| run.sources(&node.path, *y).lines());
        let mut cells = vec![Cell::text(&node.label).noted(note_of(&note)), Cell::text(kind)];
        for (y, year) in run.years.iter().enumerate() {
            cells.push(match (value_of(node, y), &node.origin) {
                (None, _) => Cell::blank(),
                (Some(v), _) if !lives(line, *year) => Cell::number(v, MONEY),
                (Some(v), Origin::Formula { expr, .. }) => match model.render(expr, y, &other) {
                    Some(f) => Cell::formula(format!("=ROUND({f},2)"), v, MONEY),
                    None => Cell::number(v, MONEY),
                },
                (Some(v), _) => Cell::number(v, MONEY),
            });
        }
        rows.push(cells);
    }
    let (first, last) = (HEADER_ROW as usize + 2, HEADER_ROW as usize + 1 + rows.len());
    let mut total = vec![Cell::text("合计").styled(Style::Total), Cell::blank().styled(Style::Total)];
    let mut p80 = vec![Cell::text("合计80%分位（模型）"), Cell::blank()];
    if let Some(node) = run.graph.get("budget.total") {
        for y in 0..run.years.len() {
            let column = column_letters(BUDGET_BEFORE + y);
            let sum = format!("=SUM({column}{first}:{column}{last})");
            total.push(
                value_of(node, y)
                    .map_or_else(Cell::blank, |v| Cell::formula(sum, v, MONEY))
                    .styled(Style::Total),
            );
            let high = super::budget::spread(&node.series, y).and_then(|s| s[2].to_f64());
            p80.push(high.map_or_else(Cell::blank, |v| Cell::number(v, MONEY)));
        }
    }
    rows.extend([total, p80]);
    Sheet {
        name: BUDGET.to_owned(),
        title: format!("{}经费需求（{}）", run.case_name, run.scenario.label),
        subtitle: "单位：元。金额=数量×标准×月数，按假设中间值计算；单元格为公式，引用工作表“测算”。"
            .to_owned(),
        headings,
        rows,
        notes: vec![
            "空白为未知（例如尚无标准的年份），不等于零；合计只加已知项。".to_owned(),
            "80%分位为有八成把握够用的金额，由抽样得出，不随本表改动而变。".to_owned(),
        ],
        frozen: 1,
    }
}

fn lives(line: &BudgetLine, year: i32) -> bool {
    line.first.is_none_or(|f| year >= f) && line.last.is_none_or(|l| year <= l)
}

fn value_of(node: &Node, y: usize) -> Option<f64> {
    node.series.central.get(y).copied().flatten().and_then(|d| d.to_f64())
}

/// The value of a figure or an assumption that is the same in every year.
fn constant(node: &Node) -> Option<f64> {
    if !matches!(node.origin, Origin::Figure { .. } | Origin::Assumption { .. }) {
        return None;
    }
    let first = node.series.central.first().copied().flatten()?;
    node.series.central.iter().all(|v| *v == Some(first)).then(|| first.to_f64()).flatten()
}

fn rank(node: &Node) -> u8 {
    match &node.origin {
        Origin::Figure { .. } => 0,
        Origin::Rule { .. } => 1,
        Origin::Assumption { .. } => 2,
        Origin::Model { .. } if node.path.starts_with("standard.") => 3,
        Origin::Model { .. } => 4,
        Origin::Formula { .. } => 5,
    }
}

fn kind(node: &Node) -> &'static str {
    ["规划数", "规定", "假设", "标准", "模型", "算式"][usize::from(rank(node))]
}

fn source(node: &Node) -> String {
    match &node.origin {
        Origin::Figure { id, line, words, .. } => format!("规划第{line}行“{words}”（{id}）"),
        Origin::Rule { texts } => texts.iter().flatten().next_back().cloned().unwrap_or_default(),
        Origin::Assumption { place, spread, source, .. } => {
            format!("假设：{spread}；依据：{source}（{}第{}行）", place.file, place.line)
        }
        Origin::Formula { place, note, .. } => format!("{note}（{}第{}行）", place.file, place.line),
        Origin::Model { method, .. } => method.clone(),
    }
}
