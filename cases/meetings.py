"""Meetings (domain.md M): their kinds as data, when the next one is, and what the chair does in one."""

from __future__ import annotations

import tomllib
from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from cases.agenda import COMMON, TELLS, Item
from cases.calendar import DAY, LOCAL, WorkCalendar
from cases.decisions import refuse_who_cannot_chair
from cases.errors import BadAction, IllegalAction
from cases.model import Account

FILE = Path(__file__).parent / "meetings.toml"
FAR = 400  # days ahead within which a meeting that comes again must fall


class MeetingsError(ValueError):
    """A table of meetings that cannot be used, and why."""


@dataclass(frozen=True, slots=True)
class MeetingKind:
    """A kind of meeting; `every` "" is held when it is called, `calls` are the levels of the roll, 0 the outermost."""

    id: str
    name: str
    every: str
    agenda: tuple[str, ...]
    calls: tuple[int, ...] = ()
    on: int = 1
    at: time = time(9, 0)
    source: str = ""


# when -------------------------------------------------------------------------------------------------------


def next_of(kind: MeetingKind, after: datetime, calendar: WorkCalendar) -> datetime | None:
    """The next time a kind is due after an instant; None for one that is held when called.

    A day that is no working day gives way to the working day before it.
    """
    if not kind.every:
        return None
    day = after.astimezone(LOCAL).date()
    for ahead in range(FAR):
        if _falls_on(kind, day + ahead * DAY, calendar):
            at = datetime.combine(day + ahead * DAY, kind.at, LOCAL)
            if at > after:
                return at
    raise AssertionError("a meeting that comes again comes within a year")


def _falls_on(kind: MeetingKind, day: date, calendar: WorkCalendar) -> bool:
    """Whether a meeting is held on a day: on a day that it is meant for, or for one that is no working day after it."""
    if not calendar.is_working_day(day):
        return False
    meant = day
    while True:
        if _is_meant(kind, meant):
            return True
        meant += DAY
        if calendar.is_working_day(meant) or kind.every == "working_day":
            return kind.every == "working_day"


def _is_meant(kind: MeetingKind, day: date) -> bool:
    return _MEANT[kind.every](kind, day)


def _on_day(kind: MeetingKind, day: date) -> bool:
    return day.day == min(kind.on, monthrange(day.year, day.month)[1])


_MEANT: Mapping[str, Callable[[MeetingKind, date], bool]] = {
    "working_day": lambda kind, day: True,
    "week": lambda kind, day: day.isoweekday() == kind.on,
    "two_weeks": lambda kind, day: day.isoweekday() == kind.on and day.isocalendar().week % 2 == 0,
    "half_month": lambda kind, day: day.day in (15, monthrange(day.year, day.month)[1]),
    "month": _on_day,
    "quarter": lambda kind, day: day.month % 3 == 1 and _on_day(kind, day),
    "half_year": lambda kind, day: day.month in (1, 7) and _on_day(kind, day),
}


# the meeting ------------------------------------------------------------------------------------------------

PRESENT, ABSENT, LATE = "present", "absent", "late"
PRESENCE = {PRESENT: "到会", ABSENT: "缺席", LATE: "迟到"}


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting: its agenda as the chair ordered it, who is called and shown now, and who came.

    `roll` says of grids and units, never of persons, how they came: (code or id, presence).
    """

    no: str
    version: int
    kind: str
    area: str
    chair: str
    opened_at: datetime
    agenda: tuple[Item, ...]
    called: str = ""
    shown: str = ""  # the case that is open on the second screen
    roll: tuple[tuple[str, str], ...] = ()
    closed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """It is being held."""
        return self.closed_at is None


def call(meeting: Meeting, grid: str) -> Meeting:
    """Call a grid of the agenda; what was shown of another is put away. Raises IllegalAction, BadAction."""
    _refuse_closed(meeting)
    if all(item.grid != grid for item in meeting.agenda):
        raise BadAction("议程里没有这个网格", "grid")
    return _moved(meeting, called=grid, shown="")


def show(meeting: Meeting, case: str) -> Meeting:
    """Put a case on the second screen, or take it away (""). Raises IllegalAction."""
    _refuse_closed(meeting)
    return _moved(meeting, shown=case)


def reorder(meeting: Meeting, grid: str, by: int) -> Meeting:
    """Move a grid up (negative) or down in the agenda, as far as it goes. Raises IllegalAction, BadAction."""
    _refuse_closed(meeting)
    order = [item.grid for item in meeting.agenda]
    if grid not in order:
        raise BadAction("议程里没有这个网格", "grid")
    items = list(meeting.agenda)
    item = items.pop(order.index(grid))
    items.insert(min(len(items), max(0, order.index(grid) + by)), item)
    return _moved(meeting, agenda=tuple(items))


def note_presence(meeting: Meeting, who: str, presence: str) -> Meeting:
    """Say how a grid's or a unit's people came; said again it replaces. Raises IllegalAction, BadAction."""
    _refuse_closed(meeting)
    if presence not in PRESENCE:
        raise BadAction("到会情况须是 到会、缺席 或 迟到", "presence")
    others = tuple(each for each in meeting.roll if each[0] != who)
    return _moved(meeting, roll=tuple(sorted((*others, (who, presence)))))


def close(meeting: Meeting, by: Account, now: datetime) -> Meeting:
    """End the meeting; its agenda, roll and decisions are its minutes. Raises NotAllowed, IllegalAction."""
    refuse_who_cannot_chair(by)
    _refuse_closed(meeting)
    return _moved(meeting, closed_at=now)


def _refuse_closed(meeting: Meeting) -> None:
    if not meeting.is_open:
        raise IllegalAction("会议已结束", "action")


def _moved(meeting: Meeting, **changes: object) -> Meeting:
    return replace(meeting, version=meeting.version + 1, **changes)  # type: ignore[arg-type]


# the table --------------------------------------------------------------------------------------------------


def read_kinds(path: Path = FILE) -> Mapping[str, MeetingKind]:
    """The kinds of a file, by id; MeetingsError names the row and what is wrong with it."""
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))["kind"]
        kinds = [_kind_of(dict(row)) for row in rows]
    except (OSError, KeyError, TypeError, ValueError) as problem:
        raise MeetingsError(f"{path.name}: {problem}") from problem
    if len({kind.id for kind in kinds}) < len(kinds):
        raise MeetingsError(f"{path.name}: a kind is there twice")
    return {kind.id: kind for kind in kinds}


def _kind_of(row: dict[str, object]) -> MeetingKind:
    lists: dict[str, Any] = {name: tuple(row.pop(name, ())) for name in ("agenda", "calls")}  # type: ignore[arg-type]
    at = time.fromisoformat(str(row.pop("at", "09:00")))
    kind = MeetingKind(**row, **lists, at=at)  # type: ignore[arg-type]
    unknown = [key for key in kind.agenda if key not in TELLS and key not in COMMON]
    if unknown or (kind.every and kind.every not in _MEANT):
        raise ValueError(f"{kind.id}: unknown {unknown or kind.every}")
    return kind


KINDS = read_kinds()
