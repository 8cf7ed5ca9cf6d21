"""The room at a past moment for one audience: the same picture and the same panels, from the kept past."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cases.calendar import LOCAL
from cases.model import EVERYWHERE, Fix, Scope
from cases.past import RoomThen
from dashboard import frames, readings, shapes, topics
from dashboard.fleet import Fleet
from dashboard.panels.time_bar import last_step
from dashboard.picture import Audience, Picture, Replay
from dashboard.readings import TIME_BAR, Names, Panel, Reading
from dashboard.services import Services
from dashboard.shapes import Json, instant
from dashboard.whereabouts import roster_items

EPOCH = "0" * 16  # the past has no life of a server: every frame is whole
MOST_ALERTS = 5000  # as many as the live screens get

NOT_THEN = frozenset({"feed-health", "seat-state", "duty-posts", "calendar-notice"})
"""Panels whose matter is kept for now only: heartbeats, the seat, today's roster."""


class BadMoment(Exception):
    """A moment that cannot be shown, in words."""

    def __init__(self, code: str, msg: str) -> None:
        super().__init__(code)
        self.code, self.msg = code, msg


def moment_of(text: str, now: datetime) -> datetime:
    """The instant a link names; without a zone it is of Asia/Shanghai. Raises BadMoment for nonsense and the future.

    A `+` that came out of an address as a space is a `+` again.
    """
    try:
        at = datetime.fromisoformat(text.strip().replace(" ", "+"))
        at = (at if at.tzinfo else at.replace(tzinfo=LOCAL)).astimezone(now.tzinfo)
    except (ValueError, OverflowError):
        raise BadMoment("BAD_TIME", "看不懂这个时刻，请写成 2026-11-21T14:32:00+08:00") from None
    if at > now:
        raise BadMoment("IN_FUTURE", "这个时刻还没有到")
    return at


@dataclass(frozen=True, slots=True)
class Moment:
    """What an audience is shown of one instant: the picture, and the workers as last heard of then."""

    picture: Picture
    fleet: Fleet
    fixes: Sequence[Fix]


def look_back(services: Services, audience: Audience, at: datetime) -> Moment:
    """Read the room as it was. Blocking; raises BadMoment before the record begins, TooLongAgo, StoreUnavailable."""
    past, scope = services.registry.past, Scope(audience.area, "", audience.reveal)
    begins = past.begins()
    if begins is None or at < begins:
        raise BadMoment("BEFORE_RECORD", f"最早的记录是 {_words(begins)}" if begins else "还没有任何记录")
    then = past.room(scope, at, at - TIME_BAR, MOST_ALERTS)
    fixes = past.fixes(scope, at)
    workers = services.directory.workers(EVERYWHERE)
    fleet = Fleet(services.grids)
    fleet.enrol(workers)
    fleet.take(fixes)
    names = Names.of(services, workers, audience.reveal)
    force = fleet.force(audience.area, at.timestamp())
    shown = readings.picture(services, audience, _reading(then, services), names, force, {}, None)
    return Moment(replace(shown, duty=(), replay=_bar(services, scope, at)), fleet, fixes)


def _reading(then: RoomThen, services: Services) -> Reading:
    people = readings.people_of(services, then.alerts)
    return Reading(then.at, then.board, then.figures, then.alerts, then.recent, then.ticks, people=people)


def _bar(services: Services, scope: Scope, at: datetime) -> Replay:
    """The last 24 hours while the moment lies in them, else the moment's own day: the bar stays, its handle moves."""
    until = last_step(services.clock())
    if at < until - TIME_BAR:
        midnight = at.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
        until = midnight + TIME_BAR
    return Replay(until, services.views.ticks(scope, until - TIME_BAR, until))


def frame(moment: Moment, panels: Sequence[Panel]) -> str:
    """One moment as JSON: `messages` as /live would send them, `positions` a binary frame in Base64."""
    shown = moment.picture
    drawn = readings.draw([panel for panel in panels if panel.ID not in NOT_THEN], shown)
    as_of = instant(shown.as_of)
    told = [
        *(shapes.encode(message) for message in (_roster(moment), *_snapshots(shown))),
        *(
            f'{{"type":"panel","id":{shapes.encode(panel)},"as_of":"{as_of}","props":{props}}}'
            for panel, props in drawn.items()
        ),
    ]
    head = shapes.encode({"as_of": as_of, "words": _words(shown.as_of), "positions": _positions(moment)})
    return f'{head[:-1]},"messages":[{",".join(told)}]}}'


def _snapshots(shown: Picture) -> list[Json]:
    rows: Mapping[str, topics.Rows] = {
        "incidents": topics.incident_rows(shown.board),
        "kpi": topics.kpi_rows(shown.figures),
        "alerts": topics.alert_rows(shown.alerts),
    }
    head = {"type": "snapshot", "epoch": EPOCH, "seq": 0, "as_of": instant(shown.as_of)}
    known = topics.all_topics(EPOCH)
    return [head | {"topic": name, "data": known[name].whole(each)} for name, each in rows.items()]


def _roster(moment: Moment) -> Json:
    audience = moment.picture.audience
    return {"type": "roster", "epoch": EPOCH, "items": roster_items(moment.fleet, audience.area, audience.reveal)}


def _positions(moment: Moment) -> str:
    at, area = moment.picture.as_of.timestamp(), moment.picture.audience.area
    fleet = moment.fleet
    return base64.b64encode(fleet.binary(fleet.present(area), frames.SNAPSHOT, 0, at, 0)).decode()


def _words(at: datetime) -> str:
    local = at.astimezone(LOCAL)
    return f"{local.year} 年 {local.month} 月 {local.day} 日 {local:%H:%M:%S}"


def link(at: datetime) -> str:
    """The address that opens a moment, in local time."""
    local = at.astimezone(LOCAL)
    return f"/?at={local.isoformat(timespec='seconds').replace('+', '%2B')}"
