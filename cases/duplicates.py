"""The same event told twice (domain.md G24): likely doubles by place, time and words, and complaints that come back."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cases.categories import OTHER, category_of
from cases.model import Action, Case, CaseNo, IncidentReport, Reporter

THRESHOLD = 0.78  # from this score on a case is shown as a likely double; chosen on demo seeds 500–505
NEAR_M = 150.0  # farther apart is another place, unless the address is the same or the same person speaks
WINDOW = timedelta(hours=72)  # longer apart is a repeat, not a double
HALF_GAP = timedelta(minutes=90)  # the gap at which the part for time is worth half
HALF_GAP_STANDING = timedelta(hours=24)  # the same for what stays until somebody mends it
REPEAT_WITHIN = timedelta(days=30)
REPEAT_NEAR_M = 50.0

# What each part adds at most; together 1. Whoever changes them prints recall and precision anew with the tests.
WEIGHTS: Mapping[str, float] = {"place": 0.26, "time": 0.34, "matter": 0.28, "text": 0.08, "channel": 0.04}
SAME_PHONE = 0.25  # added to the rest: one person seldom has two new matters within three days

# What does not pass by itself: tomorrow's report of it is most likely still the same one.
_STANDING = frozenset(("city.manhole", "city.street_light", "city.illegal_building", "city.advert"))

# Matters that people and channels take for each other.
_NEAR_MATTERS = frozenset(
    frozenset(pair)
    for pair in (
        ("environment.noise", "dispute.neighbour"),
        ("environment.smoke", "environment.noise"),
        ("environment.dust", "safety.work"),
        ("environment.rubbish", "city.street_trade"),
        ("safety.fire_exit", "city.parking"),
        ("safety.fire", "safety.ebike"),
        ("safety.fire", "safety.gas"),
        ("dispute.wages", "dispute.labour"),
        ("dispute.wages", "order.gathering"),
        ("dispute.homestead", "dispute.land"),
        ("dispute.homestead", "dispute.demolition"),
        ("dispute.business", "dispute.contract"),
        ("dispute.consumer", "safety.food"),
        ("dispute.property", "safety.water_cut"),
        ("dispute.property", "safety.lift"),
        ("dispute.traffic", "order.fight"),
        ("dispute.debt", "order.fight"),
        ("dispute.debt", "order.fraud"),
        ("people.elder_care", "people.hardship"),
    )
)


@dataclass(frozen=True, slots=True)
class Told:
    """What comparing needs of a report or a case, made once. `closed_at` is None while the case is open."""

    no: str
    at: datetime
    category: str
    channel: str
    grams: frozenset[str]
    address: str
    phone: str
    exercise: bool
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Likeness:
    """An open case that may be the same event; `score` 0–1, `why` the strongest reasons in words."""

    no: CaseNo
    score: float
    parts: Mapping[str, float]
    why: str


@dataclass(frozen=True, slots=True)
class Repeat:
    """A closed case whose matter came back within 30 days; `action` is reopen or link, for a person to take."""

    no: CaseNo
    action: Action
    why: str


def told_by_case(case: Case) -> Told:
    """A case made ready for comparing."""
    address = case.place.address
    grams = grams_of(f"{case.title}\n{case.text}", leaving_out=address)
    at, phone = case.reported_at, _digits(case.reporter)
    return Told(case.no, at, case.category, case.channel, grams, bare(address), phone, case.exercise, _closed_at(case))


def told_by_report(report: IncidentReport) -> Told:
    """A report made ready for comparing; it has no case number yet."""
    address = report.place.address
    grams = grams_of(f"{report.title}\n{report.text}", leaving_out=address)
    phone = _digits(report.reporter)
    return Told("", report.at, report.category, report.channel, grams, bare(address), phone, report.exercise)


def grams_of(text: str, leaving_out: str = "") -> frozenset[str]:
    """Pairs of neighbouring characters, width and case made alike (NFKC), without digits, marks and the address.

    The address says where, which the place says better; numbers (days, sums) differ between two tellers of one event.
    """
    if leaving_out:
        text = text.replace(leaving_out, "\n")
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = "".join(c if c.isalpha() else " " for c in folded).split()
    return frozenset(word[i : i + 2] for word in words for i in range(len(word) - 1))


def similarity(one: frozenset[str], other: frozenset[str]) -> float:
    """How much two gram sets share (Dice), 0–1; empty sets share nothing."""
    together = len(one) + len(other)
    return 2 * len(one & other) / together if together else 0.0


def likely(
    new: Told, known: Sequence[Told], metres: Sequence[float | None], threshold: float = THRESHOLD, limit: int = 5
) -> list[Likeness]:
    """The open cases that may be the same event as `new`, likeliest first.

    `metres[i]` is the distance from `new` to `known[i]`, None where one of them has no place. An exercise is never
    likened to the real thing. ValueError when the two sequences differ in length.
    """
    found = []
    for other, distance in _worth_comparing(new, known, metres):
        parts = _parts(new, other, distance)
        score = min(1.0, sum(parts.values()))
        if score >= threshold:
            found.append(Likeness(CaseNo(other.no), score, parts, _why(new, other, distance, parts)))
    return sorted(found, key=lambda likeness: (-likeness.score, likeness.no))[:limit]


def repeats(new: Told, known: Sequence[Told], metres: Sequence[float | None]) -> list[Repeat]:
    """Closed cases whose matter is back within 30 days: the same person is to reopen, another at the place to link.

    `metres` as for `likely`. Reopening comes first, then the latest closed.
    """
    back = [
        (other, distance)
        for other, distance in zip(known, metres, strict=True)
        if other.closed_at is not None
        and timedelta(0) <= new.at - other.closed_at <= REPEAT_WITHIN
        and other.exercise == new.exercise
        and _matter(new, other) >= 0.6
        and (_same_phone(new, other) or _same_place(new, other, distance))
    ]
    back.sort(key=lambda pair: (not _same_phone(new, pair[0]), new.at - (pair[0].closed_at or new.at), pair[0].no))
    return [_repeat(new, other, distance) for other, distance in back]


def _worth_comparing(
    new: Told, known: Sequence[Told], metres: Sequence[float | None]
) -> Iterator[tuple[Told, float | None]]:
    """Near enough in place (or said to be the same, or by the same person) and in time; the rest costs nothing."""
    for other, distance in zip(known, metres, strict=True):
        near = distance is not None and distance <= NEAR_M
        if (
            (near or _same_address(new, other) or _same_phone(new, other))
            and abs(new.at - other.at) <= WINDOW
            and other.closed_at is None
            and other.exercise == new.exercise
        ):
            yield other, distance


def _parts(new: Told, other: Told, distance: float | None) -> dict[str, float]:
    half = HALF_GAP_STANDING if new.category in _STANDING else HALF_GAP
    alike = similarity(new.grams, other.grams)
    worths = {
        "place": _place(new, other, distance),
        "time": half / (half + abs(new.at - other.at)),
        "matter": max(_matter(new, other), alike),  # the same words under two categories: one of them is wrong
        "text": alike,
        "channel": float(new.channel != other.channel),  # one desk seldom takes the same event down twice
    }
    parts = {name: WEIGHTS[name] * worth for name, worth in worths.items()}
    if _same_phone(new, other):
        parts["phone"] = SAME_PHONE
    return parts


def _place(new: Told, other: Told, distance: float | None) -> float:
    if distance is None:
        return 0.8 if _same_address(new, other) else 0.0
    return max(1 - distance / NEAR_M, 0.5 if _same_address(new, other) else 0.0)


def _matter(new: Told, other: Told) -> float:
    if new.category == other.category:
        return 0.5 if new.category == OTHER else 1.0
    if frozenset((new.category, other.category)) in _NEAR_MATTERS:
        return 0.6
    return 0.3 if category_of(new.category).group == category_of(other.category).group else 0.0


def _same_address(new: Told, other: Told) -> bool:
    return bool(new.address) and new.address == other.address


def _same_phone(new: Told, other: Told) -> bool:
    return bool(new.phone) and new.phone == other.phone


def _same_place(new: Told, other: Told, distance: float | None) -> bool:
    return _same_address(new, other) if distance is None else distance <= REPEAT_NEAR_M


def _why(new: Told, other: Told, distance: float | None, parts: Mapping[str, float]) -> str:
    reasons = [_where_words(new, other, distance), _gap_words(abs(new.at - other.at)), _matter_words(new, other)]
    if "phone" in parts:
        reasons.append("同一来电号码")
    if similarity(new.grams, other.grams) >= 0.3:
        reasons.append(f"文字相近 {similarity(new.grams, other.grams):.0%}")
    if new.channel != other.channel:
        reasons.append("另一渠道")
    return " · ".join(reason for reason in reasons if reason)


def _where_words(new: Told, other: Told, distance: float | None) -> str:
    if distance is not None:
        return f"相距 {distance:.0f} 米" if distance < 1000 else f"相距 {distance / 1000:.1f} 公里"
    return "同一地址" if _same_address(new, other) else ""


def _gap_words(gap: timedelta) -> str:
    minutes = int(gap.total_seconds() // 60)
    if minutes < 60:
        return f"相隔 {minutes} 分钟"
    return f"相隔 {minutes // 60} 小时" if minutes < 48 * 60 else f"相隔 {minutes // 1440} 天"


def _matter_words(new: Told, other: Told) -> str:
    if new.category == other.category:
        return f"同为{category_of(new.category).name}"
    if _matter(new, other) > 0:
        return f"{category_of(new.category).name}与{category_of(other.category).name}相近"
    return ""


def _repeat(new: Told, other: Told, distance: float | None) -> Repeat:
    days = (new.at - (other.closed_at or new.at)).days
    since = f"{days} 天前" if days else "当天"
    same_person = _same_phone(new, other)
    who = "同一来电号码" if same_person else _where_words(new, other, distance)
    end = "建议重开" if same_person else "建议关联"
    action = Action.REOPEN if same_person else Action.LINK
    return Repeat(CaseNo(other.no), action, f"{since}刚办结 · {who} · {_matter_words(new, other)}，{end}")


def _closed_at(case: Case) -> datetime | None:
    """When the case ended; a void or merged one ended with its last change, and so is never a double."""
    if case.is_open:
        return None
    return case.closed_at or case.updated_at


def _digits(reporter: Reporter | None) -> str:
    """The last eleven digits, without +86 and dashes; nothing where the reporter gave no whole number."""
    if reporter is None:
        return ""
    digits = "".join(c for c in unicodedata.normalize("NFKC", reporter.phone) if c in "0123456789")
    return digits[-11:] if len(digits) >= 7 else ""


def bare(address: str) -> str:
    """An address without spaces, width and case made alike (NFKC): two of them are the same place or not."""
    return "".join(unicodedata.normalize("NFKC", address).casefold().split())
