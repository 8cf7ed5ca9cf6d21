"""Time as a bar: how many cases came in each ten minutes, grave ones standing out, and the way into the past."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from dash import html
from dash.development.base_component import Component

from cases.calendar import LOCAL
from dashboard.components import frame
from dashboard.picture import Picture

ID, TITLE, SOURCE = "time-bar", "过去 24 小时受理", "案件库"
STEP = timedelta(minutes=10)
STEPS = 144
SPEEDS = (1, 10, 60, 600)
LANDMARKS = (("red", "红色预警", "r"), ("overdue", "超时", "g"), ("case", "新案", "n"))


def layout() -> Component:
    """The bar's place across the foot of the wall."""
    return frame.place(ID, TITLE, SOURCE)


def render(picture: Picture) -> dict[str, object]:
    """Counts by ten minutes; `data-usual` holds how many of each were grave (severity 1).

    A live bar ends now. A bar of the past stays where it is while its handle moves, so it also shows what came after.
    """
    replay = picture.replay
    end = replay.until if replay else last_step(picture.as_of)
    ticks = replay.ticks if replay else picture.ticks
    all_counts, grave = counts(ticks, end), counts([t for t in ticks if t[1] == 1], end)
    total, worst = sum(all_counts), sum(grave)
    bar = html.Div(
        className="series",
        role="img",
        **{
            "data-series": "ticks",
            "data-values": ",".join(map(str, all_counts)),
            "data-usual": ",".join(map(str, grave)),
            "data-end": end.isoformat(),
            "data-ends": "" if replay else "现在",
            "aria-label": f"{total} 件，其中特急 {worst} 件",
        },
    )
    handle = [html.I(className="time-handle", style={"left": f"{share(picture.as_of, end):.3%}"})] if replay else []
    track = html.Div([bar, *handle], className="time-track", **{"data-end": end.isoformat()})
    note = f"{total} 件 · 每格 10 分钟 · 红：特急 {worst} 件"
    shown = frame.filled(picture, _title(end) if replay else TITLE, note, SOURCE, [track])
    return shown | {"children": [*shown["children"], _ways(picture)]}  # type: ignore[misc]


def _title(end: datetime) -> str:
    begin = (end - STEPS * STEP).astimezone(LOCAL)
    return f"{begin.month} 月 {begin.day} 日 {begin:%H:%M} 起 24 小时受理"


def _ways(picture: Picture) -> Component:
    """The keys of time: into the past, and there to and fro, on its own, and to what matters next."""
    if picture.replay is None:
        return html.Div([_way("back", "回看", ",")], className="time-ways")
    speeds = [_way("speed", f"{speed}×", "", str(speed)) for speed in SPEEDS]
    nexts = [_way("next", f"下一{words}", key, kind) for kind, words, key in LANDMARKS]
    return html.Div(
        [
            _way("back", "退 10 分", ","),
            _way("play", "播放", " "),
            _way("forward", "进 10 分", "."),
            *speeds,
            *nexts,
            _way("beside", "并列另一时刻", "b"),
        ],
        className="time-ways",
    )


def _way(what: str, words: str, key: str, value: str = "") -> Component:
    """A button of the bar; assets/replay.js does what it says."""
    keyed = {"data-key": key} if key else {}
    sign = [html.Kbd("空格" if key == " " else key)] if key else []
    return html.Button([*sign, html.Span(words)], **{"data-replay": what, "data-value": value, **keyed})


def share(at: datetime, end: datetime) -> float:
    """Where on the bar an instant stands, 0 (its begin) to 1 (its end)."""
    return min(1.0, max(0.0, 1 - (end - at) / (STEPS * STEP)))


def last_step(at: datetime) -> datetime:
    """The end of the ten-minute step that holds `at`, in local time."""
    local = at.astimezone(LOCAL)
    floor = local.replace(minute=local.minute - local.minute % 10, second=0, microsecond=0)
    return floor + STEP


def counts(ticks: Sequence[tuple[datetime, int]], end: datetime) -> list[int]:
    """How many ticks fall into each of the 144 steps before `end`, oldest first."""
    begin, found = end - STEPS * STEP, [0] * STEPS
    for at, _ in ticks:
        step = (at - begin) // STEP
        if 0 <= step < STEPS:
            found[step] += 1
    return found
