"""A document as DOCX in the layout of GB/T 9704: the grid is Word's own, links lead to the rows."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import docx
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from cases.documents import Block, Document, Heading, Paragraph, Run, Table
from reports import layout

LINE_PT = 28.95  # a hair under the grid's 28.99: twentieths of a point round, and 22 lines must fit
_FOOT_MM = 24.0  # the page number's line stands 7 mm under the text


def docx_of(document: Document, base: str = "") -> bytes:
    """The file. `base` is what the links of runs begin with (`https://room.example`), without a slash at its end."""
    file = docx.Document()
    _set_page(file)
    _set_styles(file)
    _name_fonts(file)
    _number_pages(file)
    _Body(file, base).write(document)
    file.core_properties.title, file.core_properties.author = document.title.replace("\n", ""), document.issuer
    held = io.BytesIO()
    file.save(held)
    return held.getvalue()


def _set_page(file: Any) -> None:
    section = file.sections[0]
    section.page_width, section.page_height = (Mm(each) for each in layout.PAGE_MM)
    section.top_margin, section.bottom_margin = Mm(layout.TOP_MM), Mm(layout.BOTTOM_MM)
    section.left_margin, section.right_margin = Mm(layout.LEFT_MM), Mm(layout.RIGHT_MM)
    section.footer_distance = Mm(_FOOT_MM)
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is None:
        grid = OxmlElement("w:docGrid")
        section._sectPr.append(grid)
    grid.set(qn("w:type"), "linesAndChars")
    grid.set(qn("w:linePitch"), str(int(layout.LINE_PT * 20)))
    grid.set(qn("w:charSpace"), str(round((layout.PITCH_PT - layout.THREE) * 4096)))  # 1/4096 pt beside the type's size


def _set_styles(file: Any) -> None:
    body = file.styles["Normal"]
    _face(body, layout.BODY, layout.THREE)
    form = body.paragraph_format
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(LINE_PT)
    form.space_before = form.space_after = Pt(0)
    form.widow_control = False  # 22 lines a page, not 21
    _face(file.styles["Title"], layout.TITLE, layout.TWO)
    for level, face in layout.HEADING_FACES.items():
        _face(file.styles[f"Heading {level}"], face, layout.THREE)
    for name in ("Title", "Heading 1", "Heading 2", "Heading 3"):
        _plain(file.styles[name])


def _plain(style: Any) -> None:
    """Without the template's own colours, rules and gaps."""
    form = style.paragraph_format
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(LINE_PT)
    form.space_before = form.space_after = Pt(0)
    form.keep_with_next = True
    style.font.color.rgb = RGBColor(0, 0, 0)
    style.font.bold = False
    border = style.element.pPr.find(qn("w:pBdr"))
    if border is not None:
        style.element.pPr.remove(border)


def _face(style: Any, face: str, size: float) -> None:
    style.font.size = Pt(size)
    _set_face(style.element.get_or_add_rPr(), face)


def _set_face(properties: Any, face: str) -> None:
    fonts = properties.get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for which in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{which}"), face)


def _name_fonts(file: Any) -> None:
    """Tell Word what may stand in for a face that is not installed."""
    rows = "".join(
        f'<w:font w:name="{face}"><w:altName w:val="{",".join(others)}"/><w:charset w:val="86"/></w:font>'
        for face, others in layout.OTHER_NAMES.items()
    )
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    table = next(rel.target_part for rel in file.part.rels.values() if rel.reltype == RELATIONSHIP_TYPE.FONT_TABLE)
    table._blob = f'<?xml version="1.0" encoding="UTF-8"?><w:fonts xmlns:w="{space}">{rows}</w:fonts>'.encode()


def _number_pages(file: Any) -> None:
    """— 1 — in 四号 宋体: odd pages at the right, even ones at the left, one character in from the edge."""
    file.settings.odd_and_even_pages_header_footer = True
    section = file.sections[0]
    sides = ((section.footer, WD_ALIGN_PARAGRAPH.RIGHT), (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT))
    for footer, side in sides:
        line = footer.paragraphs[0]
        line.alignment = side
        setattr(line.paragraph_format, "right_indent" if side == WD_ALIGN_PARAGRAPH.RIGHT else "left_indent", Pt(14))
        for part in ("— ", None, " —"):
            run = line.add_run(part or "")
            run.font.size = Pt(layout.FOUR)
            _set_face(run._r.get_or_add_rPr(), layout.SONG)
            if part is None:
                _add_field(run._r, "PAGE")


def _add_field(run: Any, name: str) -> None:
    for kind in ("begin", None, "end"):
        if kind is None:
            said = OxmlElement("w:instrText")
            said.set(qn("xml:space"), "preserve")
            said.text = name
        else:
            said = OxmlElement("w:fldChar")
            said.set(qn("w:fldCharType"), kind)
        run.append(said)


class _Body:
    """The parts in the standard's order: red head, number, rule, title, addressee, text, issuer, date, annex."""

    def __init__(self, file: Any, base: str) -> None:
        self._file, self._base = file, base

    def write(self, document: Document) -> None:
        """All of a document."""
        if document.head:
            self._write_head(document)
        title = self._line(document.title, "Title")
        title.alignment = WD_ALIGN_PARAGRAPH.CENTER
        self._line("")
        if document.to:
            self._line(f"{document.to}：")
        for block in document.blocks:
            self._write(block)
        self._line("")
        for words, free in layout.signature(document):
            line = self._line(words)
            line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            line.paragraph_format.right_indent = Pt(free * layout.PITCH_PT)
        if document.annex:
            self._line("附件", "Heading 1").paragraph_format.page_break_before = True
            for block in document.annex:
                self._write(block)

    def _write_head(self, document: Document) -> None:
        head = self._line("")
        head.alignment = WD_ALIGN_PARAGRAPH.CENTER
        head.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
        head.paragraph_format.space_before = Pt(35 * layout.PT_PER_MM)  # its top stands 35 mm under the field's
        run = head.add_run(document.head)
        run.font.size = Pt(layout.head_size(document.head))
        run.font.color.rgb = RGBColor(*layout.RED)
        _set_face(run._r.get_or_add_rPr(), layout.TITLE)
        self._line("")
        number = self._line(document.number)
        number.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _rule_under(number)
        self._line("")

    def _write(self, block: Block) -> None:
        writers: dict[type, Callable[[Any], None]] = {
            Heading: self._write_heading,
            Paragraph: self._write_paragraph,
            Table: self._write_table,
        }
        writers[type(block)](block)

    def _write_heading(self, heading: Heading) -> None:
        _set_in(self._line(heading.text, f"Heading {heading.level}"))

    def _write_paragraph(self, paragraph: Paragraph) -> None:
        line = self._line("")
        line.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
        _set_in(line)
        self._add_runs(line, paragraph.runs)

    def _write_table(self, table: Table) -> None:
        if table.title:
            title = self._line(table.title)
            title.alignment = WD_ALIGN_PARAGRAPH.CENTER
        self._file.paragraphs[-1].paragraph_format.keep_with_next = True  # what leads to a table stands with it
        drawn = self._file.add_table(1, len(table.heads), style="Table Grid")
        drawn.alignment = WD_TABLE_ALIGNMENT.CENTER
        drawn.autofit = False
        _repeat(drawn.rows[0])
        for cell, words in zip(drawn.rows[0].cells, table.heads, strict=True):
            self._fill(cell, Run(words), layout.HEI)
        for row in table.rows:
            for cell, run in zip(drawn.add_row().cells, row, strict=True):
                self._fill(cell, run, layout.BODY)
        for column, share in zip(drawn.columns, table.shares(), strict=True):
            for cell in column.cells:
                cell.width = Mm(layout.FIELD_MM[0] * share)

    def _fill(self, cell: Any, run: Run, face: str) -> None:
        line = cell.paragraphs[0]
        line.paragraph_format.line_spacing = Pt(18)
        self._add_runs(line, (run,), layout.TABLE_PT, face)

    def _line(self, words: str, style: str = "Normal") -> Any:
        return self._file.add_paragraph(words, style=style)

    def _add_runs(self, line: Any, runs: tuple[Run, ...], size: float = 0.0, face: str = "") -> None:
        for said in runs:
            run = line.add_run(said.text)
            if size:
                run.font.size = Pt(size)
            if face:
                _set_face(run._r.get_or_add_rPr(), face)
            if said.link:
                self._link(line, run, said.link)
            if said.note:
                note = line.add_run(str(said.note))
                note.font.superscript = True

    def _link(self, line: Any, run: Any, address: str) -> None:
        """Wrap a run into a link that looks like the text around it."""
        at = line.part.relate_to(self._base + address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        link = OxmlElement("w:hyperlink")
        link.set(qn("r:id"), at)
        run._r.addprevious(link)
        link.append(run._r)


def _set_in(line: Any) -> None:
    """两个字: the first line begins two characters in, whatever the grid makes of a character."""
    properties = line._p.get_or_add_pPr()
    indent = properties.get_or_add_ind()
    indent.set(qn("w:firstLineChars"), "200")
    indent.set(qn("w:firstLine"), str(int(2 * layout.PITCH_PT * 20)))


def _rule_under(line: Any) -> None:
    """版头分隔线: red, as wide as the text, 4 mm under the number."""
    border, bottom = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "12"), ("space", "11"), ("color", "DE0000")):
        bottom.set(qn(f"w:{name}"), value)
    border.append(bottom)
    line._p.get_or_add_pPr().append(border)


def _repeat(row: Any) -> None:
    """Draw a table's head again on each page."""
    head = OxmlElement("w:tblHeader")
    head.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(head)
