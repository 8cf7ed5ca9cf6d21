"""Bench of the suggestion of doubles: recall and precision on demo days whose planted doubles are known.

The reports of a day come in one by one, each compared with those open before it, as the desk does. The peer is the
rule that plain systems use: the same category, at most 150 m and two hours apart. What is shown besides are mostly
other reports of the same kind from the same hot spot within the hour: the demo says nothing by which anybody could
tell them from planted ones. Threshold and weights were chosen on seeds 500–505; these are other seeds.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta

from cases.duplicates import NEAR_M, Told, likely, told_by_report
from cases.model import IncidentReport, Place, Reporter
from feeds.demo import story as demo
from feeds.demo.town import Town, read_town
from feeds.replay import DEMO_TOWN
from geo.distance import metres_many
from geo.grids import GridBook

Pair = frozenset[str]
Suggests = Callable[[Told, Sequence[Told], Sequence[float | None]], Sequence[str]]
OPEN = 2000  # reports before the new one that are still open
PEER_APART = timedelta(hours=2)


@dataclass(frozen=True)
class Found:
    """What was planted, shown and both, over some days, and how long one comparison took (ms, median)."""

    planted: int
    shown: int
    hit: int
    median_ms: float

    def figures(self) -> dict[str, float | int]:
        """Recall and precision with their bases."""
        recall, precision = self.hit / max(1, self.planted), self.hit / max(1, self.shown)
        rates = {"recall": round(recall, 3), "precision": round(precision, 3)}
        return {**rates, "planted": self.planted, "shown": self.shown, "hit": self.hit, "median_ms": self.median_ms}


def planted_days(town: Town, seed: int, days: int) -> tuple[list[IncidentReport], set[Pair]]:
    """The reports of consecutive demo days, and the pairs of ids that tell one event, noted as they are planted."""
    first_day = date(2026, 3, 2) + timedelta(days=seed)
    with _noting() as pairs:
        told = [t for n in range(days) for t in demo.Story(town, seed).day(first_day + timedelta(n))]
    reports = [each for each in told if each.kind == "report"]
    ids = {each.body["text"]: each.id for each in reports}
    return [_taken(each) for each in reports], {frozenset((ids[a], ids[b])) for a, b in pairs}


@contextmanager
def _noting() -> Iterator[list[tuple[object, object]]]:
    pairs: list[tuple[object, object]] = []
    plant = demo._Teller.again

    def noted(teller: demo._Teller, first: demo.Happening) -> demo.Happening:
        again = plant(teller, first)
        pairs.append((first.body["text"], again.body["text"]))
        return again

    demo._Teller.again = noted  # type: ignore[method-assign]
    try:
        yield pairs
    finally:
        demo._Teller.again = plant  # type: ignore[method-assign]


def _taken(happening: demo.Happening) -> IncidentReport:
    body, person = happening.body, happening.body.get("reporter")
    return IncidentReport(
        "demo-all",
        happening.id,
        happening.id,
        happening.at,
        happening.at,
        str(body["channel"]),
        str(body["category"]),
        str(body["title"]),
        str(body["text"]),
        place=Place(body["lon"], body["lat"], address=body["address"]),  # type: ignore[arg-type]
        reporter=Reporter(**person) if isinstance(person, dict) else None,
    )


def ours(new: Told, known: Sequence[Told], metres: Sequence[float | None]) -> list[str]:
    """What the desk shows."""
    return [each.no for each in likely(new, known, metres)]


def same_kind_near(new: Told, known: Sequence[Told], metres: Sequence[float | None]) -> list[str]:
    """What the plain rule shows."""
    near = (other for other, far in zip(known, metres, strict=True) if far is not None and far <= NEAR_M)
    return [each.no for each in near if each.category == new.category and new.at - each.at <= PEER_APART]


def measure(town: Town, seeds: Sequence[int], days: int, suggests: Suggests = ours) -> Found:
    """Over so many consecutive days of each seed; each report is compared with those before it."""
    planted = shown = hit = 0
    took: list[float] = []
    for seed in seeds:
        reports, truth = planted_days(town, seed, days)
        pairs = {frozenset(pair) for pair in _shown(reports, suggests, took)}
        planted, shown, hit = planted + len(truth), shown + len(pairs), hit + len(pairs & truth)
    return Found(planted, shown, hit, round(statistics.median(took) * 1000, 3))


def _shown(reports: Sequence[IncidentReport], suggests: Suggests, took: list[float]) -> Iterator[tuple[str, str]]:
    ready = [replace(told_by_report(each), no=each.id) for each in reports]
    lons, lats = [each.place.lon for each in reports], [each.place.lat for each in reports]
    for now in range(1, len(ready)):
        since = max(0, now - OPEN)
        metres = metres_many(lons[now], lats[now], lons[since:now], lats[since:now]).tolist()  # type: ignore[arg-type]
        began = time.perf_counter()
        found = suggests(ready[now], ready[since:now], metres)
        took.append(time.perf_counter() - began)
        yield from ((ready[now].no, each) for each in found)


def main(argv: Sequence[str]) -> int:
    """Measure ours and the peer on the same days, print; 1 when recall is under 0.9 or precision under the peer's."""
    ask = argparse.ArgumentParser(prog="bench duplicates", description=__doc__)
    ask.add_argument("--json", action="store_true")
    ask.add_argument("--seed", type=int, default=810)
    ask.add_argument("--seeds", type=int, default=2)
    ask.add_argument("--days", type=int, default=2)
    asked = ask.parse_args(argv)
    town = read_town(DEMO_TOWN, GridBook.load(DEMO_TOWN))
    seeds = range(asked.seed, asked.seed + asked.seeds)
    found = {
        name: measure(town, seeds, asked.days, way).figures()
        for name, way in (("ours", ours), ("peer", same_kind_near))
    }
    ratio = {name: round(found["ours"][name] / (found["peer"][name] or 1), 2) for name in ("recall", "precision")}
    machine = {"python": platform.python_version(), "cpus": os.cpu_count(), "load": round(os.getloadavg()[0], 1)}
    result = {"bench": "duplicates", "days": asked.days * asked.seeds, **found, "ratio": ratio, "machine": machine}
    print(json.dumps(result, ensure_ascii=False))
    return int(found["ours"]["recall"] < 0.9 or found["ours"]["precision"] < found["peer"]["precision"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
