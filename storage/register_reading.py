"""What the registers' two doors, command and page, read of a file: records placed in WGS-84 and in the grids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO

from cases.errors import BadAction
from cases.register_imports import Sheet
from cases.registers import Reading, Record, Refusal, Register, division_notes, understood
from geo.crs import CRS_NAMES, to_wgs84
from geo.grids import GridBook
from storage.register_files import sheet_of


@dataclass(frozen=True, slots=True)
class RegisterReader:
    """Reads files against the room's grids (cases.register_imports.RegisterFiles)."""

    book: GridBook

    def sheet(self, name: str, content: bytes) -> Sheet:
        """The table of a file by its name's ending; UnreadableFile says what is wrong with it."""
        return sheet_of(name, BytesIO(content))

    def read(self, kind: Register, sheet: Sheet, mapping: Mapping[str, str], crs: str) -> Reading:
        """Every row understood, places in WGS-84 and found in the grids; BadAction for places of an unnamed system."""
        reading = Reading(kind, unused=tuple(t for t in sheet.titles if t and t not in mapping.values()))
        rows = list(understood(kind, mapping, sheet.rows))
        reading.refusals = [each for each in rows if isinstance(each, Refusal)]
        records = [each for each in rows if isinstance(each, Record)]
        if crs not in ("", *CRS_NAMES) or (not crs and any(each.lon is not None for each in records)):
            raise BadAction(f"文件里有坐标，须说明坐标系：{' '.join(CRS_NAMES)}", "crs")
        reading.records = self._located([_converted(each, crs) for each in records])
        reading.notes += self._notes(reading.records)
        if kind.code == "division":
            reading.notes += division_notes(reading.records)
        return reading

    def _notes(self, records: Sequence[Record]) -> list[str]:
        """What is odd about where they lie, in words."""
        outside = sum(1 for each in records if each.lon is not None and not each.grids)
        unknown = sum(1 for each in records if each.values.get("grid") and each.values["grid"] not in self.book)
        notes = [f"{outside} 条的位置不在任何网格内，记为待定"] if outside else []
        return notes + ([f"{unknown} 条写的网格编码不在网格底图中"] if unknown else [])

    def _located(self, records: Sequence[Record]) -> list[Record]:
        """Each with its grids: those that its code names, else those that hold its place."""
        placed = [each for each in records if each.lon is not None]
        at_points = [each.lon or 0.0 for each in placed], [each.lat or 0.0 for each in placed]
        found = self.book.locate_many(*at_points) if placed else ()
        by_key = {
            each.key: tuple(self.book.codes(level)[row[at]] for level, row in enumerate(found) if row[at] >= 0)
            for at, each in enumerate(placed)
        }
        return [replace(each, grids=self._named(each) or by_key.get(each.key, ())) for each in records]

    def _named(self, record: Record) -> tuple[str, ...]:
        code = record.values.get("grid", "")
        return self.book.ancestors(code) if code in self.book else ()


def _converted(record: Record, crs: str) -> Record:
    if record.lon is None or record.lat is None:
        return record
    lon, lat = to_wgs84(record.lon, record.lat, crs)
    return replace(record, lon=lon, lat=lat)
