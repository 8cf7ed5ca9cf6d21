"""Bench of the figures: any figure of any grid and month from what is kept, against plain SQL over the event table."""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2

from bench.figures_past import NOW, SEED, grids, write
from bench.figures_peer import INDEX, PEERS
from cases.indicators import REGISTER, Period
from cases.model import EVERYWHERE
from storage.aggregates import Aggregates
from storage.engine import open_engine
from storage.figure_book import SqlFigureBook
from storage.instants import micros
from storage.migrate import upgrade

MONTHS = [
    Period.month(2025, 12),
    *(Period.month(2026, n) for n in range(1, 11)),
    Period(date(2026, 11, 1), date(2026, 11, 22)),
]
Question = tuple[str, str, Period]


def questions(count: int, seed: int, ids: Sequence[str], *, most_on_top: bool = False) -> list[Question]:
    """Random (indicator, grid, month); a third of them about the whole town, where the most is to be counted."""
    chance = random.Random(seed)
    codes = sorted({code for path in grids() for code in path})
    picked = []
    for number in range(count):
        on_top = most_on_top or number % 3 == 0
        picked.append(
            (chance.choice(ids), chance.choice(("", "T")) if on_top else chance.choice(codes), chance.choice(MONTHS))
        )
    return picked


def prepare(file: Path, events: int) -> dict[str, Any]:
    """A room's file with so many events and the kept figures beside them, unless it is there; how long each took."""
    if file.exists():
        return {"reused": str(file)}
    engine = open_engine(f"sqlite:///{file}")
    upgrade(engine)
    started = time.perf_counter()
    cases = write(str(file), events, _told("events"))
    written = time.perf_counter()
    Aggregates(engine).rebuild(_told("figures"))
    built = time.perf_counter()
    engine.close()
    return {
        "cases": cases,
        "write_s": round(written - started, 1),
        "build_s": round(built - written, 1),
        "build_us_a_case": round((built - written) / cases * 1e6),
    }


def _told(what: str) -> Any:
    def say(done: int, total: int) -> None:
        print(f"\r{what} {done}/{total}", end="\n" if done >= total else "", file=sys.stderr, flush=True)

    return say


def ours(file: Path, asked: Sequence[Question]) -> tuple[list[float], list[float | None]]:
    """Milliseconds and value of each answer, each from a transaction of its own as a page asks it."""
    engine = open_engine(f"sqlite:///{file}")
    book = SqlFigureBook(engine)
    spent, values = [], []
    for id_, code, period in asked:
        started = time.perf_counter()
        values.append(book.ask(id_, code, period, EVERYWHERE, NOW).value)
        spent.append((time.perf_counter() - started) * 1000)
    engine.close()
    return spent, values


def peers(file: Path, asked: Sequence[Question]) -> tuple[list[float], list[float | None]]:
    """The same of plain SQL over the event table, on a warm connection."""
    link = dbapi2.connect(f"file:{file}", uri=True)
    spent, values = [], []
    for id_, code, period in asked:
        told = {"code": code or "T", "now": micros(NOW), "since": micros(period.since), "until": micros(period.until)}
        started = time.perf_counter()
        values.append(PEERS[id_](link, told))
        spent.append((time.perf_counter() - started) * 1000)
    link.close()
    return spent, values


def summary(spent: Sequence[float]) -> dict[str, float]:
    """Median, 95th percentile and worst, milliseconds."""
    ordered = sorted(spent)
    at = {"p50_ms": 0.5, "p95_ms": 0.95, "max_ms": 1.0}
    return {name: round(ordered[max(int(share * len(ordered)) - 1, 0)], 2) for name, share in at.items()} | {
        "asked": len(spent)
    }


def measure(file: Path, events: int, count: int, peer_count: int) -> dict[str, Any]:
    """All indicators of all grids and months; then those the peer can answer too, compared value by value."""
    made = prepare(file, events)
    everything, _ = ours(file, questions(count, SEED, list(REGISTER.indicators)))
    on_top, _ = ours(file, questions(count // 3, SEED + 1, list(REGISTER.indicators), most_on_top=True))
    both = questions(peer_count, SEED + 2, list(PEERS))
    mine, mine_values = ours(file, both)  # before the peer's index and its statistics are there
    link = dbapi2.connect(str(file))
    started = time.perf_counter()
    link.execute(INDEX)
    link.execute("ANALYZE")  # without it SQLite takes the wrong end of the join, and a question lasts most of a minute
    link.commit()
    indexed = time.perf_counter() - started
    [(total,)] = link.execute("SELECT count(*) FROM events").fetchall()
    link.close()
    theirs, their_values = peers(file, both)
    differing = [q for q, a, b in zip(both, mine_values, their_values, strict=True) if a != b]
    same, peer = summary(mine), summary(theirs)
    return {
        "bench": "figures",
        "events": total,
        "prepared": made,
        "ours": {"any": summary(everything), "whole_town": summary(on_top), "same_as_peer": same},
        "peer": {"name": "plain SQL over events (own index)", **peer, "index_s": round(indexed, 1)},
        "ratio": {"p50": _ratio(peer, same, "p50_ms"), "p95": _ratio(peer, same, "p95_ms")},
        "differing": len(differing),
        "bytes": file.stat().st_size,
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "load": os.getloadavg()[0]},
    }


def _ratio(peer: dict[str, float], same: dict[str, float], name: str) -> float:
    return round(peer[name] / same[name], 2)


def main(argv: list[str]) -> int:
    """`python -m bench figures [--events N] [--file F] [--json]`; the last line printed is one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m bench figures", description=__doc__)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--asked", type=int, default=300)
    parser.add_argument("--peer", type=int, default=40, help="how many questions the peer is asked")
    parser.add_argument("--file", type=Path, help="a prepared file to keep and use again")
    parser.add_argument("--prepare", action="store_true", help="only write --file")
    parser.add_argument("--json", action="store_true", help="only the JSON line")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="bench-figures-") as folder:
        file = options.file or Path(folder) / "room.sqlite"
        result = (
            prepare(file, options.events)
            if options.prepare
            else measure(file, options.events, options.asked, options.peer)
        )
    if not options.json:
        for key, value in result.items():
            print(f"{key:10}{value}", file=sys.stderr)
    print(json.dumps(result, ensure_ascii=False))
    return 1 if result.get("differing") else 0
