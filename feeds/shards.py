"""Which stream a report waits in: each has a run of neighbouring areas, so that intakes can share a city by area."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from zlib import crc32

from feeds.filing import Posted
from feeds.frames import Status
from feeds.messages import from_canonical
from feeds.streams import report_streams
from geo.crs import to_wgs84
from geo.grids import GridBook


class Shards:
    """The streams of one setting, and the areas of each.

    The areas are the grids of the outermost level that has at least as many as there are streams; by code, since codes
    of neighbours are neighbours. What is in no grid goes by its device's area, or by its device.
    """

    def __init__(self, book: GridBook, count: int = 1) -> None:
        self.names = report_streams(count)
        self._book = book
        self._stream_of = _by_grid(book, self.names) if count > 1 else {}

    def split(self, batch: Sequence[Posted]) -> list[tuple[str, list[Posted]]]:
        """The messages of each stream, in the order they came."""
        if len(self.names) == 1:
            return [(self.names[0], list(batch))] if batch else []
        found: defaultdict[str, list[Posted]] = defaultdict(list)
        for posted in batch:
            found[self.stream_of(posted)].append(posted)
        return list(found.items())

    def stream_of(self, posted: Posted) -> str:
        """Where this message waits; the same message always in the same place."""
        for code in (*self._grids(posted), posted.area):
            if code in self._stream_of:
                return self._stream_of[code]
        return self.names[crc32(posted.device.encode()) % len(self.names)]

    def _grids(self, posted: Posted) -> Sequence[str]:
        message = from_canonical(posted.body)
        if isinstance(message, Status):
            return ()
        if message.lon is not None and message.lat is not None and message.crs is not None:
            found = self._book.locate(*to_wgs84(message.lon, message.lat, message.crs))
            return [code for code in reversed(found) if code is not None]
        named = getattr(message, "grid", None)
        return (named,) if named else ()


def _by_grid(book: GridBook, names: Sequence[str]) -> dict[str, str]:
    """The stream of every grid: of an area, of what lies in it, and of what holds it (that of its first area)."""
    level = next((n for n in range(len(book.levels())) if len(book.grids(n)) >= len(names)), len(book.levels()) - 1)
    areas = book.codes(level)
    found = {code: names[index * len(names) // len(areas)] for index, code in enumerate(areas)}
    for grid in book.grids():
        line = book.ancestors(grid.code)
        if grid.level > level:
            found[grid.code] = found[line[level]]
        elif grid.level == level:
            for above in line[:level]:
                found.setdefault(above, found[grid.code])
    return found
