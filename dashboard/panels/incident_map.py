"""The map: grids by URL, figures by colour, and everything that moves on one canvas layer (assets/map.js)."""

from __future__ import annotations

import json

import dash_leaflet as dl
import shapely
from dash import html
from dash.development.base_component import Component

from cases.categories import CATEGORIES
from geo.grids import GridBook

ID = "incident-map"
LATE = ("/_dash-component-suites/dash_leaflet/async-GeoJSON.js",)  # what dl.GeoJSON loads when it is first drawn
FILL, OUTLINE, HEAT = "grid-fill", "grid-outline", "grid-heat"

Bounds = list[list[float]]


def layout(book: GridBook, area: str = "", *, is_focus: bool = False) -> Component:
    """The map over the bounds of an area ("" is everything); the view is the viewer's and is never moved by data.

    `is_focus` greys what lies outside the area.
    """
    level = _first_level(book, area)
    return html.Section(
        [
            dl.Map(
                [
                    _polygons(FILL, level, "fillStyle", "learnGrid"),
                    _polygons(OUTLINE, 0, "outlineStyle", "learnOutline"),
                ],
                bounds=bounds(book, area),
                center=centre(book, area),
                boundsOptions={"padding": [12, 12]},
                zoomSnap=0.1,
                zoomDelta=0.5,
                wheelPxPerZoomLevel=120,
                attributionControl=False,
                zoomAnimation=False,  # scaling every layer for a quarter second is motion that says nothing, and slow
                className="map",
            ),
            html.Button([html.Kbd("0"), "全域"], className="map-whole", **{"data-fit": "1", "data-key": "0"}),
            html.Div([_tool(*each) for each in TOOLS], className="map-tools"),
            html.Div([_controls(book), _legend()], className="map-foot"),
        ],
        id=ID,
        **{
            "aria-label": "地图",
            "data-map-config": json.dumps(config(book, area, level, is_focus=is_focus), ensure_ascii=False),
        },
    )


def bounds(book: GridBook, area: str = "") -> Bounds:
    """[[south, west], [north, east]] of an area, or of all outermost grids; the only [lat, lon] in the house."""
    shapes = [grid.geometry for grid in ([book.grid(area)] if area else book.grids(0))]
    west, south, east, north = (float(edge) for edge in shapely.total_bounds(shapes))
    return [[south, west], [north, east]]


def centre(book: GridBook, area: str = "") -> list[float]:
    """[lat, lon] of the middle of `bounds`; dash-leaflet compares it when the view changes and fails without."""
    (south, west), (north, east) = bounds(book, area)
    return [(south + north) / 2, (west + east) / 2]


def config(book: GridBook, area: str, level: int, *, is_focus: bool = False) -> dict[str, object]:
    """What assets/map.js must know: levels, bounds, and names for what the wire only codes."""
    return {
        "levels": list(book.levels()),
        "level": level,
        "bounds": bounds(book, area),
        "focus": [grid.code for grid in book.grids() if book.within(grid.code, area)] if is_focus else [],
        "categories": {code: category.name for code, category in CATEGORIES.items()},
        "grid_names": {grid.code: grid.name for grid in book.grids()},
    }


def _first_level(book: GridBook, area: str) -> int:
    """The level whose polygons a viewer sees first: the second where there is one."""
    last = len(book.levels()) - 1
    return min(last, book.grid(area).level + 1 if area else 1)


def _polygons(layer: str, level: int, style: str, each: str) -> Component:
    outline = {"pane": "outline", "interactive": False} if layer == OUTLINE else {}
    return dl.GeoJSON(
        id=layer,
        url=f"/map/grids/{level}.geojson",
        style={"variable": f"room.map.{style}"},
        onEachFeature={"variable": f"room.map.{each}"},
        hideout={"classes": {}, "level": level},
        **outline,
    )


def _controls(book: GridBook) -> Component:
    levels = [
        html.Button([html.Kbd(str(at + 1)), name], **{"data-level-button": str(at), "data-key": str(at + 1)})
        for at, name in enumerate(book.levels())
    ]
    figures = [_button("figure", name, words, key) for name, words, key in FIGURES]
    layers = [_button("layer", name, words, key) for name, words, key in LAYERS]
    grounds = [_button("layer", name, words, str(len(levels) + at)) for at, (name, words) in enumerate(GROUNDS, 1)]
    base = html.Button(
        "底图", hidden=True, **{"data-layer": "base", "aria-pressed": "true"}
    )  # shown where there is one
    heat = html.Button([html.Kbd("h"), "热力"], id=HEAT, **{"data-key": "h", "aria-pressed": "false"})
    return html.Div(
        [*levels, html.Hr(), *figures, html.Hr(), *layers, *grounds, base, heat, _heat_choices()], className="map-keys"
    )


def _heat_choices() -> Component:
    """What the heat shows, how wide it is smoothed and over how long; hidden while there is none."""
    selects = [
        html.Select([html.Option(words, value=value) for value, words in choices], title=title, **{"data-heat": name})
        for name, title, choices in HEAT_CHOICES
    ]
    return html.Span(selects, className="heat-choices", hidden=True)


HEAT_CHOICES = (
    ("of", "热力内容", (("count", "上报"), ("overdue", "超时"), ("repeat", "重复"), ("change", "增减"))),
    ("metres", "带宽", (("150", "150 米"), ("80", "80 米"), ("300", "300 米"), ("600", "600 米"))),
    ("days", "时段", (("30", "30 天"), ("7", "7 天"), ("90", "90 天"))),
)
FIGURES = (("open", "在办", "o"), ("overdue", "超时", "u"), ("today", "今日", "t"), ("rate", "每千户", ""))
GROUNDS = (("cameras", "摄像头"), ("places", "重点场所"), ("lines", "路河"))
TOOLS = (
    ("tool", "box", "框选"),
    ("tool", "lasso", "圈选"),
    ("tool", "measure", "测距"),
    ("export", "1", "存图"),
    ("print", "1", "打印"),
)
LAYERS = (("workers", "网格员", "w"), ("incidents", "事件", "i"), ("alerts", "预警", "y"), ("labels", "地名", "l"))


def _button(kind: str, name: str, words: str, key: str) -> Component:
    said = {f"data-{kind}": name, "aria-pressed": "false"}
    if not key:
        return html.Button(words, **said)
    return html.Button([html.Kbd(key), words], **said, **{"data-key": key})


def _tool(kind: str, name: str, words: str) -> Component:
    """What a hand does on the map; the kiosk's wall, which has none, hides them."""
    return html.Button(words, **{f"data-{kind}": name})


def _legend() -> Component:
    """What is on the map now, form by form; the classes of the colours are written by assets/map.js."""
    return html.Div(
        [
            html.Div(id="choropleth-legend", className="legend-row"),
            html.Div([_sample(name, words) for name, words in FORMS], className="legend-row"),
        ],
        className="legend",
    )


FORMS = (
    ("worker available", "可派"),
    ("worker dispatched", "已派"),
    ("worker en_route", "途中"),
    ("worker on_scene", "到场（淡＝定位旧）"),
    ("shape diamond", "纠纷"),
    ("shape square", "环境城管"),
    ("shape hexagon", "安全"),
    ("shape star", "治安"),
    ("shape cross", "民生"),
    ("ring near", "将超时"),
    ("ring late", "超时"),
    ("hazard", "预警"),
)


def _sample(name: str, words: str) -> Component:
    return html.Span([html.I(className=f"sample {name}"), words])
