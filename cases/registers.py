"""人地物事组织: the registers' table of fields, how a file's columns are understood, and what a row is refused for.

One meaning is one field (GB/T 31000). A column that no field means is not taken, and said; identity numbers have none.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cases.masking import masked_name, masked_phone

MOST_TEXT = 500


@dataclass(frozen=True, slots=True)
class Field:
    """One meaning: its name in code, its word on the screen, and the column titles that mean it."""

    name: str
    label: str
    titles: tuple[str, ...] = ()
    is_required: bool = False
    is_personal: bool = False
    is_number: bool = False


_KEY = Field("key", "编号", ("编号", "序号", "id", "idx", "code", "编码", "代码"), is_required=True)
_NAME = Field("name", "名称", ("名称", "name"))
_GRID = Field("grid", "网格编码", ("网格编码", "网格", "grid"))
_ADDRESS = Field("address", "地址", ("地址", "详细地址", "address"))
_LON = Field("lon", "经度", ("经度", "lon", "lng", "longitude"), is_number=True)
_LAT = Field("lat", "纬度", ("纬度", "lat", "latitude"), is_number=True)
_SHORTENED = re.compile(r"\d(?:\.\d+)?[Ee]\+\d+")  # a workbook keeps fifteen digits of a number
_PLACED = (_GRID, _ADDRESS, _LON, _LAT)


def _kind_field(*titles: str) -> Field:
    return Field("type", "类别", ("类别", "类型", *titles))


@dataclass(frozen=True, slots=True)
class Register:
    """One register: code, name, fields; `stale_days` after which a record asks to be looked at again."""

    code: str
    name: str
    fields: tuple[Field, ...]
    stale_days: int

    def field(self, name: str) -> Field | None:
        """A field by its name."""
        return next((each for each in self.fields if each.name == name), None)

    @property
    def optional(self) -> tuple[Field, ...]:
        """The fields that make a record complete."""
        return tuple(each for each in self.fields if not each.is_required)


REGISTERS: Mapping[str, Register] = {
    row.code: row
    for row in (
        Register(
            "person",
            "人",
            (
                _KEY,
                Field("name", "姓名", ("姓名", "名称", "name"), is_required=True, is_personal=True),
                Field("group", "人群", ("人群", "类别", "人口类别")),
                Field("household", "户号", ("户号", "户编号"), is_personal=True),
                Field("phone", "电话", ("电话", "手机", "联系电话", "phone"), is_personal=True),
                Field("address", "地址", ("地址", "住址", "现住址", "详细地址"), is_personal=True),
                _GRID,
                _LON,
                _LAT,
            ),
            180,
        ),
        Register("place", "地", (_KEY, _NAME, _kind_field("场所类别"), *_PLACED), 365),
        Register("thing", "物", (_KEY, _NAME, _kind_field("部件类别", "设施类别"), *_PLACED), 365),
        Register(
            "matter",
            "事",
            (_KEY, Field("name", "事项", ("事项", "名称", "name"), is_required=True), _kind_field(), *_PLACED),
            90,
        ),
        Register(
            "organisation",
            "组织",
            (
                _KEY,
                Field("name", "组织名称", ("组织名称", "单位名称", "企业名称", "名称", "name"), is_required=True),
                _kind_field("组织类别"),
                Field("contact", "联系人", ("联系人", "负责人"), is_personal=True),
                Field("phone", "电话", ("电话", "联系电话", "手机"), is_personal=True),
                *_PLACED,
            ),
            365,
        ),
        Register(
            "division",
            "区划代码",
            (
                Field("key", "区划代码", ("区划代码", "代码", "code"), is_required=True),
                Field("name", "名称", ("名称", "name"), is_required=True),
                Field(
                    "parent", "上级代码", ("上级代码", "parent", "streetCode", "areaCode", "cityCode", "provinceCode")
                ),
            ),
            730,
        ),
    )
}
"""The registers in the order of 人地物事组织, and the division codes that name places."""


def shown_value(each: Field, value: str, *, reveal: bool) -> str:
    """A field's value as it may be shown: persons masked unless revealed; a dash where nothing is said."""
    if not value or not each.is_personal or reveal:
        return value or "—"
    if each.name == "phone":
        return masked_phone(value)
    return masked_name(value) if each.name in ("name", "contact") else f"{value[:3]}***"


def meanings(kind: Register, titles: Sequence[str]) -> dict[str, str]:
    """Which title means which field: {field: title}; of several titles the first that the table lists."""
    plain = {title.strip().lower(): title for title in reversed(titles)}
    found: dict[str, str] = {}
    for each in kind.fields:
        title = next((plain[word.lower()] for word in each.titles if word.lower() in plain), None)
        if title is not None and title not in found.values():
            found[each.name] = title
    return found


def missing(kind: Register, mapping: Mapping[str, str], titles: Sequence[str]) -> list[str]:
    """Why a mapping cannot be used, in words; empty when it can."""
    words = [f"“{each.label}”没有对应的列" for each in kind.fields if each.is_required and each.name not in mapping]
    words += [f"没有字段 {name}" for name in mapping if kind.field(name) is None]
    words += [f"文件里没有列“{title}”" for title in mapping.values() if title not in titles]
    taken = list(mapping.values())
    return words + [f"列“{title}”对应了两个字段" for title in dict.fromkeys(taken) if taken.count(title) > 1]


@dataclass(frozen=True, slots=True)
class Record:
    """One entry of a register; place in WGS-84 degrees, `grids` outermost first, empty where no grid holds it."""

    key: str
    values: Mapping[str, str]
    lon: float | None = None
    lat: float | None = None
    grids: tuple[str, ...] = ()

    def filled(self, kind: Register) -> int:
        """How many of the optional fields say something; a place stands for both of its coordinates."""
        placed = self.lon is not None
        return sum(1 for f in kind.optional if self._says(f.name, placed))

    def _says(self, name: str, placed: bool) -> bool:
        if name in ("lon", "lat"):
            return placed
        return bool(self.values.get(name)) or (name == "grid" and bool(self.grids))


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that is not taken: its number in the file (the first after the titles is 2) and why, in words."""

    row: int
    why: str


@dataclass(slots=True)
class Reading:
    """What was understood of a file: the records, the refused rows, the columns nobody asked for, and notes."""

    kind: Register
    records: list[Record] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    unused: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Rows of the file, without its titles."""
        return len(self.records) + len(self.refusals)

    def why_wrong(self, *, in_part: bool) -> str | None:
        """Why nothing of this file may be kept; None when it may. `in_part` is a person's word to keep the rest."""
        if not self.records:
            return "没有一行可以入库"
        if len(self.refusals) * 2 > self.rows:
            return f"{self.rows} 行中有 {len(self.refusals)} 行不合格，超过一半，像是选错了文件或对应关系"
        if self.refusals and not in_part:
            return f"{self.rows} 行中有 {len(self.refusals)} 行不合格，请改正后重来，或明确选择“其余入库”"
        return None


@dataclass(frozen=True, slots=True)
class Load:
    """One import as it is remembered: from which file, whose data, of which day, by whom."""

    kind: str
    file: str
    source: str
    as_of: datetime
    at: datetime
    by: str
    rows: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class RegisterState:
    """How a register stands in a cell: records, the share of optional fields filled (0–1), oldest and newest data.

    `stale` are records older than the register's own limit.
    """

    kind: str
    count: int
    completeness: float
    oldest: datetime | None
    newest: datetime | None
    stale: int


def understood(
    kind: Register, mapping: Mapping[str, str], rows: Iterable[Mapping[str, str]], first_row: int = 2
) -> Iterator[Record | Refusal]:
    """Every row as a record or as its refusal, in the file's order. Places come as the file has them, unconverted."""
    seen: dict[str, int] = {}
    for place, row in enumerate(rows, first_row):
        number = int(row.get("__line__", place))
        values = {name: str(row.get(title) or "").strip() for name, title in mapping.items()}
        why = _wrong(kind, values) or row.get("__defect__")
        key = values.get("key", "")
        if not why and _SHORTENED.fullmatch(key):
            why = f"编号“{key}”被表格软件改写，请把这一列设为文本后重新导出"
        if not why and key in seen:
            why = f"编号 {key} 与第 {seen[key]} 行重复"
        if why:
            yield Refusal(number, why)
            continue
        seen[key] = number
        lon, lat = _place(values, row)
        kept = {name: value for name, value in values.items() if value and name not in ("lon", "lat")}
        yield Record(key, kept, lon, lat)


def _wrong(kind: Register, values: Mapping[str, str]) -> str | None:
    """Why a row is refused, in words; None when it is not."""
    found = (why for each in kind.fields if (why := _wrong_value(each, values.get(each.name, ""))))
    return next(found, None) or _wrong_place(values) or (_wrong_division(values) if kind.code == "division" else None)


def _wrong_value(each: Field, value: str) -> str | None:
    if each.is_required and not value:
        return f"缺少{each.label}"
    if len(value) > MOST_TEXT:
        return f"{each.label}超过 {MOST_TEXT} 字"
    if any(ord(sign) < 32 for sign in value):
        return f"{each.label}含有不可见字符"
    if each.is_number and value and not _is_number(value):
        return f"{each.label}“{value[:20]}”不是数字"
    return None


def _wrong_place(values: Mapping[str, str]) -> str | None:
    if bool(values.get("lon")) != bool(values.get("lat")):
        return "经度和纬度只有一个"
    if values.get("lon") and not (abs(float(values["lon"])) <= 180 and abs(float(values["lat"])) <= 90):
        return "经纬度超出范围"
    return None


_LENGTHS = (2, 4, 6, 9, 12)


def _wrong_division(values: Mapping[str, str]) -> str | None:
    """GB/T 2260 and GB/T 10114: 2, 4, 6, 9 or 12 digits, and a parent is how its children begin (domain.md b5)."""
    code, parent = values["key"], values.get("parent", "")
    if not re.fullmatch(r"[0-9]+", code) or len(code) not in _LENGTHS:
        return f"区划代码“{code[:20]}”不是 2、4、6、9 或 12 位数字"
    if code.endswith("000") and len(code) == 12:
        return f"区划代码 {code} 的村级三位是 000，那是它的上级"
    if parent and not (code.startswith(parent) and len(parent) < len(code)):
        return f"区划代码 {code} 不以上级代码 {parent} 开头"
    if "已撤销" in values["name"]:
        return f"区划代码 {code} 已撤销"
    return None


def _is_number(value: str) -> bool:
    try:
        return math.isfinite(float(value))
    except ValueError:
        return False


def _place(values: Mapping[str, str], row: Mapping[str, str]) -> tuple[float | None, float | None]:
    lon, lat = values.get("lon") or row.get("__lon__"), values.get("lat") or row.get("__lat__")
    return (float(lon), float(lat)) if lon and lat else (None, None)


def division_notes(records: Iterable[Record]) -> list[str]:
    """What is odd in a list of division codes without being wrong: in words, counted, with one example."""
    odd: dict[str, list[str]] = {}
    seen: set[tuple[str, str]] = set()
    for each in records:
        name, parent = each.values.get("name", ""), each.values.get("parent", "")
        found = _odd_ending(each.key, name)
        if found:
            odd.setdefault(found, []).append(f"{each.key} {name}")
        if parent and (parent, name) in seen:
            odd.setdefault("与同一上级下的另一个同名", []).append(f"{each.key} {name}")
        seen.add((parent, name))
    return [f"{len(codes)} 个{why}，如 {codes[0]}" for why, codes in odd.items()]


_RANGES: Mapping[int, tuple[tuple[int, int, tuple[str, ...], str], ...]] = {
    9: (
        (1, 99, ("街道", "办事处"), "代码在街道段（001–099）而名称不是街道"),
        (100, 199, ("镇",), "代码在镇段（100–199）而名称不是镇"),
        (200, 399, ("乡", "苏木"), "代码在乡段（200–399）而名称不是乡"),
        (400, 599, ("",), ""),
    ),
    12: (
        (1, 199, ("居委会", "居民委员会", "社区"), "代码在居委会段（001–199）而名称不是居委会"),
        (200, 399, ("村委会", "村民委员会", "村"), "代码在村委会段（200–399）而名称不是村委会"),
    ),
}
"""By length: from, to, how names of that range end, and what is odd when one does not (GB/T 10114)."""


def _odd_ending(code: str, name: str) -> str:
    ranges = _RANGES.get(len(code))
    if ranges is None:
        return ""
    number = int(code[-3:])
    for low, high, endings, why in ranges:
        if low <= number <= high:
            return "" if any(ending in name for ending in endings) else why
    return "代码的末三位不在国标的各段内"
