"""Bench of locating: a million points on the demo town's three levels and on ten thousand grids, against
geopandas.sjoin, and single points against Shapely's STRtree; peers in the same run, every answer compared."""

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import numpy.typing as npt
import shapely

from geo.grids import Grid, GridBook
from geo.locator import locator_for
from geo.scheme import Level, Scheme

TOWN = Path(__file__).resolve().parent.parent / "geo" / "towns" / "demo"
MANY_GRIDS = 10_000
SINGLE_OURS, SINGLE_PEER = 100_000, 10_000
CORNERS = 20_000
SEED = 20261121

Floats = npt.NDArray[np.float64]
Answers = Sequence[npt.NDArray[Any]]


@dataclass(frozen=True)
class Field:
    """A book with random points over it; the peers' points and frames are made beforehand, at no cost to them."""

    book: GridBook
    lons: Floats
    lats: Floats
    points: geopandas.GeoDataFrame
    levels: list[geopandas.GeoDataFrame]

    @classmethod
    def over(cls, book: GridBook, count: int) -> "Field":
        """`count` points, evenly over the rectangle around the book's grids."""
        west, south, east, north = shapely.total_bounds([grid.geometry for grid in book.grids(0)])
        random = np.random.default_rng(SEED)
        lons, lats = random.uniform(west, east, count), random.uniform(south, north, count)
        points = geopandas.GeoDataFrame(geometry=shapely.points(lons, lats), crs="EPSG:4326")
        levels = [
            geopandas.GeoDataFrame(geometry=[grid.geometry for grid in book.grids(level)], crs="EPSG:4326")
            for level in range(len(book.levels()))
        ]
        return cls(book, lons, lats, points, levels)


def many_grids(count: int = MANY_GRIDS) -> GridBook:
    """One level of about 70-cornered, bent Voronoi cells over 0.2° × 0.2° that share their borders exactly."""
    random = np.random.default_rng(SEED)
    seeds = shapely.multipoints(random.uniform(0, 0.2, (count + 3 * int(count**0.5), 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds))
    cells = cells[shapely.within(cells, shapely.box(-0.001, -0.001, 0.201, 0.201))]
    cells = shapely.segmentize(shapely.transform(cells, lambda xy: np.round(xy, 9)), 0.2 / count**0.5 / 17)
    cells = shapely.transform(cells, _bent)
    cells = cells[shapely.is_valid(cells)][:count]
    scheme = Scheme("bench", "EPSG:4326", (Level("grid", ""),), Path())
    return GridBook(scheme, [Grid(number, f"{number:05}", "", 0, None, cell, {}) for number, cell in enumerate(cells)])


def _bent(xy: Floats) -> Floats:
    x, y = xy[:, 0], xy[:, 1]
    lon = 120 + x + 0.0011 * np.sin(y * 300) + 0.0003 * np.sin(y * 1100 + 1)
    lat = 30 + y + 0.0009 * np.sin(x * 280 + 2) + 0.0003 * np.sin(x * 990)
    return np.asarray(np.round(np.column_stack([lon, lat]), 7))


def bulk_ours(field: Field) -> Answers:
    """Every point on every level."""
    return field.book.locate_many(field.lons, field.lats)


def bulk_peer(field: Field) -> list[geopandas.GeoDataFrame]:
    """The same with one spatial join a level."""
    return [geopandas.sjoin(field.points, level, predicate="within") for level in field.levels]


def mismatches(field: Field) -> int:
    """Random points whose grid differs from sjoin's, and corner points whose grid is not the lowest that touches."""
    wrong = 0
    for ours, theirs in zip(bulk_ours(field), bulk_peer(field), strict=True):
        expected = np.full(len(field.lons), -1)
        expected[theirs.index.to_numpy()] = theirs["index_right"].to_numpy()
        wrong += int((ours != expected).sum())
    corners = shapely.get_coordinates([grid.geometry for grid in field.book.grids()])
    corners = corners[np.random.default_rng(SEED).integers(0, len(corners), CORNERS)]
    answers = field.book.locate_many(corners[:, 0], corners[:, 1])
    for ours, level in zip(answers, field.levels, strict=True):
        tree = shapely.STRtree(level.geometry.to_numpy())
        point, grid = tree.query(shapely.points(corners), predicate="intersects")
        expected = np.full(len(corners), len(level))
        np.minimum.at(expected, point, grid)
        wrong += int((ours != np.where(expected == len(level), -1, expected)).sum())
    return wrong


def single_rates(field: Field) -> tuple[Callable[[], float], Callable[[], float]]:
    """Points per second one at a time: ours over all levels, and one STRtree over the grids of all levels."""
    places = list(zip(field.lons[:SINGLE_OURS].tolist(), field.lats[:SINGLE_OURS].tolist(), strict=True))
    points = shapely.points(field.lons[:SINGLE_PEER], field.lats[:SINGLE_PEER])
    tree = shapely.STRtree([grid.geometry for grid in field.book.grids()])

    def ours() -> float:
        locate = field.book.locate
        started = time.perf_counter()
        for lon, lat in places:
            locate(lon, lat)
        return len(places) / (time.perf_counter() - started)

    def peer() -> float:
        started = time.perf_counter()
        for point in points:
            tree.query(point, predicate="intersects")
        return len(points) / (time.perf_counter() - started)

    return ours, peer


def bulk_rates(field: Field) -> tuple[Callable[[], float], Callable[[], float]]:
    """Points per second through `bulk_ours` and `bulk_peer`."""

    def rate(work: Callable[[Field], object]) -> float:
        started = time.perf_counter()
        work(field)
        return len(field.lons) / (time.perf_counter() - started)

    return lambda: rate(bulk_ours), lambda: rate(bulk_peer)


def in_turn(ours: Callable[[], float], peer: Callable[[], float], repeats: int) -> tuple[float, float]:
    """The medians of two measurements taken in turn, so that other work on the machine hits both alike."""
    ours(), peer()
    pairs = [(ours(), peer()) for _ in range(repeats)]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


def measure(name: str, book: GridBook, points: int, repeats: int) -> dict[str, dict[str, float]]:
    """All figures of one book."""
    field = Field.over(book, points)
    started = time.perf_counter()
    locator_for([book.grids(level) for level in range(len(book.levels()))])
    build_s = time.perf_counter() - started
    bulk, single = in_turn(*bulk_rates(field), repeats), in_turn(*single_rates(field), repeats)
    return {
        "ours": {
            f"{name}_bulk_points_per_s": round(bulk[0]),
            f"{name}_single_points_per_s": round(single[0]),
            f"{name}_index_s": round(build_s, 3),
            f"{name}_mismatches": mismatches(field),
        },
        "peer": {f"{name}_sjoin_points_per_s": round(bulk[1]), f"{name}_strtree_points_per_s": round(single[1])},
        "ratio": {f"{name}_bulk": round(bulk[0] / bulk[1], 1), f"{name}_single": round(single[0] / single[1], 1)},
    }


def main(argv: list[str]) -> int:
    """Measure, print a line a book, and the JSON object last; 1 when any answer was wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench locate", description=__doc__)
    parser.add_argument("--json", action="store_true", help="only the JSON object")
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args(argv)
    result: dict[str, Any] = {"bench": "locate", "ours": {}, "peer": {}, "ratio": {}}
    for name, book in (("town", GridBook.load(TOWN)), ("ten_thousand", many_grids())):
        figures = measure(name, book, options.points, options.repeats)
        for part, values in figures.items():
            result[part].update(values)
        if not options.json:
            print(name, figures)
    wrong = result["ours"]["town_mismatches"] + result["ours"]["ten_thousand_mismatches"]
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "processor": platform.machine()}
    versions = {"shapely": shapely.__version__, "geopandas": geopandas.__version__, "numpy": np.__version__}
    print(json.dumps({**result, "points": options.points, "mismatches": wrong, "machine": {**machine, **versions}}))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
