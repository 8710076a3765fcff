"""The report as a Word file in the habit of official documents: A4, 黑体 headings, 仿宋 text, 宋体 tables."""

from __future__ import annotations

import datetime
import io
from pathlib import Path
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from minsuan._report.blocks import Bullets, Grid, Picture, Report, Text, Trace
from minsuan._report.words import WORDS

_HEADING, _BODY, _TABLE = "黑体", "仿宋", "宋体"
_LATIN = "Times New Roman"
_INK = RGBColor(0x1E, 0x25, 0x2B)
_HEAD_FILL, _ASSUMED_FILL = "E8EEF4", "FFF4D6"


def save(report: Report, path: Path) -> None:
    """Writes the file at `path`."""
    document = docx.Document()
    _styles(document)
    _footer(document.sections[0])
    title = document.add_paragraph(style="Title")
    title.add_run(report.title)
    below = document.add_paragraph(report.subtitle)
    below.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _grid(document, Grid("", [], [[name, value] for name, value in report.meta], [False, False]), report.lang)
    for section in report.sections:
        document.add_heading(section.title, level=1)
        for block in section.blocks:
            match block:
                case Text():
                    document.add_paragraph(block.text)
                case Bullets():
                    for item in block.items:
                        document.add_paragraph(item, style="List Bullet")
                case Picture():
                    _picture(document, block)
                case Grid():
                    _grid(document, block, report.lang)
                case Trace():
                    _trace(document, block)
    core = document.core_properties
    core.title, core.author, core.comments = report.title, "minsuan", ""
    # A fixed date: the same run gives the same text.
    core.created = core.modified = datetime.datetime(2021, 1, 1)
    document.save(str(path))


def _font(style: Any, east: str, size: float) -> None:
    style.font.name = _LATIN
    style.font.size = Pt(size)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), east)
    # A theme font would win over the named one.
    for name in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        fonts.attrib.pop(qn(name), None)


def _styles(document: Any) -> None:
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21.0), Cm(29.7)
    page.left_margin = page.right_margin = Cm(2.6)
    page.top_margin, page.bottom_margin = Cm(3.0), Cm(2.6)
    normal = document.styles["Normal"]
    _font(normal, _BODY, 12)
    normal.paragraph_format.line_spacing = 1.4
    normal.paragraph_format.space_after = Pt(4)
    bullets = document.styles["List Bullet"]
    _font(bullets, _BODY, 12)
    for name, size in (("Title", 22), ("Heading 1", 16), ("Heading 2", 14)):
        style = document.styles[name]
        _font(style, _HEADING, size)
        style.font.color.rgb = _INK
        style.font.bold = False
    title = document.styles["Title"]
    title.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    border = title.element.pPr.find(qn("w:pBdr"))
    if border is not None:
        title.element.pPr.remove(border)
    document.styles["Heading 1"].paragraph_format.space_before = Pt(18)
    document.styles["Heading 1"].paragraph_format.keep_with_next = True


def _room(document: Any) -> int:
    page = document.sections[-1]
    return int(page.page_width - page.left_margin - page.right_margin)


def _footer(section: Any) -> None:
    """The page number in the middle: — 3 —."""
    paragraph = section.footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.add_run("— ")
    run = paragraph.add_run()
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        if kind:
            part = OxmlElement("w:fldChar")
            part.set(qn("w:fldCharType"), kind)
        else:
            part = OxmlElement("w:instrText")
            part.text = text
        run._r.append(part)
    paragraph.add_run(" —")


def _picture(document: Any, block: Picture) -> None:
    buffer = io.BytesIO()
    block.figure.savefig(buffer, format="png", dpi=170)
    width, height = block.figure.get_size_inches()
    # As wide as the page, but no taller than two thirds of it.
    page = document.sections[-1]
    tallest = (page.page_height - page.top_margin - page.bottom_margin) * 2 / 3
    shown = min(_room(document), int(tallest * width / height))
    buffer.seek(0)
    document.add_picture(buffer, width=shown)
    document.paragraphs[-1].alignment = WD_ALIGN_PARAGRAPH.CENTER
    document.paragraphs[-1].paragraph_format.keep_with_next = True
    caption = document.add_paragraph()
    caption.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _write(caption, block.caption, 10.5)


def _write(paragraph: Any, text: str, size: float, *, east: str = _TABLE, bold: bool = False) -> None:
    run = paragraph.add_run(text)
    run.font.size = Pt(size)
    run.font.bold = bold
    run.font.name = _LATIN
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), east)


def _fill(cell: Any, colour: str) -> None:
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", colour)):
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)


def _weight(text: str) -> int:
    return max(sum(2 if ord(c) > 0x2E80 else 1 for c in line) for line in text.split("\n"))


def _widths(block: Grid, room: int) -> list[int]:
    """Columns as wide as what stands in them, long texts sharing what is left."""
    every = [block.headings, *block.rows] if block.headings else block.rows
    needs = []
    for i in range(len(every[0])):
        lengths = sorted(_weight(row[i]) for row in every)
        needs.append(max(6, min(lengths[-1], 44)) + 2)
    return [int(room * need / sum(needs)) for need in needs]


def _grid(document: Any, block: Grid, lang: str) -> None:
    if not block.rows:
        return
    if block.caption:
        caption = document.add_paragraph()
        caption.alignment = WD_ALIGN_PARAGRAPH.CENTER
        caption.paragraph_format.keep_with_next = True
        mark = WORDS[lang]["assumed_mark"] if block.assumed else ""
        text = block.caption + (f"【{mark}】" if mark and lang == "zh" else f" [{mark}]" if mark else "")
        _write(caption, text, 11, east=_HEADING)
    columns = len(block.rows[0])
    heads = 1 if block.headings else 0
    table = document.add_table(rows=heads, cols=columns)
    table.style = "Table Grid"
    table.autofit = False
    widths = _widths(block, _room(document))
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    if heads:
        for cell, heading in zip(table.rows[0].cells, block.headings, strict=True):
            _set(cell, heading, WD_ALIGN_PARAGRAPH.CENTER, bold=True)
            _fill(cell, _HEAD_FILL)
        repeat = OxmlElement("w:tblHeader")
        repeat.set(qn("w:val"), "true")
        table.rows[0]._tr.get_or_add_trPr().append(repeat)
    for texts in block.rows:
        row = table.add_row()
        whole = OxmlElement("w:cantSplit")
        row._tr.get_or_add_trPr().append(whole)
        for i, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            _set(cell, text, WD_ALIGN_PARAGRAPH.RIGHT if block.right[i] else WD_ALIGN_PARAGRAPH.LEFT)
            cell.width = widths[i]
        if block.assumed:
            _fill(row.cells[0], _ASSUMED_FILL)
    for note in block.notes:
        paragraph = document.add_paragraph()
        _write(paragraph, note, 9)
    document.add_paragraph()


def _set(cell: Any, text: str, side: Any, *, bold: bool = False) -> None:
    paragraph = cell.paragraphs[0]
    for i, line in enumerate(text.split("\n")):
        if i:
            paragraph = cell.add_paragraph()
        paragraph.alignment = side
        paragraph.paragraph_format.line_spacing = 1.0
        paragraph.paragraph_format.space_after = Pt(0)
        _write(paragraph, line, 9 if i == 0 else 7.5, bold=bold)


def _trace(document: Any, block: Trace) -> None:
    heading = document.add_paragraph()
    _write(heading, block.heading, 11, east=_HEADING)
    for line in block.text.splitlines():
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.left_indent = Pt(6 * (len(line) - len(line.lstrip())) / 2)
        paragraph.paragraph_format.line_spacing = 1.0
        paragraph.paragraph_format.space_after = Pt(1)
        _write(paragraph, line.strip(), 9)
