"""How cases, events, alerts and figures look on the wire, for /live and the REST API alike (protocol.md §2–3).

No shape carries the reporter: what is not sent needs no mask.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from enum import Enum

from cases.alerts import AlertEvent
from cases.indicators import Figure
from cases.masking import masked_name, masked_phone
from cases.model import Alert, Case, Event, GridWorker, Place
from cases.ports import Figures, GridCount, RoleHealth

Json = dict[str, object]


def instant(at: datetime | None) -> str | None:
    """An instant as the wire writes it: UTC with milliseconds and a Z."""
    return None if at is None else at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def case_row(case: Case) -> Json:
    """A case without its events."""
    return {
        "case": case.no,
        "version": case.version,
        "stage": case.stage.value,
        "state": case.state.value,
        "standing": case.standing.value,
        "severity": case.severity,
        "title": case.title,
        "category": case.category,
        "channel": case.channel,
        "grids": list(case.grids),
        "lon": case.place.lon,
        "lat": case.place.lat,
        "unit": case.unit,
        "worker": case.worker,
        "reported_at": instant(case.reported_at),
        "due_at": instant(case.due_at),
        "exercise": case.exercise,
    }


def incident_row(case: Case) -> list[object]:
    """A located case as the map draws it: `[case,lon,lat,category,severity,standing]`."""
    return [case.no, case.place.lon, case.place.lat, case.category, case.severity, case.standing.value]


def event_row(event: Event) -> Json:
    """One event of a case."""
    return {
        "seq": event.seq,
        "at": instant(event.at),
        "by": event.by,
        "action": event.action.value,
        "why": event.why,
        "changes": {name: plain(value) for name, value in event.changes.items()},
    }


def alert_row(alert: Alert) -> Json:
    """An alert and who answered it."""
    return {
        "alert": alert.no,
        "version": alert.version,
        "level": alert.level.value,
        "state": alert.state.value,
        "source": alert.origin,
        "kind": alert.kind,
        "text": alert.text,
        "grids": list(alert.place.grids),
        "lon": alert.place.lon,
        "lat": alert.place.lat,
        "at": instant(alert.at),
        "by": alert.by,
        "acted_at": instant(alert.acted_at),
        "shelved_until": instant(alert.shelved_until),
        "why": alert.why,
        "case": alert.case,
        "exercise": alert.exercise,
        "risen": alert.risen,
        "risen_at": instant(alert.risen_at),
        "told": list(alert.told),
        "rule": alert.rule,
        "cleared_at": instant(alert.cleared_at),
        "outline": [list(map(list, ring)) for ring in alert.outline],
    }


def alert_event_row(event: AlertEvent) -> Json:
    """One step of an alert."""
    return {
        "version": event.version,
        "at": instant(event.at),
        "by": event.by,
        "action": event.action.value,
        "why": event.why,
        "level": int(event.level),
        "told": list(event.told),
    }


def worker_row(worker: GridWorker, reveal: bool) -> Json:
    """A grid worker; name and phone masked unless the role may see them."""
    return {
        "worker": worker.id,
        "name": worker.name if reveal else masked_name(worker.name),
        "grid": worker.grid,
        "phone": worker.phone if reveal else masked_phone(worker.phone),
        "skills": list(worker.skills),
        "role": worker.role,
    }


def figures_row(figures: Figures) -> Json:
    """The figures of one scope, without the grids' counts."""
    return {
        each.name: plain(getattr(figures, each.name)) for each in fields(Figures) if each.name not in ("as_of", "grids")
    }


def figure_row(figure: Figure) -> Json:
    """A figure of the register with its base, its days and where its rows are; `period` has both its days."""
    told = ("id", "name", "value", "numerator", "base", "unit", "direction", "words", "definition", "grid", "link")
    days = {"from": figure.period.first.isoformat(), "to": figure.period.last.isoformat()}
    rest = {"period": days, "is_small": figure.is_small, "behind": figure.behind, "as_of": instant(figure.as_of)}
    return {name: getattr(figure, name) for name in told} | rest


def grid_counts(count: GridCount) -> list[int]:
    """`[open, overdue, today]` of one grid."""
    return [count.open, count.overdue, count.today]


def health_row(health: RoleHealth) -> Json:
    """One role's state and the seconds since its last sign of life."""
    age = None if health.age_s is None else round(health.age_s, 1)
    return {"age_s": age, "state": health.state}


def plain(value: object) -> object:
    """A value of the model as JSON knows it."""
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Place):
        return {"lon": value.lon, "lat": value.lat, "grids": list(value.grids)}
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    return value


def encode(value: object) -> str:
    """Compact JSON; ValueError on NaN and infinities, which no browser could read."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
