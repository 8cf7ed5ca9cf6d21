"""Between rows and nouns: what a case, an event, an alert or a receipt looks like as a tuple of columns."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeVar

from cases.alerts import AlertAction, AlertEvent, Level
from cases.model import (
    Action,
    Alert,
    AlertLevel,
    AlertNo,
    AlertState,
    Case,
    CaseNo,
    Difficulty,
    Event,
    Handoff,
    Link,
    Loop,
    Mediation,
    Place,
    Receipt,
    Reporter,
    Risk,
    Role,
    Stage,
    StageClock,
    Standing,
    State,
    StatusReport,
    Whistle,
)
from cases.rule_watch import Watch
from storage.instants import instant, micros

Row = Sequence[Any]
_Kind = TypeVar("_Kind", bound=StrEnum)

_NUMBERS_A_DAY = 1_000_000_000


@lru_cache(maxsize=4096)
def case_id(no: str) -> int:
    """The integer of a case number: 20261121-000123 → 20261121000000123; ValueError for anything else."""
    day, _, number = no.partition("-")
    if len(day) != 8 or not (day.isascii() and day.isdigit() and number.isascii() and number.isdigit()):
        raise ValueError(f"a case number reads YYYYMMDD-NNNNNN, not {no!r}")
    return int(day) * _NUMBERS_A_DAY + int(number)


def case_no(number: int) -> CaseNo:
    """The case number of an integer id."""
    day, count = divmod(number, _NUMBERS_A_DAY)
    return CaseNo(f"{day}-{count:06d}")


def _by_value(kind: type[_Kind]) -> Mapping[str, _Kind]:
    return {member.value: member for member in kind}


_STAGES, _STATES, _STANDINGS = _by_value(Stage), _by_value(State), _by_value(Standing)
_DIFFICULTIES, _LOOPS = _by_value(Difficulty), _by_value(Loop)


def to_json(value: object) -> str:
    """Compact JSON; an instant becomes ISO 8601, a tuple a list."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be kept in an event")


@lru_cache(maxsize=8192)
def codes_to_json(codes: tuple[str, ...]) -> str:
    """A tuple of codes (grids, flags: the same few over and over) as JSON."""
    return to_json(codes)


@lru_cache(maxsize=8192)
def codes_of(kept: str) -> tuple[str, ...]:
    """The codes back from their JSON."""
    return tuple(json.loads(kept))


def place_row(place: Place) -> tuple[object, ...]:
    """The eight columns of a place."""
    raw = place.raw or (None, None, None)
    return (place.lon, place.lat, codes_to_json(place.grids), *raw, place.accuracy_m, place.address)


def place_of(row: Row) -> Place:
    """The place back from its eight columns."""
    lon, lat, grids, raw_lon, raw_lat, raw_crs, accuracy_m, address = row
    raw = None if raw_crs is None else (raw_lon, raw_lat, raw_crs)
    return Place(lon, lat, codes_of(grids), raw, accuracy_m, address)


_stamps = attrgetter(
    "accepted_at",
    "dispatched_at",
    "signed_at",
    "arrived_at",
    "handled_at",
    "verified_at",
    "closed_at",
    "evaluated_at",
    "archived_at",
    "suspended_at",
)


def case_row(case: Case) -> tuple[object, ...]:
    """A case as the columns of `cases`, in the table's order."""
    told = case.reporter
    return (
        case_id(case.no),
        case.no,
        case.version,
        case.stage.value,
        case.state.value,
        case.standing.value,
        int(case.is_open),
        case.severity,
        case.difficulty.value,
        case.loop.value,
        case.title,
        case.text,
        case.category,
        case.channel,
        *place_row(case.place),
        case.source,
        micros(case.reported_at),
        micros(case.received_at),
        micros(case.updated_at),
        micros(case.due_at),
        micros(case.warn_at),
        case.unit,
        case.worker,
        case.handler,
        case.first_contact,
        *((None, None, None) if told is None else (told.name, told.phone, int(told.anonymous))),
        case.people,
        to_json(case.attachments) if case.attachments else "[]",
        case.original_category,
        codes_to_json(case.flags),
        int(case.exercise),
        int(case.demo),
        case.scheme,
        *(None if at is None else micros(at) for at in _stamps(case)),
        case.pending,
        case.outcome,
        case.score,
        case.merged_into,
        case.parent,
        case.falls_to,
        case.failed_mediations or None,
        case.reopened or None,
        None if case.promised_at is None else micros(case.promised_at),
        case.risk,
    )


def case_of(row: Row) -> Case:
    """The case back from the columns of `cases`, in the table's order."""
    (_, no, version, stage, state, standing, _, severity, difficulty, loop, title, text, category, channel) = row[:14]
    (source, reported_at, received_at, updated_at, due_at, warn_at, unit, worker, handler, first_contact) = row[22:32]
    (name, phone, anonymous, people, attachments, original_category, flags, exercise, demo, scheme) = row[32:42]
    stamps: list[Any] = [None if at is None else instant(at) for at in row[42:52]]
    risk = None if row[61] is None else Risk(row[61])
    rest: list[Any] = [*row[52:58], row[58] or 0, row[59] or 0, instant(row[60]), risk]
    return Case(
        no,
        version,
        _STAGES[stage],
        _STATES[state],
        _STANDINGS[standing],
        severity,
        _DIFFICULTIES[difficulty],
        _LOOPS[loop],
        title,
        text,
        category,
        channel,
        place_of(row[14:22]),
        source,
        instant(reported_at),
        instant(received_at),
        instant(updated_at),
        instant(due_at),
        instant(warn_at),
        unit,
        worker,
        handler,
        first_contact,
        None if name is None else Reporter(name, phone, bool(anonymous)),
        people,
        () if attachments == "[]" else tuple(json.loads(attachments)),
        original_category,
        codes_of(flags),
        bool(exercise),
        bool(demo),
        scheme,
        *stamps,
        *rest,
    )


def event_row(event: Event) -> tuple[object, ...]:
    """An event as the columns of `events`, in the table's order."""
    return (
        event.seq,
        case_id(event.case),
        event.version,
        micros(event.at),
        event.by,
        event.role.value,
        event.action.value,
        event.why,
        event.origin,
        to_json(event.changes) if event.changes else "{}",
        to_json(event.before) if event.before else "{}",
        to_json(event.about) if event.about else "{}",
    )


def event_of(row: Row) -> Event:
    """The event back from the columns of `events`, in the table's order."""
    seq, case, version, at, by, role, action, why, origin, changes, before, about = row
    return Event(
        seq,
        case_no(case),
        version,
        instant(at),
        by,
        Role(role),
        Action(action),
        why,
        origin,
        _revived(changes),
        _revived(before),
        {} if about == "{}" else json.loads(about),
    )


def _revived(kept: str) -> dict[str, object]:
    return {} if kept == "{}" else {name: revive(name, value) for name, value in json.loads(kept).items()}


_FIELD_KINDS: Mapping[str, Callable[[str], object]] = {
    "stage": Stage,
    "state": State,
    "standing": Standing,
    "loop": Loop,
    "difficulty": Difficulty,
    "risk": Risk,
}


def revive(field: str, value: object) -> object:
    """A changed field's value as the model has it: enums by the field's name, instants by its `_at`."""
    if not isinstance(value, str):
        return tuple(value) if isinstance(value, list) else value
    if field.endswith("_at"):
        return datetime.fromisoformat(value)
    kind = _FIELD_KINDS.get(field)
    return kind(value) if kind else value


def whistle_row(whistle: Whistle) -> tuple[object, ...]:
    """A whistle as the columns of `whistles`, in the table's order."""
    return _kept(whistle)


def whistle_of(row: Row) -> Whistle:
    """The whistle back from the columns of `whistles`, in the table's order."""
    case, version, unit, by, called_at, answer_by, arrive_by, why, answered_at, answered_by, answer, *arrival = row
    spans = (instant(called_at), instant(answer_by), instant(arrive_by))
    arrived_at, arrived_by, told_late = arrival
    answered = (instant(answered_at), answered_by, answer)
    arrived = (instant(arrived_at), arrived_by)
    return Whistle(case_no(case), version, unit, by, *spans, why, *answered, *arrived, told_late or 0)


def link_row(link: Link) -> tuple[object, ...]:
    """A link as the columns of `links`, in the table's order."""
    return (case_id(link.case), case_id(link.other), link.kind, micros(link.at), link.by)


def link_of(row: Row) -> Link:
    """The link back from the columns of `links`, in the table's order."""
    case, other, kind, at, by = row
    return Link(case_no(case), case_no(other), kind, instant(at), by)


def mediation_row(mediation: Mediation) -> tuple[object, ...]:
    """An attempt at mediation as the columns of `mediations`, in the table's order."""
    return _kept(mediation)


def mediation_of(row: Row) -> Mediation:
    """The attempt back from the columns of `mediations`, in the table's order."""
    case, version, at, *rest = row
    return Mediation(case_no(case), version, instant(at), *rest)


def handoff_row(handoff: Handoff) -> tuple[object, ...]:
    """A hand-off as the columns of `handoffs`, in the table's order."""
    return _kept(handoff)


def handoff_of(row: Row) -> Handoff:
    """The hand-off back from the columns of `handoffs`, in the table's order."""
    case, version, kind, out_at, by, why, decide_by, due_at, extended, back_at, back_by, result = row
    out = (case_no(case), version, kind, instant(out_at), by, why)
    return Handoff(*out, instant(decide_by), instant(due_at), bool(extended), instant(back_at), back_by, result)


def _kept(noun: Whistle | Mediation | Handoff) -> tuple[object, ...]:
    """A noun whose fields are its table's columns in order, its case first."""
    _, *values = (getattr(noun, name) for name in noun.__slots__)
    return (case_id(noun.case), *(_column(value) for value in values))


def _column(value: object) -> object:
    if isinstance(value, datetime):
        return micros(value)
    return int(value) if isinstance(value, bool) else value


def receipt_row(receipt: Receipt) -> tuple[object, ...]:
    """A receipt as the columns of `receipts`, in the table's order."""
    return (
        receipt.source,
        receipt.id,
        receipt.fingerprint,
        receipt.kind,
        receipt.number,
        codes_to_json(receipt.grids),
        codes_to_json(receipt.flags),
        micros(receipt.at),
    )


def receipt_of(row: Row) -> Receipt:
    """The receipt back from the columns of `receipts`, in the table's order."""
    source, id_, fingerprint, kind, number, grids, flags, at = row
    return Receipt(source, id_, fingerprint, kind, number, codes_of(grids), codes_of(flags), instant(at))


def alert_row(alert: Alert) -> tuple[object, ...]:
    """An alert as the columns of `alerts`, in the table's order."""
    return (
        alert.no,
        alert.version,
        alert.level.value,
        alert.state.value,
        alert.origin,
        alert.kind,
        alert.text,
        *place_row(alert.place),
        micros(alert.at),
        micros(alert.received_at),
        alert.source,
        alert.by,
        micros(alert.acted_at),
        micros(alert.shelved_until),
        alert.why,
        alert.case,
        int(alert.exercise),
        alert.risen or None,
        micros(alert.risen_at),
        to_json(alert.told) if alert.told else None,
        alert.rule or None,
        micros(alert.cleared_at),
        micros(alert.expires_at),
        to_json(alert.replaces) if alert.replaces else None,
        to_json(alert.outline) if alert.outline else None,
    )


def alert_of(row: Row) -> Alert:
    """The alert back from the columns of `alerts`, in the table's order."""
    no, version, level, state, origin, kind, text = row[:7]
    at, received_at, source, by, acted_at, shelved_until, why, case, exercise, *more = row[15:]
    risen, risen_at, told, rule, cleared_at, expires_at, replaces, outline = more
    return Alert(
        AlertNo(no),
        version,
        AlertLevel(level),
        AlertState(state),
        origin,
        kind,
        text,
        place_of(row[7:15]),
        instant(at),
        instant(received_at),
        source,
        by,
        instant(acted_at),
        instant(shelved_until),
        why,
        case,
        bool(exercise),
        risen or 0,
        instant(risen_at),
        codes_of(told) if told else (),
        rule or "",
        instant(cleared_at),
        instant(expires_at),
        tuple(map(AlertNo, codes_of(replaces))) if replaces else (),
        tuple(tuple((lon, lat) for lon, lat in ring) for ring in json.loads(outline)) if outline else (),
    )


def alert_event_row(event: AlertEvent) -> tuple[object, ...]:
    """A step of an alert as the columns of `alert_events`, in the table's order."""
    who = (event.by, event.role.value, event.action.value)
    what = (event.why, int(event.level), to_json(event.told), to_json(event.changes))
    return (event.alert, event.version, micros(event.at), *who, *what)


def alert_event_of(row: Row) -> AlertEvent:
    """The step back from the columns of `alert_events`, in the table's order."""
    alert, version, at, by, role, action, why, level, told, changes = row
    what = (AlertAction(action), why, Level(level), codes_of(told), _alert_changes(changes or "{}"))
    return AlertEvent(AlertNo(alert), version, instant(at), by, Role(role), *what)


def _alert_changes(kept: str) -> dict[str, object]:
    return {name: _ALERT_KINDS.get(name, _as_kept)(value) for name, value in json.loads(kept).items()}


def _when(value: Any) -> object:
    return None if value is None else datetime.fromisoformat(value)


def _as_kept(value: Any) -> object:
    return tuple(value) if isinstance(value, list) else value


_ALERT_KINDS: Mapping[str, Callable[[Any], object]] = {
    "state": AlertState,
    "acted_at": _when,
    "shelved_until": _when,
    "risen_at": _when,
    "cleared_at": _when,
}


def clock_row(clock: StageClock) -> tuple[object, ...]:
    """A step's clock as the columns of `clocks`, in the table's order."""
    return (
        case_id(clock.case),
        clock.step,
        micros(clock.since),
        micros(clock.warn_at),
        micros(clock.due_at),
        clock.standing.value,
        micros(clock.ended_at),
        micros(clock.turns_at),
    )


def clock_of(row: Row) -> StageClock:
    """The clock back from the columns of `clocks`, in the table's order."""
    number, step, since, warn_at, due_at, standing, ended_at, _ = row
    return StageClock(
        case_no(number),
        step,
        instant(since),
        instant(warn_at),
        instant(due_at),
        _STANDINGS[standing],
        instant(ended_at),
    )


def status_row(status: StatusReport) -> tuple[object, ...]:
    """A worker's word as the columns of `statuses`, in the table's order."""
    times = (micros(status.at), micros(status.received_at))
    sos = None if status.sos is None else int(status.sos)
    return (
        status.source,
        status.id,
        status.worker,
        status.status.value,
        *times,
        status.case,
        sos,
        int(status.exercise) or None,
    )


def watch_row(watch: Watch) -> tuple[object, ...]:
    """What a rule rings for as the columns of `watches`, in the table's order."""
    return (watch.rule, watch.subject, watch.alert, micros(watch.raised_at), micros(watch.cleared_at))


def watch_of(row: Row) -> Watch:
    """The watch back from the columns of `watches`, in the table's order."""
    rule, subject, alert, raised_at, cleared_at = row
    return Watch(rule, subject, AlertNo(alert), instant(raised_at), instant(cleared_at))
