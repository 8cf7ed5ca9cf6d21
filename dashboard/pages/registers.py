"""人地物事组织: how each register stands, its records (persons masked), and where they came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dash import Dash, html
from dash.development.base_component import Component

from cases.model import Role
from cases.register_imports import IMPORTERS
from cases.registers import REGISTERS, Load, Record, Register, shown_value
from dashboard.components import chart, frame, menu
from dashboard.components.words import clock_words, moment_words
from dashboard.offloop import off_loop
from dashboard.panels import grid_card
from dashboard.services import Services
from dashboard.session import Visit, visit

PATH, NAME = "/registers", "底数"
ROLES = frozenset(Role) - {Role.WORKER, Role.SYSTEM}
LIBRARIES: tuple[str, ...] = ()
SIZE = 50


async def layout(services: Services, **asked: str) -> Component:
    """One register of `?kind=` within `?grid=`; the visit's own area without one."""
    seen, book = visit(), services.grids
    kind = REGISTERS.get(asked.get("kind", ""), next(iter(REGISTERS.values())))
    grid = asked.get("grid", "") or seen.scope.area
    if grid and (grid not in book or not book.within(grid, seen.scope.area)):
        return html.Main(
            [menu.bar(NAME, seen.account), frame.nothing("没有这个网格，或它不在您的辖区")], className="desk"
        )
    page = int(asked["page"]) if asked.get("page", "").isdigit() and int(asked["page"]) > 0 else 1
    now, scope, kept = services.clock(), replace(seen.scope, area=grid, account=""), services.registry.registers
    states = await off_loop(kept.states, scope, now)
    total, found = await off_loop(kept.records, kind.code, scope, page, SIZE)
    loads = await off_loop(kept.loads)
    names = {each.code: each.name for each in book.grids()}
    place = names.get(grid, "全域")
    labels = {code: each.name for code, each in REGISTERS.items()}
    listed = _records(kind, total, found, names, reveal=seen.scope.reveal)
    note = html.P(f"{place} · {kind.name} {total} 条 · 登记册 · 截至 {clock_words(now)}", className="verdict")
    body = [
        grid_card.registers(states, labels, grid, now),
        _kinds(kind, grid),
        *([html.P(html.A("导入文件", href="/registers/import", className="order"))] if _may_import(seen) else []),
        note,
        listed,
        _pages(kind, grid, page, total),
    ]
    if not seen.scope.area:
        body.append(_loads(loads, labels, services))
    return html.Main(
        [menu.bar(NAME, seen.account), html.Div(body, className="panel rows-page")], className="desk lasso-page"
    )


def _may_import(seen: Visit) -> bool:
    return seen.account.role in IMPORTERS and not seen.account.area


def _kinds(kind: Register, grid: str) -> Component:
    links = [
        html.A(each.name, href=f"/registers?kind={each.code}&grid={grid}", className="here" if each is kind else "")
        for each in REGISTERS.values()
    ]
    return html.Nav(links, className="spans")


def _records(
    kind: Register, total: int, found: list[tuple[Record, Load]], names: Mapping[str, str], *, reveal: bool
) -> Component:
    if not total:
        return frame.nothing(f"没有“{kind.name}”的记录")
    shown = [each for each in kind.fields if each.name not in ("lon", "lat", "grid")]
    heads = [each.label for each in shown] + ["网格", "来源", "数据日期"]
    rows = [
        [
            *(shown_value(each, record.values.get(each.name, ""), reveal=reveal) for each in shown),
            names.get(record.grids[-1], "") if record.grids else "待定",
            load.source,
            f"{load.as_of:%Y-%m-%d}",
        ]
        for record, load in found
    ]
    return chart.table(heads, rows, f"{kind.name}的记录")


def _pages(kind: Register, grid: str, page: int, total: int) -> Component:
    last = max(1, -(-total // SIZE))
    path = f"/registers?kind={kind.code}&grid={grid}&page="
    before = [html.A("上一页", href=f"{path}{page - 1}")] if page > 1 else []
    after = [html.A("下一页", href=f"{path}{page + 1}")] if page < last else []
    return html.Nav([*before, html.Span(f"第 {page}/{last} 页"), *after], className="spans")


def _loads(loads: list[Load], labels: Mapping[str, str], services: Services) -> Component:
    if not loads:
        return frame.nothing("没有导入过。由管理员或分析员在“导入”页导入")
    now = services.clock()
    rows = [
        (
            moment_words(x.at, now),
            labels[x.kind],
            x.file,
            x.source,
            f"{x.as_of:%Y-%m-%d}",
            str(x.rows),
            str(x.refused),
            x.by,
        )
        for x in loads
    ]
    return chart.table(("导入时间", "登记册", "文件", "来源", "数据日期", "入库", "不合格", "经手"), rows, "导入记录")


def register(app: Dash, services: Services) -> None:
    """The page is read once when opened."""
