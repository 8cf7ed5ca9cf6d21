"""The demo's town: its addresses, workers and units, read from a grid folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cases.model import GridWorker, HandlingUnit, Loop, UnitId, WorkerId
from geo.grids import GridBook


@dataclass(frozen=True, slots=True)
class Address:
    """A place people name, in WGS-84 degrees; `grid` is the innermost grid that lists it."""

    text: str
    lon: float
    lat: float
    grid: str


@dataclass(frozen=True, slots=True)
class Town:
    """Who and what the demo tells of. `worker_of` maps an innermost grid to the worker who answers for it."""

    addresses: tuple[Address, ...]
    workers: tuple[GridWorker, ...]
    units: tuple[HandlingUnit, ...]
    worker_of: Mapping[str, WorkerId]


def read_town(folder: Path, book: GridBook) -> Town:
    """The town of a grid folder: addresses.json, workers.json and units.json where it has them.

    A folder without addresses gets one address a grid of its innermost level, named after it; one without workers or
    units has none. Raises OSError or ValueError for files that are there and cannot be read.
    """
    workers = _workers(folder / "workers.json")
    return Town(
        addresses=_addresses(folder / "addresses.json") or _named_after_grids(book),
        workers=workers,
        units=_units(folder / "units.json"),
        worker_of=_by_leaf(book, workers),
    )


def _addresses(file: Path) -> tuple[Address, ...]:
    if not file.exists():
        return ()
    listed = json.loads(file.read_text("utf-8"))
    return tuple(Address(a["text"], a["lon"], a["lat"], grid) for grid, found in listed.items() for a in found)


def _named_after_grids(book: GridBook) -> tuple[Address, ...]:
    found = []
    for grid in book.grids(len(book.levels()) - 1):
        point = grid.geometry.representative_point()
        found.append(Address(grid.name, point.x, point.y, grid.code))
    return tuple(found)


def _workers(file: Path) -> tuple[GridWorker, ...]:
    rows = json.loads(file.read_text("utf-8")) if file.exists() else []
    return tuple(
        GridWorker(WorkerId(r["id"]), r["name"], r["grid"], r["phone"], tuple(r["skills"]), r["role"]) for r in rows
    )


def _units(file: Path) -> tuple[HandlingUnit, ...]:
    rows = json.loads(file.read_text("utf-8")) if file.exists() else []
    return tuple(
        HandlingUnit(
            UnitId(r["id"]), r["name"], r["kind"], r["area"], tuple(r["categories"]), tuple(map(Loop, r["loops"]))
        )
        for r in rows
    )


def _by_leaf(book: GridBook, workers: tuple[GridWorker, ...]) -> dict[str, WorkerId]:
    """For each innermost grid, the worker whose own grid is the nearest one above it."""
    own = {worker.grid: worker.id for worker in workers}
    found = {}
    for leaf in book.grids(len(book.levels()) - 1):
        for code in reversed(book.ancestors(leaf.code)):
            if code in own:
                found[leaf.code] = own[code]
                break
    return found
