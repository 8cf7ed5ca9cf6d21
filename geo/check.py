"""Checking a nest: all that reading it brought to light, and where it does not nest."""

from pathlib import Path

from geo.defects import Kind
from geo.exactness import parents_if_exact
from geo.nest import Nest, read_nest
from geo.report import LevelCount, Report
from geo.topology import topology_defects

_ORDER = {kind: number for number, kind in enumerate(Kind)}


def check_folder(folder: Path) -> Report:
    """The report on a grid folder (protocol.md §6). GridError when a file cannot be used at all."""
    return check_nest(read_nest(folder))


def check_nest(nest: Nest) -> Report:
    """The report on a nest that has been read; quick when the nest is proved exact."""
    found = [*nest.defects, *topology_defects(nest)]
    found.sort(key=lambda defect: (_ORDER[defect.kind], defect.level, -(defect.area_m2 or 0), defect.row))
    counted = zip(nest.scheme.levels, nest.features, nest.levels, strict=True)
    levels = tuple(LevelCount(level.name, features, len(cells)) for level, features, cells in counted)
    return Report(nest.scheme.name, levels, tuple(found), parents_if_exact(nest.levels) is not None)
