"""The wall: the whole room at a glance, the map in the middle, what waits for a person on the right."""

from __future__ import annotations

from dash import Dash, html
from dash.development.base_component import Component

from cases.model import Role
from dashboard.panels import (
    activity,
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
from dashboard.services import Services
from dashboard.session import visit

PATH, NAME = "/", "大屏"
ROLES = frozenset(Role) - {Role.WORKER, Role.SYSTEM}
LIBRARIES = ("dash_leaflet",)
LATE = incident_map.LATE


async def layout(services: Services, **_: str) -> Component:
    """Head line, three columns, foot line."""
    return html.Main(
        [
            html.Header(
                [
                    room_title.layout(),
                    situation.layout(),
                    html.Div(
                        [calendar_notice.layout(), seat_state.layout(), duty_posts.layout()], className="wall-posts"
                    ),
                    _clock(),
                ],
                className="wall-head",
            ),
            html.Div([panel.layout() for panel in LEFT], className="wall-left"),
            html.Div(
                [incident_map.layout(services.grids, visit().scope.area), case_detail.layout()], className="wall-map"
            ),
            html.Div([panel.layout() for panel in RIGHT], className="wall-right", **{"data-pickable": ""}),
            html.Footer([time_bar.layout(), feed_health.layout()], className="wall-foot"),
        ],
        className="wall",
    )


LEFT = (kpi_bar, stage_bars, loop_bars, worker_roster, hour_trend)
RIGHT = (alert_list, case_board, activity)


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
