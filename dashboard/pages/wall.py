"""The wall: the whole room at a glance, the map in the middle, what waits for a person on the right."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType

from dash import Dash, html
from dash.development.base_component import Component

from cases.model import Role
from dashboard.access import CHARTS
from dashboard.components import menu
from dashboard.panels import (
    activity,
    alarm_call,
    alert_list,
    calendar_notice,
    case_board,
    case_detail,
    duty_posts,
    feed_health,
    hour_trend,
    incident_map,
    kpi_bar,
    loop_bars,
    room_title,
    seat_state,
    situation,
    stage_bars,
    time_bar,
    worker_roster,
)
from dashboard.seams import Seams, seams_of, shared_out
from dashboard.services import Services
from dashboard.session import visit

PATH, NAME = "/", "大屏"
ROLES = frozenset(Role) - {Role.WORKER, Role.SYSTEM}
LIBRARIES = ("dash_leaflet",)
LATE = incident_map.LATE

LEFT = (kpi_bar, stage_bars, loop_bars, worker_roster, hour_trend)
RIGHT = (alert_list, case_board, activity)
BY_NAME: Mapping[str, ModuleType] = {each.__name__.rpartition(".")[2]: each for each in (*LEFT, *RIGHT, feed_health)}


async def layout(services: Services, **asked: str) -> Component:
    """Head line, three columns, foot line; `seams=3x1` puts each panel wholly on one of the wall's screens."""
    seams = seams_of(asked.get("seams", ""), services.sight.seams)
    return _seamed(services, seams) if seams else _whole(services)


def _whole(services: Services) -> Component:
    """One picture over the whole wall; assets/wall.css says which columns a wall of which size has."""
    return html.Main(
        [
            _head(),
            html.Div([panel.layout() for panel in LEFT], className="wall-left"),
            _map(services),
            html.Div([panel.layout() for panel in RIGHT], className="wall-right", **{"data-pickable": ""}),
            html.Footer([time_bar.layout(), _foot_line(feed_health.layout())], className="wall-foot"),
        ],
        className="wall",
    )


def _seamed(services: Services, seams: Seams) -> Component:
    """A grid of screens, each with panels of its own."""
    screens = [_screen(names, services) for names in shared_out(seams)]
    tracks = f"repeat({seams.rows}, minmax(0, 1fr)) / repeat({seams.columns}, minmax(0, 1fr))"
    return html.Main(screens, className="wall seamed", style={"gridTemplate": tracks})


def _screen(names: list[str], services: Services) -> Component:
    if names == ["map"]:
        foot = html.Footer([time_bar.layout(), _foot_line()], className="wall-foot")
        return html.Section([_head(), _map(services), foot], className="screen middle")
    panels = [BY_NAME[name].layout() for name in names]
    return html.Section(panels, className="screen", **{"data-pickable": ""})


def _head() -> Component:
    posts = [calendar_notice.layout(), seat_state.layout(), duty_posts.layout()]
    return html.Header(
        [room_title.layout(), situation.layout(), html.Div(posts, className="wall-posts"), _clock()],
        className="wall-head",
    )


def _map(services: Services) -> Component:
    place = incident_map.layout(services.grids, visit().scope.area)
    return html.Div([place, alarm_call.layout(), case_detail.layout()], className="wall-map")


def _foot_line(*panels: Component) -> Component:
    charts = html.A([html.Kbd("F9"), "图表"], href=CHARTS, className="charts-way", **{"data-key": "F9"})
    return html.Div([*panels, alarm_call.sound(), charts, menu.theme()], className="foot-line")


def _clock() -> Component:
    """The time of the server, and whether the link lives; both written by assets."""
    return html.Div(
        [
            html.Div([html.Span(className="link-state"), html.Span(**{"data-clock": "day"})], className="clock-notes"),
            html.Time(className="clock-time", **{"data-clock": "time"}),
        ],
        className="wall-clock",
    )


def register(app: Dash, services: Services) -> None:
    """The wall has no callback of its own: its panels come over /live."""
