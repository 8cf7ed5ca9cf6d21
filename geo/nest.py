"""Reads a scheme's levels into one nest: every shape valid, every code unique, every parent named.

What has to be mended on the way is written down as defects; nothing is mended in silence.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.boundaries import Feature, read_features
from geo.defects import Defect, Kind
from geo.errors import GridError
from geo.scheme import Level, Scheme, read_scheme

Place = tuple[float, float]

_NEARLY_ALL = 0.8


@dataclass(slots=True)
class Cell:
    """A grid being put together: level from 0, the row of its feature from 1, shape in WGS-84."""

    level: int
    row: int
    code: str
    name: str
    parent: str | None
    geometry: BaseGeometry
    properties: Mapping[str, object]


@dataclass(slots=True)
class Nest:
    """A scheme's cells level by level, outermost first, each level sorted by code; and what was wrong."""

    scheme: Scheme
    levels: list[list[Cell]] = field(default_factory=list)
    defects: list[Defect] = field(default_factory=list)
    features: list[int] = field(default_factory=list)  # rows read, a level


def read_nest(folder: Path) -> Nest:
    """The nest in a grid folder. GridError when a file cannot be used at all; anything less is a defect."""
    nest = Nest(read_scheme(folder))
    for number, level in enumerate(nest.scheme.levels):
        features = read_features(level, nest.scheme)
        nest.features.append(len(features))
        reader = _LevelReader(nest, number, level)
        nest.levels.append(sorted(reader.read(features), key=lambda cell: cell.code))
    return nest


class _LevelReader:
    """Turns one level's features into cells; the levels outside it are already in the nest."""

    def __init__(self, nest: Nest, number: int, level: Level) -> None:
        self._nest, self._number, self._level = nest, number, level
        self._outer = {cell.code: cell for cell in nest.levels[-1]} if nest.levels else {}

    def read(self, features: list[Feature]) -> list[Cell]:
        self._require_columns(features)
        cells = [cell for feature in features if (cell := self._cell(feature))]
        if self._level.merge:
            cells = _merged(cells)
        self._name_parents(cells)
        self._name_codes(cells)
        return cells

    def _require_columns(self, features: list[Feature]) -> None:
        there = {key for feature in features for key in feature.properties}
        for column in (self._level.code, self._level.label, self._level.parent if self._number else ""):
            if column and column not in there:
                raise GridError(
                    "MISSING_COLUMN", f"“{self._level.name}”没有 {column!r} 这一列，有的是 {sorted(there)[:20]}"
                )

    def _note(self, kind: Kind, row: int, text: str, code: str = "", place: Place | None = None) -> None:
        where = f"{self._level.name}第 {row} 个图形"
        self._nest.defects.append(Defect(kind, self._number, row, code, f"{where}{text}", place=place))

    # shapes ----------------------------------------------------------------------------------------------

    def _cell(self, feature: Feature) -> Cell | None:
        shape = self._valid_shape(feature)
        if shape is None:
            return None
        code, name = (_text(feature.properties.get(column)) for column in (self._level.code, self._level.label))
        parent = _text(feature.properties.get(self._level.parent)) if self._level.parent else ""
        return Cell(self._number, feature.row, code, name, parent, shape, feature.properties)

    def _valid_shape(self, feature: Feature) -> BaseGeometry | None:
        for flaw in feature.flaws:
            self._note(Kind.of_flaw(flaw), feature.row, Kind.of_flaw(flaw).said, code=self._code_of(feature))
        shape = feature.geometry
        if shape is None:
            return None
        if shape.is_empty:
            self._note(Kind.EMPTY, feature.row, "是空图形", code=self._code_of(feature))
            return None
        if not shape.is_valid:
            reason, place = _why_invalid(shape)
            self._note(Kind.INVALID, feature.row, reason, code=self._code_of(feature), place=place)
            shape = polygons_of(shapely.make_valid(shape))
        return shape

    def _code_of(self, feature: Feature) -> str:
        return _text(feature.properties.get(self._level.code))

    # parents ---------------------------------------------------------------------------------------------

    def _name_parents(self, cells: list[Cell]) -> None:
        """By column where the scheme names one, by containment where it does not or the column is wrong."""
        if not self._number:
            for cell in cells:
                cell.parent = None
            return
        lost = [cell for cell in cells if cell.parent not in self._outer]
        for cell, found in zip(lost, containing(lost, list(self._outer.values())), strict=True):
            if self._level.parent:
                said = f"的上级代码 {cell.parent!r} 不存在" if cell.parent else "没有上级代码"
                self._note(Kind.ORPHAN, cell.row, f"{_called(cell)}{said}", code=cell.code, place=_inside(cell))
            elif found is None:
                self._note(Kind.ORPHAN, cell.row, f"{_called(cell)}不在任何上级网格内", cell.code, _inside(cell))
            cell.parent = found

    # codes -----------------------------------------------------------------------------------------------

    def _name_codes(self, cells: list[Cell]) -> None:
        """Keep the first of each code; make the missing and the repeated ones."""
        first: dict[str, Cell] = {}
        nameless = []
        for cell in cells:
            if not cell.code:
                nameless.append(cell)
            elif cell.code in first:
                self._note(
                    Kind.DUPLICATE_CODE, cell.row, f"的代码 {cell.code} 与第 {first[cell.code].row} 个重复", cell.code
                )
                cell.code = _unused(cell.code, first)
                first[cell.code] = cell
            else:
                first[cell.code] = cell
        self._note_odd_lengths(
            [cell for cell in first.values() if cell.code == _text(cell.properties.get(self._level.code))]
        )
        make_codes(nameless, set(first))
        for cell in nameless if self._level.code else ():
            self._note(Kind.MISSING_CODE, cell.row, f"{_called(cell)}没有代码", cell.code, _inside(cell))

    def _note_odd_lengths(self, cells: Sequence[Cell]) -> None:
        """Codes of one level have one length; where nearly all do, the others are pointed out."""
        lengths = Counter(len(cell.code) for cell in cells)
        if not lengths:
            return
        usual, count = lengths.most_common(1)[0]
        for cell in cells if count >= _NEARLY_ALL * len(cells) else ():
            if len(cell.code) != usual:
                said = f"{_called(cell)}的代码 {cell.code} 是 {len(cell.code)} 位，同级的是 {usual} 位"
                self._note(Kind.BAD_CODE, cell.row, said, cell.code, _inside(cell))


def containing(cells: Sequence[Cell], outer: Sequence[Cell]) -> list[str | None]:
    """For each cell the code of the outer cell that shares the largest area with it, or None."""
    tree = shapely.STRtree([cell.geometry for cell in outer])
    shapes = np.array([cell.geometry for cell in cells], dtype=object)
    best: list[str | None] = [None] * len(cells)
    inside, holder = tree.query(shapes, predicate="covered_by") if len(cells) else ((), ())
    for child, parent in zip(inside, holder, strict=True):
        best[child] = outer[parent].code
    undecided = np.array([number for number, code in enumerate(best) if code is None], dtype=np.int64)
    pairs = tree.query(shapes[undecided], predicate="intersects") if len(undecided) else ((), ())
    largest: dict[int, float] = defaultdict(float)
    for position, parent in zip(*pairs, strict=True):
        child = int(undecided[position])
        shared = shapely.intersection(shapes[child], outer[parent].geometry).area
        if shared > largest[child]:
            largest[child], best[child] = shared, outer[parent].code
    return best


def make_codes(cells: Sequence[Cell], taken: set[str]) -> None:
    """Give each cell its parent's code and a number, counted from west to east, north to south (domain.md b4)."""
    most = max(Counter(cell.parent for cell in cells).values(), default=0)
    width = 2 if most < 100 else len(str(most))
    for cell in sorted(cells, key=_west_to_east):
        number = 1
        while (code := f"{cell.parent or ''}{number:0{width}}") in taken:
            number += 1
        taken.add(code)
        cell.code = code


def _merged(cells: list[Cell]) -> list[Cell]:
    """One cell a code; parts keep the first row's words. Cells without a code stay apart."""
    parts: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        parts[cell.code or f"\0{cell.row}"].append(cell)
    for same in parts.values():
        if len(same) > 1:
            same[0].geometry = shapely.union_all([cell.geometry for cell in same])
    return [same[0] for same in parts.values()]


def _text(value: object) -> str:
    """A column's value as a code or name; whole numbers lose the ".0" that spreadsheets give them."""
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _called(cell: Cell) -> str:
    return f"（{cell.name}）" if cell.name else ""


def _unused(code: str, taken: Iterable[str]) -> str:
    number = 2
    while f"{code}-{number}" in taken:
        number += 1
    return f"{code}-{number}"


def _west_to_east(cell: Cell) -> tuple[float, float, int]:
    lon, lat = _inside(cell)
    return lon, -lat, cell.row


def _inside(cell: Cell) -> Place:
    point = cell.geometry.representative_point()
    return round(point.x, 7), round(point.y, 7)


def _why_invalid(shape: BaseGeometry) -> tuple[str, Place | None]:
    """GEOS's reason in Chinese and its place; the text looks like `Self-intersection[120.1 30.2]`."""
    reason, _, where = shapely.is_valid_reason(shape).partition("[")
    numbers = where.rstrip("]").split()
    place = (round(float(numbers[0]), 7), round(float(numbers[1]), 7)) if len(numbers) == 2 else None
    at = f"在 ({place[0]}, {place[1]}) " if place else ""
    said = {"Self-intersection": "自相交", "Ring Self-intersection": "边界自相接"}.get(reason, f"无效（{reason}）")
    return f"{at}{said}", place


def polygons_of(shape: BaseGeometry) -> BaseGeometry | None:
    """The polygons of a mended shape; the lines and points that make_valid leaves enclose nothing."""
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    parts = [part for part in shapely.get_parts(shape) if part.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(parts) if parts else None
