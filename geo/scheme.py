"""A grid scheme: which levels a place is divided into, and in which file each level lies (scheme.toml)."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo.errors import GridError

SCHEME_FILE = "scheme.toml"
_LEVEL_KEYS = {"name", "file", "code", "label", "parent", "merge", "encoding"}


@dataclass(frozen=True, slots=True)
class Level:
    """One level of the nest, as its `[[level]]` table says.

    `code`, `label` and `parent` name columns: an empty `code` is made from the parent's code and the grid's
    position, an empty `parent` is found by containment. `encoding` is for Shapefiles without a .cpg.
    """

    name: str
    file: str
    code: str = "code"
    label: str = "name"
    parent: str = "parent_code"
    merge: bool = False
    encoding: str = ""


@dataclass(frozen=True, slots=True)
class Scheme:
    """A named nest of levels, outermost first; `folder` is where relative file names start."""

    name: str
    crs: str
    levels: tuple[Level, ...]
    folder: Path


def read_scheme(folder: Path) -> Scheme:
    """The scheme in `folder`; GridError BAD_SCHEME names the key that is wrong, MISSING_CRS a scheme without crs."""
    path = folder / SCHEME_FILE
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise GridError("MISSING_FILE", f"找不到 {path}，网格文件夹里要有一个 {SCHEME_FILE}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise GridError("BAD_SCHEME", f"{path} 不是正确的 TOML：{error}") from error
    return _scheme(table, folder)


def _scheme(table: dict[str, Any], folder: Path) -> Scheme:
    unknown = set(table) - {"name", "crs", "level"}
    if unknown:
        raise _bad(f"不认识的键 {sorted(unknown)}")
    if not table.get("crs"):
        raise GridError("MISSING_CRS", f'{SCHEME_FILE} 没有写坐标系，例如 crs = "EPSG:4326"')
    rows = table.get("level")
    if not isinstance(rows, list) or not rows:
        raise _bad("至少要有一个 [[level]]")
    levels = tuple(_level(row, number) for number, row in enumerate(rows, start=1))
    return Scheme(_text(table, "name", "scheme"), _text(table, "crs", "scheme"), levels, folder)


def _level(row: Any, number: int) -> Level:
    where = f"第 {number} 个 [[level]]"
    if not isinstance(row, dict):
        raise _bad(f"{where} 不是表")
    unknown = set(row) - _LEVEL_KEYS
    if unknown:
        raise _bad(f"{where} 有不认识的键 {sorted(unknown)}")
    merge = row.get("merge", False)
    if not isinstance(merge, bool):
        raise _bad(f"{where} 的 merge 只能是 true 或 false")
    columns = {key: _text(row, key, where, may_be_empty=True) for key in _LEVEL_KEYS - {"merge"} if key in row}
    for key in ("name", "file"):
        if not columns.get(key):
            raise _bad(f"{where} 缺少 {key}")
    return Level(merge=merge, **columns)


def _text(table: dict[str, Any], key: str, where: str, *, may_be_empty: bool = False) -> str:
    value = table.get(key, "")
    if not isinstance(value, str) or not (value or may_be_empty):
        raise _bad(f"{where} 的 {key} 要写成非空文字" if not may_be_empty else f"{where} 的 {key} 要写成文字")
    return value


def _bad(message: str) -> GridError:
    return GridError("BAD_SCHEME", f"{SCHEME_FILE}：{message}")
