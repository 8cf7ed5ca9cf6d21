"""Eight weeks of past cases, each with its whole history, for `Desk.backfill` to relive by the room's own rules.

Newest week first, so that a room just started soon has today's and this week's base. About 9 in 10 are closed in
time; some are late, some are returned, reworked, suspended or prolonged on their way, some are open still.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from random import Random

from cases import deadlines
from cases.calendar import LOCAL, WorkCalendar
from cases.categories import category_of
from cases.desk import Past, Step
from cases.lifecycle import Details
from cases.limits import DEFAULT_TABLE
from cases.model import (
    Action,
    Actor,
    HandlingUnit,
    IncidentReport,
    Place,
    Reporter,
    Role,
)
from cases.routing import suggest_unit
from feeds.demo.crew import CREW, Crew, bare_case
from feeds.demo.story import Happening, Story
from feeds.demo.town import Town
from geo.grids import GridBook

SOURCE = "demo-past"

_LATE = 0.055  # share closed after the limit
_STUCK = 0.002  # share of cases younger than three weeks that nobody has finished
_STUCK_DAYS = 21
_ROUND_THE_CLOCK = (Action.ACCEPT, Action.DISPATCH, Action.REFUSE, Action.VOID)
_NIGHT_ENDS, _NIGHT_BEGINS = 7.5, 22.0  # local hours between which people who are not called out work


def past(
    now: datetime,
    story: Story,
    book: GridBook,
    calendar: WorkCalendar,
    weeks: int = 8,
    crew: Crew = CREW,
) -> Iterator[Past]:
    """Past cases before `now` (aware), newest week first, newest day first, each day in the order of arrival.

    Ids come from the story's seed and date: give the same `now` (the room's first start) again and a broken-off
    backfill finds its receipts and goes on. Nothing later than `now` is told; steps still to come are left out.
    """
    scribe = _Scribe(story.town, book, calendar, crew)
    today = now.astimezone(LOCAL).date()
    for back in range(weeks * 7 + 1):
        day = today - timedelta(days=back)
        yield from scribe.day(story, day, now)


class _Scribe:
    """Writes the histories of one town; remembers which unit answers for what."""

    def __init__(self, town: Town, book: GridBook, calendar: WorkCalendar, crew: Crew) -> None:
        self._town, self._book, self._calendar, self._crew = town, book, calendar, crew
        self._units: dict[tuple[str, tuple[str, ...]], HandlingUnit | None] = {}

    def day(self, story: Story, day: date, now: datetime) -> Iterator[Past]:
        """The day's cases as they stand at `now`."""
        random = Random(f"{story.seed}:past:{day.isoformat()}")
        for told in story.day(day):
            if told.kind == "report":
                report = self._report(told)
                steps = self._life(report, random, now)
                if report.received_at < now:
                    yield Past(report, tuple(step for step in steps if step.at < now))

    def _report(self, told: Happening) -> IncidentReport:
        body = told.body
        number = f"past-{told.id}"
        category = str(body["category"])
        worker = body.get("worker")
        people = body.get("people")
        return IncidentReport(
            source=SOURCE,
            id=number,
            fingerprint=sha256(number.encode()).hexdigest(),
            at=told.at,
            received_at=told.sent_at,
            channel=str(body["channel"]),
            category=category,
            title=str(body["title"]),
            text=str(body["text"]),
            severity=int(str(body["severity"])),
            people=people if isinstance(people, int) else None,
            place=self._place(told),
            reporter=_reporter(told),
            worker=str(worker) if worker else None,
            demo=True,
        )

    def _place(self, told: Happening) -> Place:
        body = told.body
        lon, lat = float(str(body["lon"])), float(str(body["lat"]))
        grids = tuple(code for code in self._book.locate(lon, lat) if code is not None)
        accuracy = float(str(body["accuracy_m"]))
        return Place(lon, lat, grids, (lon, lat, "wgs84"), accuracy, str(body["address"]))

    def _unit(self, report: IncidentReport) -> HandlingUnit | None:
        key = (report.category, report.place.grids)
        if key not in self._units:
            suggestion = suggest_unit(bare_case(report.category, report.place.grids), self._town.units)
            self._units[key] = suggestion.unit if suggestion else None
        return self._units[key]

    def _life(self, report: IncidentReport, random: Random, now: datetime) -> list[Step]:
        limit = DEFAULT_TABLE.total(report.category, category_of(report.category).difficulty, report.place.grids)
        _, due_at = deadlines.due(report.received_at, limit, self._calendar)
        unit = self._unit(report)
        worker = self._worker(report)
        cast = _Cast(self._crew, unit, worker, random)
        life = _Life(report, due_at, cast, random)
        age = now - report.received_at
        if age < timedelta(days=_STUCK_DAYS) and random.random() < _STUCK:
            return life.unfinished()
        if random.random() < 0.03:
            return life.turned_down()
        return life.finished(late=random.random() < _LATE)

    def _worker(self, report: IncidentReport) -> str | None:
        leaf = report.place.grids[-1] if report.place.grids else ""
        return self._town.worker_of.get(leaf)


class _Cast:
    """Who acts in one case."""

    def __init__(self, crew: Crew, unit: HandlingUnit | None, worker: str | None, random: Random) -> None:
        self.duty = Actor(random.choice(crew.duty), Role.DUTY, SOURCE)
        self.leader = Actor(crew.leader, Role.LEADER, SOURCE)
        self.verifier = Actor(random.choice(crew.verifiers), Role.VERIFIER, SOURCE)
        self.goes: Details = {"unit": unit.id if unit else "centre", "worker": worker}
        named = unit.id if unit else "centre"
        self.unit = Actor(unit.name if unit else "centre", Role.UNIT, SOURCE, named)
        self.worker = Actor(worker, Role.WORKER, SOURCE) if worker else None


class _Life:
    """One case's steps, oldest first, from its arrival on."""

    def __init__(self, report: IncidentReport, due_at: datetime, cast: _Cast, random: Random) -> None:
        self._report, self._due_at, self._cast, self._random = report, due_at, cast, random
        self._start = report.received_at
        self._steps: list[Step] = []

    def finished(self, late: bool) -> list[Step]:
        """The whole road, closed before the limit or after it."""
        span = self._due_at - self._start
        if late:
            over = min(0.5, self._random.expovariate(8.0)) * span + timedelta(hours=self._random.uniform(1, 8))
            end = self._due_at + over
        else:
            end = self._start + span * min(0.97, self._random.betavariate(1.1, 5.0) + 0.01)
        self._taken_in(end)
        handled = self._between(end, 0.55, 0.85)
        self._on_the_way(end, handled)
        if late:
            self._add(self._due_at + (end - self._due_at) * 0.2, Action.URGE, self._cast.duty)
        self._checked(handled, end)
        self._done(end)
        return self._in_order()

    def unfinished(self) -> list[Step]:
        """Taken in, mostly sent out, and then nothing."""
        end = self._due_at + timedelta(days=2)
        self._taken_in(self._start + (end - self._start) * 0.3)
        kept = self._random.choice((1, 2, 2, 3, 3, 4))
        return self._in_order()[:kept]

    def turned_down(self) -> list[Step]:
        """Not ours, or entered by mistake."""
        at = self._start + timedelta(minutes=self._random.uniform(3, 50))
        if self._random.random() < 0.7:
            why = self._random.choice(
                ("已由诉讼程序受理，告知诉讼进展查询方式", "不属于本中心受理范围，已告知受理单位")
            )
            self._add(at, Action.REFUSE, self._cast.duty, {"reason": why})
        else:
            self._add(at, Action.VOID, self._cast.duty, {"reason": "误报，来电人已确认撤回"})
        return self._in_order()

    def _taken_in(self, end: datetime) -> None:
        """Accepted, dispatched, signed for; now and then returned once and sent again."""
        cast, random = self._cast, self._random
        accepted = self._soon(self._start, end, 8 if self._report.severity > 1 else 1)
        self._add(accepted, Action.ACCEPT, cast.duty)
        sent = self._soon(accepted, end, 6 if self._report.severity > 1 else 1)
        self._add(sent, Action.DISPATCH, cast.duty, cast.goes)
        if random.random() < 0.04:
            back = self._soon(sent, end, 60)
            self._add(back, Action.RETURN, cast.unit, {"reason": "需先核实权属，退回补充情况"})
            sent = self._soon(back, end, 40)
            self._add(sent, Action.DISPATCH, cast.duty, cast.goes)
        self._add(self._soon(sent, end, 25), Action.SIGN, cast.unit)

    def _on_the_way(self, end: datetime, handled: datetime) -> None:
        """What may happen between signing and handling: arrival, a word back, a pause, a longer limit."""
        cast, random = self._cast, self._random
        signed = self._steps[-1].at
        if cast.worker and random.random() < 0.45:
            self._add(signed + (handled - signed) * random.uniform(0.05, 0.3), Action.ARRIVE, cast.worker)
        if random.random() < 0.2:
            text = random.choice(("已联系双方约定见面时间", "已到现场，正在协调权属单位", "材料齐备，等待结果"))
            at = signed + (handled - signed) * random.uniform(0.4, 0.6)
            self._add(at, Action.REPORT_BACK, cast.unit, {"text": text})
        if end - self._start > timedelta(days=4) and random.random() < 0.12:
            self._pause(signed + (handled - signed) * 0.65, handled)
        elif end > self._due_at and random.random() < 0.3:
            asked = min(signed + (handled - signed) * 0.8, self._due_at - timedelta(hours=2))
            self._add(max(asked, signed), Action.EXTEND, cast.unit, {"reason": "鉴定结果未出", "days": 3})
            answered = max(asked, signed) + timedelta(minutes=random.uniform(10, 60))
            self._add(answered, Action.APPROVE, cast.leader)

    def _pause(self, begins: datetime, handled: datetime) -> None:
        reason = self._random.choice(("当事人外出，约定返回后再调解", "等待鉴定意见"))
        self._add(begins, Action.SUSPEND, self._cast.duty, {"reason": reason})
        self._add(begins + (handled - begins) * 0.7, Action.RESUME, self._cast.duty)

    def _checked(self, handled: datetime, end: datetime) -> None:
        """Handled and verified, at times only the second time."""
        cast = self._cast
        self._add(handled, Action.HANDLE, cast.unit)
        if self._random.random() < 0.04:
            again = handled + (end - handled) * 0.2
            self._add(again, Action.REWORK, cast.verifier, {"reason": "现场仍有遗留，请再处理"})
            handled = handled + (end - handled) * 0.5
            self._add(handled, Action.HANDLE, cast.unit)
        self._add(handled + (end - handled) * 0.6, Action.VERIFY, cast.verifier)

    def _done(self, end: datetime) -> None:
        settled = self._random.random() < 0.92
        self._add(end, Action.CLOSE, self._cast.duty, {"outcome": "settled" if settled else "explained"})
        if self._random.random() < 0.72:
            at = end + timedelta(hours=self._random.uniform(1, 60))
            score = self._random.choices((5, 4, 3, 2, 1), (52, 30, 11, 5, 2))[0]
            self._add(at, Action.EVALUATE, self._cast.verifier, {"score": score})

    def _soon(self, since: datetime, end: datetime, minutes: float) -> datetime:
        """Some minutes after `since`, but no later than an eighth of the time left."""
        wait = timedelta(minutes=self._random.expovariate(1 / minutes) + 0.3)
        return since + min(wait, (end - since) / 8)

    def _between(self, end: datetime, low: float, high: float) -> datetime:
        return self._start + (end - self._start) * self._random.uniform(low, high)

    def _add(self, at: datetime, action: Action, actor: Actor, details: Details | None = None) -> None:
        self._steps.append(Step(at, action, actor, details or {}))

    def _in_order(self) -> list[Step]:
        """The steps in time. The duty room works at night as well; the others then only where it burns."""
        ordered = sorted(self._steps, key=lambda step: step.at)
        if self._report.severity <= 2:
            return ordered
        lived: list[Step] = []
        for step in ordered:
            at = step.at if step.action in _ROUND_THE_CLOCK else _by_day(step.at)
            lived.append(replace(step, at=max(at, lived[-1].at) if lived else at))
        return lived


def _by_day(at: datetime) -> datetime:
    """The instant itself, or, in the night, a minute of the hour after half past seven; keeps the order."""
    local = at.astimezone(LOCAL)
    hour = local.hour + local.minute / 60 + local.second / 3600
    if _NIGHT_ENDS + 1 <= hour < _NIGHT_BEGINS:
        return at
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    since = hour - _NIGHT_BEGINS if hour >= _NIGHT_BEGINS else hour + 24 - _NIGHT_BEGINS
    morning = midnight + timedelta(days=hour >= _NIGHT_BEGINS, hours=_NIGHT_ENDS)
    return morning + timedelta(hours=since / (24 - _NIGHT_BEGINS + _NIGHT_ENDS + 1))


def _reporter(told: Happening) -> Reporter | None:
    given = told.body.get("reporter")
    if not isinstance(given, dict):
        return None
    return Reporter(given["name"], given["phone"], given["anonymous"])
