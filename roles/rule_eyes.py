"""What each alert rule sees in this room now: facts from the record, places from the grids, words for people."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from cases import rule_signals
from cases.masking import masked_name
from cases.model import CaseNo, Fix, GridWorker, Place, WorkerStatus
from cases.rule_book import Cluster, Deadline, Dwell, Kind, Rule, RuleBook, Silence
from cases.rule_signals import Sighting
from cases.rule_watch import Signal, Watch
from geo.fences import Circle, Circles, Fence, Ring
from geo.grids import GridBook
from storage.rule_facts import CameIn, SqlRuleFacts

KEPT = 50  # of the newest reports of one kind in one grid
A_TURN = 10_000  # reports read in one turn
ENOUGH = timedelta(seconds=30)
FRESH = timedelta(minutes=15)  # a fix older than that does not say where somebody is

Key = tuple[str, str, bool]  # category, innermost grid, exercise


class Ears(Protocol):
    """Who was heard last (feeds.heard)."""

    def last(self, devices: Sequence[str]) -> Mapping[str, datetime]:
        """When each of these devices was last heard."""


@dataclass
class Heap:
    """The newest reports of one kind in one grid: when they happened, and where the last one was."""

    times: list[datetime] = field(default_factory=list)
    place: Place = Place()

    def add(self, came: CameIn) -> None:
        """Enter a report at its time, however late it came; one from the future counts from its receipt."""
        insort(self.times, min(came.at, came.received_at))
        del self.times[:-KEPT]
        self.place = Place(came.lon, came.lat, came.grids)


def key_of(came: CameIn) -> Key | None:
    """What makes reports alike; None for one in no grid, which is like none."""
    return (came.category, came.grids[-1], came.exercise) if came.grids else None


def cluster_signal(rule: Rule, key: Key, heap: Heap, grids: GridBook, now: datetime) -> Signal | None:
    """What a rule sees of one heap of reports; None where it is not about such reports."""
    option, (category, code, exercise) = rule.option, key
    if not isinstance(option, Cluster) or not _concerns(rule, option.categories, category, heap.place.grids):
        return None
    see, since = rule_signals.cluster_seen(heap.times, option, now)
    name = grids.grid(code).name if code in grids else code
    text = f"{name}：{rule_signals.cluster_words(heap.times, option, category, now, KEPT)}"
    return Signal(subject_of(key), see, since, text, heap.place, exercise)


def subject_of(key: Key) -> str:
    """The name under which a heap is watched."""
    category, code, exercise = key
    return "|".join((code, category, *(["演练"] if exercise else [])))


def _concerns(rule: Rule, categories: Sequence[str], category: str, grids: Sequence[str]) -> bool:
    return (not categories or category in categories) and (not rule.area or rule.area in grids)


def fence_of(option: Dwell, facts: SqlRuleFacts) -> Fence | None:
    """The fence of a rule; None around places of which the register has none. Blocking."""
    if option.around is None:
        return Circle(*option.circle) if option.circle else Ring(option.ring)
    register, which, metres = option.around
    found = tuple(Circle(*place, metres) for place in facts.places(register, which))
    return Circles(found) if found else None


def sighting(fix: Fix, fence: Fence) -> Sighting:
    """A fix beside a fence."""
    out = fence.metres_out(fix.lon, fix.lat)
    return Sighting(fix.at, out, fix.accuracy_m, fix.status is not WorkerStatus.OFF_DUTY, fix.suspect)


READ_PLACES_EVERY = timedelta(minutes=1)


class Eyes:
    """Looks once for all rules. It remembers only what it can read again, so a restart sees the same. Blocking."""

    def __init__(
        self, facts: SqlRuleFacts, grids: GridBook, workers: Callable[[], Sequence[GridWorker]], ears: Ears
    ) -> None:
        self._facts, self._grids, self._workers, self._ears = facts, grids, workers, ears
        self._cursor: int | None = None
        self._heaps: dict[Key, Heap] = {}
        self._heard: dict[str, list[datetime]] = {}
        self._asked: frozenset[str] = frozenset()
        self._fences: dict[Dwell, tuple[datetime, Fence | None]] = {}

    def look(self, book: RuleBook, watches: Sequence[Watch], now: datetime) -> dict[str, list[Signal]]:
        """What every rule that is on sees at `now`, and whatever is watched, so that it can end."""
        self._follow(book, now)
        see = {
            Kind.SOS: self._sos,
            Kind.DEADLINE: self._deadline,
            Kind.CLUSTER: self._cluster,
            Kind.SILENCE: self._silence,
            Kind.DWELL: self._dwell,
        }
        rules = [rule for rule in book.rules.values() if rule.on]
        return {rule.id: see[rule.kind](rule, [w for w in watches if w.rule == rule.id], now) for rule in rules}

    # what came in -------------------------------------------------------------------------------------------

    def _follow(self, book: RuleBook, now: datetime) -> None:
        """Read on from the last report that was seen; at first from as far back as any rule looks."""
        silences, clusters = book.watching(Kind.SILENCE), book.watching(Kind.CLUSTER)
        devices = frozenset(d for rule in silences if isinstance(rule.option, Silence) for d in rule.option.devices)
        if not (silences or clusters):
            return
        if self._cursor is None:
            spans = [rule.option.within for rule in clusters if isinstance(rule.option, Cluster)]
            self._cursor = self._facts.before(now - 2 * max(spans, default=timedelta(0)))
        if devices - self._asked:
            longest = max(rule.timing.lasting + rule.timing.stale for rule in silences)
            for device, at in self._facts.last_reports(devices, self._facts.before(now - longest)).items():
                self._hear(device, at)
            self._asked = devices
        came = self._facts.came_in(self._cursor, A_TURN)
        for each in came:
            if each.source in devices:
                self._hear(each.source, each.received_at)
            key = key_of(each)
            if clusters and key is not None:
                self._heaps.setdefault(key, Heap()).add(each)
        self._cursor = came[-1].id if came else self._cursor
        for device, at in self._ears.last(sorted(devices)).items() if devices else ():
            self._hear(device, at)
        self._forget_old(clusters, now)

    def _forget_old(self, clusters: Sequence[Rule], now: datetime) -> None:
        """Reports make no cluster any more twice a rule's span after them; then not even their end is waited for."""
        spans = [
            2 * rule.option.within + rule.timing.clear_after for rule in clusters if isinstance(rule.option, Cluster)
        ]
        since = now - max(spans, default=timedelta(0))
        for key in [key for key, heap in self._heaps.items() if heap.times[-1] < since]:
            del self._heaps[key]

    def _hear(self, device: str, at: datetime) -> None:
        """Enter when a device was heard; of one that talks on and on, an instant each half minute is enough."""
        known = self._heard.setdefault(device, [])
        if len(known) > 1 and at > known[-1] and known[-1] - known[-2] < ENOUGH:
            known[-1] = at
        elif at not in known:
            insort(known, at)
            del known[:-KEPT]

    # one kind each ------------------------------------------------------------------------------------------

    def _sos(self, rule: Rule, watches: Sequence[Watch], now: datetime) -> list[Signal]:
        began = min((watch.raised_at for watch in watches), default=now)
        calls = rule_signals.calls_of(self._facts.help_words(began - rule.timing.stale - rule.timing.lasting))
        if not calls:
            return []
        people = {worker.id: worker for worker in self._workers()}
        fixes = {fix.worker: fix for fix in self._facts.near(None, {worker for worker, _ in calls})}
        watched = {watch.subject for watch in watches}
        found = []
        for (worker, exercise), words in calls.items():
            subject = rule_signals.call_subject(worker, exercise=exercise)
            seen = rule_signals.sos_seen(words)
            place = self._place_of(people.get(worker), fixes.get(worker), now)
            if seen is not None and (subject in watched or not rule.area or rule.area in place.grids):
                who = f"{masked_name(people[worker].name)}（{worker}）" if worker in people else worker
                when, how = rule_signals.clock_words(seen[1]), "演练求助" if exercise else "求助"
                text = f"网格员 {who} {when} {how}，{_where(fixes.get(worker), now)}"
                found.append(Signal(subject, *seen, text, place, exercise))
        return found

    def _place_of(self, worker: GridWorker | None, fix: Fix | None, now: datetime) -> Place:
        """Where he was last, if that is known of late; else his own grid."""
        if fix is not None and not fix.suspect and now - fix.at <= FRESH:
            return self._at(fix)
        return Place(grids=self._grids.ancestors(worker.grid)) if worker and worker.grid in self._grids else Place()

    def _at(self, fix: Fix) -> Place:
        grids = tuple(code for code in self._grids.locate(fix.lon, fix.lat) if code is not None)
        return Place(fix.lon, fix.lat, grids, accuracy_m=fix.accuracy_m)

    def _deadline(self, rule: Rule, watches: Sequence[Watch], now: datetime) -> list[Signal]:
        if not isinstance(rule.option, Deadline):
            return []
        watched = {CaseNo(watch.subject) for watch in watches}
        option = rule.option
        late = self._facts.late_cases(now - rule.timing.stale - rule.timing.lasting, watched)
        mine = [case for case in late if case.no in watched or rule_signals.is_watched(case, option, rule.area)]
        return [rule_signals.deadline_signal(case) for case in mine]

    def _cluster(self, rule: Rule, watches: Sequence[Watch], now: datetime) -> list[Signal]:
        least = rule.option.count if isinstance(rule.option, Cluster) else 0
        watched = {watch.subject for watch in watches}
        many = [
            (key, heap) for key, heap in self._heaps.items() if len(heap.times) >= least or subject_of(key) in watched
        ]
        seen = [cluster_signal(rule, key, heap, self._grids, now) for key, heap in many]
        found = [signal for signal in seen if signal is not None]
        gone = watched - {signal.subject for signal in found}  # what is not remembered any more is long over
        return found + [Signal(each, rule_signals.See.OFF, now - rule_signals.LONG_AGO) for each in sorted(gone)]

    def _silence(self, rule: Rule, watches: Sequence[Watch], now: datetime) -> list[Signal]:
        option, found = rule.option, []
        for device in option.devices if isinstance(option, Silence) else ():
            heard = self._heard.get(device, [])
            seen = rule_signals.silence_seen(heard, option, rule.timing.lasting, now) if heard else None
            if seen is not None:
                text = f"{device} 自 {rule_signals.clock_words(heard[-1])} 起没有消息"
                found.append(Signal(device, *seen, text))
        return found

    def _dwell(self, rule: Rule, watches: Sequence[Watch], now: datetime) -> list[Signal]:
        option = rule.option
        if not isinstance(option, Dwell):
            return []
        fence, watched = self._fence(option, now), {watch.subject for watch in watches}
        if fence is None:  # its places were taken out of the register: nobody is near them any more
            return [Signal(each, rule_signals.See.OFF, now - rule_signals.LONG_AGO) for each in sorted(watched)]
        newest = {fix.worker: fix for fix in self._facts.near(fence.box(option.leave_m), watched)}
        since = now - rule.timing.lasting - rule.timing.stale - option.gap - rule.timing.clear_after
        fixes = self._facts.tracks(newest, since, now) if newest else []
        people = {worker.id: worker for worker in self._workers()} if newest else {}
        sightings = {worker: [sighting(last, fence)] for worker, last in newest.items()}
        for fix in fixes:
            sightings[fix.worker].append(sighting(fix, fence))
        found = []
        for worker, last in newest.items():
            seen = rule_signals.dwell_seen(sightings[worker], option, now)
            if seen is not None:
                found.append(Signal(worker, *seen, dwell_words(worker, people.get(worker), seen[1]), self._at(last)))
        return found

    def _fence(self, option: Dwell, now: datetime) -> Fence | None:
        """The fence of a rule, its places read from the register again every minute."""
        read_at, fence = self._fences.get(option, (None, None))
        if read_at is None or not timedelta(0) <= now - read_at < READ_PLACES_EVERY:
            fence = fence_of(option, self._facts)
            self._fences[option] = (now, fence)
        return fence


def dwell_words(worker: str, known: GridWorker | None, since: datetime) -> str:
    """Who has been inside since when, masked."""
    who = f"{masked_name(known.name)}（{worker}）" if known is not None else worker
    return f"网格员 {who} 自 {rule_signals.clock_words(since)} 在涉险区域内，请联系确认安全"


def _where(fix: Fix | None, now: datetime) -> str:
    if fix is None:
        return "没有定位"
    minutes = int((now - fix.at).total_seconds() // 60)
    return f"定位在 {minutes} 分钟前" if minutes else "定位为当前"
