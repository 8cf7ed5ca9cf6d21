"""What alert rules would have rung for in the kept past: the same sight, at every instant something changed."""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cases import rule_signals
from cases.calendar import LOCAL
from cases.model import Case, Event, Fix, GridWorker, Place, Stage, Standing, State
from cases.rule_book import Cluster, Deadline, Dwell, Kind, Rule, Silence
from cases.rule_signals import HelpWord, See
from cases.rule_watch import Rang, Signal, relive
from geo.grids import GridBook
from roles.rule_eyes import KEPT, Heap, Key, cluster_signal, dwell_words, fence_of, key_of, sighting
from storage.rule_facts import CameIn, SqlRuleFacts

Timeline = list[tuple[datetime, Signal]]
Progress = Callable[[int, int], None]
A_READ = 5000
BEFORE = timedelta(days=1)  # what began so long before a span may still go on in it


@dataclass(frozen=True, slots=True)
class RulePast:
    """Reads the past of one room; writes nothing. Blocking."""

    facts: SqlRuleFacts
    grids: GridBook
    workers: Mapping[str, GridWorker]

    def rang(self, rule: Rule, since: datetime, until: datetime, progress: Progress = lambda *_: None) -> list[Rang]:
        """Every alert of a rule that would have been raised in [since, until), oldest first."""
        timelines = {
            Kind.SOS: self._sos,
            Kind.DEADLINE: self._deadlines,
            Kind.CLUSTER: self._clusters,
            Kind.SILENCE: self._silences,
            Kind.DWELL: self._stays,
        }[rule.kind](rule, since - BEFORE, until, progress)
        found = [each for seen in timelines for each in relive(rule.id, rule.timing, seen, until)]
        return sorted((each for each in found if since <= each.raised_at < until), key=lambda each: each.raised_at)

    # one kind each ------------------------------------------------------------------------------------------

    def _sos(self, rule: Rule, since: datetime, until: datetime, progress: Progress) -> Iterator[Timeline]:
        calls = rule_signals.calls_of(self.facts.help_words(since, until))
        for done, ((worker, exercise), said) in enumerate(calls.items(), 1):
            place = self._home(worker)
            if not rule.area or rule.area in place.grids:
                subject = rule_signals.call_subject(worker, exercise=exercise)
                yield _sos_timeline(Signal(subject, See.UNSURE, since, f"网格员 {worker} 求助", place, exercise), said)
            progress(done, len(calls))

    def _home(self, worker: str) -> Place:
        known = self.workers.get(worker)
        return Place(grids=self.grids.ancestors(known.grid)) if known and known.grid in self.grids else Place()

    def _deadlines(self, rule: Rule, since: datetime, until: datetime, progress: Progress) -> Iterator[Timeline]:
        option = rule.option
        late = self.facts.turned_late(since, until)
        for done, (case, events) in enumerate(late, 1):
            if isinstance(option, Deadline) and rule_signals.is_watched(case, option, rule.area):
                yield _light_timeline(case, events)
            progress(done, len(late))

    def _clusters(self, rule: Rule, since: datetime, until: datetime, progress: Progress) -> Iterator[Timeline]:
        option = rule.option
        if not isinstance(option, Cluster):
            return
        alike: defaultdict[Key, list[CameIn]] = defaultdict(list)
        for came in self._came_in(since, until, progress):
            key = key_of(came)
            if key is not None:
                alike[key].append(came)
        for key, reports in alike.items():
            if len(reports) >= option.count:
                yield _cluster_timeline(rule, option, key, reports, self.grids)

    def _came_in(self, since: datetime, until: datetime, progress: Progress) -> Iterator[CameIn]:
        cursor, read, whole = self.facts.before(since), 0, self.facts.count(since, until)
        while came := self.facts.came_in(cursor, A_READ):
            yield from (each for each in came if since <= each.received_at < until)
            read += len(came)
            progress(min(read, whole), max(whole, 1))
            if came[-1].received_at >= until:
                break
            cursor = came[-1].id
        progress(max(whole, 1), max(whole, 1))

    def _silences(self, rule: Rule, since: datetime, until: datetime, progress: Progress) -> Iterator[Timeline]:
        option = rule.option
        if isinstance(option, Silence):
            heard = self.facts.messages(option.devices, since, until)
            for done, (device, times) in enumerate(heard.items(), 1):
                yield _silence_timeline(device, times, option, rule.timing.lasting, until)
                progress(done, len(heard))

    def _stays(self, rule: Rule, since: datetime, until: datetime, progress: Progress) -> Iterator[Timeline]:
        option = rule.option
        if not isinstance(option, Dwell):
            return
        fence = fence_of(option, self.facts)  # the register as it is now
        if fence is None:
            return
        visitors = self.facts.visitors(fence.box(0), since, until)
        for done, worker in enumerate(visitors, 1):
            fixes = {fix.at: fix for fix in self.facts.tracks([worker], since, until)}
            steps = list(rule_signals.dwell_steps((sighting(fix, fence) for fix in fixes.values()), option))
            seen: Timeline = []
            for (at, (see, begin)), end in zip(steps, [*(at for at, _ in steps[1:]), until], strict=True):
                place = self._at(fixes[at]) if see is See.ON else Place()
                words = dwell_words(worker, self.workers.get(worker), begin)
                seen.append((at, Signal(worker, see, begin, words, place)))
                if see is See.ON and end - at > option.gap:  # without a fix nothing is known of him
                    seen.append((at + option.gap, replace(seen[-1][1], see=See.UNSURE)))
            yield seen
            progress(done, len(visitors))

    def _at(self, fix: Fix) -> Place:
        grids = tuple(code for code in self.grids.locate(fix.lon, fix.lat) if code is not None)
        return Place(fix.lon, fix.lat, grids)


def _sos_timeline(call: Signal, said: Sequence[HelpWord]) -> Timeline:
    known: list[HelpWord] = []
    seen: Timeline = []
    for word in sorted(said, key=lambda each: each.received_at):
        known.append(word)
        now = rule_signals.sos_seen(known)
        if now is not None:
            seen.append((word.received_at, replace(call, see=now[0], since=now[1])))
    return seen


def _light_timeline(case: Case, events: Iterable[Event]) -> Timeline:
    """The light of one case from its events, beginning as an open case on time."""
    stands = replace(case, standing=Standing.ON_TIME, state=State.ACTIVE, stage=Stage.REPORTED)
    seen: Timeline = []
    for event in events:
        changes = {name: event.changes[name] for name in ("standing", "state", "stage") if name in event.changes}
        turned = "standing" in changes
        stands = replace(stands, updated_at=event.at, due_at=event.at if turned else stands.due_at, **changes)
        seen.append((event.at, rule_signals.deadline_signal(stands)))
    return seen


def _cluster_timeline(rule: Rule, option: Cluster, key: Key, reports: Sequence[CameIn], grids: GridBook) -> Timeline:
    """One heap of reports as it grew and fell off; what makes it fall below a count is looked at to the instant."""
    arrivals = sorted(reports, key=lambda each: each.received_at)
    instants = {each.received_at for each in arrivals}
    instants |= {min(each.at, each.received_at) + option.within for each in arrivals}
    heap, waiting, seen = Heap(), iter(arrivals), []
    following = next(waiting, None)
    for at in sorted(instants):
        while following is not None and following.received_at <= at:
            heap.add(following)
            following = next(waiting, None)
        signal = cluster_signal(rule, key, heap, grids, at) if heap.times else None
        if signal is not None:
            seen.append((at, signal))
    return seen


def _silence_timeline(
    device: str, times: Sequence[datetime], option: Silence, lasting: timedelta, until: datetime
) -> Timeline:
    """One device as it spoke and fell silent, looked at also where the rule's hours begin and end."""
    instants = {*times, *(at + lasting for at in times)}
    day = times[0].astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    while option.hours != (0, 1440) and day < until:
        instants |= {(day + timedelta(minutes=each)).astimezone(times[0].tzinfo) for each in option.hours}
        day += timedelta(days=1)
    known: list[datetime] = []
    waiting, seen = iter(times), []
    following = next(waiting, None)
    for at in sorted(each for each in instants if times[0] <= each < until):
        while following is not None and following <= at:
            insort(known, following)
            del known[:-KEPT]
            following = next(waiting, None)
        now = rule_signals.silence_seen(known, option, lasting, at)
        if now is not None:
            text = f"{device} 自 {rule_signals.clock_words(known[-1])} 起没有消息"
            seen.append((at, Signal(device, *now, text)))
    return seen
