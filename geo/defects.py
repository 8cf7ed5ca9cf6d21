"""What can be wrong with a nest of grids, and the report that names it."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of defects; the value is what programs read."""

    INVALID = "INVALID_GEOMETRY"
    UNCLOSED = "UNCLOSED_RING"
    SHORT_RING = "RING_TOO_SHORT"
    EMPTY = "EMPTY_GEOMETRY"
    MISSING = "MISSING_GEOMETRY"
    WRONG_TYPE = "WRONG_GEOMETRY_TYPE"
    BAD_COORD = "BAD_COORD"
    NOT_A_FEATURE = "NOT_A_FEATURE"
    MISSING_CODE = "MISSING_CODE"
    DUPLICATE_CODE = "DUPLICATE_CODE"
    BAD_CODE = "BAD_CODE"
    ORPHAN = "UNKNOWN_PARENT"
    CHILDLESS = "NO_CHILDREN"
    OUTSIDE = "OUTSIDE_PARENT"
    OVERLAP = "OVERLAP"
    GAP = "GAP"

    @classmethod
    def of_flaw(cls, flaw: str) -> "Kind":
        """The kind that a flaw found while reading belongs to."""
        return cls(flaw)

    @property
    def said(self) -> str:
        """The kind in Chinese."""
        return _SAID[self]


_SAID = {
    Kind.INVALID: "边界无效",
    Kind.UNCLOSED: "的环没有闭合",
    Kind.SHORT_RING: "的环少于三个不同的点",
    Kind.EMPTY: "是空图形",
    Kind.MISSING: "没有图形",
    Kind.WRONG_TYPE: "不是面",
    Kind.BAD_COORD: "的坐标不是有限的数",
    Kind.NOT_A_FEATURE: "不是 GeoJSON 的 Feature",
    Kind.MISSING_CODE: "没有代码",
    Kind.DUPLICATE_CODE: "代码重复",
    Kind.BAD_CODE: "代码长度可疑",
    Kind.ORPHAN: "找不到上级",
    Kind.CHILDLESS: "没有下级网格",
    Kind.OUTSIDE: "超出上级",
    Kind.OVERLAP: "重叠",
    Kind.GAP: "缝隙",
}


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing wrong: its level from 0, the feature's row from 1 (0: no single row), the grid's code.

    `area_m2` is None where no area can be named; `place` is a lon/lat point inside or at the defect (WGS-84);
    `other` is the second grid of an overlap or the parent a grid sticks out of.
    """

    kind: Kind
    level: int
    row: int
    code: str
    text: str
    area_m2: float | None = None
    place: tuple[float, float] | None = None
    other: str = ""
