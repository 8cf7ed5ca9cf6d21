"""The last 24 hours: how many cases came in each ten minutes, grave ones standing out."""

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


def layout() -> Component:
    """The bar's place across the foot of the wall."""
    return frame.place(ID, TITLE, SOURCE)


def render(picture: Picture) -> dict[str, object]:
    """Counts by ten minutes up to now; `data-usual` holds how many of each were grave (severity 1)."""
    end = last_step(picture.as_of)
    all_counts, grave = counts(picture.ticks, end), counts([t for t in picture.ticks if t[1] == 1], end)
    total, worst = sum(all_counts), sum(grave)
    bar = html.Div(
        className="series",
        role="img",
        **{
            "data-series": "ticks",
            "data-values": ",".join(map(str, all_counts)),
            "data-usual": ",".join(map(str, grave)),
            "data-end": end.isoformat(),
            "aria-label": f"过去 24 小时 {total} 件，其中特急 {worst} 件",
        },
    )
    note = f"{total} 件 · 每格 10 分钟 · 红：特急 {worst} 件"
    return frame.filled(picture, TITLE, note, SOURCE, [bar])


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
