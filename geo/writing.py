"""Writing a nest as a grid folder: scheme.toml and one GeoJSON file a level, WGS-84."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import shapely

from geo.errors import GridError
from geo.nest import Cell, Nest
from geo.scheme import SCHEME_FILE

_OURS = ("code", "name", "parent_code")


def write_nest(nest: Nest, folder: Path) -> None:
    """Write a nest into a new or empty folder; GridError NOT_EMPTY rather than mix with what is there."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise GridError("NOT_EMPTY", f"{folder} 里已有文件，请另选一个新文件夹")
    tables = [f"name = {_quoted(nest.scheme.name)}", 'crs = "EPSG:4326"']
    for number, (level, cells) in enumerate(zip(nest.scheme.levels, nest.levels, strict=True), start=1):
        file = f"l{number}.geojson"
        (folder / file).write_text(_feature_collection(cells), "utf-8")
        tables += ["", "[[level]]", f"name = {_quoted(level.name)}", f'file = "{file}"', 'code = "code"']
        tables += ['label = "name"', f"parent = {_quoted('parent_code' if number > 1 else '')}"]
    (folder / SCHEME_FILE).write_text("\n".join([*tables, ""]), "utf-8")


def _feature_collection(cells: Sequence[Cell]) -> str:
    """One feature a line, so that two versions can be compared with ordinary tools."""
    lines = ",\n".join(json.dumps(_feature(cell), ensure_ascii=False, allow_nan=False) for cell in cells)
    return f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n'


def _feature(cell: Cell) -> dict[str, Any]:
    kept = {key: value for key, value in cell.properties.items() if key not in _OURS}
    ours = {"code": cell.code, "name": cell.name, "parent_code": cell.parent}
    geometry = json.loads(shapely.to_geojson(cell.geometry))
    return {"type": "Feature", "properties": {**ours, **kept}, "geometry": geometry}


def _quoted(text: str) -> str:
    """A TOML basic string; JSON's escapes are a subset of TOML's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
