"""Where it comes together: Getis-Ord Gi* over the smallest grids, each with z, permutation p and verdict in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from dash import html
from dash.development.base_component import Component

from dashboard.cells import CellPast
from dashboard.components import chart, frame
from geo.distance import square_metres
from geo.grids import Grid
from geo.hotspots import FEWEST, PERMUTATIONS, Spot, hot_spots, neighbours

SHOWN = 12


def layout(past: CellPast, grids: Sequence[Grid], counts: Mapping[str, int], own: Collection[str]) -> Component:
    """The cell's own smallest grids (`own`), those that stand out first, tested among all that the visit sees."""
    areas = square_metres([grid.geometry for grid in grids]) / 1e6
    rates = [counts.get(grid.code, 0) / max(float(area), 1e-6) for grid, area in zip(grids, areas, strict=True)]
    near = neighbours([grid.geometry for grid in grids])
    spots = hot_spots(rates, near)
    note = f"{len(grids)} 个最小网格，每平方公里件数；Gi*，置换 {PERMUTATIONS} 次，FDR 5%"
    total = sum(counts.get(grid.code, 0) for grid in grids)
    if not spots:
        why = f"最小网格不足 {FEWEST} 个，不作检验" if len(grids) < FEWEST else "各网格相同，没有热点可言"
        return chart.panel("热点检验", past, [frame.nothing(why)], base=total, note=note)
    mine = [row for row in zip(grids, spots, rates, strict=True) if row[0].code in own]
    rows = sorted(mine, key=lambda row: (row[1].q, -row[1].z))
    hot, cold = sum(spot.is_hot for _, spot, _ in rows), sum(spot.is_cold for _, spot, _ in rows)
    words = f"本格 {len(rows)} 个最小网格中：聚集 {hot} 个，偏冷 {cold} 个，其余与偶然没有差别"
    shown = [_row(grid, spot, rate, counts.get(grid.code, 0), past) for grid, spot, rate in rows[:SHOWN]]
    heads = ("网格", "件", "件/km²", "z", "置换 p", "q", "结论")
    body = [html.P(words, className="verdict"), chart.table(heads, shown, "热点检验")]
    return chart.panel("热点检验", past, body, base=total, note=note)


def _row(grid: Grid, spot: Spot, rate: float, count: int, past: CellPast) -> tuple[object, ...]:
    weeks = f"/grid/{grid.code}?weeks={len(past.starts)}"
    name = html.A(grid.name, href=weeks)
    return name, str(count), f"{rate:.1f}", f"{spot.z:+.2f}", f"{spot.p:.3f}", f"{spot.q:.3f}", _verdict(spot)


def _verdict(spot: Spot) -> str:
    if spot.is_hot:
        return "聚集"
    return "偏冷" if spot.is_cold else "不显著"
