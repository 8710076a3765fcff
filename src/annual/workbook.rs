//! Workbooks in the shape of the ministry's forms: written with formulas and their values.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Formula, Workbook, XlsxError as WriteError};

use super::indicators::{Nature, Relation};
use super::number::{Printed, float};
use super::report::{Line, Report};
use crate::error::{Error, Problem, Result};

const HEADER: [&str; 7] = ["指标名称", "代码", "计量单位", "本年", "上年", "增减", "增减幅度(%)或百分点"];

impl Report {
    /// Writes one sheet a form: title, 表号, version, the lines with formulas for sums and changes, and their values.
    ///
    /// # Errors
    /// `Error::Data` where the file cannot be written, or there is nothing to write.
    pub fn write(&self, path: &Path) -> Result<()> {
        let failed = |e: WriteError| Error::data(Problem::new(e.to_string()));
        let mut book = Workbook::new();
        let mut forms: Vec<(String, String)> =
            self.lines.iter().map(|l| (l.indicator.form.clone(), l.indicator.version.clone())).collect();
        forms.dedup();
        if forms.is_empty() {
            return Err(Error::data(
                Problem::new("a report without a line").expected("figures of some indicator"),
            ));
        }
        for (form, version) in forms {
            let sheet = book.add_worksheet();
            sheet.set_name(format!("{form}_{version}")).map_err(failed)?;
            self.fill(sheet, &form, &version).map_err(failed)?;
        }
        let bytes = book.save_to_buffer().map_err(failed)?;
        crate::tables::atomic::write_file(path, |w| {
            w.write_all(&bytes).map_err(|e| crate::tables::atomic::io(path, &e))
        })
    }

    fn fill(
        &self,
        sheet: &mut rust_xlsxwriter::Worksheet,
        form: &str,
        version: &str,
    ) -> std::result::Result<(), WriteError> {
        let title = Format::new()
            .set_bold()
            .set_font_size(16)
            .set_align(FormatAlign::Center)
            .set_align(FormatAlign::VerticalCenter);
        let head = Format::new().set_bold().set_border(FormatBorder::Thin).set_align(FormatAlign::Center);
        let text = Format::new().set_border(FormatBorder::Thin);
        let mark = if self.is_synthetic() { "（合成数据）" } else { "" };
        sheet.merge_range(0, 0, 0, 6, &format!("{}年{}民政统计年报{mark}", self.year, self.place), &title)?;
        sheet.write_string(1, 5, format!("表号：{form}"))?;
        sheet.write_string(2, 5, format!("制度版本：{version}"))?;
        sheet.write_string(2, 0, format!("编制单位：{}民政局", self.place))?;
        sheet.write_string(3, 0, format!("{}年", self.year))?;
        sheet.write_string(3, 5, "单位：见表内")?;
        for (j, label) in HEADER.iter().enumerate() {
            sheet.write_string_with_format(4, j as u16, *label, &head)?;
        }
        for (j, width) in [36.0, 16.0, 10.0, 14.0, 14.0, 14.0, 20.0].into_iter().enumerate() {
            sheet.set_column_width(j as u16, width)?;
        }
        sheet.set_row_height(0, 28)?;
        sheet.set_freeze_panes(5, 1)?;
        // Paper A4 (9), across, as wide as one page; the header on every page.
        sheet.set_paper_size(9);
        sheet.set_landscape();
        sheet.set_print_fit_to_pages(1, 0);
        sheet.set_repeat_rows(0, 4)?;
        // A change that cannot be told is an empty text, and not the 0 that a formula otherwise carries.
        sheet.set_formula_result_default("");
        let lines: Vec<&Line> = self
            .lines
            .iter()
            .filter(|l| l.indicator.form == form && l.indicator.version == version)
            .collect();
        let rows: BTreeMap<&str, u32> =
            lines.iter().zip(5u32..).map(|(l, row)| (l.indicator.code.as_str(), row)).collect();
        for (line, row) in lines.iter().zip(5u32..) {
            let places = line.indicator.decimals as usize;
            let format = |places: usize| {
                let zeros = if places == 0 { String::new() } else { format!(".{}", "0".repeat(places)) };
                Format::new().set_border(FormatBorder::Thin).set_num_format(format!("#,##0{zeros}"))
            };
            let number = format(places);
            sheet.write_string_with_format(row, 0, self.display_name(line), &text)?;
            sheet.write_string_with_format(row, 1, &line.indicator.code, &text)?;
            sheet.write_string_with_format(row, 2, &line.indicator.unit, &text)?;
            let parts = self.children(line, &[Relation::Part]);
            for (column, letter, of) in
                [(3u16, 'D', (|l: &Line| l.value) as fn(&Line) -> Option<Printed>), (4, 'E', |l| l.previous)]
            {
                let Some(value) = of(line) else {
                    sheet.write_blank(row, column, &number)?;
                    continue;
                };
                let known: Vec<Printed> = parts.iter().filter_map(|l| of(l)).collect();
                let adds = known.iter().map(|p| p.value).sum::<rust_decimal::Decimal>() == value.value;
                let places = parts
                    .iter()
                    .map(|l| rows.get(l.indicator.code.as_str()).map(|r| format!("{letter}{}", r + 1)));
                match places.collect::<Option<Vec<String>>>() {
                    // A formula only where it comes to the figure: a total that its parts miss by rounding stays as it is.
                    Some(cells) if known.len() > 1 && known.len() == parts.len() && adds => {
                        let formula = Formula::new(cells.join("+")).set_result(value.value.to_string());
                        sheet.write_formula_with_format(row, column, formula, &number)?;
                    }
                    _ => {
                        sheet.write_number_with_format(row, column, float(value.value), &number)?;
                    }
                }
            }
            let (d, e) = (format!("D{}", row + 1), format!("E{}", row + 1));
            let result =
                |v: Option<rust_decimal::Decimal>| v.map_or_else(String::new, |v| v.normalize().to_string());
            let change = Formula::new(format!("IF(OR({d}=\"\",{e}=\"\"),\"\",ROUND({d}-{e},{places}))"));
            sheet.write_formula_with_format(row, 5, change.set_result(result(line.change())), &number)?;
            let (formula, value) = if line.indicator.nature == Nature::Rate {
                (format!("IF(OR({d}=\"\",{e}=\"\"),\"\",ROUND({d}-{e},{places}))"), line.points())
            } else {
                (
                    format!("IF(OR({d}=\"\",{e}=\"\",N({e})<=0),\"\",ROUND(({d}-{e})*100/{e},1))"),
                    line.percent(),
                )
            };
            sheet.write_formula_with_format(
                row,
                6,
                Formula::new(formula).set_result(result(value)),
                &format(if line.indicator.nature == Nature::Rate { places } else { 1 }),
            )?;
        }
        let note = 6 + lines.len() as u32;
        sheet.write_string(note, 0, "注：带*的为1月起累计数，其余为期末数；“其中”项不相加；分项与合计因四舍五入不等的，未作机械调整。")?;
        if self.is_synthetic() {
            sheet.write_string(note + 1, 0, "本表由合成数据生成，不得用于实际工作。")?;
        }
        if self.is_projected() {
            let words = "注：标（预测）的为模型预测的中位数，标（推算）的为模型推算数，不是统计上报数。";
            sheet.write_string(note + 2, 0, words)?;
        }
        Ok(())
    }

    /// The name as forms print it: * for cumulative figures, 其中 for subsets, each level set in, what is foretold marked.
    fn display_name(&self, line: &Line) -> String {
        let i = &line.indicator;
        let star = if i.nature == Nature::Cumulative { "*" } else { "" };
        let blanks = "    ".repeat(self.depth(line));
        let subset = matches!(i.parent, Some((_, Relation::Subset)));
        let word = if subset { "其中：" } else { "" };
        format!("{blanks}{word}{}{star}{}", i.name, line.basis.mark())
    }

    /// How many lines of the report stand above this one in its form.
    fn depth(&self, line: &Line) -> usize {
        let mut depth = 0;
        let mut own = &line.indicator;
        // A circle of parents, in a list of one's own, ends too.
        while depth < 8
            && let Some((parent, _)) = &own.parent
        {
            let above = self.lines.iter().map(|l| &l.indicator);
            let mut above =
                above.filter(|i| i.form == own.form && i.version == own.version && i.code == *parent);
            let Some(found) = above.next() else { break };
            own = found;
            depth += 1;
        }
        depth
    }
}
