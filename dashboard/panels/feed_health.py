"""Whether what the wall shows is alive: each process of the room and its last sign of life, in words."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.components import frame
from dashboard.picture import Picture

ID, TITLE, SOURCE = "feed-health", "数据来源", "心跳"

NAMES = {
    "redis": "实时总线",
    "gateway": "接入网关",
    "intake": "入库",
    "web": "页面服务",
    "replay": "演示数据",
    "probe": "自检",
}
STATES = {"ok": "正常", "late": "迟缓", "down": "中断"}


def layout() -> Component:
    """The line's place at the foot of the wall; assets/live.js keeps it current from the beats."""
    return frame.place(ID, TITLE, SOURCE)


def render(picture: Picture) -> dict[str, object]:
    """One item a process: name and state; how long ago it spoke is filled in from each beat."""
    items = [
        html.Span(
            [
                html.I(),
                NAMES.get(role, role),
                html.B(STATES.get(health.state, health.state)),
                html.Span(className="age"),
            ],
            className=f"feed {health.state}",
            title=health.note,
            **{"data-role": role},
        )
        for role, health in picture.health.items()
    ]
    return frame.filled(picture, TITLE, "", SOURCE, [html.Div(items or [frame.nothing("尚无心跳")], className="feeds")])
