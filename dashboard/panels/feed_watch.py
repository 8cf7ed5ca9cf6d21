"""数据接入: how fast each role works and how late it is, what was refused today, and what nobody could file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from cases.errors import StoreUnavailable
from cases.feed_ports import DeadLetter, RefusalCount
from cases.model import Role
from cases.ports import RoleHealth
from dashboard.components import frame
from dashboard.offloop import off_loop
from dashboard.panels import webhook_watch
from dashboard.panels.feed_health import NAMES, STATES
from dashboard.services import Services
from dashboard.session import visit

ID = "feed-watch"
TICK, STATE, AGAIN, ANSWER = (f"{ID}-{part}" for part in ("tick", "state", "again", "answer"))
EVERY_MS = 5000
MOST_ROWS = 50
WHOLE_ROOM = "只有全域的账号可以查看数据接入"
UNREAD = "实时总线无法连接：今日拒收与未能入库的消息暂时读不到"

FIGURES: Mapping[str, str] = {
    "reports_per_s": "上报 {:g} 条/秒",
    "positions_per_s": "定位 {:g} 点/秒",
    "refused_per_s": "拒收 {:g} 条/秒",
    "committed_per_s": "入库 {:g} 条/秒",
    "links": "在线设备 {:g}",
    "waiting": "等待 {:g}",
    "filed_directly": "直接入库 {:g}",
    "lag_s": "最久等待 {:g} 秒",
    "dead": "未能入库 {:g}",
    "round_trip_s": "上次自检 {:g} 秒",
    "missed": "连续未走通 {:g} 次",
    "rules_wrong": "预警规则文件有误，沿用此前规则",
}
"""The figures of roles that are shown, and their words; paces are over the last minute."""


def layout(state: Component | None = None) -> Component:
    """The panel; its button stands outside of what is drawn again, so that no press is lost."""
    return html.Section(
        [
            html.Header(
                [html.H2("数据接入"), html.Span("速率为近一分钟；拒收为今日；5 秒一更新", className="note")],
                className="panel-head",
            ),
            html.Div(
                [html.Button("未入库的重新入库", id=AGAIN), html.Span(id=ANSWER, role="status")], className="feed-again"
            ),
            html.Div(state, id=STATE),
            dcc.Interval(id=TICK, interval=EVERY_MS),
        ],
        id=ID,
        className="panel feed-watch",
    )


def draw(
    health: Mapping[str, RoleHealth], book: tuple[Sequence[RefusalCount], Sequence[DeadLetter]] | None
) -> Component:
    """Roles, refusals and dead letters; `book` is None while it cannot be read."""
    parts = [html.H3("进程"), _roles(health)]
    if book is None:
        return html.Div([*parts, html.P(UNREAD, className="failed", role="alert")])
    refusals, dead = book
    return html.Div([*parts, html.H3("今日拒收"), _refusals(refusals), html.H3("未能入库的消息（死信）"), _dead(dead)])


def _roles(health: Mapping[str, RoleHealth]) -> Component:
    rows = [
        html.Tr(
            [
                html.Th(NAMES.get(role, role), scope="row"),
                html.Td(STATES.get(each.state, each.state), className=f"feed {each.state}"),
                html.Td("" if each.age_s is None else f"{each.age_s:.1f} 秒前"),
                html.Td(" · ".join(_said(each)) or each.note),
            ]
        )
        for role, each in health.items()
    ]
    return _table(("进程", "状态", "最近心跳", "情况"), rows) if rows else frame.nothing("尚无心跳")


def _said(health: RoleHealth) -> list[str]:
    told = [words.format(health.figures[name]) for name, words in FIGURES.items() if name in health.figures]
    return [health.note, *told] if health.note else told


def _refusals(refusals: Sequence[RefusalCount]) -> Component:
    if not refusals:
        return frame.nothing("今日没有拒收")
    rows = [
        html.Tr([html.Td(each.code), html.Td(each.device or "（未通过验证）"), html.Td(str(each.count))])
        for each in refusals[:MOST_ROWS]
    ]
    return html.Div([_table(("代码", "设备", "次数"), rows), *_more(len(refusals))])


def _dead(letters: Sequence[DeadLetter]) -> Component:
    if not letters:
        return frame.nothing("没有：收到的都已入库")
    rows = [html.Tr([html.Td(each.about), html.Td(each.why)]) for each in letters[:MOST_ROWS]]
    return html.Div([_table(("来自", "原因"), rows), *_more(len(letters))])


def _more(total: int) -> list[Component]:
    return [html.P(f"共 {total} 项，列出前 {MOST_ROWS} 项", className="note")] if total > MOST_ROWS else []


def _table(heads: Sequence[str], rows: list[Component]) -> Component:
    head = html.Thead(html.Tr([html.Th(each, scope="col") for each in heads]))
    return html.Table([head, html.Tbody(rows)], className="feed-table")


async def state_of(services: Services) -> Component:
    """The panel's changing part, as it is now; devices have no area, so an account of one area sees none of them."""
    if visit().scope.area:
        return frame.nothing(WHOLE_ROOM)
    told = webhook_watch.draw(await off_loop(webhook_watch.read, services), services.clock())
    drawn = draw(await services.live.health(), await off_loop(_book, services))
    return html.Div([drawn, html.H3("对外推送"), told])


def _book(services: Services) -> tuple[Sequence[RefusalCount], Sequence[DeadLetter]] | None:
    """Blocking."""
    if services.feeds is None:
        return (), ()
    try:
        return services.feeds.refusals(services.clock()), services.feeds.dead()
    except StoreUnavailable:
        return None


def file_again(services: Services) -> str:
    """File the dead letters again, in words; only for the whole room, since no area stands on them. Blocking."""
    if visit().scope.area or visit().account.role not in (Role.DUTY, Role.ADMIN):
        return "只有全域的值班员或管理员可以重新入库"
    try:
        filed, stay = services.feeds.file_again() if services.feeds else (0, 0)
    except StoreUnavailable:
        return "现在无法入库，请稍后再试"
    return f"已入库 {filed} 件，仍留 {stay} 件" if filed or stay else "没有要重新入库的消息"


def register(app: Dash, services: Services) -> None:
    """Draw again at each tick; file again at a press."""

    @app.callback(Output(STATE, "children"), Input(TICK, "n_intervals"), prevent_initial_call=True)
    async def draw_again(_tick: int | None) -> Component:
        return await state_of(services)

    @app.callback(Output(ANSWER, "children"), Input(AGAIN, "n_clicks"), prevent_initial_call=True)
    async def press(_clicks: int | None) -> str:
        return await off_loop(file_again, services)
