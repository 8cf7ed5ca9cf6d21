"""Writes a year of synthetic cases with whole, consistent histories straight into a room's tables, by the million."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from pysqlite3 import dbapi2

from cases.calendar import LOCAL
from storage.rows import case_id
from storage.tables import cases

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
DAYS = 365
BLOCKS, SECTIONS, CELLS = 16, 65, 180  # a town's own three levels (domain.md B1)
SEED = 20261122
MINUTE = 60_000_000
CHUNK = 20_000
_COLUMNS = tuple(column.name for column in cases.columns)
_EVENT = "INSERT INTO events VALUES (?,?,?,?,'bench','duty',?,'','bench',?,'{}',?)"
_CATEGORIES = ("dispute.neighbour", "dispute.land", "environment.noise", "safety.fire_exit", "order.theft")
_BLANK: dict[str, Any] = {
    "title": "楼上噪声",
    "text": "",
    "channel": "call",
    "severity": 3,
    "difficulty": "simple",
    "source": "bench",
    "attachments": "[]",
    "address": "",
    "flags": "[]",
    "exercise": 0,
    "demo": 1,
    "scheme": "seven",
    "state": "active",
    "standing": "on_time",
    "loop": "micro",
}


def grids() -> list[tuple[str, ...]]:
    """The path of each innermost grid, outermost first."""
    paths = []
    for cell in range(CELLS):
        section = cell * SECTIONS // CELLS
        paths.append(("T", f"T-{section * BLOCKS // SECTIONS:02d}", f"T-s{section:02d}", f"T-c{cell:03d}"))
    return paths


def write(file: str, events: int, progress: Any = None) -> int:
    """Fill an empty room's SQLite file with cases until there are so many events; how many cases it took."""
    link = dbapi2.connect(file)
    link.execute("PRAGMA synchronous = OFF")
    link.execute("PRAGMA cache_size = -200000")
    chance, paths = random.Random(SEED), grids()
    codes = ["[" + ", ".join(f'"{code}"' for code in path) + "]" for path in paths]
    per_day = max(1, round(events / 12.6 / DAYS))
    written = told = 0
    today = NOW.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    rows: tuple[list[Any], list[Any], list[Any]] = ([], [], [])
    for back in range(DAYS, -1, -1):
        day = today - timedelta(days=back)
        arrivals = sorted(chance.random() * 0.999 for _ in range(per_day))
        for number, part in enumerate(arrivals, 1):
            came = int((day.timestamp() + part * 86_400) * 1_000_000)
            if came >= int(NOW.timestamp() * 1_000_000) or told >= events:
                continue
            where = chance.randrange(CELLS)
            no = f"{day:%Y%m%d}-{number:06d}"
            life = list(_life(came, chance))
            _collect(rows, no, came, life, paths[where], codes[where], told, chance)
            written, told = written + 1, told + len(life)
            if len(rows[0]) >= CHUNK:
                _flush(link, rows)
                if progress is not None:
                    progress(told, events)
    _flush(link, rows)
    link.execute("INSERT INTO counters (name, value) VALUES ('event', ?)", (told,))
    link.commit()
    link.close()
    return written


def _life(came: int, chance: random.Random) -> Iterator[tuple[int, str, str, str]]:
    """(at, action, changes, about) of each step; what would be later than now has not happened."""
    until = int(NOW.timestamp() * 1_000_000)
    at = came
    for action, changes, about, mean in _steps(chance):
        at += 0 if action == "report" else int((chance.expovariate(1 / mean) + 0.5) * MINUTE)
        if at >= until:
            return
        yield at, action, changes, about


def _steps(chance: random.Random) -> Iterator[tuple[str, str, str, float]]:
    """The road of one case with what may happen beside it, and the mean minutes before each step."""
    yield "report", "{}", "{}", 1
    if chance.random() < 0.03:
        yield "refuse", '{"stage": "closed", "outcome": "refused"}', '{"reason": "not_ours"}', 30
        return
    yield "accept", '{"stage": "accepted"}', "{}", 8
    yield "dispatch", '{"stage": "dispatched"}', "{}", 10
    if chance.random() < 0.06:
        reason = "not_duty" if chance.random() < 0.5 else "unclear"
        yield "return", '{"stage": "accepted"}', f'{{"reason": "{reason}"}}', 60
        yield "dispatch", '{"stage": "dispatched"}', "{}", 40
    yield "sign", "{}", "{}", 25
    for _ in range(chance.randrange(3, 8)):
        yield chance.choices(("note", "report_back", "urge"), (5, 4, 1))[0], "{}", "{}", 300
    yield "handle", '{"stage": "handled"}', "{}", 600
    if chance.random() < 0.04:
        yield "rework", '{"stage": "dispatched"}', "{}", 120
        yield "handle", '{"stage": "handled"}', "{}", 240
    yield "verify", '{"stage": "verified"}', "{}", 60
    outcome = "settled" if chance.random() < 0.92 else "explained"
    yield "close", f'{{"stage": "closed", "outcome": "{outcome}"}}', "{}", 45
    if chance.random() < 0.7:
        score = chance.choices((5, 4, 3, 2, 1), (52, 30, 11, 5, 2))[0]
        yield "evaluate", f'{{"stage": "evaluated", "score": {score}}}', "{}", 1_500


_STAMPS = {
    "accept": "accepted_at",
    "dispatch": "dispatched_at",
    "sign": "signed_at",
    "handle": "handled_at",
    "verify": "verified_at",
    "close": "closed_at",
    "refuse": "closed_at",
    "evaluate": "evaluated_at",
}
_STAGES = {
    "report": "reported",
    "accept": "accepted",
    "dispatch": "dispatched",
    "return": "accepted",
    "handle": "handled",
    "rework": "dispatched",
    "verify": "verified",
    "close": "closed",
    "refuse": "closed",
    "evaluate": "evaluated",
}


def _collect(
    rows: tuple[list[Any], list[Any], list[Any]],
    no: str,
    came: int,
    life: list[tuple[int, str, str, str]],
    path: tuple[str, ...],
    codes: str,
    seq: int,
    chance: random.Random,
) -> None:
    """One case's row, its grids and its events, as the steps leave it."""
    id_ = case_id(no)
    case = {**_BLANK, "id": id_, "no": no, "grids": codes, "category": chance.choice(_CATEGORIES)}
    case |= {"reported_at": came, "received_at": came, "version": len(life), "due_at": came + 7 * 1440 * MINUTE}
    for version, (at, action, changes, about) in enumerate(life, 1):
        case["updated_at"] = at
        case["stage"] = _STAGES.get(action, case.get("stage"))
        if action in _STAMPS:
            case[_STAMPS[action]] = at
        if action == "return":
            case["state"], case["signed_at"] = "returned", None
        if action == "dispatch":
            case["state"] = "active"
        if action in ("close", "refuse"):
            case["outcome"] = changes.partition('"outcome": "')[2].partition('"')[0]
        if action == "evaluate":
            case["score"] = int(changes.partition('"score": ')[2].rstrip("}"))
        rows[2].append((seq + version, id_, version, at, action, changes, about))
    case["is_open"] = int(case["stage"] not in ("closed", "evaluated"))
    ended = case.get("closed_at") or int(NOW.timestamp() * 1_000_000)
    case["standing"] = "overdue" if ended > case["due_at"] else "on_time"
    rows[0].append([case.get(name) for name in _COLUMNS])
    rows[1].extend((code, id_) for code in path)


def _flush(link: Any, rows: tuple[list[Any], list[Any], list[Any]]) -> None:
    marks = ",".join("?" * len(_COLUMNS))
    link.executemany(f"INSERT INTO cases VALUES ({marks})", rows[0])
    link.executemany("INSERT INTO case_grids VALUES (?,?)", sorted(rows[1]))
    link.executemany(_EVENT, rows[2])
    link.commit()
    for each in rows:
        each.clear()
