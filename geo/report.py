"""The report on a nest: what was read, what is wrong and where, for people and for programs."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geo.defects import Defect, Kind
from geo.errors import GridError

TOLERATED_M2 = 1.0  # architecture.md §5: a room does not start on defects over 1 m²

_SHOWN_A_KIND = 20
_FIGURES = {
    "invalid": (Kind.INVALID, Kind.UNCLOSED, Kind.SHORT_RING, Kind.BAD_COORD),
    "empty": (Kind.EMPTY, Kind.MISSING, Kind.WRONG_TYPE, Kind.NOT_A_FEATURE),
    "duplicate_codes": (Kind.DUPLICATE_CODE,),
    "missing_codes": (Kind.MISSING_CODE,),
    "odd_codes": (Kind.BAD_CODE,),
    "orphans": (Kind.ORPHAN,),
    "childless": (Kind.CHILDLESS,),
    "outside": (Kind.OUTSIDE,),
    "overlaps": (Kind.OVERLAP,),
    "gaps": (Kind.GAP,),
}
_HEADINGS = {
    "invalid": "图形无效",
    "empty": "空图形",
    "duplicate_codes": "代码重复",
    "missing_codes": "缺代码",
    "odd_codes": "代码长度可疑",
    "orphans": "找不到上级",
    "childless": "没有下级",
    "outside": "超出上级",
    "overlaps": "重叠",
    "gaps": "缝隙",
}


@dataclass(frozen=True, slots=True)
class LevelCount:
    """A level's name, the features its file holds and the grids made of them."""

    name: str
    features: int
    grids: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found; `defects` outermost level first, the largest first within a kind."""

    name: str
    levels: tuple[LevelCount, ...]
    defects: tuple[Defect, ...]
    proved_exact: bool

    @property
    def blocking(self) -> tuple[Defect, ...]:
        """What keeps a room from starting: anything over 1 m², and what no area measures but odd codes."""
        return tuple(found for found in self.defects if _blocks(found))

    @property
    def ok(self) -> bool:
        """Whether a room may start on this nest."""
        return not self.blocking

    def as_json(self) -> dict[str, Any]:
        """The report for programs; levels count from 1, places are WGS-84 degrees."""
        return {
            "ok": self.ok,
            "scheme": self.name,
            "proved_exact": self.proved_exact,
            "levels": [self._level_json(number) for number in range(len(self.levels))],
            "defects": [_defect_json(found, self.levels) for found in self.defects],
        }

    def as_text(self) -> str:
        """The report for people: a table of counts, then each kind with its worst places."""
        lines = [f"网格方案：{self.name}"]
        for number, level in enumerate(self.levels):
            lines.append(f"  {level.name}：{level.features} 个图形，{level.grids} 个网格；{self._figures_text(number)}")
        for kind, found in self._by_kind().items():
            lines += ["", f"{kind.said.removeprefix('的')}（{kind.value}）{len(found)} 处{_total(found)}"]
            lines += [f"  · {_defect_text(defect)}" for defect in found[:_SHOWN_A_KIND]]
            if len(found) > _SHOWN_A_KIND:
                lines.append(f"  … 另有 {len(found) - _SHOWN_A_KIND} 处，见 --json")
        return "\n".join([*lines, "", self.verdict()])

    def verdict(self) -> str:
        """One line: may a room start, and if not, what to do."""
        if not self.ok:
            return f"不合格：{len(self.blocking)} 处问题，请先运行 python -m geo repair 文件夹 新文件夹"
        exact = "，逐级严丝合缝" if self.proved_exact else ""
        return f"合格{exact}" + (f"（另有 {len(self.defects)} 处不碍事的提示）" if self.defects else "")

    def _by_kind(self) -> Mapping[Kind, list[Defect]]:
        kinds: dict[Kind, list[Defect]] = {}
        for found in self.defects:
            kinds.setdefault(found.kind, []).append(found)
        return kinds

    def _level_json(self, number: int) -> dict[str, Any]:
        level = self.levels[number]
        return {"name": level.name, "features": level.features, "grids": level.grids, **self._figures(number)}

    def _figures(self, number: int) -> dict[str, Any]:
        mine = [found for found in self.defects if found.level == number]
        counts = Counter(found.kind for found in mine)
        figures: dict[str, Any] = {}
        for figure, kinds in _FIGURES.items():
            figures[figure] = sum(counts[kind] for kind in kinds)
            if figure in ("outside", "overlaps", "gaps"):
                figures[f"{figure}_m2"] = round(sum(found.area_m2 or 0 for found in mine if found.kind in kinds), 2)
        return figures

    def _figures_text(self, number: int) -> str:
        figures = self._figures(number)
        said = [f"{heading} {figures[figure]}" for figure, heading in _HEADINGS.items() if figures[figure]]
        return "，".join(said) or "没有问题"


class GridDefects(GridError):
    """A nest with defects over 1 m²; `report` names them all."""

    def __init__(self, report: Report) -> None:
        first = "；".join(defect.text for defect in report.blocking[:3])
        super().__init__("GRID_DEFECTS", f"网格“{report.name}”{report.verdict()}。例如：{first}")
        self.report = report


def _blocks(defect: Defect) -> bool:
    if defect.kind is Kind.BAD_CODE:
        return False  # local schemes differ (domain.md b5): pointed out, not judged
    return defect.area_m2 is None or defect.area_m2 > TOLERATED_M2


def _defect_text(defect: Defect) -> str:
    area = f" {defect.area_m2:,.2f} m²" if defect.area_m2 is not None else ""
    place = f"，在 ({defect.place[0]}, {defect.place[1]})" if defect.place and "在 (" not in defect.text else ""
    return f"{defect.text}{area}{place}"


def _total(found: list[Defect]) -> str:
    areas = [defect.area_m2 for defect in found if defect.area_m2 is not None]
    return f"，共 {sum(areas):,.2f} m²" if areas else ""


def _defect_json(defect: Defect, levels: tuple[LevelCount, ...]) -> dict[str, Any]:
    lon, lat = defect.place or (None, None)
    return {
        "kind": defect.kind.value,
        "level": defect.level + 1,
        "level_name": levels[defect.level].name,
        "row": defect.row or None,
        "code": defect.code,
        "other": defect.other,
        "area_m2": None if defect.area_m2 is None else round(defect.area_m2, 4),
        "lon": lon,
        "lat": lat,
        "text": defect.text,
    }
