"""Toy nests for tests: square quilts of grids with shared, wavy borders, written as grid folders."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.grids import Grid, GridBook
from geo.scheme import Level, Scheme

WEST, SOUTH, STEP = 118.5, 29.3, 0.01


def square(column: float, row: float, size: float = 1.0) -> BaseGeometry:
    """A square of `size` steps (0.01°) whose south-west corner lies `column`, `row` steps from the toy town's."""
    corner = (WEST + column * STEP, SOUTH + row * STEP)
    return shapely.box(*np.round([*corner, corner[0] + size * STEP, corner[1] + size * STEP], 7))


def wavy_quilt(side: int, corners: int = 8) -> list[BaseGeometry]:
    """side × side cells with bent borders whose vertices are shared bit by bit; west to east, south to north."""
    steps = np.arange(corners) / corners
    cells = []
    for row in range(side):
        for column in range(side):
            south = [(column + s, row) for s in steps]
            east = [(column + 1, row + s) for s in steps]
            north = [(column + 1 - s, row + 1) for s in steps]
            west = [(column, row + 1 - s) for s in steps]
            cells.append(shapely.Polygon(_bent(np.array(south + east + north + west))))
    return cells


def _bent(at: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    x, y = np.round(at[:, 0], 9), np.round(at[:, 1], 9)
    bent = np.column_stack([x + 0.2 * np.sin(2.3 * y + 0.4 * x), y + 0.17 * np.sin(2.1 * x + 1)])
    return np.asarray(np.round([WEST, SOUTH] + bent * STEP, 7))


def wavy_nest(side: int = 4) -> list[list[dict[str, Any]]]:
    """Three exact levels: one town, 2 × 2 quarters, side × side leaves (`side` even). Rows as `write_folder` wants."""
    leaves = wavy_quilt(side)
    quarter = [(n // side) // (side // 2) * 2 + (n % side) // (side // 2) for n in range(side * side)]
    quarters = [
        shapely.coverage_union_all([leaf for leaf, q in zip(leaves, quarter, strict=True) if q == number])
        for number in range(4)
    ]
    inner = [row(f"T{q}{n:02}", leaf, f"T{q}") for n, (leaf, q) in enumerate(zip(leaves, quarter, strict=True))]
    middle = [row(f"T{q}", shape, "T") for q, shape in enumerate(quarters)]
    return [[row("T", shapely.coverage_union_all(quarters), None)], middle, inner]


def row(code: object, shape: BaseGeometry | None, parent: object = None, **properties: object) -> dict[str, Any]:
    """One feature, ready for JSON."""
    geometry = None if shape is None else json.loads(shapely.to_geojson(shape))
    said = {"code": code, "name": f"格{code}", "parent_code": parent, **properties}
    return {"type": "Feature", "properties": said, "geometry": geometry}


def write_folder(
    folder: Path, levels: Sequence[Sequence[Mapping[str, Any]]], crs: str = "EPSG:4326", **keys: str
) -> Path:
    """A grid folder of these features; `keys` replace or add keys of every [[level]]."""
    folder.mkdir(parents=True, exist_ok=True)
    text = [f'name = "玩具镇"\ncrs = "{crs}"']
    for number, rows in enumerate(levels, start=1):
        file = f"l{number}.geojson"
        (folder / file).write_text(json.dumps({"type": "FeatureCollection", "features": list(rows)}), "utf-8")
        table = {"name": f'"{number}级"', "file": f'"{file}"', **keys}
        text.append("\n".join(["[[level]]", *(f"{key} = {value}" for key, value in table.items())]))
    (folder / "scheme.toml").write_text("\n".join(text), "utf-8")
    return folder


def book_of(levels: Sequence[Sequence[tuple[str, str | None, BaseGeometry]]]) -> GridBook:
    """A book straight from (code, parent, shape), a level after the other."""
    scheme = Scheme("玩具镇", "EPSG:4326", tuple(Level(f"{n}级", "") for n in range(len(levels))), Path())
    grids = [
        Grid(0, code, code, level, parent, shape, {})
        for level, cells in enumerate(levels)
        for code, parent, shape in cells
    ]
    return GridBook(scheme, grids)


def brute_force(book: GridBook, lon: float, lat: float) -> tuple[str | None, ...]:
    """The border rule, said plainly: on each level the lowest code of all that touch the point."""
    point = shapely.Point(lon, lat)
    return tuple(
        min((grid.code for grid in book.grids(level) if grid.geometry.intersects(point)), default=None)
        for level in range(len(book.levels()))
    )
