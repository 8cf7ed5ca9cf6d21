"""A document as PDF in the layout of GB/T 9704, set line by line: 22 lines of 28 characters, links included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fpdf import FPDF

from cases.documents import Block, Document, Heading, Paragraph, Run, Table
from reports import layout
from reports.fonts import FontFile
from reports.layout import BODY, HEI, LINE_PT, PITCH_PT, PT_PER_MM, SONG, TITLE, Piece

_LEFT, _TOP = layout.LEFT_MM * PT_PER_MM, layout.TOP_MM * PT_PER_MM
_WIDE, _HIGH = (each * PT_PER_MM for each in layout.FIELD_MM)
_TIGHT = PITCH_PT - layout.THREE  # what each character of the body is set closer by
_ROW_PT, _CELL_PT = 18.0, 4.0  # a table row's line, and the air beside its words


def pdf_of(document: Document, fonts: Mapping[str, FontFile], base: str = "") -> bytes:
    """The file. `base` is what the links of runs begin with, without a slash at its end."""
    sheet = _Sheet(fonts)
    sheet.set_title(document.title.replace("\n", ""))
    sheet.set_author(document.issuer)
    _Setter(sheet, base).write(document)
    return bytes(sheet.output())


class _Sheet(FPDF):
    """Pages of the standard's size with their numbers; positions are in points from the upper left."""

    def __init__(self, fonts: Mapping[str, FontFile]) -> None:
        super().__init__(unit="pt", format="A4")
        self.set_auto_page_break(False)
        self.set_margins(_LEFT, _TOP)
        self.c_margin = 0
        self.names: dict[str, str] = {}
        for face, file in fonts.items():  # faces that share a file are read and kept once
            self.names[face] = f"{file.path.stem}-{file.number}".lower()
            if self.names[face] not in self.fonts:
                self.add_font(self.names[face], "", file.path, collection_font_number=file.number)
        self.add_page()

    def footer(self) -> None:
        """— 1 —: odd pages at the right, even ones at the left, one character in, 7 mm under the text."""
        words = f"— {self.page_no()} —"
        self.set_font(self.names[SONG], size=layout.FOUR)
        self.set_char_spacing(0)
        wide = self.get_string_width(words)
        left = _LEFT + _WIDE - layout.FOUR - wide if self.page_no() % 2 else _LEFT + layout.FOUR
        self.text(left, _TOP + _HIGH + 7 * PT_PER_MM + layout.FOUR / 2, words)


class _Setter:
    """Sets blocks one under the other; `self._y` is the top of the next line, in points under the text's top."""

    def __init__(self, sheet: _Sheet, base: str) -> None:
        self._sheet, self._base, self._y = sheet, base, 0.0

    def write(self, document: Document) -> None:
        """All of a document, in the standard's order."""
        if document.head:
            self._head(document)
        for words in document.title.splitlines():  # whoever writes a title knows where it may break
            for line in layout.lines((Run(words),), _WIDE, self._wide(TITLE, layout.TWO)):
                self._centred("".join(piece.text for piece in line), TITLE, layout.TWO)
        self._skip()
        if document.to:
            self._set((Run(f"{document.to}："),), BODY)
        self._blocks(document.blocks)
        self._signature(document)
        if document.annex:
            self._page()
            self._set((Run("附件"),), HEI)
            self._blocks(document.annex)

    def _blocks(self, blocks: Sequence[Block]) -> None:
        for block, high in zip(blocks, _together(blocks), strict=True):
            self._room(high)
            self._block(block)

    def _block(self, block: Block) -> None:
        if isinstance(block, Heading):
            self._set((Run(block.text),), layout.HEADING_FACES[block.level], indent=2 * PITCH_PT)
        elif isinstance(block, Paragraph):
            self._set(block.runs, BODY, indent=2 * PITCH_PT)
        else:
            self._table(block)

    def _head(self, document: Document) -> None:
        size = layout.head_size(document.head)
        self._y = 35 * PT_PER_MM
        self._sheet.set_text_color(*layout.RED)
        self._centred(document.head, TITLE, size, size * 1.2)
        self._sheet.set_text_color(0, 0, 0)
        self._skip()
        self._centred(document.number, BODY, layout.THREE)
        self._sheet.set_draw_color(*layout.RED)
        self._sheet.set_line_width(1.5)
        under = _TOP + self._y + 4 * PT_PER_MM
        self._sheet.line(_LEFT, under, _LEFT + _WIDE, under)
        self._sheet.set_draw_color(0, 0, 0)
        self._y = LINE_PT * round(self._y / LINE_PT + 2)  # two lines free under the rule, and on the grid again

    def _signature(self, document: Document) -> None:
        self._room(3 * LINE_PT)
        self._skip()
        for words, free in layout.signature(document):
            wide = self._width(words, BODY)
            self._put(words, Run(words), _WIDE - wide - free * PITCH_PT, BODY, layout.THREE)
            self._y += LINE_PT

    def _set(self, runs: Sequence[Run], face: str, indent: float = 0.0) -> None:
        at = indent
        for line in layout.lines(runs, _WIDE + 0.01, self._wide(face, layout.THREE), indent):
            self._room(LINE_PT)
            for text, run in _joined(line):
                at += self._put(text, run, at, face, layout.THREE)
            self._y, at = self._y + LINE_PT, 0.0

    def _centred(self, words: str, face: str, size: float, high: float = LINE_PT) -> None:
        self._room(high)
        self._font(face, size)
        wide = self._sheet.get_string_width(words)
        self._put(words, Run(words), (_WIDE - wide) / 2, face, size, high)
        self._y += high

    def _table(self, table: Table) -> None:
        if table.title:
            self._centred(table.title, BODY, layout.THREE)
        widths = [share * _WIDE for share in table.shares()]
        heads = [Run(words) for words in table.heads]
        self._row(heads, widths, HEI)
        for row in table.rows:
            if not self._row(row, widths, BODY, is_whole=True):
                self._page()
                self._row(heads, widths, HEI)
                self._row(row, widths, BODY)
        self._y += LINE_PT / 2

    def _row(self, row: Sequence[Run], widths: Sequence[float], face: str, is_whole: bool = False) -> bool:
        """Draw one row; False, and nothing drawn, when it must be whole and does not fit."""
        wide = self._wide(face, layout.TABLE_PT)
        cells = [list(layout.lines((run,), width - 2 * _CELL_PT, wide)) for run, width in zip(row, widths, strict=True)]
        high = _ROW_PT * max(1, *(len(cell) for cell in cells))
        if is_whole and self._y + high > _HIGH + 0.5:
            return False
        top, x = self._y, 0.0
        self._sheet.set_line_width(0.5)
        for cell, width in zip(cells, widths, strict=True):
            self._sheet.rect(_LEFT + x, _TOP + top, width, high)
            for number, line in enumerate(cell):
                self._y, at = top + number * _ROW_PT, x + _CELL_PT
                for text, run in _joined(line):
                    at += self._put(text, run, at, face, layout.TABLE_PT, _ROW_PT)
            x += width
        self._y = top + high
        return True

    def _put(self, text: str, run: Run, x: float, face: str, size: float, high: float = LINE_PT) -> float:
        """Draw one piece of a line with its link and its note; how wide it was."""
        self._font(face, size)
        wide = self._sheet.get_string_width(text)
        base = _TOP + self._y + high / 2 + size * 0.36  # the letters' middle on the line's middle
        self._sheet.text(_LEFT + x, base, text)
        if run.link:
            self._sheet.link(_LEFT + x, base - size, wide, size * 1.2, self._base + run.link)
        if run.note and run.text.endswith(text):
            self._font(face, layout.NOTE_PT)
            self._sheet.text(_LEFT + x + wide, base - size * 0.45, str(run.note))
            wide += self._sheet.get_string_width(str(run.note))
        return wide

    def _wide(self, face: str, size: float) -> layout.Wide:
        """How wide a character stands: the body's on the grid."""

        def wide(each: str, run: Run) -> float:
            self._font(face, size)
            extra = 0.0
            if run.note and each == run.text[-1]:
                self._font(face, layout.NOTE_PT)
                extra = self._sheet.get_string_width(str(run.note))
                self._font(face, size)
            return self._sheet.get_string_width(each) + (_TIGHT if size == layout.THREE else 0) + extra

        return wide

    def _width(self, words: str, face: str) -> float:
        self._font(face, layout.THREE)
        return self._sheet.get_string_width(words)

    def _font(self, face: str, size: float) -> None:
        self._sheet.set_font(self._sheet.names[face], size=size)
        self._sheet.set_char_spacing(_TIGHT if size == layout.THREE else 0)

    def _skip(self) -> None:
        self._y += LINE_PT

    def _room(self, high: float) -> None:
        """Begin a page when so much does not fit under what there is."""
        if self._y + high > _HIGH + 0.5:
            self._page()

    def _page(self) -> None:
        self._sheet.add_page()
        self._y = 0.0


def _together(blocks: Sequence[Block]) -> list[float]:
    """What must stand on one page from the beginning of each block: a heading with what follows, a table with its head.

    A paragraph over a table leads to it, and is mostly of one line or two.
    """
    found: list[float] = []
    after: Block | None = None
    for block in reversed(blocks):
        if isinstance(block, Table):
            rows = 2 + min(len(block.rows), 3)  # a head has two lines, some three
            found.append((LINE_PT if block.title else 0) + rows * _ROW_PT)
        elif isinstance(block, Heading):
            found.append(LINE_PT + (found[-1] if found else LINE_PT))
        else:
            found.append(2 * LINE_PT + found[-1] if isinstance(after, Table) else LINE_PT)
        after = block
    return found[::-1]


def _joined(line: Sequence[Piece]) -> list[tuple[str, Run]]:
    """A line's characters joined where they are of one run."""
    found: list[tuple[str, Run]] = []
    for piece in line:
        if found and found[-1][1] is piece.run:
            found[-1] = (found[-1][0] + piece.text, piece.run)
        else:
            found.append((piece.text, piece.run))
    return found
