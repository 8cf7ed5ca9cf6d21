"""Bench of the heat picture: a million incidents to a PNG against a Plotly density figure to JSON, in one run."""

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import plotly
import plotly.graph_objects as go

from geo.density import Bounds, HeatMap

TOWN = Bounds(118.55, 29.22, 118.69, 29.34)
CLUSTERS = 40
SEED = 20261121
SIZE, BANDWIDTH_M = 512, 150.0
AFTER = 100

Coordinates = npt.NDArray[np.float64]


def incidents(count: int) -> tuple[Coordinates, Coordinates]:
    """`count` places (lon, lat) in clusters over the town, from a fixed seed."""
    random = np.random.default_rng(SEED)
    centres = random.random((CLUSTERS, 2))
    places = centres[random.integers(0, CLUSTERS, count)] + random.normal(0.0, 0.03, (count, 2))
    lons = TOWN.west + places[:, 0] * (TOWN.east - TOWN.west)
    lats = TOWN.south + places[:, 1] * (TOWN.north - TOWN.south)
    return lons, lats


def picture_from_scratch(lons: Coordinates, lats: Coordinates) -> bytes:
    """What the web process does at its start: count everything, draw."""
    heat = HeatMap(TOWN, size=SIZE, bandwidth_m=BANDWIDTH_M)
    heat.add(lons, lats)
    return heat.picture()


def figure_json(lons: Coordinates, lats: Coordinates) -> str:
    """What a Dash callback returns for the same map: the figure with every point in it."""
    figure = go.Figure(go.Densitymap(lon=lons, lat=lats, radius=6))
    figure.update_layout(map={"center": {"lon": 118.62, "lat": 29.28}, "zoom": 12})
    return str(figure.to_json())


def timed(work: Callable[[], object], repeats: int) -> dict[str, float]:
    """Milliseconds of `work`, once to warm up and then `repeats` times."""
    work()
    spent = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        spent.append((time.perf_counter() - started) * 1000.0)
    return {
        "median_ms": round(statistics.median(spent), 2),
        "min_ms": round(min(spent), 2),
        "max_ms": round(max(spent), 2),
    }


def incremental(lons: Coordinates, lats: Coordinates, repeats: int) -> dict[str, float]:
    """100 new points on kept counts, then the picture."""
    heat = HeatMap(TOWN, size=SIZE, bandwidth_m=BANDWIDTH_M)
    heat.add(lons, lats)
    batches = iter(range(AFTER, AFTER * (repeats + 3), AFTER))

    def step() -> bytes:
        start = next(batches)
        heat.add(lons[start - AFTER : start], lats[start - AFTER : start])
        return heat.picture()

    return timed(step, repeats)


def measure(points: int, repeats: int) -> dict[str, object]:
    """Both sides on the same points, and the ratios."""
    lons, lats = incidents(points)
    picture, figure = picture_from_scratch(lons, lats), figure_json(lons, lats)
    ours = timed(lambda: picture_from_scratch(lons, lats), repeats)
    peer = timed(lambda: figure_json(lons, lats), repeats)
    after = incremental(lons, lats, repeats)
    size, peer_size = len(picture), len(figure.encode())
    return {
        "bench": "heat",
        "ours": {"points": points, **ours, "bytes": size, "after_100": after},
        "peer": {"name": f"plotly {plotly.__version__} Densitymap to_json", **peer, "bytes": peer_size},
        "ratio": {
            "time": round(peer["median_ms"] / ours["median_ms"], 2),
            "time_after_100": round(peer["median_ms"] / after["median_ms"], 2),
            "bytes": round(size / peer_size, 5),
        },
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "numpy": np.__version__},
    }


def main(argv: list[str]) -> int:
    """`python -m bench heat [--points N] [--repeats N] [--json]`; the last line printed is one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m bench heat", description=__doc__)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--json", action="store_true", help="only the JSON line")
    options = parser.parse_args(argv)
    result = measure(options.points, options.repeats)
    if not options.json:
        for key in ("ours", "peer", "ratio"):
            print(f"{key:6}{result[key]}", file=sys.stderr)
    print(json.dumps(result, ensure_ascii=False))
    return 0
