"""The wall for a screen without a person: only to look at, with scenes that take turns while it is calm."""

from __future__ import annotations

from dash import Dash, html
from dash.development.base_component import Component

from dashboard.access import CHARTS, WALL
from dashboard.pages import wall
from dashboard.panels import standby
from dashboard.services import Services
from dashboard.session import visit

PATH, NAME = WALL, ""
ROLES = wall.ROLES
LIBRARIES = wall.LIBRARIES
LATE = wall.LATE

SCENES = (
    ("overview", "全景"),
    ("heat", "热力"),
    ("board", "在办"),
    ("trends", "趋势"),
    ("charts", "图表"),
    ("standby", "值守"),
)
SCENE_S, STAY_S = 30, 120  # a scene's turn; how long the picture stays after somebody touched it


async def layout(services: Services, **asked: str) -> Component:
    """The wall and what takes turns over its map (assets/kiosk.js); `scene_s` may quicken it, for a look."""
    account = visit().account
    seconds = asked.get("scene_s", "")
    config = {
        "data-kiosk": " ".join(name for name, _ in SCENES),
        "data-scene-s": seconds if seconds.isdigit() and int(seconds) > 0 else str(SCENE_S),
        "data-stay-s": str(STAY_S),
    }
    names = [html.Span(words, **{"data-scene-name": name}) for name, words in SCENES]
    visitor = [html.Span("参观模式 · 个人信息已隐藏", className="visitor-note")] if account.visitor else []
    return html.Div(
        [
            await wall.layout(services, **asked),
            standby.layout(),
            html.Div(className="scene-charts", **{"data-frame": f"{CHARTS}?scene=1", "aria-label": "图表"}),
            html.Nav([*names, *visitor], className="scene-names", **{"aria-label": "轮播"}),
        ],
        className="kiosk visitor" if account.visitor else "kiosk",
        **config,
    )


def register(app: Dash, services: Services) -> None:
    """Nothing can be done here."""
