"""What calls out: a card for the red alert that waits longest, a tile for every other, side cards for orange.

It lies over the map, never moves its view, and goes only when somebody has answered. In a flood it grows over the
whole map: every unanswered alert then has its place on it, alone or with its like (cases/alarms.py).
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from cases.alarms import WINDOW, Call, Tile, Why, calls, tiles
from cases.alerts import Group, grouped, is_waiting
from cases.model import Alert, AlertLevel
from dashboard.components.signs import LEVEL_NAMES, counting, hazard
from dashboard.components.words import place_words, where_words
from dashboard.panels.alert_list import cleared_words, risen_words
from dashboard.picture import Nearby, Picture

ID = "alarm-call"
BESIDE = 8  # red tiles beside the card; more is a flood
FLOOD_TILES = {AlertLevel.RED: 40, AlertLevel.ORANGE: 16, AlertLevel.YELLOW: 6, AlertLevel.BLUE: 1}
SIDE = 2  # orange side cards; the others are counted on the second


def layout() -> Component:
    """The place over the map, empty while nothing calls."""
    place = html.Div(id=ID, className="alarm-call quiet", role="alert", **{"aria-label": "预警"})
    return html.Div(place, className="alarm-place")


def sound() -> Component:
    """Says that the browser keeps the wall silent, and a press wakes it; stands where it never lies over the room."""
    return html.Button("试音", className="sound wall-sound", **{"data-sound": "blocked", "title": "预警的声音"})


def render(picture: Picture) -> dict[str, object]:
    """Nothing, the cards, or the flood; `data-calls` says what sounds (assets/operator_alarm.js)."""
    waiting = {level: _waiting(picture, level) for level in AlertLevel}
    reds, oranges = waiting[AlertLevel.RED], waiting[AlertLevel.ORANGE]
    sounded = calls(picture.alerts, picture.patience, picture.as_of)
    is_flood = _is_flood(reds, oranges, sounded, picture)
    children = flood(waiting, picture) if is_flood else [*cards(reds, picture), *side_cards(oranges, picture)]
    kind = "flood" if is_flood else "calls" if children else "quiet"
    return {
        "children": children,
        "className": f"alarm-call {kind}",
        "data-calls": json.dumps([_told(call) for call in sounded if picture.as_of - call.at < WINDOW]),
    }


def _told(call: Call) -> dict[str, str]:
    return {"id": call.id, "at": call.at.isoformat(), "level": call.level, "why": call.why}


def _waiting(picture: Picture, level: AlertLevel) -> list[Group]:
    alerts = [each for each in picture.alerts if each.level is level and is_waiting(each, picture.as_of)]
    return sorted(
        grouped(alerts, picture.as_of, picture.patience), key=lambda each: (each.first.received_at, each.first.no)
    )


def _is_flood(reds: Sequence[Group], oranges: Sequence[Group], sounded: Sequence[Call], picture: Picture) -> bool:
    """More red than fit beside the card, or so much at once that calls were put together and are not answered yet."""
    fresh = any(call.why is Why.FLOOD and picture.as_of - call.at < WINDOW for call in sounded)
    return len(reds) > BESIDE + 1 or (fresh and len(reds) + len(oranges) > BESIDE)


# a few -------------------------------------------------------------------------------------------------------


def cards(reds: Sequence[Group], picture: Picture) -> list[Component]:
    """The red card of the matter that waits longest, and a tile for each other one."""
    if not reds:
        return []
    rest = [tile(each, picture) for each in tiles(reds[1:], BESIDE)]
    more = [html.Div([html.P(f"另有 {len(reds) - 1} 件红色", className="more"), *rest], className="pinned")]
    return [red_card(reds[0], picture), *(more if rest else [])]


def red_card(group: Group, picture: Picture) -> Component:
    """What, where, since when, who was told, who is near, and the two keys that answer."""
    alert = group.first
    several = f" · 同源 {len(group.alerts)} 起" if len(group.alerts) > 1 else ""
    risen = risen_words(alert, picture)
    return html.Article(
        [
            html.Header(
                [
                    hazard(alert.level, answered=False),
                    html.B([*_drill(alert), f"{alert.kind}{several}"]),
                    html.Span([html.Small("未确认 "), counting(alert.received_at, picture.as_of)], className="since"),
                ]
            ),
            html.P(where_words(alert, picture.grid_names, 3), className="where"),
            *([html.P(alert.text, className="said", **{"data-personal": ""})] if alert.text else []),
            *([html.P(risen, className="risen")] if risen else []),
            *([html.P(over, className="cleared")] if (over := cleared_words(group.alerts, picture)) else []),
            _near(picture.nearest.get(alert.no, ()), alert, picture),
            _ways(group.alerts, first=True),
        ],
        className=f"call-card red{_class(alert)}",
        **_marks(group.alerts),
    )


def _near(near: Sequence[Nearby], alert: Alert, picture: Picture) -> Component:
    if alert.is_wide:
        return html.P("范围预警：按范围布置，不列最近力量", className="near none")
    if alert.place.lon is None:
        return html.P("没有坐标，无法找最近力量", className="near none")
    if not near:
        return html.P("附近没有可派的力量（10 分钟内有定位）", className="near none")
    return html.Ol([_goer(each, picture) for each in near], className="near", **{"aria-label": "最近力量"})


def _goer(each: Nearby, picture: Picture) -> Component:
    name = html.B(picture.worker_names.get(each.worker, each.worker), **{"data-personal": ""})
    return html.Li(
        [name, html.Span(metres_words(each.metres)), html.Span(["定位 ", counting(each.fixed_at, picture.as_of), "前"])]
    )


def metres_words(metres: float) -> str:
    """350 米, 2.4 公里; the straight line, rounded as one says it."""
    return f"{round(metres / 10) * 10} 米" if metres < 995 else f"{metres / 1000:.1f} 公里"


def side_cards(oranges: Sequence[Group], picture: Picture) -> list[Component]:
    """Small cards for the newest orange matters; the last names how many more wait in the list."""
    shown = list(reversed(oranges))[:SIDE]
    found = [html.Div([tile(Tile(group.alerts), picture) for group in shown], className="side-cards")] if shown else []
    left = len(oranges) - len(shown)
    if left:
        found[0].children.append(html.P(f"另有 {left} 件橙色未确认，见预警列表", className="more"))
    return found


# a flood -----------------------------------------------------------------------------------------------------


def flood(waiting: dict[AlertLevel, list[Group]], picture: Picture) -> list[Component]:
    """Every unanswered alert: red pinned first, then what is less grave in fewer, larger tiles."""
    return [_flood_row(level, groups, picture) for level, groups in waiting.items() if groups]


def _flood_row(level: AlertLevel, groups: Sequence[Group], picture: Picture) -> Component:
    found = tiles(groups, FLOOD_TILES[level])
    alerts = sum(len(group.alerts) for group in groups)
    oldest = min(group.first.received_at for group in groups)
    head = html.H3(
        [
            hazard(level, answered=False),
            f"{LEVEL_NAMES[level]}未确认 {alerts} 件 · {len(groups)} 起",
            html.Span(["最久 ", counting(oldest, picture.as_of)], className="since"),
        ]
    )
    return html.Section(
        [head, html.Div([tile(each, picture) for each in found], className="tiles")], className=f"flood-row {level}"
    )


def tile(each: Tile, picture: Picture) -> Component:
    """One line and a half: what, how many, where, since when; a press tells the story, 确认 answers all of it."""
    first, kinds = each.first, each.kinds
    what = kinds[0] if len(kinds) == 1 else f"{kinds[0]}等 {len(kinds)} 类"
    many = f" ×{len(each.alerts)}" if len(each.alerts) > 1 else ""
    over = " · 已恢复" if cleared_words(each.alerts, picture) else ""
    places = {alert.place.grids for alert in each.alerts}
    where = where_words(first, picture.grid_names) if len(places) == 1 else _common(places, picture)
    return html.Div(
        [
            hazard(first.level, answered=False),
            html.Div(
                [html.B([*_drill(first), what, many]), html.Span(f"{where}{over}")],
                className="words",
                role="button",
                tabIndex="0",
                title="看经过",
                **{"data-alert-story": _numbers(each.alerts[:20])},
            ),
            html.Div([counting(first.received_at, picture.as_of), _confirm(each.alerts)], className="end"),
        ],
        className=f"call-tile {first.level}{_class(first)}",
        **_marks(each.alerts),
    )


def _common(places: set[tuple[str, ...]], picture: Picture) -> str:
    """The outermost grid if all lie in it, and how many places there are."""
    outer = {grids[:1] for grids in places}
    name = place_words(next(iter(outer)), picture.grid_names) if len(outer) == 1 else f"{len(outer)} 个片区"
    return f"{name} · {len(places)} 处"


def _ways(alerts: Sequence[Alert], *, first: bool) -> Component:
    aside = html.Button(
        [html.Kbd("F4"), " 静默 / 立案"],
        className="shelve",
        **{"data-alert-story": _numbers(alerts[:20]), **({"data-key": "F4"} if first else {})},
    )
    return html.Div([_confirm(alerts, key="A"), aside], className="ways")


def _confirm(alerts: Sequence[Alert], key: str = "") -> Component:
    words = [html.Kbd(key), " 确认"] if key else "确认"
    return html.Button(words, className="acknowledge", **{"data-acknowledge": _numbers(alerts)})


def _numbers(alerts: Sequence[Alert]) -> str:
    return " ".join(alert.no for alert in alerts)


def _marks(alerts: Sequence[Alert]) -> dict[str, str]:
    return {"data-alarm": _numbers(alerts), "data-level": alerts[0].level}


def _drill(alert: Alert) -> list[Component]:
    return [html.Em("演练")] if alert.exercise else []


def _class(alert: Alert) -> str:
    return " exercise" if alert.exercise else ""
