"""`python -m geo.towns.make [OUT]`: draw the invented towns anew; the same seed gives the same bytes."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random

import shapely

from geo.towns import sites, staff
from geo.towns.plans import DEMO, PLANS, Plan
from geo.towns.records import Record, records
from geo.towns.town import Town, build

HERE = Path(__file__).parent


class UnfitTown(ValueError):
    """The drawn town does not nest exactly; nothing is written."""


def make(plan: Plan) -> dict[str, str]:
    """The files of one grid folder, by name."""
    town = build(plan.ground, plan.counts())
    levels = records(town, plan.label(plan, town), plan.households, plan.edge)
    _refuse_unfit(town, levels)
    files = {"scheme.toml": _scheme(plan)}
    for depth, grids in enumerate(levels, start=1):
        files[f"l{depth}.geojson"] = _collection([grid.feature() for grid in grids])
    files["lines.geojson"] = _collection(sites.waters_and_roads(town, levels))
    if plan is DEMO:
        files |= _furnishing(plan, town, levels)
    return files


def _furnishing(plan: Plan, town: Town, levels: Sequence[Sequence[Record]]) -> dict[str, str]:
    random = Random(plan.ground.seed + 2)
    names_left = staff.people(random)
    return {
        "workers.json": _rows(staff.workers(levels[1], names_left, random)),
        "units.json": _rows(staff.units(levels[0])),
        "duty.json": json.dumps(staff.duty(names_left), ensure_ascii=False, indent=1) + "\n",
        "places.geojson": _collection(sites.places(town, levels, random)),
        "cameras.geojson": _collection(sites.cameras(town, levels, random)),
        "addresses.json": _by_grid(sites.addresses(town, levels, random)),
    }


def _refuse_unfit(town: Town, levels: Sequence[Sequence[Record]]) -> None:
    """Valid polygons, no gap and no overlap at any level, and each parent the exact union of its children."""
    for depth, grids in enumerate(levels):
        polygons = [grid.polygon() for grid in grids]
        if not all(p.is_valid for p in polygons) or not shapely.coverage_is_valid(polygons):
            raise UnfitTown(f"level {depth + 1}: borders cross; choose another seed")
        if depth:
            _refuse_loose_nest(levels[depth - 1], polygons, town.parents(depth))


def _refuse_loose_nest(outer: Sequence[Record], polygons: list[shapely.Polygon], parents: list[int]) -> None:
    for record in outer:
        children = [p for p, parent in zip(polygons, parents, strict=True) if parent == record.number]
        if not shapely.union_all(children).equals(record.polygon()):
            raise UnfitTown(f"{record.code} is not the union of its children")


def _scheme(plan: Plan) -> str:
    lines = [f'name = "{plan.name}"', 'crs = "EPSG:4326"']
    for depth, (name, _) in enumerate(plan.levels, start=1):
        parent = "parent_code" if depth > 1 else ""
        lines += ["", "[[level]]", f'name = "{name}"', f'file = "l{depth}.geojson"']
        lines += ['code = "code"', 'label = "name"', f'parent = "{parent}"', "merge = false"]
    return "\n".join(lines) + "\n"


def _collection(features: Sequence[dict[str, object]]) -> str:
    """GeoJSON with one feature a line, so that a diff shows which grid changed."""
    rows = ",\n".join(_compact(feature) for feature in features)
    return f'{{"type":"FeatureCollection","features":[\n{rows}\n]}}\n'


def _rows(rows: Sequence[dict[str, object]]) -> str:
    return "[\n" + ",\n".join(_compact(row) for row in rows) + "\n]\n"


def _by_grid(rows: dict[str, list[dict[str, object]]]) -> str:
    return "{\n" + ",\n".join(f"{_compact(code)}:{_compact(row)}" for code, row in rows.items()) + "\n}\n"


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def main(argv: list[str]) -> int:
    """Write every town below OUT (default: beside this module)."""
    out = Path(argv[0]) if argv else HERE
    for plan in PLANS:
        folder = out / plan.folder
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in make(plan).items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
        print(f"{plan.name}: {' / '.join(map(str, plan.counts()))} -> {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
