"""GB/T 9704-2012 in numbers: page, grid, type sizes, faces; and how Chinese lines break. Nothing here draws.

The text's field is 156 × 225 mm and holds 22 lines of 28 characters of 三号 (16 pt) type. 28 such characters are wider
than 156 mm, so each is set 0.2 pt closer; 22 lines over 225 mm are 28.99 pt apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from cases.documents import Document, Run, dated_words

PAGE_MM = (210.0, 297.0)
TOP_MM, BOTTOM_MM, LEFT_MM, RIGHT_MM = 37.0, 35.0, 28.0, 26.0
FIELD_MM = (156.0, 225.0)
LINES, CHARACTERS = 22, 28
PT_PER_MM = 72 / 25.4
LINE_PT = FIELD_MM[1] * PT_PER_MM / LINES  # 28.99
PITCH_PT = FIELD_MM[0] * PT_PER_MM / CHARACTERS  # 15.79

TWO, THREE, FOUR = 22.0, 16.0, 14.0  # 二号, 三号, 四号, in points
TABLE_PT = 12.0  # 小四: what the standard leaves open, small enough for a row to be one line
NOTE_PT = 8.0
HEAD_PT = 44.0  # 发文机关标志: as large as its width allows; 22 mm × 15 mm a character at most
RED = (0xDE, 0x00, 0x00)

BODY, TITLE, HEI, KAI, SONG = "仿宋_GB2312", "方正小标宋简体", "黑体", "楷体_GB2312", "宋体"
OTHER_NAMES = {
    BODY: ("仿宋", "FangSong", "STFangsong"),
    TITLE: ("方正小标宋_GBK", "FZXiaoBiaoSong-B05S", "华文中宋", "STZhongsong", "宋体"),
    HEI: ("SimHei", "STHeiti"),
    KAI: ("楷体", "KaiTi", "STKaiti"),
    SONG: ("SimSun", "STSong"),
}
HEADING_FACES = {1: HEI, 2: KAI, 3: BODY}

NOT_FIRST = frozenset("，。、；：？！）》」』】〕”’%％…—·,.;:?!)]}")
NOT_LAST = frozenset("（《「『【〔“‘([{")
DATE_RIGHT = 4  # 成文日期右空四字
Wide = Callable[[str, Run], float]


@dataclass(frozen=True, slots=True)
class Piece:
    """A run's part that stands in one line."""

    text: str
    run: Run


def head_size(head: str) -> float:
    """Points of the red head, so that it fits the text's width."""
    return min(HEAD_PT, FIELD_MM[0] * PT_PER_MM / max(len(head), 1))


def signature(document: Document) -> tuple[tuple[str, float], tuple[str, float]]:
    """(words, characters left free at the right) of the issuer and of the date; the issuer centred over the date."""
    date = dated_words(document.dated)
    wide, dates = len(document.issuer), sum(1.0 if ord(each) > 0x2E7F else 0.5 for each in date)
    free = DATE_RIGHT + max(0.0, (wide - dates) / 2 - DATE_RIGHT)  # a long issuer pushes the date to the left
    return (document.issuer, max(0.0, free + (dates - wide) / 2)), (date, free)


def lines(runs: Sequence[Run], width: float, wide: Wide, indent: float = 0.0) -> Iterator[list[Piece]]:
    """Runs broken into lines of a width; `wide` tells a character's, `indent` is left free before the first.

    No line begins with a closing mark or ends with an opening one; half-width words and numbers stay whole
    where a line can hold them.
    """
    line: list[Piece] = []
    left = width - indent
    for word, size in _words(runs, wide):
        if size > left and line:
            yield line
            line, left = [], width
        for piece in _cut(word, width, wide) if size > width else [word]:
            taken = sum(wide(each, p.run) for p in piece for each in p.text)
            if taken > left and line:
                yield line
                line, left = [], width
            line += piece
            left -= taken
    if line:
        yield line


def _words(runs: Sequence[Run], wide: Wide) -> Iterator[tuple[list[Piece], float]]:
    """What must not be torn: a character with closing marks after it and opening ones before it, or a number."""
    word: list[Piece] = []
    size = 0.0
    before = ""
    for run in runs:
        for each in run.text:
            if word and not _is_bound(before, each):
                yield word, size
                word, size = [], 0.0
            word.append(Piece(each, run))
            size, before = size + wide(each, run), each
    if word:
        yield word, size


def _is_bound(before: str, after: str) -> bool:
    return after in NOT_FIRST or before in NOT_LAST or (_is_half(before) and _is_half(after))


def _is_half(each: str) -> bool:
    return "!" <= each <= "~"


def _cut(word: list[Piece], width: float, wide: Wide) -> Iterator[list[Piece]]:
    """A word wider than a whole line (an address), in parts that fit."""
    part: list[Piece] = []
    left = width
    for piece in word:
        size = wide(piece.text, piece.run)
        if size > left and part:
            yield part
            part, left = [], width
        part.append(piece)
        left -= size
    yield part
