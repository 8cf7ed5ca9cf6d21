"""What alert rules see: for each kind of rule a table of facts in, and since when something is so, or is over, out.

Pure: facts and `now` are arguments, in any order and however late. Every kind reckons `since` from the facts alone, so
that a restart sees what was seen before it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cases.calendar import LOCAL
from cases.categories import category_of
from cases.model import Case, Standing, State
from cases.rule_book import Cluster, Deadline, Dwell, Silence
from cases.rule_watch import See, Signal

Seen = tuple[See, datetime]
LONG_AGO = timedelta(days=7)  # longer than any span of a rule


# sos --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HelpWord:
    """A worker's word about his own safety: he calls for help, or says that it is over."""

    worker: str
    at: datetime
    received_at: datetime
    calls: bool
    exercise: bool = False

    @property
    def since(self) -> datetime:
        """When he said it; a clock that is ahead of ours counts from receipt."""
        return min(self.at, self.received_at)


def calls_of(words: Iterable[HelpWord]) -> dict[tuple[str, bool], list[HelpWord]]:
    """What each worker said in earnest and in an exercise, by (worker, is an exercise).

    They are two calls, so that neither hides or ends the other; only "it is over" without more ends both.
    """
    found: dict[tuple[str, bool], list[HelpWord]] = {}
    for word in words:
        found.setdefault((word.worker, word.exercise), []).append(word)
    for (worker, exercise), said in found.items():
        if exercise:
            said += [word for word in found.get((worker, False), ()) if not word.calls]
    return found


def call_subject(worker: str, *, exercise: bool) -> str:
    """What the watch over a call is called."""
    return f"{worker}|演练" if exercise else worker


def sos_seen(words: Iterable[HelpWord]) -> Seen | None:
    """The newest word counts, however late an older one comes; a repeated call goes on from its first."""
    ordered = sorted(words, key=lambda word: (word.since, word.received_at))
    if not ordered:
        return None
    calls, since = ordered[-1].calls, ordered[-1].since
    for word in reversed(ordered):
        if word.calls is not calls:
            break
        since = word.since
    return (See.ON if calls else See.OFF), since


# deadline ---------------------------------------------------------------------------------------------------


def is_watched(case: Case, option: Deadline, area: str) -> bool:
    """Whether a rule is about such a case; a sub-task is its parent's business."""
    return (
        case.parent is None
        and (not option.severities or case.severity in option.severities)
        and (not option.categories or case.category in option.categories)
        and (not area or area in case.grids)
    )


def deadline_seen(case: Case) -> Seen:
    """Late since its due time; over when it was closed, prolonged or put aside, which its last change tells."""
    is_late = case.is_open and case.state is not State.SUSPENDED and case.standing is Standing.OVERDUE
    if is_late and case.due_at is not None:
        return See.ON, case.due_at
    return See.OFF, case.updated_at


def deadline_signal(case: Case) -> Signal:
    """A case's red light as a signal; the words name no person and nothing of the case's own text."""
    see, since = deadline_seen(case)
    text = f"{category_of(case.category).name} {case.no} 已过办理时限 {clock_words(since)}"
    return Signal(case.no, see, since, text, case.place, case.exercise)


# cluster ----------------------------------------------------------------------------------------------------


def cluster_seen(times: Sequence[datetime], option: Cluster, now: datetime) -> Seen:
    """So many in a span: on since the report that made them enough, off since too few were left.

    `times` are when they happened, in any order; those after `now` are not known yet. Between the two counts it is
    UNSURE, and so is a count that was enough and is no more but has not fallen below `clear_below`.
    """
    known = sorted(at for at in times if at <= now)
    if _count(known, option, now) >= option.count:
        return See.ON, _enough_since(known, option)
    if len(known) < option.clear_below:
        return See.OFF, now - LONG_AGO
    few = known[-option.clear_below] + option.within
    return (See.UNSURE, now) if few > now else (See.OFF, few)


def _count(known: Sequence[datetime], option: Cluster, now: datetime) -> int:
    return sum(at > now - option.within for at in known)


def _enough_since(known: Sequence[datetime], option: Cluster) -> datetime:
    """Back from the newest report to the one that first made enough without a break since."""
    since = known[-1]
    for index in range(len(known) - 1, option.count - 2, -1):
        first = known[index - option.count + 1]
        if known[index] - first >= option.within:
            break
        if index + 1 < len(known) and first + option.within <= known[index + 1]:
            break
        since = known[index]
    return since


def cluster_words(times: Sequence[datetime], option: Cluster, category: str, now: datetime, most: int) -> str:
    """How many of what in how long; a list that was cut at `most` says so."""
    count = _count(sorted(at for at in times if at <= now), option, now)
    many = f"{count} 起以上" if count >= most else f"{count} 起"
    return f"{span_words(option.within)}内{category_of(category).name} {many}"


# silence ----------------------------------------------------------------------------------------------------


def silence_seen(heard: Sequence[datetime], option: Silence, lasting: timedelta, now: datetime) -> Seen | None:
    """Silent since the last message; over since the first one after a silence that was long enough to ring.

    Outside the rule's hours nothing can be said, and a silence counts from their beginning. None for a device that
    was never heard: one that is not in use yet is no failure.
    """
    known = sorted(at for at in heard if at <= now)
    if not known:
        return None
    here = now.astimezone(LOCAL)
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
    begin, end = (midnight + timedelta(minutes=each) for each in option.hours)
    last = known[-1]
    if now - last < lasting:
        return See.OFF, _speaking_since(known, lasting)
    if not begin <= here < end:
        return See.UNSURE, last
    return See.ON, (last if option.hours == (0, 1440) else max(last, begin.astimezone(last.tzinfo)))


def _speaking_since(known: Sequence[datetime], lasting: timedelta) -> datetime:
    since = known[-1]
    for at in reversed(known):
        if since - at >= lasting:
            break
        since = at
    return since


# dwell ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sighting:
    """One fix of a worker beside a fence: how many metres outside its edge (inside: 0 or less), and how good it is."""

    at: datetime
    metres_out: float
    accuracy_m: float | None
    on_duty: bool = True
    suspect: bool = False

    def counts(self, option: Dwell) -> bool:
        """Whether it says where he is: not a jump, and known to be exact enough."""
        return not self.suspect and self.accuracy_m is not None and self.accuracy_m <= option.accuracy_m


def dwell_steps(sightings: Iterable[Sighting], option: Dwell) -> Iterator[tuple[datetime, Seen]]:
    """What is seen from each counted fix on, oldest first, whatever order they came in.

    Within since his first fix inside without one outside; out since the first beyond the margin, or off duty. A fix
    in the margin breaks a stay and ends no alarm: one who stands at the edge neither rings nor clears.
    """
    seen: Seen | None = None
    before: datetime | None = None
    for each in sorted(sightings, key=lambda s: s.at):
        if each.on_duty and not each.counts(option):
            continue
        see = _where(each, option)
        is_broken = before is not None and each.at - before > option.gap and see is not See.OFF
        if seen is None or seen[0] is not see or is_broken:
            seen = see, each.at
        before = each.at
        yield each.at, seen


def dwell_seen(sightings: Iterable[Sighting], option: Dwell, now: datetime) -> Seen | None:
    """Where the newest of the fixes until `now` leaves him; nothing is known of one without a fix for `gap`."""
    newest = deque(dwell_steps((each for each in sightings if each.at <= now), option), maxlen=1)
    if not newest:
        return None
    at, seen = newest[0]
    return (See.UNSURE, at) if now - at > option.gap and seen[0] is See.ON else seen


def _where(each: Sighting, option: Dwell) -> See:
    if not each.on_duty or each.metres_out > option.leave_m:
        return See.OFF
    return See.ON if each.metres_out <= 0 else See.UNSURE


# words ------------------------------------------------------------------------------------------------------


def clock_words(at: datetime) -> str:
    """11-21 08:30, Asia/Shanghai."""
    return f"{at.astimezone(LOCAL):%m-%d %H:%M}"


def span_words(span: timedelta) -> str:
    """90 秒, 15 分钟, 2 小时: the largest unit that says it whole."""
    seconds = int(span.total_seconds())
    for size, unit in ((3600, "小时"), (60, "分钟")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} 秒"
