"""Grids by what a person types: a code, a part of the name, or the first letters of its pinyin."""

from __future__ import annotations

from collections.abc import Iterator

from pypinyin import Style, lazy_pinyin

from geo.grids import Grid, GridBook

LIMIT = 6


class GridFinder:
    """An index over one book; letters are made once, names do not change while a room runs."""

    def __init__(self, book: GridBook) -> None:
        self._rows = [(grid, initials(grid.name)) for grid in book.grids()]
        self._book = book

    def find(self, words: str, area: str = "", limit: int = LIMIT) -> list[Grid]:
        """The grids of `area` ("" everywhere) that the words may mean, best first: the code, then names, then letters.

        A name fits where it holds the words or the words hold it (an address that begins with its grid's name).
        """
        wanted = words.strip()
        if not wanted:
            return []
        ranked = ((rank, -grid.level, grid.code, grid) for rank, grid in self._fitting(wanted) if self._in(grid, area))
        return [row[-1] for row in sorted(ranked, key=lambda row: row[:3])[:limit]]

    def _fitting(self, wanted: str) -> Iterator[tuple[int, Grid]]:
        letters = wanted.lower() if wanted.isascii() and wanted.isalpha() else ""
        for grid, first in self._rows:
            if grid.code == wanted:
                yield 0, grid
            elif grid.name == wanted:
                yield 1, grid
            elif grid.name in wanted or (len(wanted) > 1 and wanted in grid.name):
                yield 2, grid
            elif letters and first == letters:
                yield 3, grid
            elif len(letters) > 1 and first.startswith(letters):
                yield 4, grid

    def _in(self, grid: Grid, area: str) -> bool:
        return not area or self._book.within(grid.code, area)


def initials(name: str) -> str:
    """The first letters of a name's pinyin, lower case: 青芝社区 is qzsq; other signs as they are."""
    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower()
