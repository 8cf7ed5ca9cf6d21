"""The demo's staff: they take the demo's own cases through the room's REST interface, at people's pace.

A case is the demo's when its first event says so (the feed's device, the backfilled past, a demo worker), and it stays
the staff's only while nobody else has acted on it: one foreign event and they leave it alone for good.
"""

from __future__ import annotations

import heapq
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any
from zlib import crc32

from feeds.demo.deeds import Deed, next_deed
from feeds.demo.rest import Answer, Rest, Unreachable
from feeds.demo.town import Town

log = logging.getLogger("feeds.demo.staff")

_BY_ITSELF = frozenset({"report", "clock", "arrive"})  # what the system and walking workers add to a case
_MOST_ADOPTED = 40  # older cases in hand at once
_MOST_TURNS = 30  # in one go, so that a stop is not held up
_LATELY = timedelta(hours=2)  # workers set out for cases reported since
_PATIENCE_S = 5.0  # after a stale version or an unreachable room
_ADOPT_EVERY = timedelta(seconds=20)
_STAGES = ("reported", "accepted", "dispatched", "handled", "verified")
_CONFLICT, _NOT_FOUND = 409, 404

Case = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Dispatched:
    """A demo worker has a case, whoever sent him."""

    case: str
    worker: str
    lon: float
    lat: float


@dataclass(slots=True)
class Staff:
    """Everybody who acts for the demo. Blocking: `work` is called from a thread, a second at a time.

    `people` hold one account each; `sources` are the names that the first event of a demo case may carry. With
    `own_accounts` nobody else signs in as these people, so that the record tells their deeds from others'; without,
    only cases that were begun in this process are theirs, and every deed on them must be one remembered here.
    """

    people: Sequence[Rest]
    town: Town
    sources: Collection[str]
    own_accounts: bool
    pace: float = 1.0
    random: Random = field(default_factory=lambda: Random(1))
    _turns: list[tuple[datetime, int, str]] = field(default_factory=list)
    _order: count[int] = field(default_factory=count)
    _known: set[str] = field(default_factory=set)
    _left: set[str] = field(default_factory=set)
    _done: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    _adopted: set[str] = field(default_factory=set)
    _alerts: list[tuple[datetime, str]] = field(default_factory=list)
    _adopt_at: datetime | None = None
    _fresh: int = 0

    def hears(self, case: str, severity: int, now: datetime) -> None:
        """A report of the demo's feed became this case; the first ones of all are taken up at once."""
        self._fresh += 1
        wait = self.random.uniform(2, 6) if self._fresh <= 6 else self.random.uniform(12, 20 + 40 * severity)
        self._take_on(case, now + timedelta(seconds=wait / self._haste()))

    def sees_alert(self, alert: str, now: datetime) -> None:
        """An alert of the demo's feed; most are acknowledged after a while."""
        if self.random.random() < 0.9:
            self._alerts.append((now + timedelta(seconds=self.random.uniform(20, 420) / self.pace), alert))

    def work(self, now: datetime) -> list[Dispatched]:
        """Do what is due; the workers found with a case. An unreachable room is tried again later."""
        try:
            self._acknowledge(now)
            found = self._adopt(now)
            for _ in range(_MOST_TURNS):
                if not self._turns or self._turns[0][0] > now:
                    break
                _, _, case = heapq.heappop(self._turns)
                self._turn(case, now)
            return found
        except Unreachable as problem:
            log.info("the room does not answer: %s", problem)
            self._adopt_at = now + _ADOPT_EVERY
            return []

    # -- one case -------------------------------------------------------------------------------

    def _turn(self, no: str, now: datetime) -> None:
        """Read the case, do the next thing, and decide when to look at it again."""
        try:
            case = self._read(no)
        except Unreachable:
            self._put_back(no, now, _PATIENCE_S)
            raise
        deed = next_deed(case, self.town, luck_of(no)) if case is not None and self._is_ours(case) else None
        if case is None or deed is None:
            self._let_go(no)
        else:
            self._do(no, case, deed, now)

    def _do(self, no: str, case: Case, deed: Deed, now: datetime) -> None:
        actor = self._actor(deed, case)
        if actor is None:
            self._let_go(no)
            return
        try:
            answer = actor.post(f"/cases/{no}/actions", {"action": deed.action, "seen": case["version"], **deed.body})
        except Unreachable:
            self._put_back(no, now, _PATIENCE_S)
            raise
        if answer.ok:
            self._done.setdefault(no, []).append((actor.name, deed.action))
            self._put_back(no, now, self._pause(deed) / self._haste())
        elif answer.status == _CONFLICT:
            self._put_back(no, now, _PATIENCE_S)
        else:
            log.warning("%s on %s refused: %s %s", deed.action, no, answer.status, answer.body.get("code", ""))
            self._let_go(no)

    def _read(self, no: str) -> Case | None:
        answer = self._first("duty").get(f"/cases/{no}")
        return answer.body if answer.ok else None

    def _is_ours(self, case: Case) -> bool:
        """Begun by the demo, and touched by nobody but the demo since."""
        events = case.get("events") or []
        if not events or events[0].get("by") not in self.sources:
            return False
        acts = [(e["by"], e["action"]) for e in events if e["action"] not in _BY_ITSELF]
        if self.own_accounts:
            names = {person.name for person in self.people}
            return all(by in names or by in self.sources for by, _ in acts)
        return acts == self._done.get(case["case"], [])

    def _actor(self, deed: Deed, case: Case) -> Rest | None:
        if deed.role == "unit":
            for person in self.people:
                if person.role == "unit" and person.unit and person.unit == case.get("unit"):
                    return person
            return self._first("duty")
        return next((p for p in self.people if p.role == deed.role), None)

    def _first(self, role: str) -> Rest:
        for person in self.people:
            if person.role == role:
                return person
        raise Unreachable(f"demo.json has no account of the role {role}")

    # -- when -----------------------------------------------------------------------------------

    def _haste(self) -> float:
        """The first cases go quickly, so that who has just come in sees a whole life."""
        return self.pace * (6.0 if self._fresh <= 8 else 1.0)

    def _pause(self, deed: Deed) -> float:
        low, high = deed.rest_s
        return self.random.uniform(low, high)

    def _take_on(self, no: str, at: datetime) -> None:
        if no not in self._known:
            self._known.add(no)
            heapq.heappush(self._turns, (at, next(self._order), no))

    def _put_back(self, no: str, now: datetime, seconds: float) -> None:
        heapq.heappush(self._turns, (now + timedelta(seconds=seconds), next(self._order), no))

    def _let_go(self, no: str) -> None:
        self._left.add(no)
        self._adopted.discard(no)
        self._done.pop(no, None)

    # -- older cases ----------------------------------------------------------------------------

    def _adopt(self, now: datetime) -> list[Dispatched]:
        """Look through a page of open cases: take a few on, and see which workers have something to go to."""
        if self._adopt_at is not None and now < self._adopt_at:
            return []
        self._adopt_at = now + _ADOPT_EVERY
        sent = self._page("dispatched", 1)
        if self.own_accounts and len(self._adopted) < _MOST_ADOPTED:
            self._take_some(now)
        return [
            Dispatched(c["case"], c["worker"], c["lon"], c["lat"])
            for c in sent
            if c.get("worker") and c.get("lon") is not None and c.get("state") == "active"
            if now - datetime.fromisoformat(c["reported_at"]) < _LATELY
        ]

    def _take_some(self, now: datetime) -> None:
        stage = self.random.choice(_STAGES)
        first = self._first("duty").get("/cases", stage=stage)
        pages = max(1, -(-int(first.body.get("total", 0)) // 50))
        listed = self._page(stage, self.random.randint(1, pages))
        strange = [c["case"] for c in listed if c["case"] not in self._known | self._left]
        for no in self.random.sample(strange, min(3, len(strange))):
            self._adopted.add(no)
            self._take_on(no, now + timedelta(seconds=self.random.uniform(5, 120)))

    def _page(self, stage: str, page: int) -> list[Case]:
        answer: Answer = self._first("duty").get("/cases", stage=stage, page=page)
        return list(answer.body.get("items", ())) if answer.ok else []

    # -- alerts ---------------------------------------------------------------------------------

    def _acknowledge(self, now: datetime) -> None:
        due = [alert for at, alert in self._alerts if at <= now]
        self._alerts = [(at, alert) for at, alert in self._alerts if at > now]
        for alert in due:
            answer = self._first("duty").post(f"/alerts/{alert}/actions", {"action": "acknowledge"})
            if not answer.ok and answer.status not in (_CONFLICT, _NOT_FOUND):
                log.warning("acknowledging %s refused: %s", alert, answer.status)


def luck_of(no: str) -> float:
    """A number from 0 to 1 that stays with the case: who is neglected stays neglected."""
    return crc32(no.encode()) / 2**32
