"""Every figure of the register again, slowly and by other means: from whole cases, their events and records, in lists.

Nothing here is shared with cases.indicators.facts: the two must agree because both are right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from cases.model import EVERYWHERE, Action, Case, Event, State
from cases.ports import CaseFilter, CaseRecord
from storage.engine import Engine
from storage.evidence import SqlEvidence
from storage.records import SqlRecords
from storage.views import SqlViews

SHANGHAI = ZoneInfo("Asia/Shanghai")
EVER = (datetime(2000, 1, 1, tzinfo=SHANGHAI), datetime(2100, 1, 1, tzinfo=SHANGHAI))


@dataclass
class Whole:
    """One case with everything that hangs on it."""

    case: Case
    events: list[Event]
    record: CaseRecord

    def times(self, action: Action, *reasons: str) -> int:
        """How often a step was taken and not taken back."""
        undone = {event.version - 1 for event in self.events if event.action is Action.UNDO}
        return len(
            [
                event
                for event in self.events
                if event.action is action
                and event.version not in undone
                and (not reasons or event.about.get("reason") in reasons)
            ]
        )


def read_all(engine: Engine) -> list[Whole]:
    """Every case there is."""
    views, records = SqlViews(engine), SqlRecords(engine)
    found, page = [], 1
    while True:
        some = views.cases(EVERYWHERE, CaseFilter(), page, 200).items
        if not some:
            return found
        found += [Whole(c, views.events(c.no, EVERYWHERE), records.of(c.no, EVERYWHERE)) for c in some]
        page += 1


class Slow:
    """Figures by looking at everything each time."""

    def __init__(self, engine: Engine, now: datetime) -> None:
        self.wholes, self.now = read_all(engine), now
        self.by_no = {whole.case.no: whole for whole in self.wholes}
        self.clocks = SqlEvidence(engine).clocks(EVERYWHERE, *EVER)

    def value(self, id: str, grid: str, first: date, last: date) -> float | None:
        """The figure, None without a base."""

        def inside(at: datetime) -> bool:
            return first <= at.astimezone(SHANGHAI).date() <= last

        there = [w for w in self.wholes if not grid or grid in w.case.place.grids]
        top = [w for w in there if not w.case.exercise and w.case.parent is None]
        real = [w for w in top if w.case.state not in (State.VOID, State.MERGED)]
        if id.endswith(("_yoy", "_mom")):
            return self.change(id, grid, first, last)
        if id in ("visits", "visitors"):
            came = [w.case for w in top if w.case.state is not State.VOID and inside(w.case.received_at)]
            return float(len(came) if id == "visits" else sum(case.people or 1 for case in came))
        if id == "closed":
            return float(len([w for w in real if ended(w) and inside(w.case.closed_at)]))
        if id in COHORT:
            return self.cohort(id, [w for w in real if inside(w.case.received_at)])
        return self.joint(id, real, inside)

    def cohort(self, id: str, cohort: list[Whole]) -> float | None:
        """What speaks of the cases received in the period."""
        if id in SHARES:
            above, below = SHARES[id]
            base = [w for w in cohort if below(self, w)]
            return len([w for w in cohort if above(self, w)]) / len(base) if base else None
        if id in COUNTS:
            return float(sum(COUNTS[id](self, w) for w in cohort))
        if id.endswith(("_median", "_p90")) and id.rpartition("_")[0] in WAITS:
            waits = [m for w in cohort if (m := WAITS[id.rpartition("_")[0]](w.case, self.now)) is not None]
            return rank(waits, 0.5 if id.endswith("median") else 0.9)
        sent = [w for w in cohort if w.case.dispatched_at]
        moves = sum(w.times(a) for w in cohort for a in (Action.DISPATCH, Action.TRANSFER, Action.RETURN))
        return moves / len(sent) if sent else None

    def change(self, id: str, grid: str, first: date, last: date) -> float | None:
        of = {"settled": "settled", "received": "received"}.get(id[:-4], id[:-4])
        if id.endswith("_yoy"):
            earlier = (first.replace(year=first.year - 1), last.replace(year=last.year - 1))
        elif first.day == 1 and (last + timedelta(days=1)).day == 1 and first.month == last.month:
            earlier = ((first - timedelta(days=1)).replace(day=1), first - timedelta(days=1))
        else:
            earlier = (first - (last - first) - timedelta(days=1), first - timedelta(days=1))
        now, before = self.value(of, grid, first, last), self.value(of, grid, *earlier)
        return (now - before) / before if before else None

    def joint(self, id: str, real: list[Whole], inside: Callable[[datetime], bool]) -> float | None:
        whistles = [s for w in real for s in w.record.whistles if inside(s.called_at)]
        tried = [m for w in real for m in w.record.mediations if inside(m.at)]
        married = [m for m in tried if m.kind == "marriage"]
        out = [h for w in real for h in w.record.handoffs if inside(h.out_at)]
        numbers = {w.case.no for w in real}
        over = [c for c in self.clocks if c.case in numbers and c.ended_at and inside(c.since)]
        steps, promises = [c for c in over if c.step != "promise"], [c for c in over if c.step == "promise"]
        answered = [s for s in whistles if s.answered_at]
        arrived = [s for s in whistles if s.arrived_at]
        return {
            "whistles": lambda: float(len(whistles)),
            "whistle_answer": lambda: part([s for s in answered if s.answered_at <= s.answer_by], whistles),
            "whistle_arrival": lambda: part([s for s in arrived if s.arrived_at <= s.arrive_by], whistles),
            "whistle_answer_median": lambda: rank([minutes(s.called_at, s.answered_at) for s in answered], 0.5),
            "whistle_arrival_median": lambda: rank([minutes(s.called_at, s.arrived_at) for s in arrived], 0.5),
            "mediations": lambda: float(len(tried)),
            "mediation": lambda: part([m for m in tried if m.result == "settled"], tried),
            "reconciliation": lambda: part([m for m in married if m.result == "settled"], married),
            "handoffs": lambda: float(len(out)),
            "handoffs_back": lambda: part([h for h in out if h.back_at], out),
            "steps_on_time": lambda: part([c for c in steps if c.ended_at <= c.due_at], steps),
            "promises_kept": lambda: part([c for c in promises if c.ended_at <= c.due_at], promises),
        }[id]()

    def repeats(self, whole: Whole) -> bool:
        """Whether a linked repeat of it was received in the thirty days before."""
        for link in whole.record.links:
            other = self.by_no[link.other if link.case == whole.case.no else link.case].case
            gap = whole.case.received_at - other.received_at
            if link.kind == "repeat" and timedelta() <= gap <= timedelta(days=30):
                return True
        return False


def part(some: list, of: list) -> float | None:
    return len(some) / len(of) if of else None


def rank(waits: list[int], share: float) -> float | None:
    return sorted(waits)[max(ceil(len(waits) * share), 1) - 1] if waits else None


def minutes(since: datetime, until: datetime) -> int:
    return int((until - since).total_seconds() // 60)


def ended(w: Whole) -> bool:
    return w.case.stage in ("closed", "evaluated")


def settled(w: Whole) -> bool:
    return ended(w) and w.case.outcome == "settled"


def is_open(w: Whole) -> bool:
    return not ended(w)


def late_open(s: Slow, w: Whole) -> bool:
    case = w.case
    return is_open(w) and (case.standing == "overdue" or (case.due_at <= s.now and case.state != "suspended"))


def everything(s: Slow, w: Whole) -> bool:
    return True


def of(test: Callable[[Whole], bool]) -> Callable[[Slow, Whole], bool]:
    return lambda s, w: test(w)


SENT = of(lambda w: w.case.dispatched_at is not None)
LOOPS = ["micro", "small", "large"]


def been_in(loop: str) -> Callable[[Slow, Whole], bool]:
    return of(lambda w: LOOPS.index(w.case.loop) >= LOOPS.index(loop))


def settled_in(loop: str) -> Callable[[Slow, Whole], bool]:
    return of(lambda w: settled(w) and w.case.loop == loop)


def at_least_once(action: Action, *reasons: str) -> Callable[[Slow, Whole], bool]:
    return of(lambda w: w.times(action, *reasons) > 0)


SHARES: dict[str, tuple[Callable[[Slow, Whole], bool], Callable[[Slow, Whole], bool]]] = {
    "resolution": (of(settled), everything),
    "ending": (of(ended), everything),
    "unresolved": (of(is_open), everything),
    "acceptance": (of(lambda w: w.case.accepted_at is not None), everything),
    "refusal": (of(lambda w: ended(w) and w.case.outcome == "refused"), everything),
    "explained": (of(lambda w: ended(w) and w.case.outcome == "explained"), of(ended)),
    "risk_resolution": (of(lambda w: settled(w) and w.case.risk == "high"), of(lambda w: w.case.risk == "high")),
    **{f"resolved_{loop}": (settled_in(loop), been_in(loop)) for loop in LOOPS},
    "risen_small": (been_in("small"), been_in("micro")),
    "risen_large": (been_in("large"), been_in("small")),
    **{f"share_{loop}": (settled_in(loop), of(settled)) for loop in LOOPS},
    "on_time": (
        of(lambda w: ended(w) and w.case.standing != "overdue"),
        lambda s, w: ended(w) or late_open(s, w),
    ),
    "late": (
        lambda s, w: (ended(w) and w.case.standing == "overdue") or late_open(s, w),
        lambda s, w: ended(w) or late_open(s, w),
    ),
    "returned": (at_least_once(Action.RETURN), SENT),
    "missent": (at_least_once(Action.RETURN, "not_duty", "not_area"), SENT),
    "rework": (at_least_once(Action.REWORK), of(lambda w: w.case.handled_at is not None)),
    "reopening": (of(lambda w: w.case.reopened > 0), everything),
    "urging": (at_least_once(Action.URGE), everything),
    "supervision": (at_least_once(Action.SUPERVISE), everything),
    "suspension": (at_least_once(Action.SUSPEND), everything),
    "extension": (at_least_once(Action.EXTEND), everything),
    "repeats": (lambda s, w: s.repeats(w), everything),
    "satisfaction": (
        of(lambda w: ended(w) and (w.case.score or 0) >= 4),
        of(lambda w: ended(w) and w.case.score is not None),
    ),
    "response": (of(lambda w: ended(w) and w.case.score is not None), of(ended)),
}

COUNTS: dict[str, Callable[[Slow, Whole], int]] = {
    "received": lambda s, w: 1,
    "disputes": lambda s, w: w.case.category.split(".")[0] == "dispute",
    "petitions": lambda s, w: w.case.channel in ("letter", "visit", "superior", "leader_visit"),
    "told_by_worker": lambda s, w: w.case.channel == "grid_worker",
    "found_on_patrol": lambda s, w: w.case.channel in ("patrol", "video"),
    "accepted": lambda s, w: w.case.accepted_at is not None,
    "settled": lambda s, w: settled(w),
    "open": lambda s, w: is_open(w),
    "open_overdue": late_open,
    "unplaced": lambda s, w: not w.case.place.grids,
    "hard": lambda s, w: w.case.difficulty == "hard",
    "grave": lambda s, w: w.case.severity == 1,
    "returns": lambda s, w: w.times(Action.RETURN),
}


def _span(
    since: str, until: str, waits_at: tuple[str, ...], signs: bool = False
) -> Callable[[Case, datetime], int | None]:
    """Between two stamps of a case; while the case stands at one of these stages, until now."""

    def wait(case: Case, now: datetime) -> int | None:
        begin, end = getattr(case, since), getattr(case, until)
        is_open = case.stage not in ("closed", "evaluated")
        again = signs and end is not None and begin is not None and begin <= end
        if begin is not None and is_open and case.stage in waits_at and not again:
            return minutes(begin, now) if begin <= now else None
        return minutes(begin, end) if begin is not None and end is not None and end >= begin else None

    return wait


WAITS = {
    "accept": _span("received_at", "accepted_at", ("reported",)),
    "dispatch": _span("received_at", "dispatched_at", ("reported", "accepted")),
    "sign": _span("dispatched_at", "signed_at", ("dispatched",), signs=True),
    "arrive": _span("dispatched_at", "arrived_at", ()),
    "handle": _span("received_at", "handled_at", ("reported", "accepted", "dispatched")),
    "verify": _span("handled_at", "verified_at", ("handled",)),
    "close": _span("received_at", "closed_at", ("reported", "accepted", "dispatched", "handled", "verified")),
}
COHORT = frozenset({*SHARES, *COUNTS, *(f"{step}_{q}" for step in WAITS for q in ("median", "p90")), "hands"})
ANSWERED = frozenset(
    {*COHORT, "visits", "visitors"}
    | {"closed", "whistles", "whistle_answer", "whistle_arrival", "whistle_answer_median", "whistle_arrival_median"}
    | {"mediations", "mediation", "reconciliation", "handoffs", "handoffs_back", "steps_on_time", "promises_kept"}
    | {f"{of}_{against}" for of in ("received", "settled", "closed", "disputes") for against in ("yoy", "mom")}
)
