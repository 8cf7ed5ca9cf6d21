"""大屏终端: which screens nobody signs in at there are; a link for a new one, an end for an old one."""

from __future__ import annotations

from collections.abc import Sequence

from dash import Dash, Input, Output, State, ctx, dcc, html
from dash.development.base_component import Component

from cases.model import Kiosk
from dashboard.components import frame
from dashboard.components.words import moment_words
from dashboard.offloop import off_loop
from dashboard.services import Services
from dashboard.session import visit

ID = "kiosk-desk"
ANSWER, NAME, AREA, VISITOR, ADD, END = (f"{ID}-{part}" for part in ("answer", "name", "area", "visitor", "add", "end"))
MOST_NAME = 40
SAYS = "链接 24 小时内用一次；停用后 5 秒内黑屏"
VISITORS = {"label": "参观模式（隐藏个人信息）", "value": "visitor"}


def layout(rows: Component | None = None) -> Component:
    """The form and the list as it is now."""
    return html.Section(
        [
            html.Header(
                [html.H2("大屏终端"), html.Span("链接 24 小时内用一次；停用后 5 秒内黑屏")], className="panel-head"
            ),
            html.Div(
                [
                    dcc.Input(id=NAME, placeholder="屏的名称，如：大厅东墙", maxLength=MOST_NAME, autoComplete="off"),
                    dcc.Input(id=AREA, placeholder="网格编码（空：本辖区）", maxLength=64, autoComplete="off"),
                    dcc.Checklist(
                        id=VISITOR, options=[{"label": "参观模式（隐藏个人信息）", "value": "visitor"}], value=[]
                    ),
                    html.Button("开通（给一次性链接）", id=ADD),
                    html.Button("停用此名称的屏", id=END),
                ],
                className="kiosk-form",
            ),
            html.Div(rows, id=ANSWER, className="kiosk-answer", role="status"),
        ],
        className="panel kiosk-desk",
    )


def of_area(services: Services, area: str) -> list[Kiosk]:
    """The screens whose area lies within another. Blocking."""
    found = services.registry.kiosks.all()
    return [
        each for each in found if not area or (each.area in services.grids and services.grids.within(each.area, area))
    ]


def rows_of(services: Services, words: Sequence[Component] = ()) -> Component:
    """What came of the last press, and every screen. Blocking."""
    now = services.clock()
    found = of_area(services, visit().scope.area)

    def row(each: Kiosk) -> Component:
        opened = f"{moment_words(each.opened_at, now)} 打开" if each.opened_at else "等待打开"
        mode = " · 参观模式" if each.visitor else ""
        return html.Li([html.B(each.name), html.Span(f"辖区 {each.area or '全部'} · {opened}{mode}")])

    listed = html.Ul([row(each) for each in found]) if found else frame.nothing("还没有大屏终端")
    return html.Div([*words, listed])


def carry_out(press: str, name: str, area: str, services: Services, *, visitor: bool) -> Component:
    """Open or end a screen for the visit's administrator, within the visit's own area. Blocking."""
    seen, name, area = visit(), (name or "").strip(), (area or "").strip() or visit().scope.area
    if not name:
        return rows_of(services, [html.P("请先写明屏的名称", className="refused")])
    if press == END:
        mine = {each.name for each in of_area(services, seen.scope.area)}
        ended = name in mine and services.registry.kiosks.revoke(name)
        return rows_of(services, [html.P(f"{name} 已停用" if ended else f"没有名为 {name} 的屏")])
    if name in {each.name for each in services.registry.kiosks.all()} - {
        each.name for each in of_area(services, seen.scope.area)
    }:
        return rows_of(services, [html.P("这个名称已被别的辖区使用", className="refused")])
    if area and (area not in services.grids or not services.grids.within(area, seen.scope.area)):
        return rows_of(services, [html.P("没有这个网格，或不在您的辖区", className="refused")])
    link = services.registry.kiosks.add(name, area, services.clock(), visitor=visitor)
    address = f"{services.public_url}/kiosk/{link}"
    return rows_of(services, [html.P(["在那块屏上打开（只显示这一次）：", html.Code(address)])])


def register(app: Dash, services: Services) -> None:
    """Carry a press to the record."""

    @app.callback(
        Output(ANSWER, "children"),
        Input(ADD, "n_clicks"),
        Input(END, "n_clicks"),
        State(NAME, "value"),
        State(AREA, "value"),
        State(VISITOR, "value"),
        prevent_initial_call=True,
    )
    async def press(_add: int | None, _end: int | None, name: str, area: str, visitor: list[str]) -> Component:
        asked = str(ctx.triggered_id)
        return await off_loop(lambda: carry_out(asked, name, area, services, visitor=bool(visitor)))
