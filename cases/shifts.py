"""The watch at the duty seat: what one officer hands over to the next, who signed when, and whether anybody sits there.

A handover needs two accounts: the outgoing officer signs a digest that the system made, the incoming one signs for it.
Until then it stands open. Presence is of the seat of an area, never of a person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from cases.alerts import is_waiting
from cases.calendar import LOCAL
from cases.decisions import Decision
from cases.errors import BadAction, IllegalAction, NotAllowed
from cases.model import Account, Alert, AlertState, Case, Role, Standing, State, Whistle

MOST_NOTES = 4_000
UNSEEN = timedelta(minutes=2)  # unminded for longer than this, a seat may have been manned: not counted


@dataclass(frozen=True, slots=True)
class WatchRules:
    """When a seat counts as unmanned, and how soon a handover must be signed for."""

    unmanned_after: timedelta = timedelta(minutes=5)
    sign_within: timedelta = timedelta(minutes=15)


# the handover -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One matter of a digest: a case's or alert's number, its words, and why it stands here."""

    number: str
    words: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a digest under its title; an empty one says that there is nothing of the kind."""

    key: str
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Shift:
    """One handover of the watch over an area. `taken_at` None: nobody has signed for it yet.

    `how` says where the incoming officer signed: `session` (signed in as himself) or `seat` (by his own password at
    the outgoing officer's seat). `moved` counts the open cases whose tracker changed with it.
    """

    no: str
    area: str
    outgoing: str
    began_at: datetime
    handed_at: datetime
    due_at: datetime
    notes: str
    digest: tuple[Section, ...]
    incoming: str | None = None
    taken_at: datetime | None = None
    how: str = ""
    moved: int = 0
    withdrawn_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Handed over, and neither signed for nor withdrawn."""
        return self.taken_at is None and self.withdrawn_at is None


def hand_over(
    no: str,
    officer: Account,
    began_at: datetime,
    notes: str,
    digest: tuple[Section, ...],
    now: datetime,
    rules: WatchRules,
) -> Shift:
    """The outgoing officer's signature under a digest. Raises NotAllowed, BadAction."""
    _refuse_others(officer)
    if len(notes) > MOST_NOTES:
        raise BadAction(f"交班说明最长 {MOST_NOTES} 字", "notes")
    return Shift(no, officer.area, officer.name, began_at, now, now + rules.sign_within, notes.strip(), digest)


def take_over(shift: Shift, officer: Account, how: str, moved: int, now: datetime) -> Shift:
    """The incoming officer's signature: another account than the outgoing one's. Raises NotAllowed, IllegalAction."""
    may_take(shift, officer)
    return replace(shift, incoming=officer.name, taken_at=now, how=how, moved=moved)


def may_take(shift: Shift, officer: Account) -> None:
    """Refuse who cannot sign for a handover. Raises NotAllowed, IllegalAction."""
    _refuse_others(officer)
    if officer.area != shift.area:
        raise NotAllowed("接班人与交班人须在同一辖区值班")
    if officer.name == shift.outgoing:
        raise NotAllowed("交班与接班须由两个不同的账号签字")
    if not shift.is_open:
        raise IllegalAction("这次交接已经签收或撤回，不能再改", "action")


def withdraw(shift: Shift, officer: Account, now: datetime) -> Shift:
    """The outgoing officer stays after all; the record stays too. Raises NotAllowed, IllegalAction."""
    if officer.name != shift.outgoing:
        raise NotAllowed("只有交班人可以撤回")
    if not shift.is_open:
        raise IllegalAction("这次交接已经签收或撤回，不能再改", "action")
    return replace(shift, withdrawn_at=now)


def _refuse_others(officer: Account) -> None:
    if officer.role is not Role.DUTY or officer.disabled:
        raise NotAllowed("只有值班员可以交接班")


# its digest -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Matters:
    """What a digest is made from, read at one moment: everything open, and what this watch received and finished."""

    open_cases: Sequence[Case]
    alerts: Sequence[Alert]
    whistles: Sequence[Whistle]
    received: Sequence[Case]
    closed: Sequence[Case]
    reopened: Sequence[Case]
    decisions: Sequence[Decision] = ()  # of meetings, that this seat answers for and nobody has verified


Belongs = Callable[[Case], bool]

PLACES: Sequence[tuple[str, str, Belongs]] = (
    ("exercise", "演练", lambda case: case.exercise),
    ("late", "超时未结", lambda case: case.standing is Standing.OVERDUE and case.state is State.ACTIVE),
    ("near", "将超时", lambda case: case.standing is Standing.AT_RISK and case.state is State.ACTIVE),
    ("returned", "退单", lambda case: case.state is State.RETURNED),
    ("suspended", "挂起待恢复", lambda case: case.state is State.SUSPENDED),
    ("promised", "已承诺答复", lambda case: case.promised_at is not None),
    ("pending", "延期、作废待审批", lambda case: case.pending is not None),
    ("open", "其他在办", lambda case: True),
)
"""Where an open case stands in a digest: the first row that fits, so each stands in exactly one."""


def digest(matters: Matters, now: datetime) -> tuple[Section, ...]:
    """The digest at `now`: what needs a person first, then every open case once, then what this watch did."""
    return (
        Section("alerts", "未确认预警", tuple(_alert_line(a, now) for a in matters.alerts if is_waiting(a, now))),
        Section("shelved", "静默中的预警", tuple(_shelved_line(a) for a in matters.alerts if _rests(a, now))),
        Section("whistles", "未应哨、未到场", tuple(_whistle_line(each, now) for each in matters.whistles)),
        Section("decisions", "会议议定事项", tuple(_decision_line(d, now) for d in _near(matters.decisions, now))),
        *_placed(matters.open_cases, now),
        Section("received", "本班受理", tuple(map(_done_line, matters.received))),
        Section("closed", "本班办结", tuple(map(_done_line, matters.closed))),
        Section("reopened", "本班重开", tuple(map(_done_line, matters.reopened))),
    )


def _placed(cases: Iterable[Case], now: datetime) -> list[Section]:
    lines: dict[str, list[Line]] = {key: [] for key, _, _ in PLACES}
    for case in cases:
        key = next(key for key, _, belongs in PLACES if belongs(case))
        promised = f"承诺 {_clock(case.promised_at)} · " if case.promised_at else ""
        lines[key].append(Line(case.no, case.title, promised + _due(case, now)))
    return [Section(key, title, tuple(lines[key])) for key, title, _ in (*PLACES[1:], PLACES[0])]


def _rests(alert: Alert, now: datetime) -> bool:
    return alert.state is AlertState.SHELVED and not is_waiting(alert, now)


def _alert_line(alert: Alert, now: datetime) -> Line:
    return Line(alert.no, alert.text or alert.kind, f"已等 {_span(now - alert.received_at)}")


def _shelved_line(alert: Alert) -> Line:
    until = f"至 {_clock(alert.shelved_until)}" if alert.shelved_until else ""
    return Line(alert.no, alert.text or alert.kind, f"{until} · {alert.why}")


def _whistle_line(whistle: Whistle, now: datetime) -> Line:
    if whistle.answered_at is None:
        return Line(whistle.case, whistle.unit, _by("应哨", whistle.answer_by, now))
    return Line(whistle.case, whistle.unit, _by("到场", whistle.arrive_by, now))


def _near(decisions: Sequence[Decision], now: datetime) -> list[Decision]:
    """Those due, or so soon that the next watch must know: no longer green. What is done waits for others."""
    return [each for each in decisions if each.is_open and each.standing(now) is not Standing.ON_TIME]


def _decision_line(decision: Decision, now: datetime) -> Line:
    return Line(decision.no, decision.text, _by("办结", decision.due_at, now))


def _by(what: str, due_at: datetime, now: datetime) -> str:
    return f"{what}已超 {_span(now - due_at)}" if now > due_at else f"须于 {_clock(due_at)} 前{what}"


def _done_line(case: Case) -> Line:
    return Line(case.no, case.title)


def _due(case: Case, now: datetime) -> str:
    if case.state is State.SUSPENDED:
        return f"{_clock(case.suspended_at)} 挂起" if case.suspended_at else "挂起"
    if case.due_at is None:
        return "无时限"
    return f"超时 {_span(now - case.due_at)}" if now > case.due_at else f"剩 {_span(case.due_at - now)}"


def _span(span: timedelta) -> str:
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} 分"
    return f"{minutes // 60} 小时" if minutes < 1440 else f"{minutes // 1440} 天"


def _clock(at: datetime | None) -> str:
    return at.astimezone(LOCAL).strftime("%m-%d %H:%M") if at else ""


# the seat ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seat:
    """When somebody last did something at an area's seat, since when it has been minded without a break, and how far
    unmanned time has been counted. None of it says who."""

    area: str
    active_at: datetime | None
    known_since: datetime
    watched_to: datetime
    counted_to: datetime


@dataclass(frozen=True, slots=True)
class SeatNow:
    """What the screens of an area say of its seat; nothing of it, where it has none."""

    unmanned_since: datetime | None = None
    unmanned_today: timedelta = timedelta()
    open_shifts: tuple[Shift, ...] = ()


def unmanned_since(seat: Seat, now: datetime, rules: WatchRules) -> datetime | None:
    """Since when nobody sits there, once that is longer than the rules allow; before `known_since` nobody knows."""
    since = max(seat.active_at or seat.known_since, seat.known_since)
    return since if now - since > rules.unmanned_after else None


def watched(seat: Seat, now: datetime, rules: WatchRules) -> tuple[Seat, Mapping[date, timedelta]]:
    """Mind a seat up to `now`: the seat, and unmanned time to add to each local day. Counting twice adds nothing."""
    if now <= seat.watched_to:
        return seat, {}
    if now - seat.watched_to > UNSEEN:  # the room was down: who sat there meanwhile, nobody can say
        return replace(seat, known_since=now, watched_to=now, counted_to=now), {}
    since = unmanned_since(seat, now, rules)
    seat = replace(seat, watched_to=now)
    if since is None:
        return seat, {}
    begin = max(since, seat.counted_to)
    return replace(seat, counted_to=now), by_day(begin, now)


def by_day(begin: datetime, end: datetime) -> Mapping[date, timedelta]:
    """A span cut at the midnights of Asia/Shanghai."""
    spans: dict[date, timedelta] = {}
    while begin < end:
        day = begin.astimezone(LOCAL).date()
        midnight = datetime.combine(day + timedelta(days=1), time(), LOCAL)
        spans[day] = min(end, midnight) - begin
        begin = min(end, midnight)
    return spans


@dataclass(frozen=True, slots=True)
class Handing:
    """What the handover page is made from, for one area and officer."""

    began_at: datetime
    is_first: bool  # no handover before it on record: the digest covers the last 24 h
    digest: tuple[Section, ...]
    open_shifts: tuple[Shift, ...] = ()
    past: tuple[Shift, ...] = field(default_factory=tuple)
