"""Reading one audience's room from the record, and drawing the wall's panels from it; both run off the event loop."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from dash.development.base_component import Component

from cases.masking import masked_name
from cases.model import Alert, Case, Event, GridWorker, Handoff, Scope, Whistle
from cases.ports import Figures, RoleHealth
from cases.shifts import SeatNow
from dashboard.people import account_names
from dashboard.picture import Audience, Force, Nearby, Picture
from dashboard.services import DutyPost, Services
from dashboard.visitors import hidden

log = logging.getLogger("room.live")

TIME_BAR = timedelta(hours=24)
ALERTS = 5000  # a screen leaves out no unanswered alert; they come first

Nearest = Mapping[str, Sequence[Nearby]]
NOBODY: Nearest = {}


class Panel(Protocol):
    """A wall panel: its root's id and the props made from a picture."""

    ID: str

    def render(self, picture: Picture) -> Mapping[str, Any]:
        """The root's new props."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the record said at `as_of`."""

    as_of: datetime
    board: Sequence[Case]
    figures: Figures
    alerts: Sequence[Alert]
    recent: Sequence[tuple[Event, Case]]
    ticks: Sequence[tuple[datetime, int]]
    seat: SeatNow = SeatNow()
    whistles: Sequence[Whistle] = ()
    handoffs: Sequence[Handoff] = ()
    people: Mapping[str, str] = field(default_factory=dict)  # display names of accounts that alerts name


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the newest reading is not there, in words, and since when."""

    msg: str
    since: datetime


def read(services: Services, audience: Audience) -> Reading:
    """Ask the record everything one audience's panels need. Blocking; every query carries the scope."""
    now, views = services.clock(), services.views
    scope = Scope(audience.area, audience.account, audience.reveal)
    with views.moment():
        reading = Reading(
            now,
            views.board(scope),
            views.figures(scope, now),
            views.alerts(scope, ALERTS),
            views.recent_events(scope),
            views.ticks(scope, now - TIME_BAR, now),
            services.registry.shifts.seat_now(_above(services, audience.area), now),
            *views.waited_for(scope),
        )
        if not audience.visitor:
            return replace(reading, people=people_of(services, reading.alerts))
    return hidden(reading)


def people_of(services: Services, alerts: Sequence[Alert]) -> Mapping[str, str]:
    """What those are called who answered alerts or were told of them. Blocking."""
    return account_names(services, {name for alert in alerts for name in (alert.by, *alert.told)})


def _above(services: Services, area: str) -> tuple[str, ...]:
    """An area and those that hold it, innermost first, everywhere last: whose seat minds it."""
    return (*reversed(services.grids.ancestors(area)), "") if area else ("",)


@dataclass(frozen=True, slots=True)
class Names:
    """Names by code, as far as the mask profile lets them be read."""

    units: Mapping[str, str]
    workers: Mapping[str, str]
    grids: Mapping[str, str]

    @classmethod
    def of(cls, services: Services, workers: Sequence[GridWorker], reveal: bool) -> Names:
        """All names of the room. Blocking."""
        return cls(
            {unit.id: unit.name for unit in services.directory.units()},
            {worker.id: worker.name if reveal else masked_name(worker.name) for worker in workers},
            {grid.code: grid.name for grid in services.grids.grids()},
        )


def picture(
    services: Services,
    audience: Audience,
    reading: Reading,
    names: Names,
    force: Force,
    health: Mapping[str, RoleHealth],
    trouble: Trouble | None,
    nearest: Nearest = NOBODY,
) -> Picture:
    """The picture all panels of an audience are drawn from."""
    area = audience.area
    return Picture(
        audience,
        services.title,
        names.grids.get(area, area) if area else services.grids.scheme.name,
        reading.as_of,
        reading.board,
        reading.figures,
        reading.alerts,
        reading.recent,
        reading.ticks,
        force,
        health,
        duty_of(services, audience),
        names.units,
        {} if audience.visitor else names.workers,
        names.grids,
        trouble.msg if trouble else "",
        trouble.since if trouble else None,
        services.desk.patience,
        reading.seat,
        nearest,
        services.guessed_years(reading.as_of, *(case.due_at for case in reading.board)),
        whistles=reading.whistles,
        handoffs=reading.handoffs,
        people=reading.people,
    )


def duty_of(services: Services, audience: Audience) -> Sequence[DutyPost]:
    """The shift on duty; before visitors each post is only manned."""
    posts = services.duty()
    return [DutyPost(each.post, "在岗") for each in posts] if audience.visitor else posts


def draw(panels: Sequence[Panel], shown: Picture) -> dict[str, str]:
    """Each panel's props as JSON; a panel that fails is left out (its last state stays) and logged."""
    drawn: dict[str, str] = {}
    for panel in panels:
        try:
            drawn[panel.ID] = encode(panel.render(shown))
        except Exception:  # one broken panel must not blind the others
            log.exception("panel %s cannot be drawn", panel.ID)
    return drawn


def encode(props: Mapping[str, Any]) -> str:
    """Props with Dash components in them as compact JSON."""
    return json.dumps(props, ensure_ascii=False, separators=(",", ":"), default=_component)


def _component(value: object) -> object:
    if isinstance(value, Component):
        return value.to_plotly_json()  # type: ignore[no-untyped-call]
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot stand in a panel's props")
