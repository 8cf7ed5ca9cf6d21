"""A toy nest of 2 × 2 squares and the quarter of each, written as a grid folder; devices to speak from it."""

from __future__ import annotations

import json
from pathlib import Path

from cases.model import Device
from geo.grids import GridBook

WEST, SOUTH, STEP = 120.0, 30.0, 0.1
SCHEME = """name = "玩具镇"
crs = "EPSG:4326"
[[level]]
name = "一级网格"
file = "l1.geojson"
code = "code"
label = "name"
parent = ""
merge = false
[[level]]
name = "二级网格"
file = "l2.geojson"
code = "code"
label = "name"
parent = "parent"
merge = false
"""

SOURCE = Device("src-1", "hotline", "*")
WORKER = Device("w-1", "grid_worker", "W-0001")
KEYS = {"src-1": "src-1.aaaa", "w-1": "w-1.bbbb", "w-2": "w-2.cccc", "off-1": "off-1.dddd"}
DEVICES = (SOURCE, WORKER, Device("w-2", "grid_worker", "W-0002"), Device("off-1", "iot", "*", disabled=True))


def write_town(folder: Path) -> Path:
    """Two squares side by side (A, B), each cut into a west and an east half (A1, A2, B1, B2)."""
    outer = [_square(code, index * STEP, STEP, {}) for index, code in enumerate("AB")]
    halves = [
        _square(f"{code}{half + 1}", index * STEP + half * STEP / 2, STEP / 2, {"parent": code})
        for index, code in enumerate("AB")
        for half in range(2)
    ]
    for name, features in (("l1", outer), ("l2", halves)):
        shapes = {"type": "FeatureCollection", "features": features}
        (folder / f"{name}.geojson").write_text(json.dumps(shapes), "utf-8")
    (folder / "scheme.toml").write_text(SCHEME, "utf-8")
    return folder


def town_book(folder: Path) -> GridBook:
    """The toy town's book."""
    return GridBook.load(write_town(folder))


def _square(code: str, east: float, width: float, more: dict[str, str]) -> dict[str, object]:
    west, south = WEST + east, SOUTH
    ring = [
        [west, south],
        [west + width, south],
        [west + width, south + STEP],
        [west, south + STEP],
        [west, south],
    ]
    properties = {"code": code, "name": f"{code} 网格", **more}
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}
