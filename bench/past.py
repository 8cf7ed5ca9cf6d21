"""`python -m bench past`: seek a moment in a day of 1,000 workers and 2,000 cases; read, draw and frame it whole."""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cases.categories import CATEGORIES
from cases.desk import Desk, Past, Step
from cases.model import Action, Actor, Fix, GridWorker, IncidentReport, Place, Role, WorkerId, WorkerStatus
from dashboard import panels, past
from dashboard.picture import Audience
from dashboard.services import Services
from room import Room, open_room, seed_directory
from settings import Settings
from tests.dashboard.harness import HandFeed, NoIntake

DAY = timedelta(hours=24)
DUTY, UNIT = Actor("duty", Role.DUTY, "bench"), Actor("unit", Role.UNIT, "bench", "U-urban")
LEADER, VERIFIER = Actor("leader", Role.LEADER, "bench"), Actor("verifier", Role.VERIFIER, "bench")
ROAD = (
    (DUTY, Action.ACCEPT, {}),
    (DUTY, Action.DISPATCH, {"unit": "U-urban"}),
    (UNIT, Action.SIGN, {}),
    (UNIT, Action.HANDLE, {"text": "办妥"}),
    (VERIFIER, Action.VERIFY, {"text": "属实"}),
    (LEADER, Action.CLOSE, {"outcome": "settled", "reason": "办妥"}),
)
FIX_S = 600


def live_through(room: Room, cases: int, workers: int, now: datetime) -> None:
    """Cases of the last day, each as far along its road as chance has it; a fix every ten minutes of each worker."""
    chance, desk = random.Random(7), room.desk()
    leaves = room.grids.grids(len(room.grids.levels()) - 1)
    spots = [(g.geometry.representative_point(), room.grids.ancestors(g.code)) for g in leaves]
    kinds = list(CATEGORIES)
    begins = sorted(now - DAY * chance.random() for _ in range(cases))
    lives = [_life(n, at, chance, spots, kinds, now) for n, at in enumerate(begins)]
    for first in range(0, cases, 250):
        desk.backfill(lives[first : first + 250])
    people = [WorkerId(f"B-{n}") for n in range(workers)]
    grids = {id: chance.choice(leaves).code for id in people}
    room.directory.put_workers([GridWorker(id, id, code) for id, code in grids.items()], room.grids.ancestors)
    for minute in range(0, int(DAY.total_seconds()), FIX_S):
        at = now - DAY + timedelta(seconds=minute)
        room.positions.keep([Fix(id, at, 118.6, 29.3, 8.0, WorkerStatus.AVAILABLE) for id in people])


def _life(n: int, at: datetime, chance: random.Random, spots: list, kinds: list[str], now: datetime) -> Past:  # type: ignore[type-arg]
    point, grids = chance.choice(spots)
    place = Place(point.x, point.y, grids)
    told = IncidentReport("bench", f"p{n}", f"p{n}", at, at, "call", chance.choice(kinds), f"来电 {n}", place=place)
    steps, when = [], at
    for actor, action, details in ROAD:
        when += timedelta(minutes=chance.expovariate(1 / 60))
        if when < now:
            steps.append(Step(when, action, actor, details))
    return Past(told, tuple(steps))


def services_of(room: Room) -> Services:
    """The room's parts as the web process has them."""
    desk: Desk = room.desk()
    return Services(
        desk=desk,
        views=room.views,
        directory=room.directory,
        positions=room.positions,
        accounts=room.accounts,
        registry=room.registry,
        live=HandFeed(),
        intake=NoIntake(),
        grids=room.grids,
        clock=lambda: datetime.now(UTC),
        title="测",
    )


def seek(services: Services, at: datetime) -> tuple[float, int]:
    """One moment as the route answers it: milliseconds and bytes."""
    begun = time.perf_counter()
    moment = past.frame(past.look_back(services, Audience("", True), at), panels.PANELS)
    return (time.perf_counter() - begun) * 1000, len(moment.encode())


def main(argv: list[str]) -> int:
    """Print what a seek costs; --cases, --workers, --moments."""
    ask = argparse.ArgumentParser(prog="bench past")
    ask.add_argument("--cases", type=int, default=2000)
    ask.add_argument("--workers", type=int, default=1000)
    ask.add_argument("--moments", type=int, default=40)
    ask.add_argument("--json", action="store_true")
    asked = ask.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        room = open_room(Settings(data_dir=Path(folder), demo=True))
        seed_directory(room)
        now, chance = datetime.now(UTC), random.Random(11)
        live_through(room, asked.cases, asked.workers, now)
        services = services_of(room)
        found = [seek(services, now - DAY * (0.05 + 0.9 * chance.random())) for _ in range(asked.moments)]
        room.engine.close()
    took = sorted(ms for ms, _ in found)
    says = {
        "cases": asked.cases,
        "workers": asked.workers,
        "moments": asked.moments,
        "seek_ms_median": round(statistics.median(took), 1),
        "seek_ms_p95": round(took[int(len(took) * 0.95) - 1], 1),
        "seek_ms_max": round(took[-1], 1),
        "frame_kb": round(statistics.median(size for _, size in found) / 1024),
    }
    print(json.dumps(says))
    return 0
