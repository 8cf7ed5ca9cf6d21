"""公文 as plain data: what a written paper says, before anything draws it (reports/: DOCX and PDF).

Whoever makes a paper — a circular, a meeting's minutes, a letter — makes a `Document`; GB/T 9704 is the writer's care.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from cases.indicators import Figure, Narrowing, Period
from cases.model import Scope

WHOLE = Narrowing()
DIGITS = "〇一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a sentence. `link` is an address within the room; `note` its number among the sources, 0 for none."""

    text: str
    link: str = ""
    note: int = 0


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 (一、), 2 （一） or 3 (1.); the text carries its own number."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of runs, its first line set in by two characters."""

    runs: tuple[Run, ...]

    @property
    def text(self) -> str:
        """Its words alone."""
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table; `widths` are shares of the text's width, equal where they are not given."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Run, ...], ...]
    widths: tuple[float, ...] = ()

    def shares(self) -> tuple[float, ...]:
        """The columns' shares of the width; they add up to one."""
        widths = self.widths or (1.0,) * len(self.heads)
        return tuple(width / sum(widths) for width in widths)


Block = Heading | Paragraph | Table


@dataclass(frozen=True, slots=True)
class Document:
    """One paper. Empty words are left out with the space they would take; a title breaks where it holds a line's end.

    `head` is the red head (发文机关标志), `number` the file number (发文字号), `to` the addressee (主送机关); `issuer`
    and `dated` stand at the right under the text. `annex` begins on a page of its own under 附件.
    """

    title: str
    blocks: tuple[Block, ...]
    issuer: str
    dated: date
    head: str = ""
    number: str = ""
    to: str = ""
    annex: tuple[Block, ...] = ()


def paragraph(text: str) -> Paragraph:
    """A paragraph of plain words."""
    return Paragraph((Run(text),))


def plain_table(
    title: str, heads: Sequence[str], rows: Sequence[Sequence[object]], widths: Sequence[float] = ()
) -> Table:
    """A table of plain words."""
    return Table(title, tuple(heads), tuple(tuple(Run(str(cell)) for cell in row) for row in rows), tuple(widths))


def chinese_number(number: int) -> str:
    """1–99 as headings count: 一, 十, 十二, 二十."""
    if not 0 < number < 100:
        raise ValueError(f"{number} is not between 1 and 99")
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else DIGITS[tens]) + ("十" if tens else "") + (DIGITS[ones] if ones else "")


def dated_words(day: date) -> str:
    """成文日期 as the standard writes it: 2026年11月1日, without leading zeros."""
    return f"{day.year}年{day.month}月{day.day}日"


class Papers(Protocol):
    """Writes documents down in the official layout (GB/T 9704). Blocking; a PDF takes seconds."""

    def docx(self, document: Document) -> bytes:
        """The DOCX file."""

    def pdf(self, document: Document) -> bytes:
        """The PDF file; NoChineseFont where the machine has no Chinese letters."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report as it was made: its words, and every figure they were made from, in the order of their numbers."""

    kind: str
    name: str  # what its file is called, without an ending
    document: Document
    figures: tuple[Figure, ...]
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Ledger:
    """A ledger (台账) as it was made: an XLSX file, and how many rows it has."""

    name: str
    content: bytes
    rows: int


Progress = Callable[[int, int], None]  # (steps done, steps in all)


def quiet(_done: int, _all: int) -> None:
    """Nobody watches."""


class Reports(Protocol):
    """Makes reports and ledgers from what is recorded. Blocking, within the scope. KeyError for unknown kinds."""

    @property
    def kinds(self) -> Mapping[str, str]:
        """The reports there are: kind and name."""

    @property
    def ledgers(self) -> Mapping[str, str]:
        """The ledgers there are: kind and name."""

    def make(
        self,
        kind: str,
        grid: str | None,
        period: Period,
        scope: Scope,
        now: datetime,
        progress: Progress = quiet,
        part: Narrowing = WHOLE,
    ) -> Report:
        """A report about a grid (None: the scope's own area); NotAllowed for one outside the scope.

        `part` makes the special brief one of those cases only; no other kind has parts.
        """

    def ledger(
        self, kind: str, grid: str | None, period: Period, scope: Scope, now: datetime, progress: Progress = quiet
    ) -> Ledger:
        """The cases received in a period, or what else was begun in it, one a row."""


class NoChineseFont(Exception):
    """No file with Chinese letters was found; the text says what to install or set."""
