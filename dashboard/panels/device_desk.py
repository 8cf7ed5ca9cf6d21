"""设备密钥: which devices may send, what each is bound to; a key given, changed, bound elsewhere or ended."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

from dash import Dash, Input, Output, State, ctx, dcc, html
from dash.development.base_component import Component

from cases.device_keys import DeviceKeys
from cases.errors import CaseError
from cases.model import CHANNELS, SELF_PROBE, Device
from dashboard.components import frame
from dashboard.components.words import moment_words
from dashboard.offloop import off_loop
from dashboard.services import Services
from dashboard.session import visit

log = logging.getLogger("room.devices")

ID = "device-desk"
ANSWER, DEVICE, SOURCE, WORKER, AREA = (f"{ID}-{part}" for part in ("answer", "device", "source", "worker", "area"))
ISSUE, ROTATE, BIND, REVOKE = (f"{ID}-{part}" for part in ("issue", "rotate", "bind", "revoke"))
MOST_NAME = 64
SAYS = "密钥只显示一次，库中只存摘要；换发、改绑、停用后 5 秒内断开"


def layout(rows: Component | None = None) -> Component:
    """The form and the list as it is now."""
    sources = [{"label": name, "value": code} for code, name in CHANNELS.items()]
    plain = {"maxLength": MOST_NAME, "autoComplete": "off"}
    form = [
        dcc.Input(id=DEVICE, placeholder="设备编号，如 gate-01", **plain),
        html.Label(["渠道", dcc.RadioItems(id=SOURCE, options=sources, value="grid_worker", inline=True)]),
        dcc.Input(id=WORKER, placeholder="网格员编号（空：代表多人的来源）", **plain),
        dcc.Input(id=AREA, placeholder="辖区网格编码（空：不限）", **plain),
        html.Div(
            [
                html.Button("发放密钥", id=ISSUE),
                html.Button("换发密钥", id=ROTATE),
                html.Button("改绑", id=BIND),
                html.Button("停用", id=REVOKE),
            ],
            className="device-buttons",
        ),
    ]
    return html.Section(
        [
            html.Header([html.H2("设备密钥"), html.Span(SAYS)], className="panel-head"),
            html.Div(form, className="device-form"),
            html.Div(rows, id=ANSWER, className="device-answer", role="status"),
        ],
        id=ID,
        className="panel device-desk",
    )


def rows_of(services: Services, words: Sequence[Component] = ()) -> Component:
    """What came of the last press, and every device. Blocking."""
    devices = [each for each in services.directory.devices() if each.id != SELF_PROBE]
    rows = [_row(each, services) for each in devices]
    heads = ("设备", "渠道", "网格员", "辖区", "密钥自", "状态")
    head = html.Thead(html.Tr([html.Th(each, scope="col") for each in heads]))
    listed = html.Table([head, html.Tbody(rows)], className="feed-table") if rows else frame.nothing("还没有设备")
    return html.Div([*words, listed])


def _row(device: Device, services: Services) -> Component:
    since = moment_words(device.issued_at, services.clock()) if device.issued_at else "—"
    worker = "多人" if device.worker == "*" else device.worker
    state = html.Td("停用" if device.disabled else "启用", className="down" if device.disabled else "")
    cells = (device.id, CHANNELS.get(device.source, device.source), worker, device.area or "不限", since)
    return html.Tr([*(html.Td(each) for each in cells), state])


Bound = tuple[str, str, str]  # source, worker, area as the form has them


def carry_out(press: str, name: str, bound: Bound, services: Services) -> Component:
    """Do what was pressed, as the visit's administrator of the whole room. Blocking."""
    keys = DeviceKeys(services.directory, services.grids.__contains__)
    if visit().scope.area:
        return rows_of(services, [_refused("只有全域的管理员可以管理设备")])
    try:
        said = _STEPS[press](keys, name, bound, services)
    except CaseError as problem:
        return rows_of(services, [_refused(problem.msg)])
    log.info("%s of device %s by %s", press.rpartition("-")[2], name, visit().account.name)
    return rows_of(services, said)


def _issue(keys: DeviceKeys, name: str, bound: Bound, services: Services) -> list[Component]:
    return _told_once(name, keys.issue(name, *bound, services.clock()))


def _rotate(keys: DeviceKeys, name: str, _bound: Bound, services: Services) -> list[Component]:
    return _told_once(name, keys.rotate(name, services.clock()))


def _bind(keys: DeviceKeys, name: str, bound: Bound, _services: Services) -> list[Component]:
    source, worker, area = bound
    keys.bind(name, source=source, worker=worker or "*", area=area)
    return [html.P(f"{name} 已改绑，5 秒内须重新连接")]


def _revoke(keys: DeviceKeys, name: str, _bound: Bound, _services: Services) -> list[Component]:
    keys.revoke(name)
    return [html.P(f"{name} 已停用，5 秒内断开")]


_STEPS: Mapping[str, Callable[[DeviceKeys, str, Bound, Services], list[Component]]] = {
    ISSUE: _issue,
    ROTATE: _rotate,
    BIND: _bind,
    REVOKE: _revoke,
}


def _told_once(name: str, key: str) -> list[Component]:
    return [html.P([f"{name} 的密钥（只显示这一次）：", html.Code(key)])]


def _refused(words: str) -> Component:
    return html.P(words, className="refused")


def register(app: Dash, services: Services) -> None:
    """Carry a press to the record."""

    @app.callback(
        Output(ANSWER, "children"),
        *(Input(button, "n_clicks") for button in _STEPS),
        State(DEVICE, "value"),
        State(SOURCE, "value"),
        State(WORKER, "value"),
        State(AREA, "value"),
        prevent_initial_call=True,
    )
    async def press(*given: str | int | None) -> Component:
        name, source, worker, area = (str(each or "").strip() for each in given[len(_STEPS) :])
        asked = str(ctx.triggered_id)
        return await off_loop(carry_out, asked, name, (source, worker, area), services)
